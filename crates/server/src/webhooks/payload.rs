//! What is told of something that happened: the bodies that the API shows, as they were then.

use crate::{
    api::{
        contacts::body::ContactBody, event_types::body::EventTypeBody, invitees::body::InviteeBody,
        meeting_recaps::body::MeetingRecapBody, routing_form_submissions::SubmissionBody,
        scheduled_events::body::ScheduledEventBody, uri::Uris, value::time::Time,
    },
    app::{
        contacts::{KnownContact, known_one},
        event_types::hosting::{Hosted, hosted},
        feed_events::{ActorFacts, EventName, InviteeFacts, Told},
        routing_forms::{ReadForm, documents::Question},
    },
};
use domain::{
    id::{
        ContactId, EventTypeId, InviteeId, MeetingRecapId, NoShowId, OrganizationId,
        RoutingFormSubmissionId, ScheduledEventId, UserId,
    },
    scheduled_event::EventStatus,
};
use jiff::Timestamp;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};
use store::{
    ReadTx, StoreError, contacts, event_types,
    feed_events::{FeedEvent, Happened},
    invitees::{self, Invitee},
    meeting_recaps::{self, MeetingRecap},
    routing_form_submissions::{self, RoutingFormSubmission},
    routing_forms,
    scheduled_events::{self, ListedEvent},
    webhook_subscriptions::WebhookSubscription,
};

/// The body of a message.
pub fn body(event: &FeedEvent, subscription: &WebhookSubscription, uris: &Uris) -> Value {
    let happened = (event.name.as_str(), event.occurred_at);
    envelope(
        happened,
        subscription.creator_id,
        event.payload.as_ref(),
        uris,
    )
}

/// What is around a payload: what happened and when, and who subscribed.
pub fn envelope(
    (name, at): (&str, Timestamp),
    creator: UserId,
    payload: Option<&Value>,
    uris: &Uris,
) -> Value {
    json!({
        "event": name,
        "created_at": Time(at),
        "created_by": uris.of(creator),
        "payload": payload,
    })
}

/// What is told, and whom it concerns. Nothing where there is nothing left to tell of.
pub async fn told(
    tx: &ReadTx<'_>,
    organization: OrganizationId,
    happened: &Happened,
    uris: &Uris,
) -> Result<Option<Told>, StoreError> {
    let name: EventName = serde_json::from_value(Value::from(happened.name.as_str()))
        .map_err(|error| StoreError::corrupt("feed_events", "name", happened.id, error))?;
    match name {
        EventName::InviteeCreated
        | EventName::InviteeCanceled
        | EventName::InviteeNoShowCreated
        | EventName::InviteeNoShowDeleted => {
            let facts: InviteeFacts = facts(happened)?;
            let event = ScheduledEventId(facts.event);
            let listed = scheduled_events::get(tx, organization, event).await?;
            let invitee = invitees::get(tx, organization, event, InviteeId(facts.invitee)).await?;
            let (Some(listed), Some(mut invitee)) = (listed, invitee) else {
                return Ok(None);
            };
            match name {
                EventName::InviteeNoShowCreated => {
                    invitee.no_show = facts.no_show.map(|(id, at)| (NoShowId(id), at));
                }
                EventName::InviteeNoShowDeleted => invitee.no_show = None,
                _ => {}
            }
            of_invitee(name, invitee, listed, uris).map(Some)
        }
        EventName::EventTypeCreated | EventName::EventTypeUpdated | EventName::EventTypeDeleted => {
            of_event_type(tx, organization, EventTypeId(happened.subject), uris).await
        }
        EventName::RoutingFormSubmissionCreated => {
            let id = RoutingFormSubmissionId(happened.subject);
            of_submission(tx, organization, id, uris).await
        }
        EventName::ContactCreated | EventName::ContactUpdated => {
            of_contact(tx, organization, happened, uris).await
        }
        EventName::MeetingRecapCreated | EventName::MeetingRecapUpdated => {
            of_recap(tx, organization, (name, happened), uris).await
        }
        EventName::ContactDeleted => {
            let id = ContactId(happened.subject);
            let deleted = (id, happened.occurred_at);
            Ok(Some(deleted_contact(deleted, actor(happened)?, uris)))
        }
        EventName::MeetingRecapDeleted => {
            let id = MeetingRecapId(happened.subject);
            let deleted = (id, happened.occurred_at);
            Ok(Some(deleted_recap(deleted, actor(happened)?, uris)))
        }
    }
}

/// A contact that somebody removed.
pub fn deleted_contact((id, at): (ContactId, Timestamp), user: UserId, uris: &Uris) -> Told {
    let contact = json!({"uri": uris.of(id), "deleted_at": Time(at)});
    Told {
        payload: json!({"user_uuid": user.to_string(), "contact": contact}),
        users: vec![user],
    }
}

/// A recap that was removed, and whose it was.
pub fn deleted_recap((id, at): (MeetingRecapId, Timestamp), user: UserId, uris: &Uris) -> Told {
    let recap = json!({"uri": uris.of(id), "deleted_at": Time(at)});
    Told {
        payload: json!({"recap": recap}),
        users: vec![user],
    }
}

fn actor(happened: &Happened) -> Result<UserId, StoreError> {
    let facts: ActorFacts = facts(happened)?;
    Ok(UserId(facts.user))
}

fn facts<T: DeserializeOwned>(happened: &Happened) -> Result<T, StoreError> {
    serde_json::from_value(happened.facts.clone())
        .map_err(|error| StoreError::corrupt("feed_events", "facts", happened.id, error))
}

async fn of_submission(
    tx: &ReadTx<'_>,
    organization: OrganizationId,
    id: RoutingFormSubmissionId,
    uris: &Uris,
) -> Result<Option<Told>, StoreError> {
    let Some(row) = routing_form_submissions::get(tx, organization, id).await? else {
        return Ok(None);
    };
    let form = routing_forms::get(tx, organization, row.routing_form_id).await?;
    let missing = || StoreError::missing("routing_forms", row.routing_form_id);
    let content = ReadForm::of(form.ok_or_else(missing)?)?.content;
    filled_in(&row, &content.questions, uris).map(Some)
}

/// What was filled in.
pub fn filled_in(
    row: &RoutingFormSubmission,
    questions: &[Question],
    uris: &Uris,
) -> Result<Told, StoreError> {
    let body = SubmissionBody::new(row, questions, uris)?;
    Ok(Told {
        payload: Value::Object(object(&body)?),
        users: Vec::new(),
    })
}

async fn of_contact(
    tx: &ReadTx<'_>,
    organization: OrganizationId,
    happened: &Happened,
    uris: &Uris,
) -> Result<Option<Told>, StoreError> {
    let user = actor(happened)?;
    let id = ContactId(happened.subject);
    let Some(contact) = contacts::get(tx, organization, id).await? else {
        return Ok(None);
    };
    let known = known_one(tx, organization, contact, happened.occurred_at).await?;
    written_contact(known, user, uris).map(Some)
}

/// A contact that somebody added or changed.
pub fn written_contact(known: KnownContact, user: UserId, uris: &Uris) -> Result<Told, StoreError> {
    let mut contact = object(&ContactBody::new(known, uris, true))?;
    contact.shift_remove("app_url");
    contact.insert("creation_source".to_owned(), json!("api"));
    Ok(Told {
        payload: json!({"user_uuid": user.to_string(), "contact": contact}),
        users: vec![user],
    })
}

async fn of_recap(
    tx: &ReadTx<'_>,
    organization: OrganizationId,
    (name, happened): (EventName, &Happened),
    uris: &Uris,
) -> Result<Option<Told>, StoreError> {
    let id = MeetingRecapId(happened.subject);
    let Some(recap) = meeting_recaps::get(tx, organization, id).await? else {
        return Ok(None);
    };
    written_recap((name, happened.occurred_at), recap, uris).map(Some)
}

/// A recap that came or changed.
pub fn written_recap(
    (name, at): (EventName, Timestamp),
    recap: MeetingRecap,
    uris: &Uris,
) -> Result<Told, StoreError> {
    let users = vec![recap.listed.user_id];
    let shown = object(&MeetingRecapBody::new(recap, uris))?;
    let some = |keys: &[&str]| {
        let there = keys.iter().filter_map(|key| Some((*key, shown.get(*key)?)));
        let named = there.map(|(key, value)| (key.to_owned(), value.clone()));
        named.collect::<Map<String, Value>>()
    };
    let mut event = some(&["name", "start_time", "end_time", "location", "attendees"]);
    if let Some(Value::String(uri)) = shown.get("event") {
        event.insert("uri".to_owned(), json!(uri));
    }
    let recap = some(&[
        "uri",
        "transcript",
        "summary_md",
        "action_items_md",
        "discussion_md",
        "share_link",
        "created_at",
        "updated_at",
    ]);
    let mut payload = json!({"event": event, "recap": recap});
    if name == EventName::MeetingRecapCreated {
        payload["created_at"] = json!(Time(at));
    }
    Ok(Told { payload, users })
}

/// An invitee with the meeting. When it is told that they came, they may have gone again.
pub fn of_invitee(
    name: EventName,
    mut invitee: Invitee,
    mut listed: ListedEvent,
    uris: &Uris,
) -> Result<Told, StoreError> {
    if name == EventName::InviteeCreated && invitee.status == EventStatus::Canceled {
        invitee.status = EventStatus::Active;
        invitee.rescheduled = false;
        invitee.new_invitee = None;
        invitee.cancellation = None;
        invitee.no_show = None;
        invitee.updated_at = invitee.created_at;
        listed.active_invitees += 1;
        let event = &mut listed.event;
        event.state = domain::scheduled_event::EventState::booked(event.state.interval);
        event.cancellation = None;
        event.updated_at = event.created_at;
    }
    let users = listed.hosts.iter().map(|host| host.id).collect();
    let mut payload = object(&InviteeBody::new(invitee, uris)?)?;
    let mut event = object(&ScheduledEventBody::new(listed, uris)?)?;
    event.shift_remove("calendar_event");
    if let Some(Value::Array(hosts)) = event.get_mut("event_memberships") {
        for host in hosts.iter_mut().filter_map(Value::as_object_mut) {
            host.shift_remove("buffered_start_time");
            host.shift_remove("buffered_end_time");
        }
    }
    payload.insert("scheduled_event".to_owned(), Value::Object(event));
    Ok(Told {
        payload: Value::Object(payload),
        users,
    })
}

async fn of_event_type(
    tx: &ReadTx<'_>,
    organization: OrganizationId,
    id: EventTypeId,
    uris: &Uris,
) -> Result<Option<Told>, StoreError> {
    let Some(event_type) = event_types::get(tx, organization, id).await? else {
        return Ok(None);
    };
    offered(hosted(tx, organization, event_type).await?, uris).map(Some)
}

/// An event type with whom it concerns.
pub fn offered(hosted: Hosted, uris: &Uris) -> Result<Told, StoreError> {
    let mut users = vec![hosted.event_type.user_id];
    users.extend(hosted.hosts.iter().map(|host| host.membership.user_id));
    users.sort_unstable();
    users.dedup();
    let mut payload = object(&EventTypeBody::new(hosted, uris))?;
    payload.shift_remove("description_html");
    Ok(Told {
        payload: Value::Object(payload),
        users,
    })
}

fn object(body: &impl serde::Serialize) -> Result<Map<String, Value>, StoreError> {
    match serde_json::to_value(body).map_err(StoreError::invalid)? {
        Value::Object(object) => Ok(object),
        _ => Err(StoreError::invalid("a body that is no object")),
    }
}
