//! Event types that are made for one occasion.

use serde_json::{Value, json};

use crate::{
    caller::{Answer, Caller, path, text, uri},
    harness::{BASE, NOTHING, Test},
};

on_both_engines! {
    a_one_off_is_an_event_type_with_an_address_of_its_own,
    spots_are_on_offer_and_nothing_else,
    dates_are_the_window,
    co_hosts_take_part_in_every_meeting,
    who_may_make_one_offs,
    bad_one_offs_are_refused,
}

/// The body of a one-off event type.
pub fn one_off(host: &str) -> Value {
    let days = json!({"type": "days_in_future", "days": 7, "only_weekdays": false});
    json!({"name": "A word", "host": host, "duration": 30, "date_setting": days})
}

async fn make(caller: &Caller, fields: Value) -> Answer {
    let mut body = one_off(&caller.uri);
    body.as_object_mut()
        .unwrap()
        .extend(fields.as_object().unwrap().clone());
    caller.post("/one_off_event_types", body).await
}

async fn on_offer(caller: &Caller, event_type: &str) -> Vec<String> {
    let starts = caller
        .available(event_type, "2026-03-02T00:00:00Z", "2026-04-02T00:00:00Z")
        .await;
    starts.iter().map(|start| start[5..16].to_owned()).collect()
}

async fn a_one_off_is_an_event_type_with_an_address_of_its_own(test: Test) {
    let ada = test.as_user("ada");
    let place = json!({"kind": "physical", "location": "Room 7", "additional_info": "Ring twice"});
    let made = make(&ada, json!({"location": place, "timezone": "Europe/Rome"}))
        .await
        .resource(201);
    let url = text(&made["scheduling_url"]);
    let code = url
        .strip_prefix(&format!("{BASE}/d/"))
        .and_then(|rest| rest.strip_suffix("/a-word"));
    assert_eq!(code.map(str::len), Some(19), "{url}");
    let alone = json!({"user": ada.uri, "user_name": "ada", "priority": 50, "weight": 1, "pool": null, "fixed": true});
    let expected = json!({
        "uri": made["uri"],
        "name": "A word",
        "active": true,
        "slug": "a-word",
        "scheduling_url": url,
        "duration": 30,
        "duration_options": null,
        "kind": "solo",
        "kind_description": "One-on-One",
        "pooling_type": null,
        "type": "AdhocEventType",
        "booking_method": "instant",
        "color": "#0069ff",
        "created_at": made["created_at"],
        "updated_at": made["created_at"],
        "deleted_at": null,
        "internal_note": null,
        "description_plain": null,
        "description_html": null,
        "profile": {"type": "User", "name": "ada", "owner": ada.uri},
        "secret": true,
        "custom_questions": [],
        "admin_managed": false,
        "locations": [place],
        "position": made["position"],
        "is_paid": false,
        "locale": "en",
        "start_time_increment": null,
        "before_buffer": 0,
        "after_buffer": 0,
        "minimum_notice": 0,
        "booking_window": {"type": "rolling", "days": 7, "weekdays_only": false, "start_date": null, "end_date": null},
        "limits": [],
        "availability_schedule": null,
        "capacity": 1,
        "requires_confirmation": false,
        "confirmation_minutes": null,
        "hosts": [alone],
    });
    assert_eq!(made, expected);
    assert_eq!(ada.get(uri(&made)).await.resource(200), made);
    let listed = ada.get(path("/event_types", &[("user", &ada.uri)])).await;
    assert_eq!(json!(listed.collection()), json!([made]));
    let range = [
        ("event_type", made["uri"].as_str().unwrap()),
        ("start_time", "2026-03-03T00:00:00Z"),
        ("end_time", "2026-03-04T00:00:00Z"),
    ];
    let times = ada
        .get(path("/event_type_available_times", &range))
        .await
        .collection();
    assert_eq!(
        times[0]["scheduling_url"],
        format!("{url}/2026-03-03T09:00:00Z?month=2026-03&date=2026-03-03")
    );
    let invitee = ada
        .book(&uri(&made), "2026-03-03T10:00:00Z")
        .await
        .resource(201);
    let event = ada.get(text(&invitee["event"])).await.resource(200);
    assert_eq!(event["location"]["location"], "Room 7");
    // another one of the same name has another address
    let other = make(&ada, json!({})).await.resource(201);
    assert_ne!(other["scheduling_url"], made["scheduling_url"]);
    ada.patch(uri(&other), json!({"name": "Two words", "duration": 45}))
        .await
        .expect(200);
    ada.delete(uri(&other)).await.expect(204);
}

async fn spots_are_on_offer_and_nothing_else(test: Test) {
    let ada = test.as_user("ada");
    let spot = |start: &str, end: &str| json!({"start_time": start, "end_time": end});
    let spots = json!([
        // at night, on a Sunday, one after the other, and on no half hour
        spot("2026-03-03T23:45:00Z", "2026-03-04T00:30:00Z"),
        spot("2026-03-08T10:00:00+01:00", "2026-03-08T10:45:00+01:00"),
        spot("2026-03-08T09:45:00Z", "2026-03-08T10:30:00Z"),
        spot("2026-03-10T10:05:00Z", "2026-03-10T12:05:00Z"),
    ]);
    let fields = json!({"duration": 45, "date_setting": {"type": "spots", "spots": spots}});
    let made = make(&ada, fields).await.resource(201);
    let event_type = uri(&made);
    let expected = [
        "03-03T23:45",
        "03-08T09:00",
        "03-08T09:45",
        "03-10T10:05",
        "03-10T10:50",
    ];
    assert_eq!(on_offer(&ada, &event_type).await, expected);
    let refusal = ada.book(&event_type, "2026-03-04T10:00:00Z").await;
    assert_eq!(refusal.mistakes(), ["start_time outside_hours"]);
    ada.book(&event_type, "2026-03-08T09:45:00Z")
        .await
        .expect(201);
    assert_eq!(
        on_offer(&ada, &event_type).await,
        ["03-03T23:45", "03-08T09:00", "03-10T10:05", "03-10T10:50"]
    );
    // the hours are the event type's alone
    let schedules = ada
        .get(path("/user_availability_schedules", &[("user", &ada.uri)]))
        .await;
    assert_eq!(schedules.collection().len(), 1);
    assert_eq!(made["booking_window"]["type"], "unlimited");
}

async fn dates_are_the_window(test: Test) {
    let ada = test.as_user("ada");
    let range = json!({"type": "date_range", "start_date": "2026-03-05", "end_date": "2026-03-06"});
    let made = make(&ada, json!({"date_setting": range, "duration": 240}))
        .await
        .resource(201);
    let starts = on_offer(&ada, &uri(&made)).await;
    assert_eq!(starts.first().map(String::as_str), Some("03-05T09:00"));
    assert_eq!(starts.last().map(String::as_str), Some("03-06T13:00"));
    let days = json!({"type": "days_in_future", "days": 5, "only_weekdays": true});
    let made = make(&ada, json!({"date_setting": days}))
        .await
        .resource(201);
    let window = json!({"type": "rolling", "days": 5, "weekdays_only": true, "start_date": null, "end_date": null});
    assert_eq!(made["booking_window"], window);
    let starts = on_offer(&ada, &uri(&made)).await;
    assert_eq!(starts.last().map(String::as_str), Some("03-09T16:30"));
}

async fn co_hosts_take_part_in_every_meeting(test: Test) {
    let (olga, ada, ben) = (test.as_owner(), test.as_user("ada"), test.as_user("ben"));
    let made = make(&olga, json!({"co_hosts": [ada.uri, ben.uri]}))
        .await
        .resource(201);
    let hosts = made["hosts"].as_array().unwrap();
    let hosts: Vec<&Value> = hosts.iter().map(|host| &host["user"]).collect();
    assert_eq!(json!(hosts), json!([olga.uri, ada.uri, ben.uri]));
    assert_eq!(
        (&made["pooling_type"], &made["kind_description"]),
        (&json!("collective"), &json!("Collective"))
    );
    let busy = json!({"start_time": "2026-03-03T10:00:00Z", "end_time": "2026-03-03T11:00:00Z"});
    ben.post("/user_busy_times", busy).await.expect(201);
    olga.book(&uri(&made), "2026-03-03T10:00:00Z")
        .await
        .refused(409, "time_taken");
    let invitee = olga
        .book(&uri(&made), "2026-03-03T11:00:00Z")
        .await
        .resource(201);
    let event = ada.get(text(&invitee["event"])).await.resource(200);
    assert_eq!(event["event_memberships"].as_array().map(Vec::len), Some(3));
}

async fn who_may_make_one_offs(test: Test) {
    let (ada, ben) = (test.as_user("ada"), test.as_user("ben"));
    let theirs = one_off(&ben.uri);
    ada.post("/one_off_event_types", theirs.clone())
        .await
        .refused(403, "permission_denied");
    test.as_admin()
        .post("/one_off_event_types", theirs)
        .await
        .expect(201);
    make(&ada, json!({"co_hosts": [ben.uri]}))
        .await
        .refused(403, "permission_denied");
    let reader = test.with_scopes("ada", &["event_types:read"]).await;
    let refusal = make(&reader, json!({}))
        .await
        .refused(403, "insufficient_scope");
    assert_eq!(refusal["required_scopes"], json!(["event_types:write"]));
    let made = make(&ada, json!({})).await.resource(201);
    test.as_foreigner()
        .get(uri(&made))
        .await
        .refused(404, "not_found");
    let body = one_off(&ada.uri);
    let first = ada.post_once("/one_off_event_types", "key", &body).await;
    let second = ada.post_once("/one_off_event_types", "key", &body).await;
    assert_eq!((first.status, &first.body), (201, &second.body));
}

async fn bad_one_offs_are_refused(test: Test) {
    let olga = test.as_owner();
    let nobody = format!("{BASE}/users/{NOTHING}");
    let dates = |start: &str, end: &str| json!({"date_setting": {"type": "date_range", "start_date": start, "end_date": end}});
    let spots = |start: &str, end: &str| json!({"date_setting": {"type": "spots", "spots": [{"start_time": start, "end_time": end}]}});
    let rows = [
        (
            json!({"name": "x".repeat(56), "duration": 721}),
            vec!["name too_long", "duration out_of_range"],
        ),
        (json!({"host": nobody}), vec!["host not_found"]),
        (json!({"co_hosts": [nobody]}), vec!["co_hosts[0] not_found"]),
        (
            json!({"co_hosts": [olga.uri]}),
            vec!["co_hosts[0] duplicate"],
        ),
        (json!({"date_setting": null}), vec!["date_setting required"]),
        (
            json!({"date_setting": {"type": "soon"}}),
            vec!["date_setting.type unknown_value"],
        ),
        (
            json!({"date_setting": {"type": "date_range"}}),
            vec![
                "date_setting.start_date required",
                "date_setting.end_date required",
            ],
        ),
        (
            json!({"date_setting": {"type": "days_in_future", "days": 366}}),
            vec![
                "date_setting.days out_of_range",
                "date_setting.only_weekdays required",
            ],
        ),
        (
            json!({"date_setting": {"type": "spots", "spots": []}}),
            vec!["date_setting.spots too_few"],
        ),
        (
            dates("2026-03-05", "2026-03-04"),
            vec!["date_setting.end_date invalid_range"],
        ),
        (
            dates("2026-03-05", "2027-03-05"),
            vec!["date_setting.end_date invalid_range"],
        ),
        (
            dates("2026-02-05", "2026-02-28"),
            vec!["date_setting.end_date in_the_past"],
        ),
        (
            spots("2026-03-05T10:00:00Z", "2026-03-05T10:00:00Z"),
            vec!["date_setting.spots[0].end_time invalid_range"],
        ),
        (
            spots("2026-03-05T10:00:00Z", "2026-03-05T10:29:00Z"),
            vec!["date_setting.spots[0] too_short"],
        ),
        (
            spots("2026-03-05T10:00:30Z", "2026-03-05T11:00:00Z"),
            vec!["date_setting.spots[0] invalid_interval"],
        ),
        (
            spots("2026-03-05T10:00:00Z", "2026-03-06T10:00:00Z"),
            vec!["date_setting.spots[0] invalid_interval"],
        ),
        (
            spots("2026-03-01T10:00:00Z", "2026-03-01T11:00:00Z"),
            vec!["date_setting.spots[0] in_the_past"],
        ),
        (
            json!({"location": {"kind": "inbound_call"}}),
            vec!["location.phone_number required"],
        ),
    ];
    for (fields, expected) in rows {
        let refusal = make(&olga, fields.clone()).await;
        assert_eq!(refusal.mistakes(), expected, "{fields}");
    }
    make(&olga, dates("2026-03-05", "2027-03-04"))
        .await
        .expect(201);
    let listed = olga.get(path("/event_types", &[("user", &olga.uri)])).await;
    assert_eq!(listed.collection().len(), 1);
}
