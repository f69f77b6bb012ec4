//! Until when enough members of a group are free: the `enough`-th latest end among all stretches begun so far.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// The [`Reach`] of a group, as its members' stretches of free time begin one after the other.
pub(super) trait Reach<T> {
    /// Counts a stretch that has begun, by its end.
    fn add(&mut self, end: T);

    /// The end, or the first position of all while not enough members were ever free. It only grows.
    fn end(&mut self) -> T;
}

/// A reach by the latest ends themselves.
///
/// An end that falls out of the latest ones never matters again, and one that has passed cannot be among them while
/// enough members are free.
#[derive(Debug)]
pub(super) struct LatestEnds<T> {
    enough: usize,
    latest: BinaryHeap<Reverse<T>>,
}

impl<T: Ord> LatestEnds<T> {
    pub(super) fn new(enough: usize) -> LatestEnds<T> {
        LatestEnds {
            enough,
            latest: BinaryHeap::new(),
        }
    }
}

impl<T: Copy + Default + Ord> Reach<T> for LatestEnds<T> {
    fn add(&mut self, end: T) {
        if self.latest.len() < self.enough {
            self.latest.push(Reverse(end));
            return;
        }
        if let Some(mut least) = self.latest.peek_mut()
            && least.0 < end
        {
            *least = Reverse(end);
        }
    }

    fn end(&mut self) -> T {
        let is_enough = self.latest.len() == self.enough;
        let least = self.latest.peek().filter(|_| is_enough);
        least.map_or_else(T::default, |least| least.0)
    }
}

/// A reach by how many stretches end at each minute: it moves on while enough of them end later.
#[derive(Debug)]
pub(super) struct EndCounts {
    enough: usize,
    end: u32,
    /// How many of those that began end later than `end`.
    later: usize,
    at: Vec<u32>,
}

impl EndCounts {
    /// With ends at the minutes from 0 to `last`.
    pub(super) fn new(enough: usize, last: u32) -> EndCounts {
        EndCounts {
            enough,
            end: 0,
            later: 0,
            at: vec![0; last as usize + 1],
        }
    }
}

impl Reach<u32> for EndCounts {
    fn add(&mut self, end: u32) {
        if self.end < end {
            self.at[end as usize] += 1;
            self.later += 1;
        }
    }

    fn end(&mut self) -> u32 {
        while self.enough <= self.later {
            self.end += 1;
            self.later -= self.at[self.end as usize] as usize;
        }
        self.end
    }
}
