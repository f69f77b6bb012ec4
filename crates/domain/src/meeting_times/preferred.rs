//! How a meeting lies to preferred hours, for all candidates in one walk.

use super::FURTHEST;
use super::grid::{Grid, Seconds};
use crate::interval::IntervalSet;

/// How one candidate lies to somebody's preferred hours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Liking {
    /// So many seconds of the meeting lie in them.
    pub inside: i64,
    /// By so many seconds it sticks out of the preferred stretch that suits it best.
    pub inconvenience: i64,
}

/// How each candidate lies to `hours`.
pub fn likings(hours: &IntervalSet, grid: &Grid) -> impl Iterator<Item = Liking> {
    let stretches: Vec<Seconds> = hours.iter().map(Seconds::inside).collect();
    let (mut until_start, mut until_end) = (Elapsed::default(), Elapsed::default());
    let mut nearest = 0;
    let duration = grid.duration();
    grid.starts().map(move |start| {
        let meeting = Seconds {
            start,
            end: start + duration,
        };
        while nearer(&stretches, nearest, meeting) {
            nearest += 1;
        }
        let inside =
            until_end.at(&stretches, meeting.end) - until_start.at(&stretches, meeting.start);
        Liking {
            inside,
            inconvenience: stretches
                .get(nearest)
                .map_or(FURTHEST.as_secs(), |stretch| sticks_out(meeting, *stretch)),
        }
    })
}

/// By how much a meeting sticks out of a stretch at the end where it does so more, up to [`FURTHEST`].
fn sticks_out(meeting: Seconds, stretch: Seconds) -> i64 {
    let (early, late) = (stretch.start - meeting.start, meeting.end - stretch.end);
    early.max(late).clamp(0, FURTHEST.as_secs())
}

/// Whether the stretch after `index` suits the meeting better.
///
/// From one stretch to the next a meeting is later by less and early by more. So there is one best stretch, and a later
/// meeting never has an earlier one.
fn nearer(stretches: &[Seconds], index: usize, meeting: Seconds) -> bool {
    match stretches.get(index..) {
        Some([here, next, ..]) => {
            let late = meeting.end - here.end;
            next.start - meeting.start < late
        }
        _ => false,
    }
}

/// How much of some stretches has passed; asked about later and later instants.
#[derive(Debug, Default)]
struct Elapsed {
    passed: usize,
    seconds: i64,
}

impl Elapsed {
    fn at(&mut self, stretches: &[Seconds], instant: i64) -> i64 {
        while let Some(stretch) = stretches.get(self.passed)
            && stretch.end <= instant
        {
            self.seconds += stretch.end - stretch.start;
            self.passed += 1;
        }
        let current = stretches.get(self.passed);
        self.seconds + current.map_or(0, |stretch| (instant - stretch.start).max(0))
    }
}
