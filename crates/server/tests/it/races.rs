//! Requests that come at the same moment: nobody is ever booked twice.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::{
    caller::{Answer, Caller, path, text, uri},
    harness::Test,
};

on_all_deployments! {
    of_64_who_want_the_same_20_times_20_win,
    meetings_that_overlap_in_part_are_not_both_won,
    of_two_events_that_move_to_one_time_one_moves,
    a_cancel_and_a_move_at_once_do_not_both_happen,
    two_who_want_one_address_do_not_both_get_it,
    of_16_who_have_one_name_each_gets_a_slug,
}

async fn of_16_who_have_one_name_each_gets_a_slug(test: Test) {
    let owner = test.as_owner();
    let create = |path: &'static str, body: fn(&str, usize) -> Value| {
        let requests = (0..16).map(|number| {
            let owner = owner.clone();
            let body = body(&owner.uri, number);
            async move { owner.post(path, body).await }
        });
        at_once(requests.collect::<Vec<_>>())
    };
    let event_types = create(
        "/event_types",
        |owner, _| json!({"owner": owner, "name": "Intro call"}),
    );
    let users = create(
        "/users",
        |_, number| json!({"name": "Ada Lovelace", "email": format!("ada{number}@example.com")}),
    );
    for answers in [event_types.await, users.await] {
        let slugs: BTreeSet<String> = answers
            .iter()
            .map(|answer| text(&answer.resource(201)["slug"]))
            .collect();
        assert_eq!(slugs.len(), 16, "{slugs:?}");
    }
}

/// Sends all requests at once.
pub async fn at_once<F>(requests: impl IntoIterator<Item = F>) -> Vec<Answer>
where
    F: Future<Output = Answer> + Send + 'static,
{
    let mut tasks = JoinSet::new();
    for request in requests {
        tasks.spawn(request);
    }
    tasks.join_all().await
}

async fn booked(caller: Caller, event_type: String, start: String) -> Answer {
    caller.book(&event_type, &start).await
}

/// All active events of the organization.
pub async fn active_events(test: &Test) -> Vec<Value> {
    let owner = test.as_owner();
    let query = [
        ("organization", test.organization.as_str()),
        ("status", "active"),
        ("count", "100"),
    ];
    let mut next = json!(path("/scheduled_events", &query));
    let mut events = Vec::new();
    while let Some(page) = next.as_str() {
        let mut page = owner.get(page).await.expect(200);
        events.append(page["collection"].as_array_mut().unwrap());
        next = page["pagination"]["next_page"].take();
    }
    events
}

/// Fails if a meeting of one of its hosts lies within another one of theirs or within its buffers.
pub fn no_conflicts(events: &[Value]) {
    let mut held: BTreeMap<String, Vec<[String; 5]>> = BTreeMap::new();
    for event in events {
        for host in event["event_memberships"].as_array().unwrap() {
            let meeting = [
                text(&host["buffered_start_time"]),
                text(&event["start_time"]),
                text(&event["end_time"]),
                text(&host["buffered_end_time"]),
                uri(event),
            ];
            held.entry(text(&host["user"])).or_default().push(meeting);
        }
    }
    for (host, mut meetings) in held {
        meetings.sort();
        for (place, one) in meetings.iter().enumerate() {
            let [_, start, end, buffered_end, _] = one;
            let later = &meetings[place + 1..];
            let near = later.iter().take_while(|other| other[0] < *buffered_end);
            for other in near {
                let [
                    other_buffered_start,
                    other_start,
                    other_end,
                    other_buffered_end,
                    _,
                ] = other;
                let in_other = start < other_buffered_end && other_buffered_start < end;
                let in_one = other_start < buffered_end && one[0] < *other_end;
                assert!(
                    !in_other && !in_one,
                    "{host}: {one:?} conflicts with {other:?}"
                );
            }
        }
    }
}

fn twenty_times() -> Vec<String> {
    let time = |index: usize| {
        format!(
            "2026-03-0{}T{:02}:{:02}:00.000000Z",
            3 + index / 10,
            9 + index % 10 / 2,
            index % 2 * 30
        )
    };
    (0..20).map(time).collect()
}

/// 64 tasks go through the same 20 times, each beginning at another one.
async fn scramble(callers: &[Caller], event_type: &str) -> Vec<Answer> {
    let mut tasks = JoinSet::new();
    for task in 0..64 {
        let caller = callers[task % callers.len()].clone();
        let event_type = event_type.to_owned();
        tasks.spawn(async move {
            let mut times = twenty_times();
            times.rotate_left(task % 20);
            let mut answers = Vec::new();
            for time in times {
                answers.push(caller.book(&event_type, &time).await);
            }
            answers
        });
    }
    tasks.join_all().await.into_iter().flatten().collect()
}

async fn twenty_win(test: &Test, callers: &[Caller], event_type: &str) {
    let answers = scramble(callers, event_type).await;
    let (won, lost): (Vec<Answer>, Vec<Answer>) =
        answers.into_iter().partition(|answer| answer.status == 201);
    assert_eq!(won.len(), 20);
    let events: BTreeSet<String> = won
        .iter()
        .map(|answer| text(&answer.resource(201)["event"]))
        .collect();
    let active = active_events(test).await;
    assert_eq!(active.iter().map(uri).collect::<BTreeSet<_>>(), events);
    let starts: BTreeSet<String> = active
        .iter()
        .map(|event| text(&event["start_time"]))
        .collect();
    assert_eq!(starts, twenty_times().into_iter().collect());
    assert_eq!(lost.len(), 64 * 20 - 20);
    for answer in &lost {
        let refusal = answer.refused(409, "time_taken");
        assert!(!refusal["alternatives"].as_array().unwrap().is_empty());
    }
    // now that nobody races, what is proposed can be had
    let refusal = callers[0]
        .book(event_type, "2026-03-03T09:00:00Z")
        .await
        .refused(409, "time_taken");
    for start in refusal["alternatives"].as_array().unwrap() {
        callers[0].book(event_type, &text(start)).await.expect(201);
    }
}

async fn of_64_who_want_the_same_20_times_20_win(test: Test) {
    let ada = test.as_user("ada");
    let event_type = ada.event_type(json!({})).await;
    twenty_win(&test, &[ada, test.as_owner()], &event_type).await;
}

async fn meetings_that_overlap_in_part_are_not_both_won(test: Test) {
    let ada = test.as_user("ada");
    let long = json!({"name": "Long", "duration": 60, "start_time_increment": 15});
    let padded = json!({"name": "Padded", "duration": 20, "start_time_increment": 10, "before_buffer": 15, "after_buffer": 25});
    let event_types = [ada.event_type(long).await, ada.event_type(padded).await];
    let mut requests = Vec::new();
    for (event_type, step) in event_types.iter().zip([15, 10]) {
        for minute in (0..240).step_by(step) {
            let start = format!("2026-03-03T{:02}:{:02}:00Z", 9 + minute / 60, minute % 60);
            requests.push(booked(ada.clone(), event_type.clone(), start));
        }
    }
    let answers = at_once(requests).await;
    let won = answers.iter().filter(|answer| answer.status == 201).count();
    for answer in answers.iter().filter(|answer| answer.status != 201) {
        answer.refused(409, "time_taken");
    }
    let events = active_events(&test).await;
    assert_eq!(events.len(), won);
    assert!(won >= 2, "{won}");
    no_conflicts(&events);
}

async fn of_two_events_that_move_to_one_time_one_moves(test: Test) {
    let ada = test.as_user("ada");
    let event_type = ada.event_type(json!({})).await;
    for day in 3..7 {
        let at = |hour: u8| format!("2026-03-0{day}T{hour:02}:00:00.000000Z");
        let mut moves = Vec::new();
        for hour in [9, 10] {
            let event = text(&ada.book(&event_type, &at(hour)).await.resource(201)["event"]);
            let (caller, body) = (ada.clone(), json!({"start_time": at(14)}));
            moves.push(async move { caller.post(format!("{event}/rescheduling"), body).await });
        }
        let answers = at_once(moves).await;
        let won = answers.iter().filter(|answer| answer.status == 201).count();
        assert_eq!(won, 1, "{answers:?}");
        let lost = answers.iter().find(|answer| answer.status != 201).unwrap();
        lost.refused(409, "time_taken");
        // who lost kept the old time, who won gave it up
        let mut taken: Vec<u8> = Vec::new();
        for hour in [9, 10, 14] {
            if ada.book(&event_type, &at(hour)).await.status == 409 {
                taken.push(hour);
            }
        }
        assert!(taken == [9, 14] || taken == [10, 14], "{taken:?}");
    }
    no_conflicts(&active_events(&test).await);
}

async fn a_cancel_and_a_move_at_once_do_not_both_happen(test: Test) {
    let ada = test.as_user("ada");
    let event_type = ada.event_type(json!({})).await;
    let mut expected = 0;
    for day in 3..7 {
        let event = text(
            &ada.book(&event_type, &format!("2026-03-0{day}T09:00:00Z"))
                .await
                .resource(201)["event"],
        );
        let request = |action: &str, body: Value| {
            let (caller, path) = (ada.clone(), format!("{event}/{action}"));
            async move { caller.post(path, body).await }
        };
        let to = json!({"start_time": format!("2026-03-0{day}T15:00:00Z")});
        let answers = at_once([
            request("cancellation", json!({})),
            request("rescheduling", to),
        ])
        .await;
        let mut statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
        statuses.sort_unstable();
        assert_eq!(statuses, [201, 403]);
        let moved = answers
            .iter()
            .any(|answer| answer.status == 201 && answer.resource(201)["start_time"].is_string());
        expected += usize::from(moved);
        assert_eq!(ada.get(&event).await.resource(200)["status"], "canceled");
        let new = ada
            .book(&event_type, &format!("2026-03-0{day}T15:00:00Z"))
            .await;
        assert_eq!(new.status, if moved { 409 } else { 201 });
        expected += usize::from(!moved);
    }
    assert_eq!(active_events(&test).await.len(), expected);
}

async fn two_who_want_one_address_do_not_both_get_it(test: Test) {
    let owner = test.as_owner();
    let request = |index: usize| {
        let (caller, email) = (owner.clone(), format!("new{}@example.com", index % 4));
        async move {
            caller
                .post("/users", json!({"name": "New", "email": email}))
                .await
        }
    };
    let answers = at_once((0..16).map(request)).await;
    let won = answers.iter().filter(|answer| answer.status == 201).count();
    assert_eq!(won, 4);
    for answer in answers.iter().filter(|answer| answer.status != 201) {
        answer.refused(409, "already_exists");
    }
}
