//! `/scheduled_events`: what was booked; canceling and rescheduling it.

use super::{
    answer::{Resource, write_once},
    caller::{
        Caller,
        scope::{ScheduledEventsRead, ScheduledEventsWrite},
    },
    input::input,
    page::{Collection, Count, PageToken, Sort, Sorted},
    problem::Problem,
    request::{Input, Query},
    uri::{Id, Uri, Uris},
    value::{Email, Text, Time, words},
};
use crate::{
    app::{
        scheduled_events::{
            Cancel, CancelingRefusal, Cancellation, Reschedule, ReschedulingRefusal,
        },
        timelines,
    },
    context::{App, fresh_id},
};
use axum::{Json, extract::State, http::StatusCode, response::Response};
use domain::{
    id::{InviteeId, OrganizationId, ScheduledEventId, UserId},
    scheduled_event::EventStatus,
};
use serde::Serialize;
use serde_json::Value;
use store::{
    StoreError, event_types, invitees,
    scheduled_events::{self as rows, ListedEvent, ScheduledEvent},
    users,
};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

/// The routes of this file.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_scheduled_events))
        .routes(routes!(get_scheduled_event))
        .routes(routes!(cancel_scheduled_event))
        .routes(routes!(reschedule_scheduled_event))
}

words! {
    /// Whether a meeting takes place.
    pub enum Status {
        /// It does.
        Active = "active",
        /// It does not.
        Canceled = "canceled",
    }
}

impl Status {
    /// The status in the API's words.
    pub fn of(status: EventStatus) -> Status {
        match status {
            EventStatus::Active => Status::Active,
            EventStatus::Canceled => Status::Canceled,
        }
    }

    /// The status in the domain's words.
    pub fn domain(self) -> EventStatus {
        match self {
            Status::Active => EventStatus::Active,
            Status::Canceled => EventStatus::Canceled,
        }
    }
}

/// A meeting that was booked.
#[derive(Debug, Serialize, ToSchema)]
pub struct ScheduledEventBody {
    /// The event's URI.
    #[schema(format = "uri")]
    pub uri: String,
    /// Its name.
    pub name: String,
    /// Whether it takes place.
    pub status: Status,
    /// When it starts.
    pub start_time: Time,
    /// When it ends.
    pub end_time: Time,
    /// What was booked.
    #[schema(format = "uri")]
    pub event_type: String,
    /// Where; an object with `type` and what belongs to it, or null.
    #[schema(required = true, value_type = Option<Object>)]
    pub location: Option<Value>,
    /// How many invitees it has.
    pub invitees_counter: InviteesCounter,
    /// Its hosts.
    pub event_memberships: Vec<EventMembershipBody>,
    /// Whom the invitees bring.
    #[schema(value_type = Vec<GuestBody>)]
    pub event_guests: Value,
    /// When it was booked.
    pub created_at: Time,
    /// When it last changed.
    pub updated_at: Time,
    /// How it was canceled; only of canceled ones.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub cancellation: Option<CancellationBody>,
    /// The host's notes.
    #[schema(required = true)]
    pub meeting_notes_plain: Option<String>,
    /// The entry in an outside calendar.
    #[schema(required = true, value_type = Option<Object>)]
    pub calendar_event: Option<Value>,
}

/// How many invitees an event has.
#[derive(Debug, Serialize, ToSchema)]
pub struct InviteesCounter {
    /// With the canceled ones.
    pub total: i64,
    /// Without them.
    pub active: i64,
    /// At most.
    pub limit: i64,
}

/// A host of an event.
#[derive(Debug, Serialize, ToSchema)]
pub struct EventMembershipBody {
    /// The host's URI.
    #[schema(format = "uri")]
    pub user: String,
    /// The host's mail address.
    pub user_email: String,
    /// The host's name.
    pub user_name: String,
    /// When the buffer before starts.
    pub buffered_start_time: Time,
    /// When the buffer after ends.
    pub buffered_end_time: Time,
}

/// Somebody whom an invitee brings.
#[derive(Debug, Serialize, ToSchema)]
pub struct GuestBody {
    /// Mail address.
    #[schema(format = "email")]
    pub email: String,
    /// When they were added.
    pub created_at: Time,
    /// When this last changed.
    pub updated_at: Time,
}

/// How a meeting was canceled.
#[derive(Debug, Serialize, ToSchema)]
pub struct CancellationBody {
    /// The name of who canceled.
    pub canceled_by: String,
    /// Why.
    #[schema(required = true)]
    pub reason: Option<String>,
    /// `host` or `invitee`.
    pub canceler_type: String,
    /// When.
    pub created_at: Time,
}

impl CancellationBody {
    /// What is shown of a cancellation.
    pub fn new(cancellation: Cancellation) -> CancellationBody {
        CancellationBody {
            canceled_by: cancellation.canceled_by,
            reason: cancellation.reason,
            canceler_type: cancellation.canceler_type,
            created_at: Time(cancellation.created_at),
        }
    }

    /// Reads a cancellation that was kept in a row of `table`.
    pub fn kept(
        document: Option<Value>,
        table: &str,
        id: impl std::fmt::Display,
    ) -> Result<Option<CancellationBody>, StoreError> {
        let cancellation = document.map(serde_json::from_value).transpose();
        let cancellation =
            cancellation.map_err(|error| StoreError::corrupt(table, "cancellation", id, error))?;
        Ok(cancellation.map(CancellationBody::new))
    }
}

impl ScheduledEventBody {
    /// What is shown of an event.
    pub fn new(listed: ListedEvent, uris: &Uris) -> Result<ScheduledEventBody, StoreError> {
        let event = listed.event;
        let host = EventMembershipBody {
            user: uris.of(event.host_id),
            user_email: listed.host_email,
            user_name: listed.host_name,
            buffered_start_time: Time(event.buffered.start()),
            buffered_end_time: Time(event.buffered.end()),
        };
        Ok(ScheduledEventBody {
            uri: uris.of(event.id),
            name: event.name,
            status: Status::of(event.state.status),
            start_time: Time(event.state.interval.start()),
            end_time: Time(event.state.interval.end()),
            event_type: uris.of(event.event_type_id),
            location: event.location,
            invitees_counter: InviteesCounter {
                total: listed.invitees,
                active: listed.active_invitees,
                limit: 1,
            },
            event_memberships: vec![host],
            event_guests: event.guests,
            created_at: Time(event.created_at),
            updated_at: Time(event.updated_at),
            cancellation: CancellationBody::kept(event.cancellation, "scheduled_events", event.id)?,
            meeting_notes_plain: None,
            calendar_event: None,
        })
    }
}

input! {
    /// Which events; `user`, `organization` or `group` must be given.
    pub struct ListScheduledEvents {
        /// Of this host. Others than oneself need an administrator and `organization`.
        pub user: Option<Uri<UserId>>,
        /// All of the organization; needs an administrator.
        pub organization: Option<Uri<OrganizationId>>,
        /// With an invitee of this mail address.
        pub invitee_email: Option<Email>,
        /// With this status.
        pub status: Option<Status>,
        /// Starting at or after.
        pub min_start_time: Option<Time>,
        /// Starting at or before.
        pub max_start_time: Option<Time>,
        /// `start_time:asc` (default) or `start_time:desc`.
        pub sort: Sort,
        /// Rows on a page, 20 by default.
        pub count: Count,
        /// Where the page begins, from an earlier answer.
        pub page_token: PageToken,
    }
}

/// List scheduled events
#[utoipa::path(get, path = "/scheduled_events", tag = "Scheduled events", params(ListScheduledEvents), responses((status = 200, description = "A page of events", body = Collection<ScheduledEventBody>)))]
async fn list_scheduled_events(
    State(app): State<App>,
    caller: Caller<ScheduledEventsRead>,
    Query { query, target }: Query<ListScheduledEvents>,
) -> Result<Json<Collection<ScheduledEventBody>>, Problem> {
    let user = query.user.map(|user| user.0);
    may_list(
        &caller,
        user,
        query.organization.map(|organization| organization.0),
    )?;
    let sorted = Sorted::parse(query.sort, &["start_time"])?;
    let request = sorted.request(query.count, query.page_token)?;
    let filter = rows::Filter {
        host: user,
        status: query.status.map(Status::domain),
        min_start: query.min_start_time.map(|time| time.0),
        max_start: query.max_start_time.map(|time| time.0),
        invitee_email: query.invitee_email.map(|email| email.0),
    };
    let tx = app.store.read().await?;
    if let Some(user) = user {
        users::get(&tx, caller.organization, user)
            .await?
            .ok_or_else(Problem::not_found)?;
    }
    let mut page = rows::list(&tx, caller.organization, &filter, &request).await?;
    let uris = app.uris();
    let mut listed = Vec::with_capacity(page.rows.len());
    for row in std::mem::take(&mut page.rows) {
        let key = (row.event.state.interval.start(), row.event.id.0);
        listed.push((key, ScheduledEventBody::new(row, &uris)?));
    }
    Ok(Json(sorted.collection(
        page.with_rows(listed),
        (&uris, &target),
        |(key, _)| *key,
        |(_, body)| body,
    )))
}

fn may_list(
    caller: &Caller<ScheduledEventsRead>,
    user: Option<UserId>,
    organization: Option<OrganizationId>,
) -> Result<(), Problem> {
    match (user, organization) {
        (_, Some(organization)) if organization != caller.organization => Err(Problem::not_found()),
        (None, None) => Err(Problem::parameter(
            "user",
            "required",
            "must be filled, or organization instead",
        )),
        (Some(user), _) if user == caller.user => Ok(()),
        (Some(_), None) if caller.is_admin() => Err(Problem::denied(
            "Please also specify organization when requesting events for a user within your organization.",
        )),
        _ => caller.must_be_admin(),
    }
}

/// An event that the caller may see.
pub async fn visible<S>(
    app: &App,
    caller: &Caller<S>,
    id: ScheduledEventId,
) -> Result<ListedEvent, Problem> {
    let tx = app.store.read().await?;
    let listed = rows::get(&tx, caller.organization, id)
        .await?
        .ok_or_else(Problem::not_found)?;
    if caller.is_admin() || listed.event.host_id == caller.user {
        Ok(listed)
    } else {
        Err(Problem::denied("You are not allowed to view this event"))
    }
}

/// Get a scheduled event
#[utoipa::path(get, path = "/scheduled_events/{uuid}", tag = "Scheduled events", params(("uuid" = uuid::Uuid, Path)), responses((status = 200, description = "The event", body = Resource<ScheduledEventBody>)))]
async fn get_scheduled_event(
    State(app): State<App>,
    caller: Caller<ScheduledEventsRead>,
    Id(id): Id<ScheduledEventId>,
) -> Result<Json<Resource<ScheduledEventBody>>, Problem> {
    let listed = visible(&app, &caller, id).await?;
    Ok(Json(Resource {
        resource: ScheduledEventBody::new(listed, &app.uris())?,
    }))
}

input! {
    /// Why a meeting is canceled.
    pub struct CancellationInput {
        /// For the invitees to read.
        pub reason: Option<Text<0, 10_000>>,
    }
}

impl From<CancelingRefusal> for Problem {
    fn from(refusal: CancelingRefusal) -> Problem {
        match refusal {
            CancelingRefusal::Unknown => Problem::not_found(),
            CancelingRefusal::State(refusal) => refusal.into(),
        }
    }
}

/// Cancel a scheduled event
///
/// With all of its invitees. The time is free again.
#[utoipa::path(post, path = "/scheduled_events/{uuid}/cancellation", tag = "Scheduled events", params(("uuid" = uuid::Uuid, Path)), request_body = Option<CancellationInput>, responses((status = 201, description = "The cancellation", body = Resource<CancellationBody>)))]
async fn cancel_scheduled_event(
    State(app): State<App>,
    caller: Caller<ScheduledEventsWrite>,
    Id(id): Id<ScheduledEventId>,
    input: Input<CancellationInput>,
) -> Result<Response, Problem> {
    visible(&app, &caller, id)
        .await
        .map_err(|problem| not_allowed_to(problem, "cancel"))?;
    let command = Cancel {
        organization: caller.organization,
        id,
        cancellation: by_host(&app, &caller, input.body.reason).await?,
        now: app.now(),
    };
    write_once(
        &app,
        (caller.sends(input.idempotency), StatusCode::CREATED),
        command,
        |cancellation| {
            Ok(Resource {
                resource: CancellationBody::new(cancellation),
            })
        },
    )
    .await
}

fn not_allowed_to(problem: Problem, act: &str) -> Problem {
    if problem.code == "permission_denied" {
        Problem::denied(&format!("You are not allowed to {act} this event"))
    } else {
        problem
    }
}

/// A cancellation by the caller, on the side of the host.
async fn by_host<S>(
    app: &App,
    caller: &Caller<S>,
    reason: Option<Text<0, 10_000>>,
) -> Result<Cancellation, Problem> {
    let tx = app.store.read().await?;
    let user = users::get(&tx, caller.organization, caller.user)
        .await?
        .ok_or_else(Problem::not_found)?;
    Ok(Cancellation {
        canceled_by: user.name,
        reason: reason.map(|reason| reason.0),
        canceler_type: "host".to_owned(),
        created_at: app.now(),
    })
}

input! {
    /// To when a meeting is moved, and why.
    pub struct ReschedulingInput {
        /// The new start, one of those on offer.
        pub start_time: Time,
        /// For the invitees to read.
        pub reason: Option<Text<0, 10_000>>,
    }
}

impl From<ReschedulingRefusal> for Problem {
    fn from(refusal: ReschedulingRefusal) -> Problem {
        match refusal {
            ReschedulingRefusal::Unknown => Problem::not_found(),
            ReschedulingRefusal::Time(refusal) => refusal.into(),
        }
    }
}

/// Reschedule a scheduled event
///
/// The old time is given up only if the new one is won. The old event is canceled and its invitees say to whom they
/// moved; the answer is the new event.
#[utoipa::path(post, path = "/scheduled_events/{uuid}/rescheduling", tag = "Scheduled events", params(("uuid" = uuid::Uuid, Path)), request_body = ReschedulingInput, responses((status = 201, description = "The new event", body = Resource<ScheduledEventBody>)))]
async fn reschedule_scheduled_event(
    State(app): State<App>,
    caller: Caller<ScheduledEventsWrite>,
    Id(id): Id<ScheduledEventId>,
    input: Input<ReschedulingInput>,
) -> Result<Response, Problem> {
    let listed = visible(&app, &caller, id)
        .await
        .map_err(|problem| not_allowed_to(problem, "reschedule"))?;
    let start = input.body.start_time.0;
    let command = Reschedule {
        organization: caller.organization,
        id,
        start,
        new_id: ScheduledEventId(fresh_id()),
        invitees: replacements(&app, caller.organization, id).await?,
        cancellation: by_host(&app, &caller, input.body.reason).await?,
        now: app.now(),
    };
    let uris = app.uris();
    let moved = write_once(
        &app,
        (caller.sends(input.idempotency), StatusCode::CREATED),
        command,
        move |listed| ScheduledEventBody::new(listed, &uris).map(|resource| Resource { resource }),
    )
    .await;
    match moved {
        Err(problem) if problem.is_about_time() => {
            Err(
                with_alternatives(&app, caller.organization, &listed.event, (start, problem))
                    .await?,
            )
        }
        other => other,
    }
}

/// A fresh id for each invitee that moves along.
async fn replacements(
    app: &App,
    organization: OrganizationId,
    event: ScheduledEventId,
) -> Result<Vec<(InviteeId, InviteeId)>, Problem> {
    let tx = app.store.read().await?;
    let invitees = invitees::of_event(&tx, organization, event).await?;
    Ok(invitees
        .into_iter()
        .map(|invitee| (InviteeId(fresh_id()), invitee.id))
        .collect())
}

async fn with_alternatives(
    app: &App,
    organization: OrganizationId,
    event: &ScheduledEvent,
    (start, problem): (jiff::Timestamp, Problem),
) -> Result<Problem, Problem> {
    let tx = app.store.read().await?;
    let event_type = event_types::get(&tx, organization, event.event_type_id).await?;
    let Some(event_type) = event_type.filter(|event_type| !event_type.hidden) else {
        return Ok(problem);
    };
    let alternatives =
        timelines::alternatives(&tx, organization, &event_type, (start, app.now())).await?;
    Ok(problem.with_alternatives(alternatives))
}
