//! Stretches of time: one `[start, end)`, and sets of them.
//!
//! Half-open throughout: two intervals that touch share no instant. Nothing here knows of wall time or zones.

use jiff::{SignedDuration, Timestamp};

/// A non-empty stretch of time, `[start, end)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Interval {
    start: Timestamp,
    end: Timestamp,
}

impl Interval {
    /// The interval from `start` until `end`; nothing when that would be empty or run backwards.
    pub fn new(start: Timestamp, end: Timestamp) -> Option<Interval> {
        (start < end).then_some(Interval { start, end })
    }

    /// The first instant inside.
    pub fn start(&self) -> Timestamp {
        self.start
    }

    /// The first instant after it.
    pub fn end(&self) -> Timestamp {
        self.end
    }

    /// The elapsed time from start to end, always positive.
    pub fn duration(&self) -> SignedDuration {
        self.end.duration_since(self.start)
    }

    /// Whether the two share an instant; touching is no overlap.
    pub fn overlaps(&self, other: &Interval) -> bool {
        self.start < other.end && other.start < self.end
    }

    /// Whether all of `other` lies inside.
    pub fn contains(&self, other: &Interval) -> bool {
        self.start <= other.start && other.end <= self.end
    }

    /// What the two share, if anything.
    pub fn intersection(&self, other: &Interval) -> Option<Interval> {
        Interval::new(self.start.max(other.start), self.end.min(other.end))
    }

    /// The shortest interval that contains both.
    #[must_use]
    pub fn hull(&self, other: &Interval) -> Interval {
        Interval {
            start: self.start.min(other.start),
            end: self.end.max(other.end),
        }
    }

    /// The part that lies inside `range`, if any.
    pub fn clip(&self, range: &Interval) -> Option<Interval> {
        self.intersection(range)
    }

    /// The interval grown by `before` at its start and `after` at its end. Neither may be negative.
    ///
    /// Stops at the first and the last instant that a timestamp can hold.
    #[must_use]
    pub fn expand(&self, before: SignedDuration, after: SignedDuration) -> Interval {
        Interval {
            start: shift(self.start, -before.max(SignedDuration::ZERO)),
            end: shift(self.end, after.max(SignedDuration::ZERO)),
        }
    }
}

/// The instant `by` after `instant` (before it, when negative), stopping at the first and last that can be held.
pub(crate) fn shift(instant: Timestamp, by: SignedDuration) -> Timestamp {
    let limit = if by.is_negative() {
        Timestamp::MIN
    } else {
        Timestamp::MAX
    };
    instant.checked_add(by).unwrap_or(limit)
}

/// A set of instants, held as sorted intervals that neither overlap nor touch.
///
/// Two sets that hold the same instants are equal.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct IntervalSet(Vec<Interval>);

impl IntervalSet {
    /// The union of intervals given in any order; what overlaps or touches is merged.
    pub fn from_intervals(intervals: impl IntoIterator<Item = Interval>) -> IntervalSet {
        let mut sorted: Vec<Interval> = intervals.into_iter().collect();
        sorted.sort_unstable();
        IntervalSet(merge_sorted(sorted.into_iter()))
    }

    /// The union of intervals that come in order of their starts; what overlaps or touches is merged.
    pub(crate) fn from_sorted(intervals: impl Iterator<Item = Interval>) -> IntervalSet {
        IntervalSet(merge_sorted(intervals))
    }

    /// The intervals in ascending order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &Interval> {
        self.0.iter()
    }

    /// The intervals in ascending order, as a slice.
    pub fn as_slice(&self) -> &[Interval] {
        &self.0
    }

    /// Whether the set holds no instant.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The instants in either set.
    #[must_use]
    pub fn union(&self, other: &IntervalSet) -> IntervalSet {
        let sorted = in_order(self.iter().copied(), other.iter().copied());
        IntervalSet(merge_sorted(sorted))
    }

    /// The instants of this set that are not in `other`.
    #[must_use]
    pub fn difference(&self, other: &IntervalSet) -> IntervalSet {
        let mut taken = match self.hull() {
            Some(hull) => other.touching(hull),
            None => &[],
        };
        let mut left = Vec::with_capacity(self.0.len() + taken.len());
        for interval in &self.0 {
            while let [first, rest @ ..] = taken
                && first.end <= interval.start
            {
                taken = rest;
            }
            subtract(interval, taken, &mut left);
        }
        IntervalSet(left)
    }

    /// The instants in both sets.
    #[must_use]
    pub fn intersection(&self, other: &IntervalSet) -> IntervalSet {
        let (Some(hull), Some(other_hull)) = (self.hull(), other.hull()) else {
            return IntervalSet::default();
        };
        let (mut left, mut right) = (self.touching(other_hull), other.touching(hull));
        let mut common = Vec::with_capacity(left.len().max(right.len()));
        while let ([a, left_rest @ ..], [b, right_rest @ ..]) = (left, right) {
            common.extend(a.intersection(b));
            if a.end < b.end {
                left = left_rest;
            } else {
                right = right_rest;
            }
        }
        IntervalSet(common)
    }

    /// The instants of this set inside `range`.
    #[must_use]
    pub fn clip(&self, range: Interval) -> IntervalSet {
        let first = self
            .0
            .partition_point(|interval| interval.end <= range.start);
        let inside = self.0[first..]
            .iter()
            .map_while(|interval| interval.clip(&range));
        IntervalSet(inside.collect())
    }

    /// The intervals that share an instant with `range`, unclipped.
    pub fn touching(&self, range: Interval) -> &[Interval] {
        let set = self.0.as_slice();
        if let ([first, ..], [.., last]) = (set, set)
            && range.start < first.end
            && last.start < range.end
        {
            return set;
        }
        let set = &set[set.partition_point(|interval| interval.end <= range.start)..];
        &set[..set.partition_point(|interval| interval.start < range.end)]
    }

    /// Whether the set shares an instant with `interval`.
    pub fn overlaps(&self, interval: Interval) -> bool {
        self.ending_after(interval.start)
            .is_some_and(|found| found.start < interval.end)
    }

    /// Whether all of `interval` lies in the set.
    pub fn contains(&self, interval: Interval) -> bool {
        self.ending_after(interval.start)
            .is_some_and(|found| found.contains(&interval))
    }

    /// From the first instant to the last.
    fn hull(&self) -> Option<Interval> {
        let (first, last) = (self.0.first()?, self.0.last()?);
        Interval::new(first.start, last.end)
    }

    fn ending_after(&self, instant: Timestamp) -> Option<&Interval> {
        let first = self.0.partition_point(|interval| interval.end <= instant);
        self.0.get(first)
    }
}

impl FromIterator<Interval> for IntervalSet {
    fn from_iter<I: IntoIterator<Item = Interval>>(intervals: I) -> IntervalSet {
        IntervalSet::from_intervals(intervals)
    }
}

/// All of two sequences that are in order, in order.
fn in_order<T: Ord>(
    left: impl Iterator<Item = T>,
    right: impl Iterator<Item = T>,
) -> impl Iterator<Item = T> {
    let (mut left, mut right) = (left.peekable(), right.peekable());
    std::iter::from_fn(move || match (left.peek(), right.peek()) {
        (Some(a), Some(b)) if b < a => right.next(),
        (Some(_), _) => left.next(),
        (None, _) => right.next(),
    })
}

/// Merges what overlaps or touches among intervals that come in order of their starts.
fn merge_sorted(sorted: impl Iterator<Item = Interval>) -> Vec<Interval> {
    let mut merged: Vec<Interval> = Vec::with_capacity(sorted.size_hint().0);
    for interval in sorted {
        match merged.last_mut() {
            Some(last) if interval.start <= last.end => last.end = last.end.max(interval.end),
            _ => merged.push(interval),
        }
    }
    merged
}

/// Adds to `left` what the sorted, disjoint `taken` leave of `interval`.
fn subtract(interval: &Interval, taken: &[Interval], left: &mut Vec<Interval>) {
    let mut start = interval.start;
    for hole in taken.iter().take_while(|hole| hole.start < interval.end) {
        left.extend(Interval::new(start, hole.start));
        start = start.max(hole.end);
    }
    left.extend(Interval::new(start, interval.end));
}

#[cfg(test)]
mod tests;
