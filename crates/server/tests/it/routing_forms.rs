//! `/routing_forms`: questions, and rules about where their answers lead.

use serde_json::{Value, json};

use crate::{
    caller::{Caller, path, text, uri},
    harness::{BASE, NOTHING, Test},
};

on_both_engines! {
    a_form_is_shown_with_all_it_has,
    a_form_that_was_read_can_be_sent_back,
    an_edit_changes_what_it_names_and_nothing_else,
    questions_keep_their_ids_and_rules_must_be_about_them,
    all_that_does_not_go_together_is_named,
    destinations_must_be_there,
    forms_are_listed_by_age,
    a_deleted_form_is_gone,
    everyone_reads_forms_and_only_admins_write_them,
}

/// A form about the size of a company, which leads the small ones elsewhere.
pub fn form() -> Value {
    json!({
        "name": "Contact us",
        "questions": [
            {"name": "Size", "type": "select", "required": true, "answer_choices": ["small", "large"]},
            {"name": "Mail", "type": "email"},
        ],
        "rules": [{
            "match": "any",
            "conditions": [
                {"question": "Size", "operator": "is", "value": "small"},
                {"question": "Mail", "operator": "is_empty"},
            ],
            "result": {"type": "external_url", "value": "https://example.com/pricing"},
        }],
        "fallback": {"type": "custom_message", "value": {"headline": "Thank you", "body": "We will call you."}},
    })
}

async fn add(caller: &Caller, body: &Value) -> Value {
    caller
        .post("/routing_forms", body.clone())
        .await
        .resource(201)
}

async fn a_form_is_shown_with_all_it_has(test: Test) {
    let admin = test.as_admin();
    let event_type = admin.event_type(json!({})).await;
    let mut body = form();
    body["rules"][0]["result"] = json!({"type": "event_type", "value": event_type});
    let made = admin.post_once("/routing_forms", "key", &body).await;
    let made = made.resource(201);
    let (size, mail) = (
        text(&made["questions"][0]["uuid"]),
        text(&made["questions"][1]["uuid"]),
    );
    assert_ne!(size, mail);
    let expected = json!({
        "uri": made["uri"],
        "organization": test.organization,
        "name": "Contact us",
        "status": "draft",
        "questions": [
            {"uuid": size, "name": "Size", "type": "select", "required": true, "answer_choices": ["small", "large"]},
            {"uuid": mail, "name": "Mail", "type": "email", "required": false, "answer_choices": null},
        ],
        "rules": [{
            "match": "any",
            "conditions": [
                {"question_uuid": size, "question": "Size", "operator": "is", "value": "small"},
                {"question_uuid": mail, "question": "Mail", "operator": "is_empty", "value": null},
            ],
            "result": {"type": "event_type", "value": event_type},
        }],
        "fallback": {"type": "custom_message", "value": {"headline": "Thank you", "body": "We will call you."}},
        "created_at": made["created_at"],
        "updated_at": made["created_at"],
    });
    assert_eq!(made, expected);
    assert!(uri(&made).starts_with(&format!("{BASE}/routing_forms/")));
    let again = admin.post_once("/routing_forms", "key", &body).await;
    assert_eq!(again.resource(201), made);
    assert_eq!(admin.get(uri(&made)).await.resource(200), made);
    let least = json!({"name": "x", "questions": [{"name": "q", "type": "textarea"}]});
    let least = add(&admin, &least).await;
    assert_eq!(least["rules"], json!([]));
    assert_eq!(least["fallback"], json!(null));
}

async fn a_form_that_was_read_can_be_sent_back(test: Test) {
    let admin = test.as_admin();
    let made = add(&admin, &form()).await;
    let mut body = json!({});
    for field in ["name", "status", "questions", "rules", "fallback"] {
        body[field] = made[field].clone();
    }
    let mut same = admin.patch(uri(&made), body).await.resource(200);
    same["updated_at"] = made["updated_at"].clone();
    assert_eq!(same, made);
}

async fn an_edit_changes_what_it_names_and_nothing_else(test: Test) {
    let admin = test.as_admin();
    let made = add(&admin, &form()).await;
    let published = admin
        .patch(uri(&made), json!({"status": "published"}))
        .await
        .resource(200);
    let mut expected = made.clone();
    expected["status"] = json!("published");
    expected["updated_at"] = published["updated_at"].clone();
    assert_eq!(published, expected);
    assert!(text(&made["updated_at"]) < text(&published["updated_at"]));
    let body = json!({"name": "Write to us", "rules": [], "fallback": null});
    let edited = admin.patch(uri(&made), body).await.resource(200);
    expected["name"] = json!("Write to us");
    expected["rules"] = json!([]);
    expected["fallback"] = json!(null);
    expected["updated_at"] = edited["updated_at"].clone();
    assert_eq!(edited, expected);
    let taken_back = json!({"status": "draft"});
    let edited = admin.patch(uri(&made), taken_back).await.resource(200);
    assert_eq!(edited["status"], "draft");
}

async fn questions_keep_their_ids_and_rules_must_be_about_them(test: Test) {
    let admin = test.as_admin();
    let made = add(&admin, &form()).await;
    let (size, mail) = (&made["questions"][0], &made["questions"][1]);
    // another name, another place, one more
    let mut renamed = size.clone();
    renamed["name"] = json!("Company size");
    let questions = json!([{"name": "Phone", "type": "phone"}, mail, renamed]);
    let edited = admin
        .patch(uri(&made), json!({"questions": questions}))
        .await
        .resource(200);
    assert_eq!(edited["questions"][1], *mail);
    assert_eq!(edited["questions"][2], renamed);
    let condition = &edited["rules"][0]["conditions"][0];
    assert_eq!(condition["question"], "Company size");
    assert_eq!(condition["question_uuid"], size["uuid"]);
    // a question that a rule is about cannot go before the rule, nor the choice
    let answer = admin.patch(uri(&made), json!({"questions": [mail]})).await;
    let expected = ["rules[0].conditions[0].question_uuid unknown_question"];
    assert_eq!(answer.mistakes(), expected);
    let mut other_choices = size.clone();
    other_choices["answer_choices"] = json!(["tiny", "huge"]);
    let body = json!({"questions": [other_choices, mail]});
    let answer = admin.patch(uri(&made), body).await;
    let expected = ["rules[0].conditions[0].value not_a_choice"];
    assert_eq!(answer.mistakes(), expected);
    let body = json!({"questions": [mail], "rules": []});
    admin.patch(uri(&made), body).await.expect(200);
    // what went does not come back
    let answer = admin.patch(uri(&made), json!({"questions": [size]})).await;
    assert_eq!(answer.mistakes(), ["questions[0].uuid not_found"]);
    let answer = admin
        .patch(
            uri(&made),
            json!({"questions": [mail, {"uuid": mail["uuid"], "name": "x", "type": "text"}]}),
        )
        .await;
    assert_eq!(answer.mistakes(), ["questions[1].uuid duplicate"]);
}

async fn all_that_does_not_go_together_is_named(test: Test) {
    let admin = test.as_admin();
    let result = json!({"type": "external_url", "value": "https://example.com"});
    let body = json!({
        "name": "x",
        "questions": [
            {"name": "a", "type": "text", "answer_choices": ["b"]},
            {"name": "a", "type": "radios"},
            {"name": "c", "type": "select", "answer_choices": ["d", "e"]},
        ],
        "rules": [
            {"result": result, "conditions": [
                {"question": "c", "operator": "is", "value": "f"},
                {"question": "c", "operator": "contains", "value": "f"},
                {"question": "z", "operator": "is", "value": "f"},
                {"operator": "is", "value": "f"},
            ]},
            {"result": result, "conditions": [
                {"question": "c", "operator": "starts_with"},
                {"question": "c", "operator": "is_not_empty", "value": "d"},
                {"question_uuid": NOTHING, "operator": "is_empty"},
            ]},
        ],
    });
    let expected = [
        "questions[0].answer_choices not_allowed",
        "questions[1].name duplicate",
        "questions[1].answer_choices required",
        "rules[0].conditions[0].value not_a_choice",
        "rules[0].conditions[2].question unknown_question",
        "rules[0].conditions[3].question required",
        "rules[1].conditions[0].value required",
        "rules[1].conditions[1].value not_allowed",
        "rules[1].conditions[2].question_uuid unknown_question",
    ];
    let answer = admin.post("/routing_forms", body).await;
    assert_eq!(answer.mistakes(), expected);
    let body = json!({
        "name": " ",
        "status": "open",
        "questions": [{"uuid": "x", "name": "a", "type": "number"}],
        "rules": [{"match": "none", "conditions": [], "result": {"type": "moon", "value": 1}}],
        "fallback": {"type": "custom_message", "value": {"body": "x"}},
    });
    let mut mistakes = admin.post("/routing_forms", body).await.mistakes();
    mistakes.sort();
    let expected = [
        "fallback.value.headline required",
        "name required",
        "questions[0].type unknown_value",
        "questions[0].uuid invalid_format",
        "rules[0].conditions too_few",
        "rules[0].match unknown_value",
        "rules[0].result.type unknown_value",
        "status unknown_value",
    ];
    assert_eq!(mistakes, expected);
    let mut body = form();
    body["questions"] = json!([]);
    let answer = admin.post("/routing_forms", body).await;
    assert_eq!(answer.mistakes(), ["questions too_few"]);
    let listed = path("/routing_forms", &[("organization", &test.organization)]);
    assert_eq!(admin.get(listed).await.collection().len(), 0);
}

async fn destinations_must_be_there(test: Test) {
    let admin = test.as_admin();
    let theirs = test.as_foreigner().event_type(json!({})).await;
    let gone = admin.event_type(json!({})).await;
    admin.delete(&gone).await.expect(204);
    let nowhere = format!("{BASE}/event_types/{NOTHING}");
    for event_type in [theirs, gone, nowhere] {
        let mut body = form();
        let result = json!({"type": "event_type", "value": event_type});
        body["fallback"] = result.clone();
        body["rules"][0]["result"] = result;
        let answer = admin.post("/routing_forms", body).await;
        let expected = [
            "rules[0].result.value not_found",
            "fallback.value not_found",
        ];
        assert_eq!(answer.mistakes(), expected);
    }
    for address in [
        "example.com",
        "ftp://example.com",
        "https://",
        "https:///x",
        "https://a b",
        "javascript:alert(1)",
    ] {
        let mut body = form();
        body["fallback"] = json!({"type": "external_url", "value": address});
        let answer = admin.post("/routing_forms", body).await;
        assert_eq!(answer.mistakes(), ["fallback.value invalid_format"]);
    }
    // an event type that goes later does not stand in the way of other edits
    let event_type = admin.event_type(json!({})).await;
    let mut body = form();
    body["fallback"] = json!({"type": "event_type", "value": event_type});
    let made = add(&admin, &body).await;
    admin.delete(&event_type).await.expect(204);
    let edited = admin.patch(uri(&made), json!({"name": "x"})).await;
    assert_eq!(edited.resource(200)["fallback"], made["fallback"]);
}

async fn forms_are_listed_by_age(test: Test) {
    let (admin, ada) = (test.as_admin(), test.as_user("ada"));
    for name in ["b", "a", "c"] {
        let mut body = form();
        body["name"] = json!(name);
        add(&admin, &body).await;
    }
    let organization = ("organization", test.organization.as_str());
    for (sort, expected) in [("created_at:asc", "bac"), ("created_at:desc", "cab")] {
        let listed = ada.get(path("/routing_forms", &[organization, ("sort", sort)]));
        let listed = listed.await.collection();
        let names: String = listed.iter().map(|form| text(&form["name"])).collect();
        assert_eq!(names, expected);
    }
    let first = path("/routing_forms", &[organization, ("count", "2")]);
    let first = ada.get(first).await.expect(200);
    let second = ada.get(text(&first["pagination"]["next_page"])).await;
    let second = second.expect(200);
    assert_eq!(second["collection"][0]["name"], "c");
    let back = ada.get(text(&second["pagination"]["previous_page"])).await;
    assert_eq!(back.expect(200)["collection"], first["collection"]);
    let answer = ada.get("/routing_forms").await;
    assert_eq!(answer.mistakes(), ["organization required"]);
    let foreigner = test.as_foreigner();
    foreigner
        .get(path("/routing_forms", &[organization]))
        .await
        .refused(404, "not_found");
}

async fn a_deleted_form_is_gone(test: Test) {
    let admin = test.as_admin();
    let made = uri(&add(&admin, &form()).await);
    admin.delete(&made).await.expect(204);
    for answer in [
        admin.get(&made).await,
        admin.delete(&made).await,
        admin.patch(&made, json!({"name": "x"})).await,
        admin
            .get(path("/routing_form_submissions", &[("form", &made)]))
            .await,
    ] {
        answer.refused(404, "not_found");
    }
    let listed = path("/routing_forms", &[("organization", &test.organization)]);
    assert_eq!(admin.get(listed).await.collection().len(), 0);
}

async fn everyone_reads_forms_and_only_admins_write_them(test: Test) {
    let (admin, ada) = (test.as_admin(), test.as_user("ada"));
    let made = uri(&add(&admin, &form()).await);
    ada.get(&made).await.expect(200);
    for answer in [
        ada.post("/routing_forms", form()).await,
        ada.patch(&made, json!({"name": "x"})).await,
        ada.delete(&made).await,
    ] {
        answer.refused(403, "permission_denied");
    }
    let foreigner = test.as_foreigner();
    for answer in [
        foreigner.get(&made).await,
        foreigner.patch(&made, json!({"name": "x"})).await,
        foreigner.delete(&made).await,
    ] {
        answer.refused(404, "not_found");
    }
    let reader = test.with_scopes("olga", &["routing_forms:read"]).await;
    reader.get(&made).await.expect(200);
    let refusal = reader
        .delete(&made)
        .await
        .refused(403, "insufficient_scope");
    assert_eq!(refusal["required_scopes"], json!(["routing_forms:write"]));
}
