//! `fasti token`.

use super::{Failure, open, user::user_of};
use crate::{
    api::caller::{self, scope},
    app::{
        activity_log_entries::{By, Recorded, Way},
        personal_access_tokens::{AddToken, TokenRefusal},
    },
    config::Config,
    context::{Clock, fresh_id, fresh_secret},
};
use domain::id::TokenId;
use jiff::{Timestamp, civil::Date, tz::TimeZone};
use store::{WriteError, personal_access_tokens::PersonalAccessToken};

/// What to do with tokens.
#[derive(Debug, clap::Subcommand)]
pub enum Token {
    /// Make a token and print it; it cannot be shown again
    Create(Create),
}

/// A new token.
#[derive(Debug, clap::Args)]
pub struct Create {
    /// Mail address of the user the token acts as
    #[arg(long, value_name = "EMAIL")]
    user: String,
    /// The user's organization [default: the first one]
    #[arg(long, value_name = "NAME")]
    organization: Option<String>,
    /// What the token may be used for; several with commas or repeated [default: everything]
    #[arg(long, value_delimiter = ',', value_parser = clap::builder::PossibleValuesParser::new(scope::ALL), hide_possible_values = true)]
    scope: Vec<String>,
    /// When the token stops working: a time, a date, or a span such as 90d [default: never]
    #[arg(long, value_name = "WHEN")]
    expires: Option<String>,
    /// What to call it
    #[arg(long, default_value = "command line")]
    name: String,
}

impl Token {
    /// Runs the command.
    pub async fn run(self, config: Config) -> Result<(), Failure> {
        let Token::Create(new) = self;
        let now = Clock::system().now();
        let expires_at = new
            .expires
            .as_deref()
            .map(|when| expiry(when, now))
            .transpose()?;
        let store = open(&config).await?;
        let (organization, user) = user_of(&store, new.organization.as_deref(), &new.user).await?;
        let secret = fresh_secret()?;
        let every = || scope::ALL.iter().map(ToString::to_string).collect();
        let command = AddToken {
            organization,
            hash: caller::hash(&secret),
            token: PersonalAccessToken {
                id: TokenId(fresh_id()),
                user_id: user.id,
                name: new.name,
                scopes: if new.scope.is_empty() {
                    every()
                } else {
                    new.scope
                },
                created_at: now,
                expires_at,
                revoked_at: None,
            },
        };
        let by = By::system(organization, Way::CommandLine);
        match store.write(Recorded::new(command, by, now)).await {
            Ok(_) => println!("{secret}"),
            Err(WriteError::Refused(TokenRefusal::UserIsResource)) => {
                let refusal = format!("{} is a resource, which cannot sign in", new.user);
                return Err(refusal.into());
            }
            Err(WriteError::Failed(failure)) => return Err(failure.into()),
        }
        Ok(())
    }
}

/// When a token expires, which must be later than now.
fn expiry(when: &str, now: Timestamp) -> Result<Timestamp, Failure> {
    let span = || when.parse::<jiff::Span>().ok();
    let end_of =
        |date: Date| domain::civil::instant(date, domain::civil::TimeOfDay::END, &TimeZone::UTC);
    let instant = when.parse::<Timestamp>().ok();
    let instant = instant.or_else(|| when.parse::<Date>().ok().map(end_of));
    let instant = instant.or_else(|| {
        let hours = span()?
            .total((
                jiff::Unit::Second,
                jiff::SpanRelativeTo::days_are_24_hours(),
            ))
            .ok()?;
        now.checked_add(jiff::SignedDuration::try_from_secs_f64(hours).ok()?)
            .ok()
    });
    match instant {
        Some(instant) if now < instant => Ok(instant),
        Some(_) => Err("--expires: must be in the future".into()),
        None => Err(
            "--expires: must be a time such as 2027-01-31T12:00:00Z, a date, or a span such as 90d"
                .into(),
        ),
    }
}
