//! What members are in their organization: who may change it, and how.

use crate::app::users::lock_settings;
use domain::id::{MembershipId, OrganizationId, UserId};
use jiff::Timestamp;
use store::{
    Command, ReadTx, StoreError, WriteError, WriteTx,
    organization_memberships::{self, Membership, Role},
    organizations,
    users::{User, UserKind},
};

/// Why a role cannot be changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RoleRefusal {
    /// There is no such membership.
    Unknown,
    /// Whoever asks may not do this.
    NotAllowed,
    /// Only an owner changes what an owner is, and the last one stays.
    OwnerStays,
    /// A room or a piece of equipment administers nothing.
    UserIsResource,
}

/// Gives a member another role.
#[derive(Clone, Debug)]
pub struct ChangeRole {
    /// In which organization.
    pub organization: OrganizationId,
    /// Whose membership.
    pub id: MembershipId,
    /// Which role; the one they have by default.
    pub role: Option<Role>,
    /// Who asks.
    pub by: UserId,
    /// When.
    pub now: Timestamp,
}

/// Whether somebody may change a role of an organization that has so many owners.
fn decide(by: Role, (before, after): (Role, Role), owners: i64) -> Result<(), RoleRefusal> {
    match (by, before, after) {
        (Role::User, ..) => Err(RoleRefusal::NotAllowed),
        _ if before == after => Ok(()),
        (Role::Owner, Role::Owner, _) if owners > 1 => Ok(()),
        (_, Role::Owner, _) => Err(RoleRefusal::OwnerStays),
        (Role::Admin, _, Role::Owner) => Err(RoleRefusal::NotAllowed),
        _ => Ok(()),
    }
}

impl Command for ChangeRole {
    type Output = (Membership, User);
    type Refusal = RoleRefusal;

    async fn run(&self, tx: &WriteTx<'_>) -> Result<(Membership, User), WriteError<RoleRefusal>> {
        let refuse = WriteError::Refused;
        // roles change one after the other, so that not all owners can leave at once
        organizations::lock(tx, self.organization).await?;
        let membership = self.membership(tx).await?;
        let mut membership = membership.ok_or(refuse(RoleRefusal::Unknown))?;
        let by = organization_memberships::of_user(tx, self.organization, self.by).await?;
        let by = by.ok_or(refuse(RoleRefusal::NotAllowed))?.role;
        // whoever keeps in memory what the member may do learns of it
        let user = lock_settings(tx, self.organization, membership.user_id).await?;
        let user = user.ok_or(refuse(RoleRefusal::Unknown))?;
        let role = self.role.unwrap_or(membership.role);
        let owners = organization_memberships::owners(tx, self.organization).await?;
        decide(by, (membership.role, role), owners).map_err(refuse)?;
        if user.kind == UserKind::Resource && role != Role::User {
            return Err(refuse(RoleRefusal::UserIsResource));
        }
        if role != membership.role {
            membership.role = role;
            membership.updated_at = self.now;
            organization_memberships::set_role(tx, self.organization, &membership).await?;
        }
        Ok((membership, user))
    }

    async fn is_done(&self, tx: &ReadTx<'_>) -> Result<bool, StoreError> {
        let membership = self.membership(tx).await?;
        Ok(membership.is_some_and(|membership| membership.updated_at == self.now))
    }
}

impl ChangeRole {
    async fn membership(&self, tx: &ReadTx<'_>) -> Result<Option<Membership>, StoreError> {
        organization_memberships::get(tx, self.organization, self.id).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Role::{Admin, Owner, User};

    #[test]
    fn nobody_gives_more_than_they_have_and_an_owner_stays() {
        let cases = [
            (User, (User, Admin), 1, Err(RoleRefusal::NotAllowed)),
            (User, (User, User), 1, Err(RoleRefusal::NotAllowed)),
            (Admin, (User, Admin), 1, Ok(())),
            (Admin, (Admin, User), 1, Ok(())),
            (Admin, (User, Owner), 1, Err(RoleRefusal::NotAllowed)),
            (Admin, (Owner, User), 2, Err(RoleRefusal::OwnerStays)),
            (Admin, (Owner, Owner), 1, Ok(())),
            (Owner, (Admin, Owner), 1, Ok(())),
            (Owner, (User, Owner), 1, Ok(())),
            (Owner, (Owner, Admin), 1, Err(RoleRefusal::OwnerStays)),
            (Owner, (Owner, Admin), 2, Ok(())),
            (Owner, (Owner, Owner), 1, Ok(())),
        ];
        for (by, change, owners, expected) in cases {
            let decided = decide(by, change, owners);
            assert_eq!(decided, expected, "{by:?} {change:?} {owners}");
        }
    }
}
