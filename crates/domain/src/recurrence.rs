//! RFC 5545 recurrence rules (`RRULE`), expanded once and never without end.
//!
//! A rule is read strictly and must come to an end; it is expanded when it is read, to at most [`MAX_INSTANCES`], so that
//! looking up instances costs little ever after. Instances keep the wall-clock time of the first one in its zone, and its
//! exact duration. A rule's text is read in `text`, its meaning is in
//! `rule`, and its dates are found in `dates`.

use std::collections::BTreeSet;

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::civil::{instant_at, wall_time};
use crate::interval::{Interval, shift};

use rule::{End, Rule};

mod dates;
mod rule;
mod text;

/// The most instances that one rule may have.
pub const MAX_INSTANCES: usize = 1000;

/// The longest text of a rule, in bytes.
pub const MAX_RULE_LENGTH: usize = 500;

/// Why a recurrence rule is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RecurrenceError {
    /// The text is too long to be a rule that anybody means.
    #[error("a recurrence rule has at most {MAX_RULE_LENGTH} characters, not {0}")]
    TooLong(usize),
    /// A part of the rule is not `NAME=VALUE`, or is not known.
    #[error("{0:?} is not a part of a recurrence rule")]
    UnknownPart(String),
    /// A part of the rule is given more than once.
    #[error("the recurrence rule has {0} more than once")]
    RepeatedPart(&'static str),
    /// A part of the rule has a value that it cannot have.
    #[error("{value:?} is not a value for {part}")]
    BadValue {
        /// The name of the part.
        part: &'static str,
        /// The value as it was given.
        value: String,
    },
    /// The rule does not say how often.
    #[error("the recurrence rule needs FREQ=DAILY, WEEKLY, MONTHLY or YEARLY")]
    NoFrequency,
    /// Two parts exclude each other, or one needs another.
    #[error("{0}")]
    Contradiction(&'static str),
    /// The rule never ends.
    #[error("the recurrence rule never ends; add COUNT or UNTIL")]
    Endless,
    /// The rule ends before it begins.
    #[error("the recurrence rule ends before its first instance; set UNTIL to a later time")]
    EndsBeforeFirst,
    /// The rule asks for more than one instance a day.
    #[error("a recurrence rule may recur once a day at most; use FREQ=DAILY or a longer one")]
    TooFrequent,
    /// There are more instances than are allowed or were asked for.
    #[error(
        "the recurrence rule has more than {limit} instances; end it earlier or let it recur less often"
    )]
    TooMany {
        /// The most that there may be.
        limit: usize,
    },
}

/// A recurrence rule with all of its instances.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recurrence {
    /// By start; all of the same duration.
    instances: Vec<Interval>,
    /// What the rule says there are.
    count: Option<usize>,
}

impl Recurrence {
    /// Reads a rule such as `FREQ=WEEKLY;BYDAY=MO,WE;COUNT=10`, with or without `RRULE:` before it.
    ///
    /// `first` is the first instance whether or not the rule names its date, and counts as one. `exdates` are starts of
    /// instances that do not take place. `zone` is the zone whose wall clock the instances keep. What would come after
    /// the year 2100 is left out.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "the facts of a rule are handed over whole"
    )]
    pub fn parse(
        text: &str,
        exdates: Vec<Timestamp>,
        first: Interval,
        zone: TimeZone,
    ) -> Result<Recurrence, RecurrenceError> {
        let first_wall = wall_time(first.start(), &zone);
        let rule = Rule::parse(text)?.completed_from(first_wall);
        if !rule.end.allows(first_wall, first.start()) {
            return Err(RecurrenceError::EndsBeforeFirst);
        }
        let mut starts = starts(&rule, first.start(), first_wall, &zone)?;
        let exdates: BTreeSet<Timestamp> = exdates.into_iter().collect();
        starts.retain(|start| !exdates.contains(start));
        let instances = starts
            .into_iter()
            .filter_map(|start| instance(start, first.duration()))
            .collect();
        let count = match rule.end {
            End::Count(count) => Some(count),
            _ => None,
        };
        Ok(Recurrence { instances, count })
    }

    /// How many instances the rule says there are, where it does. There may be fewer, for the year 2100 ends them all.
    pub fn count(&self) -> Option<usize> {
        self.count
    }

    /// All instances, ascending: at most [`MAX_INSTANCES`].
    pub fn into_instances(self) -> Vec<Interval> {
        self.instances
    }

    /// The instances that overlap `range`, ascending; an error when there are more than `limit`.
    pub fn instances(
        &self,
        range: Interval,
        limit: usize,
    ) -> Result<Vec<Interval>, RecurrenceError> {
        let first = self
            .instances
            .partition_point(|instance| instance.end() <= range.start());
        let inside = self.instances[first..]
            .iter()
            .take_while(|instance| instance.start() < range.end());
        let inside: Vec<Interval> = inside.copied().collect();
        if limit < inside.len() {
            return Err(RecurrenceError::TooMany { limit });
        }
        Ok(inside)
    }
}

fn instance(start: Timestamp, duration: SignedDuration) -> Option<Interval> {
    Interval::new(start, shift(start, duration))
}

/// The starts of all instances, exceptions included, ascending.
fn starts(
    rule: &Rule,
    first: Timestamp,
    first_wall: DateTime,
    zone: &TimeZone,
) -> Result<Vec<Timestamp>, RecurrenceError> {
    let most = match rule.end {
        End::Count(count) => count,
        _ => usize::MAX,
    };
    let mut starts = vec![first];
    let walls = dates::after(rule, first_wall.date())
        .map(|date| date.to_datetime(rule.time_of_day(first_wall.time())));
    for wall in walls.filter(|&wall| first_wall < wall) {
        let start = instant_at(wall, zone);
        if most <= starts.len() || !rule.end.allows(wall, start) {
            break;
        }
        if MAX_INSTANCES <= starts.len() {
            return Err(RecurrenceError::TooMany {
                limit: MAX_INSTANCES,
            });
        }
        starts.push(start);
    }
    // Where a zone skips a date, its instance falls together with the one of the next date.
    starts.sort();
    starts.dedup();
    Ok(starts)
}

#[cfg(test)]
mod tests;
