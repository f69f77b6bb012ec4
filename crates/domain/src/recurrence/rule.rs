//! What a recurrence rule says (RFC 5545, section 3.3.10), and which of its parts go together.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Time, Weekday};

use super::text::{Parts, bad_value, count, day, from_either_end, number, until, weekday};
use super::{MAX_INSTANCES, MAX_RULE_LENGTH, RecurrenceError};

/// How often a rule recurs. Finer frequencies are refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Frequency {
    Daily,
    Weekly,
    Monthly,
    Yearly,
}

/// When a rule ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// After so many instances, the first one included.
    Count(usize),
    /// With the last instance on or before a date of the zone.
    UntilDate(Date),
    /// With the last instance at or before a wall-clock time of the zone.
    UntilWall(DateTime),
    /// With the last instance at or before an instant.
    UntilInstant(Timestamp),
}

impl End {
    /// Whether an instance may start then. A count says nothing about that.
    pub(super) fn allows(self, wall: DateTime, start: Timestamp) -> bool {
        match self {
            End::Count(_) => true,
            End::UntilDate(last) => wall.date() <= last,
            End::UntilWall(last) => wall <= last,
            End::UntilInstant(last) => start <= last,
        }
    }
}

/// A weekday, or the n-th such weekday of its month or year (from the end, when negative).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Day {
    pub(super) nth: Option<i16>,
    pub(super) weekday: Weekday,
}

/// A rule whose parts go together. An empty list restricts nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Rule {
    pub(super) frequency: Frequency,
    pub(super) interval: u16,
    pub(super) end: End,
    pub(super) months: Vec<i16>,
    pub(super) weeks: Vec<i16>,
    pub(super) year_days: Vec<i16>,
    pub(super) month_days: Vec<i16>,
    pub(super) days: Vec<Day>,
    pub(super) positions: Vec<i16>,
    pub(super) week_start: Weekday,
    hour: Option<i8>,
    minute: Option<i8>,
    second: Option<i8>,
}

impl Rule {
    /// Reads a rule, with or without `RRULE:` before it, in any case of letters.
    pub(super) fn parse(text: &str) -> Result<Rule, RecurrenceError> {
        if MAX_RULE_LENGTH < text.len() {
            return Err(RecurrenceError::TooLong(text.len()));
        }
        let text = text.trim().to_ascii_uppercase();
        let parts = Parts::split(text.strip_prefix("RRULE:").unwrap_or(&text))?;
        let rule = Rule {
            frequency: frequency(&parts)?,
            interval: parts
                .single("INTERVAL", |text| number(text, 1, 10_000))?
                .unwrap_or(1)
                .unsigned_abs(),
            end: end(&parts)?,
            months: parts.list("BYMONTH", |text| number(text, 1, 12))?,
            weeks: parts.list("BYWEEKNO", |text| from_either_end(text, 53))?,
            year_days: parts.list("BYYEARDAY", |text| from_either_end(text, 366))?,
            month_days: parts.list("BYMONTHDAY", |text| from_either_end(text, 31))?,
            days: parts.list("BYDAY", day)?,
            positions: parts.list("BYSETPOS", |text| from_either_end(text, 366))?,
            week_start: parts.single("WKST", weekday)?.unwrap_or(Weekday::Monday),
            hour: once_a_day(&parts, "BYHOUR", 23)?,
            minute: once_a_day(&parts, "BYMINUTE", 59)?,
            second: once_a_day(&parts, "BYSECOND", 59)?,
        };
        rule.check()?;
        Ok(rule)
    }

    /// The rule with what it leaves open taken from the first instance, as section 3.3.10 says.
    pub(super) fn completed_from(mut self, first: DateTime) -> Rule {
        let names_days =
            !(self.year_days.is_empty() && self.month_days.is_empty() && self.days.is_empty());
        if names_days {
            return self;
        }
        let weekday = Day {
            nth: None,
            weekday: first.weekday(),
        };
        match self.frequency {
            Frequency::Daily => {}
            Frequency::Weekly => self.days.push(weekday),
            Frequency::Yearly if !self.weeks.is_empty() => self.days.push(weekday),
            Frequency::Monthly => self.month_days.push(first.day().into()),
            Frequency::Yearly => {
                self.month_days.push(first.day().into());
                if self.months.is_empty() {
                    self.months.push(first.month().into());
                }
            }
        }
        self
    }

    /// The wall-clock time of the instances after one that starts at `first`.
    pub(super) fn time_of_day(&self, first: Time) -> Time {
        let hour = self.hour.unwrap_or(first.hour());
        let minute = self.minute.unwrap_or(first.minute());
        let second = self.second.unwrap_or(first.second());
        Time::new(hour, minute, second, first.subsec_nanosecond()).unwrap_or(first)
    }

    /// What section 3.3.10 says must not go together.
    fn check(&self) -> Result<(), RecurrenceError> {
        use Frequency::{Daily, Monthly, Weekly, Yearly};
        let numbered = self.days.iter().any(|day| day.nth.is_some());
        let set = [&self.months, &self.weeks, &self.year_days, &self.month_days];
        let picks_from_nothing = !self.positions.is_empty()
            && self.days.is_empty()
            && set.iter().all(|by| by.is_empty());
        let contradictions = [
            (
                !self.weeks.is_empty() && self.frequency != Yearly,
                "BYWEEKNO needs FREQ=YEARLY",
            ),
            (
                !self.year_days.is_empty() && self.frequency != Yearly,
                "BYYEARDAY needs FREQ=YEARLY",
            ),
            (
                !self.month_days.is_empty() && self.frequency == Weekly,
                "BYMONTHDAY does not go with FREQ=WEEKLY",
            ),
            (
                numbered && matches!(self.frequency, Daily | Weekly),
                "a numbered weekday in BYDAY, such as 1MO, needs FREQ=MONTHLY or FREQ=YEARLY",
            ),
            (
                numbered
                    && self.frequency == Monthly
                    && self
                        .days
                        .iter()
                        .any(|day| day.nth.is_some_and(|n| 5 < n.abs())),
                "a month has at most five of each weekday",
            ),
            (
                numbered && !self.weeks.is_empty(),
                "a numbered weekday in BYDAY does not go with BYWEEKNO",
            ),
            (
                picks_from_nothing,
                "BYSETPOS needs another BY part to pick from",
            ),
        ];
        let found = contradictions
            .into_iter()
            .find(|(contradicts, _)| *contradicts);
        found.map_or(Ok(()), |(_, reason)| {
            Err(RecurrenceError::Contradiction(reason))
        })
    }
}

fn frequency(parts: &Parts<'_>) -> Result<Frequency, RecurrenceError> {
    match parts.text("FREQ") {
        None => Err(RecurrenceError::NoFrequency),
        Some((_, "DAILY")) => Ok(Frequency::Daily),
        Some((_, "WEEKLY")) => Ok(Frequency::Weekly),
        Some((_, "MONTHLY")) => Ok(Frequency::Monthly),
        Some((_, "YEARLY")) => Ok(Frequency::Yearly),
        Some((_, "HOURLY" | "MINUTELY" | "SECONDLY")) => Err(RecurrenceError::TooFrequent),
        Some((part, text)) => Err(bad_value(part, text)),
    }
}

fn end(parts: &Parts<'_>) -> Result<End, RecurrenceError> {
    let count = parts.single("COUNT", count)?;
    match (count, parts.single("UNTIL", until)?) {
        (None, None) => Err(RecurrenceError::Endless),
        (Some(_), Some(_)) => Err(RecurrenceError::Contradiction(
            "COUNT and UNTIL exclude each other",
        )),
        (None, Some(until)) => Ok(until),
        (Some(count), None) if MAX_INSTANCES < count => Err(RecurrenceError::TooMany {
            limit: MAX_INSTANCES,
        }),
        (Some(count), None) => Ok(End::Count(count)),
    }
}

fn once_a_day(parts: &Parts<'_>, name: &str, most: i16) -> Result<Option<i8>, RecurrenceError> {
    let times = parts.list(name, |text| number(text, 0, most))?;
    if times.iter().any(|time| *time != times[0]) {
        return Err(RecurrenceError::TooFrequent);
    }
    Ok(times.first().and_then(|&time| i8::try_from(time).ok()))
}
