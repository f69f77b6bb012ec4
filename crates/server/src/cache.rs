//! What was read is kept in memory for as long as the versions of the hosts that it is about stay as they were.
//!
//! Of requests that miss the same thing at once, one reads it and the others wait for that. The memory is bounded: what
//! was used least is given up first. Nobody waits here with a connection of the database in hand, for whom they wait
//! for may need one.

use quick_cache::{
    DefaultHashBuilder, OptionsBuilder, Weighter,
    sync::{self, DefaultLifecycle},
};
use std::{fmt, hash::Hash, sync::Arc};
use store::{
    ReadTx, Store, StoreError,
    host_versions::{Freshness, Stamp},
};

/// Something that was read, and the versions of the hosts when it was.
#[derive(Debug)]
pub struct Kept<V> {
    /// What was read.
    pub value: V,
    /// The versions, looked up before the rest was read.
    pub stamps: Vec<Stamp>,
    /// About how many bytes it takes.
    pub bytes: usize,
}

/// How something that is asked for is read.
pub trait Question: Sync {
    /// What it is kept by.
    type Key: Hash + Eq + Clone + Sync;
    /// What is read.
    type Value: Send + Sync;

    /// The key.
    fn key(&self) -> Self::Key;

    /// Whether what is kept answers it.
    fn suits(&self, _kept: &Self::Value) -> bool {
        true
    }

    /// Reads it; nothing where there is no such thing. Given is what was kept and did not suit.
    fn read(
        &self,
        tx: &ReadTx<'_>,
        before: Option<&Self::Value>,
    ) -> impl Future<Output = Result<Option<Kept<Self::Value>>, StoreError>> + Send;
}

/// Things of one kind, by what they are asked for by.
pub struct Cache<K, V> {
    kept: sync::Cache<K, Arc<Kept<V>>, Bytes>,
    store: Store,
}

impl<K, V> fmt::Debug for Cache<K, V> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Cache").finish_non_exhaustive()
    }
}

/// A key, its share of the table and the stamps take about so much beside the value.
const OVERHEAD: usize = 256;

/// Entries are weighed by their bytes.
#[derive(Clone)]
struct Bytes;

impl<K, V> Weighter<K, Arc<Kept<V>>> for Bytes {
    fn weight(&self, _: &K, kept: &Arc<Kept<V>>) -> u64 {
        u64::try_from(kept.bytes + OVERHEAD).unwrap_or(u64::MAX)
    }
}

/// How many entries are expected for the memory there is; only a first guess.
const USUAL_BYTES: usize = 2048;

/// What takes more than a part of the memory is not kept: the parts are no smaller than this, in bytes, and enough for
/// many processors.
const SHARD: usize = 2 << 20;
const MOST_SHARDS: usize = 64;

impl<K: Hash + Eq + Clone + Sync, V: Send + Sync> Cache<K, V> {
    /// Keeps what was read of a database, up to so many bytes.
    pub fn new(store: Store, bytes: usize) -> Cache<K, V> {
        let weight = u64::try_from(bytes).unwrap_or(u64::MAX);
        let mut options = OptionsBuilder::new();
        options
            .shards((bytes / SHARD).clamp(1, MOST_SHARDS))
            .estimated_items_capacity(bytes / USUAL_BYTES)
            .weight_capacity(weight);
        let kept = match options.build() {
            Ok(options) => {
                let (hasher, lifecycle) =
                    (DefaultHashBuilder::default(), DefaultLifecycle::default());
                sync::Cache::with_options(options, Bytes, hasher, lifecycle)
            }
            // nothing of what an option must be is left out
            Err(_incomplete) => sync::Cache::with_weighter(bytes / USUAL_BYTES, weight, Bytes),
        };
        Cache { kept, store }
    }

    /// What is kept, if it suits and is true still; otherwise what is read.
    pub async fn get<Q: Question<Key = K, Value = V>>(
        &self,
        question: &Q,
    ) -> Result<Option<Arc<Kept<V>>>, StoreError> {
        let (key, asked_at) = (question.key(), self.store.host_versions().moment());
        let is_since = |kept: &Kept<V>| kept.stamps.iter().all(|stamp| stamp.is_since(asked_at));
        loop {
            let mut unsuited = None;
            if let Some(kept) = self.kept.get(&key) {
                let suits = question.suits(&kept.value);
                if suits && self.is_true(&kept).await? {
                    return Ok(Some(kept));
                }
                self.kept.remove_if(&key, |other| Arc::ptr_eq(other, &kept));
                unsuited = Some(kept).filter(|_| !suits);
            }
            let mut is_ours = false;
            let found = self
                .kept
                .get_or_insert_async(&key, async {
                    is_ours = true;
                    let tx = self.store.read().await.map_err(Some)?;
                    let before = unsuited.as_ref().map(|kept| &kept.value);
                    let found = question.read(&tx, before).await.map_err(Some)?;
                    found.map(Arc::new).ok_or(None)
                })
                .await;
            match found {
                Ok(kept) if is_ours => return Ok(Some(kept)),
                Ok(kept) if question.suits(&kept.value) && is_since(&kept) => {
                    return Ok(Some(kept));
                }
                // another request began to read it before this one came
                Ok(_) => {}
                Err(None) => return Ok(None),
                Err(Some(error)) => return Err(error),
            }
        }
    }

    async fn is_true(&self, kept: &Kept<V>) -> Result<bool, StoreError> {
        let versions = self.store.host_versions();
        match versions.freshness(&kept.stamps) {
            Freshness::Fresh => Ok(true),
            Freshness::Due => {
                self.store.check_soon(&kept.stamps);
                Ok(true)
            }
            Freshness::Stale => Ok(false),
            Freshness::Unknown => {
                let tx = self.store.read().await?;
                versions.check(&tx, &kept.stamps).await?;
                Ok(versions.freshness(&kept.stamps) != Freshness::Stale)
            }
        }
    }
}
