use super::*;

use jiff::SignedDuration;
use jiff::tz::TimeZone;
use uuid::Uuid;

use crate::busy::{Busy, BusyInterval, BusyKind};
use crate::event_type::{BookingWindow, EventType, EventTypeSpec, LimitCap, LimitPeriod};
use crate::id::{EventTypeId, UserId};
use crate::schedule::{HoursInterval, Rule, Schedule};
use crate::slots::HostFacts;

const EVENT_TYPE: EventTypeId = EventTypeId(Uuid::from_u128(1));

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn half_hour(start: &str) -> Interval {
    Interval::new(at(start), at(start) + SignedDuration::from_mins(30)).unwrap()
}

/// Half an hour every half hour, on Mondays from 09:00 to 12:00.
fn event_type() -> EventTypeSpec {
    EventTypeSpec {
        id: EVENT_TYPE,
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

fn monday_mornings() -> Schedule {
    let time = |text| crate::civil::TimeOfDay::parse(text).unwrap();
    let intervals = vec![HoursInterval::new(time("09:00"), time("12:00")).unwrap()];
    let rule = Rule::Weekday {
        weekday: jiff::civil::Weekday::Monday,
        intervals,
    };
    Schedule::new(TimeZone::UTC, vec![rule]).unwrap()
}

fn booked(start: &str) -> BusyInterval {
    BusyInterval {
        interval: half_hour(start),
        buffered: half_hour(start),
        kind: BusyKind::ScheduledEvent,
        source: Uuid::from_u128(5),
        event_type: Some(EVENT_TYPE),
        places: 1,
    }
}

/// One host alone.
fn alone<'a>(schedule: &'a Schedule, busy: &'a Busy) -> Vec<Vec<HostFacts<'a>>> {
    let host = UserId(Uuid::from_u128(77));
    vec![vec![HostFacts {
        host,
        schedule,
        busy,
    }]]
}

/// Every reason against a start, as things are on Sunday, 2026-03-01, at 12:00.
fn refusals(spec: EventTypeSpec, busy: Vec<BusyInterval>, start: &str) -> Vec<BookRefusal> {
    let (event_type, schedule, busy) = (
        EventType::new(spec).unwrap(),
        monday_mornings(),
        Busy::new(busy),
    );
    let range = Interval::new(at("2026-02-01T00:00Z"), at("2026-05-01T00:00Z")).unwrap();
    let offer = Offer::new(
        &event_type,
        alone(&schedule, &busy),
        range,
        at("2026-03-01T12:00Z"),
    );
    assert_eq!(
        decide_book(&offer, at(start)).err(),
        offer
            .reasons(at(start))
            .first()
            .map(|reason| reason.refusal)
    );
    let reasons = offer.reasons(at(start)).into_iter();
    reasons.map(|reason| reason.refusal).collect()
}

#[test]
fn each_policy_refuses_with_its_facts() {
    assert_eq!(refusals(event_type(), vec![], "2026-03-02T09:00Z"), []);
    assert_eq!(
        refusals(event_type(), vec![], "2026-02-23T09:00Z")[0],
        BookRefusal::InThePast
    );
    let notice = EventTypeSpec {
        minimum_notice: 24 * 60,
        ..event_type()
    };
    let earliest = at("2026-03-02T12:00Z");
    assert_eq!(
        refusals(notice, vec![], "2026-03-02T09:00Z"),
        [BookRefusal::MinimumNotice { earliest }]
    );
    // Sunday and 6 days are Saturday: the Monday after is too far.
    let rolling = EventTypeSpec {
        window: BookingWindow::Rolling {
            days: 6,
            weekdays_only: false,
        },
        ..event_type()
    };
    assert_eq!(refusals(rolling.clone(), vec![], "2026-03-02T09:00Z"), []);
    let window = BookRefusal::BookingWindow {
        first_date: None,
        last_date: Some(Date::constant(2026, 3, 7)),
    };
    assert_eq!(refusals(rolling, vec![], "2026-03-09T09:00Z"), [window]);
    // Before the hours, ending after them, on another day; then between two starts.
    for start in [
        "2026-03-02T08:30Z",
        "2026-03-02T11:45Z",
        "2026-03-03T09:00Z",
    ] {
        assert_eq!(
            refusals(event_type(), vec![], start),
            [BookRefusal::OutsideHours],
            "{start}"
        );
    }
    assert_eq!(
        refusals(event_type(), vec![], "2026-03-02T09:10Z"),
        [BookRefusal::OffGrid]
    );
    let hold = BusyInterval {
        kind: BusyKind::Hold,
        ..booked("2026-03-02T09:30Z")
    };
    assert_eq!(
        refusals(event_type(), vec![hold], "2026-03-02T09:30Z"),
        [BookRefusal::Busy { by: hold }]
    );
    assert_eq!(
        refusals(event_type(), vec![hold], "2026-03-02T10:00Z"),
        [],
        "touching"
    );
}

#[test]
fn weekdays_only_skips_weekends_when_counting() {
    // From Sunday, the fifth weekday is Friday the 6th, the sixth is Monday the 9th.
    let rolling = |days| EventTypeSpec {
        window: BookingWindow::Rolling {
            days,
            weekdays_only: true,
        },
        ..event_type()
    };
    let window = BookRefusal::BookingWindow {
        first_date: None,
        last_date: Some(Date::constant(2026, 3, 6)),
    };
    assert_eq!(refusals(rolling(5), vec![], "2026-03-09T09:00Z"), [window]);
    assert_eq!(refusals(rolling(6), vec![], "2026-03-09T11:30Z"), []);
}

/// A limit of a cap in each period, as one might write it: `1 event a day`.
fn limit(text: &str) -> Limit {
    let [number, unit, _, period] = text.split(' ').collect::<Vec<_>>().try_into().unwrap();
    let number = number.parse().unwrap();
    let cap = if unit == "minutes" {
        LimitCap::Minutes(number)
    } else {
        LimitCap::Events(number)
    };
    let per = match period {
        "day" => LimitPeriod::Day,
        "week" => LimitPeriod::Week,
        _ => LimitPeriod::Month,
    };
    Limit { per, cap }
}

#[test]
fn limits_count_meetings_or_minutes_of_each_period() {
    let meeting = vec![booked("2026-03-02T09:00Z")];
    for row in [
        "1 event a day: 2026-03-02T10:00Z is refused",
        "2 events a day: 2026-03-02T10:00Z is taken",
        "1 event a day: 2026-03-09T10:00Z is taken",
        // 30 minutes are booked and 30 asked for.
        "59 minutes a day: 2026-03-02T10:00Z is refused",
        "60 minutes a day: 2026-03-02T10:00Z is taken",
        // The week from Sunday the 1st to Saturday the 7th.
        "1 event a week: 2026-03-02T10:00Z is refused",
        "1 event a week: 2026-03-09T10:00Z is taken",
        "1 event a month: 2026-03-30T10:00Z is refused",
        "1 event a month: 2026-04-06T10:00Z is taken",
    ] {
        let (text, outcome) = row.split_once(": ").unwrap();
        let (start, outcome) = outcome.split_once(" is ").unwrap();
        let limited = EventTypeSpec {
            limits: vec![limit(text)],
            ..event_type()
        };
        let reached = BookRefusal::LimitReached { limit: limit(text) };
        let expected = if outcome == "refused" {
            vec![reached]
        } else {
            vec![]
        };
        assert_eq!(refusals(limited, meeting.clone(), start), expected, "{row}");
    }
}

#[test]
fn a_week_lasts_from_sunday_to_saturday() {
    for (meeting, start, full) in [
        ("2026-02-28T23:30Z", "2026-03-02T09:00Z", false),
        ("2026-03-01T00:00Z", "2026-03-02T09:00Z", true),
        ("2026-03-07T23:30Z", "2026-03-02T09:00Z", true),
        ("2026-03-08T00:00Z", "2026-03-02T09:00Z", false),
    ] {
        let limited = EventTypeSpec {
            limits: vec![limit("1 event a week")],
            ..event_type()
        };
        let found = refusals(limited, vec![booked(meeting)], start);
        assert_eq!(!found.is_empty(), full, "{meeting}");
    }
}

#[test]
fn holds_count_against_a_limit_and_meetings_of_other_kinds_do_not() {
    let hold = BusyInterval {
        kind: BusyKind::Hold,
        ..booked("2026-03-02T09:00Z")
    };
    let other = BusyInterval {
        event_type: None,
        ..booked("2026-03-02T09:00Z")
    };
    for (busy, is_full) in [(hold, true), (other, false)] {
        let limited = EventTypeSpec {
            limits: vec![limit("1 event a day")],
            ..event_type()
        };
        let found = refusals(limited, vec![busy], "2026-03-02T10:00Z");
        assert_eq!(!found.is_empty(), is_full, "{busy:?}");
    }
}

#[test]
fn all_reasons_come_in_the_order_of_the_policies() {
    let spec = EventTypeSpec {
        minimum_notice: 60,
        window: BookingWindow::Range {
            start: Date::constant(2026, 4, 1),
            end: Date::constant(2026, 4, 30),
        },
        limits: vec![Limit {
            per: LimitPeriod::Month,
            cap: LimitCap::Events(1),
        }],
        ..event_type()
    };
    let codes: Vec<&str> = refusals(spec, vec![booked("2026-02-23T09:05Z")], "2026-02-23T09:05Z")
        .iter()
        .map(BookRefusal::code)
        .collect();
    assert_eq!(
        codes,
        [
            "in_the_past",
            "minimum_notice",
            "booking_window",
            "off_grid",
            "busy",
            "limit_reached"
        ]
    );
}

#[test]
fn a_start_outside_the_range_of_an_offer_is_never_on_offer() {
    let (event_type, schedule, busy) = (
        EventType::new(event_type()).unwrap(),
        monday_mornings(),
        Busy::default(),
    );
    let offer = Offer::new(
        &event_type,
        alone(&schedule, &busy),
        half_hour("2026-03-02T10:00Z"),
        at("2026-03-01T12:00Z"),
    );
    assert_eq!(offer.starts(), [at("2026-03-02T10:00Z")]);
    for start in ["2026-03-02T09:30Z", "2026-03-02T10:30Z"] {
        assert_eq!(offer.decide(at(start)), Err(BookRefusal::OutsideHours));
    }
}
