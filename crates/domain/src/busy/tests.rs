use super::*;

fn at(minute: i64) -> Timestamp {
    Timestamp::from_second(minute * 60).unwrap()
}

fn between(start: i64, end: i64) -> Interval {
    Interval::new(at(start), at(end)).unwrap()
}

/// Busy from `start` until `end`, with ten minutes of buffer on either side.
fn meeting(source: u128, start: i64, end: i64) -> BusyInterval {
    BusyInterval {
        interval: between(start, end),
        buffered: between(start - 10, end + 10),
        kind: BusyKind::ScheduledEvent,
        source: Uuid::from_u128(source),
        event_type: None,
        places: 1,
    }
}

#[test]
fn what_conflicts_with_a_meeting_from_100_to_130_and_its_buffers() {
    let busy = Busy::new(vec![meeting(1, 100, 130)]);
    for (start, end, before, after, conflicts) in [
        // Inside it.
        (110, 120, 0, 0, true),
        // Touching its buffer on either side.
        (80, 90, 0, 0, false),
        (140, 150, 0, 0, false),
        // Inside its buffer, by a minute.
        (80, 91, 0, 0, true),
        (139, 150, 0, 0, true),
        // The new buffer touches it, and lies over its buffer.
        (150, 160, 20, 0, false),
        (70, 80, 0, 20, false),
        // The new buffer lies over it, by a minute.
        (150, 160, 21, 0, true),
        (70, 80, 0, 21, true),
    ] {
        let new = between(start, end);
        let mut found = busy.conflicts(new, between(start - before, end + after));
        assert_eq!(
            found.next().is_some(),
            conflicts,
            "{start}-{end} with {before} before and {after} after"
        );
    }
}

#[test]
fn the_earliest_conflict_is_named() {
    let long = BusyInterval {
        kind: BusyKind::BusyTime,
        ..meeting(1, 0, 500)
    };
    let busy = Busy::new(vec![meeting(3, 120, 130), meeting(2, 20, 40), long]);
    let conflict = |start, end| {
        busy.conflicts(between(start, end), between(start, end))
            .next()
            .map(|busy| busy.source.as_u128())
    };
    assert_eq!(conflict(100, 200), Some(1));
    assert_eq!(conflict(510, 520), None);
    let all = busy.conflicts(between(100, 200), between(100, 200));
    let all: Vec<u128> = all.map(|busy| busy.source.as_u128()).collect();
    assert_eq!(all, [1, 3]);
}

#[test]
fn a_long_interval_is_cut_into_days() {
    let day = 24 * 60;
    assert_eq!(pieces(between(0, day)), [between(0, day)]);
    assert_eq!(
        pieces(between(0, day + 1)),
        [between(0, day), between(day, day + 1)]
    );
    assert_eq!(pieces(between(5, 3 * day + 5)).len(), 3);
    let last = Interval::new(
        Timestamp::MAX - SignedDuration::from_mins(1),
        Timestamp::MAX,
    )
    .unwrap();
    assert_eq!(pieces(last), [last]);
}
