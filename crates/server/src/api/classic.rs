//! The classic API: six POST endpoints over the same people, schedules and meetings. Errors are `{"error": "…"}`:
//! 400 for what cannot be done, 422 for what is malformed.

mod meetings;
mod people;

use crate::api::{
    answer::{Sender, answered},
    caller::{authenticate, has_scope},
    client_address,
    input::{self, Source},
    problem::{self, Problem},
    rate_limit,
    request::{BODY_LIMIT, idempotency_key, take_place, unread},
    value::Int,
};
use crate::{
    app::{
        activity_log_entries::By,
        classic::{Person, Ranges},
    },
    context::App,
};
use axum::{
    Json,
    body::to_bytes,
    extract::{FromRequest, Request},
    http::{StatusCode, request::Parts},
    response::{IntoResponse, Response},
};
use domain::id::{OrganizationId, UserId};
use serde::Serialize;
use store::{ReadTx, StoreError, organization_memberships::Role, organizations};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

/// The routes of this file.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(people::add_user))
        .routes(routes!(people::get_user_availability))
        .routes(routes!(people::set_user_availability))
        .routes(routes!(people::get_availability_overlap))
        .routes(routes!(meetings::book_meeting))
        .routes(routes!(meetings::get_bookings))
}

/// What a refused classic request is answered.
#[derive(Debug, Serialize, ToSchema)]
pub struct ClassicErrorBody {
    /// What is wrong.
    #[schema(example = "User 9 not found")]
    pub error: String,
}

/// A refused classic request.
#[derive(Debug)]
pub struct ClassicError(StatusCode, String);

impl IntoResponse for ClassicError {
    fn into_response(self) -> Response {
        let body = Json(ClassicErrorBody { error: self.1 });
        problem::with_time_to_retry((self.0, body).into_response())
    }
}

impl From<Problem> for ClassicError {
    fn from(problem: Problem) -> ClassicError {
        let details: Vec<String> = problem
            .details
            .iter()
            .map(|detail| match detail.parameter.as_str() {
                "" => format!("The body {}", detail.message),
                parameter => format!("{parameter} {}", detail.message),
            })
            .collect();
        match (problem.code.as_str(), details.is_empty()) {
            ("invalid_argument", false) => {
                ClassicError(StatusCode::UNPROCESSABLE_ENTITY, details.join("; "))
            }
            _ => ClassicError(problem.status(), problem.message),
        }
    }
}

impl From<StoreError> for ClassicError {
    fn from(error: StoreError) -> ClassicError {
        Problem::from(error).into()
    }
}

fn cannot(message: impl Into<String>) -> ClassicError {
    ClassicError(StatusCode::BAD_REQUEST, message.into())
}

fn malformed(message: impl Into<String>) -> ClassicError {
    ClassicError(StatusCode::UNPROCESSABLE_ENTITY, message.into())
}

fn message(text: &str) -> MessageBody {
    MessageBody {
        message: text.to_owned(),
    }
}

/// That something was done.
#[derive(Debug, Serialize, ToSchema)]
pub struct MessageBody {
    /// What was done.
    pub message: String,
}

/// A checked classic request and the organization it is about.
struct Classic<T> {
    sender: Sender,
    /// Whether the sender may change what belongs to others.
    administers: bool,
    body: T,
}

/// What a token needs for a classic request.
trait ClassicBody: input::Parse {
    const SCOPE: &'static str;
}

impl<T: ClassicBody> FromRequest<App> for Classic<T> {
    type Rejection = Response;

    async fn from_request(request: Request, app: &App) -> Result<Classic<T>, Response> {
        let (parts, body) = request.into_parts();
        let whose = whose::<T>(&parts, app).await;
        let (user, administers, by) = whose.map_err(IntoResponse::into_response)?;
        let bytes = to_bytes(body, BODY_LIMIT).await;
        let bytes = bytes.map_err(|error| {
            classic(unread(&error).unwrap_or_else(|| Problem::too_large(BODY_LIMIT)))
        })?;
        take_place(&parts).map_err(classic)?;
        let key = idempotency_key(&parts, &bytes).map_err(classic)?;
        let sender = Sender {
            organization: by.organization,
            user,
            key,
            by,
        };
        if let Some(answer) = answered(app, &sender).await.map_err(classic)? {
            return Err(answer);
        }
        let value = serde_json::from_slice(&bytes).map_err(|error| {
            cannot(format!("The body is not valid JSON: {error}")).into_response()
        })?;
        Ok(Classic {
            sender,
            administers,
            body: input::read(&value, Source::Json).map_err(classic)?,
        })
    }
}

fn classic(problem: Problem) -> Response {
    ClassicError::from(problem).into_response()
}

/// Who sends a request (nobody in particular where no token is needed), whether they may change what belongs to others,
/// and the same for the activity log.
async fn whose<T: ClassicBody>(
    parts: &Parts,
    app: &App,
) -> Result<(UserId, bool, By), ClassicError> {
    let address = client_address::of(parts, app);
    if app.config.classic_open && !parts.headers.contains_key("authorization") {
        let tx = app.store.read().await?;
        let oldest = organizations::oldest(&tx).await?;
        let oldest = oldest.ok_or_else(|| cannot("There is no organization yet"))?;
        let by = By::anybody(oldest.id).from_address(address);
        return Ok((UserId(Uuid::nil()), true, by));
    }
    let bearer = &authenticate(parts, app).await?.value;
    rate_limit::count(app, parts, bearer)?;
    if !has_scope(&bearer.scopes, &[T::SCOPE]) {
        return Err(Problem::scope(&[T::SCOPE]).into());
    }
    let administers = matches!(bearer.role, Role::Owner | Role::Admin);
    let by = By::of(bearer, address);
    Ok((bearer.user_id, administers, by))
}

async fn person(
    tx: &ReadTx<'_>,
    organization: OrganizationId,
    number: Number,
) -> Result<Person, ClassicError> {
    let found = Person::find(tx, organization, number.0.into()).await?;
    found.ok_or_else(|| cannot(format!("User {} not found", number.0)))
}

type Number = Int<0, 2_147_483_647>;

/// A range of wall time.
#[derive(Debug, Serialize, ToSchema)]
pub struct RangeBody {
    /// When it starts.
    #[schema(example = "10:00")]
    pub start_time: String,
    /// When it ends; `24:00` is the end of the date.
    #[schema(example = "16:30")]
    pub end_time: String,
}

fn ranges(ranges: Ranges) -> Vec<RangeBody> {
    let body = |(start_time, end_time)| RangeBody {
        start_time,
        end_time,
    };
    ranges.into_iter().map(body).collect()
}
