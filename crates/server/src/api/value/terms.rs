//! Several values in one parameter of a query, and values of any kind in a body.

use super::text::{string, text};
use crate::api::input::{Parse, Reader};
use serde::Serialize;
use serde_json::Value;
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        ObjectBuilder, RefOr, Schema,
        schema::{SchemaType, Type},
    },
};

/// So many values with commas between them.
const MAX_TERMS: usize = 100;

/// So long may each of them be.
const MAX_TERM: usize = 255;

/// Values with commas between them. The parameter may also come several times.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Terms(pub Vec<String>);

impl Parse for Terms {
    fn parse(value: &Value, reader: &mut Reader) -> Option<Terms> {
        let mut terms = Vec::new();
        let values = match value {
            Value::Array(values) => values.as_slice(),
            single => std::slice::from_ref(single),
        };
        for value in values {
            let parts = text(value, reader)?.split(',').map(str::trim);
            terms.extend(parts.filter(|part| !part.is_empty()).map(str::to_owned));
        }
        if MAX_TERMS < terms.len() {
            let message = format!("must not have more than {MAX_TERMS} values");
            return reader.problem("too_many", message);
        }
        if terms.iter().any(|term| MAX_TERM < term.chars().count()) {
            let message = format!("must not have values longer than {MAX_TERM} characters");
            return reader.problem("too_long", message);
        }
        Some(Terms(terms))
    }

    fn absent(_: &mut Reader) -> Option<Terms> {
        Some(Terms::default())
    }

    const REQUIRED: bool = false;

    fn schema() -> RefOr<Schema> {
        string("one,two").into()
    }
}

/// A value whose kind depends on something else: a text, a number, true or false, a list of texts, or null.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(transparent)]
pub struct AnyValue(pub Value);

impl Parse for AnyValue {
    fn parse(value: &Value, reader: &mut Reader) -> Option<AnyValue> {
        match value {
            Value::Object(_) => reader.problem("wrong_type", "must not be an object"),
            value => Some(AnyValue(value.clone())),
        }
    }

    const NULLABLE: bool = true;

    fn schema() -> RefOr<Schema> {
        let kinds = [
            Type::String,
            Type::Number,
            Type::Boolean,
            Type::Array,
            Type::Null,
        ];
        ObjectBuilder::new()
            .schema_type(SchemaType::from_iter(kinds))
            .into()
    }
}

impl PartialSchema for AnyValue {
    fn schema() -> RefOr<Schema> {
        <AnyValue as Parse>::schema()
    }
}

impl ToSchema for AnyValue {}
