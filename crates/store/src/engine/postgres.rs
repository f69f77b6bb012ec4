//! PostgreSQL: the pool, its connections, and statements on one of them.

use std::{
    sync::{
        Arc, OnceLock,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use deadpool_postgres::{
    Client, Hook, HookError, Manager, ManagerConfig, Pool, RecyclingMethod, Runtime, Timeouts,
};
use futures_util::{FutureExt, future::try_join_all};
use tokio_postgres::{Config, NoTls, types::ToSql};

use super::{
    postgres_batch::Batches,
    postgres_notices::Notices,
    postgres_tls,
    row::{Param, Row},
    transaction::{Connection, Held, ReadTx},
};
use crate::{
    error::StoreError,
    host_versions::{HostVersions, Moved},
};

/// How many connections a process holds at most, unless the address says `?pool=…`.
const POOL_SIZE: usize = 16;

/// How long to wait for a connection: for a free one, or for a new one.
const CONNECTION_TIMEOUT: Duration = Duration::from_secs(5);

/// After how long of silence a connection is probed, and how long sent bytes may stay unacknowledged.
const PROBE_AFTER: Duration = Duration::from_secs(30);

/// What every connection is told. The timeouts free what a stuck process holds.
const SETTINGS: &str = "
    set default_transaction_isolation = 'read committed';
    set timezone = 'UTC';
    set statement_timeout = '30s';
    set idle_in_transaction_session_timeout = '60s'";

/// A server, by way of a pool of connections. Clones share it.
#[derive(Clone)]
pub(crate) struct Postgres {
    pub(super) pool: Pool,
    config: Arc<Config>,
    pub(crate) versions: Arc<HostVersions>,
    notices: Arc<OnceLock<Notices>>,
    pub(super) batches: Arc<OnceLock<Batches>>,
}

impl Postgres {
    /// Connects once, so that a wrong address is found out at the start.
    pub async fn open(url: &str) -> Result<Postgres, StoreError> {
        let (config, size) = settings(url)?;
        let pool = Pool::builder(manager(config.clone())?)
            .max_size(size)
            .runtime(Runtime::Tokio1)
            .timeouts(Timeouts {
                wait: Some(CONNECTION_TIMEOUT),
                create: Some(CONNECTION_TIMEOUT),
                recycle: Some(CONNECTION_TIMEOUT),
            })
            .post_create(Hook::async_fn(|client, _| {
                Box::pin(async move {
                    client
                        .batch_execute(SETTINGS)
                        .await
                        .map_err(HookError::Backend)
                })
            }))
            .build()
            .map_err(|error| StoreError::Invalid {
                what: "the connection pool cannot be built".to_owned(),
                cause: Some(Arc::new(error)),
            })?;
        drop(pool.get().await?);
        Ok(Postgres {
            pool,
            config: Arc::new(config),
            versions: Arc::new(HostVersions::new(false)),
            notices: Arc::default(),
            batches: Arc::default(),
        })
    }

    /// Begins to tell other processes which hosts' versions moved, and to hear of theirs.
    pub fn exchange_notices(&self) {
        self.notices
            .get_or_init(|| Notices::start((*self.config).clone(), self.versions.clone()));
    }

    /// Takes note of a commit and tells the other processes.
    pub(super) fn moved(&self, moved: &[Moved]) {
        for one in moved {
            self.versions.moved(one);
        }
        if let Some(notices) = self.notices.get() {
            notices.tell(moved);
        }
    }

    /// A connection on which every statement is a transaction of its own.
    pub async fn read(&self) -> Result<ReadTx<'static>, StoreError> {
        let session = Session::new(self.pool.get().await?);
        Ok(ReadTx::new(Connection::Postgres(Held::Own(Box::new(
            session,
        )))))
    }

    /// A connection inside a transaction that sees one state of the database.
    pub async fn snapshot(&self) -> Result<ReadTx<'static>, StoreError> {
        let session = Session::new(self.pool.get().await?);
        session
            .begin("start transaction isolation level repeatable read, read only")
            .await?;
        Ok(ReadTx::new(Connection::Postgres(Held::Own(Box::new(
            session,
        )))))
    }
}

fn manager(config: Config) -> Result<Manager, StoreError> {
    let manager_config = ManagerConfig {
        recycling_method: RecyclingMethod::Fast,
    };
    Ok(if postgres_tls::is_asked_for(&config) {
        Manager::from_config(config, postgres_tls::connector()?, manager_config)
    } else {
        Manager::from_config(config, NoTls, manager_config)
    })
}

/// Takes our own `pool` out of the address and fills in what it leaves open.
fn settings(url: &str) -> Result<(Config, usize), StoreError> {
    let (address, query) = url.split_once('?').unwrap_or((url, ""));
    let (ours, theirs): (Vec<&str>, Vec<&str>) = query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .partition(|pair| pair.starts_with("pool="));
    let size = match ours.first().map(|pair| pair.trim_start_matches("pool=")) {
        None => POOL_SIZE,
        Some(size) => size
            .parse()
            .ok()
            .filter(|size| (1..=1000).contains(size))
            .ok_or_else(|| {
                StoreError::invalid(format_args!(
                    "pool={size} in the database address: a number from 1 to 1000 is needed"
                ))
            })?,
    };
    let url = if theirs.is_empty() {
        address.to_owned()
    } else {
        format!("{address}?{}", theirs.join("&"))
    };
    let mut config: Config = url.parse().map_err(|error| StoreError::Invalid {
        what: "the database address is no valid PostgreSQL address".to_owned(),
        cause: Some(Arc::new(error)),
    })?;
    if config.get_connect_timeout().is_none() {
        config.connect_timeout(CONNECTION_TIMEOUT);
    }
    if config.get_tcp_user_timeout().is_none() {
        config.tcp_user_timeout(PROBE_AFTER);
    }
    if config.get_application_name().is_none() {
        config.application_name("fasti");
    }
    config.keepalives_idle(PROBE_AFTER);
    Ok((config, size))
}

/// One connection out of the pool. It never goes back inside a transaction.
pub(super) struct Session {
    client: Client,
    in_transaction: AtomicBool,
}

impl Session {
    pub fn new(client: Client) -> Session {
        Session {
            client,
            in_transaction: AtomicBool::new(false),
        }
    }

    pub async fn begin(&self, sql: &str) -> Result<(), StoreError> {
        self.in_transaction.store(true, Ordering::Relaxed);
        Ok(self.client.batch_execute(sql).await?)
    }

    pub async fn commit(&self) -> Result<(), tokio_postgres::Error> {
        self.end("commit").await
    }

    pub async fn roll_back(&self) -> Result<(), tokio_postgres::Error> {
        self.end("rollback").await
    }

    async fn end(&self, sql: &str) -> Result<(), tokio_postgres::Error> {
        self.client.batch_execute(sql).await?;
        self.in_transaction.store(false, Ordering::Relaxed);
        Ok(())
    }

    pub async fn rows<T>(
        &self,
        sql: &'static str,
        args: &[&dyn Param],
        mut read: impl FnMut(&Row<'_>) -> Result<T, StoreError> + Send,
    ) -> Result<Vec<T>, StoreError> {
        let statement = self.client.prepare_cached(sql).await?;
        let rows = self.client.query(&statement, &values(args)).await?;
        rows.iter()
            .map(|row| read(&Row::postgres(row, sql)))
            .collect()
    }

    pub async fn execute(&self, sql: &'static str, args: &[&dyn Param]) -> Result<u64, StoreError> {
        let statement = self.client.prepare_cached(sql).await?;
        Ok(self.client.execute(&statement, &values(args)).await?)
    }

    /// The statements go out together and are answered in their order.
    pub async fn execute_each(
        &self,
        sql: &'static str,
        rows: &[Vec<&dyn Param>],
    ) -> Result<u64, StoreError> {
        let statement = self.client.prepare_cached(sql).await?;
        let each = rows
            .iter()
            .map(|args| self.client.execute_raw(&statement, values(args)));
        Ok(try_join_all(each).await?.into_iter().sum())
    }

    pub async fn batch(&self, sql: &str) -> Result<(), StoreError> {
        Ok(self.client.batch_execute(sql).await?)
    }
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
