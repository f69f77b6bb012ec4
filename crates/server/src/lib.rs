//! Everything of Fasti that touches the world: REST API, command line, configuration, time and randomness.
//!
//! A request goes from an entry (`api` or `cli`) through `app`, which loads facts, asks `domain` to decide and saves by
//! `store`.

pub mod api;
pub mod app;
pub mod bound;
pub mod cache;
pub mod cli;
pub mod config;
pub mod context;
pub mod jobs;
pub mod logging;
pub mod mail;
pub mod pages;
pub mod password_hash;
pub mod serving;
pub mod upkeep;
pub mod webhooks;
