use super::*;

use jiff::civil::Weekday;
use uuid::Uuid;

use crate::civil::{TimeOfDay, zone};
use crate::event_type::{BookingWindow, EventTypeSpec, Limit, LimitCap, LimitPeriod};
use crate::id::{EventTypeId, UserId};
use crate::schedule::{HoursInterval, Rule};

fn half_an_hour() -> EventTypeSpec {
    EventTypeSpec {
        id: EventTypeId(Uuid::from_u128(1)),
        duration: 30,
        before_buffer: 0,
        after_buffer: 0,
        increment: 30,
        minimum_notice: 0,
        window: BookingWindow::Unlimited,
        limits: Vec::new(),
        capacity: 1,
    }
}

fn between(start: &str, end: &str) -> Interval {
    Interval::new(start.parse().unwrap(), end.parse().unwrap()).unwrap()
}

/// The starts of meetings of `duration` every `increment` minutes, with hours that are the same every day.
fn starts(
    zone_name: &str,
    hours: &[&str],
    (duration, increment): (i64, i64),
    range: (&str, &str),
) -> Vec<String> {
    let hours: Vec<HoursInterval> = hours
        .iter()
        .map(|text| {
            let (from, to) = text.split_once('-').unwrap();
            HoursInterval::new(
                TimeOfDay::parse(from).unwrap(),
                TimeOfDay::parse(to).unwrap(),
            )
            .unwrap()
        })
        .collect();
    let week = Weekday::Sunday.cycle_forward().take(7);
    let rules = week
        .map(|weekday| Rule::Weekday {
            weekday,
            intervals: hours.clone(),
        })
        .collect();
    let schedule = Schedule::new(zone(zone_name).unwrap(), rules).unwrap();
    let spec = EventTypeSpec {
        duration,
        increment,
        ..half_an_hour()
    };
    let (event_type, busy) = (EventType::new(spec).unwrap(), Busy::default());
    let range = between(range.0, range.1);
    let facts = HostFacts {
        host: UserId(Uuid::from_u128(77)),
        schedule: &schedule,
        busy: &busy,
    };
    let offer = Offer::new(
        &event_type,
        vec![vec![facts]],
        range,
        "2020-01-01T00:00Z".parse().unwrap(),
    );
    offer
        .starts()
        .iter()
        .map(|start| start.strftime("%dT%H:%MZ").to_string())
        .collect()
}

#[test]
fn a_meeting_may_run_on_into_the_next_day() {
    // Open around the clock: the last start of a day runs past midnight, and each day starts afresh.
    let range = ("2026-03-02T20:00Z", "2026-03-03T06:00Z");
    let expected = ["02T21:00Z", "03T00:00Z"];
    assert_eq!(starts("UTC", &["00:00-24:00"], (240, 420), range), expected);
    // Hours that merge within the day are one anchor, at 09:00.
    let range = ("2026-03-02T00:00Z", "2026-03-03T00:00Z");
    assert_eq!(
        starts("UTC", &["09:00-10:10", "10:10-11:00"], (50, 35), range),
        ["02T09:00Z", "02T09:35Z", "02T10:10Z"]
    );
}

#[test]
fn the_grid_goes_on_in_elapsed_time_over_a_clock_change() {
    // New York, -05:00 until 2026-03-08T07:00Z, then -04:00: 00:00 to 04:00 is three hours, all on the grid from 05:00Z.
    let range = ("2026-03-08T05:00Z", "2026-03-09T04:00Z");
    let expected = ["08T05:00Z", "08T05:45Z", "08T06:30Z", "08T07:15Z"];
    assert_eq!(
        starts("America/New_York", &["00:00-04:00"], (45, 45), range),
        expected
    );
    // Back at 2026-11-01T06:00Z: the repeated hour is offered twice, five hours in all.
    let range = ("2026-11-01T04:00Z", "2026-11-02T05:00Z");
    let expected = [
        "01T04:00Z",
        "01T05:00Z",
        "01T06:00Z",
        "01T07:00Z",
        "01T08:00Z",
    ];
    assert_eq!(
        starts("America/New_York", &["00:00-04:00"], (60, 60), range),
        expected
    );
}

#[test]
fn each_day_keeps_its_own_grid_where_two_days_overlap() {
    // 22:00 to 02:00 and 01:30 to 03:00 every day: in the shared half hour both grids go on, each until its own end.
    let range = ("2026-03-03T00:00Z", "2026-03-03T12:00Z");
    let expected = ["03T00:40Z", "03T01:30Z"];
    assert_eq!(
        starts("UTC", &["22:00-02:00", "01:30-03:00"], (60, 80), range),
        expected
    );
}

#[test]
fn facts_reach_as_far_as_buffers_and_limits() {
    let new_york = zone("America/New_York").unwrap();
    let range = between("2026-03-08T20:00Z", "2026-03-08T21:00Z");
    let facts = |limits| {
        let event_type = EventType::new(EventTypeSpec {
            limits,
            ..half_an_hour()
        })
        .unwrap();
        Offer::facts_range(&event_type, &new_york, range)
    };
    let per = |per| Limit {
        per,
        cap: LimitCap::Events(1),
    };
    // Three hours of buffer before the first meeting, and after the last, which ends at 21:30.
    assert_eq!(
        facts(vec![]),
        between("2026-03-08T17:00Z", "2026-03-09T00:30Z")
    );
    // The 8th in New York, a Sunday, starts at -05:00 and ends at -04:00; so does the week, and March.
    assert_eq!(
        facts(vec![per(LimitPeriod::Day)]),
        between("2026-03-08T05:00Z", "2026-03-09T04:00Z")
    );
    let week_and_day = vec![per(LimitPeriod::Week), per(LimitPeriod::Day)];
    assert_eq!(
        facts(week_and_day),
        between("2026-03-08T05:00Z", "2026-03-15T04:00Z")
    );
    assert_eq!(
        facts(vec![per(LimitPeriod::Month)]),
        between("2026-03-01T05:00Z", "2026-04-01T04:00Z")
    );
}
