//! How many requests users sent within a minute, through all nodes together. Nobody asks for minutes that are over.

use crate::{StoreError, WriteTx, args, column::Instant};
use domain::id::{OrganizationId, UserId};
use futures_util::future::try_join_all;
use jiff::Timestamp;

/// So many rows are on their way at once; as many are still joined without a queue of their own.
const AT_ONCE: usize = 30;

/// What a user has sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counted {
    /// The user's organization.
    pub organization: OrganizationId,
    /// The user.
    pub user: UserId,
    /// Requests.
    pub requests: i64,
    /// Those of them that book.
    pub bookings: i64,
}

/// Adds to what was counted in a minute, and returns what is counted now, in the same order.
pub async fn add(
    tx: &WriteTx<'_>,
    minute: Timestamp,
    counted: &[Counted],
) -> Result<Vec<Counted>, StoreError> {
    let mut totals = Vec::with_capacity(counted.len());
    for some in counted.chunks(AT_ONCE) {
        totals.extend(try_join_all(some.iter().map(|user| add_one(tx, minute, user))).await?);
    }
    Ok(totals)
}

const ADD: &str =
    "insert into request_counts (organization_id, user_id, minute, requests, bookings)
  values ($1, $2, $3, $4, $5)
  on conflict (organization_id, user_id, minute) do update
  set requests = request_counts.requests + excluded.requests,
    bookings = request_counts.bookings + excluded.bookings
  returning requests, bookings";

async fn add_one(
    tx: &WriteTx<'_>,
    minute: Timestamp,
    counted: &Counted,
) -> Result<Counted, StoreError> {
    let (organization, user) = (counted.organization, counted.user);
    let total: Option<(i64, i64)> = tx
        .returning(
            ADD,
            args![
                organization.0,
                user.0,
                Instant(minute),
                counted.requests,
                counted.bookings
            ],
        )
        .await?;
    let (requests, bookings) =
        total.ok_or_else(|| StoreError::missing("request_counts", user.0))?;
    Ok(Counted {
        organization,
        user,
        requests,
        bookings,
    })
}

const FORGET: &str = "delete from request_counts where minute < $1";

/// Forgets what was counted before a minute.
pub async fn forget_before(tx: &WriteTx<'_>, minute: Timestamp) -> Result<(), StoreError> {
    tx.execute(FORGET, args![Instant(minute)]).await?;
    Ok(())
}
