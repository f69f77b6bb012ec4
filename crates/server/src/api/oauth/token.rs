//! `POST /oauth/token`: a code or a refresh token is exchanged for tokens.

use super::{
    NOT_KEPT,
    client::{OAuthInput, authenticated},
    error::{NotKept, OAuthError, OAuthErrorBody},
    split_scopes,
};
use crate::{
    api::{caller, input::input, uri::Uris, value::text::Text},
    app::oauth_grants::{ACCESS_LASTS, Fresh, IssueRefusal, Issued, RedeemCode, Refresh},
    context::{App, fresh_id, fresh_secret},
};
use axum::{Json, extract::State, http::StatusCode};
use domain::id::TokenId;
use serde::Serialize;
use store::{Command, WriteError, oauth_tokens::AccessToken};
use utoipa::ToSchema;

input! {
    /// What is exchanged for tokens.
    pub struct TokenRequest {
        /// `authorization_code` or `refresh_token`.
        pub grant_type: Text<1, 100>,
        /// The code, of `authorization_code`.
        pub code: Option<Text<1, 500>>,
        /// Where the code was sent to; it may be left out with `code_verifier`.
        pub redirect_uri: Option<Text<1, 2_000>>,
        /// Of what the code has the challenge (PKCE).
        pub code_verifier: Option<Text<1, 500>>,
        /// The refresh token, of `refresh_token`.
        pub refresh_token: Option<Text<1, 500>>,
        /// With a refresh token: what the next access token shall be for; all that was allowed by default.
        pub scope: Option<Text<1, 4_000>>,
        /// How the application calls itself, unless the header says so.
        pub client_id: Option<Text<1, 500>>,
        /// Its secret, unless the header says it or there is none.
        pub client_secret: Option<Text<1, 500>>,
    }
    example {
        "grant_type": "authorization_code",
        "code": "b46bdd7f9c3e1f2a05d4e8c7a69b30f1b46bdd7f9c3e1f2a05d4e8c7a69b30f1",
        "redirect_uri": "https://sync.example.com/oauth/callback",
        "client_id": "qQ7f0hWq0g3n8K2rP5sT1uV4xY6zA9bC-dE_fG7hJ0k",
        "client_secret": "…"
    }
}

/// Tokens.
#[derive(Debug, Serialize, ToSchema)]
pub struct TokensBody {
    /// The text to send as `Authorization: Bearer …`.
    pub access_token: String,
    /// Always `Bearer`.
    #[schema(example = "Bearer")]
    pub token_type: String,
    /// For how many seconds the access token works.
    #[schema(example = 7200)]
    pub expires_in: i64,
    /// When it was issued, in seconds since 1970.
    pub created_at: i64,
    /// What brings the next tokens, once.
    pub refresh_token: String,
    /// What the access token is for, with spaces between.
    #[schema(example = "users:read scheduled_events:read")]
    pub scope: String,
    /// The user for whom it acts.
    #[schema(format = "uri")]
    pub owner: String,
    /// The user's organization.
    #[schema(format = "uri")]
    pub organization: String,
}

/// Get tokens
///
/// Each refresh token brings tokens once. One that comes again, and a code that does, ends all that was issued because of
/// the same consent. Errors are those of RFC 6749.
#[utoipa::path(post, path = "/oauth/token", tag = "OAuth", request_body(content((TokenRequest = "application/json"), (TokenRequest = "application/x-www-form-urlencoded"))), responses((status = 200, description = "Tokens", body = TokensBody), (status = 400, description = "Something is missing or malformed, or what is presented brings nothing", body = OAuthErrorBody), (status = 401, description = "The application is unknown, or its secret is missing or wrong", body = OAuthErrorBody), (status = 429, description = "More than 8 tokens were issued for the user in this minute", body = OAuthErrorBody)))]
pub async fn create_oauth_token(
    State(app): State<App>,
    input: OAuthInput<TokenRequest>,
) -> Result<(NotKept, Json<TokensBody>), OAuthError> {
    let body = input.body;
    let credentials = (
        body.client_id.map(|id| id.0),
        body.client_secret.map(|secret| secret.0),
    );
    let application = authenticated(&app, input.basic, credentials).await?;
    let texts = Texts::new()?;
    let fresh = texts.hashed(&app);
    let missing = |name: &str| OAuthError::invalid_request(format!("{name} must be filled"));
    let issued = match body.grant_type.0.as_str() {
        "authorization_code" => {
            let code = body.code.ok_or_else(|| missing("code"))?;
            let command = RedeemCode {
                application,
                hash: caller::hash(&code.0),
                redirect_uri: body.redirect_uri.map(|uri| uri.0),
                verifier: body.code_verifier.map(|verifier| verifier.0),
                fresh,
            };
            written(&app, command).await?
        }
        "refresh_token" => {
            let token = body.refresh_token.ok_or_else(|| missing("refresh_token"))?;
            let command = Refresh {
                application,
                hash: caller::hash(&token.0),
                scopes: body.scope.map(|scope| split_scopes(&scope.0)),
                fresh,
            };
            written(&app, command).await?
        }
        _ => {
            let description = "grant_type must be one of authorization_code refresh_token";
            let error = "unsupported_grant_type";
            return Err(OAuthError::new(StatusCode::BAD_REQUEST, error, description));
        }
    };
    Ok((NOT_KEPT, Json(texts.body(&issued, &app.uris()))))
}

async fn written<C>(app: &App, command: C) -> Result<AccessToken, OAuthError>
where
    C: Command<Output = Issued, Refusal = IssueRefusal>,
{
    match app.store.unrecorded().write(command).await {
        Ok(issued) => issued.ok_or_else(OAuthError::invalid_grant),
        Err(WriteError::Refused(IssueRefusal::Invalid)) => Err(OAuthError::invalid_grant()),
        Err(WriteError::Refused(IssueRefusal::Scope)) => Err(OAuthError::invalid_scope()),
        Err(WriteError::Refused(IssueRefusal::TooMany(too_many))) => Err(OAuthError::too_many(
            too_many,
            "No more than 8 tokens a minute are issued for one user.",
        )),
        Err(WriteError::Failed(failure)) => Err(failure.into()),
    }
}

/// The texts of new tokens.
struct Texts {
    access: String,
    refresh: String,
}

impl Texts {
    fn new() -> Result<Texts, OAuthError> {
        Ok(Texts {
            access: fresh_secret()?,
            refresh: fresh_secret()?,
        })
    }

    fn hashed(&self, app: &App) -> Fresh {
        Fresh {
            access_id: TokenId(fresh_id()),
            access_hash: caller::hash(&self.access),
            refresh_id: fresh_id(),
            refresh_hash: caller::hash(&self.refresh),
            now: app.now(),
        }
    }

    fn body(self, issued: &AccessToken, uris: &Uris) -> TokensBody {
        TokensBody {
            access_token: self.access,
            token_type: "Bearer".to_owned(),
            expires_in: ACCESS_LASTS.as_secs(),
            created_at: issued.created_at.as_second(),
            refresh_token: self.refresh,
            scope: issued.scopes.join(" "),
            owner: uris.of(issued.grant.user_id),
            organization: uris.of(issued.grant.organization_id),
        }
    }
}
