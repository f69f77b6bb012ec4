//! What only a file has: one writer with a queue, a disk that may be full, a process that may be killed.

use std::{
    convert::Infallible,
    env,
    io::{BufRead, BufReader, Write},
    process::{Command as Process, Stdio},
    sync::{Mutex, mpsc},
};

use futures_util::{FutureExt, future::join_all};
use store::{Command, Store, WriteError, WriteTx, error::Outage};

use crate::harness::{COUNT_MARKS, COUNTER, Execute, Mark, NEW_COUNTER, Test, outage};

/// Holds the writer up until it is told to go on, and says when it has begun.
struct Wait {
    begun: mpsc::Sender<()>,
    go_on: Mutex<mpsc::Receiver<()>>,
}

impl Command for Wait {
    type Output = ();
    type Refusal = Infallible;

    async fn run(&self, _tx: &WriteTx<'_>) -> Result<(), WriteError<Infallible>> {
        self.begun.send(()).unwrap();
        self.go_on.lock().unwrap().recv().unwrap();
        Ok(())
    }
}

#[tokio::test]
async fn a_full_queue_is_answered_at_once_and_what_it_took_is_done() {
    let test = Test::sqlite().await;
    test.execute(NEW_COUNTER).await;
    let ((begun, has_begun), (go_on, waiting)) = (mpsc::channel(), mpsc::channel());
    let mut held = Box::pin(test.store.write(Wait {
        begun,
        go_on: Mutex::new(waiting),
    }));
    assert!(held.as_mut().now_or_never().is_none());
    has_begun.recv().unwrap();

    let mut accepted: Vec<_> = (0..1024)
        .map(|number| Box::pin(test.store.write(Mark { name: "a", number })))
        .collect();
    assert!(
        accepted
            .iter_mut()
            .all(|write| write.as_mut().now_or_never().is_none())
    );
    let one_too_many = test
        .store
        .write(Mark {
            name: "b",
            number: 0,
        })
        .now_or_never()
        .unwrap();
    assert_eq!(outage(&one_too_many.unwrap_err()), Some(Outage::QueueFull));

    go_on.send(()).unwrap();
    held.await.unwrap();
    for answer in join_all(accepted).await {
        answer.unwrap();
    }
    assert_eq!(test.one::<i64>(COUNT_MARKS).await, 1024);
}

#[tokio::test]
async fn dropping_the_store_finishes_what_was_accepted() {
    let Test { store, database } = Test::sqlite().await;
    store.write(Execute(NEW_COUNTER)).await.unwrap();
    for number in 0..1000 {
        let name = "accepted";
        let answer = store.write(Mark { name, number }).now_or_never();
        // on a busy machine it may be done before the first look at it
        assert!(answer.is_none_or(|answer| answer.is_ok()));
    }
    drop(store);
    let store = Store::open(database.url()).await.unwrap();
    let test = Test { store, database };
    assert_eq!(test.one::<i64>(COUNT_MARKS).await, 1000);
}

/// Like a disk that is full: the file may not grow.
#[tokio::test]
async fn nobody_is_told_of_success_when_the_disk_is_full() {
    let test = Test::sqlite().await;
    test.execute(NEW_COUNTER).await;
    // The statement brings a row, which `execute` does not expect; the limit holds all the same.
    assert!(
        test.store
            .write(Execute("pragma max_page_count = 60"))
            .await
            .is_err()
    );
    let name: &'static str = "x".repeat(2000).leak();
    let answers = join_all((0..400).map(|number| test.store.write(Mark { name, number }))).await;
    let told = answers.iter().filter(|answer| answer.is_ok()).count();
    let failed = answers.iter().filter_map(|answer| answer.as_ref().err());
    assert!(failed.clone().count() > 0);
    assert!(
        failed
            .clone()
            .all(|error| outage(error) == Some(Outage::Storage)),
        "{:?}",
        failed.collect::<Vec<_>>()
    );
    assert_eq!(
        usize::try_from(test.one::<i64>(COUNT_MARKS).await).unwrap(),
        told
    );
    assert_eq!(
        usize::try_from(test.one::<i64>(COUNTER).await).unwrap(),
        told
    );

    assert!(
        test.store
            .write(Execute("pragma max_page_count = 100000"))
            .await
            .is_err()
    );
    test.store
        .write(Mark {
            name: "space again",
            number: 1,
        })
        .await
        .unwrap();
}

#[cfg(unix)]
#[tokio::test]
async fn the_files_are_for_their_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let test = Test::sqlite().await;
    let path = test.database.url().trim_start_matches("sqlite:");
    for path in [
        path.to_owned(),
        format!("{path}-wal"),
        format!("{path}-shm"),
    ] {
        let mode = std::fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{path}");
    }
}

#[tokio::test]
async fn an_address_that_names_no_database_says_why() {
    for (url, why) in [
        ("", "names no file"),
        ("sqlite:", "names no file"),
        ("sqlite::memory:", "names no file"),
        ("mysql://localhost/fasti", "cannot begin with mysql"),
        ("/nowhere/at/all.db", "/nowhere/at/all.db cannot be opened"),
        (
            "postgres://localhost:nonsense/fasti",
            "no valid PostgreSQL address",
        ),
        (
            "postgres:///fasti?host=/nowhere&user=me",
            "cannot be reached",
        ),
        ("postgres:///fasti?pool=many", "a number from 1 to 1000"),
    ] {
        let error = Store::open(url).await.map(drop).unwrap_err().to_string();
        assert!(error.contains(why), "{url}: {error}");
    }
}

/// Names the file that the child writes to. Without it the child's test does nothing.
const CHILD_DATABASE: &str = "FASTI_TEST_CHILD_DATABASE";

/// Not a test by itself: the process that `a_killed_process_loses_nothing_it_acknowledged` kills.
#[tokio::test]
async fn child_that_writes_until_it_is_killed() {
    let Ok(url) = env::var(CHILD_DATABASE) else {
        return;
    };
    let store = Store::open(&url).await.unwrap();
    for group in 0.. {
        let numbers: Vec<i64> = (group * 20..(group + 1) * 20).collect();
        let answers = join_all(numbers.iter().map(|&number| {
            store.write(Mark {
                name: "child",
                number,
            })
        }))
        .await;
        for (number, answer) in numbers.iter().zip(answers) {
            answer.unwrap();
            writeln!(std::io::stdout(), "acknowledged {number}").unwrap();
        }
    }
}

#[tokio::test]
async fn a_killed_process_loses_nothing_it_acknowledged() {
    let Test { store, database } = Test::sqlite().await;
    store.write(Execute(NEW_COUNTER)).await.unwrap();
    drop(store);

    let mut child = Process::new(env::current_exe().unwrap())
        .args([
            "--exact",
            "sqlite::child_that_writes_until_it_is_killed",
            "--nocapture",
        ])
        .env(CHILD_DATABASE, database.url())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut acknowledged: Vec<i64> = Vec::new();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut next = || lines.next().map(|line| line.unwrap());
    while let Some(line) = next() {
        acknowledged.extend(
            line.strip_prefix("acknowledged ")
                .map(|number| number.parse::<i64>().unwrap()),
        );
        if acknowledged.len() == 1000 {
            child.kill().unwrap();
        }
    }
    child.wait().unwrap();
    assert!(acknowledged.len() >= 1000);

    let store = Store::open(database.url()).await.unwrap();
    let test = Test { store, database };
    let there: Vec<i64> = test.all("select number from marks order by number").await;
    assert!(
        acknowledged
            .iter()
            .all(|number| there.binary_search(number).is_ok())
    );
    assert_eq!(
        test.one::<i64>(COUNTER).await,
        i64::try_from(there.len()).unwrap()
    );
    assert_eq!(
        test.one::<String>("select * from pragma_integrity_check()")
            .await,
        "ok"
    );
}
