//! A server that is killed while it books: what it acknowledged is there when it is back, and nothing is half there.

use std::{
    collections::BTreeMap,
    sync::{
        atomic::{AtomicUsize, Ordering},
        mpsc::{self, Sender},
    },
    thread,
};

use domain::civil::{self, TimeOfDay};
use jiff::{Timestamp, civil::date, tz::TimeZone};
use serde_json::{Value, json};

use crate::{
    caller::{booking, path, text},
    process::{Folder, Server, request},
};

const NOW: &str = "2026-03-02T08:00:00Z";
const CALLERS: usize = 8;

/// Acknowledged bookings of a round before the server is killed.
const ACKNOWLEDGED: usize = 60;

/// Rounds of booking and killing; more of them with `FASTI_KILL_ROUNDS`.
fn rounds() -> usize {
    std::env::var("FASTI_KILL_ROUNDS").map_or(3, |rounds| rounds.parse().unwrap())
}

#[test]
fn a_killed_server_has_every_booking_that_it_acknowledged() {
    let folder = Folder::new();
    let server = Server::demo(&folder, &["--now", NOW]);
    let event_type = open_calendar(&server);
    drop(server);
    let mut acknowledged = BTreeMap::new();
    for round in 0..rounds() {
        let server = Server::demo(&folder, &["--now", NOW]);
        book_until_killed(server, (&event_type, round), &mut acknowledged);
        let server = Server::demo(&folder, &["--now", NOW]);
        check(&server, &acknowledged);
    }
    assert!(acknowledged.len() >= rounds() * ACKNOWLEDGED);
}

/// An event type that can be booked every five minutes of every day; the answer is its path.
pub fn open_calendar(server: &Server) -> String {
    let user = text(&server.get("/users/me")["resource"]["uri"]);
    let intervals = json!([{"from": "00:00", "to": "24:00"}]);
    let days = [
        "sunday",
        "monday",
        "tuesday",
        "wednesday",
        "thursday",
        "friday",
        "saturday",
    ];
    let rules = days.map(|day| json!({"type": "wday", "wday": day, "intervals": intervals}));
    let hours = json!({"name": "Always", "timezone": "UTC", "rules": rules});
    let post = |path: &str, body: &Value| {
        let (status, body) = request(&server.address, ("POST", path), Some(body)).unwrap();
        assert_eq!(status, 201, "{body}");
        text(&body["resource"]["uri"])
    };
    let schedule = post("/user_availability_schedules", &hours);
    let event_type = post(
        "/event_types",
        &json!({
            "owner": user, "name": "Often", "active": true, "duration": 5, "start_time_increment": 5,
            "availability_schedule": schedule, "booking_window": {"type": "unlimited"},
        }),
    );
    event_type.replace(&format!("http://{}", server.address), "http://fasti.test")
}

/// The start with this number, each round in a month of its own.
fn start(round: usize, number: usize) -> Timestamp {
    let first = civil::add_days(date(2026, 4, 1), i64::try_from(round * 30).unwrap());
    let first = civil::instant(first, TimeOfDay::START, &TimeZone::UTC);
    first + jiff::SignedDuration::from_mins(i64::try_from(number * 5).unwrap())
}

/// Books from several threads, every time from two of them, until enough is acknowledged, and kills the server.
fn book_until_killed(
    server: Server,
    (event_type, round): (&str, usize),
    acknowledged: &mut BTreeMap<String, String>,
) {
    let (sender, receiver) = mpsc::channel();
    let counter = AtomicUsize::new(0);
    let address = server.address.clone();
    thread::scope(|scope| {
        for _ in 0..CALLERS {
            let (sender, counter, address) = (sender.clone(), &counter, &address);
            scope.spawn(move || book(address, event_type, (round, counter), &sender));
        }
        drop(sender);
        let mut server = Some(server);
        let mut count = 0;
        for (event, start) in receiver {
            acknowledged.insert(event, start);
            count += 1;
            if count == ACKNOWLEDGED {
                server.take().unwrap().kill();
            }
        }
        assert!(server.is_none(), "only {count} bookings were acknowledged");
    });
}

/// Books one time after the other until the server is gone.
fn book(
    address: &str,
    event_type: &str,
    (round, counter): (usize, &AtomicUsize),
    sender: &Sender<(String, String)>,
) {
    loop {
        let start = start(round, counter.fetch_add(1, Ordering::Relaxed) / 2).to_string();
        let Ok((status, body)) = request(
            address,
            ("POST", "/invitees"),
            Some(&booking(event_type, &start)),
        ) else {
            return;
        };
        match status {
            201 => {
                let event = text(&body["resource"]["event"]);
                let id = event.rsplit('/').next().unwrap().to_owned();
                sender.send((id, start)).unwrap();
            }
            409 => assert_eq!(body["code"], "time_taken"),
            _ => panic!("{status}: {body}"),
        }
    }
}

/// Each acknowledged booking is there, each that is there is whole, and no two overlap.
fn check(server: &Server, acknowledged: &BTreeMap<String, String>) {
    let events = events(server);
    for (id, start) in acknowledged {
        let event = events
            .get(id)
            .unwrap_or_else(|| panic!("{id} at {start} was acknowledged and is not there"));
        assert_eq!(event["status"], "active");
        assert_eq!(
            text(&event["start_time"]).parse::<Timestamp>().unwrap(),
            start.parse::<Timestamp>().unwrap()
        );
    }
    for (id, event) in &events {
        assert_eq!(
            event["invitees_counter"],
            json!({"total": 1, "active": 1, "limit": 1}),
            "{event}"
        );
        let invitees = server.get(&format!("/scheduled_events/{id}/invitees"));
        assert_eq!(invitees["collection"].as_array().map(Vec::len), Some(1));
    }
    let mut times: Vec<(String, String)> = events
        .values()
        .map(|event| (text(&event["start_time"]), text(&event["end_time"])))
        .collect();
    times.sort();
    assert!(
        times.windows(2).all(|pair| pair[0].1 <= pair[1].0),
        "two meetings overlap"
    );
    assert_eq!(busy(server), times);
}

/// All events by id.
fn events(server: &Server) -> BTreeMap<String, Value> {
    let user = text(&server.get("/users/me")["resource"]["uri"]);
    let mut next = json!(path(
        "/scheduled_events",
        &[("user", &user), ("count", "100")]
    ));
    let mut events = BTreeMap::new();
    while let Some(page) = next.as_str() {
        let mut page = server.get(page);
        for event in page["collection"].as_array().unwrap() {
            let id = text(&event["uri"]).rsplit('/').next().unwrap().to_owned();
            assert!(
                events.insert(id, event.clone()).is_none(),
                "{event} is listed twice"
            );
        }
        next = page["pagination"]["next_page"].take();
    }
    events
}

/// What meetings block, in order, over the next years.
fn busy(server: &Server) -> Vec<(String, String)> {
    let user = text(&server.get("/users/me")["resource"]["uri"]);
    let mut times = Vec::new();
    for (from, to) in [("2026-03-01", "2027-03-01"), ("2027-03-01", "2028-02-29")] {
        let (from, to) = (format!("{from}T00:00:00Z"), format!("{to}T00:00:00Z"));
        let query = [
            ("user", user.as_str()),
            ("start_time", &from),
            ("end_time", &to),
        ];
        let answer = server.get(&path("/user_busy_times", &query));
        let rows = answer["collection"].as_array().unwrap().iter();
        let meetings = rows.filter(|row| row["type"] == "calendly");
        times.extend(meetings.map(|row| (text(&row["start_time"]), text(&row["end_time"]))));
    }
    times
}
