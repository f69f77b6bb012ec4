//! `/user_busy_times` and `/user_free_times`: what takes a user's time, and what is left of it.

use super::{
    answer::{Listing, Resource, SeenBefore, json_bytes, write_once},
    caller::{
        Caller,
        scope::{AvailabilityRead, AvailabilityWrite},
    },
    input::input,
    problem::Problem,
    range::{self, MAX_RANGE},
    request::{Input, Query},
    uri::{Id, Uri, Uris},
    value::{
        List,
        text::Text,
        time::{Time, Zone},
        words,
    },
};
use crate::{
    app::{
        facts::HostFacts,
        timelines,
        user_busy_times::{AddBusyTime, BusyTimeRefusal, RemoveBusyTime, UnknownBusyTime, blocked},
    },
    cache::Kept,
    context::{App, fresh_id},
};
use axum::{Json, extract::State, http::StatusCode, response::Response};
use domain::{
    busy::{BusyInterval, BusyKind},
    civil,
    id::{BusyTimeId, ScheduledEventId, UserId},
    interval::Interval,
};
use serde::Serialize;
use std::sync::Arc;
use store::{
    StoreError, busy_intervals,
    user_busy_times::{self, BusyTime},
    users,
};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

/// The routes of this file.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_user_busy_times, create_user_busy_time))
        .routes(routes!(delete_user_busy_time))
        .routes(routes!(list_user_free_times))
}

words! {
    /// What takes the time.
    pub enum BusyType {
        /// A scheduled event of this server.
        Calendly = "calendly",
        /// Time that the user blocked, or an outside calendar.
        External = "external",
        /// A hold.
        Reserved = "reserved",
    }
}

/// An interval in which a user is taken.
#[derive(Debug, Serialize, ToSchema)]
pub struct BusyBody {
    /// What takes the time.
    #[serde(rename = "type")]
    pub kind: BusyType,
    /// When it starts.
    pub start_time: Time,
    /// When it ends.
    pub end_time: Time,
    /// When the buffer before it starts; of scheduled events.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub buffered_start_time: Option<Time>,
    /// When the buffer after it ends; of scheduled events.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub buffered_end_time: Option<Time>,
    /// The scheduled event.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub event: Option<EventLink>,
    /// The URI of the busy time, for `DELETE`; of time that the user blocked.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, format = "uri")]
    pub uri: Option<String>,
}

/// A link to a scheduled event.
#[derive(Debug, Serialize, ToSchema)]
pub struct EventLink {
    /// The event's URI.
    #[schema(format = "uri")]
    pub uri: String,
}

impl BusyBody {
    /// What is shown of it: events whole, other busy time as far as it lies within the range.
    fn new(busy: &BusyInterval, range: Interval, uris: &Uris) -> Option<BusyBody> {
        let is_event = busy.kind == BusyKind::ScheduledEvent;
        let shown = if is_event {
            busy.interval
        } else {
            busy.interval.intersection(&range)?
        };
        Some(BusyBody {
            kind: match busy.kind {
                BusyKind::ScheduledEvent => BusyType::Calendly,
                BusyKind::BusyTime => BusyType::External,
                BusyKind::Hold => BusyType::Reserved,
            },
            start_time: Time(shown.start()),
            end_time: Time(shown.end()),
            buffered_start_time: is_event.then(|| Time(busy.buffered.start())),
            buffered_end_time: is_event.then(|| Time(busy.buffered.end())),
            event: is_event.then(|| EventLink {
                uri: uris.of(ScheduledEventId(busy.source)),
            }),
            uri: (busy.kind == BusyKind::BusyTime).then(|| uris.of(BusyTimeId(busy.source))),
        })
    }
}

input! {
    /// Whose time, and when.
    pub struct UserRange {
        /// The user.
        pub user: Uri<UserId>,
        /// From when on.
        pub start_time: Time,
        /// Until when: at most 366 days after `start_time`.
        pub end_time: Time,
    }
}

/// List what takes a user's time
///
/// Scheduled events are shown whole, other busy time as far as it lies within the range.
#[utoipa::path(get, path = "/user_busy_times", tag = "Availability", params(UserRange), responses((status = 200, description = "All busy intervals that touch the range, by start", body = Listing<BusyBody>)))]
async fn list_user_busy_times(
    State(app): State<App>,
    caller: Caller<AvailabilityRead>,
    Query { query, .. }: Query<UserRange>,
) -> Result<Json<Listing<BusyBody>>, Problem> {
    let asked = range::checked(query.start_time, query.end_time, MAX_RANGE)?;
    let tx = app.store.read().await?;
    let user = query.user.0;
    users::get_active(&tx, caller.organization, user)
        .await?
        .ok_or_else(Problem::not_in_organization)?;
    let busy = busy_intervals::overlapping(&tx, caller.organization, user, asked).await?;
    let uris = app.uris();
    let mut collection: Vec<BusyBody> = Vec::new();
    for interval in busy.iter() {
        let Some(body) = BusyBody::new(interval, asked, &uris) else {
            continue;
        };
        let same = |other: &&mut BusyBody| other.uri.is_some() && other.uri == body.uri;
        match collection.iter_mut().rev().find(same) {
            // a busy time of several days is stored in pieces
            Some(piece) if piece.end_time == body.start_time => piece.end_time = body.end_time,
            _ => collection.push(body),
        }
    }
    Ok(Json(Listing { collection }))
}

/// A free interval.
#[derive(Debug, Serialize, ToSchema)]
pub struct FreeBody {
    /// When it starts.
    pub start_time: Time,
    /// When it ends.
    pub end_time: Time,
}

/// Show when a user is free
///
/// Their default schedule without what takes their time, buffers included. The past may be asked about too.
#[utoipa::path(get, path = "/user_free_times", tag = "Availability", params(UserRange), responses((status = 200, description = "All free intervals within the range, by start", body = Listing<FreeBody>), (status = 304, description = "The caller has this answer, by its `If-None-Match`")))]
async fn list_user_free_times(
    State(app): State<App>,
    caller: Caller<AvailabilityRead>,
    seen: SeenBefore,
    Query { query, .. }: Query<UserRange>,
) -> Result<Response, Problem> {
    let asked = range::checked(query.start_time, query.end_time, MAX_RANGE)?;
    let (organization, user) = (caller.organization, query.user.0);
    let known = app.facts.host(organization, user).await?;
    let is_there = |host: &Arc<Kept<HostFacts>>| host.value.user.deactivated_at.is_none();
    known
        .filter(is_there)
        .ok_or_else(Problem::not_in_organization)?;
    let timeline = timelines::of_known_user(&app.facts, organization, user, asked).await?;
    let free = timeline.free(asked);
    let body = |interval: &Interval| FreeBody {
        start_time: Time(interval.start()),
        end_time: Time(interval.end()),
    };
    let body = Listing {
        collection: free.iter().map(body).collect(),
    };
    seen.answer(json_bytes(&body)?)
}

/// Time that a user blocked.
#[derive(Debug, Serialize, ToSchema)]
pub struct BusyTimeBody {
    /// The busy time's URI.
    #[schema(format = "uri")]
    pub uri: String,
    /// Who is busy.
    #[schema(format = "uri")]
    pub user: String,
    /// When it starts; the first time, where it recurs.
    pub start_time: Time,
    /// When it ends; the first time, where it recurs.
    pub end_time: Time,
    /// Why.
    #[schema(required = true)]
    pub reason: Option<String>,
    /// RFC 5545 recurrence rule.
    #[schema(required = true)]
    pub rrule: Option<String>,
    /// Starts that the rule leaves out.
    pub exdates: Vec<Time>,
    /// The zone whose wall time the rule follows.
    pub timezone: String,
    /// When it was set.
    pub created_at: Time,
}

impl BusyTimeBody {
    fn new(busy_time: BusyTime, uris: &Uris) -> BusyTimeBody {
        BusyTimeBody {
            uri: uris.of(busy_time.id),
            user: uris.of(busy_time.user_id),
            start_time: Time(busy_time.interval.start()),
            end_time: Time(busy_time.interval.end()),
            reason: busy_time.reason,
            rrule: busy_time.rrule,
            exdates: busy_time.exdates.into_iter().map(Time).collect(),
            timezone: busy_time.timezone,
            created_at: Time(busy_time.created_at),
        }
    }
}

input! {
    /// Time to block.
    pub struct NewBusyTime {
        /// When it starts.
        pub start_time: Time,
        /// When it ends: at most 366 days after `start_time`.
        pub end_time: Time,
        /// Why.
        pub reason: Option<Text<0, 1000>>,
        /// RFC 5545 recurrence rule with COUNT or UNTIL, at most daily and at most 1000 times, such as FREQ=WEEKLY;BYDAY=MO,WE;COUNT=20.
        pub rrule: Option<Text<1, 500>>,
        /// Starts that the rule leaves out.
        pub exdates: Option<List<Time, 0, 1000>>,
        /// The zone whose wall time the rule follows; the user's by default.
        pub timezone: Option<Zone>,
        /// Whose time; the caller's by default. Others need an administrator.
        pub user: Option<Uri<UserId>>,
    }
    example {
        "start_time": "2030-01-07T12:00:00Z",
        "end_time": "2030-01-07T13:00:00Z",
        "reason": "Lunch",
        "rrule": "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR;COUNT=100",
        "timezone": "Europe/Berlin"
    }
}

/// Block time
#[utoipa::path(post, path = "/user_busy_times", tag = "Availability", request_body = NewBusyTime, responses((status = 201, description = "The blocked time", body = Resource<BusyTimeBody>)))]
async fn create_user_busy_time(
    State(app): State<App>,
    caller: Caller<AvailabilityWrite>,
    input: Input<NewBusyTime>,
) -> Result<Response, Problem> {
    let body = input.body;
    let interval = range::checked(body.start_time, body.end_time, MAX_RANGE)?;
    if body.rrule.is_none()
        && body
            .exdates
            .as_ref()
            .is_some_and(|dates| !dates.0.is_empty())
    {
        return Err(Problem::parameter(
            "exdates",
            "needs_rrule",
            "must come with an rrule",
        ));
    }
    let user_id = body.user.map_or(caller.user, |user| user.0);
    caller.must_act_for(user_id)?;
    let tx = app.store.read().await?;
    let user = users::get_active(&tx, caller.organization, user_id)
        .await?
        .ok_or_else(Problem::not_found)?;
    drop(tx);
    let exdates = body.exdates.map(|dates| dates.0).unwrap_or_default();
    let zone = match body.timezone {
        Some(zone) => zone.0,
        None => civil::zone(&user.timezone)
            .ok_or_else(|| StoreError::corrupt("users", "timezone", user.id, "an unknown zone"))?,
    };
    let busy_time = BusyTime {
        id: BusyTimeId(fresh_id()),
        user_id,
        interval,
        reason: body.reason.map(|reason| reason.0),
        rrule: body.rrule.map(|rule| rule.0),
        exdates: exdates.into_iter().map(|time| time.0).collect(),
        timezone: civil::zone_name(&zone).to_owned(),
        created_at: app.now(),
    };
    let command = AddBusyTime {
        organization: caller.organization,
        blocked: blocked(&busy_time, zone)?,
        busy_time,
    };
    let uris = app.uris();
    write_once(
        &app,
        (caller.sends(input.idempotency), StatusCode::CREATED),
        command,
        move |busy_time| {
            Ok(Resource {
                resource: BusyTimeBody::new(busy_time, &uris),
            })
        },
    )
    .await
}

impl From<BusyTimeRefusal> for Problem {
    fn from(refusal: BusyTimeRefusal) -> Problem {
        let (parameter, code) = match &refusal {
            BusyTimeRefusal::Recurrence(_) => ("rrule", "invalid_rrule"),
            BusyTimeRefusal::Nothing => ("exdates", "nothing_left"),
            BusyTimeRefusal::TooLong => ("rrule", "too_long"),
        };
        Problem::parameter(parameter, code, refusal.to_string())
    }
}

impl From<UnknownBusyTime> for Problem {
    fn from(_: UnknownBusyTime) -> Problem {
        Problem::not_found()
    }
}

/// Free blocked time
#[utoipa::path(delete, path = "/user_busy_times/{uuid}", tag = "Availability", params(("uuid" = uuid::Uuid, Path)), responses((status = 204, description = "Freed")))]
async fn delete_user_busy_time(
    State(app): State<App>,
    caller: Caller<AvailabilityWrite>,
    Id(id): Id<BusyTimeId>,
) -> Result<StatusCode, Problem> {
    let tx = app.store.read().await?;
    let busy_time = user_busy_times::get(&tx, caller.organization, id)
        .await?
        .ok_or_else(Problem::not_found)?;
    drop(tx);
    caller.must_act_for(busy_time.user_id)?;
    let command = RemoveBusyTime {
        organization: caller.organization,
        id,
    };
    app.store.write(caller.by(), command).await?;
    Ok(StatusCode::NO_CONTENT)
}
