//! The classic API: whole bodies, and what each refusal says.

use std::collections::BTreeMap;

use axum::http::Method;
use serde_json::{Value, json};

use crate::{
    caller::{Caller, JSON, path, text},
    harness::Test,
};

on_both_engines! {
    a_walk_through_all_six_operations,
    hours_until_midnight_and_from_midnight_on_stay_apart_by_date,
    dates_are_all_set_or_none,
    what_cannot_be_done_is_told_as_400,
    what_is_malformed_is_told_as_422,
    a_booking_is_an_event_like_any_other,
    of_many_who_book_the_same_range_one_wins,
    the_answer_follows_the_zone_of_the_first_person,
    without_the_setting_a_token_is_needed,
}

const ADD: &str = "/users/add_user";
const AVAILABILITY: &str = "/users/get_user_availability";
const SET: &str = "/availability/set_user_availability";
const OVERLAP: &str = "/availability/get_availability_overlap";
const BOOK: &str = "/meetings/book_meeting";
const BOOKINGS: &str = "/meetings/get_bookings";

/// Somebody without token, where the classic API is open.
async fn open(test: &Test) -> Caller {
    let open = test
        .with(|settings| settings.classic_open = Some(true))
        .await;
    open.without_token()
}

/// Adds `Foo` and `alice`, who are 1 and 2.
async fn two_people(caller: &Caller) {
    for (number, name, phone) in [(1, "Foo", "1234567890"), (2, "alice", "1234")] {
        let added = caller
            .post(ADD, json!({"user_name": name, "phone_number": phone}))
            .await
            .expect(200);
        assert_eq!(
            added,
            json!({"message": "User added successfully", "user_id": number})
        );
    }
}

fn range(from: &str, to: &str) -> Value {
    json!({"start_time": from, "end_time": to})
}

fn set(user: u8, dates: &[&str], ranges: Value) -> Value {
    json!({"user_id": user, "date_list": dates, "time_ranges": ranges})
}

fn book(user: u8, requestor: u8, date: &str, (from, to): (&str, &str)) -> Value {
    json!({"user_id": user, "requestor_id": requestor, "date": date, "start_time": from, "end_time": to})
}

/// All 31 dates, closed but for these.
fn month(open: &[(&str, Value)]) -> Value {
    let march = (2..=31).map(|day| format!("2026-03-{day:02}"));
    let mut dates: BTreeMap<String, Value> = march
        .chain(["2026-04-01".to_owned()])
        .map(|date| (date, json!([])))
        .collect();
    assert_eq!(dates.len(), 31);
    for (date, ranges) in open {
        dates.insert((*date).to_owned(), ranges.clone());
    }
    json!(dates)
}

async fn a_walk_through_all_six_operations(test: Test) {
    let caller = open(&test).await;
    two_people(&caller).await;
    let nothing = json!({"user_id": 1, "user_name": "Foo", "phone_number": "1234567890", "availability": month(&[]), "bookings": {}});
    assert_eq!(
        caller
            .post(AVAILABILITY, json!({"user_id": 1}))
            .await
            .expect(200),
        nothing
    );

    let hours = json!([
        [range("09:00", "11:00"), range("13:00", "16:00")],
        [range("10:00", "11:00")]
    ]);
    let done = caller
        .post(SET, set(1, &["2026-03-09", "2026-03-10"], hours))
        .await
        .expect(200);
    assert_eq!(
        done,
        json!({"message": "Availability updated successfully"})
    );
    // adding to what is there; touching ranges merge
    caller
        .post(
            SET,
            set(
                1,
                &["2026-03-09"],
                json!([[range("11:00", "11:30"), range("15:00", "16:30")]]),
            ),
        )
        .await
        .expect(200);
    caller
        .post(
            SET,
            set(
                2,
                &["2026-03-09", "2026-03-11"],
                json!([
                    [range("08:00", "10:00"), range("16:00", "18:00")],
                    [range("09:00", "10:00")]
                ]),
            ),
        )
        .await
        .expect(200);

    let overlap = caller
        .post(OVERLAP, json!({"user_id_1": 1, "user_id_2": 2}))
        .await
        .expect(200);
    assert_eq!(
        overlap,
        json!({"output": {"2026-03-09": [range("09:00", "10:00"), range("16:00", "16:30")]}})
    );

    let booked = caller
        .post(BOOK, book(1, 2, "2026-03-09", ("09:00", "10:00")))
        .await
        .expect(200);
    assert_eq!(booked, json!({"message": "Booking successful"}));
    caller
        .post(BOOK, book(1, 2, "2026-03-09", ("13:07", "13:08")))
        .await
        .expect(200);
    let bookings = json!({"2026-03-09": [{
        "time_list": [range("09:00", "10:00"), range("13:07", "13:08")],
        "requestor_id": 2, "requestor_name": "alice", "requestor_phone": "1234",
    }]});
    let shown = caller
        .post(BOOKINGS, json!({"user_id": 1}))
        .await
        .expect(200);
    assert_eq!(shown, json!({"booked_meetings": bookings}));

    let free = month(&[
        (
            "2026-03-09",
            json!([
                range("10:00", "11:30"),
                range("13:00", "13:07"),
                range("13:08", "16:30")
            ]),
        ),
        ("2026-03-10", json!([range("10:00", "11:00")])),
    ]);
    let expected = json!({"user_id": 1, "user_name": "Foo", "phone_number": "1234567890", "availability": free, "bookings": bookings});
    assert_eq!(
        caller
            .post(AVAILABILITY, json!({"user_id": 1}))
            .await
            .expect(200),
        expected
    );
    let overlap = caller
        .post(OVERLAP, json!({"user_id_1": 2, "user_id_2": 1}))
        .await
        .expect(200);
    assert_eq!(
        overlap,
        json!({"output": {"2026-03-09": [range("16:00", "16:30")]}})
    );
    assert_eq!(
        caller
            .post(BOOKINGS, json!({"user_id": 2}))
            .await
            .expect(200),
        json!({"booked_meetings": {}})
    );
}

async fn hours_until_midnight_and_from_midnight_on_stay_apart_by_date(test: Test) {
    let caller = open(&test).await;
    two_people(&caller).await;
    let hours = json!([
        [range("22:00", "24:00")],
        [range("00:00", "01:30"), range("23:59", "24:00")]
    ]);
    caller
        .post(SET, set(1, &["2026-03-09", "2026-03-10"], hours))
        .await
        .expect(200);
    let free = month(&[
        ("2026-03-09", json!([range("22:00", "24:00")])),
        (
            "2026-03-10",
            json!([range("00:00", "01:30"), range("23:59", "24:00")]),
        ),
    ]);
    assert_eq!(
        caller
            .post(AVAILABILITY, json!({"user_id": 1}))
            .await
            .expect(200)["availability"],
        free
    );
    caller
        .post(BOOK, book(1, 2, "2026-03-09", ("23:00", "24:00")))
        .await
        .expect(200);
    let shown = caller
        .post(BOOKINGS, json!({"user_id": 1}))
        .await
        .expect(200);
    assert_eq!(
        shown["booked_meetings"]["2026-03-09"][0]["time_list"],
        json!([range("23:00", "24:00")])
    );
    assert_eq!(shown["booked_meetings"].as_object().unwrap().len(), 1);
}

async fn dates_are_all_set_or_none(test: Test) {
    let caller = open(&test).await;
    two_people(&caller).await;
    let good_and_bad = json!([[range("09:00", "10:00")], [range("11:00", "10:00")]]);
    caller
        .post(SET, set(1, &["2026-03-09", "2026-03-10"], good_and_bad))
        .await
        .expect(422);
    let too_far = json!([[range("09:00", "10:00")], [range("09:00", "10:00")]]);
    caller
        .post(SET, set(1, &["2026-03-09", "2026-04-02"], too_far))
        .await
        .expect(422);
    assert_eq!(
        caller
            .post(AVAILABILITY, json!({"user_id": 1}))
            .await
            .expect(200)["availability"],
        month(&[])
    );
    // the first and the last day are in
    let both = json!([[range("23:00", "24:00")], [range("09:00", "10:00")]]);
    caller
        .post(SET, set(1, &["2026-03-02", "2026-04-01"], both))
        .await
        .expect(200);
    // a date without ranges is fine and adds nothing
    caller
        .post(SET, set(1, &["2026-04-01"], json!([[]])))
        .await
        .expect(200);
    let free = month(&[
        ("2026-03-02", json!([range("23:00", "24:00")])),
        ("2026-04-01", json!([range("09:00", "10:00")])),
    ]);
    assert_eq!(
        caller
            .post(AVAILABILITY, json!({"user_id": 1}))
            .await
            .expect(200)["availability"],
        free
    );
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

fn text_of(body: &Value) -> String {
    text(&body["error"])
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

async fn a_booking_is_an_event_like_any_other(test: Test) {
    let (caller, owner) = (open(&test).await, test.as_owner());
    two_people(&caller).await;
    caller
        .post(
            SET,
            set(1, &["2026-03-09"], json!([[range("09:00", "12:00")]])),
        )
        .await
        .expect(200);
    caller
        .post(BOOK, book(1, 2, "2026-03-09", ("09:10", "09:50")))
        .await
        .expect(200);
    let query = [("organization", test.organization.as_str())];
    let events = owner
        .get(path("/scheduled_events", &query))
        .await
        .collection();
    assert_eq!(events.len(), 1);
    assert_eq!(events[0]["name"], "Meeting");
    assert_eq!(events[0]["start_time"], "2026-03-09T09:10:00.000000Z");
    assert!(
        owner
            .get(path("/event_types", &query))
            .await
            .collection()
            .is_empty()
    );
    let event = text(&events[0]["uri"]);
    // it moves to any free time, and what it leaves is free again
    owner
        .post(
            format!("{event}/rescheduling"),
            json!({"start_time": "2026-03-09T12:00:00Z"}),
        )
        .await
        .refused(409, "time_taken");
    let moved = owner
        .post(
            format!("{event}/rescheduling"),
            json!({"start_time": "2026-03-09T09:20:00Z"}),
        )
        .await
        .resource(201);
    assert_eq!(moved["end_time"], "2026-03-09T10:00:00.000000Z");
    let shown = caller
        .post(BOOKINGS, json!({"user_id": 1}))
        .await
        .expect(200);
    assert_eq!(
        shown["booked_meetings"]["2026-03-09"][0]["time_list"],
        json!([range("09:20", "10:00")])
    );
    owner
        .post(format!("{}/cancellation", text(&moved["uri"])), json!({}))
        .await
        .expect(201);
    assert_eq!(
        caller
            .post(BOOKINGS, json!({"user_id": 1}))
            .await
            .expect(200),
        json!({"booked_meetings": {}})
    );
}

async fn of_many_who_book_the_same_range_one_wins(test: Test) {
    let caller = open(&test).await;
    two_people(&caller).await;
    caller
        .post(
            SET,
            set(1, &["2026-03-09"], json!([[range("09:00", "12:00")]])),
        )
        .await
        .expect(200);
    let mut tasks = tokio::task::JoinSet::new();
    for task in 0..24 {
        let caller = caller.clone();
        // each overlaps with the next ones
        let minute = format!("10:{:02}", task % 12);
        tasks.spawn(async move {
            caller
                .post(BOOK, book(1, 2, "2026-03-09", (&minute, "10:30")))
                .await
                .status
        });
    }
    let mut statuses = tasks.join_all().await;
    statuses.sort_unstable();
    assert_eq!(statuses[0], 200);
    assert!(
        statuses[1..].iter().all(|status| *status == 400),
        "{statuses:?}"
    );
}

async fn the_answer_follows_the_zone_of_the_first_person(test: Test) {
    let (caller, owner) = (open(&test).await, test.as_owner());
    two_people(&caller).await;
    let users = owner.get("/users?count=100").await.collection();
    let foo = users.iter().find(|user| user["name"] == "Foo").unwrap();
    owner
        .patch(text(&foo["uri"]), json!({"timezone": "America/New_York"}))
        .await
        .expect(200);
    caller
        .post(
            SET,
            set(1, &["2026-03-09"], json!([[range("20:00", "24:00")]])),
        )
        .await
        .expect(200);
    caller
        .post(
            SET,
            set(2, &["2026-03-10"], json!([[range("00:30", "03:00")]])),
        )
        .await
        .expect(200);
    // New York is four hours behind by then
    let first = caller
        .post(OVERLAP, json!({"user_id_1": 1, "user_id_2": 2}))
        .await
        .expect(200);
    assert_eq!(
        first,
        json!({"output": {"2026-03-09": [range("20:30", "23:00")]}})
    );
    let second = caller
        .post(OVERLAP, json!({"user_id_1": 2, "user_id_2": 1}))
        .await
        .expect(200);
    assert_eq!(
        second,
        json!({"output": {"2026-03-10": [range("00:30", "03:00")]}})
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
