//! Who is found in text and documents, and what is left of them.

use super::*;

fn sought() -> Sought {
    let emails = ["Da@Example.com", "o'neil@example.com", "äda@exämple.com"];
    Sought::new(&emails.map(str::to_owned), &["Da Vinci".to_owned()])
}

fn scrubbed(mut value: Value) -> Option<Value> {
    sought().scrub(&mut value).then_some(value)
}

#[test]
fn addresses_are_found_wherever_they_stand_and_nothing_else() {
    for text in [
        "da@example.com",
        " DA@EXAMPLE.COM ",
        "O'Neil@example.com",
        "ÄDA@EXÄMPLE.com",
    ] {
        assert_eq!(scrubbed(json!(text)), Some(json!(EMAIL)), "{text}");
    }
    for (text, expected) in [
        ("ask da@example.com.", "ask deleted@deleted.invalid."),
        (
            "<Da@example.com>,x@example.com",
            "<deleted@deleted.invalid>,x@example.com",
        ),
        (
            "https://x.test/?email=da%40example.com&x",
            "https://x.test/?email=deleted@deleted.invalid&x",
        ),
    ] {
        assert_eq!(scrubbed(json!(text)), Some(json!(expected)), "{text}");
    }
    for text in [
        "ada@example.com",
        "da@example.community",
        "da@example.com.au",
        "x.da@example.com",
        "da at example.com",
        "@",
        "",
    ] {
        assert_eq!(scrubbed(json!(text)), None, "{text}");
    }
}

#[test]
fn names_are_found_where_they_stand_alone() {
    let expected = json!("with [deleted]!");
    assert_eq!(scrubbed(json!("with da VINCI!")), Some(expected));
    assert_eq!(scrubbed(json!("Ada Vincis")), None);
}

#[test]
fn an_object_with_their_address_says_nothing_of_them() {
    let invitee = json!({
        "uri": "x", "email": "da@example.com", "name": "Anything", "timezone": "Europe/Rome",
        "tracking": {"utm_source": "x"}, "questions_and_answers": [{"answer": "x"}],
        "status": "active",
    });
    let expected = json!({
        "uri": "x", "email": EMAIL, "name": NAME, "timezone": "UTC",
        "tracking": {"utm_source": null}, "questions_and_answers": [], "status": "active",
    });
    assert_eq!(
        scrubbed(json!({"resource": invitee})),
        Some(json!({"resource": expected}))
    );
    let other = json!({"email": "ada@example.com", "name": "Ada"});
    assert_eq!(scrubbed(other), None);
}

#[test]
fn all_answers_of_a_form_go_with_their_address() {
    let answer = |uuid, answer: Value| json!({"question_uuid": uuid, "answer": answer});
    let form = json!([
        answer(1, json!("secret")),
        answer(2, json!("da@example.com"))
    ]);
    let expected = json!([answer(1, Value::Null), answer(2, Value::Null)]);
    assert_eq!(scrubbed(form), Some(expected));
}

#[test]
fn what_was_said_with_them_goes() {
    let recap = |email: &str, summary: Value| json!({"name": "x", "attendees": [{"user_email": email}], "summary_md": summary});
    let expected = recap(EMAIL, Value::Null);
    assert_eq!(
        scrubbed(recap("da@example.com", json!("x"))),
        Some(expected)
    );
    assert_eq!(scrubbed(recap("ada@example.com", json!("x"))), None);
}

#[test]
fn who_was_taken_out_is_not_found_again() {
    let sought = Sought::new(&[EMAIL.to_owned()], &[NAME.to_owned()]);
    assert!(!sought.scrub(&mut json!(EMAIL)));
    assert!(!sought.scrub(&mut json!(NAME)));
}
