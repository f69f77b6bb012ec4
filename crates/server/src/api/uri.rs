//! URIs are the ids of the API: ours go out with the public address, theirs come in by kind and id whatever their host.

use super::{
    input::{Parse, Reader},
    problem::Problem,
    value::text::text,
};
use crate::context::App;
use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;
use domain::id::{
    ActivityLogEntryId, BusyTimeId, ContactId, ContactListId, CustomFieldDefinitionId, EventTypeId,
    EventTypeMembershipId, GroupId, GroupRelationshipId, HoldId, InvitationId, InviteeId,
    MeetingRecapId, MembershipId, NoShowId, NoteId, OAuthApplicationId, OrganizationId,
    RoutingFormId, RoutingFormSubmissionId, ScheduleId, ScheduledEventId, TeamId, TokenId, UserId,
    WebhookSubscriptionId,
};
use serde_json::Value;
use std::sync::Arc;
use utoipa::openapi::{ObjectBuilder, RefOr, Schema, SchemaFormat, schema::Type};
use uuid::Uuid;

/// A kind of resource that has a URI.
pub trait Resource: Copy {
    /// The collection in the URI's path.
    const COLLECTION: &'static str;

    /// The id inside the URI.
    fn from_uuid(id: Uuid) -> Self;

    /// The id inside the URI.
    fn uuid(self) -> Uuid;
}

macro_rules! resources {
    ($($id:ident = $collection:literal),* $(,)?) => {
        $(impl Resource for $id {
            const COLLECTION: &'static str = $collection;

            fn from_uuid(id: Uuid) -> $id {
                $id(id)
            }

            fn uuid(self) -> Uuid {
                self.0
            }
        })*
    };
}

resources! {
    OrganizationId = "organizations",
    UserId = "users",
    MembershipId = "organization_memberships",
    InvitationId = "invitations",
    TokenId = "personal_access_tokens",
    OAuthApplicationId = "oauth_applications",
    ScheduleId = "user_availability_schedules",
    BusyTimeId = "user_busy_times",
    EventTypeId = "event_types",
    EventTypeMembershipId = "event_type_memberships",
    ScheduledEventId = "scheduled_events",
    HoldId = "holds",
    InviteeId = "invitees",
    NoShowId = "invitee_no_shows",
    TeamId = "teams",
    GroupId = "groups",
    GroupRelationshipId = "group_relationships",
    RoutingFormId = "routing_forms",
    RoutingFormSubmissionId = "routing_form_submissions",
    WebhookSubscriptionId = "webhook_subscriptions",
    ActivityLogEntryId = "activity_log_entries",
    ContactId = "contacts",
    CustomFieldDefinitionId = "contacts/custom_field_definitions",
    ContactListId = "contact_lists",
    NoteId = "notes",
    MeetingRecapId = "meeting_recaps",
}

/// The URI of a resource in a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Uri<R>(pub R);

impl<R: Resource> Parse for Uri<R> {
    fn parse(value: &Value, reader: &mut Reader) -> Option<Uri<R>> {
        match id_in(text(value, reader)?, R::COLLECTION) {
            Some(id) => Some(Uri(R::from_uuid(id))),
            None => reader.problem(
                "invalid_uri",
                format!(
                    "must be a URI such as https://fasti.example/{}/{}",
                    R::COLLECTION,
                    EXAMPLE_ID
                ),
            ),
        }
    }

    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .format(Some(SchemaFormat::Custom("uri".to_owned())))
            .pattern(Some(format!("/{}/{UUID_PATTERN}/?$", R::COLLECTION)))
            .examples([format!(
                "http://127.0.0.1:8080/{}/{EXAMPLE_ID}",
                R::COLLECTION
            )])
            .into()
    }
}

const EXAMPLE_ID: &str = "0193a5c8-7d3e-7000-8000-2b1f5f0c9a11";
const UUID_PATTERN: &str = "[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}";

/// The id in a URI of the given collection.
pub fn id_in(uri: &str, collection: &str) -> Option<Uuid> {
    let path = match uri.split_once("://") {
        Some((_, rest)) => rest.split_once('/')?.1,
        None => uri.strip_prefix('/')?,
    };
    let mut segments = path.trim_end_matches('/').rsplit('/');
    let id = segments.next()?;
    (segments.next()? == collection).then(|| uuid(id)).flatten()
}

/// An id in canonical text only.
pub fn uuid(text: &str) -> Option<Uuid> {
    (text.len() == 36)
        .then(|| Uuid::try_parse(text).ok())
        .flatten()
}

/// An id in a request that is not part of a URI.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PlainId(pub Uuid);

impl Parse for PlainId {
    fn parse(value: &Value, reader: &mut Reader) -> Option<PlainId> {
        match uuid(text(value, reader)?) {
            Some(id) => Some(PlainId(id)),
            None => reader.problem(
                "invalid_value",
                format!("must be an id such as {EXAMPLE_ID}"),
            ),
        }
    }

    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .pattern(Some(format!("^{UUID_PATTERN}$")))
            .examples([EXAMPLE_ID])
            .into()
    }
}

/// The id in the path; one that cannot be is a resource that is not there.
#[derive(Clone, Copy, Debug)]
pub struct Id<R>(pub R);

impl<R: Resource> FromRequestParts<App> for Id<R> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Id<R>, Problem> {
        let Ok(Path(id)) = Path::<String>::from_request_parts(parts, app).await else {
            return Err(Problem::not_found());
        };
        uuid(&id)
            .map(|id| Id(R::from_uuid(id)))
            .ok_or_else(Problem::not_found)
    }
}

/// The ids of an event and one of its invitees in the path.
#[derive(Clone, Copy, Debug)]
pub struct InviteePath(pub ScheduledEventId, pub InviteeId);

impl FromRequestParts<App> for InviteePath {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<InviteePath, Problem> {
        let Ok(Path((event, invitee))) =
            Path::<(String, String)>::from_request_parts(parts, app).await
        else {
            return Err(Problem::not_found());
        };
        let ids = uuid(&event).zip(uuid(&invitee));
        let (event, invitee) = ids.ok_or_else(Problem::not_found)?;
        Ok(InviteePath(ScheduledEventId(event), InviteeId(invitee)))
    }
}

/// The ids of an organization and one of its invitations in the path.
#[derive(Clone, Copy, Debug)]
pub struct InvitationPath(pub OrganizationId, pub InvitationId);

impl FromRequestParts<App> for InvitationPath {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<InvitationPath, Problem> {
        let Ok(Path((organization, invitation))) =
            Path::<(String, String)>::from_request_parts(parts, app).await
        else {
            return Err(Problem::not_found());
        };
        let ids = uuid(&organization).zip(uuid(&invitation));
        let (organization, invitation) = ids.ok_or_else(Problem::not_found)?;
        Ok(InvitationPath(
            OrganizationId(organization),
            InvitationId(invitation),
        ))
    }
}

/// Writes URIs under the public address. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Uris {
    base: Arc<str>,
}

impl Uris {
    /// URIs under this address, which has no slash at its end.
    pub fn new(base: &str) -> Uris {
        Uris { base: base.into() }
    }

    /// The URI of a resource.
    pub fn of<R: Resource>(&self, id: R) -> String {
        format!("{}/{}/{}", self.base, R::COLLECTION, id.uuid())
    }

    /// The URI of an invitee.
    pub fn invitee(&self, event: ScheduledEventId, invitee: InviteeId) -> String {
        format!("{}/invitees/{invitee}", self.of(event))
    }

    /// The URI of an invitation into an organization.
    pub fn invitation(&self, organization: OrganizationId, invitation: InvitationId) -> String {
        format!("{}/invitations/{invitation}", self.of(organization))
    }

    /// The public address itself.
    pub fn base(&self) -> &str {
        &self.base
    }

    /// Another address under the same base, without the host, so that a browser stays where it is.
    pub fn local(&self, path: &str) -> String {
        let rest = self.base.split_once("://").map_or("", |(_, rest)| rest);
        let prefix = rest.find('/').map_or("", |start| &rest[start..]);
        format!("{prefix}{path}")
    }

    /// Another address under the same base; `path` starts with a slash.
    pub fn page(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }
}

impl App {
    /// Writes URIs under the configured public address.
    pub fn uris(&self) -> Uris {
        self.uris.clone()
    }
}
