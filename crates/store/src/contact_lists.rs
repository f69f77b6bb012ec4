//! Lists of contacts that somebody put together, and who is on them.

use crate::{FromRow, ReadTx, Row, StoreError, WriteTx, args, column::Instant};
use domain::id::{ContactId, ContactListId, OrganizationId};
use jiff::Timestamp;

/// A row of `contact_lists` with how many contacts are on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContactList {
    /// Its id.
    pub id: ContactListId,
    /// What people call it.
    pub name: String,
    /// How many contacts are on it.
    pub contacts: i64,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

impl FromRow for ContactList {
    fn from_row(row: &Row<'_>) -> Result<ContactList, StoreError> {
        let mut columns = row.columns();
        Ok(ContactList {
            id: ContactListId(columns.take()?),
            name: columns.take()?,
            contacts: columns.take()?,
            created_at: columns.take::<Instant>()?.0,
            updated_at: columns.take::<Instant>()?.0,
        })
    }
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "select l.id, l.name, (select count(*) from contact_list_memberships m
    where m.organization_id = l.organization_id and m.contact_list_id = l.id), l.created_at, l.updated_at
  from contact_lists l where l.organization_id = $1 ",
            $rest
        )
    };
}

const GET: &str = select!("and l.id = $2");

/// The list with this id.
pub async fn get(
    tx: &ReadTx<'_>,
    organization: OrganizationId,
    id: ContactListId,
) -> Result<Option<ContactList>, StoreError> {
    tx.optional(GET, args![organization.0, id.0]).await
}

const BY_KEY: &str = select!("and l.name_key = $2");

/// The list whose name is the same but for its case and accents.
pub async fn by_key(
    tx: &ReadTx<'_>,
    organization: OrganizationId,
    key: &str,
) -> Result<Option<ContactList>, StoreError> {
    tx.optional(BY_KEY, args![organization.0, key]).await
}

const ALL: &str = select!("order by l.created_at, l.id");

/// All lists of an organization, oldest first.
pub async fn all(
    tx: &ReadTx<'_>,
    organization: OrganizationId,
) -> Result<Vec<ContactList>, StoreError> {
    tx.all(ALL, args![organization.0]).await
}

const LOCK: &str =
    "update contact_lists set updated_at = updated_at where organization_id = $1 and id = $2";

/// Locks a list until the transaction ends; false where there is none.
pub async fn lock(
    tx: &WriteTx<'_>,
    organization: OrganizationId,
    id: ContactListId,
) -> Result<bool, StoreError> {
    Ok(tx.execute(LOCK, args![organization.0, id.0]).await? == 1)
}

const INSERT: &str =
    "insert into contact_lists (organization_id, id, name, name_key, created_at, updated_at)
  values ($1, $2, $3, $4, $5, $6)";

/// Adds a list without contacts. A name that another one has is a conflict.
pub async fn insert(
    tx: &WriteTx<'_>,
    organization: OrganizationId,
    list: &ContactList,
    key: &str,
) -> Result<(), StoreError> {
    tx.execute(
        INSERT,
        args![
            organization.0,
            list.id.0,
            list.name,
            key,
            Instant(list.created_at),
            Instant(list.updated_at)
        ],
    )
    .await?;
    Ok(())
}

const UPDATE: &str = "update contact_lists set name = $3, name_key = $4, updated_at = $5
  where organization_id = $1 and id = $2";

/// Writes what may change of a list. A name that another one has is a conflict.
pub async fn update(
    tx: &WriteTx<'_>,
    organization: OrganizationId,
    list: &ContactList,
    key: &str,
) -> Result<(), StoreError> {
    let updated_at = Instant(list.updated_at);
    let row = args![organization.0, list.id.0, list.name, key, updated_at];
    let touched = tx.execute(UPDATE, row).await?;
    StoreError::expect_one(touched, "contact_lists", list.id)
}

const EMPTY: &str =
    "delete from contact_list_memberships where organization_id = $1 and contact_list_id = $2";
const DELETE: &str = "delete from contact_lists where organization_id = $1 and id = $2";

/// Removes a list; the contacts stay.
pub async fn delete(
    tx: &WriteTx<'_>,
    organization: OrganizationId,
    id: ContactListId,
) -> Result<(), StoreError> {
    tx.execute(EMPTY, args![organization.0, id.0]).await?;
    let touched = tx.execute(DELETE, args![organization.0, id.0]).await?;
    StoreError::expect_one(touched, "contact_lists", id)
}

const ADD: &str = "insert into contact_list_memberships (organization_id, contact_list_id, contact_id, created_at)
  values ($1, $2, $3, $4) on conflict (organization_id, contact_list_id, contact_id) do nothing";

/// Puts a contact on a list; false where it is on it already.
pub async fn add(
    tx: &WriteTx<'_>,
    organization: OrganizationId,
    (list, contact): (ContactListId, ContactId),
    at: Timestamp,
) -> Result<bool, StoreError> {
    let row = args![organization.0, list.0, contact.0, Instant(at)];
    Ok(tx.execute(ADD, row).await? == 1)
}

const REMOVE: &str = "delete from contact_list_memberships
  where organization_id = $1 and contact_list_id = $2 and contact_id = $3";

/// Takes a contact off a list; false where it is not on it.
pub async fn remove(
    tx: &WriteTx<'_>,
    organization: OrganizationId,
    (list, contact): (ContactListId, ContactId),
) -> Result<bool, StoreError> {
    let row = args![organization.0, list.0, contact.0];
    Ok(tx.execute(REMOVE, row).await? == 1)
}

/// Takes everybody off a list.
pub async fn empty(
    tx: &WriteTx<'_>,
    organization: OrganizationId,
    id: ContactListId,
) -> Result<(), StoreError> {
    tx.execute(EMPTY, args![organization.0, id.0]).await?;
    Ok(())
}
