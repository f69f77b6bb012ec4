//! The guests of a meeting of several invitees: each belongs to one of them, and goes where that one goes.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::{
    caller::{Caller, booking, path, text, uri},
    groups::group,
    harness::Test,
};

on_both_engines! {
    who_cancels_takes_only_the_own_guests_along,
    guests_move_with_their_invitees,
    guests_of_a_series_move_with_it,
}

const START: &str = "2026-03-03T10:00:00Z";

/// Books a place with guests.
async fn with_guests(caller: &Caller, event_type: &str, (name, guests): (&str, &[&str])) -> Value {
    let mut body = booking(event_type, START);
    body["invitee"]["email"] = json!(format!("{name}@example.com"));
    body["event_guests"] = json!(guests);
    caller.post("/invitees", body).await.resource(201)
}

/// Emmy, David and Felix come; Emmy and David both bring Kurt.
async fn three(caller: &Caller, event_type: &str) -> [Value; 3] {
    [
        with_guests(caller, event_type, ("emmy", &["olga@x.org", "kurt@x.org"])).await,
        with_guests(caller, event_type, ("david", &["kurt@x.org"])).await,
        with_guests(caller, event_type, ("felix", &["paul@x.org"])).await,
    ]
}

async fn cancel(caller: &Caller, invitee: &Value) {
    let path = format!("{}/cancellation", uri(invitee));
    caller.post(path, json!({})).await.expect(201);
}

/// The guests of an event by their addresses; nothing else may be said of them than when they were named.
fn guests_of(event: &Value) -> Vec<String> {
    let guests = event["event_guests"].as_array().unwrap();
    for guest in guests {
        let fields: BTreeSet<&str> = guest
            .as_object()
            .unwrap()
            .keys()
            .map(String::as_str)
            .collect();
        assert_eq!(
            fields,
            BTreeSet::from(["email", "created_at", "updated_at"])
        );
    }
    guests.iter().map(|guest| text(&guest["email"])).collect()
}

/// The same as the event is shown by itself, which is as it is listed.
async fn guests(caller: &Caller, event: &str) -> Vec<String> {
    let shown = caller.get(event).await.resource(200);
    let listed = caller.get(path("/scheduled_events", &[("user", &caller.uri)]));
    let listed = listed.await.collection();
    assert!(listed.contains(&shown), "{listed:?}");
    guests_of(&shown)
}

async fn who_cancels_takes_only_the_own_guests_along(test: Test) {
    let ada = test.as_user("ada");
    let event_type = group(&ada, 5, json!({})).await;
    let [emmy, david, felix] = three(&ada, &event_type).await;
    let event = text(&emmy["event"]);
    let all = ["olga@x.org", "kurt@x.org", "kurt@x.org", "paul@x.org"];
    assert_eq!(guests(&ada, &event).await, all);
    cancel(&ada, &emmy).await;
    assert_eq!(guests(&ada, &event).await, ["kurt@x.org", "paul@x.org"]);
    // who comes again brings others
    with_guests(&ada, &event_type, ("emmy", &["hermann@x.org"])).await;
    cancel(&ada, &david).await;
    assert_eq!(guests(&ada, &event).await, ["paul@x.org", "hermann@x.org"]);
    cancel(&ada, &felix).await;
    assert_eq!(guests(&ada, &event).await, ["hermann@x.org"]);
}

async fn guests_move_with_their_invitees(test: Test) {
    let ada = test.as_user("ada");
    let event_type = group(&ada, 5, json!({})).await;
    let [emmy, _, _] = three(&ada, &event_type).await;
    let old = text(&emmy["event"]);
    cancel(&ada, &emmy).await;
    let to = json!({"start_time": "2026-03-03T14:00:00Z"});
    let rescheduling = format!("{old}/rescheduling");
    let trial = ada
        .post(format!("{rescheduling}?dry_run=true"), to.clone())
        .await
        .resource(200);
    assert_eq!(guests_of(&trial), ["kurt@x.org", "paul@x.org"]);
    let moved = ada.post(&rescheduling, to).await.resource(201);
    assert_eq!(guests_of(&moved), ["kurt@x.org", "paul@x.org"]);
    let moved = uri(&moved);
    assert_eq!(guests(&ada, &moved).await, ["kurt@x.org", "paul@x.org"]);
    guests(&ada, &old).await;
    // they belong to who moved
    let invitees = ada.get(format!("{moved}/invitees")).await.collection();
    let david = invitees
        .iter()
        .find(|invitee| invitee["email"] == "david@example.com");
    cancel(&ada, david.unwrap()).await;
    assert_eq!(guests(&ada, &moved).await, ["paul@x.org"]);
}

async fn guests_of_a_series_move_with_it(test: Test) {
    let ada = test.as_user("ada");
    let event_type = group(&ada, 5, json!({})).await;
    let mut body = booking(&event_type, START);
    body["recurrence"] = json!({"rrule": "FREQ=DAILY;COUNT=2"});
    body["event_guests"] = json!(["kurt@x.org"]);
    let series = ada.post("/invitees", body).await.expect(201);
    let dates = &series["series"]["booked"];
    let felix = with_guests(&ada, &event_type, ("felix", &["paul@x.org"])).await;
    assert_eq!(felix["event"], dates[0]["event"]);
    let to = json!({"start_time": "2026-03-03T14:00:00Z", "range": "this_and_following"});
    let first = text(&dates[0]["event"]);
    let moved = ada.post(format!("{first}/rescheduling"), to).await;
    let moved = moved.expect(201);
    let [first, second] = [0, 1].map(|place| text(&moved["events"][place]));
    assert_eq!(guests(&ada, &first).await, ["kurt@x.org", "paul@x.org"]);
    assert_eq!(guests(&ada, &second).await, ["kurt@x.org"]);
    let invitees = ada.get(format!("{first}/invitees")).await.collection();
    let felix = invitees
        .iter()
        .find(|invitee| invitee["email"] == "felix@example.com");
    cancel(&ada, felix.unwrap()).await;
    assert_eq!(guests(&ada, &first).await, ["kurt@x.org"]);
}
