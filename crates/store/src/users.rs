//! Users: the people of an organization, its rooms and its equipment. A removed one stays, deactivated, for what
//! happened with them.

use crate::{
    FromRow, ReadTx, Row, StoreError, WriteTx, args,
    column::Instant,
    page::{InstantKey, Order, Page, PageRequest},
};
use domain::id::{OrganizationId, UserId};
use jiff::Timestamp;

/// What a user is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UserKind {
    /// Somebody who can sign in.
    Person,
    /// A room or a piece of equipment: it has a schedule and busy times, and others act for it.
    Resource,
}

impl UserKind {
    /// The word in the database and in the API.
    pub fn as_str(self) -> &'static str {
        match self {
            UserKind::Person => "person",
            UserKind::Resource => "resource",
        }
    }

    /// The kind of this word.
    pub fn parse(word: &str) -> Option<UserKind> {
        [UserKind::Person, UserKind::Resource]
            .into_iter()
            .find(|kind| kind.as_str() == word)
    }
}

/// A row of `users`.
#[derive(Clone, Debug)]
pub struct User {
    /// Its id.
    pub id: UserId,
    /// What it is; this never changes.
    pub kind: UserKind,
    /// Full name.
    pub name: String,
    /// First segment of the booking page.
    pub slug: String,
    /// Mail address, unique among the active ones whatever the case; empty where a resource has none.
    pub email: String,
    /// IANA zone.
    pub timezone: String,
    /// `12h` or `24h`.
    pub time_notation: String,
    /// Language.
    pub locale: String,
    /// Picture.
    pub avatar_url: Option<String>,
    /// Phone number.
    pub phone_number: Option<String>,
    /// The number by which the classic API knows this person.
    pub classic_number: Option<i64>,
    /// When it was added.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// When it was removed.
    pub deactivated_at: Option<Timestamp>,
}

impl FromRow for User {
    fn from_row(row: &Row<'_>) -> Result<User, StoreError> {
        let mut columns = row.columns();
        Ok(User {
            id: UserId(columns.take()?),
            kind: columns.parse(UserKind::parse)?,
            name: columns.take()?,
            slug: columns.take()?,
            email: columns.take()?,
            timezone: columns.take()?,
            time_notation: columns.take()?,
            locale: columns.take()?,
            avatar_url: columns.take()?,
            phone_number: columns.take()?,
            classic_number: columns.take()?,
            created_at: columns.take::<Instant>()?.0,
            updated_at: columns.take::<Instant>()?.0,
            deactivated_at: columns.take::<Option<Instant>>()?.map(|at| at.0),
        })
    }
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "select id, kind, name, slug, email, timezone, time_notation, locale, avatar_url, phone_number,
  classic_number, created_at, updated_at, deactivated_at from users ",
            $rest
        )
    };
}

const GET: &str = select!("where organization_id = $1 and id = $2");

/// The user with this id, also a removed one.
pub async fn get(
    tx: &ReadTx<'_>,
    organization: OrganizationId,
    id: UserId,
) -> Result<Option<User>, StoreError> {
    tx.optional(GET, args![organization.0, id.0]).await
}

/// The user with this id, unless removed.
pub async fn get_active(
    tx: &ReadTx<'_>,
    organization: OrganizationId,
    id: UserId,
) -> Result<Option<User>, StoreError> {
    let user = get(tx, organization, id).await?;
    Ok(user.filter(|user| user.deactivated_at.is_none()))
}

const BY_EMAIL: &str = select!(
    "where organization_id = $1 and lower(email) = lower($2) and email <> '' and deactivated_at is null"
);

/// The active user with this mail address; nobody has the empty one.
pub async fn by_email(
    tx: &ReadTx<'_>,
    organization: OrganizationId,
    email: &str,
) -> Result<Option<User>, StoreError> {
    tx.optional(BY_EMAIL, args![organization.0, email]).await
}

const BY_CLASSIC_NUMBER: &str =
    select!("where organization_id = $1 and classic_number = $2 and deactivated_at is null");

/// The active user whom the classic API knows by this number.
pub async fn by_classic_number(
    tx: &ReadTx<'_>,
    organization: OrganizationId,
    number: i64,
) -> Result<Option<User>, StoreError> {
    tx.optional(BY_CLASSIC_NUMBER, args![organization.0, number])
        .await
}

const BY_SLUG: &str =
    select!("where organization_id = $1 and slug = $2 and deactivated_at is null");

/// The active user with this slug.
pub async fn by_slug(
    tx: &ReadTx<'_>,
    organization: OrganizationId,
    slug: &str,
) -> Result<Option<User>, StoreError> {
    tx.optional(BY_SLUG, args![organization.0, slug]).await
}

const LIST_ASCENDING: &str = select!(
    "where organization_id = $1 and (created_at, id) > ($2, $3) and (kind = $4 or $4 is null)
  and deactivated_at is null order by created_at, id limit $5"
);
const LIST_DESCENDING: &str = select!(
    "where organization_id = $1 and (created_at, id) < ($2, $3) and (kind = $4 or $4 is null)
  and deactivated_at is null order by created_at desc, id desc limit $5"
);

/// A page of the active users, of all kinds or of one, by age.
pub async fn list(
    tx: &ReadTx<'_>,
    organization: OrganizationId,
    kind: Option<UserKind>,
    request: &PageRequest<InstantKey>,
) -> Result<Page<User>, StoreError> {
    let walk = request.walk();
    let (at, id) = walk.start()?;
    let sql = match walk.order {
        Order::Ascending => LIST_ASCENDING,
        Order::Descending => LIST_DESCENDING,
    };
    let kind = kind.map(UserKind::as_str);
    let rows = tx
        .all(
            sql,
            args![organization.0, Instant(at), id, kind, walk.limit],
        )
        .await?;
    Ok(request.page(rows))
}

const INSERT: &str =
    "insert into users (organization_id, id, kind, name, slug, email, timezone, time_notation, locale,
  avatar_url, phone_number, classic_number, created_at, updated_at)
  values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)";

/// Adds a user. A mail address or slug that an active user has is a conflict.
pub async fn insert(
    tx: &WriteTx<'_>,
    organization: OrganizationId,
    user: &User,
) -> Result<(), StoreError> {
    tx.execute(
        INSERT,
        args![
            organization.0,
            user.id.0,
            user.kind.as_str(),
            user.name,
            user.slug,
            user.email,
            user.timezone,
            user.time_notation,
            user.locale,
            user.avatar_url,
            user.phone_number,
            user.classic_number,
            Instant(user.created_at),
            Instant(user.updated_at)
        ],
    )
    .await?;
    Ok(())
}

const UPDATE: &str =
    "update users set name = $3, slug = $4, email = $5, timezone = $6, time_notation = $7,
  locale = $8, avatar_url = $9, phone_number = $10, updated_at = $11, deactivated_at = $12
  where organization_id = $1 and id = $2";

/// Writes what may change of a user.
pub async fn update(
    tx: &WriteTx<'_>,
    organization: OrganizationId,
    user: &User,
) -> Result<(), StoreError> {
    let touched = tx
        .execute(
            UPDATE,
            args![
                organization.0,
                user.id.0,
                user.name,
                user.slug,
                user.email,
                user.timezone,
                user.time_notation,
                user.locale,
                user.avatar_url,
                user.phone_number,
                Instant(user.updated_at),
                user.deactivated_at.map(Instant)
            ],
        )
        .await?;
    StoreError::expect_one(touched, "users", user.id)
}
