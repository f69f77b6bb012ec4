//! Signing in and out, and how often a password may be guessed.

use futures_util::future::join_all;
use serde_json::json;

use crate::{
    browser::{Browser, Page},
    caller::path,
    harness::Test,
    oauth_client::{PASSWORD, signed_in, with_password},
};

on_both_engines! {
    one_signs_in_and_out,
    a_cookie_of_before_is_worth_nothing,
    an_unknown_account_looks_like_a_wrong_password,
    a_password_is_guessed_ten_times_and_not_more,
    an_address_guesses_a_hundred_times_and_not_more,
    a_session_ends_when_it_is_not_used_and_after_a_while,
    over_tls_cookies_are_kept_to_it,
    the_style_is_there,
}

on_all_deployments!(of_many_guesses_at_once_ten_are_looked_at);

const ADA: &str = "ada@example.com";

fn browser(test: &Test) -> Browser {
    Browser::new(test.without_token().router)
}

async fn guess(browser: &mut Browser, email: &str, password: &str) -> Page {
    browser.sign_in("/sign_in", email, password).await
}

fn is_signed_in(page: &Page) -> bool {
    page.html.contains("You are signed in")
}

async fn one_signs_in_and_out(test: Test) {
    with_password(&test, "ada").await;
    let mut browser = browser(&test);
    let page = browser.get("/sign_in").await.expect(200);
    for words in [
        "<label for=\"email\">",
        "<label for=\"password\">",
        "<title>Sign in</title>",
    ] {
        assert!(page.html.contains(words), "{}", page.html);
    }
    let policy = page.header("content-security-policy");
    assert!(policy.contains("form-action 'self';") && policy.contains("frame-ancestors 'none'"));
    let page = guess(&mut browser, " ADA@example.com ", PASSWORD).await;
    assert_eq!(page.location(), "/sign_in");
    let page = browser.get("/sign_in").await.expect(200);
    assert!(is_signed_in(&page) && page.html.contains(ADA));
    let forward = path("/sign_in", &[("return_to", "/docs?a=b")]);
    assert_eq!(browser.get(forward).await.location(), "/docs?a=b");
    let before = browser.clone();
    let out = browser.submit(&page, "Sign out", &[]).await;
    assert_eq!(out.location(), "/sign_in");
    assert!(!is_signed_in(&browser.get("/sign_in").await));
    // the cookie is worth nothing either
    let mut before = before;
    assert!(!is_signed_in(&before.get("/sign_in").await));
}

async fn a_cookie_of_before_is_worth_nothing(test: Test) {
    with_password(&test, "ada").await;
    let mut browser = browser(&test);
    // somebody has planted a cookie
    browser
        .cookies
        .insert("fasti_session".to_owned(), "planted".to_owned());
    guess(&mut browser, ADA, PASSWORD).await.expect(303);
    let own = browser.cookies["fasti_session"].clone();
    assert_ne!(own, "planted");
    let mut other = Browser::new(browser.router.clone());
    other
        .cookies
        .insert("fasti_session".to_owned(), "planted".to_owned());
    assert!(!is_signed_in(&other.get("/sign_in").await));
    // signing in again begins another session and ends the one before
    let mut again = Browser::new(browser.router.clone());
    let form = again.get("/sign_in").await.expect(200);
    again
        .cookies
        .insert("fasti_session".to_owned(), own.clone());
    let fields = [("email", ADA), ("password", PASSWORD)];
    // the form was for nobody; now it must be one of the session
    again.submit(&form, "Sign in", &fields).await.expect(403);
    let page = again.get("/sign_in").await.expect(200);
    let (_, hidden) = page.form("Sign out");
    let token = hidden["token"].clone();
    let fields = [
        ("email", ADA),
        ("password", PASSWORD),
        ("token", token.as_str()),
    ];
    again.post("/sign_in", &fields).await.expect(303);
    assert_ne!(again.cookies["fasti_session"], own);
    assert!(!is_signed_in(&browser.get("/sign_in").await));
}

async fn an_unknown_account_looks_like_a_wrong_password(test: Test) {
    with_password(&test, "ada").await;
    let mut browser = browser(&test);
    let long = "x".repeat(1001);
    let nul = "ada@example.com\0";
    for (email, password) in [
        (ADA, "wrong"),
        (ADA, ""),
        (ADA, long.as_str()),
        // nobody, somebody without a password, a room's empty address
        ("nobody@example.com", PASSWORD),
        ("ben@example.com", PASSWORD),
        ("", PASSWORD),
        (nul, PASSWORD),
        ("%", PASSWORD),
    ] {
        let page = guess(&mut browser, email, password).await.expect(400);
        assert!(
            page.html
                .contains("The mail address or the password is wrong."),
            "{}",
            page.html
        );
        assert!(page.html.contains("<a href=\"#email\">") && page.html.contains("role=\"alert\""));
        assert!(page.html.contains("<title>Error: Sign in</title>"));
        assert!(!page.html.contains(PASSWORD));
    }
}

async fn a_password_is_guessed_ten_times_and_not_more(test: Test) {
    let test = test.at("2026-03-02T08:00:01Z").await;
    with_password(&test, "ada").await;
    with_password(&test, "ben").await;
    let mut browser = browser(&test);
    for _ in 0..9 {
        guess(&mut browser, ADA, "wrong").await.expect(400);
    }
    // whoever knows it does not count as somebody who guesses
    guess(&mut browser, ADA, PASSWORD).await.expect(303);
    browser.cookies.clear();
    for _ in 0..10 {
        guess(&mut browser, ADA, "wrong").await.expect(400);
    }
    for password in ["wrong", PASSWORD] {
        let page = guess(&mut browser, "Ada@example.com", password)
            .await
            .expect(429);
        assert!(
            page.html.contains("Please try again in 10 minutes."),
            "{}",
            page.html
        );
        let seconds: i64 = page.header("retry-after").parse().unwrap();
        assert!((500..=600).contains(&seconds), "{seconds}");
    }
    // nor by the way around
    let ada = test.as_user("ada");
    let new = json!({"password": "another horse battery", "old_password": PASSWORD});
    let refused = ada.post(format!("{}/password", ada.uri), new).await;
    refused.refused(429, "rate_limited");
    guess(&mut browser, "ben@example.com", PASSWORD)
        .await
        .expect(303);
    let later = test.at("2026-03-02T08:10:01Z").await;
    let mut later = Browser::new(later.without_token().router);
    guess(&mut later, ADA, PASSWORD).await.expect(303);
}

async fn of_many_guesses_at_once_ten_are_looked_at(test: Test) {
    let test = test.at("2026-03-02T08:00:01Z").await;
    with_password(&test, "ada").await;
    let mut browser = browser(&test);
    let page = browser.get("/sign_in").await.expect(200);
    let guesses = (0..16).map(|_| {
        let (mut browser, page) = (browser.clone(), &page);
        async move {
            let filled = [("email", ADA), ("password", "wrong")];
            browser.submit(page, "Sign in", &filled).await.status
        }
    });
    let mut statuses = join_all(guesses).await;
    statuses.sort_unstable();
    assert_eq!(statuses, [[400; 10].as_slice(), &[429; 6]].concat());
}

async fn an_address_guesses_a_hundred_times_and_not_more(test: Test) {
    let test = test
        .again_at("2026-03-02T08:00:01Z", |settings| {
            settings.client_address_header = Some("X-Forwarded-For".to_owned());
        })
        .await;
    with_password(&test, "ada").await;
    let mut browser = browser(&test);
    let page = browser.get("/sign_in").await.expect(200);
    let guess = async |email: String, from: &str| {
        let mut browser = browser.clone();
        browser.headers = vec![("x-forwarded-for", from.to_owned())];
        let filled = [("email", email.as_str()), ("password", "wrong")];
        browser.submit(&page, "Sign in", &filled).await.status
    };
    for number in 0..100 {
        // what stands before the last comma is what anybody may write
        let from = format!("10.0.0.{number}, 203.0.113.7");
        assert_eq!(guess(format!("{number}@example.com"), &from).await, 400);
    }
    assert_eq!(
        guess("100@example.com".to_owned(), "203.0.113.7").await,
        429
    );
    assert_eq!(
        guess("100@example.com".to_owned(), "203.0.113.8").await,
        400
    );
}

async fn a_session_ends_when_it_is_not_used_and_after_a_while(test: Test) {
    let browser = signed_in(&test, "ada").await;
    let at = async |now: &str| {
        let mut browser = browser.clone();
        browser.router = test.at(now).await.without_token().router;
        is_signed_in(&browser.get("/sign_in").await)
    };
    assert!(at("2026-03-16T07:00:00Z").await);
    assert!(at("2026-03-29T07:00:00Z").await);
    assert!(!at("2026-04-12T08:00:00Z").await);
    // however much it is used
    for day in [
        "2026-04-11",
        "2026-04-24",
        "2026-05-07",
        "2026-05-20",
        "2026-05-30",
    ] {
        assert!(at(&format!("{day}T07:00:00Z")).await, "{day}");
    }
    assert!(!at("2026-06-01T07:00:00Z").await);
}

async fn over_tls_cookies_are_kept_to_it(test: Test) {
    with_password(&test, "ada").await;
    let test = test
        .with(|settings| settings.public_url = Some("https://meet.example.com".to_owned()))
        .await;
    let mut browser = browser(&test);
    let page = browser.get("/sign_in").await.expect(200);
    let set = page.header("set-cookie");
    assert!(
        set.starts_with("__Host-fasti_form=") && set.contains("; Secure"),
        "{set}"
    );
    let filled = [("email", ADA), ("password", PASSWORD)];
    let page = browser.submit(&page, "Sign in", &filled).await.expect(303);
    let set = page.header("set-cookie");
    assert!(
        set.starts_with("__Host-fasti_session=") && set.contains("; Secure"),
        "{set}"
    );
    assert!(is_signed_in(&browser.get("/sign_in").await));
}

async fn the_style_is_there(test: Test) {
    let mut browser = browser(&test);
    let style = browser.get("/assets/pages.css").await.expect(200);
    assert_eq!(style.header("content-type"), "text/css; charset=utf-8");
    assert!(style.html.contains("prefers-color-scheme: dark"));
}
