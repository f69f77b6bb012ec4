//! What only a server does: deadlocks, lost connections, a full pool.

use std::{
    convert::Infallible,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
};

use futures_util::future::join_all;
use store::{Command, ReadTx, Store, StoreError, WriteError, WriteTx, args, error::Outage};
use tokio::sync::{Barrier, Semaphore};

use crate::harness::{COUNT_MARKS, COUNTER, Mark, NEW_COUNTER, Test, outage};

/// Locks two rows, one after the other, so that two of these in opposite order meet in a deadlock once.
struct LockBoth {
    first: &'static str,
    second: &'static str,
    meet: Arc<Barrier>,
    runs: Arc<AtomicU32>,
}

const LOCK: &str = "update counters set value = value + 1 where name = $1";

impl Command for LockBoth {
    type Output = ();
    type Refusal = Infallible;

    async fn run(&self, tx: &WriteTx<'_>) -> Result<(), WriteError<Infallible>> {
        tx.execute("set local deadlock_timeout = '10ms'", args![])
            .await?;
        tx.execute(LOCK, args![self.first]).await?;
        if self.runs.fetch_add(1, Ordering::SeqCst) < 2 {
            self.meet.wait().await;
        }
        tx.execute(LOCK, args![self.second]).await?;
        Ok(())
    }
}

#[tokio::test]
async fn a_deadlock_is_resolved_by_running_again() {
    let test = Test::postgres().await;
    test.execute("insert into counters (name, value) values ('a', 0), ('b', 0)")
        .await;
    let (meet, runs) = (Arc::new(Barrier::new(2)), Arc::new(AtomicU32::new(0)));
    let lock = |first, second| {
        test.store.write(LockBoth {
            first,
            second,
            meet: meet.clone(),
            runs: runs.clone(),
        })
    };
    let (one, other) = tokio::join!(lock("a", "b"), lock("b", "a"));
    one.unwrap();
    other.unwrap();
    assert!(runs.load(Ordering::SeqCst) > 2);
    assert_eq!(test.all::<i64>("select value from counters").await, [2, 2]);
}

/// A serialization failure every time it is run.
struct NeverSerializable(Arc<AtomicU32>);

impl Command for NeverSerializable {
    type Output = ();
    type Refusal = Infallible;

    async fn run(&self, tx: &WriteTx<'_>) -> Result<(), WriteError<Infallible>> {
        self.0.fetch_add(1, Ordering::SeqCst);
        tx.execute(
            "do $$ begin raise exception 'in the way' using errcode = '40001'; end $$",
            args![],
        )
        .await?;
        Ok(())
    }
}

#[tokio::test]
async fn contention_without_end_is_an_outage_after_five_retries() {
    let test = Test::postgres().await;
    let runs = Arc::new(AtomicU32::new(0));
    let answer = test.store.write(NeverSerializable(runs.clone())).await;
    assert_eq!(outage(&answer.unwrap_err()), Some(Outage::Contention));
    assert_eq!(runs.load(Ordering::SeqCst), 6);
}

/// Two writers that see one state each: whoever waited for the other must start over.
struct RepeatableMark(Mark);

impl Command for RepeatableMark {
    type Output = i64;
    type Refusal = <Mark as Command>::Refusal;

    async fn run(&self, tx: &WriteTx<'_>) -> Result<i64, WriteError<Self::Refusal>> {
        tx.execute("set transaction isolation level repeatable read", args![])
            .await?;
        self.0.run(tx).await
    }
}

#[tokio::test]
async fn serialization_failures_are_run_again() {
    let test = Test::postgres().await;
    test.execute(NEW_COUNTER).await;
    let mark = |name| {
        let store = test.store.clone();
        async move {
            for number in 0..30 {
                store
                    .write(RepeatableMark(Mark { name, number }))
                    .await
                    .unwrap();
            }
        }
    };
    tokio::join!(mark("a"), mark("b"));
    assert_eq!(test.one::<i64>(COUNTER).await, 60);
}

/// Ends its own connection the first time it is run, before the commit.
struct CutOnce {
    mark: Mark,
    runs: Arc<AtomicU32>,
}

impl Command for CutOnce {
    type Output = i64;
    type Refusal = <Mark as Command>::Refusal;

    async fn run(&self, tx: &WriteTx<'_>) -> Result<i64, WriteError<Self::Refusal>> {
        let count = self.mark.run(tx).await?;
        if self.runs.fetch_add(1, Ordering::SeqCst) == 0 {
            tx.one::<bool>("select pg_terminate_backend(pg_backend_pid())", args![])
                .await?;
        }
        Ok(count)
    }

    async fn is_done(&self, tx: &ReadTx<'_>) -> Result<bool, StoreError> {
        self.mark.is_done(tx).await
    }
}

#[tokio::test]
async fn a_command_whose_connection_is_cut_before_the_commit_is_run_again() {
    let test = Test::postgres().await;
    test.execute(NEW_COUNTER).await;
    let runs = Arc::new(AtomicU32::new(0));
    let mark = Mark {
        name: "cut",
        number: 1,
    };
    let count = test
        .store
        .write(CutOnce {
            mark,
            runs: runs.clone(),
        })
        .await
        .unwrap();
    assert_eq!((count, runs.load(Ordering::SeqCst)), (1, 2));
    assert_eq!(test.one::<i64>(COUNT_MARKS).await, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn terminated_connections_lose_no_acknowledged_write_and_repeat_none() {
    let test = Arc::new(Test::postgres().await);
    test.execute(NEW_COUNTER).await;
    let writers: Vec<_> = ["a", "b", "c", "d", "e", "f", "g", "h"]
        .map(|name| tokio::spawn(write_many(test.store.clone(), name)))
        .into();
    for _ in 0..20 {
        test.database.terminate_backends().await;
    }
    let acknowledged: usize = join_all(writers)
        .await
        .into_iter()
        .map(Result::unwrap)
        .sum();
    let there = usize::try_from(retried(&test.store, COUNT_MARKS).await).unwrap();
    // Failures may have been written or not; nothing that was acknowledged may be missing.
    assert!(
        acknowledged > 0 && there >= acknowledged,
        "{acknowledged} acknowledged, {there} there"
    );
    let counted: i64 = retried(&test.store, COUNTER).await;
    assert_eq!(
        usize::try_from(counted).unwrap(),
        there,
        "each command counted once"
    );
}

/// Marks one number after the other and checks each acknowledged one.
async fn write_many(store: Store, name: &'static str) -> usize {
    let mut acknowledged = Vec::new();
    for number in 0..100 {
        match store.write(Mark { name, number }).await {
            Ok(_) => acknowledged.push(number),
            Err(WriteError::Failed(StoreError::Unavailable { .. })) => {}
            Err(error) => panic!("{error:?}"),
        }
    }
    let numbers: Vec<i64> = loop {
        let tx = store.read().await.unwrap();
        if let Ok(numbers) = tx
            .all("select number from marks where name = $1", args![name])
            .await
        {
            break numbers;
        }
    };
    assert!(acknowledged.iter().all(|number| numbers.contains(number)));
    acknowledged.len()
}

/// A read meets closed connections until they were all noticed.
async fn retried(store: &Store, sql: &'static str) -> i64 {
    for _ in 0..100 {
        if let Ok(value) = store.read().await.unwrap().one(sql, args![]).await {
            return value;
        }
    }
    panic!("no connection in a hundred works");
}

#[tokio::test]
async fn reads_go_on_after_every_connection_was_closed() {
    let test = Test::postgres().await;
    test.execute(NEW_COUNTER).await;
    for _ in 0..3 {
        test.database.terminate_backends().await;
        // nobody is told: the read goes on with a new connection
        assert_eq!(test.one::<i64>(COUNTER).await, 0);
    }
}

#[tokio::test]
async fn sessions_are_set_up_for_us() {
    let test = Test::postgres().await;
    for (setting, value) in [
        (
            "select current_setting('default_transaction_isolation')",
            "read committed",
        ),
        ("select current_setting('TimeZone')", "UTC"),
        ("select current_setting('statement_timeout')", "30s"),
        ("select current_setting('application_name')", "fasti"),
    ] {
        assert_eq!(test.one::<String>(setting).await, value, "{setting}");
    }
}

#[tokio::test]
async fn encryption_that_was_asked_for_is_never_left_out() {
    let test = Test::postgres().await;
    let url = format!("{}&sslmode=require", test.database.url());
    let error = Store::open(&url).await.map(drop).unwrap_err();
    let cause = std::error::Error::source(&error).map(ToString::to_string);
    assert_eq!(
        cause.as_deref(),
        Some("error performing TLS handshake"),
        "{error:?}"
    );
}

#[tokio::test]
async fn a_database_that_is_not_there_is_said_to_be_the_reason() {
    let test = Test::postgres().await;
    let url = test.database.url().replace("/test_", "/missing_");
    let error = Store::open(&url).await.map(drop).unwrap_err();
    assert_eq!(error.to_string(), "the database refuses the connection");
    let cause = std::error::Error::source(&error).unwrap().to_string();
    assert!(
        cause.ends_with("does not exist (SQLSTATE 3D000)"),
        "{cause}"
    );
}

/// Begins and waits to be told to go on.
struct Wait {
    begun: Arc<AtomicU32>,
    go_on: Arc<Semaphore>,
}

impl Command for Wait {
    type Output = ();
    type Refusal = Infallible;

    async fn run(&self, tx: &WriteTx<'_>) -> Result<(), WriteError<Infallible>> {
        let _: i64 = tx.one(COUNT_MARKS, args![]).await?;
        self.begun.fetch_add(1, Ordering::SeqCst);
        self.go_on.acquire().await.unwrap().forget();
        Ok(())
    }
}

#[tokio::test]
async fn a_flood_of_writes_leaves_a_connection_to_those_who_read() {
    let test = Test::postgres().await;
    let url = format!("{}&pool=4", test.database.url());
    let store = Store::open(&url).await.unwrap();
    let (begun, go_on) = (Arc::new(AtomicU32::new(0)), Arc::new(Semaphore::new(0)));
    let writes = (0..8).map(|_| {
        let (begun, go_on) = (begun.clone(), go_on.clone());
        let store = store.clone();
        tokio::spawn(async move { store.write(Wait { begun, go_on }).await })
    });
    let writes: Vec<_> = writes.collect();
    while begun.load(Ordering::SeqCst) < 3 {
        tokio::task::yield_now().await;
    }
    let tx = store.read().await.unwrap();
    let marks: i64 = tx.one(COUNT_MARKS, args![]).await.unwrap();
    assert_eq!((marks, begun.load(Ordering::SeqCst)), (0, 3));
    go_on.add_permits(8);
    for write in writes {
        write.await.unwrap().unwrap();
    }
}
