//! `fasti import`: what another server has is brought into the database, beside a running server.

mod bringing;
mod contacts;
mod event_types;
mod forms;
mod groups;
mod meetings;
mod people;
mod read;
mod recaps;
mod source;
mod tally;

use super::{Failure, open, user};
use crate::{
    app::{
        activity_log_entries::{By, Recorded, Way},
        imports::BeginImport,
    },
    config::Config,
    context::{Clock, fresh_id},
    jobs::failure,
};
use bringing::{Bringing, Known};
use domain::id::OrganizationId;
use jiff::{Timestamp, civil::Date, tz::TimeZone};
use meetings::Range;
use read::Fields;
use source::{Source, Trouble};
use std::{collections::HashMap, path::PathBuf};
use store::{Store, imports, organizations};
use tally::Tally;

/// From where.
#[derive(Debug, clap::Subcommand)]
pub enum Import {
    /// Bring over an account through the Calendly API; may be done again at any time
    Calendly(Calendly),
}

/// An account at Calendly, or at any server with its API.
#[derive(Debug, clap::Args)]
pub struct Calendly {
    /// The file with the token, - for the standard input [default: the variable FASTI_IMPORT_TOKEN]
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,
    /// Where the API is
    #[arg(long, value_name = "URL", default_value = "https://api.calendly.com")]
    base: String,
    /// The organization to bring it into, which is made if there is none of this name [default: the first one, or one of the source's name]
    #[arg(long, value_name = "NAME")]
    organization: Option<String>,
    /// Only events that start then or later: a time or a date
    #[arg(long, value_name = "WHEN", value_parser = instant)]
    since: Option<Timestamp>,
    /// Only events that start then or earlier: a time or a date
    #[arg(long, value_name = "WHEN", value_parser = instant)]
    until: Option<Timestamp>,
    /// Only say what would be done, and write nothing
    #[arg(long)]
    dry_run: bool,
    /// Print a line for each thing
    #[arg(long)]
    verbose: bool,
    /// How often a request that fails is tried again
    #[arg(long, value_name = "NUMBER", default_value_t = 8)]
    retries: u32,
}

impl Import {
    /// Runs the command.
    pub async fn run(self, config: Config) -> Result<(), Failure> {
        let Import::Calendly(from) = self;
        let token = from.token()?;
        let source = Source::new(&from.base, token, from.retries)?;
        let read = |trouble: Trouble| format!("the owner of the token: {trouble}");
        let me = source.resource("/users/me").await.map_err(read)?;
        let own = Fields(&me).text("uri")?.to_owned();
        let organization = Fields(&me).text("current_organization")?.to_owned();
        let bringing = from.begin(&config, source, &organization).await?;
        let both = (organization.as_str(), own.as_str());
        people::bring_all(&bringing, &me, both.0).await?;
        event_types::bring_all(&bringing, both).await?;
        groups::bring_all(&bringing, both.0).await?;
        forms::bring_all(&bringing, both.0).await?;
        let range = Range {
            since: from.since,
            until: from.until,
        };
        meetings::bring_all(&bringing, both, range).await?;
        contacts::bring_all(&bringing, both.1).await?;
        recaps::bring_all(&bringing, both.1).await?;
        println!("webhooks, invitations, tokens and links are not brought over");
        match bringing.tally.summary() {
            0 => Ok(()),
            1 => Err("one thing was not brought over, for the reason above".into()),
            missing => {
                Err(format!("{missing} things were not brought over, for the reasons above").into())
            }
        }
    }
}

impl Calendly {
    fn token(&self) -> Result<String, Failure> {
        let text = match &self.token_file {
            Some(file) if file.as_os_str() == "-" => std::io::read_to_string(std::io::stdin())?,
            Some(file) => {
                std::fs::read_to_string(file).map_err(|error| format!("--token-file: {error}"))?
            }
            None => std::env::var("FASTI_IMPORT_TOKEN").unwrap_or_default(),
        };
        match text.trim() {
            "" => Err(
                "there is no token: set FASTI_IMPORT_TOKEN, or name a file with --token-file"
                    .into(),
            ),
            token => Ok(token.to_owned()),
        }
    }

    /// The import with all that is known before it begins.
    async fn begin(
        &self,
        config: &Config,
        source: Source,
        organization: &str,
    ) -> Result<Bringing, Failure> {
        let clock = Clock::system();
        let (store, organization, known) = if self.dry_run {
            let (organization, known) = self.look(config).await?;
            (None, organization, known)
        } else {
            let store = open(config).await?;
            let name = self.name(&source, &store, organization).await?;
            let organization = user::organization(&store, name, clock.now()).await?;
            let known = known(&store, organization).await?;
            let by = By::system(organization, Way::CommandLine);
            let begun = Recorded::new(BeginImport, by, clock.now());
            store.write(begun).await.map_err(failure)?;
            (Some(store), organization, known)
        };
        let tally = Tally::new(self.verbose, self.dry_run);
        Ok(Bringing::new(source, (store, organization), tally, known))
    }

    /// What a new organization is called, where none is named and there is none.
    async fn name(
        &self,
        source: &Source,
        store: &Store,
        organization: &str,
    ) -> Result<Option<String>, Failure> {
        let tx = store.read().await?;
        if self.organization.is_some() || organizations::oldest(&tx).await?.is_some() {
            return Ok(self.organization.clone());
        }
        drop(tx);
        let path = read::path_of(organization).unwrap_or_default();
        match source.resource(&path).await {
            Ok(there) => Ok(Fields(&there).kept("name")),
            Err(Trouble::Denied(_) | Trouble::Missing) => Ok(None),
            Err(trouble) => Err(format!("the organization: {trouble}").into()),
        }
    }

    /// The organization and what was brought into it, where there are such; nothing is made or changed.
    async fn look(
        &self,
        config: &Config,
    ) -> Result<(OrganizationId, HashMap<String, Known>), Failure> {
        let url = config.database_url();
        let nothing = (OrganizationId(fresh_id()), HashMap::new());
        if !super::copy::exists(&url) {
            return Ok(nothing);
        }
        let store = Store::open(&url).await?;
        if store.is_ready().await.is_err() {
            return Ok(nothing);
        }
        let tx = store.read().await?;
        let organization = match &self.organization {
            Some(name) => organizations::by_name(&tx, name).await?,
            None => organizations::oldest(&tx).await?,
        };
        drop(tx);
        match organization {
            Some(organization) => Ok((organization.id, known(&store, organization.id).await?)),
            None => Ok(nothing),
        }
    }
}

async fn known(
    store: &Store,
    organization: OrganizationId,
) -> Result<HashMap<String, Known>, Failure> {
    let tx = store.read().await?;
    let all = imports::all(&tx, organization).await?.into_iter();
    let known = all.map(|import| {
        (
            import.path,
            Known {
                id: import.id,
                digest: import.digest,
            },
        )
    });
    Ok(known.collect())
}

/// A time, or the beginning of a date in UTC.
fn instant(text: &str) -> Result<Timestamp, String> {
    let begins = |date: Date| domain::civil::start_of_day(date, &TimeZone::UTC);
    let instant = text.parse::<Timestamp>().ok();
    let instant = instant.or_else(|| text.parse::<Date>().ok().map(begins));
    instant.ok_or_else(|| "must be a time such as 2027-01-31T12:00:00Z or a date".to_owned())
}
