//! Subscriptions: made, changed, ended.

use domain::id::{OrganizationId, WebhookSubscriptionId};
use jiff::Timestamp;
use std::{fmt, sync::Arc};
use store::{
    Command, ReadTx, StoreError, WriteError, WriteTx,
    webhook_subscriptions::{self, WebhookSubscription},
};

/// Why a subscription cannot be made or changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SubscriptionRefusal {
    /// There is no such subscription.
    Unknown,
    /// There is one to the same address for the same target.
    UrlTaken,
}

/// Makes a subscription.
#[derive(Clone, Debug)]
pub struct Subscribe {
    /// In which organization.
    pub organization: OrganizationId,
    /// The subscription.
    pub subscription: WebhookSubscription,
}

impl Command for Subscribe {
    type Output = WebhookSubscription;
    type Refusal = SubscriptionRefusal;

    async fn run(
        &self,
        tx: &WriteTx<'_>,
    ) -> Result<WebhookSubscription, WriteError<SubscriptionRefusal>> {
        if !webhook_subscriptions::insert(tx, self.organization, &self.subscription).await? {
            return Err(WriteError::Refused(SubscriptionRefusal::UrlTaken));
        }
        Ok(self.subscription.clone())
    }

    async fn is_done(&self, tx: &ReadTx<'_>) -> Result<bool, StoreError> {
        let found = webhook_subscriptions::get(tx, self.organization, self.subscription.id).await?;
        Ok(found.is_some())
    }
}

/// What a change does to a subscription.
pub type Edit = Arc<dyn Fn(&mut WebhookSubscription) + Send + Sync>;

/// Changes a subscription.
#[derive(Clone)]
pub struct ChangeSubscription {
    /// In which organization.
    pub organization: OrganizationId,
    /// Which one.
    pub id: WebhookSubscriptionId,
    /// What changes.
    pub edit: Edit,
    /// When.
    pub now: Timestamp,
}

impl fmt::Debug for ChangeSubscription {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("ChangeSubscription")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

impl Command for ChangeSubscription {
    type Output = WebhookSubscription;
    type Refusal = SubscriptionRefusal;

    async fn run(
        &self,
        tx: &WriteTx<'_>,
    ) -> Result<WebhookSubscription, WriteError<SubscriptionRefusal>> {
        let found = webhook_subscriptions::get(tx, self.organization, self.id).await?;
        let mut changed = found.ok_or(WriteError::Refused(SubscriptionRefusal::Unknown))?;
        (self.edit)(&mut changed);
        changed.updated_at = self.now;
        let place = (changed.target, changed.callback_url.as_str());
        let same = webhook_subscriptions::to_url(tx, self.organization, place).await?;
        if same.is_some_and(|same| same.id != changed.id) {
            return Err(WriteError::Refused(SubscriptionRefusal::UrlTaken));
        }
        webhook_subscriptions::update(tx, self.organization, &changed)
            .await
            .map_err(taken)?;
        Ok(changed)
    }
}

/// Another change took the address at the same moment.
fn taken(error: StoreError) -> WriteError<SubscriptionRefusal> {
    match error {
        StoreError::Conflict { .. } => WriteError::Refused(SubscriptionRefusal::UrlTaken),
        other => other.into(),
    }
}

/// Ends a subscription.
#[derive(Clone, Copy, Debug)]
pub struct Unsubscribe {
    /// In which organization.
    pub organization: OrganizationId,
    /// Which one.
    pub id: WebhookSubscriptionId,
}

impl Command for Unsubscribe {
    type Output = ();
    type Refusal = SubscriptionRefusal;

    async fn run(&self, tx: &WriteTx<'_>) -> Result<(), WriteError<SubscriptionRefusal>> {
        if webhook_subscriptions::delete(tx, self.organization, self.id).await? {
            Ok(())
        } else {
            Err(WriteError::Refused(SubscriptionRefusal::Unknown))
        }
    }

    async fn is_done(&self, tx: &ReadTx<'_>) -> Result<bool, StoreError> {
        let found = webhook_subscriptions::get(tx, self.organization, self.id).await?;
        Ok(found.is_none())
    }
}
