//! The text of a recurrence rule (RFC 5545, section 3.3.10), read strictly.

use std::str::FromStr;

use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Time, Weekday};
use jiff::tz::Offset;

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

/// The names of all parts.
const NAMES: [&str; 14] = [
    "FREQ",
    "INTERVAL",
    "COUNT",
    "UNTIL",
    "WKST",
    "BYMONTH",
    "BYWEEKNO",
    "BYYEARDAY",
    "BYMONTHDAY",
    "BYDAY",
    "BYSETPOS",
    "BYHOUR",
    "BYMINUTE",
    "BYSECOND",
];

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

/// The parts of a rule by name, not yet understood.
struct Parts<'text>(Vec<(&'static str, &'text str)>);

impl<'text> Parts<'text> {
    fn split(text: &'text str) -> Result<Parts<'text>, RecurrenceError> {
        let mut parts: Vec<(&'static str, &str)> = Vec::new();
        for part in text.split(';') {
            let named = part.split_once('=').and_then(|(name, value)| {
                let known = NAMES.into_iter().find(|known| *known == name)?;
                Some((known, value))
            });
            let (name, value) =
                named.ok_or_else(|| RecurrenceError::UnknownPart(part.to_owned()))?;
            if parts.iter().any(|(earlier, _)| *earlier == name) {
                return Err(RecurrenceError::RepeatedPart(name));
            }
            parts.push((name, value));
        }
        Ok(Parts(parts))
    }

    fn text(&self, name: &str) -> Option<(&'static str, &'text str)> {
        self.0.iter().copied().find(|(part, _)| *part == name)
    }

    fn single<T>(
        &self,
        name: &str,
        read: impl Fn(&str) -> Option<T>,
    ) -> Result<Option<T>, RecurrenceError> {
        self.text(name)
            .map(|(part, text)| read(text).ok_or_else(|| bad_value(part, text)))
            .transpose()
    }

    fn list<T>(
        &self,
        name: &str,
        read: impl Fn(&str) -> Option<T>,
    ) -> Result<Vec<T>, RecurrenceError> {
        let Some((part, text)) = self.text(name) else {
            return Ok(Vec::new());
        };
        text.split(',')
            .map(|text| read(text).ok_or_else(|| bad_value(part, text)))
            .collect()
    }
}

fn bad_value(part: &'static str, value: &str) -> RecurrenceError {
    RecurrenceError::BadValue {
        part,
        value: value.to_owned(),
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

/// A count of at least one; one too long for a number is simply too many.
fn count(text: &str) -> Option<usize> {
    let digits = text.trim_start_matches('0');
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| digits.parse().unwrap_or(usize::MAX))
}

/// `YYYYMMDD`, `YYYYMMDDThhmmss` or `YYYYMMDDThhmmssZ`.
fn until(text: &str) -> Option<End> {
    let Some((date, time)) = text.split_once('T') else {
        return Some(End::UntilDate(date_of(text)?));
    };
    let [hour, minute, second] =
        [time.get(0..2)?, time.get(2..4)?, time.get(4..6)?].map(digits::<i8>);
    // A leap second is taken for the second before it.
    let time_of_day = Time::new(hour?, minute?, second?.min(59), 0).ok()?;
    let wall = date_of(date)?.to_datetime(time_of_day);
    match time.get(6..)? {
        "" => Some(End::UntilWall(wall)),
        "Z" => Some(End::UntilInstant(
            Offset::UTC.to_timestamp(wall).unwrap_or(Timestamp::MAX),
        )),
        _ => None,
    }
}

fn date_of(text: &str) -> Option<Date> {
    if text.len() != 8 {
        return None;
    }
    Date::new(
        digits(text.get(0..4)?)?,
        digits(text.get(4..6)?)?,
        digits(text.get(6..8)?)?,
    )
    .ok()
}

fn once_a_day(parts: &Parts<'_>, name: &str, most: i16) -> Result<Option<i8>, RecurrenceError> {
    let times = parts.list(name, |text| number(text, 0, most))?;
    if times.iter().any(|time| *time != times[0]) {
        return Err(RecurrenceError::TooFrequent);
    }
    Ok(times.first().and_then(|&time| i8::try_from(time).ok()))
}

fn day(text: &str) -> Option<Day> {
    let (number, name) = text.split_at_checked(text.len().checked_sub(2)?)?;
    let nth = if number.is_empty() {
        None
    } else {
        Some(from_either_end(number, 53)?)
    };
    Some(Day {
        nth,
        weekday: weekday(name)?,
    })
}

fn weekday(name: &str) -> Option<Weekday> {
    let offset = ["SU", "MO", "TU", "WE", "TH", "FR", "SA"]
        .into_iter()
        .position(|known| known == name)?;
    Weekday::from_sunday_zero_offset(i8::try_from(offset).ok()?).ok()
}

/// 1 to `most`, or -1 to -`most`, counted from the end.
fn from_either_end(text: &str, most: i16) -> Option<i16> {
    match text.strip_prefix('-') {
        Some(text) => number(text, 1, most).map(|number| -number),
        None => number(text.strip_prefix('+').unwrap_or(text), 1, most),
    }
}

fn number(text: &str, least: i16, most: i16) -> Option<i16> {
    digits(text).filter(|number| least <= *number && *number <= most)
}

fn digits<T: FromStr>(text: &str) -> Option<T> {
    let plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| text.parse().ok()).flatten()
}
