//! SQLite: the file, its connections, and statements on one of them.

use std::{
    collections::HashMap,
    fs, io,
    num::NonZero,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};

use rusqlite::{CachedStatement, OpenFlags};

use super::{
    Command, WriteError,
    row::{Param, Row},
    sqlite_writer::Writer,
    transaction::{self, Held, ReadTx},
};
use crate::{
    error::{Outage, StoreError},
    host_versions::HostVersions,
};

/// How long a connection waits for another process that writes.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// How many statements a connection keeps prepared.
const KEPT_STATEMENTS: usize = 256;

/// What every connection is told. WAL lets readers go on while the writer writes; FULL syncs it with every
/// commit, so that what was acknowledged survives a power cut. The cache is in KiB and counts per connection.
const SETTINGS: &str = "
    pragma journal_mode = wal;
    pragma synchronous = full;
    pragma foreign_keys = on;
    pragma trusted_schema = off;
    pragma temp_store = memory;
    pragma cache_size = -8192;
    pragma journal_size_limit = 67108864;
";

/// A database file with its writer and its readers.
pub(crate) struct Sqlite {
    path: PathBuf,
    readers: Vec<Connection>,
    turn: AtomicUsize,
    writer: Writer,
    pub(crate) versions: Arc<HostVersions>,
}

impl Sqlite {
    /// Opens the file, which is made, for its owner alone, where there is none.
    pub fn open(path: &Path) -> Result<Sqlite, StoreError> {
        create(path).map_err(|error| StoreError::Invalid {
            what: format!("the database file {} cannot be opened", path.display()),
            cause: Some(Arc::new(error)),
        })?;
        // other processes may write to the file, such as the command line: what they do is found out by looking
        let versions = Arc::new(HostVersions::new(true));
        let writer = Writer::start(Connection::open(path)?, versions.clone())?;
        let count = thread::available_parallelism()
            .map_or(2, NonZero::get)
            .max(2);
        let readers = (0..count)
            .map(|_| Connection::open_reader(path))
            .collect::<Result<_, _>>()?;
        Ok(Sqlite {
            path: path.to_owned(),
            readers,
            turn: AtomicUsize::new(0),
            writer,
            versions,
        })
    }

    /// A reader, each in its turn. It is locked for one statement at a time, so nobody waits for a slow caller.
    pub fn read(&self) -> ReadTx<'_> {
        let turn = self.turn.fetch_add(1, Ordering::Relaxed);
        let reader = &self.readers[turn % self.readers.len()];
        ReadTx::new(transaction::Connection::Sqlite(Held::Shared(reader)))
    }

    /// A connection of its own, inside a transaction that sees one state of the database.
    pub fn snapshot(&self) -> Result<ReadTx<'static>, StoreError> {
        let connection = Connection::open_reader(&self.path)?;
        connection.batch("begin")?;
        Ok(ReadTx::new(transaction::Connection::Sqlite(Held::Own(
            Box::new(connection),
        ))))
    }

    /// Writes wait until it is done, readers go on.
    pub async fn rewrite(&self) -> Result<(), StoreError> {
        let (path, gate) = (self.path.clone(), self.writer.gate());
        let rewritten = tokio::task::spawn_blocking(move || {
            let _closed = gate.lock().unwrap_or_else(PoisonError::into_inner);
            rewrite(&path)
        });
        rewritten.await.map_err(StoreError::invalid)?
    }

    pub async fn write<C: Command>(&self, command: C) -> Result<C::Output, WriteError<C::Refusal>> {
        self.writer.write(command).await
    }
}

/// Writes the file anew and empties its journal: what is not in use there may hold rows that were deleted. By a
/// connection of its own, which keeps what it sorts in a file rather than in memory.
fn rewrite(path: &Path) -> Result<(), StoreError> {
    let connection = rusqlite::Connection::open(path)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.execute_batch("vacuum")?;
    let is_busy: bool =
        connection.query_row("pragma wal_checkpoint(truncate)", [], |row| row.get(0))?;
    if is_busy {
        return Err(StoreError::unavailable(Outage::Contention));
    }
    Ok(())
}

/// SQLite would make the file readable for everyone; its journals take over the file's mode.
fn create(path: &Path) -> io::Result<()> {
    let mut options = fs::OpenOptions::new();
    options.read(true).append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop)
}

/// One connection. No method waits for anything but the file, and none is held across an `await`.
pub(super) struct Connection {
    prepared: Mutex<Prepared>,
}

struct Prepared {
    connection: rusqlite::Connection,
    texts: Texts,
}

impl Connection {
    fn open(path: &Path) -> Result<Connection, StoreError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = rusqlite::Connection::open_with_flags(path, flags)?;
        connection.busy_timeout(BUSY_TIMEOUT)?;
        connection.set_prepared_statement_cache_capacity(KEPT_STATEMENTS);
        connection.execute_batch(SETTINGS)?;
        let texts = Texts::default();
        Ok(Connection {
            prepared: Mutex::new(Prepared { connection, texts }),
        })
    }

    fn open_reader(path: &Path) -> Result<Connection, StoreError> {
        let reader = Connection::open(path)?;
        reader.batch("pragma query_only = on")?;
        Ok(reader)
    }

    /// A panic between two statements leaves the connection as it was, so a poisoned lock means nothing here.
    fn lock(&self) -> MutexGuard<'_, Prepared> {
        self.prepared.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn rows<T>(
        &self,
        sql: &'static str,
        args: &[&dyn Param],
        mut read: impl FnMut(&Row<'_>) -> Result<T, StoreError>,
    ) -> Result<Vec<T>, StoreError> {
        let mut prepared = self.lock();
        let mut statement = prepared.statement(sql)?;
        bind(&mut statement, args)?;
        let mut rows = statement.raw_query();
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            found.push(read(&Row::sqlite(row, sql))?);
        }
        Ok(found)
    }

    pub fn execute(&self, sql: &'static str, args: &[&dyn Param]) -> Result<u64, StoreError> {
        let mut prepared = self.lock();
        let mut statement = prepared.statement(sql)?;
        bind(&mut statement, args)?;
        Ok(statement.raw_execute()? as u64)
    }

    pub fn execute_each(
        &self,
        sql: &'static str,
        rows: &[Vec<&dyn Param>],
    ) -> Result<u64, StoreError> {
        let mut prepared = self.lock();
        let mut statement = prepared.statement(sql)?;
        let mut touched = 0;
        for args in rows {
            bind(&mut statement, args)?;
            touched += statement.raw_execute()? as u64;
        }
        Ok(touched)
    }

    pub fn batch(&self, sql: &str) -> Result<(), StoreError> {
        Ok(self.lock().connection.execute_batch(sql)?)
    }

    /// Whether a transaction is open. It is not any more after SQLite rolled it back by itself.
    pub fn in_transaction(&self) -> bool {
        !self.lock().connection.is_autocommit()
    }
}

impl Prepared {
    fn statement(&mut self, sql: &'static str) -> rusqlite::Result<CachedStatement<'_>> {
        self.connection.prepare_cached(self.texts.rewritten(sql))
    }
}

/// A parameter that is left out would be NULL without a word.
fn bind(statement: &mut CachedStatement<'_>, args: &[&dyn Param]) -> Result<(), StoreError> {
    let expected = statement.parameter_count();
    if expected != args.len() {
        return Err(StoreError::invalid(format_args!(
            "{} arguments for {expected} placeholders",
            args.len()
        )));
    }
    for (index, &value) in args.iter().enumerate() {
        let value: &dyn rusqlite::ToSql = value;
        statement.raw_bind_parameter(index + 1, value)?;
    }
    Ok(())
}

/// Statements with `?1` for `$1`: SQLite takes `$1` for a name, numbered by where it comes first.
///
/// They are found by where their text lies in memory, which costs less than to read it.
#[derive(Default)]
struct Texts(HashMap<(usize, usize), String>);

impl Texts {
    fn rewritten(&mut self, sql: &'static str) -> &str {
        let place = (sql.as_ptr().addr(), sql.len());
        self.0.entry(place).or_insert_with(|| sql.replace('$', "?"))
    }
}
