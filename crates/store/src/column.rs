//! Column types that need a conversion of their own, one per engine: instants, dates, documents.
//!
//! `Uuid`, `i64`, `bool`, `String`, `Vec<u8>` and `Option` of all these convert by themselves.

use std::{error::Error, fmt::Debug};

use bytes::BytesMut;
use jiff::{Timestamp, civil};
use rusqlite::types::{FromSqlError, FromSqlResult, ToSqlOutput, ValueRef};
use serde::{Serialize, de::DeserializeOwned};
use tokio_postgres::types::{IsNull, Type, to_sql_checked};

/// What conversions for PostgreSQL may fail with.
type AnyError = Box<dyn Error + Sync + Send>;

/// An instant with microseconds: `{ts}` in migrations, `timestamptz` or a count of microseconds since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instant(
    /// The instant; what is finer than a microsecond is cut off when it is stored.
    pub Timestamp,
);

/// 2000-01-01T00:00:00Z, from which PostgreSQL counts, in microseconds since 1970.
const POSTGRES_EPOCH: i64 = 946_684_800_000_000;

impl Instant {
    /// Jiff's own conversion refuses the last second that there is, of which it has every microsecond.
    fn from_microseconds(count: i64) -> Result<Instant, jiff::Error> {
        const SECOND: i64 = 1_000_000;
        let below_second = i32::try_from(count.rem_euclid(SECOND) * 1000).unwrap_or_default();
        Timestamp::new(count.div_euclid(SECOND), below_second).map(Instant)
    }
}

impl rusqlite::ToSql for Instant {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.0.as_microsecond().into())
    }
}

impl rusqlite::types::FromSql for Instant {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Instant> {
        Instant::from_microseconds(value.as_i64()?).map_err(FromSqlError::other)
    }
}

impl tokio_postgres::types::ToSql for Instant {
    fn to_sql(&self, _: &Type, out: &mut BytesMut) -> Result<IsNull, AnyError> {
        let microseconds = self.0.as_microsecond() - POSTGRES_EPOCH;
        out.extend_from_slice(&microseconds.to_be_bytes());
        Ok(IsNull::No)
    }

    fn accepts(column: &Type) -> bool {
        *column == Type::TIMESTAMPTZ
    }

    to_sql_checked!();
}

impl<'a> tokio_postgres::types::FromSql<'a> for Instant {
    fn from_sql(_: &Type, raw: &'a [u8]) -> Result<Instant, AnyError> {
        // The largest and the smallest count stand for infinity.
        let microseconds = i64::from_be_bytes(raw.try_into()?)
            .checked_add(POSTGRES_EPOCH)
            .ok_or("infinity is no instant")?;
        Ok(Instant::from_microseconds(microseconds)?)
    }

    fn accepts(column: &Type) -> bool {
        *column == Type::TIMESTAMPTZ
    }
}

/// A civil date, kept as the text `2026-03-07` so that it sorts and reads the same everywhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date(
    /// The date.
    pub civil::Date,
);

impl rusqlite::ToSql for Date {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.0.to_string().into())
    }
}

impl rusqlite::types::FromSql for Date {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Date> {
        value
            .as_str()?
            .parse()
            .map(Date)
            .map_err(FromSqlError::other)
    }
}

impl tokio_postgres::types::ToSql for Date {
    fn to_sql(&self, column: &Type, out: &mut BytesMut) -> Result<IsNull, AnyError> {
        tokio_postgres::types::ToSql::to_sql(&self.0.to_string(), column, out)
    }

    fn accepts(column: &Type) -> bool {
        *column == Type::TEXT
    }

    to_sql_checked!();
}

impl<'a> tokio_postgres::types::FromSql<'a> for Date {
    fn from_sql(_: &Type, raw: &'a [u8]) -> Result<Date, AnyError> {
        Ok(Date(std::str::from_utf8(raw)?.parse()?))
    }

    fn accepts(column: &Type) -> bool {
        *column == Type::TEXT
    }
}

/// A document: `{json}` in migrations, `jsonb` or JSON text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Json<T>(
    /// The document; by reference is enough for writing it.
    pub T,
);

/// The version that `jsonb` values begin with on the wire.
const JSONB_VERSION: u8 = 1;

impl<T: Serialize> rusqlite::ToSql for Json<T> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        serde_json::to_string(&self.0)
            .map(ToSqlOutput::from)
            .map_err(|error| rusqlite::Error::ToSqlConversionFailure(error.into()))
    }
}

impl<T: DeserializeOwned> rusqlite::types::FromSql for Json<T> {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Json<T>> {
        serde_json::from_str(value.as_str()?)
            .map(Json)
            .map_err(FromSqlError::other)
    }
}

impl<T: Serialize + Debug> tokio_postgres::types::ToSql for Json<T> {
    fn to_sql(&self, _: &Type, out: &mut BytesMut) -> Result<IsNull, AnyError> {
        out.extend_from_slice(&[JSONB_VERSION]);
        out.extend_from_slice(&serde_json::to_vec(&self.0)?);
        Ok(IsNull::No)
    }

    fn accepts(column: &Type) -> bool {
        *column == Type::JSONB
    }

    to_sql_checked!();
}

impl<'a, T: DeserializeOwned> tokio_postgres::types::FromSql<'a> for Json<T> {
    fn from_sql(_: &Type, raw: &'a [u8]) -> Result<Json<T>, AnyError> {
        match raw.split_first() {
            Some((&JSONB_VERSION, text)) => Ok(Json(serde_json::from_slice(text)?)),
            _ => Err("an unknown version of jsonb".into()),
        }
    }

    fn accepts(column: &Type) -> bool {
        *column == Type::JSONB
    }
}
