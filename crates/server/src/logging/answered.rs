//! The line of a request that was answered. There is one for each, so it is written by hand: the same text, at a fraction
//! of the cost.

use crate::api::value::time::digits;
use axum::http::{Method, StatusCode};
use jiff::Timestamp;
use std::{fmt::Write, time::Duration};

/// A request that was answered.
#[derive(Clone, Copy, Debug)]
pub struct Answered<'a> {
    /// Its method.
    pub method: &'a Method,
    /// The pattern of its path.
    pub route: &'a str,
    /// What it was answered.
    pub status: StatusCode,
    /// How long that took.
    pub duration: Duration,
}

impl Answered<'_> {
    /// How long it took, in whole milliseconds.
    pub fn milliseconds(&self) -> u64 {
        u64::try_from(self.duration.as_millis()).unwrap_or(u64::MAX)
    }

    /// What a JSON log has of it.
    pub fn json_line(&self, at: Timestamp, request_id: Option<&str>) -> String {
        let mut line = String::with_capacity(256);
        line.push_str(r#"{"timestamp":""#);
        // they are ASCII
        line.push_str(std::str::from_utf8(&digits(at)).unwrap_or_default());
        line.push_str(r#"","level":"INFO","message":"answered","method":"#);
        push_quoted(&mut line, self.method.as_str());
        line.push_str(r#","route":"#);
        push_quoted(&mut line, self.route);
        let (status, milliseconds) = (self.status.as_u16(), self.milliseconds());
        // writing to a String cannot fail
        let _ = write!(line, r#","status":{status},"duration_ms":{milliseconds}"#);
        if let Some(id) = request_id {
            line.push_str(r#","request_id":"#);
            push_quoted(&mut line, id);
        }
        line.push_str("}\n");
        line
    }
}

fn push_quoted(line: &mut String, text: &str) {
    let is_plain = |byte: u8| (b' '..=b'~').contains(&byte) && !matches!(byte, b'"' | b'\\');
    if text.bytes().all(is_plain) {
        line.push('"');
        line.push_str(text);
        line.push('"');
    } else {
        line.push_str(&serde_json::Value::from(text).to_string());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    #[test]
    fn the_line_is_json_whatever_the_client_calls_its_request() {
        let answered = Answered {
            method: &Method::GET,
            route: "/users/{uuid}",
            status: StatusCode::NOT_FOUND,
            duration: Duration::from_micros(2_999),
        };
        let at: Timestamp = "2026-03-09T14:00:00.5Z".parse().unwrap();
        for id in ["one", "t\"wo\\", "dr\u{e9}i \u{1}"] {
            let line = answered.json_line(at, Some(id));
            let read: Value = serde_json::from_str(&line).unwrap();
            let expected = json!({
                "timestamp": "2026-03-09T14:00:00.500000Z",
                "level": "INFO",
                "message": "answered",
                "method": "GET",
                "route": "/users/{uuid}",
                "status": 404,
                "duration_ms": 2,
                "request_id": id,
            });
            assert_eq!(read, expected);
            assert!(line.ends_with("}\n"), "{line}");
        }
        let line = answered.json_line(at, None);
        assert!(!line.contains("request_id"), "{line}");
    }
}
