//! Browsers that are signed in. Of what they present only the hash is kept.

use crate::{
    FromRow, ReadTx, Row, StoreError, WriteTx, args, column::Instant,
    organization_memberships::Role,
};
use domain::id::{OrganizationId, SessionId, UserId};
use jiff::Timestamp;

/// A browser that is signed in, and as whom.
#[derive(Clone, Debug)]
pub struct Session {
    /// Its id.
    pub id: SessionId,
    /// The organization all look-ups go by.
    pub organization_id: OrganizationId,
    /// Who signed in.
    pub user_id: UserId,
    /// The user's role.
    pub role: Role,
    /// The user's name.
    pub user_name: String,
    /// The user's mail address.
    pub user_email: String,
    /// When they signed in.
    pub created_at: Timestamp,
    /// When it was last seen, or a little before.
    pub used_at: Timestamp,
}

impl FromRow for Session {
    fn from_row(row: &Row<'_>) -> Result<Session, StoreError> {
        let mut columns = row.columns();
        Ok(Session {
            id: SessionId(columns.take()?),
            organization_id: OrganizationId(columns.take()?),
            user_id: UserId(columns.take()?),
            role: columns.parse(Role::parse)?,
            user_name: columns.take()?,
            user_email: columns.take()?,
            created_at: columns.take::<Instant>()?.0,
            used_at: columns.take::<Instant>()?.0,
        })
    }
}

const BY_HASH: &str =
    "select s.id, s.organization_id, s.user_id, m.role, u.name, u.email, s.created_at, s.used_at
  from sessions s
  join users u on u.organization_id = s.organization_id and u.id = s.user_id
  join organization_memberships m on m.organization_id = s.organization_id and m.user_id = s.user_id
  where s.hash = $1 and u.deactivated_at is null";

/// Who presents something with this hash; nobody once the user is removed.
pub async fn by_hash(tx: &ReadTx<'_>, hash: &str) -> Result<Option<Session>, StoreError> {
    tx.optional(BY_HASH, args![hash]).await
}

const INSERT: &str =
    "insert into sessions (organization_id, id, user_id, hash, created_at, used_at)
  values ($1, $2, $3, $4, $5, $5)";

/// Adds a session, known by the hash of its cookie.
pub async fn insert(
    tx: &WriteTx<'_>,
    (organization, user): (OrganizationId, UserId),
    (id, hash): (SessionId, &str),
    at: Timestamp,
) -> Result<(), StoreError> {
    let row = args![organization.0, id.0, user.0, hash, Instant(at)];
    tx.execute(INSERT, row).await?;
    Ok(())
}

const USE: &str = "update sessions set used_at = $3 where organization_id = $1 and id = $2";

/// Notes that it was seen.
pub async fn mark_used(
    tx: &WriteTx<'_>,
    organization: OrganizationId,
    id: SessionId,
    at: Timestamp,
) -> Result<(), StoreError> {
    tx.execute(USE, args![organization.0, id.0, Instant(at)])
        .await?;
    Ok(())
}

const DELETE: &str = "delete from sessions where hash = $1";

/// Ends the session of a cookie with this hash, if there is one.
pub async fn delete(tx: &WriteTx<'_>, hash: &str) -> Result<(), StoreError> {
    tx.execute(DELETE, args![hash]).await?;
    Ok(())
}

const DELETE_OF_USER: &str = "delete from sessions where organization_id = $1 and user_id = $2";

/// Ends all sessions of a user.
pub async fn delete_of_user(
    tx: &WriteTx<'_>,
    organization: OrganizationId,
    user: UserId,
) -> Result<(), StoreError> {
    tx.execute(DELETE_OF_USER, args![organization.0, user.0])
        .await?;
    Ok(())
}

const DELETE_BEFORE: &str =
    "delete from sessions where organization_id = $1 and user_id = $2 and created_at < $3";

/// Forgets the sessions of a user that began before an instant.
pub async fn delete_before(
    tx: &WriteTx<'_>,
    (organization, user): (OrganizationId, UserId),
    at: Timestamp,
) -> Result<(), StoreError> {
    let key = args![organization.0, user.0, Instant(at)];
    tx.execute(DELETE_BEFORE, key).await?;
    Ok(())
}
