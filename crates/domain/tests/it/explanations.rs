//! Why a start is not on offer: each change really takes its reason away, and a smaller one does not.

use domain::booking::BookRefusal;
use domain::civil::{TimeOfDay, add_days};
use domain::event_type::{BookingWindow, EventType, EventTypeSpec, Limit, LimitCap};
use domain::explanation::{Change, Explanation, explain};
use domain::id::UserId;
use domain::interval::{Interval, IntervalSet};
use domain::schedule::HoursInterval;
use domain::slots::Reason;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use proptest::sample::Index;

use crate::facts::{Facts, Host, facts};

fn spec_of(event_type: &EventType) -> EventTypeSpec {
    EventTypeSpec {
        id: event_type.id(),
        duration: event_type.duration().as_mins(),
        before_buffer: event_type.before_buffer().as_mins(),
        after_buffer: event_type.after_buffer().as_mins(),
        increment: event_type.increment().as_mins(),
        minimum_notice: event_type.minimum_notice().as_mins(),
        window: event_type.window(),
        limits: event_type.limits().to_vec(),
        capacity: event_type.capacity(),
    }
}

/// The specification with a change, unless it is one of something else.
fn changed_spec(event_type: &EventType, refusal: BookRefusal, change: Change) -> EventTypeSpec {
    let mut spec = spec_of(event_type);
    match change {
        Change::MinimumNotice(minutes) => spec.minimum_notice = minutes,
        Change::Duration(minutes) => spec.duration = minutes,
        Change::Increment(minutes) => spec.increment = minutes,
        Change::BeforeBuffer(minutes) => spec.before_buffer = minutes,
        Change::AfterBuffer(minutes) => spec.after_buffer = minutes,
        Change::Capacity(capacity) => spec.capacity = capacity,
        Change::RollingDays(_) | Change::StartDate(_) | Change::EndDate(_) => {
            spec.window = changed_window(spec.window, change);
        }
        Change::Limit(limit) => {
            let is_reached = |old: &Limit| refusal == BookRefusal::LimitReached { limit: *old };
            for old in spec.limits.iter_mut().filter(|old| is_reached(old)) {
                *old = limit;
            }
        }
        Change::Hours { .. } | Change::StartTime(_) => {}
    }
    spec
}

fn changed_window(window: BookingWindow, change: Change) -> BookingWindow {
    match (window, change) {
        (BookingWindow::Rolling { weekdays_only, .. }, Change::RollingDays(days)) => {
            BookingWindow::Rolling {
                days,
                weekdays_only,
            }
        }
        (BookingWindow::Range { end, .. }, Change::StartDate(start))
        | (BookingWindow::Range { start, .. }, Change::EndDate(end)) => {
            BookingWindow::Range { start, end }
        }
        other => panic!("{other:?} do not fit together"),
    }
}

fn host(facts: &Facts, id: UserId) -> &Host {
    facts.hosts().find(|host| host.id == id).unwrap()
}

/// The facts with a change that was made for a reason; nothing when there is no such event type.
fn with(facts: &Facts, reason: Reason, change: Change) -> Option<Facts> {
    let spec = changed_spec(&facts.event_type, reason.refusal, change);
    let mut changed = facts.clone();
    changed.event_type = EventType::new(spec).ok()?;
    if let Change::Hours { date, hours } = change {
        let hosts = changed.pools.iter_mut().flatten();
        for host in hosts.filter(|host| Some(host.id) == reason.host) {
            host.schedule = host.schedule.add_to_date(date, vec![hours]);
        }
    }
    Some(changed)
}

/// Whether the reason for which the change was made is still there; nothing when the change cannot be made.
fn is_kept(facts: &Facts, reason: Reason, change: Change, start: Timestamp) -> Option<bool> {
    let start = match change {
        Change::StartTime(other) => other,
        _ => start,
    };
    let is_same = |other: &Reason| {
        let same = match (reason.refusal, other.refusal, change) {
            (BookRefusal::Busy { by }, BookRefusal::Busy { by: other }, _) => by == other,
            (_, BookRefusal::LimitReached { limit }, Change::Limit(new)) => limit == new,
            (refusal, other, _) => refusal.code() == other.code(),
        };
        same && other.host == reason.host
    };
    let reasons = with(facts, reason, change)?.offer().reasons(start);
    Some(reasons.iter().any(is_same))
}

/// The changes that are one step smaller, where it is certain that they do not help.
fn smaller(facts: &Facts, reason: Reason, change: Change, start: Timestamp) -> Vec<Change> {
    // What leaves this host out may let in another one of the pool.
    if facts.pools.iter().any(|pool| 1 < pool.len()) {
        return Vec::new();
    }
    match change {
        Change::MinimumNotice(minutes) => vec![Change::MinimumNotice(minutes + 1)],
        Change::BeforeBuffer(minutes) => vec![Change::BeforeBuffer(minutes + 1)],
        Change::AfterBuffer(minutes) => vec![Change::AfterBuffer(minutes + 1)],
        // A meeting of several invitees does not conflict with itself, and with another duration it may be another one.
        Change::Duration(_) if 1 < facts.event_type.capacity() => vec![],
        Change::Duration(minutes) => vec![Change::Duration(minutes + 1)],
        Change::StartTime(_) | Change::Increment(720) => vec![],
        Change::Increment(minutes) => vec![Change::Increment(minutes + 1), Change::Increment(720)],
        Change::RollingDays(days) => vec![Change::RollingDays(days - 1)],
        Change::StartDate(date) => vec![Change::StartDate(add_days(date, 1))],
        Change::EndDate(date) => vec![Change::EndDate(add_days(date, -1))],
        Change::Capacity(capacity) => vec![Change::Capacity(capacity - 1)],
        Change::Limit(limit) => {
            let cap = match limit.cap {
                LimitCap::Events(cap) => LimitCap::Events(cap - 1),
                LimitCap::Minutes(cap) => LimitCap::Minutes(cap - 1),
            };
            vec![Change::Limit(Limit { cap, ..limit })]
        }
        Change::Hours { date, hours } => {
            let host = host(facts, reason.host.unwrap());
            let missing = missing(facts, host, start);
            let smaller = smaller_hours(hours, missing, host.schedule.zone()).into_iter();
            smaller.map(|hours| Change::Hours { date, hours }).collect()
        }
    }
}

/// What of a meeting the hours of a host leave out.
fn missing(facts: &Facts, host: &Host, start: Timestamp) -> Interval {
    let meeting = facts.event_type.meeting_at(start).unwrap();
    let hours = host.schedule.hours(meeting);
    let missing = IntervalSet::from_intervals([meeting]).difference(&hours);
    let missing = missing.as_slice();
    Interval::new(missing[0].start(), missing[missing.len() - 1].end()).unwrap()
}

/// Hours that start a minute later or end a minute earlier.
///
/// None within a day of a clock change: hours that become one with others may then start or end elsewhere.
fn smaller_hours(hours: HoursInterval, missing: Interval, zone: &TimeZone) -> Vec<HoursInterval> {
    let day = SignedDuration::from_hours(24);
    let mut changes = zone.following(missing.start() - day);
    let next_change = changes.next().map(|change| change.timestamp());
    if next_change.is_some_and(|change| change <= missing.end() + day) {
        return Vec::new();
    }
    let minute = |time: TimeOfDay, by| TimeOfDay::new(time.minutes().checked_add_signed(by)?);
    let later = minute(hours.from(), 1);
    let later = later.and_then(|from| HoursInterval::new(from, hours.to()).ok());
    let earlier = minute(hours.to(), -1);
    let earlier = earlier.and_then(|to| HoursInterval::new(hours.from(), to).ok());
    later.into_iter().chain(earlier).collect()
}

/// Some starts of the grid, and some instants of which most are on none.
fn asked(facts: &Facts, grid: &[Timestamp], picks: &[Index]) -> Vec<Timestamp> {
    let seconds = usize::try_from(facts.range.duration().as_secs()).unwrap();
    let (on, off) = picks.split_at(picks.len() / 2);
    let on = on.iter().filter(|_| !grid.is_empty());
    let off = off.iter().map(|pick| {
        let second = i64::try_from(pick.index(seconds)).unwrap();
        // one in three lies between two minutes
        let second = if second % 3 == 0 {
            second
        } else {
            second / 60 * 60
        };
        facts.range.start() + SignedDuration::from_secs(second)
    });
    on.map(|pick| *pick.get(grid)).chain(off).collect()
}

proptest! {
    #![proptest_config(crate::config())]

    #[test]
    fn each_change_takes_its_reason_away_and_a_smaller_one_does_not(
        facts in facts(),
        picks in prop::collection::vec(any::<Index>(), 4),
    ) {
        let offer = facts.offer();
        let grid = offer.grid();
        for start in asked(&facts, &grid, &picks) {
            for Explanation { reason, changes, .. } in explain(&offer, &grid, start) {
                for change in changes {
                    let kept = is_kept(&facts, reason, change, start);
                    prop_assert_eq!(kept, Some(false), "{} with {:?} because of {:?}", start, change, reason);
                    for less in smaller(&facts, reason, change, start) {
                        let kept = is_kept(&facts, reason, less, start);
                        prop_assert_ne!(kept, Some(false), "{} with {:?} because of {:?}", start, less, reason);
                    }
                }
            }
        }
    }

    #[test]
    fn what_has_no_reasons_is_listed_and_can_be_booked_and_all_of_it_is_the_grid(
        facts in facts(),
        picks in prop::collection::vec(any::<Index>(), 4),
    ) {
        let offer = facts.offer();
        let (starts, grid) = (offer.starts(), offer.grid());
        prop_assert!(starts.iter().all(|start| grid.contains(start)));
        for start in asked(&facts, &grid, &picks).iter().chain(&grid) {
            let is_explained = !explain(&offer, &grid, *start).is_empty();
            prop_assert_eq!(is_explained, !starts.contains(start), "{}", start);
            prop_assert_eq!(is_explained, offer.decide(*start).is_err(), "{}", start);
        }
    }
}
