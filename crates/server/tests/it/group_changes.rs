//! Meetings of several invitees that are canceled, moved or edited.

use serde_json::{Value, json};

use crate::{
    caller::{booking, text, uri},
    groups::{booked, counter, group, left, places},
    harness::Test,
    races::{active_events, at_once},
};

on_both_engines! {
    a_meeting_moves_with_all_of_its_invitees,
    a_lowered_capacity_lets_nobody_in_and_nobody_out,
}

on_all_deployments! {
    the_last_invitee_takes_the_event_along,
    who_joins_while_a_meeting_moves_is_not_lost,
}

const START: &str = "2026-03-03T10:00:00Z";

async fn the_last_invitee_takes_the_event_along(test: Test) {
    let ada = test.as_user("ada");
    let event_type = group(&ada, 2, json!({})).await;
    let invitees = [
        ada.book(&event_type, START).await.resource(201),
        ada.book(&event_type, START).await.resource(201),
    ];
    let event = text(&invitees[0]["event"]);
    for (invitee, status) in invitees.iter().zip(["active", "canceled"]) {
        ada.post(format!("{}/cancellation", uri(invitee)), json!({}))
            .await
            .expect(201);
        assert_eq!(ada.get(&event).await.resource(200)["status"], status);
    }
    assert_eq!(left(&ada, &event_type).await, Some(2));
    assert_ne!(booked(&ada, &event_type, START).await, event);
    // of two who cancel the last two at once, one takes the event along and both are done
    let event = booked(&ada, &event_type, "2026-03-04T10:00:00Z").await;
    booked(&ada, &event_type, "2026-03-04T10:00:00Z").await;
    let last = ada.get(format!("{event}/invitees")).await.collection();
    let cancel = |invitee: &Value| {
        let (ada, path) = (ada.clone(), format!("{}/cancellation", uri(invitee)));
        async move { ada.post(path, json!({})).await }
    };
    for answer in at_once(last.iter().map(cancel).collect::<Vec<_>>()).await {
        answer.expect(201);
    }
    let event = ada.get(&event).await.resource(200);
    assert_eq!(
        (&event["status"], counter(&event)),
        (&json!("canceled"), json!([2, 0, 2]))
    );
}

async fn a_meeting_moves_with_all_of_its_invitees(test: Test) {
    let ada = test.as_user("ada");
    let event_type = group(&ada, 4, json!({})).await;
    let gone = ada.book(&event_type, START).await.resource(201);
    let event = text(&gone["event"]);
    for _ in 0..2 {
        ada.book(&event_type, START).await.expect(201);
    }
    ada.post(format!("{}/cancellation", uri(&gone)), json!({}))
        .await
        .expect(201);
    let other = booked(&ada, &event_type, "2026-03-03T11:00:00Z").await;
    let hold = json!({"event_type": event_type, "start_time": "2026-03-03T12:00:00Z"});
    ada.post("/holds", hold).await.expect(201);
    let moving = format!("{event}/rescheduling");
    // neither onto another meeting nor onto places that somebody holds
    for hour in [11, 12] {
        let to = json!({"start_time": format!("2026-03-03T{hour}:00:00Z")});
        let refusal = ada.post(&moving, to).await.refused(409, "time_taken");
        let near = refusal["alternatives"].as_array().unwrap();
        let taken = [11, 12].map(|hour| json!(format!("2026-03-03T{hour}:00:00.000000Z")));
        assert!(
            near.len() == 5 && !taken.iter().any(|start| near.contains(start)),
            "{near:?}"
        );
    }
    let moved = ada
        .post(&moving, json!({"start_time": "2026-03-03T14:00:00Z"}))
        .await
        .resource(201);
    assert_eq!(counter(&moved), json!([2, 2, 4]));
    assert_eq!(
        counter(&ada.get(&other).await.resource(200)),
        json!([1, 1, 4])
    );
    assert_eq!(left(&ada, &event_type).await, Some(4));
    let now_left = places(&ada, &event_type, "2026-03-03").await;
    assert!(
        now_left.contains(&("2026-03-03T14:00Z".to_owned(), 2)),
        "{now_left:?}"
    );
    let old = ada.get(format!("{event}/invitees")).await.collection();
    let new = ada
        .get(format!("{}/invitees", uri(&moved)))
        .await
        .collection();
    let links: Vec<&Value> = old.iter().map(|invitee| &invitee["new_invitee"]).collect();
    assert_eq!(links, [&json!(null), &new[0]["uri"], &new[1]["uri"]]);
    assert_eq!(
        booked(&ada, &event_type, "2026-03-03T14:00:00Z").await,
        uri(&moved)
    );
}

async fn a_lowered_capacity_lets_nobody_in_and_nobody_out(test: Test) {
    let ada = test.as_user("ada");
    let event_type = group(&ada, 4, json!({})).await;
    let event = booked(&ada, &event_type, START).await;
    for _ in 0..2 {
        ada.book(&event_type, START).await.expect(201);
    }
    ada.patch(&event_type, json!({"capacity": 2}))
        .await
        .expect(200);
    assert_eq!(left(&ada, &event_type).await, None);
    ada.book(&event_type, START)
        .await
        .refused(409, "time_taken");
    let moving = json!({"start_time": "2026-03-03T14:00:00Z"});
    let moved = ada
        .post(format!("{event}/rescheduling"), moving)
        .await
        .resource(201);
    assert_eq!(counter(&moved), json!([3, 3, 4]));
    ada.patch(&event_type, json!({"capacity": 5}))
        .await
        .expect(200);
    ada.book(&event_type, "2026-03-03T14:00:00Z")
        .await
        .expect(201);
    let moved = ada.get(uri(&moved)).await.resource(200);
    assert_eq!(counter(&moved), json!([4, 4, 5]));
}

async fn who_joins_while_a_meeting_moves_is_not_lost(test: Test) {
    let ada = test.as_user("ada");
    let event_type = group(&ada, 20, json!({})).await;
    let event = booked(&ada, &event_type, START).await;
    let mut requests: Vec<(String, Value)> = (0..8)
        .map(|_| ("/invitees".to_owned(), booking(&event_type, START)))
        .collect();
    let to = json!({"start_time": "2026-03-03T14:00:00Z"});
    requests.insert(4, (format!("{event}/rescheduling"), to));
    let request = |(path, body): (String, Value)| {
        let ada = ada.clone();
        async move { ada.post(path, body).await }
    };
    for answer in at_once(requests.into_iter().map(request).collect::<Vec<_>>()).await {
        answer.expect(201);
    }
    // those who came before the move went along, the others made a new meeting at the old time
    let events = active_events(&test).await;
    let coming = events
        .iter()
        .map(|event| event["invitees_counter"]["active"].as_i64().unwrap());
    assert_eq!(coming.sum::<i64>(), 9);
    assert!(
        events
            .iter()
            .any(|event| event["start_time"] == "2026-03-03T14:00:00.000000Z")
    );
    assert!(events.len() <= 2, "{events:?}");
}
