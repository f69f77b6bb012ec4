//! `/events_feed`: what happened, in one order, for those whom no webhook can reach.

use super::{
    caller::{Caller, has_scope, scope::WebhooksRead},
    input::input,
    problem::Problem,
    request::Query,
    value::{Int, text::Text, time::Time},
    webhook_subscriptions::family_of,
};
use crate::{context::App, webhooks::payload};
use axum::{Json, extract::State};
use domain::id::OrganizationId;
use serde::Serialize;
use serde_json::Value;
use std::time::Duration;
use store::{
    ReadTx, StoreError,
    feed_events::{self, FeedEvent},
};
use tokio::time::Instant;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

/// The routes of this file.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list_events_feed))
}

input! {
    /// Where to go on.
    pub struct ListFeed {
        /// `next` of an earlier answer; without it, the beginning of all that is kept.
        pub after: Option<Text<1, 100>>,
        /// Events in an answer, 100 by default.
        pub count: Option<Int<1, 1000>>,
        /// So many seconds to wait for an event where there is none; 0 by default.
        pub wait: Option<Int<0, 25>>,
    }
}

/// What happened.
#[derive(Debug, Serialize, ToSchema)]
pub struct FeedEventBody {
    /// Its id.
    #[schema(format = "uuid")]
    pub id: String,
    /// `invitee.created` and the like.
    pub event: String,
    /// When it happened.
    pub created_at: Time,
    /// What a webhook tells of it.
    #[schema(value_type = Object)]
    pub payload: Value,
}

/// What happened after a place in the feed.
#[derive(Debug, Serialize, ToSchema)]
pub struct FeedBody {
    /// The events, in an order that never changes.
    pub collection: Vec<FeedEventBody>,
    /// Where to go on: `after` of the next request.
    pub next: String,
}

/// How often it is looked whether something happened meanwhile.
const LOOK: Duration = Duration::from_millis(250);

/// Read what happened
///
/// Whoever asks with `after` from the answer before misses nothing and gets nothing twice. Only administrators may read it,
/// and of it what their token may read.
#[utoipa::path(get, path = "/events_feed", tag = "Webhooks", params(ListFeed), responses((status = 200, description = "What happened", body = FeedBody)))]
async fn list_events_feed(
    State(app): State<App>,
    caller: Caller<WebhooksRead>,
    Query { query, .. }: Query<ListFeed>,
) -> Result<Json<FeedBody>, Problem> {
    caller.must_be_admin()?;
    let mut after = match &query.after {
        None => 0,
        Some(Text(after)) => after.parse().ok().filter(|at| 0 <= *at).ok_or_else(|| {
            let message = "is not a place in this feed; take it from next of an earlier answer";
            Problem::parameter("after", "invalid_place", message)
        })?,
    };
    let count = query.count.map_or(100, |count| count.0).into();
    let wait = Duration::from_secs(query.wait.map_or(0, |wait| wait.0).into());
    let end = Instant::now() + wait;
    loop {
        let tx = app.store.read().await?;
        let found = feed_events::after(&tx, caller.organization, (after, count)).await?;
        let forgotten = feed_events::forgotten(&tx, caller.organization).await?;
        if query.after.is_some() && after < forgotten {
            return Err(place_gone());
        }
        after = found.last().map_or(after, |last| last.position);
        if query.after.is_none() {
            after = after.max(forgotten);
        }
        let mut collection = Vec::with_capacity(found.len());
        for event in found {
            let needed = family_of(&event.name);
            if needed.is_some_and(|needed| has_scope(&caller.scopes, &[needed])) {
                collection.extend(body(&app, &tx, caller.organization, event).await?);
            }
        }
        drop(tx);
        if !collection.is_empty() || end <= Instant::now() || app.is_ending() {
            return Ok(Json(FeedBody {
                collection,
                next: after.to_string(),
            }));
        }
        tokio::time::sleep(LOOK).await;
    }
}

/// What followed this place is not kept any more: whoever goes on from there would miss it.
fn place_gone() -> Problem {
    let message = "is from before what the feed still has; read what you keep copies of anew, and then the feed \
         from its beginning, without after";
    Problem::parameter("after", "place_gone", message)
}

/// Nothing where there is nothing left to tell of.
async fn body(
    app: &App,
    tx: &ReadTx<'_>,
    organization: OrganizationId,
    event: FeedEvent,
) -> Result<Option<FeedEventBody>, StoreError> {
    let payload = if event.payload.is_some() {
        event.payload
    } else {
        let told = payload::told(tx, organization, &event.happened(), &app.uris()).await?;
        told.map(|told| told.payload)
    };
    Ok(payload.map(|payload| FeedEventBody {
        id: event.id.to_string(),
        event: event.name,
        created_at: Time(event.occurred_at),
        payload,
    }))
}
