//! Round robin and pools: a meeting is on offer while somebody of each pool is free, and takes only their time.

use serde_json::json;

use crate::{
    caller::every_day,
    harness::Test,
    pooled_hosts::{blocked, booked, held_by, hosted, newcomer, on_day},
};

on_both_engines! {
    round_robin_is_on_offer_while_anybody_is_free,
    a_fixed_host_always_takes_part,
    of_each_pool_one_takes_part,
}

async fn round_robin_is_on_offer_while_anybody_is_free(test: Test) {
    let (ada, ben) = (test.as_user("ada"), test.as_user("ben"));
    ada.set_hours("UTC", every_day(&[("09:00", "11:00")])).await;
    ben.set_hours("UTC", every_day(&[("10:00", "12:00")])).await;
    let hosts = json!([{"user": ada.uri}, {"user": ben.uri}]);
    let event_type = hosted(&test, "round_robin", hosts, json!({})).await;
    let day = "2026-03-03";
    let all = ["09:00", "09:30", "10:00", "10:30", "11:00", "11:30"];
    assert_eq!(on_day(&ada, &event_type, day).await, all);
    for (start, host) in [("09:00", "ada"), ("11:30", "ben")] {
        let event = booked(&ada, &event_type, &format!("{day}T{start}:00Z")).await;
        assert_eq!(held_by(&test, &event).await, [host]);
    }
    let mut both = Vec::new();
    for _ in 0..2 {
        assert!(
            on_day(&ada, &event_type, day)
                .await
                .contains(&"10:00".to_owned())
        );
        let event = booked(&ada, &event_type, "2026-03-03T10:00:00Z").await;
        both.extend(held_by(&test, &event).await);
    }
    both.sort();
    assert_eq!(both, ["ada", "ben"]);
    let left = ["09:30", "10:30", "11:00"];
    assert_eq!(on_day(&ada, &event_type, day).await, left);
    ada.book(&event_type, "2026-03-03T10:00:00Z")
        .await
        .refused(409, "time_taken");
}

async fn a_fixed_host_always_takes_part(test: Test) {
    let (olga, ada, ben) = (test.as_owner(), test.as_user("ada"), test.as_user("ben"));
    olga.set_hours("UTC", every_day(&[("09:00", "10:00")]))
        .await;
    let hosts = json!([{"user": ada.uri}, {"user": olga.uri, "fixed": true}, {"user": ben.uri}]);
    let event_type = hosted(&test, "round_robin", hosts, json!({})).await;
    let mut others = Vec::new();
    for start in ["2026-03-03T09:00:00Z", "2026-03-03T09:30:00Z"] {
        let hosts = held_by(&test, &booked(&ada, &event_type, start).await).await;
        assert_eq!((hosts.len(), hosts[0].as_str()), (2, "olga"));
        others.extend(hosts.into_iter().skip(1));
        // the other of the two is free, but not the fixed one
        ada.book(&event_type, start)
            .await
            .refused(409, "time_taken");
    }
    others.sort();
    assert_eq!(others, ["ada", "ben"]);
    assert!(on_day(&ada, &event_type, "2026-03-03").await.is_empty());
}

async fn of_each_pool_one_takes_part(test: Test) {
    let (ada, ben, cleo) = (
        test.as_user("ada"),
        test.as_user("ben"),
        newcomer(&test, "cleo", "person").await,
    );
    for (host, from, to) in [
        (&ada, "10:00", "12:00"),
        (&ben, "10:10", "12:00"),
        (&cleo, "09:00", "11:00"),
    ] {
        host.set_hours("UTC", every_day(&[(from, to)])).await;
    }
    let hosts = json!([
        {"user": ada.uri, "pool": "Sales"},
        {"user": ben.uri, "pool": "Engineers"},
        {"user": cleo.uri, "pool": "Engineers", "priority": 100},
    ]);
    let event_type = hosted(&test, "multi_pool", hosts, json!({})).await;
    // with cleo from 10:00 until 11:00, with ben from 10:10 until 12:00, every 30 minutes
    let starts = ["10:00", "10:10", "10:30", "10:40", "11:10"];
    assert_eq!(on_day(&ada, &event_type, "2026-03-03").await, starts);
    let rows = [
        ("2026-03-03T10:00:00Z", "cleo"),
        // cleo has priority and time, but not on the grid that begins at 10:10
        ("2026-03-04T10:10:00Z", "ben"),
        ("2026-03-05T10:30:00Z", "cleo"),
        ("2026-03-06T11:10:00Z", "ben"),
    ];
    for (start, engineer) in rows {
        let event = booked(&ada, &event_type, start).await;
        let mut hosts = held_by(&test, &event).await;
        hosts.sort();
        assert_eq!(hosts, ["ada", engineer], "{start}");
        ben.book(&event_type, start)
            .await
            .refused(409, "time_taken");
    }
    // without engineers there is nothing, whoever of sales is free
    for host in [&ben, &cleo] {
        blocked(host, "2026-03-09T00:00:00Z", "2026-03-10T00:00:00Z").await;
    }
    assert!(on_day(&ada, &event_type, "2026-03-09").await.is_empty());
}
