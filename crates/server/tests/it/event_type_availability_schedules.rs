//! `PATCH /event_type_availability_schedules`: hours that count for one event type only.

use serde_json::{Value, json};

use crate::{
    caller::{Answer, Caller, path, uri},
    harness::{BASE, NOTHING, Test},
};

on_both_engines! {
    an_event_type_gets_hours_of_its_own,
    hours_of_its_own_are_edited_and_belong_to_nothing_else,
    the_zone_alone_moves_the_hours,
    the_owner_and_administrators_set_the_hours,
    other_hosts_go_by_their_default_schedule,
    bad_hours_are_refused,
}

const OPERATION: &str = "/event_type_availability_schedules";

fn tuesdays(from: &str, to: &str) -> Value {
    json!([{"type": "wday", "wday": "tuesday", "intervals": [{"from": from, "to": to}]}])
}

async fn set(caller: &Caller, event_type: &str, rule: Value) -> Answer {
    let body = json!({"availability_rule": rule, "availability_setting": "host"});
    caller
        .patch(path(OPERATION, &[("event_type", event_type)]), body)
        .await
}

async fn on_tuesday(caller: &Caller, event_type: &str) -> Vec<String> {
    let day = ("2026-03-03T00:00:00Z", "2026-03-04T00:00:00Z");
    let starts = caller.available(event_type, day.0, day.1).await;
    starts
        .iter()
        .map(|start| start[11..16].to_owned())
        .collect()
}

async fn an_event_type_gets_hours_of_its_own(test: Test) {
    let ada = test.as_user("ada");
    let event_type = ada.event_type(json!({})).await;
    let other = ada.event_type(json!({})).await;
    let before = on_tuesday(&ada, &other).await;
    let rules = tuesdays("13:00", "14:00");
    let rule = json!({"timezone": "UTC", "rules": rules});
    let hours = set(&ada, &event_type, rule).await.resource(200);
    let expected = json!({
        "event_type": event_type,
        "availability_setting": "host",
        "availability_rule": {
            "timezone": "UTC",
            "uri": hours["availability_rule"]["uri"],
            "name": "Intro call",
            "user": ada.uri,
            "rules": rules,
        },
    });
    assert_eq!(hours, expected);
    let listed = ada
        .get(path(OPERATION, &[("event_type", &event_type)]))
        .await;
    assert_eq!(json!(listed.collection()), json!([hours]));
    assert_eq!(on_tuesday(&ada, &event_type).await, ["13:00", "13:30"]);
    assert_eq!(on_tuesday(&ada, &other).await, before);
    ada.book(&event_type, "2026-03-03T10:00:00Z")
        .await
        .expect(400);
    ada.book(&event_type, "2026-03-03T13:00:00Z")
        .await
        .expect(201);
    // it is not among the schedules of the user, and can be read by its address
    let schedules = ada
        .get(path("/user_availability_schedules", &[("user", &ada.uri)]))
        .await;
    assert_eq!(schedules.collection().len(), 1);
    let schedule = uri(&hours["availability_rule"]);
    assert_eq!(ada.get(&schedule).await.resource(200)["rules"], rules);
    let shown = ada.get(&event_type).await.resource(200);
    assert_eq!(shown["availability_schedule"], json!(schedule));
}

async fn hours_of_its_own_are_edited_and_belong_to_nothing_else(test: Test) {
    let ada = test.as_user("ada");
    let event_type = ada.event_type(json!({})).await;
    let rule = |from, to| json!({"timezone": "UTC", "rules": tuesdays(from, to)});
    let first = set(&ada, &event_type, rule("13:00", "14:00"))
        .await
        .resource(200);
    let second = set(&ada, &event_type, rule("15:00", "16:00"))
        .await
        .resource(200);
    let schedule = uri(&first["availability_rule"]);
    assert_eq!(second["availability_rule"]["uri"], json!(schedule));
    assert_eq!(on_tuesday(&ada, &event_type).await, ["15:00", "15:30"]);
    let other = json!({"owner": ada.uri, "name": "Other", "availability_schedule": schedule});
    let refusal = ada.post("/event_types", other).await;
    assert_eq!(refusal.mistakes(), ["availability_schedule not_found"]);
    let refusal = ada.patch(&schedule, json!({"default": true})).await;
    assert_eq!(refusal.mistakes(), ["default not_allowed"]);
    ada.delete(&schedule).await.refused(409, "in_use");
    // what the event type went by before stays as it is when it is named
    let named = json!({"name": "Mine", "timezone": "UTC", "rules": tuesdays("09:00", "10:00")});
    let named = uri(&ada
        .post("/user_availability_schedules", named)
        .await
        .resource(201));
    ada.patch(&event_type, json!({"availability_schedule": named}))
        .await
        .expect(200);
    set(&ada, &event_type, rule("11:00", "12:00"))
        .await
        .expect(200);
    assert_eq!(
        ada.get(&named).await.resource(200)["rules"],
        tuesdays("09:00", "10:00")
    );
    assert_eq!(on_tuesday(&ada, &event_type).await, ["11:00", "11:30"]);
    ada.patch(&event_type, json!({"availability_schedule": null}))
        .await
        .expect(200);
    ada.delete(&schedule).await.expect(204);
}

async fn the_zone_alone_moves_the_hours(test: Test) {
    let ada = test.as_user("ada");
    let event_type = ada.event_type(json!({})).await;
    let before = on_tuesday(&ada, &event_type).await;
    let rule = json!({"timezone": "Etc/GMT-1"});
    set(&ada, &event_type, rule).await.expect(200);
    let after = on_tuesday(&ada, &event_type).await;
    assert_eq!((before[0].as_str(), after[0].as_str()), ("09:00", "08:00"));
    assert_eq!(before.len(), after.len());
}

async fn the_owner_and_administrators_set_the_hours(test: Test) {
    let (ada, ben, admin) = (test.as_user("ada"), test.as_user("ben"), test.as_admin());
    let event_type = ada.event_type(json!({})).await;
    let rule = json!({"timezone": "UTC", "rules": tuesdays("13:00", "14:00"), "user": ada.uri});
    set(&ben, &event_type, rule.clone())
        .await
        .refused(403, "permission_denied");
    let zoe = test.as_foreigner();
    set(&zoe, &event_type, rule.clone())
        .await
        .refused(404, "not_found");
    let reader = test.with_scopes("ada", &["availability:read"]).await;
    let refusal = set(&reader, &event_type, rule.clone()).await;
    let refusal = refusal.refused(403, "insufficient_scope");
    assert_eq!(refusal["required_scopes"], json!(["availability:write"]));
    let set = set(&admin, &event_type, rule).await.resource(200);
    assert_eq!(set["availability_rule"]["user"], json!(ada.uri));
}

async fn other_hosts_go_by_their_default_schedule(test: Test) {
    let (olga, ada) = (test.as_owner(), test.as_user("ada"));
    let fields =
        json!({"pooling_type": "collective", "hosts": [{"user": olga.uri}, {"user": ada.uri}]});
    let event_type = olga.event_type(fields).await;
    let rule = |user: &Value| json!({"timezone": "UTC", "rules": tuesdays("13:00", "14:00"), "user": user});
    let refusal = set(&olga, &event_type, rule(&json!(ada.uri))).await;
    assert_eq!(refusal.mistakes(), ["availability_rule.user not_allowed"]);
    set(&olga, &event_type, rule(&json!(null)))
        .await
        .expect(200);
    assert_eq!(on_tuesday(&olga, &event_type).await, ["13:00", "13:30"]);
    let theirs = json!({"pooling_type": "collective", "hosts": [{"user": ada.uri}]});
    let theirs = olga.event_type(theirs).await;
    let refusal = set(&olga, &theirs, rule(&json!(null))).await;
    assert_eq!(refusal.mistakes(), ["availability_rule.user not_allowed"]);
}

async fn bad_hours_are_refused(test: Test) {
    let ada = test.as_user("ada");
    let event_type = ada.event_type(json!({})).await;
    let past = json!([{"type": "date", "date": "2026-02-28", "intervals": []}]);
    let twice = json!([tuesdays("13:00", "14:00")[0], tuesdays("15:00", "16:00")[0]]);
    let rows = [
        (json!(null), vec!["availability_rule required"]),
        (json!({}), vec!["availability_rule.timezone required"]),
        (
            json!({"timezone": "Nowhere", "rules": 1}),
            vec![
                "availability_rule.timezone unknown_zone",
                "availability_rule.rules wrong_type",
            ],
        ),
        (
            json!({"timezone": "UTC", "rules": past}),
            vec!["availability_rule.rules[0].date in_the_past"],
        ),
        (
            json!({"timezone": "UTC", "rules": twice}),
            vec!["availability_rule.rules invalid_rule"],
        ),
    ];
    for (rule, expected) in rows {
        let refusal = set(&ada, &event_type, rule.clone()).await;
        assert_eq!(refusal.mistakes(), expected, "{rule}");
    }
    let rule = json!({"availability_rule": {"timezone": "UTC"}, "availability_setting": "all"});
    let refusal = ada
        .patch(path(OPERATION, &[("event_type", &event_type)]), rule)
        .await;
    assert_eq!(refusal.mistakes(), ["availability_setting unknown_value"]);
    let body = json!({"availability_rule": {"timezone": "UTC"}});
    assert_eq!(
        ada.patch(OPERATION, body).await.mistakes(),
        ["event_type required"]
    );
    let nothing = format!("{BASE}/event_types/{NOTHING}");
    set(&ada, &nothing, json!({"timezone": "UTC"}))
        .await
        .refused(404, "not_found");
}
