//! What whoever was invited answers, with the invitation's code instead of a token.

use super::InvitationBody;
use crate::api::{
    answer::{Resource, json},
    caller,
    client_address::Address,
    input::input,
    problem::Problem,
    request::Input,
    uri::InvitationPath,
    value::{text::Text, time::Zone},
};
use crate::{
    app::{
        activity_log_entries::By,
        organization_invitations::{AcceptInvitation, Answered, DeclineInvitation},
        users::AddUser,
    },
    context::App,
};
use axum::{extract::State, http::StatusCode, response::Response};
use jiff::tz::TimeZone;
use store::{activity_log_entries::Actor, organization_invitations::Invitation};

/// Which invitation a code answers.
fn answered(InvitationPath(organization, id): InvitationPath, code: &str) -> Answered {
    Answered {
        organization,
        id,
        hash: caller::hash(code),
    }
}

input! {
    /// Who joins.
    pub struct Acceptance {
        /// The code of the invitation.
        pub code: Text<1, 1_000>,
        /// Full name.
        pub name: Text<1, 255>,
        /// IANA zone, UTC by default.
        pub timezone: Option<Zone>,
    }
    example {"code": "wZ2Yb0…", "name": "Grace Hopper", "timezone": "America/New_York"}
}

/// Accept an invitation
///
/// Needs no token but the invitation's code. It makes whoever was invited a user, as adding one does.
#[utoipa::path(post, path = "/organizations/{organization_uuid}/invitations/{invitation_uuid}/acceptance", tag = "Organizations", params(("organization_uuid" = uuid::Uuid, Path), ("invitation_uuid" = uuid::Uuid, Path)), request_body = Acceptance, responses((status = 201, description = "The invitation with its user", body = Resource<InvitationBody>)))]
pub async fn accept_organization_invitation(
    State(app): State<App>,
    Address(address): Address,
    path: InvitationPath,
    input: Input<Acceptance>,
) -> Result<Response, Problem> {
    let body = input.body;
    let zone = body.timezone.map_or(TimeZone::UTC, |zone| zone.0);
    let command = AcceptInvitation {
        answered: answered(path, &body.code.0),
        add: AddUser::new(path.0, body.name.0, String::new(), zone, app.now()),
    };
    let by = By {
        actor: Some(Actor::User(command.add.user.id, command.add.role)),
        ..By::anybody(path.0)
    };
    let by = by.from_address(address);
    let accepted = app.store.write(by, command).await?;
    answer(&app, path, accepted)
}

input! {
    /// Who does not join.
    pub struct Declination {
        /// The code of the invitation.
        pub code: Text<1, 1_000>,
    }
    example {"code": "wZ2Yb0…"}
}

/// Decline an invitation
///
/// Needs no token but the invitation's code.
#[utoipa::path(post, path = "/organizations/{organization_uuid}/invitations/{invitation_uuid}/declination", tag = "Organizations", params(("organization_uuid" = uuid::Uuid, Path), ("invitation_uuid" = uuid::Uuid, Path)), request_body = Declination, responses((status = 201, description = "The invitation", body = Resource<InvitationBody>)))]
pub async fn decline_organization_invitation(
    State(app): State<App>,
    Address(address): Address,
    path: InvitationPath,
    input: Input<Declination>,
) -> Result<Response, Problem> {
    let command = DeclineInvitation {
        answered: answered(path, &input.body.code.0),
        now: app.now(),
    };
    let by = By::anybody(path.0).from_address(address);
    let declined = app.store.write(by, command).await?;
    answer(&app, path, declined)
}

fn answer(app: &App, path: InvitationPath, invitation: Invitation) -> Result<Response, Problem> {
    let resource = InvitationBody::new(invitation, path.0, &app.uris());
    json(StatusCode::CREATED, &Resource { resource })
}
