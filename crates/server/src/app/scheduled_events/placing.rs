//! What every write needs that gives a time to somebody: the locks of all hosts, the decision, and who holds the meeting.

use super::{is_bookable, just_around, known_hosts::KnownHosts};
use crate::app::timelines::{self, Member};
use domain::{
    assignment::{self, Standing},
    booking::{self, BookRefusal},
    id::{EventTypeId, OrganizationId, ScheduledEventId, UserId},
    interval::Interval,
    schedule::Schedule,
};
use jiff::{SignedDuration, Timestamp};
use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};
use store::{
    ReadTx, StoreError, WriteTx,
    error::Outage,
    event_types::{self, EventType},
    holds, hosts,
    scheduled_event_hosts::{self, EventHost},
    users,
};

/// Round robin counts the meetings that were assigned so lately.
const COUNTED: SignedDuration = SignedDuration::from_hours(30 * 24);

/// So often the hosts of an event type may change while their locks are taken.
const TRIES: usize = 5;

/// An event type with its hosts, all of whose time is locked.
#[derive(Clone, Debug)]
pub struct Locked {
    /// The event type.
    pub event_type: Arc<EventType>,
    /// Its hosts, in pools.
    pub members: Vec<Vec<Member>>,
    /// The hours of those of whom they are known.
    pub schedules: HashMap<UserId, Arc<Schedule>>,
}

/// Locks the time of all hosts of an event type, and reads it under these locks. Nothing when it cannot be booked, or its
/// owner or the hosts that it needs are gone. What was known of it before need not be read where it is still so.
pub async fn lock(
    tx: &WriteTx<'_>,
    organization: OrganizationId,
    id: EventTypeId,
    known: Option<&KnownHosts>,
) -> Result<Option<Locked>, StoreError> {
    let Some(known) = known else {
        return lock_with(tx, organization, id, &[]).await;
    };
    let hosts = known.hosts();
    let locked = hosts::bump_all(tx, organization, hosts.iter().copied()).await?;
    if known.holds_under_lock(&locked) {
        return Ok(Some(known.locked()));
    }
    let locked = lock_missing(tx, organization, id, (hosts.clone(), hosts)).await?;
    bookable(tx, organization, locked).await
}

/// The same with the time of `others`, and without anything that was known before.
pub async fn lock_with(
    tx: &WriteTx<'_>,
    organization: OrganizationId,
    id: EventTypeId,
    others: &[UserId],
) -> Result<Option<Locked>, StoreError> {
    let locked = lock_any(tx, organization, id, others).await?;
    bookable(tx, organization, locked).await
}

/// Nothing where an event type cannot be booked, or its owner or the hosts that it needs are gone.
async fn bookable(
    tx: &ReadTx<'_>,
    organization: OrganizationId,
    locked: Option<Locked>,
) -> Result<Option<Locked>, StoreError> {
    let bookable = |locked: &Locked| is_bookable(&locked.event_type) && locked.has_hosts();
    let Some(locked) = locked.filter(bookable) else {
        return Ok(None);
    };
    let owner = locked.event_type.user_id;
    let is_member = |member: &Member| member.user == owner;
    if locked.members.iter().flatten().any(is_member) {
        return Ok(Some(locked));
    }
    let owner = users::get_active(tx, organization, owner).await?;
    Ok(owner.map(|_| locked))
}

/// The same, whether or not the event type can be booked.
pub async fn lock_any(
    tx: &WriteTx<'_>,
    organization: OrganizationId,
    id: EventTypeId,
    others: &[UserId],
) -> Result<Option<Locked>, StoreError> {
    let wanted = others.iter().copied().collect();
    lock_missing(tx, organization, id, (BTreeSet::new(), wanted)).await
}

/// Locks whoever is wanted and not held yet, and all hosts, until these are the hosts.
async fn lock_missing(
    tx: &WriteTx<'_>,
    organization: OrganizationId,
    id: EventTypeId,
    (mut held, mut wanted): (BTreeSet<UserId>, BTreeSet<UserId>),
) -> Result<Option<Locked>, StoreError> {
    for _ in 0..TRIES {
        let Some(found) = read(tx, organization, id).await? else {
            return Ok(None);
        };
        wanted.insert(found.event_type.user_id);
        wanted.extend(found.members.iter().flatten().map(|member| member.user));
        if wanted == held {
            return Ok(Some(found));
        }
        // a host who came meanwhile is locked out of order: in the worst case the database ends the deadlock
        hosts::bump_all(tx, organization, wanted.difference(&held).copied()).await?;
        held.clone_from(&wanted);
    }
    Err(StoreError::unavailable(Outage::Contention))
}

async fn read(
    tx: &ReadTx<'_>,
    organization: OrganizationId,
    id: EventTypeId,
) -> Result<Option<Locked>, StoreError> {
    let Some(event_type) = event_types::get(tx, organization, id).await? else {
        return Ok(None);
    };
    let members = timelines::pools(tx, organization, &event_type).await?;
    Ok(Some(Locked {
        event_type: Arc::new(event_type),
        members,
        schedules: HashMap::new(),
    }))
}

/// A time that was won, and who holds the meeting.
#[derive(Clone, Debug)]
pub struct Place {
    /// The meeting.
    pub meeting: Interval,
    /// The same with its buffers.
    pub buffered: Interval,
    /// Who holds it, the first host first.
    pub hosts: Vec<EventHost>,
    /// The meeting of several invitees that takes place at this time already.
    pub joins: Option<ScheduledEventId>,
    /// How many of its places invitees and holds take already.
    pub places_taken: i64,
}

/// Who asks for a time.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// From when.
    pub start: Timestamp,
    /// At what instant.
    pub now: Timestamp,
    /// The hosts who are to keep the meeting if they can, where it moves.
    pub kept: &'a [UserId],
}

impl Place {
    /// The host by whom the meeting is known.
    pub fn first_host(&self) -> Result<UserId, StoreError> {
        let first = self.hosts.first();
        first
            .map(|host| host.id)
            .ok_or_else(|| StoreError::invalid("a meeting without hosts"))
    }
}

impl Locked {
    /// Whether there is somebody for each part of its meetings.
    pub fn has_hosts(&self) -> bool {
        timelines::are_hosted(&self.members)
    }

    /// The time of a meeting and its hosts, or why it cannot be booked.
    pub async fn place(
        &self,
        tx: &WriteTx<'_>,
        organization: OrganizationId,
        asked: Asked<'_>,
    ) -> Result<Result<Place, BookRefusal>, StoreError> {
        let range = just_around(asked.start)?;
        let team = timelines::of_locked(tx, organization, self, range).await?;
        let offer = team.offer(range, asked.now);
        let meeting = match booking::decide_book(&offer, asked.start) {
            Ok(meeting) => meeting,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let standings = self.standings(tx, organization, asked.now).await?;
        let hosts = assignment::assign(&offer, meeting, &standings, asked.kept);
        let hosts = hosts.ok_or_else(|| StoreError::invalid("a start on offer without hosts"))?;
        let in_turn = |(host, pool): (UserId, &Vec<Member>)| EventHost {
            id: host,
            in_turn: pool.iter().any(|member| member.in_turn),
        };
        Ok(Ok(Place {
            meeting,
            buffered: team.rules.buffered(&meeting),
            hosts: hosts.into_iter().zip(&self.members).map(in_turn).collect(),
            joins: offer.meeting_to_join(asked.start),
            places_taken: offer.event_type().capacity() - offer.places_left(asked.start),
        }))
    }

    /// How much each host has held lately; nobody asks where there is no choice.
    async fn standings(
        &self,
        tx: &ReadTx<'_>,
        organization: OrganizationId,
        now: Timestamp,
    ) -> Result<Vec<Vec<Standing>>, StoreError> {
        let is_choice = self.members.iter().any(|pool| 1 < pool.len());
        let lately = if is_choice {
            self.lately(tx, organization, now).await?
        } else {
            HashMap::new()
        };
        let standing = |member: &Member| {
            let (meetings, last) = lately.get(&member.user).copied().unzip();
            Standing {
                host: member.user,
                priority: member.priority,
                weight: member.weight,
                meetings: meetings.unwrap_or(0),
                last_assigned: last,
            }
        };
        let pools = self.members.iter();
        Ok(pools
            .map(|pool| pool.iter().map(standing).collect())
            .collect())
    }

    /// How many meetings each host was assigned in turn lately, those that are held included, and when the last one was.
    async fn lately(
        &self,
        tx: &ReadTx<'_>,
        organization: OrganizationId,
        now: Timestamp,
    ) -> Result<HashMap<UserId, (i64, Timestamp)>, StoreError> {
        let (id, since) = (
            self.event_type.id,
            now.saturating_sub(COUNTED).unwrap_or(now),
        );
        let assigned = scheduled_event_hosts::assigned(tx, organization, id, since).await?;
        let assigned = assigned.into_iter();
        let mut lately: HashMap<UserId, (i64, Timestamp)> = assigned
            .map(|assigned| (assigned.host, (assigned.count, assigned.last)))
            .collect();
        let held = holds::of_event_type(tx, organization, id).await?;
        if held.is_empty() {
            return Ok(lately);
        }
        let now = tx.now().await?;
        for hold in held.iter().filter(|hold| now < hold.expires_at) {
            for host in hold.hosts.iter().filter(|host| host.in_turn) {
                let (count, last) = lately.entry(host.id).or_insert((0, hold.created_at));
                (*count, *last) = (*count + 1, hold.created_at.max(*last));
            }
        }
        Ok(lately)
    }
}
