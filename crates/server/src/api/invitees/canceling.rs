//! `/scheduled_events/{uuid}/invitees/{uuid}/cancellation`: one invitee does not come.

use crate::api::{
    answer::{Resource, write_once},
    caller::{Caller, scope::ScheduledEventsWrite},
    problem::Problem,
    request::Input,
    scheduled_events::{body::CancellationBody, by_host, canceling::CancellationInput, may_change},
    uri::InviteePath,
};
use crate::{
    app::scheduled_events::canceling::{Cancel, CancelInvitee},
    context::App,
};
use axum::{extract::State, http::StatusCode, response::Response};

/// Cancel one invitee of a scheduled event
///
/// Their place is free again. With the last invitee the event is canceled.
#[utoipa::path(post, path = "/scheduled_events/{event_uuid}/invitees/{invitee_uuid}/cancellation", tag = "Scheduled events", params(("event_uuid" = uuid::Uuid, Path), ("invitee_uuid" = uuid::Uuid, Path)), request_body = CancellationInput, responses((status = 201, description = "The cancellation", body = Resource<CancellationBody>)))]
pub async fn cancel_event_invitee(
    State(app): State<App>,
    caller: Caller<ScheduledEventsWrite>,
    InviteePath(id, invitee): InviteePath,
    input: Input<CancellationInput>,
) -> Result<Response, Problem> {
    may_change(&app, &caller, id, "cancel").await?;
    let event = Cancel {
        organization: caller.organization,
        id,
        cancellation: by_host(&app, &caller, input.body.reason).await?,
        now: app.now(),
    };
    let sent = (caller.sends(input.idempotency), StatusCode::CREATED);
    let command = CancelInvitee { event, invitee };
    write_once(&app, sent, command, |cancellation| {
        Ok(Resource {
            resource: CancellationBody::new(cancellation),
        })
    })
    .await
}
