//! Changing what somebody is in the organization, and ending it.

use super::{MemberRole, MembershipBody, membership_body};
use crate::api::{
    answer::Resource,
    caller::{Caller, scope::OrganizationsWrite},
    input::input,
    problem::Problem,
    request::Input,
    uri::Id,
};
use crate::{
    app::{
        organization_memberships::{ChangeRole, RoleRefusal},
        users::{UserRefusal, removal::RemoveUser},
    },
    context::App,
};
use axum::{Json, extract::State, http::StatusCode};
use domain::id::MembershipId;
use store::{
    WriteError,
    organization_memberships::{self, Role},
};

impl From<RoleRefusal> for Problem {
    fn from(refusal: RoleRefusal) -> Problem {
        match refusal {
            RoleRefusal::Unknown => Problem::not_found(),
            RoleRefusal::NotAllowed => not_allowed(),
            RoleRefusal::OwnerStays => owner_stays(),
            RoleRefusal::UserIsResource => Problem::parameter(
                "role",
                "is_resource",
                "must be user: a room or a piece of equipment cannot sign in",
            ),
        }
    }
}

fn not_allowed() -> Problem {
    Problem::denied("You do not have permission to perform this action")
}

fn owner_stays() -> Problem {
    Problem::denied("You can not change owner role")
}

input! {
    /// What changes of a membership.
    pub struct MembershipChanges {
        /// What the member is from now on.
        pub role: Option<MemberRole>,
    }
    example {"role": "admin"}
}

/// Change a member's role
///
/// Only owners make others owners, and only they change what an owner is; there is always one.
#[utoipa::path(patch, path = "/organization_memberships/{uuid}", tag = "Organizations", params(("uuid" = uuid::Uuid, Path)), request_body = MembershipChanges, responses((status = 200, description = "The membership as it is now", body = Resource<MembershipBody>)))]
pub async fn update_organization_membership(
    State(app): State<App>,
    caller: Caller<OrganizationsWrite>,
    Id(id): Id<MembershipId>,
    input: Input<MembershipChanges>,
) -> Result<Json<Resource<MembershipBody>>, Problem> {
    let role = input.body.role;
    let command = ChangeRole {
        organization: caller.organization,
        id,
        role: role.and_then(|role| Role::parse(role.word())),
        by: caller.user,
        now: app.now(),
    };
    let changed = app.store.write(caller.by(), command).await?;
    Ok(Json(Resource {
        resource: membership_body(changed, caller.organization, &app.uris()),
    }))
}

/// End a membership
///
/// The same as removing the user.
#[utoipa::path(delete, path = "/organization_memberships/{uuid}", tag = "Organizations", params(("uuid" = uuid::Uuid, Path)), responses((status = 204, description = "Ended")))]
pub async fn delete_organization_membership(
    State(app): State<App>,
    caller: Caller<OrganizationsWrite>,
    Id(id): Id<MembershipId>,
) -> Result<StatusCode, Problem> {
    let tx = app.store.read().await?;
    let membership = organization_memberships::get(&tx, caller.organization, id).await?;
    drop(tx);
    let membership = membership.ok_or_else(Problem::not_found)?;
    if !caller.is_admin() {
        return Err(not_allowed());
    }
    let command = RemoveUser {
        organization: caller.organization,
        id: membership.user_id,
        by: caller.user,
        now: app.now(),
    };
    match app.store.write(caller.by(), command).await {
        Err(WriteError::Refused(UserRefusal::OwnerStays)) => Err(owner_stays()),
        ended => {
            ended?;
            Ok(StatusCode::NO_CONTENT)
        }
    }
}
