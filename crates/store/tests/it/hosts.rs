//! Hosts as locks.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use domain::id::UserId;
use futures_util::{FutureExt, future::try_join_all};
use store::{
    Store, StoreError,
    host_versions::{Freshness, Of},
    hosts,
};

use crate::harness::{ORGANIZATION, Test, id, steps};

on_both_engines!(
    writers_who_name_hosts_in_other_orders_do_not_block_each_other,
    a_host_named_twice_is_locked_once,
    an_unknown_host_is_an_error,
);

fn host(number: u128) -> UserId {
    UserId(id(number))
}

/// A store with so many hosts.
async fn with_hosts(test: &Test, count: u128) -> Test {
    let product = test.product().await;
    let insert = steps(move |tx| {
        let inserts = (0..count).map(|number| hosts::insert(tx, ORGANIZATION, host(number)));
        try_join_all(inserts).map(|done| done.map(drop)).boxed()
    });
    product.store.write(insert).await.unwrap();
    product
}

const VERSIONS: &str = "select version from hosts order by id";

/// So many that they are more than one message to the server.
const HOSTS: u128 = 100;

/// Locks all hosts fifty times and counts how often that was tried.
async fn bump(store: Store, backwards: bool, runs: Arc<AtomicUsize>) {
    for _ in 0..50 {
        let runs = runs.clone();
        let bump = steps(move |tx| {
            runs.fetch_add(1, Ordering::Relaxed);
            let mut all: Vec<UserId> = (0..HOSTS).map(host).collect();
            if backwards {
                all.reverse();
            }
            hosts::bump_all(tx, ORGANIZATION, all).boxed()
        });
        store.write(bump).await.unwrap();
    }
}

async fn writers_who_name_hosts_in_other_orders_do_not_block_each_other(test: Test) {
    let product = with_hosts(&test, HOSTS).await;
    let runs = Arc::new(AtomicUsize::new(0));
    let mut writers = Vec::new();
    for backwards in [false, true] {
        let store = product.another_store().await;
        writers.push(tokio::spawn(bump(store, backwards, runs.clone())));
    }
    for writer in writers {
        writer.await.unwrap();
    }
    // a deadlock would have been ended by the database, and the command run again
    assert_eq!(runs.load(Ordering::Relaxed), 100);
    let versions: Vec<i64> = product.all(VERSIONS).await;
    assert_eq!(versions, [100; 100]);
}

async fn a_host_named_twice_is_locked_once(test: Test) {
    let product = with_hosts(&test, 3).await;
    let named = steps(|tx| hosts::bump_all(tx, ORGANIZATION, [2, 0, 2].map(host)).boxed());
    product.store.write(named).await.unwrap();
    assert_eq!(product.all::<i64>(VERSIONS).await, [1, 0, 1]);
    let again = steps(|tx| hosts::bump(tx, ORGANIZATION, host(2)).boxed());
    assert_eq!(product.store.write(again).await.unwrap().version, 2);
}

async fn an_unknown_host_is_an_error(test: Test) {
    let product = with_hosts(&test, 2).await;
    let named = steps(|tx| hosts::bump_all(tx, ORGANIZATION, [0, 7].map(host)).boxed());
    let error = product.store.write(named).await.unwrap_err();
    let failed = matches!(error, store::WriteError::Failed(StoreError::Invalid { .. }));
    assert!(failed, "{error:?}");
    assert_eq!(product.all::<i64>(VERSIONS).await, [0, 0]);
}

#[tokio::test]
async fn what_was_known_before_a_loss_counts_no_more_also_when_the_versions_are_the_same() {
    let test = Test::postgres().await;
    let product = test.product().await;
    let host = UserId(id(1));
    let insert = steps(move |tx| Box::pin(hosts::insert(tx, ORGANIZATION, host)));
    product.store.write(insert).await.unwrap();
    let versions = product.store.host_versions();
    let tx = product.store.read().await.unwrap();
    let stamps = versions.look_up(&tx, ORGANIZATION, [(host, Of::Settings)]);
    let stamps = stamps.await.unwrap();
    drop(tx);
    assert_ne!(versions.freshness(&stamps), Freshness::Stale);
    product.database.terminate_backends().await;
    // on whatever connection: an old one that fails, or a new one
    let tx = product.store.read().await.unwrap();
    versions.check(&tx, &stamps).await.unwrap();
    assert_eq!(versions.freshness(&stamps), Freshness::Stale);
}
