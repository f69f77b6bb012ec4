//! Passwords, of which only a slow hash is kept.

use crate::{FromRow, ReadTx, Row, StoreError, WriteTx, args, column::Instant};
use domain::id::{OrganizationId, UserId};
use jiff::Timestamp;

/// Somebody who may sign in, and the hash of their password.
#[derive(Clone, Debug)]
pub struct Account {
    /// Their organization.
    pub organization_id: OrganizationId,
    /// The user.
    pub user_id: UserId,
    /// The hash of their password.
    pub hash: String,
}

impl FromRow for Account {
    fn from_row(row: &Row<'_>) -> Result<Account, StoreError> {
        let mut columns = row.columns();
        Ok(Account {
            organization_id: OrganizationId(columns.take()?),
            user_id: UserId(columns.take()?),
            hash: columns.take()?,
        })
    }
}

const GET: &str = "select hash from passwords where organization_id = $1 and user_id = $2";

/// The hash of a user's password.
pub async fn get(
    tx: &ReadTx<'_>,
    organization: OrganizationId,
    user: UserId,
) -> Result<Option<String>, StoreError> {
    tx.optional(GET, args![organization.0, user.0]).await
}

const BY_EMAIL: &str = "select p.organization_id, p.user_id, p.hash from users u
  join passwords p on p.organization_id = u.organization_id and p.user_id = u.id
  where lower(u.email) = lower($1) and u.email <> '' and u.deactivated_at is null
  order by u.created_at, u.id limit $2";

/// The active users with this mail address and a password, in all organizations, the oldest first.
pub async fn by_email(
    tx: &ReadTx<'_>,
    email: &str,
    limit: i64,
) -> Result<Vec<Account>, StoreError> {
    tx.all(BY_EMAIL, args![email, limit]).await
}

const PUT: &str = "insert into passwords (organization_id, user_id, hash, changed_at)
  values ($1, $2, $3, $4)
  on conflict (organization_id, user_id) do update
  set hash = excluded.hash, changed_at = excluded.changed_at";

/// Gives a user a password, in place of the one they had.
pub async fn put(
    tx: &WriteTx<'_>,
    (organization, user): (OrganizationId, UserId),
    hash: &str,
    at: Timestamp,
) -> Result<(), StoreError> {
    let row = args![organization.0, user.0, hash, Instant(at)];
    tx.execute(PUT, row).await?;
    Ok(())
}

const HOLD: &str = "update passwords set hash = hash
  where organization_id = $1 and user_id = $2 and hash = $3";

/// Whether this is a user's password still. It stays so until the transaction ends.
pub async fn hold(tx: &WriteTx<'_>, account: &Account) -> Result<bool, StoreError> {
    let row = args![account.organization_id.0, account.user_id.0, account.hash];
    Ok(tx.execute(HOLD, row).await? == 1)
}

const DELETE: &str = "delete from passwords where organization_id = $1 and user_id = $2";

/// Takes a user's password away. False if they had none.
pub async fn delete(
    tx: &WriteTx<'_>,
    organization: OrganizationId,
    user: UserId,
) -> Result<bool, StoreError> {
    Ok(tx.execute(DELETE, args![organization.0, user.0]).await? == 1)
}
