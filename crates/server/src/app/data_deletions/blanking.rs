//! What is left of a booking once its people are taken out: when it was, whose, how many came.

use super::{EMAIL, NAME};
use crate::app::scheduled_events::{self, guests, moving::origin};
use domain::id::{InviteeId, OrganizationId, ScheduledEventId, UserId};
use jiff::Timestamp;
use serde_json::{Value, json};
use store::{
    StoreError, WriteTx,
    invitees::{self, Invitee},
    meeting_recaps::Attendee,
    outgoing_communications,
    personal_data::blanking::{
        empty_recaps, empty_submission, forget_payloads, set_event, set_invitee,
    },
    scheduled_events::ScheduledEvent,
};

/// What every step of a deletion knows.
#[derive(Clone, Copy, Debug)]
pub struct Blanker {
    /// The organization.
    pub organization: OrganizationId,
    /// Who asked for it.
    pub by: UserId,
    /// Answers to requests may be kept since then.
    pub answered_since: Timestamp,
    /// The present.
    pub now: Timestamp,
}

/// Takes everybody out of a meeting. Returns how they were named, where answers that are kept may still name them;
/// nothing where nobody was in it.
pub async fn blank_meeting(
    tx: &WriteTx<'_>,
    blanker: &Blanker,
    id: ScheduledEventId,
) -> Result<Option<Vec<String>>, StoreError> {
    let invitees = invitees::of_event(tx, blanker.organization, id).await?;
    if invitees.iter().all(is_blank) {
        return Ok(None);
    }
    blank_invitees(tx, blanker, id, |_| true).await.map(Some)
}

fn is_blank(invitee: &Invitee) -> bool {
    invitee.email == EMAIL
}

/// Takes some of its invitees out of a meeting, and with the last one whatever else was said in it.
pub async fn blank_invitees(
    tx: &WriteTx<'_>,
    blanker: &Blanker,
    id: ScheduledEventId,
    is_one: impl Fn(&Invitee) -> bool,
) -> Result<Vec<String>, StoreError> {
    let organization = blanker.organization;
    let Some(mut event) = scheduled_events::lock_event(tx, organization, id).await? else {
        return Ok(Vec::new());
    };
    let mut names = Vec::new();
    let mut is_last = true;
    let mut all = invitees::of_event(tx, organization, id).await?;
    for invitee in &mut all {
        if !is_one(invitee) {
            is_last &= is_blank(invitee);
            continue;
        }
        if blanker.answered_since <= invitee.updated_at.max(event.updated_at) {
            names.extend(named(invitee));
        }
        blank_invitee(invitee, blanker.now);
        set_invitee(tx, organization, invitee).await?;
        if let Some(submission) = invitee.routing_form_submission_id {
            empty_submission(tx, organization, submission).await?;
        }
    }
    let gone = |invitee| all.iter().any(|it| it.id == invitee && is_blank(it));
    let said = blank_event(&mut event, gone, is_last);
    if blanker.answered_since <= event.updated_at {
        names.extend(said);
    }
    event.updated_at = blanker.now;
    set_event(tx, organization, &event).await?;
    let nobody = nobody();
    empty_recaps(tx, organization, id, is_last.then_some(&nobody)).await?;
    for invitee in &all {
        forget_payloads(tx, organization, invitee.id.0).await?;
    }
    // the feed is held by now, so that no mail is written of what was read before
    for invitee in all.iter().filter(|it| is_blank(it)) {
        let (first, _) = origin(tx, organization, invitee).await?;
        outgoing_communications::delete_about(tx, organization, first.0).await?;
    }
    Ok(names)
}

/// Somebody who was there, of whom nothing is left.
fn nobody() -> Attendee {
    Attendee {
        host: false,
        email: EMAIL.to_owned(),
        name: NAME.to_owned(),
    }
}

/// By what an answer that is kept may name them.
fn named(invitee: &Invitee) -> Vec<String> {
    let mut names = vec![invitee.name.clone(), invitee.email.clone()];
    names.extend(invitee.text_reminder_number.clone());
    names.extend(reason_of(invitee.cancellation.as_ref()));
    names
}

fn reason_of(cancellation: Option<&Value>) -> Option<String> {
    let reason = cancellation?.get("reason")?.as_str()?;
    Some(reason.to_owned())
}

fn blank_invitee(invitee: &mut Invitee, now: Timestamp) {
    NAME.clone_into(&mut invitee.name);
    EMAIL.clone_into(&mut invitee.email);
    "UTC".clone_into(&mut invitee.timezone);
    invitee.questions_and_answers = json!([]);
    invitee.tracking = json!({});
    if let Some(cancellation) = &mut invitee.cancellation {
        blank_cancellation(cancellation);
    }
    invitee.updated_at = now;
}

/// Who canceled is left where that was a host.
fn blank_cancellation(cancellation: &mut Value) {
    if cancellation["canceler_type"] != "host" {
        cancellation["canceled_by"] = json!(NAME);
    }
    cancellation["reason"] = Value::Null;
}

/// Takes out of a meeting whom they brought; with the last one also where they were to be met, and why it was canceled.
/// Returns what that was.
fn blank_event(
    event: &mut ScheduledEvent,
    gone: impl Fn(InviteeId) -> bool,
    is_last: bool,
) -> Vec<String> {
    let mut said = guests::blank(&mut event.guests, EMAIL, gone);
    if !is_last {
        return said;
    }
    let asked = ["ask_invitee", "outbound_call"];
    if let Some(place) = &mut event.location
        && place["type"].as_str().is_some_and(|it| asked.contains(&it))
    {
        said.extend(place["location"].as_str().map(str::to_owned));
        place["location"] = json!(NAME);
    }
    said.extend(reason_of(event.cancellation.as_ref()));
    if let Some(cancellation) = &mut event.cancellation {
        blank_cancellation(cancellation);
    }
    said
}
