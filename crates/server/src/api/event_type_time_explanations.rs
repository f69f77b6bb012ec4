//! `/event_type_time_explanations`: why a time is on offer or not, and what would change that.

pub mod body;
pub mod change;

use super::{
    answer::Listing,
    caller::{Caller, scope::AvailableTimesRead},
    input::input,
    problem::Problem,
    range,
    request::Query,
    uri::Uri,
    value::time::Time,
};
use crate::{
    app::event_type_time_explanations::{Asked, explained, taking_time_of},
    context::App,
};
use axum::{Json, extract::State};
use body::{TimeExplanationBody, Viewer};
use domain::id::EventTypeId;
use utoipa_axum::{router::OpenApiRouter, routes};

/// The routes of this file.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list_event_type_time_explanations))
}

/// The longest range that is explained at once, in days.
const MAX_RANGE: i64 = 62;

input! {
    /// What, and when.
    pub struct ListTimeExplanations {
        /// The event type.
        pub event_type: Uri<EventTypeId>,
        /// The time, or from when on.
        pub start_time: Time,
        /// Until when: at most 62 days after `start_time`. Every start of the grid in that range is explained. Without it only `start_time` is, be it on the grid or not.
        pub end_time: Option<Time>,
    }
}

/// Explain why times of an event type are on offer or not
///
/// With all reasons, what is behind each, and the smallest changes that would take it away. The times that are
/// `bookable` are those of `/event_type_available_times`.
#[utoipa::path(get, path = "/event_type_time_explanations", tag = "Event types", params(ListTimeExplanations), responses((status = 200, description = "The time, or each start of the grid in the range", body = Listing<TimeExplanationBody>)))]
async fn list_event_type_time_explanations(
    State(app): State<App>,
    caller: Caller<AvailableTimesRead>,
    Query { query, .. }: Query<ListTimeExplanations>,
) -> Result<Json<Listing<TimeExplanationBody>>, Problem> {
    let asked = match query.end_time {
        Some(end) => Asked::Grid(range::checked(query.start_time, end, MAX_RANGE)?),
        None => Asked::Time(query.start_time.0),
    };
    let organization = caller.organization;
    let known = app
        .facts
        .event_type(organization, query.event_type.0)
        .await?;
    let known = known
        .filter(|known| known.value.is_listed())
        .filter(|known| known.value.event_type.deleted_at.is_none())
        .ok_or_else(Problem::not_found)?;
    let own = taking_time_of(&app, organization, caller.user, asked).await?;
    let times = explained(&app, organization, &known.value, asked).await?;
    let viewer = Viewer {
        is_admin: caller.is_admin(),
        own,
        uris: app.uris(),
    };
    let bodies = times.into_iter().map(|time| viewer.body(time));
    Ok(Json(Listing {
        collection: bodies.collect(),
    }))
}
