//! Free time → start times on offer.
//!
//! An [`Offer`] is compiled once a request and answers everything about start times: which there are, whether one may be
//! booked, and why not. All answers come from one list of policies, so they cannot disagree.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::booking::BookRefusal;
use crate::busy::{Busy, BusyKind};
use crate::event_type::{EventType, MAX_BUFFER};
use crate::interval::{Interval, IntervalSet, shift};
use crate::schedule::Schedule;

use limits::{Tally, whole_periods};
use window::OpenDates;

mod limits;
#[cfg(test)]
mod tests;
mod window;

/// What one host offers for one event type: the start times in a range, as things were at one instant.
///
/// Which starts are on offer depends neither on the range that is asked for nor on who asks; a range only bounds the
/// answer. What is busy takes starts away and never adds or moves one.
#[derive(Clone, Debug)]
pub struct Offer<'a> {
    event_type: &'a EventType,
    busy: &'a Busy,
    range: Interval,
    now: Timestamp,
    earliest: Timestamp,
    dates: OpenDates,
    /// What days of the schedule state, by start: each is an anchor of the grid.
    stated: Vec<Interval>,
    hours: IntervalSet,
    tallies: Vec<Tally>,
}

/// One policy: why a meeting is refused, if it is.
type Policy<'a> = fn(&Offer<'a>, Interval) -> Option<BookRefusal>;

/// Stated hours last less than 48 hours by the wall clock, and a clock change adds a day at most.
const LONGEST_ANCHOR: SignedDuration = SignedDuration::from_hours(72);

impl<'a> Offer<'a> {
    /// Every policy, in the order in which refusals are given.
    const POLICIES: [Policy<'a>; 6] = [
        Self::in_the_past,
        Self::too_soon,
        Self::out_of_window,
        Self::out_of_hours,
        Self::taken,
        Self::over_limit,
    ];

    /// What is on offer in `range` at `now`. `busy` must hold all of the host's busy time in [`Offer::facts_range`].
    pub fn new(
        event_type: &'a EventType,
        schedule: &'a Schedule,
        busy: &'a Busy,
        range: Interval,
        now: Timestamp,
    ) -> Offer<'a> {
        let zone = schedule.zone();
        let stated =
            schedule.stated_hours(range.expand(SignedDuration::ZERO, event_type.duration()));
        let meetings = meetings_of(event_type, busy);
        let tally = |&limit| Tally::new(limit, zone, range, &meetings);
        Offer {
            event_type,
            busy,
            range,
            now,
            earliest: shift(now, event_type.minimum_notice()),
            dates: OpenDates::at(event_type.window(), zone, now),
            hours: stated.iter().copied().collect(),
            stated,
            tallies: event_type.limits().iter().map(tally).collect(),
        }
    }

    /// In what range the host's busy time must be known to decide the starts in `range`.
    ///
    /// That is the meetings with the longest buffer on either side, which may be the new meeting's or that of what is
    /// there, and where the event type has limits the whole days, weeks and months that are touched, in the host's zone.
    /// Busy time whose interval, without buffers, does not overlap the result decides nothing.
    pub fn facts_range(event_type: &EventType, zone: &TimeZone, range: Interval) -> Interval {
        let around = range.expand(MAX_BUFFER, event_type.duration() + MAX_BUFFER);
        event_type.limits().iter().fold(around, |facts, limit| {
            let periods = whole_periods(limit.per, zone, range);
            let before = facts.start().duration_since(periods.start());
            let after = periods.end().duration_since(facts.end());
            facts.expand(before, after)
        })
    }

    /// All starts in the range that can be booked, ascending.
    pub fn starts(&self) -> Vec<Timestamp> {
        let mut starts: Vec<Timestamp> = self
            .stated
            .iter()
            .flat_map(|anchor| self.grid(anchor))
            .collect();
        starts.sort();
        starts.dedup();
        starts.retain(|&start| self.decide(start).is_ok());
        starts
    }

    /// The meeting that starts at `start`, or the first reason, in the order of the policies, why it cannot be booked.
    ///
    /// A start outside the range is outside the hours, for nothing is known there.
    pub fn decide(&self, start: Timestamp) -> Result<Interval, BookRefusal> {
        let meeting = self
            .event_type
            .meeting_at(start)
            .ok_or(BookRefusal::OutsideHours)?;
        self.first_refusal(meeting).map_or(Ok(meeting), Err)
    }

    /// Every reason why `start` cannot be booked, in the order of the policies; none when it can.
    pub fn refusals(&self, start: Timestamp) -> Vec<BookRefusal> {
        let Some(meeting) = self.event_type.meeting_at(start) else {
            return vec![BookRefusal::OutsideHours];
        };
        Self::POLICIES
            .iter()
            .filter_map(|policy| policy(self, meeting))
            .collect()
    }

    /// The `count` bookable starts in the range that are nearest to `start`, ascending. Of two as near, the earlier wins.
    pub fn nearest(&self, start: Timestamp, count: usize) -> Vec<Timestamp> {
        let mut nearest = self.starts();
        nearest.sort_by_key(|&other| (other.duration_since(start).abs(), other));
        nearest.truncate(count);
        nearest.sort();
        nearest
    }

    fn first_refusal(&self, meeting: Interval) -> Option<BookRefusal> {
        Self::POLICIES
            .iter()
            .find_map(|policy| policy(self, meeting))
    }

    /// The grid that starts at `anchor`, as far as the range, the notice and the booking window let it matter.
    fn grid(&self, anchor: &Interval) -> impl Iterator<Item = Timestamp> + use<> {
        let increment = self.event_type.increment();
        let from = self.range.start().max(self.earliest).max(self.dates.from);
        let until = anchor.end().min(self.range.end()).min(self.dates.until);
        let skipped = from
            .duration_since(anchor.start())
            .max(SignedDuration::ZERO);
        let steps = skipped.as_nanos().div_euclid(increment.as_nanos());
        let whole_steps = i32::try_from(steps)
            .ok()
            .and_then(|steps| increment.checked_mul(steps));
        let first = whole_steps.and_then(|skipped| anchor.start().checked_add(skipped).ok());
        let grid = std::iter::successors(first, move |start| start.checked_add(increment).ok());
        grid.skip_while(move |&start| start < from)
            .take_while(move |&start| start < until)
    }

    fn in_the_past(&self, meeting: Interval) -> Option<BookRefusal> {
        (meeting.start() < self.now).then_some(BookRefusal::InThePast)
    }

    fn too_soon(&self, meeting: Interval) -> Option<BookRefusal> {
        let earliest = self.earliest;
        (meeting.start() < earliest).then_some(BookRefusal::MinimumNotice { earliest })
    }

    fn out_of_window(&self, meeting: Interval) -> Option<BookRefusal> {
        let OpenDates {
            first,
            last,
            from,
            until,
        } = self.dates;
        let is_open = from <= meeting.start() && meeting.start() < until;
        (!is_open).then_some(BookRefusal::BookingWindow {
            first_date: first,
            last_date: last,
        })
    }

    fn out_of_hours(&self, meeting: Interval) -> Option<BookRefusal> {
        let start = meeting.start();
        let is_known = self.range.start() <= start && start < self.range.end();
        if !is_known || !self.hours.contains(meeting) {
            return Some(BookRefusal::OutsideHours);
        }
        (!self.is_on_grid(start)).then_some(BookRefusal::OffGrid)
    }

    fn is_on_grid(&self, start: Timestamp) -> bool {
        let increment = self.event_type.increment().as_secs();
        let begun = self
            .stated
            .partition_point(|anchor| anchor.start() <= start);
        let anchors = self.stated[..begun].iter().rev();
        let offsets = anchors.map(|anchor| (anchor, start.duration_since(anchor.start())));
        let mut near = offsets.take_while(|(_, offset)| *offset <= LONGEST_ANCHOR);
        near.any(|(anchor, offset)| {
            start < anchor.end() && offset.as_secs() % increment == 0 && offset.subsec_nanos() == 0
        })
    }

    fn taken(&self, meeting: Interval) -> Option<BookRefusal> {
        let conflict = self
            .busy
            .conflict(meeting, self.event_type.buffered(&meeting))?;
        Some(BookRefusal::Busy {
            kind: conflict.kind,
        })
    }

    fn over_limit(&self, meeting: Interval) -> Option<BookRefusal> {
        let full = self.tallies.iter().find(|tally| !tally.can_hold(meeting))?;
        Some(BookRefusal::LimitReached { limit: full.limit })
    }
}

/// The meetings of the event type that are booked already: what limits count.
fn meetings_of(event_type: &EventType, busy: &Busy) -> Vec<Interval> {
    if event_type.limits().is_empty() {
        return Vec::new();
    }
    let booked = busy
        .iter()
        .filter(|busy| busy.kind == BusyKind::ScheduledEvent);
    let counted = booked.filter(|busy| busy.event_type == Some(event_type.id()));
    counted.map(|busy| busy.interval).collect()
}
