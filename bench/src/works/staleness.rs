//! How long another node still offers a time that was booked.

use super::{Bench, Section, office::Office};
use crate::{
    Failure,
    client::{Answer, Client},
    database::Engine,
    fill,
    latency::Latencies,
    organization::{Host, Hours, starts},
    report::{Table, Target, time},
    times::{self, DAY, MINUTE},
};
use std::time::{Duration, Instant};

const ROUNDS: usize = 200;

/// So many hosts take turns.
const HOSTS: u32 = 10;

/// Longer than any node may be behind.
const PATIENCE: Duration = Duration::from_secs(20);

/// Books on one of two nodes and asks the other one.
pub fn run(bench: &Bench) -> Result<Section, Failure> {
    if !bench.has_postgres() {
        let text = "Not measured: it needs PostgreSQL.".to_owned();
        return Ok(Section {
            text,
            ..Section::default()
        });
    }
    let office = Office::create(&bench.program, Engine::Postgres, (HOSTS, Hours::Always))?;
    let (one, other) = (office.serve()?, office.serve()?);
    let mut booking = office.organization.caller(&one)?;
    let mut asking = office.organization.caller(&other)?;
    let mut measured = Vec::with_capacity(ROUNDS);
    for (round, number) in (1..=HOSTS).cycle().take(ROUNDS).enumerate() {
        let day = office.monday + DAY * i64::try_from(round)?;
        measured.push(behind(
            &fill::host(number),
            day,
            (&mut booking, &mut asking),
        )?);
    }
    let behind = Latencies::new(measured);
    let mut table = Table::new(&["rounds", "p50", "p99", "longest"]);
    table.row([
        behind.count().to_string(),
        time(behind.p50()),
        time(behind.p99()),
        time(behind.max()),
    ]);
    let what = "A booking on one node is known to the other, p99".to_owned();
    Ok(Section {
        text: "Two nodes on one PostgreSQL. One books a time that the other has just offered; from the 201 of the one \
               until the other one's first answer without that time, asked without a pause. No less than one answer."
            .to_owned(),
        tables: vec![table],
        targets: vec![Target::below_time(what, Duration::from_millis(50), behind.p99())],
    })
}

/// From the booking's answer until the time is not offered any more.
fn behind(
    host: &Host,
    day: i64,
    (booking, asking): (&mut Client, &mut Client),
) -> Result<Duration, Failure> {
    let start = times::text(day + 12 * 60 * MINUTE);
    let path = host.available_times(day + 11 * 60 * MINUTE, 120 * MINUTE);
    if !is_offered(&asking.get(&path)?, &start)? {
        return Err(format!("{start} is not offered at first").into());
    }
    host.book(booking, &start)?;
    let booked = Instant::now();
    loop {
        let answer = asking.get(&path)?;
        let elapsed = booked.elapsed();
        if !is_offered(&answer, &start)? {
            return Ok(elapsed);
        }
        if elapsed > PATIENCE {
            return Err(
                format!("{start} is still offered {PATIENCE:?} after it was booked").into(),
            );
        }
    }
}

/// Whether a time is among those that were answered, which have fractions of seconds.
fn is_offered(answer: &Answer, start: &str) -> Result<bool, Failure> {
    let to_the_second = |time: &str| time.get(..19) == start.get(..19);
    Ok(starts(answer)?.iter().any(|offered| to_the_second(offered)))
}
