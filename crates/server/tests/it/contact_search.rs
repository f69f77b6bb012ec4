//! Contacts are found by all they have, sorted, and walked from page to page.

use serde_json::json;

use crate::{
    caller::{Caller, path, text, uri},
    contacts::contact,
    harness::Test,
};

on_both_engines! {
    contacts_are_found_by_all_they_have,
    contacts_are_sorted_and_walked,
}

/// Parameters and what they say.
type Query = &'static [(&'static str, &'static str)];

/// The names of the contacts that a query finds, in order.
async fn names(caller: &Caller, query: &[(&str, &str)]) -> Vec<String> {
    let found = caller.get(path("/contacts", query)).await.collection();
    found.iter().map(|contact| text(&contact["name"])).collect()
}

async fn contacts_are_found_by_all_they_have(test: Test) {
    let ada = test.as_user("ada");
    let people = [
        json!({"name": "Élodie Müller", "emails": [{"email": "elodie@example.com"}, {"email": "em@example.org"}],
            "phone_numbers": [{"phone_number": "+1 (415) 555-1234"}, {"phone_number": "+33123456"}], "timezone": "Europe/Paris",
            "country": "FR", "state": "Île-de-France", "city": "Paris", "company": "Société 50%", "job_title": "Chief_engineer"}),
        json!({"name": "Bo Li", "emails": [{"email": "bo@example.com"}], "timezone": "America/New_York",
            "country": "US", "state": "New York", "city": "New York", "company": "Acme, Inc", "job_title": "Engineer"}),
        json!({"name": "Cy Young", "emails": [{"email": "cy@example.com"}], "timezone": "America/Chicago",
            "country": "US", "city": "Chicago", "phone_numbers": [{"phone_number": "+331234567"}]}),
    ];
    for body in people {
        ada.post("/contacts", body).await.expect(201);
    }
    contact(&test.as_foreigner(), "Zoe's", "elodie@example.com").await;
    let (elodie, bo, cy) = ("Élodie Müller", "Bo Li", "Cy Young");
    let cases: [(Query, &[&str]); 28] = [
        (&[], &[elodie, bo, cy]),
        (&[("email", "ELODIE@example.com")], &[elodie]),
        (&[("email", "em@example.org,elodie@example.com")], &[elodie]),
        (
            &[("email", "bo@example.com, em@example.org")],
            &[elodie, bo],
        ),
        (&[("email", "example.com")], &[]),
        (&[("email", "bo@example.com"), ("country", "FR")], &[]),
        (&[("phone_number", "+14155551234")], &[elodie]),
        (&[("phone_number", "+33 123456")], &[elodie]),
        (&[("phone_number", "331234567,14155551234")], &[elodie, cy]),
        (&[("phone_number", "4155551234")], &[]),
        (&[("timezone", "Europe/Paris")], &[elodie]),
        (
            &[("timezone", "Europe/Paris,America/Chicago")],
            &[elodie, cy],
        ),
        (&[("country", "us")], &[bo, cy]),
        (&[("state", "ile-de-france")], &[elodie]),
        (&[("state", "York")], &[]),
        (&[("name", "MULLER")], &[elodie]),
        (&[("name", "é")], &[elodie]),
        (&[("name", "o")], &[elodie, bo, cy]),
        (&[("name", "bo,cy")], &[bo, cy]),
        (
            &[("name", "o"), ("country", "US"), ("city", "chicago,paris")],
            &[cy],
        ),
        (&[("name", "%")], &[]),
        (&[("company", "50%")], &[elodie]),
        (&[("company", "acme")], &[bo]),
        (&[("job_title", "engineer")], &[elodie, bo]),
        (&[("job_title", "f_e")], &[elodie]),
        (&[("city", "york")], &[bo]),
        (&[("city", "")], &[elodie, bo, cy]),
        (&[("city", "chicago"), ("city", "york")], &[bo, cy]),
    ];
    for (query, expected) in cases {
        assert_eq!(names(&ada, query).await, expected, "{query:?}");
    }
    let page = [("exclude", "custom_fields"), ("email", "bo@example.com")];
    let found = ada.get(path("/contacts", &page)).await.collection();
    assert!(found[0].get("custom_fields").is_none());
    let answer = ada
        .get(path(&uri(&found[0]), &[("exclude", "custom_fields")]))
        .await;
    assert_eq!(answer.resource(200), found[0]);
    let mistakes = ada.get("/contacts?exclude=emails").await.mistakes();
    assert_eq!(mistakes, ["exclude unknown_value"]);
    let long = format!("/contacts?name={}", "x".repeat(256));
    assert_eq!(ada.get(long).await.mistakes(), ["name too_long"]);
    let many = format!("/contacts?name={}", "x,".repeat(101));
    assert_eq!(ada.get(many).await.mistakes(), ["name too_many"]);
}

async fn contacts_are_sorted_and_walked(test: Test) {
    let ada = test.as_user("ada");
    let mut all = Vec::new();
    for number in 0..5 {
        let name = number.to_string();
        all.push(uri(
            &contact(&ada, &name, &format!("{name}@example.com")).await
        ));
    }
    ada.patch(&all[1], json!({"city": "x"})).await.expect(200);
    let cases = [
        ("created_at:asc", "01234"),
        ("created_at:desc", "43210"),
        ("updated_at:asc", "02341"),
        ("updated_at:desc", "14320"),
        ("nothing:asc,updated_at:desc", "14320"),
    ];
    for (sort, expected) in cases {
        assert_eq!(
            names(&ada, &[("sort", sort)]).await.concat(),
            expected,
            "{sort}"
        );
        let mut next = json!(path(
            "/contacts",
            &[("sort", sort), ("count", "2"), ("name", "0,1,2,3,4")]
        ));
        let (mut seen, mut pages) = (String::new(), Vec::new());
        while let Some(page) = next.as_str() {
            pages.push(page.to_owned());
            let mut answer = ada.get(page).await.expect(200);
            for row in answer["collection"].as_array().unwrap() {
                seen.push_str(&text(&row["name"]));
            }
            next = answer["pagination"]["next_page"].take();
        }
        assert_eq!((seen.as_str(), pages.len()), (expected, 3), "{sort}");
        let last = ada.get(&pages[2]).await.expect(200);
        let before = ada.get(text(&last["pagination"]["previous_page"])).await;
        assert_eq!(before.collection(), ada.get(&pages[1]).await.collection());
    }
}
