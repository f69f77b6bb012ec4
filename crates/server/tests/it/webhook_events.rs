//! What webhooks tell of everything but bookings, with every key that is documented.

use serde_json::{Value, json};

use crate::{
    caller::{Caller, id, text, uri},
    contacts::contact,
    harness::Test,
    organization_groups::{group, put},
    routing_forms::form,
    webhook_receiver::{
        BOOKINGS, Received, Receiver, ada_with_event_type, assert_signed, subscribe,
    },
    webhooks::payload,
};

on_both_engines!(
    changes_of_event_types_are_told,
    marks_of_invitees_who_did_not_come_are_told,
    what_was_filled_in_is_told,
    changes_of_contacts_are_told,
    changes_of_meeting_recaps_are_told_to_their_user,
    what_happens_to_the_members_of_a_group_is_told,
);

async fn changes_of_event_types_are_told(test: Test) {
    let test = test.telling().await;
    let receiver = Receiver::start().await;
    let events = [
        "event_type.created",
        "event_type.updated",
        "event_type.deleted",
    ];
    subscribe(&test, &receiver, &events).await;
    let (ada, event_type) = ada_with_event_type(&test).await;
    receiver.wait_for(1).await;
    ada.patch(&event_type, json!({"name": "Outro"}))
        .await
        .resource(200);
    receiver.wait_for(2).await;
    assert_eq!(ada.delete(&event_type).await.status, 204);
    let told = receiver.wait_for(3).await;
    let names: Vec<String> = told.iter().map(Received::event).collect();
    assert_eq!(names, events);
    let mut shown = ada.get(&event_type).await.resource(200);
    shown.as_object_mut().unwrap().remove("description_html");
    assert_eq!(told[2].body()["payload"], shown);
    assert_eq!(told[1].body()["payload"]["name"], "Outro");
}

/// Subscribes to events of a user.
async fn subscribe_user(test: &Test, caller: &Caller, receiver: &Receiver, events: &[&str]) {
    let body = json!({
        "url": receiver.url, "events": events, "organization": test.organization,
        "scope": "user", "user": caller.uri,
    });
    let made = caller.post("/webhook_subscriptions", body).await;
    made.resource(201);
}

/// What a message tells, if it is of this name and signed.
#[track_caller]
fn told(message: &Received, name: &str) -> Value {
    assert_signed(message);
    assert_eq!(message.event(), name);
    message.body()["payload"].clone()
}

async fn marks_of_invitees_who_did_not_come_are_told(test: Test) {
    let test = test.telling().await;
    let (ada, event_type) = ada_with_event_type(&test).await;
    let booked = ada.book(&event_type, "2026-03-03T09:00:00Z").await;
    let invitee = uri(&booked.resource(201));
    let receiver = Receiver::start().await;
    let events = ["invitee_no_show.created", "invitee_no_show.deleted"];
    subscribe(&test, &receiver, &events).await;
    let body = json!({"invitee": invitee});
    let mark = ada.post("/invitee_no_shows", body).await.resource(201);
    let created = receiver.wait_for(1).await.pop().unwrap();
    let shown = ada.get(&invitee).await.resource(200);
    let event = ada.get(text(&shown["event"])).await.resource(200);
    assert_eq!(told(&created, events[0]), payload(&shown, &event));
    assert_eq!(shown["no_show"]["uri"], mark["uri"]);
    assert_eq!(created.body()["created_at"], mark["created_at"]);
    ada.delete(uri(&mark)).await.expect(204);
    let deleted = receiver.wait_for(2).await.pop().unwrap();
    let shown = ada.get(&invitee).await.resource(200);
    assert_eq!(told(&deleted, events[1]), payload(&shown, &event));
    assert_eq!(shown["no_show"], Value::Null);
}

async fn what_was_filled_in_is_told(test: Test) {
    let test = test.telling().await;
    let receiver = Receiver::start().await;
    subscribe(&test, &receiver, &["routing_form_submission.created"]).await;
    let mut body = form();
    body["status"] = json!("published");
    let form = test.as_admin().post("/routing_forms", body).await;
    let form = form.resource(201);
    let answers = json!([{"question": "Size", "answer": "small"}]);
    let body = json!({"routing_form": form["uri"], "questions_and_answers": answers});
    let ada = test.as_user("ada");
    let made = ada.post("/routing_form_submissions", body).await;
    let made = made.resource(201);
    let message = receiver.wait_for(1).await.pop().unwrap();
    assert_eq!(told(&message, "routing_form_submission.created"), made);
    let expected = json!({
        "uri": made["uri"],
        "routing_form": form["uri"],
        "questions_and_answers": made["questions_and_answers"],
        "tracking": made["tracking"],
        "result": {"type": "external_url", "value": "https://example.com/pricing"},
        "submitter": null,
        "submitter_type": null,
        "created_at": made["created_at"],
        "updated_at": made["created_at"],
    });
    assert_eq!(made, expected);
}

async fn changes_of_contacts_are_told(test: Test) {
    let test = test.telling().await;
    let receiver = Receiver::start().await;
    let events = ["contact.created", "contact.updated", "contact.deleted"];
    subscribe(&test, &receiver, &events).await;
    let (ada, event_type) = ada_with_event_type(&test).await;
    let added = contact(&ada, "Emmy Noether", "emmy@example.com").await;
    let message = receiver.wait_for(1).await.pop().unwrap();
    let mut shown = added.clone();
    let fields = shown.as_object_mut().unwrap();
    fields.remove("app_url");
    fields.insert("creation_source".to_owned(), json!("api"));
    let expected = json!({"user_uuid": id(&ada.uri), "contact": shown});
    assert_eq!(told(&message, events[0]), expected);
    for date in [
        "next_meeting_date",
        "last_meeting_date",
        "last_interaction_date",
        "first_email_date",
        "last_email_date",
    ] {
        assert_eq!(shown[date], Value::Null, "{date}");
    }
    // that they meet is no change of theirs
    ada.book(&event_type, "2026-03-03T09:00:00Z")
        .await
        .expect(201);
    ada.patch(uri(&added), json!({"city": "Erlangen"}))
        .await
        .resource(200);
    let message = receiver.wait_for(2).await.pop().unwrap();
    let payload = told(&message, events[1]);
    assert_eq!(payload["contact"]["city"], "Erlangen");
    assert_eq!(payload["contact"]["uri"], added["uri"]);
    ada.delete(uri(&added)).await.expect(204);
    let told_all = receiver.wait_for(3).await;
    let payload = told(&told_all[2], events[2]);
    let deleted_at = &payload["contact"]["deleted_at"];
    let expected = json!({"uri": added["uri"], "deleted_at": deleted_at});
    let expected = json!({"user_uuid": id(&ada.uri), "contact": expected});
    assert_eq!(payload, expected);
    assert_eq!(told_all[2].body()["created_at"], *deleted_at);
}

async fn changes_of_meeting_recaps_are_told_to_their_user(test: Test) {
    let test = test.telling().await;
    let (receiver, other) = (Receiver::start().await, Receiver::start().await);
    let events = [
        "meeting_recap.created",
        "meeting_recap.updated",
        "meeting_recap.deleted",
    ];
    let (ada, event_type) = ada_with_event_type(&test).await;
    subscribe_user(&test, &ada, &receiver, &events).await;
    subscribe_user(&test, &test.as_user("ben"), &other, &events).await;
    let booked = ada.book(&event_type, "2026-03-03T09:00:00Z").await;
    let event = text(&booked.resource(201)["event"]);
    let body = json!({"event": event, "summary_md": "# Plan", "transcript": "Ada: Hello"});
    let posted = ada.post("/meeting_recaps", body).await.resource(201);
    let message = receiver.wait_for(1).await.pop().unwrap();
    let meeting = |recap: &Value| {
        json!({
            "name": recap["name"],
            "start_time": recap["start_time"],
            "end_time": recap["end_time"],
            "location": recap["location"],
            "attendees": recap["attendees"],
            "uri": event,
        })
    };
    let shown = |recap: &Value| {
        let names = [
            "uri",
            "transcript",
            "summary_md",
            "action_items_md",
            "discussion_md",
            "share_link",
            "created_at",
            "updated_at",
        ];
        names
            .map(|name| (name, recap[name].clone()))
            .into_iter()
            .collect::<Value>()
    };
    let created = message.body();
    assert_eq!(created["event"], events[0]);
    let expected = json!({
        "event": meeting(&posted), "recap": shown(&posted), "created_at": created["created_at"],
    });
    assert_eq!(created["payload"], expected);
    let edit = json!({"summary_md": "# Better plan", "share_link": "https://notes.example.com/1"});
    let edited = ada.patch(uri(&posted), edit).await.resource(200);
    let message = receiver.wait_for(2).await.pop().unwrap();
    assert_eq!(message.event(), events[1]);
    let expected = json!({"event": meeting(&edited), "recap": shown(&edited)});
    assert_eq!(message.body()["payload"], expected);
    ada.delete(uri(&posted)).await.expect(204);
    let message = receiver.wait_for(3).await.pop().unwrap();
    assert_eq!(message.event(), events[2]);
    let at = message.body()["created_at"].clone();
    let expected = json!({"recap": {"uri": posted["uri"], "deleted_at": at}});
    assert_eq!(message.body()["payload"], expected);
    assert_eq!(other.received().len(), 0);
}

async fn what_happens_to_the_members_of_a_group_is_told(test: Test) {
    let test = test.telling().await;
    let receiver = Receiver::start().await;
    let berlin = group(&test, "Berlin").await;
    put(&test, "ada", &berlin, "member").await;
    put(&test, "ben", &berlin, "admin").await;
    let body = json!({
        "url": receiver.url, "events": [BOOKINGS[0], "event_type.created", "contact.created"],
        "organization": test.organization, "scope": "group", "group": berlin,
    });
    let made = test.as_owner().post("/webhook_subscriptions", body).await;
    assert_eq!(made.resource(201)["group"], berlin);
    let ben = test.as_user("ben");
    ben.always_open("UTC").await;
    // an administrator of a group is not of it
    let of_ben = ben.event_type(json!({})).await;
    ben.book(&of_ben, "2026-03-03T09:00:00Z").await.expect(201);
    let (ada, event_type) = ada_with_event_type(&test).await;
    let hosts = json!([{"user": ben.uri}, {"user": ada.uri}]);
    let together = json!({"pooling_type": "collective", "hosts": hosts, "name": "Together"});
    let together = test.as_owner().event_type(together).await;
    let booked = ben.book(&together, "2026-03-04T09:00:00Z").await;
    let booked = booked.resource(201);
    let known = contact(&ada, "Emmy", "emmy@example.com").await;
    contact(&ben, "Sophie", "sophie@example.com").await;
    let all = receiver.wait_for(4).await;
    let subjects: Vec<(String, String)> = all
        .iter()
        .map(|it| (it.event(), it.body()["payload"].clone()))
        .map(|(name, told)| match name.as_str() {
            "contact.created" => (name, uri(&told["contact"])),
            _ => (name, uri(&told)),
        })
        .collect();
    let expected = [
        ("event_type.created", event_type),
        ("event_type.created", together),
        ("invitee.created", uri(&booked)),
        ("contact.created", uri(&known)),
    ];
    let expected = expected.map(|(name, uri)| (name.to_owned(), uri));
    let missing: Vec<_> = expected
        .iter()
        .filter(|it| !subjects.contains(it))
        .collect();
    assert!(missing.is_empty() && subjects.len() == 4, "{subjects:?}");
}
