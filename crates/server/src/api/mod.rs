//! The REST API: routes mounted, limits set, the OpenAPI document built.

pub mod activity_log_entries;
pub mod admission;
mod alternatives;
pub mod answer;
pub mod availability_rules;
pub mod caller;
pub mod classic;
pub mod client_address;
pub mod contact_lists;
pub mod contacts;
pub mod custom_field_definitions;
pub mod data_compliance;
pub mod dry_run;
pub mod event_type_availability_schedules;
pub mod event_type_available_times;
pub mod event_type_memberships;
pub mod event_type_time_explanations;
pub mod event_types;
mod events_feed;
mod form;
pub mod group_relationships;
pub mod groups;
pub mod health;
pub mod holds;
pub mod input;
pub mod invitee_no_shows;
pub mod invitees;
pub(crate) mod layer;
pub mod locations;
pub mod meeting_recaps;
pub mod notes;
pub mod oauth;
pub mod oauth_applications;
pub mod one_off_event_types;
pub mod openapi;
mod operations;
pub mod organization_invitations;
pub mod organizations;
pub mod outgoing_communications;
pub mod overlaps;
pub mod page;
mod parameters;
pub mod passwords;
pub mod personal_access_tokens;
pub mod problem;
pub mod range;
pub mod rate_limit;
pub mod request;
pub mod routing_form_submissions;
pub mod routing_forms;
pub mod sample_webhook_data;
pub mod scheduled_events;
pub mod scheduling_links;
pub mod scope_words;
pub mod shares;
mod tally;
pub mod teams;
pub mod uri;
pub mod user_availability_schedules;
pub mod user_busy_times;
pub mod users;
pub mod value;
pub mod webhook_subscriptions;

use crate::{context::App, pages};
use axum::{
    Router,
    extract::DefaultBodyLimit,
    http::{HeaderValue, Request, header},
    middleware,
};
use layer::Gate;
use problem::Problem;
use std::sync::Arc;
use tower::ServiceBuilder;
use tower_http::{
    CompressionLevel,
    compression::{CompressionLayer, predicate::SizeAbove},
};
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_swagger_ui::{Config, SwaggerUi};

/// The routes of the API, with what they say of themselves.
fn operations() -> OpenApiRouter<App> {
    OpenApiRouter::with_openapi(openapi::Document::openapi())
        .merge(users::routes())
        .merge(passwords::routes())
        .merge(personal_access_tokens::routes())
        .merge(oauth_applications::routes())
        .merge(oauth::routes())
        .merge(organizations::routes())
        .merge(organization_invitations::routes())
        .merge(teams::routes())
        .merge(groups::routes())
        .merge(group_relationships::routes())
        .merge(routing_forms::routes())
        .merge(routing_form_submissions::routes())
        .merge(user_availability_schedules::routes())
        .merge(user_busy_times::routes())
        .merge(overlaps::routes())
        .merge(event_types::routes())
        .merge(one_off_event_types::routes())
        .merge(event_type_available_times::routes())
        .merge(event_type_availability_schedules::routes())
        .merge(event_type_memberships::routes())
        .merge(event_type_time_explanations::routes())
        .merge(locations::routes())
        .merge(scheduled_events::routes())
        .merge(invitees::routes())
        .merge(invitee_no_shows::routes())
        .merge(scheduling_links::routes())
        .merge(shares::routes())
        .merge(holds::routes())
        .merge(webhook_subscriptions::routes())
        .merge(events_feed::routes())
        .merge(activity_log_entries::routes())
        .merge(sample_webhook_data::routes())
        .merge(outgoing_communications::routes())
        .merge(contacts::routes())
        .merge(custom_field_definitions::routes())
        .merge(contact_lists::routes())
        .merge(notes::routes())
        .merge(meeting_recaps::routes())
        .merge(data_compliance::routes())
        .merge(classic::routes())
        .merge(health::routes())
}

/// The OpenAPI document.
pub fn document() -> utoipa::openapi::OpenApi {
    openapi::complete(operations().into_openapi())
}

/// Answers shorter than this, in bytes, are not worth the time to compress them.
const WORTH_COMPRESSING: u64 = 4096;

/// Compresses what is long for whoever says `Accept-Encoding: gzip`: fast rather than small.
fn compression() -> CompressionLayer<SizeAbove> {
    CompressionLayer::new()
        .quality(CompressionLevel::Fastest)
        .compress_when(SizeAbove::new(WORTH_COMPRESSING))
}

/// Leaves of `Accept-Encoding` only whether it is gzip. Whoever can read neither that nor what is not compressed gets
/// the latter: what a request asked for may be done already when its answer is written.
fn gzip_or_nothing<B>(mut request: Request<B>) -> Request<B> {
    let accepts = |coding: &str| {
        let (name, weight) = coding.split_once(';').unwrap_or((coding, ""));
        let weight = weight.trim().strip_prefix("q=").unwrap_or("1");
        name.trim().eq_ignore_ascii_case("gzip")
            && weight.parse().is_ok_and(|weight: f32| 0.0 < weight)
    };
    let headers = request.headers_mut();
    let wanted = headers.get_all(header::ACCEPT_ENCODING).iter();
    let mut wanted = wanted.filter_map(|value| value.to_str().ok());
    if wanted.any(|value| value.split(',').any(accepts)) {
        headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static("gzip"));
    } else {
        headers.remove(header::ACCEPT_ENCODING);
    }
    request
}

/// The whole service.
pub fn router(app: App) -> Router {
    let (router, _) = operations().split_for_parts();
    let document = document();
    let gate = Arc::new(Gate::new(app.clone(), &document));
    let docs = SwaggerUi::new("/docs")
        .url("/openapi.json", document)
        .config(
            Config::default()
                .try_it_out_enabled(true)
                .persist_authorization(true),
        );
    let layers = ServiceBuilder::new()
        .map_request(gzip_or_nothing)
        .layer(compression())
        .layer(middleware::from_fn_with_state(gate, layer::pass))
        .layer(DefaultBodyLimit::max(request::BODY_LIMIT));
    router
        .merge(pages::routes())
        .merge(docs)
        .fallback(|| async { Problem::not_found() })
        .method_not_allowed_fallback(|| async { Problem::method_not_allowed() })
        .layer(layers)
        .with_state(app)
}
