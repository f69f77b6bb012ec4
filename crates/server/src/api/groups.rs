//! `/groups`: parts of the organization with administrators of their own.

use super::{
    answer::{Resource, write_once},
    caller::{
        Caller,
        scope::{GroupsRead, GroupsWrite},
    },
    input::input,
    page::{Collection, Count, PageToken, Sorted},
    problem::Problem,
    request::{Input, Query},
    uri::{Id, Uri, Uris},
    value::{text::Text, time::Time},
};
use crate::{
    app::groups::{AddGroup, DeleteGroup, EditGroup, GroupRefusal},
    context::{App, fresh_id},
};
use axum::{Json, extract::State, http::StatusCode, response::Response};
use domain::id::{GroupId, OrganizationId};
use serde::Serialize;
use store::groups::{self, Group};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

/// The routes of this file.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_groups, create_group))
        .routes(routes!(get_group, update_group, delete_group))
}

/// A group.
#[derive(Debug, Serialize, ToSchema)]
pub struct GroupBody {
    /// The group's URI.
    #[schema(format = "uri")]
    pub uri: String,
    /// Its name.
    #[schema(example = "Berlin")]
    pub name: String,
    /// The organization.
    #[schema(format = "uri")]
    pub organization: String,
    /// When it was made.
    pub created_at: Time,
    /// When it last changed.
    pub updated_at: Time,
    /// How many users are members of it.
    pub member_count: i64,
}

impl GroupBody {
    fn new(group: Group, organization: OrganizationId, uris: &Uris) -> GroupBody {
        GroupBody {
            uri: uris.of(group.id),
            name: group.name,
            organization: uris.of(organization),
            created_at: Time(group.created_at),
            updated_at: Time(group.updated_at),
            member_count: group.member_count,
        }
    }
}

impl From<GroupRefusal> for Problem {
    fn from(refusal: GroupRefusal) -> Problem {
        match refusal {
            GroupRefusal::Unknown => Problem::not_found(),
            GroupRefusal::NameTaken => Problem::exists("name", "belongs to another group"),
        }
    }
}

input! {
    /// A page of groups.
    pub struct ListGroups {
        /// Of this organization, which is the caller's.
        pub organization: Uri<OrganizationId>,
        /// Rows on a page, 20 by default.
        pub count: Count,
        /// Where the page begins, from an earlier answer.
        pub page_token: PageToken,
    }
}

/// List groups
#[utoipa::path(get, path = "/groups", tag = "Groups", params(ListGroups), responses((status = 200, description = "A page of groups", body = Collection<GroupBody>)))]
async fn list_groups(
    State(app): State<App>,
    caller: Caller<GroupsRead>,
    Query { query, target }: Query<ListGroups>,
) -> Result<Json<Collection<GroupBody>>, Problem> {
    let organization = caller.organization;
    if query.organization.0 != organization {
        return Err(Problem::not_found());
    }
    let sorted = Sorted::parse(None, &["created_at"])?;
    let request = sorted.request(query.count, query.page_token)?;
    let tx = app.store.read().await?;
    let page = groups::list(&tx, organization, &request).await?;
    let uris = app.uris();
    Ok(Json(sorted.collection(
        page,
        (&uris, &target),
        |group| (group.created_at, group.id.0),
        |group| GroupBody::new(group, organization, &uris),
    )))
}

/// Get a group
#[utoipa::path(get, path = "/groups/{uuid}", tag = "Groups", params(("uuid" = uuid::Uuid, Path)), responses((status = 200, description = "The group", body = Resource<GroupBody>)))]
async fn get_group(
    State(app): State<App>,
    caller: Caller<GroupsRead>,
    Id(id): Id<GroupId>,
) -> Result<Json<Resource<GroupBody>>, Problem> {
    let tx = app.store.read().await?;
    let group = groups::get(&tx, caller.organization, id).await?;
    let group = group.ok_or_else(Problem::not_found)?;
    Ok(Json(Resource {
        resource: GroupBody::new(group, caller.organization, &app.uris()),
    }))
}

input! {
    /// A new group.
    pub struct NewGroup {
        /// Its name, unique in the organization.
        pub name: Text<1, 255>,
    }
    example {"name": "Berlin"}
}

/// Make a group
#[utoipa::path(post, path = "/groups", tag = "Groups", request_body = NewGroup, responses((status = 201, description = "The new group", body = Resource<GroupBody>)))]
async fn create_group(
    State(app): State<App>,
    caller: Caller<GroupsWrite>,
    input: Input<NewGroup>,
) -> Result<Response, Problem> {
    caller.must_be_admin()?;
    let now = app.now();
    let command = AddGroup {
        organization: caller.organization,
        group: Group {
            id: GroupId(fresh_id()),
            name: input.body.name.0,
            created_at: now,
            updated_at: now,
            member_count: 0,
        },
    };
    let (organization, uris) = (caller.organization, app.uris());
    let sent = (caller.sends(input.idempotency), StatusCode::CREATED);
    write_once(&app, sent, command, move |group| {
        Ok(Resource {
            resource: GroupBody::new(group, organization, &uris),
        })
    })
    .await
}

input! {
    /// What changes of a group; what is left out stays.
    pub struct GroupChanges {
        /// Its name, unique in the organization.
        pub name: Option<Text<1, 255>>,
    }
    example {"name": "Hamburg"}
}

/// Edit a group
#[utoipa::path(patch, path = "/groups/{uuid}", tag = "Groups", params(("uuid" = uuid::Uuid, Path)), request_body = GroupChanges, responses((status = 200, description = "The group as it is now", body = Resource<GroupBody>)))]
async fn update_group(
    State(app): State<App>,
    caller: Caller<GroupsWrite>,
    Id(id): Id<GroupId>,
    input: Input<GroupChanges>,
) -> Result<Json<Resource<GroupBody>>, Problem> {
    caller.must_be_admin()?;
    let command = EditGroup {
        organization: caller.organization,
        id,
        name: input.body.name.map(|name| name.0),
        now: app.now(),
    };
    let group = app.store.write(caller.by(), command).await?;
    Ok(Json(Resource {
        resource: GroupBody::new(group, caller.organization, &app.uris()),
    }))
}

/// Delete a group
///
/// Who was in it stays in the organization.
#[utoipa::path(delete, path = "/groups/{uuid}", tag = "Groups", params(("uuid" = uuid::Uuid, Path)), responses((status = 204, description = "Deleted")))]
async fn delete_group(
    State(app): State<App>,
    caller: Caller<GroupsWrite>,
    Id(id): Id<GroupId>,
) -> Result<StatusCode, Problem> {
    caller.must_be_admin()?;
    let organization = caller.organization;
    app.store
        .write(caller.by(), DeleteGroup { organization, id })
        .await?;
    Ok(StatusCode::NO_CONTENT)
}
