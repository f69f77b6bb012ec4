//! Single values that are out of bounds: each is named with what is wrong with it, and nothing is written.
//! One file, because it is one table: what is wrong with each field is read side by side.

use axum::http::Method;
use serde_json::{Value, json};

use crate::{
    bad_input::{Taken, everything, send, taken},
    caller::Caller,
    harness::Test,
};

on_both_engines! {
    people_tokens_and_hours_out_of_bounds,
    meetings_and_what_they_are_made_of_out_of_bounds,
}

/// The path of a POST, the field, its value, and what is said of it.
type Row = (&'static str, &'static str, Value, &'static str);

async fn check(test: &Test, rows: impl FnOnce(&Caller) -> Vec<Row>) {
    let owner = test.as_owner();
    let all = taken(&owner).await;
    let before = everything(test).await;
    let mut wrong = Vec::new();
    for (template, pointer, value, mistake) in rows(&owner) {
        let is_meant = |taken: &&Taken| taken.template == template && taken.method == Method::POST;
        let taken = all.iter().find(is_meant).unwrap();
        let mut body = taken.body.clone();
        let (parent, field) = pointer.rsplit_once('/').unwrap();
        body.pointer_mut(parent).unwrap()[field] = value;
        let answer = send(&owner, taken, body.to_string()).await;
        if answer.status != 400 || answer.mistakes() != [mistake] {
            let said = String::from_utf8_lossy(&answer.body);
            wrong.push(format!("{template} {mistake}: {} {said}", answer.status));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert_eq!(everything(test).await, before);
}

/// Ten thousand characters.
fn long() -> Value {
    json!("x".repeat(10_000))
}

fn rules(from: &str, to: &str) -> Value {
    json!([{"type": "wday", "wday": "monday", "intervals": [{"from": from, "to": to}]}])
}

const SCHEDULES: &str = "/user_availability_schedules";

async fn people_tokens_and_hours_out_of_bounds(test: Test) {
    check(&test, |_| {
        vec![
            ("/users", "/name", long(), "name too_long"),
            ("/users", "/name", json!(" \t"), "name required"),
            ("/users", "/name", json!("a\u{0}b"), "name invalid_text"),
            ("/users", "/email", json!("ada"), "email invalid_email"),
            ("/users", "/email", json!("a@b@c"), "email invalid_email"),
            ("/users", "/email", json!("a b@c"), "email invalid_email"),
            ("/users", "/email", json!("a\u{0}@c"), "email invalid_text"),
            (
                "/users",
                "/timezone",
                json!("Mars/Olympus"),
                "timezone unknown_zone",
            ),
            (
                "/users",
                "/timezone",
                json!("../etc/passwd"),
                "timezone unknown_zone",
            ),
            (
                "/users",
                "/slug",
                json!("Not A Slug"),
                "slug invalid_format",
            ),
            ("/users", "/role", json!("owner"), "role unknown_value"),
            (
                "/users",
                "/phone_number",
                json!("none"),
                "phone_number invalid_format",
            ),
            ("/users", "/locale", json!("xx"), "locale unknown_value"),
            (
                "/personal_access_tokens",
                "/scopes",
                json!([]),
                "scopes too_few",
            ),
            (
                "/personal_access_tokens",
                "/scopes",
                json!(vec!["users:read"; 101]),
                "scopes too_many",
            ),
            (
                "/personal_access_tokens",
                "/expires_at",
                json!("tomorrow"),
                "expires_at invalid_time",
            ),
            (
                SCHEDULES,
                "/rules",
                rules("25:00", "09:00"),
                "rules[0].intervals[0].from invalid_wall_time",
            ),
            (
                SCHEDULES,
                "/rules",
                rules("09:00", "09:00"),
                "rules[0] invalid_interval",
            ),
            (
                SCHEDULES,
                "/rules",
                rules("24:00", "09:00"),
                "rules[0] invalid_interval",
            ),
            (
                SCHEDULES,
                "/rules",
                json!([{"type": "wday", "intervals": []}]),
                "rules[0] invalid_rule",
            ),
            (
                SCHEDULES,
                "/rules",
                json!([{"type": "date", "date": "2024-02-30", "intervals": []}]),
                "rules[0].date invalid_date",
            ),
            (
                SCHEDULES,
                "/rules",
                json!([{"type": "date", "wday": "monday", "intervals": []}]),
                "rules[0] invalid_rule",
            ),
            (
                SCHEDULES,
                "/rules",
                json!([{"type": "date", "date": "2026-02-01", "intervals": []}]),
                "rules[0].date in_the_past",
            ),
            (
                SCHEDULES,
                "/rules",
                json!(vec![
                    json!({"type": "wday", "wday": "monday", "intervals": []});
                    1001
                ]),
                "rules too_many",
            ),
            (
                "/user_busy_times",
                "/start_time",
                json!("2026-03-04T10:00:00"),
                "start_time invalid_time",
            ),
            (
                "/user_busy_times",
                "/start_time",
                json!("2024-02-30T10:00:00Z"),
                "start_time invalid_time",
            ),
            (
                "/user_busy_times",
                "/start_time",
                json!("2026-03-04T25:00:00Z"),
                "start_time invalid_time",
            ),
            (
                "/user_busy_times",
                "/start_time",
                json!("+002026-03-04T10:00:00Z"),
                "start_time invalid_time",
            ),
            (
                "/user_busy_times",
                "/start_time",
                json!(1_772_618_400),
                "start_time wrong_type",
            ),
            (
                "/user_busy_times",
                "/end_time",
                json!("2026-03-04T10:00:00Z"),
                "end_time invalid_range",
            ),
            (
                "/user_busy_times",
                "/end_time",
                json!("2027-03-06T10:00:00Z"),
                "end_time range_too_long",
            ),
            (
                "/user_busy_times",
                "/end_time",
                json!("2300-01-01T00:00:00Z"),
                "end_time invalid_time",
            ),
            (
                "/user_busy_times",
                "/rrule",
                json!("FREQ=DAILY"),
                "rrule invalid_rrule",
            ),
            (
                "/user_busy_times",
                "/rrule",
                json!("FREQ=MINUTELY;COUNT=1000000000"),
                "rrule invalid_rrule",
            ),
            ("/user_busy_times", "/rrule", long(), "rrule too_long"),
            (
                "/user_busy_times",
                "/exdates",
                json!(vec!["2026-03-04T10:00:00Z"; 1001]),
                "exdates too_many",
            ),
            (
                "/user_busy_times",
                "/user",
                json!("ada"),
                "user invalid_uri",
            ),
        ]
    })
    .await;
}

async fn meetings_and_what_they_are_made_of_out_of_bounds(test: Test) {
    check(&test, |owner| {
        vec![
            ("/event_types", "/name", long(), "name too_long"),
            (
                "/event_types",
                "/duration",
                json!(0),
                "duration out_of_range",
            ),
            (
                "/event_types",
                "/duration",
                json!(721),
                "duration out_of_range",
            ),
            (
                "/event_types",
                "/duration",
                json!(30.5),
                "duration wrong_type",
            ),
            (
                "/event_types",
                "/duration",
                json!(1e300),
                "duration wrong_type",
            ),
            (
                "/event_types",
                "/start_time_increment",
                json!(1),
                "start_time_increment out_of_range",
            ),
            (
                "/event_types",
                "/before_buffer",
                json!(-5),
                "before_buffer out_of_range",
            ),
            (
                "/event_types",
                "/minimum_notice",
                json!(99_999_999_999_i64),
                "minimum_notice out_of_range",
            ),
            (
                "/event_types",
                "/color",
                json!("red"),
                "color invalid_format",
            ),
            (
                "/event_types",
                "/duration_options",
                json!([]),
                "duration_options too_few",
            ),
            (
                "/event_types",
                "/duration_options",
                json!([1, 2, 3, 4, 5]),
                "duration_options too_many",
            ),
            (
                "/event_types",
                "/booking_window",
                json!({"type": "rolling"}),
                "booking_window invalid_window",
            ),
            (
                "/event_types",
                "/booking_window",
                json!({"type": "range", "start_date": "2026-04-02", "end_date": "2026-04-01"}),
                "booking_window invalid_window",
            ),
            (
                "/event_types",
                "/limits",
                json!([{"per": "day"}]),
                "limits[0] invalid_limit",
            ),
            (
                "/event_types",
                "/limits",
                json!([{"per": "year", "events": 1}]),
                "limits[0].per unknown_value",
            ),
            (
                "/event_types",
                "/locations",
                json!([{"kind": "moon"}]),
                "locations[0].kind unknown_value",
            ),
            (
                "/event_types",
                "/custom_questions",
                json!([{}]),
                "custom_questions[0].name required",
            ),
            (
                "/invitees",
                "/start_time",
                json!("2026-03-04T10:07:00Z"),
                "start_time off_grid",
            ),
            (
                "/invitees",
                "/start_time",
                json!("2026-03-04T10:00:00.5Z"),
                "start_time off_grid",
            ),
            (
                "/invitees",
                "/start_time",
                json!("2026-03-02T07:30:00Z"),
                "start_time in_the_past",
            ),
            (
                "/invitees",
                "/start_time",
                json!("2026-03-04T03:00:00Z"),
                "start_time outside_hours",
            ),
            (
                "/invitees",
                "/start_time",
                json!("2099-03-04T10:00:00Z"),
                "start_time booking_window",
            ),
            (
                "/invitees",
                "/event_type",
                json!(owner.uri),
                "event_type invalid_uri",
            ),
            (
                "/invitees",
                "/invitee/email",
                json!("nobody"),
                "invitee.email invalid_email",
            ),
            (
                "/invitees",
                "/invitee/name",
                long(),
                "invitee.name too_long",
            ),
            (
                "/invitees",
                "/invitee/timezone",
                json!("EST5"),
                "invitee.timezone unknown_zone",
            ),
            (
                "/invitees",
                "/event_guests",
                json!(vec!["a@example.com"; 11]),
                "event_guests too_many",
            ),
            (
                "/invitees",
                "/event_guests",
                json!(["a"]),
                "event_guests[0] invalid_email",
            ),
            (
                "/scheduled_events/{uuid}/cancellation",
                "/reason",
                json!("x".repeat(10_001)),
                "reason too_long",
            ),
            (
                "/scheduled_events/{uuid}/rescheduling",
                "/start_time",
                json!("2026-03-04T10:07:00Z"),
                "start_time off_grid",
            ),
            (
                "/scheduled_events/{uuid}/rescheduling",
                "/start_time",
                json!("2026-03-02T07:30:00Z"),
                "start_time in_the_past",
            ),
            ("/overlaps", "/people", json!([]), "people too_few"),
            ("/overlaps", "/duration", json!(0), "duration out_of_range"),
            (
                "/overlaps",
                "/people",
                json!([{"name": "x", "timezone": "UTC", "rules": rules("09:00", "09:00")}]),
                "people[0].rules[0] invalid_interval",
            ),
        ]
    })
    .await;
}
