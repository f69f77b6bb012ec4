//! Canceling: a meeting, the rest of a series, or one invitee of several.

use super::{Cancellation, LockedEvent, give_up, lock, locked};
use domain::{
    booking::{CancelRefusal, decide_cancel},
    id::{InviteeId, OrganizationId, ScheduledEventId},
    scheduled_event::EventStatus,
};
use jiff::Timestamp;
use std::collections::BTreeSet;
use store::{
    Command, ReadTx, StoreError, WriteError, WriteTx, busy_intervals, hosts, invitees,
    scheduled_event_hosts, scheduled_events,
};

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
        let found = lock(tx, self.organization, self.id).await?;
        let found = found.ok_or(WriteError::Refused(CancelingRefusal::Unknown))?;
        decide_cancel(&found.event.state, self.now)
            .map_err(|refusal| WriteError::Refused(CancelingRefusal::State(refusal)))?;
        give_up(tx, self.organization, &found.event, &self.cancellation, &[]).await?;
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

/// Cancels a meeting and all later ones of its series.
#[derive(Clone, Debug)]
pub struct CancelRest(
    /// The first one, by whom and why.
    pub Cancel,
);

impl Command for CancelRest {
    type Output = (Cancellation, Vec<ScheduledEventId>);
    type Refusal = CancelingRefusal;

    async fn run(&self, tx: &WriteTx<'_>) -> Result<Self::Output, WriteError<CancelingRefusal>> {
        let first = &self.0;
        let rest = lock_rest(tx, first.organization, first.id).await?;
        let Some(found) = rest.first() else {
            return Err(WriteError::Refused(CancelingRefusal::Unknown));
        };
        decide_cancel(&found.event.state, first.now)
            .map_err(|refusal| WriteError::Refused(CancelingRefusal::State(refusal)))?;
        for found in &rest {
            give_up(
                tx,
                first.organization,
                &found.event,
                &first.cancellation,
                &[],
            )
            .await?;
        }
        let ids = rest.iter().map(|found| found.event.id).collect();
        Ok((first.cancellation.clone(), ids))
    }

    async fn is_done(&self, tx: &ReadTx<'_>) -> Result<bool, StoreError> {
        self.0.is_done(tx).await
    }
}

/// An event and the later active ones of its series, under the locks of all their hosts; nothing when there is no such
/// event.
async fn lock_rest(
    tx: &WriteTx<'_>,
    organization: OrganizationId,
    id: ScheduledEventId,
) -> Result<Vec<LockedEvent>, StoreError> {
    let Some(first) = scheduled_events::get(tx, organization, id).await? else {
        return Ok(Vec::new());
    };
    let mut ids = vec![id];
    if let Some(series) = first.event.series_id {
        let start = first.event.state.interval.start();
        let later = scheduled_events::of_series(tx, organization, series, start).await?;
        ids.extend(later.into_iter().filter(|later| *later != id));
    }
    let mut held_by = Vec::with_capacity(ids.len());
    for id in &ids {
        held_by.push(scheduled_event_hosts::of_event(tx, organization, *id).await?);
    }
    let all: BTreeSet<_> = held_by.iter().flatten().map(|host| host.id).collect();
    hosts::bump_all(tx, organization, all).await?;
    let mut rest = Vec::with_capacity(ids.len());
    for (place, (id, held_by)) in ids.into_iter().zip(held_by).enumerate() {
        let found = locked(tx, organization, id, held_by).await?;
        let goes_on = |found: &LockedEvent| found.event.state.status == EventStatus::Active;
        rest.extend(found.filter(|found| place == 0 || goes_on(found)));
    }
    Ok(rest)
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
        let invitees = invitees::of_event(tx, organization, id).await?;
        let invitee = invitees.iter().find(|invitee| invitee.id == self.invitee);
        let (Some(found), Some(invitee)) = (found, invitee) else {
            return Err(unknown);
        };
        decide_cancel(&found.event.state, now).map_err(refuse)?;
        if invitee.status == EventStatus::Canceled {
            return Err(refuse(CancelRefusal::AlreadyCanceled));
        }
        let coming = invitees
            .iter()
            .filter(|other| other.status == EventStatus::Active);
        let others = i64::try_from(coming.count()).map_err(StoreError::invalid)? - 1;
        if others == 0 {
            give_up(tx, organization, &found.event, cancellation, &[]).await?;
            return Ok(cancellation.clone());
        }
        let canceled = invitees::Cancellation {
            document: cancellation.document()?,
            moved_to: None,
            at: cancellation.created_at,
        };
        invitees::cancel(tx, organization, (id, self.invitee), &canceled).await?;
        busy_intervals::set_places(tx, organization, id.0, others).await?;
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
