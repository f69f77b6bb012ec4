//! Reads while far more is booked than the disk takes, and thousands of connections do nothing.

use super::{Bench, Section, office::Office};
use crate::{
    Failure,
    bookings::{self, Bookings},
    client::Client,
    database::Engine,
    fasti::Node,
    http::{self, Head},
    limits,
    load::{Measurement, Repeated, Traffic},
    organization::Hours,
    process,
    report::{self, Table, Target},
};
use std::{
    net::TcpStream,
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::Duration,
};

const READERS: usize = 4;

const WRITERS: usize = 256;

/// So many connections do nothing, if this process may have as many.
const IDLE: usize = 10_000;

/// So many files beside connections.
const SPARE: usize = 1_000;

const HOSTS: u32 = 500;

/// How often the memory is read.
const PAUSE: Duration = Duration::from_millis(50);

/// Measures each engine by itself.
pub fn run(bench: &Bench) -> Result<Section, Failure> {
    let mut section = Section {
        text: format!(
            "{READERS} connections ask for available times as above, first alone, then while {WRITERS} connections book \
             as fast as they are answered, refused or not, and thousands more stay open after one request each. \
             A 429 or 503 has to say when to try again."
        ),
        ..Section::default()
    };
    let mut reads = Table::new(&["", "reads", "requests/s", "p50", "p99", "refused"]);
    let mut writes = Table::new(&[
        "",
        "bookings/s",
        "p50",
        "p99",
        "201",
        "429",
        "503",
        "without `Retry-After`",
    ]);
    let mut memory = Table::new(&[
        "",
        "idle connections",
        "still open at the end",
        "memory of each",
        "memory before",
        "memory at most",
    ]);
    for engine in &bench.engines {
        let found = Found::measure(bench, *engine)?;
        found.print(engine.name(), (&mut reads, &mut writes, &mut memory));
        let what = format!(
            "Flood, {}: 429 and 503 without `Retry-After`",
            engine.name()
        );
        section
            .targets
            .push(Target::none(what, found.bookings.without_retry_after));
    }
    section.tables = vec![reads, writes, memory];
    Ok(section)
}

/// What was seen on one engine.
struct Found {
    quiet: Measurement,
    during: Measurement,
    refused_reads: u64,
    booked: Measurement,
    bookings: Bookings,
    memory: Memory,
}

/// Connections that do nothing, and what memory there was when.
struct Memory {
    connections: usize,
    open: usize,
    before: u64,
    with_idle: u64,
    highest: u64,
}

impl Found {
    fn measure(bench: &Bench, engine: Engine) -> Result<Found, Failure> {
        let office = Office::create(&bench.program, engine, (HOSTS, Hours::Always))?;
        let meetings = office.meetings()?;
        let node = office.serve()?;
        let mut reads = Reads::new(&office, &node)?;
        let mut bookings = office.bookings(1..=HOSTS);
        bookings.may_be_refused = true;
        let servers = [node.server()];
        let quiet = bench.load(&servers, READERS, &mut reads)?;
        let (idle, mut memory) = Memory::with_idle_connections(&office, &node)?;
        let ended = AtomicBool::new(false);
        let (during, booked, highest) = thread::scope(|scope| {
            let watch = scope.spawn(|| highest_memory(servers[0].process, &ended));
            let write = scope.spawn(|| bench.load(&servers, WRITERS, &mut bookings));
            let during = bench.load(&servers, READERS, &mut reads);
            let booked = write.join();
            ended.store(true, Ordering::Relaxed);
            (during, booked, watch.join())
        });
        memory.highest = highest.map_err(|_panic| "the watch over the memory panicked")??;
        memory.open = idle.iter().filter(|stream| is_open(stream)).count();
        drop(node);
        bookings::check(
            &office.organization.database,
            bookings.acknowledged(),
            meetings,
        )?;
        Ok(Found {
            quiet,
            during: during?,
            refused_reads: reads.refused,
            booked: booked.map_err(|_panic| "the bookings panicked")??,
            bookings,
            memory,
        })
    }

    fn print(&self, engine: &str, (reads, writes, memory): (&mut Table, &mut Table, &mut Table)) {
        let quiet = ("alone", &self.quiet, 0);
        let during = ("during the flood", &self.during, self.refused_reads);
        for (when, measured, refused) in [quiet, during] {
            let mut cells = vec![
                engine.to_owned(),
                when.to_owned(),
                report::rate(measured.rate),
            ];
            cells.extend(report::percentiles(&measured.latencies));
            cells.push(refused.to_string());
            reads.row(cells);
        }
        let answered = |status| {
            let count = self
                .bookings
                .answers
                .get(&status)
                .copied()
                .unwrap_or_default();
            count.to_string()
        };
        let mut cells = vec![engine.to_owned(), report::rate(self.booked.rate)];
        cells.extend(report::percentiles(&self.booked.latencies));
        cells.extend([201, 429, 503].map(answered));
        cells.push(self.bookings.without_retry_after.to_string());
        writes.row(cells);
        let found = &self.memory;
        let each = found.with_idle.saturating_sub(found.before) / (found.connections.max(1) as u64);
        memory.row([
            engine.to_owned(),
            found.connections.to_string(),
            found.open.to_string(),
            report::bytes(each),
            report::bytes(found.before),
            report::bytes(found.highest),
        ]);
    }
}

impl Memory {
    fn with_idle_connections(
        office: &Office,
        node: &Node,
    ) -> Result<(Vec<TcpStream>, Memory), Failure> {
        let before = process::memory(node.server().process)?;
        let connections = IDLE.min(limits::open_files()?.saturating_sub(SPARE + WRITERS));
        let mut idle = Vec::with_capacity(connections);
        for _ in 0..connections {
            let mut client = Client::connect(node.address, &office.organization.token)?;
            client.get("/healthz")?;
            idle.push(client.into_stream());
        }
        let with_idle = process::memory(node.server().process)?;
        let memory = Memory {
            connections,
            open: 0,
            before,
            with_idle,
            highest: 0,
        };
        Ok((idle, memory))
    }
}

fn highest_memory(process: u32, ended: &AtomicBool) -> Result<u64, Failure> {
    let mut highest = 0;
    while !ended.load(Ordering::Relaxed) {
        highest = highest.max(process::memory(process)?);
        thread::sleep(PAUSE);
    }
    Ok(highest)
}

/// Whether the server has not closed a connection on which it owes nothing.
fn is_open(stream: &TcpStream) -> bool {
    let waits = |error: &std::io::Error| error.kind() == std::io::ErrorKind::WouldBlock;
    stream.set_nonblocking(true).is_ok() && stream.peek(&mut [0]).is_err_and(|error| waits(&error))
}

/// Available times, which may be refused as bookings may, though they should not be.
struct Reads {
    repeated: Repeated,
    refused: u64,
}

impl Reads {
    fn new(office: &Office, node: &Node) -> Result<Reads, Failure> {
        let path = office.available_times();
        let length = office.organization.caller(node)?.get(&path)?.body.len();
        let request = http::get(&path, &office.organization.token);
        Ok(Reads {
            repeated: Repeated { request, length },
            refused: 0,
        })
    }
}

impl Traffic for Reads {
    fn request(&mut self, connection: usize, out: &mut Vec<u8>) {
        self.repeated.request(connection, out);
    }

    fn answered(&mut self, connection: usize, head: &Head) -> Result<(), Failure> {
        if let 429 | 503 = head.status {
            self.refused += 1;
            return Ok(());
        }
        self.repeated.answered(connection, head)
    }
}
