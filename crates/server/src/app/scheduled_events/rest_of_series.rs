//! A meeting and the later ones of its series: what belongs to it, and canceling it.

use super::{
    Cancellation, LockedEvent,
    canceling::{Cancel, CancelingRefusal},
    give_up, locked,
};
use crate::app::mail_occasions::{News, Occasion};
use domain::{
    booking::decide_cancel,
    id::{OrganizationId, ScheduledEventId, UserId},
    scheduled_event::EventStatus,
};
use std::collections::BTreeSet;
use store::{
    Command, ReadTx, StoreError, WriteError, WriteTx,
    error::Outage,
    hosts, scheduled_event_hosts,
    scheduled_events::{self, ScheduledEvent},
};

/// So often a series may change while the locks of its hosts are taken.
const TRIES: usize = 5;

/// The event, then the later active ones of its series, by start.
pub async fn ids(
    tx: &ReadTx<'_>,
    organization: OrganizationId,
    event: &ScheduledEvent,
) -> Result<Vec<ScheduledEventId>, StoreError> {
    let mut ids = vec![event.id];
    if let Some(series) = event.series_id {
        let start = event.state.interval.start();
        let later = scheduled_events::of_series(tx, organization, series, start).await?;
        ids.extend(later.into_iter().filter(|later| *later != event.id));
    }
    Ok(ids)
}

/// Cancels a meeting and all later ones of its series.
#[derive(Clone, Debug)]
pub struct CancelRest {
    /// The first one, by whom and why.
    pub first: Cancel,
    /// Who must host all of them; nothing where that does not matter.
    pub host: Option<UserId>,
}

impl Command for CancelRest {
    type Output = (Cancellation, Vec<ScheduledEventId>);
    type Refusal = CancelingRefusal;

    async fn run(&self, tx: &WriteTx<'_>) -> Result<Self::Output, WriteError<CancelingRefusal>> {
        let Cancel {
            organization,
            id,
            ref cancellation,
            now,
        } = self.first;
        let rest = lock_rest(tx, organization, id).await?;
        let Some(found) = rest.first() else {
            return Err(WriteError::Refused(CancelingRefusal::Unknown));
        };
        decide_cancel(&found.event.state, now)
            .map_err(|refusal| WriteError::Refused(CancelingRefusal::State(refusal)))?;
        if !rest.iter().all(|found| found.is_held_by(self.host)) {
            return Err(WriteError::Refused(CancelingRefusal::OthersHost));
        }
        let mut gone = Vec::new();
        for found in &rest {
            gone.extend(give_up(tx, organization, &found.event, cancellation, &[]).await?);
        }
        let occasion = Occasion::meetings(News::Canceled, &gone);
        occasion.note(tx, organization, now).await?;
        let ids = rest.iter().map(|found| found.event.id).collect();
        Ok((cancellation.clone(), ids))
    }

    async fn is_done(&self, tx: &ReadTx<'_>) -> Result<bool, StoreError> {
        self.first.is_done(tx).await
    }
}

/// An event and the later active ones of its series, under the locks of all their hosts; nothing when there is no such
/// event. One that moves meanwhile is another event of the series then, so the series is read until it stays the same.
async fn lock_rest(
    tx: &WriteTx<'_>,
    organization: OrganizationId,
    id: ScheduledEventId,
) -> Result<Vec<LockedEvent>, StoreError> {
    let mut held = BTreeSet::new();
    for _ in 0..TRIES {
        let Some(first) = scheduled_events::get(tx, organization, id).await? else {
            return Ok(Vec::new());
        };
        let ids = ids(tx, organization, &first.event).await?;
        let mut held_by = Vec::with_capacity(ids.len());
        for id in &ids {
            held_by.push(scheduled_event_hosts::of_event(tx, organization, *id).await?);
        }
        let wanted: BTreeSet<UserId> = held_by.iter().flatten().map(|host| host.id).collect();
        if wanted.is_subset(&held) {
            return rest(tx, organization, ids.into_iter().zip(held_by)).await;
        }
        hosts::bump_all(tx, organization, wanted.difference(&held).copied()).await?;
        held.extend(wanted);
    }
    Err(StoreError::unavailable(Outage::Contention))
}

async fn rest(
    tx: &WriteTx<'_>,
    organization: OrganizationId,
    ids: impl Iterator<Item = (ScheduledEventId, Vec<scheduled_event_hosts::EventHost>)>,
) -> Result<Vec<LockedEvent>, StoreError> {
    let mut rest = Vec::new();
    for (place, (id, held_by)) in ids.enumerate() {
        let found = locked(tx, organization, id, held_by).await?;
        let goes_on = |found: &LockedEvent| found.event.state.status == EventStatus::Active;
        rest.extend(found.filter(|found| place == 0 || goes_on(found)));
    }
    Ok(rest)
}
