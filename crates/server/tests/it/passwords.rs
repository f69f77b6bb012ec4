//! `/users/{uuid}/password`: who sets whose.

use serde_json::{Value, json};

use crate::{
    browser::Browser,
    caller::{Answer, Caller},
    harness::Test,
    oauth_client::{PASSWORD, signed_in, with_password},
};

on_both_engines! {
    ones_own_password_takes_the_old_one,
    an_administrator_gives_the_first_one_and_takes_it_away,
    a_room_has_no_password,
    a_new_password_signs_browsers_out,
}

async fn set(caller: &Caller, user: &str, body: Value) -> Answer {
    caller.post(format!("{user}/password"), body).await
}

async fn can_sign_in(test: &Test, email: &str, password: &str) -> bool {
    let mut browser = Browser::new(test.without_token().router);
    browser.sign_in("/sign_in", email, password).await.status == 303
}

async fn ones_own_password_takes_the_old_one(test: Test) {
    let ada = test.as_user("ada");
    for (body, mistake) in [
        (json!({}), "password required"),
        (json!({"password": "too short"}), "password too_short"),
        (json!({"password": "x".repeat(1001)}), "password too_long"),
        (
            json!({"password": "\u{0}".repeat(10)}),
            "password invalid_text",
        ),
    ] {
        assert_eq!(set(&ada, &ada.uri, body).await.mistakes(), [mistake]);
    }
    set(&ada, &ada.uri, json!({"password": PASSWORD}))
        .await
        .expect(204);
    assert!(can_sign_in(&test, "ada@example.com", PASSWORD).await);
    let new = "another horse battery";
    for old in [json!(null), json!(""), json!("wrong"), json!(new)] {
        let refused = set(
            &ada,
            &ada.uri,
            json!({"password": new, "old_password": old}),
        )
        .await;
        assert_eq!(refused.mistakes(), ["old_password wrong_password"]);
    }
    let changed = json!({"password": new, "old_password": PASSWORD});
    set(&ada, &ada.uri, changed).await.expect(204);
    assert!(can_sign_in(&test, "ada@example.com", new).await);
    assert!(!can_sign_in(&test, "ada@example.com", PASSWORD).await);
    // nobody is shown it
    let me = ada.get("/users/me").await;
    assert!(!String::from_utf8_lossy(&me.body).contains("argon2"));
}

async fn an_administrator_gives_the_first_one_and_takes_it_away(test: Test) {
    let (admin, owner) = (test.as_admin(), test.as_owner());
    let (ada, ben) = (test.as_user("ada"), test.as_user("ben"));
    let first = json!({"password": PASSWORD});
    set(&ben, &ada.uri, first.clone())
        .await
        .refused(403, "permission_denied");
    set(&admin, &owner.uri, first.clone())
        .await
        .refused(403, "permission_denied");
    set(&test.as_foreigner(), &ada.uri, first.clone())
        .await
        .refused(404, "not_found");
    set(&admin, &ada.uri, first.clone()).await.expect(204);
    assert!(can_sign_in(&test, "ada@example.com", PASSWORD).await);
    // which is theirs then
    let again = json!({"password": "another horse battery", "old_password": PASSWORD});
    set(&admin, &ada.uri, again)
        .await
        .refused(403, "permission_denied");
    let password = format!("{}/password", ada.uri);
    ada.delete(&password)
        .await
        .refused(403, "permission_denied");
    ben.delete(&password)
        .await
        .refused(403, "permission_denied");
    let mut browser = signed_in(&test, "ben").await;
    admin.delete(&password).await.expect(204);
    assert!(!can_sign_in(&test, "ada@example.com", PASSWORD).await);
    admin.delete(&password).await.refused(404, "not_found");
    set(&admin, &ada.uri, first).await.expect(204);
    assert!(can_sign_in(&test, "ada@example.com", PASSWORD).await);
    assert!(
        browser
            .get("/sign_in")
            .await
            .html
            .contains("You are signed in")
    );
}

async fn a_room_has_no_password(test: Test) {
    let admin = test.as_admin();
    let room = json!({"name": "Room", "kind": "resource"});
    let room = crate::caller::uri(&admin.post("/users", room).await.resource(201));
    set(&admin, &room, json!({"password": PASSWORD}))
        .await
        .refused(403, "permission_denied");
}

async fn a_new_password_signs_browsers_out(test: Test) {
    let mut browser = signed_in(&test, "ada").await;
    let mut bens = signed_in(&test, "ben").await;
    let ada = test.as_user("ada");
    let new = json!({"password": "another horse battery", "old_password": PASSWORD});
    set(&ada, &ada.uri, new).await.expect(204);
    assert!(
        !browser
            .get("/sign_in")
            .await
            .html
            .contains("You are signed in")
    );
    assert!(
        bens.get("/sign_in")
            .await
            .html
            .contains("You are signed in")
    );
    // and so does being removed
    with_password(&test, "amir").await;
    test.as_owner()
        .delete(&test.as_user("ben").uri)
        .await
        .expect(204);
    assert!(
        !bens
            .get("/sign_in")
            .await
            .html
            .contains("You are signed in")
    );
    assert!(!can_sign_in(&test, "ben@example.com", PASSWORD).await);
}
