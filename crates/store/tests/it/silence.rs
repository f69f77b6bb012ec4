//! PostgreSQL that says nothing any more while its connections stay open, as one that hangs or is behind a broken
//! network: whoever waits hears so in time, and all goes on over other connections.

use std::{
    collections::BTreeSet,
    convert::Infallible,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use domain::id::UserId;
use futures_util::{FutureExt, future::join_all};
use store::{Command, Sharing, Store, StoreError, WriteError, WriteTx, args, error::Outage};
use testdb::TestDatabase;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream, UnixStream},
    sync::{Semaphore, watch},
    time::timeout,
};

use crate::{
    harness::{ORGANIZATION, Test, id},
    shared_transactions::{Mischief, NextHour, blocked, with_hosts},
};

/// Far more than it takes.
const BOUND: Duration = Duration::from_mins(1);

/// A proxy before PostgreSQL that can stop to pass anything on. A connection that was open then is never served again.
#[derive(Clone)]
struct Proxy {
    is_silent: Arc<watch::Sender<bool>>,
    falls_silent_at_commit: Arc<AtomicBool>,
    /// Connections that were made during the silence.
    asked: Arc<AtomicUsize>,
}

impl Proxy {
    /// The proxy, and a store by way of it.
    async fn before(database: &TestDatabase) -> (Proxy, Store) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let proxy = Proxy {
            is_silent: Arc::new(watch::Sender::new(false)),
            falls_silent_at_commit: Arc::default(),
            asked: Arc::default(),
        };
        let (passing, socket) = (proxy.clone(), database.socket());
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let server = UnixStream::connect(&socket).await.unwrap();
                tokio::spawn(passing.clone().pass(client, server));
            }
        });
        let name = database.url().trim_start_matches("postgres:///");
        let name = name.split('?').next().unwrap();
        let url = format!("postgres://postgres@127.0.0.1:{port}/{name}?connect_timeout=1");
        (proxy, Store::open(&url).await.unwrap())
    }

    fn falls_silent(&self) {
        self.is_silent.send_replace(true);
    }

    fn comes_back(&self) {
        self.is_silent.send_replace(false);
    }

    async fn pass(self, mut client: TcpStream, mut server: UnixStream) {
        let mut silence = self.is_silent.subscribe();
        if *silence.borrow() {
            self.asked.fetch_add(1, Ordering::SeqCst);
        }
        becomes(&mut silence, false).await;
        let (mut asked, mut answered) = (vec![0; 65536], vec![0; 65536]);
        loop {
            tokio::select! {
                biased;
                () = becomes(&mut silence, true) => break,
                Ok(length @ 1..) = client.read(&mut asked) => {
                    server.write_all(&asked[..length]).await.unwrap();
                    let is_commit = asked[..length].ends_with(b"commit\0");
                    if is_commit && self.falls_silent_at_commit.swap(false, Ordering::SeqCst) {
                        let answered = server.read(&mut answered).await.unwrap();
                        assert!(answered > 0, "the server commits");
                        self.falls_silent();
                    }
                }
                Ok(length @ 1..) = server.read(&mut answered) => {
                    client.write_all(&answered[..length]).await.ok();
                }
                else => return,
            }
        }
        std::future::pending::<()>().await;
    }

    /// Comes back once so many connections were made in vain.
    async fn comes_back_after(&self, asked: usize) {
        while self.asked.load(Ordering::SeqCst) <= asked {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        self.comes_back();
    }
}

async fn becomes(silence: &mut watch::Receiver<bool>, wanted: bool) {
    let is_wanted = |is_silent: &bool| *is_silent == wanted;
    silence.wait_for(is_wanted).await.unwrap();
}

fn next_hour(number: u128) -> NextHour {
    NextHour {
        host: 1,
        number,
        mischief: Mischief::None,
    }
}

fn is_outage<R: std::fmt::Debug>(answer: &Result<usize, WriteError<R>>) -> bool {
    let Err(WriteError::Failed(StoreError::Unavailable { outage, .. })) = answer else {
        return false;
    };
    matches!(outage, Outage::ConnectionLost | Outage::OutcomeUnknown)
}

/// A write that has a transaction of its own.
struct Alone(NextHour);

impl Command for Alone {
    type Output = usize;
    type Refusal = <NextHour as Command>::Refusal;

    async fn run(&self, tx: &WriteTx<'_>) -> Result<usize, WriteError<Self::Refusal>> {
        self.0.run(tx).await
    }
}

#[tokio::test]
async fn a_server_that_says_nothing_is_given_up_and_used_again_when_it_is_back() {
    let product = with_hosts(&Test::postgres().await).await;
    let (proxy, store) = Proxy::before(&product.database).await;
    let before = join_all((0..8).map(|number| store.write(next_hour(number)))).await;
    assert!(before.iter().all(Result::is_ok), "{before:?}");
    proxy.falls_silent();
    let writes = join_all((8..16).map(|number| store.write(next_hour(number))));
    let alone = store.write(Alone(next_hour(16)));
    let read = async {
        let tx = store.read().await?;
        tx.one::<i64>("select count(*) from busy_intervals", args![])
            .await
    };
    let all = timeout(BOUND, async { tokio::join!(writes, alone, read) });
    let (writes, alone, read) = all.await.unwrap();
    assert!(writes.iter().all(is_outage), "{writes:?}");
    assert!(is_outage(&alone), "{alone:?}");
    assert!(read.is_err());
    proxy.comes_back();
    let after = join_all((20..28).map(|number| store.write(next_hour(number))));
    let after = timeout(BOUND, after).await.unwrap();
    let mut counts: Vec<usize> = after.into_iter().map(Result::unwrap).collect();
    counts.sort_unstable();
    assert_eq!(counts, (8..16).collect::<Vec<_>>());
    assert_eq!(blocked(&store, 1).await, 16);
}

#[tokio::test]
async fn a_commit_whose_answer_never_comes_is_found_over_another_connection() {
    let product = with_hosts(&Test::postgres().await).await;
    let (proxy, store) = Proxy::before(&product.database).await;
    for round in 0..2 {
        let asked = proxy.asked.load(Ordering::SeqCst);
        proxy.falls_silent_at_commit.store(true, Ordering::SeqCst);
        let numbers = round * 8..round * 8 + 8;
        let writes = join_all(numbers.map(|number| store.write(next_hour(number))));
        // the first connection asks whether the server is there at all
        let back = proxy.comes_back_after(asked + 1);
        let (answers, ()) = timeout(BOUND, async { tokio::join!(writes, back) })
            .await
            .unwrap();
        assert!(answers.iter().all(Result::is_ok), "{answers:?}");
    }
    assert_eq!(blocked(&store, 1).await, 16);
}

/// Keeps a transaction open until it is told to end.
#[derive(Clone)]
struct Wait {
    begun: Arc<Semaphore>,
    told: Arc<Semaphore>,
    host: u128,
}

impl Command for Wait {
    type Output = ();
    type Refusal = Infallible;

    fn shares(&self) -> Option<Sharing> {
        Some(Sharing {
            organization: ORGANIZATION,
            hosts: BTreeSet::from([UserId(id(self.host))]),
        })
    }

    async fn run(&self, _: &WriteTx<'_>) -> Result<(), WriteError<Infallible>> {
        self.begun.add_permits(1);
        self.told.acquire().await.unwrap().forget();
        Ok(())
    }
}

#[tokio::test]
async fn what_nobody_waits_for_any_more_is_not_begun() {
    let product = with_hosts(&Test::postgres().await).await;
    let (begun, told) = (Arc::new(Semaphore::new(0)), Arc::new(Semaphore::new(0)));
    let mut waiting = Vec::new();
    // as many as there are transactions at the same time
    for host in 2..4 {
        let wait = Wait {
            begun: begun.clone(),
            told: told.clone(),
            host,
        };
        let store = product.store.clone();
        waiting.push(tokio::spawn(async move { store.write(wait).await }));
        begun.acquire().await.unwrap().forget();
    }
    let given_up = product.store.write(next_hour(0)).now_or_never();
    assert!(given_up.is_none());
    let kept = tokio::spawn({
        let store = product.store.clone();
        async move { store.write(next_hour(1)).await }
    });
    tokio::task::yield_now().await;
    told.add_permits(2);
    for waiting in waiting {
        waiting.await.unwrap().unwrap();
    }
    assert_eq!(kept.await.unwrap().unwrap(), 0);
    assert_eq!(blocked(&product.store, 1).await, 1);
}
