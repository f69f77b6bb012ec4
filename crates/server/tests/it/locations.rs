//! Where a meeting takes place: what the invitee chooses among what the event type offers.

use serde_json::json;

use crate::{
    caller::{booking, path, text},
    harness::Test,
};

on_both_engines! {
    of_two_places_of_a_kind_the_invitee_names_one,
    every_kind_of_place_is_listed,
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

async fn every_kind_of_place_is_listed(test: Test) {
    let ada = test.as_user("ada");
    let of = |user: &str| path("/locations", &[("user", user)]);
    let kinds = ada.get(of(&test.as_user("ben").uri)).await.collection();
    let expected = json!([
        {"kind": "ask_invitee"},
        {"kind": "custom"},
        {"kind": "google_conference", "connected": false},
        {"kind": "gotomeeting_conference", "connected": false},
        {"kind": "inbound_call"},
        {"kind": "microsoft_teams_conference", "connected": false},
        {"kind": "outbound_call"},
        {"kind": "physical"},
        {"kind": "webex_conference", "connected": false},
        {"kind": "zoom_conference", "connected": false},
    ]);
    assert_eq!(json!(kinds), expected);
    // each of them can be named
    for kind in kinds {
        let place = json!({"kind": kind["kind"], "location": "x"});
        ada.event_type(json!({"locations": [place]})).await;
    }
    let refusal = ada.get(of(&test.as_foreigner().uri)).await;
    let refusal = refusal.refused(403, "permission_denied");
    assert_eq!(refusal["message"], "This user is not in your organization");
    assert_eq!(ada.get("/locations").await.mistakes(), ["user required"]);
    let other = test.with_scopes("ada", &["event_types:read"]).await;
    let refusal = other
        .get(of(&ada.uri))
        .await
        .refused(403, "insufficient_scope");
    assert_eq!(refusal["required_scopes"], json!(["locations:read"]));
}
