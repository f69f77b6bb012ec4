//! `/groups` and `/group_relationships`: parts of an organization, and who is in them.

use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::{
    caller::{Caller, path, text, uri},
    harness::{BASE, NOTHING, Test},
};

on_both_engines! {
    a_group_is_shown_with_all_it_has,
    a_name_belongs_to_one_group,
    groups_are_listed_by_age,
    a_relationship_is_shown_with_its_owner,
    somebody_is_a_member_once_and_an_administrator_of_several,
    of_many_who_are_put_into_groups_at_once_each_is_in_one,
    references_that_lead_nowhere_are_named,
    whoever_was_invited_is_in_the_group_once_they_accept,
    relationships_are_listed_by_group_and_owner,
    who_reads_and_who_writes_groups,
    a_group_that_goes_takes_its_relationships_along,
}

pub async fn group(test: &Test, name: &str) -> String {
    let body = json!({"name": name});
    uri(&test.as_admin().post("/groups", body).await.resource(201))
}

/// The membership of a user.
async fn membership(test: &Test, name: &str) -> Value {
    let user = test.as_user(name).uri;
    let listed = path("/organization_memberships", &[("user", &user)]);
    test.as_admin().get(listed).await.collection()[0].clone()
}

/// Puts a user into a group.
pub async fn put(test: &Test, name: &str, group: &str, role: &str) -> Value {
    let owner = uri(&membership(test, name).await);
    let body = json!({"group": group, "owner": owner, "role": role});
    let answer = test.as_admin().post("/group_relationships", body).await;
    answer.resource(201)
}

async fn a_group_is_shown_with_all_it_has(test: Test) {
    let admin = test.as_admin();
    let body = json!({"name": "Berlin"});
    let group = admin.post_once("/groups", "key", &body).await;
    let group = group.resource(201);
    let expected = json!({
        "uri": group["uri"],
        "name": "Berlin",
        "organization": test.organization,
        "created_at": group["created_at"],
        "updated_at": group["created_at"],
        "member_count": 0,
    });
    assert_eq!(group, expected);
    assert!(uri(&group).starts_with(&format!("{BASE}/groups/")));
    let again = admin.post_once("/groups", "key", &body).await;
    assert_eq!(again.resource(201), group);
    put(&test, "ada", &uri(&group), "member").await;
    put(&test, "ben", &uri(&group), "member").await;
    put(&test, "ben", &uri(&group), "admin").await;
    let edited = admin.patch(uri(&group), json!({"name": "Hamburg"})).await;
    let edited = edited.resource(200);
    let mut expected = group.clone();
    expected["name"] = json!("Hamburg");
    expected["member_count"] = json!(2);
    expected["updated_at"] = edited["updated_at"].clone();
    assert_eq!(edited, expected);
    assert!(text(&group["updated_at"]) < text(&edited["updated_at"]));
    admin.delete(test.as_user("ada").uri).await.expect(204);
    let left = test.as_user("ben").get(uri(&group)).await.resource(200);
    assert_eq!(left["member_count"], 1);
}

async fn a_name_belongs_to_one_group(test: Test) {
    let admin = test.as_admin();
    let berlin = group(&test, "Berlin").await;
    let hamburg = group(&test, "Hamburg").await;
    let taken = [
        admin.post("/groups", json!({"name": "BERLIN"})).await,
        admin.patch(&hamburg, json!({"name": "berlin"})).await,
    ];
    for answer in taken {
        let refusal = answer.refused(409, "already_exists");
        assert_eq!(refusal["details"][0]["parameter"], "name");
    }
    admin
        .patch(&berlin, json!({"name": "BERLIN"}))
        .await
        .expect(200);
    let answers = (0..8).map(|_| admin.post("/groups", json!({"name": "Munich"})));
    let answers = join_all(answers).await;
    let won = answers.iter().filter(|answer| answer.status == 201);
    assert_eq!(won.count(), 1);
    for answer in answers.iter().filter(|answer| answer.status != 201) {
        answer.refused(409, "already_exists");
    }
    let mistakes = admin.post("/groups", json!({"name": "", "x": 1})).await;
    let mut mistakes = mistakes.mistakes();
    mistakes.sort();
    assert_eq!(mistakes, ["name required", "x unknown_field"]);
}

async fn groups_are_listed_by_age(test: Test) {
    let ada = test.as_user("ada");
    for name in ["b", "a", "c"] {
        group(&test, name).await;
    }
    let first = [("organization", test.organization.as_str()), ("count", "2")];
    let first = ada.get(path("/groups", &first)).await.expect(200);
    assert_eq!(first["collection"][0]["name"], "b");
    assert_eq!(first["collection"][1]["name"], "a");
    let second = ada.get(text(&first["pagination"]["next_page"])).await;
    let second = second.expect(200);
    assert_eq!(second["collection"][0]["name"], "c");
    assert_eq!(second["pagination"]["next_page"], json!(null));
    let back = ada.get(text(&second["pagination"]["previous_page"])).await;
    assert_eq!(back.expect(200)["collection"], first["collection"]);
    assert_eq!(
        ada.get("/groups").await.mistakes(),
        ["organization required"]
    );
    let elsewhere = path("/groups", &[("organization", &test.organization)]);
    let foreigner = test.as_foreigner();
    foreigner.get(elsewhere).await.refused(404, "not_found");
}

async fn a_relationship_is_shown_with_its_owner(test: Test) {
    let admin = test.as_admin();
    let berlin = group(&test, "Berlin").await;
    let relationship = put(&test, "ada", &berlin, "member").await;
    let mut owner = membership(&test, "ada").await;
    owner["type"] = json!("OrganizationMembership");
    let expected = json!({
        "uri": relationship["uri"],
        "role": "member",
        "owner": owner,
        "organization": test.organization,
        "group": berlin,
        "created_at": relationship["created_at"],
        "updated_at": relationship["created_at"],
    });
    assert_eq!(relationship, expected);
    assert!(uri(&relationship).starts_with(&format!("{BASE}/group_relationships/")));
    let shown = admin.get(uri(&relationship)).await.resource(200);
    assert_eq!(shown, relationship);
    let changed = admin
        .patch(uri(&relationship), json!({"role": "admin"}))
        .await
        .resource(200);
    let mut expected = relationship.clone();
    expected["role"] = json!("admin");
    expected["updated_at"] = changed["updated_at"].clone();
    assert_eq!(changed, expected);
    admin.delete(uri(&relationship)).await.expect(204);
    admin
        .get(uri(&relationship))
        .await
        .refused(404, "not_found");
    admin
        .delete(uri(&relationship))
        .await
        .refused(404, "not_found");
}

async fn somebody_is_a_member_once_and_an_administrator_of_several(test: Test) {
    let admin = test.as_admin();
    let (berlin, hamburg) = (group(&test, "Berlin").await, group(&test, "Hamburg").await);
    put(&test, "ada", &berlin, "member").await;
    put(&test, "ada", &berlin, "admin").await;
    let second = put(&test, "ada", &hamburg, "admin").await;
    let owner = uri(&membership(&test, "ada").await);
    let add = |group: &str, role: &str| {
        let body = json!({"group": group, "owner": owner, "role": role});
        admin.post("/group_relationships", body)
    };
    for answer in [
        add(&berlin, "member").await,
        add(&berlin, "admin").await,
        add(&hamburg, "member").await,
        admin.patch(uri(&second), json!({"role": "member"})).await,
    ] {
        let refusal = answer.refused(409, "already_exists");
        assert_eq!(refusal["details"][0]["parameter"], "owner");
    }
    let mistakes = add(&berlin, "king").await.mistakes();
    assert_eq!(mistakes, ["role unknown_value"]);
}

async fn of_many_who_are_put_into_groups_at_once_each_is_in_one(test: Test) {
    let admin = test.as_admin();
    let owner = uri(&membership(&test, "ada").await);
    let mut groups = Vec::new();
    for name in ["a", "b", "c", "d"] {
        groups.push(group(&test, name).await);
    }
    let answers = groups.iter().map(|group| {
        let body = json!({"group": group, "owner": owner});
        admin.post("/group_relationships", body)
    });
    let answers = join_all(answers).await;
    let won = answers.iter().filter(|answer| answer.status == 201);
    assert_eq!(won.count(), 1);
    for answer in answers.iter().filter(|answer| answer.status != 201) {
        answer.refused(409, "already_exists");
    }
    let listed = path("/group_relationships", &[("owner", &owner)]);
    assert_eq!(admin.get(listed).await.collection().len(), 1);
}

async fn references_that_lead_nowhere_are_named(test: Test) {
    let admin = test.as_admin();
    let berlin = group(&test, "Berlin").await;
    let owner = uri(&membership(&test, "ada").await);
    let foreigner = test.as_foreigner();
    let theirs = foreigner.get("/organization_memberships").await;
    let theirs = uri(&theirs.collection()[0]);
    let their_group = foreigner.post("/groups", json!({"name": "x"})).await;
    let their_group = uri(&their_group.resource(201));
    let nowhere = format!("{BASE}/groups/{NOTHING}");
    let rows = [
        (&nowhere, &owner, "group not_found"),
        (&their_group, &owner, "group not_found"),
        (&berlin, &theirs, "owner not_found"),
        (&berlin, &berlin, "owner invalid_uri"),
        (&owner, &owner, "group invalid_uri"),
    ];
    for (group, owner, mistake) in rows {
        let body = json!({"group": group, "owner": owner});
        let answer = admin.post("/group_relationships", body).await;
        assert_eq!(answer.mistakes(), [mistake]);
    }
    let answer = admin.post("/group_relationships", json!({})).await;
    assert_eq!(answer.mistakes(), ["group required", "owner required"]);
}

async fn whoever_was_invited_is_in_the_group_once_they_accept(test: Test) {
    let (admin, nobody) = (test.as_admin(), test.without_token());
    let berlin = group(&test, "Berlin").await;
    let invitations = format!("{}/invitations", test.organization);
    let mut asked = Vec::new();
    for name in ["grace", "emmy", "sophie"] {
        let body = json!({"email": format!("{name}@example.com")});
        let invitation = admin.post(&invitations, body).await.resource(201);
        let body = json!({"group": berlin, "owner": invitation["uri"]});
        let relationship = admin.post("/group_relationships", body.clone()).await;
        let relationship = relationship.resource(201);
        admin
            .post("/group_relationships", body)
            .await
            .refused(409, "already_exists");
        let mut owner = invitation.clone();
        owner.as_object_mut().unwrap().remove("acceptance_code");
        owner["type"] = json!("OrganizationInvitation");
        assert_eq!(relationship["owner"], owner);
        let of_owner = path("/group_relationships", &[("owner", &uri(&invitation))]);
        let listed = admin.get(of_owner).await.collection();
        assert_eq!(listed, std::slice::from_ref(&relationship));
        asked.push((invitation, relationship));
    }
    assert_eq!(admin.get(&berlin).await.resource(200)["member_count"], 0);
    let [(accepted, stays), (declined, goes), (revoked, goes_too)] = &asked[..] else {
        panic!("three were asked")
    };
    let body = json!({"code": accepted["acceptance_code"], "name": "Grace"});
    let answer = nobody.post(format!("{}/acceptance", uri(accepted)), body);
    let user = text(&answer.await.resource(201)["user"]);
    let body = json!({"code": declined["acceptance_code"]});
    let answer = nobody.post(format!("{}/declination", uri(declined)), body);
    answer.await.expect(201);
    admin.delete(uri(revoked)).await.expect(204);
    let shown = admin.get(uri(stays)).await.resource(200);
    assert_eq!(shown["owner"]["type"], "OrganizationMembership");
    assert_eq!(shown["owner"]["user"]["uri"], user.as_str());
    for gone in [goes, goes_too] {
        admin.get(uri(gone)).await.refused(404, "not_found");
    }
    assert_eq!(admin.get(&berlin).await.resource(200)["member_count"], 1);
    // who has answered is no longer somebody who was invited
    let body = json!({"group": berlin, "owner": accepted["uri"], "role": "admin"});
    let answer = admin.post("/group_relationships", body).await;
    assert_eq!(answer.mistakes(), ["owner not_found"]);
}

/// A query and whose relationships it finds.
type Filtered<'a> = (&'a [(&'a str, &'a str)], &'a [&'a str]);

async fn relationships_are_listed_by_group_and_owner(test: Test) {
    let admin = test.as_admin();
    let (berlin, hamburg) = (group(&test, "Berlin").await, group(&test, "Hamburg").await);
    put(&test, "ada", &berlin, "member").await;
    put(&test, "ada", &hamburg, "admin").await;
    put(&test, "ben", &hamburg, "member").await;
    put(&test, "amir", &hamburg, "admin").await;
    let (of_ada, organization) = (uri(&membership(&test, "ada").await), &test.organization);
    let rows: [Filtered; 5] = [
        (&[], &["ada", "ada", "ben", "amir"]),
        (
            &[("organization", organization)],
            &["ada", "ada", "ben", "amir"],
        ),
        (&[("group", &hamburg)], &["ada", "ben", "amir"]),
        (&[("owner", &of_ada)], &["ada", "ada"]),
        (&[("owner", &of_ada), ("group", &berlin)], &["ada"]),
    ];
    for (filter, expected) in rows {
        let listed = admin.get(path("/group_relationships", filter)).await;
        let listed = listed.collection();
        let names: Vec<String> = listed
            .iter()
            .map(|row| text(&row["owner"]["user"]["name"]))
            .collect();
        assert_eq!(names, expected, "{filter:?}");
    }
    let first = path(
        "/group_relationships",
        &[("group", &hamburg), ("count", "2")],
    );
    let first = admin.get(first).await.expect(200);
    let second = admin.get(text(&first["pagination"]["next_page"])).await;
    let second = second.expect(200);
    assert_eq!(second["collection"].as_array().map(Vec::len), Some(1));
    let back = admin
        .get(text(&second["pagination"]["previous_page"]))
        .await;
    assert_eq!(back.expect(200)["collection"], first["collection"]);
    // a removed user is in no group
    admin.delete(test.as_user("ben").uri).await.expect(204);
    let listed = path("/group_relationships", &[("group", &hamburg)]);
    assert_eq!(admin.get(listed).await.collection().len(), 2);
    let nowhere = format!("{BASE}/groups/{NOTHING}");
    admin
        .get(path("/group_relationships", &[("group", &nowhere)]))
        .await
        .refused(404, "not_found");
}

/// The answers to all that changes groups.
async fn writes(caller: &Caller, group: &str, relationship: &str, owner: &str) -> [u16; 6] {
    let body = json!({"group": group, "owner": owner, "role": "admin"});
    [
        caller.post("/groups", json!({"name": "x"})).await.status,
        caller.patch(group, json!({"name": "x"})).await.status,
        caller.delete(group).await.status,
        caller.post("/group_relationships", body).await.status,
        caller
            .patch(relationship, json!({"role": "admin"}))
            .await
            .status,
        caller.delete(relationship).await.status,
    ]
}

async fn who_reads_and_who_writes_groups(test: Test) {
    let (ada, ben, foreigner) = (
        test.as_user("ada"),
        test.as_user("ben"),
        test.as_foreigner(),
    );
    let berlin = group(&test, "Berlin").await;
    let of_ada = put(&test, "ada", &berlin, "member").await;
    put(&test, "ben", &berlin, "admin").await;
    let (owner, ben_owner) = (
        uri(&membership(&test, "ada").await),
        uri(&membership(&test, "ben").await),
    );
    // to administer a group is to see, not to change who is in it
    for caller in [&ada, &ben] {
        let statuses = writes(caller, &berlin, &uri(&of_ada), &owner).await;
        assert_eq!(statuses, [403; 6]);
    }
    let statuses = writes(&foreigner, &berlin, &uri(&of_ada), &owner).await;
    assert_eq!(statuses, [201, 404, 404, 400, 404, 404]);
    foreigner.get(&berlin).await.refused(404, "not_found");
    foreigner.get(uri(&of_ada)).await.refused(404, "not_found");
    let in_group = path("/group_relationships", &[("group", &berlin)]);
    let of = |owner: &str| path("/group_relationships", &[("owner", owner)]);
    assert_eq!(ben.get(&in_group).await.collection().len(), 2);
    ben.get(uri(&of_ada)).await.expect(200);
    ada.get(uri(&of_ada)).await.expect(200);
    assert_eq!(ada.get(of(&owner)).await.collection().len(), 1);
    for refused in [
        ada.get(&in_group).await,
        ada.get("/group_relationships").await,
        ada.get(of(&ben_owner)).await,
        ben.get("/group_relationships").await,
    ] {
        refused.refused(403, "permission_denied");
    }
    let reader = test.with_scopes("olga", &["groups:read"]).await;
    reader.get(&berlin).await.expect(200);
    let refusal = reader.delete(&berlin).await;
    let refusal = refusal.refused(403, "insufficient_scope");
    assert_eq!(refusal["required_scopes"], json!(["groups:write"]));
}

async fn a_group_that_goes_takes_its_relationships_along(test: Test) {
    let admin = test.as_admin();
    let (berlin, hamburg) = (group(&test, "Berlin").await, group(&test, "Hamburg").await);
    let relationship = put(&test, "ada", &berlin, "member").await;
    admin.delete(&berlin).await.expect(204);
    admin.get(&berlin).await.refused(404, "not_found");
    admin.delete(&berlin).await.refused(404, "not_found");
    admin
        .get(uri(&relationship))
        .await
        .refused(404, "not_found");
    test.as_user("ada").get("/users/me").await.expect(200);
    // so she can be a member elsewhere, and the name is free
    put(&test, "ada", &hamburg, "member").await;
    group(&test, "Berlin").await;
}
