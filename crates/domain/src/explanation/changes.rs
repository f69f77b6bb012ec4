//! The smallest changes that take one reason away.

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::booking::BookRefusal;
use crate::busy::BusyInterval;
use crate::civil::wall_clock::{Day, WallClock};
use crate::civil::{MINUTES_OF_DAY, TimeOfDay, add_days, date_of, wall_time};
use crate::event_type::{BookingWindow, INCREMENTS, MAX_CAPACITY, MAX_ROLLING_DAYS};
use crate::interval::{Interval, IntervalSet, shift};
use crate::schedule::{HoursInterval, Schedule};
use crate::slots::grid::comes_by;
use crate::slots::host::HostOffer;
use crate::slots::window::OpenDates;
use crate::slots::{Offer, Reason};

use super::Change;

/// The changes that take a reason away, each by itself.
pub(super) fn changes(
    offer: &Offer<'_>,
    grid: &[Timestamp],
    reason: Reason,
    meeting: Interval,
) -> Vec<Change> {
    let start = meeting.start();
    let host = reason.host.and_then(|host| offer.of_host(host));
    let change = match (reason.refusal, host) {
        (BookRefusal::MinimumNotice { .. }, _) => shorter_notice(offer, start),
        (BookRefusal::BookingWindow { .. }, Some(host)) => {
            wider_window(offer, host.schedule().zone(), start)
        }
        (BookRefusal::OutsideHours, Some(host)) => return longer_hours(host, meeting),
        (BookRefusal::OffGrid, _) => return other_grid(offer, grid, meeting),
        (BookRefusal::Busy { by }, _) => return smaller_meeting(offer, &by, meeting),
        (BookRefusal::LimitReached { limit }, Some(host)) => {
            host.limit_for(limit, meeting).map(Change::Limit)
        }
        (BookRefusal::Full { .. }, Some(host)) => more_places(host, meeting),
        _ => None,
    };
    change.into_iter().collect()
}

fn shorter_notice(offer: &Offer<'_>, start: Timestamp) -> Option<Change> {
    let lead = start.duration_since(offer.now());
    (!lead.is_negative()).then_some(Change::MinimumNotice(lead.as_mins()))
}

fn wider_window(offer: &Offer<'_>, zone: &TimeZone, start: Timestamp) -> Option<Change> {
    let opens = |window| OpenDates::at(window, zone, offer.now()).contain(start);
    match offer.event_type().window() {
        BookingWindow::Unlimited => None,
        BookingWindow::Rolling { weekdays_only, .. } => {
            let rolling = |days| BookingWindow::Rolling {
                days,
                weekdays_only,
            };
            fewest_days(|days| opens(rolling(days))).map(Change::RollingDays)
        }
        BookingWindow::Range {
            start: first,
            end: last,
        } => {
            let range = |start: Date, end: Date| BookingWindow::Range { start, end };
            // Where the clock changes near midnight, some instants of a date belong to the date beside it.
            let near = [-1, 0, 1].map(|days| add_days(date_of(start, zone), days));
            let from = near.iter().rev().find(|&&date| opens(range(date, last)));
            let until = near.iter().find(|&&date| opens(range(first, date)));
            from.map(|&date| Change::StartDate(date))
                .or(until.map(|&date| Change::EndDate(date)))
        }
    }
}

/// The smallest number of days that opens; with more days, whatever was open stays so.
fn fewest_days(opens: impl Fn(u16) -> bool) -> Option<u16> {
    let (mut fewest, mut most) = (0, MAX_ROLLING_DAYS + 1);
    while fewest < most {
        let middle = fewest.midpoint(most);
        if opens(middle) {
            most = middle;
        } else {
            fewest = middle + 1;
        }
    }
    (fewest <= MAX_ROLLING_DAYS).then_some(fewest)
}

fn more_places(host: &HostOffer<'_>, meeting: Interval) -> Option<Change> {
    let capacity = host.places_taken(meeting) + 1;
    (capacity <= MAX_CAPACITY).then_some(Change::Capacity(capacity))
}

/// From the first to the last instant of the meeting that the host's hours leave out.
pub(super) fn missing_part(host: &HostOffer<'_>, meeting: Interval) -> Option<Interval> {
    let missing = IntervalSet::from_intervals([meeting]).difference(&host.open_part(meeting));
    let (first, last) = (missing.as_slice().first()?, missing.as_slice().last()?);
    Interval::new(first.start(), last.end())
}

fn longer_hours(host: &HostOffer<'_>, meeting: Interval) -> Vec<Change> {
    let Some(missing) = missing_part(host, meeting) else {
        return Vec::new();
    };
    let open = minutes_between(meeting.start(), missing.start());
    let shorter = (1 <= open).then_some(Change::Duration(open));
    let more = hours_over(missing, host.schedule());
    more.into_iter().chain(shorter).collect()
}

/// The hours that open all of `missing`, of the date on which it starts.
///
/// They start when the clock shows the start of the missing part. Only where the clock jumps may that not do: hours that
/// start within the jump begin late, and added hours that touch them become one with them. Then they start earlier.
fn hours_over(missing: Interval, schedule: &Schedule) -> Option<Change> {
    let first = wall_time(missing.start(), schedule.zone());
    let date = first.date();
    let mut starts = (0..=minute_of(first)).rev();
    starts.find_map(|from| {
        let hours = hours_until(missing.end(), date, from, schedule.zone())?;
        let opens = schedule.would_open(date, hours, missing);
        opens.then_some(Change::Hours { date, hours })
    })
}

/// The hours of a date from a minute on that last until `end`.
///
/// They end at the minute that the clock has reached then. Where it shows that minute earlier as well, as in a repeated
/// hour, hours would end there: then they end with the first minute that is late enough.
fn hours_until(end: Timestamp, date: Date, from: u16, zone: &TimeZone) -> Option<HoursInterval> {
    let last = wall_time(shift(end, SignedDuration::from_nanos(-1)), zone);
    let days = date.duration_until(last.date()).as_hours() / 24;
    let shown = i64::from(minute_of(last)) + 1 + days * i64::from(MINUTES_OF_DAY);
    let mut clock = WallClock::new(zone);
    let later = from + 1..from + MINUTES_OF_DAY;
    let mut minutes = u16::try_from(shown).into_iter().chain(later);
    minutes.find_map(|until| {
        let hours = hours_between(from, until)?;
        (end <= clock.instant(Day::of(date), until)).then_some(hours)
    })
}

/// The hours between two minutes after midnight, of which the second may lie on the next date.
fn hours_between(from: u16, until: u16) -> Option<HoursInterval> {
    if until <= from || from + MINUTES_OF_DAY <= until {
        return None;
    }
    let to = if until <= MINUTES_OF_DAY {
        until
    } else {
        until - MINUTES_OF_DAY
    };
    HoursInterval::new(TimeOfDay::new(from)?, TimeOfDay::new(to)?).ok()
}

fn minute_of(wall: DateTime) -> u16 {
    u16::from(wall.hour().unsigned_abs()) * 60 + u16::from(wall.minute().unsigned_abs())
}

/// The starts of the grid beside a start, and the increment whose grid comes by it.
fn other_grid(offer: &Offer<'_>, grid: &[Timestamp], meeting: Interval) -> Vec<Change> {
    let start = meeting.start();
    let is_on_grid = |start: Timestamp| {
        let mut reasons = offer.reasons(start).into_iter();
        reasons.all(|reason| reason.refusal != BookRefusal::OffGrid)
    };
    let (before, after) = grid.split_at(grid.partition_point(|&other| other < start));
    let before = before.iter().rev().find(|&&start| is_on_grid(start));
    let after = after.iter().find(|&&start| is_on_grid(start));

    let anchors = offer.anchors_at(meeting);
    let reaches = |minutes: i64| {
        let increment = SignedDuration::from_mins(minutes);
        let mut anchors = anchors.iter();
        anchors.any(|&anchor| comes_by(start, anchor, increment))
    };
    let increment = INCREMENTS.rev().find(|&minutes| reaches(minutes));
    let starts = before.into_iter().chain(after);
    starts
        .map(|&start| Change::StartTime(start))
        .chain(increment.map(Change::Increment))
        .collect()
}

/// What keeps the meeting clear of busy time.
///
/// The meeting must be clear of the busy time with its buffers, and the meeting with its own buffers of the busy time.
fn smaller_meeting(offer: &Offer<'_>, by: &BusyInterval, meeting: Interval) -> Vec<Change> {
    if by.buffered.end() <= meeting.start() {
        let buffer = minutes_between(by.interval.end(), meeting.start());
        return vec![Change::BeforeBuffer(buffer)];
    }
    let after_buffer = offer.event_type().after_buffer();
    let end = (by.interval.start().saturating_sub(after_buffer))
        .unwrap_or(Timestamp::MIN)
        .min(by.buffered.start());
    let duration = minutes_between(meeting.start(), end);
    let shorter = (1 <= duration).then_some(Change::Duration(duration));

    let is_clear = meeting.end() <= by.buffered.start();
    let buffer = minutes_between(meeting.end(), by.interval.start());
    let smaller = is_clear.then_some(Change::AfterBuffer(buffer));
    shorter.into_iter().chain(smaller).collect()
}

/// The whole minutes of a stretch; not positive when it runs backwards.
fn minutes_between(start: Timestamp, end: Timestamp) -> i64 {
    end.duration_since(start).as_mins()
}
