//! `/teams`: who belongs to them, who may change them.

use futures_util::future::join_all;
use serde_json::json;

use crate::{
    caller::{path, text, uri},
    harness::{BASE, NOTHING, Test},
};

on_both_engines! {
    a_team_is_shown_with_all_it_has,
    an_edit_changes_what_it_names_and_nothing_else,
    whoever_cannot_be_a_member_is_named,
    a_slug_belongs_to_one_team,
    teams_are_listed_by_age_and_member,
    a_removed_user_belongs_to_no_team,
    a_deleted_team_is_gone,
    everyone_reads_teams_and_only_admins_write_them,
}

async fn a_team_is_shown_with_all_it_has(test: Test) {
    let (admin, ada, ben) = (test.as_admin(), test.as_user("ada"), test.as_user("ben"));
    let body = json!({"name": "Sales & Support", "members": [ben.uri, ada.uri]});
    let team = admin.post("/teams", body).await.resource(201);
    let expected = json!({
        "uri": team["uri"],
        "name": "Sales & Support",
        "organization": test.organization,
        "scheduling_url": format!("{BASE}/team/sales-support"),
        "slug": "sales-support",
        "members": [ben.uri, ada.uri],
        "created_at": team["created_at"],
        "updated_at": team["created_at"],
    });
    assert_eq!(team, expected);
    assert!(uri(&team).starts_with(&format!("{BASE}/teams/")));
    assert_eq!(ada.get(uri(&team)).await.resource(200), team);
    let body = json!({"name": "Nobody"});
    let team = admin.post_once("/teams", "key", &body).await.resource(201);
    assert_eq!(team["members"], json!([]));
    let again = admin.post_once("/teams", "key", &body).await.resource(201);
    assert_eq!(again, team);
}

async fn an_edit_changes_what_it_names_and_nothing_else(test: Test) {
    let (admin, ada, ben) = (test.as_admin(), test.as_user("ada"), test.as_user("ben"));
    let body = json!({"name": "Sales", "members": [ada.uri]});
    let team = admin.post("/teams", body).await.resource(201);
    let edited = admin
        .patch(uri(&team), json!({"members": [ben.uri, ada.uri]}))
        .await
        .resource(200);
    let mut expected = team.clone();
    expected["members"] = json!([ben.uri, ada.uri]);
    expected["updated_at"] = edited["updated_at"].clone();
    assert_eq!(edited, expected);
    assert!(text(&team["updated_at"]) < text(&edited["updated_at"]));
    let body = json!({"name": "Support", "slug": "help", "members": []});
    let edited = admin.patch(uri(&team), body).await.resource(200);
    assert_eq!(edited["name"], "Support");
    assert_eq!(edited["scheduling_url"], format!("{BASE}/team/help"));
    assert_eq!(edited["members"], json!([]));
    assert_eq!(admin.get(uri(&team)).await.resource(200), edited);
}

async fn whoever_cannot_be_a_member_is_named(test: Test) {
    let (admin, ada) = (test.as_admin(), test.as_user("ada"));
    let nobody = format!("{BASE}/users/{NOTHING}");
    let foreigner = test.as_foreigner().uri;
    let members = json!([ada.uri, nobody, ada.uri, foreigner]);
    let body = json!({"name": "Sales", "members": members});
    let expected = [
        "members[1] not_found",
        "members[2] duplicate",
        "members[3] not_found",
    ];
    assert_eq!(admin.post("/teams", body).await.mistakes(), expected);
    assert_eq!(admin.get("/teams").await.collection().len(), 0);
    let team = admin.post("/teams", json!({"name": "Sales"})).await;
    let team = team.resource(201);
    let body = json!({"name": "Other", "members": members});
    assert_eq!(admin.patch(uri(&team), body).await.mistakes(), expected);
    assert_eq!(admin.get(uri(&team)).await.resource(200), team);
    let body = json!({"name": " ", "slug": "-", "members": "x", "plan": 1});
    let mut mistakes = admin.post("/teams", body).await.mistakes();
    mistakes.sort();
    let expected = [
        "members wrong_type",
        "name required",
        "plan unknown_field",
        "slug invalid_format",
    ];
    assert_eq!(mistakes, expected);
}

async fn a_slug_belongs_to_one_team(test: Test) {
    let admin = test.as_admin();
    let body = json!({"name": "Sales", "slug": "sales"});
    let first = admin.post("/teams", body.clone()).await.resource(201);
    admin
        .post("/teams", body)
        .await
        .refused(409, "already_exists");
    let second = admin.post("/teams", json!({"name": "Sales"})).await;
    let second = second.resource(201);
    assert!(text(&second["slug"]).starts_with("sales-"));
    admin
        .patch(uri(&second), json!({"slug": "sales"}))
        .await
        .refused(409, "already_exists");
    admin
        .patch(uri(&first), json!({"slug": "sales"}))
        .await
        .expect(200);
    // of many at once one has it
    let body = json!({"name": "Support", "slug": "support"});
    let answers = (0..8).map(|_| admin.post("/teams", body.clone()));
    let answers = join_all(answers).await;
    let won = answers.iter().filter(|answer| answer.status == 201);
    assert_eq!(won.count(), 1);
    for answer in answers.iter().filter(|answer| answer.status != 201) {
        answer.refused(409, "already_exists");
    }
}

async fn teams_are_listed_by_age_and_member(test: Test) {
    let (admin, ada, ben) = (test.as_admin(), test.as_user("ada"), test.as_user("ben"));
    let teams = [
        ("a", json!([ada.uri])),
        ("b", json!([])),
        ("c", json!([ben.uri, ada.uri])),
    ];
    for (name, members) in teams {
        let body = json!({"name": name, "members": members});
        admin.post("/teams", body).await.expect(201);
    }
    let rows: [(&[(&str, &str)], &str); 4] = [
        (&[], "abc"),
        (&[("user", &ada.uri)], "ac"),
        (&[("user", &ben.uri)], "c"),
        (&[("user", &admin.uri)], ""),
    ];
    for (filter, expected) in rows {
        let listed = ben.get(path("/teams", filter)).await.collection();
        let names: String = listed.iter().map(|team| text(&team["name"])).collect();
        assert_eq!(names, expected, "{filter:?}");
    }
    let first = path("/teams", &[("user", &ada.uri), ("count", "1")]);
    let first = ben.get(first).await.expect(200);
    let second = ben.get(text(&first["pagination"]["next_page"])).await;
    let second = second.expect(200);
    assert_eq!(second["collection"][0]["name"], "c");
    assert_eq!(second["pagination"]["next_page"], json!(null));
    let back = ben.get(text(&second["pagination"]["previous_page"])).await;
    assert_eq!(back.expect(200)["collection"], first["collection"]);
    ben.get(path("/teams", &[("user", &test.as_foreigner().uri)]))
        .await
        .refused(404, "not_found");
}

async fn a_removed_user_belongs_to_no_team(test: Test) {
    let (admin, ada, ben) = (test.as_admin(), test.as_user("ada"), test.as_user("ben"));
    let body = json!({"name": "Sales", "members": [ada.uri, ben.uri]});
    let team = admin.post("/teams", body).await.resource(201);
    admin.delete(&ada.uri).await.expect(204);
    let left = admin.get(uri(&team)).await.resource(200);
    assert_eq!(left["members"], json!([ben.uri]));
}

async fn a_deleted_team_is_gone(test: Test) {
    let (admin, ada) = (test.as_admin(), test.as_user("ada"));
    let body = json!({"name": "Sales", "slug": "sales", "members": [ada.uri]});
    let team = uri(&admin.post("/teams", body.clone()).await.resource(201));
    admin.delete(&team).await.expect(204);
    admin.get(&team).await.refused(404, "not_found");
    admin.delete(&team).await.refused(404, "not_found");
    admin
        .patch(&team, json!({"name": "x"}))
        .await
        .refused(404, "not_found");
    let of_ada = path("/teams", &[("user", &ada.uri)]);
    assert_eq!(admin.get(of_ada).await.collection().len(), 0);
    // its slug is free again
    admin.post("/teams", body).await.expect(201);
}

async fn everyone_reads_teams_and_only_admins_write_them(test: Test) {
    let (admin, ada) = (test.as_admin(), test.as_user("ada"));
    let team = admin.post("/teams", json!({"name": "Sales"})).await;
    let team = uri(&team.resource(201));
    for answer in [
        ada.post("/teams", json!({"name": "x"})).await,
        ada.patch(&team, json!({"name": "x"})).await,
        ada.delete(&team).await,
    ] {
        answer.refused(403, "permission_denied");
    }
    ada.get(&team).await.expect(200);
    let foreigner = test.as_foreigner();
    for answer in [
        foreigner.get(&team).await,
        foreigner.patch(&team, json!({"name": "x"})).await,
        foreigner.delete(&team).await,
    ] {
        answer.refused(404, "not_found");
    }
    assert_eq!(foreigner.get("/teams").await.collection().len(), 0);
    let reader = test.with_scopes("olga", &["organizations:read"]).await;
    let refusal = reader
        .delete(&team)
        .await
        .refused(403, "insufficient_scope");
    assert_eq!(refusal["required_scopes"], json!(["organizations:write"]));
}
