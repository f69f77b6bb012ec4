//! Mails: written once for each occasion, taken by one node, sent, and tried again later and later, for three days.

use crate::app::retries::{Attempt, leased_until};
use jiff::{SignedDuration, Timestamp};
use std::convert::Infallible;
use store::{
    Command, ReadTx, StoreError, WriteError, WriteTx, feed_events,
    mail_occasions::{self, Occasion},
    outgoing_communications::{self, MailStatus, OutgoingCommunication},
};

/// The pause after the first attempt.
const FIRST_PAUSE: SignedDuration = SignedDuration::from_secs(2);

/// Writes the mails of an occasion down. Of several nodes that want to, one does.
#[derive(Clone, Debug)]
pub struct WriteMails {
    /// The occasion.
    pub occasion: Occasion,
    /// How often personal data had been deleted when it was read what they say.
    pub erasures: i64,
    /// The mails.
    pub mails: Vec<OutgoingCommunication>,
}

impl Command for WriteMails {
    type Output = ();
    type Refusal = Infallible;

    async fn run(&self, tx: &WriteTx<'_>) -> Result<(), WriteError<Infallible>> {
        let Occasion {
            organization_id,
            id,
            ..
        } = self.occasion;
        let place = feed_events::take_places(tx, organization_id, (0, self.erasures));
        if place.await?.is_none() {
            // it is read again, without what was deleted
            return Ok(());
        }
        if mail_occasions::delete(tx, organization_id, id).await? {
            for mail in &self.mails {
                outgoing_communications::insert(tx, mail).await?;
            }
        }
        Ok(())
    }

    async fn is_done(&self, _: &ReadTx<'_>) -> Result<bool, StoreError> {
        // an occasion whose mails were not written is found again
        Ok(true)
    }
}

/// Takes mails to send them. Of several nodes that want one, one gets it.
#[derive(Clone, Debug)]
pub struct Claim {
    /// The mails.
    pub wanted: Vec<OutgoingCommunication>,
    /// The present.
    pub now: Timestamp,
}

impl Command for Claim {
    type Output = Vec<OutgoingCommunication>;
    type Refusal = Infallible;

    async fn run(&self, tx: &WriteTx<'_>) -> Result<Self::Output, WriteError<Infallible>> {
        let until = leased_until(self.now)?;
        let mut taken = Vec::with_capacity(self.wanted.len());
        for mail in &self.wanted {
            if outgoing_communications::claim(tx, mail, until).await? {
                taken.push(OutgoingCommunication {
                    due_at: until,
                    ..mail.clone()
                });
            }
        }
        Ok(taken)
    }
}

/// How an attempt to send a mail ended.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// The mail server took it.
    Sent,
    /// It will never take it.
    Refused(String),
    /// It may take it later.
    Later(String),
}

/// Notes how an attempt ended, and what comes of it.
#[derive(Clone, Debug)]
pub struct Finish {
    /// The mail, as it was taken.
    pub mail: OutgoingCommunication,
    /// How the attempt ended.
    pub outcome: Outcome,
    /// A random share, from 0 to 1, by which pauses differ.
    pub jitter: f64,
    /// The present.
    pub now: Timestamp,
}

impl Command for Finish {
    /// Whether the mail was given up.
    type Output = bool;
    type Refusal = Infallible;

    async fn run(&self, tx: &WriteTx<'_>) -> Result<bool, WriteError<Infallible>> {
        let changed = self.changed()?;
        outgoing_communications::change(tx, &changed).await?;
        Ok(changed.status == MailStatus::Failed)
    }
}

impl Finish {
    fn changed(&self) -> Result<OutgoingCommunication, StoreError> {
        let attempt = Attempt {
            number: self.mail.attempts + 1,
            since: self.mail.created_at,
            first_pause: FIRST_PAUSE,
            jitter: self.jitter,
            now: self.now,
        };
        let (status, last_error) = match &self.outcome {
            Outcome::Sent => (MailStatus::Sent, self.mail.last_error.clone()),
            Outcome::Refused(why) => (MailStatus::Failed, Some(why.clone())),
            Outcome::Later(why) if attempt.is_last()? => (MailStatus::Failed, Some(why.clone())),
            Outcome::Later(why) => (MailStatus::Waiting, Some(why.clone())),
        };
        let waits = status == MailStatus::Waiting;
        Ok(OutgoingCommunication {
            status,
            last_error,
            attempts: attempt.number,
            due_at: attempt.next()?,
            sent_at: (status == MailStatus::Sent).then_some(self.now),
            // nobody needs it any more
            secret: self.mail.secret.clone().filter(|_| waits),
            ..self.mail.clone()
        })
    }
}
