//! Canceling: a meeting, or one invitee of several.

use super::{Cancellation, give_up_for, guests, lock, places};
use crate::app::{
    feed_events::{EventName, tell_of_invitee},
    mail_occasions::{News, Occasion},
};
use domain::{
    booking::{CancelRefusal, decide_cancel},
    id::{InviteeId, OrganizationId, ScheduledEventId},
    scheduled_event::EventStatus,
};
use jiff::Timestamp;
use store::{
    Command, ReadTx, StoreError, WriteError, WriteTx, busy_intervals, invitees, scheduled_events,
};

/// Why a meeting cannot be canceled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CancelingRefusal {
    /// There is no such event.
    Unknown,
    /// It cannot be canceled any more.
    State(CancelRefusal),
    /// Others hold some of the meetings.
    OthersHost,
}

/// Cancels a meeting with all of its invitees.
#[derive(Clone, Debug)]
pub struct Cancel {
    /// In which organization.
    pub organization: OrganizationId,
    /// Which event.
    pub id: ScheduledEventId,
    /// By whom and why.
    pub cancellation: Cancellation,
    /// The present.
    pub now: Timestamp,
}

impl Command for Cancel {
    type Output = Cancellation;
    type Refusal = CancelingRefusal;

    async fn run(&self, tx: &WriteTx<'_>) -> Result<Cancellation, WriteError<CancelingRefusal>> {
        let found = lock(tx, self.organization, self.id).await?;
        let found = found.ok_or(WriteError::Refused(CancelingRefusal::Unknown))?;
        decide_cancel(&found.event.state, self.now)
            .map_err(|refusal| WriteError::Refused(CancelingRefusal::State(refusal)))?;
        let given_up = (&found.event, &self.cancellation);
        give_up_for(tx, self.organization, given_up, News::Canceled).await?;
        Ok(self.cancellation.clone())
    }

    async fn is_done(&self, tx: &ReadTx<'_>) -> Result<bool, StoreError> {
        is_canceled(tx, self.organization, self.id, &self.cancellation).await
    }
}

async fn is_canceled(
    tx: &ReadTx<'_>,
    organization: OrganizationId,
    id: ScheduledEventId,
    cancellation: &Cancellation,
) -> Result<bool, StoreError> {
    let event = scheduled_events::get(tx, organization, id).await?;
    Ok(event.and_then(|listed| listed.event.cancellation) == Some(cancellation.document()?))
}

/// Cancels one invitee, whose place is free again. The last one takes the meeting along.
#[derive(Clone, Debug)]
pub struct CancelInvitee {
    /// Of which event, by whom and why.
    pub event: Cancel,
    /// Whom.
    pub invitee: InviteeId,
}

impl Command for CancelInvitee {
    type Output = Cancellation;
    type Refusal = CancelingRefusal;

    async fn run(&self, tx: &WriteTx<'_>) -> Result<Cancellation, WriteError<CancelingRefusal>> {
        let Cancel {
            organization,
            id,
            ref cancellation,
            now,
        } = self.event;
        let refuse = |refusal| WriteError::Refused(CancelingRefusal::State(refusal));
        let unknown = WriteError::Refused(CancelingRefusal::Unknown);
        let found = lock(tx, organization, id).await?;
        let invitee = invitees::get(tx, organization, id, self.invitee).await?;
        let (Some(found), Some(invitee)) = (found, invitee) else {
            return Err(unknown);
        };
        decide_cancel(&found.event.state, now).map_err(refuse)?;
        if invitee.status == EventStatus::Canceled {
            return Err(refuse(CancelRefusal::AlreadyCanceled));
        }
        let others = invitees::coming(tx, organization, id).await? - 1;
        if others == 0 {
            let given_up = (&found.event, cancellation);
            give_up_for(tx, organization, given_up, News::Canceled).await?;
            return Ok(cancellation.clone());
        }
        let canceled = invitees::Cancellation {
            document: cancellation.document()?,
            moved_to: None,
            at: cancellation.created_at,
        };
        invitees::cancel(tx, organization, (id, self.invitee), &canceled).await?;
        let told = (EventName::InviteeCanceled, now);
        tell_of_invitee(tx, organization, told, (id, self.invitee)).await?;
        let mut event = found.event;
        let occasion = Occasion::Meetings {
            news: News::Canceled,
            invitees: vec![(id.0, self.invitee.0)],
            guests: guests::addresses(&event.guests, self.invitee),
        };
        occasion.note(tx, organization, now).await?;
        let stays = |other: InviteeId| (other != self.invitee).then_some(other);
        event.guests = guests::of_those(&event.guests, stays);
        event.updated_at = now;
        scheduled_events::change_attendance(tx, organization, &event).await?;
        let places = places(event.capacity, others);
        busy_intervals::set_places(tx, organization, id.0, places).await?;
        Ok(cancellation.clone())
    }

    async fn is_done(&self, tx: &ReadTx<'_>) -> Result<bool, StoreError> {
        let Cancel {
            organization, id, ..
        } = self.event;
        let invitee = invitees::get(tx, organization, id, self.invitee).await?;
        let kept = invitee.and_then(|invitee| invitee.cancellation);
        Ok(kept == Some(self.event.cancellation.document()?))
    }
}
