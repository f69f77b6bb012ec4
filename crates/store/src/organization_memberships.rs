//! Memberships: who belongs to an organization, and as what.

use crate::{
    FromRow, ReadTx, Row, StoreError, WriteTx, args,
    column::Instant,
    page::{InstantKey, Order, Page, PageRequest},
    users::User,
};
use domain::id::{MembershipId, OrganizationId, UserId};
use jiff::Timestamp;

/// What a member may do in the organization.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Everything; cannot be removed.
    Owner,
    /// Everything but the owners.
    Admin,
    /// Their own things.
    User,
}

impl Role {
    /// The word in the database and in the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Role::Owner => "owner",
            Role::Admin => "admin",
            Role::User => "user",
        }
    }

    /// The role of this word.
    pub fn parse(word: &str) -> Option<Role> {
        [Role::Owner, Role::Admin, Role::User]
            .into_iter()
            .find(|role| role.as_str() == word)
    }
}

/// A row of `organization_memberships`.
#[derive(Clone, Debug)]
pub struct Membership {
    /// Its id.
    pub id: MembershipId,
    /// Who.
    pub user_id: UserId,
    /// As what.
    pub role: Role,
    /// Since when.
    pub created_at: Timestamp,
    /// When the role last changed.
    pub updated_at: Timestamp,
}

impl FromRow for Membership {
    fn from_row(row: &Row<'_>) -> Result<Membership, StoreError> {
        let mut columns = row.columns();
        Ok(Membership {
            id: MembershipId(columns.take()?),
            user_id: UserId(columns.take()?),
            role: columns.parse(Role::parse)?,
            created_at: columns.take::<Instant>()?.0,
            updated_at: columns.take::<Instant>()?.0,
        })
    }
}

/// Which memberships are wanted; what is `None` does not matter.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Of this user.
    pub user: Option<UserId>,
    /// Of the user with this mail address.
    pub email: Option<String>,
    /// With this role.
    pub role: Option<Role>,
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "select m.id, m.user_id, m.role, m.created_at, m.updated_at from organization_memberships m
  join users u on u.organization_id = m.organization_id and u.id = m.user_id
  where m.organization_id = $1 and u.deactivated_at is null ",
            $rest
        )
    };
}

const GET: &str = select!("and m.id = $2");

/// The membership with this id.
pub async fn get(
    tx: &ReadTx<'_>,
    organization: OrganizationId,
    id: MembershipId,
) -> Result<Option<Membership>, StoreError> {
    tx.optional(GET, args![organization.0, id.0]).await
}

const OF_USER: &str = select!("and m.user_id = $2");

/// The membership of this user.
pub async fn of_user(
    tx: &ReadTx<'_>,
    organization: OrganizationId,
    user: UserId,
) -> Result<Option<Membership>, StoreError> {
    tx.optional(OF_USER, args![organization.0, user.0]).await
}

const LIST_ASCENDING: &str = select!(
    "and (m.created_at, m.id) > ($2, $3)
  and (m.user_id = $4 or $4 is null) and (lower(u.email) = lower($5) or $5 is null) and (m.role = $6 or $6 is null)
  order by m.created_at, m.id limit $7"
);
const LIST_DESCENDING: &str = select!(
    "and (m.created_at, m.id) < ($2, $3)
  and (m.user_id = $4 or $4 is null) and (lower(u.email) = lower($5) or $5 is null) and (m.role = $6 or $6 is null)
  order by m.created_at desc, m.id desc limit $7"
);

/// A page of memberships with their users, by age.
pub async fn list(
    tx: &ReadTx<'_>,
    organization: OrganizationId,
    filter: &Filter,
    request: &PageRequest<InstantKey>,
) -> Result<Page<(Membership, User)>, StoreError> {
    let walk = request.walk();
    let (at, id) = walk.start()?;
    let sql = match walk.order {
        Order::Ascending => LIST_ASCENDING,
        Order::Descending => LIST_DESCENDING,
    };
    let user = filter.user.map(|user| user.0);
    let role = filter.role.map(Role::as_str);
    let memberships: Vec<Membership> = tx
        .all(
            sql,
            args![
                organization.0,
                Instant(at),
                id,
                user,
                filter.email,
                role,
                walk.limit
            ],
        )
        .await?;
    let mut rows = Vec::with_capacity(memberships.len());
    for membership in memberships {
        let user = crate::users::get(tx, organization, membership.user_id)
            .await?
            .ok_or_else(|| StoreError::missing("users", membership.user_id))?;
        rows.push((membership, user));
    }
    Ok(request.page(rows))
}

const INSERT: &str = "insert into organization_memberships (organization_id, id, user_id, role, created_at, updated_at)
  values ($1, $2, $3, $4, $5, $6)";

/// Adds a membership.
pub async fn insert(
    tx: &WriteTx<'_>,
    organization: OrganizationId,
    membership: &Membership,
) -> Result<(), StoreError> {
    tx.execute(
        INSERT,
        args![
            organization.0,
            membership.id.0,
            membership.user_id.0,
            membership.role.as_str(),
            Instant(membership.created_at),
            Instant(membership.updated_at)
        ],
    )
    .await?;
    Ok(())
}

const OWNERS: &str = "select count(*) from organization_memberships m
  join users u on u.organization_id = m.organization_id and u.id = m.user_id
  where m.organization_id = $1 and m.role = 'owner' and u.deactivated_at is null";

/// How many owners an organization has.
pub async fn owners(tx: &ReadTx<'_>, organization: OrganizationId) -> Result<i64, StoreError> {
    tx.one(OWNERS, args![organization.0]).await
}

const SET_ROLE: &str = "update organization_memberships set role = $3, updated_at = $4
  where organization_id = $1 and id = $2";

/// Gives a member another role.
pub async fn set_role(
    tx: &WriteTx<'_>,
    organization: OrganizationId,
    membership: &Membership,
) -> Result<(), StoreError> {
    let touched = tx
        .execute(
            SET_ROLE,
            args![
                organization.0,
                membership.id.0,
                membership.role.as_str(),
                Instant(membership.updated_at)
            ],
        )
        .await?;
    StoreError::expect_one(touched, "organization_memberships", membership.id)
}
