//! What one host offers for an event type: all policies but those that no host changes.

use jiff::{SignedDuration, Timestamp};

use crate::booking::BookRefusal;
use crate::busy::{Busy, BusyInterval, BusyKind};
use crate::event_type::{EventType, Limit};
use crate::id::{ScheduledEventId, UserId};
use crate::interval::{Interval, IntervalSet};
use crate::schedule::Schedule;

use super::grid::{Starts, Stretch, stretches};
use super::limits::{Tally, whole_periods};
use super::sweep::{Margins, at_once, fitting, without};
use super::window::OpenDates;
use super::{FreeHost, HostFacts};

/// Stated hours last less than 48 hours by the wall clock, and a clock change adds a day at most.
const LONGEST_ANCHOR: SignedDuration = SignedDuration::from_hours(72);

/// The hours, busy time and limits of one host in a range.
#[derive(Clone, Debug)]
pub(crate) struct HostOffer<'a> {
    host: UserId,
    event_type: &'a EventType,
    schedule: &'a Schedule,
    busy: &'a Busy,
    range: Interval,
    dates: OpenDates,
    /// What days of the schedule state, by start: each is an anchor of the grid.
    stated: Vec<Interval>,
    hours: IntervalSet,
    tallies: Vec<Tally>,
}

impl<'a> HostOffer<'a> {
    pub(super) fn new(
        event_type: &'a EventType,
        facts: HostFacts<'a>,
        range: Interval,
        now: Timestamp,
    ) -> HostOffer<'a> {
        let zone = facts.schedule.zone();
        let reach = range.expand(SignedDuration::ZERO, event_type.duration());
        let stated = facts.schedule.stated_hours(reach);
        let meetings = meetings_of(event_type, facts, range);
        let tally = |&limit| Tally::new(limit, zone, range, &meetings);
        HostOffer {
            host: facts.host,
            event_type,
            schedule: facts.schedule,
            busy: facts.busy,
            range,
            dates: OpenDates::at(event_type.window(), zone, now),
            hours: IntervalSet::from_sorted(stated.iter().copied()),
            stated,
            tallies: event_type.limits().iter().map(tally).collect(),
        }
    }

    pub(super) fn host(&self) -> UserId {
        self.host
    }

    /// The host's schedule.
    pub(crate) fn schedule(&self) -> &'a Schedule {
        self.schedule
    }

    /// What of the meeting lies within the host's hours.
    pub(crate) fn open_part(&self, meeting: Interval) -> IntervalSet {
        self.hours.clip(meeting)
    }

    /// The starts in the range at which a meeting lies within the host's hours.
    pub(super) fn fitting_stretches(&self) -> Vec<Stretch> {
        let bounds = (
            self.range.start().as_nanosecond(),
            self.range.end().as_nanosecond(),
        );
        let meeting = Margins::of(self.event_type);
        stretches(&self.stated, &fitting(&self.hours, &meeting, bounds))
    }

    /// Those at which no policy keeps the host from the meeting; what [`HostOffer::is_free`] tells of one start.
    pub(super) fn open_stretches(&self, earliest: Timestamp) -> Vec<Stretch> {
        let from = self.range.start().max(earliest).max(self.dates.from);
        let until = self.range.end().min(self.dates.until);
        let Some(bounds) = Interval::new(from, until) else {
            return Vec::new();
        };
        let meeting = Margins::of(self.event_type);
        let nanos = (from.as_nanosecond(), until.as_nanosecond());
        let fitting = fitting(&self.hours, &meeting, nanos);
        let mut open = meeting.clear_of(self.busy, bounds, fitting);
        for tally in &self.tallies {
            let full: Vec<Starts> = tally.full_periods(self.event_type.duration()).collect();
            open = without(open, &full, |period| *period);
        }
        let joined = self.joined(bounds).filter(|meeting| self.is_free(*meeting));
        let joined: Vec<Starts> = joined.map(|meeting| at_once(meeting.start())).collect();
        if !joined.is_empty() {
            open.extend(joined);
            open.sort_unstable();
        }
        stretches(&self.stated, &open)
    }

    /// The meetings in which others have places already, each once. What is there keeps no one from joining, so these
    /// starts are looked at one by one.
    fn joined(&self, bounds: Interval) -> impl Iterator<Item = Interval> {
        let begun = if self.is_group() {
            self.busy.starting_in(bounds)
        } else {
            &[]
        };
        let meetings = begun.chunk_by(|one, next| one.interval == next.interval);
        let joined =
            meetings.filter(|rows| rows.iter().any(|busy| self.is_same(busy, busy.interval)));
        joined
            .map(|rows| rows[0].interval)
            .filter(|meeting| meeting.duration() == self.event_type.duration())
    }

    /// Whether no policy keeps the host from the meeting.
    pub(super) fn is_free(&self, meeting: Interval) -> bool {
        self.out_of_window(meeting).is_none()
            && self.is_open(meeting)
            && self.conflicts(meeting).next().is_none()
            && self.over_limits(meeting).next().is_none()
            && self.full(meeting).is_none()
    }

    /// Whether the meeting lies within the host's hours.
    pub(super) fn is_open(&self, meeting: Interval) -> bool {
        let start = meeting.start();
        let is_known = self.range.start() <= start && start < self.range.end();
        is_known && self.hours.contains(meeting)
    }

    /// All that keeps the host from the meeting, in the order of the policies.
    pub(super) fn refusals(&self, meeting: Interval) -> Vec<BookRefusal> {
        let outside = (!self.is_open(meeting)).then_some(BookRefusal::OutsideHours);
        let conflicts = self.conflicts(meeting);
        let busy = conflicts.map(|busy| BookRefusal::Busy { by: *busy });
        let limits = self.over_limits(meeting);
        (self.out_of_window(meeting).into_iter().chain(outside))
            .chain(busy)
            .chain(limits.map(|full| BookRefusal::LimitReached { limit: full.limit }))
            .chain(self.full(meeting))
            .collect()
    }

    /// The host with the hours that are open when the meeting starts.
    pub(super) fn at(&self, meeting: Interval) -> FreeHost {
        let start = meeting.start();
        let begun = self
            .stated
            .partition_point(|anchor| anchor.start() <= start);
        let near = self.stated[..begun]
            .iter()
            .rev()
            .take_while(|anchor| start.duration_since(anchor.start()) <= LONGEST_ANCHOR);
        let open = near.filter(|anchor| start < anchor.end());
        FreeHost {
            host: self.host,
            anchors: open.map(Interval::start).collect(),
        }
    }

    /// How many places of the meeting are taken already.
    pub(crate) fn places_taken(&self, meeting: Interval) -> i64 {
        let same = self.same_meeting(meeting);
        same.map(|busy| busy.places).sum()
    }

    /// The meeting that invitees of this time join.
    pub(super) fn meeting_to_join(&self, meeting: Interval) -> Option<ScheduledEventId> {
        let mut same = self.same_meeting(meeting);
        let event = same.find(|busy| busy.kind == BusyKind::ScheduledEvent)?;
        Some(ScheduledEventId(event.source))
    }

    /// What a limit that the meeting would break must become, to hold it.
    pub(crate) fn limit_for(&self, limit: Limit, meeting: Interval) -> Option<Limit> {
        let tally = self.tallies.iter().find(|tally| tally.limit == limit)?;
        let cap = tally.cap_for(meeting)?;
        Some(Limit { cap, ..limit })
    }

    fn out_of_window(&self, meeting: Interval) -> Option<BookRefusal> {
        let is_open = self.dates.contain(meeting.start());
        (!is_open).then_some(BookRefusal::BookingWindow {
            first_date: self.dates.first,
            last_date: self.dates.last,
        })
    }

    fn conflicts(&self, meeting: Interval) -> impl Iterator<Item = &BusyInterval> {
        let buffered = self.event_type.buffered(&meeting);
        let conflicts = self.busy.conflicts(meeting, buffered);
        conflicts.filter(move |busy| !self.is_same(busy, meeting))
    }

    /// The limits that a new meeting would break. Whoever joins a meeting makes no new one.
    fn over_limits(&self, meeting: Interval) -> impl Iterator<Item = &Tally> {
        let joins = self.same_meeting(meeting).next().is_some();
        let tallies = self.tallies.iter().filter(move |_| !joins);
        tallies.filter(move |tally| !tally.can_hold(meeting))
    }

    fn full(&self, meeting: Interval) -> Option<BookRefusal> {
        let capacity = self.event_type.capacity();
        let is_full = self.is_group() && capacity <= self.places_taken(meeting);
        is_full.then_some(BookRefusal::Full { capacity })
    }

    fn is_group(&self) -> bool {
        1 < self.event_type.capacity()
    }

    /// What takes places of this very meeting.
    fn same_meeting(&self, meeting: Interval) -> impl Iterator<Item = &BusyInterval> {
        let same = self.busy.exactly(meeting);
        same.filter(move |busy| self.is_same(busy, meeting))
    }

    /// Whether it takes places of this very meeting, which others may join.
    fn is_same(&self, busy: &BusyInterval, meeting: Interval) -> bool {
        let is_shared = self.is_group() && 0 < busy.places;
        is_shared && busy.event_type == Some(self.event_type.id()) && busy.interval == meeting
    }
}

/// The meetings of the event type that are booked or held already, each once: what limits count.
fn meetings_of(event_type: &EventType, facts: HostFacts<'_>, range: Interval) -> Vec<Interval> {
    let zone = facts.schedule.zone();
    let periods = event_type
        .limits()
        .iter()
        .map(|limit| whole_periods(limit.per, zone, range));
    let Some(counted) = periods.reduce(|one, other| one.hull(&other)) else {
        return Vec::new();
    };
    let begun = facts.busy.starting_in(counted).iter();
    let ours = begun.filter(|busy| busy.event_type == Some(event_type.id()));
    let mut meetings: Vec<Interval> = ours.map(|busy| busy.interval).collect();
    if 1 < event_type.capacity() {
        meetings.dedup();
    }
    meetings
}
