//! Rate limits: so many requests a minute for each user, whichever of their tokens and whichever node they use.
//!
//! Each node counts in memory, so no request waits for the database. Nodes that share one tell each other several times
//! a second what they have counted; until then a node knows only a little less than all.

mod counts;
mod exchange;

pub use exchange::exchange_counts;

use super::problem::Problem;
use crate::{config::Config, context::App};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, header, request::Parts};
use counts::{Counts, Minute};
use domain::id::{OrganizationId, UserId};
use std::{
    collections::HashMap,
    sync::{Arc, OnceLock, PoisonError, RwLock, RwLockReadGuard},
};
use store::personal_access_tokens::Bearer;

/// What counts as a booking.
const BOOKINGS: [&str; 2] = ["/invitees", "/meetings/book_meeting"];

/// Users are spread over so many tables, which are locked one by one.
const TABLES: usize = 16;

/// So many users are counted in one table. Users beyond that, more than anybody has seen within two minutes, are not.
const USERS: usize = 1 << 14;

type Users = HashMap<UserId, Arc<Counts>>;

/// What all users have sent within this minute.
#[derive(Debug)]
pub struct RateLimits {
    /// Requests a minute; 0 for no limit.
    requests: u32,
    /// Bookings a minute; 0 for no limit.
    bookings: u32,
    users: [RwLock<Users>; TABLES],
}

/// How many requests of a limit are left, and until when.
#[derive(Clone, Copy, Debug)]
pub struct Standing {
    limit: u32,
    remaining: u32,
    /// Seconds until the next minute.
    reset: u64,
    exceeded: bool,
}

/// Where a request's standing is kept for its answer.
pub type Kept = Arc<OnceLock<Standing>>;

impl RateLimits {
    /// The limits of the settings.
    pub fn new(config: &Config) -> RateLimits {
        RateLimits {
            requests: config.requests_per_minute,
            bookings: config.bookings_per_minute,
            users: Default::default(),
        }
    }

    /// Whether there are any.
    pub fn are_set(&self) -> bool {
        self.requests > 0 || self.bookings > 0
    }

    /// Counts a request of a user. Of several limits the one of which the least is left is told.
    fn count(&self, counts: &Counts, minute: Minute, is_booking: bool) -> Option<Standing> {
        let bookings =
            (is_booking && self.bookings > 0).then_some((self.bookings, &counts.bookings));
        let requests = (self.requests > 0).then_some((self.requests, &counts.requests));
        let mut tightest: Option<Standing> = None;
        for (limit, count) in bookings.into_iter().chain(requests) {
            let left = count.add(minute.number, limit);
            let standing = Standing {
                limit,
                remaining: left.unwrap_or(0),
                reset: minute.seconds_left,
                exceeded: left.is_none(),
            };
            if standing.exceeded {
                return Some(standing);
            }
            if tightest.is_none_or(|tightest| standing.remaining < tightest.remaining) {
                tightest = Some(standing);
            }
        }
        tightest
    }

    fn of(&self, organization: OrganizationId, user: UserId) -> Option<Arc<Counts>> {
        let table = &self.users[user.0.as_u128() as usize % TABLES];
        if let Some(counts) = read(table).get(&user) {
            return Some(counts.clone());
        }
        let mut table = table.write().unwrap_or_else(PoisonError::into_inner);
        if table.len() >= USERS {
            return None;
        }
        let new = || Arc::new(Counts::new(organization));
        Some(table.entry(user).or_insert_with(new).clone())
    }
}

fn read(table: &RwLock<Users>) -> RwLockReadGuard<'_, Users> {
    table.read().unwrap_or_else(PoisonError::into_inner)
}

/// Counts a request whose token is known, and refuses it when its user has sent too many.
pub fn count(app: &App, parts: &Parts, bearer: &Bearer) -> Result<(), Problem> {
    let limits = &app.rate_limits;
    if !limits.are_set() {
        return Ok(());
    }
    let Some(counts) = limits.of(bearer.organization_id, bearer.user_id) else {
        return Ok(());
    };
    let is_booking = parts.method == Method::POST && BOOKINGS.contains(&parts.uri.path());
    let Some(standing) = limits.count(&counts, Minute::of(app.now()), is_booking) else {
        return Ok(());
    };
    if let Some(kept) = parts.extensions.get::<Kept>() {
        kept.get_or_init(|| standing);
    }
    if standing.exceeded {
        return Err(Problem::rate_limited(standing.limit));
    }
    Ok(())
}

/// Tells a caller how they stand.
pub fn tell(standing: Standing, headers: &mut HeaderMap) {
    let mut insert = |name: &'static str, value: u64| {
        headers.insert(HeaderName::from_static(name), HeaderValue::from(value));
    };
    insert("x-ratelimit-limit", standing.limit.into());
    insert("x-ratelimit-remaining", standing.remaining.into());
    insert("x-ratelimit-reset", standing.reset);
    if standing.exceeded {
        headers.insert(header::RETRY_AFTER, HeaderValue::from(standing.reset));
    }
}
