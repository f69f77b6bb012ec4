//! Giving people passwords, and taking them away. Either ends all that the old one has led to: the browsers that are
//! signed in, and what applications were allowed. Personal access tokens stay; they are revoked one by one.

use crate::app::users::lock_settings;
use domain::id::{OrganizationId, UserId};
use jiff::Timestamp;
use store::{
    Command, ReadTx, StoreError, WriteError, WriteTx, oauth_grants, passwords, sessions,
    users::UserKind,
};

/// Why a password cannot be set or taken away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PasswordRefusal {
    /// There is no such user, or they have no password to take away.
    Unknown,
    /// A room or a piece of equipment does not sign in.
    UserIsResource,
    /// It is not the password any more, or there is one already.
    Changed,
}

/// Which password is replaced.
#[derive(Clone, Debug)]
pub enum Replaced {
    /// The one with this hash; none: there must be none.
    Known(Option<String>),
    /// Whichever.
    Any,
}

/// Gives a user a password.
#[derive(Clone, Debug)]
pub struct SetPassword {
    /// In which organization.
    pub organization: OrganizationId,
    /// Whom.
    pub user: UserId,
    /// The hash of the password.
    pub hash: String,
    /// In place of which.
    pub replaced: Replaced,
    /// When.
    pub now: Timestamp,
}

impl Command for SetPassword {
    type Output = ();
    type Refusal = PasswordRefusal;

    async fn run(&self, tx: &WriteTx<'_>) -> Result<(), WriteError<PasswordRefusal>> {
        // whoever keeps in memory which tokens work learns of it
        let user = lock_settings(tx, self.organization, self.user).await?;
        let user = user.ok_or(WriteError::Refused(PasswordRefusal::Unknown))?;
        if user.kind == UserKind::Resource {
            return Err(WriteError::Refused(PasswordRefusal::UserIsResource));
        }
        if let Replaced::Known(expected) = &self.replaced
            && passwords::get(tx, self.organization, self.user).await? != *expected
        {
            return Err(WriteError::Refused(PasswordRefusal::Changed));
        }
        let of = (self.organization, self.user);
        passwords::put(tx, of, &self.hash, self.now).await?;
        Ok(end_all(tx, of, self.now).await?)
    }

    async fn is_done(&self, tx: &ReadTx<'_>) -> Result<bool, StoreError> {
        let hash = passwords::get(tx, self.organization, self.user).await?;
        Ok(hash.as_ref() == Some(&self.hash))
    }
}

async fn end_all(
    tx: &WriteTx<'_>,
    (organization, user): (OrganizationId, UserId),
    now: Timestamp,
) -> Result<(), StoreError> {
    sessions::delete_of_user(tx, organization, user).await?;
    oauth_grants::revoke_of_user(tx, (organization, user), now).await
}

/// Takes a user's password away, so that they cannot sign in until they have another one.
#[derive(Clone, Debug)]
pub struct RemovePassword {
    /// In which organization.
    pub organization: OrganizationId,
    /// Whose.
    pub user: UserId,
    /// When.
    pub now: Timestamp,
}

impl Command for RemovePassword {
    type Output = ();
    type Refusal = PasswordRefusal;

    async fn run(&self, tx: &WriteTx<'_>) -> Result<(), WriteError<PasswordRefusal>> {
        let unknown = WriteError::Refused(PasswordRefusal::Unknown);
        if lock_settings(tx, self.organization, self.user)
            .await?
            .is_none()
        {
            return Err(unknown);
        }
        if !passwords::delete(tx, self.organization, self.user).await? {
            return Err(unknown);
        }
        Ok(end_all(tx, (self.organization, self.user), self.now).await?)
    }

    async fn is_done(&self, tx: &ReadTx<'_>) -> Result<bool, StoreError> {
        let hash = passwords::get(tx, self.organization, self.user).await?;
        Ok(hash.is_none())
    }
}
