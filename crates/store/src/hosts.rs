//! Hosts as locks: whoever decides about a host's time first moves the host's version in the same transaction.

use crate::{StoreError, WriteTx, args, host_versions::Moved};
use domain::id::{OrganizationId, UserId};
use futures_util::future::try_join_all;
use std::collections::BTreeSet;

const INSERT: &str =
    "insert into hosts (organization_id, id, version, settings_version) values ($1, $2, 0, 0)";

/// Adds the host that belongs to a new user.
pub async fn insert(
    tx: &WriteTx<'_>,
    organization: OrganizationId,
    host: UserId,
) -> Result<(), StoreError> {
    tx.execute(INSERT, args![organization.0, host.0]).await?;
    Ok(())
}

/// Locks the time of several hosts, in the order of their ids, so that no two writers wait for each other. The answer is
/// in this order.
pub async fn bump_all(
    tx: &WriteTx<'_>,
    organization: OrganizationId,
    hosts: impl IntoIterator<Item = UserId>,
) -> Result<Vec<Moved>, StoreError> {
    let hosts: BTreeSet<UserId> = hosts.into_iter().collect();
    // They are sent together and run in this order.
    try_join_all(hosts.into_iter().map(|host| bump(tx, organization, host))).await
}

const BUMP: &str = "update hosts set version = version + 1
  where organization_id = $1 and id = $2 returning version, settings_version";

/// Locks the host's time until the transaction ends and returns its new version.
///
/// It must be the first statement that touches the host, and must change the row: a lock that changes nothing
/// lets a waiting writer go on with what it saw before it waited.
pub async fn bump(
    tx: &WriteTx<'_>,
    organization: OrganizationId,
    host: UserId,
) -> Result<Moved, StoreError> {
    match tx.locked_before(organization, host)? {
        Some(moved) => Ok(moved),
        None => move_on(tx, BUMP, (organization, host)).await,
    }
}

const BUMP_SETTINGS: &str =
    "update hosts set version = version + 1, settings_version = settings_version + 1
  where organization_id = $1 and id = $2 returning version, settings_version";

/// The same for a write that changes what is set up about the host: who they are, their hours, event types or tokens.
pub async fn bump_settings(
    tx: &WriteTx<'_>,
    organization: OrganizationId,
    host: UserId,
) -> Result<Moved, StoreError> {
    tx.must_be_alone()?;
    move_on(tx, BUMP_SETTINGS, (organization, host)).await
}

async fn move_on(
    tx: &WriteTx<'_>,
    sql: &'static str,
    (organization, host): (OrganizationId, UserId),
) -> Result<Moved, StoreError> {
    let versions: Option<(i64, i64)> = tx.returning(sql, args![organization.0, host.0]).await?;
    let (version, settings) = versions.ok_or_else(|| StoreError::missing("hosts", host))?;
    let moved = Moved {
        organization,
        host,
        version,
        settings,
    };
    tx.note_moved(moved);
    Ok(moved)
}
