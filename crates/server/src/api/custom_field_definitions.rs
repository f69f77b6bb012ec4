//! `/contacts/custom_field_definitions`: which fields contacts have in the organization besides those that all have.

pub mod body;
pub mod changes;

use crate::api::{
    answer::{Listing, Resource, write_once},
    caller::{
        Caller,
        scope::{ContactsRead, ContactsWrite},
    },
    problem::Problem,
    request::Input,
    uri::Id,
};
use crate::{
    app::custom_field_definitions::{
        AddDefinition, DefinitionRefusal, EditDefinition, MAX_DEFINITIONS, MAX_OPTIONS,
        RemoveDefinition,
    },
    context::App,
};
use axum::{Json, extract::State, http::StatusCode, response::Response};
use body::CustomFieldDefinitionBody;
use changes::{CustomFieldDefinitionChanges, NewCustomFieldDefinition};
use domain::id::CustomFieldDefinitionId;
use store::custom_field_definitions::{self, CustomFieldDefinition};
use utoipa_axum::{router::OpenApiRouter, routes};

/// The routes of this file.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(
            list_custom_field_definitions,
            create_custom_field_definition
        ))
        .routes(routes!(
            get_custom_field_definition,
            update_custom_field_definition,
            delete_custom_field_definition
        ))
}

impl From<DefinitionRefusal> for Problem {
    fn from(refusal: DefinitionRefusal) -> Problem {
        match refusal {
            DefinitionRefusal::Unknown => Problem::not_found(),
            DefinitionRefusal::LabelTaken => {
                Problem::exists("label", "A custom field with this label already exists.")
            }
            DefinitionRefusal::TooMany => Problem::too_many(MAX_DEFINITIONS),
            DefinitionRefusal::UnknownEventType => Problem::parameter(
                "source.event_type_uri",
                "not_found",
                "must be an event type of the organization",
            ),
            DefinitionRefusal::TooManyOptions => {
                let message = format!(
                    "must not have more than {MAX_OPTIONS} items, with those that are not on offer any more"
                );
                Problem::parameter("options", "too_many", message)
            }
            DefinitionRefusal::UnknownOption(index) => Problem::parameter(
                format!("options[{index}].uuid"),
                "not_found",
                "must be an option of the field",
            ),
            DefinitionRefusal::OptionTaken(index) => Problem::parameter(
                format!("options[{index}].label"),
                "duplicate",
                "must not be that of another option",
            ),
            DefinitionRefusal::HasNoOptions => Problem::parameter(
                "options",
                "not_allowed",
                "goes only with a field_type of single_select",
            ),
            DefinitionRefusal::HasNoCurrency => Problem::parameter(
                "currency",
                "not_allowed",
                "goes only with a field_type of currency",
            ),
        }
    }
}

/// List the custom fields of contacts
#[utoipa::path(get, path = "/contacts/custom_field_definitions", tag = "Contacts", responses((status = 200, description = "All of them, oldest first", body = Listing<CustomFieldDefinitionBody>)))]
async fn list_custom_field_definitions(
    State(app): State<App>,
    caller: Caller<ContactsRead>,
) -> Result<Json<Listing<CustomFieldDefinitionBody>>, Problem> {
    let tx = app.store.read().await?;
    let all = custom_field_definitions::list(&tx, caller.organization).await?;
    let uris = app.uris();
    let all = all.into_iter();
    Ok(Json(Listing {
        collection: all
            .map(|one| CustomFieldDefinitionBody::new(one, &uris))
            .collect(),
    }))
}

/// Get a custom field of contacts
#[utoipa::path(get, path = "/contacts/custom_field_definitions/{uuid}", tag = "Contacts", params(("uuid" = uuid::Uuid, Path)), responses((status = 200, description = "The definition", body = Resource<CustomFieldDefinitionBody>)))]
async fn get_custom_field_definition(
    State(app): State<App>,
    caller: Caller<ContactsRead>,
    Id(id): Id<CustomFieldDefinitionId>,
) -> Result<Json<Resource<CustomFieldDefinitionBody>>, Problem> {
    let definition = definition(&app, &caller, id).await?;
    Ok(Json(Resource {
        resource: CustomFieldDefinitionBody::new(definition, &app.uris()),
    }))
}

async fn definition<S>(
    app: &App,
    caller: &Caller<S>,
    id: CustomFieldDefinitionId,
) -> Result<CustomFieldDefinition, Problem> {
    let tx = app.store.read().await?;
    let definition = custom_field_definitions::get(&tx, caller.organization, id).await?;
    definition.ok_or_else(Problem::not_found)
}

/// Define a custom field of contacts
#[utoipa::path(post, path = "/contacts/custom_field_definitions", tag = "Contacts", request_body = NewCustomFieldDefinition, responses((status = 201, description = "The new definition", body = Resource<CustomFieldDefinitionBody>)))]
async fn create_custom_field_definition(
    State(app): State<App>,
    caller: Caller<ContactsWrite>,
    input: Input<NewCustomFieldDefinition>,
) -> Result<Response, Problem> {
    let command = AddDefinition {
        organization: caller.organization,
        definition: input.body.definition(app.now())?,
        by: caller.user,
    };
    let uris = app.uris();
    let answer = (caller.sends(input.idempotency), StatusCode::CREATED);
    write_once(&app, answer, command, move |definition| {
        Ok(Resource {
            resource: CustomFieldDefinitionBody::new(definition, &uris),
        })
    })
    .await
}

/// Edit a custom field of contacts
///
/// Its type stays, and so does what contacts have in it.
#[utoipa::path(patch, path = "/contacts/custom_field_definitions/{uuid}", tag = "Contacts", params(("uuid" = uuid::Uuid, Path)), request_body = CustomFieldDefinitionChanges, responses((status = 200, description = "The definition as it is now", body = Resource<CustomFieldDefinitionBody>)))]
async fn update_custom_field_definition(
    State(app): State<App>,
    caller: Caller<ContactsWrite>,
    Id(id): Id<CustomFieldDefinitionId>,
    input: Input<CustomFieldDefinitionChanges>,
) -> Result<Json<Resource<CustomFieldDefinitionBody>>, Problem> {
    let changes = input.body;
    if changes.is_empty() {
        definition(&app, &caller, id).await?;
        return Err(Problem::nothing_to_change());
    }
    let command = EditDefinition {
        organization: caller.organization,
        id,
        options: changes.option_changes(),
        label: changes.label.map(|label| label.0.trim().to_owned()),
        currency: changes.currency.map(|code| code.0.to_ascii_uppercase()),
        by: caller.user,
        now: app.now(),
    };
    let definition = app.store.write(caller.by(), command).await?;
    Ok(Json(Resource {
        resource: CustomFieldDefinitionBody::new(definition, &app.uris()),
    }))
}

/// Delete a custom field of contacts
///
/// What contacts have in it goes along.
#[utoipa::path(delete, path = "/contacts/custom_field_definitions/{uuid}", tag = "Contacts", params(("uuid" = uuid::Uuid, Path)), responses((status = 204, description = "Deleted")))]
async fn delete_custom_field_definition(
    State(app): State<App>,
    caller: Caller<ContactsWrite>,
    Id(id): Id<CustomFieldDefinitionId>,
) -> Result<StatusCode, Problem> {
    let command = RemoveDefinition {
        organization: caller.organization,
        id,
        by: caller.user,
        now: app.now(),
    };
    app.store.write(caller.by(), command).await?;
    Ok(StatusCode::NO_CONTENT)
}
