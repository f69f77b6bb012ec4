//! Migrations: one history for both engines, embedded in the program.
//!
//! A migration is plain SQL with tokens for the type names. Each one runs in a transaction of its own, at most
//! once, however many processes start at the same time. It must not use deferred constraints: on SQLite they
//! would fail a whole group of writes.

use std::convert::Infallible;

use crate::{
    Store, args,
    engine::{Command, Engine, ReadTx, WriteError, WriteTx},
    error::{Outage, StoreError},
};

/// A name, which gives the order, and a text.
pub type Migration = (&'static str, &'static str);

/// The history of the schema.
pub const MIGRATIONS: &[Migration] = &[
    (
        "0001_foundation",
        include_str!("../migrations/0001_foundation.sql"),
    ),
    (
        "0002_hosts_and_holds",
        include_str!("../migrations/0002_hosts_and_holds.sql"),
    ),
    (
        "0003_many_nodes",
        include_str!("../migrations/0003_many_nodes.sql"),
    ),
    (
        "0004_webhooks",
        include_str!("../migrations/0004_webhooks.sql"),
    ),
    (
        "0005_contacts",
        include_str!("../migrations/0005_contacts.sql"),
    ),
    (
        "0006_meeting_recaps",
        include_str!("../migrations/0006_meeting_recaps.sql"),
    ),
    (
        "0007_invitations",
        include_str!("../migrations/0007_invitations.sql"),
    ),
    (
        "0008_teams_and_groups",
        include_str!("../migrations/0008_teams_and_groups.sql"),
    ),
    (
        "0009_routing_forms",
        include_str!("../migrations/0009_routing_forms.sql"),
    ),
    (
        "0010_invitee_no_shows",
        include_str!("../migrations/0010_invitee_no_shows.sql"),
    ),
    (
        "0011_scheduling_links",
        include_str!("../migrations/0011_scheduling_links.sql"),
    ),
    (
        "0012_event_types",
        include_str!("../migrations/0012_event_types.sql"),
    ),
    (
        "0013_activity_log",
        include_str!("../migrations/0013_activity_log.sql"),
    ),
    (
        "0014_data_deletions",
        include_str!("../migrations/0014_data_deletions.sql"),
    ),
    (
        "0015_outgoing_communications",
        include_str!("../migrations/0015_outgoing_communications.sql"),
    ),
    (
        "0016_passwords_and_sessions",
        include_str!("../migrations/0016_passwords_and_sessions.sql"),
    ),
    ("0017_oauth", include_str!("../migrations/0017_oauth.sql")),
    (
        "0018_imports",
        include_str!("../migrations/0018_imports.sql"),
    ),
    (
        "0019_feed_events",
        include_str!("../migrations/0019_feed_events.sql"),
    ),
];

/// The types and clauses that the engines spell differently: token, SQLite, PostgreSQL.
const TOKENS: &[(&str, &str, &str)] = &[
    ("{uuid}", "blob", "uuid"),
    ("{ts}", "integer", "timestamptz"),
    ("{json}", "text", "jsonb"),
    ("{int}", "integer", "bigint"),
    ("{bool}", "integer", "boolean"),
    ("{bytes}", "blob", "bytea"),
    ("{options}", " strict, without rowid", ""),
    ("{skip_locked}", "", "for update skip locked"),
];

/// A text with its tokens replaced.
pub fn rendered(sql: &str, engine: Engine) -> String {
    TOKENS
        .iter()
        .fold(sql.to_owned(), |text, (token, sqlite, postgres)| {
            text.replace(
                token,
                match engine {
                    Engine::Sqlite => sqlite,
                    Engine::Postgres => postgres,
                },
            )
        })
}

const CREATE: &str = "create table if not exists schema_migrations (
  name text not null primary key,
  applied_at text not null default current_timestamp
)";
const APPLIED: &str = "select name from schema_migrations order by name";
const CLAIM: &str =
    "insert into schema_migrations (name) values ($1) on conflict (name) do nothing";

/// Applies those of `migrations` that are missing and returns how many they were.
pub async fn apply(store: &Store, migrations: &'static [Migration]) -> Result<usize, StoreError> {
    create_history(store).await?;
    let applied = applied(&store.read().await?).await?;
    refuse_newer(&applied, migrations)?;
    let mut count = 0;
    for &(name, sql) in migrations {
        if applied.iter().any(|applied| applied == name) {
            continue;
        }
        let sql = rendered(sql, store.engine());
        if written(
            store,
            Apply {
                name,
                sql,
                engine: store.engine(),
            },
        )
        .await?
        {
            tracing::info!(migration = name, "migration {name} applied");
            count += 1;
        }
    }
    Ok(count)
}

/// Whether every one of `migrations` is applied, and no other.
pub async fn check(store: &Store, migrations: &'static [Migration]) -> Result<(), StoreError> {
    let applied = applied(&store.read().await?).await?;
    refuse_newer(&applied, migrations)?;
    let is_applied = |name: &str| applied.iter().any(|applied| applied == name);
    if migrations.iter().all(|(name, _)| is_applied(name)) {
        Ok(())
    } else {
        Err(StoreError::unavailable(Outage::NotMigrated))
    }
}

async fn applied(tx: &ReadTx<'_>) -> Result<Vec<String>, StoreError> {
    tx.all(APPLIED, args![]).await
}

/// Stands among the migrations of a database for as long as another one is copied into it.
const UNFINISHED_COPY: &str = "unfinished copy";

const MARK: &str = "insert into schema_migrations (name) values ($1)";
const UNMARK: &str = "delete from schema_migrations where name = $1";

/// Marks a database as an unfinished copy, which cannot be used, or takes the mark away.
pub(crate) struct MarkCopy {
    /// Whether the copy is unfinished.
    pub(crate) unfinished: bool,
}

impl Command for MarkCopy {
    type Output = ();
    type Refusal = Infallible;

    async fn run(&self, tx: &WriteTx<'_>) -> Result<(), WriteError<Infallible>> {
        let sql = if self.unfinished { MARK } else { UNMARK };
        tx.execute(sql, args![UNFINISHED_COPY]).await?;
        Ok(())
    }

    async fn is_done(&self, tx: &ReadTx<'_>) -> Result<bool, StoreError> {
        let marked = applied(tx)
            .await?
            .iter()
            .any(|name| name == UNFINISHED_COPY);
        Ok(marked == self.unfinished)
    }
}

fn refuse_newer(applied: &[String], migrations: &[Migration]) -> Result<(), StoreError> {
    if applied.iter().any(|name| name == UNFINISHED_COPY) {
        return Err(StoreError::invalid(
            "the database is an unfinished copy of another one: remove it and copy again",
        ));
    }
    let unknown = applied
        .iter()
        .find(|applied| !migrations.iter().any(|(name, _)| name == applied));
    match unknown {
        None => Ok(()),
        Some(migration) => Err(StoreError::NewerDatabase {
            migration: migration.clone(),
        }),
    }
}

async fn create_history(store: &Store) -> Result<(), StoreError> {
    match written(store, CreateHistory).await {
        // PostgreSQL looks whether it is there before it takes the name. When another process was faster,
        // the table is there now.
        Err(StoreError::Conflict { .. } | StoreError::Invalid { .. }) => {
            written(store, CreateHistory).await
        }
        created => created,
    }
}

pub(crate) async fn written<C: Command<Refusal = Infallible>>(
    store: &Store,
    command: C,
) -> Result<C::Output, StoreError> {
    store.write(command).await.map_err(|error| match error {
        WriteError::Failed(error) => error,
        WriteError::Refused(never) => match never {},
    })
}

struct CreateHistory;

impl Command for CreateHistory {
    type Output = ();
    type Refusal = Infallible;

    async fn run(&self, tx: &WriteTx<'_>) -> Result<(), WriteError<Infallible>> {
        Ok(tx.batch(CREATE).await?)
    }
}

/// Applies one migration, unless another process did; returns whether it was this one.
struct Apply {
    name: &'static str,
    sql: String,
    engine: Engine,
}

impl Command for Apply {
    type Output = bool;
    type Refusal = Infallible;

    async fn run(&self, tx: &WriteTx<'_>) -> Result<bool, WriteError<Infallible>> {
        if self.engine == Engine::Postgres {
            // Large tables take their time, and so does waiting for another process that migrates.
            tx.batch("set local statement_timeout = 0").await?;
        }
        // The row comes first: whoever is second waits here for the first one's commit.
        if tx.execute(CLAIM, args![self.name]).await? == 0 {
            return Ok(false);
        }
        tx.batch(&self.sql).await?;
        Ok(true)
    }

    async fn is_done(&self, tx: &ReadTx<'_>) -> Result<bool, StoreError> {
        Ok(applied(tx)
            .await?
            .iter()
            .any(|applied| applied == self.name))
    }
}
