//! Who belongs to a group and who administers it.

use domain::id::{GroupRelationshipId, OrganizationId};
use jiff::Timestamp;
use store::{
    Command, ReadTx, StoreError, WriteError, WriteTx,
    group_relationships::{self, GroupRelationship, GroupRole, RelationshipOwner},
    groups,
    organization_invitations::{self, Invitation, InvitationStatus},
    organization_memberships::{self, Membership},
    organizations,
    users::{self, User},
};

/// Why a relationship cannot be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RelationshipRefusal {
    /// There is no such relationship.
    Unknown,
    /// There is no such group.
    UnknownGroup,
    /// There is no such member, and nobody who was invited and has not answered.
    UnknownOwner,
    /// They are that in the group already.
    Exists,
    /// They are a member of a group already.
    MemberAlready,
}

/// Whose a relationship is, with all that is shown of them.
#[derive(Clone, Debug)]
pub enum ShownOwner {
    /// A member's.
    Membership(Box<(Membership, User)>),
    /// Somebody's who was invited.
    Invitation(Invitation),
}

/// A relationship with whose it is.
#[derive(Clone, Debug)]
pub struct ShownRelationship {
    /// The relationship.
    pub relationship: GroupRelationship,
    /// Whose it is.
    pub owner: ShownOwner,
}

/// The relationship with whose it is; nothing where they went meanwhile.
pub async fn shown(
    tx: &ReadTx<'_>,
    organization: OrganizationId,
    relationship: GroupRelationship,
) -> Result<Option<ShownRelationship>, StoreError> {
    let owner = match relationship.owner {
        RelationshipOwner::Membership(id) => {
            let membership = organization_memberships::get(tx, organization, id).await?;
            let Some(membership) = membership else {
                return Ok(None);
            };
            let user = users::get(tx, organization, membership.user_id).await?;
            user.map(|user| ShownOwner::Membership(Box::new((membership, user))))
        }
        RelationshipOwner::Invitation(id) => {
            let invitation = organization_invitations::get(tx, organization, id).await?;
            invitation.map(ShownOwner::Invitation)
        }
    };
    Ok(owner.map(|owner| ShownRelationship {
        relationship,
        owner,
    }))
}

/// Whether there is somebody to be in a group.
async fn is_somebody(
    tx: &ReadTx<'_>,
    organization: OrganizationId,
    owner: RelationshipOwner,
) -> Result<bool, StoreError> {
    Ok(match owner {
        RelationshipOwner::Membership(id) => {
            let membership = organization_memberships::get(tx, organization, id).await?;
            membership.is_some()
        }
        RelationshipOwner::Invitation(id) => {
            let invitation = organization_invitations::get(tx, organization, id).await?;
            invitation.is_some_and(|invitation| invitation.status == InvitationStatus::Pending)
        }
    })
}

/// Whether a relationship goes together with the others that its owner has.
fn decide(
    wanted: &GroupRelationship,
    others: &[GroupRelationship],
) -> Result<(), RelationshipRefusal> {
    let mut others = others.iter().filter(|other| other.id != wanted.id);
    let is_same =
        |other: &GroupRelationship| other.group_id == wanted.group_id && other.role == wanted.role;
    if others.clone().any(is_same) {
        return Err(RelationshipRefusal::Exists);
    }
    if wanted.role == GroupRole::Member && others.any(|other| other.role == GroupRole::Member) {
        return Err(RelationshipRefusal::MemberAlready);
    }
    Ok(())
}

async fn check(
    tx: &WriteTx<'_>,
    organization: OrganizationId,
    wanted: &GroupRelationship,
) -> Result<(), WriteError<RelationshipRefusal>> {
    let others = group_relationships::of_owner(tx, organization, wanted.owner).await?;
    decide(wanted, &others).map_err(WriteError::Refused)
}

/// Makes somebody a member or an administrator of a group.
#[derive(Clone, Debug)]
pub struct AddRelationship {
    /// In which organization.
    pub organization: OrganizationId,
    /// Who, in which group, as what.
    pub relationship: GroupRelationship,
}

impl Command for AddRelationship {
    type Output = ShownRelationship;
    type Refusal = RelationshipRefusal;

    async fn run(
        &self,
        tx: &WriteTx<'_>,
    ) -> Result<ShownRelationship, WriteError<RelationshipRefusal>> {
        let (organization, relationship) = (self.organization, &self.relationship);
        let refuse = |refusal| Err(WriteError::Refused(refusal));
        organizations::lock(tx, organization).await?;
        let group = groups::get(tx, organization, relationship.group_id).await?;
        if group.is_none() {
            return refuse(RelationshipRefusal::UnknownGroup);
        }
        if !is_somebody(tx, organization, relationship.owner).await? {
            return refuse(RelationshipRefusal::UnknownOwner);
        }
        check(tx, organization, relationship).await?;
        group_relationships::insert(tx, organization, relationship).await?;
        let shown = shown(tx, organization, relationship.clone()).await?;
        shown.ok_or(WriteError::Refused(RelationshipRefusal::UnknownOwner))
    }

    async fn is_done(&self, tx: &ReadTx<'_>) -> Result<bool, StoreError> {
        let id = self.relationship.id;
        let relationship = group_relationships::get(tx, self.organization, id).await?;
        Ok(relationship.is_some())
    }
}

/// Changes what somebody is in a group.
#[derive(Clone, Copy, Debug)]
pub struct EditRelationship {
    /// In which organization.
    pub organization: OrganizationId,
    /// Which relationship.
    pub id: GroupRelationshipId,
    /// As what; what they are by default.
    pub role: Option<GroupRole>,
    /// When.
    pub now: Timestamp,
}

impl Command for EditRelationship {
    type Output = ShownRelationship;
    type Refusal = RelationshipRefusal;

    async fn run(
        &self,
        tx: &WriteTx<'_>,
    ) -> Result<ShownRelationship, WriteError<RelationshipRefusal>> {
        organizations::lock(tx, self.organization).await?;
        let before = group_relationships::get(tx, self.organization, self.id).await?;
        let before = before.ok_or(WriteError::Refused(RelationshipRefusal::Unknown))?;
        let relationship = GroupRelationship {
            role: self.role.unwrap_or(before.role),
            updated_at: self.now,
            ..before
        };
        check(tx, self.organization, &relationship).await?;
        group_relationships::update(tx, self.organization, &relationship).await?;
        let shown = shown(tx, self.organization, relationship).await?;
        shown.ok_or(WriteError::Refused(RelationshipRefusal::Unknown))
    }
}

/// Ends what somebody is in a group.
#[derive(Clone, Copy, Debug)]
pub struct DeleteRelationship {
    /// In which organization.
    pub organization: OrganizationId,
    /// Which relationship.
    pub id: GroupRelationshipId,
}

impl Command for DeleteRelationship {
    type Output = ();
    type Refusal = RelationshipRefusal;

    async fn run(&self, tx: &WriteTx<'_>) -> Result<(), WriteError<RelationshipRefusal>> {
        organizations::lock(tx, self.organization).await?;
        let relationship = group_relationships::get(tx, self.organization, self.id).await?;
        relationship.ok_or(WriteError::Refused(RelationshipRefusal::Unknown))?;
        Ok(group_relationships::delete(tx, self.organization, self.id).await?)
    }

    async fn is_done(&self, tx: &ReadTx<'_>) -> Result<bool, StoreError> {
        let relationship = group_relationships::get(tx, self.organization, self.id).await?;
        Ok(relationship.is_none())
    }
}
