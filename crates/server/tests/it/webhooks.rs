//! Webhooks: what happens to meetings is told, signed, in order, to those whom it concerns.

use serde_json::{Value, json};

use crate::{
    caller::{text, uri},
    harness::Test,
    webhook_receiver::{BOOKINGS, Receiver, ada_with_event_type, assert_signed, subscribe},
};

on_both_engines!(
    a_booking_and_its_cancellation_are_told,
    a_rescheduling_is_two_messages_that_name_each_other,
    each_invitee_of_a_canceled_meeting_is_told,
    nobody_is_told_of_others,
);

async fn a_booking_and_its_cancellation_are_told(test: Test) {
    let test = test.telling().await;
    let receiver = Receiver::start().await;
    subscribe(&test, &receiver, &BOOKINGS).await;
    let (ada, event_type) = ada_with_event_type(&test).await;
    let invitee = ada
        .book(&event_type, "2026-03-03T09:00:00Z")
        .await
        .resource(201);
    let [created] = receiver.wait_for(1).await.try_into().unwrap();
    assert_signed(&created);
    let event = ada.get(text(&invitee["event"])).await.resource(200);
    let expected = json!({
        "event": "invitee.created",
        "created_at": invitee["created_at"],
        "created_by": test.as_owner().uri,
        "payload": payload(&invitee, &event),
    });
    assert_eq!(created.body(), expected);
    let cancellation = format!("{}/cancellation", text(&invitee["event"]));
    ada.post(cancellation, json!({"reason": "ill"}))
        .await
        .resource(201);
    let canceled = receiver.wait_for(2).await.pop().unwrap();
    assert_signed(&canceled);
    assert_ne!(canceled.header("webhook-id"), created.header("webhook-id"));
    let invitee = ada.get(uri(&invitee)).await.resource(200);
    let event = ada.get(text(&invitee["event"])).await.resource(200);
    let body = canceled.body();
    assert_eq!(body["event"], "invitee.canceled");
    assert_eq!(body["payload"], payload(&invitee, &event));
    assert_eq!(body["payload"]["cancellation"]["reason"], "ill");
    assert_eq!(body["payload"]["scheduled_event"]["status"], "canceled");
}

/// The invitee with the event as messages show it.
pub fn payload(invitee: &Value, event: &Value) -> Value {
    let (mut payload, mut event) = (invitee.clone(), event.clone());
    event.as_object_mut().unwrap().remove("calendar_event");
    for host in event["event_memberships"].as_array_mut().unwrap() {
        let host = host.as_object_mut().unwrap();
        host.remove("buffered_start_time");
        host.remove("buffered_end_time");
    }
    payload["scheduled_event"] = event;
    payload
}

async fn a_rescheduling_is_two_messages_that_name_each_other(test: Test) {
    let test = test.telling().await;
    let receiver = Receiver::start().await;
    let (ada, event_type) = ada_with_event_type(&test).await;
    let old = ada
        .book(&event_type, "2026-03-03T09:00:00Z")
        .await
        .resource(201);
    subscribe(&test, &receiver, &BOOKINGS).await;
    let move_it = format!("{}/rescheduling", text(&old["event"]));
    let start = json!({"start_time": "2026-03-04T09:00:00Z"});
    ada.post(move_it, start).await.expect(201);
    let told = receiver.wait_for(2).await;
    let of = |name: &str| {
        let found = told.iter().find(|message| message.event() == name);
        found.unwrap().body()["payload"].clone()
    };
    let (canceled, created) = (of("invitee.canceled"), of("invitee.created"));
    assert_eq!(canceled["uri"], old["uri"]);
    assert_eq!(canceled["rescheduled"], true);
    assert_eq!(canceled["new_invitee"], created["uri"]);
    assert_eq!(created["old_invitee"], old["uri"]);
    assert_eq!(created["rescheduled"], false);
    assert_eq!(created["new_invitee"], Value::Null);
    assert_eq!(
        created["scheduled_event"]["start_time"],
        "2026-03-04T09:00:00.000000Z"
    );
    assert!(created.get("cancellation").is_none());
}

async fn each_invitee_of_a_canceled_meeting_is_told(test: Test) {
    let test = test.telling().await;
    let receiver = Receiver::start().await;
    let ada = test.as_user("ada");
    ada.always_open("UTC").await;
    let group = ada
        .event_type(json!({"kind": "group", "capacity": 3}))
        .await;
    let first = ada.book(&group, "2026-03-03T09:00:00Z").await.resource(201);
    ada.book(&group, "2026-03-03T09:00:00Z").await.resource(201);
    subscribe(&test, &receiver, &BOOKINGS).await;
    let cancellation = format!("{}/cancellation", text(&first["event"]));
    ada.post(cancellation, json!({})).await.resource(201);
    let told = receiver.wait_for(2).await;
    let mut invitees: Vec<String> = told.iter().map(|it| uri(&it.body()["payload"])).collect();
    invitees.dedup();
    assert_eq!(invitees.len(), 2);
    assert!(told.iter().all(|it| it.event() == "invitee.canceled"));
}

async fn nobody_is_told_of_others(test: Test) {
    let test = test.telling().await;
    let (of_ada, of_ben, foreign) = (
        Receiver::start().await,
        Receiver::start().await,
        Receiver::start().await,
    );
    for (name, receiver) in [("ada", &of_ada), ("ben", &of_ben)] {
        let caller = test.as_user(name);
        let body = json!({
            "url": receiver.url, "events": BOOKINGS, "organization": test.organization,
            "scope": "user", "user": caller.uri,
        });
        caller
            .post("/webhook_subscriptions", body)
            .await
            .resource(201);
    }
    let zoe = test.as_foreigner();
    let theirs = text(&zoe.get("/users/me").await.resource(200)["current_organization"]);
    let body = json!({
        "url": foreign.url, "events": BOOKINGS, "organization": theirs, "scope": "organization",
    });
    zoe.post("/webhook_subscriptions", body).await.resource(201);
    let (ada, event_type) = ada_with_event_type(&test).await;
    ada.book(&event_type, "2026-03-03T09:00:00Z")
        .await
        .resource(201);
    let ben = test.as_user("ben");
    ben.always_open("UTC").await;
    let other = ben.event_type(json!({})).await;
    ben.book(&other, "2026-03-03T09:00:00Z").await.resource(201);
    let to_ada = of_ada.wait_for(1).await;
    let to_ben = of_ben.wait_for(1).await;
    assert_eq!(
        to_ada[0].body()["payload"]["scheduled_event"]["event_type"],
        event_type
    );
    assert_eq!(
        to_ben[0].body()["payload"]["scheduled_event"]["event_type"],
        other
    );
    // without a key, nothing is signed
    assert!(
        to_ada[0]
            .headers
            .get("calendly-webhook-signature")
            .is_none()
    );
    assert_eq!((of_ada.received().len(), of_ben.received().len()), (1, 1));
    assert_eq!(foreign.received().len(), 0);
}
