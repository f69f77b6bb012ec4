//! Hours and booking windows, whose dates are those of the host's zone.

use super::*;

/// Zone, hours of every day, start; the hours to add, and the duration that would do.
const HOURS: &str = "
    UTC 09:00-17:00 2026-03-03T17:00Z  2026-03-03 17:00-17:30 none
    UTC 09:00-17:00 2026-03-03T08:40Z  2026-03-03 08:40-09:00 none
    # the meeting begins in the hours and ends after them
    UTC 09:00-17:00 2026-03-03T16:50Z  2026-03-03 17:00-17:20 10
    # a second is no wall time: hours begin and end with whole minutes
    UTC 09:00-17:00 2026-03-03T18:00:30Z  2026-03-03 18:00-18:31 none
    UTC 09:00-17:00 2026-03-03T16:50:30Z  2026-03-03 17:00-17:21 9
    # Kathmandu is 5 hours and 45 minutes ahead
    Asia/Kathmandu 09:00-17:00 2026-03-03T12:00Z  2026-03-03 17:45-18:15 none
    # Lord Howe moves its clock by half an hour at 02:00, so 01:45 and half an hour is 02:45
    Australia/Lord_Howe 09:00-17:00 2026-10-03T15:15Z  2026-10-04 01:45-02:45 none
    # across midnight
    UTC 09:00-17:00 2026-03-03T23:45Z  2026-03-03 23:45-00:15 none
    UTC 09:00-24:00 2026-03-03T23:45Z  2026-03-04 00:00-00:15 15
    UTC 09:00-17:00 2026-03-03T23:30Z  2026-03-03 23:30-24:00 none
    # New York: 02:00 to 03:00 is skipped
    America/New_York 09:00-17:00 2026-03-08T06:30Z  2026-03-08 01:30-02:00 none
    America/New_York 09:00-17:00 2026-03-08T06:45Z  2026-03-08 01:45-03:15 none
    America/New_York 09:00-17:00 2026-03-08T07:00Z  2026-03-08 03:00-03:30 none
    # New York: 01:00 to 02:00 comes twice; hours cannot end in its second occurrence
    America/New_York 09:00-17:00 2026-11-01T05:15Z  2026-11-01 01:15-01:45 none
    America/New_York 09:00-17:00 2026-11-01T06:15Z  2026-11-01 01:15-02:00 none
    America/New_York 09:00-17:00 2026-11-01T05:45Z  2026-11-01 01:45-02:00 none
    # Sao Paulo: the date begins at 01:00
    America/Sao_Paulo 09:00-24:00 2018-11-04T02:45Z  2018-11-04 01:00-01:15 15
    America/Sao_Paulo 09:00-17:00 2018-11-04T02:45Z  2018-11-03 23:45-01:15 none
    # there, hours that start at 00:30 begin at 01:30, and so would what touches them
    America/Sao_Paulo 00:30-04:00 2018-11-04T03:00Z  2018-11-04 00:00-01:30 none
    # Apia has no 30 December
    Pacific/Apia 09:00-17:00 2011-12-30T09:45Z  2011-12-29 23:45-00:15 none
";

/// The words of each row; what follows a # is a remark.
fn rows(table: &str) -> Vec<Vec<&str>> {
    let rows = table.lines().map(str::trim);
    let rows = rows.filter(|row| !row.is_empty() && !row.starts_with('#'));
    rows.map(|row| row.split_whitespace().collect()).collect()
}

#[test]
fn hours_are_added_in_the_zone_of_the_host() {
    for row in rows(HOURS) {
        let [zone, open, start, date, added, shorter] = row[..] else {
            panic!("{row:?}");
        };
        let explained = explained(half_an_hour(), &daily(zone, &[open]), vec![], start);
        let explanation = &explained[0];
        assert_eq!(
            explanation.reason.refusal,
            BookRefusal::OutsideHours,
            "{row:?}"
        );
        let date: Date = date.parse().unwrap();
        let hours = hours(added);
        let shorter = shorter.parse().ok().map(Change::Duration);
        let expected: Vec<Change> = [Change::Hours { date, hours }]
            .into_iter()
            .chain(shorter)
            .collect();
        assert_eq!(explanation.changes, expected, "{row:?}");
        assert_eq!(explanation.source, Source::Rule(date.weekday()), "{row:?}");
    }
}

#[test]
fn an_override_governs_its_date() {
    let date: Date = "2026-03-03".parse().unwrap();
    let week = daily("UTC", &["09:00-24:00"]);
    let closed = Rule::Date {
        date,
        intervals: vec![],
    };
    let schedule =
        Schedule::new(week.zone().clone(), week.rules().chain([closed]).collect()).unwrap();
    let (code, source, _) = only(explained(
        half_an_hour(),
        &schedule,
        vec![],
        "2026-03-03T10:00Z",
    ));
    assert_eq!((code, source), ("outside_hours", Source::Override(date)));
    // the evening before is open; what is missing lies on the closed date
    let (_, source, changes) = only(explained(
        half_an_hour(),
        &schedule,
        vec![],
        "2026-03-02T23:45Z",
    ));
    assert_eq!(source, Source::Override(date));
    assert_eq!(
        changes,
        [
            Change::Hours {
                date,
                hours: hours("00:00-00:15")
            },
            Change::Duration(15)
        ]
    );
}

/// Zone, window, start a day after now; what must change, and to what.
const WINDOWS: &str = "
    UTC days 0 2026-03-03T09:00Z  days 1
    UTC days 0 2026-03-03T23:30Z  days 1
    # Saturday to Sunday: a window of no weekdays ends on Saturday, one of one on Monday
    UTC weekdays 0 2026-03-08T09:00Z  days 1
    UTC 2026-03-05 2026-03-09 2026-03-03T09:00Z  from 2026-03-03
    UTC 2026-02-05 2026-02-09 2026-03-03T09:00Z  until 2026-03-03
    # 09:00 in UTC is 22:00 in Auckland, 12:00 is the next date
    Pacific/Auckland 2026-02-05 2026-02-09 2026-03-03T09:00Z  until 2026-03-03
    Pacific/Auckland 2026-02-05 2026-02-09 2026-03-03T12:00Z  until 2026-03-04
    Pacific/Auckland 2026-03-05 2026-03-09 2026-03-03T12:00Z  from 2026-03-04
    # the date begins at 01:00
    America/Sao_Paulo 2018-10-01 2018-11-03 2018-11-04T03:00Z  until 2018-11-04
    # today is the 29th, and the next date is the 31st
    Pacific/Apia days 0 2011-12-30T11:00Z  days 2
    Pacific/Apia 2012-01-02 2012-01-05 2011-12-30T11:00Z  from 2011-12-31
    # St. John's moved its clock from 00:01 back to 23:01, when the date had begun
    America/St_Johns 2010-10-01 2010-11-05 2010-11-07T03:00Z  until 2010-11-07
";

fn window(kind: &str, value: &str) -> BookingWindow {
    let days = || value.parse().unwrap();
    match kind {
        "days" => BookingWindow::Rolling {
            days: days(),
            weekdays_only: false,
        },
        "weekdays" => BookingWindow::Rolling {
            days: days(),
            weekdays_only: true,
        },
        start => BookingWindow::Range {
            start: start.parse().unwrap(),
            end: value.parse().unwrap(),
        },
    }
}

#[test]
fn a_window_grows_to_the_date_in_the_zone_of_the_host() {
    for row in rows(WINDOWS) {
        let [zone, kind, value, start, change, to] = row[..] else {
            panic!("{row:?}");
        };
        let spec = EventTypeSpec {
            window: window(kind, value),
            ..half_an_hour()
        };
        let schedule = daily(zone, &["00:00-24:00"]);
        let (code, source, changes) = only(explained(spec, &schedule, vec![], start));
        assert_eq!(
            (code, source),
            ("booking_window", Source::EventType),
            "{row:?}"
        );
        let expected = match change {
            "days" => Change::RollingDays(to.parse().unwrap()),
            "from" => Change::StartDate(to.parse().unwrap()),
            _ => Change::EndDate(to.parse().unwrap()),
        };
        assert_eq!(changes, [expected], "{row:?}");
    }
}
