//! The hours of a schedule, and what of them is free.

use std::hint::black_box;

use domain::availability;
use domain::busy::Busy;
use domain::schedule::Schedule;
use jiff::SignedDuration;

use crate::measure::measure;
use crate::people::{meeting, meetings, range, schedule};

/// Schedules of more and more days, and free time with more and more that is busy.
pub fn run() {
    println!("hours of a schedule: microseconds a question, best (mean)");
    println!("week                   days                hours");
    let office = schedule("America/New_York", (9, 17), 5);
    let week = schedule("Australia/Lord_Howe", (22, 6), 7);
    for days in [1, 31, 366] {
        expand("nine to five", &office, days);
        expand("every night", &week, days);
    }
    println!("free time of 31 days: microseconds a question, best (mean)");
    println!("busy in range    in all               taken");
    for busy in [20, 200, 2_000] {
        free(&office, busy, busy);
    }
    for all in [20_000, 200_000] {
        free(&office, 200, all);
    }
    println!("busy time out of intervals that were read in order");
    for count in [200, 2_000] {
        let read: Vec<_> = meetings(range(31), count).iter().copied().collect();
        let taken = measure(|| Busy::new(black_box(&read).clone()));
        println!("{count:13}            {}", taken.micros());
    }
}

fn expand(week: &str, schedule: &Schedule, days: i64) {
    let range = range(days);
    let taken = measure(|| black_box(schedule).hours(range));
    println!("{week:19}  {days:6}  {}", taken.micros());
}

fn free(schedule: &Schedule, in_range: i64, in_all: i64) {
    let range = range(31);
    let inside = meetings(range, in_range);
    let outside = (0..in_all - in_range).map(|index| {
        let hours = SignedDuration::from_hours(index / 2 + 1);
        let (before, after) = (range.start() - hours, range.end() + hours);
        meeting(if index % 2 == 0 { before } else { after }, 15)
    });
    let busy = Busy::new(inside.iter().copied().chain(outside).collect());
    let taken = measure(|| availability::free(schedule, black_box(&busy), range));
    println!("{in_range:13}  {in_all:8}  {}", taken.micros());
}
