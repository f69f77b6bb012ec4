//! The custom fields of contacts: which there can be.

use serde_json::{Value, json};

use crate::{
    caller::uri,
    contact_custom_fields::{DEFINITIONS, define},
    harness::{BASE, NOTHING, Test},
};

on_both_engines! {
    fields_of_all_types_are_defined,
    what_does_not_go_together_is_named,
}

async fn fields_of_all_types_are_defined(test: Test) {
    let ada = test.as_user("ada");
    let event_type = ada.event_type(json!({})).await;
    let select = json!({"label": " Plan ", "field_type": "single_select", "options": [{"label": "Free"}, {"label": "Paid"}]});
    let select = define(&ada, select).await;
    let option = |index: usize, label: &str| json!({"uuid": select["options"][index]["uuid"], "label": label, "color": null, "is_active": true});
    let expected = json!({
        "uri": select["uri"],
        "label": "Plan",
        "field_type": "single_select",
        "options": [option(0, "Free"), option(1, "Paid")],
        "created_at": select["created_at"],
        "updated_at": select["created_at"],
    });
    assert_eq!(select, expected);
    assert!(uri(&select).starts_with(&format!("{BASE}{DEFINITIONS}/")));
    assert_eq!(ada.get(uri(&select)).await.resource(200), select);
    let money = define(
        &ada,
        json!({"label": "Deal", "field_type": "currency", "currency": "eur"}),
    )
    .await;
    let expected = json!({
        "uri": money["uri"], "label": "Deal", "field_type": "currency", "currency": "EUR",
        "created_at": money["created_at"], "updated_at": money["created_at"],
    });
    assert_eq!(money, expected);
    let source = json!({"type": "event_type_invitee_question", "event_type_uri": event_type, "question": "Why?"});
    let asked = json!({"label": "Why", "field_type": "invitee_question", "source": source});
    let asked = define(&ada, asked).await;
    assert_eq!(asked["source"], source);
    let mut all = vec![select, money, asked];
    for kind in [
        "text",
        "number",
        "tags",
        "date",
        "boolean",
        "invitee_question",
    ] {
        let defined = define(&ada, json!({"label": kind, "field_type": kind})).await;
        assert_eq!(defined.as_object().unwrap().len(), 5, "{defined}");
        all.push(defined);
    }
    let listed = ada.get(DEFINITIONS).await.expect(200);
    assert_eq!(listed, json!({"collection": all}));
}

async fn what_does_not_go_together_is_named(test: Test) {
    let ada = test.as_user("ada");
    let options = |count: usize| -> Value {
        (0..count)
            .map(|number| json!({"label": number.to_string()}))
            .collect()
    };
    let cases = [
        (
            json!({"label": " ", "field_type": "text"}),
            "label required",
        ),
        (
            json!({"label": "x".repeat(256), "field_type": "text"}),
            "label too_long",
        ),
        (
            json!({"label": "x", "field_type": "image"}),
            "field_type unknown_value",
        ),
        (
            json!({"label": "x", "field_type": "text", "colour": 1}),
            "colour unknown_field",
        ),
        (
            json!({"label": "x", "field_type": "single_select"}),
            "options required",
        ),
        (
            json!({"label": "x", "field_type": "single_select", "options": []}),
            "options too_few",
        ),
        (
            json!({"label": "x", "field_type": "single_select", "options": options(11)}),
            "options too_many",
        ),
        (
            json!({"label": "x", "field_type": "single_select", "options": [{"label": "a"}, {"label": "a"}]}),
            "options[1].label duplicate",
        ),
        (
            json!({"label": "x", "field_type": "text", "options": options(1)}),
            "options not_allowed",
        ),
        (
            json!({"label": "x", "field_type": "currency"}),
            "currency required",
        ),
        (
            json!({"label": "x", "field_type": "currency", "currency": "Euro"}),
            "currency invalid_format",
        ),
        (
            json!({"label": "x", "field_type": "number", "currency": "EUR"}),
            "currency not_allowed",
        ),
        (
            json!({"label": "x", "field_type": "text", "source": {"type": "event_type_invitee_question"}}),
            "source not_allowed",
        ),
        (
            json!({"label": "x", "field_type": "invitee_question",
                "source": {"type": "event_type_invitee_question", "event_type_uri": format!("{BASE}/event_types/{NOTHING}")}}),
            "source.event_type_uri not_found",
        ),
    ];
    for (body, mistake) in cases {
        let answer = ada.post(DEFINITIONS, body.clone()).await;
        assert_eq!(answer.mistakes(), [mistake], "{body}");
    }
    define(&ada, json!({"label": "Größe", "field_type": "number"})).await;
    // another word, as far as lower case goes
    define(&ada, json!({"label": " GRÖSSE ", "field_type": "text"})).await;
    let refusal = ada
        .post(DEFINITIONS, json!({"label": "GRößE", "field_type": "text"}))
        .await;
    let refusal = refusal.refused(409, "already_exists");
    assert_eq!(refusal["details"][0]["parameter"], "label");
    assert_eq!(
        refusal["details"][0]["message"],
        "A custom field with this label already exists."
    );
    assert_eq!(ada.get(DEFINITIONS).await.collection().len(), 2);
}
