//! Values that statements take and rows that they bring.

use std::{error::Error, sync::Arc};

use domain::interval::Interval;
use uuid::Uuid;

use crate::{
    column::{Date, Instant, Json},
    error::StoreError,
};

/// A value that both engines can bind.
pub trait Param: rusqlite::ToSql + tokio_postgres::types::ToSql + Sync {}

impl<T: rusqlite::ToSql + tokio_postgres::types::ToSql + Sync> Param for T {}

/// A value that both engines can read.
pub trait Column: rusqlite::types::FromSql + for<'a> tokio_postgres::types::FromSql<'a> {}

impl<T: rusqlite::types::FromSql + for<'a> tokio_postgres::types::FromSql<'a>> Column for T {}

/// The arguments of a statement, in the order of its placeholders: `args![organization_id, id]`.
#[macro_export]
macro_rules! args {
    ($($value:expr),* $(,)?) => { &[$(&$value as &dyn $crate::engine::Param),*] };
}

/// Declares a struct that is read from a row, its fields in the order of the columns.
#[macro_export]
macro_rules! row {
    (
        $(#[$attribute:meta])*
        $visibility:vis struct $name:ident {
            $($(#[$field_attribute:meta])* $field_visibility:vis $field:ident: $kind:ty),* $(,)?
        }
    ) => {
        $(#[$attribute])*
        $visibility struct $name {
            $($(#[$field_attribute])* $field_visibility $field: $kind),*
        }

        impl $crate::engine::FromRow for $name {
            fn from_row(row: &$crate::engine::Row<'_>) -> Result<Self, $crate::error::StoreError> {
                let mut columns = row.columns();
                Ok($name { $($field: columns.take()?),* })
            }
        }
    };
}

/// What can be read from a row.
pub trait FromRow: Sized {
    /// Reads it.
    fn from_row(row: &Row<'_>) -> Result<Self, StoreError>;
}

/// One row of an answer.
pub struct Row<'a> {
    cells: Cells<'a>,
    sql: &'a str,
}

enum Cells<'a> {
    Sqlite(&'a rusqlite::Row<'a>),
    Postgres(&'a tokio_postgres::Row),
}

impl<'a> Row<'a> {
    pub(super) fn sqlite(row: &'a rusqlite::Row<'a>, sql: &'a str) -> Row<'a> {
        Row {
            cells: Cells::Sqlite(row),
            sql,
        }
    }

    pub(super) fn postgres(row: &'a tokio_postgres::Row, sql: &'a str) -> Row<'a> {
        Row {
            cells: Cells::Postgres(row),
            sql,
        }
    }

    /// The value of the column at `index`, counted from zero.
    pub fn get<T: Column>(&self, index: usize) -> Result<T, StoreError> {
        match self.cells {
            Cells::Sqlite(row) => row.get(index).map_err(|error| self.corrupt(index, error)),
            Cells::Postgres(row) => row
                .try_get(index)
                .map_err(|error| self.corrupt(index, error)),
        }
    }

    /// The columns, one after the other.
    pub fn columns(&self) -> Columns<'_> {
        Columns { row: self, next: 0 }
    }

    fn corrupt(&self, index: usize, cause: impl Into<Box<dyn Error + Send + Sync>>) -> StoreError {
        let names = self.names();
        StoreError::Corrupt {
            table: first_table(self.sql).to_owned(),
            column: names
                .get(index)
                .map_or_else(|| format!("number {index}"), |name| (*name).to_owned()),
            id: names
                .iter()
                .position(|name| *name == "id")
                .and_then(|index| self.id(index)),
            cause: Arc::from(cause.into()),
        }
    }

    fn names(&self) -> Vec<&str> {
        match self.cells {
            Cells::Sqlite(row) => row.as_ref().column_names().collect(),
            Cells::Postgres(row) => row
                .columns()
                .iter()
                .map(tokio_postgres::Column::name)
                .collect(),
        }
    }

    /// The id of a row of which another column is unreadable; nothing where the id is unreadable as well.
    fn id(&self, index: usize) -> Option<String> {
        fn text<T: Column + ToString>(cells: &Cells<'_>, index: usize) -> Option<String> {
            match cells {
                Cells::Sqlite(row) => row.get::<_, T>(index).ok(),
                Cells::Postgres(row) => row.try_get::<_, T>(index).ok(),
            }
            .map(|id| id.to_string())
        }
        text::<Uuid>(&self.cells, index)
            .or_else(|| text::<i64>(&self.cells, index))
            .or_else(|| text::<String>(&self.cells, index))
    }
}

/// The table that a statement names first.
fn first_table(sql: &str) -> &str {
    let mut words = sql.split(|letter: char| !(letter.is_alphanumeric() || letter == '_'));
    words
        .by_ref()
        .find(|word| {
            ["from", "into", "update"]
                .iter()
                .any(|before| word.eq_ignore_ascii_case(before))
        })
        .and_then(|_| words.find(|word| !word.is_empty()))
        .unwrap_or("an unnamed table")
}

/// Reads the columns of a row from left to right.
pub struct Columns<'a> {
    row: &'a Row<'a>,
    next: usize,
}

impl Columns<'_> {
    /// The next column.
    pub fn take<T: Column>(&mut self) -> Result<T, StoreError> {
        self.next += 1;
        self.row.get(self.next - 1)
    }

    /// The next column, a word that stands for something.
    pub fn parse<T>(&mut self, meaning: impl FnOnce(&str) -> Option<T>) -> Result<T, StoreError> {
        let word: String = self.take()?;
        meaning(&word).ok_or_else(|| self.corrupt("a word without a meaning"))
    }

    /// The next column, null or a word that stands for something.
    pub fn parse_optional<T>(
        &mut self,
        meaning: impl FnOnce(&str) -> Option<T>,
    ) -> Result<Option<T>, StoreError> {
        let word: Option<String> = self.take()?;
        let read =
            |word: String| meaning(&word).ok_or_else(|| self.corrupt("a word without a meaning"));
        word.map(read).transpose()
    }

    /// The next two columns, start and end.
    pub fn interval(&mut self) -> Result<Interval, StoreError> {
        let (Instant(start), Instant(end)) = (self.take()?, self.take()?);
        Interval::new(start, end)
            .ok_or_else(|| self.corrupt("an interval that ends before it starts"))
    }

    /// The error of the column that was read last, for a value that is well formed and cannot be.
    pub fn corrupt(&self, why: &str) -> StoreError {
        self.row.corrupt(self.next.saturating_sub(1), why)
    }
}

macro_rules! single_columns {
    ($($kind:ty),*) => {$(
        impl FromRow for $kind {
            fn from_row(row: &Row<'_>) -> Result<Self, StoreError> {
                row.get(0)
            }
        }
    )*};
}

single_columns!(i64, bool, String, Uuid, Instant, Date);

impl<T> FromRow for Json<T>
where
    Json<T>: Column,
{
    fn from_row(row: &Row<'_>) -> Result<Self, StoreError> {
        row.get(0)
    }
}

impl<T: Column> FromRow for Option<T> {
    fn from_row(row: &Row<'_>) -> Result<Self, StoreError> {
        row.get(0)
    }
}

macro_rules! tuples {
    ($($($kind:ident)+;)*) => {$(
        impl<$($kind: Column),+> FromRow for ($($kind,)+) {
            fn from_row(row: &Row<'_>) -> Result<Self, StoreError> {
                let mut columns = row.columns();
                Ok(($(columns.take::<$kind>()?,)+))
            }
        }
    )*};
}

tuples! {
    A;
    A B;
    A B C;
    A B C D;
    A B C D E;
    A B C D E F;
}
