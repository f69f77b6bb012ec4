//! `/invitee_no_shows`: the marks of invitees who did not come.

use super::{
    answer::{Resource, write_once},
    caller::{
        Caller,
        scope::{ScheduledEventsRead, ScheduledEventsWrite},
    },
    input::input,
    problem::{Detail, Problem},
    request::Input,
    scheduled_events::{may_change, visible},
    uri::{Id, Uri, Uris},
    value::time::Time,
};
use crate::{
    app::invitee_no_shows::{MarkNoShow, NotExpected, UnknownNoShow, UnmarkNoShow},
    context::{App, fresh_id},
};
use axum::{Json, extract::State, http::StatusCode, response::Response};
use domain::id::{InviteeId, NoShowId};
use serde::Serialize;
use store::{
    invitee_no_shows::{self as rows, NoShow},
    invitees,
};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

/// The routes of this file.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(create_invitee_no_show))
        .routes(routes!(get_invitee_no_show, delete_invitee_no_show))
}

input! {
    /// Who did not come.
    pub struct NewNoShow {
        /// The invitee.
        pub invitee: Uri<InviteeId>,
    }
    example {
        "invitee": "http://127.0.0.1:8080/scheduled_events/0193a5c8-7d3e-7000-8000-2b1f5f0c9a11/invitees/0193a5c8-7d3e-7000-8000-2b1f5f0c9a12"
    }
}

/// The mark of an invitee who did not come.
#[derive(Debug, Serialize, ToSchema)]
pub struct NoShowBody {
    /// The mark's URI.
    #[schema(format = "uri")]
    pub uri: String,
    /// Who did not come.
    #[schema(format = "uri")]
    pub invitee: String,
    /// When it was set.
    pub created_at: Time,
}

impl NoShowBody {
    fn new(no_show: NoShow, uris: &Uris) -> NoShowBody {
        NoShowBody {
            uri: uris.of(no_show.id),
            invitee: uris.invitee(no_show.scheduled_event_id, no_show.invitee_id),
            created_at: Time(no_show.created_at),
        }
    }
}

impl From<NotExpected> for Problem {
    fn from(_: NotExpected) -> Problem {
        Problem::parameter("invitee", "canceled", "must not be canceled")
    }
}

impl From<UnknownNoShow> for Problem {
    fn from(_: UnknownNoShow) -> Problem {
        Problem::not_found()
    }
}

/// Mark an invitee who did not come
///
/// An invitee has one mark at most: who is marked already is answered with the mark that is there.
#[utoipa::path(post, path = "/invitee_no_shows", tag = "Scheduled events", request_body = NewNoShow, responses((status = 201, description = "The mark", body = Resource<NoShowBody>)))]
async fn create_invitee_no_show(
    State(app): State<App>,
    caller: Caller<ScheduledEventsWrite>,
    input: Input<NewNoShow>,
) -> Result<Response, Problem> {
    let invitee_id = input.body.invitee.0;
    let tx = app.store.read().await?;
    let event = invitees::event_of(&tx, caller.organization, invitee_id).await?;
    drop(tx);
    let scheduled_event_id = event.ok_or_else(unknown_invitee)?;
    may_change(&app, &caller, scheduled_event_id, "change").await?;
    let command = MarkNoShow {
        organization: caller.organization,
        no_show: NoShow {
            id: NoShowId(fresh_id()),
            scheduled_event_id,
            invitee_id,
            created_at: app.now(),
        },
    };
    let uris = app.uris();
    let sent = (caller.sends(input.idempotency), StatusCode::CREATED);
    write_once(&app, sent, command, move |no_show| {
        Ok(Resource {
            resource: NoShowBody::new(no_show, &uris),
        })
    })
    .await
}

fn unknown_invitee() -> Problem {
    let message = "is not an invitee of this organization";
    Problem {
        details: vec![Detail::new("invitee", "not_found", message)],
        ..Problem::not_found()
    }
}

async fn marked<S>(app: &App, caller: &Caller<S>, id: NoShowId) -> Result<NoShow, Problem> {
    let tx = app.store.read().await?;
    let no_show = rows::get(&tx, caller.organization, id).await?;
    no_show.ok_or_else(Problem::not_found)
}

/// Get the mark of an invitee who did not come
#[utoipa::path(get, path = "/invitee_no_shows/{uuid}", tag = "Scheduled events", params(("uuid" = uuid::Uuid, Path)), responses((status = 200, description = "The mark", body = Resource<NoShowBody>)))]
async fn get_invitee_no_show(
    State(app): State<App>,
    caller: Caller<ScheduledEventsRead>,
    Id(id): Id<NoShowId>,
) -> Result<Json<Resource<NoShowBody>>, Problem> {
    let no_show = marked(&app, &caller, id).await?;
    visible(&app, &caller, no_show.scheduled_event_id).await?;
    Ok(Json(Resource {
        resource: NoShowBody::new(no_show, &app.uris()),
    }))
}

/// Take back the mark of an invitee
#[utoipa::path(delete, path = "/invitee_no_shows/{uuid}", tag = "Scheduled events", params(("uuid" = uuid::Uuid, Path)), responses((status = 204, description = "Taken back")))]
async fn delete_invitee_no_show(
    State(app): State<App>,
    caller: Caller<ScheduledEventsWrite>,
    Id(id): Id<NoShowId>,
) -> Result<StatusCode, Problem> {
    let no_show = marked(&app, &caller, id).await?;
    may_change(&app, &caller, no_show.scheduled_event_id, "change").await?;
    let command = UnmarkNoShow {
        organization: caller.organization,
        id,
        now: app.now(),
    };
    app.store.write(caller.by(), command).await?;
    Ok(StatusCode::NO_CONTENT)
}
