//! `/holds`: times that are kept for somebody for some minutes.

use super::{
    alternatives::advised,
    answer::{Resource, write_or_try},
    caller::{
        Caller,
        scope::{ScheduledEventsRead, ScheduledEventsWrite},
    },
    dry_run::DryRun,
    input::input,
    problem::Problem,
    request::Input,
    uri::{Id, Uri, Uris},
    value::{Int, time::Time},
};
use crate::{
    app::{
        event_type_available_times::Purpose,
        holds::{HoldRefusal, PlaceHold, Release, UnknownHold, current},
        scheduled_events::{booking::BookingRefusal, is_bookable},
    },
    context::{App, fresh_id},
};
use axum::{Json, extract::State, http::StatusCode, response::Response};
use domain::id::{EventTypeId, HoldId};
use jiff::SignedDuration;
use serde::Serialize;
use store::{event_types, holds::Hold};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

/// The routes of this file.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(create_hold))
        .routes(routes!(get_hold, delete_hold))
}

input! {
    /// A time to keep.
    pub struct NewHold {
        /// What is to be booked.
        pub event_type: Uri<EventTypeId>,
        /// From when: one of the starts on offer.
        pub start_time: Time,
        /// For how many seconds; 300 by default.
        pub expires_in: Option<Int<30, 1_800>>,
    }
    example {
        "event_type": "http://127.0.0.1:8080/event_types/0193a5c8-7d3e-7000-8000-2b1f5f0c9a11",
        "start_time": "2030-01-07T09:00:00Z",
        "expires_in": 300
    }
}

/// Seconds for which a time is kept by default.
const USUAL: u32 = 300;

/// A time that is kept.
#[derive(Debug, Serialize, ToSchema)]
pub struct HoldBody {
    /// The hold's URI.
    #[schema(format = "uri")]
    pub uri: String,
    /// What is to be booked.
    #[schema(format = "uri")]
    pub event_type: String,
    /// From when.
    pub start_time: Time,
    /// Until when.
    pub end_time: Time,
    /// The hosts whose time is kept.
    pub hosts: Vec<String>,
    /// When it was placed.
    pub created_at: Time,
    /// When it ends by itself, by the database's clock.
    pub expires_at: Time,
}

impl HoldBody {
    fn new(hold: &Hold, uris: &Uris) -> HoldBody {
        HoldBody {
            uri: uris.of(hold.id),
            event_type: uris.of(hold.event_type_id),
            start_time: Time(hold.interval.start()),
            end_time: Time(hold.interval.end()),
            hosts: hold.hosts.iter().map(|host| uris.of(host.id)).collect(),
            created_at: Time(hold.created_at),
            expires_at: Time(hold.expires_at),
        }
    }
}

impl From<HoldRefusal> for Problem {
    fn from(refusal: HoldRefusal) -> Problem {
        match refusal {
            HoldRefusal::TooMany(most) => Problem::too_many_holds(most),
            HoldRefusal::Booking(refusal) => refusal.into(),
        }
    }
}

/// Hold a time
///
/// It is taken as a booking would take it, for as long as `expires_in` says. `POST /invitees` with `hold` turns it into
/// the booking. A hold ends by itself; `DELETE` ends it at once.
#[utoipa::path(post, path = "/holds", tag = "Scheduled events", params(("dry_run" = Option<bool>, Query, description = "Only say what would happen")), request_body = NewHold, responses((status = 201, description = "The hold", body = Resource<HoldBody>), (status = 200, description = "What a dry run would have held", body = Resource<HoldBody>)))]
async fn create_hold(
    State(app): State<App>,
    caller: Caller<ScheduledEventsWrite>,
    trial: DryRun,
    input: Input<NewHold>,
) -> Result<Response, Problem> {
    let body = input.body;
    let (organization, start) = (caller.organization, body.start_time.0);
    let tx = app.store.read().await?;
    let event_type = event_types::get(&tx, organization, body.event_type.0).await?;
    drop(tx);
    let event_type = event_type
        .filter(is_bookable)
        .ok_or(BookingRefusal::UnknownEventType)?;
    let seconds = body.expires_in.map_or(USUAL, |seconds| seconds.0);
    let command = PlaceHold {
        organization,
        id: HoldId(fresh_id()),
        event_type_id: event_type.id,
        start,
        lasts: SignedDuration::from_secs(seconds.into()),
        by: (caller.token, caller.user),
        most: app.config.max_holds_per_token,
        now: app.now(),
    };
    let uris = app.uris();
    let sent = (caller.sends(input.idempotency), StatusCode::CREATED);
    let placed = write_or_try(&app, trial, sent, command, move |hold| {
        let resource = HoldBody::new(&hold, &uris);
        Ok(Resource { resource })
    })
    .await;
    match placed {
        Err(problem) => {
            let wanted = (start, Purpose::Booking);
            Err(advised(&app, (organization, event_type.id), wanted, problem).await)
        }
        placed => placed,
    }
}

/// A hold that has not ended and that the caller may see: one's own, or any for an administrator.
async fn visible<S>(app: &App, caller: &Caller<S>, id: HoldId) -> Result<Hold, Problem> {
    let tx = app.store.read().await?;
    let hold = current(&tx, caller.organization, id).await?;
    let hold = hold.ok_or_else(Problem::not_found)?;
    caller.must_act_for(hold.user_id)?;
    Ok(hold)
}

/// Get a hold
#[utoipa::path(get, path = "/holds/{uuid}", tag = "Scheduled events", params(("uuid" = uuid::Uuid, Path)), responses((status = 200, description = "The hold, while it has not ended", body = Resource<HoldBody>)))]
async fn get_hold(
    State(app): State<App>,
    caller: Caller<ScheduledEventsRead>,
    Id(id): Id<HoldId>,
) -> Result<Json<Resource<HoldBody>>, Problem> {
    let hold = visible(&app, &caller, id).await?;
    Ok(Json(Resource {
        resource: HoldBody::new(&hold, &app.uris()),
    }))
}

impl From<UnknownHold> for Problem {
    fn from(_: UnknownHold) -> Problem {
        Problem::not_found()
    }
}

/// End a hold
///
/// Its time is free at once.
#[utoipa::path(delete, path = "/holds/{uuid}", tag = "Scheduled events", params(("uuid" = uuid::Uuid, Path)), responses((status = 204, description = "Freed")))]
async fn delete_hold(
    State(app): State<App>,
    caller: Caller<ScheduledEventsWrite>,
    Id(id): Id<HoldId>,
) -> Result<StatusCode, Problem> {
    visible(&app, &caller, id).await?;
    let organization = caller.organization;
    app.store
        .write(caller.by(), Release { organization, id })
        .await?;
    Ok(StatusCode::NO_CONTENT)
}
