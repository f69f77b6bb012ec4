//! The REST API: routes mounted, limits set, the OpenAPI document built.

mod alternatives;
pub mod answer;
pub mod availability_rules;
pub mod caller;
pub mod classic;
pub mod dry_run;
pub mod event_type_available_times;
pub mod event_type_memberships;
pub mod event_type_time_explanations;
pub mod event_types;
pub mod health;
pub mod holds;
pub mod input;
pub mod invitees;
pub mod openapi;
pub mod organizations;
pub mod overlaps;
pub mod page;
pub mod personal_access_tokens;
pub mod problem;
pub mod range;
pub mod request;
pub mod scheduled_events;
pub mod uri;
pub mod user_availability_schedules;
pub mod user_busy_times;
pub mod users;
pub mod value;

use crate::{context::App, logging};
use axum::{
    Router,
    extract::DefaultBodyLimit,
    http::{HeaderName, Request},
    middleware,
    response::{IntoResponse, Response},
};
use dry_run::Trials;
use problem::Problem;
use std::{any::Any, sync::Arc, time::Duration};
use tower::ServiceBuilder;
use tower_http::{
    catch_panic::CatchPanicLayer,
    request_id::{MakeRequestId, PropagateRequestIdLayer, RequestId, SetRequestIdLayer},
};
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_swagger_ui::{Config, SwaggerUi};

/// The routes of the API, with what they say of themselves.
fn operations() -> OpenApiRouter<App> {
    OpenApiRouter::with_openapi(openapi::Document::openapi())
        .merge(users::routes())
        .merge(personal_access_tokens::routes())
        .merge(organizations::routes())
        .merge(user_availability_schedules::routes())
        .merge(user_busy_times::routes())
        .merge(overlaps::routes())
        .merge(event_types::routes())
        .merge(event_type_available_times::routes())
        .merge(event_type_memberships::routes())
        .merge(event_type_time_explanations::routes())
        .merge(scheduled_events::routes())
        .merge(invitees::routes())
        .merge(holds::routes())
        .merge(classic::routes())
        .merge(health::routes())
}

/// The OpenAPI document.
pub fn document() -> utoipa::openapi::OpenApi {
    openapi::complete(operations().into_openapi())
}

/// The whole service.
pub fn router(app: App) -> Router {
    let (router, _) = operations().split_for_parts();
    let document = document();
    let trials = Arc::new(Trials::documented(&document));
    let docs = SwaggerUi::new("/docs")
        .url("/openapi.json", document)
        .config(
            Config::default()
                .try_it_out_enabled(true)
                .persist_authorization(true),
        );
    let request_id = HeaderName::from_static("x-request-id");
    let timeout = Duration::from_secs(app.config.request_timeout);
    let layers = ServiceBuilder::new()
        .layer(SetRequestIdLayer::new(request_id.clone(), FreshRequestId))
        .layer(PropagateRequestIdLayer::new(request_id))
        .layer(middleware::from_fn(logging::log_requests))
        .layer(middleware::from_fn(health::count_requests))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(middleware::from_fn(move |request, next| {
            limit_time(timeout, request, next)
        }))
        .layer(middleware::from_fn(move |request, next| {
            dry_run::refuse_others(trials.clone(), request, next)
        }))
        .layer(DefaultBodyLimit::max(request::BODY_LIMIT));
    router
        .merge(docs)
        .fallback(|| async { Problem::not_found() })
        .method_not_allowed_fallback(|| async { Problem::method_not_allowed() })
        .layer(layers)
        .with_state(app)
}

async fn limit_time(
    timeout: Duration,
    request: axum::extract::Request,
    next: middleware::Next,
) -> Response {
    match tokio::time::timeout(timeout, next.run(request)).await {
        Ok(response) => response,
        Err(_elapsed) => Problem::too_slow().into_response(),
    }
}

/// Ids for requests that bring none.
#[derive(Clone, Copy, Debug)]
struct FreshRequestId;

impl MakeRequestId for FreshRequestId {
    fn make_request_id<B>(&mut self, _: &Request<B>) -> Option<RequestId> {
        crate::context::fresh_id()
            .to_string()
            .parse()
            .ok()
            .map(RequestId::new)
    }
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "the layer hands over what was thrown"
)]
fn panicked(panic: Box<dyn Any + Send + 'static>) -> Response {
    let message = panic.downcast_ref::<String>().map(String::as_str);
    let message = message
        .or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("no message");
    tracing::error!(panic.message = message, "a request panicked");
    Problem::internal().into_response()
}
