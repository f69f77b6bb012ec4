//! `/routing_forms`: questions that lead whoever answers them to the right meeting.

pub mod body;
pub mod destination;
pub mod input;

use super::{
    answer::{Resource, write_once},
    caller::{
        Caller,
        scope::{RoutingFormsRead, RoutingFormsWrite},
    },
    input::input,
    page::{Collection, Count, PageToken, Sort, Sorted},
    problem::{Detail, Problem},
    request::{Input, Query},
    uri::{Id, Uri},
};
use crate::{
    app::{
        invitees::Mistake,
        routing_forms::{AddForm, DeleteForm, EditForm, FormRefusal, ReadForm},
    },
    context::{App, fresh_id},
};
use axum::{Json, extract::State, http::StatusCode, response::Response};
use body::RoutingFormBody;
use domain::id::{OrganizationId, RoutingFormId};
use input::{NewRoutingForm, RoutingFormChanges};
use store::routing_forms;
use utoipa_axum::{router::OpenApiRouter, routes};

/// The routes of this file.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_routing_forms, create_routing_form))
        .routes(routes!(
            get_routing_form,
            update_routing_form,
            delete_routing_form
        ))
}

impl From<FormRefusal> for Problem {
    fn from(refusal: FormRefusal) -> Problem {
        match refusal {
            FormRefusal::Unknown => Problem::not_found(),
            FormRefusal::Mistakes(mistakes) => mistaken(mistakes),
        }
    }
}

/// All that is wrong.
pub fn mistaken(mistakes: Vec<Mistake>) -> Problem {
    let detail = |mistake: Mistake| Detail::new(mistake.parameter, mistake.code, mistake.message);
    Problem::invalid(mistakes.into_iter().map(detail).collect())
}

input! {
    /// A page of routing forms.
    pub struct ListRoutingForms {
        /// Of this organization, which is the caller's.
        pub organization: Uri<OrganizationId>,
        /// `created_at:asc` (default) or `created_at:desc`.
        pub sort: Sort,
        /// Rows on a page, 20 by default.
        pub count: Count,
        /// Where the page begins, from an earlier answer.
        pub page_token: PageToken,
    }
}

/// List routing forms
#[utoipa::path(get, path = "/routing_forms", tag = "Routing forms", params(ListRoutingForms), responses((status = 200, description = "A page of forms", body = Collection<RoutingFormBody>)))]
async fn list_routing_forms(
    State(app): State<App>,
    caller: Caller<RoutingFormsRead>,
    Query { query, target }: Query<ListRoutingForms>,
) -> Result<Json<Collection<RoutingFormBody>>, Problem> {
    let organization = caller.organization;
    if query.organization.0 != organization {
        return Err(Problem::not_found());
    }
    let sorted = Sorted::parse(query.sort, &["created_at"])?;
    let request = sorted.request(query.count, query.page_token)?;
    let tx = app.store.read().await?;
    let mut page = routing_forms::list(&tx, organization, &request).await?;
    let mut read = Vec::with_capacity(page.rows.len());
    for form in std::mem::take(&mut page.rows) {
        read.push(ReadForm::of(form)?);
    }
    let uris = app.uris();
    Ok(Json(sorted.collection(
        page.with_rows(read),
        (&uris, &target),
        |read| (read.form.created_at, read.form.id.0),
        |read| RoutingFormBody::new(read, organization, &uris),
    )))
}

/// Get a routing form
#[utoipa::path(get, path = "/routing_forms/{uuid}", tag = "Routing forms", params(("uuid" = uuid::Uuid, Path)), responses((status = 200, description = "The form", body = Resource<RoutingFormBody>)))]
async fn get_routing_form(
    State(app): State<App>,
    caller: Caller<RoutingFormsRead>,
    Id(id): Id<RoutingFormId>,
) -> Result<Json<Resource<RoutingFormBody>>, Problem> {
    let tx = app.store.read().await?;
    let form = routing_forms::get_current(&tx, caller.organization, id).await?;
    let form = form.ok_or_else(Problem::not_found)?;
    Ok(Json(Resource {
        resource: RoutingFormBody::new(ReadForm::of(form)?, caller.organization, &app.uris()),
    }))
}

/// Make a routing form
#[utoipa::path(post, path = "/routing_forms", tag = "Routing forms", request_body = NewRoutingForm, responses((status = 201, description = "The new form", body = Resource<RoutingFormBody>)))]
async fn create_routing_form(
    State(app): State<App>,
    caller: Caller<RoutingFormsWrite>,
    input: Input<NewRoutingForm>,
) -> Result<Response, Problem> {
    caller.must_be_admin()?;
    let command = AddForm {
        organization: caller.organization,
        id: RoutingFormId(fresh_id()),
        spec: input.body.spec(),
        now: app.now(),
    };
    let (organization, uris) = (caller.organization, app.uris());
    let sent = (caller.sends(input.idempotency), StatusCode::CREATED);
    write_once(&app, sent, command, move |read| {
        Ok(Resource {
            resource: RoutingFormBody::new(read, organization, &uris),
        })
    })
    .await
}

/// Edit a routing form
///
/// With `status` it is published, and taken back.
#[utoipa::path(patch, path = "/routing_forms/{uuid}", tag = "Routing forms", params(("uuid" = uuid::Uuid, Path)), request_body = RoutingFormChanges, responses((status = 200, description = "The form as it is now", body = Resource<RoutingFormBody>)))]
async fn update_routing_form(
    State(app): State<App>,
    caller: Caller<RoutingFormsWrite>,
    Id(id): Id<RoutingFormId>,
    input: Input<RoutingFormChanges>,
) -> Result<Json<Resource<RoutingFormBody>>, Problem> {
    caller.must_be_admin()?;
    let command = EditForm {
        organization: caller.organization,
        id,
        spec: input.body.spec(),
        now: app.now(),
    };
    let read = app.store.write(caller.by(), command).await?;
    Ok(Json(Resource {
        resource: RoutingFormBody::new(read, caller.organization, &app.uris()),
    }))
}

/// Delete a routing form
///
/// What was filled in stays.
#[utoipa::path(delete, path = "/routing_forms/{uuid}", tag = "Routing forms", params(("uuid" = uuid::Uuid, Path)), responses((status = 204, description = "Deleted")))]
async fn delete_routing_form(
    State(app): State<App>,
    caller: Caller<RoutingFormsWrite>,
    Id(id): Id<RoutingFormId>,
) -> Result<StatusCode, Problem> {
    caller.must_be_admin()?;
    let command = DeleteForm {
        organization: caller.organization,
        id,
        now: app.now(),
    };
    app.store.write(caller.by(), command).await?;
    Ok(StatusCode::NO_CONTENT)
}
