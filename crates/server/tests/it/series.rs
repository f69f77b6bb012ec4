//! Series: several meetings booked in one go, all or none of them, and what cancels or moves the rest.

use serde_json::{Value, json};

use crate::{
    caller::{Answer, Caller, booking, every_day, short, text, uri},
    groups::{booked, group},
    harness::Test,
    races::{active_events, at_once},
};

on_both_engines! {
    a_weekly_series_keeps_its_time_on_the_clock,
    one_date_that_is_taken_refuses_the_whole_series,
    dates_that_are_taken_can_be_skipped,
    dates_may_be_listed,
    a_series_without_end_or_too_long_is_refused,
    dates_of_a_series_stand_in_each_others_way,
    limits_count_within_the_series,
}

on_all_deployments! {
    of_two_series_at_once_one_is_whole,
}

const FIRST: &str = "2026-03-03T15:00:00Z";

/// An event type of the caller, who works from nine to five in New York, where the clocks change on March 8.
pub async fn in_new_york(caller: &Caller, more: Value) -> String {
    caller
        .set_hours("America/New_York", every_day(&[("09:00", "17:00")]))
        .await;
    let mut fields = json!({"booking_window": {"type": "unlimited"}});
    for (field, value) in more.as_object().unwrap() {
        fields[field] = value.clone();
    }
    caller.event_type(fields).await
}

/// Books a series that begins at the first date.
pub async fn series(
    caller: &Caller,
    event_type: &str,
    recurrence: Value,
    on_conflict: &str,
) -> Answer {
    let mut body = booking(event_type, FIRST);
    body["recurrence"] = recurrence;
    body["on_conflict"] = json!(on_conflict);
    caller.post("/invitees", body).await
}

pub fn weekly(count: usize) -> Value {
    json!({"rrule": format!("FREQ=WEEKLY;COUNT={count}")})
}

/// The starts of rows.
pub fn starts(rows: &Value) -> Vec<String> {
    let rows = rows.as_array().unwrap().iter();
    rows.map(|row| short(&text(&row["start_time"]))).collect()
}

/// Every Tuesday at ten in New York, from March 3 on.
pub fn tuesdays(count: usize) -> Vec<String> {
    let dates = [
        "03-03T15", "03-10T14", "03-17T14", "03-24T14", "03-31T14", "04-07T14", "04-14T14",
        "04-21T14", "04-28T14", "05-05T14", "05-12T14", "05-19T14",
    ];
    dates[..count]
        .iter()
        .map(|date| format!("2026-{date}:00Z"))
        .collect()
}

async fn a_weekly_series_keeps_its_time_on_the_clock(test: Test) {
    let ada = test.as_user("ada");
    let event_type = in_new_york(&ada, json!({})).await;
    let body = series(&ada, &event_type, weekly(12), "refuse")
        .await
        .expect(201);
    let dates = body["series"]["booked"].as_array().unwrap();
    assert_eq!(starts(&body["series"]["booked"]), tuesdays(12));
    assert_eq!(body["series"]["skipped"], json!([]));
    assert_eq!(dates[0]["invitee"], body["resource"]["uri"]);
    let events = active_events(&test).await;
    assert_eq!(starts(&json!(events)), tuesdays(12));
    for (date, event) in dates.iter().zip(&events) {
        assert_eq!(date["event"], event["uri"]);
        assert_eq!(event["series_id"], body["series"]["series_id"]);
        let invitee = ada.get(text(&date["invitee"])).await.resource(200);
        assert_eq!(invitee["event"], event["uri"]);
        assert_eq!(invitee["email"], "emmy@example.com");
    }
}

async fn one_date_that_is_taken_refuses_the_whole_series(test: Test) {
    let ada = test.as_user("ada");
    let event_type = in_new_york(&ada, json!({})).await;
    let seventh = &tuesdays(7)[6];
    ada.book(&event_type, seventh).await.expect(201);
    let before = active_events(&test).await;
    let refusal = series(&ada, &event_type, weekly(12), "refuse").await;
    let refusal = refusal.refused(409, "dates_not_available");
    let expected = json!([{
        "start_time": "2026-04-14T14:00:00.000000Z",
        "code": "busy",
        "message": "the host is taken at this time",
        "alternatives": [
            "2026-04-14T13:00:00.000000Z", "2026-04-14T13:30:00.000000Z", "2026-04-14T14:30:00.000000Z",
            "2026-04-14T15:00:00.000000Z", "2026-04-14T15:30:00.000000Z",
        ],
    }]);
    assert_eq!(refusal["dates"], expected);
    assert_eq!(active_events(&test).await, before);
}

async fn dates_that_are_taken_can_be_skipped(test: Test) {
    let ada = test.as_user("ada");
    let event_type = in_new_york(&ada, json!({})).await;
    let mut expected = tuesdays(12);
    let seventh = expected.remove(6);
    ada.book(&event_type, &seventh).await.expect(201);
    let body = series(&ada, &event_type, weekly(12), "skip")
        .await
        .expect(201);
    assert_eq!(starts(&body["series"]["booked"]), expected);
    let skipped = json!([{
        "start_time": "2026-04-14T14:00:00.000000Z", "code": "busy", "message": "the host is taken at this time",
        "alternatives": [],
    }]);
    assert_eq!(body["series"]["skipped"], skipped);
    assert_eq!(active_events(&test).await.len(), 12);
    // where nothing is left there is no series
    let refusal = series(&ada, &event_type, weekly(12), "skip").await;
    let refusal = refusal.refused(409, "dates_not_available");
    assert_eq!(starts(&refusal["dates"]), tuesdays(12));
    // the first date may be the one that is skipped
    let recurrence = json!({"start_times": ["2026-03-03T16:00:00Z"]});
    let body = series(&ada, &event_type, recurrence, "skip")
        .await
        .expect(201);
    assert_eq!(starts(&body["series"]["skipped"]), tuesdays(1));
    assert_eq!(
        body["resource"]["uri"],
        body["series"]["booked"][0]["invitee"]
    );
}

async fn dates_may_be_listed(test: Test) {
    let ada = test.as_user("ada");
    let event_type = in_new_york(&ada, json!({})).await;
    // in any order, with the first one or without
    let listed = json!(["2026-03-05T16:00:00Z", FIRST, "2026-03-04T10:30:00-05:00"]);
    let body = series(&ada, &event_type, json!({"start_times": listed}), "refuse")
        .await
        .expect(201);
    let expected = [
        "2026-03-03T15:00Z",
        "2026-03-04T15:30Z",
        "2026-03-05T16:00Z",
    ];
    assert_eq!(starts(&body["series"]["booked"]), expected);
    // several hosts in turn and several invitees
    let ben = test.as_user("ben");
    let fields = json!({"booking_window": {"type": "unlimited"}});
    let group = group(&ben, 2, fields).await;
    let there = booked(&ben, &group, "2026-03-10T15:00:00Z").await;
    let body = series(&ben, &group, weekly(2), "refuse").await.expect(201);
    let dates = &body["series"]["booked"];
    assert_eq!(dates[1]["event"], json!(there));
    // what was there before belongs to no series
    let series_ids = [&dates[0], &dates[1]].map(async |date| {
        let event = ben.get(text(&date["event"])).await.resource(200);
        (
            event["series_id"].clone(),
            event["invitees_counter"]["active"].clone(),
        )
    });
    let [first, second] = series_ids;
    assert_eq!(first.await, (body["series"]["series_id"].clone(), json!(1)));
    assert_eq!(second.await, (json!(null), json!(2)));
}

async fn a_series_without_end_or_too_long_is_refused(test: Test) {
    let ada = test.as_user("ada");
    let event_type = in_new_york(&ada, json!({})).await;
    let many: Vec<String> = (0..100)
        .map(|day| format!("2026-04-{:02}T14:{:02}:00Z", 1 + day / 5, day % 5))
        .collect();
    let rows = [
        (
            json!({"rrule": "FREQ=WEEKLY"}),
            "recurrence.rrule invalid_rrule",
        ),
        (
            json!({"rrule": "FREQ=HOURLY;COUNT=3"}),
            "recurrence.rrule invalid_rrule",
        ),
        (
            json!({"rrule": "FREQ=WEEKLY;UNTIL=20260101T000000Z"}),
            "recurrence.rrule invalid_rrule",
        ),
        (
            json!({"rrule": "FREQ=DAILY;COUNT=101"}),
            "recurrence too_many",
        ),
        (json!({"start_times": many}), "recurrence too_many"),
        (json!({"start_times": []}), "recurrence.start_times too_few"),
        (json!({}), "recurrence invalid_recurrence"),
        (
            json!({"rrule": "FREQ=YEARLY;INTERVAL=70;COUNT=9"}),
            "recurrence.rrule invalid_rrule",
        ),
        (
            json!({"rrule": "FREQ=DAILY;COUNT=2", "start_times": [FIRST]}),
            "recurrence invalid_recurrence",
        ),
    ];
    for (recurrence, mistake) in rows {
        let answer = series(&ada, &event_type, recurrence, "skip").await;
        assert_eq!(answer.mistakes(), [mistake]);
    }
    assert!(active_events(&test).await.is_empty());
    let rule = json!({"rrule": "FREQ=DAILY;COUNT=100"});
    let body = series(&ada, &event_type, rule, "refuse").await.expect(201);
    assert_eq!(body["series"]["booked"].as_array().unwrap().len(), 100);
}

async fn dates_of_a_series_stand_in_each_others_way(test: Test) {
    let ada = test.as_user("ada");
    let event_type = in_new_york(&ada, json!({"duration": 60, "start_time_increment": 30})).await;
    let further = json!({"start_times": ["2026-03-03T15:30:00Z", "2026-03-03T16:00:00Z"]});
    let refusal = series(&ada, &event_type, further.clone(), "refuse").await;
    let refusal = refusal.refused(409, "dates_not_available");
    assert_eq!(starts(&refusal["dates"]), ["2026-03-03T15:30Z"]);
    let body = series(&ada, &event_type, further, "skip").await.expect(201);
    assert_eq!(
        starts(&body["series"]["booked"]),
        ["2026-03-03T15:00Z", "2026-03-03T16:00Z"]
    );
}

async fn limits_count_within_the_series(test: Test) {
    let ada = test.as_user("ada");
    let limits = json!([{"per": "week", "events": 2}, {"per": "day", "events": 1}]);
    let event_type = in_new_york(&ada, json!({"limits": limits})).await;
    let further = json!({"start_times": [
        "2026-03-03T16:00:00Z", "2026-03-05T15:00:00Z", "2026-03-06T15:00:00Z", "2026-03-08T15:00:00Z",
    ]});
    let body = series(&ada, &event_type, further, "skip").await.expect(201);
    assert_eq!(
        starts(&body["series"]["booked"]),
        [
            "2026-03-03T15:00Z",
            "2026-03-05T15:00Z",
            "2026-03-08T15:00Z"
        ]
    );
    let skipped = &body["series"]["skipped"];
    assert_eq!(starts(skipped), ["2026-03-03T16:00Z", "2026-03-06T15:00Z"]);
    assert!(
        skipped
            .as_array()
            .unwrap()
            .iter()
            .all(|date| date["code"] == "limit_reached")
    );
}

async fn of_two_series_at_once_one_is_whole(test: Test) {
    let ada = test.as_user("ada");
    let event_type = in_new_york(&ada, json!({})).await;
    let request = |_| {
        let (ada, event_type) = (ada.clone(), event_type.clone());
        async move { series(&ada, &event_type, weekly(12), "refuse").await }
    };
    let answers = at_once((0..4).map(request)).await;
    let won: Vec<&Answer> = answers
        .iter()
        .filter(|answer| answer.status == 201)
        .collect();
    assert_eq!(won.len(), 1);
    for answer in answers.iter().filter(|answer| answer.status != 201) {
        let refusal = answer.refused(409, "dates_not_available");
        assert_eq!(starts(&refusal["dates"]), tuesdays(12));
    }
    let series_id = &won[0].expect(201)["series"]["series_id"];
    let events = active_events(&test).await;
    assert_eq!(events.len(), 12);
    assert!(events.iter().all(|event| event["series_id"] == *series_id));
    assert_ne!(uri(&events[0]), uri(&events[1]));
}
