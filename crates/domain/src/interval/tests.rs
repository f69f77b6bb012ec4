use super::*;

fn at(minute: i64) -> Timestamp {
    Timestamp::from_second(minute * 60).unwrap()
}

fn between(start: i64, end: i64) -> Interval {
    Interval::new(at(start), at(end)).unwrap()
}

fn set(intervals: &[(i64, i64)]) -> IntervalSet {
    intervals
        .iter()
        .map(|&(start, end)| between(start, end))
        .collect()
}

fn minutes(count: i64) -> SignedDuration {
    SignedDuration::from_mins(count)
}

#[test]
fn an_interval_is_never_empty_or_backwards() {
    assert_eq!(Interval::new(at(5), at(5)), None);
    assert_eq!(Interval::new(at(6), at(5)), None);
    assert_eq!(between(5, 8).duration(), minutes(3));
}

#[test]
fn touching_is_no_overlap() {
    assert!(!between(1, 5).overlaps(&between(5, 9)));
    assert!(!between(5, 9).overlaps(&between(1, 5)));
    assert!(between(1, 6).overlaps(&between(5, 9)));
    assert!(between(1, 9).overlaps(&between(3, 4)));
    assert_eq!(between(1, 5).intersection(&between(5, 9)), None);
    assert_eq!(between(1, 6).clip(&between(5, 9)), Some(between(5, 6)));
    assert!(between(1, 9).contains(&between(1, 9)));
    assert!(!between(1, 9).contains(&between(1, 10)));
}

#[test]
fn an_interval_grows_up_to_the_ends_of_time() {
    assert_eq!(
        between(10, 20).expand(minutes(3), minutes(5)),
        between(7, 25)
    );
    let everything = between(10, 20).expand(SignedDuration::MAX, SignedDuration::MAX);
    assert_eq!(
        (everything.start(), everything.end()),
        (Timestamp::MIN, Timestamp::MAX)
    );
    assert_eq!(
        between(10, 20).expand(minutes(-30), minutes(-30)),
        between(10, 20)
    );
}

#[test]
fn a_set_merges_what_touches_or_overlaps() {
    let merged = set(&[(5, 7), (1, 3), (3, 4), (6, 9), (20, 30), (21, 22)]);
    assert_eq!(
        merged.as_slice(),
        [between(1, 4), between(5, 9), between(20, 30)]
    );
}

#[test]
fn a_set_answers_for_instants_and_ranges() {
    let hours = set(&[(1, 4), (6, 9)]);
    assert!(hours.contains(between(1, 4)));
    assert!(!hours.contains(between(3, 7)), "a gap lies in between");
    assert!(!hours.overlaps(between(4, 6)), "touching on both sides");
    assert!(hours.overlaps(between(5, 7)));
    assert!(!hours.overlaps(between(9, 12)));
    assert_eq!(hours.clip(between(2, 7)), set(&[(2, 4), (6, 7)]));
}

/// All sets of a few minutes, compared with one bit a minute.
#[test]
fn sets_compute_what_bits_compute() {
    let from_bits = |bits: u32| -> IntervalSet {
        (0..8)
            .filter(|bit| bits & (1 << bit) != 0)
            .map(|bit| between(bit, bit + 1))
            .collect()
    };
    for a in 0..256 {
        for b in (0..256).step_by(3) {
            let (left, right) = (from_bits(a), from_bits(b));
            assert_eq!(left.union(&right), from_bits(a | b), "{a:b} or {b:b}");
            assert_eq!(
                left.intersection(&right),
                from_bits(a & b),
                "{a:b} and {b:b}"
            );
            assert_eq!(
                left.difference(&right),
                from_bits(a & !b),
                "{a:b} without {b:b}"
            );
        }
        for (start, end) in (0..8).flat_map(|start| (start + 1..=8).map(move |end| (start, end))) {
            let (range, mask) = (
                between(start, end),
                ((1_u32 << end) - 1) & !((1 << start) - 1),
            );
            assert_eq!(
                from_bits(a).overlaps(range),
                a & mask != 0,
                "{a:b} {start} {end}"
            );
            assert_eq!(
                from_bits(a).contains(range),
                a & mask == mask,
                "{a:b} {start} {end}"
            );
            assert_eq!(
                from_bits(a).clip(range),
                from_bits(a & mask),
                "{a:b} {start} {end}"
            );
        }
    }
}
