//! Adding, editing and removing recaps of meetings.

use crate::app::feed_events::{EventName, tell_of_deed};
use domain::id::{MeetingRecapId, OrganizationId, UserId};
use jiff::Timestamp;
use store::{
    Command, ReadTx, StoreError, WriteError, WriteTx,
    meeting_recaps::{self, MeetingRecap},
};

/// There is no such recap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownRecap;

/// Whether somebody may see and change a recap: it is of their own note taker, or of a meeting that they hold.
pub async fn is_theirs(
    tx: &ReadTx<'_>,
    organization: OrganizationId,
    recap: &MeetingRecap,
    user: UserId,
) -> Result<bool, StoreError> {
    match recap.listed.scheduled_event_id {
        _ if recap.listed.user_id == user => Ok(true),
        Some(event) => meeting_recaps::is_host(tx, organization, event, user).await,
        None => Ok(false),
    }
}

/// Adds a recap.
#[derive(Clone, Debug)]
pub struct AddRecap {
    /// In which organization.
    pub organization: OrganizationId,
    /// The recap.
    pub recap: MeetingRecap,
    /// Every word that was said.
    pub transcript: Option<String>,
}

impl Command for AddRecap {
    type Output = MeetingRecap;
    type Refusal = UnknownRecap;

    async fn run(&self, tx: &WriteTx<'_>) -> Result<MeetingRecap, WriteError<UnknownRecap>> {
        let id = self.recap.listed.id;
        meeting_recaps::insert(tx, self.organization, &self.recap).await?;
        if let Some(text) = &self.transcript {
            meeting_recaps::set_transcript(tx, self.organization, id, Some(text)).await?;
        }
        let told = (EventName::MeetingRecapCreated, self.recap.listed.created_at);
        let of = (id.0, self.recap.listed.user_id);
        tell_of_deed(tx, self.organization, told, of).await?;
        read(tx, self.organization, id).await
    }

    async fn is_done(&self, tx: &ReadTx<'_>) -> Result<bool, StoreError> {
        let recap = meeting_recaps::get(tx, self.organization, self.recap.listed.id).await?;
        Ok(recap.is_some())
    }
}

async fn read(
    tx: &ReadTx<'_>,
    organization: OrganizationId,
    id: MeetingRecapId,
) -> Result<MeetingRecap, WriteError<UnknownRecap>> {
    let recap = meeting_recaps::get(tx, organization, id).await?;
    recap.ok_or(WriteError::Refused(UnknownRecap))
}

/// Edits a recap.
pub struct EditRecap {
    /// In which organization.
    pub organization: OrganizationId,
    /// Which one.
    pub id: MeetingRecapId,
    /// What changes, but for the transcript.
    pub edit: Box<dyn Fn(&mut MeetingRecap) + Send + Sync>,
    /// What becomes of the transcript, if anything.
    pub transcript: Option<Option<String>>,
    /// Who edits it.
    pub by: UserId,
    /// When.
    pub now: Timestamp,
}

impl Command for EditRecap {
    type Output = MeetingRecap;
    type Refusal = UnknownRecap;

    async fn run(&self, tx: &WriteTx<'_>) -> Result<MeetingRecap, WriteError<UnknownRecap>> {
        meeting_recaps::lock(tx, self.organization, self.id).await?;
        let mut recap = read(tx, self.organization, self.id).await?;
        (self.edit)(&mut recap);
        recap.listed.updated_at = self.now;
        meeting_recaps::update(tx, self.organization, &recap).await?;
        if let Some(text) = &self.transcript {
            let text = text.as_deref();
            meeting_recaps::set_transcript(tx, self.organization, self.id, text).await?;
            recap.listed.has_transcript = text.is_some();
        }
        let told = (EventName::MeetingRecapUpdated, self.now);
        let of = (self.id.0, recap.listed.user_id);
        tell_of_deed(tx, self.organization, told, of).await?;
        Ok(recap)
    }
}

/// Removes a recap with its transcript.
#[derive(Clone, Debug)]
pub struct RemoveRecap {
    /// From which organization.
    pub organization: OrganizationId,
    /// Which one.
    pub id: MeetingRecapId,
    /// Who removes it.
    pub by: UserId,
    /// When.
    pub now: Timestamp,
}

impl Command for RemoveRecap {
    type Output = MeetingRecap;
    type Refusal = UnknownRecap;

    async fn run(&self, tx: &WriteTx<'_>) -> Result<MeetingRecap, WriteError<UnknownRecap>> {
        meeting_recaps::lock(tx, self.organization, self.id).await?;
        let recap = read(tx, self.organization, self.id).await?;
        meeting_recaps::delete(tx, self.organization, self.id).await?;
        let told = (EventName::MeetingRecapDeleted, self.now);
        let of = (self.id.0, recap.listed.user_id);
        tell_of_deed(tx, self.organization, told, of).await?;
        Ok(recap)
    }

    async fn is_done(&self, tx: &ReadTx<'_>) -> Result<bool, StoreError> {
        let recap = meeting_recaps::get(tx, self.organization, self.id).await?;
        Ok(recap.is_none())
    }
}
