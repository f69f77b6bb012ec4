//! What blocks a host, and until when.

use domain::{
    busy::{BusyInterval, BusyKind},
    id::{EventTypeId, UserId},
    interval::Interval,
};
use futures_util::FutureExt;
use jiff::{SignedDuration, Timestamp};
use store::{Engine, Store, args, busy_intervals, column::Instant};
use uuid::Uuid;

use crate::harness::{ORGANIZATION, Test, id, steps};

on_both_engines!(
    what_ends_by_itself_ends_by_the_clock_of_the_database,
    what_is_kept_does_not_end,
    what_touches_a_range_is_not_in_it,
    all_hosts_of_a_source_are_freed_together,
    a_long_history_is_not_read,
);

const HOST: UserId = UserId(Uuid::from_u128(7));

fn at(time: &str) -> Timestamp {
    format!("2026-03-03T{time}:00Z").parse().unwrap()
}

fn interval(start: &str, end: &str) -> Interval {
    Interval::new(at(start), at(end)).unwrap()
}

/// From 10:00 to 11:00, with ten minutes around.
fn busy(source: u128) -> BusyInterval {
    BusyInterval {
        interval: interval("10:00", "11:00"),
        buffered: interval("09:50", "11:10"),
        kind: BusyKind::Hold,
        source: id(source),
        event_type: Some(EventTypeId(id(9))),
        places: 2,
    }
}

async fn block(store: &Store, host: UserId, busy: BusyInterval, expires_at: Option<Timestamp>) {
    let insert = steps(move |tx| {
        async move { busy_intervals::insert(tx, ORGANIZATION, host, (&busy, expires_at)).await }
            .boxed()
    });
    store.write(insert).await.unwrap();
}

async fn within(store: &Store, host: UserId, range: Interval) -> Vec<BusyInterval> {
    let tx = store.read().await.unwrap();
    let busy = busy_intervals::overlapping(&tx, ORGANIZATION, host, range).await;
    busy.unwrap().iter().copied().collect()
}

async fn sources(store: &Store, host: UserId) -> Vec<Uuid> {
    let found = within(store, host, interval("00:00", "23:00")).await;
    found.iter().map(|busy| busy.source).collect()
}

async fn now(store: &Store) -> Timestamp {
    store.read().await.unwrap().now().await.unwrap()
}

async fn what_ends_by_itself_ends_by_the_clock_of_the_database(test: Test) {
    let product = test.product().await;
    let store = &product.store;
    let now = now(store).await;
    let later = |minutes: i64| Some(now + SignedDuration::from_mins(minutes));
    block(store, HOST, busy(1), later(60)).await;
    block(store, HOST, busy(2), later(-1)).await;
    block(store, HOST, busy(3), later(120)).await;
    block(store, HOST, busy(4), None).await;
    assert_eq!(sources(store, HOST).await, [id(1), id(3), id(4)]);
    // the same rows, as a store shows them whose clock is ahead
    let ahead = |minutes: i64| store.clone().ahead_by(SignedDuration::from_mins(minutes));
    assert_eq!(sources(&ahead(58), HOST).await, [id(1), id(3), id(4)]);
    assert_eq!(sources(&ahead(60), HOST).await, [id(3), id(4)]);
    assert_eq!(sources(&ahead(1000), HOST).await, [id(4)]);
    // whose clock is behind sees what has ended
    assert_eq!(sources(&ahead(-10), HOST).await.len(), 4);
    // and a write goes by the same clock
    let at_once = steps(|tx| {
        async move {
            let range = interval("00:00", "23:00");
            busy_intervals::overlapping(tx, ORGANIZATION, HOST, range).await
        }
        .boxed()
    });
    let seen = ahead(90).write(at_once).await.unwrap();
    assert_eq!(seen.iter().len(), 2);
}

async fn what_is_kept_does_not_end(test: Test) {
    let product = test.product().await;
    let store = &product.store;
    let end = now(store).await + SignedDuration::from_mins(1);
    for source in [1, 2] {
        block(store, HOST, busy(source), Some(end)).await;
    }
    let keep = steps(|tx| busy_intervals::keep(tx, ORGANIZATION, id(2)).boxed());
    store.write(keep).await.unwrap();
    let places = steps(|tx| busy_intervals::set_places(tx, ORGANIZATION, id(2), 5).boxed());
    store.write(places).await.unwrap();
    let later = store.clone().ahead_by(SignedDuration::from_hours(1));
    let expected = BusyInterval {
        places: 5,
        ..busy(2)
    };
    let range = interval("09:00", "12:00");
    assert_eq!(within(&later, HOST, range).await, [expected]);
}

async fn what_touches_a_range_is_not_in_it(test: Test) {
    let product = test.product().await;
    block(&product.store, HOST, busy(1), None).await;
    let rows = [
        ("09:00", "09:50", false),
        ("09:00", "09:51", true),
        ("10:10", "10:20", true),
        ("11:09", "12:00", true),
        ("11:10", "12:00", false),
    ];
    for (start, end, is_in) in rows {
        let found = within(&product.store, HOST, interval(start, end)).await;
        assert_eq!(found.len(), usize::from(is_in), "{start} to {end}");
    }
}

async fn all_hosts_of_a_source_are_freed_together(test: Test) {
    let product = test.product().await;
    let store = &product.store;
    let others = [7, 8, 9].map(|number| UserId(id(number)));
    for host in others {
        block(store, host, busy(1), None).await;
        block(store, host, busy(2), None).await;
    }
    let delete = steps(|tx| busy_intervals::delete(tx, ORGANIZATION, id(1)).boxed());
    store.write(delete).await.unwrap();
    for host in others {
        assert_eq!(sources(store, host).await, [id(2)]);
    }
}

/// Ten thousand hours in the past, one after the other, and what is asked about today.
async fn a_long_history_is_not_read(test: Test) {
    let product = test.product().await;
    let past = |number: u32| {
        let back = SignedDuration::from_hours(i64::from(number) + 24);
        let moved = |interval: Interval| {
            Interval::new(interval.start() - back, interval.end() - back).unwrap()
        };
        let of_today = busy(u128::from(number) + 100);
        BusyInterval {
            interval: moved(of_today.interval),
            buffered: moved(of_today.buffered),
            ..of_today
        }
    };
    let history: Vec<BusyInterval> = (0..10_000).map(past).collect();
    let insert = steps(move |tx| {
        let history = history.clone();
        async move { busy_intervals::insert_all(tx, ORGANIZATION, HOST, &history).await }.boxed()
    });
    product.store.write(insert).await.unwrap();
    block(&product.store, HOST, busy(1), None).await;
    let plan = plan(&product.store).await;
    match product.store.engine() {
        Engine::Sqlite => {
            let bounded = "(organization_id=? AND host_id=? AND starts_at>? AND starts_at<?)";
            assert!(
                plan.contains("SEARCH busy_intervals") && plan.contains(bounded),
                "{plan}"
            );
        }
        Engine::Postgres => {
            let bounded = plan.lines().find(|line| line.contains("Index Cond"));
            let bounded = bounded.unwrap_or_else(|| panic!("no index: {plan}"));
            assert!(
                bounded.contains("starts_at >") && bounded.contains("starts_at <"),
                "{plan}"
            );
            // what the filter throws away is a piece or two at the edges, not the history
            let removed = plan.lines().find(|line| line.contains("Rows Removed"));
            let removed = removed.and_then(|line| line.rsplit(' ').next()?.parse::<u32>().ok());
            assert!(removed.unwrap_or(0) < 60, "{plan}");
        }
    }
}

/// How the database says that it finds what blocks the host on the day.
async fn plan(store: &Store) -> String {
    let engine = store.engine();
    let plan = steps(move |tx| {
        async move {
            let explain = match engine {
                Engine::Sqlite => "explain query plan",
                Engine::Postgres => "explain (analyze, timing off)",
            };
            let sql = format!("{explain} {}", busy_intervals::OVERLAPPING).leak();
            let (from, to) = (Instant(at("00:00")), Instant(at("23:00")));
            let args = args![ORGANIZATION.0, HOST.0, from, to, to, from];
            let lines: Vec<String> = match engine {
                Engine::Sqlite => {
                    let rows: Vec<(i64, i64, i64, String)> = tx.returning_all(sql, args).await?;
                    rows.into_iter().map(|row| row.3).collect()
                }
                Engine::Postgres => {
                    tx.execute("analyze busy_intervals", &[]).await?;
                    tx.returning_all(sql, args).await?
                }
            };
            Ok(lines.join("\n"))
        }
        .boxed()
    });
    store.write(plan).await.unwrap()
}
