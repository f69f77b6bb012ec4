//! `/meeting_recaps`: what was said in meetings, posted by whatever writes it down.

pub mod body;
pub mod changes;

use crate::api::{
    answer::{Resource, write_once},
    caller::{
        Caller,
        scope::{MeetingRecapsRead, MeetingRecapsWrite},
    },
    input::input,
    page::{Collection, Count, PageToken, Sorted},
    problem::Problem,
    range,
    request::{Input, Query},
    scheduled_events,
    uri::{Id, Uri},
    value::{text::Email, time::Time},
};
use crate::{
    app::meeting_recaps::{AddRecap, EditRecap, RemoveRecap, UnknownRecap, is_theirs},
    context::{App, fresh_id},
};
use axum::{Json, extract::State, http::StatusCode, response::Response};
use body::{ListedMeetingRecapBody, MeetingRecapBody, MeetingRecapTranscriptBody, transcript_uri};
use changes::{MeetingRecapChanges, NewMeetingRecap, StatusInput, attendees};
use domain::{
    id::{MeetingRecapId, ScheduledEventId},
    scheduled_event::EventStatus,
};
use store::{
    ReadTx, StoreError, invitees,
    meeting_recaps::{
        self, Attendee, ListedRecap, MeetingRecap, RecapStatus,
        listing::{self, Filter},
    },
    page::Order,
    scheduled_events::ListedEvent,
};
use utoipa_axum::{router::OpenApiRouter, routes};

/// The routes of this file.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_meeting_recaps, create_meeting_recap))
        .routes(routes!(
            get_meeting_recap,
            update_meeting_recap,
            delete_meeting_recap
        ))
        .routes(routes!(get_meeting_recap_transcript))
}

impl From<UnknownRecap> for Problem {
    fn from(_: UnknownRecap) -> Problem {
        Problem::not_found()
    }
}

input! {
    /// Which recaps.
    pub struct ListMeetingRecaps {
        /// Of this event.
        pub event: Option<Uri<ScheduledEventId>>,
        /// Of meetings that end then or later.
        pub start_time: Option<Time>,
        /// Of meetings that start then or earlier.
        pub end_time: Option<Time>,
        /// With this status; `available` by default.
        pub status: Option<StatusInput>,
        /// With somebody of this mail address.
        pub attendee: Option<Email>,
        /// Rows on a page, 20 by default.
        pub count: Count,
        /// Where the page begins, from an earlier answer.
        pub page_token: PageToken,
    }
}

/// List the recaps of meetings
///
/// Those of one's own note taker and of meetings that one holds; for administrators all.
#[utoipa::path(get, path = "/meeting_recaps", tag = "Meeting recaps", params(ListMeetingRecaps), responses((status = 200, description = "A page of recaps, the latest meeting first", body = Collection<ListedMeetingRecapBody>)))]
async fn list_meeting_recaps(
    State(app): State<App>,
    caller: Caller<MeetingRecapsRead>,
    Query { query, target }: Query<ListMeetingRecaps>,
) -> Result<Json<Collection<ListedMeetingRecapBody>>, Problem> {
    let sorted = Sorted {
        by: "meeting_recaps",
        order: Order::Descending,
    };
    let request = sorted.request(query.count, query.page_token)?;
    let filter = Filter {
        seen_by: caller.unless_admin(),
        event: query.event.map(|event| event.0),
        min_end: query.start_time.map(|time| time.0),
        max_start: query.end_time.map(|time| time.0),
        status: query
            .status
            .map_or(RecapStatus::Available, |status| status.0),
        attendee: query.attendee.map(|email| email.0),
    };
    let tx = app.store.read().await?;
    let page = listing::list(&tx, caller.organization, &filter, &request).await?;
    let uris = app.uris();
    Ok(Json(sorted.collection(
        page,
        (&uris, &target),
        |recap| (recap.interval.start(), recap.id.0),
        |recap| ListedMeetingRecapBody::new(recap, &uris),
    )))
}

/// A recap that the caller may see and change.
async fn visible<S>(
    app: &App,
    caller: &Caller<S>,
    id: MeetingRecapId,
) -> Result<MeetingRecap, Problem> {
    let tx = app.store.read().await?;
    let recap = meeting_recaps::get(&tx, caller.organization, id).await?;
    let recap = recap.ok_or_else(Problem::not_found)?;
    if caller.is_admin() || is_theirs(&tx, caller.organization, &recap, caller.user).await? {
        Ok(recap)
    } else {
        let message = "You do not have permission to access this resource";
        Err(Problem::denied(message))
    }
}

/// Get the recap of a meeting
#[utoipa::path(get, path = "/meeting_recaps/{uuid}", tag = "Meeting recaps", params(("uuid" = uuid::Uuid, Path)), responses((status = 200, description = "The recap", body = Resource<MeetingRecapBody>)))]
async fn get_meeting_recap(
    State(app): State<App>,
    caller: Caller<MeetingRecapsRead>,
    Id(id): Id<MeetingRecapId>,
) -> Result<Json<Resource<MeetingRecapBody>>, Problem> {
    let recap = visible(&app, &caller, id).await?;
    Ok(Json(Resource {
        resource: MeetingRecapBody::new(recap, &app.uris()),
    }))
}

/// Get the transcript of a meeting
#[utoipa::path(get, path = "/meeting_recaps/{uuid}/transcript", tag = "Meeting recaps", params(("uuid" = uuid::Uuid, Path)), responses((status = 200, description = "Every word", body = Resource<MeetingRecapTranscriptBody>)))]
async fn get_meeting_recap_transcript(
    State(app): State<App>,
    caller: Caller<MeetingRecapsRead>,
    Id(id): Id<MeetingRecapId>,
) -> Result<Json<Resource<MeetingRecapTranscriptBody>>, Problem> {
    visible(&app, &caller, id).await?;
    let tx = app.store.read().await?;
    let text = meeting_recaps::transcript(&tx, caller.organization, id).await?;
    Ok(Json(Resource {
        resource: MeetingRecapTranscriptBody {
            uri: transcript_uri(id, &app.uris()),
            text: text.ok_or_else(Problem::not_found)?,
        },
    }))
}

/// The hosts and the active invitees of an event.
async fn people<S>(
    tx: &ReadTx<'_>,
    caller: &Caller<S>,
    event: &ListedEvent,
) -> Result<Vec<Attendee>, StoreError> {
    let attendee = |host: bool, email: &str, name: &str| Attendee {
        host,
        email: email.to_owned(),
        name: name.to_owned(),
    };
    let hosts = event.hosts.iter();
    let mut people: Vec<Attendee> = hosts
        .map(|host| attendee(true, &host.email, &host.name))
        .collect();
    let invitees = invitees::of_event(tx, caller.organization, event.event.id).await?;
    let coming = invitees.iter();
    let coming = coming.filter(|invitee| invitee.status == EventStatus::Active);
    people.extend(coming.map(|invitee| attendee(false, &invitee.email, &invitee.name)));
    Ok(people)
}

/// What a list will show of the recap of an event.
async fn of_event(
    app: &App,
    caller: &Caller<MeetingRecapsWrite>,
    event: ScheduledEventId,
    body: NewMeetingRecap,
) -> Result<ListedRecap, Problem> {
    let event = scheduled_events::may_change(app, caller, event, "describe").await?;
    let tx = app.store.read().await?;
    let (attended, now) = match body.attendees {
        Some(named) => (attendees(named), app.now()),
        None => (people(&tx, caller, &event).await?, app.now()),
    };
    Ok(ListedRecap {
        id: MeetingRecapId(fresh_id()),
        user_id: caller.user,
        scheduled_event_id: Some(event.event.id),
        status: body.status.map_or(RecapStatus::Available, |it| it.0),
        name: Some(event.event.name),
        location: event.event.location,
        interval: event.event.state.interval,
        attendees: Some(attended),
        has_transcript: false,
        created_at: now,
        updated_at: now,
    })
}

/// What a list will show of the recap of a meeting that was not booked here.
fn external(
    app: &App,
    caller: &Caller<MeetingRecapsWrite>,
    body: NewMeetingRecap,
) -> Result<ListedRecap, Problem> {
    // that they are there was checked when the body was read
    let times = body.start_time.zip(body.end_time);
    let (start, end) = times.ok_or_else(|| {
        Problem::parameter("start_time", "required", "must be filled, or event instead")
    })?;
    let now = app.now();
    Ok(ListedRecap {
        id: MeetingRecapId(fresh_id()),
        user_id: caller.user,
        scheduled_event_id: None,
        status: body.status.map_or(RecapStatus::Available, |it| it.0),
        name: body.name.map(|name| name.0),
        location: body.location.map(changes::PlaceInput::document),
        interval: range::checked(start, end, range::MAX_RANGE)?,
        attendees: body.attendees.map(attendees),
        has_transcript: false,
        created_at: now,
        updated_at: now,
    })
}

/// Add the recap of a meeting
///
/// Of a scheduled event, its name, times and place are those of the event.
#[utoipa::path(post, path = "/meeting_recaps", tag = "Meeting recaps", request_body = NewMeetingRecap, responses((status = 201, description = "The new recap", body = Resource<MeetingRecapBody>)))]
async fn create_meeting_recap(
    State(app): State<App>,
    caller: Caller<MeetingRecapsWrite>,
    input: Input<NewMeetingRecap>,
) -> Result<Response, Problem> {
    let body = input.body;
    let listed = match body.event {
        Some(Uri(event)) => of_event(&app, &caller, event, body.clone()).await?,
        None => external(&app, &caller, body.clone())?,
    };
    let command = AddRecap {
        organization: caller.organization,
        recap: MeetingRecap {
            listed,
            summary_md: body.summary_md.map(|text| text.0),
            action_items_md: body.action_items_md.map(|text| text.0),
            discussion_md: body.discussion_md.map(|text| text.0),
            share_link: body.share_link.map(|address| address.0),
        },
        transcript: body.transcript.map(|text| text.0),
    };
    let uris = app.uris();
    let answer = (caller.sends(input.idempotency), StatusCode::CREATED);
    write_once(&app, answer, command, move |recap| {
        Ok(Resource {
            resource: MeetingRecapBody::new(recap, &uris),
        })
    })
    .await
}

/// Edit the recap of a meeting
#[utoipa::path(patch, path = "/meeting_recaps/{uuid}", tag = "Meeting recaps", params(("uuid" = uuid::Uuid, Path)), request_body = MeetingRecapChanges, responses((status = 200, description = "The recap as it is now", body = Resource<MeetingRecapBody>)))]
async fn update_meeting_recap(
    State(app): State<App>,
    caller: Caller<MeetingRecapsWrite>,
    Id(id): Id<MeetingRecapId>,
    input: Input<MeetingRecapChanges>,
) -> Result<Json<Resource<MeetingRecapBody>>, Problem> {
    let changes = input.body;
    visible(&app, &caller, id).await?;
    if changes.is_empty() {
        return Err(Problem::nothing_to_change());
    }
    let command = EditRecap {
        organization: caller.organization,
        id,
        transcript: changes.transcript(),
        edit: Box::new(move |recap| changes.apply(recap)),
        by: caller.user,
        now: app.now(),
    };
    let recap = app.store.write(caller.by(), command).await?;
    Ok(Json(Resource {
        resource: MeetingRecapBody::new(recap, &app.uris()),
    }))
}

/// Delete the recap of a meeting
///
/// Its transcript goes along.
#[utoipa::path(delete, path = "/meeting_recaps/{uuid}", tag = "Meeting recaps", params(("uuid" = uuid::Uuid, Path)), responses((status = 204, description = "Deleted")))]
async fn delete_meeting_recap(
    State(app): State<App>,
    caller: Caller<MeetingRecapsWrite>,
    Id(id): Id<MeetingRecapId>,
) -> Result<StatusCode, Problem> {
    visible(&app, &caller, id).await?;
    let command = RemoveRecap {
        organization: caller.organization,
        id,
        by: caller.user,
        now: app.now(),
    };
    app.store.write(caller.by(), command).await?;
    Ok(StatusCode::NO_CONTENT)
}
