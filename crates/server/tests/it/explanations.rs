//! `/event_type_time_explanations`: why a time is on offer or not, and what would change that.

use serde_json::{Value, json};

use crate::{
    caller::{Answer, Caller, every_day, path, short, text},
    harness::{NOTHING, Test},
};

on_both_engines! {
    a_time_that_is_on_offer_has_no_reasons_and_has_neighbours,
    a_closed_time_has_all_its_reasons_in_order,
    only_whose_time_it_is_and_administrators_learn_what_takes_it,
    what_is_inactive_or_without_hosts_says_so_and_what_is_gone_is_not_found,
    a_range_is_of_62_days_at_most,
    each_start_of_a_month_is_on_offer_or_has_a_reason,
}

async fn ask(caller: &Caller, event_type: &str, (start, end): (&str, Option<&str>)) -> Answer {
    let mut query = vec![("event_type", event_type), ("start_time", start)];
    query.extend(end.map(|end| ("end_time", end)));
    caller
        .get(path("/event_type_time_explanations", &query))
        .await
}

/// What is said of one time.
pub async fn explain(caller: &Caller, event_type: &str, start: &str) -> Value {
    let times = ask(caller, event_type, (start, None)).await.collection();
    assert_eq!(times.len(), 1);
    times[0].clone()
}

/// The reasons of a time.
pub async fn reasons(caller: &Caller, event_type: &str, start: &str) -> Vec<Value> {
    let time = explain(caller, event_type, start).await;
    time["reasons"].as_array().unwrap().clone()
}

/// The codes of reasons.
pub fn codes(reasons: &[Value]) -> Vec<String> {
    reasons.iter().map(|reason| text(&reason["code"])).collect()
}

/// The code by which a booking is refused.
fn refusal(answer: &Answer) -> String {
    let body = answer.expect(answer.status);
    match body["code"].as_str() {
        Some("time_taken") => "busy".to_owned(),
        Some("invalid_argument") => text(&body["details"][0]["code"]),
        other => other.unwrap_or_default().to_owned(),
    }
}

/// What is behind a reason, with at most one field.
pub fn source(kind: &str, field: &str, value: Value) -> Value {
    let mut source =
        json!({"type": kind, "weekday": null, "date": null, "uri": null, "limit": null});
    if !field.is_empty() {
        source[field] = value;
    }
    source
}

/// Blocks a caller's time; the answer is the busy time's URI.
pub async fn block(caller: &Caller, start: &str, end: &str) -> String {
    let body = json!({"start_time": start, "end_time": end});
    text(&caller.post("/user_busy_times", body).await.resource(201)["uri"])
}

async fn a_time_that_is_on_offer_has_no_reasons_and_has_neighbours(test: Test) {
    let ada = test.as_user("ada");
    let event_type = ada.event_type(json!({})).await;
    // 6 March is a Friday
    let expected = json!({
        "start_time": "2026-03-06T16:30:00.000000Z",
        "end_time": "2026-03-06T17:00:00.000000Z",
        "bookable": true,
        "invitees_remaining": 1,
        "reasons": [],
        "previous_start": "2026-03-06T16:00:00.000000Z",
        "next_start": "2026-03-09T09:00:00.000000Z",
    });
    assert_eq!(
        explain(&ada, &event_type, "2026-03-06T16:30:00Z").await,
        expected
    );
    // nothing lies before the first one, and nothing within 14 days of a year from now
    let first = explain(&ada, &event_type, "2026-03-02T09:00:00Z").await;
    assert_eq!(first["previous_start"], Value::Null);
    let far = explain(&ada, &event_type, "2027-03-02T09:00:00Z").await;
    assert_eq!(
        (&far["previous_start"], &far["next_start"]),
        (&Value::Null, &Value::Null)
    );
}

async fn a_closed_time_has_all_its_reasons_in_order(test: Test) {
    let ada = test.as_user("ada");
    let window = json!({"type": "range", "start_date": "2026-03-02", "end_date": "2026-03-06"});
    let fields = json!({"before_buffer": 15, "after_buffer": 15, "booking_window": window});
    let event_type = ada.event_type(fields).await;
    let blocked = block(&ada, "2026-03-07T16:00:00Z", "2026-03-07T18:00:00Z").await;
    // a Saturday
    let expected = json!({
        "start_time": "2026-03-07T15:35:00.000000Z",
        "end_time": "2026-03-07T16:05:00.000000Z",
        "bookable": false,
        "invitees_remaining": null,
        "reasons": [
            {
                "code": "booking_window",
                "message": "this date cannot be booked",
                "host": ada.uri,
                "source": source("event_type", "", Value::Null),
                "opens_with": [
                    {"change": "end_date", "value": "2026-03-07", "message": "let booking_window end on 2026-03-07"},
                ],
            },
            {
                "code": "outside_hours",
                "message": "this time is outside the host's hours",
                "host": ada.uri,
                "source": source("rule", "weekday", json!("saturday")),
                "opens_with": [{
                    "change": "hours",
                    "value": {"date": "2026-03-07", "from": "15:35", "to": "16:05"},
                    "message": "add hours from 15:35 to 16:05 on 2026-03-07",
                }],
            },
            {
                "code": "busy",
                "message": "the host is taken at this time",
                "host": ada.uri,
                "source": source("busy_time", "uri", json!(blocked)),
                "opens_with": [{"change": "duration", "value": 10, "message": "shorten duration to 10"}],
            },
        ],
        "previous_start": "2026-03-06T16:30:00.000000Z",
        "next_start": null,
    });
    assert_eq!(
        explain(&ada, &event_type, "2026-03-07T15:35:00Z").await,
        expected
    );
}

async fn only_whose_time_it_is_and_administrators_learn_what_takes_it(test: Test) {
    let (ada, ben, amir) = (test.as_user("ada"), test.as_user("ben"), test.as_admin());
    let event_type = ada.event_type(json!({})).await;
    let booked = ada
        .book(&event_type, "2026-03-03T10:00:00Z")
        .await
        .resource(201);
    let blocked = block(&ada, "2026-03-03T11:00:00Z", "2026-03-03T11:30:00Z").await;
    let hold = json!({"event_type": event_type, "start_time": "2026-03-03T12:00:00Z"});
    ben.post("/holds", hold).await.expect(201);
    for (caller, knows) in [(&ada, true), (&amir, true), (&ben, false)] {
        let uri = |uri: &Value| if knows { uri.clone() } else { Value::Null };
        let cases = [
            (
                "2026-03-03T10:00:00Z",
                source("event", "uri", uri(&booked["event"])),
            ),
            (
                "2026-03-03T11:00:00Z",
                source("busy_time", "uri", uri(&json!(blocked))),
            ),
            ("2026-03-03T12:00:00Z", source("hold", "", Value::Null)),
        ];
        for (start, expected) in cases {
            let answer = ask(caller, &event_type, (start, None)).await;
            assert!(
                !String::from_utf8_lossy(&answer.body).contains("Emmy"),
                "an invitee is named"
            );
            let reason = &answer.collection()[0]["reasons"][0];
            assert_eq!(
                (&reason["code"], &reason["source"]),
                (&json!("busy"), &expected)
            );
            assert_eq!(reason["host"], ada.uri.as_str());
        }
    }
}

async fn what_is_inactive_or_without_hosts_says_so_and_what_is_gone_is_not_found(test: Test) {
    let (ada, olga, zoe) = (test.as_user("ada"), test.as_owner(), test.as_foreigner());
    let event_type = ada.event_type(json!({})).await;
    let start = "2026-03-03T10:10:00Z";
    ada.patch(&event_type, json!({"active": false}))
        .await
        .expect(200);
    let closed = explain(&ada, &event_type, start).await;
    let inactive = json!({
        "code": "event_type_inactive",
        "message": "this event type is not active",
        "host": null,
        "source": source("event_type", "", Value::Null),
        "opens_with": [{"change": "active", "value": true, "message": "activate the event type"}],
    });
    assert_eq!(closed["reasons"][0], inactive);
    assert_eq!(
        codes(closed["reasons"].as_array().unwrap()),
        ["event_type_inactive", "off_grid"]
    );
    assert_eq!(
        (&closed["bookable"], &closed["next_start"]),
        (&json!(false), &Value::Null)
    );
    ask(&zoe, &event_type, (start, None))
        .await
        .refused(404, "not_found");
    ask(&ada, NOTHING, (start, None)).await.mistakes();

    ada.patch(&event_type, json!({"active": true}))
        .await
        .expect(200);
    let doomed = ada.event_type(json!({})).await;
    ada.delete(&doomed).await.expect(204);
    ask(&ada, &doomed, (start, None))
        .await
        .refused(404, "not_found");

    olga.delete(&ada.uri).await.expect(204);
    let closed = reasons(&olga, &event_type, start).await;
    assert_eq!(codes(&closed), ["no_hosts"]);
    assert_eq!(closed[0]["opens_with"], json!([]));
}

async fn a_range_is_of_62_days_at_most(test: Test) {
    let ada = test.as_user("ada");
    let event_type = ada.event_type(json!({})).await;
    let mistakes =
        async |start: &str, end: &str| ask(&ada, &event_type, (start, Some(end))).await.mistakes();
    let (from, until) = ("2026-03-02T00:00:00Z", "2026-05-03T00:00:01Z");
    assert_eq!(mistakes(from, until).await, ["end_time range_too_long"]);
    assert_eq!(mistakes(until, from).await, ["end_time invalid_range"]);
    let none = ada.get("/event_type_time_explanations").await;
    assert_eq!(
        none.mistakes(),
        ["event_type required", "start_time required"]
    );
    let whole = ask(&ada, &event_type, (from, Some("2026-05-03T00:00:00Z"))).await;
    // 45 weekdays with 16 starts each
    assert_eq!(whole.collection().len(), 45 * 16);
}

/// The starts every half hour from 9 to 17 on weekdays of March, but for two dates with hours of their own.
fn grid_of_march() -> Vec<String> {
    let mut grid = Vec::new();
    for day in 1..=31 {
        // 1 March is a Sunday
        let is_weekend = day % 7 < 2;
        let hours = match day {
            14 => 20..24,
            _ if day == 12 || is_weekend => 0..0,
            _ => 18..34,
        };
        for half in hours {
            grid.push(format!(
                "2026-03-{day:02}T{:02}:{:02}Z",
                half / 2,
                half % 2 * 30
            ));
        }
    }
    grid
}

async fn each_start_of_a_month_is_on_offer_or_has_a_reason(test: Test) {
    let ada = test.as_user("ada");
    let mut rules = every_day(&[("09:00", "17:00")]);
    let days = rules.as_array_mut().unwrap();
    days.retain(|rule| rule["wday"] != "sunday" && rule["wday"] != "saturday");
    days.push(json!({"type": "date", "date": "2026-03-12", "intervals": []}));
    days.push(json!({"type": "date", "date": "2026-03-14", "intervals": [{"from": "10:00", "to": "12:00"}]}));
    ada.set_hours("UTC", rules).await;
    let fields = json!({
        "minimum_notice": 1440, "before_buffer": 15, "after_buffer": 10,
        "limits": [{"per": "day", "events": 2}],
        "booking_window": {"type": "range", "start_date": "2026-03-02", "end_date": "2026-03-27"},
    });
    let event_type = ada.event_type(fields).await;
    block(&ada, "2026-03-05T10:07:00Z", "2026-03-05T13:00:00Z").await;
    for start in [
        "2026-03-09T10:00:00Z",
        "2026-03-10T09:00:00Z",
        "2026-03-10T16:30:00Z",
    ] {
        ada.book(&event_type, start).await.expect(201);
    }

    let (from, until) = ("2026-03-01T00:00:00Z", "2026-04-01T00:00:00Z");
    let times = ask(&ada, &event_type, (from, Some(until)))
        .await
        .collection();
    let starts: Vec<String> = times
        .iter()
        .map(|time| short(&text(&time["start_time"])))
        .collect();
    assert_eq!(starts, grid_of_march());
    let listed = ada.available(&event_type, from, until).await;
    let is_open = |time: &&Value| time["bookable"] == true;
    let open: Vec<String> = times
        .iter()
        .filter(is_open)
        .map(|time| text(&time["start_time"]))
        .collect();
    assert_eq!(open, listed);

    let mut seen = Vec::new();
    for (place, time) in times.iter().enumerate() {
        let (start, reasons) = (
            text(&time["start_time"]),
            time["reasons"].as_array().unwrap(),
        );
        let before = open.iter().rfind(|other| **other < start);
        let after = open.iter().find(|other| start < **other);
        assert_eq!(
            time["previous_start"].as_str(),
            before.map(String::as_str),
            "{start}"
        );
        assert_eq!(
            time["next_start"].as_str(),
            after.map(String::as_str),
            "{start}"
        );
        assert_eq!(time["bookable"] == true, reasons.is_empty(), "{start}");
        let code = reasons.first().map(|reason| text(&reason["code"]));
        let is_new = !seen.contains(&code);
        if is_new {
            seen.push(code.clone());
        }
        if is_new || place % 23 == 0 {
            let answer = ada.book(&event_type, &start).await;
            let Some(code) = code else {
                let event = text(&answer.resource(201)["event"]);
                ada.post(format!("{event}/cancellation"), json!({}))
                    .await
                    .expect(201);
                continue;
            };
            assert_eq!(refusal(&answer), code, "{start}");
        }
    }
    for code in ["minimum_notice", "busy", "limit_reached", "booking_window"] {
        assert!(seen.contains(&Some(code.to_owned())), "{code} is no reason");
    }
}
