//! `recurrence` in `POST /invitees`: several meetings booked in one go.

use super::{body::InviteeBody, booking::BookingBody};
use crate::api::{
    alternatives::advised,
    answer::{Sender, write_or_try},
    dry_run::DryRun,
    input::input,
    problem::{Problem, RefusedDate},
    uri::Uris,
    value::{List, text::Text, time::Time, words},
};
use crate::{
    app::{
        event_type_available_times::Purpose,
        scheduled_events::{
            booking::{BookingRefusal, Meeting, Order},
            series::{BookSeries, BookedSeries, FailedStart, MAX_MEETINGS, SeriesRefusal},
        },
        timelines,
    },
    context::{App, fresh_id},
};
use axum::{http::StatusCode, response::Response};
use domain::{
    id::{InviteeId, OrganizationId, ScheduledEventId, SeriesId},
    interval::Interval,
    recurrence::Recurrence,
};
use jiff::Timestamp;
use serde::Serialize;
use std::collections::BTreeSet;
use std::sync::Arc;
use store::{StoreError, event_types::EventType};
use utoipa::ToSchema;

input! {
    /// Further dates: either `rrule` or `start_times`.
    pub struct RecurrenceInput {
        /// RFC 5545 recurrence rule with COUNT or UNTIL and at most 100 dates, such as FREQ=WEEKLY;COUNT=12. The time on the clock stays the same in the host's zone.
        pub rrule: Option<Text<1, 500>>,
        /// The starts of the further meetings.
        pub start_times: Option<List<Time, 1, 100>>,
    }
}

words! {
    /// What happens when not all dates can be booked.
    pub enum OnConflict {
        /// None is booked.
        Refuse = "refuse",
        /// The others are booked.
        Skip = "skip",
    }
}

/// What became of the dates of a series.
#[derive(Debug, Serialize, ToSchema)]
pub struct SeriesBody {
    /// What its events have in common.
    #[schema(format = "uuid")]
    pub series_id: String,
    /// What was booked, by start.
    pub booked: Vec<BookedDate>,
    /// What could not be booked, by start.
    pub skipped: Vec<RefusedDate>,
}

/// A date that was booked.
#[derive(Debug, Serialize, ToSchema)]
pub struct BookedDate {
    /// When it starts.
    pub start_time: Time,
    /// The event.
    #[schema(format = "uri")]
    pub event: String,
    /// The invitee.
    #[schema(format = "uri")]
    pub invitee: String,
}

/// Books a series.
pub async fn book(
    app: &App,
    (trial, sender): (DryRun, Sender),
    (event_type, order): (Arc<EventType>, Order),
    (recurrence, first, on_conflict): (RecurrenceInput, Timestamp, Option<OnConflict>),
) -> Result<Response, Problem> {
    let organization = sender.organization;
    let starts = starts(app, organization, &event_type, (recurrence, first)).await?;
    let meeting = |start| Meeting {
        start,
        event_id: ScheduledEventId(fresh_id()),
        invitee_id: InviteeId(fresh_id()),
    };
    let command = BookSeries {
        order,
        id: SeriesId(fresh_id()),
        meetings: starts.into_iter().map(meeting).collect(),
        skip: on_conflict == Some(OnConflict::Skip),
    };
    let uris = app.uris();
    let body = move |series| booked(series, &uris);
    let sent = (sender, StatusCode::CREATED);
    match write_or_try(app, trial, sent, command, body).await {
        Err(problem) => {
            let wanted = (first, Purpose::Booking);
            Err(advised(app, (organization, event_type.id), wanted, problem).await)
        }
        booked => booked,
    }
}

/// The starts of a series, ascending.
async fn starts(
    app: &App,
    organization: OrganizationId,
    event_type: &EventType,
    (recurrence, first): (RecurrenceInput, Timestamp),
) -> Result<BTreeSet<Timestamp>, Problem> {
    let mut starts = BTreeSet::from([first]);
    match (recurrence.rrule, recurrence.start_times) {
        (Some(rule), None) => {
            starts.extend(by_rule(app, organization, event_type, (&rule.0, first)).await?);
        }
        (None, Some(further)) => starts.extend(further.0.into_iter().map(|time| time.0)),
        _ => {
            let message = "must have either rrule or start_times";
            return Err(Problem::parameter(
                "recurrence",
                "invalid_recurrence",
                message,
            ));
        }
    }
    if starts.len() > MAX_MEETINGS {
        let message = format!("must not have more than {MAX_MEETINGS} dates");
        return Err(Problem::parameter("recurrence", "too_many", message));
    }
    Ok(starts)
}

/// The dates of a rule, at the same time on the clock of the owner's schedule.
async fn by_rule(
    app: &App,
    organization: OrganizationId,
    event_type: &EventType,
    (rule, first): (&str, Timestamp),
) -> Result<Vec<Timestamp>, Problem> {
    let tx = app.store.read().await?;
    let owner = (event_type, event_type.user_id);
    let schedule = timelines::schedule_of_host(&tx, organization, owner).await?;
    let rules = event_type.compiled()?;
    let meeting = rules
        .meeting_at(first)
        .ok_or_else(|| Problem::parameter("start_time", "out_of_range", "is at the end of time"))?;
    let zone = schedule.schedule.zone().clone();
    let recurrence = Recurrence::parse(rule, Vec::new(), meeting, zone).map_err(|error| {
        Problem::parameter("recurrence.rrule", "invalid_rrule", error.to_string())
    })?;
    let count = recurrence.count();
    let instances = recurrence.into_instances();
    if count.is_some_and(|count| instances.len() < count) {
        let message = format!("names only {} dates before the year 2101", instances.len());
        return Err(Problem::parameter(
            "recurrence.rrule",
            "invalid_rrule",
            message,
        ));
    }
    Ok(instances.iter().map(Interval::start).collect())
}

fn booked(series: BookedSeries, uris: &Uris) -> Result<BookingBody, StoreError> {
    let date = |(start, invitee): &(Timestamp, store::invitees::Invitee)| BookedDate {
        start_time: Time(*start),
        event: uris.of(invitee.scheduled_event_id),
        invitee: uris.invitee(invitee.scheduled_event_id, invitee.id),
    };
    let body = SeriesBody {
        series_id: series.id.to_string(),
        booked: series.booked.iter().map(date).collect(),
        skipped: series.skipped.iter().map(refused).collect(),
    };
    let first = series.booked.into_iter().next();
    let (_, invitee) = first.ok_or_else(|| StoreError::invalid("a series without a meeting"))?;
    Ok(BookingBody {
        resource: InviteeBody::new(invitee, uris)?,
        series: Some(body),
    })
}

/// A date that cannot be booked, so far without alternatives.
pub fn refused(failed: &FailedStart) -> RefusedDate {
    RefusedDate {
        start_time: Time(failed.start),
        code: failed.refusal.code().to_owned(),
        message: failed.refusal.to_string(),
        alternatives: Vec::new(),
    }
}

impl From<SeriesRefusal> for Problem {
    fn from(refusal: SeriesRefusal) -> Problem {
        match refusal {
            SeriesRefusal::UnknownEventType => BookingRefusal::UnknownEventType.into(),
            SeriesRefusal::Starts(failed) => Problem::dates(failed.iter().map(refused).collect()),
        }
    }
}
