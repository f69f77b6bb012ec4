//! Booking, canceling and rescheduling, and what invitees and events look like after each.

use serde_json::{Value, json};

use crate::{
    caller::{booking, id, path, text, uri},
    harness::{BASE, Test},
};

on_both_engines! {
    a_booking_answers_with_the_invitee,
    a_booked_event_shows_host_buffers_place_and_guests,
    a_canceled_event_says_so_with_its_invitees,
    a_rescheduled_event_moves_with_its_invitees,
    a_meeting_may_move_onto_its_own_old_time,
    what_is_over_or_canceled_stays,
    a_taken_time_is_refused_with_alternatives_that_can_be_booked,
    answers_and_places_are_checked_against_the_event_type,
    two_names_make_a_name,
}

async fn a_booking_answers_with_the_invitee(test: Test) {
    let ada = test.as_user("ada");
    let question = json!({"name": "Why?", "required": true});
    let event_type = ada
        .event_type(json!({"custom_questions": [question]}))
        .await;
    let mut body = booking(&event_type, "2026-03-03T10:00:00+01:00");
    body["invitee"]["text_reminder_number"] = json!("+14155551234");
    body["questions_and_answers"] = json!([{"question": "Why?", "answer": "Rings", "position": 0}]);
    body["tracking"] = json!({"utm_source": "letter"});
    let invitee = ada.post("/invitees", body).await.resource(201);
    let event = text(&invitee["event"]);
    let invitee_id = id(invitee["uri"].as_str().unwrap()).to_owned();
    let expected = json!({
        "uri": format!("{event}/invitees/{invitee_id}"),
        "email": "emmy@example.com",
        "name": "Emmy Noether",
        "first_name": null,
        "last_name": null,
        "status": "active",
        "questions_and_answers": [{"question": "Why?", "answer": "Rings", "position": 0}],
        "timezone": "Europe/Berlin",
        "event": event,
        "created_at": invitee["created_at"],
        "updated_at": invitee["created_at"],
        "tracking": {
            "utm_campaign": null, "utm_source": "letter", "utm_medium": null, "utm_content": null, "utm_term": null,
            "salesforce_uuid": null,
        },
        "text_reminder_number": "+14155551234",
        "rescheduled": false,
        "old_invitee": null,
        "new_invitee": null,
        "cancel_url": format!("{BASE}/cancellations/{invitee_id}"),
        "reschedule_url": format!("{BASE}/reschedulings/{invitee_id}"),
        "routing_form_submission": null,
        "payment": null,
        "no_show": null,
        "reconfirmation": null,
        "scheduling_method": "api",
        "invitee_scheduled_by": ada.uri,
    });
    assert_eq!(invitee, expected);
    assert_eq!(ada.get(uri(&invitee)).await.resource(200), invitee);
    assert_eq!(
        ada.get(format!("{event}/invitees")).await.collection(),
        [invitee]
    );
}

async fn a_booked_event_shows_host_buffers_place_and_guests(test: Test) {
    let ada = test.as_user("ada");
    let place = json!({"kind": "physical", "location": "Room 7", "additional_info": "Ring twice"});
    let fields =
        json!({"before_buffer": 10, "after_buffer": 20, "duration": 45, "locations": [place]});
    let event_type = ada.event_type(fields).await;
    let mut body = booking(&event_type, "2026-03-03T10:00:00Z");
    body["event_guests"] = json!(["david@example.com"]);
    let invitee = ada.post("/invitees", body).await.resource(201);
    let event = ada.get(text(&invitee["event"])).await.resource(200);
    let created_at = &event["created_at"];
    let expected = json!({
        "uri": invitee["event"],
        "name": "Intro call",
        "status": "active",
        "start_time": "2026-03-03T10:00:00.000000Z",
        "end_time": "2026-03-03T10:45:00.000000Z",
        "event_type": event_type,
        "location": {"type": "physical", "location": "Room 7", "additional_info": "Ring twice"},
        "invitees_counter": {"total": 1, "active": 1, "limit": 1},
        "event_memberships": [{
            "user": ada.uri, "user_email": "ada@example.com", "user_name": "ada",
            "buffered_start_time": "2026-03-03T09:50:00.000000Z", "buffered_end_time": "2026-03-03T11:05:00.000000Z",
        }],
        "event_guests": [{"email": "david@example.com", "created_at": created_at, "updated_at": created_at}],
        "created_at": created_at,
        "updated_at": created_at,
        "meeting_notes_plain": null,
        "calendar_event": null,
        "series_id": null,
        "confirmation": null,
    });
    assert_eq!(event, expected);
    let busy = [
        ("user", ada.uri.as_str()),
        ("start_time", "2026-03-03T00:00:00Z"),
        ("end_time", "2026-03-04T00:00:00Z"),
    ];
    let busy = ada.get(path("/user_busy_times", &busy)).await.collection();
    let expected = json!([{
        "type": "calendly",
        "start_time": "2026-03-03T10:00:00.000000Z", "end_time": "2026-03-03T10:45:00.000000Z",
        "buffered_start_time": "2026-03-03T09:50:00.000000Z", "buffered_end_time": "2026-03-03T11:05:00.000000Z",
        "event": {"uri": invitee["event"]},
    }]);
    assert_eq!(json!(busy), expected);
}

async fn a_canceled_event_says_so_with_its_invitees(test: Test) {
    let ada = test.as_user("ada");
    let event_type = ada.event_type(json!({})).await;
    let before = ada
        .book(&event_type, "2026-03-03T10:00:00Z")
        .await
        .resource(201);
    let event = text(&before["event"]);
    let cancellation = ada
        .post(format!("{event}/cancellation"), json!({"reason": "Ill"}))
        .await
        .resource(201);
    let expected = json!({
        "canceled_by": "ada", "reason": "Ill", "canceler_type": "host", "created_at": cancellation["created_at"],
    });
    assert_eq!(cancellation, expected);
    let shown = ada.get(&event).await.resource(200);
    assert_eq!(shown["status"], "canceled");
    assert_eq!(shown["cancellation"], cancellation);
    assert_eq!(
        shown["invitees_counter"],
        json!({"total": 1, "active": 0, "limit": 1})
    );
    let mut expected = before.clone();
    expected["status"] = json!("canceled");
    expected["cancellation"] = cancellation.clone();
    expected["updated_at"] = cancellation["created_at"].clone();
    assert_eq!(ada.get(uri(&before)).await.resource(200), expected);
    // the time is free again
    let again = ada
        .book(&event_type, "2026-03-03T10:00:00Z")
        .await
        .resource(201);
    assert_ne!(again["event"], before["event"]);
}

async fn a_rescheduled_event_moves_with_its_invitees(test: Test) {
    let ada = test.as_user("ada");
    let event_type = ada.event_type(json!({})).await;
    let before = ada
        .book(&event_type, "2026-03-03T10:00:00Z")
        .await
        .resource(201);
    let old_event = ada.get(text(&before["event"])).await.resource(200);
    let body = json!({"start_time": "2026-03-03T14:00:00Z", "reason": "Train"});
    let new_event = ada
        .post(format!("{}/rescheduling", uri(&old_event)), body)
        .await
        .resource(201);

    let mut expected = old_event.clone();
    expected["uri"] = new_event["uri"].clone();
    expected["start_time"] = json!("2026-03-03T14:00:00.000000Z");
    expected["end_time"] = json!("2026-03-03T14:30:00.000000Z");
    expected["event_memberships"][0]["buffered_start_time"] = json!("2026-03-03T14:00:00.000000Z");
    expected["event_memberships"][0]["buffered_end_time"] = json!("2026-03-03T14:30:00.000000Z");
    expected["created_at"] = new_event["created_at"].clone();
    expected["updated_at"] = new_event["created_at"].clone();
    assert_eq!(new_event, expected);

    let new = ada
        .get(format!("{}/invitees", uri(&new_event)))
        .await
        .collection()
        .remove(0);
    let old = ada.get(uri(&before)).await.resource(200);
    let mut expected = before.clone();
    expected["status"] = json!("canceled");
    expected["rescheduled"] = json!(true);
    expected["new_invitee"] = new["uri"].clone();
    expected["cancellation"] = old["cancellation"].clone();
    expected["updated_at"] = old["cancellation"]["created_at"].clone();
    assert_eq!(old, expected);
    assert_eq!(old["cancellation"]["reason"], "Train");

    let mut expected = before.clone();
    for key in [
        "uri",
        "event",
        "created_at",
        "updated_at",
        "cancel_url",
        "reschedule_url",
    ] {
        assert_ne!(new[key], before[key], "{key}");
        expected[key] = new[key].clone();
    }
    expected["old_invitee"] = before["uri"].clone();
    assert_eq!(new, expected);
    assert_eq!(
        ada.get(uri(&old_event)).await.resource(200)["status"],
        "canceled"
    );
    // the old time is free, the new one is not
    ada.book(&event_type, "2026-03-03T10:00:00Z")
        .await
        .expect(201);
    ada.book(&event_type, "2026-03-03T14:00:00Z")
        .await
        .refused(409, "time_taken");
}

async fn a_meeting_may_move_onto_its_own_old_time(test: Test) {
    let ada = test.as_user("ada");
    let event_type = ada.event_type(json!({"duration": 60})).await;
    let invitee = ada
        .book(&event_type, "2026-03-03T10:00:00Z")
        .await
        .resource(201);
    let moving = format!("{}/rescheduling", text(&invitee["event"]));
    let same = ada
        .post(&moving, json!({"start_time": "2026-03-03T10:00:00Z"}))
        .await;
    assert_eq!(same.mistakes(), ["start_time same_time"]);
    ada.post(&moving, json!({"start_time": "2026-03-03T10:30:00Z"}))
        .await
        .expect(201);
    let again = ada
        .post(&moving, json!({"start_time": "2026-03-03T11:00:00Z"}))
        .await;
    assert_eq!(
        again.refused(403, "permission_denied")["message"],
        "Event is already canceled"
    );
}

async fn what_is_over_or_canceled_stays(test: Test) {
    let ada = test.as_user("ada");
    let event_type = ada.event_type(json!({})).await;
    let over = text(
        &ada.book(&event_type, "2026-03-02T10:00:00Z")
            .await
            .resource(201)["event"],
    );
    let canceled = text(
        &ada.book(&event_type, "2026-03-03T10:00:00Z")
            .await
            .resource(201)["event"],
    );
    ada.post(format!("{canceled}/cancellation"), json!({}))
        .await
        .expect(201);
    let twice = ada
        .post(format!("{canceled}/cancellation"), json!({}))
        .await;
    assert_eq!(
        twice.refused(403, "permission_denied")["message"],
        "Event is already canceled"
    );
    let later = test.at("2026-03-02T20:00:00Z").await;
    let ada = later.as_user("ada");
    let past = ada.post(format!("{over}/cancellation"), json!({})).await;
    assert_eq!(
        past.refused(403, "permission_denied")["message"],
        "Event in the past"
    );
    let past = ada
        .post(
            format!("{over}/rescheduling"),
            json!({"start_time": "2026-03-04T10:00:00Z"}),
        )
        .await;
    assert_eq!(
        past.refused(403, "permission_denied")["message"],
        "Event in the past"
    );
    assert_eq!(ada.get(&over).await.resource(200)["status"], "active");
}

async fn a_taken_time_is_refused_with_alternatives_that_can_be_booked(test: Test) {
    let ada = test.as_user("ada");
    let event_type = ada.event_type(json!({})).await;
    ada.book(&event_type, "2026-03-03T10:00:00Z")
        .await
        .expect(201);
    let refusal = ada
        .book(&event_type, "2026-03-03T10:00:00Z")
        .await
        .refused(409, "time_taken");
    assert_eq!(refusal["status"], 409);
    assert_eq!(refusal["type"], "urn:fasti:problem:time_taken");
    assert_eq!(refusal["message"], refusal["detail"]);
    let alternatives = refusal["alternatives"].as_array().unwrap();
    assert!(
        alternatives.contains(&json!("2026-03-03T09:30:00.000000Z")),
        "{alternatives:?}"
    );
    assert!(
        alternatives.contains(&json!("2026-03-03T10:30:00.000000Z")),
        "{alternatives:?}"
    );
    for start in alternatives {
        ada.book(&event_type, start.as_str().unwrap())
            .await
            .expect(201);
    }
    let off_the_grid = ada.book(&event_type, "2026-03-04T10:10:00Z").await;
    assert_eq!(off_the_grid.mistakes().len(), 1);
    assert!(
        off_the_grid.expect(400)["alternatives"]
            .as_array()
            .is_some_and(|times| !times.is_empty())
    );
}

async fn answers_and_places_are_checked_against_the_event_type(test: Test) {
    let ada = test.as_user("ada");
    let questions = json!([
        {"name": "Why?", "required": true},
        {"name": "Which?", "type": "single_select", "answer_choices": ["a", "b"]},
        {"name": "Old?", "enabled": false, "required": true},
    ]);
    let locations = json!([{"kind": "zoom_conference"}, {"kind": "outbound_call"}]);
    let event_type = ada
        .event_type(json!({"custom_questions": questions, "locations": locations}))
        .await;
    let mut body = booking(&event_type, "2026-03-03T10:00:00Z");
    body["location"] = json!({"kind": "physical"});
    body["questions_and_answers"] = json!([
        {"question": "why?", "answer": "x", "position": 0},
        {"question": "Which?", "answer": "c", "position": 1},
        {"question": "Old?", "answer": "x", "position": 2},
    ]);
    let mut mistakes = ada.post("/invitees", body.clone()).await.mistakes();
    mistakes.sort();
    let expected = [
        "location.kind not_offered",
        "questions_and_answers required",
        "questions_and_answers[0].question unknown_question",
        "questions_and_answers[1].answer not_a_choice",
        "questions_and_answers[2].question unknown_question",
    ];
    assert_eq!(mistakes, expected);
    body["questions_and_answers"] = json!([{"question": "Why?", "answer": "x", "position": 0}]);
    body["location"] = json!({"kind": "outbound_call"});
    assert_eq!(
        ada.post("/invitees", body.clone()).await.mistakes(),
        ["location.location required"]
    );
    body["location"]["location"] = json!("+14155551234");
    let invitee = ada.post("/invitees", body).await.resource(201);
    let event = ada.get(text(&invitee["event"])).await.resource(200);
    assert_eq!(
        event["location"],
        json!({"type": "outbound_call", "location": "+14155551234"})
    );
}

async fn two_names_make_a_name(test: Test) {
    let ada = test.as_user("ada");
    let event_type = ada.event_type(json!({})).await;
    let mut body = booking(&event_type, "2026-03-03T10:00:00Z");
    body["invitee"] = json!({"first_name": "Emmy", "last_name": "Noether", "email": "e@example.com", "timezone": "UTC"});
    let invitee = ada.post("/invitees", body.clone()).await.resource(201);
    let names: Vec<&Value> = ["name", "first_name", "last_name"]
        .iter()
        .map(|key| &invitee[key])
        .collect();
    assert_eq!(
        names,
        [&json!("Emmy Noether"), &json!("Emmy"), &json!("Noether")]
    );
    body["invitee"] = json!({"last_name": "Noether", "email": "e@example.com", "timezone": "UTC"});
    assert_eq!(
        ada.post("/invitees", body).await.mistakes(),
        ["invitee.name required"]
    );
}
