//! The hours of one event type: a schedule of its own, which its owner has for nothing else.

use super::{hosting::NamedHosts, lock};
use crate::app::timelines;
use domain::{
    id::{EventTypeId, OrganizationId, ScheduleId, UserId},
    schedule::Schedule,
};
use jiff::{Timestamp, tz::TimeZone};
use store::{
    Command, ReadTx, StoreError, WriteError, WriteTx, event_type_memberships,
    event_types::{self, EventType},
    user_availability_schedules::{self, AvailabilitySchedule},
};

/// Why the hours of an event type cannot be set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HoursRefusal {
    /// There is no such event type.
    Unknown,
    /// Nobody but an owner who hosts has hours for one event type.
    NotOwner,
}

/// Sets the hours by which its owner hosts an event type.
#[derive(Clone, Debug)]
pub struct EditHours {
    /// In which organization.
    pub organization: OrganizationId,
    /// Of which event type.
    pub id: EventTypeId,
    /// Whose hours, if anybody is named.
    pub user: Option<UserId>,
    /// The id of the schedule, should it be a new one.
    pub schedule_id: ScheduleId,
    /// The rules; they stay when `None`.
    pub rules: Option<Schedule>,
    /// Their zone.
    pub zone: TimeZone,
    /// When.
    pub now: Timestamp,
}

impl Command for EditHours {
    type Output = AvailabilitySchedule;
    type Refusal = HoursRefusal;

    async fn run(
        &self,
        tx: &WriteTx<'_>,
    ) -> Result<AvailabilitySchedule, WriteError<HoursRefusal>> {
        let refuse = WriteError::Refused;
        let hosts = NamedHosts::default();
        let event_type = lock(tx, self.organization, self.id, &hosts).await?;
        let mut event_type = event_type.ok_or(refuse(HoursRefusal::Unknown))?;
        let owner = event_type.user_id;
        let is_of_owner = self.user.is_none_or(|user| user == owner);
        if !is_of_owner || !hosts_it(tx, self.organization, &event_type).await? {
            return Err(refuse(HoursRefusal::NotOwner));
        }
        let current =
            timelines::schedule_of_host(tx, self.organization, (&event_type, owner)).await?;
        let mut schedule = self.own(&event_type, &current);
        let rules = self.rules.clone().unwrap_or(schedule.schedule);
        schedule.schedule = rules.in_zone(self.zone.clone());
        schedule.updated_at = self.now;
        if schedule.id == current.id {
            user_availability_schedules::update(tx, self.organization, &schedule).await?;
        } else {
            user_availability_schedules::insert(tx, self.organization, &schedule).await?;
        }
        event_type.schedule_id = Some(schedule.id);
        event_type.updated_at = self.now;
        event_types::update(tx, self.organization, &event_type).await?;
        Ok(schedule)
    }

    async fn is_done(&self, tx: &ReadTx<'_>) -> Result<bool, StoreError> {
        let event_type = event_types::get(tx, self.organization, self.id).await?;
        Ok(event_type.is_some_and(|event_type| event_type.updated_at == self.now))
    }
}

impl EditHours {
    /// The schedule that is the event type's own already, or a new one with the same hours.
    fn own(&self, event_type: &EventType, current: &AvailabilitySchedule) -> AvailabilitySchedule {
        if current.event_type_id == Some(event_type.id) {
            return current.clone();
        }
        AvailabilitySchedule {
            id: self.schedule_id,
            event_type_id: Some(event_type.id),
            name: event_type.name.clone(),
            is_default: false,
            created_at: self.now,
            ..current.clone()
        }
    }
}

/// Whether an event type is hosted by its owner.
async fn hosts_it(
    tx: &ReadTx<'_>,
    organization: OrganizationId,
    event_type: &EventType,
) -> Result<bool, StoreError> {
    if event_type.pooling.is_none() {
        return Ok(true);
    }
    let hosts = event_type_memberships::of_event_type(tx, organization, event_type.id).await?;
    Ok(hosts.iter().any(|host| host.user_id == event_type.user_id))
}
