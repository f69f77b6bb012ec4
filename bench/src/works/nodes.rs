//! Several servers on one PostgreSQL.

use super::{Bench, Section, office::Office};
use crate::{
    Failure,
    bookings::{self, Bookings},
    database::Engine,
    fasti::Node,
    http,
    load::{Repeated, Server},
    organization::Hours,
    report::{self, Table},
};

/// Divisible by every number of nodes.
const CONNECTIONS: usize = 48;

const HOSTS: u32 = 500;

/// One, two and three of them.
pub fn run(bench: &Bench) -> Result<Section, Failure> {
    if !bench.has_postgres() {
        let text = "Not measured: it needs PostgreSQL.".to_owned();
        return Ok(Section {
            text,
            ..Section::default()
        });
    }
    let office = Office::create(&bench.program, Engine::Postgres, (HOSTS, Hours::Always))?;
    let before = office.meetings()?;
    let mut bookings = office.bookings(1..=HOSTS);
    let mut table = Table::new(&[
        "nodes",
        "",
        "requests/s",
        "p50",
        "p99",
        "CPU per request",
        "memory",
    ]);
    for count in 1..=3 {
        measure(bench, (&office, count), &mut bookings, &mut table)?;
    }
    let database = &office.organization.database;
    bookings::check(database, bookings.acknowledged(), before)?;
    Ok(Section {
        text: format!(
            "{CONNECTIONS} connections spread over the nodes, which share one PostgreSQL, and here also the machine with \
             it and with the load: what a node adds on a machine of its own is not to be seen, only what sharing costs. \
             Memory is that of all nodes."
        ),
        tables: vec![table],
        targets: Vec::new(),
    })
}

fn measure(
    bench: &Bench,
    (office, count): (&Office, usize),
    bookings: &mut Bookings,
    table: &mut Table,
) -> Result<(), Failure> {
    let nodes = (0..count)
        .map(|_| office.serve())
        .collect::<Result<Vec<Node>, Failure>>()?;
    let servers: Vec<Server> = nodes.iter().map(Node::server).collect();
    let path = office.available_times();
    // the addresses that nodes answer with are equally long
    let length = office
        .organization
        .caller(&nodes[0])?
        .get(&path)?
        .body
        .len();
    let request = http::get(&path, &office.organization.token);
    let reads = bench.load(&servers, CONNECTIONS, &mut Repeated { request, length })?;
    let booked = bench.load(&servers, CONNECTIONS, bookings)?;
    for (what, measured) in [("available times", reads), ("bookings", booked)] {
        let mut cells = vec![count.to_string(), what.to_owned()];
        cells.extend(report::answers(&measured));
        table.row(cells);
    }
    Ok(())
}
