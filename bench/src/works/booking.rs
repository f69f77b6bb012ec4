//! Bookings over HTTP against raw inserts of the same rows, every commit durable.

use super::{Bench, Section, office::Office};
use crate::{
    Failure,
    bookings::{self, Bookings},
    ceiling::Ceiling,
    database::Engine,
    load::{Measurement, Server},
    organization::Hours,
    raw_inserts::{self, Counter, Inserted},
    report::{self, Table, Target},
    times,
};

const CONNECTIONS: [usize; 3] = [1, 16, 64];

/// So many hosts take turns; one more is the one that everybody wants.
const HOSTS: u32 = 500;

/// Measures each engine by itself.
pub fn run(bench: &Bench) -> Result<Section, Failure> {
    let mut section = Section {
        text: format!(
            "`POST /invitees`, each for another free time: of {HOSTS} hosts in turn, and of one host whom all want. \
             Raw inserts write the same four rows (event, host, busy interval, invitee) without HTTP, rules or locks: \
             those who wait share a commit, or each has its own. The ceiling of HTTP reads the JSON and returns the \
             same answer. Afterwards the database has exactly what was acknowledged, and no two meetings overlap."
        ),
        ..Section::default()
    };
    for engine in &bench.engines {
        let (table, share) = measure(bench, *engine)?;
        section.tables.push(table);
        if *engine == Engine::Sqlite {
            let most = CONNECTIONS[2];
            let what = format!("Booking, SQLite, {most} connections: bookings/s");
            section
                .targets
                .push(Target::at_least(what, 0.5, "raw inserts'", share));
        }
    }
    Ok(section)
}

/// The table of an engine, and its share of the raw inserts at most connections.
fn measure(bench: &Bench, engine: Engine) -> Result<(Table, f64), Failure> {
    let office = Office::create(&bench.program, engine, (HOSTS + 1, Hours::Always))?;
    let before = office.meetings()?;
    let node = office.serve()?;
    let mut client = office.organization.caller(&node)?;
    let booked = office.bo.book(&mut client, &far_ahead(&office))?;
    let mut sides = Sides {
        ceiling: Ceiling::start(&booked.answer)?,
        raw: Raw::create(bench, engine)?,
        spread: office.bookings(1..=HOSTS),
        hot: office.bookings(HOSTS + 1..=HOSTS + 1),
        unheard: office.bookings(1..=HOSTS),
    };
    let mut lines = Lines::new(engine);
    let mut share = 0.0;
    for connections in CONNECTIONS {
        share = sides.measure(bench, (node.server(), connections), &mut lines)?;
    }
    drop(node);
    let acknowledged = sides.spread.acknowledged() + sides.hot.acknowledged() + 1;
    bookings::check(&office.organization.database, acknowledged, before)?;
    Ok((lines.table, share))
}

/// What is compared.
struct Sides {
    ceiling: Ceiling,
    raw: Raw,
    /// Of many hosts.
    spread: Bookings,
    /// Of one host.
    hot: Bookings,
    /// Those that the ceiling hears and forgets.
    unheard: Bookings,
}

impl Sides {
    /// One after the other; the share of the raw inserts that bookings of many hosts reach.
    fn measure(
        &mut self,
        bench: &Bench,
        (node, connections): (Server, usize),
        lines: &mut Lines,
    ) -> Result<f64, Failure> {
        let ceiling = bench.load(&[self.ceiling.server()], connections, &mut self.unheard)?;
        lines.loaded(connections, ("ceiling of HTTP", None), &ceiling);
        let highest = self.raw.measure(bench, connections, lines)?;
        let spread = bench.load(&[node], connections, &mut self.spread)?;
        let share = spread.rate / highest;
        lines.loaded(connections, ("Fasti, 500 hosts", Some(share)), &spread);
        let hot = bench.load(&[node], connections, &mut self.hot)?;
        let hot_share = Some(hot.rate / highest);
        lines.loaded(connections, ("Fasti, one host", hot_share), &hot);
        Ok(share)
    }
}

/// A time at which nothing else is booked.
fn far_ahead(office: &Office) -> String {
    // noon in Berlin, on a Monday
    times::text(office.monday + 10 * 7 * times::DAY + 11 * 60 * times::MINUTE)
}

/// A database of its own for raw inserts.
struct Raw(Office);

impl Raw {
    fn create(bench: &Bench, engine: Engine) -> Result<Raw, Failure> {
        Ok(Raw(Office::create(
            &bench.program,
            engine,
            (0, Hours::Always),
        )?))
    }

    /// The most that raw inserts reach.
    fn measure(&self, bench: &Bench, callers: usize, lines: &mut Lines) -> Result<f64, Failure> {
        let Office {
            organization,
            meeting,
            monday,
            ..
        } = &self.0;
        let database = &organization.database;
        let plan = raw_inserts::Plan {
            callers,
            measured: bench.measured,
            monday: *monday,
        };
        let mut counter = self.counter()?;
        if database.engine == Engine::Sqlite {
            let shared = raw_inserts::sqlite_in_batches(database, meeting, plan, &mut counter)?;
            lines.inserted(callers, "raw inserts, shared commits", &shared);
            return Ok(shared.rate);
        }
        let alone = raw_inserts::postgres_one_by_one(database, meeting, plan, &mut counter)?;
        lines.inserted(callers, "raw inserts, a commit each", &alone);
        let shared = raw_inserts::postgres_in_batches(database, meeting, plan, &mut counter)?;
        lines.inserted(callers, "raw inserts, shared commits", &shared);
        Ok(alone.rate.max(shared.rate))
    }

    /// Goes on where the last measurement ended.
    fn counter(&self) -> Result<Counter, Failure> {
        Ok(Counter::after(self.0.meetings()?))
    }
}

/// The lines of a table.
struct Lines {
    table: Table,
}

impl Lines {
    fn new(engine: Engine) -> Lines {
        let header = [
            "connections",
            engine.name(),
            "bookings/s",
            "p50",
            "p99",
            "CPU per booking",
            "memory",
            "of raw inserts",
        ];
        Lines {
            table: Table::new(&header),
        }
    }

    fn loaded(
        &mut self,
        connections: usize,
        (name, share): (&str, Option<f64>),
        measured: &Measurement,
    ) {
        let share = share.map(report::share).unwrap_or_default();
        self.row(connections, name, report::answers(measured).into(), share);
    }

    fn inserted(&mut self, callers: usize, name: &str, inserted: &Inserted) {
        let mut cells = vec![report::rate(inserted.rate)];
        cells.extend(report::percentiles(&inserted.latencies));
        cells.extend([String::new(), String::new()]);
        self.row(callers, name, cells, String::new());
    }

    fn row(&mut self, connections: usize, name: &str, cells: Vec<String>, share: String) {
        let mut row = vec![connections.to_string(), name.to_owned()];
        row.extend(cells);
        row.push(share);
        self.table.row(row);
    }
}
