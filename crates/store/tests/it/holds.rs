//! Holds as they are kept.

use domain::{
    id::{EventTypeId, HoldId, TokenId, UserId},
    interval::Interval,
};
use futures_util::FutureExt;
use jiff::{SignedDuration, Timestamp};
use store::{
    holds::{self, Hold},
    scheduled_event_hosts::EventHost,
};

use crate::harness::{ORGANIZATION, Test, id, steps};

on_both_engines!(
    a_hold_is_read_as_it_was_written,
    the_holds_of_a_token_come_in_the_order_in_which_they_end,
);

fn host(number: u128, in_turn: bool) -> EventHost {
    EventHost {
        id: UserId(id(number)),
        in_turn,
    }
}

fn hold(number: u128, token: u128, minutes: i64) -> Hold {
    let start: Timestamp = "2026-03-03T10:00:00Z".parse().unwrap();
    let interval = Interval::new(start, start + SignedDuration::from_mins(30)).unwrap();
    let buffer = SignedDuration::from_mins(10);
    Hold {
        id: HoldId(id(number)),
        event_type_id: EventTypeId(id(90)),
        token_id: TokenId(id(token)),
        user_id: UserId(id(70)),
        interval,
        buffered: interval.expand(buffer, buffer),
        // neither in the order of their ids nor in turn before fixed
        hosts: vec![host(3, false), host(1, true), host(2, false)],
        created_at: start,
        expires_at: start + SignedDuration::from_mins(minutes),
    }
}

async fn add(test: &Test, hold: Hold) {
    let insert = steps(move |tx| {
        let hold = hold.clone();
        async move { holds::insert(tx, ORGANIZATION, &hold).await }.boxed()
    });
    test.store.write(insert).await.unwrap();
}

async fn a_hold_is_read_as_it_was_written(test: Test) {
    let product = test.product().await;
    let written = hold(1, 5, 30);
    add(&product, written.clone()).await;
    let find = async |number| {
        let tx = product.store.read().await.unwrap();
        let found = holds::get(&tx, ORGANIZATION, HoldId(id(number))).await;
        found.unwrap()
    };
    let found = find(1).await.unwrap();
    assert_eq!(format!("{found:?}"), format!("{written:?}"));
    assert!(find(2).await.is_none());
    let delete = steps(|tx| holds::delete(tx, ORGANIZATION, HoldId(id(1))).boxed());
    product.store.write(delete).await.unwrap();
    assert!(find(1).await.is_none());
}

async fn the_holds_of_a_token_come_in_the_order_in_which_they_end(test: Test) {
    let product = test.product().await;
    for (number, token, minutes) in [(1, 5, 30), (4, 5, 10), (3, 5, 10), (2, 6, 5)] {
        add(&product, hold(number, token, minutes)).await;
    }
    let tx = product.store.read().await.unwrap();
    let of = async |token| {
        let found = holds::of_token(&tx, ORGANIZATION, TokenId(id(token))).await;
        let ids = found.unwrap().into_iter();
        ids.map(|(id, _)| id).collect::<Vec<_>>()
    };
    assert_eq!(of(5).await, [3, 4, 1].map(|number| HoldId(id(number))));
    assert_eq!(of(6).await, [HoldId(id(2))]);
    assert!(of(7).await.is_empty());
}
