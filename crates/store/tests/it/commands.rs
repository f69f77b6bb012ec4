//! What a command may rely on, whatever the engine.

use std::{
    collections::BTreeSet,
    convert::Infallible,
    sync::atomic::{AtomicBool, Ordering},
};

use futures_util::{FutureExt, future::join_all};
use store::{Command, Engine, Store, StoreError, WriteError, WriteTx, args, engine::Param};

use crate::harness::{AlreadyMarked, COUNT_MARKS, COUNTER, Execute, Mark, NEW_COUNTER, Test};

on_both_engines!(
    what_a_command_wrote_is_there_when_it_is_answered,
    a_refused_command_leaves_nothing_and_its_neighbours_all,
    a_panic_is_an_error_and_the_next_command_works,
    a_command_that_goes_on_after_a_failed_statement_is_not_committed,
    two_writers_lose_no_update,
    a_conflict_names_the_columns_of_its_key,
    a_conflict_of_an_expression_names_its_index,
    a_read_cannot_write,
    a_command_is_finished_when_its_caller_is_gone,
    one_statement_runs_for_many_rows,
    a_snapshot_does_not_see_what_comes_after_it,
    a_connection_does_not_come_back_inside_a_transaction,
    a_missing_argument_is_an_error,
    bad_sql_is_an_error_and_the_next_command_works,
);

async fn what_a_command_wrote_is_there_when_it_is_answered(test: Test) {
    test.execute(NEW_COUNTER).await;
    let count = test
        .store
        .write(Mark {
            name: "a",
            number: 1,
        })
        .await
        .unwrap();
    assert_eq!(count, 1);
    assert_eq!(test.one::<i64>(COUNT_MARKS).await, 1);
    let other = test.another_store().await;
    assert!(
        Mark {
            name: "a",
            number: 1
        }
        .is_there(&other.read().await.unwrap())
        .await
        .unwrap()
    );
}

/// Leaves its mark and then refuses every third time.
struct RefuseThirds(i64);

const MARK: &str = "insert into marks (name, number) values ($1, $2)";

impl Command for RefuseThirds {
    type Output = i64;
    type Refusal = i64;

    async fn run(&self, tx: &WriteTx<'_>) -> Result<i64, WriteError<i64>> {
        tx.execute(MARK, args!["third", self.0]).await?;
        if self.0 % 3 == 0 {
            Err(WriteError::Refused(self.0))
        } else {
            Ok(self.0)
        }
    }
}

async fn a_refused_command_leaves_nothing_and_its_neighbours_all(test: Test) {
    let answers = join_all((0..600).map(|number| test.store.write(RefuseThirds(number)))).await;
    for (number, answer) in (0..).zip(answers) {
        match answer {
            Ok(written) => assert!(written == number && number % 3 != 0),
            Err(WriteError::Refused(refused)) => assert!(refused == number && number % 3 == 0),
            Err(WriteError::Failed(error)) => panic!("{error}"),
        }
    }
    let there: Vec<i64> = test.all("select number from marks order by number").await;
    assert_eq!(
        there,
        (0..600)
            .filter(|number| number % 3 != 0)
            .collect::<Vec<_>>()
    );
}

struct Panic;

impl Command for Panic {
    type Output = ();
    type Refusal = Infallible;

    async fn run(&self, tx: &WriteTx<'_>) -> Result<(), WriteError<Infallible>> {
        tx.execute(MARK, args!["panic", 1_i64]).await?;
        panic!("as the test wants it");
    }
}

async fn a_panic_is_an_error_and_the_next_command_works(test: Test) {
    test.execute(NEW_COUNTER).await;
    let (panicked, neighbour) = tokio::join!(
        test.store.write(Panic),
        test.store.write(Mark {
            name: "a",
            number: 1
        })
    );
    let Err(WriteError::Failed(error)) = panicked else {
        panic!("a panic is no success")
    };
    assert_eq!(
        error.to_string(),
        "a command panicked: as the test wants it"
    );
    assert_eq!(neighbour.unwrap(), 1);
    assert_eq!(
        test.store
            .write(Mark {
                name: "a",
                number: 2
            })
            .await
            .unwrap(),
        2
    );
    assert_eq!(
        test.all::<String>("select name from marks").await,
        ["a", "a"]
    );
}

/// Takes a conflict for nothing, which PostgreSQL does not: there the transaction is lost.
struct IgnoreConflict;

impl Command for IgnoreConflict {
    type Output = ();
    type Refusal = Infallible;

    async fn run(&self, tx: &WriteTx<'_>) -> Result<(), WriteError<Infallible>> {
        tx.execute(MARK, args!["before", 1_i64]).await?;
        assert!(tx.execute(MARK, args!["before", 1_i64]).await.is_err());
        Ok(())
    }
}

async fn a_command_that_goes_on_after_a_failed_statement_is_not_committed(test: Test) {
    let answer = test.store.write(IgnoreConflict).await;
    assert!(matches!(
        answer,
        Err(WriteError::Failed(StoreError::Invalid { .. }))
    ));
    assert_eq!(test.one::<i64>(COUNT_MARKS).await, 0);
}

/// Bumps first; then what it reads cannot change until it commits.
struct CountInTwoSteps;

const BUMP: &str = "update counters set value = value + 1 where name = 'lock'";
const READ: &str = "select value from counters where name = 'steps'";
const WRITE: &str = "update counters set value = $1 where name = 'steps'";

impl Command for CountInTwoSteps {
    type Output = ();
    type Refusal = Infallible;

    async fn run(&self, tx: &WriteTx<'_>) -> Result<(), WriteError<Infallible>> {
        tx.execute(BUMP, args![]).await?;
        let value: i64 = tx.one(READ, args![]).await?;
        tx.execute(WRITE, args![value + 1]).await?;
        Ok(())
    }
}

async fn two_writers_lose_no_update(test: Test) {
    test.execute("insert into counters (name, value) values ('lock', 0), ('steps', 0)")
        .await;
    let count = |store: Store| async move {
        for _ in 0..10 {
            let answers = join_all((0..10).map(|_| store.write(CountInTwoSteps))).await;
            answers.into_iter().collect::<Result<Vec<()>, _>>().unwrap();
        }
    };
    let one = tokio::spawn(count(test.store.clone()));
    let other = tokio::spawn(count(test.another_store().await));
    one.await.unwrap();
    other.await.unwrap();
    assert_eq!(test.one::<i64>(READ).await, 200);
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

async fn a_command_is_finished_when_its_caller_is_gone(test: Test) {
    test.execute(NEW_COUNTER).await;
    assert!(
        test.store
            .write(Mark {
                name: "gone",
                number: 1
            })
            .now_or_never()
            .is_none()
    );
    while test.one::<i64>(COUNT_MARKS).await == 0 {
        tokio::task::yield_now().await;
    }
    assert_eq!(test.one::<i64>(COUNTER).await, 1);
}

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
        Ok(tx.execute_each(MARK, &rows).await?)
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

/// With one connection, every command below follows on the same one.
async fn a_connection_does_not_come_back_inside_a_transaction(test: Test) {
    test.execute(NEW_COUNTER).await;
    let url = test.database.url();
    let store = match test.store.engine() {
        Engine::Postgres => Store::open(&format!("{url}&pool=1")).await.unwrap(),
        Engine::Sqlite => test.store.clone(),
    };
    for number in 0..5 {
        drop(store.snapshot().await.unwrap());
        assert!(store.write(Panic).await.is_err());
        assert!(store.write(RefuseThirds(3)).await.is_err());
        assert!(
            store
                .write(Mark {
                    name: "cut",
                    number
                })
                .now_or_never()
                .is_none()
        );
        store
            .write(Mark {
                name: "kept",
                number,
            })
            .await
            .unwrap();
        let refused = store
            .write(Mark {
                name: "kept",
                number,
            })
            .await;
        assert!(matches!(refused, Err(WriteError::Refused(AlreadyMarked))));
    }
    let kept: Vec<i64> = test
        .all("select number from marks where name = 'kept' order by number")
        .await;
    assert_eq!(kept, [0, 1, 2, 3, 4]);
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
