//! `/scheduled_events/{uuid}/confirmation` and `/rejection`: a host decides about a meeting that waits.

use super::{
    body::{CancellationBody, ScheduledEventBody},
    by_host,
    canceling::CancellationInput,
    may_change,
};
use crate::api::{
    answer::{Resource, write_once},
    caller::{Caller, scope::ScheduledEventsWrite},
    input::input,
    problem::Problem,
    request::Input,
    uri::Id,
};
use crate::{
    app::scheduled_events::confirmation::{Confirm, ConfirmingRefusal, Reject},
    context::App,
};
use axum::{extract::State, http::StatusCode, response::Response};
use domain::id::ScheduledEventId;

input! {
    /// Nothing: who confirms and what is said by the request itself.
    pub struct ConfirmationInput {}
}

impl From<ConfirmingRefusal> for Problem {
    fn from(refusal: ConfirmingRefusal) -> Problem {
        match refusal {
            ConfirmingRefusal::NotWaiting => Problem::not_waiting(),
            ConfirmingRefusal::Canceled(refusal) => refusal.into(),
        }
    }
}

/// Confirm a scheduled event
///
/// One whose event type requires confirmation. Until it is confirmed it blocks the time, and it is canceled by itself
/// when nobody confirms it in time.
#[utoipa::path(post, path = "/scheduled_events/{uuid}/confirmation", tag = "Scheduled events", params(("uuid" = uuid::Uuid, Path)), responses((status = 201, description = "The event", body = Resource<ScheduledEventBody>)))]
pub async fn confirm_scheduled_event(
    State(app): State<App>,
    caller: Caller<ScheduledEventsWrite>,
    Id(id): Id<ScheduledEventId>,
    input: Input<ConfirmationInput>,
) -> Result<Response, Problem> {
    may_change(&app, &caller, id, "confirm").await?;
    let command = Confirm {
        organization: caller.organization,
        id,
        now: app.now(),
    };
    let sent = (caller.sends(input.idempotency), StatusCode::CREATED);
    let uris = app.uris();
    write_once(&app, sent, command, move |listed| {
        ScheduledEventBody::new(listed, &uris).map(|resource| Resource { resource })
    })
    .await
}

/// Reject a scheduled event
///
/// One that waits for confirmation: it is canceled, and the time is free again.
#[utoipa::path(post, path = "/scheduled_events/{uuid}/rejection", tag = "Scheduled events", params(("uuid" = uuid::Uuid, Path)), request_body = CancellationInput, responses((status = 201, description = "The cancellation", body = Resource<CancellationBody>)))]
pub async fn reject_scheduled_event(
    State(app): State<App>,
    caller: Caller<ScheduledEventsWrite>,
    Id(id): Id<ScheduledEventId>,
    input: Input<CancellationInput>,
) -> Result<Response, Problem> {
    may_change(&app, &caller, id, "reject").await?;
    let command = Reject {
        event: Confirm {
            organization: caller.organization,
            id,
            now: app.now(),
        },
        cancellation: by_host(&app, &caller, input.body.reason).await?,
    };
    let sent = (caller.sends(input.idempotency), StatusCode::CREATED);
    write_once(&app, sent, command, |cancellation| {
        Ok(Resource {
            resource: CancellationBody::new(cancellation),
        })
    })
    .await
}
