//! One question, always the same, against a ceiling that returns the same bytes.

use super::{Bench, Section, in_turn::in_turn, office::Office};
use crate::{
    Failure,
    ceiling::Ceiling,
    database::Engine,
    fasti::Node,
    http,
    load::{Measurement, Repeated},
    organization::Hours,
    report::{self, Table, Target},
};

/// So many connections.
const CONNECTIONS: [usize; 3] = [1, 16, 64];

/// At this number of connections the slowest answers are looked at.
const USUAL: usize = 16;

/// A server and what it is asked.
struct Asked {
    engine: Engine,
    node: Node,
    traffic: Repeated,
    /// Of each number of connections, the share of the ceiling's answers a second.
    shares: Vec<f64>,
    /// How many times the ceiling's p99 the server's was, at the usual number.
    slowness: f64,
    _office: Office,
}

/// Asks for a path on every engine.
pub fn against_ceiling(
    bench: &Bench,
    what: &str,
    path: fn(&Office) -> String,
) -> Result<Section, Failure> {
    let mut servers = Vec::new();
    let mut body = Vec::new();
    for engine in &bench.engines {
        let (server, answered) = Asked::start(bench, *engine, path)?;
        servers.push(server);
        body = answered;
    }
    let ceiling = Ceiling::start(&body)?;
    let mut section = Section {
        text: format!(
            "{what} The answer has {}.",
            report::bytes(body.len() as u64)
        ),
        ..Section::default()
    };
    let mut table = Table::new(&[
        "connections",
        "",
        "requests/s",
        "p50",
        "p99",
        "CPU per request",
        "memory",
        "CPU of the load",
        "of the ceiling",
        "p99 of the ceiling's",
    ]);
    for connections in CONNECTIONS {
        measure(bench, connections, (&ceiling, &mut servers), &mut table)?;
    }
    section.tables.push(table);
    for server in &servers {
        section.targets.extend(server.targets(what));
    }
    Ok(section)
}

/// The ceiling and the servers in turn.
fn measure(
    bench: &Bench,
    connections: usize,
    (ceiling, servers): (&Ceiling, &mut [Asked]),
    table: &mut Table,
) -> Result<(), Failure> {
    let Some(first) = servers.first() else {
        return Ok(());
    };
    let mut all = vec![(ceiling.server(), first.traffic.clone())];
    all.extend(
        servers
            .iter()
            .map(|server| (server.node.server(), server.traffic.clone())),
    );
    let turns = in_turn(bench, connections, &mut all)?;
    let highest = turns.median(0).ok_or("nothing was measured")?;
    let nothing = ["", ""].map(str::to_owned);
    table.row(row(connections, "ceiling", highest, nothing));
    for (server, number) in servers.iter_mut().zip(1..) {
        let measured = turns.median(number).ok_or("nothing was measured")?;
        let (share, slowness) = (turns.share(number), turns.slowness(number));
        let compared = [report::share(share), format!("× {slowness:.1}")];
        table.row(row(connections, server.engine.name(), measured, compared));
        server.shares.push(share);
        if connections == USUAL {
            server.slowness = slowness;
        }
    }
    Ok(())
}

fn row(
    connections: usize,
    name: &str,
    measured: &Measurement,
    compared: [String; 2],
) -> Vec<String> {
    let mut cells = vec![connections.to_string(), name.to_owned()];
    cells.extend(report::answers(measured));
    cells.push(report::time(measured.own_cpu));
    cells.extend(compared);
    cells
}

impl Asked {
    fn start(
        bench: &Bench,
        engine: Engine,
        path: fn(&Office) -> String,
    ) -> Result<(Asked, Vec<u8>), Failure> {
        let office = Office::create(&bench.program, engine, (0, Hours::Always))?;
        let node = office.serve()?;
        let path = path(&office);
        let body = office.organization.caller(&node)?.get(&path)?.body;
        let asked = Asked {
            engine,
            node,
            traffic: Repeated {
                request: http::get(&path, &office.organization.token),
                length: body.len(),
            },
            shares: Vec::new(),
            slowness: f64::INFINITY,
            _office: office,
        };
        Ok((asked, body))
    }

    fn targets(&self, what: &str) -> [Target; 2] {
        let what = what.split([':', ',', '.']).next().unwrap_or_default();
        let engine = self.engine.name();
        let least = self.shares.iter().copied().fold(f64::INFINITY, f64::min);
        [
            Target::at_least(
                format!("{what}, {engine}: requests/s, the least of {CONNECTIONS:?} connections"),
                0.5,
                "the ceiling's",
                least,
            ),
            Target::times_at_most(
                format!("{what}, {engine}: p99 at {USUAL} connections"),
                3.0,
                "the ceiling's",
                self.slowness,
            ),
        ]
    }
}
