//! Event types with several hosts: what is shown of them, and how their memberships live on.

use domain::id::{EventTypeId, OrganizationId, UserId};
use serde_json::{Value, json};
use store::event_type_memberships::{self, EventTypeMembership};
use tokio::task::JoinSet;

use crate::{
    caller::{Caller, id, path, text, uri},
    harness::{BASE, Test},
};

on_both_engines! {
    hosts_are_shown_as_they_were_named,
    a_host_who_stays_keeps_the_membership,
    a_removed_host_counts_as_not_there,
    memberships_come_in_pages_in_their_order,
    the_only_host_is_the_owner_where_there_is_no_pooling,
    the_hours_of_each_host_are_shown,
    event_types_are_found_by_those_who_host_them,
}

on_all_deployments! {
    of_edits_at_once_one_is_whole,
}

/// A pooled event type of the caller with these hosts.
pub async fn pooled(caller: &Caller, pooling: &str, hosts: Value) -> String {
    let fields = json!({"pooling_type": pooling, "hosts": hosts});
    caller.event_type(fields).await
}

/// What an answer says of a host.
fn host(caller: &Caller, name: &str, more: &Value) -> Value {
    let mut host = json!({"user": caller.uri, "user_name": name, "priority": 50, "weight": 1, "pool": null, "fixed": false});
    for (field, value) in more.as_object().unwrap() {
        host[field] = value.clone();
    }
    host
}

/// The users of the hosts in an answer.
pub fn users(event_type: &Value) -> Vec<String> {
    let hosts = event_type["hosts"].as_array().unwrap();
    hosts.iter().map(|host| text(&host["user"])).collect()
}

async fn memberships(caller: &Caller, event_type: &str) -> Vec<Value> {
    let path = path("/event_type_memberships", &[("event_type", event_type)]);
    caller.get(path).await.collection()
}

async fn hosts_are_shown_as_they_were_named(test: Test) {
    let (olga, ada, ben) = (test.as_owner(), test.as_user("ada"), test.as_user("ben"));
    let body = json!({
        "owner": olga.uri, "name": "Support", "pooling_type": "multi_pool",
        "requires_confirmation": true,
        "hosts": [
            {"user": ben.uri, "pool": "Sales", "priority": 0, "weight": 100},
            {"user": olga.uri, "fixed": true},
            {"user": ada.uri, "pool": "Engineers"},
        ],
    });
    let made = olga.post("/event_types", body).await.resource(201);
    let hosts = json!([
        host(
            &ben,
            "ben",
            &json!({"pool": "Sales", "priority": 0, "weight": 100})
        ),
        host(&olga, "olga", &json!({"fixed": true})),
        host(&ada, "ada", &json!({"pool": "Engineers"})),
    ]);
    let shown = json!([
        made["kind"],
        made["pooling_type"],
        made["capacity"],
        made["requires_confirmation"],
        made["confirmation_minutes"],
        made["hosts"]
    ]);
    assert_eq!(shown, json!(["solo", "multi_pool", 1, true, 1440, hosts]));
    assert_eq!(made["profile"]["owner"], olga.uri);
    let event_type = uri(&made);
    assert_eq!(ada.get(&event_type).await.resource(200), made);
    // with collective everybody takes part
    let all = json!({"pooling_type": "collective", "hosts": [{"user": ada.uri, "fixed": false}, {"user": ben.uri}]});
    let edited = olga.patch(&event_type, all).await.resource(200);
    let fixed = json!({"fixed": true});
    let hosts = json!([host(&ada, "ada", &fixed), host(&ben, "ben", &fixed)]);
    assert_eq!(edited["hosts"], hosts);
    // without pooling the owner is left
    let edited = olga.patch(&event_type, json!({"pooling_type": null}));
    let edited = edited.await.resource(200);
    assert_eq!(edited["pooling_type"], json!(null));
    assert_eq!(edited["hosts"], json!([host(&olga, "olga", &fixed)]));
}

async fn a_host_who_stays_keeps_the_membership(test: Test) {
    let (olga, ada, ben) = (test.as_owner(), test.as_user("ada"), test.as_user("ben"));
    let event_type = pooled(
        &olga,
        "round_robin",
        json!([{"user": ada.uri}, {"user": ben.uri}]),
    )
    .await;
    let before = memberships(&olga, &event_type).await;
    let hosts = json!([{"user": ben.uri, "weight": 3}, {"user": olga.uri}]);
    let edit = json!({"hosts": hosts});
    olga.patch(&event_type, edit.clone()).await.expect(200);
    let after = memberships(&olga, &event_type).await;
    assert_eq!(after[0]["uri"], before[1]["uri"]);
    assert_eq!(after[0]["created_at"], before[1]["created_at"]);
    assert_ne!(after[0]["updated_at"], before[1]["updated_at"]);
    assert!(before.iter().all(|row| row["uri"] != after[1]["uri"]));
    // what is said again changes nothing
    olga.patch(&event_type, edit).await.expect(200);
    let again = memberships(&olga, &event_type).await;
    assert_eq!(again[0]["updated_at"], after[0]["updated_at"]);
    assert_eq!(again[1]["uri"], after[1]["uri"]);
}

/// The hosts of an event type in the database.
async fn stored(test: &Test, event_type: &str) -> Vec<EventTypeMembership> {
    let tx = test.app.store.read().await.unwrap();
    let of = |uri: &str| id(uri).parse().unwrap();
    let organization = OrganizationId(of(&test.organization));
    let event_type = EventTypeId(of(event_type));
    let rows = event_type_memberships::of_event_type(&tx, organization, event_type).await;
    rows.unwrap()
}

async fn a_removed_host_counts_as_not_there(test: Test) {
    let (olga, ada, ben) = (test.as_owner(), test.as_user("ada"), test.as_user("ben"));
    let event_type = pooled(
        &olga,
        "round_robin",
        json!([{"user": ada.uri}, {"user": ben.uri}]),
    )
    .await;
    olga.delete(&ben.uri).await.expect(204);
    let shown = olga.get(&event_type).await.resource(200);
    assert_eq!(users(&shown), std::slice::from_ref(&ada.uri));
    assert_eq!(memberships(&olga, &event_type).await.len(), 1);
    assert_eq!(stored(&test, &event_type).await.len(), 2);
    let hosts = json!({"hosts": [{"user": ada.uri}, {"user": ben.uri}]});
    let answer = olga.patch(&event_type, hosts).await;
    assert_eq!(answer.mistakes(), ["hosts[1].user not_found"]);
    olga.delete(&ada.uri).await.expect(204);
    // nobody is left, and everything else can still be edited
    let edited = olga.patch(&event_type, json!({"name": "Other"})).await;
    assert_eq!(edited.resource(200)["hosts"], json!([]));
    let answer = olga.patch(&event_type, json!({"pooling_type": "collective"}));
    assert_eq!(answer.await.mistakes(), ["hosts required"]);
    olga.patch(&event_type, json!({"pooling_type": null}))
        .await
        .expect(200);
    assert_eq!(stored(&test, &event_type).await, []);
}

async fn memberships_come_in_pages_in_their_order(test: Test) {
    let (olga, amir, ada, ben) = (
        test.as_owner(),
        test.as_admin(),
        test.as_user("ada"),
        test.as_user("ben"),
    );
    let order = [&ben, &olga, &amir, &ada];
    let hosts: Vec<Value> = order.iter().map(|host| json!({"user": host.uri})).collect();
    let event_type = pooled(&olga, "round_robin", json!(hosts)).await;
    let whole = ada.get(&event_type).await.resource(200);
    let query = [("event_type", event_type.as_str()), ("count", "3")];
    let first = ada
        .get(path("/event_type_memberships", &query))
        .await
        .expect(200);
    let next = text(&first["pagination"]["next_page"]);
    let second = ada.get(next).await.expect(200);
    assert_eq!(second["pagination"]["next_page"], json!(null));
    let back = text(&second["pagination"]["previous_page"]);
    assert_eq!(
        ada.get(back).await.expect(200)["collection"],
        first["collection"]
    );
    let rows = [&first, &second].map(|page| page["collection"].as_array().unwrap().clone());
    let rows = rows.concat();
    assert_eq!(rows.len(), 4);
    for (row, host) in rows.iter().zip(order) {
        let expected = json!({
            "uri": row["uri"],
            "event_type": whole,
            "member": host.get(&host.uri).await.resource(200),
            "created_at": row["created_at"],
            "updated_at": row["created_at"],
        });
        assert_eq!(*row, expected);
        assert!(text(&row["uri"]).starts_with(&format!("{BASE}/event_type_memberships/")));
    }
    let query = [("event_type", event_type.as_str())];
    let path = path("/event_type_memberships", &query);
    test.as_foreigner()
        .get(path)
        .await
        .refused(404, "not_found");
}

async fn the_only_host_is_the_owner_where_there_is_no_pooling(test: Test) {
    let (ada, ben) = (test.as_user("ada"), test.as_user("ben"));
    let event_type = ada.event_type(json!({})).await;
    let whole = ben.get(&event_type).await.resource(200);
    assert_eq!(
        whole["hosts"],
        json!([host(&ada, "ada", &json!({"fixed": true}))])
    );
    let expected = json!([{
        "uri": format!("{BASE}/event_type_memberships/{}", id(&event_type)),
        "event_type": whole,
        "member": ben.get(&ada.uri).await.resource(200),
        "created_at": whole["created_at"],
        "updated_at": whole["updated_at"],
    }]);
    assert_eq!(json!(memberships(&ben, &event_type).await), expected);
}

async fn the_hours_of_each_host_are_shown(test: Test) {
    let (amir, ada, ben) = (test.as_admin(), test.as_user("ada"), test.as_user("ben"));
    let schedule = json!({"name": "Mine", "timezone": "UTC", "rules": []});
    let schedule = ada.post("/user_availability_schedules", schedule).await;
    let schedule = uri(&schedule.resource(201));
    let body = json!({
        "owner": ada.uri, "name": "x", "availability_schedule": schedule, "pooling_type": "collective",
        "hosts": [{"user": ben.uri}, {"user": ada.uri}],
    });
    let event_type = uri(&amir.post("/event_types", body).await.resource(201));
    let query = [("event_type", event_type.as_str())];
    let answer = ben
        .get(path("/event_type_availability_schedules", &query))
        .await;
    let of = |row: &Value| {
        [
            text(&row["availability_rule"]["user"]),
            text(&row["availability_rule"]["uri"]),
        ]
    };
    let rows: Vec<_> = answer.collection().iter().map(of).collect();
    let expected = [
        [ben.uri.clone(), ben.default_schedule().await],
        [ada.uri.clone(), schedule.clone()],
    ];
    assert_eq!(rows, expected);
    assert_eq!(answer.expect(200)["pagination"]["count"], 2);
}

async fn event_types_are_found_by_those_who_host_them(test: Test) {
    let (olga, ada, ben) = (test.as_owner(), test.as_user("ada"), test.as_user("ben"));
    let own = ada.event_type(json!({"name": "B"})).await;
    let body = json!({"name": "A", "pooling_type": "collective", "hosts": [{"user": ada.uri}, {"user": olga.uri}]});
    let hosted = olga.event_type(body).await;
    let of = async |query: &[(&str, &str)]| -> Vec<String> {
        let rows = olga.get(path("/event_types", query)).await.collection();
        rows.iter().map(uri).collect()
    };
    assert_eq!(
        of(&[("user", &ada.uri)]).await,
        [hosted.clone(), own.clone()]
    );
    assert_eq!(
        of(&[("user", &olga.uri)]).await,
        std::slice::from_ref(&hosted)
    );
    assert!(of(&[("user", &ben.uri)]).await.is_empty());
    // page by page, each once
    let query = [("user", ada.uri.as_str()), ("count", "1")];
    let first = olga.get(path("/event_types", &query)).await.expect(200);
    let second = olga
        .get(text(&first["pagination"]["next_page"]))
        .await
        .expect(200);
    assert_eq!(uri(&second["collection"][0]), own);
    assert_eq!(second["pagination"]["next_page"], json!(null));
    // a host goes by the default schedule
    let schedule = ada.default_schedule().await;
    let query = [
        ("user", ada.uri.as_str()),
        ("user_availability_schedule", &schedule),
    ];
    assert_eq!(of(&query).await, [hosted, own]);
}

async fn of_edits_at_once_one_is_whole(test: Test) {
    let (olga, ada, ben) = (test.as_owner(), test.as_user("ada"), test.as_user("ben"));
    let event_type = pooled(&olga, "round_robin", json!([{"user": ada.uri}])).await;
    let pairs = [[&ada, &ben], [&ben, &olga], [&olga, &ada]];
    let mut edits = JoinSet::new();
    for number in 0..12 {
        let hosts: Vec<Value> = pairs[number % 3]
            .iter()
            .map(|host| json!({"user": host.uri, "weight": number + 1}))
            .collect();
        let (olga, event_type) = (olga.clone(), event_type.clone());
        edits.spawn(async move { olga.patch(event_type, json!({"hosts": hosts})).await });
    }
    for edit in edits.join_all().await {
        edit.expect(200);
    }
    let rows = stored(&test, &event_type).await;
    let of = |caller: &Caller| UserId(id(&caller.uri).parse().unwrap());
    let number = usize::try_from(rows[0].weight).unwrap() - 1;
    let hosts: Vec<UserId> = rows.iter().map(|row| row.user_id).collect();
    assert_eq!(hosts, pairs[number % 3].map(of));
    assert_eq!(rows[0].weight, rows[1].weight);
}
