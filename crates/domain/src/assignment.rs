//! Which hosts hold a meeting: out of each pool one who is free, in turn.
//!
//! The turn is fair: hosts of one priority hold meetings by their weights, so that nobody is ever a whole meeting ahead
//! or behind while all are free. It is the quota method of apportionment (M. L. Balinski and H. P. Young, 1975).

use std::cmp::{Ordering, Reverse};

use jiff::Timestamp;

use crate::id::UserId;
use crate::interval::Interval;
use crate::slots::{FreeHost, Offer};

/// How much a host of a pool has held, and how much they should.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Who.
    pub host: UserId,
    /// Of those who are free, the highest are asked first.
    pub priority: i64,
    /// The share of the meetings, at least 1.
    pub weight: i64,
    /// How many meetings of the event type were assigned to them lately.
    pub meetings: i64,
    /// When the last of those was assigned.
    pub last_assigned: Option<Timestamp>,
}

/// The hosts of a pool in the order in which they are asked, whoever is free.
///
/// By priority; then those first whose meetings, with this one, stay within their share; then who has the fewest for
/// their weight; then whose last one is longest ago; then by id.
pub fn in_turn(pool: &[Standing]) -> Vec<UserId> {
    let mut pool = pool.to_vec();
    let all = pool.clone();
    pool.sort_by(|one, other| compare(one, other, &all));
    pool.iter().map(|standing| standing.host).collect()
}

fn compare(one: &Standing, other: &Standing, pool: &[Standing]) -> Ordering {
    let key = |standing: &Standing| {
        (
            Reverse(standing.priority),
            Reverse(is_within_share(standing, pool)),
        )
    };
    let rest = |standing: &Standing| (standing.last_assigned, standing.host);
    // (a + 1) / v against (b + 1) / w, without dividing
    let ours = i128::from(one.meetings + 1) * i128::from(other.weight);
    let theirs = i128::from(other.meetings + 1) * i128::from(one.weight);
    key(one)
        .cmp(&key(other))
        .then(ours.cmp(&theirs))
        .then_with(|| rest(one).cmp(&rest(other)))
}

/// Whether a host has fewer meetings than their share of all, once this one is counted.
fn is_within_share(standing: &Standing, pool: &[Standing]) -> bool {
    let equals = pool
        .iter()
        .filter(|other| other.priority == standing.priority);
    let (meetings, weights) = equals.fold((1, 0), |(meetings, weights), other| {
        (
            meetings + i128::from(other.meetings),
            weights + i128::from(other.weight),
        )
    });
    i128::from(standing.meetings) * weights < meetings * i128::from(standing.weight)
}

/// One host out of each pool for a meeting that the offer has, in the order of the pools.
///
/// `pools` must be those of the offer. Hosts of `kept` are taken before all others, as when their meeting moves. Nothing
/// when the meeting is not on offer.
pub fn assign(
    offer: &Offer<'_>,
    meeting: Interval,
    pools: &[Vec<Standing>],
    kept: &[UserId],
) -> Option<Vec<UserId>> {
    if !offer.is_open(meeting.start()) {
        return None;
    }
    let mut free = offer.free_hosts(meeting);
    for (place, standings) in pools.iter().enumerate() {
        let turn = in_turn(standings);
        let (first, rest): (Vec<UserId>, Vec<UserId>) =
            turn.into_iter().partition(|host| kept.contains(host));
        let chosen = first.into_iter().chain(rest).find_map(|host| {
            let chosen = alone(&free, place, host)?;
            offer
                .share_a_grid(meeting.start(), &chosen)
                .then_some(chosen)
        });
        free = chosen?;
    }
    let hosts = free.iter().map(|pool| pool.first().map(|free| free.host));
    hosts.collect()
}

/// The same pools with nobody but `host` in one of them, if that one is free.
fn alone(free: &[Vec<FreeHost>], place: usize, host: UserId) -> Option<Vec<Vec<FreeHost>>> {
    let chosen = free.get(place)?.iter().find(|free| free.host == host)?;
    let mut free = free.to_vec();
    free[place] = vec![chosen.clone()];
    Some(free)
}

#[cfg(test)]
mod tests;
