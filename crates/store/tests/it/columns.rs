//! Values go in and come out the same on both engines, and what cannot be read says where it is.

use std::{convert::Infallible, error::Error};

use serde_json::json;
use store::{
    Command, FromRow, Row, StoreError, WriteError, WriteTx, args,
    column::{Date, Instant, Json},
    row,
};
use uuid::Uuid;

use crate::harness::{Test, id};

on_both_engines!(
    every_kind_of_value_comes_back_as_it_was,
    null_is_nothing_and_nothing_else,
    what_is_finer_than_a_microsecond_is_cut_off,
    instants_sort_by_time,
    null_where_a_value_must_be_is_a_corrupt_row,
    a_document_of_another_shape_is_a_corrupt_row,
    a_word_without_meaning_is_a_corrupt_row,
);

row! {
    /// A row of `things`.
    #[derive(Clone, Debug, PartialEq)]
    struct Thing {
        /// Its id.
        id: Uuid,
        name: String,
        version: i64,
        is_odd: bool,
        happened_at: Option<Instant>,
        happens_on: Option<Date>,
        notes: Option<Json<serde_json::Value>>,
        hash: Option<Vec<u8>>,
    }
}

struct Insert(Thing);

const INSERT: &str = "insert into things
  (organization_id, id, name, version, is_odd, happened_at, happens_on, notes, hash)
  values ($1, $2, $3, $4, $5, $6, $7, $8, $9)";

impl Command for Insert {
    type Output = ();
    type Refusal = Infallible;

    async fn run(&self, tx: &WriteTx<'_>) -> Result<(), WriteError<Infallible>> {
        let Thing {
            id,
            name,
            version,
            is_odd,
            happened_at,
            happens_on,
            notes,
            hash,
        } = &self.0;
        tx.execute(
            INSERT,
            args![
                Uuid::nil(),
                id,
                name,
                version,
                is_odd,
                happened_at,
                happens_on,
                notes,
                hash
            ],
        )
        .await?;
        Ok(())
    }
}

const THINGS: &str = "select id, name, version, is_odd, happened_at, happens_on, notes, hash from things order by id";

fn plain(number: u128) -> Thing {
    Thing {
        id: id(number),
        name: format!("thing {number}"),
        version: 0,
        is_odd: number % 2 == 1,
        happened_at: None,
        happens_on: None,
        notes: None,
        hash: None,
    }
}

fn instant(text: &str) -> Instant {
    Instant(text.parse().unwrap())
}

async fn every_kind_of_value_comes_back_as_it_was(test: Test) {
    let full = Thing {
        name: "naïve 'quoted' $1 ?1 \u{1f600}".to_owned(),
        version: i64::MIN,
        happened_at: Some(instant("2026-03-08T06:59:59.123456Z")),
        happens_on: Some(Date("2026-03-08".parse().unwrap())),
        notes: Some(Json(
            json!({ "b": [1, 2.5, null, true, "ü"], "a": { "deep": [] } }),
        )),
        hash: Some(vec![0, 255, 39, 0]),
        ..plain(1)
    };
    let early = Thing {
        name: String::new(),
        version: i64::MAX,
        happened_at: Some(instant("0001-01-01T00:00:00Z")),
        notes: Some(Json(json!(null))),
        hash: Some(Vec::new()),
        ..plain(2)
    };
    let late = Thing {
        happened_at: Some(instant("9999-12-30T22:00:00.999999Z")),
        ..plain(u128::MAX)
    };
    for thing in [&full, &early, &late] {
        test.store.write(Insert(thing.clone())).await.unwrap();
    }
    assert_eq!(test.all::<Thing>(THINGS).await, [full, early, late]);
}

async fn null_is_nothing_and_nothing_else(test: Test) {
    test.store.write(Insert(plain(1))).await.unwrap();
    assert_eq!(test.all::<Thing>(THINGS).await, [plain(1)]);
    let times: Vec<Option<Instant>> = test.all("select happened_at from things").await;
    assert_eq!(times, [None]);
}

async fn what_is_finer_than_a_microsecond_is_cut_off(test: Test) {
    for (number, time, kept) in [
        (
            1,
            "2026-01-01T00:00:00.123456999Z",
            "2026-01-01T00:00:00.123456Z",
        ),
        // Before 1970 the count is negative: it is cut off towards 1970.
        (
            2,
            "1969-12-31T23:59:59.123456999Z",
            "1969-12-31T23:59:59.123457Z",
        ),
    ] {
        let thing = Thing {
            happened_at: Some(instant(time)),
            ..plain(number)
        };
        test.store.write(Insert(thing)).await.unwrap();
        let times: Vec<Instant> = test
            .all("select happened_at from things order by id desc limit 1")
            .await;
        assert_eq!(times, [instant(kept)]);
    }
}

async fn instants_sort_by_time(test: Test) {
    let times = [
        "1969-12-31T23:59:59.9Z",
        "2026-01-01T00:00:00Z",
        "2026-01-01T00:00:00.5Z",
        "2026-01-01T00:00:01Z",
    ];
    for (number, time) in (0..).zip(times.iter().rev()) {
        let thing = Thing {
            happened_at: Some(instant(time)),
            ..plain(number)
        };
        test.store.write(Insert(thing)).await.unwrap();
    }
    let sorted: Vec<Instant> = test
        .all("select happened_at from things order by happened_at")
        .await;
    assert_eq!(sorted, times.map(instant));
}

/// Expects a row that cannot be read and returns its table, column, id and cause.
async fn corruption<T: FromRow>(
    test: &Test,
    sql: &'static str,
) -> (String, String, Option<String>, String) {
    let tx = test.store.read().await.unwrap();
    let Err(error @ StoreError::Corrupt { .. }) = tx.all::<T>(sql, args![]).await else {
        panic!("the row was read");
    };
    let cause = error.source().unwrap().to_string();
    match error {
        StoreError::Corrupt {
            table, column, id, ..
        } => (table, column, id, cause),
        _ => unreachable!(),
    }
}

async fn null_where_a_value_must_be_is_a_corrupt_row(test: Test) {
    test.store.write(Insert(plain(7))).await.unwrap();
    let found = corruption::<(Uuid, Instant)>(&test, "select id, happened_at from things").await;
    let id = Some(id(7).to_string());
    assert_eq!(
        (found.0.as_str(), found.1.as_str(), found.2),
        ("things", "happened_at", id)
    );
}

async fn a_document_of_another_shape_is_a_corrupt_row(test: Test) {
    let thing = Thing {
        notes: Some(Json(json!({ "secret": 1 }))),
        ..plain(8)
    };
    test.store.write(Insert(thing)).await.unwrap();
    let found = corruption::<Json<Vec<i64>>>(&test, "select notes from things").await;
    assert_eq!(
        (found.0.as_str(), found.1.as_str(), found.2),
        ("things", "notes", None)
    );
}

#[derive(Debug)]
struct Color;

impl FromRow for Color {
    fn from_row(row: &Row<'_>) -> Result<Color, StoreError> {
        let mut columns = row.columns();
        columns.take::<i64>()?;
        columns.parse(|word| (word == "red").then_some(Color))
    }
}

async fn a_word_without_meaning_is_a_corrupt_row(test: Test) {
    test.execute("insert into marks (name, number, color) values ('a', 1, 'red')")
        .await;
    test.execute("insert into marks (name, number, color) values ('a', 2, 'loud')")
        .await;
    let found = corruption::<Color>(
        &test,
        "select number as id, color from marks order by number",
    )
    .await;
    assert_eq!(
        (found.0.as_str(), found.1.as_str(), found.2.as_deref()),
        ("marks", "color", Some("2"))
    );
    assert!(
        !found.3.contains("loud"),
        "errors do not repeat what a row holds"
    );
}
