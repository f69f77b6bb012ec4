//! Requests that several nodes count together.

use std::convert::Infallible;

use domain::id::UserId;
use jiff::{SignedDuration, Timestamp};
use store::{
    Command, Store, WriteError, WriteTx,
    request_counts::{self, Counted},
};

use crate::harness::{ORGANIZATION, Test, id};

on_both_engines!(
    what_nodes_add_is_one_count,
    what_was_counted_before_a_minute_is_forgotten,
);

/// Adds to a minute, and forgets what was before another one.
struct Add {
    minute: Timestamp,
    counted: Vec<Counted>,
    forget_before: Timestamp,
}

impl Command for Add {
    type Output = Vec<Counted>;
    type Refusal = Infallible;

    async fn run(&self, tx: &WriteTx<'_>) -> Result<Vec<Counted>, WriteError<Infallible>> {
        request_counts::forget_before(tx, self.forget_before).await?;
        Ok(request_counts::add(tx, self.minute, &self.counted).await?)
    }
}

/// When this minute of the tests begins.
fn minute(number: i64) -> Timestamp {
    let first: Timestamp = "2026-03-02T08:00:00Z".parse().unwrap();
    first + SignedDuration::from_mins(number)
}

fn counted(user: u128, requests: i64, bookings: i64) -> Counted {
    Counted {
        organization: ORGANIZATION,
        user: UserId(id(user)),
        requests,
        bookings,
    }
}

async fn add(
    store: &Store,
    number: i64,
    counted: impl IntoIterator<Item = Counted>,
    forget_before: i64,
) -> Vec<Counted> {
    let command = Add {
        minute: minute(number),
        counted: counted.into_iter().collect(),
        forget_before: minute(forget_before),
    };
    store.write(command).await.unwrap()
}

async fn what_nodes_add_is_one_count(test: Test) {
    let test = test.product().await;
    let all = (1..=100).map(|user| counted(user, 2, 1));
    let first = add(&test.store, 0, all.clone(), 0).await;
    assert_eq!(first, all.collect::<Vec<_>>());
    let other = test.another_store().await;
    let second = add(&other, 0, [counted(100, 5, 0), counted(7, 1, 0)], 0).await;
    assert_eq!(second, [counted(100, 7, 1), counted(7, 3, 1)]);
}

async fn what_was_counted_before_a_minute_is_forgotten(test: Test) {
    let test = test.product().await;
    let one = counted(1, 1, 0);
    add(&test.store, 0, [one], 0).await;
    assert_eq!(add(&test.store, 0, [one], 0).await, [counted(1, 2, 0)]);
    // a minute has a count of its own
    assert_eq!(add(&test.store, 1, [one], 0).await, [one]);
    assert_eq!(add(&test.store, 0, [one], 1).await, [one]);
    assert_eq!(add(&test.store, 1, [one], 1).await, [counted(1, 2, 0)]);
}
