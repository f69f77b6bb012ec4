//! Teams: people who offer meetings under one name.

use crate::{
    FromRow, ReadTx, Row, StoreError, WriteTx, args,
    column::Instant,
    engine::Param,
    page::{InstantKey, Order, Page, PageRequest},
};
use domain::id::{OrganizationId, TeamId, UserId};
use jiff::Timestamp;
use uuid::Uuid;

/// A row of `teams`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Team {
    /// Its id.
    pub id: TeamId,
    /// Its name.
    pub name: String,
    /// The last segment of its page's address.
    pub slug: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

impl FromRow for Team {
    fn from_row(row: &Row<'_>) -> Result<Team, StoreError> {
        let mut columns = row.columns();
        Ok(Team {
            id: TeamId(columns.take()?),
            name: columns.take()?,
            slug: columns.take()?,
            created_at: columns.take::<Instant>()?.0,
            updated_at: columns.take::<Instant>()?.0,
        })
    }
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "select t.id, t.name, t.slug, t.created_at, t.updated_at from teams t where t.organization_id = $1 ",
            $rest
        )
    };
}

const GET: &str = select!("and t.id = $2");

/// The team with this id.
pub async fn get(
    tx: &ReadTx<'_>,
    organization: OrganizationId,
    id: TeamId,
) -> Result<Option<Team>, StoreError> {
    tx.optional(GET, args![organization.0, id.0]).await
}

const BY_SLUG: &str = select!("and t.slug = $2");

/// The team with this slug.
pub async fn by_slug(
    tx: &ReadTx<'_>,
    organization: OrganizationId,
    slug: &str,
) -> Result<Option<Team>, StoreError> {
    tx.optional(BY_SLUG, args![organization.0, slug]).await
}

const LIST_ASCENDING: &str = select!(
    "and (t.created_at, t.id) > ($2, $3) and (t.id in (select m.team_id from team_members m
    where m.organization_id = $1 and m.user_id = $4) or $4 is null)
  order by t.created_at, t.id limit $5"
);
const LIST_DESCENDING: &str = select!(
    "and (t.created_at, t.id) < ($2, $3) and (t.id in (select m.team_id from team_members m
    where m.organization_id = $1 and m.user_id = $4) or $4 is null)
  order by t.created_at desc, t.id desc limit $5"
);

/// A page of the teams, of all or of those that a user belongs to, by age.
pub async fn list(
    tx: &ReadTx<'_>,
    organization: OrganizationId,
    user: Option<UserId>,
    request: &PageRequest<InstantKey>,
) -> Result<Page<Team>, StoreError> {
    let walk = request.walk();
    let (at, id) = walk.start()?;
    let sql = match walk.order {
        Order::Ascending => LIST_ASCENDING,
        Order::Descending => LIST_DESCENDING,
    };
    let user = user.map(|user| user.0);
    let rows = tx
        .all(
            sql,
            args![organization.0, Instant(at), id, user, walk.limit],
        )
        .await?;
    Ok(request.page(rows))
}

const MEMBERS: &str = "select m.user_id from team_members m
  join users u on u.organization_id = m.organization_id and u.id = m.user_id
  where m.organization_id = $1 and m.team_id = $2 and u.deactivated_at is null order by m.position, m.user_id";

/// Who belongs to a team and was not removed, in the order in which they were named.
pub async fn members(
    tx: &ReadTx<'_>,
    organization: OrganizationId,
    id: TeamId,
) -> Result<Vec<UserId>, StoreError> {
    let ids: Vec<Uuid> = tx.all(MEMBERS, args![organization.0, id.0]).await?;
    Ok(ids.into_iter().map(UserId).collect())
}

const INSERT: &str = "insert into teams (organization_id, id, name, slug, created_at, updated_at)
  values ($1, $2, $3, $4, $5, $6)";

/// Adds a team without members. A slug that another one has is a conflict.
pub async fn insert(
    tx: &WriteTx<'_>,
    organization: OrganizationId,
    team: &Team,
) -> Result<(), StoreError> {
    tx.execute(
        INSERT,
        args![
            organization.0,
            team.id.0,
            team.name,
            team.slug,
            Instant(team.created_at),
            Instant(team.updated_at)
        ],
    )
    .await?;
    Ok(())
}

const UPDATE: &str = "update teams set name = $3, slug = $4, updated_at = $5
  where organization_id = $1 and id = $2";

/// Writes what may change of a team, but for its members.
pub async fn update(
    tx: &WriteTx<'_>,
    organization: OrganizationId,
    team: &Team,
) -> Result<(), StoreError> {
    let touched = tx
        .execute(
            UPDATE,
            args![
                organization.0,
                team.id.0,
                team.name,
                team.slug,
                Instant(team.updated_at)
            ],
        )
        .await?;
    StoreError::expect_one(touched, "teams", team.id)
}

const DELETE_MEMBERS: &str = "delete from team_members where organization_id = $1 and team_id = $2";
const INSERT_MEMBER: &str = "insert into team_members (organization_id, team_id, user_id, position)
  values ($1, $2, $3, $4)";

/// Replaces the members of a team.
pub async fn set_members(
    tx: &WriteTx<'_>,
    organization: OrganizationId,
    id: TeamId,
    members: &[UserId],
) -> Result<(), StoreError> {
    tx.execute(DELETE_MEMBERS, args![organization.0, id.0])
        .await?;
    let placed: Vec<(i64, Uuid)> = (0..).zip(members.iter().map(|member| member.0)).collect();
    let rows: Vec<Vec<&dyn Param>> = placed
        .iter()
        .map(|(position, member)| vec![&organization.0 as &dyn Param, &id.0, member, position])
        .collect();
    tx.execute_each(INSERT_MEMBER, &rows).await?;
    Ok(())
}

const DELETE: &str = "delete from teams where organization_id = $1 and id = $2";

/// Removes a team.
pub async fn delete(
    tx: &WriteTx<'_>,
    organization: OrganizationId,
    id: TeamId,
) -> Result<(), StoreError> {
    tx.execute(DELETE_MEMBERS, args![organization.0, id.0])
        .await?;
    tx.execute(DELETE, args![organization.0, id.0]).await?;
    Ok(())
}
