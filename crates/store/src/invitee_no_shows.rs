//! The marks of invitees who did not come. A mark is part of its invitee's row, so there is one at most.

use crate::{FromRow, ReadTx, Row, StoreError, WriteTx, args, column::Instant};
use domain::id::{InviteeId, NoShowId, OrganizationId, ScheduledEventId};
use jiff::Timestamp;

/// The mark of an invitee who did not come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoShow {
    /// Its id.
    pub id: NoShowId,
    /// What was booked.
    pub scheduled_event_id: ScheduledEventId,
    /// Who did not come.
    pub invitee_id: InviteeId,
    /// When it was set.
    pub created_at: Timestamp,
}

impl FromRow for NoShow {
    fn from_row(row: &Row<'_>) -> Result<NoShow, StoreError> {
        let mut columns = row.columns();
        Ok(NoShow {
            id: NoShowId(columns.take()?),
            scheduled_event_id: ScheduledEventId(columns.take()?),
            invitee_id: InviteeId(columns.take()?),
            created_at: columns.take::<Instant>()?.0,
        })
    }
}

const GET: &str = "select no_show_id, scheduled_event_id, id, no_show_at from invitees
  where organization_id = $1 and no_show_id = $2";

/// The mark with this id.
pub async fn get(
    tx: &ReadTx<'_>,
    organization: OrganizationId,
    id: NoShowId,
) -> Result<Option<NoShow>, StoreError> {
    tx.optional(GET, args![organization.0, id.0]).await
}

const OF_INVITEE: &str = "select no_show_id, scheduled_event_id, id, no_show_at from invitees
  where organization_id = $1 and id = $2 and no_show_id is not null";

/// The mark of an invitee.
pub async fn of_invitee(
    tx: &ReadTx<'_>,
    organization: OrganizationId,
    invitee: InviteeId,
) -> Result<Option<NoShow>, StoreError> {
    tx.optional(OF_INVITEE, args![organization.0, invitee.0])
        .await
}

const INSERT: &str = "update invitees set no_show_id = $3, no_show_at = $4, updated_at = $4
  where organization_id = $1 and id = $2 and status = 'active' and no_show_id is null";

/// Marks an invitee who was expected and has no mark. Whether there was one to mark.
pub async fn insert(
    tx: &WriteTx<'_>,
    organization: OrganizationId,
    no_show: &NoShow,
) -> Result<bool, StoreError> {
    let args = args![
        organization.0,
        no_show.invitee_id.0,
        no_show.id.0,
        Instant(no_show.created_at)
    ];
    Ok(tx.execute(INSERT, args).await? == 1)
}

const DELETE: &str = "update invitees set no_show_id = null, no_show_at = null, updated_at = $3
  where organization_id = $1 and no_show_id = $2";

/// Takes a mark back. Whether there was one.
pub async fn delete(
    tx: &WriteTx<'_>,
    organization: OrganizationId,
    id: NoShowId,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let touched = tx
        .execute(DELETE, args![organization.0, id.0, Instant(now)])
        .await?;
    Ok(touched == 1)
}
