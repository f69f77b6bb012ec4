//! Many wall times of one zone at once, and the days on which they are.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::{MINUTES_OF_DAY, add_days, date_of, instant_at, last_change, start_of_day, wall};

const SECONDS_OF_DAY: i64 = 24 * 60 * 60;

/// No zone has ever put its clock forward or back by more than this, in seconds.
const LARGEST_CHANGE: i64 = SECONDS_OF_DAY;

/// A date as the number of days since 1970-01-01: quicker to count with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Day(i64);

impl Day {
    const FIRST: Date = Date::constant(1970, 1, 1);
    /// How many days after a Sunday the first one is.
    const WEEKDAY: i64 = 4;

    /// The day of a date.
    pub fn of(date: Date) -> Day {
        Day(date.duration_since(Day::FIRST).as_secs() / SECONDS_OF_DAY)
    }

    /// The date of the day.
    pub fn date(self) -> Date {
        add_days(Day::FIRST, self.0)
    }

    /// All days from this one to `last`.
    pub fn to(self, last: Day) -> impl Iterator<Item = Day> {
        (self.0..=last.0).map(Day)
    }

    /// How many days after a Sunday it is: 0 to 6.
    pub fn days_after_sunday(self) -> usize {
        usize::try_from((self.0 + Day::WEEKDAY).rem_euclid(7)).unwrap_or(0)
    }
}

/// Turns many wall times of one zone into instants, asking the zone only around its clock changes.
///
/// Gives exactly what [`super::instant`] and [`super::date_exists`] give; that is a property of its tests. Expanding a year of
/// weekly hours this way costs a few nanoseconds a day rather than some forty.
#[derive(Clone, Debug)]
pub struct WallClock<'zone> {
    zone: &'zone TimeZone,
    steady: Steady,
}

/// A stretch of wall time, in seconds as if it were UTC, in which the zone's offset stays the same and is unambiguous.
#[derive(Clone, Copy, Debug)]
struct Steady {
    from: i64,
    until: i64,
    offset: i64,
}

impl<'zone> WallClock<'zone> {
    /// A clock that shows the wall time of `zone`.
    pub fn new(zone: &'zone TimeZone) -> WallClock<'zone> {
        WallClock {
            zone,
            steady: Steady {
                from: 0,
                until: 0,
                offset: 0,
            },
        }
    }

    /// The instant at which the clock shows so many minutes after midnight of a day: 1440 and more are later days.
    pub fn instant(&mut self, day: Day, minutes: u16) -> Timestamp {
        if let Some(instant) = self.steady_instant(day, i64::from(minutes) * 60) {
            return instant;
        }
        let instant = instant_at(wall(day.date(), minutes), self.zone);
        self.steady = Steady::around(instant, self.zone);
        instant
    }

    /// The first instant of a day; of one that the zone skips, that of the next.
    pub fn start_of_day(&mut self, day: Day) -> Timestamp {
        if let Some(midnight) = self.steady_instant(day, 0) {
            return midnight;
        }
        let start = start_of_day(day.date(), self.zone);
        self.steady = Steady::around(start, self.zone);
        start
    }

    /// Whether the clock ever shows this day.
    pub fn shows(&mut self, day: Day) -> bool {
        const NOON: u16 = MINUTES_OF_DAY / 2;
        if self.steady_instant(day, i64::from(NOON) * 60).is_some() {
            return true;
        }
        // as in `date_exists`
        let noon = self.instant(day, NOON);
        date_of(noon, self.zone) == day.date()
    }

    fn steady_instant(&self, day: Day, seconds: i64) -> Option<Timestamp> {
        let wall = day.0 * SECONDS_OF_DAY + seconds;
        let Steady {
            from,
            until,
            offset,
        } = self.steady;
        let is_steady = from <= wall && wall < until;
        is_steady
            .then(|| Timestamp::from_second(wall - offset).ok())
            .flatten()
    }
}

impl Steady {
    /// The stretch around an instant; empty when the clock changes too soon before or after it.
    fn around(instant: Timestamp, zone: &TimeZone) -> Steady {
        let offset = i64::from(zone.to_offset(instant).seconds());
        let day = SignedDuration::from_secs(LARGEST_CHANGE);
        let next_change = zone
            .following(instant)
            .next()
            .map(|change| change.timestamp());
        // For a day after a change a wall time may be one that the clock showed before it, too.
        let from = last_change(instant, zone)
            .and_then(|change| change.checked_add(day).ok())
            .unwrap_or(Timestamp::MIN);
        let until = next_change.unwrap_or(Timestamp::MAX);
        Steady {
            from: from.as_second() + offset,
            until: until.as_second() + offset,
            offset,
        }
    }
}
