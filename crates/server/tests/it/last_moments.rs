//! What is held, or waits for its host, when it begins.

use serde_json::json;

use crate::{
    caller::{text, uri},
    confirmation::{booked, with_confirmation},
    harness::Test,
    holds::{book_held, hold},
};

on_both_engines! {
    what_starts_at_once_leaves_a_minute,
    a_hold_never_outlives_its_start,
}

async fn what_starts_at_once_leaves_a_minute(test: Test) {
    let ada = test.as_user("ada");
    let event_type = with_confirmation(&ada).await;
    let soon = test.at("2026-03-02T08:59:50Z").await.as_user("ada");
    let mut events = Vec::new();
    for start in ["2026-03-02T09:00:00Z", "2026-03-03T10:00:00Z"] {
        events.push(booked(&soon, &event_type, start).await);
    }
    let to = json!({"start_time": "2026-03-02T09:30:00Z"});
    let moved = soon.post(format!("{}/rescheduling", uri(&events[1])), to);
    let moved = moved.await.resource(201);
    assert_eq!(moved["confirmation"]["expires_at"], moved["start_time"]);
    let by = text(&events[0]["confirmation"]["expires_at"]);
    assert!(
        ("2026-03-02T09:00:50.".."2026-03-02T09:01:30.").contains(&by.as_str()),
        "{by}"
    );
    // also after it has begun
    let begun = test.at("2026-03-02T09:00:20Z").await.as_user("ada");
    let shown = begun.get(uri(&events[0])).await.resource(200);
    assert_eq!(
        json!([shown["status"], shown["confirmation"]["status"]]),
        json!(["active", "pending"])
    );
    let over = test.at("2026-03-02T09:02:00Z").await.as_user("ada");
    assert_eq!(
        over.get(uri(&events[0])).await.resource(200)["status"],
        "canceled"
    );
    // who confirms in that minute keeps it
    let event = booked(&soon, &event_type, "2026-03-02T09:00:00Z").await;
    let confirmation = format!("{}/confirmation", uri(&event));
    let confirmed = begun.post(confirmation, json!({})).await.resource(201);
    assert_eq!(confirmed["confirmation"]["status"], "confirmed");
}

async fn a_hold_never_outlives_its_start(test: Test) {
    let ada = test.as_user("ada");
    let event_type = ada.event_type(json!({})).await;
    let soon = "2026-03-02T09:00:00Z";
    let early = test.at("2026-03-02T08:50:00Z").await.as_user("ada");
    let body = json!({"event_type": event_type, "start_time": soon, "expires_in": 1800});
    let placed = early.post("/holds", body).await.resource(201);
    assert_eq!(placed["expires_at"], placed["start_time"]);
    // one that ends before is not made longer
    let other = hold(&early, &event_type, "2026-03-02T09:30:00Z").await;
    let other = other.resource(201);
    assert!(text(&other["expires_at"]).as_str() < "2026-03-02T08:56:00Z");
    let after = test.at("2026-03-02T09:00:00Z").await.as_user("ada");
    after.get(uri(&placed)).await.refused(404, "not_found");
    book_held(&after, (&event_type, soon), &uri(&placed))
        .await
        .refused(409, "hold_ended");
    let at_start = ("2026-03-02T09:00:00Z", "2026-03-02T09:30:00Z");
    let busy = after.free(&ada.uri, at_start.0, at_start.1).await;
    assert_eq!(busy.len(), 1, "{busy:?}");
}
