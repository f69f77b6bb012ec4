//! `/webhook_subscriptions/{uuid}/deliveries`: what was sent, how that ended, and sending it again.

use super::visible;
use crate::{
    api::{
        answer::Resource,
        caller::{
            Caller,
            scope::{WebhooksRead, WebhooksWrite},
        },
        input::input,
        page::{Collection, Count, PageToken, Sort, Sorted},
        problem::Problem,
        request::{Input, Query},
        uri::{Id, Uris, uuid},
        value::{time::Time, words},
    },
    app::webhook_deliveries::{SendAgain, SendAllAgain, UnknownDelivery},
    context::App,
    webhooks::payload,
};
use axum::{
    Json,
    extract::{FromRequestParts, Path, State},
    http::{StatusCode, request::Parts},
};
use domain::id::{WebhookDeliveryId, WebhookSubscriptionId};
use serde::Serialize;
use serde_json::Value;
use store::{
    feed_events,
    webhook_deliveries::{self as rows, Attempt, DeliveryStatus, WebhookDelivery},
};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

/// The routes of this file.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_webhook_deliveries))
        .routes(routes!(get_webhook_delivery))
        .routes(routes!(redeliver_webhook_delivery))
        .routes(routes!(redeliver_webhook_deliveries))
}

words! {
    /// What has become of a message.
    pub enum StatusWord {
        /// It will be tried, perhaps again.
        Waiting = "waiting",
        /// It has arrived.
        Delivered = "delivered",
        /// It was tried for three days.
        Failed = "failed",
    }
}

impl StatusWord {
    fn of(status: DeliveryStatus) -> StatusWord {
        match status {
            DeliveryStatus::Waiting => StatusWord::Waiting,
            DeliveryStatus::Delivered => StatusWord::Delivered,
            DeliveryStatus::Failed => StatusWord::Failed,
        }
    }

    fn row(self) -> DeliveryStatus {
        match self {
            StatusWord::Waiting => DeliveryStatus::Waiting,
            StatusWord::Delivered => DeliveryStatus::Delivered,
            StatusWord::Failed => DeliveryStatus::Failed,
        }
    }
}

/// A message to a subscription.
#[derive(Debug, Serialize, ToSchema)]
pub struct DeliveryBody {
    /// The message's URI.
    #[schema(format = "uri")]
    pub uri: String,
    /// Its id, which is sent as `webhook-id` each time.
    #[schema(format = "uuid")]
    pub id: String,
    /// The event that it tells, as in the feed.
    #[schema(format = "uuid")]
    pub event_id: String,
    /// The event's place in the feed.
    pub position: i64,
    /// What has become of it.
    pub status: StatusWord,
    /// How often it was tried.
    pub attempts: i64,
    /// When it is tried next; null where it is not.
    #[schema(required = true)]
    pub next_attempt_at: Option<Time>,
    /// When this last changed.
    pub updated_at: Time,
}

/// A message with what was sent and how each attempt ended.
#[derive(Debug, Serialize, ToSchema)]
pub struct DeliveryDetailBody {
    /// The message.
    #[serde(flatten)]
    pub delivery: DeliveryBody,
    /// What is sent: the body of the request. Null where personal data was deleted.
    #[schema(required = true, value_type = Option<Object>)]
    pub request: Option<Value>,
    /// The latest attempts, the last one first; at most 100.
    pub log: Vec<AttemptBody>,
}

/// How an attempt ended.
#[derive(Debug, Serialize, ToSchema)]
pub struct AttemptBody {
    /// 1, 2, 3 …
    pub number: i64,
    /// When it began.
    pub started_at: Time,
    /// How long it took, in milliseconds.
    pub duration_ms: i64,
    /// The status of the answer; null where there was none.
    #[schema(required = true)]
    pub status: Option<i64>,
    /// Why there was none.
    #[schema(required = true)]
    pub error: Option<String>,
    /// The first 4096 bytes of the answer.
    #[schema(required = true)]
    pub response: Option<String>,
}

impl DeliveryBody {
    fn new(row: &WebhookDelivery, uris: &Uris) -> DeliveryBody {
        let subscription = uris.of(row.subscription_id);
        let is_waiting = row.status == DeliveryStatus::Waiting;
        DeliveryBody {
            uri: format!("{subscription}/deliveries/{}", row.id),
            id: row.id.to_string(),
            event_id: row.event_id.to_string(),
            position: row.position,
            status: StatusWord::of(row.status),
            attempts: row.attempts,
            next_attempt_at: is_waiting.then_some(Time(row.due_at)),
            updated_at: Time(row.updated_at),
        }
    }
}

impl AttemptBody {
    fn new(attempt: Attempt) -> AttemptBody {
        AttemptBody {
            number: attempt.number,
            started_at: Time(attempt.started_at),
            duration_ms: attempt.duration,
            status: attempt.status,
            error: attempt.error,
            response: attempt.response,
        }
    }
}

/// The ids of a subscription and one of its messages in the path.
#[derive(Clone, Copy, Debug)]
pub struct DeliveryPath(WebhookSubscriptionId, WebhookDeliveryId);

impl FromRequestParts<App> for DeliveryPath {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<DeliveryPath, Problem> {
        let path = Path::<(String, String)>::from_request_parts(parts, app).await;
        let Ok(Path((subscription, delivery))) = path else {
            return Err(Problem::not_found());
        };
        let ids = uuid(&subscription).zip(uuid(&delivery));
        let (subscription, delivery) = ids.ok_or_else(Problem::not_found)?;
        Ok(DeliveryPath(
            WebhookSubscriptionId(subscription),
            WebhookDeliveryId(delivery),
        ))
    }
}

input! {
    /// Which messages.
    pub struct ListDeliveries {
        /// Only those of which this has become.
        pub status: Option<StatusWord>,
        /// `position:asc` (default) or `position:desc`.
        pub sort: Sort,
        /// Rows on a page, 20 by default.
        pub count: Count,
        /// Where the page begins, from an earlier answer.
        pub page_token: PageToken,
    }
}

/// List the messages of a subscription
#[utoipa::path(get, path = "/webhook_subscriptions/{uuid}/deliveries", tag = "Webhooks", params(("uuid" = uuid::Uuid, Path), ListDeliveries), responses((status = 200, description = "A page of messages, in the order of the feed", body = Collection<DeliveryBody>)))]
async fn list_webhook_deliveries(
    State(app): State<App>,
    caller: Caller<WebhooksRead>,
    Id(id): Id<WebhookSubscriptionId>,
    Query { query, target }: Query<ListDeliveries>,
) -> Result<Json<Collection<DeliveryBody>>, Problem> {
    visible(&app, &caller, id).await?;
    let sorted = Sorted::parse(query.sort, &["position"])?;
    let request = sorted.request(query.count, query.page_token)?;
    let tx = app.store.read().await?;
    let which = (id, query.status.map(StatusWord::row));
    let page = rows::list(&tx, caller.organization, which, &request).await?;
    let uris = app.uris();
    Ok(Json(sorted.collection(
        page,
        (&uris, &target),
        |row| (row.position, row.id.0),
        |row| DeliveryBody::new(&row, &uris),
    )))
}

/// Get a message of a subscription
///
/// With what was sent, and how each attempt ended.
#[utoipa::path(get, path = "/webhook_subscriptions/{uuid}/deliveries/{delivery_uuid}", tag = "Webhooks", params(("uuid" = uuid::Uuid, Path), ("delivery_uuid" = uuid::Uuid, Path)), responses((status = 200, description = "The message", body = Resource<DeliveryDetailBody>)))]
async fn get_webhook_delivery(
    State(app): State<App>,
    caller: Caller<WebhooksRead>,
    DeliveryPath(subscription, id): DeliveryPath,
) -> Result<Json<Resource<DeliveryDetailBody>>, Problem> {
    let subscription = visible(&app, &caller, subscription).await?;
    let (organization, uris) = (caller.organization, app.uris());
    let tx = app.store.read().await?;
    let delivery = rows::get(&tx, organization, (subscription.id, id)).await?;
    let delivery = delivery.ok_or_else(Problem::not_found)?;
    let event = feed_events::get(&tx, organization, delivery.event_id).await?;
    let log = rows::attempts(&tx, organization, id, MOST_ATTEMPTS).await?;
    let event = event.filter(|event| event.payload.is_some());
    let request = event.map(|event| payload::body(&event, &subscription, &uris));
    Ok(Json(Resource {
        resource: DeliveryDetailBody {
            delivery: DeliveryBody::new(&delivery, &uris),
            request,
            log: log.into_iter().map(AttemptBody::new).collect(),
        },
    }))
}

/// So many attempts are shown.
const MOST_ATTEMPTS: i64 = 100;

impl From<UnknownDelivery> for Problem {
    fn from(_: UnknownDelivery) -> Problem {
        Problem::not_found()
    }
}

/// Send a message again
///
/// Also one that has arrived.
#[utoipa::path(post, path = "/webhook_subscriptions/{uuid}/deliveries/{delivery_uuid}/redelivery", tag = "Webhooks", params(("uuid" = uuid::Uuid, Path), ("delivery_uuid" = uuid::Uuid, Path)), responses((status = 202, description = "It will be sent", body = Resource<DeliveryBody>)))]
async fn redeliver_webhook_delivery(
    State(app): State<App>,
    caller: Caller<WebhooksWrite>,
    DeliveryPath(subscription, id): DeliveryPath,
) -> Result<(StatusCode, Json<Resource<DeliveryBody>>), Problem> {
    visible(&app, &caller, subscription).await?;
    let command = SendAgain {
        organization: caller.organization,
        id: (subscription, id),
        now: app.now(),
    };
    let delivery = app.store.write(caller.by(), command).await?;
    let resource = DeliveryBody::new(&delivery, &app.uris());
    Ok((StatusCode::ACCEPTED, Json(Resource { resource })))
}

input! {
    /// What is sent again.
    pub struct Redelivery {
        /// All that happened at or after.
        pub since: Time,
        /// And at or before; the present by default.
        pub until: Option<Time>,
    }
    example {"since": "2030-01-07T09:00:00Z"}
}

/// How much is sent again.
#[derive(Debug, Serialize, ToSchema)]
pub struct RedeliveryBody {
    /// How many messages.
    pub count: u64,
}

/// Send again all that happened since a time
#[utoipa::path(post, path = "/webhook_subscriptions/{uuid}/redelivery", tag = "Webhooks", params(("uuid" = uuid::Uuid, Path)), request_body = Redelivery, responses((status = 202, description = "They will be sent", body = Resource<RedeliveryBody>)))]
async fn redeliver_webhook_deliveries(
    State(app): State<App>,
    caller: Caller<WebhooksWrite>,
    Id(id): Id<WebhookSubscriptionId>,
    input: Input<Redelivery>,
) -> Result<(StatusCode, Json<Resource<RedeliveryBody>>), Problem> {
    visible(&app, &caller, id).await?;
    let now = app.now();
    let until = input.body.until.map_or(now, |until| until.0);
    let command = SendAllAgain {
        organization: caller.organization,
        subscription: id,
        range: (input.body.since.0, until),
        now,
    };
    let count = app.store.write(caller.by(), command).await?;
    let resource = RedeliveryBody { count };
    Ok((StatusCode::ACCEPTED, Json(Resource { resource })))
}
