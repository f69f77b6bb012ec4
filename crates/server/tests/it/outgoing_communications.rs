//! The list of mails: as documented, for owners and admins.

use serde_json::{Value, json};

use crate::{
    caller::{path, text, uri},
    harness::Test,
    mail_server::{FROM, MailServer},
};

on_both_engines! {
    mails_about_meetings_are_listed,
    others_are_listed_by_status,
    pages_and_times,
    nobody_else_sees_them,
}

const ALL: &str = "/outgoing_communications";

/// Ada is booked at these times; the answer is the first invitee with the event type, once all mails are sent.
async fn booked(test: &Test, starts: &[&str]) -> (Value, String) {
    let ada = test.as_user("ada");
    ada.always_open("UTC").await;
    let event_type = ada.event_type(json!({})).await;
    let mut first = Value::Null;
    for start in starts {
        let invitee = ada.book(&event_type, start).await.resource(201);
        if first.is_null() {
            first = invitee;
        }
    }
    while total(test, &[]).await < 2 * starts.len() as u64 {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    (first, event_type)
}

async fn page(test: &Test, query: &[(&str, &str)]) -> Value {
    let organization = ("organization", test.organization.as_str());
    let query = [&[organization], query].concat();
    test.as_owner().get(path(ALL, &query)).await.expect(200)
}

async fn total(test: &Test, query: &[(&str, &str)]) -> u64 {
    page(test, query).await["total_count"].as_u64().unwrap()
}

async fn mails_about_meetings_are_listed(test: Test) {
    let server = MailServer::start().await;
    let test = test.mailing(&server).await;
    let (invitee, event_type) = booked(&test, &["2026-03-03T09:00:00Z"]).await;
    let body = page(&test, &[]).await;
    let pagination = json!({
        "count": 2, "next_page": null, "previous_page": null, "next_page_token": null, "previous_page_token": null,
    });
    assert_eq!(
        (&body["pagination"], &body["total_count"]),
        (&pagination, &json!(2))
    );
    let rows = body["collection"].as_array().unwrap();
    let to = |to: &str| rows.iter().find(|row| row["to"] == to).unwrap();
    let row = to("emmy@example.com");
    let ada = test.as_user("ada").uri;
    let kind = test.as_owner().get(&event_type).await.resource(200);
    let expected = json!({
        "type": "email",
        "to": "emmy@example.com",
        "from": FROM,
        "subject": "Confirmed: Intro call with ada",
        "body": server.mail_to(2, "emmy@example.com").await.text(),
        "sender_uri": ada,
        "sender_email": "ada@example.com",
        "event_type_uri": event_type,
        "event_uri": invitee["event"],
        "sent_at": row["sent_at"],
        "created_at": row["created_at"],
        "scheduling_url": kind["scheduling_url"],
        "status": "sent",
        "attempts": 1,
        "last_error": null,
    });
    assert_eq!(*row, expected);
    for time in ["sent_at", "created_at"] {
        let time = text(&row[time]);
        assert!(
            time.starts_with("2026-03-02T08:0") && time.len() == 24 && time.ends_with('Z'),
            "{time}"
        );
    }
    let row = to("ada@example.com");
    assert_eq!(
        [&row["sender_uri"], &row["sender_email"]],
        [&Value::Null, &Value::Null]
    );
    assert_eq!(row["event_uri"], invitee["event"]);
}

async fn others_are_listed_by_status(test: Test) {
    let server = MailServer::start().await;
    let test = test.mailing(&server).await;
    let owner = test.as_owner();
    let invitations = format!("{}/invitations", test.organization);
    let invitation = owner
        .post(invitations, json!({"email": "grace@example.com"}))
        .await
        .resource(201);
    server.wait_for(1).await;
    booked(&test, &["2026-03-03T09:00:00Z"]).await;
    assert_eq!(total(&test, &[]).await, 2);
    let sent = page(&test, &[("status", "sent")]).await;
    assert_eq!(sent["total_count"], 3);
    let oldest = &sent["collection"][2];
    assert_eq!(oldest["to"], "grace@example.com");
    assert!(text(&oldest["body"]).contains(&uri(&invitation)));
    for key in ["event_type_uri", "event_uri", "scheduling_url"] {
        assert_eq!(oldest[key], Value::Null, "{key}");
    }
    assert_eq!(oldest["sender_email"], "olga@example.com");
    for status in ["waiting", "failed"] {
        assert_eq!(total(&test, &[("status", status)]).await, 0);
    }
}

async fn pages_and_times(test: Test) {
    let server = MailServer::start().await;
    let test = test.mailing(&server).await;
    booked(
        &test,
        &[
            "2026-03-03T09:00:00Z",
            "2026-03-03T10:00:00Z",
            "2026-03-03T11:00:00Z",
        ],
    )
    .await;
    let whole = page(&test, &[]).await["collection"]
        .as_array()
        .unwrap()
        .clone();
    let mut seen = Vec::new();
    let mut token = String::new();
    loop {
        let mut query = vec![("count", "4")];
        if !token.is_empty() {
            query.push(("page_token", &token));
        }
        let body = page(&test, &query).await;
        assert_eq!(body["total_count"], 6);
        seen.extend(body["collection"].as_array().unwrap().clone());
        match body["pagination"]["next_page_token"].as_str() {
            Some(next) => next.clone_into(&mut token),
            None => break,
        }
    }
    assert_eq!(seen, whole);
    let at = |row: &Value| text(&row["created_at"]);
    let times: Vec<String> = whole.iter().map(at).collect();
    assert!(times.iter().rev().is_sorted(), "{times:?}");
    let cases = [
        ("min_created_at", "2026-03-02T07:59:59.999Z", 6),
        ("max_created_at", "2026-03-02T07:59:59.999Z", 0),
        ("min_created_at", "2026-03-03T08:00:00Z", 0),
        ("max_created_at", "2026-03-03T08:00:00Z", 6),
    ];
    for (name, time, expected) in cases {
        assert_eq!(
            total(&test, &[(name, time)]).await,
            expected,
            "{name} {time}"
        );
    }
}

async fn nobody_else_sees_them(test: Test) {
    let query = path(ALL, &[("organization", &test.organization)]);
    test.as_owner().get(&query).await.expect(200);
    test.as_admin().get(&query).await.expect(200);
    test.as_user("ada")
        .get(&query)
        .await
        .refused(403, "permission_denied");
    test.as_foreigner()
        .get(&query)
        .await
        .refused(403, "permission_denied");
    let refusal = test
        .with_scopes("olga", &["users:read"])
        .await
        .get(&query)
        .await;
    let refusal = refusal.refused(403, "insufficient_scope");
    assert_eq!(
        refusal["required_scopes"],
        json!(["outgoing_communications:read"])
    );
    let mistakes = [
        (ALL.to_owned(), vec!["organization required"]),
        (format!("{query}&status=lost"), vec!["status unknown_value"]),
        (
            format!("{query}&min_created_at=x&count=0"),
            vec!["min_created_at invalid_time", "count out_of_range"],
        ),
        (
            format!("{query}&page_token=x"),
            vec!["page_token invalid_page_token"],
        ),
    ];
    for (path, expected) in mistakes {
        assert_eq!(test.as_owner().get(path).await.mistakes(), expected);
    }
}
