//! The nearest misses: who is missed at a time, and why, in words.

use crate::api::value::time::Time;
use crate::app::overlaps::meeting_times::{MeetingTimes, Miss};
use domain::{
    civil,
    interval::Interval,
    meeting_times::absence::{Absence, Hindrance},
};
use jiff::{Timestamp, tz::TimeZone};
use serde::Serialize;
use std::sync::Arc;
use utoipa::ToSchema;

/// So many people are named in one sentence.
const NAMED: usize = 3;

/// A time at which the meeting would be possible with some more people.
#[derive(Debug, Serialize, ToSchema)]
pub struct MissBody {
    /// When it would start.
    pub start_time: Time,
    /// When it would end.
    pub end_time: Time,
    /// The score it would have with those who can come, from 0 to 1.
    #[schema(minimum = 0, maximum = 1)]
    pub score: f64,
    /// How many more people it takes.
    pub lacking: usize,
    /// People of whom they may be: the first 20.
    pub missing: Vec<MissingBody>,
    /// The same in words.
    #[schema(example = "all but Bo; Bo is busy until 10:30 (America/New_York)")]
    pub message: String,
}

/// Somebody who is missed, and why.
#[derive(Debug, Serialize, ToSchema)]
pub struct MissingBody {
    /// Who, by URI or by the given name.
    #[schema(value_type = String)]
    pub person: Arc<str>,
    /// What hinders them.
    pub reason: Reason,
    /// When that is over; null if that is after `end_time` of the question or more than 14 days away.
    #[schema(required = true)]
    pub until: Option<Time>,
    /// The same in words, by the clock of the person.
    #[schema(example = "Bo is busy until 10:30 (America/New_York)")]
    pub message: String,
}

/// What hinders somebody.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// Part of the time is outside their hours.
    OutsideHours,
    /// It is within their hours, and something takes part of it.
    Busy,
}

/// The nearest misses in an answer.
pub fn bodies(found: &MeetingTimes, names: &[Arc<str>]) -> Vec<MissBody> {
    let mut zones = found
        .people
        .iter()
        .map(|person| civil::zone_name(&person.zone));
    let first = zones.next();
    let words = Words {
        found,
        names,
        zones_differ: zones.any(|zone| Some(zone) != first),
    };
    let body = |miss: &Miss| {
        let absences = miss.absences.iter();
        let missing: Vec<MissingBody> = absences
            .map(|(person, absence)| words.missing(*person, *absence, miss.time.interval))
            .collect();
        MissBody {
            start_time: Time(miss.time.interval.start()),
            end_time: Time(miss.time.interval.end()),
            score: miss.time.score.value(),
            lacking: miss.time.lacking,
            message: words.message(miss, &missing),
            missing,
        }
    };
    found.nearest_misses.iter().map(body).collect()
}

/// What people are called, and whether a time needs its zone.
struct Words<'a> {
    found: &'a MeetingTimes,
    names: &'a [Arc<str>],
    zones_differ: bool,
}

impl Words<'_> {
    /// The name of a person: users are known by it better than by their URI.
    fn name(&self, person: usize) -> &str {
        let user_name = self.found.people[person].user_name.as_deref();
        user_name.unwrap_or(&self.names[person])
    }

    fn missing(&self, person: usize, absence: Absence, meeting: Interval) -> MissingBody {
        let name = self.name(person);
        let (reason, what) = match absence.hindrance {
            Hindrance::OutsideHours => (
                Reason::OutsideHours,
                format!("it is outside {name}'s hours"),
            ),
            Hindrance::Busy => (Reason::Busy, format!("{name} is busy")),
        };
        let until = absence
            .until
            .map(|until| self.until(until, person, meeting));
        MissingBody {
            person: self.names[person].clone(),
            reason,
            until: absence.until.map(Time),
            message: what + until.as_deref().unwrap_or_default(),
        }
    }

    /// By the person's clock, with the date when it is another one, and with the zone when people have several.
    fn until(&self, until: Timestamp, person: usize, meeting: Interval) -> String {
        let zone: &TimeZone = &self.found.people[person].zone;
        let shown = civil::wall_time(until, zone);
        let mut words = if shown.date() == civil::date_of(meeting.start(), zone) {
            format!(" until {}", shown.strftime("%H:%M"))
        } else {
            format!(" until {}", shown.strftime("%Y-%m-%d %H:%M"))
        };
        if self.zones_differ {
            words = format!("{words} ({})", civil::zone_name(zone));
        }
        words
    }

    fn message(&self, miss: &Miss, missing: &[MissingBody]) -> String {
        let (missed, lacking) = (&miss.time.missed, miss.time.lacking);
        let are = if lacking == 1 { "is" } else { "are" };
        let who = match missed.len() {
            count if count <= NAMED => self.list(missed),
            count => format!("{count} people"),
        };
        let mut sentences = vec![if missed.len() <= lacking {
            format!("all but {who}")
        } else {
            format!("{lacking} more of {who} {are} needed")
        }];
        if missed.len() <= NAMED {
            sentences.extend(missing.iter().map(|missing| missing.message.clone()));
        }
        sentences.join("; ")
    }

    /// `Bo, Cy and Di`.
    fn list(&self, people: &[usize]) -> String {
        let names: Vec<&str> = people.iter().map(|person| self.name(*person)).collect();
        match names.split_last() {
            Some((last, [])) => (*last).to_owned(),
            Some((last, others)) => format!("{} and {last}", others.join(", ")),
            None => "nobody".to_owned(),
        }
    }
}
