//! Group relationships: what somebody, a member of the organization or still invited, is in a group.

use crate::{
    FromRow, ReadTx, Row, StoreError, WriteTx, args,
    column::Instant,
    page::{InstantKey, Order, Page, PageRequest},
};
use domain::id::{
    GroupId, GroupRelationshipId, InvitationId, MembershipId, OrganizationId, UserId,
};
use jiff::Timestamp;
use uuid::Uuid;

/// What somebody is in a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GroupRole {
    /// Belongs to it.
    Member,
    /// Administers it.
    Admin,
}

impl GroupRole {
    /// The word in the database and in the API.
    pub fn as_str(self) -> &'static str {
        match self {
            GroupRole::Member => "member",
            GroupRole::Admin => "admin",
        }
    }

    /// The role of this word.
    pub fn parse(word: &str) -> Option<GroupRole> {
        [GroupRole::Member, GroupRole::Admin]
            .into_iter()
            .find(|role| role.as_str() == word)
    }
}

/// Whose relationship it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RelationshipOwner {
    /// A member's.
    Membership(MembershipId),
    /// Somebody's who was invited.
    Invitation(InvitationId),
}

impl RelationshipOwner {
    fn membership(self) -> Option<Uuid> {
        match self {
            RelationshipOwner::Membership(id) => Some(id.0),
            RelationshipOwner::Invitation(_) => None,
        }
    }

    fn invitation(self) -> Option<Uuid> {
        match self {
            RelationshipOwner::Membership(_) => None,
            RelationshipOwner::Invitation(id) => Some(id.0),
        }
    }
}

/// A row of `group_relationships`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupRelationship {
    /// Its id.
    pub id: GroupRelationshipId,
    /// To which group.
    pub group_id: GroupId,
    /// Whose.
    pub owner: RelationshipOwner,
    /// As what.
    pub role: GroupRole,
    /// Since when.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

impl FromRow for GroupRelationship {
    fn from_row(row: &Row<'_>) -> Result<GroupRelationship, StoreError> {
        let mut columns = row.columns();
        let (id, group_id) = (columns.take()?, columns.take()?);
        let membership: Option<Uuid> = columns.take()?;
        let invitation: Option<Uuid> = columns.take()?;
        let owner = match (membership, invitation) {
            (Some(id), None) => RelationshipOwner::Membership(MembershipId(id)),
            (None, Some(id)) => RelationshipOwner::Invitation(InvitationId(id)),
            _ => return Err(columns.corrupt("neither a member nor somebody invited")),
        };
        Ok(GroupRelationship {
            id: GroupRelationshipId(id),
            group_id: GroupId(group_id),
            owner,
            role: columns.parse(GroupRole::parse)?,
            created_at: columns.take::<Instant>()?.0,
            updated_at: columns.take::<Instant>()?.0,
        })
    }
}

// of somebody who is invited there is no user, so nothing says that the user was removed
macro_rules! select {
    ($rest:literal) => {
        concat!(
            "select r.id, r.group_id, r.membership_id, r.invitation_id, r.role, r.created_at, r.updated_at
  from group_relationships r
  left join organization_memberships m on m.organization_id = r.organization_id and m.id = r.membership_id
  left join users u on u.organization_id = r.organization_id and u.id = m.user_id
  where r.organization_id = $1 and u.deactivated_at is null ",
            $rest
        )
    };
}

const GET: &str = select!("and r.id = $2");

/// The relationship with this id, unless its user was removed.
pub async fn get(
    tx: &ReadTx<'_>,
    organization: OrganizationId,
    id: GroupRelationshipId,
) -> Result<Option<GroupRelationship>, StoreError> {
    tx.optional(GET, args![organization.0, id.0]).await
}

const OF_OWNER: &str = select!(
    "and (r.membership_id = $2 or $2 is null) and (r.invitation_id = $3 or $3 is null) order by r.created_at, r.id"
);

/// What somebody is in all groups.
pub async fn of_owner(
    tx: &ReadTx<'_>,
    organization: OrganizationId,
    owner: RelationshipOwner,
) -> Result<Vec<GroupRelationship>, StoreError> {
    let (membership, invitation) = (owner.membership(), owner.invitation());
    tx.all(OF_OWNER, args![organization.0, membership, invitation])
        .await
}

const ADMINISTERS: &str = "select count(*) from group_relationships r
  join organization_memberships m on m.organization_id = r.organization_id and m.id = r.membership_id
  where r.organization_id = $1 and r.group_id = $2 and r.role = 'admin' and m.user_id = $3";

/// Whether a user administers a group.
pub async fn administers(
    tx: &ReadTx<'_>,
    organization: OrganizationId,
    group: GroupId,
    user: UserId,
) -> Result<bool, StoreError> {
    let count: i64 = tx
        .one(ADMINISTERS, args![organization.0, group.0, user.0])
        .await?;
    Ok(count > 0)
}

const ADMINISTERS_MEMBER: &str = "select count(*) from group_relationships a
  join organization_memberships administrator on administrator.organization_id = a.organization_id
    and administrator.id = a.membership_id
  join group_relationships r on r.organization_id = a.organization_id and r.group_id = a.group_id
  join organization_memberships m on m.organization_id = r.organization_id and m.id = r.membership_id
  where a.organization_id = $1 and a.role = 'admin' and administrator.user_id = $2
    and r.role = 'member' and m.user_id = $3";

/// Whether a user administers a group of which another one is a member.
pub async fn administers_member(
    tx: &ReadTx<'_>,
    organization: OrganizationId,
    user: UserId,
    member: UserId,
) -> Result<bool, StoreError> {
    let args = args![organization.0, user.0, member.0];
    let count: i64 = tx.one(ADMINISTERS_MEMBER, args).await?;
    Ok(count > 0)
}

const IS_MEMBER: &str = "select count(*) from group_relationships r
  join organization_memberships m on m.organization_id = r.organization_id and m.id = r.membership_id
  where r.organization_id = $1 and r.group_id = $2 and r.role = 'member' and m.user_id = $3";

/// Whether a user is a member of a group.
pub async fn is_member(
    tx: &ReadTx<'_>,
    organization: OrganizationId,
    group: GroupId,
    user: UserId,
) -> Result<bool, StoreError> {
    let args = args![organization.0, group.0, user.0];
    let count: i64 = tx.one(IS_MEMBER, args).await?;
    Ok(count > 0)
}

/// Which relationships are wanted; what is `None` does not matter.
#[derive(Clone, Copy, Debug, Default)]
pub struct Filter {
    /// To this group.
    pub group: Option<GroupId>,
    /// Of this one.
    pub owner: Option<RelationshipOwner>,
}

const LIST_ASCENDING: &str = select!(
    "and (r.created_at, r.id) > ($2, $3) and (r.group_id = $4 or $4 is null)
  and (r.membership_id = $5 or $5 is null) and (r.invitation_id = $6 or $6 is null)
  order by r.created_at, r.id limit $7"
);
const LIST_DESCENDING: &str = select!(
    "and (r.created_at, r.id) < ($2, $3) and (r.group_id = $4 or $4 is null)
  and (r.membership_id = $5 or $5 is null) and (r.invitation_id = $6 or $6 is null)
  order by r.created_at desc, r.id desc limit $7"
);

/// A page of relationships, by age.
pub async fn list(
    tx: &ReadTx<'_>,
    organization: OrganizationId,
    filter: &Filter,
    request: &PageRequest<InstantKey>,
) -> Result<Page<GroupRelationship>, StoreError> {
    let walk = request.walk();
    let (at, id) = walk.start()?;
    let sql = match walk.order {
        Order::Ascending => LIST_ASCENDING,
        Order::Descending => LIST_DESCENDING,
    };
    let rows = tx
        .all(
            sql,
            args![
                organization.0,
                Instant(at),
                id,
                filter.group.map(|group| group.0),
                filter.owner.and_then(RelationshipOwner::membership),
                filter.owner.and_then(RelationshipOwner::invitation),
                walk.limit
            ],
        )
        .await?;
    Ok(request.page(rows))
}

const INSERT: &str = "insert into group_relationships
  (organization_id, id, group_id, membership_id, invitation_id, role, created_at, updated_at)
  values ($1, $2, $3, $4, $5, $6, $7, $8)";

/// Adds a relationship.
pub async fn insert(
    tx: &WriteTx<'_>,
    organization: OrganizationId,
    relationship: &GroupRelationship,
) -> Result<(), StoreError> {
    tx.execute(
        INSERT,
        args![
            organization.0,
            relationship.id.0,
            relationship.group_id.0,
            relationship.owner.membership(),
            relationship.owner.invitation(),
            relationship.role.as_str(),
            Instant(relationship.created_at),
            Instant(relationship.updated_at)
        ],
    )
    .await?;
    Ok(())
}

const UPDATE: &str = "update group_relationships set role = $3, updated_at = $4
  where organization_id = $1 and id = $2";

/// Writes what may change of a relationship.
pub async fn update(
    tx: &WriteTx<'_>,
    organization: OrganizationId,
    relationship: &GroupRelationship,
) -> Result<(), StoreError> {
    let touched = tx
        .execute(
            UPDATE,
            args![
                organization.0,
                relationship.id.0,
                relationship.role.as_str(),
                Instant(relationship.updated_at)
            ],
        )
        .await?;
    StoreError::expect_one(touched, "group_relationships", relationship.id)
}

const PASS_ON: &str =
    "update group_relationships set membership_id = $3, invitation_id = null, updated_at = $4
  where organization_id = $1 and invitation_id = $2";

/// Whoever was invited is a member now, and in groups what they were meant to be.
pub async fn pass_on(
    tx: &WriteTx<'_>,
    organization: OrganizationId,
    (from, to): (InvitationId, MembershipId),
    at: Timestamp,
) -> Result<(), StoreError> {
    tx.execute(PASS_ON, args![organization.0, from.0, to.0, Instant(at)])
        .await?;
    Ok(())
}

const DELETE: &str = "delete from group_relationships where organization_id = $1 and id = $2";

/// Removes a relationship.
pub async fn delete(
    tx: &WriteTx<'_>,
    organization: OrganizationId,
    id: GroupRelationshipId,
) -> Result<(), StoreError> {
    tx.execute(DELETE, args![organization.0, id.0]).await?;
    Ok(())
}

const DELETE_OF_GROUP: &str =
    "delete from group_relationships where organization_id = $1 and group_id = $2";

/// Removes all relationships to a group.
pub async fn delete_of_group(
    tx: &WriteTx<'_>,
    organization: OrganizationId,
    group: GroupId,
) -> Result<(), StoreError> {
    tx.execute(DELETE_OF_GROUP, args![organization.0, group.0])
        .await?;
    Ok(())
}

const DELETE_OF_INVITATION: &str =
    "delete from group_relationships where organization_id = $1 and invitation_id = $2";

/// Removes what somebody who was invited was meant to be.
pub async fn delete_of_invitation(
    tx: &WriteTx<'_>,
    organization: OrganizationId,
    invitation: InvitationId,
) -> Result<(), StoreError> {
    tx.execute(DELETE_OF_INVITATION, args![organization.0, invitation.0])
        .await?;
    Ok(())
}
