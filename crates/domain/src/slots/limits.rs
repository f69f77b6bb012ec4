//! How much of an event type each day, week or month of a host already holds.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};

use super::grid::{Nanos, Starts};
use crate::civil::wall_clock::{Day, WallClock};
use crate::civil::{add_days, day_of, start_of_day};
use crate::event_type::{Limit, LimitCap, LimitPeriod};
use crate::interval::Interval;

/// One limit with what each of its periods already holds.
#[derive(Clone, Debug)]
pub(super) struct Tally {
    pub(super) limit: Limit,
    /// When each period starts, ascending; each lasts until the next.
    starts: Vec<Timestamp>,
    /// What each period holds, in the unit of [`amount`].
    held: Vec<i64>,
}

impl Tally {
    /// Counts `meetings` in the periods that `range` touches.
    pub(super) fn new(
        limit: Limit,
        zone: &TimeZone,
        range: Interval,
        meetings: &[Interval],
    ) -> Tally {
        let first = period_of(day_of(range.start(), zone), limit.per);
        let last = period_of(day_of(range.end(), zone), limit.per);
        let dates = std::iter::successors(Some(first), |&date| Some(next_period(date, limit.per)));
        let mut clock = WallClock::new(zone);
        let mut start_of = |date| clock.start_of_day(Day::of(date));
        let starts = dates.map_while(|date| (date <= last).then(|| start_of(date)));
        let starts: Vec<Timestamp> = starts.collect();
        let mut tally = Tally {
            limit,
            held: vec![0; starts.len()],
            starts,
        };
        let end = start_of_day(next_period(last, limit.per), zone);
        for meeting in meetings.iter().filter(|meeting| meeting.start() < end) {
            if let Some(period) = tally.period_at(meeting.start()) {
                tally.held[period] += amount(limit.cap, meeting.duration());
            }
        }
        tally
    }

    /// Whether the period in which a new meeting starts can hold it as well.
    pub(super) fn can_hold(&self, meeting: Interval) -> bool {
        self.held_at(meeting) + amount(self.limit.cap, meeting.duration()) <= most(self.limit.cap)
    }

    /// The starts of meetings of a duration that their period cannot hold, period by period.
    pub(super) fn full_periods(&self, duration: SignedDuration) -> impl Iterator<Item = Starts> {
        let most = most(self.limit.cap) - amount(self.limit.cap, duration);
        let after = self.starts.iter().skip(1).map(|end| end.as_nanosecond());
        let ends = after.chain([Nanos::MAX]);
        let periods = self.starts.iter().zip(ends).zip(&self.held);
        let full = periods.filter(move |(_, held)| most < **held);
        full.map(|((start, end), _)| (start.as_nanosecond(), end))
    }

    /// The smallest cap with which that period can.
    pub(super) fn cap_for(&self, meeting: Interval) -> Option<LimitCap> {
        let amount = self.held_at(meeting) + amount(self.limit.cap, meeting.duration());
        Some(match self.limit.cap {
            LimitCap::Events(_) => LimitCap::Events(u32::try_from(amount).ok()?),
            LimitCap::Minutes(_) => LimitCap::Minutes(
                u32::try_from(amount.div_euclid(60) + i64::from(amount % 60 != 0)).ok()?,
            ),
        })
    }

    fn held_at(&self, meeting: Interval) -> i64 {
        self.period_at(meeting.start())
            .map_or(0, |period| self.held[period])
    }

    fn period_at(&self, instant: Timestamp) -> Option<usize> {
        self.starts
            .partition_point(|&start| start <= instant)
            .checked_sub(1)
    }
}

/// The whole periods that `range` touches, as one interval.
pub(super) fn whole_periods(per: LimitPeriod, zone: &TimeZone, range: Interval) -> Interval {
    let first = period_of(day_of(range.start(), zone), per);
    let after_last = next_period(period_of(day_of(range.end(), zone), per), per);
    Interval::new(start_of_day(first, zone), start_of_day(after_last, zone)).unwrap_or(range)
}

/// What a meeting takes of a cap: one event, or seconds.
fn amount(cap: LimitCap, duration: SignedDuration) -> i64 {
    match cap {
        LimitCap::Events(_) => 1,
        LimitCap::Minutes(_) => duration.as_secs(),
    }
}

/// A cap in the unit of [`amount`].
fn most(cap: LimitCap) -> i64 {
    match cap {
        LimitCap::Events(events) => events.into(),
        LimitCap::Minutes(minutes) => i64::from(minutes) * 60,
    }
}

/// The first date of the period to which a date belongs.
fn period_of(date: Date, per: LimitPeriod) -> Date {
    match per {
        LimitPeriod::Day => date,
        LimitPeriod::Week => add_days(date, -i64::from(date.weekday().to_sunday_zero_offset())),
        LimitPeriod::Month => date.first_of_month(),
    }
}

/// The first date of the period after the one that starts on a date.
fn next_period(date: Date, per: LimitPeriod) -> Date {
    match per {
        LimitPeriod::Day => add_days(date, 1),
        LimitPeriod::Week => add_days(date, 7),
        LimitPeriod::Month => date.saturating_add(1.month()),
    }
}
