//! `/event_type_available_times` and `/event_type_availability_schedules`: what an event type offers.

mod written;

use super::{
    answer::{Listing, SeenBefore},
    availability_rules::{AvailabilityRule, rules_body, zone_of},
    caller::{
        Caller,
        scope::{AvailabilityRead, AvailableTimesRead},
    },
    input::input,
    page::{Collection, Count, PageToken, Pagination},
    problem::Problem,
    range::{self, MAX_RANGE},
    request::Query,
    uri::{Uri, Uris},
    value::time::Time,
};
use crate::{
    app::{
        event_type_available_times::available_starts, event_types::hosting::hosted,
        scheduled_events::is_bookable, timelines,
    },
    context::App,
};
use axum::{Json, extract::State, response::Response};
use domain::id::EventTypeId;
use serde::Serialize;
use store::{event_types, user_availability_schedules::AvailabilitySchedule};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use written::written;

/// The routes of this file.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_event_type_available_times))
        .routes(routes!(list_event_type_availability_schedules))
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

/// The hours an event type goes by.
#[derive(Debug, Serialize, ToSchema)]
pub struct EventTypeScheduleBody {
    /// The event type.
    #[schema(format = "uri")]
    pub event_type: String,
    /// Always `host`.
    pub availability_setting: String,
    /// The hours.
    pub availability_rule: EventTypeRuleBody,
}

/// A host's hours for an event type.
#[derive(Debug, Serialize, ToSchema)]
pub struct EventTypeRuleBody {
    /// The zone of the wall times.
    pub timezone: String,
    /// The schedule they come from.
    #[schema(format = "uri")]
    pub uri: String,
    /// What its owner calls it.
    pub name: String,
    /// The host.
    #[schema(format = "uri")]
    pub user: String,
    /// The hours.
    pub rules: Vec<AvailabilityRule>,
}

input! {
    /// Which event type.
    pub struct ListEventTypeSchedules {
        /// The event type.
        pub event_type: Uri<EventTypeId>,
        /// Rows on a page, 20 by default.
        pub count: Count,
        /// Where the page begins; there is one page only.
        pub page_token: PageToken,
    }
}

/// Show the hours an event type goes by
///
/// One entry for each host. An owner goes by the schedule that the event type names, everybody else by their default one.
#[utoipa::path(get, path = "/event_type_availability_schedules", tag = "Event types", params(ListEventTypeSchedules), responses((status = 200, description = "The hours of each host", body = Collection<EventTypeScheduleBody>)))]
async fn list_event_type_availability_schedules(
    State(app): State<App>,
    caller: Caller<AvailabilityRead>,
    Query { query, .. }: Query<ListEventTypeSchedules>,
) -> Result<Json<Collection<EventTypeScheduleBody>>, Problem> {
    if query.page_token.is_some() {
        let message = "is not a token of this list, which has one page only";
        return Err(Problem::parameter(
            "page_token",
            "invalid_page_token",
            message,
        ));
    }
    let tx = app.store.read().await?;
    let id = query.event_type.0;
    let event_type = event_types::get(&tx, caller.organization, id).await?;
    let event_type = event_type
        .filter(|event_type| !event_type.hidden)
        .ok_or_else(Problem::not_found)?;
    let hosted = hosted(&tx, caller.organization, event_type).await?;
    let uris = app.uris();
    let mut hours = Vec::with_capacity(hosted.hosts.len());
    for host in &hosted.hosts {
        let host = host.membership.user_id;
        let own = (hosted.event_type.schedule_id).filter(|_| host == hosted.event_type.user_id);
        let schedule = timelines::schedule_for(&tx, caller.organization, (host, own)).await?;
        hours.push(schedule_body(id, schedule, &uris));
    }
    Ok(Json(Collection {
        pagination: Pagination::whole(hours.len()),
        collection: hours,
    }))
}

fn schedule_body(
    event_type: EventTypeId,
    schedule: AvailabilitySchedule,
    uris: &Uris,
) -> EventTypeScheduleBody {
    EventTypeScheduleBody {
        event_type: uris.of(event_type),
        availability_setting: "host".to_owned(),
        availability_rule: EventTypeRuleBody {
            timezone: zone_of(&schedule.schedule),
            uri: uris.of(schedule.id),
            name: schedule.name,
            user: uris.of(schedule.user_id),
            rules: rules_body(&schedule.schedule),
        },
    }
}
