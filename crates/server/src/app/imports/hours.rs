//! Schedules that are brought over.

use super::{Imported, Place, Reason, Written, refused};
use crate::app::users::lock_settings;
use domain::id::ScheduleId;
use store::{
    WriteError, WriteTx,
    user_availability_schedules::{self, AvailabilitySchedule},
};

/// A schedule of somebody, or of one event type.
#[derive(Clone, Debug)]
pub struct Hours(pub AvailabilitySchedule);

impl Imported for Hours {
    async fn write(&self, tx: &WriteTx<'_>, place: &Place) -> Result<Written, WriteError<Reason>> {
        let organization = place.organization;
        let there = &self.0;
        if lock_settings(tx, organization, there.user_id)
            .await?
            .is_none()
        {
            return refused("whose hours these are is not here any more");
        }
        let id = ScheduleId(place.id);
        let here = user_availability_schedules::get(tx, organization, id).await?;
        if here.is_none() && !place.is_new {
            return Ok(Written::Gone);
        }
        let was_default = here.as_ref().is_some_and(|here| here.is_default);
        if there.is_default && !was_default {
            user_availability_schedules::clear_default(tx, organization, there.user_id).await?;
        }
        let schedule = AvailabilitySchedule {
            id,
            // another one becomes the default before this one stops to be it
            is_default: there.is_default || was_default,
            ..there.clone()
        };
        if here.is_some() {
            user_availability_schedules::update(tx, organization, &schedule).await?;
        } else {
            user_availability_schedules::insert(tx, organization, &schedule).await?;
        }
        Ok(Written::Done)
    }
}
