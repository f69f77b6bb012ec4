//! Copying between any two engines.

use std::{convert::Infallible, future::Future};

use jiff::Timestamp;
use serde_json::json;
use store::{
    Command, Store, StoreError, WriteError, WriteTx, args,
    column::{Instant, Json},
    copy::{CopyError, Kind, Table, copy, copy_tables, tables},
    engine::Param,
    error::Outage,
    migrate::MIGRATIONS,
};
use testdb::TestDatabase;
use uuid::Uuid;

use crate::harness::{self, Test, id};

macro_rules! in_every_direction {
    ($($test:ident),+ $(,)?) => {$(
        mod $test {
            use crate::harness::Test;

            #[tokio::test]
            async fn sqlite_to_sqlite() {
                super::$test(Test::sqlite(), Test::sqlite()).await;
            }

            #[tokio::test]
            async fn sqlite_to_postgres() {
                super::$test(Test::sqlite(), Test::postgres()).await;
            }

            #[tokio::test]
            async fn postgres_to_sqlite() {
                super::$test(Test::postgres(), Test::sqlite()).await;
            }

            #[tokio::test]
            async fn postgres_to_postgres() {
                super::$test(Test::postgres(), Test::postgres()).await;
            }
        }
    )+};
}

in_every_direction!(
    every_row_arrives_and_is_compared,
    a_target_with_rows_is_refused
);

const INSERT_THING: &str = "insert into things
  (organization_id, id, name, version, is_odd, happened_at, happens_on, notes, hash)
  values ($1, $2, $3, $4, $5, $6, $7, $8, $9)";

/// So many things; one in three has nothing in the columns that may be empty.
struct Things(u32);

impl Command for Things {
    type Output = ();
    type Refusal = Infallible;

    async fn run(&self, tx: &WriteTx<'_>) -> Result<(), WriteError<Infallible>> {
        for number in 0..self.0 {
            let filled = number % 3 != 0;
            let notes = json!({ "z": 1.0, "large": 1e22, "exact": 0.1, "a": [number, null, "ü"] });
            let time = Timestamp::from_microsecond(i64::from(number) - 500)
                .map_err(StoreError::invalid)?;
            tx.execute(
                INSERT_THING,
                args![
                    // Keys come in no order of their own, over several pages.
                    id(u128::from(number % 7)),
                    Uuid::from_u128(
                        u128::from(number).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835)
                    ),
                    format!("thing {number}"),
                    i64::from(number),
                    number % 2 == 1,
                    filled.then_some(Instant(time)),
                    filled.then_some("2026-03-08"),
                    filled.then_some(Json(notes)),
                    filled.then(|| number.to_be_bytes().to_vec())
                ],
            )
            .await?;
        }
        Ok(())
    }
}

async fn every_row_arrives_and_is_compared(
    from: impl Future<Output = Test>,
    to: impl Future<Output = Test>,
) {
    let (from, to) = (from.await, to.await);
    from.store.write(Things(1234)).await.unwrap();
    from.execute("insert into marks (name, number, color) values ('ä', -1, null), ('b', 1, 'red'), ('B', 2, '')").await;
    let mut seen = Vec::new();
    let copied = copy_tables(
        &from.store,
        &to.store,
        harness::MIGRATIONS,
        |table, rows| {
            seen.push((table.to_owned(), rows));
        },
    );
    let copied = copied.await.unwrap();
    let expected = [("things", 1234), ("marks", 3), ("counters", 0)];
    assert_eq!(
        copied,
        expected.map(|(table, rows)| (table.to_owned(), rows))
    );
    let steps = [
        ("things", 500),
        ("things", 1000),
        ("things", 1234),
        ("marks", 3),
    ];
    assert_eq!(seen, steps.map(|(table, rows)| (table.to_owned(), rows)));
    let colors: Vec<Option<String>> = to.all("select color from marks order by number").await;
    assert_eq!(colors, [None, Some("red".to_owned()), Some(String::new())]);
    let notes: Json<serde_json::Value> = to.one("select notes from things where version = 1").await;
    assert_eq!(notes.0["exact"], json!(0.1));
}

async fn a_target_with_rows_is_refused(
    from: impl Future<Output = Test>,
    to: impl Future<Output = Test>,
) {
    let (from, to) = (from.await, to.await);
    to.execute("insert into marks (name, number) values ('here before', 1)")
        .await;
    let answer = copy_tables(&from.store, &to.store, harness::MIGRATIONS, |_, _| {}).await;
    assert!(matches!(answer, Err(CopyError::TargetNotEmpty { table }) if table == "marks"));
}

#[tokio::test]
async fn a_target_without_tables_is_refused() {
    let (from, database) = (Test::sqlite().await, TestDatabase::sqlite());
    let to = Store::open(database.url()).await.unwrap();
    store::migrate::apply(&to, &harness::MIGRATIONS[..1])
        .await
        .unwrap();
    let answer = copy_tables(&from.store, &to, harness::MIGRATIONS, |_, _| {}).await;
    assert!(matches!(
        answer,
        Err(CopyError::Store(StoreError::Unavailable {
            outage: Outage::NotMigrated,
            ..
        }))
    ));
}

/// A text with a zero byte, which only SQLite can hold.
#[tokio::test]
async fn a_value_that_the_target_cannot_hold_is_named_by_its_table() {
    let (from, to) = (Test::sqlite().await, Test::postgres().await);
    from.execute("insert into marks (name, number) values (char(97, 0, 98), 1)")
        .await;
    let answer = copy_tables(&from.store, &to.store, harness::MIGRATIONS, |_, _| {}).await;
    assert!(matches!(answer, Err(CopyError::Table { table, .. }) if table == "marks"));
}

/// One row in each table, every column filled; ids are the same everywhere, so rows may refer to each other.
struct FillAll(Vec<Table>);

impl Command for FillAll {
    type Output = ();
    type Refusal = Infallible;

    async fn run(&self, tx: &WriteTx<'_>) -> Result<(), WriteError<Infallible>> {
        for table in &self.0 {
            let names: Vec<&str> = table
                .columns
                .iter()
                .map(|column| column.name.as_str())
                .collect();
            let places: Vec<String> = (1..=names.len())
                .map(|number| format!("${number}"))
                .collect();
            let sql = format!(
                "insert into {} ({}) values ({})",
                table.name,
                names.join(", "),
                places.join(", ")
            );
            let values: Vec<&dyn Param> = table
                .columns
                .iter()
                .map(|column| sample(column.kind))
                .collect();
            tx.execute(sql.leak(), &values).await?;
        }
        Ok(())
    }
}

fn sample(kind: Kind) -> &'static dyn Param {
    const ID: Uuid = Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0001);
    match kind {
        Kind::Uuid => &ID,
        Kind::Instant => &const { Instant(Timestamp::UNIX_EPOCH) },
        Kind::Json => &Json([1, 2, 3]),
        Kind::Int => &1_i64,
        Kind::Bool => &true,
        Kind::Bytes => &(&[1_u8, 2, 3] as &[u8]),
        Kind::Text => &"2026-03-08",
    }
}

#[tokio::test]
async fn every_table_of_the_product_is_copied_there_and_back() {
    let databases = [
        TestDatabase::sqlite(),
        TestDatabase::postgres().await,
        TestDatabase::sqlite(),
    ];
    let mut stores = Vec::new();
    for database in &databases {
        let store = Store::open(database.url()).await.unwrap();
        store.migrate().await.unwrap();
        stores.push(store);
    }
    stores[0]
        .write(FillAll(tables(MIGRATIONS).unwrap()))
        .await
        .unwrap();
    for pair in stores.windows(2) {
        let copied = copy(&pair[0], &pair[1], |_, _| {}).await.unwrap();
        assert!(copied.iter().all(|(_, rows)| *rows == 1), "{copied:?}");
        assert_eq!(copied.len(), tables(MIGRATIONS).unwrap().len());
    }
}
