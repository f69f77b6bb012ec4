//! What clients that were written for Calendly do, whether or not its documentation says so.
//! One file, because it is one list: each habit of a client has its case here.

use axum::http::Method;
use serde_json::{Value, json};

use crate::{
    caller::{Answer, Caller, booking, id, path, text, uri},
    harness::{BASE, Test},
};

on_both_engines! {
    numbers_and_truth_come_in_any_form,
    every_list_may_get_the_organization_and_the_user,
    sort_fields_that_do_not_exist_are_ignored,
    the_token_is_the_last_parameter_of_the_next_page,
    uris_may_have_calendlys_host,
    bodies_come_as_forms_and_as_queries,
    parameters_of_a_get_come_in_its_body,
    a_delete_may_have_a_body_and_goes_to_the_uri,
    available_times_may_be_asked_for_from_this_very_second,
    times_have_six_digits,
    every_error_is_json_with_the_words_that_clients_look_for,
    the_kind_of_an_event_type_is_said_in_words,
    scheduled_events_are_found_by_all_parameters_at_once,
}

const FORM: &[(&str, &str)] = &[("content-type", "application/x-www-form-urlencoded")];

async fn numbers_and_truth_come_in_any_form(test: Test) {
    let ada = test.as_user("ada");
    for name in ["a", "b", "c"] {
        ada.event_type(json!({"name": name})).await;
    }
    ada.post("/event_types", json!({"owner": ada.uri, "name": "d"}))
        .await
        .expect(201);
    let rows = [
        ("count", "2", 2),
        ("count", "2.0", 2),
        ("active", "true", 3),
        ("active", "True", 3),
        ("active", "1", 3),
        ("active", "False", 1),
        // what some always send
        ("active", "", 4),
        ("page_token", "", 4),
        ("sort", "", 4),
        ("organization", "", 4),
    ];
    for (name, value, expected) in rows {
        let found = ada.get(path("/event_types", &[("user", &ada.uri), (name, value)]));
        assert_eq!(found.await.collection().len(), expected, "{name}={value}");
    }
    for number in [json!(45), json!(45.0), json!("45"), json!("45.0")] {
        let body = json!({"owner": ada.uri, "name": "x", "duration": number});
        let made = ada.post("/event_types", body).await.resource(201);
        assert_eq!(made["duration"], 45, "{number}");
    }
    // what must be there must not be empty
    let refusal = ada.get("/user_availability_schedules?user=").await;
    assert_eq!(refusal.mistakes(), ["user invalid_uri"]);
}

/// All lists of the API that Calendly has too, each with what it needs.
fn lists(
    owner: &Caller,
    event_type: &str,
    event: &str,
) -> Vec<(String, Vec<(&'static str, String)>)> {
    let range = [
        ("start_time", "2026-03-03T00:00:00Z".to_owned()),
        ("end_time", "2026-03-04T00:00:00Z".to_owned()),
    ];
    let with_range = |parameter: &[(&'static str, String)]| [parameter, &range].concat();
    let of_event_type = [("event_type", event_type.to_owned())];
    let _ = owner;
    vec![
        ("/event_types".to_owned(), Vec::new()),
        ("/event_type_memberships".to_owned(), of_event_type.to_vec()),
        (
            "/event_type_availability_schedules".to_owned(),
            of_event_type.to_vec(),
        ),
        (
            "/event_type_available_times".to_owned(),
            with_range(&of_event_type),
        ),
        ("/scheduled_events".to_owned(), Vec::new()),
        (format!("{event}/invitees"), Vec::new()),
        ("/user_availability_schedules".to_owned(), Vec::new()),
        ("/user_busy_times".to_owned(), with_range(&[])),
        ("/organization_memberships".to_owned(), Vec::new()),
    ]
}

async fn every_list_may_get_the_organization_and_the_user(test: Test) {
    let owner = test.as_owner();
    let event_type = owner.event_type(json!({})).await;
    let invitee = owner.book(&event_type, "2026-03-03T10:00:00Z").await;
    let event = text(&invitee.resource(201)["event"]);
    for (list, needed) in lists(&owner, &event_type, &event) {
        let mut query: Vec<(&str, &str)> = needed
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        query.extend([
            ("organization", test.organization.as_str()),
            ("user", owner.uri.as_str()),
            ("count", "10.0"),
            ("sort", "nothing:desc"),
            ("colour", "green"),
        ]);
        let rows = owner.get(path(&list, &query)).await.collection();
        assert!(!rows.is_empty(), "{list}");
    }
}

async fn sort_fields_that_do_not_exist_are_ignored(test: Test) {
    let ada = test.as_user("ada");
    for name in ["b", "c", "a"] {
        ada.event_type(json!({"name": name})).await;
    }
    let rows = [
        ("popularity:desc", "abc"),
        ("popularity", "abc"),
        ("popularity:sideways", "abc"),
        ("popularity:asc,name:desc", "cba"),
        ("created_at:asc,name:desc", "bca"),
    ];
    for (sort, expected) in rows {
        let query = [("user", ada.uri.as_str()), ("sort", sort)];
        let found = ada.get(path("/event_types", &query)).await.collection();
        let names: String = found.iter().map(|row| text(&row["name"])).collect();
        assert_eq!(names, expected, "{sort}");
    }
}

async fn the_token_is_the_last_parameter_of_the_next_page(test: Test) {
    let ada = test.as_user("ada");
    for name in ["a", "b", "c"] {
        ada.event_type(json!({"name": name})).await;
    }
    let query = [("count", "1"), ("user", &ada.uri), ("sort", "name:asc")];
    let first = ada.get(path("/event_types", &query)).await.expect(200);
    let pagination = &first["pagination"];
    let next = text(&pagination["next_page"]);
    let (_, token) = next.split_once("page_token=").unwrap();
    assert_eq!(pagination["next_page_token"], token);
    // the token goes where the client's query library puts it, and comes back at the end
    let query = [("page_token", token), query[0], query[1], query[2]];
    let second = ada.get(path("/event_types", &query)).await.expect(200);
    assert_eq!(second["collection"][0]["name"], "b");
    let next = text(&second["pagination"]["next_page"]);
    assert_eq!(next.matches("page_token=").count(), 1);
    let (_, token) = next.split_once("page_token=").unwrap();
    assert_eq!(second["pagination"]["next_page_token"], token);
    let token = format!("page_token={token}&count=1.0&user={}", ada.uri);
    let third = ada.get(format!("/event_types?{token}")).await.expect(200);
    assert_eq!(third["collection"][0]["name"], "c");
    let keys: Vec<&String> = third["pagination"].as_object().unwrap().keys().collect();
    let expected = [
        "count",
        "next_page",
        "previous_page",
        "next_page_token",
        "previous_page_token",
    ];
    assert_eq!(keys, expected);
    assert_eq!(third["pagination"]["next_page"], json!(null));
}

/// The URI as somebody makes it who knows kind and id only.
fn at_calendly(uri: &str) -> String {
    uri.replace(BASE, "https://api.calendly.com")
}

async fn uris_may_have_calendlys_host(test: Test) {
    let owner = test.as_owner();
    let (user, organization) = (at_calendly(&owner.uri), at_calendly(&test.organization));
    let body = json!({"owner": user, "name": "Intro call", "active": true});
    let event_type = uri(&owner.post("/event_types", body).await.resource(201));
    let event_type = at_calendly(&event_type);
    let invitee = owner.book(&event_type, "2026-03-03T10:00:00Z").await;
    let event = text(&invitee.resource(201)["event"]);
    let known = [
        ("user", user.as_str()),
        ("organization", organization.as_str()),
        ("event_type", event_type.as_str()),
    ];
    for (list, needed) in lists(&owner, &event_type, &event) {
        let mut query: Vec<(&str, &str)> = needed
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        query.retain(|(name, _)| *name != "event_type");
        query.extend(known);
        let rows = owner.get(path(&list, &query)).await.collection();
        assert!(!rows.is_empty(), "{list}");
    }
    // what comes out is ours
    let made = owner.get(format!("/event_types/{}", id(&event_type))).await;
    assert_eq!(made.resource(200)["profile"]["owner"], owner.uri);
}

async fn bodies_come_as_forms_and_as_queries(test: Test) {
    let ada = test.as_user("ada");
    let fields = [
        ("owner", ada.uri.as_str()),
        ("name", "Form"),
        ("active", "true"),
        ("duration", "45.0"),
        ("locations[0][kind]", "physical"),
        ("locations[0][location]", "Room 7"),
    ];
    let query = path("/event_types", &fields);
    let form = query.split_once('?').unwrap().1.to_owned();
    let as_form = ada.send(Method::POST, "/event_types", FORM, form.into());
    let as_form = as_form.await.resource(201);
    let as_query = ada.send(Method::POST, &query, &[], Vec::new());
    let as_query = as_query.await.resource(201);
    for made in [&as_form, &as_query] {
        assert_eq!(
            (&made["duration"], &made["active"], &made["locations"]),
            (
                &json!(45),
                &json!(true),
                &json!([{"kind": "physical", "location": "Room 7"}])
            )
        );
    }
    let (event_type, other) = (uri(&as_form), uri(&as_query));
    let order = |event_type: &str, start: &str| {
        let fields = [
            ("event_type", event_type),
            ("start_time", start),
            ("invitee[email]", "emmy@example.com"),
            ("invitee[name]", "Emmy Noether"),
            ("invitee[timezone]", "Europe/Berlin"),
            ("event_guests[]", "david@example.com"),
        ];
        path("/invitees", &fields)
    };
    let form = order(&event_type, "2026-03-03T10:00:00Z");
    let form = form.split_once('?').unwrap().1.to_owned();
    let booked = ada.send(Method::POST, "/invitees", FORM, form.into()).await;
    assert_eq!(booked.resource(201)["timezone"], "Europe/Berlin");
    let query = order(&other, "2026-03-03T11:00:00Z");
    let booked = ada.send(Method::POST, &query, &[], Vec::new()).await;
    let event = text(&booked.resource(201)["event"]);
    let shown = ada.get(&event).await.resource(200);
    assert_eq!(shown["event_guests"][0]["email"], "david@example.com");
    // a cancellation needs neither a body nor a reason
    let cancellation = format!("{event}/cancellation");
    let canceled = ada.send(Method::POST, &cancellation, &[], Vec::new()).await;
    assert_eq!(canceled.resource(201)["reason"], json!(null));
}

async fn parameters_of_a_get_come_in_its_body(test: Test) {
    let owner = test.as_owner();
    for name in ["a", "b", "c"] {
        owner.event_type(json!({"name": name})).await;
    }
    let ask = |path: String, body: Value| {
        let (owner, body) = (owner.clone(), body.to_string().into_bytes());
        let headers = [("content-type", "application/json")];
        async move { owner.send(Method::GET, &path, &headers, body).await }
    };
    let body = json!({"user": owner.uri, "count": 2, "sort": "name:desc", "active": null});
    let first = ask("/event_types".to_owned(), body).await.expect(200);
    assert_eq!(first["collection"][0]["name"], "c");
    assert_eq!(first["pagination"]["count"], 2);
    // the address of the next page has all of it, and is followed without a body or with none to speak of
    let next = text(&first["pagination"]["next_page"]);
    for body in [Value::Null, json!({}), json!([1]), json!("x")] {
        let second = ask(next.clone(), body).await.expect(200);
        assert_eq!(second["collection"][0]["name"], "a");
        assert_eq!(second["pagination"]["count"], 1);
    }
    // what the address says wins, and mistakes are named as ever
    let body = json!({"user": "nobody", "count": 2, "active": true});
    let query = path("/event_types", &[("user", &owner.uri), ("count", "1")]);
    let found = ask(query, body).await.collection();
    assert_eq!(found.len(), 1);
    let refusal = ask("/event_types".to_owned(), json!({"user": "nobody"})).await;
    assert_eq!(refusal.mistakes(), ["user invalid_uri"]);
    // for everything else a body says nothing
    let me = ask("/users/me".to_owned(), json!({"uuid": "x"})).await;
    assert_eq!(me.resource(200)["uri"], owner.uri);
}

async fn a_delete_may_have_a_body_and_goes_to_the_uri(test: Test) {
    let owner = test.as_owner();
    let event_type = owner.event_type(json!({})).await;
    let user = json!({"name": "Grace", "email": "grace@example.com"});
    let schedule = json!({"name": "x", "timezone": "UTC", "rules": []});
    let busy = json!({"start_time": "2026-03-04T10:00:00Z", "end_time": "2026-03-04T11:00:00Z"});
    let hold = json!({"event_type": event_type, "start_time": "2026-03-03T10:00:00Z"});
    let made = [
        owner.post("/users", user).await,
        owner.post("/user_availability_schedules", schedule).await,
        owner.post("/user_busy_times", busy).await,
        owner
            .post("/personal_access_tokens", json!({"name": "x"}))
            .await,
        owner.post("/holds", hold).await,
    ];
    let mut uris: Vec<String> = made.iter().map(|made| uri(&made.resource(201))).collect();
    uris.push(event_type);
    for (uri, body) in uris.iter().zip(["{}", "null", "", "not JSON", "a=b", "[]"]) {
        let headers = [("content-type", "application/json")];
        let answer = owner.send(Method::DELETE, uri, &headers, body.into()).await;
        assert_eq!(answer.expect(204), json!(null), "{uri}");
    }
}

async fn available_times_may_be_asked_for_from_this_very_second(test: Test) {
    let ada = test.as_user("ada");
    ada.always_open("UTC").await;
    let event_type = ada.event_type(json!({})).await;
    // the clock shows 08:00:00 and goes on
    let end = "2026-03-02T10:00:00Z";
    for start in [
        "2026-03-02T08:00:00Z",
        "2026-03-02T07:59:58.123456Z",
        "2026-03-02T07:59:00+00:00",
        "2026-03-02T07:59:00 00:00",
    ] {
        let starts = ada.available(&event_type, start, end).await;
        assert_eq!(
            starts.first().map(String::as_str),
            Some("2026-03-02T08:30:00.000000Z"),
            "{start}"
        );
    }
    let query = [
        ("user", ada.uri.as_str()),
        ("start_time", "2026-03-02T07:59:00Z"),
        ("end_time", end),
    ];
    ada.get(path("/user_busy_times", &query)).await.expect(200);
}

/// Every text in a body that is a time.
fn times(value: &Value, found: &mut Vec<(String, String)>, key: &str) {
    match value {
        Value::Object(object) => object
            .iter()
            .for_each(|(key, value)| times(value, found, key)),
        Value::Array(rows) => rows.iter().for_each(|row| times(row, found, key)),
        Value::String(text) if key.ends_with("_at") || key.ends_with("_time") => {
            found.push((key.to_owned(), text.clone()));
        }
        _ => {}
    }
}

async fn times_have_six_digits(test: Test) {
    let ada = test.as_user("ada");
    let event_type = ada.event_type(json!({})).await;
    let mut body = booking(&event_type, "2026-03-03T10:00:00Z");
    body["event_guests"] = json!(["david@example.com"]);
    let invitee = ada.post("/invitees", body).await.resource(201);
    let event = text(&invitee["event"]);
    let canceled = ada
        .book(&event_type, "2026-03-03T11:00:00Z")
        .await
        .resource(201);
    ada.post(
        format!("{}/cancellation", text(&canceled["event"])),
        json!({}),
    )
    .await
    .expect(201);
    let range = "start_time=2026-03-03T00:00:00Z&end_time=2026-03-04T00:00:00Z";
    let paths = [
        "/users/me".to_owned(),
        event_type.clone(),
        event.clone(),
        format!("{event}/invitees"),
        text(&canceled["event"]),
        uri(&canceled),
        format!("/user_busy_times?user={}&{range}", ada.uri),
        format!("/event_type_available_times?event_type={event_type}&{range}"),
        format!("/event_type_memberships?event_type={event_type}"),
    ];
    for path in paths {
        let mut found = Vec::new();
        times(&ada.get(&path).await.expect(200), &mut found, "");
        assert!(!found.is_empty(), "{path}");
        for (key, time) in found {
            let digits = time.strip_suffix('Z').and_then(|time| time.split_once('.'));
            assert_eq!(
                digits.map(|(_, digits)| digits.len()),
                Some(6),
                "{path} {key} {time}"
            );
        }
    }
}

async fn every_error_is_json_with_the_words_that_clients_look_for(test: Test) {
    let (owner, ada, ben) = (test.as_owner(), test.as_user("ada"), test.as_user("ben"));
    let event_type = ben.event_type(json!({})).await;
    let invitee = ben
        .book(&event_type, "2026-03-03T10:00:00Z")
        .await
        .resource(201);
    let event = text(&invitee["event"]);
    let cancellation = format!("{event}/cancellation");
    ben.post(&cancellation, json!({})).await.expect(201);
    let theirs = test.as_foreigner().uri;
    let large = vec![b' '; 2 << 20];
    let send = |method: Method, path: &'static str, body: Vec<u8>| {
        let owner = owner.clone();
        async move {
            owner
                .send(method, path, &[("content-type", "application/json")], body)
                .await
        }
    };
    let permission = "Permission Denied";
    let not_found = (
        404,
        "Resource Not Found",
        "The server could not find the requested resource.",
    );
    let invalid = (
        400,
        "Invalid Argument",
        "The supplied parameters are invalid.",
    );
    let rows: Vec<(Answer, (u16, &str, &str))> = vec![
        (
            test.without_token().get("/users/me").await,
            (401, "Unauthenticated", "The access token is invalid"),
        ),
        (
            test.with_scopes("ada", &[]).await.get("/users/me").await,
            (
                403,
                "Insufficient scope",
                "This operation requires the scopes listed in the 'required_scopes' array.",
            ),
        ),
        (
            ada.get(&event).await,
            (403, permission, "You are not allowed to view this event"),
        ),
        (
            ada.get(uri(&invitee)).await,
            (403, permission, "You are not allowed to view this event"),
        ),
        (
            ada.post(&cancellation, json!({})).await,
            (403, permission, "You are not allowed to cancel this event"),
        ),
        (
            ben.post(&cancellation, json!({})).await,
            (403, permission, "Event is already canceled"),
        ),
        (
            ada.get(path(
                "/user_busy_times",
                &[
                    ("user", &theirs),
                    ("start_time", "2026-03-03T00:00:00Z"),
                    ("end_time", "2026-03-04T00:00:00Z"),
                ],
            ))
            .await,
            (403, permission, "This user is not in your organization"),
        ),
        (
            ada.get(path(
                "/scheduled_events",
                &[("organization", &test.organization)],
            ))
            .await,
            (
                403,
                permission,
                "You do not have permission to access this resource.",
            ),
        ),
        (
            owner
                .get(path("/scheduled_events", &[("user", &ada.uri)]))
                .await,
            (
                403,
                permission,
                "Please also specify organization when requesting events for a user within your organization.",
            ),
        ),
        (owner.get("/scheduled_events").await, invalid),
        (owner.get("/event_types?user=nobody").await, invalid),
        (owner.post("/invitees", json!({})).await, invalid),
        (owner.get("/event_types/AAAAAAAAAAAAAAAA").await, not_found),
        (
            owner
                .get("/scheduled_events/AAAAAAAAAAAAAAAA/invitees/AAAAAAAAAAAAAAAA")
                .await,
            not_found,
        ),
        (owner.get("/nothing").await, not_found),
        (
            send(Method::PUT, "/users/me", Vec::new()).await,
            (405, "Method Not Allowed", ""),
        ),
        (
            send(Method::POST, "/invitees", b"{".to_vec()).await,
            (400, "Invalid Argument", ""),
        ),
        (
            send(Method::POST, "/invitees", b"[]".to_vec()).await,
            invalid,
        ),
        (
            send(Method::POST, "/invitees", large).await,
            (413, "Payload Too Large", ""),
        ),
    ];
    for (answer, (status, title, message)) in rows {
        assert_eq!(
            answer.header("content-type"),
            "application/json",
            "{status} {title}"
        );
        let body = answer.expect(status);
        assert_eq!(body["title"], title, "{body}");
        assert!(message.is_empty() || body["message"] == message, "{body}");
        assert!(body["message"].is_string(), "{body}");
        if title == "Invalid Argument" && message == invalid.2 {
            assert!(body["details"][0]["parameter"].is_string(), "{body}");
            assert!(body["details"][0]["message"].is_string(), "{body}");
        }
        if title == "Insufficient scope" {
            assert_eq!(body["required_scopes"], json!(["users:read"]));
        }
    }
}

async fn the_kind_of_an_event_type_is_said_in_words(test: Test) {
    let owner = test.as_owner();
    let hosts = json!([{"user": owner.uri}]);
    let pools = json!([{"user": owner.uri, "pool": "a"}]);
    let rows = [
        (json!({}), "One-on-One"),
        (json!({"kind": "group", "capacity": 3}), "Group"),
        (
            json!({"kind": "group", "capacity": 3, "pooling_type": "collective", "hosts": hosts}),
            "Group",
        ),
        (
            json!({"pooling_type": "collective", "hosts": hosts}),
            "Collective",
        ),
        (
            json!({"pooling_type": "round_robin", "hosts": hosts}),
            "Round Robin",
        ),
        (
            json!({"pooling_type": "multi_pool", "hosts": pools}),
            "Round Robin",
        ),
    ];
    for (fields, expected) in rows {
        let event_type = owner.event_type(fields.clone()).await;
        let shown = owner.get(&event_type).await.resource(200);
        assert_eq!(shown["kind_description"], expected, "{fields}");
    }
}

async fn scheduled_events_are_found_by_all_parameters_at_once(test: Test) {
    let owner = test.as_owner();
    let event_type = owner.event_type(json!({})).await;
    for start in [
        "2026-03-03T10:00:00Z",
        "2026-03-03T11:00:00Z",
        "2026-03-04T10:00:00Z",
    ] {
        owner.book(&event_type, start).await.expect(201);
    }
    let all = [
        ("user", owner.uri.as_str()),
        ("organization", &test.organization),
        ("invitee_email", "Emmy@example.com"),
        ("status", "active"),
        ("min_start_time", "2026-03-03T10:30:00.000000Z"),
        ("max_start_time", "2026-03-04T23:59:59Z"),
        ("sort", "start_time:desc"),
        ("count", "100"),
    ];
    let found = owner
        .get(path("/scheduled_events", &all))
        .await
        .collection();
    let starts: Vec<String> = found
        .iter()
        .map(|event| text(&event["start_time"]))
        .collect();
    assert_eq!(
        starts,
        ["2026-03-04T10:00:00.000000Z", "2026-03-03T11:00:00.000000Z"]
    );
}
