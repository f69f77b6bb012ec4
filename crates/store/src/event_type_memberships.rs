//! Who hosts an event type that has a pooling type, and how they take part. One without has no rows here: its
//! owner hosts it.

use crate::{
    FromRow, ReadTx, Row, StoreError, WriteTx, args,
    column::Instant,
    engine::Columns,
    page::{Order, Page, PageRequest, PositionKey},
};
use domain::id::{EventTypeId, EventTypeMembershipId, OrganizationId, UserId};
use jiff::Timestamp;
use uuid::Uuid;

/// A row of `event_type_memberships`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventTypeMembership {
    /// Its id.
    pub id: EventTypeMembershipId,
    /// Of which event type.
    pub event_type_id: EventTypeId,
    /// Who hosts it; may have been removed since.
    pub user_id: UserId,
    /// 0 to 100: of those who are free, the highest are asked first.
    pub priority: i64,
    /// 1 to 100: the share of the meetings.
    pub weight: i64,
    /// Of an event type with several pools: which one; none for a fixed host.
    pub pool: Option<String>,
    /// Whether the host takes part in every meeting.
    pub fixed: bool,
    /// The place among the hosts.
    pub position: i64,
    /// Since when.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

impl EventTypeMembership {
    /// This membership's place among those of its event type.
    pub fn sort_key(&self) -> PositionKey {
        (self.position, self.id.0)
    }
}

impl FromRow for EventTypeMembership {
    fn from_row(row: &Row<'_>) -> Result<EventTypeMembership, StoreError> {
        membership(&mut row.columns())
    }
}

fn membership(columns: &mut Columns<'_>) -> Result<EventTypeMembership, StoreError> {
    Ok(EventTypeMembership {
        id: EventTypeMembershipId(columns.take()?),
        event_type_id: EventTypeId(columns.take()?),
        user_id: UserId(columns.take()?),
        priority: columns.take()?,
        weight: columns.take()?,
        pool: columns.take()?,
        fixed: columns.take()?,
        position: columns.take()?,
        created_at: columns.take::<Instant>()?.0,
        updated_at: columns.take::<Instant>()?.0,
    })
}

/// A host who was not removed.
#[derive(Clone, Debug)]
pub struct Host {
    /// How they take part.
    pub membership: EventTypeMembership,
    /// Their name.
    pub name: String,
    /// Whether it is a room or a thing.
    pub is_resource: bool,
}

impl FromRow for Host {
    fn from_row(row: &Row<'_>) -> Result<Host, StoreError> {
        let mut columns = row.columns();
        Ok(Host {
            membership: membership(&mut columns)?,
            name: columns.take()?,
            is_resource: columns.take()?,
        })
    }
}

macro_rules! columns {
    ($($rest:expr),+) => {
        concat!(
            "select m.id, m.event_type_id, m.user_id, m.priority, m.weight, m.pool, m.fixed, m.position, m.created_at,
  m.updated_at",
            $($rest),+
        )
    };
}

const OF_EVENT_TYPE: &str = columns!(
    " from event_type_memberships m
  where m.organization_id = $1 and m.event_type_id = $2
  order by m.position, m.id"
);

/// The hosts of an event type in their order, also those who were removed since.
pub async fn of_event_type(
    tx: &ReadTx<'_>,
    organization: OrganizationId,
    event_type: EventTypeId,
) -> Result<Vec<EventTypeMembership>, StoreError> {
    tx.all(OF_EVENT_TYPE, args![organization.0, event_type.0])
        .await
}

const HOSTS: &str = columns!(
    ", u.name, u.kind = 'resource' from event_type_memberships m
  join users u on u.organization_id = m.organization_id and u.id = m.user_id
  where m.organization_id = $1 and m.event_type_id = $2 and u.deactivated_at is null
  order by m.position, m.id"
);

/// The hosts of an event type who were not removed, in their order.
pub async fn hosts(
    tx: &ReadTx<'_>,
    organization: OrganizationId,
    event_type: EventTypeId,
) -> Result<Vec<Host>, StoreError> {
    tx.all(HOSTS, args![organization.0, event_type.0]).await
}

macro_rules! list {
    ($compare:literal, $direction:literal) => {
        columns!(
            " from event_type_memberships m
  join users u on u.organization_id = m.organization_id and u.id = m.user_id
  where m.organization_id = $1 and m.event_type_id = $2 and u.deactivated_at is null
    and (m.position, m.id) ",
            $compare,
            " ($3, $4)
  order by m.position",
            $direction,
            ", m.id",
            $direction,
            " limit $5"
        )
    };
}

const LIST_ASCENDING: &str = list!(">", "");
const LIST_DESCENDING: &str = list!("<", " desc");

/// A page of the hosts of an event type who were not removed, in their order.
pub async fn list(
    tx: &ReadTx<'_>,
    organization: OrganizationId,
    event_type: EventTypeId,
    request: &PageRequest<PositionKey>,
) -> Result<Page<EventTypeMembership>, StoreError> {
    let walk = request.walk();
    let (sql, start) = match walk.order {
        Order::Ascending => (LIST_ASCENDING, (i64::MIN, Uuid::nil())),
        Order::Descending => (LIST_DESCENDING, (i64::MAX, Uuid::max())),
    };
    let (position, id) = walk.from.unwrap_or(start);
    let rows = tx
        .all(
            sql,
            args![organization.0, event_type.0, position, id, walk.limit],
        )
        .await?;
    Ok(request.page(rows))
}

const DELETE: &str =
    "delete from event_type_memberships where organization_id = $1 and event_type_id = $2";

const INSERT: &str = "insert into event_type_memberships (organization_id, id, event_type_id, user_id, priority, weight,
  pool, fixed, position, created_at, updated_at)
  values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";

/// Gives an event type these hosts and no others. A host who stays is passed with the id and age they had.
pub async fn replace(
    tx: &WriteTx<'_>,
    organization: OrganizationId,
    event_type: EventTypeId,
    memberships: &[EventTypeMembership],
) -> Result<(), StoreError> {
    tx.execute(DELETE, args![organization.0, event_type.0])
        .await?;
    for membership in memberships {
        tx.execute(
            INSERT,
            args![
                organization.0,
                membership.id.0,
                event_type.0,
                membership.user_id.0,
                membership.priority,
                membership.weight,
                membership.pool,
                membership.fixed,
                membership.position,
                Instant(membership.created_at),
                Instant(membership.updated_at)
            ],
        )
        .await?;
    }
    Ok(())
}
