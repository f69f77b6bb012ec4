//! Turns to write on PostgreSQL: a flood of writes leaves connections of the pool to those who read.

use std::{sync::Arc, time::Duration};

use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::timeout,
};

use crate::error::{Outage, StoreError};

/// How long to wait for a turn. Whoever waits has not begun.
const PATIENCE: Duration = Duration::from_secs(5);

/// One for each connection that writes may take.
#[derive(Clone)]
pub(super) struct Turns(Arc<Semaphore>);

/// Taken until it is dropped.
pub(super) struct Turn {
    _permit: OwnedSemaphorePermit,
}

impl Turns {
    /// For all of so many connections but a quarter, and for one at least.
    pub fn of(connections: usize) -> Turns {
        let kept_for_reads = connections.div_ceil(4);
        let turns = connections.saturating_sub(kept_for_reads).max(1);
        Turns(Arc::new(Semaphore::new(turns)))
    }

    /// Waits for a turn. They are given in the order in which they were asked for.
    pub async fn take(&self) -> Result<Turn, StoreError> {
        match timeout(PATIENCE, self.0.clone().acquire_owned()).await {
            Ok(Ok(permit)) => Ok(Turn { _permit: permit }),
            Ok(Err(_closed)) => Err(StoreError::unavailable(Outage::ShuttingDown)),
            Err(_elapsed) => Err(StoreError::unavailable(Outage::QueueFull)),
        }
    }

    /// The same for who has begun already, and waits for as long as it takes.
    pub async fn wait(&self) -> Option<Turn> {
        let permit = self.0.clone().acquire_owned().await;
        permit.ok().map(|permit| Turn { _permit: permit })
    }
}
