//! The grids of start times: from where they count, and which instants they come by.

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

/// Starts of several grids as one list, ascending.
pub(super) fn in_order(starts: impl Iterator<Item = Timestamp>) -> Vec<Timestamp> {
    let mut starts: Vec<Timestamp> = starts.collect();
    starts.sort();
    starts.dedup();
    starts
}
