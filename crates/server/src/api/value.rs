//! The single values that requests carry: each type reads, checks and documents itself.

pub mod terms;
pub mod text;
pub mod time;

use super::input::{Parse, Reader};
use serde_json::Value;
use utoipa::openapi::{
    ObjectBuilder, RefOr, Schema,
    schema::{ArrayBuilder, SchemaType, Type},
};

/// A whole number from `MIN` to `MAX`, which may come as `10`, `10.0` or `"10"`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Int<const MIN: u32, const MAX: u32>(pub u32);

impl<const MIN: u32, const MAX: u32> Parse for Int<MIN, MAX> {
    fn parse(value: &Value, reader: &mut Reader) -> Option<Self> {
        let Some(number) = whole(value) else {
            return reader.problem("wrong_type", "must be a whole number");
        };
        match u32::try_from(number) {
            Ok(number) if (MIN..=MAX).contains(&number) => Some(Int(number)),
            _ => reader.problem("out_of_range", format!("must be from {MIN} to {MAX}")),
        }
    }

    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::Integer)
            .minimum(Some(MIN))
            .maximum(Some(MAX))
            .into()
    }
}

fn whole(value: &Value) -> Option<i64> {
    match value {
        Value::Number(number) => number.as_i64().or_else(|| whole_float(number.as_f64()?)),
        Value::String(text) => text
            .parse()
            .ok()
            .or_else(|| whole_float(text.parse().ok()?)),
        _ => None,
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "whole and within the bounds of exact integers"
)]
fn whole_float(number: f64) -> Option<i64> {
    (number.fract() == 0.0 && number.abs() < 9e15).then_some(number as i64)
}

impl Parse for bool {
    fn parse(value: &Value, reader: &mut Reader) -> Option<bool> {
        match value {
            Value::Bool(value) => Some(*value),
            Value::String(text) if reader.is_text() => match text.as_str() {
                "true" | "True" | "1" => Some(true),
                "false" | "False" | "0" => Some(false),
                _ => reader.problem("wrong_type", "must be true or false"),
            },
            _ => reader.problem("wrong_type", "must be true or false"),
        }
    }

    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new().schema_type(Type::Boolean).into()
    }
}

/// What may be left out; `null` is the same.
impl<T: Parse> Parse for Option<T> {
    fn parse(value: &Value, reader: &mut Reader) -> Option<Option<T>> {
        T::parse(value, reader).map(Some)
    }

    fn absent(_: &mut Reader) -> Option<Option<T>> {
        Some(None)
    }

    const REQUIRED: bool = false;

    fn schema() -> RefOr<Schema> {
        T::schema()
    }
}

/// What becomes of a field when something is edited.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change<T> {
    /// Not sent: stays.
    Keep,
    /// Sent as `null`: is emptied.
    Clear,
    /// Gets a new value.
    Set(T),
}

impl<T> Change<T> {
    /// The field after the change.
    pub fn of<U>(self, field: Option<U>, convert: impl FnOnce(T) -> U) -> Option<U> {
        match self {
            Change::Keep => field,
            Change::Clear => None,
            Change::Set(value) => Some(convert(value)),
        }
    }
}

impl<T: Parse> Parse for Change<T> {
    fn parse(value: &Value, reader: &mut Reader) -> Option<Change<T>> {
        match value {
            Value::Null => Some(Change::Clear),
            value => T::parse(value, reader).map(Change::Set),
        }
    }

    fn absent(_: &mut Reader) -> Option<Change<T>> {
        Some(Change::Keep)
    }

    const NULLABLE: bool = true;

    const REQUIRED: bool = false;

    fn schema() -> RefOr<Schema> {
        nullable(T::schema())
    }
}

fn nullable(schema: RefOr<Schema>) -> RefOr<Schema> {
    match schema {
        RefOr::T(Schema::Object(mut object)) => {
            if let SchemaType::Type(kind) = object.schema_type {
                object.schema_type = SchemaType::from_iter([kind, Type::Null]);
            }
            if let Some(words) = &mut object.enum_values {
                words.push(Value::Null);
            }
            object.into()
        }
        RefOr::T(Schema::Array(mut array)) => {
            array.schema_type = SchemaType::from_iter([Type::Array, Type::Null]);
            RefOr::T(Schema::Array(array))
        }
        other => other,
    }
}

/// A list of `MIN` to `MAX` items. In text, one item may stand without a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct List<T, const MIN: usize, const MAX: usize>(pub Vec<T>);

impl<T: Parse, const MIN: usize, const MAX: usize> Parse for List<T, MIN, MAX> {
    fn parse(value: &Value, reader: &mut Reader) -> Option<Self> {
        let items = match value {
            Value::Array(items) => items.as_slice(),
            Value::String(_) if reader.is_text() => std::slice::from_ref(value),
            _ => return reader.problem("wrong_type", "must be a list"),
        };
        if items.len() > MAX {
            return reader.problem("too_many", format!("must not have more than {MAX} items"));
        }
        if items.len() < MIN {
            return reader.problem("too_few", format!("must have at least {MIN} items"));
        }
        let mut list = Some(Vec::with_capacity(items.len()));
        for (index, item) in items.iter().enumerate() {
            let item = reader.item(index, item);
            list = list.zip(item).map(|(mut list, item)| {
                list.push(item);
                list
            });
        }
        list.map(List)
    }

    fn schema() -> RefOr<Schema> {
        let array = ArrayBuilder::new().items(T::schema()).max_items(Some(MAX));
        let array = if MIN > 0 {
            array.min_items(Some(MIN))
        } else {
            array
        };
        RefOr::T(Schema::Array(array.build()))
    }
}

/// Declares an enumeration by its words: read, written and documented alike.
macro_rules! words {
    (
        $(#[doc = $doc:literal])*
        pub enum $name:ident { $( $(#[doc = $variant_doc:literal])* $variant:ident = $word:literal, )* }
    ) => {
        $(#[doc = $doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
        pub enum $name { $( $(#[doc = $variant_doc])* #[serde(rename = $word)] $variant, )* }

        impl $name {
            /// The word in requests and answers.
            pub fn word(self) -> &'static str {
                match self { $( $name::$variant => $word, )* }
            }
        }

        impl $crate::api::input::Parse for $name {
            fn parse(value: &serde_json::Value, reader: &mut $crate::api::input::Reader) -> Option<$name> {
                match $crate::api::value::text::text(value, reader)? {
                    $( $word => Some($name::$variant), )*
                    _ => reader.problem("unknown_value", concat!("must be one of", $(" ", $word),*)),
                }
            }

            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
                utoipa::openapi::ObjectBuilder::new()
                    .schema_type(utoipa::openapi::schema::Type::String)
                    .enum_values(Some([$($word),*]))
                    .into()
            }
        }

        // by hand: the derived schema does not see words that come through this macro
        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
                $crate::api::input::described(
                    <$name as $crate::api::input::Parse>::schema(),
                    concat!($($doc, "\n"),*),
                )
            }
        }

        impl utoipa::ToSchema for $name {}
    };
}

pub(crate) use words;
