//! Subscriptions: who may make them, of what, and to where.

use serde_json::{Value, json};

use crate::{
    caller::{path, text, uri},
    harness::Test,
};

on_both_engines!(
    a_subscription_is_made_shown_changed_and_ended,
    what_cannot_be_told_is_refused,
    others_do_not_see_it,
    it_needs_the_scopes_of_what_it_tells,
);

const URL: &str = "https://example.com/hook";

fn new(test: &Test, fields: &Value) -> Value {
    let mut body = json!({
        "url": URL,
        "events": ["invitee.created"],
        "organization": test.organization,
        "scope": "organization",
    });
    let fields = fields.as_object().unwrap().clone();
    body.as_object_mut().unwrap().extend(fields);
    body
}

async fn a_subscription_is_made_shown_changed_and_ended(test: Test) {
    let owner = test.as_owner();
    let body = new(
        &test,
        &json!({"signing_key": "secret", "events": ["invitee.created", "invitee.canceled"]}),
    );
    let made = owner
        .post("/webhook_subscriptions", body.clone())
        .await
        .resource(201);
    let expected = json!({
        "uri": made["uri"],
        "callback_url": URL,
        "created_at": made["created_at"],
        "updated_at": made["created_at"],
        "retry_started_at": null,
        "state": "active",
        "events": ["invitee.created", "invitee.canceled"],
        "scope": "organization",
        "organization": test.organization,
        "user": null,
        "group": null,
        "creator": owner.uri,
    });
    assert_eq!(made, expected);
    let again = owner.post("/webhook_subscriptions", body).await;
    let problem = again.refused(409, "already_exists");
    assert_eq!(problem["title"], "Already Exists");
    assert_eq!(problem["message"], "Hook with this url already exists");
    // the same address for somebody else is another subscription
    let ada = test.as_user("ada");
    let of_ada = new(&test, &json!({"scope": "user", "user": ada.uri}));
    let other = ada
        .post("/webhook_subscriptions", of_ada)
        .await
        .resource(201);
    assert_eq!(other["user"], ada.uri);
    let list = |scope: &str, user: &str| {
        let mut query = vec![
            ("organization", test.organization.as_str()),
            ("scope", scope),
        ];
        if !user.is_empty() {
            query.push(("user", user));
        }
        path("/webhook_subscriptions", &query)
    };
    assert_eq!(
        owner.get(list("organization", "")).await.collection(),
        std::slice::from_ref(&made)
    );
    assert_eq!(
        owner.get(list("user", &ada.uri)).await.collection(),
        std::slice::from_ref(&other)
    );
    owner
        .get(list("user", ""))
        .await
        .refused(400, "invalid_argument");
    let edit =
        json!({"url": "https://example.org/", "events": ["invitee.canceled"], "state": "disabled"});
    let changed = owner.patch(uri(&made), edit).await.resource(200);
    assert_eq!(changed["callback_url"], "https://example.org/");
    assert_eq!(changed["state"], "disabled");
    assert_eq!(owner.get(uri(&made)).await.resource(200), changed);
    let second = owner
        .post("/webhook_subscriptions", new(&test, &json!({})))
        .await
        .resource(201);
    let taken = json!({"url": "https://example.org/"});
    owner
        .patch(uri(&second), taken)
        .await
        .refused(409, "already_exists");
    assert_eq!(owner.delete(uri(&made)).await.status, 204);
    owner.get(uri(&made)).await.refused(404, "not_found");
    owner.delete(uri(&made)).await.refused(404, "not_found");
}

async fn what_cannot_be_told_is_refused(test: Test) {
    let owner = test.as_owner();
    let ada = test.as_user("ada").uri;
    let cases = [
        (
            json!({"url": "http://127.0.0.1/hook"}),
            "url private_address",
        ),
        (
            json!({"url": "http://[::ffff:10.0.0.1]/"}),
            "url private_address",
        ),
        (
            json!({"url": "http://localhost:8080/"}),
            "url private_address",
        ),
        (json!({"url": "ftp://example.com/"}), "url invalid_url"),
        (
            json!({"url": "https://ada:secret@example.com/"}),
            "url invalid_url",
        ),
        (json!({"url": "nowhere"}), "url invalid_url"),
        (json!({"events": []}), "events too_short"),
        (
            json!({"events": ["invitee.moved"]}),
            "events[0] unknown_value",
        ),
        (json!({"scope": "user"}), "user required"),
        (json!({"scope": "group"}), "group required"),
        (json!({"scope": "everything"}), "scope unknown_value"),
        (
            json!({"events": ["meeting_recap.created"]}),
            "events[0] wrong_scope",
        ),
        (
            json!({"scope": "user", "user": ada, "events": ["invitee.created", "routing_form_submission.created"]}),
            "events[1] wrong_scope",
        ),
    ];
    for (fields, mistake) in cases {
        let refused = owner
            .post("/webhook_subscriptions", new(&test, &fields))
            .await;
        let found = refused.mistakes();
        assert_eq!(found.len(), 1, "{mistake}: {found:?}");
        if !mistake.starts_with("events too_short") {
            assert_eq!(found, [mistake]);
        }
    }
    // a subscription may be made to where nobody listens yet
    let nobody = json!({"url": "https://nobody.invalid/hook"});
    owner
        .post("/webhook_subscriptions", new(&test, &nobody))
        .await
        .resource(201);
}

async fn others_do_not_see_it(test: Test) {
    let owner = test.as_owner();
    let made = owner
        .post("/webhook_subscriptions", new(&test, &json!({})))
        .await
        .resource(201);
    let (ada, zoe) = (test.as_user("ada"), test.as_foreigner());
    ada.post("/webhook_subscriptions", new(&test, &json!({})))
        .await
        .refused(403, "permission_denied");
    ada.get(uri(&made)).await.refused(403, "permission_denied");
    ada.delete(uri(&made))
        .await
        .refused(403, "permission_denied");
    zoe.get(uri(&made)).await.refused(404, "not_found");
    zoe.delete(uri(&made)).await.refused(404, "not_found");
    zoe.post("/webhook_subscriptions", new(&test, &json!({})))
        .await
        .refused(403, "permission_denied");
    let ben = test.as_user("ben").uri;
    let of_ben = new(&test, &json!({"scope": "user", "user": ben}));
    ada.post("/webhook_subscriptions", of_ben)
        .await
        .refused(403, "permission_denied");
}

async fn it_needs_the_scopes_of_what_it_tells(test: Test) {
    let limited = test
        .with_scopes("olga", &["webhooks:write", "event_types:read"])
        .await;
    let body = new(
        &test,
        &json!({"events": ["event_type.created", "invitee.created", "contact.created"]}),
    );
    let refused = limited.post("/webhook_subscriptions", body).await;
    let problem = refused.refused(403, "insufficient_scope");
    let required = json!(["scheduled_events:read", "contacts:read"]);
    assert_eq!(problem["required_scopes"], required);
    let body = new(&test, &json!({"events": ["event_type.created"]}));
    let made = limited
        .post("/webhook_subscriptions", body)
        .await
        .resource(201);
    let more = json!({"events": ["invitee.created"]});
    let refused = limited.patch(uri(&made), more).await;
    assert_eq!(
        text(&refused.refused(403, "insufficient_scope")["title"]),
        "Insufficient scope"
    );
}
