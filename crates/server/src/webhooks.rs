//! Webhooks: what happened gets its place in the feed, and is sent to whoever subscribed. Any number of processes may do
//! so on one database; each message is tried by one of them at a time.

pub mod payload;
pub mod sample;
pub mod sending;
mod signature;
pub mod target;

use crate::{
    app::{
        feed_events::{Publish, Telling, in_order, wants},
        webhook_deliveries::{Claim, Finish, GiveUp},
    },
    context::{App, fresh_share},
    jobs::{self, failure},
};
use domain::id::{OrganizationId, WebhookSubscriptionId};
use jiff::SignedDuration;
use sending::{Message, Sender};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use store::{
    StoreError,
    error::chain,
    feed_events,
    webhook_deliveries::{self, Attempt, WebhookDelivery},
    webhook_subscriptions,
};
use tokio::time::Instant;

/// So much gets its place at once.
const BATCH: i64 = 200;

/// So many messages of one subscription, and of all, are on their way at once.
const EACH: usize = 8;
const ALL: usize = 64;

/// Tells what happens for as long as the process serves.
pub async fn tell(app: App) {
    let sender = Sender::new(&app.config);
    tell_by(app, sender).await;
}

/// The same by a sender of one's own.
pub async fn tell_by(app: App, sender: Sender) {
    let sender = Arc::new(sender);
    let under_way = Arc::new(UnderWay::default());
    let step = || step(&app, &sender, &under_way);
    jobs::keep_on("webhooks", &app.bell, step).await;
}

/// Whether there may be more to do at once.
async fn step(
    app: &App,
    sender: &Arc<Sender>,
    under_way: &Arc<UnderWay>,
) -> Result<bool, StoreError> {
    let tx = app.store.read().await?;
    let organizations = feed_events::waiting_organizations(&tx).await?;
    drop(tx);
    let mut is_more = false;
    for organization in organizations {
        is_more |= publish(app, organization).await?;
    }
    let sent = send_due(app, sender, under_way).await?;
    Ok(is_more || sent)
}

/// Gives places to what happened; whether there may be more.
pub async fn publish(app: &App, organization: OrganizationId) -> Result<bool, StoreError> {
    let tx = app.store.read().await?;
    let erasures = feed_events::erasures(&tx, organization).await?;
    let mut waiting = feed_events::waiting(&tx, organization, BATCH).await?;
    in_order(&mut waiting);
    let is_full = waiting.len() == usize::try_from(BATCH).unwrap_or(usize::MAX);
    let subscriptions = webhook_subscriptions::all_active(&tx, organization).await?;
    let mut events = Vec::with_capacity(waiting.len());
    for happened in waiting {
        let is_wanted = subscriptions.iter().any(|it| wants(it, &happened));
        let telling = if is_wanted {
            let told = payload::told(&tx, organization, &happened, &app.uris()).await?;
            told.map_or(Telling::Gone, Telling::Now)
        } else {
            Telling::Later
        };
        events.push((happened, telling));
    }
    drop(tx);
    if !events.is_empty() {
        let command = Publish {
            organization,
            events,
            erasures,
            now: app.now(),
        };
        app.store
            .unrecorded()
            .write(command)
            .await
            .map_err(failure)?;
    }
    Ok(is_full)
}

/// The messages that are on their way, by subscription.
#[derive(Debug, Default)]
struct UnderWay(Mutex<HashMap<WebhookSubscriptionId, usize>>);

impl UnderWay {
    fn lock(&self) -> MutexGuard<'_, HashMap<WebhookSubscriptionId, usize>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many more of a subscription may be sent.
    fn room(&self, subscription: WebhookSubscriptionId) -> usize {
        let counts = self.lock();
        let all: usize = counts.values().sum();
        let of_it = counts.get(&subscription).copied().unwrap_or(0);
        EACH.saturating_sub(of_it).min(ALL.saturating_sub(all))
    }

    fn begin(&self, subscription: WebhookSubscriptionId) {
        *self.lock().entry(subscription).or_default() += 1;
    }

    fn end(&self, subscription: WebhookSubscriptionId) {
        let mut counts = self.lock();
        if let Some(count) = counts.get_mut(&subscription) {
            *count -= 1;
            if *count == 0 {
                counts.remove(&subscription);
            }
        }
    }
}

/// Takes what is due and sends it; whether anything was taken.
async fn send_due(
    app: &App,
    sender: &Arc<Sender>,
    under_way: &Arc<UnderWay>,
) -> Result<bool, StoreError> {
    let now = app.now();
    let tx = app.store.read().await?;
    let mut wanted = Vec::new();
    for (organization, subscription) in webhook_deliveries::due_subscriptions(&tx, now).await? {
        let room = under_way.room(subscription);
        if room > 0 {
            let place = (organization, subscription);
            wanted.extend(webhook_deliveries::due(&tx, place, (now, room)).await?);
        }
    }
    drop(tx);
    if wanted.is_empty() {
        return Ok(false);
    }
    let taken = app
        .store
        .unrecorded()
        .write(Claim { wanted, now })
        .await
        .map_err(failure)?;
    let is_any = !taken.is_empty();
    for delivery in taken {
        under_way.begin(delivery.subscription_id);
        let (app, sender, under_way) = (app.clone(), sender.clone(), under_way.clone());
        tokio::spawn(async move {
            let subscription = delivery.subscription_id;
            if let Err(error) = deliver(&app, &sender, delivery).await {
                // whoever finds it once it is nobody's any more tries it again
                let error = chain(&error);
                tracing::warn!(error, "what became of a webhook is not known");
            }
            under_way.end(subscription);
            app.bell.ring();
        });
    }
    Ok(is_any)
}

/// Tries to deliver a message, and notes how that ended.
async fn deliver(app: &App, sender: &Sender, delivery: WebhookDelivery) -> Result<(), StoreError> {
    let organization = delivery.organization_id;
    let store = app.store.unrecorded();
    let tx = app.store.read().await?;
    let subscription =
        webhook_subscriptions::get(&tx, organization, delivery.subscription_id).await?;
    let event = feed_events::get(&tx, organization, delivery.event_id).await?;
    let (Some(subscription), Some(mut event)) = (subscription, event) else {
        return Ok(());
    };
    if event.payload.is_none() {
        // personal data was deleted: what is left is told
        let told = payload::told(&tx, organization, &event.happened(), &app.uris()).await?;
        event.payload = told.map(|told| told.payload);
    }
    drop(tx);
    if event.payload.is_none() {
        let now = app.now();
        let given_up = store.write(GiveUp { delivery, now }).await;
        return given_up.map_err(failure);
    }
    let body = payload::body(&event, &subscription, &app.uris());
    let message = Message {
        id: delivery.id.to_string(),
        url: &subscription.callback_url,
        signing_key: subscription.signing_key.as_deref(),
        body: body.to_string(),
        now: app.now(),
    };
    let (has_arrived, attempt) = attempt(app, sender, (message, delivery.attempts + 1)).await;
    let finish = Finish {
        has_arrived,
        delivery,
        attempt,
        first_pause: SignedDuration::from_millis(app.config.webhook_first_retry.into()),
        jitter: fresh_share(),
        now: app.now(),
    };
    if store.write(finish).await.map_err(failure)? {
        tracing::warn!(subscription = %subscription.id, "a webhook was disabled: nothing arrived for 24 hours");
    }
    Ok(())
}

/// Sends a message, Whether it arrived, and what the log says of it.
async fn attempt(
    app: &App,
    sender: &Sender,
    (message, number): (Message<'_>, i64),
) -> (bool, Attempt) {
    let (started_at, clock) = (app.now(), Instant::now());
    let answer = sender.send(message).await;
    let duration = i64::try_from(clock.elapsed().as_millis()).unwrap_or(i64::MAX);
    let attempt = Attempt {
        number,
        started_at,
        duration,
        status: answer.as_ref().ok().map(|answer| answer.status.into()),
        error: answer.as_ref().err().map(ToString::to_string),
        response: answer.as_ref().ok().map(|answer| answer.beginning.clone()),
    };
    let has_arrived = answer.is_ok_and(|answer| (200..300).contains(&answer.status));
    (has_arrived, attempt)
}
