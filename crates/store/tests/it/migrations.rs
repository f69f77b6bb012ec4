//! The history is applied once, in order, by whoever comes first.

use std::collections::BTreeMap;

use store::{
    Engine, Store, StoreError,
    copy::{copy, tables},
    error::Outage,
    migrate::{self, MIGRATIONS, Migration},
};

use crate::harness::{self, Execute, Test};

on_both_engines!(
    four_processes_that_start_at_once_apply_each_migration_once,
    the_history_of_the_product_is_applied_and_ready,
    a_newer_database_is_refused,
    an_unfinished_copy_is_refused_and_a_finished_one_is_ready,
    a_migration_that_fails_leaves_nothing,
    the_tables_read_from_the_migrations_are_those_of_the_database,
);

async fn four_processes_that_start_at_once_apply_each_migration_once(test: Test) {
    let database = test.fresh().await;
    let start = || {
        let url = database.url().to_owned();
        tokio::spawn(async move {
            let store = Store::open(&url).await?;
            migrate::apply(&store, harness::MIGRATIONS).await
        })
    };
    let starters = [start(), start(), start(), start()];
    let mut applied = 0;
    for starter in starters {
        applied += starter.await.unwrap().unwrap();
    }
    assert_eq!(applied, harness::MIGRATIONS.len());
    let store = Store::open(database.url()).await.unwrap();
    assert_eq!(
        migrate::apply(&store, harness::MIGRATIONS).await.unwrap(),
        0
    );
}

async fn the_history_of_the_product_is_applied_and_ready(test: Test) {
    let database = test.fresh().await;
    let store = Store::open(database.url()).await.unwrap();
    assert!(store.is_ready().await.is_err());
    assert_eq!(store.migrate().await.unwrap(), MIGRATIONS.len());
    store.is_ready().await.unwrap();
    assert_eq!(store.migrate().await.unwrap(), 0);
}

async fn a_newer_database_is_refused(test: Test) {
    let older: &[Migration] = &harness::MIGRATIONS[..2];
    let unknown = |answer| matches!(answer, Err(StoreError::NewerDatabase { migration }) if migration == "0003_colors");
    assert!(unknown(migrate::apply(&test.store, older).await.map(drop)));
    assert!(unknown(migrate::check(&test.store, older).await));
}

async fn an_unfinished_copy_is_refused_and_a_finished_one_is_ready(test: Test) {
    let databases = [test.fresh().await, test.fresh().await];
    let [from, to] = &databases;
    let from = Store::open(from.url()).await.unwrap();
    let to = Store::open(to.url()).await.unwrap();
    from.migrate().await.unwrap();
    to.migrate().await.unwrap();
    copy(&from, &to, |_, _| {}).await.unwrap();
    to.is_ready().await.unwrap();
    assert_eq!(to.migrate().await.unwrap(), 0);
    // what a copy that was cut off leaves behind
    to.write(Execute(
        "insert into schema_migrations (name) values ('unfinished copy')",
    ))
    .await
    .unwrap();
    for refused in [to.is_ready().await, to.migrate().await.map(drop)] {
        let message = refused.unwrap_err().to_string();
        assert!(message.contains("unfinished copy"), "{message}");
    }
    let again = copy(&from, &to, |_, _| {}).await;
    assert!(again.is_err());
}

const BROKEN: &[Migration] = &[
    harness::MIGRATIONS[0],
    harness::MIGRATIONS[1],
    harness::MIGRATIONS[2],
    (
        "0004_broken",
        "create table leftovers (name text); insert into nowhere (name) values ('a');",
    ),
];

const MENDED: &[Migration] = &[
    harness::MIGRATIONS[0],
    harness::MIGRATIONS[1],
    harness::MIGRATIONS[2],
    (
        "0004_broken",
        "create table leftovers (name text); insert into leftovers (name) values ('a');",
    ),
];

async fn a_migration_that_fails_leaves_nothing(test: Test) {
    assert!(migrate::apply(&test.store, BROKEN).await.is_err());
    let missing = migrate::check(&test.store, MENDED).await;
    assert!(matches!(
        missing,
        Err(StoreError::Unavailable {
            outage: Outage::NotMigrated,
            ..
        })
    ));
    assert_eq!(migrate::apply(&test.store, MENDED).await.unwrap(), 1);
    assert_eq!(test.one::<i64>("select count(*) from leftovers").await, 1);
}

const SQLITE_COLUMNS: &str = "select tables.name, columns.name from sqlite_schema tables
  join pragma_table_info(tables.name) columns
  where tables.type = 'table' and tables.name <> 'schema_migrations' order by tables.name, columns.cid";
const POSTGRES_COLUMNS: &str = "select table_name::text, column_name::text from information_schema.columns
  where table_schema = 'public' and table_name <> 'schema_migrations' order by table_name, ordinal_position";

async fn the_tables_read_from_the_migrations_are_those_of_the_database(test: Test) {
    let product = test.product().await;
    for (test, migrations) in [(&test, harness::MIGRATIONS), (&product, MIGRATIONS)] {
        let expected = tables(migrations).unwrap().into_iter().map(|table| {
            (
                table.name,
                table
                    .columns
                    .into_iter()
                    .map(|column| column.name)
                    .collect::<Vec<_>>(),
            )
        });
        let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
        let columns = match test.store.engine() {
            Engine::Sqlite => SQLITE_COLUMNS,
            Engine::Postgres => POSTGRES_COLUMNS,
        };
        for (table, column) in test.all::<(String, String)>(columns).await {
            found.entry(table).or_default().push(column);
        }
        assert_eq!(found, expected.collect::<BTreeMap<_, _>>());
    }
}

#[test]
fn a_change_that_copying_would_not_follow_is_an_error() {
    for change in [
        "alter table things rename to others",
        "alter table things drop column name",
        "create table t (a text)",
    ] {
        let history = [("0001", change)];
        assert!(tables(&history).is_err(), "{change}");
    }
}
