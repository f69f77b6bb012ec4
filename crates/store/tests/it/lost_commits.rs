//! The connection breaks on the commit: whatever became of it, the command is done once.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicU32, Ordering},
};

use store::{Command, ReadTx, Store, StoreError, WriteError, WriteTx};
use tokio::sync::oneshot;

use crate::{
    harness::{AlreadyMarked, COUNT_MARKS, COUNTER, Mark, NEW_COUNTER, Test},
    proxy::{self, Loss},
};

/// A mark that counts how often it is run and tells of the second time.
struct Watched {
    mark: Mark,
    runs: Arc<AtomicU32>,
    second_run: Mutex<Option<oneshot::Sender<()>>>,
}

impl Command for Watched {
    type Output = i64;
    type Refusal = AlreadyMarked;

    async fn run(&self, tx: &WriteTx<'_>) -> Result<i64, WriteError<AlreadyMarked>> {
        if self.runs.fetch_add(1, Ordering::SeqCst) == 1
            && let Some(second_run) = self.second_run.lock().unwrap().take()
        {
            second_run.send(()).unwrap();
        }
        self.mark.run(tx).await
    }

    async fn is_done(&self, tx: &ReadTx<'_>) -> Result<bool, StoreError> {
        self.mark.is_done(tx).await
    }
}

/// Writes one mark by way of the proxy and returns how often the command ran.
async fn write_with(loss: Loss, second_run: Option<oneshot::Sender<()>>) -> u32 {
    let test = Test::postgres().await;
    test.execute(NEW_COUNTER).await;
    let store = Store::open(&proxy::start(&test.database, loss).await)
        .await
        .unwrap();
    let runs = Arc::new(AtomicU32::new(0));
    let mark = Mark {
        name: "lost",
        number: 1,
    };
    let command = Watched {
        mark,
        runs: runs.clone(),
        second_run: Mutex::new(second_run),
    };
    assert_eq!(store.write(command).await.unwrap(), 1);
    assert_eq!(test.one::<i64>(COUNT_MARKS).await, 1);
    assert_eq!(test.one::<i64>(COUNTER).await, 1);
    runs.load(Ordering::SeqCst)
}

#[tokio::test]
async fn a_commit_whose_answer_is_lost_is_found_and_not_repeated() {
    assert_eq!(write_with(Loss::Answer, None).await, 1);
}

#[tokio::test]
async fn a_commit_that_never_arrived_is_done_again() {
    assert_eq!(write_with(Loss::Request, None).await, 2);
}

#[tokio::test]
async fn a_commit_that_arrives_while_it_is_done_again_counts_once() {
    let (second_run, told) = oneshot::channel();
    assert_eq!(write_with(Loss::Late(told), Some(second_run)).await, 2);
}
