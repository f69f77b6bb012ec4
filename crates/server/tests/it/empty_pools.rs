//! Pools whose people were all removed: nothing is on offer, nothing is booked, and it is said why.

use serde_json::{Value, json};

use crate::{
    caller::{Caller, booking, path, text, uri},
    explanations::{codes, explain},
    harness::Test,
    pooled_hosts::{booked, held_by, hosted, newcomer, on_day},
};

on_both_engines! {
    a_pool_without_people_closes_the_event_type,
    a_room_without_people_is_not_booked,
    a_pool_with_somebody_left_goes_on,
    a_fixed_host_who_is_gone_is_not_waited_for,
    a_collective_event_type_goes_on_with_the_others,
}

const START: &str = "2026-03-03T09:00:00Z";

/// Nothing is on offer, whatever is asked for is refused, and the reason is said.
async fn is_closed(caller: &Caller, event_type: &str, event: &str) {
    assert!(on_day(caller, event_type, "2026-03-03").await.is_empty());
    let mut series = booking(event_type, START);
    series["recurrence"] = json!({"rrule": "FREQ=DAILY;COUNT=2"});
    series["on_conflict"] = json!("skip");
    let requests = [
        ("/invitees", booking(event_type, START)),
        ("/invitees?dry_run=true", booking(event_type, START)),
        ("/invitees", series),
        (
            "/holds",
            json!({"event_type": event_type, "start_time": START}),
        ),
    ];
    for (path, body) in requests {
        caller.post(path, body).await.refused(404, "not_found");
    }
    let to = json!({"start_time": START});
    caller
        .post(format!("{event}/rescheduling"), to)
        .await
        .refused(403, "permission_denied");
    let shown = caller.get(event).await.resource(200);
    assert_eq!(shown["status"], "active");
    let time = explain(caller, event_type, START).await;
    assert_eq!(time["bookable"], false);
    assert_eq!(codes(time["reasons"].as_array().unwrap()), ["no_hosts"]);
    assert_eq!(time["reasons"][0]["opens_with"], json!([]));
    let neighbours = [&time["previous_start"], &time["next_start"]];
    assert_eq!(neighbours, [&Value::Null, &Value::Null]);
    let month = [
        ("event_type", event_type),
        ("start_time", START),
        ("end_time", "2026-03-31T00:00:00Z"),
    ];
    let times = caller.get(path("/event_type_time_explanations", &month));
    let times = times.await.collection();
    assert!(times.iter().all(|time| time["bookable"] == false));
}

async fn a_pool_without_people_closes_the_event_type(test: Test) {
    let (olga, ada, ben) = (test.as_owner(), test.as_user("ada"), test.as_user("ben"));
    let hosts = json!([{"user": ada.uri, "pool": "Sales"}, {"user": ben.uri, "pool": "Engineers"}]);
    let event_type = hosted(&test, "multi_pool", hosts, json!({})).await;
    let event = booked(&ada, &event_type, "2026-03-03T12:00:00Z").await;
    olga.delete(&ben.uri).await.expect(204);
    is_closed(&olga, &event_type, &event).await;
    // somebody else opens it again
    let dora = newcomer(&test, "dora", "person").await;
    let hosts =
        json!([{"user": ada.uri, "pool": "Sales"}, {"user": dora.uri, "pool": "Engineers"}]);
    olga.patch(&event_type, json!({"hosts": hosts}))
        .await
        .expect(200);
    let event = booked(&ada, &event_type, START).await;
    let mut names = held_by(&test, &event).await;
    names.sort();
    assert_eq!(names, ["ada", "dora"]);
}

async fn a_room_without_people_is_not_booked(test: Test) {
    let (olga, ben) = (test.as_owner(), test.as_user("ben"));
    let room = newcomer(&test, "Room", "resource").await;
    let hosts = json!([{"user": room.uri, "fixed": true}, {"user": ben.uri}]);
    let event_type = hosted(&test, "round_robin", hosts, json!({})).await;
    let event = booked(&olga, &event_type, "2026-03-03T12:00:00Z").await;
    assert_eq!(held_by(&test, &event).await, ["Room", "ben"]);
    let hold = json!({"event_type": event_type, "start_time": "2026-03-03T14:00:00Z"});
    let kept = uri(&olga.post("/holds", hold).await.resource(201));
    olga.delete(&ben.uri).await.expect(204);
    is_closed(&olga, &event_type, &event).await;
    let mut body = booking(&event_type, "2026-03-03T14:00:00Z");
    body["hold"] = json!(kept);
    olga.post("/invitees", body).await.refused(404, "not_found");
    let room_is_free = olga.free(&room.uri, START, "2026-03-03T09:30:00Z").await;
    assert_eq!(room_is_free.len(), 1);
}

async fn a_pool_with_somebody_left_goes_on(test: Test) {
    let (olga, ada, ben) = (test.as_owner(), test.as_user("ada"), test.as_user("ben"));
    let cleo = newcomer(&test, "cleo", "person").await;
    let hosts = json!([
        {"user": ada.uri, "pool": "Sales"},
        {"user": ben.uri, "pool": "Engineers"},
        {"user": cleo.uri, "pool": "Engineers"},
    ]);
    let event_type = hosted(&test, "multi_pool", hosts, json!({})).await;
    olga.delete(&ben.uri).await.expect(204);
    goes_on(&test, &event_type, &["ada", "cleo"]).await;
}

async fn a_fixed_host_who_is_gone_is_not_waited_for(test: Test) {
    let (olga, ada, ben) = (test.as_owner(), test.as_user("ada"), test.as_user("ben"));
    let hosts = json!([{"user": ben.uri, "fixed": true}, {"user": ada.uri}]);
    let event_type = hosted(&test, "round_robin", hosts, json!({})).await;
    olga.delete(&ben.uri).await.expect(204);
    goes_on(&test, &event_type, &["ada"]).await;
}

async fn a_collective_event_type_goes_on_with_the_others(test: Test) {
    let (olga, ada, ben) = (test.as_owner(), test.as_user("ada"), test.as_user("ben"));
    let amir = test.as_admin();
    let hosts = json!([{"user": ada.uri}, {"user": ben.uri}, {"user": amir.uri}]);
    let event_type = hosted(&test, "collective", hosts, json!({})).await;
    ben.set_hours("UTC", json!([])).await;
    let closed = explain(&olga, &event_type, START).await;
    let reasons = closed["reasons"].as_array().unwrap();
    assert_eq!(codes(reasons), ["outside_hours"]);
    assert_eq!(text(&reasons[0]["host"]), ben.uri);
    olga.delete(&ben.uri).await.expect(204);
    goes_on(&test, &event_type, &["ada", "amir"]).await;
}

/// It is on offer, and is booked with these hosts.
async fn goes_on(test: &Test, event_type: &str, hosts: &[&str]) {
    let olga = test.as_owner();
    assert_eq!(on_day(&olga, event_type, "2026-03-03").await[0], "09:00");
    let time = explain(&olga, event_type, START).await;
    assert_eq!(
        json!([time["bookable"], time["reasons"]]),
        json!([true, []])
    );
    let event = booked(&olga, event_type, START).await;
    let mut names = held_by(test, &event).await;
    names.sort();
    assert_eq!(names, hosts);
}
