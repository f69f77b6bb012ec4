//! The activity log: how its usual list is found, and how old entries go.

use crate::harness::{ORGANIZATION, Test, id, steps};
use domain::id::{ActivityLogEntryId, OrganizationId};
use futures_util::FutureExt;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use store::{
    Engine, Store,
    activity_log_entries::{
        Actor, Entry, delete_before, insert,
        listing::{self, Filter},
    },
    args,
    column::Instant,
    page::stored_range,
};
use uuid::Uuid;

on_both_engines! {
    the_newest_entries_are_found_without_reading_the_rest,
    old_entries_go_some_at_a_time,
    the_same_entry_is_written_once,
}

fn entry(number: i64) -> Entry {
    Entry {
        id: ActivityLogEntryId(id(u128::from(number.unsigned_abs()))),
        occurred_at: Timestamp::UNIX_EPOCH + SignedDuration::from_secs(number),
        namespace: "User".to_owned(),
        action: "Add".to_owned(),
        actor: Some(Actor::System),
        details: json!({"links": {}, "plain": {}}),
    }
}

async fn fill(store: &Store, organization: OrganizationId, numbers: std::ops::Range<i64>) {
    let fill = steps(move |tx| {
        let numbers = numbers.clone();
        async move {
            for number in numbers {
                insert(tx, organization, &entry(number)).await?;
            }
            Ok(())
        }
        .boxed()
    });
    store.write(fill).await.unwrap();
}

async fn count(store: &Store, organization: OrganizationId) -> i64 {
    let whole = stored_range().unwrap();
    let filter = Filter {
        from: whole.start(),
        until: whole.end(),
        actors: Vec::new(),
        namespaces: Vec::new(),
        actions: Vec::new(),
    };
    let tx = store.read().await.unwrap();
    listing::count(&tx, organization, &filter, 10_000)
        .await
        .unwrap()
}

async fn the_newest_entries_are_found_without_reading_the_rest(test: Test) {
    let test = test.product().await;
    fill(&test.store, ORGANIZATION, 0..3_000).await;
    let plan = plan(&test.store).await;
    match test.store.engine() {
        Engine::Sqlite => {
            assert!(plan.contains("SEARCH e USING PRIMARY KEY"), "{plan}");
            assert!(!plan.contains("TEMP B-TREE"), "{plan}");
        }
        Engine::Postgres => {
            assert!(
                plan.contains("Index Scan Backward using activity_log_entries_pkey"),
                "{plan}"
            );
            assert!(!plan.contains("Sort"), "{plan}");
        }
    }
}

/// How the database says that it finds the newest entries.
async fn plan(store: &Store) -> String {
    let engine = store.engine();
    let plan = steps(move |tx| {
        async move {
            let explain = match engine {
                Engine::Sqlite => "explain query plan",
                Engine::Postgres => "explain (analyze, timing off)",
            };
            let sql = format!("{explain} {}", listing::BY_TIME_DESCENDING).leak();
            let whole = stored_range()?;
            let (from, until) = (Instant(whole.start()), Instant(whole.end()));
            let args = args![
                ORGANIZATION.0,
                from,
                until,
                "",
                "",
                "",
                until,
                Uuid::max(),
                21_i64
            ];
            let lines: Vec<String> = match engine {
                Engine::Sqlite => {
                    let rows: Vec<(i64, i64, i64, String)> = tx.returning_all(sql, args).await?;
                    rows.into_iter().map(|row| row.3).collect()
                }
                Engine::Postgres => {
                    tx.execute("analyze activity_log_entries", &[]).await?;
                    tx.returning_all(sql, args).await?
                }
            };
            Ok(lines.join("\n"))
        }
        .boxed()
    });
    store.write(plan).await.unwrap()
}

async fn old_entries_go_some_at_a_time(test: Test) {
    let test = test.product().await;
    let other = OrganizationId(id(2));
    fill(&test.store, ORGANIZATION, 0..10).await;
    fill(&test.store, other, 0..10).await;
    let mut deleted = Vec::new();
    for _ in 0..4 {
        let delete = steps(|tx| {
            // the one of that instant stays
            async move { delete_before(tx, ORGANIZATION, entry(7).occurred_at, 3).await }.boxed()
        });
        deleted.push(test.store.write(delete).await.unwrap());
    }
    assert_eq!(deleted, [3, 3, 1, 0]);
    assert_eq!(count(&test.store, ORGANIZATION).await, 3);
    assert_eq!(count(&test.store, other).await, 10);
}

async fn the_same_entry_is_written_once(test: Test) {
    let test = test.product().await;
    fill(&test.store, ORGANIZATION, 0..2).await;
    fill(&test.store, ORGANIZATION, 0..3).await;
    assert_eq!(count(&test.store, ORGANIZATION).await, 3);
}
