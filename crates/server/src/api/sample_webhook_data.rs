//! `/sample_webhook_data`: what a message to a subscription looks like.

use super::{
    caller::{Caller, scope::WebhooksRead},
    problem::Problem,
    request::Query,
    value::time::Time,
    webhook_subscriptions::input::SampleQuery,
};
use crate::{
    app::feed_events::EventName,
    context::App,
    webhooks::{payload, sample::Sample},
};
use axum::{Json, extract::State};
use domain::id::UserId;
use serde::Serialize;
use serde_json::Value;
use store::{users, webhook_subscriptions::Target};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

/// The routes of this file.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(get_sample_webhook_data))
}

/// A message as it is sent.
#[derive(Serialize, ToSchema)]
pub struct WebhookMessageBody {
    /// What happened.
    pub event: EventName,
    /// When.
    pub created_at: Time,
    /// Who subscribed.
    #[schema(format = "uri")]
    pub created_by: String,
    /// What is told of it.
    #[schema(value_type = Object)]
    pub payload: Value,
}

/// See what a message looks like
///
/// The names and ids in it are made up, but for those of the user whom it is about: `user`, or whoever asks.
#[utoipa::path(get, path = "/sample_webhook_data", tag = "Webhooks", params(SampleQuery), responses((status = 200, description = "The body of a message", body = WebhookMessageBody)))]
async fn get_sample_webhook_data(
    State(app): State<App>,
    caller: Caller<WebhooksRead>,
    Query { query, .. }: Query<SampleQuery>,
) -> Result<Json<Value>, Problem> {
    let target = query.target(&caller)?;
    let host: UserId = match target {
        Target::User(user) => user,
        Target::Organization | Target::Group(_) => caller.user,
    };
    let tx = app.store.read().await?;
    let user = users::get_active(&tx, caller.organization, host).await?;
    drop(tx);
    let sample = Sample {
        user: user.ok_or_else(Problem::not_in_organization)?,
        now: app.now(),
    };
    let uris = app.uris();
    let told = sample.told(query.event, &uris)?;
    let happened = (query.event.word(), sample.now);
    let message = payload::envelope(happened, caller.user, Some(&told.payload), &uris);
    Ok(Json(message))
}
