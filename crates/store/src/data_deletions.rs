//! Personal data that is deleted because somebody asked for it: what they asked for, and how far that is.

use crate::{
    FromRow, ReadTx, Row, StoreError, WriteTx, args,
    column::{Instant, Json},
};
use domain::id::{OrganizationId, UserId};
use jiff::Timestamp;
use serde_json::Value;
use uuid::Uuid;

/// A row of `data_deletions`.
#[derive(Clone, Debug, PartialEq)]
pub struct DataDeletion {
    /// In which organization.
    pub organization_id: OrganizationId,
    /// Its id.
    pub id: Uuid,
    /// Who asked for it.
    pub user_id: UserId,
    /// Whose data goes.
    pub emails: Vec<String>,
    /// Names that were found with them.
    pub names: Vec<String>,
    /// Or the meetings that go: those that began in this time.
    pub range: Option<(Timestamp, Timestamp)>,
    /// What is being worked on.
    pub stage: String,
    /// The last row that was seen there.
    pub place: Option<Value>,
    /// Whether this walk through the tables has found anything.
    pub has_found: bool,
    /// How many steps were done.
    pub steps: i64,
    /// When it was asked for.
    pub requested_at: Timestamp,
    /// When it goes on.
    pub due_at: Timestamp,
}

impl FromRow for DataDeletion {
    fn from_row(row: &Row<'_>) -> Result<DataDeletion, StoreError> {
        let mut columns = row.columns();
        Ok(DataDeletion {
            organization_id: OrganizationId(columns.take()?),
            id: columns.take()?,
            user_id: UserId(columns.take()?),
            emails: columns.take::<Json<_>>()?.0,
            names: columns.take::<Json<_>>()?.0,
            range: (columns.take::<Option<Instant>>()?)
                .zip(columns.take::<Option<Instant>>()?)
                .map(|(since, before)| (since.0, before.0)),
            stage: columns.take()?,
            place: columns.take::<Option<Json<_>>>()?.map(|place| place.0),
            has_found: columns.take()?,
            steps: columns.take()?,
            requested_at: columns.take::<Instant>()?.0,
            due_at: columns.take::<Instant>()?.0,
        })
    }
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "select organization_id, id, user_id, emails, names, since, before, stage, place, has_found, steps,
  requested_at, due_at from data_deletions ",
            $rest
        )
    };
}

// what is left to do for all of them at once comes last
const DUE: &str = select!(
    "where done_at is null and due_at <= $1
  order by case when stage = 'rewrite' then 1 else 0 end, due_at, organization_id, id limit 1"
);

/// What should go on now, if anything.
pub async fn due(tx: &ReadTx<'_>, now: Timestamp) -> Result<Option<DataDeletion>, StoreError> {
    tx.optional(DUE, args![Instant(now)]).await
}

const GET: &str = select!("where organization_id = $1 and id = $2 and done_at is null");

/// The deletion with this id, until it is done.
pub async fn get(
    tx: &ReadTx<'_>,
    organization: OrganizationId,
    id: Uuid,
) -> Result<Option<DataDeletion>, StoreError> {
    tx.optional(GET, args![organization.0, id]).await
}

const AT_STAGE: &str = select!("where done_at is null and stage = $1 order by organization_id, id");

/// All that is to go on with this.
pub async fn at_stage(tx: &ReadTx<'_>, stage: &str) -> Result<Vec<DataDeletion>, StoreError> {
    tx.all(AT_STAGE, args![stage]).await
}

const INSERT: &str =
    "insert into data_deletions (organization_id, id, user_id, emails, names, since, before, stage,
  place, has_found, steps, requested_at, due_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)";

/// Notes what is asked for.
pub async fn insert(tx: &WriteTx<'_>, row: &DataDeletion) -> Result<(), StoreError> {
    let (since, before) = row.range.unzip();
    let args = args![
        row.organization_id.0,
        row.id,
        row.user_id.0,
        Json(&row.emails),
        Json(&row.names),
        since.map(Instant),
        before.map(Instant),
        row.stage,
        row.place.as_ref().map(Json),
        row.has_found,
        row.steps,
        Instant(row.requested_at),
        Instant(row.due_at)
    ];
    tx.execute(INSERT, args).await?;
    Ok(())
}

const CLAIM: &str = "update data_deletions set steps = steps + 1
  where organization_id = $1 and id = $2 and steps = $3 and done_at is null";

/// Takes the next step. False if somebody else has.
pub async fn claim(tx: &WriteTx<'_>, row: &DataDeletion) -> Result<bool, StoreError> {
    let args = args![row.organization_id.0, row.id, row.steps];
    Ok(tx.execute(CLAIM, args).await? == 1)
}

const CHANGE: &str =
    "update data_deletions set emails = $3, names = $4, stage = $5, place = $6, has_found = $7,
  due_at = $8, done_at = $9 where organization_id = $1 and id = $2";

/// Notes how far it is.
pub async fn change(
    tx: &WriteTx<'_>,
    row: &DataDeletion,
    done_at: Option<Timestamp>,
) -> Result<(), StoreError> {
    let args = args![
        row.organization_id.0,
        row.id,
        Json(&row.emails),
        Json(&row.names),
        row.stage,
        row.place.as_ref().map(Json),
        row.has_found,
        Instant(row.due_at),
        done_at.map(Instant)
    ];
    tx.execute(CHANGE, args).await?;
    Ok(())
}

const FORGET: &str = "delete from data_deletions where done_at < $1";

/// Forgets that they were asked for, once they are done for long enough.
pub async fn forget_before(tx: &WriteTx<'_>, at: Timestamp) -> Result<u64, StoreError> {
    tx.execute(FORGET, args![Instant(at)]).await
}
