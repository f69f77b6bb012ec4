//! Rate limits: what a user is told, and that they hold across nodes.

use std::convert::Infallible;

use serde_json::json;
use store::{Command, WriteError, WriteTx};

use crate::{
    caller::{Answer, Caller},
    harness::Test,
};

on_both_engines!(
    a_user_is_told_how_many_requests_are_left,
    all_tokens_of_a_user_count_together_and_users_apart,
    bookings_have_a_limit_of_their_own,
    without_a_limit_nothing_is_said,
);

/// Limit, what is left of it, and whether that says until when.
fn standing(answer: &Answer) -> (&str, &str) {
    let reset: u64 = answer.header("x-ratelimit-reset").parse().unwrap();
    assert!((1..=60).contains(&reset), "{reset}");
    (
        answer.header("x-ratelimit-limit"),
        answer.header("x-ratelimit-remaining"),
    )
}

#[track_caller]
fn refused(answer: &Answer, limit: &str) {
    let body = answer.refused(429, "rate_limited");
    assert_eq!(body["title"], "Too Many Requests");
    assert_eq!(standing(answer), (limit, "0"));
    let (wait, reset) = (
        answer.header("retry-after"),
        answer.header("x-ratelimit-reset"),
    );
    assert_eq!(wait, reset);
}

async fn a_user_is_told_how_many_requests_are_left(test: Test) {
    let test = test
        .with(|settings| settings.requests_per_minute = Some(3))
        .await;
    let ada = test.as_user("ada");
    assert_eq!(standing(&ada.get("/users/me").await), ("3", "2"));
    // refusals count as well, and say so
    let missing = ada.get("/holds/01900000-0000-7000-8000-000000000000").await;
    assert_eq!((missing.status, standing(&missing)), (404, ("3", "1")));
    assert_eq!(standing(&ada.get("/event_types").await), ("3", "0"));
    refused(&ada.get("/users/me").await, "3");
    let classic = ada
        .post("/meetings/get_bookings", json!({"user_id": 1}))
        .await;
    let words = "No more than 3 such requests a minute are allowed.";
    assert_eq!(classic.expect(429), json!({"error": words}));
    assert_eq!(standing(&classic), ("3", "0"));
}

async fn all_tokens_of_a_user_count_together_and_users_apart(test: Test) {
    let test = test
        .with(|settings| settings.requests_per_minute = Some(2))
        .await;
    let ada = test.as_user("ada");
    let other_token = test.with_scopes("ada", &["users:read"]).await;
    ada.get("/users/me").await.resource(200);
    other_token.get("/users/me").await.resource(200);
    refused(&ada.get("/users/me").await, "2");
    refused(&other_token.get("/users/me").await, "2");
    test.as_user("ben").get("/users/me").await.resource(200);
    test.as_foreigner().get("/users/me").await.resource(200);
    let stranger = test.with_token("nobody's").get("/users/me").await;
    stranger.refused(401, "unauthenticated");
    assert!(!stranger.headers.contains_key("x-ratelimit-limit"));
}

async fn bookings_have_a_limit_of_their_own(test: Test) {
    let ada = test.as_user("ada");
    ada.always_open("UTC").await;
    let event_type = ada.event_type(json!({})).await;
    let test = test
        .with(|settings| {
            settings.requests_per_minute = Some(100);
            settings.bookings_per_minute = Some(1);
        })
        .await;
    let ada = test.as_user("ada");
    let booked = ada.book(&event_type, "2026-03-03T10:00:00Z").await;
    assert_eq!((booked.status, standing(&booked)), (201, ("1", "0")));
    refused(&ada.book(&event_type, "2026-03-03T11:00:00Z").await, "1");
    assert_eq!(standing(&ada.get("/users/me").await), ("100", "98"));
    let events = ada
        .available(&event_type, "2026-03-03T10:00:00Z", "2026-03-03T12:00:00Z")
        .await;
    assert_eq!(events.len(), 3, "{events:?}");
}

async fn without_a_limit_nothing_is_said(test: Test) {
    let answer = test.as_user("ada").get("/users/me").await;
    answer.resource(200);
    assert!(!answer.headers.contains_key("x-ratelimit-limit"));
}

/// How many of so many requests are let through.
async fn let_through(caller: &Caller, requests: usize) -> usize {
    let mut passed = 0;
    for _ in 0..requests {
        let answer = caller.get("/users/me").await;
        passed += usize::from(answer.status == 200);
        assert!([200, 429].contains(&answer.status));
    }
    passed
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_limit_holds_for_all_nodes_together() {
    let test = Test::postgres().await;
    let node = || test.with(|settings| settings.requests_per_minute = Some(20));
    let nodes = [node().await, node().await];
    let callers = nodes.each_ref().map(|node| node.as_user("ada"));
    let mut passed = 0;
    for _ in 0..6 {
        for (node, caller) in nodes.iter().zip(&callers) {
            passed += let_through(caller, 3).await;
            node.app.rate_limits.exchange(&node.app).await.unwrap();
        }
    }
    // what a node does not know yet is what the other one let through since they last spoke
    assert!((20..=23).contains(&passed), "{passed}");
    for caller in &callers {
        refused(&caller.get("/users/me").await, "20");
    }
}

/// One statement.
struct Execute(&'static str);

impl Command for Execute {
    type Output = u64;
    type Refusal = Infallible;

    async fn run(&self, tx: &WriteTx<'_>) -> Result<u64, WriteError<Infallible>> {
        Ok(tx.execute(self.0, store::args![]).await?)
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_without_its_database_goes_on_counting() {
    let test = Test::postgres().await;
    let node = test
        .with(|settings| settings.requests_per_minute = Some(5))
        .await;
    let ada = node.as_user("ada");
    assert_eq!(let_through(&ada, 2).await, 2);
    let hide = Execute("alter table request_counts rename to gone");
    node.app.store.unrecorded().write(hide).await.unwrap();
    node.app.rate_limits.exchange(&node.app).await.unwrap_err();
    assert_eq!(let_through(&ada, 2).await, 2);
    let show = Execute("alter table gone rename to request_counts");
    node.app.store.unrecorded().write(show).await.unwrap();
    node.app.rate_limits.exchange(&node.app).await.unwrap();
    let other = test
        .with(|settings| settings.requests_per_minute = Some(5))
        .await;
    let elsewhere = other.as_user("ada");
    assert_eq!(let_through(&elsewhere, 1).await, 1);
    other.app.rate_limits.exchange(&other.app).await.unwrap();
    refused(&elsewhere.get("/users/me").await, "5");
}
