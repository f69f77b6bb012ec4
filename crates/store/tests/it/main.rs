//! The store, each test on both engines with a database of its own.

#![expect(
    clippy::unwrap_used,
    reason = "what the tests need and cannot have fails them"
)]

#[macro_use]
mod harness;

mod activity_log_entries;
mod busy_intervals;
mod columns;
mod commands;
mod copy;
mod failover;
mod holds;
mod hosts;
mod lost_commits;
mod migrations;
mod personal_data;
mod postgres;
mod proxy;
mod request_counts;
mod scheduled_event_hosts;
mod shared_transactions;
mod silence;
mod sqlite;
mod statements;
mod upgrades;
