//! Servers measured in turn, several times over: what disturbs the machine for a while then disturbs all of them alike,
//! and what disturbs one of the turns is left out by taking the median.

use super::Bench;
use crate::{
    Failure,
    load::{self, Measurement, Plan, Repeated, Server},
};

/// So often each of them is measured, for so much less time.
const TURNS: u32 = 5;

/// Measurements of some servers, turn after turn. The first of them is what the others are compared with.
#[derive(Debug)]
pub struct Turns(Vec<Vec<Measurement>>);

/// Measures servers in turn, each with its own question.
pub fn in_turn(
    bench: &Bench,
    connections: usize,
    servers: &mut [(Server, Repeated)],
) -> Result<Turns, Failure> {
    let mut turns = Vec::new();
    for _ in 0..TURNS {
        let mut turn = Vec::new();
        for (server, traffic) in &mut *servers {
            let plan = Plan {
                servers: &[*server],
                connections,
                measured: bench.measured / TURNS,
            };
            turn.push(load::run(plan, traffic)?);
        }
        turns.push(turn);
    }
    Ok(Turns(turns))
}

impl Turns {
    /// Of a server, the turn with the median rate.
    pub fn median(&self, server: usize) -> Option<&Measurement> {
        let mut measured: Vec<&Measurement> = self.of(server).collect();
        measured.sort_by(|one, other| one.rate.total_cmp(&other.rate));
        measured.get(measured.len() / 2).copied()
    }

    /// The share of the first server's requests a second that a server reaches: the median of all turns.
    pub fn share(&self, server: usize) -> f64 {
        self.compared(server, |measured| measured.rate)
    }

    /// How many times the first server's p99 a server's is: the median of all turns.
    pub fn slowness(&self, server: usize) -> f64 {
        self.compared(server, |measured| measured.latencies.p99().as_secs_f64())
    }

    fn of(&self, server: usize) -> impl Iterator<Item = &Measurement> {
        self.0.iter().filter_map(move |turn| turn.get(server))
    }

    fn compared(&self, server: usize, of: impl Fn(&Measurement) -> f64) -> f64 {
        let pairs = self.of(server).zip(self.of(0));
        let mut compared: Vec<f64> = pairs.map(|(it, first)| of(it) / of(first)).collect();
        compared.sort_by(f64::total_cmp);
        compared
            .get(compared.len() / 2)
            .copied()
            .unwrap_or(f64::NAN)
    }
}
