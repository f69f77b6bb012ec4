//! `GET /activity_log_entries`: what was done is filtered, sorted, walked and searched.

use axum::http::Method;
use serde_json::{Value, json};

use crate::{
    activity_log::{asked, entries, names},
    caller::{Caller, JSON, id, path, text, uri},
    harness::Test,
};

on_both_engines! {
    entries_are_filtered,
    entries_are_sorted_and_paged_forth_and_back,
    entries_are_searched,
    nobody_but_administrators_reads_it,
    mistakes_are_named,
}

/// Six entries: groups of amir, teams of olga, and notes of the classic kind.
async fn filled(test: &Test) -> (Caller, Caller) {
    let (olga, amir) = (test.as_owner(), test.as_admin());
    let team = olga
        .post("/teams", json!({"name": "Élan vital"}))
        .await
        .resource(201);
    let group = amir
        .post("/groups", json!({"name": "Night owls"}))
        .await
        .resource(201);
    amir.patch(uri(&group), json!({"name": "Early birds"}))
        .await
        .resource(200);
    olga.patch(uri(&team), json!({"name": "Élan"}))
        .await
        .resource(200);
    amir.delete(uri(&group)).await.expect(204);
    olga.delete(uri(&team)).await.expect(204);
    (olga, amir)
}

const NEWEST_FIRST: [&str; 6] = [
    "Team.Remove",
    "Group.Remove",
    "Team.Update",
    "Group.Update",
    "Group.Add",
    "Team.Add",
];

/// What is asked for, and the places of the entries that are found.
type Case<'a> = (Vec<(&'a str, &'a str)>, &'a [usize]);

async fn entries_are_filtered(test: Test) {
    let (olga, amir) = filled(&test).await;
    let all = entries(&test, &[]).await;
    assert_eq!(names(&all), NEWEST_FIRST);
    let at = |place: usize| text(&all[place]["occurred_at"]);
    let (olga, amir, ben) = (
        olga.uri.as_str(),
        amir.uri.as_str(),
        test.as_user("ben").uri,
    );
    let cases: Vec<Case> = vec![
        (vec![("actor", olga)], &[0, 2, 5]),
        (vec![("actor", olga), ("actor", amir)], &[0, 1, 2, 3, 4, 5]),
        (vec![("actor[]", amir)], &[1, 3, 4]),
        (vec![("actor[]", amir), ("actor[]", &ben)], &[1, 3, 4]),
        (vec![("actor", &ben)], &[]),
        (vec![("namespace", "Team")], &[0, 2, 5]),
        (
            vec![("namespace[]", "Team"), ("namespace[]", "Group")],
            &[0, 1, 2, 3, 4, 5],
        ),
        // names are exact, and those that nobody knows find nothing
        (vec![("namespace", "team")], &[]),
        (vec![("namespace", "Workflow")], &[]),
        (vec![("namespace", "Tea%")], &[]),
        (vec![("action", "Add"), ("action", "Remove")], &[0, 1, 4, 5]),
        (
            vec![
                ("action[]", "Update"),
                ("namespace", "Group"),
                ("actor", amir),
            ],
            &[3],
        ),
    ];
    for (query, expected) in cases {
        let expected: Vec<Value> = expected.iter().map(|place| all[*place].clone()).collect();
        let page = asked(&test, &query).await;
        assert_eq!(page["collection"], json!(expected), "{query:?}");
        assert_eq!(page["total_count"], expected.len(), "{query:?}");
        // what happened last does not depend on what is asked for
        assert_eq!(page["last_event_time"], all[0]["occurred_at"], "{query:?}");
    }
    // both ends are within, to the millisecond
    let within = |entry: &&Value| {
        at(4) <= text(&entry["occurred_at"]) && text(&entry["occurred_at"]) <= at(1)
    };
    let expected: Vec<&Value> = all.iter().filter(within).collect();
    let (from, until) = (at(4), at(1));
    let found = entries(
        &test,
        &[("min_occurred_at", &from), ("max_occurred_at", &until)],
    )
    .await;
    assert_eq!(json!(found), json!(expected));
    let none = asked(&test, &[("min_occurred_at", "2027-01-01T00:00:00Z")]).await;
    assert_eq!(
        (&none["collection"], &none["total_count"]),
        (&json!([]), &json!(0))
    );
}

async fn entries_are_sorted_and_paged_forth_and_back(test: Test) {
    filled(&test).await;
    let mut oldest_first = NEWEST_FIRST;
    oldest_first.reverse();
    let cases: [(&[&str], [&str; 6]); 7] = [
        (&["occurred_at:desc"], NEWEST_FIRST),
        (&["occurred_at:asc"], oldest_first),
        (
            &["action:asc", "namespace:desc"],
            [
                "Team.Add",
                "Group.Add",
                "Team.Remove",
                "Group.Remove",
                "Team.Update",
                "Group.Update",
            ],
        ),
        (
            &["namespace:asc,action:desc"],
            [
                "Group.Update",
                "Group.Remove",
                "Group.Add",
                "Team.Update",
                "Team.Remove",
                "Team.Add",
            ],
        ),
        (
            &["namespace:desc", "occurred_at:asc"],
            [
                "Team.Add",
                "Team.Update",
                "Team.Remove",
                "Group.Add",
                "Group.Update",
                "Group.Remove",
            ],
        ),
        // amir comes before olga, and within each the newest is first
        (
            &["actor.display_name"],
            [
                "Group.Remove",
                "Group.Update",
                "Group.Add",
                "Team.Remove",
                "Team.Update",
                "Team.Add",
            ],
        ),
        // olga was made before amir
        (
            &["actor.uri:asc", "action:asc"],
            [
                "Team.Add",
                "Team.Remove",
                "Team.Update",
                "Group.Add",
                "Group.Remove",
                "Group.Update",
            ],
        ),
    ];
    for (sort, expected) in cases {
        for key in ["sort", "sort[]"] {
            let mut query: Vec<(&str, &str)> = sort.iter().map(|sort| (key, *sort)).collect();
            assert_eq!(names(&entries(&test, &query).await), expected, "{query:?}");
            query.push(("count", "4"));
            assert_walk(&test, &query, &expected).await;
        }
    }
    let query = [("search_term", "team | update"), ("count", "4")];
    let expected = ["Team.Remove", "Team.Update", "Group.Update", "Team.Add"];
    assert_walk(&test, &query, &expected).await;
    // a token is of the order that it was given for
    let page = asked(&test, &[("count", "1"), ("sort", "action:asc")]).await;
    let token = text(&page["pagination"]["next_page_token"]);
    let wrong = path(
        "/activity_log_entries",
        &[("organization", &test.organization), ("page_token", &token)],
    );
    let mistakes = test.as_owner().get(wrong).await.mistakes();
    assert_eq!(mistakes, ["page_token invalid_page_token"]);
}

/// Walks the list in pages, while new entries come, and back.
async fn assert_walk(test: &Test, query: &[(&str, &str)], expected: &[&str]) {
    let owner = test.as_owner();
    let first = asked(test, query).await;
    let mut pages = vec![first["collection"].as_array().unwrap().clone()];
    let mut next = first["pagination"]["next_page"].clone();
    let mut previous = Value::Null;
    while let Some(link) = next.as_str() {
        let page = owner.get(link).await.expect(200);
        pages.push(page["collection"].as_array().unwrap().clone());
        previous = page["pagination"]["previous_page"].clone();
        next = page["pagination"]["next_page"].clone();
    }
    assert_eq!(names(&pages.concat()), expected, "{query:?}");
    for page in pages.iter().rev().skip(1) {
        let back = owner.get(text(&previous)).await.expect(200);
        assert_eq!(back["collection"], json!(page), "{query:?}");
        previous = back["pagination"]["previous_page"].clone();
    }
    assert_eq!(previous, Value::Null, "{query:?}");
}

async fn entries_are_searched(test: Test) {
    let (olga, _) = filled(&test).await;
    let last = format!("\"{}\" + remove", id(&olga.uri));
    let cases: [(&str, &[&str]); 9] = [
        ("team", &["Team.Remove", "Team.Update", "Team.Add"]),
        ("birds", &["Group.Update"]),
        (
            "\"night owls\" | \"early birds\"",
            &["Group.Update", "Group.Add"],
        ),
        ("\"owls night\"", &[]),
        // accents and case do not count
        ("ELAN*", &["Team.Update", "Team.Add"]),
        ("elan -vital", &["Team.Update"]),
        ("amir@example.com + -(add | update)", &["Group.Remove"]),
        ("Group.Update", &["Group.Update"]),
        (&last, &[]),
    ];
    for (term, expected) in cases {
        let page = asked(&test, &[("search_term", term)]).await;
        assert_eq!(
            names(page["collection"].as_array().unwrap()),
            expected,
            "{term}"
        );
        assert_eq!(page["total_count"], expected.len(), "{term}");
        assert_eq!(page["exceeds_max_total_count"], false, "{term}");
    }
    let both = [("search_term", "add"), ("namespace", "Group")];
    assert_eq!(names(&entries(&test, &both).await), ["Group.Add"]);
}

async fn nobody_but_administrators_reads_it(test: Test) {
    let log = path(
        "/activity_log_entries",
        &[("organization", &test.organization)],
    );
    test.as_owner().get(&log).await.expect(200);
    test.as_admin().get(&log).await.expect(200);
    let message = "You do not have permission to access this resource.";
    for caller in [test.as_user("ada"), test.as_foreigner()] {
        let refusal = caller.get(&log).await.refused(403, "permission_denied");
        assert_eq!(refusal["message"], message);
    }
    let narrow = test.with_scopes("olga", &["users:read"]).await;
    let refusal = narrow.get(&log).await.refused(403, "insufficient_scope");
    assert_eq!(refusal["required_scopes"], json!(["activity_log:read"]));
    test.with_scopes("olga", &["activity_log:read"])
        .await
        .get(&log)
        .await
        .expect(200);
    // nobody writes it
    let owner = test.as_owner();
    for method in [Method::POST, Method::DELETE, Method::PATCH] {
        owner
            .send(method, "/activity_log_entries", JSON, b"{}".to_vec())
            .await
            .refused(405, "method_not_allowed");
    }
}

async fn mistakes_are_named(test: Test) {
    let owner = test.as_owner();
    let mistakes = |query: Vec<(&'static str, String)>| {
        let query: Vec<(&str, &str)> = query
            .iter()
            .map(|(key, value)| (*key, value.as_str()))
            .collect();
        let path = path("/activity_log_entries", &query);
        let owner = &owner;
        async move { owner.get(path).await.mistakes() }
    };
    assert_eq!(mistakes(vec![]).await, ["organization required"]);
    let all = [
        ("organization", "x"),
        ("search_term", "(a"),
        ("actor", "x"),
        ("sort", "name:asc"),
        ("min_occurred_at", "x"),
        ("max_occurred_at", "x"),
        ("count", "1001"),
    ];
    let found = mistakes(all.map(|(key, value)| (key, value.to_owned())).into()).await;
    let expected = [
        "organization invalid_uri",
        "search_term invalid_format",
        "actor[0] invalid_uri",
        "sort unknown_value",
        "min_occurred_at invalid_time",
        "max_occurred_at invalid_time",
        "count out_of_range",
    ];
    assert_eq!(found, expected);
    let with = |key, value: &str| {
        let organization = ("organization", test.organization.clone());
        vec![organization, (key, value.to_owned())]
    };
    assert_eq!(
        mistakes(with("sort", "action:up")).await,
        ["sort unknown_value"]
    );
    assert_eq!(
        mistakes(with("search_term", &"x".repeat(301))).await,
        ["search_term too_long"]
    );
    let term = path(
        "/activity_log_entries",
        &[
            ("organization", &test.organization),
            ("search_term", "ada | (ben"),
        ],
    );
    let refusal = owner.get(term).await.refused(400, "invalid_argument");
    let message = "cannot be understood: at character 7 a parenthesis is opened that is not closed";
    assert_eq!(refusal["details"][0]["message"], message);
    let most = path(
        "/activity_log_entries",
        &[("organization", &test.organization), ("count", "1000")],
    );
    owner.get(most).await.expect(200);
}
