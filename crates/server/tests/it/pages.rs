//! Lists: filters, sorting, and walks over their pages in both directions.

use serde_json::{Value, json};

use crate::{
    caller::{Caller, path, text, uri},
    harness::Test,
};

on_both_engines! {
    every_list_can_be_walked_forth_and_back,
    a_page_stays_where_it_is_when_rows_come_and_go,
    a_token_that_was_changed_is_refused,
    scheduled_events_are_filtered_by_all_they_have,
    event_types_are_filtered_and_sorted,
    counts_out_of_bounds_are_refused,
}

/// Walks from page to page along `link`, from this page on; the URIs of each page.
async fn walk(caller: &Caller, start: Value, link: &str) -> Vec<Vec<String>> {
    let mut pages = Vec::new();
    let mut next = start;
    while let Some(page) = next.as_str() {
        let mut body = caller.get(page).await.expect(200);
        assert!(pages.len() < 50, "a walk without end: {page}");
        let rows = body["collection"].as_array().unwrap();
        assert_eq!(body["pagination"]["count"], rows.len());
        pages.push(rows.iter().map(uri).collect());
        let last = body["pagination"][link].is_null();
        assert_eq!(last, body["pagination"][format!("{link}_token")].is_null());
        next = body["pagination"][link].take();
    }
    pages
}

async fn full_of_rows(test: &Test) -> Caller {
    let owner = test.as_owner();
    let event_type = owner.event_type(json!({"name": "m"})).await;
    for name in ["b", "A", "z", "a", "Z", "\u{e9}", "%_"] {
        owner.event_type(json!({"name": name, "position": 3})).await;
        owner.post("/users", json!({"name": name, "email": format!("{}@example.com", name.len() * 100 + usize::from(name.as_bytes()[0]))})).await.expect(201);
        owner
            .post("/personal_access_tokens", json!({"name": name}))
            .await
            .expect(201);
    }
    for hour in 9..16 {
        owner
            .book(&event_type, &format!("2026-03-03T{hour:02}:00:00Z"))
            .await
            .expect(201);
    }
    owner
}

async fn every_list_can_be_walked_forth_and_back(test: Test) {
    let owner = full_of_rows(&test).await;
    let user = ("user", owner.uri.as_str());
    let organization = ("organization", test.organization.as_str());
    let lists = [
        ("/users", vec![], 11),
        ("/users", vec![("sort", "created_at:desc")], 11),
        ("/organization_memberships", vec![], 11),
        ("/personal_access_tokens", vec![], 8),
        (
            "/personal_access_tokens",
            vec![("sort", "created_at:desc")],
            8,
        ),
        ("/event_types", vec![user], 8),
        ("/event_types", vec![user, ("sort", "name:desc")], 8),
        ("/event_types", vec![user, ("sort", "position:asc")], 8),
        ("/event_types", vec![user, ("sort", "position:desc")], 8),
        (
            "/event_types",
            vec![organization, ("sort", "created_at:desc")],
            8,
        ),
        (
            "/event_types",
            vec![organization, ("sort", "updated_at:asc")],
            8,
        ),
        ("/scheduled_events", vec![organization], 7),
        (
            "/scheduled_events",
            vec![user, ("sort", "start_time:desc")],
            7,
        ),
    ];
    for (list, query, total) in lists {
        let whole = [query.clone(), vec![("count", "100")]].concat();
        let whole = walk(&owner, json!(path(list, &whole)), "next_page").await;
        assert_eq!(whole.len(), 1);
        assert_eq!(whole[0].len(), total, "{list} {query:?}");
        for count in ["1", "2", "3"] {
            let query = [query.clone(), vec![("count", count)]].concat();
            let forth = walk(&owner, json!(path(list, &query)), "next_page").await;
            assert_eq!(forth.concat(), whole[0], "{list} {query:?}");
            // from the last page back to the first
            let mut last = json!(path(list, &query));
            for _ in 1..forth.len() {
                last =
                    owner.get(last.as_str().unwrap()).await.expect(200)["pagination"]["next_page"]
                        .take();
            }
            let mut back = walk(&owner, last, "previous_page").await;
            back.reverse();
            assert_eq!(back.concat(), whole[0], "{list} {query:?} backwards");
        }
    }
}

async fn a_page_stays_where_it_is_when_rows_come_and_go(test: Test) {
    let owner = full_of_rows(&test).await;
    let query = [("user", owner.uri.as_str()), ("count", "3")];
    let first = owner
        .get(path("/scheduled_events", &query))
        .await
        .expect(200);
    let next = text(&first["pagination"]["next_page"]);
    let second = owner.get(&next).await.collection();
    // an earlier one comes, and the last one of the first page goes
    let event_type = text(&first["collection"][0]["event_type"]);
    owner
        .book(&event_type, "2026-03-02T09:00:00Z")
        .await
        .expect(201);
    owner
        .post(
            format!("{}/cancellation", text(&first["collection"][2]["uri"])),
            json!({}),
        )
        .await
        .expect(201);
    assert_eq!(owner.get(&next).await.collection(), second);
}

async fn a_token_that_was_changed_is_refused(test: Test) {
    let owner = full_of_rows(&test).await;
    let page = owner
        .get(path("/users", &[("count", "2")]))
        .await
        .expect(200);
    let token = text(&page["pagination"]["next_page_token"]);
    owner
        .get(path("/users", &[("count", "2"), ("page_token", &token)]))
        .await
        .expect(200);
    let last = token.chars().last().unwrap();
    let mut tampered = vec![
        "x".to_owned(),
        "!".to_owned(),
        format!("{token}A"),
        token[1..].to_owned(),
        token.to_lowercase(),
    ];
    tampered.push(format!(
        "{}{}",
        &token[..token.len() - 1],
        if last == 'A' { 'B' } else { 'A' }
    ));
    for token in tampered {
        let answer = owner.get(path("/users", &[("page_token", &token)])).await;
        assert_eq!(
            answer.mistakes(),
            ["page_token invalid_page_token"],
            "{token}"
        );
    }
    // a token of a list sorted otherwise is no token of this one
    let answer = owner
        .get(path(
            "/users",
            &[("sort", "created_at:desc"), ("page_token", &token)],
        ))
        .await;
    assert_eq!(answer.mistakes(), ["page_token invalid_page_token"]);
    let answer = owner
        .get(path(
            "/event_types",
            &[("user", &owner.uri), ("page_token", &token)],
        ))
        .await;
    assert_eq!(answer.mistakes(), ["page_token invalid_page_token"]);
}

/// A query and the hours of the events that it finds.
type Filtered<'a> = (&'a [(&'a str, &'a str)], &'a [u8]);

async fn scheduled_events_are_filtered_by_all_they_have(test: Test) {
    let (owner, ada) = (test.as_owner(), test.as_user("ada"));
    let (of_owner, of_ada) = (
        owner.event_type(json!({})).await,
        ada.event_type(json!({})).await,
    );
    let start = |hour: u8| format!("2026-03-03T{hour:02}:00:00Z");
    for hour in [9, 10, 11] {
        owner.book(&of_owner, &start(hour)).await.expect(201);
        ada.book(&of_ada, &start(hour)).await.expect(201);
    }
    let mut other = crate::caller::booking(&of_owner, &start(12));
    other["invitee"]["email"] = json!("sophie@example.com");
    let event = text(&owner.post("/invitees", other).await.resource(201)["event"]);
    owner
        .post(format!("{event}/cancellation"), json!({}))
        .await
        .expect(201);
    let organization = ("organization", test.organization.as_str());
    let rows: [Filtered; 10] = [
        (&[organization], &[9, 9, 10, 10, 11, 11, 12]),
        (&[("user", &owner.uri)], &[9, 10, 11, 12]),
        (&[organization, ("user", &ada.uri)], &[9, 10, 11]),
        (&[organization, ("status", "canceled")], &[12]),
        (&[("user", &owner.uri), ("status", "active")], &[9, 10, 11]),
        (
            &[organization, ("invitee_email", "sophie@example.com")],
            &[12],
        ),
        (
            &[
                organization,
                ("invitee_email", "emmy@example.com"),
                ("user", &owner.uri),
            ],
            &[9, 10, 11],
        ),
        (
            &[
                ("user", &owner.uri),
                ("min_start_time", "2026-03-03T10:00:00Z"),
            ],
            &[10, 11, 12],
        ),
        (
            &[
                ("user", &owner.uri),
                ("max_start_time", "2026-03-03T10:00:00Z"),
                ("sort", "start_time:desc"),
            ],
            &[10, 9],
        ),
        (
            &[
                organization,
                ("min_start_time", "2026-03-03T09:00:01Z"),
                ("max_start_time", "2026-03-03T10:59:59Z"),
            ],
            &[10, 10],
        ),
    ];
    for (filter, expected) in rows {
        let events = owner
            .get(path("/scheduled_events", filter))
            .await
            .collection();
        let hours: Vec<u8> = events
            .iter()
            .map(|event| text(&event["start_time"])[11..13].parse().unwrap())
            .collect();
        assert_eq!(hours, expected, "{filter:?}");
    }
    // who may list what
    ada.get(path("/scheduled_events", &[organization]))
        .await
        .refused(403, "permission_denied");
    ada.get(path("/scheduled_events", &[("user", &owner.uri)]))
        .await
        .refused(403, "permission_denied");
    owner
        .get(path("/scheduled_events", &[("user", &ada.uri)]))
        .await
        .refused(403, "permission_denied");
    assert_eq!(
        owner.get("/scheduled_events").await.mistakes(),
        ["user required"]
    );
    test.as_foreigner()
        .get(path("/scheduled_events", &[organization]))
        .await
        .refused(403, "permission_denied");
    assert_eq!(
        ada.get(path("/scheduled_events", &[("user", &ada.uri)]))
            .await
            .collection()
            .len(),
        3
    );
}

async fn event_types_are_filtered_and_sorted(test: Test) {
    let (owner, ada) = (test.as_owner(), test.as_user("ada"));
    let evening = json!({"name": "Evening", "timezone": "UTC", "rules": []});
    let evening = uri(&owner
        .post("/user_availability_schedules", evening)
        .await
        .resource(201));
    owner.event_type(json!({"name": "b", "position": 1})).await;
    owner
        .event_type(json!({"name": "a", "position": 2, "active": false}))
        .await;
    owner
        .event_type(json!({"name": "c", "position": 0, "availability_schedule": evening}))
        .await;
    ada.event_type(json!({"name": "d"})).await;
    let default = owner.default_schedule().await;
    let (organization, user) = (
        ("organization", test.organization.as_str()),
        ("user", owner.uri.as_str()),
    );
    let rows: [(&[(&str, &str)], &str); 9] = [
        (&[organization], "abcd"),
        (&[user], "abc"),
        (&[user, ("sort", "name:desc")], "cba"),
        (&[user, ("sort", "position:asc")], "cba"),
        (&[user, ("active", "true")], "bc"),
        (&[organization, ("active", "false")], "a"),
        (&[user, ("user_availability_schedule", &evening)], "c"),
        (&[user, ("user_availability_schedule", &default)], "ab"),
        (&[organization, ("admin_managed", "true")], ""),
    ];
    for (filter, expected) in rows {
        let listed = owner.get(path("/event_types", filter)).await.collection();
        let names: String = listed
            .iter()
            .map(|event_type| text(&event_type["name"]))
            .collect();
        assert_eq!(names, expected, "{filter:?}");
    }
    assert_eq!(
        owner.get("/event_types").await.mistakes(),
        ["user required"]
    );
}

async fn counts_out_of_bounds_are_refused(test: Test) {
    let owner = test.as_owner();
    for (count, mistake) in [
        ("0", "count out_of_range"),
        ("101", "count out_of_range"),
        ("-1", "count out_of_range"),
        ("x", "count wrong_type"),
    ] {
        assert_eq!(
            owner
                .get(path("/users", &[("count", count)]))
                .await
                .mistakes(),
            [mistake]
        );
    }
    assert_eq!(owner.get("/users?count=2.0").await.collection().len(), 2);
    assert_eq!(
        owner.get("/users?sort=created_at:up").await.mistakes(),
        ["sort unknown_value"]
    );
    // what an operation does not know is left alone
    owner
        .get("/users?sort=shoe_size:desc&colour=red")
        .await
        .expect(200);
}
