//! Booking: a start on offer, or any free range.

use super::{insert, is_bookable, just_around};
use crate::app::timelines;
use domain::{
    booking::{self, BookRefusal},
    id::{EventTypeId, OrganizationId, ScheduledEventId, UserId},
    interval::Interval,
    scheduled_event::EventState,
    slots::Offer,
};
use jiff::Timestamp;
use serde_json::Value;
use store::{
    Command, ReadTx, StoreError, WriteError, WriteTx,
    event_types::{self, EventType},
    hosts,
    invitees::{self, Invitee},
    scheduled_events::{self, ScheduledEvent},
    users,
};

/// Why a meeting cannot be booked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BookingRefusal {
    /// There is no such event type to book.
    UnknownEventType,
    /// The time cannot be booked.
    Time(BookRefusal),
}

/// Books a meeting for one invitee.
#[derive(Clone, Debug)]
pub struct Book {
    /// In which organization.
    pub organization: OrganizationId,
    /// What.
    pub event_type_id: EventTypeId,
    /// From when.
    pub start: Timestamp,
    /// The id of the new event.
    pub event_id: ScheduledEventId,
    /// The invitee, already with the event's id.
    pub invitee: Invitee,
    /// Where: a document.
    pub location: Option<Value>,
    /// Whom the invitee brings: a document.
    pub guests: Value,
    /// The present.
    pub now: Timestamp,
}

impl Command for Book {
    type Output = (ScheduledEvent, Invitee);
    type Refusal = BookingRefusal;

    async fn run(&self, tx: &WriteTx<'_>) -> Result<Self::Output, WriteError<BookingRefusal>> {
        let event_type = event_types::get(tx, self.organization, self.event_type_id).await?;
        let event_type = event_type.filter(is_bookable);
        let event_type = event_type.ok_or(WriteError::Refused(BookingRefusal::UnknownEventType))?;
        hosts::bump(tx, self.organization, event_type.user_id).await?;
        let host = users::get_active(tx, self.organization, event_type.user_id).await?;
        if host.is_none() {
            return Err(WriteError::Refused(BookingRefusal::UnknownEventType));
        }
        let rules = event_type.compiled()?;
        let asked = just_around(self.start)?;
        let timeline =
            timelines::of_event_type(tx, self.organization, (&event_type, &rules), asked).await?;
        let offer = Offer::new(&rules, &timeline.schedule, &timeline.busy, asked, self.now);
        let meeting = booking::decide_book(&offer, self.start)
            .map_err(|refusal| WriteError::Refused(BookingRefusal::Time(refusal)))?;
        let event = self.event(&event_type, meeting, rules.buffered(&meeting));
        insert(tx, self.organization, &event).await?;
        invitees::insert(tx, self.organization, &self.invitee).await?;
        Ok((event, self.invitee.clone()))
    }

    async fn is_done(&self, tx: &ReadTx<'_>) -> Result<bool, StoreError> {
        scheduled_events::exists(tx, self.organization, self.event_id).await
    }
}

impl Book {
    fn event(
        &self,
        event_type: &EventType,
        meeting: Interval,
        buffered: Interval,
    ) -> ScheduledEvent {
        ScheduledEvent {
            id: self.event_id,
            event_type_id: event_type.id,
            host_id: event_type.user_id,
            name: event_type.name.clone(),
            state: EventState::booked(meeting),
            buffered,
            location: self.location.clone(),
            guests: self.guests.clone(),
            cancellation: None,
            created_at: self.now,
            updated_at: self.now,
        }
    }
}

/// Books any free range of whole minutes with a host, as the classic API does.
#[derive(Clone, Debug)]
pub struct BookRange {
    /// In which organization.
    pub organization: OrganizationId,
    /// Whose time.
    pub host: UserId,
    /// When.
    pub meeting: Interval,
    /// The id of the new event.
    pub event_id: ScheduledEventId,
    /// The invitee, already with the event's id.
    pub invitee: Invitee,
    /// The hidden event type to make if the host has none yet.
    pub event_type: EventType,
    /// The present.
    pub now: Timestamp,
}

impl Command for BookRange {
    type Output = ();
    type Refusal = BookRefusal;

    async fn run(&self, tx: &WriteTx<'_>) -> Result<(), WriteError<BookRefusal>> {
        hosts::bump(tx, self.organization, self.host).await?;
        let timeline = timelines::of_user(tx, self.organization, self.host, self.meeting).await?;
        let free = timeline.free(self.meeting);
        let meeting = booking::decide_range(&free, self.meeting).map_err(WriteError::Refused)?;
        let hidden = event_types::hidden_of(tx, self.organization, self.host).await?;
        if hidden.is_none() {
            event_types::insert(tx, self.organization, &self.event_type).await?;
        }
        let event_type = hidden.unwrap_or_else(|| self.event_type.clone());
        let event = ScheduledEvent {
            id: self.event_id,
            event_type_id: event_type.id,
            host_id: self.host,
            name: event_type.name,
            state: EventState::booked(meeting),
            buffered: meeting,
            location: None,
            guests: Value::Array(Vec::new()),
            cancellation: None,
            created_at: self.now,
            updated_at: self.now,
        };
        insert(tx, self.organization, &event).await?;
        invitees::insert(tx, self.organization, &self.invitee).await?;
        Ok(())
    }

    async fn is_done(&self, tx: &ReadTx<'_>) -> Result<bool, StoreError> {
        scheduled_events::exists(tx, self.organization, self.event_id).await
    }
}
