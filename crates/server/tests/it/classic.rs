//! The classic API: whole bodies, and what each refusal says.
//! One file, because each test walks through the whole of the six endpoints.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::{
    caller::{Caller, path, text},
    harness::Test,
};

on_both_engines! {
    a_walk_through_all_six_operations,
    hours_until_midnight_and_from_midnight_on_stay_apart_by_date,
    dates_are_all_set_or_none,
    a_booking_is_an_event_like_any_other,
    the_answer_follows_the_zone_of_the_first_person,
}

on_all_deployments! {
    of_many_who_book_the_same_range_one_wins,
}

pub const ADD: &str = "/users/add_user";
pub const AVAILABILITY: &str = "/users/get_user_availability";
pub const SET: &str = "/availability/set_user_availability";
pub const OVERLAP: &str = "/availability/get_availability_overlap";
pub const BOOK: &str = "/meetings/book_meeting";
pub const BOOKINGS: &str = "/meetings/get_bookings";

/// Somebody without token, where the classic API is open.
pub async fn open(test: &Test) -> Caller {
    let open = test
        .with(|settings| settings.classic_open = Some(true))
        .await;
    open.without_token()
}

/// Adds `Foo` and `alice`, who are 1 and 2.
pub async fn two_people(caller: &Caller) {
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

pub fn range(from: &str, to: &str) -> Value {
    json!({"start_time": from, "end_time": to})
}

pub fn set(user: u8, dates: &[&str], ranges: impl Into<Value>) -> Value {
    let ranges: Value = ranges.into();
    json!({"user_id": user, "date_list": dates, "time_ranges": ranges})
}

pub fn book(user: u8, requestor: u8, date: &str, (from, to): (&str, &str)) -> Value {
    json!({"user_id": user, "requestor_id": requestor, "date": date, "start_time": from, "end_time": to})
}

/// All 31 dates, closed but for these.
pub fn month(open: &[(&str, Value)]) -> Value {
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
    let first = users.iter().find(|user| user["name"] == "Foo").unwrap();
    owner
        .patch(text(&first["uri"]), json!({"timezone": "America/New_York"}))
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
