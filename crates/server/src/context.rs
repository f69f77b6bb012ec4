//! What a request may use: the database, the clock, randomness and the configuration.
//! The only place that asks the system for the time, an id or random bytes.

use crate::{
    api::{admission::Admission, health::Readiness, rate_limit::RateLimits, uri::Uris},
    app::{activity_log_entries::Database, facts::Facts},
    config::Config,
    jobs::Bell,
    password_hash::Hasher,
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use jiff::{SignedDuration, Timestamp};
use std::sync::{
    Arc, OnceLock,
    atomic::{AtomicBool, AtomicU64, Ordering},
};
use store::Store;
use tokio::sync::Semaphore;
use uuid::Uuid;

/// So many large questions are answered at once.
const LARGE_QUESTIONS: usize = 2;

/// Everything a request may use. Cheap to clone.
#[derive(Clone, Debug)]
pub struct App(Arc<Context>);

/// The parts of [`App`].
#[derive(Debug)]
pub struct Context {
    /// The database.
    pub store: Database,
    /// The time.
    pub clock: Clock,
    /// What is known of the database's content without reading it.
    pub facts: Facts,
    /// The settings.
    pub config: Config,
    /// Writes URIs under the configured public address.
    pub uris: Uris,
    /// Turns of questions that take much memory and time.
    pub large_questions: Arc<Semaphore>,
    /// Hashes passwords, a few at a time.
    pub passwords: Hasher,
    /// The requests that are worked on.
    pub admission: Admission,
    /// What users have sent lately.
    pub rate_limits: RateLimits,
    /// Whether the database can be used.
    pub readiness: Readiness,
    /// Rung when something may have happened that others are told.
    pub bell: Bell,
    /// The same for what mails are sent about.
    pub mail_bell: Bell,
    ending: AtomicBool,
}

impl std::ops::Deref for App {
    type Target = Context;

    fn deref(&self) -> &Context {
        &self.0
    }
}

impl App {
    /// Puts the parts together.
    pub fn new(store: Store, clock: Clock, config: Config) -> App {
        // what ends by itself ends by the database's clock, which must not differ from ours on purpose
        let mut store = store.ahead_by(clock.ahead);
        if config.mail.is_some() {
            store = store.with_mail();
        }
        store.exchange_notices();
        App(Arc::new(Context {
            facts: Facts::new(&store, config.cache_megabytes << 20),
            store: Database::new(store, clock),
            clock,
            passwords: Hasher::default(),
            admission: Admission::new(&config),
            rate_limits: RateLimits::new(&config),
            readiness: Readiness::default(),
            bell: Bell::default(),
            mail_bell: Bell::default(),
            ending: AtomicBool::new(false),
            uris: Uris::new(&config.public_url),
            config,
            large_questions: Arc::new(Semaphore::new(LARGE_QUESTIONS)),
        }))
    }

    /// The present instant, to the microsecond.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Says from now on that the server is about to end.
    pub fn begin_to_end(&self) {
        self.ending.store(true, Ordering::Relaxed);
    }

    /// Whether the server is about to end: new requests should go elsewhere, but are answered.
    pub fn is_ending(&self) -> bool {
        self.ending.load(Ordering::Relaxed)
    }
}

/// A clock that may be set to another time than the system's and ticks along with it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Clock {
    ahead: SignedDuration,
}

impl Clock {
    /// The system's clock.
    pub fn system() -> Clock {
        Clock::default()
    }

    /// A clock that shows `now` at this moment.
    pub fn starting_at(now: Timestamp) -> Clock {
        Clock {
            ahead: now.duration_since(system_now()),
        }
    }

    /// The present instant, to the microsecond, which is what every engine stores.
    pub fn now(&self) -> Timestamp {
        let now = system_now()
            .saturating_add(self.ahead)
            .unwrap_or(Timestamp::MAX);
        Timestamp::from_microsecond(now.as_microsecond()).unwrap_or(now)
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the one place that reads the system's clock"
)]
fn system_now() -> Timestamp {
    Timestamp::now()
}

/// A fresh id. Commands get theirs before they run, so that running twice makes one row.
#[expect(clippy::disallowed_methods, reason = "the one place that makes ids")]
pub fn fresh_id() -> Uuid {
    Uuid::now_v7()
}

/// A fresh id of a request: a random one of the process and a number, which costs less than a random one each time.
pub fn fresh_request_id() -> String {
    static PROCESS: OnceLock<String> = OnceLock::new();
    static REQUESTS: AtomicU64 = AtomicU64::new(1);
    let process = PROCESS.get_or_init(|| fresh_id().simple().to_string());
    let number = REQUESTS.fetch_add(1, Ordering::Relaxed);
    format!("{process}-{number}")
}

/// The system's random source gave nothing.
#[derive(Debug, thiserror::Error)]
#[error("the system's random source failed: {0}")]
pub struct NoRandomness(getrandom::Error);

/// The letters of codes: none is taken for another one.
const CODE_LETTERS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// A new code of 80 random bits, such as `k7qm-3xzt-9rwb-h2fv`: for addresses that nobody must guess.
pub fn fresh_code() -> Result<String, NoRandomness> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(NoRandomness)?;
    let letter = |byte: &u8| char::from(CODE_LETTERS[usize::from(byte % 32)]);
    let groups: Vec<String> = bytes
        .chunks(4)
        .map(|group| group.iter().map(letter).collect())
        .collect();
    Ok(groups.join("-"))
}

/// A new secret of 256 random bits as text.
pub fn fresh_secret() -> Result<String, NoRandomness> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(NoRandomness)?;
    Ok(BASE64_URL_SAFE_NO_PAD.encode(bytes))
}

/// A new code of 256 random bits, in hexadecimal.
pub fn fresh_long_code() -> Result<String, NoRandomness> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(NoRandomness)?;
    Ok(crate::api::caller::hex(&bytes))
}

/// The salt of a password's hash.
pub fn fresh_salt() -> Result<[u8; 16], NoRandomness> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(NoRandomness)?;
    Ok(bytes)
}

/// A random share, from 0 to 1, by which what happens at the same time is spread. Half where there is no randomness.
pub fn fresh_share() -> f64 {
    let mut bytes = [0; 4];
    match getrandom::fill(&mut bytes) {
        Ok(()) => f64::from(u32::from_le_bytes(bytes)) / f64::from(u32::MAX),
        Err(_no_randomness) => 0.5,
    }
}
