//! Whether a meeting may be booked, moved or called off: facts in, a decision or a refusal out.
//!
//! Each action has its own refusals. A refusal carries its facts and a code that does not change; how it is shown to a
//! caller is not decided here.

use jiff::Timestamp;
use jiff::civil::Date;

use crate::busy::BusyInterval;
use crate::event_type::Limit;
use crate::interval::{Interval, IntervalSet};
use crate::scheduled_event::{EventState, EventStatus};
use crate::slots::Offer;

/// Why a meeting cannot be booked, in the order in which it is found out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BookRefusal {
    /// It would start before now.
    #[error("this time has passed")]
    InThePast,
    /// It would start sooner than the event type's minimum notice allows.
    #[error("this time is too soon; the earliest that can be booked is {earliest}")]
    MinimumNotice {
        /// The first instant that keeps the notice.
        earliest: Timestamp,
    },
    /// It would start on a date that cannot be booked now, in the host's zone.
    #[error("this date cannot be booked")]
    BookingWindow {
        /// The first date that can be booked, where the window has one.
        first_date: Option<Date>,
        /// The last date that can be booked, where the window has one.
        last_date: Option<Date>,
    },
    /// It would not lie within the host's hours.
    #[error("this time is outside the host's hours")]
    OutsideHours,
    /// It would lie within the hours but starts between two start times.
    #[error("a meeting cannot start at this time; take one of the start times on offer")]
    OffGrid,
    /// The host is taken then, or too shortly before or after.
    #[error("the host is taken at this time")]
    Busy {
        /// What takes the host's time.
        by: BusyInterval,
    },
    /// The host takes no more such meetings in that day, week or month.
    #[error("the host takes no more meetings of this kind in that period")]
    LimitReached {
        /// The limit that is reached.
        limit: Limit,
    },
    /// As many invitees as the meeting takes have booked it.
    #[error("all {capacity} places of this meeting are taken")]
    Full {
        /// How many invitees the meeting takes.
        capacity: i64,
    },
    /// The time is not entirely free: for [`decide_range`] hours and busy time are one. Also a start at which others
    /// have booked or hold places, for a meeting of several invitees that would move there.
    #[error("the host is not free for all of this time")]
    NotFree,
}

impl BookRefusal {
    /// A short name of the reason that does not change.
    pub fn code(&self) -> &'static str {
        match self {
            BookRefusal::InThePast => "in_the_past",
            BookRefusal::MinimumNotice { .. } => "minimum_notice",
            BookRefusal::BookingWindow { .. } => "booking_window",
            BookRefusal::OutsideHours => "outside_hours",
            BookRefusal::OffGrid => "off_grid",
            BookRefusal::Busy { .. } => "busy",
            BookRefusal::LimitReached { .. } => "limit_reached",
            BookRefusal::Full { .. } => "capacity_reached",
            BookRefusal::NotFree => "not_free",
        }
    }

    /// The place of its policy in the order of all.
    pub fn order(&self) -> u8 {
        match self {
            BookRefusal::InThePast => 0,
            BookRefusal::MinimumNotice { .. } => 1,
            BookRefusal::BookingWindow { .. } => 2,
            BookRefusal::OutsideHours => 3,
            BookRefusal::OffGrid => 4,
            BookRefusal::Busy { .. } | BookRefusal::NotFree => 5,
            BookRefusal::LimitReached { .. } => 6,
            BookRefusal::Full { .. } => 7,
        }
    }
}

/// Why a meeting cannot be moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RescheduleRefusal {
    /// It was called off.
    #[error("this meeting was canceled")]
    AlreadyCanceled,
    /// It is over.
    #[error("this meeting has ended")]
    InThePast,
    /// It takes place at that time already.
    #[error("this meeting already takes place at this time")]
    SameTime,
    /// The new time cannot be booked.
    #[error(transparent)]
    Book(#[from] BookRefusal),
}

impl RescheduleRefusal {
    /// A short name of the reason that does not change.
    pub fn code(&self) -> &'static str {
        match self {
            RescheduleRefusal::AlreadyCanceled => "already_canceled",
            RescheduleRefusal::InThePast => "event_in_the_past",
            RescheduleRefusal::SameTime => "same_time",
            RescheduleRefusal::Book(refusal) => refusal.code(),
        }
    }
}

/// Why a meeting cannot be called off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CancelRefusal {
    /// It was called off before.
    #[error("this meeting was canceled before")]
    AlreadyCanceled,
    /// It is over.
    #[error("this meeting has ended")]
    InThePast,
}

impl CancelRefusal {
    /// A short name of the reason that does not change.
    pub fn code(&self) -> &'static str {
        match self {
            CancelRefusal::AlreadyCanceled => "already_canceled",
            CancelRefusal::InThePast => "event_in_the_past",
        }
    }
}

/// Decides whether a meeting may be booked at `start`, which must lie in the offer's range.
pub fn decide_book(offer: &Offer<'_>, start: Timestamp) -> Result<Interval, BookRefusal> {
    offer.decide(start)
}

/// Whether `event` may be moved at all, and to another time than its own.
///
/// Whether the new time can be booked is decided as for a new meeting, once the old time is given up: an event may move
/// into time that only it takes, and does not count twice against a limit.
pub fn may_move(
    event: &EventState,
    start: Timestamp,
    now: Timestamp,
) -> Result<(), RescheduleRefusal> {
    if event.status == EventStatus::Canceled {
        return Err(RescheduleRefusal::AlreadyCanceled);
    }
    if event.has_ended(now) {
        return Err(RescheduleRefusal::InThePast);
    }
    if event.interval.start() == start {
        return Err(RescheduleRefusal::SameTime);
    }
    Ok(())
}

/// Decides whether `event` may be called off. A meeting that has begun may be; one that has ended may not.
pub fn decide_cancel(event: &EventState, now: Timestamp) -> Result<(), CancelRefusal> {
    if event.status == EventStatus::Canceled {
        return Err(CancelRefusal::AlreadyCanceled);
    }
    if event.has_ended(now) {
        return Err(CancelRefusal::InThePast);
    }
    Ok(())
}

/// Decides whether any stretch of time may be booked, on no grid: it must lie within `free`.
pub fn decide_range(free: &IntervalSet, meeting: Interval) -> Result<Interval, BookRefusal> {
    if !free.contains(meeting) {
        return Err(BookRefusal::NotFree);
    }
    Ok(meeting)
}

/// The same for a stretch that must not start before `now`.
pub fn decide_range_from(
    free: &IntervalSet,
    meeting: Interval,
    now: Timestamp,
) -> Result<Interval, BookRefusal> {
    if meeting.start() < now {
        return Err(BookRefusal::InThePast);
    }
    decide_range(free, meeting)
}

#[cfg(test)]
mod change_tests;
#[cfg(test)]
mod tests;
