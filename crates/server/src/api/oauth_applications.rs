//! `/oauth_applications`: applications that may act for users who allow it.

mod body;
mod input;

use super::{
    answer::{Resource, write_once},
    caller::{
        self, Caller,
        scope::{OAuthApplicationsRead, OAuthApplicationsWrite},
    },
    page::{Collection, Sorted},
    problem::Problem,
    request::{Input, Query},
    uri::Id,
};
use crate::{
    app::oauth_applications::{
        AddApplication, ApplicationRefusal, EditApplication, RemoveApplication,
    },
    context::{App, fresh_id, fresh_secret},
};
use axum::{Json, extract::State, http::StatusCode, response::Response};
use body::{ApplicationBody, ApplicationWithSecretBody, NewApplicationBody};
use domain::id::OAuthApplicationId;
use input::{ApplicationChanges, ListApplications, NewApplication};
use store::{
    oauth_applications::{self as rows, ApplicationKind, Environment, OAuthApplication},
    users,
};
use utoipa_axum::{router::OpenApiRouter, routes};

/// The routes of this file.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_oauth_applications, create_oauth_application))
        .routes(routes!(
            get_oauth_application,
            update_oauth_application,
            delete_oauth_application
        ))
        .routes(routes!(replace_oauth_client_secret))
}

impl From<ApplicationRefusal> for Problem {
    fn from(refusal: ApplicationRefusal) -> Problem {
        match refusal {
            ApplicationRefusal::Unknown => Problem::not_found(),
            ApplicationRefusal::RedirectUri(index, bad) => Problem::parameter(
                format!("redirect_uris[{index}]"),
                "invalid_redirect_uri",
                bad.to_string(),
            ),
        }
    }
}

/// An application that the caller may see and edit.
async fn theirs<S>(
    app: &App,
    caller: &Caller<S>,
    id: OAuthApplicationId,
) -> Result<OAuthApplication, Problem> {
    let tx = app.store.read().await?;
    let row = rows::get(&tx, caller.organization, id).await?;
    drop(tx);
    let row = row.ok_or_else(Problem::not_found)?;
    let owner = row.user_id.ok_or_else(Problem::not_found)?;
    caller.must_act_for(owner)?;
    Ok(row)
}

/// List applications
#[utoipa::path(get, path = "/oauth_applications", tag = "OAuth applications", params(ListApplications), responses((status = 200, description = "A page of applications", body = Collection<ApplicationBody>)))]
async fn list_oauth_applications(
    State(app): State<App>,
    caller: Caller<OAuthApplicationsRead>,
    Query { query, target }: Query<ListApplications>,
) -> Result<Json<Collection<ApplicationBody>>, Problem> {
    let user = query.user.map_or(caller.user, |user| user.0);
    caller.must_act_for(user)?;
    let sorted = Sorted::parse(query.sort, &["created_at"])?;
    let request = sorted.request(query.count, query.page_token)?;
    let tx = app.store.read().await?;
    users::get_active(&tx, caller.organization, user)
        .await?
        .ok_or_else(Problem::not_found)?;
    let page = rows::list(&tx, caller.organization, user, &request).await?;
    let uris = app.uris();
    Ok(Json(sorted.collection(
        page,
        (&uris, &target),
        |row| (row.created_at, row.id.0),
        |row| ApplicationBody::new(row, &uris),
    )))
}

/// Register an application
///
/// Its secrets are in this answer only. Users of any organization on this server may allow it to act for them.
#[utoipa::path(post, path = "/oauth_applications", tag = "OAuth applications", request_body = NewApplication, responses((status = 201, description = "The new application with its secrets", body = Resource<NewApplicationBody>)))]
async fn create_oauth_application(
    State(app): State<App>,
    caller: Caller<OAuthApplicationsWrite>,
    input: Input<NewApplication>,
) -> Result<Response, Problem> {
    let new = input.body;
    let scopes = input::scopes(new.scopes)?;
    let now = app.now();
    let kind = new.kind.into();
    let secret = match kind {
        ApplicationKind::Web => Some(fresh_secret()?),
        ApplicationKind::Native => None,
    };
    let signing_key = fresh_secret()?;
    let command = AddApplication(OAuthApplication {
        organization_id: caller.organization,
        id: OAuthApplicationId(fresh_id()),
        user_id: Some(caller.user),
        name: new.name.0,
        kind,
        environment: new
            .environment
            .map_or(Environment::Production, Environment::from),
        redirect_uris: input::texts(new.redirect_uris),
        scopes,
        client_id: fresh_secret()?,
        secret_hash: secret.as_deref().map(caller::hash),
        webhook_signing_key: signing_key.clone(),
        created_at: now,
        updated_at: now,
    });
    // a kept answer would keep the secrets, so this request is never answered from memory
    let sent = (caller.sends(None), StatusCode::CREATED);
    let uris = app.uris();
    write_once(&app, sent, command, move |row| {
        Ok(Resource {
            resource: NewApplicationBody {
                application: ApplicationBody::new(row, &uris),
                client_secret: secret.clone(),
                webhook_signing_key: signing_key.clone(),
            },
        })
    })
    .await
}

/// Get an application
#[utoipa::path(get, path = "/oauth_applications/{uuid}", tag = "OAuth applications", params(("uuid" = uuid::Uuid, Path)), responses((status = 200, description = "The application", body = Resource<ApplicationBody>)))]
async fn get_oauth_application(
    State(app): State<App>,
    caller: Caller<OAuthApplicationsRead>,
    Id(id): Id<OAuthApplicationId>,
) -> Result<Json<Resource<ApplicationBody>>, Problem> {
    let row = theirs(&app, &caller, id).await?;
    Ok(Json(Resource {
        resource: ApplicationBody::new(row, &app.uris()),
    }))
}

/// Edit an application
///
/// What users allowed before stays, but for scopes that it may not have any more: its next tokens are without them.
#[utoipa::path(patch, path = "/oauth_applications/{uuid}", tag = "OAuth applications", params(("uuid" = uuid::Uuid, Path)), request_body = ApplicationChanges, responses((status = 200, description = "The application as it is now", body = Resource<ApplicationBody>)))]
async fn update_oauth_application(
    State(app): State<App>,
    caller: Caller<OAuthApplicationsWrite>,
    Id(id): Id<OAuthApplicationId>,
    input: Input<ApplicationChanges>,
) -> Result<Json<Resource<ApplicationBody>>, Problem> {
    theirs(&app, &caller, id).await?;
    let changes = input.body.checked()?;
    let command = EditApplication {
        organization: caller.organization,
        id,
        edit: Box::new(move |row| changes.apply(row)),
        now: app.now(),
    };
    let row = app.store.write(caller.by(), command).await?;
    Ok(Json(Resource {
        resource: ApplicationBody::new(row, &app.uris()),
    }))
}

/// Replace an application's secret
///
/// The old one stops working at once. Tokens stay.
#[utoipa::path(post, path = "/oauth_applications/{uuid}/client_secret", tag = "OAuth applications", params(("uuid" = uuid::Uuid, Path)), responses((status = 201, description = "The application with its new secret", body = Resource<ApplicationWithSecretBody>)))]
async fn replace_oauth_client_secret(
    State(app): State<App>,
    caller: Caller<OAuthApplicationsWrite>,
    Id(id): Id<OAuthApplicationId>,
) -> Result<Response, Problem> {
    let row = theirs(&app, &caller, id).await?;
    if row.secret_hash.is_none() {
        return Err(Problem::denied(
            "A native application has no secret, for it cannot keep one",
        ));
    }
    let secret = fresh_secret()?;
    let hash = caller::hash(&secret);
    let command = EditApplication {
        organization: caller.organization,
        id,
        edit: Box::new(move |row| row.secret_hash = Some(hash.clone())),
        now: app.now(),
    };
    let sent = (caller.sends(None), StatusCode::CREATED);
    let uris = app.uris();
    write_once(&app, sent, command, move |row| {
        Ok(Resource {
            resource: ApplicationWithSecretBody {
                application: ApplicationBody::new(row, &uris),
                client_secret: secret.clone(),
            },
        })
    })
    .await
}

/// Remove an application
///
/// All that users have allowed it ends at once.
#[utoipa::path(delete, path = "/oauth_applications/{uuid}", tag = "OAuth applications", params(("uuid" = uuid::Uuid, Path)), responses((status = 204, description = "Removed")))]
async fn delete_oauth_application(
    State(app): State<App>,
    caller: Caller<OAuthApplicationsWrite>,
    Id(id): Id<OAuthApplicationId>,
) -> Result<StatusCode, Problem> {
    theirs(&app, &caller, id).await?;
    let command = RemoveApplication {
        organization: caller.organization,
        id,
        now: app.now(),
    };
    app.store.write(caller.by(), command).await?;
    Ok(StatusCode::NO_CONTENT)
}
