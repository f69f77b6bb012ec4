//! Fills: what the server wrote once, many times, by one statement a table.

use crate::{
    Failure,
    database::{Database, Engine},
    organization::{Booked, Host},
    row::{Kind, Row, id},
    times::{DAY, MINUTE},
};

/// The rows of a booked meeting.
#[derive(Clone, Debug)]
pub struct Meeting {
    engine: Engine,
    event: Row,
    host: Row,
    busy: Row,
    invitee: Row,
}

/// What differs between a meeting and its pattern, as SQL; ids and instants.
#[derive(Clone, Debug)]
pub struct Change {
    /// The id of the scheduled event.
    pub event: String,
    /// The id of the invitee.
    pub invitee: String,
    /// Whose time it takes, if not the same host's.
    pub host: Option<String>,
    /// What was booked, if not the same.
    pub event_type: Option<String>,
    /// When it starts.
    pub start: String,
    /// When it ends.
    pub end: String,
}

impl Meeting {
    /// The rows of a meeting that the server booked.
    pub fn read(database: &Database, booked: &Booked) -> Result<Meeting, Failure> {
        let event = database.engine.uuid(&booked.event);
        let row = |table, key| Row::read(database, table, &format!("{key} = {event}"));
        Ok(Meeting {
            engine: database.engine,
            event: row("scheduled_events", "id")?,
            host: row("scheduled_event_hosts", "scheduled_event_id")?,
            busy: row("busy_intervals", "source_id")?,
            invitee: row("invitees", "scheduled_event_id")?,
        })
    }

    /// Another meeting.
    pub fn with(self, change: Change) -> Result<Meeting, Failure> {
        let mut place = vec![("starts_at", change.start.clone())];
        place.extend(change.host.map(|host| ("host_id", host)));
        place.extend(
            change
                .event_type
                .map(|event_type| ("event_type_id", event_type)),
        );
        let mut whole = place.clone();
        whole.push(("ends_at", change.end.clone()));
        whole.push(("buffered_starts_at", change.start));
        whole.push(("buffered_ends_at", change.end));
        let event = change.event;
        Ok(Meeting {
            engine: self.engine,
            event: self.event.with(&whole)?.with(&[("id", event.clone())])?,
            host: self
                .host
                .with(&place)?
                .with(&[("scheduled_event_id", event.clone())])?,
            busy: self
                .busy
                .with(&whole)?
                .with(&[("source_id", event.clone())])?,
            invitee: self
                .invitee
                .with(&[("id", change.invitee), ("scheduled_event_id", event)])?,
        })
    }

    /// Its rows, in the order in which the server writes them.
    pub fn rows(&self) -> [&Row; 4] {
        [&self.event, &self.host, &self.busy, &self.invitee]
    }

    fn copies(&self, first: u32, last: u32) -> Vec<String> {
        self.rows().map(|row| row.copies(first, last)).to_vec()
    }
}

/// The pattern, with a number `n` for all ids, from one second after 1970 to another.
fn numbered(engine: Engine, start: &str, end: &str) -> Change {
    Change {
        event: engine.id(Kind::Event, "n"),
        invitee: engine.id(Kind::Invitee, "n"),
        host: None,
        event_type: None,
        start: engine.instant(start),
        end: engine.instant(end),
    }
}

/// Some of so many meetings of a host, each soon after the one before, the last of which ends shortly before an instant.
pub fn past_meetings(
    meeting: &Meeting,
    (host, event_type): (String, String),
    ((first, last), of): ((u32, u32), u32),
    end: i64,
) -> Result<Vec<String>, Failure> {
    // so short that two million of them fit into the time since 1970
    const STEP: i64 = 13 * MINUTE;
    const LENGTH: i64 = 10 * MINUTE;
    let origin = end - i64::from(of + 1) * STEP;
    let start = format!("{origin} + n * {STEP}");
    let change = Change {
        host: Some(host),
        event_type: Some(event_type),
        ..numbered(meeting.engine, &start, &format!("{start} + {LENGTH}"))
    };
    Ok(meeting.clone().with(change)?.copies(first, last))
}

/// So many hosts like one that is there; [`host`] tells their ids.
pub fn hosts(database: &Database, like: &Host, count: u32) -> Result<Vec<String>, Failure> {
    let engine = database.engine;
    let id = |kind| engine.id(kind, "n");
    let user = engine.uuid(&like.user);
    let event_type = engine.uuid(&like.event_type);
    let name = |end: &str| format!("'host' || n || '{end}'");
    let theirs = |kind| vec![("id", id(kind)), ("user_id", id(Kind::User))];
    let as_user = vec![("id", id(Kind::User))];
    let named = vec![
        ("id", id(Kind::User)),
        ("slug", name("")),
        ("email", name("@example.com")),
    ];
    let rows = [
        ("users", format!("id = {user}"), named),
        ("hosts", format!("id = {user}"), as_user),
        (
            "organization_memberships",
            format!("user_id = {user}"),
            theirs(Kind::Membership),
        ),
        (
            "user_availability_schedules",
            format!("user_id = {user}"),
            theirs(Kind::Schedule),
        ),
        (
            "event_types",
            format!("id = {event_type}"),
            theirs(Kind::EventType),
        ),
    ];
    let copies = rows.into_iter().map(|(table, condition, changes)| {
        let row = Row::read(database, table, &condition)?.with(&changes)?;
        Ok(row.copies(1, count))
    });
    copies.collect()
}

/// One of the hosts of a fill, who are counted from 1.
pub fn host(number: u32) -> Host {
    Host {
        user: id(Kind::User, number),
        event_type: id(Kind::EventType, number),
    }
}

/// So many meetings of 30 minutes for each of the hosts of a fill, one each working day from a Monday on, between 8 and
/// 16 UTC at another time of the day each.
pub fn meetings_of_hosts(
    meeting: &Meeting,
    hosts: u32,
    each: u32,
    monday: i64,
) -> Result<Vec<String>, Failure> {
    let engine = meeting.engine;
    let (number, index) = (
        format!("((n - 1) / {each} + 1)"),
        format!("((n - 1) % {each})"),
    );
    let day = format!("({index} + 2 * ({index} / 5)) * {DAY}");
    let time = format!(
        "{} + ({number} * 7 + {index} * 5) % 16 * {}",
        8 * 60 * MINUTE,
        30 * MINUTE
    );
    let start = format!("{monday} + {day} + {time}");
    let change = Change {
        host: Some(engine.id(Kind::User, &number)),
        event_type: Some(engine.id(Kind::EventType, &number)),
        ..numbered(engine, &start, &format!("{start} + {}", 30 * MINUTE))
    };
    Ok(meeting.clone().with(change)?.copies(1, hosts * each))
}
