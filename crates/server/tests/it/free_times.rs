//! `/user_free_times`: what is left of a schedule, also on days on which the clocks change. The expected instants are
//! worked out by hand from the zones' rules.

use serde_json::json;

use crate::{
    caller::{every_day, path},
    harness::Test,
};

on_both_engines! {
    hours_keep_their_wall_time_when_clocks_change,
    days_are_as_long_as_they_are,
    a_midnight_that_does_not_exist_is_an_hour_later,
    a_date_override_replaces_the_day,
    hours_across_midnight_belong_to_the_day_they_begin,
    past_and_far_ranges_can_be_asked,
    ranges_that_cannot_be_answered_are_refused,
}

/// Zone, daily hours, range, free intervals.
type Row = (
    &'static str,
    (&'static str, &'static str),
    (&'static str, &'static str),
    &'static [(&'static str, &'static str)],
);

async fn check(test: &Test, rows: &[Row]) {
    let ada = test.as_user("ada");
    for (zone, hours, (start, end), expected) in rows {
        ada.set_hours(zone, every_day(&[*hours])).await;
        let free = ada.free(&ada.uri, start, end).await;
        let expected: Vec<_> = expected
            .iter()
            .map(|(from, to)| ((*from).to_owned(), (*to).to_owned()))
            .collect();
        assert_eq!(free, expected, "{zone} {hours:?} {start}");
    }
}

async fn hours_keep_their_wall_time_when_clocks_change(test: Test) {
    check(
        &test,
        &[
            // New York goes from UTC-5 to UTC-4 on 8 March 2026
            (
                "America/New_York",
                ("09:00", "17:00"),
                ("2026-03-07T00:00:00Z", "2026-03-09T00:00:00Z"),
                &[
                    ("2026-03-07T14:00Z", "2026-03-07T22:00Z"),
                    ("2026-03-08T13:00Z", "2026-03-08T21:00Z"),
                ],
            ),
            // and back on 1 November
            (
                "America/New_York",
                ("09:00", "17:00"),
                ("2026-10-31T00:00:00Z", "2026-11-02T00:00:00Z"),
                &[
                    ("2026-10-31T13:00Z", "2026-10-31T21:00Z"),
                    ("2026-11-01T14:00Z", "2026-11-01T22:00Z"),
                ],
            ),
            // 02:30 does not exist on 8 March: it is 03:30 in UTC-4
            (
                "America/New_York",
                ("02:30", "04:00"),
                ("2026-03-08T00:00:00Z", "2026-03-09T00:00:00Z"),
                &[("2026-03-08T07:30Z", "2026-03-08T08:00Z")],
            ),
            // 01:30 comes twice on 1 November: from the first one on
            (
                "America/New_York",
                ("01:30", "03:00"),
                ("2026-11-01T00:00:00Z", "2026-11-02T00:00:00Z"),
                &[("2026-11-01T05:30Z", "2026-11-01T08:00Z")],
            ),
            // both ends in the gap: nothing is left of it but what lies behind the gap
            (
                "America/New_York",
                ("02:00", "03:00"),
                ("2026-03-08T00:00:00Z", "2026-03-09T00:00:00Z"),
                &[],
            ),
            // Lord Howe goes from UTC+11 to UTC+10:30 on 5 April 2026, at 02:00
            (
                "Australia/Lord_Howe",
                ("01:00", "03:00"),
                ("2026-04-04T12:00:00Z", "2026-04-05T12:00:00Z"),
                &[("2026-04-04T14:00Z", "2026-04-04T16:30Z")],
            ),
        ],
    )
    .await;
}

async fn days_are_as_long_as_they_are(test: Test) {
    check(
        &test,
        &[
            // 23 hours
            (
                "America/New_York",
                ("00:00", "24:00"),
                ("2026-03-08T05:00:00Z", "2026-03-09T04:00:00Z"),
                &[("2026-03-08T05:00Z", "2026-03-09T04:00Z")],
            ),
            // 25 hours, of which the last eight
            (
                "America/New_York",
                ("16:00", "24:00"),
                ("2026-11-01T04:00:00Z", "2026-11-02T05:00:00Z"),
                &[("2026-11-01T21:00Z", "2026-11-02T05:00Z")],
            ),
            // 24 and a half hours
            (
                "Australia/Lord_Howe",
                ("12:00", "24:00"),
                ("2026-04-04T13:00:00Z", "2026-04-05T13:30:00Z"),
                &[("2026-04-05T01:30Z", "2026-04-05T13:30Z")],
            ),
        ],
    )
    .await;
}

async fn a_midnight_that_does_not_exist_is_an_hour_later(test: Test) {
    check(
        &test,
        &[
            // in Cairo the clocks go from 00:00 to 01:00 on Friday 24 April 2026: it begins at 22:00 UTC
            (
                "Africa/Cairo",
                ("00:00", "02:00"),
                ("2026-04-23T12:00:00Z", "2026-04-24T12:00:00Z"),
                &[("2026-04-23T22:00Z", "2026-04-23T23:00Z")],
            ),
            (
                "Africa/Cairo",
                ("23:00", "24:00"),
                ("2026-04-23T12:00:00Z", "2026-04-24T12:00:00Z"),
                &[("2026-04-23T21:00Z", "2026-04-23T22:00Z")],
            ),
        ],
    )
    .await;
}

async fn a_date_override_replaces_the_day(test: Test) {
    let ada = test.as_user("ada");
    let mut rules = every_day(&[("09:00", "17:00")]);
    let rules_list = rules.as_array_mut().unwrap();
    rules_list.push(json!({"type": "date", "date": "2026-03-03", "intervals": [{"from": "20:00", "to": "21:00"}]}));
    rules_list.push(json!({"type": "date", "date": "2026-03-04", "intervals": []}));
    ada.set_hours("UTC", rules).await;
    let free = ada
        .free(&ada.uri, "2026-03-02T00:00:00Z", "2026-03-06T00:00:00Z")
        .await;
    let expected = [
        ("2026-03-02T09:00Z", "2026-03-02T17:00Z"),
        ("2026-03-03T20:00Z", "2026-03-03T21:00Z"),
        ("2026-03-05T09:00Z", "2026-03-05T17:00Z"),
    ];
    assert_eq!(
        free,
        expected.map(|(from, to)| (from.to_owned(), to.to_owned()))
    );
}

async fn hours_across_midnight_belong_to_the_day_they_begin(test: Test) {
    let ada = test.as_user("ada");
    let friday = json!([{"type": "wday", "wday": "friday", "intervals": [{"from": "22:00", "to": "02:00"}]}]);
    ada.set_hours("UTC", friday).await;
    let free = ada
        .free(&ada.uri, "2026-03-02T00:00:00Z", "2026-03-09T00:00:00Z")
        .await;
    assert_eq!(
        free,
        [(
            "2026-03-06T22:00Z".to_owned(),
            "2026-03-07T02:00Z".to_owned()
        )]
    );
    // a range that begins within
    let free = ada
        .free(&ada.uri, "2026-03-07T01:00:00Z", "2026-03-07T09:00:00Z")
        .await;
    assert_eq!(
        free,
        [(
            "2026-03-07T01:00Z".to_owned(),
            "2026-03-07T02:00Z".to_owned()
        )]
    );
}

async fn past_and_far_ranges_can_be_asked(test: Test) {
    let ada = test.as_user("ada");
    ada.set_hours("UTC", every_day(&[("09:00", "10:00")])).await;
    for (start, end, days) in [
        ("1970-01-01T00:00:00Z", "1970-01-03T00:00:00Z", 2),
        ("2024-02-28T00:00:00Z", "2024-03-01T00:00:00Z", 2),
        ("2025-01-01T00:00:00Z", "2026-01-02T00:00:00Z", 366),
        ("2100-12-30T00:00:00Z", "2100-12-31T23:59:59Z", 2),
    ] {
        assert_eq!(ada.free(&ada.uri, start, end).await.len(), days, "{start}");
    }
}

async fn ranges_that_cannot_be_answered_are_refused(test: Test) {
    let ada = test.as_user("ada");
    for (start, end, mistake) in [
        (
            "2026-03-02T00:00:00Z",
            "2026-03-02T00:00:00Z",
            "end_time invalid_range",
        ),
        (
            "2026-03-02T00:00:00Z",
            "2026-03-01T00:00:00Z",
            "end_time invalid_range",
        ),
        (
            "2026-03-02T00:00:00Z",
            "2027-03-03T00:00:01Z",
            "end_time range_too_long",
        ),
        (
            "2026-03-02T00:00:00",
            "2026-03-03T00:00:00Z",
            "start_time invalid_time",
        ),
        (
            "1969-12-31T23:59:59Z",
            "1970-01-02T00:00:00Z",
            "start_time invalid_time",
        ),
        (
            "2100-12-30T00:00:00Z",
            "2101-01-01T00:00:00Z",
            "end_time invalid_time",
        ),
    ] {
        let query = [
            ("user", ada.uri.as_str()),
            ("start_time", start),
            ("end_time", end),
        ];
        let refused = ada.get(path("/user_free_times", &query)).await;
        assert_eq!(refused.mistakes(), [mistake], "{start} {end}");
    }
}
