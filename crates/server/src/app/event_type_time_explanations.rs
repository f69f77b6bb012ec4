//! Why an event type can or cannot be booked at a time.

use super::{
    event_type_available_times::{NEAR, computed},
    facts::EventTypeFacts,
    timelines,
};
use crate::context::App;
use domain::{
    explanation::{Explanation, explain},
    id::{OrganizationId, UserId},
    interval::Interval,
    slots::Offer,
};
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeSet;
use store::StoreError;
use uuid::Uuid;

/// Which times are to be explained.
#[derive(Clone, Copy, Debug)]
pub enum Asked {
    /// One time, whether or not it is a start of the grid.
    Time(Timestamp),
    /// All starts of the grid in a range.
    Grid(Interval),
}

impl Asked {
    /// The times, and as far around them as the nearest ones that can be booked are looked for.
    fn surroundings(self) -> Result<Interval, StoreError> {
        let asked = match self {
            Asked::Grid(range) => range,
            Asked::Time(start) => {
                let after = start.saturating_add(SignedDuration::from_secs(1));
                let range = Interval::new(start, after.map_err(StoreError::invalid)?);
                range.ok_or_else(|| StoreError::invalid("a start at the end of time"))?
            }
        };
        Ok(asked.expand(NEAR, NEAR))
    }
}

/// Why an event type cannot be booked at any time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Closed {
    /// It is not active.
    Inactive,
    /// Nobody is there any more who hosts it, or who takes part for one of its pools.
    Unhosted,
}

impl Closed {
    /// A short name of the reason that does not change.
    pub fn code(self) -> &'static str {
        match self {
            Closed::Inactive => "event_type_inactive",
            Closed::Unhosted => "no_hosts",
        }
    }
}

/// What is to be said of one time.
#[derive(Clone, Debug)]
pub struct ExplainedTime {
    /// The time.
    pub start: Timestamp,
    /// When a meeting that starts then ends.
    pub end: Timestamp,
    /// Why no time can be booked.
    pub closed: Vec<Closed>,
    /// Why this one cannot.
    pub reasons: Vec<Explanation>,
    /// How many more invitees a meeting at this time takes; none when it cannot be booked.
    pub places_left: Option<i64>,
    /// The last time before it that can be booked.
    pub previous: Option<Timestamp>,
    /// The first time after it that can be booked.
    pub next: Option<Timestamp>,
}

/// Explains times of an event type as things are at `now`.
pub async fn explained(
    app: &App,
    organization: OrganizationId,
    event_type: &EventTypeFacts,
    asked: Asked,
) -> Result<Vec<ExplainedTime>, StoreError> {
    let (range, now) = (asked.surroundings()?, app.now());
    let team = timelines::team(&app.facts, organization, event_type, range).await?;
    let has_owner = event_type.owner.deactivated_at.is_none();
    let is_hosted = has_owner && timelines::are_hosted(&team.pools);
    let closed = (!event_type.event_type.active).then_some(Closed::Inactive);
    let closed = closed
        .into_iter()
        .chain((!is_hosted).then_some(Closed::Unhosted));
    let closed: Vec<Closed> = closed.collect();
    computed(app, team, range, move |team| {
        explain_all(team.offer(range, now), closed, asked)
    })
    .await
}

fn explain_all(offer: Offer<'_>, closed: Vec<Closed>, asked: Asked) -> Vec<ExplainedTime> {
    let times = Times {
        is_hosted: !closed.contains(&Closed::Unhosted),
        closed,
        grid: offer.grid(),
        starts: offer.starts(),
        offer,
    };
    match asked {
        Asked::Time(start) => vec![times.explain(start)],
        Asked::Grid(range) => {
            let is_asked = |start: &&Timestamp| range.start() <= **start && **start < range.end();
            let asked = times.grid.iter().filter(is_asked);
            asked.map(|&start| times.explain(start)).collect()
        }
    }
}

/// All that is the same for every time that is explained.
struct Times<'a> {
    offer: Offer<'a>,
    is_hosted: bool,
    closed: Vec<Closed>,
    grid: Vec<Timestamp>,
    starts: Vec<Timestamp>,
}

impl Times<'_> {
    fn explain(&self, start: Timestamp) -> ExplainedTime {
        let meeting = self.offer.event_type().meeting_at(start);
        let reasons = if self.is_hosted {
            explain(&self.offer, &self.grid, start)
        } else {
            Vec::new()
        };
        let is_open = self.closed.is_empty() && reasons.is_empty();
        let open: &[Timestamp] = if self.closed.is_empty() {
            &self.starts
        } else {
            &[]
        };
        let before = open.partition_point(|&other| other < start);
        let after = open.partition_point(|&other| other <= start);
        ExplainedTime {
            start,
            end: meeting.map_or(Timestamp::MAX, |meeting| meeting.end()),
            closed: self.closed.clone(),
            places_left: is_open.then(|| self.offer.places_left(start)),
            reasons,
            previous: open[..before].last().copied(),
            next: open.get(after).copied(),
        }
    }
}

/// The events and busy times that take a user's own time around the times that are to be explained.
pub async fn taking_time_of(
    app: &App,
    organization: OrganizationId,
    user: UserId,
    asked: Asked,
) -> Result<BTreeSet<Uuid>, StoreError> {
    let busy = app
        .facts
        .busy(organization, user, asked.surroundings()?)
        .await?;
    Ok(busy.iter().map(|busy| busy.source).collect())
}
