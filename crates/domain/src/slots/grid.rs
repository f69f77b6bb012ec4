//! The grids of start times: from where they count, and which instants they come by.

use jiff::{SignedDuration, Timestamp};

use super::FreeHost;
use crate::interval::Interval;

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

/// Nanoseconds since 1970. Starts are compared by the hundred, which is many times quicker this way, and as exact.
pub(super) type Nanos = i128;

/// Consecutive instants at which a meeting may start, from the first until before the second.
pub(super) type Starts = (Nanos, Nanos);

/// Instants at which a meeting may start within hours, whose start is the anchor of a grid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Stretch {
    anchor: Timestamp,
    from: Nanos,
    until: Nanos,
}

/// The stretches of a host: what of `starts`, which ascend, lies in each of the hours, which ascend by start.
pub(super) fn stretches(hours: &[Interval], mut starts: &[Starts]) -> Vec<Stretch> {
    let mut stretches = Vec::with_capacity(starts.len());
    for hours in hours {
        let (begin, end) = (hours.start().as_nanosecond(), hours.end().as_nanosecond());
        // those before these hours lie before all that follow
        while let [(_, until), rest @ ..] = starts
            && *until <= begin
        {
            starts = rest;
        }
        let inside = starts.iter().take_while(|(from, _)| *from < end);
        stretches.extend(inside.map(|(from, until)| Stretch {
            anchor: hours.start(),
            from: begin.max(*from),
            until: end.min(*until),
        }));
    }
    stretches
}

/// The stretches of several hosts of whom any will do.
pub(super) fn of_any(hosts: impl Iterator<Item = Vec<Stretch>>) -> Vec<Stretch> {
    let mut all: Vec<Stretch> = Vec::new();
    hosts.for_each(|host| all.extend(host));
    // each host's are in order, of which a stable sort makes use
    all.sort();
    all.dedup_by(|next, last| {
        let is_one = next.anchor == last.anchor && next.from <= last.until;
        if is_one {
            last.until = last.until.max(next.until);
        }
        is_one
    });
    all
}

/// The starts of the grids that hosts of all pools have in common, ascending.
///
/// Out of each pool that host is best whose hours began first. The latest of these starts is the earliest anchor from
/// which a grid can be shared; so of all grids that come by a start, that of the latest anchor decides.
pub(super) fn shared_starts(pools: &[Vec<Stretch>], increment: SignedDuration) -> Vec<Timestamp> {
    let mut grid: Vec<(Timestamp, Timestamp)> = Vec::new();
    for pool in pools {
        add_grid(pool, increment, &mut grid);
    }
    if !grid.is_sorted_by(|one, next| one.0 < next.0) {
        grid.sort();
    }
    if pools.len() == 1 {
        grid.dedup_by_key(|(start, _)| *start);
        return grid.into_iter().map(|(start, _)| start).collect();
    }
    let mut walks: Vec<Walk<'_>> = pools.iter().map(|pool| Walk::new(pool)).collect();
    let of_start = grid.chunk_by(|one, next| one.0 == next.0);
    let latest = of_start.filter_map(|grids| grids.last());
    let shared = latest.filter(|(start, anchor)| {
        let mut earliest = walks.iter_mut().map(|walk| walk.earliest_anchor(*start));
        earliest.all(|earliest| earliest.is_some_and(|earliest| earliest <= *anchor))
    });
    shared.map(|(start, _)| *start).collect()
}

/// Adds the starts in the stretches, each with its anchor.
fn add_grid(
    stretches: &[Stretch],
    increment: SignedDuration,
    grid: &mut Vec<(Timestamp, Timestamp)>,
) {
    let (seconds, nanos) = (increment.as_secs(), increment.as_nanos());
    for stretches in stretches.chunk_by(|one, next| one.anchor == next.anchor) {
        let anchor = stretches[0].anchor;
        let (mut second, mut start) = (anchor.as_second(), anchor.as_nanosecond());
        for stretch in stretches {
            while start < stretch.until {
                if stretch.from <= start
                    && let Ok(instant) = Timestamp::new(second, anchor.subsec_nanosecond())
                {
                    grid.push((instant, anchor));
                }
                (second, start) = (second + seconds, start + nanos);
            }
        }
    }
}

/// Goes through a pool's stretches together with starts, which ascend.
struct Walk<'a> {
    /// What is left of them, anchor by anchor.
    left: Vec<&'a [Stretch]>,
    /// How many of the anchors are over.
    over: usize,
}

impl<'a> Walk<'a> {
    fn new(pool: &'a [Stretch]) -> Walk<'a> {
        let by_anchor = pool.chunk_by(|one, next| one.anchor == next.anchor);
        Walk {
            left: by_anchor.collect(),
            over: 0,
        }
    }

    /// The earliest anchor of hours in which somebody is free at a start.
    fn earliest_anchor(&mut self, start: Timestamp) -> Option<Timestamp> {
        let nanos = start.as_nanosecond();
        while self.left.get(self.over).is_some_and(|left| left.is_empty()) {
            self.over += 1;
        }
        let begun = self.left[self.over..].iter_mut();
        let begun = begun.take_while(|left| left.first().is_none_or(|it| it.anchor <= start));
        for left in begun {
            let passed = left.iter().take_while(|stretch| stretch.until <= nanos);
            *left = &left[passed.count()..];
            let open = left.first().filter(|stretch| stretch.from <= nanos);
            if let Some(stretch) = open {
                return Some(stretch.anchor);
            }
        }
        None
    }
}
