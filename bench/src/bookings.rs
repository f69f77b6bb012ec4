//! Bookings as load: each request another free time, so that every one of them can be answered 201.

use crate::{
    Failure,
    database::Database,
    fill,
    http::{self, Head},
    load::Traffic,
    organization::{Host, booking},
    times::{self, MINUTE},
};
use std::collections::BTreeMap;

/// How long a meeting of these hosts takes, and how far apart starts are.
const STEP: i64 = 30 * MINUTE;

/// Bookings of hosts in turn, each from the first day on without a gap.
#[derive(Debug)]
pub struct Bookings {
    hosts: Vec<Host>,
    token: String,
    monday: i64,
    asked: usize,
    /// How often each status was answered.
    pub answers: BTreeMap<u16, u64>,
    /// How many of the refusals did not say when to try again.
    pub without_retry_after: u64,
    /// Whether a server that has too much to do may refuse.
    pub may_be_refused: bool,
}

impl Bookings {
    /// Of the hosts of a fill with these numbers.
    pub fn of(numbers: std::ops::RangeInclusive<u32>, token: &str, monday: i64) -> Bookings {
        Bookings {
            hosts: numbers.map(fill::host).collect(),
            token: token.to_owned(),
            monday,
            asked: 0,
            answers: BTreeMap::new(),
            without_retry_after: 0,
            may_be_refused: false,
        }
    }

    /// How many are booked.
    pub fn acknowledged(&self) -> u64 {
        self.answers.get(&201).copied().unwrap_or_default()
    }
}

impl Traffic for Bookings {
    fn request(&mut self, _connection: usize, out: &mut Vec<u8>) {
        let host = &self.hosts[self.asked % self.hosts.len()];
        let step = i64::try_from(self.asked / self.hosts.len()).unwrap_or(i64::MAX / STEP);
        let start = times::text(self.monday.saturating_add(step.saturating_mul(STEP)));
        let body = booking(&host.event_type, &start);
        out.extend_from_slice(&http::with_body("POST", "/invitees", &self.token, &body));
        self.asked += 1;
    }

    fn answered(&mut self, _connection: usize, head: &Head) -> Result<(), Failure> {
        *self.answers.entry(head.status).or_default() += 1;
        match head.status {
            201 => Ok(()),
            429 | 503 if self.may_be_refused => {
                self.without_retry_after += u64::from(!head.retry_after);
                Ok(())
            }
            other => Err(format!("a free time was answered {other}").into()),
        }
    }
}

const EVENTS: &str = "select cast(count(*) as text) from scheduled_events";

const OVERLAPS: &str = "select cast(count(*) as text) from (select ends_at,
  lead(starts_at) over (partition by organization_id, host_id order by starts_at) as following
  from busy_intervals) as meetings where following < ends_at";

/// Whether exactly what was acknowledged is in the database, besides so many others, and no two meetings overlap.
pub fn check(database: &Database, acknowledged: u64, others: u64) -> Result<(), Failure> {
    let found: u64 = database.value(EVENTS)?.parse()?;
    if found != acknowledged + others {
        return Err(format!(
            "{acknowledged} bookings were acknowledged, {} are there",
            found - others
        )
        .into());
    }
    match overlaps(database)? {
        0 => Ok(()),
        overlaps => Err(format!("{overlaps} meetings overlap").into()),
    }
}

/// How many meetings overlap with another one of the same host.
pub fn overlaps(database: &Database) -> Result<u64, Failure> {
    Ok(database.value(OVERLAPS)?.parse()?)
}
