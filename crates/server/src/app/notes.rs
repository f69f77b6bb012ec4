//! Writing, editing and removing notes about contacts. A note is its author's alone.

use domain::id::{NoteId, OrganizationId, UserId};
use jiff::Timestamp;
use store::{
    Command, ReadTx, StoreError, WriteError, WriteTx, contacts,
    notes::{self, Note},
};

/// Why a note cannot be written, edited or removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoteRefusal {
    /// The author has no such note, or the organization no such contact.
    Unknown,
    /// Neither a title nor a text would be left.
    Empty,
}

/// Writes a note.
#[derive(Clone, Debug)]
pub struct AddNote {
    /// In which organization.
    pub organization: OrganizationId,
    /// The note.
    pub note: Note,
}

impl Command for AddNote {
    type Output = Note;
    type Refusal = NoteRefusal;

    async fn run(&self, tx: &WriteTx<'_>) -> Result<Note, WriteError<NoteRefusal>> {
        // so that the contact does not go meanwhile
        if !contacts::lock(tx, self.organization, self.note.contact_id).await? {
            return Err(WriteError::Refused(NoteRefusal::Unknown));
        }
        notes::insert(tx, self.organization, &self.note).await?;
        Ok(self.note.clone())
    }

    async fn is_done(&self, tx: &ReadTx<'_>) -> Result<bool, StoreError> {
        let (author, id) = (self.note.user_id, self.note.id);
        let note = notes::get(tx, self.organization, author, id).await?;
        Ok(note.is_some())
    }
}

/// The author's note, read under its lock.
async fn locked(
    tx: &WriteTx<'_>,
    organization: OrganizationId,
    author: UserId,
    id: NoteId,
) -> Result<Note, WriteError<NoteRefusal>> {
    notes::lock(tx, organization, author, id).await?;
    let note = notes::get(tx, organization, author, id).await?;
    note.ok_or(WriteError::Refused(NoteRefusal::Unknown))
}

/// Edits a note.
pub struct EditNote {
    /// In which organization.
    pub organization: OrganizationId,
    /// Whose note.
    pub author: UserId,
    /// Which one.
    pub id: NoteId,
    /// What changes.
    pub edit: Box<dyn Fn(&mut Note) + Send + Sync>,
    /// When.
    pub now: Timestamp,
}

impl Command for EditNote {
    type Output = Note;
    type Refusal = NoteRefusal;

    async fn run(&self, tx: &WriteTx<'_>) -> Result<Note, WriteError<NoteRefusal>> {
        let mut note = locked(tx, self.organization, self.author, self.id).await?;
        (self.edit)(&mut note);
        if note.title.is_none() && note.body.is_none() {
            return Err(WriteError::Refused(NoteRefusal::Empty));
        }
        note.updated_at = self.now;
        notes::update(tx, self.organization, &note).await?;
        Ok(note)
    }
}

/// Removes a note.
#[derive(Clone, Debug)]
pub struct RemoveNote {
    /// From which organization.
    pub organization: OrganizationId,
    /// Whose note.
    pub author: UserId,
    /// Which one.
    pub id: NoteId,
    /// When.
    pub now: Timestamp,
}

impl Command for RemoveNote {
    type Output = Note;
    type Refusal = NoteRefusal;

    async fn run(&self, tx: &WriteTx<'_>) -> Result<Note, WriteError<NoteRefusal>> {
        let note = locked(tx, self.organization, self.author, self.id).await?;
        notes::delete(tx, self.organization, self.id).await?;
        Ok(note)
    }

    async fn is_done(&self, tx: &ReadTx<'_>) -> Result<bool, StoreError> {
        let note = notes::get(tx, self.organization, self.author, self.id).await?;
        Ok(note.is_none())
    }
}
