//! Writes on PostgreSQL: one transaction a command, run again after a deadlock, a serialization failure or a
//! lost connection, and the question what became of a commit on which the connection broke.

use std::{sync::Arc, time::Duration};

use deadpool_postgres::PoolError;
use futures_util::future::join;

use super::{
    Command, Postgres, WriteError,
    failure::{panicked, went_on_after_a_failure},
    postgres_session::Session,
    transaction::{Connection, Failure, Held, WriteTx},
};
use crate::{
    error::{Outage, StoreError, chain},
    host_versions::Moved,
};

/// How often a command is run again.
const RETRIES: u32 = 5;

/// The pause before the first of them; each further one is twice as long.
const FIRST_PAUSE: Duration = Duration::from_millis(20);

impl Postgres {
    /// Runs in a task of its own, so that a command that was begun is finished also when its caller has gone.
    pub async fn write<C: Command>(&self, command: C) -> Result<C::Output, WriteError<C::Refusal>> {
        if let Some(sharing) = command.shares() {
            return self.write_together(command, sharing).await;
        }
        let (database, turn) = (self.clone(), self.turns.take().await?);
        let task = tokio::spawn(async move {
            let result = database.run(&command, None).await;
            drop(turn);
            result
        });
        task.await.unwrap_or_else(|error| {
            Err(match error.try_into_panic() {
                Ok(panic) => panicked(&*panic),
                Err(_canceled) => StoreError::unavailable(Outage::ShuttingDown),
            }
            .into())
        })
    }

    /// Runs a command until it is known what became of it; also of one whose commit is in doubt already.
    pub(super) async fn run<C: Command>(
        &self,
        command: &C,
        mut in_doubt: Option<InDoubt<C>>,
    ) -> Result<C::Output, WriteError<C::Refusal>> {
        let mut failure = StoreError::unavailable(Outage::ConnectionLost);
        for attempt in 0..=RETRIES {
            if attempt > 0 {
                tracing::warn!(error = chain(&failure), attempt, "a write is run again");
                tokio::time::sleep(FIRST_PAUSE * (1 << (attempt - 1))).await;
            }
            if in_doubt.is_some() {
                match self.is_done(command).await {
                    Ok(true) => {
                        let done = in_doubt.map(|doubtful| self.done(doubtful));
                        return done.ok_or_else(|| failure.into());
                    }
                    Ok(false) => {}
                    // Not to be run again before the question is answered.
                    Err(error) if error.is_transient() => continue,
                    Err(error) => return Err(unknown_outcome(error).into()),
                }
            }
            match self.attempt(command).await {
                Attempt::Committed(output) => return Ok(output),
                Attempt::RolledBack(error) => failure = error,
                Attempt::InDoubt(doubtful, error) => (in_doubt, failure) = (Some(doubtful), error),
                Attempt::Ended(error) => return self.settle(command, in_doubt, error).await,
            }
        }
        Err(match in_doubt {
            None => failure,
            Some(_) => unknown_outcome(failure),
        }
        .into())
    }

    /// A run that ended in a refusal or a conflict. Where an earlier one is in doubt it may have met the
    /// earlier one's own rows, committed in the meantime.
    async fn settle<C: Command>(
        &self,
        command: &C,
        in_doubt: Option<InDoubt<C>>,
        error: WriteError<C::Refusal>,
    ) -> Result<C::Output, WriteError<C::Refusal>> {
        let Some(doubtful) = in_doubt else {
            return Err(error);
        };
        match (self.is_done(command).await, error) {
            (Ok(true), _) => Ok(self.done(doubtful)),
            (Err(error), _) => Err(unknown_outcome(error).into()),
            // it did not run again, so it is as much in doubt as before
            (Ok(false), WriteError::Failed(error @ StoreError::Unavailable { .. })) => {
                Err(unknown_outcome(error).into())
            }
            (Ok(false), error) => Err(error),
        }
    }

    /// The output of a commit that was found to be one.
    fn done<C: Command>(&self, doubtful: InDoubt<C>) -> C::Output {
        self.moved(&doubtful.moved);
        doubtful.output
    }

    async fn is_done<C: Command>(&self, command: &C) -> Result<bool, StoreError> {
        let tx = self.read().await?;
        command.is_done(&tx).await
    }

    async fn attempt<C: Command>(&self, command: &C) -> Attempt<C> {
        let session = match self.session().await {
            Ok(session) => session,
            // whoever waited that long has waited long enough
            Err(error @ PoolError::Timeout(_)) => {
                return Attempt::Ended(StoreError::from(error).into());
            }
            Err(error) => return Attempt::failed(StoreError::from(error)),
        };
        let tx = WriteTx::new(Connection::Postgres(Held::Shared(&session)));
        // Both are sent at once: `begin` is polled first, so it comes first.
        let (begun, result) = join(session.begin("begin"), command.run(&tx)).await;
        if let Err(error) = begun {
            return Attempt::failed(error);
        }
        let output = match (result, tx.failure()) {
            (Ok(output), None) => output,
            (result, failure) => {
                roll_back(&session).await;
                return Attempt::not_to_be_committed(result, failure);
            }
        };
        let moved = tx.moved();
        match session.commit().await {
            Ok(()) => {
                self.moved(&moved);
                Attempt::Committed(output)
            }
            Err(error) if error.is_surely_rolled_back() => Attempt::failed(error.into()),
            Err(error) => Attempt::InDoubt(InDoubt { output, moved }, error.into()),
        }
    }
}

pub(super) async fn roll_back(session: &Session) {
    if let Err(error) = session.roll_back().await {
        // The server rolls back by itself what a lost connection has left.
        let error = StoreError::from(error);
        tracing::debug!(
            error = chain(&error),
            "a transaction could not be rolled back"
        );
    }
}

fn unknown_outcome(error: StoreError) -> StoreError {
    StoreError::Unavailable {
        outage: Outage::OutcomeUnknown,
        cause: Some(Arc::new(error)),
    }
}

/// What holds if a commit of unknown outcome was one.
pub(super) struct InDoubt<C: Command> {
    pub output: C::Output,
    pub moved: Vec<Moved>,
}

/// How one run of a command ended.
enum Attempt<C: Command> {
    Committed(C::Output),
    /// Nothing was written; it may be run again.
    RolledBack(StoreError),
    /// The connection broke on the commit.
    InDoubt(InDoubt<C>, StoreError),
    /// Nothing was written, and running it again would not help.
    Ended(WriteError<C::Refusal>),
}

impl<C: Command> Attempt<C> {
    fn failed(error: StoreError) -> Attempt<C> {
        if error.is_transient() {
            Attempt::RolledBack(error)
        } else {
            Attempt::Ended(error.into())
        }
    }

    /// The statements' failures count for more than what the command made of them.
    fn not_to_be_committed(
        result: Result<C::Output, WriteError<C::Refusal>>,
        failure: Option<Failure>,
    ) -> Attempt<C> {
        match (result, failure) {
            (Err(WriteError::Failed(error)), Some(Failure::Transient)) => {
                Attempt::RolledBack(error)
            }
            (_, Some(Failure::Transient)) => {
                Attempt::RolledBack(StoreError::unavailable(Outage::Contention))
            }
            (Err(error), _) => Attempt::Ended(error),
            (Ok(_), _) => Attempt::Ended(went_on_after_a_failure().into()),
        }
    }
}
