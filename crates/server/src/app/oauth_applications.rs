//! Adding, editing and removing applications.

pub mod redirect_uris;

use domain::id::{OAuthApplicationId, OrganizationId};
use jiff::{SignedDuration, Timestamp};
use redirect_uris::BadRedirectUri;
use std::collections::BTreeSet;
use store::{
    Command, ReadTx, StoreError, WriteError, WriteTx, hosts,
    oauth_applications::{self, NOBODYS, OAuthApplication},
    oauth_grants,
};

/// Why an application cannot be added or edited.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ApplicationRefusal {
    /// There is no such application.
    Unknown,
    /// Users cannot be sent back to this one of its addresses, and why not.
    RedirectUri(usize, BadRedirectUri),
}

fn check(application: &OAuthApplication) -> Result<(), ApplicationRefusal> {
    for (index, uri) in application.redirect_uris.iter().enumerate() {
        redirect_uris::check(uri, application.kind, application.environment)
            .map_err(|bad| ApplicationRefusal::RedirectUri(index, bad))?;
    }
    Ok(())
}

/// An application that registered itself and that nobody has used is forgotten after this.
const UNUSED: SignedDuration = SignedDuration::from_hours(30 * 24);

/// Adds an application.
#[derive(Clone, Debug)]
pub struct AddApplication(pub OAuthApplication);

impl Command for AddApplication {
    type Output = OAuthApplication;
    type Refusal = ApplicationRefusal;

    async fn run(
        &self,
        tx: &WriteTx<'_>,
    ) -> Result<OAuthApplication, WriteError<ApplicationRefusal>> {
        let application = &self.0;
        check(application).map_err(WriteError::Refused)?;
        if application.organization_id == NOBODYS {
            oauth_applications::delete_unused(tx, application.created_at - UNUSED).await?;
        }
        oauth_applications::insert(tx, application).await?;
        Ok(application.clone())
    }

    async fn is_done(&self, tx: &ReadTx<'_>) -> Result<bool, StoreError> {
        let found = oauth_applications::by_client_id(tx, &self.0.client_id).await?;
        Ok(found.is_some())
    }
}

/// Edits an application.
pub struct EditApplication {
    /// In which organization.
    pub organization: OrganizationId,
    /// Which one.
    pub id: OAuthApplicationId,
    /// What changes.
    pub edit: Box<dyn Fn(&mut OAuthApplication) + Send + Sync>,
    /// When.
    pub now: Timestamp,
}

impl Command for EditApplication {
    type Output = OAuthApplication;
    type Refusal = ApplicationRefusal;

    async fn run(
        &self,
        tx: &WriteTx<'_>,
    ) -> Result<OAuthApplication, WriteError<ApplicationRefusal>> {
        let unknown = || WriteError::Refused(ApplicationRefusal::Unknown);
        // two edits at once do not undo each other
        if !oauth_applications::lock(tx, self.organization, self.id).await? {
            return Err(unknown());
        }
        let found = oauth_applications::get(tx, self.organization, self.id).await?;
        let mut application = found.ok_or_else(unknown)?;
        (self.edit)(&mut application);
        application.updated_at = self.now;
        check(&application).map_err(WriteError::Refused)?;
        oauth_applications::update(tx, &application).await?;
        Ok(application)
    }
}

/// Removes an application, and all that users have allowed it.
#[derive(Clone, Debug)]
pub struct RemoveApplication {
    /// From which organization.
    pub organization: OrganizationId,
    /// Which one.
    pub id: OAuthApplicationId,
    /// When.
    pub now: Timestamp,
}

impl Command for RemoveApplication {
    type Output = ();
    type Refusal = ApplicationRefusal;

    async fn run(&self, tx: &WriteTx<'_>) -> Result<(), WriteError<ApplicationRefusal>> {
        if !oauth_applications::delete(tx, self.organization, self.id).await? {
            return Err(WriteError::Refused(ApplicationRefusal::Unknown));
        }
        let users = oauth_grants::users_of_application(tx, self.id).await?;
        for (organization, user) in &users {
            // whoever keeps in memory which tokens work learns of it
            hosts::bump_settings(tx, *organization, *user).await?;
        }
        let organizations: BTreeSet<OrganizationId> = users
            .iter()
            .map(|(organization, _)| *organization)
            .collect();
        let organizations: Vec<OrganizationId> = organizations.into_iter().collect();
        oauth_grants::revoke_of_application(tx, self.id, &organizations, self.now).await?;
        Ok(())
    }

    async fn is_done(&self, tx: &ReadTx<'_>) -> Result<bool, StoreError> {
        let found = oauth_applications::get(tx, self.organization, self.id).await?;
        Ok(found.is_none())
    }
}
