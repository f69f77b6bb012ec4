//! The only place where a wall-clock time and a zone become an instant, and back.
//!
//! The rule is RFC 5545's (section 3.3.5, form 3): a wall time that a clock change skips moves later by as much as the
//! clock moves, and one that occurs twice means its first occurrence. All functions are total: beyond the years that a
//! timestamp can hold they stop at its first and last instant.

use std::fmt;

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::interval::shift;

pub mod wall_clock;

/// Minutes of a day by the wall clock: 24:00 is the end of a day, and all that a user states is in whole minutes.
pub(crate) const MINUTES_OF_DAY: u16 = 24 * 60;

/// A wall-clock time in whole minutes, from `00:00` to `24:00`, the end of the day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TimeOfDay(u16);

impl TimeOfDay {
    /// `00:00`, the start of the day.
    pub const START: TimeOfDay = TimeOfDay(0);
    /// `24:00`, the end of the day: the same wall time as `00:00` of the next date.
    pub const END: TimeOfDay = TimeOfDay(MINUTES_OF_DAY);

    /// The time so many minutes after midnight, 0 to 1440.
    pub fn new(minutes: u16) -> Option<TimeOfDay> {
        (minutes <= MINUTES_OF_DAY).then_some(TimeOfDay(minutes))
    }

    /// Reads exactly `HH:MM` in 24-hour form, `24:00` included.
    pub fn parse(text: &str) -> Option<TimeOfDay> {
        let [h1, h2, b':', m1, m2] = *text.as_bytes() else {
            return None;
        };
        let digits = [h1, h2, m1, m2];
        if !digits.iter().all(u8::is_ascii_digit) {
            return None;
        }
        let [h1, h2, m1, m2] = digits.map(|digit| u16::from(digit - b'0'));
        let (hours, minutes) = (h1 * 10 + h2, m1 * 10 + m2);
        if 59 < minutes {
            return None;
        }
        TimeOfDay::new(hours * 60 + minutes)
    }

    /// Minutes after midnight by the wall clock, 0 to 1440.
    pub fn minutes(self) -> u16 {
        self.0
    }
}

impl fmt::Display for TimeOfDay {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:02}:{:02}", self.0 / 60, self.0 % 60)
    }
}

/// The time zone of an IANA name such as `Europe/Rome`, matched without regard to case; nothing when there is none.
///
/// POSIX rules and names that are not of the database (`localtime`, `posixrules`) name no zone.
pub fn zone(name: &str) -> Option<TimeZone> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/_-+".contains(&byte);
    if name.is_empty() || 64 < name.len() || !name.bytes().all(plain) {
        return None;
    }
    let unfit = ["localtime", "posixrules", "factory", "etc/unknown"];
    if unfit.iter().any(|unfit| unfit.eq_ignore_ascii_case(name)) {
        return None;
    }
    TimeZone::get(name)
        .ok()
        .filter(|zone| zone.iana_name().is_some())
}

/// The IANA name of a zone in the database's own spelling; `UTC` for one that has no name.
pub fn zone_name(zone: &TimeZone) -> &str {
    zone.iana_name().unwrap_or("UTC")
}

/// The instant of a wall-clock time on a date. `24:00` is `00:00` of the next date.
pub fn instant(date: Date, time: TimeOfDay, zone: &TimeZone) -> Timestamp {
    instant_at(wall(date, time.minutes()), zone)
}

/// The instant of any wall-clock date and time, seconds included.
#[expect(
    clippy::disallowed_methods,
    reason = "this is the one place where wall time becomes an instant"
)]
pub fn instant_at(wall: DateTime, zone: &TimeZone) -> Timestamp {
    let beyond = if wall.year() < 0 {
        Timestamp::MIN
    } else {
        Timestamp::MAX
    };
    zone.to_timestamp(wall).unwrap_or(beyond)
}

/// What the wall clock of a zone shows at an instant.
#[expect(
    clippy::disallowed_methods,
    reason = "this is the one place where an instant is read in a zone"
)]
pub fn wall_time(instant: Timestamp, zone: &TimeZone) -> DateTime {
    zone.to_datetime(instant)
}

/// What the clock of a zone shows at an instant, with its distance from UTC: `2026-03-09T10:30:00+01:00`.
pub fn local(instant: Timestamp, zone: &TimeZone) -> impl fmt::Display {
    instant.display_with_offset(zone.to_offset(instant))
}

/// The date that a zone's calendar shows at an instant.
pub fn date_of(instant: Timestamp, zone: &TimeZone) -> Date {
    wall_time(instant, zone).date()
}

/// Whether a zone has ever shown, or will show, this date.
///
/// False for the few dates that a zone skipped to change sides of the date line, such as 2011-12-30 in Pacific/Apia. (A
/// change that long swallows noon, and no shorter one comes near it.)
pub fn date_exists(date: Date, zone: &TimeZone) -> bool {
    const NOON: TimeOfDay = TimeOfDay(12 * 60);
    date_of(instant(date, NOON, zone), zone) == date
}

/// The first instant of a date, also where a clock change skips its midnight.
///
/// For a date that a zone skips, this is the first instant of the date after it.
pub fn start_of_day(date: Date, zone: &TimeZone) -> Timestamp {
    let midnight = instant(date, TimeOfDay::START, zone);
    let first_shown = wall_time(midnight, zone);
    if first_shown == wall(date, 0) {
        return midnight;
    }
    // Midnight is skipped: the date begins with the clock change that skips it.
    last_change(midnight, zone).unwrap_or(midnight)
}

/// The date that has begun last at an instant.
///
/// That is the date that is shown, except where a clock falls back from past midnight, as it did at 00:01 in Newfoundland:
/// it then shows the date before once more, and yet the new date goes on.
pub fn day_of(instant: Timestamp, zone: &TimeZone) -> Date {
    let shown = date_of(instant, zone);
    let next = add_days(shown, 1);
    let has_begun = next != shown && start_of_day(next, zone) <= instant;
    if has_begun && date_exists(next, zone) {
        next
    } else {
        shown
    }
}

/// The latest clock change of a zone that does not come after `instant`.
fn last_change(instant: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
    let just_after = shift(instant, SignedDuration::from_nanos(1));
    zone.preceding(just_after)
        .next()
        .map(|change| change.timestamp())
}

/// The date `days` after `date` (before it, when negative), stopping at the first and last that can be held.
pub fn add_days(date: Date, days: i64) -> Date {
    // Beyond this the sum is out of any calendar.
    let days = days.clamp(-7_000_000, 7_000_000);
    date.saturating_add(SignedDuration::from_hours(days * 24))
}

/// The wall time so many minutes after midnight of a date, which may lie on one of the next dates.
fn wall(date: Date, minutes: u16) -> DateTime {
    let date = add_days(date, i64::from(minutes / MINUTES_OF_DAY));
    let since_midnight = i64::from(minutes % MINUTES_OF_DAY);
    let midnight = date.to_datetime(Time::midnight());
    midnight.saturating_add(SignedDuration::from_mins(since_midnight))
}

#[cfg(test)]
mod tests;
