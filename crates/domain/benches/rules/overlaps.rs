//! When several people are free together.

use std::hint::black_box;

use domain::interval::{Interval, IntervalSet};
use domain::overlap::{self, Group};
use jiff::SignedDuration;

use crate::measure::measure;
use crate::people::{office, on_call, range};

const PEOPLE: [usize; 7] = [2, 10, 16, 32, 100, 1_000, 10_000];
const DAYS: [i64; 3] = [1, 31, 366];

/// More names than these are not spelled out.
const MOST_NAMES: usize = 20_000_000;

/// Everybody, or enough of them: of people in an office half, of people on call nine out of ten.
pub fn run() {
    println!("overlaps: microseconds a question, best (mean)");
    println!(
        "hours     people  days  needed   times   intervals              found            with all names"
    );
    for people in PEOPLE {
        for days in DAYS {
            let range = range(days);
            let free = office(people, range);
            ask("office", &free, range, people);
            ask("office", &free, range, people.div_ceil(2));
            ask("on call", &on_call(people, range), range, people * 9 / 10);
        }
    }
}

fn ask(hours: &str, free: &[IntervalSet], range: Interval, minimum: usize) {
    let everyone = [Group {
        members: (0..free.len()).collect(),
        minimum,
    }];
    let half_an_hour = SignedDuration::from_mins(30);
    let find = || overlap::overlaps(black_box(free), &everyone, range, half_an_hour);
    let spell_out = || -> usize {
        let overlaps = find();
        overlaps.iter().map(|overlap| overlap.available.len()).sum()
    };
    let times = find().times().len();
    let named = if times * free.len() <= MOST_NAMES {
        measure(spell_out).micros()
    } else {
        "too many to spell out".to_owned()
    };
    println!(
        "{hours:7}  {people:7}  {days:4}  {minimum:6}  {times:6}  {intervals:10}  {found}  {named}",
        people = free.len(),
        days = range.duration().as_hours() / 24,
        intervals = free.iter().map(|free| free.as_slice().len()).sum::<usize>(),
        found = measure(find).micros(),
    );
}
