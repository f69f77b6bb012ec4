//! The documents that an event type carries: questions and locations.

use crate::api::value::words;
use serde::{Deserialize, Serialize};
use store::{StoreError, event_types::EventType};
use utoipa::ToSchema;

words! {
    /// How a question is answered.
    pub enum QuestionType {
        /// One line.
        Line = "string",
        /// Several lines.
        Lines = "text",
        /// A phone number.
        PhoneNumber = "phone_number",
        /// One of the choices.
        SingleSelect = "single_select",
        /// Any of the choices.
        MultiSelect = "multi_select",
    }
}

/// A question to the invitee.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CustomQuestion {
    /// The question.
    #[schema(example = "What would you like to talk about?")]
    pub name: String,
    /// How it is answered.
    #[serde(rename = "type")]
    pub kind: QuestionType,
    /// Its place among the questions.
    pub position: u32,
    /// Whether it is asked.
    pub enabled: bool,
    /// Whether it must be answered.
    pub required: bool,
    /// The choices of a select question.
    pub answer_choices: Vec<String>,
    /// Whether an answer beside the choices is allowed.
    pub include_other: bool,
}

words! {
    /// The kinds of places where a meeting can be.
    pub enum LocationKind {
        /// Where the invitee says.
        AskInvitee = "ask_invitee",
        /// Anything, in the host's words.
        Custom = "custom",
        /// Google Meet.
        GoogleConference = "google_conference",
        /// GoTo Meeting.
        GotomeetingConference = "gotomeeting_conference",
        /// The invitee calls.
        InboundCall = "inbound_call",
        /// Microsoft Teams.
        MicrosoftTeamsConference = "microsoft_teams_conference",
        /// The host calls.
        OutboundCall = "outbound_call",
        /// A place on Earth.
        Physical = "physical",
        /// Webex.
        WebexConference = "webex_conference",
        /// Zoom.
        ZoomConference = "zoom_conference",
    }
}

impl LocationKind {
    /// All kinds.
    pub const ALL: [LocationKind; 10] = [
        LocationKind::AskInvitee,
        LocationKind::Custom,
        LocationKind::GoogleConference,
        LocationKind::GotomeetingConference,
        LocationKind::InboundCall,
        LocationKind::MicrosoftTeamsConference,
        LocationKind::OutboundCall,
        LocationKind::Physical,
        LocationKind::WebexConference,
        LocationKind::ZoomConference,
    ];

    /// Whether people meet in a conference that somebody has to make.
    pub fn is_conference(self) -> bool {
        matches!(
            self,
            LocationKind::GoogleConference
                | LocationKind::GotomeetingConference
                | LocationKind::MicrosoftTeamsConference
                | LocationKind::WebexConference
                | LocationKind::ZoomConference
        )
    }
}

/// A place at which an event type can be held.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LocationConfiguration {
    /// What kind of place.
    pub kind: LocationKind,
    /// The address, or the host's words.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schema(nullable = false)]
    pub location: Option<String>,
    /// How to get there.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schema(nullable = false)]
    pub additional_info: Option<String>,
    /// The host's number.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schema(nullable = false)]
    pub phone_number: Option<String>,
}

/// The questions of an event type.
pub fn questions(event_type: &EventType) -> Result<Vec<CustomQuestion>, StoreError> {
    serde_json::from_value(event_type.custom_questions.clone()).map_err(|error| {
        StoreError::corrupt("event_types", "custom_questions", event_type.id, error)
    })
}

/// The locations of an event type.
pub fn locations(event_type: &EventType) -> Result<Option<Vec<LocationConfiguration>>, StoreError> {
    let locations = event_type
        .locations
        .clone()
        .map(serde_json::from_value)
        .transpose();
    locations.map_err(|error| StoreError::corrupt("event_types", "locations", event_type.id, error))
}
