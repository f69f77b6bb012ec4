//! The same question when the host's past grows.

use super::{Bench, Section, office::Office};
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

/// How many times as long the question takes in the end.
fn measure(
    bench: &Bench,
    engine: Engine,
    sizes: [u32; 3],
    table: &mut Table,
) -> Result<f64, Failure> {
    let office = Office::create(&bench.program, engine, (0, Hours::Always))?;
    let token = &office.organization.token;
    let path = office.available_times();
    let request = http::get(&path, token);
    let last = sizes[2];
    let (mut filled, mut fewest, mut grown) = (0, None, 1.0);
    for size in sizes {
        office.fill_past((last - size + 1, last - filled), last)?;
        filled = size;
        let node = office.serve()?;
        let length = office.organization.caller(&node)?.get(&path)?.body.len();
        let mut traffic = Repeated {
            request: request.clone(),
            length,
        };
        let measured = bench.load(&[node.server()], CONNECTIONS, &mut traffic)?;
        grown = fewest.get_or_insert(measured.rate).to_owned() / measured.rate;
        let mut cells = vec![report::count(size), engine.name().to_owned()];
        cells.extend(report::answers(&measured));
        cells.push(format!("× {grown:.2}"));
        table.row(cells);
    }
    Ok(grown)
}

impl Office {
    /// Ada has had these of so many meetings, the last of which ended two weeks before the first day.
    fn fill_past(&self, numbers: (u32, u32), of: u32) -> Result<(), Failure> {
        let database = &self.organization.database;
        let id = |id: &str| database.engine.uuid(id);
        let end = self.monday - 14 * DAY;
        let ada = (id(&self.ada.user), id(&self.ada.event_type));
        database.fill(&fill::past_meetings(
            &self.meeting,
            ada,
            (numbers, of),
            end,
        )?)
    }
}
