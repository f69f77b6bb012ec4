//! Which application sends a request, and whether it is the one that it says.

use super::error::OAuthError;
use crate::{
    api::{
        caller, form,
        input::{self, Parse, Source},
        problem::Problem,
        request::{take_place, unread},
    },
    context::App,
};
use axum::{
    body::Bytes,
    extract::{FromRequest, Request},
    http::{HeaderMap, header},
    response::{IntoResponse, Response},
};
use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::Value;
use store::oauth_applications::{self, OAuthApplication};

/// The body of an OAuth request, a form or JSON. What it does not know is ignored, as the standard says.
#[derive(Debug)]
pub struct OAuthInput<T> {
    /// What was sent.
    pub body: T,
    /// What was sent to prove who sends it, in the header.
    pub basic: Option<Credentials>,
}

/// How an application calls itself, and its secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credentials {
    /// How it calls itself.
    pub client_id: String,
    /// Its secret.
    pub client_secret: Option<String>,
}

impl<T: Parse> FromRequest<App> for OAuthInput<T> {
    type Rejection = Response;

    async fn from_request(request: Request, app: &App) -> Result<OAuthInput<T>, Response> {
        let (parts, body) = request.into_parts();
        let read = Bytes::from_request(Request::from_parts(parts.clone(), body), app).await;
        let bytes = read.map_err(|rejection| match unread(&rejection) {
            Some(problem) => OAuthError::from(problem).into_response(),
            None => OAuthError::new(
                rejection.status(),
                "invalid_request",
                "The body could not be read to its end.",
            )
            .into_response(),
        })?;
        take_place(&parts).map_err(|problem| OAuthError::from(problem).into_response())?;
        let basic = basic(&parts.headers).map_err(IntoResponse::into_response)?;
        let body = value(&bytes)
            .and_then(|value| input::read(&value, Source::Query))
            .map_err(|problem| OAuthError::from(problem).into_response())?;
        Ok(OAuthInput { body, basic })
    }
}

/// A body as JSON or as a form. No form begins with a brace.
fn value(bytes: &Bytes) -> Result<Value, Problem> {
    let text = std::str::from_utf8(bytes)
        .ok()
        .ok_or_else(|| Problem::malformed("The body is not UTF-8."))?;
    if !text.trim_start().starts_with('{') {
        return Ok(form::pairs(text));
    }
    serde_json::from_str(text)
        .map_err(|error| Problem::malformed(format!("The body is not valid JSON: {error}.")))
}

/// The credentials of an `Authorization: Basic` header, each of them encoded as in a form (RFC 6749 section 2.3.1).
fn basic(headers: &HeaderMap) -> Result<Option<Credentials>, OAuthError> {
    let Some(value) = headers.get(header::AUTHORIZATION) else {
        return Ok(None);
    };
    let text = value.to_str().ok().and_then(|value| value.split_once(' '));
    let Some((_, encoded)) = text.filter(|(scheme, _)| scheme.eq_ignore_ascii_case("basic")) else {
        return Ok(None);
    };
    let decoded = BASE64_STANDARD.decode(encoded.trim()).ok();
    let pair = decoded.and_then(|bytes| String::from_utf8(bytes).ok());
    let pair = pair.as_deref().and_then(|pair| pair.split_once(':'));
    let (id, secret) = pair.ok_or_else(OAuthError::invalid_client)?;
    Ok(Some(Credentials {
        client_id: plain(id),
        client_secret: Some(plain(secret)).filter(|secret| !secret.is_empty()),
    }))
}

fn plain(encoded: &str) -> String {
    let pair = format!("={encoded}").replace('&', "%26");
    let mut pairs = form_urlencoded::parse(pair.as_bytes());
    pairs
        .next()
        .map_or_else(String::new, |(_, value)| value.into_owned())
}

/// The application that a request says it comes from, if it proves it: by its secret, in the header or in the body, unless
/// it has none.
pub async fn authenticated(
    app: &App,
    basic: Option<Credentials>,
    (client_id, client_secret): (Option<String>, Option<String>),
) -> Result<OAuthApplication, OAuthError> {
    let said = match (basic, client_id) {
        (Some(basic), id) => {
            let is_same = id.is_none_or(|id| id == basic.client_id);
            let is_twice = client_secret.is_some() && client_secret != basic.client_secret;
            if !is_same || is_twice {
                let description = "The client is named in the header and, otherwise, in the body.";
                return Err(OAuthError::invalid_request(description));
            }
            basic
        }
        (None, Some(client_id)) => Credentials {
            client_id,
            client_secret,
        },
        (None, None) => return Err(OAuthError::invalid_client()),
    };
    let tx = app.store.read().await?;
    let known = oauth_applications::by_client_id(&tx, &said.client_id).await?;
    let known = known.ok_or_else(OAuthError::invalid_client)?;
    let presented = said.client_secret.as_deref().map(caller::hash);
    if known.secret_hash == presented {
        Ok(known)
    } else {
        Err(OAuthError::invalid_client())
    }
}
