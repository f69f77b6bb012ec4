//! Busy times that a user has set. What they block lies in `busy_intervals`.

use crate::{
    FromRow, ReadTx, Row, StoreError, WriteTx, args,
    column::{Instant, Json},
};
use domain::{
    id::{BusyTimeId, OrganizationId, UserId},
    interval::Interval,
};
use jiff::Timestamp;

/// A row of `user_busy_times`.
#[derive(Clone, Debug)]
pub struct BusyTime {
    /// Its id.
    pub id: BusyTimeId,
    /// Who is busy.
    pub user_id: UserId,
    /// When: the first instance, where it recurs.
    pub interval: Interval,
    /// Why, in the user's words.
    pub reason: Option<String>,
    /// RFC 5545 recurrence rule.
    pub rrule: Option<String>,
    /// Starts that the rule leaves out.
    pub exdates: Vec<Timestamp>,
    /// The zone whose wall time the rule follows.
    pub timezone: String,
    /// When it was set.
    pub created_at: Timestamp,
}

impl FromRow for BusyTime {
    fn from_row(row: &Row<'_>) -> Result<BusyTime, StoreError> {
        let mut columns = row.columns();
        Ok(BusyTime {
            id: BusyTimeId(columns.take()?),
            user_id: UserId(columns.take()?),
            interval: columns.interval()?,
            reason: columns.take()?,
            rrule: columns.take()?,
            exdates: columns.take::<Json<_>>()?.0,
            timezone: columns.take()?,
            created_at: columns.take::<Instant>()?.0,
        })
    }
}

const GET: &str =
    "select id, user_id, starts_at, ends_at, reason, rrule, exdates, timezone, created_at
  from user_busy_times where organization_id = $1 and id = $2";

/// The busy time with this id.
pub async fn get(
    tx: &ReadTx<'_>,
    organization: OrganizationId,
    id: BusyTimeId,
) -> Result<Option<BusyTime>, StoreError> {
    tx.optional(GET, args![organization.0, id.0]).await
}

const INSERT: &str = "insert into user_busy_times
  (organization_id, id, user_id, starts_at, ends_at, reason, rrule, exdates, timezone, created_at)
  values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";

/// Adds a busy time.
pub async fn insert(
    tx: &WriteTx<'_>,
    organization: OrganizationId,
    busy_time: &BusyTime,
) -> Result<(), StoreError> {
    tx.execute(
        INSERT,
        args![
            organization.0,
            busy_time.id.0,
            busy_time.user_id.0,
            Instant(busy_time.interval.start()),
            Instant(busy_time.interval.end()),
            busy_time.reason,
            busy_time.rrule,
            Json(&busy_time.exdates),
            busy_time.timezone,
            Instant(busy_time.created_at)
        ],
    )
    .await?;
    Ok(())
}

const DELETE: &str = "delete from user_busy_times where organization_id = $1 and id = $2";

/// Removes a busy time.
pub async fn delete(
    tx: &WriteTx<'_>,
    organization: OrganizationId,
    id: BusyTimeId,
) -> Result<(), StoreError> {
    let touched = tx.execute(DELETE, args![organization.0, id.0]).await?;
    StoreError::expect_one(touched, "user_busy_times", id)
}
