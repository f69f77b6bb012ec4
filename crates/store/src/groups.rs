//! Groups: parts of an organization with administrators of their own.

use crate::{
    FromRow, ReadTx, Row, StoreError, WriteTx, args,
    column::Instant,
    page::{InstantKey, Order, Page, PageRequest},
};
use domain::id::{GroupId, OrganizationId};
use jiff::Timestamp;

/// A row of `groups`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// Its id.
    pub id: GroupId,
    /// Its name.
    pub name: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// How many users are members of it. It is counted when it is read.
    pub member_count: i64,
}

impl FromRow for Group {
    fn from_row(row: &Row<'_>) -> Result<Group, StoreError> {
        let mut columns = row.columns();
        Ok(Group {
            id: GroupId(columns.take()?),
            name: columns.take()?,
            created_at: columns.take::<Instant>()?.0,
            updated_at: columns.take::<Instant>()?.0,
            member_count: columns.take()?,
        })
    }
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "select g.id, g.name, g.created_at, g.updated_at, (select count(*) from group_relationships r
    join organization_memberships m on m.organization_id = r.organization_id and m.id = r.membership_id
    join users u on u.organization_id = m.organization_id and u.id = m.user_id
    where r.organization_id = g.organization_id and r.group_id = g.id and r.role = 'member'
      and u.deactivated_at is null)
  from groups g where g.organization_id = $1 ",
            $rest
        )
    };
}

const GET: &str = select!("and g.id = $2");

/// The group with this id.
pub async fn get(
    tx: &ReadTx<'_>,
    organization: OrganizationId,
    id: GroupId,
) -> Result<Option<Group>, StoreError> {
    tx.optional(GET, args![organization.0, id.0]).await
}

const BY_NAME: &str = select!("and lower(g.name) = lower($2)");

/// The group of this name.
pub async fn by_name(
    tx: &ReadTx<'_>,
    organization: OrganizationId,
    name: &str,
) -> Result<Option<Group>, StoreError> {
    tx.optional(BY_NAME, args![organization.0, name]).await
}

const LIST_ASCENDING: &str =
    select!("and (g.created_at, g.id) > ($2, $3) order by g.created_at, g.id limit $4");
const LIST_DESCENDING: &str =
    select!("and (g.created_at, g.id) < ($2, $3) order by g.created_at desc, g.id desc limit $4");

/// A page of the groups, by age.
pub async fn list(
    tx: &ReadTx<'_>,
    organization: OrganizationId,
    request: &PageRequest<InstantKey>,
) -> Result<Page<Group>, StoreError> {
    let walk = request.walk();
    let (at, id) = walk.start()?;
    let sql = match walk.order {
        Order::Ascending => LIST_ASCENDING,
        Order::Descending => LIST_DESCENDING,
    };
    let rows = tx
        .all(sql, args![organization.0, Instant(at), id, walk.limit])
        .await?;
    Ok(request.page(rows))
}

const INSERT: &str = "insert into groups (organization_id, id, name, created_at, updated_at)
  values ($1, $2, $3, $4, $5)";

/// Adds a group. A name that another one has is a conflict.
pub async fn insert(
    tx: &WriteTx<'_>,
    organization: OrganizationId,
    group: &Group,
) -> Result<(), StoreError> {
    tx.execute(
        INSERT,
        args![
            organization.0,
            group.id.0,
            group.name,
            Instant(group.created_at),
            Instant(group.updated_at)
        ],
    )
    .await?;
    Ok(())
}

const UPDATE: &str = "update groups set name = $3, updated_at = $4
  where organization_id = $1 and id = $2";

/// Writes what may change of a group.
pub async fn update(
    tx: &WriteTx<'_>,
    organization: OrganizationId,
    group: &Group,
) -> Result<(), StoreError> {
    let touched = tx
        .execute(
            UPDATE,
            args![
                organization.0,
                group.id.0,
                group.name,
                Instant(group.updated_at)
            ],
        )
        .await?;
    StoreError::expect_one(touched, "groups", group.id)
}

const DELETE: &str = "delete from groups where organization_id = $1 and id = $2";

/// Removes a group; `group_relationships::delete_of_group` removes who is in it.
pub async fn delete(
    tx: &WriteTx<'_>,
    organization: OrganizationId,
    id: GroupId,
) -> Result<(), StoreError> {
    tx.execute(DELETE, args![organization.0, id.0]).await?;
    Ok(())
}
