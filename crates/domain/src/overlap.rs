//! When several people are free together: everyone, or enough of each group.
//!
//! This module compares sets of free time. Where those come from, and who may see them, is not its matter.
//!
//! There are two ways to the same answer, to the instant: `instants` sorts stretches of free time, which is best for few
//! people; `minutes` counts at every minute of the range, which is best for many but needs whole minutes.

use jiff::SignedDuration;
use std::sync::Arc;

use crate::interval::{Interval, IntervalSet};

use attendance::Attendance;
use needs::Needs;

mod attendance;
mod instants;
mod minutes;
mod needs;
mod reach;
mod sweep;

/// People of whom some must be free, the same ones throughout.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Group {
    /// Who belongs to it, as indexes into the list of people. One named twice counts once; one who is not in the list is
    /// never free.
    pub members: Vec<usize>,
    /// How many of them must be free: all, for required people; 0 asks for nobody.
    pub minimum: usize,
}

impl Group {
    /// The same group with each member once, ascending, and nobody who is not in a list of so many people.
    pub(crate) fn known_members(&self, people: usize) -> Group {
        let members = self.members.iter().copied();
        let mut members: Vec<usize> = members.filter(|&person| person < people).collect();
        members.sort_unstable();
        members.dedup();
        Group {
            members,
            minimum: self.minimum,
        }
    }
}

/// A stretch during the whole of which the same people suffice.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Overlap {
    /// When. It cannot be made longer without losing somebody who is needed.
    pub interval: Interval,
    /// Everybody who is free throughout, members of a group or not, as ascending indexes into the list of people.
    pub available: Arc<[usize]>,
}

/// Times at which people are free together, by start, with who is free.
///
/// Thousands of people at thousands of times are millions of names: who is free is known by how that changes from one time
/// to the next, and spelled out for one time after another.
#[derive(Clone, Debug)]
pub struct Overlaps {
    times: Vec<Interval>,
    attendance: Attendance,
}

impl Overlaps {
    /// The times, ascending by start and by end alike.
    pub fn times(&self) -> &[Interval] {
        &self.times
    }

    /// The times with everybody who is free throughout.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = Overlap> {
        let times = self.times.iter().copied();
        times
            .zip(self.attendance.iter())
            .map(|(interval, available)| Overlap {
                interval,
                available,
            })
    }
}

/// All the times in `range`, at least `minimum_duration` long, at which every group has enough members free throughout.
///
/// The times are as long as can be: none lies within another. They may overlap one another where different people make
/// them possible, and come sorted by start. Without a group that asks for anybody, the range itself is the only one.
pub fn overlaps(
    free: &[IntervalSet],
    groups: &[Group],
    range: Interval,
    minimum_duration: SignedDuration,
) -> Overlaps {
    let Some(needs) = Needs::new(free, groups, range, minimum_duration) else {
        return with_people(Vec::new(), free);
    };
    if needs.some.is_empty() {
        let times = needs.times_of_required();
        if needs.all_are_required {
            return Overlaps {
                attendance: Attendance::of_everybody(times.len(), free.len()),
                times,
            };
        }
        return with_people(times, free);
    }
    let stretches = needs.stretches();
    minutes::overlaps(&needs, &stretches).unwrap_or_else(|| instants::overlaps(&needs, &stretches))
}

/// Who is free throughout each of `times`, which must ascend by start and by end alike.
pub fn with_people(times: Vec<Interval>, free: &[IntervalSet]) -> Overlaps {
    Overlaps {
        attendance: Attendance::throughout(&times, free),
        times,
    }
}

#[cfg(test)]
mod tests;
