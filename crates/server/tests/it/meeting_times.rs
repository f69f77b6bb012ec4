//! `POST /overlaps` with a duration: ranked meeting times and nearest misses. Expected bodies are worked out by hand.

use serde_json::{Value, json};

use crate::{
    caller::{Caller, every_day, short, text},
    harness::Test,
};

on_both_engines! {
    the_best_times_come_first_with_all_parts_of_their_score,
    a_clock_change_moves_local_times,
    preferred_hours_and_weights_decide_what_is_best,
    the_nearest_misses_say_who_is_busy_and_until_when,
    the_nearest_misses_of_groups_say_how_many_more_it_takes,
    without_a_duration_there_are_none,
    questions_about_meetings_that_make_no_sense_are_refused,
    hundreds_of_people_are_ranked,
}

async fn ask(caller: &Caller, question: Value) -> Value {
    caller.post("/overlaps", question).await.resource(200)
}

fn guest(name: &str, zone: &str, hours: (&str, &str)) -> Value {
    json!({"name": name, "timezone": zone, "rules": every_day(&[hours])})
}

/// The question about an hour of a Monday, in steps of an hour.
fn on_monday(mut question: Value) -> Value {
    let usual = json!({
        "start_time": "2026-03-09T00:00:00Z", "end_time": "2026-03-10T00:00:00Z",
        "duration": 60, "increment": 60,
    });
    for (field, value) in usual.as_object().unwrap() {
        question
            .as_object_mut()
            .unwrap()
            .entry(field.clone())
            .or_insert_with(|| value.clone());
    }
    question
}

/// The starts of times, best first.
fn starts(times: &Value) -> Vec<String> {
    let times = times.as_array().unwrap().iter();
    times
        .map(|time| short(&text(&time["start_time"])))
        .collect()
}

async fn the_best_times_come_first_with_all_parts_of_their_score(test: Test) {
    let ada = test.as_user("ada");
    ada.set_hours("Europe/Berlin", every_day(&[("09:00", "20:00")]))
        .await;
    // New York has changed its clocks on the day before: it is five hours behind Berlin
    let mut bo = guest("Bo", "America/New_York", ("08:00", "11:45"));
    bo["required"] = json!(false);
    let question = json!({
        "people": [{"user": ada.uri}, bo], "limit": 2,
        "start_time": "2026-03-09T12:00:00Z", "end_time": "2026-03-09T17:00:00Z",
    });
    let answer = ask(&ada, on_monday(question)).await;
    let expected = json!([
        {
            // 14:00 in Berlin, 9:00 in New York: everybody can and likes to come
            "start_time": "2026-03-09T13:00:00.000000Z", "end_time": "2026-03-09T14:00:00.000000Z",
            // 0.4 + 0.3 + 0.1 + 0.1 + 0.1 × 4 hours of 5
            "score": 0.98,
            "score_parts": {"attendance": 1.0, "preferred_hours": 1.0, "fairness": 1.0, "compactness": 1.0, "soon": 0.8},
            "available": [ada.uri, "Bo"], "missing": [],
            "local_times": [
                {"timezone": "Europe/Berlin", "start_time": "2026-03-09T14:00:00+01:00", "end_time": "2026-03-09T15:00:00+01:00", "people": [ada.uri]},
                {"timezone": "America/New_York", "start_time": "2026-03-09T09:00:00-04:00", "end_time": "2026-03-09T10:00:00-04:00", "people": ["Bo"]},
            ],
        },
        {
            // an hour later it is as good, but for being later
            "start_time": "2026-03-09T14:00:00.000000Z", "end_time": "2026-03-09T15:00:00.000000Z",
            "score": 0.96,
            "score_parts": {"attendance": 1.0, "preferred_hours": 1.0, "fairness": 1.0, "compactness": 1.0, "soon": 0.6},
            "available": [ada.uri, "Bo"], "missing": [],
            "local_times": [
                {"timezone": "Europe/Berlin", "start_time": "2026-03-09T15:00:00+01:00", "end_time": "2026-03-09T16:00:00+01:00", "people": [ada.uri]},
                {"timezone": "America/New_York", "start_time": "2026-03-09T10:00:00-04:00", "end_time": "2026-03-09T11:00:00-04:00", "people": ["Bo"]},
            ],
        },
    ]);
    assert_eq!(answer["meeting_times"], expected);
    assert_eq!(answer["nearest_misses"], json!([]));
    // a quarter past the hour leaves Bo with half an hour at the end; half past does with a quarter, and 12:00 UTC is too early for him
    let question = json!({
        "people": [{"user": ada.uri}, bo], "limit": 100, "increment": 15,
        "start_time": "2026-03-09T12:00:00Z", "end_time": "2026-03-09T17:00:00Z",
    });
    let answer = ask(&ada, on_monday(question)).await;
    let times = answer["meeting_times"].as_array().unwrap();
    let parts = |start: &str| {
        let time = times
            .iter()
            .find(|time| short(&text(&time["start_time"])) == start);
        time.unwrap()["score_parts"].clone()
    };
    assert_eq!(times.len(), 17);
    assert_eq!(
        parts("2026-03-09T12:00Z"),
        json!({"attendance": 1.0, "preferred_hours": 0.5, "fairness": 0.916_667, "compactness": 1.0, "soon": 1.0})
    );
    assert_eq!(parts("2026-03-09T14:15Z")["compactness"], 1.0);
    assert_eq!(parts("2026-03-09T14:30Z")["compactness"], 0.75);
    // 16:30 to 17:30 in Berlin, and Bo has gone
    assert_eq!(
        parts("2026-03-09T15:30Z"),
        json!({"attendance": 0.5, "preferred_hours": 0.5, "fairness": 1.0, "compactness": 1.0, "soon": 0.3})
    );
}

async fn a_clock_change_moves_local_times(test: Test) {
    let ada = test.as_user("ada");
    let question = json!({
        // Lord Howe Island goes back by half an hour on this day, at 15:00 UTC
        "people": [guest("Lu", "Australia/Lord_Howe", ("00:00", "24:00"))],
        "start_time": "2026-04-04T14:00:00Z", "end_time": "2026-04-04T17:00:00Z",
        "weights": {"attendance": 0, "preferred_hours": 0, "fairness": 0, "compactness": 0, "soon": 1},
    });
    let answer = ask(&ada, on_monday(question)).await;
    let local: Vec<[String; 2]> = answer["meeting_times"]
        .as_array()
        .unwrap()
        .iter()
        .map(|time| ["start_time", "end_time"].map(|edge| text(&time["local_times"][0][edge])))
        .collect();
    let expected = [
        ["2026-04-05T01:00:00+11:00", "2026-04-05T01:30:00+10:30"],
        ["2026-04-05T01:30:00+10:30", "2026-04-05T02:30:00+10:30"],
        ["2026-04-05T02:30:00+10:30", "2026-04-05T03:30:00+10:30"],
    ];
    assert_eq!(local, expected);
}

async fn preferred_hours_and_weights_decide_what_is_best(test: Test) {
    let ada = test.as_user("ada");
    ada.always_open("UTC").await;
    let bo = guest("Bo", "Asia/Kathmandu", ("00:00", "24:00"));
    let hours = |from: &str, to: &str| json!([{"type": "wday", "wday": "monday", "intervals": [{"from": from, "to": to}]}]);
    let best = async |people: Value, weights: Value| {
        let question = json!({"people": people, "weights": weights, "limit": 1});
        starts(&ask(&ada, on_monday(question)).await["meeting_times"]).remove(0)
    };
    let (anyone, usual) = (json!({"user": ada.uri}), json!({}));
    // nine to five in both zones begins at 9:00 in UTC and ends at 11:15, which is 17:00 in Kathmandu
    assert_eq!(
        best(json!([anyone, bo]), usual.clone()).await,
        "2026-03-09T09:00Z"
    );
    let evening = json!({"user": ada.uri, "preferred": hours("20:00", "23:00")});
    assert_eq!(
        best(json!([evening]), usual.clone()).await,
        "2026-03-09T20:00Z"
    );
    // 20:00 is 1:45 there, but nobody minds
    let mut night = bo.clone();
    night["preferred"] = json!([
        {"type": "wday", "wday": "tuesday", "intervals": [{"from": "00:00", "to": "04:00"}]},
    ]);
    assert_eq!(
        best(json!([evening, night]), usual).await,
        "2026-03-09T20:00Z"
    );
    let soon = json!({"preferred_hours": 0, "fairness": 0});
    assert_eq!(
        best(json!([evening, night]), soon).await,
        "2026-03-09T00:00Z"
    );
}

async fn the_nearest_misses_say_who_is_busy_and_until_when(test: Test) {
    let ada = test.as_user("ada");
    ada.set_hours("UTC", every_day(&[("09:00", "12:00")])).await;
    let mut bo = guest("Bo", "America/New_York", ("04:00", "09:00"));
    // New York is four hours behind: Bo's hours are 8:00 to 13:00 UTC, and what is busy ends at 11:30
    bo["busy"] =
        json!([{"start_time": "2026-03-09T08:00:00Z", "end_time": "2026-03-09T11:30:00Z"}]);
    let question = json!({"people": [{"user": ada.uri}, bo], "limit": 2});
    let answer = ask(&ada, on_monday(question)).await;
    assert_eq!(answer["intervals"], json!([]));
    assert_eq!(answer["meeting_times"], json!([]));
    let miss = |hours: (&str, &str), score: f64| {
        json!({
            "start_time": format!("2026-03-09T{}:00:00.000000Z", hours.0),
            "end_time": format!("2026-03-09T{}:00:00.000000Z", hours.1),
            "score": score, "lacking": 1,
            "missing": [{
                "person": "Bo", "reason": "busy", "until": "2026-03-09T11:30:00.000000Z",
                "message": "Bo is busy until 07:30 (America/New_York)",
            }],
            "message": "all but Bo; Bo is busy until 07:30 (America/New_York)",
        })
    };
    // 0.4 × 1 of 2 + 0.3 + 0.1 + 0.1 + 0.1 × 15 hours of 24, and 14 of 24
    let expected = json!([miss(("09", "10"), 0.7625), miss(("10", "11"), 0.758_333)]);
    assert_eq!(answer["nearest_misses"], expected);
    // in one zone, the zone goes without saying; ada's hours begin on the next day
    let cy = guest("Cy", "UTC", ("20:00", "21:00"));
    let question = json!({
        "people": [{"user": ada.uri}, cy], "limit": 1, "weights": {"soon": 0, "preferred_hours": 0},
        "start_time": "2026-03-09T12:00:00Z", "end_time": "2026-03-10T12:00:00Z",
    });
    let answer = ask(&ada, on_monday(question)).await;
    let miss = &answer["nearest_misses"][0];
    assert_eq!(
        miss["message"],
        "all but ada; it is outside ada's hours until 2026-03-10 09:00"
    );
    assert_eq!(
        miss["missing"],
        json!([{
            "person": ada.uri, "reason": "outside_hours", "until": "2026-03-10T09:00:00.000000Z",
            "message": "it is outside ada's hours until 2026-03-10 09:00",
        }])
    );
}

async fn the_nearest_misses_of_groups_say_how_many_more_it_takes(test: Test) {
    let ada = test.as_user("ada");
    ada.set_hours("UTC", every_day(&[("09:00", "10:00")])).await;
    let late = |name: &str| guest(name, "UTC", ("15:00", "16:00"));
    let miss = async |groups: Value| {
        let question = json!({"groups": groups, "limit": 1});
        ask(&ada, on_monday(question)).await["nearest_misses"][0].clone()
    };
    let me = json!({"people": [{"user": ada.uri}]});
    let some = json!({"people": [late("Bo"), late("Cy"), late("Di")], "minimum_available": 1});
    let found = miss(json!([me, some])).await;
    // one is lacking at 9:00 as well as at 15:00, when three people can come and not one
    assert_eq!(found["message"], "all but ada; it is outside ada's hours");
    assert_eq!(
        (
            &found["lacking"],
            found["missing"].as_array().unwrap().len()
        ),
        (&json!(1), 1)
    );
    let some = json!({"people": [late("Bo"), late("Cy"), guest("Di", "UTC", ("09:00", "10:00"))], "minimum_available": 2});
    let mut both = me.clone();
    both["people"]
        .as_array_mut()
        .unwrap()
        .push(guest("Ed", "UTC", ("09:00", "10:00")));
    let found = miss(json!([both, some])).await;
    assert_eq!(
        found["message"],
        "1 more of Bo and Cy is needed; it is outside Bo's hours until 15:00; it is outside Cy's hours until 15:00"
    );
    assert_eq!(
        (
            &found["lacking"],
            found["missing"].as_array().unwrap().len()
        ),
        (&json!(1), 2)
    );
    let many: Vec<Value> = (0..30).map(|index| late(&format!("p{index}"))).collect();
    let found = miss(json!([both, {"people": many, "minimum_available": 2}])).await;
    assert_eq!(
        found["message"],
        "all but ada and Ed; it is outside ada's hours; it is outside Ed's hours"
    );
    let everybody = json!([both, {"people": [guest("Flo", "UTC", ("09:00", "10:00"))]}, {"people": many, "minimum_available": 2}]);
    let found = miss(everybody).await;
    assert_eq!(found["message"], "2 more of 30 people are needed");
    assert_eq!(
        (
            &found["lacking"],
            found["missing"].as_array().unwrap().len()
        ),
        (&json!(2), 20)
    );
}

async fn without_a_duration_there_are_none(test: Test) {
    let ada = test.as_user("ada");
    let mut question = on_monday(json!({"people": [{"user": ada.uri}]}));
    let fields = question.as_object_mut().unwrap();
    fields.remove("duration");
    fields.remove("increment");
    let answer = ask(&ada, question).await;
    assert_eq!(
        answer,
        json!({
            "intervals": [{
                "start_time": "2026-03-09T09:00:00.000000Z", "end_time": "2026-03-09T17:00:00.000000Z",
                "available": [ada.uri], "missing": [],
            }],
            "meeting_times": null, "nearest_misses": null,
        })
    );
    // a range in which there is no room has neither
    let mut short = on_monday(json!({"people": [{"user": ada.uri}]}));
    short["end_time"] = json!("2026-03-09T00:30:00Z");
    let answer = ask(&ada, short).await;
    assert_eq!(
        answer,
        json!({"intervals": [], "meeting_times": [], "nearest_misses": []})
    );
}

async fn questions_about_meetings_that_make_no_sense_are_refused(test: Test) {
    let ada = test.as_user("ada");
    let nothing =
        json!({"attendance": 0, "preferred_hours": 0, "fairness": 0, "compactness": 0, "soon": 0});
    let monday = json!({"type": "wday", "wday": "monday", "intervals": []});
    let rows = [
        (json!({"duration": null}), "duration required"),
        (
            json!({"duration": null, "increment": null, "limit": 1}),
            "duration required",
        ),
        (
            json!({"duration": null, "increment": null, "weights": {}}),
            "duration required",
        ),
        (json!({"increment": 4}), "increment out_of_range"),
        (json!({"increment": 721}), "increment out_of_range"),
        (json!({"limit": 0}), "limit out_of_range"),
        (json!({"limit": 101}), "limit out_of_range"),
        (
            json!({"weights": {"soon": 101}}),
            "weights.soon out_of_range",
        ),
        (json!({"weights": {"soon": 0.5}}), "weights.soon wrong_type"),
        (
            json!({"weights": {"late": 1}}),
            "weights.late unknown_field",
        ),
        (json!({"weights": nothing}), "weights out_of_range"),
        (
            json!({"people": [{"user": ada.uri, "preferred": [monday, monday]}]}),
            "people[0] invalid_rule",
        ),
        (
            json!({"people": [{"user": ada.uri, "preferred": [{}]}]}),
            "people[0].preferred[0].type required",
        ),
    ];
    for (question, mistake) in rows {
        let place = question.to_string();
        let mut question = on_monday(question);
        let fields = question.as_object_mut().unwrap();
        fields.entry("people").or_insert(json!([{"user": ada.uri}]));
        let mistakes = ada.post("/overlaps", question).await.mistakes();
        assert_eq!(
            mistakes.first().map(String::as_str),
            Some(mistake),
            "{place}"
        );
    }
}

async fn hundreds_of_people_are_ranked(test: Test) {
    let ada = test.as_user("ada");
    let zones = [
        "Europe/Berlin",
        "America/New_York",
        "Asia/Kathmandu",
        "Australia/Lord_Howe",
    ];
    let person = |index: usize| guest(&format!("p{index}"), zones[index % 4], ("08:00", "22:00"));
    let mut people: Vec<Value> = (0..600).map(person).collect();
    let ask = async |people: &[Value], end: &str, increment: usize| {
        let question = json!({
            "start_time": "2026-03-09T00:00:00Z", "end_time": end,
            "duration": 30, "increment": increment, "limit": 3,
            "groups": [{"people": people, "minimum_available": 300}],
        });
        ada.post("/overlaps", question).await
    };
    let check = |answer: Value| {
        let times = answer["meeting_times"].as_array().unwrap();
        assert_eq!(times.len(), 3);
        for time in times {
            let local = time["local_times"].as_array().unwrap();
            let in_zone = |zone: &Value| zone["people"].as_array().unwrap().len();
            assert!(local.iter().all(|zone| in_zone(zone) == 150));
            let come = time["available"].as_array().unwrap().len();
            assert_eq!(come + time["missing"].as_array().unwrap().len(), 600);
        }
    };
    check(ask(&people, "2026-04-09T00:00:00Z", 15).await.resource(200));
    for (index, person) in people.iter_mut().enumerate() {
        let from = format!("{:02}:{:02}", index / 60, index % 60);
        let hours = json!([{"from": from, "to": "24:00"}]);
        person["preferred"] = json!([{"type": "wday", "wday": "monday", "intervals": hours}]);
    }
    check(ask(&people, "2026-04-09T00:00:00Z", 15).await.resource(200));
    // preferred hours that are all different make more to look at in a year than can be
    let long = ask(&people, "2027-03-09T00:00:00Z", 5).await;
    assert_eq!(long.mistakes(), ["increment too_many"]);
}
