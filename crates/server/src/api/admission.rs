//! How many requests are worked on at once. Whoever comes when there are enough is told so at once, before anything was
//! done for them. Writes and reads are counted apart, so that a flood of bookings leaves room for reads.

use super::problem::Problem;
use crate::{
    bound::{Bound, Share},
    config::Config,
};
use axum::http::Method;
use std::sync::{Arc, OnceLock};

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

    /// The place that a request needs to be worked on.
    pub fn place(&self, method: &Method, path: &str) -> Place {
        let bound = if is_read(method, path) {
            &self.reads
        } else {
            &self.writes
        };
        let bound = (!is_always_answered(path)).then(|| bound.clone());
        Place(Arc::new(Taken {
            bound,
            share: OnceLock::new(),
        }))
    }
}

/// The place of a request among those that are worked on, given back with its last clone. It is taken when all that the
/// client has to say is there: at once, or after its body.
#[derive(Clone, Debug)]
pub struct Place(Arc<Taken>);

#[derive(Debug)]
struct Taken {
    bound: Option<Arc<Bound>>,
    share: OnceLock<Share>,
}

impl Place {
    /// Takes it, if there is one.
    pub fn take(&self) -> Result<(), Problem> {
        let Some(bound) = &self.0.bound else {
            return Ok(());
        };
        let share = bound.take(1).ok_or_else(Problem::unavailable)?;
        // who takes it twice has one of them
        let _second = self.0.share.set(share);
        Ok(())
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
