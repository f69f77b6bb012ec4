//! When ever more people are free together.

use super::{
    Bench, Section,
    office::{Office, RANGE},
};
use crate::{
    Failure,
    database::Engine,
    fill, http,
    load::Repeated,
    organization::Hours,
    report::{self, Table},
    times,
};
use serde_json::json;

const PEOPLE: [u32; 5] = [2, 10, 100, 1_000, 10_000];

/// How many meetings each of them has.
const MEETINGS: u32 = 20;

/// One question after the other.
pub fn run(bench: &Bench) -> Result<Section, Failure> {
    let mut table = Table::new(&[
        "people",
        "",
        "requests/s",
        "p50",
        "p99",
        "CPU per request",
        "memory",
        "answer",
    ]);
    for engine in &bench.engines {
        measure(bench, *engine, &mut table)?;
    }
    Ok(Section {
        text: format!(
            "`POST /overlaps`, 31 days, one connection: when all of them are free. They are users with office hours \
             and {MEETINGS} meetings each; each interval of the answer names them all."
        ),
        tables: vec![table],
        targets: Vec::new(),
    })
}

fn measure(bench: &Bench, engine: Engine, table: &mut Table) -> Result<(), Failure> {
    let most = PEOPLE[PEOPLE.len() - 1];
    let office = Office::create(&bench.program, engine, (most, Hours::Office))?;
    let meetings = fill::meetings_of_hosts(&office.meeting, most, MEETINGS, office.monday)?;
    office.organization.database.fill(&meetings)?;
    let node = office.serve()?;
    for people in PEOPLE {
        let request = question(&office, people);
        let answer = office.organization.caller(&node)?.send(&request)?;
        let length = answer.body.len();
        let measured = bench.load(&[node.server()], 1, &mut Repeated { request, length })?;
        let mut cells = vec![report::count(people), engine.name().to_owned()];
        cells.extend(report::answers(&measured));
        cells.push(report::bytes(length as u64));
        table.row(cells);
    }
    Ok(())
}

fn question(office: &Office, people: u32) -> Vec<u8> {
    let user = |number| json!({"user": format!("/users/{}", fill::host(number).user)});
    let people: Vec<_> = (1..=people).map(user).collect();
    let (start, end) = (
        times::text(office.monday),
        times::text(office.monday + RANGE),
    );
    let body = json!({"start_time": start, "end_time": end, "people": people});
    http::with_body(
        "POST",
        "/overlaps",
        &office.organization.token,
        &body.to_string(),
    )
}
