//! What users allow applications, and what applications get for it: a code, then tokens, then the next ones.
//!
//! Whoever presents a code or a refresh token that was used before may have stolen it, or it was stolen from them: then
//! all that was issued because of the same grant ends (RFC 6749 section 4.1.2, RFC 9700 section 4.14.2).
//! One file, so that what issues tokens is read beside what ends them.

use crate::{
    api::caller::{has_scope, hash},
    app::attempts::{TOKENS, TooMany},
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use domain::id::{OrganizationId, TokenId};
use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};
use store::{
    Command, ReadTx, StoreError, WriteError, WriteTx, attempt_counts, hosts,
    oauth_applications::{self, OAuthApplication},
    oauth_grants::{self, Code, Grant},
    oauth_tokens::{self, AccessToken, RefreshToken},
};
use uuid::Uuid;

/// How long a code can be used.
pub const CODE_LASTS: SignedDuration = SignedDuration::from_mins(10);

/// How long an access token can be used.
pub const ACCESS_LASTS: SignedDuration = SignedDuration::from_hours(2);

/// What has ended is forgotten after this. Until then it is known that it was there.
const FORGOTTEN_AFTER: SignedDuration = SignedDuration::from_hours(24);

/// Used refresh tokens are known for so long.
const USED_KNOWN: SignedDuration = SignedDuration::from_hours(30 * 24);

/// The application was removed while the user was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ApplicationGone;

/// Notes that a user allows an application to act for them.
#[derive(Clone, Debug)]
pub struct Allow {
    /// The organization of the application, which need not be that of the user.
    pub organization: OrganizationId,
    /// The code, with the grant.
    pub code: Code,
    /// The hash of its text.
    pub hash: String,
}

impl Command for Allow {
    type Output = ();
    type Refusal = ApplicationGone;

    async fn run(&self, tx: &WriteTx<'_>) -> Result<(), WriteError<ApplicationGone>> {
        let grant = &self.code.grant;
        // whoever removes it finds this grant, or it is removed already
        if !oauth_applications::lock(tx, self.organization, grant.application_id).await? {
            return Err(WriteError::Refused(ApplicationGone));
        }
        let before = grant.created_at - FORGOTTEN_AFTER;
        oauth_grants::forget_codes(tx, grant.organization_id, before).await?;
        oauth_grants::insert(tx, grant).await?;
        Ok(oauth_grants::insert_code(tx, &self.code, &self.hash).await?)
    }

    async fn is_done(&self, tx: &ReadTx<'_>) -> Result<bool, StoreError> {
        Ok(oauth_grants::code(tx, &self.hash).await?.is_some())
    }
}

/// Why no tokens are issued.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IssueRefusal {
    /// What was presented is unknown, over, used, taken back, another application's, or does not go together.
    Invalid,
    /// More is asked for than was allowed.
    Scope,
    /// The user had enough tokens in this minute.
    TooMany(TooMany),
}

/// What was issued, or that nothing was because what was presented had been used before.
pub type Issued = Option<AccessToken>;

/// What is issued, made before.
#[derive(Clone, Debug)]
pub struct Fresh {
    /// The id of the access token.
    pub access_id: TokenId,
    /// The hash of its text.
    pub access_hash: String,
    /// The id of the refresh token.
    pub refresh_id: Uuid,
    /// The hash of its text.
    pub refresh_hash: String,
    /// When.
    pub now: Timestamp,
}

impl Fresh {
    async fn issue(
        &self,
        tx: &WriteTx<'_>,
        grant: &Grant,
        scopes: Vec<String>,
    ) -> Result<AccessToken, WriteError<IssueRefusal>> {
        let counted = TOKENS.by_user(grant.organization_id, grant.user_id, self.now);
        attempt_counts::forget_before(tx, self.now - FORGOTTEN_AFTER).await?;
        if let Some(too_many) = counted.add(tx).await? {
            return Err(WriteError::Refused(IssueRefusal::TooMany(too_many)));
        }
        let token = AccessToken {
            id: self.access_id,
            scopes,
            created_at: self.now,
            expires_at: Some(self.now + ACCESS_LASTS),
            revoked_at: None,
            grant: grant.clone(),
        };
        let next = RefreshToken {
            id: self.refresh_id,
            created_at: self.now,
            used_at: None,
            grant: grant.clone(),
        };
        oauth_tokens::forget_access(tx, grant, self.now - FORGOTTEN_AFTER).await?;
        oauth_tokens::forget_refresh(tx, grant, self.now - USED_KNOWN).await?;
        oauth_tokens::insert_access(tx, &token, &self.access_hash).await?;
        oauth_tokens::insert_refresh(tx, &next, &self.refresh_hash).await?;
        Ok(token)
    }

    async fn is_issued(&self, tx: &ReadTx<'_>) -> Result<bool, StoreError> {
        let token = oauth_tokens::access(tx, &self.access_hash).await?;
        Ok(token.is_some())
    }
}

/// Ends a grant with all that was issued because of it.
async fn end(tx: &WriteTx<'_>, grant: &Grant, now: Timestamp) -> Result<(), StoreError> {
    // whoever keeps in memory which tokens work learns of it
    hosts::bump_settings(tx, grant.organization_id, grant.user_id).await?;
    oauth_grants::revoke(tx, grant, now).await
}

/// Of scopes, those that an application may still have.
fn still(scopes: &[String], application: &OAuthApplication) -> Vec<String> {
    let may_have = |scope: &&String| has_scope(&application.scopes, &[scope]);
    scopes.iter().filter(may_have).cloned().collect()
}

/// Exchanges a code for tokens.
#[derive(Clone, Debug)]
pub struct RedeemCode {
    /// Who presents it.
    pub application: OAuthApplication,
    /// The hash of the code.
    pub hash: String,
    /// Where they say that the user was sent back to.
    pub redirect_uri: Option<String>,
    /// The original of which the code has the challenge.
    pub verifier: Option<String>,
    /// What is issued.
    pub fresh: Fresh,
}

impl RedeemCode {
    /// Whether the code is theirs who present it.
    fn is_theirs(&self, code: &Code) -> bool {
        let is_verified = match (&code.code_challenge, &self.verifier) {
            (Some(challenge), Some(verifier)) => *challenge == challenge_of(verifier),
            (None, None) => true,
            // a verifier of nothing says that the challenge was taken out on the way
            _ => false,
        };
        // who proves with a verifier that they asked for the code need not say where it went (OAuth 2.1 section 4.1.3)
        let is_known = self
            .redirect_uri
            .as_ref()
            .map_or(code.code_challenge.is_some(), |uri| {
                *uri == code.redirect_uri
            });
        code.grant.application_id == self.application.id && is_known && is_verified
    }
}

/// The challenge of a verifier, by S256.
pub fn challenge_of(verifier: &str) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes()))
}

impl Command for RedeemCode {
    type Output = Issued;
    type Refusal = IssueRefusal;

    async fn run(&self, tx: &WriteTx<'_>) -> Result<Issued, WriteError<IssueRefusal>> {
        let invalid = WriteError::Refused(IssueRefusal::Invalid);
        let code = oauth_grants::code(tx, &self.hash).await?;
        let Some(code) = code.filter(|code| self.is_theirs(code)) else {
            return Err(invalid);
        };
        let now = self.fresh.now;
        if !oauth_grants::use_code(tx, &code, now).await? {
            end(tx, &code.grant, now).await?;
            return Ok(None);
        }
        if code.expires_at <= now || !oauth_grants::lock(tx, &code.grant).await? {
            return Err(invalid);
        }
        let scopes = still(&code.grant.scopes, &self.application);
        Ok(Some(self.fresh.issue(tx, &code.grant, scopes).await?))
    }

    async fn is_done(&self, tx: &ReadTx<'_>) -> Result<bool, StoreError> {
        self.fresh.is_issued(tx).await
    }
}

/// Exchanges a refresh token for the next tokens.
#[derive(Clone, Debug)]
pub struct Refresh {
    /// Who presents it.
    pub application: OAuthApplication,
    /// The hash of the refresh token.
    pub hash: String,
    /// What the next access token shall be for; all that was allowed by default.
    pub scopes: Option<Vec<String>>,
    /// What is issued.
    pub fresh: Fresh,
}

impl Command for Refresh {
    type Output = Issued;
    type Refusal = IssueRefusal;

    async fn run(&self, tx: &WriteTx<'_>) -> Result<Issued, WriteError<IssueRefusal>> {
        let invalid = WriteError::Refused(IssueRefusal::Invalid);
        let token = oauth_tokens::refresh(tx, &self.hash).await?;
        let is_theirs = |token: &RefreshToken| token.grant.application_id == self.application.id;
        let Some(token) = token.filter(is_theirs) else {
            return Err(invalid);
        };
        let (now, grant) = (self.fresh.now, &token.grant);
        if !oauth_tokens::use_refresh(tx, &token, now).await? {
            end(tx, grant, now).await?;
            return Ok(None);
        }
        if !oauth_grants::lock(tx, grant).await? {
            return Err(invalid);
        }
        let allowed = still(&grant.scopes, &self.application);
        let scopes = match &self.scopes {
            Some(wanted) if wanted.iter().all(|scope| has_scope(&allowed, &[scope])) => {
                wanted.clone()
            }
            Some(_) => return Err(WriteError::Refused(IssueRefusal::Scope)),
            None => allowed,
        };
        Ok(Some(self.fresh.issue(tx, grant, scopes).await?))
    }

    async fn is_done(&self, tx: &ReadTx<'_>) -> Result<bool, StoreError> {
        self.fresh.is_issued(tx).await
    }
}

/// Why a token is not taken back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AnothersToken;

/// Takes a token back: an access token alone, a refresh token with all that was issued because of the same grant. One that
/// nobody knows is taken back already.
#[derive(Clone, Debug)]
pub struct Revoke {
    /// Who asks.
    pub application: OAuthApplication,
    /// The token.
    pub token: String,
    /// When.
    pub now: Timestamp,
}

impl Command for Revoke {
    type Output = ();
    type Refusal = AnothersToken;

    async fn run(&self, tx: &WriteTx<'_>) -> Result<(), WriteError<AnothersToken>> {
        let hash = hash(&self.token);
        let is_theirs = |grant: &Grant| {
            if grant.application_id == self.application.id {
                Ok(())
            } else {
                Err(WriteError::Refused(AnothersToken))
            }
        };
        if let Some(token) = oauth_tokens::refresh(tx, &hash).await? {
            is_theirs(&token.grant)?;
            end(tx, &token.grant, self.now).await?;
        } else if let Some(token) = oauth_tokens::access(tx, &hash).await? {
            is_theirs(&token.grant)?;
            hosts::bump_settings(tx, token.grant.organization_id, token.grant.user_id).await?;
            oauth_tokens::revoke_access(tx, &token, self.now).await?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::challenge_of;

    // the example of RFC 7636, appendix B
    #[test]
    fn a_challenge_is_what_the_standard_says() {
        assert_eq!(
            challenge_of("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"),
            "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
        );
    }
}
