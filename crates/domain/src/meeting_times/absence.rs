//! Why somebody cannot come to a meeting, and until when.

use jiff::Timestamp;

use crate::interval::{Interval, IntervalSet};

/// What hinders somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Hindrance {
    /// Part of the meeting is outside their hours.
    OutsideHours,
    /// It is within their hours, and something takes part of it.
    Busy,
}

/// Why somebody cannot come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Absence {
    /// What hinders them. Hours come before what is busy, as everywhere.
    pub hindrance: Hindrance,
    /// When it is over: the end of the last busy time in the meeting, or the start of their next hours. Nothing when
    /// that is not within what was asked about.
    pub until: Option<Timestamp>,
}

/// Why somebody with these hours and busy times cannot come to `meeting`, as far as can be seen before the end of `range`.
///
/// Nothing for somebody who can. Hours and busy times must be known in `range`, in which the meeting lies.
pub fn absence(
    hours: &IntervalSet,
    busy: &IntervalSet,
    meeting: Interval,
    range: Interval,
) -> Option<Absence> {
    let meeting_set = IntervalSet::from_intervals([meeting]);
    let closed = meeting_set.difference(hours);
    if let Some(closed) = closed.iter().next() {
        let next = hours
            .iter()
            .map(Interval::start)
            .find(|start| closed.start() < *start);
        return Some(Absence {
            hindrance: Hindrance::OutsideHours,
            until: next.filter(|next| *next < range.end()),
        });
    }
    let last = busy.iter().filter(|busy| busy.overlaps(&meeting)).last()?;
    Some(Absence {
        hindrance: Hindrance::Busy,
        until: Some(last.end()).filter(|end| *end < range.end()),
    })
}
