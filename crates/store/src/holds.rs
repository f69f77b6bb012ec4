//! Holds: times that are kept for somebody for some minutes. What they block are rows of `busy_intervals`.

use crate::{
    FromRow, ReadTx, Row, StoreError, WriteTx, args,
    column::{Instant, Json},
    scheduled_event_hosts::EventHost,
};
use domain::{
    id::{EventTypeId, HoldId, OrganizationId, TokenId, UserId},
    interval::Interval,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A row of `holds`.
#[derive(Clone, Debug)]
pub struct Hold {
    /// Its id.
    pub id: HoldId,
    /// What is to be booked.
    pub event_type_id: EventTypeId,
    /// The token that placed it.
    pub token_id: TokenId,
    /// Whose token that is.
    pub user_id: UserId,
    /// The time it keeps.
    pub interval: Interval,
    /// The same with buffers.
    pub buffered: Interval,
    /// Whose time it keeps, the first host first.
    pub hosts: Vec<EventHost>,
    /// When it was placed.
    pub created_at: Timestamp,
    /// When it ends by itself, by the database's clock.
    pub expires_at: Timestamp,
}

/// A host inside a hold's row.
#[derive(Debug, Serialize, Deserialize)]
struct StoredHost(Uuid, bool);

impl FromRow for Hold {
    fn from_row(row: &Row<'_>) -> Result<Hold, StoreError> {
        let mut columns = row.columns();
        let host = |StoredHost(id, in_turn)| EventHost {
            id: UserId(id),
            in_turn,
        };
        Ok(Hold {
            id: HoldId(columns.take()?),
            event_type_id: EventTypeId(columns.take()?),
            token_id: TokenId(columns.take()?),
            user_id: UserId(columns.take()?),
            interval: columns.interval()?,
            buffered: columns.interval()?,
            hosts: (columns.take::<Json<Vec<StoredHost>>>()?.0)
                .into_iter()
                .map(host)
                .collect(),
            created_at: columns.take::<Instant>()?.0,
            expires_at: columns.take::<Instant>()?.0,
        })
    }
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "select id, event_type_id, token_id, user_id, starts_at, ends_at, buffered_starts_at, buffered_ends_at,
  hosts, created_at, expires_at from holds where organization_id = $1 ",
            $rest
        )
    };
}

const GET: &str = select!("and id = $2");

/// The hold with this id, also one that has ended by itself and was not cleared away yet.
pub async fn get(
    tx: &ReadTx<'_>,
    organization: OrganizationId,
    id: HoldId,
) -> Result<Option<Hold>, StoreError> {
    tx.optional(GET, args![organization.0, id.0]).await
}

const OF_EVENT_TYPE: &str = select!("and event_type_id = $2 order by created_at, id");

/// The holds of an event type, oldest first, also those that have ended.
pub async fn of_event_type(
    tx: &ReadTx<'_>,
    organization: OrganizationId,
    event_type: EventTypeId,
) -> Result<Vec<Hold>, StoreError> {
    tx.all(OF_EVENT_TYPE, args![organization.0, event_type.0])
        .await
}

const OF_TOKEN: &str = "select id, expires_at from holds
  where organization_id = $1 and token_id = $2 order by expires_at, id";

/// The holds that a token has placed and when they end, also those that have ended.
pub async fn of_token(
    tx: &ReadTx<'_>,
    organization: OrganizationId,
    token: TokenId,
) -> Result<Vec<(HoldId, Timestamp)>, StoreError> {
    let rows: Vec<(Uuid, Instant)> = tx.all(OF_TOKEN, args![organization.0, token.0]).await?;
    let holds = rows.into_iter();
    Ok(holds.map(|(id, end)| (HoldId(id), end.0)).collect())
}

const INSERT: &str =
    "insert into holds (organization_id, id, event_type_id, token_id, user_id, starts_at, ends_at,
  buffered_starts_at, buffered_ends_at, hosts, created_at, expires_at)
  values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";

/// Adds a hold.
pub async fn insert(
    tx: &WriteTx<'_>,
    organization: OrganizationId,
    hold: &Hold,
) -> Result<(), StoreError> {
    let hosts = hold.hosts.iter();
    let hosts: Vec<StoredHost> = hosts
        .map(|host| StoredHost(host.id.0, host.in_turn))
        .collect();
    tx.execute(
        INSERT,
        args![
            organization.0,
            hold.id.0,
            hold.event_type_id.0,
            hold.token_id.0,
            hold.user_id.0,
            Instant(hold.interval.start()),
            Instant(hold.interval.end()),
            Instant(hold.buffered.start()),
            Instant(hold.buffered.end()),
            Json(&hosts),
            Instant(hold.created_at),
            Instant(hold.expires_at)
        ],
    )
    .await?;
    Ok(())
}

const DELETE: &str = "delete from holds where organization_id = $1 and id = $2";

/// Removes a hold; what it blocks is freed by `busy_intervals::delete`.
pub async fn delete(
    tx: &WriteTx<'_>,
    organization: OrganizationId,
    id: HoldId,
) -> Result<(), StoreError> {
    tx.execute(DELETE, args![organization.0, id.0]).await?;
    Ok(())
}
