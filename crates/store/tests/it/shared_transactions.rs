//! Commands that say whose time they decide about: they may share a transaction, and nobody notices.

use std::collections::BTreeSet;

use domain::{
    busy::{BusyInterval, BusyKind},
    id::UserId,
    interval::Interval,
};
use futures_util::future::join_all;
use jiff::{SignedDuration, Timestamp};
use store::{
    Command, ReadTx, Sharing, Store, StoreError, WriteError, WriteTx, busy_intervals,
    host_versions::{Freshness, Of},
    hosts,
};

use crate::harness::{ORGANIZATION, Test, id, steps};

on_both_engines!(
    commands_of_one_host_see_each_other,
    who_fails_refuses_late_or_panics_takes_nobody_along,
    who_needs_a_host_that_was_not_named_gets_it,
    who_goes_on_after_its_end_is_not_overtaken,
    versions_move_once_at_least_for_each_that_was_told,
);

/// What a command does beside counting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mischief {
    None,
    RefusesAtOnce,
    RefusesLate,
    Fails,
    Panics,
    /// Counts with a host that it did not name.
    Strays,
    /// Blocks one hour more after it said that it ends.
    GoesOn,
}

/// Refused.
#[derive(Debug, PartialEq, Eq)]
pub struct No;

/// Blocks the hour after the last one that is blocked.
#[derive(Clone, Copy)]
pub struct NextHour {
    pub host: u128,
    pub number: u128,
    pub mischief: Mischief,
}

fn hour(number: usize) -> Interval {
    let start: Timestamp = "2026-03-02T00:00:00Z".parse().unwrap();
    let hours = |number: usize| SignedDuration::from_hours(i64::try_from(number).unwrap());
    Interval::new(start + hours(number), start + hours(number + 1)).unwrap()
}

fn always() -> Interval {
    Interval::new(hour(0).start(), hour(1000).end()).unwrap()
}

impl Command for NextHour {
    type Output = usize;
    type Refusal = No;

    fn shares(&self) -> Option<Sharing> {
        Some(Sharing {
            organization: ORGANIZATION,
            hosts: BTreeSet::from([UserId(id(self.host))]),
        })
    }

    async fn run(&self, tx: &WriteTx<'_>) -> Result<usize, WriteError<No>> {
        let stray = self.mischief == Mischief::Strays;
        let host = UserId(id(self.host + u128::from(stray)));
        hosts::bump(tx, ORGANIZATION, host).await?;
        if self.mischief == Mischief::RefusesAtOnce {
            return Err(WriteError::Refused(No));
        }
        let busy = busy_intervals::overlapping(tx, ORGANIZATION, host, always()).await?;
        let count = busy.iter().len();
        tx.ending_with(self.block(tx, host, count)).await?;
        if self.mischief == Mischief::GoesOn {
            self.block(tx, host, count + 1).await?;
        }
        match self.mischief {
            Mischief::RefusesLate => Err(WriteError::Refused(No)),
            Mischief::Fails => Err(StoreError::invalid("no luck").into()),
            Mischief::Panics => panic!("a command of a test panics"),
            _ => Ok(count),
        }
    }

    async fn is_done(&self, tx: &ReadTx<'_>) -> Result<bool, StoreError> {
        let host = UserId(id(self.host));
        let busy = busy_intervals::overlapping(tx, ORGANIZATION, host, always()).await?;
        Ok(busy.iter().any(|busy| busy.source == id(self.number)))
    }
}

impl NextHour {
    async fn block(&self, tx: &WriteTx<'_>, host: UserId, number: usize) -> Result<(), StoreError> {
        let busy = BusyInterval {
            interval: hour(number),
            buffered: hour(number),
            kind: BusyKind::BusyTime,
            source: id(self.number),
            event_type: None,
            places: 0,
        };
        busy_intervals::insert(tx, ORGANIZATION, host, (&busy, None)).await
    }
}

pub async fn with_hosts(test: &Test) -> Test {
    let product = test.product().await;
    let insert = steps(|tx| {
        Box::pin(async move {
            for host in 1..=8 {
                hosts::insert(tx, ORGANIZATION, UserId(id(host))).await?;
            }
            Ok(())
        })
    });
    product.store.write(insert).await.unwrap();
    product
}

/// The hours that are blocked of a host, which follow one another without a gap.
pub async fn blocked(store: &Store, host: u128) -> usize {
    let tx = store.read().await.unwrap();
    let busy = busy_intervals::overlapping(&tx, ORGANIZATION, UserId(id(host)), always()).await;
    let hours: Vec<Interval> = busy.unwrap().iter().map(|busy| busy.interval).collect();
    let expected: Vec<Interval> = (0..hours.len()).map(hour).collect();
    assert_eq!(hours, expected);
    hours.len()
}

fn many(count: u128, of: impl Fn(u128) -> NextHour) -> Vec<NextHour> {
    (0..count).map(of).collect()
}

async fn commands_of_one_host_see_each_other(test: Test) {
    let product = with_hosts(&test).await;
    let commands = many(300, |number| NextHour {
        host: 1 + number % 3,
        number,
        mischief: Mischief::None,
    });
    // the first ones of each store have their statements prepared
    let others = join_all((0..4).map(|_| product.another_store())).await;
    let writes = commands.iter().zip(others.iter().cycle());
    let counts = join_all(writes.map(|(command, store)| store.write(*command))).await;
    for host in 0..3 {
        let counts = counts.iter().skip(host).step_by(3);
        let mut counts: Vec<usize> = counts.map(|count| *count.as_ref().unwrap()).collect();
        counts.sort_unstable();
        assert_eq!(counts, (0..100).collect::<Vec<_>>());
        assert_eq!(blocked(&product.store, 1 + host as u128).await, 100);
    }
}

async fn who_fails_refuses_late_or_panics_takes_nobody_along(test: Test) {
    let product = with_hosts(&test).await;
    let mischief = [
        Mischief::None,
        Mischief::Fails,
        Mischief::None,
        Mischief::RefusesLate,
        Mischief::Panics,
        Mischief::None,
        Mischief::RefusesAtOnce,
    ];
    let commands = many(210, |number| NextHour {
        host: 1 + number % 2,
        number,
        mischief: mischief[usize::try_from(number).unwrap() % mischief.len()],
    });
    let answers = join_all(commands.iter().map(|command| product.store.write(*command))).await;
    for (command, answer) in commands.iter().zip(answers) {
        match (command.mischief, answer) {
            (Mischief::None, Ok(_))
            | (Mischief::RefusesAtOnce | Mischief::RefusesLate, Err(WriteError::Refused(No)))
            | (Mischief::Fails | Mischief::Panics, Err(WriteError::Failed(_))) => {}
            (mischief, answer) => panic!("{mischief:?}: {answer:?}"),
        }
    }
    assert_eq!(blocked(&product.store, 1).await, 45);
    assert_eq!(blocked(&product.store, 2).await, 45);
}

async fn who_needs_a_host_that_was_not_named_gets_it(test: Test) {
    let product = with_hosts(&test).await;
    // all block hours of the second host, half of them without having named it
    let commands = many(60, |number| NextHour {
        host: 2 - number % 2,
        number,
        mischief: if number % 2 == 0 {
            Mischief::None
        } else {
            Mischief::Strays
        },
    });
    let answers = join_all(commands.iter().map(|command| product.store.write(*command))).await;
    let counts: BTreeSet<usize> = answers.into_iter().map(Result::unwrap).collect();
    assert_eq!(counts.len(), 60);
    assert_eq!(blocked(&product.store, 1).await, 0);
    assert_eq!(blocked(&product.store, 2).await, 60);
}

async fn who_goes_on_after_its_end_is_not_overtaken(test: Test) {
    let product = with_hosts(&test).await;
    let commands = many(60, |number| NextHour {
        host: 1 + number % 2,
        number,
        mischief: if number % 3 == 0 {
            Mischief::GoesOn
        } else {
            Mischief::None
        },
    });
    let answers = join_all(commands.iter().map(|command| product.store.write(*command))).await;
    assert!(answers.iter().all(Result::is_ok), "{answers:?}");
    assert_eq!(blocked(&product.store, 1).await, 40);
    assert_eq!(blocked(&product.store, 2).await, 40);
}

async fn versions_move_once_at_least_for_each_that_was_told(test: Test) {
    let product = with_hosts(&test).await;
    let host = UserId(id(1));
    let stamps = async || {
        let tx = product.store.read().await.unwrap();
        let versions = product.store.host_versions();
        let of = [(host, Of::Time)];
        versions.look_up(&tx, ORGANIZATION, of).await.unwrap()
    };
    for number in 0..20 {
        let before = stamps().await;
        let command = NextHour {
            host: 1,
            number,
            mischief: Mischief::None,
        };
        product.store.write(command).await.unwrap();
        let freshness = product.store.host_versions().freshness(&before);
        assert_eq!(freshness, Freshness::Stale);
    }
}
