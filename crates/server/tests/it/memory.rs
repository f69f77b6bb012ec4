//! What is kept in memory is what the database says, also when other processes write.

use std::time::{Duration, Instant};

use axum::http::Method;
use serde_json::json;

use crate::{
    caller::{Caller, path, text},
    harness::Test,
};

on_both_engines! {
    a_process_sees_what_another_one_booked,
    a_process_sees_what_another_one_set_up,
    a_token_that_another_process_took_back_ends,
    what_ends_by_itself_is_on_offer_again,
    a_booking_goes_by_what_is_set_up_when_it_is_decided,
    hosts_are_kept_in_as_much_memory_as_there_is,
    the_same_answer_is_not_sent_twice,
    long_answers_are_compressed_for_who_asks,
}

/// So long another process may take to learn of a write at most.
const BOUND: Duration = Duration::from_secs(10);

/// Asks until the answer is as wanted.
async fn until<T>(mut ask: impl AsyncFnMut() -> T, is_wanted: impl Fn(&T) -> bool) {
    let begun = Instant::now();
    while !is_wanted(&ask().await) {
        assert!(
            begun.elapsed() < BOUND,
            "another process does not learn of it"
        );
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

async fn event_type(owner: &Caller) -> String {
    owner.event_type(json!({})).await
}

fn month(event_type: &str) -> String {
    let query = [
        ("event_type", event_type),
        ("start_time", "2026-03-03T00:00:00Z"),
        ("end_time", "2026-04-02T00:00:00Z"),
    ];
    path("/event_type_available_times", &query)
}

async fn starts(caller: &Caller, event_type: &str) -> Vec<String> {
    caller
        .available(event_type, "2026-03-03T00:00:00Z", "2026-04-02T00:00:00Z")
        .await
}

const START: &str = "2026-03-03T09:00:00.000000Z";

async fn a_process_sees_what_another_one_booked(test: Test) {
    let other = test.with(|_| {}).await;
    let (ada, there) = (test.as_user("ada"), other.as_user("ada"));
    let event_type = event_type(&ada).await;
    until(
        async || starts(&there, &event_type).await,
        |starts| starts.contains(&START.to_owned()),
    )
    .await;
    let booked = ada.book(&event_type, START).await.resource(201);
    assert!(!starts(&ada, &event_type).await.contains(&START.to_owned()));
    // whatever the other process offers meanwhile, it does not book it again
    there
        .book(&event_type, START)
        .await
        .refused(409, "time_taken");
    let is_gone = |starts: &Vec<String>| !starts.contains(&START.to_owned());
    until(async || starts(&there, &event_type).await, is_gone).await;
    let cancellation = format!("{}/cancellation", text(&booked["event"]));
    there.post(cancellation, json!({})).await.resource(201);
    let is_back = |starts: &Vec<String>| starts.contains(&START.to_owned());
    assert!(is_back(&starts(&there, &event_type).await));
    until(async || starts(&ada, &event_type).await, is_back).await;
}

async fn a_process_sees_what_another_one_set_up(test: Test) {
    let other = test.with(|_| {}).await;
    let (ada, there) = (test.as_user("ada"), other.as_user("ada"));
    let event_type = event_type(&ada).await;
    let before = starts(&there, &event_type).await.len();
    assert!(before > 100);
    let closed = json!({"rules": [{"type": "date", "date": "2026-03-03", "intervals": []}]});
    ada.patch(ada.default_schedule().await, closed)
        .await
        .expect(200);
    assert_eq!(starts(&ada, &event_type).await, Vec::<String>::new());
    until(async || starts(&there, &event_type).await, Vec::is_empty).await;
    ada.patch(&event_type, json!({"active": false}))
        .await
        .resource(200);
    until(
        async || there.book(&event_type, START).await.status,
        |status| *status == 404,
    )
    .await;
}

async fn a_token_that_another_process_took_back_ends(test: Test) {
    let other = test.with(|_| {}).await;
    let ada = test.as_user("ada");
    let body = json!({"name": "short", "scopes": ["users:read"]});
    let made = ada
        .post("/personal_access_tokens", body)
        .await
        .resource(201);
    let (here, there) = (
        test.with_token(&text(&made["access_token"])),
        other.with_token(&text(&made["access_token"])),
    );
    for caller in [&here, &there] {
        caller.get("/users/me").await.resource(200);
    }
    ada.delete(text(&made["uri"])).await.expect(204);
    here.get("/users/me").await.refused(401, "unauthenticated");
    until(
        async || there.get("/users/me").await.status,
        |status| *status == 401,
    )
    .await;
}

async fn what_ends_by_itself_is_on_offer_again(test: Test) {
    let ada = test.as_user("ada");
    let event_type = event_type(&ada).await;
    let hold = json!({"event_type": event_type, "start_time": START, "expires_in": 60});
    ada.post("/holds", hold).await.resource(201);
    assert!(!starts(&ada, &event_type).await.contains(&START.to_owned()));
    // the same database, two minutes later
    let later = test.at("2026-03-02T08:02:00Z").await;
    let found = starts(&later.as_user("ada"), &event_type).await;
    assert!(found.contains(&START.to_owned()));
}

async fn a_booking_goes_by_what_is_set_up_when_it_is_decided(test: Test) {
    let other = test.with(|_| {}).await;
    let (ada, there) = (test.as_user("ada"), other.as_user("ada"));
    let event_type = event_type(&ada).await;
    for round in 0..10 {
        // the other process knows the event type as it was
        starts(&there, &event_type).await;
        let notice = if round % 2 == 0 { 60 * 24 * 40 } else { 0 };
        let edit = json!({"minimum_notice": notice});
        ada.patch(&event_type, edit).await.resource(200);
        let start = format!("2026-03-03T1{}:00:00Z", round / 2);
        let answer = there.book(&event_type, &start).await;
        if round % 2 == 0 {
            assert_eq!(answer.mistakes(), ["start_time minimum_notice"]);
        } else {
            answer.resource(201);
        }
    }
}

async fn hosts_are_kept_in_as_much_memory_as_there_is(test: Test) {
    // one megabyte is less than a thousand hosts take
    let small = test
        .with(|settings| settings.cache_megabytes = Some(1))
        .await;
    let owner = small.as_owner();
    let mut users = Vec::new();
    for number in 0..40 {
        let body =
            json!({"name": format!("Person {number}"), "email": format!("p{number}@example.com")});
        users.push(text(&owner.post("/users", body).await.resource(201)["uri"]));
    }
    for _ in 0..2 {
        for user in &users {
            let query = [
                ("user", user.as_str()),
                ("start_time", "2026-03-03T00:00:00Z"),
                ("end_time", "2027-03-03T00:00:00Z"),
            ];
            let free = owner.get(path("/user_free_times", &query)).await;
            assert!(free.collection().len() > 200);
        }
    }
}

async fn the_same_answer_is_not_sent_twice(test: Test) {
    let ada = test.as_user("ada");
    let event_type = event_type(&ada).await;
    let first = ada.get(month(&event_type)).await;
    let tag = first.header("etag").to_owned();
    let again = ada.get_unless(month(&event_type), &tag).await;
    assert_eq!((again.status, again.body.len()), (304, 0));
    assert_eq!(again.header("etag"), tag);
    ada.get_unless(month(&event_type), "W/\"other\", *")
        .await
        .expect(304);
    ada.get_unless(month(&event_type), "\"other\"")
        .await
        .expect(200);
    ada.book(&event_type, START).await.resource(201);
    ada.get_unless(month(&event_type), &tag).await.expect(200);
    let range = [
        ("user", ada.uri.as_str()),
        ("start_time", "2026-03-03T00:00:00Z"),
        ("end_time", "2026-04-02T00:00:00Z"),
    ];
    for resource in ["/user_free_times", "/overlaps"] {
        let asked = path(resource, &range);
        let first = ada.get(&asked).await;
        let tag = first.header("etag").to_owned();
        ada.get_unless(&asked, &tag).await.expect(304);
    }
}

async fn long_answers_are_compressed_for_who_asks(test: Test) {
    let ada = test.as_user("ada");
    let event_type = event_type(&ada).await;
    let plain = ada.get(month(&event_type)).await;
    assert!(!plain.headers.contains_key("content-encoding"));
    let asked = [("accept-encoding", "br;q=1.0, gzip")];
    let packed = ada
        .send(Method::GET, &month(&event_type), &asked, Vec::new())
        .await;
    assert_eq!(packed.header("content-encoding"), "gzip");
    assert_eq!(packed.header("etag"), plain.header("etag"));
    assert!(packed.body.len() * 4 < plain.body.len());
    // what is done is answered, also to who can read no answer
    for coding in ["identity;q=0", "gzip;q=0, *;q=0", "br"] {
        let asked = [("accept-encoding", coding)];
        let plain = ada
            .send(Method::GET, &month(&event_type), &asked, Vec::new())
            .await;
        assert!(plain.collection().len() > 100, "{coding}");
    }
    // short ones are not worth it
    let short = ada.send(Method::GET, "/users/me", &asked, Vec::new()).await;
    assert!(!short.headers.contains_key("content-encoding"));
}
