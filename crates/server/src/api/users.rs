//! `/users`: the people of the organization.

use super::{
    answer::{Resource, write_once},
    caller::{
        Caller,
        scope::{UsersRead, UsersWrite},
    },
    input::input,
    page::{Collection, Count, PageToken, Sort, Sorted},
    problem::Problem,
    request::{Input, Query},
    uri::{Id, Uris},
    value::{
        Change,
        text::{Email, Phone, Slug, Text},
        time::{Time, Zone},
        words,
    },
};
use crate::{
    app::users::{AddUser, EditUser, RemoveUser, UnknownUser, UserRefusal},
    context::App,
};
use axum::{Json, extract::State, http::StatusCode, response::Response};
use domain::id::{OrganizationId, UserId};
use serde::Serialize;
use store::{
    organization_memberships::Role,
    users::{self, User},
};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

/// The routes of this file.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_users, create_user))
        .routes(routes!(get_current_user))
        .routes(routes!(get_user, update_user, delete_user))
}

words! {
    /// How times of day are shown.
    pub enum TimeNotation {
        /// 2:30 pm.
        Twelve = "12h",
        /// 14:30.
        TwentyFour = "24h",
    }
}

words! {
    /// Languages of people.
    pub enum Locale {
        /// English.
        En = "en",
        /// French.
        Fr = "fr",
        /// Spanish.
        Es = "es",
        /// German.
        De = "de",
        /// Portuguese.
        Pt = "pt",
        /// As Calendly writes it.
        Ps = "ps",
    }
}

words! {
    /// Roles that can be given to a new user.
    pub enum NewRole {
        /// Administers the organization.
        Admin = "admin",
        /// Has their own calendar only.
        User = "user",
    }
}

/// A user.
#[derive(Debug, Serialize, ToSchema)]
pub struct UserBody {
    /// The user's URI.
    #[schema(format = "uri")]
    pub uri: String,
    /// Full name.
    #[schema(example = "Ada Lovelace")]
    pub name: String,
    /// First segment of the booking page.
    #[schema(example = "ada-lovelace")]
    pub slug: String,
    /// Mail address.
    #[schema(format = "email")]
    pub email: String,
    /// Address of the booking page.
    #[schema(format = "uri")]
    pub scheduling_url: String,
    /// IANA zone.
    #[schema(example = "Europe/London")]
    pub timezone: String,
    /// `12h` or `24h`.
    pub time_notation: String,
    /// Picture.
    #[schema(required = true, format = "uri")]
    pub avatar_url: Option<String>,
    /// When the user was added.
    pub created_at: Time,
    /// When the user last changed.
    pub updated_at: Time,
    /// The organization.
    #[schema(format = "uri")]
    pub current_organization: String,
    /// Always `User`.
    pub resource_type: String,
    /// Language.
    pub locale: String,
    /// Phone number.
    #[schema(required = true)]
    pub phone_number: Option<String>,
}

impl UserBody {
    /// What is shown of a user.
    pub fn new(user: User, organization: OrganizationId, uris: &Uris) -> UserBody {
        UserBody {
            uri: uris.of(user.id),
            scheduling_url: uris.page(&format!("/{}", user.slug)),
            name: user.name,
            slug: user.slug,
            email: user.email,
            timezone: user.timezone,
            time_notation: user.time_notation,
            avatar_url: user.avatar_url,
            created_at: Time(user.created_at),
            updated_at: Time(user.updated_at),
            current_organization: uris.of(organization),
            resource_type: "User".to_owned(),
            locale: user.locale,
            phone_number: user.phone_number,
        }
    }
}

impl From<UnknownUser> for Problem {
    fn from(_: UnknownUser) -> Problem {
        Problem::not_found()
    }
}

impl From<UserRefusal> for Problem {
    fn from(refusal: UserRefusal) -> Problem {
        match refusal {
            UserRefusal::Unknown => Problem::not_found(),
            UserRefusal::EmailTaken => Problem::exists("email", "belongs to another user"),
            UserRefusal::SlugTaken => Problem::exists("slug", "belongs to another user"),
            UserRefusal::OwnerStays => {
                Problem::denied("The owner of the organization cannot be removed")
            }
            UserRefusal::Oneself => {
                Problem::denied("You can not remove yourself from organization")
            }
        }
    }
}

/// Get the current user
#[utoipa::path(get, path = "/users/me", tag = "Users", responses((status = 200, description = "The user of the token", body = Resource<UserBody>)))]
async fn get_current_user(
    State(app): State<App>,
    caller: Caller<UsersRead>,
) -> Result<Json<Resource<UserBody>>, Problem> {
    user_resource(&app, caller.organization, caller.user).await
}

/// Get a user
#[utoipa::path(get, path = "/users/{uuid}", tag = "Users", params(("uuid" = uuid::Uuid, Path)), responses((status = 200, description = "The user", body = Resource<UserBody>)))]
async fn get_user(
    State(app): State<App>,
    caller: Caller<UsersRead>,
    Id(id): Id<UserId>,
) -> Result<Json<Resource<UserBody>>, Problem> {
    user_resource(&app, caller.organization, id).await
}

async fn user_resource(
    app: &App,
    organization: OrganizationId,
    id: UserId,
) -> Result<Json<Resource<UserBody>>, Problem> {
    let tx = app.store.read().await?;
    let user = users::get_active(&tx, organization, id)
        .await?
        .ok_or_else(Problem::not_found)?;
    Ok(Json(Resource {
        resource: UserBody::new(user, organization, &app.uris()),
    }))
}

input! {
    /// A page of users.
    pub struct ListUsers {
        /// Rows on a page, 20 by default.
        pub count: Count,
        /// Where the page begins, from an earlier answer.
        pub page_token: PageToken,
        /// `created_at:asc` (default) or `created_at:desc`.
        pub sort: Sort,
    }
}

/// List the users of the organization
#[utoipa::path(get, path = "/users", tag = "Users", params(ListUsers), responses((status = 200, description = "A page of users", body = Collection<UserBody>)))]
async fn list_users(
    State(app): State<App>,
    caller: Caller<UsersRead>,
    Query { query, target }: Query<ListUsers>,
) -> Result<Json<Collection<UserBody>>, Problem> {
    let sorted = Sorted::parse(query.sort, &["created_at"])?;
    let request = sorted.request(query.count, query.page_token)?;
    let tx = app.store.read().await?;
    let page = users::list(&tx, caller.organization, &request).await?;
    let uris = app.uris();
    Ok(Json(sorted.collection(
        page,
        (&uris, &target),
        |user| (user.created_at, user.id.0),
        |user| UserBody::new(user, caller.organization, &uris),
    )))
}

input! {
    /// A new user. A default schedule, Monday to Friday 09:00 to 17:00 in their zone, comes with them.
    pub struct NewUser {
        /// Full name.
        pub name: Text<1, 255>,
        /// Mail address, unique in the organization.
        pub email: Email,
        /// IANA zone, UTC by default.
        pub timezone: Option<Zone>,
        /// First segment of the booking page, made from the name by default.
        pub slug: Option<Slug>,
        /// `user` by default.
        pub role: Option<NewRole>,
        /// `12h` by default.
        pub time_notation: Option<TimeNotation>,
        /// `en` by default.
        pub locale: Option<Locale>,
        /// Phone number.
        pub phone_number: Option<Phone>,
    }
    example {"name": "Ada Lovelace", "email": "ada@example.com", "timezone": "Europe/London"}
}

/// Add a user to the organization
#[utoipa::path(post, path = "/users", tag = "Users", request_body = NewUser, responses((status = 201, description = "The new user", body = Resource<UserBody>)))]
async fn create_user(
    State(app): State<App>,
    caller: Caller<UsersWrite>,
    input: Input<NewUser>,
) -> Result<Response, Problem> {
    caller.must_be_admin()?;
    let body = input.body;
    let zone = body.timezone.map_or(jiff::tz::TimeZone::UTC, |zone| zone.0);
    let mut command = AddUser::new(
        caller.organization,
        body.name.0,
        body.email.0,
        zone,
        app.now(),
    );
    command.user.slug = body.slug.map(|slug| slug.0).unwrap_or_default();
    command.user.phone_number = body.phone_number.map(|number| number.0);
    if let Some(notation) = body.time_notation {
        notation.word().clone_into(&mut command.user.time_notation);
    }
    if let Some(locale) = body.locale {
        locale.word().clone_into(&mut command.user.locale);
    }
    if body.role == Some(NewRole::Admin) {
        command.role = Role::Admin;
    }
    let (organization, uris) = (caller.organization, app.uris());
    write_once(
        &app,
        (caller.sends(input.idempotency), StatusCode::CREATED),
        command,
        move |(user, _)| {
            Ok(Resource {
                resource: UserBody::new(user, organization, &uris),
            })
        },
    )
    .await
}

input! {
    /// What changes of a user; what is left out stays.
    pub struct UserChanges {
        /// Full name.
        pub name: Option<Text<1, 255>>,
        /// Mail address, unique in the organization.
        pub email: Option<Email>,
        /// IANA zone.
        pub timezone: Option<Zone>,
        /// First segment of the booking page.
        pub slug: Option<Slug>,
        /// How times of day are shown.
        pub time_notation: Option<TimeNotation>,
        /// Language.
        pub locale: Option<Locale>,
        /// Phone number; null removes it.
        pub phone_number: Change<Phone>,
    }
    example {"timezone": "Europe/Berlin", "phone_number": "+4930123456"}
}

impl UserChanges {
    fn apply(&self, user: &mut User) {
        if let Some(name) = &self.name {
            user.name.clone_from(&name.0);
        }
        if let Some(email) = &self.email {
            user.email.clone_from(&email.0);
        }
        if let Some(zone) = &self.timezone {
            zone.name().clone_into(&mut user.timezone);
        }
        if let Some(slug) = &self.slug {
            user.slug.clone_from(&slug.0);
        }
        if let Some(notation) = self.time_notation {
            notation.word().clone_into(&mut user.time_notation);
        }
        if let Some(locale) = self.locale {
            locale.word().clone_into(&mut user.locale);
        }
        let number = self.phone_number.clone();
        user.phone_number = number.of(user.phone_number.take(), |number| number.0);
    }
}

/// Edit a user
#[utoipa::path(patch, path = "/users/{uuid}", tag = "Users", params(("uuid" = uuid::Uuid, Path)), request_body = UserChanges, responses((status = 200, description = "The user as it is now", body = Resource<UserBody>)))]
async fn update_user(
    State(app): State<App>,
    caller: Caller<UsersWrite>,
    Id(id): Id<UserId>,
    input: Input<UserChanges>,
) -> Result<Json<Resource<UserBody>>, Problem> {
    caller.must_act_for(id)?;
    let changes = input.body;
    let command = EditUser {
        organization: caller.organization,
        id,
        edit: Box::new(move |user| changes.apply(user)),
        now: app.now(),
    };
    let user = app.store.write(command).await?;
    Ok(Json(Resource {
        resource: UserBody::new(user, caller.organization, &app.uris()),
    }))
}

/// Remove a user
///
/// What happened with them stays; their tokens stop working and their event types cannot be booked.
#[utoipa::path(delete, path = "/users/{uuid}", tag = "Users", params(("uuid" = uuid::Uuid, Path)), responses((status = 204, description = "Removed")))]
async fn delete_user(
    State(app): State<App>,
    caller: Caller<UsersWrite>,
    Id(id): Id<UserId>,
) -> Result<StatusCode, Problem> {
    caller.must_be_admin()?;
    let command = RemoveUser {
        organization: caller.organization,
        id,
        by: caller.user,
        now: app.now(),
    };
    app.store.write(command).await?;
    Ok(StatusCode::NO_CONTENT)
}
