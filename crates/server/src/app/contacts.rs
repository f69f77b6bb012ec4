//! Adding, editing and removing contacts.

pub mod custom_fields;
pub mod searched;

use crate::app::feed_events::{EventName, tell_of_deed};
use custom_fields::{FieldChange, FieldMistake};
use domain::id::{ContactId, CustomFieldDefinitionId, OrganizationId, UserId};
use futures_util::future::{try_join, try_join_all};
use jiff::Timestamp;
use searched::searched;
use serde_json::Value;
use std::sync::Arc;
use store::{
    Command, ReadTx, StoreError, WriteError, WriteTx,
    contacts::{
        self, Contact, custom_fields as values,
        meetings::{self, Meetings},
    },
    custom_field_definitions::{self, CustomFieldDefinition},
};

/// A contact with all that is shown of it.
#[derive(Clone, Debug)]
pub struct KnownContact {
    /// The contact.
    pub contact: Contact,
    /// What its custom fields hold.
    pub values: Vec<(CustomFieldDefinitionId, Value)>,
    /// Which custom fields there are.
    pub definitions: Arc<[CustomFieldDefinition]>,
    /// When they meet the organization.
    pub meetings: Meetings,
}

/// The contacts with all that is shown of them.
pub async fn known(
    tx: &ReadTx<'_>,
    organization: OrganizationId,
    contacts: Vec<Contact>,
    now: Timestamp,
) -> Result<Vec<KnownContact>, StoreError> {
    let definitions = custom_field_definitions::list(tx, organization).await?;
    let definitions: Arc<[CustomFieldDefinition]> = definitions.into();
    let completed = contacts.into_iter().map(|contact| async {
        let (values, meetings) = try_join(
            values::of_contact(tx, organization, contact.id),
            meetings::of_contact(tx, organization, contact.id, now),
        )
        .await?;
        Ok(KnownContact {
            contact,
            values,
            definitions: definitions.clone(),
            meetings,
        })
    });
    try_join_all(completed).await
}

/// One contact with all that is shown of it.
pub async fn known_one(
    tx: &ReadTx<'_>,
    organization: OrganizationId,
    contact: Contact,
    now: Timestamp,
) -> Result<KnownContact, StoreError> {
    let id = contact.id;
    let known = known(tx, organization, vec![contact], now).await?.pop();
    known.ok_or_else(|| StoreError::missing("contacts", id))
}

/// Why a contact cannot be added, edited or removed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ContactRefusal {
    /// There is no such contact.
    Unknown,
    /// Another contact has a mail address, where it is known the one at this place.
    EmailTaken(Option<usize>),
    /// Custom fields cannot hold what they are to hold.
    Fields(Vec<FieldMistake>),
}

/// A conflict means that another request was a moment faster.
fn taken(error: StoreError) -> WriteError<ContactRefusal> {
    match error.constraint() {
        Some(name) if name.contains("contact_emails") => {
            WriteError::Refused(ContactRefusal::EmailTaken(None))
        }
        _ => WriteError::Failed(error),
    }
}

/// Refuses a contact that has an address of another one.
async fn check_emails(
    tx: &ReadTx<'_>,
    organization: OrganizationId,
    contact: &Contact,
) -> Result<(), WriteError<ContactRefusal>> {
    for (index, email) in contact.emails.iter().enumerate() {
        let owner = contacts::by_email(tx, organization, &email.email).await?;
        if owner.is_some_and(|owner| owner != contact.id) {
            let refusal = ContactRefusal::EmailTaken(Some(index));
            return Err(WriteError::Refused(refusal));
        }
    }
    Ok(())
}

/// Adds a contact.
#[derive(Clone, Debug)]
pub struct AddContact {
    /// In which organization.
    pub organization: OrganizationId,
    /// The contact.
    pub contact: Contact,
    /// What its custom fields hold.
    pub fields: Vec<FieldChange>,
    /// Who adds it.
    pub by: UserId,
}

impl Command for AddContact {
    type Output = KnownContact;
    type Refusal = ContactRefusal;

    async fn run(&self, tx: &WriteTx<'_>) -> Result<KnownContact, WriteError<ContactRefusal>> {
        let (organization, contact) = (self.organization, &self.contact);
        let fields = custom_fields::checked(tx, organization, &self.fields).await?;
        check_emails(tx, organization, contact).await?;
        contacts::insert(tx, organization, contact, &searched(contact))
            .await
            .map_err(taken)?;
        set_fields(tx, (organization, contact.id), &fields).await?;
        let now = contact.created_at;
        let told = (EventName::ContactCreated, now);
        tell_of_deed(tx, organization, told, (contact.id.0, self.by)).await?;
        Ok(known_one(tx, organization, contact.clone(), now).await?)
    }

    async fn is_done(&self, tx: &ReadTx<'_>) -> Result<bool, StoreError> {
        let contact = contacts::get(tx, self.organization, self.contact.id).await?;
        Ok(contact.is_some())
    }
}

async fn set_fields(
    tx: &WriteTx<'_>,
    (organization, contact): (OrganizationId, ContactId),
    fields: &[(CustomFieldDefinitionId, Option<Value>)],
) -> Result<(), StoreError> {
    for (definition, value) in fields {
        values::set(tx, organization, (contact, *definition), value.as_ref()).await?;
    }
    Ok(())
}

/// Edits a contact.
pub struct EditContact {
    /// In which organization.
    pub organization: OrganizationId,
    /// Which contact.
    pub id: ContactId,
    /// What changes, but for the custom fields.
    pub edit: Box<dyn Fn(&mut Contact) + Send + Sync>,
    /// What changes of the custom fields.
    pub fields: Vec<FieldChange>,
    /// Who edits it.
    pub by: UserId,
    /// When.
    pub now: Timestamp,
}

impl Command for EditContact {
    type Output = KnownContact;
    type Refusal = ContactRefusal;

    async fn run(&self, tx: &WriteTx<'_>) -> Result<KnownContact, WriteError<ContactRefusal>> {
        let organization = self.organization;
        let mut contact = locked(tx, organization, self.id).await?;
        (self.edit)(&mut contact);
        contact.updated_at = self.now;
        let fields = custom_fields::checked(tx, organization, &self.fields).await?;
        check_emails(tx, organization, &contact).await?;
        contacts::update(tx, organization, &contact, &searched(&contact))
            .await
            .map_err(taken)?;
        set_fields(tx, (organization, self.id), &fields).await?;
        let told = (EventName::ContactUpdated, self.now);
        tell_of_deed(tx, organization, told, (self.id.0, self.by)).await?;
        Ok(known_one(tx, organization, contact, self.now).await?)
    }
}

/// The contact, read under its lock, so that two edits at once do not undo each other.
async fn locked(
    tx: &WriteTx<'_>,
    organization: OrganizationId,
    id: ContactId,
) -> Result<Contact, WriteError<ContactRefusal>> {
    contacts::lock(tx, organization, id).await?;
    let contact = contacts::get(tx, organization, id).await?;
    contact.ok_or(WriteError::Refused(ContactRefusal::Unknown))
}

/// Removes a contact with all that is kept about it.
#[derive(Clone, Debug)]
pub struct RemoveContact {
    /// From which organization.
    pub organization: OrganizationId,
    /// Which contact.
    pub id: ContactId,
    /// Who removes it.
    pub by: UserId,
    /// When.
    pub now: Timestamp,
}

impl Command for RemoveContact {
    type Output = Contact;
    type Refusal = ContactRefusal;

    async fn run(&self, tx: &WriteTx<'_>) -> Result<Contact, WriteError<ContactRefusal>> {
        let contact = locked(tx, self.organization, self.id).await?;
        contacts::delete(tx, self.organization, self.id).await?;
        let told = (EventName::ContactDeleted, self.now);
        tell_of_deed(tx, self.organization, told, (self.id.0, self.by)).await?;
        Ok(contact)
    }

    async fn is_done(&self, tx: &ReadTx<'_>) -> Result<bool, StoreError> {
        let contact = contacts::get(tx, self.organization, self.id).await?;
        Ok(contact.is_none())
    }
}
