//! The seam between the statements, which are written once, and the two engines that run them.
//!
//! SQL is PostgreSQL's dialect with `$1` placeholders and no `$` elsewhere. Bodies are written once, `async`. On
//! SQLite their futures never wait: the writer thread polls each one once, without a runtime. Only the files
//! of this directory know one engine from the other.

mod failure;
mod host_turns;
mod postgres;
mod postgres_batch;
mod postgres_losses;
mod postgres_notices;
mod postgres_reading;
mod postgres_servers;
mod postgres_session;
mod postgres_silence;
mod postgres_tls;
mod postgres_write;
mod row;
mod shared_transaction;
mod sqlite;
mod sqlite_writer;
mod transaction;
mod turns;

pub use row::{Column, Columns, FromRow, Param, Row};
pub use transaction::{ReadTx, WriteTx};

pub(crate) use postgres::Postgres;
pub(crate) use sqlite::Sqlite;
pub(crate) use transaction::Terms;

use std::{collections::BTreeSet, fmt};

use domain::id::{OrganizationId, UserId};

use crate::error::StoreError;

/// The database engines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// A file of this process.
    Sqlite,
    /// A server, shared by any number of processes.
    Postgres,
}

/// A write: everything that belongs into one transaction.
///
/// It carries all it needs, its own `now` and fresh ids included, and touches nothing outside the transaction,
/// because it may be run again: after a deadlock, a serialization failure or a lost connection.
///
/// A statement that failed ends the transaction: a command that goes on after one is answered with an error,
/// whatever it returns. What may already be there is asked before, or written with `on conflict do nothing`.
pub trait Command: Send + Sync + 'static {
    /// What it returns once it is committed.
    type Output: Send + 'static;
    /// Why it may refuse; then nothing is written.
    type Refusal: Send + 'static;

    /// Does the work. Its answer reaches the caller after the commit.
    fn run(
        &self,
        tx: &WriteTx<'_>,
    ) -> impl Future<Output = Result<Self::Output, WriteError<Self::Refusal>>> + Send;

    /// The hosts whose time it decides about, if it may share a transaction with others that do so.
    ///
    /// It then locks these hosts and no others, before it reads what depends on them, and it has written nothing when
    /// it refuses. Of those that share a transaction, two that name the same host run one after the other; see
    /// [`WriteTx::ending_with`] for when the next one begins.
    fn shares(&self) -> Option<Sharing> {
        None
    }

    /// Whether an earlier run of this very command was committed.
    ///
    /// It is asked when the connection broke on a commit. The default suits a command that may as well be done
    /// twice; any other looks for the id that it carries.
    fn is_done(&self, _tx: &ReadTx<'_>) -> impl Future<Output = Result<bool, StoreError>> + Send {
        async { Ok(false) }
    }
}

/// The hosts that a command is about which may share a transaction with others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sharing {
    /// Their organization.
    pub organization: OrganizationId,
    /// The hosts.
    pub hosts: BTreeSet<UserId>,
}

/// Why a write did not happen.
#[derive(Clone, Debug)]
pub enum WriteError<R> {
    /// A rule says no.
    Refused(R),
    /// The store failed.
    Failed(StoreError),
}

impl<R> WriteError<R> {
    /// A refusal as the error of a command: `.ok_or_else(|| WriteError::refused(Refusal::Unknown))?`.
    pub fn refused(refusal: impl Into<R>) -> WriteError<R> {
        WriteError::Refused(refusal.into())
    }
}

impl<R> From<StoreError> for WriteError<R> {
    fn from(error: StoreError) -> WriteError<R> {
        WriteError::Failed(error)
    }
}

impl<R: fmt::Display> fmt::Display for WriteError<R> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            WriteError::Refused(refusal) => refusal.fmt(formatter),
            WriteError::Failed(error) => error.fmt(formatter),
        }
    }
}

impl<R: std::error::Error + 'static> std::error::Error for WriteError<R> {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            WriteError::Refused(refusal) => refusal.source(),
            WriteError::Failed(error) => error.source(),
        }
    }
}
