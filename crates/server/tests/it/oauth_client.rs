//! An application as its makers write it: registered, sends users to be asked, and exchanges what comes back for tokens.

use axum::http::Method;
use serde_json::{Value, json};

use crate::{
    browser::{Browser, Page},
    caller::{Answer, Caller, path, text, uri},
    harness::Test,
};

/// The example of RFC 7636.
pub const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
pub const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// What everybody in these tests signs in with.
pub const PASSWORD: &str = "correct horse battery";

/// Where the applications of these tests are.
pub const BACK: &str = "https://app.example.com/back";

const FORM: &[(&str, &str)] = &[("content-type", "application/x-www-form-urlencoded")];

/// An application.
#[derive(Clone)]
pub struct Client {
    pub caller: Caller,
    /// Its URI.
    pub uri: String,
    pub id: String,
    pub secret: Option<String>,
    pub signing_key: String,
    pub redirect_uri: String,
    pub uses_challenge: bool,
}

/// Tokens of an application.
#[derive(Clone, Debug)]
pub struct Tokens {
    pub access: String,
    pub refresh: String,
    pub body: Value,
}

impl Tokens {
    pub fn of(answer: &Answer) -> Tokens {
        let body = answer.expect(200);
        Tokens {
            access: text(&body["access_token"]),
            refresh: text(&body["refresh_token"]),
            body,
        }
    }
}

impl Client {
    /// An application of a user, for these scopes.
    pub async fn registered(
        owner: &Caller,
        kind: &str,
        redirect_uri: &str,
        scopes: &[&str],
    ) -> Client {
        let new = json!({"name": "Calendar sync", "kind": kind, "redirect_uris": [redirect_uri], "scopes": scopes});
        let new = owner.post("/oauth_applications", new).await.resource(201);
        Client {
            caller: Caller {
                token: None,
                ..owner.clone()
            },
            uri: uri(&new),
            id: text(&new["client_id"]),
            secret: new["client_secret"].as_str().map(str::to_owned),
            signing_key: text(&new["webhook_signing_key"]),
            redirect_uri: redirect_uri.to_owned(),
            uses_challenge: kind == "native",
        }
    }

    /// A web application of `olga` that may read users and write schedules.
    pub async fn web(test: &Test) -> Client {
        let scopes = [
            "users:read",
            "availability:write",
            "webhooks:write",
            "event_types:read",
        ];
        Client::registered(&test.as_owner(), "web", BACK, &scopes).await
    }

    /// The address to which it sends users, with some more or other parameters.
    pub fn asking(&self, more: &[(&str, &str)]) -> String {
        let mut query = vec![
            ("client_id", self.id.as_str()),
            ("response_type", "code"),
            ("redirect_uri", self.redirect_uri.as_str()),
            ("state", "a state & more"),
        ];
        if self.uses_challenge {
            query.extend([
                ("code_challenge", CHALLENGE),
                ("code_challenge_method", "S256"),
            ]);
        }
        query.retain(|(name, _)| more.iter().all(|(other, _)| name != other));
        query.extend(more.iter().filter(|(_, value)| !value.is_empty()));
        path("/oauth/authorize", &query)
    }

    /// The code that it gets once a user has allowed it.
    pub async fn code(&self, browser: &mut Browser, more: &[(&str, &str)]) -> String {
        let page = browser.get(self.asking(more)).await.expect(200);
        let allowed = browser
            .submit(&page, "Allow", &[("decision", "allow")])
            .await;
        allowed.led("code").unwrap_or_else(|| panic!("{allowed:?}"))
    }

    /// Any request of a form.
    pub async fn form(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let mut form = form_urlencoded::Serializer::new(String::new());
        let form = form.extend_pairs(fields).finish();
        self.caller
            .send(Method::POST, path, FORM, form.into())
            .await
    }

    /// The same with how it proves who it is.
    pub async fn proven(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let mut fields = fields.to_vec();
        fields.push(("client_id", &self.id));
        if let Some(secret) = &self.secret {
            fields.push(("client_secret", secret));
        }
        self.form(path, &fields).await
    }

    pub async fn redeem(&self, code: &str) -> Answer {
        let mut fields = vec![
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", &self.redirect_uri),
        ];
        if self.uses_challenge {
            fields.push(("code_verifier", VERIFIER));
        }
        self.proven("/oauth/token", &fields).await
    }

    pub async fn refresh(&self, token: &str) -> Answer {
        let fields = [("grant_type", "refresh_token"), ("refresh_token", token)];
        self.proven("/oauth/token", &fields).await
    }

    /// Tokens for whoever is signed in to the browser.
    pub async fn tokens(&self, browser: &mut Browser) -> Tokens {
        let code = self.code(browser, &[]).await;
        Tokens::of(&self.redeem(&code).await)
    }
}

/// The error of a refused OAuth request.
#[track_caller]
pub fn error(answer: &Answer, status: u16) -> String {
    let body = answer.expect(status);
    assert!(!text(&body["error_description"]).is_empty());
    assert_eq!(answer.header("cache-control"), "no-store");
    text(&body["error"])
}

/// A browser in which a user of the tests is signed in.
pub async fn signed_in(test: &Test, name: &str) -> Browser {
    with_password(test, name).await;
    let mut browser = Browser::new(test.as_owner().router);
    let page = browser
        .sign_in("/sign_in", &format!("{name}@example.com"), PASSWORD)
        .await;
    assert_eq!(page.location(), "/sign_in");
    browser
}

/// Gives a user of the tests a password.
pub async fn with_password(test: &Test, name: &str) {
    let user = test.as_user(name);
    let password = json!({"password": PASSWORD});
    let set = user.post(format!("{}/password", user.uri), password).await;
    set.expect(204);
}

/// What a page says when nobody may be sent anywhere.
#[track_caller]
pub fn refused_here(page: &Page) {
    assert_eq!(page.status, 400, "{page:?}");
    assert!(!page.headers.contains_key("location"));
    assert!(
        page.html
            .contains("This application cannot be allowed anything")
    );
}
