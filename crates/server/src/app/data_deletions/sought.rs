//! Finding people in text and documents, and taking them out.

use super::{EMAIL, NAME};
use serde_json::{Map, Value, json};
use std::collections::{HashMap, HashSet};

/// Whom to look for.
#[derive(Debug, Default)]
pub struct Sought {
    /// Addresses in lower case.
    whole: HashSet<String>,
    /// What stands before the at sign, by what stands behind it.
    by_domain: HashMap<String, Vec<String>>,
    /// Names and the like in lower case.
    names: Vec<String>,
}

/// Names that are shorter could be anybody's.
const SHORTEST: usize = 3;

impl Sought {
    /// By mail addresses, and by other text that names them.
    pub fn new(emails: &[String], names: &[String]) -> Sought {
        let mut sought = Sought::default();
        let is_address = |text: &&String| text.contains('@') && !text.contains(char::is_whitespace);
        for email in emails.iter().chain(names.iter().filter(is_address)) {
            let email = email.to_lowercase();
            // who was taken out is nobody any more
            if email == EMAIL {
                continue;
            }
            if let Some((local, domain)) = email.rsplit_once('@') {
                let locals = sought.by_domain.entry(domain.to_owned()).or_default();
                locals.push(local.to_owned());
            }
            sought.whole.insert(email);
        }
        let others = names.iter().filter(|name| !is_address(name));
        let others = others.map(|name| name.trim().to_lowercase());
        sought.names = others
            .filter(|name| SHORTEST <= name.chars().count() && name != NAME)
            .collect();
        sought
    }

    /// Takes them out of a document; whether they were in it.
    pub fn scrub(&self, value: &mut Value) -> bool {
        match value {
            Value::String(text) => match self.scrubbed(text) {
                Some(scrubbed) => {
                    *text = scrubbed;
                    true
                }
                None => false,
            },
            Value::Array(items) => {
                let is_theirs = items.iter().any(|item| self.answers(item));
                let mut found = false;
                for item in items {
                    found |= self.scrub(item);
                    if is_theirs {
                        item["answer"] = Value::Null;
                    }
                }
                found
            }
            Value::Object(fields) => {
                let is_theirs = self.is_about_them(fields);
                let is_with_them = self.is_with_them(fields);
                let mut found = false;
                for field in fields.values_mut() {
                    found |= self.scrub(field);
                }
                if is_theirs {
                    fields.iter_mut().for_each(blank);
                }
                if is_with_them {
                    fields.iter_mut().for_each(blank_words);
                }
                found
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => false,
        }
    }

    fn is_one(&self, text: &Value) -> bool {
        let text = text.as_str().map(|text| text.trim().to_lowercase());
        text.is_some_and(|text| self.whole.contains(&text))
    }

    /// Whether this is an answer in a routing form that gives their address: then all of them are theirs.
    fn answers(&self, item: &Value) -> bool {
        item.get("question_uuid").is_some()
            && item.get("answer").is_some_and(|answer| self.is_one(answer))
    }

    /// Whether an object is about one of them: it has their address.
    fn is_about_them(&self, fields: &Map<String, Value>) -> bool {
        let addresses = fields.get("emails").and_then(Value::as_array);
        let mut addresses = addresses.into_iter().flatten();
        fields.values().any(|field| self.is_one(field))
            || addresses.any(|it| it.get("email").is_some_and(|email| self.is_one(email)))
    }

    /// Whether an object tells what was said where one of them was, or what one of them filled in.
    fn is_with_them(&self, fields: &Map<String, Value>) -> bool {
        let items = |key| {
            fields
                .get(key)
                .and_then(Value::as_array)
                .into_iter()
                .flatten()
        };
        let is_there = |it: &Value| it.get("user_email").is_some_and(|email| self.is_one(email));
        items("attendees").any(is_there)
            || items("questions_and_answers").any(|item| self.answers(item))
    }

    /// A text without them; nothing where they are not in it.
    fn scrubbed(&self, text: &str) -> Option<String> {
        if self.whole.contains(&text.trim().to_lowercase()) {
            return Some(EMAIL.to_owned());
        }
        let without = self.without_addresses(text);
        let named = self.without_names(without.as_deref().unwrap_or(text));
        named.or(without)
    }

    /// Addresses may stand anywhere in a text, and in links as `%40`.
    fn without_addresses(&self, text: &str) -> Option<String> {
        let mut rest = text;
        let mut kept = String::new();
        let mut found = false;
        while let Some((before, sign, after)) = split_at_sign(rest) {
            let domain = domain_of(after);
            let local = self.by_domain.get(&domain.to_lowercase());
            let length = local.and_then(|locals| ending(before, locals));
            if let Some(length) = length {
                kept.push_str(&before[..before.len() - length]);
                kept.push_str(EMAIL);
                rest = &after[domain.len()..];
                found = true;
            } else {
                kept.push_str(before);
                kept.push_str(sign);
                rest = after;
            }
        }
        kept.push_str(rest);
        found.then_some(kept)
    }

    fn without_names(&self, text: &str) -> Option<String> {
        let mut without: Option<String> = None;
        for name in &self.names {
            let current = without.as_deref().unwrap_or(text);
            if let Some(scrubbed) = without_name(current, name) {
                without = Some(scrubbed);
            }
        }
        without
    }
}

/// What stands before and behind the first at sign, and how that is written.
fn split_at_sign(text: &str) -> Option<(&str, &str, &str)> {
    let plain = text.find('@').map(|at| (at, 1));
    let escaped = text.find("%40").map(|at| (at, 3));
    let (at, length) = plain.into_iter().chain(escaped).min()?;
    Some((&text[..at], &text[at..at + length], &text[at + length..]))
}

/// The domain with which a text begins.
fn domain_of(text: &str) -> &str {
    let is_part = |c: char| c.is_alphanumeric() || c == '-' || c == '.';
    let end = text.find(|c| !is_part(c)).unwrap_or(text.len());
    text[..end].trim_end_matches(['.', '-'])
}

/// How long the end of a text is that is one of these, and no part of something longer.
fn ending(text: &str, locals: &[String]) -> Option<usize> {
    let is_part = |c: char| c.is_alphanumeric() || matches!(c, '.' | '_' | '%' | '+' | '-');
    let lengths = locals.iter().filter_map(|local| {
        let count = local.chars().count();
        let (start, _) = text.char_indices().rev().nth(count.checked_sub(1)?)?;
        let is_it = text[start..].to_lowercase() == *local;
        let is_whole = !text[..start].ends_with(is_part);
        (is_it && is_whole).then_some(text.len() - start)
    });
    lengths.max()
}

/// A text without a name, where that stands by itself.
fn without_name(text: &str, name: &str) -> Option<String> {
    let count = name.chars().count();
    let starts: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
    let mut kept = String::new();
    let (mut copied, mut index, mut found) = (0, 0, false);
    while index + count <= starts.len() {
        let start = starts[index];
        let end = starts.get(index + count).copied().unwrap_or(text.len());
        let is_alone = !text[..start].ends_with(char::is_alphanumeric)
            && !text[end..].starts_with(char::is_alphanumeric);
        if is_alone && text[start..end].to_lowercase() == name {
            kept.push_str(&text[copied..start]);
            kept.push_str(NAME);
            (copied, found) = (end, true);
            index += count;
        } else {
            index += 1;
        }
    }
    kept.push_str(&text[copied..]);
    found.then_some(kept)
}

/// Empties a field of an object that is about somebody, if it says anything of them.
fn blank((key, value): (&String, &mut Value)) {
    match key.as_str() {
        "name" | "user_name" | "canceled_by" if value.is_string() => *value = json!(NAME),
        "first_name"
        | "last_name"
        | "text_reminder_number"
        | "phone_number"
        | "job_title"
        | "company"
        | "country"
        | "state"
        | "city"
        | "linkedin" => *value = Value::Null,
        "timezone" if value.is_string() => *value = json!("UTC"),
        "questions_and_answers" | "phone_numbers" | "custom_fields" => *value = json!([]),
        "tracking" => empty(value),
        "cancellation" if value.is_object() => {
            value["canceled_by"] = json!(NAME);
            value["reason"] = Value::Null;
        }
        _ => {}
    }
}

/// Empties a field of an object that tells what was said, or filled in.
fn blank_words((key, value): (&String, &mut Value)) {
    match key.as_str() {
        "summary_md" | "action_items_md" | "discussion_md" | "share_link" | "location" => {
            *value = Value::Null;
        }
        "tracking" => empty(value),
        _ => {}
    }
}

/// Leaves the keys of an object.
fn empty(object: &mut Value) {
    let fields = object.as_object_mut().into_iter().flatten();
    fields.for_each(|(_, field)| *field = Value::Null);
}

#[cfg(test)]
mod tests;
