//! Several processes that tell at once, and one that is killed while it does: everything arrives, and in order.

use std::collections::{BTreeMap, BTreeSet};

use axum::{http::StatusCode, response::IntoResponse};
use futures_util::future::join_all;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::{
    caller::{booking, id, text, uri},
    harness::{NOW, Test},
    killed::open_calendar,
    process::{Folder, Server, request},
    webhook_receiver::{
        BOOKINGS, KEY, Received, Receiver, ada_with_event_type, assert_signed, delivered, subscribe,
    },
};

on_both_engines!(of_two_nodes_each_message_is_sent_by_one);

const MEETINGS: usize = 40;

/// What was told of each invitee, in the order in which it came, each message once.
fn by_invitee(received: &[Received]) -> BTreeMap<String, Vec<String>> {
    let mut all: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut known = BTreeSet::new();
    for message in received {
        if known.insert(message.header("webhook-id").to_owned()) {
            let invitee = uri(&message.body()["payload"]);
            let events = all.entry(id(&invitee).to_owned()).or_default();
            events.push(message.event());
        }
    }
    all
}

async fn of_two_nodes_each_message_is_sent_by_one(test: Test) {
    let private = |settings: &mut server::config::Settings| {
        settings.webhook_allow_private = Some(true);
    };
    let nodes = [test.with(private).await, test.with(private).await];
    let receiver = Receiver::start().await;
    // by the clock that began last: what is noted by the other one is later
    let subscription = subscribe(&nodes[1], &receiver, &BOOKINGS).await;
    let (_, event_type) = ada_with_event_type(&nodes[0]).await;
    for node in &nodes {
        tokio::spawn(server::webhooks::tell(node.app.clone()));
    }
    let meetings = (0..MEETINGS).map(|number| {
        let ada = nodes[number % 2].as_user("ada");
        let event_type = &event_type;
        async move {
            let (day, hour) = (3 + number / 20, number % 20);
            let start = format!("2026-03-{day:02}T{hour:02}:00:00Z");
            let booked = ada.book(event_type, &start).await.resource(201);
            let cancellation = format!("{}/cancellation", text(&booked["event"]));
            ada.post(cancellation, json!({})).await.expect(201);
            id(&uri(&booked)).to_owned()
        }
    });
    let booked: BTreeSet<String> = join_all(meetings).await.into_iter().collect();
    let all = receiver.wait_for(2 * MEETINGS).await;
    delivered(&nodes[0].as_owner(), &subscription, 2 * MEETINGS).await;
    // nothing came twice
    assert_eq!(receiver.received().len(), 2 * MEETINGS);
    let told = by_invitee(&all);
    assert_eq!(told.keys().cloned().collect::<BTreeSet<_>>(), booked);
    for (invitee, events) in told {
        assert_eq!(events, BOOKINGS, "{invitee}");
    }
}

/// How many messages are on their way at most when the server is killed.
const UNDER_WAY: usize = 8;

/// Books meetings of five minutes and cancels every second one; how many messages that makes.
fn make_known(server: &Server, event_type: &str, numbers: std::ops::Range<i64>) -> usize {
    let mut messages = 0;
    for number in numbers {
        let first: Timestamp = "2026-04-01T00:00:00Z".parse().unwrap();
        let start = first + SignedDuration::from_mins(5 * number);
        let body = booking(event_type, &start.to_string());
        let book = ("POST", "/invitees");
        let (status, booked) = request(&server.address, book, Some(&body)).unwrap();
        assert_eq!(status, 201, "{booked}");
        messages += 1;
        if number % 2 == 0 {
            let path = format!("{}/cancellation", text(&booked["resource"]["event"]));
            let cancel = ("POST", path.as_str());
            let (status, _) = request(&server.address, cancel, Some(&json!({}))).unwrap();
            assert_eq!(status, 201);
            messages += 1;
        }
    }
    messages
}

fn demo(folder: &Folder, now: &str) -> Server {
    Server::demo(folder, &["--now", now, "--webhook-first-retry", "20"])
}

/// All deliveries with their logs, once none waits any more.
async fn logs(server: &Server, subscription: &str) -> Vec<Value> {
    let waiting = format!("{subscription}/deliveries?status=waiting");
    for _ in 0..600 {
        if server.get(&waiting)["collection"] == json!([]) {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    let mut logs = Vec::new();
    let mut next = format!("{subscription}/deliveries?count=100");
    loop {
        let page = server.get(&next);
        for delivery in page["collection"].as_array().unwrap() {
            assert_eq!(delivery["status"], "delivered");
            logs.push(server.get(&uri(delivery))["resource"].clone());
        }
        match page["pagination"]["next_page"].as_str() {
            Some(page) => page.clone_into(&mut next),
            None => return logs,
        }
    }
}

/// How often each status was answered to, or is logged for, each message.
type Answers = BTreeMap<(String, u64), usize>;

/// The receiver refuses three of ten messages and is away twice; the server is killed in between.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everything_arrives_however_often_something_dies() {
    let refuses = |before: usize| before % 10 < 3;
    let mut receiver = Receiver::answering(move |before, _| {
        if refuses(before) {
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        } else {
            StatusCode::OK.into_response()
        }
    })
    .await;
    let folder = Folder::new();
    let server = demo(&folder, NOW);
    let event_type = open_calendar(&server);
    let me = server.get("/users/me");
    let body = json!({
        "url": receiver.url, "events": BOOKINGS, "signing_key": KEY, "scope": "organization",
        "organization": me["resource"]["current_organization"],
    });
    let subscribe = ("POST", "/webhook_subscriptions");
    let (status, made) = request(&server.address, subscribe, Some(&body)).unwrap();
    assert_eq!(status, 201, "{made}");
    let subscription = format!("/webhook_subscriptions/{}", id(&uri(&made["resource"])));
    let mut messages = make_known(&server, &event_type, 0..60);
    receiver.wait_for(30).await;
    receiver.stop().await;
    messages += make_known(&server, &event_type, 60..90);
    receiver.start_again().await;
    receiver.wait_for(60).await;
    messages += make_known(&server, &event_type, 90..150);
    server.kill();
    // what the killed one had taken is free again a minute later
    let server = demo(&folder, "2026-03-02T08:10:00Z");
    receiver.stop().await;
    messages += make_known(&server, &event_type, 150..200);
    receiver.start_again().await;
    let logs = logs(&server, &subscription).await;
    assert_eq!(logs.len(), messages);
    let all = receiver.received();
    all.iter().for_each(assert_signed);
    let accepted = all.iter().enumerate();
    let accepted: Vec<Received> = accepted
        .filter(|(before, _)| !refuses(*before))
        .map(|(_, message)| message.clone())
        .collect();
    let told = by_invitee(&accepted);
    assert_eq!(told.len(), 200);
    assert_eq!(told.values().map(Vec::len).sum::<usize>(), messages);
    for (invitee, events) in told {
        assert_eq!(events, BOOKINGS[..events.len()], "{invitee}");
    }
    agree(&all, &logs, refuses);
}

/// What the log says of answers is what the receiver says, but for what was on its way when the server was killed.
#[track_caller]
fn agree(received: &[Received], logs: &[Value], refuses: impl Fn(usize) -> bool) {
    let mut answered = Answers::new();
    for (before, message) in received.iter().enumerate() {
        let status = if refuses(before) { 500 } else { 200 };
        let id = message.header("webhook-id").to_owned();
        *answered.entry((id, status)).or_default() += 1;
    }
    let mut logged = Answers::new();
    for log in logs {
        for attempt in log["log"].as_array().unwrap() {
            if let Some(status) = attempt["status"].as_u64() {
                *logged.entry((text(&log["id"]), status)).or_default() += 1;
            }
        }
    }
    let mut unknown = 0;
    for (answer, count) in &answered {
        let known = logged.remove(answer).unwrap_or(0);
        assert!(known <= *count, "{answer:?}: {known} of {count}");
        unknown += count - known;
    }
    assert_eq!(logged, Answers::new());
    assert!(unknown <= UNDER_WAY, "{unknown}");
}
