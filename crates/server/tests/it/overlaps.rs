//! `/overlaps`: when people are free together. Expected intervals are worked out by hand.

use serde_json::{Value, json};

use crate::{
    caller::{Caller, every_day, path, short, text},
    harness::Test,
};

on_both_engines! {
    two_users_meet_where_both_are_free,
    so_many_of_the_users_are_enough,
    a_clock_change_on_one_side_moves_the_common_hours,
    guests_without_account_bring_their_hours_and_busy_times,
    optional_people_are_reported_and_not_needed,
    every_group_needs_its_own,
    questions_that_make_no_sense_are_refused,
    ten_thousand_people_are_compared_over_a_year,
}

/// Start, end and names of who is free.
type Row = (String, String, Vec<String>);

fn rows(intervals: &[Value]) -> Vec<Row> {
    intervals
        .iter()
        .map(|row| {
            let available = row["available"]
                .as_array()
                .unwrap()
                .iter()
                .map(text)
                .collect();
            (
                short(&text(&row["start_time"])),
                short(&text(&row["end_time"])),
                available,
            )
        })
        .collect()
}

fn row(start: &str, end: &str, available: &[&str]) -> Row {
    (
        start.to_owned(),
        end.to_owned(),
        available.iter().map(ToString::to_string).collect(),
    )
}

async fn ask(caller: &Caller, question: Value) -> Vec<Row> {
    let answer = caller.post("/overlaps", question).await.resource(200);
    rows(answer["intervals"].as_array().unwrap())
}

/// Ada from nine to twelve, Ben from ten to one, in UTC.
async fn two(test: &Test) -> (Caller, Caller) {
    let (ada, ben) = (test.as_user("ada"), test.as_user("ben"));
    ada.set_hours("UTC", every_day(&[("09:00", "12:00")])).await;
    ben.set_hours("UTC", every_day(&[("10:00", "13:00")])).await;
    (ada, ben)
}

fn guest(name: &str, zone: &str, hours: (&str, &str)) -> Value {
    json!({"name": name, "timezone": zone, "rules": every_day(&[hours])})
}

fn on_tuesday(mut question: Value) -> Value {
    question["start_time"] = json!("2026-03-03T00:00:00Z");
    question["end_time"] = json!("2026-03-04T00:00:00Z");
    question
}

async fn two_users_meet_where_both_are_free(test: Test) {
    let (ada, ben) = two(&test).await;
    ben.post(
        "/user_busy_times",
        json!({"start_time": "2026-03-03T10:30:00Z", "end_time": "2026-03-03T11:00:00Z"}),
    )
    .await
    .expect(201);
    let query = [
        ("user", ada.uri.as_str()),
        ("user", &ben.uri),
        ("start_time", "2026-03-03T00:00:00Z"),
        ("end_time", "2026-03-04T00:00:00Z"),
    ];
    let found = rows(&ada.get(path("/overlaps", &query)).await.collection());
    let both = [ada.uri.as_str(), &ben.uri];
    assert_eq!(
        found,
        [
            row("2026-03-03T10:00Z", "2026-03-03T10:30Z", &both),
            row("2026-03-03T11:00Z", "2026-03-03T12:00Z", &both)
        ]
    );
    let long = [query.as_slice(), &[("duration", "60")]].concat();
    let found = rows(&ada.get(path("/overlaps", &long)).await.collection());
    assert_eq!(
        found,
        [row("2026-03-03T11:00Z", "2026-03-03T12:00Z", &both)]
    );
}

async fn so_many_of_the_users_are_enough(test: Test) {
    let (ada, ben) = two(&test).await;
    let query = [
        ("user", ada.uri.as_str()),
        ("user", &ben.uri),
        ("minimum_available", "1"),
        ("duration", "150"),
        ("start_time", "2026-03-03T00:00:00Z"),
        ("end_time", "2026-03-04T00:00:00Z"),
    ];
    let found = rows(&ada.get(path("/overlaps", &query)).await.collection());
    let expected = [
        row("2026-03-03T09:00Z", "2026-03-03T12:00Z", &[&ada.uri]),
        row("2026-03-03T10:00Z", "2026-03-03T13:00Z", &[&ben.uri]),
    ];
    assert_eq!(found, expected);
}

async fn a_clock_change_on_one_side_moves_the_common_hours(test: Test) {
    let ada = test.as_user("ada");
    // London changes its clocks on 29 March 2026, New York did so on 8 March: for three weeks they are four hours apart
    ada.set_hours("Europe/London", every_day(&[("09:00", "17:00")]))
        .await;
    let new_york = guest("Grace", "America/New_York", ("09:00", "17:00"));
    let meets = async |day: &str| {
        let question = json!({
            "start_time": format!("{day}T00:00:00Z"), "end_time": format!("{day}T23:59:00Z"),
            "people": [{"user": ada.uri}, new_york],
        });
        ask(&ada, question).await
    };
    let both = [ada.uri.as_str(), "Grace"];
    assert_eq!(
        meets("2026-03-07").await,
        [row("2026-03-07T14:00Z", "2026-03-07T17:00Z", &both)]
    );
    assert_eq!(
        meets("2026-03-08").await,
        [row("2026-03-08T13:00Z", "2026-03-08T17:00Z", &both)]
    );
    assert_eq!(
        meets("2026-03-28").await,
        [row("2026-03-28T13:00Z", "2026-03-28T17:00Z", &both)]
    );
    assert_eq!(
        meets("2026-03-29").await,
        [row("2026-03-29T13:00Z", "2026-03-29T16:00Z", &both)]
    );
}

async fn guests_without_account_bring_their_hours_and_busy_times(test: Test) {
    let (ada, _) = two(&test).await;
    let mut emmy = guest("Emmy", "Europe/Berlin", ("10:30", "13:30"));
    emmy["busy"] =
        json!([{"start_time": "2026-03-03T10:00:00Z", "end_time": "2026-03-03T10:15:00Z"}]);
    let found = ask(
        &ada,
        on_tuesday(json!({"people": [{"user": ada.uri}, emmy]})),
    )
    .await;
    // in Berlin it is an hour later
    let both = [ada.uri.as_str(), "Emmy"];
    assert_eq!(
        found,
        [
            row("2026-03-03T09:30Z", "2026-03-03T10:00Z", &both),
            row("2026-03-03T10:15Z", "2026-03-03T12:00Z", &both)
        ]
    );
}

async fn optional_people_are_reported_and_not_needed(test: Test) {
    let (ada, ben) = two(&test).await;
    let people = json!([{"user": ada.uri}, {"user": ben.uri, "required": false}]);
    let answer = ada
        .post(
            "/overlaps",
            on_tuesday(json!({"people": people, "duration": 180})),
        )
        .await
        .resource(200);
    let expected = json!([{
        "start_time": "2026-03-03T09:00:00.000000Z", "end_time": "2026-03-03T12:00:00.000000Z",
        "available": [ada.uri], "missing": [ben.uri],
    }]);
    assert_eq!(answer["intervals"], expected);
}

async fn every_group_needs_its_own(test: Test) {
    let (ada, ben) = two(&test).await;
    let early = guest("Early", "UTC", ("06:00", "11:00"));
    let late = guest("Late", "UTC", ("11:30", "20:00"));
    let groups = json!([
        {"people": [{"user": ada.uri}, {"user": ben.uri}]},
        {"people": [early, late], "minimum_available": 1},
    ]);
    let found = ask(&ada, on_tuesday(json!({"groups": groups}))).await;
    let expected = [
        row(
            "2026-03-03T10:00Z",
            "2026-03-03T11:00Z",
            &[&ada.uri, &ben.uri, "Early"],
        ),
        row(
            "2026-03-03T11:30Z",
            "2026-03-03T12:00Z",
            &[&ada.uri, &ben.uri, "Late"],
        ),
    ];
    assert_eq!(found, expected);
}

async fn questions_that_make_no_sense_are_refused(test: Test) {
    let (ada, _) = two(&test).await;
    let person = json!([{"user": ada.uri}]);
    let group = json!([{"people": person, "minimum_available": 2}]);
    let rows = [
        (json!({}), "people required"),
        (
            json!({"people": person, "groups": [{"people": person}]}),
            "people required",
        ),
        (json!({"people": []}), "people too_few"),
        (json!({"groups": []}), "groups too_few"),
        (
            json!({"groups": group}),
            "groups[0].minimum_available out_of_range",
        ),
        (
            json!({"people": [{"name": "Nobody"}]}),
            "people[0] invalid_person",
        ),
        (
            json!({"people": [{"user": ada.uri, "name": "Both"}]}),
            "people[0] invalid_person",
        ),
        (
            json!({"people": person, "duration": 0}),
            "duration out_of_range",
        ),
    ];
    for (question, mistake) in rows {
        let place = question.to_string();
        assert_eq!(
            ada.post("/overlaps", on_tuesday(question)).await.mistakes(),
            [mistake],
            "{place}"
        );
    }
    let mut backwards = on_tuesday(json!({"people": person}));
    backwards["end_time"] = json!("2026-03-02T00:00:00Z");
    assert_eq!(
        ada.post("/overlaps", backwards).await.mistakes(),
        ["end_time invalid_range"]
    );
    let mut long = on_tuesday(json!({"people": person}));
    long["end_time"] = json!("2027-03-05T00:00:00Z");
    assert_eq!(
        ada.post("/overlaps", long).await.mistakes(),
        ["end_time range_too_long"]
    );
}

async fn ten_thousand_people_are_compared_over_a_year(test: Test) {
    let ada = test.as_user("ada");
    let hours = json!([{"type": "wday", "wday": "monday", "intervals": [{"from": "09:00", "to": "17:00"}]}]);
    let person =
        |index: usize| json!({"name": format!("p{index}"), "timezone": "UTC", "rules": hours});
    let mut people: Vec<Value> = (0..10_000).map(person).collect();
    let ask = async |people: &[Value]| {
        let question = json!({"start_time": "2026-03-03T00:00:00Z", "end_time": "2027-03-04T00:00:00Z", "people": people});
        ada.post("/overlaps", question).await
    };
    let answer = ask(&people).await.resource(200);
    let intervals = answer["intervals"].as_array().unwrap();
    assert_eq!(intervals.len(), 52);
    assert!(
        intervals
            .iter()
            .all(|interval| interval["available"].as_array().unwrap().len() == 10_000)
    );
    people.push(person(10_000));
    assert_eq!(ask(&people).await.mistakes(), ["people too_many"]);
    // every day instead of every Monday, and names as long as they may be, would be an answer of a gigabyte
    let daily = every_day(&[("09:00", "17:00")]);
    for person in &mut people {
        person["rules"] = daily.clone();
        person["name"] = json!("n".repeat(255));
    }
    people.pop();
    assert_eq!(ask(&people).await.mistakes(), ["end_time answer_too_large"]);
}
