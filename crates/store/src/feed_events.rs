//! What happened, for whoever wants to be told: written in the transaction that makes it so, told in one order.

use crate::{
    FromRow, ReadTx, Row, StoreError, WriteTx, args,
    column::{Instant, Json},
};
use domain::id::OrganizationId;
use jiff::Timestamp;
use serde_json::Value;
use uuid::Uuid;

/// Something that happened and has no place in the feed yet.
#[derive(Clone, Debug)]
pub struct Happened {
    /// Its id.
    pub id: Uuid,
    /// `invitee.created` and the like.
    pub name: String,
    /// What it is about.
    pub subject: Uuid,
    /// What is needed to tell it: a document.
    pub facts: Value,
    /// When it happened.
    pub occurred_at: Timestamp,
}

impl FromRow for Happened {
    fn from_row(row: &Row<'_>) -> Result<Happened, StoreError> {
        let mut columns = row.columns();
        Ok(Happened {
            id: columns.take()?,
            name: columns.take()?,
            subject: columns.take()?,
            facts: columns.take::<Json<_>>()?.0,
            occurred_at: columns.take::<Instant>()?.0,
        })
    }
}

const INSERT: &str =
    "insert into feed_events (organization_id, id, name, subject_id, facts, occurred_at)
  values ($1, $2, $3, $4, $5, $6)";

/// Writes down what happened.
pub async fn insert(
    tx: &WriteTx<'_>,
    organization: OrganizationId,
    happened: &Happened,
) -> Result<(), StoreError> {
    tx.execute(
        INSERT,
        args![
            organization.0,
            happened.id,
            happened.name,
            happened.subject,
            Json(&happened.facts),
            Instant(happened.occurred_at)
        ],
    )
    .await?;
    Ok(())
}

const WAITING_ORGANIZATIONS: &str =
    "select distinct organization_id from feed_events where position is null limit 100";

/// Organizations with something that has no place in their feed yet.
pub async fn waiting_organizations(tx: &ReadTx<'_>) -> Result<Vec<OrganizationId>, StoreError> {
    let rows: Vec<(Uuid,)> = tx.all(WAITING_ORGANIZATIONS, args![]).await?;
    Ok(rows.into_iter().map(|(id,)| OrganizationId(id)).collect())
}

const WAITING: &str = "select id, name, subject_id, facts, occurred_at from feed_events
  where organization_id = $1 and position is null order by id limit $2";

/// What has no place in the feed yet, oldest first.
pub async fn waiting(
    tx: &ReadTx<'_>,
    organization: OrganizationId,
    limit: i64,
) -> Result<Vec<Happened>, StoreError> {
    tx.all(WAITING, args![organization.0, limit]).await
}

const START_FEED: &str = "insert into feeds (organization_id, last_position) values ($1, 0)
  on conflict (organization_id) do nothing";
const TAKE_PLACES: &str = "update feeds set last_position = last_position + $2
  where organization_id = $1 and erasures = $3 returning last_position";

/// Takes so many places at the end of the feed, and the feed with them until the transaction ends. The answer is the
/// last one before them; none where personal data was deleted since it was read how often that had happened.
pub async fn take_places(
    tx: &WriteTx<'_>,
    organization: OrganizationId,
    (places, erasures): (i64, i64),
) -> Result<Option<i64>, StoreError> {
    tx.execute(START_FEED, args![organization.0]).await?;
    let args = args![organization.0, places, erasures];
    let taken: Option<(i64,)> = tx.returning(TAKE_PLACES, args).await?;
    Ok(taken.map(|(last,)| last - places))
}

const ERASURES: &str = "select erasures from feeds where organization_id = $1";

/// How often personal data was deleted from the feed.
pub async fn erasures(tx: &ReadTx<'_>, organization: OrganizationId) -> Result<i64, StoreError> {
    let found: Option<i64> = tx.optional(ERASURES, args![organization.0]).await?;
    Ok(found.unwrap_or(0))
}

const ERASE: &str = "update feeds set erasures = erasures + 1 where organization_id = $1";

/// Holds the feed until the transaction ends, which deletes personal data: what somebody else read before for telling it
/// is read again.
pub async fn begin_erasure(
    tx: &WriteTx<'_>,
    organization: OrganizationId,
) -> Result<(), StoreError> {
    for sql in [START_FEED, ERASE] {
        tx.execute(sql, args![organization.0]).await?;
    }
    Ok(())
}

const FORGOTTEN: &str = "select forgotten_position from feeds where organization_id = $1";

/// The last place of which nothing is kept any more.
pub async fn forgotten(tx: &ReadTx<'_>, organization: OrganizationId) -> Result<i64, StoreError> {
    let found: Option<i64> = tx.optional(FORGOTTEN, args![organization.0]).await?;
    Ok(found.unwrap_or(0))
}

const PLACE: &str = "update feed_events set position = $3, payload = $4
  where organization_id = $1 and id = $2 and position is null";

/// Gives an event its place, with what is told, where somebody wants to be told now. False if it has one, or is gone.
pub async fn place(
    tx: &WriteTx<'_>,
    organization: OrganizationId,
    (id, position): (Uuid, i64),
    payload: Option<&Value>,
) -> Result<bool, StoreError> {
    let args = args![organization.0, id, position, payload.map(Json)];
    Ok(tx.execute(PLACE, args).await? == 1)
}

const DELETE: &str = "delete from feed_events where organization_id = $1 and id = $2";

/// Forgets an event that there is nothing to tell of any more.
pub async fn delete(
    tx: &WriteTx<'_>,
    organization: OrganizationId,
    id: Uuid,
) -> Result<(), StoreError> {
    tx.execute(DELETE, args![organization.0, id]).await?;
    Ok(())
}

/// An event in the feed.
#[derive(Clone, Debug)]
pub struct FeedEvent {
    /// Its id.
    pub id: Uuid,
    /// `invitee.created` and the like.
    pub name: String,
    /// What it is about.
    pub subject: Uuid,
    /// When it happened.
    pub occurred_at: Timestamp,
    /// What is told, where somebody wanted to be told at once.
    pub payload: Option<Value>,
    /// What is needed to tell it.
    pub facts: Value,
    /// Its place.
    pub position: i64,
}

impl FromRow for FeedEvent {
    fn from_row(row: &Row<'_>) -> Result<FeedEvent, StoreError> {
        let mut columns = row.columns();
        Ok(FeedEvent {
            id: columns.take()?,
            name: columns.take()?,
            subject: columns.take()?,
            occurred_at: columns.take::<Instant>()?.0,
            payload: columns.take::<Option<Json<_>>>()?.map(|payload| payload.0),
            facts: columns.take::<Json<_>>()?.0,
            position: columns.take()?,
        })
    }
}

impl FeedEvent {
    /// The same as it was before it had a place.
    pub fn happened(&self) -> Happened {
        Happened {
            id: self.id,
            name: self.name.clone(),
            subject: self.subject,
            facts: self.facts.clone(),
            occurred_at: self.occurred_at,
        }
    }
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "select id, name, subject_id, occurred_at, payload, facts, position from feed_events
  where organization_id = $1 ",
            $rest
        )
    };
}

const AFTER: &str = select!("and $2 < position order by position limit $3");

/// What comes after a place in the feed.
pub async fn after(
    tx: &ReadTx<'_>,
    organization: OrganizationId,
    (position, limit): (i64, i64),
) -> Result<Vec<FeedEvent>, StoreError> {
    tx.all(AFTER, args![organization.0, position, limit]).await
}

const GET: &str = select!("and id = $2 and position is not null");

/// The event with this id.
pub async fn get(
    tx: &ReadTx<'_>,
    organization: OrganizationId,
    id: Uuid,
) -> Result<Option<FeedEvent>, StoreError> {
    tx.optional(GET, args![organization.0, id]).await
}
