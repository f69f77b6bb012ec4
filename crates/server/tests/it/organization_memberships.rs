//! `/organization_memberships/{uuid}`: who gives which role to whom, and how a membership ends.

use futures_util::future::join;
use serde_json::json;

use crate::{
    caller::{path, text, uri},
    harness::{NOTHING, Test},
};

on_both_engines! {
    a_role_is_changed_and_works_at_once,
    only_owners_make_owners,
    an_owner_is_changed_by_owners_only_and_the_last_one_stays,
    two_owners_who_go_at_once_leave_one,
    what_is_no_role_is_refused,
    a_membership_that_ends_takes_the_user_along,
    whoever_must_not_end_a_membership_is_told_so,
    somebody_from_elsewhere_has_no_membership_here,
}

/// The membership of somebody.
async fn membership(test: &Test, name: &str) -> String {
    let user = test.as_user(name).uri;
    let listed = path("/organization_memberships", &[("user", &user)]);
    let listed = test.as_owner().get(listed).await.collection();
    assert_eq!(listed.len(), 1);
    uri(&listed[0])
}

async fn a_role_is_changed_and_works_at_once(test: Test) {
    let (admin, ada) = (test.as_admin(), test.as_user("ada"));
    let of_ada = membership(&test, "ada").await;
    let before = admin.get(&of_ada).await.resource(200);
    let user = json!({"name": "Grace", "email": "grace@example.com"});
    ada.post("/users", user.clone())
        .await
        .refused(403, "permission_denied");
    let changed = admin.patch(&of_ada, json!({"role": "admin"})).await;
    let changed = changed.resource(200);
    let mut expected = before.clone();
    expected["role"] = json!("admin");
    expected["updated_at"] = changed["updated_at"].clone();
    assert_eq!(changed, expected);
    assert!(text(&before["updated_at"]) < text(&changed["updated_at"]));
    assert_eq!(admin.get(&of_ada).await.resource(200), changed);
    ada.post("/users", user).await.expect(201);
    // what stays the same was not changed
    for body in [json!({"role": "admin"}), json!({}), json!({"role": null})] {
        let same = admin.patch(&of_ada, body).await.resource(200);
        assert_eq!(same, changed);
    }
    ada.patch(&of_ada, json!({"role": "user"}))
        .await
        .expect(200);
    ada.patch(&of_ada, json!({"role": "admin"}))
        .await
        .refused(403, "permission_denied");
}

async fn only_owners_make_owners(test: Test) {
    let of_ada = membership(&test, "ada").await;
    let refusal = test
        .as_admin()
        .patch(&of_ada, json!({"role": "owner"}))
        .await;
    let refusal = refusal.refused(403, "permission_denied");
    assert_eq!(
        refusal["message"],
        "You do not have permission to perform this action"
    );
    let ben = test.as_user("ben");
    let refusal = ben.patch(&of_ada, json!({"role": "user"})).await;
    refusal.refused(403, "permission_denied");
    let changed = test
        .as_owner()
        .patch(&of_ada, json!({"role": "owner"}))
        .await;
    assert_eq!(changed.resource(200)["role"], "owner");
    // a room is no administrator
    let room = json!({"name": "Room", "kind": "resource"});
    let room = test.as_owner().post("/users", room).await.resource(201);
    let listed = path("/organization_memberships", &[("user", &uri(&room))]);
    let of_room = uri(&test.as_owner().get(listed).await.collection()[0]);
    let answer = test
        .as_owner()
        .patch(of_room, json!({"role": "admin"}))
        .await;
    assert_eq!(answer.mistakes(), ["role is_resource"]);
}

async fn an_owner_is_changed_by_owners_only_and_the_last_one_stays(test: Test) {
    let (owner, admin) = (test.as_owner(), test.as_admin());
    let of_olga = membership(&test, "olga").await;
    for caller in [&owner, &admin] {
        let refusal = caller.patch(&of_olga, json!({"role": "user"})).await;
        let refusal = refusal.refused(403, "permission_denied");
        assert_eq!(refusal["message"], "You can not change owner role");
    }
    let of_ada = membership(&test, "ada").await;
    owner
        .patch(&of_ada, json!({"role": "owner"}))
        .await
        .expect(200);
    admin
        .patch(&of_olga, json!({"role": "user"}))
        .await
        .refused(403, "permission_denied");
    let ada = test.as_user("ada");
    ada.patch(&of_olga, json!({"role": "user"}))
        .await
        .expect(200);
    owner
        .patch(&of_ada, json!({"role": "user"}))
        .await
        .refused(403, "permission_denied");
}

async fn two_owners_who_go_at_once_leave_one(test: Test) {
    let (owner, ada) = (test.as_owner(), test.as_user("ada"));
    let (of_olga, of_ada) = (
        membership(&test, "olga").await,
        membership(&test, "ada").await,
    );
    owner
        .patch(&of_ada, json!({"role": "owner"}))
        .await
        .expect(200);
    let (first, second) = join(
        owner.patch(&of_olga, json!({"role": "user"})),
        ada.patch(&of_ada, json!({"role": "user"})),
    )
    .await;
    let mut statuses = [first.status, second.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 403]);
    let owners = path("/organization_memberships", &[("role", "owner")]);
    assert_eq!(owner.get(owners).await.collection().len(), 1);
}

async fn what_is_no_role_is_refused(test: Test) {
    let of_ada = membership(&test, "ada").await;
    let answer = test
        .as_owner()
        .patch(&of_ada, json!({"role": "king"}))
        .await;
    assert_eq!(answer.mistakes(), ["role unknown_value"]);
    let answer = test.as_owner().patch(&of_ada, json!({"user": "x"})).await;
    assert_eq!(answer.mistakes(), ["user unknown_field"]);
}

async fn a_membership_that_ends_takes_the_user_along(test: Test) {
    let (admin, ada) = (test.as_admin(), test.as_user("ada"));
    let of_ada = membership(&test, "ada").await;
    admin.delete(&of_ada).await.expect(204);
    admin.get(&of_ada).await.refused(404, "not_found");
    admin.get(&ada.uri).await.refused(404, "not_found");
    ada.get("/users/me").await.refused(401, "unauthenticated");
    admin.delete(&of_ada).await.refused(404, "not_found");
    admin
        .patch(&of_ada, json!({"role": "admin"}))
        .await
        .refused(404, "not_found");
}

async fn whoever_must_not_end_a_membership_is_told_so(test: Test) {
    let (owner, admin, ada) = (test.as_owner(), test.as_admin(), test.as_user("ada"));
    let of = async |name| membership(&test, name).await;
    let refused = [
        (
            ada.delete(of("ben").await).await,
            "You do not have permission to perform this action",
        ),
        (
            admin.delete(of("olga").await).await,
            "You can not change owner role",
        ),
        (
            admin.delete(of("amir").await).await,
            "You can not remove yourself from organization",
        ),
    ];
    for (answer, message) in refused {
        let refusal = answer.refused(403, "permission_denied");
        assert_eq!(refusal["message"], message);
    }
    assert_eq!(owner.get("/users").await.collection().len(), 4);
    let reader = test.with_scopes("olga", &["organizations:read"]).await;
    let refusal = reader.delete(of("ben").await).await;
    let refusal = refusal.refused(403, "insufficient_scope");
    assert_eq!(refusal["required_scopes"], json!(["organizations:write"]));
    owner
        .delete(format!("/organization_memberships/{NOTHING}"))
        .await
        .refused(404, "not_found");
}

async fn somebody_from_elsewhere_has_no_membership_here(test: Test) {
    let (owner, foreigner) = (test.as_owner(), test.as_foreigner());
    let listed = path("/organization_memberships", &[("user", &foreigner.uri)]);
    let refusal = owner.get(listed).await.refused(403, "permission_denied");
    assert_eq!(refusal["message"], "This user is not in your organization");
    let theirs = foreigner
        .get("/organization_memberships")
        .await
        .collection();
    let theirs = uri(&theirs[0]);
    owner
        .patch(&theirs, json!({"role": "user"}))
        .await
        .refused(404, "not_found");
    owner.delete(&theirs).await.refused(404, "not_found");
}
