//! Clearing away what nobody asks for any more: events of the feed, messages, entries of the activity log, mails, kept
//! answers, holds that have ended. In steps of so many rows each, so that nobody waits for one.

use super::holds::remove;
use crate::{context::App, jobs::failure};
use domain::id::{OrganizationId, TokenId, UserId, WebhookSubscriptionId};
use jiff::{SignedDuration, Timestamp};
use std::convert::Infallible;
use store::{
    Command, StoreError, WriteError, WriteTx, activity_log_entries,
    chores::{self, claim},
    data_deletions, mail_occasions, outgoing_communications,
};

/// So much is cleared away in a step.
const ROWS: i64 = 500;

/// How often it is looked for.
const EVERY: SignedDuration = SignedDuration::from_mins(10);

/// For so long the answer to an `Idempotency-Key` is kept.
pub const ANSWERS_KEPT: SignedDuration = SignedDuration::from_hours(24);

/// What is behind holds that have ended is looked at once more by those who hold: a while later nobody does.
const HOLDS_KEPT: SignedDuration = SignedDuration::from_hours(1);

/// It is remembered for so long that somebody asked for a deletion, without whose data that was.
const DELETIONS_KEPT: SignedDuration = SignedDuration::from_hours(24 * 730);

/// The chore in the database.
const NAME: &str = "cleanup";

/// Clears away all there is, if it is time for that and nobody else does it. Returns whether it was.
pub async fn clean_up_if_due(app: &App) -> Result<bool, StoreError> {
    let now = app.now();
    let next = now.saturating_add(EVERY).map_err(StoreError::invalid)?;
    let is_due = app.store.unrecorded().write(Take { now, next }).await;
    if is_due.map_err(failure)? {
        clean_up(app).await?;
        return Ok(true);
    }
    Ok(false)
}

/// Clears away all there is.
pub async fn clean_up(app: &App) -> Result<(), StoreError> {
    let days = |days: u32| SignedDuration::from_hours(24 * i64::from(days));
    let before = |kept| app.now().saturating_sub(kept).map_err(StoreError::invalid);
    let logged = before(days(app.config.webhook_log_days))?;
    // first the messages: an event stays for as long as one of them does
    let mut log = None;
    while let Some(next) = chores::next_log(&app.store.read().await?, log).await? {
        all(app, Clear::Deliveries(next, logged)).await?;
        log = Some(next);
    }
    let told = before(days(app.config.feed_days))?;
    let mut feed = None;
    while let Some(next) = chores::next_feed(&app.store.read().await?, feed).await? {
        all(app, Clear::Events(next, told)).await?;
        feed = Some(next);
    }
    let noted = before(days(app.config.activity_log_days))?;
    let mut organization = None;
    while let Some(next) = chores::next_noted(&app.store.read().await?, organization).await? {
        all(app, Clear::Noted(next, noted)).await?;
        organization = Some(next);
    }
    let mailed = before(days(app.config.mail_log_days))?;
    all(app, Clear::Occasions(mailed)).await?;
    let mut sender = None;
    while let Some(next) =
        outgoing_communications::next_mailed(&app.store.read().await?, sender).await?
    {
        all(app, Clear::Mails(next, mailed)).await?;
        sender = Some(next);
    }
    let answered = before(ANSWERS_KEPT)?;
    let mut user = None;
    while let Some(next) = chores::next_answered(&app.store.read().await?, user).await? {
        all(app, Clear::Answers(next, answered)).await?;
        user = Some(next);
    }
    let tx = app.store.read().await?;
    let held = tx.now().await?.saturating_sub(HOLDS_KEPT);
    drop(tx);
    let held = held.map_err(StoreError::invalid)?;
    let mut holder = None;
    while let Some(next) = chores::next_holder(&app.store.read().await?, holder).await? {
        all(app, Clear::Holds(next, held)).await?;
        holder = Some(next);
    }
    all(app, Clear::Deletions(before(DELETIONS_KEPT)?)).await
}

/// Step by step, until nothing is left of it.
async fn all(app: &App, clear: Clear) -> Result<(), StoreError> {
    let full = ROWS.unsigned_abs();
    while app.store.unrecorded().write(clear).await.map_err(failure)? == full {}
    Ok(())
}

#[derive(Clone, Copy, Debug)]
struct Take {
    now: Timestamp,
    next: Timestamp,
}

impl Command for Take {
    type Output = bool;
    type Refusal = Infallible;

    async fn run(&self, tx: &WriteTx<'_>) -> Result<bool, WriteError<Infallible>> {
        Ok(claim(tx, NAME, (self.now, self.next)).await?)
    }
}

/// What is cleared away, of whom, and from before when.
#[derive(Clone, Copy, Debug)]
enum Clear {
    Deliveries((OrganizationId, WebhookSubscriptionId), Timestamp),
    Events(OrganizationId, Timestamp),
    Noted(OrganizationId, Timestamp),
    Occasions(Timestamp),
    Mails(OrganizationId, Timestamp),
    Answers((OrganizationId, UserId), Timestamp),
    Holds((OrganizationId, TokenId), Timestamp),
    Deletions(Timestamp),
}

impl Command for Clear {
    type Output = u64;
    type Refusal = Infallible;

    async fn run(&self, tx: &WriteTx<'_>) -> Result<u64, WriteError<Infallible>> {
        Ok(match *self {
            Clear::Deliveries(of, before) => {
                chores::forget_deliveries(tx, of, (before, ROWS)).await?
            }
            Clear::Events(of, before) => chores::forget_events(tx, of, (before, ROWS)).await?,
            Clear::Noted(of, before) => {
                activity_log_entries::delete_before(tx, of, before, ROWS).await?
            }
            Clear::Occasions(before) => mail_occasions::delete_before(tx, before).await?,
            Clear::Mails(of, before) => {
                outgoing_communications::delete_before(tx, of, (before, ROWS)).await?
            }
            Clear::Answers(of, before) => chores::forget_answers(tx, of, (before, ROWS)).await?,
            Clear::Holds(of, before) => {
                let ended = chores::old_holds(tx, of, (before, ROWS)).await?;
                for id in &ended {
                    remove(tx, of.0, *id).await?;
                }
                ended.len() as u64
            }
            Clear::Deletions(before) => data_deletions::forget_before(tx, before).await?,
        })
    }
}
