//! Reading what a source says: what should be there may be missing, null or something else, and what it is called here is
//! found by its address there.

use crate::api::input::{self, Parse};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value};

/// The fields of a thing.
#[derive(Clone, Copy, Debug)]
pub struct Fields<'a>(pub &'a Value);

impl<'a> Fields<'a> {
    /// A text that must be there.
    pub fn text(self, name: &str) -> Result<&'a str, String> {
        self.maybe(name).ok_or_else(|| format!("{name} is missing"))
    }

    /// A text, if there is one that says anything.
    pub fn maybe(self, name: &str) -> Option<&'a str> {
        self.0.get(name)?.as_str().filter(|text| !text.is_empty())
    }

    /// The same to keep.
    pub fn kept(self, name: &str) -> Option<String> {
        self.maybe(name).map(str::to_owned)
    }

    /// A time that must be there.
    pub fn time(self, name: &str) -> Result<Timestamp, String> {
        self.maybe_time(name)
            .ok_or_else(|| format!("{name} is no time"))
    }

    /// A time, to the microsecond, if there is one.
    pub fn maybe_time(self, name: &str) -> Option<Timestamp> {
        let time: Timestamp = self.maybe(name)?.parse().ok()?;
        Timestamp::from_microsecond(time.as_microsecond()).ok()
    }

    /// When it was made and changed, or else another time.
    pub fn ages(self, otherwise: Timestamp) -> (Timestamp, Timestamp) {
        let made = self.maybe_time("created_at").unwrap_or(otherwise);
        (made, self.maybe_time("updated_at").unwrap_or(made))
    }

    /// Whether something is so.
    pub fn is(self, name: &str) -> bool {
        self.0.get(name).and_then(Value::as_bool).unwrap_or(false)
    }

    /// A whole number, if there is one.
    pub fn number(self, name: &str) -> Option<i64> {
        self.0.get(name)?.as_i64()
    }

    /// The things of a list.
    pub fn list(self, name: &str) -> impl Iterator<Item = Fields<'a>> {
        let items = self.0.get(name).and_then(Value::as_array);
        items.into_iter().flatten().map(Fields)
    }

    /// A part that is an object.
    pub fn part(self, name: &str) -> Option<Fields<'a>> {
        self.0.get(name).filter(|part| part.is_object()).map(Fields)
    }

    /// A document as it is, unless it is null.
    pub fn document(self, name: &str) -> Option<Value> {
        self.0.get(name).filter(|part| !part.is_null()).cloned()
    }

    /// The path of the address of another thing.
    pub fn link(self, name: &str) -> Option<String> {
        self.maybe(name).and_then(path_of)
    }

    /// The path of its own address.
    pub fn path(self) -> Result<String, String> {
        self.link("uri").ok_or_else(|| "uri is missing".to_owned())
    }
}

/// The path of an address, without what is in front of it.
pub fn path_of(uri: &str) -> Option<String> {
    let (_, rest) = uri.split_once("://")?;
    let (_, path) = rest.split_once('/')?;
    let path = path.trim_end_matches('/');
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "/_-".contains(c);
    let fits = path.contains('/') && path.len() < 300 && path.chars().all(is_plain);
    fits.then(|| format!("/{path}"))
}

/// Those fields of an object, without what is null, also inside.
pub fn only(value: &Value, names: &[&str]) -> Value {
    let fields = value.as_object().into_iter().flatten();
    let fields = fields.filter(|(name, value)| names.contains(&name.as_str()) && !value.is_null());
    let kept: Map<String, Value> = fields
        .map(|(name, value)| (name.clone(), without_null(value)))
        .collect();
    Value::Object(kept)
}

fn without_null(value: &Value) -> Value {
    match value {
        Value::Object(object) => {
            let fields = object.iter().filter(|(_, value)| !value.is_null());
            let fields = fields.map(|(name, value)| (name.clone(), without_null(value)));
            Value::Object(fields.collect())
        }
        Value::Array(items) => items.iter().map(without_null).collect(),
        other => other.clone(),
    }
}

/// An instant so many minutes later.
pub fn later(at: Timestamp, minutes: i64) -> Timestamp {
    let later = at.saturating_add(SignedDuration::from_mins(minutes));
    later.unwrap_or(at)
}

/// What the API makes of an object, but for those of its fields that it would refuse: `left_out` hears which ones.
pub fn lenient<T: Parse>(mut value: Value, mut left_out: impl FnMut(&str)) -> Result<T, String> {
    loop {
        let problem = match input::read::<T>(&value, input::Source::Json) {
            Ok(read) => return Ok(read),
            Err(problem) => problem,
        };
        let Some(object) = value.as_object_mut() else {
            return Err("it is no object".to_owned());
        };
        let before = object.len();
        for detail in &problem.details {
            let field = detail
                .parameter
                .split(['.', '['])
                .next()
                .unwrap_or_default();
            if object.shift_remove(field).is_some() {
                left_out(&format!("{field} ({}: {})", detail.parameter, detail.code));
            }
        }
        if object.len() == before {
            let what = problem.details.first();
            return Err(what.map_or_else(String::new, |detail| {
                format!("{}: {}", detail.parameter, detail.code)
            }));
        }
    }
}
