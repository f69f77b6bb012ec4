//! `/invitees` and `/scheduled_events/{uuid}/invitees`: booking, and who booked.

use super::{
    answer::{Resource, write_once},
    caller::{
        Caller,
        scope::{ScheduledEventsRead, ScheduledEventsWrite},
    },
    input::input,
    page::{Collection, Count, PageToken, Sort, Sorted},
    problem::{Detail, Problem},
    request::{Input, Query},
    scheduled_events::{CancellationBody, Status, visible},
    uri::{Id, InviteePath, Uri, Uris},
    value::{Email, Int, List, Phone, Text, Time, Zone},
};
use crate::{
    app::{
        event_types::{self, LocationKind},
        invitees::{self as said, Answer, ChosenLocation, Mistake},
        scheduled_events::{Book, BookingRefusal, is_bookable},
        timelines,
    },
    context::{App, fresh_id},
};
use axum::{Json, extract::State, http::StatusCode, response::Response};
use domain::{
    id::{EventTypeId, InviteeId, ScheduledEventId},
    scheduled_event::EventStatus,
};
use serde::Serialize;
use serde_json::{Value, json};
use store::{
    StoreError,
    event_types::EventType,
    invitees::{self as rows, Invitee, InviteeLink},
};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

/// The routes of this file.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(create_invitee))
        .routes(routes!(list_event_invitees))
        .routes(routes!(get_event_invitee))
}

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
    /// The routing form they came by.
    #[schema(required = true)]
    pub routing_form_submission: Option<String>,
    /// How they were canceled; only of canceled ones.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub cancellation: Option<CancellationBody>,
    /// What they paid.
    #[schema(required = true, value_type = Option<Object>)]
    pub payment: Option<Value>,
    /// Whether they did not come.
    #[schema(required = true, value_type = Option<Object>)]
    pub no_show: Option<Value>,
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
    fn new(tracking: &Value) -> TrackingBody {
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
            routing_form_submission: None,
            cancellation: CancellationBody::kept(invitee.cancellation, "invitees", invitee.id)?,
            payment: None,
            no_show: None,
            reconfirmation: None,
            scheduling_method: Some("api".to_owned()),
            invitee_scheduled_by: invitee.scheduled_by.map(|user| uris.of(user)),
        })
    }
}

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
    fn document(self) -> Value {
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
    }
}

/// Book an event type
///
/// Of all requests for the same time of a host, exactly one is answered 201. The others are answered 409 with
/// `code: "time_taken"` and the nearest times that can be booked in `alternatives`.
#[utoipa::path(post, path = "/invitees", tag = "Scheduled events", request_body = NewInvitee, responses((status = 201, description = "The new invitee; `event` is the new event", body = Resource<InviteeBody>)))]
async fn create_invitee(
    State(app): State<App>,
    caller: Caller<ScheduledEventsWrite>,
    input: Input<NewInvitee>,
) -> Result<Response, Problem> {
    let body = input.body;
    let start = body.start_time.0;
    let tx = app.store.read().await?;
    let event_type = store::event_types::get(&tx, caller.organization, body.event_type.0).await?;
    drop(tx);
    let event_type = event_type
        .filter(is_bookable)
        .ok_or(BookingRefusal::UnknownEventType)?;
    let command = body.command(&app, &caller, &event_type)?;
    let uris = app.uris();
    let booked = write_once(
        &app,
        (caller.sends(input.idempotency), StatusCode::CREATED),
        command,
        move |(_, invitee)| InviteeBody::new(invitee, &uris).map(|resource| Resource { resource }),
    )
    .await;
    match booked {
        Err(problem) if problem.is_about_time() => {
            let tx = app.store.read().await?;
            let asked = (start, app.now());
            let alternatives =
                timelines::alternatives(&tx, caller.organization, &event_type, asked).await?;
            Err(problem.with_alternatives(alternatives))
        }
        other => other,
    }
}

impl From<BookingRefusal> for Problem {
    fn from(refusal: BookingRefusal) -> Problem {
        match refusal {
            BookingRefusal::UnknownEventType => Problem {
                details: vec![Detail::new(
                    "event_type",
                    "not_found",
                    "is not an event type that can be booked",
                )],
                ..Problem::not_found()
            },
            BookingRefusal::Time(refusal) => refusal.into(),
        }
    }
}

impl NewInvitee {
    fn command(
        self,
        app: &App,
        caller: &Caller<ScheduledEventsWrite>,
        event_type: &EventType,
    ) -> Result<Book, Problem> {
        let now = app.now();
        let event_id = ScheduledEventId(fresh_id());
        let answer = |answer: AnswerInput| Answer {
            question: answer.question.0,
            answer: answer.answer.0,
            position: answer.position.0,
        };
        let answers = self
            .questions_and_answers
            .map(|answers| answers.0)
            .unwrap_or_default();
        let answers: Vec<Answer> = answers.into_iter().map(answer).collect();
        let location = checked(event_type, self.location, &answers, &self.invitee)?;
        let (first_name, last_name) = (self.invitee.first_name, self.invitee.last_name);
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
        let invitee = Invitee {
            id: InviteeId(fresh_id()),
            scheduled_event_id: event_id,
            name: self.invitee.name.map_or(joined, |name| name.0),
            first_name: first_name.map(|name| name.0),
            last_name: last_name.map(|name| name.0),
            email: self.invitee.email.0,
            timezone: self.invitee.timezone.name().to_owned(),
            status: EventStatus::Active,
            questions_and_answers: json!(answers),
            tracking: self
                .tracking
                .map_or_else(|| json!({}), TrackingInput::document),
            text_reminder_number: self.invitee.text_reminder_number.map(|number| number.0),
            rescheduled: false,
            old_invitee: None,
            new_invitee: None,
            cancellation: None,
            scheduled_by: Some(caller.user),
            requestor_id: None,
            created_at: now,
            updated_at: now,
        };
        let guest = |email: Email| json!({"email": email.0, "created_at": Time(now), "updated_at": Time(now)});
        let guests = self.event_guests.map(|guests| guests.0).unwrap_or_default();
        Ok(Book {
            organization: caller.organization,
            event_type_id: event_type.id,
            start: self.start_time.0,
            event_id,
            invitee,
            location,
            guests: guests.into_iter().map(guest).collect(),
            now,
        })
    }
}

/// The place of the meeting, if everything fits what the event type asks.
fn checked(
    event_type: &EventType,
    location: Option<ChosenLocationInput>,
    answers: &[Answer],
    invitee: &InviteeInput,
) -> Result<Option<Value>, Problem> {
    let questions = event_types::questions(event_type)?;
    let offered = event_types::locations(event_type)?.unwrap_or_default();
    let mut mistakes = said::mistakes(&questions, answers);
    if invitee.name.is_none() && invitee.first_name.is_none() {
        mistakes.push(Mistake {
            parameter: "invitee.name".to_owned(),
            code: "required",
            message: "must be filled, or first_name instead".to_owned(),
        });
    }
    let chosen = location.map(|location| ChosenLocation {
        kind: location.kind,
        location: location.location.map(|text| text.0),
    });
    let place = said::location(&offered, chosen.as_ref());
    let place = place.map_err(|mistake| mistakes.push(mistake));
    if let (Ok(place), true) = (place, mistakes.is_empty()) {
        return Ok(place);
    }
    let detail = |mistake: Mistake| Detail::new(mistake.parameter, mistake.code, mistake.message);
    Err(Problem::invalid(mistakes.into_iter().map(detail).collect()))
}

input! {
    /// Which invitees.
    pub struct ListInvitees {
        /// With this status.
        pub status: Option<Status>,
        /// With this mail address.
        pub email: Option<Email>,
        /// `created_at:asc` (default) or `created_at:desc`.
        pub sort: Sort,
        /// Rows on a page, 20 by default.
        pub count: Count,
        /// Where the page begins, from an earlier answer.
        pub page_token: PageToken,
    }
}

/// List the invitees of a scheduled event
#[utoipa::path(get, path = "/scheduled_events/{uuid}/invitees", tag = "Scheduled events", params(("uuid" = uuid::Uuid, Path), ListInvitees), responses((status = 200, description = "A page of invitees", body = Collection<InviteeBody>)))]
async fn list_event_invitees(
    State(app): State<App>,
    caller: Caller<ScheduledEventsRead>,
    Id(event): Id<ScheduledEventId>,
    Query { query, target }: Query<ListInvitees>,
) -> Result<Json<Collection<InviteeBody>>, Problem> {
    visible(&app, &caller, event).await?;
    let sorted = Sorted::parse(query.sort, &["created_at"])?;
    let request = sorted.request(query.count, query.page_token)?;
    let filter = rows::Filter {
        status: query.status.map(Status::domain),
        email: query.email.map(|email| email.0),
    };
    let tx = app.store.read().await?;
    let mut page = rows::list(&tx, (caller.organization, event), &filter, &request).await?;
    let uris = app.uris();
    let mut listed = Vec::with_capacity(page.rows.len());
    for row in std::mem::take(&mut page.rows) {
        listed.push(((row.created_at, row.id.0), InviteeBody::new(row, &uris)?));
    }
    Ok(Json(sorted.collection(
        page.with_rows(listed),
        (&uris, &target),
        |(key, _)| *key,
        |(_, body)| body,
    )))
}

/// Get an invitee of a scheduled event
#[utoipa::path(get, path = "/scheduled_events/{event_uuid}/invitees/{invitee_uuid}", tag = "Scheduled events", params(("event_uuid" = uuid::Uuid, Path), ("invitee_uuid" = uuid::Uuid, Path)), responses((status = 200, description = "The invitee", body = Resource<InviteeBody>)))]
async fn get_event_invitee(
    State(app): State<App>,
    caller: Caller<ScheduledEventsRead>,
    InviteePath(event, invitee): InviteePath,
) -> Result<Json<Resource<InviteeBody>>, Problem> {
    visible(&app, &caller, event).await?;
    let tx = app.store.read().await?;
    let invitee = rows::get(&tx, caller.organization, event, invitee)
        .await?
        .ok_or_else(Problem::not_found)?;
    Ok(Json(Resource {
        resource: InviteeBody::new(invitee, &app.uris())?,
    }))
}
