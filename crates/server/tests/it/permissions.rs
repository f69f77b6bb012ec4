//! What a token's scopes and a user's role allow, and whose ids are known to whom.

use axum::http::Method;
use serde_json::{Value, json};

use crate::{
    caller::{Answer, Caller, JSON, id, text, uri},
    contract::{Operation, operations},
    harness::{BASE, NOTHING, Test},
};

on_both_engines! {
    a_token_without_scopes_may_do_nothing_and_is_told_what_it_lacks,
    every_operation_needs_a_token,
    a_plain_user_cannot_touch_the_things_of_others,
    ids_of_others_of_nothing_and_of_another_kind_are_not_found,
    references_to_others_are_refused_in_bodies_and_queries,
    paths_and_methods_that_do_not_exist_are_told_apart,
}

async fn send(caller: &Caller, operation: &Operation, path: &str) -> Answer {
    let method = operation.method.to_uppercase().parse::<Method>().unwrap();
    let body = match operation.method {
        "post" if path.ends_with("/rescheduling") => json!({"start_time": "2026-03-04T10:00:00Z"}),
        "post" if path.ends_with("/redelivery") && !path.contains("/deliveries/") => {
            json!({"since": "2026-03-04T10:00:00Z"})
        }
        "post" if path.ends_with("/invitations") => json!({"email": "x@example.com"}),
        "post" if path.contains("/memberships") => {
            json!({"contacts": [format!("/contacts/{NOTHING}")]})
        }
        "post" if path.ends_with("/password") => json!({"password": "correct horse battery"}),
        "patch" if path.starts_with("/contact_lists/") => json!({"name": "x"}),
        "post" | "patch" => json!({}),
        _ => return caller.send(method, path, &[], Vec::new()).await,
    };
    caller
        .send(method, path, JSON, body.to_string().into())
        .await
}

/// The operations that need a token and a scope.
fn guarded() -> Vec<Operation> {
    let mut operations = operations();
    let guarded = json!([{"token": []}, {"oauth2": []}]);
    operations.retain(|operation| operation.item["security"] == guarded);
    assert!(operations.len() > 25);
    operations
}

async fn a_token_without_scopes_may_do_nothing_and_is_told_what_it_lacks(test: Test) {
    let nothing = test.with_scopes("olga", &[]).await;
    for operation in guarded() {
        let place = format!("{} {}", operation.method, operation.path);
        let refusal = send(&nothing, &operation, &operation.path_of_nothing()).await;
        let refusal = refusal.refused(403, "insufficient_scope");
        let required = refusal["required_scopes"].as_array().unwrap();
        assert!(!required.is_empty(), "{place}");
        for scope in required {
            let scope = text(scope);
            let expected = if operation.method == "get" || operation.path == "/overlaps" {
                ":read"
            } else {
                ":write"
            };
            assert!(scope.ends_with(expected), "{place} needs {scope}");
            let enough = test.with_scopes("olga", &[&scope]).await;
            let answer = send(&enough, &operation, &operation.path_of_nothing()).await;
            assert_ne!(answer.status, 403, "{place} with {scope}");
        }
    }
}

async fn every_operation_needs_a_token(test: Test) {
    let nobody = test.without_token();
    for operation in guarded() {
        send(&nobody, &operation, &operation.path_of_nothing())
            .await
            .refused(401, "unauthenticated");
    }
    for path in ["/healthz", "/readyz", "/metrics"] {
        nobody.get(path).await.expect(200);
    }
}

/// One thing of each kind that a user has.
struct Things {
    schedule: String,
    busy_time: String,
    event_type: String,
    event: String,
    invitee: String,
    token: String,
}

async fn things(caller: &Caller) -> Things {
    let event_type = caller.event_type(json!({})).await;
    let invitee = caller
        .book(&event_type, "2026-03-03T10:00:00Z")
        .await
        .resource(201);
    let busy = json!({"start_time": "2026-03-04T10:00:00Z", "end_time": "2026-03-04T11:00:00Z"});
    let token = caller
        .post("/personal_access_tokens", json!({"name": "Mine"}))
        .await
        .resource(201);
    Things {
        schedule: caller.default_schedule().await,
        busy_time: uri(&caller.post("/user_busy_times", busy).await.resource(201)),
        event_type,
        event: text(&invitee["event"]),
        invitee: uri(&invitee),
        token: uri(&token),
    }
}

async fn a_plain_user_cannot_touch_the_things_of_others(test: Test) {
    let (ada, ben) = (test.as_user("ada"), test.as_user("ben"));
    let theirs = things(&ben).await;
    let move_it = json!({"start_time": "2026-03-05T10:00:00Z"});
    let refused = [
        ada.patch(&theirs.schedule, json!({"name": "x"})).await,
        ada.delete(&theirs.schedule).await,
        ada.delete(&theirs.busy_time).await,
        ada.patch(&theirs.event_type, json!({"name": "x"})).await,
        ada.delete(&theirs.event_type).await,
        ada.get(&theirs.event).await,
        ada.get(&theirs.invitee).await,
        ada.get(format!("{}/invitees", theirs.event)).await,
        ada.post(format!("{}/cancellation", theirs.event), json!({})).await,
        ada.post(format!("{}/rescheduling", theirs.event), move_it).await,
        ada.delete(&theirs.token).await,
        ada.post("/event_types", json!({"owner": ben.uri, "name": "x"})).await,
        ada.post("/user_busy_times", json!({"start_time": "2026-03-04T10:00:00Z", "end_time": "2026-03-04T11:00:00Z", "user": ben.uri})).await,
    ];
    for answer in refused {
        answer.refused(403, "permission_denied");
    }
    // all of it is as it was, and an administrator may
    let admin = test.as_admin();
    assert_eq!(
        admin.get(&theirs.event).await.resource(200)["status"],
        "active"
    );
    assert_eq!(
        admin.get(&theirs.event_type).await.resource(200)["name"],
        "Intro call"
    );
    admin.delete(&theirs.busy_time).await.expect(204);
    admin
        .post(format!("{}/cancellation", theirs.event), json!({}))
        .await
        .expect(201);
    admin.delete(&theirs.event_type).await.expect(204);
    admin.delete(&theirs.token).await.expect(204);
}

async fn ids_of_others_of_nothing_and_of_another_kind_are_not_found(test: Test) {
    let (owner, foreigner) = (test.as_owner(), test.as_foreigner());
    let theirs = things(&foreigner).await;
    let membership = uri(&foreigner
        .get("/organization_memberships")
        .await
        .collection()[0]);
    let organization =
        text(&foreigner.get("/users/me").await.resource(200)["current_organization"]);
    let foreign = [
        &foreigner.uri,
        &theirs.schedule,
        &theirs.busy_time,
        &theirs.event_type,
        &theirs.event,
        &theirs.invitee,
        &theirs.token,
        &membership,
        &organization,
    ];
    // one's own things, each of which has its own kind: a schedule is no event
    let own = uri(&owner.get("/organization_memberships").await.collection()[0]);
    let mut ids: Vec<&str> = foreign.iter().map(|uri| id(uri)).collect();
    ids.extend([
        NOTHING,
        "me-not",
        "1",
        "%00",
        "01900000000070008000000000000000",
    ]);
    for operation in guarded() {
        if !operation.path.contains('{') {
            continue;
        }
        let mut ids = ids.clone();
        if !operation.path.contains("organization_memberships") {
            ids.push(id(&own));
        }
        for id in ids {
            let segments = operation.path.split('/').map(|segment| {
                if segment.starts_with('{') {
                    id
                } else {
                    segment
                }
            });
            let path = segments.collect::<Vec<_>>().join("/");
            send(&owner, &operation, &path)
                .await
                .refused(404, "not_found");
        }
    }
    foreigner.get(&theirs.event).await.expect(200);
    // an invitee belongs to one event
    let mine = things(&owner).await;
    let other = format!("{}/invitees/{}", mine.event, id(&theirs.invitee));
    owner.get(other).await.refused(404, "not_found");
}

async fn references_to_others_are_refused_in_bodies_and_queries(test: Test) {
    let (owner, foreigner) = (test.as_owner(), test.as_foreigner());
    let theirs = things(&foreigner).await;
    let (from, to) = ("2026-03-04T10:00:00Z", "2026-03-04T11:00:00Z");
    let range = format!("start_time={from}&end_time={to}");
    let nobody = format!("{BASE}/users/{NOTHING}");
    for user in [&foreigner.uri, &nobody] {
        let gets = [
            format!("/user_availability_schedules?user={user}"),
            format!("/user_busy_times?user={user}&{range}"),
            format!("/user_free_times?user={user}&{range}"),
            format!("/event_types?user={user}"),
            format!(
                "/scheduled_events?user={user}&organization={}",
                test.organization
            ),
        ];
        for get in gets {
            let refusal = owner.get(get).await.refused(403, "permission_denied");
            assert_eq!(refusal["message"], "This user is not in your organization");
        }
    }
    let organization = format!("{BASE}/organizations/{NOTHING}");
    for path in ["/event_types", "/scheduled_events"] {
        owner
            .get(format!("{path}?organization={organization}"))
            .await
            .refused(403, "permission_denied");
    }
    let gets = [
        format!(
            "/overlaps?user={}&user={}&{range}",
            owner.uri, foreigner.uri
        ),
        format!(
            "/event_type_available_times?event_type={}&{range}",
            theirs.event_type
        ),
        format!(
            "/event_type_availability_schedules?event_type={}",
            theirs.event_type
        ),
        format!("/personal_access_tokens?user={}", foreigner.uri),
    ];
    for get in gets {
        owner.get(get).await.refused(404, "not_found");
    }
    let person = json!([{"user": foreigner.uri}]);
    let posts: [(&str, Value); 4] = [
        (
            "/invitees",
            crate::caller::booking(&theirs.event_type, "2026-03-05T10:00:00Z"),
        ),
        (
            "/overlaps",
            json!({"people": person, "start_time": from, "end_time": to}),
        ),
        (
            "/user_busy_times",
            json!({"user": foreigner.uri, "start_time": from, "end_time": to}),
        ),
        (
            "/user_availability_schedules",
            json!({"user": foreigner.uri, "name": "x", "timezone": "UTC", "rules": []}),
        ),
    ];
    for (path, body) in posts {
        owner.post(path, body).await.refused(404, "not_found");
    }
    let body = json!({"owner": owner.uri, "name": "x", "availability_schedule": theirs.schedule});
    assert_eq!(
        owner.post("/event_types", body).await.mistakes(),
        ["availability_schedule not_found"]
    );
    let body = json!({"owner": foreigner.uri, "name": "x"});
    assert_eq!(
        owner.post("/event_types", body).await.mistakes(),
        ["owner not_found"]
    );
    // the same id under any host is the same resource; under another collection it is none
    let moved = owner
        .uri
        .replace("http://fasti.test", "https://api.example.com");
    owner
        .get(format!("/user_busy_times?user={moved}&{range}"))
        .await
        .expect(200);
    let other_kind = owner.uri.replace("/users/", "/event_types/");
    assert_eq!(
        owner
            .get(format!("/user_busy_times?user={other_kind}&{range}"))
            .await
            .mistakes(),
        ["user invalid_uri"]
    );
}

async fn paths_and_methods_that_do_not_exist_are_told_apart(test: Test) {
    let owner = test.as_owner();
    for path in ["/", "/nothing", "/users/me/nothing", "/scheduled_events/"] {
        owner.get(path).await.refused(404, "not_found");
    }
    owner
        .send(Method::PUT, "/users/me", &[], Vec::new())
        .await
        .refused(405, "method_not_allowed");
    owner
        .delete("/invitees")
        .await
        .refused(405, "method_not_allowed");
    let answer = owner.get("/users/me").await;
    assert!(!answer.header("x-request-id").is_empty());
}
