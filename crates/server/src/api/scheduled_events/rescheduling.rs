//! `/scheduled_events/{uuid}/rescheduling`: a meeting moves, or stays where it is.

use super::{body::ScheduledEventBody, by_host, not_allowed_to, visible};
use crate::api::{
    answer::{Resource, write_once},
    caller::{Caller, scope::ScheduledEventsWrite},
    input::input,
    problem::Problem,
    request::Input,
    uri::Id,
    value::{text::Text, time::Time},
};
use crate::{
    app::{
        scheduled_events::rescheduling::{Reschedule, ReschedulingRefusal},
        timelines,
    },
    context::{App, fresh_id},
};
use axum::{extract::State, http::StatusCode, response::Response};
use domain::id::{InviteeId, OrganizationId, ScheduledEventId};
use store::{event_types, invitees, scheduled_events::ScheduledEvent};

input! {
    /// To when a meeting is moved, and why.
    pub struct ReschedulingInput {
        /// The new start, one of those on offer.
        pub start_time: Time,
        /// For the invitees to read.
        pub reason: Option<Text<0, 10_000>>,
    }
    example {"start_time": "2030-01-08T09:00:00Z", "reason": "Something came up."}
}

impl From<ReschedulingRefusal> for Problem {
    fn from(refusal: ReschedulingRefusal) -> Problem {
        match refusal {
            ReschedulingRefusal::Unknown => Problem::not_found(),
            ReschedulingRefusal::HostGone => Problem::denied("The host of this event was removed"),
            ReschedulingRefusal::Time(refusal) => refusal.into(),
        }
    }
}

/// Reschedule a scheduled event
///
/// The old time is given up only if the new one is won. The old event is canceled and its invitees say to whom they
/// moved; the answer is the new event.
#[utoipa::path(post, path = "/scheduled_events/{uuid}/rescheduling", tag = "Scheduled events", params(("uuid" = uuid::Uuid, Path)), request_body = ReschedulingInput, responses((status = 201, description = "The new event", body = Resource<ScheduledEventBody>)))]
pub async fn reschedule_scheduled_event(
    State(app): State<App>,
    caller: Caller<ScheduledEventsWrite>,
    Id(id): Id<ScheduledEventId>,
    input: Input<ReschedulingInput>,
) -> Result<Response, Problem> {
    let listed = visible(&app, &caller, id)
        .await
        .map_err(|problem| not_allowed_to(problem, "reschedule"))?;
    let start = input.body.start_time.0;
    let command = Reschedule {
        organization: caller.organization,
        id,
        start,
        new_id: ScheduledEventId(fresh_id()),
        invitees: replacements(&app, caller.organization, id).await?,
        cancellation: by_host(&app, &caller, input.body.reason).await?,
        now: app.now(),
    };
    let uris = app.uris();
    let moved = write_once(
        &app,
        (caller.sends(input.idempotency), StatusCode::CREATED),
        command,
        move |listed| ScheduledEventBody::new(listed, &uris).map(|resource| Resource { resource }),
    )
    .await;
    match moved {
        Err(problem) if problem.is_about_time() => {
            Err(
                with_alternatives(&app, caller.organization, &listed.event, (start, problem))
                    .await?,
            )
        }
        other => other,
    }
}

/// A fresh id for each invitee that moves along.
async fn replacements(
    app: &App,
    organization: OrganizationId,
    event: ScheduledEventId,
) -> Result<Vec<(InviteeId, InviteeId)>, Problem> {
    let tx = app.store.read().await?;
    let invitees = invitees::of_event(&tx, organization, event).await?;
    Ok(invitees
        .into_iter()
        .map(|invitee| (InviteeId(fresh_id()), invitee.id))
        .collect())
}

async fn with_alternatives(
    app: &App,
    organization: OrganizationId,
    event: &ScheduledEvent,
    (start, problem): (jiff::Timestamp, Problem),
) -> Result<Problem, Problem> {
    let tx = app.store.read().await?;
    let event_type = event_types::get(&tx, organization, event.event_type_id).await?;
    let Some(event_type) = event_type.filter(|event_type| !event_type.hidden) else {
        return Ok(problem);
    };
    let alternatives =
        timelines::alternatives(&tx, organization, &event_type, (start, app.now())).await?;
    Ok(problem.with_alternatives(alternatives))
}
