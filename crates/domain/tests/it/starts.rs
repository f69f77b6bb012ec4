//! Which starts are on offer, compared with trying every minute.

use domain::booking::BookRefusal;
use domain::busy::{Busy, BusyInterval, BusyKind};
use domain::event_type::{BookingWindow, EventType, EventTypeSpec};
use domain::interval::Interval;
use domain::slots::Offer;
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use uuid::Uuid;

use crate::config;
use crate::facts::{Facts, Host, OURS, facts};
use crate::minute_model::{instant_of, minute_of};
use crate::slow_starts::SlowOffer;

/// How an event type would be stated.
fn spec(event_type: &EventType) -> EventTypeSpec {
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

fn without_limits(event_type: &EventType) -> EventType {
    let spec = EventTypeSpec {
        limits: Vec::new(),
        ..spec(event_type)
    };
    EventType::new(spec).unwrap()
}

/// Meetings of the same length at the same steps, which anybody may book at any time.
fn without_policies(event_type: &EventType) -> EventType {
    let spec = EventTypeSpec {
        before_buffer: 0,
        after_buffer: 0,
        minimum_notice: 0,
        window: BookingWindow::Unlimited,
        capacity: 1,
        ..spec(&without_limits(event_type))
    };
    EventType::new(spec).unwrap()
}

/// Consecutive ranges of so many minutes that make up a whole.
fn pieces(range: Interval, length: usize) -> impl Iterator<Item = Interval> {
    let starts = (minute_of(range.start())..minute_of(range.end())).step_by(length);
    starts.map(move |start| {
        let end = instant_of(start + i64::try_from(length).unwrap()).min(range.end());
        Interval::new(instant_of(start), end).unwrap()
    })
}

fn reversed(busy: &Busy) -> Busy {
    let mut busy: Vec<BusyInterval> = busy.iter().copied().collect();
    busy.reverse();
    Busy::new(busy)
}

/// A meeting of all hosts of one pool or several, each alone in theirs.
fn book(facts: &mut Facts, meeting: Interval) {
    let booked = BusyInterval {
        interval: meeting,
        buffered: facts.event_type.buffered(&meeting),
        kind: BusyKind::ScheduledEvent,
        source: Uuid::from_u128(9),
        event_type: Some(OURS),
        places: 1,
    };
    for host in facts.pools.iter_mut().flatten() {
        host.add_busy(booked);
    }
}

/// Start and length in minutes, the buffers, and whether it is a meeting of the event type.
type FarBusy = (i64, i64, i64, bool);

/// Busy time of the weeks before and after.
fn far_busy() -> impl Strategy<Value = Vec<FarBusy>> {
    let start = prop_oneof![-90_000..90_000_i64, -3000..3000_i64];
    let busy = (start, 1..3000_i64, 0..=180_i64, any::<bool>());
    prop::collection::vec(busy, 0..30)
}

fn far_from(middle: i64, &(start, length, buffers, is_ours): &FarBusy) -> BusyInterval {
    let start = instant_of(middle + start);
    let interval = Interval::new(start, start + SignedDuration::from_mins(length)).unwrap();
    let buffer = SignedDuration::from_mins(buffers);
    BusyInterval {
        interval,
        buffered: interval.expand(buffer, buffer),
        kind: BusyKind::ScheduledEvent,
        source: Uuid::from_u128(9),
        event_type: is_ours.then_some(OURS),
        places: 1,
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn starts_and_grid_are_the_minutes_that_every_rule_allows(facts in facts()) {
        let (offer, slow) = (facts.offer(), SlowOffer::new(&facts));
        let (starts, grid) = (offer.starts(), offer.grid());
        prop_assert_eq!(&starts, &slow.starts());
        prop_assert_eq!(&grid, &slow.grid());
        prop_assert!(starts.iter().all(|start| grid.contains(start)));
    }

    #[test]
    fn the_grid_depends_on_nothing_but_hours_and_event_type(facts in facts(), minutes in -9000..9000_i64) {
        let mut other = facts.with_busy(|_| Busy::default());
        other.now = instant_of(facts.middle + minutes);
        other.event_type = without_policies(&facts.event_type);
        prop_assert_eq!(facts.offer().grid(), other.offer().grid());
        // In the past of all of it, without any policy, what is on the grid is on offer.
        other.now = instant_of(facts.middle - 9000);
        prop_assert_eq!(other.starts(), other.offer().grid());
    }

    #[test]
    fn starts_and_grid_do_not_depend_on_the_range_that_is_asked_for(facts in facts(), length in 1..500_usize) {
        let whole = facts.offer();
        let length = length.max(usize::try_from(facts.range.duration().as_mins()).unwrap() / 8);
        let (mut starts, mut grid) = (Vec::new(), Vec::new());
        for piece in pieces(facts.range, length) {
            let offer = facts.offer_in(piece);
            starts.extend(offer.starts());
            grid.extend(offer.grid());
        }
        prop_assert_eq!((whole.starts(), whole.grid()), (starts, grid));
    }

    #[test]
    fn starts_do_not_depend_on_the_order_of_busy_time_hosts_or_pools(facts in facts()) {
        let mut reversed = facts.with_busy(|host| reversed(&host.busy));
        reversed.pools.reverse();
        reversed.pools.iter_mut().for_each(|pool| pool.reverse());
        prop_assert_eq!(facts.starts(), reversed.starts());
        prop_assert_eq!(facts.offer().grid(), reversed.offer().grid());
    }

    #[test]
    fn more_busy_time_never_adds_a_start(facts in facts()) {
        let mut facts = facts;
        if 1 < facts.event_type.capacity() {
            // Whoever joins a meeting makes no new one: what is booked may be open where a limit keeps others out.
            facts.event_type = without_limits(&facts.event_type);
        }
        let all = facts.starts();
        let mut less = facts.clone();
        while less.hosts().any(|host| 0 < host.busy.iter().len()) {
            less = less.with_busy(|host| Busy::new(host.busy.iter().skip(1).copied().collect()));
            let more_starts = less.starts();
            prop_assert!(all.iter().all(|start| more_starts.contains(start)));
        }
    }

    #[test]
    fn another_host_in_a_pool_never_takes_a_start(facts in facts()) {
        let all = facts.starts();
        for place in 0..facts.pools.len() {
            let mut fewer = facts.clone();
            fewer.pools[place].pop();
            prop_assert!(fewer.starts().iter().all(|start| all.contains(start)));
        }
    }

    #[test]
    fn the_facts_range_holds_all_that_matters(facts in facts()) {
        let enough = facts.with_busy(|host: &Host| {
            let known = Offer::facts_range(&facts.event_type, host.schedule.zone(), facts.range);
            let busy = host.busy.iter().copied();
            Busy::new(busy.filter(|busy| busy.interval.overlaps(&known)).collect())
        });
        prop_assert_eq!(facts.starts(), enough.starts());
    }

    #[test]
    fn busy_time_beyond_the_facts_range_changes_nothing(facts in facts(), far in far_busy()) {
        let known = |host: &Host| Offer::facts_range(&facts.event_type, host.schedule.zone(), facts.range);
        let enough = facts.with_busy(|host| {
            let busy = host.busy.iter().copied();
            Busy::new(busy.filter(|busy| busy.interval.overlaps(&known(host))).collect())
        });
        let wider = facts.with_busy(|host| {
            let far = far.iter().map(|far| far_from(facts.middle, far));
            let beyond = far.filter(|busy| !busy.interval.overlaps(&known(host)));
            Busy::new(host.busy.iter().copied().chain(beyond).collect())
        });
        let (enough, wider) = (enough.offer(), wider.offer());
        prop_assert_eq!(enough.starts(), wider.starts());
        prop_assert_eq!(enough.grid(), wider.grid());
        let minutes = minute_of(facts.range.start())..minute_of(facts.range.end());
        for start in minutes.step_by(37).map(instant_of).chain(enough.grid().into_iter().step_by(5)) {
            prop_assert_eq!(enough.reasons(start), wider.reasons(start), "{}", start);
            prop_assert_eq!(enough.places_left(start), wider.places_left(start), "{}", start);
        }
    }

    #[test]
    fn a_booked_start_is_gone_and_what_is_booked_never_overlaps(facts in facts(), take in any::<prop::sample::Index>()) {
        let mut facts = facts;
        facts.pools.iter_mut().for_each(|pool| pool.truncate(1));
        for _ in 0..6 {
            let starts = facts.starts();
            if starts.is_empty() {
                break;
            }
            let start = *take.get(&starts);
            let meeting = facts.event_type.meeting_at(start).unwrap();
            let left = facts.offer().places_left(start);
            if left == facts.event_type.capacity() {
                prop_assert!(facts.hosts().all(|host| !host.busy.buffered_set().overlaps(meeting)));
            }
            book(&mut facts, meeting);
            let offer = facts.offer();
            let is_gone = match offer.decide(start) {
                Ok(_) => offer.places_left(start) == left - 1,
                Err(BookRefusal::Full { .. }) => left == 1 && 1 < facts.event_type.capacity(),
                Err(BookRefusal::Busy { .. }) => facts.event_type.capacity() == 1,
                Err(_) => false,
            };
            prop_assert!(is_gone, "{} {:?}", start, offer.decide(start));
        }
    }

    #[test]
    fn the_nearest_starts_are_none_farther_than_any_other(facts in facts(), offset in -500..3000_i64, count in 0..5_usize) {
        let offer = facts.offer();
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
