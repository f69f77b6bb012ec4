//! Adding organizations.

use store::{
    Command, ReadTx, StoreError, WriteError, WriteTx,
    organizations::{self, Organization},
};

/// Adds an organization.
#[derive(Clone, Debug)]
pub struct AddOrganization(pub Organization);

impl Command for AddOrganization {
    type Output = Organization;
    type Refusal = std::convert::Infallible;

    async fn run(&self, tx: &WriteTx<'_>) -> Result<Organization, WriteError<Self::Refusal>> {
        organizations::insert(tx, &self.0).await?;
        Ok(self.0.clone())
    }

    async fn is_done(&self, tx: &ReadTx<'_>) -> Result<bool, StoreError> {
        Ok(organizations::get(tx, self.0.id).await?.is_some())
    }
}
