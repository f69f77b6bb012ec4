//! The calendars of rooms and equipment: hours and busy times that others keep for them.

use serde_json::json;

use crate::{
    caller::{every_day, path, short, text, uri},
    harness::Test,
    resources::room,
};

on_both_engines! {
    a_resource_has_hours_and_busy_times,
    only_administrators_keep_the_calendar_of_a_resource,
    people_and_a_room_are_free_together,
}

fn pairs<const N: usize>(expected: [(&str, &str); N]) -> Vec<(String, String)> {
    expected
        .map(|(from, to)| (from.to_owned(), to.to_owned()))
        .to_vec()
}

async fn a_resource_has_hours_and_busy_times(test: Test) {
    let room = room(&test).await;
    let (from, to) = ("2026-03-03T00:00:00Z", "2026-03-04T00:00:00Z");
    // a Tuesday of the hours that came with it
    assert_eq!(
        room.free(&room.uri, from, to).await,
        pairs([("2026-03-03T09:00Z", "2026-03-03T17:00Z")])
    );
    room.set_hours("Europe/Rome", every_day(&[("08:00", "20:00")]))
        .await;
    let cleaning = json!({"user": room.uri, "start_time": "2026-03-03T12:00:00Z", "end_time": "2026-03-03T13:00:00Z",
        "reason": "Cleaning", "rrule": "FREQ=DAILY;COUNT=2"});
    let cleaning = room.post("/user_busy_times", cleaning).await.resource(201);
    assert_eq!(cleaning["user"], room.uri.as_str());
    let ada = test.as_user("ada");
    let left = pairs([
        ("2026-03-03T07:00Z", "2026-03-03T12:00Z"),
        ("2026-03-03T13:00Z", "2026-03-03T19:00Z"),
    ]);
    assert_eq!(ada.free(&room.uri, from, to).await, left);
    let query = [
        ("user", room.uri.as_str()),
        ("start_time", from),
        ("end_time", to),
    ];
    let busy = ada.get(path("/user_busy_times", &query)).await.collection();
    assert_eq!(busy.len(), 1);
    assert_eq!(busy[0]["uri"], cleaning["uri"]);
    room.delete(uri(&cleaning)).await.expect(204);
    assert_eq!(
        ada.free(&room.uri, from, to).await,
        pairs([("2026-03-03T07:00Z", "2026-03-03T19:00Z")])
    );
}

async fn only_administrators_keep_the_calendar_of_a_resource(test: Test) {
    let (room, ada) = (room(&test).await, test.as_user("ada"));
    let schedule = room.default_schedule().await;
    let rules = every_day(&[("00:00", "24:00")]);
    let hours =
        json!({"user": room.uri, "name": "Nights", "timezone": "UTC", "rules": rules.clone()});
    let busy = json!({"user": room.uri, "start_time": "2026-03-03T12:00:00Z", "end_time": "2026-03-03T13:00:00Z"});
    for (caller, expected) in [(ada, 403), (test.as_admin(), 200)] {
        let created = if expected == 200 { 201 } else { expected };
        let answer = caller.patch(&schedule, json!({"rules": rules})).await;
        answer.expect(expected);
        let answer = caller.post("/user_busy_times", busy.clone()).await;
        answer.expect(created);
        let answer = caller
            .post("/user_availability_schedules", hours.clone())
            .await;
        answer.expect(created);
    }
}

async fn people_and_a_room_are_free_together(test: Test) {
    let (room, ada) = (room(&test).await, test.as_user("ada"));
    ada.set_hours("UTC", every_day(&[("09:00", "12:00")])).await;
    room.set_hours("UTC", every_day(&[("11:00", "15:00")]))
        .await;
    let query = [
        ("user", ada.uri.as_str()),
        ("user", &room.uri),
        ("start_time", "2026-03-03T00:00:00Z"),
        ("end_time", "2026-03-04T00:00:00Z"),
    ];
    let found = ada.get(path("/overlaps", &query)).await.collection();
    let found: Vec<(String, String)> = found
        .iter()
        .map(|row| {
            (
                short(&text(&row["start_time"])),
                short(&text(&row["end_time"])),
            )
        })
        .collect();
    assert_eq!(found, pairs([("2026-03-03T11:00Z", "2026-03-03T12:00Z")]));
}
