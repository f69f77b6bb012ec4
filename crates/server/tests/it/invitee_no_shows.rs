//! `/invitee_no_shows`: marking invitees who did not come.

use serde_json::json;

use crate::{
    caller::{Answer, Caller, text, uri},
    harness::{BASE, NOTHING, Test},
    races::at_once,
};

on_both_engines! {
    a_mark_is_set_shown_and_taken_back,
    the_hosts_and_administrators_mark,
    what_cannot_be_marked_is_refused,
    a_mark_stays_with_the_meeting_that_was_missed,
    a_mark_is_set_once_with_a_key,
}

on_all_deployments! {
    an_invitee_has_one_mark,
}

async fn booked(caller: &Caller) -> String {
    let event_type = caller.event_type(json!({})).await;
    let booked = caller.book(&event_type, "2026-03-03T10:00:00Z").await;
    uri(&booked.resource(201))
}

async fn mark(caller: &Caller, invitee: &str) -> Answer {
    let body = json!({"invitee": invitee});
    caller.post("/invitee_no_shows", body).await
}

async fn a_mark_is_set_shown_and_taken_back(test: Test) {
    let ada = test.as_user("ada");
    let invitee = booked(&ada).await;
    let marked = mark(&ada, &invitee).await.resource(201);
    let expected = json!({
        "uri": marked["uri"],
        "invitee": invitee,
        "created_at": marked["created_at"],
    });
    assert_eq!(marked, expected);
    assert!(uri(&marked).starts_with(&format!("{BASE}/invitee_no_shows/")));
    assert_eq!(ada.get(uri(&marked)).await.resource(200), marked);
    let shown = ada.get(&invitee).await.resource(200);
    let link = json!({"uri": marked["uri"], "created_at": marked["created_at"]});
    assert_eq!(shown["no_show"], link);
    assert_eq!(shown["updated_at"], marked["created_at"]);
    assert_eq!(shown["status"], "active");
    // once more is the same mark, whatever the host and the way to say it
    let again = format!("/invitees/{}", crate::caller::id(&invitee));
    for invitee in [again, invitee.replace(BASE, "https://api.calendly.com")] {
        assert_eq!(mark(&ada, &invitee).await.resource(201), marked);
    }
    ada.delete(uri(&marked)).await.expect(204);
    assert_eq!(
        ada.get(&invitee).await.resource(200)["no_show"],
        json!(null)
    );
    ada.get(uri(&marked)).await.refused(404, "not_found");
    ada.delete(uri(&marked)).await.refused(404, "not_found");
    let other = mark(&ada, &invitee).await.resource(201);
    assert_ne!(other["uri"], marked["uri"]);
}

async fn the_hosts_and_administrators_mark(test: Test) {
    let (ada, ben) = (test.as_user("ada"), test.as_user("ben"));
    let invitee = booked(&ada).await;
    mark(&ben, &invitee).await.refused(403, "permission_denied");
    let marked = uri(&mark(&test.as_admin(), &invitee).await.resource(201));
    ben.get(&marked).await.refused(403, "permission_denied");
    ben.delete(&marked).await.refused(403, "permission_denied");
    let zoe = test.as_foreigner();
    mark(&zoe, &invitee).await.refused(404, "not_found");
    zoe.get(&marked).await.refused(404, "not_found");
    zoe.delete(&marked).await.refused(404, "not_found");
    let reader = test.with_scopes("ada", &["scheduled_events:read"]).await;
    reader.get(&marked).await.expect(200);
    for refused in [mark(&reader, &invitee).await, reader.delete(&marked).await] {
        let refusal = refused.refused(403, "insufficient_scope");
        assert_eq!(
            refusal["required_scopes"],
            json!(["scheduled_events:write"])
        );
    }
    ada.delete(&marked).await.expect(204);
}

async fn what_cannot_be_marked_is_refused(test: Test) {
    let ada = test.as_user("ada");
    let invitee = booked(&ada).await;
    let refusal = ada.post("/invitee_no_shows", json!({})).await;
    assert_eq!(refusal.mistakes(), ["invitee required"]);
    assert_eq!(
        mark(&ada, "nobody").await.mistakes(),
        ["invitee invalid_uri"]
    );
    let nobody = format!("{BASE}/scheduled_events/{NOTHING}/invitees/{NOTHING}");
    let refusal = mark(&ada, &nobody).await.refused(404, "not_found");
    assert_eq!(refusal["details"][0]["parameter"], "invitee");
    let (event, _) = invitee.split_once("/invitees").unwrap();
    ada.post(format!("{event}/cancellation"), json!({}))
        .await
        .expect(201);
    assert_eq!(mark(&ada, &invitee).await.mistakes(), ["invitee canceled"]);
}

async fn a_mark_stays_with_the_meeting_that_was_missed(test: Test) {
    let ada = test.as_user("ada");
    let invitee = booked(&ada).await;
    let marked = mark(&ada, &invitee).await.resource(201);
    let (event, _) = invitee.split_once("/invitees").unwrap();
    let other = json!({"start_time": "2026-03-04T10:00:00Z"});
    ada.post(format!("{event}/rescheduling"), other)
        .await
        .expect(201);
    let old = ada.get(&invitee).await.resource(200);
    assert_eq!(old["no_show"]["uri"], marked["uri"]);
    let new = ada.get(text(&old["new_invitee"])).await.resource(200);
    assert_eq!(new["no_show"], json!(null));
    // the one who was moved away keeps the mark that is there, and gets no other one
    assert_eq!(mark(&ada, &invitee).await.resource(201), marked);
    ada.delete(uri(&marked)).await.expect(204);
    assert_eq!(mark(&ada, &invitee).await.mistakes(), ["invitee canceled"]);
    mark(&ada, &uri(&new)).await.expect(201);
}

async fn a_mark_is_set_once_with_a_key(test: Test) {
    let ada = test.as_user("ada");
    let body = json!({"invitee": booked(&ada).await});
    let first = ada.post_once("/invitee_no_shows", "key", &body).await;
    let marked = uri(&first.resource(201));
    ada.delete(&marked).await.expect(204);
    let again = ada.post_once("/invitee_no_shows", "key", &body).await;
    assert_eq!(again.body, first.body);
    ada.get(&marked).await.refused(404, "not_found");
}

async fn an_invitee_has_one_mark(test: Test) {
    let ada = test.as_user("ada");
    let invitee = booked(&ada).await;
    let request = |_| {
        let (ada, invitee) = (ada.clone(), invitee.clone());
        async move { mark(&ada, &invitee).await }
    };
    let answers = at_once((0..24).map(request)).await;
    let first = answers[0].resource(201);
    for answer in &answers {
        assert_eq!(answer.resource(201), first);
    }
}
