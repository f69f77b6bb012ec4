//! Groups, who is in them, and teams that are brought over.

use super::{Imported, Place, Reason, Written};
use crate::app::users::with_suffix;
use domain::id::{GroupId, GroupRelationshipId, TeamId, UserId};
use store::{
    WriteError, WriteTx,
    group_relationships::{self, GroupRelationship, GroupRole, RelationshipOwner},
    groups::{self, Group},
    organization_memberships,
    teams::{self, Team},
    users,
};

impl Imported for Group {
    async fn write(&self, tx: &WriteTx<'_>, place: &Place) -> Result<Written, WriteError<Reason>> {
        let organization = place.organization;
        let other = groups::by_name(tx, organization, &self.name).await?;
        if let Some(other) = other.filter(|other| other.id.0 != place.id) {
            return Ok(Written::Here(other.id.0));
        }
        let group = Group {
            id: GroupId(place.id),
            ..self.clone()
        };
        if place.is_new {
            groups::insert(tx, organization, &group).await?;
        } else if groups::get(tx, organization, group.id).await?.is_some() {
            groups::update(tx, organization, &group).await?;
        } else {
            return Ok(Written::Gone);
        }
        Ok(Written::Done)
    }
}

/// What a member is in a group.
#[derive(Clone, Debug)]
pub struct Belonging {
    /// Who.
    pub user: UserId,
    /// What; its owner is found by the user.
    pub relationship: GroupRelationship,
}

impl Imported for Belonging {
    async fn write(&self, tx: &WriteTx<'_>, place: &Place) -> Result<Written, WriteError<Reason>> {
        let organization = place.organization;
        let membership = organization_memberships::of_user(tx, organization, self.user).await?;
        let group = groups::get(tx, organization, self.relationship.group_id).await?;
        let (Some(membership), Some(_)) = (membership, group) else {
            return Ok(Written::Gone);
        };
        let relationship = GroupRelationship {
            id: GroupRelationshipId(place.id),
            owner: RelationshipOwner::Membership(membership.id),
            ..self.relationship.clone()
        };
        let all = group_relationships::of_owner(tx, organization, relationship.owner).await?;
        let stands_in_the_way = |other: &&GroupRelationship| {
            let both_members =
                other.role == GroupRole::Member && relationship.role == GroupRole::Member;
            let same = other.group_id == relationship.group_id && other.role == relationship.role;
            other.id != relationship.id && (both_members || same)
        };
        if let Some(other) = all.iter().find(stands_in_the_way) {
            return Ok(Written::Here(other.id.0));
        }
        if place.is_new {
            group_relationships::insert(tx, organization, &relationship).await?;
        } else if all.iter().any(|other| other.id == relationship.id) {
            group_relationships::update(tx, organization, &relationship).await?;
        } else {
            return Ok(Written::Gone);
        }
        Ok(Written::Done)
    }
}

/// A team.
#[derive(Clone, Debug)]
pub struct Members {
    /// The team.
    pub team: Team,
    /// Who is in it, where that is known.
    pub users: Option<Vec<UserId>>,
}

impl Imported for Members {
    async fn write(&self, tx: &WriteTx<'_>, place: &Place) -> Result<Written, WriteError<Reason>> {
        let organization = place.organization;
        let mut team = Team {
            id: TeamId(place.id),
            ..self.team.clone()
        };
        let other = teams::by_slug(tx, organization, &team.slug).await?;
        if other.is_some_and(|other| other.id != team.id) {
            team.slug = with_suffix(&team.slug, team.id);
        }
        if place.is_new {
            teams::insert(tx, organization, &team).await?;
        } else if teams::get(tx, organization, team.id).await?.is_some() {
            teams::update(tx, organization, &team).await?;
        } else {
            return Ok(Written::Gone);
        }
        let mut here = Vec::new();
        for user in self.users.iter().flatten() {
            let known = users::get_active(tx, organization, *user).await?;
            here.extend(known.map(|user| user.id));
        }
        if self.users.is_some() {
            teams::set_members(tx, organization, team.id, &here).await?;
        }
        Ok(Written::Done)
    }
}
