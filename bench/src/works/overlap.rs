//! When two people are free together.

use super::{Bench, Section, office::Office, reading::against_ceiling};
use crate::Failure;

/// The same two, again and again.
pub fn run(bench: &Bench) -> Result<Section, Failure> {
    let what = "Overlap of two people: 31 days, office hours, 200 meetings each.";
    against_ceiling(bench, what, Office::overlap)
}
