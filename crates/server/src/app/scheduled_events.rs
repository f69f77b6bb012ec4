//! Booking, rescheduling and canceling: each is one transaction that first locks the time of all hosts.

pub mod booking;
pub mod canceling;
pub mod confirmation;
pub mod guests;
pub mod held_time;
pub mod known_hosts;
pub mod moving;
pub mod placing;
pub mod range_booking;
pub mod rescheduling;
pub mod rest_of_series;
pub mod series;
pub mod used_link;

use crate::app::{
    feed_events::{EventName, tell_of_invitee},
    mail_occasions::{News, Occasion},
};
use domain::{
    busy::{self, BusyInterval, BusyKind},
    id::{InviteeId, OrganizationId, ScheduledEventId, UserId},
    interval::Interval,
    scheduled_event::EventStatus,
};
use futures_util::future::{try_join_all, try_join3};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use store::{
    StoreError, WriteTx, busy_intervals,
    event_types::EventType,
    hosts,
    invitees::{self, InviteeLink},
    scheduled_event_hosts::{self, EventHost},
    scheduled_events::{self, ScheduledEvent},
};

/// Who cancels a meeting and why, as it is kept and shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cancellation {
    /// The name of who canceled.
    pub canceled_by: String,
    /// Why.
    pub reason: Option<String>,
    /// `host` or `invitee`.
    pub canceler_type: String,
    /// When.
    pub created_at: Timestamp,
}

impl Cancellation {
    /// As it is kept.
    pub fn document(&self) -> Result<Value, StoreError> {
        serde_json::to_value(self).map_err(StoreError::invalid)
    }
}

/// Whether invitees may book it.
pub fn is_bookable(event_type: &EventType) -> bool {
    event_type.active && !event_type.hidden && event_type.deleted_at.is_none()
}

/// The shortest range that holds a start.
fn just_around(start: Timestamp) -> Result<Interval, StoreError> {
    let end = start
        .saturating_add(SignedDuration::from_mins(1))
        .map_err(StoreError::invalid)?;
    Interval::new(start, end).ok_or_else(|| StoreError::invalid("a start at the end of time"))
}

/// Adds an event with its hosts and blocks their time. So many `invitees` come.
async fn insert(
    tx: &WriteTx<'_>,
    organization: OrganizationId,
    (event, hosts): (&ScheduledEvent, &[EventHost]),
    invitees: i64,
) -> Result<(), StoreError> {
    let blocked = BusyInterval {
        interval: event.state.interval,
        buffered: event.buffered,
        kind: BusyKind::ScheduledEvent,
        source: event.id.0,
        event_type: Some(event.event_type_id),
        places: places(event.capacity, invitees),
    };
    let ids = hosts.iter().map(|host| host.id);
    // sent together, so that they take one round trip
    try_join3(
        scheduled_events::insert(tx, organization, event),
        scheduled_event_hosts::insert(tx, organization, event, hosts),
        block(tx, organization, ids, (blocked, event.confirm_by)),
    )
    .await?;
    Ok(())
}

/// How many places are taken of a meeting of such a capacity: none where nobody can join.
pub fn places(capacity: i64, taken: i64) -> i64 {
    if 1 < capacity { taken } else { 0 }
}

/// Blocks the time of hosts for a meeting or a hold, until that ends by itself if it does.
pub async fn block(
    tx: &WriteTx<'_>,
    organization: OrganizationId,
    hosts: impl Iterator<Item = UserId>,
    (busy, expires_at): (BusyInterval, Option<Timestamp>),
) -> Result<(), StoreError> {
    let (meeting, buffered) = (busy.interval, busy.buffered);
    let buffers = (
        meeting.start().duration_since(buffered.start()),
        buffered.end().duration_since(meeting.end()),
    );
    let at_edge = |is_edge: bool, buffer| {
        if is_edge {
            buffer
        } else {
            SignedDuration::ZERO
        }
    };
    let pieces = busy::pieces(meeting).into_iter().map(|piece| BusyInterval {
        interval: piece,
        buffered: piece.expand(
            at_edge(piece.start() == meeting.start(), buffers.0),
            at_edge(piece.end() == meeting.end(), buffers.1),
        ),
        ..busy
    });
    let pieces: Vec<BusyInterval> = pieces.collect();
    let inserts = hosts.flat_map(|host| {
        let pieces = pieces.iter();
        pieces.map(move |piece| busy_intervals::insert(tx, organization, host, (piece, expires_at)))
    });
    try_join_all(inserts).await?;
    Ok(())
}

/// An event as it is once the time of its hosts is locked.
#[derive(Clone, Debug)]
struct LockedEvent {
    event: ScheduledEvent,
    hosts: Vec<EventHost>,
}

impl LockedEvent {
    /// Whether this user is among its hosts, if it must be anybody.
    fn is_held_by(&self, user: Option<UserId>) -> bool {
        user.is_none_or(|user| self.hosts.iter().any(|host| host.id == user))
    }
}

/// The event, read under the locks of all its hosts. One that nobody confirmed in time is canceled.
async fn lock(
    tx: &WriteTx<'_>,
    organization: OrganizationId,
    id: ScheduledEventId,
) -> Result<Option<LockedEvent>, StoreError> {
    // who holds a meeting never changes
    let held_by = scheduled_event_hosts::of_event(tx, organization, id).await?;
    hosts::bump_all(tx, organization, held_by.iter().map(|host| host.id)).await?;
    locked(tx, organization, id, held_by).await
}

/// The event, once the time of its hosts is locked.
pub async fn lock_event(
    tx: &WriteTx<'_>,
    organization: OrganizationId,
    id: ScheduledEventId,
) -> Result<Option<ScheduledEvent>, StoreError> {
    let locked = lock(tx, organization, id).await?;
    Ok(locked.map(|locked| locked.event))
}

/// The event, whose hosts are locked already.
async fn locked(
    tx: &WriteTx<'_>,
    organization: OrganizationId,
    id: ScheduledEventId,
    hosts: Vec<EventHost>,
) -> Result<Option<LockedEvent>, StoreError> {
    let Some(listed) = scheduled_events::get(tx, organization, id).await? else {
        return Ok(None);
    };
    let mut event = listed.event;
    if expired(tx, &event).await?.is_some() {
        event.state = event.state.canceled();
    }
    Ok(Some(LockedEvent { event, hosts }))
}

/// When an event ended by itself, because nobody had confirmed it; nothing when it did not.
async fn expired(
    tx: &WriteTx<'_>,
    event: &ScheduledEvent,
) -> Result<Option<Timestamp>, StoreError> {
    match event.confirm_by {
        Some(by) if event.cancellation.is_none() && by <= tx.now().await? => Ok(Some(by)),
        _ => Ok(None),
    }
}

/// Gives up an event's time, and notes why for the mails.
async fn give_up_for(
    tx: &WriteTx<'_>,
    organization: OrganizationId,
    (event, cancellation): (&ScheduledEvent, &Cancellation),
    news: News,
) -> Result<(), StoreError> {
    let gone = give_up(tx, organization, event, cancellation, &[]).await?;
    let occasion = Occasion::meetings(news, &gone);
    occasion
        .note(tx, organization, cancellation.created_at)
        .await
}

/// Gives up an event's time and tells its invitees apart: those who moved with it and those who do not come. The answer
/// says who would have come.
async fn give_up(
    tx: &WriteTx<'_>,
    organization: OrganizationId,
    event: &ScheduledEvent,
    cancellation: &Cancellation,
    moved: &[(InviteeId, InviteeLink)],
) -> Result<Vec<(ScheduledEventId, InviteeId)>, StoreError> {
    let (document, at) = (cancellation.document()?, cancellation.created_at);
    scheduled_events::cancel(tx, organization, event.id, &document, at).await?;
    scheduled_event_hosts::uncount(tx, organization, event.id.0).await?;
    busy_intervals::delete(tx, organization, event.id.0).await?;
    let mut gone = Vec::new();
    for invitee in invitees::of_event(tx, organization, event.id).await? {
        if invitee.status == EventStatus::Canceled {
            continue;
        }
        let moved_to = moved
            .iter()
            .find(|(id, _)| *id == invitee.id)
            .map(|(_, link)| *link);
        let canceled = invitees::Cancellation {
            document: document.clone(),
            moved_to,
            at,
        };
        invitees::cancel(tx, organization, (event.id, invitee.id), &canceled).await?;
        let told = (EventName::InviteeCanceled, at);
        tell_of_invitee(tx, organization, told, (event.id, invitee.id)).await?;
        gone.push((event.id, invitee.id));
    }
    Ok(gone)
}
