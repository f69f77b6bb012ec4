//! Invitees: who booked a scheduled event.

use crate::{
    FromRow, ReadTx, Row, StoreError, WriteTx, args,
    column::{Instant, Json},
    page::{InstantKey, Order, Page, PageRequest},
    scheduled_events::{parse_status, status_word},
};
use domain::{
    id::{InviteeId, NoShowId, OrganizationId, RoutingFormSubmissionId, ScheduledEventId, UserId},
    scheduled_event::EventStatus,
};
use jiff::Timestamp;
use serde_json::Value;
use uuid::Uuid;

/// An invitee of another scheduled event: where a rescheduled one came from or went to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InviteeLink {
    /// The other event.
    pub scheduled_event_id: ScheduledEventId,
    /// The other invitee.
    pub invitee_id: InviteeId,
}

/// A row of `invitees`.
#[derive(Clone, Debug)]
pub struct Invitee {
    /// Its id.
    pub id: InviteeId,
    /// What was booked.
    pub scheduled_event_id: ScheduledEventId,
    /// Full name.
    pub name: String,
    /// First name, where two names were given.
    pub first_name: Option<String>,
    /// Last name, where two names were given.
    pub last_name: Option<String>,
    /// Mail address.
    pub email: String,
    /// IANA zone.
    pub timezone: String,
    /// Whether they come.
    pub status: EventStatus,
    /// Their answers: a document whose shape is the API's.
    pub questions_and_answers: Value,
    /// Where they came from: a document whose shape is the API's.
    pub tracking: Value,
    /// Phone number for reminders.
    pub text_reminder_number: Option<String>,
    /// Whether they were moved away to another event.
    pub rescheduled: bool,
    /// Whom a rescheduled one replaces.
    pub old_invitee: Option<InviteeLink>,
    /// Who replaces them.
    pub new_invitee: Option<InviteeLink>,
    /// How they were canceled: a document whose shape is the API's.
    pub cancellation: Option<Value>,
    /// The user who booked for them.
    pub scheduled_by: Option<UserId>,
    /// The person of the classic API who booked.
    pub requestor_id: Option<UserId>,
    /// The mark of who did not come, and when it was set.
    pub no_show: Option<(NoShowId, Timestamp)>,
    /// The routing form they came by, as they filled it in.
    pub routing_form_submission_id: Option<RoutingFormSubmissionId>,
    /// When they booked.
    pub created_at: Timestamp,
    /// When this last changed.
    pub updated_at: Timestamp,
}

impl FromRow for Invitee {
    fn from_row(row: &Row<'_>) -> Result<Invitee, StoreError> {
        let mut columns = row.columns();
        Ok(Invitee {
            id: InviteeId(columns.take()?),
            scheduled_event_id: ScheduledEventId(columns.take()?),
            name: columns.take()?,
            first_name: columns.take()?,
            last_name: columns.take()?,
            email: columns.take()?,
            timezone: columns.take()?,
            status: columns.parse(parse_status)?,
            questions_and_answers: columns.take::<Json<_>>()?.0,
            tracking: columns.take::<Json<_>>()?.0,
            text_reminder_number: columns.take()?,
            rescheduled: columns.take()?,
            old_invitee: link(columns.take()?, columns.take()?),
            new_invitee: link(columns.take()?, columns.take()?),
            cancellation: columns
                .take::<Option<Json<_>>>()?
                .map(|cancellation| cancellation.0),
            scheduled_by: columns.take::<Option<Uuid>>()?.map(UserId),
            requestor_id: columns.take::<Option<Uuid>>()?.map(UserId),
            no_show: no_show(columns.take()?, columns.take()?),
            routing_form_submission_id: columns
                .take::<Option<Uuid>>()?
                .map(RoutingFormSubmissionId),
            created_at: columns.take::<Instant>()?.0,
            updated_at: columns.take::<Instant>()?.0,
        })
    }
}

fn link(event: Option<Uuid>, invitee: Option<Uuid>) -> Option<InviteeLink> {
    Some(InviteeLink {
        scheduled_event_id: ScheduledEventId(event?),
        invitee_id: InviteeId(invitee?),
    })
}

fn no_show(id: Option<Uuid>, at: Option<Instant>) -> Option<(NoShowId, Timestamp)> {
    Some((NoShowId(id?), at?.0))
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "select id, scheduled_event_id, name, first_name, last_name, email, timezone, status, questions_and_answers,
  tracking, text_reminder_number, rescheduled, old_scheduled_event_id, old_invitee_id, new_scheduled_event_id,
  new_invitee_id, cancellation, scheduled_by, requestor_id, no_show_id, no_show_at, routing_form_submission_id,
  created_at, updated_at
  from invitees where organization_id = $1 and scheduled_event_id = $2 ",
            $rest
        )
    };
}

const GET: &str = select!("and id = $3");

/// The invitee of this event with this id.
pub async fn get(
    tx: &ReadTx<'_>,
    organization: OrganizationId,
    event: ScheduledEventId,
    id: InviteeId,
) -> Result<Option<Invitee>, StoreError> {
    tx.optional(GET, args![organization.0, event.0, id.0]).await
}

const EXISTS: &str = "select count(*) from invitees where organization_id = $1 and id = $2";

/// Whether there is an invitee with this id.
pub async fn exists(
    tx: &ReadTx<'_>,
    organization: OrganizationId,
    id: InviteeId,
) -> Result<bool, StoreError> {
    let count: i64 = tx.one(EXISTS, args![organization.0, id.0]).await?;
    Ok(count == 1)
}

const EVENT_OF: &str =
    "select scheduled_event_id from invitees where organization_id = $1 and id = $2";

/// What the invitee with this id booked.
pub async fn event_of(
    tx: &ReadTx<'_>,
    organization: OrganizationId,
    id: InviteeId,
) -> Result<Option<ScheduledEventId>, StoreError> {
    let event = tx.optional(EVENT_OF, args![organization.0, id.0]).await?;
    Ok(event.map(ScheduledEventId))
}

const COMING: &str = "select count(*) from invitees
  where organization_id = $1 and scheduled_event_id = $2 and status = 'active'";

/// How many invitees of an event come.
pub async fn coming(
    tx: &ReadTx<'_>,
    organization: OrganizationId,
    event: ScheduledEventId,
) -> Result<i64, StoreError> {
    tx.one(COMING, args![organization.0, event.0]).await
}

const OF_EVENT: &str = select!("order by created_at, id");

/// All invitees of an event, the canceled ones too, oldest first.
pub async fn of_event(
    tx: &ReadTx<'_>,
    organization: OrganizationId,
    event: ScheduledEventId,
) -> Result<Vec<Invitee>, StoreError> {
    tx.all(OF_EVENT, args![organization.0, event.0]).await
}

/// Which invitees of an event are wanted; what is `None` does not matter.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// With this status.
    pub status: Option<EventStatus>,
    /// With this mail address.
    pub email: Option<String>,
}

const LIST_ASCENDING: &str = select!(
    "and (created_at, id) > ($3, $4) and (status = $5 or $5 is null) and (lower(email) = lower($6) or $6 is null)
  order by created_at, id limit $7"
);
const LIST_DESCENDING: &str = select!(
    "and (created_at, id) < ($3, $4) and (status = $5 or $5 is null) and (lower(email) = lower($6) or $6 is null)
  order by created_at desc, id desc limit $7"
);

/// A page of an event's invitees, by age.
pub async fn list(
    tx: &ReadTx<'_>,
    (organization, event): (OrganizationId, ScheduledEventId),
    filter: &Filter,
    request: &PageRequest<InstantKey>,
) -> Result<Page<Invitee>, StoreError> {
    let walk = request.walk();
    let (at, id) = walk.start()?;
    let sql = match walk.order {
        Order::Ascending => LIST_ASCENDING,
        Order::Descending => LIST_DESCENDING,
    };
    let status = filter.status.map(status_word);
    let rows = tx
        .all(
            sql,
            args![
                organization.0,
                event.0,
                Instant(at),
                id,
                status,
                filter.email,
                walk.limit
            ],
        )
        .await?;
    Ok(request.page(rows))
}

const INSERT: &str = "insert into invitees (organization_id, id, scheduled_event_id, name, first_name, last_name, email,
  timezone, status, questions_and_answers, tracking, text_reminder_number, rescheduled, old_scheduled_event_id,
  old_invitee_id, scheduled_by, requestor_id, created_at, updated_at, routing_form_submission_id)
  values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)";

/// Adds an invitee.
pub async fn insert(
    tx: &WriteTx<'_>,
    organization: OrganizationId,
    invitee: &Invitee,
) -> Result<(), StoreError> {
    tx.execute(
        INSERT,
        args![
            organization.0,
            invitee.id.0,
            invitee.scheduled_event_id.0,
            invitee.name,
            invitee.first_name,
            invitee.last_name,
            invitee.email,
            invitee.timezone,
            status_word(invitee.status),
            Json(&invitee.questions_and_answers),
            Json(&invitee.tracking),
            invitee.text_reminder_number,
            invitee.rescheduled,
            invitee.old_invitee.map(|old| old.scheduled_event_id.0),
            invitee.old_invitee.map(|old| old.invitee_id.0),
            invitee.scheduled_by.map(|user| user.0),
            invitee.requestor_id.map(|user| user.0),
            Instant(invitee.created_at),
            Instant(invitee.updated_at),
            invitee.routing_form_submission_id.map(|id| id.0)
        ],
    )
    .await?;
    Ok(())
}

const CANCEL: &str = "update invitees set status = 'canceled', cancellation = $4, rescheduled = $5,
  new_scheduled_event_id = $6, new_invitee_id = $7, updated_at = $8
  where organization_id = $1 and scheduled_event_id = $2 and id = $3 and status = 'active'";

/// How an invitee stops to be expected.
#[derive(Clone, Debug)]
pub struct Cancellation {
    /// By whom and why: a document whose shape is the API's.
    pub document: Value,
    /// The invitee of the new event, when this one was moved there.
    pub moved_to: Option<InviteeLink>,
    /// When.
    pub at: Timestamp,
}

/// Marks an active invitee as canceled.
pub async fn cancel(
    tx: &WriteTx<'_>,
    organization: OrganizationId,
    (event, id): (ScheduledEventId, InviteeId),
    cancellation: &Cancellation,
) -> Result<(), StoreError> {
    let touched = tx
        .execute(
            CANCEL,
            args![
                organization.0,
                event.0,
                id.0,
                Json(&cancellation.document),
                cancellation.moved_to.is_some(),
                cancellation.moved_to.map(|new| new.scheduled_event_id.0),
                cancellation.moved_to.map(|new| new.invitee_id.0),
                Instant(cancellation.at)
            ],
        )
        .await?;
    StoreError::expect_one(touched, "invitees", id)
}

const OVERWRITE: &str = "update invitees set name = $4, first_name = $5, last_name = $6, email = $7, timezone = $8,
  status = $9, questions_and_answers = $10, tracking = $11, text_reminder_number = $12, rescheduled = $13,
  old_scheduled_event_id = $14, old_invitee_id = $15, new_scheduled_event_id = $16, new_invitee_id = $17,
  cancellation = $18, scheduled_by = $19, no_show_id = $20, no_show_at = $21, routing_form_submission_id = $22,
  created_at = $23, updated_at = $24
  where organization_id = $1 and scheduled_event_id = $2 and id = $3";

/// Writes all of an invitee but who of the classic API it is, whatever it was before.
pub async fn overwrite(
    tx: &WriteTx<'_>,
    organization: OrganizationId,
    invitee: &Invitee,
) -> Result<(), StoreError> {
    let touched = tx
        .execute(
            OVERWRITE,
            args![
                organization.0,
                invitee.scheduled_event_id.0,
                invitee.id.0,
                invitee.name,
                invitee.first_name,
                invitee.last_name,
                invitee.email,
                invitee.timezone,
                status_word(invitee.status),
                Json(&invitee.questions_and_answers),
                Json(&invitee.tracking),
                invitee.text_reminder_number,
                invitee.rescheduled,
                invitee.old_invitee.map(|old| old.scheduled_event_id.0),
                invitee.old_invitee.map(|old| old.invitee_id.0),
                invitee.new_invitee.map(|new| new.scheduled_event_id.0),
                invitee.new_invitee.map(|new| new.invitee_id.0),
                invitee.cancellation.as_ref().map(Json),
                invitee.scheduled_by.map(|user| user.0),
                invitee.no_show.map(|(id, _)| id.0),
                invitee.no_show.map(|(_, at)| Instant(at)),
                invitee.routing_form_submission_id.map(|id| id.0),
                Instant(invitee.created_at),
                Instant(invitee.updated_at)
            ],
        )
        .await?;
    StoreError::expect_one(touched, "invitees", invitee.id)
}
