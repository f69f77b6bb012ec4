//! What the authorization server and the API say of themselves, under `/.well-known`, and how whoever has no token learns
//! of it.

use super::registration::{GRANT_TYPES, METHODS};
use crate::{
    api::{scope_words::allowable, uri::Uris},
    context::App,
};
use axum::{
    Json,
    extract::State,
    http::{HeaderValue, StatusCode, header},
    response::Response,
};
use serde::Serialize;
use utoipa::ToSchema;

const RESOURCE: &str = "/.well-known/oauth-protected-resource";

/// What an answer says to whoever has no token: where to learn how to get one (RFC 9728 section 5.1).
#[derive(Clone, Debug)]
pub struct Challenge(Option<HeaderValue>);

impl Challenge {
    /// For these addresses.
    pub fn new(uris: &Uris) -> Challenge {
        let text = format!("Bearer resource_metadata=\"{}\"", uris.page(RESOURCE));
        Challenge(HeaderValue::try_from(text).ok())
    }

    /// Adds it to an answer of 401 that asks for nothing else.
    pub fn add_to(&self, response: &mut Response) {
        let is_asked = response.headers().contains_key(header::WWW_AUTHENTICATE);
        if response.status() == StatusCode::UNAUTHORIZED
            && !is_asked
            && let Some(challenge) = &self.0
        {
            let headers = response.headers_mut();
            headers.insert(header::WWW_AUTHENTICATE, challenge.clone());
        }
    }
}

fn owned(words: &[&str]) -> Vec<String> {
    words.iter().map(ToString::to_string).collect()
}

/// What the authorization server is able to do (RFC 8414).
#[derive(Debug, Serialize, ToSchema)]
pub struct OAuthServerBody {
    /// Its name, which is its address.
    pub issuer: String,
    /// Where users are asked.
    pub authorization_endpoint: String,
    /// Where tokens are issued.
    pub token_endpoint: String,
    /// Where applications register themselves; only where they may.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub registration_endpoint: Option<String>,
    /// Where applications ask what a token is.
    pub introspection_endpoint: String,
    /// Where applications give tokens back.
    pub revocation_endpoint: String,
    /// What applications can be allowed.
    pub scopes_supported: Vec<String>,
    /// What comes from where users allow it.
    pub response_types_supported: Vec<String>,
    /// How it comes.
    pub response_modes_supported: Vec<String>,
    /// What is exchanged for tokens.
    pub grant_types_supported: Vec<String>,
    /// How applications prove who they are, to get tokens.
    pub token_endpoint_auth_methods_supported: Vec<String>,
    /// The same, to ask what a token is.
    pub introspection_endpoint_auth_methods_supported: Vec<String>,
    /// The same, to give a token back.
    pub revocation_endpoint_auth_methods_supported: Vec<String>,
    /// How they prove that a code is theirs (RFC 7636).
    pub code_challenge_methods_supported: Vec<String>,
    /// Whether what comes from where users allow it says from whom it comes (RFC 9207).
    pub authorization_response_iss_parameter_supported: bool,
    /// Where it is described for people.
    pub service_documentation: String,
}

/// Read what the authorization server can do
#[utoipa::path(get, path = "/.well-known/oauth-authorization-server", tag = "OAuth", responses((status = 200, description = "What it can do", body = OAuthServerBody)))]
pub async fn get_oauth_server(State(app): State<App>) -> Json<OAuthServerBody> {
    let uris = app.uris();
    let is_open = app.config.oauth_registration;
    Json(OAuthServerBody {
        issuer: uris.base().to_owned(),
        authorization_endpoint: uris.page("/oauth/authorize"),
        token_endpoint: uris.page("/oauth/token"),
        registration_endpoint: is_open.then(|| uris.page("/oauth/register")),
        introspection_endpoint: uris.page("/oauth/introspect"),
        revocation_endpoint: uris.page("/oauth/revoke"),
        scopes_supported: owned(&allowable()),
        response_types_supported: owned(&["code"]),
        response_modes_supported: owned(&["query"]),
        grant_types_supported: owned(&GRANT_TYPES),
        token_endpoint_auth_methods_supported: owned(&METHODS),
        introspection_endpoint_auth_methods_supported: owned(&METHODS),
        revocation_endpoint_auth_methods_supported: owned(&METHODS),
        code_challenge_methods_supported: owned(&["S256"]),
        authorization_response_iss_parameter_supported: true,
        service_documentation: uris.page("/docs"),
    })
}

/// What the API asks of those who call it (RFC 9728).
#[derive(Debug, Serialize, ToSchema)]
pub struct OAuthResourceBody {
    /// Its address.
    pub resource: String,
    /// Who issues tokens for it.
    pub authorization_servers: Vec<String>,
    /// What tokens can be for.
    pub scopes_supported: Vec<String>,
    /// How tokens are presented.
    pub bearer_methods_supported: Vec<String>,
    /// What it is called.
    pub resource_name: String,
    /// Where it is described for people.
    pub resource_documentation: String,
}

/// Read how to get a token for the API
#[utoipa::path(get, path = "/.well-known/oauth-protected-resource", tag = "OAuth", responses((status = 200, description = "How to get one", body = OAuthResourceBody)))]
pub async fn get_oauth_resource(State(app): State<App>) -> Json<OAuthResourceBody> {
    let uris = app.uris();
    Json(OAuthResourceBody {
        resource: uris.base().to_owned(),
        authorization_servers: owned(&[uris.base()]),
        scopes_supported: owned(&allowable()),
        bearer_methods_supported: owned(&["header"]),
        resource_name: "Fasti".to_owned(),
        resource_documentation: uris.page("/docs"),
    })
}
