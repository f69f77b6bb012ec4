//! What statements run in: reads and writes of either engine.

use std::{
    ops::Deref,
    sync::{
        Mutex, OnceLock, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use jiff::{SignedDuration, Timestamp};

use super::{
    postgres_reading::Reading,
    postgres_session::Session,
    row::{FromRow, Param, Row},
    shared_transaction::Shared,
    sqlite,
};
use crate::{
    column::Instant,
    error::{Outage, StoreError},
    host_versions::Moved,
};

/// Where reads run. Each statement sees all that was committed before it; see [`Store::snapshot`] for one view
/// over several statements.
///
/// [`Store::snapshot`]: crate::Store::snapshot
pub struct ReadTx<'a> {
    pub(super) connection: Connection<'a>,
    failure: OnceLock<Failure>,
    terms: OnceLock<Terms>,
    /// Whether other commands of a shared transaction go on with the same hosts already.
    pub(super) is_over: AtomicBool,
}

/// What a process says of all that it does with the database.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Terms {
    /// How far its clock is ahead of the database's.
    pub(crate) ahead: SignedDuration,
    /// Whether mails are sent, so that it is noted what they are about.
    pub(crate) notes_mail: bool,
}

pub(super) enum Connection<'a> {
    Sqlite(Held<'a, sqlite::Connection>),
    Postgres(Held<'a, Session>),
    Reading(Box<Reading>),
}

impl Connection<'_> {
    pub(super) fn has_sent_all(&self) -> bool {
        match self {
            Connection::Postgres(session) => session.has_sent_all(),
            Connection::Sqlite(_) | Connection::Reading(_) => true,
        }
    }
}

pub(super) enum Held<'a, T> {
    Shared(&'a T),
    Own(Box<T>),
}

impl<T> Deref for Held<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        match self {
            Held::Shared(held) => held,
            Held::Own(held) => held,
        }
    }
}

/// What the first failed statement of a transaction means for the whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Failure {
    /// Run it again.
    Transient,
    /// It cannot be committed any more.
    Lasting,
}

impl<'a> ReadTx<'a> {
    pub(super) fn new(connection: Connection<'a>) -> ReadTx<'a> {
        ReadTx {
            connection,
            failure: OnceLock::new(),
            terms: OnceLock::new(),
            is_over: AtomicBool::new(false),
        }
    }

    /// The same, on these terms.
    pub(crate) fn on(self, terms: Terms) -> ReadTx<'a> {
        self.set_terms(terms);
        self
    }

    pub(crate) fn set_terms(&self, terms: Terms) {
        self.terms.get_or_init(|| terms);
    }

    fn terms(&self) -> Terms {
        self.terms.get().copied().unwrap_or_default()
    }

    /// Whether it is noted what mails are to be sent about.
    pub fn notes_mail(&self) -> bool {
        self.terms().notes_mail
    }

    /// What the database's clock shows, which is one clock for all nodes, moved by [`Store::ahead_by`].
    ///
    /// [`Store::ahead_by`]: crate::Store::ahead_by
    pub async fn now(&self) -> Result<Timestamp, StoreError> {
        let sql = match &self.connection {
            Connection::Sqlite(_) => "select cast(unixepoch('now', 'subsec') * 1000000 as integer)",
            Connection::Postgres(_) | Connection::Reading(_) => "select clock_timestamp()",
        };
        let Instant(now) = self.one(sql, &[]).await?;
        now.checked_add(self.terms().ahead)
            .map_err(StoreError::invalid)
    }

    /// Every row of a query.
    pub async fn all<T: FromRow>(
        &self,
        sql: &'static str,
        args: &[&dyn Param],
    ) -> Result<Vec<T>, StoreError> {
        self.map_rows(sql, args, T::from_row).await
    }

    /// The first row of a query, if any.
    pub async fn optional<T: FromRow>(
        &self,
        sql: &'static str,
        args: &[&dyn Param],
    ) -> Result<Option<T>, StoreError> {
        Ok(self.all(sql, args).await?.into_iter().next())
    }

    /// The row of a query that always has one, such as a count.
    pub async fn one<T: FromRow>(
        &self,
        sql: &'static str,
        args: &[&dyn Param],
    ) -> Result<T, StoreError> {
        let row = self.optional(sql, args).await?;
        row.ok_or_else(|| {
            StoreError::invalid(format_args!("no row where there is always one: {sql}"))
        })
    }

    /// What `read` makes of every row of a query.
    pub(crate) async fn map_rows<T>(
        &self,
        sql: &'static str,
        args: &[&dyn Param],
        read: impl FnMut(&Row<'_>) -> Result<T, StoreError> + Send,
    ) -> Result<Vec<T>, StoreError> {
        if !is_query(sql) {
            return Err(StoreError::invalid(format_args!("not a query: {sql}")));
        }
        self.rows(sql, args, read).await
    }

    async fn rows<T>(
        &self,
        sql: &'static str,
        args: &[&dyn Param],
        read: impl FnMut(&Row<'_>) -> Result<T, StoreError> + Send,
    ) -> Result<Vec<T>, StoreError> {
        self.is_in_turn()?;
        let rows = match &self.connection {
            Connection::Sqlite(connection) => connection.rows(sql, args, read),
            Connection::Postgres(session) => session.rows(sql, args, read).await,
            Connection::Reading(reading) => reading.rows(sql, args, read).await,
        };
        rows.map_err(|error| self.note(error))
    }

    /// What another command may have read already must not be changed any more: then each has to run alone.
    fn is_in_turn(&self) -> Result<(), StoreError> {
        if self.is_over.load(Ordering::Relaxed) {
            return Err(self.note(StoreError::unavailable(Outage::Contention)));
        }
        Ok(())
    }

    /// Remembers that a statement failed: PostgreSQL gives such a transaction up, so no engine may commit it.
    pub(super) fn note(&self, error: StoreError) -> StoreError {
        let failure = match error {
            StoreError::Corrupt { .. } => return error,
            _ if error.is_transient() => Failure::Transient,
            _ => Failure::Lasting,
        };
        self.failure.get_or_init(|| failure);
        error
    }
}

/// Writing needs [`WriteTx`]. This keeps `update … returning` out of reads.
fn is_query(sql: &str) -> bool {
    let verb = sql.trim_start().get(..6).unwrap_or_default();
    verb.eq_ignore_ascii_case("select")
        || verb
            .get(..4)
            .is_some_and(|verb| verb.eq_ignore_ascii_case("with"))
}

fn only_reads() -> StoreError {
    StoreError::invalid("a write on a connection for reading")
}

/// A transaction that writes. It reads as a [`ReadTx`] does.
pub struct WriteTx<'a> {
    pub(super) read: ReadTx<'a>,
    moved: Mutex<Vec<Moved>>,
    pub(super) shared: Option<Shared<'a>>,
    has_written: AtomicBool,
    pub(super) goes_on: AtomicBool,
}

impl<'a> Deref for WriteTx<'a> {
    type Target = ReadTx<'a>;

    fn deref(&self) -> &ReadTx<'a> {
        &self.read
    }
}

impl<'a> WriteTx<'a> {
    pub(super) fn new(connection: Connection<'a>) -> WriteTx<'a> {
        WriteTx {
            read: ReadTx::new(connection),
            moved: Mutex::default(),
            shared: None,
            has_written: AtomicBool::new(false),
            goes_on: AtomicBool::new(false),
        }
    }

    /// Whether statements that write were sent.
    pub(super) fn has_written(&self) -> bool {
        self.has_written.load(Ordering::Relaxed)
    }

    fn writes(&self) -> Result<(), StoreError> {
        self.has_written.store(true, Ordering::Relaxed);
        self.read.is_in_turn()
    }

    /// Notes that a host's version moved: whoever keeps something of the host learns it after the commit.
    pub(crate) fn note_moved(&self, moved: Moved) {
        let mut all = self.moved.lock().unwrap_or_else(PoisonError::into_inner);
        all.push(moved);
    }

    /// The hosts whose versions moved.
    pub(super) fn moved(&self) -> Vec<Moved> {
        let mut all = self.moved.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut *all)
    }

    /// Runs a statement and returns how many rows it touched.
    pub async fn execute(&self, sql: &'static str, args: &[&dyn Param]) -> Result<u64, StoreError> {
        self.writes()?;
        let touched = match &self.read.connection {
            Connection::Sqlite(connection) => connection.execute(sql, args),
            Connection::Postgres(session) => session.execute(sql, args).await,
            Connection::Reading(_) => Err(only_reads()),
        };
        touched.map_err(|error| self.read.note(error))
    }

    /// Runs one statement for many rows and returns how many rows it touched; on PostgreSQL without waiting
    /// for one before sending the next.
    pub async fn execute_each(
        &self,
        sql: &'static str,
        rows: &[Vec<&dyn Param>],
    ) -> Result<u64, StoreError> {
        self.writes()?;
        let touched = match &self.read.connection {
            Connection::Sqlite(connection) => connection.execute_each(sql, rows),
            Connection::Postgres(session) => session.execute_each(sql, rows).await,
            Connection::Reading(_) => Err(only_reads()),
        };
        touched.map_err(|error| self.read.note(error))
    }

    /// The row that a statement with `returning` brings, if it touched one.
    pub async fn returning<T: FromRow>(
        &self,
        sql: &'static str,
        args: &[&dyn Param],
    ) -> Result<Option<T>, StoreError> {
        Ok(self.returning_all(sql, args).await?.into_iter().next())
    }

    /// The rows that a statement with `returning` brings, in no particular order.
    pub async fn returning_all<T: FromRow>(
        &self,
        sql: &'static str,
        args: &[&dyn Param],
    ) -> Result<Vec<T>, StoreError> {
        self.writes()?;
        self.read.rows(sql, args, T::from_row).await
    }

    /// Runs the statements of a migration.
    pub(crate) async fn batch(&self, sql: &str) -> Result<(), StoreError> {
        let done = match &self.read.connection {
            Connection::Sqlite(connection) => connection.batch(sql),
            Connection::Postgres(session) => session.batch(sql).await,
            Connection::Reading(_) => Err(only_reads()),
        };
        done.map_err(|error| self.read.note(error))
    }

    pub(super) fn failure(&self) -> Option<Failure> {
        self.read.failure.get().copied()
    }
}
