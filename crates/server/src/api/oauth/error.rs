//! What refused OAuth requests are answered (RFC 6749 section 5.2).

use crate::{
    api::problem::{self, Problem},
    app::attempts::TooMany,
    context::NoRandomness,
};
use axum::{
    Json,
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use store::StoreError;
use utoipa::ToSchema;

/// What a refused OAuth request is answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct OAuthErrorBody {
    /// What is wrong, for programs.
    #[schema(example = "invalid_grant")]
    pub error: String,
    /// What is wrong, for people.
    pub error_description: String,
}

/// A refused OAuth request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OAuthError {
    status: StatusCode,
    body: OAuthErrorBody,
    retry_after: Option<i64>,
}

/// What is said of a code or a refresh token that brings nothing, in words that clients may look for.
const INVALID_GRANT: &str = "The provided authorization grant is invalid, expired, revoked, does not match the redirection URI used in the authorization request, or was issued to another client.";

impl OAuthError {
    /// Any.
    pub fn new(status: StatusCode, error: &str, description: impl Into<String>) -> OAuthError {
        OAuthError {
            status,
            body: OAuthErrorBody {
                error: error.to_owned(),
                error_description: description.into(),
            },
            retry_after: None,
        }
    }

    /// Something is missing or malformed.
    pub fn invalid_request(description: impl Into<String>) -> OAuthError {
        OAuthError::new(StatusCode::BAD_REQUEST, "invalid_request", description)
    }

    /// The application is unknown, or does not prove that it is this one.
    pub fn invalid_client() -> OAuthError {
        let description = "Client authentication failed: the client is unknown, or its secret is missing or wrong.";
        OAuthError::new(StatusCode::UNAUTHORIZED, "invalid_client", description)
    }

    /// A code or a refresh token brings nothing.
    pub fn invalid_grant() -> OAuthError {
        OAuthError::new(StatusCode::BAD_REQUEST, "invalid_grant", INVALID_GRANT)
    }

    /// A scope is unknown, or more than was allowed.
    pub fn invalid_scope() -> OAuthError {
        let description = "The requested scope is unknown, or more than the user allowed.";
        OAuthError::new(StatusCode::BAD_REQUEST, "invalid_scope", description)
    }

    /// It was done too often.
    pub fn too_many(too_many: TooMany, description: &str) -> OAuthError {
        OAuthError {
            retry_after: Some(too_many.retry_after),
            ..OAuthError::new(
                StatusCode::TOO_MANY_REQUESTS,
                "too_many_requests",
                description,
            )
        }
    }
}

impl From<Problem> for OAuthError {
    fn from(problem: Problem) -> OAuthError {
        let details: Vec<String> = problem
            .details
            .iter()
            .map(|detail| match detail.parameter.as_str() {
                "" => format!("The body {}", detail.message),
                parameter => format!("{parameter} {}", detail.message),
            })
            .collect();
        let status = problem.status();
        let error = match status {
            StatusCode::INTERNAL_SERVER_ERROR => "server_error",
            StatusCode::SERVICE_UNAVAILABLE => "temporarily_unavailable",
            _ => "invalid_request",
        };
        if details.is_empty() {
            OAuthError::new(status, error, problem.message)
        } else {
            OAuthError::new(status, error, details.join("; "))
        }
    }
}

impl From<StoreError> for OAuthError {
    fn from(error: StoreError) -> OAuthError {
        Problem::from(error).into()
    }
}

impl From<NoRandomness> for OAuthError {
    fn from(error: NoRandomness) -> OAuthError {
        Problem::from(error).into()
    }
}

impl IntoResponse for OAuthError {
    fn into_response(self) -> Response {
        let mut response = (self.status, super::NOT_KEPT, Json(self.body)).into_response();
        let headers = response.headers_mut();
        if self.status == StatusCode::UNAUTHORIZED {
            let basic = HeaderValue::from_static("Basic realm=\"oauth\", charset=\"UTF-8\"");
            headers.insert(header::WWW_AUTHENTICATE, basic);
        }
        if let Some(seconds) = self.retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        problem::with_time_to_retry(response)
    }
}

/// What is in no answer that others may keep.
pub type NotKept = [(HeaderName, HeaderValue); 2];
