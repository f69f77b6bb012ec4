//! A kind of meeting on offer: how long it takes, what is kept free around it, and when it may be booked.
//!
//! An [`EventType`] is valid by construction. This module holds the rules' numbers; `slots` applies them.

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};

use crate::id::EventTypeId;
use crate::interval::Interval;

/// What an event type is made of, as a user states it. Durations are in whole minutes.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct EventTypeSpec {
    /// The event type's id, by which its meetings are counted.
    pub id: EventTypeId,
    /// How long a meeting takes: 1 to 720 minutes.
    pub duration: i64,
    /// What is kept free before a meeting: 0 to 180 minutes.
    pub before_buffer: i64,
    /// What is kept free after a meeting: 0 to 180 minutes.
    pub after_buffer: i64,
    /// The step between start times: 5 to 720 minutes.
    pub increment: i64,
    /// The shortest time between booking and meeting: 0 to 525600 minutes (365 days).
    pub minimum_notice: i64,
    /// How far ahead it may be booked.
    pub window: BookingWindow,
    /// How much of it may be booked.
    pub limits: Vec<Limit>,
    /// How many invitees one meeting takes: 1 to 1000.
    pub capacity: i64,
}

/// On which dates an event type may be booked, in the host's zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BookingWindow {
    /// From today until so many days after today; that whole date included.
    Rolling {
        /// 0 to 3650.
        days: u16,
        /// Whether only Monday to Friday are counted. Weekends on the way may be booked all the same.
        weekdays_only: bool,
    },
    /// On the dates from `start` to `end`, both included.
    Range {
        /// The first date.
        start: Date,
        /// The last date, not before the first.
        end: Date,
    },
    /// On any date.
    Unlimited,
}

/// How much of an event type may be booked in each period.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Limit {
    /// The period.
    pub per: LimitPeriod,
    /// The most that the period takes.
    pub cap: LimitCap,
}

/// A period of the host's calendar. A meeting counts where it starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LimitPeriod {
    /// A date.
    Day,
    /// Sunday to Saturday.
    Week,
    /// A month of the calendar.
    Month,
}

/// The most that a period takes, the new meeting included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LimitCap {
    /// So many meetings, at least 1.
    Events(u32),
    /// So many minutes of meetings without their buffers, at least 1.
    Minutes(u32),
}

/// Why a specification is no event type. Every bound is inclusive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EventTypeError {
    /// The duration is out of bounds.
    #[error("a duration is 1 to 720 minutes, not {0}")]
    Duration(i64),
    /// The buffer before is out of bounds.
    #[error("a buffer before is 0 to 180 minutes, not {0}")]
    BeforeBuffer(i64),
    /// The buffer after is out of bounds.
    #[error("a buffer after is 0 to 180 minutes, not {0}")]
    AfterBuffer(i64),
    /// The increment is out of bounds.
    #[error("an increment is 5 to 720 minutes, not {0}")]
    Increment(i64),
    /// The minimum notice is out of bounds.
    #[error("a minimum notice is 0 to 525600 minutes, not {0}")]
    MinimumNotice(i64),
    /// The rolling window is out of bounds.
    #[error("a rolling booking window is 0 to 3650 days, not {0}")]
    RollingDays(u16),
    /// The range of dates runs backwards.
    #[error("a booking window that starts on {start} cannot end on {end}")]
    WindowEndsBeforeStart {
        /// The first date stated.
        start: Date,
        /// The last date stated.
        end: Date,
    },
    /// The capacity is out of bounds.
    #[error("a capacity is 1 to 1000 invitees, not {0}")]
    Capacity(i64),
    /// A limit allows nothing.
    #[error("a limit is at least 1")]
    LimitOfNothing,
}

/// The longest buffer that an event type may have.
pub const MAX_BUFFER: SignedDuration = SignedDuration::from_mins(180);

/// The most days that a rolling booking window may have.
pub(crate) const MAX_ROLLING_DAYS: u16 = 3650;

/// The most invitees that one meeting may take.
pub(crate) const MAX_CAPACITY: i64 = 1000;

/// The steps between start times that there may be, in minutes.
pub(crate) const INCREMENTS: std::ops::RangeInclusive<i64> = 5..=720;

/// A kind of meeting on offer, with every number within its bounds.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct EventType {
    id: EventTypeId,
    duration: SignedDuration,
    before_buffer: SignedDuration,
    after_buffer: SignedDuration,
    increment: SignedDuration,
    minimum_notice: SignedDuration,
    window: BookingWindow,
    limits: Vec<Limit>,
    capacity: i64,
}

impl EventType {
    /// The event type of a specification, or the first bound that it breaks.
    pub fn new(spec: EventTypeSpec) -> Result<EventType, EventTypeError> {
        let buffer = 0..=MAX_BUFFER.as_mins();
        check_window(spec.window)?;
        if spec
            .limits
            .iter()
            .any(|limit| matches!(limit.cap, LimitCap::Events(0) | LimitCap::Minutes(0)))
        {
            return Err(EventTypeError::LimitOfNothing);
        }
        if !(1..=MAX_CAPACITY).contains(&spec.capacity) {
            return Err(EventTypeError::Capacity(spec.capacity));
        }
        Ok(EventType {
            id: spec.id,
            duration: minutes(spec.duration, 1..=720, EventTypeError::Duration)?,
            before_buffer: minutes(
                spec.before_buffer,
                buffer.clone(),
                EventTypeError::BeforeBuffer,
            )?,
            after_buffer: minutes(spec.after_buffer, buffer, EventTypeError::AfterBuffer)?,
            increment: minutes(spec.increment, INCREMENTS, EventTypeError::Increment)?,
            minimum_notice: minutes(
                spec.minimum_notice,
                0..=525_600,
                EventTypeError::MinimumNotice,
            )?,
            window: spec.window,
            limits: spec.limits,
            capacity: spec.capacity,
        })
    }

    /// The id by which its meetings are counted.
    pub fn id(&self) -> EventTypeId {
        self.id
    }

    /// How long a meeting takes.
    pub fn duration(&self) -> SignedDuration {
        self.duration
    }

    /// What is kept free before a meeting.
    pub fn before_buffer(&self) -> SignedDuration {
        self.before_buffer
    }

    /// What is kept free after a meeting.
    pub fn after_buffer(&self) -> SignedDuration {
        self.after_buffer
    }

    /// The step between start times.
    pub fn increment(&self) -> SignedDuration {
        self.increment
    }

    /// The shortest time between booking and meeting.
    pub fn minimum_notice(&self) -> SignedDuration {
        self.minimum_notice
    }

    /// How far ahead it may be booked.
    pub fn window(&self) -> BookingWindow {
        self.window
    }

    /// How much of it may be booked.
    pub fn limits(&self) -> &[Limit] {
        &self.limits
    }

    /// How many invitees one meeting takes.
    pub fn capacity(&self) -> i64 {
        self.capacity
    }

    /// The meeting that starts at `start`; nothing when it would end after the last instant of all.
    pub fn meeting_at(&self, start: Timestamp) -> Option<Interval> {
        let end = start.checked_add(self.duration).ok()?;
        Interval::new(start, end)
    }

    /// A meeting together with the buffers around it.
    pub fn buffered(&self, meeting: &Interval) -> Interval {
        meeting.expand(self.before_buffer, self.after_buffer)
    }
}

fn check_window(window: BookingWindow) -> Result<(), EventTypeError> {
    match window {
        BookingWindow::Rolling { days, .. } if MAX_ROLLING_DAYS < days => {
            Err(EventTypeError::RollingDays(days))
        }
        BookingWindow::Range { start, end } if end < start => {
            Err(EventTypeError::WindowEndsBeforeStart { start, end })
        }
        _ => Ok(()),
    }
}

fn minutes(
    number: i64,
    bounds: std::ops::RangeInclusive<i64>,
    refusal: fn(i64) -> EventTypeError,
) -> Result<SignedDuration, EventTypeError> {
    if !bounds.contains(&number) {
        return Err(refusal(number));
    }
    Ok(SignedDuration::from_mins(number))
}

#[cfg(test)]
mod tests;
