//! `/locations`: the kinds of places where a user can meet somebody.

use super::{
    answer::Listing,
    caller::{Caller, scope::LocationsRead},
    input::input,
    problem::Problem,
    request::Query,
    uri::Uri,
};
use crate::{app::event_types::LocationKind, context::App};
use axum::{Json, extract::State};
use domain::id::UserId;
use serde::Serialize;
use store::users;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

/// The routes of this file.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list_locations))
}

/// A kind of place.
#[derive(Debug, Serialize, ToSchema)]
pub struct LocationBody {
    /// What kind of place.
    pub kind: LocationKind,
    /// Whether this server makes the conference; only of conferences.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub connected: Option<bool>,
}

input! {
    /// Whose places.
    pub struct ListLocations {
        /// The user.
        pub user: Uri<UserId>,
    }
}

/// List the kinds of places where a user can meet somebody
///
/// All kinds may be named in event types. This server makes no conferences itself, so none is `connected`.
#[utoipa::path(get, path = "/locations", tag = "Event types", params(ListLocations), responses((status = 200, description = "All kinds of places", body = Listing<LocationBody>)))]
async fn list_locations(
    State(app): State<App>,
    caller: Caller<LocationsRead>,
    Query { query, .. }: Query<ListLocations>,
) -> Result<Json<Listing<LocationBody>>, Problem> {
    let tx = app.store.read().await?;
    users::get_active(&tx, caller.organization, query.user.0)
        .await?
        .ok_or_else(Problem::not_in_organization)?;
    let body = |kind: &LocationKind| LocationBody {
        kind: *kind,
        connected: kind.is_conference().then_some(false),
    };
    Ok(Json(Listing {
        collection: LocationKind::ALL.iter().map(body).collect(),
    }))
}
