//! `/oauth`: what applications ask for themselves. The pages on which users allow it are in `pages/authorize.rs`.
//!
//! RFC 6749 with RFC 7636 (PKCE), 7591 (registration), 7662 (introspection), 7009 (revocation), 8414 and 9728 (metadata),
//! 9207 (issuer), as the draft of OAuth 2.1 puts them together.

mod client;
pub mod error;
mod introspection;
mod metadata;
mod registration;
mod revocation;
mod token;

pub use metadata::Challenge;

use crate::context::App;
use axum::http::{HeaderName, HeaderValue, header};
use error::NotKept;
use utoipa_axum::{router::OpenApiRouter, routes};

/// The routes of this folder.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(token::create_oauth_token))
        .routes(routes!(introspection::introspect_oauth_token))
        .routes(routes!(revocation::revoke_oauth_token))
        .routes(routes!(registration::register_oauth_client))
        .routes(routes!(metadata::get_oauth_server))
        .routes(routes!(metadata::get_oauth_resource))
}

/// Answers with tokens are kept by nobody on their way.
const NOT_KEPT: NotKept = [
    (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    (PRAGMA, HeaderValue::from_static("no-cache")),
];

const PRAGMA: HeaderName = header::PRAGMA;

/// Scopes with spaces between them.
pub fn split_scopes(text: &str) -> Vec<String> {
    text.split_ascii_whitespace().map(str::to_owned).collect()
}
