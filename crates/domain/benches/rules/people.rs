//! The people of the benches: their hours, and what takes their time.

use domain::availability;
use domain::busy::{Busy, BusyInterval, BusyKind};
use domain::civil::{self, TimeOfDay};
use domain::interval::{Interval, IntervalSet};
use domain::schedule::{HoursInterval, Rule, Schedule};
use jiff::civil::Weekday;
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

/// Around the world.
pub const ZONES: [&str; 8] = [
    "America/Los_Angeles",
    "America/New_York",
    "America/Sao_Paulo",
    "Europe/London",
    "Europe/Berlin",
    "Asia/Kathmandu",
    "Asia/Tokyo",
    "Australia/Lord_Howe",
];

/// So many days from a Tuesday, 2026-03-03, on: the clocks change in most of the zones.
pub fn range(days: i64) -> Interval {
    let start = Timestamp::UNIX_EPOCH + SignedDuration::from_hours(24 * 20_515);
    Interval::new(start, start + SignedDuration::from_hours(24 * days)).unwrap()
}

/// The same hours on so many days of the week, from Monday on.
pub fn schedule(zone: &str, (from, to): (u16, u16), days: usize) -> Schedule {
    let time = |hour: u16| TimeOfDay::new(hour * 60).unwrap();
    let hours = HoursInterval::new(time(from), time(to)).unwrap();
    let rule = |weekday| Rule::Weekday {
        weekday,
        intervals: vec![hours],
    };
    let week = Weekday::Monday.cycle_forward().take(days);
    Schedule::new(civil::zone(zone).unwrap(), week.map(rule).collect()).unwrap()
}

/// A meeting of some minutes.
pub fn meeting(start: Timestamp, minutes: i64) -> BusyInterval {
    let end = start + SignedDuration::from_mins(minutes);
    let interval = Interval::new(start, end).unwrap();
    BusyInterval {
        interval,
        buffered: interval,
        kind: BusyKind::ScheduledEvent,
        source: Uuid::nil(),
        event_type: None,
        places: 1,
    }
}

/// So many meetings of a quarter of an hour, spread evenly.
pub fn meetings(range: Interval, count: i64) -> Busy {
    let step = range.duration().as_mins() / count;
    let start = |index| range.start() + SignedDuration::from_mins(index * step / 5 * 5);
    let length = (step - 5).clamp(1, 15);
    let meetings = (0..count).map(|index| meeting(start(index), length));
    Busy::new(meetings.collect())
}

/// What is free of nine to five, Monday to Friday in three near zones, beside half an hour a day at some quarter.
pub fn office(people: usize, range: Interval) -> Vec<IntervalSet> {
    let schedules =
        ["Europe/London", "Europe/Berlin", "Europe/Kyiv"].map(|zone| schedule(zone, (9, 17), 5));
    let of = |person: usize| {
        let quarter = |day: i64| (i64::try_from(person).unwrap() * 7 + day * 13) % 32;
        let start = |day| SignedDuration::from_mins(day * 24 * 60 + 8 * 60 + quarter(day) * 15);
        let days = 0..range.duration().as_hours() / 24;
        let meetings = days.map(|day| meeting(range.start() + start(day), 30));
        let busy = Busy::new(meetings.collect());
        availability::free(&schedules[person % 3], &busy, range)
    };
    (0..people).map(of).collect()
}

/// What is free of all day and night, beside two half hours a day at any minute.
pub fn on_call(people: usize, range: Interval) -> Vec<IntervalSet> {
    let schedules = ZONES.map(|zone| schedule(zone, (0, 24), 7));
    let of = |person: usize| {
        let half_days = range.duration().as_hours() / 12;
        let offset = i64::try_from(person).unwrap() * 7;
        let minute = |half_day: i64| half_day * 720 + (offset + half_day * 13) % 720;
        let start = |half_day| range.start() + SignedDuration::from_mins(minute(half_day));
        let meetings = (0..half_days).map(|half_day| meeting(start(half_day), 30));
        let busy = Busy::new(meetings.collect());
        availability::free(&schedules[person % ZONES.len()], &busy, range)
    };
    (0..people).map(of).collect()
}
