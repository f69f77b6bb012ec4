//! What takes a host's time: meetings with their buffers, blocked time and holds, and what conflicts with it.
//!
//! Two intervals conflict when they share an instant. A new meeting's own buffers must be free of what is there, and the
//! buffers of what is there must be free of the new meeting; two buffers may overlap each other.

use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use crate::event_type::MAX_BUFFER;
use crate::id::EventTypeId;
use crate::interval::{Interval, IntervalSet};

/// What kind of thing takes the time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum BusyKind {
    /// An active scheduled event.
    ScheduledEvent,
    /// A time that the host blocked, or that a connected calendar reports.
    BusyTime,
    /// A temporary claim that has not lapsed.
    Hold,
}

/// One stretch of a host's time that is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct BusyInterval {
    /// The time itself.
    pub interval: Interval,
    /// The time with the buffers that it was booked with; contains `interval`, and equals it without buffers.
    pub buffered: Interval,
    /// What takes it.
    pub kind: BusyKind,
    /// The id of what takes it: of the scheduled event, the busy time or the hold.
    pub source: Uuid,
    /// The event type of a scheduled event or a hold.
    pub event_type: Option<EventTypeId>,
    /// How many places it takes of a meeting that several invitees share; 0 where nobody can join.
    pub places: i64,
}

/// All that takes a host's time in some range.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Busy {
    /// By start, then end, then source.
    intervals: Vec<BusyInterval>,
    /// For each interval, the latest end of a buffer up to and including it.
    reach: Vec<Timestamp>,
    plain: IntervalSet,
    buffered: IntervalSet,
    has_buffers: bool,
}

impl Busy {
    /// Busy time out of intervals in any order.
    pub fn new(mut intervals: Vec<BusyInterval>) -> Busy {
        // the rest only matters where one thing takes the same time twice
        let rest = |busy: &BusyInterval| (busy.kind, busy.buffered, busy.event_type, busy.places);
        intervals.sort_unstable_by(|one, other| {
            let order = (one.interval, one.source).cmp(&(other.interval, other.source));
            order.then_with(|| rest(one).cmp(&rest(other)))
        });
        let reach = intervals.iter().scan(Timestamp::MIN, |latest, busy| {
            *latest = busy.buffered.end().max(*latest);
            Some(*latest)
        });
        Busy {
            reach: reach.collect(),
            plain: IntervalSet::from_sorted(intervals.iter().map(|busy| busy.interval)),
            buffered: intervals.iter().map(|busy| busy.buffered).collect(),
            has_buffers: intervals.iter().any(|busy| busy.interval != busy.buffered),
            intervals,
        }
    }

    /// Whether anything keeps more time free than it takes.
    pub(crate) fn has_buffers(&self) -> bool {
        self.has_buffers
    }

    /// The intervals by start, then end, then source.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &BusyInterval> {
        self.intervals.iter()
    }

    /// Those that start within a range.
    pub fn starting_in(&self, range: Interval) -> &[BusyInterval] {
        let start = |busy: &BusyInterval| busy.interval.start();
        let first = self
            .intervals
            .partition_point(|busy| start(busy) < range.start());
        let begun = &self.intervals[first..];
        &begun[..begun.partition_point(|busy| start(busy) < range.end())]
    }

    /// All instants that are taken, without buffers.
    pub fn plain_set(&self) -> &IntervalSet {
        &self.plain
    }

    /// All instants that are taken, buffers included.
    pub fn buffered_set(&self) -> &IntervalSet {
        &self.buffered
    }

    /// Those that are exactly this interval.
    pub fn exactly(&self, interval: Interval) -> impl Iterator<Item = &BusyInterval> {
        let first = self
            .intervals
            .partition_point(|busy| busy.interval < interval);
        let same = self.intervals[first..].iter();
        same.take_while(move |busy| busy.interval == interval)
    }

    /// All intervals with which a new meeting would conflict, by start; `buffered` is the meeting with its own buffers.
    pub fn conflicts(
        &self,
        meeting: Interval,
        buffered: Interval,
    ) -> impl Iterator<Item = &BusyInterval> {
        let any = self.plain.overlaps(buffered) || self.buffered.overlaps(meeting);
        let first = self
            .reach
            .partition_point(|&reach| reach <= buffered.start());
        let candidates = if any { &self.intervals[first..] } else { &[] };
        let last = buffered
            .end()
            .saturating_add(MAX_BUFFER)
            .unwrap_or(Timestamp::MAX);
        candidates
            .iter()
            .take_while(move |busy| busy.interval.start() < last)
            .filter(move |busy| {
                buffered.overlaps(&busy.interval) || meeting.overlaps(&busy.buffered)
            })
    }
}

/// The longest stretch that is kept in one piece, so that a look-up by start knows how far back it must go.
pub const MAX_PIECE: SignedDuration = SignedDuration::from_hours(24);

/// The interval cut into consecutive pieces of at most [`MAX_PIECE`].
pub fn pieces(interval: Interval) -> Vec<Interval> {
    let next = |piece: &Interval| piece_at(piece.end(), interval.end());
    std::iter::successors(piece_at(interval.start(), interval.end()), next).collect()
}

fn piece_at(start: Timestamp, end: Timestamp) -> Option<Interval> {
    let full = start.checked_add(MAX_PIECE).unwrap_or(Timestamp::MAX);
    Interval::new(start, full.min(end))
}

#[cfg(test)]
mod tests;
