//! What single statements do, whatever the engine, also when they go wrong.

use std::{
    collections::BTreeSet,
    convert::Infallible,
    sync::atomic::{AtomicBool, Ordering},
};

use futures_util::future::join_all;
use store::{Command, StoreError, WriteError, WriteTx, args, engine::Param};

use crate::harness::{COUNT_MARKS, COUNTER, Execute, INSERT_MARK, Mark, NEW_COUNTER, Test};

on_both_engines!(
    one_statement_runs_for_many_rows,
    a_conflict_names_the_columns_of_its_key,
    a_conflict_of_an_expression_names_its_index,
    a_read_cannot_write,
    a_snapshot_does_not_see_what_comes_after_it,
    a_missing_argument_is_an_error,
    bad_sql_is_an_error_and_the_next_command_works,
);

struct MarkAll(Vec<i64>);

impl Command for MarkAll {
    type Output = u64;
    type Refusal = Infallible;

    async fn run(&self, tx: &WriteTx<'_>) -> Result<u64, WriteError<Infallible>> {
        let rows: Vec<Vec<&dyn Param>> = self
            .0
            .iter()
            .map(|number| vec![&"each" as &dyn Param, number])
            .collect();
        Ok(tx.execute_each(INSERT_MARK, &rows).await?)
    }
}

async fn one_statement_runs_for_many_rows(test: Test) {
    assert_eq!(
        test.store
            .write(MarkAll((0..1000).collect()))
            .await
            .unwrap(),
        1000
    );
    assert_eq!(test.store.write(MarkAll(Vec::new())).await.unwrap(), 0);
    assert_eq!(test.one::<i64>(COUNT_MARKS).await, 1000);
    // The last row is there already: none of the others stays.
    let answer = test.store.write(MarkAll((999..2000).rev().collect())).await;
    assert_eq!(constraint(answer.unwrap_err()), "marks.name, marks.number");
    assert_eq!(test.one::<i64>(COUNT_MARKS).await, 1000);
}

async fn a_conflict_names_the_columns_of_its_key(test: Test) {
    test.execute("insert into counters (name, value) values ('a', 1)")
        .await;
    let answer = test
        .store
        .write(Execute(
            "insert into counters (name, value) values ('a', 1)",
        ))
        .await;
    assert_eq!(constraint(answer.unwrap_err()), "counters.name");
    let mark = "insert into marks (name, number) values ('a', 1)";
    test.execute(mark).await;
    assert_eq!(
        constraint(test.store.write(Execute(mark)).await.unwrap_err()),
        "marks.name, marks.number"
    );
}

async fn a_conflict_of_an_expression_names_its_index(test: Test) {
    test.execute("insert into marks (name, number, color) values ('a', 1, 'red')")
        .await;
    let answer = test
        .store
        .write(Execute(
            "insert into marks (name, number, color) values ('a', 2, 'RED')",
        ))
        .await;
    assert_eq!(constraint(answer.unwrap_err()), "marks_by_color");
}

fn constraint(error: WriteError<Infallible>) -> String {
    match error {
        WriteError::Failed(StoreError::Conflict { constraint, .. }) => constraint.unwrap(),
        error => panic!("not a conflict: {error:?}"),
    }
}

async fn a_read_cannot_write(test: Test) {
    test.execute(NEW_COUNTER).await;
    let tx = test.store.read().await.unwrap();
    let answer = tx
        .optional::<i64>("update counters set value = 1 returning value", args![])
        .await;
    assert!(matches!(answer, Err(StoreError::Invalid { .. })));
    assert_eq!(tx.one::<i64>(COUNTER, args![]).await.unwrap(), 0);
}

async fn a_snapshot_does_not_see_what_comes_after_it(test: Test) {
    test.execute(NEW_COUNTER).await;
    let snapshot = test.store.snapshot().await.unwrap();
    assert_eq!(snapshot.one::<i64>(COUNT_MARKS, args![]).await.unwrap(), 0);
    test.store
        .write(Mark {
            name: "later",
            number: 1,
        })
        .await
        .unwrap();
    assert_eq!(snapshot.one::<i64>(COUNT_MARKS, args![]).await.unwrap(), 0);
    drop(snapshot);
    assert_eq!(test.one::<i64>(COUNT_MARKS).await, 1);
}

async fn a_missing_argument_is_an_error(test: Test) {
    let tx = test.store.read().await.unwrap();
    let answer = tx
        .optional::<i64>("select value from counters where name = $1", args![])
        .await;
    assert!(matches!(answer, Err(StoreError::Invalid { .. })));
}

/// Fails the first time it is run.
struct BadOnce(AtomicBool);

impl Command for BadOnce {
    type Output = ();
    type Refusal = Infallible;

    async fn run(&self, tx: &WriteTx<'_>) -> Result<(), WriteError<Infallible>> {
        if !self.0.swap(true, Ordering::Relaxed) {
            tx.execute("insert into nowhere (name) values ('a')", args![])
                .await?;
        }
        Ok(())
    }
}

async fn bad_sql_is_an_error_and_the_next_command_works(test: Test) {
    let answer = test.store.write(BadOnce(AtomicBool::new(false))).await;
    let Err(WriteError::Failed(error @ StoreError::Invalid { .. })) = answer else {
        panic!("no error")
    };
    let cause = std::error::Error::source(&error).unwrap().to_string();
    assert!(cause.contains("nowhere"), "{cause}");
    test.execute(NEW_COUNTER).await;
    let counts = join_all((0..20).map(|number| test.store.write(Mark { name: "a", number }))).await;
    let counts: BTreeSet<i64> = counts.into_iter().map(Result::unwrap).collect();
    assert_eq!(counts, (1..=20).collect());
}
