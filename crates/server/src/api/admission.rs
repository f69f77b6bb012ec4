//! How many requests are worked on at once. Whoever comes when there are enough is told so at once, before anything was
//! done for them. Writes and reads are counted apart, so that a flood of bookings leaves room for reads.

use super::problem::Problem;
use crate::{
    bound::{Bound, Share},
    config::Config,
};
use axum::http::Method;
use std::sync::Arc;

/// What those who operate the server must always be told.
const ALWAYS_ANSWERED: [&str; 3] = ["/healthz", "/readyz", "/metrics"];

/// What is asked by POST and writes nothing.
const ASKED_BY_POST: [&str; 4] = [
    "/overlaps",
    "/users/get_user_availability",
    "/availability/get_availability_overlap",
    "/meetings/get_bookings",
];

/// The requests that are worked on.
#[derive(Debug)]
pub struct Admission {
    reads: Arc<Bound>,
    writes: Arc<Bound>,
}

impl Admission {
    /// As many as the settings say.
    pub fn new(config: &Config) -> Admission {
        Admission {
            reads: Bound::new(config.max_reads),
            writes: Bound::new(config.max_writes),
        }
    }

    /// Lets a request in until its share is dropped.
    pub fn admit(&self, method: &Method, path: &str) -> Result<Option<Share>, Problem> {
        if is_always_answered(path) {
            return Ok(None);
        }
        let bound = if is_read(method, path) {
            &self.reads
        } else {
            &self.writes
        };
        bound.take(1).map(Some).ok_or_else(Problem::unavailable)
    }
}

/// Whether a request writes nothing.
pub fn is_read(method: &Method, path: &str) -> bool {
    method.is_safe() || ASKED_BY_POST.contains(&path)
}

/// Whether a path is answered however many requests there are.
pub fn is_always_answered(path: &str) -> bool {
    ALWAYS_ANSWERED.contains(&path)
}
