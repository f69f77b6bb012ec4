//! What is known of an import while it runs: what was brought before, what things are called here, how it goes. All of it
//! goes together with each thing that is brought.

use super::{
    read::path_of,
    source::{Source, Trouble},
    tally::Tally,
};
use crate::{
    api::caller::hash,
    app::imports::{Bring, Brought, Imported},
    context::Clock,
};
use domain::id::{EventTypeId, OrganizationId};
use jiff::Timestamp;
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::{
    collections::{HashMap, HashSet},
    sync::{Mutex, MutexGuard, PoisonError, atomic::AtomicBool},
};
use store::{Store, StoreError, WriteError, imports::Import};
use uuid::{Builder, Uuid, Variant, Version};

/// Why an import ends before its end.
pub type Failure = crate::cli::Failure;

/// An import.
#[derive(Debug)]
pub struct Bringing {
    /// Where things come from.
    pub source: Source,
    /// Where they go; nowhere when nothing is to be written.
    pub store: Option<Store>,
    /// Into which organization.
    pub organization: OrganizationId,
    /// What this clock shows counts as the present.
    pub clock: Clock,
    /// How it goes.
    pub tally: Tally,
    /// What was brought so far, by its path there.
    pub known: Mutex<HashMap<String, Known>>,
    /// Event types of which is not told how many invitees they take.
    pub untold: Mutex<HashSet<Uuid>>,
    /// The schedules by which those go who say nothing else, by their paths there.
    pub defaults: Mutex<HashSet<String>>,
    /// Whether it could be read who is a member.
    pub knows_members: AtomicBool,
    /// Held while a user is looked up whom others are about to look up as well.
    pub one_at_a_time: tokio::sync::Mutex<()>,
    /// The same of event types.
    pub one_event_type_at_a_time: tokio::sync::Mutex<()>,
}

/// What is known of something that was brought.
#[derive(Clone, Debug)]
pub struct Known {
    /// What it is here.
    pub id: Uuid,
    /// What it was like there; empty where it was here before.
    pub digest: String,
}

/// Something to bring.
#[derive(Debug)]
pub struct Thing<I> {
    /// What kind of thing, in the plural.
    pub kind: &'static str,
    /// Its path there.
    pub path: String,
    /// What it is like there.
    pub digest: String,
    /// What comes along with it.
    pub along: Vec<Import>,
    /// What is written.
    pub what: I,
}

/// What stands for what something is like.
pub fn digest(parts: &[&Value]) -> String {
    let mut text = String::new();
    for part in parts {
        text.push_str(&part.to_string());
        // no JSON has it
        text.push('\0');
    }
    hash(&text)
}

/// The same of what a thing is like but for these fields.
pub fn digest_without(value: &Value, names: &[&str]) -> String {
    let mut value = value.clone();
    if let Some(object) = value.as_object_mut() {
        object.retain(|name, _| !names.contains(&name.as_str()));
    }
    digest(&[&value])
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Bringing {
    /// An import at its beginning.
    pub fn new(
        source: Source,
        (store, organization): (Option<Store>, OrganizationId),
        tally: Tally,
        known: HashMap<String, Known>,
    ) -> Bringing {
        Bringing {
            source,
            store,
            organization,
            clock: Clock::system(),
            tally,
            known: Mutex::new(known),
            untold: Mutex::default(),
            defaults: Mutex::default(),
            knows_members: AtomicBool::default(),
            one_at_a_time: tokio::sync::Mutex::default(),
            one_event_type_at_a_time: tokio::sync::Mutex::default(),
        }
    }

    /// The present.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// What something with this path there is here: always the same, also before it comes.
    pub fn id(&self, path: &str) -> Uuid {
        match self.known().get(path) {
            Some(known) => known.id,
            None => self.own_id(path),
        }
    }

    fn own_id(&self, path: &str) -> Uuid {
        let mut hash = Sha256::new();
        hash.update(self.organization.0.as_bytes());
        hash.update(path);
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&hash.finalize()[..16]);
        let builder = Builder::from_bytes(bytes);
        let builder = builder.with_variant(Variant::RFC4122);
        builder.with_version(Version::Custom).into_uuid()
    }

    /// What something with this address there is here.
    pub fn id_of(&self, uri: &str) -> Option<Uuid> {
        path_of(uri).map(|path| self.id(&path))
    }

    /// Whether it was brought.
    pub fn has(&self, path: &str) -> bool {
        self.known().contains_key(path)
    }

    /// Whether it was here before, so that it is not followed.
    pub fn was_here(&self, path: &str) -> bool {
        let known = self.known();
        known.get(path).is_some_and(|known| known.digest.is_empty())
    }

    /// Whether it is a schedule by which somebody goes who says nothing else.
    pub fn is_default(&self, path: &str) -> bool {
        locked(&self.defaults).contains(path)
    }

    /// Notes that it is.
    pub fn note_default(&self, path: &str) {
        locked(&self.defaults).insert(path.to_owned());
    }

    /// Whether it is a schedule that came along with this event type, which has it alone.
    pub fn is_own(&self, path: &str, event_type: EventTypeId) -> bool {
        let known = self.known();
        known
            .get(path)
            .is_some_and(|known| known.digest == event_type.to_string())
    }

    /// Notes that it is not told how many invitees an event type takes.
    pub fn is_untold(&self, event_type: Uuid) {
        locked(&self.untold).insert(event_type);
    }

    /// Whether it is not told how many invitees an event type takes.
    pub fn tells_nothing(&self, event_type: EventTypeId) -> bool {
        locked(&self.untold).contains(&event_type.0)
    }

    fn known(&self) -> MutexGuard<'_, HashMap<String, Known>> {
        locked(&self.known)
    }

    /// The note that something came along with something else.
    pub fn along(&self, path: &str, digest: String) -> Import {
        Import {
            path: path.to_owned(),
            id: self.id(path),
            digest,
        }
    }

    /// Brings something that could be read. What cannot be brought is counted with its reason, and the import goes on.
    pub async fn bring_read<I: Imported>(
        &self,
        kind: &'static str,
        value: &Value,
        read: Result<Thing<I>, String>,
    ) -> Result<(), Failure> {
        match read {
            Ok(thing) => self.bring(thing).await,
            Err(reason) => {
                let path = value["uri"].as_str().and_then(path_of);
                self.tally
                    .failed(kind, path.as_deref().unwrap_or("?"), &reason);
                Ok(())
            }
        }
    }

    /// Brings something.
    pub async fn bring<I: Imported>(&self, thing: Thing<I>) -> Result<(), Failure> {
        let Thing {
            kind,
            path,
            digest,
            along,
            what,
        } = thing;
        let before = self.known().get(&path).cloned();
        let id = self.id(&path);
        let is_known = |known: &Known| known.digest.is_empty() || known.digest == digest;
        let brought = match (&before, &self.store) {
            (Some(known), _) if known.digest.is_empty() => Ok(Brought::Here(known.id)),
            (Some(known), _) if is_known(known) => Ok(Brought::Unchanged),
            (Some(_), None) => Ok(Brought::Changed),
            (None, None) => Ok(Brought::Added),
            (_, Some(store)) => {
                let command = Bring {
                    organization: self.organization,
                    import: Import {
                        path: path.clone(),
                        id,
                        digest: digest.clone(),
                    },
                    along: along.clone(),
                    thing: what,
                    now: self.now(),
                };
                store.write(command).await
            }
        };
        match brought {
            Ok(brought) => self.learn((kind, path, digest), along, (id, brought)),
            Err(WriteError::Refused(reason)) => self.tally.failed(kind, &path, &reason.0),
            Err(WriteError::Failed(failure)) => self.cannot_write(kind, &path, failure)?,
        }
        Ok(())
    }

    fn learn(
        &self,
        (kind, path, digest): (&'static str, String, String),
        along: Vec<Import>,
        (id, brought): (Uuid, Brought),
    ) {
        self.tally.brought(kind, &path, brought);
        let mut known = self.known();
        let (id, digest) = match brought {
            Brought::Here(id) => (id, String::new()),
            _ => (id, digest),
        };
        known.insert(path, Known { id, digest });
        if !matches!(brought, Brought::Here(_)) {
            for import in along {
                let Import { path, id, digest } = import;
                known.insert(path, Known { id, digest });
            }
        }
    }

    /// A database that is away ends the import; what it does not want of one thing does not.
    fn cannot_write(
        &self,
        kind: &'static str,
        path: &str,
        failure: StoreError,
    ) -> Result<(), Failure> {
        match failure.constraint() {
            Some(constraint) => {
                let reason = format!("it stands in the way of what is here ({constraint})");
                self.tally.failed(kind, path, &reason);
                Ok(())
            }
            None => Err(failure.into()),
        }
    }

    /// What could be read of an area; what may not be read is passed over, and said.
    pub fn readable<T>(
        &self,
        area: &'static str,
        read: Result<T, Trouble>,
    ) -> Result<Option<T>, Failure> {
        match read {
            Ok(read) => Ok(Some(read)),
            Err(trouble @ (Trouble::Denied(_) | Trouble::Missing | Trouble::Refused(_))) => {
                self.tally.passed_over(area, &trouble.to_string());
                Ok(None)
            }
            Err(trouble) => Err(format!("{area}: {trouble}").into()),
        }
    }
}
