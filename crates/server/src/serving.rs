//! Listening for connections: so many at a time, slow clients are cut off, and a shutdown fails no request.
//!
//! A shutdown has three steps. First `/readyz` says 503 and every answer closes its connection, while requests are
//! taken as before: proxies get to know that they should send theirs elsewhere. Then no connection is accepted, but
//! those that are there may still bring what was on its way. At last idle connections are closed and requests that
//! were accepted are finished.

mod answer;
mod connection;
mod descriptors;
mod pace;
mod stream;
pub mod upload;

pub use pace::Patience;

use crate::{
    api::{health, rate_limit},
    context::App,
    mail, upkeep, webhooks,
};
use connection::{Seats, Site};
use futures_util::FutureExt;
use std::{future::Future, io, sync::Arc, time::Duration};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::watch,
};

/// How long requests that were accepted may take after a shutdown began, if none may take longer anyway.
const DRAIN: Duration = Duration::from_secs(30);

/// How long a connection stays open for a request that was sent before the client could know of the shutdown.
const LAST_CALL: Duration = Duration::from_millis(100);

/// How long to wait when no connection can be accepted, for instance for want of file descriptors.
const PAUSE: Duration = Duration::from_millis(50);

/// Connections beyond the bound that are told to come again. Any more are closed without a word.
const SPARE_SEATS: usize = 1000;

/// Serves until `shutdown` is ready, then finishes what was accepted. Being asked to end again ends each step early.
pub async fn serve(
    listener: TcpListener,
    app: App,
    patience: Patience,
    shutdown: impl Future<Output = ()>,
) {
    let delay = Duration::from_secs(app.config.shutdown_delay);
    tokio::spawn(health::keep_metrics());
    tokio::spawn(rate_limit::exchange_counts(app.clone()));
    tokio::spawn(webhooks::tell(app.clone()));
    tokio::spawn(upkeep::keep(app.clone()));
    tokio::spawn(mail::send(app.clone()));
    let house = House::open(listener, app.clone(), patience);
    house.accept_until(shutdown).await;
    tracing::info!("shutting down");
    app.begin_to_end();
    house.accept_until(or_asked_again(delay)).await;
    house.close().await;
}

/// The listener with all of its connections.
struct House {
    listener: TcpListener,
    site: Arc<Site>,
    seats: Seats,
    /// How long those who were let in may stay once it closes.
    drain: Duration,
    /// Tells the connections to close; they hold its other end until they have.
    closing: watch::Sender<()>,
}

impl House {
    fn open(listener: TcpListener, app: App, patience: Patience) -> House {
        let possible = descriptors::raise().saturating_sub(SPARE_SEATS).max(1);
        let wanted = app.config.max_connections;
        if possible < wanted {
            tracing::info!(
                max_connections = possible,
                "the limit of open files allows no more connections"
            );
        }
        House {
            listener,
            drain: drain(app.config.request_timeout),
            site: Arc::new(Site::new(app, patience)),
            seats: Seats::new(wanted.min(possible), SPARE_SEATS),
            closing: watch::channel(()).0,
        }
    }

    async fn accept_until(&self, end: impl Future<Output = ()>) {
        let mut end = std::pin::pin!(end);
        loop {
            let accepted = tokio::select! {
                // first, so that a signal finds its handler before anybody is let in
                biased;
                () = &mut end => return,
                accepted = self.listener.accept() => accepted,
            };
            match accepted {
                Ok((stream, _)) => self.welcome(stream),
                Err(error) => wait_after(&error).await,
            }
        }
    }

    fn welcome(&self, stream: TcpStream) {
        let Some(seat) = self.seats.take() else {
            return;
        };
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "no TCP_NODELAY");
        }
        let closing = self.closing.subscribe();
        tokio::spawn(self.site.clone().attend(stream, seat, closing));
    }

    async fn close(self) {
        // the system has connected them already
        while let Some(Ok((stream, _))) = self.listener.accept().now_or_never() {
            self.welcome(stream);
        }
        drop(self.listener);
        or_asked_again(LAST_CALL).await;
        self.closing.send_replace(());
        tokio::select! {
            () = self.closing.closed() => {}
            () = or_asked_again(self.drain) => tracing::warn!("some requests did not finish"),
        }
    }
}

/// A request that is let in last has all of its time, in seconds, and a second for its answer.
fn drain(request_timeout: u64) -> Duration {
    DRAIN.max(Duration::from_secs(request_timeout)) + Duration::from_secs(1)
}

async fn wait_after(error: &io::Error) {
    let broken_off = [
        io::ErrorKind::ConnectionAborted,
        io::ErrorKind::ConnectionReset,
    ];
    if !broken_off.contains(&error.kind()) {
        tracing::error!(%error, "cannot accept connections");
        tokio::time::sleep(PAUSE).await;
    }
}

/// Ready after a time, or earlier when the process is asked to end again.
async fn or_asked_again(time: Duration) {
    tokio::select! {
        () = tokio::time::sleep(time) => {}
        () = asked_to_end() => {}
    }
}

/// Ready when the process is asked to end.
pub async fn asked_to_end() {
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        () = terminated() => {}
    }
}

#[cfg(unix)]
async fn terminated() {
    use tokio::signal::unix::{SignalKind, signal};
    match signal(SignalKind::terminate()) {
        Ok(mut terminate) => {
            terminate.recv().await;
        }
        Err(error) => {
            tracing::warn!(%error, "SIGTERM is not handled");
            std::future::pending::<()>().await;
        }
    }
}

#[cfg(not(unix))]
async fn terminated() {
    std::future::pending::<()>().await;
}

#[cfg(test)]
mod tests {
    use super::drain;
    use std::time::Duration;

    #[test]
    fn a_shutdown_waits_for_the_longest_request() {
        assert_eq!(drain(600), Duration::from_secs(601));
        assert_eq!(drain(1), Duration::from_secs(31));
    }
}
