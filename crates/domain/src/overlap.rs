//! When several people are free together: everyone, or enough of each group.
//!
//! This module compares sets of free time. Where those come from, and who may see them, is not its matter.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use jiff::{SignedDuration, Timestamp};

use crate::interval::{Interval, IntervalSet, shift};

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
    pub available: Vec<usize>,
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
) -> Vec<Overlap> {
    with_people(times(free, groups, range, minimum_duration), free)
}

/// Adds to each of `times` who is free throughout it.
pub fn with_people(times: Vec<Interval>, free: &[IntervalSet]) -> Vec<Overlap> {
    let available = available_at(&times, free);
    let overlaps = times.into_iter().zip(available);
    overlaps
        .map(|(interval, available)| Overlap {
            interval,
            available,
        })
        .collect()
}

/// The intervals of [`overlaps`], without who is available in them.
pub fn times(
    free: &[IntervalSet],
    groups: &[Group],
    range: Interval,
    minimum_duration: SignedDuration,
) -> Vec<Interval> {
    let asking = groups
        .iter()
        .filter(|group| 0 < group.minimum)
        .map(|group| group.known_members(free.len()));
    let (required, partial): (Vec<Group>, Vec<Group>) =
        asking.partition(|group| group.members.len() <= group.minimum);
    if required
        .iter()
        .any(|group| group.members.len() < group.minimum)
    {
        return Vec::new();
    }
    let common = free_together(free, required, range);
    let times = if partial.is_empty() {
        common.as_slice().to_vec()
    } else {
        sweep(free, &common, &partial, range)
    };
    times
        .into_iter()
        .filter(|time| minimum_duration <= time.duration())
        .collect()
}

/// The time in which all members of all groups are free.
fn free_together(free: &[IntervalSet], groups: Vec<Group>, range: Interval) -> IntervalSet {
    let mut people: Vec<usize> = groups.into_iter().flat_map(|group| group.members).collect();
    people.sort_unstable();
    people.dedup();
    let mut common = IntervalSet::from_intervals([range]);
    for person in people {
        if common.is_empty() {
            break;
        }
        common = common.intersection(&free[person]);
    }
    common
}

/// Finds the longest times by going through all starts in order.
///
/// The people of a group who are free for longest from `start` on are free until its [`Reach`]; the time lasts until the
/// first of the groups' reaches. It is new only if it ends later than the one before it, else it lies within that one.
fn sweep(
    free: &[IntervalSet],
    common: &IntervalSet,
    partial: &[Group],
    range: Interval,
) -> Vec<Interval> {
    let mut reaches: Vec<Reach> = vec![Reach::new(1)];
    reaches.extend(partial.iter().map(|group| Reach::new(group.minimum)));
    let mut latest = 0;
    let mut times = Vec::new();
    for starting in stretches(free, common, partial, range).chunk_by(|a, b| a.start == b.start) {
        for stretch in starting {
            reaches[stretch.group].add(stretch.end);
        }
        let start = starting[0].start;
        let end = reaches.iter().map(Reach::end).min().unwrap_or(0);
        if start < end && latest < end {
            latest = end;
            times.extend(Interval::new(instant(range, start), instant(range, end)));
        }
    }
    times
}

/// One stretch of free time of a member of a group. Group 0 is what all required people have in common.
///
/// Millions of these are sorted, so instants are nanoseconds since the start of the range, which has less than 292 years.
struct Stretch {
    start: i64,
    end: i64,
    group: usize,
}

fn stretches(
    free: &[IntervalSet],
    common: &IntervalSet,
    partial: &[Group],
    range: Interval,
) -> Vec<Stretch> {
    let mut stretches = Vec::new();
    let mut add = |group: usize, set: &IntervalSet| {
        let from = set
            .as_slice()
            .partition_point(|interval| interval.end() <= range.start());
        let inside = set.as_slice()[from..]
            .iter()
            .map_while(|interval| interval.clip(&range));
        stretches.extend(inside.map(|interval| Stretch {
            start: offset(range, interval.start()),
            end: offset(range, interval.end()),
            group,
        }));
    };
    add(0, common);
    for (group, members) in partial.iter().enumerate() {
        for &person in &members.members {
            add(group + 1, &free[person]);
        }
    }
    stretches.sort_unstable_by_key(|stretch| stretch.start);
    stretches
}

fn offset(range: Interval, instant: Timestamp) -> i64 {
    const SECOND: i64 = 1_000_000_000;
    let since = instant.duration_since(range.start());
    since
        .as_secs()
        .saturating_mul(SECOND)
        .saturating_add(since.subsec_nanos().into())
}

fn instant(range: Interval, offset: i64) -> Timestamp {
    shift(range.start(), SignedDuration::from_nanos(offset))
}

/// Until when enough members of a group are free: the `enough`-th latest end among all stretches begun so far.
///
/// Ends only grow, so an end that falls out of the latest ones never matters again, and one that has passed cannot be
/// among them while enough members are free.
struct Reach {
    enough: usize,
    latest: BinaryHeap<Reverse<i64>>,
}

impl Reach {
    fn new(enough: usize) -> Reach {
        Reach {
            enough,
            latest: BinaryHeap::new(),
        }
    }

    fn add(&mut self, end: i64) {
        if self.latest.len() < self.enough {
            self.latest.push(Reverse(end));
            return;
        }
        if let Some(mut least) = self.latest.peek_mut()
            && least.0 < end
        {
            *least = Reverse(end);
        }
    }

    /// The start of the range while not enough members were ever free.
    fn end(&self) -> i64 {
        let least = self
            .latest
            .peek()
            .filter(|_| self.latest.len() == self.enough);
        least.map_or(0, |least| least.0)
    }
}

/// Who is free throughout each of the times, which ascend by start and by end alike.
fn available_at(times: &[Interval], free: &[IntervalSet]) -> Vec<Vec<usize>> {
    let mut available = vec![Vec::new(); times.len()];
    for (person, free) in free.iter().enumerate() {
        let mut first = 0;
        for stretch in free.iter() {
            // The times within one stretch follow one another.
            first += count_while(&times[first..], |time| time.start() < stretch.start());
            let count = count_while(&times[first..], |time| time.end() <= stretch.end());
            for available in &mut available[first..first + count] {
                available.push(person);
            }
            if first == times.len() {
                break;
            }
        }
    }
    available
}

/// How many of the times come before the first for which `holds` fails, looking near the beginning first.
fn count_while(times: &[Interval], holds: impl Fn(&Interval) -> bool) -> usize {
    let mut known = 0;
    let mut next = 1;
    while times.get(next - 1).is_some_and(&holds) {
        known = next;
        next *= 2;
    }
    let unknown = &times[known..times.len().min(next)];
    known + unknown.partition_point(holds)
}

#[cfg(test)]
mod tests;
