//! Who is asking and what they may touch. The right an operation needs is the type of its caller argument.

use super::{client_address, problem::Problem, rate_limit};
use crate::{
    app::activity_log_entries::{By, Way},
    cache::Kept,
    context::App,
};
use axum::{
    extract::FromRequestParts,
    http::{header, request::Parts},
};
use domain::id::{OAuthApplicationId, OrganizationId, TokenId, UserId};
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use std::{marker::PhantomData, net::IpAddr, sync::Arc};
use store::{
    organization_memberships::{self, Role},
    personal_access_tokens::Bearer,
};

/// A right that a token may carry.
pub trait Scope: Send + Sync + 'static {
    /// The scopes of which the token needs one; the first one is the documented one.
    const ACCEPTED: &'static [&'static str];
}

macro_rules! scopes {
    ($($(#[doc = $doc:literal])* $name:ident = $($accepted:literal)|+;)*) => {
        $($(#[doc = $doc])* #[derive(Clone, Copy, Debug)] pub struct $name;
        impl Scope for $name {
            const ACCEPTED: &'static [&'static str] = &[$($accepted),+];
        })*

        /// Every scope a token can have.
        pub const ALL: &[&str] = ALL_SCOPES;
    };
}

/// The scopes, as the API's documentation names them. A `write` scope includes the `read` one.
pub mod scope {
    use super::Scope;

    const ALL_SCOPES: &[&str] = &[
        "users:read",
        "users:write",
        "personal_access_tokens:read",
        "personal_access_tokens:write",
        "passwords:write",
        "oauth_applications:read",
        "oauth_applications:write",
        "organizations:read",
        "organizations:write",
        "groups:read",
        "groups:write",
        "availability:read",
        "availability:write",
        "event_types:read",
        "event_types:write",
        "scheduled_events:read",
        "scheduled_events:write",
        "locations:read",
        "scheduling_links:write",
        "shares:write",
        "routing_forms:read",
        "routing_forms:write",
        "contacts:read",
        "contacts:write",
        "meeting_recaps:read",
        "meeting_recaps:write",
        "webhooks:read",
        "webhooks:write",
        "activity_log:read",
        "outgoing_communications:read",
        "data_compliance:write",
    ];

    scopes! {
        /// Read users.
        UsersRead = "users:read";
        /// Administer users.
        UsersWrite = "users:write";
        /// List tokens.
        TokensRead = "personal_access_tokens:read";
        /// Make and revoke tokens.
        TokensWrite = "personal_access_tokens:write";
        /// Set passwords.
        PasswordsWrite = "passwords:write";
        /// Read applications.
        OAuthApplicationsRead = "oauth_applications:read";
        /// Write applications.
        OAuthApplicationsWrite = "oauth_applications:write";
        /// Read organizations and memberships.
        OrganizationsRead = "organizations:read";
        /// Read schedules, busy and free times.
        AvailabilityRead = "availability:read";
        /// Write schedules and busy times.
        AvailabilityWrite = "availability:write";
        /// Read event types.
        EventTypesRead = "event_types:read";
        /// Write event types.
        EventTypesWrite = "event_types:write";
        /// Read the times on offer.
        AvailableTimesRead = "availability:read" | "event_types:read";
        /// Read scheduled events and invitees.
        ScheduledEventsRead = "scheduled_events:read";
        /// Book, reschedule and cancel.
        ScheduledEventsWrite = "scheduled_events:write";
        /// Administer memberships, invitations and teams.
        OrganizationsWrite = "organizations:write";
        /// Read groups.
        GroupsRead = "groups:read";
        /// Administer groups.
        GroupsWrite = "groups:write";
        /// Read where hosts meet.
        LocationsRead = "locations:read";
        /// Make links that can be used once.
        SchedulingLinksWrite = "scheduling_links:write";
        /// Make links with settings of their own.
        SharesWrite = "shares:write";
        /// Read forms and what was filled in.
        RoutingFormsRead = "routing_forms:read";
        /// Write forms and fill them in.
        RoutingFormsWrite = "routing_forms:write";
        /// Read contacts, lists and notes.
        ContactsRead = "contacts:read";
        /// Write contacts, lists and notes.
        ContactsWrite = "contacts:write";
        /// Read what was said in meetings.
        MeetingRecapsRead = "meeting_recaps:read";
        /// Write what was said in meetings.
        MeetingRecapsWrite = "meeting_recaps:write";
        /// Read subscriptions and deliveries.
        WebhooksRead = "webhooks:read";
        /// Subscribe.
        WebhooksWrite = "webhooks:write";
        /// Read what was changed by whom.
        ActivityLogRead = "activity_log:read";
        /// Read what was sent to people.
        OutgoingCommunicationsRead = "outgoing_communications:read";
        /// Delete personal data.
        DataComplianceWrite = "data_compliance:write";
    }
}

/// The authenticated caller, whose token has the scope `S`.
#[derive(Debug)]
pub struct Caller<S> {
    /// All look-ups go by this organization.
    pub organization: OrganizationId,
    /// The user the token acts as.
    pub user: UserId,
    /// The token.
    pub token: TokenId,
    /// The user's role.
    pub role: Role,
    /// The token's scopes.
    pub scopes: Vec<String>,
    /// When the token stops working.
    pub expires_at: Option<Timestamp>,
    /// From where the request came.
    pub address: Option<IpAddr>,
    /// The application that acts for the user.
    pub application: Option<OAuthApplicationId>,
    right: PhantomData<S>,
}

impl<S> Caller<S> {
    /// The caller, for the activity log.
    pub fn by(&self) -> By {
        let way = way(self.application, self.token);
        let by = By::user(self.organization, (self.user, self.role), way);
        by.from_address(self.address)
    }

    /// Whether the caller administers the organization.
    pub fn is_admin(&self) -> bool {
        matches!(self.role, Role::Owner | Role::Admin)
    }

    /// The caller, where they must have to do with something because they do not administer the organization.
    pub fn unless_admin(&self) -> Option<UserId> {
        (!self.is_admin()).then_some(self.user)
    }

    /// Refuses everyone who does not administer the organization.
    pub fn must_be_admin(&self) -> Result<(), Problem> {
        if self.is_admin() {
            Ok(())
        } else {
            Err(Problem::no_permission())
        }
    }

    /// Refuses everyone but the user themselves and administrators, and of administrators those who may do less: nobody
    /// gets to act as an owner but an owner.
    pub async fn may_act_as(&self, app: &App, user: UserId) -> Result<(), Problem> {
        if self.user == user {
            return Ok(());
        }
        self.must_be_admin()?;
        let tx = app.store.read().await?;
        let membership = organization_memberships::of_user(&tx, self.organization, user).await?;
        let membership = membership.ok_or_else(Problem::not_found)?;
        if membership.role == Role::Owner && self.role != Role::Owner {
            return Err(Problem::no_permission());
        }
        Ok(())
    }

    /// Refuses everyone but the user themselves and administrators.
    pub fn must_act_for(&self, user: UserId) -> Result<(), Problem> {
        if self.user == user || self.is_admin() {
            Ok(())
        } else {
            Err(Problem::no_permission())
        }
    }
}

impl<S: Scope> FromRequestParts<App> for Caller<S> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Caller<S>, Problem> {
        let bearer = &authenticate(parts, app).await?.value;
        rate_limit::count(app, parts, bearer)?;
        if !has_scope(&bearer.scopes, S::ACCEPTED) {
            return Err(Problem::scope(S::ACCEPTED));
        }
        Ok(Caller {
            organization: bearer.organization_id,
            user: bearer.user_id,
            token: bearer.token_id,
            role: bearer.role,
            scopes: bearer.scopes.clone(),
            expires_at: bearer.expires_at,
            address: client_address::of(parts, app),
            application: bearer.application_id,
            right: PhantomData,
        })
    }
}

impl By {
    /// The bearer of a request's token.
    pub fn of(bearer: &Bearer, address: Option<IpAddr>) -> By {
        let user = (bearer.user_id, bearer.role);
        let way = way(bearer.application_id, bearer.token_id);
        By::user(bearer.organization_id, user, way).from_address(address)
    }
}

fn way(application: Option<OAuthApplicationId>, token: TokenId) -> Way {
    application.map_or(Way::Token(token), Way::Application)
}

/// The bearer of the request's token.
pub async fn authenticate(parts: &Parts, app: &App) -> Result<Arc<Kept<Bearer>>, Problem> {
    let header = parts
        .headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok());
    let token = header.and_then(bearer_token).ok_or_else(invalid_token)?;
    let known = app.facts.bearer(hash(token)).await?;
    let known = known.ok_or_else(invalid_token)?;
    let bearer = &known.value;
    if bearer.revoked_at.is_some() {
        return Err(Problem::unauthenticated("The access token was revoked"));
    }
    if bearer.expires_at.is_some_and(|at| at <= app.now()) {
        return Err(Problem::unauthenticated("The access token expired"));
    }
    Ok(known)
}

fn invalid_token() -> Problem {
    Problem::unauthenticated("The access token is invalid")
}

fn bearer_token(header: &str) -> Option<&str> {
    let (scheme, token) = header.split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
}

/// Whether scopes allow what needs one of `accepted`; a `write` scope includes its `read` scope.
pub fn has_scope(scopes: &[String], accepted: &[&str]) -> bool {
    accepted.iter().any(|needed| {
        let family = needed.strip_suffix(":read");
        scopes.iter().any(|scope| {
            scope == needed
                || family.is_some_and(|family| scope.strip_suffix(":write") == Some(family))
        })
    })
}

/// The form in which a token is stored: SHA-256 in hexadecimal.
pub fn hash(token: &str) -> String {
    hex(&Sha256::digest(token.as_bytes()))
}

/// Bytes in hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    let digit = |half: u8| char::from_digit(half.into(), 16).unwrap_or_default();
    let digits = bytes
        .iter()
        .flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]);
    let mut text = String::with_capacity(2 * bytes.len());
    text.extend(digits);
    text
}
