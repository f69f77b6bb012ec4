//! `fasti user`.

mod set_password;

use super::{Failure, open};
use crate::{
    api::{input, uri::Uris, value},
    app::{
        activity_log_entries::{By, Recorded, Way},
        organizations::AddOrganization,
        users::{AddUser, UserRefusal},
    },
    config::Config,
    context::{Clock, fresh_id},
};
use domain::{civil, id::OrganizationId};
use jiff::Timestamp;
use serde_json::json;
use set_password::SetPassword;
use store::{
    Store, WriteError,
    organization_memberships::Role,
    organizations::{self, Organization},
    users,
};

/// What to do with users.
#[derive(Debug, clap::Subcommand)]
pub enum User {
    /// Add a user and print its URI
    Create(Create),
    /// Set the password with which a user signs in; it is read from the terminal, or from standard input
    SetPassword(SetPassword),
}

/// A new user.
#[derive(Debug, clap::Args)]
pub struct Create {
    /// Full name
    #[arg(long)]
    name: String,
    /// Mail address
    #[arg(long)]
    email: String,
    /// IANA time zone, such as Europe/Berlin
    #[arg(long, default_value = "UTC")]
    timezone: String,
    /// Make the user an owner of the organization
    #[arg(long)]
    owner: bool,
    /// The organization, which is made if there is none of this name [default: the first one, or "Organization"]
    #[arg(long, value_name = "NAME")]
    organization: Option<String>,
}

impl User {
    /// Runs the command.
    pub async fn run(self, config: Config) -> Result<(), Failure> {
        match self {
            User::Create(new) => new.run(config).await,
            User::SetPassword(new) => new.run(config).await,
        }
    }
}

impl Create {
    async fn run(self, config: Config) -> Result<(), Failure> {
        let new = self;
        let now = Clock::system().now();
        let zone = civil::zone(&new.timezone).ok_or_else(|| {
            format!(
                "--timezone: {:?} is not an IANA time zone such as Europe/Berlin",
                new.timezone
            )
        })?;
        let who = checked(&new)?;
        let store = open(&config).await?;
        let organization = organization(&store, new.organization, now).await?;
        let mut command = AddUser::new(organization, who.name.0, who.email.0, zone, now);
        if new.owner {
            command.role = Role::Owner;
        }
        let by = By::system(organization, Way::CommandLine);
        let written = store.write(Recorded::new(command, by, now)).await;
        let (user, _) = written.map_err(refused)?;
        println!("{}", Uris::new(&config.public_url).of(user.id));
        Ok(())
    }
}

/// The same checks as for a user who is added through the API.
fn checked(new: &Create) -> Result<NameAndEmail, Failure> {
    let value = json!({"name": new.name, "email": new.email});
    input::read::<NameAndEmail>(&value, input::Source::Json).map_err(|problem| {
        let wrong = problem
            .details
            .iter()
            .map(|detail| format!("--{} {}", detail.parameter, detail.message));
        wrong.collect::<Vec<_>>().join("; ").into()
    })
}

input::input! {
    /// What is checked of a new user.
    pub struct NameAndEmail {
        /// Full name.
        pub name: value::text::Text<1, 255>,
        /// Mail address.
        pub email: value::text::Email,
    }
}

/// The user with this mail address, of the named organization or the first one.
pub async fn user_of(
    store: &Store,
    organization: Option<&str>,
    email: &str,
) -> Result<(OrganizationId, users::User), Failure> {
    let tx = store.read().await?;
    let organization = match organization {
        Some(name) => organizations::by_name(&tx, name).await?,
        None => organizations::oldest(&tx).await?,
    };
    let organization = organization
        .ok_or("there is no such organization; add its first user")?
        .id;
    let user = users::by_email(&tx, organization, email).await?;
    let user = user.ok_or_else(|| format!("there is no user {email}"))?;
    Ok((organization, user))
}

fn refused(error: WriteError<UserRefusal>) -> Failure {
    match error {
        WriteError::Refused(UserRefusal::EmailTaken) => "another user has this mail address".into(),
        WriteError::Refused(refusal) => format!("the user cannot be added: {refusal:?}").into(),
        WriteError::Failed(failure) => failure.into(),
    }
}

/// The organization of this name, or the first one; a new one where there is none.
pub(super) async fn organization(
    store: &Store,
    name: Option<String>,
    now: Timestamp,
) -> Result<OrganizationId, Failure> {
    let tx = store.read().await?;
    let found = match &name {
        Some(name) => organizations::by_name(&tx, name).await?,
        None => organizations::oldest(&tx).await?,
    };
    drop(tx);
    if let Some(organization) = found {
        return Ok(organization.id);
    }
    let organization = Organization {
        id: OrganizationId(fresh_id()),
        name: name.unwrap_or_else(|| "Organization".to_owned()),
        created_at: now,
        updated_at: now,
    };
    let by = By::system(organization.id, Way::CommandLine);
    let command = Recorded::new(AddOrganization(organization), by, now);
    match store.write(command).await {
        Ok(organization) => Ok(organization.id),
        Err(WriteError::Refused(never)) => match never {},
        Err(WriteError::Failed(failure)) => Err(failure.into()),
    }
}
