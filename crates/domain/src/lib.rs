//! The rules of scheduling.
//!
//! Everything here is a pure function over time: facts and the present instant go in, a decision comes out. Nothing in
//! this crate asks a clock, draws a random number, reads a file, speaks SQL or HTTP, or serializes anything.
//!
//! The modules are listed in reading order, each building on those before it.

pub mod id;
pub mod interval;

pub mod civil;
pub mod recurrence;
pub mod schedule;

pub mod availability;
pub mod busy;

pub mod event_type;
pub mod slots;

pub mod assignment;

pub mod booking;
pub mod scheduled_event;

pub mod explanation;

pub mod overlap;

pub mod meeting_times;

pub mod routing;
