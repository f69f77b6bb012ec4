//! What custom fields may hold, and what is shown of it.

use super::ContactRefusal;
use domain::id::{CustomFieldDefinitionId, OrganizationId};
use jiff::civil::Date;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use store::{
    WriteError, WriteTx,
    custom_field_definitions::{self, CustomFieldDefinition, FieldType},
};

/// What becomes of a custom field; null empties it.
#[derive(Clone, Debug, PartialEq)]
pub struct FieldChange {
    /// Which field.
    pub definition: CustomFieldDefinitionId,
    /// What it is to hold.
    pub value: Value,
}

/// What is wrong with one of several changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldMistake {
    /// Its place among them.
    pub index: usize,
    /// What is wrong.
    pub what: Mistake,
}

/// What can be wrong with a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mistake {
    /// There is no such field.
    UnknownField,
    /// The field was named before.
    Twice,
    /// It is not what the field holds, which is this.
    WrongType(&'static str),
    /// Text is longer than so many characters.
    TooLong(usize),
    /// There are more tags than this.
    TooMany(usize),
    /// Text has the NUL character.
    HasNul,
    /// There is no such date.
    NoDate,
    /// It is none of the options on offer.
    NoOption,
}

const MAX_TEXT: usize = 10_000;
const MAX_TAG: usize = 255;
const MAX_TAGS: usize = 100;

/// What fields are to hold in the form in which it is kept, under the locks of their definitions.
pub async fn checked(
    tx: &WriteTx<'_>,
    organization: OrganizationId,
    changes: &[FieldChange],
) -> Result<Vec<(CustomFieldDefinitionId, Option<Value>)>, WriteError<ContactRefusal>> {
    let ids: BTreeSet<_> = changes.iter().map(|change| change.definition).collect();
    for id in ids {
        custom_field_definitions::lock(tx, organization, id).await?;
    }
    let (mut fields, mut mistakes) = (Vec::new(), Vec::new());
    for (index, change) in changes.iter().enumerate() {
        let id = change.definition;
        let definition = custom_field_definitions::get(tx, organization, id).await?;
        let earlier = &mut changes[..index].iter();
        let kept = match definition {
            None => Err(Mistake::UnknownField),
            Some(_) if earlier.any(|earlier| earlier.definition == id) => Err(Mistake::Twice),
            Some(definition) => kept(&definition, &change.value),
        };
        match kept {
            Ok(value) => fields.push((id, value)),
            Err(what) => mistakes.push(FieldMistake { index, what }),
        }
    }
    if mistakes.is_empty() {
        Ok(fields)
    } else {
        Err(WriteError::Refused(ContactRefusal::Fields(mistakes)))
    }
}

/// A value as it is kept in a field: nothing where it empties it.
fn kept(definition: &CustomFieldDefinition, value: &Value) -> Result<Option<Value>, Mistake> {
    if value.is_null() {
        return Ok(None);
    }
    let empty = match definition.field_type {
        FieldType::Text | FieldType::InviteeQuestion => text(value, MAX_TEXT)?.is_empty(),
        FieldType::Number | FieldType::Currency if value.is_number() => false,
        FieldType::Number | FieldType::Currency => {
            return Err(Mistake::WrongType("a number"));
        }
        FieldType::Boolean if value.is_boolean() => false,
        FieldType::Boolean => return Err(Mistake::WrongType("true or false")),
        FieldType::Date => date(text(value, MAX_TAG)?)?,
        FieldType::Tags => tags(value)?,
        FieldType::SingleSelect => return chosen(definition, text(value, MAX_TAG)?).map(Some),
    };
    Ok((!empty).then(|| value.clone()))
}

fn text(value: &Value, most: usize) -> Result<&str, Mistake> {
    let text = value.as_str().ok_or(Mistake::WrongType("a string"))?;
    if text.contains('\0') {
        return Err(Mistake::HasNul);
    }
    if most < text.chars().count() {
        return Err(Mistake::TooLong(most));
    }
    Ok(text)
}

/// Whether the list is empty.
fn tags(value: &Value) -> Result<bool, Mistake> {
    let tags = value.as_array();
    let tags = tags.ok_or(Mistake::WrongType("a list of strings"))?;
    if MAX_TAGS < tags.len() {
        return Err(Mistake::TooMany(MAX_TAGS));
    }
    for tag in tags {
        if text(tag, MAX_TAG)?.trim().is_empty() {
            return Err(Mistake::WrongType("a list of strings that are not empty"));
        }
    }
    Ok(tags.is_empty())
}

/// Whether the date is empty, which it never is.
fn date(text: &str) -> Result<bool, Mistake> {
    let date: Option<Date> = (text.len() == 10).then(|| text.parse().ok()).flatten();
    date.filter(|date| 1 <= date.year())
        .map(|_| false)
        .ok_or(Mistake::NoDate)
}

/// The id of the option that is meant by its id or its label.
fn chosen(definition: &CustomFieldDefinition, wanted: &str) -> Result<Value, Mistake> {
    let on_offer = definition.options.iter().flatten();
    let mut on_offer = on_offer.filter(|option| option.is_active);
    let option = on_offer.find(|option| option.id.to_string() == wanted || option.label == wanted);
    let option = option.ok_or(Mistake::NoOption)?;
    Ok(json!(option.id.to_string()))
}

/// What is shown of a field: of an option its label, also of one that is not on offer any more.
pub fn shown(definition: &CustomFieldDefinition, kept: Option<&Value>) -> Value {
    match (definition.field_type, kept) {
        (FieldType::Tags, None) => json!([]),
        (_, None) => Value::Null,
        (FieldType::SingleSelect, Some(id)) => {
            let mut options = definition.options.iter().flatten();
            let chosen = options.find(|option| id == &option.id.to_string());
            json!(chosen.map(|option| &option.label))
        }
        (_, Some(value)) => value.clone(),
    }
}
