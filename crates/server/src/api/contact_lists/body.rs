//! What is shown of lists of contacts, and of what became of contacts that were to go on one.

use crate::api::{
    uri::Uris,
    value::{time::Second, words},
};
use crate::app::contact_lists::{ALL_CONTACTS, Moved, all_contacts};
use domain::id::OrganizationId;
use serde::Serialize;
use store::{ReadTx, StoreError, contact_lists::ContactList, organizations};
use utoipa::ToSchema;

words! {
    /// What a list is.
    pub enum ContactListType {
        /// Somebody put it together.
        StaticList = "static_list",
        /// It follows a rule.
        DynamicView = "dynamic_view",
    }
}

/// A list of contacts.
#[derive(Debug, Serialize, ToSchema)]
pub struct ContactListBody {
    /// The list's URI.
    #[schema(format = "uri")]
    pub uri: String,
    /// What it is called.
    pub name: String,
    /// `static_list`, or `dynamic_view` of the one of all contacts.
    #[serde(rename = "type")]
    pub kind: ContactListType,
    /// How many contacts are on it; null of a view.
    #[schema(required = true)]
    pub contact_count: Option<i64>,
    /// When it was made.
    pub created_at: Second,
    /// When it was last renamed.
    pub updated_at: Second,
}

impl ContactListBody {
    /// What is shown of a list.
    pub fn new(list: ContactList, uris: &Uris) -> ContactListBody {
        ContactListBody {
            uri: uris.of(list.id),
            name: list.name,
            kind: ContactListType::StaticList,
            contact_count: Some(list.contacts),
            created_at: Second(list.created_at),
            updated_at: Second(list.updated_at),
        }
    }

    /// The view of all contacts.
    pub async fn of_all(
        tx: &ReadTx<'_>,
        organization: OrganizationId,
        uris: &Uris,
    ) -> Result<ContactListBody, StoreError> {
        let found = organizations::get(tx, organization).await?;
        let found = found.ok_or_else(|| StoreError::missing("organizations", organization))?;
        Ok(ContactListBody {
            uri: uris.of(all_contacts(organization)),
            name: ALL_CONTACTS.to_owned(),
            kind: ContactListType::DynamicView,
            contact_count: None,
            created_at: Second(found.created_at),
            updated_at: Second(found.created_at),
        })
    }
}

/// A new list, and which contacts could not go on it.
#[derive(Debug, Serialize, ToSchema)]
pub struct NewContactListBody {
    /// The list.
    pub resource: ContactListBody,
    /// What became of the contacts that were named.
    pub membership_result: AddedContactsBody,
}

/// What became of contacts that were to go on a list. One that was named twice counts once.
#[derive(Debug, Serialize, ToSchema)]
pub struct AddedContactsBody {
    /// How many went.
    pub added: usize,
    /// How many were on it already.
    pub already_added: usize,
    /// How many the organization does not have.
    pub invalid: usize,
    /// Which these are.
    pub invalid_contacts: Vec<String>,
}

impl AddedContactsBody {
    /// What is shown of it.
    pub fn new(moved: Moved, uris: &Uris) -> AddedContactsBody {
        AddedContactsBody {
            added: moved.changed,
            already_added: moved.unchanged,
            invalid: moved.invalid.len(),
            invalid_contacts: moved.invalid.into_iter().map(|id| uris.of(id)).collect(),
        }
    }
}

/// What became of contacts that were to go off a list. One that was named twice counts once.
#[derive(Debug, Serialize, ToSchema)]
pub struct RemovedContactsBody {
    /// How many went.
    pub removed: usize,
    /// How many were not on it.
    pub already_removed: usize,
    /// How many the organization does not have.
    pub invalid: usize,
    /// Which these are.
    pub invalid_contacts: Vec<String>,
}

impl RemovedContactsBody {
    /// What is shown of it.
    pub fn new(moved: Moved, uris: &Uris) -> RemovedContactsBody {
        RemovedContactsBody {
            removed: moved.changed,
            already_removed: moved.unchanged,
            invalid: moved.invalid.len(),
            invalid_contacts: moved.invalid.into_iter().map(|id| uris.of(id)).collect(),
        }
    }
}
