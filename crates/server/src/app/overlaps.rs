//! When several people are free together: users of the organization and people without account.

pub mod meeting_times;

use crate::{
    app::{
        facts::{Facts, HostFacts},
        timelines::{self, AT_ONCE, Timeline},
    },
    cache::Kept,
    context::App,
};
use domain::{
    busy::{Busy, BusyInterval, BusyKind},
    id::{OrganizationId, UserId},
    interval::{Interval, IntervalSet},
    overlap::{self, Group, Overlaps},
    schedule::{Rule, Schedule},
};
use futures_util::future::try_join_all;
use jiff::SignedDuration;
use meeting_times::{Meeting, MeetingTimes};
use std::sync::Arc;
use store::StoreError;
use uuid::Uuid;

/// The most bytes of names that all intervals of one answer may list together.
pub const MAX_NAMED: usize = 256 << 20;

/// The most intervals that the hours of all people may have together within the range.
pub const MAX_HOURS: usize = 10_000_000;

/// Questions about more people than these take turns.
const FEW: usize = 100;

/// One of the people whose free time is compared.
#[derive(Clone, Debug)]
pub enum Person {
    /// A user, by their default schedule.
    User(UserId),
    /// Somebody without account.
    Guest {
        /// Their hours.
        schedule: Arc<Schedule>,
        /// When they are taken.
        busy: Vec<Interval>,
    },
}

/// Who must be free together.
#[derive(Clone, Debug)]
pub struct Question {
    /// Everybody.
    pub people: Vec<Person>,
    /// How many of whom must be free.
    pub groups: Vec<Group>,
    /// Within which range.
    pub range: Interval,
    /// For how long at least.
    pub duration: SignedDuration,
    /// How many bytes it takes to name everybody once.
    pub named: usize,
    /// The meeting for which times are ranked as well.
    pub meeting: Option<Meeting>,
}

impl Question {
    /// The range in which everybody's free time must be known.
    fn facts_range(&self) -> Interval {
        match &self.meeting {
            Some(_) => domain::meeting_times::facts_range(self.range),
            None => self.range,
        }
    }
}

/// What was found.
#[derive(Clone, Debug)]
pub struct Found {
    /// The intervals during which everyone who is needed is free.
    pub overlaps: Overlaps,
    /// The times for the meeting, if there is one.
    pub meeting_times: Option<MeetingTimes>,
}

/// What is known of one of the people.
#[derive(Clone, Debug)]
pub struct Known {
    /// The name of a user.
    user_name: Option<String>,
    /// Hours and what is busy.
    timeline: Timeline,
}

/// Why a question has no answer.
#[derive(Debug)]
pub enum OverlapRefusal {
    /// There is no such user; the index into the people.
    UnknownUser(usize),
    /// The hours exceed [`MAX_HOURS`] or the answer would exceed [`MAX_NAMED`].
    TooLarge,
    /// There are more candidate starts of meetings than can be looked at.
    TooManyCandidates,
    /// Something could not be looked up, so nobody is said to be free.
    Failed(StoreError),
}

impl From<StoreError> for OverlapRefusal {
    fn from(error: StoreError) -> OverlapRefusal {
        OverlapRefusal::Failed(error)
    }
}

/// When everyone who is needed is free, and the best times for the meeting.
pub async fn overlaps(
    app: &App,
    organization: OrganizationId,
    question: Question,
) -> Result<Found, OverlapRefusal> {
    let turn = if question.people.len() <= FEW {
        None
    } else {
        let turn = app.large_questions.clone().acquire_owned().await;
        Some(turn.map_err(StoreError::invalid)?)
    };
    let people = look_up(app, organization, &question).await?;
    let hours = |known: &Known| stated(&known.timeline.schedule, question.range);
    if MAX_HOURS < people.iter().map(hours).sum() {
        return Err(OverlapRefusal::TooLarge);
    }
    if turn.is_none() && question.meeting.is_none() {
        return compute(&people, &question);
    }
    // thousands of people take a while, during which other requests go on
    let computed = tokio::task::spawn_blocking(move || {
        let found = compute(&people, &question);
        drop(turn);
        found
    });
    computed.await.map_err(StoreError::invalid)?
}

async fn look_up(
    app: &App,
    organization: OrganizationId,
    question: &Question,
) -> Result<Vec<Known>, OverlapRefusal> {
    let range = question.facts_range();
    let mut known = Vec::with_capacity(question.people.len());
    for (chunk, people) in question.people.chunks(AT_ONCE).enumerate() {
        let people = people.iter().enumerate();
        let look_ups = people.map(|(index, person)| {
            let person = (chunk * AT_ONCE + index, person);
            look_up_one(&app.facts, organization, person, range)
        });
        known.extend(try_join_all(look_ups).await?);
    }
    Ok(known)
}

/// How many intervals a schedule states in a range, at most.
fn stated(schedule: &Schedule, range: Interval) -> usize {
    let days = range.duration().as_hours() / 24 + 2;
    let weeks = usize::try_from(days / 7 + 1).unwrap_or(usize::MAX);
    let intervals = |rule| match rule {
        Rule::Weekday { intervals, .. } => intervals.len().saturating_mul(weeks),
        Rule::Date { intervals, .. } => intervals.len(),
    };
    schedule.rules().map(intervals).sum()
}

fn compute(people: &[Known], question: &Question) -> Result<Found, OverlapRefusal> {
    let facts = question.facts_range();
    let free: Vec<IntervalSet> = people
        .iter()
        .map(|known| known.timeline.free(facts))
        .collect();
    let overlaps = overlap::overlaps(&free, &question.groups, question.range, question.duration);
    if MAX_NAMED < overlaps.times().len().saturating_mul(question.named) {
        return Err(OverlapRefusal::TooLarge);
    }
    let meeting = question.meeting.as_ref();
    let meeting_times =
        meeting.map(|meeting| meeting_times::find(people, &free, question, meeting));
    Ok(Found {
        overlaps,
        meeting_times: meeting_times.transpose()?,
    })
}

async fn look_up_one(
    facts: &Facts,
    organization: OrganizationId,
    (index, person): (usize, &Person),
    range: Interval,
) -> Result<Known, OverlapRefusal> {
    match person {
        Person::User(user) => {
            let found = facts.host(organization, *user).await?;
            let is_there = |host: &Arc<Kept<HostFacts>>| host.value.user.deactivated_at.is_none();
            let host = found.filter(is_there);
            let host = host.ok_or(OverlapRefusal::UnknownUser(index))?;
            Ok(Known {
                user_name: Some(host.value.user.name.clone()),
                timeline: timelines::of_known_user(facts, organization, *user, range).await?,
            })
        }
        Person::Guest { schedule, busy } => {
            let busy = busy.iter().map(|interval| BusyInterval {
                interval: *interval,
                buffered: *interval,
                kind: BusyKind::BusyTime,
                source: Uuid::nil(),
                event_type: None,
                places: 0,
            });
            Ok(Known {
                user_name: None,
                timeline: Timeline {
                    schedule: schedule.clone(),
                    busy: Arc::new(Busy::new(busy.collect())),
                },
            })
        }
    }
}
