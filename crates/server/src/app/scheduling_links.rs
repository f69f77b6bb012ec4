//! Links by which one meeting can be booked, once. A link ends by itself, by the database's clock.

pub mod overrides;

use super::{facts::EventTypeFacts, timelines};
use domain::id::{InviteeId, OrganizationId};
use jiff::{SignedDuration, Timestamp};
use overrides::Overrides;
use std::{convert::Infallible, sync::Arc};
use store::{
    Command, ReadTx, StoreError, WriteError, WriteTx,
    scheduling_links::{self, SchedulingLink},
    user_availability_schedules::{self, AvailabilitySchedule},
};

/// So long a link can be used.
const LASTS: SignedDuration = SignedDuration::from_hours(90 * 24);

/// Makes a link.
#[derive(Clone, Debug)]
pub struct AddLink {
    /// In which organization.
    pub organization: OrganizationId,
    /// The link, but for when it ends.
    pub link: SchedulingLink,
    /// The hours that count for who books by it, where they are not the event type's.
    pub schedule: Option<AvailabilitySchedule>,
}

impl Command for AddLink {
    type Output = SchedulingLink;
    type Refusal = Infallible;

    async fn run(&self, tx: &WriteTx<'_>) -> Result<SchedulingLink, WriteError<Infallible>> {
        let end = tx.now().await?.checked_add(LASTS);
        let link = SchedulingLink {
            expires_at: end.map_err(StoreError::invalid)?,
            ..self.link.clone()
        };
        if let Some(schedule) = &self.schedule {
            user_availability_schedules::insert(tx, self.organization, schedule).await?;
        }
        scheduling_links::insert(tx, self.organization, &link).await?;
        Ok(link)
    }

    async fn is_done(&self, tx: &ReadTx<'_>) -> Result<bool, StoreError> {
        let link = scheduling_links::get(tx, self.organization, self.link.id).await?;
        Ok(link.is_some())
    }
}

/// The link with this code, while nobody has used it and it has not ended.
pub async fn current(
    tx: &ReadTx<'_>,
    organization: OrganizationId,
    code: &str,
) -> Result<Option<SchedulingLink>, StoreError> {
    match scheduling_links::by_code(tx, organization, code).await? {
        Some(link) if link.invitee_id.is_none() && tx.now().await? < link.expires_at => {
            Ok(Some(link))
        }
        _ => Ok(None),
    }
}

/// Uses a link up for an invitee. Whether it could still be used.
pub async fn use_up(
    tx: &WriteTx<'_>,
    organization: OrganizationId,
    link: &SchedulingLink,
    invitee: InviteeId,
) -> Result<bool, StoreError> {
    let now: Timestamp = tx.now().await?;
    scheduling_links::use_up(tx, organization, link.id, (invitee, now)).await
}

/// What is known of an event type, as it is for who books by a link; nothing where a link changes nothing.
pub async fn shared(
    tx: &ReadTx<'_>,
    organization: OrganizationId,
    known: &EventTypeFacts,
    link: &SchedulingLink,
) -> Result<Option<EventTypeFacts>, StoreError> {
    let Some(overrides) = Overrides::of(link)? else {
        return Ok(None);
    };
    let mut event_type = (*known.event_type).clone();
    overrides.apply(&mut event_type);
    let mut shared = known.clone();
    if overrides.schedule_id.is_some() {
        let owner = (&event_type, event_type.user_id);
        let hours = timelines::schedule_of_host(tx, organization, owner).await?;
        shared.schedule = Some(Ok(Arc::new(hours.schedule)));
    }
    shared.rules = Arc::new(event_type.compiled()?);
    shared.event_type = Arc::new(event_type);
    Ok(Some(shared))
}
