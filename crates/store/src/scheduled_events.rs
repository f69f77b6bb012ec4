//! Scheduled events: meetings that were booked. A canceled one stays.

use crate::{
    FromRow, ReadTx, Row, StoreError, WriteTx, args,
    column::{Instant, Json},
    page::{InstantKey, Order, Page, PageRequest},
};
use domain::{
    id::{EventTypeId, OrganizationId, ScheduledEventId, UserId},
    interval::Interval,
    scheduled_event::{EventState, EventStatus},
};
use jiff::Timestamp;
use serde_json::Value;

/// A row of `scheduled_events`.
#[derive(Clone, Debug)]
pub struct ScheduledEvent {
    /// Its id.
    pub id: ScheduledEventId,
    /// What was booked.
    pub event_type_id: EventTypeId,
    /// Whose time it takes.
    pub host_id: UserId,
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
    /// The host's name.
    pub host_name: String,
    /// The host's mail address.
    pub host_email: String,
    /// How many invitees it has, the canceled ones too.
    pub invitees: i64,
    /// How many of them come.
    pub active_invitees: i64,
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
        Ok(ListedEvent {
            event: ScheduledEvent {
                id: ScheduledEventId(columns.take()?),
                event_type_id: EventTypeId(columns.take()?),
                host_id: UserId(columns.take()?),
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
                created_at: columns.take::<Instant>()?.0,
                updated_at: columns.take::<Instant>()?.0,
            },
            host_name: columns.take()?,
            host_email: columns.take()?,
            invitees: columns.take()?,
            active_invitees: columns.take()?,
        })
    }
}

macro_rules! select {
    ($($rest:expr),+) => {
        concat!(
            "select e.id, e.event_type_id, e.host_id, e.name, e.status, e.starts_at, e.ends_at, e.buffered_starts_at,
  e.buffered_ends_at, e.location, e.guests, e.cancellation, e.created_at, e.updated_at, u.name, u.email,
  (select count(*) from invitees i where i.organization_id = e.organization_id and i.scheduled_event_id = e.id),
  (select count(*) from invitees i where i.organization_id = e.organization_id and i.scheduled_event_id = e.id
    and i.status = 'active')
  from scheduled_events e join users u on u.organization_id = e.organization_id and u.id = e.host_id
  where e.organization_id = $1 ",
            $($rest),+
        )
    };
}

const GET: &str = select!("and e.id = $2");

/// The scheduled event with this id.
pub async fn get(
    tx: &ReadTx<'_>,
    organization: OrganizationId,
    id: ScheduledEventId,
) -> Result<Option<ListedEvent>, StoreError> {
    tx.optional(GET, args![organization.0, id.0]).await
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

/// Which scheduled events are wanted; what is `None` does not matter.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Of this host.
    pub host: Option<UserId>,
    /// With this status.
    pub status: Option<EventStatus>,
    /// Starting at or after.
    pub min_start: Option<Timestamp>,
    /// Starting at or before.
    pub max_start: Option<Timestamp>,
    /// With an invitee of this mail address.
    pub invitee_email: Option<String>,
}

macro_rules! list {
    ($host:literal, $email:literal, $compare:literal, $direction:literal) => {
        select!(
            $host,
            " and (e.starts_at, e.id) ",
            $compare,
            " ($3, $4) and e.starts_at >= $5 and e.starts_at <= $6
  and (e.status = $7 or $7 is null)
  and ",
            $email,
            "
  order by e.starts_at",
            $direction,
            ", e.id",
            $direction,
            " limit $9"
        )
    };
}

macro_rules! list_of {
    ($host:literal, $email:literal, $order:expr) => {
        match $order {
            Order::Ascending => list!($host, $email, ">", ""),
            Order::Descending => list!($host, $email, "<", " desc"),
        }
    };
}

/// A statement for each combination, so that each goes by the index that fits it.
fn list_sql(filter: &Filter, order: Order) -> &'static str {
    match (filter.host.is_some(), filter.invitee_email.is_some()) {
        (true, true) => list_of!(
            "and e.host_id = $2",
            "e.id in (select i.scheduled_event_id from invitees i
    where i.organization_id = $1 and lower(i.email) = lower($8))",
            order
        ),
        (true, false) => list_of!("and e.host_id = $2", "cast($8 as text) is null", order),
        (false, true) => list_of!(
            "and (e.host_id = $2 or $2 is null)",
            "e.id in (select i.scheduled_event_id from invitees i
    where i.organization_id = $1 and lower(i.email) = lower($8))",
            order
        ),
        (false, false) => list_of!(
            "and (e.host_id = $2 or $2 is null)",
            "cast($8 as text) is null",
            order
        ),
    }
}

/// A page of scheduled events, by start.
pub async fn list(
    tx: &ReadTx<'_>,
    organization: OrganizationId,
    filter: &Filter,
    request: &PageRequest<InstantKey>,
) -> Result<Page<ListedEvent>, StoreError> {
    let walk = request.walk();
    let (at, id) = walk.start()?;
    let whole = crate::page::stored_range()?;
    let sql = list_sql(filter, walk.order);
    let rows = tx
        .all(
            sql,
            args![
                organization.0,
                filter.host.map(|host| host.0),
                Instant(at),
                id,
                Instant(filter.min_start.unwrap_or(whole.start())),
                Instant(filter.max_start.unwrap_or(whole.end())),
                filter.status.map(status_word),
                filter.invitee_email,
                walk.limit
            ],
        )
        .await?;
    Ok(request.page(rows))
}

const INSERT: &str = "insert into scheduled_events (organization_id, id, event_type_id, host_id, name, status, starts_at,
  ends_at, buffered_starts_at, buffered_ends_at, location, guests, created_at, updated_at)
  values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)";

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
            Instant(event.updated_at)
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
