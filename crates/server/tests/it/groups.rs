//! Event types of several invitees: who joins a meeting, how many places are left, and what happens to them all at once.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::{
    caller::{Answer, Caller, booking, path, short, text, uri},
    harness::Test,
    races::{active_events, at_once},
};

on_both_engines! {
    invitees_join_one_event,
    places_are_counted_down_and_up_again,
    a_limit_counts_a_meeting_once,
    a_meeting_keeps_its_buffers_from_others,
    a_room_hosts_together_with_somebody,
}

on_all_deployments! {
    of_64_who_want_10_places_10_win,
    two_who_want_the_last_place_do_not_both_get_it,
}

const START: &str = "2026-03-03T10:00:00Z";

/// A group event type of the caller with so many places.
pub async fn group(caller: &Caller, capacity: u32, more: Value) -> String {
    let mut fields = json!({"kind": "group", "capacity": capacity});
    for (field, value) in more.as_object().unwrap() {
        fields[field] = value.clone();
    }
    caller.event_type(fields).await
}

/// The starts on offer on a day and the places left at each.
pub async fn places(caller: &Caller, event_type: &str, day: &str) -> Vec<(String, i64)> {
    let (start, end) = (format!("{day}T00:00:00Z"), format!("{day}T24:00:00Z"));
    let end = end.replace("T24:00:00", "T23:59:59");
    let query = [
        ("event_type", event_type),
        ("start_time", &start),
        ("end_time", &end),
    ];
    let rows = caller
        .get(path("/event_type_available_times", &query))
        .await
        .collection();
    let row = |row: &Value| {
        (
            short(&text(&row["start_time"])),
            row["invitees_remaining"].as_i64().unwrap(),
        )
    };
    rows.iter().map(row).collect()
}

/// The places left at ten o'clock; nothing where it is not on offer.
pub async fn left(caller: &Caller, event_type: &str) -> Option<i64> {
    let places = places(caller, event_type, "2026-03-03").await;
    let ten = places
        .iter()
        .find(|(start, _)| start == "2026-03-03T10:00Z");
    ten.map(|(_, left)| *left)
}

/// The event that somebody books.
pub async fn booked(caller: &Caller, event_type: &str, start: &str) -> String {
    text(&caller.book(event_type, start).await.resource(201)["event"])
}

/// All invitees, those who come, and the most there may be.
pub fn counter(event: &Value) -> Value {
    let counter = &event["invitees_counter"];
    json!([counter["total"], counter["active"], counter["limit"]])
}

async fn invitees_join_one_event(test: Test) {
    let ada = test.as_user("ada");
    let event_type = group(&ada, 3, json!({})).await;
    let mut invitees = Vec::new();
    for name in ["emmy", "david", "felix"] {
        let mut body = booking(&event_type, START);
        body["invitee"]["email"] = json!(format!("{name}@example.com"));
        body["event_guests"] = json!([format!("friend-of-{name}@example.com")]);
        invitees.push(ada.post("/invitees", body).await.resource(201));
    }
    let events: BTreeSet<String> = invitees
        .iter()
        .map(|invitee| text(&invitee["event"]))
        .collect();
    assert_eq!(events.len(), 1);
    let event = ada.get(events.first().unwrap()).await.resource(200);
    assert_eq!(counter(&event), json!([3, 3, 3]));
    let guests = event["event_guests"].as_array().unwrap();
    let guests: Vec<String> = guests.iter().map(|guest| text(&guest["email"])).collect();
    let expected = ["emmy", "david", "felix"].map(|name| format!("friend-of-{name}@example.com"));
    assert_eq!(guests, expected);
    let listed = ada
        .get(format!("{}/invitees", uri(&event)))
        .await
        .collection();
    assert_eq!(listed, invitees);
    assert_eq!(active_events(&test).await, [event]);
}

async fn places_are_counted_down_and_up_again(test: Test) {
    let ada = test.as_user("ada");
    let event_type = group(&ada, 2, json!({})).await;
    assert_eq!(left(&ada, &event_type).await, Some(2));
    let first = ada.book(&event_type, START).await.resource(201);
    assert_eq!(left(&ada, &event_type).await, Some(1));
    // the other starts keep all of theirs
    let others = places(&ada, &event_type, "2026-03-03").await;
    assert!(
        others
            .iter()
            .all(|(start, left)| *left == 2 || start == "2026-03-03T10:00Z")
    );
    ada.book(&event_type, START).await.expect(201);
    assert_eq!(left(&ada, &event_type).await, None);
    let refusal = ada
        .book(&event_type, START)
        .await
        .refused(409, "time_taken");
    assert_eq!(refusal["message"], "all 2 places of this meeting are taken");
    let near = refusal["alternatives"].as_array().unwrap();
    assert!(!near.is_empty() && !near.contains(&json!("2026-03-03T10:00:00.000000Z")));
    let canceling = format!("{}/cancellation", uri(&first));
    let cancellation = ada
        .post(&canceling, json!({"reason": "Ill"}))
        .await
        .resource(201);
    let expected = json!({
        "canceled_by": "ada", "reason": "Ill", "canceler_type": "host", "created_at": cancellation["created_at"],
    });
    assert_eq!(cancellation, expected);
    assert_eq!(left(&ada, &event_type).await, Some(1));
    let shown = ada.get(uri(&first)).await.resource(200);
    assert_eq!(
        json!([shown["status"], shown["cancellation"]]),
        json!(["canceled", cancellation])
    );
    let event = ada.get(text(&first["event"])).await.resource(200);
    assert_eq!(counter(&event), json!([2, 1, 2]));
    let again = ada
        .post(&canceling, json!({}))
        .await
        .refused(403, "permission_denied");
    assert_eq!(again["message"], "Event is already canceled");
    assert_eq!(booked(&ada, &event_type, START).await, uri(&event));
    assert_eq!(left(&ada, &event_type).await, None);
}

async fn of_64_who_want_10_places_10_win(test: Test) {
    let ada = test.as_user("ada");
    let event_type = group(&ada, 10, json!({})).await;
    let answers = all_at_once(&ada, &event_type, 64).await;
    let (won, lost): (Vec<Answer>, Vec<Answer>) =
        answers.into_iter().partition(|answer| answer.status == 201);
    assert_eq!((won.len(), lost.len()), (10, 54));
    for answer in lost {
        let refusal = answer.refused(409, "time_taken");
        assert!(!refusal["alternatives"].as_array().unwrap().is_empty());
    }
    let events = active_events(&test).await;
    assert_eq!(events.len(), 1);
    assert_eq!(counter(&events[0]), json!([10, 10, 10]));
    let of_answers: BTreeSet<String> = won
        .iter()
        .map(|answer| text(&answer.resource(201)["event"]))
        .collect();
    assert_eq!(of_answers, BTreeSet::from([uri(&events[0])]));
}

/// So many who book ten o'clock at once.
async fn all_at_once(caller: &Caller, event_type: &str, count: usize) -> Vec<Answer> {
    let request = |_| {
        let (caller, event_type) = (caller.clone(), event_type.to_owned());
        async move { caller.book(&event_type, START).await }
    };
    at_once((0..count).map(request)).await
}

async fn two_who_want_the_last_place_do_not_both_get_it(test: Test) {
    let ada = test.as_user("ada");
    let event_type = group(&ada, 3, json!({})).await;
    // the first two make one event
    let first = all_at_once(&ada, &event_type, 2).await;
    let events = first
        .iter()
        .map(|answer| text(&answer.resource(201)["event"]));
    assert_eq!(events.collect::<BTreeSet<_>>().len(), 1);
    let mut statuses: Vec<u16> = all_at_once(&ada, &event_type, 2)
        .await
        .iter()
        .map(|answer| answer.status)
        .collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 409]);
    assert_eq!(active_events(&test).await.len(), 1);
}

async fn a_limit_counts_a_meeting_once(test: Test) {
    let ada = test.as_user("ada");
    let limits = json!({"limits": [{"per": "day", "events": 2}]});
    let event_type = group(&ada, 3, limits).await;
    for start in [
        START,
        START,
        "2026-03-03T11:00:00Z",
        START,
        "2026-03-03T11:00:00Z",
    ] {
        ada.book(&event_type, start).await.expect(201);
    }
    ada.book(&event_type, "2026-03-03T12:00:00Z")
        .await
        .refused(409, "limit_reached");
    // what has places left can still be joined
    let expected = [("2026-03-03T11:00Z".to_owned(), 1)];
    assert_eq!(places(&ada, &event_type, "2026-03-03").await, expected);
}

async fn a_meeting_keeps_its_buffers_from_others(test: Test) {
    let ada = test.as_user("ada");
    let event_type = group(&ada, 2, json!({"before_buffer": 30, "after_buffer": 30})).await;
    let single = ada.event_type(json!({"name": "Single"})).await;
    ada.book(&event_type, START).await.expect(201);
    for start in ["2026-03-03T09:30:00Z", START, "2026-03-03T10:30:00Z"] {
        ada.book(&single, start).await.refused(409, "time_taken");
    }
    ada.book(&event_type, "2026-03-03T10:30:00Z")
        .await
        .refused(409, "time_taken");
    ada.book(&single, "2026-03-03T11:00:00Z").await.expect(201);
    // another meeting within the buffers does not keep invitees from a meeting that is there
    ada.book(&event_type, START).await.expect(201);
}

async fn a_room_hosts_together_with_somebody(test: Test) {
    let (olga, ada, ben) = (test.as_owner(), test.as_user("ada"), test.as_user("ben"));
    let room = json!({"name": "Room 1", "kind": "resource"});
    let room = uri(&olga.post("/users", room).await.resource(201));
    let hosts = json!([{"user": ada.uri}, {"user": room}]);
    let fields = json!({"pooling_type": "collective", "hosts": hosts});
    let event_type = group(&olga, 2, fields).await;
    let event = booked(&ben, &event_type, START).await;
    assert_eq!(booked(&ben, &event_type, START).await, event);
    let shown = ada.get(&event).await.resource(200);
    let hosts = shown["event_memberships"].as_array().unwrap();
    let hosts: Vec<String> = hosts.iter().map(|host| text(&host["user"])).collect();
    assert_eq!(hosts, [ada.uri.clone(), room.clone()]);
    assert_eq!(left(&ada, &event_type).await, None);
    let day = ("2026-03-03T09:00:00Z", "2026-03-03T11:00:00Z");
    for user in [&ada.uri, &room] {
        let free = olga.free(user, day.0, day.1).await;
        assert_eq!(free.len(), 2, "{free:?}");
    }
    // who hosts may see and cancel it, others may not
    for action in ["", "/invitees"] {
        ben.get(format!("{event}{action}"))
            .await
            .refused(403, "permission_denied");
    }
    let cancellation = format!("{event}/cancellation");
    ben.post(&cancellation, json!({}))
        .await
        .refused(403, "permission_denied");
    test.as_foreigner()
        .post(&cancellation, json!({}))
        .await
        .refused(404, "not_found");
    ada.post(&cancellation, json!({})).await.expect(201);
    assert_eq!(left(&ada, &event_type).await, Some(2));
}
