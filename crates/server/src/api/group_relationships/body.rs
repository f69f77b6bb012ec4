//! What is shown of a group relationship.

use crate::{
    api::{
        organization_invitations::InvitationBody,
        organizations::{MembershipBody, membership_body},
        uri::Uris,
        value::time::Time,
    },
    app::group_relationships::{ShownOwner, ShownRelationship},
};
use domain::id::OrganizationId;
use serde::Serialize;
use utoipa::ToSchema;

/// What somebody is in a group.
#[derive(Debug, Serialize, ToSchema)]
pub struct RelationshipBody {
    /// The relationship's URI.
    #[schema(format = "uri")]
    pub uri: String,
    /// `member` or `admin`.
    #[schema(example = "member")]
    pub role: String,
    /// Whose it is.
    pub owner: OwnerBody,
    /// The organization.
    #[schema(format = "uri")]
    pub organization: String,
    /// The group.
    #[schema(format = "uri")]
    pub group: String,
    /// Since when.
    pub created_at: Time,
    /// When it last changed.
    pub updated_at: Time,
}

/// Whose a group relationship is.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
pub enum OwnerBody {
    /// A member's.
    Membership(Box<MembershipOwnerBody>),
    /// Somebody's who was invited.
    Invitation(InvitationOwnerBody),
}

/// A membership as the owner of a group relationship.
#[derive(Debug, Serialize, ToSchema)]
pub struct MembershipOwnerBody {
    /// The membership.
    #[serde(flatten)]
    pub membership: MembershipBody,
    /// Always `OrganizationMembership`.
    #[serde(rename = "type")]
    pub kind: String,
}

/// An invitation as the owner of a group relationship.
#[derive(Debug, Serialize, ToSchema)]
pub struct InvitationOwnerBody {
    /// The invitation.
    #[serde(flatten)]
    pub invitation: InvitationBody,
    /// Always `OrganizationInvitation`.
    #[serde(rename = "type")]
    pub kind: String,
}

impl RelationshipBody {
    /// What is shown of a relationship.
    pub fn new(
        shown: ShownRelationship,
        organization: OrganizationId,
        uris: &Uris,
    ) -> RelationshipBody {
        let relationship = shown.relationship;
        RelationshipBody {
            uri: uris.of(relationship.id),
            role: relationship.role.as_str().to_owned(),
            owner: owner(shown.owner, organization, uris),
            organization: uris.of(organization),
            group: uris.of(relationship.group_id),
            created_at: Time(relationship.created_at),
            updated_at: Time(relationship.updated_at),
        }
    }
}

fn owner(owner: ShownOwner, organization: OrganizationId, uris: &Uris) -> OwnerBody {
    match owner {
        ShownOwner::Membership(member) => OwnerBody::Membership(Box::new(MembershipOwnerBody {
            membership: membership_body(*member, organization, uris),
            kind: "OrganizationMembership".to_owned(),
        })),
        ShownOwner::Invitation(invitation) => OwnerBody::Invitation(InvitationOwnerBody {
            invitation: InvitationBody::new(invitation, organization, uris),
            kind: "OrganizationInvitation".to_owned(),
        }),
    }
}
