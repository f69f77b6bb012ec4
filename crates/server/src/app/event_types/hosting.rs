//! Who hosts an event type: whose time is locked while that changes, who may be named, and what is shown.

pub mod rules;

use super::EventTypeRefusal;
use domain::id::{EventTypeMembershipId, OrganizationId, UserId};
use jiff::Timestamp;
use rules::{Candidate, mistakes};
use std::collections::{BTreeSet, HashSet};
use store::{
    ReadTx, StoreError, WriteError, WriteTx,
    event_type_memberships::{self, EventTypeMembership, Host},
    event_types::{EventType, Pooling},
    hosts,
    users::{self, User, UserKind},
};

/// The priority of a host of whom none is said.
pub const DEFAULT_PRIORITY: u32 = 50;

/// The weight of a host of whom none is said.
pub const DEFAULT_WEIGHT: u32 = 1;

/// An event type with whose it is and who hosts it.
#[derive(Clone, Debug)]
pub struct Hosted {
    /// The event type.
    pub event_type: EventType,
    /// Whose it is.
    pub owner: User,
    /// Who hosts it, but for those who were removed; the owner where it has no pooling.
    pub hosts: Vec<Host>,
}

/// The event type with its people.
pub async fn hosted(
    tx: &ReadTx<'_>,
    organization: OrganizationId,
    event_type: EventType,
) -> Result<Hosted, StoreError> {
    let owner = users::get(tx, organization, event_type.user_id).await?;
    let owner = owner.ok_or_else(|| StoreError::missing("users", event_type.user_id))?;
    let hosts = match event_type.pooling {
        None => vec![alone(&event_type, &owner)],
        Some(_) => event_type_memberships::hosts(tx, organization, event_type.id).await?,
    };
    Ok(Hosted {
        event_type,
        owner,
        hosts,
    })
}

/// The owner as the only host; there is no row, so the event type's id stands for that of the membership.
pub fn alone(event_type: &EventType, owner: &User) -> Host {
    Host {
        membership: EventTypeMembership {
            id: EventTypeMembershipId(event_type.id.0),
            event_type_id: event_type.id,
            user_id: owner.id,
            priority: DEFAULT_PRIORITY.into(),
            weight: DEFAULT_WEIGHT.into(),
            pool: None,
            fixed: true,
            position: 0,
            created_at: event_type.created_at,
            updated_at: event_type.updated_at,
        },
        name: owner.name.clone(),
        is_resource: false,
    }
}

/// Who shall host an event type.
#[derive(Clone, Debug, Default)]
pub struct NamedHosts {
    /// The hosts, with ids for the new ones among them; they stay as they are when `None`.
    pub hosts: Option<Vec<EventTypeMembership>>,
    /// Who names them, where that is no administrator: other people must be hosts already.
    pub named_by: Option<UserId>,
}

impl NamedHosts {
    /// Locks the time of the owner, of all hosts and of all who are named, in the order of their ids. Hosts who came
    /// while this waited are locked after them; what stands in each other's way then is run again.
    pub async fn lock(
        &self,
        tx: &WriteTx<'_>,
        organization: OrganizationId,
        event_type: &EventType,
    ) -> Result<(), StoreError> {
        let mut locked = BTreeSet::new();
        loop {
            let concerned = self.concerned(tx, organization, event_type).await?;
            let missing: Vec<UserId> = concerned.difference(&locked).copied().collect();
            if missing.is_empty() {
                return Ok(());
            }
            for user in missing {
                hosts::bump_settings(tx, organization, user).await?;
                locked.insert(user);
            }
        }
    }

    async fn concerned(
        &self,
        tx: &WriteTx<'_>,
        organization: OrganizationId,
        event_type: &EventType,
    ) -> Result<BTreeSet<UserId>, StoreError> {
        let current =
            event_type_memberships::of_event_type(tx, organization, event_type.id).await?;
        let mut concerned = BTreeSet::from([event_type.user_id]);
        concerned.extend(current.iter().map(|host| host.user_id));
        for named in self.hosts.iter().flatten() {
            let user = users::get(tx, organization, named.user_id).await?;
            concerned.extend(user.map(|user| user.id));
        }
        Ok(concerned)
    }

    /// Checks the hosts an event type shall have together with its other settings, and writes them.
    pub async fn settle(
        &self,
        tx: &WriteTx<'_>,
        organization: OrganizationId,
        event_type: &EventType,
        now: Timestamp,
    ) -> Result<(), WriteError<EventTypeRefusal>> {
        let current =
            event_type_memberships::of_event_type(tx, organization, event_type.id).await?;
        let candidates = self.candidates(tx, organization, event_type).await?;
        self.may_be_named(&candidates, &current)
            .map_err(WriteError::Refused)?;
        let mistakes = mistakes(event_type, &candidates);
        if !mistakes.is_empty() {
            return Err(WriteError::Refused(EventTypeRefusal::Hosting(mistakes)));
        }
        let rows: Vec<EventTypeMembership> = candidates
            .into_iter()
            .zip(0..)
            .map(|(candidate, position)| {
                let mut row = candidate.membership;
                row.position = position;
                row.fixed |= event_type.pooling == Some(Pooling::Collective);
                carried_on(row, &current, now)
            })
            .collect();
        event_type_memberships::replace(tx, organization, event_type.id, &rows).await?;
        Ok(())
    }

    async fn candidates(
        &self,
        tx: &WriteTx<'_>,
        organization: OrganizationId,
        event_type: &EventType,
    ) -> Result<Vec<Candidate>, StoreError> {
        let Some(named) = &self.hosts else {
            if event_type.pooling.is_none() {
                return Ok(Vec::new());
            }
            let hosts = event_type_memberships::hosts(tx, organization, event_type.id).await?;
            let candidate = |host: Host| Candidate {
                membership: host.membership,
                is_resource: Some(host.is_resource),
            };
            return Ok(hosts.into_iter().map(candidate).collect());
        };
        let mut candidates = Vec::with_capacity(named.len());
        for membership in named {
            let user = users::get_active(tx, organization, membership.user_id).await?;
            candidates.push(Candidate {
                membership: membership.clone(),
                is_resource: user.map(|user| user.kind == UserKind::Resource),
            });
        }
        Ok(candidates)
    }

    /// Nobody but an administrator gives work to other people.
    fn may_be_named(
        &self,
        candidates: &[Candidate],
        current: &[EventTypeMembership],
    ) -> Result<(), EventTypeRefusal> {
        let Some(by) = self.named_by else {
            return Ok(());
        };
        let hosts: HashSet<UserId> = current.iter().map(|host| host.user_id).collect();
        let is_drawn_in = |candidate: &Candidate| {
            let user = candidate.membership.user_id;
            candidate.is_resource == Some(false) && user != by && !hosts.contains(&user)
        };
        if candidates.iter().any(is_drawn_in) {
            return Err(EventTypeRefusal::NamesOthers);
        }
        Ok(())
    }
}

/// A host who stays keeps id and age, and the time of the last change where nothing changes.
fn carried_on(
    mut row: EventTypeMembership,
    current: &[EventTypeMembership],
    now: Timestamp,
) -> EventTypeMembership {
    let Some(before) = current.iter().find(|host| host.user_id == row.user_id) else {
        return row;
    };
    row.id = before.id;
    row.created_at = before.created_at;
    row.updated_at = before.updated_at;
    if row != *before {
        row.updated_at = now;
    }
    row
}
