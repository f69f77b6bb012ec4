//! Keyset pages: a page starts behind (or ends before) a row that was seen, never at a number of rows to skip.

use crate::StoreError;
use domain::interval::Interval;
use jiff::Timestamp;
use uuid::Uuid;

/// In which direction a list is sorted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// Smallest first.
    Ascending,
    /// Largest first.
    Descending,
}

impl Order {
    fn reversed(self) -> Order {
        match self {
            Order::Ascending => Order::Descending,
            Order::Descending => Order::Ascending,
        }
    }
}

/// The row at which a page begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cursor<K> {
    /// The page is what follows this row.
    After(K),
    /// The page is what comes before this row.
    Before(K),
}

impl<K> Cursor<K> {
    /// The row's place in the list.
    pub fn key(&self) -> &K {
        match self {
            Cursor::After(key) | Cursor::Before(key) => key,
        }
    }
}

/// Which page of a list is wanted.
#[derive(Clone, Debug)]
pub struct PageRequest<K> {
    /// The order of the whole list.
    pub order: Order,
    /// Where the page begins; the start of the list when there is none.
    pub cursor: Option<Cursor<K>>,
    /// At most so many rows.
    pub count: u32,
}

/// How one statement walks to collect a page: from a key, in a direction.
#[derive(Clone, Debug)]
pub struct Walk<K> {
    /// The direction of the statement, which is against the list's when a page is read backwards.
    pub order: Order,
    /// The row to start behind.
    pub from: Option<K>,
    /// One row more than asked, which tells whether there is more.
    pub limit: i64,
}

/// The rows of a page and what lies around it.
#[derive(Clone, Debug)]
pub struct Page<T> {
    /// The rows in the order of the list.
    pub rows: Vec<T>,
    /// Whether rows come before the page.
    pub has_previous: bool,
    /// Whether rows follow the page.
    pub has_next: bool,
}

impl<K: Clone> PageRequest<K> {
    /// The walk that collects this page.
    pub fn walk(&self) -> Walk<K> {
        let (order, from) = match &self.cursor {
            None => (self.order, None),
            Some(Cursor::After(key)) => (self.order, Some(key.clone())),
            Some(Cursor::Before(key)) => (self.order.reversed(), Some(key.clone())),
        };
        Walk {
            order,
            from,
            limit: i64::from(self.count) + 1,
        }
    }

    /// Makes the page out of what the walk brought.
    pub fn page<T>(&self, mut rows: Vec<T>) -> Page<T> {
        let more = rows.len() > self.count as usize;
        rows.truncate(self.count as usize);
        let (has_previous, has_next) = match self.cursor {
            None => (false, more),
            Some(Cursor::After(_)) => (true, more),
            Some(Cursor::Before(_)) => {
                rows.reverse();
                (more, true)
            }
        };
        Page {
            rows,
            has_previous,
            has_next,
        }
    }
}

impl<T> Page<T> {
    /// A page of a list without rows.
    pub fn empty() -> Page<T> {
        Page {
            rows: Vec::new(),
            has_previous: false,
            has_next: false,
        }
    }

    /// The same page with rows that were made of its own.
    pub fn with_rows<U>(self, rows: Vec<U>) -> Page<U> {
        Page {
            rows,
            has_previous: self.has_previous,
            has_next: self.has_next,
        }
    }
}

/// The key of lists that are sorted by an instant.
pub type InstantKey = (Timestamp, Uuid);

/// The key of lists that are sorted by a position.
pub type PositionKey = (i64, Uuid);

impl Walk<InstantKey> {
    /// The key to start behind; a key beyond every row where the walk starts at an end of the list.
    pub fn start(&self) -> Result<InstantKey, StoreError> {
        let whole = stored_range()?;
        Ok(match (&self.from, self.order) {
            (Some(key), _) => *key,
            (None, Order::Ascending) => (whole.start(), Uuid::nil()),
            (None, Order::Descending) => (whole.end(), Uuid::max()),
        })
    }
}

/// The instants that every engine can store: the years 1 to 9999.
pub fn stored_range() -> Result<Interval, StoreError> {
    const FIRST: i64 = -62_135_596_800;
    const LAST: i64 = 253_370_764_800;
    let instant = |second| Timestamp::from_second(second).map_err(StoreError::invalid);
    Interval::new(instant(FIRST)?, instant(LAST)?)
        .ok_or_else(|| StoreError::invalid("the range of stored instants"))
}
