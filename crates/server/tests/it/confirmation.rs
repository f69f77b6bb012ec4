//! Meetings that a host must confirm: they block the time until somebody decides or it is too late.

use serde_json::{Value, json};

use crate::{
    caller::{Caller, path, text, uri},
    harness::Test,
    races::{active_events, at_once},
};

on_both_engines! {
    a_meeting_waits_and_blocks_the_time,
    a_confirmed_meeting_stays,
    a_rejected_meeting_frees_the_time,
    what_nobody_confirms_ends_by_itself,
    nobody_confirms_later_than_the_start,
    a_meeting_that_moves_waits_again,
    hosts_and_administrators_decide,
}

on_all_deployments! {
    a_confirmation_and_a_rejection_at_once_do_not_both_happen,
}

const START: &str = "2026-03-03T10:00:00Z";
const SOME: &str = "2026-03-03T10:01:00Z";

/// An event type whose meetings wait for two hours.
pub async fn with_confirmation(caller: &Caller) -> String {
    caller
        .event_type(json!({"confirmation_minutes": 120}))
        .await
}

pub async fn booked(caller: &Caller, event_type: &str, start: &str) -> Value {
    let invitee = caller.book(event_type, start).await.resource(201);
    caller.get(text(&invitee["event"])).await.resource(200)
}

fn minutes_between(from: &Value, to: &Value) -> i64 {
    let [from, to] = [from, to].map(|time| text(time).parse::<jiff::Timestamp>().unwrap());
    to.duration_since(from).as_mins()
}

async fn busy(caller: &Caller) -> Vec<Value> {
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

async fn a_meeting_waits_and_blocks_the_time(test: Test) {
    let ada = test.as_user("ada");
    let event_type = with_confirmation(&ada).await;
    let event = booked(&ada, &event_type, START).await;
    assert_eq!(event["status"], "active");
    let confirmation = &event["confirmation"];
    let expected = json!({"status": "pending", "expires_at": confirmation["expires_at"], "confirmed_at": null});
    assert_eq!(*confirmation, expected);
    let wait = minutes_between(&event["created_at"], &confirmation["expires_at"]);
    assert!((119..=120).contains(&wait), "{wait}");
    assert_eq!(busy(&ada).await[0]["event"]["uri"], event["uri"]);
    assert!(ada.available(&event_type, START, SOME).await.is_empty());
    ada.book(&event_type, START)
        .await
        .refused(409, "time_taken");
}

async fn a_confirmed_meeting_stays(test: Test) {
    let ada = test.as_user("ada");
    let event_type = with_confirmation(&ada).await;
    let event = booked(&ada, &event_type, START).await;
    let confirming = format!("{}/confirmation", uri(&event));
    let confirmed = ada.post(&confirming, json!({})).await.resource(201);
    let mut expected = event.clone();
    let at = &confirmed["updated_at"];
    expected["updated_at"] = at.clone();
    expected["confirmation"] =
        json!({"status": "confirmed", "expires_at": null, "confirmed_at": at});
    assert_eq!(confirmed, expected);
    ada.post(&confirming, json!({}))
        .await
        .refused(409, "not_waiting");
    ada.post(format!("{}/rejection", uri(&event)), json!({}))
        .await
        .refused(409, "not_waiting");
    let later = test.at("2026-03-02T12:00:00Z").await;
    let ada = later.as_user("ada");
    assert_eq!(ada.get(uri(&event)).await.resource(200), confirmed);
    assert_eq!(busy(&ada).await.len(), 1);
    ada.book(&event_type, START)
        .await
        .refused(409, "time_taken");
    // one that needs no confirmation cannot be confirmed
    let plain = ada.event_type(json!({"name": "Plain"})).await;
    let plain = booked(&ada, &plain, "2026-03-03T12:00:00Z").await;
    ada.post(format!("{}/confirmation", uri(&plain)), json!({}))
        .await
        .refused(409, "not_waiting");
    ada.post(format!("{}/cancellation", uri(&plain)), json!({}))
        .await
        .expect(201);
    ada.post(format!("{}/confirmation", uri(&plain)), json!({}))
        .await
        .refused(403, "permission_denied");
}

async fn a_rejected_meeting_frees_the_time(test: Test) {
    let ada = test.as_user("ada");
    let event_type = with_confirmation(&ada).await;
    let event = booked(&ada, &event_type, START).await;
    let rejecting = format!("{}/rejection", uri(&event));
    let cancellation = ada
        .post(&rejecting, json!({"reason": "No"}))
        .await
        .resource(201);
    let expected = json!({
        "canceled_by": "ada", "reason": "No", "canceler_type": "host", "created_at": cancellation["created_at"],
    });
    assert_eq!(cancellation, expected);
    let shown = ada.get(uri(&event)).await.resource(200);
    assert_eq!(
        json!([shown["status"], shown["cancellation"]]),
        json!(["canceled", cancellation])
    );
    assert!(busy(&ada).await.is_empty());
    ada.post(&rejecting, json!({}))
        .await
        .refused(403, "permission_denied");
    ada.book(&event_type, START).await.expect(201);
}

async fn what_nobody_confirms_ends_by_itself(test: Test) {
    let ada = test.as_user("ada");
    let event_type = with_confirmation(&ada).await;
    let event = booked(&ada, &event_type, START).await;
    let other = booked(&ada, &event_type, "2026-03-03T11:00:00Z").await;
    let later = test.at("2026-03-02T10:01:00Z").await;
    let ada = later.as_user("ada");
    // free before anybody has looked at it
    assert!(busy(&ada).await.is_empty());
    assert_eq!(ada.available(&event_type, START, SOME).await.len(), 1);
    ada.book(&event_type, START).await.expect(201);
    let confirming = format!("{}/confirmation", uri(&event));
    let refusal = ada
        .post(confirming, json!({}))
        .await
        .refused(403, "permission_denied");
    assert_eq!(refusal["message"], "Event is already canceled");
    for event in [&event, &other] {
        let shown = ada.get(uri(event)).await.resource(200);
        let expected = json!({
            "canceled_by": "ada", "reason": "The host did not confirm this meeting in time.", "canceler_type": "host",
            "created_at": event["confirmation"]["expires_at"],
        });
        assert_eq!(
            json!([shown["status"], shown["cancellation"]]),
            json!(["canceled", expected])
        );
        let invitees = ada
            .get(format!("{}/invitees", uri(event)))
            .await
            .collection();
        assert_eq!(
            (&invitees[0]["status"], &invitees[0]["cancellation"]),
            (&json!("canceled"), &expected)
        );
    }
    assert_eq!(active_events(&later).await.len(), 1);
    let moving = json!({"start_time": "2026-03-04T10:00:00Z"});
    ada.post(format!("{}/rescheduling", uri(&event)), moving)
        .await
        .refused(403, "permission_denied");
}

async fn nobody_confirms_later_than_the_start(test: Test) {
    let ada = test.as_user("ada");
    let event_type = with_confirmation(&ada).await;
    let event = booked(&ada, &event_type, "2026-03-02T09:00:00Z").await;
    assert_eq!(event["confirmation"]["expires_at"], event["start_time"]);
    let later = test.at("2026-03-02T09:00:00Z").await;
    let shown = later.as_user("ada").get(uri(&event)).await.resource(200);
    assert_eq!(shown["status"], "canceled");
}

async fn a_meeting_that_moves_waits_again(test: Test) {
    let ada = test.as_user("ada");
    let event_type = with_confirmation(&ada).await;
    let event = booked(&ada, &event_type, START).await;
    let later = test.at("2026-03-02T09:00:00Z").await;
    let ada = later.as_user("ada");
    let to = json!({"start_time": "2026-03-03T14:00:00Z"});
    let moved = ada
        .post(format!("{}/rescheduling", uri(&event)), to)
        .await
        .resource(201);
    assert_eq!(moved["confirmation"]["status"], "pending");
    let wait = minutes_between(
        &event["confirmation"]["expires_at"],
        &moved["confirmation"]["expires_at"],
    );
    assert!((59..=60).contains(&wait), "{wait}");
    // the old one is not shown as one that nobody confirmed
    let evening = test.at("2026-03-02T12:00:00Z").await;
    let ada = evening.as_user("ada");
    assert_eq!(
        ada.get(uri(&event)).await.resource(200)["cancellation"]["reason"],
        json!(null)
    );
    assert_eq!(
        ada.get(uri(&moved)).await.resource(200)["status"],
        "canceled"
    );
    // a confirmed one stays confirmed
    let event = booked(&ada, &event_type, START).await;
    ada.post(format!("{}/confirmation", uri(&event)), json!({}))
        .await
        .expect(201);
    let to = json!({"start_time": "2026-03-03T15:00:00Z"});
    let moved = ada
        .post(format!("{}/rescheduling", uri(&event)), to)
        .await
        .resource(201);
    assert_eq!(moved["confirmation"]["status"], "confirmed");
}

async fn hosts_and_administrators_decide(test: Test) {
    let (olga, amir) = (test.as_owner(), test.as_admin());
    let (ada, ben) = (test.as_user("ada"), test.as_user("ben"));
    let hosts = json!([{"user": amir.uri}, {"user": ada.uri}]);
    let fields =
        json!({"pooling_type": "collective", "hosts": hosts, "requires_confirmation": true});
    let event_type = olga.event_type(fields).await;
    let book = async |hour: u8| {
        let start = format!("2026-03-03T{hour}:00:00Z");
        text(&ben.book(&event_type, &start).await.resource(201)["event"])
    };
    let (first, second) = (book(10).await, book(11).await);
    for action in ["confirmation", "rejection"] {
        let path = format!("{first}/{action}");
        ben.post(&path, json!({}))
            .await
            .refused(403, "permission_denied");
        test.as_foreigner()
            .post(&path, json!({}))
            .await
            .refused(404, "not_found");
    }
    ada.post(format!("{first}/confirmation"), json!({}))
        .await
        .expect(201);
    olga.post(format!("{second}/rejection"), json!({}))
        .await
        .expect(201);
    let shown = ada.get(&second).await.resource(200);
    assert_eq!(shown["cancellation"]["canceled_by"], "olga");
}

async fn a_confirmation_and_a_rejection_at_once_do_not_both_happen(test: Test) {
    let ada = test.as_user("ada");
    let event_type = with_confirmation(&ada).await;
    for day in 3..6 {
        let event = booked(&ada, &event_type, &format!("2026-03-0{day}T10:00:00Z")).await;
        let request = |action: &str| {
            let (ada, path) = (ada.clone(), format!("{}/{action}", uri(&event)));
            async move { ada.post(path, json!({})).await }
        };
        let answers = at_once([request("confirmation"), request("rejection")]).await;
        let won = answers.iter().filter(|answer| answer.status == 201);
        assert_eq!(won.count(), 1);
        let is_confirmed = answers.iter().any(|answer| answer.status == 409);
        let shown = ada.get(uri(&event)).await.resource(200);
        let status = if is_confirmed { "active" } else { "canceled" };
        assert_eq!(shown["status"], status);
    }
}
