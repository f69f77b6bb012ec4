//! What is cleared away by itself, what stays, and what those are told who come too late.

use serde_json::{Value, json};

use crate::{
    caller::{Caller, booking, id, path, text, uri},
    harness::Test,
    mail_server::MailServer,
    webhook_receiver::Receiver,
};

on_both_engines! {
    the_feed_goes_back_so_many_days_and_says_so,
    messages_go_and_those_of_subscriptions_that_are_gone,
    what_waits_for_a_receiver_stays,
    kept_answers_and_ended_holds_go,
    mails_go,
    one_node_clears_away_at_a_time,
}

async fn publish(test: &Test) {
    let organization = domain::id::OrganizationId(id(&test.organization).parse().unwrap());
    while server::webhooks::publish(&test.app, organization)
        .await
        .unwrap()
    {}
}

async fn clean_up(test: &Test) {
    server::app::cleanup::clean_up(&test.app).await.unwrap();
}

async fn ada_with_event_type(test: &Test) -> (Caller, String) {
    let ada = test.as_user("ada");
    ada.always_open("UTC").await;
    let window = json!({"booking_window": {"type": "unlimited"}});
    let event_type = ada.event_type(window).await;
    (ada, event_type)
}

async fn feed(caller: &Caller, after: &str) -> Value {
    let query = [("after", after)];
    let query = if after.is_empty() { &[][..] } else { &query };
    caller.get(path("/events_feed", query)).await.expect(200)
}

fn names(feed: &Value) -> Vec<String> {
    let events = feed["collection"].as_array().unwrap().iter();
    events.map(|event| text(&event["event"])).collect()
}

async fn the_feed_goes_back_so_many_days_and_says_so(test: Test) {
    let (ada, event_type) = ada_with_event_type(&test).await;
    let owner = test.as_owner();
    let start = text(&feed(&owner, "").await["next"]);
    publish(&test).await;
    let first = text(&feed(&owner, "").await["next"]);
    ada.book(&event_type, "2026-03-03T09:00:00Z")
        .await
        .expect(201);
    publish(&test).await;
    let second = text(&feed(&owner, "").await["next"]);
    let later = test.at("2026-05-30T08:00:00Z").await;
    later
        .as_user("ada")
        .book(&event_type, "2026-06-03T09:00:00Z")
        .await
        .expect(201);
    publish(&later).await;
    // 89 days: all of it is there
    clean_up(&later).await;
    let owner = later.as_owner();
    assert_eq!(names(&feed(&owner, "").await).len(), 3);
    // 91 days
    let last = test.at("2026-06-01T08:00:00Z").await;
    clean_up(&last).await;
    let owner = last.as_owner();
    for gone in [&start, &first] {
        let after = path("/events_feed", &[("after", gone)]);
        assert_eq!(owner.get(after).await.mistakes(), ["after place_gone"]);
    }
    assert_eq!(names(&feed(&owner, &second).await), ["invitee.created"]);
    assert_eq!(names(&feed(&owner, "").await), ["invitee.created"]);
    // a feed of which nothing is left begins where it ended
    let empty = test.at("2026-12-01T08:00:00Z").await;
    clean_up(&empty).await;
    let owner = empty.as_owner();
    let from_start = feed(&owner, "").await;
    assert_eq!(names(&from_start), Vec::<String>::new());
    feed(&owner, &text(&from_start["next"])).await;
}

async fn subscribe(test: &Test, url: &str) -> String {
    let body = json!({
        "url": url, "events": ["invitee.created"], "organization": test.organization, "scope": "organization",
    });
    let made = test.as_owner().post("/webhook_subscriptions", body).await;
    uri(&made.resource(201))
}

async fn deliveries(test: &Test, subscription: &str) -> Vec<Value> {
    let deliveries = format!("{subscription}/deliveries");
    test.as_owner().get(deliveries).await.collection()
}

async fn messages_go_and_those_of_subscriptions_that_are_gone(test: Test) {
    let receiver = Receiver::start().await;
    let test = test.telling().await;
    let kept = subscribe(&test, &receiver.url).await;
    let gone = subscribe(&test, &receiver.url.replace("key=1", "key=2")).await;
    let (ada, event_type) = ada_with_event_type(&test).await;
    ada.book(&event_type, "2026-03-03T09:00:00Z")
        .await
        .expect(201);
    receiver.wait_for(2).await;
    for _ in 0..600 {
        let waiting = format!("{kept}/deliveries?status=delivered");
        if !test.as_owner().get(waiting).await.collection().is_empty() {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    test.as_owner().delete(&gone).await.expect(204);
    clean_up(&test).await;
    assert_eq!(deliveries(&test, &kept).await.len(), 1);
    let month = test.at("2026-04-02T08:00:00Z").await;
    clean_up(&month).await;
    assert_eq!(deliveries(&month, &kept).await, Vec::<Value>::new());
    assert_eq!(names(&feed(&month.as_owner(), "").await).len(), 2);
}

async fn what_waits_for_a_receiver_stays(test: Test) {
    let subscription = subscribe(&test, "https://example.com/hook").await;
    let (ada, event_type) = ada_with_event_type(&test).await;
    ada.book(&event_type, "2026-03-03T09:00:00Z")
        .await
        .expect(201);
    publish(&test).await;
    let later = test.at("2026-12-01T08:00:00Z").await;
    clean_up(&later).await;
    assert_eq!(deliveries(&later, &subscription).await.len(), 1);
    assert_eq!(
        names(&feed(&later.as_owner(), "").await),
        ["invitee.created"]
    );
    let disabled = json!({"state": "disabled"});
    later
        .as_owner()
        .patch(&subscription, disabled)
        .await
        .expect(200);
    clean_up(&later).await;
    assert_eq!(deliveries(&later, &subscription).await, Vec::<Value>::new());
}

async fn kept_answers_and_ended_holds_go(test: Test) {
    let (ada, event_type) = ada_with_event_type(&test).await;
    let rare = "rareword";
    let mut body = booking(&event_type, "2026-03-03T09:00:00Z");
    body["tracking"] = json!({"utm_source": "x"});
    ada.post_once("/invitees", rare, &body).await.expect(201);
    let hold = json!({"event_type": event_type, "start_time": "2026-03-04T09:00:00Z"});
    let hold = uri(&ada.post("/holds", hold).await.resource(201));
    let is_there = |what: &[u8]| {
        let bytes = test.database.bytes();
        bytes.windows(what.len()).any(|it| it == what)
    };
    clean_up(&test).await;
    assert!(is_there(rare.as_bytes()));
    ada.get(&hold).await.expect(200);
    let later = test.at("2026-03-03T08:01:00Z").await;
    clean_up(&later).await;
    later.app.store.unrecorded().rewrite().await.unwrap();
    assert!(!is_there(rare.as_bytes()));
    later
        .as_user("ada")
        .get(&hold)
        .await
        .refused(404, "not_found");
}

async fn one_node_clears_away_at_a_time(test: Test) {
    let other = test.with(|_| {}).await;
    let (one, two) = tokio::join!(
        server::app::cleanup::clean_up_if_due(&test.app),
        server::app::cleanup::clean_up_if_due(&other.app)
    );
    assert!(one.unwrap() ^ two.unwrap());
    let soon = test.at("2026-03-02T08:09:00Z").await;
    let is_due = server::app::cleanup::clean_up_if_due(&soon.app).await;
    assert!(!is_due.unwrap());
    let later = test.at("2026-03-02T08:11:00Z").await;
    let is_due = server::app::cleanup::clean_up_if_due(&later.app).await;
    assert!(is_due.unwrap());
}

async fn mails_go(test: Test) {
    let server = MailServer::start().await;
    let test = test.mailing(&server).await;
    let (ada, event_type) = ada_with_event_type(&test).await;
    ada.book(&event_type, "2026-03-03T09:00:00Z")
        .await
        .expect(201);
    server.wait_for(2).await;
    let mails = path(
        "/outgoing_communications",
        &[("organization", &test.organization)],
    );
    for _ in 0..600 {
        if test.as_owner().get(&mails).await.collection().len() == 2 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    for (day, left) in [("2026-05-30", 2), ("2026-06-01", 0)] {
        let later = test.at(&format!("{day}T08:00:00Z")).await;
        clean_up(&later).await;
        let left_then = later.as_owner().get(&mails).await.collection();
        assert_eq!(left_then.len(), left, "{day}");
    }
}
