//! Available times: what booking pages ask all day.

use super::{Bench, Section, office::Office, reading::against_ceiling};
use crate::Failure;

/// The same host, again and again.
pub fn run(bench: &Bench) -> Result<Section, Failure> {
    let what = "Available times of one host: 31 days, a start every 30 minutes from 9 to 17 on working days, 200 meetings \
                among them.";
    against_ceiling(bench, what, Office::available_times)
}
