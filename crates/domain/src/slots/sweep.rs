//! All starts at which a host can be met, in one pass through hours and busy time.
//!
//! The policies are those that are asked of one start, said of all starts at once: a meeting lies within hours when it
//! starts early enough in them, and clear of busy time unless it starts just before or in it.

use super::grid::{Nanos, Starts};
use crate::busy::Busy;
use crate::event_type::EventType;
use crate::interval::{Interval, IntervalSet, in_order};
use jiff::{SignedDuration, Timestamp};

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

    /// The starts near `bounds` at which a meeting conflicts with what is busy, in order: its buffers with the busy time
    /// itself, or the meeting with the buffers of what is there.
    pub(super) fn blocked(&self, busy: &Busy, bounds: Interval) -> impl Iterator<Item = Starts> {
        let (before, after) = (self.before, self.duration + self.after);
        let near = bounds.expand(before, after);
        let plain = busy.plain_set().touching(near).iter();
        let plain = plain.map(move |taken| around(taken, after, before));
        let near = bounds.expand(SignedDuration::ZERO, self.duration);
        let duration = self.duration;
        let buffered = busy.buffered_set().touching(near).iter();
        let buffered = buffered.map(move |taken| around(taken, duration, SignedDuration::ZERO));
        in_order(plain, buffered)
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

/// What of `starts` is neither blocked nor in a full period. All come in order.
pub(super) fn without(
    starts: &[Starts],
    blocked: impl Iterator<Item = Starts>,
    full: impl Iterator<Item = Starts>,
) -> Vec<Starts> {
    let mut taken = in_order(blocked, full).peekable();
    let mut left = Vec::with_capacity(starts.len());
    let mut taken_until = Nanos::MIN;
    for &(from, until) in starts {
        let mut from = from.max(taken_until);
        while let Some((blocked, free)) = taken.next_if(|(blocked, _)| *blocked < until) {
            if from < blocked {
                left.push((from, blocked));
            }
            taken_until = taken_until.max(free);
            from = from.max(free);
        }
        if from < until {
            left.push((from, until));
        }
    }
    left
}
