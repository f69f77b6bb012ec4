//! What is told of something that happened: the bodies that the API shows, as they were then.

use crate::{
    api::{
        event_types::body::EventTypeBody, invitees::body::InviteeBody,
        scheduled_events::body::ScheduledEventBody, uri::Uris, value::time::Time,
    },
    app::{
        event_types::hosting::hosted,
        feed_events::{EventName, InviteeFacts, Told},
    },
};
use domain::{
    id::{EventTypeId, InviteeId, OrganizationId, ScheduledEventId},
    scheduled_event::EventStatus,
};
use serde_json::{Map, Value, json};
use store::{
    ReadTx, StoreError, event_types,
    feed_events::{FeedEvent, Happened},
    invitees::{self, Invitee},
    scheduled_events::{self, ListedEvent},
    webhook_subscriptions::WebhookSubscription,
};

/// The body of a message.
pub fn body(event: &FeedEvent, subscription: &WebhookSubscription, uris: &Uris) -> Value {
    json!({
        "event": event.name,
        "created_at": Time(event.occurred_at),
        "created_by": uris.of(subscription.creator_id),
        "payload": event.payload,
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
            let facts: InviteeFacts = serde_json::from_value(happened.facts.clone())
                .map_err(|error| StoreError::corrupt("feed_events", "facts", happened.id, error))?;
            let event = ScheduledEventId(facts.event);
            let listed = scheduled_events::get(tx, organization, event).await?;
            let invitee = invitees::get(tx, organization, event, InviteeId(facts.invitee)).await?;
            let (Some(listed), Some(invitee)) = (listed, invitee) else {
                return Ok(None);
            };
            of_invitee(name, invitee, listed, uris).map(Some)
        }
        EventName::EventTypeCreated | EventName::EventTypeUpdated | EventName::EventTypeDeleted => {
            of_event_type(tx, organization, EventTypeId(happened.subject), uris).await
        }
        EventName::RoutingFormSubmissionCreated
        | EventName::MeetingRecapCreated
        | EventName::MeetingRecapUpdated
        | EventName::MeetingRecapDeleted
        | EventName::ContactCreated
        | EventName::ContactUpdated
        | EventName::ContactDeleted => Ok(None),
    }
}

/// An invitee with the meeting. When it is told that they came, they may have gone again.
fn of_invitee(
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
    let hosted = hosted(tx, organization, event_type).await?;
    let mut users = vec![hosted.event_type.user_id];
    users.extend(hosted.hosts.iter().map(|host| host.membership.user_id));
    users.sort_unstable();
    users.dedup();
    let mut payload = object(&EventTypeBody::new(hosted, uris))?;
    payload.shift_remove("description_html");
    Ok(Some(Told {
        payload: Value::Object(payload),
        users,
    }))
}

fn object(body: &impl serde::Serialize) -> Result<Map<String, Value>, StoreError> {
    match serde_json::to_value(body).map_err(StoreError::invalid)? {
        Value::Object(object) => Ok(object),
        _ => Err(StoreError::invalid("a body that is no object")),
    }
}
