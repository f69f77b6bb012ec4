//! Marking invitees who did not come.

use crate::app::feed_events::{EventName, tell_of_no_show};
use domain::id::{NoShowId, OrganizationId};
use jiff::Timestamp;
use store::{
    Command, ReadTx, StoreError, WriteError, WriteTx,
    invitee_no_shows::{self, NoShow},
};

/// Why an invitee cannot be marked: nobody expected them, for they are canceled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotExpected;

/// Marks an invitee. One who is marked already keeps the mark.
#[derive(Clone, Copy, Debug)]
pub struct MarkNoShow {
    /// In which organization.
    pub organization: OrganizationId,
    /// The mark.
    pub no_show: NoShow,
}

impl Command for MarkNoShow {
    type Output = NoShow;
    type Refusal = NotExpected;

    async fn run(&self, tx: &WriteTx<'_>) -> Result<NoShow, WriteError<NotExpected>> {
        if invitee_no_shows::insert(tx, self.organization, &self.no_show).await? {
            let told = (EventName::InviteeNoShowCreated, self.no_show.created_at);
            tell_of_no_show(tx, self.organization, told, &self.no_show).await?;
            return Ok(self.no_show);
        }
        let invitee = self.no_show.invitee_id;
        let before = invitee_no_shows::of_invitee(tx, self.organization, invitee).await?;
        before.ok_or(WriteError::Refused(NotExpected))
    }

    async fn is_done(&self, tx: &ReadTx<'_>) -> Result<bool, StoreError> {
        let found = invitee_no_shows::get(tx, self.organization, self.no_show.id).await?;
        Ok(found.is_some())
    }
}

/// There is no such mark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownNoShow;

/// Takes a mark back.
#[derive(Clone, Copy, Debug)]
pub struct UnmarkNoShow {
    /// In which organization.
    pub organization: OrganizationId,
    /// Which one.
    pub id: NoShowId,
    /// When.
    pub now: Timestamp,
}

impl Command for UnmarkNoShow {
    type Output = ();
    type Refusal = UnknownNoShow;

    async fn run(&self, tx: &WriteTx<'_>) -> Result<(), WriteError<UnknownNoShow>> {
        let mark = invitee_no_shows::get(tx, self.organization, self.id).await?;
        let mark = mark.ok_or(WriteError::Refused(UnknownNoShow))?;
        if !invitee_no_shows::delete(tx, self.organization, self.id, self.now).await? {
            return Err(WriteError::Refused(UnknownNoShow));
        }
        let told = (EventName::InviteeNoShowDeleted, self.now);
        tell_of_no_show(tx, self.organization, told, &mark).await?;
        Ok(())
    }

    async fn is_done(&self, tx: &ReadTx<'_>) -> Result<bool, StoreError> {
        let found = invitee_no_shows::get(tx, self.organization, self.id).await?;
        Ok(found.is_none())
    }
}
