//! The activity log: everything that is done leaves one entry. `activity_log_list.rs` finds them again.

use serde_json::{Value, json};

use crate::{
    bad_input::{self, taken},
    caller::{booking, path, text, uri},
    contract::operations,
    harness::{BASE, NOTHING, Test},
    races::at_once,
};

on_both_engines! {
    whatever_changes_something_leaves_one_entry,
    passwords_are_noted_and_never_shown,
    an_entry_says_who_what_when_and_from_where,
    what_was_not_done_leaves_no_entry,
    many_bookings_at_once_leave_an_entry_each,
}

/// A page of the log.
pub async fn asked(test: &Test, query: &[(&str, &str)]) -> Value {
    let mut all = vec![("organization", test.organization.as_str())];
    all.extend(query);
    let page = test
        .as_owner()
        .get(path("/activity_log_entries", &all))
        .await;
    page.expect(200)
}

pub async fn entries(test: &Test, query: &[(&str, &str)]) -> Vec<Value> {
    let page = asked(test, query).await;
    page["collection"].as_array().unwrap().clone()
}

pub async fn total(test: &Test) -> i64 {
    asked(test, &[("count", "1")]).await["total_count"]
        .as_i64()
        .unwrap()
}

/// The names of the entries, as they come.
pub fn names(entries: &[Value]) -> Vec<String> {
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
