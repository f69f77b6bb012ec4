//! Event types that are made for one occasion.

use super::{AddEventType, EventTypeRefusal, hosting::Hosted};
use store::{
    Command, ReadTx, StoreError, WriteError, WriteTx,
    user_availability_schedules::{self, AvailabilitySchedule},
};

/// Adds an event type together with hours of its own.
#[derive(Clone, Debug)]
pub struct AddOneOff {
    /// The event type, which goes by the schedule if there is one.
    pub event_type: AddEventType,
    /// Its hours, where they are not those of its host.
    pub schedule: Option<AvailabilitySchedule>,
}

impl Command for AddOneOff {
    type Output = Hosted;
    type Refusal = EventTypeRefusal;

    async fn run(&self, tx: &WriteTx<'_>) -> Result<Hosted, WriteError<EventTypeRefusal>> {
        if let Some(schedule) = &self.schedule {
            let organization = self.event_type.organization;
            user_availability_schedules::insert(tx, organization, schedule).await?;
        }
        self.event_type.run(tx).await
    }

    async fn is_done(&self, tx: &ReadTx<'_>) -> Result<bool, StoreError> {
        self.event_type.is_done(tx).await
    }
}
