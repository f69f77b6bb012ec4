//! The hosts of an event type, and how they share its meetings, in requests and answers.

use super::changes::EventTypeChanges;
use crate::api::{
    caller::{Caller, scope::EventTypesWrite},
    input::input,
    problem::Problem,
    uri::{Uri, Uris},
    value::{Change, Int, List, text::Text, words},
};
use crate::{
    app::event_types::hosting::{DEFAULT_PRIORITY, DEFAULT_WEIGHT, NamedHosts},
    context::fresh_id,
};
use domain::id::{EventTypeId, EventTypeMembershipId, UserId};
use jiff::Timestamp;
use serde::Serialize;
use store::{
    event_type_memberships::{EventTypeMembership, Host},
    event_types::{EventType, Kind, Pooling},
};
use utoipa::ToSchema;

words! {
    /// How many invitees a meeting has.
    pub enum EventTypeKind {
        /// One.
        Solo = "solo",
        /// Several, up to the capacity.
        Group = "group",
    }
}

impl From<EventTypeKind> for Kind {
    fn from(kind: EventTypeKind) -> Kind {
        match kind {
            EventTypeKind::Solo => Kind::Solo,
            EventTypeKind::Group => Kind::Group,
        }
    }
}

words! {
    /// Which hosts take part in a meeting: all; the fixed ones and one of the others in turn; the fixed ones and one of each pool in turn.
    pub enum PoolingType {
        /// All.
        Collective = "collective",
        /// The fixed ones, and one of the others in turn.
        RoundRobin = "round_robin",
        /// The fixed ones, and one of each pool in turn.
        MultiPool = "multi_pool",
    }
}

impl From<PoolingType> for Pooling {
    fn from(pooling: PoolingType) -> Pooling {
        match pooling {
            PoolingType::Collective => Pooling::Collective,
            PoolingType::RoundRobin => Pooling::RoundRobin,
            PoolingType::MultiPool => Pooling::MultiPool,
        }
    }
}

input! {
    /// A host of an event type.
    pub struct HostInput {
        /// Who.
        pub user: Uri<UserId>,
        /// Of those whose turn it can be, the highest are asked first; 50 by default.
        pub priority: Option<Int<0, 100>>,
        /// The share of the meetings among hosts of one priority; 1 by default.
        pub weight: Option<Int<1, 100>>,
        /// Which pool, for `multi_pool`, where all but fixed hosts are in one.
        pub pool: Option<Text<1, 100>>,
        /// Whether the host takes part in every meeting; `false` by default, always true with `collective`.
        pub fixed: Option<bool>,
    }
}

/// The hosts of an event type in requests.
pub type Hosts = List<HostInput, 1, 100>;

/// The hosts that a caller names, or none.
pub fn named(
    hosts: Option<&Hosts>,
    caller: &Caller<EventTypesWrite>,
    event_type_id: EventTypeId,
    now: Timestamp,
) -> NamedHosts {
    let membership = |(host, position): (&HostInput, i64)| EventTypeMembership {
        id: EventTypeMembershipId(fresh_id()),
        event_type_id,
        user_id: host.user.0,
        priority: host.priority.map_or(DEFAULT_PRIORITY, |it| it.0).into(),
        weight: host.weight.map_or(DEFAULT_WEIGHT, |it| it.0).into(),
        pool: host.pool.as_ref().map(|pool| pool.0.clone()),
        fixed: host.fixed.unwrap_or(false),
        position,
        created_at: now,
        updated_at: now,
    };
    NamedHosts {
        hosts: hosts.map(|hosts| hosts.0.iter().zip(0..).map(membership).collect()),
        named_by: (!caller.is_admin()).then_some(caller.user),
    }
}

/// Minutes within which a meeting must be confirmed where nothing else is said: a day.
const DEFAULT_CONFIRMATION: i64 = 1440;

impl EventTypeChanges {
    /// Refuses minutes for what is not to be confirmed.
    pub fn check_confirmation(&self) -> Result<(), Problem> {
        match (self.requires_confirmation, self.confirmation_minutes) {
            (Some(false), Some(_)) => Err(Problem::parameter(
                "confirmation_minutes",
                "not_allowed",
                "goes only with requires_confirmation",
            )),
            _ => Ok(()),
        }
    }

    /// What changes of the settings about hosts and invitees, but for the hosts themselves.
    pub fn apply_hosting(&self, event_type: &mut EventType) {
        if let Some(kind) = self.kind {
            event_type.kind = kind.into();
            if kind == EventTypeKind::Solo {
                event_type.rules.capacity = 1;
            }
        }
        if let Some(capacity) = self.capacity {
            event_type.rules.capacity = capacity.0.into();
        }
        match &self.pooling_type {
            Change::Keep => {}
            Change::Clear => event_type.pooling = None,
            Change::Set(pooling) => event_type.pooling = Some((*pooling).into()),
        }
        let minutes = self.confirmation_minutes.map(|minutes| minutes.0.into());
        let before = event_type.confirmation_minutes;
        event_type.confirmation_minutes = match self.requires_confirmation {
            Some(false) => None,
            Some(true) => minutes.or(before).or(Some(DEFAULT_CONFIRMATION)),
            None => minutes.or(before),
        };
    }
}

/// A host of an event type.
#[derive(Debug, Serialize, ToSchema)]
pub struct HostBody {
    /// Who.
    #[schema(format = "uri")]
    pub user: String,
    /// Their name.
    pub user_name: String,
    /// Of those whose turn it can be, the highest are asked first.
    pub priority: i64,
    /// The share of the meetings among hosts of one priority.
    pub weight: i64,
    /// Which pool.
    #[schema(required = true)]
    pub pool: Option<String>,
    /// Whether the host takes part in every meeting.
    pub fixed: bool,
}

impl HostBody {
    /// What is shown of a host.
    pub fn new(host: Host, uris: &Uris) -> HostBody {
        HostBody {
            user: uris.of(host.membership.user_id),
            user_name: host.name,
            priority: host.membership.priority,
            weight: host.membership.weight,
            pool: host.membership.pool,
            fixed: host.membership.fixed,
        }
    }
}
