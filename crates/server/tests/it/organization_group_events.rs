//! `GET /scheduled_events?group=…`: what the administrators of a group see.

use serde_json::json;

use crate::{
    caller::{Caller, path, text},
    harness::Test,
    organization_groups::{group, put},
};

on_both_engines! {
    the_events_of_a_group_are_those_of_its_members,
    what_is_listed_is_seen_one_by_one_and_not_changed,
}

/// Who asks, what, and the hours of the events that are found.
type Seen<'a> = (&'a Caller, &'a [(&'a str, &'a str)], &'a [u8]);

async fn the_events_of_a_group_are_those_of_its_members(test: Test) {
    let (olga, admin, ada, ben) = (
        test.as_owner(),
        test.as_admin(),
        test.as_user("ada"),
        test.as_user("ben"),
    );
    let berlin = group(&test, "Berlin").await;
    put(&test, "ada", &berlin, "member").await;
    put(&test, "ben", &berlin, "admin").await;
    let of_ada = ada.event_type(json!({})).await;
    let of_ben = ben.event_type(json!({})).await;
    let hosts = json!([{"user": olga.uri}, {"user": ada.uri}]);
    let together = json!({"pooling_type": "collective", "hosts": hosts});
    let together = olga.event_type(together).await;
    let mut sophie = crate::caller::booking(&of_ada, "2026-03-03T09:00:00Z");
    sophie["invitee"]["email"] = json!("sophie@example.com");
    ada.post("/invitees", sophie).await.expect(201);
    ada.book(&of_ada, "2026-03-03T10:00:00Z").await.expect(201);
    ben.book(&of_ben, "2026-03-03T11:00:00Z").await.expect(201);
    olga.book(&together, "2026-03-03T12:00:00Z")
        .await
        .expect(201);
    let (group, organization) = (
        ("group", berlin.as_str()),
        ("organization", test.organization.as_str()),
    );
    let rows: [Seen; 8] = [
        (&ben, &[group], &[9, 10, 12]),
        (&ben, &[group, organization], &[9, 10, 12]),
        (&admin, &[group, organization], &[9, 10, 12]),
        (&ben, &[group, ("sort", "start_time:desc")], &[12, 10, 9]),
        (&ben, &[group, ("user", &olga.uri)], &[12]),
        (&ben, &[group, ("user", &ben.uri)], &[]),
        (
            &ben,
            &[group, ("invitee_email", "sophie@example.com")],
            &[9],
        ),
        (
            &ben,
            &[
                group,
                ("user", &ada.uri),
                ("invitee_email", "emmy@example.com"),
            ],
            &[10, 12],
        ),
    ];
    for (caller, filter, expected) in rows {
        let events = caller.get(path("/scheduled_events", filter)).await;
        let hours: Vec<u8> = events
            .collection()
            .iter()
            .map(|event| text(&event["start_time"])[11..13].parse().unwrap())
            .collect();
        assert_eq!(hours, expected, "{filter:?}");
    }
    let refusal = admin.get(path("/scheduled_events", &[group])).await;
    let refusal = refusal.refused(403, "permission_denied");
    assert_eq!(
        refusal["message"],
        "Please also specify organization when requesting events for a group within your organization."
    );
    ada.get(path("/scheduled_events", &[group]))
        .await
        .refused(403, "permission_denied");
    test.as_foreigner()
        .get(path("/scheduled_events", &[group]))
        .await
        .refused(404, "not_found");
}

async fn what_is_listed_is_seen_one_by_one_and_not_changed(test: Test) {
    let (ada, ben) = (test.as_user("ada"), test.as_user("ben"));
    let berlin = group(&test, "Berlin").await;
    put(&test, "ada", &berlin, "member").await;
    let event_type = ada.event_type(json!({})).await;
    let booked = ada.book(&event_type, "2026-03-03T10:00:00Z").await;
    let booked = booked.resource(201);
    let (event, invitee) = (text(&booked["event"]), text(&booked["uri"]));
    let seen = [event.clone(), invitee.clone(), format!("{event}/invitees")];
    for uri in &seen {
        ben.get(uri).await.refused(403, "permission_denied");
    }
    put(&test, "ben", &berlin, "admin").await;
    for uri in &seen {
        ben.get(uri).await.expect(200);
    }
    let mark = json!({"invitee": invitee});
    let changes = [
        (format!("{event}/cancellation"), json!({})),
        ("/invitee_no_shows".to_owned(), mark.clone()),
    ];
    for (path, body) in changes {
        ben.post(path, body).await.refused(403, "permission_denied");
    }
    let marked = ada.post("/invitee_no_shows", mark).await.resource(201);
    let marked = text(&marked["uri"]);
    ben.get(&marked).await.expect(200);
    ben.delete(&marked).await.refused(403, "permission_denied");
    ada.delete(marked).await.expect(204);
}
