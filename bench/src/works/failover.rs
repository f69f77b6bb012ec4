//! Bookings while PostgreSQL's primary dies and its standby is promoted. The nodes know both and are left alone.

use super::{Bench, Section};
use crate::{
    Failure, bookings,
    client::{Answer, Client},
    database::Database,
    fasti::Node,
    http,
    organization::{Host, Hours, Organization, booking, id},
    report::{self, Table, Target},
    times::{self, MINUTE},
};
use serde_json::Value;
use std::{
    collections::{BTreeMap, BTreeSet},
    net::SocketAddr,
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::{Duration, Instant},
};
use testdb::Pair;

/// Half of them book times that nobody else wants, the others all want the same ones.
const CONNECTIONS: usize = 32;

/// How long it takes whoever watches the primary to promote the standby.
const NOTICED: Duration = Duration::from_secs(1);

/// How long to wait after a 503.
const PAUSE: Duration = Duration::from_millis(50);

/// Loads two nodes, stops the primary and promotes the standby.
pub fn run(bench: &Bench) -> Result<Section, Failure> {
    if !bench.has_postgres() {
        let text = "Not measured: it needs PostgreSQL.".to_owned();
        return Ok(Section {
            text,
            ..Section::default()
        });
    }
    let mut pair = Pair::start(&["max_wal_size=4GB"]);
    let organization = Organization::within(&bench.program, Database::of_pair(&pair)?)?;
    let nodes = [organization.serve()?, organization.serve()?];
    let hosts = hosts(&organization, &nodes[0])?;
    let ended = AtomicBool::new(false);
    let (found, outage) = thread::scope(|scope| {
        let callers: Vec<_> = (0..CONNECTIONS)
            .map(|number| {
                let node = number % nodes.len();
                let caller = Caller {
                    node,
                    address: nodes[node].address,
                    token: &organization.token,
                    wanted: Wanted::of(number, &hosts),
                };
                let ended = &ended;
                scope.spawn(move || caller.book_until(ended))
            })
            .collect();
        let outage = Outage::cause(bench, &mut pair);
        ended.store(true, Ordering::Relaxed);
        let mut found = Found::default();
        for caller in callers {
            found.add(caller.join().map_err(|_panic| "a caller panicked")??);
        }
        Ok::<_, Failure>((found, outage))
    })?;
    section(&organization.database, found, &outage)
}

/// The first one is whom many want; each of the others is wanted by a connection of each node.
fn hosts(organization: &Organization, node: &Node) -> Result<Vec<Host>, Failure> {
    let mut client = organization.caller(node)?;
    (0..=CONNECTIONS / 4)
        .map(|number| Host::add(&mut client, &format!("host{number}"), Hours::Always))
        .collect()
}

/// When what happened to the database.
struct Outage {
    began: Instant,
    promoted: Instant,
}

impl Outage {
    fn cause(bench: &Bench, pair: &mut Pair) -> Outage {
        thread::sleep(bench.measured);
        let began = Instant::now();
        pair.stop_first();
        thread::sleep(NOTICED);
        pair.promote_second();
        let promoted = Instant::now();
        thread::sleep(bench.measured);
        Outage { began, promoted }
    }

    /// What was acknowledged after the promotion.
    fn afterwards<'a>(&self, found: &'a Found) -> Vec<&'a Booked> {
        let booked = found.booked.iter();
        booked.filter(|one| self.promoted <= one.at).collect()
    }
}

/// A booking that was acknowledged.
struct Booked {
    at: Instant,
    node: usize,
    event: String,
}

/// What callers were answered.
#[derive(Default)]
struct Found {
    booked: Vec<Booked>,
    answers: BTreeMap<u16, u64>,
}

impl Found {
    fn add(&mut self, mut other: Found) {
        self.booked.append(&mut other.booked);
        for (status, count) in other.answers {
            *self.answers.entry(status).or_default() += count;
        }
    }

    fn count(&self, status: u16) -> String {
        let count = self.answers.get(&status).copied().unwrap_or_default();
        count.to_string()
    }
}

/// The times that a connection wants: every one of a host, or every second one.
struct Wanted<'a> {
    event_type: &'a str,
    first: usize,
    step: usize,
}

impl Wanted<'_> {
    /// The first half of the connections want the same, the others share a host with one more each.
    fn of(number: usize, hosts: &[Host]) -> Wanted<'_> {
        let (host, first, step) = match number.checked_sub(CONNECTIONS / 2) {
            None => (0, 0, 1),
            Some(number) => (1 + number / 2, number % 2, 2),
        };
        Wanted {
            event_type: &hosts[host].event_type,
            first,
            step,
        }
    }
}

/// One connection to a node.
struct Caller<'a> {
    node: usize,
    address: SocketAddr,
    token: &'a str,
    wanted: Wanted<'a>,
}

impl Caller<'_> {
    /// Books one time after the other. A time that is answered 503 is wanted again: it may have been booked.
    fn book_until(&self, ended: &AtomicBool) -> Result<Found, Failure> {
        let mut client = Client::connect(self.address, self.token)?;
        let (mut found, mut number) = (Found::default(), self.wanted.first);
        while !ended.load(Ordering::Relaxed) {
            let answer = self.book(&mut client, number)?;
            *found.answers.entry(answer.status).or_default() += 1;
            match answer.status {
                201 => found.booked.push(self.booked(&answer)?),
                409 => {}
                503 => {
                    thread::sleep(PAUSE);
                    continue;
                }
                other => return Err(format!("a booking was answered {other}").into()),
            }
            number += self.wanted.step;
        }
        Ok(found)
    }

    fn book(&self, client: &mut Client, number: usize) -> Result<Answer, Failure> {
        let start = times::monday() + 30 * MINUTE * i64::try_from(number)?;
        let body = booking(self.wanted.event_type, &times::text(start));
        client.send(&http::with_body("POST", "/invitees", self.token, &body))
    }

    fn booked(&self, answer: &Answer) -> Result<Booked, Failure> {
        let body: Value = serde_json::from_slice(&answer.body)?;
        Ok(Booked {
            at: Instant::now(),
            node: self.node,
            event: id(&body["resource"]["event"])?,
        })
    }
}

const EVENTS: &str = "select cast(id as text) from scheduled_events";

fn section(database: &Database, mut found: Found, outage: &Outage) -> Result<Section, Failure> {
    found.booked.sort_by_key(|booked| booked.at);
    let there: BTreeSet<String> = database.rows(EVENTS)?.into_iter().flatten().collect();
    let is_lost = |booked: &&Booked| !there.contains(&booked.event);
    let lost = found.booked.iter().filter(is_lost).count();
    let after = outage.afterwards(&found);
    let booking: BTreeSet<usize> = after.iter().map(|booked| booked.node).collect();
    let silent = 2_usize.saturating_sub(booking.len());
    let none = |what: &str, seen| Target::none(format!("Failover: {what}"), seen);
    Ok(Section {
        text: format!(
            "Two nodes on a primary that acknowledges a commit when its standby has it. {CONNECTIONS} connections book, \
             half of them times that all of them want. The primary is stopped as by a crash and the standby promoted \
             {} second later; the nodes know the addresses of both and are left alone.",
            NOTICED.as_secs()
        ),
        tables: vec![table(&found, outage, there.len())],
        targets: vec![
            none("acknowledged bookings that are lost", u64::try_from(lost)?),
            none("meetings that overlap", bookings::overlaps(database)?),
            none("nodes that do not book afterwards", u64::try_from(silent)?),
        ],
    })
}

fn table(found: &Found, outage: &Outage, there: usize) -> Table {
    let before = found
        .booked
        .partition_point(|booked| booked.at < outage.began);
    let first = outage.afterwards(found).first().copied();
    let first = first.map_or(Duration::MAX, |booked| booked.at - outage.promoted);
    let gaps = found.booked.windows(2).map(|two| two[1].at - two[0].at);
    let longest = gaps.max().unwrap_or_default();
    let promotion = outage.promoted - outage.began;
    let mut table = Table::new(&["", ""]);
    for (what, value) in [
        ("acknowledged before", before.to_string()),
        (
            "acknowledged afterwards",
            (found.booked.len() - before).to_string(),
        ),
        ("refused because the time was taken (409)", found.count(409)),
        ("refused because of the outage (503)", found.count(503)),
        ("meetings that are there", there.to_string()),
        (
            "from the stop until the promotion was done",
            report::time(promotion),
        ),
        ("from then until the first booking", report::time(first)),
        ("longest time without a booking", report::time(longest)),
    ] {
        table.row([what.to_owned(), value]);
    }
    table
}
