//! `/user_availability_schedules`: setting and showing availability.

use serde_json::{Value, json};

use crate::{
    caller::{Caller, path, uri},
    harness::Test,
};

on_both_engines! {
    a_schedule_is_shown_as_it_was_set,
    a_partial_week_leaves_the_other_days_closed,
    an_edit_changes_what_it_names_and_keeps_the_rest,
    making_a_schedule_the_default_moves_the_default,
    the_default_and_schedules_in_use_cannot_be_deleted,
    dates_before_today_are_refused_and_yesterday_may_be_edited,
    touching_hours_of_a_day_merge,
    a_plain_user_sets_their_own_hours_only,
}

async fn new_schedule(caller: &Caller, name: &str, rules: Value) -> Value {
    let body = json!({"name": name, "timezone": "UTC", "rules": rules});
    caller
        .post("/user_availability_schedules", body)
        .await
        .resource(201)
}

fn monday(from: &str, to: &str) -> Value {
    json!([{"type": "wday", "wday": "monday", "intervals": [{"from": from, "to": to}]}])
}

async fn a_schedule_is_shown_as_it_was_set(test: Test) {
    let ada = test.as_user("ada");
    let rules = json!([
        {"type": "wday", "wday": "monday", "intervals": [{"from": "09:00", "to": "12:00"}, {"from": "13:00", "to": "17:30"}]},
        {"type": "wday", "wday": "friday", "intervals": [{"from": "22:00", "to": "02:00"}]},
        {"type": "date", "date": "2026-03-09", "intervals": []},
        {"type": "date", "date": "2026-03-10", "intervals": [{"from": "00:00", "to": "24:00"}]},
    ]);
    let body = json!({"name": "Summer", "timezone": "Europe/Berlin", "rules": rules});
    let schedule = ada
        .post("/user_availability_schedules", body)
        .await
        .resource(201);
    let closed = |day: &str| json!({"type": "wday", "wday": day, "intervals": []});
    let shown = schedule["rules"].as_array().unwrap();
    for rule in rules.as_array().unwrap() {
        assert!(shown.contains(rule), "{rule} is not among {shown:?}");
    }
    assert!(
        shown
            .iter()
            .all(|rule| rules.as_array().unwrap().contains(rule)
                || *rule == closed(rule["wday"].as_str().unwrap())),
        "{shown:?}"
    );
    assert_eq!(schedule["name"], "Summer");
    assert_eq!(schedule["timezone"], "Europe/Berlin");
    assert_eq!(schedule["default"], false);
    assert_eq!(schedule["user"], ada.uri.as_str());
    assert_eq!(ada.get(uri(&schedule)).await.resource(200), schedule);
    let all = ada
        .get(path("/user_availability_schedules", &[("user", &ada.uri)]))
        .await
        .collection();
    assert_eq!(all.len(), 2);
    assert!(all.contains(&schedule));
}

async fn a_partial_week_leaves_the_other_days_closed(test: Test) {
    let ada = test.as_user("ada");
    ada.set_hours("UTC", monday("09:00", "10:00")).await;
    let free = ada
        .free(&ada.uri, "2026-03-02T00:00:00Z", "2026-03-16T00:00:00Z")
        .await;
    let expected = [
        ("2026-03-02T09:00Z", "2026-03-02T10:00Z"),
        ("2026-03-09T09:00Z", "2026-03-09T10:00Z"),
    ];
    assert_eq!(
        free,
        expected.map(|(from, to)| (from.to_owned(), to.to_owned()))
    );
}

async fn an_edit_changes_what_it_names_and_keeps_the_rest(test: Test) {
    let ada = test.as_user("ada");
    let schedule = new_schedule(&ada, "Mine", monday("09:00", "10:00")).await;
    let zone = ada
        .patch(uri(&schedule), json!({"timezone": "Asia/Tokyo"}))
        .await
        .resource(200);
    let mut expected = schedule.clone();
    expected["timezone"] = json!("Asia/Tokyo");
    assert_eq!(zone, expected);
    let named = ada
        .patch(uri(&schedule), json!({"name": "Ours"}))
        .await
        .resource(200);
    expected["name"] = json!("Ours");
    assert_eq!(named, expected);
    let same = ada.patch(uri(&schedule), json!({})).await.resource(200);
    assert_eq!(same, expected);
}

async fn making_a_schedule_the_default_moves_the_default(test: Test) {
    let ada = test.as_user("ada");
    let old = ada.default_schedule().await;
    let new = uri(&new_schedule(&ada, "New", monday("20:00", "21:00")).await);
    assert_eq!(
        ada.patch(&new, json!({"default": true}))
            .await
            .resource(200)["default"],
        true
    );
    assert_eq!(ada.default_schedule().await, new);
    assert_eq!(ada.get(&old).await.resource(200)["default"], false);
    let free = ada
        .free(&ada.uri, "2026-03-02T00:00:00Z", "2026-03-03T00:00:00Z")
        .await;
    assert_eq!(
        free,
        [(
            "2026-03-02T20:00Z".to_owned(),
            "2026-03-02T21:00Z".to_owned()
        )]
    );
    let mistakes = ada.patch(&new, json!({"default": false})).await.mistakes();
    assert_eq!(mistakes, ["default invalid_value"]);
    ada.delete(&old).await.expect(204);
    ada.get(&old).await.refused(404, "not_found");
}

async fn the_default_and_schedules_in_use_cannot_be_deleted(test: Test) {
    let ada = test.as_user("ada");
    ada.delete(ada.default_schedule().await)
        .await
        .refused(409, "in_use");
    let schedule = uri(&new_schedule(&ada, "Used", monday("09:00", "10:00")).await);
    let event_type = ada
        .event_type(json!({"availability_schedule": schedule}))
        .await;
    ada.delete(&schedule).await.refused(409, "in_use");
    ada.patch(&event_type, json!({"availability_schedule": null}))
        .await
        .expect(200);
    ada.delete(&schedule).await.expect(204);
    ada.delete(&schedule).await.refused(404, "not_found");
}

async fn dates_before_today_are_refused_and_yesterday_may_be_edited(test: Test) {
    let ada = test.as_user("ada");
    // in Auckland it is the evening of the 2nd, in Honolulu that of the 1st
    let rules = |date: &str| json!([{"type": "date", "date": date, "intervals": []}]);
    let new =
        |zone: &str, date: &str| json!({"name": "Dates", "timezone": zone, "rules": rules(date)});
    let post = async |body| ada.post("/user_availability_schedules", body).await;
    post(new("Pacific/Auckland", "2026-03-02"))
        .await
        .expect(201);
    let refused = post(new("Pacific/Auckland", "2026-03-01")).await.mistakes();
    assert_eq!(refused, ["rules[0].date in_the_past"]);
    let schedule = post(new("Pacific/Honolulu", "2026-03-01"))
        .await
        .resource(201);
    // a client that sends back what it read the day before is not punished for it
    let next_day = test.at("2026-03-03T09:00:00Z").await;
    let ada = next_day.as_user("ada");
    ada.patch(
        uri(&schedule),
        json!({"timezone": "UTC", "rules": rules("2026-03-02")}),
    )
    .await
    .expect(200);
    let refused = ada
        .patch(
            uri(&schedule),
            json!({"timezone": "UTC", "rules": rules("2026-03-01")}),
        )
        .await;
    assert_eq!(refused.mistakes(), ["rules[0].date in_the_past"]);
}

async fn touching_hours_of_a_day_merge(test: Test) {
    let ada = test.as_user("ada");
    let hours = json!([{"from": "10:00", "to": "11:00"}, {"from": "09:00", "to": "10:00"}, {"from": "10:30", "to": "12:00"}]);
    ada.set_hours(
        "UTC",
        json!([{"type": "wday", "wday": "monday", "intervals": hours}]),
    )
    .await;
    let free = ada
        .free(&ada.uri, "2026-03-02T00:00:00Z", "2026-03-03T00:00:00Z")
        .await;
    assert_eq!(
        free,
        [(
            "2026-03-02T09:00Z".to_owned(),
            "2026-03-02T12:00Z".to_owned()
        )]
    );
}

async fn a_plain_user_sets_their_own_hours_only(test: Test) {
    let (ada, ben, admin) = (test.as_user("ada"), test.as_user("ben"), test.as_admin());
    let theirs = ben.default_schedule().await;
    ada.patch(&theirs, json!({"name": "Mine"}))
        .await
        .refused(403, "permission_denied");
    ada.delete(&theirs).await.refused(403, "permission_denied");
    let body = json!({"name": "Yours", "timezone": "UTC", "rules": [], "user": ben.uri});
    ada.post("/user_availability_schedules", body.clone())
        .await
        .refused(403, "permission_denied");
    assert_eq!(
        admin
            .post("/user_availability_schedules", body)
            .await
            .resource(201)["user"],
        ben.uri.as_str()
    );
    // reading is for everyone of the organization, and for nobody else
    ada.get(&theirs).await.expect(200);
    let foreigner = test.as_foreigner();
    foreigner.get(&theirs).await.refused(404, "not_found");
    foreigner
        .patch(&theirs, json!({"name": "Mine"}))
        .await
        .refused(404, "not_found");
    foreigner.delete(&theirs).await.refused(404, "not_found");
    foreigner
        .get(path("/user_availability_schedules", &[("user", &ben.uri)]))
        .await
        .refused(403, "permission_denied");
}
