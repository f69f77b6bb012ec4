//! Holds: a time that is kept for somebody, until it is booked, freed or ends by itself.

use serde_json::{Value, json};

use crate::{
    caller::{Answer, Caller, booking, path, uri},
    harness::Test,
    races::{active_events, at_once},
};

on_both_engines! {
    a_hold_keeps_a_time_and_becomes_the_booking,
    a_hold_serves_one_booking_of_its_time_only,
    a_hold_ends_by_itself,
    a_hold_is_freed_at_once,
    the_hold_of_somebody_else_is_not_theirs_to_use,
    a_hold_is_placed_once_with_a_key,
}

on_all_deployments! {
    a_token_has_so_many_holds,
    of_64_who_hold_one_time_one_wins,
    of_a_hold_and_a_booking_at_once_one_wins,
}

const START: &str = "2026-03-03T10:00:00Z";

/// Holds a start.
pub async fn hold(caller: &Caller, event_type: &str, start: &str) -> Answer {
    let body = json!({"event_type": event_type, "start_time": start});
    caller.post("/holds", body).await
}

/// Books a start with a hold.
pub async fn book_held(caller: &Caller, (event_type, start): (&str, &str), hold: &str) -> Answer {
    let mut body = booking(event_type, start);
    body["hold"] = json!(hold);
    caller.post("/invitees", body).await
}

/// What takes the caller's time on the day.
pub async fn busy(caller: &Caller) -> Vec<Value> {
    let query = [
        ("user", caller.uri.as_str()),
        ("start_time", "2026-03-03T00:00:00Z"),
        ("end_time", "2026-03-04T00:00:00Z"),
    ];
    caller
        .get(path("/user_busy_times", &query))
        .await
        .collection()
}

async fn is_on_offer(caller: &Caller, event_type: &str) -> bool {
    let end = "2026-03-03T10:01:00Z";
    !caller.available(event_type, START, end).await.is_empty()
}

async fn a_hold_keeps_a_time_and_becomes_the_booking(test: Test) {
    let ada = test.as_user("ada");
    let event_type = ada.event_type(json!({})).await;
    let held = hold(&ada, &event_type, START).await.resource(201);
    let expected = json!({
        "uri": held["uri"],
        "event_type": event_type,
        "start_time": "2026-03-03T10:00:00.000000Z",
        "end_time": "2026-03-03T10:30:00.000000Z",
        "hosts": [ada.uri],
        "created_at": held["created_at"],
        "expires_at": held["expires_at"],
    });
    assert_eq!(held, expected);
    assert_eq!(ada.get(uri(&held)).await.resource(200), held);
    let reserved = json!([{
        "type": "reserved", "start_time": "2026-03-03T10:00:00.000000Z", "end_time": "2026-03-03T10:30:00.000000Z",
    }]);
    assert_eq!(json!(busy(&ada).await), reserved);
    assert!(!is_on_offer(&ada, &event_type).await);
    let refusal = ada
        .book(&event_type, START)
        .await
        .refused(409, "time_taken");
    assert!(!refusal["alternatives"].as_array().unwrap().is_empty());
    hold(&ada, &event_type, START)
        .await
        .refused(409, "time_taken");
    let invitee = book_held(&ada, (&event_type, START), &uri(&held))
        .await
        .resource(201);
    ada.get(uri(&held)).await.refused(404, "not_found");
    let taken = busy(&ada).await;
    assert_eq!(
        (taken.len(), &taken[0]["event"]["uri"]),
        (1, &invitee["event"])
    );
    // used twice
    book_held(&ada, (&event_type, START), &uri(&held))
        .await
        .refused(409, "hold_ended");
    assert_eq!(active_events(&test).await.len(), 1);
}

async fn a_hold_serves_one_booking_of_its_time_only(test: Test) {
    let ada = test.as_user("ada");
    let event_type = ada.event_type(json!({})).await;
    let other = ada.event_type(json!({"name": "Other"})).await;
    let held = uri(&hold(&ada, &event_type, START).await.resource(201));
    for (event_type, start) in [(&other, START), (&event_type, "2026-03-03T11:00:00Z")] {
        let answer = book_held(&ada, (event_type, start), &held).await;
        assert_eq!(answer.mistakes(), ["hold other_hold"]);
    }
    ada.get(&held).await.expect(200);
    let mut series = booking(&event_type, START);
    series["hold"] = json!(held);
    series["recurrence"] = json!({"rrule": "FREQ=DAILY;COUNT=2"});
    let answer = ada.post("/invitees", series).await;
    assert_eq!(answer.mistakes(), ["hold not_with_recurrence"]);
    for (expires_in, status) in [(29, 400), (30, 201), (1_800, 201), (1_801, 400)] {
        let start = format!("2026-03-04T10:{:02}:00Z", expires_in % 2 * 30);
        let start = if expires_in == 1_800 {
            "2026-03-04T12:00:00Z"
        } else {
            &start
        };
        let body = json!({"event_type": event_type, "start_time": start, "expires_in": expires_in});
        let answer = ada.post("/holds", body).await;
        answer.expect(status);
        if status == 400 {
            assert_eq!(answer.mistakes(), ["expires_in out_of_range"]);
        }
    }
    assert_eq!(
        hold(&ada, &event_type, "2026-03-03T10:10:00Z")
            .await
            .mistakes(),
        ["start_time off_grid"]
    );
}

async fn a_hold_ends_by_itself(test: Test) {
    let ada = test.as_user("ada");
    let event_type = ada.event_type(json!({})).await;
    let held = uri(&hold(&ada, &event_type, START).await.resource(201));
    let later = test.at("2026-03-02T08:06:00Z").await;
    let ada = later.as_user("ada");
    ada.get(&held).await.refused(404, "not_found");
    ada.delete(&held).await.refused(404, "not_found");
    assert!(busy(&ada).await.is_empty());
    assert!(is_on_offer(&ada, &event_type).await);
    book_held(&ada, (&event_type, START), &held)
        .await
        .refused(409, "hold_ended");
    ada.book(&event_type, START).await.expect(201);
    book_held(&ada, (&event_type, START), &held)
        .await
        .refused(409, "hold_ended");
}

async fn a_hold_is_freed_at_once(test: Test) {
    let ada = test.as_user("ada");
    let event_type = ada.event_type(json!({})).await;
    let held = uri(&hold(&ada, &event_type, START).await.resource(201));
    ada.delete(&held).await.expect(204);
    assert!(is_on_offer(&ada, &event_type).await);
    ada.delete(&held).await.refused(404, "not_found");
    book_held(&ada, (&event_type, START), &held)
        .await
        .refused(409, "hold_ended");
    hold(&ada, &event_type, START).await.expect(201);
}

async fn the_hold_of_somebody_else_is_not_theirs_to_use(test: Test) {
    let (ada, ben) = (test.as_user("ada"), test.as_user("ben"));
    let event_type = ada.event_type(json!({})).await;
    let held = uri(&hold(&ada, &event_type, START).await.resource(201));
    ben.get(&held).await.refused(403, "permission_denied");
    ben.delete(&held).await.refused(403, "permission_denied");
    book_held(&ben, (&event_type, START), &held)
        .await
        .refused(403, "permission_denied");
    let zoe = test.as_foreigner();
    zoe.get(&held).await.refused(404, "not_found");
    zoe.delete(&held).await.refused(404, "not_found");
    let own = zoe.event_type(json!({})).await;
    book_held(&zoe, (&own, START), &held)
        .await
        .refused(409, "hold_ended");
    let amir = test.as_admin();
    amir.get(&held).await.expect(200);
    book_held(&amir, (&event_type, START), &held)
        .await
        .expect(201);
    let held = uri(&hold(&ben, &event_type, "2026-03-03T11:00:00Z")
        .await
        .resource(201));
    amir.delete(&held).await.expect(204);
}

async fn a_token_has_so_many_holds(test: Test) {
    let test = test
        .with(|settings| settings.max_holds_per_token = Some(3))
        .await;
    let (ada, ben) = (test.as_user("ada"), test.as_user("ben"));
    let event_type = ada.event_type(json!({})).await;
    let request = |number: usize| {
        let (ada, event_type) = (ada.clone(), event_type.clone());
        let start = format!("2026-03-03T{:02}:00:00Z", 9 + number);
        async move { hold(&ada, &event_type, &start).await }
    };
    let answers = at_once((0..8).map(request)).await;
    let (placed, refused): (Vec<Answer>, Vec<Answer>) =
        answers.into_iter().partition(|answer| answer.status == 201);
    assert_eq!((placed.len(), refused.len()), (3, 5));
    for answer in refused {
        answer.refused(409, "too_many_holds");
    }
    // each token has its own, and a freed or ended one does not count
    hold(&ben, &event_type, "2026-03-04T10:00:00Z")
        .await
        .expect(201);
    ada.delete(uri(&placed[0].resource(201))).await.expect(204);
    hold(&ada, &event_type, "2026-03-04T11:00:00Z")
        .await
        .expect(201);
    hold(&ada, &event_type, "2026-03-04T12:00:00Z")
        .await
        .refused(409, "too_many_holds");
    let later = test.at("2026-03-02T08:06:00Z").await;
    hold(&later.as_user("ada"), &event_type, "2026-03-04T12:00:00Z")
        .await
        .expect(201);
}

async fn of_64_who_hold_one_time_one_wins(test: Test) {
    let ada = test.as_user("ada");
    let event_type = ada.event_type(json!({})).await;
    let request = |number: usize| {
        let caller = test.as_user(["ada", "ben", "olga", "amir"][number % 4]);
        let event_type = event_type.clone();
        async move { hold(&caller, &event_type, START).await }
    };
    let answers = at_once((0..64).map(request)).await;
    let won = answers.iter().filter(|answer| answer.status == 201);
    assert_eq!(won.count(), 1);
    for answer in answers.iter().filter(|answer| answer.status != 201) {
        let refusal = answer.refused(409, "time_taken");
        assert!(!refusal["alternatives"].as_array().unwrap().is_empty());
    }
    assert_eq!(busy(&ada).await.len(), 1);
}

async fn of_a_hold_and_a_booking_at_once_one_wins(test: Test) {
    let ada = test.as_user("ada");
    let event_type = ada.event_type(json!({})).await;
    for day in 3..7 {
        let start = format!("2026-03-0{day}T10:00:00Z");
        let request = |path: &'static str, body: Value| {
            let ada = ada.clone();
            async move { ada.post(path, body).await }
        };
        let hold = json!({"event_type": event_type, "start_time": start});
        let requests = [
            request("/holds", hold),
            request("/invitees", booking(&event_type, &start)),
        ];
        let mut statuses: Vec<u16> = at_once(requests)
            .await
            .iter()
            .map(|answer| answer.status)
            .collect();
        statuses.sort_unstable();
        assert_eq!(statuses, [201, 409]);
    }
}

async fn a_hold_is_placed_once_with_a_key(test: Test) {
    let ada = test.as_user("ada");
    let event_type = ada.event_type(json!({})).await;
    let body = json!({"event_type": event_type, "start_time": START});
    let first = ada.post_once("/holds", "key", &body).await;
    let second = ada.post_once("/holds", "key", &body).await;
    assert_eq!((first.status, &first.body), (201, &second.body));
    assert_eq!(busy(&ada).await.len(), 1);
    let other = json!({"event_type": event_type, "start_time": "2026-03-03T11:00:00Z"});
    ada.post_once("/holds", "key", &other)
        .await
        .refused(409, "idempotency_key_reused");
}
