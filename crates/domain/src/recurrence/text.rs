//! The parts of a recurrence rule's text and their values (RFC 5545, section 3.3.10), read strictly.

use std::str::FromStr;

use jiff::Timestamp;
use jiff::civil::{Date, Time, Weekday};
use jiff::tz::Offset;

use super::RecurrenceError;
use super::rule::{Day, End};

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

/// The parts of a rule by name, not yet understood.
pub(super) struct Parts<'text>(Vec<(&'static str, &'text str)>);

impl<'text> Parts<'text> {
    pub(super) fn split(text: &'text str) -> Result<Parts<'text>, RecurrenceError> {
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

    pub(super) fn text(&self, name: &str) -> Option<(&'static str, &'text str)> {
        self.0.iter().copied().find(|(part, _)| *part == name)
    }

    pub(super) fn single<T>(
        &self,
        name: &str,
        read: impl Fn(&str) -> Option<T>,
    ) -> Result<Option<T>, RecurrenceError> {
        self.text(name)
            .map(|(part, text)| read(text).ok_or_else(|| bad_value(part, text)))
            .transpose()
    }

    pub(super) fn list<T>(
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

/// The refusal of a value that a part cannot have.
pub(super) fn bad_value(part: &'static str, value: &str) -> RecurrenceError {
    RecurrenceError::BadValue {
        part,
        value: value.to_owned(),
    }
}

/// A count of at least one; one too long for a number is simply too many.
pub(super) fn count(text: &str) -> Option<usize> {
    let digits = text.trim_start_matches('0');
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| digits.parse().unwrap_or(usize::MAX))
}

/// `YYYYMMDD`, `YYYYMMDDThhmmss` or `YYYYMMDDThhmmssZ`.
pub(super) fn until(text: &str) -> Option<End> {
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

/// A weekday such as `MO`, numbered such as `2MO` or `-1FR`, or not.
pub(super) fn day(text: &str) -> Option<Day> {
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

/// A weekday by the first two letters of its name.
pub(super) fn weekday(name: &str) -> Option<Weekday> {
    let offset = ["SU", "MO", "TU", "WE", "TH", "FR", "SA"]
        .into_iter()
        .position(|known| known == name)?;
    Weekday::from_sunday_zero_offset(i8::try_from(offset).ok()?).ok()
}

/// 1 to `most`, or -1 to -`most`, counted from the end.
pub(super) fn from_either_end(text: &str, most: i16) -> Option<i16> {
    match text.strip_prefix('-') {
        Some(text) => number(text, 1, most).map(|number| -number),
        None => number(text.strip_prefix('+').unwrap_or(text), 1, most),
    }
}

/// A number between `least` and `most`, both included, in digits only.
pub(super) fn number(text: &str, least: i16, most: i16) -> Option<i16> {
    digits(text).filter(|number| least <= *number && *number <= most)
}

fn digits<T: FromStr>(text: &str) -> Option<T> {
    let plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| text.parse().ok()).flatten()
}
