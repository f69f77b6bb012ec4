//! What is known of an event type and its hosts before they are locked. A write that locks them sees by their versions
//! whether it is still so, and then need not read it again; what takes their time it always reads.

use super::{is_bookable, placing::Locked};
use crate::{
    app::{
        facts::{EventTypeFacts, Facts, HostFacts, holds_under_lock},
        timelines::{AT_ONCE, are_hosted},
    },
    cache::Kept,
};
use domain::{
    id::{OrganizationId, UserId},
    schedule::Schedule,
};
use futures_util::future::try_join_all;
use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};
use store::{
    StoreError,
    host_versions::{Moved, Stamp},
};

/// An event type with its hosts and their hours.
#[derive(Clone, Debug)]
pub struct KnownHosts {
    event_type: Arc<Kept<EventTypeFacts>>,
    hosts: Vec<Arc<Kept<HostFacts>>>,
}

impl KnownHosts {
    /// What is known of the hosts of an event type. Nothing where somebody cannot be read.
    pub async fn of(
        facts: &Facts,
        organization: OrganizationId,
        event_type: Arc<Kept<EventTypeFacts>>,
    ) -> Result<Option<KnownHosts>, StoreError> {
        let members: Vec<UserId> = event_type.value.by_their_default().collect();
        let mut hosts = Vec::with_capacity(members.len());
        for some in members.chunks(AT_ONCE) {
            let some = some
                .iter()
                .map(|host| facts.known_host(organization, *host));
            match try_join_all(some).await {
                Ok(some) => hosts.extend(some),
                Err(StoreError::Corrupt { .. }) => return Ok(None),
                Err(error) => return Err(error),
            }
        }
        Ok(Some(KnownHosts { event_type, hosts }))
    }

    /// All who decide about a time of the event type, its owner and who has left included.
    pub fn hosts(&self) -> BTreeSet<UserId> {
        self.event_type.stamps.iter().map(Stamp::host).collect()
    }

    /// Whether all of it is so under the locks that were just taken, and the event type can be booked.
    pub fn holds_under_lock(&self, locked: &[Moved]) -> bool {
        let known = &self.event_type.value;
        let of_hosts = self.hosts.iter().map(|host| &host.stamps);
        let mut stamps = of_hosts.chain([&self.event_type.stamps]);
        is_bookable(&known.event_type)
            && known.owner.deactivated_at.is_none()
            && are_hosted(&known.pools)
            && stamps.all(|stamps: &Vec<Stamp>| holds_under_lock(stamps, locked))
    }

    /// The event type and its hosts, if it is so.
    pub fn locked(&self) -> Locked {
        let known = &self.event_type.value;
        let by_default = self.hosts.iter().map(|host| {
            let schedule: Arc<Schedule> = host.value.schedule.clone();
            (host.value.user.id, schedule)
        });
        let mut schedules: HashMap<UserId, Arc<Schedule>> = by_default.collect();
        if let Some(Ok(named)) = &known.schedule {
            schedules.insert(known.owner.id, named.clone());
        }
        Locked {
            event_type: known.event_type.clone(),
            members: known.pools.clone(),
            schedules,
        }
    }
}
