//! `POST /oauth/revoke`: an application gives a token of its own back (RFC 7009).

use super::{
    NOT_KEPT,
    client::{OAuthInput, authenticated},
    error::{NotKept, OAuthError, OAuthErrorBody},
    introspection::TokenInQuestion,
};
use crate::{
    app::oauth_grants::{AnothersToken, Revoke},
    context::App,
};
use axum::{Json, extract::State, http::StatusCode};
use serde::Serialize;
use store::WriteError;
use utoipa::ToSchema;

/// That the token does not work any more.
#[derive(Debug, Serialize, ToSchema)]
pub struct RevokedBody {}

/// Revoke a token
///
/// An access token ends alone, a refresh token with all that was issued because of the same consent. A token that nobody
/// knows is answered like one that was revoked.
#[utoipa::path(post, path = "/oauth/revoke", tag = "OAuth", request_body(content((TokenInQuestion = "application/json"), (TokenInQuestion = "application/x-www-form-urlencoded"))), responses((status = 200, description = "It does not work any more", body = RevokedBody), (status = 400, description = "Something is missing or malformed", body = OAuthErrorBody), (status = 401, description = "The application is unknown, or its secret is missing or wrong", body = OAuthErrorBody), (status = 403, description = "The token is another application's", body = OAuthErrorBody)))]
pub async fn revoke_oauth_token(
    State(app): State<App>,
    input: OAuthInput<TokenInQuestion>,
) -> Result<(NotKept, Json<RevokedBody>), OAuthError> {
    let application = authenticated(&app, input.basic, input.body.credentials()).await?;
    let command = Revoke {
        application,
        token: input.body.token.0,
        now: app.now(),
    };
    match app.store.unrecorded().write(command).await {
        Ok(()) => Ok((NOT_KEPT, Json(RevokedBody {}))),
        Err(WriteError::Refused(AnothersToken)) => Err(OAuthError::new(
            StatusCode::FORBIDDEN,
            "unauthorized_client",
            "The token was issued to another client.",
        )),
        Err(WriteError::Failed(failure)) => Err(failure.into()),
    }
}
