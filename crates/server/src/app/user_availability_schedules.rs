//! Setting availability: schedules of weekly rules and date overrides.

pub mod trial;

use crate::app::users::{UnknownUser, lock_settings};
use domain::{
    civil::TimeOfDay,
    id::{OrganizationId, ScheduleId},
    schedule::{HoursInterval, Rule, Schedule},
};
use jiff::{Timestamp, civil::Weekday, tz::TimeZone};
use store::{
    Command, ReadTx, StoreError, WriteError, WriteTx, event_types, hosts,
    user_availability_schedules::{self, AvailabilitySchedule},
};

/// The hours of somebody who has not said any: Monday to Friday, 09:00 to 17:00.
pub fn working_hours(zone: TimeZone) -> Schedule {
    let nine_to_five = TimeOfDay::new(9 * 60)
        .zip(TimeOfDay::new(17 * 60))
        .and_then(|(from, to)| HoursInterval::new(from, to).ok());
    let rules = [
        Weekday::Monday,
        Weekday::Tuesday,
        Weekday::Wednesday,
        Weekday::Thursday,
        Weekday::Friday,
    ]
    .map(|weekday| Rule::Weekday {
        weekday,
        intervals: nine_to_five.into_iter().collect(),
    })
    .to_vec();
    Schedule::new(zone.clone(), rules).unwrap_or_else(|_duplicate| Schedule::closed(zone))
}

/// Why a schedule cannot be edited or removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScheduleRefusal {
    /// There is no such schedule.
    Unknown,
    /// The default schedule stays until another one is the default.
    IsDefault,
    /// Event types go by it.
    InUse {
        /// How many.
        event_types: i64,
    },
}

/// Adds a schedule.
#[derive(Clone, Debug)]
pub struct AddSchedule {
    /// In which organization.
    pub organization: OrganizationId,
    /// The schedule. It becomes the default one if its user has none.
    pub schedule: AvailabilitySchedule,
}

impl Command for AddSchedule {
    type Output = AvailabilitySchedule;
    type Refusal = UnknownUser;

    async fn run(&self, tx: &WriteTx<'_>) -> Result<AvailabilitySchedule, WriteError<UnknownUser>> {
        let mut schedule = self.schedule.clone();
        let user = lock_settings(tx, self.organization, schedule.user_id).await?;
        user.ok_or(WriteError::Refused(UnknownUser))?;
        let default =
            user_availability_schedules::default_of(tx, self.organization, schedule.user_id)
                .await?;
        schedule.is_default = default.is_none();
        user_availability_schedules::insert(tx, self.organization, &schedule).await?;
        Ok(schedule)
    }

    async fn is_done(&self, tx: &ReadTx<'_>) -> Result<bool, StoreError> {
        let schedule =
            user_availability_schedules::get(tx, self.organization, self.schedule.id).await?;
        Ok(schedule.is_some())
    }
}

/// Edits a schedule.
pub struct EditSchedule {
    /// In which organization.
    pub organization: OrganizationId,
    /// Which one.
    pub id: ScheduleId,
    /// What changes. Setting `is_default` takes the flag from the schedule that has it.
    pub edit: Box<dyn Fn(&mut AvailabilitySchedule) + Send + Sync>,
    /// When.
    pub now: Timestamp,
}

impl Command for EditSchedule {
    type Output = AvailabilitySchedule;
    type Refusal = ScheduleRefusal;

    async fn run(
        &self,
        tx: &WriteTx<'_>,
    ) -> Result<AvailabilitySchedule, WriteError<ScheduleRefusal>> {
        let found = user_availability_schedules::get(tx, self.organization, self.id).await?;
        let found = found.ok_or(WriteError::Refused(ScheduleRefusal::Unknown))?;
        hosts::bump_settings(tx, self.organization, found.user_id).await?;
        // read again under the lock, so that two edits at once do not undo each other
        let current = user_availability_schedules::get(tx, self.organization, self.id).await?;
        let mut schedule = current.ok_or(WriteError::Refused(ScheduleRefusal::Unknown))?;
        let was_default = schedule.is_default;
        (self.edit)(&mut schedule);
        schedule.updated_at = self.now;
        if schedule.is_default && !was_default {
            user_availability_schedules::clear_default(tx, self.organization, schedule.user_id)
                .await?;
        }
        user_availability_schedules::update(tx, self.organization, &schedule).await?;
        Ok(schedule)
    }
}

/// Removes a schedule that nothing goes by.
#[derive(Clone, Debug)]
pub struct RemoveSchedule {
    /// From which organization.
    pub organization: OrganizationId,
    /// Which one.
    pub id: ScheduleId,
}

impl Command for RemoveSchedule {
    type Output = ();
    type Refusal = ScheduleRefusal;

    async fn run(&self, tx: &WriteTx<'_>) -> Result<(), WriteError<ScheduleRefusal>> {
        let found = user_availability_schedules::get(tx, self.organization, self.id).await?;
        let found = found.ok_or(WriteError::Refused(ScheduleRefusal::Unknown))?;
        hosts::bump_settings(tx, self.organization, found.user_id).await?;
        let current = user_availability_schedules::get(tx, self.organization, self.id).await?;
        let schedule = current.ok_or(WriteError::Refused(ScheduleRefusal::Unknown))?;
        if schedule.is_default {
            return Err(WriteError::Refused(ScheduleRefusal::IsDefault));
        }
        let event_types = event_types::using_schedule(tx, self.organization, self.id).await?;
        if event_types > 0 {
            return Err(WriteError::Refused(ScheduleRefusal::InUse { event_types }));
        }
        event_types::forget_schedule(tx, self.organization, self.id).await?;
        user_availability_schedules::delete(tx, self.organization, self.id).await?;
        Ok(())
    }

    async fn is_done(&self, tx: &ReadTx<'_>) -> Result<bool, StoreError> {
        let schedule = user_availability_schedules::get(tx, self.organization, self.id).await?;
        Ok(schedule.is_none())
    }
}
