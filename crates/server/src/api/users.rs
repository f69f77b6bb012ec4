//! `/users`: the people of the organization, its rooms and its equipment.

pub mod body;
mod changes;

use super::{
    answer::{Resource, write_once},
    caller::{
        Caller,
        scope::{UsersRead, UsersWrite},
    },
    input::input,
    page::{Collection, Count, PageToken, Sort, Sorted},
    problem::Problem,
    request::{Input, Query},
    uri::Id,
};
use crate::{
    app::users::{EditUser, UnknownUser, UserRefusal, removal::RemoveUser},
    context::App,
};
use axum::{Json, extract::State, http::StatusCode, response::Response};
use body::UserBody;
use changes::{KindInput, NewUser, UserChanges};
use domain::id::{OrganizationId, UserId};
use store::users::{self, UserKind};
use utoipa_axum::{router::OpenApiRouter, routes};

/// The routes of this file.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_users, create_user))
        .routes(routes!(get_current_user))
        .routes(routes!(get_user, update_user, delete_user))
}

impl From<UnknownUser> for Problem {
    fn from(_: UnknownUser) -> Problem {
        Problem::not_found()
    }
}

impl From<UserRefusal> for Problem {
    fn from(refusal: UserRefusal) -> Problem {
        match refusal {
            UserRefusal::Unknown => Problem::not_found(),
            UserRefusal::EmailTaken => Problem::exists("email", "belongs to another user"),
            UserRefusal::SlugTaken => Problem::exists("slug", "belongs to another user"),
            UserRefusal::EmailRequired => Problem::parameter(
                "email",
                "required",
                "must be filled; only a resource can be without",
            ),
            UserRefusal::OwnerStays => {
                Problem::denied("The owner of the organization cannot be removed")
            }
            UserRefusal::Oneself => {
                Problem::denied("You can not remove yourself from organization")
            }
        }
    }
}

/// Get the current user
#[utoipa::path(get, path = "/users/me", tag = "Users", responses((status = 200, description = "The user of the token", body = Resource<UserBody>)))]
async fn get_current_user(
    State(app): State<App>,
    caller: Caller<UsersRead>,
) -> Result<Json<Resource<UserBody>>, Problem> {
    user_resource(&app, caller.organization, caller.user).await
}

/// Get a user
#[utoipa::path(get, path = "/users/{uuid}", tag = "Users", params(("uuid" = uuid::Uuid, Path)), responses((status = 200, description = "The user", body = Resource<UserBody>)))]
async fn get_user(
    State(app): State<App>,
    caller: Caller<UsersRead>,
    Id(id): Id<UserId>,
) -> Result<Json<Resource<UserBody>>, Problem> {
    user_resource(&app, caller.organization, id).await
}

async fn user_resource(
    app: &App,
    organization: OrganizationId,
    id: UserId,
) -> Result<Json<Resource<UserBody>>, Problem> {
    let tx = app.store.read().await?;
    let user = users::get_active(&tx, organization, id)
        .await?
        .ok_or_else(Problem::not_found)?;
    Ok(Json(Resource {
        resource: UserBody::new(user, organization, &app.uris()),
    }))
}

input! {
    /// A page of users.
    pub struct ListUsers {
        /// Only people or only resources.
        pub kind: Option<KindInput>,
        /// Rows on a page, 20 by default.
        pub count: Count,
        /// Where the page begins, from an earlier answer.
        pub page_token: PageToken,
        /// `created_at:asc` (default) or `created_at:desc`.
        pub sort: Sort,
    }
}

/// List the users of the organization
#[utoipa::path(get, path = "/users", tag = "Users", params(ListUsers), responses((status = 200, description = "A page of users", body = Collection<UserBody>)))]
async fn list_users(
    State(app): State<App>,
    caller: Caller<UsersRead>,
    Query { query, target }: Query<ListUsers>,
) -> Result<Json<Collection<UserBody>>, Problem> {
    let sorted = Sorted::parse(query.sort, &["created_at"])?;
    let request = sorted.request(query.count, query.page_token)?;
    let tx = app.store.read().await?;
    let kind = query.kind.map(UserKind::from);
    let page = users::list(&tx, caller.organization, kind, &request).await?;
    let uris = app.uris();
    Ok(Json(sorted.collection(
        page,
        (&uris, &target),
        |user| (user.created_at, user.id.0),
        |user| UserBody::new(user, caller.organization, &uris),
    )))
}

/// Add a user to the organization
#[utoipa::path(post, path = "/users", tag = "Users", request_body = NewUser, responses((status = 201, description = "The new user", body = Resource<UserBody>)))]
async fn create_user(
    State(app): State<App>,
    caller: Caller<UsersWrite>,
    input: Input<NewUser>,
) -> Result<Response, Problem> {
    caller.must_be_admin()?;
    let command = input.body.command(caller.organization, app.now());
    let (organization, uris) = (caller.organization, app.uris());
    write_once(
        &app,
        (caller.sends(input.idempotency), StatusCode::CREATED),
        command,
        move |(user, _)| {
            Ok(Resource {
                resource: UserBody::new(user, organization, &uris),
            })
        },
    )
    .await
}

/// Edit a user
#[utoipa::path(patch, path = "/users/{uuid}", tag = "Users", params(("uuid" = uuid::Uuid, Path)), request_body = UserChanges, responses((status = 200, description = "The user as it is now", body = Resource<UserBody>)))]
async fn update_user(
    State(app): State<App>,
    caller: Caller<UsersWrite>,
    Id(id): Id<UserId>,
    input: Input<UserChanges>,
) -> Result<Json<Resource<UserBody>>, Problem> {
    caller.must_act_for(id)?;
    let changes = input.body;
    let command = EditUser {
        organization: caller.organization,
        id,
        edit: Box::new(move |user| changes.apply(user)),
        now: app.now(),
    };
    let user = app.store.write(caller.by(), command).await?;
    Ok(Json(Resource {
        resource: UserBody::new(user, caller.organization, &app.uris()),
    }))
}

/// Remove a user
///
/// What happened with them stays; their tokens stop working and their event types cannot be booked.
#[utoipa::path(delete, path = "/users/{uuid}", tag = "Users", params(("uuid" = uuid::Uuid, Path)), responses((status = 204, description = "Removed")))]
async fn delete_user(
    State(app): State<App>,
    caller: Caller<UsersWrite>,
    Id(id): Id<UserId>,
) -> Result<StatusCode, Problem> {
    caller.must_be_admin()?;
    let command = RemoveUser {
        organization: caller.organization,
        id,
        by: caller.user,
        now: app.now(),
    };
    app.store.write(caller.by(), command).await?;
    Ok(StatusCode::NO_CONTENT)
}
