//! `/oauth_applications` and `/oauth/register`: who registers what.

use axum::http::Method;
use serde_json::{Value, json};

use crate::{
    caller::{Answer, Caller, JSON, text, uri},
    harness::Test,
    oauth_client::{BACK, Client, Tokens, VERIFIER, error, signed_in},
};

on_both_engines! {
    an_application_is_registered_with_secrets_that_are_shown_once,
    a_native_application_has_no_secret,
    users_are_sent_back_over_tls_or_to_their_own_machine,
    what_is_wrong_with_an_application_is_named,
    applications_are_listed_edited_and_removed,
    ones_own_applications_and_no_others,
    an_application_registers_itself_and_users_may_allow_it,
    what_registers_itself_with_a_secret_must_know_it,
    what_cannot_be_registered_is_refused,
    registration_can_be_closed_and_is_limited,
}

fn web() -> Value {
    json!({"name": "Sync", "kind": "web", "redirect_uris": [BACK], "scopes": ["users:read"]})
}

fn with(mut body: Value, more: Value) -> Value {
    let Value::Object(more) = more else { panic!() };
    body.as_object_mut().unwrap().extend(more);
    body
}

async fn an_application_is_registered_with_secrets_that_are_shown_once(test: Test) {
    let ada = test.as_user("ada");
    let new = ada.post("/oauth_applications", web()).await.resource(201);
    let expected = json!({
        "uri": new["uri"], "name": "Sync", "kind": "web", "environment": "production",
        "redirect_uris": [BACK], "scopes": ["users:read"], "client_id": new["client_id"], "user": ada.uri,
        "created_at": new["created_at"], "updated_at": new["created_at"],
        "client_secret": new["client_secret"], "webhook_signing_key": new["webhook_signing_key"],
    });
    assert_eq!(new, expected);
    for secret in ["client_id", "client_secret", "webhook_signing_key"] {
        assert_eq!(text(&new[secret]).len(), 43, "{secret}");
    }
    let mut shown = new.clone();
    shown.as_object_mut().unwrap().remove("client_secret");
    shown.as_object_mut().unwrap().remove("webhook_signing_key");
    assert_eq!(ada.get(uri(&new)).await.resource(200), shown);
    assert_eq!(ada.get("/oauth_applications").await.collection(), [shown]);
    // a key that is sent again makes another one: no answer with secrets is kept
    let again = ada
        .post_once("/oauth_applications", "key", &web())
        .await
        .resource(201);
    let third = ada
        .post_once("/oauth_applications", "key", &web())
        .await
        .resource(201);
    assert_ne!(again["client_secret"], third["client_secret"]);
}

async fn a_native_application_has_no_secret(test: Test) {
    let ada = test.as_user("ada");
    let native = with(web(), json!({"kind": "native"}));
    let new = ada.post("/oauth_applications", native).await.resource(201);
    assert_eq!(new["client_secret"], json!(null));
    let secret = format!("{}/client_secret", uri(&new));
    ada.post(&secret, json!({}))
        .await
        .refused(403, "permission_denied");
}

async fn users_are_sent_back_over_tls_or_to_their_own_machine(test: Test) {
    let ada = test.as_user("ada");
    let send = async |kind: &str, environment: &str, uri: &str| {
        let more = json!({"kind": kind, "environment": environment, "redirect_uris": [BACK, uri]});
        ada.post("/oauth_applications", with(web(), more)).await
    };
    for (kind, environment, uri) in [
        ("web", "sandbox", "http://localhost:3000/back"),
        ("native", "production", "http://127.0.0.1/back"),
        ("native", "production", "com.example.app:/back"),
    ] {
        send(kind, environment, uri).await.resource(201);
    }
    for (kind, environment, uri) in [
        ("web", "production", "http://localhost:3000/back"),
        ("web", "sandbox", "http://app.example.com/back"),
        ("web", "sandbox", "com.example.app:/back"),
        ("native", "production", "http://app.example.com/back"),
        ("native", "sandbox", "javascript:alert(1)"),
        ("web", "production", "https://app.example.com/#x"),
        ("web", "production", "nothing"),
    ] {
        let mistakes = send(kind, environment, uri).await.mistakes();
        assert_eq!(mistakes, ["redirect_uris[1] invalid_redirect_uri"], "{uri}");
    }
    // nor does it become so by an edit
    let sandbox = send("web", "sandbox", "http://localhost:3000/back")
        .await
        .resource(201);
    let used = ada
        .patch(uri(&sandbox), json!({"environment": "production"}))
        .await;
    assert_eq!(used.mistakes(), ["redirect_uris[1] invalid_redirect_uri"]);
    let used = json!({"environment": "production", "redirect_uris": [BACK]});
    let used = ada.patch(uri(&sandbox), used).await.resource(200);
    assert_eq!(
        (&used["environment"], &used["redirect_uris"]),
        (&json!("production"), &json!([BACK]))
    );
}

async fn what_is_wrong_with_an_application_is_named(test: Test) {
    let ada = test.as_user("ada");
    let body = json!({"name": "", "kind": "desktop", "environment": "test", "redirect_uris": [], "scopes": "x"});
    let mut mistakes = ada.post("/oauth_applications", body).await.mistakes();
    mistakes.sort();
    let expected = [
        "environment unknown_value",
        "kind unknown_value",
        "name required",
        "redirect_uris too_few",
        "scopes wrong_type",
    ];
    assert_eq!(mistakes, expected);
    // nobody can be allowed to set passwords
    let body = with(
        web(),
        json!({"scopes": ["users:read", "nothing:read", "passwords:write"]}),
    );
    let mistakes = ada.post("/oauth_applications", body).await.mistakes();
    assert_eq!(
        mistakes,
        ["scopes[1] unknown_value", "scopes[2] unknown_value"]
    );
}

async fn applications_are_listed_edited_and_removed(test: Test) {
    let ada = test.as_user("ada");
    let mut made = Vec::new();
    for name in ["a", "b", "c"] {
        let body = with(web(), json!({"name": name}));
        made.push(uri(&ada
            .post("/oauth_applications", body)
            .await
            .resource(201)));
    }
    let names = async |path: &str| {
        let rows = ada.get(path).await.collection();
        rows.iter()
            .map(|row| text(&row["name"]))
            .collect::<Vec<_>>()
    };
    assert_eq!(names("/oauth_applications").await, ["a", "b", "c"]);
    assert_eq!(
        names("/oauth_applications?sort=created_at:desc&count=2").await,
        ["c", "b"]
    );
    let page = ada.get("/oauth_applications?count=2").await.expect(200);
    let next = text(&page["pagination"]["next_page"]);
    assert_eq!(names(&next).await, ["c"]);
    let edit = json!({"name": "A", "scopes": ["availability:read"]});
    let changed = ada.patch(&made[0], edit).await.resource(200);
    assert_eq!(
        (&changed["name"], &changed["scopes"]),
        (&json!("A"), &json!(["availability:read"]))
    );
    assert_eq!(ada.get(&made[0]).await.resource(200), changed);
    ada.delete(&made[1]).await.expect(204);
    ada.get(&made[1]).await.refused(404, "not_found");
    ada.delete(&made[1]).await.refused(404, "not_found");
    ada.patch(&made[1], json!({"name": "B"}))
        .await
        .refused(404, "not_found");
    assert_eq!(names("/oauth_applications").await, ["A", "c"]);
}

async fn ones_own_applications_and_no_others(test: Test) {
    let (ada, ben) = (test.as_user("ada"), test.as_user("ben"));
    let application = uri(&ada.post("/oauth_applications", web()).await.resource(201));
    let secret = format!("{application}/client_secret");
    let of_ada = format!("/oauth_applications?user={}", ada.uri);
    ben.get(&application)
        .await
        .refused(403, "permission_denied");
    ben.patch(&application, json!({"name": "x"}))
        .await
        .refused(403, "permission_denied");
    ben.post(&secret, json!({}))
        .await
        .refused(403, "permission_denied");
    ben.delete(&application)
        .await
        .refused(403, "permission_denied");
    ben.get(&of_ada).await.refused(403, "permission_denied");
    let foreigner = test.as_foreigner();
    foreigner.get(&application).await.refused(404, "not_found");
    foreigner
        .delete(&application)
        .await
        .refused(404, "not_found");
    let admin = test.as_admin();
    assert_eq!(admin.get(&of_ada).await.collection().len(), 1);
    assert_eq!(admin.get("/oauth_applications").await.collection().len(), 0);
    admin.delete(&application).await.expect(204);
}

async fn register(caller: &Caller, body: &Value) -> Answer {
    let body = body.to_string().into_bytes();
    caller
        .send(Method::POST, "/oauth/register", JSON, body)
        .await
}

async fn an_application_registers_itself_and_users_may_allow_it(test: Test) {
    let nobody = test.without_token();
    let back = "http://localhost:1234/callback";
    let metadata = json!({
        "client_name": "An assistant", "redirect_uris": [back], "token_endpoint_auth_method": "none",
        "grant_types": ["authorization_code", "refresh_token"], "response_types": ["code"],
        "scope": "users:read event_types:read", "client_uri": "https://example.com", "contacts": ["x"],
    });
    let new = register(&nobody, &metadata).await.expect(201);
    let expected = json!({
        "client_id": new["client_id"], "client_id_issued_at": new["client_id_issued_at"],
        "client_name": "An assistant", "redirect_uris": [back], "token_endpoint_auth_method": "none",
        "application_type": "native", "grant_types": ["authorization_code", "refresh_token"],
        "response_types": ["code"], "scope": "users:read event_types:read",
    });
    assert_eq!(new, expected);
    let mut client = Client::web(&test).await;
    client.id = text(&new["client_id"]);
    client.secret = None;
    client.redirect_uri = back.to_owned();
    client.uses_challenge = true;
    let mut browser = signed_in(&test, "ada").await;
    let page = browser.get(client.asking(&[])).await.expect(200);
    assert!(
        page.html.contains("This application registered itself"),
        "{}",
        page.html
    );
    assert!(
        page.header("content-security-policy")
            .contains("form-action 'self' http:;")
    );
    let tokens = client.tokens(&mut browser).await;
    assert_eq!(tokens.body["scope"], "users:read event_types:read");
    test.with_token(&tokens.access)
        .get("/users/me")
        .await
        .resource(200);
    let tokens = Tokens::of(&client.refresh(&tokens.refresh).await);
    test.with_token(&tokens.access)
        .get(format!("/event_types?user={}", test.as_user("ada").uri))
        .await
        .collection();
    // nobody's applications are nobody's to edit
    assert_eq!(
        test.as_owner()
            .get("/oauth_applications")
            .await
            .collection()
            .len(),
        1
    );
}

async fn what_registers_itself_with_a_secret_must_know_it(test: Test) {
    let nobody = test.without_token();
    let new = register(&nobody, &json!({"redirect_uris": [BACK]}))
        .await
        .expect(201);
    assert_eq!(new["token_endpoint_auth_method"], "client_secret_basic");
    assert_eq!(new["application_type"], "web");
    assert_eq!(new["client_secret_expires_at"], 0);
    assert!(text(&new["scope"]).contains("scheduled_events:write"));
    assert!(!text(&new["scope"]).contains("passwords:write"));
    let mut client = Client::web(&test).await;
    client.id = text(&new["client_id"]);
    client.secret = None;
    let mut browser = signed_in(&test, "ada").await;
    let code = client.code(&mut browser, &[("scope", "users:read")]).await;
    assert_eq!(error(&client.redeem(&code).await, 401), "invalid_client");
    client.secret = new["client_secret"].as_str().map(str::to_owned);
    Tokens::of(&client.redeem(&code).await);
    assert!(VERIFIER.len() == 43);
}

async fn what_cannot_be_registered_is_refused(test: Test) {
    let nobody = test.without_token();
    let back = json!({"redirect_uris": [BACK]});
    for (more, expected) in [
        (
            json!({"redirect_uris": ["http://app.example.com/"]}),
            "invalid_redirect_uri",
        ),
        (
            json!({"redirect_uris": ["javascript:alert(1)"]}),
            "invalid_redirect_uri",
        ),
        (
            json!({"redirect_uris": ["x:/a"], "application_type": "web"}),
            "invalid_redirect_uri",
        ),
        (json!({"redirect_uris": []}), "invalid_request"),
        (json!({"redirect_uris": 1}), "invalid_request"),
        (json!({"client_name": {}}), "invalid_request"),
        (
            json!({"token_endpoint_auth_method": "private_key_jwt"}),
            "invalid_client_metadata",
        ),
        (
            json!({"grant_types": ["client_credentials"]}),
            "invalid_client_metadata",
        ),
        (
            json!({"response_types": ["token"]}),
            "invalid_client_metadata",
        ),
        (
            json!({"application_type": "desktop"}),
            "invalid_client_metadata",
        ),
        (
            json!({"scope": "users:read nothing"}),
            "invalid_client_metadata",
        ),
        (
            json!({"scope": "passwords:write"}),
            "invalid_client_metadata",
        ),
    ] {
        let answer = register(&nobody, &with(back.clone(), more.clone())).await;
        assert_eq!(error(&answer, 400), expected, "{more}");
    }
    for body in ["", "{", "[]", "null"] {
        let answer = nobody
            .send(Method::POST, "/oauth/register", JSON, body.into())
            .await;
        assert_eq!(error(&answer, 400), "invalid_request", "{body}");
    }
}

async fn registration_can_be_closed_and_is_limited(test: Test) {
    let metadata = json!({"redirect_uris": [BACK]});
    let closed = test
        .with(|settings| settings.oauth_registration = Some(false))
        .await;
    let refused = register(&closed.without_token(), &metadata).await;
    assert_eq!(error(&refused, 403), "access_denied");
    let test = test.at("2026-03-02T08:00:01Z").await;
    let nobody = test.without_token();
    for _ in 0..20 {
        register(&nobody, &metadata).await.expect(201);
    }
    let refused = register(&nobody, &metadata).await;
    assert_eq!(error(&refused, 429), "too_many_requests");
    assert!(refused.headers.contains_key("retry-after"));
}
