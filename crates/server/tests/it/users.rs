//! `/users`, organizations and memberships.

use serde_json::json;

use crate::{
    caller::{id, path, text, uri},
    harness::{BASE, NOTHING, Test},
};

on_both_engines! {
    a_new_user_has_everything_that_was_asked_for,
    a_new_user_has_a_default_schedule_in_their_zone,
    a_slug_is_made_from_the_name_and_told_apart,
    an_edit_changes_what_it_names_and_nothing_else,
    an_address_or_a_slug_belongs_to_one_user,
    a_plain_user_edits_themselves_only,
    a_removed_user_is_gone_and_their_tokens_with_them,
    neither_the_owner_nor_oneself_can_be_removed,
    the_organization_and_its_members_can_be_read,
    memberships_are_filtered_by_user_address_and_role,
}

async fn a_new_user_has_everything_that_was_asked_for(test: Test) {
    let body = json!({
        "name": "Grace Hopper", "email": "grace@example.com", "timezone": "America/New_York", "slug": "grace",
        "role": "admin", "time_notation": "24h", "locale": "fr", "phone_number": "+1 415 555 1234"
    });
    let user = test.as_owner().post("/users", body).await.resource(201);
    let expected = json!({
        "uri": user["uri"],
        "name": "Grace Hopper",
        "slug": "grace",
        "email": "grace@example.com",
        "scheduling_url": format!("{BASE}/grace"),
        "timezone": "America/New_York",
        "time_notation": "24h",
        "avatar_url": null,
        "created_at": user["created_at"],
        "updated_at": user["created_at"],
        "current_organization": test.organization,
        "resource_type": "User",
        "locale": "fr",
        "phone_number": "+1 415 555 1234",
        "kind": "person",
    });
    assert_eq!(user, expected);
    assert_eq!(
        test.as_user("ada").get(uri(&user)).await.resource(200),
        user
    );
    let memberships = path("/organization_memberships", &[("user", &uri(&user))]);
    let memberships = test.as_owner().get(memberships).await.collection();
    assert_eq!(memberships[0]["role"], "admin");
}

async fn a_new_user_has_a_default_schedule_in_their_zone(test: Test) {
    let body =
        json!({"name": "Grace", "email": "grace@example.com", "timezone": "America/New_York"});
    let user = test.as_owner().post("/users", body).await.resource(201);
    let schedules = path("/user_availability_schedules", &[("user", &uri(&user))]);
    let schedules = test.as_owner().get(schedules).await.collection();
    assert_eq!(schedules.len(), 1);
    assert_eq!(schedules[0]["default"], true);
    assert_eq!(schedules[0]["timezone"], "America/New_York");
    // Monday, nine to five in New York, which is five hours behind
    let free = test
        .as_owner()
        .free(&uri(&user), "2026-03-02T00:00:00Z", "2026-03-03T00:00:00Z")
        .await;
    assert_eq!(
        free,
        [(
            "2026-03-02T14:00Z".to_owned(),
            "2026-03-02T22:00Z".to_owned()
        )]
    );
}

async fn a_slug_is_made_from_the_name_and_told_apart(test: Test) {
    let owner = test.as_owner();
    let first = json!({"name": "Émilie du Châtelet", "email": "emilie@example.com"});
    let second = json!({"name": "Émilie du Châtelet", "email": "emilie2@example.com"});
    let first = text(&owner.post("/users", first).await.resource(201)["slug"]);
    let second = text(&owner.post("/users", second).await.resource(201)["slug"]);
    assert_ne!(first, second);
    assert!(second.starts_with(&format!("{first}-")), "{first} {second}");
}

async fn an_edit_changes_what_it_names_and_nothing_else(test: Test) {
    let ada = test.as_user("ada");
    let before = ada.get("/users/me").await.resource(200);
    let edited = ada
        .patch(
            &ada.uri,
            json!({"name": "Countess", "phone_number": "+4412345678"}),
        )
        .await
        .resource(200);
    let mut expected = before.clone();
    expected["name"] = json!("Countess");
    expected["phone_number"] = json!("+4412345678");
    expected["updated_at"] = edited["updated_at"].clone();
    assert_eq!(edited, expected);
    assert!(text(&before["updated_at"]) < text(&edited["updated_at"]));
    let cleared = ada
        .patch(&ada.uri, json!({"phone_number": null}))
        .await
        .resource(200);
    assert_eq!(cleared["phone_number"], json!(null));
    assert_eq!(cleared["name"], "Countess");
}

async fn an_address_or_a_slug_belongs_to_one_user(test: Test) {
    let (owner, ada) = (test.as_owner(), test.as_user("ada"));
    let taken = owner
        .post(
            "/users",
            json!({"name": "Other", "email": "ada@example.com"}),
        )
        .await;
    let taken = taken.refused(409, "already_exists");
    assert_eq!(taken["details"][0]["parameter"], "email");
    let taken = owner
        .post(
            "/users",
            json!({"name": "Other", "email": "o@example.com", "slug": "ada"}),
        )
        .await;
    assert_eq!(
        taken.refused(409, "already_exists")["details"][0]["parameter"],
        "slug"
    );
    ada.patch(&ada.uri, json!({"email": "ben@example.com"}))
        .await
        .refused(409, "already_exists");
    ada.patch(&ada.uri, json!({"slug": "ben"}))
        .await
        .refused(409, "already_exists");
    // one's own is no conflict, and another organization has its own
    ada.patch(&ada.uri, json!({"slug": "ada", "email": "ada@example.com"}))
        .await
        .expect(200);
    test.as_foreigner()
        .post("/users", json!({"name": "Ada", "email": "ada@example.com"}))
        .await
        .expect(201);
}

async fn a_plain_user_edits_themselves_only(test: Test) {
    let (ada, ben) = (test.as_user("ada"), test.as_user("ben"));
    ada.patch(&ben.uri, json!({"name": "Mine"}))
        .await
        .refused(403, "permission_denied");
    ada.delete(&ben.uri).await.refused(403, "permission_denied");
    ada.post("/users", json!({"name": "New", "email": "new@example.com"}))
        .await
        .refused(403, "permission_denied");
    test.as_admin()
        .patch(&ben.uri, json!({"name": "Benjamin"}))
        .await
        .expect(200);
    assert_eq!(ben.get("/users/me").await.resource(200)["name"], "Benjamin");
}

async fn a_removed_user_is_gone_and_their_tokens_with_them(test: Test) {
    let (admin, ben) = (test.as_admin(), test.as_user("ben"));
    ben.always_open("UTC").await;
    let event_type = ben.event_type(json!({})).await;
    let event = ben
        .book(&event_type, "2026-03-03T10:00:00Z")
        .await
        .resource(201)["event"]
        .clone();
    admin.delete(&ben.uri).await.expect(204);
    ben.get("/users/me").await.refused(401, "unauthenticated");
    admin.get(&ben.uri).await.refused(404, "not_found");
    admin.delete(&ben.uri).await.refused(404, "not_found");
    admin
        .patch(&ben.uri, json!({"name": "Back"}))
        .await
        .refused(404, "not_found");
    let users = admin.get("/users").await.collection();
    assert!(
        users.iter().all(|user| user["uri"] != ben.uri.as_str()),
        "{users:?}"
    );
    // nothing new happens with them, what happened stays
    admin
        .book(&event_type, "2026-03-04T10:00:00Z")
        .await
        .refused(404, "not_found");
    assert!(
        admin
            .available(&event_type, "2026-03-04T00:00:00Z", "2026-03-05T00:00:00Z")
            .await
            .is_empty()
    );
    let move_it = json!({"start_time": "2026-03-04T10:00:00Z"});
    test.as_owner()
        .post(format!("{}/rescheduling", text(&event)), move_it)
        .await
        .refused(403, "permission_denied");
    assert_eq!(
        admin.get(text(&event)).await.resource(200)["event_memberships"][0]["user"],
        ben.uri.as_str()
    );
}

async fn neither_the_owner_nor_oneself_can_be_removed(test: Test) {
    let (owner, admin) = (test.as_owner(), test.as_admin());
    admin
        .delete(&owner.uri)
        .await
        .refused(403, "permission_denied");
    let refusal = admin
        .delete(&admin.uri)
        .await
        .refused(403, "permission_denied");
    assert_eq!(
        refusal["message"],
        "You can not remove yourself from organization"
    );
    admin.get("/users/me").await.expect(200);
}

async fn the_organization_and_its_members_can_be_read(test: Test) {
    let ada = test.as_user("ada");
    let organization = ada.get(&test.organization).await.resource(200);
    let expected = json!({
        "uri": test.organization, "kind": "multiple", "name": "Analytical Engines", "plan": "enterprise",
        "stage": "paid", "created_at": organization["created_at"], "updated_at": organization["created_at"],
    });
    assert_eq!(organization, expected);
    let members = ada.get("/organization_memberships").await.collection();
    let roles: Vec<&str> = members
        .iter()
        .filter_map(|member| member["role"].as_str())
        .collect();
    assert_eq!(roles, ["owner", "admin", "user", "user"]);
    for member in &members {
        assert_eq!(ada.get(uri(member)).await.resource(200), *member);
        assert_eq!(member["organization"], test.organization.as_str());
    }
    ada.get(format!("/organizations/{NOTHING}"))
        .await
        .refused(404, "not_found");
    ada.get(format!("/organization_memberships/{}", id(&ada.uri)))
        .await
        .refused(404, "not_found");
    test.as_foreigner()
        .get(&test.organization)
        .await
        .refused(404, "not_found");
    test.as_foreigner()
        .get(uri(&members[0]))
        .await
        .refused(404, "not_found");
}

async fn memberships_are_filtered_by_user_address_and_role(test: Test) {
    let ada = test.as_user("ada");
    let filters = [
        (vec![("user", ada.uri.as_str())], vec!["ada"]),
        (vec![("email", "ben@example.com")], vec!["ben"]),
        (vec![("role", "user")], vec!["ada", "ben"]),
        (
            vec![("role", "user"), ("email", "amir@example.com")],
            vec![],
        ),
        (
            vec![("organization", test.organization.as_str())],
            vec!["olga", "amir", "ada", "ben"],
        ),
        (vec![("email", "nobody@example.com")], vec![]),
    ];
    for (filter, expected) in filters {
        let members = ada
            .get(path("/organization_memberships", &filter))
            .await
            .collection();
        let names: Vec<&str> = members
            .iter()
            .filter_map(|member| member["user"]["name"].as_str())
            .collect();
        assert_eq!(names, expected, "{filter:?}");
    }
}
