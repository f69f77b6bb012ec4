//! More requests than the server works on at once: told so at once, with room for others.

use std::{
    convert::Infallible,
    sync::{Mutex, mpsc},
};

use axum::http::Method;
use domain::id::{OrganizationId, UserId};
use serde_json::{Value, json};
use server::api::{self, admission::Place};
use store::{Command, WriteError, WriteTx, hosts};
use tokio::task::JoinSet;

use crate::{
    caller::{booking, id, path},
    harness::Test,
};

on_both_engines!(
    a_flood_of_bookings_leaves_room_for_reads,
    the_classic_api_says_it_in_its_own_words,
    those_who_operate_the_server_are_always_answered,
    every_operation_needs_a_place,
);

/// Locks a host until it is told to go on.
struct Lock {
    organization: OrganizationId,
    host: UserId,
    begun: mpsc::Sender<()>,
    go_on: Mutex<mpsc::Receiver<()>>,
}

impl Command for Lock {
    type Output = ();
    type Refusal = Infallible;

    async fn run(&self, tx: &WriteTx<'_>) -> Result<(), WriteError<Infallible>> {
        hosts::bump(tx, self.organization, self.host).await?;
        self.begun.send(()).unwrap();
        // nothing follows if the test has failed
        tokio::task::block_in_place(|| self.go_on.lock().unwrap().recv().ok());
        Ok(())
    }
}

/// Locks a host. The lock ends when the value is dropped.
fn lock(test: &Test, host: &str) -> mpsc::Sender<()> {
    let ((begun, has_begun), (go_on, waiting)) = (mpsc::channel(), mpsc::channel());
    let command = Lock {
        organization: OrganizationId(id(&test.organization).parse().unwrap()),
        host: UserId(id(host).parse().unwrap()),
        begun,
        go_on: Mutex::new(waiting),
    };
    let store = test.app.store.unrecorded().clone();
    tokio::spawn(async move { store.write(command).await });
    has_begun.recv().unwrap();
    go_on
}

async fn a_flood_of_bookings_leaves_room_for_reads(test: Test) {
    let test = test.with(|settings| settings.max_writes = Some(2)).await;
    let ada = test.as_user("ada");
    ada.always_open("UTC").await;
    let event_type = ada.event_type(json!({})).await;
    let lock = lock(&test, &ada.uri);
    let mut flood = JoinSet::new();
    for hour in 0..12 {
        let (ada, event_type) = (ada.clone(), event_type.clone());
        let start = format!("2026-03-03T{hour:02}:00:00Z");
        flood.spawn(async move { ada.post("/invitees", booking(&event_type, &start)).await });
    }
    // two wait for the lock; nobody else waits for them
    for _ in 0..10 {
        let refused = flood.join_next().await.unwrap().unwrap();
        refused.refused(503, "unavailable");
        assert_eq!(refused.header("retry-after"), "1");
    }
    ada.get("/users/me").await.resource(200);
    let free = ada
        .free(&ada.uri, "2026-03-03T00:00:00Z", "2026-03-03T12:00:00Z")
        .await;
    assert_eq!(free.len(), 1);
    drop(lock);
    for accepted in flood.join_all().await {
        accepted.resource(201);
    }
    ada.book(&event_type, "2026-03-04T00:00:00Z")
        .await
        .resource(201);
}

async fn the_classic_api_says_it_in_its_own_words(test: Test) {
    let test = test
        .with(|settings| {
            settings.max_writes = Some(1);
            settings.max_reads = Some(1);
        })
        .await;
    let (_read, _write) = (take(&test, &Method::GET), take(&test, &Method::POST));
    let owner = test.as_owner();
    for path in ["/users/add_user", "/meetings/get_bookings"] {
        let refused = owner.post(path, json!({"user_id": 1})).await;
        let body = refused.expect(503);
        let words = "The server cannot take this request at the moment. Please try again.";
        assert_eq!(body, json!({"error": words}));
        assert_eq!(refused.header("retry-after"), "1");
    }
}

async fn those_who_operate_the_server_are_always_answered(test: Test) {
    let test = test.with(|settings| settings.max_reads = Some(1)).await;
    let read = take(&test, &Method::GET);
    let owner = test.as_owner();
    owner.get("/users/me").await.refused(503, "unavailable");
    owner
        .get(path("/overlaps", &[]))
        .await
        .refused(503, "unavailable");
    owner
        .post("/overlaps", Value::Null)
        .await
        .refused(503, "unavailable");
    for operation in ["/healthz", "/readyz", "/metrics"] {
        assert_eq!(test.without_token().get(operation).await.status, 200);
    }
    drop(read);
    owner.get("/users/me").await.resource(200);
}

async fn every_operation_needs_a_place(test: Test) {
    let test = test
        .with(|settings| {
            settings.max_writes = Some(1);
            settings.max_reads = Some(1);
        })
        .await;
    let (_read, _write) = (take(&test, &Method::GET), take(&test, &Method::POST));
    let document = serde_json::to_value(api::document()).unwrap();
    let mut refused = 0;
    for (path, item) in document["paths"].as_object().unwrap() {
        if ["/healthz", "/readyz", "/metrics"].contains(&path.as_str()) {
            continue;
        }
        for method in ["get", "post", "put", "patch", "delete"] {
            if item.get(method).is_none() {
                continue;
            }
            let path = path.split('/').map(|segment| {
                let is_id = segment.starts_with('{');
                if is_id {
                    id(&test.organization)
                } else {
                    segment
                }
            });
            let path = path.collect::<Vec<_>>().join("/");
            let method: Method = method.to_uppercase().parse().unwrap();
            // a body with which nothing is right: it is looked at when there is a place
            let body = b"[".to_vec();
            let answer = test.as_owner().send(method.clone(), &path, &[], body).await;
            assert_eq!(answer.status, 503, "{method} {path}");
            refused += 1;
        }
    }
    assert!(50 < refused, "{refused}");
}

/// Takes the only place there is.
fn take(test: &Test, method: &Method) -> Place {
    let place = test.app.admission.place(method, "/anything");
    assert!(place.take().is_ok());
    place
}
