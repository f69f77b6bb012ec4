//! How often something was tried within some minutes, through all nodes together: to sign in, to get a token.

use crate::{ReadTx, StoreError, WriteTx, args, column::Instant};
use domain::id::OrganizationId;
use jiff::Timestamp;

/// What is counted: of which organization (nil where it is about none), what was tried by whom, and in which minutes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempts {
    /// The organization.
    pub organization: OrganizationId,
    /// What was tried, and by whom.
    pub subject: String,
    /// When the minutes began.
    pub starts_at: Timestamp,
}

const ADD: &str = "insert into attempt_counts (organization_id, subject, starts_at, attempts)
  values ($1, $2, $3, 1)
  on conflict (organization_id, subject, starts_at) do update set attempts = attempt_counts.attempts + 1
  returning attempts";

/// Counts one more, and returns how many there were.
pub async fn add(tx: &WriteTx<'_>, of: &Attempts) -> Result<i64, StoreError> {
    let key = args![of.organization.0, of.subject, Instant(of.starts_at)];
    let attempts: Option<i64> = tx.returning(ADD, key).await?;
    attempts.ok_or_else(|| StoreError::missing("attempt_counts", &of.subject))
}

const GET: &str = "select attempts from attempt_counts
  where organization_id = $1 and subject = $2 and starts_at = $3";

/// How many there were.
pub async fn get(tx: &ReadTx<'_>, of: &Attempts) -> Result<i64, StoreError> {
    let key = args![of.organization.0, of.subject, Instant(of.starts_at)];
    Ok(tx.optional(GET, key).await?.unwrap_or(0))
}

const TAKE_BACK: &str = "update attempt_counts set attempts = attempts - 1
  where organization_id = $1 and subject = $2 and starts_at = $3";

/// Counts one less.
pub async fn take_back(tx: &WriteTx<'_>, of: &Attempts) -> Result<(), StoreError> {
    let key = args![of.organization.0, of.subject, Instant(of.starts_at)];
    tx.execute(TAKE_BACK, key).await?;
    Ok(())
}

const FORGET: &str = "delete from attempt_counts
  where organization_id = $1 and subject = $2 and starts_at = $3";

/// Begins to count anew.
pub async fn forget(tx: &WriteTx<'_>, of: &Attempts) -> Result<(), StoreError> {
    let key = args![of.organization.0, of.subject, Instant(of.starts_at)];
    tx.execute(FORGET, key).await?;
    Ok(())
}

const FORGET_BEFORE: &str = "delete from attempt_counts where starts_at < $1";

/// Forgets what was counted before an instant.
pub async fn forget_before(tx: &WriteTx<'_>, at: Timestamp) -> Result<(), StoreError> {
    tx.execute(FORGET_BEFORE, args![Instant(at)]).await?;
    Ok(())
}
