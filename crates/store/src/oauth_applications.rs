//! Applications that may act for users who allow it.

use crate::{
    FromRow, ReadTx, Row, StoreError, WriteTx, args,
    column::{Instant, Json},
    page::{InstantKey, Order, Page, PageRequest},
};
use domain::id::{OAuthApplicationId, OrganizationId, UserId};
use jiff::Timestamp;
use uuid::Uuid;

/// Whose applications belong to no organization: those that registered themselves.
pub const NOBODYS: OrganizationId = OrganizationId(Uuid::nil());

/// Where an application runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ApplicationKind {
    /// On a server, which can keep a secret.
    Web,
    /// On a device of its user, which cannot.
    Native,
}

impl ApplicationKind {
    /// The word in the database and in the API.
    pub fn as_str(self) -> &'static str {
        match self {
            ApplicationKind::Web => "web",
            ApplicationKind::Native => "native",
        }
    }

    /// The kind of this word.
    pub fn parse(word: &str) -> Option<ApplicationKind> {
        [ApplicationKind::Web, ApplicationKind::Native]
            .into_iter()
            .find(|kind| kind.as_str() == word)
    }
}

/// Whether an application is tried out or used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Environment {
    /// It is tried out, and may be reached without TLS on the machine of its user.
    Sandbox,
    /// It is used.
    Production,
}

impl Environment {
    /// The word in the database and in the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Environment::Sandbox => "sandbox",
            Environment::Production => "production",
        }
    }

    /// The environment of this word.
    pub fn parse(word: &str) -> Option<Environment> {
        [Environment::Sandbox, Environment::Production]
            .into_iter()
            .find(|environment| environment.as_str() == word)
    }
}

/// A row of `oauth_applications`.
#[derive(Clone, Debug)]
pub struct OAuthApplication {
    /// Its organization; see [`NOBODYS`].
    pub organization_id: OrganizationId,
    /// Its id.
    pub id: OAuthApplicationId,
    /// Whose it is; nobody's where it registered itself.
    pub user_id: Option<UserId>,
    /// What users are told that it is called.
    pub name: String,
    /// Where it runs.
    pub kind: ApplicationKind,
    /// Whether it is tried out or used.
    pub environment: Environment,
    /// Where users may be sent back to.
    pub redirect_uris: Vec<String>,
    /// What it may ask for.
    pub scopes: Vec<String>,
    /// How it calls itself.
    pub client_id: String,
    /// The hash of its secret; none where it can keep none.
    pub secret_hash: Option<String>,
    /// Signs the webhooks that it asks for.
    pub webhook_signing_key: String,
    /// When it was added.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

impl OAuthApplication {
    /// Whether it must prove with each code that it is the one that asked for it (RFC 7636).
    pub fn needs_challenge(&self) -> bool {
        self.kind == ApplicationKind::Native || self.secret_hash.is_none()
    }
}

impl FromRow for OAuthApplication {
    fn from_row(row: &Row<'_>) -> Result<OAuthApplication, StoreError> {
        let mut columns = row.columns();
        Ok(OAuthApplication {
            id: OAuthApplicationId(columns.take()?),
            organization_id: OrganizationId(columns.take()?),
            user_id: columns.take::<Option<Uuid>>()?.map(UserId),
            name: columns.take()?,
            kind: columns.parse(ApplicationKind::parse)?,
            environment: columns.parse(Environment::parse)?,
            redirect_uris: columns.take::<Json<_>>()?.0,
            scopes: columns.take::<Json<_>>()?.0,
            client_id: columns.take()?,
            secret_hash: columns.take()?,
            webhook_signing_key: columns.take()?,
            created_at: columns.take::<Instant>()?.0,
            updated_at: columns.take::<Instant>()?.0,
        })
    }
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "select id, organization_id, user_id, name, kind, environment, redirect_uris, scopes, client_id, secret_hash,
  webhook_signing_key, created_at, updated_at from oauth_applications where ",
            $rest
        )
    };
}

const GET: &str = select!("organization_id = $1 and id = $2");

/// The application with this id.
pub async fn get(
    tx: &ReadTx<'_>,
    organization: OrganizationId,
    id: OAuthApplicationId,
) -> Result<Option<OAuthApplication>, StoreError> {
    tx.optional(GET, args![organization.0, id.0]).await
}

const BY_ID: &str = select!("id = $1");

/// The application with this id, of whichever organization: a user may have allowed it to act for them.
pub async fn of_any(
    tx: &ReadTx<'_>,
    id: OAuthApplicationId,
) -> Result<Option<OAuthApplication>, StoreError> {
    tx.optional(BY_ID, args![id.0]).await
}

const BY_CLIENT: &str = select!("client_id = $1");

/// The application that calls itself so, of whichever organization.
pub async fn by_client_id(
    tx: &ReadTx<'_>,
    client_id: &str,
) -> Result<Option<OAuthApplication>, StoreError> {
    tx.optional(BY_CLIENT, args![client_id]).await
}

const LIST_ASCENDING: &str = select!(
    "organization_id = $1 and user_id = $2 and (created_at, id) > ($3, $4) order by created_at, id limit $5"
);
const LIST_DESCENDING: &str = select!(
    "organization_id = $1 and user_id = $2 and (created_at, id) < ($3, $4)
  order by created_at desc, id desc limit $5"
);

/// A page of a user's applications, by age.
pub async fn list(
    tx: &ReadTx<'_>,
    organization: OrganizationId,
    user: UserId,
    request: &PageRequest<InstantKey>,
) -> Result<Page<OAuthApplication>, StoreError> {
    let walk = request.walk();
    let (at, id) = walk.start()?;
    let sql = match walk.order {
        Order::Ascending => LIST_ASCENDING,
        Order::Descending => LIST_DESCENDING,
    };
    let place = args![organization.0, user.0, Instant(at), id, walk.limit];
    Ok(request.page(tx.all(sql, place).await?))
}

const INSERT: &str =
    "insert into oauth_applications (organization_id, id, user_id, name, kind, environment,
  redirect_uris, scopes, client_id, secret_hash, webhook_signing_key, created_at, updated_at)
  values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)";

/// Adds an application.
pub async fn insert(tx: &WriteTx<'_>, row: &OAuthApplication) -> Result<(), StoreError> {
    let values = args![
        row.organization_id.0,
        row.id.0,
        row.user_id.map(|user| user.0),
        row.name,
        row.kind.as_str(),
        row.environment.as_str(),
        Json(&row.redirect_uris),
        Json(&row.scopes),
        row.client_id,
        row.secret_hash,
        row.webhook_signing_key,
        Instant(row.created_at),
        Instant(row.updated_at)
    ];
    tx.execute(INSERT, values).await?;
    Ok(())
}

const UPDATE: &str =
    "update oauth_applications set name = $3, environment = $4, redirect_uris = $5, scopes = $6,
  secret_hash = $7, updated_at = $8 where organization_id = $1 and id = $2";

/// Writes what may change of an application. False if it is not there any more.
pub async fn update(tx: &WriteTx<'_>, row: &OAuthApplication) -> Result<bool, StoreError> {
    let values = args![
        row.organization_id.0,
        row.id.0,
        row.name,
        row.environment.as_str(),
        Json(&row.redirect_uris),
        Json(&row.scopes),
        row.secret_hash,
        Instant(row.updated_at)
    ];
    Ok(tx.execute(UPDATE, values).await? == 1)
}

const LOCK: &str =
    "update oauth_applications set updated_at = updated_at where organization_id = $1 and id = $2";

/// Locks an application until the transaction ends. False if it is not there any more.
pub async fn lock(
    tx: &WriteTx<'_>,
    organization: OrganizationId,
    id: OAuthApplicationId,
) -> Result<bool, StoreError> {
    Ok(tx.execute(LOCK, args![organization.0, id.0]).await? == 1)
}

const DELETE: &str = "delete from oauth_applications where organization_id = $1 and id = $2";

/// Removes an application. False if it is not there any more.
pub async fn delete(
    tx: &WriteTx<'_>,
    organization: OrganizationId,
    id: OAuthApplicationId,
) -> Result<bool, StoreError> {
    Ok(tx.execute(DELETE, args![organization.0, id.0]).await? == 1)
}

const DELETE_UNUSED: &str =
    "delete from oauth_applications where organization_id = $1 and created_at < $2
  and not exists (select 1 from oauth_grants g where g.application_id = oauth_applications.id)";

/// Removes those that registered themselves before an instant and that nobody has allowed anything since.
pub async fn delete_unused(tx: &WriteTx<'_>, before: Timestamp) -> Result<(), StoreError> {
    tx.execute(DELETE_UNUSED, args![NOBODYS.0, Instant(before)])
        .await?;
    Ok(())
}
