//! A value of any column, NULL included, as it is carried from one engine to the other.

use std::{error::Error, fmt};

use bytes::BytesMut;
use rusqlite::types::{FromSqlResult, ToSqlOutput, ValueRef};
use tokio_postgres::types::{IsNull, Type, to_sql_checked};
use uuid::Uuid;

use super::tables::Kind;
use crate::{
    column::Instant,
    engine::{Param, Row},
    error::StoreError,
};

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value {
    Uuid(Option<Uuid>),
    Instant(Option<Instant>),
    Json(Option<JsonText>),
    Int(Option<i64>),
    Bool(Option<bool>),
    Bytes(Option<Vec<u8>>),
    Text(Option<String>),
}

impl Value {
    pub fn read(row: &Row<'_>, index: usize, kind: Kind) -> Result<Value, StoreError> {
        Ok(match kind {
            Kind::Uuid => Value::Uuid(row.get(index)?),
            Kind::Instant => Value::Instant(row.get(index)?),
            Kind::Json => Value::Json(row.get(index)?),
            Kind::Int => Value::Int(row.get(index)?),
            Kind::Bool => Value::Bool(row.get(index)?),
            Kind::Bytes => Value::Bytes(row.get(index)?),
            Kind::Text => Value::Text(row.get(index)?),
        })
    }

    pub fn param(&self) -> &dyn Param {
        match self {
            Value::Uuid(value) => value,
            Value::Instant(value) => value,
            Value::Json(value) => value,
            Value::Int(value) => value,
            Value::Bool(value) => value,
            Value::Bytes(value) => value,
            Value::Text(value) => value,
        }
    }

    /// Documents are compared by what they say: PostgreSQL keeps neither their spaces nor the order of their keys.
    pub fn is_same(&self, other: &Value) -> bool {
        match (self, other) {
            (Value::Json(Some(one)), Value::Json(Some(other))) => one.is_same(other),
            _ => self == other,
        }
    }
}

/// How a key is shown.
impl fmt::Display for Value {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Uuid(Some(value)) => value.fmt(formatter),
            Value::Instant(Some(Instant(value))) => value.fmt(formatter),
            Value::Int(Some(value)) => value.fmt(formatter),
            Value::Text(Some(value)) => value.fmt(formatter),
            value => write!(formatter, "{value:?}"),
        }
    }
}

/// A document as text: parsing it would round its numbers.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct JsonText(pub(crate) String);

/// The version that `jsonb` values begin with on the wire.
const JSONB_VERSION: u8 = 1;

impl JsonText {
    fn is_same(&self, other: &JsonText) -> bool {
        let parsed = |text: &JsonText| serde_json::from_str::<serde_json::Value>(&text.0).ok();
        self == other
            || parsed(self)
                .zip(parsed(other))
                .is_some_and(|(one, other)| says_the_same(&one, &other))
    }
}

/// `1e2` and `100` are one number, which PostgreSQL writes in the second way.
fn says_the_same(one: &serde_json::Value, other: &serde_json::Value) -> bool {
    use serde_json::Value::{Array, Number, Object};
    match (one, other) {
        (Number(one), Number(other)) => one == other || one.as_f64() == other.as_f64(),
        (Array(one), Array(other)) => {
            one.len() == other.len()
                && one
                    .iter()
                    .zip(other)
                    .all(|(one, other)| says_the_same(one, other))
        }
        (Object(one), Object(other)) => {
            let has = |(key, value)| {
                other
                    .get(key)
                    .is_some_and(|other| says_the_same(value, other))
            };
            one.len() == other.len() && one.iter().all(has)
        }
        _ => one == other,
    }
}

impl rusqlite::ToSql for JsonText {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        self.0.to_sql()
    }
}

impl rusqlite::types::FromSql for JsonText {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<JsonText> {
        String::column_result(value).map(JsonText)
    }
}

impl tokio_postgres::types::ToSql for JsonText {
    fn to_sql(&self, _: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        out.extend_from_slice(&[JSONB_VERSION]);
        out.extend_from_slice(self.0.as_bytes());
        Ok(IsNull::No)
    }

    fn accepts(column: &Type) -> bool {
        *column == Type::JSONB
    }

    to_sql_checked!();
}

impl<'a> tokio_postgres::types::FromSql<'a> for JsonText {
    fn from_sql(_: &Type, raw: &'a [u8]) -> Result<JsonText, Box<dyn Error + Sync + Send>> {
        match raw.split_first() {
            Some((&JSONB_VERSION, text)) => Ok(JsonText(std::str::from_utf8(text)?.to_owned())),
            _ => Err("an unknown version of jsonb".into()),
        }
    }

    fn accepts(column: &Type) -> bool {
        *column == Type::JSONB
    }
}
