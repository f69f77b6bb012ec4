//! What applications present to act for users: access tokens, and the refresh tokens that bring the next ones.

use crate::{
    FromRow, ReadTx, Row, StoreError, WriteTx, args,
    column::{Instant, Json},
    oauth_grants::{Grant, grant_columns},
};
use domain::id::TokenId;
use jiff::Timestamp;
use uuid::Uuid;

/// An access token.
#[derive(Clone, Debug)]
pub struct AccessToken {
    /// Its id.
    pub id: TokenId,
    /// What it may be used for.
    pub scopes: Vec<String>,
    /// When it was issued.
    pub created_at: Timestamp,
    /// From when on it is refused.
    pub expires_at: Option<Timestamp>,
    /// When it was taken back.
    pub revoked_at: Option<Timestamp>,
    /// Because of what it was issued.
    pub grant: Grant,
}

impl FromRow for AccessToken {
    fn from_row(row: &Row<'_>) -> Result<AccessToken, StoreError> {
        let mut columns = row.columns();
        Ok(AccessToken {
            id: TokenId(columns.take()?),
            scopes: columns.take::<Json<_>>()?.0,
            created_at: columns.take::<Instant>()?.0,
            expires_at: columns.take::<Option<Instant>>()?.map(|at| at.0),
            revoked_at: columns.take::<Option<Instant>>()?.map(|at| at.0),
            grant: Grant::take(&mut columns)?,
        })
    }
}

const ACCESS: &str = concat!(
    "select t.id, t.scopes, t.created_at, t.expires_at, t.revoked_at, ",
    grant_columns!(),
    " from personal_access_tokens t
  join oauth_grants g on g.organization_id = t.organization_id and g.id = t.grant_id
  join users u on u.organization_id = g.organization_id and u.id = g.user_id
  where t.hash = $1 and u.deactivated_at is null"
);

/// The access token with this hash, of a user who is still there.
pub async fn access(tx: &ReadTx<'_>, hash: &str) -> Result<Option<AccessToken>, StoreError> {
    tx.optional(ACCESS, args![hash]).await
}

const INSERT_ACCESS: &str =
    "insert into personal_access_tokens (organization_id, id, user_id, name, hash, scopes,
  created_at, expires_at, application_id, grant_id)
  values ($1, $2, $3, '', $4, $5, $6, $7, $8, $9)";

/// Adds an access token, known by its hash.
pub async fn insert_access(
    tx: &WriteTx<'_>,
    token: &AccessToken,
    hash: &str,
) -> Result<(), StoreError> {
    let row = args![
        token.grant.organization_id.0,
        token.id.0,
        token.grant.user_id.0,
        hash,
        Json(&token.scopes),
        Instant(token.created_at),
        token.expires_at.map(Instant),
        token.grant.application_id.0,
        token.grant.id.0
    ];
    tx.execute(INSERT_ACCESS, row).await?;
    Ok(())
}

const FORGET_ACCESS: &str = "delete from personal_access_tokens
  where organization_id = $1 and grant_id = $2 and expires_at < $3";

/// Forgets the access tokens of a grant that ended before an instant.
pub async fn forget_access(
    tx: &WriteTx<'_>,
    grant: &Grant,
    before: Timestamp,
) -> Result<(), StoreError> {
    let key = args![grant.organization_id.0, grant.id.0, Instant(before)];
    tx.execute(FORGET_ACCESS, key).await?;
    Ok(())
}

const REVOKE_ACCESS: &str = "update personal_access_tokens set revoked_at = $3
  where organization_id = $1 and id = $2 and revoked_at is null";

/// Takes one access token back. The host of its user must be bumped before.
pub async fn revoke_access(
    tx: &WriteTx<'_>,
    token: &AccessToken,
    at: Timestamp,
) -> Result<(), StoreError> {
    let key = args![token.grant.organization_id.0, token.id.0, Instant(at)];
    tx.execute(REVOKE_ACCESS, key).await?;
    Ok(())
}

/// A refresh token, which is used once.
#[derive(Clone, Debug)]
pub struct RefreshToken {
    /// Its id.
    pub id: Uuid,
    /// When it was issued.
    pub created_at: Timestamp,
    /// When it was used.
    pub used_at: Option<Timestamp>,
    /// Because of what it was issued.
    pub grant: Grant,
}

impl FromRow for RefreshToken {
    fn from_row(row: &Row<'_>) -> Result<RefreshToken, StoreError> {
        let mut columns = row.columns();
        Ok(RefreshToken {
            id: columns.take()?,
            created_at: columns.take::<Instant>()?.0,
            used_at: columns.take::<Option<Instant>>()?.map(|at| at.0),
            grant: Grant::take(&mut columns)?,
        })
    }
}

const REFRESH: &str = concat!(
    "select t.id, t.created_at, t.used_at, ",
    grant_columns!(),
    " from oauth_refresh_tokens t
  join oauth_grants g on g.organization_id = t.organization_id and g.id = t.grant_id
  join users u on u.organization_id = g.organization_id and u.id = g.user_id
  where t.hash = $1 and u.deactivated_at is null"
);

/// The refresh token with this hash, of a user who is still there.
pub async fn refresh(tx: &ReadTx<'_>, hash: &str) -> Result<Option<RefreshToken>, StoreError> {
    tx.optional(REFRESH, args![hash]).await
}

const INSERT_REFRESH: &str =
    "insert into oauth_refresh_tokens (organization_id, id, grant_id, hash, created_at)
  values ($1, $2, $3, $4, $5)";

/// Adds a refresh token, known by its hash.
pub async fn insert_refresh(
    tx: &WriteTx<'_>,
    token: &RefreshToken,
    hash: &str,
) -> Result<(), StoreError> {
    let row = args![
        token.grant.organization_id.0,
        token.id,
        token.grant.id.0,
        hash,
        Instant(token.created_at)
    ];
    tx.execute(INSERT_REFRESH, row).await?;
    Ok(())
}

const USE_REFRESH: &str = "update oauth_refresh_tokens set used_at = $3
  where organization_id = $1 and id = $2 and used_at is null";

/// Uses a refresh token up. False if it was used before, perhaps a moment ago.
pub async fn use_refresh(
    tx: &WriteTx<'_>,
    token: &RefreshToken,
    at: Timestamp,
) -> Result<bool, StoreError> {
    let row = args![token.grant.organization_id.0, token.id, Instant(at)];
    Ok(tx.execute(USE_REFRESH, row).await? == 1)
}

const FORGET_REFRESH: &str = "delete from oauth_refresh_tokens
  where organization_id = $1 and grant_id = $2 and used_at < $3";

/// Forgets the refresh tokens of a grant that were used before an instant.
pub async fn forget_refresh(
    tx: &WriteTx<'_>,
    grant: &Grant,
    before: Timestamp,
) -> Result<(), StoreError> {
    let key = args![grant.organization_id.0, grant.id.0, Instant(before)];
    tx.execute(FORGET_REFRESH, key).await?;
    Ok(())
}
