//! Making, editing and deleting groups.

use domain::id::{GroupId, OrganizationId};
use jiff::Timestamp;
use store::{
    Command, ReadTx, StoreError, WriteError, WriteTx, group_relationships,
    groups::{self, Group},
    organizations,
};

/// Why a group cannot be made, edited or deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GroupRefusal {
    /// There is no such group.
    Unknown,
    /// Another group has this name.
    NameTaken,
}

async fn check_name(
    tx: &WriteTx<'_>,
    organization: OrganizationId,
    group: &Group,
) -> Result<(), WriteError<GroupRefusal>> {
    match groups::by_name(tx, organization, &group.name).await? {
        Some(other) if other.id != group.id => Err(WriteError::Refused(GroupRefusal::NameTaken)),
        _ => Ok(()),
    }
}

/// Makes a group.
#[derive(Clone, Debug)]
pub struct AddGroup {
    /// In which organization.
    pub organization: OrganizationId,
    /// The group.
    pub group: Group,
}

impl Command for AddGroup {
    type Output = Group;
    type Refusal = GroupRefusal;

    async fn run(&self, tx: &WriteTx<'_>) -> Result<Group, WriteError<GroupRefusal>> {
        organizations::lock(tx, self.organization).await?;
        check_name(tx, self.organization, &self.group).await?;
        groups::insert(tx, self.organization, &self.group).await?;
        Ok(self.group.clone())
    }

    async fn is_done(&self, tx: &ReadTx<'_>) -> Result<bool, StoreError> {
        let group = groups::get(tx, self.organization, self.group.id).await?;
        Ok(group.is_some())
    }
}

/// Edits a group; what is `None` stays.
#[derive(Clone, Debug)]
pub struct EditGroup {
    /// In which organization.
    pub organization: OrganizationId,
    /// Which group.
    pub id: GroupId,
    /// Its name.
    pub name: Option<String>,
    /// When.
    pub now: Timestamp,
}

impl Command for EditGroup {
    type Output = Group;
    type Refusal = GroupRefusal;

    async fn run(&self, tx: &WriteTx<'_>) -> Result<Group, WriteError<GroupRefusal>> {
        organizations::lock(tx, self.organization).await?;
        let before = groups::get(tx, self.organization, self.id).await?;
        let before = before.ok_or(WriteError::Refused(GroupRefusal::Unknown))?;
        let group = Group {
            name: self.name.clone().unwrap_or(before.name),
            updated_at: self.now,
            ..before
        };
        check_name(tx, self.organization, &group).await?;
        groups::update(tx, self.organization, &group).await?;
        Ok(group)
    }
}

/// Deletes a group. Who was in it stays in the organization.
#[derive(Clone, Copy, Debug)]
pub struct DeleteGroup {
    /// From which organization.
    pub organization: OrganizationId,
    /// Which group.
    pub id: GroupId,
}

impl Command for DeleteGroup {
    type Output = ();
    type Refusal = GroupRefusal;

    async fn run(&self, tx: &WriteTx<'_>) -> Result<(), WriteError<GroupRefusal>> {
        organizations::lock(tx, self.organization).await?;
        let group = groups::get(tx, self.organization, self.id).await?;
        group.ok_or(WriteError::Refused(GroupRefusal::Unknown))?;
        group_relationships::delete_of_group(tx, self.organization, self.id).await?;
        Ok(groups::delete(tx, self.organization, self.id).await?)
    }

    async fn is_done(&self, tx: &ReadTx<'_>) -> Result<bool, StoreError> {
        let group = groups::get(tx, self.organization, self.id).await?;
        Ok(group.is_none())
    }
}
