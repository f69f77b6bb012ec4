//! Meeting times: what is asked, and the best of them in answers. `docs/ranking.md` has the formula.

use super::{
    minutes,
    question::{OverlapQuestion, split},
};
use crate::api::{
    input::input,
    problem::{Detail, Problem},
    value::{Int, time::Time},
};
use crate::app::overlaps::meeting_times::{Attendee, MeetingTimes};
use domain::{
    civil,
    interval::Interval,
    meeting_times::{
        MeetingTime, Wanted,
        score::{Parts, Weights},
    },
};
use jiff::{SignedDuration, tz::TimeZone};
use serde::Serialize;
use std::{collections::HashMap, sync::Arc};
use utoipa::ToSchema;

input! {
    /// How much each part of the score counts, in proportion to the others; one of them at least.
    pub struct WeightsInput {
        /// That many people can come; 40 by default.
        pub attendance: Option<Int<0, 100>>,
        /// That it lies in their preferred hours; 30 by default.
        pub preferred_hours: Option<Int<0, 100>>,
        /// That it is about equally inconvenient for all; 10 by default.
        pub fairness: Option<Int<0, 100>>,
        /// That it leaves no short gaps; 10 by default.
        pub compactness: Option<Int<0, 100>>,
        /// That it is soon; 10 by default.
        pub soon: Option<Int<0, 100>>,
    }
}

/// A time for the meeting.
#[derive(Debug, Serialize, ToSchema)]
pub struct MeetingTimeBody {
    /// When it starts.
    pub start_time: Time,
    /// When it ends.
    pub end_time: Time,
    /// The weighted mean of the parts, from 0 to 1, with six decimals.
    #[schema(minimum = 0, maximum = 1)]
    pub score: f64,
    /// What the score is made of.
    pub score_parts: ScorePartsBody,
    /// Who is free during all of it.
    #[schema(value_type = Vec<String>)]
    pub available: Vec<Arc<str>>,
    /// Who is not.
    #[schema(value_type = Vec<String>)]
    pub missing: Vec<Arc<str>>,
    /// What the clocks of all people show, by zone.
    pub local_times: Vec<LocalTimesBody>,
}

/// The parts of a score, each from 0 to 1.
#[derive(Debug, Serialize, ToSchema)]
pub struct ScorePartsBody {
    /// How many of the people can come.
    #[schema(minimum = 0, maximum = 1)]
    pub attendance: f64,
    /// How much of it lies in the preferred hours of those who can come.
    #[schema(minimum = 0, maximum = 1)]
    pub preferred_hours: f64,
    /// How equally inconvenient it is for them.
    #[schema(minimum = 0, maximum = 1)]
    pub fairness: f64,
    /// How few gaps of less than half an hour it leaves them.
    #[schema(minimum = 0, maximum = 1)]
    pub compactness: f64,
    /// How early in the range it is.
    #[schema(minimum = 0, maximum = 1)]
    pub soon: f64,
}

/// A meeting by the clocks of a zone.
#[derive(Debug, Serialize, ToSchema)]
pub struct LocalTimesBody {
    /// The zone.
    #[schema(example = "Europe/Berlin")]
    pub timezone: String,
    /// When it starts there.
    #[schema(format = "date-time", example = "2026-03-09T10:30:00+01:00")]
    pub start_time: String,
    /// When it ends there.
    #[schema(format = "date-time", example = "2026-03-09T11:00:00+01:00")]
    pub end_time: String,
    /// Whose hours are in this zone.
    #[schema(value_type = Vec<String>)]
    pub people: Vec<Arc<str>>,
}

/// The meeting for which times are wanted; none without a duration, which then nothing else may ask for.
pub fn wanted(asked: &OverlapQuestion, range: Interval) -> Result<Option<Wanted>, Problem> {
    if asked.duration.is_none() {
        let given = [
            ("increment", asked.increment.is_some()),
            ("limit", asked.limit.is_some()),
            ("weights", asked.weights.is_some()),
        ];
        let needs = |(name, _)| {
            Detail::new(
                "duration",
                "required",
                format!("must be filled, for {name} is about meetings"),
            )
        };
        let given = given.into_iter().filter(|(_, is_given)| *is_given);
        let details: Vec<Detail> = given.map(needs).take(1).collect();
        return if details.is_empty() {
            Ok(None)
        } else {
            Err(Problem::invalid(details))
        };
    }
    Ok(Some(Wanted {
        range,
        duration: minutes(asked.duration),
        increment: SignedDuration::from_mins(
            asked.increment.map_or(15, |increment| increment.0.into()),
        ),
        weights: weights(asked.weights.as_ref())?,
        limit: asked.limit.map_or(10, |limit| limit.0 as usize),
    }))
}

fn weights(asked: Option<&WeightsInput>) -> Result<Weights, Problem> {
    let usual = Weights::default();
    let Some(asked) = asked else {
        return Ok(usual);
    };
    let or = |weight: Option<Int<0, 100>>, usual| weight.map_or(usual, |weight| weight.0);
    let weights = Weights {
        attendance: or(asked.attendance, usual.attendance),
        preferred_hours: or(asked.preferred_hours, usual.preferred_hours),
        fairness: or(asked.fairness, usual.fairness),
        compactness: or(asked.compactness, usual.compactness),
        soon: or(asked.soon, usual.soon),
    };
    if weights.total() == 0 {
        return Err(Problem::parameter(
            "weights",
            "out_of_range",
            "must not all be 0",
        ));
    }
    Ok(weights)
}

/// The best times in an answer.
pub fn bodies(found: &MeetingTimes, names: &[Arc<str>]) -> Vec<MeetingTimeBody> {
    let zones = by_zone(&found.people, names);
    let body = |time: &MeetingTime| {
        let (available, missing) = split(&time.available, names);
        let local_times = zones.iter().map(|zone| local_times(time.interval, zone));
        MeetingTimeBody {
            start_time: Time(time.interval.start()),
            end_time: Time(time.interval.end()),
            score: time.score.value(),
            score_parts: parts(&time.parts),
            available,
            missing,
            local_times: local_times.collect(),
        }
    };
    found.times.iter().map(body).collect()
}

fn parts(parts: &Parts) -> ScorePartsBody {
    ScorePartsBody {
        attendance: parts.attendance.value(),
        preferred_hours: parts.preferred_hours.value(),
        fairness: parts.fairness.value(),
        compactness: parts.compactness.value(),
        soon: parts.soon.value(),
    }
}

/// A zone, and who keeps its time.
type ZonePeople<'a> = (&'a TimeZone, Vec<Arc<str>>);

/// The zones in the order in which people come to them.
fn by_zone<'a>(people: &'a [Attendee], names: &[Arc<str>]) -> Vec<ZonePeople<'a>> {
    let mut zones: Vec<ZonePeople<'a>> = Vec::new();
    let mut places = HashMap::new();
    for (person, name) in people.iter().zip(names) {
        let place = *places
            .entry(civil::zone_name(&person.zone))
            .or_insert(zones.len());
        if place == zones.len() {
            zones.push((&person.zone, Vec::new()));
        }
        zones[place].1.push(name.clone());
    }
    zones
}

fn local_times(meeting: Interval, (zone, people): &ZonePeople<'_>) -> LocalTimesBody {
    LocalTimesBody {
        timezone: civil::zone_name(zone).to_owned(),
        start_time: civil::local(meeting.start(), zone).to_string(),
        end_time: civil::local(meeting.end(), zone).to_string(),
        people: people.clone(),
    }
}
