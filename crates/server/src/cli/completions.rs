//! `fasti completions`.

use super::Arguments;
use clap::CommandFactory;

/// Which shell.
#[derive(Debug, clap::Args)]
pub struct Completions {
    /// The shell
    shell: clap_complete::Shell,
}

impl Completions {
    /// Prints the completions.
    pub fn run(&self) {
        clap_complete::generate(
            self.shell,
            &mut Arguments::command(),
            "fasti",
            &mut std::io::stdout(),
        );
    }
}
