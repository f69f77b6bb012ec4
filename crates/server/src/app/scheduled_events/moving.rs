//! What a meeting that moves leaves behind, and what it becomes at its new time.

use super::{
    booking::confirm_by,
    give_up, guests, insert,
    placing::{Locked, Place},
    rescheduling::{Move, Reschedule, ReschedulingRefusal},
};
use crate::app::feed_events::{EventName, tell_of_invitee};
use domain::{
    id::{InviteeId, OrganizationId, ScheduledEventId},
    scheduled_event::{EventState, EventStatus},
};
use store::{
    ReadTx, StoreError, WriteError, WriteTx,
    invitees::{self, Invitee, InviteeLink},
    scheduled_events::ScheduledEvent,
};

impl Reschedule {
    /// Gives up the old time; the invitees say to whom they moved.
    pub(super) async fn leave(
        &self,
        tx: &WriteTx<'_>,
        old: &ScheduledEvent,
        moved: &Move,
    ) -> Result<(), WriteError<ReschedulingRefusal>> {
        let mut links = Vec::new();
        for invitee in invitees::of_event(tx, self.organization, old.id).await? {
            if invitee.status == EventStatus::Canceled {
                continue;
            }
            let new = moved
                .new_invitee(invitee.id)
                .ok_or(WriteError::Refused(ReschedulingRefusal::Changed))?;
            let link = InviteeLink {
                scheduled_event_id: moved.new_id,
                invitee_id: new,
            };
            links.push((invitee.id, link));
        }
        give_up(tx, self.organization, old, &self.cancellation, &links).await?;
        Ok(())
    }

    /// Writes the event at its new time, with the invitees who come along, which are the answer.
    pub(super) async fn arrive(
        &self,
        tx: &WriteTx<'_>,
        locked: &Locked,
        (old, moved): (&ScheduledEvent, &Move),
        place: Place,
    ) -> Result<Vec<(ScheduledEventId, InviteeId)>, StoreError> {
        let confirm_by = match old.confirm_by {
            None => None,
            Some(_) => confirm_by(tx, &locked.event_type, place.meeting.start()).await?,
        };
        let event = ScheduledEvent {
            id: moved.new_id,
            host_id: place.first_host()?,
            host_count: i64::try_from(place.hosts.len()).unwrap_or(i64::MAX),
            state: EventState::booked(place.meeting),
            buffered: place.buffered,
            cancellation: None,
            guests: guests::of_those(&old.guests, |invitee| moved.new_invitee(invitee)),
            confirm_by,
            created_at: self.now,
            updated_at: self.now,
            ..old.clone()
        };
        let mut coming = Vec::new();
        for invitee in invitees::of_event(tx, self.organization, old.id).await? {
            let new_id = moved.new_invitee(invitee.id);
            if let (true, Some(new_id)) = (invitee.rescheduled, new_id) {
                let new = self.replacement(invitee, event.id, new_id);
                invitees::insert(tx, self.organization, &new).await?;
                let told = (EventName::InviteeCreated, self.now);
                tell_of_invitee(tx, self.organization, told, (event.id, new_id)).await?;
                coming.push((event.id, new_id));
            }
        }
        let places = i64::try_from(coming.len()).unwrap_or(i64::MAX);
        insert(tx, self.organization, (&event, &place.hosts), places).await?;
        Ok(coming)
    }

    fn replacement(&self, old: Invitee, event: ScheduledEventId, id: InviteeId) -> Invitee {
        Invitee {
            id,
            scheduled_event_id: event,
            status: EventStatus::Active,
            old_invitee: Some(InviteeLink {
                scheduled_event_id: old.scheduled_event_id,
                invitee_id: old.id,
            }),
            new_invitee: None,
            rescheduled: false,
            cancellation: None,
            no_show: None,
            created_at: self.now,
            updated_at: self.now,
            ..old
        }
    }
}

impl Move {
    fn new_invitee(&self, old: InviteeId) -> Option<InviteeId> {
        let found = self.invitees.iter().find(|(_, replaced)| *replaced == old);
        found.map(|(new, _)| *new)
    }
}

/// The invitee as they first booked, and how often they moved since.
pub async fn origin(
    tx: &ReadTx<'_>,
    organization: OrganizationId,
    invitee: &Invitee,
) -> Result<(InviteeId, u32), StoreError> {
    let (mut first, mut moves) = (invitee.id, 0);
    let mut old = invitee.old_invitee;
    while let Some(InviteeLink {
        scheduled_event_id,
        invitee_id,
    }) = old
    {
        let before = invitees::get(tx, organization, scheduled_event_id, invitee_id).await?;
        (first, moves) = (invitee_id, moves + 1);
        old = before.and_then(|before| before.old_invitee);
    }
    Ok((first, moves))
}
