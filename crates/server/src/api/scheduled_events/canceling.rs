//! `/scheduled_events/{uuid}/cancellation`: a meeting does not take place, or a series ends.

use super::{body::CancellationBody, by_host, may_change};
use crate::api::{
    answer::write_once,
    caller::{Caller, scope::ScheduledEventsWrite},
    input::input,
    problem::Problem,
    request::Input,
    uri::{Id, Uris},
    value::{text::Text, words},
};
use crate::{
    app::scheduled_events::{
        Cancellation,
        canceling::{Cancel, CancelingRefusal},
        rest_of_series::CancelRest,
    },
    context::App,
};
use axum::{extract::State, http::StatusCode, response::Response};
use domain::id::ScheduledEventId;
use serde::Serialize;
use utoipa::ToSchema;

words! {
    /// Which meetings of a series are meant.
    pub enum SeriesRange {
        /// This one only.
        This = "this",
        /// This one and all later ones.
        ThisAndFollowing = "this_and_following",
    }
}

input! {
    /// Why a meeting is canceled.
    pub struct CancellationInput {
        /// For the invitees to read.
        pub reason: Option<Text<0, 10_000>>,
    }
    example {"reason": "I am ill, sorry."}
}

input! {
    /// Why a meeting is canceled, and whether the rest of its series is.
    pub struct EventCancellationInput {
        /// For the invitees to read.
        pub reason: Option<Text<0, 10_000>>,
        /// Of a series: which of its meetings; `this` by default.
        pub range: Option<SeriesRange>,
    }
    example {"reason": "I am ill, sorry."}
}

/// What was canceled.
#[derive(Debug, Serialize, ToSchema)]
pub struct CanceledBody {
    /// The cancellation.
    pub resource: CancellationBody,
    /// The events that were canceled; only where later ones of a series were asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub events: Option<Vec<String>>,
}

impl From<CancelingRefusal> for Problem {
    fn from(refusal: CancelingRefusal) -> Problem {
        match refusal {
            CancelingRefusal::Unknown => Problem::not_found(),
            CancelingRefusal::State(refusal) => refusal.into(),
            CancelingRefusal::OthersHost => {
                Problem::denied("Others hold some of the events of this series")
            }
        }
    }
}

/// Cancel a scheduled event
///
/// With all of its invitees. The time is free again.
#[utoipa::path(post, path = "/scheduled_events/{uuid}/cancellation", tag = "Scheduled events", params(("uuid" = uuid::Uuid, Path)), request_body = EventCancellationInput, responses((status = 201, description = "The cancellation", body = CanceledBody)))]
pub async fn cancel_scheduled_event(
    State(app): State<App>,
    caller: Caller<ScheduledEventsWrite>,
    Id(id): Id<ScheduledEventId>,
    input: Input<EventCancellationInput>,
) -> Result<Response, Problem> {
    may_change(&app, &caller, id, "cancel").await?;
    let command = Cancel {
        organization: caller.organization,
        id,
        cancellation: by_host(&app, &caller, input.body.reason).await?,
        now: app.now(),
    };
    let sent = (caller.sends(input.idempotency), StatusCode::CREATED);
    let uris = app.uris();
    if input.body.range == Some(SeriesRange::ThisAndFollowing) {
        let body = move |(cancellation, ids)| Ok(canceled(cancellation, Some(ids), &uris));
        return write_once(&app, sent, rest(command, &caller), body).await;
    }
    let body = move |cancellation| Ok(canceled(cancellation, None, &uris));
    write_once(&app, sent, command, body).await
}

fn rest<S>(first: Cancel, caller: &Caller<S>) -> CancelRest {
    CancelRest {
        first,
        host: caller.unless_admin(),
    }
}

fn canceled(
    cancellation: Cancellation,
    ids: Option<Vec<ScheduledEventId>>,
    uris: &Uris,
) -> CanceledBody {
    let uri = |ids: Vec<ScheduledEventId>| ids.into_iter().map(|id| uris.of(id)).collect();
    CanceledBody {
        resource: CancellationBody::new(cancellation),
        events: ids.map(uri),
    }
}
