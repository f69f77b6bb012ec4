//! A process that cannot hear what others notify looks at the database each time, until it hears again.

use std::sync::OnceLock;
use std::time::{Duration, Instant};

use domain::id::{OrganizationId, UserId};
use serde_json::json;
use store::{
    Store,
    host_versions::{Freshness, Of, TRUSTED},
};

use crate::{
    caller::{Caller, id},
    harness::Test,
    races::{active_events, at_once, no_conflicts},
};

/// So long it may take at most until a lost connection is noticed, or there is a new one.
const BOUND: Duration = Duration::from_secs(20);

/// What the connection for notices calls itself.
const NOTICES: &str = "fasti notices";

/// Node `a`, which books, and node `b`, which is asked.
struct Nodes {
    test: Test,
    other: Test,
    a: Caller,
    b: Caller,
    event_type: String,
}

impl Nodes {
    /// Both have some connections to the database and know the host.
    async fn new() -> Nodes {
        let test = Test::postgres().await;
        let other = test.with(|_| {}).await;
        let (a, b) = (test.as_user("ada"), other.as_user("ada"));
        a.always_open("UTC").await;
        let event_type = a.event_type(json!({})).await;
        for caller in [&a, &b] {
            let bookings = (0..8).map(|_| {
                let (caller, event_type) = (caller.clone(), event_type.clone());
                async move { caller.book(&event_type, "2026-03-03T00:00:00Z").await }
            });
            at_once(bookings.collect::<Vec<_>>()).await;
        }
        Nodes {
            test,
            other,
            a,
            b,
            event_type,
        }
    }

    async fn offered_by_b(&self) -> Vec<String> {
        let (start, end) = ("2026-03-03T00:00:00Z", "2026-04-02T00:00:00Z");
        self.b.available(&self.event_type, start, end).await
    }

    /// Waits until both hear notices, or neither does.
    async fn until_heard(&self, heard: bool) {
        let begun = Instant::now();
        for app in [&self.test.app, &self.other.app] {
            while self.is_heard_by(app.store.unrecorded()).await != heard {
                assert!(begun.elapsed() < BOUND, "notices are heard: {}", !heard);
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        }
    }

    /// What was looked up just now is trusted by whoever hears, and by nobody else.
    async fn is_heard_by(&self, store: &Store) -> bool {
        let organization = OrganizationId(id(&self.test.organization).parse().unwrap());
        let host = UserId(id(&self.a.uri).parse().unwrap());
        let versions = store.host_versions();
        let tx = store.read().await.unwrap();
        let stamps = versions
            .look_up(&tx, organization, [(host, Of::Time)])
            .await;
        versions.freshness(&stamps.unwrap()) < Freshness::Unknown
    }
}

fn start(number: usize) -> String {
    let (day, hour, minute) = (4 + number / 48, number / 2 % 24, number % 2 * 30);
    format!("2026-03-{day:02}T{hour:02}:{minute:02}:00.000000Z")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_without_notices_offers_nothing_that_was_booked() {
    let nodes = Nodes::new().await;
    let Nodes { a, b, .. } = &nodes;
    let mut numbers = 0..;
    for _ in 0..4 {
        // new connections are refused, so that nobody can hear until they are not
        nodes.test.database.accept_connections(false).await;
        nodes.test.database.terminate(NOTICES).await;
        nodes.until_heard(false).await;
        for number in numbers.by_ref().take(12) {
            let start = start(number);
            assert!(nodes.offered_by_b().await.contains(&start));
            a.book(&nodes.event_type, &start).await.resource(201);
            assert!(!nodes.offered_by_b().await.contains(&start), "{start}");
            let twice = b.book(&nodes.event_type, &start).await;
            twice.refused(409, "time_taken");
        }
        nodes.test.database.accept_connections(true).await;
        nodes.until_heard(true).await;
        let start = start(numbers.next().unwrap());
        a.book(&nodes.event_type, &start).await.resource(201);
        let twice = b.book(&nodes.event_type, &start).await;
        twice.refused(409, "time_taken");
        let (begun, mut asked) = (Instant::now(), Instant::now());
        while nodes.offered_by_b().await.contains(&start) {
            // it is heard soon, and would be looked up by then if it were not
            assert!(asked < begun + TRUSTED, "{start}");
            asked = Instant::now();
        }
    }
    no_conflicts(&active_events(&nodes.test).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_booked_is_offered_for_two_seconds_at_most_however_often_notices_are_cut() {
    let nodes = Nodes::new().await;
    let first: OnceLock<Instant> = OnceLock::new();
    let asked = async {
        let (begun, mut answers) = (Instant::now(), Vec::new());
        // long enough for answers that must not offer what was booked first, also where the machine is busy
        let is_known = || first.get().is_some_and(|first| TRUSTED < first.elapsed());
        while begun.elapsed() < TRUSTED * 2 || (!is_known() && begun.elapsed() < TRUSTED * 20) {
            answers.push((Instant::now(), nodes.offered_by_b().await));
            // an answer out of memory waits for nothing, and bookings are to be made meanwhile
            tokio::task::yield_now().await;
        }
        answers
    };
    let booked = async {
        let (begun, mut booked) = (Instant::now(), Vec::new());
        while begun.elapsed() < TRUSTED * 2 {
            let start = start(booked.len());
            nodes.a.book(&nodes.event_type, &start).await.resource(201);
            let acknowledged = Instant::now();
            first.get_or_init(|| acknowledged);
            let twice = nodes.b.book(&nodes.event_type, &start).await;
            twice.refused(409, "time_taken");
            booked.push((acknowledged, start));
            nodes.test.database.terminate(NOTICES).await;
        }
        booked
    };
    let (answers, booked) = tokio::join!(asked, booked);
    let mut late = 0;
    for (acknowledged, start) in &booked {
        let old = answers
            .iter()
            .filter(|(asked, _)| *acknowledged + TRUSTED <= *asked);
        for (_, starts) in old {
            assert!(!starts.contains(start), "{start}");
            late += 1;
        }
    }
    assert!(
        0 < late,
        "{} bookings, {} answers",
        booked.len(),
        answers.len()
    );
    nodes.until_heard(true).await;
    no_conflicts(&active_events(&nodes.test).await);
}
