//! What of an explanation is to be changed: it really opens the time.

use serde_json::{Value, json};

use crate::{
    caller::{Caller, every_day, text},
    event_type_hosts::pooled,
    explanations::{block, codes, explain, reasons, source},
    harness::Test,
};

on_both_engines! {
    what_is_asked_to_change_really_opens_the_time,
    hours_are_those_of_the_host_on_odd_days,
    a_full_meeting_and_a_full_day_say_what_would_do,
    each_host_of_a_meeting_has_reasons_unless_another_one_is_free,
}

/// Makes a change of an event type or of its host's hours.
async fn make(caller: &Caller, event_type: &str, change: &Value) {
    let (field, value) = (text(&change["change"]), &change["value"]);
    let body = match field.as_str() {
        "days" => json!({"booking_window": {"type": "rolling", "days": value}}),
        "end_date" => {
            json!({"booking_window": {"type": "range", "start_date": "2026-03-02", "end_date": value}})
        }
        "limit" => json!({"limits": [value]}),
        "hours" => {
            let rule = json!({"type": "date", "date": value["date"], "intervals": [
                {"from": "09:00", "to": "17:00"}, {"from": value["from"], "to": value["to"]},
            ]});
            let mut rules = every_day(&[("09:00", "17:00")]);
            rules.as_array_mut().unwrap().push(rule);
            return caller.set_hours("UTC", rules).await;
        }
        _ => json!({field: value}),
    };
    caller.patch(event_type, body).await.expect(200);
}

async fn what_is_asked_to_change_really_opens_the_time(test: Test) {
    let ada = test.as_user("ada");
    ada.set_hours("UTC", every_day(&[("09:00", "17:00")])).await;
    block(&ada, "2026-03-03T11:10:00Z", "2026-03-03T11:20:00Z").await;
    let range = json!({"type": "range", "start_date": "2026-03-02", "end_date": "2026-03-06"});
    let cases = [
        (
            json!({"minimum_notice": 2880}),
            "2026-03-03T10:00:00Z",
            "minimum_notice",
            1,
        ),
        (
            json!({"booking_window": {"type": "rolling", "days": 2}}),
            "2026-03-10T10:00:00Z",
            "booking_window",
            1,
        ),
        (
            json!({"booking_window": range}),
            "2026-03-10T10:00:00Z",
            "booking_window",
            1,
        ),
        (json!({}), "2026-03-03T16:45:00Z", "outside_hours", 2),
        (json!({}), "2026-03-03T10:10:00Z", "off_grid", 3),
        (json!({}), "2026-03-03T11:00:00Z", "busy", 1),
        (
            json!({"after_buffer": 60}),
            "2026-03-03T10:30:00Z",
            "busy",
            1,
        ),
        (
            json!({"before_buffer": 60}),
            "2026-03-03T11:30:00Z",
            "busy",
            1,
        ),
    ];
    for (fields, start, code, count) in cases {
        let explained = {
            let event_type = ada.event_type(fields.clone()).await;
            reasons(&ada, &event_type, start).await
        };
        let reason = explained
            .iter()
            .find(|reason| reason["code"] == code)
            .unwrap();
        let changes = reason["opens_with"].as_array().unwrap();
        assert_eq!(changes.len(), count, "{start} {reason}");
        for change in changes {
            let event_type = ada.event_type(fields.clone()).await;
            let start = if change["change"] == "start_time" {
                text(&change["value"])
            } else {
                make(&ada, &event_type, change).await;
                start.to_owned()
            };
            let left = reasons(&ada, &event_type, &start).await;
            assert!(
                !codes(&left).contains(&code.to_owned()),
                "{start} {change} leaves {left:?}"
            );
            ada.set_hours("UTC", every_day(&[("09:00", "17:00")])).await;
        }
    }
}

async fn hours_are_those_of_the_host_on_odd_days(test: Test) {
    let ada = test.as_user("ada");
    let unlimited = json!({"booking_window": {"type": "unlimited"}});
    let event_type = ada.event_type(unlimited).await;
    let cases = [
        // half an hour that ends with the skipped hour, one over it, and one in the second occurrence of an hour
        (
            "America/New_York",
            "2026-03-08T06:30:00Z",
            ("2026-03-08", "01:30", "02:00"),
        ),
        (
            "America/New_York",
            "2026-03-08T06:45:00Z",
            ("2026-03-08", "01:45", "03:15"),
        ),
        (
            "America/New_York",
            "2026-11-01T06:15:00Z",
            ("2026-11-01", "01:15", "02:00"),
        ),
        (
            "Asia/Kathmandu",
            "2026-03-03T12:00:00Z",
            ("2026-03-03", "17:45", "18:15"),
        ),
        // midnight does not exist
        (
            "Africa/Cairo",
            "2026-04-23T21:45:00Z",
            ("2026-04-23", "23:45", "01:15"),
        ),
    ];
    for (zone, start, (date, from, to)) in cases {
        ada.set_hours(zone, every_day(&[("09:00", "17:00")])).await;
        let reasons = reasons(&ada, &event_type, start).await;
        assert_eq!(codes(&reasons), ["outside_hours"], "{start}");
        let hours = &reasons[0]["opens_with"][0]["value"];
        assert_eq!(
            hours,
            &json!({"date": date, "from": from, "to": to}),
            "{start}"
        );
    }
    // an override closes its date, and is named
    let mut rules = every_day(&[("09:00", "17:00")]);
    let closed = json!({"type": "date", "date": "2026-03-03", "intervals": []});
    rules.as_array_mut().unwrap().push(closed);
    ada.set_hours("UTC", rules).await;
    let reasons = reasons(&ada, &event_type, "2026-03-03T10:00:00Z").await;
    assert_eq!(
        reasons[0]["source"],
        source("override", "date", json!("2026-03-03"))
    );
}

async fn a_full_meeting_and_a_full_day_say_what_would_do(test: Test) {
    let ada = test.as_user("ada");
    let group = ada
        .event_type(json!({"kind": "group", "capacity": 2}))
        .await;
    let start = "2026-03-03T10:00:00Z";
    ada.book(&group, start).await.expect(201);
    let open = explain(&ada, &group, start).await;
    assert_eq!(
        (&open["bookable"], &open["invitees_remaining"]),
        (&json!(true), &json!(1))
    );
    ada.book(&group, start).await.expect(201);
    let full = reasons(&ada, &group, start).await;
    assert_eq!(codes(&full), ["capacity_reached"]);
    let more = json!([{"change": "capacity", "value": 3, "message": "raise capacity to 3"}]);
    assert_eq!(full[0]["opens_with"], more);

    let limits = json!([{"per": "day", "events": 1}, {"per": "week", "minutes": 40}]);
    let limited = ada.event_type(json!({"limits": limits})).await;
    ada.book(&limited, "2026-03-03T14:00:00Z").await.expect(201);
    let closed = reasons(&ada, &limited, "2026-03-03T15:00:00Z").await;
    let shown: Vec<Value> = closed
        .iter()
        .map(|reason| json!([reason["code"], reason["source"], reason["opens_with"]]))
        .collect();
    let day = json!([{"change": "limit", "value": {"per": "day", "events": 2}, "message": "raise the limit to 2 events a day"}]);
    let week = json!([{"change": "limit", "value": {"per": "week", "minutes": 60}, "message": "raise the limit to 60 minutes a week"}]);
    let expected = json!([
        [
            "limit_reached",
            source("limit", "limit", json!({"per": "day", "events": 1})),
            day
        ],
        [
            "limit_reached",
            source("limit", "limit", json!({"per": "week", "minutes": 40})),
            week
        ],
    ]);
    assert_eq!(json!(shown), expected);
}

async fn each_host_of_a_meeting_has_reasons_unless_another_one_is_free(test: Test) {
    let (olga, ada, ben) = (test.as_owner(), test.as_user("ada"), test.as_user("ben"));
    let hosts = json!([{"user": ada.uri}, {"user": ben.uri}]);
    let all = pooled(&olga, "collective", hosts.clone()).await;
    let one = pooled(&olga, "round_robin", hosts).await;
    block(&ben, "2026-03-03T10:00:00Z", "2026-03-03T11:00:00Z").await;
    let of_hosts = async |event_type: &str, start: &str| -> Vec<(String, String)> {
        let reasons = reasons(&olga, event_type, start).await;
        let pair = |reason: &Value| (text(&reason["code"]), text(&reason["host"]));
        reasons.iter().map(pair).collect()
    };
    let busy = |caller: &Caller| ("busy".to_owned(), caller.uri.clone());
    assert_eq!(of_hosts(&all, "2026-03-03T10:00:00Z").await, [busy(&ben)]);
    assert_eq!(of_hosts(&one, "2026-03-03T10:00:00Z").await, []);
    block(&ada, "2026-03-03T10:30:00Z", "2026-03-03T11:00:00Z").await;
    for event_type in [&all, &one] {
        let mut reasons = of_hosts(event_type, "2026-03-03T10:30:00Z").await;
        reasons.sort();
        let mut expected = [busy(&ada), busy(&ben)];
        expected.sort();
        assert_eq!(reasons, expected);
    }
}
