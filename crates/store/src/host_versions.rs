//! What this process knows of the versions of hosts: how something that was read before is known to be true still.
//!
//! Whoever keeps what was read of hosts keeps a [`Stamp`] of each with it. The writes of this process and, on
//! PostgreSQL, the notices of all others move the versions on. Notices are a hint that saves looking: a version that
//! was not looked up for [`TRUSTED`] is looked up again, and while notices cannot be heard nothing is trusted.

use crate::{FromRow, ReadTx, Row, StoreError, args};
use domain::id::{OrganizationId, UserId};
use futures_util::future::try_join_all;
use std::{
    collections::HashMap,
    fmt,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};
use uuid::Uuid;

/// So long a version is taken for the newest one without looking.
pub const TRUSTED: Duration = Duration::from_secs(2);

/// From this age on it is looked up while it is still trusted, so that nobody waits for it.
const LOOK_UP_AFTER: Duration = Duration::from_secs(1);

/// Which version of a host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Of {
    /// Moves with everything about the host, meetings included.
    Time,
    /// Moves with what is set up: who they are, their hours, event types and tokens.
    Settings,
}

/// The versions of a host after a write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moved {
    /// In which organization.
    pub organization: OrganizationId,
    /// The host.
    pub host: UserId,
    /// The version of everything.
    pub version: i64,
    /// The version of what is set up.
    pub settings: i64,
}

/// A host's version at the time something was read.
#[derive(Clone)]
pub struct Stamp {
    known: Arc<Known>,
    of: Of,
    value: i64,
    /// When it was looked up.
    at: u64,
}

impl Stamp {
    /// Whose version it is.
    pub fn host(&self) -> UserId {
        self.known.host
    }

    /// Whether it was looked up at this moment or later.
    pub fn is_since(&self, moment: Moment) -> bool {
        moment.0 <= self.at
    }

    /// Whether it is the version of what is set up, and this one.
    pub fn is_of_settings(&self, version: i64) -> bool {
        self.of == Of::Settings && self.value == version
    }
}

/// An instant between two looks.
#[derive(Clone, Copy, Debug)]
pub struct Moment(u64);

impl fmt::Debug for Stamp {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:?} {} of {}", self.of, self.value, self.host())
    }
}

/// What is known of one host. Times are microseconds since [`HostVersions`] was made, plus one.
struct Known {
    organization: OrganizationId,
    host: UserId,
    version: AtomicI64,
    settings: AtomicI64,
    looked_up: AtomicU64,
    is_looked_up: AtomicBool,
}

impl Known {
    fn cell(&self, of: Of) -> &AtomicI64 {
        match of {
            Of::Time => &self.version,
            Of::Settings => &self.settings,
        }
    }
}

/// Whether something that was read before is true still.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Freshness {
    /// It is.
    Fresh,
    /// It is, but the versions should be looked up soon.
    Due,
    /// The versions must be looked up to tell.
    Unknown,
    /// It is not.
    Stale,
}

/// The versions of hosts, as this process knows them.
pub struct HostVersions {
    hosts: Mutex<Hosts>,
    begun: Instant,
    /// Since when all that moves is heard of; 0 while it is not.
    hearing_since: AtomicU64,
    /// What was read before is not true any more.
    valid_since: AtomicU64,
}

#[derive(Default)]
struct Hosts {
    known: HashMap<(OrganizationId, UserId), Arc<Known>>,
    /// At this many, those are dropped of whom nothing is kept.
    swept_at: usize,
}

/// Fewer than these are never swept.
const FEW: usize = 1000;

impl HostVersions {
    /// Of a database whose every write this process hears of, or does not hear of yet.
    pub(crate) fn new(hears_everything: bool) -> HostVersions {
        HostVersions {
            hosts: Mutex::default(),
            begun: Instant::now(),
            hearing_since: AtomicU64::new(u64::from(hears_everything)),
            valid_since: AtomicU64::new(0),
        }
    }

    fn now(&self) -> u64 {
        u64::try_from(self.begun.elapsed().as_micros()).map_or(u64::MAX, |micros| micros + 1)
    }

    /// The present moment.
    pub fn moment(&self) -> Moment {
        Moment(self.now())
    }

    /// From now on all that moves is heard of. What was read before is not true any more: the database may be another one.
    pub(crate) fn hears(&self) {
        let now = self.now();
        self.valid_since.fetch_max(now, Ordering::SeqCst);
        self.hearing_since.store(now, Ordering::SeqCst);
    }

    /// What moves is not heard of any more. What was read before is not true either: the database may have lost what it
    /// committed last, and count from there again.
    pub(crate) fn is_deaf(&self) {
        self.valid_since.fetch_max(self.now(), Ordering::SeqCst);
        self.hearing_since.store(0, Ordering::SeqCst);
    }

    /// Takes note of a write.
    pub(crate) fn moved(&self, moved: &Moved) {
        let hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = hosts.known.get(&(moved.organization, moved.host)) {
            known.version.fetch_max(moved.version, Ordering::SeqCst);
            known.settings.fetch_max(moved.settings, Ordering::SeqCst);
        }
    }

    fn of_host(&self, organization: OrganizationId, host: UserId) -> Arc<Known> {
        let mut hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        if hosts.swept_at <= hosts.known.len() {
            hosts.known.retain(|_, known| 1 < Arc::strong_count(known));
            hosts.swept_at = hosts.known.len().saturating_mul(2).max(FEW);
        }
        let new = || {
            Arc::new(Known {
                organization,
                host,
                version: AtomicI64::new(i64::MIN),
                settings: AtomicI64::new(i64::MIN),
                looked_up: AtomicU64::new(0),
                is_looked_up: AtomicBool::new(false),
            })
        };
        let known = hosts.known.entry((organization, host));
        known.or_insert_with(new).clone()
    }

    /// Looks the versions of hosts up, in their order. What is read afterwards is at least as new as these.
    pub async fn look_up(
        &self,
        tx: &ReadTx<'_>,
        organization: OrganizationId,
        hosts: impl IntoIterator<Item = (UserId, Of)>,
    ) -> Result<Vec<Stamp>, StoreError> {
        let at = self.now();
        let known = |(host, of)| (self.of_host(organization, host), of);
        let asked: Vec<(Arc<Known>, Of)> = hosts.into_iter().map(known).collect();
        self.refresh(tx, asked.iter().map(|(known, _)| known))
            .await?;
        let stamp = |(known, of): (Arc<Known>, Of)| {
            let value = known.cell(of).load(Ordering::SeqCst);
            Stamp {
                known,
                of,
                value,
                at,
            }
        };
        Ok(asked.into_iter().map(stamp).collect())
    }

    /// Whether what bears these stamps is true still.
    pub fn freshness(&self, stamps: &[Stamp]) -> Freshness {
        let (now, hearing_since) = (self.now(), self.hearing_since.load(Ordering::SeqCst));
        let valid_since = self.valid_since.load(Ordering::SeqCst);
        let of_one = |stamp: &Stamp| {
            // the database may have come back as it was before, and its versions may have moved on from there
            let is_of_before = stamp.at < valid_since;
            let moved = stamp.known.cell(stamp.of).load(Ordering::SeqCst) != stamp.value;
            if moved || is_of_before {
                return Freshness::Stale;
            }
            let looked_up = stamp.known.looked_up.load(Ordering::SeqCst);
            let age = Duration::from_micros(now.saturating_sub(looked_up));
            if hearing_since == 0 || TRUSTED <= age {
                Freshness::Unknown
            } else if LOOK_UP_AFTER <= age {
                Freshness::Due
            } else {
                Freshness::Fresh
            }
        };
        let stamps = stamps.iter().map(of_one);
        stamps.max().unwrap_or(Freshness::Stale)
    }

    /// Looks the versions up again that the stamps are of, where that is due. Afterwards
    /// [`HostVersions::freshness`] tells, also while nothing is heard: it is enough to ask whether they are stale.
    pub async fn check(&self, tx: &ReadTx<'_>, stamps: &[Stamp]) -> Result<(), StoreError> {
        let is_due = |stamp: &&Stamp| {
            matches!(
                self.freshness(std::slice::from_ref(*stamp)),
                Freshness::Due | Freshness::Unknown
            )
        };
        let due = stamps.iter().filter(is_due).map(|stamp| &stamp.known);
        self.refresh(tx, due).await
    }

    /// The stamps that nobody else is about to look up; for a check that nobody waits for.
    pub(crate) fn claim_due(stamps: &[Stamp]) -> Claimed {
        let claim = |stamp: &&Stamp| !stamp.known.is_looked_up.swap(true, Ordering::SeqCst);
        Claimed(stamps.iter().filter(claim).cloned().collect())
    }

    async fn refresh<'a>(
        &self,
        tx: &ReadTx<'_>,
        hosts: impl Iterator<Item = &'a Arc<Known>>,
    ) -> Result<(), StoreError> {
        let mut by_organization: HashMap<OrganizationId, Vec<&Known>> = HashMap::new();
        for known in hosts {
            let others = by_organization.entry(known.organization).or_default();
            others.push(known);
        }
        let all = by_organization.iter();
        let chunks = all.flat_map(|(organization, hosts)| {
            let chunks = hosts.chunks(AT_ONCE);
            chunks.map(move |hosts| self.refresh_some(tx, *organization, hosts))
        });
        try_join_all(chunks).await?;
        Ok(())
    }

    async fn refresh_some(
        &self,
        tx: &ReadTx<'_>,
        organization: OrganizationId,
        hosts: &[&Known],
    ) -> Result<(), StoreError> {
        let asked_at = self.now();
        let heard: Vec<(i64, i64)> = hosts
            .iter()
            .map(|known| {
                let heard = |cell: &AtomicI64| cell.load(Ordering::SeqCst);
                (heard(&known.version), heard(&known.settings))
            })
            .collect();
        // the list of the statement has one length: the last host fills it up
        let id = |index: usize| hosts[index.min(hosts.len() - 1)].host.0;
        let rows: Vec<Versions> = tx
            .all(
                LOOK_UP,
                args![
                    organization.0,
                    id(0),
                    id(1),
                    id(2),
                    id(3),
                    id(4),
                    id(5),
                    id(6),
                    id(7)
                ],
            )
            .await?;
        let rows: HashMap<UserId, Versions> = rows.into_iter().map(|row| (row.host, row)).collect();
        for (known, (version, settings)) in hosts.iter().zip(heard) {
            let row = rows.get(&known.host);
            let row = row.ok_or_else(|| StoreError::missing("hosts", known.host))?;
            set(&known.version, version, row.version);
            set(&known.settings, settings, row.settings);
            known.looked_up.fetch_max(asked_at, Ordering::SeqCst);
        }
        Ok(())
    }
}

/// Stamps whose versions are about to be looked up by whoever has these.
pub(crate) struct Claimed(pub Vec<Stamp>);

impl Drop for Claimed {
    fn drop(&mut self) {
        for stamp in &self.0 {
            stamp.known.is_looked_up.store(false, Ordering::SeqCst);
        }
    }
}

/// A version only grows, except where a database came back as it was before: what it says then counts for more than
/// what was heard before it was asked.
fn set(cell: &AtomicI64, heard_before: i64, found: i64) {
    if found < heard_before {
        cell.compare_exchange(heard_before, found, Ordering::SeqCst, Ordering::SeqCst)
            .ok();
    } else {
        cell.fetch_max(found, Ordering::SeqCst);
    }
}

struct Versions {
    host: UserId,
    version: i64,
    settings: i64,
}

impl FromRow for Versions {
    fn from_row(row: &Row<'_>) -> Result<Versions, StoreError> {
        let (host, version, settings): (Uuid, i64, i64) = FromRow::from_row(row)?;
        Ok(Versions {
            host: UserId(host),
            version,
            settings,
        })
    }
}

/// So many hosts are looked up by one statement.
const AT_ONCE: usize = 8;

const LOOK_UP: &str = "select id, version, settings_version from hosts
  where organization_id = $1 and id in ($2, $3, $4, $5, $6, $7, $8, $9)";
