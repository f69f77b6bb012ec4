//! The account that is brought over in tests of importing: people, hours, event types, meetings, groups and forms.

use serde_json::{Value, json};

use crate::{
    caller::{Caller, booking, every_day, id, path, text, uri},
    harness::Test,
};

/// Fills the organization of a test with some of everything.
pub async fn filled(test: &Test) {
    let (olga, ada, ben) = (test.as_owner(), test.as_user("ada"), test.as_user("ben"));
    let mut rules = every_day(&[("00:00", "24:00")]);
    let dates = json!([{"type": "date", "date": "2027-05-03", "intervals": [{"from": "22:00", "to": "02:00"}]},
        {"type": "date", "date": "2027-12-24", "intervals": []}]);
    rules
        .as_array_mut()
        .unwrap()
        .extend(dates.as_array().unwrap().clone());
    ada.set_hours("Europe/Berlin", rules.clone()).await;
    olga.always_open("America/New_York").await;
    ben.always_open("Asia/Kolkata").await;
    for number in 0..3 {
        let body =
            json!({"name": format!("Summer {number}"), "timezone": "Africa/Cairo", "rules": rules});
        ada.post("/user_availability_schedules", body)
            .await
            .expect(201);
    }
    olga.post(
        "/users",
        json!({"name": "Room", "kind": "resource", "timezone": "Asia/Tokyo"}),
    )
    .await
    .expect(201);
    offers(&olga, &ada, &ben).await;
    groups(test, &olga, &ada).await;
    people(&olga).await;
}

async fn offers(olga: &Caller, ada: &Caller, ben: &Caller) {
    let open = json!({"type": "unlimited"});
    let solo = json!({"name": "Solo", "booking_window": open, "before_buffer": 10, "after_buffer": 5,
        "custom_questions": [{"name": "Why?"}, {"name": "Which?", "type": "single_select", "answer_choices": ["A", "B"], "include_other": true}],
        "locations": [{"kind": "physical", "location": "Room 1", "additional_info": "2nd floor"}, {"kind": "zoom_conference"}],
        "limits": [{"per": "day", "events": 9}], "minimum_notice": 30, "description": "One\n\nTwo", "duration_options": [15, 30],
        "internal_note": "ours", "color": "#123456", "secret": true, "locale": "de", "start_time_increment": 15});
    let solo = ada.event_type(solo).await;
    let group = ada
        .event_type(
            json!({"name": "Group", "kind": "group", "capacity": 3, "booking_window": open}),
        )
        .await;
    let hosts = json!([{"user": ada.uri}, {"user": ben.uri, "weight": 2}, {"user": olga.uri, "priority": 70}]);
    let both = olga.event_type(json!({"name": "Both", "pooling_type": "collective", "hosts": hosts, "booking_window": open})).await;
    let turn = json!({"name": "Turn", "pooling_type": "round_robin", "hosts": hosts, "booking_window": open, "owner": olga.uri});
    let turn = olga.event_type(turn).await;
    olga.event_type(json!({"name": "Off", "active": false, "requires_confirmation": true}))
        .await;
    let spots = json!([{"start_time": "2027-05-03T10:00:00Z", "end_time": "2027-05-03T11:00:00Z"}]);
    let once = json!({"name": "Once", "host": ada.uri, "duration": 30, "date_setting": {"type": "spots", "spots": spots},
        "location": {"kind": "custom", "location": "Park"}});
    ada.post("/one_off_event_types", once).await.expect(201);
    let hours = json!({"availability_rule": {"timezone": "UTC", "rules": every_day(&[("00:00", "23:00")])}});
    let place = path(
        "/event_type_availability_schedules",
        &[("event_type", &group)],
    );
    ada.patch(place, hours).await.expect(200);
    booked(olga, ada, [&solo, &group, &both, &turn]).await;
    let old = ada
        .event_type(json!({"name": "Old", "booking_window": open}))
        .await;
    ada.book(&old, "2026-03-09T10:00:00Z").await.expect(201);
    ada.delete(&old).await;
}

async fn booked(olga: &Caller, ada: &Caller, [solo, group, both, turn]: [&String; 4]) {
    let mut order = booking(solo, "2026-03-04T10:00:00Z");
    order["location"] = json!({"kind": "zoom_conference"});
    order["questions_and_answers"] = json!([{"question": "Why?", "answer": "So", "position": 0}]);
    order["tracking"] = json!({"utm_source": "mail"});
    order["event_guests"] = json!(["guest@example.com"]);
    order["invitee"]["text_reminder_number"] = json!("+14155551234");
    let first = ada.post("/invitees", order).await.resource(201);
    ada.post("/invitee_no_shows", json!({"invitee": first["uri"]}))
        .await
        .expect(201);
    for hour in ["10", "12", "14"] {
        let start = format!("2027-05-04T{hour}:00:00Z");
        let mut order = booking(solo, &start);
        order["location"] = json!({"kind": "zoom_conference"});
        let invitee = ada.post("/invitees", order).await.resource(201);
        let event = text(&invitee["event"]);
        match hour {
            "12" => ada
                .post(format!("{event}/cancellation"), json!({"reason": "rain"}))
                .await
                .expect(201),
            "14" => ada
                .post(
                    format!("{event}/rescheduling"),
                    json!({"start_time": "2027-05-05T09:00:00Z"}),
                )
                .await
                .expect(201),
            _ => Value::Null,
        };
    }
    for name in ["one", "two", "three"] {
        let mut order = booking(group, "2027-05-06T10:00:00Z");
        order["invitee"]["email"] = json!(format!("{name}@example.com"));
        order["invitee"]["first_name"] = json!(name);
        order["invitee"]["last_name"] = json!("Noether");
        order["invitee"].as_object_mut().unwrap().remove("name");
        let invitee = ada.post("/invitees", order).await.resource(201);
        if name == "two" {
            ada.post(format!("{}/cancellation", uri(&invitee)), json!({}))
                .await
                .expect(201);
        }
    }
    olga.book(both, "2027-05-07T10:00:00Z").await.expect(201);
    for day in ["10", "11", "12"] {
        olga.book(turn, &format!("2027-05-{day}T10:00:00Z"))
            .await
            .expect(201);
    }
}

async fn groups(test: &Test, olga: &Caller, ada: &Caller) {
    let members = crate::import_source::all(
        olga,
        path(
            "/organization_memberships",
            &[("organization", &test.organization)],
        ),
    )
    .await;
    for name in ["North", "South", "West"] {
        let group = uri(&olga
            .post("/groups", json!({"name": name}))
            .await
            .resource(201));
        let body = json!({"group": group, "owner": members[0]["uri"], "role": "admin"});
        olga.post("/group_relationships", body).await.expect(201);
        if name == "North" {
            let body = json!({"group": group, "owner": members[1]["uri"], "role": "member"});
            olga.post("/group_relationships", body).await.expect(201);
        }
    }
    for name in ["Sales", "Support", "Service"] {
        olga.post(
            "/teams",
            json!({"name": name, "members": [ada.uri, olga.uri]}),
        )
        .await
        .expect(201);
    }
    let solo = ada
        .event_type(json!({"name": "Routed", "booking_window": {"type": "unlimited"}}))
        .await;
    for name in ["Contact", "Feedback", "Support"] {
        let body = json!({"name": name, "status": "published", "questions": [{"name": "Size", "type": "select", "answer_choices": ["S", "L"]}, {"name": "Mail", "type": "email"}],
            "rules": [{"conditions": [{"question": "Size", "operator": "is", "value": "L"}], "result": {"type": "event_type", "value": solo}}],
            "fallback": {"type": "custom_message", "value": {"headline": "Thanks", "body": "Bye"}}});
        let form = uri(&olga.post("/routing_forms", body).await.resource(201));
        for size in ["S", "L", "L"] {
            let body = json!({"routing_form": form, "questions_and_answers": [{"question": "Size", "answer": size}], "tracking": {"utm_term": "x"}});
            let submission = olga
                .post("/routing_form_submissions", body)
                .await
                .resource(201);
            if name == "Contact" && size == "S" {
                let mut order = booking(&solo, "2027-06-01T10:00:00Z");
                order["routing_form_submission"] = submission["uri"].clone();
                ada.post("/invitees", order).await.expect(201);
            }
        }
    }
}

async fn people(olga: &Caller) {
    for field in [
        json!({"label": "Plan", "field_type": "single_select", "options": [{"label": "Free"}, {"label": "Paid"}]}),
        json!({"label": "Worth", "field_type": "currency", "currency": "EUR"}),
        json!({"label": "Tags", "field_type": "tags"}),
    ] {
        olga.post("/contacts/custom_field_definitions", field)
            .await
            .expect(201);
    }
    let fields =
        crate::import_source::all(olga, "/contacts/custom_field_definitions".to_owned()).await;
    let mut contacts = Vec::new();
    for name in ["emmy", "david", "felix", "hermann"] {
        let values = json!([{"uuid": id(&uri(&fields[0])), "value": "Paid"}, {"uuid": id(&uri(&fields[1])), "value": 12.5},
            {"uuid": id(&uri(&fields[2])), "value": ["a", "b"]}]);
        let body = json!({"name": name, "emails": [{"email": format!("{name}@example.com")}, {"email": format!("{name}@example.org"), "is_primary": true}],
            "phone_numbers": [{"phone_number": "+4991312345"}], "country": "DE", "city": "Göttingen", "custom_fields": values});
        contacts.push(uri(&olga.post("/contacts", body).await.resource(201)));
    }
    for name in ["Good", "Better", "Best"] {
        olga.post(
            "/contact_lists",
            json!({"name": name, "contacts": contacts[..3]}),
        )
        .await
        .expect(201);
        let note = json!({"contact": contacts[0], "title": name, "body": "Called", "remind_at": "2027-01-01T10:00:00Z"});
        olga.post("/notes", note).await.expect(201);
    }
    let events =
        crate::import_source::all(olga, path("/scheduled_events", &[("user", &olga.uri)])).await;
    for (status, event) in [
        ("available", Some(&events[0]["uri"])),
        ("available", None),
        ("processing", None),
        ("available", None),
    ] {
        let mut body =
            json!({"status": status, "summary_md": "# Fine", "transcript": "Olga: Hello"});
        if let Some(event) = event {
            body["event"] = event.clone();
        } else {
            body["name"] = json!("Elsewhere");
            body["start_time"] = json!("2026-03-01T10:00:00Z");
            body["end_time"] = json!("2026-03-01T11:00:00Z");
        }
        olga.post("/meeting_recaps", body).await.expect(201);
    }
}
