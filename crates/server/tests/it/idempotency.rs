//! `Idempotency-Key`: a request that is sent again is answered as the first time and not carried out again.

use serde_json::json;
use tokio::task::JoinSet;

use crate::{
    caller::{booking, text},
    harness::Test,
    races::active_events,
};

on_both_engines! {
    the_same_request_is_answered_with_the_same_bytes,
    a_kept_answer_is_given_although_the_request_would_be_refused_now,
    a_key_does_not_serve_another_request,
    a_key_is_its_users_own,
    a_refused_request_may_be_tried_again_with_its_key,
    a_token_is_never_answered_from_memory,
    every_kind_of_write_is_done_once,
}

on_all_deployments! {
    ten_at_once_make_one_booking,
}

async fn the_same_request_is_answered_with_the_same_bytes(test: Test) {
    let ada = test.as_user("ada");
    let event_type = ada.event_type(json!({})).await;
    let body = booking(&event_type, "2026-03-03T10:00:00Z");
    let first = ada.post_once("/invitees", "key", &body).await;
    first.expect(201);
    // also after the event is gone
    let event = text(&first.resource(201)["event"]);
    ada.post(format!("{event}/cancellation"), json!({}))
        .await
        .expect(201);
    let second = ada.post_once("/invitees", "key", &body).await;
    assert_eq!(second.status, 201);
    assert_eq!(second.body, first.body);
    assert!(active_events(&test).await.is_empty());
}

async fn a_key_does_not_serve_another_request(test: Test) {
    let ada = test.as_user("ada");
    let event_type = ada.event_type(json!({})).await;
    ada.post_once(
        "/invitees",
        "key",
        &booking(&event_type, "2026-03-03T10:00:00Z"),
    )
    .await
    .expect(201);
    let other = booking(&event_type, "2026-03-03T11:00:00Z");
    ada.post_once("/invitees", "key", &other)
        .await
        .refused(409, "idempotency_key_reused");
    let busy = json!({"start_time": "2026-03-04T10:00:00Z", "end_time": "2026-03-04T11:00:00Z"});
    ada.post_once("/user_busy_times", "key", &busy)
        .await
        .refused(409, "idempotency_key_reused");
    assert_eq!(active_events(&test).await.len(), 1);
    ada.post_once("/invitees", "other key", &other)
        .await
        .mistakes();
    ada.post_once("/invitees", "other-key", &other)
        .await
        .expect(201);
}

async fn a_key_is_its_users_own(test: Test) {
    let (ada, ben) = (test.as_user("ada"), test.as_user("ben"));
    let event_type = ada.event_type(json!({})).await;
    let body = booking(&event_type, "2026-03-03T10:00:00Z");
    ada.post_once("/invitees", "key", &body).await.expect(201);
    ben.post_once("/invitees", "key", &body)
        .await
        .refused(409, "time_taken");
}

async fn a_refused_request_may_be_tried_again_with_its_key(test: Test) {
    let ada = test.as_user("ada");
    let event_type = ada.event_type(json!({})).await;
    let body = booking(&event_type, "2026-03-03T10:00:00Z");
    let event = text(
        &ada.book(&event_type, "2026-03-03T10:00:00Z")
            .await
            .resource(201)["event"],
    );
    ada.post_once("/invitees", "key", &body)
        .await
        .refused(409, "time_taken");
    ada.post(format!("{event}/cancellation"), json!({}))
        .await
        .expect(201);
    ada.post_once("/invitees", "key", &body).await.expect(201);
}

async fn ten_at_once_make_one_booking(test: Test) {
    let ada = test.as_user("ada");
    let event_type = ada.event_type(json!({})).await;
    for hour in 9..14 {
        let body = booking(&event_type, &format!("2026-03-03T{hour:02}:00:00Z"));
        let mut tasks = JoinSet::new();
        for _ in 0..10 {
            let (ada, body) = (ada.clone(), body.clone());
            tasks.spawn(async move {
                ada.post_once("/invitees", &format!("key-{hour}"), &body)
                    .await
            });
        }
        let answers = tasks.join_all().await;
        for answer in &answers {
            answer.expect(201);
            assert_eq!(answer.body, answers[0].body);
        }
    }
    assert_eq!(active_events(&test).await.len(), 5);
}

async fn a_token_is_never_answered_from_memory(test: Test) {
    let ada = test.as_user("ada");
    let body = json!({"name": "Once"});
    let one = ada
        .post_once("/personal_access_tokens", "key", &body)
        .await
        .resource(201);
    let two = ada
        .post_once("/personal_access_tokens", "key", &body)
        .await
        .resource(201);
    assert_ne!(one["access_token"], two["access_token"]);
}

async fn every_kind_of_write_is_done_once(test: Test) {
    let owner = test.as_owner();
    let event_type = owner.event_type(json!({})).await;
    let event = text(
        &owner
            .book(&event_type, "2026-03-03T10:00:00Z")
            .await
            .resource(201)["event"],
    );
    let writes = [
        (
            "/users".to_owned(),
            json!({"name": "New", "email": "new@example.com"}),
        ),
        (
            "/user_availability_schedules".to_owned(),
            json!({"name": "New", "timezone": "UTC", "rules": []}),
        ),
        (
            "/user_busy_times".to_owned(),
            json!({"start_time": "2026-03-04T10:00:00Z", "end_time": "2026-03-04T11:00:00Z"}),
        ),
        (
            "/event_types".to_owned(),
            json!({"owner": owner.uri, "name": "New", "slug": "new"}),
        ),
        (
            format!("{event}/rescheduling"),
            json!({"start_time": "2026-03-03T12:00:00Z"}),
        ),
    ];
    for (index, (path, body)) in writes.iter().enumerate() {
        let key = format!("key-{index}");
        let first = owner.post_once(path, &key, body).await;
        first.expect(201);
        let second = owner.post_once(path, &key, body).await;
        assert_eq!(second.expect(201), first.expect(201), "{path}");
        assert_ne!(
            owner.post(path, body.clone()).await.body,
            first.body,
            "{path}"
        );
    }
}

async fn a_kept_answer_is_given_although_the_request_would_be_refused_now(test: Test) {
    let ada = test.as_user("ada");
    let event_type = ada.event_type(json!({})).await;
    let body = booking(&event_type, "2026-03-03T10:00:00Z");
    let first = ada.post_once("/invitees", "key", &body).await;
    first.expect(201);
    ada.patch(&event_type, json!({"active": false}))
        .await
        .expect(200);
    let second = ada.post_once("/invitees", "key", &body).await;
    assert_eq!((second.status, &second.body), (201, &first.body));
    ada.post("/invitees", body).await.refused(404, "not_found");
}
