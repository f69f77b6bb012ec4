//! What a hold is worth when it is booked, after other things have changed.

use serde_json::json;

use crate::{
    caller::{text, uri},
    event_type_hosts::pooled,
    groups::{group, left},
    harness::Test,
    holds::{book_held, busy, hold},
    races::active_events,
};

on_both_engines! {
    what_was_held_can_be_booked_whatever_changed_since,
    what_cannot_be_booked_at_all_is_not_booked_with_a_hold,
    a_place_is_kept_also_when_hosts_and_capacity_change,
    a_hold_counts_against_limits,
    a_hold_takes_one_place_of_a_group,
    a_host_in_turn_is_kept_by_the_hold,
    nothing_is_booked_whose_owner_is_gone,
}

const START: &str = "2026-03-03T10:00:00Z";

async fn what_was_held_can_be_booked_whatever_changed_since(test: Test) {
    let ada = test.as_user("ada");
    let fields = json!({"minimum_notice": 60, "limits": [{"per": "day", "events": 9}]});
    let event_type = ada.event_type(fields).await;
    let start = "2026-03-02T09:00:00Z";
    let early = test.at("2026-03-02T07:59:00Z").await.as_user("ada");
    let held = uri(&hold(&early, &event_type, start).await.resource(201));
    assert_eq!(
        ada.book(&event_type, "2026-03-02T08:30:00Z")
            .await
            .mistakes(),
        ["start_time minimum_notice"]
    );
    ada.set_hours("UTC", json!([])).await;
    let blocked = json!({"start_time": start, "end_time": "2026-03-02T10:00:00Z"});
    ada.post("/user_busy_times", blocked).await.expect(201);
    ada.patch(&event_type, json!({"duration": 60}))
        .await
        .expect(200);
    let invitee = book_held(&ada, (&event_type, start), &held)
        .await
        .resource(201);
    let event = ada.get(text(&invitee["event"])).await.resource(200);
    assert_eq!(event["end_time"], "2026-03-02T09:30:00.000000Z");
}

async fn what_cannot_be_booked_at_all_is_not_booked_with_a_hold(test: Test) {
    let (olga, ada, ben) = (test.as_owner(), test.as_user("ada"), test.as_user("ben"));
    let event_type = ada.event_type(json!({})).await;
    let held = uri(&hold(&ada, &event_type, START).await.resource(201));
    ada.patch(&event_type, json!({"active": false}))
        .await
        .expect(200);
    book_held(&ada, (&event_type, START), &held)
        .await
        .refused(404, "not_found");
    ada.patch(&event_type, json!({"active": true}))
        .await
        .expect(200);
    book_held(&ada, (&event_type, START), &held)
        .await
        .expect(201);
    // nobody books the past: a hold ends when what it keeps begins
    let soon = "2026-03-02T09:00:00Z";
    let before = test.at("2026-03-02T08:59:00Z").await.as_user("ada");
    let held = uri(&hold(&before, &event_type, soon).await.resource(201));
    let after = test.at("2026-03-02T09:01:00Z").await.as_user("ada");
    book_held(&after, (&event_type, soon), &held)
        .await
        .refused(409, "hold_ended");
    // nor somebody who is gone
    let hosts = json!([{"user": ada.uri}, {"user": ben.uri}]);
    let both = olga
        .event_type(json!({"pooling_type": "collective", "hosts": hosts}))
        .await;
    let other = "2026-03-03T12:00:00Z";
    let held = uri(&hold(&ada, &both, other).await.resource(201));
    olga.delete(&ben.uri).await.expect(204);
    book_held(&ada, (&both, other), &held)
        .await
        .refused(409, "hold_ended");
}

async fn a_place_is_kept_also_when_hosts_and_capacity_change(test: Test) {
    let (olga, ada, ben) = (test.as_owner(), test.as_user("ada"), test.as_user("ben"));
    let fields = json!({"pooling_type": "collective", "hosts": [{"user": ada.uri}]});
    let event_type = group(&olga, 2, fields).await;
    let held = uri(&hold(&ada, &event_type, START).await.resource(201));
    let event = text(&ada.book(&event_type, START).await.resource(201)["event"]);
    let edit = json!({"kind": "solo", "capacity": 1, "hosts": [{"user": ben.uri}]});
    olga.patch(&event_type, edit).await.expect(200);
    let invitee = book_held(&ada, (&event_type, START), &held)
        .await
        .resource(201);
    assert_eq!(text(&invitee["event"]), event);
    let shown = ada.get(&event).await.resource(200);
    assert_eq!(
        shown["invitees_counter"],
        json!({"total": 2, "active": 2, "limit": 2})
    );
    assert_eq!(busy(&ada).await.len(), 1);
}

async fn a_hold_takes_one_place_of_a_group(test: Test) {
    let ada = test.as_user("ada");
    let event_type = group(&ada, 3, json!({})).await;
    let left = async || left(&ada, &event_type).await;
    let first = uri(&hold(&ada, &event_type, START).await.resource(201));
    assert_eq!(left().await, Some(2));
    let event = text(&ada.book(&event_type, START).await.resource(201)["event"]);
    let second = uri(&hold(&ada, &event_type, START).await.resource(201));
    assert_eq!(left().await, None);
    ada.book(&event_type, START)
        .await
        .refused(409, "time_taken");
    for held in [first, second] {
        let invitee = book_held(&ada, (&event_type, START), &held)
            .await
            .resource(201);
        assert_eq!(text(&invitee["event"]), event);
        assert_eq!(left().await, None);
    }
    assert_eq!(active_events(&test).await.len(), 1);
}

async fn a_host_in_turn_is_kept_by_the_hold(test: Test) {
    let (olga, ada, ben) = (test.as_owner(), test.as_user("ada"), test.as_user("ben"));
    let hosts = json!([{"user": ada.uri}, {"user": ben.uri}]);
    let event_type = pooled(&olga, "round_robin", hosts).await;
    let held = hold(&olga, &event_type, START).await.resource(201);
    let other = olga.book(&event_type, START).await.resource(201);
    olga.book(&event_type, START)
        .await
        .refused(409, "time_taken");
    let own = book_held(&olga, (&event_type, START), &uri(&held))
        .await
        .resource(201);
    for (invitee, same) in [(own, true), (other, false)] {
        let event = olga.get(text(&invitee["event"])).await.resource(200);
        let is_kept = event["event_memberships"][0]["user"] == held["hosts"][0];
        assert_eq!(is_kept, same);
    }
}

async fn nothing_is_booked_whose_owner_is_gone(test: Test) {
    let (olga, amir, ada) = (test.as_owner(), test.as_admin(), test.as_user("ada"));
    let event_type = pooled(&amir, "collective", json!([{"user": ada.uri}])).await;
    let held = uri(&hold(&ada, &event_type, START).await.resource(201));
    olga.delete(&amir.uri).await.expect(204);
    let day = ("2026-03-03T00:00:00Z", "2026-03-04T00:00:00Z");
    assert!(ada.available(&event_type, day.0, day.1).await.is_empty());
    let other = "2026-03-03T12:00:00Z";
    ada.book(&event_type, other).await.refused(404, "not_found");
    hold(&ada, &event_type, other)
        .await
        .refused(404, "not_found");
    book_held(&ada, (&event_type, START), &held)
        .await
        .refused(404, "not_found");
}

async fn a_hold_counts_against_limits(test: Test) {
    let ada = test.as_user("ada");
    let limits = json!({"limits": [{"per": "day", "events": 1}]});
    let event_type = ada.event_type(limits).await;
    let held = uri(&hold(&ada, &event_type, START).await.resource(201));
    let other = "2026-03-03T11:00:00Z";
    ada.book(&event_type, other)
        .await
        .refused(409, "limit_reached");
    hold(&ada, &event_type, other)
        .await
        .refused(409, "limit_reached");
    book_held(&ada, (&event_type, START), &held)
        .await
        .expect(201);
    ada.book(&event_type, other)
        .await
        .refused(409, "limit_reached");
}
