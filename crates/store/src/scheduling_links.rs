//! Links by which one meeting can be booked, once.

use crate::{
    FromRow, ReadTx, Row, StoreError, WriteTx, args,
    column::{Instant, Json},
};
use domain::id::{EventTypeId, InviteeId, OrganizationId, SchedulingLinkId, UserId};
use jiff::Timestamp;
use serde_json::Value;
use uuid::Uuid;

/// A row of `scheduling_links`.
#[derive(Clone, Debug)]
pub struct SchedulingLink {
    /// Its id.
    pub id: SchedulingLinkId,
    /// The random part of its address.
    pub code: String,
    /// What can be booked.
    pub event_type_id: EventTypeId,
    /// Who made it.
    pub user_id: UserId,
    /// Of shares: what is different from the event type, a document.
    pub overrides: Option<Value>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it ends by itself, by the database's clock.
    pub expires_at: Timestamp,
    /// Who booked by it.
    pub invitee_id: Option<InviteeId>,
}

impl FromRow for SchedulingLink {
    fn from_row(row: &Row<'_>) -> Result<SchedulingLink, StoreError> {
        let mut columns = row.columns();
        Ok(SchedulingLink {
            id: SchedulingLinkId(columns.take()?),
            code: columns.take()?,
            event_type_id: EventTypeId(columns.take()?),
            user_id: UserId(columns.take()?),
            overrides: columns
                .take::<Option<Json<_>>>()?
                .map(|overrides| overrides.0),
            created_at: columns.take::<Instant>()?.0,
            expires_at: columns.take::<Instant>()?.0,
            invitee_id: columns.take::<Option<Uuid>>()?.map(InviteeId),
        })
    }
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "select id, code, event_type_id, user_id, overrides, created_at, expires_at, invitee_id
  from scheduling_links where organization_id = $1 ",
            $rest
        )
    };
}

const GET: &str = select!("and id = $2");

/// The link with this id, also one that was used or has ended.
pub async fn get(
    tx: &ReadTx<'_>,
    organization: OrganizationId,
    id: SchedulingLinkId,
) -> Result<Option<SchedulingLink>, StoreError> {
    tx.optional(GET, args![organization.0, id.0]).await
}

const BY_CODE: &str = select!("and code = $2");

/// The link with this code, also one that was used or has ended.
pub async fn by_code(
    tx: &ReadTx<'_>,
    organization: OrganizationId,
    code: &str,
) -> Result<Option<SchedulingLink>, StoreError> {
    tx.optional(BY_CODE, args![organization.0, code]).await
}

const INSERT: &str =
    "insert into scheduling_links (organization_id, id, code, event_type_id, user_id, overrides, created_at, expires_at)
  values ($1, $2, $3, $4, $5, $6, $7, $8)";

/// Adds a link.
pub async fn insert(
    tx: &WriteTx<'_>,
    organization: OrganizationId,
    link: &SchedulingLink,
) -> Result<(), StoreError> {
    tx.execute(
        INSERT,
        args![
            organization.0,
            link.id.0,
            link.code,
            link.event_type_id.0,
            link.user_id.0,
            link.overrides.as_ref().map(Json),
            Instant(link.created_at),
            Instant(link.expires_at)
        ],
    )
    .await?;
    Ok(())
}

const USE_UP: &str = "update scheduling_links set invitee_id = $3, used_at = $4
  where organization_id = $1 and id = $2 and invitee_id is null and $4 < expires_at";

/// Uses a link up, at an instant of the database's clock. Whether nobody had and it had not ended.
pub async fn use_up(
    tx: &WriteTx<'_>,
    organization: OrganizationId,
    id: SchedulingLinkId,
    (invitee, now): (InviteeId, Timestamp),
) -> Result<bool, StoreError> {
    let args = args![organization.0, id.0, invitee.0, Instant(now)];
    Ok(tx.execute(USE_UP, args).await? == 1)
}
