//! PostgreSQL: its address, the pool and its connections.

use std::{
    sync::{Arc, OnceLock},
    time::Duration,
};

use deadpool_postgres::{
    Hook, HookError, Manager, ManagerConfig, Pool, PoolError, RecyclingMethod, Runtime, Timeouts,
};
use tokio::time::timeout;
use tokio_postgres::{Config, NoTls};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::{
    postgres_batch::Batches,
    postgres_losses::{self, Losses},
    postgres_notices::Notices,
    postgres_reading::Reading,
    postgres_servers::{ConnectTo, Servers},
    postgres_session::Session,
    postgres_silence::says_nothing,
    postgres_tls,
    transaction::{Connection, Held, ReadTx},
    turns::Turns,
};
use crate::{
    error::StoreError,
    host_versions::{HostVersions, Moved},
};

/// How many connections a process holds at most, unless the address says `?pool=…`.
const POOL_SIZE: usize = 16;

/// How long to wait for a connection: for a free one, or for a new one, from each server that the address names.
const CONNECTION_TIMEOUT: Duration = Duration::from_secs(5);

/// After how long of silence a connection is probed, and how long sent bytes may stay unacknowledged.
const PROBE_AFTER: Duration = Duration::from_secs(10);

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
    link: Link,
    pub(crate) versions: Arc<HostVersions>,
    notices: Arc<OnceLock<Notices>>,
    pub(super) batches: Arc<OnceLock<Batches>>,
    pub(super) turns: Turns,
}

impl Postgres {
    /// Connects once, so that a wrong address is found out at the start.
    pub async fn open(url: &str) -> Result<Postgres, StoreError> {
        let (config, size) = settings(url)?;
        let versions = Arc::new(HostVersions::new(false));
        let link = Link::to(&config, Losses::new(versions.clone()))?;
        let patience = link.servers.patience_with_each();
        let pool = Pool::builder(manager(config, &link))
            .max_size(size)
            .runtime(Runtime::Tokio1)
            .timeouts(Timeouts {
                wait: Some(CONNECTION_TIMEOUT),
                create: Some(link.servers.patience()),
                recycle: Some(CONNECTION_TIMEOUT),
            })
            .pre_recycle(postgres_losses::hook(link.servers.clone()))
            .post_create(Hook::async_fn(move |client, _| {
                Box::pin(async move {
                    let set = timeout(patience, client.batch_execute(SETTINGS)).await;
                    set.map_err(|_elapsed| says_nothing())?
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
            link,
            versions,
            notices: Arc::default(),
            batches: Arc::default(),
            turns: Turns::of(size),
        })
    }

    /// Begins to tell other processes which hosts' versions moved, and to hear of theirs.
    pub fn exchange_notices(&self) {
        self.notices
            .get_or_init(|| Notices::start(self.link.clone(), self.versions.clone()));
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

    /// A connection of the pool.
    pub(super) async fn session(&self) -> Result<Session, PoolError> {
        Ok(Session::new(self.pool.get().await?, self.link.clone()))
    }

    /// A connection on which every statement is a transaction of its own.
    pub async fn read(&self) -> Result<ReadTx<'static>, StoreError> {
        let reading = Reading::new(self.clone(), self.session().await?);
        Ok(ReadTx::new(Connection::Reading(Box::new(reading))))
    }

    /// Vacuums tables, as their owner may.
    pub async fn vacuum(&self, tables: &[&str]) -> Result<(), StoreError> {
        let client = self.pool.get().await?;
        client.batch_execute("set statement_timeout = 0").await?;
        let vacuumed = vacuum_each(&client, tables).await;
        client.batch_execute(SETTINGS).await?;
        Ok(vacuumed?)
    }

    /// A connection inside a transaction that sees one state of the database.
    pub async fn snapshot(&self) -> Result<ReadTx<'static>, StoreError> {
        let session = self.session().await?;
        session
            .begin("start transaction isolation level repeatable read, read only")
            .await?;
        Ok(ReadTx::new(Connection::Postgres(Held::Own(Box::new(
            session,
        )))))
    }
}

/// Each by itself: vacuuming cannot share a transaction.
async fn vacuum_each(
    client: &tokio_postgres::Client,
    tables: &[&str],
) -> Result<(), tokio_postgres::Error> {
    for table in tables {
        client.batch_execute(&format!("vacuum {table}")).await?;
    }
    Ok(())
}

/// Where to connect, and whether with TLS.
#[derive(Clone)]
pub(super) struct Link {
    pub servers: Arc<Servers>,
    pub tls: Option<MakeRustlsConnect>,
}

impl Link {
    fn to(config: &Config, losses: Losses) -> Result<Link, StoreError> {
        let patience = config.get_connect_timeout().copied();
        let servers = Servers::of(config, patience.unwrap_or(CONNECTION_TIMEOUT), losses);
        let tls = postgres_tls::is_asked_for(config).then(postgres_tls::connector);
        Ok(Link {
            servers: Arc::new(servers),
            tls: tls.transpose()?,
        })
    }
}

fn manager(config: Config, link: &Link) -> Manager {
    let recycling_method = RecyclingMethod::Fast;
    let manager_config = ManagerConfig { recycling_method };
    let servers = link.servers.clone();
    if let Some(tls) = link.tls.clone() {
        return Manager::from_connect(config, ConnectTo { servers, tls }, manager_config);
    }
    let tls = NoTls;
    Manager::from_connect(config, ConnectTo { servers, tls }, manager_config)
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
