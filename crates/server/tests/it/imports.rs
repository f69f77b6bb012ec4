//! `fasti import calendly`, with another Fasti as the source: what comes over is what was there.

use std::collections::HashMap;

use axum::{Json, http::StatusCode, response::IntoResponse};
use serde_json::json;

use crate::{
    caller::{booking, id, path, text, uri},
    harness::Test,
    import_account::filled,
    import_source::{Source, Target, everything, renamed, status},
};

on_both_engines! {
    an_account_comes_over_as_it_is,
    what_changed_is_followed_and_what_was_edited_here_stays,
    an_import_that_was_cut_off_goes_on,
    a_dry_run_writes_nothing,
    a_source_may_be_busy_but_not_out_of_its_mind,
    what_the_token_may_not_read_is_passed_over,
    people_who_were_here_before_stay_as_they_are,
}

/// Fails unless the target has what the source has.
async fn compare(test: &Test, target: &Target) -> usize {
    let (owner, mut names) = target.opened().await;
    let organization = names.remove("organization").unwrap();
    names.insert(id(&test.organization).to_owned(), organization.clone());
    let there = renamed(
        &everything(&test.as_owner(), &test.organization).await,
        &names,
    );
    let uri = format!("{}/organizations/{organization}", crate::harness::BASE);
    let here = renamed(&everything(&owner, &uri).await, &HashMap::new());
    let mut differences = Vec::new();
    for ((list, there), (list_here, here)) in there.iter().zip(&here) {
        assert_eq!(list, list_here);
        let missing = there.iter().filter(|row| !here.contains(row));
        differences.extend(missing.map(|row| format!("{list} lacks {row}")));
        let strange = here.iter().filter(|row| !there.contains(row));
        differences.extend(strange.map(|row| format!("{list} has {row}")));
        assert_eq!(there.len(), here.len(), "{list}");
    }
    assert!(differences.is_empty(), "{}", differences.join("\n"));
    assert_eq!(there.len(), here.len());
    there.len()
}

async fn an_account_comes_over_as_it_is(test: Test) {
    filled(&test).await;
    let source = Source::of(&test).await;
    let target = Target::like(&test).await;
    let said = Target::summary(&target.import(&source, &[]).await);
    assert!(said.contains("scheduled events: 12 added"), "{said}");
    let lists = compare(&test, &target).await;
    assert!(50 < lists, "{lists} lists");
    // again: nothing twice, nothing written
    let said = Target::summary(&target.import(&source, &[]).await);
    assert!(
        !said.contains("added") && !said.contains("changed,"),
        "{said}"
    );
    compare(&test, &target).await;
    // what takes place blocks the time here
    let (owner, names) = target.opened().await;
    let ada = id(&test.as_user("ada").uri).to_owned();
    let ada = format!("{}/users/{}", crate::harness::BASE, names[&ada]);
    let query = [
        ("user", ada.as_str()),
        ("start_time", "2027-05-04T00:00:00Z"),
        ("end_time", "2027-05-08T00:00:00Z"),
    ];
    assert_eq!(
        owner
            .get(path("/user_busy_times", &query))
            .await
            .collection()
            .len(),
        4
    );
    // nobody is told of what happened elsewhere
    let feed = owner.get("/events_feed?after=0").await.expect(200);
    assert_eq!(feed["collection"], json!([]), "{feed}");
}

async fn what_changed_is_followed_and_what_was_edited_here_stays(test: Test) {
    filled(&test).await;
    let source = Source::of(&test).await;
    let target = Target::like(&test).await;
    Target::summary(&target.import(&source, &[]).await);
    let (owner, names) = target.opened().await;
    let here = |uri: &str| uri.replace(id(uri), &names[id(uri)]);
    let olga = test.as_owner();
    let contacts = crate::import_source::all(&olga, "/contacts".to_owned()).await;
    let (one, other) = (uri(&contacts[0]), uri(&contacts[1]));
    owner
        .patch(here(&one), json!({"company": "Here"}))
        .await
        .expect(200);
    olga.patch(&other, json!({"company": "There"}))
        .await
        .expect(200);
    // a group meeting gets another invitee, another one is canceled
    let ada = test.as_user("ada");
    let types = crate::import_source::all(&ada, path("/event_types", &[("user", &ada.uri)])).await;
    let group = types.iter().find(|it| it["name"] == "Group").unwrap();
    let mut order = booking(&uri(group), "2027-05-06T10:00:00Z");
    order["invitee"]["email"] = json!("late@example.com");
    ada.post("/invitees", order).await.expect(201);
    let events = crate::import_source::all(
        &ada,
        path(
            "/scheduled_events",
            &[
                ("user", &ada.uri),
                ("status", "active"),
                ("min_start_time", "2027-05-07T00:00:00Z"),
            ],
        ),
    )
    .await;
    ada.post(format!("{}/cancellation", uri(&events[0])), json!({}))
        .await
        .expect(201);
    let said = Target::summary(&target.import(&source, &[]).await);
    assert!(
        said.contains("scheduled events: 2 changed, 10 unchanged"),
        "{said}"
    );
    assert!(said.contains("contacts: 1 changed, 3 unchanged"), "{said}");
    assert_eq!(owner.get(here(&one)).await.resource(200)["company"], "Here");
    assert_eq!(
        owner.get(here(&other)).await.resource(200)["company"],
        "There"
    );
    owner
        .patch(here(&one), json!({"company": null}))
        .await
        .expect(200);
    olga.patch(&one, json!({"city": "Erlangen"}))
        .await
        .expect(200);
    Target::summary(&target.import(&source, &[]).await);
    compare(&test, &target).await;
    // what was deleted here stays deleted, also when it changes there
    owner.delete(here(&one)).await;
    olga.patch(&one, json!({"city": "Bryn Mawr"}))
        .await
        .expect(200);
    let said = Target::summary(&target.import(&source, &[]).await);
    assert!(
        said.contains("contacts: 3 unchanged, 1 deleted here"),
        "{said}"
    );
    owner.get(here(&one)).await.expect(404);
}

async fn an_import_that_was_cut_off_goes_on(test: Test) {
    filled(&test).await;
    let source = Source::of(&test).await;
    let target = Target::like(&test).await;
    for requests in [1, 9, 20, 40, 60, 80] {
        source.fails(move |before, _| (requests <= before).then(|| status(500)));
        let output = target.import(&source, &[]).await;
        let errors = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success(), "{requests}: {errors}");
        assert!(
            errors.contains("the source answered 500"),
            "{requests}: {errors}"
        );
    }
    source.works();
    Target::summary(&target.import(&source, &[]).await);
    compare(&test, &target).await;
}

async fn a_dry_run_writes_nothing(test: Test) {
    filled(&test).await;
    let source = Source::of(&test).await;
    let target = Target::like(&test).await;
    let said = Target::summary(&target.import(&source, &["--dry-run", "--verbose"]).await);
    assert!(
        said.contains("scheduled events: 12 would be added"),
        "{said}"
    );
    assert_eq!(
        said.matches("would add /scheduled_events/").count(),
        12,
        "{said}"
    );
    assert!(
        target.store().await.is_ready().await.is_err(),
        "the database was made"
    );
    Target::summary(&target.import(&source, &["--until", "2026-12-31"]).await);
    let said = Target::summary(&target.import(&source, &["--dry-run"]).await);
    assert!(
        said.contains("scheduled events: 10 would be added, 2 unchanged"),
        "{said}"
    );
    let (owner, _) = target.opened().await;
    let mine = owner.get("/organization_memberships").await.collection();
    let events = path(
        "/scheduled_events",
        &[("organization", &text(&mine[0]["organization"]))],
    );
    assert_eq!(owner.get(events).await.collection().len(), 2);
}

async fn a_source_may_be_busy_but_not_out_of_its_mind(test: Test) {
    filled(&test).await;
    let source = Source::of(&test).await;
    let target = Target::like(&test).await;
    // now and then busy, away, or talking nonsense: that passes
    source.fails(|before, _| match before % 11 {
        3 => Some((StatusCode::TOO_MANY_REQUESTS, [("retry-after", "0")]).into_response()),
        6 => Some(status(503)),
        9 => Some("no JSON at all".into_response()),
        _ => None,
    });
    Target::summary(&target.import(&source, &[]).await);
    compare(&test, &target).await;
    let refusal = |output: &std::process::Output| {
        assert!(!output.status.success());
        String::from_utf8_lossy(&output.stderr).into_owned()
    };
    source.works();
    let said = refusal(&target.import_with(&source, "another", &[]).await);
    assert!(said.contains("does not accept the token"), "{said}");
    source.fails(|_, asked| {
        let page = json!({"collection": [], "pagination": {"next_page": "https://elsewhere.example/groups?page_token=x"}});
        asked.starts_with("/groups").then(|| Json(page).into_response())
    });
    let said = refusal(&target.import(&source, &[]).await);
    assert!(
        said.contains("groups: the pages of the list run in a circle"),
        "{said}"
    );
    for body in [
        json!([]),
        json!({"collection": {}}),
        json!({"resource": null}),
    ] {
        source.fails(move |_, asked| {
            asked
                .starts_with("/teams")
                .then(|| Json(body.clone()).into_response())
        });
        let said = refusal(&target.import(&source, &[]).await);
        assert!(said.contains("teams: the answer"), "{said}");
    }
    // rows that are not what they should be are named, and the others come
    source.fails(|_, asked| {
        let rows = json!([{"uri": "https://api.calendly.com/groups/ABC", "name": "Mine", "new_key": {"x": [1]}}, {"uri": 7}, "what", {"uri": "https://api.calendly.com/groups/DEF", "name": null}]);
        asked.starts_with("/groups").then(|| Json(json!({"collection": rows, "pagination": null})).into_response())
    });
    let said = refusal(&target.import(&source, &[]).await);
    assert!(
        said.contains("not brought over: /groups/DEF: name is missing"),
        "{said}"
    );
    assert!(said.contains("3 things were not brought over"), "{said}");
    let (owner, names) = target.opened().await;
    assert!(names.contains_key("ABC"));
    let groups = owner
        .get(path(
            "/groups",
            &[(
                "organization",
                &format!(
                    "{}/organizations/{}",
                    crate::harness::BASE,
                    names["organization"]
                ),
            )],
        ))
        .await;
    assert!(
        groups
            .collection()
            .iter()
            .any(|group| group["name"] == "Mine")
    );
}

async fn what_the_token_may_not_read_is_passed_over(test: Test) {
    filled(&test).await;
    let source = Source::of(&test).await;
    let target = Target::like(&test).await;
    let scopes = ["users:read", "organizations:read", "scheduled_events:read"];
    let narrow = test.with_scopes("olga", &scopes).await;
    let token = narrow.token.clone().unwrap();
    let output = target.import_with(&source, &token, &[]).await;
    let (said, errors) = (
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
    assert!(!output.status.success());
    assert!(
        errors.contains(
            "passed over: contacts: the token may not read it: it lacks the scope contacts:read"
        ),
        "{errors}"
    );
    assert!(errors.contains("passed over: schedules: "), "{errors}");
    // events come all the same, of event types that stand in for those that cannot be read
    assert!(said.contains("scheduled events: 12 added"), "{said}");
    // with more rights the rest comes later
    Target::summary(&target.import(&source, &[]).await);
    // whoever is no administrator brings what is theirs
    let another = Target::like(&test).await;
    let output = another.import_with(&source, "token-of-ben", &[]).await;
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(
        errors.contains("passed over: scheduled events of others"),
        "{errors}"
    );
    for private in ["example.com", "emmy", "Noether"] {
        assert!(!errors.contains(private), "{private}: {errors}");
    }
}

async fn people_who_were_here_before_stay_as_they_are(test: Test) {
    filled(&test).await;
    let source = Source::of(&test).await;
    let target = Target::like(&test).await;
    let folder = crate::process::Folder::new();
    let user = [
        "user",
        "create",
        "--name",
        "Olga herself",
        "--email",
        "OLGA@example.com",
        "--owner",
        "--database",
        target.database.url(),
    ];
    crate::process::printed(&folder, &user);
    let said = Target::summary(&target.import(&source, &[]).await);
    assert!(said.contains("users: 4 added, 1 here before"), "{said}");
    let said = Target::summary(&target.import(&source, &[]).await);
    assert!(said.contains("users: 4 unchanged, 1 here before"), "{said}");
    let (owner, names) = target.opened().await;
    assert_eq!(
        owner.get("/users/me").await.resource(200)["name"],
        "Olga herself"
    );
    let olga = id(&test.as_owner().uri).to_owned();
    assert_eq!(names[&olga], id(&owner.uri));
    let schedules = owner
        .get(path(
            "/user_availability_schedules",
            &[("user", &owner.uri)],
        ))
        .await
        .collection();
    assert_eq!(schedules.len(), 2);
    assert_eq!(
        schedules.iter().filter(|it| it["default"] == true).count(),
        1
    );
}
