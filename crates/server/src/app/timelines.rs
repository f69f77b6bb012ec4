//! What must be known of a host to say when they are free: their schedule and what blocks them.

use domain::{
    availability,
    busy::Busy,
    event_type::EventType as Rules,
    id::{OrganizationId, ScheduleId, UserId},
    interval::{Interval, IntervalSet},
    schedule::Schedule,
    slots::Offer,
};
use jiff::{SignedDuration, Timestamp};
use store::{
    ReadTx, StoreError, busy_intervals,
    event_types::EventType,
    user_availability_schedules::{self, AvailabilitySchedule},
};

/// So many alternatives are named when a time cannot be booked.
const ALTERNATIVES: usize = 5;

/// Alternatives lie at most so far from the time that was asked for.
const NEAR: SignedDuration = SignedDuration::from_hours(14 * 24);

/// A host's schedule and busy time within a range.
#[derive(Clone, Debug)]
pub struct Timeline {
    /// The hours.
    pub schedule: Schedule,
    /// What blocks them.
    pub busy: Busy,
}

impl Timeline {
    /// The host's free time within a range that the timeline covers.
    pub fn free(&self, range: Interval) -> IntervalSet {
        availability::free(&self.schedule, &self.busy, range)
    }
}

/// The schedule an event type goes by: its own, or its host's default.
pub async fn schedule_for(
    tx: &ReadTx<'_>,
    organization: OrganizationId,
    (user, schedule): (UserId, Option<ScheduleId>),
) -> Result<AvailabilitySchedule, StoreError> {
    let found = match schedule {
        Some(id) => user_availability_schedules::get(tx, organization, id).await?,
        None => user_availability_schedules::default_of(tx, organization, user).await?,
    };
    found.ok_or_else(|| StoreError::missing("user_availability_schedules", user))
}

/// The timeline of a user, by their default schedule.
pub async fn of_user(
    tx: &ReadTx<'_>,
    organization: OrganizationId,
    user: UserId,
    range: Interval,
) -> Result<Timeline, StoreError> {
    let schedule = schedule_for(tx, organization, (user, None)).await?.schedule;
    let busy = busy_intervals::overlapping(tx, organization, user, range).await?;
    Ok(Timeline { schedule, busy })
}

/// The timeline that decides about an event type's starts within a range.
pub async fn of_event_type(
    tx: &ReadTx<'_>,
    organization: OrganizationId,
    (event_type, rules): (&EventType, &Rules),
    range: Interval,
) -> Result<Timeline, StoreError> {
    let source = (event_type.user_id, event_type.schedule_id);
    let schedule = schedule_for(tx, organization, source).await?.schedule;
    let facts = Offer::facts_range(rules, schedule.zone(), range);
    let busy = busy_intervals::overlapping(tx, organization, event_type.user_id, facts).await?;
    Ok(Timeline { schedule, busy })
}

/// All starts of an event type within a range that can be booked at `now`.
pub async fn available_starts(
    tx: &ReadTx<'_>,
    organization: OrganizationId,
    event_type: &EventType,
    (range, now): (Interval, Timestamp),
) -> Result<Vec<Timestamp>, StoreError> {
    let rules = event_type.compiled()?;
    let timeline = of_event_type(tx, organization, (event_type, &rules), range).await?;
    Ok(Offer::new(&rules, &timeline.schedule, &timeline.busy, range, now).starts())
}

/// The starts nearest to `start` that can be booked at `now`.
pub async fn alternatives(
    tx: &ReadTx<'_>,
    organization: OrganizationId,
    event_type: &EventType,
    (start, now): (Timestamp, Timestamp),
) -> Result<Vec<Timestamp>, StoreError> {
    let rules = event_type.compiled()?;
    let from = start.saturating_sub(NEAR).unwrap_or(start).max(now);
    let to = start.max(now).saturating_add(NEAR).unwrap_or(start);
    let Some(range) = Interval::new(from, to) else {
        return Ok(Vec::new());
    };
    let timeline = of_event_type(tx, organization, (event_type, &rules), range).await?;
    let offer = Offer::new(&rules, &timeline.schedule, &timeline.busy, range, now);
    Ok(offer.nearest(start, ALTERNATIVES))
}
