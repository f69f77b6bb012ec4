//! free = schedule − busy, minute by minute.

use domain::availability::free;
use domain::busy::Busy;
use domain::interval::Interval;
use domain::schedule::Schedule;
use proptest::prelude::*;

use crate::config;
use crate::facts::{busy_around, range_around};
use crate::minute_model::{
    Clock, SlowSchedule, between, instant_of, minute_of, minutes_in, odd_moment, schedule,
};

fn slow(schedule: &Schedule, middle: i64, range: Interval) -> SlowSchedule {
    let clock = Clock::around(schedule.zone(), middle);
    SlowSchedule::around(schedule, &clock, range)
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn free_is_what_the_schedule_opens_and_nothing_takes(
        (middle, schedule, busy, range) in odd_moment().prop_flat_map(|(zone, moment)| {
            let middle = minute_of(moment);
            (Just(middle), schedule(Just(zone), moment), busy_around(middle), range_around(middle))
        })
    ) {
        let slow = slow(&schedule, middle, range);
        let is_taken = |minute| busy.iter().any(|busy| busy.buffered.overlaps(&between(minute, minute + 1)));
        let minutes = minute_of(range.start())..minute_of(range.end());
        let expected: Vec<i64> = minutes.filter(|&minute| slow.is_open(minute) && !is_taken(minute)).collect();
        let free = free(&schedule, &Busy::new(busy.clone()), range);
        prop_assert_eq!(minutes_in(&free, range), expected);
    }

    #[test]
    fn what_days_state_does_not_depend_on_the_range(
        (middle, schedule, range) in odd_moment().prop_flat_map(|(zone, moment)| {
            let middle = minute_of(moment);
            (Just(middle), schedule(Just(zone), moment), range_around(middle))
        })
    ) {
        let mut expected: Vec<Interval> = slow(&schedule, middle, range)
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
