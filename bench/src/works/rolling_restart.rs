//! Reads and bookings through a load balancer while one node after the other is replaced.

use super::{Bench, Section, office::Office};
use crate::{
    Failure, bookings,
    client::Client,
    database::Engine,
    fasti::Node,
    fill, http,
    organization::{Hours, booking},
    proxy::Proxy,
    report::{self, Table, Target},
    times::{self, MINUTE},
};
use std::{
    net::SocketAddr,
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::{Duration, Instant},
};

const READERS: usize = 16;

const WRITERS: u32 = 4;

/// How often each node is replaced.
const ROUNDS: usize = 2;

/// Replaces each of two nodes, twice.
pub fn run(bench: &Bench) -> Result<Section, Failure> {
    if !bench.has_postgres() {
        let text = "Not measured: it needs PostgreSQL.".to_owned();
        return Ok(Section {
            text,
            ..Section::default()
        });
    }
    let office = Office::create(&bench.program, Engine::Postgres, (WRITERS, Hours::Always))?;
    let others = office.meetings()?;
    let mut nodes = vec![office.serve()?, office.serve()?];
    let proxy = Proxy::start(&[nodes[0].address, nodes[1].address])?;
    let ended = AtomicBool::new(false);
    let (read, booked, restarts) = thread::scope(|scope| {
        let (office, ended, address) = (&office, &ended, proxy.address);
        let readers: Vec<_> = (0..READERS)
            .map(|_| scope.spawn(move || reads(office, address, ended)))
            .collect();
        let writers: Vec<_> = (1..=WRITERS)
            .map(|number| scope.spawn(move || books(office, (address, number), ended)))
            .collect();
        let restarts = restart(bench, (office, &proxy), &mut nodes);
        ended.store(true, Ordering::Relaxed);
        Ok::<_, Failure>((sum(readers)?, sum(writers)?, restarts?))
    })?;
    check(&office, &booked, others)?;
    Ok(section(&read, &booked, &restarts))
}

/// What was acknowledged is there, and besides it no more than what failed.
fn check(office: &Office, booked: &Requests, others: u64) -> Result<(), Failure> {
    let (found, least) = (office.meetings()? - others, booked.answered);
    if !(least..=least + booked.failed).contains(&found) {
        return Err(format!("{least} bookings were acknowledged, {found} are there").into());
    }
    match bookings::overlaps(&office.organization.database)? {
        0 => Ok(()),
        overlaps => Err(format!("{overlaps} meetings overlap").into()),
    }
}

/// How long it took to end each node, and until it was back.
fn restart(
    bench: &Bench,
    (office, proxy): (&Office, &Proxy),
    nodes: &mut Vec<Node>,
) -> Result<Vec<(Duration, Duration)>, Failure> {
    let mut took = Vec::new();
    thread::sleep(bench.measured);
    for _ in 0..ROUNDS * nodes.len() {
        let node = nodes.remove(0);
        let address = node.address;
        let ending = node.end()?;
        let ended = Instant::now();
        nodes.push(office.organization.serve_at(address)?);
        took.push((ending, ended.elapsed()));
        proxy.wait_for(address);
        thread::sleep(bench.measured);
    }
    Ok(took)
}

/// What a caller was answered.
#[derive(Default)]
struct Requests {
    answered: u64,
    failed: u64,
    /// What the first failure was.
    why: Option<String>,
    longest: Duration,
}

impl Requests {
    /// Sends a request and counts what comes of it.
    fn send(&mut self, client: &mut Client, request: &[u8], expected: u16) -> Result<(), Failure> {
        let asked = Instant::now();
        let answer = client.send(request);
        self.longest = self.longest.max(asked.elapsed());
        match answer {
            Ok(answer) if answer.status == expected => {
                self.answered += 1;
                Ok(())
            }
            Ok(answer) => {
                let why = String::from_utf8_lossy(&answer.body);
                Err(format!("{}: {why}", answer.status).into())
            }
            Err(failure) => Err(failure),
        }
    }

    fn failed(&mut self, why: &Failure) {
        self.failed += 1;
        self.why.get_or_insert_with(|| why.to_string());
    }

    fn total(&self) -> u64 {
        self.answered + self.failed
    }
}

/// The same as long as it goes on; a connection that failed is made again.
fn go_on(
    (address, token): (SocketAddr, &str),
    ended: &AtomicBool,
    mut one: impl FnMut(&mut Client, &mut Requests) -> Result<(), Failure>,
) -> Result<Requests, Failure> {
    let mut requests = Requests::default();
    let mut client = Client::connect(address, token)?;
    while !ended.load(Ordering::Relaxed) {
        if let Err(failure) = one(&mut client, &mut requests) {
            requests.failed(&failure);
            client = Client::connect(address, token)?;
        }
    }
    Ok(requests)
}

fn reads(office: &Office, address: SocketAddr, ended: &AtomicBool) -> Result<Requests, Failure> {
    let token = &office.organization.token;
    let request = http::get(&office.available_times(), token);
    go_on((address, token), ended, |client, requests| {
        requests.send(client, &request, 200)
    })
}

/// Each writer has a host, whom nobody else books.
fn books(
    office: &Office,
    (address, host): (SocketAddr, u32),
    ended: &AtomicBool,
) -> Result<Requests, Failure> {
    let (token, host) = (&office.organization.token, fill::host(host));
    let mut start = office.monday;
    go_on((address, token), ended, |client, requests| {
        let body = booking(&host.event_type, &times::text(start));
        start += 30 * MINUTE;
        let request = http::with_body("POST", "/invitees", token, &body);
        requests.send(client, &request, 201)
    })
}

type Running<'a> = thread::ScopedJoinHandle<'a, Result<Requests, Failure>>;

fn sum(callers: Vec<Running<'_>>) -> Result<Requests, Failure> {
    let mut all = Requests::default();
    for caller in callers {
        let one = caller.join().map_err(|_panic| "a caller panicked")??;
        all.answered += one.answered;
        all.failed += one.failed;
        all.longest = all.longest.max(one.longest);
        all.why = all.why.or(one.why);
    }
    Ok(all)
}

fn section(read: &Requests, booked: &Requests, restarts: &[(Duration, Duration)]) -> Section {
    let mut table = Table::new(&["", "requests", "failed", "longest answer", "first failure"]);
    for (what, requests) in [("available times", read), ("bookings", booked)] {
        table.row([
            what.to_owned(),
            requests.total().to_string(),
            requests.failed.to_string(),
            report::time(requests.longest),
            requests.why.clone().unwrap_or_default(),
        ]);
    }
    let mut nodes = Table::new(&[
        "restart",
        "until it had ended",
        "until the next one was ready",
    ]);
    for (number, (ending, starting)) in restarts.iter().enumerate() {
        let number = (number + 1).to_string();
        nodes.row([number, report::time(*ending), report::time(*starting)]);
    }
    let what = "Rolling restart: requests that fail".to_owned();
    Section {
        text: format!(
            "Two nodes behind a load balancer that asks each of them every 200 ms whether it is ready and never sends a \
             request twice. {READERS} connections ask for available times, {WRITERS} book. Each node is asked to end \
             (SIGTERM) and started again, in turn, {ROUNDS} times."
        ),
        tables: vec![table, nodes],
        targets: vec![Target::none(what, read.failed + booked.failed)],
    }
}
