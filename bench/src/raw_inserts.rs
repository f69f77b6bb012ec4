//! The ceiling of bookings: the rows that a booking writes, inserted without HTTP, without rules and without a look at
//! anything, each commit as durable as the server's.
//!
//! Callers insert one meeting after the other. On SQLite one thread takes those who wait into one transaction; on
//! PostgreSQL each caller has a connection and a transaction of its own, or one connection takes those who wait.

mod postgres;
mod sqlite;

use crate::{
    Failure,
    fill::{Change, Meeting},
    latency::Latencies,
    row::Row,
    times::MINUTE,
};
use futures_util::future::join_all;
use std::{
    cell::RefCell,
    time::{Duration, Instant},
};
use tokio::sync::{mpsc, oneshot};
use uuid::Uuid;

pub use postgres::{in_batches as postgres_in_batches, one_by_one as postgres_one_by_one};
pub use sqlite::in_batches as sqlite_in_batches;

/// How many meetings share a commit at most, as in the server.
const BATCH: usize = 256;

/// So many hosts take turns.
const HOSTS: u128 = 500;

/// Ids are of version 7, as the server's, and grow with the meetings.
const IDS: u128 = 0x0190_0000_0000_7000_8000_0000_0000_0000;

/// How long a meeting takes.
const LENGTH: i64 = 30 * MINUTE;

/// What differs between the meetings.
#[derive(Clone, Copy, Debug)]
struct Values {
    event: Uuid,
    invitee: Uuid,
    host: Uuid,
    start: i64,
    end: i64,
}

/// A meeting that waits for its commit, and whom to tell.
struct Waiting {
    values: Values,
    done: oneshot::Sender<()>,
}

/// Numbers meetings, so that no two are alike.
#[derive(Debug)]
pub struct Counter(u128);

impl Counter {
    /// Numbers that are larger than so many.
    pub fn after(count: u64) -> Counter {
        Counter(count.into())
    }

    fn next(&mut self, monday: i64) -> Values {
        self.0 += 1;
        let id = |kind: u128, number: u128| Uuid::from_u128(IDS | (kind << 56) | number);
        let step = i64::try_from(self.0 / HOSTS).unwrap_or_default();
        let start = monday + step * LENGTH;
        Values {
            event: id(1, self.0),
            invitee: id(2, self.0),
            host: id(3, self.0 % HOSTS),
            start,
            end: start + LENGTH,
        }
    }
}

/// The four statements: event and busy interval take `$1` to `$4`, the row of the host `$1` to `$3`, the invitee `$1`
/// and `$2`.
fn statements(meeting: &Meeting) -> Result<[String; 4], Failure> {
    let change = Change {
        event: "$1".to_owned(),
        invitee: "$2".to_owned(),
        host: Some("$2".to_owned()),
        event_type: None,
        start: "$3".to_owned(),
        end: "$4".to_owned(),
    };
    Ok(meeting.clone().with(change)?.rows().map(Row::insert))
}

/// How many callers insert for how long, from which day on.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    /// So many callers.
    pub callers: usize,
    /// How long it counts.
    pub measured: Duration,
    /// The first day.
    pub monday: i64,
}

/// What was reached.
#[derive(Debug)]
pub struct Inserted {
    /// Meetings a second.
    pub rate: f64,
    /// How long callers waited.
    pub latencies: Latencies,
}

/// Callers that hand their meetings to one writer.
async fn call(plan: Plan, counter: &mut Counter, queue: mpsc::Sender<Waiting>) -> Inserted {
    let shared = (RefCell::new(counter), RefCell::new(Vec::new()));
    let began = Instant::now();
    let caller = || async {
        while began.elapsed() < plan.measured {
            let values = shared.0.borrow_mut().next(plan.monday);
            let (done, answer) = oneshot::channel();
            let asked = Instant::now();
            if queue.send(Waiting { values, done }).await.is_err() || answer.await.is_err() {
                return;
            }
            shared.1.borrow_mut().push(asked.elapsed());
        }
    };
    join_all((0..plan.callers).map(|_| caller())).await;
    inserted(began, shared.1.into_inner())
}

fn inserted(began: Instant, latencies: Vec<Duration>) -> Inserted {
    let count = u32::try_from(latencies.len()).unwrap_or(u32::MAX);
    Inserted {
        rate: f64::from(count) / began.elapsed().as_secs_f64(),
        latencies: Latencies::new(latencies),
    }
}
