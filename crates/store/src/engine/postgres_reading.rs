//! Reads outside a transaction, on a connection that may have been lost while nobody used it.

use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::RwLock;

use super::{
    Postgres,
    postgres_session::{Session, made_of},
    row::{Param, Row},
};
use crate::error::{Outage, StoreError};

/// A connection for reading, each statement by itself.
///
/// Where it turns out to be lost before anything was read on it, another one takes its place, once. Later the reader
/// gets the error: what was read already may be of another server, or of another time, than what would be read now.
pub(super) struct Reading {
    database: Postgres,
    session: RwLock<Option<Session>>,
    is_used: AtomicBool,
    is_replaced: AtomicBool,
}

impl Reading {
    pub fn new(database: Postgres, session: Session) -> Reading {
        Reading {
            database,
            session: RwLock::new(Some(session)),
            is_used: AtomicBool::new(false),
            is_replaced: AtomicBool::new(false),
        }
    }

    pub async fn rows<T>(
        &self,
        sql: &'static str,
        args: &[&dyn Param],
        read: impl FnMut(&Row<'_>) -> Result<T, StoreError> + Send,
    ) -> Result<Vec<T>, StoreError> {
        let rows = match self.query(sql, args).await {
            Err(error) if is_lost(&error) && !self.is_used.load(Ordering::SeqCst) => {
                // on the heap, because it is rare and every read would have to have room for it
                Box::pin(self.query_again(sql, args)).await?
            }
            answer => answer?,
        };
        made_of(&rows, sql, read)
    }

    async fn query(
        &self,
        sql: &'static str,
        args: &[&dyn Param],
    ) -> Result<Vec<tokio_postgres::Row>, StoreError> {
        let session = self.session.read().await;
        let Some(session) = &*session else {
            return Err(StoreError::unavailable(Outage::ConnectionLost));
        };
        let rows = session.query(sql, args).await?;
        self.is_used.store(true, Ordering::SeqCst);
        Ok(rows)
    }

    async fn query_again(
        &self,
        sql: &'static str,
        args: &[&dyn Param],
    ) -> Result<Vec<tokio_postgres::Row>, StoreError> {
        self.replace().await?;
        self.query(sql, args).await
    }

    /// The lost one goes first: there may be no room in the pool for both.
    async fn replace(&self) -> Result<(), StoreError> {
        let mut session = self.session.write().await;
        if !self.is_replaced.swap(true, Ordering::SeqCst) {
            *session = None;
            *session = Some(self.database.session().await?);
        }
        Ok(())
    }
}

fn is_lost(error: &StoreError) -> bool {
    matches!(
        error,
        StoreError::Unavailable {
            outage: Outage::ConnectionLost,
            ..
        }
    )
}
