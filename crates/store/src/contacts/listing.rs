//! Pages of contacts: sorted by age or by last change, and searched.
//!
//! What is searched for comes as one text, which the statement takes apart: so one statement serves any number of
//! terms, on both engines.

use super::{Contact, select};
use crate::{
    ReadTx, StoreError, args,
    column::Instant,
    page::{InstantKey, Order, Page, PageRequest},
};
use domain::id::{ContactListId, OrganizationId};
use std::fmt::Write;

/// What a contact is searched by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SearchField {
    /// One of the mail addresses, as it is compared with others.
    Email,
    /// One of the phone numbers.
    PhoneNumber,
    /// The zone.
    Timezone,
    /// The country.
    Country,
    /// The state.
    State,
    /// A part of the name.
    Name,
    /// A part of what they do.
    JobTitle,
    /// A part of for whom.
    Company,
    /// A part of the city.
    City,
}

impl SearchField {
    /// The letter that stands for it in the statement.
    fn letter(self) -> char {
        match self {
            SearchField::Email => 'e',
            SearchField::PhoneNumber => 'p',
            SearchField::Timezone => 'z',
            SearchField::Country => 'l',
            SearchField::State => 's',
            SearchField::Name => 'n',
            SearchField::JobTitle => 'j',
            SearchField::Company => 'o',
            SearchField::City => 'c',
        }
    }
}

/// Which contacts are wanted.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Of the terms of each field, one must fit. They are in the form in which they are compared, and not empty.
    pub terms: Vec<(SearchField, String)>,
    /// On this list.
    pub list: Option<ContactListId>,
}

impl Filter {
    /// All terms as one text: of each the letter of its field, its length in four digits, and itself.
    fn text(&self) -> String {
        let mut text = String::new();
        for (field, term) in &self.terms {
            // writing to a String cannot fail
            let _ = write!(text, "{}{:04}{term}", field.letter(), term.chars().count());
        }
        text
    }

    /// The letters of the fields that have terms.
    fn letters(&self) -> String {
        let letters = self.terms.iter().map(|(field, _)| field.letter());
        letters.collect()
    }

    fn has_email(&self) -> bool {
        let mut fields = self.terms.iter();
        fields.any(|(field, _)| *field == SearchField::Email)
    }
}

/// The fields by which contacts can be sorted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SortField {
    /// By age.
    CreatedAt,
    /// By last change.
    UpdatedAt,
}

impl Contact {
    /// This contact's place in a list sorted by `field`.
    pub fn sort_key(&self, field: SortField) -> InstantKey {
        match field {
            SortField::CreatedAt => (self.created_at, self.id.0),
            SortField::UpdatedAt => (self.updated_at, self.id.0),
        }
    }
}

/// Of each field that has terms, one must fit: whether it has some is looked at first, because that costs less.
macro_rules! list {
    ($from:literal, $also:literal, $field:literal, $compare:literal, $direction:literal) => {
        concat!(
            "with recursive wanted(field, term, rest) as (
    select '', '', cast($4 as text)
    union all
    select substr(rest, 1, 1), substr(rest, 6, cast(substr(rest, 2, 4) as integer)),
      substr(rest, 6 + cast(substr(rest, 2, 4) as integer))
    from wanted where rest <> ''
  ) ",
            select!(
                from $from,
                $also, " and (", $field, ", c.id) ", $compare, " ($2, $3)
  and (replace($5, 'p', '') = $5 or exists (select 1 from wanted w where w.field = 'p'
    and replace(c.searched_phone_numbers, ' ' || w.term || ' ', '') <> c.searched_phone_numbers))
  and (replace($5, 'z', '') = $5 or exists (select 1 from wanted w where w.field = 'z' and c.timezone = w.term))
  and (replace($5, 'l', '') = $5 or exists (select 1 from wanted w where w.field = 'l' and c.country = w.term))
  and (replace($5, 's', '') = $5 or exists (select 1 from wanted w where w.field = 's' and c.searched_state = w.term))
  and (replace($5, 'n', '') = $5 or exists (select 1 from wanted w where w.field = 'n'
    and replace(c.searched_name, w.term, '') <> c.searched_name))
  and (replace($5, 'j', '') = $5 or exists (select 1 from wanted w where w.field = 'j'
    and replace(c.searched_job_title, w.term, '') <> c.searched_job_title))
  and (replace($5, 'o', '') = $5 or exists (select 1 from wanted w where w.field = 'o'
    and replace(c.searched_company, w.term, '') <> c.searched_company))
  and (replace($5, 'c', '') = $5 or exists (select 1 from wanted w where w.field = 'c'
    and replace(c.searched_city, w.term, '') <> c.searched_city))
  and (c.id in (select m.contact_id from contact_list_memberships m
    where m.organization_id = $1 and m.contact_list_id = $6) or $6 is null)
  order by ", $field, $direction, ", c.id", $direction, " limit $7"
            )
        )
    };
}

macro_rules! list_by {
    ($from:literal, $also:literal, $field:expr, $order:expr) => {
        match ($field, $order) {
            (SortField::CreatedAt, Order::Ascending) => {
                list!($from, $also, "c.created_at", ">", "")
            }
            (SortField::CreatedAt, Order::Descending) => {
                list!($from, $also, "c.created_at", "<", " desc")
            }
            (SortField::UpdatedAt, Order::Ascending) => {
                list!($from, $also, "c.updated_at", ">", "")
            }
            (SortField::UpdatedAt, Order::Descending) => {
                list!($from, $also, "c.updated_at", "<", " desc")
            }
        }
    };
}

/// A statement of its own where addresses are searched for: it begins with those, by their index. The cross join keeps
/// SQLite to that order.
fn list_sql(filter: &Filter, field: SortField, order: Order) -> &'static str {
    if filter.has_email() {
        list_by!(
            "(select distinct e.contact_id from contact_emails e where e.organization_id = $1
    and e.email in (select term from wanted where field = 'e')) found cross join contacts c",
            "and c.id = found.contact_id",
            field,
            order
        )
    } else {
        list_by!("contacts c", "", field, order)
    }
}

/// A page of the contacts that fit.
pub async fn list(
    tx: &ReadTx<'_>,
    organization: OrganizationId,
    filter: &Filter,
    field: SortField,
    request: &PageRequest<InstantKey>,
) -> Result<Page<Contact>, StoreError> {
    let walk = request.walk();
    let (at, id) = walk.start()?;
    let rows = tx
        .all(
            list_sql(filter, field, walk.order),
            args![
                organization.0,
                Instant(at),
                id,
                filter.text(),
                filter.letters(),
                filter.list.map(|list| list.0),
                walk.limit
            ],
        )
        .await?;
    Ok(request.page(rows))
}
