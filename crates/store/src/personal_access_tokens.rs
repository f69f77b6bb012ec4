//! Personal access tokens, of which only the hash is kept. Those of applications are in the same table, so that whoever
//! presents a token is found in one way; they are written by `oauth_tokens`, and listed nowhere.

use crate::{
    FromRow, ReadTx, Row, StoreError, WriteTx, args,
    column::{Instant, Json},
    organization_memberships::Role,
    page::{InstantKey, Order, Page, PageRequest},
};
use domain::id::{OAuthApplicationId, OrganizationId, TokenId, UserId};
use jiff::Timestamp;
use uuid::Uuid;

/// A row of `personal_access_tokens`, without the hash.
#[derive(Clone, Debug)]
pub struct PersonalAccessToken {
    /// Its id.
    pub id: TokenId,
    /// Whose it is.
    pub user_id: UserId,
    /// What its owner calls it.
    pub name: String,
    /// What it may be used for.
    pub scopes: Vec<String>,
    /// When it was made.
    pub created_at: Timestamp,
    /// From when on it is refused.
    pub expires_at: Option<Timestamp>,
    /// When it was taken back.
    pub revoked_at: Option<Timestamp>,
}

impl FromRow for PersonalAccessToken {
    fn from_row(row: &Row<'_>) -> Result<PersonalAccessToken, StoreError> {
        let mut columns = row.columns();
        Ok(PersonalAccessToken {
            id: TokenId(columns.take()?),
            user_id: UserId(columns.take()?),
            name: columns.take()?,
            scopes: columns.take::<Json<_>>()?.0,
            created_at: columns.take::<Instant>()?.0,
            expires_at: columns.take::<Option<Instant>>()?.map(|at| at.0),
            revoked_at: columns.take::<Option<Instant>>()?.map(|at| at.0),
        })
    }
}

/// Who stands behind a token.
#[derive(Clone, Debug)]
pub struct Bearer {
    /// The token.
    pub token_id: TokenId,
    /// The organization all look-ups go by.
    pub organization_id: OrganizationId,
    /// The user the token acts as.
    pub user_id: UserId,
    /// The user's role.
    pub role: Role,
    /// What the token may be used for.
    pub scopes: Vec<String>,
    /// From when on it is refused.
    pub expires_at: Option<Timestamp>,
    /// When it was taken back.
    pub revoked_at: Option<Timestamp>,
    /// The application that acts for the user; none of a personal token.
    pub application_id: Option<OAuthApplicationId>,
}

impl FromRow for Bearer {
    fn from_row(row: &Row<'_>) -> Result<Bearer, StoreError> {
        let mut columns = row.columns();
        Ok(Bearer {
            token_id: TokenId(columns.take()?),
            organization_id: OrganizationId(columns.take()?),
            user_id: UserId(columns.take()?),
            role: columns.parse(Role::parse)?,
            scopes: columns.take::<Json<_>>()?.0,
            expires_at: columns.take::<Option<Instant>>()?.map(|at| at.0),
            revoked_at: columns.take::<Option<Instant>>()?.map(|at| at.0),
            application_id: columns.take::<Option<Uuid>>()?.map(OAuthApplicationId),
        })
    }
}

const BEARER: &str =
    "select t.id, t.organization_id, t.user_id, m.role, t.scopes, t.expires_at, t.revoked_at, t.application_id
  from personal_access_tokens t
  join users u on u.organization_id = t.organization_id and u.id = t.user_id
  join organization_memberships m on m.organization_id = t.organization_id and m.user_id = t.user_id
  where t.hash = $1 and u.deactivated_at is null";

/// Who presents a token with this hash; nobody once the user is removed.
pub async fn bearer(tx: &ReadTx<'_>, hash: &str) -> Result<Option<Bearer>, StoreError> {
    tx.optional(BEARER, args![hash]).await
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "select id, user_id, name, scopes, created_at, expires_at, revoked_at from personal_access_tokens
  where organization_id = $1 and grant_id is null ",
            $rest
        )
    };
}

const GET: &str = select!("and id = $2");

/// The token with this id.
pub async fn get(
    tx: &ReadTx<'_>,
    organization: OrganizationId,
    id: TokenId,
) -> Result<Option<PersonalAccessToken>, StoreError> {
    tx.optional(GET, args![organization.0, id.0]).await
}

const LIST_ASCENDING: &str = select!(
    "and user_id = $2 and (created_at, id) > ($3, $4) and revoked_at is null
  order by created_at, id limit $5"
);
const LIST_DESCENDING: &str = select!(
    "and user_id = $2 and (created_at, id) < ($3, $4) and revoked_at is null
  order by created_at desc, id desc limit $5"
);

/// A page of a user's tokens that were not taken back, by age.
pub async fn list(
    tx: &ReadTx<'_>,
    organization: OrganizationId,
    user: UserId,
    request: &PageRequest<InstantKey>,
) -> Result<Page<PersonalAccessToken>, StoreError> {
    let walk = request.walk();
    let (at, id) = walk.start()?;
    let sql = match walk.order {
        Order::Ascending => LIST_ASCENDING,
        Order::Descending => LIST_DESCENDING,
    };
    let rows = tx
        .all(
            sql,
            args![organization.0, user.0, Instant(at), id, walk.limit],
        )
        .await?;
    Ok(request.page(rows))
}

const INSERT: &str = "insert into personal_access_tokens
  (organization_id, id, user_id, name, hash, scopes, created_at, expires_at)
  values ($1, $2, $3, $4, $5, $6, $7, $8)";

/// Adds a token, known by the hash of its text.
pub async fn insert(
    tx: &WriteTx<'_>,
    organization: OrganizationId,
    token: &PersonalAccessToken,
    hash: &str,
) -> Result<(), StoreError> {
    tx.execute(
        INSERT,
        args![
            organization.0,
            token.id.0,
            token.user_id.0,
            token.name,
            hash,
            Json(&token.scopes),
            Instant(token.created_at),
            token.expires_at.map(Instant)
        ],
    )
    .await?;
    Ok(())
}

const REVOKE: &str = "update personal_access_tokens set revoked_at = $3
  where organization_id = $1 and id = $2 and revoked_at is null";

/// Takes a token back; one that was taken back already stays as it is.
pub async fn revoke(
    tx: &WriteTx<'_>,
    organization: OrganizationId,
    id: TokenId,
    at: Timestamp,
) -> Result<(), StoreError> {
    tx.execute(REVOKE, args![organization.0, id.0, Instant(at)])
        .await?;
    Ok(())
}

const LOCK: &str = "update personal_access_tokens set revoked_at = revoked_at
  where organization_id = $1 and id = $2";

/// Locks a token until the transaction ends, so that what is counted against it stays counted.
pub async fn lock(
    tx: &WriteTx<'_>,
    organization: OrganizationId,
    id: TokenId,
) -> Result<(), StoreError> {
    let touched = tx.execute(LOCK, args![organization.0, id.0]).await?;
    StoreError::expect_one(touched, "personal_access_tokens", id)
}
