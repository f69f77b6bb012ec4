//! Delivering messages: each is taken by one node, tried, and tried again later and later, for three days.

use crate::app::{
    activity_log_entries::{By, Facts, Log, Way, actions::Action},
    mail_occasions::Occasion,
    retries::{self, leased_until},
};
use domain::id::{OrganizationId, WebhookDeliveryId, WebhookSubscriptionId};
use jiff::{SignedDuration, Timestamp};
use std::convert::Infallible;
use store::{
    Command, StoreError, WriteError, WriteTx,
    webhook_deliveries::{self, Attempt, DeliveryStatus, WebhookDelivery},
    webhook_subscriptions,
};

/// A subscription whose messages have not arrived for so long is disabled.
const DEAF_FOR: SignedDuration = SignedDuration::from_hours(24);

/// Takes messages to try them. Of several nodes that want one, one gets it.
#[derive(Clone, Debug)]
pub struct Claim {
    /// The messages.
    pub wanted: Vec<WebhookDelivery>,
    /// The present.
    pub now: Timestamp,
}

impl Command for Claim {
    type Output = Vec<WebhookDelivery>;
    type Refusal = Infallible;

    async fn run(&self, tx: &WriteTx<'_>) -> Result<Self::Output, WriteError<Infallible>> {
        let until = leased_until(self.now)?;
        let mut taken = Vec::with_capacity(self.wanted.len());
        for delivery in &self.wanted {
            if webhook_deliveries::claim(tx, delivery, until).await? {
                taken.push(WebhookDelivery {
                    due_at: until,
                    ..delivery.clone()
                });
            }
        }
        Ok(taken)
    }
}

/// Notes how an attempt ended, and what comes of it.
#[derive(Clone, Debug)]
pub struct Finish {
    /// The message, as it was taken.
    pub delivery: WebhookDelivery,
    /// The attempt.
    pub attempt: Attempt,
    /// Whether it has arrived.
    pub has_arrived: bool,
    /// The pause between the first two attempts.
    pub first_pause: SignedDuration,
    /// A random share, from 0 to 1, by which pauses differ.
    pub jitter: f64,
    /// The present.
    pub now: Timestamp,
}

impl Command for Finish {
    /// Whether the subscription was disabled.
    type Output = bool;
    type Refusal = Infallible;

    async fn run(&self, tx: &WriteTx<'_>) -> Result<bool, WriteError<Infallible>> {
        let (organization, id) = (self.delivery.organization_id, self.delivery.id);
        let subscription = self.delivery.subscription_id;
        // the message is locked first, so that what is deleted meanwhile is seen
        webhook_deliveries::change(tx, &self.changed()?).await?;
        webhook_deliveries::insert_attempt(tx, organization, id, &self.attempt).await?;
        if self.has_arrived {
            webhook_subscriptions::arrived(tx, organization, subscription).await?;
            return Ok(false);
        }
        webhook_subscriptions::failed(tx, organization, (subscription, self.now)).await?;
        let since = self
            .now
            .saturating_sub(DEAF_FOR)
            .map_err(StoreError::invalid)?;
        let times = (since, self.now);
        let is_disabled =
            webhook_subscriptions::disable(tx, organization, subscription, times).await?;
        if is_disabled {
            let occasion = Occasion::webhook_disabled(subscription);
            occasion.note(tx, organization, self.now).await?;
            let log = Log::new(By::system(organization, Way::Server), self.now);
            let facts = Facts::of("webhook_subscription", subscription);
            log.note(tx, (Action::WebhookSubscriptionDisable, facts))
                .await?;
        }
        Ok(is_disabled)
    }
}

impl Finish {
    fn changed(&self) -> Result<WebhookDelivery, StoreError> {
        let attempt = retries::Attempt {
            number: self.attempt.number,
            since: self.delivery.started_at,
            first_pause: self.first_pause,
            jitter: self.jitter,
            now: self.now,
        };
        let status = match (self.has_arrived, attempt.is_last()?) {
            (true, _) => DeliveryStatus::Delivered,
            (false, true) => DeliveryStatus::Failed,
            (false, false) => DeliveryStatus::Waiting,
        };
        Ok(WebhookDelivery {
            status,
            attempts: self.attempt.number,
            due_at: attempt.next()?,
            updated_at: self.now,
            ..self.delivery.clone()
        })
    }
}

/// Ends a message of which there is nothing left to tell.
#[derive(Clone, Debug)]
pub struct GiveUp {
    /// The message, as it was taken.
    pub delivery: WebhookDelivery,
    /// The present.
    pub now: Timestamp,
}

impl Command for GiveUp {
    type Output = ();
    type Refusal = Infallible;

    async fn run(&self, tx: &WriteTx<'_>) -> Result<(), WriteError<Infallible>> {
        let ended = WebhookDelivery {
            status: DeliveryStatus::Failed,
            updated_at: self.now,
            ..self.delivery.clone()
        };
        Ok(webhook_deliveries::change(tx, &ended).await?)
    }
}

/// There is no such message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownDelivery;

/// Sends a message again, also one that has arrived.
#[derive(Clone, Copy, Debug)]
pub struct SendAgain {
    /// In which organization.
    pub organization: OrganizationId,
    /// Of which subscription, and which.
    pub id: (WebhookSubscriptionId, WebhookDeliveryId),
    /// The present.
    pub now: Timestamp,
}

impl Command for SendAgain {
    type Output = WebhookDelivery;
    type Refusal = UnknownDelivery;

    async fn run(&self, tx: &WriteTx<'_>) -> Result<WebhookDelivery, WriteError<UnknownDelivery>> {
        let found = webhook_deliveries::get(tx, self.organization, self.id).await?;
        let delivery = WebhookDelivery {
            status: DeliveryStatus::Waiting,
            started_at: self.now,
            due_at: self.now,
            updated_at: self.now,
            ..found.ok_or(WriteError::Refused(UnknownDelivery))?
        };
        webhook_deliveries::change(tx, &delivery).await?;
        Ok(delivery)
    }
}

/// Sends again all that happened within a range.
#[derive(Clone, Copy, Debug)]
pub struct SendAllAgain {
    /// In which organization.
    pub organization: OrganizationId,
    /// Of which subscription.
    pub subscription: WebhookSubscriptionId,
    /// From when on, and until when.
    pub range: (Timestamp, Timestamp),
    /// The present.
    pub now: Timestamp,
}

impl Command for SendAllAgain {
    /// How many messages that are.
    type Output = u64;
    type Refusal = Infallible;

    async fn run(&self, tx: &WriteTx<'_>) -> Result<u64, WriteError<Infallible>> {
        let (since, until) = self.range;
        let times = (since, until, self.now);
        let (organization, subscription) = (self.organization, self.subscription);
        Ok(webhook_deliveries::send_again(tx, organization, subscription, times).await?)
    }
}
