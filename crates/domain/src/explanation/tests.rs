use super::*;

use jiff::SignedDuration;
use uuid::Uuid;

use crate::busy::Busy;
use crate::civil::{TimeOfDay, zone};
use crate::event_type::{BookingWindow, EventType, EventTypeSpec, LimitCap, LimitPeriod};
use crate::id::{EventTypeId, UserId};
use crate::schedule::{Rule, Schedule};
use crate::slots::HostFacts;

mod dates;

const OURS: EventTypeId = EventTypeId(Uuid::from_u128(1));

fn half_an_hour() -> EventTypeSpec {
    EventTypeSpec {
        id: OURS,
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

fn hours(text: &str) -> HoursInterval {
    let (from, to) = text.split_once('-').unwrap();
    let time = |text| TimeOfDay::parse(text).unwrap();
    HoursInterval::new(time(from), time(to)).unwrap()
}

/// Hours that are the same every day.
fn daily(zone_name: &str, intervals: &[&str]) -> Schedule {
    let intervals: Vec<HoursInterval> = intervals.iter().map(|text| hours(text)).collect();
    let week = Weekday::Sunday.cycle_forward().take(7);
    let rule = |weekday| Rule::Weekday {
        weekday,
        intervals: intervals.clone(),
    };
    Schedule::new(zone(zone_name).unwrap(), week.map(rule).collect()).unwrap()
}

/// What is said of `start`, on some days around it, at the beginning of that range.
fn explained(
    spec: EventTypeSpec,
    schedule: &Schedule,
    busy: Vec<BusyInterval>,
    start: &str,
) -> Vec<Explanation> {
    let start: Timestamp = start.parse().unwrap();
    let day = SignedDuration::from_hours(24);
    let range = Interval::new(start - day, start + day).unwrap();
    let (event_type, busy) = (EventType::new(spec).unwrap(), Busy::new(busy));
    let host = HostFacts {
        host: UserId(Uuid::from_u128(77)),
        schedule,
        busy: &busy,
    };
    let offer = Offer::new(&event_type, vec![vec![host]], range, range.start());
    explain(&offer, &offer.grid(), start)
}

/// The only reason, as code, source and changes.
fn only(explanations: Vec<Explanation>) -> (&'static str, Source, Vec<Change>) {
    let [
        Explanation {
            reason,
            source,
            changes,
        },
    ] = explanations.try_into().unwrap();
    (reason.refusal.code(), source, changes)
}

fn busy(start: &str, end: &str, kind: BusyKind) -> BusyInterval {
    let interval = Interval::new(start.parse().unwrap(), end.parse().unwrap()).unwrap();
    BusyInterval {
        interval,
        buffered: interval,
        kind,
        source: Uuid::from_u128(9),
        event_type: None,
        places: 1,
    }
}

#[test]
fn what_can_be_booked_has_no_reasons() {
    let schedule = daily("UTC", &["09:00-17:00"]);
    assert_eq!(
        explained(half_an_hour(), &schedule, vec![], "2026-03-03T09:00Z"),
        []
    );
}

#[test]
fn a_shorter_notice_is_in_whole_minutes() {
    let schedule = daily("UTC", &["00:00-24:00"]);
    let spec = EventTypeSpec {
        minimum_notice: 3000,
        ..half_an_hour()
    };
    // asked a day before
    let (code, source, changes) = only(explained(
        spec.clone(),
        &schedule,
        vec![],
        "2026-03-03T09:00Z",
    ));
    assert_eq!((code, source), ("minimum_notice", Source::EventType));
    assert_eq!(changes, [Change::MinimumNotice(24 * 60)]);
    let event_type = EventType::new(spec).unwrap();
    let start: Timestamp = "2026-03-03T09:00Z".parse().unwrap();
    let busy = Busy::default();
    for (seconds_before, expected) in [
        (59, Some(0)),
        (60, Some(1)),
        (119, Some(1)),
        (0, Some(0)),
        (-1, None),
    ] {
        let now = start - SignedDuration::from_secs(seconds_before);
        let host = HostFacts {
            host: UserId(Uuid::from_u128(77)),
            schedule: &schedule,
            busy: &busy,
        };
        let range = Interval::new(start, start + SignedDuration::from_mins(1)).unwrap();
        let offer = Offer::new(&event_type, vec![vec![host]], range, now);
        let explained = explain(&offer, &offer.grid(), start);
        // the past comes first, and nothing changes it
        let notice = explained.last().unwrap();
        assert_eq!(notice.reason.refusal.code(), "minimum_notice");
        assert_eq!(
            notice.changes.first().copied(),
            expected.map(Change::MinimumNotice),
            "{seconds_before}"
        );
        assert_eq!(explained.len(), if expected.is_some() { 1 } else { 2 });
        assert!(expected.is_some() || explained[0].changes.is_empty());
    }
}

#[test]
fn between_two_starts_both_are_named_and_the_widest_step_that_fits() {
    let schedule = daily("UTC", &["09:00-12:00"]);
    let at = |text: &str| Change::StartTime(text.parse().unwrap());
    let cases: [(&str, &[Change]); 4] = [
        (
            "2026-03-03T10:15Z",
            &[
                at("2026-03-03T10:00Z"),
                at("2026-03-03T10:30Z"),
                Change::Increment(75),
            ],
        ),
        // 11:30 is the last one of the day
        (
            "2026-03-03T11:28Z",
            &[
                at("2026-03-03T11:00Z"),
                at("2026-03-03T11:30Z"),
                Change::Increment(148),
            ],
        ),
        // no step of whole minutes comes by
        (
            "2026-03-03T10:00:30Z",
            &[at("2026-03-03T10:00Z"), at("2026-03-03T10:30Z")],
        ),
        // a step of less than five minutes there is not
        (
            "2026-03-03T09:03Z",
            &[at("2026-03-03T09:00Z"), at("2026-03-03T09:30Z")],
        ),
    ];
    for (start, expected) in cases {
        let (code, source, changes) = only(explained(half_an_hour(), &schedule, vec![], start));
        assert_eq!((code, source), ("off_grid", Source::EventType), "{start}");
        assert_eq!(changes, expected, "{start}");
    }
}

#[test]
fn a_conflict_names_what_would_avoid_it() {
    let spec = EventTypeSpec {
        before_buffer: 20,
        after_buffer: 10,
        ..half_an_hour()
    };
    let cases: [(&str, &str, &[Change]); 7] = [
        // taken until 08:50: the buffer before must shrink
        ("08:00", "08:50", &[Change::BeforeBuffer(10)]),
        ("08:00", "09:00", &[Change::BeforeBuffer(0)]),
        ("08:00", "09:01", &[]),
        ("09:00", "10:00", &[]),
        // taken from 09:35: the meeting may last until 09:25, as ten minutes follow, or the buffer must shrink
        (
            "09:35",
            "10:00",
            &[Change::Duration(25), Change::AfterBuffer(5)],
        ),
        // taken from 09:20: no buffer helps
        ("09:20", "10:00", &[Change::Duration(10)]),
        // taken from 09:10: nothing but the buffer after would be left
        ("09:10", "10:00", &[]),
    ];
    for (from, until, expected) in cases {
        let time = |time| format!("2026-03-03T{time}Z");
        let taken = busy(&time(from), &time(until), BusyKind::BusyTime);
        let schedule = daily("UTC", &["00:00-24:00"]);
        let (code, source, changes) = only(explained(
            spec.clone(),
            &schedule,
            vec![taken],
            "2026-03-03T09:00Z",
        ));
        assert_eq!(
            (code, source),
            ("busy", Source::BusyTime(BusyTimeId(taken.source)))
        );
        assert_eq!(changes, expected, "{from} {until}");
    }
    // a buffer of what is there is in the way as well: 09:20 to 09:40 with a quarter before
    let mut taken = busy(
        "2026-03-03T09:20Z",
        "2026-03-03T09:40Z",
        BusyKind::ScheduledEvent,
    );
    taken.buffered = taken
        .interval
        .expand(SignedDuration::from_mins(15), SignedDuration::ZERO);
    let (_, source, changes) = only(explained(
        spec,
        &daily("UTC", &["00:00-24:00"]),
        vec![taken],
        "2026-03-03T09:00Z",
    ));
    assert_eq!(source, Source::Event(ScheduledEventId(taken.source)));
    assert_eq!(changes, [Change::Duration(5)]);
}

#[test]
fn a_limit_and_a_capacity_grow_to_hold_one_more() {
    let schedule = daily("UTC", &["00:00-24:00"]);
    let mut taken = busy("2026-03-03T12:00Z", "2026-03-03T12:20:30Z", BusyKind::Hold);
    taken.event_type = Some(OURS);
    let limit = |cap| Limit {
        per: LimitPeriod::Day,
        cap,
    };
    // two are there already, as before the limit was lowered; half a minute is a minute
    for (cap, needed) in [
        (LimitCap::Events(1), LimitCap::Events(3)),
        (LimitCap::Minutes(50), LimitCap::Minutes(71)),
    ] {
        let spec = EventTypeSpec {
            limits: vec![limit(cap)],
            ..half_an_hour()
        };
        let (code, source, changes) = only(explained(
            spec,
            &schedule,
            vec![taken, taken],
            "2026-03-03T09:00Z",
        ));
        assert_eq!((code, source), ("limit_reached", Source::Limit(limit(cap))));
        assert_eq!(changes, [Change::Limit(limit(needed))]);
    }
    let mut joined = busy(
        "2026-03-03T09:00Z",
        "2026-03-03T09:30Z",
        BusyKind::ScheduledEvent,
    );
    (joined.event_type, joined.places) = (Some(OURS), 5);
    for (capacity, expected) in [(5, Some(6)), (3, Some(6)), (6, None)] {
        let spec = EventTypeSpec {
            capacity,
            ..half_an_hour()
        };
        let explained = explained(spec, &schedule, vec![joined], "2026-03-03T09:00Z");
        let changes = explained
            .iter()
            .flat_map(|explanation| &explanation.changes);
        assert_eq!(changes.copied().next(), expected.map(Change::Capacity));
    }
}
