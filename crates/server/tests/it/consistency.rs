//! Whatever the settings and whatever is taken: what is listed as available can be booked, and nothing else can.
//!
//! Each case is a week of its own with its own event types. `FASTI_CASES` says how many, `FASTI_SEED` which ones.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::{
    caller::{Caller, booking, every_day, text},
    explanations::explain,
    harness::{NOW, Test},
    pooled_hosts::newcomer,
    races::{active_events, no_conflicts},
};

on_both_engines! {
    what_is_listed_can_be_booked_and_nothing_else,
}

const CASES: u64 = 16;
const SEED: u64 = 20_260_302;

/// How many days a case looks at.
const DAYS: i64 = 5;

const ZONES: [&str; 5] = [
    "UTC",
    "America/New_York",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "Pacific/Apia",
];

/// Numbers that look random and are the same for the same seed (splitmix64).
struct Dice(u64);

impl Dice {
    fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.roll() % end as u64).unwrap()
    }

    fn one_in(&mut self, count: usize) -> bool {
        self.below(count) == 0
    }

    fn one<T: Clone>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())].clone()
    }

    /// Some of them, at least one, in another order.
    fn some<T: Clone>(&mut self, of: &[T]) -> Vec<T> {
        let mut rest = of.to_vec();
        let count = 1 + self.below(of.len());
        let mut take = || rest.swap_remove(self.below(rest.len()));
        (0..count).map(|_| take()).collect()
    }

    /// A whole number of steps after an instant, within the days of a case.
    fn start(&mut self, now: Timestamp, step: i64) -> Timestamp {
        let steps = usize::try_from(DAYS * 24 * 60 / step).unwrap();
        let minutes = i64::try_from(self.below(steps)).unwrap() * step;
        now + SignedDuration::from_mins(minutes)
    }
}

fn number(name: &str, otherwise: u64) -> u64 {
    let given = std::env::var(name).ok();
    given.map_or(otherwise, |number| number.parse().unwrap())
}

async fn what_is_listed_can_be_booked_and_nothing_else(test: Test) {
    let mut hosts = vec![
        test.as_owner(),
        test.as_admin(),
        test.as_user("ada"),
        test.as_user("ben"),
    ];
    for (name, kind) in [("cleo", "person"), ("Room", "resource")] {
        hosts.push(newcomer(&test, name, kind).await);
    }
    let (seed, mut compared) = (number("FASTI_SEED", SEED), [0; 2]);
    for case in 0..number("FASTI_CASES", CASES) {
        println!("FASTI_SEED={seed}, case {case}");
        let mut dice = Dice(seed.wrapping_add(case << 32));
        let week = SignedDuration::from_hours(7 * 24 * i64::try_from(case).unwrap());
        let now = NOW.parse::<Timestamp>().unwrap() + week;
        let test = test.at(&now.to_string()).await;
        let olga = test.as_owner();
        let again = |host: &Caller| Caller {
            uri: host.uri.clone(),
            ..olga.clone()
        };
        let hosts: Vec<Caller> = hosts.iter().map(again).collect();
        let event_types = settings(&mut dice, &hosts).await;
        fill(&mut dice, &hosts, &event_types, now).await;
        for event_type in &event_types {
            let found = compare(&mut dice, (&olga, event_type), now).await;
            compared = [compared[0] + found[0], compared[1] + found[1]];
        }
    }
    // starts that were free, and such that were not
    assert!(compared.iter().all(|&count| count > 0), "{compared:?}");
    no_conflicts(&active_events(&test).await);
}

/// Everybody's hours, and two event types.
async fn settings(dice: &mut Dice, hosts: &[Caller]) -> Vec<String> {
    let hours: [&[(&str, &str)]; 5] = [
        &[("00:00", "24:00")],
        &[("09:00", "17:00")],
        &[("08:10", "12:00"), ("12:00", "13:20"), ("15:05", "19:00")],
        &[("22:00", "03:00")],
        &[("01:30", "04:30"), ("10:00", "16:00")],
    ];
    for host in hosts {
        let rules = every_day(dice.one(&hours));
        host.set_hours(dice.one(&ZONES), rules).await;
    }
    let [one, other] = [0; 2].map(|_| (dice.one(&hosts[..5]), event_type(dice, hosts)));
    vec![
        one.0.event_type(one.1).await,
        other.0.event_type(other.1).await,
    ]
}

fn event_type(dice: &mut Dice, hosts: &[Caller]) -> Value {
    let limits = [
        json!([]),
        json!([{"per": "day", "events": 2}]),
        json!([{"per": "week", "minutes": 150}]),
        json!([{"per": "day", "minutes": 90}, {"per": "month", "events": 4}]),
    ];
    let windows = [
        json!({"type": "unlimited"}),
        json!({"type": "rolling", "days": 2}),
        json!({"type": "rolling", "days": 3, "weekdays_only": true}),
        json!({"type": "rolling", "days": 60}),
    ];
    let mut fields = json!({
        "duration": dice.one(&[15, 30, 45, 90]),
        "start_time_increment": dice.one(&[10, 15, 30, 45]),
        "before_buffer": dice.one(&[0, 0, 10, 35]),
        "after_buffer": dice.one(&[0, 0, 5, 60]),
        "minimum_notice": dice.one(&[0, 0, 45, 1500]),
        "booking_window": dice.one(&windows),
        "limits": dice.one(&limits),
    });
    // a person first, for one must be among the hosts
    let first = hosts[dice.below(5)].clone();
    let mut some = dice.some(hosts);
    some.retain(|other| other.uri != first.uri);
    some.insert(0, first);
    let host = |host: &Caller| json!({"user": host.uri});
    let mut members: Vec<Value> = some.iter().map(host).collect();
    let pooling = dice.one(&["", "", "collective", "round_robin", "multi_pool"]);
    for (place, member) in members.iter_mut().enumerate() {
        let fixed = place > 0 && dice.one_in(4);
        match pooling {
            "round_robin" => {
                member["priority"] = json!(dice.one(&[0, 50, 50]));
                member["fixed"] = json!(fixed);
            }
            "multi_pool" if fixed => member["fixed"] = json!(true),
            "multi_pool" => member["pool"] = json!(dice.one(&["A", "B"])),
            _ => {}
        }
    }
    if !pooling.is_empty() {
        fields["pooling_type"] = json!(pooling);
        fields["hosts"] = json!(members);
    }
    if ["", "collective"].contains(&pooling) && dice.one_in(2) {
        fields["kind"] = json!("group");
        fields["capacity"] = json!(dice.one(&[2, 3]));
    } else if dice.one_in(4) {
        fields["confirmation_minutes"] = json!(60);
    }
    fields
}

/// Blocks some time, and books and holds some of what is on offer.
async fn fill(dice: &mut Dice, hosts: &[Caller], event_types: &[String], now: Timestamp) {
    for _ in 0..6 {
        let start = dice.start(now, 5);
        let end = start + SignedDuration::from_mins(dice.one(&[5, 60, 600]));
        let user = dice.one(hosts);
        let busy =
            json!({"user": user.uri, "start_time": start.to_string(), "end_time": end.to_string()});
        user.post("/user_busy_times", busy).await.expect(201);
    }
    for number in 0..12 {
        let event_type = dice.one(event_types);
        let starts = listed(&hosts[0], &event_type, now).await;
        let starts: Vec<&String> = starts.iter().take(40).collect();
        if starts.is_empty() {
            continue;
        }
        let start = dice.one(&starts);
        if number % 4 == 0 {
            let hold = json!({"event_type": event_type, "start_time": start, "expires_in": 1800});
            hosts[0].post("/holds", hold).await.expect(201);
        } else {
            hosts[0].book(&event_type, start).await.expect(201);
        }
    }
}

async fn listed(caller: &Caller, event_type: &str, now: Timestamp) -> BTreeSet<String> {
    let end = now + SignedDuration::from_hours(24 * DAYS);
    let (from, to) = (now.to_string(), end.to_string());
    let starts = caller.available(event_type, &from, &to).await;
    starts.into_iter().collect()
}

/// Compares all that is said of some starts; how many of them were free, and how many not.
async fn compare(
    dice: &mut Dice,
    (caller, event_type): (&Caller, &str),
    now: Timestamp,
) -> [usize; 2] {
    let before = listed(caller, event_type, now).await;
    let some: Vec<&String> = before.iter().collect();
    let mut starts: Vec<Timestamp> = (0..14).map(|_| dice.start(now, 5)).collect();
    // beside the grid of every schedule
    starts.push(dice.start(now, 5) + SignedDuration::from_secs(1));
    if !some.is_empty() {
        starts.extend((0..10).map(|_| dice.one(&some).parse::<Timestamp>().unwrap()));
    }
    let mut said = Vec::new();
    for start in starts {
        let start = format!("{start:.6}");
        let answers = asked(caller, event_type, &start, &before).await;
        said.push((start, answers));
    }
    // the clock goes on: what has changed meanwhile is not compared
    let after = listed(caller, event_type, now).await;
    let mut found = [0; 2];
    for (start, answers) in said {
        let expected = before.contains(&start);
        if expected != after.contains(&start) {
            continue;
        }
        found[usize::from(!expected)] += 1;
        if answers.iter().any(|(_, bookable)| *bookable != expected) {
            let settings = caller.get(event_type).await.resource(200);
            panic!("{start}: listed {expected}, else {answers:?}: {settings:#}");
        }
    }
    found
}

/// Whether a start can be booked, by everything but the list that says so.
async fn asked(
    caller: &Caller,
    event_type: &str,
    start: &str,
    listed: &BTreeSet<String>,
) -> Vec<(&'static str, bool)> {
    let time = explain(caller, event_type, start).await;
    vec![
        ("dry run", dry_run(caller, event_type, start, listed).await),
        ("explanation", time["bookable"] == true),
        ("its reasons", time["reasons"] == json!([])),
    ]
}

/// Whether a start can be booked. The alternatives to one that cannot are on the list.
async fn dry_run(
    caller: &Caller,
    event_type: &str,
    start: &str,
    listed: &BTreeSet<String>,
) -> bool {
    let answer = caller.post("/invitees?dry_run=true", booking(event_type, start));
    let answer = answer.await;
    if answer.status == 200 {
        return true;
    }
    assert!([400, 409].contains(&answer.status), "{answer:?}");
    let refusal = answer.expect(answer.status);
    let alternatives = refusal["alternatives"].as_array().unwrap().iter().map(text);
    let last = listed.last().cloned().unwrap_or_default();
    for other in alternatives.filter(|other| *other <= last) {
        assert!(
            listed.contains(&other),
            "{start}: {other} is not on the list"
        );
    }
    false
}
