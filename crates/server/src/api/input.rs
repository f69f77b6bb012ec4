//! Reading what callers send: JSON bodies, form bodies and query strings become typed values, and everything that is
//! wrong with a request is found in one go.
//!
//! `input!` declares a body or a query once; the struct, its reader and its OpenAPI schema follow from it.

use super::problem::{Detail, Problem};
use serde_json::{Map, Value};
use std::fmt::Write;
use utoipa::openapi::{RefOr, Schema, schema::AdditionalProperties};

/// So many problems of one request are named; the rest would only make the answer long.
const MAX_DETAILS: usize = 100;

/// A value that callers send.
pub trait Parse: Sized {
    /// Reads a value that is there, or notes what is wrong with it.
    fn parse(value: &Value, reader: &mut Reader) -> Option<Self>;

    /// What stands for a value that is not there; by default that is a problem.
    fn absent(reader: &mut Reader) -> Option<Self> {
        reader.problem("required", "must be filled")
    }

    /// Whether the value may be `null`, which then says something else than its absence.
    const NULLABLE: bool = false;

    /// Whether it must be there.
    const REQUIRED: bool = true;

    /// The OpenAPI schema.
    fn schema() -> RefOr<Schema>;
}

/// Where the values come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// A JSON body: types count, unknown fields are refused.
    Json,
    /// A form body: everything is text, unknown fields are refused.
    Form,
    /// A query string: everything is text, unknown parameters are ignored.
    Query,
}

/// Collects what is wrong while values are read.
#[derive(Debug)]
pub struct Reader {
    source: Source,
    path: String,
    details: Vec<Detail>,
}

impl Reader {
    /// A reader of values from `source`.
    pub fn new(source: Source) -> Reader {
        Reader {
            source,
            path: String::new(),
            details: Vec::new(),
        }
    }

    /// Whether all values come as text.
    pub fn is_text(&self) -> bool {
        self.source != Source::Json
    }

    /// Notes what is wrong at this place. Always `None`, so that it can stand where the value would.
    pub fn problem<T>(&mut self, code: &str, message: impl Into<String>) -> Option<T> {
        if self.details.len() < MAX_DETAILS {
            self.details
                .push(Detail::new(self.path.clone(), code, message));
        }
        None
    }

    /// Reads a field of an object.
    pub fn field<T: Parse>(&mut self, object: &Map<String, Value>, name: &str) -> Option<T> {
        let length = self.enter(name);
        let value = match object.get(name) {
            None => T::absent(self),
            Some(Value::Null) if !T::NULLABLE => T::absent(self),
            Some(Value::String(text)) if text.is_empty() && self.may_be_empty::<T>() => {
                T::absent(self)
            }
            Some(value) => T::parse(value, self),
        };
        self.path.truncate(length);
        value
    }

    /// Whether an empty text says nothing: of parameters that may be left out, which some clients always send.
    fn may_be_empty<T: Parse>(&self) -> bool {
        self.source == Source::Query && !T::REQUIRED
    }

    /// Notes what is wrong with a field of the object at this place.
    pub fn problem_with(&mut self, name: &str, code: &str, message: &str) {
        let length = self.enter(name);
        self.problem::<()>(code, message);
        self.path.truncate(length);
    }

    /// Goes on to a field; the answer is the length of the path to return to.
    fn enter(&mut self, name: &str) -> usize {
        let length = self.path.len();
        if length > 0 {
            self.path.push('.');
        }
        self.path.push_str(name);
        length
    }

    /// Reads an item of a list.
    pub fn item<T: Parse>(&mut self, index: usize, value: &Value) -> Option<T> {
        let length = self.path.len();
        // writing to a String cannot fail
        let _ = write!(self.path, "[{index}]");
        let item = T::parse(value, self);
        self.path.truncate(length);
        item
    }

    /// Takes a value as an object and refuses fields it does not know.
    pub fn object<'v>(
        &mut self,
        value: &'v Value,
        known: &[&str],
    ) -> Option<&'v Map<String, Value>> {
        let Some(object) = value.as_object() else {
            return self.problem("wrong_type", "must be an object");
        };
        if self.source == Source::Query {
            return Some(object);
        }
        let unknown: Vec<&String> = object
            .keys()
            .filter(|key| !known.contains(&key.as_str()))
            .collect();
        for key in &unknown {
            let short: String = key.chars().take(100).collect();
            self.problem_with(&short, "unknown_field", "is not a field of this request");
        }
        Some(object)
    }

    /// The whole of what was read, unless something was wrong with it.
    pub fn finish<T>(self, value: Option<T>) -> Result<T, Problem> {
        match value {
            Some(value) if self.details.is_empty() => Ok(value),
            _ => Err(Problem::invalid(self.details)),
        }
    }
}

/// Reads a whole body or query.
pub fn read<T: Parse>(value: &Value, source: Source) -> Result<T, Problem> {
    let mut reader = Reader::new(source);
    let value = T::parse(value, &mut reader);
    reader.finish(value)
}

/// The description of a schema, beside whatever it has.
pub fn described(schema: RefOr<Schema>, doc: &str) -> RefOr<Schema> {
    match schema {
        RefOr::T(Schema::Object(mut object)) => {
            object.description = Some(doc.trim().to_owned());
            object.into()
        }
        RefOr::T(Schema::Array(mut array)) => {
            array.description = Some(doc.trim().to_owned());
            RefOr::T(Schema::Array(array))
        }
        RefOr::T(Schema::OneOf(mut one_of)) => {
            one_of.description = Some(doc.trim().to_owned());
            RefOr::T(Schema::OneOf(one_of))
        }
        other => other,
    }
}

/// The properties of an object's schema.
pub fn read_fields(schema: RefOr<Schema>) -> std::collections::BTreeMap<String, RefOr<Schema>> {
    match schema {
        RefOr::T(Schema::Object(object)) => object.properties.into_iter().collect(),
        _ => std::collections::BTreeMap::new(),
    }
}

/// Bodies refuse unknown fields.
pub fn closed() -> Option<AdditionalProperties<Schema>> {
    Some(AdditionalProperties::FreeForm(false))
}

/// The name of a field in requests: that of the struct's field, which may be a keyword of Rust.
pub const fn field_name(name: &'static str) -> &'static str {
    match name.as_bytes() {
        [b'r', b'#', ..] => name.split_at(2).1,
        _ => name,
    }
}

/// Declares what a request takes: a struct whose fields are read by [`Parse`], documented once. After `check` comes the
/// function that notes what is wrong between the fields.
macro_rules! input {
    (
        $(#[doc = $doc:literal])*
        pub struct $name:ident { $( $(#[doc = $field_doc:literal])* pub $field:ident: $type:ty, )* }
        $(check $check:ident)?
        $(example $example:tt)?
    ) => {
        $(#[doc = $doc])*
        #[derive(Clone, Debug)]
        pub struct $name { $( $(#[doc = $field_doc])* pub $field: $type, )* }

        impl $crate::api::input::Parse for $name {
            fn parse(value: &serde_json::Value, reader: &mut $crate::api::input::Reader) -> Option<$name> {
                let object = reader.object(value, &[$($crate::api::input::field_name(stringify!($field))),*])?;
                // a request may have no fields at all
                let _ = object;
                $( let $field = reader.field::<$type>(object, $crate::api::input::field_name(stringify!($field))); )*
                $( $check(object, reader); )?
                Some($name { $( $field: $field?, )* })
            }

            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
                let object = utoipa::openapi::ObjectBuilder::new()
                    .description(Some(concat!($($doc, "\n"),*).trim()))
                    .additional_properties($crate::api::input::closed())
                    $(.examples([serde_json::json!($example)]))?;
                $( let object = {
                    let name = $crate::api::input::field_name(stringify!($field));
                    let object = object.property(
                        name,
                        $crate::api::input::described(
                            <$type as $crate::api::input::Parse>::schema(),
                            concat!($($field_doc, "\n"),*),
                        ),
                    );
                    if <$type as $crate::api::input::Parse>::REQUIRED { object.required(name) } else { object }
                }; )*
                object.into()
            }
        }

        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
                <$name as $crate::api::input::Parse>::schema()
            }
        }

        impl utoipa::ToSchema for $name {}

        impl utoipa::IntoParams for $name {
            fn into_params(
                _: impl Fn() -> Option<utoipa::openapi::path::ParameterIn>,
            ) -> Vec<utoipa::openapi::path::Parameter> {
                vec![$(
                    utoipa::openapi::path::ParameterBuilder::new()
                        .name($crate::api::input::field_name(stringify!($field)))
                        .parameter_in(utoipa::openapi::path::ParameterIn::Query)
                        .required(if <$type as $crate::api::input::Parse>::REQUIRED {
                            utoipa::openapi::Required::True
                        } else {
                            utoipa::openapi::Required::False
                        })
                        .description(Some(concat!($($field_doc, "\n"),*).trim()))
                        .schema(Some(<$type as $crate::api::input::Parse>::schema()))
                        .build()
                ),*]
            }
        }
    };
}
pub(crate) use input;
