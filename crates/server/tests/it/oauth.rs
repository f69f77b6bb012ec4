//! OAuth as applications use it: users are asked on real pages, and tokens do what the API says. One file, so that what works
//! is read from the first step to the last.

use axum::http::Method;
use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::json;

use crate::{
    browser::Browser,
    caller::{JSON, id, text},
    harness::{BASE, Test},
    oauth_client::{BACK, Client, PASSWORD, Tokens, VERIFIER, error, signed_in, with_password},
};

on_both_engines! {
    a_user_signs_in_allows_and_the_application_acts_for_them,
    a_native_application_needs_no_secret_but_its_verifier,
    a_user_who_does_not_allow_it_goes_back_with_that,
    credentials_and_bodies_may_come_in_every_form,
    an_access_token_ends_after_two_hours_and_the_refresh_token_does_not,
    a_refresh_token_may_ask_for_less,
    a_token_does_no_more_than_its_scopes,
    tokens_are_what_their_application_is_told,
    what_is_given_back_does_not_work_any_more,
    webhooks_of_an_application_bear_its_signature,
    tokens_of_applications_are_no_personal_ones,
    the_server_says_what_it_can_do,
}

async fn a_user_signs_in_allows_and_the_application_acts_for_them(test: Test) {
    let client = Client::web(&test).await;
    with_password(&test, "ada").await;
    let mut browser = Browser::new(client.caller.router.clone());
    let asked = browser.get(client.asking(&[])).await;
    let sign_in = asked.location().to_owned();
    assert!(
        sign_in.starts_with("/sign_in?return_to=%2Foauth%2Fauthorize%3F"),
        "{sign_in}"
    );
    let signed_in = browser.sign_in(&sign_in, "Ada@Example.com", PASSWORD).await;
    let consent = browser
        .get(signed_in.location().to_owned())
        .await
        .expect(200);
    for words in [
        "Allow <bdi>Calendar sync</bdi> to act for you?",
        "See the people of your organization",
        "Change your working hours and block time",
        "You go on to app.example.com.",
        "Signed in as ada (ada@example.com)",
    ] {
        assert!(consent.html.contains(words), "{words} in {}", consent.html);
    }
    assert!(!consent.html.contains("nobody has checked"));
    let policy = consent.header("content-security-policy");
    let expected = "default-src 'none'; style-src 'self'; form-action 'self' https:; base-uri 'none'; frame-ancestors 'none'";
    assert_eq!(policy, expected);
    assert_eq!(consent.header("referrer-policy"), "no-referrer");
    assert_eq!(consent.header("cache-control"), "no-store");
    let allowed = browser
        .submit(&consent, "Allow", &[("decision", "allow")])
        .await;
    assert!(
        allowed.location().starts_with(&format!("{BACK}?code=")),
        "{allowed:?}"
    );
    assert_eq!(allowed.led("state").unwrap(), "a state & more");
    assert_eq!(allowed.led("iss").unwrap(), BASE);
    let code = allowed.led("code").unwrap();
    assert!(
        code.len() == 64 && code.bytes().all(|byte| byte.is_ascii_hexdigit()),
        "{code}"
    );

    let answer = client.redeem(&code).await;
    assert_eq!(answer.header("cache-control"), "no-store");
    let tokens = Tokens::of(&answer);
    let ada = test.as_user("ada");
    let expected = json!({
        "access_token": tokens.access, "token_type": "Bearer", "expires_in": 7200,
        "created_at": tokens.body["created_at"], "refresh_token": tokens.refresh,
        "scope": "users:read availability:write webhooks:write event_types:read",
        "owner": ada.uri, "organization": test.organization,
    });
    assert_eq!(tokens.body, expected);
    let created_at = tokens.body["created_at"].as_i64().unwrap();
    assert!(
        (0..60).contains(&(created_at - 1_772_438_400)),
        "{created_at}"
    );
    let acting = test.with_token(&tokens.access);
    let me = acting.get("/users/me").await.resource(200);
    assert_eq!(me["uri"], ada.uri.as_str());
    let schedule = json!({"name": "Mine", "timezone": "UTC", "rules": []});
    acting
        .post("/user_availability_schedules", schedule)
        .await
        .resource(201);
}

async fn a_native_application_needs_no_secret_but_its_verifier(test: Test) {
    let ada = test.as_user("ada");
    let back = "http://127.0.0.1/back";
    let client = Client::registered(&ada, "native", back, &["users:read"]).await;
    assert_eq!(client.secret, None);
    let mut browser = signed_in(&test, "ben").await;
    // it takes the port that is free
    let redirect_uri = "http://127.0.0.1:49152/back".to_owned();
    let client = Client {
        redirect_uri,
        ..client
    };
    let code = client.code(&mut browser, &[]).await;
    let tokens = Tokens::of(&client.redeem(&code).await);
    let me = test
        .with_token(&tokens.access)
        .get("/users/me")
        .await
        .resource(200);
    assert_eq!(me["uri"], test.as_user("ben").uri.as_str());
    // with a verifier it need not say where the code went
    let code = client.code(&mut browser, &[]).await;
    let fields = [
        ("grant_type", "authorization_code"),
        ("code", code.as_str()),
        ("code_verifier", VERIFIER),
    ];
    Tokens::of(&client.proven("/oauth/token", &fields).await);
}

async fn a_user_who_does_not_allow_it_goes_back_with_that(test: Test) {
    let client = Client::web(&test).await;
    let mut browser = signed_in(&test, "ada").await;
    let consent = browser.get(client.asking(&[])).await.expect(200);
    for decision in ["deny", "", "what"] {
        let denied = browser
            .submit(&consent, "Allow", &[("decision", decision)])
            .await;
        assert_eq!(denied.led("error").unwrap(), "access_denied");
        assert_eq!(denied.led("state").unwrap(), "a state & more");
        assert_eq!(denied.led("iss").unwrap(), BASE);
        assert_eq!(denied.led("code"), None);
    }
    // an address that has a query keeps it
    let back = "https://app.example.com/back?tenant=1";
    let other = Client::registered(&test.as_owner(), "web", back, &["users:read"]).await;
    let consent = browser.get(other.asking(&[])).await.expect(200);
    let denied = browser
        .submit(&consent, "Allow", &[("decision", "deny")])
        .await;
    assert!(
        denied
            .location()
            .starts_with(&format!("{back}&error=access_denied&"))
    );
}

async fn credentials_and_bodies_may_come_in_every_form(test: Test) {
    let client = Client::web(&test).await;
    let secret = client.secret.clone().unwrap();
    let mut browser = signed_in(&test, "ada").await;
    let basic = format!(
        "Basic {}",
        BASE64_STANDARD.encode(format!("{}:{secret}", client.id))
    );
    let send = async |headers: &[(&str, &str)], body: String| {
        let answer = client
            .caller
            .send(Method::POST, "/oauth/token", headers, body.into());
        Tokens::of(&answer.await)
    };
    let form = ("content-type", "application/x-www-form-urlencoded");
    let code = client.code(&mut browser, &[]).await;
    let body = format!("grant_type=authorization_code&code={code}&redirect_uri={BACK}");
    let tokens = send(&[form, ("authorization", &basic)], body).await;
    let body = json!({
        "grant_type": "refresh_token", "refresh_token": tokens.refresh, "client_id": client.id,
        "client_secret": secret, "resource": "what nobody knows",
    });
    let tokens = send(JSON, body.to_string()).await;
    // as those who name themselves twice do
    let body = format!(
        "grant_type=refresh_token&refresh_token={}&client_id={}",
        tokens.refresh, client.id
    );
    send(&[form, ("authorization", &basic)], body).await;
}

async fn an_access_token_ends_after_two_hours_and_the_refresh_token_does_not(test: Test) {
    let client = Client::web(&test).await;
    let mut browser = signed_in(&test, "ada").await;
    let tokens = client.tokens(&mut browser).await;
    let before = test.at("2026-03-02T09:59:00Z").await;
    before
        .with_token(&tokens.access)
        .get("/users/me")
        .await
        .resource(200);
    let after = test.at("2026-03-02T10:01:00Z").await;
    let refusal = after.with_token(&tokens.access).get("/users/me").await;
    assert_eq!(
        refusal.refused(401, "unauthenticated")["message"],
        "The access token expired"
    );
    let much_later = test.at("2027-03-02T08:00:00Z").await;
    let later = Client {
        caller: much_later.without_token(),
        ..client.clone()
    };
    let next = Tokens::of(&later.refresh(&tokens.refresh).await);
    assert_ne!(next.access, tokens.access);
    assert_ne!(next.refresh, tokens.refresh);
    assert_eq!(next.body["scope"], tokens.body["scope"]);
    much_later
        .with_token(&next.access)
        .get("/users/me")
        .await
        .resource(200);
}

async fn a_refresh_token_may_ask_for_less(test: Test) {
    let client = Client::web(&test).await;
    let mut browser = signed_in(&test, "ada").await;
    let tokens = client.tokens(&mut browser).await;
    let with_scope = async |token: &str, scope: &str| {
        let fields = [
            ("grant_type", "refresh_token"),
            ("refresh_token", token),
            ("scope", scope),
        ];
        client.proven("/oauth/token", &fields).await
    };
    let more = with_scope(&tokens.refresh, "users:read contacts:read").await;
    assert_eq!(error(&more, 400), "invalid_scope");
    // a write scope includes the read scope; what was refused did not use the token up
    let less = Tokens::of(&with_scope(&tokens.refresh, "availability:read").await);
    assert_eq!(less.body["scope"], "availability:read");
    let acting = test.with_token(&less.access);
    acting
        .get("/users/me")
        .await
        .refused(403, "insufficient_scope");
    let all = Tokens::of(&client.refresh(&less.refresh).await);
    assert_eq!(all.body["scope"], tokens.body["scope"]);
    // what the application may not have any more is not in its next tokens
    let scopes = json!({"scopes": ["users:read"]});
    test.as_owner()
        .patch(&client.uri, scopes)
        .await
        .resource(200);
    let rest = Tokens::of(&client.refresh(&all.refresh).await);
    assert_eq!(rest.body["scope"], "users:read");
}

async fn a_token_does_no_more_than_its_scopes(test: Test) {
    let client = Client::web(&test).await;
    let mut browser = signed_in(&test, "ada").await;
    let code = client.code(&mut browser, &[("scope", "users:read")]).await;
    let tokens = Tokens::of(&client.redeem(&code).await);
    assert_eq!(tokens.body["scope"], "users:read");
    let acting = test.with_token(&tokens.access);
    acting.get("/users/me").await.resource(200);
    let refused = acting
        .get("/event_types")
        .await
        .refused(403, "insufficient_scope");
    assert_eq!(refused["required_scopes"], json!(["event_types:read"]));
    // as clients of old ask
    let code = client.code(&mut browser, &[("scope", "default")]).await;
    let tokens = Tokens::of(&client.redeem(&code).await);
    let all = "users:read availability:write webhooks:write event_types:read";
    assert_eq!(tokens.body["scope"], all);
}

async fn tokens_are_what_their_application_is_told(test: Test) {
    let client = Client::web(&test).await;
    let other = Client::web(&test).await;
    let mut browser = signed_in(&test, "ada").await;
    let tokens = client.tokens(&mut browser).await;
    let ask = async |client: &Client, token: &str| {
        let answer = client
            .proven("/oauth/introspect", &[("token", token)])
            .await;
        answer.expect(200)
    };
    let created_at = tokens.body["created_at"].as_i64().unwrap();
    let expected = json!({
        "active": true, "scope": tokens.body["scope"], "client_id": client.id, "token_type": "Bearer",
        "exp": created_at + 7200, "iat": created_at, "owner": tokens.body["owner"],
        "organization": tokens.body["organization"],
    });
    assert_eq!(ask(&client, &tokens.access).await, expected);
    let refresh = ask(&client, &tokens.refresh).await;
    assert_eq!(
        (&refresh["active"], refresh.get("exp")),
        (&json!(true), None)
    );
    let inactive = json!({"active": false});
    for token in [
        tokens.access.as_str(),
        tokens.refresh.as_str(),
        "nothing",
        "token-of-ada",
    ] {
        assert_eq!(ask(&other, token).await, inactive);
    }
    assert_eq!(ask(&client, "token-of-ada").await, inactive);
    let later = test.at("2026-03-02T10:01:00Z").await;
    let later = Client {
        caller: later.without_token(),
        ..client.clone()
    };
    assert_eq!(ask(&later, &tokens.access).await, inactive);
    Tokens::of(&client.refresh(&tokens.refresh).await);
    assert_eq!(ask(&client, &tokens.refresh).await, inactive);
    let nobody = client
        .form("/oauth/introspect", &[("token", &tokens.access)])
        .await;
    assert_eq!(error(&nobody, 401), "invalid_client");
    let missing = client.proven("/oauth/introspect", &[]).await;
    assert_eq!(error(&missing, 400), "invalid_request");
}

async fn what_is_given_back_does_not_work_any_more(test: Test) {
    let client = Client::web(&test).await;
    let other = Client::web(&test).await;
    let mut browser = signed_in(&test, "ada").await;
    let tokens = client.tokens(&mut browser).await;
    let works = async |token: &str| test.with_token(token).get("/users/me").await.status == 200;
    assert!(works(&tokens.access).await);
    let anothers = other
        .proven("/oauth/revoke", &[("token", &tokens.access)])
        .await;
    assert_eq!(error(&anothers, 403), "unauthorized_client");
    assert!(works(&tokens.access).await);
    let revoke = async |token: &str| {
        let revoked = client.proven("/oauth/revoke", &[("token", token)]).await;
        assert_eq!(revoked.expect(200), json!({}));
    };
    revoke(&tokens.access).await;
    assert!(!works(&tokens.access).await);
    // again, and what never was
    revoke(&tokens.access).await;
    revoke("nothing").await;
    // the refresh token still brings others, and takes them along when it goes
    let next = Tokens::of(&client.refresh(&tokens.refresh).await);
    assert!(works(&next.access).await);
    revoke(&next.refresh).await;
    assert!(!works(&next.access).await);
    assert_eq!(
        error(&client.refresh(&next.refresh).await, 400),
        "invalid_grant"
    );
    // others of the same user stay
    let others = other.tokens(&mut browser).await;
    assert!(works(&others.access).await);
    let missing = client.proven("/oauth/revoke", &[]).await;
    assert_eq!(error(&missing, 400), "invalid_request");
}

async fn webhooks_of_an_application_bear_its_signature(test: Test) {
    let client = Client::web(&test).await;
    let mut browser = signed_in(&test, "ada").await;
    let tokens = client.tokens(&mut browser).await;
    let acting = test.with_token(&tokens.access);
    let hook = |url: &str, key: Option<&str>| {
        json!({
            "url": url, "events": ["event_type.created"], "organization": test.organization,
            "scope": "user", "user": tokens.body["owner"], "signing_key": key,
        })
    };
    let keys = [
        (&acting, None, Some(client.signing_key.as_str())),
        (&acting, Some("its own"), Some("its own")),
        (&test.as_user("ada"), None, None),
    ];
    for (index, (caller, key, expected)) in keys.into_iter().enumerate() {
        let url = format!("https://example.com/hook/{index}");
        let made = caller
            .post("/webhook_subscriptions", hook(&url, key))
            .await
            .resource(201);
        let tx = test.app.store.read().await.unwrap();
        let organization = domain::id::OrganizationId(id(&test.organization).parse().unwrap());
        let subscription = id(&text(&made["uri"])).parse().unwrap();
        let subscription = domain::id::WebhookSubscriptionId(subscription);
        let row = store::webhook_subscriptions::get(&tx, organization, subscription).await;
        assert_eq!(row.unwrap().unwrap().signing_key.as_deref(), expected);
    }
}

async fn tokens_of_applications_are_no_personal_ones(test: Test) {
    let scopes = ["personal_access_tokens:read"];
    let client = Client::registered(&test.as_owner(), "web", BACK, &scopes).await;
    let mut browser = signed_in(&test, "ada").await;
    let tokens = client.tokens(&mut browser).await;
    let acting = test.with_token(&tokens.access);
    let listed = acting.get("/personal_access_tokens").await.collection();
    assert_eq!(listed.len(), 1, "{listed:?}");
    // what it made would outlive what the user allowed
    let forever = json!({"name": "x", "kind": "web", "redirect_uris": [BACK], "scopes": ["personal_access_tokens:write"]});
    let refused = test.as_owner().post("/oauth_applications", forever).await;
    assert_eq!(refused.mistakes(), ["scopes[0] unknown_value"]);
}

async fn the_server_says_what_it_can_do(test: Test) {
    let nobody = test.without_token();
    let server = nobody
        .get("/.well-known/oauth-authorization-server")
        .await
        .expect(200);
    assert_eq!(server["issuer"], BASE);
    assert_eq!(
        server["authorization_endpoint"],
        format!("{BASE}/oauth/authorize")
    );
    assert_eq!(server["token_endpoint"], format!("{BASE}/oauth/token"));
    assert_eq!(
        server["registration_endpoint"],
        format!("{BASE}/oauth/register")
    );
    assert_eq!(server["response_types_supported"], json!(["code"]));
    assert_eq!(server["code_challenge_methods_supported"], json!(["S256"]));
    let methods = json!(["none", "client_secret_basic", "client_secret_post"]);
    assert_eq!(server["token_endpoint_auth_methods_supported"], methods);
    let scopes = server["scopes_supported"].as_array().unwrap();
    assert!(scopes.contains(&json!("users:read")) && !scopes.contains(&json!("passwords:write")));
    let resource = nobody
        .get("/.well-known/oauth-protected-resource")
        .await
        .expect(200);
    assert_eq!(resource["resource"], BASE);
    assert_eq!(resource["authorization_servers"], json!([BASE]));
    // whoever has no token learns where to look
    let refusal = nobody.get("/users/me").await;
    refusal.refused(401, "unauthenticated");
    let metadata =
        format!("Bearer resource_metadata=\"{BASE}/.well-known/oauth-protected-resource\"");
    assert_eq!(refusal.header("www-authenticate"), metadata);
    let closed = test
        .with(|settings| settings.oauth_registration = Some(false))
        .await;
    let server = closed
        .without_token()
        .get("/.well-known/oauth-authorization-server")
        .await;
    assert!(server.expect(200).get("registration_endpoint").is_none());
}
