//! Meetings that a host must confirm: until then they block the time, and they end by themselves.

use super::{Cancellation, canceling::CancelingRefusal, expired, give_up_for, lock};
use crate::app::{
    activity_log_entries::{By, Facts, Log, Way, actions::Action},
    mail_occasions::{News, Occasion},
};
use domain::{
    booking::decide_cancel,
    id::{OrganizationId, ScheduledEventId},
    scheduled_event::EventStatus,
};
use jiff::Timestamp;
use store::{
    Command, ReadTx, Store, StoreError, WriteError, WriteTx, busy_intervals, invitees,
    scheduled_events::{self, ListedEvent, ScheduledEvent},
    users,
};

/// Why a meeting cannot be confirmed or rejected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConfirmingRefusal {
    /// It does not wait for it.
    NotWaiting,
    /// It cannot be changed at all.
    Canceled(CancelingRefusal),
}

/// Confirms a meeting that waits for it.
#[derive(Clone, Debug)]
pub struct Confirm {
    /// In which organization.
    pub organization: OrganizationId,
    /// Which event.
    pub id: ScheduledEventId,
    /// The present.
    pub now: Timestamp,
}

impl Confirm {
    /// The event that waits, under the locks of its hosts.
    async fn waiting(
        &self,
        tx: &WriteTx<'_>,
    ) -> Result<ScheduledEvent, WriteError<ConfirmingRefusal>> {
        let refuse = |refusal| WriteError::Refused(ConfirmingRefusal::Canceled(refusal));
        let found = lock(tx, self.organization, self.id).await?;
        let event = found.ok_or(refuse(CancelingRefusal::Unknown))?.event;
        decide_cancel(&event.state, self.now)
            .map_err(|refusal| refuse(CancelingRefusal::State(refusal)))?;
        if event.confirm_by.is_none() {
            return Err(WriteError::Refused(ConfirmingRefusal::NotWaiting));
        }
        Ok(event)
    }
}

impl Command for Confirm {
    type Output = ListedEvent;
    type Refusal = ConfirmingRefusal;

    async fn run(&self, tx: &WriteTx<'_>) -> Result<ListedEvent, WriteError<ConfirmingRefusal>> {
        self.waiting(tx).await?;
        scheduled_events::confirm(tx, self.organization, self.id, self.now).await?;
        busy_intervals::keep(tx, self.organization, self.id.0).await?;
        self.note_mail(tx).await?;
        let listed = scheduled_events::get(tx, self.organization, self.id).await?;
        Ok(listed.ok_or_else(|| StoreError::missing("scheduled_events", self.id))?)
    }

    async fn is_done(&self, tx: &ReadTx<'_>) -> Result<bool, StoreError> {
        let event = scheduled_events::get(tx, self.organization, self.id).await?;
        Ok(event.is_some_and(|listed| listed.event.confirmed_at == Some(self.now)))
    }
}

impl Confirm {
    async fn note_mail(&self, tx: &WriteTx<'_>) -> Result<(), StoreError> {
        let all = invitees::of_event(tx, self.organization, self.id).await?;
        let coming = all
            .iter()
            .filter(|invitee| invitee.status == EventStatus::Active);
        let coming: Vec<_> = coming.map(|invitee| (self.id, invitee.id)).collect();
        let occasion = Occasion::meetings(News::Confirmed, &coming);
        occasion.note(tx, self.organization, self.now).await
    }
}

/// Rejects a meeting that waits for confirmation: it is canceled, and its time is free again.
#[derive(Clone, Debug)]
pub struct Reject {
    /// Which event.
    pub event: Confirm,
    /// By whom and why.
    pub cancellation: Cancellation,
}

impl Command for Reject {
    type Output = Cancellation;
    type Refusal = ConfirmingRefusal;

    async fn run(&self, tx: &WriteTx<'_>) -> Result<Cancellation, WriteError<ConfirmingRefusal>> {
        let event = self.event.waiting(tx).await?;
        let organization = self.event.organization;
        let given_up = (&event, &self.cancellation);
        give_up_for(tx, organization, given_up, News::Declined).await?;
        Ok(self.cancellation.clone())
    }

    async fn is_done(&self, tx: &ReadTx<'_>) -> Result<bool, StoreError> {
        let event = scheduled_events::get(tx, self.event.organization, self.event.id).await?;
        let kept = event.and_then(|listed| listed.event.cancellation);
        Ok(kept == Some(self.cancellation.document()?))
    }
}

/// Marks a meeting that nobody confirmed in time as canceled. Its time is free already.
#[derive(Clone, Debug)]
struct Expire {
    organization: OrganizationId,
    id: ScheduledEventId,
}

/// What is kept of a meeting that nobody confirmed.
const NOT_CONFIRMED: &str = "The host did not confirm this meeting in time.";

impl Command for Expire {
    type Output = ();
    type Refusal = std::convert::Infallible;

    async fn run(&self, tx: &WriteTx<'_>) -> Result<(), WriteError<Self::Refusal>> {
        // the first look at it was not under the locks
        let Some(found) = lock(tx, self.organization, self.id).await? else {
            return Ok(());
        };
        let Some(by) = expired(tx, &found.event).await? else {
            return Ok(());
        };
        let host = users::get(tx, self.organization, found.event.host_id).await?;
        let cancellation = Cancellation {
            canceled_by: host.map(|host| host.name).unwrap_or_default(),
            reason: Some(NOT_CONFIRMED.to_owned()),
            canceler_type: "host".to_owned(),
            created_at: by,
        };
        let given_up = (&found.event, &cancellation);
        give_up_for(tx, self.organization, given_up, News::Lapsed).await?;
        let log = Log::new(By::system(self.organization, Way::Server), by);
        let facts = Facts::of("scheduled_event", self.id);
        log.note(tx, (Action::ScheduledEventExpire, facts)).await?;
        Ok(())
    }

    async fn is_done(&self, _: &ReadTx<'_>) -> Result<bool, StoreError> {
        // what is expired is found again
        Ok(true)
    }
}

/// Brings the events of an organization up to date before they are shown: those that nobody confirmed in time are
/// canceled. It happens at a look, so that it needs no job.
pub async fn expire(store: &Store, organization: OrganizationId) -> Result<(), StoreError> {
    loop {
        let ids = expired_ids(store, organization).await?;
        if ids.is_empty() {
            return Ok(());
        }
        // one transaction each, so that none holds the locks of several meetings
        for id in ids {
            match store.write(Expire { organization, id }).await {
                Ok(()) => {}
                Err(WriteError::Failed(failure)) => return Err(failure),
                Err(WriteError::Refused(never)) => match never {},
            }
        }
    }
}

/// The most urgent ones; nothing is asked of the clock where no meeting waits.
async fn expired_ids(
    store: &Store,
    organization: OrganizationId,
) -> Result<Vec<ScheduledEventId>, StoreError> {
    let tx = store.read().await?;
    let waiting = scheduled_events::unconfirmed(&tx, organization).await?;
    if waiting.is_empty() {
        return Ok(Vec::new());
    }
    let now = tx.now().await?;
    let expired = waiting.into_iter().filter(|(_, by)| *by <= now);
    Ok(expired.map(|(id, _)| id).collect())
}
