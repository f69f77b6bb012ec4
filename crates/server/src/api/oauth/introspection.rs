//! `POST /oauth/introspect`: what an application's own token is (RFC 7662).

use super::{
    NOT_KEPT,
    client::{OAuthInput, authenticated},
    error::{NotKept, OAuthError, OAuthErrorBody},
};
use crate::{
    api::{caller, input::input, uri::Uris, value::text::Text},
    context::App,
};
use axum::{Json, extract::State};
use jiff::Timestamp;
use serde::Serialize;
use store::{
    oauth_applications::OAuthApplication,
    oauth_grants::Grant,
    oauth_tokens::{self, AccessToken},
};
use utoipa::ToSchema;

input! {
    /// A token, and whose it is.
    pub struct TokenInQuestion {
        /// An access token or a refresh token.
        pub token: Text<1, 500>,
        /// How the application calls itself, unless the header says so.
        pub client_id: Option<Text<1, 500>>,
        /// Its secret, unless the header says it or there is none.
        pub client_secret: Option<Text<1, 500>>,
    }
    example {"token": "…", "client_id": "qQ7f0hWq0g3n8K2rP5sT1uV4xY6zA9bC-dE_fG7hJ0k", "client_secret": "…"}
}

impl TokenInQuestion {
    /// What the body says to prove whose it is.
    pub fn credentials(&self) -> (Option<String>, Option<String>) {
        let text = |text: &Option<Text<1, 500>>| text.as_ref().map(|text| text.0.clone());
        (text(&self.client_id), text(&self.client_secret))
    }
}

/// What a token is. Of one that does not work, nothing but that is said.
#[derive(Debug, Default, Serialize, ToSchema)]
pub struct IntrospectionBody {
    /// Whether it works.
    pub active: bool,
    /// What it is for, with spaces between.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub scope: Option<String>,
    /// Whose it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub client_id: Option<String>,
    /// `Bearer` of access tokens.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub token_type: Option<String>,
    /// When it stops working, in seconds since 1970; nothing of refresh tokens, which work until they are used.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub exp: Option<i64>,
    /// When it was issued, in seconds since 1970.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub iat: Option<i64>,
    /// The user for whom it acts.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, format = "uri")]
    pub owner: Option<String>,
    /// The user's organization.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, format = "uri")]
    pub organization: Option<String>,
}

impl IntrospectionBody {
    fn new(
        application: &OAuthApplication,
        (grant, scopes): (&Grant, &[String]),
        created_at: Timestamp,
        uris: &Uris,
    ) -> IntrospectionBody {
        IntrospectionBody {
            active: true,
            scope: Some(scopes.join(" ")),
            client_id: Some(application.client_id.clone()),
            iat: Some(created_at.as_second()),
            owner: Some(uris.of(grant.user_id)),
            organization: Some(uris.of(grant.organization_id)),
            ..IntrospectionBody::default()
        }
    }

    fn of_access(application: &OAuthApplication, token: &AccessToken, uris: &Uris) -> Self {
        let what = (&token.grant, token.scopes.as_slice());
        IntrospectionBody {
            token_type: Some("Bearer".to_owned()),
            exp: token.expires_at.map(Timestamp::as_second),
            ..IntrospectionBody::new(application, what, token.created_at, uris)
        }
    }
}

/// Ask what a token is
///
/// An application learns of its own tokens only; any other is not active.
#[utoipa::path(post, path = "/oauth/introspect", tag = "OAuth", request_body(content((TokenInQuestion = "application/json"), (TokenInQuestion = "application/x-www-form-urlencoded"))), responses((status = 200, description = "What it is", body = IntrospectionBody), (status = 400, description = "Something is missing or malformed", body = OAuthErrorBody), (status = 401, description = "The application is unknown, or its secret is missing or wrong", body = OAuthErrorBody)))]
pub async fn introspect_oauth_token(
    State(app): State<App>,
    input: OAuthInput<TokenInQuestion>,
) -> Result<(NotKept, Json<IntrospectionBody>), OAuthError> {
    let application = authenticated(&app, input.basic, input.body.credentials()).await?;
    let hash = caller::hash(&input.body.token.0);
    let is_on =
        |grant: &Grant| grant.application_id == application.id && grant.revoked_at.is_none();
    let (now, uris) = (app.now(), app.uris());
    let tx = app.store.read().await?;
    let access = oauth_tokens::access(&tx, &hash).await?.filter(|token| {
        let is_over = token.expires_at.is_some_and(|at| at <= now);
        is_on(&token.grant) && token.revoked_at.is_none() && !is_over
    });
    let refresh = oauth_tokens::refresh(&tx, &hash).await?;
    let refresh = refresh.filter(|token| is_on(&token.grant) && token.used_at.is_none());
    let body = match (access, refresh) {
        (Some(token), _) => IntrospectionBody::of_access(&application, &token, &uris),
        (None, Some(token)) => {
            let what = (&token.grant, token.grant.scopes.as_slice());
            IntrospectionBody::new(&application, what, token.created_at, &uris)
        }
        (None, None) => IntrospectionBody::default(),
    };
    Ok((NOT_KEPT, Json(body)))
}
