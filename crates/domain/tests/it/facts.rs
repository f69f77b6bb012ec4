//! Random facts of which starts are on offer: hosts in pools, each with hours and busy time, and an event type.

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
use proptest::sample::Index;
use uuid::Uuid;

use crate::minute_model::{between, instant_of, minute_of, odd_moment, odd_zone, schedule, wall};

/// The event type on offer.
pub const OURS: EventTypeId = EventTypeId(Uuid::from_u128(1));
const OTHERS: EventTypeId = EventTypeId(Uuid::from_u128(2));

/// All that decides which starts are on offer.
#[derive(Clone, Debug)]
pub struct Facts {
    /// The minute of an odd moment, around which all of it takes place.
    pub middle: i64,
    pub event_type: EventType,
    pub pools: Vec<Vec<Host>>,
    pub range: Interval,
    pub now: Timestamp,
}

/// A host, with busy time.
#[derive(Clone, Debug)]
pub struct Host {
    pub id: UserId,
    pub schedule: Schedule,
    pub busy: Busy,
}

impl Facts {
    pub fn offer(&self) -> Offer<'_> {
        self.offer_in(self.range)
    }

    pub fn offer_in(&self, range: Interval) -> Offer<'_> {
        let known = |host| Host::known(host);
        let pools = self.pools.iter();
        let pools = pools.map(|pool| pool.iter().map(known).collect()).collect();
        Offer::new(&self.event_type, pools, range, self.now)
    }

    pub fn starts(&self) -> Vec<Timestamp> {
        self.offer().starts()
    }

    /// What exactly these hosts offer, all of whom take part.
    pub fn offer_of<'a>(&'a self, hosts: &[&'a Host]) -> Offer<'a> {
        let pools = hosts.iter().map(|host| vec![host.known()]).collect();
        Offer::new(&self.event_type, pools, self.range, self.now)
    }

    pub fn hosts(&self) -> impl Iterator<Item = &Host> {
        self.pools.iter().flatten()
    }

    /// The same with other busy time.
    pub fn with_busy(&self, change: impl Fn(&Host) -> Busy) -> Facts {
        let mut facts = self.clone();
        for host in facts.pools.iter_mut().flatten() {
            host.busy = change(host);
        }
        facts
    }
}

impl Host {
    pub fn known(&self) -> HostFacts<'_> {
        HostFacts {
            host: self.id,
            schedule: &self.schedule,
            busy: &self.busy,
        }
    }

    pub fn add_busy(&mut self, busy: BusyInterval) {
        self.busy = Busy::new(self.busy.iter().copied().chain([busy]).collect());
    }
}

/// Facts of one host or several in pools, with some meetings booked on the grid.
pub fn facts() -> impl Strategy<Value = Facts> {
    let facts = odd_moment().prop_flat_map(|(zone, moment)| {
        let middle = minute_of(moment);
        let event_type = event_type(wall(&zone, middle).0);
        let now = (-600..100_i64).prop_map(move |offset| instant_of(middle + offset * 10));
        let zone = prop_oneof![3 => Just(zone), 2 => odd_zone()];
        let host = (schedule(zone, moment), busy_around(middle)).boxed();
        let pools = pools(host);
        (Just(middle), event_type, pools, range_around(middle), now)
    });
    let booked = prop::collection::vec(booked_place(), 0..4);
    (facts, booked).prop_map(|((middle, event_type, pools, range, now), booked)| {
        let mut facts = Facts {
            middle,
            event_type,
            pools: identified(pools),
            range,
            now,
        };
        let grid = facts.offer().grid();
        for place in booked.iter().filter(|_| !grid.is_empty()) {
            (0..place.rows).for_each(|_| book(&mut facts, place, *place.start.get(&grid)));
        }
        facts
    })
}

/// One host, round robin, a collective meeting, or a host out of each of several pools, of which some may have none.
fn pools<T: std::fmt::Debug>(host: BoxedStrategy<T>) -> impl Strategy<Value = Vec<Vec<T>>> {
    use prop::collection::vec;
    let pools = move |pools, hosts| vec(vec(host.clone(), hosts), pools);
    prop_oneof![
        4 => pools(1..=1_usize, 1..=1_usize),
        2 => pools(1..=1, 2..=3),
        2 => pools(2..=3, 1..=1),
        2 => pools(2..=3, 1..=3),
        1 => pools(0..=2, 0..=2),
    ]
}

fn identified(pools: Vec<Vec<(Schedule, Vec<BusyInterval>)>>) -> Vec<Vec<Host>> {
    let mut ids = (100..).map(|id| UserId(Uuid::from_u128(id)));
    let mut host = |(schedule, busy)| Host {
        id: ids.next().unwrap(),
        schedule,
        busy: Busy::new(busy),
    };
    let pools = pools.into_iter();
    pools
        .map(|pool| pool.into_iter().map(&mut host).collect())
        .collect()
}

/// Places that are booked of a meeting on the grid of all hosts.
#[derive(Clone, Debug)]
struct Booked {
    host: Index,
    start: Index,
    places: i64,
    rows: usize,
    kind: BusyKind,
}

fn booked_place() -> impl Strategy<Value = Booked> {
    let indices = (any::<Index>(), any::<Index>());
    (indices, 1..4_i64, 1..3_usize, kind()).prop_map(|((host, start), places, rows, kind)| Booked {
        host,
        start,
        places,
        rows,
        kind,
    })
}

/// Takes places of the meeting at `start` of one of the hosts.
fn book(facts: &mut Facts, booked: &Booked, start: Timestamp) {
    let interval = facts.event_type.meeting_at(start).unwrap();
    let buffered = facts.event_type.buffered(&interval);
    let mut hosts: Vec<&mut Host> = facts.pools.iter_mut().flatten().collect();
    let host = booked.host.get_mut(&mut hosts);
    host.add_busy(BusyInterval {
        interval,
        buffered,
        kind: booked.kind,
        source: host.id.0,
        event_type: Some(OURS),
        places: booked.places,
    });
}

fn kind() -> impl Strategy<Value = BusyKind> {
    prop::sample::select(&[BusyKind::ScheduledEvent, BusyKind::BusyTime, BusyKind::Hold][..])
}

/// Busy time within some days around a minute, some of it with buffers, some of it meetings of the event type.
pub fn busy_around(middle: i64) -> impl Strategy<Value = Vec<BusyInterval>> {
    let start = prop_oneof![2 => -80..80_i64, 1 => -300..300_i64];
    let event_type = prop::sample::select(&[None, Some(OTHERS), Some(OURS)][..]);
    let buffers = (0..3_i64, 0..3_i64);
    let times = (start, 1..16_i64, buffers, kind(), event_type).prop_map(
        move |(start, length, (before, after), kind, event_type)| {
            let interval = between(middle + start * 10, middle + (start + length) * 10);
            let buffered = interval.expand(
                SignedDuration::from_mins(before * 10),
                SignedDuration::from_mins(after * 10),
            );
            BusyInterval {
                interval,
                buffered,
                kind,
                source: Uuid::from_u128(7),
                event_type,
                places: 1,
            }
        },
    );
    prop::collection::vec(times, 0..8)
}

/// A range of some hours around a minute, and at times of up to two days.
pub fn range_around(middle: i64) -> impl Strategy<Value = Interval> {
    let some_hours = (-700..500_i64, 1..600_i64);
    let some_days = (-2000..1500_i64, 1..2800_i64);
    prop_oneof![9 => some_hours, 1 => some_days]
        .prop_map(move |(start, length)| between(middle + start, middle + start + length))
}

fn event_type(today: Date) -> impl Strategy<Value = EventType> {
    let minutes = |any: std::ops::Range<i64>, most: i64| prop_oneof![1 => any, 2 => (1..=most / 5).prop_map(|fives| fives * 5)];
    let lengths = (minutes(1..90, 90), minutes(5..100, 100));
    let buffers = (0..4_i64, 0..4_i64);
    let notice = prop_oneof![Just(0), 0..3000_i64];
    let limits = prop_oneof![3 => Just(Vec::new()), 2 => prop::collection::vec(limit(), 1..3)];
    let capacity = prop_oneof![2 => Just(1), 1 => 2..6_i64];
    (lengths, buffers, notice, window(today), limits, capacity).prop_map(
        |((duration, increment), (before, after), minimum_notice, window, limits, capacity)| {
            let spec = EventTypeSpec {
                id: OURS,
                duration,
                before_buffer: before * 15,
                after_buffer: after * 15,
                increment,
                minimum_notice,
                window,
                limits,
                capacity,
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
