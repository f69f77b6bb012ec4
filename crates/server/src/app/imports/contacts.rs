//! Contacts, their custom fields, lists of them and notes about them that are brought over.

use super::{Imported, Place, Reason, Written, refused};
use crate::app::contacts::{
    ContactRefusal,
    custom_fields::{FieldChange, checked},
    searched::{lower, plain, searched},
};
use domain::id::{ContactId, ContactListId, CustomFieldDefinitionId, NoteId};
use serde_json::Value;
use store::{
    WriteError, WriteTx,
    contact_lists::{self, ContactList},
    contacts::{self, Contact, custom_fields},
    custom_field_definitions::{self, CustomFieldDefinition},
    notes::{self, Note},
};

impl Imported for CustomFieldDefinition {
    async fn write(&self, tx: &WriteTx<'_>, place: &Place) -> Result<Written, WriteError<Reason>> {
        let organization = place.organization;
        let key = lower(&self.label);
        let other = custom_field_definitions::by_key(tx, organization, &key).await?;
        if let Some(other) = other.filter(|other| other.id.0 != place.id) {
            return Ok(Written::Here(other.id.0));
        }
        let definition = CustomFieldDefinition {
            id: CustomFieldDefinitionId(place.id),
            ..self.clone()
        };
        if place.is_new {
            custom_field_definitions::insert(tx, organization, &definition, &key).await?;
            return Ok(Written::Done);
        }
        let here = custom_field_definitions::get(tx, organization, definition.id).await?;
        if here.is_none() {
            return Ok(Written::Gone);
        }
        custom_field_definitions::update(tx, organization, &definition, &key).await?;
        Ok(Written::Done)
    }
}

/// A contact.
#[derive(Clone, Debug)]
pub struct Known {
    /// The contact.
    pub contact: Contact,
    /// What its custom fields hold.
    pub fields: Vec<FieldChange>,
}

impl Imported for Known {
    async fn write(&self, tx: &WriteTx<'_>, place: &Place) -> Result<Written, WriteError<Reason>> {
        let organization = place.organization;
        let contact = Contact {
            id: ContactId(place.id),
            ..self.contact.clone()
        };
        let fields = self.fields_that_fit(tx, place).await?;
        for email in &contact.emails {
            let owner = contacts::by_email(tx, organization, &email.email).await?;
            match owner {
                Some(owner) if owner != contact.id && place.is_new => {
                    return Ok(Written::Here(owner.0));
                }
                Some(owner) if owner != contact.id => {
                    return refused("another contact here has one of its mail addresses");
                }
                _ => {}
            }
        }
        if place.is_new {
            contacts::insert(tx, organization, &contact, &searched(&contact)).await?;
        } else if contacts::lock(tx, organization, contact.id).await? {
            contacts::update(tx, organization, &contact, &searched(&contact)).await?;
        } else {
            return Ok(Written::Gone);
        }
        for (definition, value) in &fields {
            let cell = (contact.id, *definition);
            custom_fields::set(tx, organization, cell, value.as_ref()).await?;
        }
        Ok(Written::Done)
    }
}

impl Known {
    /// What custom fields hold, but for what they cannot hold here.
    async fn fields_that_fit(
        &self,
        tx: &WriteTx<'_>,
        place: &Place,
    ) -> Result<Vec<(CustomFieldDefinitionId, Option<Value>)>, WriteError<Reason>> {
        let mut fields = self.fields.clone();
        loop {
            let mistakes = match checked(tx, place.organization, &fields).await {
                Ok(fields) => return Ok(fields),
                Err(WriteError::Refused(ContactRefusal::Fields(mistakes))) => mistakes,
                Err(WriteError::Refused(_)) => return refused("its custom fields do not fit"),
                Err(WriteError::Failed(failure)) => return Err(WriteError::Failed(failure)),
            };
            let is_wrong = |index: usize| mistakes.iter().any(|mistake| mistake.index == index);
            let fit = (0..).zip(fields).filter(|(index, _)| !is_wrong(*index));
            fields = fit.map(|(_, field)| field).collect();
        }
    }
}

/// A list of contacts.
#[derive(Clone, Debug)]
pub struct Listed {
    /// The list.
    pub list: ContactList,
    /// Who is on it.
    pub contacts: Vec<ContactId>,
}

impl Imported for Listed {
    async fn write(&self, tx: &WriteTx<'_>, place: &Place) -> Result<Written, WriteError<Reason>> {
        let organization = place.organization;
        let key = plain(&self.list.name);
        let list = ContactList {
            id: ContactListId(place.id),
            ..self.list.clone()
        };
        let other = contact_lists::by_key(tx, organization, &key).await?;
        if let Some(other) = other.filter(|other| other.id != list.id) {
            return Ok(Written::Here(other.id.0));
        }
        if place.is_new {
            contact_lists::insert(tx, organization, &list, &key).await?;
        } else if contact_lists::lock(tx, organization, list.id).await? {
            contact_lists::update(tx, organization, &list, &key).await?;
            contact_lists::empty(tx, organization, list.id).await?;
        } else {
            return Ok(Written::Gone);
        }
        for contact in &self.contacts {
            if contacts::lock(tx, organization, *contact).await? {
                let row = (list.id, *contact);
                contact_lists::add(tx, organization, row, list.updated_at).await?;
            }
        }
        Ok(Written::Done)
    }
}

impl Imported for Note {
    async fn write(&self, tx: &WriteTx<'_>, place: &Place) -> Result<Written, WriteError<Reason>> {
        let organization = place.organization;
        let note = Note {
            id: NoteId(place.id),
            ..self.clone()
        };
        if !contacts::lock(tx, organization, note.contact_id).await? {
            return refused("its contact is not here");
        }
        if place.is_new {
            notes::insert(tx, organization, &note).await?;
        } else if notes::lock(tx, organization, note.user_id, note.id).await? {
            notes::update(tx, organization, &note).await?;
        } else {
            return Ok(Written::Gone);
        }
        Ok(Written::Done)
    }
}
