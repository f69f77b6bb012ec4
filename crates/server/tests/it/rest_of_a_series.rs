//! Canceling and moving one meeting of a series, or that one and all later ones.

use serde_json::{Value, json};

use crate::{
    caller::{Caller, text},
    event_type_hosts::pooled,
    groups::group,
    harness::Test,
    races::active_events,
    series::{in_new_york, series, starts, tuesdays, weekly},
};

on_both_engines! {
    one_meeting_or_the_rest_is_canceled,
    the_rest_moves_by_as_much_on_the_clock,
    the_rest_moves_into_time_that_it_takes_itself,
    the_rest_does_not_move_when_one_date_cannot,
    hosts_in_turn_share_a_series_and_keep_it,
    a_series_of_a_group_moves_with_those_who_joined,
}

const REST: &str = "this_and_following";

/// The events of a weekly series.
async fn events(caller: &Caller, event_type: &str, count: usize) -> Vec<String> {
    let body = series(caller, event_type, weekly(count), "refuse")
        .await
        .expect(201);
    let dates = body["series"]["booked"].as_array().unwrap();
    dates.iter().map(|date| text(&date["event"])).collect()
}

async fn active_starts(test: &Test) -> Vec<String> {
    starts(&json!(active_events(test).await))
}

async fn one_meeting_or_the_rest_is_canceled(test: Test) {
    let ada = test.as_user("ada");
    let event_type = in_new_york(&ada, json!({})).await;
    let events = events(&ada, &event_type, 6).await;
    let canceling = |event: &str| format!("{event}/cancellation");
    let one = ada
        .post(canceling(&events[3]), json!({"range": "this"}))
        .await
        .expect(201);
    assert_eq!(one.get("events"), None);
    let mut left = tuesdays(6);
    left.remove(3);
    assert_eq!(active_starts(&test).await, left);
    let body = json!({"range": REST, "reason": "Summer"});
    let rest = ada
        .post(canceling(&events[2]), body.clone())
        .await
        .expect(201);
    assert_eq!(rest["events"], json!([events[2], events[4], events[5]]));
    assert_eq!(active_starts(&test).await, tuesdays(2));
    let shown = ada.get(&events[5]).await.resource(200);
    assert_eq!(shown["cancellation"], rest["resource"]);
    ada.post(canceling(&events[2]), body)
        .await
        .refused(403, "permission_denied");
    // a meeting of no series is its own rest
    let single = text(&ada.book(&event_type, &tuesdays(5)[4]).await.resource(201)["event"]);
    let rest = ada
        .post(canceling(&single), json!({"range": REST}))
        .await
        .expect(201);
    assert_eq!(rest["events"], json!([single]));
}

async fn the_rest_moves_by_as_much_on_the_clock(test: Test) {
    let ada = test.as_user("ada");
    let event_type = in_new_york(&ada, json!({})).await;
    let events = events(&ada, &event_type, 3).await;
    // from Tuesday at ten to Thursday at half past eleven
    let body = json!({"start_time": "2026-03-05T16:30:00Z", "range": REST});
    let moved = ada
        .post(format!("{}/rescheduling", events[0]), body)
        .await
        .expect(201);
    let expected = [
        "2026-03-05T16:30Z",
        "2026-03-12T15:30Z",
        "2026-03-19T15:30Z",
    ];
    let now = active_events(&test).await;
    assert_eq!(starts(&json!(now)), expected);
    let uris: Vec<&Value> = now.iter().map(|event| &event["uri"]).collect();
    assert_eq!(json!(uris), moved["events"]);
    assert_eq!(moved["resource"], now[0]);
    let old = ada.get(&events[2]).await.resource(200);
    assert!(
        now.iter()
            .all(|event| event["series_id"] == old["series_id"])
    );
    assert_eq!(old["status"], "canceled");
    // one alone, over the clock change, leaves the others
    let body = json!({"start_time": "2026-03-10T14:00:00Z"});
    let event = text(&moved["events"][0]);
    let one = ada
        .post(format!("{event}/rescheduling"), body)
        .await
        .expect(201);
    assert_eq!(one.get("events"), None);
    let expected = [
        "2026-03-10T14:00Z",
        "2026-03-12T15:30Z",
        "2026-03-19T15:30Z",
    ];
    assert_eq!(active_starts(&test).await, expected);
}

async fn the_rest_moves_into_time_that_it_takes_itself(test: Test) {
    let ada = test.as_user("ada");
    let event_type = in_new_york(&ada, json!({})).await;
    let events = events(&ada, &event_type, 4).await;
    let week_later = json!({"start_time": tuesdays(2)[1], "range": REST});
    ada.post(format!("{}/rescheduling", events[0]), week_later)
        .await
        .expect(201);
    assert_eq!(active_starts(&test).await, tuesdays(5)[1..]);
}

async fn the_rest_does_not_move_when_one_date_cannot(test: Test) {
    let ada = test.as_user("ada");
    let event_type = in_new_york(&ada, json!({})).await;
    let events = events(&ada, &event_type, 4).await;
    ada.book(&event_type, "2026-03-18T14:00:00Z")
        .await
        .expect(201);
    let before = active_events(&test).await;
    let moving = format!("{}/rescheduling", events[1]);
    let body = json!({"start_time": "2026-03-11T14:00:00Z", "range": REST});
    let refusal = ada
        .post(&moving, body)
        .await
        .refused(409, "dates_not_available");
    assert_eq!(starts(&refusal["dates"]), ["2026-03-18T14:00Z"]);
    assert_eq!(refusal["dates"][0]["code"], "busy");
    assert!(
        !refusal["dates"][0]["alternatives"]
            .as_array()
            .unwrap()
            .is_empty()
    );
    assert_eq!(active_events(&test).await, before);
    let same = json!({"start_time": tuesdays(2)[1], "range": REST});
    assert_eq!(
        ada.post(&moving, same).await.mistakes(),
        ["start_time same_time"]
    );
}

/// The first host of each event.
fn hosts(events: &[Value]) -> Vec<String> {
    let host = |event: &Value| text(&event["event_memberships"][0]["user_name"]);
    events.iter().map(host).collect()
}

async fn hosts_in_turn_share_a_series_and_keep_it(test: Test) {
    let (olga, ada, ben) = (test.as_owner(), test.as_user("ada"), test.as_user("ben"));
    let event_type = pooled(
        &olga,
        "round_robin",
        json!([{"user": ada.uri}, {"user": ben.uri}]),
    )
    .await;
    let events = events(&olga, &event_type, 4).await;
    let shared = hosts(&active_events(&test).await);
    assert_eq!(shared.iter().filter(|host| *host == "ada").count(), 2);
    let body = json!({"start_time": "2026-03-04T15:00:00Z", "range": REST});
    olga.post(format!("{}/rescheduling", events[0]), body)
        .await
        .expect(201);
    let now = active_events(&test).await;
    assert_eq!(hosts(&now), shared);
    let expected = [
        "2026-03-04T15:00Z",
        "2026-03-11T15:00Z",
        "2026-03-18T15:00Z",
        "2026-03-25T15:00Z",
    ];
    assert_eq!(starts(&json!(now)), expected);
}

async fn a_series_of_a_group_moves_with_those_who_joined(test: Test) {
    let ada = test.as_user("ada");
    let event_type = group(&ada, 2, json!({})).await;
    let events = events(&ada, &event_type, 2).await;
    let joined = ada
        .book(&event_type, "2026-03-10T15:00:00Z")
        .await
        .resource(201);
    assert_eq!(text(&joined["event"]), events[1]);
    let body = json!({"start_time": "2026-03-04T15:00:00Z", "range": REST});
    ada.post(format!("{}/rescheduling", events[0]), body)
        .await
        .expect(201);
    let now = active_events(&test).await;
    let counts: Vec<&Value> = now
        .iter()
        .map(|event| &event["invitees_counter"]["active"])
        .collect();
    assert_eq!(json!(counts), json!([1, 2]));
    assert_eq!(
        starts(&json!(now)),
        ["2026-03-04T15:00Z", "2026-03-11T15:00Z"]
    );
}
