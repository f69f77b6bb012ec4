//! Imports: what was brought over from another server, what it is here, and what it was like there.

use crate::{FromRow, ReadTx, Row, StoreError, WriteTx, args, column::Instant};
use domain::id::OrganizationId;
use jiff::Timestamp;
use uuid::Uuid;

/// A row of `imports`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Import {
    /// The path of its address there.
    pub path: String,
    /// What it is here.
    pub id: Uuid,
    /// What it was like there; empty where it was here before.
    pub digest: String,
}

impl FromRow for Import {
    fn from_row(row: &Row<'_>) -> Result<Import, StoreError> {
        let mut columns = row.columns();
        Ok(Import {
            path: columns.take()?,
            id: columns.take()?,
            digest: columns.take()?,
        })
    }
}

const ALL: &str = "select path, id, digest from imports where organization_id = $1 order by path";

/// All that was brought into an organization.
pub async fn all(tx: &ReadTx<'_>, organization: OrganizationId) -> Result<Vec<Import>, StoreError> {
    tx.all(ALL, args![organization.0]).await
}

const GET: &str = "select path, id, digest from imports where organization_id = $1 and path = $2";

/// What has this path there.
pub async fn get(
    tx: &ReadTx<'_>,
    organization: OrganizationId,
    path: &str,
) -> Result<Option<Import>, StoreError> {
    tx.optional(GET, args![organization.0, path]).await
}

const PUT: &str = "insert into imports (organization_id, path, id, digest, imported_at)
  values ($1, $2, $3, $4, $5)
  on conflict (organization_id, path) do update set id = $3, digest = $4, imported_at = $5";

/// Notes that something was brought over, or again.
pub async fn put(
    tx: &WriteTx<'_>,
    organization: OrganizationId,
    import: &Import,
    at: Timestamp,
) -> Result<(), StoreError> {
    let Import { path, id, digest } = import;
    tx.execute(PUT, args![organization.0, path, id, digest, Instant(at)])
        .await?;
    Ok(())
}
