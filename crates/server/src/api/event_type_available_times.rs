//! `/event_type_available_times`: what an event type offers.

mod written;

use super::{
    answer::{Listing, SeenBefore},
    caller::{Caller, scope::AvailableTimesRead},
    input::input,
    problem::Problem,
    range::{self, MAX_RANGE},
    request::Query,
    uri::Uri,
    value::time::Time,
};
use crate::{
    app::{event_type_available_times::available_starts, scheduled_events::is_bookable},
    context::App,
};
use axum::{extract::State, response::Response};
use domain::id::EventTypeId;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use written::written;

/// The routes of this file.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list_event_type_available_times))
}

/// A start on offer.
#[derive(Debug, Serialize, ToSchema)]
pub struct AvailableTimeBody {
    /// Always `available`.
    pub status: String,
    /// How many invitees can still book it.
    pub invitees_remaining: i64,
    /// When a meeting can start.
    pub start_time: Time,
    /// Address of the booking page of this start.
    #[schema(format = "uri")]
    pub scheduling_url: String,
}

input! {
    /// What, and when.
    pub struct ListAvailableTimes {
        /// The event type.
        pub event_type: Uri<EventTypeId>,
        /// From when on.
        pub start_time: Time,
        /// Until when: at most 366 days after `start_time`.
        pub end_time: Time,
    }
}

/// List the times at which an event type can be booked
///
/// Each of them can be booked now, and no other one can.
#[utoipa::path(get, path = "/event_type_available_times", tag = "Event types", params(ListAvailableTimes), responses((status = 200, description = "All starts within the range", body = Listing<AvailableTimeBody>), (status = 304, description = "The caller has this answer, by its `If-None-Match`")))]
async fn list_event_type_available_times(
    State(app): State<App>,
    caller: Caller<AvailableTimesRead>,
    seen: SeenBefore,
    Query { query, .. }: Query<ListAvailableTimes>,
) -> Result<Response, Problem> {
    let asked = range::checked(query.start_time, query.end_time, MAX_RANGE)?;
    let organization = caller.organization;
    let known = app
        .facts
        .event_type(organization, query.event_type.0)
        .await?;
    let known = known.filter(|known| known.value.is_listed());
    let known = &known.ok_or_else(Problem::not_found)?.value;
    let (event_type, owner) = (&known.event_type, &known.owner);
    let starts = if is_bookable(event_type) && owner.deactivated_at.is_none() {
        available_starts(&app, organization, known, asked).await?
    } else {
        Vec::new()
    };
    let page = app
        .uris()
        .page(&format!("/{}/{}", owner.slug, event_type.slug));
    seen.answer(written(&starts, &page))
}
