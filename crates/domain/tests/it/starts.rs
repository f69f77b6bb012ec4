//! Which starts are on offer, compared with trying every minute.

use domain::booking::BookRefusal;
use domain::busy::{Busy, BusyInterval, BusyKind};
use domain::civil::add_days;
use domain::event_type::{BookingWindow, EventType, EventTypeSpec, Limit, LimitCap, LimitPeriod};
use domain::id::{EventTypeId, UserId};
use domain::interval::Interval;
use domain::schedule::Schedule;
use domain::slots::{HostFacts, Offer};
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use uuid::Uuid;

use crate::minute_model::{
    SlowSchedule, between, instant_of, minute_of, odd_moment, schedule, wall,
};
use crate::schedules::{busy_around, range_around};

const OURS: EventTypeId = EventTypeId(Uuid::from_u128(1));
const OTHERS: EventTypeId = EventTypeId(Uuid::from_u128(2));

/// All that decides which starts are on offer.
#[derive(Clone, Debug)]
struct Facts {
    event_type: EventType,
    schedule: Schedule,
    busy: Vec<BusyInterval>,
    range: Interval,
    now: Timestamp,
}

impl Facts {
    fn offer<'a>(&'a self, busy: &'a Busy, range: Interval) -> Offer<'a> {
        let host = HostFacts {
            host: UserId(Uuid::from_u128(1)),
            schedule: &self.schedule,
            busy,
        };
        Offer::new(&self.event_type, vec![vec![host]], range, self.now)
    }

    fn starts(&self) -> Vec<Timestamp> {
        self.starts_in(self.range)
    }

    fn starts_in(&self, range: Interval) -> Vec<Timestamp> {
        let busy = Busy::new(self.busy.clone());
        self.offer(&busy, range).starts()
    }
}

fn facts() -> impl Strategy<Value = Facts> {
    odd_moment().prop_flat_map(|(zone, moment)| {
        let middle = minute_of(moment);
        let today = wall(&zone, middle).0;
        let busy = busy_around(middle).prop_flat_map(|busy| {
            let count = busy.len();
            (Just(busy), prop::collection::vec(any::<bool>(), count)).prop_map(of_event_types)
        });
        let now = (-6000..1000_i64).prop_map(move |offset| instant_of(middle + offset));
        (
            event_type(today),
            schedule(zone, moment),
            busy,
            range_around(middle),
            now,
        )
            .prop_map(|(event_type, schedule, busy, range, now)| Facts {
                event_type,
                schedule,
                busy,
                range,
                now,
            })
    })
}

fn of_event_types((mut busy, ours): (Vec<BusyInterval>, Vec<bool>)) -> Vec<BusyInterval> {
    for (busy, is_ours) in busy.iter_mut().zip(ours) {
        busy.event_type = Some(if is_ours { OURS } else { OTHERS });
    }
    busy
}

fn event_type(today: Date) -> impl Strategy<Value = EventType> {
    let buffers = (0..4_i64, 0..4_i64);
    let notice = prop_oneof![Just(0), 0..3000_i64];
    let limits = prop_oneof![3 => Just(Vec::new()), 2 => prop::collection::vec(limit(), 1..3)];
    (
        1..90_i64,
        buffers,
        5..100_i64,
        notice,
        window(today),
        limits,
    )
        .prop_map(
            |(duration, (before, after), increment, minimum_notice, window, limits)| {
                let spec = EventTypeSpec {
                    id: OURS,
                    duration,
                    before_buffer: before * 15,
                    after_buffer: after * 15,
                    increment,
                    minimum_notice,
                    window,
                    limits,
                    capacity: 1,
                };
                EventType::new(spec).unwrap()
            },
        )
}

fn window(today: Date) -> impl Strategy<Value = BookingWindow> {
    let rolling =
        (0..8_u16, any::<bool>()).prop_map(|(days, weekdays_only)| BookingWindow::Rolling {
            days,
            weekdays_only,
        });
    let range = (-3..3_i64, 0..4_i64).prop_map(move |(start, length)| BookingWindow::Range {
        start: add_days(today, start),
        end: add_days(today, start + length),
    });
    prop_oneof![2 => Just(BookingWindow::Unlimited), 1 => rolling, 1 => range]
}

fn limit() -> impl Strategy<Value = Limit> {
    let per = prop::sample::select(&[LimitPeriod::Day, LimitPeriod::Week, LimitPeriod::Month][..]);
    let cap = prop_oneof![
        (1..4_u32).prop_map(LimitCap::Events),
        (30..300_u32).prop_map(LimitCap::Minutes)
    ];
    (per, cap).prop_map(|(per, cap)| Limit { per, cap })
}

/// Tries every minute of the range against each rule as it is written, one after the other.
fn slow_starts(facts: &Facts) -> Vec<Timestamp> {
    let schedule = SlowSchedule::around(&facts.schedule, facts.range);
    let minutes = minute_of(facts.range.start())..minute_of(facts.range.end());
    let bookable = minutes.filter(|&minute| {
        is_on_grid(facts, &schedule, minute)
            && keeps_notice_and_window(facts, minute)
            && !conflicts(facts, minute)
            && facts
                .event_type
                .limits()
                .iter()
                .all(|limit| is_within(facts, *limit, minute))
    });
    bookable.map(instant_of).collect()
}

fn is_on_grid(facts: &Facts, schedule: &SlowSchedule, minute: i64) -> bool {
    let increment = facts.event_type.increment().as_mins();
    let fits = (minute..minute + facts.event_type.duration().as_mins())
        .all(|minute| schedule.is_open(minute));
    let mut anchors = schedule.stated.iter();
    fits && anchors
        .any(|&(start, end)| start <= minute && minute < end && (minute - start) % increment == 0)
}

fn keeps_notice_and_window(facts: &Facts, minute: i64) -> bool {
    let zone = facts.schedule.zone();
    let (date, today) = (wall(zone, minute).0, wall(zone, minute_of(facts.now)).0);
    let is_open = match facts.event_type.window() {
        BookingWindow::Unlimited => true,
        BookingWindow::Range { start, end } => start <= date && date <= end,
        BookingWindow::Rolling {
            days,
            weekdays_only,
        } => {
            let mut counted = 0;
            let mut last = today;
            while counted < days {
                last = last.tomorrow().unwrap();
                let is_weekday = last.weekday().to_monday_zero_offset() < 5;
                counted += u16::from(is_weekday || !weekdays_only);
            }
            date <= last
        }
    };
    is_open && minute_of(facts.now) + facts.event_type.minimum_notice().as_mins() <= minute
}

fn conflicts(facts: &Facts, minute: i64) -> bool {
    let meeting = between(minute, minute + facts.event_type.duration().as_mins());
    let buffered = meeting.expand(
        facts.event_type.before_buffer(),
        facts.event_type.after_buffer(),
    );
    facts
        .busy
        .iter()
        .any(|busy| buffered.overlaps(&busy.interval) || meeting.overlaps(&busy.buffered))
}

fn is_within(facts: &Facts, limit: Limit, minute: i64) -> bool {
    let zone = facts.schedule.zone();
    let date = wall(zone, minute).0;
    let is_counted = |busy: &&BusyInterval| {
        let other = wall(zone, minute_of(busy.interval.start())).0;
        let sunday =
            |date: Date| add_days(date, -i64::from(date.weekday().to_sunday_zero_offset()));
        let same_period = match limit.per {
            LimitPeriod::Day => date == other,
            LimitPeriod::Week => sunday(date) == sunday(other),
            LimitPeriod::Month => (date.year(), date.month()) == (other.year(), other.month()),
        };
        same_period && busy.event_type == Some(OURS)
    };
    let counted: Vec<&BusyInterval> = facts.busy.iter().filter(is_counted).collect();
    let booked: i64 = counted
        .iter()
        .map(|busy| busy.interval.duration().as_mins())
        .sum();
    match limit.cap {
        LimitCap::Events(cap) => counted.len() < usize::try_from(cap).unwrap(),
        LimitCap::Minutes(cap) => booked + facts.event_type.duration().as_mins() <= i64::from(cap),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, ..ProptestConfig::default() })]

    #[test]
    fn starts_are_the_minutes_that_every_rule_allows(facts in facts()) {
        prop_assert_eq!(facts.starts(), slow_starts(&facts));
    }

    #[test]
    fn every_start_on_offer_can_be_booked_and_every_other_minute_is_refused(facts in facts()) {
        let busy = Busy::new(facts.busy.clone());
        let offer = facts.offer(&busy, facts.range);
        let starts = offer.starts();
        for start in (minute_of(facts.range.start())..minute_of(facts.range.end())).map(instant_of) {
            let decision = offer.decide(start);
            prop_assert_eq!(decision.is_ok(), starts.contains(&start), "{}", start);
            prop_assert_eq!(decision.err(), offer.reasons(start).first().map(|reason| reason.refusal));
        }
    }

    #[test]
    fn starts_do_not_depend_on_the_range_that_is_asked_for(facts in facts(), length in 1..2000_usize) {
        let mut piecewise = Vec::new();
        for start in (minute_of(facts.range.start())..minute_of(facts.range.end())).step_by(length) {
            let end = instant_of(start + i64::try_from(length).unwrap()).min(facts.range.end());
            piecewise.extend(facts.starts_in(Interval::new(instant_of(start), end).unwrap()));
        }
        prop_assert_eq!(facts.starts(), piecewise);
    }

    #[test]
    fn starts_do_not_depend_on_the_order_of_busy_time(facts in facts()) {
        let mut reversed = facts.clone();
        reversed.busy.reverse();
        prop_assert_eq!(facts.starts(), reversed.starts());
    }

    #[test]
    fn more_busy_time_never_adds_a_start(facts in facts()) {
        let all = facts.starts();
        let mut less = facts.clone();
        while less.busy.pop().is_some() {
            let more_starts = less.starts();
            prop_assert!(all.iter().all(|start| more_starts.contains(start)));
        }
    }

    #[test]
    fn the_facts_range_holds_all_that_matters(facts in facts()) {
        let zone = facts.schedule.zone();
        let known = Offer::facts_range(&facts.event_type, zone, facts.range);
        let mut enough = facts.clone();
        enough.busy.retain(|busy| busy.interval.overlaps(&known));
        prop_assert_eq!(facts.starts(), enough.starts());
    }

    #[test]
    fn a_booked_start_is_gone_and_what_is_booked_never_overlaps(facts in facts()) {
        let mut facts = facts;
        while let Some(&start) = facts.starts().last() {
            let buffered_before = Busy::new(facts.busy.clone());
            let meeting = facts.event_type.meeting_at(start).unwrap();
            prop_assert!(!buffered_before.buffered_set().overlaps(meeting));
            let buffered = facts.event_type.buffered(&meeting);
            let (kind, source) = (BusyKind::ScheduledEvent, Uuid::from_u128(9));
            facts.busy.push(BusyInterval { interval: meeting, buffered, kind, source, event_type: Some(OURS) , places: 1});
            let busy = Busy::new(facts.busy.clone());
            let offer = facts.offer(&busy, facts.range);
            let is_taken = matches!(offer.decide(start), Err(BookRefusal::Busy { .. }));
            prop_assert!(is_taken);
        }
    }

    #[test]
    fn the_nearest_starts_are_none_farther_than_any_other(facts in facts(), offset in -500..3000_i64, count in 0..5_usize) {
        let busy = Busy::new(facts.busy.clone());
        let offer = facts.offer(&busy, facts.range);
        let wanted = facts.range.start() + SignedDuration::from_mins(offset);
        let (starts, nearest) = (offer.starts(), offer.nearest(wanted, count));
        prop_assert_eq!(nearest.len(), count.min(starts.len()));
        prop_assert!(nearest.is_sorted() && nearest.iter().all(|start| starts.contains(start)));
        let distance = |start: &Timestamp| start.duration_since(wanted).abs();
        let farthest = nearest.iter().map(distance).max();
        let others = starts.iter().filter(|start| !nearest.contains(start));
        prop_assert!(others.map(distance).all(|other| farthest.is_none_or(|farthest| farthest <= other)));
    }
}
