//! The candidates, and counts over all of them that cost two steps a stretch however many candidates lie in it.

use std::ops::Range;

use jiff::{SignedDuration, Timestamp};

use super::Wanted;
use crate::interval::{Interval, shift};

/// The whole seconds since 1970 that lie in an interval.
#[derive(Clone, Copy, Debug)]
pub struct Seconds {
    pub start: i64,
    pub end: i64,
}

impl Seconds {
    pub fn inside(interval: &Interval) -> Seconds {
        let (start, end) = (interval.start(), interval.end());
        Seconds {
            start: start.as_second() + i64::from(0 < start.subsec_nanosecond()),
            end: end.as_second() - i64::from(end.subsec_nanosecond() < 0),
        }
    }
}

/// The candidates within a range: meetings of the same length that start at multiples of a step.
#[derive(Clone, Copy, Debug)]
pub struct Grid {
    range: Seconds,
    first: i64,
    step: i64,
    duration: i64,
    len: usize,
}

impl Grid {
    pub fn new(wanted: &Wanted) -> Grid {
        let seconds = |minutes: SignedDuration| minutes.as_mins().max(1).saturating_mul(60);
        let (step, duration) = (seconds(wanted.increment), seconds(wanted.duration));
        let range = Seconds::inside(&wanted.range);
        let first = range.start + (-range.start).rem_euclid(step);
        let room = range.end.saturating_sub(duration) - first;
        let len = if room < 0 { 0 } else { room / step + 1 };
        Grid {
            range,
            first,
            step,
            duration,
            len: usize::try_from(len).unwrap_or(0),
        }
    }

    pub fn len(&self) -> usize {
        self.len
    }

    /// The range in which the candidates lie.
    pub fn range(&self) -> Seconds {
        self.range
    }

    /// How long the meeting is, in seconds.
    pub fn duration(&self) -> i64 {
        self.duration
    }

    /// When a candidate starts, in seconds since 1970.
    pub fn start(&self, index: usize) -> i64 {
        self.first + i64::try_from(index).map_or(0, |index| index * self.step)
    }

    /// When each candidate starts, in seconds since 1970.
    pub fn starts(&self) -> impl Iterator<Item = i64> {
        (0..self.len).map(|index| self.start(index))
    }

    /// The candidate as an interval.
    pub fn meeting(&self, index: usize) -> Option<Interval> {
        let start = SignedDuration::from_secs(self.start(index));
        let end = start + SignedDuration::from_secs(self.duration);
        let instant = |since| shift(Timestamp::UNIX_EPOCH, since);
        Interval::new(instant(start), instant(end))
    }

    /// The candidates that start at `from` or later and before `until`.
    pub fn starting(&self, from: i64, until: i64) -> Range<usize> {
        self.index(from)..self.index(until)
    }

    /// The candidates that lie in a stretch.
    pub fn within(&self, stretch: Seconds) -> Range<usize> {
        self.starting(stretch.start, stretch.end - self.duration + 1)
    }

    /// The first candidate that starts at `second` or later; one past the last, when there is none.
    fn index(&self, second: i64) -> usize {
        let after = (second - self.first).max(0);
        let index = (after + self.step - 1) / self.step;
        usize::try_from(index).map_or(self.len, |index| index.min(self.len))
    }
}

/// Counts at every candidate, kept as the changes from each candidate to the next.
#[derive(Debug)]
pub struct Counts(Vec<u32>);

impl Counts {
    pub fn new(grid: &Grid) -> Counts {
        Counts(vec![0; grid.len() + 1])
    }

    /// Counts one more at each of some candidates.
    pub fn add(&mut self, candidates: Range<usize>) {
        if candidates.start < candidates.end {
            self.0[candidates.start] = self.0[candidates.start].wrapping_add(1);
            self.0[candidates.end] = self.0[candidates.end].wrapping_sub(1);
        }
    }

    /// The count at each candidate; what is read is forgotten, so that counting can begin anew.
    pub fn take(&mut self) -> impl Iterator<Item = i64> {
        self.0.iter_mut().scan(0_u32, |count, change| {
            *count = count.wrapping_add(std::mem::take(change));
            Some(i64::from(*count))
        })
    }
}
