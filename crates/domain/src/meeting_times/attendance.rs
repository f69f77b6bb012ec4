//! Who can come to each candidate, how they like it, and how many people it lacks.

use super::grid::{Counts, Grid, Seconds};
use super::preferred::{Liking, likings};
use super::{FURTHEST, Preferences, SHORT_GAP};
use crate::interval::IntervalSet;
use crate::overlap::Group;

/// What is known of one candidate.
#[derive(Clone, Copy, Debug)]
pub struct Tally {
    /// How many people are free throughout.
    pub available: i64,
    /// How many seconds of the meeting lie in preferred hours, summed over those who are available.
    pub preferred: i64,
    /// The smallest inconvenience among those who are available, in seconds.
    pub smallest: i64,
    /// The largest.
    pub largest: i64,
    /// How many short gaps it leaves in the free time of those who are available: up to two each.
    pub short_gaps: i64,
    /// How many more people it takes.
    pub lacking: i64,
}

impl Tally {
    const NOBODY: Tally = Tally {
        available: 0,
        preferred: 0,
        smallest: FURTHEST.as_secs(),
        largest: 0,
        short_gaps: 0,
        lacking: 0,
    };

    /// Counts people who prefer the same hours.
    fn add(&mut self, people: i64, liking: Liking) {
        if people == 0 {
            return;
        }
        self.available += people;
        self.preferred += people * liking.inside;
        self.smallest = self.smallest.min(liking.inconvenience);
        self.largest = self.largest.max(liking.inconvenience);
    }
}

/// Counts at every candidate who is available, and how they like it; nothing is said to be lacking yet.
pub fn tallies(free: &[IntervalSet], preferences: &Preferences, grid: &Grid) -> Vec<Tally> {
    let mut tallies = vec![Tally::NOBODY; grid.len()];
    let (mut available, mut short_gaps) = (Counts::new(grid), Counts::new(grid));
    let mut people: Vec<usize> = (0..free.len()).collect();
    people.sort_by_key(|&person| preferences.of[person]);
    for alike in people.chunk_by(|a, b| preferences.of[*a] == preferences.of[*b]) {
        for &person in alike {
            for stretch in free[person].iter() {
                let stretch = Seconds::inside(stretch);
                available.add(grid.within(stretch));
                add_short_gaps(&mut short_gaps, stretch, grid);
            }
        }
        let hours = &preferences.hours[preferences.of[alike[0]]];
        let counted = available.take().zip(likings(hours, grid));
        for (tally, (people, liking)) in tallies.iter_mut().zip(counted) {
            tally.add(people, liking);
        }
    }
    for (tally, short_gaps) in tallies.iter_mut().zip(short_gaps.take()) {
        tally.short_gaps = short_gaps;
    }
    tallies
}

/// Counts, of the candidates within a stretch, those that leave a short gap before them and those that leave one after.
fn add_short_gaps(short_gaps: &mut Counts, stretch: Seconds, grid: &Grid) {
    let (first, last) = (stretch.start, stretch.end - grid.duration());
    let gap = SHORT_GAP.as_secs();
    short_gaps.add(grid.starting(first + 1, (first + gap).min(last + 1)));
    short_gaps.add(grid.starting((last - gap + 1).max(first), last));
}

/// Who is needed.
#[derive(Debug)]
pub struct Needs {
    /// People without whom nothing fits, ascending.
    required: Vec<usize>,
    /// Groups of whom some are enough.
    some: Vec<Group>,
}

impl Needs {
    pub fn new(groups: &[Group], people: usize) -> Needs {
        let asking = groups.iter().filter(|group| 0 < group.minimum);
        let (all, some): (Vec<Group>, Vec<Group>) = asking
            .map(|group| group.known_members(people))
            .partition(|group| group.members.len() == group.minimum);
        let mut required: Vec<usize> = all.into_iter().flat_map(|group| group.members).collect();
        required.sort_unstable();
        required.dedup();
        Needs { required, some }
    }

    /// Adds to each candidate how many of the required people, and of each group that needs some, it lacks.
    pub fn count_lacking(&self, tallies: &mut [Tally], free: &[IntervalSet], grid: &Grid) {
        let mut available = Counts::new(grid);
        let some = self
            .some
            .iter()
            .map(|group| (&group.members, group.minimum));
        for (members, minimum) in some.chain([(&self.required, self.required.len())]) {
            for stretch in members.iter().flat_map(|&person| free[person].iter()) {
                available.add(grid.within(Seconds::inside(stretch)));
            }
            let minimum = i64::try_from(minimum).unwrap_or(i64::MAX);
            for (tally, available) in tallies.iter_mut().zip(available.take()) {
                tally.lacking = tally.lacking.saturating_add((minimum - available).max(0));
            }
        }
    }

    /// Who is not among the `available`, which ascend, and would make a group fuller that has too few.
    pub fn missed(&self, available: &[usize]) -> Vec<usize> {
        let is_missing = |person: &usize| available.binary_search(person).is_err();
        let mut missed: Vec<usize> = self.required.iter().copied().filter(is_missing).collect();
        for group in &self.some {
            let missing = group.members.iter().copied().filter(is_missing);
            let missing: Vec<usize> = missing.collect();
            if group.members.len() - missing.len() < group.minimum {
                missed.extend(missing);
            }
        }
        missed.sort_unstable();
        missed.dedup();
        missed
    }
}
