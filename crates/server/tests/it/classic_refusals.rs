//! What the classic API refuses, with which status and words.

use axum::http::Method;
use serde_json::{Value, json};

use crate::{
    caller::{JSON, text},
    classic::{
        ADD, AVAILABILITY, BOOK, BOOKINGS, OVERLAP, SET, book, month, open, range, set, two_people,
    },
    harness::Test,
};

on_both_engines! {
    what_cannot_be_done_is_told_as_400,
    what_is_malformed_is_told_as_422,
    without_the_setting_a_token_is_needed,
}

fn text_of(body: &Value) -> String {
    text(&body["error"])
}

async fn what_cannot_be_done_is_told_as_400(test: Test) {
    let caller = open(&test).await;
    two_people(&caller).await;
    caller
        .post(
            SET,
            set(1, &["2026-03-09"], json!([[range("09:00", "12:00")]])),
        )
        .await
        .expect(200);
    caller
        .post(BOOK, book(1, 2, "2026-03-09", ("10:00", "11:00")))
        .await
        .expect(200);
    let not_free = |from, to| format!("The requested time slot {from} to {to} is not available");
    let rows = [
        (
            AVAILABILITY,
            json!({"user_id": 9}),
            "User 9 not found".to_owned(),
        ),
        (
            BOOKINGS,
            json!({"user_id": 9}),
            "User 9 not found".to_owned(),
        ),
        (
            SET,
            set(9, &["2026-03-09"], json!([[]])),
            "User 9 not found".to_owned(),
        ),
        (
            OVERLAP,
            json!({"user_id_1": 1, "user_id_2": 8}),
            "User 8 not found".to_owned(),
        ),
        (
            BOOK,
            book(9, 2, "2026-03-09", ("09:00", "09:30")),
            "User 9 not found".to_owned(),
        ),
        (
            BOOK,
            book(1, 9, "2026-03-09", ("09:00", "09:30")),
            "User 9 not found".to_owned(),
        ),
        (
            BOOK,
            book(1, 2, "2026-04-02", ("09:00", "09:30")),
            "The date 2026-04-02 is more than one month away".to_owned(),
        ),
        (
            BOOK,
            book(1, 2, "2026-03-09", ("16:30", "17:00")),
            not_free("16:30", "17:00"),
        ),
        (
            BOOK,
            book(1, 2, "2026-03-09", ("10:30", "11:30")),
            not_free("10:30", "11:30"),
        ),
        (
            BOOK,
            book(1, 2, "2026-03-09", ("09:59", "10:01")),
            not_free("09:59", "10:01"),
        ),
        (
            BOOK,
            book(1, 2, "2026-03-09", ("11:00", "12:01")),
            not_free("11:00", "12:01"),
        ),
        (
            BOOK,
            book(1, 2, "2026-03-01", ("09:00", "09:30")),
            not_free("09:00", "09:30"),
        ),
    ];
    for (path, body, error) in rows {
        let place = format!("{path} {body}");
        assert_eq!(
            caller.post(path, body).await.expect(400),
            json!({"error": error}),
            "{place}"
        );
    }
    for path in [ADD, AVAILABILITY, SET, OVERLAP, BOOK, BOOKINGS] {
        for text in ["", "{", "user_id=1"] {
            let answer = caller.send(Method::POST, path, JSON, text.into()).await;
            let error = text_of(&answer.expect(400));
            assert!(
                error.starts_with("The body is not valid JSON"),
                "{path} {text}: {error}"
            );
        }
    }
}

async fn what_is_malformed_is_told_as_422(test: Test) {
    let caller = open(&test).await;
    two_people(&caller).await;
    let hours = || json!([[range("09:00", "10:00")]]);
    let rows = [
        (ADD, json!({}), "user_name"),
        (ADD, json!({"user_name": "x"}), "phone_number"),
        (
            ADD,
            json!({"user_name": "", "phone_number": "1"}),
            "user_name",
        ),
        (
            ADD,
            json!({"user_name": "x".repeat(10_000), "phone_number": "1"}),
            "user_name",
        ),
        (
            ADD,
            json!({"user_name": "a\u{0}b", "phone_number": "1"}),
            "user_name",
        ),
        (
            ADD,
            json!({"user_name": "x", "phone_number": "1", "admin": true}),
            "admin",
        ),
        (ADD, json!([]), ""),
        (AVAILABILITY, json!({}), "user_id"),
        (AVAILABILITY, json!({"user_id": "one"}), "user_id"),
        (AVAILABILITY, json!({"user_id": -1}), "user_id"),
        (
            AVAILABILITY,
            json!({"user_id": 99_999_999_999_u64}),
            "user_id",
        ),
        (
            SET,
            json!({"user_id": 1, "date_list": ["2026-03-09"]}),
            "time_ranges",
        ),
        (SET, set(1, &["2026-02-30"], hours()), "date_list[0]"),
        (SET, set(1, &["09.03.2026"], hours()), "date_list[0]"),
        (SET, set(1, &["2026-03-01"], hours()), "2026-03-01"),
        (SET, set(1, &["2026-04-02"], hours()), "2026-04-02"),
        (
            SET,
            set(1, &["2026-03-09", "2026-03-10"], hours()),
            "same length",
        ),
        (SET, set(1, &[], json!([])), "date_list"),
        (
            SET,
            set(1, &["2026-03-09"], json!([[range("10:00", "10:00")]])),
            "10:00 to 10:00",
        ),
        (
            SET,
            set(1, &["2026-03-09"], json!([[range("11:00", "10:00")]])),
            "11:00 to 10:00",
        ),
        (
            SET,
            set(1, &["2026-03-09"], json!([[range("25:00", "26:00")]])),
            "time_ranges[0][0].start_time",
        ),
        (
            SET,
            set(1, &["2026-03-09"], json!([[range("9:00", "10:00")]])),
            "time_ranges[0][0].start_time",
        ),
        (OVERLAP, json!({"user_id_1": 1}), "user_id_2"),
        (BOOK, book(1, 2, "2026-03-32", ("09:00", "10:00")), "date"),
        (BOOK, book(1, 2, "2026-03-09", ("09:00", "9")), "end_time"),
        (
            BOOK,
            book(1, 2, "2026-03-09", ("10:00", "09:00")),
            "10:00 to 09:00",
        ),
        (
            BOOK,
            book(1, 2, "2026-03-09", ("10:00", "10:00")),
            "10:00 to 10:00",
        ),
        (BOOK, json!({"user_id": 1}), "requestor_id"),
        (BOOKINGS, json!({"user_id": null}), "user_id"),
    ];
    for (path, body, named) in rows {
        let place = format!("{path} {body}")
            .chars()
            .take(200)
            .collect::<String>();
        let answer = caller.post(path, body).await.expect(422);
        assert!(text_of(&answer).contains(named), "{place}: {answer}");
    }
    assert_eq!(
        caller
            .post(AVAILABILITY, json!({"user_id": 1}))
            .await
            .expect(200)["availability"],
        month(&[])
    );
    assert_eq!(
        caller
            .post(ADD, json!({"user_name": "Next", "phone_number": "1"}))
            .await
            .expect(200)["user_id"],
        3
    );
}

async fn without_the_setting_a_token_is_needed(test: Test) {
    let new = json!({"user_name": "x", "phone_number": "1"});
    let refused = test
        .without_token()
        .post(ADD, new.clone())
        .await
        .expect(401);
    assert_eq!(refused, json!({"error": "The access token is invalid"}));
    let reader = test.with_scopes("olga", &["users:read"]).await;
    assert!(text_of(&reader.post(ADD, new.clone()).await.expect(403)).contains("scope"));
    test.as_owner().post(ADD, new.clone()).await.expect(200);
    // numbers are counted in each organization
    assert_eq!(
        test.as_foreigner().post(ADD, new).await.expect(200)["user_id"],
        1
    );
    test.as_foreigner()
        .post(AVAILABILITY, json!({"user_id": 2}))
        .await
        .expect(400);
}
