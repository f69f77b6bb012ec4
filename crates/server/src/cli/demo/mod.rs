//! `fasti demo`.

mod people;
mod sample;

use super::{Failure, open};
use crate::{
    api::uri::Uris,
    config::{Config, DatabaseUrl, Settings},
    context::{App, Clock, fresh_code, fresh_id, fresh_secret},
    logging,
    serving::{self, Patience},
};
use domain::civil;
use jiff::{Timestamp, tz::TimeZone};
use sample::Sample;
use std::{io::Write, path::PathBuf};
use tokio::net::TcpListener;

/// How to try it.
#[derive(Debug, clap::Args)]
pub struct Demo {
    /// Start the clock at this instant, such as 2026-03-07T12:00:00Z, and let it tick [default: now]
    #[arg(long, value_name = "TIME")]
    now: Option<Timestamp>,
    /// The owner's token [default: a fresh one]
    #[arg(
        long,
        env = "FASTI_DEMO_TOKEN",
        value_name = "TOKEN",
        hide_env_values = true
    )]
    token: Option<String>,
}

impl Demo {
    /// Serves sample people until the process is asked to end.
    pub async fn run(self, settings: Settings) -> Result<(), Failure> {
        let listener = listen(&settings).await?;
        let address = listener.local_addr()?;
        let folder = TemporaryFolder::new_if(settings.database.is_none())?;
        let quiet = Settings {
            log: Some("warn".to_owned()),
            classic_open: Some(true),
            shutdown_delay: Some(0),
            webhook_allow_private: Some(true),
            ..Settings::default()
        };
        let mut config = Settings {
            listen: Some(address),
            ..settings
        }
        .or(quiet)
        .config()?;
        if let Some(folder) = &folder {
            config.database = DatabaseUrl(folder.0.join("fasti.db").display().to_string());
        }
        logging::start(&config)?;
        if self
            .now
            .is_some_and(|now| !(1970..=2100).contains(&civil::date_of(now, &TimeZone::UTC).year()))
        {
            return Err("--now: must be from 1970 to 2100".into());
        }
        let clock = self.now.map_or_else(Clock::system, Clock::starting_at);
        let token = match self.token {
            Some(token) if !token.trim().is_empty() => sendable(token.trim())?,
            _ => fresh_secret()?,
        };
        let store = open(&config).await?;
        let password = fresh_code()?;
        let sample = sample::fill(&store, (&token, &password), clock.now()).await?;
        introduce(&config, &sample, (&token, &password), clock.now())?;
        let app = App::new(store, clock, config);
        let patience = Patience::default();
        serving::serve(listener, app, patience, serving::asked_to_end()).await;
        Ok(())
    }
}

/// A token that fits into a header.
fn sendable(token: &str) -> Result<String, Failure> {
    if token.bytes().all(|byte| byte.is_ascii_graphic()) {
        Ok(token.to_owned())
    } else {
        Err("--token: must have visible ASCII characters only".into())
    }
}

async fn listen(settings: &Settings) -> Result<TcpListener, Failure> {
    let config = settings.clone().config()?;
    let listener = TcpListener::bind(config.listen).await;
    Ok(listener.map_err(|error| {
        format!(
            "cannot listen on {}: {error}; take another address with --listen",
            config.listen
        )
    })?)
}

/// A folder that is removed at the end.
struct TemporaryFolder(PathBuf);

impl TemporaryFolder {
    fn new_if(wanted: bool) -> std::io::Result<Option<TemporaryFolder>> {
        if !wanted {
            return Ok(None);
        }
        let path = std::env::temp_dir().join(format!("fasti-demo-{}", fresh_id()));
        std::fs::create_dir_all(&path)?;
        Ok(Some(TemporaryFolder(path)))
    }
}

impl Drop for TemporaryFolder {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_dir_all(&self.0) {
            tracing::warn!(%error, folder = %self.0.display(), "the demo's folder could not be removed");
        }
    }
}

/// Prints what to try, then that the server is ready.
fn introduce(
    config: &Config,
    sample: &Sample,
    (token, password): (&str, &str),
    now: Timestamp,
) -> Result<(), Failure> {
    let uris = Uris::new(&config.public_url);
    let base = &config.public_url;
    let people: Vec<String> = sample.people.iter().map(|id| uris.of(*id)).collect();
    let tomorrow = now + jiff::SignedDuration::from_hours(24);
    let week = tomorrow + jiff::SignedDuration::from_hours(7 * 24);
    let (from, to) = (
        tomorrow.strftime("%Y-%m-%dT00:00:00Z"),
        week.strftime("%Y-%m-%dT00:00:00Z"),
    );
    let header = format!("-H 'Authorization: Bearer {token}'");
    let user = &people[0];
    let users: Vec<String> = people.iter().map(|uri| format!("user={uri}")).collect();
    let users = users.join("&");
    let rules = r#"{"rules":[{"type":"wday","wday":"monday","intervals":[{"from":"09:00","to":"17:00"}]},{"type":"wday","wday":"tuesday","intervals":[{"from":"09:00","to":"17:00"}]},{"type":"wday","wday":"thursday","intervals":[{"from":"09:00","to":"12:30"}]}]}"#;
    let mut out = std::io::stdout().lock();
    writeln!(out, "Docs, to try every operation: {base}/docs")?;
    writeln!(
        out,
        "Token of {}, the owner:      {token}",
        sample.owner_name
    )?;
    writeln!(
        out,
        "To sign in at {base}/sign_in: {} with {password}\n",
        sample.owner_email
    )?;
    writeln!(
        out,
        "Set availability:\ncurl -sX PATCH {} {header} -H 'Content-Type: application/json' -d '{rules}'\n",
        uris.of(sample.schedule)
    )?;
    writeln!(
        out,
        "Show what is left of it:\ncurl -s '{base}/user_free_times?user={user}&start_time={from}&end_time={to}' {header}\n"
    )?;
    writeln!(
        out,
        "Find when all three are free together:\ncurl -s '{base}/overlaps?{users}&start_time={from}&end_time={to}&duration=30' {header}\n"
    )?;
    writeln!(out, "ready: {base}")?;
    out.flush()?;
    Ok(())
}
