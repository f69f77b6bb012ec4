//! Statements on one connection to PostgreSQL.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicUsize, Ordering},
};

use deadpool_postgres::Client;
use futures_util::{FutureExt, future::try_join_all};
use tokio_postgres::{Statement, types::ToSql};

use super::{
    failure::is_connection_lost,
    postgres_losses::Losses,
    row::{Param, Row},
};
use crate::error::StoreError;

/// One connection out of the pool. It never goes back inside a transaction.
pub(super) struct Session {
    client: Client,
    in_transaction: AtomicBool,
    in_preparation: AtomicUsize,
    losses: Arc<Losses>,
}

impl Session {
    pub fn new(client: Client, losses: Arc<Losses>) -> Session {
        Session {
            client,
            in_transaction: AtomicBool::new(false),
            in_preparation: AtomicUsize::new(0),
            losses,
        }
    }

    pub async fn begin(&self, sql: &str) -> Result<(), StoreError> {
        self.in_transaction.store(true, Ordering::Relaxed);
        Ok(self.noted(self.client.batch_execute(sql).await)?)
    }

    pub async fn commit(&self) -> Result<(), tokio_postgres::Error> {
        self.end("commit").await
    }

    pub async fn roll_back(&self) -> Result<(), tokio_postgres::Error> {
        self.end("rollback").await
    }

    async fn end(&self, sql: &str) -> Result<(), tokio_postgres::Error> {
        self.noted(self.client.batch_execute(sql).await)?;
        self.in_transaction.store(false, Ordering::Relaxed);
        Ok(())
    }

    /// Takes note of a connection that is of no use any more.
    fn noted<T>(
        &self,
        answer: Result<T, tokio_postgres::Error>,
    ) -> Result<T, tokio_postgres::Error> {
        if answer.as_ref().is_err_and(is_connection_lost) {
            self.losses.note();
        }
        answer
    }

    async fn prepared(&self, sql: &'static str) -> Result<Statement, StoreError> {
        self.in_preparation.fetch_add(1, Ordering::Relaxed);
        let prepared = self.client.prepare_cached(sql).await;
        self.in_preparation.fetch_sub(1, Ordering::Relaxed);
        Ok(self.noted(prepared)?)
    }

    /// Whether all statements that were begun were sent. A statement that was prepared is sent when it is polled first; one
    /// that was not has to be prepared by the server before.
    pub fn has_sent_all(&self) -> bool {
        self.in_preparation.load(Ordering::Relaxed) == 0
    }

    pub async fn query(
        &self,
        sql: &'static str,
        args: &[&dyn Param],
    ) -> Result<Vec<tokio_postgres::Row>, StoreError> {
        let statement = self.prepared(sql).await?;
        Ok(self.noted(self.client.query(&statement, &values(args)).await)?)
    }

    pub async fn rows<T>(
        &self,
        sql: &'static str,
        args: &[&dyn Param],
        read: impl FnMut(&Row<'_>) -> Result<T, StoreError> + Send,
    ) -> Result<Vec<T>, StoreError> {
        made_of(&self.query(sql, args).await?, sql, read)
    }

    pub async fn execute(&self, sql: &'static str, args: &[&dyn Param]) -> Result<u64, StoreError> {
        let statement = self.prepared(sql).await?;
        Ok(self.noted(self.client.execute(&statement, &values(args)).await)?)
    }

    /// The statements go out together and are answered in their order.
    pub async fn execute_each(
        &self,
        sql: &'static str,
        rows: &[Vec<&dyn Param>],
    ) -> Result<u64, StoreError> {
        let statement = self.prepared(sql).await?;
        let each = rows
            .iter()
            .map(|args| self.client.execute_raw(&statement, values(args)));
        Ok(self.noted(try_join_all(each).await)?.into_iter().sum())
    }

    pub async fn batch(&self, sql: &str) -> Result<(), StoreError> {
        Ok(self.noted(self.client.batch_execute(sql).await)?)
    }
}

/// What `read` makes of every row.
pub(super) fn made_of<T>(
    rows: &[tokio_postgres::Row],
    sql: &'static str,
    mut read: impl FnMut(&Row<'_>) -> Result<T, StoreError>,
) -> Result<Vec<T>, StoreError> {
    rows.iter()
        .map(|row| read(&Row::postgres(row, sql)))
        .collect()
}

fn values<'a>(args: &'a [&'a dyn Param]) -> Vec<&'a (dyn ToSql + Sync)> {
    args.iter()
        .map(|&value| value as &(dyn ToSql + Sync))
        .collect()
}

impl Drop for Session {
    /// Polling once is enough: the statement is queued before anything that the next user sends.
    fn drop(&mut self) {
        if *self.in_transaction.get_mut() {
            self.client.batch_execute("rollback").now_or_never();
        }
    }
}
