//! Round robin while times are held: a hold is a turn until it ends.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::{
    caller::{Caller, text, uri},
    harness::Test,
    holds::{book_held, hold},
    pooled_hosts::{booked, held_by, hosted, newcomer},
};

on_both_engines! {
    three_holds_in_a_row_go_to_three_hosts,
    a_hold_that_has_ended_was_no_turn,
    holds_of_other_event_types_are_no_turns,
}

/// A round robin of three equal hosts who are always free, and their URIs.
async fn crew(test: &Test) -> (String, [String; 3]) {
    let crew = [
        test.as_user("ada"),
        test.as_user("ben"),
        newcomer(test, "cleo", "person").await,
    ];
    for caller in &crew {
        caller.always_open("UTC").await;
    }
    let uris = crew.map(|caller| caller.uri);
    let event_type = round_robin(test, &uris, "Crew").await;
    (event_type, uris)
}

async fn round_robin(test: &Test, hosts: &[String], name: &str) -> String {
    let hosts = hosts.iter().map(|uri| json!({"user": uri}));
    let hosts = json!(hosts.collect::<Vec<_>>());
    hosted(test, "round_robin", hosts, json!({"name": name})).await
}

fn start(hour: u8) -> String {
    format!("2026-03-03T{hour:02}:00:00Z")
}

/// Holds an hour; the hold.
async fn held(caller: &Caller, event_type: &str, hour: u8) -> Value {
    hold(caller, event_type, &start(hour)).await.resource(201)
}

async fn three_holds_in_a_row_go_to_three_hosts(test: Test) {
    let olga = test.as_owner();
    let (event_type, uris) = crew(&test).await;
    let mut holds = Vec::new();
    for hour in 9..12 {
        holds.push(held(&olga, &event_type, hour).await);
    }
    let given: BTreeSet<String> = holds.iter().map(|held| text(&held["hosts"][0])).collect();
    assert_eq!(given, uris.into());
    // what becomes a booking is one turn as before: everybody has one then
    for (hour, held) in (9..12).zip(&holds) {
        let time = start(hour);
        let invitee = book_held(&olga, (&event_type, &time), &uri(held)).await;
        let event = text(&invitee.resource(201)["event"]);
        let event = olga.get(event).await.resource(200);
        assert_eq!(event["event_memberships"][0]["user"], held["hosts"][0]);
    }
    let mut again = BTreeSet::new();
    for hour in 13..15 {
        again.extend(held_by(&test, &booked(&olga, &event_type, &start(hour)).await).await);
    }
    let last = held(&olga, &event_type, 15).await;
    let last = olga.get(text(&last["hosts"][0])).await.resource(200);
    again.insert(text(&last["name"]));
    assert_eq!(again.len(), 3, "{again:?}");
}

async fn a_hold_that_has_ended_was_no_turn(test: Test) {
    let olga = test.as_owner();
    let (event_type, [ada, ben, _]) = crew(&test).await;
    let first = held(&olga, &event_type, 9).await;
    assert_eq!(first["hosts"], json!([ada]));
    let freed = held(&olga, &event_type, 10).await;
    assert_eq!(freed["hosts"], json!([ben]));
    olga.delete(uri(&freed)).await.expect(204);
    let second = held(&olga, &event_type, 11).await;
    assert_eq!(second["hosts"], json!([ben]));
    // ten minutes later both have ended: nobody has had a turn
    let later = test.at("2026-03-02T08:10:00Z").await.as_owner();
    let event = booked(&later, &event_type, &start(9)).await;
    assert_eq!(held_by(&test, &event).await, ["ada"]);
    let next = held(&later, &event_type, 10).await;
    assert_eq!(next["hosts"], json!([ben]));
}

async fn holds_of_other_event_types_are_no_turns(test: Test) {
    let olga = test.as_owner();
    let (event_type, uris) = crew(&test).await;
    let other = round_robin(&test, &uris, "Other").await;
    let fixed = json!([{"user": uris[0], "fixed": true}, {"user": uris[1]}, {"user": uris[2]}]);
    let fields = json!({"name": "Fixed"});
    let with_fixed = hosted(&test, "round_robin", fixed, fields).await;
    for (of, hour) in [(&other, 9), (&with_fixed, 10)] {
        let hosts = held(&olga, of, hour).await["hosts"].clone();
        assert_eq!(hosts[0], json!(uris[0]));
    }
    let first = held(&olga, &event_type, 12).await;
    assert_eq!(first["hosts"], json!([uris[0]]));
}
