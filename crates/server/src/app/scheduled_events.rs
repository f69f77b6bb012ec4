//! Booking, rescheduling and canceling: each is one transaction that first locks the host's time.

pub mod booking;
pub mod rescheduling;

use domain::{
    booking::{CancelRefusal, decide_cancel},
    busy::{self, BusyInterval, BusyKind},
    id::{InviteeId, OrganizationId, ScheduledEventId},
    interval::Interval,
    scheduled_event::EventStatus,
};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use store::{
    Command, ReadTx, StoreError, WriteError, WriteTx, busy_intervals,
    event_types::EventType,
    hosts,
    invitees::{self, InviteeLink},
    scheduled_events::{self, ScheduledEvent},
};

/// Who cancels a meeting and why, as it is kept and shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cancellation {
    /// The name of who canceled.
    pub canceled_by: String,
    /// Why.
    pub reason: Option<String>,
    /// `host` or `invitee`.
    pub canceler_type: String,
    /// When.
    pub created_at: Timestamp,
}

impl Cancellation {
    fn document(&self) -> Result<Value, StoreError> {
        serde_json::to_value(self).map_err(StoreError::invalid)
    }
}

/// Whether invitees may book it.
pub fn is_bookable(event_type: &EventType) -> bool {
    event_type.active && !event_type.hidden && event_type.deleted_at.is_none()
}

/// The shortest range that holds a start.
fn just_around(start: Timestamp) -> Result<Interval, StoreError> {
    let end = start
        .saturating_add(SignedDuration::from_mins(1))
        .map_err(StoreError::invalid)?;
    Interval::new(start, end).ok_or_else(|| StoreError::invalid("a start at the end of time"))
}

/// Adds an event and what it blocks.
pub async fn insert(
    tx: &WriteTx<'_>,
    organization: OrganizationId,
    event: &ScheduledEvent,
) -> Result<(), StoreError> {
    scheduled_events::insert(tx, organization, event).await?;
    let (meeting, buffered) = (event.state.interval, event.buffered);
    let before = meeting.start().duration_since(buffered.start());
    let after = buffered.end().duration_since(meeting.end());
    for piece in busy::pieces(meeting) {
        let before = if piece.start() == meeting.start() {
            before
        } else {
            SignedDuration::ZERO
        };
        let after = if piece.end() == meeting.end() {
            after
        } else {
            SignedDuration::ZERO
        };
        let blocked = BusyInterval {
            interval: piece,
            buffered: piece.expand(before, after),
            kind: BusyKind::ScheduledEvent,
            source: event.id.0,
            event_type: Some(event.event_type_id),
        };
        busy_intervals::insert(tx, organization, event.host_id, &blocked).await?;
    }
    Ok(())
}

/// Why a meeting cannot be canceled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CancelingRefusal {
    /// There is no such event.
    Unknown,
    /// It cannot be canceled any more.
    State(CancelRefusal),
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
        let event = lock(tx, self.organization, self.id).await?;
        let event = event.ok_or(WriteError::Refused(CancelingRefusal::Unknown))?;
        decide_cancel(&event.state, self.now)
            .map_err(|refusal| WriteError::Refused(CancelingRefusal::State(refusal)))?;
        give_up(tx, self.organization, &event, &self.cancellation, &[]).await?;
        Ok(self.cancellation.clone())
    }

    async fn is_done(&self, tx: &ReadTx<'_>) -> Result<bool, StoreError> {
        let event = scheduled_events::get(tx, self.organization, self.id).await?;
        Ok(event.and_then(|listed| listed.event.cancellation)
            == Some(self.cancellation.document()?))
    }
}

/// The event, read under its host's lock.
async fn lock(
    tx: &WriteTx<'_>,
    organization: OrganizationId,
    id: ScheduledEventId,
) -> Result<Option<ScheduledEvent>, StoreError> {
    let Some(found) = scheduled_events::get(tx, organization, id).await? else {
        return Ok(None);
    };
    hosts::bump(tx, organization, found.event.host_id).await?;
    let current = scheduled_events::get(tx, organization, id).await?;
    Ok(current.map(|listed| listed.event))
}

/// Gives up an event's time and tells its invitees apart: those who moved with it and those who do not come.
async fn give_up(
    tx: &WriteTx<'_>,
    organization: OrganizationId,
    event: &ScheduledEvent,
    cancellation: &Cancellation,
    moved: &[(InviteeId, InviteeLink)],
) -> Result<(), StoreError> {
    let (document, at) = (cancellation.document()?, cancellation.created_at);
    scheduled_events::cancel(tx, organization, event.id, &document, at).await?;
    busy_intervals::delete(tx, organization, event.id.0).await?;
    for invitee in invitees::of_event(tx, organization, event.id).await? {
        if invitee.status == EventStatus::Canceled {
            continue;
        }
        let moved_to = moved
            .iter()
            .find(|(id, _)| *id == invitee.id)
            .map(|(_, link)| *link);
        let canceled = invitees::Cancellation {
            document: document.clone(),
            moved_to,
            at,
        };
        invitees::cancel(tx, organization, (event.id, invitee.id), &canceled).await?;
    }
    Ok(())
}
