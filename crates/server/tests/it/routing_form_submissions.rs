//! `/routing_form_submissions`: what is answered to a form, and where that leads.

use serde_json::{Value, json};

use crate::{
    caller::{Answer, Caller, path, text, uri},
    harness::{BASE, NOTHING, Test},
    routing_forms::form,
};

on_both_engines! {
    a_submission_is_shown_with_all_it_has,
    answers_lead_where_the_rules_say,
    answers_that_are_not_what_is_asked_for_are_named,
    only_a_published_form_can_be_filled_in,
    what_was_filled_in_stays_when_the_form_changes,
    submissions_are_listed_by_age,
    who_fills_in_and_who_reads,
    whoever_books_with_a_submission_is_its_submitter,
}

/// Publishes a form.
async fn published(test: &Test, mut body: Value) -> Value {
    body["status"] = json!("published");
    let made = test.as_admin().post("/routing_forms", body).await;
    made.resource(201)
}

/// Answers questions by their text.
async fn submit(caller: &Caller, form: &Value, answers: &[(&str, &str)]) -> Answer {
    let answer =
        |(question, answer): &(&str, &str)| json!({"question": question, "answer": answer});
    let answers: Vec<Value> = answers.iter().map(answer).collect();
    let body = json!({"routing_form": form["uri"], "questions_and_answers": answers});
    caller.post("/routing_form_submissions", body).await
}

async fn a_submission_is_shown_with_all_it_has(test: Test) {
    let (admin, ada) = (test.as_admin(), test.as_user("ada"));
    let form = published(&test, form()).await;
    let (size, mail) = (&form["questions"][0]["uuid"], &form["questions"][1]["uuid"]);
    let body = json!({
        "routing_form": form["uri"],
        "questions_and_answers": [{"question_uuid": size, "answer": "small"}],
        "tracking": {"utm_source": "newsletter"},
    });
    let made = ada
        .post_once("/routing_form_submissions", "key", &body)
        .await;
    let made = made.resource(201);
    let expected = json!({
        "uri": made["uri"],
        "routing_form": form["uri"],
        "questions_and_answers": [
            {"question_uuid": size, "question": "Size", "answer": "small"},
            {"question_uuid": mail, "question": "Mail", "answer": null},
        ],
        "tracking": {
            "utm_campaign": null, "utm_source": "newsletter", "utm_medium": null, "utm_content": null,
            "utm_term": null, "salesforce_uuid": null,
        },
        "result": {"type": "external_url", "value": "https://example.com/pricing"},
        "submitter": null,
        "submitter_type": null,
        "created_at": made["created_at"],
        "updated_at": made["created_at"],
    });
    assert_eq!(made, expected);
    assert!(uri(&made).starts_with(&format!("{BASE}/routing_form_submissions/")));
    assert_eq!(admin.get(uri(&made)).await.resource(200), made);
    let again = ada
        .post_once("/routing_form_submissions", "key", &body)
        .await;
    assert_eq!(again.resource(201), made);
}

async fn answers_lead_where_the_rules_say(test: Test) {
    let ada = test.as_user("ada");
    let event_type = test.as_admin().event_type(json!({})).await;
    let mut body = form();
    let large = json!({
        "conditions": [
            {"question": "Size", "operator": "is", "value": "large"},
            {"question": "Mail", "operator": "ends_with", "value": "@example.com"},
        ],
        "result": {"type": "event_type", "value": event_type},
    });
    body["rules"].as_array_mut().unwrap().push(large);
    let form = published(&test, body).await;
    let pricing = json!({"type": "external_url", "value": "https://example.com/pricing"});
    let cases: [(&[(&str, &str)], Value); 5] = [
        (
            &[("Size", "small"), ("Mail", "ada@example.com")],
            pricing.clone(),
        ),
        (&[("Size", "large")], pricing.clone()),
        (&[("Size", "large"), ("Mail", "")], pricing),
        (
            &[("Mail", "Ada@Example.com"), ("Size", "large")],
            json!({"type": "event_type", "value": event_type}),
        ),
        (
            &[("Size", "large"), ("Mail", "ada@example.org")],
            form["fallback"].clone(),
        ),
    ];
    for (answers, expected) in cases {
        let made = submit(&ada, &form, answers).await.resource(201);
        assert_eq!(made["result"], expected, "{answers:?}");
    }
    // where no rule holds and there is no fallback, it leads nowhere
    let nowhere = json!({"fallback": null, "rules": []});
    test.as_admin().patch(uri(&form), nowhere).await.expect(200);
    let made = submit(&ada, &form, &[("Size", "large")]).await;
    assert!(made.resource(201).get("result").is_none());
}

async fn answers_that_are_not_what_is_asked_for_are_named(test: Test) {
    let ada = test.as_user("ada");
    let mut body = form();
    let phone = json!({"name": "Phone", "type": "phone", "required": true});
    body["questions"].as_array_mut().unwrap().push(phone);
    let form = published(&test, body).await;
    let mail = &form["questions"][1]["uuid"];
    let body = json!({
        "routing_form": form["uri"],
        "questions_and_answers": [
            {"question": "Size", "answer": "huge"},
            {"question_uuid": mail, "answer": "ada"},
            {"question": "Mail", "answer": "ada@example.com"},
            {"question": "Colour", "answer": "red"},
            {"question_uuid": NOTHING, "answer": "red"},
            {"answer": "red"},
            {"question": "Phone", "answer": " "},
        ],
    });
    let expected = [
        "questions_and_answers[0].answer not_a_choice",
        "questions_and_answers[1].answer invalid_email",
        "questions_and_answers[2].question duplicate",
        "questions_and_answers[3].question unknown_question",
        "questions_and_answers[4].question_uuid unknown_question",
        "questions_and_answers[5].question required",
        "questions_and_answers required",
    ];
    let answer = ada.post("/routing_form_submissions", body).await;
    assert_eq!(answer.mistakes(), expected);
    let answers = [("Size", "large"), ("Phone", "030 123")];
    let answer = submit(&ada, &form, &answers).await;
    let expected = ["questions_and_answers[1].answer invalid_format"];
    assert_eq!(answer.mistakes(), expected);
    let answers = [("Size", "large"), ("Phone", "+49 30 12345")];
    submit(&ada, &form, &answers).await.expect(201);
    let listed = path("/routing_form_submissions", &[("form", &uri(&form))]);
    assert_eq!(test.as_admin().get(listed).await.collection().len(), 1);
}

async fn only_a_published_form_can_be_filled_in(test: Test) {
    let (admin, ada) = (test.as_admin(), test.as_user("ada"));
    let draft = admin.post("/routing_forms", form()).await.resource(201);
    let answers = [("Size", "large")];
    let answer = submit(&ada, &draft, &answers).await;
    assert_eq!(answer.mistakes(), ["routing_form not_published"]);
    let body = json!({"status": "published"});
    admin.patch(uri(&draft), body).await.expect(200);
    submit(&ada, &draft, &answers).await.expect(201);
    let foreigner = test.as_foreigner();
    let answer = submit(&foreigner, &draft, &answers).await;
    assert_eq!(answer.mistakes(), ["routing_form not_found"]);
    admin.delete(uri(&draft)).await.expect(204);
    let answer = submit(&ada, &draft, &answers).await;
    assert_eq!(answer.mistakes(), ["routing_form not_found"]);
}

async fn what_was_filled_in_stays_when_the_form_changes(test: Test) {
    let admin = test.as_admin();
    let form = published(&test, form()).await;
    let answers = [("Size", "small"), ("Mail", "ada@example.com")];
    let made = submit(&admin, &form, &answers).await.resource(201);
    let mut mail = form["questions"][1].clone();
    mail["name"] = json!("Your address");
    let body = json!({"questions": [mail], "rules": [], "fallback": null});
    admin.patch(uri(&form), body).await.expect(200);
    let mut expected = made.clone();
    // the question is not there any more
    expected["questions_and_answers"][0]["question_uuid"] = json!(null);
    assert_eq!(admin.get(uri(&made)).await.resource(200), expected);
    let listed = path("/routing_form_submissions", &[("form", &uri(&form))]);
    assert_eq!(
        admin.get(listed).await.collection(),
        std::slice::from_ref(&expected)
    );
    admin.delete(uri(&form)).await.expect(204);
    assert_eq!(admin.get(uri(&made)).await.resource(200), expected);
}

async fn submissions_are_listed_by_age(test: Test) {
    let admin = test.as_admin();
    let (form, other) = (
        published(&test, form()).await,
        published(&test, form()).await,
    );
    for name in ["b", "a", "c"] {
        let mail = format!("{name}@example.com");
        let answers = [("Size", "large"), ("Mail", mail.as_str())];
        submit(&admin, &form, &answers).await.expect(201);
        submit(&admin, &other, &answers).await.expect(201);
    }
    let of_form = uri(&form);
    let of_form = ("form", of_form.as_str());
    let letters = |rows: &[Value]| -> String {
        let mail = |row: &Value| text(&row["questions_and_answers"][1]["answer"])[..1].to_owned();
        rows.iter().map(mail).collect()
    };
    for (sort, expected) in [("created_at:asc", "bac"), ("created_at:desc", "cab")] {
        let listed = path("/routing_form_submissions", &[of_form, ("sort", sort)]);
        let listed = admin.get(listed).await.collection();
        assert_eq!(letters(&listed), expected);
    }
    let first = path("/routing_form_submissions", &[of_form, ("count", "2")]);
    let first = admin.get(first).await.expect(200);
    let second = admin.get(text(&first["pagination"]["next_page"])).await;
    let second = second.expect(200);
    assert_eq!(letters(second["collection"].as_array().unwrap()), "c");
    let back = admin
        .get(text(&second["pagination"]["previous_page"]))
        .await;
    assert_eq!(back.expect(200)["collection"], first["collection"]);
    let answer = admin.get("/routing_form_submissions").await;
    assert_eq!(answer.mistakes(), ["form required"]);
}

async fn who_fills_in_and_who_reads(test: Test) {
    let ada = test.as_user("ada");
    let form = published(&test, form()).await;
    let made = submit(&ada, &form, &[("Size", "small")])
        .await
        .resource(201);
    let listed = path("/routing_form_submissions", &[("form", &uri(&form))]);
    for answer in [ada.get(&listed).await, ada.get(uri(&made)).await] {
        answer.refused(403, "permission_denied");
    }
    let foreigner = test.as_foreigner();
    for answer in [
        foreigner.get(&listed).await,
        foreigner.get(uri(&made)).await,
    ] {
        answer.refused(404, "not_found");
    }
    let reader = test.with_scopes("olga", &["routing_forms:read"]).await;
    reader.get(uri(&made)).await.expect(200);
    let refusal = submit(&reader, &form, &[("Size", "small")]).await;
    let refusal = refusal.refused(403, "insufficient_scope");
    assert_eq!(refusal["required_scopes"], json!(["routing_forms:write"]));
}

async fn whoever_books_with_a_submission_is_its_submitter(test: Test) {
    let admin = test.as_admin();
    let event_type = admin.event_type(json!({})).await;
    let form = published(&test, form()).await;
    let made = submit(&admin, &form, &[("Size", "large")])
        .await
        .resource(201);
    let with = |start: &str| {
        let mut body = crate::caller::booking(&event_type, start);
        body["routing_form_submission"] = made["uri"].clone();
        body
    };
    let invitee = admin.post("/invitees", with("2026-03-03T10:00:00Z")).await;
    let invitee = invitee.resource(201);
    assert_eq!(invitee["routing_form_submission"], made["uri"]);
    assert_eq!(admin.get(uri(&invitee)).await.resource(200), invitee);
    let shown = admin.get(uri(&made)).await.resource(200);
    let mut expected = made.clone();
    expected["submitter"] = invitee["uri"].clone();
    expected["submitter_type"] = json!("Invitee");
    expected["updated_at"] = shown["updated_at"].clone();
    assert_eq!(shown, expected);
    // the first one stays, also where the meeting moves
    let second = admin.post("/invitees", with("2026-03-03T11:00:00Z")).await;
    assert_eq!(second.resource(201)["routing_form_submission"], made["uri"]);
    let moved = admin
        .post(
            format!("{}/rescheduling", text(&invitee["event"])),
            json!({"start_time": "2026-03-03T12:00:00Z"}),
        )
        .await
        .resource(201);
    let moved = admin.get(format!("{}/invitees", uri(&moved))).await;
    assert_eq!(
        moved.collection()[0]["routing_form_submission"],
        made["uri"]
    );
    assert_eq!(admin.get(uri(&made)).await.resource(200), shown);
    // a refused booking leaves nothing, and what is not there cannot be named
    let other = submit(&admin, &form, &[("Size", "large")])
        .await
        .resource(201);
    let mut taken = with("2026-03-03T11:00:00Z");
    taken["routing_form_submission"] = other["uri"].clone();
    admin
        .post("/invitees", taken)
        .await
        .refused(409, "time_taken");
    assert_eq!(admin.get(uri(&other)).await.resource(200), other);
    let mut nowhere = with("2026-03-03T14:00:00Z");
    nowhere["routing_form_submission"] =
        json!(format!("{BASE}/routing_form_submissions/{NOTHING}"));
    let answer = admin.post("/invitees", nowhere).await;
    assert_eq!(answer.mistakes(), ["routing_form_submission not_found"]);
}
