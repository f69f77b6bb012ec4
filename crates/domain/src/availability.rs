//! When a host may be booked: schedule − busy = free.

use crate::busy::Busy;
use crate::interval::{Interval, IntervalSet};
use crate::schedule::Schedule;

/// The time inside `range` that the schedule opens and that neither busy time nor its buffers take.
///
/// `busy` must hold everything whose buffered interval overlaps `range`.
pub fn free(schedule: &Schedule, busy: &Busy, range: Interval) -> IntervalSet {
    schedule.hours(range).difference(busy.buffered_set())
}
