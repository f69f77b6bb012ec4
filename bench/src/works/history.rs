//! The same question to hosts with ever longer pasts.

use super::{Bench, Section, in_turn::in_turn, office::Office};
use crate::{
    Failure,
    database::Engine,
    fill, http,
    load::Repeated,
    organization::Hours,
    report::{self, Table, Target},
    times::DAY,
};

const CONNECTIONS: usize = 16;

/// Measures each engine by itself.
pub fn run(bench: &Bench) -> Result<Section, Failure> {
    let sizes = if bench.quick {
        [200, 20_000, 200_000]
    } else {
        [200, 20_000, 2_000_000]
    };
    let mut section = Section {
        text: format!(
            "Available times as above, {CONNECTIONS} connections, when the host has had ever more meetings until now, \
             besides the 200 to come."
        ),
        ..Section::default()
    };
    let mut table = Table::new(&[
        "past meetings",
        "",
        "requests/s",
        "p50",
        "p99",
        "CPU per request",
        "memory",
        "time of the fewest's",
    ]);
    for engine in &bench.engines {
        let grown = measure(bench, *engine, sizes, &mut table)?;
        let what = format!(
            "Time with {} past meetings, {}",
            report::count(sizes[2]),
            engine.name()
        );
        let of = format!("with {}", report::count(sizes[0]));
        section
            .targets
            .push(Target::times_at_most(what, 1.2, &of, grown));
    }
    section.tables.push(table);
    Ok(section)
}

/// How many times as long the question takes with the longest past. Each past has a server and a database of its own.
fn measure(
    bench: &Bench,
    engine: Engine,
    sizes: [u32; 3],
    table: &mut Table,
) -> Result<f64, Failure> {
    let mut offices = Vec::new();
    for size in sizes {
        let office = Office::create(&bench.program, engine, (0, Hours::Always))?;
        office.fill_past(size)?;
        let node = office.serve()?;
        let path = office.available_times();
        let traffic = Repeated {
            request: http::get(&path, &office.organization.token),
            length: office.organization.caller(&node)?.get(&path)?.body.len(),
        };
        offices.push((office, node, traffic));
    }
    let servers = offices.iter();
    let mut servers: Vec<_> = servers
        .map(|(_, node, traffic)| (node.server(), traffic.clone()))
        .collect();
    let turns = in_turn(bench, CONNECTIONS, &mut servers)?;
    for (number, size) in sizes.into_iter().enumerate() {
        let measured = turns.median(number).ok_or("nothing was measured")?;
        let mut cells = vec![report::count(size), engine.name().to_owned()];
        cells.extend(report::answers(measured));
        cells.push(format!("× {:.2}", 1.0 / turns.share(number)));
        table.row(cells);
    }
    Ok(1.0 / turns.share(sizes.len() - 1))
}

impl Office {
    /// Ada has had so many meetings, the last of which ended two weeks before the first day.
    fn fill_past(&self, meetings: u32) -> Result<(), Failure> {
        let database = &self.organization.database;
        let id = |id: &str| database.engine.uuid(id);
        let end = self.monday - 14 * DAY;
        let ada = (id(&self.ada.user), id(&self.ada.event_type));
        database.fill(&fill::past_meetings(
            &self.meeting,
            ada,
            ((1, meetings), meetings),
            end,
        )?)
    }
}
