//! Statements on one connection to PostgreSQL.

use std::{
    pin::pin,
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
};

use deadpool_postgres::Client;
use futures_util::{
    FutureExt,
    future::{BoxFuture, try_join_all},
};
use tokio::time::timeout;
use tokio_postgres::{Statement, types::ToSql};

use super::{
    failure::is_connection_lost,
    postgres::Link,
    postgres_silence::{PATIENCE, Unanswered},
    row::{Param, Row},
};
use crate::error::StoreError;

/// One connection out of the pool. It never goes back inside a transaction.
pub(super) struct Session {
    client: Client,
    in_transaction: AtomicBool,
    in_preparation: AtomicUsize,
    link: Link,
    is_silent: AtomicBool,
}

impl Session {
    pub fn new(client: Client, link: Link) -> Session {
        Session {
            client,
            in_transaction: AtomicBool::new(false),
            in_preparation: AtomicUsize::new(0),
            link,
            is_silent: AtomicBool::new(false),
        }
    }

    pub async fn begin(&self, sql: &str) -> Result<(), StoreError> {
        self.in_transaction.store(true, Ordering::Relaxed);
        Ok(self.answered(self.client.batch_execute(sql)).await?)
    }

    pub async fn commit(&self) -> Result<(), Unanswered> {
        self.end("commit").await
    }

    pub async fn roll_back(&self) -> Result<(), Unanswered> {
        self.end("rollback").await
    }

    async fn end(&self, sql: &str) -> Result<(), Unanswered> {
        self.answered(self.client.batch_execute(sql)).await?;
        self.in_transaction.store(false, Ordering::Relaxed);
        Ok(())
    }

    /// The answer to a statement, for as long as the server is there. Takes note of a connection that is of no use any more.
    ///
    /// It is on the heap, because every command would have to have room for it many times.
    fn answered<'a, T: 'a>(
        &'a self,
        answer: impl Future<Output = Result<T, tokio_postgres::Error>> + Send + 'a,
    ) -> BoxFuture<'a, Result<T, Unanswered>> {
        Box::pin(self.awaited(answer))
    }

    async fn awaited<T>(
        &self,
        answer: impl Future<Output = Result<T, tokio_postgres::Error>>,
    ) -> Result<T, Unanswered> {
        let mut answer = pin!(answer);
        if !self.is_silent.load(Ordering::Relaxed) {
            for _ in 0..PATIENCE {
                if let Ok(answer) = timeout(self.link.silence(), answer.as_mut()).await {
                    return self.noted(answer);
                }
                if !self.is_there().await {
                    break;
                }
            }
            self.is_silent.store(true, Ordering::Relaxed);
            self.link.servers.losses.note();
        }
        Err(Unanswered::Silent)
    }

    /// Whether its server is there, and not another one in its place.
    async fn is_there(&self) -> bool {
        let made = Client::metrics(&self.client).created;
        let losses = &self.link.servers.losses;
        !losses.came_after(made) && self.link.is_there().await && !losses.came_after(made)
    }

    fn noted<T>(&self, answer: Result<T, tokio_postgres::Error>) -> Result<T, Unanswered> {
        if answer.as_ref().is_err_and(is_connection_lost) {
            self.link.servers.losses.note();
        }
        answer.map_err(Unanswered::Failed)
    }

    async fn prepared(&self, sql: &'static str) -> Result<Statement, StoreError> {
        self.in_preparation.fetch_add(1, Ordering::Relaxed);
        let prepared = self.answered(self.client.prepare_cached(sql)).await;
        self.in_preparation.fetch_sub(1, Ordering::Relaxed);
        Ok(prepared?)
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
        let values = values(args);
        Ok(self
            .answered(self.client.query(&statement, &values))
            .await?)
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
        let values = values(args);
        Ok(self
            .answered(self.client.execute(&statement, &values))
            .await?)
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
        let touched = self.answered(try_join_all(each)).await?;
        Ok(touched.into_iter().sum())
    }

    /// Without a limit: a migration takes as long as it takes.
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
