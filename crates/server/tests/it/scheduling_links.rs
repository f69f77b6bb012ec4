//! Links by which one meeting can be booked, once.

use serde_json::{Value, json};

use crate::{
    caller::{Answer, Caller, booking, text},
    harness::{BASE, NOTHING, Test},
    races::{active_events, at_once},
};

on_both_engines! {
    a_link_books_one_meeting,
    a_refused_booking_leaves_the_link_as_it_was,
    the_owner_the_hosts_and_administrators_make_links,
    bad_links_are_refused,
    a_link_goes_with_its_event_type_and_nothing_else,
    a_link_ends_by_itself,
    a_link_is_made_once_with_a_key,
}

on_all_deployments! {
    of_24_who_use_one_link_one_wins,
}

const START: &str = "2026-03-03T10:00:00Z";

/// The body of a link.
pub fn link_to(event_type: &str) -> Value {
    json!({"max_event_count": 1, "owner": event_type, "owner_type": "EventType"})
}

async fn link(caller: &Caller, event_type: &str) -> String {
    let link = caller.post("/scheduling_links", link_to(event_type)).await;
    text(&link.resource(201)["booking_url"])
}

/// Books a start by a link.
pub async fn book_by(caller: &Caller, (event_type, start): (&str, &str), link: &str) -> Answer {
    let mut body = booking(event_type, start);
    body["scheduling_link"] = json!(link);
    caller.post("/invitees", body).await
}

async fn a_link_books_one_meeting(test: Test) {
    let ada = test.as_user("ada");
    let event_type = ada.event_type(json!({})).await;
    let made = ada
        .post("/scheduling_links", link_to(&event_type))
        .await
        .resource(201);
    let url = text(&made["booking_url"]);
    let expected = json!({"booking_url": url, "owner": event_type, "owner_type": "EventType"});
    assert_eq!(made, expected);
    let code = url
        .strip_prefix(&format!("{BASE}/d/"))
        .and_then(|rest| rest.strip_suffix("/intro-call"));
    let groups: Vec<usize> = code.unwrap().split('-').map(str::len).collect();
    assert_eq!(groups, [4, 4, 4, 4]);
    let invitee = book_by(&ada, (&event_type, START), &url)
        .await
        .resource(201);
    assert_eq!(invitee["scheduling_method"], "api");
    // at any time, also when the meeting is canceled
    let other = "2026-03-03T11:00:00Z";
    book_by(&ada, (&event_type, other), &url)
        .await
        .refused(409, "link_ended");
    ada.post(
        format!("{}/cancellation", text(&invitee["event"])),
        json!({}),
    )
    .await
    .expect(201);
    book_by(&ada, (&event_type, START), &url)
        .await
        .refused(409, "link_ended");
    // the code alone will do, and whatever the address says besides
    let second = link(&ada, &event_type).await;
    let code = second.split('/').nth(4).unwrap();
    book_by(&ada, (&event_type, START), code).await.expect(201);
    let third = link(&ada, &event_type)
        .await
        .replace(BASE, "https://calendly.com");
    book_by(
        &ada,
        (&event_type, other),
        &format!("{third}?month=2026-03"),
    )
    .await
    .expect(201);
    assert_eq!(active_events(&test).await.len(), 2);
}

async fn a_refused_booking_leaves_the_link_as_it_was(test: Test) {
    let ada = test.as_user("ada");
    let event_type = ada.event_type(json!({})).await;
    let link = link(&ada, &event_type).await;
    ada.book(&event_type, START).await.expect(201);
    let refusal = book_by(&ada, (&event_type, START), &link).await;
    let refusal = refusal.refused(409, "time_taken");
    assert!(!refusal["alternatives"].as_array().unwrap().is_empty());
    let refusal = book_by(&ada, (&event_type, "2026-03-03T03:00:00Z"), &link).await;
    assert_eq!(refusal.mistakes(), ["start_time outside_hours"]);
    // and so does a trial
    let mut body = booking(&event_type, "2026-03-03T11:00:00Z");
    body["scheduling_link"] = json!(link);
    for _ in 0..2 {
        ada.post("/invitees?dry_run=true", body.clone())
            .await
            .expect(200);
    }
    ada.post("/invitees", body.clone()).await.expect(201);
    ada.post("/invitees?dry_run=true", body)
        .await
        .refused(409, "link_ended");
}

async fn the_owner_the_hosts_and_administrators_make_links(test: Test) {
    let (olga, ada, ben) = (test.as_owner(), test.as_user("ada"), test.as_user("ben"));
    let hosts = json!({"pooling_type": "round_robin", "hosts": [{"user": ada.uri}]});
    let event_type = olga.event_type(hosts).await;
    for caller in [&olga, &ada, &test.as_admin()] {
        link(caller, &event_type).await;
    }
    let body = link_to(&event_type);
    ben.post("/scheduling_links", body.clone())
        .await
        .refused(403, "permission_denied");
    let refusal = test
        .as_foreigner()
        .post("/scheduling_links", body.clone())
        .await;
    assert_eq!(
        refusal.refused(404, "not_found")["details"][0]["parameter"],
        "owner"
    );
    let reader = test.with_scopes("ada", &["event_types:write"]).await;
    let refusal = reader.post("/scheduling_links", body).await;
    let refusal = refusal.refused(403, "insufficient_scope");
    assert_eq!(
        refusal["required_scopes"],
        json!(["scheduling_links:write"])
    );
    // whoever may book may book by it
    let link = link(&olga, &event_type).await;
    book_by(&ben, (&event_type, START), &link).await.expect(201);
}

async fn bad_links_are_refused(test: Test) {
    let ada = test.as_user("ada");
    let event_type = ada.event_type(json!({})).await;
    for count in [json!(1), json!(1.0), json!("1"), json!("1.0")] {
        let mut body = link_to(&event_type);
        body["max_event_count"] = count;
        ada.post("/scheduling_links", body).await.expect(201);
    }
    let rows = [
        (
            json!({}),
            vec![
                "max_event_count required",
                "owner required",
                "owner_type required",
            ],
        ),
        (
            json!({"max_event_count": 2, "owner": ada.uri, "owner_type": "User"}),
            vec![
                "max_event_count out_of_range",
                "owner invalid_uri",
                "owner_type unknown_value",
            ],
        ),
    ];
    for (body, expected) in rows {
        let refusal = ada.post("/scheduling_links", body.clone()).await;
        assert_eq!(refusal.mistakes(), expected, "{body}");
    }
    let nothing = link_to(&format!("{BASE}/event_types/{NOTHING}"));
    ada.post("/scheduling_links", nothing)
        .await
        .refused(404, "not_found");
    ada.delete(&event_type).await.expect(204);
    ada.post("/scheduling_links", link_to(&event_type))
        .await
        .refused(404, "not_found");
}

async fn a_link_goes_with_its_event_type_and_nothing_else(test: Test) {
    let ada = test.as_user("ada");
    let (event_type, other) = (
        ada.event_type(json!({})).await,
        ada.event_type(json!({})).await,
    );
    let link = link(&ada, &event_type).await;
    let refusal = book_by(&ada, (&other, START), &link).await;
    assert_eq!(refusal.mistakes(), ["scheduling_link other_link"]);
    book_by(&ada, (&event_type, START), "0000-0000-0000-0000")
        .await
        .refused(409, "link_ended");
    for bad in [
        "",
        "NOT A CODE",
        "http://fasti.test/d//x",
        "http://fasti.test/ada/intro-call",
    ] {
        let refusal = book_by(&ada, (&event_type, START), bad).await;
        assert_eq!(
            refusal.mistakes(),
            ["scheduling_link invalid_format"],
            "{bad}"
        );
    }
    let hold = json!({"event_type": event_type, "start_time": START});
    let hold = text(&ada.post("/holds", hold).await.resource(201)["uri"]);
    let mut body = booking(&event_type, START);
    body["scheduling_link"] = json!(link);
    body["hold"] = json!(hold);
    let refusal = ada.post("/invitees", body.clone()).await;
    assert_eq!(refusal.mistakes(), ["scheduling_link not_with_hold"]);
    body["hold"] = json!(null);
    body["recurrence"] = json!({"rrule": "FREQ=DAILY;COUNT=2"});
    let refusal = ada.post("/invitees", body).await;
    assert_eq!(refusal.mistakes(), ["scheduling_link not_with_recurrence"]);
    // it is unknown in another organization
    let zoe = test.as_foreigner();
    let theirs = zoe.event_type(json!({})).await;
    book_by(&zoe, (&theirs, START), &link)
        .await
        .refused(409, "link_ended");
    book_by(&ada, (&event_type, "2026-03-03T11:00:00Z"), &link)
        .await
        .expect(201);
}

async fn a_link_ends_by_itself(test: Test) {
    let ada = test.as_user("ada");
    let fields = json!({"booking_window": {"type": "unlimited"}});
    let event_type = ada.event_type(fields).await;
    let links = [link(&ada, &event_type).await, link(&ada, &event_type).await];
    let before = test.at("2026-05-31T07:00:00Z").await;
    let after = test.at("2026-05-31T09:00:00Z").await;
    let booked = (event_type.as_str(), "2026-06-02T10:00:00Z");
    book_by(&before.as_user("ada"), booked, &links[0])
        .await
        .expect(201);
    let booked = (event_type.as_str(), "2026-06-02T11:00:00Z");
    book_by(&after.as_user("ada"), booked, &links[1])
        .await
        .refused(409, "link_ended");
}

async fn a_link_is_made_once_with_a_key(test: Test) {
    let ada = test.as_user("ada");
    let body = link_to(&ada.event_type(json!({})).await);
    let first = ada.post_once("/scheduling_links", "key", &body).await;
    let second = ada.post_once("/scheduling_links", "key", &body).await;
    assert_eq!((first.status, &first.body), (201, &second.body));
}

async fn of_24_who_use_one_link_one_wins(test: Test) {
    let ada = test.as_user("ada");
    ada.always_open("UTC").await;
    // of several hosts and for many places there is room for all of them
    let group = ada
        .event_type(json!({"kind": "group", "capacity": 100}))
        .await;
    let solo = ada.event_type(json!({})).await;
    for event_type in [solo, group] {
        let link = link(&ada, &event_type).await;
        let before = active_events(&test).await.len();
        let request = |number: usize| {
            let caller = test.as_user(["ada", "ben", "olga", "amir"][number % 4]);
            let (event_type, link) = (event_type.clone(), link.clone());
            let start = format!("2026-03-03T{:02}:00:00Z", number % 24);
            async move { book_by(&caller, (&event_type, &start), &link).await }
        };
        let answers = at_once((0..24).map(request)).await;
        let won = answers.iter().filter(|answer| answer.status == 201);
        assert_eq!(won.count(), 1);
        for answer in answers.iter().filter(|answer| answer.status != 201) {
            let refusal = answer.expect(409);
            let is_known =
                ["link_ended", "time_taken"].contains(&refusal["code"].as_str().unwrap());
            assert!(is_known, "{refusal}");
        }
        assert_eq!(active_events(&test).await.len(), before + 1);
    }
}
