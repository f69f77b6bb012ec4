//! How what applications were allowed ends: what comes twice was stolen, and what is removed takes all along.

use futures_util::future::join_all;
use serde_json::json;

use crate::{
    harness::Test,
    oauth_client::{Client, PASSWORD, Tokens, error, refused_here, signed_in},
};

on_both_engines! {
    a_code_that_comes_again_ends_what_it_brought,
    a_refresh_token_that_comes_again_ends_its_family,
    a_code_ends_after_ten_minutes,
    a_removed_application_and_a_removed_user_are_over,
    a_new_password_ends_what_was_allowed,
}

on_all_deployments! {
    of_two_who_redeem_a_code_at_once_nobody_keeps_tokens,
    of_two_who_refresh_at_once_nobody_keeps_tokens,
}

async fn works(test: &Test, token: &str) -> bool {
    test.with_token(token).get("/users/me").await.status == 200
}

async fn a_code_that_comes_again_ends_what_it_brought(test: Test) {
    let client = Client::web(&test).await;
    let mut browser = signed_in(&test, "ada").await;
    let code = client.code(&mut browser, &[]).await;
    let tokens = Tokens::of(&client.redeem(&code).await);
    assert!(works(&test, &tokens.access).await);
    let again = client.redeem(&code).await;
    assert_eq!(error(&again, 400), "invalid_grant");
    let words = "The provided authorization grant is invalid, expired, revoked, does not match the redirection URI used in the authorization request, or was issued to another client.";
    assert_eq!(again.expect(400)["error_description"], words);
    assert!(!works(&test, &tokens.access).await);
    assert_eq!(
        error(&client.refresh(&tokens.refresh).await, 400),
        "invalid_grant"
    );
}

async fn a_refresh_token_that_comes_again_ends_its_family(test: Test) {
    let client = Client::web(&test).await;
    let mut browser = signed_in(&test, "ada").await;
    let other = client.tokens(&mut browser).await;
    let first = client.tokens(&mut browser).await;
    let second = Tokens::of(&client.refresh(&first.refresh).await);
    let third = Tokens::of(&client.refresh(&second.refresh).await);
    // the former ones work until they end, for requests that were under way
    for token in [&first.access, &second.access, &third.access] {
        assert!(works(&test, token).await);
    }
    assert_eq!(
        error(&client.refresh(&first.refresh).await, 400),
        "invalid_grant"
    );
    for tokens in [&first, &second, &third] {
        assert!(!works(&test, &tokens.access).await);
        assert_eq!(
            error(&client.refresh(&tokens.refresh).await, 400),
            "invalid_grant"
        );
    }
    // what the same user allowed another time is another family
    assert!(works(&test, &other.access).await);
    Tokens::of(&client.refresh(&other.refresh).await);
}

async fn of_two_who_redeem_a_code_at_once_nobody_keeps_tokens(test: Test) {
    let client = Client::web(&test).await;
    let mut browser = signed_in(&test, "ada").await;
    let code = client.code(&mut browser, &[]).await;
    let answers = join_all((0..4).map(|_| client.redeem(&code))).await;
    let issued: Vec<_> = answers
        .iter()
        .filter(|answer| answer.status == 200)
        .collect();
    assert_eq!(issued.len(), 1);
    let tokens = Tokens::of(issued[0]);
    assert_eq!(
        error(&client.refresh(&tokens.refresh).await, 400),
        "invalid_grant"
    );
}

async fn of_two_who_refresh_at_once_nobody_keeps_tokens(test: Test) {
    let client = Client::web(&test).await;
    let mut browser = signed_in(&test, "ada").await;
    let tokens = client.tokens(&mut browser).await;
    let answers = join_all((0..4).map(|_| client.refresh(&tokens.refresh))).await;
    let issued: Vec<_> = answers
        .iter()
        .filter(|answer| answer.status == 200)
        .collect();
    assert_eq!(issued.len(), 1);
    let next = Tokens::of(issued[0]);
    assert_eq!(
        error(&client.refresh(&next.refresh).await, 400),
        "invalid_grant"
    );
}

async fn a_code_ends_after_ten_minutes(test: Test) {
    let client = Client::web(&test).await;
    let mut browser = signed_in(&test, "ada").await;
    let (late, early) = (
        client.code(&mut browser, &[]).await,
        client.code(&mut browser, &[]).await,
    );
    let at = async |now: &str| Client {
        caller: test.at(now).await.without_token(),
        ..client.clone()
    };
    assert_eq!(
        error(&at("2026-03-02T08:11:00Z").await.redeem(&late).await, 400),
        "invalid_grant"
    );
    Tokens::of(&at("2026-03-02T08:09:00Z").await.redeem(&early).await);
}

async fn a_removed_application_and_a_removed_user_are_over(test: Test) {
    let client = Client::web(&test).await;
    let stays = Client::web(&test).await;
    let (mut adas, mut zoes) = (signed_in(&test, "ada").await, signed_in(&test, "zoe").await);
    let tokens = client.tokens(&mut adas).await;
    // of another organization
    let foreign = client.tokens(&mut zoes).await;
    let code = client.code(&mut adas, &[]).await;
    let staying = stays.tokens(&mut adas).await;
    for token in [&tokens.access, &foreign.access, &staying.access] {
        assert!(works(&test, token).await);
    }
    test.as_owner().delete(&client.uri).await.expect(204);
    assert!(!works(&test, &tokens.access).await && !works(&test, &foreign.access).await);
    assert!(works(&test, &staying.access).await);
    assert_eq!(
        error(&client.refresh(&tokens.refresh).await, 401),
        "invalid_client"
    );
    assert_eq!(error(&client.redeem(&code).await, 401), "invalid_client");
    refused_here(&adas.get(client.asking(&[])).await);
    test.as_owner()
        .delete(&test.as_user("ada").uri)
        .await
        .expect(204);
    assert!(!works(&test, &staying.access).await);
    assert_eq!(
        error(&stays.refresh(&staying.refresh).await, 400),
        "invalid_grant"
    );
    let introspected = stays
        .proven("/oauth/introspect", &[("token", &staying.refresh)])
        .await;
    assert_eq!(introspected.expect(200), json!({"active": false}));
    let asked = adas.get(stays.asking(&[])).await;
    assert!(asked.location().starts_with("/sign_in?"), "{asked:?}");
}

async fn a_new_password_ends_what_was_allowed(test: Test) {
    let client = Client::web(&test).await;
    let mut browser = signed_in(&test, "ada").await;
    let mut bens = signed_in(&test, "ben").await;
    let (tokens, others) = (
        client.tokens(&mut browser).await,
        client.tokens(&mut bens).await,
    );
    let code = client.code(&mut browser, &[]).await;
    let ada = test.as_user("ada");
    let new = json!({"password": "another horse battery", "old_password": PASSWORD});
    ada.post(format!("{}/password", ada.uri), new)
        .await
        .expect(204);
    assert!(!works(&test, &tokens.access).await);
    assert_eq!(
        error(&client.refresh(&tokens.refresh).await, 400),
        "invalid_grant"
    );
    assert_eq!(error(&client.redeem(&code).await, 400), "invalid_grant");
    let asked = browser.get(client.asking(&[])).await;
    assert!(asked.location().starts_with("/sign_in?"));
    // personal tokens and other people are not touched
    ada.get("/users/me").await.resource(200);
    assert!(works(&test, &others.access).await);
}
