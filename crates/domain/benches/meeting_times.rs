//! How long it takes to rank meeting times for many people: `cargo bench -p domain --bench meeting_times`.
//!
//! Prints the best and the median of some runs, in milliseconds on one thread.

#![expect(
    clippy::unwrap_used,
    reason = "what is written down here is valid, or there is nothing to measure"
)]

use std::hint::black_box;
use std::time::{Duration, Instant};

use domain::availability;
use domain::busy::{Busy, BusyInterval, BusyKind};
use domain::civil::{self, TimeOfDay};
use domain::interval::{Interval, IntervalSet};
use domain::meeting_times::{self, Preferences, Ranking, Wanted, facts_range, preferred_range};
use domain::overlap::Group;
use domain::schedule::{HoursInterval, Rule, Schedule};
use jiff::civil::Weekday;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

const ZONES: [&str; 8] = [
    "America/Los_Angeles",
    "America/New_York",
    "America/Sao_Paulo",
    "Europe/London",
    "Europe/Berlin",
    "Asia/Kathmandu",
    "Asia/Tokyo",
    "Australia/Lord_Howe",
];

/// Runs of which the best and the median are told.
const RUNS: usize = 21;

/// People, days and minutes of increment; of the people, nine out of ten are needed.
const QUESTIONS: [(usize, i64, i64); 5] = [
    (1_000, 31, 15),
    (1_000, 31, 5),
    (10_000, 31, 15),
    (10_000, 31, 5),
    (10_000, 366, 5),
];

fn main() {
    println!("people  days  increment  candidates   facts ms       rank ms (median)");
    for (people, days, increment) in QUESTIONS {
        let range = range(days);
        let wanted = Wanted {
            range,
            duration: SignedDuration::from_mins(30),
            increment: SignedDuration::from_mins(increment),
            weights: meeting_times::score::Weights::default(),
            limit: 10,
        };
        let (facts, (free, preferences)) =
            timed(|| (free(people, range), preferences(people, range)));
        let groups = [Group {
            members: (0..people).collect(),
            minimum: people * 9 / 10,
        }];
        let mut times = Vec::new();
        for _ in 0..RUNS {
            let (time, ranking) =
                timed(|| meeting_times::rank(&free, &groups, &preferences, black_box(&wanted)));
            assert!(!is_empty(&ranking), "there is something to rank");
            times.push(time);
        }
        times.sort();
        println!(
            "{people:6}  {days:4}  {increment:9}  {:10}  {:9.2}  {:9.2} ({:.2})",
            wanted.candidates(),
            milliseconds(facts),
            milliseconds(times[0]),
            milliseconds(times[RUNS / 2]),
        );
    }
}

fn is_empty(ranking: &Ranking) -> bool {
    match ranking {
        Ranking::MeetingTimes(times) | Ranking::NearestMisses(times) => times.is_empty(),
    }
}

fn range(days: i64) -> Interval {
    let start = Timestamp::UNIX_EPOCH + SignedDuration::from_hours(24 * 20_515);
    Interval::new(start, start + SignedDuration::from_hours(24 * days)).unwrap()
}

/// Everybody is on call around the clock, with two meetings a day: most are free at any time.
fn free(people: usize, range: Interval) -> Vec<IntervalSet> {
    let facts = facts_range(range);
    let of = |person: usize| {
        let schedule = schedule(ZONES[person % ZONES.len()], (0, 24));
        availability::free(&schedule, &busy(person, facts), facts)
    };
    (0..people).map(of).collect()
}

fn busy(person: usize, facts: Interval) -> Busy {
    let person = i64::try_from(person).unwrap();
    let days = facts.duration().as_hours() / 24;
    let meetings = (0..days * 2).map(|half_day| {
        let minute = half_day * 720 + (person * 7 + half_day * 13) % 720;
        let start = facts.start() + SignedDuration::from_mins(minute);
        let interval = Interval::new(start, start + SignedDuration::from_mins(30)).unwrap();
        BusyInterval {
            interval,
            buffered: interval,
            kind: BusyKind::ScheduledEvent,
            source: Uuid::nil(),
            event_type: None,
            places: 1,
        }
    });
    Busy::new(meetings.collect())
}

/// Nine to five in each of the zones.
fn preferences(people: usize, range: Interval) -> Preferences {
    let hours = |zone: &&str| schedule(zone, (9, 17)).hours(preferred_range(range));
    Preferences {
        hours: ZONES.iter().map(hours).collect(),
        of: (0..people).map(|person| person % ZONES.len()).collect(),
    }
}

fn schedule(zone: &str, (from, to): (u16, u16)) -> Schedule {
    let zone: TimeZone = civil::zone(zone).unwrap();
    let time = |hour: u16| TimeOfDay::new(hour * 60).unwrap();
    let hours = HoursInterval::new(time(from), time(to)).unwrap();
    let rule = |weekday| Rule::Weekday {
        weekday,
        intervals: vec![hours],
    };
    let week = Weekday::Monday.cycle_forward().take(7);
    Schedule::new(zone, week.map(rule).collect()).unwrap()
}

fn timed<T>(work: impl FnOnce() -> T) -> (Duration, T) {
    let begin = Instant::now();
    let result = work();
    (begin.elapsed(), result)
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}
