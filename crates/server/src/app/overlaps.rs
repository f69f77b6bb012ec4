//! When several people are free together: users of the organization and people without account.

use crate::{
    app::timelines::{self, Timeline},
    context::App,
};
use domain::{
    busy::{Busy, BusyInterval, BusyKind},
    id::{OrganizationId, UserId},
    interval::{Interval, IntervalSet},
    overlap::{self, Group, Overlap},
    schedule::{Rule, Schedule},
};
use futures_util::future::try_join_all;
use jiff::SignedDuration;
use store::{ReadTx, StoreError, users};
use uuid::Uuid;

/// The most bytes of names that all intervals of one answer may list together.
pub const MAX_NAMED: usize = 256 << 20;

/// The most intervals that the hours of all people may have together within the range.
pub const MAX_HOURS: usize = 10_000_000;

/// Questions about more people than these take turns.
const FEW: usize = 100;

/// So many users are looked up at once.
const AT_ONCE: usize = 64;

/// One of the people whose free time is compared.
#[derive(Clone, Debug)]
pub enum Person {
    /// A user, by their default schedule.
    User(UserId),
    /// Somebody without account.
    Guest {
        /// Their hours.
        schedule: Box<Schedule>,
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
}

/// Why a question has no answer.
#[derive(Debug)]
pub enum OverlapRefusal {
    /// There is no such user; the index into the people.
    UnknownUser(usize),
    /// The hours exceed [`MAX_HOURS`] or the answer would exceed [`MAX_NAMED`].
    TooLarge,
    /// Something could not be looked up, so nobody is said to be free.
    Failed(StoreError),
}

impl From<StoreError> for OverlapRefusal {
    fn from(error: StoreError) -> OverlapRefusal {
        OverlapRefusal::Failed(error)
    }
}

/// The intervals during which everyone who is needed is free.
pub async fn overlaps(
    app: &App,
    organization: OrganizationId,
    question: Question,
) -> Result<Vec<Overlap>, OverlapRefusal> {
    let turn = if question.people.len() <= FEW {
        None
    } else {
        let turn = app.large_questions.clone().acquire_owned().await;
        Some(turn.map_err(StoreError::invalid)?)
    };
    let timelines = timelines(app, organization, &question).await?;
    let days = question.range.duration().as_hours() / 24 + 2;
    let hours = |timeline: &Timeline| stated(&timeline.schedule, days);
    if MAX_HOURS < timelines.iter().map(hours).sum() {
        return Err(OverlapRefusal::TooLarge);
    }
    // thousands of people take a while, during which other requests go on
    let computed = tokio::task::spawn_blocking(move || {
        let overlaps = compute(&timelines, &question);
        drop(turn);
        overlaps
    });
    computed.await.map_err(StoreError::invalid)?
}

async fn timelines(
    app: &App,
    organization: OrganizationId,
    question: &Question,
) -> Result<Vec<Timeline>, OverlapRefusal> {
    let tx = app.store.read().await?;
    let mut timelines = Vec::with_capacity(question.people.len());
    for (chunk, people) in question.people.chunks(AT_ONCE).enumerate() {
        let look_ups = people.iter().enumerate().map(|(index, person)| {
            let person = (chunk * AT_ONCE + index, person);
            timeline(&tx, organization, person, question.range)
        });
        timelines.extend(try_join_all(look_ups).await?);
    }
    Ok(timelines)
}

/// How many intervals a schedule states in so many days, at most.
fn stated(schedule: &Schedule, days: i64) -> usize {
    let weeks = usize::try_from(days / 7 + 1).unwrap_or(usize::MAX);
    let intervals = |rule| match rule {
        Rule::Weekday { intervals, .. } => intervals.len().saturating_mul(weeks),
        Rule::Date { intervals, .. } => intervals.len(),
    };
    schedule.rules().map(intervals).sum()
}

fn compute(timelines: &[Timeline], question: &Question) -> Result<Vec<Overlap>, OverlapRefusal> {
    let (groups, range) = (&question.groups, question.range);
    let free: Vec<IntervalSet> = timelines
        .iter()
        .map(|timeline| timeline.free(range))
        .collect();
    let times = overlap::times(&free, groups, range, question.duration);
    if MAX_NAMED < times.len().saturating_mul(question.named) {
        return Err(OverlapRefusal::TooLarge);
    }
    Ok(overlap::with_people(times, &free))
}

async fn timeline(
    tx: &ReadTx<'_>,
    organization: OrganizationId,
    (index, person): (usize, &Person),
    range: Interval,
) -> Result<Timeline, OverlapRefusal> {
    match person {
        Person::User(user) => {
            let found = users::get_active(tx, organization, *user).await?;
            found.ok_or(OverlapRefusal::UnknownUser(index))?;
            Ok(timelines::of_user(tx, organization, *user, range).await?)
        }
        Person::Guest { schedule, busy } => {
            let busy = busy.iter().map(|interval| BusyInterval {
                interval: *interval,
                buffered: *interval,
                kind: BusyKind::BusyTime,
                source: Uuid::nil(),
                event_type: None,
                places: 1,
            });
            Ok(Timeline {
                schedule: schedule.as_ref().clone(),
                busy: Busy::new(busy.collect()),
            })
        }
    }
}
