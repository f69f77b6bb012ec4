//! Pages of entries, by time or by up to four other keys before it, and how many there are.

use super::Entry;
use crate::{
    FromRow, ReadTx, Row, StoreError, args,
    column::Instant,
    engine::Param,
    page::{Order, Walk},
};
use domain::id::{OrganizationId, UserId};
use jiff::Timestamp;
use uuid::Uuid;

/// An entry with who its user is now.
#[derive(Clone, Debug, PartialEq)]
pub struct ListedEntry {
    /// The entry.
    pub entry: Entry,
    /// The user's name.
    pub name: Option<String>,
    /// The user's mail address.
    pub email: Option<String>,
}

impl FromRow for ListedEntry {
    fn from_row(row: &Row<'_>) -> Result<ListedEntry, StoreError> {
        let mut columns = row.columns();
        Ok(ListedEntry {
            entry: Entry::read(&mut columns)?,
            name: columns.take()?,
            email: columns.take()?,
        })
    }
}

/// Which entries are wanted; an empty list means all.
#[derive(Clone, Debug)]
pub struct Filter {
    /// From when on.
    pub from: Timestamp,
    /// Until when, this instant too.
    pub until: Timestamp,
    /// By these users.
    pub actors: Vec<UserId>,
    /// To these kinds of things.
    pub namespaces: Vec<String>,
    /// These deeds.
    pub actions: Vec<String>,
}

/// By what entries are sorted before their time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SortField {
    /// The deed.
    Action,
    /// The name that the user has now.
    ActorName,
    /// The id of the user.
    Actor,
    /// The kind of thing.
    Namespace,
}

impl SortField {
    /// The word in the statement.
    fn word(self) -> &'static str {
        match self {
            SortField::Action => "action",
            SortField::ActorName => "name",
            SortField::Actor => "actor",
            SortField::Namespace => "namespace",
        }
    }

    fn of(self, listed: &ListedEntry) -> String {
        let entry = &listed.entry;
        match self {
            SortField::Action => entry.action.clone(),
            SortField::ActorName => listed.name.clone().unwrap_or_default(),
            SortField::Actor => entry.actor_key(),
            SortField::Namespace => entry.namespace.clone(),
        }
    }
}

/// So many keys come before the time at most.
pub const MAX_KEYS: usize = 4;

/// In which order entries are listed; the id settles ties.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sort {
    /// What comes before the time, at most [`MAX_KEYS`].
    pub keys: Vec<(SortField, Order)>,
    /// The direction of time.
    pub time: Order,
}

/// The place of an entry in a sorted list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EntryKey {
    /// What comes before the time.
    pub values: Vec<String>,
    /// When.
    pub at: Timestamp,
    /// Its id.
    pub id: Uuid,
}

impl Sort {
    /// The place of an entry in a list that is sorted so.
    pub fn key(&self, listed: &ListedEntry) -> EntryKey {
        let values = self.keys.iter().map(|(field, _)| field.of(listed));
        EntryKey {
            values: values.collect(),
            at: listed.entry.occurred_at,
            id: listed.entry.id.0,
        }
    }
}

macro_rules! columns {
    () => {
        "e.id, e.occurred_at, e.namespace, e.action, e.actor_type, e.actor_id, e.actor_role, e.details, u.name, u.email"
    };
}

// a list of words is a text that has a comma around each
macro_rules! wanted {
    () => {
        "e.organization_id = $1 and $2 <= e.occurred_at and e.occurred_at <= $3
  and ($4 = '' or replace($4, ',' || e.actor_key || ',', '') <> $4)
  and ($5 = '' or replace($5, ',' || e.namespace || ',', '') <> $5)
  and ($6 = '' or replace($6, ',' || e.action || ',', '') <> $6)"
    };
}

macro_rules! entries {
    () => {
        "activity_log_entries e
  left join users u on u.organization_id = e.organization_id and u.id = e.actor_id"
    };
}

macro_rules! by_time {
    ($compare:literal, $direction:literal) => {
        concat!(
            "select ",
            columns!(),
            " from ",
            entries!(),
            "
  where ",
            wanted!(),
            " and (e.occurred_at, e.id) ",
            $compare,
            " ($7, $8)
  order by e.occurred_at",
            $direction,
            ", e.id",
            $direction,
            " limit $9"
        )
    };
}

/// The usual list, newest first.
pub const BY_TIME_DESCENDING: &str = by_time!("<", " desc");
const BY_TIME_ASCENDING: &str = by_time!(">", "");

macro_rules! key {
    ($field:literal) => {
        concat!(
            "case ", $field, " when 'action' then e.action when 'namespace' then e.namespace when 'actor' then e.actor_key
      when 'name' then coalesce(u.name, '') else '' end"
        )
    };
}

// whether a row comes later than the key to start behind, which is settled by what follows where both are the same here
macro_rules! later {
    ($column:literal, $ascends:literal, $value:literal, $otherwise:expr) => {
        concat!(
            "(",
            $column,
            " > ",
            $value,
            " and ",
            $ascends,
            " or ",
            $column,
            " < ",
            $value,
            " and not ",
            $ascends,
            " or ",
            $column,
            " = ",
            $value,
            " and ",
            $otherwise,
            ")"
        )
    };
}

macro_rules! both_ways {
    ($column:literal, $ascends:literal) => {
        concat!(
            "case when ",
            $ascends,
            " then ",
            $column,
            " end, case when not ",
            $ascends,
            " then ",
            $column,
            " end desc"
        )
    };
}

/// Fields, directions and values of the keys are arguments, so that one statement does for every order. It sorts what is
/// wanted at each page.
const BY_KEYS: &str = concat!(
    "select id, occurred_at, namespace, action, actor_type, actor_id, actor_role, details, name, email
  from (select ", columns!(), ", ", key!("$10"), " as key_1, ", key!("$13"), " as key_2,
    ", key!("$16"), " as key_3, ", key!("$19"), " as key_4
    from ", entries!(), " where ", wanted!(), ") sorted
  where $22 or ",
    later!("key_1", "$11", "$12",
        later!("key_2", "$14", "$15",
            later!("key_3", "$17", "$18",
                later!("key_4", "$20", "$21",
                    later!("occurred_at", "$23", "$7",
                        later!("id", "$23", "$8", "1 = 0")))))),
    "
  order by ",
    both_ways!("key_1", "$11"), ", ", both_ways!("key_2", "$14"), ", ",
    both_ways!("key_3", "$17"), ", ", both_ways!("key_4", "$20"), ",
    ", both_ways!("occurred_at", "$23"), ", ", both_ways!("id", "$23"), " limit $9"
);

/// What of the list a walk brings, in its direction: [`Order::Descending`] goes against the list's order.
pub async fn walk(
    tx: &ReadTx<'_>,
    organization: OrganizationId,
    (filter, sort): (&Filter, &Sort),
    walk: &Walk<EntryKey>,
) -> Result<Vec<ListedEntry>, StoreError> {
    let with_list = walk.order == Order::Ascending;
    let ascends = |order: Order| (order == Order::Ascending) == with_list;
    let time_ascends = ascends(sort.time);
    let (at, id) = start(walk, time_ascends)?;
    let (from, until, at) = (Instant(filter.from), Instant(filter.until), Instant(at));
    let actors: Vec<String> = filter.actors.iter().map(ToString::to_string).collect();
    let wanted = [
        listed(&actors),
        listed(&filter.namespaces),
        listed(&filter.actions),
    ];
    let mut values: Vec<&dyn Param> = vec![&organization.0, &from, &until];
    values.extend(wanted.iter().map(|words| words as &dyn Param));
    values.extend([&at as &dyn Param, &id, &walk.limit]);
    if sort.keys.is_empty() {
        let sql = if time_ascends {
            BY_TIME_ASCENDING
        } else {
            BY_TIME_DESCENDING
        };
        return tx.all(sql, &values).await;
    }
    let first = walk.from.is_none();
    let key = |place: usize| {
        let (word, order) = sort
            .keys
            .get(place)
            .map_or(("", Order::Ascending), |(field, order)| {
                (field.word(), *order)
            });
        let value = walk.from.as_ref().and_then(|from| from.values.get(place));
        (word, ascends(order), value.map_or("", String::as_str))
    };
    let keys: [_; MAX_KEYS] = std::array::from_fn(key);
    for (word, ascends, value) in &keys {
        values.extend([word as &dyn Param, ascends, value]);
    }
    values.extend([&first as &dyn Param, &time_ascends]);
    tx.all(BY_KEYS, &values).await
}

/// The time and the id to start behind; ones beyond every row where the walk starts at an end of the list.
fn start(walk: &Walk<EntryKey>, ascends: bool) -> Result<(Timestamp, Uuid), StoreError> {
    let of_time = Walk {
        order: if ascends {
            Order::Ascending
        } else {
            Order::Descending
        },
        from: walk.from.as_ref().map(|from| (from.at, from.id)),
        limit: walk.limit,
    };
    of_time.start()
}

/// Words as one text; the empty text where there are none.
fn listed(words: &[String]) -> String {
    if words.is_empty() {
        return String::new();
    }
    format!(",{},", words.join(",,"))
}

const COUNT: &str = concat!(
    "select count(*) from (select 1 from activity_log_entries e where ",
    wanted!(),
    " limit $7) counted"
);

/// How many entries are wanted; no more than `most` are counted.
pub async fn count(
    tx: &ReadTx<'_>,
    organization: OrganizationId,
    filter: &Filter,
    most: i64,
) -> Result<i64, StoreError> {
    let actors: Vec<String> = filter.actors.iter().map(ToString::to_string).collect();
    let wanted = args![
        organization.0,
        Instant(filter.from),
        Instant(filter.until),
        listed(&actors),
        listed(&filter.namespaces),
        listed(&filter.actions),
        most
    ];
    let (count,) = tx.one(COUNT, wanted).await?;
    Ok(count)
}

const LAST: &str = "select occurred_at from activity_log_entries where organization_id = $1
  order by occurred_at desc, id desc limit 1";

/// When something was last done in an organization.
pub async fn last(
    tx: &ReadTx<'_>,
    organization: OrganizationId,
) -> Result<Option<Timestamp>, StoreError> {
    let last: Option<(Instant,)> = tx.optional(LAST, args![organization.0]).await?;
    Ok(last.map(|(Instant(at),)| at))
}
