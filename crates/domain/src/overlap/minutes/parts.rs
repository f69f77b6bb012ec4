//! Stretches of free time in the order in which they begin, of many people whose free time lies here and there in memory.

use std::ops::Range;

use jiff::SignedDuration;

use super::{MINUTE, Minutes};
use crate::overlap::needs::Stretches;
use crate::overlap::sweep::Begun;

/// About so many stretches are sorted at once, for which there is room near the processor.
const AT_ONCE: usize = 1 << 14;

/// What everybody has free, in parts of the range by where it begins.
///
/// Free time is read in the order in which it lies in memory, and sorted part by part: either the other way round is
/// many times slower, for it waits for memory.
#[derive(Debug)]
pub(super) struct Parts {
    /// Each has two to the power of so many minutes.
    power: u32,
    stretches: Vec<Packed>,
    /// For each of the parts, where its stretches begin and end.
    places: Vec<Range<usize>>,
}

impl Parts {
    pub(super) fn new(
        minutes: Minutes,
        stretches: &Stretches<'_>,
        minimum_duration: SignedDuration,
    ) -> Option<Parts> {
        let least = u32::try_from(stretches.len() / AT_ONCE + 1).ok()?;
        let power = ((minutes.last / least).max(1).ilog2() + 1).min(Packed::START);
        if minutes.last >> Packed::UNTIL != 0 || stretches.people.len() >> Packed::PERSON != 0 {
            return None;
        }
        let mut parts = Parts {
            power,
            stretches: vec![Packed(0); stretches.len()],
            places: places(stretches, minutes, power),
        };
        // free time of fewer minutes makes nothing possible
        let shortest = minimum_duration.as_secs().max(0) / MINUTE;
        let shortest = u32::try_from(shortest).unwrap_or(u32::MAX);
        for &(person, free) in &stretches.people {
            for interval in free {
                let start = minutes.position(interval.start())?;
                let until = minutes.position(interval.end())?;
                if shortest <= until - start {
                    parts.add(start, Begun { until, person });
                }
            }
        }
        Some(parts)
    }

    fn add(&mut self, start: u32, begun: Begun<u32>) {
        let place = &mut self.places[(start >> self.power) as usize];
        let within = start & ((1 << self.power) - 1);
        self.stretches[place.end] = Packed::new(within, begun);
        place.end += 1;
    }

    /// Sorts part after part, and hands out what begins at each minute.
    pub(super) fn for_each_start(self, mut each: impl FnMut(u32, &[Begun<u32>])) {
        let mut ends = vec![0; 1 << self.power];
        let mut sorted = Vec::new();
        for (part, place) in (0..).zip(self.places) {
            sort(&self.stretches[place], &mut ends, &mut sorted);
            let mut left = sorted.as_slice();
            let mut handed = 0;
            for (start, end) in (part << self.power..).zip(&ends) {
                if handed < *end {
                    let (begun, rest) = left.split_at((end - handed) as usize);
                    each(start, begun);
                    (left, handed) = (rest, *end);
                }
            }
        }
    }
}

/// Where the stretches of each part begin; none is there yet.
fn places(stretches: &Stretches<'_>, minutes: Minutes, power: u32) -> Vec<Range<usize>> {
    let parts = (minutes.last >> power) + 1;
    let after: Vec<i64> = (1..=parts)
        .map(|part| minutes.second(part << power))
        .collect();
    let mut counts = vec![0; after.len()];
    for (_, free) in &stretches.people {
        let mut part = 0;
        for interval in *free {
            while after
                .get(part)
                .is_some_and(|&after| after <= interval.start().as_second())
            {
                part += 1;
            }
            counts[part] += 1;
        }
    }
    let mut begin = 0;
    let place = |count| {
        let place = begin..begin;
        begin += count;
        place
    };
    counts.into_iter().map(place).collect()
}

/// Sorts stretches by the minute in which they begin; `ends` becomes where those of each minute end among the sorted.
fn sort(stretches: &[Packed], ends: &mut [u32], sorted: &mut Vec<Begun<u32>>) {
    ends.fill(0);
    for stretch in stretches {
        ends[stretch.start()] += 1;
    }
    let mut before = 0;
    for end in ends.iter_mut() {
        before += std::mem::replace(end, before);
    }
    sorted.clear();
    sorted.resize(stretches.len(), Begun::default());
    for stretch in stretches {
        let end = &mut ends[stretch.start()];
        sorted[*end as usize] = stretch.begun();
        *end += 1;
    }
}

/// A stretch of free time in as few bytes as can be: most of the time goes into writing them.
#[derive(Clone, Copy, Debug)]
struct Packed(u64);

impl Packed {
    /// Bits of the minute in a part where it starts, of the minute where it ends, and of the person.
    const START: u32 = 20;
    const UNTIL: u32 = 24;
    const PERSON: u32 = 20;

    fn new(start: u32, begun: Begun<u32>) -> Packed {
        let person = begun.person & ((1 << Packed::PERSON) - 1);
        let start = u64::from(start) << (Packed::UNTIL + Packed::PERSON);
        Packed(start | u64::from(begun.until) << Packed::PERSON | u64::from(person))
    }

    fn start(self) -> usize {
        (self.0 >> (Packed::UNTIL + Packed::PERSON)) as usize
    }

    fn begun(self) -> Begun<u32> {
        const UNTIL: u64 = (1 << Packed::UNTIL) - 1;
        const PERSON: u64 = (1 << Packed::PERSON) - 1;
        Begun {
            until: (self.0 >> Packed::PERSON & UNTIL) as u32,
            person: (self.0 & PERSON) as u32,
        }
    }
}
