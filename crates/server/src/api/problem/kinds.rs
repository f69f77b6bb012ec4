//! The kinds of problems: each has one status, one title and one code.

use axum::http::StatusCode;

/// The kinds of problems: status, Calendly's title, stable code.
pub(super) type Kind = (StatusCode, &'static str, &'static str);

pub(super) const INVALID: Kind = (
    StatusCode::BAD_REQUEST,
    "Invalid Argument",
    "invalid_argument",
);
pub(super) const MALFORMED: Kind = (
    StatusCode::BAD_REQUEST,
    "Invalid Argument",
    "malformed_body",
);
pub(super) const UNAUTHENTICATED: Kind = (
    StatusCode::UNAUTHORIZED,
    "Unauthenticated",
    "unauthenticated",
);
pub(super) const DENIED: Kind = (
    StatusCode::FORBIDDEN,
    "Permission Denied",
    "permission_denied",
);
pub(super) const SCOPE: Kind = (
    StatusCode::FORBIDDEN,
    "Insufficient scope",
    "insufficient_scope",
);
pub(super) const NOT_FOUND: Kind = (StatusCode::NOT_FOUND, "Resource Not Found", "not_found");
pub(super) const METHOD: Kind = (
    StatusCode::METHOD_NOT_ALLOWED,
    "Method Not Allowed",
    "method_not_allowed",
);
pub(super) const TOO_LARGE: Kind = (
    StatusCode::PAYLOAD_TOO_LARGE,
    "Payload Too Large",
    "payload_too_large",
);
pub(super) const TOO_SLOW: Kind = (
    StatusCode::REQUEST_TIMEOUT,
    "Request Timeout",
    "request_timeout",
);
pub(super) const EXISTS: Kind = (StatusCode::CONFLICT, "Already Exists", "already_exists");
pub(super) const IN_USE: Kind = (StatusCode::CONFLICT, "Conflict", "in_use");
pub(super) const KEY_REUSED: Kind = (StatusCode::CONFLICT, "Conflict", "idempotency_key_reused");
pub(super) const TIME_TAKEN: Kind = (StatusCode::CONFLICT, "Conflict", "time_taken");
pub(super) const DATES: Kind = (StatusCode::CONFLICT, "Conflict", "dates_not_available");
pub(super) const CHANGED: Kind = (
    StatusCode::SERVICE_UNAVAILABLE,
    "Service Unavailable",
    "changed_meanwhile",
);
pub(super) const NOT_WAITING: Kind = (StatusCode::CONFLICT, "Conflict", "not_waiting");
pub(super) const TOO_MANY: Kind = (StatusCode::CONFLICT, "Conflict", "too_many_resources");
pub(super) const TOO_MANY_HOLDS: Kind = (StatusCode::CONFLICT, "Conflict", "too_many_holds");
pub(super) const HOLD_ENDED: Kind = (StatusCode::CONFLICT, "Conflict", "hold_ended");
pub(super) const LINK_ENDED: Kind = (StatusCode::CONFLICT, "Conflict", "link_ended");
pub(super) const LIMIT_REACHED: Kind = (StatusCode::CONFLICT, "Conflict", "limit_reached");
pub(super) const RATE_LIMITED: Kind = (
    StatusCode::TOO_MANY_REQUESTS,
    "Too Many Requests",
    "rate_limited",
);
pub(super) const NOT_FINISHED: Kind = (
    StatusCode::SERVICE_UNAVAILABLE,
    "Service Unavailable",
    "not_finished",
);
pub(super) const UNAVAILABLE: Kind = (
    StatusCode::SERVICE_UNAVAILABLE,
    "Service Unavailable",
    "unavailable",
);
pub(super) const INTERNAL: Kind = (
    StatusCode::INTERNAL_SERVER_ERROR,
    "Internal Server Error",
    "internal_error",
);
pub(super) const INVALID_EMAIL: Kind = (StatusCode::BAD_REQUEST, "Invalid Email", "invalid_email");
pub(super) const ALREADY_MEMBER: Kind = (
    StatusCode::BAD_REQUEST,
    "Already Organization Member",
    "already_organization_member",
);
pub(super) const ALREADY_INVITED: Kind = (
    StatusCode::BAD_REQUEST,
    "Already Invited",
    "already_invited",
);
pub(super) const ALREADY_ACCEPTED: Kind = (
    StatusCode::BAD_REQUEST,
    "Invitation Already Accepted",
    "invitation_already_accepted",
);
pub(super) const ALREADY_DECLINED: Kind = (
    StatusCode::BAD_REQUEST,
    "Invitation Already Declined",
    "invitation_already_declined",
);
