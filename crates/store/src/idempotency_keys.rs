//! What requests with an Idempotency-Key were answered.

use crate::{FromRow, ReadTx, Row, StoreError, WriteTx, args, column::Instant};
use domain::id::{OrganizationId, UserId};
use jiff::Timestamp;

/// The answer kept for a key.
#[derive(Clone, Debug)]
pub struct KeptAnswer {
    /// SHA-256 of method, path and body of the request that was answered.
    pub fingerprint: String,
    /// HTTP status.
    pub status: i64,
    /// The JSON text.
    pub body: String,
    /// When it was answered.
    pub created_at: Timestamp,
}

impl FromRow for KeptAnswer {
    fn from_row(row: &Row<'_>) -> Result<KeptAnswer, StoreError> {
        let mut columns = row.columns();
        Ok(KeptAnswer {
            fingerprint: columns.take()?,
            status: columns.take()?,
            body: columns.take()?,
            created_at: columns.take::<Instant>()?.0,
        })
    }
}

const GET: &str = "select fingerprint, status, body, created_at from idempotency_keys
  where organization_id = $1 and user_id = $2 and key = $3";

/// The answer kept for this user's key.
pub async fn get(
    tx: &ReadTx<'_>,
    organization: OrganizationId,
    user: UserId,
    key: &str,
) -> Result<Option<KeptAnswer>, StoreError> {
    tx.optional(GET, args![organization.0, user.0, key]).await
}

const INSERT: &str = "insert into idempotency_keys (organization_id, user_id, key, fingerprint, status, body, created_at)
  values ($1, $2, $3, $4, $5, $6, $7)";

/// Keeps an answer. A second one for the same key is a conflict.
pub async fn insert(
    tx: &WriteTx<'_>,
    (organization, user, key): (OrganizationId, UserId, &str),
    answer: &KeptAnswer,
) -> Result<(), StoreError> {
    tx.execute(
        INSERT,
        args![
            organization.0,
            user.0,
            key,
            answer.fingerprint,
            answer.status,
            answer.body,
            Instant(answer.created_at)
        ],
    )
    .await?;
    Ok(())
}

const FORGET_ALL: &str =
    "delete from idempotency_keys where organization_id = $1 and created_at < $2";

/// Forgets all answers of an organization from before an instant.
pub async fn forget_all_before(
    tx: &WriteTx<'_>,
    organization: OrganizationId,
    at: Timestamp,
) -> Result<(), StoreError> {
    tx.execute(FORGET_ALL, args![organization.0, Instant(at)])
        .await?;
    Ok(())
}

const FORGET: &str =
    "delete from idempotency_keys where organization_id = $1 and user_id = $2 and created_at < $3";

/// Forgets this user's answers from before an instant.
pub async fn forget_before(
    tx: &WriteTx<'_>,
    organization: OrganizationId,
    user: UserId,
    at: Timestamp,
) -> Result<(), StoreError> {
    tx.execute(FORGET, args![organization.0, user.0, Instant(at)])
        .await?;
    Ok(())
}
