//! The store, each test on both engines with a database of its own.

#![expect(
    clippy::unwrap_used,
    reason = "what the tests need and cannot have fails them"
)]

#[macro_use]
mod harness;

mod columns;
mod commands;
mod copy;
mod lost_commits;
mod migrations;
mod postgres;
mod proxy;
mod sqlite;
mod statements;
