//! Bodies and query strings as extractors: what a handler gets is already checked.

use super::{
    admission::Place,
    answer::{Sender, answered},
    caller::{authenticate, hex},
    client_address, dry_run, form,
    input::{self, Parse, Source},
    problem::Problem,
};
use crate::{app::activity_log_entries::By, context::App, serving::upload::Unread};
use axum::{
    body::Bytes,
    extract::{FromRequest, FromRequestParts, Request},
    http::{HeaderMap, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::error::Error;

/// The largest body, in bytes.
pub const BODY_LIMIT: usize = 1 << 20;

/// The largest body of a request about thousands of people, in bytes.
pub const LARGE_BODY_LIMIT: usize = 32 << 20;

/// The checked body of a request.
#[derive(Debug)]
pub struct Input<T> {
    /// What was sent.
    pub body: T,
    /// The key that makes a repeated request safe.
    pub idempotency: Option<IdempotencyKey>,
}

/// What an `Idempotency-Key` header says and which request it came with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdempotencyKey {
    /// The key.
    pub key: String,
    /// SHA-256 of method, path, query and body.
    pub fingerprint: String,
}

impl<T: Parse> FromRequest<App> for Input<T> {
    type Rejection = Response;

    async fn from_request(request: Request, app: &App) -> Result<Input<T>, Response> {
        let (parts, body) = request.into_parts();
        let read = Bytes::from_request(Request::from_parts(parts.clone(), body), app).await;
        let bytes = read.map_err(|rejection| {
            let problem = unread(&rejection);
            let problem = problem.unwrap_or_else(|| unreadable(rejection.status(), &parts));
            problem.into_response()
        })?;
        take_place(&parts).map_err(IntoResponse::into_response)?;
        let idempotency = idempotency_key(&parts, &bytes).map_err(IntoResponse::into_response)?;
        if let Some(key) = &idempotency
            && let Some(answer) = earlier(app, &parts, key)
                .await
                .map_err(IntoResponse::into_response)?
        {
            return Err(answer);
        }
        let body =
            body_value(&parts, &bytes).and_then(|(value, source)| input::read(&value, source));
        Ok(Input {
            body: body.map_err(IntoResponse::into_response)?,
            idempotency,
        })
    }
}

/// Begins to work on a request whose body has come.
pub fn take_place(parts: &Parts) -> Result<(), Problem> {
    parts.extensions.get().map_or(Ok(()), Place::take)
}

/// The answer to the same request, if it was sent before. It comes before every check, for what was true then need not
/// be true now.
async fn earlier(
    app: &App,
    parts: &Parts,
    key: &IdempotencyKey,
) -> Result<Option<Response>, Problem> {
    if !parts.headers.contains_key(header::AUTHORIZATION) {
        // only what needs no token comes here without one, and nothing is kept for nobody
        return Ok(None);
    }
    let bearer = &authenticate(parts, app).await?.value;
    let sender = Sender {
        organization: bearer.organization_id,
        user: bearer.user_id,
        key: Some(key.clone()),
        by: By::of(bearer, client_address::of(parts, app)),
    };
    answered(app, &sender).await
}

/// Why a body was not read to its end, where that is neither its fault nor that of the connection.
pub fn unread(error: &(dyn Error + 'static)) -> Option<Problem> {
    match error.downcast_ref() {
        Some(Unread::TooSlow) => Some(Problem::too_slow()),
        Some(Unread::NoRoom) => Some(Problem::unavailable()),
        Some(Unread::Broken(_)) | None => error.source().and_then(unread),
    }
}

fn unreadable(status: StatusCode, parts: &Parts) -> Problem {
    if status == StatusCode::PAYLOAD_TOO_LARGE {
        let limit = if parts.uri.path() == "/overlaps" {
            LARGE_BODY_LIMIT
        } else {
            BODY_LIMIT
        };
        Problem::too_large(limit)
    } else {
        Problem::malformed("The body could not be read to its end.")
    }
}

/// A body as JSON or as a form; the query where a POST has no body.
fn body_value(parts: &Parts, bytes: &Bytes) -> Result<(Value, Source), Problem> {
    if bytes.is_empty() {
        let mut query = form::pairs(parts.uri.query().unwrap_or_default());
        if let Value::Object(query) = &mut query {
            query.remove(dry_run::PARAMETER);
        }
        return Ok((query, Source::Form));
    }
    // curl says form unless told otherwise; no form starts with a brace
    let looks_like_json = bytes.trim_ascii_start().first() == Some(&b'{');
    if is_form(&parts.headers) && !looks_like_json {
        let text = std::str::from_utf8(bytes)
            .ok()
            .ok_or_else(|| Problem::malformed("The form is not UTF-8."))?;
        return Ok((form::pairs(text), Source::Form));
    }
    match serde_json::from_slice(bytes) {
        Ok(value) => Ok((value, Source::Json)),
        Err(error) => Err(Problem::malformed(format!(
            "The body is not valid JSON: {error}."
        ))),
    }
}

fn is_form(headers: &HeaderMap) -> bool {
    let kind = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    kind.is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded"))
}

/// The key of a request, which stands for this very request.
pub fn idempotency_key(parts: &Parts, bytes: &Bytes) -> Result<Option<IdempotencyKey>, Problem> {
    let Some(value) = parts.headers.get("idempotency-key") else {
        return Ok(None);
    };
    let visible = |key: &&str| key.bytes().all(|byte| byte.is_ascii_graphic());
    let key = value
        .to_str()
        .ok()
        .filter(|key| (1..=255).contains(&key.len()))
        .filter(visible);
    let key = key.ok_or_else(|| {
        Problem::parameter(
            "Idempotency-Key",
            "invalid_format",
            "must have 1 to 255 visible ASCII characters",
        )
    })?;
    let mut hash = Sha256::new();
    let target = parts
        .uri
        .path_and_query()
        .map_or("", |target| target.as_str());
    for part in [parts.method.as_str().as_bytes(), target.as_bytes(), bytes] {
        hash.update(part.len().to_le_bytes());
        hash.update(part);
    }
    Ok(Some(IdempotencyKey {
        key: key.to_owned(),
        fingerprint: hex(&hash.finalize()),
    }))
}

/// The checked query of a request.
#[derive(Debug)]
pub struct Query<T> {
    /// What was asked.
    pub query: T,
    /// The request's own path and query, which links to other pages repeat.
    pub target: Target,
}

/// Path and query of a list request.
#[derive(Clone, Debug)]
pub struct Target {
    /// The path.
    pub path: String,
    /// The query, as it came.
    pub query: String,
}

impl<T: Parse> FromRequestParts<App> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Query<T>, Problem> {
        let text = parts.uri.query().unwrap_or_default();
        Ok(Query {
            query: input::read(&form::pairs(text), Source::Query)?,
            target: Target {
                path: parts.uri.path().to_owned(),
                query: text.to_owned(),
            },
        })
    }
}
