//! Invitations: people who were asked to join an organization, and what they answered.

use crate::{
    FromRow, ReadTx, Row, StoreError, WriteTx, args,
    column::Instant,
    page::{InstantKey, Order, Page, PageRequest},
};
use domain::id::{InvitationId, OrganizationId, UserId};
use jiff::Timestamp;
use uuid::Uuid;

/// What became of an invitation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InvitationStatus {
    /// It was not answered yet.
    Pending,
    /// There is a user because of it.
    Accepted,
    /// Whoever was asked does not want to.
    Declined,
}

impl InvitationStatus {
    /// The word in the database and in the API.
    pub fn as_str(self) -> &'static str {
        match self {
            InvitationStatus::Pending => "pending",
            InvitationStatus::Accepted => "accepted",
            InvitationStatus::Declined => "declined",
        }
    }

    /// The status of this word.
    pub fn parse(word: &str) -> Option<InvitationStatus> {
        [
            InvitationStatus::Pending,
            InvitationStatus::Accepted,
            InvitationStatus::Declined,
        ]
        .into_iter()
        .find(|status| status.as_str() == word)
    }
}

/// A row of `organization_invitations`, without the hash of its code.
#[derive(Clone, Debug)]
pub struct Invitation {
    /// Its id.
    pub id: InvitationId,
    /// Who was asked.
    pub email: String,
    /// What became of it.
    pub status: InvitationStatus,
    /// Who sent it last.
    pub invited_by: UserId,
    /// Whom it made a user.
    pub user_id: Option<UserId>,
    /// When it was first sent.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// When it was last sent.
    pub last_sent_at: Option<Timestamp>,
}

impl FromRow for Invitation {
    fn from_row(row: &Row<'_>) -> Result<Invitation, StoreError> {
        let mut columns = row.columns();
        Ok(Invitation {
            id: InvitationId(columns.take()?),
            email: columns.take()?,
            status: columns.parse(InvitationStatus::parse)?,
            invited_by: UserId(columns.take()?),
            user_id: columns.take::<Option<Uuid>>()?.map(UserId),
            created_at: columns.take::<Instant>()?.0,
            updated_at: columns.take::<Instant>()?.0,
            last_sent_at: columns.take::<Option<Instant>>()?.map(|at| at.0),
        })
    }
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "select id, email, status, invited_by, user_id, created_at, updated_at, last_sent_at
  from organization_invitations where organization_id = $1 ",
            $rest
        )
    };
}

const GET: &str = select!("and id = $2");

/// The invitation with this id.
pub async fn get(
    tx: &ReadTx<'_>,
    organization: OrganizationId,
    id: InvitationId,
) -> Result<Option<Invitation>, StoreError> {
    tx.optional(GET, args![organization.0, id.0]).await
}

const BY_CODE: &str = select!("and id = $2 and code_hash = $3");

/// The invitation with this id, for whoever knows its code by this hash.
pub async fn by_code(
    tx: &ReadTx<'_>,
    organization: OrganizationId,
    id: InvitationId,
    hash: &str,
) -> Result<Option<Invitation>, StoreError> {
    tx.optional(BY_CODE, args![organization.0, id.0, hash])
        .await
}

const PENDING: &str = select!("and lower(email) = lower($2) and status = 'pending'");

/// The invitation that whoever has this mail address has not answered yet.
pub async fn pending(
    tx: &ReadTx<'_>,
    organization: OrganizationId,
    email: &str,
) -> Result<Option<Invitation>, StoreError> {
    tx.optional(PENDING, args![organization.0, email]).await
}

const HAS_CODE: &str = "select count(*) from organization_invitations
  where organization_id = $1 and code_hash = $2";

/// Whether an invitation has the code with this hash.
pub async fn has_code(
    tx: &ReadTx<'_>,
    organization: OrganizationId,
    hash: &str,
) -> Result<bool, StoreError> {
    let count: i64 = tx.one(HAS_CODE, args![organization.0, hash]).await?;
    Ok(count > 0)
}

/// Which invitations are wanted; what is `None` does not matter.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// To this mail address.
    pub email: Option<String>,
    /// With this status.
    pub status: Option<InvitationStatus>,
}

const LIST_ASCENDING: &str = select!(
    "and (created_at, id) > ($2, $3) and (lower(email) = lower($4) or $4 is null) and (status = $5 or $5 is null)
  order by created_at, id limit $6"
);
const LIST_DESCENDING: &str = select!(
    "and (created_at, id) < ($2, $3) and (lower(email) = lower($4) or $4 is null) and (status = $5 or $5 is null)
  order by created_at desc, id desc limit $6"
);

/// A page of invitations, by age.
pub async fn list(
    tx: &ReadTx<'_>,
    organization: OrganizationId,
    filter: &Filter,
    request: &PageRequest<InstantKey>,
) -> Result<Page<Invitation>, StoreError> {
    let walk = request.walk();
    let (at, id) = walk.start()?;
    let sql = match walk.order {
        Order::Ascending => LIST_ASCENDING,
        Order::Descending => LIST_DESCENDING,
    };
    let status = filter.status.map(InvitationStatus::as_str);
    let rows = tx
        .all(
            sql,
            args![
                organization.0,
                Instant(at),
                id,
                filter.email,
                status,
                walk.limit
            ],
        )
        .await?;
    Ok(request.page(rows))
}

const INSERT: &str = "insert into organization_invitations
  (organization_id, id, email, status, code_hash, invited_by, user_id, created_at, updated_at, last_sent_at)
  values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";

/// Adds an invitation, answered by whoever knows the code with this hash.
pub async fn insert(
    tx: &WriteTx<'_>,
    organization: OrganizationId,
    invitation: &Invitation,
    hash: &str,
) -> Result<(), StoreError> {
    tx.execute(
        INSERT,
        args![
            organization.0,
            invitation.id.0,
            invitation.email,
            invitation.status.as_str(),
            hash,
            invitation.invited_by.0,
            invitation.user_id.map(|user| user.0),
            Instant(invitation.created_at),
            Instant(invitation.updated_at),
            invitation.last_sent_at.map(Instant)
        ],
    )
    .await?;
    Ok(())
}

const UPDATE: &str =
    "update organization_invitations set status = $3, invited_by = $4, user_id = $5, updated_at = $6,
  last_sent_at = $7 where organization_id = $1 and id = $2";

/// Writes what may change of an invitation.
pub async fn update(
    tx: &WriteTx<'_>,
    organization: OrganizationId,
    invitation: &Invitation,
) -> Result<(), StoreError> {
    let touched = tx
        .execute(
            UPDATE,
            args![
                organization.0,
                invitation.id.0,
                invitation.status.as_str(),
                invitation.invited_by.0,
                invitation.user_id.map(|user| user.0),
                Instant(invitation.updated_at),
                invitation.last_sent_at.map(Instant)
            ],
        )
        .await?;
    StoreError::expect_one(touched, "organization_invitations", invitation.id)
}

const SET_CODE: &str = "update organization_invitations set code_hash = $3
  where organization_id = $1 and id = $2";

/// Gives an invitation another code; the one before answers it no more.
pub async fn set_code(
    tx: &WriteTx<'_>,
    organization: OrganizationId,
    id: InvitationId,
    hash: &str,
) -> Result<(), StoreError> {
    let touched = tx
        .execute(SET_CODE, args![organization.0, id.0, hash])
        .await?;
    StoreError::expect_one(touched, "organization_invitations", id)
}

const DELETE: &str = "delete from organization_invitations where organization_id = $1 and id = $2";

/// Removes an invitation.
pub async fn delete(
    tx: &WriteTx<'_>,
    organization: OrganizationId,
    id: InvitationId,
) -> Result<(), StoreError> {
    tx.execute(DELETE, args![organization.0, id.0]).await?;
    Ok(())
}
