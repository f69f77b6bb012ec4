//! PostgreSQL that goes away and comes back, also as another server: the store finds it again by itself.

use std::{
    convert::Infallible,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use futures_util::future::join_all;
use store::{Command, Store, StoreError, WriteError, WriteTx, args, migrate};
use testdb::Pair;
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, UnixStream},
};

use crate::harness::{COUNT_MARKS, COUNTER, Execute, MIGRATIONS, Mark, NEW_COUNTER, Test};

/// More than one of the pool's connections.
const READERS: usize = 8;

async fn open(url: &str) -> Store {
    let store = Store::open(url).await.unwrap();
    migrate::apply(&store, MIGRATIONS).await.unwrap();
    store.write(Execute(NEW_COUNTER)).await.unwrap();
    store
}

fn mark(number: i64) -> Mark {
    let name = "over";
    Mark { name, number }
}

async fn read<T: store::FromRow>(store: &Store, sql: &'static str) -> Result<T, StoreError> {
    store.read().await?.one(sql, args![]).await
}

/// Makes the pool have so many connections.
async fn connect(store: &Store) {
    let held = join_all((0..READERS).map(|_| store.read())).await;
    assert!(held.iter().all(Result::is_ok));
}

// in one thread nobody looks at the connections while the server restarts: the readers have to find out
#[tokio::test]
async fn a_restart_fails_nobody_who_reads_or_writes_afterwards() {
    let mut pair = Pair::start(&["fsync=off"]);
    let store = open(&format!("{}&pool={READERS}", pair.url())).await;
    connect(&store).await;
    for number in 0..2 {
        pair.stop_first();
        pair.start_first();
        for answer in join_all((0..READERS).map(|_| read::<i64>(&store, COUNTER))).await {
            assert_eq!(answer.unwrap(), number);
        }
        store.write(mark(number)).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_is_promoted_is_found_by_who_knows_both() {
    let mut pair = Pair::start(&["fsync=off"]);
    let store = open(&pair.url()).await;
    let attributes = "&target_session_attrs=read-write";
    for url in [pair.url_backwards(), pair.url_backwards() + attributes] {
        let other = Store::open(&url).await.unwrap();
        let stands_by: bool = read(&other, "select pg_is_in_recovery()").await.unwrap();
        assert!(!stands_by, "{url}");
    }
    connect(&store).await;
    let marks = (0..20).map(|number| store.write(mark(number)));
    for answer in join_all(marks).await {
        answer.unwrap();
    }
    pair.stop_first();
    pair.promote_second();
    assert_eq!(read::<i64>(&store, COUNT_MARKS).await.unwrap(), 20);
    store.write(mark(20)).await.unwrap();
    assert_eq!(read::<i64>(&store, COUNTER).await.unwrap(), 21);
}

/// Makes its connection refuse writes from then on, as that of a server that was demoted does.
struct Demote;

impl Command for Demote {
    type Output = ();
    type Refusal = Infallible;

    async fn run(&self, tx: &WriteTx<'_>) -> Result<(), WriteError<Infallible>> {
        tx.execute("set default_transaction_read_only = on", args![])
            .await?;
        Ok(())
    }
}

#[tokio::test]
async fn a_connection_that_takes_no_writes_any_more_is_given_up() {
    let test = Test::postgres().await;
    test.execute(NEW_COUNTER).await;
    let store = Store::open(&format!("{}&pool=1", test.database.url()))
        .await
        .unwrap();
    for number in 0..3 {
        store.write(Demote).await.unwrap();
        store.write(mark(number)).await.unwrap();
    }
    assert_eq!(test.one::<i64>(COUNT_MARKS).await, 3);
}

/// Accepts connections and never says anything; how many there were.
async fn silent() -> (u16, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (port, count) = (listener.local_addr().unwrap().port(), Arc::default());
    let counted: Arc<AtomicUsize> = Arc::clone(&count);
    tokio::spawn(async move {
        let mut open = Vec::new();
        while let Ok((stream, _)) = listener.accept().await {
            counted.fetch_add(1, Ordering::SeqCst);
            open.push(stream);
        }
    });
    (port, count)
}

/// A port that leads to a socket.
async fn port_to(socket: PathBuf) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((mut client, _)) = listener.accept().await {
            let mut server = UnixStream::connect(&socket).await.unwrap();
            tokio::spawn(async move { copy_bidirectional(&mut client, &mut server).await });
        }
    });
    port
}

#[tokio::test]
async fn a_server_that_does_not_answer_is_waited_for_once() {
    let test = Test::postgres().await;
    let (dead, asked) = silent().await;
    let alive = port_to(test.database.socket()).await;
    let name = test.database.url();
    let name = name.trim_start_matches("postgres:///").split('?').next();
    let url = format!(
        "postgres://postgres@127.0.0.1:{dead},127.0.0.1:{alive}/{}?connect_timeout=1&pool={READERS}",
        name.unwrap()
    );
    let store = Store::open(&url).await.unwrap();
    connect(&store).await;
    test.execute(NEW_COUNTER).await;
    store.write(mark(0)).await.unwrap();
    assert_eq!(asked.load(Ordering::SeqCst), 1);
}
