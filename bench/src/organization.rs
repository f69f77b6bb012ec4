//! The people who are measured: an organization with an owner, made by the commands and the API that operators use.

use crate::{
    Failure,
    client::{Answer, Client},
    database::{Database, Engine},
    fasti::{Node, Program},
    times,
};
use serde_json::{Value, json};
use std::net::SocketAddr;

const OWNER: &str = "owner@example.com";

/// Who books, always.
const INVITEE: &str =
    r#"{"name": "Emmy Noether", "email": "emmy@example.com", "timezone": "Europe/Berlin"}"#;

/// An organization in a database of its own.
pub struct Organization {
    /// Where it is kept.
    pub database: Database,
    /// A token for everything.
    pub token: String,
    program: Program,
}

/// When a host can be booked.
#[derive(Clone, Copy, Debug)]
pub enum Hours {
    /// Monday to Friday, 9 to 17 in Berlin; meetings of 30 minutes, every 30 minutes.
    Office,
    /// Around the clock; meetings of the same length.
    Always,
}

/// Somebody who can be booked.
#[derive(Clone, Debug)]
pub struct Host {
    /// The id of the user.
    pub user: String,
    /// The id of what is booked.
    pub event_type: String,
}

/// A meeting that was booked.
#[derive(Clone, Debug)]
pub struct Booked {
    /// The id of the scheduled event.
    pub event: String,
    /// The answer.
    pub answer: Vec<u8>,
}

impl Organization {
    /// Makes an organization with its owner, in a new database.
    pub fn create(program: &Program, engine: Engine) -> Result<Organization, Failure> {
        Organization::within(program, Database::create(engine)?)
    }

    /// Makes an organization with its owner in an empty database.
    pub fn within(program: &Program, database: Database) -> Result<Organization, Failure> {
        let owner = [
            "user", "create", "--owner", "--name", "Owner", "--email", OWNER,
        ];
        program.run(&database, &owner)?;
        let token = program.run(&database, &["token", "create", "--user", OWNER])?;
        Ok(Organization {
            database,
            token,
            program: program.clone(),
        })
    }

    /// Starts a server on it.
    pub fn serve(&self) -> Result<Node, Failure> {
        self.program.serve(&self.database)
    }

    /// Starts a server on it where another one was.
    pub fn serve_at(&self, address: SocketAddr) -> Result<Node, Failure> {
        self.program.serve_at(&self.database, address)
    }

    /// A caller with the owner's token.
    pub fn caller(&self, node: &Node) -> Result<Client, Failure> {
        Client::connect(node.address, &self.token)
    }
}

impl Host {
    /// Adds a user with an event type.
    pub fn add(client: &mut Client, name: &str, hours: Hours) -> Result<Host, Failure> {
        let user = client.make(
            "/users",
            &json!({"name": name, "email": format!("{name}@example.com"), "timezone": "Europe/Berlin"}),
        )?;
        let user = id(&user["uri"])?;
        if let Hours::Always = hours {
            open_around_the_clock(client, &user)?;
        }
        let event_type = client.make(
            "/event_types",
            &json!({"owner": format!("/users/{user}"), "name": "Call", "active": true, "duration": 30,
                    "start_time_increment": 30, "booking_window": {"type": "unlimited"}}),
        )?;
        let event_type = id(&event_type["uri"])?;
        Ok(Host { user, event_type })
    }

    /// The path of the times at which they can be booked, from an instant on, so many seconds.
    pub fn available_times(&self, from: i64, seconds: i64) -> String {
        let (start, end) = (times::text(from), times::text(from + seconds));
        let event_type = &self.event_type;
        format!(
            "/event_type_available_times?event_type=/event_types/{event_type}&start_time={start}&end_time={end}"
        )
    }

    /// Books them.
    pub fn book(&self, client: &mut Client, start: &str) -> Result<Booked, Failure> {
        let body: Value = serde_json::from_str(&booking(&self.event_type, start))?;
        let booked = client.make("/invitees", &body)?;
        Ok(Booked {
            event: id(&booked["event"])?,
            answer: json!({"resource": booked}).to_string().into_bytes(),
        })
    }

    /// Books so many times of theirs, spread evenly over what is on offer from an instant on, so many seconds.
    pub fn book_many(
        &self,
        client: &mut Client,
        (from, seconds): (i64, i64),
        count: usize,
    ) -> Result<(), Failure> {
        let offered = client.read(&self.available_times(from, seconds))?;
        let offered = offered["collection"]
            .as_array()
            .ok_or("no available times")?;
        if offered.len() < count {
            return Err(format!("{count} meetings do not fit into {} times", offered.len()).into());
        }
        for index in 0..count {
            let start = &offered[index * offered.len() / count]["start_time"];
            self.book(client, start.as_str().ok_or("a time without start")?)?;
        }
        Ok(())
    }
}

/// The body of a booking.
pub fn booking(event_type: &str, start: &str) -> String {
    format!(
        r#"{{"event_type": "/event_types/{event_type}", "start_time": "{start}", "invitee": {INVITEE}}}"#
    )
}

/// The starts in an answer with available times.
pub fn starts(answer: &Answer) -> Result<Vec<String>, Failure> {
    let body: Value = serde_json::from_slice(&answer.body)?;
    let times = body["collection"].as_array().ok_or("no available times")?;
    let start = |time: &Value| time["start_time"].as_str().map(str::to_owned);
    Ok(times.iter().filter_map(start).collect())
}

fn open_around_the_clock(client: &mut Client, user: &str) -> Result<(), Failure> {
    let schedules = client.read(&format!("/user_availability_schedules?user=/users/{user}"))?;
    let schedule = id(&schedules["collection"][0]["uri"])?;
    let days = [
        "monday",
        "tuesday",
        "wednesday",
        "thursday",
        "friday",
        "saturday",
        "sunday",
    ];
    let rule = |day: &&str| json!({"type": "wday", "wday": day, "intervals": [{"from": "00:00", "to": "24:00"}]});
    let rules: Vec<Value> = days.iter().map(rule).collect();
    let path = format!("/user_availability_schedules/{schedule}");
    client.change(&path, &json!({"timezone": "UTC", "rules": rules}))?;
    Ok(())
}

/// The id at the end of a URI.
pub fn id(uri: &Value) -> Result<String, Failure> {
    let id = uri.as_str().and_then(|uri| uri.rsplit('/').next());
    Ok(id.ok_or_else(|| format!("{uri} is no URI"))?.to_owned())
}
