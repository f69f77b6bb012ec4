//! `/organizations/{uuid}/invitations`: asking people to join, and their answers, which need a code instead of a token.

mod answers;

use super::{
    answer::{Resource, write_once},
    caller::{
        self, Caller,
        scope::{OrganizationsRead, OrganizationsWrite},
    },
    input::input,
    page::{Collection, Count, PageToken, Sort, Sorted},
    problem::Problem,
    request::{Input, Query},
    uri::{Id, InvitationPath, Uris},
    value::{
        text::{Email, Text, is_mail_address},
        time::Time,
        words,
    },
};
use crate::{
    app::organization_invitations::{InvitationRefusal, Invite, RevokeInvitation},
    context::{App, fresh_id, fresh_secret},
};
use axum::{Json, extract::State, http::StatusCode, response::Response};
use domain::id::{InvitationId, OrganizationId};
use serde::Serialize;
use store::{
    error::chain,
    organization_invitations::{self, Invitation, InvitationStatus},
};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

/// The routes of this file.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(
            list_organization_invitations,
            create_organization_invitation
        ))
        .routes(routes!(
            get_organization_invitation,
            revoke_organization_invitation
        ))
        .routes(routes!(answers::accept_organization_invitation))
        .routes(routes!(answers::decline_organization_invitation))
}

impl From<InvitationRefusal> for Problem {
    fn from(refusal: InvitationRefusal) -> Problem {
        match refusal {
            InvitationRefusal::Unknown => Problem::not_found(),
            InvitationRefusal::AlreadyMember(email) => Problem::already_member(&email),
            InvitationRefusal::AlreadyInvited(email) => Problem::already_invited(&email),
            InvitationRefusal::AlreadyAccepted => Problem::already_accepted(),
            InvitationRefusal::AlreadyDeclined => Problem::already_declined(),
            InvitationRefusal::User(refusal) => refusal.into(),
        }
    }
}

words! {
    /// What became of an invitation.
    pub enum StatusInput {
        /// It was not answered yet.
        Pending = "pending",
        /// There is a user because of it.
        Accepted = "accepted",
        /// Whoever was asked does not want to.
        Declined = "declined",
    }
}

/// An invitation into an organization.
#[derive(Debug, Serialize, ToSchema)]
pub struct InvitationBody {
    /// The invitation's URI.
    #[schema(format = "uri")]
    pub uri: String,
    /// Where to.
    #[schema(format = "uri")]
    pub organization: String,
    /// Who is asked.
    #[schema(format = "email", example = "grace@example.com")]
    pub email: String,
    /// `pending`, `accepted` or `declined`.
    #[schema(example = "pending")]
    pub status: String,
    /// When it was first sent.
    pub created_at: Time,
    /// When it last changed.
    pub updated_at: Time,
    /// When it was last sent.
    #[schema(required = true)]
    pub last_sent_at: Option<Time>,
    /// The user it made; only of accepted ones.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, format = "uri")]
    pub user: Option<String>,
}

impl InvitationBody {
    /// What is shown of an invitation.
    pub fn new(
        invitation: Invitation,
        organization: OrganizationId,
        uris: &Uris,
    ) -> InvitationBody {
        InvitationBody {
            uri: uris.invitation(organization, invitation.id),
            organization: uris.of(organization),
            email: invitation.email,
            status: invitation.status.as_str().to_owned(),
            created_at: Time(invitation.created_at),
            updated_at: Time(invitation.updated_at),
            last_sent_at: invitation.last_sent_at.map(Time),
            user: invitation.user_id.map(|user| uris.of(user)),
        }
    }
}

/// An invitation with the code that answers it, which is not shown again.
#[derive(Debug, Serialize, ToSchema)]
pub struct NewInvitationBody {
    /// The invitation.
    #[serde(flatten)]
    pub invitation: InvitationBody,
    /// What whoever is invited needs to answer.
    pub acceptance_code: String,
}

input! {
    /// Which invitations.
    pub struct ListInvitations {
        /// To this mail address.
        pub email: Option<Email>,
        /// With this status.
        pub status: Option<StatusInput>,
        /// `created_at:asc` (default) or `created_at:desc`.
        pub sort: Sort,
        /// Rows on a page, 20 by default.
        pub count: Count,
        /// Where the page begins, from an earlier answer.
        pub page_token: PageToken,
    }
}

/// Refuses other organizations than the caller's, and everyone who does not administer it.
fn must_administer<S>(caller: &Caller<S>, organization: OrganizationId) -> Result<(), Problem> {
    if organization != caller.organization {
        return Err(Problem::not_found());
    }
    caller.must_be_admin()
}

/// List invitations
#[utoipa::path(get, path = "/organizations/{uuid}/invitations", tag = "Organizations", params(("uuid" = uuid::Uuid, Path), ListInvitations), responses((status = 200, description = "A page of invitations", body = Collection<InvitationBody>)))]
async fn list_organization_invitations(
    State(app): State<App>,
    caller: Caller<OrganizationsRead>,
    Id(organization): Id<OrganizationId>,
    Query { query, target }: Query<ListInvitations>,
) -> Result<Json<Collection<InvitationBody>>, Problem> {
    must_administer(&caller, organization)?;
    let sorted = Sorted::parse(query.sort, &["created_at"])?;
    let request = sorted.request(query.count, query.page_token)?;
    let status = query.status.map(StatusInput::word);
    let filter = organization_invitations::Filter {
        email: query.email.map(|email| email.0),
        status: status.and_then(InvitationStatus::parse),
    };
    let tx = app.store.read().await?;
    let page = organization_invitations::list(&tx, organization, &filter, &request).await?;
    let uris = app.uris();
    Ok(Json(sorted.collection(
        page,
        (&uris, &target),
        |invitation| (invitation.created_at, invitation.id.0),
        |invitation| InvitationBody::new(invitation, organization, &uris),
    )))
}

/// Get an invitation
#[utoipa::path(get, path = "/organizations/{organization_uuid}/invitations/{invitation_uuid}", tag = "Organizations", params(("organization_uuid" = uuid::Uuid, Path), ("invitation_uuid" = uuid::Uuid, Path)), responses((status = 200, description = "The invitation", body = Resource<InvitationBody>)))]
async fn get_organization_invitation(
    State(app): State<App>,
    caller: Caller<OrganizationsRead>,
    InvitationPath(organization, id): InvitationPath,
) -> Result<Json<Resource<InvitationBody>>, Problem> {
    must_administer(&caller, organization)?;
    let tx = app.store.read().await?;
    let invitation = organization_invitations::get(&tx, organization, id).await?;
    let invitation = invitation.ok_or_else(Problem::not_found)?;
    Ok(Json(Resource {
        resource: InvitationBody::new(invitation, organization, &app.uris()),
    }))
}

input! {
    /// An invitation.
    pub struct NewInvitation {
        /// Who is asked.
        pub email: Text<1, 1_000>,
        /// Whether one that was not answered yet is sent again, with another code; `false` by default.
        pub resend: Option<bool>,
    }
    example {"email": "grace@example.com"}
}

/// Invite somebody
///
/// The code that answers it is in this answer only. With `resend` an invitation that waits for its answer gets another one.
#[utoipa::path(post, path = "/organizations/{uuid}/invitations", tag = "Organizations", params(("uuid" = uuid::Uuid, Path)), request_body = NewInvitation, responses((status = 201, description = "The invitation with its code", body = Resource<NewInvitationBody>)))]
async fn create_organization_invitation(
    State(app): State<App>,
    caller: Caller<OrganizationsWrite>,
    Id(organization): Id<OrganizationId>,
    input: Input<NewInvitation>,
) -> Result<Response, Problem> {
    must_administer(&caller, organization)?;
    let (email, now) = (input.body.email.0, app.now());
    if !is_mail_address(&email) {
        return Err(Problem::invalid_email(&email));
    }
    let code = fresh_secret().map_err(|error| {
        tracing::error!(error = chain(&error), "no randomness for an invitation");
        Problem::internal()
    })?;
    let command = Invite {
        organization,
        hash: caller::hash(&code),
        code: code.clone(),
        resends: input.body.resend.unwrap_or(false),
        invitation: Invitation {
            id: InvitationId(fresh_id()),
            email,
            status: InvitationStatus::Pending,
            invited_by: caller.user,
            user_id: None,
            created_at: now,
            updated_at: now,
            last_sent_at: Some(now),
        },
    };
    // a kept answer would keep the code, so this request is never answered from memory
    let sent = (caller.sends(None), StatusCode::CREATED);
    let uris = app.uris();
    write_once(&app, sent, command, move |invitation| {
        Ok(Resource {
            resource: NewInvitationBody {
                invitation: InvitationBody::new(invitation, organization, &uris),
                acceptance_code: code.clone(),
            },
        })
    })
    .await
}

/// Revoke an invitation
#[utoipa::path(delete, path = "/organizations/{organization_uuid}/invitations/{invitation_uuid}", tag = "Organizations", params(("organization_uuid" = uuid::Uuid, Path), ("invitation_uuid" = uuid::Uuid, Path)), responses((status = 204, description = "Revoked")))]
async fn revoke_organization_invitation(
    State(app): State<App>,
    caller: Caller<OrganizationsWrite>,
    InvitationPath(organization, id): InvitationPath,
) -> Result<StatusCode, Problem> {
    must_administer(&caller, organization)?;
    app.store
        .write(caller.by(), RevokeInvitation { organization, id })
        .await?;
    Ok(StatusCode::NO_CONTENT)
}
