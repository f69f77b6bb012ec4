//! Making, editing and deleting teams.

use crate::app::users::{slug_of, with_suffix};
use domain::id::{OrganizationId, TeamId, UserId};
use jiff::Timestamp;
use std::collections::HashSet;
use store::{
    Command, ReadTx, StoreError, WriteError, WriteTx, organizations,
    teams::{self, Team},
    users,
};

/// Why a team cannot be made, edited or deleted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TeamRefusal {
    /// There is no such team.
    Unknown,
    /// Another team has this slug.
    SlugTaken,
    /// Some members cannot be: their places in the list, and why.
    Members(Vec<(usize, MemberMistake)>),
}

/// Why somebody cannot be a member.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MemberMistake {
    /// There is no such user.
    Unknown,
    /// They are named before.
    Twice,
}

/// A team with its members.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TeamOfMembers {
    /// The team.
    pub team: Team,
    /// Who belongs to it, in the order in which they were named.
    pub members: Vec<UserId>,
}

/// The team with its members, as it is shown.
pub async fn shown(
    tx: &ReadTx<'_>,
    organization: OrganizationId,
    team: Team,
) -> Result<TeamOfMembers, StoreError> {
    let members = teams::members(tx, organization, team.id).await?;
    Ok(TeamOfMembers { team, members })
}

/// Makes a team. An empty slug is made from the name.
#[derive(Clone, Debug)]
pub struct AddTeam {
    /// In which organization.
    pub organization: OrganizationId,
    /// The team.
    pub team: Team,
    /// Who belongs to it.
    pub members: Vec<UserId>,
}

impl Command for AddTeam {
    type Output = TeamOfMembers;
    type Refusal = TeamRefusal;

    async fn run(&self, tx: &WriteTx<'_>) -> Result<TeamOfMembers, WriteError<TeamRefusal>> {
        organizations::lock(tx, self.organization).await?;
        let mut team = self.team.clone();
        check_members(tx, self.organization, &self.members).await?;
        if team.slug.is_empty() {
            let slug = slug_of(&team.name);
            let taken = teams::by_slug(tx, self.organization, &slug).await?;
            team.slug = taken.map_or(slug.clone(), |_| with_suffix(&slug, team.id));
        }
        check_slug(tx, self.organization, &team).await?;
        teams::insert(tx, self.organization, &team).await?;
        teams::set_members(tx, self.organization, team.id, &self.members).await?;
        Ok(shown(tx, self.organization, team).await?)
    }

    async fn is_done(&self, tx: &ReadTx<'_>) -> Result<bool, StoreError> {
        let team = teams::get(tx, self.organization, self.team.id).await?;
        Ok(team.is_some())
    }
}

async fn check_slug(
    tx: &WriteTx<'_>,
    organization: OrganizationId,
    team: &Team,
) -> Result<(), WriteError<TeamRefusal>> {
    match teams::by_slug(tx, organization, &team.slug).await? {
        Some(other) if other.id != team.id => Err(WriteError::Refused(TeamRefusal::SlugTaken)),
        _ => Ok(()),
    }
}

async fn check_members(
    tx: &WriteTx<'_>,
    organization: OrganizationId,
    members: &[UserId],
) -> Result<(), WriteError<TeamRefusal>> {
    let mut named = HashSet::new();
    let mut mistakes = Vec::new();
    for (index, member) in members.iter().enumerate() {
        if !named.insert(member) {
            mistakes.push((index, MemberMistake::Twice));
        } else if users::get_active(tx, organization, *member)
            .await?
            .is_none()
        {
            mistakes.push((index, MemberMistake::Unknown));
        }
    }
    if mistakes.is_empty() {
        Ok(())
    } else {
        Err(WriteError::Refused(TeamRefusal::Members(mistakes)))
    }
}

/// Edits a team; what is `None` stays.
#[derive(Clone, Debug)]
pub struct EditTeam {
    /// In which organization.
    pub organization: OrganizationId,
    /// Which team.
    pub id: TeamId,
    /// Its name.
    pub name: Option<String>,
    /// Its slug.
    pub slug: Option<String>,
    /// Who belongs to it.
    pub members: Option<Vec<UserId>>,
    /// When.
    pub now: Timestamp,
}

impl Command for EditTeam {
    type Output = TeamOfMembers;
    type Refusal = TeamRefusal;

    async fn run(&self, tx: &WriteTx<'_>) -> Result<TeamOfMembers, WriteError<TeamRefusal>> {
        organizations::lock(tx, self.organization).await?;
        let before = teams::get(tx, self.organization, self.id).await?;
        let before = before.ok_or(WriteError::Refused(TeamRefusal::Unknown))?;
        let team = Team {
            name: self.name.clone().unwrap_or(before.name),
            slug: self.slug.clone().unwrap_or(before.slug),
            updated_at: self.now,
            ..before
        };
        check_slug(tx, self.organization, &team).await?;
        if let Some(members) = &self.members {
            check_members(tx, self.organization, members).await?;
            teams::set_members(tx, self.organization, self.id, members).await?;
        }
        teams::update(tx, self.organization, &team).await?;
        Ok(shown(tx, self.organization, team).await?)
    }
}

/// Deletes a team.
#[derive(Clone, Copy, Debug)]
pub struct DeleteTeam {
    /// From which organization.
    pub organization: OrganizationId,
    /// Which team.
    pub id: TeamId,
}

impl Command for DeleteTeam {
    type Output = ();
    type Refusal = TeamRefusal;

    async fn run(&self, tx: &WriteTx<'_>) -> Result<(), WriteError<TeamRefusal>> {
        organizations::lock(tx, self.organization).await?;
        let team = teams::get(tx, self.organization, self.id).await?;
        team.ok_or(WriteError::Refused(TeamRefusal::Unknown))?;
        Ok(teams::delete(tx, self.organization, self.id).await?)
    }

    async fn is_done(&self, tx: &ReadTx<'_>) -> Result<bool, StoreError> {
        let team = teams::get(tx, self.organization, self.id).await?;
        Ok(team.is_none())
    }
}
