//! Making and revoking personal access tokens.

use domain::id::{OrganizationId, TokenId};
use jiff::Timestamp;
use std::convert::Infallible;
use store::{
    Command, ReadTx, StoreError, WriteError, WriteTx, hosts,
    personal_access_tokens::{self, PersonalAccessToken},
    users::{self, UserKind},
};

/// Why a token cannot be added.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenRefusal {
    /// A room or a piece of equipment does not sign in.
    UserIsResource,
}

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
    type Refusal = TokenRefusal;

    async fn run(&self, tx: &WriteTx<'_>) -> Result<PersonalAccessToken, WriteError<TokenRefusal>> {
        let user = users::get(tx, self.organization, self.token.user_id).await?;
        if user.is_some_and(|user| user.kind == UserKind::Resource) {
            return Err(WriteError::Refused(TokenRefusal::UserIsResource));
        }
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
        let token = personal_access_tokens::get(tx, self.organization, self.id).await?;
        if let Some(token) = token {
            // whoever keeps in memory whose token it is learns of it
            hosts::bump_settings(tx, self.organization, token.user_id).await?;
        }
        Ok(personal_access_tokens::revoke(tx, self.organization, self.id, self.now).await?)
    }
}
