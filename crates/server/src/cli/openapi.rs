//! `fasti openapi`.

use super::Failure;
use crate::api;

/// Prints the OpenAPI document.
pub fn run() -> Result<(), Failure> {
    println!("{}", api::document().to_pretty_json()?);
    Ok(())
}
