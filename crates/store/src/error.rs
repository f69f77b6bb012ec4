//! What can go wrong below the rules: failures of the database, of a row, or of a statement.
//!
//! A failure is never a refusal: refusals are values of the command that refuses. No text here repeats what a
//! row holds, because errors end in logs.

use std::{error::Error, fmt, sync::Arc};

/// What lies behind a failure. Shared, because one failed commit fails every command in it.
pub type Cause = Arc<dyn Error + Send + Sync>;

/// A failure of the store.
#[derive(Clone, Debug, thiserror::Error)]
pub enum StoreError {
    /// A row with the same key is there already.
    #[error("a row with this key exists already ({})", .constraint.as_deref().unwrap_or("unnamed constraint"))]
    Conflict {
        /// The columns of the violated key, the same on both engines: `users.organization_id, users.slug`.
        /// The name of the index where the key is an expression.
        constraint: Option<String>,
        /// What the engine said.
        #[source]
        cause: Cause,
    },
    /// A row that cannot be read. It is reported as it is and never becomes a default.
    #[error("column {column} of {table}{} cannot be read", .id.as_ref().map(|id| format!(", row {id},")).unwrap_or_default())]
    Corrupt {
        /// The first table of the statement.
        table: String,
        /// The column.
        column: String,
        /// What the row's `id` column says, where the statement reads it.
        id: Option<String>,
        /// Why it cannot be read.
        #[source]
        cause: Cause,
    },
    /// The database cannot do it now; the same request may succeed later.
    #[error("{outage}")]
    Unavailable {
        /// What is in the way.
        outage: Outage,
        /// What the engine said.
        #[source]
        cause: Option<Cause>,
    },
    /// The database was migrated by a newer version of this program.
    #[error(
        "the database has migration {migration}, which this version does not know: use a newer version"
    )]
    NewerDatabase {
        /// The first unknown migration.
        migration: String,
    },
    /// A mistake in this program or its configuration: bad SQL, a bad address, a row that must be there and is not.
    #[error("{what}")]
    Invalid {
        /// What is wrong.
        what: String,
        /// What lies behind it.
        #[source]
        cause: Option<Cause>,
    },
}

/// Why the database cannot do something now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outage {
    /// More writes are waiting than the queue holds.
    QueueFull,
    /// The store is being closed.
    ShuttingDown,
    /// Every connection of the pool stayed busy.
    PoolExhausted,
    /// The connection broke or could not be made.
    ConnectionLost,
    /// Other transactions were in the way: a deadlock, a serialization failure, a locked file.
    Contention,
    /// The disk is full, or reading or writing it failed.
    Storage,
    /// The statement took too long or was canceled.
    Canceled,
    /// The connection broke while committing, and it could not be found out what became of the commit.
    OutcomeUnknown,
    /// Migrations are missing.
    NotMigrated,
}

impl fmt::Display for Outage {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Outage::QueueFull => "too many writes are waiting",
            Outage::ShuttingDown => "the database is being closed",
            Outage::PoolExhausted => "every database connection is busy",
            Outage::ConnectionLost => "the database cannot be reached",
            Outage::Contention => "other transactions were in the way",
            Outage::Storage => "the database cannot read or write its disk",
            Outage::Canceled => "the database did not answer in time",
            Outage::OutcomeUnknown => "the connection broke while committing",
            Outage::NotMigrated => "the database misses migrations",
        })
    }
}

impl StoreError {
    /// A mistake of ours.
    pub fn invalid(what: impl fmt::Display) -> StoreError {
        StoreError::Invalid {
            what: what.to_string(),
            cause: None,
        }
    }

    /// A row that must be there and is not.
    pub fn missing(table: &str, id: impl fmt::Display) -> StoreError {
        StoreError::invalid(format_args!("no row {id} in {table}"))
    }

    /// A row that was read and says what cannot be.
    pub fn corrupt(
        table: &str,
        column: &str,
        id: impl fmt::Display,
        cause: impl Into<Box<dyn Error + Send + Sync>>,
    ) -> StoreError {
        StoreError::Corrupt {
            table: table.to_owned(),
            column: column.to_owned(),
            id: Some(id.to_string()),
            cause: Arc::from(cause.into()),
        }
    }

    /// An outage of which nothing more is known.
    pub fn unavailable(outage: Outage) -> StoreError {
        StoreError::Unavailable {
            outage,
            cause: None,
        }
    }

    /// Whether the same request may succeed later.
    pub fn is_unavailable(&self) -> bool {
        matches!(self, StoreError::Unavailable { .. })
    }

    /// Of a conflict: what names the violated key.
    pub fn constraint(&self) -> Option<&str> {
        match self {
            StoreError::Conflict { constraint, .. } => constraint.as_deref(),
            _ => None,
        }
    }

    /// Checks that a statement touched the one row it was meant for.
    pub fn expect_one(touched: u64, table: &str, id: impl fmt::Display) -> Result<(), StoreError> {
        match touched {
            1 => Ok(()),
            0 => Err(StoreError::missing(table, id)),
            _ => Err(StoreError::invalid(format_args!(
                "{touched} rows of {table} answer to {id}"
            ))),
        }
    }

    /// Whether the same transaction may succeed when it is simply run again.
    pub(crate) fn is_transient(&self) -> bool {
        matches!(
            self,
            StoreError::Unavailable {
                outage: Outage::Contention | Outage::ConnectionLost,
                ..
            }
        )
    }
}

/// An error that PostgreSQL reported, without its details: those quote the row.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{message} (SQLSTATE {code})")]
pub struct ServerError {
    /// The SQLSTATE.
    pub code: String,
    /// The message.
    pub message: String,
}

/// An error with all of its causes, as one line.
pub fn chain(error: &dyn Error) -> String {
    let mut line = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        line.push_str(": ");
        line.push_str(&error.to_string());
        cause = error.source();
    }
    line
}
