//! `POST /invitees`: booking.

use super::{
    body::InviteeBody,
    input::{AnswerInput, ChosenLocationInput, InviteeInput, NewInvitee, TrackingInput},
    series::{self, RecurrenceInput, SeriesBody},
};
use crate::api::{
    alternatives::{advised, advised_of},
    answer::{Sender, write_or_try},
    caller::{Caller, scope::ScheduledEventsWrite},
    dry_run::DryRun,
    problem::{Detail, Problem},
    request::Input,
    scheduling_links::LinkCode,
    uri::Uri,
    value::{text::Email, time::Time},
};
use crate::{
    app::{
        event_type_available_times::Purpose,
        event_types,
        facts::EventTypeFacts,
        invitees::{self as said, Answer, ChosenLocation, Mistake},
        scheduled_events::{
            booking::{Book, BookingRefusal, Meeting, Order},
            held_time::UsedHold,
            is_bookable,
            known_hosts::KnownHosts,
            used_link::UsedLink,
        },
        scheduling_links,
    },
    context::{App, fresh_id},
};
use axum::{extract::State, http::StatusCode, response::Response};
use domain::id::{InviteeId, OrganizationId, RoutingFormSubmissionId, ScheduledEventId};
use serde::Serialize;
use serde_json::{Value, json};
use store::{event_types::EventType, invitees::Invitee, routing_form_submissions};
use utoipa::ToSchema;

/// What was booked.
#[derive(Debug, Serialize, ToSchema)]
pub struct BookingBody {
    /// The new invitee, of the first meeting of a series; `event` is the event.
    pub resource: InviteeBody,
    /// What became of the dates of a series; only of a series.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub series: Option<SeriesBody>,
}

/// Book an event type
///
/// Of all requests for the same time of a host, exactly one is answered 201. The others are answered 409 with
/// `code: "time_taken"` and the nearest times that can be booked in `alternatives`. Of a group event type, as many are
/// answered 201 as it has places.
///
/// With `recurrence` several meetings are booked in one go: all of them, or none and 409 `dates_not_available` with every
/// date that cannot be booked in `dates`; with `on_conflict: "skip"` those that can be.
#[utoipa::path(post, path = "/invitees", tag = "Scheduled events", params(("dry_run" = Option<bool>, Query, description = "Only say what would happen")), request_body = NewInvitee, responses((status = 201, description = "The new invitee; `event` is the event", body = BookingBody), (status = 200, description = "What a dry run would have booked", body = BookingBody)))]
pub async fn create_invitee(
    State(app): State<App>,
    caller: Caller<ScheduledEventsWrite>,
    trial: DryRun,
    input: Input<NewInvitee>,
) -> Result<Response, Problem> {
    let mut body = input.body;
    let organization = caller.organization;
    let known = app
        .facts
        .event_type(organization, body.event_type.0)
        .await?;
    let known = known
        .filter(|known| is_bookable(&known.value.event_type))
        .ok_or(BookingRefusal::UnknownEventType)?;
    let event_type = known.value.event_type.clone();
    let (start, hold) = (body.start_time.0, body.hold.take());
    let placed_by = caller.unless_admin();
    let hold = hold.map(|Uri(id)| UsedHold { id, placed_by });
    let (recurrence, on_conflict) = (body.recurrence.take(), body.on_conflict);
    if recurrence.is_none() && on_conflict.is_some() {
        let message = "must come with recurrence";
        return Err(Problem::parameter(
            "on_conflict",
            "needs_recurrence",
            message,
        ));
    }
    if let Some(Uri(id)) = body.routing_form_submission {
        must_be_there(&app, organization, id).await?;
    }
    let link = body.scheduling_link.take();
    must_be_alone(link.as_ref(), (hold, recurrence.as_ref()))?;
    let shared = shared_by(&app, organization, &known.value, link.as_ref()).await?;
    let offered = shared
        .as_ref()
        .map_or(&event_type, |shared| &shared.event_type);
    let order = body.order(&app, &caller, offered)?;
    let sent = (trial, caller.sends(input.idempotency));
    if let Some(recurrence) = recurrence {
        must_be_without_hold(hold)?;
        let asked = (recurrence, start, on_conflict);
        return series::book(&app, sent, (event_type, order), asked).await;
    }
    let meeting = Meeting {
        start,
        event_id: ScheduledEventId(fresh_id()),
        invitee_id: InviteeId(fresh_id()),
    };
    let command = Book {
        order,
        meeting,
        known: match (hold, &link) {
            (None, None) => KnownHosts::of(&app.facts, organization, known).await?,
            _ => None,
        },
        hold,
        link: link.map(|LinkCode(code)| UsedLink { code }),
    };
    book(&app, sent, command, shared).await
}

/// The event type as it is for who books by this link, if that is another one.
async fn shared_by(
    app: &App,
    organization: OrganizationId,
    known: &EventTypeFacts,
    link: Option<&LinkCode>,
) -> Result<Option<EventTypeFacts>, Problem> {
    let Some(LinkCode(code)) = link else {
        return Ok(None);
    };
    let tx = app.store.read().await?;
    // whether it can be used is decided when it is
    match scheduling_links::current(&tx, organization, code).await? {
        Some(link) if link.event_type_id == known.event_type.id => {
            Ok(scheduling_links::shared(&tx, organization, known, &link).await?)
        }
        _ => Ok(None),
    }
}

async fn book(
    app: &App,
    (trial, sender): (DryRun, Sender),
    command: Book,
    shared: Option<EventTypeFacts>,
) -> Result<Response, Problem> {
    let (organization, event_type) = (sender.organization, command.order.event_type_id);
    let start = command.meeting.start;
    let uris = app.uris();
    let body = move |invitee| {
        InviteeBody::new(invitee, &uris).map(|resource| BookingBody {
            resource,
            series: None,
        })
    };
    let sent = (sender, StatusCode::CREATED);
    match write_or_try(app, trial, sent, command, body).await {
        Err(problem) => {
            let wanted = (start, Purpose::Booking);
            Err(match shared {
                Some(known) => advised_of(app, (organization, &known), wanted, problem).await,
                None => advised(app, (organization, event_type), wanted, problem).await,
            })
        }
        booked => booked,
    }
}

/// Refuses a submission that is not there. One that is stays there.
async fn must_be_there(
    app: &App,
    organization: OrganizationId,
    id: RoutingFormSubmissionId,
) -> Result<(), Problem> {
    let tx = app.store.read().await?;
    match routing_form_submissions::get(&tx, organization, id).await? {
        Some(_) => Ok(()),
        None => Err(Problem::parameter(
            "routing_form_submission",
            "not_found",
            "is not a routing form submission of the organization",
        )),
    }
}

fn must_be_without_hold(hold: Option<UsedHold>) -> Result<(), Problem> {
    match hold {
        None => Ok(()),
        Some(_) => Err(Problem::parameter(
            "hold",
            "not_with_recurrence",
            "must not come with recurrence: a hold keeps one time",
        )),
    }
}

/// Refuses a link that comes with something else that says what is booked.
fn must_be_alone(
    link: Option<&LinkCode>,
    others: (Option<UsedHold>, Option<&RecurrenceInput>),
) -> Result<(), Problem> {
    let (code, message) = match (link, others) {
        (Some(_), (Some(_), _)) => ("not_with_hold", "must not come with hold"),
        (Some(_), (_, Some(_))) => (
            "not_with_recurrence",
            "must not come with recurrence: a link is for one meeting",
        ),
        _ => return Ok(()),
    };
    Err(Problem::parameter("scheduling_link", code, message))
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
            BookingRefusal::UnknownHold => Problem::hold_ended(),
            BookingRefusal::OtherHold => Problem::parameter(
                "hold",
                "other_hold",
                "must be a hold of this event type and this start_time",
            ),
            BookingRefusal::UnknownLink => Problem::link_ended(),
            BookingRefusal::OtherLink => Problem::parameter(
                "scheduling_link",
                "other_link",
                "must be a link to this event type",
            ),
            BookingRefusal::NotYourHold => Problem::no_permission(),
            BookingRefusal::Time(refusal) => refusal.into(),
        }
    }
}

impl NewInvitee {
    fn order(
        self,
        app: &App,
        caller: &Caller<ScheduledEventsWrite>,
        event_type: &EventType,
    ) -> Result<Order, Problem> {
        let now = app.now();
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
        let tracking = self.tracking.map(TrackingInput::document);
        let routing_form_submission_id = self.routing_form_submission.map(|uri| uri.0);
        let guest = |email: Email| json!({"email": email.0, "created_at": Time(now), "updated_at": Time(now)});
        let guests = self.event_guests.map(|guests| guests.0).unwrap_or_default();
        Ok(Order {
            organization: caller.organization,
            event_type_id: event_type.id,
            invitee: Invitee {
                questions_and_answers: json!(answers),
                tracking: tracking.unwrap_or_else(|| json!({})),
                routing_form_submission_id,
                ..self.invitee.row(caller.user, now)
            },
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
