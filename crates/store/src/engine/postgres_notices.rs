//! How the processes that share a PostgreSQL database tell each other which hosts' versions moved.
//!
//! One connection of each process listens and notifies. What moved is told after the commit, much of it at once: a
//! notice inside the transaction would queue the commits of all processes. A notice that is lost costs nobody more than
//! looking; [`HostVersions`] says when.

use std::{
    collections::HashMap,
    convert::Infallible,
    future::poll_fn,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use domain::id::{OrganizationId, UserId};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    sync::Notify,
    task::JoinHandle,
    time::timeout,
};
use tokio_postgres::{AsyncMessage, Client, Connection, NoTls, Socket, tls::MakeTlsConnect};
use uuid::Uuid;

use super::postgres::Link;
use crate::{
    error::{Outage, StoreError, chain},
    host_versions::{HostVersions, Moved},
};

const LISTEN: &str =
    "set application_name = 'fasti notices'; set synchronous_commit = off; listen fasti_hosts";
const NOTIFY: &str = "select pg_notify('fasti_hosts', $1)";

/// So many hosts go into one notice, whose text PostgreSQL bounds at 8,000 bytes.
const AT_ONCE: usize = 64;

/// The least time between two notices, in which more hosts gather.
const PAUSE: Duration = Duration::from_millis(3);

/// How long to wait before connecting again: at first, and at most.
const FIRST_WAIT: Duration = Duration::from_millis(20);
const LONGEST_WAIT: Duration = Duration::from_secs(1);

/// More hosts than these are not kept to be told later: whoever keeps something of them looks by themselves.
const MOST_WAITING: usize = 10_000;

/// Tells the other processes and hears them, for as long as it is there.
pub(super) struct Notices {
    outbox: Arc<Outbox>,
    task: JoinHandle<()>,
}

impl Notices {
    pub fn start(link: Link, versions: Arc<HostVersions>) -> Notices {
        let outbox = Arc::new(Outbox::default());
        let task = tokio::spawn(keep_connected(link, outbox.clone(), versions));
        Notices { outbox, task }
    }

    /// Tells the other processes, soon.
    pub fn tell(&self, moved: &[Moved]) {
        self.outbox.put(moved);
    }
}

impl Drop for Notices {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// What waits to be told.
#[derive(Default)]
struct Outbox {
    waiting: Mutex<HashMap<(OrganizationId, UserId), Moved>>,
    filled: Notify,
}

impl Outbox {
    fn put(&self, moved: &[Moved]) {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        for moved in moved {
            let host = (moved.organization, moved.host);
            let newer = |waiting: &Moved| moved.version < waiting.version;
            if waiting.len() < MOST_WAITING && !waiting.get(&host).is_some_and(newer) {
                waiting.insert(host, *moved);
            }
        }
        drop(waiting);
        self.filled.notify_one();
    }

    fn take(&self) -> Vec<Moved> {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.drain().map(|(_, moved)| moved).collect()
    }
}

async fn keep_connected(link: Link, outbox: Arc<Outbox>, versions: Arc<HostVersions>) {
    let mut wait = FIRST_WAIT;
    loop {
        let begun = tokio::time::Instant::now();
        let Err(error) = connected(&link, &outbox, &versions).await;
        versions.is_deaf();
        if LONGEST_WAIT < begun.elapsed() {
            wait = FIRST_WAIT;
        }
        tracing::warn!(
            error = chain(&error),
            "the notices of other processes are not heard"
        );
        tokio::time::sleep(wait).await;
        wait = (wait * 2).min(LONGEST_WAIT);
    }
}

async fn connected(
    link: &Link,
    outbox: &Outbox,
    versions: &HostVersions,
) -> Result<Infallible, StoreError> {
    // one that was made before any loss may lead to a server whose place another one took
    let mut losses = link.servers.losses.coming();
    let connected = async {
        match &link.tls {
            Some(tls) => exchange(in_time(link, tls).await?, outbox, versions).await,
            None => exchange(in_time(link, &NoTls).await?, outbox, versions).await,
        }
    };
    tokio::select! {
        ended = connected => ended,
        lost = losses.next() => Err(lost),
    }
}

async fn in_time<T>(
    link: &Link,
    tls: &T,
) -> Result<(Client, Connection<Socket, T::Stream>), StoreError>
where
    T: MakeTlsConnect<Socket> + Clone,
{
    match timeout(link.servers.patience(), link.servers.connect(tls)).await {
        Ok(connected) => Ok(connected?),
        Err(_elapsed) => Err(StoreError::unavailable(Outage::ConnectionLost)),
    }
}

async fn exchange<S, T>(
    (client, connection): (Client, Connection<S, T>),
    outbox: &Outbox,
    versions: &HostVersions,
) -> Result<Infallible, StoreError>
where
    S: AsyncRead + AsyncWrite + Unpin,
    T: AsyncRead + AsyncWrite + Unpin,
{
    tokio::select! {
        ended = hear(connection, versions) => ended,
        ended = tell(client, outbox, versions) => ended,
    }
}

async fn hear<S, T>(
    mut connection: Connection<S, T>,
    versions: &HostVersions,
) -> Result<Infallible, StoreError>
where
    S: AsyncRead + AsyncWrite + Unpin,
    T: AsyncRead + AsyncWrite + Unpin,
{
    loop {
        match poll_fn(|context| connection.poll_message(context)).await {
            Some(Ok(AsyncMessage::Notification(notice))) => {
                for moved in notice.payload().split(';').filter_map(read) {
                    versions.moved(&moved);
                }
            }
            Some(Ok(_)) => {}
            Some(Err(error)) => return Err(error.into()),
            None => return Err(StoreError::unavailable(Outage::ConnectionLost)),
        }
    }
}

async fn tell(
    client: Client,
    outbox: &Outbox,
    versions: &HostVersions,
) -> Result<Infallible, StoreError> {
    client.batch_execute(LISTEN).await?;
    versions.hears();
    let notify = client.prepare(NOTIFY).await?;
    loop {
        outbox.filled.notified().await;
        let moved = outbox.take();
        for some in moved.chunks(AT_ONCE) {
            let text = some.iter().map(written).collect::<Vec<_>>().join(";");
            if let Err(error) = client.execute(&notify, &[&text]).await {
                outbox.put(&moved);
                return Err(error.into());
            }
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// One host of a notice: organization, host and the two versions.
fn written(moved: &Moved) -> String {
    let (organization, host) = (moved.organization.0.simple(), moved.host.0.simple());
    format!("{organization} {host} {} {}", moved.version, moved.settings)
}

/// Nothing where it is no text of ours.
fn read(text: &str) -> Option<Moved> {
    let mut words = text.split(' ');
    Some(Moved {
        organization: OrganizationId(Uuid::try_parse(words.next()?).ok()?),
        host: UserId(Uuid::try_parse(words.next()?).ok()?),
        version: words.next()?.parse().ok()?,
        settings: words.next()?.parse().ok()?,
    })
}
