//! What is measured. Each work is a file, makes its own databases and says what it found as a section.

mod available_times;
mod booking;
mod failover;
mod flood;
mod footprint;
mod history;
mod hosts;
mod in_turn;
mod nodes;
mod office;
mod overlap;
mod overlap_size;
mod reading;
mod rolling_restart;
mod staleness;
mod webhooks;

use crate::{
    Failure,
    database::Engine,
    fasti::Program,
    load::{self, Measurement, Plan, Server, Traffic},
    report::{Table, Target},
};
use clap::ValueEnum;
use std::time::Duration;

/// What can be measured, in the order in which it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Work {
    /// 31 days of available times of a host with 200 meetings, against the ceiling
    AvailableTimes,
    /// When two people are free together within 31 days, against the ceiling
    Overlap,
    /// Bookings, against raw inserts of the same rows
    Booking,
    /// Available times of a host with ever more past meetings
    History,
    /// Available times and bookings with ever more hosts
    Hosts,
    /// Available times and bookings with several nodes on one PostgreSQL
    Nodes,
    /// How long another node offers a time that was booked
    Staleness,
    /// Binary, memory, start
    Footprint,
    /// Reads while far more is booked than the disk takes, with 10,000 idle connections
    Flood,
    /// Bookings while PostgreSQL's primary dies and its standby is promoted
    Failover,
    /// Reads and bookings while one node after the other is replaced
    RollingRestart,
    /// Webhooks to a receiver that refuses some and is killed, from a server that is killed
    Webhooks,
    /// When ever more people are free together
    OverlapSize,
}

/// How everything is measured.
#[derive(Debug)]
pub struct Bench {
    /// What is measured.
    pub program: Program,
    /// On what.
    pub engines: Vec<Engine>,
    /// How long each measurement counts.
    pub measured: Duration,
    /// Whether fills are a tenth or a hundredth as large.
    pub quick: bool,
}

/// What a work found.
#[derive(Debug, Default)]
pub struct Section {
    /// What was done, in a sentence or two.
    pub text: String,
    /// What was found.
    pub tables: Vec<Table>,
    /// What was reached.
    pub targets: Vec<Target>,
}

impl Work {
    /// The heading of its section.
    pub fn heading(self) -> &'static str {
        match self {
            Work::AvailableTimes => "Available times",
            Work::Overlap => "Overlap of two people",
            Work::Booking => "Booking",
            Work::History => "Growth with past meetings",
            Work::Hosts => "Growth with hosts",
            Work::Nodes => "Growth with nodes",
            Work::Staleness => "What another node knows",
            Work::Footprint => "Footprint",
            Work::Flood => "Flood",
            Work::Failover => "Failover of PostgreSQL",
            Work::RollingRestart => "Rolling restart",
            Work::Webhooks => "Webhooks",
            Work::OverlapSize => "Overlap of many people",
        }
    }

    /// Measures it.
    pub fn run(self, bench: &Bench) -> Result<Section, Failure> {
        match self {
            Work::AvailableTimes => available_times::run(bench),
            Work::Overlap => overlap::run(bench),
            Work::Booking => booking::run(bench),
            Work::History => history::run(bench),
            Work::Hosts => hosts::run(bench),
            Work::Nodes => nodes::run(bench),
            Work::Staleness => staleness::run(bench),
            Work::Footprint => footprint::run(bench),
            Work::Flood => flood::run(bench),
            Work::Failover => failover::run(bench),
            Work::RollingRestart => rolling_restart::run(bench),
            Work::Webhooks => webhooks::run(bench),
            Work::OverlapSize => overlap_size::run(bench),
        }
    }
}

impl Bench {
    /// Loads servers over some connections in all.
    fn load(
        &self,
        servers: &[Server],
        connections: usize,
        traffic: &mut dyn Traffic,
    ) -> Result<Measurement, Failure> {
        let plan = Plan {
            servers,
            connections,
            measured: self.measured,
        };
        load::run(plan, traffic)
    }

    /// The engines that are measured, if PostgreSQL is one of them.
    fn has_postgres(&self) -> bool {
        self.engines.contains(&Engine::Postgres)
    }
}
