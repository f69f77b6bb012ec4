//! Messages to the addresses of subscriptions, and how each attempt to deliver them ended.

use crate::{
    FromRow, ReadTx, Row, StoreError, WriteTx, args,
    column::Instant,
    page::{Order, Page, PageRequest, PositionKey},
};
use domain::id::{OrganizationId, WebhookDeliveryId, WebhookSubscriptionId};
use jiff::Timestamp;
use uuid::Uuid;

/// What has become of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeliveryStatus {
    /// It will be tried, perhaps again.
    Waiting,
    /// It has arrived.
    Delivered,
    /// It was tried for long enough.
    Failed,
}

impl DeliveryStatus {
    /// As it is stored.
    pub fn word(self) -> &'static str {
        match self {
            DeliveryStatus::Waiting => "waiting",
            DeliveryStatus::Delivered => "delivered",
            DeliveryStatus::Failed => "failed",
        }
    }

    /// The status of a stored word.
    pub fn parse(word: &str) -> Option<DeliveryStatus> {
        let all = [
            DeliveryStatus::Waiting,
            DeliveryStatus::Delivered,
            DeliveryStatus::Failed,
        ];
        all.into_iter().find(|status| status.word() == word)
    }
}

/// A row of `webhook_deliveries`.
#[derive(Clone, Debug)]
pub struct WebhookDelivery {
    /// Its organization.
    pub organization_id: OrganizationId,
    /// Its id.
    pub id: WebhookDeliveryId,
    /// For which subscription.
    pub subscription_id: WebhookSubscriptionId,
    /// What is told.
    pub event_id: Uuid,
    /// What that is about.
    pub subject_id: Uuid,
    /// The event's place in the feed.
    pub position: i64,
    /// What has become of it.
    pub status: DeliveryStatus,
    /// How often it was tried.
    pub attempts: i64,
    /// Since when it is tried.
    pub started_at: Timestamp,
    /// When it is tried next.
    pub due_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

impl FromRow for WebhookDelivery {
    fn from_row(row: &Row<'_>) -> Result<WebhookDelivery, StoreError> {
        let mut columns = row.columns();
        Ok(WebhookDelivery {
            organization_id: OrganizationId(columns.take()?),
            id: WebhookDeliveryId(columns.take()?),
            subscription_id: WebhookSubscriptionId(columns.take()?),
            event_id: columns.take()?,
            subject_id: columns.take()?,
            position: columns.take()?,
            status: columns.parse(DeliveryStatus::parse)?,
            attempts: columns.take()?,
            started_at: columns.take::<Instant>()?.0,
            due_at: columns.take::<Instant>()?.0,
            updated_at: columns.take::<Instant>()?.0,
        })
    }
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "select d.organization_id, d.id, d.subscription_id, d.event_id, d.subject_id, d.position, d.status, d.attempts,
  d.started_at, d.due_at, d.updated_at from webhook_deliveries d ",
            $rest
        )
    };
}

const DUE_SUBSCRIPTIONS: &str =
    "select d.organization_id, d.subscription_id from webhook_deliveries d
  join webhook_subscriptions s on s.organization_id = d.organization_id and s.id = d.subscription_id
  where d.status = 'waiting' and d.due_at <= $1 and s.state = 'active'
  group by d.organization_id, d.subscription_id order by min(d.due_at) limit 100";

/// The subscriptions of all organizations with messages that should be tried now.
pub async fn due_subscriptions(
    tx: &ReadTx<'_>,
    now: Timestamp,
) -> Result<Vec<(OrganizationId, WebhookSubscriptionId)>, StoreError> {
    let rows: Vec<(Uuid, Uuid)> = tx.all(DUE_SUBSCRIPTIONS, args![Instant(now)]).await?;
    let ids = rows.into_iter();
    Ok(ids
        .map(|(organization, id)| (OrganizationId(organization), WebhookSubscriptionId(id)))
        .collect())
}

// an earlier message about the same thing comes first, however long it takes
const DUE: &str = select!(
    "where d.organization_id = $1 and d.subscription_id = $2 and d.status = 'waiting' and d.due_at <= $3 and not exists (
    select 1 from webhook_deliveries e where e.organization_id = d.organization_id
      and e.subscription_id = d.subscription_id and e.subject_id = d.subject_id
      and e.position < d.position and e.status = 'waiting')
  order by d.due_at, d.id limit $4"
);

/// What should be tried now of a subscription, so many at most.
pub async fn due(
    tx: &ReadTx<'_>,
    (organization, subscription): (OrganizationId, WebhookSubscriptionId),
    (now, limit): (Timestamp, usize),
) -> Result<Vec<WebhookDelivery>, StoreError> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let args = args![organization.0, subscription.0, Instant(now), limit];
    tx.all(DUE, args).await
}

const CLAIM: &str = "update webhook_deliveries set due_at = $4
  where organization_id = $1 and id = $2 and due_at = $3 and status = 'waiting'";

/// Takes a message to try it until `until`. False if somebody else has.
pub async fn claim(
    tx: &WriteTx<'_>,
    delivery: &WebhookDelivery,
    until: Timestamp,
) -> Result<bool, StoreError> {
    let args = args![
        delivery.organization_id.0,
        delivery.id.0,
        Instant(delivery.due_at),
        Instant(until)
    ];
    Ok(tx.execute(CLAIM, args).await? == 1)
}

const GET: &str = select!("where d.organization_id = $1 and d.subscription_id = $2 and d.id = $3");

/// The message with this id.
pub async fn get(
    tx: &ReadTx<'_>,
    organization: OrganizationId,
    (subscription, id): (WebhookSubscriptionId, WebhookDeliveryId),
) -> Result<Option<WebhookDelivery>, StoreError> {
    let args = args![organization.0, subscription.0, id.0];
    tx.optional(GET, args).await
}

const LIST_ASCENDING: &str = select!(
    "where d.organization_id = $1 and d.subscription_id = $2 and (d.position, d.id) > ($3, $4)
  and ($5 = '' or d.status = $5) order by d.position, d.id limit $6"
);
const LIST_DESCENDING: &str = select!(
    "where d.organization_id = $1 and d.subscription_id = $2 and (d.position, d.id) < ($3, $4)
  and ($5 = '' or d.status = $5) order by d.position desc, d.id desc limit $6"
);

/// A page of the messages of a subscription, in the order of the feed.
pub async fn list(
    tx: &ReadTx<'_>,
    organization: OrganizationId,
    (subscription, status): (WebhookSubscriptionId, Option<DeliveryStatus>),
    request: &PageRequest<PositionKey>,
) -> Result<Page<WebhookDelivery>, StoreError> {
    let walk = request.walk();
    let (sql, start) = match walk.order {
        Order::Ascending => (LIST_ASCENDING, (i64::MIN, Uuid::nil())),
        Order::Descending => (LIST_DESCENDING, (i64::MAX, Uuid::max())),
    };
    let (position, id) = walk.from.unwrap_or(start);
    let status = status.map_or("", DeliveryStatus::word);
    let args = args![
        organization.0,
        subscription.0,
        position,
        id,
        status,
        walk.limit
    ];
    Ok(request.page(tx.all(sql, args).await?))
}

const INSERT: &str =
    "insert into webhook_deliveries (organization_id, id, subscription_id, event_id, subject_id,
  position, status, attempts, started_at, due_at, updated_at)
  values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";

/// Adds a message.
pub async fn insert(tx: &WriteTx<'_>, row: &WebhookDelivery) -> Result<(), StoreError> {
    let args = args![
        row.organization_id.0,
        row.id.0,
        row.subscription_id.0,
        row.event_id,
        row.subject_id,
        row.position,
        row.status.word(),
        row.attempts,
        Instant(row.started_at),
        Instant(row.due_at),
        Instant(row.updated_at)
    ];
    tx.execute(INSERT, args).await?;
    Ok(())
}

const CHANGE: &str =
    "update webhook_deliveries set status = $3, attempts = $4, started_at = $5, due_at = $6,
  updated_at = $7 where organization_id = $1 and id = $2";

/// Notes what has become of a message.
pub async fn change(tx: &WriteTx<'_>, row: &WebhookDelivery) -> Result<(), StoreError> {
    let args = args![
        row.organization_id.0,
        row.id.0,
        row.status.word(),
        row.attempts,
        Instant(row.started_at),
        Instant(row.due_at),
        Instant(row.updated_at)
    ];
    tx.execute(CHANGE, args).await?;
    Ok(())
}

const AGAIN: &str = "update webhook_deliveries set status = 'waiting', started_at = $5, due_at = $5, updated_at = $5
  where organization_id = $1 and subscription_id = $2 and status <> 'waiting' and event_id in (
    select id from feed_events where organization_id = $1 and $3 <= occurred_at and occurred_at <= $4)";

/// Sends again all that happened within a range. The answer says how many messages that are.
pub async fn send_again(
    tx: &WriteTx<'_>,
    organization: OrganizationId,
    subscription: WebhookSubscriptionId,
    (since, until, now): (Timestamp, Timestamp, Timestamp),
) -> Result<u64, StoreError> {
    let args = args![
        organization.0,
        subscription.0,
        Instant(since),
        Instant(until),
        Instant(now)
    ];
    tx.execute(AGAIN, args).await
}

/// How an attempt ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// 1, 2, 3 …
    pub number: i64,
    /// When it began.
    pub started_at: Timestamp,
    /// How long it took, in milliseconds.
    pub duration: i64,
    /// The status of the answer.
    pub status: Option<i64>,
    /// Why there is no answer.
    pub error: Option<String>,
    /// How the answer begins.
    pub response: Option<String>,
}

impl FromRow for Attempt {
    fn from_row(row: &Row<'_>) -> Result<Attempt, StoreError> {
        let mut columns = row.columns();
        Ok(Attempt {
            number: columns.take()?,
            started_at: columns.take::<Instant>()?.0,
            duration: columns.take()?,
            status: columns.take()?,
            error: columns.take()?,
            response: columns.take()?,
        })
    }
}

const INSERT_ATTEMPT: &str =
    "insert into webhook_attempts (organization_id, delivery_id, number, started_at, duration,
  status, error, response) values ($1, $2, $3, $4, $5, $6, $7, case when exists (
    select 1 from webhook_deliveries d join feed_events e on e.organization_id = $1 and e.id = d.event_id
    where d.organization_id = $1 and d.id = $2 and e.payload is not null) then $8 end)
  on conflict (organization_id, delivery_id, number) do nothing";

/// Notes how an attempt ended. What was answered is not kept where personal data was deleted from what was told: it may
/// be the same again.
pub async fn insert_attempt(
    tx: &WriteTx<'_>,
    organization: OrganizationId,
    id: WebhookDeliveryId,
    attempt: &Attempt,
) -> Result<(), StoreError> {
    let args = args![
        organization.0,
        id.0,
        attempt.number,
        Instant(attempt.started_at),
        attempt.duration,
        attempt.status,
        attempt.error,
        attempt.response
    ];
    tx.execute(INSERT_ATTEMPT, args).await?;
    Ok(())
}

const ATTEMPTS: &str =
    "select number, started_at, duration, status, error, response from webhook_attempts
  where organization_id = $1 and delivery_id = $2 order by number desc limit $3";

/// The latest attempts of a message, the last one first.
pub async fn attempts(
    tx: &ReadTx<'_>,
    organization: OrganizationId,
    id: WebhookDeliveryId,
    limit: i64,
) -> Result<Vec<Attempt>, StoreError> {
    tx.all(ATTEMPTS, args![organization.0, id.0, limit]).await
}
