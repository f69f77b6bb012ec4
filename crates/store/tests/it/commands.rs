//! What a command may rely on, whatever the engine.

use std::convert::Infallible;

use futures_util::{FutureExt, future::join_all};
use store::{Command, Engine, Store, StoreError, WriteError, WriteTx, args};

use crate::harness::{AlreadyMarked, COUNT_MARKS, COUNTER, INSERT_MARK, Mark, NEW_COUNTER, Test};

on_both_engines!(
    what_a_command_wrote_is_there_when_it_is_answered,
    a_refused_command_leaves_nothing_and_its_neighbours_all,
    a_panic_is_an_error_and_the_next_command_works,
    a_command_that_goes_on_after_a_failed_statement_is_not_committed,
    two_writers_lose_no_update,
    a_command_is_finished_when_its_caller_is_gone,
    a_connection_does_not_come_back_inside_a_transaction,
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

impl Command for RefuseThirds {
    type Output = i64;
    type Refusal = i64;

    async fn run(&self, tx: &WriteTx<'_>) -> Result<i64, WriteError<i64>> {
        tx.execute(INSERT_MARK, args!["third", self.0]).await?;
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
        tx.execute(INSERT_MARK, args!["panic", 1_i64]).await?;
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
        tx.execute(INSERT_MARK, args!["before", 1_i64]).await?;
        assert!(
            tx.execute(INSERT_MARK, args!["before", 1_i64])
                .await
                .is_err()
        );
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

async fn a_command_is_finished_when_its_caller_is_gone(test: Test) {
    test.execute(NEW_COUNTER).await;
    let name = "gone";
    let answer = test.store.write(Mark { name, number: 1 }).now_or_never();
    // on a busy machine it may be done before the first look at it
    assert!(answer.is_none_or(|answer| answer.is_ok()));
    while test.one::<i64>(COUNT_MARKS).await == 0 {
        tokio::task::yield_now().await;
    }
    assert_eq!(test.one::<i64>(COUNTER).await, 1);
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
        assert!(store.write(RefuseThirds(3)).await.is_err());
        // with the only connection taken, the command has not begun when its caller goes
        let taken = store.read().await.unwrap();
        let name = "cut";
        let answer = store.write(Mark { name, number }).now_or_never();
        assert!(answer.is_none() || store.engine() == Engine::Sqlite);
        drop(taken);
        assert!(store.write(Panic).await.is_err());
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
    let left: i64 = test
        .one("select count(*) from marks where name in ('panic', 'third')")
        .await;
    assert_eq!(left, 0);
}
