//! The OpenAPI document: complete, and the same as the file that clients are made from.

use serde_json::Value;

use crate::contract::{document, operations, resolve};

#[test]
fn the_file_is_what_the_code_says() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/openapi.json");
    let kept = std::fs::read_to_string(file).unwrap_or_default();
    let generated = format!("{}\n", server::api::document().to_pretty_json().unwrap());
    assert!(
        kept == generated,
        "openapi.json is stale; refresh it with: cargo run -p server -- openapi > crates/server/openapi.json"
    );
}

#[test]
fn every_operation_says_what_it_is() {
    let mut ids = Vec::new();
    for operation in operations() {
        let (place, item) = (
            format!("{} {}", operation.method, operation.path),
            operation.item,
        );
        let id = item["operationId"]
            .as_str()
            .unwrap_or_else(|| panic!("{place} has no id"));
        assert!(!ids.contains(&id), "{place}: there are two operations {id}");
        ids.push(id);
        assert!(
            item["summary"]
                .as_str()
                .is_some_and(|summary| !summary.is_empty()),
            "{place} has no summary"
        );
        assert_eq!(item["tags"].as_array().map(Vec::len), Some(1), "{place}");
        let known = document()["tags"]
            .as_array()
            .unwrap()
            .iter()
            .any(|tag| tag["name"] == operation.tag());
        assert!(
            known,
            "{place}: nothing is said of the tag {}",
            operation.tag()
        );
        let security = match operation.tag() {
            // applications prove who they are in their own way
            "Operations" | "OAuth" => serde_json::json!([{}]),
            // the operator may open it to everyone
            "Classic" => serde_json::json!([{"token": []}, {}]),
            // whoever was invited answers with a code
            _ if operation.path.contains("/invitations/")
                && (operation.path.ends_with("/acceptance")
                    || operation.path.ends_with("/declination")) =>
            {
                serde_json::json!([{}])
            }
            _ => serde_json::json!([{"token": []}, {"oauth2": []}]),
        };
        assert_eq!(item["security"], security, "{place}");
        for (status, answer) in item["responses"].as_object().unwrap() {
            let described = resolve(answer)["description"]
                .as_str()
                .is_some_and(|text| !text.is_empty());
            assert!(described, "{place}: nothing is said of {status}");
        }
        for parameter in item["parameters"].as_array().into_iter().flatten() {
            let described = parameter["in"] == "path" || parameter["description"].is_string();
            assert!(
                described,
                "{place}: nothing is said of {}",
                parameter["name"]
            );
        }
    }
}

#[test]
fn every_reference_leads_somewhere() {
    fn follow(value: &Value, count: &mut usize) {
        if let Some(reference) = value["$ref"].as_str() {
            let found = reference
                .strip_prefix('#')
                .and_then(|pointer| document().pointer(pointer));
            assert!(found.is_some(), "{reference} leads nowhere");
            *count += 1;
        }
        match value {
            Value::Object(object) => object.values().for_each(|value| follow(value, count)),
            Value::Array(items) => items.iter().for_each(|item| follow(item, count)),
            _ => {}
        }
    }
    let mut count = 0;
    follow(document(), &mut count);
    assert!(count > 100, "{count} references");
}

#[test]
fn every_field_of_a_request_is_described() {
    for operation in operations() {
        for (kind, media) in operation.item["requestBody"]["content"]
            .as_object()
            .into_iter()
            .flatten()
        {
            let place = format!("{} {} {kind}", operation.method, operation.path);
            assert!(
                fields(&media["schema"], &place) > 0,
                "{place} has no fields"
            );
        }
    }
}

/// Counts the fields of a schema and of those within, and fails where one has no description.
fn fields(schema: &'static Value, place: &str) -> usize {
    let schema = resolve(schema);
    let mut count = 0;
    for (name, field) in schema["properties"].as_object().into_iter().flatten() {
        let described = field["description"]
            .as_str()
            .is_some_and(|text| !text.is_empty());
        assert!(described, "{place}: nothing is said of {name}");
        count += 1 + fields(field, &format!("{place} {name}"));
    }
    for part in ["oneOf", "anyOf", "allOf"]
        .iter()
        .filter_map(|key| schema[key].as_array())
        .flatten()
    {
        count += fields(part, place);
    }
    if schema["items"].is_object() {
        count += fields(&schema["items"], place);
    }
    count
}

#[test]
fn every_setting_is_in_the_documentation() {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
    let page = std::fs::read_to_string(format!("{root}/docs/configuration.md")).unwrap();
    let source = std::fs::read_to_string(format!("{root}/crates/server/src/config.rs")).unwrap();
    let settings = source
        .split_once("pub struct Settings {")
        .and_then(|(_, rest)| rest.split_once("\n}"));
    let (settings, _) = settings.unwrap();
    let names: Vec<&str> = settings
        .lines()
        .filter_map(|line| line.trim().strip_prefix("pub ")?.split_once(':'))
        .map(|(name, _)| name)
        .collect();
    assert!(names.contains(&"database") && names.len() >= 8, "{names:?}");
    for name in names {
        let variable = format!("FASTI_{}", name.to_uppercase());
        let flag = format!("--{}", name.replace('_', "-"));
        for word in [name.to_owned(), variable, flag] {
            assert!(
                page.contains(&word),
                "docs/configuration.md does not name {word}"
            );
        }
    }
}

#[test]
fn every_body_has_an_example() {
    let mut bodies = 0;
    for (path, item) in document()["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
            if schema["$ref"].is_string() {
                let example = &resolve(schema)["examples"][0];
                assert!(example.is_object(), "{method} {path} has no example");
                bodies += 1;
            }
        }
    }
    assert!(bodies >= 18, "{bodies} bodies were looked at");
}
