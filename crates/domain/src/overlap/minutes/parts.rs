//! Stretches of free time in the order in which they begin, of many people whose free time lies here and there in memory.

use jiff::SignedDuration;

use super::{MINUTE, Minutes};
use crate::overlap::needs::Stretches;
use crate::overlap::sweep::Begun;

/// About so many stretches are sorted at once, for which there is room near the processor.
const AT_ONCE: usize = 1 << 14;

/// What everybody has free, in parts of the range by where it begins.
///
/// Free time is read once, in the order in which it lies in memory, and sorted part by part: either the other way round is
/// many times slower, for it waits for memory.
#[derive(Debug)]
pub(super) struct Parts {
    /// Each has two to the power of so many minutes.
    power: u32,
    parts: Vec<Vec<Packed>>,
}

impl Parts {
    pub(super) fn new(
        minutes: Minutes,
        stretches: &Stretches<'_>,
        minimum_duration: SignedDuration,
    ) -> Option<Parts> {
        if minutes.last >> Packed::MINUTE != 0 || stretches.people.len() >> Packed::PERSON != 0 {
            return None;
        }
        let least = u32::try_from(stretches.len() / AT_ONCE + 1).ok()?;
        let power = (minutes.last / least).max(1).ilog2() + 1;
        // free time of fewer minutes makes nothing possible
        let shortest = minimum_duration.as_secs().max(0) / MINUTE;
        let shortest = u32::try_from(shortest).unwrap_or(u32::MAX);
        let mut parts = vec![Vec::new(); (minutes.last >> power) as usize + 1];
        for &(person, free) in &stretches.people {
            for interval in free {
                let start = minutes.position(interval.start())?;
                let until = minutes.position(interval.end())?;
                if shortest <= until - start {
                    let part: &mut Vec<Packed> = &mut parts[(start >> power) as usize];
                    part.push(Packed::new(start, Begun { until, person }));
                }
            }
        }
        Some(Parts { power, parts })
    }

    /// Sorts part after part, and hands out what begins at each minute.
    pub(super) fn for_each_start(self, mut each: impl FnMut(u32, &[Begun<u32>])) {
        let mut ends = vec![0; 1 << self.power];
        let mut sorted = Vec::new();
        for (part, stretches) in (0..).zip(self.parts) {
            sort(&stretches, &mut ends, &mut sorted);
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

/// Sorts the stretches of a part by the minute in which they begin; `ends` becomes where those of each minute end among the sorted.
fn sort(stretches: &[Packed], ends: &mut [u32], sorted: &mut Vec<Begun<u32>>) {
    ends.fill(0);
    // a part has a power of two of minutes
    let in_part = ends.len() - 1;
    for stretch in stretches {
        ends[stretch.start() & in_part] += 1;
    }
    let mut before = 0;
    for end in ends.iter_mut() {
        before += std::mem::replace(end, before);
    }
    sorted.clear();
    sorted.resize(stretches.len(), Begun::default());
    for stretch in stretches {
        let end = &mut ends[stretch.start() & in_part];
        sorted[*end as usize] = stretch.begun();
        *end += 1;
    }
}

/// A stretch of free time in as few bytes as can be: most of the time goes into writing them.
#[derive(Clone, Copy, Debug)]
struct Packed(u64);

impl Packed {
    /// Bits of the minutes where it starts and ends, and of the person.
    const MINUTE: u32 = 22;
    const PERSON: u32 = 20;

    fn new(start: u32, begun: Begun<u32>) -> Packed {
        let person = begun.person & ((1 << Packed::PERSON) - 1);
        let start = u64::from(start) << (Packed::MINUTE + Packed::PERSON);
        Packed(start | u64::from(begun.until) << Packed::PERSON | u64::from(person))
    }

    fn start(self) -> usize {
        (self.0 >> (Packed::MINUTE + Packed::PERSON)) as usize
    }

    fn begun(self) -> Begun<u32> {
        const UNTIL: u64 = (1 << Packed::MINUTE) - 1;
        const PERSON: u64 = (1 << Packed::PERSON) - 1;
        Begun {
            until: (self.0 >> Packed::PERSON & UNTIL) as u32,
            person: (self.0 & PERSON) as u32,
        }
    }
}
