//! What is sent to add or edit a recap.

use crate::api::{
    input::{Parse, Reader, input},
    uri::Uri,
    value::{
        Change, List,
        text::{Email, Text, WebAddress, string, text},
        time::Time,
        words,
    },
};
use domain::id::ScheduledEventId;
use serde_json::{Map, Value, json};
use store::meeting_recaps::{Attendee, MeetingRecap, RecapStatus};
use utoipa::openapi::{RefOr, Schema};

/// A status in requests, whatever its case: Calendly has it in two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StatusInput(pub RecapStatus);

impl Parse for StatusInput {
    fn parse(value: &Value, reader: &mut Reader) -> Option<StatusInput> {
        match RecapStatus::parse(&text(value, reader)?.to_ascii_lowercase()) {
            Some(status) => Some(StatusInput(status)),
            None => reader.problem(
                "unknown_value",
                "must be one of available processing unavailable",
            ),
        }
    }

    fn schema() -> RefOr<Schema> {
        string("available")
            .pattern(Some("(?i)^(available|processing|unavailable)$"))
            .into()
    }
}

words! {
    /// Kinds of places.
    pub enum PlaceType {
        /// A place.
        Physical = "physical",
        /// The host called.
        OutboundCall = "outbound_call",
        /// The invitee called.
        InboundCall = "inbound_call",
        /// Anything else.
        Custom = "custom",
        /// Where the invitee said.
        AskInvitee = "ask_invitee",
        /// Google Meet.
        GoogleConference = "google_conference",
        /// Zoom.
        Zoom = "zoom",
        /// GoTo Meeting.
        Gotomeeting = "gotomeeting",
        /// Microsoft Teams.
        MicrosoftTeamsConference = "microsoft_teams_conference",
        /// Webex.
        WebexConference = "webex_conference",
    }
}

input! {
    /// Where a meeting took place.
    pub struct PlaceInput {
        /// The kind of place.
        pub r#type: PlaceType,
        /// The place or the phone number; not of conferences.
        pub location: Option<Text<0, 1_000>>,
        /// What else was to know; of `physical` and `inbound_call`.
        pub additional_info: Option<Text<0, 1_000>>,
        /// The address of a conference.
        pub join_url: Option<WebAddress>,
    }
}

impl PlaceInput {
    /// The place as it is shown.
    pub fn document(self) -> Value {
        let location = self.location.map(|location| location.0);
        let mut place = json!({"type": self.r#type.word()});
        match self.r#type {
            PlaceType::Physical | PlaceType::InboundCall => {
                place["location"] = json!(location.unwrap_or_default());
                if let Some(Text(info)) = self.additional_info {
                    place["additional_info"] = json!(info);
                }
            }
            PlaceType::OutboundCall | PlaceType::Custom => place["location"] = json!(location),
            PlaceType::AskInvitee => place["location"] = json!(location.unwrap_or_default()),
            conference => {
                let join_url = self.join_url.map(|address| address.0);
                place["status"] = json!(join_url.as_ref().map(|_| "pushed"));
                place["join_url"] = json!(join_url);
                if conference != PlaceType::GoogleConference {
                    place["data"] = json!(null);
                }
            }
        }
        place
    }
}

input! {
    /// Somebody who was there.
    pub struct AttendeeInput {
        /// Whether they are a host; `false` by default.
        pub host: Option<bool>,
        /// Their mail address.
        pub user_email: Email,
        /// Their name.
        pub user_name: Text<1, 255>,
    }
}

/// Who was there.
type Attendees = List<AttendeeInput, 0, 500>;

/// Those who were there, as they are kept.
pub fn attendees(attendees: Attendees) -> Vec<Attendee> {
    let attendee = |attendee: AttendeeInput| Attendee {
        host: attendee.host.unwrap_or(false),
        email: attendee.user_email.0,
        name: attendee.user_name.0,
    };
    attendees.0.into_iter().map(attendee).collect()
}

/// Markdown.
type Markdown = Text<0, 100_000>;

/// Every word of a meeting.
type Words = Text<0, 1_000_000>;

input! {
    /// What was said in a meeting: a scheduled event, or one that was not booked here.
    pub struct NewMeetingRecap {
        /// The scheduled event; without it, `name`, `start_time` and `end_time` are needed.
        pub event: Option<Uri<ScheduledEventId>>,
        /// What the meeting was called; not with `event`.
        pub name: Option<Text<1, 255>>,
        /// When it started; not with `event`.
        pub start_time: Option<Time>,
        /// When it ended; not with `event`.
        pub end_time: Option<Time>,
        /// Where it took place; not with `event`.
        pub location: Option<PlaceInput>,
        /// Who was there; with `event` its hosts and active invitees by default.
        pub attendees: Option<Attendees>,
        /// `available` by default; `processing` while it is being written.
        pub status: Option<StatusInput>,
        /// What it was about, in Markdown.
        pub summary_md: Option<Markdown>,
        /// What is to be done, in Markdown.
        pub action_items_md: Option<Markdown>,
        /// What was said, in Markdown.
        pub discussion_md: Option<Markdown>,
        /// Every word, one speaker a line: `Speaker: words`.
        pub transcript: Option<Words>,
        /// Where others can read it.
        pub share_link: Option<WebAddress>,
    }
    check one_meeting
    example {
        "name": "Weekly",
        "start_time": "2030-01-07T09:00:00Z",
        "end_time": "2030-01-07T09:30:00Z",
        "attendees": [{"host": true, "user_email": "ada@example.com", "user_name": "Ada Lovelace"}],
        "summary_md": "We agreed on the plan.",
        "transcript": "Ada: Let us begin."
    }
}

/// Notes what says of the meeting too little, or twice.
fn one_meeting(object: &Map<String, Value>, reader: &mut Reader) {
    let has = |field: &str| object.get(field).is_some_and(|value| !value.is_null());
    for field in ["name", "start_time", "end_time"] {
        if !has("event") && !has(field) {
            reader.problem_with(field, "required", "must be filled, or event instead");
        }
    }
    for field in ["name", "start_time", "end_time", "location"] {
        if has("event") && has(field) {
            reader.problem_with(field, "not_allowed", "does not go with event, which has it");
        }
    }
}

input! {
    /// What changes of a recap; what is left out stays.
    pub struct MeetingRecapChanges {
        /// What it was about, in Markdown; null removes it.
        pub summary_md: Change<Markdown>,
        /// What is to be done, in Markdown; null removes it.
        pub action_items_md: Change<Markdown>,
        /// What was said, in Markdown; null removes it.
        pub discussion_md: Change<Markdown>,
        /// Every word; null removes it.
        pub transcript: Change<Words>,
        /// Where others can read it; null removes it.
        pub share_link: Change<WebAddress>,
        /// Whether it can be read.
        pub status: Option<StatusInput>,
    }
    example {"summary_md": "We agreed on the plan.", "status": "available"}
}

impl MeetingRecapChanges {
    /// Whether nothing was sent.
    pub fn is_empty(&self) -> bool {
        let texts = [&self.summary_md, &self.action_items_md, &self.discussion_md];
        texts.into_iter().all(|text| *text == Change::Keep)
            && self.transcript == Change::Keep
            && self.share_link == Change::Keep
            && self.status.is_none()
    }

    /// What becomes of the transcript, if anything.
    pub fn transcript(&self) -> Option<Option<String>> {
        match &self.transcript {
            Change::Keep => None,
            Change::Clear => Some(None),
            Change::Set(text) => Some(Some(text.0.clone())),
        }
    }

    /// Changes a recap, but for its transcript.
    pub fn apply(&self, recap: &mut MeetingRecap) {
        fn set(field: &mut Option<String>, change: &Change<Markdown>) {
            *field = change.clone().of(field.take(), |text| text.0);
        }
        set(&mut recap.summary_md, &self.summary_md);
        set(&mut recap.action_items_md, &self.action_items_md);
        set(&mut recap.discussion_md, &self.discussion_md);
        let link = self.share_link.clone();
        recap.share_link = link.of(recap.share_link.take(), |address| address.0);
        if let Some(StatusInput(status)) = self.status {
            recap.listed.status = status;
        }
    }
}
