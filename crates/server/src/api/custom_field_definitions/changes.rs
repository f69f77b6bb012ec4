//! What is sent to define or edit a custom field.

use super::body::{CustomFieldType, QuestionSourceType};
use crate::api::{
    input::{Reader, input},
    problem::Problem,
    uri::{PlainId, Uri},
    value::{
        List,
        text::{Currency, Text},
    },
};
use crate::{
    app::custom_field_definitions::{DefinitionRefusal, OptionChange},
    context::fresh_id,
};
use domain::id::{CustomFieldDefinitionId, EventTypeId};
use jiff::Timestamp;
use serde_json::{Map, Value};
use store::custom_field_definitions::{CustomFieldDefinition, FieldOption, FieldSource};

input! {
    /// Something to choose.
    pub struct NewOption {
        /// What it is called.
        pub label: Text<1, 255>,
    }
}

input! {
    /// Which question a field holds the answers to.
    pub struct SourceInput {
        /// What it is.
        pub r#type: QuestionSourceType,
        /// The event type.
        pub event_type_uri: Option<Uri<EventTypeId>>,
        /// The question.
        pub question: Option<Text<1, 1_000>>,
    }
}

input! {
    /// A new field of contacts.
    pub struct NewCustomFieldDefinition {
        /// What it is called, other than all other fields of the organization, whatever the case.
        pub label: Text<1, 255>,
        /// What it holds; this never changes.
        pub field_type: CustomFieldType,
        /// What can be chosen; of `single_select`, which needs them.
        pub options: Option<List<NewOption, 1, 10>>,
        /// ISO 4217 code; of `currency`, which needs it.
        pub currency: Option<Currency>,
        /// Which question; of `invitee_question`.
        pub source: Option<SourceInput>,
    }
    check goes_together
    example {"label": "Plan", "field_type": "single_select", "options": [{"label": "Free"}, {"label": "Paid"}]}
}

/// Notes what does not go with the type of the new field.
fn goes_together(object: &Map<String, Value>, reader: &mut Reader) {
    let is = |word: &str| object.get("field_type").is_some_and(|value| value == word);
    let has = |field: &str| object.get(field).is_some_and(|value| !value.is_null());
    for (field, of, is_needed) in [
        ("options", "single_select", true),
        ("currency", "currency", true),
        ("source", "invitee_question", false),
    ] {
        if has(field) && has("field_type") && !is(of) {
            let message = format!("goes only with a field_type of {of}");
            reader.problem_with(field, "not_allowed", &message);
        }
        if is_needed && is(of) && !has(field) {
            reader.problem_with(field, "required", "must be filled");
        }
    }
}

impl NewCustomFieldDefinition {
    /// The definition.
    pub fn definition(self, now: Timestamp) -> Result<CustomFieldDefinition, Problem> {
        let option = |option: NewOption| FieldOption {
            id: fresh_id(),
            label: option.label.0.trim().to_owned(),
            color: None,
            is_active: true,
        };
        let source = |source: SourceInput| FieldSource {
            event_type_id: source.event_type_uri.map(|uri| uri.0.0),
            question: source.question.map(|question| question.0),
        };
        let options = self.options;
        let definition = CustomFieldDefinition {
            id: CustomFieldDefinitionId(fresh_id()),
            label: self.label.0.trim().to_owned(),
            field_type: self.field_type.stored(),
            options: options.map(|options| options.0.into_iter().map(option).collect()),
            currency: self.currency.map(|code| code.0.to_ascii_uppercase()),
            source: self.source.map(source),
            created_at: now,
            updated_at: now,
        };
        distinct(&definition)?;
        Ok(definition)
    }
}

/// Refuses options of the same label.
fn distinct(definition: &CustomFieldDefinition) -> Result<(), Problem> {
    let options = definition.options.as_deref().unwrap_or_default();
    for (index, option) in options.iter().enumerate() {
        let earlier = &mut options[..index].iter();
        if earlier.any(|earlier| earlier.label == option.label) {
            return Err(DefinitionRefusal::OptionTaken(index).into());
        }
    }
    Ok(())
}

input! {
    /// Something to choose, new or as it was.
    pub struct OptionInput {
        /// Which one; none: a new one.
        pub uuid: Option<PlainId>,
        /// What it is called; as before, where it is not new.
        pub label: Option<Text<1, 255>>,
        /// Whether it can be chosen; `true` by default.
        pub is_active: Option<bool>,
    }
    check names_something
}

/// Notes an option that is neither there nor described.
fn names_something(object: &Map<String, Value>, reader: &mut Reader) {
    let has = |field: &str| object.get(field).is_some_and(|value| !value.is_null());
    if !has("uuid") && !has("label") {
        reader.problem_with("label", "required", "must be filled for a new option");
    }
}

input! {
    /// What changes of a field; what is left out stays.
    pub struct CustomFieldDefinitionChanges {
        /// What it is called, other than all other fields of the organization, whatever the case.
        pub label: Option<Text<1, 255>>,
        /// What can be chosen; of `single_select`. Options that are not named stay where they were chosen and cannot be chosen any more.
        pub options: Option<List<OptionInput, 1, 10>>,
        /// ISO 4217 code; of `currency`.
        pub currency: Option<Currency>,
    }
    example {"label": "Plan since 2030"}
}

impl CustomFieldDefinitionChanges {
    /// Whether nothing was sent.
    pub fn is_empty(&self) -> bool {
        self.label.is_none() && self.options.is_none() && self.currency.is_none()
    }

    /// What changes of the options.
    pub fn option_changes(&self) -> Option<Vec<OptionChange>> {
        let change = |option: &OptionInput| OptionChange {
            id: option.uuid.map(|id| id.0),
            label: (option.label.as_ref()).map(|label| label.0.trim().to_owned()),
            is_active: option.is_active.unwrap_or(true),
            fresh: fresh_id(),
        };
        let options = self.options.as_ref();
        options.map(|options| options.0.iter().map(change).collect())
    }
}
