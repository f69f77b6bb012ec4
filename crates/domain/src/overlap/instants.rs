//! Overlaps by sorting all stretches of free time: best for few people, and exact for any instants.

use jiff::{SignedDuration, Timestamp};

use super::Overlaps;
use super::attendance::{Attendance, number};
use super::needs::{Needs, Stretches};
use super::reach::LatestEnds;
use super::sweep::{Begun, Found, Sweep};
use crate::interval::{Interval, shift};

/// The overlaps. Positions are nanoseconds since the start of the range, which has less than 292 years.
pub(super) fn overlaps(needs: &Needs<'_>, stretches: &Stretches<'_>) -> Overlaps {
    let range = needs.range;
    let mut sorted = Vec::with_capacity(stretches.len());
    for &(person, free) in &stretches.people {
        for interval in free {
            let until = offset(range, interval.end());
            sorted.push((offset(range, interval.start()), Begun { until, person }));
        }
    }
    sorted.sort_unstable_by_key(|(start, _)| *start);
    let is_long = |start: i64, end: i64| {
        needs.minimum_duration <= SignedDuration::from_nanos(end.saturating_sub(start))
    };
    let mut sweep = Sweep::new(needs, LatestEnds::new);
    let mut begun = Vec::new();
    for starting in sorted.chunk_by(|a, b| a.0 == b.0) {
        begun.clear();
        begun.extend(starting.iter().map(|(_, begun)| *begun));
        sweep.begin(starting[0].0, &begun, is_long);
    }
    let Found {
        times,
        arrivals,
        arrived,
    } = sweep.found();
    // of the times, those that somebody stays for follow one another
    let stay = |begun: Begun<i64>| Begun {
        until: number(times.partition_point(|&(_, end)| end <= begun.until)),
        person: begun.person,
    };
    let attendance = Attendance {
        people: needs.free.len(),
        arrivals: arrivals.into_iter().map(stay).collect(),
        arrived,
        ends: (0..times.len()).map(|time| number(time + 1)).collect(),
    };
    let times = times.into_iter();
    let times =
        times.filter_map(|(start, end)| Interval::new(instant(range, start), instant(range, end)));
    Overlaps {
        times: times.collect(),
        attendance,
    }
}

/// An instant as a position, or the nearest end of the range.
fn offset(range: Interval, instant: Timestamp) -> i64 {
    const SECOND: i64 = 1_000_000_000;
    let inside = instant.clamp(range.start(), range.end());
    let since = inside.duration_since(range.start());
    let whole_seconds = since.as_secs().saturating_mul(SECOND);
    whole_seconds.saturating_add(since.subsec_nanos().into())
}

fn instant(range: Interval, offset: i64) -> Timestamp {
    shift(range.start(), SignedDuration::from_nanos(offset))
}
