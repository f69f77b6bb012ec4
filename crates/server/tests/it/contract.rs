//! Holds every answer against the OpenAPI document: its status must be documented for the operation, and its body must
//! be what the document says, with no key that is not in it.

use std::{
    collections::HashMap,
    sync::{Arc, LazyLock, Mutex},
};

use axum::http::{HeaderMap, Method, header};
use jsonschema::Validator;
use serde_json::{Map, Value, json};

/// The OpenAPI document.
pub fn document() -> &'static Value {
    static DOCUMENT: LazyLock<Value> =
        LazyLock::new(|| serde_json::to_value(server::api::document()).unwrap());
    &DOCUMENT
}

/// An operation of the document.
#[derive(Clone, Copy)]
pub struct Operation {
    pub method: &'static str,
    pub path: &'static str,
    pub item: &'static Value,
}

impl Operation {
    pub fn tag(&self) -> &'static str {
        self.item["tags"][0].as_str().unwrap_or_default()
    }

    /// The path with an id that nothing has.
    pub fn path_of_nothing(&self) -> String {
        let segments = self.path.split('/').map(|segment| {
            if segment.starts_with('{') {
                "01900000-0000-7000-8000-000000000000"
            } else {
                segment
            }
        });
        segments.collect::<Vec<_>>().join("/")
    }
}

/// All operations of the document.
pub fn operations() -> Vec<Operation> {
    let paths = document()["paths"].as_object().unwrap();
    let of_path = |(path, item): (&'static String, &'static Value)| {
        let methods = item.as_object().unwrap().iter();
        let is_method = |name: &str| ["get", "post", "patch", "put", "delete"].contains(&name);
        methods
            .filter(move |(method, _)| is_method(method))
            .map(move |(method, item)| Operation { method, path, item })
    };
    paths.iter().flat_map(of_path).collect()
}

/// What a reference into the document leads to; anything else is itself.
pub fn resolve(value: &'static Value) -> &'static Value {
    match value["$ref"].as_str() {
        Some(reference) => document().pointer(&reference[1..]).unwrap(),
        None => value,
    }
}

/// Fails the test if the answer is none that the document allows.
pub fn check(method: &Method, path: &str, (status, headers): (u16, &HeaderMap), body: &[u8]) {
    let place = format!("{method} {path} answered {status}");
    let Some(operation) = find(method, path) else {
        assert!(
            [404, 405, 413].contains(&status),
            "{place} and is not documented"
        );
        return fits(
            &json!({"$ref": "#/components/schemas/Problem"}),
            body,
            &place,
        );
    };
    let response = resolve(&operation.item["responses"][status.to_string()]);
    assert!(
        response.is_object(),
        "{place}, which is not documented: {}",
        String::from_utf8_lossy(body)
    );
    if status == 503 {
        assert!(
            headers.contains_key(header::RETRY_AFTER),
            "{place} without Retry-After"
        );
    }
    match response["content"].as_object() {
        None => assert!(body.is_empty(), "{place} with a body"),
        Some(content) => {
            let (kind, media) = content.iter().next().unwrap();
            let sent = headers.get(header::CONTENT_TYPE).unwrap().to_str().unwrap();
            assert!(sent.starts_with(kind.as_str()), "{place} as {sent}");
            if kind == "application/json" {
                fits(&media["schema"], body, &place);
            }
        }
    }
}

fn find(method: &Method, path: &str) -> Option<Operation> {
    let method = method.as_str().to_lowercase();
    let matches = |operation: &Operation| {
        let (mut asked, mut known) = (path.split('/'), operation.path.split('/'));
        let same = asked
            .by_ref()
            .zip(known.by_ref())
            .all(|(asked, known)| known.starts_with('{') || asked == known);
        same && path.split('/').count() == operation.path.split('/').count()
    };
    let mut found: Vec<Operation> = operations().into_iter().filter(matches).collect();
    // a path of words is nearer than one with a placeholder
    found.sort_by_key(|operation| operation.path.matches('{').count());
    let nearest = found.first()?.path;
    found
        .into_iter()
        .find(|operation| operation.path == nearest && operation.method == method)
}

fn fits(schema: &Value, body: &[u8], place: &str) {
    let body: Value = serde_json::from_slice(body)
        .unwrap_or_else(|error| panic!("{place} with a body that is not JSON: {error}"));
    let errors: Vec<String> = validator(schema)
        .iter_errors(&body)
        .take(5)
        .map(|error| format!("{} at {}", error, error.instance_path()))
        .collect();
    assert!(errors.is_empty(), "{place}: {errors:#?}\n{body:#}");
}

fn validator(schema: &Value) -> Arc<Validator> {
    static KNOWN: LazyLock<Mutex<HashMap<String, Arc<Validator>>>> = LazyLock::new(Mutex::default);
    let mut known = KNOWN.lock().unwrap();
    let made = known.entry(schema.to_string()).or_insert_with(|| {
        let mut whole = json!({
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "components": document()["components"],
            "allOf": [schema],
        });
        close_objects(&mut whole);
        let validator = jsonschema::options()
            .should_validate_formats(true)
            .build(&whole);
        Arc::new(validator.unwrap())
    });
    made.clone()
}

/// Answers must not have keys that the document does not know.
fn close_objects(schema: &mut Value) {
    match schema {
        Value::Object(object) => {
            if object.contains_key("properties") && !object.contains_key("additionalProperties") {
                object.insert("additionalProperties".to_owned(), json!(false));
            }
            if let Some(merged) = merged(object) {
                *schema = merged;
                return close_objects(schema);
            }
            object.values_mut().for_each(close_objects);
        }
        Value::Array(items) => items.iter_mut().for_each(close_objects),
        _ => {}
    }
}

/// An object that is put together from parts, as one whose properties are all in one place.
fn merged(object: &Map<String, Value>) -> Option<Value> {
    let parts = object.get("allOf")?.as_array()?;
    if parts.len() < 2 {
        return None;
    }
    let (mut properties, mut required) = (Map::new(), Vec::new());
    for part in parts {
        let part = match part["$ref"].as_str() {
            Some(reference) => document().pointer(&reference[1..])?,
            None => part,
        };
        properties.extend(part["properties"].as_object()?.clone());
        required.extend(part["required"].as_array().into_iter().flatten().cloned());
    }
    Some(json!({"type": "object", "properties": properties, "required": required}))
}
