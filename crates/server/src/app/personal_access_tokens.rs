//! Making and revoking personal access tokens.

use domain::id::{OrganizationId, TokenId};
use jiff::Timestamp;
use std::convert::Infallible;
use store::{
    Command, ReadTx, StoreError, WriteError, WriteTx,
    personal_access_tokens::{self, PersonalAccessToken},
};

/// Adds a token.
#[derive(Clone, Debug)]
pub struct AddToken {
    /// In which organization.
    pub organization: OrganizationId,
    /// The token.
    pub token: PersonalAccessToken,
    /// The hash of its secret.
    pub hash: String,
}

impl Command for AddToken {
    type Output = PersonalAccessToken;
    type Refusal = Infallible;

    async fn run(&self, tx: &WriteTx<'_>) -> Result<PersonalAccessToken, WriteError<Infallible>> {
        personal_access_tokens::insert(tx, self.organization, &self.token, &self.hash).await?;
        Ok(self.token.clone())
    }

    async fn is_done(&self, tx: &ReadTx<'_>) -> Result<bool, StoreError> {
        let token = personal_access_tokens::get(tx, self.organization, self.token.id).await?;
        Ok(token.is_some())
    }
}

/// Takes a token back.
#[derive(Clone, Debug)]
pub struct RevokeToken {
    /// In which organization.
    pub organization: OrganizationId,
    /// Which token.
    pub id: TokenId,
    /// When.
    pub now: Timestamp,
}

impl Command for RevokeToken {
    type Output = ();
    type Refusal = Infallible;

    async fn run(&self, tx: &WriteTx<'_>) -> Result<(), WriteError<Infallible>> {
        Ok(personal_access_tokens::revoke(tx, self.organization, self.id, self.now).await?)
    }
}
