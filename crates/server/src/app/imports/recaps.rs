//! Meeting recaps that are brought over.

use super::{Imported, Place, Reason, Written};
use domain::id::MeetingRecapId;
use store::{
    WriteError, WriteTx,
    meeting_recaps::{self, MeetingRecap},
    scheduled_events,
};

/// A recap with every word that was said, where that is known.
#[derive(Clone, Debug)]
pub struct Recap {
    /// The recap.
    pub recap: MeetingRecap,
    /// The transcript.
    pub transcript: Option<String>,
}

impl Imported for Recap {
    async fn write(&self, tx: &WriteTx<'_>, place: &Place) -> Result<Written, WriteError<Reason>> {
        let organization = place.organization;
        let mut recap = self.recap.clone();
        recap.listed.id = MeetingRecapId(place.id);
        if let Some(event) = recap.listed.scheduled_event_id
            && !scheduled_events::exists(tx, organization, event).await?
        {
            recap.listed.scheduled_event_id = None;
        }
        if place.is_new {
            meeting_recaps::insert(tx, organization, &recap).await?;
        } else if meeting_recaps::lock(tx, organization, recap.listed.id).await? {
            meeting_recaps::update(tx, organization, &recap).await?;
        } else {
            return Ok(Written::Gone);
        }
        let (id, transcript) = (recap.listed.id, self.transcript.as_deref());
        meeting_recaps::set_transcript(tx, organization, id, transcript).await?;
        Ok(Written::Done)
    }
}
