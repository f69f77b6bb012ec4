//! `/scheduled_events`: what was booked; canceling and rescheduling it.

pub mod body;
pub mod canceling;
mod confirmation;
mod rescheduling;

use crate::api::{
    answer::Resource,
    caller::{Caller, scope::ScheduledEventsRead},
    input::input,
    page::{Collection, Count, PageToken, Sort, Sorted},
    problem::Problem,
    request::Query,
    uri::{Id, Uri},
    value::{
        text::{Email, Text},
        time::Time,
    },
};
use crate::{
    app::scheduled_events::{Cancellation, confirmation::expire},
    context::App,
};
use axum::{Json, extract::State};
use body::{ScheduledEventBody, Status};
use domain::id::{GroupId, OrganizationId, ScheduledEventId, UserId};
use store::{
    ReadTx, group_relationships, groups,
    scheduled_events::{self as rows, ListedEvent, listing},
    users,
};
use utoipa_axum::{router::OpenApiRouter, routes};

/// The routes of this file.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_scheduled_events))
        .routes(routes!(get_scheduled_event))
        .routes(routes!(canceling::cancel_scheduled_event))
        .routes(routes!(confirmation::confirm_scheduled_event))
        .routes(routes!(confirmation::reject_scheduled_event))
        .routes(routes!(rescheduling::reschedule_scheduled_event))
}

input! {
    /// Which events; `user`, `organization` or `group` must be given.
    pub struct ListScheduledEvents {
        /// Of this host. Others than oneself need an administrator and `organization`.
        pub user: Option<Uri<UserId>>,
        /// All of the organization; needs an administrator.
        pub organization: Option<Uri<OrganizationId>>,
        /// With a host who is a member of this group; needs an administrator of the group, or one of the organization and `organization`.
        pub group: Option<Uri<GroupId>>,
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
    let group = query.group.map(|group| group.0);
    let organization = query.organization.map(|organization| organization.0);
    match group {
        None => may_list(&caller, user, organization)?,
        Some(group) => {
            may_list_group(&app.store.read().await?, &caller, group, organization).await?;
        }
    }
    let sorted = Sorted::parse(query.sort, &["start_time"])?;
    let request = sorted.request(query.count, query.page_token)?;
    let filter = listing::Filter {
        host: user,
        status: query.status.map(Status::domain),
        min_start: query.min_start_time.map(|time| time.0),
        max_start: query.max_start_time.map(|time| time.0),
        invitee_email: query.invitee_email.map(|email| email.0),
        group,
    };
    expire(app.store.unrecorded(), caller.organization).await?;
    let tx = app.store.read().await?;
    if let Some(user) = user {
        users::get(&tx, caller.organization, user)
            .await?
            .ok_or_else(Problem::not_in_organization)?;
    }
    let mut page = listing::list(&tx, caller.organization, &filter, &request).await?;
    let uris = app.uris();
    let mut listed = Vec::with_capacity(page.rows.len());
    for row in std::mem::take(&mut page.rows) {
        let key = row.sort_key();
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
        (_, Some(organization)) if organization != caller.organization => {
            Err(Problem::no_permission())
        }
        (None, None) => Err(Problem::parameter(
            "user",
            "required",
            "must be filled, or organization or group instead",
        )),
        (Some(user), _) if user == caller.user => Ok(()),
        (Some(_), None) if caller.is_admin() => Err(Problem::denied(
            "Please also specify organization when requesting events for a user within your organization.",
        )),
        _ => caller.must_be_admin(),
    }
}

async fn may_list_group(
    tx: &ReadTx<'_>,
    caller: &Caller<ScheduledEventsRead>,
    group: GroupId,
    organization: Option<OrganizationId>,
) -> Result<(), Problem> {
    if organization.is_some_and(|organization| organization != caller.organization) {
        return Err(Problem::not_found());
    }
    let known = groups::get(tx, caller.organization, group).await?;
    known.ok_or_else(Problem::not_found)?;
    let (ours, user) = (caller.organization, caller.user);
    if group_relationships::administers(tx, ours, group, user).await? {
        return Ok(());
    }
    caller.must_be_admin()?;
    match organization {
        Some(_) => Ok(()),
        None => Err(Problem::denied(
            "Please also specify organization when requesting events for a group within your organization.",
        )),
    }
}

async fn listed<S>(
    app: &App,
    caller: &Caller<S>,
    id: ScheduledEventId,
) -> Result<ListedEvent, Problem> {
    expire(app.store.unrecorded(), caller.organization).await?;
    let tx = app.store.read().await?;
    let listed = rows::get(&tx, caller.organization, id).await?;
    listed.ok_or_else(Problem::not_found)
}

/// Whether it is the caller's own event, or of the organization that they administer.
fn is_run_by<S>(listed: &ListedEvent, caller: &Caller<S>) -> bool {
    caller.is_admin() || listed.hosts.iter().any(|host| host.id == caller.user)
}

/// An event that the caller may see: also administrators of a group that a host belongs to.
pub async fn visible<S>(
    app: &App,
    caller: &Caller<S>,
    id: ScheduledEventId,
) -> Result<ListedEvent, Problem> {
    let listed = listed(app, caller, id).await?;
    if is_run_by(&listed, caller) {
        return Ok(listed);
    }
    let tx = app.store.read().await?;
    for host in &listed.hosts {
        let (ours, host) = (caller.organization, host.id);
        if group_relationships::administers_member(&tx, ours, caller.user, host).await? {
            return Ok(listed);
        }
    }
    Err(Problem::denied("You are not allowed to view this event"))
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

/// An event that the caller may change; `act` is what for.
pub async fn may_change<S>(
    app: &App,
    caller: &Caller<S>,
    id: ScheduledEventId,
    act: &str,
) -> Result<ListedEvent, Problem> {
    let listed = listed(app, caller, id).await?;
    if is_run_by(&listed, caller) {
        Ok(listed)
    } else {
        Err(Problem::denied(&format!(
            "You are not allowed to {act} this event"
        )))
    }
}

/// A cancellation by the caller, on the side of the host.
pub async fn by_host<S>(
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
