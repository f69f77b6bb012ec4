//! `/webhook_subscriptions`: where and of what somebody wants to be told.

pub mod deliveries;
pub mod input;

use super::{
    answer::{Resource, write_once},
    caller::{
        Caller, has_scope,
        scope::{WebhooksRead, WebhooksWrite},
    },
    page::{Collection, Sorted},
    problem::Problem,
    request::{Input, Query},
    uri::{Id, Uris},
    value::{time::Time, words},
};
use crate::{
    app::feed_events::EventName,
    app::webhook_subscriptions::{ChangeSubscription, Subscribe, SubscriptionRefusal, Unsubscribe},
    context::{App, fresh_id},
};
use axum::{Json, extract::State, http::StatusCode, response::Response};
use domain::id::WebhookSubscriptionId;
use input::{ListSubscriptions, NewSubscription, Scope, SubscriptionChanges, family};
use serde::Serialize;
use serde_json::Value;
use std::sync::Arc;
use store::{
    oauth_applications, users,
    webhook_subscriptions::{self as rows, Target, WebhookSubscription},
};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

/// The routes of this file.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(
            list_webhook_subscriptions,
            create_webhook_subscription
        ))
        .routes(routes!(
            get_webhook_subscription,
            update_webhook_subscription,
            delete_webhook_subscription
        ))
        .merge(deliveries::routes())
}

words! {
    /// Whether anything is sent.
    pub enum DeliveryState {
        /// It is.
        Active = "active",
        /// It is not: nothing arrived for 24 hours, or somebody said so.
        Disabled = "disabled",
    }
}

/// A subscription. Its signing key is not shown.
#[derive(Debug, Serialize, ToSchema)]
pub struct SubscriptionBody {
    /// The subscription's URI.
    #[schema(format = "uri")]
    pub uri: String,
    /// Where messages go.
    #[schema(format = "uri")]
    pub callback_url: String,
    /// When it was made.
    pub created_at: Time,
    /// When it last changed.
    pub updated_at: Time,
    /// Since when nothing has arrived.
    #[schema(required = true)]
    pub retry_started_at: Option<Time>,
    /// Whether anything is sent.
    pub state: DeliveryState,
    /// What is told.
    pub events: Vec<String>,
    /// Of whom.
    pub scope: Scope,
    /// The organization.
    #[schema(format = "uri")]
    pub organization: String,
    /// The user of whom it tells.
    #[schema(required = true, format = "uri")]
    pub user: Option<String>,
    /// The group of whose members it tells.
    #[schema(required = true, format = "uri")]
    pub group: Option<String>,
    /// Who made it.
    #[schema(required = true, format = "uri")]
    pub creator: Option<String>,
}

impl SubscriptionBody {
    fn new<S>(row: WebhookSubscription, caller: &Caller<S>, uris: &Uris) -> SubscriptionBody {
        let (scope, user, group) = match row.target {
            Target::Organization => (Scope::Organization, None, None),
            Target::User(user) => (Scope::User, Some(uris.of(user)), None),
            Target::Group(group) => (Scope::Group, None, Some(uris.of(group))),
        };
        SubscriptionBody {
            uri: uris.of(row.id),
            callback_url: row.callback_url,
            created_at: Time(row.created_at),
            updated_at: Time(row.updated_at),
            retry_started_at: row.retry_started_at.map(Time),
            state: if row.is_active {
                DeliveryState::Active
            } else {
                DeliveryState::Disabled
            },
            events: row.events,
            scope,
            organization: uris.of(caller.organization),
            user,
            group,
            creator: Some(uris.of(row.creator_id)),
        }
    }
}

impl From<SubscriptionRefusal> for Problem {
    fn from(refusal: SubscriptionRefusal) -> Problem {
        match refusal {
            SubscriptionRefusal::Unknown => Problem::not_found(),
            SubscriptionRefusal::UrlTaken => {
                Problem::exists("url", "belongs to another subscription of this scope")
                    .saying("Hook with this url already exists")
            }
        }
    }
}

/// Refuses whoever may not know what is told of a target.
fn may_hear_of<S>(caller: &Caller<S>, target: Target) -> Result<(), Problem> {
    match target {
        Target::User(user) => caller.must_act_for(user),
        Target::Organization | Target::Group(_) => caller.must_be_admin(),
    }
}

/// A subscription that the caller may see.
async fn visible<S>(
    app: &App,
    caller: &Caller<S>,
    id: WebhookSubscriptionId,
) -> Result<WebhookSubscription, Problem> {
    let tx = app.store.read().await?;
    let row = rows::get(&tx, caller.organization, id).await?;
    let row = row.ok_or_else(Problem::not_found)?;
    may_hear_of(caller, row.target)?;
    Ok(row)
}

/// Subscribe
///
/// Messages are signed with `signing_key`: `Calendly-Webhook-Signature` as at Calendly, and the headers of Standard Webhooks
/// beside it. What an application asks for without one is signed with the application's `webhook_signing_key`.
#[utoipa::path(post, path = "/webhook_subscriptions", tag = "Webhooks", request_body = NewSubscription, responses((status = 201, description = "The new subscription", body = Resource<SubscriptionBody>)))]
async fn create_webhook_subscription(
    State(app): State<App>,
    caller: Caller<WebhooksWrite>,
    input: Input<NewSubscription>,
) -> Result<Response, Problem> {
    let body = input.body;
    let target = body.target(&caller)?;
    body.check(&app, target)?;
    must_read(&caller, &body.events.0)?;
    if let Target::User(user) = target {
        let tx = app.store.read().await?;
        users::get_active(&tx, caller.organization, user)
            .await?
            .ok_or_else(|| Problem::denied("This user is not in your organization"))?;
    }
    let signing_key = match body.signing_key {
        Some(key) => Some(key.0),
        None => key_of_application(&app, &caller).await?,
    };
    let now = app.now();
    let command = Subscribe {
        organization: caller.organization,
        subscription: WebhookSubscription {
            id: WebhookSubscriptionId(fresh_id()),
            callback_url: body.url.0,
            events: words_of(&body.events.0),
            target,
            creator_id: caller.user,
            signing_key,
            is_active: true,
            retry_started_at: None,
            created_at: now,
            updated_at: now,
        },
    };
    let uris = app.uris();
    let answer = (caller.sends(input.idempotency), StatusCode::CREATED);
    write_once(&app, answer, command, move |row| {
        let resource = SubscriptionBody::new(row, &caller, &uris);
        Ok(Resource { resource })
    })
    .await
}

/// The key with which an application has all signed that it asks for without one.
async fn key_of_application<S>(app: &App, caller: &Caller<S>) -> Result<Option<String>, Problem> {
    let Some(id) = caller.application else {
        return Ok(None);
    };
    let tx = app.store.read().await?;
    let application = oauth_applications::of_any(&tx, id).await?;
    Ok(application.map(|application| application.webhook_signing_key))
}

/// The scope with which a token may read an event of this name.
pub fn family_of(name: &str) -> Option<&'static str> {
    let event = serde_json::from_value(Value::from(name)).ok()?;
    Some(family(event))
}

fn words_of(events: &[EventName]) -> Vec<String> {
    events.iter().map(|event| event.word().to_owned()).collect()
}

/// Whoever is told of something must be allowed to read it.
fn must_read<S>(caller: &Caller<S>, events: &[EventName]) -> Result<(), Problem> {
    let mut missing: Vec<&str> = Vec::new();
    for event in events {
        let needed = family(*event);
        if !has_scope(&caller.scopes, &[needed]) && !missing.contains(&needed) {
            missing.push(needed);
        }
    }
    if missing.is_empty() {
        Ok(())
    } else {
        Err(Problem::scope(&missing))
    }
}

/// List subscriptions
#[utoipa::path(get, path = "/webhook_subscriptions", tag = "Webhooks", params(ListSubscriptions), responses((status = 200, description = "A page of subscriptions", body = Collection<SubscriptionBody>)))]
async fn list_webhook_subscriptions(
    State(app): State<App>,
    caller: Caller<WebhooksRead>,
    Query {
        query,
        target: link,
    }: Query<ListSubscriptions>,
) -> Result<Json<Collection<SubscriptionBody>>, Problem> {
    let target = query.target(&caller)?;
    let sorted = Sorted::parse(query.sort, &["created_at"])?;
    let request = sorted.request(query.count, query.page_token)?;
    let tx = app.store.read().await?;
    let page = rows::list(&tx, caller.organization, target, &request).await?;
    let uris = app.uris();
    Ok(Json(sorted.collection(
        page,
        (&uris, &link),
        |row| (row.created_at, row.id.0),
        |row| SubscriptionBody::new(row, &caller, &uris),
    )))
}

/// Get a subscription
#[utoipa::path(get, path = "/webhook_subscriptions/{uuid}", tag = "Webhooks", params(("uuid" = uuid::Uuid, Path)), responses((status = 200, description = "The subscription", body = Resource<SubscriptionBody>)))]
async fn get_webhook_subscription(
    State(app): State<App>,
    caller: Caller<WebhooksRead>,
    Id(id): Id<WebhookSubscriptionId>,
) -> Result<Json<Resource<SubscriptionBody>>, Problem> {
    let row = visible(&app, &caller, id).await?;
    Ok(Json(Resource {
        resource: SubscriptionBody::new(row, &caller, &app.uris()),
    }))
}

/// Change a subscription
///
/// `state: "active"` sends again what has waited since it was disabled.
#[utoipa::path(patch, path = "/webhook_subscriptions/{uuid}", tag = "Webhooks", params(("uuid" = uuid::Uuid, Path)), request_body = SubscriptionChanges, responses((status = 200, description = "The subscription as it is now", body = Resource<SubscriptionBody>)))]
async fn update_webhook_subscription(
    State(app): State<App>,
    caller: Caller<WebhooksWrite>,
    Id(id): Id<WebhookSubscriptionId>,
    input: Input<SubscriptionChanges>,
) -> Result<Json<Resource<SubscriptionBody>>, Problem> {
    let row = visible(&app, &caller, id).await?;
    let changes = input.body;
    changes.check(&app, row.target)?;
    if let Some(events) = &changes.events {
        must_read(&caller, &events.0)?;
    }
    let command = ChangeSubscription {
        organization: caller.organization,
        id,
        edit: Arc::new(move |row| changes.apply(row)),
        now: app.now(),
    };
    let row = app.store.write(caller.by(), command).await?;
    Ok(Json(Resource {
        resource: SubscriptionBody::new(row, &caller, &app.uris()),
    }))
}

/// End a subscription
#[utoipa::path(delete, path = "/webhook_subscriptions/{uuid}", tag = "Webhooks", params(("uuid" = uuid::Uuid, Path)), responses((status = 204, description = "Ended")))]
async fn delete_webhook_subscription(
    State(app): State<App>,
    caller: Caller<WebhooksWrite>,
    Id(id): Id<WebhookSubscriptionId>,
) -> Result<StatusCode, Problem> {
    visible(&app, &caller, id).await?;
    let organization = caller.organization;
    app.store
        .write(caller.by(), Unsubscribe { organization, id })
        .await?;
    Ok(StatusCode::NO_CONTENT)
}
