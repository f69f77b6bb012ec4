//! What was done, by whom and from where: one row a deed, written in the transaction that did it and never changed.

pub mod listing;

use crate::{
    StoreError, WriteTx, args,
    column::{Instant, Json},
    engine::Columns,
    organization_memberships::Role,
};
use domain::id::{ActivityLogEntryId, OrganizationId, UserId};
use jiff::Timestamp;
use serde_json::Value;
use uuid::Uuid;

/// Who did something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Actor {
    /// A user, in this role.
    User(UserId, Role),
    /// The server by itself, or whoever runs it.
    System,
}

impl Actor {
    /// The word in the database and in the API.
    pub fn kind(self) -> &'static str {
        match self {
            Actor::User(..) => "User",
            Actor::System => "System",
        }
    }

    /// The user, in their role.
    pub fn user(self) -> Option<(UserId, Role)> {
        match self {
            Actor::User(user, role) => Some((user, role)),
            Actor::System => None,
        }
    }
}

/// A row of `activity_log_entries`.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// Its id.
    pub id: ActivityLogEntryId,
    /// When it was done.
    pub occurred_at: Timestamp,
    /// To what kind of thing.
    pub namespace: String,
    /// What.
    pub action: String,
    /// By whom; nobody who is known where it needs no token.
    pub actor: Option<Actor>,
    /// What is shown of it: a document whose shape is the server's.
    pub details: Value,
}

impl Entry {
    /// The user's id as text; the empty text where no user did it.
    fn actor_key(&self) -> String {
        let user = self.actor.and_then(Actor::user);
        user.map(|(user, _)| user.to_string()).unwrap_or_default()
    }

    fn read(columns: &mut Columns<'_>) -> Result<Entry, StoreError> {
        let id = ActivityLogEntryId(columns.take()?);
        let occurred_at = columns.take::<Instant>()?.0;
        let (namespace, action) = (columns.take()?, columns.take()?);
        let kind: Option<String> = columns.take()?;
        let user: Option<Uuid> = columns.take()?;
        let role = columns.parse_optional(Role::parse)?;
        let details = columns.take::<Json<_>>()?.0;
        let actor = match (kind.as_deref(), user, role) {
            (None, None, None) => None,
            (Some("System"), None, None) => Some(Actor::System),
            (Some("User"), Some(user), Some(role)) => Some(Actor::User(UserId(user), role)),
            _ => {
                let cause = "no kind of actor has these columns";
                return Err(StoreError::corrupt(
                    "activity_log_entries",
                    "actor_type",
                    id,
                    cause,
                ));
            }
        };
        Ok(Entry {
            id,
            occurred_at,
            namespace,
            action,
            actor,
            details,
        })
    }
}

// a command that is done twice is noted once
const INSERT: &str =
    "insert into activity_log_entries (organization_id, occurred_at, id, namespace, action,
    actor_type, actor_id, actor_key, actor_role, details)
  values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
  on conflict (organization_id, occurred_at, id) do nothing";

/// Writes down what was done.
pub async fn insert(
    tx: &WriteTx<'_>,
    organization: OrganizationId,
    entry: &Entry,
) -> Result<(), StoreError> {
    let user = entry.actor.and_then(Actor::user);
    tx.execute(
        INSERT,
        args![
            organization.0,
            Instant(entry.occurred_at),
            entry.id.0,
            entry.namespace,
            entry.action,
            entry.actor.map(Actor::kind),
            user.map(|(user, _)| user.0),
            entry.actor_key(),
            user.map(|(_, role)| role.as_str()),
            Json(&entry.details)
        ],
    )
    .await?;
    Ok(())
}

const DELETE_BEFORE: &str = "delete from activity_log_entries where organization_id = $1 and (occurred_at, id) in
    (select occurred_at, id from activity_log_entries where organization_id = $1 and occurred_at < $2
      order by occurred_at, id limit $3)";

/// Deletes the oldest entries of an organization from before an instant, at most `limit` of them; how many that were.
pub async fn delete_before(
    tx: &WriteTx<'_>,
    organization: OrganizationId,
    instant: Timestamp,
    limit: i64,
) -> Result<u64, StoreError> {
    tx.execute(
        DELETE_BEFORE,
        args![organization.0, Instant(instant), limit],
    )
    .await
}
