//! `/personal_access_tokens`: shown once, never for more than the token that makes them.

use axum::http::Method;
use serde_json::json;

use crate::{
    caller::{id, path, text, uri},
    harness::Test,
};

on_both_engines! {
    a_token_is_shown_once_and_works,
    a_token_has_what_it_was_given,
    scopes_never_escalate,
    nobody_makes_a_token_of_who_may_do_more,
    expired_revoked_and_unknown_tokens_are_told_apart,
    a_token_makes_none_that_outlives_it,
    an_admin_does_not_revoke_the_token_of_an_owner,
    a_header_that_is_no_bearer_token_is_refused,
}

async fn a_token_is_shown_once_and_works(test: Test) {
    let ada = test.as_user("ada");
    let new = ada
        .post("/personal_access_tokens", json!({"name": "Laptop"}))
        .await
        .resource(201);
    let secret = text(&new["access_token"]);
    assert!(secret.len() >= 43, "{secret}");
    assert_eq!(
        test.with_token(&secret)
            .get("/users/me")
            .await
            .resource(200)["uri"],
        ada.uri.as_str()
    );
    let listed = ada.get("/personal_access_tokens").await;
    assert!(!String::from_utf8_lossy(&listed.body).contains(&secret));
    let shown = listed
        .collection()
        .into_iter()
        .find(|token| token["uri"] == new["uri"])
        .unwrap();
    let expected = json!({
        "uri": new["uri"], "name": "Laptop", "user": ada.uri, "scopes": new["scopes"],
        "created_at": new["created_at"], "expires_at": null,
    });
    assert_eq!(shown, expected);
}

async fn a_token_has_what_it_was_given(test: Test) {
    let ada = test.as_user("ada");
    let body =
        json!({"name": "Reader", "scopes": ["users:read"], "expires_at": "2026-03-02T09:00:00Z"});
    let new = ada
        .post("/personal_access_tokens", body)
        .await
        .resource(201);
    assert_eq!(new["scopes"], json!(["users:read"]));
    assert_eq!(new["expires_at"], "2026-03-02T09:00:00.000000Z");
    let secret = text(&new["access_token"]);
    let reader = test.with_token(&secret);
    reader.get("/users/me").await.expect(200);
    let refusal = reader
        .get("/personal_access_tokens")
        .await
        .refused(403, "insufficient_scope");
    assert_eq!(
        refusal["required_scopes"],
        json!(["personal_access_tokens:read"])
    );
    let later = test.at("2026-03-02T09:00:00Z").await;
    let expired = later
        .with_token(&secret)
        .get("/users/me")
        .await
        .refused(401, "unauthenticated");
    assert_eq!(expired["message"], "The access token expired");
    let past = json!({"name": "Late", "expires_at": "2026-03-02T07:59:59Z"});
    assert_eq!(
        ada.post("/personal_access_tokens", past).await.mistakes(),
        ["expires_at in_the_past"]
    );
}

async fn scopes_never_escalate(test: Test) {
    let limited = test
        .with_scopes(
            "ada",
            &["personal_access_tokens:write", "event_types:write"],
        )
        .await;
    let more = json!({"name": "More", "scopes": ["event_types:read", "users:read", "scheduled_events:write", "all"]});
    let mistakes = limited
        .post("/personal_access_tokens", more)
        .await
        .mistakes();
    assert_eq!(
        mistakes,
        [
            "scopes[1] not_granted",
            "scopes[2] not_granted",
            "scopes[3] unknown_value"
        ]
    );
    let less = json!({"name": "Less", "scopes": ["event_types:read"]});
    limited
        .post("/personal_access_tokens", less)
        .await
        .expect(201);
    let same = limited
        .post("/personal_access_tokens", json!({"name": "Same"}))
        .await
        .resource(201);
    assert_eq!(
        same["scopes"],
        json!(["personal_access_tokens:write", "event_types:write"])
    );
    // a scope to read is none to write
    let reader = test
        .with_scopes("ada", &["personal_access_tokens:read"])
        .await;
    reader
        .post("/personal_access_tokens", json!({"name": "New"}))
        .await
        .refused(403, "insufficient_scope");
}

async fn nobody_makes_a_token_of_who_may_do_more(test: Test) {
    let (owner, admin, ada, ben) = (
        test.as_owner(),
        test.as_admin(),
        test.as_user("ada"),
        test.as_user("ben"),
    );
    let of = |uri: &str| json!({"name": "Theirs", "user": uri});
    ada.post("/personal_access_tokens", of(&ben.uri))
        .await
        .refused(403, "permission_denied");
    ada.post("/personal_access_tokens", of(&owner.uri))
        .await
        .refused(403, "permission_denied");
    admin
        .post("/personal_access_tokens", of(&owner.uri))
        .await
        .refused(403, "permission_denied");
    let token = admin
        .post("/personal_access_tokens", of(&ada.uri))
        .await
        .resource(201);
    let as_ada = test.with_token(&text(&token["access_token"]));
    assert_eq!(
        as_ada.get("/users/me").await.resource(200)["uri"],
        ada.uri.as_str()
    );
    owner
        .post("/personal_access_tokens", of(&admin.uri))
        .await
        .expect(201);
    owner
        .post("/personal_access_tokens", of(&test.as_foreigner().uri))
        .await
        .refused(404, "not_found");
    ben.get(path("/personal_access_tokens", &[("user", &ada.uri)]))
        .await
        .refused(403, "permission_denied");
    ben.delete(uri(&token))
        .await
        .refused(403, "permission_denied");
    test.as_foreigner()
        .delete(uri(&token))
        .await
        .refused(404, "not_found");
}

async fn expired_revoked_and_unknown_tokens_are_told_apart(test: Test) {
    let ada = test.as_user("ada");
    let token = ada
        .post("/personal_access_tokens", json!({"name": "Short"}))
        .await
        .resource(201);
    let bearer = test.with_token(&text(&token["access_token"]));
    ada.delete(uri(&token)).await.expect(204);
    ada.delete(uri(&token)).await.refused(404, "not_found");
    let revoked = bearer
        .get("/users/me")
        .await
        .refused(401, "unauthenticated");
    assert_eq!(revoked["message"], "The access token was revoked");
    let unknown = test
        .with_token("nobody")
        .get("/users/me")
        .await
        .refused(401, "unauthenticated");
    assert_eq!(unknown["message"], "The access token is invalid");
    let listed = ada.get("/personal_access_tokens").await.collection();
    assert!(
        listed
            .iter()
            .all(|shown| id(&uri(shown)) != id(&uri(&token)))
    );
}

async fn a_header_that_is_no_bearer_token_is_refused(test: Test) {
    let nobody = test.without_token();
    nobody
        .get("/users/me")
        .await
        .refused(401, "unauthenticated");
    for header in [
        "",
        "Bearer",
        "Bearer ",
        "Basic dG9rZW4=",
        "token-of-ada",
        "Bearer  \t",
    ] {
        let answer = nobody
            .send(
                Method::GET,
                "/users/me",
                &[("authorization", header)],
                Vec::new(),
            )
            .await;
        answer.refused(401, "unauthenticated");
    }
    // the scheme may be written in any case
    let answer = nobody
        .send(
            Method::GET,
            "/users/me",
            &[("authorization", "bearer token-of-ada")],
            Vec::new(),
        )
        .await;
    answer.expect(200);
}

async fn a_token_makes_none_that_outlives_it(test: Test) {
    let end = "2026-03-03T08:00:00.000000Z";
    let short = test
        .as_user("ada")
        .post(
            "/personal_access_tokens",
            json!({"name": "Short", "expires_at": end}),
        )
        .await
        .resource(201);
    let short = test.with_token(&text(&short["access_token"]));
    for (asked, given) in [
        (json!({"name": "Same"}), end),
        (json!({"name": "Same", "expires_at": end}), end),
        (
            json!({"name": "Sooner", "expires_at": "2026-03-02T09:00:00Z"}),
            "2026-03-02T09:00:00.000000Z",
        ),
    ] {
        let new = short.post("/personal_access_tokens", asked).await;
        assert_eq!(new.resource(201)["expires_at"], given);
    }
    let later = json!({"name": "Later", "expires_at": "2026-03-03T08:00:00.000001Z"});
    assert_eq!(
        short
            .post("/personal_access_tokens", later)
            .await
            .mistakes(),
        ["expires_at not_granted"]
    );
}

async fn an_admin_does_not_revoke_the_token_of_an_owner(test: Test) {
    let (owner, admin) = (test.as_owner(), test.as_admin());
    let token = owner
        .post("/personal_access_tokens", json!({"name": "Mine"}))
        .await
        .resource(201);
    admin
        .delete(uri(&token))
        .await
        .refused(403, "permission_denied");
    let bearer = test.with_token(&text(&token["access_token"]));
    bearer.get("/users/me").await.expect(200);
    owner.delete(uri(&token)).await.expect(204);
}
