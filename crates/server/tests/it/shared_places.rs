//! Meetings that keep what they were booked as when their event type takes more invitees, or one only.

use serde_json::{Value, json};

use crate::{
    caller::{booking, text, uri},
    explanations::{codes, reasons},
    groups::{booked, counter, group, left},
    harness::Test,
    races::{active_events, no_conflicts},
};

on_both_engines! {
    nobody_joins_what_was_booked_for_one,
    what_was_booked_for_one_moves_as_such,
    a_hold_for_one_is_not_joined_either,
    meetings_of_several_stay_when_one_may_come,
}

const START: &str = "2026-03-03T10:00:00Z";

fn several() -> Value {
    json!({"kind": "group", "capacity": 3})
}

async fn nobody_joins_what_was_booked_for_one(test: Test) {
    let ada = test.as_user("ada");
    let event_type = ada.event_type(json!({})).await;
    let event = booked(&ada, &event_type, START).await;
    let before = ada.get(&event).await.resource(200);
    ada.patch(&event_type, several()).await.expect(200);
    assert_eq!(left(&ada, &event_type).await, None);
    ada.book(&event_type, START)
        .await
        .refused(409, "time_taken");
    let hold = json!({"event_type": event_type, "start_time": START});
    ada.post("/holds", hold).await.refused(409, "time_taken");
    let mut series = booking(&event_type, START);
    series["recurrence"] = json!({"rrule": "FREQ=DAILY;COUNT=2"});
    ada.post("/invitees", series)
        .await
        .refused(409, "dates_not_available");
    let why = reasons(&ada, &event_type, START).await;
    assert_eq!(codes(&why), ["busy"]);
    assert_eq!(text(&why[0]["source"]["uri"]), event);
    assert_eq!(ada.get(&event).await.resource(200), before);
    assert_eq!(counter(&before), json!([1, 1, 1]));
    // any other start takes several
    let other = booked(&ada, &event_type, "2026-03-03T11:00:00Z").await;
    assert_eq!(
        booked(&ada, &event_type, "2026-03-03T11:00:00Z").await,
        other
    );
    // and so does this one as soon as it is free
    ada.post(format!("{event}/cancellation"), json!({}))
        .await
        .expect(201);
    assert_eq!(left(&ada, &event_type).await, Some(3));
}

async fn what_was_booked_for_one_moves_as_such(test: Test) {
    let ada = test.as_user("ada");
    let event_type = ada.event_type(json!({})).await;
    let event = booked(&ada, &event_type, "2026-03-03T14:00:00Z").await;
    ada.patch(&event_type, several()).await.expect(200);
    let several = booked(&ada, &event_type, "2026-03-03T12:00:00Z").await;
    let rescheduling = format!("{event}/rescheduling");
    let onto = json!({"start_time": "2026-03-03T12:00:00Z"});
    ada.post(&rescheduling, onto)
        .await
        .refused(409, "time_taken");
    let moved = ada.post(&rescheduling, json!({"start_time": START})).await;
    let moved = moved.resource(201);
    assert_eq!(counter(&moved), json!([1, 1, 1]));
    assert_eq!(left(&ada, &event_type).await, None);
    ada.book(&event_type, START)
        .await
        .refused(409, "time_taken");
    let events: Vec<String> = active_events(&test).await.iter().map(uri).collect();
    assert_eq!(events, [uri(&moved), several]);
}

async fn a_hold_for_one_is_not_joined_either(test: Test) {
    let ada = test.as_user("ada");
    let event_type = ada.event_type(json!({})).await;
    let hold = json!({"event_type": event_type, "start_time": START});
    let kept = uri(&ada.post("/holds", hold).await.resource(201));
    ada.patch(&event_type, several()).await.expect(200);
    assert_eq!(left(&ada, &event_type).await, None);
    ada.book(&event_type, START)
        .await
        .refused(409, "time_taken");
    let mut body = booking(&event_type, START);
    body["hold"] = json!(kept);
    ada.post("/invitees", body).await.expect(201);
    no_conflicts(&active_events(&test).await);
}

async fn meetings_of_several_stay_when_one_may_come(test: Test) {
    let ada = test.as_user("ada");
    let event_type = group(&ada, 3, json!({})).await;
    let first = ada.book(&event_type, START).await.resource(201);
    let event = booked(&ada, &event_type, START).await;
    let before = ada.get(&event).await.resource(200);
    let solo = json!({"kind": "solo", "capacity": 1});
    ada.patch(&event_type, solo).await.expect(200);
    assert_eq!(left(&ada, &event_type).await, None);
    ada.book(&event_type, START)
        .await
        .refused(409, "time_taken");
    assert!(!reasons(&ada, &event_type, START).await.is_empty());
    let now = ada.get(&event).await.resource(200);
    assert_eq!(now, before);
    assert_eq!(counter(&now), json!([2, 2, 3]));
    // a place that is given up is nobody's
    ada.post(format!("{}/cancellation", uri(&first)), json!({}))
        .await
        .expect(201);
    assert_eq!(left(&ada, &event_type).await, None);
    ada.book(&event_type, START)
        .await
        .refused(409, "time_taken");
    assert_eq!(
        counter(&ada.get(&event).await.resource(200)),
        json!([2, 1, 3])
    );
    // until several may come again
    ada.patch(&event_type, several()).await.expect(200);
    assert_eq!(left(&ada, &event_type).await, Some(2));
    assert_eq!(booked(&ada, &event_type, START).await, event);
    no_conflicts(&active_events(&test).await);
}
