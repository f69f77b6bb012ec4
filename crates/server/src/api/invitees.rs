//! `/invitees` and `/scheduled_events/{uuid}/invitees`: booking, and who booked.

pub mod body;
mod booking;
mod canceling;
pub mod input;
pub mod series;

use crate::api::{
    answer::Resource,
    caller::{Caller, scope::ScheduledEventsRead},
    input::input,
    page::{Collection, Count, PageToken, Sort, Sorted},
    problem::Problem,
    request::Query,
    scheduled_events::{body::Status, visible},
    uri::{Id, InviteePath},
    value::text::Email,
};
use crate::context::App;
use axum::{Json, extract::State};
use body::InviteeBody;
use domain::id::ScheduledEventId;
use store::invitees::{self as rows};
use utoipa_axum::{router::OpenApiRouter, routes};

/// The routes of this file.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(booking::create_invitee))
        .routes(routes!(list_event_invitees))
        .routes(routes!(get_event_invitee))
        .routes(routes!(canceling::cancel_event_invitee))
}

input! {
    /// Which invitees.
    pub struct ListInvitees {
        /// With this status.
        pub status: Option<Status>,
        /// With this mail address.
        pub email: Option<Email>,
        /// `created_at:asc` (default) or `created_at:desc`.
        pub sort: Sort,
        /// Rows on a page, 20 by default.
        pub count: Count,
        /// Where the page begins, from an earlier answer.
        pub page_token: PageToken,
    }
}

/// List the invitees of a scheduled event
#[utoipa::path(get, path = "/scheduled_events/{uuid}/invitees", tag = "Scheduled events", params(("uuid" = uuid::Uuid, Path), ListInvitees), responses((status = 200, description = "A page of invitees", body = Collection<InviteeBody>)))]
async fn list_event_invitees(
    State(app): State<App>,
    caller: Caller<ScheduledEventsRead>,
    Id(event): Id<ScheduledEventId>,
    Query { query, target }: Query<ListInvitees>,
) -> Result<Json<Collection<InviteeBody>>, Problem> {
    visible(&app, &caller, event).await?;
    let sorted = Sorted::parse(query.sort, &["created_at"])?;
    let request = sorted.request(query.count, query.page_token)?;
    let filter = rows::Filter {
        status: query.status.map(Status::domain),
        email: query.email.map(|email| email.0),
    };
    let tx = app.store.read().await?;
    let mut page = rows::list(&tx, (caller.organization, event), &filter, &request).await?;
    let uris = app.uris();
    let mut listed = Vec::with_capacity(page.rows.len());
    for row in std::mem::take(&mut page.rows) {
        listed.push(((row.created_at, row.id.0), InviteeBody::new(row, &uris)?));
    }
    Ok(Json(sorted.collection(
        page.with_rows(listed),
        (&uris, &target),
        |(key, _)| *key,
        |(_, body)| body,
    )))
}

/// Get an invitee of a scheduled event
#[utoipa::path(get, path = "/scheduled_events/{event_uuid}/invitees/{invitee_uuid}", tag = "Scheduled events", params(("event_uuid" = uuid::Uuid, Path), ("invitee_uuid" = uuid::Uuid, Path)), responses((status = 200, description = "The invitee", body = Resource<InviteeBody>)))]
async fn get_event_invitee(
    State(app): State<App>,
    caller: Caller<ScheduledEventsRead>,
    InviteePath(event, invitee): InviteePath,
) -> Result<Json<Resource<InviteeBody>>, Problem> {
    visible(&app, &caller, event).await?;
    let tx = app.store.read().await?;
    let invitee = rows::get(&tx, caller.organization, event, invitee)
        .await?
        .ok_or_else(Problem::not_found)?;
    Ok(Json(Resource {
        resource: InviteeBody::new(invitee, &app.uris())?,
    }))
}
