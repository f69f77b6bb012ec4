//! What requests need to know of callers, event types and hosts, read once and kept for as long as it is true.
//!
//! What is set up about a host is kept apart from what takes their time: a booking makes only the latter unknown.

mod questions;

use crate::{
    app::timelines::Member,
    cache::{Cache, Kept},
};
use domain::{
    busy::Busy,
    event_type::EventType as Rules,
    id::{EventTypeId, OrganizationId, UserId},
    interval::Interval,
    schedule::Schedule,
};
use questions::{OfEventType, OfHost, OfTime, OfToken};
use std::{sync::Arc, time::Instant};
use store::{
    Store, StoreError,
    event_types::EventType,
    host_versions::{Moved, Stamp},
    personal_access_tokens::Bearer,
    users::User,
};

/// An event type with all that is set up about it.
#[derive(Clone, Debug)]
pub struct EventTypeFacts {
    /// Its row.
    pub event_type: Arc<EventType>,
    /// Its rules.
    pub rules: Arc<Rules>,
    /// Whose it is, perhaps removed.
    pub owner: User,
    /// The hosts who are still there, in pools.
    pub pools: Vec<Vec<Member>>,
    /// The schedule of its owner that it names.
    pub schedule: Option<Result<Arc<Schedule>, StoreError>>,
}

impl EventTypeFacts {
    /// The hosts who go by their default schedule.
    pub fn by_their_default(&self) -> impl Iterator<Item = UserId> {
        let named = self.schedule.as_ref().map(|_| self.owner.id);
        let members = self.pools.iter().flatten().map(|member| member.user);
        members.filter(move |host| Some(*host) != named)
    }

    /// Whether callers may know of it.
    pub fn is_listed(&self) -> bool {
        !self.event_type.hidden
    }
}

/// A user with all that is set up about them.
#[derive(Clone, Debug)]
pub struct HostFacts {
    /// The user, perhaps removed.
    pub user: User,
    /// Their default schedule.
    pub schedule: Arc<Schedule>,
}

/// What takes a host's time within a range.
#[derive(Clone, Debug)]
pub struct BusyFacts {
    /// The range.
    range: Interval,
    /// All that takes time in it.
    pub busy: Arc<Busy>,
    /// When some of it ends by itself.
    ends: Option<Instant>,
}

/// What is kept.
#[derive(Debug)]
pub struct Facts {
    bearers: Cache<String, Bearer>,
    event_types: Cache<(OrganizationId, EventTypeId), EventTypeFacts>,
    hosts: Cache<(OrganizationId, UserId), HostFacts>,
    busy: Cache<(OrganizationId, UserId), BusyFacts>,
    store: Store,
}

impl Facts {
    /// Keeps facts of a database in so many bytes at most. Most of them are for what takes the time of hosts.
    pub fn new(store: &Store, bytes: usize) -> Facts {
        let part = bytes / 16;
        Facts {
            bearers: Cache::new(store.clone(), part),
            event_types: Cache::new(store.clone(), 2 * part),
            hosts: Cache::new(store.clone(), 3 * part),
            busy: Cache::new(store.clone(), 10 * part),
            store: store.clone(),
        }
    }

    /// Who presents a token with this hash.
    pub async fn bearer(&self, hash: String) -> Result<Option<Arc<Kept<Bearer>>>, StoreError> {
        let versions = self.store.host_versions();
        self.bearers.get(&OfToken { versions, hash }).await
    }

    /// An event type, also one that was deleted.
    pub async fn event_type(
        &self,
        organization: OrganizationId,
        id: EventTypeId,
    ) -> Result<Option<Arc<Kept<EventTypeFacts>>>, StoreError> {
        let versions = self.store.host_versions();
        let question = OfEventType {
            versions,
            organization,
            id,
        };
        self.event_types.get(&question).await
    }

    /// A user, also one who was removed.
    pub async fn host(
        &self,
        organization: OrganizationId,
        id: UserId,
    ) -> Result<Option<Arc<Kept<HostFacts>>>, StoreError> {
        let versions = self.store.host_versions();
        let question = OfHost {
            versions,
            organization,
            id,
        };
        self.hosts.get(&question).await
    }

    /// A user who must have been there once.
    pub async fn known_host(
        &self,
        organization: OrganizationId,
        id: UserId,
    ) -> Result<Arc<Kept<HostFacts>>, StoreError> {
        let host = self.host(organization, id).await?;
        host.ok_or_else(|| StoreError::missing("users", id))
    }

    /// What takes a host's time in a range, and perhaps more around it.
    pub async fn busy(
        &self,
        organization: OrganizationId,
        host: UserId,
        range: Interval,
    ) -> Result<Arc<Busy>, StoreError> {
        let versions = self.store.host_versions();
        let question = OfTime {
            versions,
            organization,
            host,
            range,
        };
        let found = self.busy.get(&question).await?;
        let found = found.ok_or_else(|| StoreError::missing("hosts", host))?;
        Ok(found.value.busy.clone())
    }
}

/// Whether what is set up about hosts is what a write finds that has just locked them.
pub fn holds_under_lock(stamps: &[Stamp], locked: &[Moved]) -> bool {
    let is_same = |stamp: &Stamp| {
        let of_host = locked.iter().find(|moved| moved.host == stamp.host());
        of_host.is_some_and(|moved| stamp.is_of_settings(moved.settings))
    };
    stamps.iter().all(is_same)
}
