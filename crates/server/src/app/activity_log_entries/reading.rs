//! Reading the activity log: a page, and how many entries there are. What is searched for is looked for here, in the
//! entries that the rest of the question lets through, so many at a time.

use super::{
    Facts,
    search_term::{SearchTerm, words},
};
use domain::id::OrganizationId;
use serde_json::Value;
use store::{
    ReadTx, StoreError,
    activity_log_entries::listing::{self, EntryKey, Filter, ListedEntry, Sort},
    page::{Cursor, Order, PageRequest, Walk},
};

/// So many entries are counted.
pub const MOST_COUNTED: i64 = 10_000;

/// So many entries are searched for a page, and as many to count what is found.
pub const MOST_SEARCHED: usize = 20_000;

/// So many of them are read at once.
const BATCH: usize = 1_000;

/// What is asked of the log.
#[derive(Clone, Debug)]
pub struct Question {
    /// Which entries.
    pub filter: Filter,
    /// In which order.
    pub sort: Sort,
    /// What they must say.
    pub search: Option<SearchTerm>,
}

/// A page of entries, and where the pages around it begin.
#[derive(Clone, Debug)]
pub struct FoundPage {
    /// The entries in the order of the list. Of a search there may be fewer than there is room for, and more on the next
    /// page.
    pub rows: Vec<ListedEntry>,
    /// What follows the page before.
    pub previous: Option<EntryKey>,
    /// What the next page follows.
    pub next: Option<EntryKey>,
}

/// How many entries there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Total {
    /// So many were counted.
    pub count: i64,
    /// Whether there may be more.
    pub is_exceeded: bool,
}

impl Question {
    /// The page that is asked for.
    pub async fn page(
        &self,
        tx: &ReadTx<'_>,
        organization: OrganizationId,
        request: &PageRequest<EntryKey>,
    ) -> Result<FoundPage, StoreError> {
        let walk = request.walk();
        let limit = usize::try_from(walk.limit).unwrap_or(usize::MAX);
        let found = self.search(tx, organization, (walk, limit)).await?;
        let page = request.page(found.rows);
        let key = |row: Option<&ListedEntry>| row.map(|row| self.sort.key(row));
        let (mut next, mut previous) = (None, None);
        if page.has_next {
            next = key(page.rows.last());
        }
        if page.has_previous {
            previous = key(page.rows.first());
        }
        // the search was broken off: it goes on from there
        match request.cursor {
            Some(Cursor::Before(_)) => previous = previous.or(found.stopped_at),
            _ => next = next.or(found.stopped_at),
        }
        Ok(FoundPage {
            rows: page.rows,
            previous,
            next,
        })
    }

    /// How many entries answer the question.
    pub async fn total(
        &self,
        tx: &ReadTx<'_>,
        organization: OrganizationId,
    ) -> Result<Total, StoreError> {
        if self.search.is_none() {
            let counted = listing::count(tx, organization, &self.filter, MOST_COUNTED + 1).await?;
            return Ok(Total {
                count: counted.min(MOST_COUNTED),
                is_exceeded: MOST_COUNTED < counted,
            });
        }
        let whole = Walk {
            order: Order::Ascending,
            from: None,
            limit: 0,
        };
        let found = self.search(tx, organization, (whole, usize::MAX)).await?;
        Ok(Total {
            count: i64::try_from(found.rows.len()).unwrap_or(i64::MAX),
            is_exceeded: found.stopped_at.is_some(),
        })
    }

    /// The first rows of a walk that answer the question, at most `limit`.
    async fn search(
        &self,
        tx: &ReadTx<'_>,
        organization: OrganizationId,
        (mut walk, limit): (Walk<EntryKey>, usize),
    ) -> Result<Found, StoreError> {
        let asked = (&self.filter, &self.sort);
        let Some(term) = &self.search else {
            return Ok(Found {
                rows: listing::walk(tx, organization, asked, &walk).await?,
                stopped_at: None,
            });
        };
        walk.limit = i64::try_from(BATCH).unwrap_or(i64::MAX);
        let mut rows = Vec::new();
        for _ in 0..MOST_SEARCHED / BATCH {
            let batch = listing::walk(tx, organization, asked, &walk).await?;
            let is_last = batch.len() < BATCH;
            walk.from = batch.last().map(|row| self.sort.key(row));
            let fitting = batch.into_iter().filter(|row| term.is_in(&texts(row)));
            let room = limit - rows.len();
            rows.extend(fitting.take(room));
            if is_last || rows.len() == limit {
                return Ok(Found {
                    rows,
                    stopped_at: None,
                });
            }
        }
        Ok(Found {
            rows,
            stopped_at: walk.from,
        })
    }
}

struct Found {
    rows: Vec<ListedEntry>,
    /// Where a search was broken off.
    stopped_at: Option<EntryKey>,
}

/// The words of an entry, which are those that are shown of it.
fn texts(listed: &ListedEntry) -> Vec<Vec<String>> {
    let entry = &listed.entry;
    let mut texts = vec![words(&format!("{}.{}", entry.namespace, entry.action))];
    if let Some(actor) = entry.actor {
        texts.push(words(actor.kind()));
    }
    for text in [&listed.name, &listed.email].into_iter().flatten() {
        texts.push(words(text));
    }
    add_texts(&entry.details, &mut texts);
    texts
}

fn add_texts(value: &Value, texts: &mut Vec<Vec<String>>) {
    match value {
        Value::String(text) => texts.push(words(text)),
        Value::Number(number) => texts.push(words(&number.to_string())),
        Value::Array(values) => values.iter().for_each(|value| add_texts(value, texts)),
        Value::Object(fields) => fields.values().for_each(|value| add_texts(value, texts)),
        Value::Null | Value::Bool(_) => {}
    }
}

/// What is shown of a deed: everything by its name, resources by their URIs.
pub fn shown(details: Value, uri: impl Fn(&str) -> String) -> Result<Value, StoreError> {
    let facts: Facts = serde_json::from_value(details).map_err(StoreError::invalid)?;
    let mut shown = facts.plain;
    for (name, mut link) in facts.links {
        write_uris(&mut link, &uri);
        shown.insert(name, link);
    }
    Ok(Value::Object(shown))
}

fn write_uris(link: &mut Value, uri: &impl Fn(&str) -> String) {
    match link {
        Value::String(path) => *path = uri(path),
        Value::Array(links) => links.iter_mut().for_each(|link| write_uris(link, uri)),
        _ => {}
    }
}
