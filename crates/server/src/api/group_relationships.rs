//! `/group_relationships`: who belongs to a group and who administers it.

mod body;
mod input;

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
    uri::{Id, Uri},
};
use crate::{
    app::group_relationships::{
        AddRelationship, DeleteRelationship, EditRelationship, RelationshipRefusal, shown,
    },
    context::{App, fresh_id},
};
use axum::{Json, extract::State, http::StatusCode, response::Response};
use body::RelationshipBody;
use domain::id::{GroupId, GroupRelationshipId, OrganizationId};
use input::{OwnerUri, RoleInput};
use store::{
    ReadTx,
    group_relationships::{self, Filter, GroupRelationship, GroupRole, RelationshipOwner},
    groups, organization_memberships,
};
use utoipa_axum::{router::OpenApiRouter, routes};

/// The routes of this file.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_group_relationships, create_group_relationship))
        .routes(routes!(
            get_group_relationship,
            update_group_relationship,
            delete_group_relationship
        ))
}

impl From<RelationshipRefusal> for Problem {
    fn from(refusal: RelationshipRefusal) -> Problem {
        match refusal {
            RelationshipRefusal::Unknown => Problem::not_found(),
            RelationshipRefusal::UnknownGroup => {
                Problem::parameter("group", "not_found", "is not a group of the organization")
            }
            RelationshipRefusal::UnknownOwner => Problem::parameter(
                "owner",
                "not_found",
                "is neither a membership of the organization nor an invitation that waits for its answer",
            ),
            RelationshipRefusal::Exists => {
                Problem::exists("owner", "has this role in the group already")
            }
            RelationshipRefusal::MemberAlready => {
                Problem::exists("owner", "is a member of another group")
            }
        }
    }
}

input! {
    /// Which relationships. Whoever is neither an owner nor an admin names a `group` that they administer, or themselves as `owner`.
    pub struct ListGroupRelationships {
        /// Of this organization, which is the caller's.
        pub organization: Option<Uri<OrganizationId>>,
        /// Of this membership or invitation.
        pub owner: Option<OwnerUri>,
        /// To this group.
        pub group: Option<Uri<GroupId>>,
        /// Rows on a page, 20 by default.
        pub count: Count,
        /// Where the page begins, from an earlier answer.
        pub page_token: PageToken,
    }
}

/// Refuses everyone but owners, admins, the administrators of the group, and the owner of a relationship.
async fn must_be_concerned<S>(
    tx: &ReadTx<'_>,
    caller: &Caller<S>,
    group: Option<GroupId>,
    owner: Option<RelationshipOwner>,
) -> Result<(), Problem> {
    if caller.is_admin() {
        return Ok(());
    }
    let (organization, user) = (caller.organization, caller.user);
    if let Some(group) = group
        && group_relationships::administers(tx, organization, group, user).await?
    {
        return Ok(());
    }
    let own = organization_memberships::of_user(tx, organization, user).await?;
    let own = own.map(|membership| RelationshipOwner::Membership(membership.id));
    if owner.is_some() && owner == own {
        return Ok(());
    }
    Err(Problem::no_permission())
}

/// List group relationships
#[utoipa::path(get, path = "/group_relationships", tag = "Groups", params(ListGroupRelationships), responses((status = 200, description = "A page of relationships", body = Collection<RelationshipBody>)))]
async fn list_group_relationships(
    State(app): State<App>,
    caller: Caller<GroupsRead>,
    Query { query, target }: Query<ListGroupRelationships>,
) -> Result<Json<Collection<RelationshipBody>>, Problem> {
    let organization = caller.organization;
    if query.organization.is_some_and(|uri| uri.0 != organization) {
        return Err(Problem::not_found());
    }
    let sorted = Sorted::parse(None, &["created_at"])?;
    let request = sorted.request(query.count, query.page_token)?;
    let filter = Filter {
        group: query.group.map(|group| group.0),
        owner: query.owner.map(|owner| owner.0),
    };
    let tx = app.store.read().await?;
    if let Some(group) = filter.group {
        let group = groups::get(&tx, organization, group).await?;
        group.ok_or_else(Problem::not_found)?;
    }
    must_be_concerned(&tx, &caller, filter.group, filter.owner).await?;
    let mut page = group_relationships::list(&tx, organization, &filter, &request).await?;
    let mut listed = Vec::with_capacity(page.rows.len());
    for relationship in std::mem::take(&mut page.rows) {
        listed.extend(shown(&tx, organization, relationship).await?);
    }
    let uris = app.uris();
    Ok(Json(sorted.collection(
        page.with_rows(listed),
        (&uris, &target),
        |shown| (shown.relationship.created_at, shown.relationship.id.0),
        |shown| RelationshipBody::new(shown, organization, &uris),
    )))
}

/// Get a group relationship
#[utoipa::path(get, path = "/group_relationships/{uuid}", tag = "Groups", params(("uuid" = uuid::Uuid, Path)), responses((status = 200, description = "The relationship", body = Resource<RelationshipBody>)))]
async fn get_group_relationship(
    State(app): State<App>,
    caller: Caller<GroupsRead>,
    Id(id): Id<GroupRelationshipId>,
) -> Result<Json<Resource<RelationshipBody>>, Problem> {
    let tx = app.store.read().await?;
    let relationship = group_relationships::get(&tx, caller.organization, id).await?;
    let relationship = relationship.ok_or_else(Problem::not_found)?;
    let (group, owner) = (relationship.group_id, relationship.owner);
    must_be_concerned(&tx, &caller, Some(group), Some(owner)).await?;
    let shown = shown(&tx, caller.organization, relationship).await?;
    let shown = shown.ok_or_else(Problem::not_found)?;
    Ok(Json(Resource {
        resource: RelationshipBody::new(shown, caller.organization, &app.uris()),
    }))
}

input! {
    /// Somebody in a group.
    pub struct NewGroupRelationship {
        /// Which group.
        pub group: Uri<GroupId>,
        /// Who: an organization membership, or an invitation that was not answered yet.
        pub owner: OwnerUri,
        /// As what; `member` by default. Everybody is a member of one group at most, and may administer several.
        pub role: Option<RoleInput>,
    }
    example {
        "group": "http://127.0.0.1:8080/groups/0193a5c8-7d3e-7000-8000-2b1f5f0c9a11",
        "owner": "http://127.0.0.1:8080/organization_memberships/0193a5c8-7d3e-7000-8000-2b1f5f0c9a12",
        "role": "member"
    }
}

/// Make somebody a member or an administrator of a group
#[utoipa::path(post, path = "/group_relationships", tag = "Groups", request_body = NewGroupRelationship, responses((status = 201, description = "The new relationship", body = Resource<RelationshipBody>)))]
async fn create_group_relationship(
    State(app): State<App>,
    caller: Caller<GroupsWrite>,
    input: Input<NewGroupRelationship>,
) -> Result<Response, Problem> {
    caller.must_be_admin()?;
    let (body, now) = (input.body, app.now());
    let command = AddRelationship {
        organization: caller.organization,
        relationship: GroupRelationship {
            id: GroupRelationshipId(fresh_id()),
            group_id: body.group.0,
            owner: body.owner.0,
            role: body.role.map_or(GroupRole::Member, RoleInput::role),
            created_at: now,
            updated_at: now,
        },
    };
    let (organization, uris) = (caller.organization, app.uris());
    let sent = (caller.sends(input.idempotency), StatusCode::CREATED);
    write_once(&app, sent, command, move |shown| {
        Ok(Resource {
            resource: RelationshipBody::new(shown, organization, &uris),
        })
    })
    .await
}

input! {
    /// What changes of a relationship; what is left out stays.
    pub struct GroupRelationshipChanges {
        /// As what.
        pub role: Option<RoleInput>,
    }
    example {"role": "admin"}
}

/// Change what somebody is in a group
#[utoipa::path(patch, path = "/group_relationships/{uuid}", tag = "Groups", params(("uuid" = uuid::Uuid, Path)), request_body = GroupRelationshipChanges, responses((status = 200, description = "The relationship as it is now", body = Resource<RelationshipBody>)))]
async fn update_group_relationship(
    State(app): State<App>,
    caller: Caller<GroupsWrite>,
    Id(id): Id<GroupRelationshipId>,
    input: Input<GroupRelationshipChanges>,
) -> Result<Json<Resource<RelationshipBody>>, Problem> {
    caller.must_be_admin()?;
    let command = EditRelationship {
        organization: caller.organization,
        id,
        role: input.body.role.map(RoleInput::role),
        now: app.now(),
    };
    let shown = app.store.write(caller.by(), command).await?;
    Ok(Json(Resource {
        resource: RelationshipBody::new(shown, caller.organization, &app.uris()),
    }))
}

/// End what somebody is in a group
#[utoipa::path(delete, path = "/group_relationships/{uuid}", tag = "Groups", params(("uuid" = uuid::Uuid, Path)), responses((status = 204, description = "Ended")))]
async fn delete_group_relationship(
    State(app): State<App>,
    caller: Caller<GroupsWrite>,
    Id(id): Id<GroupRelationshipId>,
) -> Result<StatusCode, Problem> {
    caller.must_be_admin()?;
    let organization = caller.organization;
    app.store
        .write(caller.by(), DeleteRelationship { organization, id })
        .await?;
    Ok(StatusCode::NO_CONTENT)
}
