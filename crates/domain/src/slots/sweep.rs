//! All starts at which a host can be met, in one pass through hours and busy time.
//!
//! The policies are those that are asked of one start, said of all starts at once: a meeting lies within hours when it
//! starts early enough in them, and clear of busy time unless it starts just before or in it.

use jiff::{SignedDuration, Timestamp};

use super::grid::Starts;
use crate::busy::Busy;
use crate::event_type::EventType;
use crate::interval::{Interval, IntervalSet};

/// How much time a meeting and its buffers take around its start.
#[derive(Clone, Copy, Debug)]
pub(super) struct Margins {
    before: SignedDuration,
    duration: SignedDuration,
    after: SignedDuration,
}

impl Margins {
    pub(super) fn of(event_type: &EventType) -> Margins {
        Margins {
            before: event_type.before_buffer(),
            duration: event_type.duration(),
            after: event_type.after_buffer(),
        }
    }

    /// What of `starts`, which lie in `bounds`, keeps a meeting clear of what is busy: its buffers of the busy time
    /// itself, and the meeting of the buffers of what is there.
    pub(super) fn clear_of(
        &self,
        busy: &Busy,
        bounds: Interval,
        starts: Vec<Starts>,
    ) -> Vec<Starts> {
        let (before, after) = (self.before, self.duration + self.after);
        let near = busy.plain_set().touching(bounds.expand(before, after));
        let starts = without(starts, near, |taken| around(taken, after, before));
        if !busy.has_buffers() {
            return starts;
        }
        let zero = SignedDuration::ZERO;
        let near = busy
            .buffered_set()
            .touching(bounds.expand(zero, self.duration));
        without(starts, near, |taken| around(taken, self.duration, zero))
    }
}

/// The starts that are less than `before` earlier than an interval or less than `after` later than its last instant.
fn around(taken: &Interval, before: SignedDuration, after: SignedDuration) -> Starts {
    let (start, end) = (taken.start().as_nanosecond(), taken.end().as_nanosecond());
    (start - before.as_nanos() + 1, end + after.as_nanos())
}

/// Nothing but one instant.
pub(super) fn at_once(start: Timestamp) -> Starts {
    let start = start.as_nanosecond();
    (start, start + 1)
}

/// The starts within bounds at which a meeting lies within hours.
pub(super) fn fitting(
    hours: &IntervalSet,
    meeting: &Margins,
    (first, after): Starts,
) -> Vec<Starts> {
    let latest = |hours: &Interval| hours.end().as_nanosecond() - meeting.duration.as_nanos() + 1;
    let fitting = hours.iter().map(|hours| {
        (
            hours.start().as_nanosecond().max(first),
            latest(hours).min(after),
        )
    });
    fitting.filter(|(from, until)| from < until).collect()
}

/// What of `starts` each of `taken` leaves, which blocks some; all come in order.
pub(super) fn without<T>(
    starts: Vec<Starts>,
    taken: &[T],
    blocked: impl Fn(&T) -> Starts,
) -> Vec<Starts> {
    if taken.is_empty() {
        return starts;
    }
    let mut left = Vec::with_capacity(starts.len() + taken.len());
    let mut next = 0;
    for (mut from, until) in starts {
        while let Some(taken) = taken.get(next) {
            let (blocked_from, free_again) = blocked(taken);
            if until <= blocked_from {
                break;
            }
            if from < blocked_from {
                left.push((from, blocked_from));
            }
            from = from.max(free_again);
            if until < free_again {
                // it may reach into what follows
                break;
            }
            next += 1;
        }
        if from < until {
            left.push((from, until));
        }
    }
    left
}
