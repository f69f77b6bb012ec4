//! Raw inserts into SQLite: one thread writes, as in the server.

use super::{BATCH, Counter, Inserted, Plan, Values, Waiting, call, statements};
use crate::{Failure, database::Database, fill::Meeting};
use rusqlite::{CachedStatement, Connection, ToSql};
use std::thread;
use tokio::{runtime::Builder, sync::mpsc};

/// As durable as the server's connection.
const SETTINGS: &str =
    "pragma journal_mode = wal; pragma synchronous = full; pragma cache_size = -8192;
  pragma temp_store = memory; pragma journal_size_limit = 67108864;";

/// Whoever waits shares a transaction.
pub fn in_batches(
    database: &Database,
    meeting: &Meeting,
    plan: Plan,
    counter: &mut Counter,
) -> Result<Inserted, Failure> {
    let connection = Connection::open(database.file())?;
    connection.execute_batch(SETTINGS)?;
    let statements = statements(meeting)?.map(|sql| sql.replace('$', "?"));
    let (queue, waiting) = mpsc::channel(BATCH);
    let writer = thread::spawn(move || write(&connection, &statements, waiting));
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let inserted = runtime.block_on(call(plan, counter, queue));
    match writer.join() {
        Ok(written) => written?,
        Err(_) => return Err("the thread that writes panicked".into()),
    }
    Ok(inserted)
}

fn write(
    connection: &Connection,
    statements: &[String; 4],
    mut waiting: mpsc::Receiver<Waiting>,
) -> Result<(), rusqlite::Error> {
    let mut batch = Vec::with_capacity(BATCH);
    let prepared = statements
        .each_ref()
        .map(|sql| connection.prepare_cached(sql));
    let [event, host, busy, invitee] = prepared;
    let mut prepared = [event?, host?, busy?, invitee?];
    while waiting.blocking_recv_many(&mut batch, BATCH) > 0 {
        connection.execute_batch("begin immediate")?;
        for waiting in &batch {
            insert(&mut prepared, waiting.values)?;
        }
        connection.execute_batch("commit")?;
        for waiting in batch.drain(..) {
            waiting.done.send(()).ok();
        }
    }
    Ok(())
}

fn insert(prepared: &mut [CachedStatement<'_>; 4], values: Values) -> Result<(), rusqlite::Error> {
    const MICROSECONDS: i64 = 1_000_000;
    let (start, end) = (values.start * MICROSECONDS, values.end * MICROSECONDS);
    let all: [&dyn ToSql; 4] = [&values.event, &values.host, &start, &end];
    let [event, host, busy, invitee] = prepared;
    event.execute(all)?;
    host.execute(&all[..3])?;
    busy.execute(all)?;
    invitee.execute([&values.event, &values.invitee])?;
    Ok(())
}
