//! Which times suit a meeting best, among all at which enough people are free; or what comes nearest when there is none.
//!
//! Candidates start on a grid that depends on nobody: every `increment` since 1970 in UTC. People are counted by the ends
//! of their free stretches rather than candidate by candidate, and all numbers are integers, so that ten thousand people
//! take milliseconds and the same question always has the same answer. `docs/ranking.md` says the formula with an example.

use std::cmp::Reverse;

use jiff::SignedDuration;

use crate::interval::{Interval, IntervalSet};
use crate::overlap::{self, Group};

use attendance::{Needs, tallies};
use grid::Grid;
use score::{Parts, Share, Weights};

pub mod absence;
mod attendance;
mod grid;
mod preferred;
pub mod score;
#[cfg(test)]
mod tests;

/// A gap in somebody's free time that is shorter than this is of little use to them.
pub const SHORT_GAP: SignedDuration = SignedDuration::from_mins(30);

/// The furthest from preferred hours that counts: beyond half a day, one time is as bad as another.
pub const FURTHEST: SignedDuration = SignedDuration::from_hours(12);

/// The meeting for which a time is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// Within which range it must lie.
    pub range: Interval,
    /// How long it is, in minutes; a minute at least.
    pub duration: SignedDuration,
    /// The minutes from one candidate start to the next; a minute at least.
    pub increment: SignedDuration,
    /// How much each part of the score counts.
    pub weights: Weights,
    /// How many times are wanted.
    pub limit: usize,
}

impl Wanted {
    /// How many candidates there are, which is what the work grows with.
    pub fn candidates(&self) -> usize {
        Grid::new(self).len()
    }
}

/// The hours in which people prefer to meet.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Preferences {
    /// Distinct sets of hours, each known in [`preferred_range`].
    pub hours: Vec<IntervalSet>,
    /// For each of the people, which of the sets is theirs.
    pub of: Vec<usize>,
}

/// A time for the meeting, and how good it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MeetingTime {
    /// When.
    pub interval: Interval,
    /// The weighted mean of the parts.
    pub score: Share,
    /// What the score is made of.
    pub parts: Parts,
    /// Who is free throughout, as ascending indexes into the list of people.
    pub available: Vec<usize>,
    /// How many more people it would take.
    pub lacking: usize,
    /// Whose coming would help, ascending: nobody, when nobody is lacking.
    pub missed: Vec<usize>,
}

/// What there is to choose from, best first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ranking {
    /// Times at which every group has enough people: by score, then start.
    MeetingTimes(Vec<MeetingTime>),
    /// There is no such time. These lack the fewest people: by their number, then score, then start.
    NearestMisses(Vec<MeetingTime>),
}

/// Free time must be known within this much around `range`, so that it is seen whether a gap at its edge is short.
pub fn facts_range(range: Interval) -> Interval {
    range.expand(SHORT_GAP, SHORT_GAP)
}

/// Preferred hours must be known within this much around `range`, so that it is seen how far away they are.
pub fn preferred_range(range: Interval) -> Interval {
    range.expand(FURTHEST, FURTHEST)
}

/// The best times for a meeting, given what each of the people has free within [`facts_range`].
pub fn rank(
    free: &[IntervalSet],
    groups: &[Group],
    preferences: &Preferences,
    wanted: &Wanted,
) -> Ranking {
    let grid = Grid::new(wanted);
    let needs = Needs::new(groups, free.len());
    let mut tallies = tallies(free, preferences, &grid);
    needs.count_lacking(&mut tallies, free, &grid);
    let fits = tallies.iter().any(|tally| tally.lacking == 0);
    let parts = |index: usize| Parts::new(&tallies[index], free.len(), &grid, index);
    let keys = (0..grid.len())
        .filter(|&index| !fits || tallies[index].lacking == 0)
        .map(|index| {
            let score = parts(index).score(&wanted.weights);
            (tallies[index].lacking, Reverse(score), index)
        });
    let best = first(keys.collect(), wanted.limit).into_iter();
    let times = best.filter_map(|(lacking, Reverse(score), index)| {
        Some(MeetingTime {
            interval: grid.meeting(index)?,
            score,
            parts: parts(index),
            available: Vec::new(),
            lacking: usize::try_from(lacking).ok()?,
            missed: Vec::new(),
        })
    });
    let times = with_people(times.collect(), free, &needs);
    if fits {
        Ranking::MeetingTimes(times)
    } else {
        Ranking::NearestMisses(times)
    }
}

/// The least so many, in order.
fn first<T: Ord>(mut keys: Vec<T>, limit: usize) -> Vec<T> {
    if limit < keys.len() {
        keys.select_nth_unstable(limit);
        keys.truncate(limit);
    }
    keys.sort_unstable();
    keys
}

/// Adds to each of the times who can come and who is missed.
fn with_people(
    mut times: Vec<MeetingTime>,
    free: &[IntervalSet],
    needs: &Needs,
) -> Vec<MeetingTime> {
    let mut by_start: Vec<&mut MeetingTime> = times.iter_mut().collect();
    by_start.sort_unstable_by_key(|time| time.interval);
    let intervals = by_start.iter().map(|time| time.interval).collect();
    let overlaps = overlap::with_people(intervals, free);
    for (time, overlap) in by_start.into_iter().zip(overlaps.iter()) {
        time.missed = needs.missed(&overlap.available);
        time.available = overlap.available.to_vec();
    }
    times
}
