//! Defining, editing and removing the custom fields of contacts.

use crate::app::contacts::searched::lower;
use domain::id::{CustomFieldDefinitionId, OrganizationId, UserId};
use jiff::Timestamp;
use store::{
    Command, ReadTx, StoreError, WriteError, WriteTx,
    custom_field_definitions::{self, CustomFieldDefinition, FieldOption, FieldSource},
    event_types, organizations,
};
use uuid::Uuid;

/// So many custom fields an organization may have: every contact shows all of them.
pub const MAX_DEFINITIONS: usize = 100;

/// So many options a field may have, those not on offer any more included.
pub const MAX_OPTIONS: usize = 100;

/// Why a custom field cannot be defined, edited or removed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DefinitionRefusal {
    /// There is no such field.
    Unknown,
    /// Another field has this label.
    LabelTaken,
    /// There are as many fields as there may be.
    TooMany,
    /// There is no such event type.
    UnknownEventType,
    /// Of a field with options: there are as many as there may be.
    TooManyOptions,
    /// The option at this place is none of the field.
    UnknownOption(usize),
    /// The option at this place has the label of another one.
    OptionTaken(usize),
    /// A field that is chosen from nothing has no options.
    HasNoOptions,
    /// A field that is no amount of money has no currency.
    HasNoCurrency,
}

/// A conflict means that another request was a moment faster.
fn taken(error: StoreError) -> WriteError<DefinitionRefusal> {
    match error.constraint() {
        Some(name) if name.contains("label") => WriteError::Refused(DefinitionRefusal::LabelTaken),
        _ => WriteError::Failed(error),
    }
}

async fn check(
    tx: &ReadTx<'_>,
    organization: OrganizationId,
    definition: &CustomFieldDefinition,
) -> Result<(), WriteError<DefinitionRefusal>> {
    let key = lower(&definition.label);
    let other = custom_field_definitions::by_key(tx, organization, &key).await?;
    if other.is_some_and(|other| other.id != definition.id) {
        return Err(WriteError::Refused(DefinitionRefusal::LabelTaken));
    }
    let source = definition.source.as_ref();
    if let Some(id) = source.and_then(FieldSource::event_type) {
        let event_type = event_types::get(tx, organization, id).await?;
        event_type.ok_or(WriteError::Refused(DefinitionRefusal::UnknownEventType))?;
    }
    let options = definition.options.as_deref().unwrap_or_default();
    if MAX_OPTIONS < options.len() {
        return Err(WriteError::Refused(DefinitionRefusal::TooManyOptions));
    }
    Ok(())
}

/// Defines a custom field.
#[derive(Clone, Debug)]
pub struct AddDefinition {
    /// In which organization.
    pub organization: OrganizationId,
    /// The field.
    pub definition: CustomFieldDefinition,
    /// Who defines it.
    pub by: UserId,
}

impl Command for AddDefinition {
    type Output = CustomFieldDefinition;
    type Refusal = DefinitionRefusal;

    async fn run(
        &self,
        tx: &WriteTx<'_>,
    ) -> Result<CustomFieldDefinition, WriteError<DefinitionRefusal>> {
        // so that what is counted stays counted
        organizations::lock(tx, self.organization).await?;
        let all = custom_field_definitions::list(tx, self.organization).await?;
        check(tx, self.organization, &self.definition).await?;
        if MAX_DEFINITIONS <= all.len() {
            return Err(WriteError::Refused(DefinitionRefusal::TooMany));
        }
        let key = lower(&self.definition.label);
        custom_field_definitions::insert(tx, self.organization, &self.definition, &key)
            .await
            .map_err(taken)?;
        Ok(self.definition.clone())
    }

    async fn is_done(&self, tx: &ReadTx<'_>) -> Result<bool, StoreError> {
        let id = self.definition.id;
        let definition = custom_field_definitions::get(tx, self.organization, id).await?;
        Ok(definition.is_some())
    }
}

/// What becomes of an option. Those that are not named are not on offer any more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OptionChange {
    /// Which one; none: a new one.
    pub id: Option<Uuid>,
    /// What people call it; of one that is there, none: as before.
    pub label: Option<String>,
    /// Whether it can be chosen.
    pub is_active: bool,
    /// The id of a new one.
    pub fresh: Uuid,
}

/// Edits a custom field; what it holds stays what it is.
#[derive(Clone, Debug)]
pub struct EditDefinition {
    /// In which organization.
    pub organization: OrganizationId,
    /// Which one.
    pub id: CustomFieldDefinitionId,
    /// What people call it.
    pub label: Option<String>,
    /// In which currency it is, where it is an amount of money.
    pub currency: Option<String>,
    /// Its options, where it has some.
    pub options: Option<Vec<OptionChange>>,
    /// Who edits it.
    pub by: UserId,
    /// When.
    pub now: Timestamp,
}

impl EditDefinition {
    fn apply(&self, definition: &mut CustomFieldDefinition) -> Result<(), DefinitionRefusal> {
        if let Some(label) = &self.label {
            definition.label.clone_from(label);
        }
        if let Some(currency) = &self.currency {
            let before = definition.currency.as_mut();
            before
                .ok_or(DefinitionRefusal::HasNoCurrency)?
                .clone_from(currency);
        }
        if let Some(changes) = &self.options {
            let before = definition.options.as_mut();
            let before = before.ok_or(DefinitionRefusal::HasNoOptions)?;
            *before = options(before, changes)?;
        }
        definition.updated_at = self.now;
        Ok(())
    }
}

/// The options in the order in which they are named, and after them those that are not on offer any more.
fn options(
    before: &[FieldOption],
    changes: &[OptionChange],
) -> Result<Vec<FieldOption>, DefinitionRefusal> {
    let mut after: Vec<FieldOption> = Vec::new();
    for (index, change) in changes.iter().enumerate() {
        let known = before.iter().find(|option| Some(option.id) == change.id);
        if change.id.is_some() && known.is_none() {
            return Err(DefinitionRefusal::UnknownOption(index));
        }
        let id = change.id.unwrap_or(change.fresh);
        let label = change.label.clone();
        let label = label.or_else(|| known.map(|option| option.label.clone()));
        let option = FieldOption {
            id,
            label: label.unwrap_or_default(),
            color: known.and_then(|option| option.color.clone()),
            is_active: change.is_active,
        };
        let is_taken = |other: &FieldOption| other.id == id || other.label == option.label;
        if after.iter().any(is_taken) {
            return Err(DefinitionRefusal::OptionTaken(index));
        }
        after.push(option);
    }
    for option in before {
        if after.iter().all(|named| named.id != option.id) {
            let mut option = option.clone();
            option.is_active = false;
            after.push(option);
        }
    }
    Ok(after)
}

/// The definition, read under its lock.
async fn locked(
    tx: &WriteTx<'_>,
    organization: OrganizationId,
    id: CustomFieldDefinitionId,
) -> Result<CustomFieldDefinition, WriteError<DefinitionRefusal>> {
    custom_field_definitions::lock(tx, organization, id).await?;
    let definition = custom_field_definitions::get(tx, organization, id).await?;
    definition.ok_or(WriteError::Refused(DefinitionRefusal::Unknown))
}

impl Command for EditDefinition {
    type Output = CustomFieldDefinition;
    type Refusal = DefinitionRefusal;

    async fn run(
        &self,
        tx: &WriteTx<'_>,
    ) -> Result<CustomFieldDefinition, WriteError<DefinitionRefusal>> {
        let mut definition = locked(tx, self.organization, self.id).await?;
        self.apply(&mut definition).map_err(WriteError::Refused)?;
        check(tx, self.organization, &definition).await?;
        let key = lower(&definition.label);
        custom_field_definitions::update(tx, self.organization, &definition, &key)
            .await
            .map_err(taken)?;
        Ok(definition)
    }
}

/// Removes a custom field with all that contacts have in it.
#[derive(Clone, Debug)]
pub struct RemoveDefinition {
    /// From which organization.
    pub organization: OrganizationId,
    /// Which one.
    pub id: CustomFieldDefinitionId,
    /// Who removes it.
    pub by: UserId,
    /// When.
    pub now: Timestamp,
}

impl Command for RemoveDefinition {
    type Output = CustomFieldDefinition;
    type Refusal = DefinitionRefusal;

    async fn run(
        &self,
        tx: &WriteTx<'_>,
    ) -> Result<CustomFieldDefinition, WriteError<DefinitionRefusal>> {
        let definition = locked(tx, self.organization, self.id).await?;
        custom_field_definitions::delete(tx, self.organization, self.id).await?;
        Ok(definition)
    }

    async fn is_done(&self, tx: &ReadTx<'_>) -> Result<bool, StoreError> {
        let definition = custom_field_definitions::get(tx, self.organization, self.id).await?;
        Ok(definition.is_none())
    }
}
