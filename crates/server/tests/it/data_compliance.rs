//! Deleting personal data: afterwards nothing of it is anywhere, and all that is somebody else's is as it was.

use serde_json::{Value, json};

use crate::{
    caller::{Caller, booking, path, text, uri},
    harness::Test,
    left_data::{
        EMAIL, NAME, TRACES, delete_data, delivered, finish, full_booking, key, leave_traces,
        parrot, subscribe, told, traces,
    },
    mail_server::{Conduct, MailServer},
    webhook_receiver::Receiver,
};

on_both_engines! {
    nothing_of_a_person_is_left_anywhere,
    meetings_stay_without_their_people,
    answers_that_are_kept_say_nothing_of_notes_and_other_addresses,
    others_are_left_alone,
    a_time_is_emptied_of_its_people,
    requests_that_cannot_be_are_refused,
    only_administrators_delete,
    several_nodes_and_interruptions_make_no_difference,
    messages_that_wait_tell_what_is_left,
    mails_go_with_their_people,
}

async fn nothing_of_a_person_is_left_anywhere(test: Test) {
    let test = test.telling().await;
    let receiver = parrot().await;
    let left = leave_traces(&test, &receiver.url).await;
    delivered(&test.as_owner(), &left.subscription).await;
    let again = format!("{}/redelivery", left.subscription);
    let since = json!({"since": "2026-03-01T00:00:00Z"});
    test.as_owner().post(again, since).await.expect(202);
    delivered(&test.as_owner(), &left.subscription).await;
    assert!(100 < traces(&test).len());
    delete_data(&test, &["XENIA.quillmark@marker.EXAMPLE"]).await;
    assert_eq!(traces(&test), Vec::<String>::new());
}

async fn answers_that_are_kept_say_nothing_of_notes_and_other_addresses(test: Test) {
    let ada = test.as_user("ada");
    let emails = json!([{"email": "lina@example.net"}, {"email": "lina.private@example.org"}]);
    let contact = json!({"name": "Lina Otter", "emails": emails});
    let made = ada.post_once("/contacts", "one", &contact).await;
    let made = made.resource(201);
    let note = json!({"contact": made["uri"], "title": "Otterworks", "body": "likes dark tea"});
    ada.post_once("/notes", "two", &note).await.resource(201);
    delete_data(&test, &["lina@example.net"]).await;
    for (path, key, body) in [("/contacts", "one", &contact), ("/notes", "two", &note)] {
        let kept = ada.post_once(path, key, body).await;
        let kept = kept.resource(201).to_string();
        for word in ["lina", "Lina", "Otterworks", "dark tea"] {
            assert!(!kept.contains(word), "{word} in {kept}");
        }
    }
}

async fn meetings_stay_without_their_people(test: Test) {
    let left = leave_traces(&test, "https://example.com/hook").await;
    let ada = test.as_user("ada");
    let before = ada.get(&left.event).await.resource(200);
    delete_data(&test, &[EMAIL]).await;
    let invitee = ada.get(&left.invitee).await.resource(200);
    for (key, expected) in [
        ("name", json!("[deleted]")),
        ("email", json!("deleted@deleted.invalid")),
        ("timezone", json!("UTC")),
        ("questions_and_answers", json!([])),
        ("text_reminder_number", Value::Null),
        ("status", json!("active")),
        ("event", before["uri"].clone()),
    ] {
        assert_eq!(invitee[key], expected, "{key}");
    }
    assert_eq!(invitee["tracking"]["utm_source"], Value::Null);
    let mut expected = before.clone();
    let event = ada.get(&left.event).await.resource(200);
    expected["location"]["location"] = json!("[deleted]");
    expected["event_guests"][0]["email"] = json!("deleted@deleted.invalid");
    expected["updated_at"] = event["updated_at"].clone();
    assert_eq!(event, expected);
    let canceled = ada.get(&left.canceled).await.resource(200);
    assert_eq!(canceled["status"], "canceled");
    assert_eq!(canceled["cancellation"]["canceled_by"], "ada");
    assert_eq!(canceled["cancellation"]["reason"], Value::Null);
    // the feed goes on, with what is left
    told(&test).await;
    let feed = test.as_owner().get("/events_feed?count=1000").await;
    let feed = feed.expect(200);
    let events = feed["collection"].as_array().unwrap();
    let of = |name: &str| events.iter().filter(|it| it["event"] == name).count();
    assert_eq!(of("invitee.created"), 6);
    assert_eq!(of("invitee.canceled"), 2);
    assert_eq!(of("contact.deleted"), 1);
    // the time is free or taken as before
    let again = json!({"start_time": "2026-03-04T09:00:00Z"});
    let rescheduling = format!("{}/rescheduling", left.event);
    ada.post(&rescheduling, again)
        .await
        .refused(400, "invalid_argument");
    // what was sent with a key is not done again
    let by_name = path("/contacts", &[("email", EMAIL)]);
    assert_eq!(
        test.as_owner().get(by_name).await.collection(),
        Vec::<Value>::new()
    );
    let body = json!({"emails": [EMAIL]});
    let answer = test
        .as_owner()
        .post_once("/data_compliance/deletion/invitees", "delete", &body)
        .await;
    answer.expect(202);
}

/// The answers to these, which must not change.
async fn all(caller: &Caller, paths: &[&str]) -> Vec<Value> {
    let mut all = Vec::new();
    for path in paths {
        all.push(caller.get(path).await.expect(200));
    }
    all
}

async fn others_are_left_alone(test: Test) {
    let zoe = test.as_foreigner();
    zoe.always_open("UTC").await;
    let questions = json!([{"name": "Why?", "type": "string", "position": 0, "enabled": true, "required": false}]);
    let theirs = zoe
        .event_type(
            json!({"custom_questions": questions, "locations": [{"kind": "outbound_call"}]}),
        )
        .await;
    let body = full_booking(&theirs, "2026-03-03T09:00:00Z");
    let theirs = key(&zoe, "/invitees", "theirs", &body).await;
    let contact = json!({"name": NAME, "emails": [{"email": EMAIL}]});
    let contact = uri(&zoe.post("/contacts", contact).await.resource(201));
    let left = leave_traces(&test, "https://example.com/hook").await;
    let (ada, owner) = (test.as_user("ada"), test.as_owner());
    let foreign = [uri(&theirs), text(&theirs["event"]), contact];
    let foreign: Vec<&str> = foreign.iter().map(String::as_str).collect();
    let before = all(&zoe, &foreign).await;
    let emmy = ada.get(&left.emmy).await.resource(200);
    delete_data(&test, &[EMAIL]).await;
    assert_eq!(all(&zoe, &foreign).await, before);
    assert_eq!(
        zoe.post_once("/invitees", "theirs", &body)
            .await
            .resource(201),
        theirs
    );
    // those who came along, and those who named the person
    assert_eq!(ada.get(&left.emmy).await.resource(200), emmy);
    let group = ada.get(&left.group).await.resource(200);
    assert_eq!(group["invitees_counter"]["active"], 2);
    let mut other = left.other.clone();
    other["questions_and_answers"][0]["answer"] = json!("ask deleted@deleted.invalid!");
    assert_eq!(ada.get(uri(&left.other)).await.resource(200), other);
    let event = ada.get(text(&left.other["event"])).await.resource(200);
    assert_eq!(event["location"]["location"], "+4912345678");
    let guests = [
        &event["event_guests"][0]["email"],
        &event["event_guests"][1]["email"],
    ];
    assert_eq!(guests, ["deleted@deleted.invalid", "david@example.com"]);
    let friend = path("/contacts", &[("email", "emmy@example.com")]);
    let friend = &owner.get(friend).await.collection()[0];
    assert_eq!(
        friend["custom_fields"][0]["value"],
        "knows deleted@deleted.invalid"
    );
    let notes = path("/notes", &[("contact", &uri(friend))]);
    let notes = owner.get(notes).await.collection();
    assert_eq!(notes[0]["body"], "Friend of <deleted@deleted.invalid>");
}

async fn a_time_is_emptied_of_its_people(test: Test) {
    let (ada, owner) = (test.as_user("ada"), test.as_owner());
    ada.always_open("UTC").await;
    let questions = json!([{"name": "Why?", "type": "string", "position": 0, "enabled": true, "required": false}]);
    let event_type = ada
        .event_type(
            json!({"custom_questions": questions, "locations": [{"kind": "outbound_call"}]}),
        )
        .await;
    let receiver = parrot().await;
    let test = test.telling().await;
    let subscription = subscribe(&test, &receiver.url).await;
    let body = full_booking(&event_type, "2026-03-03T09:00:00Z");
    let gone = key(&ada, "/invitees", "one", &body).await;
    let recap = json!({"event": gone["event"], "summary_md": "Quillmark said zebraword"});
    key(&ada, "/meeting_recaps", "recap", &recap).await;
    let mut later = booking(&event_type, "2026-03-05T09:00:00Z");
    later["location"] = json!({"kind": "outbound_call", "location": "+4912345678"});
    let later = ada.post("/invitees", later).await.resource(201);
    told(&test).await;
    delivered(&owner, &subscription).await;
    assert!(20 < traces(&test).len());
    let then = test.at("2026-03-04T00:00:00Z").await;
    let range = json!({"start_time": "2026-03-03T09:00:00Z", "end_time": "2026-03-03T09:00:00Z"});
    let deletion = then
        .as_admin()
        .post("/data_compliance/deletion/events", range)
        .await;
    assert_eq!(deletion.expect(202), json!({}));
    finish(&then).await;
    assert_eq!(traces(&test), Vec::<String>::new());
    let ada = then.as_user("ada");
    assert_eq!(ada.get(uri(&gone)).await.resource(200)["name"], "[deleted]");
    assert_eq!(ada.get(uri(&later)).await.resource(200), later);
}

async fn requests_that_cannot_be_are_refused(test: Test) {
    let owner = test.as_owner();
    let people = "/data_compliance/deletion/invitees";
    let cases = [
        (json!({}), vec!["emails required"]),
        (json!({"emails": []}), vec!["emails too_few"]),
        (
            json!({"emails": ["x", "ada@example.com", "y@"]}),
            vec!["emails[0] invalid_email", "emails[2] invalid_email"],
        ),
    ];
    for (body, expected) in cases {
        assert_eq!(owner.post(people, body).await.mistakes(), expected);
    }
    let events = "/data_compliance/deletion/events";
    let cases = [
        (
            "2026-03-01T00:00:00Z",
            "2026-02-01T00:00:00Z",
            "end_time invalid_range",
        ),
        (
            "2026-03-01T00:00:00Z",
            "2026-03-02T09:00:00Z",
            "end_time not_in_past",
        ),
        (
            "2024-03-01T00:00:00Z",
            "2026-03-01T00:00:01Z",
            "end_time range_too_long",
        ),
    ];
    for (start, end, expected) in cases {
        let body = json!({"start_time": start, "end_time": end});
        assert_eq!(owner.post(events, body).await.mistakes(), [expected]);
    }
    let longest = json!({"start_time": "2024-03-01T00:00:00Z", "end_time": "2026-03-01T00:00:00Z"});
    owner.post(events, longest).await.expect(202);
    finish(&test).await;
}

async fn only_administrators_delete(test: Test) {
    let people = "/data_compliance/deletion/invitees";
    let body = json!({"emails": ["x@example.com"]});
    let ada = test.as_user("ada");
    ada.post(people, body.clone())
        .await
        .refused(403, "permission_denied");
    let limited = test.with_scopes("olga", &["contacts:write"]).await;
    let refusal = limited.post(people, body.clone()).await;
    let refusal = refusal.refused(403, "insufficient_scope");
    assert_eq!(refusal["required_scopes"], json!(["data_compliance:write"]));
    test.as_admin().post(people, body).await.expect(202);
    finish(&test).await;
}

async fn several_nodes_and_interruptions_make_no_difference(test: Test) {
    leave_traces(&test, "https://example.com/hook").await;
    let other = test.with(|_| {}).await;
    let body = json!({"emails": [EMAIL]});
    let request = test.as_owner();
    request
        .post("/data_compliance/deletion/invitees", body)
        .await
        .expect(202);
    // one node does some steps and is never heard of again, the others do the same steps at the same time
    for _ in 0..5 {
        assert!(server::upkeep::step(&test.app).await.unwrap());
    }
    assert!(!traces(&test).is_empty());
    let after = test.at("2026-03-02T09:00:00Z").await;
    for _ in 0..200 {
        let (one, two) = tokio::join!(
            server::upkeep::step(&other.app),
            server::upkeep::step(&after.app)
        );
        if !(one.unwrap() | two.unwrap()) {
            break;
        }
    }
    assert_eq!(traces(&test), Vec::<String>::new());
}

async fn messages_that_wait_tell_what_is_left(test: Test) {
    let receiver = Receiver::start().await;
    let test = test
        .with(|settings| settings.webhook_allow_private = Some(true))
        .await;
    let left = leave_traces(&test, &receiver.url).await;
    delete_data(&test, &[EMAIL]).await;
    tokio::spawn(server::webhooks::tell(test.app.clone()));
    delivered(&test.as_owner(), &left.subscription).await;
    let messages = receiver.received();
    assert!(!messages.is_empty());
    for message in &messages {
        let said = message.text.to_lowercase();
        assert!(!TRACES.iter().any(|trace| said.contains(trace)), "{said}");
    }
    let of = |event: &str| messages.iter().filter(|it| it.event() == event).count();
    assert_eq!(of("invitee.created"), 6);
    // what told of the contact has nothing to tell any more, but that it is gone
    assert_eq!(of("contact.created"), 1);
    assert_eq!(of("contact.deleted"), 1);
    let failed = format!("{}/deliveries?status=failed", left.subscription);
    let failed = test.as_owner().get(failed).await.collection();
    assert_eq!(failed.len(), 2);
}

/// To whom mails with a status go.
async fn addressees(test: &Test, status: &str) -> Vec<String> {
    let query = [
        ("organization", test.organization.as_str()),
        ("status", status),
        ("count", "100"),
    ];
    let mails = path("/outgoing_communications", &query);
    let mails = test.as_owner().get(mails).await.collection();
    mails.iter().map(|mail| text(&mail["to"])).collect()
}

async fn mails_go_with_their_people(test: Test) {
    const GUEST: &str = "guest.quillmark@marker.example";
    const EMMY: &str = "emmy@example.com";
    // what is said of a recipient is written down, too, and some mails wait
    let server = MailServer::acting(|to, _| match to {
        GUEST => Conduct::Refuse("451 zebraword"),
        _ => Conduct::Take,
    });
    let server = server.await;
    let test = test.mailing(&server).await;
    leave_traces(&test, "https://example.com/hook").await;
    let count = |all: &[String], to: &str| all.iter().filter(|it| *it == to).count();
    for _ in 0..600 {
        let sent = addressees(&test, "sent").await;
        // they booked a meeting with a guest, and one in company
        if count(&sent, EMMY) == 2 && count(&sent, "david@example.com") == 1 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    let sent = addressees(&test, "sent").await;
    assert!(0 < count(&sent, EMAIL), "{sent:?}");
    let waiting = addressees(&test, "waiting").await;
    assert!(0 < count(&waiting, GUEST), "{waiting:?}");
    delete_data(&test, &[EMAIL]).await;
    assert_eq!(traces(&test), Vec::<String>::new());
    // of two to Emmy and to Ada, those stay that are about Emmy alone
    let sent = addressees(&test, "sent").await;
    assert_eq!(sent.len(), 2, "{sent:?}");
    assert_eq!(
        [count(&sent, EMMY), count(&sent, "ada@example.com")],
        [1, 1]
    );
    for status in ["waiting", "failed"] {
        assert_eq!(addressees(&test, status).await, Vec::<String>::new());
    }
    let received = server.received();
    assert!(received.iter().all(|it| it.to != "deleted@deleted.invalid"));
}
