//! Links with settings of their own.

use serde_json::{Value, json};

use crate::{
    caller::{Caller, booking, path, text},
    harness::{BASE, NOTHING, Test},
    scheduling_links::{book_by, link_to},
};

on_both_engines! {
    a_share_is_as_the_event_type_where_nothing_is_said,
    a_share_has_everything_that_was_asked_for,
    times_and_bookings_go_by_the_share,
    a_share_can_be_booked_on_its_dates_only,
    what_a_share_leaves_out_follows_the_event_type,
    bad_shares_are_refused,
    the_owner_and_administrators_share,
}

async fn share(caller: &Caller, event_type: &str, fields: Value) -> String {
    let mut body = json!({"event_type": event_type});
    body.as_object_mut()
        .unwrap()
        .extend(fields.as_object().unwrap().clone());
    let made = caller.post("/shares", body).await.resource(201);
    text(&made["scheduling_links"][0]["booking_url"])
}

async fn on_offer(caller: &Caller, event_type: &str, link: Option<&str>) -> Vec<String> {
    let mut query = vec![
        ("event_type", event_type),
        ("start_time", "2026-03-03T00:00:00Z"),
        ("end_time", "2026-03-04T00:00:00Z"),
    ];
    query.extend(link.map(|link| ("scheduling_link", link)));
    let times = caller
        .get(path("/event_type_available_times", &query))
        .await
        .collection();
    times
        .iter()
        .map(|time| text(&time["start_time"])[11..16].to_owned())
        .collect()
}

fn tuesdays(from: &str, to: &str) -> Value {
    json!([{"type": "wday", "wday": "tuesday", "intervals": [{"from": from, "to": to}]}])
}

async fn a_share_is_as_the_event_type_where_nothing_is_said(test: Test) {
    let ada = test.as_user("ada");
    let rules = tuesdays("09:00", "12:00");
    ada.set_hours("Europe/Rome", rules.clone()).await;
    let places = json!([{"kind": "physical", "location": "Room 7"}, {"kind": "outbound_call"}]);
    let event_type = ada.event_type(json!({"locations": places})).await;
    let made = ada
        .post("/shares", json!({"event_type": event_type}))
        .await
        .resource(201);
    let url = text(&made["scheduling_links"][0]["booking_url"]);
    assert!(
        url.starts_with(&format!("{BASE}/d/")) && url.ends_with("/intro-call"),
        "{url}"
    );
    let expected = json!({
        "scheduling_links": [{"booking_url": url, "owner": event_type, "owner_type": "EventType"}],
        "share_override": {
            "name": "Intro call",
            "duration": 30,
            "duration_options": null,
            "period_type": "moving",
            "start_date": null,
            "end_date": null,
            "max_booking_time": 86_400,
            "hide_location": null,
            "location_configurations": [
                {"kind": "physical", "position": 0, "location": "Room 7", "additional_info": null, "phone_number": null},
                {"kind": "outbound_call", "position": 1, "location": null, "additional_info": null, "phone_number": null},
            ],
            "availability_rule": {"rules": rules, "timezone": "Europe/Rome"},
        },
    });
    assert_eq!(made, expected);
    assert_eq!(
        on_offer(&ada, &event_type, Some(&url)).await,
        on_offer(&ada, &event_type, None).await
    );
}

async fn a_share_has_everything_that_was_asked_for(test: Test) {
    let ada = test.as_user("ada");
    let event_type = ada.event_type(json!({})).await;
    let rules = tuesdays("13:00", "15:00");
    let asked = json!({
        "event_type": event_type,
        "name": "For you",
        "duration": 45,
        "duration_options": [15, 45],
        "period_type": "fixed",
        "start_date": "2026-03-03",
        "end_date": "2026-03-10",
        "max_booking_time": null,
        "hide_location": true,
        "location_configurations": [
            {"kind": "custom", "position": 1, "location": "My boat", "additional_info": null, "phone_number": null},
        ],
        "availability_rule": {"rules": rules, "timezone": "UTC"},
    });
    let made = ada.post("/shares", asked.clone()).await.resource(201);
    let mut expected = asked;
    expected.as_object_mut().unwrap().remove("event_type");
    assert_eq!(made["share_override"], expected);
    // nothing of it is the event type's, or among the schedules
    let shown = ada.get(&event_type).await.resource(200);
    assert_eq!(
        (
            &shown["name"],
            &shown["duration"],
            &shown["availability_schedule"]
        ),
        (&json!("Intro call"), &json!(30), &json!(null))
    );
    let schedules = ada
        .get(path("/user_availability_schedules", &[("user", &ada.uri)]))
        .await;
    assert_eq!(schedules.collection().len(), 1);
}

async fn times_and_bookings_go_by_the_share(test: Test) {
    let ada = test.as_user("ada");
    let event_type = ada
        .event_type(json!({"locations": [{"kind": "physical", "location": "Room 7"}]}))
        .await;
    let fields = json!({
        "name": "For you",
        "duration": 60,
        "availability_rule": {"rules": tuesdays("18:00", "20:00"), "timezone": "UTC"},
        "location_configurations": [{"kind": "custom", "location": "My boat"}],
    });
    let link = share(&ada, &event_type, fields).await;
    assert_eq!(
        on_offer(&ada, &event_type, Some(&link)).await,
        ["18:00", "18:30", "19:00"]
    );
    let query = [
        ("event_type", event_type.as_str()),
        ("start_time", "2026-03-03T00:00:00Z"),
        ("end_time", "2026-03-04T00:00:00Z"),
        ("scheduling_link", &link),
    ];
    let times = ada
        .get(path("/event_type_available_times", &query))
        .await
        .collection();
    assert_eq!(
        times[0]["scheduling_url"],
        format!("{link}/2026-03-03T18:00:00Z?month=2026-03&date=2026-03-03")
    );
    assert!(
        !on_offer(&ada, &event_type, None)
            .await
            .contains(&"18:00".to_owned())
    );
    // its hours are the link's alone, and the event type's are not the link's
    let evening = "2026-03-03T18:30:00Z";
    assert_eq!(
        ada.book(&event_type, evening).await.mistakes(),
        ["start_time outside_hours"]
    );
    let refusal = book_by(&ada, (&event_type, "2026-03-03T10:00:00Z"), &link).await;
    assert_eq!(refusal.mistakes(), ["start_time outside_hours"]);
    let alternatives = refusal.expect(400)["alternatives"].clone();
    assert_eq!(alternatives[0], "2026-03-03T18:00:00.000000Z");
    let invitee = book_by(&ada, (&event_type, evening), &link)
        .await
        .resource(201);
    let event = ada.get(text(&invitee["event"])).await.resource(200);
    let shown = json!([
        event["name"],
        event["end_time"],
        event["location"],
        event["event_type"]
    ]);
    let place = json!({"type": "custom", "location": "My boat"});
    assert_eq!(
        shown,
        json!(["For you", "2026-03-03T19:30:00.000000Z", place, event_type])
    );
    book_by(&ada, (&event_type, "2026-03-10T18:00:00Z"), &link)
        .await
        .refused(409, "link_ended");
    let ended = ada
        .get(path("/event_type_available_times", &query))
        .await
        .refused(404, "not_found");
    assert_eq!(ended["details"][0]["parameter"], "scheduling_link");
    // what is taken is taken for both
    let other = share(
        &ada,
        &event_type,
        json!({"availability_rule": {"rules": tuesdays("18:00", "20:00"), "timezone": "UTC"}}),
    )
    .await;
    assert_eq!(
        on_offer(&ada, &event_type, Some(&other)).await,
        ["18:00", "19:30"]
    );
    // a link that is no share changes nothing but the address
    let plain = ada
        .post("/scheduling_links", link_to(&event_type))
        .await
        .resource(201);
    let plain = text(&plain["booking_url"]);
    assert_eq!(
        on_offer(&ada, &event_type, Some(&plain)).await,
        on_offer(&ada, &event_type, None).await
    );
    let mismatched = ada.event_type(json!({})).await;
    let query = [
        ("event_type", mismatched.as_str()),
        query[1],
        query[2],
        ("scheduling_link", &plain),
    ];
    ada.get(path("/event_type_available_times", &query))
        .await
        .refused(404, "not_found");
}

async fn a_share_can_be_booked_on_its_dates_only(test: Test) {
    let ada = test.as_user("ada");
    let event_type = ada.event_type(json!({})).await;
    // from Monday on: to Wednesday, to Wednesday, to Monday over the weekend, without end
    let rows = [
        (
            json!({"period_type": "fixed", "start_date": "2026-03-03", "end_date": "2026-03-04"}),
            "2026-03-04",
            "2026-03-05",
        ),
        (
            json!({"period_type": "moving", "max_booking_time": 2}),
            "2026-03-04",
            "2026-03-05",
        ),
        (
            json!({"period_type": "moving", "max_booking_time": 2880}),
            "2026-03-04",
            "2026-03-05",
        ),
        (
            json!({"period_type": "available_moving", "max_booking_time": 5}),
            "2026-03-09",
            "2026-03-10",
        ),
    ];
    for (fields, last, first_closed) in rows {
        let link = share(&ada, &event_type, fields.clone()).await;
        let at = |date: &str| format!("{date}T16:00:00Z");
        let trial = |date: &str| {
            let mut body = booking(&event_type, &at(date));
            body["scheduling_link"] = json!(link);
            body
        };
        let refusal = ada
            .post("/invitees?dry_run=true", trial(first_closed))
            .await;
        assert_eq!(
            refusal.mistakes(),
            ["start_time booking_window"],
            "{fields}"
        );
        ada.post("/invitees?dry_run=true", trial(last))
            .await
            .expect(200);
    }
    let link = share(&ada, &event_type, json!({"period_type": "unlimited"})).await;
    book_by(&ada, (&event_type, "2027-03-02T10:00:00Z"), &link)
        .await
        .expect(201);
}

async fn what_a_share_leaves_out_follows_the_event_type(test: Test) {
    let ada = test.as_user("ada");
    let event_type = ada.event_type(json!({})).await;
    let link = share(&ada, &event_type, json!({"name": "For you"})).await;
    let later = json!({"name": "Other", "duration": 60, "locations": [{"kind": "physical", "location": "Room 7"}]});
    ada.patch(&event_type, later).await.expect(200);
    let invitee = book_by(&ada, (&event_type, "2026-03-03T10:00:00Z"), &link)
        .await
        .resource(201);
    let event = ada.get(text(&invitee["event"])).await.resource(200);
    let shown = json!([
        event["name"],
        event["end_time"],
        event["location"]["location"]
    ]);
    assert_eq!(
        shown,
        json!(["For you", "2026-03-03T11:00:00.000000Z", "Room 7"])
    );
}

async fn bad_shares_are_refused(test: Test) {
    let ada = test.as_user("ada");
    let event_type = ada.event_type(json!({"duration_options": [15, 30]})).await;
    let group = ada
        .event_type(json!({"kind": "group", "capacity": 2}))
        .await;
    let pooled = json!({"pooling_type": "collective", "hosts": [{"user": ada.uri}]});
    let pooled = ada.event_type(pooled).await;
    let long = "x".repeat(256);
    let past = json!([{"type": "date", "date": "2026-02-28", "intervals": []}]);
    let rows = [
        (json!({"event_type": null}), vec!["event_type required"]),
        (
            json!({"event_type": group}),
            vec!["event_type not_one_on_one"],
        ),
        (
            json!({"event_type": pooled}),
            vec!["event_type not_one_on_one"],
        ),
        (json!({"duration": 45}), vec!["duration not_an_option"]),
        (
            json!({"duration_options": [20, 40]}),
            vec!["duration not_an_option"],
        ),
        (
            json!({"duration_options": [30, 30]}),
            vec!["duration_options duplicate"],
        ),
        (
            json!({"name": "x".repeat(56), "duration": 721}),
            vec!["name too_long", "duration out_of_range"],
        ),
        (
            json!({"period_type": "fixed"}),
            vec!["start_date required", "end_date required"],
        ),
        (
            json!({"period_type": "fixed", "start_date": "2026-03-04", "end_date": "2026-03-03"}),
            vec!["end_date invalid_range"],
        ),
        (
            json!({"period_type": "moving"}),
            vec!["max_booking_time required"],
        ),
        (
            json!({"period_type": "available_moving"}),
            vec!["max_booking_time required"],
        ),
        (
            json!({"period_type": "rolling"}),
            vec!["period_type unknown_value"],
        ),
        (
            json!({"location_configurations": [{"kind": "custom", "location": long, "additional_info": long}]}),
            vec![
                "location_configurations[0].location too_long",
                "location_configurations[0].additional_info too_long",
            ],
        ),
        (
            json!({"availability_rule": {}}),
            vec![
                "availability_rule.rules required",
                "availability_rule.timezone required",
            ],
        ),
        (
            json!({"availability_rule": {"rules": past, "timezone": "UTC"}}),
            vec!["availability_rule.rules[0].date in_the_past"],
        ),
    ];
    for (fields, expected) in rows {
        let mut body = json!({"event_type": event_type});
        body.as_object_mut()
            .unwrap()
            .extend(fields.as_object().unwrap().clone());
        let refusal = ada.post("/shares", body).await;
        assert_eq!(refusal.mistakes(), expected, "{fields}");
    }
    let nothing = json!({"event_type": format!("{BASE}/event_types/{NOTHING}")});
    ada.post("/shares", nothing).await.refused(404, "not_found");
}

async fn the_owner_and_administrators_share(test: Test) {
    let (ada, ben) = (test.as_user("ada"), test.as_user("ben"));
    let event_type = ada.event_type(json!({})).await;
    let body = json!({"event_type": event_type});
    test.as_admin()
        .post("/shares", body.clone())
        .await
        .expect(201);
    ben.post("/shares", body.clone())
        .await
        .refused(403, "permission_denied");
    test.as_foreigner()
        .post("/shares", body.clone())
        .await
        .refused(404, "not_found");
    let other = test.with_scopes("ada", &["scheduling_links:write"]).await;
    let refusal = other
        .post("/shares", body.clone())
        .await
        .refused(403, "insufficient_scope");
    assert_eq!(refusal["required_scopes"], json!(["shares:write"]));
    let first = ada.post_once("/shares", "key", &body).await;
    let second = ada.post_once("/shares", "key", &body).await;
    assert_eq!((first.status, &first.body), (201, &second.body));
}
