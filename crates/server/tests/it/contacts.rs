//! Contacts: people outside the organization, what is known of them, and when they meet it.

use serde_json::{Value, json};

use crate::{
    caller::{Answer, Caller, booking, id, text, uri},
    harness::{BASE, NOTHING, Test},
};

on_both_engines! {
    a_contact_is_added_read_edited_and_deleted,
    an_address_belongs_to_one_contact,
    what_is_wrong_with_a_contact_is_named,
    meetings_of_a_contact_are_those_to_which_they_come,
    contacts_are_the_organizations,
    a_contact_is_added_once_with_a_key,
}

/// A contact of this name and address.
pub async fn contact(caller: &Caller, name: &str, email: &str) -> Value {
    let body = json!({"name": name, "emails": [{"email": email}]});
    caller.post("/contacts", body).await.resource(201)
}

async fn a_contact_is_added_read_edited_and_deleted(test: Test) {
    let ada = test.as_user("ada");
    let body = json!({
        "name": "Emmy Noether",
        "emails": [{"email": "noether@example.com"}, {"email": "Emmy@Example.com", "is_primary": true}],
        "phone_numbers": [{"phone_number": "+49 9131 2345"}],
        "timezone": "Europe/Berlin",
        "job_title": "Professor",
        "company": "University",
        "country": "de",
        "state": "Bayern",
        "city": "Erlangen",
        "linkedin": "https://www.example.com/in/emmy",
    });
    let added = ada.post("/contacts", body).await.resource(201);
    let expected = json!({
        "uri": added["uri"],
        "app_url": format!("{BASE}/app/contacts/{}", id(&uri(&added))),
        "name": "Emmy Noether",
        "emails": [
            {"email": "noether@example.com", "is_primary": false},
            {"email": "Emmy@Example.com", "is_primary": true},
        ],
        "phone_numbers": [{"phone_number": "+49 9131 2345"}],
        "timezone": "Europe/Berlin",
        "job_title": "Professor",
        "company": "University",
        "country": "DE",
        "state": "Bayern",
        "city": "Erlangen",
        "linkedin": "https://www.example.com/in/emmy",
        "custom_fields": [],
        "created_at": added["created_at"],
        "updated_at": added["created_at"],
        "first_email_date": null,
        "last_email_date": null,
        "next_meeting_date": null,
        "last_meeting_date": null,
        "last_interaction_date": null,
    });
    assert_eq!(added, expected);
    assert!(uri(&added).starts_with(&format!("{BASE}/contacts/")));
    // seconds, without a fraction
    assert_eq!(
        text(&added["created_at"]).len(),
        "2026-03-02T08:00:00Z".len()
    );
    assert_eq!(ada.get(uri(&added)).await.resource(200), added);
    assert_eq!(
        ada.get("/contacts").await.collection(),
        std::slice::from_ref(&added)
    );

    let plain = contact(&ada, "Ben", "ben@example.org").await;
    assert_eq!(
        plain["emails"],
        json!([{"email": "ben@example.org", "is_primary": true}])
    );
    for field in [
        "timezone",
        "job_title",
        "company",
        "country",
        "state",
        "city",
        "linkedin",
    ] {
        assert!(plain[field].is_null(), "{field}");
    }
    assert_eq!(plain["phone_numbers"], json!([]));

    let changes = json!({
        "name": null, "emails": [{"email": "emmy@example.com"}], "phone_numbers": null, "city": "Göttingen",
        "country": "US", "job_title": null,
    });
    let edited = ada.patch(uri(&added), changes).await.resource(200);
    let mut expected = added.clone();
    expected["name"] = json!(null);
    expected["emails"] = json!([{"email": "emmy@example.com", "is_primary": true}]);
    expected["phone_numbers"] = json!([]);
    expected["city"] = json!("Göttingen");
    expected["country"] = json!("US");
    expected["job_title"] = json!(null);
    expected["updated_at"] = edited["updated_at"].clone();
    assert_eq!(edited, expected);
    assert_eq!(ada.get(uri(&added)).await.resource(200), edited);
    // the address that was given up is free
    contact(&ada, "Other", "noether@example.com").await;

    ada.delete(uri(&added)).await.expect(204);
    ada.get(uri(&added)).await.refused(404, "not_found");
    ada.delete(uri(&added)).await.refused(404, "not_found");
    ada.patch(uri(&added), json!({"city": "x"}))
        .await
        .refused(404, "not_found");
    contact(&ada, "Emmy again", "EMMY@example.com").await;
}

async fn an_address_belongs_to_one_contact(test: Test) {
    let (ada, zoe) = (test.as_user("ada"), test.as_foreigner());
    contact(&ada, "Emmy", "emmy@example.com").await;
    let other = contact(&ada, "Other", "other@example.com").await;
    let body =
        json!({"name": "x", "emails": [{"email": "x@example.com"}, {"email": "EMMY@example.com"}]});
    let refusal = ada
        .post("/contacts", body)
        .await
        .refused(409, "already_exists");
    assert_eq!(refusal["title"], "Already Exists");
    assert_eq!(refusal["message"], "The resource already exists");
    assert_eq!(refusal["details"][0]["parameter"], "emails[1].email");
    let body = json!({"city": "x", "emails": [{"email": "emmy@example.com"}]});
    ada.patch(uri(&other), body)
        .await
        .refused(409, "already_exists");
    // nothing of either was written
    assert_eq!(ada.get(uri(&other)).await.resource(200), other);
    contact(&ada, "x", "x@example.com").await;
    contact(&zoe, "Emmy", "emmy@example.com").await;
    // one's own address is no other's
    let body = json!({"emails": [{"email": "OTHER@example.com"}, {"email": "other@example.org"}]});
    let emails = ada.patch(uri(&other), body).await.resource(200)["emails"].take();
    assert_eq!(
        emails[0],
        json!({"email": "OTHER@example.com", "is_primary": true})
    );
}

async fn what_is_wrong_with_a_contact_is_named(test: Test) {
    let ada = test.as_user("ada");
    let existing = contact(&ada, "Emmy", "emmy@example.com").await;
    let email = |address: &str| json!({"email": address});
    let many = |count: usize| -> Value {
        (0..count)
            .map(|number| email(&format!("{number}@example.com")))
            .collect()
    };
    let long = "x".repeat(256);
    let cases = [
        (json!({"name": "x", "emails": []}), "emails too_few"),
        (json!({"name": "x", "emails": many(11)}), "emails too_many"),
        (
            json!({"name": "x", "emails": "a@example.com"}),
            "emails wrong_type",
        ),
        (
            json!({"name": "x", "emails": ["a@example.com"]}),
            "emails[0] wrong_type",
        ),
        (
            json!({"name": "x", "emails": [email("nobody")]}),
            "emails[0].email invalid_email",
        ),
        (
            json!({"name": "x", "emails": [email("a@b.c"), email("A@b.c")]}),
            "emails duplicate",
        ),
        (
            json!({"name": "x", "emails": [{"email": "a@b.c", "is_primary": true}, {"email": "b@b.c", "is_primary": true}]}),
            "emails invalid_value",
        ),
        (
            json!({"name": " ", "emails": [email("a@b.c")]}),
            "name required",
        ),
        (
            json!({"name": long, "emails": [email("a@b.c")]}),
            "name too_long",
        ),
        (
            json!({"name": "x", "emails": [email("a@b.c")], "country": "Germany"}),
            "country invalid_format",
        ),
        (
            json!({"name": "x", "emails": [email("a@b.c")], "timezone": "Mars"}),
            "timezone unknown_zone",
        ),
        (
            json!({"name": "x", "emails": [email("a@b.c")], "linkedin": "javascript:x"}),
            "linkedin invalid_format",
        ),
        (
            json!({"name": "x", "emails": [email("a@b.c")], "phone_numbers": [{"phone_number": "12"}]}),
            "phone_numbers[0].phone_number invalid_format",
        ),
        (
            json!({"name": "x", "emails": [email("a@b.c")], "notes": "x"}),
            "notes unknown_field",
        ),
        (
            json!({"name": "x", "emails": [email("a@b.c")], "custom_fields": [{"uuid": NOTHING}]}),
            "custom_fields[0].value required",
        ),
        (
            json!({"name": "x", "emails": [email("a@b.c")], "custom_fields": [{"uuid": "x", "value": 1}]}),
            "custom_fields[0].uuid invalid_value",
        ),
        (
            json!({"name": "x", "emails": [email("a@b.c")], "custom_fields": [{"uuid": NOTHING, "value": 1}]}),
            "custom_fields[0].uuid not_found",
        ),
    ];
    for (body, mistake) in cases {
        let answer = ada.post("/contacts", body.clone()).await;
        assert_eq!(answer.mistakes(), [mistake], "{body}");
    }
    assert_eq!(
        ada.post("/contacts", json!({})).await.mistakes(),
        ["name required", "emails required"]
    );
    assert_eq!(
        ada.patch(uri(&existing), json!({})).await.mistakes(),
        [" required"]
    );
    assert_eq!(
        ada.patch(uri(&existing), json!({"nick": 1}))
            .await
            .mistakes(),
        ["nick unknown_field"]
    );
    assert_eq!(ada.get("/contacts").await.collection(), [existing]);
}

async fn book(caller: &Caller, event_type: &str, (start, email): (&str, &str)) -> Answer {
    let mut body = booking(event_type, start);
    body["invitee"]["email"] = json!(email);
    caller.post("/invitees", body).await
}

async fn meetings_of_a_contact_are_those_to_which_they_come(test: Test) {
    let (ada, ben) = (test.as_user("ada"), test.as_user("ben"));
    let emails = json!([{"email": "emmy@example.com"}, {"email": "noether@example.org"}]);
    let emmy = json!({"name": "Emmy", "emails": emails});
    let emmy = uri(&ada.post("/contacts", emmy).await.resource(201));
    contact(&ada, "Other", "other@example.com").await;
    let of_ada = ada.event_type(json!({})).await;
    let of_ben = ben.event_type(json!({})).await;
    for (caller, event_type, booking) in [
        (&ada, &of_ada, ("2026-03-03T10:00:00Z", "Emmy@example.com")),
        (
            &ben,
            &of_ben,
            ("2026-03-04T10:00:00Z", "noether@example.org"),
        ),
        (
            &ben,
            &of_ben,
            ("2026-03-03T09:00:00Z", "somebody@example.com"),
        ),
    ] {
        book(caller, event_type, booking).await.expect(201);
    }
    let canceled = book(&ada, &of_ada, ("2026-03-03T09:00:00Z", "emmy@example.com")).await;
    let event = text(&canceled.resource(201)["event"]);
    ada.post(format!("{event}/cancellation"), json!({}))
        .await
        .expect(201);
    let zoe = test.as_foreigner();
    let foreign = zoe.event_type(json!({})).await;
    book(&zoe, &foreign, ("2026-03-02T10:00:00Z", "emmy@example.com"))
        .await
        .expect(201);
    let unconfirmed = ada
        .event_type(json!({"name": "Asked", "confirmation_minutes": 5}))
        .await;
    book(
        &ada,
        &unconfirmed,
        ("2026-03-02T12:00:00Z", "emmy@example.com"),
    )
    .await
    .expect(201);

    let dates = |contact: &Value| {
        let date = |name: &str| contact[name].clone();
        [
            date("last_meeting_date"),
            date("next_meeting_date"),
            date("last_interaction_date"),
        ]
    };
    let (first, second) = (json!("2026-03-03T10:00:00Z"), json!("2026-03-04T10:00:00Z"));
    for (now, expected) in [
        (
            "2026-03-02T08:01:00Z",
            [json!(null), json!("2026-03-02T12:00:00Z"), json!(null)],
        ),
        // nobody confirmed it
        (
            "2026-03-02T08:30:00Z",
            [json!(null), first.clone(), json!(null)],
        ),
        (
            "2026-03-03T10:00:01Z",
            [first.clone(), second.clone(), first],
        ),
        (
            "2026-03-05T08:00:00Z",
            [second.clone(), json!(null), second],
        ),
    ] {
        let then = test.at(now).await;
        let ada = then.as_user("ada");
        assert_eq!(
            dates(&ada.get(&emmy).await.resource(200)),
            expected,
            "{now}"
        );
        let listed = ada.get("/contacts").await.collection();
        assert_eq!(dates(&listed[0]), expected, "{now}");
        assert_eq!(dates(&listed[1]), [json!(null), json!(null), json!(null)]);
    }
    // whoever had meetings before they became a contact has them
    let added = contact(&ada, "Somebody", "somebody@example.com").await;
    assert_eq!(added["next_meeting_date"], "2026-03-03T09:00:00Z");
}

async fn contacts_are_the_organizations(test: Test) {
    let (ada, ben, zoe) = (
        test.as_user("ada"),
        test.as_user("ben"),
        test.as_foreigner(),
    );
    let emmy = uri(&contact(&ada, "Emmy", "emmy@example.com").await);
    ben.patch(&emmy, json!({"city": "Bonn"})).await.expect(200);
    assert_eq!(ben.get(&emmy).await.resource(200)["city"], "Bonn");
    zoe.get(&emmy).await.refused(404, "not_found");
    zoe.patch(&emmy, json!({"city": "x"}))
        .await
        .refused(404, "not_found");
    zoe.delete(&emmy).await.refused(404, "not_found");
    assert!(zoe.get("/contacts").await.collection().is_empty());
    let reader = test.with_scopes("ada", &["contacts:read"]).await;
    reader.get(&emmy).await.expect(200);
    let refusal = reader
        .delete(&emmy)
        .await
        .refused(403, "insufficient_scope");
    assert_eq!(refusal["required_scopes"], json!(["contacts:write"]));
    let writer = test.with_scopes("ben", &["contacts:write"]).await;
    writer.get(&emmy).await.expect(200);
    writer.delete(&emmy).await.expect(204);
}

async fn a_contact_is_added_once_with_a_key(test: Test) {
    let ada = test.as_user("ada");
    let body = json!({"name": "Emmy", "emails": [{"email": "emmy@example.com"}]});
    let first = ada.post_once("/contacts", "key", &body).await;
    let second = ada.post_once("/contacts", "key", &body).await;
    assert_eq!((first.status, &first.body), (201, &second.body));
    assert_eq!(ada.get("/contacts").await.collection().len(), 1);
}
