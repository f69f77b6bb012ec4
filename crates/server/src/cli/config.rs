//! `fasti config`.

use super::Failure;
use crate::config::Config;

/// Prints the effective settings as a settings file, secrets masked.
pub fn run(config: &Config) -> Result<(), Failure> {
    print!("{}", toml::to_string(config)?);
    Ok(())
}
