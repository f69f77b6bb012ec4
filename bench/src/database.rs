//! A database that the server is measured on, and the SQL by which it is filled and looked at while no server runs.

use crate::Failure;
use futures_util::future::try_join_all;
use rusqlite::Connection;
use std::{
    fs::File,
    path::{Path, PathBuf},
};
use testdb::{Pair, TestDatabase};
use tokio::runtime::{Builder, Runtime};
use tokio_postgres::{Client, NoTls, SimpleQueryMessage};

/// The database engines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Engine {
    /// A file.
    Sqlite,
    /// A private server with its default settings for durability.
    Postgres,
}

impl Engine {
    /// What tables call it.
    pub fn name(self) -> &'static str {
        match self {
            Engine::Sqlite => "SQLite",
            Engine::Postgres => "PostgreSQL",
        }
    }
}

/// What a fill of a file may forego: nobody else reads it, and a fill that breaks off is thrown away.
const FILLING: &str =
    "pragma journal_mode = off; pragma synchronous = off; pragma cache_size = -262144;
  pragma temp_store = memory; begin;";

/// A database of its own, gone with this value.
pub struct Database {
    /// Which engine.
    pub engine: Engine,
    url: String,
    folder: PathBuf,
    /// It goes with this value, unless somebody else has it.
    _place: Option<TestDatabase>,
    runtime: Runtime,
}

impl Database {
    /// An empty one.
    pub fn create(engine: Engine) -> Result<Database, Failure> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let place = match engine {
            Engine::Sqlite => TestDatabase::sqlite(),
            Engine::Postgres => runtime.block_on(TestDatabase::durable_postgres()),
        };
        let file = match engine {
            Engine::Sqlite => PathBuf::from(place.url().trim_start_matches("sqlite:")),
            Engine::Postgres => place.socket(),
        };
        let folder = file.parent().map(Path::to_owned);
        Ok(Database {
            engine,
            url: place.url().to_owned(),
            folder: folder.ok_or("the database is in no folder")?,
            _place: Some(place),
            runtime,
        })
    }

    /// That of two servers, whichever of them takes writes.
    pub fn of_pair(pair: &Pair) -> Result<Database, Failure> {
        Ok(Database {
            engine: Engine::Postgres,
            url: pair.url(),
            folder: pair.folder().to_owned(),
            _place: None,
            runtime: Builder::new_current_thread().enable_all().build()?,
        })
    }

    /// The address by which the server opens it.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// A temporary folder on the same disk.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The file of an SQLite database.
    pub fn file(&self) -> &str {
        self.url().trim_start_matches("sqlite:")
    }

    /// A connection to a PostgreSQL database, driven by the runtime this is called in.
    pub async fn client(&self) -> Result<Client, Failure> {
        let (client, connection) = tokio_postgres::connect(self.url(), NoTls).await?;
        tokio::spawn(connection);
        Ok(client)
    }

    /// Runs statements that fill it, each another table, and leaves nothing to be written to the disk later.
    pub fn fill(&self, statements: &[String]) -> Result<(), Failure> {
        match self.engine {
            Engine::Sqlite => {
                let connection = Connection::open(self.file())?;
                connection.execute_batch(FILLING)?;
                for statement in statements {
                    connection.execute(statement, [])?;
                }
                connection.execute_batch("commit")?;
                Ok(File::open(self.file())?.sync_all()?)
            }
            Engine::Postgres => self.runtime.block_on(self.fill_postgres(statements)),
        }
    }

    /// The tables at once, then all that would be done some time later, while something is measured.
    async fn fill_postgres(&self, statements: &[String]) -> Result<(), Failure> {
        let tables = statements.iter().map(|statement| async move {
            let client = self.client().await?;
            Ok::<(), Failure>(client.batch_execute(statement).await?)
        });
        try_join_all(tables).await?;
        let client = self.client().await?;
        client.batch_execute("vacuum analyze").await?;
        Ok(client.batch_execute("checkpoint").await?)
    }

    /// What a query finds, as text.
    pub fn rows(&self, sql: &str) -> Result<Vec<Vec<String>>, Failure> {
        match self.engine {
            Engine::Sqlite => {
                let connection = Connection::open(self.file())?;
                let mut statement = connection.prepare(sql)?;
                let width = statement.column_count();
                let rows = statement
                    .query_map([], |row| (0..width).map(|column| row.get(column)).collect())?;
                Ok(rows.collect::<Result<_, _>>()?)
            }
            Engine::Postgres => self.runtime.block_on(async {
                let messages = self.client().await?.simple_query(sql).await?;
                let rows = messages.iter().filter_map(|message| match message {
                    SimpleQueryMessage::Row(row) => Some(texts(row)),
                    _ => None,
                });
                Ok(rows.collect())
            }),
        }
    }

    /// The only value that a query finds.
    pub fn value(&self, sql: &str) -> Result<String, Failure> {
        let mut rows = self.rows(sql)?;
        let value = rows.pop().and_then(|mut row| row.pop());
        value.ok_or_else(|| format!("nothing was found by {sql}").into())
    }
}

fn texts(row: &tokio_postgres::SimpleQueryRow) -> Vec<String> {
    let columns = 0..row.len();
    columns
        .map(|column| row.get(column).unwrap_or_default().to_owned())
        .collect()
}
