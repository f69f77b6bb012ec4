//! Meetings of several hosts: when they are on offer, whose time they take, and who may see them.

use serde_json::{Value, json};

use crate::{
    caller::{Caller, every_day, path, text, uri},
    event_type_hosts::pooled,
    harness::Test,
};

on_both_engines! {
    a_collective_meeting_is_on_offer_while_all_have_hours,
    a_collective_meeting_takes_the_time_of_all_and_gives_it_back,
    a_host_who_is_taken_closes_a_collective_meeting,
    a_removed_host_is_not_waited_for,
    nothing_is_booked_when_the_owner_is_gone,
    a_room_takes_part,
}

/// A new user, for whom the owner of the organization acts.
pub async fn newcomer(test: &Test, name: &str, kind: &str) -> Caller {
    let email = format!("{name}@example.com");
    let body = json!({"name": name, "email": email, "kind": kind});
    let user = test.as_owner().post("/users", body).await.resource(201);
    Caller {
        uri: uri(&user),
        ..test.as_owner()
    }
}

/// An event type of the owner of the organization, with these hosts and settings.
pub async fn hosted(test: &Test, pooling: &str, hosts: Value, mut fields: Value) -> String {
    fields["pooling_type"] = json!(pooling);
    fields["hosts"] = hosts;
    test.as_owner().event_type(fields).await
}

/// Books for sure; the URI of the event.
pub async fn booked(caller: &Caller, event_type: &str, start: &str) -> String {
    let invitee = caller.book(event_type, start).await.resource(201);
    text(&invitee["event"])
}

/// The names of those who hold an event, the first one first.
pub async fn held_by(test: &Test, event: &str) -> Vec<String> {
    let event = test.as_owner().get(event).await.resource(200);
    let memberships = event["event_memberships"].as_array().unwrap();
    let name = |membership: &Value| text(&membership["user_name"]);
    memberships.iter().map(name).collect()
}

/// Takes somebody's time.
pub async fn blocked(caller: &Caller, start: &str, end: &str) {
    let busy = json!({"user": caller.uri, "start_time": start, "end_time": end});
    caller.post("/user_busy_times", busy).await.expect(201);
}

/// The starts on offer on a day, as `HH:MM`.
pub async fn on_day(caller: &Caller, event_type: &str, day: &str) -> Vec<String> {
    let (from, to) = (format!("{day}T00:00:00Z"), format!("{day}T23:59:59Z"));
    let starts = caller.available(event_type, &from, &to).await;
    starts
        .iter()
        .map(|start| start[11..16].to_owned())
        .collect()
}

async fn a_collective_meeting_is_on_offer_while_all_have_hours(test: Test) {
    let (ada, ben) = (test.as_user("ada"), test.as_user("ben"));
    ada.set_hours("America/New_York", every_day(&[("19:00", "22:00")]))
        .await;
    // 00:15 to 02:15 in UTC, the whole year
    ben.set_hours("Asia/Kathmandu", every_day(&[("06:00", "08:00")]))
        .await;
    let hosts = json!([{"user": ada.uri}, {"user": ben.uri}]);
    let window = json!({"booking_window": {"type": "unlimited"}});
    let event_type = hosted(&test, "collective", hosts, window).await;
    let (three, four) = (
        vec!["00:15", "00:45", "01:15"],
        vec!["00:15", "00:45", "01:15", "01:45"],
    );
    let rows = [
        // 00:00 to 03:00 in UTC
        ("2026-03-07", &four),
        ("2026-03-08", &four),
        // New York is an hour earlier: 23:00 to 02:00, too short for 01:45
        ("2026-03-09", &three),
        ("2026-11-01", &three),
        // and back again
        ("2026-11-02", &four),
    ];
    for (day, expected) in rows {
        assert_eq!(on_day(&ada, &event_type, day).await, *expected, "{day}");
    }
    ben.book(&event_type, "2026-03-09T01:45:00Z")
        .await
        .expect(400);
    booked(&ben, &event_type, "2026-03-08T01:45:00Z").await;
    // the grid begins where the hours of both have begun
    for start in ["2026-03-09T00:00:00Z", "2026-03-09T00:30:00Z"] {
        ben.book(&event_type, start).await.expect(400);
    }
}

async fn a_collective_meeting_takes_the_time_of_all_and_gives_it_back(test: Test) {
    let (olga, ada, ben) = (test.as_owner(), test.as_user("ada"), test.as_user("ben"));
    let hosts = json!([{"user": ben.uri}, {"user": ada.uri}]);
    let buffers = json!({"before_buffer": 10, "after_buffer": 20});
    let event_type = hosted(&test, "collective", hosts, buffers).await;
    let event = booked(&olga, &event_type, "2026-03-03T10:00:00Z").await;
    let host = |caller: &Caller, name: &str| {
        json!({
            "user": caller.uri, "user_email": format!("{name}@example.com"), "user_name": name,
            "buffered_start_time": "2026-03-03T09:50:00.000000Z", "buffered_end_time": "2026-03-03T10:50:00.000000Z",
        })
    };
    let shown = olga.get(&event).await.resource(200);
    let hosts = json!([host(&ben, "ben"), host(&ada, "ada")]);
    assert_eq!(shown["event_memberships"], hosts);
    for caller in [&ada, &ben] {
        assert_eq!(caller.get(&event).await.resource(200), shown);
        assert_eq!(json!(events_of(&test, caller).await), json!([shown]));
        assert_eq!(taken(caller).await, ["09:50 10:50"]);
        let own = caller.event_type(json!({"name": "Own"})).await;
        caller
            .book(&own, "2026-03-03T10:00:00Z")
            .await
            .refused(409, "time_taken");
    }
    // the owner of the event type does not host it
    assert!(taken(&olga).await.is_empty());
    assert!(events_of(&test, &olga).await.is_empty());
    // who hosts may cancel
    let canceled = ada.post(format!("{event}/cancellation"), json!({})).await;
    canceled.expect(201);
    for caller in [&ada, &ben] {
        assert!(taken(caller).await.is_empty());
        assert_eq!(events_of(&test, caller).await.len(), 1);
    }
    booked(&ben, &event_type, "2026-03-03T10:00:00Z").await;
}

/// The meetings of somebody, whatever their status, as the owner of the organization lists them.
async fn events_of(test: &Test, host: &Caller) -> Vec<Value> {
    let query = [
        ("user", host.uri.as_str()),
        ("organization", &test.organization),
    ];
    let answer = test.as_owner().get(path("/scheduled_events", &query)).await;
    answer.collection()
}

/// What of a Tuesday is taken, with buffers.
async fn taken(caller: &Caller) -> Vec<String> {
    let query = [
        ("user", caller.uri.as_str()),
        ("start_time", "2026-03-03T00:00:00Z"),
        ("end_time", "2026-03-04T00:00:00Z"),
    ];
    let rows = caller.get(path("/user_busy_times", &query)).await;
    let at = |time: &Value| text(time)[11..16].to_owned();
    let shown = |row: &Value| {
        let (from, to) = (&row["buffered_start_time"], &row["buffered_end_time"]);
        format!("{} {}", at(from), at(to))
    };
    rows.collection().iter().map(shown).collect()
}

async fn a_host_who_is_taken_closes_a_collective_meeting(test: Test) {
    let (ada, ben) = (test.as_user("ada"), test.as_user("ben"));
    ada.set_hours("UTC", every_day(&[("09:00", "12:00")])).await;
    ben.set_hours("UTC", every_day(&[("10:00", "13:00")])).await;
    let hosts = json!([{"user": ada.uri}, {"user": ben.uri}]);
    let event_type = hosted(&test, "collective", hosts, json!({"after_buffer": 10})).await;
    let day = "2026-03-03";
    let all = ["10:00", "10:30", "11:00", "11:30"];
    assert_eq!(on_day(&ada, &event_type, day).await, all);
    // touches the buffer of 10:00 from behind, and ends as 11:00 begins
    blocked(&ada, "2026-03-03T10:40:00Z", "2026-03-03T11:00:00Z").await;
    let left = ["10:00", "11:00", "11:30"];
    assert_eq!(on_day(&ada, &event_type, day).await, left);
    // begins within that buffer
    blocked(&ben, "2026-03-03T10:39:00Z", "2026-03-03T10:40:00Z").await;
    assert_eq!(on_day(&ada, &event_type, day).await, ["11:00", "11:30"]);
    let refused = ada.book(&event_type, "2026-03-03T10:00:00Z").await;
    let refused = refused.refused(409, "time_taken");
    assert_eq!(refused["alternatives"][3], "2026-03-03T11:00:00.000000Z");
}

async fn a_removed_host_is_not_waited_for(test: Test) {
    let (olga, ada, ben) = (test.as_owner(), test.as_user("ada"), test.as_user("ben"));
    let hosts = json!([{"user": ada.uri}, {"user": ben.uri}]);
    let event_type = hosted(&test, "collective", hosts, json!({})).await;
    let event = booked(&ada, &event_type, "2026-03-03T11:00:00Z").await;
    blocked(&ben, "2026-03-03T09:00:00Z", "2026-03-03T12:00:00Z").await;
    assert_eq!(on_day(&ada, &event_type, "2026-03-03").await[0], "12:00");
    olga.delete(&ben.uri).await.expect(204);
    assert_eq!(on_day(&ada, &event_type, "2026-03-03").await[0], "09:00");
    let new = booked(&ada, &event_type, "2026-03-03T09:00:00Z").await;
    assert_eq!(held_by(&test, &new).await, ["ada"]);
    // what was booked before keeps its hosts until it moves
    assert_eq!(held_by(&test, &event).await, ["ada", "ben"]);
    let body = json!({"start_time": "2026-03-03T10:00:00Z"});
    let moved = olga.post(format!("{event}/rescheduling"), body).await;
    let moved = uri(&moved.resource(201));
    assert_eq!(held_by(&test, &moved).await, ["ada"]);
    // of nobody nothing is on offer
    olga.delete(&ada.uri).await.expect(204);
    assert!(on_day(&olga, &event_type, "2026-03-04").await.is_empty());
    olga.book(&event_type, "2026-03-04T09:00:00Z")
        .await
        .refused(404, "not_found");
    let body = json!({"start_time": "2026-03-04T10:00:00Z"});
    let stays = olga.post(format!("{moved}/rescheduling"), body).await;
    assert_eq!(stays.status / 100, 4, "{stays:?}");
}

async fn nothing_is_booked_when_the_owner_is_gone(test: Test) {
    let (olga, amir, ada) = (test.as_owner(), test.as_admin(), test.as_user("ada"));
    let event_type = pooled(&amir, "round_robin", json!([{"user": ada.uri}])).await;
    let start = "2026-03-03T09:00:00Z";
    let hold = json!({"event_type": event_type, "start_time": start});
    ada.post("/holds?dry_run=true", hold.clone())
        .await
        .expect(200);
    olga.delete(&amir.uri).await.expect(204);
    assert!(on_day(&ada, &event_type, "2026-03-03").await.is_empty());
    ada.book(&event_type, start).await.refused(404, "not_found");
    ada.post("/holds", hold).await.refused(404, "not_found");
}

async fn a_room_takes_part(test: Test) {
    let (ada, room) = (
        test.as_user("ada"),
        newcomer(&test, "Room", "resource").await,
    );
    room.set_hours("UTC", every_day(&[("08:00", "10:00")]))
        .await;
    let hosts = json!([{"user": ada.uri}, {"user": room.uri}]);
    let event_type = hosted(&test, "collective", hosts, json!({})).await;
    let day = "2026-03-03";
    assert_eq!(on_day(&ada, &event_type, day).await, ["09:00", "09:30"]);
    let event = booked(&ada, &event_type, "2026-03-03T09:00:00Z").await;
    assert_eq!(held_by(&test, &event).await, ["ada", "Room"]);
    // the room is taken for everybody
    let others = json!([{"user": test.as_user("ben").uri}, {"user": room.uri}]);
    let others = hosted(&test, "collective", others, json!({"name": "Others"})).await;
    assert_eq!(on_day(&ada, &others, day).await, ["09:30"]);
    assert_eq!(taken(&room).await, ["09:00 09:30"]);
}
