//! `dry_run=true`: the whole answer, and nothing is written.

use axum::http::Method;
use serde_json::{Value, json};

use crate::{
    caller::{Answer, Caller, JSON, booking, path, text, uri},
    harness::Test,
    races::active_events,
};

on_both_engines! {
    a_trial_is_answered_as_the_booking_would_be,
    a_trial_is_refused_as_the_booking_would_be,
    a_series_a_hold_and_a_move_can_be_tried,
    a_trial_leaves_no_key,
    what_is_no_trial_is_refused,
}

const START: &str = "2026-03-03T10:00:00Z";

/// All that a write could have changed.
async fn all(test: &Test, caller: &Caller) -> Value {
    let range = [
        ("start_time", "2026-03-02T00:00:00Z"),
        ("end_time", "2026-04-02T00:00:00Z"),
    ];
    let query = [&[("user", caller.uri.as_str())], &range[..]].concat();
    let busy = caller
        .get(path("/user_busy_times", &query))
        .await
        .collection();
    let mut events = active_events(test).await;
    for event in &mut events {
        let invitees = caller.get(format!("{}/invitees", uri(event))).await;
        event["invitees"] = json!(invitees.collection());
    }
    json!([busy, events])
}

/// Tries a request and then sends it: both answers, with the status that the real one must have.
async fn tried(test: &Test, path: &str, body: &Value, status: u16) -> (Value, Value) {
    let ada = test.as_user("ada");
    let before = all(test, &ada).await;
    let trial = ada.post(format!("{path}?dry_run=true"), body.clone()).await;
    assert_eq!(all(test, &ada).await, before);
    let real = ada.post(path, body.clone()).await;
    let expected = if status == 201 { 200 } else { status };
    (trial.expect(expected), real.expect(status))
}

/// Replaces what is new with every write.
fn same_but_for_ids(mut one: Value, mut other: Value) {
    blank(&mut one);
    blank(&mut other);
    assert_eq!(one, other);
}

fn blank(value: &mut Value) {
    let fresh = [
        "uri",
        "event",
        "invitee",
        "events",
        "series_id",
        "created_at",
        "updated_at",
        "expires_at",
        "cancel_url",
        "reschedule_url",
    ];
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                if fresh.contains(&name.as_str()) {
                    *value = json!("fresh");
                } else {
                    blank(value);
                }
            }
        }
        Value::Array(values) => values.iter_mut().for_each(blank),
        _ => {}
    }
}

async fn a_trial_is_answered_as_the_booking_would_be(test: Test) {
    let event_type = test.as_user("ada").event_type(json!({})).await;
    let body = booking(&event_type, START);
    let (trial, real) = tried(&test, "/invitees", &body, 201).await;
    same_but_for_ids(trial, real);
}

async fn a_trial_is_refused_as_the_booking_would_be(test: Test) {
    let ada = test.as_user("ada");
    let event_type = ada.event_type(json!({})).await;
    ada.book(&event_type, START).await.expect(201);
    let body = booking(&event_type, START);
    let (trial, real) = tried(&test, "/invitees", &body, 409).await;
    assert_eq!(trial, real);
    let (trial, real) = tried(
        &test,
        "/invitees",
        &booking(&event_type, "2026-03-03T10:10:00Z"),
        400,
    )
    .await;
    assert_eq!(trial, real);
    let mut series = body.clone();
    series["recurrence"] = json!({"rrule": "FREQ=DAILY;COUNT=3"});
    let (trial, real) = tried(&test, "/invitees", &series, 409).await;
    assert_eq!(trial["code"], "dates_not_available");
    assert_eq!(trial, real);
    let hold = json!({"event_type": event_type, "start_time": START});
    let (trial, real) = tried(&test, "/holds", &hold, 409).await;
    assert_eq!(trial, real);
    let other = ada
        .book(&event_type, "2026-03-03T12:00:00Z")
        .await
        .resource(201);
    let moving = format!("{}/rescheduling", text(&other["event"]));
    let (trial, real) = tried(&test, &moving, &json!({"start_time": START}), 409).await;
    assert_eq!(trial, real);
}

async fn a_series_a_hold_and_a_move_can_be_tried(test: Test) {
    let ada = test.as_user("ada");
    let event_type = ada.event_type(json!({})).await;
    let place = json!({"event_type": event_type, "start_time": START});
    let (trial, real) = tried(&test, "/holds", &place, 201).await;
    same_but_for_ids(trial.clone(), real.clone());
    ada.get(uri(&trial["resource"]))
        .await
        .refused(404, "not_found");
    // a hold is not used up by a trial
    let mut held = booking(&event_type, START);
    held["hold"] = real["resource"]["uri"].clone();
    let (trial, real) = tried(&test, "/invitees", &held, 201).await;
    same_but_for_ids(trial, real.clone());
    let moving = format!("{}/rescheduling", text(&real["resource"]["event"]));
    let (trial, real) = tried(
        &test,
        &moving,
        &json!({"start_time": "2026-03-03T14:00:00Z"}),
        201,
    )
    .await;
    same_but_for_ids(trial, real);
    let mut series = booking(&event_type, "2026-03-04T14:00:00Z");
    series["recurrence"] = json!({"rrule": "FREQ=DAILY;COUNT=5"});
    series["on_conflict"] = json!("skip");
    let (trial, real) = tried(&test, "/invitees", &series, 201).await;
    assert_eq!(trial["series"]["booked"].as_array().unwrap().len(), 3);
    same_but_for_ids(trial, real.clone());
    let first = text(&real["series"]["booked"][0]["event"]);
    let body = json!({"start_time": "2026-03-04T15:00:00Z", "range": "this_and_following"});
    let (trial, real) = tried(&test, &format!("{first}/rescheduling"), &body, 201).await;
    assert_eq!(trial["events"].as_array().unwrap().len(), 3);
    same_but_for_ids(trial, real);
}

async fn a_trial_leaves_no_key(test: Test) {
    let ada = test.as_user("ada");
    let event_type = ada.event_type(json!({})).await;
    let body = booking(&event_type, START);
    let trial = "/invitees?dry_run=true";
    ada.post_once(trial, "key", &body).await.expect(200);
    ada.post_once("/invitees", "key", &body).await.expect(201);
    ada.post_once(trial, "other", &body)
        .await
        .refused(409, "time_taken");
    // the key of a booking does not serve a trial
    ada.post_once(trial, "key", &body)
        .await
        .refused(409, "idempotency_key_reused");
}

async fn what_is_no_trial_is_refused(test: Test) {
    let ada = test.as_user("ada");
    let event_type = ada.event_type(json!({})).await;
    let body = booking(&event_type, START);
    let answer = ada.post("/invitees?dry_run=banana", body.clone()).await;
    assert_eq!(answer.mistakes(), ["dry_run wrong_type"]);
    let invitee = ada
        .post("/invitees?dry_run=false", body)
        .await
        .resource(201);
    // who asks for a trial where there is none does not get the real thing
    let event = text(&invitee["event"]);
    let room = json!({"name": "Room", "kind": "resource"});
    let room = test.as_owner().post("/users", room).await.resource(201);
    let person = json!({"user_name": "Alice", "phone_number": "1"});
    let answers: [Answer; 4] = [
        ada.post(format!("{event}/cancellation?dry_run=true"), json!({}))
            .await,
        ada.post("/user_busy_times?dry_run=1", json!({})).await,
        ada.patch(
            format!("{event_type}?dry_run=true"),
            json!({"name": "Other"}),
        )
        .await,
        test.as_owner()
            .delete(format!("{}?dry_run=true", text(&room["uri"])))
            .await,
    ];
    for answer in answers {
        assert_eq!(answer.mistakes(), ["dry_run not_allowed"]);
    }
    assert_eq!(active_events(&test).await.len(), 1);
    ada.get(text(&room["uri"])).await.expect(200);
    let put = ada.send(Method::PUT, "/holds?dry_run=true", JSON, Vec::new());
    put.await.refused(405, "method_not_allowed");
    let classic = ada.post("/users/add_user?dry_run=true", person).await;
    let refused = classic.expect(422);
    assert!(text(&refused["error"]).starts_with("dry_run "), "{refused}");
    ada.post(format!("{event}/cancellation?dry_run=false"), json!({}))
        .await
        .expect(201);
}
