//! `/event_types`: kinds of meetings on offer.

pub mod body;
mod changes;
mod fields;

use crate::api::{
    answer::{Resource, write_once},
    caller::{
        Caller,
        scope::{EventTypesRead, EventTypesWrite},
    },
    input::input,
    page::{Collection, Count, PageToken, Sort, Sorted},
    problem::Problem,
    request::{Input, Query},
    uri::{Id, Uri},
};
use crate::{
    app::event_types::{self, AddEventType, EditEventType, EventTypeRefusal, RemoveEventType},
    context::{App, fresh_id},
};
use axum::{Json, extract::State, http::StatusCode, response::Response};
use body::EventTypeBody;
use changes::{EventTypeChanges, NewEventType};
use domain::id::{EventTypeId, OrganizationId, ScheduleId, UserId};
use store::{
    ReadTx, StoreError,
    event_types::{
        self as rows, EventType,
        listing::{self, SortField, SortKey},
    },
    page::Page,
    user_availability_schedules,
    users::{self, User},
};
use utoipa_axum::{router::OpenApiRouter, routes};

/// The routes of this file.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_event_types, create_event_type))
        .routes(routes!(
            get_event_type,
            update_event_type,
            delete_event_type
        ))
}

impl From<EventTypeRefusal> for Problem {
    fn from(refusal: EventTypeRefusal) -> Problem {
        match refusal {
            EventTypeRefusal::Unknown => Problem::not_found(),
            EventTypeRefusal::UnknownOwner => {
                Problem::parameter("owner", "not_found", "is not a user of this organization")
            }
            EventTypeRefusal::UnknownSchedule => Problem::parameter(
                "availability_schedule",
                "not_found",
                "is not a schedule of the event type's owner",
            ),
            EventTypeRefusal::SlugTaken => {
                Problem::exists("slug", "belongs to another event type of the same owner")
            }
            EventTypeRefusal::OptionTwice => Problem::parameter(
                "duration_options",
                "duplicate",
                "must not name a duration twice",
            ),
            EventTypeRefusal::DurationNotAnOption => Problem::parameter(
                "duration",
                "not_an_option",
                "must be among duration_options",
            ),
        }
    }
}

input! {
    /// Which event types; `organization` or `user` must be given.
    pub struct ListEventTypes {
        /// All of the organization.
        pub organization: Option<Uri<OrganizationId>>,
        /// Of this user.
        pub user: Option<Uri<UserId>>,
        /// Only active or only inactive ones.
        pub active: Option<bool>,
        /// Only those managed by administrators, of which there are none, or only the others.
        pub admin_managed: Option<bool>,
        /// With `user`: only those that go by this schedule.
        pub user_availability_schedule: Option<Uri<ScheduleId>>,
        /// `name`, `position`, `created_at` or `updated_at` with `:asc` or `:desc`; `name:asc` by default.
        pub sort: Sort,
        /// Rows on a page, 20 by default.
        pub count: Count,
        /// Where the page begins, from an earlier answer.
        pub page_token: PageToken,
    }
}

impl ListEventTypes {
    async fn filter(
        &self,
        tx: &ReadTx<'_>,
        organization: OrganizationId,
    ) -> Result<listing::Filter, Problem> {
        if let Some(Uri(user)) = self.user {
            let user = users::get_active(tx, organization, user).await?;
            user.ok_or_else(Problem::not_found)?;
        }
        let mut filter = listing::Filter {
            user: self.user.map(|user| user.0),
            active: self.active,
            ..listing::Filter::default()
        };
        if let Some(Uri(id)) = self.user_availability_schedule {
            let schedule = user_availability_schedules::get(tx, organization, id).await?;
            let schedule = schedule.ok_or_else(Problem::not_found)?;
            filter.schedule = Some(id);
            filter.schedule_is_default = schedule.is_default;
            filter.schedule_owner = Some(schedule.user_id);
        }
        Ok(filter)
    }
}

/// List event types
#[utoipa::path(get, path = "/event_types", tag = "Event types", params(ListEventTypes), responses((status = 200, description = "A page of event types", body = Collection<EventTypeBody>)))]
async fn list_event_types(
    State(app): State<App>,
    caller: Caller<EventTypesRead>,
    Query { query, target }: Query<ListEventTypes>,
) -> Result<Json<Collection<EventTypeBody>>, Problem> {
    if query.organization.is_none() && query.user.is_none() {
        return Err(Problem::parameter(
            "user",
            "required",
            "must be filled, or organization instead",
        ));
    }
    if query
        .organization
        .is_some_and(|organization| organization.0 != caller.organization)
    {
        return Err(Problem::not_found());
    }
    let fields = ["name", "position", "created_at", "updated_at"];
    let sorted = Sorted::parse(query.sort.clone(), &fields)?;
    let field = match sorted.by {
        "position" => SortField::Position,
        "created_at" => SortField::CreatedAt,
        "updated_at" => SortField::UpdatedAt,
        _ => SortField::Name,
    };
    let request =
        sorted.request_where(query.count, query.page_token.clone(), |key: &SortKey| {
            key.is_of(field)
        })?;
    let tx = app.store.read().await?;
    let filter = query.filter(&tx, caller.organization).await?;
    let mut page = listing::list(&tx, caller.organization, &filter, field, &request).await?;
    if query.admin_managed == Some(true) {
        page = Page::empty();
    }
    let mut listed = Vec::with_capacity(page.rows.len());
    for event_type in std::mem::take(&mut page.rows) {
        let owner = owner(&tx, caller.organization, &event_type).await?;
        listed.push((event_type, owner));
    }
    let uris = app.uris();
    Ok(Json(sorted.collection(
        page.with_rows(listed),
        (&uris, &target),
        |(event_type, _)| event_type.sort_key(field),
        |(event_type, owner)| EventTypeBody::new(event_type, &owner, &uris),
    )))
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
    drop(tx);
    resource(&app, caller.organization, event_type).await
}

async fn resource(
    app: &App,
    organization: OrganizationId,
    event_type: EventType,
) -> Result<Json<Resource<EventTypeBody>>, Problem> {
    let tx = app.store.read().await?;
    let owner = owner(&tx, organization, &event_type).await?;
    Ok(Json(Resource {
        resource: EventTypeBody::new(event_type, &owner, &app.uris()),
    }))
}

/// Make an event type
#[utoipa::path(post, path = "/event_types", tag = "Event types", request_body = NewEventType, responses((status = 201, description = "The new event type", body = Resource<EventTypeBody>)))]
async fn create_event_type(
    State(app): State<App>,
    caller: Caller<EventTypesWrite>,
    input: Input<NewEventType>,
) -> Result<Response, Problem> {
    let body = input.body;
    let owner_id = body.owner.0;
    caller.must_act_for(owner_id)?;
    let tx = app.store.read().await?;
    let owner = users::get_active(&tx, caller.organization, owner_id).await?;
    let owner = owner.ok_or(EventTypeRefusal::UnknownOwner)?;
    drop(tx);
    let mut event_type =
        event_types::plain(EventTypeId(fresh_id()), owner_id, &body.name.0, app.now());
    let position = body.position.map(|position| position.0.into());
    body.changes().apply(&mut event_type);
    let command = AddEventType {
        organization: caller.organization,
        event_type,
        position,
    };
    let uris = app.uris();
    write_once(
        &app,
        (caller.sends(input.idempotency), StatusCode::CREATED),
        command,
        move |event_type| {
            Ok(Resource {
                resource: EventTypeBody::new(event_type, &owner, &uris),
            })
        },
    )
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
    let changes = input.body;
    let command = EditEventType {
        organization: caller.organization,
        id,
        edit: Box::new(move |event_type| changes.apply(event_type)),
        now: app.now(),
    };
    let event_type = app.store.write(command).await?;
    resource(&app, caller.organization, event_type).await
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
    app.store.write(command).await?;
    Ok(StatusCode::NO_CONTENT)
}
