//! What any node does from time to time for all of them: one at a time, and what is cleared away by it.

use crate::{ReadTx, StoreError, WriteTx, args, column::Instant};
use domain::id::{
    HoldId, OrganizationId, TokenId, UserId, WebhookDeliveryId, WebhookSubscriptionId,
};
use jiff::Timestamp;
use uuid::Uuid;

const BEGIN: &str = "insert into chores (organization_id, name, due_at) values ($1, $2, $3)
  on conflict (organization_id, name) do nothing";
const CLAIM: &str = "update chores set due_at = $4
  where organization_id = $1 and name = $2 and due_at <= $3";

/// Takes a chore that is due, which is due again at `next`. False if somebody else has.
pub async fn claim(
    tx: &WriteTx<'_>,
    name: &str,
    (now, next): (Timestamp, Timestamp),
) -> Result<bool, StoreError> {
    let nil = Uuid::nil();
    tx.execute(BEGIN, args![nil, name, Instant(now)]).await?;
    let args = args![nil, name, Instant(now), Instant(next)];
    Ok(tx.execute(CLAIM, args).await? == 1)
}

/// Two ids, by which rows are walked through.
type Pair = (Uuid, Uuid);

async fn next_pair(
    tx: &ReadTx<'_>,
    sql: &'static str,
    after: Option<Pair>,
) -> Result<Option<Pair>, StoreError> {
    let (organization, id) = after.unwrap_or_default();
    tx.optional(sql, args![organization, id]).await
}

const NEXT_FEED: &str = "select organization_id from feeds where organization_id > $1
  order by organization_id limit 1";

/// The organization that follows one, among those with a feed.
pub async fn next_feed(
    tx: &ReadTx<'_>,
    after: Option<OrganizationId>,
) -> Result<Option<OrganizationId>, StoreError> {
    let after = after.map_or(Uuid::nil(), |after| after.0);
    let found: Option<Uuid> = tx.optional(NEXT_FEED, args![after]).await?;
    Ok(found.map(OrganizationId))
}

const NEXT_NOTED: &str =
    "select organization_id from activity_log_entries where organization_id > $1
  order by organization_id limit 1";

/// The organization that follows one, among those with an activity log.
pub async fn next_noted(
    tx: &ReadTx<'_>,
    after: Option<OrganizationId>,
) -> Result<Option<OrganizationId>, StoreError> {
    let after = after.map_or(Uuid::nil(), |after| after.0);
    let found: Option<Uuid> = tx.optional(NEXT_NOTED, args![after]).await?;
    Ok(found.map(OrganizationId))
}

// the first ones in the feed are the oldest ones; nothing goes of which something is still to be sent or shown
const OLD_EVENTS: &str = "select o.id, o.position from (
    select id, position, occurred_at from feed_events
    where organization_id = $1 and position is not null order by position limit $3) o
  where o.occurred_at < $2 and not exists (
    select 1 from webhook_deliveries d where d.organization_id = $1 and d.event_id = o.id)";
const DELETE_EVENT: &str = "delete from feed_events where organization_id = $1 and id = $2";
const FORGOTTEN: &str = "update feeds set forgotten_position = $2
  where organization_id = $1 and forgotten_position < $2";

/// Forgets the oldest events of a feed that happened before an instant, so many at most.
pub async fn forget_events(
    tx: &WriteTx<'_>,
    organization: OrganizationId,
    (before, limit): (Timestamp, i64),
) -> Result<u64, StoreError> {
    let args = args![organization.0, Instant(before), limit];
    let old: Vec<(Uuid, i64)> = tx.all(OLD_EVENTS, args).await?;
    for (id, _) in &old {
        tx.execute(DELETE_EVENT, args![organization.0, *id]).await?;
    }
    if let Some(last) = old.iter().map(|(_, position)| *position).max() {
        tx.execute(FORGOTTEN, args![organization.0, last]).await?;
    }
    Ok(old.len() as u64)
}

const NEXT_LOG: &str = "select organization_id, subscription_id from webhook_deliveries
  where (organization_id, subscription_id) > ($1, $2)
  order by organization_id, subscription_id limit 1";

/// The subscription that follows one, among those with messages.
pub async fn next_log(
    tx: &ReadTx<'_>,
    after: Option<(OrganizationId, WebhookSubscriptionId)>,
) -> Result<Option<(OrganizationId, WebhookSubscriptionId)>, StoreError> {
    let after = after.map(|(organization, id)| (organization.0, id.0));
    let found = next_pair(tx, NEXT_LOG, after).await?;
    Ok(found.map(|(organization, id)| (OrganizationId(organization), WebhookSubscriptionId(id))))
}

// what waits for a subscription that was disabled, or is gone, is not tried
const OLD_DELIVERIES: &str = "select o.id from (
    select id, status, updated_at from webhook_deliveries
    where organization_id = $1 and subscription_id = $2 order by position, id limit $4) o
  left join webhook_subscriptions s on s.organization_id = $1 and s.id = $2
  where s.id is null or (o.updated_at < $3 and (o.status <> 'waiting' or s.state <> 'active'))";
const DELETE_ATTEMPTS: &str =
    "delete from webhook_attempts where organization_id = $1 and delivery_id = $2";
const DELETE_DELIVERY: &str =
    "delete from webhook_deliveries where organization_id = $1 and id = $2";

/// Forgets the oldest messages of a subscription of which nothing became after an instant, so many at most; of one that
/// is gone, any.
pub async fn forget_deliveries(
    tx: &WriteTx<'_>,
    (organization, subscription): (OrganizationId, WebhookSubscriptionId),
    (before, limit): (Timestamp, i64),
) -> Result<u64, StoreError> {
    let args = args![organization.0, subscription.0, Instant(before), limit];
    let old: Vec<(Uuid,)> = tx.all(OLD_DELIVERIES, args).await?;
    for (id,) in &old {
        delete_delivery(tx, organization, WebhookDeliveryId(*id)).await?;
    }
    Ok(old.len() as u64)
}

/// Forgets a message with its attempts.
pub async fn delete_delivery(
    tx: &WriteTx<'_>,
    organization: OrganizationId,
    id: WebhookDeliveryId,
) -> Result<(), StoreError> {
    // first the message, which whoever notes how an attempt ended takes first as well
    tx.execute(DELETE_DELIVERY, args![organization.0, id.0])
        .await?;
    tx.execute(DELETE_ATTEMPTS, args![organization.0, id.0])
        .await?;
    Ok(())
}

const NEXT_ANSWERED: &str = "select organization_id, user_id from idempotency_keys
  where (organization_id, user_id) > ($1, $2) order by organization_id, user_id limit 1";

/// The user that follows one, among those with answers that are kept.
pub async fn next_answered(
    tx: &ReadTx<'_>,
    after: Option<(OrganizationId, UserId)>,
) -> Result<Option<(OrganizationId, UserId)>, StoreError> {
    let after = after.map(|(organization, id)| (organization.0, id.0));
    let found = next_pair(tx, NEXT_ANSWERED, after).await?;
    Ok(found.map(|(organization, id)| (OrganizationId(organization), UserId(id))))
}

const FORGET_ANSWERS: &str = "delete from idempotency_keys
  where organization_id = $1 and user_id = $2 and key in (
    select key from idempotency_keys where organization_id = $1 and user_id = $2 and created_at < $3
    order by created_at limit $4)";

/// Forgets the oldest answers of a user that were given before an instant, so many at most.
pub async fn forget_answers(
    tx: &WriteTx<'_>,
    (organization, user): (OrganizationId, UserId),
    (before, limit): (Timestamp, i64),
) -> Result<u64, StoreError> {
    let args = args![organization.0, user.0, Instant(before), limit];
    tx.execute(FORGET_ANSWERS, args).await
}

const NEXT_HOLDER: &str = "select organization_id, token_id from holds
  where (organization_id, token_id) > ($1, $2) order by organization_id, token_id limit 1";

/// The token that follows one, among those that hold times.
pub async fn next_holder(
    tx: &ReadTx<'_>,
    after: Option<(OrganizationId, TokenId)>,
) -> Result<Option<(OrganizationId, TokenId)>, StoreError> {
    let after = after.map(|(organization, id)| (organization.0, id.0));
    let found = next_pair(tx, NEXT_HOLDER, after).await?;
    Ok(found.map(|(organization, id)| (OrganizationId(organization), TokenId(id))))
}

const OLD_HOLDS: &str = "select id from holds
  where organization_id = $1 and token_id = $2 and expires_at < $3 order by expires_at limit $4";

/// The holds of a token that ended before an instant, so many at most.
pub async fn old_holds(
    tx: &ReadTx<'_>,
    (organization, token): (OrganizationId, TokenId),
    (before, limit): (Timestamp, i64),
) -> Result<Vec<HoldId>, StoreError> {
    let args = args![organization.0, token.0, Instant(before), limit];
    let rows: Vec<(Uuid,)> = tx.all(OLD_HOLDS, args).await?;
    Ok(rows.into_iter().map(|(id,)| HoldId(id)).collect())
}
