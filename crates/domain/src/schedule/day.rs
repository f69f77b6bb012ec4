//! The hours of one day: as a user states them, and merged.

use super::{HoursInterval, WallInterval};
use crate::civil::{MINUTES_OF_DAY, TimeOfDay};

/// The hours of a day as they were stated, and as they are when merged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct DayHours {
    pub(super) stated: Vec<HoursInterval>,
    pub(super) merged: Vec<WallInterval>,
}

impl DayHours {
    /// Hours in any order.
    pub(super) fn new(mut stated: Vec<HoursInterval>) -> DayHours {
        stated.sort();
        let merged = merge(stated.iter().map(|hours| hours.wall()).collect());
        DayHours { stated, merged }
    }
}

impl WallInterval {
    /// The same hours as a user would state them: one interval, or two when they last 24 hours and more across midnight.
    pub(super) fn as_hours(self) -> impl Iterator<Item = HoursInterval> {
        const LAST_MINUTE: u16 = MINUTES_OF_DAY - 1;
        let tomorrow = self.until.saturating_sub(MINUTES_OF_DAY);
        let stated = if self.until <= MINUTES_OF_DAY {
            [Some((self.from, self.until)), None]
        } else if tomorrow < self.from {
            [Some((self.from, tomorrow)), None]
        } else {
            [
                Some((self.from, MINUTES_OF_DAY)),
                Some((LAST_MINUTE, tomorrow)),
            ]
        };
        let time = |minutes| TimeOfDay::new(minutes);
        stated
            .into_iter()
            .flatten()
            .filter_map(move |(from, to)| HoursInterval::new(time(from)?, time(to)?).ok())
    }
}

/// Hours in any order as the fewest intervals that hold them, ascending.
pub(super) fn merge(mut hours: Vec<WallInterval>) -> Vec<WallInterval> {
    hours.sort_unstable();
    let mut merged: Vec<WallInterval> = Vec::with_capacity(hours.len());
    for interval in hours {
        match merged.last_mut() {
            Some(last) if interval.from <= last.until => {
                last.until = last.until.max(interval.until);
            }
            _ => merged.push(interval),
        }
    }
    merged
}
