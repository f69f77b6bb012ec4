//! Schedules as a person with a clock on the wall and a lot of patience would work them out.
//!
//! The model walks the minutes of UTC, reads the zone's offset at each, and never turns a wall time into an instant by
//! calculation: it waits until the clock shows it. It shares no code with the crate beyond plain types.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use domain::interval::{Interval, IntervalSet};
use domain::schedule::{HoursInterval, Rule, Schedule};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use proptest::prelude::*;

/// Zones with the instant of something unusual that their clocks do.
pub const ODD_MOMENTS: [(&str, &str); 22] = [
    ("Australia/Lord_Howe", "2026-04-04T15:00Z"),
    ("Australia/Lord_Howe", "2026-10-03T15:30Z"),
    ("Pacific/Apia", "2011-12-30T10:00Z"),
    ("America/Sao_Paulo", "2018-02-18T02:00Z"),
    ("America/Sao_Paulo", "2018-11-04T03:00Z"),
    ("Africa/Cairo", "2024-04-25T22:00Z"),
    ("Africa/Cairo", "2024-10-31T21:00Z"),
    ("Asia/Beirut", "2024-03-30T22:00Z"),
    ("America/Havana", "2026-03-08T05:00Z"),
    ("America/Havana", "2026-11-01T05:00Z"),
    ("America/New_York", "2026-03-08T07:00Z"),
    ("America/New_York", "2026-11-01T06:00Z"),
    ("America/Scoresbysund", "2026-03-29T01:00Z"),
    ("America/St_Johns", "2010-11-07T02:31Z"),
    ("Europe/London", "2026-10-25T01:00Z"),
    ("Africa/Casablanca", "2026-02-15T02:00Z"),
    ("Antarctica/Troll", "2026-03-29T01:00Z"),
    ("Antarctica/Troll", "2026-10-25T01:00Z"),
    ("Asia/Kathmandu", "2026-01-31T18:15Z"),
    ("Pacific/Kiritimati", "1994-12-31T10:00Z"),
    ("Pacific/Chatham", "2026-04-04T14:00Z"),
    ("Pacific/Chatham", "2026-09-26T14:00Z"),
];

/// The zone and the moment of one of the rows of [`ODD_MOMENTS`].
pub fn odd_moment() -> impl Strategy<Value = (TimeZone, Timestamp)> {
    prop::sample::select(&ODD_MOMENTS[..])
        .prop_map(|(zone, moment)| (domain::civil::zone(zone).unwrap(), moment.parse().unwrap()))
}

/// The zone of any of the rows of [`ODD_MOMENTS`].
pub fn odd_zone() -> impl Strategy<Value = TimeZone> {
    odd_moment().prop_map(|(zone, _)| zone)
}

/// A schedule with a few hours on most weekdays and exceptions on the dates around a moment.
pub fn schedule(
    zone: impl Strategy<Value = TimeZone>,
    moment: Timestamp,
) -> impl Strategy<Value = Schedule> {
    let hours = || prop::collection::vec(hours(), 0..4);
    let weekly = prop::collection::vec(prop::option::weighted(0.8, hours()), 7);
    let dated = prop::collection::btree_map(-3..4_i64, hours(), 0..3);
    (zone, weekly, dated).prop_map(move |(zone, weekly, dated)| {
        let today = wall(&zone, minute_of(moment)).0;
        let weekdays = jiff::civil::Weekday::Sunday.cycle_forward().zip(weekly);
        let weekly = weekdays.filter_map(|(weekday, intervals)| {
            Some(Rule::Weekday {
                weekday,
                intervals: intervals?,
            })
        });
        let dated = dated.into_iter().map(|(offset, intervals)| {
            let date = domain::civil::add_days(today, offset);
            Rule::Date { date, intervals }
        });
        Schedule::new(zone, weekly.chain(dated).collect()).unwrap()
    })
}

/// Hours that touch one another, last all day and meet clock changes more often than those that people keep.
fn hours() -> impl Strategy<Value = HoursInterval> {
    let time = || prop_oneof![3 => (0..48_u16).prop_map(|half| half * 30), 1 => 0..1440_u16];
    let stated =
        prop_oneof![4 => (time(), time()), 1 => Just((0, 1440)), 1 => (time(), Just(1440))];
    stated.prop_filter_map("hours are not empty", |(from, to)| {
        let time = |minutes| domain::civil::TimeOfDay::new(minutes).unwrap();
        HoursInterval::new(time(from), time(to)).ok()
    })
}

/// The minutes since 1970 at an instant that lies on one.
pub fn minute_of(instant: Timestamp) -> i64 {
    assert_eq!(instant.as_second() % 60, 0, "{instant} is not on a minute");
    instant.as_second() / 60
}

/// The instant of a minute since 1970.
pub fn instant_of(minute: i64) -> Timestamp {
    Timestamp::from_second(minute * 60).unwrap()
}

/// The interval between two minutes since 1970.
pub fn between(start: i64, end: i64) -> Interval {
    Interval::new(instant_of(start), instant_of(end)).unwrap()
}

/// What the clock on the wall shows: the date, and the minute of it.
pub fn wall(zone: &TimeZone, minute: i64) -> (Date, i64) {
    let instant = instant_of(minute);
    let shown = zone.to_offset(instant).to_datetime(instant);
    (
        shown.date(),
        i64::from(shown.hour()) * 60 + i64::from(shown.minute()),
    )
}

/// The minutes of a range in which a set has time.
pub fn minutes_in(set: &IntervalSet, range: Interval) -> Vec<i64> {
    let minutes = minute_of(range.start())..minute_of(range.end());
    minutes
        .filter(|&minute| {
            set.iter()
                .any(|interval| interval.contains(&between(minute, minute + 1)))
        })
        .collect()
}

/// The minutes for which a [`Clock`] is watched, counted from its middle.
const WATCHED: std::ops::Range<i64> = -9_500..12_500;

/// What the clock on the wall shows in each minute around an odd moment, looked up once.
///
/// A time on the wall is counted in minutes, as if it were UTC.
#[derive(Debug)]
pub struct Clock {
    first: i64,
    shown: Vec<i32>,
    /// The days since 1970 of all dates that are shown.
    days: BTreeSet<i32>,
    earliest: i32,
    /// How many minutes after the first each time from the earliest on is shown first; nothing when it is skipped.
    seen: Vec<Option<u32>>,
}

impl Clock {
    /// The clock of a zone around a minute; it is watched once.
    pub fn around(zone: &TimeZone, middle: i64) -> Arc<Clock> {
        static WATCHES: Mutex<BTreeMap<(String, i64), Arc<Clock>>> = Mutex::new(BTreeMap::new());
        let name = domain::civil::zone_name(zone).to_owned();
        let mut watched = WATCHES.lock().unwrap();
        let clock = watched.entry((name, middle));
        clock
            .or_insert_with(|| Arc::new(Clock::watch(zone, middle)))
            .clone()
    }

    fn watch(zone: &TimeZone, middle: i64) -> Clock {
        let first = middle + WATCHED.start;
        let shown: Vec<i32> = WATCHED
            .map(|offset| {
                let instant = instant_of(middle + offset);
                let seconds = zone.to_offset(instant).seconds();
                assert_eq!(seconds % 60, 0, "{zone:?} is off by seconds at {instant}");
                i32::try_from(middle + offset).unwrap() + seconds / 60
            })
            .collect();
        let (earliest, latest) = (*shown.iter().min().unwrap(), *shown.iter().max().unwrap());
        let mut seen = vec![None; usize::try_from(latest - earliest).unwrap() + 1];
        for (minutes, &time) in (0..).zip(&shown) {
            seen[usize::try_from(time - earliest).unwrap()].get_or_insert(minutes);
        }
        Clock {
            first,
            days: shown.iter().map(|time| time.div_euclid(1440)).collect(),
            shown,
            earliest,
            seen,
        }
    }

    /// The date of a minute: the latest that was shown, which a clock that falls back across midnight does not end.
    pub fn date(&self, minute: i64) -> Date {
        let shown = (0..180).map(|earlier| self.day(minute - earlier));
        date_of_day(shown.max().unwrap())
    }

    fn day(&self, minute: i64) -> i32 {
        self.shown[usize::try_from(minute - self.first).unwrap()].div_euclid(1440)
    }

    /// Waits for the clock to show a time, and gives the minute in which it does.
    ///
    /// When the clock jumps over it, the wait goes on for as long as it would have without the jump, as RFC 5545 has it.
    fn wait_for(&self, time: i32) -> i64 {
        if let Some(minutes) = self.seen[usize::try_from(time - self.earliest).unwrap()] {
            return self.first + i64::from(minutes);
        }
        let mut minutes = (self.first..).zip(self.shown.windows(2));
        let (minute, pair) = minutes
            .find(|(_, pair)| pair[0] < time && time < pair[1])
            .unwrap();
        minute + i64::from(time - pair[0])
    }
}

fn date_of_day(day: i32) -> Date {
    domain::civil::add_days(Date::constant(1970, 1, 1), day.into())
}

/// A schedule worked out minute by minute.
#[derive(Debug)]
pub struct SlowSchedule {
    /// Every interval that a day states, as minutes since 1970, unsorted.
    pub stated: Vec<(i64, i64)>,
    first: i64,
    open: Vec<bool>,
}

impl SlowSchedule {
    /// Works out the days of a schedule around a range, with a clock that was watched around the same time.
    pub fn around(schedule: &Schedule, clock: &Clock, range: Interval) -> SlowSchedule {
        let first = minute_of(range.start()) - 4 * 1440;
        let last = minute_of(range.end()) + 2 * 1440;
        let mut stated = Vec::new();
        for &day in clock.days.range(clock.day(first)..=clock.day(last)) {
            for (from, until) in merged_hours(schedule, date_of_day(day)) {
                let instant = |minutes| clock.wait_for(day * 1440 + minutes);
                stated.push((instant(from), instant(until)));
            }
        }
        stated.retain(|(start, end)| start < end);
        let mut open = vec![false; usize::try_from(last - first).unwrap()];
        for &(start, end) in &stated {
            for minute in start.max(first)..end.min(last) {
                open[usize::try_from(minute - first).unwrap()] = true;
            }
        }
        SlowSchedule {
            stated,
            first,
            open,
        }
    }

    /// Whether some day's hours are open for a minute.
    pub fn is_open(&self, minute: i64) -> bool {
        self.open[usize::try_from(minute - self.first).unwrap()]
    }
}

/// The minutes of a date's hours, where hours that touch are one: each minute of two days is looked at.
fn merged_hours(schedule: &Schedule, date: Date) -> Vec<(i32, i32)> {
    let rules: Vec<Rule> = schedule.rules().collect();
    let dated = rules.iter().find_map(|rule| match rule {
        Rule::Date {
            date: of,
            intervals,
        } if *of == date => Some(intervals),
        _ => None,
    });
    let weekly = rules.iter().find_map(|rule| match rule {
        Rule::Weekday { weekday, intervals } if *weekday == date.weekday() => Some(intervals),
        _ => None,
    });
    let mut open = vec![false; 2881];
    for hours in dated.or(weekly).into_iter().flatten() {
        let (from, to) = (
            usize::from(hours.from().minutes()),
            usize::from(hours.to().minutes()),
        );
        let until = if from < to { to } else { to + 1440 };
        open[from..until].fill(true);
    }
    let mut merged = Vec::new();
    let mut since = None;
    for (minute, open) in (0..).zip(open) {
        match since {
            None if open => since = Some(minute),
            Some(start) if !open => {
                merged.push((start, minute));
                since = None;
            }
            _ => {}
        }
    }
    merged
}
