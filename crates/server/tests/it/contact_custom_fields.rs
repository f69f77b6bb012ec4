//! The custom fields of contacts: what they hold.

use serde_json::{Value, json};

use crate::{
    caller::{Caller, id, uri},
    contacts::contact,
    harness::{NOTHING, Test},
    races::at_once,
};

on_both_engines! {
    fields_hold_what_their_type_says,
    values_that_do_not_fit_are_named_and_nothing_is_written,
    fields_are_edited_and_deleted_with_what_they_hold,
    fields_are_the_organizations,
}

on_all_deployments! {
    of_8_fields_of_one_label_one_is_defined,
    an_organization_has_so_many_fields,
}

/// Where fields are defined.
pub const DEFINITIONS: &str = "/contacts/custom_field_definitions";

/// Defines a field.
pub async fn define(caller: &Caller, body: Value) -> Value {
    caller.post(DEFINITIONS, body).await.resource(201)
}

/// A field of each type, by its type.
async fn one_of_each(caller: &Caller) -> Vec<(String, Value)> {
    let mut fields = Vec::new();
    for kind in [
        "text",
        "number",
        "currency",
        "tags",
        "date",
        "boolean",
        "single_select",
        "invitee_question",
    ] {
        let mut body = json!({"label": kind, "field_type": kind});
        match kind {
            "currency" => body["currency"] = json!("USD"),
            "single_select" => body["options"] = json!([{"label": "Free"}, {"label": "Paid"}]),
            _ => {}
        }
        fields.push((kind.to_owned(), define(caller, body).await));
    }
    fields
}

fn set(fields: &[(String, Value)], kind: &str, value: impl Into<Value>) -> Value {
    let value = value.into();
    let (_, field) = fields.iter().find(|(known, _)| known == kind).unwrap();
    json!({"uuid": id(&uri(field)), "value": value})
}

/// What the fields of a contact hold, by their labels, which are their types.
fn held(contact: &Value, kind: &str) -> Value {
    let fields = contact["custom_fields"].as_array().unwrap();
    let field = fields.iter().find(|field| field["label"] == kind).unwrap();
    field["value"].clone()
}

async fn fields_hold_what_their_type_says(test: Test) {
    let ada = test.as_user("ada");
    let fields = one_of_each(&ada).await;
    let paid = fields[6].1["options"][1]["uuid"].clone();
    let values = [
        ("text", json!("Hello, \"world\"")),
        ("number", json!(-1.5)),
        ("currency", json!(85_000)),
        ("tags", json!(["a", "b"])),
        ("date", json!("1815-12-10")),
        ("boolean", json!(false)),
        ("single_select", json!("Free")),
        ("invitee_question", json!("Because")),
    ];
    let custom_fields: Vec<Value> = values
        .iter()
        .map(|(kind, value)| set(&fields, kind, value.clone()))
        .collect();
    let body = json!({"name": "Emmy", "emails": [{"email": "emmy@example.com"}], "custom_fields": custom_fields});
    let added = ada.post("/contacts", body).await.resource(201);
    let expected: Vec<Value> = values
        .iter()
        .zip(&fields)
        .map(|((kind, value), (_, field))| json!({"uri": field["uri"], "label": kind, "value": value}))
        .collect();
    assert_eq!(added["custom_fields"], json!(expected));
    assert_eq!(ada.get(uri(&added)).await.resource(200), added);
    // an option may be named by its uuid, and the others stay
    let body = json!({"custom_fields": [set(&fields, "single_select", paid), set(&fields, "number", json!(7))]});
    let edited = ada.patch(uri(&added), body).await.resource(200);
    assert_eq!(held(&edited, "single_select"), "Paid");
    assert_eq!(held(&edited, "number"), 7);
    assert_eq!(held(&edited, "text"), values[0].1);
    // what is emptied looks as if it had never been filled
    let empty: Vec<Value> = values
        .iter()
        .map(|(kind, _)| set(&fields, kind, json!(null)))
        .collect();
    let emptied = ada
        .patch(uri(&added), json!({"custom_fields": empty}))
        .await
        .resource(200);
    let other = contact(&ada, "Other", "other@example.com").await;
    assert_eq!(emptied["custom_fields"], other["custom_fields"]);
    for (kind, _) in &fields {
        let empty = if kind == "tags" {
            json!([])
        } else {
            json!(null)
        };
        assert_eq!(held(&other, kind), empty);
    }
}

async fn values_that_do_not_fit_are_named_and_nothing_is_written(test: Test) {
    let ada = test.as_user("ada");
    let fields = one_of_each(&ada).await;
    let emmy = contact(&ada, "Emmy", "emmy@example.com").await;
    let cases = [
        ("text", json!(1), "wrong_type"),
        ("text", json!("x".repeat(10_001)), "too_long"),
        ("text", json!("a\u{0}"), "invalid_text"),
        ("number", json!("1"), "wrong_type"),
        ("currency", json!(true), "wrong_type"),
        ("tags", json!("a"), "wrong_type"),
        ("tags", json!(["a", 1]), "wrong_type"),
        ("tags", json!([" "]), "wrong_type"),
        ("tags", json!(vec!["a"; 101]), "too_many"),
        ("date", json!("2026-02-30"), "invalid_date"),
        ("date", json!("2026-2-3"), "invalid_date"),
        ("date", json!(20_260_203), "wrong_type"),
        ("boolean", json!("true"), "wrong_type"),
        ("single_select", json!("free"), "not_an_option"),
        ("single_select", json!(NOTHING), "not_an_option"),
        ("invitee_question", json!([]), "wrong_type"),
    ];
    for (kind, value, code) in cases {
        let body = json!({"city": "x", "custom_fields": [set(&fields, "boolean", json!(true)), set(&fields, kind, value.clone())]});
        let mistakes = ada.patch(uri(&emmy), body).await.mistakes();
        if kind == "boolean" {
            assert_eq!(mistakes, ["custom_fields[1].uuid duplicate"]);
        } else {
            assert_eq!(
                mistakes,
                [format!("custom_fields[1].value {code}")],
                "{kind} {value}"
            );
        }
    }
    let both = json!({"custom_fields": [set(&fields, "boolean", json!("true")), set(&fields, "number", json!("1"))]});
    let mistakes = ada.patch(uri(&emmy), both).await.mistakes();
    assert_eq!(
        mistakes,
        [
            "custom_fields[0].value wrong_type",
            "custom_fields[1].value wrong_type"
        ]
    );
    let foreign = define(
        &test.as_foreigner(),
        json!({"label": "x", "field_type": "text"}),
    )
    .await;
    let body = json!({"custom_fields": [{"uuid": id(&uri(&foreign)), "value": "x"}]});
    assert_eq!(
        ada.patch(uri(&emmy), body).await.mistakes(),
        ["custom_fields[0].uuid not_found"]
    );
    assert_eq!(ada.get(uri(&emmy)).await.resource(200), emmy);
}

async fn fields_are_edited_and_deleted_with_what_they_hold(test: Test) {
    let ada = test.as_user("ada");
    let fields = one_of_each(&ada).await;
    let (select, money, plain) = (uri(&fields[6].1), uri(&fields[2].1), uri(&fields[0].1));
    let emmy = uri(&contact(&ada, "Emmy", "emmy@example.com").await);
    let body = json!({"custom_fields": [set(&fields, "single_select", json!("Free")), set(&fields, "text", json!("x"))]});
    ada.patch(&emmy, body).await.expect(200);

    let free = fields[6].1["options"][0]["uuid"].clone();
    let paid = fields[6].1["options"][1]["uuid"].clone();
    let options = json!([{"uuid": paid, "label": "Paid up"}, {"label": "Trial"}]);
    let edited = ada
        .patch(&select, json!({"label": "Plan", "options": options}))
        .await
        .resource(200);
    let option = |uuid: &Value, label: &str, is_active: bool| json!({"uuid": uuid, "label": label, "color": null, "is_active": is_active});
    let trial = edited["options"][1]["uuid"].clone();
    let expected = json!([
        option(&paid, "Paid up", true),
        option(&trial, "Trial", true),
        option(&free, "Free", false)
    ]);
    assert_eq!(
        (&edited["label"], &edited["options"]),
        (&json!("Plan"), &expected)
    );
    assert_eq!(ada.get(&select).await.resource(200), edited);
    // what was chosen stays chosen, and cannot be chosen again
    assert_eq!(held(&ada.get(&emmy).await.resource(200), "Plan"), "Free");
    let again = json!({"custom_fields": [set(&fields, "single_select", json!("Free"))]});
    assert_eq!(
        ada.patch(&emmy, again).await.mistakes(),
        ["custom_fields[0].value not_an_option"]
    );

    let cases = [
        (&select, json!({}), " required"),
        (
            &select,
            json!({"field_type": "text"}),
            "field_type unknown_field",
        ),
        (&select, json!({"currency": "EUR"}), "currency not_allowed"),
        (
            &money,
            json!({"options": [{"label": "x"}]}),
            "options not_allowed",
        ),
        (
            &select,
            json!({"options": [{}]}),
            "options[0].label required",
        ),
        (
            &select,
            json!({"options": [{"uuid": NOTHING}]}),
            "options[0].uuid not_found",
        ),
        (
            &select,
            json!({"options": [{"label": "a"}, {"label": "a"}]}),
            "options[1].label duplicate",
        ),
    ];
    for (field, body, mistake) in cases {
        assert_eq!(
            ada.patch(field, body.clone()).await.mistakes(),
            [mistake],
            "{body}"
        );
    }
    ada.patch(&money, json!({"label": "PLAN"}))
        .await
        .refused(409, "already_exists");
    let money = ada
        .patch(&money, json!({"currency": "chf", "label": "CURRENCY"}))
        .await
        .resource(200);
    assert_eq!(
        (&money["currency"], &money["label"]),
        (&json!("CHF"), &json!("CURRENCY"))
    );

    ada.delete(&plain).await.expect(204);
    ada.delete(&plain).await.refused(404, "not_found");
    ada.get(&plain).await.refused(404, "not_found");
    let fields = ada.get(&emmy).await.resource(200)["custom_fields"].take();
    assert_eq!(fields.as_array().unwrap().len(), 7);
    // its label is free, and the new field holds nothing
    define(&ada, json!({"label": "text", "field_type": "text"})).await;
    assert_eq!(
        held(&ada.get(&emmy).await.resource(200), "text"),
        json!(null)
    );
    ada.delete(&emmy).await.expect(204);
}

async fn fields_are_the_organizations(test: Test) {
    let (ada, ben, zoe) = (
        test.as_user("ada"),
        test.as_user("ben"),
        test.as_foreigner(),
    );
    let field = define(&ada, json!({"label": "x", "field_type": "text"})).await;
    assert_eq!(ben.get(uri(&field)).await.resource(200), field);
    define(&zoe, json!({"label": "x", "field_type": "text"})).await;
    zoe.get(uri(&field)).await.refused(404, "not_found");
    zoe.patch(uri(&field), json!({"label": "y"}))
        .await
        .refused(404, "not_found");
    zoe.delete(uri(&field)).await.refused(404, "not_found");
    let reader = test.with_scopes("ada", &["contacts:read"]).await;
    reader.get(DEFINITIONS).await.expect(200);
    let refusal = reader
        .delete(uri(&field))
        .await
        .refused(403, "insufficient_scope");
    assert_eq!(refusal["required_scopes"], json!(["contacts:write"]));
    ben.delete(uri(&field)).await.expect(204);
}

async fn of_8_fields_of_one_label_one_is_defined(test: Test) {
    let request = |number: usize| {
        let caller = test.as_user(["ada", "ben"][number % 2]);
        let body = json!({"label": (["Plan", "PLAN"][number % 2]), "field_type": "text"});
        async move { caller.post(DEFINITIONS, body).await }
    };
    let answers = at_once((0..8).map(request)).await;
    assert_eq!(
        answers.iter().filter(|answer| answer.status == 201).count(),
        1
    );
    for answer in answers.iter().filter(|answer| answer.status != 201) {
        answer.refused(409, "already_exists");
    }
}

async fn an_organization_has_so_many_fields(test: Test) {
    let ada = test.as_user("ada");
    let request = |number: usize| {
        let ada = ada.clone();
        let body = json!({"label": number.to_string(), "field_type": "text"});
        async move { ada.post(DEFINITIONS, body).await }
    };
    let answers = at_once((0..104).map(request)).await;
    assert_eq!(
        answers.iter().filter(|answer| answer.status == 201).count(),
        100
    );
    for answer in answers.iter().filter(|answer| answer.status != 201) {
        answer.refused(409, "too_many_resources");
    }
    assert_eq!(ada.get(DEFINITIONS).await.collection().len(), 100);
}
