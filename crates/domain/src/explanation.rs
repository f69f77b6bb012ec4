//! Why a start is not on offer: every reason, what is behind it, and the smallest changes that would take it away.
//!
//! Nothing here decides anything: the reasons are those of the [`Offer`].

use jiff::Timestamp;
use jiff::civil::{Date, Weekday};

use crate::booking::BookRefusal;
use crate::busy::{BusyInterval, BusyKind};
use crate::civil::date_of;
use crate::event_type::Limit;
use crate::id::{BusyTimeId, HoldId, ScheduledEventId};
use crate::interval::Interval;
use crate::schedule::HoursInterval;
use crate::slots::host::HostOffer;
use crate::slots::{Offer, Reason};

use changes::{changes, missing_part};

mod changes;
#[cfg(test)]
mod tests;

/// One reason why a start cannot be booked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation {
    /// The reason, and whose it is.
    pub reason: Reason,
    /// What is behind it.
    pub source: Source,
    /// What would take this reason away, each by itself; nothing when no change would. Other reasons may remain.
    pub changes: Vec<Change>,
}

/// What is behind a reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// The host's hours of a weekday, which has none when it has no rule.
    Rule(Weekday),
    /// The host's hours of a date.
    Override(Date),
    /// A scheduled event of the host.
    Event(ScheduledEventId),
    /// A hold on the host's time.
    Hold(HoldId),
    /// Time that the host blocked, or that a connected calendar reports.
    BusyTime(BusyTimeId),
    /// A limit of the event type.
    Limit(Limit),
    /// Other settings of the event type, or the clock.
    EventType,
}

/// A change of the settings, or of what is asked for. Durations are in whole minutes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// A shorter minimum notice.
    MinimumNotice(i64),
    /// A rolling booking window of more days.
    RollingDays(u16),
    /// A booking window that starts on an earlier date.
    StartDate(Date),
    /// A booking window that ends on a later date.
    EndDate(Date),
    /// More hours on a date of the host, beside those that it has.
    Hours {
        /// The date on which they start.
        date: Date,
        /// The hours, in the host's zone.
        hours: HoursInterval,
    },
    /// A shorter meeting.
    Duration(i64),
    /// Another start, which is on the grid.
    StartTime(Timestamp),
    /// Another step between start times.
    Increment(i64),
    /// A shorter buffer before meetings.
    BeforeBuffer(i64),
    /// A shorter buffer after meetings.
    AfterBuffer(i64),
    /// The limit in place of the one that is reached.
    Limit(Limit),
    /// More invitees in a meeting.
    Capacity(i64),
}

/// Every reason why `start` cannot be booked, in the order of the policies; none when it can.
///
/// `grid` must be the offer's grid: the caller has it, and it is the same for all starts.
pub fn explain(offer: &Offer<'_>, grid: &[Timestamp], start: Timestamp) -> Vec<Explanation> {
    let meeting = offer.event_type().meeting_at(start);
    let explained = |reason: Reason| Explanation {
        source: source(offer, reason, meeting),
        changes: meeting.map_or_else(Vec::new, |meeting| changes(offer, grid, reason, meeting)),
        reason,
    };
    offer.reasons(start).into_iter().map(explained).collect()
}

fn source(offer: &Offer<'_>, reason: Reason, meeting: Option<Interval>) -> Source {
    let host = reason.host.and_then(|host| offer.of_host(host));
    match (reason.refusal, host, meeting) {
        (BookRefusal::OutsideHours, Some(host), Some(meeting)) => rule_of(host, meeting),
        (BookRefusal::Busy { by }, ..) => source_of(&by),
        (BookRefusal::LimitReached { limit }, ..) => Source::Limit(limit),
        _ => Source::EventType,
    }
}

/// The rule that leaves out the first part of the meeting which is outside the hours.
fn rule_of(host: &HostOffer<'_>, meeting: Interval) -> Source {
    let missing = missing_part(host, meeting).unwrap_or(meeting);
    let schedule = host.schedule();
    let date = date_of(missing.start(), schedule.zone());
    if schedule.has_override(date) {
        return Source::Override(date);
    }
    Source::Rule(date.weekday())
}

fn source_of(busy: &BusyInterval) -> Source {
    match busy.kind {
        BusyKind::ScheduledEvent => Source::Event(ScheduledEventId(busy.source)),
        BusyKind::Hold => Source::Hold(HoldId(busy.source)),
        BusyKind::BusyTime => Source::BusyTime(BusyTimeId(busy.source)),
    }
}
