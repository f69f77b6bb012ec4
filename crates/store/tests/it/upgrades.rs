//! What an older release wrote, after the migrations of this one.

use domain::id::{ScheduledEventId, UserId};
use futures_util::FutureExt;
use jiff::Timestamp;
use serde_json::json;
use store::{
    Engine, Store, StoreError, WriteTx, args,
    column::{Instant, Json},
    copy::copy,
    migrate::{self, MIGRATIONS},
    page::{Order, PageRequest},
    scheduled_event_hosts,
    scheduled_events::listing::{self, Filter},
    users::{self, UserKind},
};
use testdb::TestDatabase;

use crate::harness::{ORGANIZATION, Test, id, steps};

on_both_engines!(meetings_of_the_first_release_have_their_host_and_can_be_copied,);

const ORGANIZATION_ROW: &str =
    "insert into organizations (organization_id, name, classic_people, created_at, updated_at)
  values ($1, 'Old', 0, $2, $2)";
const USER: &str = "insert into users
  (organization_id, id, name, slug, email, timezone, time_notation, locale, created_at, updated_at)
  values ($1, $2, $3, $3, $3, 'UTC', '24h', 'en', $4, $4)";
const EVENT: &str =
    "insert into scheduled_events (organization_id, id, event_type_id, host_id, name, status,
  starts_at, ends_at, buffered_starts_at, buffered_ends_at, guests, cancellation, created_at, updated_at)
  values ($1, $2, $3, $4, 'Old', $5, $6, $7, $6, $7, $8, $9, $6, $6)";
const BUSY: &str = "insert into busy_intervals
  (organization_id, host_id, starts_at, source_id, ends_at, buffered_starts_at, buffered_ends_at, kind, event_type_id)
  values ($1, $2, $3, $4, $5, $3, $5, 'scheduled_event', $6)";

fn at(hour: i64) -> Instant {
    Instant(Timestamp::from_second(1_772_524_800 + hour * 3600).unwrap())
}

/// Two users, with three meetings of each, of which the last one is canceled.
async fn fill(store: &Store) {
    let rows = steps(|tx| {
        async move {
            let row = args![ORGANIZATION.0, at(0)];
            tx.execute(ORGANIZATION_ROW, row).await?;
            for user in [1, 2] {
                let name = format!("user-{user}");
                let row = args![ORGANIZATION.0, id(user), name, at(0)];
                tx.execute(USER, row).await?;
                for hour in 0..3 {
                    add(tx, user, hour).await?;
                }
            }
            Ok(())
        }
        .boxed()
    });
    store.write(rows).await.unwrap();
}

async fn add(tx: &WriteTx<'_>, user: u128, hour: u8) -> Result<(), StoreError> {
    let event = id(user * 10 + u128::from(hour));
    let (start, end) = (at(hour.into()), at(i64::from(hour) + 1));
    let is_canceled = hour == 2;
    let status = if is_canceled { "canceled" } else { "active" };
    let cancellation = is_canceled.then(|| Json(json!({"reason": null})));
    let guests = Json(json!([]));
    let row = args![
        ORGANIZATION.0,
        event,
        id(90),
        id(user),
        status,
        start,
        end,
        guests,
        cancellation
    ];
    tx.execute(EVENT, row).await?;
    if !is_canceled {
        let row = args![ORGANIZATION.0, id(user), start, event, end, id(90)];
        tx.execute(BUSY, row).await?;
    }
    Ok(())
}

async fn meetings_of_the_first_release_have_their_host_and_can_be_copied(test: Test) {
    let database = test.fresh().await;
    let old = Store::open(database.url()).await.unwrap();
    migrate::apply(&old, &MIGRATIONS[..1]).await.unwrap();
    fill(&old).await;
    assert_eq!(old.migrate().await.unwrap(), MIGRATIONS.len() - 1);
    is_complete(&old).await;
    let other = match test.store.engine() {
        Engine::Sqlite => TestDatabase::postgres().await,
        Engine::Postgres => TestDatabase::sqlite(),
    };
    let new = Store::open(other.url()).await.unwrap();
    new.migrate().await.unwrap();
    let copied = copy(&old, &new, |_, _| {}).await.unwrap();
    let rows = |table: &str| copied.iter().find(|(name, _)| name == table).unwrap().1;
    let tables = [
        "users",
        "scheduled_events",
        "scheduled_event_hosts",
        "busy_intervals",
    ];
    assert_eq!(tables.map(rows), [2, 6, 6, 4]);
    is_complete(&new).await;
}

async fn is_complete(store: &Store) {
    let tx = store.read().await.unwrap();
    for user in [1, 2] {
        let host = UserId(id(user));
        let found = users::get(&tx, ORGANIZATION, host).await.unwrap().unwrap();
        assert_eq!(found.kind, UserKind::Person);
        let filter = Filter {
            host: Some(host),
            ..Filter::default()
        };
        let request = PageRequest {
            order: Order::Ascending,
            cursor: None,
            count: 10,
        };
        let page = listing::list(&tx, ORGANIZATION, &filter, &request).await;
        let page = page.unwrap();
        let ids: Vec<ScheduledEventId> = page.rows.iter().map(|listed| listed.event.id).collect();
        assert_eq!(
            ids,
            [0, 1, 2].map(|number| ScheduledEventId(id(user * 10 + number)))
        );
        for listed in &page.rows {
            let event = &listed.event;
            assert_eq!((event.host_count, event.capacity), (1, 1));
            assert_eq!(listed.hosts[0].id, host);
            let held_by = scheduled_event_hosts::of_event(&tx, ORGANIZATION, event.id).await;
            let held_by = held_by.unwrap();
            assert_eq!(held_by.len(), 1);
            assert!(held_by[0].id == host && !held_by[0].in_turn);
        }
    }
    let blocked: i64 = tx
        .one(
            "select count(*) from busy_intervals where expires_at is null and places = 0",
            args![],
        )
        .await
        .unwrap();
    assert_eq!(blocked, 4);
}
