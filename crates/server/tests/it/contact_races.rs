//! Contacts that want the same address at the same moment.

use serde_json::json;

use crate::{caller::uri, contacts::contact, harness::Test, races::at_once};

on_all_deployments! {
    of_16_who_add_one_address_one_wins,
    of_two_contacts_who_take_one_address_one_wins,
}

async fn of_16_who_add_one_address_one_wins(test: Test) {
    let request = |number: usize| {
        let caller = test.as_user(["ada", "ben", "olga", "amir"][number % 4]);
        let emails =
            json!([{"email": format!("{number}@example.com")}, {"email": "emmy@example.com"}]);
        let body = json!({"name": number.to_string(), "emails": emails});
        async move { caller.post("/contacts", body).await }
    };
    let answers = at_once((0..16).map(request)).await;
    let won = answers.iter().filter(|answer| answer.status == 201);
    assert_eq!(won.count(), 1);
    for answer in answers.iter().filter(|answer| answer.status != 201) {
        answer.refused(409, "already_exists");
    }
    assert_eq!(
        test.as_user("ada")
            .get("/contacts")
            .await
            .collection()
            .len(),
        1
    );
}

async fn of_two_contacts_who_take_one_address_one_wins(test: Test) {
    let ada = test.as_user("ada");
    let contacts = [
        uri(&contact(&ada, "a", "a@example.com").await),
        uri(&contact(&ada, "b", "b@example.com").await),
    ];
    for round in 0..4 {
        let request = |number: usize| {
            let (ada, contact) = (ada.clone(), contacts[number].clone());
            let emails = json!([{"email": format!("own{number}@example.com")}, {"email": format!("{round}@example.com")}]);
            async move { ada.patch(&contact, json!({"emails": emails})).await }
        };
        let mut statuses: Vec<u16> = at_once((0..2).map(request))
            .await
            .iter()
            .map(|answer| answer.status)
            .collect();
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 409]);
    }
}
