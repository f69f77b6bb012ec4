//! A migrated store for every test, a table to play with, and commands that most tests need.

use std::{convert::Infallible, marker::PhantomData};

use domain::id::OrganizationId;
use futures_util::future::BoxFuture;
use store::{
    Command, Engine, FromRow, ReadTx, Store, StoreError, WriteError, WriteTx, args,
    error::Outage,
    migrate::{self, Migration},
};
use testdb::TestDatabase;
use uuid::Uuid;

/// Makes two tests of each named function, `…::sqlite` and `…::postgres`.
macro_rules! on_both_engines {
    ($($test:ident),+ $(,)?) => {$(
        mod $test {
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                super::$test(crate::harness::Test::sqlite().await).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                super::$test(crate::harness::Test::postgres().await).await;
            }
        }
    )+};
}

/// A history of its own, so that these tests do not change with the product's tables.
pub const MIGRATIONS: &[Migration] = &[
    (
        "0001_things",
        "create table things (
          organization_id {uuid} not null,
          id {uuid} not null,
          -- a comment; with a semicolon
          name text not null,
          version {int} not null,
          is_odd {bool} not null,
          happened_at {ts},
          happens_on text,
          notes {json},
          hash {bytes},
          primary key (organization_id, id)
        ){options};
        create unique index things_by_name on things (organization_id, name);
        create index things_by_time on things (organization_id, happened_at, id);",
    ),
    (
        "0002_marks",
        "create table marks (
          name text not null,
          number {int} not null,
          primary key (name, number)
        ){options};
        create table counters (
          name text not null primary key,
          value {int} not null
        ){options};",
    ),
    (
        "0003_colors",
        "alter table marks add column color text;
        create unique index marks_by_color on marks (lower(color));",
    ),
];

/// A store over a database that only this test knows. The store goes before the database.
pub struct Test {
    pub store: Store,
    pub database: TestDatabase,
}

impl Test {
    pub async fn sqlite() -> Test {
        Test::over(TestDatabase::sqlite()).await
    }

    pub async fn postgres() -> Test {
        Test::over(TestDatabase::postgres().await).await
    }

    pub async fn over(database: TestDatabase) -> Test {
        let store = Store::open(database.url()).await.unwrap();
        migrate::apply(&store, MIGRATIONS).await.unwrap();
        Test { store, database }
    }

    /// A store with the product's own tables, over another database of the same engine.
    pub async fn product(&self) -> Test {
        let database = self.fresh().await;
        let store = Store::open(database.url()).await.unwrap();
        store.migrate().await.unwrap();
        Test { store, database }
    }

    /// Another database of the same engine, without tables.
    pub async fn fresh(&self) -> TestDatabase {
        match self.store.engine() {
            Engine::Sqlite => TestDatabase::sqlite(),
            Engine::Postgres => TestDatabase::postgres().await,
        }
    }

    /// Another store over the same database, as another process would open it.
    pub async fn another_store(&self) -> Store {
        Store::open(self.database.url()).await.unwrap()
    }

    pub async fn one<T: FromRow>(&self, sql: &'static str) -> T {
        self.store
            .read()
            .await
            .unwrap()
            .one(sql, args![])
            .await
            .unwrap()
    }

    pub async fn all<T: FromRow>(&self, sql: &'static str) -> Vec<T> {
        self.store
            .read()
            .await
            .unwrap()
            .all(sql, args![])
            .await
            .unwrap()
    }

    /// Runs one statement without arguments.
    pub async fn execute(&self, sql: &'static str) {
        self.store.write(Execute(sql)).await.unwrap();
    }
}

/// The id with this number.
pub fn id(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

pub fn outage<R>(error: &WriteError<R>) -> Option<Outage> {
    match error {
        WriteError::Failed(StoreError::Unavailable { outage, .. }) => Some(*outage),
        _ => None,
    }
}

/// One statement without arguments.
pub struct Execute(pub &'static str);

impl Command for Execute {
    type Output = u64;
    type Refusal = Infallible;

    async fn run(&self, tx: &WriteTx<'_>) -> Result<u64, WriteError<Infallible>> {
        Ok(tx.execute(self.0, args![]).await?)
    }
}

/// The organization of most rows.
pub const ORGANIZATION: OrganizationId = OrganizationId(Uuid::from_u128(1));

/// Some statements as a command.
pub struct Steps<F, T>(F, PhantomData<fn() -> T>);

pub fn steps<F, T>(steps: F) -> Steps<F, T>
where
    F: for<'a, 'b> Fn(&'a WriteTx<'b>) -> BoxFuture<'a, Result<T, StoreError>>,
{
    Steps(steps, PhantomData)
}

impl<F, T> Command for Steps<F, T>
where
    F: for<'a, 'b> Fn(&'a WriteTx<'b>) -> BoxFuture<'a, Result<T, StoreError>>
        + Send
        + Sync
        + 'static,
    T: Send + 'static,
{
    type Output = T;
    type Refusal = Infallible;

    async fn run(&self, tx: &WriteTx<'_>) -> Result<T, WriteError<Infallible>> {
        Ok((self.0)(tx).await?)
    }
}

pub const COUNT_MARKS: &str = "select count(*) from marks";
pub const COUNTER: &str = "select value from counters where name = 'marks'";
pub const NEW_COUNTER: &str = "insert into counters (name, value) values ('marks', 0)";

const BUMP: &str = "update counters set value = value + 1 where name = 'marks' returning value";
pub const INSERT_MARK: &str = "insert into marks (name, number) values ($1, $2)";
const FIND_MARK: &str = "select count(*) from marks where name = $1 and number = $2";

/// Counts itself and leaves a mark, as a booking does: first the lock, then the row. A mark that is there is refused.
pub struct Mark {
    pub name: &'static str,
    pub number: i64,
}

#[derive(Debug, PartialEq, Eq)]
pub struct AlreadyMarked;

impl Command for Mark {
    /// The count.
    type Output = i64;
    type Refusal = AlreadyMarked;

    async fn run(&self, tx: &WriteTx<'_>) -> Result<i64, WriteError<AlreadyMarked>> {
        let count = tx
            .returning(BUMP, args![])
            .await?
            .ok_or_else(|| StoreError::missing("counters", "marks"))?;
        if self.is_there(tx).await? {
            return Err(WriteError::Refused(AlreadyMarked));
        }
        tx.execute(INSERT_MARK, args![self.name, self.number])
            .await?;
        Ok(count)
    }

    async fn is_done(&self, tx: &ReadTx<'_>) -> Result<bool, StoreError> {
        self.is_there(tx).await
    }
}

impl Mark {
    pub async fn is_there(&self, tx: &ReadTx<'_>) -> Result<bool, StoreError> {
        let count: i64 = tx.one(FIND_MARK, args![self.name, self.number]).await?;
        Ok(count > 0)
    }
}
