//! Inviting people into an organization, and what they answer. Whoever invites gets a code; whoever knows it answers.

use crate::app::{
    mail_occasions::Occasion,
    users::{AddUser, UserRefusal},
};
use domain::id::{InvitationId, OrganizationId};
use jiff::Timestamp;
use store::{
    Command, ReadTx, StoreError, WriteError, WriteTx, group_relationships,
    organization_invitations::{self, Invitation, InvitationStatus},
    organizations, users,
};

/// Why nobody is invited, or an invitation cannot be answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InvitationRefusal {
    /// There is no such invitation, or the code is not its code.
    Unknown,
    /// Whoever has this mail address belongs to the organization.
    AlreadyMember(String),
    /// Whoever has this mail address has not answered yet.
    AlreadyInvited(String),
    /// It was accepted.
    AlreadyAccepted,
    /// It was declined.
    AlreadyDeclined,
    /// Whoever accepts cannot become a user.
    User(UserRefusal),
}

type Refused = WriteError<InvitationRefusal>;

/// Asks somebody to join.
#[derive(Clone, Debug)]
pub struct Invite {
    /// Into which organization.
    pub organization: OrganizationId,
    /// The invitation, should it be the first one that waits for an answer.
    pub invitation: Invitation,
    /// Its code.
    pub code: String,
    /// The hash of its code.
    pub hash: String,
    /// Whether one that waits for an answer is sent again.
    pub resends: bool,
}

impl Command for Invite {
    type Output = Invitation;
    type Refusal = InvitationRefusal;

    async fn run(&self, tx: &WriteTx<'_>) -> Result<Invitation, Refused> {
        let invitation = &self.invitation;
        let email = || invitation.email.clone();
        organizations::lock(tx, self.organization).await?;
        let member = users::by_email(tx, self.organization, &invitation.email).await?;
        if member.is_some() {
            return Err(WriteError::Refused(InvitationRefusal::AlreadyMember(
                email(),
            )));
        }
        let pending =
            organization_invitations::pending(tx, self.organization, &invitation.email).await?;
        let sent = match pending {
            Some(pending) if self.resends => self.send_again(tx, pending).await?,
            Some(_) => {
                return Err(WriteError::Refused(InvitationRefusal::AlreadyInvited(
                    email(),
                )));
            }
            None => {
                organization_invitations::insert(tx, self.organization, invitation, &self.hash)
                    .await?;
                invitation.clone()
            }
        };
        let occasion = Occasion::invitation(sent.id, &self.code);
        occasion
            .note(tx, self.organization, sent.updated_at)
            .await?;
        Ok(sent)
    }

    async fn is_done(&self, tx: &ReadTx<'_>) -> Result<bool, StoreError> {
        organization_invitations::has_code(tx, self.organization, &self.hash).await
    }
}

impl Invite {
    async fn send_again(
        &self,
        tx: &WriteTx<'_>,
        pending: Invitation,
    ) -> Result<Invitation, StoreError> {
        let again = Invitation {
            invited_by: self.invitation.invited_by,
            updated_at: self.invitation.updated_at,
            last_sent_at: self.invitation.last_sent_at,
            ..pending
        };
        organization_invitations::update(tx, self.organization, &again).await?;
        organization_invitations::set_code(tx, self.organization, again.id, &self.hash).await?;
        Ok(again)
    }
}

/// Takes an invitation back.
#[derive(Clone, Debug)]
pub struct RevokeInvitation {
    /// Of which organization.
    pub organization: OrganizationId,
    /// Which one.
    pub id: InvitationId,
}

impl Command for RevokeInvitation {
    type Output = ();
    type Refusal = InvitationRefusal;

    async fn run(&self, tx: &WriteTx<'_>) -> Result<(), Refused> {
        organizations::lock(tx, self.organization).await?;
        let invitation = organization_invitations::get(tx, self.organization, self.id).await?;
        let invitation = invitation.ok_or(WriteError::Refused(InvitationRefusal::Unknown))?;
        if invitation.status == InvitationStatus::Accepted {
            return Err(WriteError::Refused(InvitationRefusal::AlreadyAccepted));
        }
        group_relationships::delete_of_invitation(tx, self.organization, self.id).await?;
        Ok(organization_invitations::delete(tx, self.organization, self.id).await?)
    }

    async fn is_done(&self, tx: &ReadTx<'_>) -> Result<bool, StoreError> {
        let invitation = organization_invitations::get(tx, self.organization, self.id).await?;
        Ok(invitation.is_none())
    }
}

/// Which invitation is answered.
#[derive(Clone, Debug)]
pub struct Answered {
    /// Of which organization.
    pub organization: OrganizationId,
    /// Which one.
    pub id: InvitationId,
    /// The hash of the code that came with the answer.
    pub hash: String,
}

impl Answered {
    /// The invitation, once no one else can answer it.
    async fn lock(&self, tx: &WriteTx<'_>) -> Result<Invitation, Refused> {
        // whoever does not know the code locks nothing
        self.known(tx).await?;
        organizations::lock(tx, self.organization).await?;
        let invitation = self.known(tx).await?;
        match invitation.status {
            InvitationStatus::Pending => Ok(invitation),
            InvitationStatus::Accepted => {
                Err(WriteError::Refused(InvitationRefusal::AlreadyAccepted))
            }
            InvitationStatus::Declined => {
                Err(WriteError::Refused(InvitationRefusal::AlreadyDeclined))
            }
        }
    }

    async fn known(&self, tx: &ReadTx<'_>) -> Result<Invitation, Refused> {
        let known =
            organization_invitations::by_code(tx, self.organization, self.id, &self.hash).await?;
        known.ok_or(WriteError::Refused(InvitationRefusal::Unknown))
    }
}

/// Makes whoever was invited a user.
#[derive(Clone, Debug)]
pub struct AcceptInvitation {
    /// Which invitation.
    pub answered: Answered,
    /// What adds the user, whose mail address is that of the invitation.
    pub add: AddUser,
}

impl Command for AcceptInvitation {
    type Output = Invitation;
    type Refusal = InvitationRefusal;

    async fn run(&self, tx: &WriteTx<'_>) -> Result<Invitation, Refused> {
        let invitation = self.answered.lock(tx).await?;
        let mut add = self.add.clone();
        add.user.email.clone_from(&invitation.email);
        let added = add.run(tx).await;
        let (user, membership) = added.map_err(|error| match error {
            WriteError::Refused(UserRefusal::EmailTaken) => {
                WriteError::Refused(InvitationRefusal::AlreadyMember(invitation.email.clone()))
            }
            WriteError::Refused(refusal) => WriteError::Refused(InvitationRefusal::User(refusal)),
            WriteError::Failed(failure) => WriteError::Failed(failure),
        })?;
        let accepted = Invitation {
            status: InvitationStatus::Accepted,
            user_id: Some(user.id),
            updated_at: user.created_at,
            ..invitation
        };
        let organization = self.answered.organization;
        organization_invitations::update(tx, organization, &accepted).await?;
        let passed_on = (accepted.id, membership.id);
        group_relationships::pass_on(tx, organization, passed_on, user.created_at).await?;
        Ok(accepted)
    }

    async fn is_done(&self, tx: &ReadTx<'_>) -> Result<bool, StoreError> {
        self.add.is_done(tx).await
    }
}

/// Says that whoever was invited does not want to.
#[derive(Clone, Debug)]
pub struct DeclineInvitation {
    /// Which invitation.
    pub answered: Answered,
    /// When.
    pub now: Timestamp,
}

impl Command for DeclineInvitation {
    type Output = Invitation;
    type Refusal = InvitationRefusal;

    async fn run(&self, tx: &WriteTx<'_>) -> Result<Invitation, Refused> {
        let invitation = self.answered.lock(tx).await?;
        let declined = Invitation {
            status: InvitationStatus::Declined,
            updated_at: self.now,
            ..invitation
        };
        let organization = self.answered.organization;
        organization_invitations::update(tx, organization, &declined).await?;
        group_relationships::delete_of_invitation(tx, organization, declined.id).await?;
        Ok(declined)
    }

    async fn is_done(&self, tx: &ReadTx<'_>) -> Result<bool, StoreError> {
        let Answered {
            organization, id, ..
        } = self.answered;
        let invitation = organization_invitations::get(tx, organization, id).await?;
        let is_ours = |invitation: Invitation| {
            invitation.status == InvitationStatus::Declined && invitation.updated_at == self.now
        };
        Ok(invitation.is_some_and(is_ours))
    }
}
