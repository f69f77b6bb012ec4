//! Measures a release of Fasti against what the machine could do at most, and prints the tables of `docs/benchmarks.md`.
//!
//! `cargo run --release -p bench` measures everything. Progress goes to stderr, the page to stdout.

mod bookings;
mod ceiling;
mod child;
mod client;
mod database;
mod fasti;
mod fill;
mod http;
mod latency;
mod limits;
mod load;
mod machine;
mod organization;
mod process;
mod proxy;
mod raw_inserts;
mod receiver;
mod report;
mod row;
mod times;
mod works;

use clap::{Parser, ValueEnum};
use database::Engine;
use fasti::Program;
use report::Target;
use std::{error::Error, process::ExitCode, time::Duration};
use works::{Bench, Work};

/// What a measurement may fail with.
type Failure = Box<dyn Error + Send + Sync>;

/// How long a measurement counts if nothing else is said.
const SECONDS: f64 = 3.0;

/// Measure a release of fasti and print tables in markdown.
#[derive(Debug, Parser)]
#[command(name = "bench")]
struct Arguments {
    /// What to measure [default: everything]
    #[arg(value_enum)]
    works: Vec<Work>,
    /// How many seconds each measurement counts
    #[arg(long, default_value_t = SECONDS)]
    seconds: f64,
    /// On what
    #[arg(long, value_enum, default_value_t = Engines::Both)]
    engine: Engines,
    /// Fill less: 200,000 instead of 2,000,000 past meetings, 10,000 instead of 100,000 hosts
    #[arg(long)]
    quick: bool,
    /// Fail when a target is missed
    #[arg(long)]
    check: bool,
    /// What the server logs [default: what it logs by default]
    #[arg(long, value_name = "FILTER")]
    log: Option<String>,
}

impl Arguments {
    /// The options that are not the default ones, as they are written.
    fn options(&self) -> String {
        let engine = match self.engine {
            Engines::Sqlite => " --engine sqlite",
            Engines::Postgres => " --engine postgres",
            Engines::Both => "",
        };
        let usual = (self.seconds - SECONDS).abs() < f64::EPSILON;
        let seconds = Some(format!(" --seconds {}", self.seconds)).filter(|_| !usual);
        let quick = if self.quick { " --quick" } else { "" };
        let log = self.log.as_ref().map(|filter| format!(" --log {filter}"));
        let (seconds, log) = (seconds.unwrap_or_default(), log.unwrap_or_default());
        format!("{engine}{seconds}{quick}{log}")
    }
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Engines {
    Sqlite,
    Postgres,
    Both,
}

fn main() -> ExitCode {
    let done = if std::env::args().nth(1).as_deref() == Some(ceiling::COMMAND) {
        ceiling::serve().map(|()| true)
    } else {
        measure(Arguments::parse())
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(failure) => {
            eprintln!("bench: {failure}");
            ExitCode::FAILURE
        }
    }
}

/// Measures and prints; whether that is a success.
fn measure(arguments: Arguments) -> Result<bool, Failure> {
    limits::raise()?;
    let options = arguments.options();
    let bench = Bench {
        program: Program::built(arguments.log)?,
        engines: match arguments.engine {
            Engines::Sqlite => vec![Engine::Sqlite],
            Engines::Postgres => vec![Engine::Postgres],
            Engines::Both => vec![Engine::Sqlite, Engine::Postgres],
        },
        measured: Duration::try_from_secs_f64(arguments.seconds)?,
        quick: arguments.quick,
    };
    let works = match arguments.works.as_slice() {
        [] => Work::value_variants(),
        some => some,
    };
    println!(
        "## The machine\n\n{}",
        machine::description(&bench.program)?
    );
    let mut targets = Vec::new();
    for work in works {
        targets.extend(section(*work, &bench, &options)?);
    }
    if !targets.is_empty() {
        println!("## Targets\n\n{}", report::targets(&targets));
    }
    Ok(!arguments.check || targets.iter().all(|target| target.met))
}

/// Measures a work, prints its section and returns what was reached.
fn section(work: Work, bench: &Bench, options: &str) -> Result<Vec<Target>, Failure> {
    let name = work.to_possible_value().ok_or("a work without name")?;
    eprintln!("bench: {}", name.get_name());
    let section = work
        .run(bench)
        .map_err(|failure| format!("{}: {failure}", name.get_name()))?;
    println!("## {}\n\n```sh", work.heading());
    println!(
        "cargo run --release -p bench -- {}{options}",
        name.get_name()
    );
    println!("```\n\n{}\n", section.text);
    for table in &section.tables {
        println!("{table}");
    }
    Ok(section.targets)
}
