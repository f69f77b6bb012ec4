//! The activity log: everything that is done leaves one entry, and what can be asked of it.

use axum::http::Method;
use serde_json::{Value, json};

use crate::{
    bad_input::{self, taken},
    caller::{Caller, JSON, booking, id, path, text, uri},
    contract::operations,
    harness::{BASE, NOTHING, Test},
    races::at_once,
};

on_both_engines! {
    whatever_changes_something_leaves_one_entry,
    passwords_are_noted_and_never_shown,
    an_entry_says_who_what_when_and_from_where,
    what_was_not_done_leaves_no_entry,
    entries_are_filtered,
    entries_are_sorted_and_paged_forth_and_back,
    entries_are_searched,
    many_bookings_at_once_leave_an_entry_each,
    nobody_but_administrators_reads_it,
    mistakes_are_named,
}

/// A page of the log.
async fn asked(test: &Test, query: &[(&str, &str)]) -> Value {
    let mut all = vec![("organization", test.organization.as_str())];
    all.extend(query);
    let page = test
        .as_owner()
        .get(path("/activity_log_entries", &all))
        .await;
    page.expect(200)
}

async fn entries(test: &Test, query: &[(&str, &str)]) -> Vec<Value> {
    let page = asked(test, query).await;
    page["collection"].as_array().unwrap().clone()
}

async fn total(test: &Test) -> i64 {
    asked(test, &[("count", "1")]).await["total_count"]
        .as_i64()
        .unwrap()
}

/// The names of the entries, as they come.
fn names(entries: &[Value]) -> Vec<String> {
    entries
        .iter()
        .map(|entry| text(&entry["fully_qualified_name"]))
        .collect()
}

async fn whatever_changes_something_leaves_one_entry(test: Test) {
    let owner = test.as_owner();
    let all = taken(&owner).await;
    for taken in &all {
        let before = total(&test).await;
        let answer = bad_input::send(&owner, taken, taken.body.to_string()).await;
        let is_done = answer.status < 300 && taken.template != "/overlaps";
        let place = format!("{} {}: {}", taken.method, taken.template, answer.status);
        assert_eq!(total(&test).await - before, i64::from(is_done), "{place}");
    }
    let asked = json!({"email": "waits@example.com"});
    let invitations = format!("{}/invitations", test.organization);
    owner.post(invitations, asked).await.resource(201);
    // the log names all that was made, and each kind of it is deleted now
    let known = uris(&test).await;
    let mut operations = operations();
    operations.retain(|operation| operation.method == "delete" && operation.path.ends_with('}'));
    // these go by themselves with what comes later
    let goes_along = [
        "/notes/{uuid}",
        "/group_relationships/{uuid}",
        "/users/{uuid}",
    ];
    let mut never = Vec::new();
    operations.sort_by_key(|operation| !goes_along.contains(&operation.path));
    for operation in operations {
        let (start, _) = operation.path.rsplit_once("/{").unwrap();
        let collection = start.rsplit('/').next().unwrap();
        let mut is_any = false;
        let of_kind = known.iter().filter(|uri| {
            let mut segments = uri.rsplit('/').skip(1);
            segments.next() == Some(collection)
        });
        for uri in of_kind {
            let before = total(&test).await;
            let answer = owner.delete(uri).await;
            let is_done = answer.status < 300;
            let place = format!("{}: {}", operation.path, answer.status);
            assert_eq!(total(&test).await - before, i64::from(is_done), "{place}");
            is_any |= is_done;
        }
        if !is_any {
            never.push(operation.path);
        }
    }
    assert!(never.is_empty(), "{never:?} of {known:#?}");
}

async fn passwords_are_noted_and_never_shown(test: Test) {
    let (owner, ada) = (test.as_owner(), test.as_user("ada"));
    let password = format!("{}/password", ada.uri);
    let new = json!({"password": "correct horse battery"});
    ada.post(&password, new).await.expect(204);
    owner.delete(&password).await.expect(204);
    let noted = entries(&test, &[("namespace", "User")]).await;
    assert_eq!(names(&noted), ["User.RemovePassword", "User.SetPassword"]);
    assert!(!json!(noted).to_string().contains("horse"));
}

/// Every URI in the log, and those of memberships, which it names by their users.
async fn uris(test: &Test) -> Vec<String> {
    let mut uris = Vec::new();
    for membership in test
        .as_owner()
        .get("/organization_memberships?count=100")
        .await
        .collection()
    {
        uris.push(uri(&membership));
    }
    for entry in entries(test, &[("count", "1000")]).await {
        let details = entry["details"].as_object().unwrap();
        // all but the token that is used
        let others = details.iter().filter(|(key, _)| *key != "token");
        let found = others.filter_map(|(_, value)| value.as_str());
        uris.extend(
            found
                .filter(|text| text.starts_with(BASE))
                .map(str::to_owned),
        );
    }
    uris.sort();
    uris.dedup();
    uris
}

async fn an_entry_says_who_what_when_and_from_where(test: Test) {
    let ada = test.as_user("ada");
    let event_type = ada.event_type(json!({"name": "Intro call"})).await;
    let invitee = ada
        .book(&event_type, "2026-03-03T10:00:00Z")
        .await
        .resource(201);
    let page = asked(&test, &[("count", "1")]).await;
    let entry = &page["collection"][0];
    let (uri, at) = (text(&entry["uri"]), text(&entry["occurred_at"]));
    assert!(
        uri.starts_with(&format!("{BASE}/activity_log_entries/")),
        "{uri}"
    );
    // to the millisecond, and not long after the booking
    assert!(
        "2026-03-02T08:00:00.000Z" < at.as_str() && at.len() == 24,
        "{at}"
    );
    let token = text(&entry["details"]["token"]);
    assert!(
        token.starts_with(&format!("{BASE}/personal_access_tokens/")),
        "{token}"
    );
    assert_eq!(
        *entry,
        json!({
            "uri": uri,
            "occurred_at": at,
            "namespace": "ScheduledEvent",
            "action": "Book",
            "fully_qualified_name": "ScheduledEvent.Book",
            "details": {
                "way": "token",
                "token": token,
                "event_type": event_type,
                "scheduled_event": invitee["event"],
                "invitee": invitee["uri"],
            },
            "organization": test.organization,
            "actor": {
                "type": "User",
                "uri": ada.uri,
                "display_name": "ada",
                "alternative_identifier": "ada@example.com",
                "organization": {"uri": test.organization, "role": "user"},
            },
        })
    );
    assert_eq!(page["last_event_time"], entry["occurred_at"]);
    assert_eq!(
        (&page["total_count"], &page["exceeds_max_total_count"]),
        (&json!(2), &json!(false))
    );
    // without a token nobody is known, but who accepts an invitation is a user then
    let invite = json!({"email": "grace@example.com"});
    let invitations = format!("{}/invitations", test.organization);
    let guest = test
        .as_admin()
        .post(&invitations, invite)
        .await
        .resource(201);
    let accepted = json!({"code": guest["acceptance_code"], "name": "Grace Hopper"});
    let answer = format!("{}/acceptance", text(&guest["uri"]));
    let accepted = test
        .without_token()
        .post(answer, accepted)
        .await
        .resource(201);
    let entry = &entries(&test, &[("count", "1")]).await[0];
    let details =
        json!({"way": "open", "organization_invitation": guest["uri"], "user": accepted["user"]});
    assert_eq!(entry["details"], details);
    assert_eq!(entry["actor"]["display_name"], "Grace Hopper");
    let invite = json!({"email": "x@example.com"});
    let guest = test
        .as_admin()
        .post(&invitations, invite)
        .await
        .resource(201);
    let answer = format!("{}/declination", text(&guest["uri"]));
    let code = json!({"code": guest["acceptance_code"]});
    test.without_token().post(answer, code).await.resource(201);
    let entry = &entries(&test, &[("count", "1")]).await[0];
    assert_eq!(
        entry["fully_qualified_name"],
        "OrganizationInvitation.Decline"
    );
    assert!(entry.get("actor").is_none(), "{entry}");
    // no mail address of anybody outside is in it
    let log = json!(entries(&test, &[("count", "1000")]).await).to_string();
    assert!(
        !log.contains("x@example.com") && !log.contains("emmy"),
        "{log}"
    );
}

async fn what_was_not_done_leaves_no_entry(test: Test) {
    let ada = test.as_user("ada");
    let event_type = ada.event_type(json!({})).await;
    let before = total(&test).await;
    let start = "2026-03-03T10:00:00Z";
    let booking = booking(&event_type, start);
    ada.post("/invitees?dry_run=true", booking.clone())
        .await
        .resource(200);
    let closed = ada.book(&event_type, "2026-03-03T03:00:00Z").await;
    assert_eq!(closed.mistakes(), ["start_time outside_hours"]);
    ada.delete(format!("/teams/{NOTHING}")).await.expect(403);
    assert_eq!(total(&test).await, before);
    // sent twice, done once
    for _ in 0..2 {
        ada.post_once("/invitees", "a-key", &booking)
            .await
            .resource(201);
    }
    assert_eq!(total(&test).await, before + 1);
    let taken = ada.book(&event_type, start).await;
    assert!((400..500).contains(&taken.status), "{}", taken.status);
    assert_eq!(total(&test).await, before + 1);
    let foreign = test.as_foreigner();
    foreign
        .post("/teams", json!({"name": "x"}))
        .await
        .resource(201);
    assert_eq!(total(&test).await, before + 1);
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

async fn many_bookings_at_once_leave_an_entry_each(test: Test) {
    let ada = test.as_user("ada");
    ada.always_open("UTC").await;
    let event_type = ada.event_type(json!({"duration": 30})).await;
    let before = total(&test).await;
    let book = |index: usize| {
        let (caller, event_type) = (test.as_user("ada"), event_type.clone());
        // every start is asked for twice, half of them with a key
        let start = format!("2026-03-04T{:02}:00:00Z", index / 2);
        async move {
            let body = booking(&event_type, &start);
            match index % 4 {
                0 => {
                    caller
                        .post_once("/invitees", &format!("key {index}"), &body)
                        .await
                }
                _ => caller.post("/invitees", body).await,
            }
        }
    };
    let answers = at_once((0..48).map(book)).await;
    let booked = answers.iter().filter(|answer| answer.status == 201);
    let mut booked: Vec<String> = booked.map(|answer| uri(&answer.resource(201))).collect();
    assert_eq!(booked.len(), 24);
    let noted = entries(&test, &[("action", "Book"), ("count", "1000")]).await;
    let mut noted: Vec<String> = noted
        .iter()
        .map(|entry| text(&entry["details"]["invitee"]))
        .collect();
    booked.sort();
    noted.sort();
    assert_eq!(noted, booked);
    assert_eq!(total(&test).await, before + 24);
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
