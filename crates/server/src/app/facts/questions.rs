//! How facts are read: first the versions of the hosts that they are about, then the facts, which so are at least as new.

use super::{BusyFacts, EventTypeFacts, HostFacts};
use crate::{
    app::timelines::{self, Member},
    cache::{Kept, Question},
};
use domain::{
    busy::BusyInterval,
    id::{EventTypeId, OrganizationId, UserId},
    interval::Interval,
    schedule::Schedule,
};
use jiff::{SignedDuration, Timestamp};
use std::{
    collections::BTreeSet,
    sync::Arc,
    time::{Duration, Instant},
};
use store::{
    ReadTx, StoreError, busy_intervals, event_type_memberships,
    event_types::{self, EventType},
    host_versions::{HostVersions, Of, Stamp},
    personal_access_tokens::{self, Bearer},
    users,
};

/// Who presents a token with this hash?
pub struct OfToken<'a> {
    pub versions: &'a HostVersions,
    pub hash: String,
}

impl Question for OfToken<'_> {
    type Key = String;
    type Value = Bearer;

    fn key(&self) -> String {
        self.hash.clone()
    }

    async fn read(
        &self,
        tx: &ReadTx<'_>,
        _: Option<&Bearer>,
    ) -> Result<Option<Kept<Bearer>>, StoreError> {
        let Some(first) = personal_access_tokens::bearer(tx, &self.hash).await? else {
            return Ok(None);
        };
        let user = [(first.user_id, Of::Settings)];
        let stamps = self
            .versions
            .look_up(tx, first.organization_id, user)
            .await?;
        let bearer = personal_access_tokens::bearer(tx, &self.hash).await?;
        Ok(bearer.map(|bearer| Kept {
            bytes: size_of::<Bearer>() + bearer.scopes.len() * 48 + 64,
            value: bearer,
            stamps,
        }))
    }
}

/// What is set up about an event type?
pub struct OfEventType<'a> {
    pub versions: &'a HostVersions,
    pub organization: OrganizationId,
    pub id: EventTypeId,
}

impl Question for OfEventType<'_> {
    type Key = (OrganizationId, EventTypeId);
    type Value = EventTypeFacts;

    fn key(&self) -> (OrganizationId, EventTypeId) {
        (self.organization, self.id)
    }

    async fn read(
        &self,
        tx: &ReadTx<'_>,
        _: Option<&EventTypeFacts>,
    ) -> Result<Option<Kept<EventTypeFacts>>, StoreError> {
        let organization = self.organization;
        let mut stamps: Vec<Stamp> = Vec::new();
        loop {
            let Some(event_type) = event_types::get(tx, organization, self.id).await? else {
                return Ok(None);
            };
            let concerned = concerned(tx, organization, &event_type).await?;
            if stamps.iter().map(Stamp::host).eq(concerned.iter().copied()) {
                let value = facts_of(tx, organization, event_type).await?;
                return Ok(Some(Kept {
                    bytes: bytes_of(&value),
                    value,
                    stamps,
                }));
            }
            let concerned = concerned.into_iter().map(|host| (host, Of::Settings));
            stamps = self.versions.look_up(tx, organization, concerned).await?;
        }
    }
}

/// What is set up about a user?
pub struct OfHost<'a> {
    pub versions: &'a HostVersions,
    pub organization: OrganizationId,
    pub id: UserId,
}

impl Question for OfHost<'_> {
    type Key = (OrganizationId, UserId);
    type Value = HostFacts;

    fn key(&self) -> (OrganizationId, UserId) {
        (self.organization, self.id)
    }

    async fn read(
        &self,
        tx: &ReadTx<'_>,
        _: Option<&HostFacts>,
    ) -> Result<Option<Kept<HostFacts>>, StoreError> {
        let (organization, id) = (self.organization, self.id);
        if users::get(tx, organization, id).await?.is_none() {
            return Ok(None);
        }
        let host = [(id, Of::Settings)];
        let stamps = self.versions.look_up(tx, organization, host).await?;
        let user = users::get(tx, organization, id).await?;
        let schedule = timelines::schedule_for(tx, organization, (id, None)).await?;
        let value = HostFacts {
            user: user.ok_or_else(|| StoreError::missing("users", id))?,
            schedule: Arc::new(schedule.schedule),
        };
        Ok(Some(Kept {
            bytes: size_of::<HostFacts>() + 512 + bytes_of_schedule(&value.schedule),
            value,
            stamps,
        }))
    }
}

/// What takes a host's time in a range?
pub struct OfTime<'a> {
    pub versions: &'a HostVersions,
    pub organization: OrganizationId,
    pub host: UserId,
    pub range: Interval,
}

impl Question for OfTime<'_> {
    type Key = (OrganizationId, UserId);
    type Value = BusyFacts;

    fn key(&self) -> (OrganizationId, UserId) {
        (self.organization, self.host)
    }

    fn suits(&self, kept: &BusyFacts) -> bool {
        let is_over = kept.ends.is_some_and(|end| end <= Instant::now());
        kept.range.contains(&self.range) && !is_over
    }

    async fn read(
        &self,
        tx: &ReadTx<'_>,
        before: Option<&BusyFacts>,
    ) -> Result<Option<Kept<BusyFacts>>, StoreError> {
        let range = range_to_read(before.map(|before| before.range), self.range);
        let host = [(self.host, Of::Time)];
        let stamps = self.versions.look_up(tx, self.organization, host).await?;
        let found = busy_intervals::overlapping_until(tx, self.organization, self.host, range);
        let found = found.await?;
        let lasts = found.lasts.and_then(|lasts| Duration::try_from(lasts).ok());
        let bytes = 2 * size_of::<BusyInterval>() * found.busy.iter().len();
        let value = BusyFacts {
            range,
            busy: Arc::new(found.busy),
            // this clock is read after the database's, so nothing is taken to end before it does
            ends: lasts.and_then(|lasts| Instant::now().checked_add(lasts)),
        };
        Ok(Some(Kept {
            bytes: size_of::<BusyFacts>() + bytes,
            value,
            stamps,
        }))
    }
}

/// The owner of an event type and all its hosts, also those who are gone, in the order of their ids.
async fn concerned(
    tx: &ReadTx<'_>,
    organization: OrganizationId,
    event_type: &EventType,
) -> Result<BTreeSet<UserId>, StoreError> {
    let mut concerned = BTreeSet::from([event_type.user_id]);
    if event_type.pooling.is_some() {
        let memberships =
            event_type_memberships::of_event_type(tx, organization, event_type.id).await?;
        concerned.extend(memberships.iter().map(|membership| membership.user_id));
    }
    Ok(concerned)
}

async fn facts_of(
    tx: &ReadTx<'_>,
    organization: OrganizationId,
    event_type: EventType,
) -> Result<EventTypeFacts, StoreError> {
    let owner = users::get(tx, organization, event_type.user_id).await?;
    let schedule = match event_type.schedule_id {
        Some(id) => {
            let named = (event_type.user_id, Some(id));
            match timelines::schedule_for(tx, organization, named).await {
                // what cannot be read stays so until it is written again
                Err(error @ StoreError::Corrupt { .. }) => Some(Err(error)),
                named => Some(Ok(Arc::new(named?.schedule))),
            }
        }
        None => None,
    };
    Ok(EventTypeFacts {
        rules: Arc::new(event_type.compiled()?),
        owner: owner.ok_or_else(|| StoreError::missing("users", event_type.user_id))?,
        pools: timelines::pools(tx, organization, &event_type).await?,
        schedule,
        event_type: Arc::new(event_type),
    })
}

fn bytes_of(facts: &EventTypeFacts) -> usize {
    let documents = facts.event_type.custom_questions.to_string().len();
    let locations = facts.event_type.locations.as_ref();
    let locations = locations.map_or(0, |locations| locations.to_string().len());
    let members = facts.pools.iter().flatten().count() * size_of::<Member>();
    let schedule = facts.schedule.iter().flatten();
    let schedule: usize = schedule.map(|schedule| bytes_of_schedule(schedule)).sum();
    size_of::<EventTypeFacts>() + 2048 + 4 * (documents + locations) + members + schedule
}

fn bytes_of_schedule(schedule: &Schedule) -> usize {
    256 + 64 * schedule.rules().count()
}

/// Ranges are kept in whole days, so that one that begins now is not another one each time.
const DAY: i64 = 24 * 60 * 60;

/// A range that grew longer than this is begun anew.
const LONGEST: SignedDuration = SignedDuration::from_hours(400 * 24);

fn whole_days(range: Interval) -> Interval {
    let start = range.start().as_second().div_euclid(DAY) * DAY;
    let end = (range.end().as_second().div_euclid(DAY) + 1) * DAY;
    let days = Timestamp::from_second(start)
        .ok()
        .zip(Timestamp::from_second(end).ok());
    days.and_then(|(start, end)| Interval::new(start, end))
        .unwrap_or(range)
}

/// What to read where what is kept does not cover what is asked: both together, unless that would be long.
fn range_to_read(kept: Option<Interval>, asked: Interval) -> Interval {
    let asked = whole_days(asked);
    let both = kept.and_then(|kept| {
        let start = kept.start().min(asked.start());
        Interval::new(start, kept.end().max(asked.end()))
    });
    both.filter(|both| both.duration() <= LONGEST)
        .unwrap_or(asked)
}
