//! What must be known of hosts to say when they are free: their schedules and what blocks them. Whoever only asks gets it
//! from memory; whoever gives a time away reads it.

use super::{
    facts::{EventTypeFacts, Facts},
    scheduled_events::placing::Locked,
};
use domain::{
    availability,
    busy::Busy,
    event_type::EventType as Rules,
    id::{EventTypeId, OrganizationId, ScheduleId, UserId},
    interval::{Interval, IntervalSet},
    schedule::Schedule,
    slots::{HostFacts, Offer},
};
use futures_util::future::{join_all, try_join};
use jiff::Timestamp;
use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::Arc,
};
use store::{
    ReadTx, StoreError, busy_intervals,
    error::chain,
    event_type_memberships,
    event_types::{EventType, Pooling},
    user_availability_schedules::{self, AvailabilitySchedule},
    users,
};

/// A host's schedule and busy time within a range.
#[derive(Clone, Debug)]
pub struct Timeline {
    /// The hours.
    pub schedule: Arc<Schedule>,
    /// What blocks them, perhaps of a longer time.
    pub busy: Arc<Busy>,
}

impl Timeline {
    /// The host's free time within a range that the timeline covers.
    pub fn free(&self, range: Interval) -> IntervalSet {
        availability::free(&self.schedule, &self.busy, range)
    }
}

/// So many hosts are read at once where memory has nothing of them, each by a connection of its own.
pub const AT_ONCE: usize = 8;

/// How somebody takes part in the meetings of an event type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Member {
    /// Who.
    pub user: UserId,
    /// Of those who are free, the highest are asked first.
    pub priority: i64,
    /// The share of the meetings.
    pub weight: i64,
    /// Whether they take turns, with those of the same pool who are there or may come, instead of always taking part.
    pub in_turn: bool,
}

/// The hosts of an event type who are still there, in pools of which each gives one host for a meeting. A pool whose
/// people are all gone gives none, so no meeting can be booked; whoever took part always is not waited for.
pub async fn pools(
    tx: &ReadTx<'_>,
    organization: OrganizationId,
    event_type: &EventType,
) -> Result<Vec<Vec<Member>>, StoreError> {
    let Some(pooling) = event_type.pooling else {
        let owner = users::get_active(tx, organization, event_type.user_id).await?;
        let member = |owner: users::User| Member {
            user: owner.id,
            priority: 0,
            weight: 1,
            in_turn: false,
        };
        return Ok(owner.into_iter().map(|owner| vec![member(owner)]).collect());
    };
    let (all, there) = try_join(
        event_type_memberships::of_event_type(tx, organization, event_type.id),
        event_type_memberships::hosts(tx, organization, event_type.id),
    )
    .await?;
    let there: HashSet<UserId> = there.iter().map(|host| host.membership.user_id).collect();
    let mut alone = Vec::new();
    let mut pools: BTreeMap<Option<String>, Vec<Member>> = BTreeMap::new();
    for membership in all {
        let member = Member {
            user: membership.user_id,
            priority: membership.priority,
            weight: membership.weight,
            in_turn: !membership.fixed && pooling != Pooling::Collective,
        };
        let here = Some(member).filter(|member| there.contains(&member.user));
        if member.in_turn {
            pools.entry(membership.pool).or_default().extend(here);
        } else {
            alone.extend(here.map(|member| vec![member]));
        }
    }
    alone.extend(pools.into_values());
    Ok(alone)
}

/// Whether there is somebody for each part of a meeting: in some pool, and nobody is missing in any.
pub fn are_hosted<T>(pools: &[Vec<T>]) -> bool {
    !pools.is_empty() && pools.iter().all(|pool| !pool.is_empty())
}

/// The hosts of an event type with their time in a range.
#[derive(Clone, Debug)]
pub struct Team {
    /// What is kept free, when it may be booked, and how much of it.
    pub rules: Arc<Rules>,
    /// Of each pool, the hosts and their time.
    pub pools: Vec<Vec<(Member, Timeline)>>,
}

impl Team {
    /// What the hosts offer in a range at `now`.
    pub fn offer(&self, range: Interval, now: Timestamp) -> Offer<'_> {
        let pools = self.pools.iter().map(|pool| {
            let hosts = pool.iter().map(|host| HostFacts {
                host: host.0.user,
                schedule: &host.1.schedule,
                busy: &host.1.busy,
            });
            hosts.collect()
        });
        Offer::new(&self.rules, pools.collect(), range, now)
    }

    /// All starts in a range that can be booked at `now`, with how many more invitees each takes.
    pub fn starts(&self, range: Interval, now: Timestamp) -> Vec<(Timestamp, i64)> {
        let offer = self.offer(range, now);
        let starts = offer.starts().into_iter();
        starts
            .map(|start| (start, offer.places_left(start)))
            .collect()
    }
}

/// The schedule an event type goes by: its own, or its host's default.
pub async fn schedule_for(
    tx: &ReadTx<'_>,
    organization: OrganizationId,
    (user, schedule): (UserId, Option<ScheduleId>),
) -> Result<AvailabilitySchedule, StoreError> {
    let found = match schedule {
        Some(id) => user_availability_schedules::get(tx, organization, id).await?,
        None => user_availability_schedules::default_of(tx, organization, user).await?,
    };
    found.ok_or_else(|| StoreError::missing("user_availability_schedules", user))
}

/// The schedule by which somebody hosts an event type: the one that it names is its owner's.
pub async fn schedule_of_host(
    tx: &ReadTx<'_>,
    organization: OrganizationId,
    (event_type, host): (&EventType, UserId),
) -> Result<AvailabilitySchedule, StoreError> {
    let named = event_type
        .schedule_id
        .filter(|_| host == event_type.user_id);
    schedule_for(tx, organization, (host, named)).await
}

/// What the hosts of an event type have to do in a range, from memory.
pub async fn team(
    facts: &Facts,
    organization: OrganizationId,
    known: &EventTypeFacts,
    range: Interval,
) -> Result<Team, StoreError> {
    let mut pools = Vec::with_capacity(known.pools.len());
    for pool in &known.pools {
        let mut timelines = Vec::with_capacity(pool.len());
        for some in pool.chunks(AT_ONCE) {
            let some = some
                .iter()
                .map(|member| of_known_host(facts, organization, (known, member.user), range));
            timelines.extend(join_all(some).await);
        }
        let hosts = pool.iter().copied().zip(timelines);
        pools.push(readable(known.event_type.id, hosts)?);
    }
    Ok(Team {
        rules: known.rules.clone(),
        pools,
    })
}

async fn of_known_host(
    facts: &Facts,
    organization: OrganizationId,
    (known, host): (&EventTypeFacts, UserId),
    range: Interval,
) -> Result<Timeline, StoreError> {
    let named = known.schedule.as_ref().filter(|_| host == known.owner.id);
    let schedule = match named {
        Some(named) => named.clone()?,
        None => facts
            .known_host(organization, host)
            .await?
            .value
            .schedule
            .clone(),
    };
    let range = Offer::facts_range(&known.rules, schedule.zone(), range);
    let busy = facts.busy(organization, host, range).await?;
    Ok(Timeline { schedule, busy })
}

/// The timeline of a user, by their default schedule, from memory.
pub async fn of_known_user(
    facts: &Facts,
    organization: OrganizationId,
    user: UserId,
    range: Interval,
) -> Result<Timeline, StoreError> {
    let host = facts.known_host(organization, user).await?;
    Ok(Timeline {
        schedule: host.value.schedule.clone(),
        busy: facts.busy(organization, user, range).await?,
    })
}

/// The timeline of a user, by their default schedule.
pub async fn of_user(
    tx: &ReadTx<'_>,
    organization: OrganizationId,
    user: UserId,
    range: Interval,
) -> Result<Timeline, StoreError> {
    let schedule = schedule_for(tx, organization, (user, None)).await?.schedule;
    let busy = busy_intervals::overlapping(tx, organization, user, range).await?;
    Ok(Timeline {
        schedule: Arc::new(schedule),
        busy: Arc::new(busy),
    })
}

/// All that decides about an event type's starts within a range.
pub async fn of_event_type(
    tx: &ReadTx<'_>,
    organization: OrganizationId,
    event_type: &EventType,
    range: Interval,
) -> Result<Team, StoreError> {
    let members = pools(tx, organization, event_type).await?;
    let schedules = HashMap::new();
    of_members(tx, organization, (event_type, &members, &schedules), range).await
}

/// The same of hosts who are locked.
pub async fn of_locked(
    tx: &ReadTx<'_>,
    organization: OrganizationId,
    locked: &Locked,
    range: Interval,
) -> Result<Team, StoreError> {
    let known = (&*locked.event_type, &locked.members[..], &locked.schedules);
    of_members(tx, organization, known, range).await
}

async fn of_members(
    tx: &ReadTx<'_>,
    organization: OrganizationId,
    (event_type, members, schedules): (&EventType, &[Vec<Member>], &HashMap<UserId, Arc<Schedule>>),
    range: Interval,
) -> Result<Team, StoreError> {
    let rules = event_type.compiled()?;
    let mut pools = Vec::with_capacity(members.len());
    for pool in members {
        let timelines = pool.iter().map(|member| {
            let known = (event_type, &rules, schedules.get(&member.user));
            of_host(tx, organization, (known, member.user), range)
        });
        let timelines = join_all(timelines).await;
        let hosts = pool.iter().copied().zip(timelines);
        pools.push(readable(event_type.id, hosts)?);
    }
    Ok(Team {
        rules: Arc::new(rules),
        pools,
    })
}

/// Somebody whose hours or busy time cannot be read is never said to be free. Where others can stand in for them they
/// are left out, else nothing can be said.
fn readable(
    event_type: EventTypeId,
    pool: impl Iterator<Item = (Member, Result<Timeline, StoreError>)>,
) -> Result<Vec<(Member, Timeline)>, StoreError> {
    let mut hosts = Vec::new();
    let mut failure = None;
    for (member, timeline) in pool {
        match timeline {
            Ok(timeline) => hosts.push((member, timeline)),
            Err(error @ StoreError::Corrupt { .. }) => {
                tracing::error!(
                    host.id = %member.user,
                    event_type.id = %event_type,
                    error = chain(&error),
                    "a host is left out, whose time cannot be read"
                );
                failure = Some(error);
            }
            Err(error) => return Err(error),
        }
    }
    match failure {
        Some(error) if hosts.is_empty() => Err(error),
        _ => Ok(hosts),
    }
}

async fn of_host(
    tx: &ReadTx<'_>,
    organization: OrganizationId,
    ((event_type, rules, known), host): ((&EventType, &Rules, Option<&Arc<Schedule>>), UserId),
    range: Interval,
) -> Result<Timeline, StoreError> {
    let schedule = if let Some(known) = known {
        known.clone()
    } else {
        let found = schedule_of_host(tx, organization, (event_type, host)).await?;
        Arc::new(found.schedule)
    };
    let facts = Offer::facts_range(rules, schedule.zone(), range);
    let busy = busy_intervals::overlapping(tx, organization, host, facts).await?;
    Ok(Timeline {
        schedule,
        busy: Arc::new(busy),
    })
}
