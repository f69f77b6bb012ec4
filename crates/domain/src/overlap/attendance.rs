//! Who is free at each of many times, as people come and go.

use std::sync::Arc;

use super::sweep::Begun;
use crate::interval::{Interval, IntervalSet};

/// Who comes to each of some times, which are known by their ends, ascending: as minutes, or as they are numbered.
#[derive(Clone, Debug)]
pub(super) struct Attendance {
    pub(super) people: usize,
    pub(super) ends: Vec<u32>,
    /// Who comes, time after time, and stays until an end. Nobody comes again before having left.
    pub(super) arrivals: Vec<Begun<u32>>,
    /// For each of the times, how many have come by then.
    pub(super) arrived: Vec<usize>,
}

impl Attendance {
    /// Of those who are free throughout each of the times, which ascend by start and by end alike.
    pub(super) fn throughout(times: &[Interval], free: &[IntervalSet]) -> Attendance {
        let mut arrivals = Vec::new();
        for (person, free) in (0..u32::MAX).zip(free) {
            let mut first = 0;
            for stretch in free.iter() {
                // The times within one stretch follow one another.
                first += count_while(&times[first..], |time| time.start() < stretch.start());
                let count = count_while(&times[first..], |time| time.end() <= stretch.end());
                if 0 < count {
                    arrivals.push((
                        first,
                        Begun {
                            person,
                            until: number(first + count),
                        },
                    ));
                }
                if first == times.len() {
                    break;
                }
            }
        }
        arrivals.sort_unstable_by_key(|(first, _)| *first);
        let arrived = |time| arrivals.partition_point(|(first, _)| *first <= time);
        Attendance {
            people: free.len(),
            ends: (0..times.len()).map(|time| number(time + 1)).collect(),
            arrived: (0..times.len()).map(arrived).collect(),
            arrivals: arrivals.into_iter().map(|(_, arrival)| arrival).collect(),
        }
    }

    /// Of people who all come to each of so many times.
    pub(super) fn of_everybody(times: usize, people: usize) -> Attendance {
        let until = number(times);
        let everybody = 0..number(people);
        Attendance {
            people,
            ends: vec![until; times],
            arrived: vec![people; times],
            arrivals: everybody.map(|person| Begun { until, person }).collect(),
        }
    }

    /// For each of the times who is there, ascending. Where that does not change, it is not written down again.
    pub(super) fn iter(&self) -> impl ExactSizeIterator<Item = Arc<[usize]>> {
        let mut until = vec![0; self.people];
        let mut there = vec![0; self.people + 1];
        let mut last: Arc<[usize]> = Arc::default();
        let mut before = 0;
        self.ends
            .iter()
            .zip(&self.arrived)
            .map(move |(end, arrived)| {
                for arrival in &self.arrivals[before..*arrived] {
                    until[arrival.person as usize] = arrival.until;
                }
                before = *arrived;
                let count = present(&until, *end, &mut there);
                let same_number = last.len() == count;
                if !same_number || (count < self.people && *last != there[..count]) {
                    last = Arc::from(&there[..count]);
                }
                last.clone()
            })
    }
}

/// The number of a time. There are less than four billion of them, or they would not fit into memory.
pub(super) fn number(time: usize) -> u32 {
    u32::try_from(time).unwrap_or(u32::MAX)
}

/// Notes who stays until a time's end, and says how many. There must be a place more than people.
///
/// Whether somebody does is as good as random, so it is counted rather than asked, which is some times as quick.
fn present(until: &[u32], end: u32, there: &mut [usize]) -> usize {
    let mut count = 0;
    for (person, &until) in until.iter().enumerate() {
        there[count] = person;
        count += usize::from(end <= until);
    }
    count
}

/// How many of the times come before the first for which `holds` fails, looking near the beginning first.
fn count_while(times: &[Interval], holds: impl Fn(&Interval) -> bool) -> usize {
    let mut known = 0;
    let mut next = 1;
    while times.get(next - 1).is_some_and(&holds) {
        known = next;
        next *= 2;
    }
    let unknown = &times[known..times.len().min(next)];
    known + unknown.partition_point(holds)
}
