//! Receivers that do not take what they are sent: it is tried again, in order, for three days.

use std::{
    io::{Read, Write},
    net::TcpListener,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use axum::{
    http::{StatusCode, header},
    response::IntoResponse,
};
use serde_json::{Value, json};
use server::{
    config::Settings,
    webhooks::sending::{Patience, Sender},
};

use crate::{
    caller::{booking, path, text, uri},
    harness::Test,
    webhook_receiver::{
        BOOKINGS, Received, Receiver, ada_with_event_type, delivered, first_attempt, subscribe,
    },
};

on_both_engines!(
    what_fails_is_tried_again_and_nothing_overtakes_it,
    receivers_of_every_kind_are_survived,
    receivers_that_hang_are_given_up,
    a_receiver_that_is_deaf_for_a_day_is_disabled,
    after_three_days_a_message_has_failed_and_the_next_one_is_sent,
);

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
    let garbage = TcpListener::bind("127.0.0.1:0").unwrap();
    let garbage_url = format!("http://{}/", garbage.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in garbage.incoming() {
            stream
                .unwrap()
                .write_all(b"\x16\x03\x01garbage\r\n\r\n")
                .ok();
        }
    });
    let closed = TcpListener::bind("127.0.0.1:0").unwrap();
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
        tokio::time::sleep(Duration::from_millis(100)).await;
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

/// Connects and says nothing; what is to be read there stays unread.
fn silent() -> (String, TcpListener) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    (listener.local_addr().unwrap().to_string(), listener)
}

async fn receivers_that_hang_are_given_up(test: Test) {
    let test = test
        .with(|settings| settings.webhook_allow_private = Some(true))
        .await;
    let soon = Duration::from_millis(200);
    let mut sender = Sender::new(&test.app.config);
    sender.patience = Patience {
        connect: soon,
        read: soon,
    };
    tokio::spawn(server::webhooks::tell_by(test.app.clone(), sender));
    let (mute, _mute) = silent();
    let (deaf, _deaf) = silent();
    // closes the connection as soon as it is there
    let (curt, curt_listener) = silent();
    std::thread::spawn(move || curt_listener.incoming().for_each(drop));
    // begins to answer and does not end
    let (slow, slow_listener) = silent();
    std::thread::spawn(move || {
        let kept: Vec<_> = slow_listener
            .incoming()
            .map(|stream| {
                let mut stream = stream.unwrap();
                stream.read_exact(&mut [0]).ok();
                let head = b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nso far";
                stream.write_all(head).ok();
                stream
            })
            .collect();
        drop(kept);
    });
    let receivers = [
        (format!("http://{mute}/"), "no answer within 0.2 seconds"),
        (
            format!("https://{deaf}/"),
            "no connection within 0.2 seconds",
        ),
        (format!("http://{curt}/"), "no valid answer: "),
        (format!("http://{slow}/"), "no answer within 0.2 seconds"),
    ];
    let owner = test.as_owner();
    let mut subscriptions = Vec::new();
    for (url, _) in &receivers {
        let body = json!({
            "url": url, "events": BOOKINGS, "organization": test.organization, "scope": "organization",
        });
        let made = owner.post("/webhook_subscriptions", body).await;
        subscriptions.push(uri(&made.resource(201)));
    }
    let good = Receiver::start().await;
    subscribe(&test, &good, &BOOKINGS).await;
    let (ada, event_type) = ada_with_event_type(&test).await;
    ada.book(&event_type, "2026-03-03T09:00:00Z")
        .await
        .expect(201);
    // whoever answers need not wait for them
    good.wait_for(1).await;
    for (subscription, (url, expected)) in subscriptions.iter().zip(&receivers) {
        let attempt = first_attempt(&owner, subscription).await;
        let error = text(&attempt["error"]);
        assert!(error.starts_with(expected), "{url}: {error}");
        assert_eq!(attempt["status"], Value::Null);
        assert_eq!(attempt["response"], Value::Null);
    }
}

async fn after_three_days_a_message_has_failed_and_the_next_one_is_sent(test: Test) {
    let open = Arc::new(AtomicBool::new(false));
    let receiver = {
        let open = open.clone();
        Receiver::answering(move |_, message| {
            let is_refused = message.event() == "invitee.created"
                && message.body()["payload"]["email"] == "emmy@example.com";
            if is_refused && !open.load(Ordering::Relaxed) {
                StatusCode::BAD_GATEWAY.into_response()
            } else {
                StatusCode::OK.into_response()
            }
        })
        .await
    };
    let private = |settings: &mut Settings| settings.webhook_allow_private = Some(true);
    let test = test.with(private).await;
    let subscription = subscribe(&test, &receiver, &BOOKINGS).await;
    let (ada, event_type) = ada_with_event_type(&test).await;
    let booked = ada.book(&event_type, "2026-03-09T09:00:00Z").await;
    let cancellation = format!("{}/cancellation", text(&booked.resource(201)["event"]));
    ada.post(&cancellation, json!({})).await.expect(201);
    // something else arrives all the time, so that the subscription stays
    let days = [
        "2026-03-02T08:10:00Z",
        "2026-03-03T04:00:00Z",
        "2026-03-04T00:00:00Z",
        "2026-03-04T20:00:00Z",
        "2026-03-05T08:30:00Z",
    ];
    for (before, now) in days.into_iter().enumerate() {
        let later = test.again_at(now, private).await;
        let mut other = booking(&event_type, &format!("2026-03-1{before}T09:00:00Z"));
        other["invitee"]["email"] = json!("sophie@example.com");
        later
            .as_user("ada")
            .post("/invitees", other)
            .await
            .expect(201);
        let telling = tokio::spawn(server::webhooks::tell(later.app.clone()));
        // the last time, the cancellation too
        let expected = before + 1 + usize::from(before + 1 == days.len());
        delivered(&later.as_owner(), &subscription, expected).await;
        telling.abort();
    }
    let last = test.again_at("2026-03-05T09:00:00Z", private).await;
    let owner = last.as_owner();
    let shown = owner.get(&subscription).await.resource(200);
    assert_eq!(shown["state"], "active");
    let found = |status| path(&format!("{subscription}/deliveries"), &[("status", status)]);
    let failed = owner.get(found("failed")).await.collection();
    assert_eq!(failed.len(), 1);
    assert_eq!(
        owner.get(found("waiting")).await.collection(),
        [] as [Value; 0]
    );
    let log = owner.get(uri(&failed[0])).await.resource(200);
    assert_eq!(log["request"]["event"], "invitee.created");
    assert!(log["attempts"].as_u64() >= Some(days.len() as u64), "{log}");
    // it can still be sent on purpose
    tokio::spawn(server::webhooks::tell(last.app.clone()));
    open.store(true, Ordering::Relaxed);
    let again = format!("{}/redelivery", uri(&failed[0]));
    owner.post(again, Value::Null).await.resource(202);
    delivered(&owner, &subscription, days.len() + 2).await;
}
