//! `this_and_following`: who may change the rest of a series.

use serde_json::json;

use crate::{
    caller::{Answer, Caller, booking, text, uri},
    harness::Test,
    pooled_hosts::{blocked, held_by, hosted},
    races::active_events,
};

on_both_engines! {
    who_hosts_a_part_of_the_rest_changes_none_of_it,
    who_hosts_all_of_the_rest_changes_it,
    administrators_change_what_others_host,
}

pub const REST: &str = "this_and_following";

/// Every day at ten, in turn; the events by start.
pub async fn daily(caller: &Caller, event_type: &str, count: usize) -> Vec<String> {
    let mut body = booking(event_type, "2026-03-10T10:00:00Z");
    body["recurrence"] = json!({"rrule": format!("FREQ=DAILY;COUNT={count}")});
    let body = caller.post("/invitees", body).await.expect(201);
    let dates = body["series"]["booked"].as_array().unwrap();
    dates.iter().map(|date| text(&date["event"])).collect()
}

/// A round robin of two people who are always free.
async fn in_turn(test: &Test) -> String {
    let (ada, ben) = (test.as_user("ada"), test.as_user("ben"));
    for caller in [&ada, &ben] {
        caller.always_open("UTC").await;
    }
    let hosts = json!([{"user": ada.uri}, {"user": ben.uri}]);
    hosted(test, "round_robin", hosts, json!({})).await
}

pub async fn cancel(caller: &Caller, event: &str) -> Answer {
    let body = json!({"range": REST});
    caller.post(format!("{event}/cancellation"), body).await
}

pub async fn reschedule(caller: &Caller, event: &str, start: &str, range: &str) -> Answer {
    let body = json!({"start_time": start, "range": range});
    caller.post(format!("{event}/rescheduling"), body).await
}

async fn who_hosts_a_part_of_the_rest_changes_none_of_it(test: Test) {
    let event_type = in_turn(&test).await;
    let events = daily(&test.as_owner(), &event_type, 6).await;
    let mut hosts = Vec::new();
    for event in &events {
        hosts.push(held_by(&test, event).await.concat());
    }
    let before = active_events(&test).await;
    for name in ["ada", "ben"] {
        let caller = test.as_user(name);
        for event in &events[..5] {
            cancel(&caller, event)
                .await
                .refused(403, "permission_denied");
            let start = "2026-03-10T15:00:00Z";
            reschedule(&caller, event, start, REST)
                .await
                .refused(403, "permission_denied");
            let body = json!({"start_time": start, "range": REST});
            let trial = format!("{event}/rescheduling?dry_run=true");
            caller
                .post(trial, body)
                .await
                .refused(403, "permission_denied");
        }
        assert!(hosts.iter().any(|host| host == name));
    }
    assert_eq!(active_events(&test).await, before);
    // the last one is all that is left, and belongs to one of them
    let last = test.as_user(if hosts[5] == "ada" { "ada" } else { "ben" });
    let canceled = cancel(&last, &events[5]).await.expect(201);
    assert_eq!(canceled["events"], json!([events[5]]));
    assert_eq!(active_events(&test).await, before[..5]);
}

async fn who_hosts_all_of_the_rest_changes_it(test: Test) {
    let (olga, ada, ben) = (test.as_owner(), test.as_user("ada"), test.as_user("ben"));
    let event_type = in_turn(&test).await;
    // ben has no time, so ada has all the turns
    blocked(&ben, "2026-03-09T00:00:00Z", "2026-03-20T00:00:00Z").await;
    let events = daily(&olga, &event_type, 4).await;
    cancel(&ben, &events[0])
        .await
        .refused(403, "permission_denied");
    let moved = reschedule(&ada, &events[1], "2026-03-11T15:00:00Z", REST).await;
    let moved = moved.expect(201);
    assert_eq!(moved["events"].as_array().unwrap().len(), 3);
    let canceled = cancel(&ada, &text(&moved["events"][1])).await.expect(201);
    assert_eq!(
        canceled["events"],
        json!([moved["events"][1], moved["events"][2]])
    );
    let left = active_events(&test).await;
    let left: Vec<String> = left.iter().map(uri).collect();
    assert_eq!(left, [events[0].clone(), text(&moved["events"][0])]);
    // each host of a collective meeting hosts all of it
    let hosts = json!([{"user": ada.uri}, {"user": ben.uri}]);
    let together = hosted(&test, "collective", hosts, json!({"name": "Both"})).await;
    ben.set_hours("UTC", json!([])).await;
    ben.always_open("UTC").await;
    let mut body = booking(&together, "2026-03-21T12:00:00Z");
    body["recurrence"] = json!({"rrule": "FREQ=DAILY;COUNT=3"});
    let series = olga.post("/invitees", body).await.expect(201);
    let second = text(&series["series"]["booked"][1]["event"]);
    let canceled = cancel(&ben, &second).await.expect(201);
    assert_eq!(canceled["events"].as_array().unwrap().len(), 2);
}

async fn administrators_change_what_others_host(test: Test) {
    let (olga, amir) = (test.as_owner(), test.as_admin());
    let event_type = in_turn(&test).await;
    let events = daily(&olga, &event_type, 4).await;
    let moved = reschedule(&amir, &events[0], "2026-03-10T15:00:00Z", REST).await;
    let moved = moved.expect(201);
    let canceled = cancel(&olga, &text(&moved["events"][0])).await.expect(201);
    assert_eq!(canceled["events"], moved["events"]);
    assert!(active_events(&test).await.is_empty());
}
