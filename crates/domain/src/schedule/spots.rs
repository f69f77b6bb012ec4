//! Hours that are nothing but single spots of time, in UTC so that no clock change moves them.

use std::collections::BTreeMap;

use jiff::civil::Date;
use jiff::{Timestamp, tz::TimeZone};

use super::{HoursInterval, Rule, Schedule};
use crate::civil::{self, TimeOfDay};
use crate::interval::{Interval, IntervalSet};

/// Why a spot cannot be among the hours of a schedule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SpotError {
    /// It does not begin and end with a minute.
    #[error("a spot must begin and end with a whole minute")]
    Seconds,
    /// It takes a day or more.
    #[error("a spot must be shorter than a day")]
    TooLong,
}

/// The schedule of these spots, or what is wrong with which of them.
pub fn schedule_of(spots: &[Interval]) -> Result<Schedule, Vec<(usize, SpotError)>> {
    let mut dates: BTreeMap<Date, Vec<HoursInterval>> = BTreeMap::new();
    let mut wrong = Vec::new();
    for (index, spot) in spots.iter().enumerate() {
        match hours(spot) {
            Ok(hours) => {
                let date = civil::date_of(spot.start(), &TimeZone::UTC);
                dates.entry(date).or_default().push(hours);
            }
            Err(error) => wrong.push((index, error)),
        }
    }
    if !wrong.is_empty() {
        return Err(wrong);
    }
    let rule = |(date, intervals)| Rule::Date { date, intervals };
    let rules = dates.into_iter().map(rule).collect();
    // each date is there once
    let closed = |_| Schedule::closed(TimeZone::UTC);
    Ok(Schedule::new(TimeZone::UTC, rules).unwrap_or_else(closed))
}

fn hours(spot: &Interval) -> Result<HoursInterval, SpotError> {
    let from = time_of_day(spot.start()).ok_or(SpotError::Seconds)?;
    let to = time_of_day(spot.end()).ok_or(SpotError::Seconds)?;
    if spot.duration().as_mins() >= MINUTES_OF_DAY {
        return Err(SpotError::TooLong);
    }
    HoursInterval::new(from, to).map_err(|_empty| SpotError::TooLong)
}

const MINUTES_OF_DAY: i64 = 24 * 60;

fn time_of_day(at: Timestamp) -> Option<TimeOfDay> {
    if at.subsec_nanosecond() != 0 || at.as_second() % 60 != 0 {
        return None;
    }
    let minutes = (at.as_second() / 60).rem_euclid(MINUTES_OF_DAY);
    TimeOfDay::new(u16::try_from(minutes).ok()?)
}

/// The step between starts, in minutes, by which every spot can be begun at its start, and gone on with by meetings of
/// `duration` minutes. Spots that touch are one stretch of hours, whose starts count from its own.
pub fn increment_of(spots: &[Interval], duration: i64) -> i64 {
    let stretches = IntervalSet::from_intervals(spots.iter().copied());
    let offset = |spot: &Interval| {
        let stretch = stretches.touching(*spot).first();
        stretch.map_or(0, |stretch| {
            spot.start().duration_since(stretch.start()).as_mins()
        })
    };
    let step = spots.iter().map(offset).fold(duration, common_divisor);
    step.clamp(SMALLEST, LARGEST)
}

/// Steps are within these minutes.
const SMALLEST: i64 = 5;

const LARGEST: i64 = 720;

fn common_divisor(a: i64, b: i64) -> i64 {
    if b == 0 { a } else { common_divisor(b, a % b) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spot(start: &str, end: &str) -> Interval {
        let at = |text: &str| text.parse().unwrap();
        Interval::new(at(start), at(end)).unwrap()
    }

    fn on_monday(times: &[(&str, &str)]) -> Vec<Interval> {
        let at = |time: &str| format!("2026-03-02T{time}:00Z");
        let spots = times.iter().map(|(from, to)| spot(&at(from), &at(to)));
        spots.collect()
    }

    #[test]
    fn the_hours_are_the_spots() {
        let spots = [
            spot("2026-03-29T00:30:00Z", "2026-03-29T01:30:00Z"),
            spot("2026-03-02T10:05:00Z", "2026-03-02T10:50:00Z"),
            // over midnight, and up to it
            spot("2026-03-05T23:00:00Z", "2026-03-06T01:00:00Z"),
            spot("2026-03-09T23:00:00Z", "2026-03-10T00:00:00Z"),
            spot("2026-03-02T14:00:00Z", "2026-03-02T15:00:00Z"),
        ];
        let schedule = schedule_of(&spots).unwrap();
        let year = spot("2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z");
        let hours: Vec<Interval> = schedule.hours(year).iter().copied().collect();
        let mut expected = spots.to_vec();
        expected.sort_by_key(Interval::start);
        assert_eq!(hours, expected);
    }

    #[test]
    fn a_spot_has_whole_minutes_and_less_than_a_day() {
        let spots = [
            spot("2026-03-02T10:00:30Z", "2026-03-02T11:00:00Z"),
            spot("2026-03-02T10:00:00Z", "2026-03-02T11:00:00.5Z"),
            spot("2026-03-02T10:00:00Z", "2026-03-02T11:00:00Z"),
            spot("2026-03-02T10:00:00Z", "2026-03-03T10:00:00Z"),
            spot("2026-03-02T10:00:00Z", "2026-03-04T11:00:00Z"),
        ];
        let wrong = schedule_of(&spots).unwrap_err();
        let expected = [
            (0, SpotError::Seconds),
            (1, SpotError::Seconds),
            (3, SpotError::TooLong),
            (4, SpotError::TooLong),
        ];
        assert_eq!(wrong, expected);
    }

    #[test]
    fn every_spot_can_be_begun_at_its_start() {
        type Row = (&'static [(&'static str, &'static str)], i64, i64);
        let rows: [Row; 6] = [
            (&[("10:00", "10:45"), ("14:05", "14:50")], 45, 45),
            // they touch
            (&[("10:00", "10:45"), ("10:45", "11:30")], 45, 45),
            (&[("10:00", "10:30"), ("10:30", "11:30")], 60, 30),
            // they overlap
            (&[("10:00", "11:00"), ("10:20", "11:20")], 60, 20),
            (&[("10:00", "11:00"), ("10:01", "11:01")], 60, 5),
            (&[("10:00", "10:03")], 3, 5),
        ];
        for (times, duration, expected) in rows {
            assert_eq!(
                increment_of(&on_monday(times), duration),
                expected,
                "{times:?}"
            );
        }
    }
}
