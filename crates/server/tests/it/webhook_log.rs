//! What was sent, and sending it again.

use serde_json::{Value, json};

use crate::{
    caller::uri,
    harness::Test,
    webhook_receiver::{BOOKINGS, Receiver, ada_with_event_type, delivered, subscribe},
};

on_both_engines!(what_was_sent_can_be_sent_again);

async fn what_was_sent_can_be_sent_again(test: Test) {
    let test = test.telling().await;
    let receiver = Receiver::start().await;
    let subscription = subscribe(&test, &receiver, &BOOKINGS).await;
    let (ada, event_type) = ada_with_event_type(&test).await;
    for hour in 9..12 {
        let start = format!("2026-03-03T{hour:02}:00:00Z");
        ada.book(&event_type, &start).await.resource(201);
    }
    let owner = test.as_owner();
    let deliveries = delivered(&owner, &subscription, 3).await;
    let again = format!("{}/redelivery", uri(&deliveries[1]));
    let sent = owner.post(again, Value::Null).await.resource(202);
    assert_eq!(sent["status"], "waiting");
    let told = receiver.wait_for(4).await;
    let of_it = told
        .iter()
        .filter(|it| it.header("webhook-id") == deliveries[1]["id"]);
    assert_eq!(of_it.count(), 2);
    delivered(&owner, &subscription, 3).await;
    let since = format!("{subscription}/redelivery");
    let body = json!({"since": "2026-03-02T00:00:00Z"});
    let count = owner.post(&since, body).await.resource(202);
    assert_eq!(count, json!({"count": 3}));
    receiver.wait_for(7).await;
    let none = json!({"since": "2027-03-02T00:00:00Z", "until": "2028-03-02T00:00:00Z"});
    assert_eq!(
        owner.post(&since, none).await.resource(202),
        json!({"count": 0})
    );
}
