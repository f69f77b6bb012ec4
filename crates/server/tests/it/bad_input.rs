//! What callers get wrong: always a 4xx that names everything that is wrong, and nothing is written.

use axum::http::Method;
use serde_json::{Value, json};

use crate::{
    caller::{Answer, Caller, JSON, booking, text, uri},
    contract::{document, operations, resolve},
    harness::Test,
};

on_both_engines! {
    bodies_that_are_not_what_they_should_be_are_refused_whole,
    values_out_of_bounds_are_named_one_by_one,
    all_that_is_wrong_is_named_at_once,
    numbers_forms_and_queries_are_read_as_clients_write_them,
}

/// An operation with a body that it takes.
struct Taken {
    method: Method,
    path: String,
    /// Its path in the document.
    template: &'static str,
    body: Value,
}

/// Every POST and PATCH but the classic ones, which have their own table.
async fn taken(caller: &Caller) -> Vec<Taken> {
    let schedule = caller.default_schedule().await;
    let event_type = caller.event_type(json!({})).await;
    let event = text(
        &caller
            .book(&event_type, "2026-03-03T10:00:00Z")
            .await
            .resource(201)["event"],
    );
    let range = json!({"start_time": "2026-03-04T10:00:00Z", "end_time": "2026-03-04T11:00:00Z"});
    let with = |mut body: Value, more: Value| {
        body.as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        body
    };
    let taken = |method, path: &str, template, body| Taken {
        method,
        path: path.to_owned(),
        template,
        body,
    };
    let (post, patch) = (Method::POST, Method::PATCH);
    vec![
        taken(
            post.clone(),
            "/users",
            "/users",
            json!({"name": "x", "email": "x@example.com"}),
        ),
        taken(
            patch.clone(),
            &caller.uri,
            "/users/{uuid}",
            json!({"name": "x"}),
        ),
        taken(
            post.clone(),
            "/personal_access_tokens",
            "/personal_access_tokens",
            json!({"name": "x"}),
        ),
        taken(
            post.clone(),
            "/user_availability_schedules",
            "/user_availability_schedules",
            json!({"name": "x", "timezone": "UTC", "rules": []}),
        ),
        taken(
            patch.clone(),
            &schedule,
            "/user_availability_schedules/{uuid}",
            json!({"name": "x"}),
        ),
        taken(
            post.clone(),
            "/user_busy_times",
            "/user_busy_times",
            range.clone(),
        ),
        taken(
            post.clone(),
            "/overlaps",
            "/overlaps",
            with(range, json!({"people": [{"user": caller.uri}]})),
        ),
        taken(
            post.clone(),
            "/event_types",
            "/event_types",
            json!({"owner": caller.uri, "name": "x"}),
        ),
        taken(
            patch,
            &event_type,
            "/event_types/{uuid}",
            json!({"name": "x"}),
        ),
        taken(
            post.clone(),
            "/invitees",
            "/invitees",
            booking(&event_type, "2026-03-04T10:00:00Z"),
        ),
        taken(
            post.clone(),
            &format!("{event}/cancellation"),
            "/scheduled_events/{uuid}/cancellation",
            json!({"reason": "x"}),
        ),
        taken(
            post,
            &format!("{event}/rescheduling"),
            "/scheduled_events/{uuid}/rescheduling",
            json!({"start_time": "2026-03-04T12:00:00Z"}),
        ),
    ]
}

/// The fields that the document knows of an operation's body, and whether each is required.
fn fields(taken: &Taken) -> Vec<(&'static str, bool)> {
    let item = &document()["paths"][taken.template][taken.method.as_str().to_lowercase()];
    let mut schema = resolve(&item["requestBody"]["content"]["application/json"]["schema"]);
    for part in schema["oneOf"].as_array().into_iter().flatten() {
        // a body that may be left out
        if part["type"] != "null" {
            schema = resolve(part);
        }
    }
    let required = schema["required"].as_array();
    let is_required =
        |name: &str| required.is_some_and(|required| required.iter().any(|field| field == name));
    let properties = schema["properties"].as_object().unwrap();
    properties
        .keys()
        .map(|name| (name.as_str(), is_required(name)))
        .collect()
}

/// All rows that somebody could have written by mistake.
async fn everything(test: &Test) -> Vec<Value> {
    let owner = test.as_owner();
    let (user, organization) = (&owner.uri, &test.organization);
    let range = "start_time=2026-01-01T00:00:00Z&end_time=2027-01-01T00:00:00Z";
    let lists = [
        "/users?count=100".to_owned(),
        "/personal_access_tokens?count=100".to_owned(),
        format!("/user_availability_schedules?user={user}"),
        format!("/user_busy_times?user={user}&{range}"),
        format!("/event_types?organization={organization}&count=100"),
        format!("/scheduled_events?organization={organization}&count=100"),
    ];
    let mut rows = Vec::new();
    for list in lists {
        rows.push(json!(owner.get(list).await.collection()));
    }
    rows
}

async fn send(caller: &Caller, taken: &Taken, body: impl Into<Vec<u8>>) -> Answer {
    caller
        .send(taken.method.clone(), &taken.path, JSON, body.into())
        .await
}

async fn bodies_that_are_not_what_they_should_be_are_refused_whole(test: Test) {
    let owner = test.as_owner();
    let all = taken(&owner).await;
    let documented = operations().into_iter().filter(|operation| {
        ["post", "patch"].contains(&operation.method) && operation.tag() != "Classic"
    });
    assert_eq!(
        documented.count(),
        all.len(),
        "an operation is missing here"
    );
    let before = everything(&test).await;
    for taken in &all {
        let place = format!("{} {}", taken.method, taken.template);
        for body in [
            &b"{"[..],
            b"nonsense",
            b"{\"a\": 1,}",
            b"\xff\xfe",
            b"{} {}",
        ] {
            send(&owner, taken, body)
                .await
                .refused(400, "malformed_body");
        }
        for body in ["[]", "null", "1", "\"text\"", "true"] {
            assert_eq!(
                send(&owner, taken, body).await.mistakes(),
                [" wrong_type"],
                "{place} {body}"
            );
        }
        let nested = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
        send(&owner, taken, nested)
            .await
            .refused(400, "malformed_body");
        let limit = if taken.path == "/overlaps" {
            32 << 20
        } else {
            1 << 20
        };
        let answer = send(&owner, taken, vec![b' '; limit + 1]).await;
        answer.refused(413, "payload_too_large");

        let mut body = taken.body.clone();
        body["surprise"] = json!(1);
        assert_eq!(
            send(&owner, taken, body.to_string()).await.mistakes(),
            ["surprise unknown_field"],
            "{place}"
        );
        for (field, required) in fields(taken) {
            // no field takes an object of this form
            let mut body = taken.body.clone();
            body[field] = json!({"\u{0}": true});
            let mistakes = send(&owner, taken, body.to_string()).await.mistakes();
            assert!(
                mistakes.iter().any(|mistake| mistake.starts_with(field)),
                "{place} {field}: {mistakes:?}"
            );
            if required {
                let mut body = taken.body.clone();
                body.as_object_mut().unwrap().remove(field);
                assert_eq!(
                    send(&owner, taken, body.to_string()).await.mistakes(),
                    [format!("{field} required")],
                    "{place}"
                );
            }
        }
    }
    assert_eq!(everything(&test).await, before);
}

async fn values_out_of_bounds_are_named_one_by_one(test: Test) {
    let owner = test.as_owner();
    let all = taken(&owner).await;
    let before = everything(&test).await;
    let long = "x".repeat(10_000);
    let rules = |from: &str, to: &str| json!([{"type": "wday", "wday": "monday", "intervals": [{"from": from, "to": to}]}]);
    let schedules = "/user_availability_schedules";
    let rows: Vec<(&str, &str, Value, &str)> = vec![
        ("/users", "/name", json!(long), "name too_long"),
        ("/users", "/name", json!(" \t"), "name required"),
        ("/users", "/name", json!("a\u{0}b"), "name invalid_text"),
        ("/users", "/email", json!("ada"), "email invalid_email"),
        ("/users", "/email", json!("a@b@c"), "email invalid_email"),
        ("/users", "/email", json!("a b@c"), "email invalid_email"),
        ("/users", "/email", json!("a\u{0}@c"), "email invalid_text"),
        (
            "/users",
            "/timezone",
            json!("Mars/Olympus"),
            "timezone unknown_zone",
        ),
        (
            "/users",
            "/timezone",
            json!("../etc/passwd"),
            "timezone unknown_zone",
        ),
        (
            "/users",
            "/slug",
            json!("Not A Slug"),
            "slug invalid_format",
        ),
        ("/users", "/role", json!("owner"), "role unknown_value"),
        (
            "/users",
            "/phone_number",
            json!("none"),
            "phone_number invalid_format",
        ),
        ("/users", "/locale", json!("xx"), "locale unknown_value"),
        (
            "/personal_access_tokens",
            "/scopes",
            json!([]),
            "scopes too_few",
        ),
        (
            "/personal_access_tokens",
            "/scopes",
            json!(vec!["users:read"; 101]),
            "scopes too_many",
        ),
        (
            "/personal_access_tokens",
            "/expires_at",
            json!("tomorrow"),
            "expires_at invalid_time",
        ),
        (
            schedules,
            "/rules",
            rules("25:00", "09:00"),
            "rules[0].intervals[0].from invalid_wall_time",
        ),
        (
            schedules,
            "/rules",
            rules("09:00", "09:00"),
            "rules[0] invalid_interval",
        ),
        (
            schedules,
            "/rules",
            rules("24:00", "09:00"),
            "rules[0] invalid_interval",
        ),
        (
            schedules,
            "/rules",
            json!([{"type": "wday", "intervals": []}]),
            "rules[0] invalid_rule",
        ),
        (
            schedules,
            "/rules",
            json!([{"type": "date", "date": "2024-02-30", "intervals": []}]),
            "rules[0].date invalid_date",
        ),
        (
            schedules,
            "/rules",
            json!([{"type": "date", "wday": "monday", "intervals": []}]),
            "rules[0] invalid_rule",
        ),
        (
            schedules,
            "/rules",
            json!([{"type": "date", "date": "2026-02-01", "intervals": []}]),
            "rules[0].date in_the_past",
        ),
        (
            schedules,
            "/rules",
            json!(vec![
                json!({"type": "wday", "wday": "monday", "intervals": []});
                1001
            ]),
            "rules too_many",
        ),
        (
            "/user_busy_times",
            "/start_time",
            json!("2026-03-04T10:00:00"),
            "start_time invalid_time",
        ),
        (
            "/user_busy_times",
            "/start_time",
            json!("2024-02-30T10:00:00Z"),
            "start_time invalid_time",
        ),
        (
            "/user_busy_times",
            "/start_time",
            json!("2026-03-04T25:00:00Z"),
            "start_time invalid_time",
        ),
        (
            "/user_busy_times",
            "/start_time",
            json!("+002026-03-04T10:00:00Z"),
            "start_time invalid_time",
        ),
        (
            "/user_busy_times",
            "/start_time",
            json!(1_772_618_400),
            "start_time wrong_type",
        ),
        (
            "/user_busy_times",
            "/end_time",
            json!("2026-03-04T10:00:00Z"),
            "end_time invalid_range",
        ),
        (
            "/user_busy_times",
            "/end_time",
            json!("2027-03-06T10:00:00Z"),
            "end_time range_too_long",
        ),
        (
            "/user_busy_times",
            "/end_time",
            json!("2300-01-01T00:00:00Z"),
            "end_time invalid_time",
        ),
        (
            "/user_busy_times",
            "/rrule",
            json!("FREQ=DAILY"),
            "rrule invalid_rrule",
        ),
        (
            "/user_busy_times",
            "/rrule",
            json!("FREQ=MINUTELY;COUNT=1000000000"),
            "rrule invalid_rrule",
        ),
        ("/user_busy_times", "/rrule", json!(long), "rrule too_long"),
        (
            "/user_busy_times",
            "/exdates",
            json!(vec!["2026-03-04T10:00:00Z"; 1001]),
            "exdates too_many",
        ),
        (
            "/user_busy_times",
            "/user",
            json!("ada"),
            "user invalid_uri",
        ),
        ("/event_types", "/name", json!(long), "name too_long"),
        (
            "/event_types",
            "/duration",
            json!(0),
            "duration out_of_range",
        ),
        (
            "/event_types",
            "/duration",
            json!(721),
            "duration out_of_range",
        ),
        (
            "/event_types",
            "/duration",
            json!(30.5),
            "duration wrong_type",
        ),
        (
            "/event_types",
            "/duration",
            json!(1e300),
            "duration wrong_type",
        ),
        (
            "/event_types",
            "/start_time_increment",
            json!(1),
            "start_time_increment out_of_range",
        ),
        (
            "/event_types",
            "/before_buffer",
            json!(-5),
            "before_buffer out_of_range",
        ),
        (
            "/event_types",
            "/minimum_notice",
            json!(99_999_999_999_i64),
            "minimum_notice out_of_range",
        ),
        (
            "/event_types",
            "/color",
            json!("red"),
            "color invalid_format",
        ),
        (
            "/event_types",
            "/duration_options",
            json!([]),
            "duration_options too_few",
        ),
        (
            "/event_types",
            "/duration_options",
            json!([1, 2, 3, 4, 5]),
            "duration_options too_many",
        ),
        (
            "/event_types",
            "/booking_window",
            json!({"type": "rolling"}),
            "booking_window invalid_window",
        ),
        (
            "/event_types",
            "/booking_window",
            json!({"type": "range", "start_date": "2026-04-02", "end_date": "2026-04-01"}),
            "booking_window invalid_window",
        ),
        (
            "/event_types",
            "/limits",
            json!([{"per": "day"}]),
            "limits[0] invalid_limit",
        ),
        (
            "/event_types",
            "/limits",
            json!([{"per": "year", "events": 1}]),
            "limits[0].per unknown_value",
        ),
        (
            "/event_types",
            "/locations",
            json!([{"kind": "moon"}]),
            "locations[0].kind unknown_value",
        ),
        (
            "/event_types",
            "/custom_questions",
            json!([{}]),
            "custom_questions[0].name required",
        ),
        (
            "/invitees",
            "/start_time",
            json!("2026-03-04T10:07:00Z"),
            "start_time off_grid",
        ),
        (
            "/invitees",
            "/start_time",
            json!("2026-03-04T10:00:00.5Z"),
            "start_time off_grid",
        ),
        (
            "/invitees",
            "/start_time",
            json!("2026-03-02T07:30:00Z"),
            "start_time in_the_past",
        ),
        (
            "/invitees",
            "/start_time",
            json!("2026-03-04T03:00:00Z"),
            "start_time outside_hours",
        ),
        (
            "/invitees",
            "/start_time",
            json!("2099-03-04T10:00:00Z"),
            "start_time booking_window",
        ),
        (
            "/invitees",
            "/event_type",
            json!(owner.uri),
            "event_type invalid_uri",
        ),
        (
            "/invitees",
            "/invitee/email",
            json!("nobody"),
            "invitee.email invalid_email",
        ),
        (
            "/invitees",
            "/invitee/name",
            json!(long),
            "invitee.name too_long",
        ),
        (
            "/invitees",
            "/invitee/timezone",
            json!("EST5"),
            "invitee.timezone unknown_zone",
        ),
        (
            "/invitees",
            "/event_guests",
            json!(vec!["a@example.com"; 11]),
            "event_guests too_many",
        ),
        (
            "/invitees",
            "/event_guests",
            json!(["a"]),
            "event_guests[0] invalid_email",
        ),
        (
            "/scheduled_events/{uuid}/cancellation",
            "/reason",
            json!("x".repeat(10_001)),
            "reason too_long",
        ),
        (
            "/scheduled_events/{uuid}/rescheduling",
            "/start_time",
            json!("2026-03-04T10:07:00Z"),
            "start_time off_grid",
        ),
        (
            "/scheduled_events/{uuid}/rescheduling",
            "/start_time",
            json!("2026-03-02T07:30:00Z"),
            "start_time in_the_past",
        ),
        ("/overlaps", "/people", json!([]), "people too_few"),
        ("/overlaps", "/duration", json!(0), "duration out_of_range"),
        (
            "/overlaps",
            "/people",
            json!([{"name": "x", "timezone": "UTC", "rules": rules("09:00", "09:00")}]),
            "people[0].rules[0] invalid_interval",
        ),
    ];
    let mut wrong = Vec::new();
    for (template, pointer, value, mistake) in rows {
        let taken = all
            .iter()
            .find(|taken| taken.template == template && taken.method == Method::POST)
            .unwrap();
        let mut body = taken.body.clone();
        let (parent, field) = pointer.rsplit_once('/').unwrap();
        body.pointer_mut(parent).unwrap()[field] = value;
        let answer = send(&owner, taken, body.to_string()).await;
        if answer.status != 400 || answer.mistakes() != [mistake] {
            wrong.push(format!(
                "{template} {mistake}: {} {}",
                answer.status,
                String::from_utf8_lossy(&answer.body)
            ));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert_eq!(everything(&test).await, before);
}

async fn all_that_is_wrong_is_named_at_once(test: Test) {
    let owner = test.as_owner();
    let before = everything(&test).await;
    let body = json!({"name": 1, "email": "x", "timezone": "Nowhere", "slug": "-", "role": "king", "sur": 1, "prise": 2});
    let mut mistakes = owner.post("/users", body).await.mistakes();
    mistakes.sort();
    let expected = [
        "email invalid_email",
        "name wrong_type",
        "prise unknown_field",
        "role unknown_value",
        "slug invalid_format",
        "sur unknown_field",
        "timezone unknown_zone",
    ];
    assert_eq!(mistakes, expected);
    let body = json!({
        "start_time": "soon", "invitee": {"email": "x", "nick": "y"}, "event_guests": ["a", "b@example.com", "c"],
        "questions_and_answers": [{"question": "q"}],
    });
    let mut mistakes = owner.post("/invitees", body).await.mistakes();
    mistakes.sort();
    let expected = [
        "event_guests[0] invalid_email",
        "event_guests[2] invalid_email",
        "event_type required",
        "invitee.email invalid_email",
        "invitee.nick unknown_field",
        "invitee.timezone required",
        "questions_and_answers[0].answer required",
        "questions_and_answers[0].position required",
        "start_time invalid_time",
    ];
    assert_eq!(mistakes, expected);
    // an answer does not grow with what is wrong
    let many: serde_json::Map<String, Value> = (0..5000)
        .map(|index| (format!("field{index}"), json!(1)))
        .collect();
    let answer = owner.post("/users", json!(many)).await;
    assert_eq!(answer.mistakes().len(), 100);
    assert_eq!(everything(&test).await, before);
}

async fn numbers_forms_and_queries_are_read_as_clients_write_them(test: Test) {
    let owner = test.as_owner();
    for duration in [json!(45), json!(45.0), json!("45"), json!("45.0")] {
        let body = json!({"owner": owner.uri, "name": "x", "duration": duration});
        assert_eq!(
            owner.post("/event_types", body).await.resource(201)["duration"],
            45
        );
    }
    let form = [("content-type", "application/x-www-form-urlencoded")];
    let body = "name=Form&scopes[]=users:read&scopes[]=event_types:read";
    let answer = owner
        .send(Method::POST, "/personal_access_tokens", &form, body.into())
        .await;
    assert_eq!(
        answer.resource(201)["scopes"],
        json!(["users:read", "event_types:read"])
    );
    let unknown = owner
        .send(
            Method::POST,
            "/personal_access_tokens",
            &form,
            "name=x&colour=red".into(),
        )
        .await;
    assert_eq!(unknown.mistakes(), ["colour unknown_field"]);
    let query = owner
        .send(
            Method::POST,
            "/users?name=Query&email=q%40example.com",
            &[],
            Vec::new(),
        )
        .await;
    let user = query.resource(201);
    assert_eq!(user["name"], "Query");
    assert_eq!(owner.get(uri(&user)).await.resource(200), user);
    // a plus that was not escaped is still an offset
    let free = format!(
        "/user_free_times?user={}&start_time=2026-03-03T10:00:00+01:00&end_time=2026-03-03T11:00:00%2B01:00",
        owner.uri
    );
    assert_eq!(owner.get(free).await.collection().len(), 1);
}
