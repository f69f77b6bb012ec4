//! A host's weekly hours and dated exceptions in one zone, and the intervals of time that they state.
//!
//! This module says what a schedule means. What is left of it once busy time is taken out is `availability`.

use std::collections::BTreeMap;

use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;

use crate::civil::wall_clock::{Day, WallClock};
use crate::civil::{self, MINUTES_OF_DAY, TimeOfDay};
use crate::interval::{Interval, IntervalSet};

use day::{DayHours, merge};

mod day;
pub mod spots;
#[cfg(test)]
mod tests;

/// Wall-clock hours of one day, as a user states them. Hours that end at or before their start cross midnight.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HoursInterval {
    from: TimeOfDay,
    to: TimeOfDay,
}

/// Why two times of day are no hours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HoursError {
    /// The start is `24:00`, which is `00:00` of the next day.
    #[error("hours cannot start at 24:00; state them as 00:00 of the next day")]
    StartsAtEndOfDay,
    /// Start and end are the same.
    #[error("hours from {0} to {0} are empty; a whole day is 00:00 to 24:00")]
    Empty(TimeOfDay),
}

impl HoursInterval {
    /// The hours from `from` until `to`, which belongs to the next day when it is not after `from`.
    pub fn new(from: TimeOfDay, to: TimeOfDay) -> Result<HoursInterval, HoursError> {
        if from == TimeOfDay::END {
            return Err(HoursError::StartsAtEndOfDay);
        }
        if from == to {
            return Err(HoursError::Empty(from));
        }
        Ok(HoursInterval { from, to })
    }

    /// When they start.
    pub fn from(self) -> TimeOfDay {
        self.from
    }

    /// When they end; on the next day when this is not after the start.
    pub fn to(self) -> TimeOfDay {
        self.to
    }

    fn wall(self) -> WallInterval {
        let midnights = if self.from < self.to {
            0
        } else {
            MINUTES_OF_DAY
        };
        WallInterval {
            from: self.from.minutes(),
            until: self.to.minutes() + midnights,
        }
    }
}

/// Merged hours of one day in minutes after its midnight by the wall clock; beyond 1440 lies the next day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WallInterval {
    /// The start: 0 to 1439.
    pub from: u16,
    /// The end, after the start: at most 2878.
    pub until: u16,
}

/// What a schedule says about one weekday or one date.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Rule {
    /// Hours of every such weekday that has no date rule.
    Weekday {
        /// The weekday on which the hours start.
        weekday: Weekday,
        /// The hours, in any order; none closes the day.
        intervals: Vec<HoursInterval>,
    },
    /// Hours of one date, in place of its weekday's.
    Date {
        /// The date on which the hours start.
        date: Date,
        /// The hours, in any order; none closes the day.
        intervals: Vec<HoursInterval>,
    },
}

/// Why a list of rules is no schedule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ScheduleError {
    /// Two rules are about the same weekday.
    #[error("{0:?} has more than one rule; put all its intervals into one")]
    DuplicateWeekday(Weekday),
    /// Two rules are about the same date.
    #[error("{0} has more than one rule; put all its intervals into one")]
    DuplicateDate(Date),
}

/// Weekly hours and dated exceptions in an IANA zone.
///
/// A date rule replaces the hours of its date's weekday entirely. Hours belong to the day on which they start: those
/// that cross midnight stay, whatever the next date's rule says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schedule {
    zone: TimeZone,
    /// Sunday first; no entry for a weekday without a rule.
    weekly: [Option<DayHours>; 7],
    dated: BTreeMap<Date, DayHours>,
}

impl Schedule {
    /// A schedule without any hours.
    pub fn closed(zone: TimeZone) -> Schedule {
        Schedule {
            zone,
            weekly: [const { None }; 7],
            dated: BTreeMap::new(),
        }
    }

    /// The same wall times in another zone.
    #[must_use]
    pub fn in_zone(self, zone: TimeZone) -> Schedule {
        Schedule { zone, ..self }
    }

    /// A schedule of rules in any order. A weekday without a rule is closed.
    pub fn new(zone: TimeZone, rules: Vec<Rule>) -> Result<Schedule, ScheduleError> {
        let mut schedule = Schedule::closed(zone);
        for rule in rules {
            match rule {
                Rule::Weekday { weekday, intervals } => {
                    let day = &mut schedule.weekly[index(weekday)];
                    if day.replace(DayHours::new(intervals)).is_some() {
                        return Err(ScheduleError::DuplicateWeekday(weekday));
                    }
                }
                Rule::Date { date, intervals } => {
                    if schedule
                        .dated
                        .insert(date, DayHours::new(intervals))
                        .is_some()
                    {
                        return Err(ScheduleError::DuplicateDate(date));
                    }
                }
            }
        }
        Ok(schedule)
    }

    /// The zone in whose wall time the hours are stated.
    pub fn zone(&self) -> &TimeZone {
        &self.zone
    }

    /// The rules as they were stated, in canonical order: weekdays from Sunday, then dates; within a day by start.
    pub fn rules(&self) -> impl Iterator<Item = Rule> {
        let weekly = Weekday::Sunday
            .cycle_forward()
            .zip(&self.weekly)
            .filter_map(|(weekday, day)| {
                day.as_ref().map(|day| Rule::Weekday {
                    weekday,
                    intervals: day.stated.clone(),
                })
            });
        let dated = self.dated.iter().map(|(&date, day)| Rule::Date {
            date,
            intervals: day.stated.clone(),
        });
        weekly.chain(dated)
    }

    /// Whether a rule of its own governs a date, in place of its weekday's.
    pub fn has_override(&self, date: Date) -> bool {
        self.dated.contains_key(&date)
    }

    /// The hours that start on a date, merged where they touch or overlap, in ascending order.
    ///
    /// These are wall times: neither clock changes nor dates that do not exist are looked at.
    pub fn intervals_on(&self, date: Date) -> &[WallInterval] {
        let day = self
            .dated
            .get(&date)
            .or(self.weekly[index(date.weekday())].as_ref());
        day.map_or(&[], |day| &day.merged)
    }

    /// Every interval that a day of the schedule states and that overlaps `range`: unclipped, by start then end.
    ///
    /// Each is an anchor of the grid of start times. They may overlap one another, when a day's hours run past midnight
    /// into the next day's; the same interval is given once. An interval that a clock change leaves empty is not stated.
    ///
    /// A date that does not exist in the zone states nothing, for nobody can meet on it. RFC 5545's rule for skipped wall
    /// times alone would move such a date's hours onto the next date, which has hours of its own.
    pub fn stated_hours(&self, range: Interval) -> Vec<Interval> {
        let mut stated = Vec::new();
        let mut clock = WallClock::new(&self.zone);
        self.for_each_day(range, |day, hours| {
            if !clock.shows(day) {
                return;
            }
            for hours in hours {
                let interval = hours.on(day, &mut clock);
                if let Some(interval) = interval.filter(|interval| interval.overlaps(&range)) {
                    stated.push(interval);
                }
            }
        });
        if !stated.is_sorted_by(|one, next| one < next) {
            stated.sort();
            stated.dedup();
        }
        stated
    }

    /// Hands out the days with hours that may overlap a range.
    fn for_each_day(&self, range: Interval, mut each: impl FnMut(Day, &[WallInterval])) {
        // Hours last up to 48 hours by the wall clock, and a clock change may hold them up by some more.
        let first = civil::add_days(civil::date_of(range.start(), &self.zone), -3);
        // Where the clock falls back across midnight, the next date has begun before the last instant of this one.
        let last = civil::add_days(civil::date_of(range.end(), &self.zone), 1);
        let dated = self.dated.range(first..=last);
        let mut dated = dated
            .map(|(date, hours)| (Day::of(*date), hours))
            .peekable();
        for day in Day::of(first).to(Day::of(last)) {
            let own = dated.next_if(|(date, _)| *date == day);
            let hours = own.map(|(_, hours)| hours);
            let hours = hours.or(self.weekly[day.days_after_sunday()].as_ref());
            if let Some(hours) = hours.filter(|hours| !hours.merged.is_empty()) {
                each(day, &hours.merged);
            }
        }
    }

    /// All the time inside `range` that the schedule opens.
    pub fn hours(&self, range: Interval) -> IntervalSet {
        let stated = self.stated_hours(range);
        IntervalSet::from_sorted(stated.iter().filter_map(|interval| interval.clip(&range)))
    }

    /// The schedule in which a date has what it has now, by its own rule or its weekday's, and `added` as well.
    ///
    /// The date then has a rule of its own, whose intervals are merged.
    #[must_use]
    pub fn add_to_date(&self, date: Date, added: Vec<HoursInterval>) -> Schedule {
        let merged = self.merged_with(date, added);
        let stated = merged
            .iter()
            .flat_map(|interval| interval.as_hours())
            .collect();
        let mut schedule = self.clone();
        schedule.dated.insert(date, DayHours { stated, merged });
        schedule
    }

    /// Whether the hours of a date would open all of `interval`, if it had `added` as well as what it has now.
    pub fn would_open(&self, date: Date, added: HoursInterval, interval: Interval) -> bool {
        let mut clock = WallClock::new(&self.zone);
        let hours = self.merged_with(date, vec![added]).into_iter();
        let opens = |hours: WallInterval| hours.on(Day::of(date), &mut clock);
        let mut opened = hours.filter_map(opens);
        opened.any(|hours| hours.contains(&interval))
    }

    fn merged_with(&self, date: Date, added: Vec<HoursInterval>) -> Vec<WallInterval> {
        let hours = self.intervals_on(date).iter().copied();
        let added = added.into_iter().map(HoursInterval::wall);
        merge(hours.chain(added).collect())
    }
}

impl WallInterval {
    fn on(self, day: Day, clock: &mut WallClock<'_>) -> Option<Interval> {
        let start = clock.instant(day, self.from);
        Interval::new(start, clock.instant(day, self.until))
    }
}

/// Where a weekday is found in a week that starts on Sunday.
fn index(weekday: Weekday) -> usize {
    usize::from(weekday.to_sunday_zero_offset().unsigned_abs())
}
