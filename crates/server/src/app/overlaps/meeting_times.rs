//! The best times for a meeting of people whose timelines are known, or what comes nearest.

use super::{Known, MAX_HOURS, MAX_NAMED, OverlapRefusal, Question, stated};
use crate::app::user_availability_schedules::working_hours;
use domain::{
    civil,
    interval::{Interval, IntervalSet},
    meeting_times::{
        self, MeetingTime, Preferences, Ranking, Wanted,
        absence::{Absence, absence},
    },
    schedule::{Rule, Schedule},
};
use jiff::{SignedDuration, tz::TimeZone};
use std::collections::HashMap;

/// The most candidates, for each group and for each set of preferred hours, that are looked at.
///
/// Everybody's usual hours in every zone of the world, 1,000 groups and a year in steps of a quarter of an hour are less.
pub const MAX_LOOKS: usize = 60_000_000;

/// So many of the people who are missed at a time are named with a reason.
const NAMED_ABSENT: usize = 20;

/// What hinders somebody is followed for so long after the meeting.
const FOLLOWED: SignedDuration = SignedDuration::from_hours(14 * 24);

/// The meeting for which times are wanted.
#[derive(Clone, Debug)]
pub struct Meeting {
    /// When, for how long, how many times, what counts.
    pub wanted: Wanted,
    /// For each of the people, the hours they prefer, which are wall times of their own zone; working hours by default.
    pub preferred: Vec<Option<Box<Schedule>>>,
}

/// Times for a meeting.
#[derive(Clone, Debug)]
pub struct MeetingTimes {
    /// The best ones.
    pub times: Vec<MeetingTime>,
    /// What comes nearest, when there is none.
    pub nearest_misses: Vec<Miss>,
    /// The people of the question.
    pub people: Vec<Attendee>,
}

/// What a person's place in the answer needs.
#[derive(Clone, Debug)]
pub struct Attendee {
    /// The zone of their schedule.
    pub zone: TimeZone,
    /// The name of a user.
    pub user_name: Option<String>,
}

/// A time at which somebody is missed.
#[derive(Clone, Debug)]
pub struct Miss {
    /// The time.
    pub time: MeetingTime,
    /// Some of those who are missed, and why.
    pub absences: Vec<(usize, Absence)>,
}

/// The best times at which the meeting is possible, given what everybody has free, or the nearest misses.
pub fn find(
    people: &[Known],
    free: &[IntervalSet],
    question: &Question,
    meeting: &Meeting,
) -> Result<MeetingTimes, OverlapRefusal> {
    let preferences = preferences(people, question, meeting)?;
    let ranking = meeting_times::rank(free, &question.groups, &preferences, &meeting.wanted);
    let (times, misses) = match ranking {
        Ranking::MeetingTimes(times) => (times, Vec::new()),
        Ranking::NearestMisses(misses) => (Vec::new(), misses),
    };
    // once as available or missing and once by zone
    if MAX_NAMED < times.len().saturating_mul(2 * question.named) {
        return Err(OverlapRefusal::TooLarge);
    }
    let attendee = |known: &Known| Attendee {
        zone: known.timeline.schedule.zone().clone(),
        user_name: known.user_name.clone(),
    };
    let miss = |time: MeetingTime| Miss {
        absences: absences(people, &time, question.range),
        time,
    };
    Ok(MeetingTimes {
        times,
        nearest_misses: misses.into_iter().map(miss).collect(),
        people: people.iter().map(attendee).collect(),
    })
}

/// Who prefers which hours. People in the same zone who state the same share one set.
fn preferences(
    people: &[Known],
    question: &Question,
    meeting: &Meeting,
) -> Result<Preferences, OverlapRefusal> {
    let mut sets: HashMap<(&str, Option<Vec<Rule>>), usize> = HashMap::new();
    let mut schedules: Vec<Schedule> = Vec::new();
    let mut of = Vec::with_capacity(people.len());
    for (known, preferred) in people.iter().zip(&meeting.preferred) {
        let zone = known.timeline.schedule.zone();
        let rules = preferred.as_ref().map(|stated| stated.rules().collect());
        let set = sets
            .entry((civil::zone_name(zone), rules))
            .or_insert(schedules.len());
        if *set == schedules.len() {
            let zone = zone.clone();
            schedules.push(match preferred {
                Some(stated) => stated.as_ref().clone().in_zone(zone),
                None => working_hours(zone),
            });
        }
        of.push(*set);
    }
    let looks = schedules.len() + question.groups.len();
    if MAX_LOOKS < meeting.wanted.candidates().saturating_mul(looks) {
        return Err(OverlapRefusal::TooManyCandidates);
    }
    let range = meeting_times::preferred_range(question.range);
    if MAX_HOURS
        < schedules
            .iter()
            .map(|schedule| stated(schedule, range))
            .sum()
    {
        return Err(OverlapRefusal::TooLarge);
    }
    let hours = schedules.iter().map(|schedule| schedule.hours(range));
    Ok(Preferences {
        hours: hours.collect(),
        of,
    })
}

/// Why the first of those who are missed cannot come.
fn absences(people: &[Known], time: &MeetingTime, range: Interval) -> Vec<(usize, Absence)> {
    let meeting = time.interval;
    let followed = meeting.expand(SignedDuration::ZERO, FOLLOWED);
    let Some(followed) = followed.intersection(&range) else {
        return Vec::new();
    };
    let of = |&person: &usize| {
        let timeline = &people[person].timeline;
        let hours = timeline.schedule.hours(followed);
        let absence = absence(&hours, timeline.busy.buffered_set(), meeting, followed)?;
        Some((person, absence))
    };
    time.missed
        .iter()
        .take(NAMED_ABSENT)
        .filter_map(of)
        .collect()
}
