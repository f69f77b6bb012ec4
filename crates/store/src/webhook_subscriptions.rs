//! Where and of what somebody wants to be told.

use crate::{
    FromRow, ReadTx, Row, StoreError, WriteTx, args,
    column::{Instant, Json},
    page::{InstantKey, Order, Page, PageRequest},
};
use domain::id::{GroupId, OrganizationId, UserId, WebhookSubscriptionId};
use jiff::Timestamp;
use uuid::Uuid;

/// Of whom a subscription tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// Everybody in the organization.
    Organization,
    /// One user.
    User(UserId),
    /// The members of a group.
    Group(GroupId),
}

impl Target {
    /// `organization`, `user` or `group`.
    pub fn scope(self) -> &'static str {
        match self {
            Target::Organization => "organization",
            Target::User(_) => "user",
            Target::Group(_) => "group",
        }
    }

    fn id(self, organization: OrganizationId) -> Uuid {
        match self {
            Target::Organization => organization.0,
            Target::User(user) => user.0,
            Target::Group(group) => group.0,
        }
    }

    fn read(scope: &str, id: Uuid) -> Option<Target> {
        match scope {
            "organization" => Some(Target::Organization),
            "user" => Some(Target::User(UserId(id))),
            "group" => Some(Target::Group(GroupId(id))),
            _ => None,
        }
    }
}

/// A row of `webhook_subscriptions`.
#[derive(Clone, Debug)]
pub struct WebhookSubscription {
    /// Its id.
    pub id: WebhookSubscriptionId,
    /// Where it is told.
    pub callback_url: String,
    /// What is told: `invitee.created` and the like.
    pub events: Vec<String>,
    /// Of whom.
    pub target: Target,
    /// Who made it.
    pub creator_id: UserId,
    /// With which it is signed.
    pub signing_key: Option<String>,
    /// Whether anything is sent.
    pub is_active: bool,
    /// Since when nothing has arrived.
    pub retry_started_at: Option<Timestamp>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

impl FromRow for WebhookSubscription {
    fn from_row(row: &Row<'_>) -> Result<WebhookSubscription, StoreError> {
        let mut columns = row.columns();
        let id: Uuid = columns.take()?;
        let callback_url = columns.take()?;
        let events = columns.take::<Json<_>>()?.0;
        let (scope, target): (String, Uuid) = (columns.take()?, columns.take()?);
        let target = Target::read(&scope, target);
        Ok(WebhookSubscription {
            id: WebhookSubscriptionId(id),
            callback_url,
            events,
            target: target.ok_or_else(|| {
                StoreError::corrupt("webhook_subscriptions", "scope", id, UnknownScope(scope))
            })?,
            creator_id: UserId(columns.take()?),
            signing_key: columns.take()?,
            is_active: columns.take::<String>()? == ACTIVE,
            retry_started_at: columns.take::<Option<Instant>>()?.map(|at| at.0),
            created_at: columns.take::<Instant>()?.0,
            updated_at: columns.take::<Instant>()?.0,
        })
    }
}

#[derive(Debug, thiserror::Error)]
#[error("no such scope: {0}")]
struct UnknownScope(String);

const ACTIVE: &str = "active";
const DISABLED: &str = "disabled";

fn state(is_active: bool) -> &'static str {
    if is_active { ACTIVE } else { DISABLED }
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "select id, callback_url, events, scope, target_id, creator_id, signing_key, state, retry_started_at,
  created_at, updated_at from webhook_subscriptions where organization_id = $1 ",
            $rest
        )
    };
}

const GET: &str = select!("and id = $2");

/// The subscription with this id.
pub async fn get(
    tx: &ReadTx<'_>,
    organization: OrganizationId,
    id: WebhookSubscriptionId,
) -> Result<Option<WebhookSubscription>, StoreError> {
    tx.optional(GET, args![organization.0, id.0]).await
}

const ALL_ACTIVE: &str = select!("and state = 'active' order by created_at, id");

/// All that are sent anything.
pub async fn all_active(
    tx: &ReadTx<'_>,
    organization: OrganizationId,
) -> Result<Vec<WebhookSubscription>, StoreError> {
    tx.all(ALL_ACTIVE, args![organization.0]).await
}

const TO_URL: &str = select!("and target_id = $2 and callback_url = $3");

/// The subscription of the same target to the same address.
pub async fn to_url(
    tx: &ReadTx<'_>,
    organization: OrganizationId,
    (target, url): (Target, &str),
) -> Result<Option<WebhookSubscription>, StoreError> {
    let args = args![organization.0, target.id(organization), url];
    tx.optional(TO_URL, args).await
}

const LIST_ASCENDING: &str =
    select!("and target_id = $2 and (created_at, id) > ($3, $4) order by created_at, id limit $5");
const LIST_DESCENDING: &str = select!(
    "and target_id = $2 and (created_at, id) < ($3, $4) order by created_at desc, id desc limit $5"
);

/// A page of the subscriptions of a target, by age.
pub async fn list(
    tx: &ReadTx<'_>,
    organization: OrganizationId,
    target: Target,
    request: &PageRequest<InstantKey>,
) -> Result<Page<WebhookSubscription>, StoreError> {
    let walk = request.walk();
    let (at, id) = walk.start()?;
    let sql = match walk.order {
        Order::Ascending => LIST_ASCENDING,
        Order::Descending => LIST_DESCENDING,
    };
    let target = target.id(organization);
    let args = args![organization.0, target, Instant(at), id, walk.limit];
    Ok(request.page(tx.all(sql, args).await?))
}

const INSERT: &str =
    "insert into webhook_subscriptions (organization_id, id, callback_url, events, scope,
  target_id, creator_id, signing_key, state, retry_started_at, created_at, updated_at)
  values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
  on conflict (organization_id, target_id, callback_url) do nothing";

/// Adds a subscription. False if its target has one to the same address.
pub async fn insert(
    tx: &WriteTx<'_>,
    organization: OrganizationId,
    row: &WebhookSubscription,
) -> Result<bool, StoreError> {
    let args = args![
        organization.0,
        row.id.0,
        row.callback_url,
        Json(&row.events),
        row.target.scope(),
        row.target.id(organization),
        row.creator_id.0,
        row.signing_key,
        state(row.is_active),
        row.retry_started_at.map(Instant),
        Instant(row.created_at),
        Instant(row.updated_at)
    ];
    Ok(tx.execute(INSERT, args).await? == 1)
}

const UPDATE: &str =
    "update webhook_subscriptions set callback_url = $3, events = $4, signing_key = $5, state = $6,
  retry_started_at = $7, updated_at = $8 where organization_id = $1 and id = $2";

/// Changes what may change of a subscription.
pub async fn update(
    tx: &WriteTx<'_>,
    organization: OrganizationId,
    row: &WebhookSubscription,
) -> Result<(), StoreError> {
    let args = args![
        organization.0,
        row.id.0,
        row.callback_url,
        Json(&row.events),
        row.signing_key,
        state(row.is_active),
        row.retry_started_at.map(Instant),
        Instant(row.updated_at)
    ];
    tx.execute(UPDATE, args).await?;
    Ok(())
}

const DELETE: &str = "delete from webhook_subscriptions where organization_id = $1 and id = $2";

/// Removes a subscription; what was sent for it stays in the log until it is removed as well.
pub async fn delete(
    tx: &WriteTx<'_>,
    organization: OrganizationId,
    id: WebhookSubscriptionId,
) -> Result<bool, StoreError> {
    Ok(tx.execute(DELETE, args![organization.0, id.0]).await? == 1)
}

const ARRIVED: &str = "update webhook_subscriptions set retry_started_at = null
  where organization_id = $1 and id = $2 and retry_started_at is not null";

/// Something has arrived.
pub async fn arrived(
    tx: &WriteTx<'_>,
    organization: OrganizationId,
    id: WebhookSubscriptionId,
) -> Result<(), StoreError> {
    tx.execute(ARRIVED, args![organization.0, id.0]).await?;
    Ok(())
}

const FAILED: &str = "update webhook_subscriptions set retry_started_at = $3
  where organization_id = $1 and id = $2 and retry_started_at is null";

/// Something has not arrived.
pub async fn failed(
    tx: &WriteTx<'_>,
    organization: OrganizationId,
    (id, at): (WebhookSubscriptionId, Timestamp),
) -> Result<(), StoreError> {
    tx.execute(FAILED, args![organization.0, id.0, Instant(at)])
        .await?;
    Ok(())
}

const DISABLE: &str = "update webhook_subscriptions set state = 'disabled', updated_at = $4
  where organization_id = $1 and id = $2 and state = 'active' and retry_started_at <= $3";

/// Stops sending where nothing has arrived since `since`. True if it did.
pub async fn disable(
    tx: &WriteTx<'_>,
    organization: OrganizationId,
    id: WebhookSubscriptionId,
    (since, now): (Timestamp, Timestamp),
) -> Result<bool, StoreError> {
    let args = args![organization.0, id.0, Instant(since), Instant(now)];
    Ok(tx.execute(DISABLE, args).await? == 1)
}
