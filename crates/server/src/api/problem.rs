//! The one table from what went wrong to what the caller is told: status, title, code and words.
//! One file, so that every refusal is read beside the others.
//!
//! One body serves two kinds of clients: Calendly's `title`, `message` and `details`, and RFC 9457's `type`, `status`
//! and `detail`, with a stable `code`.

mod invitations;
mod kinds;

use super::value::time::Time;
use crate::{app::attempts::TooMany, context::NoRandomness, password_hash::HashError};
use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use domain::booking::{BookRefusal, CancelRefusal, RescheduleRefusal};
use kinds::{
    CHANGED, DATES, DENIED, EXISTS, HOLD_ENDED, IN_USE, INTERNAL, INVALID, KEY_REUSED, Kind,
    LIMIT_REACHED, LINK_ENDED, MALFORMED, METHOD, NOT_FINISHED, NOT_FOUND, NOT_WAITING,
    RATE_LIMITED, SCOPE, TIME_TAKEN, TOO_LARGE, TOO_MANY, TOO_MANY_HOLDS, TOO_SLOW,
    UNAUTHENTICATED, UNAVAILABLE,
};
use serde::Serialize;
use store::error::chain;
use store::{StoreError, WriteError};
use utoipa::ToSchema;

/// What a refused or failed request is answered.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Problem {
    /// The kind of problem, in Calendly's words.
    #[schema(example = "Invalid Argument")]
    pub title: String,
    /// What is wrong, for people.
    #[schema(example = "The supplied parameters are invalid.")]
    pub message: String,
    /// Every single thing that is wrong with the request.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub details: Vec<Detail>,
    /// RFC 9457: a URI for the kind of problem.
    #[serde(rename = "type")]
    #[schema(example = "urn:fasti:problem:invalid_argument")]
    pub kind: String,
    /// RFC 9457: the HTTP status.
    #[schema(example = 400)]
    pub status: u16,
    /// RFC 9457: the same as `message`.
    pub detail: String,
    /// The kind of problem, for programs; it never changes.
    #[schema(example = "invalid_argument")]
    pub code: String,
    /// The scopes of which the token needs one.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub required_scopes: Vec<String>,
    /// Where a time was refused: the nearest times that can be booked.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false, nullable = false)]
    pub alternatives: Option<Vec<Time>>,
    /// Where several dates were asked for: those that cannot be booked, and why.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub dates: Vec<RefusedDate>,
}

/// One of several dates, which cannot be booked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct RefusedDate {
    /// The start that was asked for.
    pub start_time: Time,
    /// Why it cannot be booked, for programs.
    #[schema(example = "busy")]
    pub code: String,
    /// Why it cannot be booked.
    pub message: String,
    /// The nearest times that can be booked; none are named where the date was skipped.
    pub alternatives: Vec<Time>,
}

/// One thing that is wrong with a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Detail {
    /// The field or parameter, such as `rules[0].intervals[1].from`.
    pub parameter: String,
    /// What would be right.
    pub message: String,
    /// The kind of mistake, for programs.
    pub code: String,
}

impl Detail {
    /// A detail about one parameter.
    pub fn new(parameter: impl Into<String>, code: &str, message: impl Into<String>) -> Detail {
        Detail {
            parameter: parameter.into(),
            message: message.into(),
            code: code.to_owned(),
        }
    }
}

/// Seconds after which a request that found no capacity may be tried again.
const RETRY_AFTER: &str = "1";

fn problem((status, title, code): Kind, message: impl Into<String>) -> Problem {
    let message = message.into();
    Problem {
        title: title.to_owned(),
        details: Vec::new(),
        kind: format!("urn:fasti:problem:{code}"),
        status: status.as_u16(),
        detail: message.clone(),
        code: code.to_owned(),
        required_scopes: Vec::new(),
        alternatives: None,
        dates: Vec::new(),
        message,
    }
}

impl Problem {
    /// Parameters are missing, malformed or out of range.
    pub fn invalid(details: Vec<Detail>) -> Problem {
        Problem {
            details,
            ..problem(INVALID, "The supplied parameters are invalid.")
        }
    }

    /// One parameter is wrong.
    pub fn parameter(
        parameter: impl Into<String>,
        code: &str,
        message: impl Into<String>,
    ) -> Problem {
        Problem::invalid(vec![Detail::new(parameter, code, message)])
    }

    /// The body is not what its content type says.
    pub fn malformed(message: impl Into<String>) -> Problem {
        problem(MALFORMED, message)
    }

    /// There is no valid token.
    pub fn unauthenticated(message: &str) -> Problem {
        problem(UNAUTHENTICATED, message)
    }

    /// The caller's role does not allow this.
    pub fn denied(message: &str) -> Problem {
        problem(DENIED, message)
    }

    /// The caller's role does not allow this, in Calendly's general words.
    pub fn no_permission() -> Problem {
        Problem::denied("You do not have permission to access this resource.")
    }

    /// A user who is named is none of the caller's organization, in Calendly's words.
    pub fn not_in_organization() -> Problem {
        Problem::denied("This user is not in your organization")
    }

    /// The token's scopes do not allow this.
    pub fn scope(required: &[&str]) -> Problem {
        Problem {
            required_scopes: required.iter().map(ToString::to_string).collect(),
            ..problem(
                SCOPE,
                "This operation requires the scopes listed in the 'required_scopes' array.",
            )
        }
    }

    /// There is no such thing in the caller's organization.
    pub fn not_found() -> Problem {
        problem(
            NOT_FOUND,
            "The server could not find the requested resource.",
        )
    }

    /// The path exists, the method does not.
    pub fn method_not_allowed() -> Problem {
        problem(METHOD, "This path does not support the request's method.")
    }

    /// The body is over the limit.
    pub fn too_large(limit: usize) -> Problem {
        problem(
            TOO_LARGE,
            format!("The body must not be larger than {limit} bytes."),
        )
    }

    /// The client sends its request too slowly.
    pub fn too_slow() -> Problem {
        problem(TOO_SLOW, "The request came too slowly.")
    }

    /// The server did not finish in time. Nobody knows yet whether it will.
    pub fn not_finished() -> Problem {
        problem(
            NOT_FINISHED,
            "The request took too long. It may be carried out still: look before it is sent again, or send it with an Idempotency-Key.",
        )
    }

    /// The user has sent more requests than they may in a minute.
    pub fn rate_limited(limit: u32) -> Problem {
        let message = format!("No more than {limit} such requests a minute are allowed.");
        problem(RATE_LIMITED, message)
    }

    /// It was tried too often to guess a password.
    pub fn guessed(too_many: TooMany) -> Problem {
        let minutes = (too_many.retry_after + 59) / 60;
        let message =
            format!("The password was wrong too often. Please try again in {minutes} minutes.");
        problem(RATE_LIMITED, message)
    }

    /// Another one has this already.
    pub fn exists(parameter: &str, message: &str) -> Problem {
        Problem {
            details: vec![Detail::new(parameter, "taken", message)],
            ..problem(EXISTS, "The resource already exists")
        }
    }

    /// The same with other words for people, where clients go by them.
    #[must_use]
    pub fn saying(self, message: &str) -> Problem {
        Problem {
            message: message.to_owned(),
            detail: message.to_owned(),
            ..self
        }
    }

    /// It cannot go while others need it.
    pub fn in_use(message: impl Into<String>) -> Problem {
        problem(IN_USE, message)
    }

    /// There are as many of these as there may be.
    pub fn too_many(most: usize) -> Problem {
        let message =
            format!("The organization has {most} of these already, which is the most it may.");
        problem(TOO_MANY, message)
    }

    /// A PATCH that changes nothing.
    pub fn nothing_to_change() -> Problem {
        Problem::parameter("", "required", "must have at least one field")
    }

    /// An Idempotency-Key came with another request than before.
    pub fn key_reused() -> Problem {
        problem(
            KEY_REUSED,
            "This Idempotency-Key was already used for another request.",
        )
    }

    /// Some of several dates cannot be booked, so none was.
    pub fn dates(dates: Vec<RefusedDate>) -> Problem {
        Problem {
            dates,
            ..problem(DATES, "Not all of these dates can be booked.")
        }
    }

    /// What the request is about changed while it was carried out.
    pub fn changed() -> Problem {
        problem(CHANGED, "The event changed meanwhile. Please try again.")
    }

    /// Whether trying again may help, because something changed meanwhile.
    pub fn is_about_change(&self) -> bool {
        self.code == CHANGED.2
    }

    /// An event does not wait for a host's confirmation.
    pub fn not_waiting() -> Problem {
        problem(NOT_WAITING, "This event does not wait for confirmation.")
    }

    /// A token may not have more holds.
    pub fn too_many_holds(most: usize) -> Problem {
        let message = format!("This token holds {most} times already, which is the most it may.");
        problem(TOO_MANY_HOLDS, message)
    }

    /// A hold is not there, or not any more.
    pub fn hold_ended() -> Problem {
        problem(HOLD_ENDED, "This hold has ended, or there never was one.")
    }

    /// A link cannot be used, or not any more.
    pub fn link_ended() -> Problem {
        let message = "This link was used or has ended, or there never was one.";
        problem(LINK_ENDED, message)
    }

    /// A failure of ours: the caller learns nothing but that it happened.
    pub fn internal() -> Problem {
        problem(
            INTERNAL,
            "The server encountered an unexpected condition that prevented it from fulfilling the request.",
        )
    }

    /// No capacity at this moment.
    pub fn unavailable() -> Problem {
        problem(
            UNAVAILABLE,
            "The server cannot take this request at the moment. Please try again.",
        )
    }

    /// The same about a field that lies within another one: `field` is its whole name.
    #[must_use]
    pub fn within(mut self, name: &str, field: &str) -> Problem {
        for detail in &mut self.details {
            if let Some(rest) = detail.parameter.strip_prefix(name) {
                detail.parameter = format!("{field}{rest}");
            }
        }
        self
    }

    /// Whether it is about a start that cannot be booked.
    pub fn is_about_time(&self) -> bool {
        let about_start = |detail: &Detail| detail.parameter == "start_time";
        let codes = [TIME_TAKEN.2, LIMIT_REACHED.2];
        codes.contains(&self.code.as_str()) || self.details.iter().any(about_start)
    }

    /// The same with the nearest starts that can be booked.
    #[must_use]
    pub fn with_alternatives(self, starts: Vec<Time>) -> Problem {
        Problem {
            alternatives: Some(starts),
            ..self
        }
    }

    /// The HTTP status.
    pub fn status(&self) -> StatusCode {
        StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        with_time_to_retry((self.status(), Json(self)).into_response())
    }
}

/// The same, and where it says that there is no capacity, when to try again.
pub fn with_time_to_retry(mut response: Response) -> Response {
    if response.status() == StatusCode::SERVICE_UNAVAILABLE {
        let headers = response.headers_mut();
        headers.insert(header::RETRY_AFTER, HeaderValue::from_static(RETRY_AFTER));
    }
    response
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Problem {
        if error.is_unavailable() {
            tracing::warn!(error = chain(&error), "the database is not available");
            return Problem::unavailable();
        }
        tracing::error!(error = chain(&error), "the database failed");
        Problem::internal()
    }
}

impl From<NoRandomness> for Problem {
    fn from(error: NoRandomness) -> Problem {
        tracing::error!(error = chain(&error), "no randomness");
        Problem::internal()
    }
}

impl From<HashError> for Problem {
    fn from(error: HashError) -> Problem {
        tracing::error!(error = chain(&error), "a password was not hashed");
        Problem::internal()
    }
}

impl<R: Into<Problem>> From<WriteError<R>> for Problem {
    fn from(error: WriteError<R>) -> Problem {
        match error {
            WriteError::Refused(refusal) => refusal.into(),
            WriteError::Failed(failure) => failure.into(),
        }
    }
}

impl From<std::convert::Infallible> for Problem {
    fn from(never: std::convert::Infallible) -> Problem {
        match never {}
    }
}

impl From<BookRefusal> for Problem {
    fn from(refusal: BookRefusal) -> Problem {
        match refusal {
            BookRefusal::Busy { .. } | BookRefusal::Full { .. } | BookRefusal::NotFree => {
                problem(TIME_TAKEN, refusal.to_string())
            }
            BookRefusal::LimitReached { .. } => problem(LIMIT_REACHED, refusal.to_string()),
            other => Problem::parameter("start_time", other.code(), other.to_string()),
        }
    }
}

impl From<CancelRefusal> for Problem {
    fn from(refusal: CancelRefusal) -> Problem {
        match refusal {
            CancelRefusal::AlreadyCanceled => Problem::denied("Event is already canceled"),
            CancelRefusal::InThePast => Problem::denied("Event in the past"),
        }
    }
}

impl From<RescheduleRefusal> for Problem {
    fn from(refusal: RescheduleRefusal) -> Problem {
        match refusal {
            RescheduleRefusal::AlreadyCanceled => CancelRefusal::AlreadyCanceled.into(),
            RescheduleRefusal::InThePast => CancelRefusal::InThePast.into(),
            RescheduleRefusal::SameTime => {
                Problem::parameter("start_time", "same_time", refusal.to_string())
            }
            RescheduleRefusal::Book(refusal) => refusal.into(),
        }
    }
}
