//! Booking any free range, on no grid, as the classic API does.

use super::{
    booking::{Meeting, Order},
    insert,
    placing::Place,
};
use crate::app::{
    feed_events::{EventName, tell_of_invitee},
    mail_occasions::{News, Occasion},
    timelines,
    users::lock_time,
};
use domain::{
    booking::{self, BookRefusal},
    id::{OrganizationId, ScheduledEventId, UserId},
    interval::Interval,
};
use jiff::Timestamp;
use store::{
    Command, ReadTx, StoreError, WriteError, WriteTx,
    event_types::{self, EventType},
    invitees::{self, Invitee},
    scheduled_event_hosts::EventHost,
    scheduled_events,
};

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
        if lock_time(tx, self.organization, self.host).await?.is_none() {
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
        let order = Order {
            organization: self.organization,
            event_type_id: event_type.id,
            invitee: self.invitee.clone(),
            location: None,
            guests: Vec::new(),
            now: self.now,
        };
        let host = EventHost {
            id: self.host,
            in_turn: false,
        };
        let place = Place {
            meeting,
            buffered: meeting,
            hosts: vec![host],
            joins: None,
            places_taken: 0,
        };
        let meeting = Meeting {
            start: meeting.start(),
            event_id: self.event_id,
            invitee_id: self.invitee.id,
        };
        let event = order.event(&event_type, meeting, &place)?;
        insert(tx, self.organization, (&event, &place.hosts), 1).await?;
        invitees::insert(tx, self.organization, &self.invitee).await?;
        let told = (EventName::InviteeCreated, self.now);
        tell_of_invitee(tx, self.organization, told, (event.id, self.invitee.id)).await?;
        let occasion = Occasion::meetings(News::Booked, &[(event.id, self.invitee.id)]);
        occasion.note(tx, self.organization, self.now).await?;
        Ok(())
    }

    async fn is_done(&self, tx: &ReadTx<'_>) -> Result<bool, StoreError> {
        scheduled_events::exists(tx, self.organization, self.event_id).await
    }
}
