//! The start times on offer.

use std::hint::black_box;

use domain::busy::Busy;
use domain::event_type::{BookingWindow, EventType, EventTypeSpec, Limit, LimitCap, LimitPeriod};
use domain::id::{EventTypeId, UserId};
use domain::interval::Interval;
use domain::schedule::Schedule;
use domain::slots::{HostFacts, Offer};
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use crate::measure::measure;
use crate::people::{meeting, meetings, range, schedule};

const DAYS: i64 = 31;

/// Half hours of one host and of several, with more and more that is busy, in the range and around it.
pub fn run() {
    println!(
        "available starts of 31 days, with the places left of each: microseconds a question, best (mean)"
    );
    println!("hosts               busy in range    in all   starts               taken");
    let half_hour = event_type(1, Vec::new());
    for busy in [20, 200, 2_000] {
        one("one", &half_hour, busy, busy);
    }
    for all in [20_000, 200_000] {
        one("one", &half_hour, 200, all);
    }
    let limits = [LimitPeriod::Day, LimitPeriod::Week, LimitPeriod::Month].map(|per| Limit {
        per,
        cap: LimitCap::Events(50),
    });
    let limited = event_type(1, limits.to_vec());
    one("one, 3 limits", &limited, 200, 200);
    one("one, 3 limits", &limited, 200, 200_000);
    one("one, 10 invitees", &event_type(10, Vec::new()), 200, 200);
    several("collective of 5", &half_hour, &[1; 5]);
    several("round robin of 10", &half_hour, &[10]);
    several("round robin of 100", &half_hour, &[100]);
    several("pools of 1, 4, 4", &half_hour, &[1, 4, 4]);
}

fn event_type(capacity: i64, limits: Vec<Limit>) -> EventType {
    EventType::new(EventTypeSpec {
        id: EventTypeId(Uuid::from_u128(1)),
        duration: 30,
        before_buffer: 0,
        after_buffer: 10,
        increment: 30,
        minimum_notice: 240,
        window: BookingWindow::Rolling {
            days: 60,
            weekdays_only: false,
        },
        limits,
        capacity,
    })
    .unwrap()
}

fn one(hosts: &str, event_type: &EventType, in_range: i64, in_all: i64) {
    let facts = Offer::facts_range(event_type, office().zone(), range(DAYS));
    let inside = meetings(facts, in_range);
    let outside = (0..in_all - in_range).map(|index| {
        let hours = SignedDuration::from_hours(index / 2 + 1);
        let (before, after) = (facts.start() - hours, facts.end() + hours);
        meeting(if index % 2 == 0 { before } else { after }, 15)
    });
    let busy = Busy::new(inside.iter().copied().chain(outside).collect());
    ask(hosts, event_type, &[vec![(office(), busy)]], in_range);
}

/// Hosts who are each busy at other times.
fn several(hosts: &str, event_type: &EventType, pools: &[usize]) {
    let mut seed = 0;
    let mut host = || {
        seed += 1;
        let shifted = range(DAYS).start() + SignedDuration::from_mins(seed * 25);
        let range = Interval::new(shifted, range(DAYS).end()).unwrap();
        (office(), meetings(range, 200))
    };
    let pool = |&hosts: &usize| (0..hosts).map(|_| host()).collect();
    let pools: Vec<Vec<(Schedule, Busy)>> = pools.iter().map(pool).collect();
    ask(hosts, event_type, &pools, 200);
}

fn office() -> Schedule {
    schedule("America/New_York", (9, 17), 5)
}

fn ask(hosts: &str, event_type: &EventType, pools: &[Vec<(Schedule, Busy)>], in_range: i64) {
    let (range, now) = (range(DAYS), range(DAYS).start());
    let answer = || starts(black_box(event_type), black_box(pools), range, now);
    let in_all = pools[0][0].1.iter().len();
    println!(
        "{hours:18}  {in_range:13}  {in_all:8}  {starts:7}  {taken}",
        hours = hosts,
        starts = answer().len(),
        taken = measure(answer).micros(),
    );
}

fn starts(
    event_type: &EventType,
    pools: &[Vec<(Schedule, Busy)>],
    range: Interval,
    now: Timestamp,
) -> Vec<(Timestamp, i64)> {
    let mut offered = Vec::with_capacity(pools.len());
    for pool in pools {
        let facts = pool.iter().map(|(schedule, busy)| HostFacts {
            host: UserId(Uuid::nil()),
            schedule,
            busy,
        });
        offered.push(facts.collect());
    }
    let offer = Offer::new(event_type, offered, range, now);
    let starts = offer.starts().into_iter();
    starts
        .map(|start| (start, offer.places_left(start)))
        .collect()
}
