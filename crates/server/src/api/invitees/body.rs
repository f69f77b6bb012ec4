//! What is shown of an invitee.

use crate::api::{
    scheduled_events::body::{CancellationBody, Status},
    uri::Uris,
    value::time::Time,
};
use crate::app::invitees::Answer;
use serde::Serialize;
use serde_json::Value;
use store::{
    StoreError,
    invitees::{Invitee, InviteeLink},
};
use utoipa::ToSchema;

/// Who booked a scheduled event.
#[derive(Debug, Serialize, ToSchema)]
pub struct InviteeBody {
    /// The invitee's URI.
    #[schema(format = "uri")]
    pub uri: String,
    /// Mail address.
    #[schema(format = "email")]
    pub email: String,
    /// Full name.
    pub name: String,
    /// First name, where two names were given.
    #[schema(required = true)]
    pub first_name: Option<String>,
    /// Last name, where two names were given.
    #[schema(required = true)]
    pub last_name: Option<String>,
    /// Whether they come.
    pub status: Status,
    /// Their answers.
    #[schema(value_type = Vec<Answer>)]
    pub questions_and_answers: Value,
    /// IANA zone.
    pub timezone: String,
    /// What was booked.
    #[schema(format = "uri")]
    pub event: String,
    /// When they booked.
    pub created_at: Time,
    /// When this last changed.
    pub updated_at: Time,
    /// Where they came from.
    pub tracking: TrackingBody,
    /// Phone number for reminders.
    #[schema(required = true)]
    pub text_reminder_number: Option<String>,
    /// Whether they were moved away to another event.
    pub rescheduled: bool,
    /// Whom this one replaces after a rescheduling.
    #[schema(required = true, format = "uri")]
    pub old_invitee: Option<String>,
    /// Who replaces this one after a rescheduling.
    #[schema(required = true, format = "uri")]
    pub new_invitee: Option<String>,
    /// Where they can cancel.
    #[schema(format = "uri")]
    pub cancel_url: String,
    /// Where they can pick another time.
    #[schema(format = "uri")]
    pub reschedule_url: String,
    /// The routing form they came by, as they filled it in.
    #[schema(required = true, format = "uri")]
    pub routing_form_submission: Option<String>,
    /// How they were canceled; only of canceled ones.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub cancellation: Option<CancellationBody>,
    /// What they paid.
    #[schema(required = true, value_type = Option<Object>)]
    pub payment: Option<Value>,
    /// The mark that they did not come.
    #[schema(required = true)]
    pub no_show: Option<NoShowLink>,
    /// Whether they confirmed again.
    #[schema(required = true, value_type = Option<Object>)]
    pub reconfirmation: Option<Value>,
    /// How they booked; `api` for bookings through this API.
    #[schema(required = true)]
    pub scheduling_method: Option<String>,
    /// The user who booked for them.
    #[schema(required = true, format = "uri")]
    pub invitee_scheduled_by: Option<String>,
}

/// The mark of an invitee who did not come.
#[derive(Debug, Serialize, ToSchema)]
pub struct NoShowLink {
    /// The mark's URI.
    #[schema(format = "uri")]
    pub uri: String,
    /// When it was set.
    pub created_at: Time,
}

/// Where an invitee came from.
#[derive(Debug, Serialize, ToSchema)]
pub struct TrackingBody {
    /// UTM campaign.
    #[schema(required = true)]
    pub utm_campaign: Option<String>,
    /// UTM source.
    #[schema(required = true)]
    pub utm_source: Option<String>,
    /// UTM medium.
    #[schema(required = true)]
    pub utm_medium: Option<String>,
    /// UTM content.
    #[schema(required = true)]
    pub utm_content: Option<String>,
    /// UTM term.
    #[schema(required = true)]
    pub utm_term: Option<String>,
    /// Salesforce id.
    #[schema(required = true)]
    pub salesforce_uuid: Option<String>,
}

impl TrackingBody {
    /// What is shown of it.
    pub fn new(tracking: &Value) -> TrackingBody {
        let text = |key: &str| tracking.get(key).and_then(Value::as_str).map(str::to_owned);
        TrackingBody {
            utm_campaign: text("utm_campaign"),
            utm_source: text("utm_source"),
            utm_medium: text("utm_medium"),
            utm_content: text("utm_content"),
            utm_term: text("utm_term"),
            salesforce_uuid: text("salesforce_uuid"),
        }
    }
}

impl InviteeBody {
    /// What is shown of an invitee.
    pub fn new(invitee: Invitee, uris: &Uris) -> Result<InviteeBody, StoreError> {
        let uri = |link: InviteeLink| uris.invitee(link.scheduled_event_id, link.invitee_id);
        Ok(InviteeBody {
            uri: uris.invitee(invitee.scheduled_event_id, invitee.id),
            email: invitee.email,
            name: invitee.name,
            first_name: invitee.first_name,
            last_name: invitee.last_name,
            status: Status::of(invitee.status),
            questions_and_answers: invitee.questions_and_answers,
            timezone: invitee.timezone,
            event: uris.of(invitee.scheduled_event_id),
            created_at: Time(invitee.created_at),
            updated_at: Time(invitee.updated_at),
            tracking: TrackingBody::new(&invitee.tracking),
            text_reminder_number: invitee.text_reminder_number,
            rescheduled: invitee.rescheduled,
            old_invitee: invitee.old_invitee.map(uri),
            new_invitee: invitee.new_invitee.map(uri),
            cancel_url: uris.page(&format!("/cancellations/{}", invitee.id)),
            reschedule_url: uris.page(&format!("/reschedulings/{}", invitee.id)),
            routing_form_submission: invitee.routing_form_submission_id.map(|id| uris.of(id)),
            cancellation: CancellationBody::kept(invitee.cancellation, "invitees", invitee.id)?,
            payment: None,
            no_show: invitee.no_show.map(|(id, created_at)| NoShowLink {
                uri: uris.of(id),
                created_at: Time(created_at),
            }),
            reconfirmation: None,
            scheduling_method: Some("api".to_owned()),
            invitee_scheduled_by: invitee.scheduled_by.map(|user| uris.of(user)),
        })
    }
}
