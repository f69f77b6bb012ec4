//! Pages of collections: `count` and `page_token` in, `pagination` out.

use super::{
    problem::Problem,
    request::Target,
    uri::{Uris, uuid},
    value::{Int, text::Text},
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use jiff::Timestamp;
use serde::Serialize;
use sha2::{Digest, Sha256};
use store::{
    event_types::listing::SortKey,
    page::{Cursor, InstantKey, Order, Page, PageRequest, PositionKey, stored_range},
};
use utoipa::ToSchema;
use uuid::Uuid;

/// Rows on a page.
pub type Count = Option<Int<1, 100>>;
/// Where the page begins, from an earlier answer.
pub type PageToken = Option<Text<1, 2000>>;
/// `field:asc` or `field:desc`, several with commas.
pub type Sort = Option<Text<0, 255>>;

/// Where a page lies in its collection.
#[derive(Debug, Serialize, ToSchema)]
pub struct Pagination {
    /// Rows on this page: 100 at most, 1000 of the activity log.
    #[schema(minimum = 0, maximum = 1000)]
    pub count: usize,
    /// Address of the next page; null at the end.
    #[schema(required = true, format = "uri")]
    pub next_page: Option<String>,
    /// Address of the page before; null at the start.
    #[schema(required = true, format = "uri")]
    pub previous_page: Option<String>,
    /// Token of the next page.
    #[schema(required = true)]
    pub next_page_token: Option<String>,
    /// Token of the page before.
    #[schema(required = true)]
    pub previous_page_token: Option<String>,
}

impl Pagination {
    /// The only page of a list.
    pub fn whole(count: usize) -> Pagination {
        Pagination {
            count,
            next_page: None,
            previous_page: None,
            next_page_token: None,
            previous_page_token: None,
        }
    }
}

/// A page of a collection.
#[derive(Debug, Serialize, ToSchema)]
pub struct Collection<T> {
    /// The rows.
    pub collection: Vec<T>,
    /// Where the page lies.
    pub pagination: Pagination,
}

/// A position in a sorted list, as text.
pub trait Key: Sized + Clone {
    /// Writes the position.
    fn write(&self) -> String;
    /// Reads what [`Key::write`] wrote.
    fn read(text: &str) -> Option<Self>;
}

impl Key for InstantKey {
    fn write(&self) -> String {
        format!("{} {}", self.0.as_microsecond(), self.1)
    }

    fn read(text: &str) -> Option<InstantKey> {
        let (at, id) = text.split_once(' ')?;
        Some((instant(at)?, uuid(id)?))
    }
}

impl Key for PositionKey {
    fn write(&self) -> String {
        format!("{} {}", self.0, self.1)
    }

    fn read(text: &str) -> Option<PositionKey> {
        let (position, id) = text.split_once(' ')?;
        Some((position.parse().ok()?, uuid(id)?))
    }
}

/// An instant that every engine can store.
pub fn instant(microseconds: &str) -> Option<Timestamp> {
    let instant = Timestamp::from_microsecond(microseconds.parse().ok()?).ok()?;
    let stored = stored_range().ok()?;
    (stored.start()..stored.end())
        .contains(&instant)
        .then_some(instant)
}

impl Key for SortKey {
    fn write(&self) -> String {
        match self {
            SortKey::Name(name, id) => format!("n{id}{name}"),
            SortKey::Position(position, id) => format!("p{id}{position}"),
            SortKey::At(at, id) => format!("a{id}{}", at.as_microsecond()),
        }
    }

    fn read(text: &str) -> Option<SortKey> {
        let (id, value): (Uuid, &str) = (uuid(text.get(1..37)?)?, text.get(37..)?);
        match text.get(..1)? {
            "n" => Some(SortKey::Name(value.to_owned(), id)),
            "p" => Some(SortKey::Position(value.parse().ok()?, id)),
            "a" => Some(SortKey::At(instant(value)?, id)),
            _ => None,
        }
    }
}

/// How a list is sorted: part of its tokens, so that one is never taken for another list's.
#[derive(Clone, Copy, Debug)]
pub struct Sorted {
    /// The list and the field it is sorted by.
    pub by: &'static str,
    /// The direction.
    pub order: Order,
}

impl Sorted {
    /// The first sort criterion of a list's own `fields`; criteria of fields it does not have are ignored. Without
    /// one, the list is sorted by the first of its fields, ascending.
    pub fn parse(sort: Sort, fields: &[&'static str]) -> Result<Sorted, Problem> {
        let sort = sort.map(|sort| sort.0).unwrap_or_default();
        for criterion in sort.split(',').map(str::trim) {
            let (field, direction) = criterion.split_once(':').unwrap_or((criterion, "asc"));
            let Some(by) = fields.iter().find(|known| **known == field) else {
                continue;
            };
            let order = match direction {
                "asc" => Order::Ascending,
                "desc" => Order::Descending,
                _ => {
                    let message = "must end in :asc or :desc, such as created_at:desc";
                    return Err(Problem::parameter("sort", "unknown_value", message));
                }
            };
            return Ok(Sorted { by, order });
        }
        Ok(Sorted {
            by: fields.first().copied().unwrap_or_default(),
            order: Order::Ascending,
        })
    }

    /// The page that is asked for.
    pub fn request<const MAX: u32, K: Key>(
        self,
        count: Option<Int<1, MAX>>,
        token: PageToken,
    ) -> Result<PageRequest<K>, Problem> {
        self.request_where(count, token, |_| true)
    }

    /// The page that is asked for, of a list whose positions must be as `fits` says.
    pub fn request_where<const MAX: u32, K: Key>(
        self,
        count: Option<Int<1, MAX>>,
        token: PageToken,
        fits: impl Fn(&K) -> bool,
    ) -> Result<PageRequest<K>, Problem> {
        let cursor = match token {
            None => None,
            Some(Text(token)) => {
                let cursor = self.cursor(&token).filter(|cursor| fits(cursor.key()));
                Some(cursor.ok_or_else(|| {
                    let message =
                        "is not a token of this list; take it from an earlier answer's pagination";
                    Problem::parameter("page_token", "invalid_page_token", message)
                })?)
            }
        };
        Ok(PageRequest {
            order: self.order,
            cursor,
            count: count.map_or(20, |count| count.0),
        })
    }

    fn prefix(self) -> String {
        let order = if self.order == Order::Ascending {
            "asc"
        } else {
            "desc"
        };
        format!("{}:{order}:", self.by)
    }

    fn token(self, direction: char, key: &impl Key) -> String {
        let text = format!("{}{direction}{}", self.prefix(), key.write());
        let mut bytes = checksum(&text).to_vec();
        bytes.extend_from_slice(text.as_bytes());
        BASE64_URL_SAFE_NO_PAD.encode(bytes)
    }

    fn cursor<K: Key>(self, token: &str) -> Option<Cursor<K>> {
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(token).ok()?;
        let (sum, text) = bytes.split_at_checked(CHECKSUM)?;
        let text = std::str::from_utf8(text).ok()?;
        if sum != checksum(text) {
            return None;
        }
        let rest = text.strip_prefix(&self.prefix())?;
        match (rest.get(..1)?, K::read(rest.get(1..)?)?) {
            (">", key) => Some(Cursor::After(key)),
            ("<", key) => Some(Cursor::Before(key)),
            _ => None,
        }
    }

    /// The answer for a page: its rows as bodies, and links to the pages around it.
    pub fn collection<T, B, K: Key>(
        self,
        page: Page<T>,
        link: (&Uris, &Target),
        key: impl Fn(&T) -> K,
        body: impl FnMut(T) -> B,
    ) -> Collection<B> {
        let next = page.rows.last().filter(|_| page.has_next);
        let previous = page.rows.first().filter(|_| page.has_previous);
        let around = (previous.map(&key), next.map(&key));
        Collection {
            pagination: self.pagination(page.rows.len(), around, link),
            collection: page.rows.into_iter().map(body).collect(),
        }
    }

    /// Where a page of so many rows lies, between the row that the page before precedes and the one that the next follows.
    pub fn pagination<K: Key>(
        self,
        count: usize,
        (previous, next): (Option<K>, Option<K>),
        link: (&Uris, &Target),
    ) -> Pagination {
        let next_page_token = next.map(|key| self.token('>', &key));
        let previous_page_token = previous.map(|key| self.token('<', &key));
        let address = |token: &String| address(link, token);
        Pagination {
            count,
            next_page: next_page_token.as_ref().map(address),
            previous_page: previous_page_token.as_ref().map(address),
            next_page_token,
            previous_page_token,
        }
    }
}

/// Bytes of a token that show whether it is whole.
const CHECKSUM: usize = 8;

fn checksum(text: &str) -> [u8; CHECKSUM] {
    let hash = Sha256::digest([b"fasti page token ", text.as_bytes()].concat());
    let mut sum = [0; CHECKSUM];
    sum.copy_from_slice(&hash[..CHECKSUM]);
    sum
}

fn address((uris, target): (&Uris, &Target), token: &str) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    let parameters = form_urlencoded::parse(target.query.as_bytes());
    query.extend_pairs(parameters.filter(|(key, _)| key != "page_token"));
    query.append_pair("page_token", token);
    uris.page(&format!("{}?{}", target.path, query.finish()))
}
