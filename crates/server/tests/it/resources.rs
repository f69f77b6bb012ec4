//! Users that are rooms or equipment: they have a calendar that others keep, and nobody signs in as one.

use axum::http::Method;
use serde_json::{Value, json};

use crate::{
    caller::{Caller, path, text, uri},
    harness::{BASE, Test},
};

on_both_engines! {
    a_resource_is_a_user_without_an_address,
    what_does_not_go_with_the_kind_is_told_at_once,
    several_resources_have_no_address_and_each_address_is_of_one_user,
    an_edit_gives_a_resource_an_address_and_takes_it_back,
    a_person_keeps_an_address,
    nobody_signs_in_as_a_resource,
    a_resource_owns_no_event_types,
    lists_of_users_have_both_kinds_or_one,
    a_resource_is_a_member_with_the_role_of_a_user,
    a_removed_resource_is_gone_and_its_address_is_free,
    people_of_the_classic_api_are_persons,
}

/// A room in UTC. Who calls is the owner of the organization, whose helpers then act for the room.
pub async fn room(test: &Test) -> Caller {
    let body = json!({"name": "Room 1", "kind": "resource"});
    let room = test.as_owner().post("/users", body).await.resource(201);
    Caller {
        uri: uri(&room),
        ..test.as_owner()
    }
}

async fn a_resource_is_a_user_without_an_address(test: Test) {
    let owner = test.as_owner();
    let body = json!({"name": "Room 1", "kind": "resource", "timezone": "Europe/Rome"});
    let room = owner.post("/users", body).await.resource(201);
    let expected = json!({
        "uri": room["uri"],
        "name": "Room 1",
        "slug": "room-1",
        "email": "",
        "scheduling_url": format!("{BASE}/room-1"),
        "timezone": "Europe/Rome",
        "time_notation": "12h",
        "avatar_url": null,
        "created_at": room["created_at"],
        "updated_at": room["created_at"],
        "current_organization": test.organization,
        "resource_type": "User",
        "locale": "en",
        "phone_number": null,
        "kind": "resource",
    });
    assert_eq!(room, expected);
    let ada = test.as_user("ada");
    assert_eq!(ada.get(uri(&room)).await.resource(200), room);
    assert_eq!(ada.get("/users/me").await.resource(200)["kind"], "person");
    test.as_foreigner()
        .get(uri(&room))
        .await
        .refused(404, "not_found");
    ada.post("/users", json!({"name": "Mine", "kind": "resource"}))
        .await
        .refused(403, "permission_denied");
}

async fn what_does_not_go_with_the_kind_is_told_at_once(test: Test) {
    let rows = [
        (json!({"name": "x"}), vec!["email required"]),
        (
            json!({"name": "x", "kind": "person"}),
            vec!["email required"],
        ),
        (
            json!({"name": "x", "kind": null, "email": null}),
            vec!["email required"],
        ),
        (
            json!({"name": " ", "timezone": "Nowhere"}),
            vec!["name required", "timezone unknown_zone", "email required"],
        ),
        (
            json!({"name": 1, "kind": "resource", "role": "admin"}),
            vec!["name wrong_type", "role is_resource"],
        ),
        (
            json!({"name": "x", "kind": "resource", "role": "owner"}),
            vec!["role unknown_value"],
        ),
        // an address that is sent must be one, also that of a resource
        (
            json!({"name": "x", "kind": "resource", "email": ""}),
            vec!["email invalid_email"],
        ),
        // of an unknown kind nobody knows what it needs
        (
            json!({"name": "x", "kind": "robot"}),
            vec!["kind unknown_value"],
        ),
        (
            json!({"name": "x", "kind": "Resource"}),
            vec!["kind unknown_value"],
        ),
        (json!({"name": "x", "kind": 1}), vec!["kind wrong_type"]),
        (
            json!({"name": "x", "kind": ["resource"]}),
            vec!["kind wrong_type"],
        ),
    ];
    let owner = test.as_owner();
    for (body, expected) in rows {
        let answer = owner.post("/users", body.clone()).await;
        assert_eq!(answer.mistakes(), expected, "{body}");
    }
    let refusal = owner.post("/users", json!({"name": "x"})).await.expect(400);
    assert_eq!(
        refusal["details"][0]["message"],
        "must be filled unless kind is resource"
    );
    // nothing was added, and a form says the same as JSON
    assert_eq!(owner.get("/users").await.collection().len(), 4);
    let form = [("content-type", "application/x-www-form-urlencoded")];
    let send = |body: &'static str| owner.send(Method::POST, "/users", &form, body.into());
    let refused = send("name=x&kind=resource&role=admin").await;
    assert_eq!(refused.mistakes(), ["role is_resource"]);
    let room = send("name=Room&kind=resource&role=user")
        .await
        .resource(201);
    assert_eq!(room["kind"], "resource");
}

async fn several_resources_have_no_address_and_each_address_is_of_one_user(test: Test) {
    let owner = test.as_owner();
    for name in ["Room 1", "Room 2", "Projector"] {
        let body = json!({"name": name, "kind": "resource", "email": null});
        assert_eq!(
            owner.post("/users", body).await.resource(201)["email"],
            "",
            "{name}"
        );
    }
    let named = json!({"name": "Room 3", "kind": "resource", "email": "Room@example.com"});
    let room = owner.post("/users", named).await.resource(201);
    assert_eq!(room["email"], "Room@example.com");
    for kind in ["person", "resource"] {
        let body = json!({"name": "Other", "kind": kind, "email": "room@example.com"});
        let refusal = owner.post("/users", body).await;
        let refusal = refusal.refused(409, "already_exists");
        assert_eq!(refusal["details"][0]["parameter"], "email", "{kind}");
    }
}

async fn an_edit_gives_a_resource_an_address_and_takes_it_back(test: Test) {
    let room = room(&test).await;
    let address = json!({"email": "room@example.com", "timezone": "Europe/Rome"});
    let edited = room.patch(&room.uri, address).await.resource(200);
    assert_eq!(edited["email"], "room@example.com");
    assert_eq!(
        (&edited["kind"], &edited["timezone"]),
        (&json!("resource"), &json!("Europe/Rome"))
    );
    let taken = json!({"email": "ADA@example.com"});
    room.patch(&room.uri, taken)
        .await
        .refused(409, "already_exists");
    let emptied = json!({"email": null});
    let edited = room.patch(&room.uri, emptied.clone()).await.resource(200);
    assert_eq!(edited["email"], "");
    // a second one without address is no conflict
    let other = json!({"name": "Room 2", "kind": "resource"});
    room.post("/users", other).await.expect(201);
    room.patch(&room.uri, emptied).await.expect(200);
    let rows = [
        (json!({"email": ""}), "email invalid_email"),
        (json!({"kind": "person"}), "kind unknown_field"),
        (json!({"kind": "resource"}), "kind unknown_field"),
        (json!({"role": "admin"}), "role unknown_field"),
    ];
    for (body, expected) in rows {
        let answer = room.patch(&room.uri, body.clone()).await;
        assert_eq!(answer.mistakes(), [expected], "{body}");
    }
    test.as_user("ada")
        .patch(&room.uri, json!({"name": "Mine"}))
        .await
        .refused(403, "permission_denied");
}

async fn a_person_keeps_an_address(test: Test) {
    let ada = test.as_user("ada");
    let refusal = ada
        .patch(&ada.uri, json!({"email": null, "name": "Countess"}))
        .await;
    assert_eq!(refusal.mistakes(), ["email required"]);
    let me = ada.get("/users/me").await.resource(200);
    assert_eq!(
        (&me["email"], &me["name"]),
        (&json!("ada@example.com"), &json!("ada"))
    );
}

async fn nobody_signs_in_as_a_resource(test: Test) {
    let room = room(&test).await;
    let body = json!({"name": "Door", "user": room.uri});
    for caller in [test.as_owner(), test.as_admin()] {
        let refusal = caller.post("/personal_access_tokens", body.clone()).await;
        assert_eq!(refusal.mistakes(), ["user is_resource"]);
        assert_eq!(
            refusal.expect(400)["details"][0]["message"],
            "must be a person; a resource cannot sign in"
        );
    }
    test.as_user("ada")
        .post("/personal_access_tokens", body)
        .await
        .refused(403, "permission_denied");
    let tokens = path("/personal_access_tokens", &[("user", &room.uri)]);
    assert_eq!(room.get(tokens).await.collection(), [] as [Value; 0]);
}

async fn a_resource_owns_no_event_types(test: Test) {
    let room = room(&test).await;
    let body = json!({"owner": room.uri, "name": "Rent", "active": true});
    let refusal = room.post("/event_types", body.clone()).await;
    assert_eq!(refusal.mistakes(), ["owner is_resource"]);
    assert_eq!(
        refusal.expect(400)["details"][0]["message"],
        "must be a person; a resource owns no event types"
    );
    test.as_user("ada")
        .post("/event_types", body)
        .await
        .refused(403, "permission_denied");
    let event_types = path("/event_types", &[("user", &room.uri)]);
    assert_eq!(room.get(event_types).await.collection(), [] as [Value; 0]);
}

async fn lists_of_users_have_both_kinds_or_one(test: Test) {
    let owner = test.as_owner();
    for name in ["Room 1", "Room 2", "Room 3"] {
        let body = json!({"name": name, "kind": "resource"});
        owner.post("/users", body).await.expect(201);
    }
    let names =
        |users: &[Value]| -> Vec<String> { users.iter().map(|user| text(&user["name"])).collect() };
    let rows = [
        (
            "/users",
            vec!["olga", "amir", "ada", "ben", "Room 1", "Room 2", "Room 3"],
        ),
        ("/users?kind=person", vec!["olga", "amir", "ada", "ben"]),
        ("/users?kind=resource", vec!["Room 1", "Room 2", "Room 3"]),
        (
            "/users?kind=resource&sort=created_at:desc",
            vec!["Room 3", "Room 2", "Room 1"],
        ),
    ];
    for (path, expected) in rows {
        assert_eq!(
            names(&owner.get(path).await.collection()),
            expected,
            "{path}"
        );
    }
    // the next page is of the same kind
    let first = owner.get("/users?kind=resource&count=2").await.expect(200);
    assert_eq!(first["collection"].as_array().map(Vec::len), Some(2));
    let next = text(&first["pagination"]["next_page"]);
    assert_eq!(names(&owner.get(&next).await.collection()), ["Room 3"]);
    let refusal = owner.get("/users?kind=room").await;
    assert_eq!(refusal.mistakes(), ["kind unknown_value"]);
    assert_eq!(
        test.as_foreigner()
            .get("/users?kind=resource")
            .await
            .collection(),
        [] as [Value; 0]
    );
}

async fn a_resource_is_a_member_with_the_role_of_a_user(test: Test) {
    let (room, ada) = (room(&test).await, test.as_user("ada"));
    let body = room.get(&room.uri).await.resource(200);
    let query = path("/organization_memberships", &[("user", &room.uri)]);
    let members = ada.get(query).await.collection();
    let expected = json!({
        "uri": members[0]["uri"],
        "role": "user",
        "user": {
            "uri": room.uri, "name": "Room 1", "slug": "room-1", "email": "", "scheduling_url": format!("{BASE}/room-1"),
            "timezone": "UTC", "avatar_url": null, "locale": "en", "created_at": body["created_at"],
            "updated_at": body["updated_at"], "kind": "resource",
        },
        "organization": test.organization,
        "created_at": body["created_at"],
        "updated_at": body["created_at"],
    });
    assert_eq!(members, [expected]);
    let users = ada.get("/organization_memberships?role=user").await;
    let kinds: Vec<String> = users
        .collection()
        .iter()
        .map(|member| text(&member["user"]["kind"]))
        .collect();
    assert_eq!(kinds, ["person", "person", "resource"]);
}

async fn a_removed_resource_is_gone_and_its_address_is_free(test: Test) {
    let room = room(&test).await;
    let address = json!({"email": "room@example.com"});
    room.patch(&room.uri, address).await.expect(200);
    test.as_user("ada")
        .delete(&room.uri)
        .await
        .refused(403, "permission_denied");
    room.delete(&room.uri).await.expect(204);
    room.get(&room.uri).await.refused(404, "not_found");
    assert_eq!(
        room.get("/users?kind=resource").await.collection(),
        [] as [Value; 0]
    );
    let again = json!({"name": "Room 1", "kind": "resource", "email": "room@example.com"});
    let again = room.post("/users", again).await.resource(201);
    assert_eq!(again["slug"], "room-1");
}

async fn people_of_the_classic_api_are_persons(test: Test) {
    let owner = test.as_owner();
    let new = json!({"user_name": "Grace", "phone_number": "1"});
    owner.post("/users/add_user", new).await.expect(200);
    let people = owner.get("/users?kind=person").await.collection();
    assert_eq!(people.last().unwrap()["name"], "Grace");
}
