//! Who holds a scheduled event: one row a host.

use crate::{
    FromRow, ReadTx, Row, StoreError, WriteTx, args,
    column::Instant,
    engine::Param,
    scheduled_events::{ListedHost, ScheduledEvent},
};
use domain::id::{EventTypeId, OrganizationId, ScheduledEventId, UserId};
use jiff::Timestamp;
use uuid::Uuid;

/// A host of a scheduled event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EventHost {
    /// Who.
    pub id: UserId,
    /// Whether they were chosen in turn, which round robin counts until the event is canceled.
    pub in_turn: bool,
}

const INSERT: &str = "insert into scheduled_event_hosts
  (organization_id, scheduled_event_id, host_id, event_type_id, starts_at, position, counted, assigned_at)
  values ($1, $2, $3, $4, $5, $6, $7, $8)";

/// Adds the hosts of a new event, the first one first.
pub async fn insert(
    tx: &WriteTx<'_>,
    organization: OrganizationId,
    event: &ScheduledEvent,
    hosts: &[EventHost],
) -> Result<(), StoreError> {
    let (start, at) = (
        Instant(event.state.interval.start()),
        Instant(event.created_at),
    );
    let positions: Vec<i64> = (0..).take(hosts.len()).collect();
    let mut rows: Vec<Vec<&dyn Param>> = Vec::with_capacity(hosts.len());
    for (host, position) in hosts.iter().zip(&positions) {
        rows.push(vec![
            &organization.0,
            &event.id.0,
            &host.id.0,
            &event.event_type_id.0,
            &start,
            position,
            &host.in_turn,
            &at,
        ]);
    }
    tx.execute_each(INSERT, &rows).await?;
    Ok(())
}

const DELETE: &str =
    "delete from scheduled_event_hosts where organization_id = $1 and scheduled_event_id = $2";

/// Replaces all hosts of an event.
pub async fn replace(
    tx: &WriteTx<'_>,
    organization: OrganizationId,
    event: &ScheduledEvent,
    hosts: &[EventHost],
) -> Result<(), StoreError> {
    tx.execute(DELETE, args![organization.0, event.id.0])
        .await?;
    insert(tx, organization, event, hosts).await
}

struct Stored(EventHost);

impl FromRow for Stored {
    fn from_row(row: &Row<'_>) -> Result<Stored, StoreError> {
        let mut columns = row.columns();
        Ok(Stored(EventHost {
            id: UserId(columns.take()?),
            in_turn: columns.take()?,
        }))
    }
}

const OF_EVENT: &str = "select host_id, counted from scheduled_event_hosts
  where organization_id = $1 and scheduled_event_id = $2 order by position, host_id";

/// The hosts of an event, the first one first.
pub async fn of_event(
    tx: &ReadTx<'_>,
    organization: OrganizationId,
    event: ScheduledEventId,
) -> Result<Vec<EventHost>, StoreError> {
    let rows: Vec<Stored> = tx.all(OF_EVENT, args![organization.0, event.0]).await?;
    Ok(rows.into_iter().map(|row| row.0).collect())
}

impl FromRow for ListedHost {
    fn from_row(row: &Row<'_>) -> Result<ListedHost, StoreError> {
        let mut columns = row.columns();
        Ok(ListedHost {
            id: UserId(columns.take()?),
            name: columns.take()?,
            email: columns.take()?,
        })
    }
}

const LISTED: &str = "select u.id, u.name, u.email from scheduled_event_hosts h
  join users u on u.organization_id = h.organization_id and u.id = h.host_id
  where h.organization_id = $1 and h.scheduled_event_id = $2 order by h.position, h.host_id";

/// The hosts of an event as lists show them, the first one first.
pub async fn listed(
    tx: &ReadTx<'_>,
    organization: OrganizationId,
    event: ScheduledEventId,
) -> Result<Vec<ListedHost>, StoreError> {
    tx.all(LISTED, args![organization.0, event.0]).await
}

/// What a host was assigned in turn since some instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Assigned {
    /// Who.
    pub host: UserId,
    /// How many events that were not canceled.
    pub count: i64,
    /// When the last one was.
    pub last: Timestamp,
}

impl FromRow for Assigned {
    fn from_row(row: &Row<'_>) -> Result<Assigned, StoreError> {
        let mut columns = row.columns();
        Ok(Assigned {
            host: UserId(columns.take()?),
            count: columns.take()?,
            last: columns.take::<Instant>()?.0,
        })
    }
}

const ASSIGNED: &str = "select host_id, count(*), max(assigned_at) from scheduled_event_hosts
  where organization_id = $1 and event_type_id = $2 and counted and assigned_at >= $3
  group by host_id order by host_id";

/// What each host of an event type was assigned in turn since an instant.
pub async fn assigned(
    tx: &ReadTx<'_>,
    organization: OrganizationId,
    event_type: EventTypeId,
    since: Timestamp,
) -> Result<Vec<Assigned>, StoreError> {
    tx.all(
        ASSIGNED,
        args![organization.0, event_type.0, Instant(since)],
    )
    .await
}

const UNCOUNT: &str = "update scheduled_event_hosts set counted = false
  where organization_id = $1 and scheduled_event_id = $2 and counted";

/// An event was canceled: it counts for nobody's turn.
pub async fn uncount(
    tx: &WriteTx<'_>,
    organization: OrganizationId,
    event: Uuid,
) -> Result<(), StoreError> {
    tx.execute(UNCOUNT, args![organization.0, event]).await?;
    Ok(())
}
