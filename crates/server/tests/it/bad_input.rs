//! What callers get wrong: always a 4xx that names everything that is wrong, and nothing is written.
//! One file, because it is one table: every operation that takes a body stands in it, and a missing one is noticed.

use axum::http::Method;
use serde_json::{Value, json};

use crate::{
    caller::{Answer, Caller, JSON, booking, text, uri},
    contacts::contact,
    contract::{document, operations, resolve},
    harness::Test,
    one_off_event_types::one_off,
    scheduling_links::link_to,
};

on_both_engines! {
    bodies_that_are_not_what_they_should_be_are_refused_whole,
    all_that_is_wrong_is_named_at_once,
    numbers_forms_and_queries_are_read_as_clients_write_them,
    an_object_that_is_called_a_form_is_read_as_json,
    no_place_is_a_day_away,
}

/// An operation with a body that it takes.
pub struct Taken {
    pub method: Method,
    pub path: String,
    /// Its path in the document.
    pub template: &'static str,
    pub body: Value,
}

/// Every POST and PATCH but those of the classic API and of OAuth, which have their own tables.
pub async fn taken(caller: &Caller) -> Vec<Taken> {
    let schedule = caller.default_schedule().await;
    let event_type = caller.event_type(json!({})).await;
    let invitee = caller
        .book(&event_type, "2026-03-03T10:00:00Z")
        .await
        .resource(201);
    let event = text(&invitee["event"]);
    let organization = caller.get("/users/me").await.resource(200);
    let organization = text(&organization["current_organization"]);
    let asked = json!({"email": "asked@example.com"});
    let invitations = format!("{organization}/invitations");
    let invitation = caller.post(&invitations, asked).await.resource(201);
    let code = text(&invitation["acceptance_code"]);
    let invitation = uri(&invitation);
    let membership = caller.get("/organization_memberships").await.collection();
    let membership = uri(&membership[0]);
    let team = caller.post("/teams", json!({"name": "x"})).await;
    let team = uri(&team.resource(201));
    let group = caller.post("/groups", json!({"name": "x"})).await;
    let group = uri(&group.resource(201));
    let related = json!({"group": group, "owner": membership});
    let relationship = caller.post("/group_relationships", related).await;
    let relationship = uri(&relationship.resource(201));
    let form =
        json!({"name": "x", "status": "published", "questions": [{"name": "x", "type": "text"}]});
    let routing_form = caller.post("/routing_forms", form.clone()).await;
    let routing_form = uri(&routing_form.resource(201));
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
    let contact = uri(&contact(caller, "x", "contact@example.com").await);
    let field = json!({"label": "Field", "field_type": "text"});
    let fields = "/contacts/custom_field_definitions";
    let field = uri(&caller.post(fields, field).await.resource(201));
    let list = caller.post("/contact_lists", json!({"name": "List"})).await;
    let list = uri(&list.resource(201));
    let note = json!({"contact": contact, "title": "Note"});
    let note = uri(&caller.post("/notes", note).await.resource(201));
    let recap = with(range.clone(), json!({"name": "Recap"}));
    let recap = uri(&caller.post("/meeting_recaps", recap).await.resource(201));
    let hook = json!({
        "url": "https://example.com/hook", "events": ["invitee.created"],
        "organization": organization, "scope": "organization",
    });
    let application = json!({
        "name": "x", "kind": "web", "redirect_uris": ["https://example.com/back"], "scopes": ["users:read"],
    });
    let registered = caller
        .post("/oauth_applications", application.clone())
        .await;
    let registered = uri(&registered.resource(201));
    let made = caller.post("/webhook_subscriptions", hook.clone()).await;
    let subscription = uri(&made.resource(201));
    vec![
        taken(
            post.clone(),
            "/webhook_subscriptions",
            "/webhook_subscriptions",
            with(hook, json!({"url": "https://example.org/hook"})),
        ),
        taken(
            patch.clone(),
            &subscription,
            "/webhook_subscriptions/{uuid}",
            json!({"state": "active"}),
        ),
        taken(
            post.clone(),
            &format!("{subscription}/redelivery"),
            "/webhook_subscriptions/{uuid}/redelivery",
            json!({"since": "2026-03-04T10:00:00Z"}),
        ),
        taken(
            post.clone(),
            "/data_compliance/deletion/events",
            "/data_compliance/deletion/events",
            json!({"start_time": "2026-01-04T10:00:00Z", "end_time": "2026-02-04T10:00:00Z"}),
        ),
        taken(
            post.clone(),
            "/data_compliance/deletion/invitees",
            "/data_compliance/deletion/invitees",
            json!({"emails": ["nobody@example.com"]}),
        ),
        taken(
            post.clone(),
            "/contacts",
            "/contacts",
            json!({"name": "x", "emails": [{"email": "x@example.com"}]}),
        ),
        taken(
            patch.clone(),
            &contact,
            "/contacts/{uuid}",
            json!({"name": "x"}),
        ),
        taken(
            post.clone(),
            fields,
            fields,
            json!({"label": "x", "field_type": "text"}),
        ),
        taken(
            patch.clone(),
            &field,
            "/contacts/custom_field_definitions/{uuid}",
            json!({"label": "x"}),
        ),
        taken(
            post.clone(),
            "/contact_lists",
            "/contact_lists",
            json!({"name": "x"}),
        ),
        taken(
            patch.clone(),
            &list,
            "/contact_lists/{uuid}",
            json!({"name": "x"}),
        ),
        taken(
            post.clone(),
            &format!("{list}/memberships"),
            "/contact_lists/{uuid}/memberships",
            json!({"contacts": [contact]}),
        ),
        taken(
            post.clone(),
            &format!("{list}/memberships/removal"),
            "/contact_lists/{uuid}/memberships/removal",
            json!({"contacts": [contact]}),
        ),
        taken(
            post.clone(),
            "/notes",
            "/notes",
            json!({"contact": contact, "title": "x"}),
        ),
        taken(patch.clone(), &note, "/notes/{uuid}", json!({"title": "x"})),
        taken(
            post.clone(),
            "/meeting_recaps",
            "/meeting_recaps",
            with(range.clone(), json!({"name": "x"})),
        ),
        taken(
            patch.clone(),
            &recap,
            "/meeting_recaps/{uuid}",
            json!({"summary_md": "x"}),
        ),
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
            &format!("{}/password", caller.uri),
            "/users/{uuid}/password",
            json!({"password": "correct horse battery"}),
        ),
        taken(
            post.clone(),
            "/oauth_applications",
            "/oauth_applications",
            application,
        ),
        taken(
            patch.clone(),
            &registered,
            "/oauth_applications/{uuid}",
            json!({"name": "x"}),
        ),
        taken(
            patch.clone(),
            &membership,
            "/organization_memberships/{uuid}",
            json!({"role": "owner"}),
        ),
        taken(post.clone(), "/groups", "/groups", json!({"name": "y"})),
        taken(
            patch.clone(),
            &group,
            "/groups/{uuid}",
            json!({"name": "x"}),
        ),
        taken(
            post.clone(),
            "/group_relationships",
            "/group_relationships",
            json!({"group": group, "owner": membership, "role": "admin"}),
        ),
        taken(
            patch.clone(),
            &relationship,
            "/group_relationships/{uuid}",
            json!({"role": "member"}),
        ),
        taken(post.clone(), "/routing_forms", "/routing_forms", form),
        taken(
            patch.clone(),
            &routing_form,
            "/routing_forms/{uuid}",
            json!({"name": "x"}),
        ),
        taken(
            post.clone(),
            "/routing_form_submissions",
            "/routing_form_submissions",
            json!({"routing_form": routing_form, "questions_and_answers": []}),
        ),
        taken(post.clone(), "/teams", "/teams", json!({"name": "x"})),
        taken(patch.clone(), &team, "/teams/{uuid}", json!({"name": "x"})),
        taken(
            post.clone(),
            &invitations,
            "/organizations/{uuid}/invitations",
            json!({"email": "x@example.com"}),
        ),
        taken(
            post.clone(),
            &format!("{invitation}/acceptance"),
            "/organizations/{organization_uuid}/invitations/{invitation_uuid}/acceptance",
            json!({"code": code, "name": "x"}),
        ),
        taken(
            post.clone(),
            &format!("{invitation}/declination"),
            "/organizations/{organization_uuid}/invitations/{invitation_uuid}/declination",
            json!({"code": code}),
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
            patch.clone(),
            &event_type,
            "/event_types/{uuid}",
            json!({"name": "x"}),
        ),
        taken(
            patch,
            &format!("/event_type_availability_schedules?event_type={event_type}"),
            "/event_type_availability_schedules",
            json!({"availability_rule": {"timezone": "UTC"}}),
        ),
        taken(
            post.clone(),
            "/invitee_no_shows",
            "/invitee_no_shows",
            json!({"invitee": invitee["uri"]}),
        ),
        taken(
            post.clone(),
            "/scheduling_links",
            "/scheduling_links",
            link_to(&event_type),
        ),
        taken(
            post.clone(),
            "/one_off_event_types",
            "/one_off_event_types",
            one_off(&caller.uri),
        ),
        taken(
            post.clone(),
            "/shares",
            "/shares",
            json!({"event_type": event_type}),
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
            post.clone(),
            &format!("{event}/rejection"),
            "/scheduled_events/{uuid}/rejection",
            json!({"reason": "x"}),
        ),
        taken(
            post.clone(),
            &format!("{}/cancellation", uri(&invitee)),
            "/scheduled_events/{event_uuid}/invitees/{invitee_uuid}/cancellation",
            json!({"reason": "x"}),
        ),
        taken(
            post.clone(),
            "/holds",
            "/holds",
            json!({"event_type": event_type, "start_time": "2026-03-04T12:00:00Z"}),
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
pub async fn everything(test: &Test) -> Vec<Value> {
    let owner = test.as_owner();
    let (user, organization) = (&owner.uri, &test.organization);
    let range = "start_time=2026-01-01T00:00:00Z&end_time=2027-01-01T00:00:00Z";
    let lists = [
        "/users?count=100".to_owned(),
        "/personal_access_tokens?count=100".to_owned(),
        "/oauth_applications?count=100".to_owned(),
        format!("/user_availability_schedules?user={user}"),
        format!("/user_busy_times?user={user}&{range}"),
        format!("/event_types?organization={organization}&count=100"),
        format!("/scheduled_events?organization={organization}&count=100"),
        format!("{organization}/invitations?count=100"),
        "/teams?count=100".to_owned(),
        format!("/groups?organization={organization}&count=100"),
        "/group_relationships?count=100".to_owned(),
        format!("/routing_forms?organization={organization}&count=100"),
        "/contacts?count=100".to_owned(),
        "/contacts/custom_field_definitions".to_owned(),
        "/contact_lists".to_owned(),
        "/meeting_recaps".to_owned(),
    ];
    let mut rows = Vec::new();
    for list in lists {
        rows.push(json!(owner.get(list).await.collection()));
    }
    rows
}

pub async fn send(caller: &Caller, taken: &Taken, body: impl Into<Vec<u8>>) -> Answer {
    caller
        .send(taken.method.clone(), &taken.path, JSON, body.into())
        .await
}

async fn bodies_that_are_not_what_they_should_be_are_refused_whole(test: Test) {
    let owner = test.as_owner();
    let all = taken(&owner).await;
    let documented = operations().into_iter().filter(|operation| {
        let has_body = operation.item["requestBody"].is_object();
        let has_own_errors = ["Classic", "OAuth"].contains(&operation.tag());
        has_body && ["post", "patch"].contains(&operation.method) && !has_own_errors
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

/// As `curl -d '{…}'` sends it.
async fn an_object_that_is_called_a_form_is_read_as_json(test: Test) {
    let owner = test.as_owner();
    let form = [("content-type", "application/x-www-form-urlencoded")];
    let body = "\n {\"name\": \"A & B = C\", \"scopes\": [\"users:read\"]}";
    let answer = owner
        .send(Method::POST, "/personal_access_tokens", &form, body.into())
        .await
        .resource(201);
    assert_eq!(answer["name"], "A & B = C");
    assert_eq!(answer["scopes"], json!(["users:read"]));
}

async fn no_place_is_a_day_away(test: Test) {
    let owner = test.as_owner();
    for offset in ["+25:00", "-25:00", "+24:00"] {
        let body = json!({
            "start_time": format!("2026-03-03T10:00:00{offset}"), "end_time": "2026-03-05T10:00:00Z",
        });
        assert_eq!(
            owner.post("/user_busy_times", body).await.mistakes(),
            ["start_time invalid_time"],
            "{offset}"
        );
    }
}
