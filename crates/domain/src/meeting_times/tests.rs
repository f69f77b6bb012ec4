use jiff::Timestamp;
use jiff::civil::Weekday;

use super::absence::{Absence, Hindrance, absence};
use super::*;
use crate::civil::{self, TimeOfDay};
use crate::schedule::{HoursInterval, Rule, Schedule};

fn at(time: &str) -> Timestamp {
    time.parse().unwrap()
}

fn between(start: &str, end: &str) -> Interval {
    Interval::new(at(start), at(end)).unwrap()
}

fn set(intervals: &[(&str, &str)]) -> IntervalSet {
    let intervals = intervals.iter().map(|(start, end)| between(start, end));
    intervals.collect()
}

/// The same hours on all days but weekends, in a zone.
fn working_days(zone: &str, from: u16, to: u16) -> Schedule {
    let time = |hour: u16| TimeOfDay::new(hour * 60).unwrap();
    let hours = HoursInterval::new(time(from), time(to)).unwrap();
    let weekdays = Weekday::Monday.cycle_forward().take(5);
    let rules = weekdays.map(|weekday| Rule::Weekday {
        weekday,
        intervals: vec![hours],
    });
    Schedule::new(civil::zone(zone).unwrap(), rules.collect()).unwrap()
}

/// A meeting of an hour, every half hour.
fn hour_in(range: Interval) -> Wanted {
    Wanted {
        range,
        duration: SignedDuration::from_hours(1),
        increment: SignedDuration::from_mins(30),
        weights: Weights::default(),
        limit: 100,
    }
}

/// Everybody is needed.
fn all(people: usize) -> [Group; 1] {
    [Group {
        members: (0..people).collect(),
        minimum: people,
    }]
}

/// Everybody prefers hours of their own.
fn each(schedules: &[Schedule], range: Interval) -> Preferences {
    let hours = |schedule: &Schedule| schedule.hours(preferred_range(range));
    Preferences {
        hours: schedules.iter().map(hours).collect(),
        of: (0..schedules.len()).collect(),
    }
}

fn found(ranking: Ranking) -> Vec<MeetingTime> {
    match ranking {
        Ranking::MeetingTimes(times) => times,
        Ranking::NearestMisses(misses) => panic!("only misses: {misses:?}"),
    }
}

fn misses(ranking: Ranking) -> Vec<MeetingTime> {
    match ranking {
        Ranking::NearestMisses(misses) => misses,
        Ranking::MeetingTimes(times) => panic!("something fits: {times:?}"),
    }
}

/// Preferred hours and fairness of the candidates from the first on, for people who are always free.
fn parts_by_start(schedules: &[Schedule], range: Interval) -> Vec<(f64, f64)> {
    let free = vec![IntervalSet::from_intervals([facts_range(range)]); schedules.len()];
    let preferences = each(schedules, range);
    let ranking = rank(&free, &all(free.len()), &preferences, &hour_in(range));
    let mut times = found(ranking);
    times.sort_by_key(|time| time.interval);
    let parts = times.iter().map(|time| &time.parts);
    parts
        .map(|parts| (parts.preferred_hours.value(), parts.fairness.value()))
        .collect()
}

/// A zone, the hours of working days in it, a range, and how much of each candidate lies in those hours.
type Preferred = (&'static str, (u16, u16), [&'static str; 2], &'static [f64]);

#[test]
fn preferred_hours_follow_the_clocks() {
    let rows: [Preferred; 6] = [
        // New York, the Friday before and the Monday after its clocks go forward: 9:00 is at 14:00 and then at 13:00 UTC
        (
            "America/New_York",
            (9, 17),
            ["2026-03-06T13:00Z", "2026-03-06T15:30Z"],
            &[0.0, 0.5, 1.0, 1.0],
        ),
        (
            "America/New_York",
            (9, 17),
            ["2026-03-09T12:00Z", "2026-03-09T14:30Z"],
            &[0.0, 0.5, 1.0, 1.0],
        ),
        // Lord Howe Island changes by half an hour: 9:00 is at 22:00 of the day before and then at 22:30 UTC
        (
            "Australia/Lord_Howe",
            (9, 17),
            ["2026-04-02T21:00Z", "2026-04-02T23:30Z"],
            &[0.0, 0.5, 1.0, 1.0],
        ),
        (
            "Australia/Lord_Howe",
            (9, 17),
            ["2026-04-05T21:30Z", "2026-04-06T00:00Z"],
            &[0.0, 0.5, 1.0, 1.0],
        ),
        // Kathmandu is 5:45 ahead: 9:00 is at 3:15 UTC, between two candidates
        (
            "Asia/Kathmandu",
            (9, 17),
            ["2026-03-09T02:00Z", "2026-03-09T05:00Z"],
            &[0.0, 0.25, 0.75, 1.0, 1.0],
        ),
        // hours across midnight, from Friday 22:00 into Saturday 2:00
        (
            "UTC",
            (22, 2),
            ["2026-03-07T00:30Z", "2026-03-07T03:00Z"],
            &[1.0, 1.0, 0.5, 0.0],
        ),
    ];
    for (zone, (from, to), [start, end], expected) in rows {
        let parts = parts_by_start(&[working_days(zone, from, to)], between(start, end));
        let preferred: Vec<f64> = parts.iter().map(|(preferred, _)| *preferred).collect();
        assert_eq!(preferred, expected, "{zone} {start}");
    }
}

#[test]
fn a_time_that_is_bad_for_one_only_is_less_fair() {
    let (berlin, pacific) = (
        working_days("Europe/Berlin", 9, 17),
        working_days("America/Los_Angeles", 9, 17),
    );
    // Monday 16:00 UTC is 17:00 in Berlin and 9:00 in California, which has changed its clocks: eight hours apart
    let range = between("2026-03-09T15:00Z", "2026-03-09T18:00Z");
    let fairness: Vec<f64> = parts_by_start(&[berlin.clone(), pacific], range)
        .into_iter()
        .map(|(_, fairness)| fairness)
        .collect();
    // at 15:00 UTC it is an hour too early there and fine here, at 15:30 half an hour off in both
    assert_eq!(fairness, [0.916_667, 1.0, 0.916_667, 0.875, 0.833_333]);
    // at weekends all are half a day or more from their hours, however far
    let range = between("2026-03-07T12:00Z", "2026-03-07T13:00Z");
    let tokyo = working_days("Asia/Tokyo", 9, 17);
    assert_eq!(parts_by_start(&[berlin, tokyo], range), [(0.0, 1.0)]);
}

#[test]
fn gaps_of_less_than_half_an_hour_count_against_a_time() {
    let range = between("2026-03-09T09:00Z", "2026-03-09T17:00Z");
    let mut wanted = hour_in(range);
    wanted.increment = SignedDuration::from_mins(10);
    let nothing = Preferences {
        hours: vec![IntervalSet::default()],
        of: vec![0],
    };
    let compactness = |free: IntervalSet| {
        let mut times = found(rank(&[free], &all(1), &nothing, &wanted));
        times.sort_by_key(|time| time.interval);
        let shares = times.iter().map(|time| time.parts.compactness.value());
        shares.collect::<Vec<f64>>()
    };
    // 10:00 leaves 40 minutes after it, 10:10 leaves 10 and 30, …, 10:40 leaves 40 before it
    let free = set(&[("2026-03-09T10:00Z", "2026-03-09T11:40Z")]);
    assert_eq!(compactness(free), [1.0, 0.5, 0.0, 0.5, 1.0]);
    // the range begins at 9:00, but free time does not
    let free = set(&[("2026-03-09T08:30Z", "2026-03-09T10:00Z")]);
    assert_eq!(compactness(free), [1.0]);
    let free = set(&[("2026-03-09T08:50Z", "2026-03-09T10:00Z")]);
    assert_eq!(compactness(free), [0.5]);
}

#[test]
fn times_are_ranked_by_score_and_then_by_start() {
    let range = between("2026-03-09T09:00Z", "2026-03-09T13:00Z");
    let free = [
        set(&[("2026-03-09T09:00Z", "2026-03-09T13:00Z")]),
        set(&[("2026-03-09T11:00Z", "2026-03-09T13:00Z")]),
    ];
    let first_needed = [Group {
        members: vec![0],
        minimum: 1,
    }];
    let preferences = each(
        &[working_days("UTC", 9, 17), working_days("UTC", 9, 17)],
        range,
    );
    let starts = |weights: Weights, limit: usize| {
        let wanted = Wanted {
            weights,
            limit,
            increment: SignedDuration::from_hours(1),
            ..hour_in(range)
        };
        let times = found(rank(&free, &first_needed, &preferences, &wanted));
        let hour = |time: &MeetingTime| {
            civil::wall_time(time.interval.start(), &jiff::tz::TimeZone::UTC).hour()
        };
        times.iter().map(hour).collect::<Vec<i8>>()
    };
    assert_eq!(starts(Weights::default(), 10), [11, 12, 9, 10]);
    let zero = Weights {
        attendance: 0,
        preferred_hours: 0,
        fairness: 0,
        compactness: 0,
        soon: 0,
    };
    assert_eq!(starts(Weights { soon: 1, ..zero }, 10), [9, 10, 11, 12]);
    // all are equally good
    assert_eq!(
        starts(
            Weights {
                fairness: 1,
                ..zero
            },
            10
        ),
        [9, 10, 11, 12]
    );
    assert_eq!(starts(zero, 2), [9, 10]);
    assert_eq!(
        starts(
            Weights {
                attendance: 1,
                ..zero
            },
            3
        ),
        [11, 12, 9]
    );
}

#[test]
fn the_nearest_misses_lack_the_fewest() {
    let range = between("2026-03-09T09:00Z", "2026-03-09T12:00Z");
    let wanted = Wanted {
        increment: SignedDuration::from_hours(1),
        ..hour_in(range)
    };
    let free = [
        set(&[("2026-03-09T09:00Z", "2026-03-09T10:00Z")]),
        set(&[("2026-03-09T10:00Z", "2026-03-09T11:00Z")]),
        set(&[("2026-03-09T10:00Z", "2026-03-09T12:00Z")]),
    ];
    let utc = working_days("UTC", 9, 17);
    let preferences = each(&[utc.clone(), utc.clone(), utc], range);
    let rows = misses(rank(&free, &all(3), &preferences, &wanted));
    let lacking: Vec<(usize, Vec<usize>)> = rows
        .into_iter()
        .map(|time| (time.lacking, time.missed))
        .collect();
    // at ten, then, as two are missing at nine and at eleven, the sooner one
    assert_eq!(lacking, [(1, vec![0]), (2, vec![1, 2]), (2, vec![0, 1])]);
    // a group of whom two are enough lacks one, whoever that is; a group that asks for more than it has always lacks some
    let groups = [
        Group {
            members: vec![0, 1, 2],
            minimum: 2,
        },
        Group {
            members: vec![1, 1],
            minimum: 2,
        },
    ];
    let best = misses(rank(&free, &groups, &preferences, &wanted)).remove(0);
    assert_eq!((best.lacking, best.missed), (1, vec![]));
    assert_eq!(best.available, [1, 2]);
}

#[test]
fn nobody_need_come_and_nothing_need_fit() {
    let range = between("2026-03-09T09:00Z", "2026-03-09T10:30Z");
    let wanted = hour_in(range);
    let times = found(rank(&[], &[], &Preferences::default(), &wanted));
    let scores: Vec<f64> = times.iter().map(|time| time.score.value()).collect();
    // nobody comes, so only being soon counts
    assert_eq!(scores, [0.1, 0.066_667]);
    let too_long = Wanted {
        duration: SignedDuration::from_hours(2),
        ..wanted
    };
    assert_eq!(
        rank(&[], &[], &Preferences::default(), &too_long),
        Ranking::NearestMisses(Vec::new())
    );
    assert_eq!((wanted.candidates(), too_long.candidates()), (2, 0));
    // free time and range may begin within a second, the candidates do not
    let odd = Wanted {
        range: between("2026-03-09T09:00:00.000001Z", "2026-03-09T10:30:00.5Z"),
        ..wanted
    };
    let free = set(&[("2026-03-09T09:30:00.000001Z", "2026-03-09T11:00Z")]);
    let nothing = Preferences {
        hours: vec![IntervalSet::default()],
        of: vec![0],
    };
    assert_eq!(odd.candidates(), 1);
    assert_eq!(misses(rank(&[free], &all(1), &nothing, &odd)).len(), 1);
}

#[test]
fn absences_say_what_hinders_and_until_when() {
    let range = between("2026-03-09T00:00Z", "2026-03-11T00:00Z");
    let hours = set(&[
        ("2026-03-09T09:00Z", "2026-03-09T17:00Z"),
        ("2026-03-10T09:00Z", "2026-03-10T17:00Z"),
    ]);
    let busy = set(&[
        ("2026-03-09T09:00Z", "2026-03-09T10:30Z"),
        ("2026-03-09T10:45Z", "2026-03-09T11:00Z"),
        ("2026-03-10T16:00Z", "2026-03-12T00:00Z"),
    ]);
    let rows = [
        (
            "2026-03-09T10:00Z",
            "2026-03-09T10:45Z",
            Some((Hindrance::Busy, Some("2026-03-09T10:30Z"))),
        ),
        // two in the meeting: it would be possible after the second
        (
            "2026-03-09T10:00Z",
            "2026-03-09T11:00Z",
            Some((Hindrance::Busy, Some("2026-03-09T11:00Z"))),
        ),
        ("2026-03-09T11:00Z", "2026-03-09T12:00Z", None),
        // hours come before what is busy
        (
            "2026-03-09T08:30Z",
            "2026-03-09T09:30Z",
            Some((Hindrance::OutsideHours, Some("2026-03-09T09:00Z"))),
        ),
        (
            "2026-03-09T16:30Z",
            "2026-03-09T17:30Z",
            Some((Hindrance::OutsideHours, Some("2026-03-10T09:00Z"))),
        ),
        // nothing is known of what comes after the range
        (
            "2026-03-10T16:30Z",
            "2026-03-10T17:30Z",
            Some((Hindrance::OutsideHours, None)),
        ),
        (
            "2026-03-10T15:30Z",
            "2026-03-10T16:30Z",
            Some((Hindrance::Busy, None)),
        ),
    ];
    for (start, end, expected) in rows {
        let expected = expected.map(|(hindrance, until)| Absence {
            hindrance,
            until: until.map(at),
        });
        assert_eq!(
            absence(&hours, &busy, between(start, end), range),
            expected,
            "{start}"
        );
    }
}
