//! `/contacts`: people outside the organization. Everybody of the organization sees and changes all of them.

pub mod body;
pub mod changes;
pub mod listing;

use crate::api::{
    answer::{Resource, write_once},
    caller::{
        Caller,
        scope::{ContactsRead, ContactsWrite},
    },
    problem::{Detail, Problem},
    request::{Input, Query},
    uri::Id,
};
use crate::{
    app::contacts::{
        AddContact, ContactRefusal, EditContact, KnownContact, RemoveContact,
        custom_fields::{FieldMistake, Mistake},
        known,
    },
    context::{App, fresh_id},
};
use axum::{Json, extract::State, http::StatusCode, response::Response};
use body::ContactBody;
use changes::{ContactChanges, NewContact};
use domain::id::{ContactId, OrganizationId};
use listing::GetContact;
use store::contacts;
use utoipa_axum::{router::OpenApiRouter, routes};

/// The routes of this file.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(listing::list_contacts, create_contact))
        .routes(routes!(get_contact, update_contact, delete_contact))
}

impl From<ContactRefusal> for Problem {
    fn from(refusal: ContactRefusal) -> Problem {
        match refusal {
            ContactRefusal::Unknown => Problem::not_found(),
            ContactRefusal::EmailTaken(index) => {
                let parameter = index.map_or_else(
                    || "emails".to_owned(),
                    |index| format!("emails[{index}].email"),
                );
                Problem::exists(&parameter, "belongs to another contact")
            }
            ContactRefusal::Fields(mistakes) => {
                Problem::invalid(mistakes.into_iter().map(Detail::from).collect())
            }
        }
    }
}

impl From<FieldMistake> for Detail {
    fn from(FieldMistake { index, what }: FieldMistake) -> Detail {
        let (field, code, message) = match what {
            Mistake::UnknownField => (
                "uuid",
                "not_found",
                "must be a field of contacts".to_owned(),
            ),
            Mistake::Twice => ("uuid", "duplicate", "must not be named twice".to_owned()),
            Mistake::WrongType(kind) => ("value", "wrong_type", format!("must be {kind}, or null")),
            Mistake::TooLong(most) => {
                let message = format!("must not be longer than {most} characters");
                ("value", "too_long", message)
            }
            Mistake::TooMany(most) => {
                let message = format!("must not have more than {most} items");
                ("value", "too_many", message)
            }
            Mistake::HasNul => {
                let message = "must not contain the NUL character".to_owned();
                ("value", "invalid_text", message)
            }
            Mistake::NoDate => {
                let message = "must be a date such as 2026-03-09".to_owned();
                ("value", "invalid_date", message)
            }
            Mistake::NoOption => {
                let message = "must be the uuid or the label of one of the field's active options";
                ("value", "not_an_option", message.to_owned())
            }
        };
        Detail::new(format!("custom_fields[{index}].{field}"), code, message)
    }
}

/// The contact with this id.
async fn contact(
    app: &App,
    organization: OrganizationId,
    id: ContactId,
) -> Result<KnownContact, Problem> {
    let tx = app.store.read().await?;
    let contact = contacts::get(&tx, organization, id).await?;
    let known = known(&tx, organization, contact.into_iter().collect(), app.now()).await?;
    known.into_iter().next().ok_or_else(Problem::not_found)
}

/// Get a contact
#[utoipa::path(get, path = "/contacts/{uuid}", tag = "Contacts", params(("uuid" = uuid::Uuid, Path), GetContact), responses((status = 200, description = "The contact", body = Resource<ContactBody>)))]
async fn get_contact(
    State(app): State<App>,
    caller: Caller<ContactsRead>,
    Id(id): Id<ContactId>,
    Query { query, .. }: Query<GetContact>,
) -> Result<Json<Resource<ContactBody>>, Problem> {
    let known = contact(&app, caller.organization, id).await?;
    Ok(Json(Resource {
        resource: ContactBody::new(known, &app.uris(), query.exclude.is_none()),
    }))
}

/// Add a contact
#[utoipa::path(post, path = "/contacts", tag = "Contacts", request_body = NewContact, responses((status = 201, description = "The new contact", body = Resource<ContactBody>)))]
async fn create_contact(
    State(app): State<App>,
    caller: Caller<ContactsWrite>,
    input: Input<NewContact>,
) -> Result<Response, Problem> {
    let (contact, fields) = input.body.contact(ContactId(fresh_id()), app.now());
    let command = AddContact {
        organization: caller.organization,
        contact,
        fields,
        by: caller.user,
    };
    let uris = app.uris();
    let answer = (caller.sends(input.idempotency), StatusCode::CREATED);
    write_once(&app, answer, command, move |known| {
        Ok(Resource {
            resource: ContactBody::new(known, &uris, true),
        })
    })
    .await
}

/// Edit a contact
///
/// `emails` and `phone_numbers` replace what was there; of `custom_fields` only those change that are named.
#[utoipa::path(patch, path = "/contacts/{uuid}", tag = "Contacts", params(("uuid" = uuid::Uuid, Path)), request_body = ContactChanges, responses((status = 200, description = "The contact as it is now", body = Resource<ContactBody>)))]
async fn update_contact(
    State(app): State<App>,
    caller: Caller<ContactsWrite>,
    Id(id): Id<ContactId>,
    input: Input<ContactChanges>,
) -> Result<Json<Resource<ContactBody>>, Problem> {
    let changes = input.body;
    if changes.is_empty() {
        contact(&app, caller.organization, id).await?;
        return Err(Problem::nothing_to_change());
    }
    let command = EditContact {
        organization: caller.organization,
        id,
        fields: changes.fields(),
        edit: Box::new(move |contact| changes.apply(contact)),
        by: caller.user,
        now: app.now(),
    };
    let known = app.store.write(caller.by(), command).await?;
    Ok(Json(Resource {
        resource: ContactBody::new(known, &app.uris(), true),
    }))
}

/// Delete a contact
///
/// What was booked stays. The notes about it go along.
#[utoipa::path(delete, path = "/contacts/{uuid}", tag = "Contacts", params(("uuid" = uuid::Uuid, Path)), responses((status = 204, description = "Deleted")))]
async fn delete_contact(
    State(app): State<App>,
    caller: Caller<ContactsWrite>,
    Id(id): Id<ContactId>,
) -> Result<StatusCode, Problem> {
    let command = RemoveContact {
        organization: caller.organization,
        id,
        by: caller.user,
        now: app.now(),
    };
    app.store.write(caller.by(), command).await?;
    Ok(StatusCode::NO_CONTENT)
}
