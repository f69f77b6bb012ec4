//! The servers that one address names, of which one takes writes: which of them to connect to.
//!
//! Each is given so much time, and whoever answered last is asked first. So a server that went down without a word is
//! waited for once after a failover, and not by every connection that is made.

use std::{
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use deadpool_postgres::Connect;
use futures_util::future::BoxFuture;
use tokio::{task::JoinHandle, time::timeout};
use tokio_postgres::{
    Client, Config, Connection, Error, Socket,
    config::{Host, TargetSessionAttrs},
    tls::{MakeTlsConnect, TlsConnect},
};

use super::{postgres_losses::Losses, postgres_silence::Asked};
use crate::error::{StoreError, chain};

/// The servers of an address, each with the settings of all.
pub(super) struct Servers {
    each: Vec<Config>,
    /// Who answered last.
    last: AtomicUsize,
    /// How long one may take.
    patience: Duration,
    pub asked: Asked,
    /// Also of a server whose place another one took: nobody goes on with connections to it.
    pub losses: Losses,
}

impl Servers {
    /// Of several only one that takes writes will do, unless the address says otherwise.
    pub fn of(config: &Config, patience: Duration, losses: Losses) -> Servers {
        let count = config.get_hosts().len().max(config.get_hostaddrs().len());
        let each = match count {
            0 | 1 => vec![config.clone()],
            _ => (0..count).map(|index| one_of(config, index)).collect(),
        };
        Servers {
            each,
            last: AtomicUsize::new(0),
            patience,
            asked: Asked::default(),
            losses,
        }
    }

    /// How long each of them may take to answer.
    pub fn patience_with_each(&self) -> Duration {
        self.patience
    }

    /// How long it may take until one of them has answered.
    pub fn patience(&self) -> Duration {
        self.patience
            .saturating_mul(u32::try_from(self.each.len()).unwrap_or(u32::MAX))
    }

    /// Connects to the first one that answers. The last one has all the time that the caller has.
    pub async fn connect<T>(
        &self,
        tls: &T,
    ) -> Result<(Client, Connection<Socket, T::Stream>), Error>
    where
        T: MakeTlsConnect<Socket> + Clone,
    {
        let first = self.last.load(Ordering::Relaxed);
        for turn in 1..self.each.len() {
            let index = (first + turn - 1) % self.each.len();
            match timeout(self.patience, self.each[index].connect(tls.clone())).await {
                Ok(Ok(connected)) => {
                    self.answered(index);
                    return Ok(connected);
                }
                Ok(Err(error)) => {
                    let error = StoreError::from(error);
                    tracing::debug!(index, error = chain(&error), "not this database server");
                }
                Err(_elapsed) => tracing::warn!(index, "a database server does not answer"),
            }
        }
        let index = (first + self.each.len() - 1) % self.each.len();
        let connected = self.each[index].connect(tls.clone()).await?;
        self.answered(index);
        Ok(connected)
    }

    fn answered(&self, index: usize) {
        if self.last.swap(index, Ordering::Relaxed) != index {
            self.losses.note();
        }
    }
}

/// The settings for the server at this place in the address.
fn one_of(config: &Config, index: usize) -> Config {
    let mut one = Config::new();
    match config.get_hosts().get(index) {
        Some(Host::Tcp(name)) => _ = one.host(name),
        #[cfg(unix)]
        Some(Host::Unix(path)) => _ = one.host_path(path),
        None => {}
    }
    if let Some(address) = config.get_hostaddrs().get(index) {
        one.hostaddr(*address);
    }
    let ports = config.get_ports();
    if let Some(port) = ports.get(index).or(ports.first()) {
        one.port(*port);
    }
    log_in_as(&mut one, config);
    watch_as(&mut one, config);
    one.target_session_attrs(match config.get_target_session_attrs() {
        TargetSessionAttrs::Any => TargetSessionAttrs::ReadWrite,
        said => said,
    });
    one
}

/// Who connects to what, and how it is kept secret.
fn log_in_as(one: &mut Config, config: &Config) {
    if let Some(user) = config.get_user() {
        one.user(user);
    }
    if let Some(password) = config.get_password() {
        one.password(password);
    }
    if let Some(name) = config.get_dbname() {
        one.dbname(name);
    }
    if let Some(options) = config.get_options() {
        one.options(options);
    }
    if let Some(name) = config.get_application_name() {
        one.application_name(name);
    }
    one.ssl_mode(config.get_ssl_mode())
        .ssl_negotiation(config.get_ssl_negotiation())
        .channel_binding(config.get_channel_binding());
}

/// How it is noticed that the server has gone.
fn watch_as(one: &mut Config, config: &Config) {
    if let Some(timeout) = config.get_connect_timeout() {
        one.connect_timeout(*timeout);
    }
    if let Some(timeout) = config.get_tcp_user_timeout() {
        one.tcp_user_timeout(*timeout);
    }
    one.keepalives(config.get_keepalives())
        .keepalives_idle(config.get_keepalives_idle());
    if let Some(interval) = config.get_keepalives_interval() {
        one.keepalives_interval(interval);
    }
    if let Some(retries) = config.get_keepalives_retries() {
        one.keepalives_retries(retries);
    }
}

/// How a pool connects: to one of the servers, with or without TLS.
pub(super) struct ConnectTo<T> {
    pub servers: std::sync::Arc<Servers>,
    pub tls: T,
}

impl<T> Connect for ConnectTo<T>
where
    T: MakeTlsConnect<Socket> + Clone + Send + Sync + 'static,
    T::Stream: Send + Sync,
    T::TlsConnect: Send + Sync,
    <T::TlsConnect as TlsConnect<Socket>>::Future: Send,
{
    /// The servers know all that the pool's own settings say.
    fn connect(&self, _: &Config) -> BoxFuture<'_, Result<(Client, JoinHandle<()>), Error>> {
        Box::pin(async {
            let (client, connection) = self.servers.connect(&self.tls).await?;
            let servers = self.servers.clone();
            let task = tokio::spawn(async move {
                if let Err(error) = connection.await {
                    servers.losses.note();
                    let error = StoreError::from(error);
                    tracing::warn!(error = chain(&error), "a database connection ended");
                }
            });
            Ok((client, task))
        })
    }
}
