//! Emptying what goes with a person's booking, by the ids that connect it.

use crate::{
    ReadTx, StoreError, WriteTx, args,
    column::{Instant, Json},
    feed_events,
    invitees::Invitee,
    meeting_recaps::Attendee,
    scheduled_events::ScheduledEvent,
};
use domain::id::{
    InviteeId, MeetingRecapId, OrganizationId, RoutingFormSubmissionId, ScheduledEventId,
};
use jiff::Timestamp;
use serde_json::{Value, json};
use uuid::Uuid;

const INVITEE: &str = "update invitees set name = $4, first_name = null, last_name = null, email = $5, timezone = $6,
  questions_and_answers = $7, tracking = $8, text_reminder_number = null, cancellation = $9, updated_at = $10
  where organization_id = $1 and scheduled_event_id = $2 and id = $3";

/// Writes what is left of an invitee: name, address, zone, answers, tracking and cancellation. Names and numbers go.
pub async fn set_invitee(
    tx: &WriteTx<'_>,
    organization: OrganizationId,
    left: &Invitee,
) -> Result<(), StoreError> {
    let args = args![
        organization.0,
        left.scheduled_event_id.0,
        left.id.0,
        left.name,
        left.email,
        left.timezone,
        Json(&left.questions_and_answers),
        Json(&left.tracking),
        left.cancellation.as_ref().map(Json),
        Instant(left.updated_at)
    ];
    let touched = tx.execute(INVITEE, args).await?;
    StoreError::expect_one(touched, "invitees", left.id)
}

const EVENT: &str =
    "update scheduled_events set location = $3, guests = $4, cancellation = $5, updated_at = $6
  where organization_id = $1 and id = $2";

/// Writes what is left of a meeting: place, guests and cancellation.
pub async fn set_event(
    tx: &WriteTx<'_>,
    organization: OrganizationId,
    left: &ScheduledEvent,
) -> Result<(), StoreError> {
    let args = args![
        organization.0,
        left.id.0,
        left.location.as_ref().map(Json),
        Json(&left.guests),
        left.cancellation.as_ref().map(Json),
        Instant(left.updated_at)
    ];
    let touched = tx.execute(EVENT, args).await?;
    StoreError::expect_one(touched, "scheduled_events", left.id)
}

const EVENT_OF: &str =
    "select scheduled_event_id from invitees where organization_id = $1 and id = $2";

/// The meeting of an invitee.
pub async fn event_of(
    tx: &ReadTx<'_>,
    organization: OrganizationId,
    id: InviteeId,
) -> Result<Option<ScheduledEventId>, StoreError> {
    let found: Option<Uuid> = tx.optional(EVENT_OF, args![organization.0, id.0]).await?;
    Ok(found.map(ScheduledEventId))
}

const EVENTS: &str = "select starts_at, id from scheduled_events
  where organization_id = $1 and $2 <= starts_at and starts_at <= $3 and (starts_at, id) > ($4, $5)
  order by starts_at, id limit $6";

/// The meetings that began within a time, by when they did, after one of them, so many at most.
pub async fn events_within(
    tx: &ReadTx<'_>,
    organization: OrganizationId,
    (since, until): (Timestamp, Timestamp),
    (after, limit): ((Timestamp, Uuid), i64),
) -> Result<Vec<(Timestamp, ScheduledEventId)>, StoreError> {
    let args = args![
        organization.0,
        Instant(since),
        Instant(until),
        Instant(after.0),
        after.1,
        limit
    ];
    let rows: Vec<(Instant, Uuid)> = tx.all(EVENTS, args).await?;
    let events = rows.into_iter();
    Ok(events
        .map(|(at, id)| (at.0, ScheduledEventId(id)))
        .collect())
}

const SUBMISSION: &str = "select questions_and_answers from routing_form_submissions where organization_id = $1 and id = $2";
const SET_SUBMISSION: &str =
    "update routing_form_submissions set questions_and_answers = $3, tracking = $4
  where organization_id = $1 and id = $2";

/// Takes all answers out of a form that was filled in. The questions stay.
pub async fn empty_submission(
    tx: &WriteTx<'_>,
    organization: OrganizationId,
    id: RoutingFormSubmissionId,
) -> Result<(), StoreError> {
    let found: Option<Json<Value>> = tx.optional(SUBMISSION, args![organization.0, id.0]).await?;
    let Some(Json(mut answers)) = found else {
        return Ok(());
    };
    for answer in answers.as_array_mut().into_iter().flatten() {
        answer["answer"] = Value::Null;
    }
    let args = args![organization.0, id.0, Json(&answers), Json(json!({}))];
    tx.execute(SET_SUBMISSION, args).await?;
    forget_payloads(tx, organization, id.0).await
}

const RECAPS: &str = "select id, attendees from meeting_recaps
  where organization_id = $1 and scheduled_event_id = $2";
const SET_RECAP: &str = "update meeting_recaps set location = null, attendees = $3, attendee_emails = $4,
  summary_md = null, action_items_md = null, discussion_md = null, share_link = null, transcript = null
  where organization_id = $1 and id = $2";

/// Takes out of the recaps of a meeting what was said, and where `blank` is given, who was there but for the hosts.
pub async fn empty_recaps(
    tx: &WriteTx<'_>,
    organization: OrganizationId,
    event: ScheduledEventId,
    blank: Option<&Attendee>,
) -> Result<(), StoreError> {
    let found: Vec<(Uuid, Option<Json<Vec<Attendee>>>)> =
        tx.all(RECAPS, args![organization.0, event.0]).await?;
    for (id, attendees) in found {
        let mut attendees = attendees.map(|attendees| attendees.0);
        for attendee in attendees.iter_mut().flatten().filter(|it| !it.host) {
            if let Some(blank) = blank {
                *attendee = blank.clone();
            }
        }
        let searched = crate::meeting_recaps::searched_emails(attendees.as_deref());
        let args = args![organization.0, id, attendees.as_ref().map(Json), searched];
        tx.execute(SET_RECAP, args).await?;
        forget_payloads(tx, organization, MeetingRecapId(id).0).await?;
    }
    Ok(())
}

const EMPTY_PAYLOADS: &str = "update feed_events set payload = null
  where organization_id = $1 and subject_id = $2 and payload is not null";
const EVENTS_OF: &str = "select id from feed_events where organization_id = $1 and subject_id = $2";

/// Forgets what was told of something. It is read again where somebody asks for it.
pub async fn forget_payloads(
    tx: &WriteTx<'_>,
    organization: OrganizationId,
    subject: Uuid,
) -> Result<(), StoreError> {
    feed_events::begin_erasure(tx, organization).await?;
    tx.execute(EMPTY_PAYLOADS, args![organization.0, subject])
        .await?;
    let events: Vec<Uuid> = tx.all(EVENTS_OF, args![organization.0, subject]).await?;
    for event in events {
        forget_answers(tx, organization, event).await?;
    }
    Ok(())
}

// the messages first, as whoever notes how an attempt ended does it: what is noted meanwhile is seen
const LOCK_MESSAGES: &str = "update webhook_deliveries set status = status
  where organization_id = $1 and event_id = $2";
const EMPTY_ATTEMPTS: &str = "update webhook_attempts set response = null, error = null
  where organization_id = $1 and delivery_id in (
    select id from webhook_deliveries where organization_id = $1 and event_id = $2)";

/// Forgets what receivers answered when they were told of an event.
pub async fn forget_answers(
    tx: &WriteTx<'_>,
    organization: OrganizationId,
    event: Uuid,
) -> Result<(), StoreError> {
    tx.execute(LOCK_MESSAGES, args![organization.0, event])
        .await?;
    tx.execute(EMPTY_ATTEMPTS, args![organization.0, event])
        .await?;
    Ok(())
}
