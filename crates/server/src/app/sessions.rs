//! Signing in and out of browsers.

use crate::{
    api::{caller::hash, client_address::ClientAddress},
    app::activity_log_entries::{By, Way},
    app::attempts::{Counted, SIGN_IN_FROM_ADDRESS, SIGN_IN_OF_ACCOUNT, TooMany, Try},
    context::{App, NoRandomness, fresh_id, fresh_secret},
    password_hash::HashError,
};
use domain::id::{OrganizationId, SessionId, UserId};
use jiff::{SignedDuration, Timestamp};
use std::{convert::Infallible, net::IpAddr};
use store::{
    Command, StoreError, WriteError, WriteTx, organization_memberships,
    passwords::{self, Account},
    sessions::{self, Session},
};

/// A session that was not used for so long is over.
const IDLE: SignedDuration = SignedDuration::from_hours(14 * 24);

/// A session is over after this, however much it was used. Its cookie goes with it.
pub const LONGEST: SignedDuration = SignedDuration::from_hours(90 * 24);

/// That a session is used is noted so often at most.
const NOTED: SignedDuration = SignedDuration::from_mins(10);

/// So many people of different organizations may have one mail address and sign in with it.
const SAME_ADDRESS: i64 = 5;

/// Why nobody was signed in.
#[derive(Debug, thiserror::Error)]
pub enum SignInError {
    /// There is nobody with this mail address and this password.
    #[error("there is nobody with this mail address and this password")]
    Wrong,
    /// It was tried too often.
    #[error("it was tried too often")]
    TooMany(TooMany),
    /// The password could not be checked.
    #[error(transparent)]
    Hash(#[from] HashError),
    /// There is no secret for the cookie.
    #[error(transparent)]
    Randomness(#[from] NoRandomness),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

fn failure(error: WriteError<Infallible>) -> StoreError {
    match error {
        WriteError::Failed(failure) => failure,
        WriteError::Refused(never) => match never {},
    }
}

/// Signs a browser in. The answer is what its cookie must say, which is always new; the session of its old cookie, if it
/// had one, is over.
pub async fn sign_in(
    app: &App,
    (email, password): (&str, &str),
    (from, address): (&ClientAddress, Option<IpAddr>),
    old: Option<&str>,
) -> Result<String, SignInError> {
    let now = app.now();
    let account = SIGN_IN_OF_ACCOUNT.by_name(&email.to_lowercase(), now);
    let place = SIGN_IN_FROM_ADDRESS.by_name(&from.0, now);
    let counted = vec![account.clone(), place.clone()];
    let tried = app.store.unrecorded().write(Try { counted, now }).await;
    if let Some(too_many) = tried.map_err(failure)? {
        return Err(SignInError::TooMany(too_many));
    }
    let found = whose(app, email, password).await?;
    let cookie = fresh_secret()?;
    let begin = Begin {
        account: found.ok_or(SignInError::Wrong)?,
        id: SessionId(fresh_id()),
        hash: hash(&cookie),
        old: old.map(hash),
        counted: (account, place),
        now,
    };
    let of = (begin.account.organization_id, begin.account.user_id);
    let by = by(app, of, address).await?.ok_or(SignInError::Wrong)?;
    match app.store.write(by, begin).await {
        Ok(()) => Ok(cookie),
        Err(WriteError::Refused(PasswordChanged)) => Err(SignInError::Wrong),
        Err(WriteError::Failed(failure)) => Err(failure.into()),
    }
}

/// The account with this mail address and password. That there is none takes as long to say whether or not somebody has
/// the mail address.
async fn whose(app: &App, email: &str, password: &str) -> Result<Option<Account>, SignInError> {
    let tx = app.store.read().await?;
    let accounts = passwords::by_email(&tx, email, SAME_ADDRESS).await?;
    drop(tx);
    if accounts.is_empty() {
        app.passwords.pretend(password.to_owned()).await?;
    }
    for account in accounts {
        let hash = account.hash.clone();
        if app.passwords.is_same(password.to_owned(), hash).await? {
            return Ok(Some(account));
        }
    }
    Ok(None)
}

/// The password was changed while it was checked.
pub struct PasswordChanged;

/// Begins a session.
pub struct Begin {
    /// Whose.
    pub account: Account,
    id: SessionId,
    hash: String,
    old: Option<String>,
    counted: (Counted, Counted),
    now: Timestamp,
}

impl Command for Begin {
    type Output = ();
    type Refusal = PasswordChanged;

    async fn run(&self, tx: &WriteTx<'_>) -> Result<(), WriteError<PasswordChanged>> {
        if !passwords::hold(tx, &self.account).await? {
            return Err(WriteError::Refused(PasswordChanged));
        }
        let of = (self.account.organization_id, self.account.user_id);
        sessions::delete_before(tx, of, self.now - LONGEST).await?;
        if let Some(old) = &self.old {
            sessions::delete(tx, old).await?;
        }
        sessions::insert(tx, of, (self.id, &self.hash), self.now).await?;
        // who knows the password does not count as somebody who guesses it
        self.counted.0.forget(tx).await?;
        self.counted.1.take_back(tx).await?;
        Ok(())
    }

    async fn is_done(&self, tx: &store::ReadTx<'_>) -> Result<bool, StoreError> {
        Ok(sessions::by_hash(tx, &self.hash).await?.is_some())
    }
}

/// A user who has signed in, for the activity log; nothing where they were removed.
pub async fn by(
    app: &App,
    (organization, user): (OrganizationId, UserId),
    address: Option<IpAddr>,
) -> Result<Option<By>, StoreError> {
    let tx = app.store.read().await?;
    let membership = organization_memberships::of_user(&tx, organization, user).await?;
    Ok(membership.map(|membership| {
        let by = By::user(organization, (user, membership.role), Way::Page);
        by.from_address(address)
    }))
}

/// The session of a cookie, if it is not over.
pub async fn of_cookie(app: &App, cookie: &str) -> Result<Option<Session>, StoreError> {
    let now = app.now();
    let tx = app.store.read().await?;
    let session = sessions::by_hash(&tx, &hash(cookie)).await?;
    drop(tx);
    let is_on =
        |session: &Session| now < session.used_at + IDLE && now < session.created_at + LONGEST;
    let Some(session) = session.filter(is_on) else {
        return Ok(None);
    };
    if session.used_at + NOTED <= now {
        let command = MarkUsed {
            session: session.clone(),
            now,
        };
        app.store
            .unrecorded()
            .write(command)
            .await
            .map_err(failure)?;
    }
    Ok(Some(session))
}

/// Notes that a session is used.
struct MarkUsed {
    session: Session,
    now: Timestamp,
}

impl Command for MarkUsed {
    type Output = ();
    type Refusal = Infallible;

    async fn run(&self, tx: &WriteTx<'_>) -> Result<(), WriteError<Infallible>> {
        let (organization, id) = (self.session.organization_id, self.session.id);
        Ok(sessions::mark_used(tx, organization, id, self.now).await?)
    }
}

/// Ends the session of a cookie.
pub struct SignOut {
    /// The hash of the cookie.
    pub hash: String,
}

impl Command for SignOut {
    type Output = ();
    type Refusal = Infallible;

    async fn run(&self, tx: &WriteTx<'_>) -> Result<(), WriteError<Infallible>> {
        Ok(sessions::delete(tx, &self.hash).await?)
    }
}
