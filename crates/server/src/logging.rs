//! Logs: to stderr, for people on a terminal and as JSON otherwise. They never carry names, addresses, tokens or bodies.

mod answered;
mod buffered;

use crate::{
    config::{Config, LogFormat},
    context::Clock,
};
pub use answered::Answered;
use axum::http::HeaderValue;
use buffered::Buffered;
use serde_json::Value;
use std::{fmt, future::Future, io, io::Write, sync::OnceLock};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::{
    field::RecordFields,
    filter::{ParseError, Targets},
    fmt::{FmtContext, FormatEvent, FormatFields, format::Writer, layer},
    layer::SubscriberExt,
    registry::LookupSpan,
    util::{SubscriberInitExt, TryInitError},
};

/// What gathers before it is written; a process has one log, as it has one stderr.
static GATHERED: OnceLock<Buffered> = OnceLock::new();

/// Writes what was logged last; to be called before the process ends.
pub fn finish() {
    if let Some(gathered) = GATHERED.get() {
        gathered.flush();
    }
}

/// Logging cannot be started.
#[derive(Debug, thiserror::Error)]
pub enum NoLog {
    /// The filter cannot be read.
    #[error("log: {0}")]
    BadFilter(#[from] ParseError),
    /// There is no thread for it.
    #[error("the log cannot be written: {0}")]
    NoThread(#[from] io::Error),
}

/// Starts logging as configured. A second start in one process changes nothing.
pub fn start(config: &Config) -> Result<(), NoLog> {
    let filter: Targets = config.log.parse()?;
    let lines = layer().with_target(false);
    let started: Result<(), TryInitError> = match config.log_format {
        LogFormat::Json => {
            let gathered = Buffered::start()?;
            let gathered = GATHERED.get_or_init(|| gathered).clone();
            let lines = lines
                .with_writer(gathered)
                .json()
                .flatten_event(true)
                .with_current_span(false);
            let lines = lines.map_event_format(WithRequestId);
            tracing_subscriber::registry()
                .with(filter)
                .with(lines)
                .try_init()
        }
        LogFormat::Text => {
            let colours = io::IsTerminal::is_terminal(&io::stderr());
            let lines = lines
                .with_writer(io::stderr)
                .with_ansi(colours)
                .map_fmt_fields(WithRequestId);
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

tokio::task_local! {
    /// The id of the request that the present task is about. A span would say the same, but is written out for every
    /// request, also where nothing is logged.
    static REQUEST_ID: Option<HeaderValue>;
}

/// Carries out what a request asks for, with its id in every line that is logged meanwhile.
pub async fn within<F: Future>(id: Option<HeaderValue>, work: F) -> F::Output {
    REQUEST_ID.scope(id, work).await
}

/// Logs a request that was answered.
pub fn log_answer(answered: Answered<'_>) {
    let Some(gathered) = GATHERED.get() else {
        let (method, route) = (answered.method, answered.route);
        let (status, duration_ms) = (answered.status.as_u16(), answered.milliseconds());
        tracing::info!(%method, %route, status, duration_ms, "answered");
        return;
    };
    if tracing::enabled!(Level::INFO) {
        let line = answered.json_line(Clock::system().now(), request_id().as_deref());
        // there is nobody to tell that the log cannot be written
        gathered.patient_line().write_all(line.as_bytes()).ok();
    }
}

/// The id of the present request. Clients may send what they like as one, but not fill the log with it.
fn request_id() -> Option<String> {
    let id = REQUEST_ID.try_with(Clone::clone).ok().flatten()?;
    let text = id.to_str().unwrap_or_default();
    Some(text.chars().take(100).collect())
}

/// Lines with the request's id at their end: JSON as an event's format, text as the format of its fields.
struct WithRequestId<F>(F);

impl<S, N, F> FormatEvent<S, N> for WithRequestId<F>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
    F: FormatEvent<S, N>,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let Some(id) = request_id() else {
            return self.0.format_event(context, writer, event);
        };
        let mut line = String::with_capacity(256);
        let whole = Writer::new(&mut line);
        self.0.format_event(context, whole, event)?;
        let open = line.trim_end().strip_suffix('}').unwrap_or(&line);
        writeln!(writer, "{open},\"request_id\":{}}}", Value::String(id))
    }
}

impl<'a, F: for<'b> FormatFields<'b>> FormatFields<'a> for WithRequestId<F> {
    fn format_fields<R: RecordFields>(&self, mut writer: Writer<'a>, fields: R) -> fmt::Result {
        self.0.format_fields(writer.by_ref(), fields)?;
        match request_id() {
            Some(id) => write!(writer, " request_id={id:?}"),
            None => Ok(()),
        }
    }
}
