//! When a connection was lost: those that were made before are not used again.
//!
//! One that broke, or led to a server that takes no writes any more, is seldom the only one. The others would each have
//! to fail somebody before they are noticed. What is known of hosts counts no more either: the server that comes next may
//! have lost what this one committed last.

use std::{sync::Arc, time::Instant};

use deadpool_postgres::{Hook, HookError};
use tokio::sync::watch;

use super::postgres_servers::Servers;
use crate::{
    error::{Outage, StoreError},
    host_versions::HostVersions,
};

/// When the last one was lost.
pub(super) struct Losses {
    last: watch::Sender<Option<Instant>>,
    versions: Arc<HostVersions>,
}

impl Losses {
    pub fn new(versions: Arc<HostVersions>) -> Losses {
        Losses {
            last: watch::Sender::new(None),
            versions,
        }
    }

    /// Notes that one was lost now.
    pub fn note(&self) {
        self.versions.is_deaf();
        self.last.send_replace(Some(Instant::now()));
    }

    /// Those from now on.
    pub fn coming(&self) -> Coming {
        Coming(self.last.subscribe())
    }

    /// Whether one was lost since then.
    pub fn came_after(&self, made: Instant) -> bool {
        self.last.borrow().is_some_and(|last| made <= last)
    }
}

/// Those that are to come.
pub(super) struct Coming(watch::Receiver<Option<Instant>>);

impl Coming {
    /// Waits for one.
    pub async fn next(&mut self) -> StoreError {
        // an error says that nobody is there any more who could lose one
        self.0.changed().await.ok();
        StoreError::unavailable(Outage::ConnectionLost)
    }
}

/// Keeps the pool from handing out again what was made before the last loss.
pub(super) fn hook(servers: Arc<Servers>) -> Hook {
    Hook::sync_fn(move |_, metrics| {
        if servers.losses.came_after(metrics.created) {
            return Err(HookError::message("made before a connection was lost"));
        }
        Ok(())
    })
}
