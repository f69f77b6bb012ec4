//! Event types that are brought over, with their hosts and the hours that are theirs alone.

use super::{Imported, Place, Reason, Written};
use crate::app::{
    event_types::{EventTypeRefusal, hosting::NamedHosts},
    users::{slug_of, with_suffix},
};
use domain::id::EventTypeId;
use store::{
    WriteError, WriteTx,
    event_type_memberships::EventTypeMembership,
    event_types::{self, EventType},
    user_availability_schedules::{self, AvailabilitySchedule},
    users,
};

/// An event type.
#[derive(Clone, Debug)]
pub struct Offer {
    /// The event type.
    pub event_type: EventType,
    /// Who hosts it, where it has a pooling.
    pub hosts: Vec<EventTypeMembership>,
    /// Hours that are its alone.
    pub hours: Option<AvailabilitySchedule>,
}

impl Imported for Offer {
    async fn write(&self, tx: &WriteTx<'_>, place: &Place) -> Result<Written, WriteError<Reason>> {
        let organization = place.organization;
        let (mut event_type, hosts) = self.with_those_here(tx, place).await?;
        hosts.lock(tx, organization, &event_type).await?;
        let here = event_types::get(tx, organization, event_type.id).await?;
        if here.is_none() && !place.is_new {
            return Ok(Written::Gone);
        }
        event_type.slug = free_slug(tx, place, &event_type).await?;
        if let Some(hours) = &self.hours {
            let known = user_availability_schedules::get(tx, organization, hours.id).await?;
            match known {
                Some(_) => user_availability_schedules::update(tx, organization, hours).await?,
                None => user_availability_schedules::insert(tx, organization, hours).await?,
            }
        }
        if here.is_none() {
            event_types::insert(tx, organization, &event_type).await?;
        }
        let at = event_type.updated_at;
        hosts
            .settle(tx, organization, &event_type, at)
            .await
            .map_err(in_words)?;
        event_types::update(tx, organization, &event_type).await?;
        Ok(Written::Done)
    }
}

impl Offer {
    /// The event type and those of its hosts who are users here.
    async fn with_those_here(
        &self,
        tx: &WriteTx<'_>,
        place: &Place,
    ) -> Result<(EventType, NamedHosts), WriteError<Reason>> {
        let mut event_type = self.event_type.clone();
        event_type.id = EventTypeId(place.id);
        event_type.rules.id = event_type.id;
        let mut here = Vec::with_capacity(self.hosts.len());
        for host in &self.hosts {
            let user = users::get_active(tx, place.organization, host.user_id).await?;
            if user.is_some() {
                here.push(host.clone());
            }
        }
        if here.is_empty() {
            event_type.pooling = None;
        }
        let hosts = NamedHosts {
            hosts: event_type.pooling.map(|_| here),
            named_by: None,
        };
        Ok((event_type, hosts))
    }
}

/// The slug there, or one made of the name, with something behind it where another event type has it here.
async fn free_slug(
    tx: &WriteTx<'_>,
    place: &Place,
    event_type: &EventType,
) -> Result<String, WriteError<Reason>> {
    let slug = if event_type.slug.is_empty() {
        slug_of(&event_type.name)
    } else {
        event_type.slug.clone()
    };
    let other = event_types::by_slug(tx, place.organization, event_type.user_id, &slug).await?;
    Ok(match other {
        Some(other) if other.id != event_type.id => with_suffix(&slug, event_type.id),
        _ => slug,
    })
}

fn in_words(error: WriteError<EventTypeRefusal>) -> WriteError<Reason> {
    match error {
        WriteError::Refused(refusal) => {
            WriteError::Refused(Reason(format!("its hosts do not go together: {refusal:?}")))
        }
        WriteError::Failed(failure) => WriteError::Failed(failure),
    }
}
