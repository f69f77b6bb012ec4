//! What is sent to book: the invitee, the place, the answers.

use super::series::{OnConflict, RecurrenceInput};
use crate::api::{
    input::input,
    scheduling_links::LinkCode,
    uri::Uri,
    value::{
        Int, List,
        text::{Email, Phone, Text},
        time::{Time, Zone},
    },
};
use crate::app::event_types::LocationKind;
use domain::{
    id::{EventTypeId, HoldId, InviteeId, RoutingFormSubmissionId, ScheduledEventId, UserId},
    scheduled_event::EventStatus,
};
use jiff::Timestamp;
use serde_json::{Value, json};
use store::invitees::Invitee;
use uuid::Uuid;

input! {
    /// Who books.
    pub struct InviteeInput {
        /// Mail address.
        pub email: Email,
        /// IANA zone.
        pub timezone: Zone,
        /// Full name; may be left out where `first_name` is given.
        pub name: Option<Text<1, 255>>,
        /// First name; may be left out where `name` is given.
        pub first_name: Option<Text<1, 255>>,
        /// Last name.
        pub last_name: Option<Text<0, 255>>,
        /// Phone number for reminders.
        pub text_reminder_number: Option<Phone>,
    }
}

input! {
    /// The place, one of the event type's.
    pub struct ChosenLocationInput {
        /// The kind of place.
        pub kind: LocationKind,
        /// The invitee's own place or phone number; needed for `ask_invitee` and `outbound_call`.
        pub location: Option<Text<1, 1_000>>,
    }
}

input! {
    /// An answer to one of the event type's questions.
    pub struct AnswerInput {
        /// The question, to the letter.
        pub question: Text<1, 1_000>,
        /// The answer; of several choices, one a line.
        pub answer: Text<0, 10_000>,
        /// The place of the question among the questions.
        pub position: Int<0, 1_000>,
    }
}

input! {
    /// Where an invitee came from.
    pub struct TrackingInput {
        /// UTM campaign.
        pub utm_campaign: Option<Text<0, 1_000>>,
        /// UTM source.
        pub utm_source: Option<Text<0, 1_000>>,
        /// UTM medium.
        pub utm_medium: Option<Text<0, 1_000>>,
        /// UTM content.
        pub utm_content: Option<Text<0, 1_000>>,
        /// UTM term.
        pub utm_term: Option<Text<0, 1_000>>,
        /// Salesforce id.
        pub salesforce_uuid: Option<Text<0, 1_000>>,
    }
}

impl TrackingInput {
    /// The document that is kept.
    pub fn document(self) -> Value {
        let text = |text: Option<Text<0, 1_000>>| text.map(|text| text.0);
        json!({
            "utm_campaign": text(self.utm_campaign),
            "utm_source": text(self.utm_source),
            "utm_medium": text(self.utm_medium),
            "utm_content": text(self.utm_content),
            "utm_term": text(self.utm_term),
            "salesforce_uuid": text(self.salesforce_uuid),
        })
    }
}

input! {
    /// A booking.
    pub struct NewInvitee {
        /// What to book.
        pub event_type: Uri<EventTypeId>,
        /// From when: one of the starts on offer.
        pub start_time: Time,
        /// Who books.
        pub invitee: InviteeInput,
        /// Where, one of the event type's places; its first one by default.
        pub location: Option<ChosenLocationInput>,
        /// Answers to the event type's questions.
        pub questions_and_answers: Option<List<AnswerInput, 0, 50>>,
        /// Where the invitee came from.
        pub tracking: Option<TrackingInput>,
        /// Mail addresses of whom the invitee brings.
        pub event_guests: Option<List<Email, 0, 10>>,
        /// The routing form that led here, as the invitee filled it in.
        pub routing_form_submission: Option<Uri<RoutingFormSubmissionId>>,
        /// The hold that keeps this time, which becomes the booking.
        pub hold: Option<Uri<HoldId>>,
        /// The link by which is booked, its address or its code; it is used up. It does not go with `hold` or `recurrence`.
        pub scheduling_link: Option<LinkCode>,
        /// Further dates, booked in one go; the first is `start_time`.
        pub recurrence: Option<RecurrenceInput>,
        /// What happens when not all dates can be booked; `refuse` by default.
        pub on_conflict: Option<OnConflict>,
    }
    example {
        "event_type": "http://127.0.0.1:8080/event_types/0193a5c8-7d3e-7000-8000-2b1f5f0c9a11",
        "start_time": "2030-01-07T09:00:00Z",
        "invitee": {"name": "Emmy Noether", "email": "emmy@example.com", "timezone": "Europe/Berlin"}
    }
}

impl InviteeInput {
    /// An invitee, who gets ids when the meeting is booked.
    pub fn row(self, scheduled_by: UserId, now: Timestamp) -> Invitee {
        let (first_name, last_name) = (self.first_name, self.last_name);
        let two_names = [
            &first_name.as_ref().map(|name| &name.0),
            &last_name.as_ref().map(|name| &name.0),
        ];
        let joined = two_names
            .into_iter()
            .flatten()
            .map(|name| name.trim())
            .collect::<Vec<_>>()
            .join(" ");
        Invitee {
            id: InviteeId(Uuid::nil()),
            scheduled_event_id: ScheduledEventId(Uuid::nil()),
            name: self.name.map_or(joined, |name| name.0),
            first_name: first_name.map(|name| name.0),
            last_name: last_name.map(|name| name.0),
            email: self.email.0,
            timezone: self.timezone.name().to_owned(),
            status: EventStatus::Active,
            questions_and_answers: Value::Null,
            tracking: Value::Null,
            text_reminder_number: self.text_reminder_number.map(|number| number.0),
            rescheduled: false,
            old_invitee: None,
            new_invitee: None,
            cancellation: None,
            scheduled_by: Some(scheduled_by),
            requestor_id: None,
            no_show: None,
            routing_form_submission_id: None,
            created_at: now,
            updated_at: now,
        }
    }
}
