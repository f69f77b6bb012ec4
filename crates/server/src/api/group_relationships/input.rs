//! The values in requests about group relationships: whose, and as what.

use crate::api::{
    input::{Parse, Reader},
    uri::id_in,
    value::{
        text::{string, text},
        words,
    },
};
use domain::id::{InvitationId, MembershipId};
use serde_json::Value;
use store::group_relationships::{GroupRole, RelationshipOwner};
use utoipa::openapi::{RefOr, Schema};

words! {
    /// What somebody is in a group.
    pub enum RoleInput {
        /// Belongs to it.
        Member = "member",
        /// Administers it.
        Admin = "admin",
    }
}

impl RoleInput {
    /// What it means.
    pub fn role(self) -> GroupRole {
        match self {
            RoleInput::Member => GroupRole::Member,
            RoleInput::Admin => GroupRole::Admin,
        }
    }
}

/// The URI of a membership or of an invitation in a request.
#[derive(Clone, Copy, Debug)]
pub struct OwnerUri(pub RelationshipOwner);

impl Parse for OwnerUri {
    fn parse(value: &Value, reader: &mut Reader) -> Option<OwnerUri> {
        let uri = text(value, reader)?;
        let membership = id_in(uri, "organization_memberships")
            .map(|id| RelationshipOwner::Membership(MembershipId(id)));
        let owner = membership.or_else(|| {
            id_in(uri, "invitations").map(|id| RelationshipOwner::Invitation(InvitationId(id)))
        });
        match owner {
            Some(owner) => Some(OwnerUri(owner)),
            None => reader.problem(
                "invalid_uri",
                "must be the URI of an organization membership or of an organization invitation",
            ),
        }
    }

    fn schema() -> RefOr<Schema> {
        string(
            "http://127.0.0.1:8080/organization_memberships/0193a5c8-7d3e-7000-8000-2b1f5f0c9a11",
        )
        .into()
    }
}
