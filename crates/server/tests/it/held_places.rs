//! Places of meetings of several invitees that are held while the event type changes or meetings move.

use serde_json::{Value, json};

use crate::{
    caller::{Answer, Caller, booking, text, uri},
    harness::Test,
    pooled_hosts::{booked, hosted},
    races::{active_events, no_conflicts},
};

on_both_engines! {
    a_held_place_stays_in_its_meeting_when_others_host,
    a_held_place_stays_in_its_meeting_when_it_takes_one_invitee,
    of_two_held_places_the_second_joins_the_first,
    a_meeting_does_not_move_onto_held_places,
}

const START: &str = "2026-03-03T10:00:00Z";

async fn hold(caller: &Caller, event_type: &str, start: &str) -> String {
    let body = json!({"event_type": event_type, "start_time": start});
    uri(&caller.post("/holds", body).await.resource(201))
}

async fn book_held(caller: &Caller, event_type: &str, hold: &str) -> Answer {
    let mut body = booking(event_type, START);
    body["hold"] = json!(hold);
    caller.post("/invitees", body).await
}

fn group(capacity: u32) -> Value {
    json!({"kind": "group", "capacity": capacity})
}

/// One meeting, with so many invitees of so many.
async fn is_one(test: &Test, invitees: i64, limit: i64) {
    let events = active_events(test).await;
    assert_eq!(events.len(), 1, "{events:#?}");
    let expected = json!({"total": invitees, "active": invitees, "limit": limit});
    assert_eq!(events[0]["invitees_counter"], expected);
    no_conflicts(&events);
}

async fn a_held_place_stays_in_its_meeting_when_others_host(test: Test) {
    let (olga, ada, ben) = (test.as_owner(), test.as_user("ada"), test.as_user("ben"));
    let hosts = json!([{"user": ada.uri}, {"user": ben.uri}]);
    let event_type = hosted(&test, "collective", hosts, group(3)).await;
    let event = booked(&olga, &event_type, START).await;
    let held = hold(&olga, &event_type, START).await;
    let others = json!({"hosts": [{"user": olga.uri}]});
    olga.patch(&event_type, others).await.expect(200);
    let invitee = book_held(&olga, &event_type, &held).await.resource(201);
    assert_eq!(text(&invitee["event"]), event);
    is_one(&test, 2, 3).await;
}

async fn a_held_place_stays_in_its_meeting_when_it_takes_one_invitee(test: Test) {
    let ada = test.as_user("ada");
    let event_type = ada.event_type(group(3)).await;
    let event = booked(&ada, &event_type, START).await;
    let held = hold(&ada, &event_type, START).await;
    let solo = json!({"kind": "solo"});
    ada.patch(&event_type, solo).await.expect(200);
    let invitee = book_held(&ada, &event_type, &held).await.resource(201);
    assert_eq!(text(&invitee["event"]), event);
    is_one(&test, 2, 2).await;
    ada.book(&event_type, START)
        .await
        .refused(409, "time_taken");
}

async fn of_two_held_places_the_second_joins_the_first(test: Test) {
    let ada = test.as_user("ada");
    let event_type = ada.event_type(group(2)).await;
    let holds = [
        hold(&ada, &event_type, START).await,
        hold(&ada, &event_type, START).await,
    ];
    ada.book(&event_type, START)
        .await
        .refused(409, "time_taken");
    for held in &holds {
        book_held(&ada, &event_type, held).await.expect(201);
    }
    is_one(&test, 2, 2).await;
}

async fn a_meeting_does_not_move_onto_held_places(test: Test) {
    let ada = test.as_user("ada");
    let event_type = ada.event_type(group(2)).await;
    let event = booked(&ada, &event_type, "2026-03-03T12:00:00Z").await;
    booked(&ada, &event_type, "2026-03-03T12:00:00Z").await;
    let held = hold(&ada, &event_type, START).await;
    let body = json!({"start_time": START});
    let rescheduling = format!("{event}/rescheduling");
    let refused = ada.post(&rescheduling, body.clone()).await;
    refused.refused(409, "time_taken");
    ada.delete(&held).await.expect(204);
    ada.post(&rescheduling, body).await.expect(201);
    is_one(&test, 2, 2).await;
}
