//! Recaps of meetings: posted by note takers, read and edited by those who held the meeting.

use serde_json::{Value, json};

use crate::{
    caller::{Caller, booking, id, path, text, uri},
    harness::{BASE, NOTHING, Test},
};

on_both_engines! {
    the_recap_of_an_event_has_what_the_event_has,
    the_recap_of_another_meeting_says_itself_what_it_was,
    a_recap_is_edited_and_deleted,
    what_is_wrong_with_a_recap_is_named,
    recaps_are_found_by_all_they_have,
    recaps_are_walked_the_latest_meeting_first,
    recaps_are_for_those_who_held_the_meeting,
    a_recap_is_added_once_with_a_key,
}

/// Books a meeting; the answer is its event.
async fn meeting(caller: &Caller, start: &str) -> String {
    let event_type = caller.event_type(json!({"slug": format!("call-{}", &start[8..10]), "locations": [{"kind": "physical", "location": "Room 1"}]})).await;
    let mut body = booking(&event_type, start);
    body["location"] = json!({"kind": "physical"});
    text(&caller.post("/invitees", body).await.resource(201)["event"])
}

async fn post(caller: &Caller, body: Value) -> Value {
    caller.post("/meeting_recaps", body).await.resource(201)
}

fn external(name: &str, day: u32) -> Value {
    json!({
        "name": name,
        "start_time": format!("2026-02-{day:02}T10:00:00Z"),
        "end_time": format!("2026-02-{day:02}T11:00:00Z"),
    })
}

async fn the_recap_of_an_event_has_what_the_event_has(test: Test) {
    let ada = test.as_user("ada");
    let event = meeting(&ada, "2026-03-03T10:00:00Z").await;
    let body = json!({
        "event": event,
        "summary_md": "# Plan",
        "action_items_md": "- begin",
        "discussion_md": "We talked.",
        "transcript": "Ada: Hello\nEmmy: Hello",
        "share_link": "https://notes.example.com/1",
    });
    let posted = post(&ada, body).await;
    let recap = uri(&posted);
    let location = ada.get(&event).await.resource(200)["location"].take();
    let expected = json!({
        "uri": recap,
        "app_url": format!("{BASE}/app/meeting_recaps/{}", id(&recap)),
        "event": event,
        "status": "Available",
        "name": "Intro call",
        "location": location,
        "start_time": "2026-03-03T10:00:00.000000Z",
        "end_time": "2026-03-03T10:30:00.000000Z",
        "created_at": posted["created_at"],
        "updated_at": posted["created_at"],
        "attendees": [
            {"host": true, "user_email": "ada@example.com", "user_name": "ada"},
            {"host": false, "user_email": "emmy@example.com", "user_name": "Emmy Noether"},
        ],
        "transcript": format!("{recap}/transcript"),
        "summary_md": "# Plan",
        "action_items_md": "- begin",
        "discussion_md": "We talked.",
        "share_link": "https://notes.example.com/1",
    });
    assert_eq!(posted, expected);
    assert_eq!(ada.get(&recap).await.resource(200), posted);
    let transcript = ada.get(text(&posted["transcript"])).await.resource(200);
    assert_eq!(
        transcript,
        json!({"uri": format!("{recap}/transcript"), "text": "Ada: Hello\nEmmy: Hello"})
    );
    let mut listed = posted.clone();
    for long in [
        "summary_md",
        "action_items_md",
        "discussion_md",
        "share_link",
    ] {
        listed.as_object_mut().unwrap().remove(long);
    }
    assert_eq!(ada.get("/meeting_recaps").await.collection(), [listed]);
}

async fn the_recap_of_another_meeting_says_itself_what_it_was(test: Test) {
    let ada = test.as_user("ada");
    let mut body = external("Weekly", 2);
    body["attendees"] = json!([{"user_email": "bo@example.com", "user_name": "Bo"}, {"host": true, "user_email": "ada@example.com", "user_name": "Ada"}]);
    body["location"] = json!({"type": "zoom", "join_url": "https://zoom.example.com/1"});
    body["status"] = json!("Processing");
    let posted = post(&ada, body).await;
    let expected = json!({
        "uri": posted["uri"],
        "app_url": posted["app_url"],
        "event": null,
        "status": "Processing",
        "name": "Weekly",
        "location": {"type": "zoom", "status": "pushed", "join_url": "https://zoom.example.com/1", "data": null},
        "start_time": "2026-02-02T10:00:00.000000Z",
        "end_time": "2026-02-02T11:00:00.000000Z",
        "created_at": posted["created_at"],
        "updated_at": posted["created_at"],
        "attendees": [
            {"host": false, "user_email": "bo@example.com", "user_name": "Bo"},
            {"host": true, "user_email": "ada@example.com", "user_name": "Ada"},
        ],
        "transcript": null,
        "summary_md": null,
        "action_items_md": null,
        "discussion_md": null,
        "share_link": null,
    });
    assert_eq!(posted, expected);
    assert_eq!(ada.get(uri(&posted)).await.resource(200), posted);
    let transcript = format!("{}/transcript", uri(&posted));
    ada.get(transcript).await.refused(404, "not_found");
    let plain = post(&ada, external("Plain", 3)).await;
    assert_eq!(
        (&plain["attendees"], &plain["location"], &plain["status"]),
        (&json!(null), &json!(null), &json!("Available"))
    );
    for (location, shown) in [
        (
            json!({"type": "physical"}),
            json!({"type": "physical", "location": ""}),
        ),
        (
            json!({"type": "inbound_call", "location": "+1", "additional_info": "x"}),
            json!({"type": "inbound_call", "location": "+1", "additional_info": "x"}),
        ),
        (
            json!({"type": "custom", "location": null}),
            json!({"type": "custom", "location": null}),
        ),
        (
            json!({"type": "google_conference"}),
            json!({"type": "google_conference", "status": null, "join_url": null}),
        ),
    ] {
        let mut body = external("Place", 4);
        body["location"] = location;
        assert_eq!(post(&ada, body).await["location"], shown);
    }
}

async fn a_recap_is_edited_and_deleted(test: Test) {
    let ada = test.as_user("ada");
    let posted = post(&ada, external("Weekly", 2)).await;
    let recap = uri(&posted);
    let body = json!({"summary_md": "New", "action_items_md": "- x", "discussion_md": "y"});
    let edited = ada.patch(&recap, body).await.resource(200);
    let mut expected = posted.clone();
    expected["summary_md"] = json!("New");
    expected["action_items_md"] = json!("- x");
    expected["discussion_md"] = json!("y");
    expected["updated_at"] = edited["updated_at"].clone();
    assert_eq!(edited, expected);
    assert_eq!(ada.get(&recap).await.resource(200), edited);
    let body = json!({
        "summary_md": null, "status": "unavailable", "transcript": "Ada: Hi", "share_link": "https://notes.example.com/2",
    });
    let edited = ada.patch(&recap, body).await.resource(200);
    assert_eq!(edited["summary_md"], json!(null));
    assert_eq!(edited["action_items_md"], "- x");
    assert_eq!(edited["status"], "Unavailable");
    assert_eq!(edited["share_link"], "https://notes.example.com/2");
    let transcript = text(&edited["transcript"]);
    assert_eq!(ada.get(&transcript).await.resource(200)["text"], "Ada: Hi");
    let edited = ada
        .patch(&recap, json!({"transcript": null, "share_link": null}))
        .await
        .resource(200);
    assert_eq!(
        (&edited["transcript"], &edited["share_link"]),
        (&json!(null), &json!(null))
    );
    ada.get(&transcript).await.refused(404, "not_found");
    assert_eq!(ada.patch(&recap, json!({})).await.mistakes(), [" required"]);
    assert_eq!(
        ada.patch(&recap, json!({"name": "x"})).await.mistakes(),
        ["name unknown_field"]
    );
    assert_eq!(
        ada.patch(&recap, json!({"summary_md": 1})).await.mistakes(),
        ["summary_md wrong_type"]
    );
    ada.delete(&recap).await.expect(204);
    for answer in [
        ada.delete(&recap).await,
        ada.get(&recap).await,
        ada.patch(&recap, json!({"summary_md": "x"})).await,
    ] {
        answer.refused(404, "not_found");
    }
    assert!(ada.get("/meeting_recaps").await.collection().is_empty());
}

async fn what_is_wrong_with_a_recap_is_named(test: Test) {
    let ada = test.as_user("ada");
    let event = meeting(&ada, "2026-03-03T10:00:00Z").await;
    let with = |field: &str, value: Value| {
        let mut body = external("x", 2);
        body[field] = value;
        body
    };
    let cases = [
        (with("status", json!("done")), "status unknown_value"),
        (
            with("end_time", json!("2026-02-02T10:00:00Z")),
            "end_time invalid_range",
        ),
        (with("start_time", json!("soon")), "start_time invalid_time"),
        (
            with("attendees", json!([{"user_email": "x", "user_name": "x"}])),
            "attendees[0].user_email invalid_email",
        ),
        (
            with("attendees", json!([{"user_email": "x@example.com"}])),
            "attendees[0].user_name required",
        ),
        (
            with("location", json!({"type": "moon"})),
            "location.type unknown_value",
        ),
        (
            with("share_link", json!("ftp://x")),
            "share_link invalid_format",
        ),
        (
            with("summary_md", json!("x".repeat(100_001))),
            "summary_md too_long",
        ),
        (with("title", json!("x")), "title unknown_field"),
        (json!({"event": event, "name": "x"}), "name not_allowed"),
        (json!({"event": ada.uri}), "event invalid_uri"),
    ];
    for (body, mistake) in cases {
        let answer = ada.post("/meeting_recaps", body).await;
        assert_eq!(answer.mistakes(), [mistake]);
    }
    let mistakes = ada.post("/meeting_recaps", json!({})).await.mistakes();
    assert_eq!(
        mistakes,
        ["name required", "start_time required", "end_time required"]
    );
    let nothing = json!({"event": format!("{BASE}/scheduled_events/{NOTHING}")});
    ada.post("/meeting_recaps", nothing)
        .await
        .refused(404, "not_found");
    assert!(ada.get("/meeting_recaps").await.collection().is_empty());
}

fn names(rows: &[Value]) -> String {
    rows.iter().map(|row| text(&row["name"])).collect()
}

async fn recaps_are_found_by_all_they_have(test: Test) {
    let ada = test.as_user("ada");
    let event = meeting(&ada, "2026-03-03T10:00:00Z").await;
    for (name, day, status, email) in [
        ("a", 2, "available", "bo@example.com"),
        ("b", 3, "available", "Cy@example.com"),
        ("c", 4, "processing", "bo@example.com"),
        ("d", 5, "Unavailable", "bo@example.com"),
    ] {
        let mut body = external(name, day);
        body["status"] = json!(status);
        body["attendees"] = json!([{"user_email": email, "user_name": "x"}, {"user_email": "all@example.com", "user_name": "y"}]);
        post(&ada, body).await;
    }
    post(&ada, json!({"event": event})).await;
    let cases: [(&[(&str, &str)], &str); 13] = [
        (&[], "Intro callba"),
        (&[("status", "available")], "Intro callba"),
        (&[("status", "Processing")], "c"),
        (&[("status", "unavailable")], "d"),
        (&[("event", &event)], "Intro call"),
        (&[("attendee", "BO@example.com")], "a"),
        (&[("attendee", "cy@example.com")], "b"),
        (&[("attendee", "all@example.com")], "ba"),
        (&[("attendee", "y@example.com")], ""),
        // ends at or after
        (&[("start_time", "2026-02-03T11:00:00Z")], "Intro callb"),
        (&[("start_time", "2026-02-03T11:00:01Z")], "Intro call"),
        // starts at or before
        (&[("end_time", "2026-02-03T10:00:00Z")], "ba"),
        (
            &[
                ("start_time", "2026-02-02T10:30:00Z"),
                ("end_time", "2026-02-03T09:59:59Z"),
            ],
            "a",
        ),
    ];
    for (query, expected) in cases {
        let found = ada.get(path("/meeting_recaps", query)).await.collection();
        assert_eq!(names(&found), expected, "{query:?}");
    }
    let mistakes = ada
        .get("/meeting_recaps?status=x&attendee=y")
        .await
        .mistakes();
    assert_eq!(mistakes, ["status unknown_value", "attendee invalid_email"]);
}

async fn recaps_are_walked_the_latest_meeting_first(test: Test) {
    let ada = test.as_user("ada");
    for (name, day) in [("a", 2), ("b", 5), ("c", 4), ("d", 2)] {
        post(&ada, external(name, day)).await;
    }
    let first = ada.get("/meeting_recaps?count=3").await.expect(200);
    assert_eq!(names(first["collection"].as_array().unwrap()), "bcd");
    let second = ada
        .get(text(&first["pagination"]["next_page"]))
        .await
        .expect(200);
    assert_eq!(names(second["collection"].as_array().unwrap()), "a");
    let back = ada
        .get(text(&second["pagination"]["previous_page"]))
        .await
        .collection();
    assert_eq!(json!(back), first["collection"]);
}

async fn recaps_are_for_those_who_held_the_meeting(test: Test) {
    let (ada, ben, amir, zoe) = (
        test.as_user("ada"),
        test.as_user("ben"),
        test.as_admin(),
        test.as_foreigner(),
    );
    let event = meeting(&ada, "2026-03-03T10:00:00Z").await;
    ben.post("/meeting_recaps", json!({"event": event}))
        .await
        .refused(403, "permission_denied");
    zoe.post("/meeting_recaps", json!({"event": event}))
        .await
        .refused(404, "not_found");
    // by an administrator's note taker, of Ada's meeting
    let recap = uri(&post(&amir, json!({"event": event, "transcript": "Ada: Hi"})).await);
    post(&ben, external("Ben's", 2)).await;
    let transcript = format!("{recap}/transcript");
    for path in [&recap, &transcript] {
        ada.get(path).await.expect(200);
        amir.get(path).await.expect(200);
        let refusal = ben.get(path).await.refused(403, "permission_denied");
        assert_eq!(
            refusal["message"],
            "You do not have permission to access this resource"
        );
        zoe.get(path).await.refused(404, "not_found");
    }
    for (caller, expected) in [
        (&ada, "Intro call"),
        (&ben, "Ben's"),
        (&amir, "Intro callBen's"),
        (&zoe, ""),
    ] {
        assert_eq!(
            names(&caller.get("/meeting_recaps").await.collection()),
            expected
        );
    }
    ben.patch(&recap, json!({"summary_md": "x"}))
        .await
        .refused(403, "permission_denied");
    ben.delete(&recap).await.refused(403, "permission_denied");
    zoe.delete(&recap).await.refused(404, "not_found");
    let reader = test.with_scopes("ada", &["meeting_recaps:read"]).await;
    reader.get(&recap).await.expect(200);
    let refusal = reader
        .delete(&recap)
        .await
        .refused(403, "insufficient_scope");
    assert_eq!(refusal["required_scopes"], json!(["meeting_recaps:write"]));
    ada.patch(&recap, json!({"summary_md": "x"}))
        .await
        .expect(200);
    ada.delete(&recap).await.expect(204);
}

async fn a_recap_is_added_once_with_a_key(test: Test) {
    let ada = test.as_user("ada");
    let body = external("Weekly", 2);
    let first = ada.post_once("/meeting_recaps", "key", &body).await;
    let second = ada.post_once("/meeting_recaps", "key", &body).await;
    assert_eq!((first.status, &first.body), (201, &second.body));
    assert_eq!(ada.get("/meeting_recaps").await.collection().len(), 1);
}
