//! The grids of start times: from where they count, and which instants they come by.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};

use super::FreeHost;

/// Whether the grid of an anchor has a start at `start`.
pub(crate) fn comes_by(start: Timestamp, anchor: Timestamp, increment: SignedDuration) -> bool {
    let offset = start.duration_since(anchor);
    offset.as_secs() % increment.as_secs() == 0 && offset.subsec_nanos() == 0
}

/// The starts of hours from which the hosts of each pool can have a grid in common.
///
/// Hours of one host of each pool have a piece in common whose start is the latest of theirs. So the start of some
/// hours must be no earlier than the earliest of every pool.
pub(super) fn shared_anchors(pools: &[Vec<FreeHost>]) -> Vec<Timestamp> {
    let of_pool = |pool: &Vec<FreeHost>| -> Vec<Timestamp> {
        pool.iter().flat_map(|host| host.anchors.clone()).collect()
    };
    let anchors: Vec<Vec<Timestamp>> = pools.iter().map(of_pool).collect();
    let earliest = anchors.iter().map(|anchors| anchors.iter().min().copied());
    let earliest: Option<Vec<Timestamp>> = earliest.collect();
    let Some(latest) = earliest.and_then(|earliest| earliest.into_iter().max()) else {
        return Vec::new();
    };
    let shared = anchors.into_iter().flatten();
    shared.filter(|&anchor| latest <= anchor).collect()
}

/// A stretch of a grid: the anchor, the first instant and the first one after the last.
pub(super) type Stretch = (Timestamp, Timestamp, Timestamp);

/// The starts of several grids as one list, ascending. Hosts with the same hours have the same stretches, so a hundred
/// of them cost little more than one.
pub(super) fn starts_of(
    stretches: impl Iterator<Item = Stretch>,
    increment: SignedDuration,
) -> Vec<Timestamp> {
    let distinct: BTreeSet<Stretch> = stretches.collect();
    let starts = distinct
        .into_iter()
        .flat_map(|stretch| starts_in(stretch, increment));
    let starts: BTreeSet<Timestamp> = starts.collect();
    starts.into_iter().collect()
}

fn starts_in(
    (anchor, from, until): Stretch,
    increment: SignedDuration,
) -> impl Iterator<Item = Timestamp> {
    let skipped = from.duration_since(anchor).max(SignedDuration::ZERO);
    let steps = skipped.as_nanos().div_euclid(increment.as_nanos());
    let whole_steps = i32::try_from(steps)
        .ok()
        .and_then(|steps| increment.checked_mul(steps));
    let first = whole_steps.and_then(|skipped| anchor.checked_add(skipped).ok());
    let grid = std::iter::successors(first, move |start| start.checked_add(increment).ok());
    grid.skip_while(move |&start| start < from)
        .take_while(move |&start| start < until)
}
