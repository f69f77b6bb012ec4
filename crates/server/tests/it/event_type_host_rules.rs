//! Which settings about hosts and invitees go together, and who may name whom.

use domain::id::UserId;
use serde_json::{Value, json};
use store::{Command, WriteError, WriteTx, args};

use crate::{
    caller::{id, path, uri},
    event_type_hosts::{pooled, users},
    harness::{BASE, NOTHING, Test},
};

on_both_engines! {
    what_does_not_go_together_is_named_all_at_once,
    an_edit_is_checked_as_the_whole_it_leads_to,
    a_group_takes_up_to_its_capacity,
    a_confirmation_has_its_time,
    nobody_but_an_administrator_gives_work_to_others,
    a_room_may_host_but_not_alone,
}

async fn what_does_not_go_together_is_named_all_at_once(test: Test) {
    let (olga, ada, ben) = (test.as_owner(), test.as_user("ada"), test.as_user("ben"));
    let zoe = test.as_foreigner();
    let nobody = format!("{BASE}/users/{NOTHING}");
    let many: Vec<Value> = (0..101).map(|_| json!({"user": ada.uri})).collect();
    let rows = [
        (
            json!({"pooling_type": "round_robin"}),
            vec!["hosts required"],
        ),
        (
            json!({"pooling_type": "all"}),
            vec!["pooling_type unknown_value"],
        ),
        (
            json!({"hosts": [{"user": ada.uri}]}),
            vec!["pooling_type required"],
        ),
        (
            json!({"pooling_type": "collective", "hosts": []}),
            vec!["hosts too_few"],
        ),
        (
            json!({"pooling_type": "collective", "hosts": many}),
            vec!["hosts too_many"],
        ),
        (
            json!({"pooling_type": "collective", "hosts": [{"user": ada.uri, "role": "x"}]}),
            vec!["hosts[0].role unknown_field"],
        ),
        (
            json!({"pooling_type": "collective", "hosts": [{"priority": 101, "weight": 0, "pool": "", "fixed": 1}]}),
            vec![
                "hosts[0].user required",
                "hosts[0].priority out_of_range",
                "hosts[0].weight out_of_range",
                "hosts[0].pool required",
                "hosts[0].fixed wrong_type",
            ],
        ),
        (
            json!({"pooling_type": "collective", "hosts": [{"user": ada.uri}, {"user": nobody}, {"user": zoe.uri}, {"user": ada.uri, "pool": "A"}]}),
            vec![
                "hosts[1].user not_found",
                "hosts[2].user not_found",
                "hosts[3].user duplicate",
                "hosts[3].pool not_allowed",
            ],
        ),
        (
            json!({"pooling_type": "round_robin", "hosts": [{"user": ada.uri, "fixed": true}, {"user": ben.uri, "fixed": true}]}),
            vec!["hosts invalid_hosts"],
        ),
        (
            json!({"pooling_type": "round_robin", "hosts": [{"user": ada.uri, "pool": "A"}]}),
            vec!["hosts[0].pool not_allowed"],
        ),
        (
            json!({"pooling_type": "multi_pool", "hosts": [{"user": ada.uri}, {"user": ben.uri, "pool": "A", "fixed": true}]}),
            vec!["hosts[0].pool required", "hosts[1].pool not_allowed"],
        ),
        (
            json!({"pooling_type": "multi_pool", "hosts": [{"user": ada.uri, "fixed": true}]}),
            vec!["hosts invalid_hosts"],
        ),
        (json!({"capacity": 2}), vec!["capacity not_allowed"]),
        (json!({"kind": "group"}), vec!["capacity out_of_range"]),
        (
            json!({"kind": "group", "capacity": 1}),
            vec!["capacity out_of_range"],
        ),
        (
            json!({"kind": "group", "capacity": 1001}),
            vec!["capacity out_of_range"],
        ),
        (json!({"kind": "pair"}), vec!["kind unknown_value"]),
        (
            json!({"kind": "group", "capacity": 5, "pooling_type": "round_robin", "hosts": [{"user": ada.uri}], "requires_confirmation": true}),
            vec![
                "pooling_type not_allowed",
                "requires_confirmation not_allowed",
            ],
        ),
        (
            json!({"confirmation_minutes": 4}),
            vec!["confirmation_minutes out_of_range"],
        ),
        (
            json!({"confirmation_minutes": 10_081}),
            vec!["confirmation_minutes out_of_range"],
        ),
        (
            json!({"confirmation_minutes": 60, "requires_confirmation": false}),
            vec!["confirmation_minutes not_allowed"],
        ),
    ];
    let event_type = olga.event_type(json!({})).await;
    let before = olga.get(&event_type).await.resource(200);
    for (fields, mistakes) in rows {
        let mut body = json!({"owner": olga.uri, "name": "x"});
        body.as_object_mut()
            .unwrap()
            .extend(fields.as_object().unwrap().clone());
        let answer = olga.post("/event_types", body).await;
        assert_eq!(answer.mistakes(), mistakes, "POST {fields}");
        let answer = olga.patch(&event_type, fields.clone()).await;
        assert_eq!(answer.mistakes(), mistakes, "PATCH {fields}");
    }
    assert_eq!(olga.get(&event_type).await.resource(200), before);
    let query = [("organization", test.organization.as_str())];
    let all = olga.get(path("/event_types", &query)).await.collection();
    assert_eq!(all, [before]);
}

async fn an_edit_is_checked_as_the_whole_it_leads_to(test: Test) {
    let (olga, ada, ben) = (test.as_owner(), test.as_user("ada"), test.as_user("ben"));
    let hosts = json!([{"user": ada.uri}, {"user": ben.uri, "fixed": true}]);
    let event_type = pooled(&olga, "round_robin", hosts).await;
    let before = olga.get(&event_type).await.resource(200);
    for (changes, mistake) in [
        (
            json!({"pooling_type": "multi_pool"}),
            "hosts[0].pool required",
        ),
        (
            json!({"kind": "group", "capacity": 9}),
            "pooling_type not_allowed",
        ),
        (
            json!({"hosts": [{"user": ben.uri, "fixed": true}]}),
            "hosts invalid_hosts",
        ),
        (
            json!({"pooling_type": null, "hosts": [{"user": ben.uri}]}),
            "pooling_type required",
        ),
    ] {
        let answer = olga.patch(&event_type, changes).await;
        assert_eq!(answer.mistakes(), [mistake]);
    }
    assert_eq!(olga.get(&event_type).await.resource(200), before);
    // the hosts stay where an edit does not name them
    let edited = olga.patch(&event_type, json!({"name": "Other"})).await;
    assert_eq!(edited.resource(200)["hosts"], before["hosts"]);
    let edited = olga.patch(
        &event_type,
        json!({"pooling_type": "collective", "kind": "group", "capacity": 9}),
    );
    let edited = edited.await.resource(200);
    assert_eq!(users(&edited), users(&before));
    assert_eq!(
        json!([edited["kind"], edited["capacity"]]),
        json!(["group", 9])
    );
}

async fn a_group_takes_up_to_its_capacity(test: Test) {
    let ada = test.as_user("ada");
    let event_type = ada
        .event_type(json!({"kind": "group", "capacity": 12}))
        .await;
    let shown = |event_type: Value| {
        json!([
            event_type["kind"],
            event_type["capacity"],
            event_type["pooling_type"]
        ])
    };
    let group = ada.get(&event_type).await.resource(200);
    assert_eq!(shown(group), json!(["group", 12, null]));
    let edited = ada.patch(&event_type, json!({"capacity": 1000})).await;
    assert_eq!(shown(edited.resource(200)), json!(["group", 1000, null]));
    let edited = ada.patch(&event_type, json!({"kind": "solo"})).await;
    assert_eq!(shown(edited.resource(200)), json!(["solo", 1, null]));
}

async fn a_confirmation_has_its_time(test: Test) {
    let ada = test.as_user("ada");
    let event_type = ada.event_type(json!({"confirmation_minutes": 30})).await;
    for (changes, shown) in [
        (json!({}), json!([true, 30])),
        (json!({"requires_confirmation": true}), json!([true, 30])),
        (
            json!({"confirmation_minutes": 10_080}),
            json!([true, 10_080]),
        ),
        (
            json!({"requires_confirmation": false}),
            json!([false, null]),
        ),
        (json!({"requires_confirmation": true}), json!([true, 1440])),
        (
            json!({"requires_confirmation": true, "confirmation_minutes": 5}),
            json!([true, 5]),
        ),
    ] {
        let edited = ada.patch(&event_type, changes).await.resource(200);
        let now = json!([
            edited["requires_confirmation"],
            edited["confirmation_minutes"]
        ]);
        assert_eq!(now, shown);
    }
}

async fn nobody_but_an_administrator_gives_work_to_others(test: Test) {
    let (amir, ada, ben) = (test.as_admin(), test.as_user("ada"), test.as_user("ben"));
    let body = |hosts: Value| json!({"owner": ada.uri, "name": "x", "pooling_type": "collective", "hosts": hosts});
    let both = json!([{"user": ada.uri}, {"user": ben.uri}]);
    ada.post("/event_types", body(both.clone()))
        .await
        .refused(403, "permission_denied");
    ada.post("/event_types", body(json!([{"user": ada.uri}])))
        .await
        .expect(201);
    let event_type = amir.post("/event_types", body(both)).await.resource(201);
    let event_type = uri(&event_type);
    // who hosts already may stay and may go
    let hosts = json!({"hosts": [{"user": ben.uri}]});
    ada.patch(&event_type, hosts).await.expect(200);
    ada.patch(
        &event_type,
        json!({"hosts": [{"user": ben.uri}, {"user": amir.uri}]}),
    )
    .await
    .refused(403, "permission_denied");
    ada.patch(&event_type, json!({"hosts": [{"user": ada.uri}]}))
        .await
        .expect(200);
    ada.patch(&event_type, json!({"hosts": [{"user": ben.uri}]}))
        .await
        .refused(403, "permission_denied");
    // a host is no owner
    amir.patch(&event_type, json!({"hosts": [{"user": ben.uri}]}))
        .await
        .expect(200);
    ben.patch(&event_type, json!({"pooling_type": null}))
        .await
        .refused(403, "permission_denied");
}

/// Makes a room of a user.
struct MakeRoom(UserId);

impl Command for MakeRoom {
    type Output = ();
    type Refusal = std::convert::Infallible;

    async fn run(&self, tx: &WriteTx<'_>) -> Result<(), WriteError<Self::Refusal>> {
        let sql = "update users set kind = 'resource' where id = $1";
        tx.execute(sql, args![self.0.0]).await?;
        Ok(())
    }
}

async fn a_room_may_host_but_not_alone(test: Test) {
    let (ada, room) = (test.as_user("ada"), test.as_user("ben"));
    let user = UserId(id(&room.uri).parse().unwrap());
    test.app
        .store
        .unrecorded()
        .write(MakeRoom(user))
        .await
        .unwrap();
    let hosts = json!([{"user": ada.uri}, {"user": room.uri}]);
    let event_type = pooled(&ada, "collective", hosts).await;
    let answer = ada.patch(&event_type, json!({"hosts": [{"user": room.uri}]}));
    assert_eq!(answer.await.mistakes(), ["hosts invalid_hosts"]);
}
