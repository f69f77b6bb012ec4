//! The server as its callers see it: every test with a database of its own, on both engines, and every answer checked
//! against the OpenAPI document.

#![expect(
    clippy::unwrap_used,
    reason = "what the tests need and cannot have fails them"
)]

#[macro_use]
mod harness;
mod contract;

mod available_times;
mod bookings;
mod free_times;
mod openapi;
mod schedules;
mod users;
