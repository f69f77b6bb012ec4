//! Copies a whole database into an empty one, of the same or of the other engine, and checks every row afterwards.
//!
//! Which tables and columns there are is read from the migrations, so a new table is copied without a word here.

mod copied_table;
mod tables;
pub(crate) mod value;

pub use tables::{Kind, Table, TableColumn, tables};

use crate::{
    Store,
    error::StoreError,
    migrate::{self, MIGRATIONS, MarkCopy, Migration},
};
use copied_table::CopiedTable;

/// Why a copy failed. What was copied until then stays in the target.
#[derive(Debug, thiserror::Error)]
pub enum CopyError {
    /// Rows are never mixed with those of another database.
    #[error("the target is not empty: there are rows in {table}")]
    TargetNotEmpty {
        /// The first table with rows.
        table: String,
    },
    /// The target holds more or fewer rows than the source.
    #[error("{table} has {source_rows} rows in the source and {target_rows} in the target")]
    CountDiffers {
        /// The table.
        table: String,
        /// Rows of the source.
        source_rows: u64,
        /// Rows of the target.
        target_rows: u64,
    },
    /// A row is not in the target or reads differently there.
    #[error("row {key} of {table} is not the same in the target: column {column}")]
    RowDiffers {
        /// The table.
        table: String,
        /// The row's primary key.
        key: String,
        /// The first column that differs; the first one of all where the row is missing.
        column: String,
    },
    /// A table could not be read or written.
    #[error("copying {table}")]
    Table {
        /// The table.
        table: String,
        /// The failure.
        #[source]
        error: StoreError,
    },
    /// A database could not be used at all.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Copies every table of `from` into `to`, which is migrated and empty, and compares the two row by row. Calls
/// `progress` with a table and its rows so far; returns the tables with their rows.
pub async fn copy(
    from: &Store,
    to: &Store,
    progress: impl FnMut(&str, u64),
) -> Result<Vec<(String, u64)>, CopyError> {
    copy_tables(from, to, MIGRATIONS, progress).await
}

/// [`copy`] for the tables of another history.
pub async fn copy_tables(
    from: &Store,
    to: &Store,
    migrations: &'static [Migration],
    mut progress: impl FnMut(&str, u64),
) -> Result<Vec<(String, u64)>, CopyError> {
    migrate::check(from, migrations).await?;
    migrate::check(to, migrations).await?;
    let tables: Vec<CopiedTable> = tables(migrations)?
        .into_iter()
        .map(CopiedTable::new)
        .collect();
    for table in &tables {
        if table.in_context(table.count(&to.read().await?).await)? > 0 {
            return Err(CopyError::TargetNotEmpty {
                table: table.table.name.clone(),
            });
        }
    }
    migrate::written(to, MarkCopy { unfinished: true }).await?;
    let source = from.snapshot().await?;
    let mut copied = Vec::with_capacity(tables.len());
    for table in &tables {
        let count = table.copy(&source, to, &mut progress).await?;
        copied.push((table.table.name.clone(), count));
    }
    let target = to.snapshot().await?;
    for (table, (_, count)) in tables.iter().zip(&copied) {
        table.compare(&source, &target, *count).await?;
    }
    migrate::written(to, MarkCopy { unfinished: false }).await?;
    Ok(copied)
}
