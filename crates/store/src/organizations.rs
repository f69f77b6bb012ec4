//! Organizations: whom everything belongs to.

use crate::{FromRow, ReadTx, Row, StoreError, WriteTx, args, column::Instant};
use domain::id::OrganizationId;
use jiff::Timestamp;

/// A row of `organizations`.
#[derive(Clone, Debug)]
pub struct Organization {
    /// Its id.
    pub id: OrganizationId,
    /// Its name.
    pub name: String,
    /// When it came to be.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

impl FromRow for Organization {
    fn from_row(row: &Row<'_>) -> Result<Organization, StoreError> {
        let mut columns = row.columns();
        Ok(Organization {
            id: OrganizationId(columns.take()?),
            name: columns.take()?,
            created_at: columns.take::<Instant>()?.0,
            updated_at: columns.take::<Instant>()?.0,
        })
    }
}

const GET: &str = "select organization_id, name, created_at, updated_at
  from organizations where organization_id = $1";

/// The organization with this id.
pub async fn get(tx: &ReadTx<'_>, id: OrganizationId) -> Result<Option<Organization>, StoreError> {
    tx.optional(GET, args![id.0]).await
}

const OLDEST: &str = "select organization_id, name, created_at, updated_at
  from organizations order by created_at, organization_id limit 1";

/// The organization that was there first: the one meant where none is named.
pub async fn oldest(tx: &ReadTx<'_>) -> Result<Option<Organization>, StoreError> {
    tx.optional(OLDEST, args![]).await
}

const BY_NAME: &str = "select organization_id, name, created_at, updated_at
  from organizations where name = $1 order by created_at, organization_id limit 1";

/// The oldest organization of this name.
pub async fn by_name(tx: &ReadTx<'_>, name: &str) -> Result<Option<Organization>, StoreError> {
    tx.optional(BY_NAME, args![name]).await
}

const INSERT: &str =
    "insert into organizations (organization_id, name, classic_people, created_at, updated_at)
  values ($1, $2, 0, $3, $4)";

/// Adds an organization.
pub async fn insert(tx: &WriteTx<'_>, organization: &Organization) -> Result<(), StoreError> {
    let Organization {
        id,
        name,
        created_at,
        updated_at,
    } = organization;
    tx.execute(
        INSERT,
        args![id.0, name, Instant(*created_at), Instant(*updated_at)],
    )
    .await?;
    Ok(())
}

const LOCK: &str = "update organizations set updated_at = updated_at where organization_id = $1";

/// Lets those who add users to an organization take turns until the transaction ends.
pub async fn lock(tx: &WriteTx<'_>, id: OrganizationId) -> Result<(), StoreError> {
    let touched = tx.execute(LOCK, args![id.0]).await?;
    StoreError::expect_one(touched, "organizations", id)
}

const NEXT_CLASSIC_NUMBER: &str = "update organizations set classic_people = classic_people + 1
  where organization_id = $1 returning classic_people";

/// The next number for a person of the classic API, counted up from 1.
pub async fn next_classic_number(tx: &WriteTx<'_>, id: OrganizationId) -> Result<i64, StoreError> {
    tx.returning(NEXT_CLASSIC_NUMBER, args![id.0])
        .await?
        .ok_or_else(|| StoreError::missing("organizations", id))
}
