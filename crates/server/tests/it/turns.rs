//! Round robin: whose turn it is.

use std::{collections::BTreeMap, convert::Infallible};

use domain::id::{OrganizationId, UserId};
use serde_json::{Value, json};
use store::{Command, WriteError, WriteTx, hosts};
use uuid::Uuid;

use crate::{
    caller::{Caller, uri},
    harness::Test,
    pooled_hosts::{blocked, booked, held_by, hosted, newcomer, on_day},
};

on_both_engines! {
    those_of_the_highest_priority_come_first,
    weights_are_shares_of_the_meetings,
    who_was_longest_without_comes_first,
    canceled_meetings_do_not_count,
    who_comes_later_catches_up_with_who_was_alone,
    the_host_stays_when_a_meeting_moves_if_free,
    who_cannot_be_read_is_left_out,
}

/// Three people who are always free, with what is said of each as a host.
async fn crew(test: &Test, settings: [Value; 3]) -> (Vec<Caller>, Value) {
    let mut crew = Vec::new();
    let mut hosts = Vec::new();
    for (name, mut host) in ["ada", "ben", "cleo"].into_iter().zip(settings) {
        let caller = match name {
            "cleo" => newcomer(test, name, "person").await,
            known => test.as_user(known),
        };
        caller.always_open("UTC").await;
        host["user"] = json!(caller.uri);
        hosts.push(host);
        crew.push(caller);
    }
    (crew, json!(hosts))
}

/// The half hour with this number.
fn start(number: usize) -> String {
    let (day, hour, half) = (3 + number / 48, number / 2 % 24, number % 2 * 30);
    format!("2026-03-{day:02}T{hour:02}:{half:02}:00Z")
}

/// Who holds the meeting that is booked at this half hour.
async fn turn(test: &Test, event_type: &str, number: usize) -> String {
    let event = booked(&test.as_user("ada"), event_type, &start(number)).await;
    held_by(test, &event).await.concat()
}

async fn those_of_the_highest_priority_come_first(test: Test) {
    let settings = [
        json!({"priority": 10}),
        json!({"priority": 60}),
        json!({"priority": 60}),
    ];
    let (crew, hosts) = crew(&test, settings).await;
    let event_type = hosted(&test, "round_robin", hosts, json!({})).await;
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for number in 0..6 {
        *counts
            .entry(turn(&test, &event_type, number).await)
            .or_default() += 1;
    }
    let expected = BTreeMap::from([("ben".to_owned(), 3), ("cleo".to_owned(), 3)]);
    assert_eq!(counts, expected);
    // when they are taken, the others have their turn
    for caller in &crew[1..] {
        blocked(caller, "2026-03-04T00:00:00Z", "2026-03-05T00:00:00Z").await;
    }
    assert_eq!(turn(&test, &event_type, 48).await, "ada");
    // and who has had less does not come before a higher priority
    assert_ne!(turn(&test, &event_type, 96).await, "ada");
}

async fn weights_are_shares_of_the_meetings(test: Test) {
    let weights = [1, 2, 3];
    let (_, hosts) = crew(&test, weights.map(|weight| json!({"weight": weight}))).await;
    let event_type = hosted(&test, "round_robin", hosts, json!({})).await;
    let names = ["ada", "ben", "cleo"];
    let mut counts = [0; 3];
    for number in 0..60 {
        let host = turn(&test, &event_type, number).await;
        counts[names.iter().position(|name| *name == host).unwrap()] += 1;
        for (count, weight) in counts.iter().zip(weights) {
            // less than one meeting away from the share: number × weight ÷ 6
            let share = (i32::try_from(number).unwrap() + 1) * weight;
            assert!((6 * count - share).abs() < 6, "{counts:?}");
        }
    }
    assert_eq!(counts, [10, 20, 30]);
}

async fn who_was_longest_without_comes_first(test: Test) {
    let (crew, hosts) = crew(&test, [json!({}), json!({}), json!({})]).await;
    let event_type = hosted(&test, "round_robin", hosts, json!({})).await;
    // nobody has had a meeting: the lowest id is that of who came first
    let mut turns = Vec::new();
    for number in 0..3 {
        turns.push(turn(&test, &event_type, number).await);
    }
    assert_eq!(turns, ["ada", "ben", "cleo"]);
    // out of turn, because the others are taken
    for caller in [&crew[0], &crew[1]] {
        blocked(caller, "2026-03-04T00:00:00Z", "2026-03-05T00:00:00Z").await;
    }
    assert_eq!(turn(&test, &event_type, 48).await, "cleo");
    // two meetings for everybody, and then by the time of the last one
    for (number, host) in [
        (96, "ada"),
        (97, "ben"),
        (98, "cleo"),
        (99, "ada"),
        (100, "ben"),
    ] {
        assert_eq!(turn(&test, &event_type, number).await, host, "{number}");
    }
}

async fn canceled_meetings_do_not_count(test: Test) {
    let (crew, hosts) = crew(&test, [json!({}), json!({}), json!({})]).await;
    let event_type = hosted(&test, "round_robin", hosts, json!({})).await;
    for number in 0..4 {
        let event = booked(&crew[0], &event_type, &start(number)).await;
        assert_eq!(held_by(&test, &event).await, ["ada"], "{number}");
        let cancellation = format!("{event}/cancellation");
        let canceled = crew[2].post(cancellation, json!({})).await;
        canceled.expect(201);
    }
    // a dry run and a refusal count as little
    let body = crate::caller::booking(&event_type, &start(0));
    crew[0]
        .post("/invitees?dry_run=true", body)
        .await
        .expect(200);
    crew[0]
        .book(&event_type, "2026-03-03T00:01:00Z")
        .await
        .expect(400);
    assert_eq!(turn(&test, &event_type, 0).await, "ada");
    assert_eq!(turn(&test, &event_type, 1).await, "ben");
}

async fn who_comes_later_catches_up_with_who_was_alone(test: Test) {
    let (crew, hosts) = crew(&test, [json!({}), json!({}), json!({})]).await;
    let event_type = hosted(&test, "round_robin", json!([hosts[0]]), json!({})).await;
    for number in 0..3 {
        assert_eq!(turn(&test, &event_type, number).await, "ada");
    }
    let edit = json!({"hosts": [hosts[0], hosts[1]]});
    crew[2].patch(&event_type, edit).await.expect(200);
    let mut turns = Vec::new();
    for number in 3..8 {
        turns.push(turn(&test, &event_type, number).await);
    }
    assert_eq!(turns, ["ben", "ben", "ben", "ada", "ben"]);
    // 31 days later all of that is forgotten
    let later = test.at("2026-04-04T00:00:00Z").await;
    let edit = json!({"hosts": [hosts[2], hosts[1], hosts[0]]});
    let cleo = Caller {
        uri: crew[2].uri.clone(),
        ..later.as_owner()
    };
    cleo.patch(&event_type, edit).await.expect(200);
    let mut turns = Vec::new();
    for hour in 10..13 {
        let start = format!("2026-04-06T{hour}:00:00Z");
        turns.extend(held_by(&later, &booked(&cleo, &event_type, &start).await).await);
    }
    turns.sort();
    assert_eq!(turns, ["ada", "ben", "cleo"]);
}

async fn the_host_stays_when_a_meeting_moves_if_free(test: Test) {
    let (crew, hosts) = crew(&test, [json!({}), json!({}), json!({})]).await;
    let event_type = hosted(&test, "round_robin", hosts, json!({})).await;
    let event = booked(&crew[0], &event_type, &start(0)).await;
    for number in 1..3 {
        turn(&test, &event_type, number).await;
    }
    assert_eq!(held_by(&test, &event).await, ["ada"]);
    let moved = async |event: &str, number: usize| {
        let body = json!({"start_time": start(number)});
        let answer = crew[2].post(format!("{event}/rescheduling"), body).await;
        uri(&answer.resource(201))
    };
    // it would be somebody else's turn: ada has the latest meeting as soon as this one has moved
    for number in [4, 5, 6] {
        turn(&test, &event_type, 100 + number).await;
    }
    let event = moved(&event, 10).await;
    assert_eq!(held_by(&test, &event).await, ["ada"]);
    let event = moved(&event, 11).await;
    assert_eq!(held_by(&test, &event).await, ["ada"]);
    // who is not free gives it to another one, whose own time it takes then
    blocked(&crew[0], "2026-03-04T00:00:00Z", "2026-03-05T00:00:00Z").await;
    let event = moved(&event, 60).await;
    let new = held_by(&test, &event).await.concat();
    assert_ne!(new, "ada");
    assert_eq!(on_day(&crew[0], &event_type, "2026-03-03").await.len(), 48);
    let index = ["ada", "ben", "cleo"].iter().position(|name| *name == new);
    let own = crew[index.unwrap()].uri.clone();
    let busy = crew[0].free(&own, &start(60), &start(61)).await;
    assert!(busy.is_empty(), "{busy:?}");
}

/// Writes rules that cannot be into the hours of everybody with one of these names.
struct Spoil(&'static [&'static str]);

impl Command for Spoil {
    type Output = ();
    type Refusal = Infallible;

    async fn run(&self, tx: &WriteTx<'_>) -> Result<(), WriteError<Infallible>> {
        for name in self.0 {
            let sql = "update user_availability_schedules set timezone = 'Nowhere'
  where user_id in (select id from users where name = $1)";
            tx.execute(sql, store::args![name]).await?;
        }
        let all = "select organization_id, id from hosts";
        for (organization, host) in tx.all::<(Uuid, Uuid)>(all, &[]).await? {
            hosts::bump_settings(tx, OrganizationId(organization), UserId(host)).await?;
        }
        Ok(())
    }
}

async fn who_cannot_be_read_is_left_out(test: Test) {
    let (crew, hosts) = crew(&test, [json!({}), json!({}), json!({})]).await;
    let event_type = hosted(&test, "round_robin", hosts.clone(), json!({})).await;
    let all = json!({"name": "All"});
    let collective = hosted(&test, "collective", hosts.clone(), all).await;
    test.app
        .store
        .unrecorded()
        .write(Spoil(&["ada", "ben"]))
        .await
        .unwrap();
    assert_eq!(on_day(&crew[0], &event_type, "2026-03-03").await.len(), 48);
    assert_eq!(turn(&test, &event_type, 0).await, "cleo");
    let hold = json!({"event_type": event_type, "start_time": start(1)});
    let placed = crew[0].post("/holds", hold).await.resource(201);
    assert_eq!(placed["hosts"], json!([crew[2].uri]));
    for number in [0, 1] {
        crew[0]
            .book(&event_type, &start(number))
            .await
            .refused(409, "time_taken");
    }
    // where everybody is needed nothing can be said
    fails(&crew[0], &collective).await;
    test.app
        .store
        .unrecorded()
        .write(Spoil(&["cleo"]))
        .await
        .unwrap();
    fails(&crew[0], &event_type).await;
}

/// Neither the starts nor a booking are answered, and nothing is booked.
async fn fails(caller: &Caller, event_type: &str) {
    let query = [
        ("event_type", event_type),
        ("start_time", "2026-03-05T00:00:00Z"),
        ("end_time", "2026-03-06T00:00:00Z"),
    ];
    let starts = crate::caller::path("/event_type_available_times", &query);
    let start = "2026-03-05T09:00:00Z";
    let hold = json!({"event_type": event_type, "start_time": start});
    let answers = [
        caller.get(starts).await,
        caller.book(event_type, start).await,
        caller.post("/holds", hold).await,
    ];
    for answer in answers {
        answer.refused(500, "internal_error");
    }
}
