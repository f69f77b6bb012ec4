//! `/event_types`: making, editing and deleting kinds of meetings.

use serde_json::{Value, json};

use crate::{
    caller::{path, text, uri},
    harness::{BASE, Test},
};

on_both_engines! {
    a_plain_event_type_has_defaults,
    an_event_type_has_everything_that_was_asked_for,
    an_edit_changes_what_it_names_and_null_clears,
    a_slug_belongs_to_one_event_type_of_an_owner,
    a_schedule_must_be_the_owners,
    the_duration_is_among_its_options,
    a_deleted_event_type_can_be_read_and_not_booked,
    what_was_booked_stays_as_it_was_booked,
    a_schedule_of_a_deleted_event_type_may_go,
    a_default_schedule_finds_the_event_types_of_its_owner,
    a_new_event_type_comes_behind_all_others,
}

async fn a_plain_event_type_has_defaults(test: Test) {
    let ada = test.as_user("ada");
    let event_type = ada
        .post(
            "/event_types",
            json!({"owner": ada.uri, "name": "Intro call"}),
        )
        .await
        .resource(201);
    let alone = json!({"user": ada.uri, "user_name": "ada", "priority": 50, "weight": 1, "pool": null, "fixed": true});
    let expected = json!({
        "uri": event_type["uri"],
        "name": "Intro call",
        "active": false,
        "slug": "intro-call",
        "scheduling_url": format!("{BASE}/ada/intro-call"),
        "duration": 30,
        "duration_options": null,
        "kind": "solo",
        "kind_description": "One-on-One",
        "pooling_type": null,
        "type": "StandardEventType",
        "booking_method": "instant",
        "color": "#0069ff",
        "created_at": event_type["created_at"],
        "updated_at": event_type["created_at"],
        "deleted_at": null,
        "internal_note": null,
        "description_plain": null,
        "description_html": null,
        "profile": {"type": "User", "name": "ada", "owner": ada.uri},
        "secret": false,
        "custom_questions": [],
        "admin_managed": false,
        "locations": null,
        "position": event_type["position"],
        "is_paid": false,
        "locale": "en",
        "start_time_increment": 30,
        "before_buffer": 0,
        "after_buffer": 0,
        "minimum_notice": 0,
        "booking_window": {"type": "rolling", "days": 60, "weekdays_only": false, "start_date": null, "end_date": null},
        "limits": [],
        "availability_schedule": null,
        "capacity": 1,
        "requires_confirmation": false,
        "confirmation_minutes": null,
        "hosts": [alone],
    });
    assert_eq!(event_type, expected);
    assert_eq!(ada.get(uri(&event_type)).await.resource(200), event_type);
}

fn everything(owner: &str, schedule: &str) -> Value {
    json!({
        "owner": owner,
        "name": "Deep dive",
        "active": true,
        "slug": "deep",
        "secret": true,
        "description": "One <b>hour</b>\n\nor two",
        "internal_note": "Mine",
        "duration": 60,
        "duration_options": [60, 120],
        "locations": [{"kind": "physical", "location": "Room 7", "additional_info": "Ring"}, {"kind": "inbound_call", "phone_number": "+14155551234"}],
        "color": "#ff0000",
        "locale": "uk",
        "start_time_increment": 15,
        "before_buffer": 5,
        "after_buffer": 10,
        "minimum_notice": 240,
        "booking_window": {"type": "range", "start_date": "2026-03-01", "end_date": "2026-04-01"},
        "limits": [{"per": "day", "events": 3}, {"per": "month", "minutes": 600}],
        "availability_schedule": schedule,
        "custom_questions": [{"name": "Why?", "type": "single_select", "position": 4, "enabled": true, "required": true, "answer_choices": ["a", "b"], "include_other": true}],
        "position": 7,
    })
}

async fn an_event_type_has_everything_that_was_asked_for(test: Test) {
    let ada = test.as_user("ada");
    let schedule = json!({"name": "Mine", "timezone": "UTC", "rules": []});
    let schedule = uri(&ada
        .post("/user_availability_schedules", schedule)
        .await
        .resource(201));
    let asked = everything(&ada.uri, &schedule);
    let event_type = ada.post("/event_types", asked.clone()).await.resource(201);
    for (field, value) in asked.as_object().unwrap() {
        let shown = match field.as_str() {
            "owner" => &event_type["profile"]["owner"],
            "description" => &event_type["description_plain"],
            field => &event_type[field],
        };
        match field.as_str() {
            "booking_window" => {
                let window = json!({"type": "range", "days": null, "weekdays_only": null, "start_date": "2026-03-01", "end_date": "2026-04-01"});
                assert_eq!(*shown, window);
            }
            _ => assert_eq!(shown, value, "{field}"),
        }
    }
    assert_eq!(
        event_type["description_html"],
        "<p>One &lt;b&gt;hour&lt;/b&gt;</p><p>or two</p>"
    );
    assert_eq!(event_type["scheduling_url"], format!("{BASE}/ada/deep"));
}

async fn an_edit_changes_what_it_names_and_null_clears(test: Test) {
    let ada = test.as_user("ada");
    let schedule = json!({"name": "Mine", "timezone": "UTC", "rules": []});
    let schedule = uri(&ada
        .post("/user_availability_schedules", schedule)
        .await
        .resource(201));
    let before = ada
        .post("/event_types", everything(&ada.uri, &schedule))
        .await
        .resource(201);
    let mut changes = json!({"name": "Deeper", "before_buffer": 0});
    let mut expected = before.clone();
    expected["name"] = json!("Deeper");
    expected["before_buffer"] = json!(0);
    for (field, shown) in [
        ("internal_note", "internal_note"),
        ("description", "description_plain"),
        ("duration_options", "duration_options"),
        ("locations", "locations"),
        ("availability_schedule", "availability_schedule"),
    ] {
        changes[field] = json!(null);
        expected[shown] = json!(null);
    }
    expected["description_html"] = json!(null);
    let after = ada.patch(uri(&before), changes).await.resource(200);
    expected["updated_at"] = after["updated_at"].clone();
    assert_eq!(after, expected);
    let window =
        json!({"booking_window": {"type": "unlimited"}, "limits": [], "custom_questions": []});
    let after = ada.patch(uri(&before), window).await.resource(200);
    assert_eq!(after["booking_window"]["type"], "unlimited");
    assert_eq!(
        (&after["limits"], &after["custom_questions"]),
        (&json!([]), &json!([]))
    );
}

async fn a_slug_belongs_to_one_event_type_of_an_owner(test: Test) {
    let (ada, ben) = (test.as_user("ada"), test.as_user("ben"));
    let first = ada.event_type(json!({"slug": "one"})).await;
    let taken = ada
        .post(
            "/event_types",
            json!({"owner": ada.uri, "name": "Two", "slug": "one"}),
        )
        .await;
    assert_eq!(
        taken.refused(409, "already_exists")["details"][0]["parameter"],
        "slug"
    );
    let second = ada.event_type(json!({"slug": "two"})).await;
    ada.patch(&second, json!({"slug": "one"}))
        .await
        .refused(409, "already_exists");
    ada.patch(&second, json!({"slug": "two"})).await.expect(200);
    ben.event_type(json!({"slug": "one"})).await;
    // made from the name, it is told apart
    let slugs = [
        ada.event_type(json!({})).await,
        ada.event_type(json!({})).await,
    ];
    let slug = async |uri: &str| text(&ada.get(uri).await.resource(200)["slug"]);
    assert_ne!(slug(&slugs[0]).await, slug(&slugs[1]).await);
    // a deleted one gives its slug away
    ada.delete(&first).await.expect(204);
    ada.patch(&second, json!({"slug": "one"})).await.expect(200);
}

async fn a_schedule_must_be_the_owners(test: Test) {
    let (ada, ben) = (test.as_user("ada"), test.as_user("ben"));
    let theirs = ben.default_schedule().await;
    let body = json!({"owner": ada.uri, "name": "x", "availability_schedule": theirs});
    assert_eq!(
        ada.post("/event_types", body).await.mistakes(),
        ["availability_schedule not_found"]
    );
    let event_type = ada.event_type(json!({})).await;
    let refused = ada
        .patch(&event_type, json!({"availability_schedule": theirs}))
        .await;
    assert_eq!(refused.mistakes(), ["availability_schedule not_found"]);
}

async fn the_duration_is_among_its_options(test: Test) {
    let ada = test.as_user("ada");
    let body = json!({"owner": ada.uri, "name": "x", "duration": 30, "duration_options": [15, 45]});
    assert_eq!(
        ada.post("/event_types", body).await.mistakes(),
        ["duration not_an_option"]
    );
    let event_type = ada.event_type(json!({"duration_options": [30, 60]})).await;
    assert_eq!(
        ada.patch(&event_type, json!({"duration": 45}))
            .await
            .mistakes(),
        ["duration not_an_option"]
    );
    assert_eq!(
        ada.patch(&event_type, json!({"duration": 60}))
            .await
            .resource(200)["duration"],
        60
    );
}

async fn a_deleted_event_type_can_be_read_and_not_booked(test: Test) {
    let ada = test.as_user("ada");
    let event_type = ada.event_type(json!({})).await;
    ada.delete(&event_type).await.expect(204);
    let shown = ada.get(&event_type).await.resource(200);
    assert!(shown["deleted_at"].is_string());
    assert_eq!(shown["active"], false);
    ada.book(&event_type, "2026-03-03T10:00:00Z")
        .await
        .refused(404, "not_found");
    ada.delete(&event_type).await.refused(404, "not_found");
    ada.patch(&event_type, json!({"active": true}))
        .await
        .refused(404, "not_found");
    assert!(
        ada.get(path("/event_types", &[("user", &ada.uri)]))
            .await
            .collection()
            .is_empty()
    );
}

async fn what_was_booked_stays_as_it_was_booked(test: Test) {
    let ada = test.as_user("ada");
    let event_type = ada.event_type(json!({"after_buffer": 30})).await;
    let event = text(
        &ada.book(&event_type, "2026-03-03T10:00:00Z")
            .await
            .resource(201)["event"],
    );
    let before = ada.get(&event).await.resource(200);
    ada.patch(
        &event_type,
        json!({"name": "Other", "duration": 60, "after_buffer": 0}),
    )
    .await
    .expect(200);
    assert_eq!(ada.get(&event).await.resource(200), before);
    // its buffer is still kept free
    ada.book(&event_type, "2026-03-03T10:30:00Z")
        .await
        .refused(409, "time_taken");
    ada.delete(&event_type).await.expect(204);
    assert_eq!(ada.get(&event).await.resource(200), before);
}

async fn a_schedule_of_a_deleted_event_type_may_go(test: Test) {
    let ada = test.as_user("ada");
    let tuesday = json!([{"type": "wday", "wday": "tuesday", "intervals": [{"from": "09:00", "to": "12:00"}]}]);
    let schedule = json!({"name": "Mine", "timezone": "UTC", "rules": tuesday});
    let schedule = uri(&ada
        .post("/user_availability_schedules", schedule)
        .await
        .resource(201));
    let event_type = ada
        .event_type(json!({"availability_schedule": schedule}))
        .await;
    let invitee = ada.book(&event_type, "2026-03-03T10:00:00Z").await;
    let event = text(&invitee.resource(201)["event"]);
    ada.delete(&event_type).await.expect(204);
    ada.delete(&schedule).await.expect(204);
    // from now on it goes by the default one
    let query = [("event_type", event_type.as_str())];
    let hours = ada
        .get(path("/event_type_availability_schedules", &query))
        .await
        .collection();
    assert_eq!(
        hours[0]["availability_rule"]["uri"],
        ada.default_schedule().await
    );
    ada.post(
        format!("{event}/rescheduling"),
        json!({"start_time": "2026-03-03T14:00:00Z"}),
    )
    .await
    .expect(201);
}

async fn a_default_schedule_finds_the_event_types_of_its_owner(test: Test) {
    let (ada, ben) = (test.as_user("ada"), test.as_user("ben"));
    let mine = ada.event_type(json!({})).await;
    ben.event_type(json!({})).await;
    let default = ada.default_schedule().await;
    let query = [
        ("organization", test.organization.as_str()),
        ("user_availability_schedule", &default),
    ];
    let found = test
        .as_owner()
        .get(path("/event_types", &query))
        .await
        .collection();
    assert_eq!(found.iter().map(uri).collect::<Vec<_>>(), [mine]);
}

async fn a_new_event_type_comes_behind_all_others(test: Test) {
    let ada = test.as_user("ada");
    let first = ada.event_type(json!({"position": 10})).await;
    let second = ada.event_type(json!({})).await;
    assert_eq!(ada.get(first).await.resource(200)["position"], 10);
    assert_eq!(ada.get(second).await.resource(200)["position"], 11);
}
