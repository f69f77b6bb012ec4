//! Reads and bookings when the organization grows.

use super::{Bench, Section, office::Office};
use crate::{
    Failure,
    bookings::{self, Bookings},
    database::Engine,
    fill,
    http::{self, Head},
    load::{Measurement, Traffic},
    organization::Hours,
    report::{self, Table},
    times::DAY,
};

const CONNECTIONS: usize = 16;

/// How many meetings each host has.
const MEETINGS: u32 = 2;

/// Measures each number of hosts by itself.
pub fn run(bench: &Bench) -> Result<Section, Failure> {
    let sizes = if bench.quick {
        [10, 1_000, 10_000]
    } else {
        [10, 1_000, 100_000]
    };
    let mut table = Table::new(&[
        "hosts",
        "",
        "",
        "requests/s",
        "p50",
        "p99",
        "CPU per request",
        "memory",
    ]);
    for engine in &bench.engines {
        for hosts in sizes {
            measure(bench, (*engine, hosts), &mut table)?;
        }
    }
    Ok(Section {
        text: format!(
            "{CONNECTIONS} connections ask for available times (7 days around the clock, every 30 minutes) of any host, \
             then book any host. Each host has {MEETINGS} meetings."
        ),
        tables: vec![table],
        targets: Vec::new(),
    })
}

fn measure(
    bench: &Bench,
    (engine, hosts): (Engine, u32),
    table: &mut Table,
) -> Result<(), Failure> {
    let office = Office::create(&bench.program, engine, (hosts, Hours::Always))?;
    let database = &office.organization.database;
    let meetings = fill::meetings_of_hosts(&office.meeting, hosts, MEETINGS, office.monday)?;
    database.fill(&meetings)?;
    let before = office.meetings()?;
    let node = office.serve()?;
    let servers = [node.server()];
    let mut row = |what: &str, measured: &Measurement| {
        let mut cells = vec![
            report::count(hosts),
            engine.name().to_owned(),
            what.to_owned(),
        ];
        cells.extend(report::answers(measured));
        table.row(cells);
    };
    let mut anybody = Anybody::new(hosts, &office);
    row(
        "available times",
        &bench.load(&servers, CONNECTIONS, &mut anybody)?,
    );
    // later than what is there
    let first_day = office.monday + 56 * DAY;
    let mut bookings = Bookings::of(1..=hosts, &office.organization.token, first_day);
    row(
        "bookings",
        &bench.load(&servers, CONNECTIONS, &mut bookings)?,
    );
    drop(node);
    bookings::check(database, bookings.acknowledged(), before)
}

/// Available times of any host.
struct Anybody<'a> {
    hosts: u32,
    office: &'a Office,
    drawn: u32,
}

impl Anybody<'_> {
    fn new(hosts: u32, office: &Office) -> Anybody<'_> {
        Anybody {
            hosts,
            office,
            drawn: 1,
        }
    }

    /// Numerical Recipes' generator: every run asks the same hosts in the same order.
    fn draw(&mut self) -> u32 {
        self.drawn = self
            .drawn
            .wrapping_mul(1_664_525)
            .wrapping_add(1_013_904_223);
        // its lower bits repeat too soon
        let scaled = (u64::from(self.drawn) * u64::from(self.hosts)) >> 32;
        u32::try_from(scaled).unwrap_or_default() + 1
    }
}

impl Traffic for Anybody<'_> {
    fn request(&mut self, _connection: usize, out: &mut Vec<u8>) {
        let host = fill::host(self.draw());
        let path = host.available_times(self.office.monday, 7 * DAY);
        out.extend_from_slice(&http::get(&path, &self.office.organization.token));
    }

    fn answered(&mut self, _connection: usize, head: &Head) -> Result<(), Failure> {
        // hundreds of times: an empty list would be cheap
        if head.status == 200 && head.length > 10_000 {
            return Ok(());
        }
        Err(format!("no available times: {head:?}").into())
    }
}
