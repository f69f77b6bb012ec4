//! SQL for SQLite and PostgreSQL; every statement exists once.
//!
//! [`Store`] opens a database, migrates it, and hands out transactions. Each table family has a file of free
//! functions over [`ReadTx`] and [`WriteTx`]. Nothing here decides about scheduling, and nothing knows of HTTP.

pub mod column;
pub mod copy;
pub mod engine;
pub mod error;
pub mod migrate;
pub mod tls;

pub mod activity_log_entries;
pub mod attempt_counts;
pub mod busy_intervals;
pub mod chores;
pub mod contact_lists;
pub mod contacts;
pub mod custom_field_definitions;
pub mod data_deletions;
pub mod event_type_memberships;
pub mod event_types;
pub mod feed_events;
pub mod group_relationships;
pub mod groups;
pub mod holds;
pub mod host_versions;
pub mod hosts;
pub mod idempotency_keys;
pub mod imports;
pub mod invitee_no_shows;
pub mod invitees;
pub mod mail_occasions;
pub mod meeting_recaps;
pub mod notes;
pub mod oauth_applications;
pub mod oauth_grants;
pub mod oauth_tokens;
pub mod organization_invitations;
pub mod organization_memberships;
pub mod organizations;
pub mod outgoing_communications;
pub mod page;
pub mod passwords;
pub mod personal_access_tokens;
pub mod personal_data;
pub mod request_counts;
pub mod routing_form_submissions;
pub mod routing_forms;
pub mod scheduled_event_hosts;
pub mod scheduled_events;
pub mod scheduling_links;
pub mod sessions;
pub mod teams;
pub mod user_availability_schedules;
pub mod user_busy_times;
pub mod users;
pub mod webhook_deliveries;
pub mod webhook_subscriptions;

pub use engine::{Command, Engine, FromRow, ReadTx, Row, Sharing, WriteError, WriteTx};
pub use error::StoreError;

use std::{path::Path, sync::Arc};

use engine::{Postgres, Sqlite, Terms};
use error::chain;
use host_versions::{HostVersions, Stamp};
use jiff::SignedDuration;

/// A database. Clones share it; dropping the last one finishes the writes that were accepted.
#[derive(Clone)]
pub struct Store {
    backend: Arc<Backend>,
    terms: Terms,
}

enum Backend {
    Sqlite(Sqlite),
    Postgres(Postgres),
}

impl std::fmt::Debug for Store {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Store")
            .field("engine", &self.engine())
            .finish_non_exhaustive()
    }
}

impl Store {
    /// Opens a database: `postgres://user:password@host/name`, or `sqlite:path` or a plain path, whose file is
    /// made where there is none.
    pub async fn open(url: &str) -> Result<Store, StoreError> {
        let backend = if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            Backend::Postgres(Postgres::open(url).await?)
        } else {
            Backend::Sqlite(Sqlite::open(file_path(url)?)?)
        };
        Ok(Store {
            backend: Arc::new(backend),
            terms: Terms::default(),
        })
    }

    /// The same database with a clock so much ahead of its own: what ends by itself ends by this one.
    #[must_use]
    pub fn ahead_by(self, ahead: SignedDuration) -> Store {
        let terms = Terms {
            ahead,
            ..self.terms
        };
        Store { terms, ..self }
    }

    /// The same database, to which is written what mails are to be sent about.
    #[must_use]
    pub fn with_mail(self) -> Store {
        let terms = Terms {
            notes_mail: true,
            ..self.terms
        };
        Store { terms, ..self }
    }

    /// Applies the migrations that are missing and returns how many they were. Any number of processes may do
    /// so at the same time.
    pub async fn migrate(&self) -> Result<usize, StoreError> {
        migrate::apply(self, migrate::MIGRATIONS).await
    }

    /// Whether the database can be reached and every migration is applied.
    pub async fn is_ready(&self) -> Result<(), StoreError> {
        migrate::check(self, migrate::MIGRATIONS).await
    }

    /// For reading, each statement by itself. On PostgreSQL it holds a connection of the pool until it is dropped.
    pub async fn read(&self) -> Result<ReadTx<'_>, StoreError> {
        match &*self.backend {
            Backend::Sqlite(sqlite) => Ok(sqlite.read().on(self.terms)),
            Backend::Postgres(postgres) => Ok(postgres.read().await?.on(self.terms)),
        }
    }

    /// For reading one state of the database with several statements. It costs more than [`Store::read`] and is
    /// meant for exports.
    pub async fn snapshot(&self) -> Result<ReadTx<'_>, StoreError> {
        match &*self.backend {
            Backend::Sqlite(sqlite) => sqlite.snapshot(),
            Backend::Postgres(postgres) => postgres.snapshot().await,
        }
    }

    /// Runs a command in a transaction and returns its output once that is committed. One that was begun is finished
    /// also when the caller stops waiting; one that still waits for others need not be begun then.
    pub async fn write<C: Command>(&self, command: C) -> Result<C::Output, WriteError<C::Refusal>> {
        let command = OnTerms {
            command,
            terms: self.terms,
        };
        match &*self.backend {
            Backend::Sqlite(sqlite) => sqlite.write(command).await,
            Backend::Postgres(postgres) => postgres.write(command).await,
        }
    }

    /// What is known of the versions of hosts.
    pub fn host_versions(&self) -> &HostVersions {
        match &*self.backend {
            Backend::Sqlite(sqlite) => &sqlite.versions,
            Backend::Postgres(postgres) => &postgres.versions,
        }
    }

    /// Begins to hear which hosts' versions other processes move, and to tell them. Until then what is kept of hosts
    /// must be checked each time.
    pub fn exchange_notices(&self) {
        if let Backend::Postgres(postgres) = &*self.backend {
            postgres.exchange_notices();
        }
    }

    /// Looks up soon what the stamps are of, without making anybody wait for it.
    pub fn check_soon(&self, stamps: &[Stamp]) {
        let claimed = HostVersions::claim_due(stamps);
        if claimed.0.is_empty() {
            return;
        }
        let store = self.clone();
        tokio::spawn(async move {
            let looked_up = async {
                let tx = store.read().await?;
                store.host_versions().check(&tx, &claimed.0).await
            };
            if let Err(error) = looked_up.await {
                tracing::debug!(
                    error = chain(&error),
                    "versions of hosts could not be looked up"
                );
            }
        });
    }

    /// Takes out of the files of the database what was deleted: its bytes stay there otherwise until they are written
    /// over. On SQLite the file is written anew, and writes wait meanwhile; on PostgreSQL the tables are vacuumed.
    pub async fn rewrite(&self) -> Result<(), StoreError> {
        match &*self.backend {
            Backend::Sqlite(sqlite) => sqlite.rewrite().await,
            Backend::Postgres(postgres) => postgres.vacuum(&personal_data::holding_tables()).await,
        }
    }

    /// Which engine this is.
    pub fn engine(&self) -> Engine {
        match &*self.backend {
            Backend::Sqlite(_) => Engine::Sqlite,
            Backend::Postgres(..) => Engine::Postgres,
        }
    }
}

/// A command with the terms it runs on.
struct OnTerms<C> {
    command: C,
    terms: Terms,
}

impl<C: Command> Command for OnTerms<C> {
    type Output = C::Output;
    type Refusal = C::Refusal;

    async fn run(&self, tx: &WriteTx<'_>) -> Result<C::Output, WriteError<C::Refusal>> {
        tx.set_terms(self.terms);
        self.command.run(tx).await
    }

    fn shares(&self) -> Option<Sharing> {
        self.command.shares()
    }

    async fn is_done(&self, tx: &ReadTx<'_>) -> Result<bool, StoreError> {
        self.command.is_done(tx).await
    }
}

/// The path of `sqlite:path`, `sqlite:///path` or a plain path.
fn file_path(url: &str) -> Result<&Path, StoreError> {
    let path = match url.split_once(':') {
        Some(("sqlite", path)) => path.strip_prefix("//").unwrap_or(path),
        Some((scheme, rest)) if rest.starts_with("//") => {
            return Err(StoreError::invalid(format_args!(
                "a database address cannot begin with {scheme}: it is sqlite:path, a plain path or postgres://…"
            )));
        }
        _ => url,
    };
    if path.is_empty() || path == ":memory:" {
        return Err(StoreError::invalid(
            "the database address names no file: it is sqlite:path, a plain path or postgres://…",
        ));
    }
    Ok(Path::new(path))
}
