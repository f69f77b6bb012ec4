//! What the server takes before anybody asks it for anything.

use super::{Bench, Section, office::Office};
use crate::{
    Failure,
    latency::Latencies,
    organization::Hours,
    process,
    report::{Table, Target, bytes, time},
};
use std::{thread, time::Duration};

/// How often it is started.
const STARTS: usize = 11;

/// As long as it is left alone before its memory is read.
const IDLE: Duration = Duration::from_secs(1);

const MEGABYTES: u64 = 1_000_000;

/// Starts it on a database that is there.
pub fn run(bench: &Bench) -> Result<Section, Failure> {
    let size = bench.program.size()?;
    let mut table = Table::new(&["", "binary", "start, p50", "start, longest", "memory, idle"]);
    let mut targets = vec![Target::below_bytes(
        "Binary".to_owned(),
        30 * MEGABYTES,
        size,
    )];
    for engine in &bench.engines {
        let office = Office::create(&bench.program, *engine, (0, Hours::Always))?;
        let mut measured = Vec::with_capacity(STARTS);
        let mut memory = 0;
        for round in 1..=STARTS {
            let node = office.serve()?;
            measured.push(node.start);
            if round == STARTS {
                thread::sleep(IDLE);
                memory = process::memory(node.server().process)?;
            }
        }
        let starts = Latencies::new(measured);
        let name = engine.name();
        table.row([
            name.to_owned(),
            bytes(size),
            time(starts.p50()),
            time(starts.max()),
            bytes(memory),
        ]);
        let (start, limit) = (starts.p50(), Duration::from_millis(100));
        targets.push(Target::below_time(
            format!("Start until the first answer, {name}"),
            limit,
            start,
        ));
        targets.push(Target::below_bytes(
            format!("Memory idle, {name}"),
            30 * MEGABYTES,
            memory,
        ));
    }
    Ok(Section {
        text: format!(
            "{STARTS} starts on a database that is there, from the start of the process until `/readyz` was answered 200. \
             Memory is what is resident {IDLE:?} later."
        ),
        tables: vec![table],
        targets,
    })
}
