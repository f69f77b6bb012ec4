//! When a connection was lost: those that were made before are not used again.
//!
//! One that broke, or led to a server that takes no writes any more, is seldom the only one. The others would each have
//! to fail somebody before they are noticed.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Instant,
};

use deadpool_postgres::{Hook, HookError};

use super::postgres_servers::Servers;

/// When the last one was lost.
#[derive(Default)]
pub(super) struct Losses(Mutex<Option<Instant>>);

impl Losses {
    /// Notes that one was lost now.
    pub fn note(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
    }

    /// Whether one was lost since then.
    pub fn came_after(&self, made: Instant) -> bool {
        let last = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        last.is_some_and(|last| made <= last)
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
