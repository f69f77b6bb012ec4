//! `/notes`: what somebody wrote down about contacts. Nobody but its author sees a note, administrators neither.

pub mod values;

use crate::api::{
    answer::{Resource, write_once},
    caller::{
        Caller,
        scope::{ContactsRead, ContactsWrite},
    },
    input::{Reader, input},
    page::{Collection, Count, PageToken, Sorted},
    problem::Problem,
    request::{Input, Query},
    uri::{Id, Uri, Uris},
    value::{Change, time::Second},
};
use crate::{
    app::notes::{AddNote, EditNote, NoteRefusal, RemoveNote},
    context::{App, fresh_id},
};
use axum::{Json, extract::State, http::StatusCode, response::Response};
use domain::id::{ContactId, NoteId, OrganizationId, UserId};
use serde::Serialize;
use serde_json::{Map, Value};
use store::{
    contacts,
    notes::{self, Note},
    page::Order,
};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use values::{Contacts, Reminder, Trimmed};

/// The routes of this file.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_notes, create_note))
        .routes(routes!(get_note, update_note, delete_note))
}

/// A note about a contact.
#[derive(Debug, Serialize, ToSchema)]
pub struct NoteBody {
    /// The note's URI.
    #[schema(format = "uri")]
    pub uri: String,
    /// Whom it is about.
    #[schema(format = "uri")]
    pub contact: String,
    /// Its title.
    #[schema(required = true)]
    pub title: Option<String>,
    /// Its text.
    #[schema(required = true)]
    pub body: Option<String>,
    /// When the author wants to be reminded of it.
    #[schema(required = true)]
    pub remind_at: Option<Second>,
    /// When it was written.
    pub created_at: Second,
    /// When it last changed.
    pub updated_at: Second,
}

impl NoteBody {
    fn new(note: Note, uris: &Uris) -> NoteBody {
        NoteBody {
            uri: uris.of(note.id),
            contact: uris.of(note.contact_id),
            title: note.title,
            body: note.body,
            remind_at: note.remind_at.map(Second),
            created_at: Second(note.created_at),
            updated_at: Second(note.updated_at),
        }
    }
}

impl From<NoteRefusal> for Problem {
    fn from(refusal: NoteRefusal) -> Problem {
        match refusal {
            NoteRefusal::Unknown => Problem::not_found(),
            NoteRefusal::Empty => {
                Problem::parameter("title", "required", "must be filled, or body instead")
            }
        }
    }
}

input! {
    /// Which notes.
    pub struct ListNotes {
        /// About these contacts, 1 to 10 with commas between them; the parameter may also come several times.
        pub contact: Contacts,
        /// Rows on a page, 20 by default.
        pub count: Count,
        /// Where the page begins, from an earlier answer.
        pub page_token: PageToken,
    }
    check nothing_else
}

/// Notes parameters that this list does not have; others are ignored elsewhere.
fn nothing_else(object: &Map<String, Value>, reader: &mut Reader) {
    for name in object.keys() {
        if !["contact", "count", "page_token"].contains(&name.as_str()) {
            let short: String = name.chars().take(100).collect();
            reader.problem_with(
                &short,
                "unknown_field",
                "is not a parameter of this request",
            );
        }
    }
}

/// List one's own notes about contacts
#[utoipa::path(get, path = "/notes", tag = "Contacts", params(ListNotes), responses((status = 200, description = "A page of notes, the one that changed last first", body = Collection<NoteBody>)))]
async fn list_notes(
    State(app): State<App>,
    caller: Caller<ContactsRead>,
    Query { query, target }: Query<ListNotes>,
) -> Result<Json<Collection<NoteBody>>, Problem> {
    let sorted = Sorted {
        by: "notes",
        order: Order::Descending,
    };
    let request = sorted.request(query.count, query.page_token)?;
    let tx = app.store.read().await?;
    for contact in &query.contact.0 {
        let contact = contacts::get(&tx, caller.organization, *contact).await?;
        contact.ok_or_else(Problem::not_found)?;
    }
    let author = (caller.organization, caller.user);
    let page = notes::list(&tx, author, &query.contact.0, &request).await?;
    let uris = app.uris();
    Ok(Json(sorted.collection(
        page,
        (&uris, &target),
        |note| (note.updated_at, note.id.0),
        |note| NoteBody::new(note, &uris),
    )))
}

async fn note(
    app: &App,
    organization: OrganizationId,
    author: UserId,
    id: NoteId,
) -> Result<Note, Problem> {
    let tx = app.store.read().await?;
    let note = notes::get(&tx, organization, author, id).await?;
    note.ok_or_else(Problem::not_found)
}

/// Get a note
#[utoipa::path(get, path = "/notes/{uuid}", tag = "Contacts", params(("uuid" = uuid::Uuid, Path)), responses((status = 200, description = "The note", body = Resource<NoteBody>)))]
async fn get_note(
    State(app): State<App>,
    caller: Caller<ContactsRead>,
    Id(id): Id<NoteId>,
) -> Result<Json<Resource<NoteBody>>, Problem> {
    let note = note(&app, caller.organization, caller.user, id).await?;
    Ok(Json(Resource {
        resource: NoteBody::new(note, &app.uris()),
    }))
}

input! {
    /// A new note.
    pub struct NewNote {
        /// Whom it is about.
        pub contact: Uri<ContactId>,
        /// Its title; may be left out where there is a body.
        pub title: Option<Trimmed<255>>,
        /// Its text; may be left out where there is a title.
        pub body: Option<Trimmed<10_000>>,
        /// When to be reminded of it.
        pub remind_at: Option<Reminder>,
    }
    example {
        "contact": "http://127.0.0.1:8080/contacts/0193a5c8-7d3e-7000-8000-2b1f5f0c9a11",
        "title": "Prefers mornings",
        "remind_at": "2030-01-07T09:00:00Z"
    }
}

/// Write a note about a contact
///
/// Nobody but the author sees it.
#[utoipa::path(post, path = "/notes", tag = "Contacts", request_body = NewNote, responses((status = 201, description = "The new note", body = Resource<NoteBody>)))]
async fn create_note(
    State(app): State<App>,
    caller: Caller<ContactsWrite>,
    input: Input<NewNote>,
) -> Result<Response, Problem> {
    let (body, now) = (input.body, app.now());
    let note = Note {
        id: NoteId(fresh_id()),
        user_id: caller.user,
        contact_id: body.contact.0,
        title: body.title.and_then(|title| title.0),
        body: body.body.and_then(|text| text.0),
        remind_at: body.remind_at.map(|at| at.0),
        created_at: now,
        updated_at: now,
    };
    if note.title.is_none() && note.body.is_none() {
        return Err(NoteRefusal::Empty.into());
    }
    let command = AddNote {
        organization: caller.organization,
        note,
    };
    let uris = app.uris();
    let answer = (caller.sends(input.idempotency), StatusCode::CREATED);
    write_once(&app, answer, command, move |note| {
        Ok(Resource {
            resource: NoteBody::new(note, &uris),
        })
    })
    .await
}

input! {
    /// What changes of a note; what is left out stays.
    pub struct NoteChanges {
        /// Its title; null removes it where there is a body.
        pub title: Change<Trimmed<255>>,
        /// Its text; null removes it where there is a title.
        pub body: Change<Trimmed<10_000>>,
        /// When to be reminded of it; null: never.
        pub remind_at: Change<Reminder>,
    }
    example {"body": "Prefers mornings, but not Mondays."}
}

impl NoteChanges {
    fn is_empty(&self) -> bool {
        self.title == Change::Keep && self.body == Change::Keep && self.remind_at == Change::Keep
    }

    fn apply(&self, note: &mut Note) {
        note.title = changed(&self.title, note.title.take());
        note.body = changed(&self.body, note.body.take());
        note.remind_at = self.remind_at.clone().of(note.remind_at, |at| at.0);
    }
}

fn changed<const MAX: usize>(
    change: &Change<Trimmed<MAX>>,
    before: Option<String>,
) -> Option<String> {
    match change {
        Change::Keep => before,
        Change::Clear => None,
        Change::Set(text) => text.0.clone(),
    }
}

/// Edit a note
#[utoipa::path(patch, path = "/notes/{uuid}", tag = "Contacts", params(("uuid" = uuid::Uuid, Path)), request_body = NoteChanges, responses((status = 200, description = "The note as it is now", body = Resource<NoteBody>)))]
async fn update_note(
    State(app): State<App>,
    caller: Caller<ContactsWrite>,
    Id(id): Id<NoteId>,
    input: Input<NoteChanges>,
) -> Result<Json<Resource<NoteBody>>, Problem> {
    let changes = input.body;
    if changes.is_empty() {
        note(&app, caller.organization, caller.user, id).await?;
        return Err(Problem::nothing_to_change());
    }
    let command = EditNote {
        organization: caller.organization,
        author: caller.user,
        id,
        edit: Box::new(move |note| changes.apply(note)),
        now: app.now(),
    };
    let note = app.store.write(caller.by(), command).await?;
    Ok(Json(Resource {
        resource: NoteBody::new(note, &app.uris()),
    }))
}

/// Delete a note
#[utoipa::path(delete, path = "/notes/{uuid}", tag = "Contacts", params(("uuid" = uuid::Uuid, Path)), responses((status = 204, description = "Deleted")))]
async fn delete_note(
    State(app): State<App>,
    caller: Caller<ContactsWrite>,
    Id(id): Id<NoteId>,
) -> Result<StatusCode, Problem> {
    let command = RemoveNote {
        organization: caller.organization,
        author: caller.user,
        id,
        now: app.now(),
    };
    app.store.write(caller.by(), command).await?;
    Ok(StatusCode::NO_CONTENT)
}
