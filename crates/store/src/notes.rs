//! Notes about contacts: each belongs to its author.

use crate::{
    FromRow, ReadTx, Row, StoreError, WriteTx, args,
    column::Instant,
    engine::Param,
    page::{InstantKey, Order, Page, PageRequest},
};
use domain::id::{ContactId, NoteId, OrganizationId, UserId};
use jiff::Timestamp;
use uuid::Uuid;

/// A row of `notes`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// Its id.
    pub id: NoteId,
    /// Who wrote it.
    pub user_id: UserId,
    /// Whom it is about.
    pub contact_id: ContactId,
    /// Its title.
    pub title: Option<String>,
    /// Its text.
    pub body: Option<String>,
    /// When the author wants to be reminded of it.
    pub remind_at: Option<Timestamp>,
    /// When it was written.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

impl FromRow for Note {
    fn from_row(row: &Row<'_>) -> Result<Note, StoreError> {
        let mut columns = row.columns();
        Ok(Note {
            id: NoteId(columns.take()?),
            user_id: UserId(columns.take()?),
            contact_id: ContactId(columns.take()?),
            title: columns.take()?,
            body: columns.take()?,
            remind_at: columns.take::<Option<Instant>>()?.map(|at| at.0),
            created_at: columns.take::<Instant>()?.0,
            updated_at: columns.take::<Instant>()?.0,
        })
    }
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "select id, user_id, contact_id, title, body, remind_at, created_at, updated_at from notes
  where organization_id = $1 and user_id = $2 ",
            $rest
        )
    };
}

const TEXTS_ABOUT: &str =
    "select title, body from notes where organization_id = $1 and contact_id = $2";

/// What all notes about a contact say, whoever wrote them.
pub async fn texts_about(
    tx: &ReadTx<'_>,
    organization: OrganizationId,
    contact: ContactId,
) -> Result<Vec<String>, StoreError> {
    let args = args![organization.0, contact.0];
    let texts: Vec<(Option<String>, Option<String>)> = tx.all(TEXTS_ABOUT, args).await?;
    Ok(texts
        .into_iter()
        .flat_map(|(title, body)| [title, body])
        .flatten()
        .collect())
}

const GET: &str = select!("and id = $3");

/// The author's note with this id.
pub async fn get(
    tx: &ReadTx<'_>,
    organization: OrganizationId,
    author: UserId,
    id: NoteId,
) -> Result<Option<Note>, StoreError> {
    tx.optional(GET, args![organization.0, author.0, id.0])
        .await
}

/// So many contacts can be asked about at once.
pub const MAX_CONTACTS: usize = 10;

const LIST_ASCENDING: &str = select!(
    "and (updated_at, id) > ($3, $4) and contact_id in ($6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
  order by updated_at, id limit $5"
);
const LIST_DESCENDING: &str = select!(
    "and (updated_at, id) < ($3, $4) and contact_id in ($6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
  order by updated_at desc, id desc limit $5"
);

/// A page of the author's notes about any of the contacts, by their last change.
pub async fn list(
    tx: &ReadTx<'_>,
    (organization, author): (OrganizationId, UserId),
    contacts: &[ContactId],
    request: &PageRequest<InstantKey>,
) -> Result<Page<Note>, StoreError> {
    let Some(first) = contacts.first() else {
        return Ok(Page::empty());
    };
    let walk = request.walk();
    let (at, id) = walk.start()?;
    let sql = match walk.order {
        Order::Ascending => LIST_ASCENDING,
        Order::Descending => LIST_DESCENDING,
    };
    let at = Instant(at);
    // the statement has a fixed number of places
    let mut asked: [Uuid; MAX_CONTACTS] = [first.0; MAX_CONTACTS];
    for (place, contact) in asked.iter_mut().zip(contacts) {
        *place = contact.0;
    }
    let mut values: Vec<&dyn Param> = vec![&organization.0, &author.0, &at, &id, &walk.limit];
    values.extend(asked.iter().map(|contact| contact as &dyn Param));
    let rows = tx.all(sql, &values).await?;
    Ok(request.page(rows))
}

const LOCK: &str = "update notes set updated_at = updated_at
  where organization_id = $1 and user_id = $2 and id = $3";

/// Locks a note until the transaction ends; false where the author has none with this id.
pub async fn lock(
    tx: &WriteTx<'_>,
    organization: OrganizationId,
    author: UserId,
    id: NoteId,
) -> Result<bool, StoreError> {
    let row = args![organization.0, author.0, id.0];
    Ok(tx.execute(LOCK, row).await? == 1)
}

const INSERT: &str = "insert into notes
  (organization_id, id, user_id, contact_id, title, body, remind_at, created_at, updated_at)
  values ($1, $2, $3, $4, $5, $6, $7, $8, $9)";

/// Adds a note.
pub async fn insert(
    tx: &WriteTx<'_>,
    organization: OrganizationId,
    note: &Note,
) -> Result<(), StoreError> {
    tx.execute(
        INSERT,
        args![
            organization.0,
            note.id.0,
            note.user_id.0,
            note.contact_id.0,
            note.title,
            note.body,
            note.remind_at.map(Instant),
            Instant(note.created_at),
            Instant(note.updated_at)
        ],
    )
    .await?;
    Ok(())
}

const UPDATE: &str = "update notes set title = $3, body = $4, remind_at = $5, updated_at = $6
  where organization_id = $1 and id = $2";

/// Writes what may change of a note.
pub async fn update(
    tx: &WriteTx<'_>,
    organization: OrganizationId,
    note: &Note,
) -> Result<(), StoreError> {
    let remind_at = note.remind_at.map(Instant);
    let updated_at = Instant(note.updated_at);
    let row = args![
        organization.0,
        note.id.0,
        note.title,
        note.body,
        remind_at,
        updated_at
    ];
    let touched = tx.execute(UPDATE, row).await?;
    StoreError::expect_one(touched, "notes", note.id)
}

const DELETE: &str = "delete from notes where organization_id = $1 and id = $2";

/// Removes a note.
pub async fn delete(
    tx: &WriteTx<'_>,
    organization: OrganizationId,
    id: NoteId,
) -> Result<(), StoreError> {
    let touched = tx.execute(DELETE, args![organization.0, id.0]).await?;
    StoreError::expect_one(touched, "notes", id)
}
