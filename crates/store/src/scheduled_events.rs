//! Scheduled events: meetings that were booked. A canceled one stays.

pub mod listing;

use crate::{
    FromRow, ReadTx, Row, StoreError, WriteTx, args,
    column::{Instant, Json},
    page::InstantKey,
    scheduled_event_hosts,
};
use domain::{
    id::{EventTypeId, OrganizationId, ScheduledEventId, SeriesId, UserId},
    interval::Interval,
    scheduled_event::{EventState, EventStatus},
};
use futures_util::future::try_join_all;
use jiff::Timestamp;
use serde_json::Value;
use uuid::Uuid;

/// A row of `scheduled_events`.
#[derive(Clone, Debug)]
pub struct ScheduledEvent {
    /// Its id.
    pub id: ScheduledEventId,
    /// What was booked.
    pub event_type_id: EventTypeId,
    /// Whose time it takes; the first of several hosts.
    pub host_id: UserId,
    /// How many hosts it has; `scheduled_event_hosts` names them.
    pub host_count: i64,
    /// With which others it was booked in one go.
    pub series_id: Option<SeriesId>,
    /// How many invitees it takes.
    pub capacity: i64,
    /// Its name.
    pub name: String,
    /// Whether it takes place, and when.
    pub state: EventState,
    /// The time kept free with it.
    pub buffered: Interval,
    /// Where: a document whose shape is the API's.
    pub location: Option<Value>,
    /// Whom the invitees bring: a document whose shape is the API's.
    pub guests: Value,
    /// How it was canceled: a document whose shape is the API's.
    pub cancellation: Option<Value>,
    /// Until when a host must confirm it, while nobody has.
    pub confirm_by: Option<Timestamp>,
    /// When a host confirmed it, where one had to.
    pub confirmed_at: Option<Timestamp>,
    /// When it was booked.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// A scheduled event with what a list of them shows besides.
#[derive(Clone, Debug)]
pub struct ListedEvent {
    /// The event.
    pub event: ScheduledEvent,
    /// Its hosts, the first one first.
    pub hosts: Vec<ListedHost>,
    /// How many invitees it has, the canceled ones too.
    pub invitees: i64,
    /// How many of them come.
    pub active_invitees: i64,
}

impl ListedEvent {
    /// This event's place in a list by start.
    pub fn sort_key(&self) -> InstantKey {
        (self.event.state.interval.start(), self.event.id.0)
    }
}

/// A host of a listed event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedHost {
    /// Who.
    pub id: UserId,
    /// Their name.
    pub name: String,
    /// Their mail address.
    pub email: String,
}

/// The word for a status of events and invitees.
pub fn status_word(status: EventStatus) -> &'static str {
    match status {
        EventStatus::Active => "active",
        EventStatus::Canceled => "canceled",
    }
}

/// The status of a word.
pub fn parse_status(word: &str) -> Option<EventStatus> {
    [EventStatus::Active, EventStatus::Canceled]
        .into_iter()
        .find(|status| status_word(*status) == word)
}

impl FromRow for ListedEvent {
    fn from_row(row: &Row<'_>) -> Result<ListedEvent, StoreError> {
        let mut columns = row.columns();
        let id = ScheduledEventId(columns.take()?);
        let host_id = UserId(columns.take()?);
        let host = ListedHost {
            id: host_id,
            name: columns.take()?,
            email: columns.take()?,
        };
        Ok(ListedEvent {
            hosts: vec![host],
            event: ScheduledEvent {
                id,
                event_type_id: EventTypeId(columns.take()?),
                host_id,
                host_count: columns.take()?,
                series_id: columns.take::<Option<Uuid>>()?.map(SeriesId),
                capacity: columns.take()?,
                name: columns.take()?,
                state: EventState {
                    status: columns.parse(parse_status)?,
                    interval: columns.interval()?,
                },
                buffered: columns.interval()?,
                location: columns
                    .take::<Option<Json<_>>>()?
                    .map(|location| location.0),
                guests: columns.take::<Json<_>>()?.0,
                cancellation: columns
                    .take::<Option<Json<_>>>()?
                    .map(|cancellation| cancellation.0),
                confirm_by: columns.take::<Option<Instant>>()?.map(|at| at.0),
                confirmed_at: columns.take::<Option<Instant>>()?.map(|at| at.0),
                created_at: columns.take::<Instant>()?.0,
                updated_at: columns.take::<Instant>()?.0,
            },
            invitees: columns.take()?,
            active_invitees: columns.take()?,
        })
    }
}

macro_rules! select {
    ($($rest:expr),+) => {
        concat!(
            "select e.id, e.host_id, u.name, u.email, e.event_type_id, e.host_count, e.series_id, e.capacity, e.name,
  e.status, e.starts_at, e.ends_at, e.buffered_starts_at, e.buffered_ends_at, e.location, e.guests, e.cancellation,
  e.confirm_by, e.confirmed_at, e.created_at, e.updated_at,
  (select count(*) from invitees i where i.organization_id = e.organization_id and i.scheduled_event_id = e.id),
  (select count(*) from invitees i where i.organization_id = e.organization_id and i.scheduled_event_id = e.id
    and i.status = 'active')
  from scheduled_events e join users u on u.organization_id = e.organization_id and u.id = e.host_id ",
            $($rest),+
        )
    };
}
use select;

const GET: &str = select!("where e.organization_id = $1 and e.id = $2");

/// The scheduled event with this id.
pub async fn get(
    tx: &ReadTx<'_>,
    organization: OrganizationId,
    id: ScheduledEventId,
) -> Result<Option<ListedEvent>, StoreError> {
    let found = tx.optional(GET, args![organization.0, id.0]).await?;
    with_hosts(tx, organization, found.into_iter().collect())
        .await
        .map(|mut listed| listed.pop())
}

/// The same events with all of their hosts.
async fn with_hosts(
    tx: &ReadTx<'_>,
    organization: OrganizationId,
    listed: Vec<ListedEvent>,
) -> Result<Vec<ListedEvent>, StoreError> {
    let complete = |mut listed: ListedEvent| async {
        if 1 < listed.event.host_count {
            listed.hosts = scheduled_event_hosts::listed(tx, organization, listed.event.id).await?;
        }
        Ok(listed)
    };
    try_join_all(listed.into_iter().map(complete)).await
}

const OF_SERIES: &str = "select e.id from scheduled_events e
  where e.organization_id = $1 and e.series_id = $2 and e.starts_at >= $3 and e.status = 'active'
  order by e.starts_at, e.id";

/// The active events of a series that start at `from` or later, by start.
pub async fn of_series(
    tx: &ReadTx<'_>,
    organization: OrganizationId,
    series: SeriesId,
    from: Timestamp,
) -> Result<Vec<ScheduledEventId>, StoreError> {
    let ids: Vec<Uuid> = tx
        .all(OF_SERIES, args![organization.0, series.0, Instant(from)])
        .await?;
    Ok(ids.into_iter().map(ScheduledEventId).collect())
}

const UNCONFIRMED: &str = "select e.id, e.confirm_by from scheduled_events e
  where e.organization_id = $1 and e.confirm_by is not null and e.status = 'active'
  order by e.confirm_by, e.id limit 100";

/// The events that wait for a host's confirmation and until when, the most urgent ones first.
pub async fn unconfirmed(
    tx: &ReadTx<'_>,
    organization: OrganizationId,
) -> Result<Vec<(ScheduledEventId, Timestamp)>, StoreError> {
    let rows: Vec<(Uuid, Instant)> = tx.all(UNCONFIRMED, args![organization.0]).await?;
    let ids = rows.into_iter();
    Ok(ids.map(|(id, by)| (ScheduledEventId(id), by.0)).collect())
}

const LAPSED: &str = "select distinct e.organization_id from scheduled_events e
  where e.confirm_by is not null and e.status = 'active' and e.confirm_by <= $1 limit 100";

/// The organizations with events that nobody confirmed in time and that are not marked as canceled yet.
pub async fn lapsed_organizations(
    tx: &ReadTx<'_>,
    now: Timestamp,
) -> Result<Vec<OrganizationId>, StoreError> {
    let rows: Vec<(Uuid,)> = tx.all(LAPSED, args![Instant(now)]).await?;
    Ok(rows.into_iter().map(|(id,)| OrganizationId(id)).collect())
}

const EXISTS: &str = "select count(*) from scheduled_events where organization_id = $1 and id = $2";

/// Whether there is an event with this id.
pub async fn exists(
    tx: &ReadTx<'_>,
    organization: OrganizationId,
    id: ScheduledEventId,
) -> Result<bool, StoreError> {
    let count: Option<i64> = tx.optional(EXISTS, args![organization.0, id.0]).await?;
    Ok(count == Some(1))
}

const INSERT: &str = "insert into scheduled_events (organization_id, id, event_type_id, host_id, name, status, starts_at,
  ends_at, buffered_starts_at, buffered_ends_at, location, guests, created_at, updated_at, host_count, series_id,
  capacity, confirm_by, confirmed_at)
  values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)";

/// Adds a scheduled event.
pub async fn insert(
    tx: &WriteTx<'_>,
    organization: OrganizationId,
    event: &ScheduledEvent,
) -> Result<(), StoreError> {
    tx.execute(
        INSERT,
        args![
            organization.0,
            event.id.0,
            event.event_type_id.0,
            event.host_id.0,
            event.name,
            status_word(event.state.status),
            Instant(event.state.interval.start()),
            Instant(event.state.interval.end()),
            Instant(event.buffered.start()),
            Instant(event.buffered.end()),
            event.location.as_ref().map(Json),
            Json(&event.guests),
            Instant(event.created_at),
            Instant(event.updated_at),
            event.host_count,
            event.series_id.map(|id| id.0),
            event.capacity,
            event.confirm_by.map(Instant),
            event.confirmed_at.map(Instant)
        ],
    )
    .await?;
    Ok(())
}

const CANCEL: &str =
    "update scheduled_events set status = 'canceled', cancellation = $3, updated_at = $4
  where organization_id = $1 and id = $2 and status = 'active'";

/// Marks an active event as canceled.
pub async fn cancel(
    tx: &WriteTx<'_>,
    organization: OrganizationId,
    id: ScheduledEventId,
    cancellation: &Value,
    at: Timestamp,
) -> Result<(), StoreError> {
    let touched = tx
        .execute(
            CANCEL,
            args![organization.0, id.0, Json(cancellation), Instant(at)],
        )
        .await?;
    StoreError::expect_one(touched, "scheduled_events", id)
}

const CONFIRM: &str =
    "update scheduled_events set confirm_by = null, confirmed_at = $3, updated_at = $3
  where organization_id = $1 and id = $2 and status = 'active' and confirm_by is not null";

/// Marks an event that waits for it as confirmed.
pub async fn confirm(
    tx: &WriteTx<'_>,
    organization: OrganizationId,
    id: ScheduledEventId,
    at: Timestamp,
) -> Result<(), StoreError> {
    let touched = tx
        .execute(CONFIRM, args![organization.0, id.0, Instant(at)])
        .await?;
    StoreError::expect_one(touched, "scheduled_events", id)
}

const CHANGE_ATTENDANCE: &str =
    "update scheduled_events set guests = $3, capacity = $4, updated_at = $5
  where organization_id = $1 and id = $2 and status = 'active'";

/// An invitee joins or leaves an event: whom all invitees bring, and how many invitees it takes now.
pub async fn change_attendance(
    tx: &WriteTx<'_>,
    organization: OrganizationId,
    event: &ScheduledEvent,
) -> Result<(), StoreError> {
    let touched = tx
        .execute(
            CHANGE_ATTENDANCE,
            args![
                organization.0,
                event.id.0,
                Json(&event.guests),
                event.capacity,
                Instant(event.updated_at)
            ],
        )
        .await?;
    StoreError::expect_one(touched, "scheduled_events", event.id)
}

const OVERWRITE: &str = "update scheduled_events set event_type_id = $3, host_id = $4, name = $5, status = $6, starts_at = $7,
  ends_at = $8, buffered_starts_at = $9, buffered_ends_at = $10, location = $11, guests = $12, cancellation = $13,
  host_count = $14, series_id = $15, capacity = $16, confirm_by = $17, confirmed_at = $18, created_at = $19,
  updated_at = $20 where organization_id = $1 and id = $2";

/// Writes all of an event, whatever it was before.
pub async fn overwrite(
    tx: &WriteTx<'_>,
    organization: OrganizationId,
    event: &ScheduledEvent,
) -> Result<(), StoreError> {
    let touched = tx
        .execute(
            OVERWRITE,
            args![
                organization.0,
                event.id.0,
                event.event_type_id.0,
                event.host_id.0,
                event.name,
                status_word(event.state.status),
                Instant(event.state.interval.start()),
                Instant(event.state.interval.end()),
                Instant(event.buffered.start()),
                Instant(event.buffered.end()),
                event.location.as_ref().map(Json),
                Json(&event.guests),
                event.cancellation.as_ref().map(Json),
                event.host_count,
                event.series_id.map(|id| id.0),
                event.capacity,
                event.confirm_by.map(Instant),
                event.confirmed_at.map(Instant),
                Instant(event.created_at),
                Instant(event.updated_at)
            ],
        )
        .await?;
    StoreError::expect_one(touched, "scheduled_events", event.id)
}
