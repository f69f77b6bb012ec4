//! What mails are to be written about: noted in the transaction that makes it so, gone once they are written.

use crate::{
    FromRow, ReadTx, Row, StoreError, WriteTx, args,
    column::{Instant, Json},
};
use domain::id::OrganizationId;
use jiff::Timestamp;
use serde_json::Value;
use uuid::Uuid;

/// Something that mails are to be written about.
#[derive(Clone, Debug)]
pub struct Occasion {
    /// In which organization.
    pub organization_id: OrganizationId,
    /// Its id.
    pub id: Uuid,
    /// What happened: a document.
    pub facts: Value,
    /// When.
    pub occurred_at: Timestamp,
}

impl FromRow for Occasion {
    fn from_row(row: &Row<'_>) -> Result<Occasion, StoreError> {
        let mut columns = row.columns();
        Ok(Occasion {
            organization_id: OrganizationId(columns.take()?),
            id: columns.take()?,
            facts: columns.take::<Json<_>>()?.0,
            occurred_at: columns.take::<Instant>()?.0,
        })
    }
}

const INSERT: &str = "insert into mail_occasions (organization_id, id, facts, occurred_at)
  values ($1, $2, $3, $4)";

/// Notes something, where mails are sent at all.
pub async fn insert(tx: &WriteTx<'_>, occasion: &Occasion) -> Result<(), StoreError> {
    if !tx.notes_mail() {
        return Ok(());
    }
    let args = args![
        occasion.organization_id.0,
        occasion.id,
        Json(&occasion.facts),
        Instant(occasion.occurred_at)
    ];
    tx.execute(INSERT, args).await?;
    Ok(())
}

const WAITING: &str = "select organization_id, id, facts, occurred_at from mail_occasions
  order by organization_id, id limit $1";

/// What waits in all organizations, so much at most; of each the oldest first.
pub async fn waiting(tx: &ReadTx<'_>, limit: i64) -> Result<Vec<Occasion>, StoreError> {
    tx.all(WAITING, args![limit]).await
}

const GET: &str = "select organization_id, id, facts, occurred_at from mail_occasions
  where organization_id = $1 and id = $2";

/// The same as it is now; none if its mails were written.
pub async fn get(tx: &ReadTx<'_>, found: &Occasion) -> Result<Option<Occasion>, StoreError> {
    let args = args![found.organization_id.0, found.id];
    tx.optional(GET, args).await
}

const DELETE: &str = "delete from mail_occasions where organization_id = $1 and id = $2";

/// The mails are written. False if somebody else has written them.
pub async fn delete(
    tx: &WriteTx<'_>,
    organization: OrganizationId,
    id: Uuid,
) -> Result<bool, StoreError> {
    Ok(tx.execute(DELETE, args![organization.0, id]).await? == 1)
}

const DELETE_BEFORE: &str = "delete from mail_occasions where occurred_at < $1";

/// Forgets what happened before an instant in all organizations: nobody wants to hear of it any more.
pub async fn delete_before(tx: &WriteTx<'_>, before: Timestamp) -> Result<u64, StoreError> {
    tx.execute(DELETE_BEFORE, args![Instant(before)]).await
}
