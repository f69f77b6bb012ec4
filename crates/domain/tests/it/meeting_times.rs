//! The ranking of meeting times, compared with asking everybody about every minute of every candidate.

use domain::interval::{Interval, IntervalSet};
use domain::meeting_times::score::{Parts, Share, Weights};
use domain::meeting_times::{MeetingTime, Preferences, Ranking, Wanted, rank};
use domain::overlap::{Group, overlaps};
use jiff::SignedDuration;
use proptest::prelude::*;

use crate::config;
use crate::minute_model::{between, minute_of};

/// Everything takes place in these minutes around 1970, where the grid has its origin.
const FIRST: i64 = -1200;
const LAST: i64 = 1200;

/// A question about meeting times with all its facts.
#[derive(Clone, Debug)]
struct Question {
    free: Vec<IntervalSet>,
    groups: Vec<Group>,
    preferences: Preferences,
    wanted: Wanted,
}

impl Question {
    fn rank(&self) -> Ranking {
        rank(&self.free, &self.groups, &self.preferences, &self.wanted)
    }
}

fn question() -> impl Strategy<Value = Question> {
    let everybody = (1..6_usize, 1..4_usize);
    everybody.prop_flat_map(|(people, kinds)| {
        let of = prop::collection::vec(0..kinds, people);
        let hours = prop::collection::vec(set(FIRST, LAST), kinds);
        (
            prop::collection::vec(set(-60, 260), people),
            groups(people),
            (hours, of).prop_map(|(hours, of)| Preferences { hours, of }),
            wanted(),
        )
            .prop_map(|(free, groups, preferences, wanted)| Question {
                free,
                groups,
                preferences,
                wanted,
            })
    })
}

/// A few stretches of time between two minutes, most of them long.
fn set(first: i64, last: i64) -> impl Strategy<Value = IntervalSet> {
    let stretch = (first..last, 1..(last - first) / 2)
        .prop_map(move |(start, length)| between(start, (start + length).min(last)));
    prop::collection::vec(stretch, 0..4).prop_map(IntervalSet::from_intervals)
}

/// Groups in which members may come twice or be nobody, and which may ask for more than they have.
fn groups(people: usize) -> impl Strategy<Value = Vec<Group>> {
    let group = (prop::collection::vec(0..=people, 0..6), 0..4_usize)
        .prop_map(|(members, minimum)| Group { members, minimum });
    let all = Just(vec![Group {
        members: (0..people).collect(),
        minimum: people,
    }]);
    prop_oneof![1 => all, 3 => prop::collection::vec(group, 0..3)]
}

fn wanted() -> impl Strategy<Value = Wanted> {
    let increment = prop::sample::select(&[5, 7, 15, 30, 60][..]);
    let weights = prop_oneof![
        Just(Weights::default()),
        [0..3_u32, 0..3_u32, 0..3_u32, 0..3_u32, 0..3_u32].prop_map(
            |[attendance, preferred_hours, fairness, compactness, soon]| Weights {
                attendance,
                preferred_hours,
                fairness,
                compactness,
                soon,
            }
        ),
    ];
    let range = (-30..30_i64, 1..200_i64);
    (range, 1..90_i64, increment, weights, 1..8_usize).prop_map(
        |((start, length), duration, increment, weights, limit)| Wanted {
            range: between(start, start + length),
            duration: SignedDuration::from_mins(duration),
            increment: SignedDuration::from_mins(increment),
            weights,
            limit,
        },
    )
}

/// For each minute, whether a set has it.
struct Minutes(Vec<bool>);

impl Minutes {
    fn of(set: &IntervalSet) -> Minutes {
        let mut has = vec![false; usize::try_from(LAST - FIRST).unwrap()];
        let index = |instant| usize::try_from(minute_of(instant) - FIRST).unwrap();
        for interval in set.iter() {
            has[index(interval.start())..index(interval.end())].fill(true);
        }
        Minutes(has)
    }

    fn has(&self, minute: i64) -> bool {
        self.0[usize::try_from(minute - FIRST).unwrap()]
    }

    fn count(&self, meeting: Interval) -> i64 {
        let minutes = minute_of(meeting.start())..minute_of(meeting.end());
        i64::try_from(minutes.filter(|&minute| self.has(minute)).count()).unwrap()
    }

    fn contains(&self, meeting: Interval) -> bool {
        self.count(meeting) == meeting.duration().as_mins()
    }
}

/// A question and what is known minute by minute.
struct Slow<'a> {
    question: &'a Question,
    free: Vec<Minutes>,
    preferred: Vec<Minutes>,
}

impl Slow<'_> {
    fn new(question: &Question) -> Slow<'_> {
        let hours = &question.preferences.hours;
        Slow {
            question,
            free: question.free.iter().map(Minutes::of).collect(),
            preferred: hours.iter().map(Minutes::of).collect(),
        }
    }

    /// Every candidate, best first: those that fit, or all when none does.
    fn rank(&self) -> Vec<MeetingTime> {
        let Wanted {
            range,
            duration,
            increment,
            limit,
            ..
        } = self.question.wanted;
        let (duration, increment) = (duration.as_mins(), increment.as_mins());
        let starts = minute_of(range.start())..=minute_of(range.end()) - duration;
        let on_grid = starts.filter(|start| start % increment == 0);
        let mut times: Vec<MeetingTime> = on_grid
            .map(|start| self.candidate(between(start, start + duration)))
            .collect();
        if times.iter().any(|time| time.lacking == 0) {
            times.retain(|time| time.lacking == 0);
        }
        times.sort_by_key(|time| {
            (
                time.lacking,
                std::cmp::Reverse(time.score),
                time.interval.start(),
            )
        });
        times.truncate(limit);
        times
    }

    fn candidate(&self, meeting: Interval) -> MeetingTime {
        let people = 0..self.free.len();
        let available: Vec<usize> = people
            .filter(|&person| self.free[person].contains(meeting))
            .collect();
        let (lacking, missed) = self.lacking(&available);
        let parts = self.parts(meeting, &available);
        MeetingTime {
            interval: meeting,
            score: slow_score(&parts, &self.question.wanted.weights),
            parts,
            available,
            lacking,
            missed,
        }
    }

    fn lacking(&self, available: &[usize]) -> (usize, Vec<usize>) {
        let is_missed_by = |person: usize, group: &Group| {
            let come = |person: &usize| group.members.contains(person);
            group.members.contains(&person)
                && available.iter().filter(|person| come(person)).count() < group.minimum
        };
        let everybody = 0..self.free.len();
        let is_all = |group: &&Group| {
            let members = everybody
                .clone()
                .filter(|person| group.members.contains(person));
            members.count() == group.minimum
        };
        let groups = &self.question.groups;
        let missing = everybody
            .clone()
            .filter(|person| !available.contains(person));
        let missed: Vec<usize> = missing
            .filter(|&person| groups.iter().any(|group| is_missed_by(person, group)))
            .collect();
        let required = missed.iter().filter(|person| {
            let all = groups.iter().filter(is_all);
            all.into_iter().any(|group| group.members.contains(person))
        });
        let others = groups.iter().filter(|group| !is_all(group)).map(|group| {
            let come = available
                .iter()
                .filter(|person| group.members.contains(person));
            group.minimum.saturating_sub(come.count())
        });
        (required.count() + others.sum::<usize>(), missed)
    }

    fn parts(&self, meeting: Interval, available: &[usize]) -> Parts {
        let range = self.question.wanted.range;
        let kinds = available
            .iter()
            .map(|&person| self.question.preferences.of[person]);
        let come = i64::try_from(available.len()).unwrap();
        let preferred: i64 = kinds
            .clone()
            .map(|kind| self.preferred[kind].count(meeting))
            .sum();
        let inconvenience = kinds.map(|kind| self.inconvenience(kind, meeting));
        let largest = inconvenience.clone().max().unwrap_or(720);
        let smallest = inconvenience.min().unwrap_or(0);
        let short: i64 = available
            .iter()
            .map(|&person| self.short_gaps(person, meeting))
            .sum();
        let to_come = range.end().duration_since(meeting.start()).as_mins();
        Parts {
            attendance: share(come, i64::try_from(self.free.len()).unwrap()),
            preferred_hours: share(preferred, come * meeting.duration().as_mins()),
            fairness: share(720 - (largest - smallest), 720),
            compactness: share(2 * come - short, 2 * come),
            soon: share(to_come, range.duration().as_mins()),
        }
    }

    /// By how many minutes each stretch would have to grow at both ends to hold the meeting: the least of that.
    fn inconvenience(&self, kind: usize, meeting: Interval) -> i64 {
        let growth = |stretch: &Interval| {
            let early = stretch.start().duration_since(meeting.start()).as_mins();
            let late = meeting.end().duration_since(stretch.end()).as_mins();
            early.max(late).max(0)
        };
        let stretches = self.question.preferences.hours[kind].iter();
        stretches.map(growth).min().unwrap_or(720).min(720)
    }

    /// On how many sides somebody is left with some minutes, but not with thirty.
    fn short_gaps(&self, person: usize, meeting: Interval) -> i64 {
        let free = &self.free[person];
        let (start, end) = (minute_of(meeting.start()), minute_of(meeting.end()));
        let before = (1..=30)
            .take_while(|minute| free.has(start - minute))
            .count();
        let after = (0..30).take_while(|minute| free.has(end + minute)).count();
        let is_short = |gap: usize| i64::from(0 < gap && gap < 30);
        is_short(before) + is_short(after)
    }
}

/// A fraction, rounded half up to millionths; 0 of nothing.
fn share(part: i64, whole: i64) -> Share {
    if whole == 0 {
        return Share::default();
    }
    let millionths = (2 * part * 1_000_000 + whole).div_euclid(2 * whole);
    Share::of(millionths, 1_000_000)
}

fn millionths(share: Share) -> i64 {
    let text = format!("{:.6}", share.value());
    text.replace('.', "").parse().unwrap()
}

fn slow_score(parts: &Parts, weights: &Weights) -> Share {
    let weighed = [
        (parts.attendance, weights.attendance),
        (parts.preferred_hours, weights.preferred_hours),
        (parts.fairness, weights.fairness),
        (parts.compactness, weights.compactness),
        (parts.soon, weights.soon),
    ];
    let sum: i64 = weighed
        .iter()
        .map(|(part, weight)| millionths(*part) * i64::from(*weight))
        .sum();
    let weights: i64 = weighed.iter().map(|(_, weight)| i64::from(*weight)).sum();
    share(sum, weights * 1_000_000)
}

fn times_of(ranking: Ranking) -> Vec<MeetingTime> {
    match ranking {
        Ranking::MeetingTimes(times) | Ranking::NearestMisses(times) => times,
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn the_ranking_is_what_asking_everybody_gives(question in question()) {
        let expected = Slow::new(&question).rank();
        let ranking = question.rank();
        if let Some(best) = expected.first() {
            let fits = matches!(ranking, Ranking::MeetingTimes(_));
            prop_assert_eq!(fits, best.lacking == 0);
        }
        prop_assert_eq!(times_of(ranking), expected);
    }

    #[test]
    fn meeting_times_lie_in_overlaps_and_are_found_where_there_is_room(question in question()) {
        let Question { free, groups, wanted, .. } = &question;
        let overlaps = overlaps(free, groups, wanted.range, wanted.duration);
        let increment = wanted.increment.as_mins();
        let has_room = overlaps.iter().any(|overlap| {
            let minutes = minute_of(overlap.interval.start())..=minute_of(overlap.interval.end()) - wanted.duration.as_mins();
            minutes.into_iter().any(|minute| minute % increment == 0)
        });
        match question.rank() {
            Ranking::MeetingTimes(times) => {
                prop_assert!(has_room && !times.is_empty());
                for time in times {
                    prop_assert!(overlaps.iter().any(|overlap| overlap.interval.contains(&time.interval)));
                }
            }
            Ranking::NearestMisses(_) => prop_assert!(!has_room),
        }
    }

    #[test]
    fn fewer_are_the_first_of_more(question in question()) {
        let all = times_of(question.rank());
        let mut fewer = question.clone();
        fewer.wanted.limit = question.wanted.limit / 2;
        prop_assert_eq!(times_of(fewer.rank()), &all[..all.len().min(fewer.wanted.limit)]);
    }
}
