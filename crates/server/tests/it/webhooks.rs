//! Webhooks: what happens is told, signed, in order, and until it has arrived.

use axum::{
    http::{StatusCode, header},
    response::IntoResponse,
};
use base64::{Engine, prelude::BASE64_STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

use crate::{
    caller::{Caller, path, text, uri},
    harness::Test,
    webhook_receiver::{Received, Receiver},
};

on_both_engines!(
    a_booking_and_its_cancellation_are_told,
    a_rescheduling_is_two_messages_that_name_each_other,
    each_invitee_of_a_canceled_meeting_is_told,
    changes_of_event_types_are_told,
    nobody_is_told_of_others,
    what_fails_is_tried_again_and_nothing_overtakes_it,
    receivers_of_every_kind_are_survived,
    a_receiver_that_is_deaf_for_a_day_is_disabled,
    what_was_sent_can_be_sent_again,
    the_feed_tells_the_same,
);

const KEY: &str = "a secret of both sides";

const BOOKINGS: [&str; 2] = ["invitee.created", "invitee.canceled"];

/// Subscribes to events of the organization.
async fn subscribe(test: &Test, receiver: &Receiver, events: &[&str]) -> String {
    let body = json!({
        "url": receiver.url,
        "events": events,
        "organization": test.organization,
        "scope": "organization",
        "signing_key": KEY,
    });
    let subscription = test.as_owner().post("/webhook_subscriptions", body).await;
    uri(&subscription.resource(201))
}

fn hmac(key: &[u8], text: &str) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

/// Both signatures are right.
#[track_caller]
fn assert_signed(message: &Received) {
    let signature = message.header("calendly-webhook-signature");
    let (time, digest) = signature.split_once(',').unwrap();
    let time = time.strip_prefix("t=").unwrap();
    let signed = hmac(KEY.as_bytes(), &format!("{time}.{}", message.text));
    let hex = server::api::caller::hex(&signed);
    assert_eq!(digest, format!("v1={hex}"));
    let (id, time) = (
        message.header("webhook-id"),
        message.header("webhook-timestamp"),
    );
    let signed = hmac(KEY.as_bytes(), &format!("{id}.{time}.{}", message.text));
    let expected = format!("v1,{}", BASE64_STANDARD.encode(signed));
    assert_eq!(message.header("webhook-signature"), expected);
    assert_eq!(message.header("content-type"), "application/json");
}

/// Ada with an event type that can always be booked.
async fn ada_with_event_type(test: &Test) -> (Caller, String) {
    let ada = test.as_user("ada");
    ada.always_open("UTC").await;
    let event_type = ada.event_type(json!({})).await;
    (ada, event_type)
}

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
fn payload(invitee: &Value, event: &Value) -> Value {
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

async fn changes_of_event_types_are_told(test: Test) {
    let test = test.telling().await;
    let receiver = Receiver::start().await;
    let events = [
        "event_type.created",
        "event_type.updated",
        "event_type.deleted",
    ];
    subscribe(&test, &receiver, &events).await;
    let (ada, event_type) = ada_with_event_type(&test).await;
    receiver.wait_for(1).await;
    ada.patch(&event_type, json!({"name": "Outro"}))
        .await
        .resource(200);
    receiver.wait_for(2).await;
    assert_eq!(ada.delete(&event_type).await.status, 204);
    let told = receiver.wait_for(3).await;
    let names: Vec<String> = told.iter().map(Received::event).collect();
    assert_eq!(names, events);
    let mut shown = ada.get(&event_type).await.resource(200);
    shown.as_object_mut().unwrap().remove("description_html");
    assert_eq!(told[2].body()["payload"], shown);
    assert_eq!(told[1].body()["payload"]["name"], "Outro");
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

async fn what_fails_is_tried_again_and_nothing_overtakes_it(test: Test) {
    let test = test.telling().await;
    let receiver = Receiver::answering(|before, _| {
        if before == 0 {
            (StatusCode::INTERNAL_SERVER_ERROR, "not yet").into_response()
        } else {
            StatusCode::NO_CONTENT.into_response()
        }
    })
    .await;
    let subscription = subscribe(&test, &receiver, &BOOKINGS).await;
    let (ada, event_type) = ada_with_event_type(&test).await;
    let invitee = ada
        .book(&event_type, "2026-03-03T09:00:00Z")
        .await
        .resource(201);
    let cancellation = format!("{}/cancellation", text(&invitee["event"]));
    ada.post(cancellation, json!({})).await.resource(201);
    let told = receiver.wait_for(3).await;
    let names: Vec<String> = told.iter().map(Received::event).collect();
    assert_eq!(
        names,
        ["invitee.created", "invitee.created", "invitee.canceled"]
    );
    assert_eq!(told[0].header("webhook-id"), told[1].header("webhook-id"));
    assert_eq!(told[0].text, told[1].text);
    let owner = test.as_owner();
    let deliveries = delivered(&owner, &subscription, 2).await;
    let log = owner.get(uri(&deliveries[0])).await.resource(200);
    assert_eq!(log["attempts"], 2);
    assert_eq!(log["request"], told[0].body());
    let attempts = log["log"].as_array().unwrap();
    assert_eq!(
        (&attempts[0]["number"], &attempts[0]["status"]),
        (&json!(2), &json!(204))
    );
    assert_eq!(
        (&attempts[1]["status"], &attempts[1]["response"]),
        (&json!(500), &json!("not yet"))
    );
    let shown = owner.get(&subscription).await.resource(200);
    assert_eq!(shown["retry_started_at"], Value::Null);
}

/// The deliveries of a subscription, once so many have arrived.
async fn delivered(owner: &Caller, subscription: &str, count: usize) -> Vec<Value> {
    let list = path(
        &format!("{subscription}/deliveries"),
        &[("status", "delivered")],
    );
    for _ in 0..600 {
        let found = owner.get(&list).await.collection();
        if found.len() >= count {
            return found;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    panic!("they do not arrive");
}

async fn receivers_of_every_kind_are_survived(test: Test) {
    let test = test.telling().await;
    let redirecting = Receiver::answering(|_, _| {
        (
            StatusCode::FOUND,
            [(header::LOCATION, "http://127.0.0.1:1/")],
        )
            .into_response()
    })
    .await;
    let gone = Receiver::answering(|_, _| StatusCode::GONE.into_response()).await;
    let talking = Receiver::answering(|_, _| {
        (StatusCode::BAD_REQUEST, "é".repeat(2_500_000)).into_response()
    })
    .await;
    let nul = Receiver::answering(|_, _| (StatusCode::BAD_REQUEST, "a\0b").into_response()).await;
    // connects and says nothing that is HTTP
    let garbage = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let garbage_url = format!("http://{}/", garbage.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in garbage.incoming() {
            std::io::Write::write_all(&mut stream.unwrap(), b"\x16\x03\x01garbage\r\n\r\n").ok();
        }
    });
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let closed_url = format!("http://{}/", closed.local_addr().unwrap());
    drop(closed);
    let owner = test.as_owner();
    let mut subscriptions = Vec::new();
    let urls = [
        &redirecting.url,
        &gone.url,
        &talking.url,
        &nul.url,
        &garbage_url,
        &closed_url,
    ];
    for url in urls {
        let body = json!({
            "url": url, "events": BOOKINGS, "organization": test.organization, "scope": "organization",
        });
        let made = owner
            .post("/webhook_subscriptions", body)
            .await
            .resource(201);
        subscriptions.push(uri(&made));
    }
    let (ada, event_type) = ada_with_event_type(&test).await;
    ada.book(&event_type, "2026-03-03T09:00:00Z")
        .await
        .resource(201);
    let mut statuses = Vec::new();
    for subscription in &subscriptions {
        let attempt = first_attempt(&owner, subscription).await;
        let response = attempt["response"].as_str().map_or(0, str::len);
        assert!(response <= 4096 + 2, "{response}");
        assert_eq!(
            attempt["status"].is_null(),
            attempt["error"].is_string(),
            "{attempt}"
        );
        statuses.push(attempt["status"].clone());
        let shown = owner.get(subscription).await.resource(200);
        assert!(shown["retry_started_at"].is_string(), "{shown}");
    }
    let none = Value::Null;
    assert_eq!(
        statuses,
        [
            json!(302),
            json!(410),
            json!(400),
            json!(400),
            none.clone(),
            none
        ]
    );
}

/// How the first attempt of the first message ended.
async fn first_attempt(owner: &Caller, subscription: &str) -> Value {
    for _ in 0..600 {
        let list = owner
            .get(format!("{subscription}/deliveries"))
            .await
            .collection();
        if let Some(delivery) = list.first() {
            let log = owner.get(uri(delivery)).await.resource(200)["log"].clone();
            if let Some(first) = log.as_array().unwrap().last() {
                return first.clone();
            }
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    panic!("nothing was tried");
}

async fn a_receiver_that_is_deaf_for_a_day_is_disabled(test: Test) {
    let receiver = Receiver::answering(|before, _| match before {
        0 | 1 => StatusCode::SERVICE_UNAVAILABLE.into_response(),
        _ => StatusCode::OK.into_response(),
    })
    .await;
    let first = test
        .with(|settings| settings.webhook_allow_private = Some(true))
        .await;
    let subscription = subscribe(&first, &receiver, &BOOKINGS).await;
    let (ada, event_type) = ada_with_event_type(&first).await;
    ada.book(&event_type, "2026-03-09T09:00:00Z")
        .await
        .resource(201);
    let telling = tokio::spawn(server::webhooks::tell(first.app.clone()));
    receiver.wait_for(1).await;
    let owner = first.as_owner();
    first_attempt(&owner, &subscription).await;
    telling.abort();
    // a day and an hour later
    let later = test
        .again_at("2026-03-03T09:30:00Z", |settings| {
            settings.webhook_allow_private = Some(true);
        })
        .await;
    tokio::spawn(server::webhooks::tell(later.app.clone()));
    receiver.wait_for(2).await;
    let owner = later.as_owner();
    let mut shown = Value::Null;
    for _ in 0..600 {
        shown = owner.get(&subscription).await.resource(200);
        if shown["state"] == "disabled" {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    assert_eq!(shown["state"], "disabled");
    let asked = [
        ("organization", test.organization.as_str()),
        ("action", "Disable"),
    ];
    let log = owner.get(path("/activity_log_entries", &asked)).await;
    let log = log.collection();
    assert_eq!(log.len(), 1);
    assert_eq!(log[0]["actor"], json!({"type": "System"}));
    let details = json!({"way": "server", "webhook_subscription": subscription});
    assert_eq!(log[0]["details"], details);
    // what happens meanwhile is not lost for the feed, and what waited is sent once it is enabled again
    owner
        .patch(&subscription, json!({"state": "active"}))
        .await
        .resource(200);
    receiver.wait_for(3).await;
    let delivered = delivered(&owner, &subscription, 1).await;
    assert_eq!(delivered[0]["attempts"], 3);
}

async fn what_was_sent_can_be_sent_again(test: Test) {
    let test = test.telling().await;
    let receiver = Receiver::start().await;
    let subscription = subscribe(&test, &receiver, &BOOKINGS).await;
    let (ada, event_type) = ada_with_event_type(&test).await;
    for hour in 9..12 {
        let start = format!("2026-03-03T{hour:02}:00:00Z");
        ada.book(&event_type, &start).await.resource(201);
    }
    let owner = test.as_owner();
    let deliveries = delivered(&owner, &subscription, 3).await;
    let again = format!("{}/redelivery", uri(&deliveries[1]));
    let sent = owner.post(again, Value::Null).await.resource(202);
    assert_eq!(sent["status"], "waiting");
    let told = receiver.wait_for(4).await;
    let of_it = told
        .iter()
        .filter(|it| it.header("webhook-id") == deliveries[1]["id"]);
    assert_eq!(of_it.count(), 2);
    delivered(&owner, &subscription, 3).await;
    let since = format!("{subscription}/redelivery");
    let body = json!({"since": "2026-03-02T00:00:00Z"});
    let count = owner.post(&since, body).await.resource(202);
    assert_eq!(count, json!({"count": 3}));
    receiver.wait_for(7).await;
    let none = json!({"since": "2027-03-02T00:00:00Z", "until": "2028-03-02T00:00:00Z"});
    assert_eq!(
        owner.post(&since, none).await.resource(202),
        json!({"count": 0})
    );
}

async fn the_feed_tells_the_same(test: Test) {
    let test = test.telling().await;
    let owner = test.as_owner();
    let (ada, event_type) = ada_with_event_type(&test).await;
    let feed = |after: &str, wait: &str| {
        let mut query = vec![("wait", wait)];
        if !after.is_empty() {
            query.push(("after", after));
        }
        path("/events_feed", &query)
    };
    let first = owner.get(feed("", "25")).await.expect(200);
    assert_eq!(first["collection"][0]["event"], "event_type.created");
    let next = text(&first["next"]);
    assert_eq!(
        owner.get(feed(&next, "0")).await.expect(200)["collection"],
        json!([])
    );
    let waiting = {
        let (owner, path) = (owner.clone(), feed(&next, "25"));
        tokio::spawn(async move { owner.get(path).await })
    };
    let invitee = ada
        .book(&event_type, "2026-03-03T09:00:00Z")
        .await
        .resource(201);
    let told = waiting.await.unwrap().expect(200);
    assert_eq!(told["collection"][0]["event"], "invitee.created");
    assert_eq!(told["collection"][0]["payload"]["uri"], invitee["uri"]);
    // from the beginning it is the same again
    let all = owner.get(feed("", "0")).await.expect(200);
    let names: Vec<&Value> = all["collection"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| &it["event"])
        .collect();
    assert_eq!(names, ["event_type.created", "invitee.created"]);
    ada.get(feed("", "0"))
        .await
        .refused(403, "permission_denied");
    owner
        .get(feed("x", "0"))
        .await
        .refused(400, "invalid_argument");
    let limited = test
        .with_scopes("olga", &["webhooks:read", "event_types:read"])
        .await;
    let seen = limited.get(feed("", "0")).await.expect(200);
    assert_eq!(seen["collection"].as_array().unwrap().len(), 1);
    let foreign = test.as_foreigner().get(feed("", "0")).await.expect(200);
    assert_eq!(foreign["collection"], json!([]));
}
