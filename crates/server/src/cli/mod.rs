//! The command line. Each command is a file; this one has what they share.

mod completions;
mod config;
mod copy;
mod demo;
mod import;
mod migrate;
mod openapi;
mod serve;
mod token;
mod user;

use crate::{
    config::{Config, ConfigError, Settings},
    logging,
};
use clap::{Parser, Subcommand};
use std::{error::Error, path::PathBuf, process::ExitCode};
use store::Store;

/// An open scheduling server.
///
/// People set when they are available, see what is left of it, find when several of them overlap, and get booked, never twice. Start with `fasti demo`.
#[derive(Debug, Parser)]
#[command(name = "fasti", version, propagate_version = true)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
    /// Settings file [default: fasti.toml, if there is one]
    #[arg(long, global = true, env = "FASTI_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(flatten)]
    settings: GlobalSettings,
}

/// The settings, which every command takes.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Settings")]
struct GlobalSettings {
    #[command(flatten)]
    settings: Settings,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Try it: serve sample people in three time zones from a fresh database
    Demo(demo::Demo),
    /// Serve
    Serve,
    /// Bring the database up to date
    Migrate,
    /// Administer users
    #[command(subcommand)]
    User(user::User),
    /// Administer personal access tokens
    #[command(subcommand)]
    Token(token::Token),
    /// Print the OpenAPI document
    Openapi,
    /// Print the effective settings, secrets masked
    Config,
    /// Copy a database into an empty one, of either engine, and check every row
    Copy(copy::Copy),
    /// Bring over what another server has
    #[command(subcommand)]
    Import(import::Import),
    /// Print completions for a shell
    Completions(completions::Completions),
}

/// What a command may fail with; it is shown with all of its causes.
type Failure = Box<dyn Error + Send + Sync>;

/// Parses the arguments and runs the command.
pub fn run() -> ExitCode {
    let arguments = Arguments::parse();
    let ended = dispatch(arguments);
    logging::finish();
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            let mut said = failure.to_string();
            eprintln!("fasti: {said}");
            let mut cause = failure.source();
            while let Some(error) = cause {
                let text = error.to_string();
                if !said.contains(&text) {
                    eprintln!("  because: {text}");
                    said.push_str(&text);
                }
                cause = error.source();
            }
            ExitCode::FAILURE
        }
    }
}

fn dispatch(arguments: Arguments) -> Result<(), Failure> {
    let settings = (arguments.settings.settings, arguments.config);
    match arguments.command {
        Command::Openapi => openapi::run(),
        Command::Completions(command) => {
            command.run();
            Ok(())
        }
        Command::Config => config::run(&configured(settings)?),
        Command::Demo(command) => block_on(command.run(with_file(settings)?)),
        Command::Serve => block_on(serve::run(configured(settings)?)),
        Command::Migrate => block_on(migrate::run(configured(settings)?)),
        Command::User(command) => block_on(command.run(configured(settings)?)),
        Command::Import(command) => block_on(command.run(configured(settings)?)),
        Command::Token(command) => block_on(command.run(configured(settings)?)),
        Command::Copy(command) => {
            configured(settings)?;
            block_on(command.run())
        }
    }
}

/// Flags and variables, completed from the settings file.
fn with_file((settings, file): (Settings, Option<PathBuf>)) -> Result<Settings, ConfigError> {
    Ok(settings.or(Settings::from_file(file.as_deref())?))
}

/// The effective settings, with logging started as they say.
fn configured(settings: (Settings, Option<PathBuf>)) -> Result<Config, Failure> {
    let config = with_file(settings)?.config()?;
    logging::start(&config)?;
    Ok(config)
}

fn block_on(command: impl Future<Output = Result<(), Failure>>) -> Result<(), Failure> {
    tokio::runtime::Runtime::new()?.block_on(command)
}

/// Opens the configured database and brings it up to date.
async fn open(config: &Config) -> Result<Store, Failure> {
    let store = Store::open(&config.database_url()).await?;
    let applied = store.migrate().await?;
    if applied > 0 {
        tracing::info!(applied, "the database was brought up to date");
    }
    Ok(store)
}
