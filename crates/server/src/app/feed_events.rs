//! Telling what happens. What changes something that others want to know of notes it in the same transaction; soon after,
//! it gets its place in the feed with all that is told of it, and a message for each subscription.

use crate::{api::value::words, context::fresh_id};
use domain::id::{
    EventTypeId, InviteeId, OrganizationId, ScheduledEventId, UserId, WebhookDeliveryId,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::convert::Infallible;
use store::{
    Command, ReadTx, StoreError, WriteError, WriteTx,
    feed_events::{self, Happened},
    webhook_deliveries::{self, DeliveryStatus, WebhookDelivery},
    webhook_subscriptions::{self, Target, WebhookSubscription},
};
use uuid::Uuid;

words! {
    /// What is told.
    pub enum EventName {
        /// Somebody booked, or comes along to a new time.
        InviteeCreated = "invitee.created",
        /// An invitee does not come, or moved to a new time.
        InviteeCanceled = "invitee.canceled",
        /// An invitee was marked as somebody who did not come.
        InviteeNoShowCreated = "invitee_no_show.created",
        /// The mark was taken back.
        InviteeNoShowDeleted = "invitee_no_show.deleted",
        /// A routing form was filled in.
        RoutingFormSubmissionCreated = "routing_form_submission.created",
        /// There is a new event type.
        EventTypeCreated = "event_type.created",
        /// An event type changed.
        EventTypeUpdated = "event_type.updated",
        /// An event type was deleted.
        EventTypeDeleted = "event_type.deleted",
        /// There is a new meeting recap.
        MeetingRecapCreated = "meeting_recap.created",
        /// A meeting recap changed.
        MeetingRecapUpdated = "meeting_recap.updated",
        /// A meeting recap was deleted.
        MeetingRecapDeleted = "meeting_recap.deleted",
        /// There is a new contact.
        ContactCreated = "contact.created",
        /// A contact changed.
        ContactUpdated = "contact.updated",
        /// A contact was deleted.
        ContactDeleted = "contact.deleted",
    }
}

/// What has to be read to tell of an invitee.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct InviteeFacts {
    /// The meeting.
    pub event: Uuid,
    /// Who.
    pub invitee: Uuid,
}

/// Notes something about an invitee.
pub async fn tell_of_invitee(
    tx: &WriteTx<'_>,
    organization: OrganizationId,
    (name, at): (EventName, Timestamp),
    (event, invitee): (ScheduledEventId, InviteeId),
) -> Result<(), StoreError> {
    let facts = InviteeFacts {
        event: event.0,
        invitee: invitee.0,
    };
    tell(tx, organization, (name, at), (invitee.0, json!(facts))).await
}

/// Notes something about an event type.
pub async fn tell_of_event_type(
    tx: &WriteTx<'_>,
    organization: OrganizationId,
    told: (EventName, Timestamp),
    id: EventTypeId,
) -> Result<(), StoreError> {
    tell(tx, organization, told, (id.0, json!({}))).await
}

/// Notes that something happened to a subject, with what is needed to tell it.
pub async fn tell(
    tx: &WriteTx<'_>,
    organization: OrganizationId,
    (name, at): (EventName, Timestamp),
    (subject, facts): (Uuid, Value),
) -> Result<(), StoreError> {
    let happened = Happened {
        // made here: a command that runs again has not written the first one
        id: fresh_id(),
        name: name.word().to_owned(),
        subject,
        facts,
        occurred_at: at,
    };
    feed_events::insert(tx, organization, &happened).await
}

/// What is told of something that happened.
#[derive(Clone, Debug)]
pub struct Told {
    /// The payload.
    pub payload: Value,
    /// The users whom it concerns.
    pub users: Vec<UserId>,
}

/// Puts what happened in order: by when it was noted, but nothing comes before its subject was made. The clocks of nodes
/// may differ by a little.
pub fn in_order(happened: &mut [Happened]) {
    for later in 1..happened.len() {
        if !happened[later].name.ends_with(".created") {
            continue;
        }
        let subject = happened[later].subject;
        if let Some(first) = happened[..later]
            .iter()
            .position(|it| it.subject == subject)
        {
            happened[first..=later].rotate_right(1);
        }
    }
}

/// Gives places in the feed to what happened, and makes a message for each subscription that wants it.
#[derive(Clone, Debug)]
pub struct Publish {
    /// In which organization.
    pub organization: OrganizationId,
    /// In this order, with what is told; nothing of what there is nothing left to tell of.
    pub events: Vec<(Happened, Option<Told>)>,
    /// The present.
    pub now: Timestamp,
}

impl Command for Publish {
    type Output = ();
    type Refusal = Infallible;

    async fn run(&self, tx: &WriteTx<'_>) -> Result<(), WriteError<Infallible>> {
        let places = i64::try_from(self.events.len()).unwrap_or(i64::MAX);
        let mut position = feed_events::take_places(tx, self.organization, places).await?;
        let subscriptions = webhook_subscriptions::all_active(tx, self.organization).await?;
        for (happened, told) in &self.events {
            position += 1;
            let Some(told) = told else {
                feed_events::delete(tx, self.organization, happened.id).await?;
                continue;
            };
            let place = (position, &told.payload, told.users.as_slice());
            if !feed_events::place(tx, self.organization, happened.id, place).await? {
                // another node was first
                continue;
            }
            for subscription in &subscriptions {
                if self.is_wanted(tx, subscription, (happened, told)).await? {
                    let delivery = self.delivery(subscription, happened, position);
                    webhook_deliveries::insert(tx, &delivery).await?;
                }
            }
        }
        Ok(())
    }

    async fn is_done(&self, _: &ReadTx<'_>) -> Result<bool, StoreError> {
        // what has no place yet is found again
        Ok(true)
    }
}

impl Publish {
    async fn is_wanted(
        &self,
        _tx: &ReadTx<'_>,
        subscription: &WebhookSubscription,
        (happened, told): (&Happened, &Told),
    ) -> Result<bool, StoreError> {
        let is_new = happened.occurred_at < subscription.created_at;
        if is_new || !subscription.events.contains(&happened.name) {
            return Ok(false);
        }
        Ok(match subscription.target {
            Target::Organization => true,
            Target::User(user) => told.users.contains(&user),
            Target::Group(_) => false,
        })
    }

    fn delivery(
        &self,
        subscription: &WebhookSubscription,
        happened: &Happened,
        position: i64,
    ) -> WebhookDelivery {
        WebhookDelivery {
            organization_id: self.organization,
            id: WebhookDeliveryId(fresh_id()),
            subscription_id: subscription.id,
            event_id: happened.id,
            subject_id: happened.subject,
            position,
            status: DeliveryStatus::Waiting,
            attempts: 0,
            started_at: self.now,
            due_at: self.now,
            updated_at: self.now,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_comes_before_its_subject_was_made() {
        let happened = |(name, subject): (&str, u128)| Happened {
            id: Uuid::nil(),
            name: name.to_owned(),
            subject: Uuid::from_u128(subject),
            facts: Value::Null,
            occurred_at: Timestamp::UNIX_EPOCH,
        };
        let mut all: Vec<Happened> = [
            ("invitee.created", 1),
            ("invitee.canceled", 2),
            ("invitee.canceled", 1),
            ("invitee.created", 3),
            ("invitee.created", 2),
        ]
        .map(happened)
        .into();
        in_order(&mut all);
        let told: Vec<(&str, u128)> = all
            .iter()
            .map(|it| (it.name.as_str(), it.subject.as_u128()))
            .collect();
        let expected = [
            ("invitee.created", 1),
            ("invitee.created", 2),
            ("invitee.canceled", 2),
            ("invitee.canceled", 1),
            ("invitee.created", 3),
        ];
        assert_eq!(told, expected);
    }
}
