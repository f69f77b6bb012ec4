//! Hosts as locks: whoever decides about a host's time first moves the host's version in the same transaction.

use crate::{StoreError, WriteTx, args};
use domain::id::{OrganizationId, UserId};
use futures_util::future::try_join_all;
use std::collections::BTreeSet;

const INSERT: &str = "insert into hosts (organization_id, id, version) values ($1, $2, 0)";

/// Adds the host that belongs to a new user.
pub async fn insert(
    tx: &WriteTx<'_>,
    organization: OrganizationId,
    host: UserId,
) -> Result<(), StoreError> {
    tx.execute(INSERT, args![organization.0, host.0]).await?;
    Ok(())
}

/// Locks the time of several hosts, in the order of their ids, so that no two writers wait for each other.
pub async fn bump_all(
    tx: &WriteTx<'_>,
    organization: OrganizationId,
    hosts: impl IntoIterator<Item = UserId>,
) -> Result<(), StoreError> {
    let hosts: BTreeSet<UserId> = hosts.into_iter().collect();
    // They are sent together and run in this order.
    try_join_all(hosts.into_iter().map(|host| bump(tx, organization, host))).await?;
    Ok(())
}

const BUMP: &str = "update hosts set version = version + 1
  where organization_id = $1 and id = $2 returning version";

/// Locks the host's time until the transaction ends and returns its new version.
///
/// It must be the first statement that touches the host, and must change the row: a lock that changes nothing
/// lets a waiting writer go on with what it saw before it waited.
pub async fn bump(
    tx: &WriteTx<'_>,
    organization: OrganizationId,
    host: UserId,
) -> Result<i64, StoreError> {
    tx.returning(BUMP, args![organization.0, host.0])
        .await?
        .ok_or_else(|| StoreError::missing("hosts", host))
}
