//! The activity log: who did what, when and from where. [`Database`] writes nothing of a request without an entry in the
//! same transaction, so that no command can forget its own.

pub mod actions;
mod deeds;
pub mod reading;
pub mod search_term;

use crate::{
    api::uri::Resource,
    context::{Clock, fresh_id},
};
use actions::Action;
use domain::id::{
    ActivityLogEntryId, InviteeId, OAuthApplicationId, OrganizationId, ScheduledEventId, TokenId,
    UserId,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::net::IpAddr;
use store::{
    Command, ReadTx, Sharing, Store, StoreError, WriteError, WriteTx,
    activity_log_entries::{self, Actor, Entry},
    organization_memberships::Role,
};

/// By what way a command came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// A request with a token.
    Token(TokenId),
    /// A request of an application, which acts for a user.
    Application(OAuthApplicationId),
    /// A page on which a user has signed in.
    Page,
    /// A request that needs no token.
    Open,
    /// The command line.
    CommandLine,
    /// Nobody asked for it.
    Server,
}

impl Way {
    fn word(self) -> &'static str {
        match self {
            Way::Token(_) => "token",
            Way::Application(_) => "application",
            Way::Page => "page",
            Way::Open => "open",
            Way::CommandLine => "command_line",
            Way::Server => "server",
        }
    }
}

/// Who does something, and from where.
#[derive(Clone, Copy, Debug)]
pub struct By {
    /// In which organization.
    pub organization: OrganizationId,
    /// Who; nothing where nobody is known.
    pub actor: Option<Actor>,
    /// By what way.
    pub way: Way,
    /// The address of the client.
    pub address: Option<IpAddr>,
}

impl By {
    /// A user.
    pub fn user(organization: OrganizationId, (user, role): (UserId, Role), way: Way) -> By {
        By {
            organization,
            actor: Some(Actor::User(user, role)),
            way,
            address: None,
        }
    }

    /// Somebody who needs no token.
    pub fn anybody(organization: OrganizationId) -> By {
        By {
            organization,
            actor: None,
            way: Way::Open,
            address: None,
        }
    }

    /// The server, or whoever runs it.
    pub fn system(organization: OrganizationId, way: Way) -> By {
        By {
            organization,
            actor: Some(Actor::System),
            way,
            address: None,
        }
    }

    /// The same, from an address.
    #[must_use]
    pub fn from_address(self, address: Option<IpAddr>) -> By {
        By { address, ..self }
    }
}

/// What is shown of a deed: names and numbers, and the resources that it is about. Never a secret, and of people outside
/// the organization nothing but their URIs: what is deleted of them is not found here again.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Facts {
    /// Paths of resources under the public address.
    pub links: Map<String, Value>,
    /// Everything else.
    pub plain: Map<String, Value>,
}

impl Facts {
    /// Facts about a resource.
    pub fn of<R: Resource>(name: &str, id: R) -> Facts {
        Facts::default().and(name, id)
    }

    /// Another resource.
    #[must_use]
    pub fn and<R: Resource>(self, name: &str, id: R) -> Facts {
        self.at(name, path(id))
    }

    /// Another resource, by its path.
    #[must_use]
    pub fn at(mut self, name: &str, path: String) -> Facts {
        self.links.insert(name.to_owned(), Value::String(path));
        self
    }

    /// Several resources of one kind.
    #[must_use]
    pub fn all<R: Resource>(mut self, name: &str, ids: impl IntoIterator<Item = R>) -> Facts {
        let paths = ids.into_iter().map(path);
        self.links.insert(name.to_owned(), paths.collect());
        self
    }

    /// A name, a number and the like.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Facts {
        self.plain.insert(name.to_owned(), value.into());
        self
    }

    /// The same, where there is one.
    #[must_use]
    pub fn with_some(self, name: &str, value: Option<impl Into<Value>>) -> Facts {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }
}

/// The path of a resource under the public address.
fn path<R: Resource>(id: R) -> String {
    format!("/{}/{}", R::COLLECTION, id.uuid())
}

/// The path of an invitee.
pub fn invitee_path(event: ScheduledEventId, invitee: InviteeId) -> String {
    format!("{}/invitees/{invitee}", path(event))
}

/// What is noted of a deed.
pub type Noted = (Action, Facts);

/// A command that is noted in the activity log.
pub trait Deed: Command {
    /// What is noted of it, once it is done.
    fn noted(&self, output: &Self::Output) -> Noted;

    /// Does it and notes it. A command whose last statements are sent together sends the entry along with them.
    fn run_noted(
        &self,
        tx: &WriteTx<'_>,
        log: &Log,
    ) -> impl Future<Output = Result<Self::Output, WriteError<Self::Refusal>>> + Send {
        async {
            let output = self.run(tx).await?;
            let noted = self.noted(&output);
            log.note(tx, noted).await?;
            Ok(output)
        }
    }
}

/// What notes one command.
#[derive(Clone, Debug)]
pub struct Log {
    by: By,
    id: ActivityLogEntryId,
    at: Timestamp,
}

impl Log {
    /// For a command of somebody, now.
    pub fn new(by: By, now: Timestamp) -> Log {
        Log {
            by,
            id: ActivityLogEntryId(fresh_id()),
            at: now,
        }
    }

    /// Writes the entry of the command.
    pub async fn note(&self, tx: &WriteTx<'_>, noted: Noted) -> Result<(), StoreError> {
        activity_log_entries::insert(tx, self.by.organization, &self.entry(noted)).await
    }

    fn entry(&self, (action, mut facts): Noted) -> Entry {
        facts = facts.with("way", self.by.way.word());
        facts = match self.by.way {
            Way::Token(token) => facts.and("token", token),
            Way::Application(application) => facts.and("application", application),
            Way::Page | Way::Open | Way::CommandLine | Way::Server => facts,
        };
        facts = facts.with_some("address", self.by.address.map(|it| it.to_string()));
        let (namespace, verb) = action.parts();
        Entry {
            id: self.id,
            occurred_at: self.at,
            namespace: namespace.to_owned(),
            action: verb.to_owned(),
            actor: self.by.actor,
            details: json!(facts),
        }
    }
}

/// A command that is done together with its entry.
#[derive(Clone, Debug)]
pub struct Recorded<C> {
    command: C,
    log: Log,
}

impl<C: Deed> Recorded<C> {
    /// A command of somebody, now.
    pub fn new(command: C, by: By, now: Timestamp) -> Recorded<C> {
        Recorded {
            command,
            log: Log::new(by, now),
        }
    }
}

impl<C: Deed> Command for Recorded<C> {
    type Output = C::Output;
    type Refusal = C::Refusal;

    async fn run(&self, tx: &WriteTx<'_>) -> Result<C::Output, WriteError<C::Refusal>> {
        self.command.run_noted(tx, &self.log).await
    }

    fn shares(&self) -> Option<Sharing> {
        self.command.shares()
    }

    async fn is_done(&self, tx: &ReadTx<'_>) -> Result<bool, StoreError> {
        self.command.is_done(tx).await
    }
}

/// The database as requests use it: what they write is noted.
#[derive(Clone, Debug)]
pub struct Database {
    store: Store,
    clock: Clock,
}

impl Database {
    /// A database whose entries bear the time of a clock.
    pub fn new(store: Store, clock: Clock) -> Database {
        Database { store, clock }
    }

    /// For reading.
    pub async fn read(&self) -> Result<ReadTx<'_>, StoreError> {
        self.store.read().await
    }

    /// The command together with its entry.
    pub fn recorded<C: Deed>(&self, by: By, command: C) -> Recorded<C> {
        Recorded::new(command, by, self.clock.now())
    }

    /// Does what somebody asked for, and notes it.
    pub async fn write<C: Deed>(
        &self,
        by: By,
        command: C,
    ) -> Result<C::Output, WriteError<C::Refusal>> {
        self.store.write(self.recorded(by, command)).await
    }

    /// The database itself, for what is nobody's deed: what the server keeps for its own use, and what is only tried.
    pub fn unrecorded(&self) -> &Store {
        &self.store
    }
}
