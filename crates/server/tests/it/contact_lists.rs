//! Lists of contacts, who is on them, and the view of all contacts.

use serde_json::{Value, json};

use crate::{
    caller::{Caller, path, text, uri},
    contacts::contact,
    harness::{BASE, NOTHING, Test},
    races::at_once,
};

on_both_engines! {
    a_list_is_made_read_renamed_and_deleted,
    the_view_of_all_contacts_is_always_there_and_stays,
    a_name_belongs_to_one_list,
    contacts_go_on_a_list_and_off_it,
    contacts_of_a_list_are_listed,
    a_contact_that_is_deleted_is_on_no_list,
    lists_are_the_organizations,
}

on_all_deployments! {
    of_8_lists_of_one_name_one_is_made,
    a_contact_goes_on_a_list_once,
    an_organization_has_so_many_lists,
}

/// A list of this name without contacts.
async fn list(caller: &Caller, name: &str) -> String {
    let answer = caller.post("/contact_lists", json!({"name": name})).await;
    uri(&answer.resource(201))
}

/// Contacts of these names.
async fn people(caller: &Caller, names: &[&str]) -> Vec<String> {
    let mut people = Vec::new();
    for name in names {
        people.push(uri(
            &contact(caller, name, &format!("{name}@example.com")).await
        ));
    }
    people
}

async fn add(caller: &Caller, list: &str, contacts: &[&String]) -> Value {
    let body = json!({"contacts": contacts});
    caller
        .post(format!("{list}/memberships"), body)
        .await
        .resource(200)
}

async fn remove(caller: &Caller, list: &str, contacts: &[&String]) -> Value {
    let body = json!({"contacts": contacts});
    let path = format!("{list}/memberships/removal");
    caller.post(path, body).await.resource(200)
}

/// The names of those who are on a list.
async fn on(caller: &Caller, list: &str) -> String {
    let listed = caller
        .get(path("/contacts", &[("contact_list", list)]))
        .await
        .collection();
    listed
        .iter()
        .map(|contact| text(&contact["name"]))
        .collect()
}

async fn a_list_is_made_read_renamed_and_deleted(test: Test) {
    let ada = test.as_user("ada");
    let people = people(&ada, &["a", "b"]).await;
    let nobody = format!("{BASE}/contacts/{NOTHING}");
    let body =
        json!({"name": " Customers ", "contacts": [people[0], people[1], people[0], nobody]});
    let made = ada.post("/contact_lists", body).await.expect(201);
    let list = made["resource"].clone();
    let expected = json!({
        "resource": {
            "uri": list["uri"],
            "name": "Customers",
            "type": "static_list",
            "contact_count": 2,
            "created_at": list["created_at"],
            "updated_at": list["created_at"],
        },
        "membership_result": {"added": 2, "already_added": 0, "invalid": 1, "invalid_contacts": [nobody]},
    });
    assert_eq!(made, expected);
    let list = uri(&list);
    assert!(list.starts_with(&format!("{BASE}/contact_lists/")));
    assert_eq!(ada.get(&list).await.resource(200), expected["resource"]);
    let renamed = ada
        .patch(&list, json!({"name": "Clients"}))
        .await
        .resource(200);
    assert_eq!(
        (&renamed["name"], &renamed["contact_count"]),
        (&json!("Clients"), &json!(2))
    );
    assert_eq!(ada.get(&list).await.resource(200), renamed);
    for (body, mistake) in [
        (json!({}), "name required"),
        (json!({"name": " "}), "name required"),
        (json!({"name": "x".repeat(256)}), "name too_long"),
        (
            json!({"name": "x", "contacts": [people[0]]}),
            "contacts unknown_field",
        ),
    ] {
        assert_eq!(ada.patch(&list, body).await.mistakes(), [mistake]);
    }
    let body = json!({"name": "x", "contacts": ["nobody"]});
    assert_eq!(
        ada.post("/contact_lists", body).await.mistakes(),
        ["contacts[0] invalid_uri"]
    );
    ada.delete(&list).await.expect(204);
    ada.delete(&list).await.refused(404, "not_found");
    ada.get(&list).await.refused(404, "not_found");
    ada.patch(&list, json!({"name": "x"}))
        .await
        .refused(404, "not_found");
    assert_eq!(ada.get("/contacts").await.collection().len(), 2);
}

async fn the_view_of_all_contacts_is_always_there_and_stays(test: Test) {
    let ada = test.as_user("ada");
    let people = people(&ada, &["a", "b"]).await;
    let own = list(&ada, "Own").await;
    let all = ada.get("/contact_lists").await.expect(200);
    let view = all["collection"][0].clone();
    let expected = json!({
        "uri": view["uri"],
        "name": "All Contacts",
        "type": "dynamic_view",
        "contact_count": null,
        "created_at": view["created_at"],
        "updated_at": view["created_at"],
    });
    assert_eq!(view, expected);
    let pagination = json!({
        "count": 2, "next_page": null, "previous_page": null, "next_page_token": null, "previous_page_token": null,
    });
    assert_eq!(all["pagination"], pagination);
    assert_eq!(uri(&all["collection"][1]), own);
    for (kind, expected) in [("static_list", &own), ("dynamic_view", &uri(&view))] {
        let found = ada
            .get(path("/contact_lists", &[("type", kind)]))
            .await
            .collection();
        assert_eq!(
            found.iter().map(uri).collect::<Vec<_>>(),
            std::slice::from_ref(expected)
        );
    }
    let mistakes = ada.get("/contact_lists?type=view").await.mistakes();
    assert_eq!(mistakes, ["type unknown_value"]);
    let view = uri(&view);
    assert_eq!(ada.get(&view).await.resource(200), expected);
    assert_eq!(on(&ada, &view).await, "ab");
    ada.patch(&view, json!({"name": "x"}))
        .await
        .refused(409, "in_use");
    ada.delete(&view).await.refused(409, "in_use");
    let body = json!({"contacts": [people[0]]});
    for path in [
        format!("{view}/memberships"),
        format!("{view}/memberships/removal"),
    ] {
        ada.post(path, body.clone()).await.refused(409, "in_use");
    }
    test.as_foreigner()
        .get(&view)
        .await
        .refused(404, "not_found");
}

async fn a_name_belongs_to_one_list(test: Test) {
    let (ada, zoe) = (test.as_user("ada"), test.as_foreigner());
    list(&ada, "Élèves").await;
    let other = list(&ada, "Other").await;
    for name in [" eleves ", "ÉLÈVES", "E\u{301}le\u{300}ves", "all contacts"] {
        let refusal = ada.post("/contact_lists", json!({"name": name})).await;
        let refusal = refusal.refused(409, "already_exists");
        assert_eq!(refusal["details"][0]["parameter"], "name");
        ada.patch(&other, json!({"name": name}))
            .await
            .refused(409, "already_exists");
    }
    // one's own name is no other's
    ada.patch(&other, json!({"name": "OTHER"}))
        .await
        .expect(200);
    list(&zoe, "Élèves").await;
    assert_eq!(ada.get("/contact_lists").await.collection().len(), 3);
}

async fn contacts_go_on_a_list_and_off_it(test: Test) {
    let ada = test.as_user("ada");
    let people = people(&ada, &["a", "b", "c"]).await;
    let foreign = uri(&contact(&test.as_foreigner(), "z", "z@example.com").await);
    let list = list(&ada, "List").await;
    let added = add(&ada, &list, &[&people[0], &people[1], &people[0]]).await;
    assert_eq!(
        added,
        json!({"added": 2, "already_added": 0, "invalid": 0, "invalid_contacts": []})
    );
    let added = add(&ada, &list, &[&people[1], &people[2], &foreign]).await;
    assert_eq!(added["added"], 1);
    assert_eq!(added["already_added"], 1);
    assert_eq!(added["invalid"], 1);
    assert_eq!(added["invalid_contacts"], json!([foreign]));
    assert_eq!(ada.get(&list).await.resource(200)["contact_count"], 3);
    let removed = remove(&ada, &list, &[&people[0], &people[0], &foreign]).await;
    let expected =
        json!({"removed": 1, "already_removed": 0, "invalid": 1, "invalid_contacts": [foreign]});
    assert_eq!(removed, expected);
    let removed = remove(&ada, &list, &[&people[0], &people[2]]).await;
    let expected =
        json!({"removed": 1, "already_removed": 1, "invalid": 0, "invalid_contacts": []});
    assert_eq!(removed, expected);
    assert_eq!(on(&ada, &list).await, "b");
    let many: Vec<String> = vec![people[0].clone(); 501];
    for action in ["memberships", "memberships/removal"] {
        let path = format!("{list}/{action}");
        for (body, mistake) in [
            (json!({}), "contacts required"),
            (json!({"contacts": []}), "contacts too_few"),
            (json!({"contacts": many}), "contacts too_many"),
            (json!({"contacts": [list]}), "contacts[0] invalid_uri"),
        ] {
            assert_eq!(ada.post(&path, body).await.mistakes(), [mistake]);
        }
        let nothing = format!("/contact_lists/{NOTHING}/{action}");
        ada.post(nothing, json!({"contacts": [people[0]]}))
            .await
            .refused(404, "not_found");
    }
}

async fn contacts_of_a_list_are_listed(test: Test) {
    let ada = test.as_user("ada");
    let people = people(&ada, &["a", "b", "c", "d"]).await;
    let list = list(&ada, "List").await;
    add(&ada, &list, &[&people[0], &people[2], &people[3]]).await;
    assert_eq!(on(&ada, &list).await, "acd");
    let query = [
        ("contact_list", list.as_str()),
        ("count", "2"),
        ("sort", "created_at:desc"),
    ];
    let page = ada.get(path("/contacts", &query)).await.expect(200);
    assert_eq!(page["collection"][1]["name"], "c");
    let next = ada
        .get(text(&page["pagination"]["next_page"]))
        .await
        .collection();
    assert_eq!((next.len(), &next[0]["name"]), (1, &json!("a")));
    let query = [
        ("contact_list", list.as_str()),
        ("email", "a@example.com,b@example.com"),
    ];
    assert_eq!(
        ada.get(path("/contacts", &query)).await.collection().len(),
        1
    );
    let nothing = format!("{BASE}/contact_lists/{NOTHING}");
    let answer = ada
        .get(path("/contacts", &[("contact_list", &nothing)]))
        .await;
    answer.refused(404, "not_found");
    let zoe = test.as_foreigner();
    let answer = zoe.get(path("/contacts", &[("contact_list", &list)])).await;
    answer.refused(404, "not_found");
}

async fn a_contact_that_is_deleted_is_on_no_list(test: Test) {
    let ada = test.as_user("ada");
    let people = people(&ada, &["a", "b"]).await;
    let list = list(&ada, "List").await;
    add(&ada, &list, &[&people[0], &people[1]]).await;
    ada.delete(&people[0]).await.expect(204);
    assert_eq!(ada.get(&list).await.resource(200)["contact_count"], 1);
    assert_eq!(add(&ada, &list, &[&people[0]]).await["invalid"], 1);
}

async fn lists_are_the_organizations(test: Test) {
    let (ada, ben, zoe) = (
        test.as_user("ada"),
        test.as_user("ben"),
        test.as_foreigner(),
    );
    let list = list(&ada, "List").await;
    let person = &people(&ada, &["a"]).await[0];
    add(&ben, &list, &[person]).await;
    zoe.get(&list).await.refused(404, "not_found");
    zoe.patch(&list, json!({"name": "x"}))
        .await
        .refused(404, "not_found");
    zoe.delete(&list).await.refused(404, "not_found");
    let body = json!({"contacts": [person]});
    zoe.post(format!("{list}/memberships"), body)
        .await
        .refused(404, "not_found");
    assert_eq!(zoe.get("/contact_lists").await.collection().len(), 1);
    let reader = test.with_scopes("ada", &["contacts:read"]).await;
    reader.get(&list).await.expect(200);
    let refusal = reader.patch(&list, json!({"name": "x"})).await;
    let refusal = refusal.refused(403, "insufficient_scope");
    assert_eq!(refusal["required_scopes"], json!(["contacts:write"]));
    ben.delete(&list).await.expect(204);
}

async fn of_8_lists_of_one_name_one_is_made(test: Test) {
    let request = |number: usize| {
        let caller = test.as_user(["ada", "ben"][number % 2]);
        let body = json!({"name": (["Clients", "CLIENTS"][number % 2])});
        async move { caller.post("/contact_lists", body).await }
    };
    let answers = at_once((0..8).map(request)).await;
    assert_eq!(
        answers.iter().filter(|answer| answer.status == 201).count(),
        1
    );
    for answer in answers.iter().filter(|answer| answer.status != 201) {
        answer.refused(409, "already_exists");
    }
}

async fn a_contact_goes_on_a_list_once(test: Test) {
    let ada = test.as_user("ada");
    let people = people(&ada, &["a", "b", "c"]).await;
    let list = list(&ada, "List").await;
    let request = |number: usize| {
        let (ada, list, mut people) = (ada.clone(), list.clone(), people.clone());
        people.rotate_left(number % 3);
        async move {
            ada.post(format!("{list}/memberships"), json!({"contacts": people}))
                .await
        }
    };
    let answers = at_once((0..9).map(request)).await;
    let added: i64 = answers
        .iter()
        .map(|answer| answer.resource(200)["added"].as_i64().unwrap())
        .sum();
    assert_eq!(added, 3);
    assert_eq!(ada.get(&list).await.resource(200)["contact_count"], 3);
}

async fn an_organization_has_so_many_lists(test: Test) {
    let ada = test.as_user("ada");
    let request = |number: usize| {
        let ada = ada.clone();
        let body = json!({"name": number.to_string()});
        async move { ada.post("/contact_lists", body).await }
    };
    let answers = at_once((0..102).map(request)).await;
    assert_eq!(
        answers.iter().filter(|answer| answer.status == 201).count(),
        99
    );
    for answer in answers.iter().filter(|answer| answer.status != 201) {
        answer.refused(409, "too_many_resources");
    }
    assert_eq!(ada.get("/contact_lists").await.collection().len(), 100);
}
