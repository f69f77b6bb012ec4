//! What mails say: whole texts, headers and calendar files of each kind.
//! One file, because it is one list: whoever changes the words of mails reads all of them here.

use serde_json::{Value, json};

use crate::{
    caller::{Caller, every_day, path, text, uri},
    harness::Test,
    mail_server::{FROM, Mail, MailServer},
};

on_both_engines! {
    a_booking,
    a_cancellation,
    a_new_time,
    a_meeting_that_needs_confirmation,
    a_group_and_one_who_leaves_it,
    a_series_is_one_mail,
    an_invitation,
    a_disabled_webhook,
    a_repeated_hour_is_clear,
    names_add_no_headers_and_no_markup,
    people_of_the_classic_api_have_no_address,
}

const EMMY: &str = "emmy@example.com";
const ADA: &str = "ada@example.com";
const START: &str = "2026-03-03T09:00:00Z";

/// Ada, and an event type of hers that can always be booked.
async fn ada_with(test: &Test, fields: Value) -> (Caller, String) {
    let ada = test.as_user("ada");
    ada.always_open("UTC").await;
    let event_type = ada.event_type(fields).await;
    (ada, event_type)
}

/// A booking of Emmy's with more in it.
fn booking(event_type: &str, fields: Value) -> Value {
    let mut booking = crate::caller::booking(event_type, START);
    let Value::Object(fields) = fields else {
        panic!("{fields} are no fields")
    };
    booking.as_object_mut().unwrap().extend(fields);
    booking
}

fn header(mail: &Mail, name: &str) -> String {
    mail.header(name).unwrap_or_else(|| panic!("no {name}"))
}

async fn a_booking(test: Test) {
    let server = MailServer::start().await;
    let test = test.mailing(&server).await;
    let fields = json!({
        "locations": [{"kind": "physical", "location": "Room 1, \"North\""}],
        "custom_questions": [{"name": "Topic?", "type": "string", "position": 0, "enabled": true, "required": true}],
    });
    let (ada, event_type) = ada_with(&test, fields).await;
    let fields = json!({
        "event_guests": ["guest@example.com", "Emmy@example.com"],
        "questions_and_answers": [{"question": "Topic?", "answer": "rings\nand <ideals>", "position": 0}],
    });
    let invitee = ada
        .post("/invitees", booking(&event_type, fields))
        .await
        .resource(201);
    let [ada_s, emmy_s, guest_s] = server.wait_for(3).await.try_into().unwrap();
    assert_eq!(
        [&*ada_s.to, &*emmy_s.to, &*guest_s.to],
        [ADA, EMMY, "guest@example.com"]
    );

    let expected = "Your meeting is booked.

What: Intro call
When: Tuesday, 3 March 2026, 10:00–10:30 (Europe/Berlin, UTC+01:00)
Where: Room 1, \"North\"
Host: ada
Guests: guest@example.com
  Emmy@example.com

Answer this mail to reach ada.
";
    assert_eq!(emmy_s.text(), expected);
    assert_eq!(emmy_s.subject(), "Confirmed: Intro call with ada");
    assert!(emmy_s.html().contains(
        "<td style=\"padding: 4px 0; vertical-align: top\">Room 1, &#34;North&#34;</td>"
    ));
    assert_eq!(header(&emmy_s, "From"), FROM);
    assert_eq!(header(&emmy_s, "To"), EMMY);
    assert_eq!(header(&emmy_s, "Reply-To"), "ada <ada@example.com>");
    assert_eq!(header(&emmy_s, "Auto-Submitted"), "auto-generated");
    assert!(header(&emmy_s, "Message-ID").ends_with("@fasti.test>"));
    assert!(header(&emmy_s, "Date").starts_with("Mon, 02 Mar 2026 08:0"));
    // the text comes first
    let kinds: Vec<usize> = [
        "Content-Type: text/plain",
        "Content-Type: text/html",
        "Content-Type: text/calendar",
    ]
    .iter()
    .map(|kind| emmy_s.data.find(kind).unwrap())
    .collect();
    assert!(kinds.is_sorted(), "{kinds:?}");

    let id = uri(&invitee).rsplit('/').next().unwrap().to_owned();
    let (method, calendar) = emmy_s.calendar().unwrap();
    let stamp = emmy_s.calendar_line("DTSTAMP");
    let expected = format!(
        "BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//Fasti//Fasti//EN
METHOD:REQUEST
BEGIN:VEVENT
UID:{id}@fasti.test
SEQUENCE:0
DTSTAMP:{stamp}
DTSTART:20260303T090000Z
DTEND:20260303T093000Z
SUMMARY:Intro call
LOCATION:Room 1\\, \"North\"
ORGANIZER;CN=\"ada\":mailto:ada@example.com
ATTENDEE;PARTSTAT=ACCEPTED;CN=\"Emmy Noether\":mailto:emmy@example.com
ATTENDEE;PARTSTAT=ACCEPTED:mailto:guest@example.com
ATTENDEE;PARTSTAT=ACCEPTED:mailto:Emmy@example.com
STATUS:CONFIRMED
END:VEVENT
END:VCALENDAR
"
    );
    assert_eq!((method.as_str(), calendar), ("REQUEST", expected));
    // for mail programs that show an invitation it is a part of the text as well
    assert_eq!(
        emmy_s
            .data
            .matches("text/calendar; charset=utf-8; method=REQUEST")
            .count(),
        2
    );

    let expected = "Your meeting is booked.

What: Intro call
When: Tuesday, 3 March 2026, 10:00–10:30 (Europe/Berlin, UTC+01:00)
Where: Room 1, \"North\"
Host: ada
Booked by: Emmy Noether
Guests: guest@example.com
  Emmy@example.com

Answer this mail to reach ada.
";
    assert_eq!(guest_s.text(), expected);
    assert_eq!(guest_s.calendar(), emmy_s.calendar());

    let expected = "Emmy Noether booked a meeting with you.

What: Intro call
When: Tuesday, 3 March 2026, 09:00–09:30 (UTC, UTC+00:00)
Where: Room 1, \"North\"
Invitee: Emmy Noether <emmy@example.com>
Guests: guest@example.com
  Emmy@example.com
Answers: Topic?: rings and <ideals>

Answer this mail to reach Emmy Noether.
";
    assert_eq!(ada_s.text(), expected);
    assert_eq!(ada_s.subject(), "Booked: Intro call with Emmy Noether");
    assert_eq!(
        header(&ada_s, "Reply-To"),
        "\"Emmy Noether\" <emmy@example.com>"
    );
    assert!(ada_s.html().contains("rings and &#60;ideals&#62;"));
    assert!(ada_s.calendar().is_none());
}

async fn a_cancellation(test: Test) {
    let server = MailServer::start().await;
    let test = test.mailing(&server).await;
    let (ada, event_type) = ada_with(&test, json!({})).await;
    let invitee = ada.book(&event_type, START).await.resource(201);
    let uid = server.mail_to(2, EMMY).await.calendar_line("UID");
    server.empty();
    let cancellation = format!("{}/cancellation", text(&invitee["event"]));
    ada.post(cancellation, json!({"reason": "ill"}))
        .await
        .expect(201);
    let mail = server.mail_to(2, EMMY).await;
    let expected = "Your meeting is canceled.

What: Intro call
When: Tuesday, 3 March 2026, 10:00–10:30 (Europe/Berlin, UTC+01:00)
Host: ada
By: ada
Reason: ill

Answer this mail to reach ada.
";
    assert_eq!(mail.text(), expected);
    assert_eq!(mail.subject(), "Canceled: Intro call with ada");
    let (method, calendar) = mail.calendar().unwrap();
    assert_eq!(method, "CANCEL");
    assert!(calendar.contains("\nSTATUS:CANCELLED\n"), "{calendar}");
    let lines = ["UID", "SEQUENCE", "DTSTART"].map(|name| mail.calendar_line(name));
    assert_eq!(lines, [uid.as_str(), "1", "20260303T090000Z"]);
    let mail = server.mail_to(2, ADA).await;
    let expected = "The meeting is canceled.

What: Intro call
When: Tuesday, 3 March 2026, 09:00–09:30 (UTC, UTC+00:00)
Invitee: Emmy Noether <emmy@example.com>
By: ada
Reason: ill

Answer this mail to reach Emmy Noether.
";
    assert_eq!(mail.text(), expected);
    assert_eq!(mail.subject(), "Canceled: Intro call with Emmy Noether");
}

async fn a_new_time(test: Test) {
    let server = MailServer::start().await;
    let test = test.mailing(&server).await;
    let (ada, event_type) = ada_with(&test, json!({})).await;
    let invitee = ada.book(&event_type, START).await.resource(201);
    let uid = server.mail_to(2, EMMY).await.calendar_line("UID");
    let mut event = text(&invitee["event"]);
    for (moves, start) in [(1, "2026-03-04T10:00:00Z"), (2, "2026-03-05T10:00:00Z")] {
        server.empty();
        let body = json!({"start_time": start, "reason": "a train"});
        let moved = ada.post(format!("{event}/rescheduling"), body).await;
        event = uri(&moved.resource(201));
        let mail = server.mail_to(2, EMMY).await;
        // the same entry of the calendar moves
        let lines = ["UID", "METHOD", "SEQUENCE"].map(|name| mail.calendar_line(name));
        assert_eq!(
            lines,
            [uid.clone(), "REQUEST".to_owned(), (2 * moves).to_string()]
        );
        if moves == 1 {
            let expected = "Your meeting has a new time.

What: Intro call
When: Wednesday, 4 March 2026, 11:00–11:30 (Europe/Berlin, UTC+01:00)
Before: Tuesday, 3 March 2026, 10:00–10:30 (Europe/Berlin, UTC+01:00)
Host: ada
By: ada
Reason: a train

Answer this mail to reach ada.
";
            assert_eq!(mail.text(), expected);
            assert_eq!(mail.subject(), "New time: Intro call with ada");
            let mail = server.mail_to(2, ADA).await;
            assert_eq!(mail.subject(), "New time: Intro call with Emmy Noether");
            assert!(mail.text().starts_with("The meeting has a new time.\n"));
        }
    }
    server.empty();
    ada.post(format!("{event}/cancellation"), json!({}))
        .await
        .expect(201);
    let mail = server.mail_to(2, EMMY).await;
    let lines = ["UID", "METHOD", "SEQUENCE"].map(|name| mail.calendar_line(name));
    assert_eq!(lines, [uid.as_str(), "CANCEL", "5"]);
}

async fn a_meeting_that_needs_confirmation(test: Test) {
    let server = MailServer::start().await;
    let test = test.mailing(&server).await;
    let (ada, event_type) = ada_with(&test, json!({"confirmation_minutes": 120})).await;
    let invitee = ada.book(&event_type, START).await.resource(201);
    let mail = server.mail_to(2, EMMY).await;
    assert!(mail.calendar().is_none());
    let expected =
        "Your meeting is kept for you until ada confirms or declines. You will hear of it.

What: Intro call
When: Tuesday, 3 March 2026, 10:00–10:30 (Europe/Berlin, UTC+01:00)
Host: ada

Answer this mail to reach ada.
";
    assert_eq!(mail.text(), expected);
    assert_eq!(
        mail.subject(),
        "Waiting for confirmation: Intro call with ada"
    );
    let mail = server.mail_to(2, ADA).await;
    let expected = "Emmy Noether asks you for a meeting. What nobody confirms does not take place.

What: Intro call
When: Tuesday, 3 March 2026, 09:00–09:30 (UTC, UTC+00:00)
Confirm before: Monday, 2 March 2026, 10:00 (UTC, UTC+00:00)
Invitee: Emmy Noether <emmy@example.com>

Answer this mail to reach Emmy Noether.
";
    // it is asked for in the first minute or, on a busy machine, a little later
    let said = mail.text();
    let minute = said.split("2026, 10:").nth(1).unwrap();
    let minute: String = minute.chars().take(2).collect();
    assert_eq!(
        said,
        expected.replace("2026, 10:00 (UTC", &format!("2026, 10:{minute} (UTC"))
    );
    assert_eq!(
        mail.subject(),
        "Please confirm: Intro call with Emmy Noether"
    );

    server.empty();
    let event = text(&invitee["event"]);
    ada.post(format!("{event}/confirmation"), json!({}))
        .await
        .expect(201);
    let [mail] = server.wait_for(1).await.try_into().unwrap();
    assert_eq!(
        (mail.to.as_str(), mail.subject().as_str()),
        (EMMY, "Confirmed: Intro call with ada")
    );
    assert!(mail.text().starts_with("Your meeting is confirmed.\n"));
    assert_eq!(mail.calendar_line("METHOD"), "REQUEST");

    // the old time is given up until the new one is confirmed
    server.empty();
    let body = json!({"start_time": "2026-03-04T09:00:00Z"});
    let moved = ada
        .post(format!("{event}/rescheduling"), body)
        .await
        .resource(201);
    let mail = server.mail_to(2, EMMY).await;
    if moved["confirmation"]["status"] == "pending" {
        let lines = ["METHOD", "SEQUENCE", "DTSTART"].map(|name| mail.calendar_line(name));
        assert_eq!(lines, ["CANCEL", "1", "20260303T090000Z"]);
    }

    server.empty();
    let second = ada
        .book(&event_type, "2026-03-05T09:00:00Z")
        .await
        .resource(201);
    server.wait_for(2).await;
    server.empty();
    let rejection = format!("{}/rejection", text(&second["event"]));
    ada.post(rejection, json!({"reason": "on leave"}))
        .await
        .expect(201);
    let mail = server.mail_to(2, EMMY).await;
    let expected = "ada cannot take this meeting.

What: Intro call
When: Thursday, 5 March 2026, 10:00–10:30 (Europe/Berlin, UTC+01:00)
Host: ada
By: ada
Reason: on leave

Answer this mail to reach ada.
";
    assert_eq!(mail.text(), expected);
    assert_eq!(mail.subject(), "Declined: Intro call with ada");
    assert!(mail.calendar().is_none());

    server.empty();
    ada.book(&event_type, "2026-03-06T09:00:00Z")
        .await
        .expect(201);
    server.wait_for(2).await;
    server.empty();
    // nobody looks at it any more
    let _later = test.mailing_at("2026-03-03T08:00:00Z", &server).await;
    let mail = server.mail_to(2, EMMY).await;
    assert_eq!(mail.subject(), "Not confirmed: Intro call with ada");
    assert!(
        mail.text()
            .starts_with("Your meeting was not confirmed in time and does not take place.\n")
    );
}

async fn a_group_and_one_who_leaves_it(test: Test) {
    let server = MailServer::start().await;
    let test = test.mailing(&server).await;
    let (ada, event_type) = ada_with(&test, json!({"kind": "group", "capacity": 3})).await;
    let person = |name: &str| {
        let invitee =
            json!({"name": name, "email": format!("{name}@example.com"), "timezone": "UTC"});
        booking(
            &event_type,
            json!({"invitee": invitee, "event_guests": [format!("guest-of-{name}@example.com")]}),
        )
    };
    let max = ada.post("/invitees", person("max")).await.resource(201);
    ada.post("/invitees", person("mia")).await.expect(201);
    let all = server.wait_for(6).await;
    let of_mia = all
        .iter()
        .find(|mail| mail.to == "mia@example.com")
        .unwrap();
    // nobody learns who else comes
    let (_, calendar) = of_mia.calendar().unwrap();
    for part in [of_mia.text(), of_mia.html(), calendar] {
        assert!(!part.replace("max-width", "").contains("max"), "{part}");
    }
    assert!(of_mia.text().contains("Guests: guest-of-mia@example.com\n"));
    server.empty();
    ada.post(format!("{}/cancellation", uri(&max)), json!({}))
        .await
        .expect(201);
    let mails = server.wait_for(3).await;
    let to: Vec<&str> = mails.iter().map(|mail| mail.to.as_str()).collect();
    assert_eq!(to, [ADA, "guest-of-max@example.com", "max@example.com"]);
    assert!(mails[1].calendar_line("METHOD") == "CANCEL");
    server.empty();
    let event = text(&max["event"]);
    ada.post(format!("{event}/cancellation"), json!({"reason": "ill"}))
        .await
        .expect(201);
    let mails = server.wait_for(3).await;
    let to: Vec<&str> = mails.iter().map(|mail| mail.to.as_str()).collect();
    assert_eq!(to, [ADA, "guest-of-mia@example.com", "mia@example.com"]);
}

async fn a_series_is_one_mail(test: Test) {
    let server = MailServer::start().await;
    let test = test.mailing(&server).await;
    let (ada, event_type) = ada_with(&test, json!({})).await;
    let starts = [
        "2026-03-24T09:00:00Z",
        "2026-03-31T09:00:00Z",
        "2026-04-07T09:00:00Z",
    ];
    let recurrence = json!({"start_times": &starts[1..]});
    let mut body = booking(&event_type, json!({"recurrence": recurrence}));
    body["start_time"] = json!(starts[0]);
    let first = ada.post("/invitees", body).await.resource(201);
    let mail = server.mail_to(2, EMMY).await;
    // the clocks change in between
    let expected = "Your 3 meetings are booked.

What: Intro call
When: Tuesday, 24 March 2026, 10:00–10:30 (Europe/Berlin, UTC+01:00)
  Tuesday, 31 March 2026, 11:00–11:30 (Europe/Berlin, UTC+02:00)
  Tuesday, 7 April 2026, 11:00–11:30 (Europe/Berlin, UTC+02:00)
Host: ada

Answer this mail to reach ada.
";
    assert_eq!(mail.text(), expected);
    let (method, calendar) = mail.calendar().unwrap();
    assert_eq!(
        (method.as_str(), calendar.matches("BEGIN:VEVENT").count()),
        ("PUBLISH", 3)
    );
    assert_eq!(mail.data.matches("text/calendar").count(), 1);
    let mail = server.mail_to(2, ADA).await;
    assert!(
        mail.text()
            .starts_with("Emmy Noether booked 3 meetings with you.\n")
    );
    // the rest of it is given up in one mail, of the same entries
    let uids = |calendar: &str| {
        let lines = calendar.lines().filter(|line| line.starts_with("UID:"));
        lines.map(str::to_owned).collect::<Vec<_>>()
    };
    server.empty();
    let cancellation = format!("{}/cancellation", text(&first["event"]));
    let body = json!({"range": "this_and_following"});
    ada.post(cancellation, body).await.expect(201);
    let mail = server.mail_to(2, EMMY).await;
    assert!(mail.text().starts_with("Your 3 meetings are canceled.\n"));
    let (method, gone) = mail.calendar().unwrap();
    assert_eq!(
        (method.as_str(), gone.matches("STATUS:CANCELLED").count()),
        ("PUBLISH", 3)
    );
    assert_eq!(uids(&gone), uids(&calendar));
}

async fn an_invitation(test: Test) {
    let server = MailServer::start().await;
    let test = test.mailing(&server).await;
    let owner = test.as_owner();
    let invitations = format!("{}/invitations", test.organization);
    let body = json!({"email": "grace@example.com"});
    let invitation = owner.post(&invitations, body).await.resource(201);
    let [mail] = server.wait_for(1).await.try_into().unwrap();
    let (at, code) = (uri(&invitation), text(&invitation["acceptance_code"]));
    let expected = format!(
        "olga invites you to join Analytical Engines.

Invitation: {at}
Code: {code}

To join, POST this code and your name to {at}/acceptance, or decline at {at}/declination. Whoever has the code can join in your place: keep it to yourself.
"
    );
    assert_eq!(mail.text(), expected);
    assert_eq!(mail.subject(), "Invitation to Analytical Engines");
    assert_eq!(header(&mail, "Reply-To"), "olga <olga@example.com>");
    let body = json!({"code": code, "name": "Grace Hopper"});
    test.without_token()
        .post(format!("{at}/acceptance"), body)
        .await
        .expect(201);
    // what is kept does not have the code
    let query = [
        ("organization", test.organization.as_str()),
        ("status", "sent"),
    ];
    let listed = owner
        .get(path("/outgoing_communications", &query))
        .await
        .collection();
    let body = text(&listed[0]["body"]);
    assert_eq!(body, expected.replace(&code, "••••••••"));
}

async fn a_disabled_webhook(test: Test) {
    use crate::webhook_receiver::Receiver;
    use axum::{http::StatusCode, response::IntoResponse};
    let server = MailServer::start().await;
    let receiver = Receiver::answering(|_, _| StatusCode::NOT_FOUND.into_response()).await;
    let test = test.telling().await;
    let hook = json!({
        "url": receiver.url, "events": ["invitee.created"], "organization": test.organization, "scope": "organization",
    });
    let subscription = uri(&test
        .as_admin()
        .post("/webhook_subscriptions", hook)
        .await
        .resource(201));
    let (ada, event_type) = ada_with(&test, json!({})).await;
    ada.book(&event_type, START).await.expect(201);
    receiver.wait_for(1).await;
    let later = test.mailing_at("2026-03-03T08:30:00Z", &server).await;
    tokio::spawn(server::webhooks::tell(later.app.clone()));
    let mails = server.wait_for(2).await;
    let to: Vec<&str> = mails.iter().map(|mail| mail.to.as_str()).collect();
    assert_eq!(to, ["amir@example.com", "olga@example.com"]);
    let expected = format!(
        "Nothing is sent to this address any more: for 24 hours nothing arrived there.

Address: {}
Subscription: {subscription}

What it was not told is kept. Once it answers again, set the state of the subscription to \"active\".
",
        receiver.url
    );
    assert_eq!(mails[0].text(), expected);
    assert_eq!(mails[0].subject(), "Webhook disabled");
    assert!(mails[0].header("Reply-To").is_none());
}

async fn a_repeated_hour_is_clear(test: Test) {
    let server = MailServer::start().await;
    let test = test.mailing_at("2026-10-24T08:00:00Z", &server).await;
    let (ada, event_type) = ada_with(&test, json!({})).await;
    for start in ["2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z"] {
        ada.book(&event_type, start).await.expect(201);
    }
    let mut whens = Vec::new();
    for mail in server.wait_for(4).await {
        if mail.to == EMMY {
            let said = mail.text();
            whens.push(said.lines().nth(3).unwrap().to_owned());
        }
    }
    whens.sort();
    let expected = [
        "When: Sunday, 25 October 2026, 02:30–03:00 (Europe/Berlin, UTC+01:00)",
        "When: Sunday, 25 October 2026, 02:30 UTC+02:00 – 02:00 UTC+01:00 (Europe/Berlin)",
    ];
    let mut expected = expected.map(str::to_owned).to_vec();
    expected.sort();
    assert_eq!(whens, expected);
}

async fn names_add_no_headers_and_no_markup(test: Test) {
    let server = MailServer::start().await;
    let test = test.mailing(&server).await;
    let name = "Żółw\r\nBcc: all@example.com\r\n\r\n<b>x</b> \u{202e}\"";
    let (ada, event_type) =
        ada_with(&test, json!({"name": format!("Call {}", "é".repeat(120))})).await;
    let invitee = json!({"name": name, "email": EMMY, "timezone": "UTC"});
    let body = booking(&event_type, json!({"invitee": invitee}));
    ada.post("/invitees", body).await.expect(201);
    let clean = "Żółw Bcc: all@example.com <b>x</b> \"";
    for mail in server.wait_for(2).await {
        assert!(mail.header("Bcc").is_none());
        assert!(mail.data.is_ascii(), "{}", mail.data);
        assert!(mail.data.lines().all(|line| line.len() <= 998));
        if mail.to == ADA {
            assert_eq!(
                mail.subject(),
                format!("Booked: Call {} with {clean}", "é".repeat(120))
            );
            let message = mail.message();
            let reply_to = message.reply_to().unwrap().first().unwrap();
            assert_eq!(
                (reply_to.name().unwrap(), reply_to.address().unwrap()),
                (clean, EMMY)
            );
            assert!(mail.html().contains("&#60;b&#62;x&#60;/b&#62;"));
            assert!(!mail.html().contains("<b>"));
        }
    }
}

async fn people_of_the_classic_api_have_no_address(test: Test) {
    let server = MailServer::start().await;
    let test = test.mailing(&server).await;
    let owner = test.as_owner();
    let mut ids = Vec::new();
    for name in ["Foo", "alice"] {
        let body = json!({"user_name": name, "phone_number": "1234567890"});
        let answer = owner.post("/users/add_user", body).await.expect(200);
        ids.push(answer["user_id"].clone());
    }
    let hours = json!([[{"start_time": "09:00", "end_time": "17:00"}]]);
    let body = json!({"user_id": ids[0], "date_list": ["2026-03-03"], "time_ranges": hours});
    owner
        .post("/availability/set_user_availability", body)
        .await
        .expect(200);
    let body = json!({"user_id": ids[0], "requestor_id": ids[1], "date": "2026-03-03", "start_time": "10:00", "end_time": "10:30"});
    owner.post("/meetings/book_meeting", body).await.expect(200);
    // the next mail is the first one
    let ada = test.as_user("ada");
    ada.set_hours("UTC", every_day(&[("00:00", "24:00")])).await;
    let event_type = ada.event_type(json!({})).await;
    ada.book(&event_type, START).await.expect(201);
    let mails = server.wait_for(2).await;
    assert_eq!(mails.len(), 2, "{mails:#?}");
}
