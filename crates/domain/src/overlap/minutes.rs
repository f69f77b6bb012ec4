//! Overlaps by counting at every minute of the range: best for many people, where all begins and ends at whole minutes.
//!
//! Between its ends, which may be any instants, a range is divided at whole minutes. Schedules and meetings begin and end
//! there. Where somebody's free time does not, the minutes have no place for it, and there is no answer.

use jiff::{SignedDuration, Timestamp};

use super::Overlaps;
use super::attendance::Attendance;
use super::needs::{Needs, Stretches};
use super::reach::EndCounts;
use super::sweep::Sweep;
use crate::interval::Interval;

use parts::Parts;

mod parts;

const MINUTE: i64 = 60;

/// Counting is quicker where there are at most so many minutes for each stretch of free time: from about 50 people on.
const MINUTES_FOR_EACH: usize = 20;

/// The overlaps; nothing where sorting is quicker, or where somebody's free time begins or ends within a minute.
pub(super) fn overlaps(needs: &Needs<'_>, stretches: &Stretches<'_>) -> Option<Overlaps> {
    let minutes = Minutes::of(needs.range)?;
    let counted = (minutes.last as usize).checked_mul(needs.some.len())?;
    if stretches.len().saturating_mul(MINUTES_FOR_EACH) < counted {
        return None;
    }
    let parts = Parts::new(minutes, stretches, needs.minimum_duration)?;
    let mut sweep = Sweep::new(needs, |enough| EndCounts::new(enough, minutes.last));
    let is_long = |start, end| minutes.is_long(start, end, needs.minimum_duration);
    parts.for_each_start(|start, begun| sweep.begin(start, begun, is_long));
    let found = sweep.found();
    let times = found.times.iter();
    Some(Overlaps {
        times: times
            .filter_map(|&(start, end)| minutes.interval(start, end))
            .collect(),
        attendance: Attendance {
            people: needs.free.len(),
            arrivals: found.arrivals,
            arrived: found.arrived,
            ends: found.times.iter().map(|&(_, end)| end).collect(),
        },
    })
}

/// The minutes of a range, from the one in which it starts.
#[derive(Clone, Copy, Debug)]
struct Minutes {
    range: Interval,
    /// The whole minute at or before the start of the range, in seconds since 1970.
    first: i64,
    /// How many whole seconds lie between its first minute and its last.
    inside: u32,
    /// The whole minute at or after its end, in minutes since the first.
    last: u32,
}

impl Minutes {
    /// Nothing when the range has too many minutes to count at.
    fn of(range: Interval) -> Option<Minutes> {
        let (start, end) = (range.start(), range.end());
        let starts_within = i64::from(start.subsec_nanosecond() < 0);
        let ends_within = i64::from(0 < end.subsec_nanosecond());
        let first = (start.as_second() - starts_within).div_euclid(MINUTE);
        let last = (end.as_second() + ends_within + MINUTE - 1).div_euclid(MINUTE);
        Some(Minutes {
            range,
            first: first * MINUTE,
            inside: u32::try_from((last - first) * MINUTE - 1).ok()?,
            last: u32::try_from(last - first).ok()?,
        })
    }

    /// Where an instant lies, or the nearest end of the range; nothing when it is inside and within a minute.
    #[inline]
    fn position(&self, instant: Timestamp) -> Option<u32> {
        let since = instant.as_second() - self.first;
        if let Ok(since) = u32::try_from(since)
            && since.wrapping_sub(1) < self.inside
            && instant.subsec_nanosecond() == 0
        {
            let minutes = since / 60;
            return (minutes * 60 == since).then_some(minutes);
        }
        if instant <= self.range.start() {
            return Some(0);
        }
        (self.range.end() <= instant).then_some(self.last)
    }

    fn interval(&self, start: u32, end: u32) -> Option<Interval> {
        Interval::new(self.instant(start), self.instant(end))
    }

    /// Only the first and the last minute may be shorter than a minute.
    fn is_long(&self, start: u32, end: u32, minimum: SignedDuration) -> bool {
        if 0 < start && end < self.last {
            return minimum <= SignedDuration::from_mins(i64::from(end - start));
        }
        let interval = self.interval(start, end);
        interval.is_some_and(|interval| minimum <= interval.duration())
    }

    fn instant(&self, position: u32) -> Timestamp {
        if position == 0 {
            return self.range.start();
        }
        if position == self.last {
            return self.range.end();
        }
        Timestamp::from_second(self.second(position)).unwrap_or(self.range.end())
    }

    /// When a minute starts, in seconds since 1970.
    fn second(&self, position: u32) -> i64 {
        self.first + i64::from(position) * MINUTE
    }
}
