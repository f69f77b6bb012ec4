//! `/event_type_available_times`: what an event type offers.

mod written;

use super::{
    answer::{Listing, SeenBefore},
    caller::{Caller, scope::AvailableTimesRead},
    event_types::body::booking_page,
    input::input,
    problem::{Detail, Problem},
    range::{self, MAX_RANGE},
    request::Query,
    scheduling_links::{LinkCode, booking_url},
    uri::Uri,
    value::time::Time,
};
use crate::{
    app::{
        event_type_available_times::available_starts, facts::EventTypeFacts,
        scheduled_events::is_bookable, scheduling_links,
    },
    context::App,
};
use axum::{extract::State, response::Response};
use domain::id::{EventTypeId, OrganizationId};
use serde::Serialize;
use store::scheduling_links::SchedulingLink;
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
        /// The link by which is to be booked, its address or its code: of a share, its settings count.
        pub scheduling_link: Option<LinkCode>,
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
    let link = match &query.scheduling_link {
        Some(code) => Some(usable(&app, organization, known, code).await?),
        None => None,
    };
    let shared = link.as_ref().and_then(|(_, shared)| shared.as_ref());
    let known = shared.unwrap_or(known);
    let (event_type, owner) = (&known.event_type, &known.owner);
    let starts = if is_bookable(event_type) && owner.deactivated_at.is_none() {
        available_starts(&app, organization, known, asked).await?
    } else {
        Vec::new()
    };
    let uris = app.uris();
    let page = match &link {
        Some((link, _)) => booking_url(link, &event_type.slug, &uris),
        None => booking_page(event_type, &owner.slug, &uris),
    };
    seen.answer(written(&starts, &page))
}

/// A link to this event type that can be used, and what it makes of it.
async fn usable(
    app: &App,
    organization: OrganizationId,
    known: &EventTypeFacts,
    LinkCode(code): &LinkCode,
) -> Result<(SchedulingLink, Option<EventTypeFacts>), Problem> {
    let tx = app.store.read().await?;
    let link = scheduling_links::current(&tx, organization, code).await?;
    let link = link.filter(|link| link.event_type_id == known.event_type.id);
    let link = link.ok_or_else(|| Problem {
        details: vec![Detail::new(
            "scheduling_link",
            "not_found",
            "is not a link to this event type that can be used",
        )],
        ..Problem::not_found()
    })?;
    let shared = scheduling_links::shared(&tx, organization, known, &link).await?;
    Ok((link, shared))
}
