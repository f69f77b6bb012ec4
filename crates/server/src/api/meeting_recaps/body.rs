//! What is shown of a meeting recap.

use crate::api::{
    uri::Uris,
    value::{time::Time, words},
};
use domain::id::MeetingRecapId;
use serde::Serialize;
use serde_json::Value;
use store::meeting_recaps::{Attendee, ListedRecap, MeetingRecap, RecapStatus};
use utoipa::ToSchema;

words! {
    /// Whether a recap can be read.
    pub enum MeetingRecapStatus {
        /// It can.
        Available = "Available",
        /// It is being written.
        Processing = "Processing",
        /// There is none.
        Unavailable = "Unavailable",
    }
}

impl From<RecapStatus> for MeetingRecapStatus {
    fn from(status: RecapStatus) -> MeetingRecapStatus {
        match status {
            RecapStatus::Available => MeetingRecapStatus::Available,
            RecapStatus::Processing => MeetingRecapStatus::Processing,
            RecapStatus::Unavailable => MeetingRecapStatus::Unavailable,
        }
    }
}

/// What a list shows of a recap.
#[derive(Debug, Serialize, ToSchema)]
pub struct ListedMeetingRecapBody {
    /// The recap's URI.
    #[schema(format = "uri")]
    pub uri: String,
    /// The recap's page.
    #[schema(format = "uri")]
    pub app_url: String,
    /// The scheduled event; null of a meeting that was not booked here.
    #[schema(required = true, format = "uri")]
    pub event: Option<String>,
    /// Whether it can be read.
    pub status: MeetingRecapStatus,
    /// What the meeting was called.
    #[schema(required = true)]
    pub name: Option<String>,
    /// Where; an object with `type` and what belongs to it, or null.
    #[schema(required = true, value_type = Option<Object>)]
    pub location: Option<Value>,
    /// When it started.
    pub start_time: Time,
    /// When it ended.
    pub end_time: Time,
    /// When the recap came.
    pub created_at: Time,
    /// When it last changed.
    pub updated_at: Time,
    /// Who was there; null where nobody knows.
    #[schema(required = true)]
    pub attendees: Option<Vec<RecapAttendeeBody>>,
    /// Where every word is; null where there is no transcript.
    #[schema(required = true, format = "uri")]
    pub transcript: Option<String>,
}

/// Somebody who was there.
#[derive(Debug, Serialize, ToSchema)]
pub struct RecapAttendeeBody {
    /// Whether they are a host.
    pub host: bool,
    /// Their mail address.
    #[schema(format = "email")]
    pub user_email: String,
    /// Their name.
    pub user_name: String,
}

/// The URI of a recap's transcript.
pub fn transcript_uri(id: MeetingRecapId, uris: &Uris) -> String {
    format!("{}/transcript", uris.of(id))
}

impl ListedMeetingRecapBody {
    /// What a list shows of a recap.
    pub fn new(recap: ListedRecap, uris: &Uris) -> ListedMeetingRecapBody {
        let attendee = |attendee: Attendee| RecapAttendeeBody {
            host: attendee.host,
            user_email: attendee.email,
            user_name: attendee.name,
        };
        let attendees = recap.attendees;
        ListedMeetingRecapBody {
            uri: uris.of(recap.id),
            app_url: uris.page(&format!("/app/meeting_recaps/{}", recap.id)),
            event: recap.scheduled_event_id.map(|event| uris.of(event)),
            status: recap.status.into(),
            name: recap.name,
            location: recap.location,
            start_time: Time(recap.interval.start()),
            end_time: Time(recap.interval.end()),
            created_at: Time(recap.created_at),
            updated_at: Time(recap.updated_at),
            attendees: attendees.map(|people| people.into_iter().map(attendee).collect()),
            transcript: (recap.has_transcript).then(|| transcript_uri(recap.id, uris)),
        }
    }
}

/// What was said in a meeting.
#[derive(Debug, Serialize, ToSchema)]
pub struct MeetingRecapBody {
    /// What a list shows of it.
    #[serde(flatten)]
    pub listed: ListedMeetingRecapBody,
    /// What it was about, in Markdown.
    #[schema(required = true)]
    pub summary_md: Option<String>,
    /// What is to be done, in Markdown.
    #[schema(required = true)]
    pub action_items_md: Option<String>,
    /// What was said, in Markdown.
    #[schema(required = true)]
    pub discussion_md: Option<String>,
    /// Where others can read it.
    #[schema(required = true)]
    pub share_link: Option<String>,
}

impl MeetingRecapBody {
    /// What is shown of a recap.
    pub fn new(recap: MeetingRecap, uris: &Uris) -> MeetingRecapBody {
        MeetingRecapBody {
            listed: ListedMeetingRecapBody::new(recap.listed, uris),
            summary_md: recap.summary_md,
            action_items_md: recap.action_items_md,
            discussion_md: recap.discussion_md,
            share_link: recap.share_link,
        }
    }
}

/// Every word that was said in a meeting.
#[derive(Debug, Serialize, ToSchema)]
pub struct MeetingRecapTranscriptBody {
    /// The transcript's URI.
    #[schema(format = "uri")]
    pub uri: String,
    /// The words, one speaker a line: `Speaker: words`.
    pub text: String,
}
