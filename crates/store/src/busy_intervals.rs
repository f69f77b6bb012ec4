//! What blocks a host, whatever its source: the one table that every decision about a host's time reads.

use crate::{FromRow, ReadTx, Row, StoreError, WriteTx, args, column::Instant};
use domain::{
    busy::{self, Busy, BusyInterval, BusyKind},
    event_type::MAX_BUFFER,
    id::{EventTypeId, OrganizationId, UserId},
    interval::Interval,
};
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

struct Stored {
    busy: BusyInterval,
    expires_at: Option<Timestamp>,
}

impl FromRow for Stored {
    fn from_row(row: &Row<'_>) -> Result<Stored, StoreError> {
        let mut columns = row.columns();
        Ok(Stored {
            busy: BusyInterval {
                interval: columns.interval()?,
                buffered: columns.interval()?,
                kind: columns.parse(kind)?,
                source: columns.take()?,
                event_type: columns.take::<Option<Uuid>>()?.map(EventTypeId),
                places: columns.take()?,
            },
            expires_at: columns.take::<Option<Instant>>()?.map(|at| at.0),
        })
    }
}

fn word(kind: BusyKind) -> &'static str {
    match kind {
        BusyKind::ScheduledEvent => "scheduled_event",
        BusyKind::BusyTime => "busy_time",
        BusyKind::Hold => "hold",
    }
}

fn kind(text: &str) -> Option<BusyKind> {
    [BusyKind::ScheduledEvent, BusyKind::BusyTime, BusyKind::Hold]
        .into_iter()
        .find(|kind| word(*kind) == text)
}

/// The statement of [`overlapping`], for whoever asks a database how it carries it out.
///
/// The bounds on `starts_at` follow from the longest piece and the longest buffer; they keep the index scan short.
pub const OVERLAPPING: &str = "select starts_at, ends_at, buffered_starts_at, buffered_ends_at, kind, source_id, event_type_id,
  places, expires_at from busy_intervals
  where organization_id = $1 and host_id = $2 and starts_at > $3 and starts_at < $4
    and buffered_starts_at < $5 and buffered_ends_at > $6
  order by starts_at, source_id";

/// What blocks the host within a range, with buffers. What has ended by itself does not.
pub async fn overlapping(
    tx: &ReadTx<'_>,
    organization: OrganizationId,
    host: UserId,
    range: Interval,
) -> Result<Busy, StoreError> {
    let found = overlapping_until(tx, organization, host, range).await?;
    Ok(found.busy)
}

/// What blocks a host, for as long as nothing of it ends by itself.
#[derive(Clone, Debug)]
pub struct BusyUntil {
    /// What blocks the host.
    pub busy: Busy,
    /// How long after it was read the first of it ends by itself, by the database's clock.
    pub lasts: Option<SignedDuration>,
}

/// The same, and how long it holds where nobody writes.
pub async fn overlapping_until(
    tx: &ReadTx<'_>,
    organization: OrganizationId,
    host: UserId,
    range: Interval,
) -> Result<BusyUntil, StoreError> {
    let reach = range.expand(busy::MAX_PIECE + MAX_BUFFER, MAX_BUFFER);
    let rows: Vec<Stored> = tx
        .all(
            OVERLAPPING,
            args![
                organization.0,
                host.0,
                Instant(reach.start()),
                Instant(reach.end()),
                Instant(range.end()),
                Instant(range.start())
            ],
        )
        .await?;
    if rows.iter().all(|row| row.expires_at.is_none()) {
        return Ok(BusyUntil {
            busy: Busy::new(rows.into_iter().map(|row| row.busy).collect()),
            lasts: None,
        });
    }
    let now = tx.now().await?;
    let ends = rows.iter().filter_map(|row| row.expires_at);
    let first_end = ends.filter(|end| now < *end).min();
    let current = |row: &Stored| row.expires_at.is_none_or(|end| now < end);
    let rows = rows.into_iter().filter(current);
    Ok(BusyUntil {
        busy: Busy::new(rows.map(|row| row.busy).collect()),
        lasts: first_end.map(|end| end.duration_since(now)),
    })
}

const INSERT: &str = "insert into busy_intervals
  (organization_id, host_id, starts_at, ends_at, buffered_starts_at, buffered_ends_at, kind, source_id, event_type_id,
  places, expires_at)
  values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";

/// Blocks the host for an interval that is no longer than one piece, until that ends by itself if it does.
pub async fn insert(
    tx: &WriteTx<'_>,
    organization: OrganizationId,
    host: UserId,
    (busy, expires_at): (&BusyInterval, Option<Timestamp>),
) -> Result<(), StoreError> {
    tx.execute(
        INSERT,
        args![
            organization.0,
            host.0,
            Instant(busy.interval.start()),
            Instant(busy.interval.end()),
            Instant(busy.buffered.start()),
            Instant(busy.buffered.end()),
            word(busy.kind),
            busy.source,
            busy.event_type.map(|id| id.0),
            busy.places,
            expires_at.map(Instant)
        ],
    )
    .await?;
    Ok(())
}

/// Blocks the host for many pieces.
pub async fn insert_all(
    tx: &WriteTx<'_>,
    organization: OrganizationId,
    host: UserId,
    pieces: &[BusyInterval],
) -> Result<(), StoreError> {
    let inserts = pieces
        .iter()
        .map(|piece| insert(tx, organization, host, (piece, None)));
    futures_util::future::try_join_all(inserts).await?;
    Ok(())
}

const DELETE: &str = "delete from busy_intervals where organization_id = $1 and source_id = $2";

/// Frees what a scheduled event, a busy time or a hold blocked.
pub async fn delete(
    tx: &WriteTx<'_>,
    organization: OrganizationId,
    source: Uuid,
) -> Result<(), StoreError> {
    tx.execute(DELETE, args![organization.0, source]).await?;
    Ok(())
}

const SET_PLACES: &str =
    "update busy_intervals set places = $3 where organization_id = $1 and source_id = $2";

/// Says how many places a meeting takes now.
pub async fn set_places(
    tx: &WriteTx<'_>,
    organization: OrganizationId,
    source: Uuid,
    places: i64,
) -> Result<(), StoreError> {
    tx.execute(SET_PLACES, args![organization.0, source, places])
        .await?;
    Ok(())
}

const KEEP: &str =
    "update busy_intervals set expires_at = null where organization_id = $1 and source_id = $2";

/// What blocks a host until it ends by itself blocks them for good.
pub async fn keep(
    tx: &WriteTx<'_>,
    organization: OrganizationId,
    source: Uuid,
) -> Result<(), StoreError> {
    tx.execute(KEEP, args![organization.0, source]).await?;
    Ok(())
}
