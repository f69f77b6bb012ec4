//! Group commit on PostgreSQL: commands that wait at the same time and may share a transaction do. Their statements go
//! out together, so many of them take as many round trips as one, and one sync of the server's disk.
//!
//! All their hosts are locked first, in order. A command that fails, or that refuses after it wrote, takes the others
//! with it: then each is run again by itself.

use std::{collections::BTreeSet, panic::AssertUnwindSafe, sync::Arc};

use deadpool_postgres::PoolError;
use domain::id::{OrganizationId, UserId};
use futures_util::{
    FutureExt,
    future::{BoxFuture, join, try_join_all},
};
use tokio::sync::{Mutex, mpsc, oneshot};

use super::{
    Command, Postgres, Sharing, WriteError,
    host_turns::HostTurns,
    postgres_session::Session,
    postgres_write::{InDoubt, roll_back},
    shared_transaction::LockedHosts,
    transaction::{Connection, Held, WriteTx},
};
use crate::{
    error::{Outage, StoreError, chain},
    host_versions::Moved,
    hosts,
};

/// How many commands may wait. Whoever comes then is told to come again, before everybody's wait grows.
const QUEUE: usize = 1024;

/// How many commands share a commit.
const BATCH: usize = 64;

/// How many transactions run at once: while one is being synced, the next one is decided.
const WRITERS: usize = 2;

/// Where commands wait.
pub(super) struct Batches(mpsc::Sender<Box<dyn Job>>);

impl Batches {
    fn start(database: &Postgres) -> Batches {
        let (queue, waiting) = mpsc::channel(QUEUE);
        let waiting = Arc::new(Mutex::new(waiting));
        for _ in 0..WRITERS {
            // without the queue itself, so that the writers end when nobody can send any more
            let mut database = database.clone();
            database.batches = Arc::default();
            tokio::spawn(write_batches(database, waiting.clone()));
        }
        Batches(queue)
    }
}

type Waiting = Arc<Mutex<mpsc::Receiver<Box<dyn Job>>>>;

async fn write_batches(database: Postgres, waiting: Waiting) {
    let mut batch = Vec::with_capacity(BATCH);
    loop {
        let received = waiting.lock().await.recv_many(&mut batch, BATCH).await;
        if received == 0 {
            return;
        }
        batch.retain(|job| !job.is_given_up());
        if !batch.is_empty() {
            database.write_batch(std::mem::take(&mut batch)).await;
        }
    }
}

impl Postgres {
    pub(super) async fn write_together<C: Command>(
        &self,
        command: C,
        sharing: Sharing,
    ) -> Result<C::Output, WriteError<C::Refusal>> {
        let closed = || StoreError::unavailable(Outage::ShuttingDown);
        let batches = self.batches.get_or_init(|| Batches::start(self));
        let (reply, answer) = oneshot::channel();
        let job = Box::new(Accepted {
            command,
            sharing,
            result: None,
            reply,
        });
        batches.0.try_send(job).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => StoreError::unavailable(Outage::QueueFull),
            mpsc::error::TrySendError::Closed(_) => closed(),
        })?;
        answer
            .await
            .unwrap_or_else(|_: oneshot::error::RecvError| Err(closed().into()))
    }

    async fn write_batch(&self, mut batch: Vec<Box<dyn Job>>) {
        let fate = self.commit_batch(&mut batch).await;
        for job in batch {
            match &fate {
                Fate::Committed => job.answer(),
                Fate::Alone => job.run_alone(self.clone(), None),
                Fate::Failed(error) => job.fail(error.clone()),
                Fate::InDoubt(moved) => job.run_alone(self.clone(), Some(moved.clone())),
            }
        }
    }

    async fn commit_batch(&self, batch: &mut [Box<dyn Job>]) -> Fate {
        let _turn = match self.turns.take().await {
            Ok(turn) => turn,
            Err(error) => return Fate::Failed(error),
        };
        let session = match self.session().await {
            Ok(session) => session,
            // whoever waited that long has waited long enough
            Err(error @ PoolError::Timeout(_)) => return Fate::Failed(error.into()),
            Err(_lost) => return Fate::Alone,
        };
        match self.run_batch(&session, batch).await {
            Ok(fate) => fate,
            Err(error) => {
                tracing::debug!(
                    error = chain(&error),
                    commands = batch.len(),
                    "commands do not share a transaction"
                );
                roll_back(&session).await;
                Fate::Alone
            }
        }
    }

    async fn run_batch(
        &self,
        session: &Session,
        batch: &mut [Box<dyn Job>],
    ) -> Result<Fate, StoreError> {
        // both are sent at once: `begin` is polled first, so it comes first
        let hosts = hosts_of(batch);
        let (begun, locked) = join(session.begin("begin"), lock_all(session, hosts)).await;
        begun?;
        let locked = locked?;
        let turns = HostTurns::of(&locked);
        let runs = batch.iter_mut().map(|job| async {
            let sharing = job.sharing().clone();
            let turn = turns.take(&sharing).await;
            let tx = WriteTx::shared(connection(session), (&locked, &sharing), turn);
            job.run(&tx).await
        });
        let kept = try_join_all(runs).await?;
        if !kept.contains(&true) {
            roll_back(session).await;
            return Ok(Fate::Committed);
        }
        let moved: Vec<Moved> = locked.into_values().collect();
        match session.commit().await {
            Ok(()) => {
                self.moved(&moved);
                Ok(Fate::Committed)
            }
            Err(error) if error.is_surely_rolled_back() => Err(error.into()),
            Err(_unknown) => Ok(Fate::InDoubt(moved)),
        }
    }
}

/// What became of a batch.
enum Fate {
    /// What its commands wrote is there, if they wrote anything.
    Committed,
    /// Nothing of it is there; each is to be tried by itself.
    Alone,
    /// Nothing of it is there, and trying again would not help.
    Failed(StoreError),
    /// The connection broke on the commit.
    InDoubt(Vec<Moved>),
}

fn connection(session: &Session) -> Connection<'_> {
    Connection::Postgres(Held::Shared(session))
}

/// All hosts of all commands.
fn hosts_of(batch: &[Box<dyn Job>]) -> BTreeSet<(OrganizationId, UserId)> {
    let sharing = batch.iter().map(|job| job.sharing());
    let hosts = sharing.flat_map(|sharing| {
        let hosts = sharing.hosts.iter();
        hosts.map(|host| (sharing.organization, *host))
    });
    hosts.collect()
}

/// Locks the time of hosts, in the order of their ids.
async fn lock_all(
    session: &Session,
    hosts: BTreeSet<(OrganizationId, UserId)>,
) -> Result<LockedHosts, StoreError> {
    let tx = WriteTx::new(connection(session));
    let bumps = hosts
        .iter()
        .map(|(organization, host)| hosts::bump(&tx, *organization, *host));
    let moved = try_join_all(bumps).await?.into_iter();
    Ok(moved
        .map(|moved| ((moved.organization, moved.host), moved))
        .collect())
}

/// A command that was accepted, whatever its type.
trait Job: Send {
    fn sharing(&self) -> &Sharing;

    /// Whether nobody waits for its answer any more.
    fn is_given_up(&self) -> bool;

    /// Runs it and tells whether it wrote anything. An error is one of the whole transaction.
    fn run<'a>(&'a mut self, tx: &'a WriteTx<'_>) -> BoxFuture<'a, Result<bool, StoreError>>;

    /// Answers the caller with what came of it.
    fn answer(self: Box<Self>);

    /// Answers the caller with why nothing could come of it.
    fn fail(self: Box<Self>, error: StoreError);

    /// Runs it in a transaction of its own; given is what moved if it may have been committed already.
    fn run_alone(self: Box<Self>, database: Postgres, in_doubt: Option<Vec<Moved>>);
}

type CommandResult<C> = Result<<C as Command>::Output, WriteError<<C as Command>::Refusal>>;

struct Accepted<C: Command> {
    command: C,
    sharing: Sharing,
    result: Option<CommandResult<C>>,
    reply: oneshot::Sender<CommandResult<C>>,
}

impl<C: Command> Job for Accepted<C> {
    fn sharing(&self) -> &Sharing {
        &self.sharing
    }

    fn is_given_up(&self) -> bool {
        self.reply.is_closed()
    }

    fn run<'a>(&'a mut self, tx: &'a WriteTx<'_>) -> BoxFuture<'a, Result<bool, StoreError>> {
        let alone = || StoreError::unavailable(Outage::Contention);
        Box::pin(async move {
            // whoever panics does so alone
            let run = AssertUnwindSafe(self.command.run(tx)).catch_unwind().await;
            let result = run.map_err(|_panic: Box<dyn std::any::Any + Send>| alone())?;
            if tx.failure().is_some() {
                return Err(alone());
            }
            let has_written = tx.has_written();
            match &result {
                Err(WriteError::Failed(error)) => return Err(error.clone()),
                Err(WriteError::Refused(_)) if has_written => return Err(alone()),
                _ => {}
            }
            self.result = Some(result);
            Ok(has_written)
        })
    }

    fn answer(self: Box<Self>) {
        let not_run = || Err(StoreError::unavailable(Outage::Contention).into());
        // the caller may have gone; what it asked for is done all the same
        self.reply.send(self.result.unwrap_or_else(not_run)).ok();
    }

    fn fail(self: Box<Self>, error: StoreError) {
        self.reply.send(Err(error.into())).ok();
    }

    fn run_alone(self: Box<Self>, database: Postgres, in_doubt: Option<Vec<Moved>>) {
        let Accepted {
            command,
            result,
            reply,
            ..
        } = *self;
        let output = result.and_then(Result::ok);
        let in_doubt = in_doubt
            .zip(output)
            .map(|(moved, output)| InDoubt { output, moved });
        tokio::spawn(async move {
            let turn = database.turns.wait().await;
            if in_doubt.is_none() && reply.is_closed() {
                return;
            }
            let result = database.run(&command, in_doubt).await;
            drop(turn);
            reply.send(result).ok();
        });
    }
}
