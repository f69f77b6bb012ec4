//! What is sent to subscribe.

use crate::{
    api::{
        caller::Caller,
        input::{Parse, Reader, input},
        page::{Count, PageToken, Sort},
        problem::Problem,
        uri::Uri,
        value::{
            Change, List,
            text::{Text, string, text},
            words,
        },
        webhook_subscriptions::{DeliveryState, may_hear_of},
    },
    app::feed_events::EventName,
    context::App,
    webhooks::target,
};
use domain::id::{GroupId, OrganizationId, UserId};
use serde_json::Value;
use store::webhook_subscriptions::{Target, WebhookSubscription};
use utoipa::openapi::{RefOr, Schema, SchemaFormat};

words! {
    /// Of whom a subscription tells.
    pub enum Scope {
        /// Of everybody in the organization.
        Organization = "organization",
        /// Of one user.
        User = "user",
        /// Of the members of a group.
        Group = "group",
    }
}

/// An address that messages can be sent to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallbackUrl(pub String);

impl Parse for CallbackUrl {
    fn parse(value: &Value, reader: &mut Reader) -> Option<CallbackUrl> {
        let text = text(value, reader)?;
        if text.chars().count() > 2000 {
            return reader.problem("too_long", "must not be longer than 2000 characters");
        }
        // whether it may lead into a private network is a setting
        match target::parse(text, true) {
            Ok(_) => Some(CallbackUrl(text.to_owned())),
            Err(forbidden) => reader.problem("invalid_url", forbidden.to_string()),
        }
    }

    fn schema() -> RefOr<Schema> {
        let uri = SchemaFormat::Custom("uri".to_owned());
        string("https://example.com/hook").format(Some(uri)).into()
    }
}

impl CallbackUrl {
    fn check(&self, app: &App) -> Result<(), Problem> {
        let allowed = target::parse(&self.0, app.config.webhook_allow_private);
        allowed.map(|_| ()).map_err(|forbidden| {
            Problem::parameter("url", "private_address", forbidden.to_string())
        })
    }
}

input! {
    /// A new subscription.
    pub struct NewSubscription {
        /// Where messages go.
        pub url: CallbackUrl,
        /// What is told.
        pub events: List<EventName, 1, 14>,
        /// The organization.
        pub organization: Uri<OrganizationId>,
        /// Of whom.
        pub scope: Scope,
        /// The user, where `scope` is `user`.
        pub user: Option<Uri<UserId>>,
        /// The group, where `scope` is `group`.
        pub group: Option<Uri<GroupId>>,
        /// What messages are signed with. Without it, they are not.
        pub signing_key: Option<Text<1, 255>>,
    }
    example {
        "url": "https://example.com/hook",
        "events": ["invitee.created", "invitee.canceled"],
        "organization": "http://127.0.0.1:8080/organizations/0193a5c8-7d3e-7000-8000-fa571de30001",
        "scope": "organization",
        "signing_key": "a secret of both sides"
    }
}

input! {
    /// Which subscriptions.
    pub struct ListSubscriptions {
        /// The organization.
        pub organization: Uri<OrganizationId>,
        /// Of whom.
        pub scope: Scope,
        /// The user, where `scope` is `user`.
        pub user: Option<Uri<UserId>>,
        /// The group, where `scope` is `group`.
        pub group: Option<Uri<GroupId>>,
        /// `created_at:asc` (default) or `created_at:desc`.
        pub sort: Sort,
        /// Rows on a page, 20 by default.
        pub count: Count,
        /// Where the page begins, from an earlier answer.
        pub page_token: PageToken,
    }
}

input! {
    /// Which message.
    pub struct SampleQuery {
        /// What happens.
        pub event: EventName,
        /// The organization.
        pub organization: Uri<OrganizationId>,
        /// Of whom a subscription tells.
        pub scope: Scope,
        /// The user, where `scope` is `user`.
        pub user: Option<Uri<UserId>>,
        /// The group, where `scope` is `group`.
        pub group: Option<Uri<GroupId>>,
    }
}

input! {
    /// What changes of a subscription.
    pub struct SubscriptionChanges {
        /// Where messages go.
        pub url: Option<CallbackUrl>,
        /// What is told.
        pub events: Option<List<EventName, 1, 14>>,
        /// What messages are signed with; null: they are not.
        pub signing_key: Change<Text<1, 255>>,
        /// Whether anything is sent.
        pub state: Option<DeliveryState>,
    }
    example {"state": "active"}
}

/// Of whom somebody wants to be told, if they may.
fn target_of<S>(
    caller: &Caller<S>,
    (organization, scope): (OrganizationId, Scope),
    (user, group): (Option<UserId>, Option<GroupId>),
) -> Result<Target, Problem> {
    if organization != caller.organization {
        return Err(Problem::no_permission());
    }
    let missing = |field| {
        let message = format!("must be filled where scope is {field}");
        Problem::parameter(field, "required", message)
    };
    let target = match scope {
        Scope::Organization => Target::Organization,
        Scope::User => Target::User(user.ok_or_else(|| missing("user"))?),
        Scope::Group => Target::Group(group.ok_or_else(|| missing("group"))?),
    };
    may_hear_of(caller, target)?;
    Ok(target)
}

impl NewSubscription {
    /// Of whom it tells.
    pub fn target<S>(&self, caller: &Caller<S>) -> Result<Target, Problem> {
        let of = (
            self.user.map(|user| user.0),
            self.group.map(|group| group.0),
        );
        target_of(caller, (self.organization.0, self.scope), of)
    }

    /// Refuses what cannot be told to this address, or not of this target.
    pub fn check(&self, app: &App, target: Target) -> Result<(), Problem> {
        self.url.check(app)?;
        must_all_suit(&self.events.0, target)
    }
}

impl ListSubscriptions {
    /// Of whom they tell.
    pub fn target<S>(&self, caller: &Caller<S>) -> Result<Target, Problem> {
        let of = (
            self.user.map(|user| user.0),
            self.group.map(|group| group.0),
        );
        target_of(caller, (self.organization.0, self.scope), of)
    }
}

impl SampleQuery {
    /// Of whom it tells, where such an event is told of that.
    pub fn target<S>(&self, caller: &Caller<S>) -> Result<Target, Problem> {
        let of = (
            self.user.map(|user| user.0),
            self.group.map(|group| group.0),
        );
        let target = target_of(caller, (self.organization.0, self.scope), of)?;
        must_suit("scope", self.event, target)?;
        Ok(target)
    }
}

impl SubscriptionChanges {
    /// Refuses what cannot be told to this address, or not of this target.
    pub fn check(&self, app: &App, target: Target) -> Result<(), Problem> {
        if let Some(url) = &self.url {
            url.check(app)?;
        }
        match &self.events {
            Some(events) => must_all_suit(&events.0, target),
            None => Ok(()),
        }
    }

    /// Changes a subscription.
    pub fn apply(&self, row: &mut WebhookSubscription) {
        if let Some(url) = &self.url {
            row.callback_url.clone_from(&url.0);
        }
        if let Some(events) = &self.events {
            row.events = super::words_of(&events.0);
        }
        row.signing_key = (self.signing_key.clone()).of(row.signing_key.take(), |key| key.0);
        match self.state {
            Some(DeliveryState::Active) => {
                row.is_active = true;
                row.retry_started_at = None;
            }
            Some(DeliveryState::Disabled) => row.is_active = false,
            None => {}
        }
    }
}

fn must_all_suit(events: &[EventName], target: Target) -> Result<(), Problem> {
    let mut events = events.iter().enumerate();
    events.try_for_each(|(index, event)| must_suit(format!("events[{index}]"), *event, target))
}

/// Some events are told with one scope only.
fn must_suit(field: impl Into<String>, event: EventName, target: Target) -> Result<(), Problem> {
    let wanted = match event {
        EventName::RoutingFormSubmissionCreated => "organization",
        EventName::MeetingRecapCreated
        | EventName::MeetingRecapUpdated
        | EventName::MeetingRecapDeleted => "user",
        _ => return Ok(()),
    };
    if wanted == target.scope() {
        return Ok(());
    }
    let message = format!("is told with scope {wanted} only");
    Err(Problem::parameter(field, "wrong_scope", message))
}

/// The scope with which a token may read what an event tells.
pub fn family(event: EventName) -> &'static str {
    match event {
        EventName::InviteeCreated
        | EventName::InviteeCanceled
        | EventName::InviteeNoShowCreated
        | EventName::InviteeNoShowDeleted => "scheduled_events:read",
        EventName::RoutingFormSubmissionCreated => "routing_forms:read",
        EventName::EventTypeCreated | EventName::EventTypeUpdated | EventName::EventTypeDeleted => {
            "event_types:read"
        }
        EventName::MeetingRecapCreated
        | EventName::MeetingRecapUpdated
        | EventName::MeetingRecapDeleted => "meeting_recaps:read",
        EventName::ContactCreated | EventName::ContactUpdated | EventName::ContactDeleted => {
            "contacts:read"
        }
    }
}
