//! Logs: to stderr, for people on a terminal and as JSON otherwise. They never carry names, addresses, tokens or bodies.

use crate::config::{Config, LogFormat};
use axum::{
    extract::{MatchedPath, Request},
    middleware::Next,
    response::Response,
};
use std::{io, time::Instant};
use tracing::Instrument;
use tracing_subscriber::{
    filter::{ParseError, Targets},
    fmt,
    layer::SubscriberExt,
    util::{SubscriberInitExt, TryInitError},
};

/// The log filter cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("log: {0}")]
pub struct BadFilter(#[from] ParseError);

/// Starts logging as configured. A second start in one process changes nothing.
pub fn start(config: &Config) -> Result<(), BadFilter> {
    let filter: Targets = config.log.parse()?;
    let started: Result<(), TryInitError> = match config.log_format {
        LogFormat::Json => {
            let lines = fmt::layer()
                .json()
                .flatten_event(true)
                .with_span_list(false);
            let lines = lines.with_target(false).with_writer(io::stderr);
            tracing_subscriber::registry()
                .with(filter)
                .with(lines)
                .try_init()
        }
        LogFormat::Text => {
            let colours = io::IsTerminal::is_terminal(&io::stderr());
            let lines = fmt::layer()
                .with_ansi(colours)
                .with_target(false)
                .with_writer(io::stderr);
            tracing_subscriber::registry()
                .with(filter)
                .with(lines)
                .try_init()
        }
    };
    if let Err(error) = started {
        tracing::debug!(%error, "logging was started before");
    }
    Ok(())
}

/// One line a request, and its id in every line that is logged meanwhile.
pub async fn log_requests(request: Request, next: Next) -> Response {
    let header = request
        .headers()
        .get("x-request-id")
        .and_then(|id| id.to_str().ok());
    let id: String = header.unwrap_or_default().chars().take(100).collect();
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or("unmatched", MatchedPath::as_str)
        .to_owned();
    let method = request.method().clone();
    let span = tracing::error_span!("request", request.id = %id);
    async move {
        let start = Instant::now();
        let response = next.run(request).await;
        let duration_ms = u64::try_from(start.elapsed().as_millis()).unwrap_or(u64::MAX);
        let status = response.status().as_u16();
        tracing::info!(%method, %route, status, duration_ms, "answered");
        response
    }
    .instrument(span)
    .await
}
