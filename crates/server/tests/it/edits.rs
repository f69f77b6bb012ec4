//! A change that is committed while a request waits for the same host: the request goes by what is true afterwards.
//! On PostgreSQL only, because on SQLite no write begins before the one before it has ended.

use std::sync::Arc;

use domain::id::{EventTypeId, EventTypeMembershipId, OrganizationId, ScheduleId, UserId};
use jiff::Timestamp;
use serde_json::json;
use server::{
    app::{
        event_types::{EditEventType, hosting::NamedHosts},
        user_availability_schedules::EditSchedule,
    },
    context::fresh_id,
};
use store::{Command, WriteError, WriteTx, event_type_memberships::EventTypeMembership};
use tokio::sync::Notify;

use crate::{
    caller::{Answer, Caller, id, uri},
    harness::Test,
};

/// A command that has written and keeps its locks until it may go on.
struct Held<C> {
    command: C,
    written: Arc<Notify>,
    go_on: Arc<Notify>,
}

impl<C: Command> Command for Held<C> {
    type Output = ();
    type Refusal = C::Refusal;

    async fn run(&self, tx: &WriteTx<'_>) -> Result<(), WriteError<C::Refusal>> {
        self.command.run(tx).await?;
        self.written.notify_one();
        self.go_on.notified().await;
        Ok(())
    }
}

/// Answers a request that begins before `command` is committed and waits for its locks.
async fn answered_after<C>(
    test: &Test,
    command: C,
    request: impl Future<Output = Answer> + Send + 'static,
) -> Answer
where
    C: Command<Refusal: std::fmt::Debug>,
{
    let (written, go_on) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let held = Held {
        command,
        written: written.clone(),
        go_on: go_on.clone(),
    };
    let store = test.app.store.unrecorded().clone();
    let change = tokio::spawn(async move { store.write(held).await });
    written.notified().await;
    let answer = tokio::spawn(request);
    while waiting(test).await == 0 {
        assert!(!answer.is_finished(), "the request did not wait");
        tokio::task::yield_now().await;
    }
    go_on.notify_one();
    change.await.unwrap().unwrap();
    answer.await.unwrap()
}

/// How many statements on the test's database wait for a lock.
async fn waiting(test: &Test) -> i64 {
    let sql = "select count(*) from pg_stat_activity
  where datname = current_database() and wait_event_type = 'Lock'";
    let tx = test.app.store.read().await.unwrap();
    tx.optional(sql, store::args![]).await.unwrap().unwrap()
}

fn organization(test: &Test) -> OrganizationId {
    OrganizationId(id(&test.organization).parse().unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_booking_goes_by_the_event_type_as_it_is_when_the_host_is_free() {
    let test = Test::postgres().await;
    let ada = test.as_user("ada");
    let event_type = ada.event_type(json!({})).await;
    let edit = EditEventType {
        organization: organization(&test),
        id: EventTypeId(id(&event_type).parse().unwrap()),
        edit: Box::new(|event_type| event_type.active = false),
        hosts: NamedHosts::default(),
        now: test.app.now(),
    };
    let booking = {
        let ada = ada.clone();
        async move { ada.book(&event_type, "2026-03-03T10:00:00Z").await }
    };
    answered_after(&test, edit, booking)
        .await
        .refused(404, "not_found");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn new_rules_keep_a_zone_that_was_changed_meanwhile() {
    let test = Test::postgres().await;
    let ada = test.as_user("ada");
    let schedules = ada
        .get(&format!("/user_availability_schedules?user={}", ada.uri))
        .await;
    let schedule = uri(&schedules.collection()[0]);
    let tokyo = domain::civil::zone("Asia/Tokyo").unwrap();
    let edit = EditSchedule {
        organization: organization(&test),
        id: ScheduleId(id(&schedule).parse().unwrap()),
        edit: Box::new(move |schedule| {
            schedule.schedule = schedule.schedule.clone().in_zone(tokyo.clone());
        }),
        now: test.app.now(),
    };
    let change = async move { ada.patch(&schedule, json!({"rules": []})).await };
    let changed = answered_after(&test, edit, change).await.resource(200);
    assert_eq!(changed["timezone"], "Asia/Tokyo");
    assert_eq!(changed["rules"], json!([]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_edit_of_hosts_holds_the_time_of_old_and_new_ones() {
    let test = Test::postgres().await;
    let (olga, ada, ben) = (test.as_owner(), test.as_user("ada"), test.as_user("ben"));
    for (old, new, waits) in [(&ada, &ben, &ada), (&ada, &ben, &ben), (&ada, &ben, &olga)] {
        let hosts = json!([{"user": old.uri}]);
        let fields = json!({"pooling_type": "collective", "hosts": hosts});
        let event_type = EventTypeId(id(&olga.event_type(fields).await).parse().unwrap());
        let edit = EditEventType {
            organization: organization(&test),
            id: event_type,
            edit: Box::new(|_| ()),
            hosts: hosted_by(event_type, new, test.app.now()),
            now: test.app.now(),
        };
        let waits = waits.clone();
        let change = async move {
            let schedule = waits.default_schedule().await;
            waits.patch(&schedule, json!({"rules": []})).await
        };
        answered_after(&test, edit, change).await.expect(200);
    }
}

/// The caller as the only host of an event type.
fn hosted_by(event_type_id: EventTypeId, caller: &Caller, now: Timestamp) -> NamedHosts {
    let host = EventTypeMembership {
        id: EventTypeMembershipId(fresh_id()),
        event_type_id,
        user_id: UserId(id(&caller.uri).parse().unwrap()),
        priority: 50,
        weight: 1,
        pool: None,
        fixed: true,
        position: 0,
        created_at: now,
        updated_at: now,
    };
    NamedHosts {
        hosts: Some(vec![host]),
        named_by: None,
    }
}
