//! When people are free together, compared with counting them minute by minute.

use domain::interval::{Interval, IntervalSet};
use domain::overlap::{Group, Overlap, overlaps};
use jiff::SignedDuration;
use proptest::prelude::*;

use crate::config;
use crate::minute_model::{between, minutes_in};

/// The minutes in which everything takes place.
const END: i64 = 60;

fn range() -> Interval {
    between(0, END)
}

fn people() -> impl Strategy<Value = Vec<IntervalSet>> {
    let stretch = (-5..END, 1..25_i64).prop_map(|(start, length)| between(start, start + length));
    let free = prop::collection::vec(stretch, 0..5).prop_map(IntervalSet::from_intervals);
    prop::collection::vec(free, 0..7)
}

fn groups(people: usize) -> impl Strategy<Value = Vec<Group>> {
    let member = 0..people.max(1);
    let group = (prop::collection::vec(member, 0..6), 0..4_usize)
        .prop_map(|(members, minimum)| Group { members, minimum });
    prop::collection::vec(group, 0..4)
}

fn people_and_groups() -> impl Strategy<Value = (Vec<IntervalSet>, Vec<Group>)> {
    people().prop_flat_map(|people| {
        let count = people.len();
        (Just(people), groups(count))
    })
}

/// Whether, of each group, enough members are free throughout.
fn suffices(free: &[IntervalSet], groups: &[Group], time: Interval) -> bool {
    groups.iter().all(|group| {
        let is_free =
            |person: &usize| group.members.contains(person) && free[*person].contains(time);
        group.minimum <= (0..free.len()).filter(is_free).count()
    })
}

/// Tries all intervals of whole minutes and keeps those that cannot grow.
fn slow_times(free: &[IntervalSet], groups: &[Group], minimum: i64) -> Vec<Interval> {
    let all = (0..END).flat_map(|start| (start + 1..=END).map(move |end| (start, end)));
    let fits = |start: i64, end: i64| {
        0 <= start && end <= END && suffices(free, groups, between(start, end))
    };
    let maximal = all.filter(|&(start, end)| {
        minimum <= end - start && fits(start, end) && !fits(start - 1, end) && !fits(start, end + 1)
    });
    maximal.map(|(start, end)| between(start, end)).collect()
}

fn find(free: &[IntervalSet], groups: &[Group], minimum: i64) -> Vec<Overlap> {
    let found = overlaps(free, groups, range(), SignedDuration::from_mins(minimum));
    found.iter().collect()
}

/// The same a little later.
fn later(interval: Interval, by: SignedDuration) -> Interval {
    Interval::new(interval.start() + by, interval.end() + by).unwrap()
}

fn later_set(set: &IntervalSet, by: SignedDuration) -> IntervalSet {
    set.iter().map(|interval| later(*interval, by)).collect()
}

/// Times that are not in whole minutes are compared as instants, and all others may be counted by minutes.
fn found_within_minutes(
    free: &[IntervalSet],
    groups: &[Group],
    range: Interval,
    (minimum, by): (SignedDuration, SignedDuration),
) -> Vec<Overlap> {
    let free: Vec<IntervalSet> = free.iter().map(|free| later_set(free, by)).collect();
    let found = overlaps(&free, groups, later(range, by), minimum);
    let found = found.iter().map(|overlap| Overlap {
        interval: later(overlap.interval, -by),
        available: overlap.available,
    });
    found.collect()
}

fn minutes(overlaps: &[Overlap]) -> Vec<i64> {
    let set: IntervalSet = overlaps.iter().map(|overlap| overlap.interval).collect();
    minutes_in(&set, range())
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn overlaps_are_the_longest_times_that_suffice((free, groups) in people_and_groups(), minimum in 0..20_i64) {
        let found = find(&free, &groups, minimum);
        let times: Vec<Interval> = found.iter().map(|overlap| overlap.interval).collect();
        prop_assert_eq!(times, slow_times(&free, &groups, minimum));
        for Overlap { interval, available } in found {
            let expected: Vec<usize> = (0..free.len()).filter(|&person| free[person].contains(interval)).collect();
            prop_assert_eq!(&*available, expected);
        }
    }

    #[test]
    fn minutes_and_instants_give_the_same(
        (free, groups) in people_and_groups(),
        (start, length) in (-300..2000_i64, 1..3600_i64),
        (minimum, nanos) in (0..1200_i64, 1..60_000_000_000_i64),
    ) {
        // a range may begin and end within a minute all the same
        let start = range().start() + SignedDuration::from_secs(start);
        let range = Interval::new(start, start + SignedDuration::from_secs(length)).unwrap();
        let minimum = SignedDuration::from_secs(minimum);
        let counted: Vec<Overlap> = overlaps(&free, &groups, range, minimum).iter().collect();
        let by = SignedDuration::from_nanos(nanos);
        prop_assert_eq!(counted, found_within_minutes(&free, &groups, range, (minimum, by)));
    }

    #[test]
    fn together_they_are_the_minutes_in_which_enough_are_free(free in people(), minimum in 1..5_usize) {
        let group = Group { members: (0..free.len()).collect(), minimum };
        let enough = |minute: &i64| {
            let minute = between(*minute, minute + 1);
            minimum <= free.iter().filter(|free| free.contains(minute)).count()
        };
        let expected: Vec<i64> = (0..END).filter(enough).collect();
        prop_assert_eq!(minutes(&find(&free, &[group], 0)), expected);
    }

    #[test]
    fn all_of_everyone_is_the_intersection(free in people()) {
        let everyone = Group { members: (0..free.len()).collect(), minimum: free.len() };
        let whole = IntervalSet::from_intervals([range()]);
        let expected = free.iter().fold(whole, |common, free| common.intersection(free));
        let found: Vec<Interval> = find(&free, &[everyone], 0).into_iter().map(|found| found.interval).collect();
        prop_assert_eq!(found, expected.as_slice());
    }

    #[test]
    fn another_required_person_never_adds_time((free, groups) in people_and_groups(), person in 0..7_usize) {
        let before = minutes(&find(&free, &groups, 5));
        let mut more = groups;
        more.push(Group { members: vec![person], minimum: 1 });
        let after = minutes(&find(&free, &more, 5));
        prop_assert!(after.iter().all(|minute| before.contains(minute)));
    }

    #[test]
    fn the_order_of_people_does_not_matter((free, groups) in people_and_groups(), minimum in 0..20_i64) {
        let last = free.len().saturating_sub(1);
        let reversed: Vec<IntervalSet> = free.iter().rev().cloned().collect();
        let renamed = |group: &Group| Group {
            members: group.members.iter().map(|member| last.saturating_sub(*member)).collect(),
            minimum: group.minimum,
        };
        let renamed: Vec<Group> = groups.iter().map(renamed).collect();
        let mut found = find(&reversed, &renamed, minimum);
        for overlap in &mut found {
            overlap.available = overlap.available.iter().rev().map(|person| last - person).collect();
        }
        prop_assert_eq!(find(&free, &groups, minimum), found);
    }
}
