//! Which starts are on offer, by trying every minute with every host and every interval of their hours.
//!
//! Each rule is written as it is stated, and looked at alone, one after the other.

use std::sync::Arc;

use domain::busy::BusyInterval;
use domain::civil::add_days;
use domain::event_type::{BookingWindow, Limit, LimitCap, LimitPeriod};
use domain::interval::Interval;
use jiff::Timestamp;
use jiff::civil::Date;

use crate::facts::{Facts, Host, OURS};
use crate::minute_model::{Clock, SlowSchedule, between, instant_of, minute_of};

/// Facts, with the hours of all hosts worked out.
pub struct SlowOffer<'a> {
    facts: &'a Facts,
    pools: Vec<Vec<SlowHost<'a>>>,
}

struct SlowHost<'a> {
    facts: &'a Facts,
    host: &'a Host,
    clock: Arc<Clock>,
    schedule: SlowSchedule,
}

impl<'a> SlowOffer<'a> {
    pub fn new(facts: &'a Facts) -> SlowOffer<'a> {
        let slow = |host: &'a Host| {
            let clock = Clock::around(host.schedule.zone(), facts.middle);
            SlowHost {
                facts,
                host,
                schedule: SlowSchedule::around(&host.schedule, &clock, facts.range),
                clock,
            }
        };
        let pools = facts.pools.iter();
        SlowOffer {
            facts,
            pools: pools.map(|pool| pool.iter().map(slow).collect()).collect(),
        }
    }

    /// The minutes at which a host of each pool is free, and a grid of theirs comes by.
    pub fn starts(&self) -> Vec<Timestamp> {
        self.minutes_on_grid(|host, minute| self.keeps_notice(minute) && host.is_free(minute))
    }

    /// The minutes at which a host of each pool has hours, and a grid of theirs comes by.
    pub fn grid(&self) -> Vec<Timestamp> {
        self.minutes_on_grid(SlowHost::fits)
    }

    fn minutes_on_grid(&self, may_meet: impl Fn(&SlowHost<'a>, i64) -> bool) -> Vec<Timestamp> {
        let is_offered = |&minute: &i64| {
            let may_meet = |host: &&SlowHost<'a>| may_meet(host, minute);
            let pools: Vec<Vec<&SlowHost<'a>>> = self
                .pools
                .iter()
                .map(|pool| pool.iter().filter(may_meet).collect())
                .collect();
            let mut hosts = combinations(&pools).into_iter();
            hosts.any(|hosts| self.is_on_grid_of(&hosts, minute))
        };
        let minutes = minute_of(self.facts.range.start())..minute_of(self.facts.range.end());
        minutes.filter(is_offered).map(instant_of).collect()
    }

    /// Whether the minute is whole increments after the start of what an interval of each host has in common.
    fn is_on_grid_of(&self, hosts: &[&SlowHost<'a>], minute: i64) -> bool {
        let increment = self.facts.event_type.increment().as_mins();
        let holds = |&(start, end): &(i64, i64)| start <= minute && minute < end;
        let stated = |host: &&SlowHost<'a>| -> Vec<(i64, i64)> {
            let stated = host.schedule.stated.iter().copied();
            stated.filter(holds).collect()
        };
        let stated: Vec<Vec<(i64, i64)>> = hosts.iter().map(stated).collect();
        combinations(&stated).iter().any(|intervals| {
            let common = intervals.iter().map(|(start, _)| start).max();
            common.is_some_and(|start| (minute - start) % increment == 0)
        })
    }

    fn keeps_notice(&self, minute: i64) -> bool {
        let notice = self.facts.event_type.minimum_notice().as_mins();
        minute_of(self.facts.now) + notice <= minute
    }
}

impl SlowHost<'_> {
    fn is_free(&self, minute: i64) -> bool {
        let limits = self.facts.event_type.limits();
        self.fits(minute)
            && self.is_in_window(minute)
            && !self.conflicts(minute)
            && self.places_taken(minute) < self.facts.event_type.capacity()
            && (self.joins(minute) || limits.iter().all(|limit| self.is_within(*limit, minute)))
    }

    fn fits(&self, minute: i64) -> bool {
        let duration = self.facts.event_type.duration().as_mins();
        (minute..minute + duration).all(|minute| self.schedule.is_open(minute))
    }

    fn is_in_window(&self, minute: i64) -> bool {
        let today = self.clock.date(minute_of(self.facts.now));
        let date = self.clock.date(minute);
        match self.facts.event_type.window() {
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
        }
    }

    fn conflicts(&self, minute: i64) -> bool {
        let event_type = &self.facts.event_type;
        let meeting = self.meeting(minute);
        let buffered = meeting.expand(event_type.before_buffer(), event_type.after_buffer());
        self.host.busy.iter().any(|busy| {
            let overlaps = buffered.overlaps(&busy.interval) || meeting.overlaps(&busy.buffered);
            overlaps && !self.is_joined(busy, minute)
        })
    }

    fn joins(&self, minute: i64) -> bool {
        let mut busy = self.host.busy.iter();
        busy.any(|busy| self.is_joined(busy, minute))
    }

    fn places_taken(&self, minute: i64) -> i64 {
        let busy = self.host.busy.iter();
        let joined = busy.filter(|busy| self.is_joined(busy, minute));
        joined.map(|busy| busy.places).sum()
    }

    /// Whether whoever books the minute joins this, for it is a meeting of several invitees at just that time.
    fn is_joined(&self, busy: &BusyInterval, minute: i64) -> bool {
        let is_group = 1 < self.facts.event_type.capacity();
        is_group && busy.event_type == Some(OURS) && busy.interval == self.meeting(minute)
    }

    fn meeting(&self, minute: i64) -> Interval {
        between(minute, minute + self.facts.event_type.duration().as_mins())
    }

    fn is_within(&self, limit: Limit, minute: i64) -> bool {
        let date = self.clock.date(minute);
        let is_counted = |busy: &&BusyInterval| {
            let other = self.clock.date(minute_of(busy.interval.start()));
            busy.event_type == Some(OURS) && is_same_period(limit.per, date, other)
        };
        let busy = self.host.busy.iter().filter(is_counted);
        let mut counted: Vec<Interval> = busy.map(|busy| busy.interval).collect();
        if 1 < self.facts.event_type.capacity() {
            // Several rows of one time are one meeting with several invitees.
            counted.sort();
            counted.dedup();
        }
        let minutes = counted.iter().map(|meeting| meeting.duration().as_mins());
        let booked: i64 = minutes.sum();
        let asked = self.facts.event_type.duration().as_mins();
        match limit.cap {
            LimitCap::Events(cap) => counted.len() < usize::try_from(cap).unwrap(),
            LimitCap::Minutes(cap) => booked + asked <= i64::from(cap),
        }
    }
}

fn is_same_period(per: LimitPeriod, date: Date, other: Date) -> bool {
    let sunday = |date: Date| add_days(date, -i64::from(date.weekday().to_sunday_zero_offset()));
    match per {
        LimitPeriod::Day => date == other,
        LimitPeriod::Week => sunday(date) == sunday(other),
        LimitPeriod::Month => (date.year(), date.month()) == (other.year(), other.month()),
    }
}

/// Every way to take one out of each list, in the order of the lists, those of the first changing slowest.
pub fn combinations<T: Copy>(lists: &[Vec<T>]) -> Vec<Vec<T>> {
    lists.iter().fold(vec![Vec::new()], |begun, list| {
        let longer = |begun: &Vec<T>| {
            let begun = begun.clone();
            list.iter()
                .map(move |&item| [begun.clone(), vec![item]].concat())
                .collect::<Vec<_>>()
        };
        begun.iter().flat_map(longer).collect()
    })
}
