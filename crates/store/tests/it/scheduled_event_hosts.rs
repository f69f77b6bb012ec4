//! Who holds an event, whose turn that counts for, and the pages of what somebody holds.

use domain::{
    id::{EventTypeId, ScheduledEventId, UserId},
    interval::Interval,
    scheduled_event::EventState,
};
use futures_util::FutureExt;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use store::{
    page::{Cursor, InstantKey, Order, PageRequest},
    scheduled_event_hosts::{self, Assigned, EventHost},
    scheduled_events::{
        self, ScheduledEvent,
        listing::{self, Filter},
    },
    users::{self, User, UserKind},
};

use crate::harness::{ORGANIZATION, Test, id, steps};

on_both_engines!(
    hosts_come_in_the_order_in_which_they_were_named,
    turns_are_counted_since_an_instant_until_they_are_canceled,
    pages_of_a_host_have_each_event_once,
);

const EVENT_TYPE: EventTypeId = EventTypeId(uuid::Uuid::from_u128(90));

fn at(minutes: i64) -> Timestamp {
    let noon: Timestamp = "2026-03-03T12:00:00Z".parse().unwrap();
    noon + SignedDuration::from_mins(minutes)
}

pub fn user(number: u128) -> User {
    User {
        id: UserId(id(number)),
        kind: UserKind::Person,
        name: format!("user {number}"),
        slug: format!("user-{number}"),
        email: format!("user{number}@example.com"),
        timezone: "UTC".to_owned(),
        time_notation: "24h".to_owned(),
        locale: "en".to_owned(),
        avatar_url: None,
        phone_number: None,
        classic_number: None,
        created_at: at(0),
        updated_at: at(0),
        deactivated_at: None,
    }
}

/// A store with users 1 to 5.
async fn with_users(test: &Test) -> Test {
    let product = test.product().await;
    let insert = steps(|tx| {
        async move {
            for number in 1..=5 {
                users::insert(tx, ORGANIZATION, &user(number)).await?;
            }
            Ok(())
        }
        .boxed()
    });
    product.store.write(insert).await.unwrap();
    product
}

/// Adds an event that starts and is booked so many minutes after noon, with these hosts; `true`: in turn.
async fn add(test: &Test, number: u128, minutes: i64, hosts: &[(u128, bool)]) {
    let interval = Interval::new(at(minutes), at(minutes + 30)).unwrap();
    let hosts: Vec<EventHost> = hosts
        .iter()
        .map(|&(number, in_turn)| EventHost {
            id: UserId(id(number)),
            in_turn,
        })
        .collect();
    let event = ScheduledEvent {
        id: ScheduledEventId(id(number)),
        event_type_id: EVENT_TYPE,
        host_id: hosts[0].id,
        host_count: i64::try_from(hosts.len()).unwrap(),
        series_id: None,
        capacity: 1,
        name: "x".to_owned(),
        state: EventState::booked(interval),
        buffered: interval,
        location: None,
        guests: json!([]),
        cancellation: None,
        confirm_by: None,
        confirmed_at: None,
        created_at: at(minutes),
        updated_at: at(minutes),
    };
    let insert = steps(move |tx| {
        let (event, hosts) = (event.clone(), hosts.clone());
        async move {
            scheduled_events::insert(tx, ORGANIZATION, &event).await?;
            scheduled_event_hosts::insert(tx, ORGANIZATION, &event, &hosts).await
        }
        .boxed()
    });
    test.store.write(insert).await.unwrap();
}

async fn hosts_come_in_the_order_in_which_they_were_named(test: Test) {
    let product = with_users(&test).await;
    let named = [(4, false), (1, true), (5, false), (2, true)];
    add(&product, 10, 0, &named).await;
    let tx = product.store.read().await.unwrap();
    let event = ScheduledEventId(id(10));
    let found = scheduled_event_hosts::of_event(&tx, ORGANIZATION, event).await;
    let found: Vec<(UserId, bool)> = found
        .unwrap()
        .iter()
        .map(|host| (host.id, host.in_turn))
        .collect();
    assert_eq!(
        found,
        named.map(|(host, in_turn)| (UserId(id(host)), in_turn))
    );
    let listed = scheduled_events::get(&tx, ORGANIZATION, event).await;
    let listed = listed.unwrap().unwrap();
    let emails: Vec<&str> = listed
        .hosts
        .iter()
        .map(|host| host.email.as_str())
        .collect();
    let expected = named.map(|(number, _)| format!("user{number}@example.com"));
    assert_eq!(emails, expected);
    assert_eq!(listed.event.host_id, UserId(id(4)));
}

async fn turns_are_counted_since_an_instant_until_they_are_canceled(test: Test) {
    let product = with_users(&test).await;
    add(&product, 10, 0, &[(1, false), (2, true)]).await;
    add(&product, 11, 5, &[(1, false), (3, true)]).await;
    add(&product, 12, 10, &[(1, false), (2, true)]).await;
    let assigned = async |since: i64| {
        let tx = product.store.read().await.unwrap();
        let since = at(since);
        let found = scheduled_event_hosts::assigned(&tx, ORGANIZATION, EVENT_TYPE, since).await;
        found.unwrap()
    };
    let lately = |host: u128, count: i64, last: i64| Assigned {
        host: UserId(id(host)),
        count,
        last: at(last),
    };
    assert_eq!(assigned(0).await, [lately(2, 2, 10), lately(3, 1, 5)]);
    assert_eq!(assigned(1).await, [lately(2, 1, 10), lately(3, 1, 5)]);
    assert_eq!(assigned(11).await, []);
    let cancel = steps(|tx| scheduled_event_hosts::uncount(tx, ORGANIZATION, id(12)).boxed());
    product.store.write(cancel).await.unwrap();
    assert_eq!(assigned(0).await, [lately(2, 1, 0), lately(3, 1, 5)]);
    let tx = product.store.read().await.unwrap();
    let other = EventTypeId(id(91));
    let others = scheduled_event_hosts::assigned(&tx, ORGANIZATION, other, at(0)).await;
    assert_eq!(others.unwrap(), []);
}

/// All pages of what user 1 holds, three events each, with another event that comes between two of them.
async fn pages(test: &Test, order: Order, mut comes: u128) -> Vec<ScheduledEventId> {
    let filter = Filter {
        host: Some(UserId(id(1))),
        ..Filter::default()
    };
    let mut request: PageRequest<InstantKey> = PageRequest {
        order,
        cursor: None,
        count: 3,
    };
    let mut ids = Vec::new();
    loop {
        let tx = test.store.read().await.unwrap();
        let page = listing::list(&tx, ORGANIZATION, &filter, &request).await;
        let page = page.unwrap();
        drop(tx);
        for listed in &page.rows {
            assert_eq!(
                listed.hosts.len(),
                usize::try_from(listed.event.host_count).unwrap()
            );
            ids.push(listed.event.id);
        }
        let last = page.rows.last().unwrap();
        let key = (last.event.state.interval.start(), last.event.id.0);
        if !page.has_next {
            return ids;
        }
        // before what was seen: neither repeated nor shown
        let before = match order {
            Order::Ascending => -60,
            Order::Descending => 600,
        };
        add(test, comes, before, &[(2, false), (1, true)]).await;
        comes += 1;
        request.cursor = Some(Cursor::After(key));
    }
}

async fn pages_of_a_host_have_each_event_once(test: Test) {
    let product = with_users(&test).await;
    let mut held = Vec::new();
    // five at a time start together; every third one user 1 does not hold
    for number in 0..30 {
        let mut hosts = vec![(2 + number % 4, false), (2 + (number + 1) % 4, true)];
        if number % 3 != 0 {
            let place = usize::try_from(number % 2).unwrap();
            hosts.insert(place, (1, false));
            held.push(ScheduledEventId(id(100 + number)));
        }
        let minutes = i64::try_from(number / 5 * 30).unwrap();
        add(&product, 100 + number, minutes, &hosts).await;
    }
    assert_eq!(pages(&product, Order::Ascending, 1000).await, held);
    held.reverse();
    let backwards = pages(&product, Order::Descending, 2000).await;
    // what came before the first page while the list was read forwards is at its end now
    assert_eq!(backwards[..held.len()], held);
    assert_eq!(backwards.len(), held.len() + 6);
}
