//! Parameters of a GET that come in its body: some clients of Calendly send them there, as JSON, and it takes them.

use super::{problem::Problem, request::unread};
use axum::{
    body::{Body, HttpBody, to_bytes},
    extract::Request,
    http::{Method, Uri, header, uri::PathAndQuery},
};
use serde_json::Value;

/// A body with parameters is not larger than this, in bytes.
const LIMIT: u64 = 16 * 1024;

/// Whether parameters may be in the body.
pub fn are_in_body(request: &Request) -> bool {
    let kind = request.headers().get(header::CONTENT_TYPE);
    let kind = kind.and_then(|kind| kind.to_str().ok());
    let length = request.body().size_hint().exact().unwrap_or(0);
    request.method() == Method::GET
        && kind.is_some_and(|kind| kind.starts_with("application/json"))
        && (1..=LIMIT).contains(&length)
}

/// The same request with the parameters of its body at the end of its query. What the query has already stays, and a
/// body that is no object says nothing.
pub async fn into_query(request: Request) -> Result<Request, Problem> {
    let (mut parts, body) = request.into_parts();
    let bytes = to_bytes(body, usize::MAX).await.map_err(|error| {
        let broken = || Problem::malformed("The body could not be read to its end.");
        unread(&error).unwrap_or_else(broken)
    })?;
    if let Ok(Value::Object(object)) = serde_json::from_slice(&bytes) {
        let given: Vec<(&String, &Value)> = object.iter().collect();
        if let Some(uri) = with_parameters(&parts.uri, &given) {
            parts.uri = uri;
        }
    }
    Ok(Request::from_parts(parts, Body::empty()))
}

fn with_parameters(uri: &Uri, given: &[(&String, &Value)]) -> Option<Uri> {
    let query = uri.query().unwrap_or_default();
    let is_there = |name: &str| {
        let mut names = form_urlencoded::parse(query.as_bytes());
        names.any(|(there, _)| there == name)
    };
    let mut whole = form_urlencoded::Serializer::new(query.to_owned());
    for (name, value) in given.iter().filter(|(name, _)| !is_there(name)) {
        let values = value
            .as_array()
            .map_or(std::slice::from_ref(*value), Vec::as_slice);
        for text in values.iter().filter_map(text) {
            whole.append_pair(name, &text);
        }
    }
    let target = format!("{}?{}", uri.path(), whole.finish());
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = Some(PathAndQuery::try_from(target).ok()?);
    Uri::from_parts(parts).ok()
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::Null | Value::Array(_) | Value::Object(_) => None,
        Value::String(text) => Some(text.clone()),
        Value::Bool(_) | Value::Number(_) => Some(value.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn parameters_are_added_to_the_query() {
        let rows = [
            ("/a", json!({}), "/a?"),
            ("/a", json!({"b": 1, "c": "x y&"}), "/a?b=1&c=x+y%26"),
            (
                "/a?b=2",
                json!({"b": 1, "c": true, "d": null}),
                "/a?b=2&c=true",
            ),
            (
                "/a?b=2",
                json!({"c": ["x", "y"], "d": {"e": 1}}),
                "/a?b=2&c=x&c=y",
            ),
        ];
        for (uri, body, expected) in rows {
            let given: Vec<_> = body.as_object().unwrap().iter().collect();
            let found = with_parameters(&uri.parse().unwrap(), &given).unwrap();
            assert_eq!(found.to_string(), expected);
        }
    }
}
