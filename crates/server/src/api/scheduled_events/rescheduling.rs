//! `/scheduled_events/{uuid}/rescheduling`: a meeting moves, or stays where it is.

use super::{body::ScheduledEventBody, by_host, canceling::SeriesRange, may_change};
use crate::api::{
    alternatives::advised,
    answer::write_or_try,
    caller::{Caller, scope::ScheduledEventsWrite},
    dry_run::DryRun,
    input::input,
    invitees::series::refused,
    problem::Problem,
    request::Input,
    uri::{Id, Uris},
    value::{text::Text, time::Time},
};
use crate::{
    app::{
        event_type_available_times::Purpose,
        scheduled_events::{
            rescheduling::{Move, Reschedule, ReschedulingRefusal},
            rest_of_series,
        },
        timelines,
    },
    context::{App, fresh_id},
};
use axum::{extract::State, http::StatusCode, response::Response};
use domain::{
    id::{InviteeId, OrganizationId, ScheduledEventId},
    scheduled_event::EventStatus,
};
use serde::Serialize;
use store::{
    ReadTx, StoreError,
    event_types::{self, EventType},
    invitees,
    scheduled_events::{ListedEvent, ScheduledEvent},
};
use utoipa::ToSchema;

/// So often a request is carried out anew when somebody joins the event meanwhile.
const TRIES: usize = 5;

input! {
    /// To when a meeting is moved, and why.
    pub struct ReschedulingInput {
        /// The new start, one of those on offer.
        pub start_time: Time,
        /// For the invitees to read.
        pub reason: Option<Text<0, 10_000>>,
        /// Of a series: which of its meetings; `this` by default. Later ones move by as much on the host's clock.
        pub range: Option<SeriesRange>,
    }
    example {"start_time": "2030-01-08T09:00:00Z", "reason": "Something came up."}
}

/// What was moved.
#[derive(Debug, Serialize, ToSchema)]
pub struct RescheduledBody {
    /// The new event.
    pub resource: ScheduledEventBody,
    /// All new events; only where later ones of a series were asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub events: Option<Vec<String>>,
}

impl From<ReschedulingRefusal> for Problem {
    fn from(refusal: ReschedulingRefusal) -> Problem {
        match refusal {
            ReschedulingRefusal::Unknown => Problem::not_found(),
            ReschedulingRefusal::HostGone => Problem::denied("The host of this event was removed"),
            ReschedulingRefusal::OthersHost => {
                Problem::denied("Others hold some of the events of this series")
            }
            ReschedulingRefusal::Changed => Problem::changed(),
            ReschedulingRefusal::Time(refusal) => refusal.into(),
            ReschedulingRefusal::Starts(failed) => {
                Problem::dates(failed.iter().map(refused).collect())
            }
        }
    }
}

/// Reschedule a scheduled event
///
/// The old time is given up only if the new one is won. The old event is canceled and its invitees say to whom they
/// moved; the answer is the new event.
#[utoipa::path(post, path = "/scheduled_events/{uuid}/rescheduling", tag = "Scheduled events", params(("uuid" = uuid::Uuid, Path), ("dry_run" = Option<bool>, Query, description = "Only say what would happen")), request_body = ReschedulingInput, responses((status = 201, description = "The new event", body = RescheduledBody), (status = 200, description = "What a dry run would have moved", body = RescheduledBody)))]
pub async fn reschedule_scheduled_event(
    State(app): State<App>,
    caller: Caller<ScheduledEventsWrite>,
    Id(id): Id<ScheduledEventId>,
    trial: DryRun,
    input: Input<ReschedulingInput>,
) -> Result<Response, Problem> {
    let listed = may_change(&app, &caller, id, "reschedule").await?;
    let organization = caller.organization;
    let (start, is_rest) = (
        input.body.start_time.0,
        input.body.range == Some(SeriesRange::ThisAndFollowing),
    );
    let event_type = event_type_of(&app, organization, &listed.event).await?;
    let mut command = Reschedule {
        organization,
        moves: Vec::new(),
        host: caller.unless_admin(),
        start,
        zone: zone_of(&app, organization, &event_type).await?,
        cancellation: by_host(&app, &caller, input.body.reason).await?,
        now: app.now(),
    };
    let sender = caller.sends(input.idempotency);
    let mut tries = 1..=TRIES;
    loop {
        command.moves = moves(&app, organization, &listed.event, is_rest).await?;
        let uris = app.uris();
        let body = move |listed| rescheduled(listed, is_rest, &uris);
        let sent = (sender.clone(), StatusCode::CREATED);
        match write_or_try(&app, trial, sent, command.clone(), body).await {
            Err(problem) if problem.is_about_change() && tries.next().is_some() => {}
            Err(problem) if event_type.hidden => return Err(problem),
            Err(problem) => {
                let wanted = (start, Purpose::Moving);
                return Err(advised(&app, (organization, event_type.id), wanted, problem).await);
            }
            done => return done,
        }
    }
}

async fn event_type_of(
    app: &App,
    organization: OrganizationId,
    event: &ScheduledEvent,
) -> Result<EventType, Problem> {
    let tx = app.store.read().await?;
    let event_type = event_types::get(&tx, organization, event.event_type_id).await?;
    let missing = || StoreError::missing("event_types", event.event_type_id);
    Ok(event_type.ok_or_else(missing)?)
}

async fn zone_of(
    app: &App,
    organization: OrganizationId,
    event_type: &EventType,
) -> Result<jiff::tz::TimeZone, Problem> {
    let tx = app.store.read().await?;
    let owner = (event_type, event_type.user_id);
    let schedule = timelines::schedule_of_host(&tx, organization, owner).await?;
    Ok(schedule.schedule.zone().clone())
}

/// The events that move, with fresh ids for them and for their invitees.
async fn moves(
    app: &App,
    organization: OrganizationId,
    event: &ScheduledEvent,
    is_rest: bool,
) -> Result<Vec<Move>, Problem> {
    let tx = app.store.read().await?;
    let ids = if is_rest {
        rest_of_series::ids(&tx, organization, event).await?
    } else {
        vec![event.id]
    };
    let mut moves = Vec::with_capacity(ids.len());
    for id in ids {
        moves.push(Move {
            id,
            new_id: ScheduledEventId(fresh_id()),
            invitees: replacements(&tx, organization, id).await?,
        });
    }
    Ok(moves)
}

/// A fresh id for each invitee that moves along.
async fn replacements(
    tx: &ReadTx<'_>,
    organization: OrganizationId,
    event: ScheduledEventId,
) -> Result<Vec<(InviteeId, InviteeId)>, StoreError> {
    let invitees = invitees::of_event(tx, organization, event).await?;
    let coming = invitees
        .into_iter()
        .filter(|invitee| invitee.status == EventStatus::Active);
    Ok(coming
        .map(|invitee| (InviteeId(fresh_id()), invitee.id))
        .collect())
}

fn rescheduled(
    listed: Vec<ListedEvent>,
    is_rest: bool,
    uris: &Uris,
) -> Result<RescheduledBody, StoreError> {
    let events = listed.iter().map(|listed| uris.of(listed.event.id));
    let events = is_rest.then(|| events.collect());
    let first = listed.into_iter().next();
    let first = first.ok_or_else(|| StoreError::invalid("a move of no event"))?;
    Ok(RescheduledBody {
        resource: ScheduledEventBody::new(first, uris)?,
        events,
    })
}
