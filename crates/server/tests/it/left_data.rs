//! What a person leaves behind in all the places that there are, and finding it again.

use axum::response::IntoResponse;
use serde_json::{Value, json};

use crate::{
    caller::{Caller, booking, id, text, uri},
    harness::Test,
    webhook_receiver::Receiver,
};

pub const EMAIL: &str = "Xenia.Quillmark@Marker.example";
pub const NAME: &str = "Xenia Quillmark";
pub const PHONE: &str = "+14155550199";

/// What is looked for afterwards, in lower case.
pub const TRACES: [&str; 3] = ["quillmark", "4155550199", "zebraword"];

/// What of the person is in the database, with what stands around it.
pub fn traces(test: &Test) -> Vec<String> {
    let bytes = test.database.bytes().to_ascii_lowercase();
    let mut found = Vec::new();
    for trace in TRACES.map(str::as_bytes) {
        let all = bytes.windows(trace.len()).enumerate();
        for (at, _) in all.filter(|(_, it)| *it == trace) {
            let around = &bytes[at.saturating_sub(200)..(at + 100).min(bytes.len())];
            found.push(String::from_utf8_lossy(around).into_owned());
        }
    }
    found
}

/// Does all there is to do.
pub async fn finish(test: &Test) {
    for _ in 0..10_000 {
        if !server::upkeep::step(&test.app).await.unwrap() {
            return;
        }
    }
    panic!("it never ends");
}

pub async fn delete_data(test: &Test, emails: &[&str]) {
    let body = json!({"emails": emails});
    let path = "/data_compliance/deletion/invitees";
    let answer = test.as_owner().post_once(path, "delete", &body).await;
    assert_eq!(answer.expect(202), json!({}));
    finish(test).await;
}

/// A booking by the person, with all that can be said in one.
pub fn full_booking(event_type: &str, start: &str) -> Value {
    let mut body = booking(event_type, start);
    body["invitee"] = json!({
        "name": NAME, "email": EMAIL, "timezone": "Europe/Rome", "text_reminder_number": PHONE,
    });
    body["location"] = json!({"kind": "outbound_call", "location": PHONE});
    body["tracking"] = json!({"utm_source": "zebraword"});
    body["questions_and_answers"] =
        json!([{"question": "Why?", "answer": "zebraword", "position": 0}]);
    body["event_guests"] = json!(["guest.quillmark@marker.example"]);
    body
}

/// What the person left behind.
pub struct Left {
    pub invitee: String,
    pub event: String,
    pub canceled: String,
    pub group: String,
    pub emmy: String,
    pub other: Value,
    pub subscription: String,
}

pub async fn told(test: &Test) {
    let organization = domain::id::OrganizationId(id(&test.organization).parse().unwrap());
    while server::webhooks::publish(&test.app, organization)
        .await
        .unwrap()
    {}
}

/// Waits until all messages of a subscription have arrived.
pub async fn delivered(owner: &Caller, subscription: &str) {
    for _ in 0..600 {
        let waiting = format!("{subscription}/deliveries?status=waiting");
        if owner.get(waiting).await.collection().is_empty() {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("messages do not arrive");
}

pub async fn subscribe(test: &Test, url: &str) -> String {
    let events = [
        "invitee.created",
        "invitee.canceled",
        "invitee_no_show.created",
        "routing_form_submission.created",
        "contact.created",
        "contact.updated",
        "contact.deleted",
    ];
    let body = json!({
        "url": url, "events": events, "organization": test.organization, "scope": "organization",
    });
    let made = test.as_owner().post("/webhook_subscriptions", body).await;
    uri(&made.resource(201))
}

pub async fn key(caller: &Caller, path: &str, key: &str, body: &Value) -> Value {
    caller.post_once(path, key, body).await.resource(201)
}

/// Does everything that leaves something of a person, in all places that there are.
pub async fn leave_traces(test: &Test, url: &str) -> Left {
    let (owner, ada) = (test.as_owner(), test.as_user("ada"));
    let subscription = subscribe(test, url).await;
    ada.always_open("UTC").await;
    let questions = json!([{"name": "Why?", "type": "string", "position": 0, "enabled": true, "required": false}]);
    let event_type = ada
        .event_type(
            json!({"custom_questions": questions, "locations": [{"kind": "outbound_call"}]}),
        )
        .await;
    let group = ada
        .event_type(json!({"kind": "group", "capacity": 3, "slug": "group"}))
        .await;
    let form = json!({
        "name": "Form", "status": "published",
        "questions": [{"name": "Mail", "type": "email"}, {"name": "More", "type": "text"}],
    });
    let form = uri(&owner.post("/routing_forms", form).await.resource(201));
    let filled = json!({
        "routing_form": form, "tracking": {"utm_term": "zebraword"},
        "questions_and_answers": [{"question": "Mail", "answer": EMAIL}, {"question": "More", "answer": "zebraword"}],
    });
    key(&owner, "/routing_form_submissions", "alone", &filled).await;
    let unnamed = json!({
        "routing_form": form,
        "questions_and_answers": [{"question": "More", "answer": "zebraword"}],
    });
    let submission = owner.post("/routing_form_submissions", unnamed).await;
    let mut body = full_booking(&event_type, "2026-03-03T09:00:00Z");
    body["routing_form_submission"] = submission.resource(201)["uri"].clone();
    let first = key(
        &ada,
        "/invitees",
        "for:xenia.quillmark@marker.example",
        &body,
    )
    .await;
    let rescheduling = format!("{}/rescheduling", text(&first["event"]));
    let moved = json!({"start_time": "2026-03-04T09:00:00Z", "reason": "zebraword of Quillmark"});
    let moved = key(&ada, &rescheduling, "move", &moved).await;
    let body = full_booking(&event_type, "2026-03-05T09:00:00Z");
    let second = ada.post("/invitees", body).await.resource(201);
    let cancellation = format!("{}/cancellation", text(&second["event"]));
    let reason = json!({"reason": "Xenia Quillmark is ill"});
    key(&ada, &cancellation, "cancel", &reason).await;
    // in company
    let mut body = booking(&group, "2026-03-06T09:00:00Z");
    let emmy = ada.post("/invitees", body.clone()).await.resource(201);
    body["invitee"] = json!({"name": NAME, "email": EMAIL.to_uppercase(), "timezone": "UTC"});
    body["event_guests"] = json!(["guest.quillmark@marker.example"]);
    let joined = ada.post("/invitees", body).await.resource(201);
    let mark = json!({"invitee": uri(&joined)});
    key(&ada, "/invitee_no_shows", "mark", &mark).await;
    // named by others
    let mut body = booking(&event_type, "2026-03-09T09:00:00Z");
    body["location"] = json!({"kind": "outbound_call", "location": "+4912345678"});
    body["event_guests"] = json!([EMAIL, "david@example.com"]);
    body["questions_and_answers"] =
        json!([{"question": "Why?", "answer": format!("ask {EMAIL}!"), "position": 0}]);
    let other = ada.post("/invitees", body).await.resource(201);
    leave_notes(&owner, &ada, &moved).await;
    told(test).await;
    let invitees = format!("{}/invitees", uri(&moved));
    Left {
        invitee: uri(&ada.get(invitees).await.collection()[0]),
        event: uri(&moved),
        canceled: text(&second["event"]),
        group: text(&joined["event"]),
        emmy: uri(&emmy),
        other,
        subscription,
    }
}

/// Contacts, notes and recaps.
pub async fn leave_notes(owner: &Caller, ada: &Caller, moved: &Value) {
    let field = json!({"label": "Field", "field_type": "text"});
    let field = owner
        .post("/contacts/custom_field_definitions", field)
        .await;
    let field = id(&uri(&field.resource(201))).to_owned();
    let contact = json!({
        "name": NAME, "emails": [{"email": "other@example.com"}, {"email": EMAIL}],
        "phone_numbers": [{"phone_number": PHONE}], "job_title": "zebraword", "city": "zebraword",
        "custom_fields": [{"uuid": field, "value": "zebraword"}],
    });
    let contact = uri(&key(owner, "/contacts", "contact", &contact).await);
    owner
        .patch(&contact, json!({"company": "Quillmark Ltd"}))
        .await
        .expect(200);
    let note = json!({"contact": contact, "title": "Quillmark", "body": "zebraword"});
    owner.post("/notes", note).await.expect(201);
    let friend = json!({
        "name": "Emmy", "emails": [{"email": "emmy@example.com"}],
        "custom_fields": [{"uuid": field, "value": format!("knows {EMAIL}")}],
    });
    let friend = uri(&owner.post("/contacts", friend).await.resource(201));
    let note = json!({"contact": friend, "body": format!("Friend of <{EMAIL}>")});
    owner.post("/notes", note).await.expect(201);
    let recap = json!({
        "event": moved["uri"], "summary_md": "Quillmark said zebraword", "transcript": "Quillmark: hello",
        "share_link": "https://example.com/quillmark",
    });
    key(ada, "/meeting_recaps", "recap", &recap).await;
    let recap = json!({
        "name": "Outside", "start_time": "2026-02-02T10:00:00Z", "end_time": "2026-02-02T11:00:00Z",
        "attendees": [{"user_email": EMAIL, "user_name": NAME, "host": false}], "discussion_md": "zebraword",
    });
    ada.post("/meeting_recaps", recap).await.expect(201);
}

/// One that answers with what it got.
pub async fn parrot() -> Receiver {
    Receiver::answering(|_, received| received.text.clone().into_response()).await
}
