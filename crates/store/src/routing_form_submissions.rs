//! Routing form submissions: what was filled in, and where it led.

use crate::{
    FromRow, ReadTx, Row, StoreError, WriteTx, args,
    column::{Instant, Json},
    invitees::InviteeLink,
    page::{InstantKey, Order, Page, PageRequest},
};
use domain::id::{
    InviteeId, OrganizationId, RoutingFormId, RoutingFormSubmissionId, ScheduledEventId,
};
use jiff::Timestamp;
use serde_json::Value;
use uuid::Uuid;

/// A row of `routing_form_submissions`.
#[derive(Clone, Debug)]
pub struct RoutingFormSubmission {
    /// Its id.
    pub id: RoutingFormSubmissionId,
    /// Which form was filled in.
    pub routing_form_id: RoutingFormId,
    /// What was answered: a document whose shape is the API's.
    pub questions_and_answers: Value,
    /// Where whoever filled it in came from: a document whose shape is the API's.
    pub tracking: Value,
    /// Where it led: a document whose shape is the API's.
    pub result: Option<Value>,
    /// Who booked with it.
    pub invitee: Option<InviteeLink>,
    /// When it was filled in.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

impl FromRow for RoutingFormSubmission {
    fn from_row(row: &Row<'_>) -> Result<RoutingFormSubmission, StoreError> {
        let mut columns = row.columns();
        let link = |event: Option<Uuid>, invitee: Option<Uuid>| {
            Some(InviteeLink {
                scheduled_event_id: ScheduledEventId(event?),
                invitee_id: InviteeId(invitee?),
            })
        };
        Ok(RoutingFormSubmission {
            id: RoutingFormSubmissionId(columns.take()?),
            routing_form_id: RoutingFormId(columns.take()?),
            questions_and_answers: columns.take::<Json<_>>()?.0,
            tracking: columns.take::<Json<_>>()?.0,
            result: columns
                .take::<Option<Json<_>>>()?
                .map(|document| document.0),
            invitee: link(columns.take()?, columns.take()?),
            created_at: columns.take::<Instant>()?.0,
            updated_at: columns.take::<Instant>()?.0,
        })
    }
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "select id, routing_form_id, questions_and_answers, tracking, result, scheduled_event_id, invitee_id,
  created_at, updated_at from routing_form_submissions where organization_id = $1 ",
            $rest
        )
    };
}

const GET: &str = select!("and id = $2");

/// The submission with this id.
pub async fn get(
    tx: &ReadTx<'_>,
    organization: OrganizationId,
    id: RoutingFormSubmissionId,
) -> Result<Option<RoutingFormSubmission>, StoreError> {
    tx.optional(GET, args![organization.0, id.0]).await
}

const LIST_ASCENDING: &str = select!(
    "and routing_form_id = $2 and (created_at, id) > ($3, $4) order by created_at, id limit $5"
);
const LIST_DESCENDING: &str = select!(
    "and routing_form_id = $2 and (created_at, id) < ($3, $4) order by created_at desc, id desc limit $5"
);

/// A page of the submissions of a form, by age.
pub async fn list(
    tx: &ReadTx<'_>,
    organization: OrganizationId,
    form: RoutingFormId,
    request: &PageRequest<InstantKey>,
) -> Result<Page<RoutingFormSubmission>, StoreError> {
    let walk = request.walk();
    let (at, id) = walk.start()?;
    let sql = match walk.order {
        Order::Ascending => LIST_ASCENDING,
        Order::Descending => LIST_DESCENDING,
    };
    let rows = tx
        .all(
            sql,
            args![organization.0, form.0, Instant(at), id, walk.limit],
        )
        .await?;
    Ok(request.page(rows))
}

const LINK: &str =
    "update routing_form_submissions set scheduled_event_id = $3, invitee_id = $4, updated_at = $5
  where organization_id = $1 and id = $2 and invitee_id is null";

/// Notes who booked with a submission; the first one who did stays.
pub async fn link(
    tx: &WriteTx<'_>,
    organization: OrganizationId,
    id: RoutingFormSubmissionId,
    invitee: InviteeLink,
    at: Timestamp,
) -> Result<(), StoreError> {
    tx.execute(
        LINK,
        args![
            organization.0,
            id.0,
            invitee.scheduled_event_id.0,
            invitee.invitee_id.0,
            Instant(at)
        ],
    )
    .await?;
    Ok(())
}

const INSERT: &str = "insert into routing_form_submissions
  (organization_id, id, routing_form_id, questions_and_answers, tracking, result, created_at, updated_at)
  values ($1, $2, $3, $4, $5, $6, $7, $8)";

/// Adds a submission.
pub async fn insert(
    tx: &WriteTx<'_>,
    organization: OrganizationId,
    submission: &RoutingFormSubmission,
) -> Result<(), StoreError> {
    tx.execute(
        INSERT,
        args![
            organization.0,
            submission.id.0,
            submission.routing_form_id.0,
            Json(&submission.questions_and_answers),
            Json(&submission.tracking),
            submission.result.as_ref().map(Json),
            Instant(submission.created_at),
            Instant(submission.updated_at)
        ],
    )
    .await?;
    Ok(())
}
