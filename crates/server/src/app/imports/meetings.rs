//! Meetings that are brought over with their invitees. They are facts: nothing is decided about them, whatever else is
//! booked then, and those that take place block the time of their hosts.

use super::{Imported, Place, Reason, Written};
use crate::app::scheduled_events::{block, guests, places};
use domain::{
    busy::{BusyInterval, BusyKind},
    id::{InviteeId, OrganizationId},
    scheduled_event::EventStatus,
};
use serde_json::Value;
use std::collections::HashSet;
use store::{
    StoreError, WriteError, WriteTx, busy_intervals,
    event_types::{self, Kind},
    hosts,
    invitees::{self, Cancellation, Invitee},
    scheduled_event_hosts::{self, EventHost},
    scheduled_events::{self, ScheduledEvent},
};

/// A meeting.
#[derive(Clone, Debug)]
pub struct Meeting {
    /// The event.
    pub event: ScheduledEvent,
    /// Its hosts, the first one first.
    pub hosts: Vec<EventHost>,
    /// Its invitees.
    pub invitees: Vec<Invitee>,
    /// Whether its capacity is all that is known of how many invitees its event type takes.
    pub tells_capacity: bool,
}

impl Imported for Meeting {
    async fn write(&self, tx: &WriteTx<'_>, place: &Place) -> Result<Written, WriteError<Reason>> {
        let (organization, id) = (place.organization, self.event.id);
        let before = scheduled_event_hosts::of_event(tx, organization, id).await?;
        let concerned = before.iter().chain(&self.hosts).map(|host| host.id);
        hosts::bump_all(tx, organization, concerned).await?;
        if place.is_new {
            scheduled_events::insert(tx, organization, &self.event).await?;
            self.tell_capacity(tx, organization).await?;
        } else if !scheduled_events::exists(tx, organization, id).await? {
            return Ok(Written::Gone);
        }
        let event = self.with_guests_here(tx, organization).await?;
        scheduled_events::overwrite(tx, organization, &event).await?;
        scheduled_event_hosts::replace(tx, organization, &event, &self.hosts).await?;
        for invitee in &self.invitees {
            if !invitees::exists(tx, organization, invitee.id).await? {
                invitees::insert(tx, organization, invitee).await?;
            }
            invitees::overwrite(tx, organization, invitee).await?;
        }
        busy_intervals::delete(tx, organization, id.0).await?;
        if event.state.status == EventStatus::Active {
            self.block(tx, organization, &event).await?;
        } else {
            self.cancel_others(tx, organization).await?;
        }
        Ok(Written::Done)
    }
}

impl Meeting {
    fn has(&self, invitee: InviteeId) -> bool {
        self.invitees.iter().any(|known| known.id == invitee)
    }

    /// The event with whom those bring besides who booked here.
    async fn with_guests_here(
        &self,
        tx: &WriteTx<'_>,
        organization: OrganizationId,
    ) -> Result<ScheduledEvent, StoreError> {
        let mut event = self.event.clone();
        let here = scheduled_events::get(tx, organization, event.id).await?;
        let others: HashSet<InviteeId> = invitees::of_event(tx, organization, event.id)
            .await?
            .into_iter()
            .map(|invitee| invitee.id)
            .filter(|id| !self.has(*id))
            .collect();
        if others.is_empty() {
            return Ok(event);
        }
        let kept =
            here.map(|here| guests::of_those(&here.event.guests, |id| others.get(&id).copied()));
        if let (Value::Array(guests), Some(Value::Array(kept))) = (&mut event.guests, kept) {
            let is_new = |guest: &Value| !guests.contains(guest);
            let kept: Vec<Value> = kept.into_iter().filter(is_new).collect();
            guests.extend(kept);
        }
        Ok(event)
    }

    async fn block(
        &self,
        tx: &WriteTx<'_>,
        organization: OrganizationId,
        event: &ScheduledEvent,
    ) -> Result<(), StoreError> {
        let coming = invitees::coming(tx, organization, event.id).await?;
        let busy = BusyInterval {
            interval: event.state.interval,
            buffered: event.buffered,
            kind: BusyKind::ScheduledEvent,
            source: event.id.0,
            event_type: Some(event.event_type_id),
            places: places(event.capacity, coming),
        };
        let hosts = self.hosts.iter().map(|host| host.id);
        block(tx, organization, hosts, (busy, event.confirm_by)).await
    }

    /// A meeting that does not take place does not for those either who booked it here.
    async fn cancel_others(
        &self,
        tx: &WriteTx<'_>,
        organization: OrganizationId,
    ) -> Result<(), StoreError> {
        let id = self.event.id;
        for invitee in invitees::of_event(tx, organization, id).await? {
            let comes = invitee.status == EventStatus::Active;
            if let Some(document) = self
                .event
                .cancellation
                .clone()
                .filter(|_| comes && !self.has(invitee.id))
            {
                let cancellation = Cancellation {
                    document,
                    moved_to: None,
                    at: self.event.updated_at,
                };
                invitees::cancel(tx, organization, (id, invitee.id), &cancellation).await?;
            }
        }
        Ok(())
    }

    /// The event type takes as many invitees as the largest of its meetings, where nothing else is known of that.
    async fn tell_capacity(
        &self,
        tx: &WriteTx<'_>,
        organization: OrganizationId,
    ) -> Result<(), StoreError> {
        if !self.tells_capacity {
            return Ok(());
        }
        let known = event_types::get(tx, organization, self.event.event_type_id).await?;
        let Some(mut event_type) = known else {
            return Ok(());
        };
        if event_type.kind == Kind::Group && event_type.rules.capacity < self.event.capacity {
            event_type.rules.capacity = self.event.capacity;
            hosts::bump_settings(tx, organization, event_type.user_id).await?;
            event_types::update(tx, organization, &event_type).await?;
        }
        Ok(())
    }
}
