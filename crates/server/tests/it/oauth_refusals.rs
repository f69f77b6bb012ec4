//! What OAuth refuses: whatever is another's, does not go together, is malformed, or leads elsewhere. One file, so that all
//! that must not be is read in one go.

use axum::http::Method;
use serde_json::json;

use crate::{
    browser::Browser,
    caller::{Caller, JSON},
    harness::Test,
    oauth_client::{
        BACK, CHALLENGE, Client, PASSWORD, Tokens, error, refused_here, signed_in, with_password,
    },
};

on_both_engines! {
    a_code_is_for_who_asked_for_it,
    nobody_is_sent_to_where_the_application_is_not,
    what_is_asked_wrongly_is_told_to_the_application,
    what_is_malformed_at_the_token_endpoint_is_refused,
    who_does_not_prove_who_they_are_gets_nothing,
    no_more_than_eight_tokens_a_minute,
    another_site_cannot_allow_anything,
    names_are_shown_as_they_are,
}

async fn a_code_is_for_who_asked_for_it(test: Test) {
    let client = Client::web(&test).await;
    let mut challenged = client.clone();
    challenged.uses_challenge = true;
    let mut browser = signed_in(&test, "ada").await;
    let other = Client::web(&test).await;
    let code = client.code(&mut browser, &[]).await;
    // another application, another address, a verifier of nothing
    assert_eq!(error(&other.redeem(&code).await, 400), "invalid_grant");
    let elsewhere = Client {
        redirect_uri: format!("{BACK}/"),
        ..client.clone()
    };
    assert_eq!(error(&elsewhere.redeem(&code).await, 400), "invalid_grant");
    assert_eq!(error(&challenged.redeem(&code).await, 400), "invalid_grant");
    let without = [
        ("grant_type", "authorization_code"),
        ("code", code.as_str()),
    ];
    let without = client.proven("/oauth/token", &without).await;
    assert_eq!(error(&without, 400), "invalid_grant");
    // no verifier, another verifier
    let secured = challenged.code(&mut browser, &[]).await;
    assert_eq!(error(&client.redeem(&secured).await, 400), "invalid_grant");
    for verifier in [
        CHALLENGE,
        "",
        "another-verifier-of-forty-three-letters-or-so",
    ] {
        let fields = [
            ("grant_type", "authorization_code"),
            ("code", secured.as_str()),
            ("redirect_uri", BACK),
            ("code_verifier", verifier),
        ];
        let answer = client.proven("/oauth/token", &fields).await;
        assert_eq!(error(&answer, 400), "invalid_grant", "{verifier}");
    }
    // none of this has used them up
    Tokens::of(&client.redeem(&code).await);
    let tokens = Tokens::of(&challenged.redeem(&secured).await);
    assert_eq!(
        error(&other.refresh(&tokens.refresh).await, 400),
        "invalid_grant"
    );
    assert_eq!(
        error(&client.refresh(&tokens.access).await, 400),
        "invalid_grant"
    );
    Tokens::of(&client.refresh(&tokens.refresh).await);
}

async fn nobody_is_sent_to_where_the_application_is_not(test: Test) {
    let client = Client::web(&test).await;
    let mut browser = signed_in(&test, "ada").await;
    for elsewhere in [
        "",
        "https://evil.example/back",
        "https://app.example.com/back/",
        "https://app.example.com/back?x=1",
        "https://app.example.com:444/back",
        "https://app.example.com/back/../evil",
        "https://app.example.com@evil.example/back",
        "http://app.example.com/back",
        "//app.example.com/back",
        "/sign_in",
        "javascript:alert(1)",
    ] {
        let asking = client.asking(&[("redirect_uri", elsewhere)]);
        refused_here(&browser.get(&asking).await);
        refused_here(&browser.post(&asking, &[("decision", "allow")]).await);
    }
    let twice = format!(
        "{}&redirect_uri=https%3A%2F%2Fevil.example",
        client.asking(&[])
    );
    refused_here(&browser.get(twice).await);
    for id in ["", "nobody", "%00"] {
        let query = client.asking(&[("client_id", "")]);
        refused_here(&browser.get(format!("{query}&client_id={id}")).await);
    }
    let twice = format!("{}&client_id={}", client.asking(&[]), client.id);
    refused_here(&browser.get(twice).await);
    // nor from where one signs in
    for elsewhere in [
        "https://evil.example",
        "//evil.example",
        "/\\evil.example",
        "/\t/evil.example",
    ] {
        let address = crate::caller::path("/sign_in", &[("return_to", elsewhere)]);
        let page = browser.get(&address).await.expect(200);
        assert!(page.html.contains("You are signed in"));
        let mut other = Browser::new(browser.router.clone());
        let form = other.get("/sign_in").await.expect(200);
        let (_, hidden) = form.form("Sign in");
        let fields = [
            ("token", hidden["token"].as_str()),
            ("email", "ada@example.com"),
            ("password", PASSWORD),
            ("return_to", elsewhere),
        ];
        assert_eq!(other.post("/sign_in", &fields).await.location(), "/sign_in");
        let page = other.get("/sign_in").await.expect(200);
        let (_, hidden) = page.form("Sign out");
        let fields = [
            ("token", hidden["token"].as_str()),
            ("return_to", elsewhere),
        ];
        assert_eq!(
            other.post("/sign_out", &fields).await.location(),
            "/sign_in"
        );
    }
}

/// Who asks, with which parameters, and what they are told.
type Case<'a> = (&'a Client, &'a [(&'a str, &'a str)], &'a str);

async fn what_is_asked_wrongly_is_told_to_the_application(test: Test) {
    let client = Client::web(&test).await;
    let native = Client::registered(&test.as_owner(), "native", BACK, &["users:read"]).await;
    // whether or not anybody is signed in
    let mut browsers = [
        signed_in(&test, "ada").await,
        Browser::new(client.caller.router.clone()),
    ];
    let long = "x".repeat(5000);
    let cases: &[Case] = &[
        (&client, &[("response_type", "")], "invalid_request"),
        (
            &client,
            &[("response_type", "token")],
            "unsupported_response_type",
        ),
        (&client, &[("response_mode", "fragment")], "invalid_request"),
        (
            &client,
            &[("scope", "users:read nothing:read")],
            "invalid_scope",
        ),
        (&client, &[("scope", "contacts:read")], "invalid_scope"),
        (
            &client,
            &[("scope", "availability:write passwords:write")],
            "invalid_scope",
        ),
        (&client, &[("scope", " ")], "invalid_scope"),
        (
            &client,
            &[("scope", "users:read"), ("scope", "users:read")],
            "invalid_request",
        ),
        (&client, &[("code_challenge", CHALLENGE)], "invalid_request"),
        (
            &client,
            &[("code_challenge_method", "S256")],
            "invalid_request",
        ),
        (&native, &[("code_challenge", "")], "invalid_request"),
        (
            &native,
            &[("code_challenge", ""), ("code_challenge_method", "")],
            "invalid_request",
        ),
        (
            &native,
            &[("code_challenge_method", "plain")],
            "invalid_request",
        ),
        (&native, &[("code_challenge_method", "")], "invalid_request"),
        (
            &native,
            &[("code_challenge", "too short")],
            "invalid_request",
        ),
    ];
    for browser in &mut browsers {
        for (client, more, expected) in cases {
            let page = browser.get(client.asking(more)).await;
            assert!(
                page.location().starts_with(&format!("{BACK}?error=")),
                "{page:?}"
            );
            assert_eq!(page.led("error").unwrap(), *expected, "{more:?}");
            assert_eq!(page.led("state").unwrap(), "a state & more");
            assert!(page.led("iss").is_some() && page.led("error_description").is_some());
        }
        let page = browser.get(client.asking(&[("state", &long)])).await;
        assert_eq!(
            (page.led("error").unwrap().as_str(), page.led("state")),
            ("invalid_request", None)
        );
    }
}

async fn send(caller: &Caller, headers: &[(&str, &str)], body: &str) -> String {
    let answer = caller
        .send(Method::POST, "/oauth/token", headers, body.into())
        .await;
    error(&answer, 400)
}

async fn what_is_malformed_at_the_token_endpoint_is_refused(test: Test) {
    let client = Client::web(&test).await;
    let caller = &client.caller;
    let form = &[("content-type", "application/x-www-form-urlencoded")][..];
    for (headers, body) in [
        (form, ""),
        (form, "code=x"),
        (form, "grant_type=refresh_token&grant_type=refresh_token"),
        (form, "grant_type[a]=refresh_token"),
        (form, "\u{0}"),
        (JSON, "{"),
        (JSON, "[]"),
        (JSON, "{\"grant_type\": 1}"),
        (JSON, "{\"grant_type\": {}}"),
        (JSON, "{\"grant_type\": null}"),
        (JSON, "{\"grant_type\": \"a\\u0000b\"}"),
    ] {
        assert_eq!(
            send(caller, headers, body).await,
            "invalid_request",
            "{body}"
        );
    }
    let answer = caller
        .send(Method::POST, "/oauth/token", form, b"\xff\xfe".to_vec())
        .await;
    assert_eq!(error(&answer, 400), "invalid_request");
    let answer = caller
        .send(
            Method::POST,
            "/oauth/token",
            form,
            vec![b'a'; (1 << 20) + 1],
        )
        .await;
    assert_eq!(error(&answer, 413), "invalid_request");
    for grant_type in ["password", "client_credentials", "authorization_code "] {
        let answer = client
            .proven("/oauth/token", &[("grant_type", grant_type)])
            .await;
        assert_eq!(error(&answer, 400), "unsupported_grant_type");
    }
    for grant_type in ["authorization_code", "refresh_token"] {
        let answer = client
            .proven("/oauth/token", &[("grant_type", grant_type)])
            .await;
        assert_eq!(error(&answer, 400), "invalid_request");
    }
    for token in ["nothing", "token-of-ada", "%", "\u{e9}"] {
        assert_eq!(error(&client.refresh(token).await, 400), "invalid_grant");
        assert_eq!(error(&client.redeem(token).await, 400), "invalid_grant");
    }
    caller
        .get("/oauth/token")
        .await
        .refused(405, "method_not_allowed");
}

async fn who_does_not_prove_who_they_are_gets_nothing(test: Test) {
    let client = Client::web(&test).await;
    let native = Client::registered(&test.as_owner(), "native", BACK, &["users:read"]).await;
    let mut browser = signed_in(&test, "ada").await;
    let code = client.code(&mut browser, &[]).await;
    let with = |client: &Client, secret: Option<&str>| Client {
        secret: secret.map(str::to_owned),
        ..client.clone()
    };
    let native_code = native.code(&mut browser, &[]).await;
    for (client, code) in [
        (with(&client, None), &code),
        (with(&client, Some("wrong")), &code),
        (with(&client, Some("")), &code),
        (with(&native, Some("what it does not have")), &native_code),
        (
            Client {
                id: "nobody".to_owned(),
                ..client.clone()
            },
            &code,
        ),
    ] {
        let answer = client.redeem(code).await;
        assert_eq!(error(&answer, 401), "invalid_client");
        assert!(answer.header("www-authenticate").starts_with("Basic "));
        let answer = client.proven("/oauth/revoke", &[("token", "x")]).await;
        assert_eq!(error(&answer, 401), "invalid_client");
    }
    for header in ["Basic", "Basic !", "Basic YQ==", "Basic Og==", "Bearer x"] {
        let headers = [("authorization", header)];
        let body = b"grant_type=refresh_token&refresh_token=x".to_vec();
        let answer = client
            .caller
            .send(Method::POST, "/oauth/token", &headers, body)
            .await;
        assert_eq!(error(&answer, 401), "invalid_client", "{header}");
    }
    // the old secret is over at once
    let owner = test.as_owner();
    let renewed = owner
        .post(format!("{}/client_secret", client.uri), json!({}))
        .await
        .resource(201);
    assert_eq!(error(&client.redeem(&code).await, 401), "invalid_client");
    let renewed = with(&client, renewed["client_secret"].as_str());
    Tokens::of(&renewed.redeem(&code).await);
}

async fn no_more_than_eight_tokens_a_minute(test: Test) {
    // at the beginning of a minute, so that all fall into it
    let test = test.at("2026-03-02T08:00:01Z").await;
    let client = Client::web(&test).await;
    let mut browser = signed_in(&test, "ada").await;
    let mut tokens = client.tokens(&mut browser).await;
    for _ in 0..7 {
        tokens = Tokens::of(&client.refresh(&tokens.refresh).await);
    }
    let refused = client.refresh(&tokens.refresh).await;
    assert_eq!(error(&refused, 429), "too_many_requests");
    let seconds: u64 = refused.header("retry-after").parse().unwrap();
    assert!((1..60).contains(&seconds), "{seconds}");
    // other users have their own, and the token was not used up
    let mut bens = signed_in(&test, "ben").await;
    client.tokens(&mut bens).await;
    let later = test.at("2026-03-02T08:01:01Z").await;
    let later = Client {
        caller: later.without_token(),
        ..client.clone()
    };
    Tokens::of(&later.refresh(&tokens.refresh).await);
}

async fn another_site_cannot_allow_anything(test: Test) {
    let client = Client::web(&test).await;
    let mut browser = signed_in(&test, "ada").await;
    let asking = client.asking(&[]);
    let page = browser.get(&asking).await.expect(200);
    let (_, hidden) = page.form("Allow");
    let mut bens = signed_in(&test, "ben").await;
    let theirs = bens.get(&asking).await.expect(200);
    let (_, theirs) = theirs.form("Allow");
    for token in ["", "x", theirs["token"].as_str()] {
        let fields = [("decision", "allow"), ("token", token)];
        let refused = browser.post(&asking, &fields).await.expect(403);
        assert!(refused.html.contains("Please try again"));
        let fields = [("token", token)];
        browser.post("/sign_out", &fields).await.expect(403);
    }
    // who is not signed in is asked to
    let mut nobody = Browser::new(browser.router.clone());
    let fields = [("decision", "allow"), ("token", hidden["token"].as_str())];
    let asked = nobody.post(&asking, &fields).await;
    assert!(asked.location().starts_with("/sign_in?"));
    // nor does one sign in by a form of another site
    with_password_again(&test).await;
    let fields = [
        ("email", "ada@example.com"),
        ("password", PASSWORD),
        ("token", hidden["token"].as_str()),
    ];
    nobody.post("/sign_in", &fields).await.expect(403);
    assert!(nobody.cookies.keys().all(|name| !name.contains("session")));
}

/// Nothing changes for whoever has a password.
async fn with_password_again(test: &Test) {
    let ada = test.as_user("ada");
    let new = json!({"password": PASSWORD});
    ada.post(format!("{}/password", ada.uri), new)
        .await
        .expect(400);
    with_password(test, "amir").await;
}

async fn names_are_shown_as_they_are(test: Test) {
    let owner = test.as_owner();
    let name = "<script>alert(1)</script>\"'&";
    let new =
        json!({"name": name, "kind": "web", "redirect_uris": [BACK], "scopes": ["users:read"]});
    let new = owner.post("/oauth_applications", new).await.resource(201);
    let mut client = Client::web(&test).await;
    client.id = crate::caller::text(&new["client_id"]);
    let mut browser = signed_in(&test, "ada").await;
    let state = "\"><script>alert(2)</script>";
    let page = browser
        .get(client.asking(&[("state", state)]))
        .await
        .expect(200);
    assert!(
        page.html
            .contains("&#60;script&#62;alert(1)&#60;/script&#62;"),
        "{}",
        page.html
    );
    assert!(!page.html.contains("<script"), "{}", page.html);
    let raw = format!(
        "{}&x=\"><script>alert(3)</script>",
        client.asking(&[]).replace(' ', "+")
    );
    let raw = raw
        .replace('<', "%3C")
        .replace('>', "%3E")
        .replace('"', "%22");
    let page = browser.get(raw).await.expect(200);
    assert!(!page.html.contains("<script"), "{}", page.html);
    let form = browser
        .sign_in_page_with("\"><script>alert(4)</script>@x")
        .await;
    assert!(!form.html.contains("<script"), "{}", form.html);
}

impl Browser {
    /// What is shown again to who types this as a mail address.
    async fn sign_in_page_with(&self, email: &str) -> crate::browser::Page {
        let mut other = Browser::new(self.router.clone());
        other.sign_in("/sign_in", email, "wrong").await.expect(400)
    }
}
