//! Notes about contacts: each is its author's alone.

use serde_json::{Value, json};

use crate::{
    caller::{Caller, path, text, uri},
    contacts::contact,
    harness::{BASE, NOTHING, Test},
};

on_both_engines! {
    a_note_is_written_read_edited_and_deleted,
    what_is_wrong_with_a_note_is_named,
    reminders_are_read_to_the_letter,
    notes_about_several_contacts_are_one_list,
    nobody_but_its_author_knows_a_note,
    notes_go_with_their_contact,
}

async fn note(caller: &Caller, contact: &str, title: &str) -> Value {
    let body = json!({"contact": contact, "title": title});
    caller.post("/notes", body).await.resource(201)
}

async fn a_note_is_written_read_edited_and_deleted(test: Test) {
    let ada = test.as_user("ada");
    let emmy = uri(&contact(&ada, "Emmy", "emmy@example.com").await);
    let body = json!({"contact": emmy, "title": "  Mornings ", "body": " Prefers\nmornings ", "remind_at": "2030-01-07T10:00:00+01:00"});
    let written = ada.post("/notes", body).await.resource(201);
    let expected = json!({
        "uri": written["uri"],
        "contact": emmy,
        "title": "Mornings",
        "body": "Prefers\nmornings",
        "remind_at": "2030-01-07T09:00:00Z",
        "created_at": written["created_at"],
        "updated_at": written["created_at"],
    });
    assert_eq!(written, expected);
    let note = uri(&written);
    assert!(note.starts_with(&format!("{BASE}/notes/")));
    assert_eq!(ada.get(&note).await.resource(200), written);
    let changes = json!({"title": null, "body": "Mondays", "remind_at": null});
    let edited = ada.patch(&note, changes).await.resource(200);
    let mut expected = written.clone();
    expected["title"] = json!(null);
    expected["body"] = json!("Mondays");
    expected["remind_at"] = json!(null);
    expected["updated_at"] = edited["updated_at"].clone();
    assert_eq!(edited, expected);
    assert_eq!(ada.get(&note).await.resource(200), edited);
    // something must be left
    assert_eq!(
        ada.patch(&note, json!({"body": null})).await.mistakes(),
        ["title required"]
    );
    assert_eq!(
        ada.patch(&note, json!({"body": " "})).await.mistakes(),
        ["title required"]
    );
    assert_eq!(ada.patch(&note, json!({})).await.mistakes(), [" required"]);
    assert_eq!(
        ada.patch(&note, json!({"contact": emmy})).await.mistakes(),
        ["contact unknown_field"]
    );
    assert_eq!(ada.get(&note).await.resource(200), edited);
    ada.delete(&note).await.expect(204);
    ada.delete(&note).await.refused(404, "not_found");
    ada.get(&note).await.refused(404, "not_found");
    ada.patch(&note, json!({"title": "x"}))
        .await
        .refused(404, "not_found");
    let only_text = ada
        .post("/notes", json!({"contact": emmy, "body": "x"}))
        .await
        .resource(201);
    assert_eq!(
        (&only_text["title"], &only_text["remind_at"]),
        (&json!(null), &json!(null))
    );
}

async fn what_is_wrong_with_a_note_is_named(test: Test) {
    let ada = test.as_user("ada");
    let emmy = uri(&contact(&ada, "Emmy", "emmy@example.com").await);
    let cases = [
        (json!({"contact": emmy}), "title required"),
        (
            json!({"contact": emmy, "title": " ", "body": "\n"}),
            "title required",
        ),
        (
            json!({"contact": emmy, "title": "x".repeat(256)}),
            "title too_long",
        ),
        // counted as other clients count them: two letters each
        (
            json!({"contact": emmy, "title": "🎉".repeat(128)}),
            "title too_long",
        ),
        (
            json!({"contact": emmy, "body": "x".repeat(10_001)}),
            "body too_long",
        ),
        (json!({"contact": emmy, "title": 1}), "title wrong_type"),
        (
            json!({"contact": [emmy], "title": "x"}),
            "contact wrong_type",
        ),
        (
            json!({"contact": ada.uri, "title": "x"}),
            "contact invalid_uri",
        ),
        (json!({"title": "x"}), "contact required"),
        (
            json!({"contact": emmy, "title": "x", "color": "red"}),
            "color unknown_field",
        ),
    ];
    for (body, mistake) in cases {
        assert_eq!(
            ada.post("/notes", body.clone()).await.mistakes(),
            [mistake],
            "{body}"
        );
    }
    let long = json!({"contact": emmy, "title": format!("  {}  ", "é".repeat(255)), "body": "x".repeat(10_000)});
    ada.post("/notes", long).await.expect(201);
    let nobody = json!({"contact": format!("{BASE}/contacts/{NOTHING}"), "title": "x"});
    ada.post("/notes", nobody).await.refused(404, "not_found");
}

async fn reminders_are_read_to_the_letter(test: Test) {
    let ada = test.as_user("ada");
    let emmy = uri(&contact(&ada, "Emmy", "emmy@example.com").await);
    for (remind_at, expected) in [
        ("2030-01-07T09:00:00Z", "2030-01-07T09:00:00Z"),
        ("2030-01-07T09:00:00.123Z", "2030-01-07T09:00:00Z"),
        ("2030-01-07T09:00:00-05:30", "2030-01-07T14:30:00Z"),
        ("1970-01-01T00:00:00Z", "1970-01-01T00:00:00Z"),
        ("9999-06-30T12:00:00Z", "9999-06-30T12:00:00Z"),
    ] {
        let body = json!({"contact": emmy, "title": "x", "remind_at": remind_at});
        let note = ada.post("/notes", body).await.resource(201);
        assert_eq!(note["remind_at"], expected, "{remind_at}");
        assert_eq!(ada.get(uri(&note)).await.resource(200), note);
    }
    for remind_at in [
        "2030-01-07T09:00Z",
        "2030-01-07t09:00:00Z",
        "2030-01-07T09:00:00z",
        "2030-01-07 09:00:00Z",
        "2030-01-07T09:00:00",
        "2030-01-07T09:00:00+0100",
        "2030-01-07T09:00:00+01",
        "2030-01-07T09:00:00+25:00",
        "2030-01-07T09:00:00ÄZ",
        "2030-02-30T09:00:00Z",
        "2030-01-07",
        "1969-12-31T23:59:59Z",
        "12030-01-07T09:00:00Z",
        "",
    ] {
        let body = json!({"contact": emmy, "title": "x", "remind_at": remind_at});
        let mistakes = ada.post("/notes", body).await.mistakes();
        assert_eq!(mistakes, ["remind_at invalid_time"], "{remind_at}");
    }
}

fn titles(notes: &[Value]) -> String {
    notes.iter().map(|note| text(&note["title"])).collect()
}

async fn notes_about_several_contacts_are_one_list(test: Test) {
    let ada = test.as_user("ada");
    let mut people = Vec::new();
    for name in ["a", "b", "c"] {
        people.push(uri(
            &contact(&ada, name, &format!("{name}@example.com")).await
        ));
    }
    let mut notes = Vec::new();
    for (person, title) in [(0, "1"), (1, "2"), (0, "3"), (2, "4"), (1, "5")] {
        notes.push(uri(&note(&ada, &people[person], title).await));
    }
    ada.patch(&notes[0], json!({"body": "changed"}))
        .await
        .expect(200);
    let (a, b) = (people[0].as_str(), people[1].as_str());
    let both = format!("{a},{b}");
    let cases: [(&[(&str, &str)], &str); 5] = [
        (&[("contact", a)], "13"),
        (&[("contact", a), ("contact", b)], "1532"),
        (&[("contact[]", a), ("contact[]", b)], "1532"),
        (&[("contact", &both)], "1532"),
        (&[("contact", a), ("contact", a)], "13"),
    ];
    for (query, expected) in cases {
        let listed = ada.get(path("/notes", query)).await.collection();
        assert_eq!(titles(&listed), expected, "{query:?}");
    }
    let page = ada
        .get(path("/notes", &[("contact", &both), ("count", "3")]))
        .await
        .expect(200);
    assert_eq!(titles(page["collection"].as_array().unwrap()), "153");
    let next = ada
        .get(text(&page["pagination"]["next_page"]))
        .await
        .expect(200);
    assert_eq!(titles(next["collection"].as_array().unwrap()), "2");
    let back = ada
        .get(text(&next["pagination"]["previous_page"]))
        .await
        .collection();
    assert_eq!(json!(back), page["collection"]);

    assert_eq!(ada.get("/notes").await.mistakes(), ["contact required"]);
    assert_eq!(
        ada.get("/notes?contact=x").await.mistakes(),
        ["contact invalid_uri"]
    );
    let other = path("/notes", &[("contact", a), ("sort", "title:asc")]);
    assert_eq!(ada.get(other).await.mistakes(), ["sort unknown_field"]);
    let ten: Vec<String> = (0..11)
        .map(|number| format!("/contacts/01900000-0000-7000-8000-0000000000{number:02}"))
        .collect();
    let eleven = path("/notes", &[("contact", &ten.join(","))]);
    assert_eq!(ada.get(eleven).await.mistakes(), ["contact too_many"]);
    let unknown = path("/notes", &[("contact", a), ("contact", &ten[0])]);
    ada.get(unknown).await.refused(404, "not_found");
}

async fn nobody_but_its_author_knows_a_note(test: Test) {
    let ada = test.as_user("ada");
    let emmy = uri(&contact(&ada, "Emmy", "emmy@example.com").await);
    let written = uri(&note(&ada, &emmy, "x").await);
    let list = path("/notes", &[("contact", &emmy)]);
    for name in ["ben", "amir", "olga", "zoe"] {
        let other = test.as_user(name);
        other.get(&written).await.refused(404, "not_found");
        other
            .patch(&written, json!({"title": "y"}))
            .await
            .refused(404, "not_found");
        other.delete(&written).await.refused(404, "not_found");
        if name != "zoe" {
            assert!(other.get(&list).await.collection().is_empty());
        }
    }
    let zoe = test.as_foreigner();
    zoe.get(&list).await.refused(404, "not_found");
    let body = json!({"contact": emmy, "title": "x"});
    zoe.post("/notes", body.clone())
        .await
        .refused(404, "not_found");
    let reader = test.with_scopes("ada", &["contacts:read"]).await;
    assert_eq!(reader.get(&list).await.collection().len(), 1);
    let refusal = reader
        .post("/notes", body)
        .await
        .refused(403, "insufficient_scope");
    assert_eq!(refusal["required_scopes"], json!(["contacts:write"]));
}

async fn notes_go_with_their_contact(test: Test) {
    let (ada, ben) = (test.as_user("ada"), test.as_user("ben"));
    let emmy = uri(&contact(&ada, "Emmy", "emmy@example.com").await);
    let notes = [
        uri(&note(&ada, &emmy, "x").await),
        uri(&note(&ben, &emmy, "y").await),
    ];
    ada.delete(&emmy).await.expect(204);
    ada.get(&notes[0]).await.refused(404, "not_found");
    ben.get(&notes[1]).await.refused(404, "not_found");
}
