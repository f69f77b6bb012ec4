//! `/contact_lists`: lists of contacts that somebody put together, and the one of all contacts.

pub mod body;

use crate::api::{
    answer::{Resource, write_once},
    caller::{
        Caller,
        scope::{ContactsRead, ContactsWrite},
    },
    input::input,
    page::{Collection, Pagination},
    problem::Problem,
    request::{Input, Query},
    uri::{Id, Uri},
    value::{List, text::Text},
};
use crate::{
    app::contact_lists::{
        AddContactList, AddToList, ContactListRefusal, MAX_LISTS, RemoveContactList,
        RemoveFromList, RenameContactList, all_contacts,
    },
    context::{App, fresh_id},
};
use axum::{Json, extract::State, http::StatusCode, response::Response};
use body::{
    AddedContactsBody, ContactListBody, ContactListType, NewContactListBody, RemovedContactsBody,
};
use domain::id::{ContactId, ContactListId};
use store::contact_lists::{self, ContactList};
use utoipa_axum::{router::OpenApiRouter, routes};

/// The routes of this file.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_contact_lists, create_contact_list))
        .routes(routes!(
            get_contact_list,
            update_contact_list,
            delete_contact_list
        ))
        .routes(routes!(add_contacts_to_list))
        .routes(routes!(remove_contacts_from_list))
}

impl From<ContactListRefusal> for Problem {
    fn from(refusal: ContactListRefusal) -> Problem {
        match refusal {
            ContactListRefusal::Unknown => Problem::not_found(),
            ContactListRefusal::NameTaken => Problem::exists("name", "belongs to another list"),
            ContactListRefusal::TooMany => Problem::too_many(MAX_LISTS),
            ContactListRefusal::IsAllContacts => {
                Problem::in_use("The view of all contacts cannot be changed.")
            }
        }
    }
}

input! {
    /// Which lists.
    pub struct ListContactLists {
        /// Only lists or only views.
        pub r#type: Option<ContactListType>,
    }
}

/// List the lists of contacts
#[utoipa::path(get, path = "/contact_lists", tag = "Contacts", params(ListContactLists), responses((status = 200, description = "All of them: the view of all contacts, then the others, oldest first", body = Collection<ContactListBody>)))]
async fn list_contact_lists(
    State(app): State<App>,
    caller: Caller<ContactsRead>,
    Query { query, .. }: Query<ListContactLists>,
) -> Result<Json<Collection<ContactListBody>>, Problem> {
    let tx = app.store.read().await?;
    let (organization, uris) = (caller.organization, app.uris());
    let mut collection = vec![ContactListBody::of_all(&tx, organization, &uris).await?];
    let lists = contact_lists::all(&tx, organization).await?.into_iter();
    collection.extend(lists.map(|list| ContactListBody::new(list, &uris)));
    collection.retain(|list| query.r#type.is_none_or(|kind| kind == list.kind));
    Ok(Json(Collection {
        pagination: Pagination::whole(collection.len()),
        collection,
    }))
}

/// Get a list of contacts
///
/// Who is on it: `GET /contacts?contact_list=`.
#[utoipa::path(get, path = "/contact_lists/{uuid}", tag = "Contacts", params(("uuid" = uuid::Uuid, Path)), responses((status = 200, description = "The list", body = Resource<ContactListBody>)))]
async fn get_contact_list(
    State(app): State<App>,
    caller: Caller<ContactsRead>,
    Id(id): Id<ContactListId>,
) -> Result<Json<Resource<ContactListBody>>, Problem> {
    let tx = app.store.read().await?;
    let (organization, uris) = (caller.organization, app.uris());
    let resource = if id == all_contacts(organization) {
        ContactListBody::of_all(&tx, organization, &uris).await?
    } else {
        let list = contact_lists::get(&tx, organization, id).await?;
        ContactListBody::new(list.ok_or_else(Problem::not_found)?, &uris)
    };
    Ok(Json(Resource { resource }))
}

input! {
    /// A new list.
    pub struct NewContactList {
        /// What it is called, other than all other lists of the organization, whatever case and accents.
        pub name: Text<1, 255>,
        /// Who is on it.
        pub contacts: Option<List<Uri<ContactId>, 0, 500>>,
    }
    example {"name": "Customers", "contacts": ["http://127.0.0.1:8080/contacts/0193a5c8-7d3e-7000-8000-2b1f5f0c9a11"]}
}

fn ids<const MIN: usize>(contacts: List<Uri<ContactId>, MIN, 500>) -> Vec<ContactId> {
    contacts.0.into_iter().map(|contact| contact.0).collect()
}

/// Make a list of contacts
///
/// Contacts that the organization does not have are left out, and named in `membership_result`.
#[utoipa::path(post, path = "/contact_lists", tag = "Contacts", request_body = NewContactList, responses((status = 201, description = "The new list", body = NewContactListBody)))]
async fn create_contact_list(
    State(app): State<App>,
    caller: Caller<ContactsWrite>,
    input: Input<NewContactList>,
) -> Result<Response, Problem> {
    let (body, now) = (input.body, app.now());
    let command = AddContactList {
        organization: caller.organization,
        list: ContactList {
            id: ContactListId(fresh_id()),
            name: body.name.0.trim().to_owned(),
            contacts: 0,
            created_at: now,
            updated_at: now,
        },
        contacts: body.contacts.map(ids).unwrap_or_default(),
        by: caller.user,
    };
    let uris = app.uris();
    let answer = (caller.sends(input.idempotency), StatusCode::CREATED);
    write_once(&app, answer, command, move |(list, moved)| {
        Ok(NewContactListBody {
            resource: ContactListBody::new(list, &uris),
            membership_result: AddedContactsBody::new(moved, &uris),
        })
    })
    .await
}

input! {
    /// A list's new name.
    pub struct ContactListChanges {
        /// What it is called, other than all other lists of the organization, whatever case and accents.
        pub name: Text<1, 255>,
    }
    example {"name": "Customers since 2030"}
}

/// Rename a list of contacts
#[utoipa::path(patch, path = "/contact_lists/{uuid}", tag = "Contacts", params(("uuid" = uuid::Uuid, Path)), request_body = ContactListChanges, responses((status = 200, description = "The list as it is now", body = Resource<ContactListBody>)))]
async fn update_contact_list(
    State(app): State<App>,
    caller: Caller<ContactsWrite>,
    Id(id): Id<ContactListId>,
    input: Input<ContactListChanges>,
) -> Result<Json<Resource<ContactListBody>>, Problem> {
    let command = RenameContactList {
        organization: caller.organization,
        id,
        name: input.body.name.0.trim().to_owned(),
        by: caller.user,
        now: app.now(),
    };
    let list = app.store.write(caller.by(), command).await?;
    Ok(Json(Resource {
        resource: ContactListBody::new(list, &app.uris()),
    }))
}

/// Delete a list of contacts
///
/// The contacts stay.
#[utoipa::path(delete, path = "/contact_lists/{uuid}", tag = "Contacts", params(("uuid" = uuid::Uuid, Path)), responses((status = 204, description = "Deleted")))]
async fn delete_contact_list(
    State(app): State<App>,
    caller: Caller<ContactsWrite>,
    Id(id): Id<ContactListId>,
) -> Result<StatusCode, Problem> {
    let command = RemoveContactList {
        organization: caller.organization,
        id,
        by: caller.user,
        now: app.now(),
    };
    app.store.write(caller.by(), command).await?;
    Ok(StatusCode::NO_CONTENT)
}

input! {
    /// Who is to go on a list or off it.
    pub struct ContactListMemberships {
        /// The contacts.
        pub contacts: List<Uri<ContactId>, 1, 500>,
    }
    example {"contacts": ["http://127.0.0.1:8080/contacts/0193a5c8-7d3e-7000-8000-2b1f5f0c9a11"]}
}

fn moving(
    app: &App,
    caller: &Caller<ContactsWrite>,
    id: ContactListId,
    body: ContactListMemberships,
) -> AddToList {
    AddToList {
        organization: caller.organization,
        id,
        contacts: ids(body.contacts),
        by: caller.user,
        now: app.now(),
    }
}

/// Put contacts on a list
///
/// The same request again changes nothing.
#[utoipa::path(post, path = "/contact_lists/{uuid}/memberships", tag = "Contacts", params(("uuid" = uuid::Uuid, Path)), request_body = ContactListMemberships, responses((status = 200, description = "What became of them", body = Resource<AddedContactsBody>)))]
async fn add_contacts_to_list(
    State(app): State<App>,
    caller: Caller<ContactsWrite>,
    Id(id): Id<ContactListId>,
    input: Input<ContactListMemberships>,
) -> Result<Response, Problem> {
    let command = moving(&app, &caller, id, input.body);
    let uris = app.uris();
    let answer = (caller.sends(input.idempotency), StatusCode::OK);
    write_once(&app, answer, command, move |moved| {
        Ok(Resource {
            resource: AddedContactsBody::new(moved, &uris),
        })
    })
    .await
}

/// Take contacts off a list
///
/// The same request again changes nothing.
#[utoipa::path(post, path = "/contact_lists/{uuid}/memberships/removal", tag = "Contacts", params(("uuid" = uuid::Uuid, Path)), request_body = ContactListMemberships, responses((status = 200, description = "What became of them", body = Resource<RemovedContactsBody>)))]
async fn remove_contacts_from_list(
    State(app): State<App>,
    caller: Caller<ContactsWrite>,
    Id(id): Id<ContactListId>,
    input: Input<ContactListMemberships>,
) -> Result<Response, Problem> {
    let command = RemoveFromList(moving(&app, &caller, id, input.body));
    let uris = app.uris();
    let answer = (caller.sends(input.idempotency), StatusCode::OK);
    write_once(&app, answer, command, move |moved| {
        Ok(Resource {
            resource: RemovedContactsBody::new(moved, &uris),
        })
    })
    .await
}
