//! The way to overlaps through all starts of free time in order. Positions may be instants or minutes.

use super::needs::{Memberships, Needs};
use super::reach::Reach;

/// Somebody's free time that has begun, or what all required people have in common.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Begun<P> {
    pub(super) until: P,
    pub(super) person: u32,
}

/// In place of a person: what all required people have in common.
pub(super) const ALL_REQUIRED: u32 = (1 << 20) - 1;

/// The times that are found while one stretch of free time after the other begins.
///
/// The people of a group who are free for longest from a start on are free until its [`Reach`]; the time lasts until the
/// first of the groups' reaches. It is new only if it ends later than the one before it, else it lies within that one.
#[derive(Debug)]
pub(super) struct Sweep<P, R> {
    memberships: Memberships,
    /// Until when all required people are free together.
    required: P,
    /// Until when enough of each group are.
    reaches: Vec<R>,
    /// Begun since the last time was found.
    waiting: Vec<Begun<P>>,
    most_waiting: usize,
    latest: P,
    found: Found<P>,
}

/// Times with who comes to each: those whose free time began after the start of the one before it.
#[derive(Debug)]
pub(super) struct Found<P> {
    pub(super) times: Vec<(P, P)>,
    pub(super) arrivals: Vec<Begun<P>>,
    /// For each of the times, how many have arrived by it.
    pub(super) arrived: Vec<usize>,
}

impl<P: Copy + Default + Ord, R: Reach<P>> Sweep<P, R> {
    pub(super) fn new(needs: &Needs<'_>, reach: impl Fn(usize) -> R) -> Sweep<P, R> {
        let groups = needs.some.iter().map(|group| group.minimum);
        Sweep {
            memberships: needs.memberships(),
            required: P::default(),
            reaches: groups.map(reach).collect(),
            waiting: Vec::new(),
            most_waiting: 2 * needs.free.len() + 64,
            latest: P::default(),
            found: Found {
                times: Vec::new(),
                arrivals: Vec::new(),
                arrived: Vec::new(),
            },
        }
    }

    /// Goes on to the next start, with all that begins there; `is_long` tells which times are long enough.
    pub(super) fn begin(&mut self, start: P, begun: &[Begun<P>], is_long: impl Fn(P, P) -> bool) {
        self.count(begun);
        self.wait(start, begun);
        let ends = self.reaches.iter_mut().map(Reach::end);
        let end = ends.fold(self.required, P::min);
        if start < end && self.latest < end {
            self.latest = end;
            if is_long(start, end) {
                self.find(start, end);
            }
        }
    }

    pub(super) fn found(self) -> Found<P> {
        self.found
    }

    fn count(&mut self, begun: &[Begun<P>]) {
        for begun in begun {
            if begun.person == ALL_REQUIRED {
                self.required = begun.until;
                continue;
            }
            match &self.memberships {
                Memberships::OneGroup => self.reaches[0].add(begun.until),
                Memberships::Some(groups) => {
                    for group in &groups[begun.person as usize] {
                        self.reaches[*group].add(begun.until);
                    }
                }
            }
        }
    }

    fn wait(&mut self, start: P, begun: &[Begun<P>]) {
        if self.most_waiting < self.waiting.len() {
            // at most everybody is left: nobody has two stretches at once
            self.waiting.retain(|waiting| start < waiting.until);
        }
        self.waiting.extend_from_slice(begun);
    }

    fn find(&mut self, start: P, end: P) {
        self.found.times.push((start, end));
        self.waiting
            .retain(|begun| end <= begun.until && begun.person != ALL_REQUIRED);
        self.found.arrivals.append(&mut self.waiting);
        self.found.arrived.push(self.found.arrivals.len());
    }
}
