//! A server that says nothing, on a connection that is not lost: a statement may take its time, but whoever waits asks
//! now and then whether the server answers at all.
//!
//! A live server ends a statement that takes too long by itself, and a commit may have to wait for a standby. One that
//! hangs, or that can no longer be reached, would be waited for without end.

use std::time::Duration;

use deadpool_postgres::HookError;
use tokio::{sync::Mutex, time::Instant, time::timeout};
use tokio_postgres::{NoTls, Socket, error::Severity, tls::MakeTlsConnect};

use super::postgres::Link;
use crate::error::{Outage, StoreError};

/// So often the server is asked at most; then the connection is given up even though the server answers others.
pub(super) const PATIENCE: u32 = 30;

/// Why a statement has no result.
pub(super) enum Unanswered {
    /// The server or the connection failed.
    Failed(tokio_postgres::Error),
    /// There was no answer.
    Silent,
}

impl Unanswered {
    /// A server that goes on reports an error; one that closes the connection says FATAL, which it may also say when
    /// the commit is already on disk.
    pub fn is_surely_rolled_back(&self) -> bool {
        let Unanswered::Failed(error) = self else {
            return false;
        };
        let reported = error.as_db_error();
        reported.is_some_and(|reported| reported.parsed_severity() == Some(Severity::Error))
    }
}

impl From<Unanswered> for StoreError {
    fn from(unanswered: Unanswered) -> StoreError {
        match unanswered {
            Unanswered::Failed(error) => error.into(),
            Unanswered::Silent => StoreError::unavailable(Outage::ConnectionLost),
        }
    }
}

/// When the server was last asked and answered; whoever asks holds it.
pub(super) type Asked = Mutex<Option<Instant>>;

impl Link {
    /// After how long without an answer the server is asked whether it is there.
    pub fn silence(&self) -> Duration {
        self.servers.patience_with_each() * 2
    }

    /// Whether the server takes a new connection. The answer to one is the answer to all who ask at the same time.
    pub async fn is_there(&self) -> bool {
        let mut asked = self.servers.asked.lock().await;
        if asked.is_some_and(|last| last.elapsed() < self.silence()) {
            return true;
        }
        let is_there = match &self.tls {
            Some(tls) => self.answers(tls).await,
            None => self.answers(&NoTls).await,
        };
        *asked = is_there.then(Instant::now);
        is_there
    }

    async fn answers<T>(&self, tls: &T) -> bool
    where
        T: MakeTlsConnect<Socket> + Clone,
    {
        match timeout(self.servers.patience(), self.servers.connect(tls)).await {
            Ok(Ok(_connected)) => true,
            // one that has no room for another connection is there
            Ok(Err(error)) => error.as_db_error().is_some(),
            Err(_elapsed) => false,
        }
    }
}

/// Of a server that accepts a connection and then says nothing.
pub(super) fn says_nothing() -> HookError {
    HookError::message("the server does not answer")
}
