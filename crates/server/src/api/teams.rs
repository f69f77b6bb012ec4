//! `/teams`: people who offer meetings under one name.

use super::{
    answer::{Resource, write_once},
    caller::{
        Caller,
        scope::{OrganizationsRead, OrganizationsWrite},
    },
    input::input,
    page::{Collection, Count, PageToken, Sorted},
    problem::{Detail, Problem},
    request::{Input, Query},
    uri::{Id, Uri, Uris},
    value::{
        List,
        text::{Slug, Text},
        time::Time,
    },
};
use crate::{
    app::teams::{AddTeam, DeleteTeam, EditTeam, MemberMistake, TeamOfMembers, TeamRefusal, shown},
    context::{App, fresh_id},
};
use axum::{Json, extract::State, http::StatusCode, response::Response};
use domain::id::{OrganizationId, TeamId, UserId};
use serde::Serialize;
use store::{
    teams::{self, Team},
    users,
};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

/// The routes of this file.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_teams, create_team))
        .routes(routes!(get_team, update_team, delete_team))
}

/// A team.
#[derive(Debug, Serialize, ToSchema)]
pub struct TeamBody {
    /// The team's URI.
    #[schema(format = "uri")]
    pub uri: String,
    /// Its name.
    #[schema(example = "Sales")]
    pub name: String,
    /// The organization.
    #[schema(format = "uri")]
    pub organization: String,
    /// Address of its page.
    #[schema(format = "uri")]
    pub scheduling_url: String,
    /// Last segment of that address.
    #[schema(example = "sales")]
    pub slug: String,
    /// The URIs of the users who belong to it, in the order in which they were named.
    pub members: Vec<String>,
    /// When it was made.
    pub created_at: Time,
    /// When it last changed.
    pub updated_at: Time,
}

impl TeamBody {
    fn new(shown: TeamOfMembers, organization: OrganizationId, uris: &Uris) -> TeamBody {
        let TeamOfMembers { team, members } = shown;
        TeamBody {
            uri: uris.of(team.id),
            name: team.name,
            organization: uris.of(organization),
            scheduling_url: uris.page(&format!("/team/{}", team.slug)),
            slug: team.slug,
            members: members.into_iter().map(|member| uris.of(member)).collect(),
            created_at: Time(team.created_at),
            updated_at: Time(team.updated_at),
        }
    }
}

impl From<TeamRefusal> for Problem {
    fn from(refusal: TeamRefusal) -> Problem {
        let mistake = |(index, mistake)| {
            let (code, message) = match mistake {
                MemberMistake::Unknown => ("not_found", "is not a user of the organization"),
                MemberMistake::Twice => ("duplicate", "is named twice"),
            };
            Detail::new(format!("members[{index}]"), code, message)
        };
        match refusal {
            TeamRefusal::Unknown => Problem::not_found(),
            TeamRefusal::SlugTaken => Problem::exists("slug", "belongs to another team"),
            TeamRefusal::Members(mistakes) => {
                Problem::invalid(mistakes.into_iter().map(mistake).collect())
            }
        }
    }
}

input! {
    /// Which teams.
    pub struct ListTeams {
        /// To which this user belongs.
        pub user: Option<Uri<UserId>>,
        /// Rows on a page, 20 by default.
        pub count: Count,
        /// Where the page begins, from an earlier answer.
        pub page_token: PageToken,
    }
}

/// List teams
#[utoipa::path(get, path = "/teams", tag = "Organizations", params(ListTeams), responses((status = 200, description = "A page of teams", body = Collection<TeamBody>)))]
async fn list_teams(
    State(app): State<App>,
    caller: Caller<OrganizationsRead>,
    Query { query, target }: Query<ListTeams>,
) -> Result<Json<Collection<TeamBody>>, Problem> {
    let organization = caller.organization;
    let sorted = Sorted::parse(None, &["created_at"])?;
    let request = sorted.request(query.count, query.page_token)?;
    let tx = app.store.read().await?;
    let user = query.user.map(|user| user.0);
    if let Some(user) = user {
        users::get_active(&tx, organization, user)
            .await?
            .ok_or_else(Problem::not_found)?;
    }
    let mut page = teams::list(&tx, organization, user, &request).await?;
    let mut listed = Vec::with_capacity(page.rows.len());
    for team in std::mem::take(&mut page.rows) {
        listed.push(shown(&tx, organization, team).await?);
    }
    let uris = app.uris();
    Ok(Json(sorted.collection(
        page.with_rows(listed),
        (&uris, &target),
        |shown| (shown.team.created_at, shown.team.id.0),
        |shown| TeamBody::new(shown, organization, &uris),
    )))
}

/// Get a team
#[utoipa::path(get, path = "/teams/{uuid}", tag = "Organizations", params(("uuid" = uuid::Uuid, Path)), responses((status = 200, description = "The team", body = Resource<TeamBody>)))]
async fn get_team(
    State(app): State<App>,
    caller: Caller<OrganizationsRead>,
    Id(id): Id<TeamId>,
) -> Result<Json<Resource<TeamBody>>, Problem> {
    let tx = app.store.read().await?;
    let team = teams::get(&tx, caller.organization, id).await?;
    let team = team.ok_or_else(Problem::not_found)?;
    let shown = shown(&tx, caller.organization, team).await?;
    Ok(Json(Resource {
        resource: TeamBody::new(shown, caller.organization, &app.uris()),
    }))
}

/// The members of a team in a request.
type Members = List<Uri<UserId>, 0, 1_000>;

fn named(members: Members) -> Vec<UserId> {
    members.0.into_iter().map(|member| member.0).collect()
}

input! {
    /// A new team.
    pub struct NewTeam {
        /// Its name.
        pub name: Text<1, 255>,
        /// Last segment of its page's address, made from the name by default.
        pub slug: Option<Slug>,
        /// The users who belong to it; nobody by default.
        pub members: Option<Members>,
    }
    example {"name": "Sales", "members": ["http://127.0.0.1:8080/users/0193a5c8-7d3e-7000-8000-2b1f5f0c9a11"]}
}

/// Make a team
#[utoipa::path(post, path = "/teams", tag = "Organizations", request_body = NewTeam, responses((status = 201, description = "The new team", body = Resource<TeamBody>)))]
async fn create_team(
    State(app): State<App>,
    caller: Caller<OrganizationsWrite>,
    input: Input<NewTeam>,
) -> Result<Response, Problem> {
    caller.must_be_admin()?;
    let (body, now) = (input.body, app.now());
    let command = AddTeam {
        organization: caller.organization,
        members: body.members.map(named).unwrap_or_default(),
        team: Team {
            id: TeamId(fresh_id()),
            name: body.name.0,
            slug: body.slug.map(|slug| slug.0).unwrap_or_default(),
            created_at: now,
            updated_at: now,
        },
    };
    let (organization, uris) = (caller.organization, app.uris());
    let sent = (caller.sends(input.idempotency), StatusCode::CREATED);
    write_once(&app, sent, command, move |shown| {
        Ok(Resource {
            resource: TeamBody::new(shown, organization, &uris),
        })
    })
    .await
}

input! {
    /// What changes of a team; what is left out stays.
    pub struct TeamChanges {
        /// Its name.
        pub name: Option<Text<1, 255>>,
        /// Last segment of its page's address.
        pub slug: Option<Slug>,
        /// The users who belong to it; replaces all of them.
        pub members: Option<Members>,
    }
    example {"name": "Sales and support"}
}

/// Edit a team
#[utoipa::path(patch, path = "/teams/{uuid}", tag = "Organizations", params(("uuid" = uuid::Uuid, Path)), request_body = TeamChanges, responses((status = 200, description = "The team as it is now", body = Resource<TeamBody>)))]
async fn update_team(
    State(app): State<App>,
    caller: Caller<OrganizationsWrite>,
    Id(id): Id<TeamId>,
    input: Input<TeamChanges>,
) -> Result<Json<Resource<TeamBody>>, Problem> {
    caller.must_be_admin()?;
    let body = input.body;
    let command = EditTeam {
        organization: caller.organization,
        id,
        name: body.name.map(|name| name.0),
        slug: body.slug.map(|slug| slug.0),
        members: body.members.map(named),
        now: app.now(),
    };
    let shown = app.store.write(caller.by(), command).await?;
    Ok(Json(Resource {
        resource: TeamBody::new(shown, caller.organization, &app.uris()),
    }))
}

/// Delete a team
#[utoipa::path(delete, path = "/teams/{uuid}", tag = "Organizations", params(("uuid" = uuid::Uuid, Path)), responses((status = 204, description = "Deleted")))]
async fn delete_team(
    State(app): State<App>,
    caller: Caller<OrganizationsWrite>,
    Id(id): Id<TeamId>,
) -> Result<StatusCode, Problem> {
    caller.must_be_admin()?;
    let organization = caller.organization;
    app.store
        .write(caller.by(), DeleteTeam { organization, id })
        .await?;
    Ok(StatusCode::NO_CONTENT)
}
