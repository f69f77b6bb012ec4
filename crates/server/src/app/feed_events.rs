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
    group_relationships,
    invitee_no_shows::NoShow,
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
    /// The mark that was set, and when.
    #[serde(default)]
    pub no_show: Option<(Uuid, Timestamp)>,
}

/// What has to be known to tell of what may be gone by then.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct ActorFacts {
    /// Who did it, or whose it is.
    pub user: Uuid,
}

/// Notes that an invitee was marked as somebody who did not come, or that this was taken back.
pub async fn tell_of_no_show(
    tx: &WriteTx<'_>,
    organization: OrganizationId,
    told: (EventName, Timestamp),
    mark: &NoShow,
) -> Result<(), StoreError> {
    let facts = InviteeFacts {
        event: mark.scheduled_event_id.0,
        invitee: mark.invitee_id.0,
        no_show: Some((mark.id.0, mark.created_at)),
    };
    tell(tx, organization, told, (mark.invitee_id.0, json!(facts))).await
}

/// Notes what a user did with something that may be gone when it is told.
pub async fn tell_of_deed(
    tx: &WriteTx<'_>,
    organization: OrganizationId,
    told: (EventName, Timestamp),
    (subject, user): (Uuid, UserId),
) -> Result<(), StoreError> {
    let facts = ActorFacts { user: user.0 };
    tell(tx, organization, told, (subject, json!(facts))).await
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
        no_show: None,
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

/// Whether something is told now.
#[derive(Clone, Debug)]
pub enum Telling {
    /// There is nothing left to tell of.
    Gone,
    /// Nobody wants to be told now: it is read once somebody asks for it.
    Later,
    /// It is.
    Now(Told),
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
    /// In this order.
    pub events: Vec<(Happened, Telling)>,
    /// How often personal data had been deleted when this was read.
    pub erasures: i64,
    /// The present.
    pub now: Timestamp,
}

impl Command for Publish {
    type Output = ();
    type Refusal = Infallible;

    async fn run(&self, tx: &WriteTx<'_>) -> Result<(), WriteError<Infallible>> {
        let places = i64::try_from(self.events.len()).unwrap_or(i64::MAX);
        let taken = feed_events::take_places(tx, self.organization, (places, self.erasures));
        let Some(mut position) = taken.await? else {
            // it is read again, without what was deleted
            return Ok(());
        };
        let subscriptions = webhook_subscriptions::all_active(tx, self.organization).await?;
        for (happened, telling) in &self.events {
            position += 1;
            let told = match telling {
                Telling::Gone => {
                    feed_events::delete(tx, self.organization, happened.id).await?;
                    continue;
                }
                // somebody subscribed meanwhile: it is read the next time, and with it what follows
                Telling::Later if subscriptions.iter().any(|it| wants(it, happened)) => break,
                Telling::Later => None,
                Telling::Now(told) => Some(told),
            };
            let payload = told.map(|told| &told.payload);
            let place = (happened.id, position);
            let is_first = feed_events::place(tx, self.organization, place, payload).await?;
            // another node may have been first
            if let (true, Some(told)) = (is_first, told) {
                self.send(tx, &subscriptions, (happened, told, position))
                    .await?;
            }
        }
        Ok(())
    }

    async fn is_done(&self, _: &ReadTx<'_>) -> Result<bool, StoreError> {
        // what has no place yet is found again
        Ok(true)
    }
}

/// Whether a subscription is about such things, and was there.
pub fn wants(subscription: &WebhookSubscription, happened: &Happened) -> bool {
    subscription.created_at <= happened.occurred_at && subscription.events.contains(&happened.name)
}

impl Publish {
    async fn send(
        &self,
        tx: &WriteTx<'_>,
        subscriptions: &[WebhookSubscription],
        (happened, told, position): (&Happened, &Told, i64),
    ) -> Result<(), StoreError> {
        for subscription in subscriptions {
            if self.is_wanted(tx, subscription, (happened, told)).await? {
                let delivery = self.delivery(subscription, happened, position);
                webhook_deliveries::insert(tx, &delivery).await?;
            }
        }
        Ok(())
    }

    async fn is_wanted(
        &self,
        tx: &ReadTx<'_>,
        subscription: &WebhookSubscription,
        (happened, told): (&Happened, &Told),
    ) -> Result<bool, StoreError> {
        if !wants(subscription, happened) {
            return Ok(false);
        }
        match subscription.target {
            Target::Organization => Ok(true),
            Target::User(user) => Ok(told.users.contains(&user)),
            Target::Group(group) => {
                for user in &told.users {
                    if group_relationships::is_member(tx, self.organization, group, *user).await? {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
        }
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
