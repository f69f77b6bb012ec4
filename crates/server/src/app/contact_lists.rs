//! Making, renaming and removing lists of contacts, and who is on them.
//!
//! The list of all contacts is always there: it has the organization's id, and nothing about it can be changed.

use crate::app::contacts::searched::plain;
use domain::id::{ContactId, ContactListId, OrganizationId, UserId};
use futures_util::future::try_join_all;
use jiff::Timestamp;
use std::collections::BTreeSet;
use store::{
    Command, ReadTx, StoreError, WriteError, WriteTx,
    contact_lists::{self, ContactList},
    contacts, organizations,
};

/// The name of the list of all contacts.
pub const ALL_CONTACTS: &str = "All Contacts";

/// So many lists an organization may have, that of all contacts included: they are all in one answer.
pub const MAX_LISTS: usize = 100;

/// The list of all contacts.
pub fn all_contacts(organization: OrganizationId) -> ContactListId {
    ContactListId(organization.0)
}

/// Why a list cannot be made, changed or removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ContactListRefusal {
    /// There is no such list.
    Unknown,
    /// Another list has this name.
    NameTaken,
    /// There are as many lists as there may be.
    TooMany,
    /// It is the list of all contacts.
    IsAllContacts,
}

/// A conflict means that another request was a moment faster.
fn taken(error: StoreError) -> WriteError<ContactListRefusal> {
    match error.constraint() {
        Some(name) if name.contains("name") => WriteError::Refused(ContactListRefusal::NameTaken),
        _ => WriteError::Failed(error),
    }
}

async fn check_name(
    tx: &ReadTx<'_>,
    organization: OrganizationId,
    list: &ContactList,
) -> Result<String, WriteError<ContactListRefusal>> {
    let key = plain(&list.name);
    let other = contact_lists::by_key(tx, organization, &key).await?;
    if other.is_some_and(|other| other.id != list.id) || key == plain(ALL_CONTACTS) {
        return Err(WriteError::Refused(ContactListRefusal::NameTaken));
    }
    Ok(key)
}

/// The list, read under its lock.
async fn locked(
    tx: &WriteTx<'_>,
    organization: OrganizationId,
    id: ContactListId,
) -> Result<ContactList, WriteError<ContactListRefusal>> {
    if id == all_contacts(organization) {
        return Err(WriteError::Refused(ContactListRefusal::IsAllContacts));
    }
    contact_lists::lock(tx, organization, id).await?;
    let list = contact_lists::get(tx, organization, id).await?;
    list.ok_or(WriteError::Refused(ContactListRefusal::Unknown))
}

/// What became of contacts that were to go on a list or off it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Moved {
    /// How many went.
    pub changed: usize,
    /// How many had gone before.
    pub unchanged: usize,
    /// Those that the organization does not have.
    pub invalid: Vec<ContactId>,
}

/// Makes a list.
#[derive(Clone, Debug)]
pub struct AddContactList {
    /// In which organization.
    pub organization: OrganizationId,
    /// The list.
    pub list: ContactList,
    /// Who is on it.
    pub contacts: Vec<ContactId>,
    /// Who makes it.
    pub by: UserId,
}

impl Command for AddContactList {
    type Output = (ContactList, Moved);
    type Refusal = ContactListRefusal;

    async fn run(
        &self,
        tx: &WriteTx<'_>,
    ) -> Result<(ContactList, Moved), WriteError<ContactListRefusal>> {
        // so that what is counted stays counted
        organizations::lock(tx, self.organization).await?;
        let key = check_name(tx, self.organization, &self.list).await?;
        if MAX_LISTS <= contact_lists::all(tx, self.organization).await?.len() + 1 {
            return Err(WriteError::Refused(ContactListRefusal::TooMany));
        }
        contact_lists::insert(tx, self.organization, &self.list, &key)
            .await
            .map_err(taken)?;
        let (id, at) = (self.list.id, self.list.created_at);
        let moved = put_on(tx, (self.organization, id), &self.contacts, at).await?;
        let mut list = self.list.clone();
        list.contacts = i64::try_from(moved.changed).map_err(StoreError::invalid)?;
        Ok((list, moved))
    }

    async fn is_done(&self, tx: &ReadTx<'_>) -> Result<bool, StoreError> {
        let list = contact_lists::get(tx, self.organization, self.list.id).await?;
        Ok(list.is_some())
    }
}

/// Those contacts, each once, that the organization has and that stay until the transaction ends, and the others.
async fn locked_contacts(
    tx: &WriteTx<'_>,
    organization: OrganizationId,
    contacts: &[ContactId],
) -> Result<(Vec<ContactId>, Vec<ContactId>), StoreError> {
    // in the order of their ids, as others who lock several of them
    let distinct: BTreeSet<ContactId> = contacts.iter().copied().collect();
    let locks = distinct
        .iter()
        .map(|contact| contacts::lock(tx, organization, *contact));
    let locked = try_join_all(locks).await?;
    let each = distinct.into_iter().zip(locked);
    let (there, missing): (Vec<_>, Vec<_>) = each.partition(|(_, is_there)| *is_there);
    let ids = |contacts: Vec<(ContactId, bool)>| contacts.into_iter().map(|(id, _)| id).collect();
    Ok((ids(there), ids(missing)))
}

async fn put_on(
    tx: &WriteTx<'_>,
    (organization, list): (OrganizationId, ContactListId),
    contacts: &[ContactId],
    at: Timestamp,
) -> Result<Moved, StoreError> {
    let (contacts, invalid) = locked_contacts(tx, organization, contacts).await?;
    let contacts = contacts.into_iter();
    let added = contacts.map(|contact| contact_lists::add(tx, organization, (list, contact), at));
    Ok(counted(&try_join_all(added).await?, invalid))
}

fn counted(each: &[bool], invalid: Vec<ContactId>) -> Moved {
    let changed = each.iter().filter(|changed| **changed).count();
    Moved {
        changed,
        unchanged: each.len() - changed,
        invalid,
    }
}

/// Renames a list.
#[derive(Clone, Debug)]
pub struct RenameContactList {
    /// In which organization.
    pub organization: OrganizationId,
    /// Which list.
    pub id: ContactListId,
    /// Its new name.
    pub name: String,
    /// Who renames it.
    pub by: UserId,
    /// When.
    pub now: Timestamp,
}

impl Command for RenameContactList {
    type Output = ContactList;
    type Refusal = ContactListRefusal;

    async fn run(&self, tx: &WriteTx<'_>) -> Result<ContactList, WriteError<ContactListRefusal>> {
        let mut list = locked(tx, self.organization, self.id).await?;
        list.name.clone_from(&self.name);
        list.updated_at = self.now;
        let key = check_name(tx, self.organization, &list).await?;
        contact_lists::update(tx, self.organization, &list, &key)
            .await
            .map_err(taken)?;
        Ok(list)
    }
}

/// Removes a list; the contacts stay.
#[derive(Clone, Debug)]
pub struct RemoveContactList {
    /// From which organization.
    pub organization: OrganizationId,
    /// Which list.
    pub id: ContactListId,
    /// Who removes it.
    pub by: UserId,
    /// When.
    pub now: Timestamp,
}

impl Command for RemoveContactList {
    type Output = ContactList;
    type Refusal = ContactListRefusal;

    async fn run(&self, tx: &WriteTx<'_>) -> Result<ContactList, WriteError<ContactListRefusal>> {
        let list = locked(tx, self.organization, self.id).await?;
        contact_lists::delete(tx, self.organization, self.id).await?;
        Ok(list)
    }

    async fn is_done(&self, tx: &ReadTx<'_>) -> Result<bool, StoreError> {
        let list = contact_lists::get(tx, self.organization, self.id).await?;
        Ok(list.is_none())
    }
}

/// Puts contacts on a list.
#[derive(Clone, Debug)]
pub struct AddToList {
    /// In which organization.
    pub organization: OrganizationId,
    /// Which list.
    pub id: ContactListId,
    /// Which contacts.
    pub contacts: Vec<ContactId>,
    /// Who does so.
    pub by: UserId,
    /// When.
    pub now: Timestamp,
}

impl Command for AddToList {
    type Output = Moved;
    type Refusal = ContactListRefusal;

    async fn run(&self, tx: &WriteTx<'_>) -> Result<Moved, WriteError<ContactListRefusal>> {
        locked(tx, self.organization, self.id).await?;
        let list = (self.organization, self.id);
        Ok(put_on(tx, list, &self.contacts, self.now).await?)
    }
}

/// Takes contacts off a list.
#[derive(Clone, Debug)]
pub struct RemoveFromList(
    /// From which list, and which contacts.
    pub AddToList,
);

impl Command for RemoveFromList {
    type Output = Moved;
    type Refusal = ContactListRefusal;

    async fn run(&self, tx: &WriteTx<'_>) -> Result<Moved, WriteError<ContactListRefusal>> {
        let (organization, list) = (self.0.organization, self.0.id);
        locked(tx, organization, list).await?;
        let (contacts, invalid) = locked_contacts(tx, organization, &self.0.contacts).await?;
        let contacts = contacts.into_iter();
        let removed = contacts.map(|id| contact_lists::remove(tx, organization, (list, id)));
        Ok(counted(&try_join_all(removed).await?, invalid))
    }
}
