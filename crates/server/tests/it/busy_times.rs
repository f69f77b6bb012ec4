//! `/user_busy_times`: blocking time, once or by a rule, and freeing it again.

use serde_json::{Value, json};

use crate::{
    caller::{Caller, every_day, intervals, path, uri},
    harness::Test,
};

on_both_engines! {
    a_busy_time_is_shown_as_it_was_set,
    a_rule_keeps_its_wall_time_and_leaves_exdates_out,
    a_busy_time_of_many_days_is_shown_as_one,
    a_day_in_the_middle_of_a_busy_time_is_shown_alone,
    a_busy_time_around_an_event_is_still_one,
    exdates_come_with_a_rule,
    what_is_freed_can_be_booked_again,
    rules_that_cannot_be_followed_are_refused,
}

async fn busy(caller: &Caller, start: &str, end: &str) -> Vec<Value> {
    let query = [
        ("user", caller.uri.as_str()),
        ("start_time", start),
        ("end_time", end),
    ];
    caller
        .get(path("/user_busy_times", &query))
        .await
        .collection()
}

fn pairs<const N: usize>(expected: [(&str, &str); N]) -> Vec<(String, String)> {
    expected
        .map(|(from, to)| (from.to_owned(), to.to_owned()))
        .to_vec()
}

async fn a_busy_time_is_shown_as_it_was_set(test: Test) {
    let ada = test.as_user("ada");
    let body = json!({"start_time": "2026-03-03T12:00:00+01:00", "end_time": "2026-03-03T12:30:00+01:00", "reason": "Lunch"});
    let created = ada.post("/user_busy_times", body).await.resource(201);
    let expected = json!({
        "uri": created["uri"], "user": ada.uri, "start_time": "2026-03-03T11:00:00.000000Z",
        "end_time": "2026-03-03T11:30:00.000000Z", "reason": "Lunch", "rrule": null, "exdates": [], "timezone": "UTC",
        "created_at": created["created_at"],
    });
    assert_eq!(created, expected);
    let row = json!({
        "type": "external", "start_time": "2026-03-03T11:00:00.000000Z", "end_time": "2026-03-03T11:30:00.000000Z",
        "uri": created["uri"],
    });
    assert_eq!(
        busy(&ada, "2026-03-03T00:00:00Z", "2026-03-04T00:00:00Z").await,
        [row]
    );
    // what only touches the range is not in it
    assert!(
        busy(&ada, "2026-03-03T11:30:00Z", "2026-03-04T00:00:00Z")
            .await
            .is_empty()
    );
    let free = ada
        .free(&ada.uri, "2026-03-03T00:00:00Z", "2026-03-04T00:00:00Z")
        .await;
    assert_eq!(
        free,
        pairs([
            ("2026-03-03T09:00Z", "2026-03-03T11:00Z"),
            ("2026-03-03T11:30Z", "2026-03-03T17:00Z")
        ])
    );
}

async fn a_rule_keeps_its_wall_time_and_leaves_exdates_out(test: Test) {
    let ada = test.as_user("ada");
    // Sundays at noon in New York, which changes its clocks on 8 March
    let body = json!({
        "start_time": "2026-03-01T17:00:00Z", "end_time": "2026-03-01T18:00:00Z", "timezone": "America/New_York",
        "rrule": "FREQ=WEEKLY;COUNT=4", "exdates": ["2026-03-15T16:00:00Z"],
    });
    ada.post("/user_busy_times", body).await.expect(201);
    let rows = busy(&ada, "2026-03-01T00:00:00Z", "2026-05-01T00:00:00Z").await;
    let expected = pairs([
        ("2026-03-01T17:00Z", "2026-03-01T18:00Z"),
        ("2026-03-08T16:00Z", "2026-03-08T17:00Z"),
        ("2026-03-22T16:00Z", "2026-03-22T17:00Z"),
    ]);
    assert_eq!(intervals(&rows), expected);
}

async fn a_busy_time_of_many_days_is_shown_as_one(test: Test) {
    let ada = test.as_user("ada");
    ada.set_hours("UTC", every_day(&[("09:00", "10:00")])).await;
    let body = json!({"start_time": "2026-03-04T09:30:00Z", "end_time": "2026-03-14T09:15:00Z"});
    ada.post("/user_busy_times", body).await.expect(201);
    let rows = busy(&ada, "2026-03-01T00:00:00Z", "2026-04-01T00:00:00Z").await;
    assert_eq!(
        intervals(&rows),
        pairs([("2026-03-04T09:30Z", "2026-03-14T09:15Z")])
    );
    let free = ada
        .free(&ada.uri, "2026-03-04T00:00:00Z", "2026-03-15T00:00:00Z")
        .await;
    assert_eq!(
        free,
        pairs([
            ("2026-03-04T09:00Z", "2026-03-04T09:30Z"),
            ("2026-03-14T09:15Z", "2026-03-14T10:00Z")
        ])
    );
}

async fn what_is_freed_can_be_booked_again(test: Test) {
    let ada = test.as_user("ada");
    let event_type = ada.event_type(json!({})).await;
    let body = json!({"start_time": "2026-03-03T10:00:00Z", "end_time": "2026-03-03T11:00:00Z", "rrule": "FREQ=DAILY;COUNT=3"});
    let busy_time = uri(&ada.post("/user_busy_times", body).await.resource(201));
    ada.book(&event_type, "2026-03-04T10:30:00Z")
        .await
        .refused(409, "time_taken");
    ada.delete(&busy_time).await.expect(204);
    ada.delete(&busy_time).await.refused(404, "not_found");
    assert!(
        busy(&ada, "2026-03-01T00:00:00Z", "2026-04-01T00:00:00Z")
            .await
            .is_empty()
    );
    ada.book(&event_type, "2026-03-04T10:30:00Z")
        .await
        .expect(201);
}

async fn rules_that_cannot_be_followed_are_refused(test: Test) {
    let ada = test.as_user("ada");
    let rules = [
        ("FREQ=DAILY", "rrule invalid_rrule"),
        ("FREQ=DAILY;COUNT=1000000000", "rrule invalid_rrule"),
        ("FREQ=DAILY;UNTIL=20991231T000000Z", "rrule invalid_rrule"),
        ("FREQ=DAILY;COUNT=0", "rrule invalid_rrule"),
        ("FREQ=SECONDLY;COUNT=2", "rrule invalid_rrule"),
        ("FREQ=DAILY;COUNT=2;COUNT=3", "rrule invalid_rrule"),
        ("COUNT=2", "rrule invalid_rrule"),
        ("every day", "rrule invalid_rrule"),
    ];
    for (rule, mistake) in rules {
        let body = json!({"start_time": "2026-03-03T10:00:00Z", "end_time": "2026-03-03T11:00:00Z", "rrule": rule});
        assert_eq!(
            ada.post("/user_busy_times", body).await.mistakes(),
            [mistake],
            "{rule}"
        );
    }
    let all_out = json!({
        "start_time": "2026-03-03T10:00:00Z", "end_time": "2026-03-03T11:00:00Z", "rrule": "FREQ=DAILY;COUNT=2",
        "exdates": ["2026-03-03T10:00:00Z", "2026-03-04T10:00:00Z"],
    });
    assert_eq!(
        ada.post("/user_busy_times", all_out).await.mistakes(),
        ["exdates nothing_left"]
    );
    let too_long = json!({"start_time": "2026-03-03T10:00:00Z", "end_time": "2026-04-03T10:00:00Z", "rrule": "FREQ=MONTHLY;COUNT=400"});
    assert_eq!(
        ada.post("/user_busy_times", too_long).await.mistakes(),
        ["rrule too_long"]
    );
    assert!(
        busy(&ada, "2026-03-01T00:00:00Z", "2027-03-01T00:00:00Z")
            .await
            .is_empty()
    );
}

async fn a_day_in_the_middle_of_a_busy_time_is_shown_alone(test: Test) {
    let ada = test.as_user("ada");
    // Friday to Monday; nobody works on Sunday
    let body = json!({"start_time": "2026-03-06T09:30:00Z", "end_time": "2026-03-09T09:15:00Z"});
    ada.post("/user_busy_times", body).await.expect(201);
    let sunday = busy(&ada, "2026-03-08T00:00:00Z", "2026-03-09T00:00:00Z").await;
    assert_eq!(
        intervals(&sunday),
        pairs([("2026-03-08T00:00Z", "2026-03-09T00:00Z")])
    );
    let hours = busy(&ada, "2026-03-08T12:00:00Z", "2026-03-08T14:00:00Z").await;
    assert_eq!(
        intervals(&hours),
        pairs([("2026-03-08T12:00Z", "2026-03-08T14:00Z")])
    );
}

async fn a_busy_time_around_an_event_is_still_one(test: Test) {
    let ada = test.as_user("ada");
    let event_type = ada.event_type(json!({})).await;
    ada.book(&event_type, "2026-03-05T10:00:00Z")
        .await
        .expect(201);
    let body = json!({"start_time": "2026-03-03T09:30:00Z", "end_time": "2026-03-07T09:15:00Z"});
    let busy_time = ada.post("/user_busy_times", body).await.resource(201);
    let rows = busy(&ada, "2026-03-01T00:00:00Z", "2026-04-01T00:00:00Z").await;
    assert_eq!(
        intervals(&rows),
        pairs([
            ("2026-03-03T09:30Z", "2026-03-07T09:15Z"),
            ("2026-03-05T10:00Z", "2026-03-05T10:30Z")
        ])
    );
    assert_eq!(rows[0]["uri"], busy_time["uri"]);
}

async fn exdates_come_with_a_rule(test: Test) {
    let ada = test.as_user("ada");
    let body = json!({
        "start_time": "2026-03-03T10:00:00Z", "end_time": "2026-03-03T11:00:00Z", "exdates": ["2026-03-03T10:00:00Z"],
    });
    assert_eq!(
        ada.post("/user_busy_times", body).await.mistakes(),
        ["exdates needs_rrule"]
    );
}
