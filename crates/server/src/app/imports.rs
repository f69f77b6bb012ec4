//! Bringing over what another server has: one thing a transaction, together with the note that it was brought, so that it
//! comes once however often that is done.
//!
//! What is brought happened elsewhere: nobody is told of it, by webhook, feed or mail.

pub mod contacts;
pub mod event_types;
pub mod forms;
pub mod groups;
pub mod hours;
pub mod meetings;
pub mod people;
pub mod recaps;

use domain::id::OrganizationId;
use jiff::Timestamp;
use std::convert::Infallible;
use std::fmt;
use store::{
    Command, ReadTx, StoreError, WriteError, WriteTx,
    imports::{self, Import},
};
use uuid::Uuid;

/// Something that can be brought over.
pub trait Imported: Send + Sync + 'static {
    /// Writes it for the first time, or over what it was when it came the last time.
    fn write(
        &self,
        tx: &WriteTx<'_>,
        place: &Place,
    ) -> impl Future<Output = Result<Written, WriteError<Reason>>> + Send;
}

/// Why something cannot be brought over. It names no people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason(pub String);

impl fmt::Display for Reason {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

impl std::error::Error for Reason {}

/// Refuses to bring something over.
pub fn refused<T>(reason: impl Into<String>) -> Result<T, WriteError<Reason>> {
    Err(WriteError::Refused(Reason(reason.into())))
}

/// Where something belongs.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    /// In which organization.
    pub organization: OrganizationId,
    /// What it is here.
    pub id: Uuid,
    /// Whether it never came before.
    pub is_new: bool,
    /// The present.
    pub now: Timestamp,
}

/// What became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Written {
    /// It is here now as it is there.
    Done,
    /// It was here before, as this, and stays as it is.
    Here(Uuid),
    /// It was deleted here after it had come, and stays so.
    Gone,
}

/// Brings one thing over.
#[derive(Clone, Debug)]
pub struct Bring<I> {
    /// Into which organization.
    pub organization: OrganizationId,
    /// What it is there, what it is here, and what it is like.
    pub import: Import,
    /// What comes along with it.
    pub along: Vec<Import>,
    /// The thing.
    pub thing: I,
    /// The present.
    pub now: Timestamp,
}

/// How it went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Brought {
    /// It is new.
    Added,
    /// It was here, and changed there.
    Changed,
    /// It was brought before as it is.
    Unchanged,
    /// Somebody here has it already, as this.
    Here(Uuid),
    /// It was deleted here.
    Gone,
}

/// An import begins: what it brings has no entries of its own in the activity log.
#[derive(Clone, Copy, Debug)]
pub struct BeginImport;

impl Command for BeginImport {
    type Output = ();
    type Refusal = Infallible;

    async fn run(&self, _: &WriteTx<'_>) -> Result<(), WriteError<Infallible>> {
        Ok(())
    }
}

impl<I: Imported> Command for Bring<I> {
    type Output = Brought;
    type Refusal = Reason;

    async fn run(&self, tx: &WriteTx<'_>) -> Result<Brought, WriteError<Reason>> {
        let before = imports::get(tx, self.organization, &self.import.path).await?;
        if let Some(before) = &before {
            if before.digest.is_empty() {
                return Ok(Brought::Here(before.id));
            }
            if before.digest == self.import.digest {
                return Ok(Brought::Unchanged);
            }
        }
        let place = Place {
            organization: self.organization,
            id: before.as_ref().map_or(self.import.id, |before| before.id),
            is_new: before.is_none(),
            now: self.now,
        };
        let mut import = Import {
            id: place.id,
            ..self.import.clone()
        };
        let brought = match self.thing.write(tx, &place).await? {
            Written::Done if place.is_new => Brought::Added,
            Written::Done => Brought::Changed,
            Written::Gone => Brought::Gone,
            Written::Here(id) => {
                import.id = id;
                import.digest.clear();
                Brought::Here(id)
            }
        };
        imports::put(tx, self.organization, &import, self.now).await?;
        if matches!(brought, Brought::Added | Brought::Changed) {
            for import in &self.along {
                imports::put(tx, self.organization, import, self.now).await?;
            }
        }
        Ok(brought)
    }

    async fn is_done(&self, tx: &ReadTx<'_>) -> Result<bool, StoreError> {
        let import = imports::get(tx, self.organization, &self.import.path).await?;
        Ok(import.is_some_and(|import| import.digest == self.import.digest))
    }
}
