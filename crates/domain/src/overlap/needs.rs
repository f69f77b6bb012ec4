//! A question as it is worked on: when all are free who must be, and of whom some must be free besides.

use jiff::SignedDuration;

use super::Group;
use super::sweep::ALL_REQUIRED;
use crate::interval::{Interval, IntervalSet};

/// What makes a time possible.
#[derive(Debug)]
pub(super) struct Needs<'a> {
    /// What each of the people has free.
    pub(super) free: &'a [IntervalSet],
    /// When all required people are free, within the range.
    pub(super) common: IntervalSet,
    /// Whether everybody is required.
    pub(super) all_are_required: bool,
    /// Groups of whom some must be free: more than nobody and fewer than all.
    pub(super) some: Vec<Group>,
    /// Where the times lie.
    pub(super) range: Interval,
    /// How long they are at least.
    pub(super) minimum_duration: SignedDuration,
}

impl<'a> Needs<'a> {
    /// Nothing when a group asks for more people than it has.
    pub(super) fn new(
        free: &'a [IntervalSet],
        groups: &[Group],
        range: Interval,
        minimum_duration: SignedDuration,
    ) -> Option<Needs<'a>> {
        let asking = groups.iter().filter(|group| 0 < group.minimum);
        let (required, some): (Vec<Group>, Vec<Group>) = asking
            .map(|group| group.known_members(free.len()))
            .partition(|group| group.members.len() <= group.minimum);
        let too_few = |group: &Group| group.members.len() < group.minimum;
        if required.iter().any(too_few) {
            return None;
        }
        let required = members(required);
        Some(Needs {
            free,
            common: free_together(free, &required, range),
            all_are_required: required.len() == free.len(),
            some,
            range,
            minimum_duration,
        })
    }

    /// The times when nobody else is needed.
    pub(super) fn times_of_required(&self) -> Vec<Interval> {
        let times = self.common.iter().copied();
        times
            .filter(|time| self.minimum_duration <= time.duration())
            .collect()
    }

    /// What everybody has free in the range, and what all required people have in common.
    pub(super) fn stretches(&self) -> Stretches<'_> {
        let people = (0..ALL_REQUIRED).zip(self.free);
        let all = people.chain([(ALL_REQUIRED, &self.common)]);
        let inside = all.map(|(person, free)| (person, free.touching(self.range)));
        let people: Vec<(u32, &[Interval])> = inside.collect();
        Stretches {
            len: people.iter().map(|(_, free)| free.len()).sum(),
            people,
        }
    }

    /// For each of the people, the groups to which they belong.
    pub(super) fn memberships(&self) -> Memberships {
        let everybody = |group: &Group| group.members.len() == self.free.len();
        if self.some.len() == 1 && self.some.iter().all(everybody) {
            return Memberships::OneGroup;
        }
        let mut of_person = vec![Vec::new(); self.free.len()];
        for (index, group) in self.some.iter().enumerate() {
            group
                .members
                .iter()
                .for_each(|&person| of_person[person].push(index));
        }
        Memberships::Some(of_person)
    }
}

/// The stretches of free time that lie in the range or reach into it.
#[derive(Debug)]
pub(super) struct Stretches<'a> {
    /// Of each of the people, and of [`ALL_REQUIRED`].
    pub(super) people: Vec<(u32, &'a [Interval])>,
    len: usize,
}

impl Stretches<'_> {
    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.len
    }
}

/// Who belongs to which of the groups.
#[derive(Debug)]
pub(super) enum Memberships {
    /// Everybody to the only one.
    OneGroup,
    /// For each of the people, the indexes of theirs.
    Some(Vec<Vec<usize>>),
}

/// Everybody who belongs to one of the groups, once.
fn members(groups: Vec<Group>) -> Vec<usize> {
    let mut people: Vec<usize> = groups.into_iter().flat_map(|group| group.members).collect();
    people.sort_unstable();
    people.dedup();
    people
}

/// The time in the range in which all these people are free.
fn free_together(free: &[IntervalSet], people: &[usize], range: Interval) -> IntervalSet {
    let mut common = IntervalSet::from_intervals([range]);
    for &person in people {
        if common.is_empty() {
            break;
        }
        common = common.intersection(&free[person]);
    }
    common
}
