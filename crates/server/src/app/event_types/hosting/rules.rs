//! Which settings about hosts and invitees go together.

use std::collections::HashSet;
use store::{
    event_type_memberships::EventTypeMembership,
    event_types::{EventType, Kind, Pooling},
};

/// Two settings of an event type that do not go together. Numbers are places in the list of hosts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HostingMistake {
    /// Only a group takes several invitees.
    SoloCapacity,
    /// A group takes several invitees.
    GroupCapacity,
    /// A group is not shared out among its hosts.
    GroupPooling,
    /// A group is not confirmed.
    GroupConfirmation,
    /// There is a pooling and nobody to pool.
    NoHosts,
    /// There are hosts and no pooling.
    NoPooling,
    /// There is no such user.
    UnknownHost(usize),
    /// The user is among the hosts before.
    HostTwice(usize),
    /// The host must be in a pool.
    NoPool(usize),
    /// The host cannot be in a pool.
    NeedlessPool(usize),
    /// Every host is fixed.
    NobodyInTurn,
    /// There are rooms and things only.
    NobodyThere,
}

/// What is known of somebody who shall host.
pub struct Candidate {
    /// How they shall take part.
    pub membership: EventTypeMembership,
    /// Whether it is a room or a thing; nothing where there is no such user.
    pub is_resource: Option<bool>,
}

/// All that does not go together in an event type that shall have these hosts.
pub fn mistakes(event_type: &EventType, candidates: &[Candidate]) -> Vec<HostingMistake> {
    let mut mistakes = kind_mistakes(event_type);
    match event_type.pooling {
        None if !candidates.is_empty() => mistakes.push(HostingMistake::NoPooling),
        Some(_) if candidates.is_empty() => mistakes.push(HostingMistake::NoHosts),
        _ => {}
    }
    let mut seen = HashSet::new();
    for (index, candidate) in candidates.iter().enumerate() {
        if candidate.is_resource.is_none() {
            mistakes.push(HostingMistake::UnknownHost(index));
        }
        if !seen.insert(candidate.membership.user_id) {
            mistakes.push(HostingMistake::HostTwice(index));
        }
        mistakes.extend(pool_mistake(event_type, &candidate.membership, index));
    }
    mistakes.extend(list_mistakes(event_type, candidates));
    mistakes
}

fn kind_mistakes(event_type: &EventType) -> Vec<HostingMistake> {
    let in_turn = matches!(
        event_type.pooling,
        Some(Pooling::RoundRobin | Pooling::MultiPool)
    );
    let is_group = event_type.kind == Kind::Group;
    [
        (!is_group && event_type.rules.capacity != 1).then_some(HostingMistake::SoloCapacity),
        (is_group && event_type.rules.capacity < 2).then_some(HostingMistake::GroupCapacity),
        (is_group && in_turn).then_some(HostingMistake::GroupPooling),
        (is_group && event_type.confirmation_minutes.is_some())
            .then_some(HostingMistake::GroupConfirmation),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn pool_mistake(
    event_type: &EventType,
    host: &EventTypeMembership,
    index: usize,
) -> Option<HostingMistake> {
    let needs_pool = event_type.pooling == Some(Pooling::MultiPool) && !host.fixed;
    match (needs_pool, &host.pool) {
        (true, None) => Some(HostingMistake::NoPool(index)),
        (false, Some(_)) => Some(HostingMistake::NeedlessPool(index)),
        _ => None,
    }
}

fn list_mistakes(
    event_type: &EventType,
    candidates: &[Candidate],
) -> impl Iterator<Item = HostingMistake> {
    let in_turn = matches!(
        event_type.pooling,
        Some(Pooling::RoundRobin | Pooling::MultiPool)
    );
    let all =
        |is_so: fn(&Candidate) -> bool| !candidates.is_empty() && candidates.iter().all(is_so);
    let nobody_in_turn = in_turn && all(|candidate| candidate.membership.fixed);
    let nobody_there = all(|candidate| candidate.is_resource == Some(true));
    [
        nobody_in_turn.then_some(HostingMistake::NobodyInTurn),
        nobody_there.then_some(HostingMistake::NobodyThere),
    ]
    .into_iter()
    .flatten()
}
