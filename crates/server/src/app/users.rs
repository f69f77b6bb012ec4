//! Adding, editing and removing users.

pub mod removal;

use crate::{app::user_availability_schedules::working_hours, context::fresh_id};
use domain::{
    civil,
    id::{MembershipId, OrganizationId, ScheduleId, UserId},
    schedule::Schedule,
};
use jiff::{Timestamp, tz::TimeZone};
use std::fmt;
use store::{
    Command, ReadTx, StoreError, WriteError, WriteTx,
    host_versions::Moved,
    hosts,
    organization_memberships::{self, Membership, Role},
    organizations,
    user_availability_schedules::{self, AvailabilitySchedule},
    users::{self, User, UserKind},
};

/// Why a user cannot be added, edited or removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UserRefusal {
    /// There is no such user.
    Unknown,
    /// Another user has this mail address.
    EmailTaken,
    /// Another user has this slug.
    SlugTaken,
    /// The owner of an organization cannot be removed.
    OwnerStays,
    /// Only a resource can be without a mail address.
    EmailRequired,
    /// Nobody removes themselves.
    Oneself,
}

/// Adds a user with a membership and a default schedule.
#[derive(Clone, Debug)]
pub struct AddUser {
    /// To which organization.
    pub organization: OrganizationId,
    /// The user. An empty slug is made from the name.
    pub user: User,
    /// As what.
    pub role: Role,
    /// The id of the membership.
    pub membership_id: MembershipId,
    /// The id of the default schedule.
    pub schedule_id: ScheduleId,
    /// The hours of the default schedule.
    pub hours: Schedule,
    /// Whether the classic API shall know the user by a number.
    pub classic: bool,
}

impl AddUser {
    /// A person with the usual settings and working hours.
    pub fn new(
        organization: OrganizationId,
        name: String,
        email: String,
        zone: TimeZone,
        now: Timestamp,
    ) -> AddUser {
        AddUser {
            organization,
            user: User {
                id: UserId(fresh_id()),
                kind: UserKind::Person,
                name,
                slug: String::new(),
                email,
                timezone: civil::zone_name(&zone).to_owned(),
                time_notation: "12h".to_owned(),
                locale: "en".to_owned(),
                avatar_url: None,
                phone_number: None,
                classic_number: None,
                created_at: now,
                updated_at: now,
                deactivated_at: None,
            },
            role: Role::User,
            membership_id: MembershipId(fresh_id()),
            schedule_id: ScheduleId(fresh_id()),
            hours: working_hours(zone),
            classic: false,
        }
    }

    async fn slug(&self, tx: &WriteTx<'_>) -> Result<String, WriteError<UserRefusal>> {
        let taken =
            |slug: String| async move { users::by_slug(tx, self.organization, &slug).await };
        if !self.user.slug.is_empty() {
            return match taken(self.user.slug.clone()).await? {
                Some(_) => Err(WriteError::Refused(UserRefusal::SlugTaken)),
                None => Ok(self.user.slug.clone()),
            };
        }
        let slug = slug_of(&self.user.name);
        match taken(slug.clone()).await? {
            None => Ok(slug),
            Some(_) => Ok(with_suffix(&slug, self.user.id)),
        }
    }
}

impl Command for AddUser {
    type Output = (User, Membership);
    type Refusal = UserRefusal;

    async fn run(&self, tx: &WriteTx<'_>) -> Result<(User, Membership), WriteError<UserRefusal>> {
        let mut user = self.user.clone();
        organizations::lock(tx, self.organization).await?;
        if users::by_email(tx, self.organization, &user.email)
            .await?
            .is_some()
        {
            return Err(WriteError::Refused(UserRefusal::EmailTaken));
        }
        user.slug = self.slug(tx).await?;
        if self.classic {
            user.classic_number =
                Some(organizations::next_classic_number(tx, self.organization).await?);
        }
        users::insert(tx, self.organization, &user)
            .await
            .map_err(taken)?;
        hosts::insert(tx, self.organization, user.id).await?;
        let membership = Membership {
            id: self.membership_id,
            user_id: user.id,
            role: self.role,
            created_at: user.created_at,
            updated_at: user.created_at,
        };
        organization_memberships::insert(tx, self.organization, &membership).await?;
        let schedule = AvailabilitySchedule {
            id: self.schedule_id,
            user_id: user.id,
            event_type_id: None,
            name: "Working hours".to_owned(),
            is_default: true,
            schedule: self.hours.clone(),
            created_at: user.created_at,
            updated_at: user.created_at,
        };
        user_availability_schedules::insert(tx, self.organization, &schedule).await?;
        Ok((user, membership))
    }

    async fn is_done(&self, tx: &ReadTx<'_>) -> Result<bool, StoreError> {
        Ok(users::get(tx, self.organization, self.user.id)
            .await?
            .is_some())
    }
}

/// A conflict with a constraint means that another request was a moment faster.
fn taken(error: StoreError) -> WriteError<UserRefusal> {
    match error.constraint() {
        Some(name) if name.contains("email") => WriteError::Refused(UserRefusal::EmailTaken),
        Some(name) if name.contains("slug") => WriteError::Refused(UserRefusal::SlugTaken),
        _ => WriteError::Failed(error),
    }
}

/// A segment of a web address made from a name: lower-case letters, digits and single dashes.
pub fn slug_of(name: &str) -> String {
    let mut slug = String::new();
    for letter in name.chars().flat_map(char::to_lowercase) {
        match letter {
            'a'..='z' | '0'..='9' => slug.push(letter),
            _ if slug.is_empty() || slug.ends_with('-') => {}
            _ => slug.push('-'),
        }
    }
    slug.truncate(40);
    let slug = slug.trim_matches('-');
    if slug.is_empty() {
        "meet".to_owned()
    } else {
        slug.to_owned()
    }
}

/// A slug made unique by the random end of an id.
pub fn with_suffix(slug: &str, id: impl fmt::Display) -> String {
    let id = id.to_string();
    format!("{slug}-{}", &id[id.len().saturating_sub(8)..])
}

/// Edits a user.
pub struct EditUser {
    /// In which organization.
    pub organization: OrganizationId,
    /// Whom.
    pub id: UserId,
    /// What changes.
    pub edit: Box<dyn Fn(&mut User) + Send + Sync>,
    /// When.
    pub now: Timestamp,
}

impl Command for EditUser {
    type Output = User;
    type Refusal = UserRefusal;

    async fn run(&self, tx: &WriteTx<'_>) -> Result<User, WriteError<UserRefusal>> {
        let mut user = lock(tx, self.organization, self.id).await?;
        let zone = user.timezone.clone();
        (self.edit)(&mut user);
        user.updated_at = self.now;
        if user.email.is_empty() && user.kind == UserKind::Person {
            return Err(WriteError::Refused(UserRefusal::EmailRequired));
        }
        let by_email = users::by_email(tx, self.organization, &user.email).await?;
        if by_email.is_some_and(|other| other.id != user.id) {
            return Err(WriteError::Refused(UserRefusal::EmailTaken));
        }
        let by_slug = users::by_slug(tx, self.organization, &user.slug).await?;
        if by_slug.is_some_and(|other| other.id != user.id) {
            return Err(WriteError::Refused(UserRefusal::SlugTaken));
        }
        users::update(tx, self.organization, &user)
            .await
            .map_err(taken)?;
        if user.classic_number.is_some() && user.timezone != zone {
            follow_zone(tx, self.organization, &user).await?;
        }
        Ok(user)
    }
}

/// There is no such user, or not any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownUser;

/// Locks the time of a user, who must not have been removed.
pub async fn lock_time(
    tx: &WriteTx<'_>,
    organization: OrganizationId,
    id: UserId,
) -> Result<Option<User>, StoreError> {
    active_under(tx, (organization, id), hosts::bump(tx, organization, id)).await
}

/// The same, to change what is set up about the user.
pub async fn lock_settings(
    tx: &WriteTx<'_>,
    organization: OrganizationId,
    id: UserId,
) -> Result<Option<User>, StoreError> {
    let lock = hosts::bump_settings(tx, organization, id);
    active_under(tx, (organization, id), lock).await
}

/// A user who is there before and after `lock`, which only begins then.
async fn active_under(
    tx: &WriteTx<'_>,
    (organization, id): (OrganizationId, UserId),
    lock: impl Future<Output = Result<Moved, StoreError>>,
) -> Result<Option<User>, StoreError> {
    if users::get_active(tx, organization, id).await?.is_none() {
        return Ok(None);
    }
    lock.await?;
    users::get_active(tx, organization, id).await
}

/// The user, read under the lock of their time, so that two edits at once do not undo each other.
async fn lock(
    tx: &WriteTx<'_>,
    organization: OrganizationId,
    id: UserId,
) -> Result<User, WriteError<UserRefusal>> {
    let user = lock_settings(tx, organization, id).await?;
    user.ok_or(WriteError::Refused(UserRefusal::Unknown))
}

/// The classic API knows one zone a person: their default schedule keeps its wall times and follows it.
async fn follow_zone(
    tx: &WriteTx<'_>,
    organization: OrganizationId,
    user: &User,
) -> Result<(), StoreError> {
    let default = user_availability_schedules::default_of(tx, organization, user.id).await?;
    let (Some(mut default), Some(zone)) = (default, civil::zone(&user.timezone)) else {
        return Ok(());
    };
    default.schedule = default.schedule.in_zone(zone);
    default.updated_at = user.updated_at;
    user_availability_schedules::update(tx, organization, &default).await
}
