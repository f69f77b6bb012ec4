//! `/shares`: links by which one meeting can be booked, once, with settings of its own.

mod body;
mod input;

use super::{
    answer::{Resource, write_once},
    caller::{Caller, scope::SharesWrite},
    problem::{Detail, Problem},
    request::Input,
    scheduling_links::{fresh_link, linkable},
};
use crate::{
    app::{
        scheduling_links::{
            AddLink,
            overrides::{Overrides, ShareMistake},
        },
        timelines,
    },
    context::App,
};
use axum::{extract::State, http::StatusCode, response::Response};
use body::ShareBody;
use input::NewShare;
use std::sync::Arc;
use utoipa_axum::{router::OpenApiRouter, routes};

/// The routes of this file.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(create_share))
}

fn detail(mistake: ShareMistake) -> Detail {
    match mistake {
        ShareMistake::NotOneOnOne => Detail::new(
            "event_type",
            "not_one_on_one",
            "must have one host and one invitee",
        ),
        ShareMistake::DurationNotAnOption => Detail::new(
            "duration",
            "not_an_option",
            "must be one of duration_options, or of the event type's",
        ),
        ShareMistake::OptionTwice => Detail::new(
            "duration_options",
            "duplicate",
            "must not have a duration twice",
        ),
    }
}

/// Make a link with settings of its own by which one meeting can be booked
///
/// What is left out is as the event type says. The link can be used as others can, for 90 days.
#[utoipa::path(post, path = "/shares", tag = "Scheduling links", request_body = NewShare, responses((status = 201, description = "The link, and all settings as they are for who books by it", body = Resource<ShareBody>)))]
async fn create_share(
    State(app): State<App>,
    caller: Caller<SharesWrite>,
    input: Input<NewShare>,
) -> Result<Response, Problem> {
    let body = input.body;
    let (organization, id) = (caller.organization, body.event_type.0);
    let known = linkable(&app, &caller, ("event_type", id)).await?;
    let event_type = &known.value.event_type;
    let schedule = body.schedule(event_type, app.now())?;
    let overrides = body.overrides(schedule.as_ref());
    let mistakes = overrides.mistakes(event_type);
    if !mistakes.is_empty() {
        return Err(Problem::invalid(mistakes.into_iter().map(detail).collect()));
    }
    let hours = if let Some(schedule) = &schedule {
        schedule.clone()
    } else {
        let tx = app.store.read().await?;
        let owner = (&**event_type, event_type.user_id);
        timelines::schedule_of_host(&tx, organization, owner).await?
    };
    let command = AddLink {
        organization,
        link: fresh_link(&app, &caller, id, Some(overrides.document()))?,
        schedule,
    };
    let (uris, event_type) = (app.uris(), Arc::clone(event_type));
    let sent = (caller.sends(input.idempotency), StatusCode::CREATED);
    write_once(&app, sent, command, move |link| {
        let shared = (&*event_type, &Overrides::of(&link)?.unwrap_or_default());
        let resource = ShareBody::new(&link, shared, &hours.schedule, &uris)?;
        Ok(Resource { resource })
    })
    .await
}
