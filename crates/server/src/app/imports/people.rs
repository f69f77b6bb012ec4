//! People who are brought over, each with a membership and a default schedule.

use super::{Imported, Place, Reason, Written, refused};
use crate::app::users::{self as adding, AddUser, UserRefusal, with_suffix};
use domain::id::UserId;
use store::{
    Command, WriteError, WriteTx,
    organization_memberships::{self, Role},
    user_availability_schedules::{self, AvailabilitySchedule},
    users::{self, User},
};

/// Somebody of the organization, or who was.
#[derive(Clone, Debug)]
pub struct Person {
    /// The user, with membership.
    pub user: AddUser,
    /// What the default schedule is called.
    pub schedule_name: String,
}

impl Imported for Person {
    async fn write(&self, tx: &WriteTx<'_>, place: &Place) -> Result<Written, WriteError<Reason>> {
        if place.is_new {
            self.add(tx, place).await
        } else {
            self.edit(tx, place).await
        }
    }
}

impl Person {
    async fn add(&self, tx: &WriteTx<'_>, place: &Place) -> Result<Written, WriteError<Reason>> {
        let known = users::by_email(tx, place.organization, &self.user.user.email).await?;
        if let Some(known) = known {
            return Ok(Written::Here(known.id.0));
        }
        let mut command = self.user.clone();
        command.user.slug = self.free_slug(tx, place).await?;
        command.user.deactivated_at = None;
        let (user, _) = command.run(tx).await.map_err(in_words)?;
        let default =
            user_availability_schedules::default_of(tx, place.organization, user.id).await?;
        if let Some(default) = default {
            let named = AvailabilitySchedule {
                name: self.schedule_name.clone(),
                ..default
            };
            user_availability_schedules::update(tx, place.organization, &named).await?;
        }
        if self.user.user.deactivated_at.is_some() {
            let gone = User {
                deactivated_at: self.user.user.deactivated_at,
                ..user
            };
            users::update(tx, place.organization, &gone).await?;
        }
        Ok(Written::Done)
    }

    /// The slug there, with something behind it where somebody else has it here.
    async fn free_slug(
        &self,
        tx: &WriteTx<'_>,
        place: &Place,
    ) -> Result<String, WriteError<Reason>> {
        let slug = &self.user.user.slug;
        let taken = users::by_slug(tx, place.organization, slug).await?;
        Ok(match taken {
            Some(other) if other.id.0 != place.id => with_suffix(slug, place.id),
            _ => slug.clone(),
        })
    }

    async fn edit(&self, tx: &WriteTx<'_>, place: &Place) -> Result<Written, WriteError<Reason>> {
        let (organization, id) = (place.organization, UserId(place.id));
        let Some(user) = adding::lock_settings(tx, organization, id).await? else {
            return Ok(Written::Gone);
        };
        let there = &self.user.user;
        let other = users::by_email(tx, organization, &there.email).await?;
        if other.is_some_and(|other| other.id != id) {
            return refused("another user here has the mail address");
        }
        let edited = User {
            name: there.name.clone(),
            slug: self.free_slug(tx, place).await?,
            email: there.email.clone(),
            timezone: there.timezone.clone(),
            time_notation: there.time_notation.clone(),
            locale: there.locale.clone(),
            avatar_url: there.avatar_url.clone(),
            phone_number: there.phone_number.clone(),
            updated_at: there.updated_at,
            deactivated_at: there.deactivated_at,
            ..user
        };
        users::update(tx, organization, &edited).await?;
        self.set_role(tx, place).await?;
        Ok(Written::Done)
    }

    async fn set_role(&self, tx: &WriteTx<'_>, place: &Place) -> Result<(), WriteError<Reason>> {
        let (organization, id) = (place.organization, UserId(place.id));
        let membership = organization_memberships::of_user(tx, organization, id).await?;
        let Some(mut membership) = membership.filter(|it| it.role != self.user.role) else {
            return Ok(());
        };
        let is_last = membership.role == Role::Owner
            && organization_memberships::owners(tx, organization).await? <= 1;
        if !is_last {
            membership.role = self.user.role;
            membership.updated_at = self.user.user.updated_at;
            organization_memberships::set_role(tx, organization, &membership).await?;
        }
        Ok(())
    }
}

fn in_words(error: WriteError<UserRefusal>) -> WriteError<Reason> {
    match error {
        WriteError::Refused(refusal) => {
            WriteError::Refused(Reason(format!("the user cannot be added: {refusal:?}")))
        }
        WriteError::Failed(failure) => WriteError::Failed(failure),
    }
}
