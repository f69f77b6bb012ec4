//! `/organizations/{uuid}/invitations`: who asks, who answers, and that each is answered once.

use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::{
    caller::{Caller, id, path, text, uri},
    harness::{BASE, NOTHING, Test},
};

on_both_engines! {
    an_invitation_is_shown_with_all_it_has_and_its_code_only_once,
    whoever_accepts_is_a_user_like_others,
    whoever_declines_is_no_user,
    only_the_code_answers_and_only_once,
    nobody_is_asked_who_cannot_be,
    one_that_waits_is_sent_again_with_another_code,
    what_was_accepted_cannot_be_taken_back,
    invitations_are_listed_by_age_address_and_status,
    nobody_but_owners_and_admins_of_the_organization_has_to_do_with_them,
    of_two_who_ask_or_answer_at_once_one_is_first,
}

fn invitations(test: &Test) -> String {
    format!("{}/invitations", test.organization)
}

/// Asks somebody; the answer with the code.
async fn invite(test: &Test, email: &str) -> Value {
    let body = json!({"email": email});
    let answer = test.as_owner().post(invitations(test), body).await;
    answer.resource(201)
}

/// The same invitation as it is shown later.
fn without_code(invitation: &Value) -> Value {
    let mut invitation = invitation.clone();
    invitation
        .as_object_mut()
        .unwrap()
        .remove("acceptance_code");
    invitation
}

fn acceptance(invitation: &Value) -> (String, Value) {
    let body = json!({"code": invitation["acceptance_code"], "name": "Grace Hopper", "timezone": "America/New_York"});
    (format!("{}/acceptance", uri(invitation)), body)
}

fn declination(invitation: &Value) -> (String, Value) {
    let body = json!({"code": invitation["acceptance_code"]});
    (format!("{}/declination", uri(invitation)), body)
}

async fn an_invitation_is_shown_with_all_it_has_and_its_code_only_once(test: Test) {
    let invitation = invite(&test, "grace@example.com").await;
    let code = text(&invitation["acceptance_code"]);
    // 256 bits
    assert_eq!(code.len(), 43);
    let expected = json!({
        "uri": invitation["uri"],
        "organization": test.organization,
        "email": "grace@example.com",
        "status": "pending",
        "created_at": invitation["created_at"],
        "updated_at": invitation["created_at"],
        "last_sent_at": invitation["created_at"],
        "acceptance_code": code,
    });
    assert_eq!(invitation, expected);
    assert!(uri(&invitation).starts_with(&format!("{}/", invitations(&test))));
    let shown = test.as_admin().get(uri(&invitation)).await.resource(200);
    assert_eq!(shown, without_code(&invitation));
}

async fn whoever_accepts_is_a_user_like_others(test: Test) {
    let (nobody, owner) = (test.without_token(), test.as_owner());
    let invitation = invite(&test, "Grace@Example.com").await;
    let (path_of_answer, body) = acceptance(&invitation);
    let accepted = nobody.post(&path_of_answer, body).await.resource(201);
    let user = text(&accepted["user"]);
    let mut expected = without_code(&invitation);
    expected["status"] = json!("accepted");
    expected["user"] = json!(user);
    expected["updated_at"] = accepted["updated_at"].clone();
    assert_eq!(accepted, expected);
    assert_eq!(owner.get(uri(&invitation)).await.resource(200), accepted);
    let shown = owner.get(&user).await.resource(200);
    assert_eq!(shown["name"], "Grace Hopper");
    assert_eq!(shown["email"], "Grace@Example.com");
    assert_eq!(shown["timezone"], "America/New_York");
    assert_eq!(
        shown["scheduling_url"],
        format!("{BASE}/grace-hopper").as_str()
    );
    let memberships = path("/organization_memberships", &[("user", &user)]);
    let memberships = owner.get(memberships).await.collection();
    assert_eq!(memberships[0]["role"], "user");
    let schedules = path("/user_availability_schedules", &[("user", &user)]);
    assert_eq!(owner.get(schedules).await.collection().len(), 1);
}

async fn whoever_declines_is_no_user(test: Test) {
    let (nobody, owner) = (test.without_token(), test.as_owner());
    let invitation = invite(&test, "grace@example.com").await;
    let (path_of_answer, body) = declination(&invitation);
    let declined = nobody.post(&path_of_answer, body).await.resource(201);
    let mut expected = without_code(&invitation);
    expected["status"] = json!("declined");
    expected["updated_at"] = declined["updated_at"].clone();
    assert_eq!(declined, expected);
    let (path_of_answer, body) = acceptance(&invitation);
    let refusal = nobody.post(path_of_answer, body).await;
    let refusal = refusal.refused(400, "invitation_already_declined");
    assert_eq!(refusal["title"], "Invitation Already Declined");
    assert_eq!(owner.get("/users").await.collection().len(), 4);
    // who said no can be asked again, and what was said can be forgotten
    let again = invite(&test, "grace@example.com").await;
    assert_ne!(again["uri"], invitation["uri"]);
    owner.delete(uri(&invitation)).await.expect(204);
    owner.get(uri(&invitation)).await.refused(404, "not_found");
}

async fn only_the_code_answers_and_only_once(test: Test) {
    let nobody = test.without_token();
    let invitation = invite(&test, "grace@example.com").await;
    let other = invite(&test, "emmy@example.com").await;
    for (path_of_answer, mut body) in [acceptance(&invitation), declination(&invitation)] {
        body["code"] = other["acceptance_code"].clone();
        nobody
            .post(path_of_answer, body)
            .await
            .refused(404, "not_found");
    }
    let (path_of_answer, body) = acceptance(&invitation);
    for elsewhere in [
        path_of_answer.replace(id(&uri(&invitation)), NOTHING),
        path_of_answer.replace(id(&test.organization), NOTHING),
    ] {
        nobody
            .post(elsewhere, body.clone())
            .await
            .refused(404, "not_found");
    }
    // a key of nobody is of no use
    nobody
        .post_once(&path_of_answer, "key", &body)
        .await
        .expect(201);
    let refusal = nobody.post_once(&path_of_answer, "key", &body).await;
    let refusal = refusal.refused(400, "invitation_already_accepted");
    assert_eq!(refusal["title"], "Invitation Already Accepted");
    let (path_of_answer, body) = declination(&invitation);
    nobody
        .post(path_of_answer, body)
        .await
        .refused(400, "invitation_already_accepted");
}

async fn nobody_is_asked_who_cannot_be(test: Test) {
    let owner = test.as_owner();
    let ask = |email: &str| owner.post(invitations(&test), json!({"email": email}));
    let refusal = ask("grace").await.refused(400, "invalid_email");
    assert_eq!(refusal["title"], "Invalid Email");
    assert_eq!(refusal["message"], "grace is an invalid email format");
    assert_eq!(ask("grace").await.mistakes(), ["email invalid_email"]);
    for body in [json!({}), json!({"email": ""}), json!({"email": null})] {
        let answer = owner.post(invitations(&test), body).await;
        assert_eq!(answer.mistakes(), ["email required"]);
        let refusal = answer.refused(400, "invalid_argument");
        assert_eq!(refusal["title"], "Invalid Argument");
        assert_eq!(refusal["details"][0]["message"], "must be filled");
    }
    let refusal = ask("ADA@example.com").await;
    let refusal = refusal.refused(400, "already_organization_member");
    assert_eq!(refusal["title"], "Already Organization Member");
    ask("grace@example.com").await.expect(201);
    let refusal = ask("Grace@example.com").await;
    let refusal = refusal.refused(400, "already_invited");
    assert_eq!(refusal["title"], "Already Invited");
    assert_eq!(
        refusal["message"],
        "Grace@example.com has already been invited"
    );
    // who became a user meanwhile has no use for the invitation
    let invitation = invite(&test, "emmy@example.com").await;
    let user = json!({"name": "Emmy", "email": "emmy@example.com"});
    owner.post("/users", user).await.expect(201);
    let (path_of_answer, body) = acceptance(&invitation);
    test.without_token()
        .post(path_of_answer, body)
        .await
        .refused(400, "already_organization_member");
}

async fn one_that_waits_is_sent_again_with_another_code(test: Test) {
    let first = invite(&test, "grace@example.com").await;
    let body = json!({"email": "GRACE@example.com", "resend": true});
    let again = test.as_admin().post(invitations(&test), body).await;
    let again = again.resource(201);
    let mut expected = first.clone();
    for changed in ["acceptance_code", "updated_at", "last_sent_at"] {
        assert_ne!(again[changed], first[changed], "{changed}");
        expected[changed] = again[changed].clone();
    }
    assert_eq!(again, expected);
    assert_eq!(again["last_sent_at"], again["updated_at"]);
    let nobody = test.without_token();
    let (path_of_answer, body) = acceptance(&first);
    nobody
        .post(path_of_answer, body)
        .await
        .refused(404, "not_found");
    let (path_of_answer, body) = acceptance(&again);
    nobody.post(path_of_answer, body).await.expect(201);
}

async fn what_was_accepted_cannot_be_taken_back(test: Test) {
    let (nobody, owner) = (test.without_token(), test.as_owner());
    let accepted = invite(&test, "grace@example.com").await;
    let (path_of_answer, body) = acceptance(&accepted);
    nobody.post(path_of_answer, body).await.expect(201);
    let refusal = owner.delete(uri(&accepted)).await;
    let refusal = refusal.refused(400, "invitation_already_accepted");
    assert_eq!(refusal["title"], "Invitation Already Accepted");
    let revoked = invite(&test, "emmy@example.com").await;
    owner.delete(uri(&revoked)).await.expect(204);
    owner.delete(uri(&revoked)).await.refused(404, "not_found");
    let (path_of_answer, body) = acceptance(&revoked);
    nobody
        .post(path_of_answer, body)
        .await
        .refused(404, "not_found");
}

async fn invitations_are_listed_by_age_address_and_status(test: Test) {
    let owner = test.as_owner();
    let mut all = Vec::new();
    for name in ["a", "b", "c", "d", "e"] {
        all.push(invite(&test, &format!("{name}@example.com")).await);
    }
    let (path_of_answer, body) = declination(&all[1]);
    test.without_token()
        .post(path_of_answer, body)
        .await
        .expect(201);
    let rows: [(&[(&str, &str)], &str); 5] = [
        (&[], "abcde"),
        (&[("sort", "created_at:desc")], "edcba"),
        (&[("status", "pending")], "acde"),
        (&[("status", "declined")], "b"),
        (&[("email", "C@example.com")], "c"),
    ];
    for (filter, expected) in rows {
        let listed = owner.get(path(&invitations(&test), filter)).await;
        let names: String = listed
            .collection()
            .iter()
            .map(|invitation| text(&invitation["email"])[..1].to_owned())
            .collect();
        assert_eq!(names, expected, "{filter:?}");
    }
    let first = owner.get(path(
        &invitations(&test),
        &[("count", "2"), ("status", "pending")],
    ));
    let first = first.await.expect(200);
    assert_eq!(first["pagination"]["previous_page"], json!(null));
    let next = text(&first["pagination"]["next_page"]);
    let second = owner.get(next).await.expect(200);
    assert_eq!(second["pagination"]["next_page"], json!(null));
    assert_eq!(second["collection"][1]["uri"], all[4]["uri"]);
    let back = text(&second["pagination"]["previous_page"]);
    let back = owner.get(back).await.expect(200);
    assert_eq!(back["collection"], first["collection"]);
    let answer = owner.get(path(&invitations(&test), &[("status", "lost")]));
    assert_eq!(answer.await.mistakes(), ["status unknown_value"]);
}

/// Somebody has nothing to do with invitations.
async fn refused(test: &Test, caller: &Caller, invitation: &Value, as_what: (u16, &str)) {
    let body = json!({"email": "emmy@example.com"});
    for answer in [
        caller.get(invitations(test)).await,
        caller.get(uri(invitation)).await,
        caller.post(invitations(test), body).await,
        caller.delete(uri(invitation)).await,
    ] {
        answer.refused(as_what.0, as_what.1);
    }
}

async fn nobody_but_owners_and_admins_of_the_organization_has_to_do_with_them(test: Test) {
    let invitation = invite(&test, "grace@example.com").await;
    let (ada, foreigner) = (test.as_user("ada"), test.as_foreigner());
    refused(&test, &ada, &invitation, (403, "permission_denied")).await;
    refused(&test, &foreigner, &invitation, (404, "not_found")).await;
    let reader = test.with_scopes("olga", &["organizations:read"]).await;
    reader.get(uri(&invitation)).await.expect(200);
    let body = json!({"email": "emmy@example.com"});
    let refusal = reader.post(invitations(&test), body).await;
    let refusal = refusal.refused(403, "insufficient_scope");
    assert_eq!(refusal["required_scopes"], json!(["organizations:write"]));
    // an id of one organization is none of another's
    let (_, theirs) = uri(&invitation).split_once("/invitations/").map_or_else(
        || panic!("no invitation"),
        |(organization, id)| (organization.to_owned(), id.to_owned()),
    );
    let me = foreigner.get("/users/me").await.resource(200);
    let own = text(&me["current_organization"]);
    foreigner
        .get(format!("{own}/invitations/{theirs}"))
        .await
        .refused(404, "not_found");
}

async fn of_two_who_ask_or_answer_at_once_one_is_first(test: Test) {
    let (owner, nobody) = (test.as_owner(), test.without_token());
    let asked = (0..8).map(|_| {
        let body = json!({"email": "grace@example.com"});
        owner.post(invitations(&test), body)
    });
    let mut won = Vec::new();
    for answer in join_all(asked).await {
        if answer.status == 201 {
            won.push(answer.resource(201));
        } else {
            answer.refused(400, "already_invited");
        }
    }
    assert_eq!(won.len(), 1);
    let (path_of_answer, body) = acceptance(&won[0]);
    let answers = (0..8).map(|_| nobody.post(&path_of_answer, body.clone()));
    let answers = join_all(answers).await;
    let won = answers.iter().filter(|answer| answer.status == 201);
    assert_eq!(won.count(), 1);
    for answer in answers.iter().filter(|answer| answer.status != 201) {
        answer.refused(400, "invitation_already_accepted");
    }
    assert_eq!(owner.get("/users").await.collection().len(), 5);
}
