//! Ranking meeting times for many people.

use std::hint::black_box;

use domain::interval::Interval;
use domain::meeting_times::{self, Preferences, Ranking, Wanted, facts_range, preferred_range};
use domain::overlap::Group;
use jiff::SignedDuration;

use crate::measure::measure;
use crate::people::{ZONES, on_call, range, schedule};

/// People, days and minutes of increment; of the people, nine out of ten are needed.
const QUESTIONS: [(usize, i64, i64); 5] = [
    (1_000, 31, 15),
    (1_000, 31, 5),
    (10_000, 31, 15),
    (10_000, 31, 5),
    (10_000, 366, 5),
];

/// The ten best times.
pub fn run() {
    println!("meeting times: microseconds a question, best (mean)");
    println!("people  days  increment  candidates              ranked");
    for (people, days, increment) in QUESTIONS {
        let range = range(days);
        let wanted = Wanted {
            range,
            duration: SignedDuration::from_mins(30),
            increment: SignedDuration::from_mins(increment),
            weights: meeting_times::score::Weights::default(),
            limit: 10,
        };
        let (free, preferences) = (
            on_call(people, facts_range(range)),
            preferences(people, range),
        );
        let groups = [Group {
            members: (0..people).collect(),
            minimum: people * 9 / 10,
        }];
        let rank = || meeting_times::rank(&free, &groups, &preferences, black_box(&wanted));
        assert!(!is_empty(&rank()), "there is something to rank");
        println!(
            "{people:6}  {days:4}  {increment:9}  {:10}  {}",
            wanted.candidates(),
            measure(rank).micros(),
        );
    }
}

fn is_empty(ranking: &Ranking) -> bool {
    match ranking {
        Ranking::MeetingTimes(times) | Ranking::NearestMisses(times) => times.is_empty(),
    }
}

/// Nine to five in each of the zones.
fn preferences(people: usize, range: Interval) -> Preferences {
    let hours = |zone: &&str| schedule(zone, (9, 17), 7).hours(preferred_range(range));
    Preferences {
        hours: ZONES.iter().map(hours).collect(),
        of: (0..people).map(|person| person % ZONES.len()).collect(),
    }
}
