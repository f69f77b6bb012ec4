//! Samples of messages: the same keys as in what is really told, for every event, and nothing for those who may not hear.

use domain::id::OrganizationId;
use serde_json::{Map, Value, json};

use crate::{
    caller::{Caller, booking, id, path, text, uri},
    harness::Test,
};

on_both_engines! {
    a_sample_has_the_keys_of_what_is_told,
    samples_are_for_those_who_may_subscribe,
    what_is_asked_for_wrongly_is_refused,
}

/// In the order in which they happen here.
const EVENTS: [&str; 14] = [
    "event_type.created",
    "event_type.updated",
    "routing_form_submission.created",
    "invitee.created",
    "invitee_no_show.created",
    "invitee_no_show.deleted",
    "meeting_recap.created",
    "meeting_recap.updated",
    "meeting_recap.deleted",
    "invitee.canceled",
    "contact.created",
    "contact.updated",
    "contact.deleted",
    "event_type.deleted",
];

/// A user of whose deeds each is told before the next one.
struct Deeds<'a> {
    test: &'a Test,
    caller: Caller,
}

impl Deeds<'_> {
    async fn post(&self, path: &str, body: Value) -> Value {
        let resource = self.caller.post(path, body).await.resource(201);
        self.told().await;
        resource
    }

    async fn patch(&self, path: &str, body: Value) {
        self.caller.patch(path, body).await.expect(200);
        self.told().await;
    }

    async fn delete(&self, path: &str) {
        self.caller.delete(path).await.expect(204);
        self.told().await;
    }

    async fn told(&self) {
        let organization = OrganizationId(id(&self.test.organization).parse().unwrap());
        let app = &self.test.app;
        while server::webhooks::publish(app, organization).await.unwrap() {}
    }

    /// Everything that is told happens once at least.
    async fn do_all(&self) {
        self.caller.always_open("UTC").await;
        let places = json!([{"kind": "physical", "location": "Room 1"}]);
        let event_type = json!({"locations": places});
        let event_type = self.caller.event_type(event_type).await;
        self.patch(&event_type, json!({"name": "Outro call"})).await;
        let form = json!({
            "name": "Form", "status": "published",
            "questions": [{"name": "Company size", "type": "text"}],
            "fallback": {"type": "event_type", "value": event_type},
        });
        let form = uri(&self.post("/routing_forms", form).await);
        let answers = json!([{"question": "Company size", "answer": "11-50"}]);
        let filled = json!({"routing_form": form, "questions_and_answers": answers});
        self.post("/routing_form_submissions", filled).await;
        let mut body = booking(&event_type, "2026-03-03T09:00:00Z");
        body["location"] = json!({"kind": "physical"});
        let invitee = self.post("/invitees", body).await;
        let mark = json!({"invitee": uri(&invitee)});
        let mark = self.post("/invitee_no_shows", mark).await;
        self.delete(&uri(&mark)).await;
        let attendees =
            json!([{"user_email": "ada@example.org", "user_name": "Ada", "host": false}]);
        let recap = json!({"event": invitee["event"], "summary_md": "x", "attendees": attendees});
        let recap = uri(&self.post("/meeting_recaps", recap).await);
        self.patch(&recap, json!({"summary_md": "y"})).await;
        self.delete(&recap).await;
        let cancellation = format!("{}/cancellation", text(&invitee["event"]));
        self.post(&cancellation, json!({})).await;
        let contact = json!({"name": "Ada", "emails": [{"email": "ada@example.org"}]});
        let contact = uri(&self.post("/contacts", contact).await);
        self.patch(&contact, json!({"name": "Eda"})).await;
        self.delete(&contact).await;
        self.delete(&event_type).await;
    }
}

/// What is told, by event: as it was then, because somebody subscribed before.
async fn told(test: &Test, caller: &Caller) -> Map<String, Value> {
    let is_recap = |event: &&str| event.starts_with("meeting_recap");
    let (recaps, others): (Vec<&str>, Vec<&str>) = EVENTS.into_iter().partition(is_recap);
    for (scope, events) in [("organization", others), ("user", recaps)] {
        let body = json!({
            "url": format!("https://example.com/{scope}"), "events": events,
            "organization": test.organization, "scope": scope, "user": caller.uri,
        });
        let made = caller.post("/webhook_subscriptions", body).await;
        made.expect(201);
    }
    let caller = caller.clone();
    Deeds { test, caller }.do_all().await;
    let feed = test.as_owner().get("/events_feed?count=1000").await;
    let feed = feed.expect(200);
    let told = feed["collection"].as_array().unwrap().iter();
    told.map(|event| (text(&event["event"]), event.clone()))
        .collect()
}

/// The keys of all objects in a document, with where they stand.
fn keys(document: &Value, place: &str, found: &mut Vec<String>) {
    match document {
        Value::Object(fields) => {
            for (key, value) in fields {
                let place = format!("{place}.{key}");
                keys(value, &place, found);
                found.push(place);
            }
        }
        Value::Array(items) => {
            for item in items.iter().take(1) {
                keys(item, &format!("{place}[]"), found);
            }
        }
        _ => {}
    }
}

fn keys_of(document: &Value) -> Vec<String> {
    let mut found = Vec::new();
    keys(document, "", &mut found);
    found.sort();
    found
}

fn query<'a>(test: &'a Test, event: &'a str, user: &'a str) -> Vec<(&'a str, &'a str)> {
    let scope = if event.starts_with("meeting_recap") {
        "user"
    } else {
        "organization"
    };
    vec![
        ("event", event),
        ("organization", &test.organization),
        ("scope", scope),
        ("user", user),
    ]
}

async fn a_sample_has_the_keys_of_what_is_told(test: Test) {
    let owner = test.as_owner();
    let told = told(&test, &owner).await;
    assert_eq!(told.keys().collect::<Vec<_>>(), EVENTS);
    for event in EVENTS {
        let asked = path("/sample_webhook_data", &query(&test, event, &owner.uri));
        let sample = owner.get(asked).await.expect(200);
        assert_eq!(
            keys_of(&sample["payload"]),
            keys_of(&told[event]["payload"]),
            "{event}"
        );
        assert_eq!(sample["event"], event);
        assert_eq!(sample["created_by"], owner.uri);
        assert!(text(&sample["created_at"]).starts_with("2026-03-02T08:0"));
        assert_eq!(sample.as_object().unwrap().len(), 4);
    }
    // nothing of it happened
    let feed = owner.get("/events_feed?count=1000").await.expect(200);
    assert_eq!(feed["collection"].as_array().unwrap().len(), 14);
}

async fn samples_are_for_those_who_may_subscribe(test: Test) {
    let (ada, ben, admin) = (test.as_user("ada"), test.as_user("ben"), test.as_admin());
    let of = |scope, user| {
        let mut query = query(&test, "invitee.created", user);
        query[2] = ("scope", scope);
        path("/sample_webhook_data", &query)
    };
    ada.get(of("organization", &ada.uri))
        .await
        .refused(403, "permission_denied");
    ada.get(of("user", &ben.uri))
        .await
        .refused(403, "permission_denied");
    let sample = ada.get(of("user", &ada.uri)).await.expect(200);
    let host = &sample["payload"]["scheduled_event"]["event_memberships"][0];
    assert_eq!(host["user"], ada.uri);
    assert_eq!(host["user_email"], "ada@example.com");
    admin.get(of("user", &ada.uri)).await.expect(200);
    let zoe = test.as_foreigner();
    zoe.get(of("organization", &zoe.uri))
        .await
        .refused(403, "permission_denied");
    admin
        .get(of("user", &zoe.uri))
        .await
        .refused(403, "permission_denied");
    let limited = test.with_scopes("olga", &["scheduled_events:read"]).await;
    let refusal = limited.get(of("organization", &ada.uri)).await;
    assert_eq!(
        refusal.refused(403, "insufficient_scope")["required_scopes"],
        json!(["webhooks:read"])
    );
}

async fn what_is_asked_for_wrongly_is_refused(test: Test) {
    let owner = test.as_owner();
    let nothing = owner.get("/sample_webhook_data").await.mistakes();
    assert_eq!(
        nothing,
        ["event required", "organization required", "scope required"]
    );
    let cases = [
        ("invitee.gone", "organization", "event unknown_value"),
        ("meeting_recap.created", "organization", "scope wrong_scope"),
        (
            "routing_form_submission.created",
            "user",
            "scope wrong_scope",
        ),
        ("invitee.created", "group", "group required"),
    ];
    for (event, scope, mistake) in cases {
        let mut query = query(&test, event, &owner.uri);
        query[2] = ("scope", scope);
        let refusal = owner.get(path("/sample_webhook_data", &query)).await;
        assert_eq!(refusal.mistakes(), [mistake], "{event} {scope}");
    }
}
