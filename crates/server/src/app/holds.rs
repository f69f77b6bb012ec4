//! Holds: a time that is on offer is kept for somebody for some minutes. It ends by itself, by the database's clock.

use crate::app::scheduled_events::{
    block,
    booking::BookingRefusal,
    places,
    placing::{self, Asked},
};
use domain::{
    busy::{BusyInterval, BusyKind},
    id::{EventTypeId, HoldId, OrganizationId, TokenId, UserId},
};
use jiff::{SignedDuration, Timestamp};
use store::{
    Command, ReadTx, StoreError, WriteError, WriteTx, busy_intervals,
    holds::{self, Hold},
    hosts, personal_access_tokens,
};

/// Why a time cannot be held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HoldRefusal {
    /// The token has as many holds as it may have.
    TooMany(usize),
    /// The time cannot be booked, so it cannot be held.
    Booking(BookingRefusal),
}

/// Keeps a time, as booking it would.
#[derive(Clone, Debug)]
pub struct PlaceHold {
    /// In which organization.
    pub organization: OrganizationId,
    /// The id of the hold.
    pub id: HoldId,
    /// What is to be booked.
    pub event_type_id: EventTypeId,
    /// From when.
    pub start: Timestamp,
    /// For how long it is kept.
    pub lasts: SignedDuration,
    /// By which token, and whose that is.
    pub by: (TokenId, UserId),
    /// How many holds a token may have at once.
    pub most: usize,
    /// The present.
    pub now: Timestamp,
}

impl Command for PlaceHold {
    type Output = Hold;
    type Refusal = HoldRefusal;

    async fn run(&self, tx: &WriteTx<'_>) -> Result<Hold, WriteError<HoldRefusal>> {
        let refuse = |refusal| WriteError::Refused(HoldRefusal::Booking(refusal));
        let locked = placing::lock(tx, self.organization, self.event_type_id, None).await?;
        let locked = locked.ok_or(refuse(BookingRefusal::UnknownEventType))?;
        let now = tx.now().await?;
        self.count(tx, now).await?;
        let asked = Asked {
            start: self.start,
            now: self.now,
            kept: &[],
        };
        let place = locked.place(tx, self.organization, asked).await?;
        let place = place.map_err(|refusal| refuse(BookingRefusal::Time(refusal)))?;
        let hold = Hold {
            id: self.id,
            event_type_id: self.event_type_id,
            token_id: self.by.0,
            user_id: self.by.1,
            interval: place.meeting,
            buffered: place.buffered,
            hosts: place.hosts,
            created_at: self.now,
            expires_at: self.expires_at(now)?,
        };
        let places = places(locked.event_type.rules.capacity, 1);
        self.insert(tx, &hold, places).await?;
        Ok(hold)
    }

    async fn is_done(&self, tx: &ReadTx<'_>) -> Result<bool, StoreError> {
        Ok(holds::get(tx, self.organization, self.id).await?.is_some())
    }
}

impl PlaceHold {
    /// A hold ends when what it keeps begins, at the latest.
    fn expires_at(&self, now: Timestamp) -> Result<Timestamp, StoreError> {
        let end = now.checked_add(self.lasts).map_err(StoreError::invalid)?;
        Ok(end.min(self.start))
    }

    /// Counts the token's holds, under its lock, and clears away those that have ended.
    async fn count(&self, tx: &WriteTx<'_>, now: Timestamp) -> Result<(), WriteError<HoldRefusal>> {
        personal_access_tokens::lock(tx, self.organization, self.by.0).await?;
        let mut current = 0;
        for (id, expires_at) in holds::of_token(tx, self.organization, self.by.0).await? {
            if expires_at <= now {
                remove(tx, self.organization, id).await?;
            } else {
                current += 1;
            }
        }
        for hold in holds::of_event_type(tx, self.organization, self.event_type_id).await? {
            if hold.expires_at <= now {
                remove(tx, self.organization, hold.id).await?;
            }
        }
        if self.most <= current {
            return Err(WriteError::Refused(HoldRefusal::TooMany(self.most)));
        }
        Ok(())
    }

    async fn insert(&self, tx: &WriteTx<'_>, hold: &Hold, places: i64) -> Result<(), StoreError> {
        holds::insert(tx, self.organization, hold).await?;
        let blocked = BusyInterval {
            interval: hold.interval,
            buffered: hold.buffered,
            kind: BusyKind::Hold,
            source: hold.id.0,
            event_type: Some(hold.event_type_id),
            places,
        };
        let hosts = hold.hosts.iter().map(|host| host.id);
        let until = Some(hold.expires_at);
        block(tx, self.organization, hosts, (blocked, until)).await
    }
}

/// The hold, while it has not ended.
pub async fn current(
    tx: &ReadTx<'_>,
    organization: OrganizationId,
    id: HoldId,
) -> Result<Option<Hold>, StoreError> {
    match holds::get(tx, organization, id).await? {
        Some(hold) if tx.now().await? < hold.expires_at => Ok(Some(hold)),
        _ => Ok(None),
    }
}

/// Removes a hold and frees what it blocks.
pub async fn remove(
    tx: &WriteTx<'_>,
    organization: OrganizationId,
    id: HoldId,
) -> Result<(), StoreError> {
    busy_intervals::delete(tx, organization, id.0).await?;
    holds::delete(tx, organization, id).await
}

/// There is no such hold, or it has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownHold;

/// Frees a time that is held.
#[derive(Clone, Debug)]
pub struct Release {
    /// In which organization.
    pub organization: OrganizationId,
    /// Which hold.
    pub id: HoldId,
}

impl Command for Release {
    type Output = ();
    type Refusal = UnknownHold;

    async fn run(&self, tx: &WriteTx<'_>) -> Result<(), WriteError<UnknownHold>> {
        let unknown = WriteError::Refused(UnknownHold);
        let Some(hold) = holds::get(tx, self.organization, self.id).await? else {
            return Err(unknown);
        };
        let kept = hold.hosts.iter().map(|host| host.id);
        hosts::bump_all(tx, self.organization, kept).await?;
        if current(tx, self.organization, self.id).await?.is_none() {
            return Err(unknown);
        }
        Ok(remove(tx, self.organization, self.id).await?)
    }

    async fn is_done(&self, tx: &ReadTx<'_>) -> Result<bool, StoreError> {
        Ok(holds::get(tx, self.organization, self.id).await?.is_none())
    }
}
