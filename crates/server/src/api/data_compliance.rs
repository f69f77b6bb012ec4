//! `/data_compliance`: deleting personal data of people outside the organization.

use super::{
    answer::{Sender, write_once},
    caller::{Caller, scope::DataComplianceWrite},
    input::input,
    problem::Problem,
    request::Input,
    value::{List, text::Email, time::Time},
};
use crate::{
    app::data_deletions::{Asked, RequestDeletion},
    context::{App, fresh_id},
};
use axum::{extract::State, http::StatusCode, response::Response};
use jiff::{ToSpan, tz::TimeZone};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

/// The routes of this file.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(delete_invitee_data))
        .routes(routes!(delete_scheduled_event_data))
}

input! {
    /// Whose data is deleted.
    pub struct InviteeDataDeletion {
        /// Their mail addresses; upper and lower case are the same.
        pub emails: List<Email, 1, 1000>,
    }
    example {"emails": ["ada@example.com"]}
}

input! {
    /// Of which meetings data is deleted.
    pub struct EventDataDeletion {
        /// Those that began at or after.
        pub start_time: Time,
        /// And at or before, which must be over; at most 24 months later.
        pub end_time: Time,
    }
    example {"start_time": "2020-01-01T00:00:00Z", "end_time": "2020-12-31T23:59:59Z"}
}

/// Nothing more is said: it is done later.
#[derive(Debug, Serialize, ToSchema)]
pub struct DeletionAcceptedBody {}

/// How many months a time may be long.
const MOST_MONTHS: i64 = 24;

/// Delete all data of invitees
///
/// Wherever it is: meetings, guests, contacts, forms, recaps, messages and what was answered to them. Meetings stay, with
/// nobody's name.
#[utoipa::path(post, path = "/data_compliance/deletion/invitees", tag = "Data compliance", request_body = InviteeDataDeletion, responses((status = 202, description = "It will be deleted", body = DeletionAcceptedBody)))]
async fn delete_invitee_data(
    State(app): State<App>,
    caller: Caller<DataComplianceWrite>,
    input: Input<InviteeDataDeletion>,
) -> Result<Response, Problem> {
    caller.must_be_admin()?;
    let emails = input.body.emails.0.into_iter().map(|email| email.0);
    let asked = Asked::People(emails.collect());
    let sender = caller.sends(input.idempotency);
    request(&app, &caller, sender, asked).await
}

/// Delete the data of scheduled events
///
/// Of meetings that began within a time: who came, what they said and whom they brought. Contacts stay.
#[utoipa::path(post, path = "/data_compliance/deletion/events", tag = "Data compliance", request_body = EventDataDeletion, responses((status = 202, description = "It will be deleted", body = DeletionAcceptedBody)))]
async fn delete_scheduled_event_data(
    State(app): State<App>,
    caller: Caller<DataComplianceWrite>,
    input: Input<EventDataDeletion>,
) -> Result<Response, Problem> {
    caller.must_be_admin()?;
    let (start, end) = (input.body.start_time.0, input.body.end_time.0);
    if end < start {
        let message = "must not be before start_time";
        return Err(Problem::parameter("end_time", "invalid_range", message));
    }
    if app.now() < end {
        let message = "must be in the past";
        return Err(Problem::parameter("end_time", "not_in_past", message));
    }
    let longest = start
        .to_zoned(TimeZone::UTC)
        .checked_add(MOST_MONTHS.months());
    if longest.is_ok_and(|longest| longest.timestamp() < end) {
        let message = format!("must not be more than {MOST_MONTHS} months after start_time");
        return Err(Problem::parameter("end_time", "range_too_long", message));
    }
    let sender = caller.sends(input.idempotency);
    request(&app, &caller, sender, Asked::Meetings(start, end)).await
}

async fn request(
    app: &App,
    caller: &Caller<DataComplianceWrite>,
    sender: Sender,
    asked: Asked,
) -> Result<Response, Problem> {
    let command = RequestDeletion {
        organization: caller.organization,
        id: fresh_id(),
        by: caller.user,
        asked,
        now: app.now(),
    };
    let sent = (sender, StatusCode::ACCEPTED);
    write_once(app, sent, command, |()| Ok(DeletionAcceptedBody {})).await
}
