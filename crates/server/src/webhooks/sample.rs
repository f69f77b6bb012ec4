//! What a message looks like, for whoever writes a receiver: the payloads of made-up rows, by the functions that make
//! those of real ones.

use super::payload::{
    deleted_contact, deleted_recap, filled_in, of_invitee, offered, written_contact, written_recap,
};
use crate::{
    api::uri::Uris,
    app::{
        contacts::KnownContact,
        event_types::{
            hosting::{Hosted, alone},
            plain,
        },
        feed_events::{EventName, Told},
        routing_forms::documents::{Question, QuestionKind},
        scheduled_events::Cancellation,
    },
};
use domain::{
    id::{
        ContactId, EventTypeId, InviteeId, MeetingRecapId, NoShowId, RoutingFormId,
        RoutingFormSubmissionId, ScheduledEventId,
    },
    interval::Interval,
    scheduled_event::{EventState, EventStatus},
};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use store::{
    StoreError,
    contacts::{Contact, ContactEmail, meetings::Meetings},
    invitees::{Invitee, InviteeLink},
    meeting_recaps::{Attendee, ListedRecap, MeetingRecap, RecapStatus},
    routing_form_submissions::RoutingFormSubmission,
    scheduled_events::{ListedEvent, ListedHost, ScheduledEvent},
    users::User,
};
use uuid::{Uuid, uuid};

const EVENT_TYPE: EventTypeId = EventTypeId(uuid!("0193a5c8-7d3e-7000-8000-fa571de30010"));
const EVENT: ScheduledEventId = ScheduledEventId(uuid!("0193a5c8-7d3e-7000-8000-fa571de30011"));
const INVITEE: InviteeId = InviteeId(uuid!("0193a5c8-7d3e-7000-8000-fa571de30012"));
const NO_SHOW: NoShowId = NoShowId(uuid!("0193a5c8-7d3e-7000-8000-fa571de30013"));
const FORM: RoutingFormId = RoutingFormId(uuid!("0193a5c8-7d3e-7000-8000-fa571de30014"));
const SUBMISSION: RoutingFormSubmissionId =
    RoutingFormSubmissionId(uuid!("0193a5c8-7d3e-7000-8000-fa571de30015"));
const QUESTION: Uuid = uuid!("0193a5c8-7d3e-7000-8000-fa571de30016");
const CONTACT: ContactId = ContactId(uuid!("0193a5c8-7d3e-7000-8000-fa571de30017"));
const RECAP: MeetingRecapId = MeetingRecapId(uuid!("0193a5c8-7d3e-7000-8000-fa571de30018"));

/// Who booked.
const NAME: &str = "Ada Lovelace";
const EMAIL: &str = "ada@example.com";

/// Where they meet.
const PLACE: &str = "12 St James's Square";

/// A made-up deed of a user.
#[derive(Clone, Debug)]
pub struct Sample {
    /// Who hosts, and does what users do.
    pub user: User,
    /// When it happens.
    pub now: Timestamp,
}

impl Sample {
    /// What is told of it.
    pub fn told(&self, name: EventName, uris: &Uris) -> Result<Told, StoreError> {
        match name {
            EventName::InviteeCreated
            | EventName::InviteeCanceled
            | EventName::InviteeNoShowCreated
            | EventName::InviteeNoShowDeleted => {
                of_invitee(name, self.invitee(name)?, self.event(name)?, uris)
            }
            EventName::RoutingFormSubmissionCreated => {
                filled_in(&self.submission(), &[question()], uris)
            }
            EventName::EventTypeCreated
            | EventName::EventTypeUpdated
            | EventName::EventTypeDeleted => offered(self.event_type(name), uris),
            EventName::MeetingRecapCreated | EventName::MeetingRecapUpdated => {
                written_recap((name, self.now), self.recap()?, uris)
            }
            EventName::MeetingRecapDeleted => {
                Ok(deleted_recap((RECAP, self.now), self.user.id, uris))
            }
            EventName::ContactCreated | EventName::ContactUpdated => {
                written_contact(self.contact(), self.user.id, uris)
            }
            EventName::ContactDeleted => {
                Ok(deleted_contact((CONTACT, self.now), self.user.id, uris))
            }
        }
    }

    /// Half an hour, a day from now or a day ago.
    fn meeting(&self, is_over: bool) -> Result<Interval, StoreError> {
        let day = SignedDuration::from_hours(if is_over { -24 } else { 24 });
        let start = self.now.saturating_add(day).map_err(StoreError::invalid)?;
        let end = start.saturating_add(SignedDuration::from_mins(30));
        Interval::new(start, end.map_err(StoreError::invalid)?)
            .ok_or_else(|| StoreError::invalid("a meeting at the end of time"))
    }

    fn event(&self, name: EventName) -> Result<ListedEvent, StoreError> {
        let is_canceled = name == EventName::InviteeCanceled;
        let is_over = matches!(
            name,
            EventName::InviteeNoShowCreated | EventName::InviteeNoShowDeleted
        );
        let interval = self.meeting(is_over)?;
        let booked = EventState::booked(interval);
        Ok(ListedEvent {
            event: ScheduledEvent {
                id: EVENT,
                event_type_id: EVENT_TYPE,
                host_id: self.user.id,
                host_count: 1,
                series_id: None,
                capacity: 1,
                name: "Intro call".to_owned(),
                state: if is_canceled {
                    booked.canceled()
                } else {
                    booked
                },
                buffered: interval,
                location: Some(json!({"type": "physical", "location": PLACE})),
                guests: json!([]),
                cancellation: self.cancellation(name)?,
                confirm_by: None,
                confirmed_at: None,
                created_at: self.now,
                updated_at: self.now,
            },
            hosts: vec![ListedHost {
                id: self.user.id,
                name: self.user.name.clone(),
                email: self.user.email.clone(),
            }],
            invitees: 1,
            active_invitees: i64::from(!is_canceled),
        })
    }

    fn cancellation(&self, name: EventName) -> Result<Option<Value>, StoreError> {
        let canceled = (name == EventName::InviteeCanceled).then(|| Cancellation {
            canceled_by: self.user.name.clone(),
            reason: Some("Something came up".to_owned()),
            canceler_type: "host".to_owned(),
            created_at: self.now,
        });
        canceled.map(|canceled| canceled.document()).transpose()
    }

    fn invitee(&self, name: EventName) -> Result<Invitee, StoreError> {
        let is_marked = name == EventName::InviteeNoShowCreated;
        Ok(Invitee {
            id: INVITEE,
            scheduled_event_id: EVENT,
            name: NAME.to_owned(),
            first_name: None,
            last_name: None,
            email: EMAIL.to_owned(),
            timezone: "Europe/London".to_owned(),
            status: match name {
                EventName::InviteeCanceled => EventStatus::Canceled,
                _ => EventStatus::Active,
            },
            questions_and_answers: json!([]),
            tracking: json!({}),
            text_reminder_number: None,
            rescheduled: false,
            old_invitee: None,
            new_invitee: None,
            cancellation: self.cancellation(name)?,
            scheduled_by: None,
            requestor_id: None,
            no_show: is_marked.then_some((NO_SHOW, self.now)),
            routing_form_submission_id: None,
            created_at: self.now,
            updated_at: self.now,
        })
    }

    fn event_type(&self, name: EventName) -> Hosted {
        let mut event_type = plain(EVENT_TYPE, self.user.id, "Intro call", self.now);
        "intro-call".clone_into(&mut event_type.slug);
        event_type.locations = Some(json!([{"kind": "physical", "location": PLACE}]));
        event_type.active = name != EventName::EventTypeDeleted;
        event_type.deleted_at = (!event_type.active).then_some(self.now);
        Hosted {
            hosts: vec![alone(&event_type, &self.user)],
            owner: self.user.clone(),
            event_type,
        }
    }

    fn submission(&self) -> RoutingFormSubmission {
        let question = question();
        let answered =
            json!({"question_uuid": question.uuid, "question": question.name, "answer": "11-50"});
        RoutingFormSubmission {
            id: SUBMISSION,
            routing_form_id: FORM,
            questions_and_answers: json!([answered]),
            tracking: json!({}),
            result: Some(json!({"type": "event_type", "value": EVENT_TYPE.0})),
            invitee: Some(InviteeLink {
                scheduled_event_id: EVENT,
                invitee_id: INVITEE,
            }),
            created_at: self.now,
            updated_at: self.now,
        }
    }

    fn contact(&self) -> KnownContact {
        let contact = Contact {
            id: CONTACT,
            name: Some(NAME.to_owned()),
            emails: vec![ContactEmail {
                email: EMAIL.to_owned(),
                is_primary: true,
            }],
            phone_numbers: Vec::new(),
            timezone: Some("Europe/London".to_owned()),
            job_title: None,
            company: None,
            country: None,
            state: None,
            city: None,
            linkedin: None,
            created_at: self.now,
            updated_at: self.now,
        };
        KnownContact {
            contact,
            values: Vec::new(),
            definitions: Vec::new().into(),
            meetings: Meetings::default(),
        }
    }

    fn recap(&self) -> Result<MeetingRecap, StoreError> {
        let attendee = |host, name: &str, email: &str| Attendee {
            host,
            email: email.to_owned(),
            name: name.to_owned(),
        };
        Ok(MeetingRecap {
            listed: ListedRecap {
                id: RECAP,
                user_id: self.user.id,
                scheduled_event_id: Some(EVENT),
                status: RecapStatus::Available,
                name: Some("Intro call".to_owned()),
                location: Some(json!({"type": "physical", "location": PLACE})),
                interval: self.meeting(true)?,
                attendees: Some(vec![
                    attendee(true, &self.user.name, &self.user.email),
                    attendee(false, NAME, EMAIL),
                ]),
                has_transcript: true,
                created_at: self.now,
                updated_at: self.now,
            },
            summary_md: Some("They got to know each other.".to_owned()),
            action_items_md: Some("- Send the slides".to_owned()),
            discussion_md: None,
            share_link: None,
        })
    }
}

fn question() -> Question {
    Question {
        uuid: QUESTION,
        name: "Company size".to_owned(),
        kind: QuestionKind::Text,
        required: true,
        answer_choices: None,
    }
}
