//! How mails are sent: until a server takes them, in order, by one of several nodes, and never because of a booking that
//! was before.

use std::{collections::BTreeSet, time::Duration};

use serde_json::{Value, json};

use crate::{
    caller::{Caller, path, text},
    harness::Test,
    killed::open_calendar,
    mail_server::{Conduct, FROM, MailServer},
    process::{Folder, Server, request},
};

on_both_engines! {
    a_mail_that_is_refused_is_given_up,
    what_is_not_taken_is_tried_again_and_nothing_overtakes_it,
    mail_servers_of_every_kind_are_survived,
    of_several_nodes_one_sends_each_mail,
    where_no_mail_is_sent_nothing_is_written,
}

const EMMY: &str = "emmy@example.com";
const START: &str = "2026-03-03T09:00:00Z";

/// Ada, and an event type of hers that can always be booked.
async fn ada_with_event_type(test: &Test) -> (Caller, String) {
    let ada = test.as_user("ada");
    ada.always_open("UTC").await;
    let event_type = ada.event_type(json!({})).await;
    (ada, event_type)
}

/// The mails with a status, once there are so many of them; the first one first.
async fn listed(test: &Test, status: &str, mails: usize) -> Vec<Value> {
    let query = [
        ("organization", test.organization.as_str()),
        ("status", status),
        ("count", "100"),
    ];
    let look = async {
        loop {
            let page = path("/outgoing_communications", &query);
            let mut listed = test.as_owner().get(page).await.collection();
            if mails <= listed.len() {
                listed.reverse();
                return listed;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    if let Ok(listed) = tokio::time::timeout(Duration::from_mins(3), look).await {
        return listed;
    }
    let query = [
        ("organization", test.organization.as_str()),
        ("status", "waiting"),
    ];
    let page = path("/outgoing_communications", &query);
    let waiting = test.as_owner().get(page).await.collection();
    panic!("not {mails} mails are {status}: {waiting:#?}")
}

async fn a_mail_that_is_refused_is_given_up(test: Test) {
    let server = MailServer::acting(|to, _| match to {
        EMMY => Conduct::Refuse("550 5.1.1 nobody is called emmy@example.com"),
        _ => Conduct::Take,
    });
    let server = server.await;
    let test = test.mailing(&server).await;
    let (ada, event_type) = ada_with_event_type(&test).await;
    ada.book(&event_type, START).await.expect(201);
    let [failed] = listed(&test, "failed", 1).await.try_into().unwrap();
    assert_eq!(failed["to"], EMMY);
    assert_eq!(failed["attempts"], 1);
    assert_eq!(failed["sent_at"], Value::Null);
    let error = text(&failed["last_error"]);
    assert!(
        error.contains("550") && error.contains("nobody is called"),
        "{error}"
    );
    let [sent] = listed(&test, "sent", 1).await.try_into().unwrap();
    assert_eq!(sent["to"], "ada@example.com");
    // the next one about the meeting does not wait for it
    let events = ada
        .get(path("/scheduled_events", &[("user", &ada.uri)]))
        .await
        .collection();
    let cancellation = format!("{}/cancellation", text(&events[0]["uri"]));
    ada.post(cancellation, json!({})).await.expect(201);
    listed(&test, "failed", 2).await;
    assert_eq!(server.wait_for(2).await.len(), 2);
}

async fn what_is_not_taken_is_tried_again_and_nothing_overtakes_it(test: Test) {
    let server = MailServer::acting(|to, number| match to {
        EMMY if number == 0 => Conduct::Refuse("451 come back later"),
        _ => Conduct::Take,
    });
    let server = server.await;
    let test = test.mailing(&server).await;
    let (ada, event_type) = ada_with_event_type(&test).await;
    let invitee = ada.book(&event_type, START).await.resource(201);
    let cancellation = format!("{}/cancellation", text(&invitee["event"]));
    ada.post(cancellation, json!({})).await.expect(201);
    server.wait_for(4).await;
    let mut order = server.received();
    order.retain(|mail| mail.to == EMMY);
    let subjects: Vec<String> = order
        .iter()
        .map(crate::mail_server::Mail::subject)
        .collect();
    assert_eq!(
        subjects,
        [
            "Confirmed: Intro call with ada",
            "Canceled: Intro call with ada"
        ]
    );
    let mut sent = listed(&test, "sent", 4).await;
    sent.retain(|mail| mail["to"] == EMMY);
    let tried = text(&sent[0]["last_error"]);
    assert!(tried.contains("451"), "{tried}");
    assert_eq!(sent[0]["attempts"], 2);
    assert_eq!(
        (&sent[1]["attempts"], &sent[1]["last_error"]),
        (&json!(1), &Value::Null)
    );
}

async fn mail_servers_of_every_kind_are_survived(test: Test) {
    let server = MailServer::acting(|to, number| match (to, number) {
        ("hang@example.com", 0) => Conduct::Hang,
        ("before@example.com", 0) => Conduct::DieBefore,
        ("after@example.com", 0) => Conduct::DieAfter,
        ("odd@example.com", 0) => Conduct::Refuse("what a day"),
        _ => Conduct::Take,
    });
    let server = server.await;
    let test = test.mailing(&server).await;
    let (ada, event_type) = ada_with_event_type(&test).await;
    let mut booking = crate::caller::booking(&event_type, START);
    let guests = ["hang", "before", "after", "odd"].map(|name| format!("{name}@example.com"));
    booking["event_guests"] = json!(guests);
    ada.post("/invitees", booking).await.expect(201);
    // the first ones need not wait for the others
    let first = server.wait_for(3).await;
    assert!(first.iter().any(|mail| mail.to == EMMY));
    let sent = listed(&test, "sent", 6).await;
    assert_eq!(sent.len(), 6);
    // the one that died had the mail: it has it twice now, under one id
    let mut twice = server.received();
    twice.retain(|mail| mail.to == "after@example.com");
    assert_eq!(twice.len(), 2);
    let ids: BTreeSet<String> = twice
        .iter()
        .map(|mail| mail.header("Message-ID").unwrap())
        .collect();
    assert_eq!(ids.len(), 1);
    for to in [
        "hang@example.com",
        "before@example.com",
        "odd@example.com",
        EMMY,
    ] {
        assert_eq!(
            server
                .received()
                .iter()
                .filter(|mail| mail.to == to)
                .count(),
            1,
            "{to}"
        );
    }
}

async fn of_several_nodes_one_sends_each_mail(test: Test) {
    let server = MailServer::start().await;
    let nodes = [
        test.mailing(&server).await,
        test.mailing(&server).await,
        test.mailing(&server).await,
    ];
    let (ada, event_type) = ada_with_event_type(&nodes[0]).await;
    let times: Vec<String> = (0..15)
        .map(|number| format!("2026-03-03T{:02}:00:00Z", number + 5))
        .collect();
    for (number, start) in times.iter().enumerate() {
        let there = Caller {
            router: nodes[number % 3].as_user("ada").router,
            ..ada.clone()
        };
        there.book(&event_type, start).await.expect(201);
    }
    let sent = listed(&nodes[0], "sent", 30).await;
    assert!(sent.iter().all(|mail| mail["attempts"] == 1), "{sent:#?}");
    let received = server.received();
    let ids: BTreeSet<String> = received
        .iter()
        .map(|mail| mail.header("Message-ID").unwrap())
        .collect();
    assert_eq!((received.len(), ids.len()), (30, 30));
}

async fn where_no_mail_is_sent_nothing_is_written(test: Test) {
    let (ada, event_type) = ada_with_event_type(&test).await;
    ada.book(&event_type, START).await.expect(201);
    let server = MailServer::start().await;
    let test = test.mailing(&server).await;
    for status in ["waiting", "sent", "failed"] {
        assert_eq!(listed(&test, status, 0).await, [] as [Value; 0]);
    }
    test.as_user("ada")
        .book(&event_type, "2026-03-03T10:00:00Z")
        .await
        .expect(201);
    listed(&test, "sent", 2).await;
    assert_eq!(server.begun(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_is_killed_sends_what_it_did_not_note_again_under_the_same_id() {
    let mails = MailServer::acting(|_, number| match number {
        0 => Conduct::HangAfter,
        _ => Conduct::Take,
    });
    let mails = mails.await;
    let folder = Folder::new();
    let demo = |now: &str| {
        let settings = ["--now", now, "--smtp-url", &mails.url, "--mail-from", FROM];
        Server::demo(&folder, &settings)
    };
    let server = demo("2026-03-02T08:00:00Z");
    let event_type = open_calendar(&server);
    // made-up meetings are in the weeks before
    let booking = crate::caller::booking(&event_type, "2026-06-01T09:00:00Z");
    let (status, body) = request(&server.address, ("POST", "/invitees"), Some(&booking)).unwrap();
    assert_eq!(status, 201, "{body}");
    let first = mails.wait_for(2).await;
    server.kill();
    // by then nobody can still be sending it
    let server = demo("2026-03-02T08:02:00Z");
    mails.wait_for(4).await;
    let second = mails.received().split_off(2);
    let ids = |mails: &[crate::mail_server::Mail]| -> BTreeSet<String> {
        mails
            .iter()
            .map(|mail| mail.header("Message-ID").unwrap())
            .collect()
    };
    assert_eq!(ids(&first).len(), 2);
    assert_eq!(ids(&first), ids(&second));
    drop(server);
}
