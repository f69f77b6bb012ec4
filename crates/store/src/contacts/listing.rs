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
use std::{collections::BTreeSet, fmt::Write};

/// What a contact is searched by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
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

    /// How many fields have terms, but for the mail address, which goes by its index.
    fn fields(&self) -> i64 {
        let fields = self.terms.iter().map(|(field, _)| *field);
        let fields: BTreeSet<SearchField> = fields
            .filter(|field| *field != SearchField::Email)
            .collect();
        i64::try_from(fields.len()).unwrap_or(i64::MAX)
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

macro_rules! list {
    ($emails:literal, $field:literal, $compare:literal, $direction:literal) => {
        concat!(
            "with recursive wanted(field, term, rest) as (
    select '', '', cast($4 as text)
    union all
    select substr(rest, 1, 1), substr(rest, 6, cast(substr(rest, 2, 4) as integer)),
      substr(rest, 6 + cast(substr(rest, 2, 4) as integer))
    from wanted where rest <> ''
  ) ",
            select!(
                "and (", $field, ", c.id) ", $compare, " ($2, $3) ", $emails, "
  and (select count(distinct w.field) from wanted w where
    w.field = 'p' and replace(c.searched_phone_numbers, ' ' || w.term || ' ', '') <> c.searched_phone_numbers
    or w.field = 'z' and c.timezone = w.term
    or w.field = 'l' and c.country = w.term
    or w.field = 's' and c.searched_state = w.term
    or w.field = 'n' and replace(c.searched_name, w.term, '') <> c.searched_name
    or w.field = 'j' and replace(c.searched_job_title, w.term, '') <> c.searched_job_title
    or w.field = 'o' and replace(c.searched_company, w.term, '') <> c.searched_company
    or w.field = 'c' and replace(c.searched_city, w.term, '') <> c.searched_city) = $5
  and (c.id in (select m.contact_id from contact_list_memberships m
    where m.organization_id = $1 and m.contact_list_id = $6) or $6 is null)
  order by ", $field, $direction, ", c.id", $direction, " limit $7"
            )
        )
    };
}

macro_rules! list_by {
    ($emails:literal, $field:expr, $order:expr) => {
        match ($field, $order) {
            (SortField::CreatedAt, Order::Ascending) => list!($emails, "c.created_at", ">", ""),
            (SortField::CreatedAt, Order::Descending) => {
                list!($emails, "c.created_at", "<", " desc")
            }
            (SortField::UpdatedAt, Order::Ascending) => list!($emails, "c.updated_at", ">", ""),
            (SortField::UpdatedAt, Order::Descending) => {
                list!($emails, "c.updated_at", "<", " desc")
            }
        }
    };
}

/// A statement of its own where addresses are searched for, so that it goes by their index.
fn list_sql(filter: &Filter, field: SortField, order: Order) -> &'static str {
    if filter.has_email() {
        list_by!(
            "and c.id in (select e.contact_id from contact_emails e
    where e.organization_id = $1 and e.email in (select term from wanted where field = 'e'))",
            field,
            order
        )
    } else {
        list_by!("", field, order)
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
                filter.fields(),
                filter.list.map(|list| list.0),
                walk.limit
            ],
        )
        .await?;
    Ok(request.page(rows))
}
