//! The rest of a series that is canceled or moved at the same moment as one of its dates moves: one comes first.

use std::time::Duration;

use serde_json::{Value, json};

use crate::{
    caller::{Answer, Caller, text, uri},
    harness::Test,
    pooled_hosts::{hosted, newcomer},
    races::{active_events, at_once, no_conflicts},
    whole_series::{REST, cancel, daily, reschedule},
};

on_all_deployments! {
    a_date_that_moves_within_the_rest_is_canceled_or_stays,
    a_date_that_leaves_the_rest_stays_or_never_left,
    a_date_that_comes_into_the_rest_is_canceled_or_comes_after,
    the_rest_moves_with_or_without_the_date_that_moves,
}

/// A round robin of three, and the owner.
struct Race {
    caller: Caller,
    event_type: String,
    rounds: u64,
}

async fn race(test: &Test) -> Race {
    let mut people = vec![test.as_user("ada"), test.as_user("ben")];
    people.push(newcomer(test, "cleo", "person").await);
    for caller in &people {
        caller.always_open("UTC").await;
    }
    let hosts = people.iter().map(|caller| json!({"user": caller.uri}));
    let hosts = json!(hosts.collect::<Vec<_>>());
    let event_type = hosted(test, "round_robin", hosts, json!({})).await;
    let is_shared = test.app.store.unrecorded().engine() == store::Engine::Postgres;
    Race {
        caller: test.as_owner(),
        event_type,
        rounds: if is_shared { 24 } else { 6 },
    }
}

/// Who does what first changes from round to round.
async fn pause(round: u64, of: u64) {
    let (late, by) = (round % 2, round / 2 % 6 * 3);
    if late == of {
        tokio::time::sleep(Duration::from_millis(by)).await;
    }
}

impl Race {
    /// Cancels the rest of the series while one date moves; the answers, of the cancellation first.
    async fn run(&self, round: u64, (first, moving): (&str, &str), start: &str) -> [Answer; 2] {
        let canceling = {
            let (caller, event) = (self.caller.clone(), first.to_owned());
            async move {
                pause(round, 0).await;
                cancel(&caller, &event).await
            }
        };
        let canceling = tokio::spawn(canceling);
        let date = {
            let (caller, event, start) = (self.caller.clone(), moving.to_owned(), start.to_owned());
            async move {
                pause(round, 1).await;
                reschedule(&caller, &event, &start, "this").await
            }
        };
        let moved = at_once([date]).await.remove(0);
        [canceling.await.unwrap(), moved]
    }
}

/// The URIs of the active events; all of them are canceled then.
async fn cleared(test: &Test, race: &Race) -> Vec<String> {
    let events = active_events(test).await;
    no_conflicts(&events);
    let events: Vec<String> = events.iter().map(uri).collect();
    for event in &events {
        let path = format!("{event}/cancellation");
        race.caller.post(path, json!({})).await.expect(201);
    }
    events
}

fn canceled(answer: &Answer) -> Vec<String> {
    let body = answer.expect(201);
    body["events"]
        .as_array()
        .unwrap()
        .iter()
        .map(text)
        .collect()
}

async fn a_date_that_moves_within_the_rest_is_canceled_or_stays(test: Test) {
    let race = race(&test).await;
    for round in 0..race.rounds {
        let events = daily(&race.caller, &race.event_type, 4).await;
        let start = "2026-03-12T18:00:00Z";
        let [rest, moved] = race.run(round, (&events[0], &events[2]), start).await;
        let mut expected = events.clone();
        if moved.status == 201 {
            expected[2] = uri(&moved.resource(201));
        } else {
            moved.refused(403, "permission_denied");
        }
        assert_eq!(canceled(&rest), expected, "{round}");
        assert!(cleared(&test, &race).await.is_empty(), "{round}");
    }
}

async fn a_date_that_leaves_the_rest_stays_or_never_left(test: Test) {
    let race = race(&test).await;
    for round in 0..race.rounds {
        let events = daily(&race.caller, &race.event_type, 4).await;
        let start = "2026-03-09T18:00:00Z";
        let [rest, moved] = race.run(round, (&events[1], &events[3]), start).await;
        let mut left = vec![events[0].clone()];
        let mut expected = events[1..].to_vec();
        if moved.status == 201 {
            expected.pop();
            left.insert(0, uri(&moved.resource(201)));
        } else {
            moved.refused(403, "permission_denied");
        }
        assert_eq!(canceled(&rest), expected, "{round}");
        assert_eq!(cleared(&test, &race).await, left, "{round}");
    }
}

async fn a_date_that_comes_into_the_rest_is_canceled_or_comes_after(test: Test) {
    let race = race(&test).await;
    for round in 0..race.rounds {
        let events = daily(&race.caller, &race.event_type, 4).await;
        let start = "2026-03-12T18:00:00Z";
        let [rest, moved] = race.run(round, (&events[1], &events[0]), start).await;
        let moved = uri(&moved.resource(201));
        let rest = canceled(&rest);
        let left = cleared(&test, &race).await;
        let mut expected = events[1..].to_vec();
        if left.is_empty() {
            expected.insert(2, moved);
        } else {
            assert_eq!(left, [moved], "{round}");
        }
        assert_eq!(rest, expected, "{round}");
    }
}

async fn the_rest_moves_with_or_without_the_date_that_moves(test: Test) {
    let race = race(&test).await;
    for round in 0..race.rounds / 2 {
        let events = daily(&race.caller, &race.event_type, 4).await;
        let moves = [
            (events[0].clone(), "2026-03-10T12:00:00Z", REST),
            (events[2].clone(), "2026-03-12T18:00:00Z", "this"),
        ];
        let moves = moves
            .into_iter()
            .enumerate()
            .map(|(of, (event, start, range))| {
                let caller = race.caller.clone();
                async move {
                    pause(round, of as u64).await;
                    reschedule(&caller, &event, start, range).await
                }
            });
        let answers = at_once(moves.collect::<Vec<_>>()).await;
        let is_rest = |answer: &&Answer| answer.expect(answer.status)["events"].is_array();
        let rest = answers.iter().find(is_rest).unwrap().expect(201);
        let other = answers.iter().find(|answer| !is_rest(answer)).unwrap();
        // first of all by two hours, or the third one by eight before that
        let third = match other.status {
            201 => "2026-03-12T20:00:00.000000Z",
            _ => "2026-03-12T12:00:00.000000Z",
        };
        if other.status != 201 {
            other.refused(403, "permission_denied");
        }
        let now = active_events(&test).await;
        let starts: Vec<&Value> = now.iter().map(|event| &event["start_time"]).collect();
        let day = |day: u8| format!("2026-03-{day}T12:00:00.000000Z");
        let expected = json!([day(10), day(11), third, day(13)]);
        assert_eq!(json!(starts), expected, "{round}");
        let uris: Vec<String> = now.iter().map(uri).collect();
        assert_eq!(rest["events"], json!(uris), "{round}");
        cleared(&test, &race).await;
    }
}
