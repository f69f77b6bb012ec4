//! Where a meeting takes place: what the invitee chooses among what the event type offers.

use serde_json::json;

use crate::{
    caller::{booking, text},
    harness::Test,
};

on_both_engines! {
    of_two_places_of_a_kind_the_invitee_names_one,
}

async fn of_two_places_of_a_kind_the_invitee_names_one(test: Test) {
    let ada = test.as_user("ada");
    let locations = json!([
        {"kind": "physical", "location": "Room 7"},
        {"kind": "physical", "location": "Room 8", "additional_info": "Ring twice"},
    ]);
    let event_type = ada.event_type(json!({"locations": locations})).await;
    let mut body = booking(&event_type, "2026-03-03T10:00:00Z");
    body["location"] = json!({"kind": "physical", "location": "Room 9"});
    assert_eq!(
        ada.post("/invitees", body.clone()).await.mistakes(),
        ["location.location not_offered"]
    );
    body["location"]["location"] = json!("Room 8");
    let invitee = ada.post("/invitees", body).await.resource(201);
    let event = ada.get(text(&invitee["event"])).await.resource(200);
    assert_eq!(
        event["location"],
        json!({"type": "physical", "location": "Room 8", "additional_info": "Ring twice"})
    );
}
