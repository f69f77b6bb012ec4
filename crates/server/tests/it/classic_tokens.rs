//! The classic API where it is not open: whoever calls it may do what they may do elsewhere; and what an edit of its
//! people does to their hours.

use serde_json::{Value, json};

use crate::{
    caller::{Caller, every_day, uri},
    classic::{ADD, AVAILABILITY, SET, range, set},
    harness::Test,
};

on_both_engines! {
    a_plain_user_adds_nobody_and_no_hours_of_others,
    hours_follow_the_zone_of_a_person_and_nothing_else,
}

/// Adds `Foo`, who is 1; the answer is their URI.
async fn foo(owner: &Caller) -> String {
    owner
        .post(ADD, json!({"user_name": "Foo", "phone_number": "1"}))
        .await
        .expect(200);
    let users = owner.get("/users").await.collection();
    uri(users.iter().find(|user| user["name"] == "Foo").unwrap())
}

async fn hours(owner: &Caller) -> Value {
    let shown = owner.post(AVAILABILITY, json!({"user_id": 1})).await;
    shown.expect(200)["availability"]["2026-03-10"].clone()
}

async fn a_plain_user_adds_nobody_and_no_hours_of_others(test: Test) {
    let owner = test.as_owner();
    foo(&owner).await;
    let scopes = ["users:write", "availability:write"];
    let ada = test.with_scopes("ada", &scopes).await;
    let refused = [
        ada.post(ADD, json!({"user_name": "Bar", "phone_number": "2"}))
            .await,
        ada.post(
            SET,
            set(1, &["2026-03-10"], json!([[range("09:00", "10:00")]])),
        )
        .await,
    ];
    for answer in refused {
        answer.expect(403);
    }
    assert_eq!(owner.get("/users").await.collection().len(), 5);
    assert_eq!(hours(&owner).await, json!([]));
}

async fn hours_follow_the_zone_of_a_person_and_nothing_else(test: Test) {
    let owner = test.as_owner();
    let person = foo(&owner).await;
    let schedules = owner
        .get(format!("/user_availability_schedules?user={person}"))
        .await
        .collection();
    let body = json!({"timezone": "Europe/Berlin", "rules": every_day(&[("09:00", "10:00")])});
    owner.patch(uri(&schedules[0]), body).await.expect(200);
    let free = async || {
        owner
            .free(&person, "2026-03-10T00:00:00Z", "2026-03-11T00:00:00Z")
            .await
    };
    let nine = |utc: &str, end: &str| vec![(utc.to_owned(), end.to_owned())];
    assert_eq!(free().await, nine("2026-03-10T08:00Z", "2026-03-10T09:00Z"));
    owner
        .patch(&person, json!({"name": "Foo Bar"}))
        .await
        .expect(200);
    assert_eq!(free().await, nine("2026-03-10T08:00Z", "2026-03-10T09:00Z"));
    owner
        .patch(&person, json!({"timezone": "Asia/Tokyo"}))
        .await
        .expect(200);
    assert_eq!(free().await, nine("2026-03-10T00:00Z", "2026-03-10T01:00Z"));
    assert_eq!(hours(&owner).await, json!([range("09:00", "10:00")]));
}
