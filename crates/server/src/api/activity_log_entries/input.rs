//! What is asked of the activity log.

use crate::api::{
    input::{Parse, Reader, input},
    page::{Key, PageToken, instant},
    uri::Uri,
    value::{
        Int, List,
        text::{Text, string, text},
        time::Time,
    },
};
use crate::app::activity_log_entries::{reading::Question, search_term::SearchTerm};
use domain::id::{OrganizationId, UserId};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use store::{
    StoreError,
    activity_log_entries::listing::{EntryKey, Filter, Sort, SortField},
    page::{Order, stored_range},
};
use utoipa::openapi::{RefOr, Schema};
use uuid::Uuid;

input! {
    /// Which entries.
    pub struct ListEntries {
        /// The organization.
        pub organization: Uri<OrganizationId>,
        /// What entries must say: words, all of which must be there. `|` or, `+` and, `-` not, `"…"` in this order, `(…)`, and `*` for how a word may end.
        pub search_term: Option<Search>,
        /// By these users; the parameter may come several times.
        pub actor: Option<List<Uri<UserId>, 0, 100>>,
        /// To these kinds of things; the parameter may come several times.
        pub namespace: Option<List<Text<1, 255>, 0, 100>>,
        /// These deeds; the parameter may come several times.
        pub action: Option<List<Text<1, 255>, 0, 100>>,
        /// `action`, `actor.display_name`, `actor.uri`, `namespace` or `occurred_at` with `:asc` or `:desc`; several with commas, or the parameter several times. `occurred_at:desc` by default.
        pub sort: Option<SortedBy>,
        /// From when on.
        pub min_occurred_at: Option<Time>,
        /// Until when, this millisecond too.
        pub max_occurred_at: Option<Time>,
        /// Rows on a page, 20 by default.
        pub count: Option<Int<1, 1000>>,
        /// Where the page begins, from an earlier answer.
        pub page_token: PageToken,
    }
}

impl ListEntries {
    /// The same, as the log is asked.
    pub fn question(self) -> Result<Question, StoreError> {
        let stored = stored_range()?;
        let texts = |list: Option<List<Text<1, 255>, 0, 100>>| {
            let texts = list.into_iter().flat_map(|list| list.0);
            texts.map(|text| text.0).collect()
        };
        let actors = self.actor.into_iter().flat_map(|list| list.0);
        let until = self
            .max_occurred_at
            .map(|Time(until)| whole_millisecond(until));
        Ok(Question {
            filter: Filter {
                from: self.min_occurred_at.map_or(stored.start(), |from| from.0),
                until: until.transpose()?.unwrap_or(stored.end()),
                actors: actors.map(|actor| actor.0).collect(),
                namespaces: texts(self.namespace),
                actions: texts(self.action),
            },
            sort: self.sort.unwrap_or_default().0,
            search: self.search_term.map(|term| term.0),
        })
    }
}

/// The last instant that is written as the same millisecond: answers say no more.
fn whole_millisecond(until: Timestamp) -> Result<Timestamp, StoreError> {
    let start = until.as_microsecond().div_euclid(1000) * 1000;
    let start = Timestamp::from_microsecond(start).map_err(StoreError::invalid)?;
    let rest = SignedDuration::from_micros(999);
    start.checked_add(rest).map_err(StoreError::invalid)
}

/// A search term, understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Search(pub SearchTerm);

impl Parse for Search {
    fn parse(value: &Value, reader: &mut Reader) -> Option<Search> {
        let Text(term) = Text::<1, 300>::parse(value, reader)?;
        match SearchTerm::parse(&term) {
            Ok(term) => Some(Search(term)),
            Err(mistake) => reader.problem("invalid_format", mistake.to_string()),
        }
    }

    fn schema() -> RefOr<Schema> {
        string("User.* -\"Ada Lovelace\"")
            .max_length(Some(300))
            .into()
    }
}

/// In which order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SortedBy(Sort);

impl Default for SortedBy {
    fn default() -> SortedBy {
        SortedBy(Sort {
            keys: Vec::new(),
            time: Order::Descending,
        })
    }
}

impl SortedBy {
    /// Sorts by one more field, after those before it; false where there is no such field or direction.
    fn add(&mut self, is_over: &mut bool, criterion: &str) -> bool {
        let (field, direction) = criterion.split_once(':').unwrap_or((criterion, "asc"));
        let order = match direction {
            "asc" => Order::Ascending,
            "desc" => Order::Descending,
            _ => return false,
        };
        let field = match field {
            "action" => SortField::Action,
            "actor.display_name" => SortField::ActorName,
            "actor.uri" => SortField::Actor,
            "namespace" => SortField::Namespace,
            "occurred_at" => {
                if !*is_over {
                    self.0.time = order;
                }
                *is_over = true;
                return true;
            }
            _ => return false,
        };
        // what comes after the time, or again, has nothing left to settle
        if !*is_over && self.0.keys.iter().all(|(known, _)| *known != field) {
            self.0.keys.push((field, order));
        }
        true
    }
}

impl Parse for SortedBy {
    fn parse(value: &Value, reader: &mut Reader) -> Option<SortedBy> {
        let values = match value {
            Value::Array(values) => values.as_slice(),
            single => std::slice::from_ref(single),
        };
        let (mut sorted, mut is_over) = (SortedBy::default(), false);
        for value in values {
            for criterion in text(value, reader)?.split(',').map(str::trim) {
                if !criterion.is_empty() && !sorted.add(&mut is_over, criterion) {
                    let message = "must be action, actor.display_name, actor.uri, namespace or occurred_at with :asc or :desc";
                    return reader.problem("unknown_value", message);
                }
            }
        }
        Some(sorted)
    }

    fn schema() -> RefOr<Schema> {
        string("occurred_at:desc").into()
    }
}

/// The place of an entry in a list that is sorted in a certain way.
#[derive(Clone, Debug)]
pub struct Place {
    sort: String,
    /// The place.
    pub key: EntryKey,
}

impl Place {
    /// The place of an entry.
    pub fn new(sort: &Sort, key: EntryKey) -> Place {
        let sort = format!("{sort:?}");
        Place { sort, key }
    }

    /// Whether it is a place in a list that is sorted so.
    pub fn is_in(&self, sort: &Sort) -> bool {
        self.sort == format!("{sort:?}")
    }
}

impl Key for Place {
    fn write(&self) -> String {
        let EntryKey { values, at, id } = &self.key;
        json!([self.sort, values, at.as_microsecond().to_string(), id]).to_string()
    }

    fn read(text: &str) -> Option<Place> {
        let (sort, values, at, id): (_, _, String, Uuid) = serde_json::from_str(text).ok()?;
        let key = EntryKey {
            values,
            at: instant(&at)?,
            id,
        };
        Some(Place { sort, key })
    }
}
