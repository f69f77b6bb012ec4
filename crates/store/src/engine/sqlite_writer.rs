//! The one thread that writes to an SQLite file, and group commit: commands that wait at the same time share a
//! transaction, a savepoint each, and one sync of the disk.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Mutex, PoisonError},
    thread::{self, JoinHandle},
};

use futures_util::FutureExt;
use tokio::sync::{
    mpsc::{self, error::TrySendError},
    oneshot,
};

use super::{
    Command, WriteError,
    failure::{panicked, went_on_after_a_failure},
    sqlite::Connection,
    transaction::{self, Held, WriteTx},
};
use crate::{
    error::{Outage, StoreError, chain},
    host_versions::{HostVersions, Moved},
};

/// How many commands may wait. Whoever comes then is told to come again, before everybody's wait grows.
const QUEUE: usize = 1024;

/// How many commands share a commit.
const BATCH: usize = 256;

/// The writer. Dropping it finishes what was accepted.
pub(super) struct Writer {
    queue: Option<mpsc::Sender<Box<dyn Job>>>,
    thread: Option<JoinHandle<()>>,
    gate: Gate,
}

/// Held while a group of commands is written: whoever else holds it has the file to themselves.
pub(super) type Gate = Arc<Mutex<()>>;

impl Writer {
    pub fn start(
        connection: Connection,
        versions: Arc<HostVersions>,
    ) -> Result<Writer, StoreError> {
        let (queue, waiting) = mpsc::channel(QUEUE);
        let gate = Gate::default();
        let open = gate.clone();
        let thread = thread::Builder::new()
            .name("sqlite-writer".to_owned())
            .spawn(move || write_batches(&connection, waiting, &versions, &open))
            .map_err(|error| StoreError::Invalid {
                what: "the thread that writes cannot be started".to_owned(),
                cause: Some(Arc::new(error)),
            })?;
        Ok(Writer {
            queue: Some(queue),
            thread: Some(thread),
            gate,
        })
    }

    pub fn gate(&self) -> Gate {
        self.gate.clone()
    }

    pub async fn write<C: Command>(&self, command: C) -> Result<C::Output, WriteError<C::Refusal>> {
        let closed = || StoreError::unavailable(Outage::ShuttingDown);
        let (reply, answer) = oneshot::channel();
        let job = Box::new(Accepted {
            command,
            result: None,
            moved: Vec::new(),
            reply,
        });
        let queue = self.queue.as_ref().ok_or_else(closed)?;
        queue.try_send(job).map_err(|error| match error {
            TrySendError::Full(_) => StoreError::unavailable(Outage::QueueFull),
            TrySendError::Closed(_) => closed(),
        })?;
        answer
            .await
            .unwrap_or_else(|_: oneshot::error::RecvError| Err(closed().into()))
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        // Without a sender the thread ends once the queue is empty.
        self.queue = None;
        if let Some(thread) = self
            .thread
            .take()
            .filter(|thread| thread.thread().id() != thread::current().id())
            && thread.join().is_err()
        {
            tracing::error!("the thread that writes to the database panicked");
        }
    }
}

fn write_batches(
    connection: &Connection,
    mut waiting: mpsc::Receiver<Box<dyn Job>>,
    versions: &HostVersions,
    gate: &Gate,
) {
    let mut batch = Vec::with_capacity(BATCH);
    // While one batch is being synced, the next one gathers.
    while waiting.blocking_recv_many(&mut batch, BATCH) > 0 {
        let open = gate.lock().unwrap_or_else(PoisonError::into_inner);
        let committed = commit(connection, &mut batch);
        if let Err(error) = &committed {
            tracing::error!(
                error = chain(error),
                commands = batch.len(),
                "a group of writes was not committed"
            );
            roll_back(connection);
        }
        drop(open);
        if committed.is_ok() {
            for moved in batch.iter().flat_map(|job| job.moved()) {
                versions.moved(moved);
            }
        }
        for job in batch.drain(..) {
            job.answer(committed.clone());
        }
    }
}

/// Runs the commands and commits those that succeeded. After an error none of them is: also a refusal then
/// rests on what the others wrote.
fn commit(connection: &Connection, batch: &mut [Box<dyn Job>]) -> Result<(), StoreError> {
    connection.execute("begin immediate", &[])?;
    for job in batch {
        connection.execute("savepoint command", &[])?;
        let keep = job.run(connection);
        if !connection.in_transaction() {
            // SQLite gave the whole transaction up: the disk is full or failed.
            return Err(job
                .failure()
                .unwrap_or_else(|| StoreError::unavailable(Outage::Storage)));
        }
        if !keep {
            connection.execute("rollback to command", &[])?;
        }
        connection.execute("release command", &[])?;
    }
    connection.execute("commit", &[])?;
    Ok(())
}

fn roll_back(connection: &Connection) {
    if connection.in_transaction()
        && let Err(error) = connection.execute("rollback", &[])
    {
        tracing::error!(
            error = chain(&error),
            "a group of writes could not be rolled back"
        );
    }
}

/// A command that was accepted, whatever its type.
trait Job: Send {
    /// Runs it and tells whether to keep what it wrote.
    fn run(&mut self, connection: &Connection) -> bool;

    /// The hosts whose versions it moved, if what it wrote was kept.
    fn moved(&self) -> &[Moved];

    /// How the store failed it.
    fn failure(&self) -> Option<StoreError>;

    /// Answers the caller, once it is known whether the batch was committed.
    fn answer(self: Box<Self>, committed: Result<(), StoreError>);
}

type CommandResult<C> = Result<<C as Command>::Output, WriteError<<C as Command>::Refusal>>;

struct Accepted<C: Command> {
    command: C,
    result: Option<CommandResult<C>>,
    moved: Vec<Moved>,
    reply: oneshot::Sender<CommandResult<C>>,
}

impl<C: Command> Job for Accepted<C> {
    fn run(&mut self, connection: &Connection) -> bool {
        let tx = WriteTx::new(transaction::Connection::Sqlite(Held::Shared(connection)));
        let run = catch_unwind(AssertUnwindSafe(|| self.command.run(&tx).now_or_never()));
        let result = match run {
            Ok(Some(Ok(_))) if tx.failure().is_some() => Err(went_on_after_a_failure().into()),
            Ok(Some(result)) => result,
            Ok(None) => Err(StoreError::invalid(
                "a command waited for something else than the database",
            )
            .into()),
            Err(panic) => Err(panicked(&*panic).into()),
        };
        if result.is_ok() {
            self.moved = tx.moved();
        }
        self.result.insert(result).is_ok()
    }

    fn moved(&self) -> &[Moved] {
        &self.moved
    }

    fn failure(&self) -> Option<StoreError> {
        match &self.result {
            Some(Err(WriteError::Failed(error))) => Some(error.clone()),
            _ => None,
        }
    }

    fn answer(self: Box<Self>, committed: Result<(), StoreError>) {
        let not_run = || Err(StoreError::unavailable(Outage::Storage).into());
        let answer = match committed {
            Ok(()) => self.result.unwrap_or_else(not_run),
            Err(error) => Err(error.into()),
        };
        // The caller may have gone; what it asked for is done all the same.
        self.reply.send(answer).ok();
    }
}
