//! Metrics of requests: how many and how long, by method, route and status.

use super::health;
use axum::http::{Method, StatusCode};
use metrics::{Counter, Histogram};
use std::{
    collections::HashMap,
    sync::{PoisonError, RwLock},
    time::Duration,
};
use utoipa::openapi::OpenApi;

/// The metrics of all routes that are documented. Their names are looked up once for each kind of answer, because that
/// costs more than to count.
#[derive(Debug)]
pub struct Tallies(HashMap<String, Tally>);

/// The metrics of a route: of each kind of answer that it has given.
#[derive(Debug, Default)]
struct Tally(RwLock<Vec<(Kind, Meters)>>);

/// What counts as one kind of answer.
type Kind = (&'static str, StatusCode);

#[derive(Clone, Debug)]
struct Meters {
    requests: Counter,
    duration: Histogram,
}

/// The route of requests that have none.
pub const UNMATCHED: &str = "unmatched";

impl Tallies {
    /// For the routes of the documentation.
    pub fn documented(document: &OpenApi) -> Tallies {
        // handles that are made before there is a recorder count nothing
        health::recorder();
        let routes = document.paths.paths.keys().cloned();
        let routes = routes.chain([UNMATCHED.to_owned()]);
        Tallies(routes.map(|route| (route, Tally::default())).collect())
    }

    /// Counts a request by its route's pattern and never by the path itself.
    pub fn count(&self, route: &str, method: &Method, status: StatusCode, duration: Duration) {
        let kind = (known_method(method), status);
        match self.0.get(route) {
            Some(tally) => tally.count(route, kind, duration),
            None => Meters::of(route, kind).count(duration),
        }
    }
}

impl Tally {
    fn count(&self, route: &str, kind: Kind, duration: Duration) {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, meters)) = known.iter().find(|(known, _)| *known == kind) {
            return meters.count(duration);
        }
        drop(known);
        let meters = Meters::of(route, kind);
        meters.count(duration);
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        known.push((kind, meters));
    }
}

impl Meters {
    fn of(route: &str, (method, status): Kind) -> Meters {
        let labels = [
            ("method", method.to_owned()),
            ("route", route.to_owned()),
            ("status", status.as_str().to_owned()),
        ];
        Meters {
            requests: metrics::counter!("fasti_http_requests_total", &labels),
            duration: metrics::histogram!("fasti_http_request_duration_seconds", &labels),
        }
    }

    fn count(&self, duration: Duration) {
        self.requests.increment(1);
        self.duration.record(duration.as_secs_f64());
    }
}

/// The method as a label; all that clients invent are one.
fn known_method(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::POST => "POST",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::HEAD => "HEAD",
        Method::OPTIONS => "OPTIONS",
        Method::PUT => "PUT",
        _ => "other",
    }
}
