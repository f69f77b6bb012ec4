//! Removing users.

use super::{UserRefusal, lock};
use domain::id::{OrganizationId, UserId};
use jiff::Timestamp;
use store::{
    Command, ReadTx, StoreError, WriteError, WriteTx,
    organization_memberships::{self, Role},
    users,
};

/// Removes a user: nothing new happens with them, what happened stays.
#[derive(Clone, Debug)]
pub struct RemoveUser {
    /// From which organization.
    pub organization: OrganizationId,
    /// Whom.
    pub id: UserId,
    /// Who removes them.
    pub by: UserId,
    /// When.
    pub now: Timestamp,
}

impl Command for RemoveUser {
    type Output = ();
    type Refusal = UserRefusal;

    async fn run(&self, tx: &WriteTx<'_>) -> Result<(), WriteError<UserRefusal>> {
        let mut user = lock(tx, self.organization, self.id).await?;
        let membership = organization_memberships::of_user(tx, self.organization, self.id).await?;
        if membership.is_some_and(|membership| membership.role == Role::Owner) {
            return Err(WriteError::Refused(UserRefusal::OwnerStays));
        }
        if self.id == self.by {
            return Err(WriteError::Refused(UserRefusal::Oneself));
        }
        user.updated_at = self.now;
        user.deactivated_at = Some(self.now);
        users::update(tx, self.organization, &user).await?;
        Ok(())
    }

    async fn is_done(&self, tx: &ReadTx<'_>) -> Result<bool, StoreError> {
        let user = users::get(tx, self.organization, self.id).await?;
        Ok(user.is_some_and(|user| user.deactivated_at == Some(self.now)))
    }
}
