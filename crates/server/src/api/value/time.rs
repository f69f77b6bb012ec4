//! Instants, dates, wall times and zones in requests and answers.

use super::text::{format, string, text};
use crate::api::input::{Parse, Reader};
use domain::civil::{self, TimeOfDay};
use jiff::{
    Timestamp,
    civil::Date,
    tz::{Offset, TimeZone},
};
use serde::{Serialize, Serializer, ser};
use serde_json::Value;
use std::{fmt, str::Utf8Error};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{KnownFormat, RefOr, Schema},
};

/// An IANA time zone.
#[derive(Clone, Debug, PartialEq)]
pub struct Zone(pub TimeZone);

impl Zone {
    /// The zone's IANA name.
    pub fn name(&self) -> &str {
        civil::zone_name(&self.0)
    }
}

impl Parse for Zone {
    fn parse(value: &Value, reader: &mut Reader) -> Option<Zone> {
        match civil::zone(text(value, reader)?) {
            Some(zone) => Some(Zone(zone)),
            None => reader.problem(
                "unknown_zone",
                "must be an IANA time zone such as Europe/Berlin",
            ),
        }
    }

    fn schema() -> RefOr<Schema> {
        string("Europe/Berlin").into()
    }
}

/// An instant: read from RFC 3339 with `Z` or an offset, written in UTC with six digits of fraction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Time(pub Timestamp);

impl Parse for Time {
    fn parse(value: &Value, reader: &mut Reader) -> Option<Time> {
        let text = text(value, reader)?;
        let instant = instant(text).or_else(|| instant(&text.replacen(' ', "+", 1)));
        match instant {
            Some(instant) => Some(Time(instant)),
            None => reader.problem(
                "invalid_time",
                "must be a time with its zone such as 2026-03-09T14:00:00Z, from 1970 to 2100",
            ),
        }
    }

    fn schema() -> RefOr<Schema> {
        format(string("2026-03-09T14:00:00.000000Z"), KnownFormat::DateTime).into()
    }
}

// a `+` that was not percent-encoded in a query arrives as a space, which is why a space is tried as one
fn instant(text: &str) -> Option<Timestamp> {
    let dated = text
        .get(..10)?
        .bytes()
        .enumerate()
        .all(|(index, byte)| match index {
            4 | 7 => byte == b'-',
            _ => byte.is_ascii_digit(),
        });
    let offset_hours = text
        .len()
        .checked_sub(5)
        .and_then(|at| text.get(at..at + 2));
    let far_off = !text.ends_with(['Z', 'z']) && offset_hours.is_some_and(|hours| "23" < hours);
    if !dated || far_off || text.contains('[') || text.len() > 40 {
        return None;
    }
    let instant: Timestamp = text.parse().ok()?;
    let instant = Timestamp::from_microsecond(instant.as_microsecond()).ok()?;
    (FIRST..END)
        .contains(&instant.as_second())
        .then_some(instant)
}

/// An instant of RFC 3339 to the letter: with seconds, an upper-case `T`, and `Z` or an offset; from 1970 to 9999.
pub fn strict_instant(text: &str) -> Option<Timestamp> {
    let form = b"0000-00-00T00:00:00";
    let (moment, rest) = text.split_at_checked(form.len())?;
    let fits = |(byte, form): (u8, &u8)| match form {
        b'0' => byte.is_ascii_digit(),
        form => byte == *form,
    };
    if !moment.bytes().zip(form).all(fits) {
        return None;
    }
    let zone = match rest.strip_prefix('.') {
        Some(fraction) => fraction.trim_start_matches(|c: char| c.is_ascii_digit()),
        None => rest,
    };
    let is_offset = zone.len() == 6
        && zone.starts_with(['+', '-'])
        && &zone[3..4] == ":"
        && zone[1..3] <= *"23";
    if zone != "Z" && !is_offset {
        return None;
    }
    let instant: Timestamp = text.parse().ok()?;
    let instant = Timestamp::from_microsecond(instant.as_microsecond()).ok()?;
    (FIRST <= instant.as_second()).then_some(instant)
}

/// 1970-01-01 and 2101-01-01 as seconds: no other instants come in.
const FIRST: i64 = 0;

const END: i64 = 4_133_980_800;

impl fmt::Display for Time {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = digits(self.0);
        // they are ASCII
        formatter.write_str(std::str::from_utf8(&text).map_err(|_ascii: Utf8Error| fmt::Error)?)
    }
}

impl Serialize for Time {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let text = digits(self.0);
        serializer.serialize_str(std::str::from_utf8(&text).map_err(ser::Error::custom)?)
    }
}

/// `2026-03-09T14:00:00.000000Z`, without an allocation. The years before 0 have no such form and do not come in.
pub fn digits(at: Timestamp) -> [u8; LENGTH] {
    Digits::default().of(at)
}

/// How many letters there are in [`digits`].
pub const LENGTH: usize = 27;

/// Where the time of day begins in [`digits`].
pub const TIME: usize = 11;

/// Where the fraction of a second begins in [`digits`], with its point.
pub const FRACTION: usize = 19;

const MICROSECONDS_OF_DAY: i64 = 24 * 60 * 60 * 1_000_000;

/// Writes the [`digits`] of one instant after another. Those of one day share its date.
#[derive(Clone, Debug)]
pub struct Digits {
    text: [u8; LENGTH],
    /// Days since 1970.
    day: i64,
    /// Microseconds of the second.
    fraction: u32,
}

impl Default for Digits {
    fn default() -> Digits {
        Digits {
            text: *b"1970-01-01T00:00:00.000000Z",
            day: 0,
            fraction: 0,
        }
    }
}

impl Digits {
    /// The digits of an instant.
    pub fn of(&mut self, at: Timestamp) -> [u8; LENGTH] {
        let since_1970 = at.as_microsecond();
        let day = since_1970.div_euclid(MICROSECONDS_OF_DAY);
        if day != self.day {
            let date = Offset::UTC.to_datetime(at).date();
            self.put(0, 4, date.year().unsigned_abs().into());
            self.put(5, 2, date.month().unsigned_abs().into());
            self.put(8, 2, date.day().unsigned_abs().into());
            self.day = day;
        }
        let of_day = since_1970.rem_euclid(MICROSECONDS_OF_DAY);
        // neither is more than a day or a second has
        let small = |number: i64| u32::try_from(number).unwrap_or_default();
        let (second, fraction) = (small(of_day / 1_000_000), small(of_day % 1_000_000));
        self.put(TIME, 2, second / 3600);
        self.put(TIME + 3, 2, second / 60 % 60);
        self.put(TIME + 6, 2, second % 60);
        if fraction != self.fraction {
            self.put(FRACTION + 1, 6, fraction);
            self.fraction = fraction;
        }
        self.text
    }

    fn put(&mut self, place: usize, width: usize, number: u32) {
        let mut rest = number;
        for digit in self.text[place..place + width].iter_mut().rev() {
            // below 10
            *digit = b'0' + (rest % 10) as u8;
            rest /= 10;
        }
    }
}

impl PartialSchema for Time {
    fn schema() -> RefOr<Schema> {
        <Time as Parse>::schema()
    }
}

impl ToSchema for Time {}

/// An instant in answers, written in UTC without a fraction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Second(pub Timestamp);

impl Serialize for Second {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut text = digits(self.0);
        text[FRACTION] = b'Z';
        let text = std::str::from_utf8(&text[..=FRACTION]).map_err(ser::Error::custom)?;
        serializer.serialize_str(text)
    }
}

impl PartialSchema for Second {
    fn schema() -> RefOr<Schema> {
        format(string("2026-03-09T14:00:00Z"), KnownFormat::DateTime).into()
    }
}

impl ToSchema for Second {}

/// An instant in answers, written in UTC with milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Millisecond(pub Timestamp);

impl Serialize for Millisecond {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut text = digits(self.0);
        text[FRACTION + 4] = b'Z';
        let text = std::str::from_utf8(&text[..=FRACTION + 4]).map_err(ser::Error::custom)?;
        serializer.serialize_str(text)
    }
}

impl PartialSchema for Millisecond {
    fn schema() -> RefOr<Schema> {
        format(string("2026-03-09T14:00:00.678Z"), KnownFormat::DateTime).into()
    }
}

impl ToSchema for Millisecond {}

/// A calendar date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Day(pub Date);

impl Parse for Day {
    fn parse(value: &Value, reader: &mut Reader) -> Option<Day> {
        match date(text(value, reader)?) {
            Some(date) => Some(Day(date)),
            None => reader.problem(
                "invalid_date",
                "must be a date such as 2026-03-09, from 1970 to 2100",
            ),
        }
    }

    fn schema() -> RefOr<Schema> {
        format(string("2026-03-09"), KnownFormat::Date).into()
    }
}

/// The date of `YYYY-MM-DD`, from 1970 to 2100.
pub fn date(text: &str) -> Option<Date> {
    let date: Date = (text.len() == 10).then(|| text.parse().ok())??;
    (1970..=2100).contains(&date.year()).then_some(date)
}

/// A wall time `HH:MM`, up to `24:00`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HourMinute(pub TimeOfDay);

impl Parse for HourMinute {
    fn parse(value: &Value, reader: &mut Reader) -> Option<HourMinute> {
        match TimeOfDay::parse(text(value, reader)?) {
            Some(time) => Some(HourMinute(time)),
            None => reader.problem(
                "invalid_wall_time",
                "must be a wall time from 00:00 to 24:00 such as 09:30",
            ),
        }
    }

    fn schema() -> RefOr<Schema> {
        string("09:00")
            .pattern(Some("^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$"))
            .into()
    }
}
