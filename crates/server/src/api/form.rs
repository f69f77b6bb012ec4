//! Forms and query strings: text in pairs, which becomes the object that a JSON body would be.

use serde_json::{Map, Value};

/// Turns a form or a query string into an object. A key that comes more than once, or as `key[]`, is a list; `key[name]`
/// is a field of an object.
pub fn pairs(text: &str) -> Value {
    let mut object = Map::new();
    for (key, value) in form_urlencoded::parse(text.as_bytes()) {
        let (name, parts) = parts(&key);
        let place = object.entry(name).or_insert(Value::Null);
        put(place, &parts, Value::String(value.into_owned()));
    }
    Value::Object(object)
}

/// A key has so many parts at most.
const MAX_PARTS: usize = 8;

/// The name of `name[a][][b]` and its parts; the whole key where it is not of that form.
fn parts(key: &str) -> (&str, Vec<&str>) {
    let inner = key.split_once('[');
    let inner = inner.and_then(|(name, rest)| Some((name, rest.strip_suffix(']')?)));
    match inner {
        Some((name, rest)) if !name.is_empty() && rest.split("][").count() <= MAX_PARTS => {
            (name, rest.split("][").collect())
        }
        _ => (key, Vec::new()),
    }
}

/// Puts a value where the parts of its key lead to. What does not go together becomes a list, which is a wrong type.
fn put(place: &mut Value, parts: &[&str], value: Value) {
    let Some((name, rest)) = parts.split_first() else {
        return push(place, value);
    };
    if name.bytes().all(|byte| byte.is_ascii_digit()) {
        if place.is_null() {
            *place = Value::Array(Vec::new());
        }
        let Value::Array(list) = place else {
            return push(place, value);
        };
        let index = index_in(list, name, rest);
        if index == list.len() {
            list.push(Value::Null);
        }
        return put(&mut list[index], rest, value);
    }
    if place.is_null() {
        *place = Value::Object(Map::new());
    }
    match place {
        Value::Object(object) => put(object.entry(*name).or_insert(Value::Null), rest, value),
        other => push(other, value),
    }
}

/// Which item of a list is meant: that of the number, or a new one. The fields of an object come one after the other:
/// they are of the last item for as long as that does not have them.
fn index_in(list: &[Value], part: &str, rest: &[&str]) -> usize {
    if !part.is_empty() {
        return part.parse().unwrap_or(list.len()).min(list.len());
    }
    match list.last() {
        Some(Value::Object(item)) if !rest.is_empty() && !has(item, rest) => list.len() - 1,
        _ => list.len(),
    }
}

/// Whether a field is there that is led to by names alone; a list further on takes any number of values.
fn has(object: &Map<String, Value>, parts: &[&str]) -> bool {
    let Some((name, rest)) = parts.split_first() else {
        return true;
    };
    match object.get(*name) {
        None => false,
        Some(Value::Object(inner)) => has(inner, rest),
        Some(_) => rest.is_empty(),
    }
}

fn push(target: &mut Value, value: Value) {
    match target {
        Value::Null => *target = value,
        Value::Array(list) => list.push(value),
        single => *single = Value::Array(vec![single.take(), value]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn pairs_become_what_a_json_body_would_be() {
        let rows = [
            ("", json!({})),
            ("a=1&b=x+y%26", json!({"a": "1", "b": "x y&"})),
            ("a=1&a=2&a=3", json!({"a": ["1", "2", "3"]})),
            ("a[]=1", json!({"a": ["1"]})),
            ("a[]=1&a[]=2", json!({"a": ["1", "2"]})),
            (
                "a[b]=1&a[c][d]=2",
                json!({"a": {"b": "1", "c": {"d": "2"}}}),
            ),
            (
                "a[0][b]=1&a[0][c]=2&a[1][b]=3",
                json!({"a": [{"b": "1", "c": "2"}, {"b": "3"}]}),
            ),
            ("a[7]=1&a[9]=2", json!({"a": ["1", "2"]})),
            (
                "a[][b]=1&a[][c]=2&a[][b]=3",
                json!({"a": [{"b": "1", "c": "2"}, {"b": "3"}]}),
            ),
            (
                "a[][b]=1&a[][c][][d]=2&a[][c][][e]=3&a[][c][][d]=4&a[][b]=5",
                json!({"a": [{"b": "1", "c": [{"d": "2", "e": "3"}, {"d": "4"}]}, {"b": "5"}]}),
            ),
            // what does not go together becomes a list, and what is no such key is a field of that name
            ("a=1&a[b]=2", json!({"a": ["1", "2"]})),
            ("a[b]=1&a=2", json!({"a": [{"b": "1"}, "2"]})),
            ("[a]=1&b[=2&c]=3", json!({"[a]": "1", "b[": "2", "c]": "3"})),
        ];
        for (text, expected) in rows {
            assert_eq!(pairs(text), expected, "{text}");
        }
        let deep = format!("a{}=1", "[b]".repeat(100_000));
        let Value::Object(object) = pairs(&deep) else {
            panic!()
        };
        assert_eq!(object.len(), 1);
    }
}
