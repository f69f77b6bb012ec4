//! What is shown of a custom field's definition.

use crate::api::{
    uri::Uris,
    value::{time::Second, words},
};
use serde::Serialize;
use store::custom_field_definitions::{CustomFieldDefinition, FieldOption, FieldSource, FieldType};
use utoipa::ToSchema;

words! {
    /// What a custom field holds.
    pub enum CustomFieldType {
        /// Text.
        Text = "text",
        /// A number.
        Number = "number",
        /// An amount of money, in whole units.
        Currency = "currency",
        /// A list of texts.
        Tags = "tags",
        /// A date.
        Date = "date",
        /// True or false.
        Boolean = "boolean",
        /// One of several options.
        SingleSelect = "single_select",
        /// The answer to a question of an event type.
        InviteeQuestion = "invitee_question",
    }
}

impl CustomFieldType {
    /// The same in the database.
    pub fn stored(self) -> FieldType {
        match self {
            CustomFieldType::Text => FieldType::Text,
            CustomFieldType::Number => FieldType::Number,
            CustomFieldType::Currency => FieldType::Currency,
            CustomFieldType::Tags => FieldType::Tags,
            CustomFieldType::Date => FieldType::Date,
            CustomFieldType::Boolean => FieldType::Boolean,
            CustomFieldType::SingleSelect => FieldType::SingleSelect,
            CustomFieldType::InviteeQuestion => FieldType::InviteeQuestion,
        }
    }
}

words! {
    /// Where the values of a field come from.
    pub enum QuestionSourceType {
        /// The answers to a question of an event type.
        EventTypeInviteeQuestion = "event_type_invitee_question",
    }
}

/// A field that contacts have.
#[derive(Debug, Serialize, ToSchema)]
pub struct CustomFieldDefinitionBody {
    /// The definition's URI.
    #[schema(format = "uri")]
    pub uri: String,
    /// What the field is called.
    pub label: String,
    /// What it holds.
    #[schema(value_type = CustomFieldType)]
    pub field_type: &'static str,
    /// What can be chosen; of `single_select`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub options: Option<Vec<FieldOptionBody>>,
    /// ISO 4217 code; of `currency`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub currency: Option<String>,
    /// Which question; of `invitee_question`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub source: Option<QuestionSourceBody>,
    /// When it was defined.
    pub created_at: Second,
    /// When it last changed.
    pub updated_at: Second,
}

/// What can be chosen.
#[derive(Debug, Serialize, ToSchema)]
pub struct FieldOptionBody {
    /// Its id.
    #[schema(format = "uuid")]
    pub uuid: String,
    /// What it is called.
    pub label: String,
    /// In which colour it is shown.
    #[schema(required = true)]
    pub color: Option<String>,
    /// Whether it can be chosen.
    pub is_active: bool,
}

/// Which question a field holds the answers to.
#[derive(Debug, Serialize, ToSchema)]
pub struct QuestionSourceBody {
    /// What it is.
    #[serde(rename = "type")]
    pub kind: QuestionSourceType,
    /// The event type.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, format = "uri")]
    pub event_type_uri: Option<String>,
    /// The question.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub question: Option<String>,
}

impl CustomFieldDefinitionBody {
    /// What is shown of a definition.
    pub fn new(definition: CustomFieldDefinition, uris: &Uris) -> CustomFieldDefinitionBody {
        let option = |option: FieldOption| FieldOptionBody {
            uuid: option.id.to_string(),
            label: option.label,
            color: option.color,
            is_active: option.is_active,
        };
        let source = |source: FieldSource| QuestionSourceBody {
            kind: QuestionSourceType::EventTypeInviteeQuestion,
            event_type_uri: source.event_type().map(|id| uris.of(id)),
            question: source.question,
        };
        let options = definition.options;
        CustomFieldDefinitionBody {
            uri: uris.of(definition.id),
            label: definition.label,
            field_type: definition.field_type.as_str(),
            options: options.map(|options| options.into_iter().map(option).collect()),
            currency: definition.currency,
            source: definition.source.map(source),
            created_at: Second(definition.created_at),
            updated_at: Second(definition.updated_at),
        }
    }
}
