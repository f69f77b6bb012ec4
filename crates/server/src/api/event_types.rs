//! `/event_types`: kinds of meetings on offer.

pub mod body;
pub mod changes;
pub mod fields;
mod hosts;
mod listing;
mod refusals;

use crate::api::{
    answer::{Resource, write_once},
    caller::{
        Caller,
        scope::{EventTypesRead, EventTypesWrite},
    },
    problem::Problem,
    request::Input,
    uri::Id,
};
use crate::{
    app::event_types::{
        self, AddEventType, EditEventType, RemoveEventType,
        hosting::{Hosted, hosted},
    },
    context::{App, fresh_id},
};
use axum::{Json, extract::State, http::StatusCode, response::Response};
use body::EventTypeBody;
use changes::{EventTypeChanges, NewEventType};
use domain::id::{EventTypeId, OrganizationId};
use hosts::named;
use store::{
    ReadTx, StoreError,
    event_types::{self as rows, EventType},
    users::{self, User},
};
use utoipa_axum::{router::OpenApiRouter, routes};

/// The routes of this file.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(listing::list_event_types, create_event_type))
        .routes(routes!(
            get_event_type,
            update_event_type,
            delete_event_type
        ))
}

/// The user an event type belongs to.
pub async fn owner(
    tx: &ReadTx<'_>,
    organization: OrganizationId,
    event_type: &EventType,
) -> Result<User, StoreError> {
    let owner = users::get(tx, organization, event_type.user_id).await?;
    owner.ok_or_else(|| StoreError::missing("users", event_type.user_id))
}

/// Get an event type
///
/// A deleted one can be read too.
#[utoipa::path(get, path = "/event_types/{uuid}", tag = "Event types", params(("uuid" = uuid::Uuid, Path)), responses((status = 200, description = "The event type", body = Resource<EventTypeBody>)))]
async fn get_event_type(
    State(app): State<App>,
    caller: Caller<EventTypesRead>,
    Id(id): Id<EventTypeId>,
) -> Result<Json<Resource<EventTypeBody>>, Problem> {
    let tx = app.store.read().await?;
    let event_type = rows::get(&tx, caller.organization, id)
        .await?
        .ok_or_else(Problem::not_found)?;
    let hosted = hosted(&tx, caller.organization, event_type).await?;
    Ok(resource(&app, hosted))
}

fn resource(app: &App, hosted: Hosted) -> Json<Resource<EventTypeBody>> {
    Json(Resource {
        resource: EventTypeBody::new(hosted, &app.uris()),
    })
}

/// Make an event type
#[utoipa::path(post, path = "/event_types", tag = "Event types", request_body = NewEventType, responses((status = 201, description = "The new event type", body = Resource<EventTypeBody>)))]
async fn create_event_type(
    State(app): State<App>,
    caller: Caller<EventTypesWrite>,
    input: Input<NewEventType>,
) -> Result<Response, Problem> {
    let body = input.body;
    let (owner, now) = (body.owner.0, app.now());
    caller.must_act_for(owner)?;
    let id = EventTypeId(fresh_id());
    let mut event_type = event_types::plain(id, owner, &body.name.0, now);
    let position = body.position.map(|position| position.0.into());
    let changes = body.changes();
    changes.check_confirmation()?;
    changes.apply(&mut event_type);
    let command = AddEventType {
        organization: caller.organization,
        event_type,
        position,
        hosts: named(changes.hosts.as_ref(), &caller, id, now),
    };
    let uris = app.uris();
    let answer = (caller.sends(input.idempotency), StatusCode::CREATED);
    write_once(&app, answer, command, move |hosted| {
        Ok(Resource {
            resource: EventTypeBody::new(hosted, &uris),
        })
    })
    .await
}

/// Edit an event type
///
/// What was booked stays as it was booked.
#[utoipa::path(patch, path = "/event_types/{uuid}", tag = "Event types", params(("uuid" = uuid::Uuid, Path)), request_body = EventTypeChanges, responses((status = 200, description = "The event type as it is now", body = Resource<EventTypeBody>)))]
async fn update_event_type(
    State(app): State<App>,
    caller: Caller<EventTypesWrite>,
    Id(id): Id<EventTypeId>,
    input: Input<EventTypeChanges>,
) -> Result<Json<Resource<EventTypeBody>>, Problem> {
    owned(&app, &caller, id).await?;
    let (changes, now) = (input.body, app.now());
    changes.check_confirmation()?;
    let command = EditEventType {
        organization: caller.organization,
        id,
        hosts: named(changes.hosts.as_ref(), &caller, id, now),
        edit: Box::new(move |event_type| changes.apply(event_type)),
        now,
    };
    let hosted = app.store.write(caller.by(), command).await?;
    Ok(resource(&app, hosted))
}

/// Refuses what the caller may not change.
async fn owned(
    app: &App,
    caller: &Caller<EventTypesWrite>,
    id: EventTypeId,
) -> Result<(), Problem> {
    let tx = app.store.read().await?;
    let event_type = rows::get(&tx, caller.organization, id)
        .await?
        .ok_or_else(Problem::not_found)?;
    caller.must_act_for(event_type.user_id)
}

/// Delete an event type
///
/// It cannot be booked any more; what was booked stays, and it can still be read by its URI.
#[utoipa::path(delete, path = "/event_types/{uuid}", tag = "Event types", params(("uuid" = uuid::Uuid, Path)), responses((status = 204, description = "Deleted")))]
async fn delete_event_type(
    State(app): State<App>,
    caller: Caller<EventTypesWrite>,
    Id(id): Id<EventTypeId>,
) -> Result<StatusCode, Problem> {
    owned(&app, &caller, id).await?;
    let command = RemoveEventType {
        organization: caller.organization,
        id,
        now: app.now(),
    };
    app.store.write(caller.by(), command).await?;
    Ok(StatusCode::NO_CONTENT)
}
