//! `/organizations` and `/organization_memberships`.

mod memberships;

use super::{
    answer::Resource,
    caller::{Caller, scope::OrganizationsRead},
    input::input,
    page::{Collection, Count, PageToken, Sorted},
    problem::Problem,
    request::Query,
    uri::{Id, Uri, Uris},
    value::{text::Email, time::Time, words},
};
use crate::context::App;
use axum::{Json, extract::State};
use domain::id::{MembershipId, OrganizationId, UserId};
use serde::Serialize;
use store::{
    organization_memberships::{self, Membership, Role},
    organizations,
    users::{self, User},
};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

/// The routes of this file.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(get_organization))
        .routes(routes!(list_organization_memberships))
        .routes(routes!(
            get_organization_membership,
            memberships::update_organization_membership,
            memberships::delete_organization_membership
        ))
}

/// An organization.
#[derive(Debug, Serialize, ToSchema)]
pub struct OrganizationBody {
    /// The organization's URI.
    #[schema(format = "uri")]
    pub uri: String,
    /// Always `multiple`: it may have any number of users.
    pub kind: String,
    /// Its name.
    pub name: String,
    /// Always `enterprise`: nothing is limited by a plan.
    pub plan: String,
    /// Always `paid`.
    pub stage: String,
    /// When it was made.
    pub created_at: Time,
    /// When it last changed.
    pub updated_at: Time,
}

/// Get an organization
#[utoipa::path(get, path = "/organizations/{uuid}", tag = "Organizations", params(("uuid" = uuid::Uuid, Path)), responses((status = 200, description = "The organization", body = Resource<OrganizationBody>)))]
async fn get_organization(
    State(app): State<App>,
    caller: Caller<OrganizationsRead>,
    Id(id): Id<OrganizationId>,
) -> Result<Json<Resource<OrganizationBody>>, Problem> {
    if id != caller.organization {
        return Err(Problem::not_found());
    }
    let tx = app.store.read().await?;
    let organization = organizations::get(&tx, id)
        .await?
        .ok_or_else(Problem::not_found)?;
    Ok(Json(Resource {
        resource: OrganizationBody {
            uri: app.uris().of(organization.id),
            kind: "multiple".to_owned(),
            name: organization.name,
            plan: "enterprise".to_owned(),
            stage: "paid".to_owned(),
            created_at: Time(organization.created_at),
            updated_at: Time(organization.updated_at),
        },
    }))
}

/// Who belongs to an organization, and as what.
#[derive(Debug, Serialize, ToSchema)]
pub struct MembershipBody {
    /// The membership's URI.
    #[schema(format = "uri")]
    pub uri: String,
    /// `owner`, `admin` or `user`.
    pub role: String,
    /// Who.
    pub user: MemberBody,
    /// Where.
    #[schema(format = "uri")]
    pub organization: String,
    /// Since when.
    pub created_at: Time,
    /// When the role last changed.
    pub updated_at: Time,
}

/// The user of a membership.
#[derive(Debug, Serialize, ToSchema)]
pub struct MemberBody {
    /// The user's URI.
    #[schema(format = "uri")]
    pub uri: String,
    /// Full name.
    pub name: String,
    /// First segment of the booking page.
    pub slug: String,
    /// Mail address; empty where a resource has none.
    #[schema(example = "ada@example.com")]
    pub email: String,
    /// Address of the booking page.
    #[schema(format = "uri")]
    pub scheduling_url: String,
    /// IANA zone.
    pub timezone: String,
    /// Picture.
    #[schema(required = true, format = "uri")]
    pub avatar_url: Option<String>,
    /// Language.
    pub locale: String,
    /// When the user was added.
    pub created_at: Time,
    /// When the user last changed.
    pub updated_at: Time,
    /// `person`, or `resource`: a room or a piece of equipment.
    #[schema(example = "person")]
    pub kind: String,
}

/// What is shown of a membership.
pub fn membership_body(
    (membership, user): (Membership, User),
    organization: OrganizationId,
    uris: &Uris,
) -> MembershipBody {
    MembershipBody {
        uri: uris.of(membership.id),
        role: membership.role.as_str().to_owned(),
        user: MemberBody {
            uri: uris.of(user.id),
            scheduling_url: uris.page(&format!("/{}", user.slug)),
            name: user.name,
            slug: user.slug,
            email: user.email,
            timezone: user.timezone,
            avatar_url: user.avatar_url,
            locale: user.locale,
            created_at: Time(user.created_at),
            updated_at: Time(user.updated_at),
            kind: user.kind.as_str().to_owned(),
        },
        organization: uris.of(organization),
        created_at: Time(membership.created_at),
        updated_at: Time(membership.updated_at),
    }
}

words! {
    /// What a member is.
    pub enum MemberRole {
        /// Owns the organization.
        Owner = "owner",
        /// Administers it.
        Admin = "admin",
        /// Has their own calendar.
        User = "user",
    }
}

input! {
    /// Which memberships.
    pub struct ListMemberships {
        /// Of this user.
        pub user: Option<Uri<UserId>>,
        /// Of this organization, which is the caller's.
        pub organization: Option<Uri<OrganizationId>>,
        /// Of the user with this mail address.
        pub email: Option<Email>,
        /// With this role.
        pub role: Option<MemberRole>,
        /// Rows on a page, 20 by default.
        pub count: Count,
        /// Where the page begins, from an earlier answer.
        pub page_token: PageToken,
    }
}

/// List memberships
#[utoipa::path(get, path = "/organization_memberships", tag = "Organizations", params(ListMemberships), responses((status = 200, description = "A page of memberships", body = Collection<MembershipBody>)))]
async fn list_organization_memberships(
    State(app): State<App>,
    caller: Caller<OrganizationsRead>,
    Query { query, target }: Query<ListMemberships>,
) -> Result<Json<Collection<MembershipBody>>, Problem> {
    if query
        .organization
        .is_some_and(|organization| organization.0 != caller.organization)
    {
        return Err(Problem::not_found());
    }
    let sorted = Sorted::parse(None, &["created_at"])?;
    let request = sorted.request(query.count, query.page_token)?;
    let filter = organization_memberships::Filter {
        user: query.user.map(|user| user.0),
        email: query.email.map(|email| email.0),
        role: query.role.and_then(|role| Role::parse(role.word())),
    };
    let tx = app.store.read().await?;
    if let Some(user) = filter.user
        && users::get_active(&tx, caller.organization, user)
            .await?
            .is_none()
    {
        return Err(Problem::denied("This user is not in your organization"));
    }
    let page = organization_memberships::list(&tx, caller.organization, &filter, &request).await?;
    let uris = app.uris();
    Ok(Json(sorted.collection(
        page,
        (&uris, &target),
        |(membership, _)| (membership.created_at, membership.id.0),
        |row| membership_body(row, caller.organization, &uris),
    )))
}

/// Get a membership
#[utoipa::path(get, path = "/organization_memberships/{uuid}", tag = "Organizations", params(("uuid" = uuid::Uuid, Path)), responses((status = 200, description = "The membership", body = Resource<MembershipBody>)))]
async fn get_organization_membership(
    State(app): State<App>,
    caller: Caller<OrganizationsRead>,
    Id(id): Id<MembershipId>,
) -> Result<Json<Resource<MembershipBody>>, Problem> {
    let tx = app.store.read().await?;
    let membership = organization_memberships::get(&tx, caller.organization, id).await?;
    let membership = membership.ok_or_else(Problem::not_found)?;
    let user = users::get(&tx, caller.organization, membership.user_id).await?;
    let user = user.ok_or_else(Problem::not_found)?;
    Ok(Json(Resource {
        resource: membership_body((membership, user), caller.organization, &app.uris()),
    }))
}
