//! `PATCH /user_availability_schedules/{uuid}?dry_run=true`: what other hours would do to what is booked.

use serde_json::{Value, json};

use crate::{
    caller::{Caller, short, text},
    harness::Test,
};

on_both_engines! {
    a_trial_names_the_events_to_come_outside_the_hours_and_changes_nothing,
    only_events_that_go_by_the_schedule_are_named,
    a_trial_is_refused_as_the_edit_would_be,
}

async fn tried(caller: &Caller, schedule: &str, changes: Value) -> Value {
    let path = format!("{schedule}?dry_run=true");
    caller.patch(path, changes).await.expect(200)
}

fn starts(tried: &Value) -> Vec<String> {
    let events = tried["events_outside"].as_array().unwrap();
    let start = |event: &Value| short(event["start_time"].as_str().unwrap());
    events.iter().map(start).collect()
}

async fn a_trial_names_the_events_to_come_outside_the_hours_and_changes_nothing(test: Test) {
    let ada = test.as_user("ada");
    let schedule = ada.default_schedule().await;
    let event_type = ada.event_type(json!({"duration": 60})).await;
    for start in [
        "2026-03-03T09:00:00Z",
        "2026-03-03T15:00:00Z",
        "2026-03-04T16:00:00Z",
    ] {
        ada.book(&event_type, start).await.expect(201);
    }
    let before = ada.get(&schedule).await.expect(200);
    let tuesday = json!({"rules": [
        {"type": "wday", "wday": "tuesday", "intervals": [{"from": "09:00", "to": "15:30"}]},
        {"type": "wday", "wday": "wednesday", "intervals": [{"from": "16:00", "to": "17:00"}]},
    ]});
    let answer = tried(&ada, &schedule, tuesday.clone()).await;
    // the second meeting would end half an hour late
    assert_eq!(starts(&answer), ["2026-03-03T15:00Z"]);
    assert_eq!(answer["events_outside"][0]["name"], "Intro call");
    let rules = answer["resource"]["rules"].as_array().unwrap();
    let tuesday_rule =
        json!({"type": "wday", "wday": "tuesday", "intervals": [{"from": "09:00", "to": "15:30"}]});
    assert!(rules.contains(&tuesday_rule), "{rules:?}");
    assert_eq!(ada.get(&schedule).await.expect(200), before);
    // the same wall times an hour earlier
    let zone = json!({"timezone": "Europe/Berlin"});
    let answer = tried(&ada, &schedule, zone).await;
    assert_eq!(starts(&answer), ["2026-03-04T16:00Z"]);
    // what is over, or canceled, does not matter
    let later = test.at("2026-03-04T00:00:00Z").await.as_user("ada");
    assert_eq!(
        starts(&tried(&later, &schedule, tuesday.clone()).await),
        [""; 0]
    );
    let edited = ada.patch(&schedule, tuesday).await.expect(200);
    assert_eq!(edited.get("events_outside"), None);
}

async fn only_events_that_go_by_the_schedule_are_named(test: Test) {
    let ada = test.as_user("ada");
    let default = ada.default_schedule().await;
    let rules = json!([{"type": "wday", "wday": "tuesday", "intervals": [{"from": "00:00", "to": "24:00"}]}]);
    let own = json!({"name": "Own", "timezone": "UTC", "rules": rules});
    let own = ada.post("/user_availability_schedules", own).await;
    let own = text(&own.resource(201)["uri"]);
    let by_own = ada
        .event_type(json!({"name": "By its own", "availability_schedule": own}))
        .await;
    let by_default = ada.event_type(json!({"name": "By the default"})).await;
    ada.book(&by_own, "2026-03-03T03:00:00Z").await.expect(201);
    ada.book(&by_default, "2026-03-03T12:00:00Z")
        .await
        .expect(201);
    let closed = json!({"rules": []});
    let of_default = tried(&ada, &default, closed.clone()).await;
    assert_eq!(starts(&of_default), ["2026-03-03T12:00Z"]);
    let of_own = tried(&ada, &own, closed).await;
    assert_eq!(starts(&of_own), ["2026-03-03T03:00Z"]);
    // once it were the default, the other event type would go by it as well
    let both = json!({"rules": [], "default": true});
    let as_default = tried(&ada, &own, both).await;
    assert_eq!(
        starts(&as_default),
        ["2026-03-03T03:00Z", "2026-03-03T12:00Z"]
    );
    assert_eq!(ada.default_schedule().await, default);
}

async fn a_trial_is_refused_as_the_edit_would_be(test: Test) {
    let (ada, ben) = (test.as_user("ada"), test.as_user("ben"));
    let schedule = ada.default_schedule().await;
    let path = format!("{schedule}?dry_run=true");
    ben.patch(&path, json!({"rules": []}))
        .await
        .refused(403, "permission_denied");
    ada.patch(&path, json!({"default": false}))
        .await
        .refused(400, "invalid_argument");
    let unclear = format!("{schedule}?dry_run=perhaps");
    let answer = ada.patch(&unclear, json!({"rules": []})).await;
    assert_eq!(answer.mistakes(), ["dry_run wrong_type"]);
}
