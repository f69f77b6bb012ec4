//! Mails: what they are about was noted when it happened; they are written once and sent until a mail server takes them.
//! Any number of processes may do so on one database; each mail is tried by one of them at a time.

mod about_meetings;
mod calendar;
mod draft;
mod letter;
mod meetings;
mod sending;
mod when;
mod words;
mod writing;

use crate::{
    app::{
        outgoing_communications::{Claim, Finish, Outcome, WriteMails},
        scheduled_events::confirmation::expire,
    },
    config::Mail,
    context::{App, fresh_share},
    jobs::{self, failure},
};
use sending::{AT_ONCE, NotTaken, Sender};
use std::sync::Arc;
use store::{
    StoreError,
    error::chain,
    feed_events,
    mail_occasions::{self, Occasion},
    outgoing_communications::{self, OutgoingCommunication},
    scheduled_events,
};
use tokio::sync::Semaphore;
use writing::Writer;

/// Of so many occasions mails are written at once.
const BATCH: i64 = 50;

/// Sends mails for as long as the process serves, if the settings say how.
pub async fn send(app: App) {
    let Some(mail) = &app.config.mail else {
        return;
    };
    let sender = match Sender::new(mail) {
        Ok(sender) => sender,
        Err(error) => {
            let error = chain(&error);
            tracing::error!(error, "no mail can be sent");
            return;
        }
    };
    let room = Arc::new(Semaphore::new(AT_ONCE));
    let step = || step(&app, (mail, &sender), &room);
    jobs::keep_on("mails", &app.mail_bell, step).await;
}

/// Whether there may be more to do at once.
async fn step(
    app: &App,
    (mail, sender): (&Mail, &Sender),
    room: &Arc<Semaphore>,
) -> Result<bool, StoreError> {
    let tx = app.store.read().await?;
    // who waits for a host's word should hear that it did not come, also where nobody looks
    let lapsed = scheduled_events::lapsed_organizations(&tx, app.now()).await?;
    drop(tx);
    for organization in lapsed {
        expire(app.store.unrecorded(), organization).await?;
    }
    let tx = app.store.read().await?;
    let waiting = mail_occasions::waiting(&tx, BATCH).await?;
    drop(tx);
    let is_more = !waiting.is_empty();
    let mut failed = None;
    for occasion in waiting {
        // one that cannot be read must not keep the others
        if let Err(error) = write(app, mail, occasion).await {
            failed = Some(error);
        }
    }
    let is_sending = send_due(app, sender, room).await?;
    match failed {
        Some(error) => Err(error),
        None => Ok(is_more || is_sending),
    }
}

async fn write(app: &App, mail: &Mail, occasion: Occasion) -> Result<(), StoreError> {
    let tx = app.store.read().await?;
    let erasures = feed_events::erasures(&tx, occasion.organization_id).await?;
    // what it says may have been deleted since it was found
    let Some(occasion) = mail_occasions::get(&tx, &occasion).await? else {
        return Ok(());
    };
    let uris = app.uris();
    let writer = Writer {
        tx: &tx,
        mail,
        uris: &uris,
        now: app.now(),
    };
    let mails = writer.write(&occasion).await?;
    drop(tx);
    let command = WriteMails {
        occasion,
        erasures,
        mails,
    };
    app.store.unrecorded().write(command).await.map_err(failure)
}

/// Takes what is due and sends it; whether anything was taken.
async fn send_due(app: &App, sender: &Sender, room: &Arc<Semaphore>) -> Result<bool, StoreError> {
    let free = room.available_permits();
    if free == 0 {
        return Ok(false);
    }
    let now = app.now();
    let tx = app.store.read().await?;
    let wanted = outgoing_communications::due(&tx, now, free).await?;
    drop(tx);
    if wanted.is_empty() {
        return Ok(false);
    }
    let claim = Claim { wanted, now };
    let taken = app.store.unrecorded().write(claim).await.map_err(failure)?;
    let is_any = !taken.is_empty();
    for mail in taken {
        let Ok(seat) = room.clone().try_acquire_owned() else {
            continue;
        };
        let (app, sender) = (app.clone(), sender.clone());
        tokio::spawn(async move {
            if let Err(error) = deliver(&app, &sender, mail).await {
                // whoever finds it once it is nobody's any more tries it again
                let error = chain(&error);
                tracing::warn!(error, "what became of a mail is not known");
            }
            drop(seat);
            app.mail_bell.ring();
        });
    }
    Ok(is_any)
}

/// Tries to send a mail, and notes how that ended.
async fn deliver(
    app: &App,
    sender: &Sender,
    mail: OutgoingCommunication,
) -> Result<(), StoreError> {
    let id = mail.id;
    let outcome = match sender.send(&mail).await {
        Ok(()) => Outcome::Sent,
        Err(NotTaken::Refused(why)) => Outcome::Refused(why),
        Err(NotTaken::Later(why)) => Outcome::Later(why),
    };
    let finish = Finish {
        mail,
        outcome,
        jitter: fresh_share(),
        now: app.now(),
    };
    // what the server said may name people, so that it is not logged
    if app
        .store
        .unrecorded()
        .write(finish)
        .await
        .map_err(failure)?
    {
        tracing::warn!(mail.id = %id, "a mail was given up; its record says why");
    }
    Ok(())
}
