//! Routing forms: questions, and rules that say where the answers lead. A deleted one stays for what was filled in.

use crate::{
    FromRow, ReadTx, Row, StoreError, WriteTx, args,
    column::{Instant, Json},
    page::{InstantKey, Order, Page, PageRequest},
};
use domain::id::{OrganizationId, RoutingFormId};
use jiff::Timestamp;
use serde_json::Value;

/// A row of `routing_forms`.
#[derive(Clone, Debug)]
pub struct RoutingForm {
    /// Its id.
    pub id: RoutingFormId,
    /// Its name.
    pub name: String,
    /// Whether it can be filled in.
    pub is_published: bool,
    /// What is asked: a document whose shape is the API's.
    pub questions: Value,
    /// Where answers lead: a document whose shape is the API's.
    pub rules: Value,
    /// Where all others lead: a document whose shape is the API's.
    pub fallback: Option<Value>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// When it was deleted.
    pub deleted_at: Option<Timestamp>,
}

const DRAFT: &str = "draft";
const PUBLISHED: &str = "published";

impl RoutingForm {
    /// The word for its status in the database and in the API.
    pub fn status(&self) -> &'static str {
        if self.is_published { PUBLISHED } else { DRAFT }
    }
}

fn is_published(status: &str) -> Option<bool> {
    match status {
        DRAFT => Some(false),
        PUBLISHED => Some(true),
        _ => None,
    }
}

impl FromRow for RoutingForm {
    fn from_row(row: &Row<'_>) -> Result<RoutingForm, StoreError> {
        let mut columns = row.columns();
        Ok(RoutingForm {
            id: RoutingFormId(columns.take()?),
            name: columns.take()?,
            is_published: columns.parse(is_published)?,
            questions: columns.take::<Json<_>>()?.0,
            rules: columns.take::<Json<_>>()?.0,
            fallback: columns
                .take::<Option<Json<_>>>()?
                .map(|document| document.0),
            created_at: columns.take::<Instant>()?.0,
            updated_at: columns.take::<Instant>()?.0,
            deleted_at: columns.take::<Option<Instant>>()?.map(|at| at.0),
        })
    }
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "select id, name, status, questions, rules, fallback, created_at, updated_at, deleted_at
  from routing_forms where organization_id = $1 ",
            $rest
        )
    };
}

const GET: &str = select!("and id = $2");

/// The form with this id, also a deleted one.
pub async fn get(
    tx: &ReadTx<'_>,
    organization: OrganizationId,
    id: RoutingFormId,
) -> Result<Option<RoutingForm>, StoreError> {
    tx.optional(GET, args![organization.0, id.0]).await
}

/// The form with this id, unless deleted.
pub async fn get_current(
    tx: &ReadTx<'_>,
    organization: OrganizationId,
    id: RoutingFormId,
) -> Result<Option<RoutingForm>, StoreError> {
    let form = get(tx, organization, id).await?;
    Ok(form.filter(|form| form.deleted_at.is_none()))
}

const LIST_ASCENDING: &str = select!(
    "and deleted_at is null and (created_at, id) > ($2, $3) order by created_at, id limit $4"
);
const LIST_DESCENDING: &str = select!(
    "and deleted_at is null and (created_at, id) < ($2, $3) order by created_at desc, id desc limit $4"
);

/// A page of the forms, by age.
pub async fn list(
    tx: &ReadTx<'_>,
    organization: OrganizationId,
    request: &PageRequest<InstantKey>,
) -> Result<Page<RoutingForm>, StoreError> {
    let walk = request.walk();
    let (at, id) = walk.start()?;
    let sql = match walk.order {
        Order::Ascending => LIST_ASCENDING,
        Order::Descending => LIST_DESCENDING,
    };
    let rows = tx
        .all(sql, args![organization.0, Instant(at), id, walk.limit])
        .await?;
    Ok(request.page(rows))
}

const INSERT: &str = "insert into routing_forms
  (organization_id, id, name, status, questions, rules, fallback, created_at, updated_at)
  values ($1, $2, $3, $4, $5, $6, $7, $8, $9)";

/// Adds a form.
pub async fn insert(
    tx: &WriteTx<'_>,
    organization: OrganizationId,
    form: &RoutingForm,
) -> Result<(), StoreError> {
    tx.execute(
        INSERT,
        args![
            organization.0,
            form.id.0,
            form.name,
            form.status(),
            Json(&form.questions),
            Json(&form.rules),
            form.fallback.as_ref().map(Json),
            Instant(form.created_at),
            Instant(form.updated_at)
        ],
    )
    .await?;
    Ok(())
}

const UPDATE: &str =
    "update routing_forms set name = $3, status = $4, questions = $5, rules = $6, fallback = $7,
  updated_at = $8, deleted_at = $9 where organization_id = $1 and id = $2";

/// Writes what may change of a form.
pub async fn update(
    tx: &WriteTx<'_>,
    organization: OrganizationId,
    form: &RoutingForm,
) -> Result<(), StoreError> {
    let touched = tx
        .execute(
            UPDATE,
            args![
                organization.0,
                form.id.0,
                form.name,
                form.status(),
                Json(&form.questions),
                Json(&form.rules),
                form.fallback.as_ref().map(Json),
                Instant(form.updated_at),
                form.deleted_at.map(Instant)
            ],
        )
        .await?;
    StoreError::expect_one(touched, "routing_forms", form.id)
}
