//! Free time → start times on offer.
//!
//! An [`Offer`] is compiled once a request and answers everything about start times: which there are, whether one may be
//! booked, why not, and which hosts are free. All answers come from one list of policies, so they cannot disagree.
//!
//! A meeting needs one host out of each of its pools: a host who always takes part is a pool of one, a collective
//! meeting has a pool a host, round robin is one pool of all.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::booking::BookRefusal;
use crate::busy::Busy;
use crate::event_type::{EventType, MAX_BUFFER};
use crate::id::{ScheduledEventId, UserId};
use crate::interval::{Interval, shift};
use crate::schedule::Schedule;

use grid::{Stretch, comes_by, of_any, shared_anchors, shared_starts};
use host::HostOffer;
use limits::whole_periods;

pub(crate) mod grid;
pub(crate) mod host;
mod limits;
mod sweep;
#[cfg(test)]
mod tests;
pub(crate) mod window;

/// What is known of one host.
#[derive(Clone, Copy, Debug)]
pub struct HostFacts<'a> {
    /// Who.
    pub host: UserId,
    /// Their hours.
    pub schedule: &'a Schedule,
    /// All that takes their time in [`Offer::facts_range`].
    pub busy: &'a Busy,
}

/// What the hosts of an event type offer: the start times in a range, as things were at one instant.
///
/// Which starts are on offer depends neither on the range that is asked for nor on who asks; a range only bounds the
/// answer. What is busy takes starts away and never adds or moves one.
#[derive(Clone, Debug)]
pub struct Offer<'a> {
    event_type: &'a EventType,
    now: Timestamp,
    earliest: Timestamp,
    pools: Vec<Vec<HostOffer<'a>>>,
}

/// A reason why a start cannot be booked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reason {
    /// The reason.
    pub refusal: BookRefusal,
    /// Whose it is; nobody's where it is that of the event type.
    pub host: Option<UserId>,
}

/// A host who is free for a meeting.
#[derive(Clone, Debug)]
pub(crate) struct FreeHost {
    pub(crate) host: UserId,
    /// The starts of all hours that are open when the meeting starts.
    pub(crate) anchors: Vec<Timestamp>,
}

impl<'a> Offer<'a> {
    /// What is on offer in `range` at `now`, when a meeting takes one host out of each of the pools.
    pub fn new(
        event_type: &'a EventType,
        pools: Vec<Vec<HostFacts<'a>>>,
        range: Interval,
        now: Timestamp,
    ) -> Offer<'a> {
        let offer = |facts: HostFacts<'a>| HostOffer::new(event_type, facts, range, now);
        let pool = |pool: Vec<HostFacts<'a>>| pool.into_iter().map(offer).collect();
        Offer {
            event_type,
            now,
            earliest: shift(now, event_type.minimum_notice()),
            pools: pools.into_iter().map(pool).collect(),
        }
    }

    /// In what range a host's busy time must be known to decide the starts in `range`.
    ///
    /// That is the meetings with the longest buffer on either side, which may be the new meeting's or that of what is
    /// there, and where the event type has limits the whole days, weeks and months that are touched, in the host's zone.
    /// Busy time whose interval, without buffers, does not overlap the result decides nothing.
    pub fn facts_range(event_type: &EventType, zone: &TimeZone, range: Interval) -> Interval {
        let around = range.expand(MAX_BUFFER, event_type.duration() + MAX_BUFFER);
        event_type.limits().iter().fold(around, |facts, limit| {
            let periods = whole_periods(limit.per, zone, range);
            let before = facts.start().duration_since(periods.start());
            let after = periods.end().duration_since(facts.end());
            facts.expand(before, after)
        })
    }

    /// The event type that is on offer.
    pub fn event_type(&self) -> &'a EventType {
        self.event_type
    }

    /// All starts in the range that can be booked, ascending.
    pub fn starts(&self) -> Vec<Timestamp> {
        self.on_grid(|host| host.open_stretches(self.earliest))
    }

    /// All starts of the grid in the range, whether or not they can be booked, ascending.
    pub fn grid(&self) -> Vec<Timestamp> {
        self.on_grid(HostOffer::fitting_stretches)
    }

    fn on_grid(&self, stretches: impl Fn(&HostOffer<'a>) -> Vec<Stretch>) -> Vec<Timestamp> {
        let of_pool = |pool: &Vec<HostOffer<'a>>| of_any(pool.iter().map(&stretches));
        let pools: Vec<Vec<Stretch>> = self.pools.iter().map(of_pool).collect();
        shared_starts(&pools, self.event_type.increment())
    }

    /// The meeting that starts at `start`, or the reason why it cannot be booked.
    ///
    /// Of several reasons it is the one that the policies come to first; of a pool of hosts, that of the host who comes
    /// closest. A start outside the range is outside the hours, for nothing is known there.
    pub fn decide(&self, start: Timestamp) -> Result<Interval, BookRefusal> {
        let meeting = self
            .event_type
            .meeting_at(start)
            .ok_or(BookRefusal::OutsideHours)?;
        if let Some(refusal) = self.too_early(start).into_iter().next() {
            return Err(refusal);
        }
        if self.is_open(start) {
            return Ok(meeting);
        }
        let of_hosts = self
            .pools
            .iter()
            .filter_map(|pool| nearest_refusal(pool, meeting));
        let off_grid = self.is_off_grid(start, meeting);
        let refusals = of_hosts.chain(off_grid.then_some(BookRefusal::OffGrid));
        Err(refusals
            .min_by_key(BookRefusal::order)
            .unwrap_or(BookRefusal::OutsideHours))
    }

    /// Every reason why `start` cannot be booked, in the order of the policies; none when it can.
    ///
    /// Of a pool in which some host is free, the others give no reasons. A pool without hosts has no hours.
    pub fn reasons(&self, start: Timestamp) -> Vec<Reason> {
        let own = |refusal| Reason {
            refusal,
            host: None,
        };
        let Some(meeting) = self.event_type.meeting_at(start) else {
            return vec![own(BookRefusal::OutsideHours)];
        };
        let mut reasons: Vec<Reason> = self.too_early(start).into_iter().map(own).collect();
        for pool in self.pools.iter().filter(|pool| !is_any_free(pool, meeting)) {
            let of_host = |host: &HostOffer<'a>| {
                let id = Some(host.host());
                let refusals = host.refusals(meeting).into_iter();
                refusals.map(move |refusal| Reason { refusal, host: id })
            };
            reasons.extend(pool.iter().flat_map(of_host));
            reasons.extend(pool.is_empty().then(|| own(BookRefusal::OutsideHours)));
        }
        if self.is_off_grid(start, meeting) {
            reasons.push(own(BookRefusal::OffGrid));
        }
        reasons.sort_by_key(|reason| reason.refusal.order());
        reasons
    }

    /// The `count` bookable starts in the range that are nearest to `start`, ascending. Of two as near, the earlier wins.
    pub fn nearest(&self, start: Timestamp, count: usize) -> Vec<Timestamp> {
        nearest_of(self.starts(), start, count)
    }

    /// The same of those at which nobody has booked or holds a place: to them a meeting of several invitees can move.
    pub fn nearest_untouched(&self, start: Timestamp, count: usize) -> Vec<Timestamp> {
        let mut starts = self.starts();
        starts.retain(|&start| self.places_left(start) == self.event_type.capacity());
        nearest_of(starts, start, count)
    }

    /// How many more invitees the meeting at `start`, which is open, can take, whichever host of a pool holds it.
    pub fn places_left(&self, start: Timestamp) -> i64 {
        let capacity = self.event_type.capacity();
        if capacity == 1 {
            // nobody joins a meeting that is there
            return 1;
        }
        let Some(meeting) = self.event_type.meeting_at(start) else {
            return capacity;
        };
        let taken = self.hosts().map(|host| (host, host.places_taken(meeting)));
        let taken = taken.filter(|(host, taken)| 0 < *taken && host.is_free(meeting));
        capacity - taken.map(|(_, taken)| taken).max().unwrap_or(0)
    }

    /// The meeting of several invitees that takes place at `start` already and has places left.
    pub fn meeting_to_join(&self, start: Timestamp) -> Option<ScheduledEventId> {
        let meeting = self.event_type.meeting_at(start)?;
        let mut free = self.hosts().filter(|host| host.is_free(meeting));
        free.find_map(|host| host.meeting_to_join(meeting))
    }

    /// The instant at which all this was so.
    pub(crate) fn now(&self) -> Timestamp {
        self.now
    }

    /// What one of the hosts offers.
    pub(crate) fn of_host(&self, host: UserId) -> Option<&HostOffer<'a>> {
        self.hosts().find(|offer| offer.host() == host)
    }

    /// From where a grid could come by the meeting, of hosts who are free, or at least have hours.
    pub(crate) fn anchors_at(&self, meeting: Interval) -> Vec<Timestamp> {
        let hosts = self.enough_hosts(meeting);
        hosts.map_or_else(Vec::new, |hosts| shared_anchors(&hosts))
    }

    /// The hosts of each pool who are free for the meeting at `start`.
    pub(crate) fn free_hosts(&self, meeting: Interval) -> Vec<Vec<FreeHost>> {
        let free = |pool: &Vec<HostOffer<'a>>| {
            let free = pool.iter().filter(|host| host.is_free(meeting));
            free.map(|host| host.at(meeting)).collect()
        };
        self.pools.iter().map(free).collect()
    }

    /// Whether the hosts of each pool have hours of which a grid of starts comes by `start`.
    pub(crate) fn share_a_grid(&self, start: Timestamp, pools: &[Vec<FreeHost>]) -> bool {
        let increment = self.event_type.increment();
        let mut anchors = shared_anchors(pools).into_iter();
        anchors.any(|anchor| comes_by(start, anchor, increment))
    }

    fn hosts(&self) -> impl Iterator<Item = &HostOffer<'a>> {
        self.pools.iter().flatten()
    }

    /// Whether a meeting may be booked at `start`.
    pub(crate) fn is_open(&self, start: Timestamp) -> bool {
        let Some(meeting) = self.event_type.meeting_at(start) else {
            return false;
        };
        // where a pool has nobody free there is no grid either
        self.too_early(start).is_empty() && self.share_a_grid(start, &self.free_hosts(meeting))
    }

    /// Whether enough hosts are free, or at least have hours, but no grid of theirs comes by `start`.
    fn is_off_grid(&self, start: Timestamp, meeting: Interval) -> bool {
        let hosts = self.enough_hosts(meeting);
        hosts.is_some_and(|hosts| !self.share_a_grid(start, &hosts))
    }

    /// Those who are free, or else those who have hours, if each pool has one.
    fn enough_hosts(&self, meeting: Interval) -> Option<Vec<Vec<FreeHost>>> {
        let is_enough = |pools: &Vec<Vec<FreeHost>>| pools.iter().all(|pool| !pool.is_empty());
        let candidates = [self.free_hosts(meeting), self.open_hosts(meeting)];
        candidates.into_iter().find(is_enough)
    }

    /// The hosts of each pool in whose hours the meeting lies.
    fn open_hosts(&self, meeting: Interval) -> Vec<Vec<FreeHost>> {
        let open = |pool: &Vec<HostOffer<'a>>| {
            let open = pool.iter().filter(|host| host.is_open(meeting));
            open.map(|host| host.at(meeting)).collect()
        };
        self.pools.iter().map(open).collect()
    }

    fn too_early(&self, start: Timestamp) -> Vec<BookRefusal> {
        let earliest = self.earliest;
        let past = (start < self.now).then_some(BookRefusal::InThePast);
        let soon = (start < earliest).then_some(BookRefusal::MinimumNotice { earliest });
        past.into_iter().chain(soon).collect()
    }
}

fn nearest_of(mut starts: Vec<Timestamp>, start: Timestamp, count: usize) -> Vec<Timestamp> {
    starts.sort_by_key(|&other| (other.duration_since(start).abs(), other));
    starts.truncate(count);
    starts.sort();
    starts
}

fn is_any_free(pool: &[HostOffer<'_>], meeting: Interval) -> bool {
    pool.iter().any(|host| host.is_free(meeting))
}

/// What keeps the host from a meeting who comes closest to it; nothing when one is free.
fn nearest_refusal(pool: &[HostOffer<'_>], meeting: Interval) -> Option<BookRefusal> {
    let first = |host: &HostOffer<'_>| host.refusals(meeting).into_iter().next();
    let firsts: Option<Vec<BookRefusal>> = pool.iter().map(first).collect();
    firsts.map(|firsts| {
        firsts
            .into_iter()
            .max_by_key(BookRefusal::order)
            .unwrap_or(BookRefusal::OutsideHours)
    })
}
