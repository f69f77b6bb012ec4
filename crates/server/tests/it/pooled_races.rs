//! Meetings of several hosts that are booked at the same moment: nobody is booked twice, and turns stay fair.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::{
    caller::{Answer, Caller, text},
    harness::Test,
    pooled_hosts::{hosted, newcomer},
    races::{active_events, no_conflicts},
};

on_all_deployments! {
    of_a_thousand_meetings_each_of_five_hosts_gets_two_hundred,
    a_start_is_given_at_most_once_to_each_host,
    meetings_of_the_same_hosts_in_other_orders_do_not_block_each_other,
    hosts_may_change_while_meetings_are_booked,
}

const TASKS: usize = 64;

/// Five people who are always free.
async fn five(test: &Test) -> Vec<Caller> {
    let mut five = vec![test.as_admin(), test.as_user("ada"), test.as_user("ben")];
    for name in ["cleo", "dora"] {
        five.push(newcomer(test, name, "person").await);
    }
    for caller in &five {
        caller.always_open("UTC").await;
    }
    five
}

fn named(hosts: &[Caller], order: &[usize]) -> Value {
    let hosts = order.iter().map(|&index| json!({"user": hosts[index].uri}));
    json!(hosts.collect::<Vec<_>>())
}

/// The quarter of an hour with this number.
fn quarter(number: usize) -> String {
    let (day, hour, minute) = (3 + number / 96, number / 4 % 24, number % 4 * 15);
    format!("2026-03-{day:02}T{hour:02}:{minute:02}:00Z")
}

/// As many tasks as there may be take the next booking until there is none; the answers of all.
async fn book_all(caller: &Caller, bookings: Vec<(String, String)>) -> Vec<Answer> {
    let next = Arc::new(AtomicUsize::new(0));
    let bookings = Arc::new(bookings);
    let mut tasks = JoinSet::new();
    for _ in 0..TASKS {
        let caller = caller.clone();
        let (next, bookings) = (next.clone(), bookings.clone());
        tasks.spawn(async move {
            let mut answers = Vec::new();
            while let Some((event_type, start)) = bookings.get(next.fetch_add(1, Ordering::Relaxed))
            {
                answers.push(caller.book(event_type, start).await);
            }
            answers
        });
    }
    tasks.join_all().await.into_iter().flatten().collect()
}

/// How many meetings each host has.
fn counts(events: &[Value]) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    let hosts = events
        .iter()
        .flat_map(|event| event["event_memberships"].as_array().unwrap());
    for host in hosts {
        *counts.entry(text(&host["user_name"])).or_default() += 1;
    }
    counts
}

async fn of_a_thousand_meetings_each_of_five_hosts_gets_two_hundred(test: Test) {
    let hosts = named(&five(&test).await, &[0, 1, 2, 3, 4]);
    let quarters = json!({"duration": 15, "start_time_increment": 15});
    let event_type = hosted(&test, "round_robin", hosts, quarters).await;
    let bookings = (0..1000).map(|number| (event_type.clone(), quarter(number)));
    let caller = test.as_owner();
    for answer in book_all(&caller, bookings.collect()).await {
        answer.expect(201);
    }
    let events = active_events(&test).await;
    assert_eq!(events.len(), 1000);
    no_conflicts(&events);
    let counts = counts(&events);
    assert_eq!(counts.values().collect::<Vec<_>>(), [&200; 5], "{counts:?}");
}

/// The events of those who won, once it is sure that all others were told that the time is taken.
async fn won(test: &Test, answers: &[Answer]) -> Vec<Value> {
    let (won, lost): (Vec<&Answer>, Vec<&Answer>) =
        answers.iter().partition(|answer| answer.status == 201);
    for answer in lost {
        answer.refused(409, "time_taken");
    }
    let events = active_events(test).await;
    assert_eq!(events.len(), won.len());
    no_conflicts(&events);
    events
}

async fn a_start_is_given_at_most_once_to_each_host(test: Test) {
    let hosts = named(&five(&test).await, &[4, 3, 2, 1, 0]);
    // longer than the step: who has one start has none beside it
    let fields = json!({"duration": 25, "start_time_increment": 15, "after_buffer": 5});
    let event_type = hosted(&test, "round_robin", hosts, fields).await;
    let bookings = (0..600).map(|number| (event_type.clone(), quarter(number * 7 % 100)));
    let caller = test.as_owner();
    let answers = book_all(&caller, bookings.collect()).await;
    let events = won(&test, &answers).await;
    let mut given: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for event in &events {
        let host = text(&event["event_memberships"][0]["user"]);
        let hosts = given.entry(text(&event["start_time"])).or_default();
        assert!(hosts.insert(host), "{event:#}");
    }
    // every start that is not booked out has neighbours that take the hosts
    assert!(events.len() >= 100 * 5 / 3, "{}", events.len());
}

async fn meetings_of_the_same_hosts_in_other_orders_do_not_block_each_other(test: Test) {
    let five = five(&test).await;
    let mut event_types = Vec::new();
    for order in [
        &[0, 1, 2][..],
        &[2, 1, 0],
        &[4, 2, 0, 3],
        &[3, 4],
        &[1, 4, 0, 2, 3],
    ] {
        let name = json!({"name": format!("{order:?}"), "start_time_increment": 15});
        event_types.push(hosted(&test, "collective", named(&five, order), name).await);
    }
    let some = json!({"name": "Some", "start_time_increment": 15});
    event_types.push(hosted(&test, "round_robin", named(&five, &[4, 0, 2]), some).await);
    // the owners of these are hosts of the others
    for caller in &five[..3] {
        let own = json!({"name": "Own", "duration": 15, "start_time_increment": 15});
        event_types.push(caller.event_type(own).await);
    }
    let all = event_types.len();
    let bookings = (0..600).map(|number| (event_types[number % all].clone(), quarter(number / 8)));
    let caller = test.as_owner();
    let answers = book_all(&caller, bookings.collect()).await;
    let events = won(&test, &answers).await;
    for event in &events {
        let hosts = event["event_memberships"].as_array().unwrap().len();
        let place = event_types
            .iter()
            .position(|uri| event["event_type"] == **uri);
        assert_eq!(hosts, [3, 3, 4, 2, 5, 1, 1, 1, 1][place.unwrap()]);
    }
}

async fn hosts_may_change_while_meetings_are_booked(test: Test) {
    let five = five(&test).await;
    let fields = json!({"start_time_increment": 15, "before_buffer": 10});
    let event_type = hosted(&test, "round_robin", named(&five, &[0, 1]), fields).await;
    let together = json!({"name": "Together"});
    let together = hosted(&test, "collective", named(&five, &[1, 2]), together).await;
    let own = five[2].event_type(json!({"name": "Own"})).await;
    let caller = test.as_owner();
    let edits = {
        let (caller, event_type, together) = (caller.clone(), event_type.clone(), together.clone());
        let five = five.clone();
        tokio::spawn(async move {
            for round in 0..24 {
                let at = |index: usize| (round + index) % 5;
                let some = json!({"hosts": named(&five, &[at(3), at(0), at(2)])});
                caller.patch(&event_type, some).await.expect(200);
                let all = json!({"hosts": named(&five, &[at(4), at(1)])});
                caller.patch(&together, all).await.expect(200);
            }
        })
    };
    let event_types = [&event_type, &together, &own];
    let bookings = (0..450).map(|number| {
        (
            event_types[number % 3].clone(),
            quarter(number / 3 * 2 % 150),
        )
    });
    let answers = book_all(&caller, bookings.collect()).await;
    edits.await.unwrap();
    let events = won(&test, &answers).await;
    assert!(counts(&events).len() > 2);
}
