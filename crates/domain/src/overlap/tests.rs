use super::*;
use jiff::Timestamp;

fn between(start: i64, end: i64) -> Interval {
    let at = |hour: i64| Timestamp::from_second(hour * 3600).unwrap();
    Interval::new(at(start), at(end)).unwrap()
}

fn set(intervals: &[(i64, i64)]) -> IntervalSet {
    intervals
        .iter()
        .map(|&(start, end)| between(start, end))
        .collect()
}

fn of(members: &[usize], minimum: usize) -> Group {
    Group {
        members: members.to_vec(),
        minimum,
    }
}

fn found(free: &[IntervalSet], groups: &[Group], hours: i64) -> Vec<(Interval, Vec<usize>)> {
    let overlaps = overlaps(
        free,
        groups,
        between(0, 24),
        SignedDuration::from_hours(hours),
    );
    overlaps
        .iter()
        .map(|overlap| (overlap.interval, overlap.available.to_vec()))
        .collect()
}

#[test]
fn different_people_make_overlapping_times_possible() {
    let free = [set(&[(9, 13)]), set(&[(11, 17)]), set(&[(10, 15)])];
    // Any two: 0 and 2 from 10 to 13, 1 and 2 from 11 to 15.
    assert_eq!(
        found(&free, &[of(&[0, 1, 2], 2)], 1),
        [(between(10, 13), vec![0, 2]), (between(11, 15), vec![1, 2])],
    );
    assert_eq!(
        found(&free, &[of(&[0, 1, 2], 2)], 4),
        [(between(11, 15), vec![1, 2])]
    );
    assert_eq!(
        found(&free, &[of(&[0, 1, 2], 3)], 1),
        [(between(11, 13), vec![0, 1, 2])]
    );
    // One of them must be person 0.
    assert_eq!(
        found(&free, &[of(&[0, 1, 2], 2), of(&[0], 1)], 1),
        [(between(10, 13), vec![0, 2])]
    );
}

#[test]
fn people_who_take_turns_are_not_the_same_people() {
    // Somebody is free from 9 to 17, but nobody throughout.
    let free = [set(&[(9, 12)]), set(&[(12, 17)])];
    assert_eq!(
        found(&free, &[of(&[0, 1], 1)], 1),
        [(between(9, 12), vec![0]), (between(12, 17), vec![1])]
    );
    assert_eq!(found(&free, &[of(&[0, 1], 1)], 6), []);
    assert_eq!(found(&free, &[of(&[0, 1], 2)], 0), []);
}

#[test]
fn optional_people_are_named_but_not_needed() {
    let free = [set(&[(9, 12)]), set(&[(8, 20)]), set(&[(9, 11)])];
    assert_eq!(
        found(&free, &[of(&[0], 1)], 1),
        [(between(9, 12), vec![0, 1])]
    );
    assert_eq!(
        found(&free, &[of(&[0], 1), of(&[1, 2], 0)], 1),
        [(between(9, 12), vec![0, 1])]
    );
}

#[test]
fn groups_that_ask_for_nobody_or_for_too_many() {
    let free = [set(&[(9, 12)])];
    assert_eq!(found(&free, &[], 1), [(between(0, 24), vec![])]);
    assert_eq!(found(&free, &[of(&[0], 0)], 25), []);
    assert_eq!(found(&free, &[of(&[0], 2)], 0), []);
    // One person named twice is one person, and one who is not in the list is never free.
    assert_eq!(found(&free, &[of(&[0, 0], 2)], 0), []);
    assert_eq!(found(&free, &[of(&[0, 7], 2)], 0), []);
    assert_eq!(
        found(&free, &[of(&[0, 7], 1)], 0),
        [(between(9, 12), vec![0])]
    );
}

#[test]
fn each_of_several_groups_needs_enough() {
    let free = [
        set(&[(9, 12)]),
        set(&[(14, 17)]),
        set(&[(10, 16)]),
        set(&[(11, 15)]),
    ];
    let groups = [of(&[0, 1], 1), of(&[2, 3], 1)];
    assert_eq!(
        found(&free, &groups, 2),
        [(between(10, 12), vec![0, 2]), (between(14, 16), vec![1, 2])]
    );
}

#[test]
fn times_are_clipped_to_the_range() {
    let free = [set(&[(-5, 3), (20, 30)]), set(&[(-5, 30)])];
    let expected = [(between(0, 3), vec![0, 1]), (between(20, 24), vec![0, 1])];
    assert_eq!(found(&free, &[of(&[0, 1], 2)], 1), expected);
    let one_of_two = [(between(0, 24), vec![1])];
    assert_eq!(found(&free, &[of(&[0, 1], 1)], 1), one_of_two);
}

/// Free every day at some minutes, which differ from person to person and from day to day.
fn somebody(person: i64, days: i64, by: SignedDuration) -> IntervalSet {
    let stretch = |part: i64| {
        let at = part * 300 + (person * 37 + part * 53) % 120;
        let length = 30 + (person * 11 + part * 7) % 200;
        let instant = |minute: i64| Timestamp::from_second(minute * 60).unwrap() + by;
        Interval::new(instant(at), instant(at + length)).unwrap()
    };
    (0..days * 24 / 5).map(stretch).collect()
}

#[test]
fn so_many_people_that_they_are_counted_part_by_part() {
    let range = between(5, 40 * 24 - 7);
    let half_a_minute = SignedDuration::from_secs(30);
    let groups = [
        of(&[3], 1),
        of(&(0..400).collect::<Vec<_>>(), 100),
        of(&(200..300).collect::<Vec<_>>(), 20),
    ];
    for asked in [&groups[..], &groups[1..2]] {
        let ask = |by: SignedDuration| {
            let free: Vec<IntervalSet> = (0..400).map(|person| somebody(person, 40, by)).collect();
            let range = Interval::new(range.start() + by, range.end() + by).unwrap();
            let overlaps = overlaps(&free, asked, range, SignedDuration::from_mins(20));
            let found: Vec<Overlap> = overlaps.iter().collect();
            found
        };
        // half a minute later there is no whole minute, and instants are compared
        let (counted, mut compared) = (ask(SignedDuration::ZERO), ask(half_a_minute));
        for overlap in &mut compared {
            let (start, end) = (overlap.interval.start(), overlap.interval.end());
            overlap.interval = Interval::new(start - half_a_minute, end - half_a_minute).unwrap();
        }
        assert!(100 < counted.len());
        assert_eq!(counted, compared);
    }
}
