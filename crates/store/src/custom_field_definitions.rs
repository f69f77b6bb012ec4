//! Custom field definitions: which fields contacts have in an organization besides those that all have.

use crate::{
    FromRow, ReadTx, Row, StoreError, WriteTx, args,
    column::{Instant, Json},
};
use domain::id::{CustomFieldDefinitionId, EventTypeId, OrganizationId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// What a custom field holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldType {
    /// Text.
    Text,
    /// A number.
    Number,
    /// An amount of money.
    Currency,
    /// Several words.
    Tags,
    /// A date.
    Date,
    /// Yes or no.
    Boolean,
    /// One of several options.
    SingleSelect,
    /// The answer to a question of an event type.
    InviteeQuestion,
}

impl FieldType {
    /// All of them.
    pub const ALL: [FieldType; 8] = [
        FieldType::Text,
        FieldType::Number,
        FieldType::Currency,
        FieldType::Tags,
        FieldType::Date,
        FieldType::Boolean,
        FieldType::SingleSelect,
        FieldType::InviteeQuestion,
    ];

    /// The word in the database and in the API.
    pub fn as_str(self) -> &'static str {
        match self {
            FieldType::Text => "text",
            FieldType::Number => "number",
            FieldType::Currency => "currency",
            FieldType::Tags => "tags",
            FieldType::Date => "date",
            FieldType::Boolean => "boolean",
            FieldType::SingleSelect => "single_select",
            FieldType::InviteeQuestion => "invitee_question",
        }
    }

    fn parse(word: &str) -> Option<FieldType> {
        FieldType::ALL
            .into_iter()
            .find(|kind| kind.as_str() == word)
    }
}

/// A row of `contact_custom_field_definitions`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CustomFieldDefinition {
    /// Its id.
    pub id: CustomFieldDefinitionId,
    /// What people call it.
    pub label: String,
    /// What it holds.
    pub field_type: FieldType,
    /// Of `SingleSelect`: what can be chosen.
    pub options: Option<Vec<FieldOption>>,
    /// Of `Currency`: ISO 4217 code.
    pub currency: Option<String>,
    /// Of `InviteeQuestion`: which question.
    pub source: Option<FieldSource>,
    /// When it was defined.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// What can be chosen. One that was chosen may not be offered any more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldOption {
    /// Its id, by which contacts keep it.
    pub id: Uuid,
    /// What people call it.
    pub label: String,
    /// In which colour it is shown.
    pub color: Option<String>,
    /// Whether it can be chosen.
    pub is_active: bool,
}

/// The question whose answers a field holds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldSource {
    /// The event type.
    pub event_type_id: Option<Uuid>,
    /// The question.
    pub question: Option<String>,
}

impl FieldSource {
    /// The event type.
    pub fn event_type(&self) -> Option<EventTypeId> {
        self.event_type_id.map(EventTypeId)
    }
}

impl FromRow for CustomFieldDefinition {
    fn from_row(row: &Row<'_>) -> Result<CustomFieldDefinition, StoreError> {
        let mut columns = row.columns();
        Ok(CustomFieldDefinition {
            id: CustomFieldDefinitionId(columns.take()?),
            label: columns.take()?,
            field_type: columns.parse(FieldType::parse)?,
            options: columns.take::<Option<Json<_>>>()?.map(|options| options.0),
            currency: columns.take()?,
            source: columns.take::<Option<Json<_>>>()?.map(|source| source.0),
            created_at: columns.take::<Instant>()?.0,
            updated_at: columns.take::<Instant>()?.0,
        })
    }
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "select id, label, field_type, options, currency, source, created_at, updated_at
  from contact_custom_field_definitions where organization_id = $1 ",
            $rest
        )
    };
}

const GET: &str = select!("and id = $2");

/// The definition with this id.
pub async fn get(
    tx: &ReadTx<'_>,
    organization: OrganizationId,
    id: CustomFieldDefinitionId,
) -> Result<Option<CustomFieldDefinition>, StoreError> {
    tx.optional(GET, args![organization.0, id.0]).await
}

const BY_KEY: &str = select!("and label_key = $2");

/// The definition whose label is the same but for its case.
pub async fn by_key(
    tx: &ReadTx<'_>,
    organization: OrganizationId,
    key: &str,
) -> Result<Option<CustomFieldDefinition>, StoreError> {
    tx.optional(BY_KEY, args![organization.0, key]).await
}

const LIST: &str = select!("order by created_at, id");

/// All definitions of an organization, oldest first.
pub async fn list(
    tx: &ReadTx<'_>,
    organization: OrganizationId,
) -> Result<Vec<CustomFieldDefinition>, StoreError> {
    tx.all(LIST, args![organization.0]).await
}

const LOCK: &str = "update contact_custom_field_definitions set updated_at = updated_at
  where organization_id = $1 and id = $2";

/// Locks a definition until the transaction ends; false where there is none.
pub async fn lock(
    tx: &WriteTx<'_>,
    organization: OrganizationId,
    id: CustomFieldDefinitionId,
) -> Result<bool, StoreError> {
    Ok(tx.execute(LOCK, args![organization.0, id.0]).await? == 1)
}

const INSERT: &str = "insert into contact_custom_field_definitions
  (organization_id, id, label, label_key, field_type, options, currency, source, created_at, updated_at)
  values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";

/// Adds a definition. A label that another one has is a conflict.
pub async fn insert(
    tx: &WriteTx<'_>,
    organization: OrganizationId,
    definition: &CustomFieldDefinition,
    key: &str,
) -> Result<(), StoreError> {
    tx.execute(
        INSERT,
        args![
            organization.0,
            definition.id.0,
            definition.label,
            key,
            definition.field_type.as_str(),
            definition.options.as_ref().map(Json),
            definition.currency,
            definition.source.as_ref().map(Json),
            Instant(definition.created_at),
            Instant(definition.updated_at)
        ],
    )
    .await?;
    Ok(())
}

const UPDATE: &str =
    "update contact_custom_field_definitions set label = $3, label_key = $4, options = $5,
  currency = $6, source = $7, updated_at = $8 where organization_id = $1 and id = $2";

/// Writes what may change of a definition. A label that another one has is a conflict.
pub async fn update(
    tx: &WriteTx<'_>,
    organization: OrganizationId,
    definition: &CustomFieldDefinition,
    key: &str,
) -> Result<(), StoreError> {
    let touched = tx
        .execute(
            UPDATE,
            args![
                organization.0,
                definition.id.0,
                definition.label,
                key,
                definition.options.as_ref().map(Json),
                definition.currency,
                definition.source.as_ref().map(Json),
                Instant(definition.updated_at)
            ],
        )
        .await?;
    StoreError::expect_one(touched, "contact_custom_field_definitions", definition.id)
}

const DELETE_VALUES: &str =
    "delete from contact_custom_field_values where organization_id = $1 and definition_id = $2";
const DELETE: &str =
    "delete from contact_custom_field_definitions where organization_id = $1 and id = $2";

/// Removes a definition with what contacts have in it.
pub async fn delete(
    tx: &WriteTx<'_>,
    organization: OrganizationId,
    id: CustomFieldDefinitionId,
) -> Result<(), StoreError> {
    tx.execute(DELETE_VALUES, args![organization.0, id.0])
        .await?;
    let touched = tx.execute(DELETE, args![organization.0, id.0]).await?;
    StoreError::expect_one(touched, "contact_custom_field_definitions", id)
}
