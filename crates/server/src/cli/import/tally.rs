//! How an import goes: what was brought, and what was not and why. Nothing here names people.

use crate::app::imports::Brought;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Mutex, MutexGuard, PoisonError},
};

/// Counts, by kind of thing.
#[derive(Debug, Default)]
pub struct Tally {
    /// Whether each thing has a line of its own.
    pub is_verbose: bool,
    /// Whether it is only said what would be done.
    pub is_dry: bool,
    counts: Mutex<Counts>,
}

#[derive(Debug, Default)]
struct Counts {
    kinds: BTreeMap<&'static str, Count>,
    passed_over: BTreeSet<(&'static str, String)>,
    missing: usize,
}

/// What became of one kind of thing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Count {
    added: usize,
    changed: usize,
    unchanged: usize,
    here: usize,
    gone: usize,
    failed: usize,
}

impl Tally {
    /// Nothing so far; with a line for each thing, or only saying what would be done.
    pub fn new(is_verbose: bool, is_dry: bool) -> Tally {
        Tally {
            is_verbose,
            is_dry,
            counts: Mutex::default(),
        }
    }

    fn counts(&self) -> MutexGuard<'_, Counts> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Something was brought, or need not be.
    pub fn brought(&self, kind: &'static str, path: &str, brought: Brought) {
        let mut counts = self.counts();
        let count = counts.kinds.entry(kind).or_default();
        let (number, done, would) = match brought {
            Brought::Added => (&mut count.added, "added", "would add"),
            Brought::Changed => (&mut count.changed, "changed", "would change"),
            Brought::Unchanged => (&mut count.unchanged, "unchanged", "would leave"),
            Brought::Here(_) => (&mut count.here, "here before", "is here"),
            Brought::Gone => (&mut count.gone, "deleted here", "deleted here"),
        };
        *number += 1;
        if self.is_verbose {
            println!("{} {path}", if self.is_dry { would } else { done });
        }
    }

    /// Something cannot be brought.
    pub fn failed(&self, kind: &'static str, path: &str, reason: &str) {
        let mut counts = self.counts();
        counts.missing += 1;
        counts.kinds.entry(kind).or_default().failed += 1;
        eprintln!("not brought over: {path}: {reason}");
    }

    /// A part of something cannot be brought.
    pub fn left_out(&self, path: &str, what: &str) {
        self.counts().missing += 1;
        eprintln!("left out: {path}: {what}");
    }

    /// A whole kind of thing cannot be read, which is said once.
    pub fn passed_over(&self, area: &'static str, reason: &str) {
        let mut counts = self.counts();
        if counts.passed_over.insert((area, reason.to_owned())) {
            counts.missing += 1;
            eprintln!("passed over: {area}: {reason}");
        }
    }

    /// Says how far it is.
    pub fn progress(&self, kind: &'static str) {
        let count = self.counts().kinds.get(kind).copied().unwrap_or_default();
        let Count {
            added,
            changed,
            unchanged,
            here,
            gone,
            failed,
        } = count;
        eprintln!(
            "{kind}: {}",
            added + changed + unchanged + here + gone + failed
        );
    }

    /// Prints what became of everything, and answers how much was not brought.
    pub fn summary(&self) -> usize {
        let counts = self.counts();
        let [added, changed] = if self.is_dry {
            ["would be added", "would be changed"]
        } else {
            ["added", "changed"]
        };
        for (kind, count) in &counts.kinds {
            let parts = [
                (count.added, added),
                (count.changed, changed),
                (count.unchanged, "unchanged"),
                (count.here, "here before"),
                (count.gone, "deleted here"),
                (count.failed, "not brought over"),
            ];
            let parts = parts.iter().filter(|(number, _)| 0 < *number);
            let words: Vec<String> = parts
                .map(|(number, word)| format!("{number} {word}"))
                .collect();
            println!("{kind}: {}", words.join(", "));
        }
        counts.missing
    }
}
