//! free = schedule − busy, minute by minute.

use domain::availability::free;
use domain::busy::{Busy, BusyInterval, BusyKind};
use domain::interval::Interval;
use jiff::SignedDuration;
use proptest::prelude::*;
use uuid::Uuid;

use crate::minute_model::{
    SlowSchedule, between, instant_of, minute_of, minutes_in, odd_moment, schedule,
};

/// Busy time within some days around a minute, some of it with buffers.
pub fn busy_around(middle: i64) -> impl Strategy<Value = Vec<BusyInterval>> {
    let kinds =
        prop::sample::select(&[BusyKind::ScheduledEvent, BusyKind::BusyTime, BusyKind::Hold][..]);
    let times = (-300..300_i64, 1..16_i64, 0..3_i64, 0..3_i64, kinds).prop_map(
        move |(start, length, before, after, kind)| {
            let interval = between(middle + start * 10, middle + (start + length) * 10);
            let buffered = interval.expand(
                SignedDuration::from_mins(before * 10),
                SignedDuration::from_mins(after * 10),
            );
            BusyInterval {
                interval,
                buffered,
                kind,
                source: Uuid::from_u128(7),
                event_type: None,
                places: 1,
            }
        },
    );
    prop::collection::vec(times, 0..12)
}

/// A range of up to two days around a minute.
pub fn range_around(middle: i64) -> impl Strategy<Value = Interval> {
    (-2000..1500_i64, 1..2800_i64)
        .prop_map(move |(start, length)| between(middle + start, middle + start + length))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, ..ProptestConfig::default() })]

    #[test]
    fn free_is_what_the_schedule_opens_and_nothing_takes(
        (schedule, busy, range) in odd_moment().prop_flat_map(|(zone, moment)| {
            let middle = minute_of(moment);
            (schedule(zone, moment), busy_around(middle), range_around(middle))
        })
    ) {
        let slow = SlowSchedule::around(&schedule, range);
        let is_taken = |minute| busy.iter().any(|busy| busy.buffered.overlaps(&between(minute, minute + 1)));
        let minutes = minute_of(range.start())..minute_of(range.end());
        let expected: Vec<i64> = minutes.filter(|&minute| slow.is_open(minute) && !is_taken(minute)).collect();
        let free = free(&schedule, &Busy::new(busy.clone()), range);
        prop_assert_eq!(minutes_in(&free, range), expected);
    }

    #[test]
    fn what_days_state_does_not_depend_on_the_range(
        (schedule, range) in odd_moment().prop_flat_map(|(zone, moment)| {
            (schedule(zone, moment), range_around(minute_of(moment)))
        })
    ) {
        let mut expected: Vec<Interval> = SlowSchedule::around(&schedule, range)
            .stated
            .into_iter()
            .map(|(start, end)| between(start, end))
            .filter(|interval| interval.overlaps(&range))
            .collect();
        expected.sort();
        expected.dedup();
        prop_assert_eq!(schedule.stated_hours(range), expected);
        let day_by_day = (minute_of(range.start())..minute_of(range.end())).step_by(1440).flat_map(|start| {
            let end = instant_of(start + 1440).min(range.end());
            schedule.hours(Interval::new(instant_of(start), end).unwrap()).as_slice().to_vec()
        });
        prop_assert_eq!(schedule.hours(range), day_by_day.collect());
    }
}
