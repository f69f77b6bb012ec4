//! Booking: a start on offer, or any free range.

use super::{insert, is_bookable, just_around};
use crate::app::{timelines, users::lock_active};
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
        let event_type = self.lock(tx).await?;
        let event_type = event_type.ok_or(WriteError::Refused(BookingRefusal::UnknownEventType))?;
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
    /// The event type as it is once the time of its host is locked, if both are still there.
    async fn lock(&self, tx: &WriteTx<'_>) -> Result<Option<EventType>, StoreError> {
        let found = event_types::get(tx, self.organization, self.event_type_id).await?;
        let Some(found) = found.filter(is_bookable) else {
            return Ok(None);
        };
        hosts::bump(tx, self.organization, found.user_id).await?;
        if users::get_active(tx, self.organization, found.user_id)
            .await?
            .is_none()
        {
            return Ok(None);
        }
        let current = event_types::get(tx, self.organization, self.event_type_id).await?;
        Ok(current.filter(is_bookable))
    }

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
        if lock_active(tx, self.organization, self.host)
            .await?
            .is_none()
        {
            return Err(WriteError::Refused(BookRefusal::NotFree));
        }
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
