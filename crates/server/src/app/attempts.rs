//! How often something may be tried within some minutes, by whomever, through all nodes together.

use crate::api::caller::hash;
use domain::id::{OrganizationId, UserId};
use jiff::{SignedDuration, Timestamp};
use std::convert::Infallible;
use store::{
    Command, StoreError, WriteError, WriteTx,
    attempt_counts::{self, Attempts},
    oauth_applications::NOBODYS,
};

/// What is tried, how often it may be, and within how many minutes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    what: &'static str,
    most: i64,
    minutes: i64,
}

/// Wrong passwords for one mail address.
pub const SIGN_IN_OF_ACCOUNT: Limit = Limit::new("sign in, account", 10, 10);

/// Wrong passwords from one place.
pub const SIGN_IN_FROM_ADDRESS: Limit = Limit::new("sign in, address", 100, 10);

/// Applications that register themselves from one place.
pub const REGISTRATION: Limit = Limit::new("register", 20, 10);

/// Tokens that are issued for one user.
pub const TOKENS: Limit = Limit::new("tokens", 8, 1);

/// It was tried too often.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TooMany {
    /// In how many seconds it may be tried again.
    pub retry_after: i64,
}

impl Limit {
    const fn new(what: &'static str, most: i64, minutes: i64) -> Limit {
        Limit {
            what,
            most,
            minutes,
        }
    }

    /// The count of whoever has this name, which is not kept as it is.
    pub fn by_name(self, name: &str, now: Timestamp) -> Counted {
        self.of(NOBODYS, &hash(name), now)
    }

    /// The count of a user.
    pub fn by_user(self, organization: OrganizationId, user: UserId, now: Timestamp) -> Counted {
        self.of(organization, &user.to_string(), now)
    }

    fn of(self, organization: OrganizationId, who: &str, now: Timestamp) -> Counted {
        let length = self.minutes * 60;
        let start = now.as_second().div_euclid(length) * length;
        Counted {
            most: self.most,
            retry_after: start + length - now.as_second(),
            attempts: Attempts {
                organization,
                subject: format!("{} {who}", self.what),
                starts_at: Timestamp::from_second(start).unwrap_or(now),
            },
        }
    }
}

/// What somebody has tried within the present minutes.
#[derive(Clone, Debug)]
pub struct Counted {
    most: i64,
    retry_after: i64,
    attempts: Attempts,
}

impl Counted {
    /// Counts one more, unless there were too many.
    pub async fn add(&self, tx: &WriteTx<'_>) -> Result<Option<TooMany>, StoreError> {
        let is_over = attempt_counts::add(tx, &self.attempts).await? > self.most;
        Ok(is_over.then_some(TooMany {
            retry_after: self.retry_after,
        }))
    }

    /// Takes one back that was none.
    pub async fn take_back(&self, tx: &WriteTx<'_>) -> Result<(), StoreError> {
        attempt_counts::take_back(tx, &self.attempts).await
    }

    /// Begins to count anew.
    pub async fn forget(&self, tx: &WriteTx<'_>) -> Result<(), StoreError> {
        attempt_counts::forget(tx, &self.attempts).await
    }
}

/// What was counted before this is of no use to anybody.
const KEPT: SignedDuration = SignedDuration::from_hours(1);

/// Counts an attempt in several ways, whatever becomes of it. It is counted before it is made, so that many at once
/// are not more than one after the other.
#[derive(Clone, Debug)]
pub struct Try {
    /// The counts.
    pub counted: Vec<Counted>,
    /// When.
    pub now: Timestamp,
}

impl Command for Try {
    type Output = Option<TooMany>;
    type Refusal = Infallible;

    async fn run(&self, tx: &WriteTx<'_>) -> Result<Option<TooMany>, WriteError<Infallible>> {
        attempt_counts::forget_before(tx, self.now - KEPT).await?;
        let mut most = None;
        for counted in &self.counted {
            most = counted.add(tx).await?.max(most);
        }
        Ok(most)
    }
}
