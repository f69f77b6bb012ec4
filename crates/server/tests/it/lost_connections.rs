//! PostgreSQL that loses every connection while meetings are booked: nothing is lost, nothing is done twice.

use std::{collections::BTreeSet, sync::Arc};

use serde_json::json;
use tokio::{sync::mpsc, task::JoinSet};

use crate::{
    caller::{Answer, Caller, text, uri},
    harness::Test,
    races::{active_events, no_conflicts},
};

const CALLERS: usize = 12;
const TIMES: usize = 48;

/// Answers between one loss of all connections and the next.
const BETWEEN: usize = 40;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_booking_that_was_acknowledged_is_there_once() {
    let test = Arc::new(Test::postgres().await);
    let ada = test.as_user("ada");
    ada.always_open("UTC").await;
    let event_type = ada.event_type(json!({})).await;
    let (sender, mut receiver) = mpsc::channel(1);
    let mut tasks = JoinSet::new();
    for caller in 0..CALLERS {
        tasks.spawn(book(
            ada.clone(),
            (event_type.clone(), caller),
            sender.clone(),
        ));
    }
    drop(sender);
    let (mut won, mut answers, mut losses) = (BTreeSet::new(), 0, 0);
    while let Some(answer) = receiver.recv().await {
        answers += 1;
        match answer.status {
            201 => assert!(won.insert(text(&answer.resource(201)["event"]))),
            409 => _ = answer.refused(409, "time_taken"),
            _ => _ = answer.refused(503, "unavailable"),
        }
        if answers % BETWEEN == 0 {
            test.database.terminate_backends().await;
            losses += 1;
        }
    }
    tasks.join_all().await;
    assert!(losses >= 10, "{losses}");
    assert!(
        won.len() > TIMES / 2,
        "{} of {TIMES} times were won",
        won.len()
    );
    let fresh = test.with(|_| {}).await;
    let events = active_events(&fresh).await;
    no_conflicts(&events);
    let there: BTreeSet<String> = events.iter().map(uri).collect();
    assert!(
        there.is_superset(&won),
        "lost: {:?}",
        won.difference(&there)
    );
    for event in &events {
        assert_eq!(
            event["invitees_counter"],
            json!({"total": 1, "active": 1, "limit": 1})
        );
    }
}

/// Goes through all times, each caller in another order.
async fn book(caller: Caller, (event_type, number): (String, usize), sender: mpsc::Sender<Answer>) {
    for index in 0..TIMES {
        let index = (index + number * 7) % TIMES;
        let start = format!("2026-03-03T{:02}:{:02}:00Z", index / 2, index % 2 * 30);
        sender
            .send(caller.book(&event_type, &start).await)
            .await
            .unwrap();
    }
}
