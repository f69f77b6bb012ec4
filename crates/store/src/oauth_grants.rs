//! That users allowed applications to act for them, and the codes by which applications learn of it.

use crate::{
    FromRow, ReadTx, Row, StoreError, WriteTx, args,
    column::{Instant, Json},
};
use domain::id::{OAuthApplicationId, OAuthGrantId, OrganizationId, UserId};
use jiff::Timestamp;
use uuid::Uuid;

/// A row of `oauth_grants`.
#[derive(Clone, Debug)]
pub struct Grant {
    /// The user's organization.
    pub organization_id: OrganizationId,
    /// Its id.
    pub id: OAuthGrantId,
    /// Who allowed it.
    pub user_id: UserId,
    /// Which application.
    pub application_id: OAuthApplicationId,
    /// What for.
    pub scopes: Vec<String>,
    /// When.
    pub created_at: Timestamp,
    /// When it was taken back.
    pub revoked_at: Option<Timestamp>,
}

impl Grant {
    pub(crate) fn take(columns: &mut crate::engine::Columns<'_>) -> Result<Grant, StoreError> {
        Ok(Grant {
            id: OAuthGrantId(columns.take()?),
            organization_id: OrganizationId(columns.take()?),
            user_id: UserId(columns.take()?),
            application_id: OAuthApplicationId(columns.take()?),
            scopes: columns.take::<Json<_>>()?.0,
            created_at: columns.take::<Instant>()?.0,
            revoked_at: columns.take::<Option<Instant>>()?.map(|at| at.0),
        })
    }
}

/// The columns of a grant in a query that joins them.
macro_rules! grant_columns {
    () => {
        "g.id, g.organization_id, g.user_id, g.application_id, g.scopes, g.created_at, g.revoked_at"
    };
}
pub(crate) use grant_columns;

const INSERT: &str =
    "insert into oauth_grants (organization_id, id, user_id, application_id, scopes, created_at)
  values ($1, $2, $3, $4, $5, $6)";

/// Adds a grant.
pub async fn insert(tx: &WriteTx<'_>, grant: &Grant) -> Result<(), StoreError> {
    let row = args![
        grant.organization_id.0,
        grant.id.0,
        grant.user_id.0,
        grant.application_id.0,
        Json(&grant.scopes),
        Instant(grant.created_at)
    ];
    tx.execute(INSERT, row).await?;
    Ok(())
}

const LOCK: &str = "update oauth_grants set revoked_at = revoked_at
  where organization_id = $1 and id = $2 and revoked_at is null";

/// Locks a grant until the transaction ends, so that nothing is issued because of one that is being taken back. False if
/// it was taken back.
pub async fn lock(tx: &WriteTx<'_>, grant: &Grant) -> Result<bool, StoreError> {
    let key = args![grant.organization_id.0, grant.id.0];
    Ok(tx.execute(LOCK, key).await? == 1)
}

const REVOKE: &str = "update oauth_grants set revoked_at = $3
  where organization_id = $1 and id = $2 and revoked_at is null";
const REVOKE_TOKENS: &str = "update personal_access_tokens set revoked_at = $3
  where organization_id = $1 and grant_id = $2 and revoked_at is null";

/// Takes a grant back with all that was issued because of it. The host of its user must be bumped before.
pub async fn revoke(tx: &WriteTx<'_>, grant: &Grant, at: Timestamp) -> Result<(), StoreError> {
    for sql in [REVOKE, REVOKE_TOKENS] {
        let row = args![grant.organization_id.0, grant.id.0, Instant(at)];
        tx.execute(sql, row).await?;
    }
    Ok(())
}

const REVOKE_OF_USER: &str = "update oauth_grants set revoked_at = $3
  where organization_id = $1 and user_id = $2 and revoked_at is null";
const REVOKE_TOKENS_OF_USER: &str = "update personal_access_tokens set revoked_at = $3
  where organization_id = $1 and user_id = $2 and grant_id is not null and revoked_at is null";

/// The same with all grants of a user.
pub async fn revoke_of_user(
    tx: &WriteTx<'_>,
    (organization, user): (OrganizationId, UserId),
    at: Timestamp,
) -> Result<(), StoreError> {
    for sql in [REVOKE_OF_USER, REVOKE_TOKENS_OF_USER] {
        tx.execute(sql, args![organization.0, user.0, Instant(at)])
            .await?;
    }
    Ok(())
}

const USERS_OF_APPLICATION: &str = "select distinct organization_id, user_id from oauth_grants
  where application_id = $1 and revoked_at is null order by organization_id, user_id";

/// The users for whom an application may act, in the order in which they are locked.
pub async fn users_of_application(
    tx: &ReadTx<'_>,
    application: OAuthApplicationId,
) -> Result<Vec<(OrganizationId, UserId)>, StoreError> {
    let rows: Vec<(Uuid, Uuid)> = tx.all(USERS_OF_APPLICATION, args![application.0]).await?;
    let user = |(organization, user)| (OrganizationId(organization), UserId(user));
    Ok(rows.into_iter().map(user).collect())
}

const REVOKE_OF_APPLICATION: &str = "update oauth_grants set revoked_at = $2
  where application_id = $1 and revoked_at is null";
const REVOKE_TOKENS_OF_APPLICATION: &str = "update personal_access_tokens set revoked_at = $3
  where organization_id = $1 and application_id = $2 and revoked_at is null";

/// Takes back all that users of these organizations have allowed an application.
pub async fn revoke_of_application(
    tx: &WriteTx<'_>,
    application: OAuthApplicationId,
    organizations: &[OrganizationId],
    at: Timestamp,
) -> Result<(), StoreError> {
    tx.execute(REVOKE_OF_APPLICATION, args![application.0, Instant(at)])
        .await?;
    for organization in organizations {
        let row = args![organization.0, application.0, Instant(at)];
        tx.execute(REVOKE_TOKENS_OF_APPLICATION, row).await?;
    }
    Ok(())
}

/// A code that an application exchanges for tokens, once.
#[derive(Clone, Debug)]
pub struct Code {
    /// Its id.
    pub id: Uuid,
    /// Where the user was sent back to with it.
    pub redirect_uri: String,
    /// Of what only who asked for it knows the original (RFC 7636).
    pub code_challenge: Option<String>,
    /// Until when it can be used.
    pub expires_at: Timestamp,
    /// When it was used.
    pub used_at: Option<Timestamp>,
    /// What the user allowed.
    pub grant: Grant,
}

impl FromRow for Code {
    fn from_row(row: &Row<'_>) -> Result<Code, StoreError> {
        let mut columns = row.columns();
        Ok(Code {
            id: columns.take()?,
            redirect_uri: columns.take()?,
            code_challenge: columns.take()?,
            expires_at: columns.take::<Instant>()?.0,
            used_at: columns.take::<Option<Instant>>()?.map(|at| at.0),
            grant: Grant::take(&mut columns)?,
        })
    }
}

const CODE: &str = concat!(
    "select c.id, c.redirect_uri, c.code_challenge, c.expires_at, c.used_at, ",
    grant_columns!(),
    " from oauth_codes c
  join oauth_grants g on g.organization_id = c.organization_id and g.id = c.grant_id
  join users u on u.organization_id = g.organization_id and u.id = g.user_id
  where c.hash = $1 and u.deactivated_at is null"
);

/// The code with this hash, of a user who is still there.
pub async fn code(tx: &ReadTx<'_>, hash: &str) -> Result<Option<Code>, StoreError> {
    tx.optional(CODE, args![hash]).await
}

const INSERT_CODE: &str = "insert into oauth_codes
  (organization_id, id, grant_id, hash, redirect_uri, code_challenge, expires_at)
  values ($1, $2, $3, $4, $5, $6, $7)";

/// Adds a code, known by its hash.
pub async fn insert_code(tx: &WriteTx<'_>, code: &Code, hash: &str) -> Result<(), StoreError> {
    let row = args![
        code.grant.organization_id.0,
        code.id,
        code.grant.id.0,
        hash,
        code.redirect_uri,
        code.code_challenge,
        Instant(code.expires_at)
    ];
    tx.execute(INSERT_CODE, row).await?;
    Ok(())
}

const USE_CODE: &str = "update oauth_codes set used_at = $3
  where organization_id = $1 and id = $2 and used_at is null";

/// Uses a code up. False if it was used before, perhaps a moment ago.
pub async fn use_code(tx: &WriteTx<'_>, code: &Code, at: Timestamp) -> Result<bool, StoreError> {
    let row = args![code.grant.organization_id.0, code.id, Instant(at)];
    Ok(tx.execute(USE_CODE, row).await? == 1)
}

const FORGET_CODES: &str = "delete from oauth_codes where organization_id = $1 and expires_at < $2";

/// Forgets the codes of an organization that ended before an instant.
pub async fn forget_codes(
    tx: &WriteTx<'_>,
    organization: OrganizationId,
    before: Timestamp,
) -> Result<(), StoreError> {
    tx.execute(FORGET_CODES, args![organization.0, Instant(before)])
        .await?;
    Ok(())
}
