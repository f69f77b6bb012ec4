//! Whose turn it is among the commands of a shared transaction that are about the same host.
//!
//! PostgreSQL carries out the statements of one connection in the order in which they were sent. So a command's turn is
//! over once its last statements were sent, before they are answered: whatever the next one reads comes after them.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use domain::id::{OrganizationId, UserId};
use tokio::sync::OwnedMutexGuard;

use super::{Sharing, shared_transaction::LockedHosts};

/// The turns of each host.
pub(super) struct HostTurns(HashMap<(OrganizationId, UserId), Arc<tokio::sync::Mutex<()>>>);

impl HostTurns {
    pub fn of(locked: &LockedHosts) -> HostTurns {
        HostTurns(locked.keys().map(|host| (*host, Arc::default())).collect())
    }

    /// Waits for the turn with all hosts of a command, in their order.
    pub async fn take(&self, sharing: &Sharing) -> HostTurn {
        let mut taken = Vec::with_capacity(sharing.hosts.len());
        for host in &sharing.hosts {
            if let Some(turn) = self.0.get(&(sharing.organization, *host)) {
                taken.push(turn.clone().lock_owned().await);
            }
        }
        HostTurn(Mutex::new(taken))
    }
}

/// A command's turn with its hosts.
pub(super) struct HostTurn(Mutex<Vec<OwnedMutexGuard<()>>>);

impl HostTurn {
    /// Lets the next command go on.
    pub fn end(&self) {
        let mut taken = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        taken.clear();
    }
}
