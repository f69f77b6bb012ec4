//! A booked meeting and the states that it may pass through.
//!
//! Only what decisions need is here. Whether a change is allowed is decided in `booking`.

use jiff::Timestamp;

use crate::interval::Interval;

/// Whether a scheduled event takes time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum EventStatus {
    /// It will take place, or has.
    Active,
    /// It was called off. There is no way back.
    Canceled,
}

/// A scheduled event as decisions see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct EventState {
    /// Whether it takes time.
    pub status: EventStatus,
    /// When it takes place, without its buffers.
    pub interval: Interval,
}

impl EventState {
    /// The state in which a meeting is booked.
    pub fn booked(interval: Interval) -> EventState {
        EventState {
            status: EventStatus::Active,
            interval,
        }
    }

    /// Whether it was over at `now`.
    pub fn has_ended(&self, now: Timestamp) -> bool {
        self.interval.end() <= now
    }

    /// The same event at another time.
    #[must_use]
    pub fn rescheduled(self, interval: Interval) -> EventState {
        EventState { interval, ..self }
    }

    /// The same event, called off.
    #[must_use]
    pub fn canceled(self) -> EventState {
        EventState {
            status: EventStatus::Canceled,
            ..self
        }
    }
}
