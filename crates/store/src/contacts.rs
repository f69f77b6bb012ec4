//! Contacts: people outside the organization. Their addresses are rows of their own as well, so that each has one owner.

pub mod custom_fields;
pub mod listing;
pub mod meetings;

use crate::{
    FromRow, ReadTx, Row, StoreError, WriteTx, args,
    column::{Instant, Json},
};
use domain::id::{ContactId, OrganizationId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A row of `contacts`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contact {
    /// Its id.
    pub id: ContactId,
    /// Full name.
    pub name: Option<String>,
    /// Mail addresses, of which one is the primary one.
    pub emails: Vec<ContactEmail>,
    /// Phone numbers.
    pub phone_numbers: Vec<String>,
    /// IANA zone.
    pub timezone: Option<String>,
    /// What they do.
    pub job_title: Option<String>,
    /// For whom.
    pub company: Option<String>,
    /// ISO 3166-1 code of two letters.
    pub country: Option<String>,
    /// Part of the country.
    pub state: Option<String>,
    /// City.
    pub city: Option<String>,
    /// Address of a page.
    pub linkedin: Option<String>,
    /// When it was added.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// A mail address of a contact.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContactEmail {
    /// The address.
    pub email: String,
    /// Whether it is the one to write to.
    pub is_primary: bool,
}

impl ContactEmail {
    /// The address as it is compared with others.
    pub fn key(&self) -> String {
        email_key(&self.email)
    }
}

/// A mail address as it is compared with others.
pub fn email_key(email: &str) -> String {
    email.to_ascii_lowercase()
}

/// What a contact is searched by, in the form in which it is compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Searched {
    /// The name.
    pub name: String,
    /// What they do.
    pub job_title: String,
    /// For whom.
    pub company: String,
    /// Part of the country.
    pub state: String,
    /// City.
    pub city: String,
    /// The phone numbers, each between spaces.
    pub phone_numbers: String,
}

impl FromRow for Contact {
    fn from_row(row: &Row<'_>) -> Result<Contact, StoreError> {
        let mut columns = row.columns();
        Ok(Contact {
            id: ContactId(columns.take()?),
            name: columns.take()?,
            emails: columns.take::<Json<_>>()?.0,
            phone_numbers: columns.take::<Json<_>>()?.0,
            timezone: columns.take()?,
            job_title: columns.take()?,
            company: columns.take()?,
            country: columns.take()?,
            state: columns.take()?,
            city: columns.take()?,
            linkedin: columns.take()?,
            created_at: columns.take::<Instant>()?.0,
            updated_at: columns.take::<Instant>()?.0,
        })
    }
}

macro_rules! select {
    (from $from:literal, $($rest:expr),+) => {
        concat!(
            "select c.id, c.name, c.emails, c.phone_numbers, c.timezone, c.job_title, c.company, c.country, c.state,
  c.city, c.linkedin, c.created_at, c.updated_at from ", $from, " where c.organization_id = $1 ",
            $($rest),+
        )
    };
    ($($rest:expr),+) => {
        select!(from "contacts c", $($rest),+)
    };
}
use select;

const GET: &str = select!("and c.id = $2");

/// The contact with this id.
pub async fn get(
    tx: &ReadTx<'_>,
    organization: OrganizationId,
    id: ContactId,
) -> Result<Option<Contact>, StoreError> {
    tx.optional(GET, args![organization.0, id.0]).await
}

const BY_EMAIL: &str =
    "select contact_id from contact_emails where organization_id = $1 and email = $2";

/// The contact with this mail address, whatever its case.
pub async fn by_email(
    tx: &ReadTx<'_>,
    organization: OrganizationId,
    email: &str,
) -> Result<Option<ContactId>, StoreError> {
    let found: Option<Uuid> = tx
        .optional(BY_EMAIL, args![organization.0, email_key(email)])
        .await?;
    Ok(found.map(ContactId))
}

const LOCK: &str =
    "update contacts set updated_at = updated_at where organization_id = $1 and id = $2";

/// Locks a contact until the transaction ends; false where there is none.
pub async fn lock(
    tx: &WriteTx<'_>,
    organization: OrganizationId,
    id: ContactId,
) -> Result<bool, StoreError> {
    Ok(tx.execute(LOCK, args![organization.0, id.0]).await? == 1)
}

const INSERT: &str = "insert into contacts (organization_id, id, name, emails, phone_numbers, timezone, job_title,
  company, country, state, city, linkedin, searched_name, searched_job_title, searched_company, searched_state,
  searched_city, searched_phone_numbers, created_at, updated_at)
  values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)";

/// Adds a contact. A mail address that another one has is a conflict.
pub async fn insert(
    tx: &WriteTx<'_>,
    organization: OrganizationId,
    contact: &Contact,
    searched: &Searched,
) -> Result<(), StoreError> {
    tx.execute(
        INSERT,
        args![
            organization.0,
            contact.id.0,
            contact.name,
            Json(&contact.emails),
            Json(&contact.phone_numbers),
            contact.timezone,
            contact.job_title,
            contact.company,
            contact.country,
            contact.state,
            contact.city,
            contact.linkedin,
            searched.name,
            searched.job_title,
            searched.company,
            searched.state,
            searched.city,
            searched.phone_numbers,
            Instant(contact.created_at),
            Instant(contact.updated_at)
        ],
    )
    .await?;
    insert_emails(tx, organization, contact).await
}

const UPDATE: &str = "update contacts set name = $3, emails = $4, phone_numbers = $5, timezone = $6, job_title = $7,
  company = $8, country = $9, state = $10, city = $11, linkedin = $12, searched_name = $13, searched_job_title = $14,
  searched_company = $15, searched_state = $16, searched_city = $17, searched_phone_numbers = $18, updated_at = $19
  where organization_id = $1 and id = $2";
const DELETE_EMAILS: &str =
    "delete from contact_emails where organization_id = $1 and contact_id = $2";

/// Writes what may change of a contact. A mail address that another one has is a conflict.
pub async fn update(
    tx: &WriteTx<'_>,
    organization: OrganizationId,
    contact: &Contact,
    searched: &Searched,
) -> Result<(), StoreError> {
    let touched = tx
        .execute(
            UPDATE,
            args![
                organization.0,
                contact.id.0,
                contact.name,
                Json(&contact.emails),
                Json(&contact.phone_numbers),
                contact.timezone,
                contact.job_title,
                contact.company,
                contact.country,
                contact.state,
                contact.city,
                contact.linkedin,
                searched.name,
                searched.job_title,
                searched.company,
                searched.state,
                searched.city,
                searched.phone_numbers,
                Instant(contact.updated_at)
            ],
        )
        .await?;
    StoreError::expect_one(touched, "contacts", contact.id)?;
    tx.execute(DELETE_EMAILS, args![organization.0, contact.id.0])
        .await?;
    insert_emails(tx, organization, contact).await
}

const INSERT_EMAIL: &str =
    "insert into contact_emails (organization_id, email, contact_id) values ($1, $2, $3)";

async fn insert_emails(
    tx: &WriteTx<'_>,
    organization: OrganizationId,
    contact: &Contact,
) -> Result<(), StoreError> {
    for email in &contact.emails {
        tx.execute(
            INSERT_EMAIL,
            args![organization.0, email.key(), contact.id.0],
        )
        .await?;
    }
    Ok(())
}

const DELETE_VALUES: &str =
    "delete from contact_custom_field_values where organization_id = $1 and contact_id = $2";
const DELETE_MEMBERSHIPS: &str =
    "delete from contact_list_memberships where organization_id = $1 and contact_id = $2";
const DELETE_NOTES: &str = "delete from notes where organization_id = $1 and contact_id = $2";
const DELETE: &str = "delete from contacts where organization_id = $1 and id = $2";

/// Removes a contact with all that is kept about it.
pub async fn delete(
    tx: &WriteTx<'_>,
    organization: OrganizationId,
    id: ContactId,
) -> Result<(), StoreError> {
    for sql in [
        DELETE_EMAILS,
        DELETE_VALUES,
        DELETE_MEMBERSHIPS,
        DELETE_NOTES,
    ] {
        tx.execute(sql, args![organization.0, id.0]).await?;
    }
    let touched = tx.execute(DELETE, args![organization.0, id.0]).await?;
    StoreError::expect_one(touched, "contacts", id)
}
