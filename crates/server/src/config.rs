//! The settings: flags, `FASTI_…` variables and `fasti.toml`, read and checked once, then handed down.

mod database_url;
mod mail;

pub use database_url::DatabaseUrl;
pub use mail::{Mail, is_reachable};

use clap::Args;
use serde::{Deserialize, Serialize};
use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
};

/// The file that is read when none is named.
pub const DEFAULT_FILE: &str = "fasti.toml";

/// What can be set. A flag wins over a variable, a variable over the file, the file over the default.
#[derive(Args, Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Database: a path or sqlite:PATH, or postgres://USER:PASSWORD@HOST/NAME [default: fasti.db]
    #[arg(
        long,
        global = true,
        env = "FASTI_DATABASE",
        value_name = "URL",
        hide_env_values = true
    )]
    pub database: Option<String>,
    /// Address to listen on [default: 127.0.0.1:8080]
    #[arg(long, global = true, env = "FASTI_LISTEN", value_name = "ADDRESS:PORT")]
    pub listen: Option<SocketAddr>,
    /// The address under which clients reach the server; URIs start with it [default: http://LISTEN]
    #[arg(long, global = true, env = "FASTI_PUBLIC_URL", value_name = "URL")]
    pub public_url: Option<String>,
    /// Open the classic API to everyone, without a token [default: false]
    #[arg(long, global = true, env = "FASTI_CLASSIC_OPEN", num_args = 0..=1, default_missing_value = "true", value_name = "BOOL")]
    pub classic_open: Option<bool>,
    /// How many connections to PostgreSQL are kept [default: 16]
    #[arg(
        long,
        global = true,
        env = "FASTI_DATABASE_CONNECTIONS",
        value_name = "N"
    )]
    pub database_connections: Option<usize>,
    /// How long a request may take, in seconds [default: 30]
    #[arg(
        long,
        global = true,
        env = "FASTI_REQUEST_TIMEOUT",
        value_name = "SECONDS"
    )]
    pub request_timeout: Option<u64>,
    /// How many megabytes of memory are for what was read of hosts, event types and tokens [default: 64]
    #[arg(long, global = true, env = "FASTI_CACHE_MEGABYTES", value_name = "N")]
    pub cache_megabytes: Option<usize>,
    /// How many times a token may hold at once [default: 20]
    #[arg(
        long,
        global = true,
        env = "FASTI_MAX_HOLDS_PER_TOKEN",
        value_name = "N"
    )]
    pub max_holds_per_token: Option<usize>,
    /// How many connections are kept open at once [default: 20000]
    #[arg(long, global = true, env = "FASTI_MAX_CONNECTIONS", value_name = "N")]
    pub max_connections: Option<usize>,
    /// How many requests that read are worked on at once [default: 1024]
    #[arg(long, global = true, env = "FASTI_MAX_READS", value_name = "N")]
    pub max_reads: Option<usize>,
    /// How many requests that write are worked on at once [default: 256]
    #[arg(long, global = true, env = "FASTI_MAX_WRITES", value_name = "N")]
    pub max_writes: Option<usize>,
    /// How many requests a user may send in a minute; 0 for any number [default: 0]
    #[arg(
        long,
        global = true,
        env = "FASTI_REQUESTS_PER_MINUTE",
        value_name = "N"
    )]
    pub requests_per_minute: Option<u32>,
    /// How many times a user may book in a minute; 0 for any number [default: 0]
    #[arg(
        long,
        global = true,
        env = "FASTI_BOOKINGS_PER_MINUTE",
        value_name = "N"
    )]
    pub bookings_per_minute: Option<u32>,
    /// How long to go on serving after the server was asked to end, in seconds [default: 3]
    #[arg(
        long,
        global = true,
        env = "FASTI_SHUTDOWN_DELAY",
        value_name = "SECONDS"
    )]
    pub shutdown_delay: Option<u64>,
    /// Let applications register themselves, as MCP clients do [default: true]
    #[arg(long, global = true, env = "FASTI_OAUTH_REGISTRATION", num_args = 0..=1, default_missing_value = "true", value_name = "BOOL")]
    pub oauth_registration: Option<bool>,
    /// The header in which a proxy in front says from where a request came, such as X-Forwarded-For; its last address counts [default: none]
    #[arg(
        long,
        global = true,
        env = "FASTI_CLIENT_ADDRESS_HEADER",
        value_name = "NAME"
    )]
    pub client_address_header: Option<String>,
    /// Send webhooks to private, loopback and link-local addresses too [default: false]
    #[arg(long, global = true, env = "FASTI_WEBHOOK_ALLOW_PRIVATE", num_args = 0..=1, default_missing_value = "true", value_name = "BOOL")]
    pub webhook_allow_private: Option<bool>,
    /// How many days the feed of what happened goes back, at least 4 [default: 90]
    #[arg(long, global = true, env = "FASTI_FEED_DAYS", value_name = "DAYS")]
    pub feed_days: Option<u32>,
    /// How many days it is known what became of webhooks, at least 4, not longer than feed_days [default: 30]
    #[arg(
        long,
        global = true,
        env = "FASTI_WEBHOOK_LOG_DAYS",
        value_name = "DAYS"
    )]
    pub webhook_log_days: Option<u32>,
    /// How many days the activity log goes back, at least 4 [default: 730]
    #[arg(
        long,
        global = true,
        env = "FASTI_ACTIVITY_LOG_DAYS",
        value_name = "DAYS"
    )]
    pub activity_log_days: Option<u32>,
    /// How many days it is known which mails were sent, at least 4 [default: 90]
    #[arg(long, global = true, env = "FASTI_MAIL_LOG_DAYS", value_name = "DAYS")]
    pub mail_log_days: Option<u32>,
    /// PEM file with certificates of authorities that webhooks trust beside those of the system
    #[arg(
        long,
        global = true,
        env = "FASTI_WEBHOOK_CERTIFICATES",
        value_name = "PATH"
    )]
    pub webhook_certificates: Option<PathBuf>,
    /// How long to wait before a webhook that failed is tried again, in milliseconds; then twice as long each time [default: 2000]
    #[arg(
        long,
        global = true,
        env = "FASTI_WEBHOOK_FIRST_RETRY",
        value_name = "MILLISECONDS"
    )]
    pub webhook_first_retry: Option<u32>,
    /// Mail server: smtp://USER:PASSWORD@HOST:587, or smtps://…; without it no mails are sent
    #[arg(
        long,
        global = true,
        env = "FASTI_SMTP_URL",
        value_name = "URL",
        hide_env_values = true
    )]
    pub smtp_url: Option<String>,
    /// From whom mails come, such as Meetings <meet@example.com>
    #[arg(long, global = true, env = "FASTI_MAIL_FROM", value_name = "ADDRESS")]
    pub mail_from: Option<String>,
    /// What is logged: error, warn, info, debug, or filters such as info,store=debug [default: info]
    #[arg(long, global = true, env = "FASTI_LOG", value_name = "FILTER")]
    pub log: Option<String>,
    /// Log as text or as JSON lines [default: text on a terminal, otherwise json]
    #[arg(long, global = true, env = "FASTI_LOG_FORMAT", value_enum)]
    pub log_format: Option<LogFormat>,
}

/// How log lines look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

/// The effective settings.
#[derive(Clone, Debug, Serialize)]
pub struct Config {
    /// Where the data is.
    pub database: DatabaseUrl,
    /// Where to listen.
    pub listen: SocketAddr,
    /// What URIs start with, without a slash at the end.
    pub public_url: String,
    /// Whether the classic API needs no token.
    pub classic_open: bool,
    /// Connections to PostgreSQL.
    pub database_connections: usize,
    /// Longest time for a request, in seconds.
    pub request_timeout: u64,
    /// Memory for what was read of hosts, event types and tokens, in megabytes.
    pub cache_megabytes: usize,
    /// How many holds a token may have at once.
    pub max_holds_per_token: usize,
    /// How many connections are open at once.
    pub max_connections: usize,
    /// How many requests that read are worked on at once.
    pub max_reads: usize,
    /// How many requests that write are worked on at once.
    pub max_writes: usize,
    /// How many requests a user may send in a minute; 0 for any number.
    pub requests_per_minute: u32,
    /// How many times a user may book in a minute; 0 for any number.
    pub bookings_per_minute: u32,
    /// How long to serve on when asked to end, in seconds.
    pub shutdown_delay: u64,
    /// Whether applications may register themselves.
    pub oauth_registration: bool,
    /// The header that says from where a request came.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_address_header: Option<String>,
    /// Whether webhooks are sent into private networks.
    pub webhook_allow_private: bool,
    /// How many days the feed goes back.
    pub feed_days: u32,
    /// How many days it is known what became of webhooks.
    pub webhook_log_days: u32,
    /// How many days the activity log goes back.
    pub activity_log_days: u32,
    /// How many days it is known which mails were sent.
    pub mail_log_days: u32,
    /// Whom webhooks trust beside whom the system trusts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub webhook_certificates: Option<PathBuf>,
    /// How long it is waited before a webhook is tried for the second time, in milliseconds.
    pub webhook_first_retry: u32,
    /// How mails are sent, if they are.
    #[serde(flatten)]
    pub mail: Option<Mail>,
    /// Log filter.
    pub log: String,
    /// Log format.
    pub log_format: LogFormat,
}

impl Config {
    /// The address of the database with the size of its pool.
    pub fn database_url(&self) -> String {
        let url = &self.database.0;
        let postgres = url.starts_with("postgres://") || url.starts_with("postgresql://");
        if !postgres || url.contains("pool=") {
            return url.clone();
        }
        let separator = if url.contains('?') { '&' } else { '?' };
        format!("{url}{separator}pool={}", self.database_connections)
    }
}

/// Settings that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("cannot read {}: {source}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file is not what it should be.
    #[error("{}: {source}", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// Where and why.
        source: Box<toml::de::Error>,
    },
    /// A value is out of its bounds.
    #[error("{name}: {problem}")]
    Value {
        /// The setting.
        name: &'static str,
        /// What would be right.
        problem: &'static str,
    },
}

impl Settings {
    /// Reads the settings file: the named one, or `fasti.toml` if there is one.
    pub fn from_file(path: Option<&Path>) -> Result<Settings, ConfigError> {
        let path = match path {
            Some(path) => path,
            None if Path::new(DEFAULT_FILE).exists() => Path::new(DEFAULT_FILE),
            None => return Ok(Settings::default()),
        };
        let text = std::fs::read_to_string(path).map_err(|source| ConfigError::Unreadable {
            path: path.to_owned(),
            source,
        })?;
        toml::from_str(&text).map_err(|source| ConfigError::Malformed {
            path: path.to_owned(),
            source: Box::new(source),
        })
    }

    /// Fills what is not set from `other`.
    #[must_use]
    pub fn or(self, other: Settings) -> Settings {
        Settings {
            database: self.database.or(other.database),
            listen: self.listen.or(other.listen),
            public_url: self.public_url.or(other.public_url),
            classic_open: self.classic_open.or(other.classic_open),
            database_connections: self.database_connections.or(other.database_connections),
            request_timeout: self.request_timeout.or(other.request_timeout),
            cache_megabytes: self.cache_megabytes.or(other.cache_megabytes),
            max_holds_per_token: self.max_holds_per_token.or(other.max_holds_per_token),
            max_connections: self.max_connections.or(other.max_connections),
            max_reads: self.max_reads.or(other.max_reads),
            max_writes: self.max_writes.or(other.max_writes),
            requests_per_minute: self.requests_per_minute.or(other.requests_per_minute),
            bookings_per_minute: self.bookings_per_minute.or(other.bookings_per_minute),
            shutdown_delay: self.shutdown_delay.or(other.shutdown_delay),
            oauth_registration: self.oauth_registration.or(other.oauth_registration),
            client_address_header: self.client_address_header.or(other.client_address_header),
            webhook_allow_private: self.webhook_allow_private.or(other.webhook_allow_private),
            feed_days: self.feed_days.or(other.feed_days),
            webhook_log_days: self.webhook_log_days.or(other.webhook_log_days),
            activity_log_days: self.activity_log_days.or(other.activity_log_days),
            mail_log_days: self.mail_log_days.or(other.mail_log_days),
            webhook_certificates: self.webhook_certificates.or(other.webhook_certificates),
            webhook_first_retry: self.webhook_first_retry.or(other.webhook_first_retry),
            smtp_url: self.smtp_url.or(other.smtp_url),
            mail_from: self.mail_from.or(other.mail_from),
            log: self.log.or(other.log),
            log_format: self.log_format.or(other.log_format),
        }
    }

    /// The effective configuration, with defaults where nothing is set.
    pub fn config(self) -> Result<Config, ConfigError> {
        let listen = self
            .listen
            .unwrap_or(SocketAddr::from(([127, 0, 0, 1], 8080)));
        let public_url = match self.public_url {
            Some(url) => public_url(&url)?,
            None => format!("http://{listen}"),
        };
        let request_timeout = self.request_timeout.unwrap_or(30);
        if request_timeout == 0 {
            return Err(value("request_timeout", "must be at least 1 second"));
        }
        let cache_megabytes = self.cache_megabytes.unwrap_or(64);
        if !(1..=1 << 20).contains(&cache_megabytes) {
            return Err(value("cache_megabytes", "must be from 1 to 1048576"));
        }
        let feed_days = days("feed_days", self.feed_days, 90)?;
        let webhook_log_days = days("webhook_log_days", self.webhook_log_days, feed_days.min(30))?;
        if feed_days < webhook_log_days {
            return Err(value("webhook_log_days", "must not be more than feed_days"));
        }
        let webhook_first_retry = self.webhook_first_retry.unwrap_or(2000);
        if !(10..=3_600_000).contains(&webhook_first_retry) {
            return Err(value("webhook_first_retry", "must be from 10 to 3600000"));
        }
        Ok(Config {
            database: DatabaseUrl(self.database.unwrap_or_else(|| "fasti.db".to_owned())),
            listen,
            public_url,
            classic_open: self.classic_open.unwrap_or(false),
            database_connections: some("database_connections", self.database_connections, 16)?,
            request_timeout,
            cache_megabytes,
            max_holds_per_token: self.max_holds_per_token.unwrap_or(20),
            max_connections: some("max_connections", self.max_connections, 20_000)?,
            max_reads: some("max_reads", self.max_reads, 1024)?,
            max_writes: some("max_writes", self.max_writes, 256)?,
            requests_per_minute: self.requests_per_minute.unwrap_or(0),
            bookings_per_minute: self.bookings_per_minute.unwrap_or(0),
            shutdown_delay: self.shutdown_delay.unwrap_or(3),
            oauth_registration: self.oauth_registration.unwrap_or(true),
            client_address_header: self
                .client_address_header
                .as_deref()
                .map(header_name)
                .transpose()?,
            webhook_allow_private: self.webhook_allow_private.unwrap_or(false),
            feed_days,
            webhook_log_days,
            activity_log_days: days("activity_log_days", self.activity_log_days, 730)?,
            mail_log_days: days("mail_log_days", self.mail_log_days, 90)?,
            webhook_certificates: self.webhook_certificates,
            webhook_first_retry,
            mail: Mail::new(self.smtp_url.as_deref(), self.mail_from)?,
            log: self.log.unwrap_or_else(|| "info".to_owned()),
            log_format: self.log_format.unwrap_or_else(default_log_format),
        })
    }
}

/// A number of which there must be at least one.
fn some(name: &'static str, set: Option<usize>, default: usize) -> Result<usize, ConfigError> {
    match set.unwrap_or(default) {
        0 => Err(value(name, "must be at least 1")),
        number => Ok(number),
    }
}

/// What is tried for three days is known for longer than that.
fn days(name: &'static str, set: Option<u32>, default: u32) -> Result<u32, ConfigError> {
    match set.unwrap_or(default) {
        days @ 4..=36_500 => Ok(days),
        _ => Err(value(name, "must be from 4 to 36500 days")),
    }
}

fn value(name: &'static str, problem: &'static str) -> ConfigError {
    ConfigError::Value { name, problem }
}

fn header_name(name: &str) -> Result<String, ConfigError> {
    match axum::http::HeaderName::try_from(name) {
        Ok(name) => Ok(name.as_str().to_owned()),
        Err(_invalid) => Err(value(
            "client_address_header",
            "must be the name of a header, such as X-Forwarded-For",
        )),
    }
}

fn public_url(url: &str) -> Result<String, ConfigError> {
    let rest = url
        .strip_prefix("https://")
        .or_else(|| url.strip_prefix("http://"));
    match rest {
        Some(rest) if !rest.is_empty() && !rest.contains(['?', '#', ' ']) => {
            Ok(url.trim_end_matches('/').to_owned())
        }
        _ => Err(value(
            "public_url",
            "must be an address such as https://meet.example.com",
        )),
    }
}

fn default_log_format() -> LogFormat {
    if std::io::IsTerminal::is_terminal(&std::io::stderr()) {
        LogFormat::Text
    } else {
        LogFormat::Json
    }
}
