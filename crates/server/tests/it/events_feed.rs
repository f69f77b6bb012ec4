//! `GET /events_feed`: the same for those whom no webhook can reach.

use serde_json::{Value, json};

use crate::{
    caller::{path, text},
    harness::Test,
    webhook_receiver::ada_with_event_type,
};

on_both_engines!(the_feed_tells_the_same);

async fn the_feed_tells_the_same(test: Test) {
    let test = test.telling().await;
    let owner = test.as_owner();
    let (ada, event_type) = ada_with_event_type(&test).await;
    let feed = |after: &str, wait: &str| {
        let mut query = vec![("wait", wait)];
        if !after.is_empty() {
            query.push(("after", after));
        }
        path("/events_feed", &query)
    };
    let first = owner.get(feed("", "25")).await.expect(200);
    assert_eq!(first["collection"][0]["event"], "event_type.created");
    let next = text(&first["next"]);
    assert_eq!(
        owner.get(feed(&next, "0")).await.expect(200)["collection"],
        json!([])
    );
    let waiting = {
        let (owner, path) = (owner.clone(), feed(&next, "25"));
        tokio::spawn(async move { owner.get(path).await })
    };
    let invitee = ada
        .book(&event_type, "2026-03-03T09:00:00Z")
        .await
        .resource(201);
    let told = waiting.await.unwrap().expect(200);
    assert_eq!(told["collection"][0]["event"], "invitee.created");
    assert_eq!(told["collection"][0]["payload"]["uri"], invitee["uri"]);
    // from the beginning it is the same again
    let all = owner.get(feed("", "0")).await.expect(200);
    let names: Vec<&Value> = all["collection"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| &it["event"])
        .collect();
    assert_eq!(names, ["event_type.created", "invitee.created"]);
    ada.get(feed("", "0"))
        .await
        .refused(403, "permission_denied");
    owner
        .get(feed("x", "0"))
        .await
        .refused(400, "invalid_argument");
    let limited = test
        .with_scopes("olga", &["webhooks:read", "event_types:read"])
        .await;
    let seen = limited.get(feed("", "0")).await.expect(200);
    assert_eq!(seen["collection"].as_array().unwrap().len(), 1);
    let foreign = test.as_foreigner().get(feed("", "0")).await.expect(200);
    assert_eq!(foreign["collection"], json!([]));
}
