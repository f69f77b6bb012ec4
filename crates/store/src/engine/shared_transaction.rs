//! A command's part of a transaction that several share: its hosts, which were locked before, and when it lets the next
//! one go on.

use std::{collections::BTreeMap, future::poll_fn, pin::pin, sync::atomic::Ordering};

use domain::id::{OrganizationId, UserId};

use super::{Sharing, WriteTx, host_turns::HostTurn, transaction::Connection};
use crate::{
    error::{Outage, StoreError},
    host_versions::Moved,
};

/// The hosts that were locked for all commands, those of them that this one has named, and its turn with these.
pub(super) struct Shared<'a> {
    locked: &'a LockedHosts,
    named: &'a Sharing,
    turn: HostTurn,
}

/// Hosts whose versions were moved in a transaction, before its commands run.
pub(super) type LockedHosts = BTreeMap<(OrganizationId, UserId), Moved>;

impl<'a> WriteTx<'a> {
    /// One command's part of a transaction that several share.
    pub(super) fn shared(
        connection: Connection<'a>,
        (locked, named): (&'a LockedHosts, &'a Sharing),
        turn: HostTurn,
    ) -> WriteTx<'a> {
        let mut tx = WriteTx::new(connection);
        tx.shared = Some(Shared {
            locked,
            named,
            turn,
        });
        tx
    }

    /// A host that was locked before the command began; nothing where the command locks its hosts by itself.
    pub(crate) fn locked_before(
        &self,
        organization: OrganizationId,
        host: UserId,
    ) -> Result<Option<Moved>, StoreError> {
        let Some(Shared { locked, named, .. }) = &self.shared else {
            return Ok(None);
        };
        let is_named = named.organization == organization && named.hosts.contains(&host);
        let found = locked.get(&(organization, host)).filter(|_| is_named);
        // another command of this transaction may decide about that host's time: it must run alone
        let unshared = || self.read.note(StoreError::unavailable(Outage::Contention));
        found.copied().map(Some).ok_or_else(unshared)
    }

    /// An error where others share the transaction.
    pub(crate) fn must_be_alone(&self) -> Result<(), StoreError> {
        match &self.shared {
            None => Ok(()),
            Some(_) => Err(self.read.note(StoreError::unavailable(Outage::Contention))),
        }
    }

    /// Runs the last statements of a command, all of which are begun when it is polled first.
    ///
    /// Where several commands share the transaction, the next one of the same hosts begins once these were sent, and
    /// sees what they write. A command that sends another one afterwards is run again, alone.
    pub async fn ending_with<T>(&self, statements: impl Future<Output = T>) -> T {
        let mut statements = pin!(statements);
        poll_fn(|context| {
            let answer = statements.as_mut().poll(context);
            self.end_turn();
            answer
        })
        .await
    }

    /// Runs a part of a command that does not end with it, whatever it says.
    pub async fn going_on_after<T>(&self, part: impl Future<Output = T>) -> T {
        self.goes_on.store(true, Ordering::Relaxed);
        let answer = part.await;
        self.goes_on.store(false, Ordering::Relaxed);
        answer
    }

    fn end_turn(&self) {
        let Some(shared) = &self.shared else {
            return;
        };
        if !self.goes_on.load(Ordering::Relaxed) && self.read.connection.has_sent_all() {
            self.read.is_over.store(true, Ordering::Relaxed);
            shared.turn.end();
        }
    }
}
