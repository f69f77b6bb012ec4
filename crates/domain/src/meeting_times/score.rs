//! The formula: five parts between 0 and 1, and their weighted mean.
//!
//! Everything is counted in whole seconds and people, and a part is rounded once, to millionths. The score is the mean
//! of the parts as they are shown, so that whoever reads an answer can do the sum.

use super::FURTHEST;
use super::attendance::Tally;
use super::grid::{Grid, Seconds};

/// A number from 0 to 1, in millionths.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Share(u32);

impl Share {
    const WHOLE: u32 = 1_000_000;

    /// How much `part` is of `whole`, rounded half up; 0 of nothing.
    pub fn of(part: i64, whole: i64) -> Share {
        if whole <= 0 {
            return Share(0);
        }
        let share = (i128::from(part) * i128::from(Share::WHOLE) + i128::from(whole / 2))
            / i128::from(whole);
        Share(u32::try_from(share.max(0)).map_or(Share::WHOLE, |share| share.min(Share::WHOLE)))
    }

    /// As a number with at most six decimals.
    pub fn value(self) -> f64 {
        f64::from(self.0) / f64::from(Share::WHOLE)
    }
}

/// How much each part counts, in proportion to the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Weights {
    /// That many people can come.
    pub attendance: u32,
    /// That it lies in their preferred hours.
    pub preferred_hours: u32,
    /// That it is about equally inconvenient for all.
    pub fairness: u32,
    /// That it leaves no short gaps.
    pub compactness: u32,
    /// That it is early in the range.
    pub soon: u32,
}

impl Default for Weights {
    fn default() -> Weights {
        Weights {
            attendance: 40,
            preferred_hours: 30,
            fairness: 10,
            compactness: 10,
            soon: 10,
        }
    }
}

impl Weights {
    /// What the parts are weighed against; a score is 0 where this is.
    pub fn total(&self) -> u32 {
        let Weights {
            attendance,
            preferred_hours,
            fairness,
            compactness,
            soon,
        } = self;
        attendance + preferred_hours + fairness + compactness + soon
    }
}

/// What a score is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parts {
    /// How many of the people can come.
    pub attendance: Share,
    /// How much of the meeting lies in the preferred hours of those who can come.
    pub preferred_hours: Share,
    /// How equal its inconvenience for them is.
    pub fairness: Share,
    /// How few short gaps it leaves them.
    pub compactness: Share,
    /// How early in the range it starts.
    pub soon: Share,
}

impl Parts {
    pub(super) fn new(tally: &Tally, people: usize, grid: &Grid, index: usize) -> Parts {
        Parts {
            attendance: attendance(tally, i64::try_from(people).unwrap_or(i64::MAX)),
            preferred_hours: preferred_hours(tally, grid.duration()),
            fairness: fairness(tally),
            compactness: compactness(tally),
            soon: soon(grid.start(index), grid.range()),
        }
    }

    /// The weighted mean.
    pub fn score(&self, weights: &Weights) -> Share {
        let weighed = [
            (self.attendance, weights.attendance),
            (self.preferred_hours, weights.preferred_hours),
            (self.fairness, weights.fairness),
            (self.compactness, weights.compactness),
            (self.soon, weights.soon),
        ];
        let product = |(Share(share), weight)| i64::from(share) * i64::from(weight);
        let sum: i64 = weighed.into_iter().map(product).sum();
        Share::of(sum, i64::from(weights.total()) * i64::from(Share::WHOLE))
    }
}

/// How many of the people can come.
fn attendance(tally: &Tally, people: i64) -> Share {
    Share::of(tally.available, people)
}

/// How much of the meeting lies in preferred hours, on average over those who can come.
fn preferred_hours(tally: &Tally, duration: i64) -> Share {
    Share::of(tally.preferred, tally.available * duration)
}

/// How close the largest and the smallest inconvenience among those who can come are.
fn fairness(tally: &Tally) -> Share {
    if tally.available == 0 {
        return Share(0);
    }
    let furthest = FURTHEST.as_secs();
    Share::of(furthest - (tally.largest - tally.smallest), furthest)
}

/// How many of the two sides of the meeting, of each who can come, are without a short gap.
fn compactness(tally: &Tally) -> Share {
    let sides = 2 * tally.available;
    Share::of(sides - tally.short_gaps, sides)
}

/// How much of the range is still to come.
fn soon(start: i64, range: Seconds) -> Share {
    Share::of(range.end - start, range.end - range.start)
}
