//! The dates on which an event type may be booked, as instants.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::civil::{add_days, day_of, start_of_day};
use crate::event_type::BookingWindow;

/// A booking window as it was at one instant.
#[derive(Clone, Copy, Debug)]
pub(crate) struct OpenDates {
    /// The first date that may be booked; nothing when only the present bounds it.
    pub(super) first: Option<Date>,
    /// The last date that may be booked; nothing when there is none.
    pub(super) last: Option<Date>,
    /// The first instant of the first date.
    pub(super) from: Timestamp,
    /// The first instant after the last date.
    pub(super) until: Timestamp,
}

impl OpenDates {
    /// What `window` opens in the host's zone at `now`.
    pub(crate) fn at(window: BookingWindow, zone: &TimeZone, now: Timestamp) -> OpenDates {
        let today = day_of(now, zone);
        let (first, last) = match window {
            BookingWindow::Unlimited => (None, None),
            BookingWindow::Range { start, end } => (Some(start), Some(end)),
            BookingWindow::Rolling {
                days,
                weekdays_only: false,
            } => (None, Some(add_days(today, days.into()))),
            BookingWindow::Rolling {
                days,
                weekdays_only: true,
            } => (None, Some(nth_weekday_after(today, days))),
        };
        OpenDates {
            first,
            last,
            from: first.map_or(Timestamp::MIN, |date| start_of_day(date, zone)),
            until: last.map_or(Timestamp::MAX, |date| start_of_day(add_days(date, 1), zone)),
        }
    }

    /// Whether a meeting may start then.
    pub(crate) fn contain(&self, start: Timestamp) -> bool {
        self.from <= start && start < self.until
    }
}

/// The `count`-th Monday to Friday after a date; the date itself for 0.
fn nth_weekday_after(today: Date, count: u16) -> Date {
    if count == 0 {
        return today;
    }
    // From a weekend the count starts as if from the Friday before: the same weekdays lie ahead.
    let past_friday = (i64::from(today.weekday().to_monday_zero_offset()) - 4).max(0);
    let (weeks, rest) = (i64::from(count / 5), i64::from(count % 5));
    let whole_weeks = add_days(today, weeks * 7 - past_friday);
    let crosses_weekend = 4 < i64::from(whole_weeks.weekday().to_monday_zero_offset()) + rest;
    add_days(whole_weeks, if crosses_weekend { rest + 2 } else { rest })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Counts one date after another, as a person would.
    fn counted(today: Date, count: u16) -> Date {
        let mut date = today;
        let mut left = count;
        while 0 < left {
            date = date.tomorrow().unwrap();
            if date.weekday().to_monday_zero_offset() < 5 {
                left -= 1;
            }
        }
        date
    }

    #[test]
    fn weekdays_are_counted_from_every_day_of_the_week() {
        for offset in 0..7 {
            let today = add_days(Date::constant(2026, 3, 2), offset);
            for count in 0..30 {
                assert_eq!(
                    nth_weekday_after(today, count),
                    counted(today, count),
                    "{count} after {today}"
                );
            }
        }
    }
}
