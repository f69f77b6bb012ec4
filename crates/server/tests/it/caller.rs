//! Somebody who sends requests, and what comes back.

use axum::{
    Router,
    body::{Body, to_bytes},
    http::{HeaderMap, Method, Request, header},
};
use serde_json::{Value, json};
use tower::ServiceExt;

use crate::{contract, harness::BASE};

/// Somebody who sends requests.
#[derive(Clone)]
pub struct Caller {
    pub router: Router,
    /// The user's URI.
    pub uri: String,
    pub token: Option<String>,
}

impl Caller {
    /// `path` may be a URI.
    pub async fn get(&self, path: impl AsRef<str>) -> Answer {
        self.send(Method::GET, path.as_ref(), &[], Vec::new()).await
    }

    /// A GET by somebody who has the answer with this `ETag`.
    pub async fn get_unless(&self, path: impl AsRef<str>, tag: &str) -> Answer {
        let headers = [("if-none-match", tag)];
        self.send(Method::GET, path.as_ref(), &headers, Vec::new())
            .await
    }

    pub async fn post(&self, path: impl AsRef<str>, body: Value) -> Answer {
        self.send(Method::POST, path.as_ref(), JSON, body.to_string().into())
            .await
    }

    /// A POST with an `Idempotency-Key`.
    pub async fn post_once(&self, path: impl AsRef<str>, key: &str, body: &Value) -> Answer {
        let headers = [JSON[0], ("idempotency-key", key)];
        let body = body.to_string().into();
        self.send(Method::POST, path.as_ref(), &headers, body).await
    }

    pub async fn patch(&self, path: impl AsRef<str>, body: Value) -> Answer {
        self.send(Method::PATCH, path.as_ref(), JSON, body.to_string().into())
            .await
    }

    pub async fn delete(&self, path: impl AsRef<str>) -> Answer {
        self.send(Method::DELETE, path.as_ref(), &[], Vec::new())
            .await
    }

    /// Any request; its answer is held against the document.
    pub async fn send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Vec<u8>,
    ) -> Answer {
        let path = path.strip_prefix(BASE).unwrap_or(path);
        let mut request = Request::builder().method(method.clone()).uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(token) = &self.token {
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        let request = request.body(Body::from(body)).unwrap();
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let answer = Answer {
            request: format!("{method} {path}"),
            status: parts.status.as_u16(),
            headers: parts.headers,
            body: to_bytes(body, usize::MAX).await.unwrap().to_vec(),
        };
        let path = path.split('?').next().unwrap_or_default();
        // what is compressed cannot be read here
        if !answer.headers.contains_key(header::CONTENT_ENCODING) {
            contract::check(
                &method,
                path,
                (answer.status, &answer.headers),
                &answer.body,
            );
        }
        answer
    }

    /// The URI of the caller's default schedule.
    pub async fn default_schedule(&self) -> String {
        let schedules = self.get(path("/user_availability_schedules", &[("user", &self.uri)]));
        let schedules = schedules.await.collection();
        let default = schedules
            .iter()
            .find(|schedule| schedule["default"] == true);
        uri(default.unwrap())
    }

    /// Sets the caller's default schedule.
    pub async fn set_hours(&self, timezone: &str, rules: Value) {
        let schedule = self.default_schedule().await;
        let body = json!({"timezone": timezone, "rules": rules});
        self.patch(schedule, body).await.expect(200);
    }

    /// Opens the caller's calendar around the clock.
    pub async fn always_open(&self, timezone: &str) {
        self.set_hours(timezone, every_day(&[("00:00", "24:00")]))
            .await;
    }

    /// Adds an active event type of the caller: 30 minutes, every 30 minutes, unless `fields` say otherwise.
    pub async fn event_type(&self, fields: Value) -> String {
        let mut body = json!({"owner": self.uri, "name": "Intro call", "active": true});
        let fields = fields.as_object().unwrap().clone();
        body.as_object_mut().unwrap().extend(fields);
        uri(&self.post("/event_types", body).await.resource(201))
    }

    pub async fn book(&self, event_type: &str, start: &str) -> Answer {
        self.post("/invitees", booking(event_type, start)).await
    }

    /// The starts on offer, in order.
    pub async fn available(&self, event_type: &str, start: &str, end: &str) -> Vec<String> {
        let query = [
            ("event_type", event_type),
            ("start_time", start),
            ("end_time", end),
        ];
        let answer = self.get(path("/event_type_available_times", &query)).await;
        let times = answer.collection();
        times.iter().map(|time| text(&time["start_time"])).collect()
    }

    /// The free intervals of the user with this URI.
    pub async fn free(&self, user: &str, start: &str, end: &str) -> Vec<(String, String)> {
        let query = [("user", user), ("start_time", start), ("end_time", end)];
        let answer = self.get(path("/user_free_times", &query)).await;
        intervals(&answer.collection())
    }
}

/// The header of a JSON body.
pub const JSON: &[(&str, &str)] = &[("content-type", "application/json")];

/// What came back.
#[derive(Debug)]
pub struct Answer {
    request: String,
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Answer {
    /// The body, if the status is this one.
    #[track_caller]
    pub fn expect(&self, status: u16) -> Value {
        let body = String::from_utf8_lossy(&self.body);
        assert_eq!(self.status, status, "{}: {body}", self.request);
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    /// The resource of the body, if the status is this one.
    #[track_caller]
    pub fn resource(&self, status: u16) -> Value {
        self.expect(status)["resource"].take()
    }

    /// The rows of a 200.
    #[track_caller]
    pub fn collection(&self) -> Vec<Value> {
        match self.expect(200)["collection"].take() {
            Value::Array(rows) => rows,
            other => panic!("{}: {other}", self.request),
        }
    }

    /// The body of a refusal with this status and code.
    #[track_caller]
    pub fn refused(&self, status: u16, code: &str) -> Value {
        let body = self.expect(status);
        assert_eq!(body["code"], code, "{}: {body}", self.request);
        body
    }

    /// What is wrong with a request that is answered 400: `parameter code`, in order.
    #[track_caller]
    pub fn mistakes(&self) -> Vec<String> {
        let body = self.expect(400);
        let details = body["details"].as_array().into_iter().flatten();
        let mistake =
            |detail: &Value| format!("{} {}", text(&detail["parameter"]), text(&detail["code"]));
        details.map(mistake).collect()
    }

    #[track_caller]
    pub fn header(&self, name: &str) -> &str {
        self.headers[name].to_str().unwrap()
    }
}

/// A path with a query.
pub fn path(path: &str, query: &[(&str, &str)]) -> String {
    let mut serializer = form_urlencoded::Serializer::new(String::new());
    format!("{path}?{}", serializer.extend_pairs(query).finish())
}

/// The text of a JSON string.
#[track_caller]
pub fn text(value: &Value) -> String {
    value
        .as_str()
        .unwrap_or_else(|| panic!("{value} is no text"))
        .to_owned()
}

/// The URI of a resource.
#[track_caller]
pub fn uri(resource: &Value) -> String {
    text(&resource["uri"])
}

/// The id at the end of a URI.
pub fn id(uri: &str) -> &str {
    uri.rsplit('/').next().unwrap_or_default()
}

/// Start and end of rows, without the zeros.
pub fn intervals(rows: &[Value]) -> Vec<(String, String)> {
    rows.iter()
        .map(|row| {
            (
                short(&text(&row["start_time"])),
                short(&text(&row["end_time"])),
            )
        })
        .collect()
}

/// `2026-03-09T14:00:00.000000Z` as `2026-03-09T14:00Z`.
pub fn short(time: &str) -> String {
    time.strip_suffix(":00.000000Z")
        .map_or_else(|| time.to_owned(), |time| format!("{time}Z"))
}

/// The body of a booking.
pub fn booking(event_type: &str, start: &str) -> Value {
    let invitee =
        json!({"name": "Emmy Noether", "email": "emmy@example.com", "timezone": "Europe/Berlin"});
    json!({"event_type": event_type, "start_time": start, "invitee": invitee})
}

/// Rules with the same hours on each day of the week.
pub fn every_day(hours: &[(&str, &str)]) -> Value {
    let days = [
        "sunday",
        "monday",
        "tuesday",
        "wednesday",
        "thursday",
        "friday",
        "saturday",
    ];
    let interval = |(from, to): &(&str, &str)| json!({"from": from, "to": to});
    let intervals: Vec<Value> = hours.iter().map(interval).collect();
    days.iter()
        .map(|day| json!({"type": "wday", "wday": day, "intervals": intervals}))
        .collect()
}
