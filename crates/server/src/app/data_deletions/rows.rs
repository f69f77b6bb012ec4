//! What goes with a row in which somebody was found, by its table.

use super::blanking::{Blanker, blank_invitees};
use crate::app::{
    feed_events::{EventName, tell_of_deed},
    scheduled_events::lock_event,
};
use domain::id::{
    ContactId, EventTypeId, InviteeId, OrganizationId, RoutingFormSubmissionId, ScheduledEventId,
};
use store::{
    StoreError, WriteTx, contacts, event_types, feed_events, hosts, invitees, notes,
    personal_data::{
        RowKey, Scrub,
        blanking::{empty_submission, event_of, forget_answers, forget_payloads},
        scrub_row,
    },
};
use uuid::Uuid;

/// Takes somebody out of a row, and out of all that goes with it. Returns how they were named, where answers that are
/// kept may still name them.
pub async fn blank_row(
    tx: &WriteTx<'_>,
    blanker: &Blanker,
    (table, key): (&str, &RowKey),
    scrub: Scrub<'_>,
) -> Result<Vec<String>, StoreError> {
    let of = (blanker.organization, table);
    let Some(id) = key.id() else {
        scrub_row(tx, of, key, scrub).await?;
        return Ok(Vec::new());
    };
    match table {
        "invitees" => return blank_by_invitee(tx, blanker, (id, key), scrub).await,
        "scheduled_events" => blank_by_event(tx, blanker, (id, key), scrub).await?,
        "contacts" => return blank_by_contact(tx, blanker, (id, key), scrub).await,
        "feed_events" => {
            feed_events::begin_erasure(tx, blanker.organization).await?;
            scrub_row(tx, of, key, scrub).await?;
            forget_answers(tx, blanker.organization, id).await?;
        }
        "mail_occasions" => {
            feed_events::begin_erasure(tx, blanker.organization).await?;
            scrub_row(tx, of, key, scrub).await?;
        }
        "routing_form_submissions" => {
            scrub_row(tx, of, key, scrub).await?;
            let id = RoutingFormSubmissionId(id);
            empty_submission(tx, blanker.organization, id).await?;
        }
        "meeting_recaps" => {
            scrub_row(tx, of, key, scrub).await?;
            forget_payloads(tx, blanker.organization, id).await?;
        }
        "event_types" => {
            let found = event_types::get(tx, blanker.organization, EventTypeId(id)).await?;
            if let Some(event_type) = found {
                hosts::bump_settings(tx, blanker.organization, event_type.user_id).await?;
            }
            scrub_row(tx, of, key, scrub).await?;
        }
        _ => _ = scrub_row(tx, of, key, scrub).await?,
    }
    Ok(Vec::new())
}

/// Whose address it is goes; where they are only named, that is taken out.
async fn blank_by_invitee(
    tx: &WriteTx<'_>,
    blanker: &Blanker,
    (id, key): (Uuid, &RowKey),
    scrub: Scrub<'_>,
) -> Result<Vec<String>, StoreError> {
    let organization = blanker.organization;
    let Some(event) = event_of(tx, organization, InviteeId(id)).await? else {
        return Ok(Vec::new());
    };
    lock_event(tx, organization, event).await?;
    let invitee = invitees::get(tx, organization, event, InviteeId(id)).await?;
    let email = invitee.map(|invitee| invitee.email).unwrap_or_default();
    if scrub(&mut serde_json::Value::from(email)) {
        return blank_invitees(tx, blanker, event, |it| it.id.0 == id).await;
    }
    scrub_row(tx, (organization, "invitees"), key, scrub).await?;
    forget_payloads(tx, organization, id).await?;
    Ok(Vec::new())
}

async fn blank_by_event(
    tx: &WriteTx<'_>,
    blanker: &Blanker,
    (id, key): (Uuid, &RowKey),
    scrub: Scrub<'_>,
) -> Result<(), StoreError> {
    let (organization, event) = (blanker.organization, ScheduledEventId(id));
    lock_event(tx, organization, event).await?;
    scrub_row(tx, (organization, "scheduled_events"), key, scrub).await?;
    for invitee in invitees::of_event(tx, organization, event).await? {
        forget_payloads(tx, organization, invitee.id.0).await?;
    }
    Ok(())
}

/// A contact with such an address goes, with all that is kept about it. Answers may still say what was in it and in notes
/// about it.
async fn blank_by_contact(
    tx: &WriteTx<'_>,
    blanker: &Blanker,
    (id, key): (Uuid, &RowKey),
    scrub: Scrub<'_>,
) -> Result<Vec<String>, StoreError> {
    let organization = blanker.organization;
    let mut said = said_of(tx, organization, ContactId(id)).await?;
    let changed = scrub_row(tx, (organization, "contacts"), key, scrub).await?;
    if changed.contains(&"emails") {
        contacts::delete(tx, organization, ContactId(id)).await?;
        let told = (EventName::ContactDeleted, blanker.now);
        tell_of_deed(tx, organization, told, (id, blanker.by)).await?;
    } else {
        said.clear();
    }
    forget_payloads(tx, organization, id).await?;
    Ok(said)
}

/// What a contact and the notes about it say.
async fn said_of(
    tx: &WriteTx<'_>,
    organization: OrganizationId,
    id: ContactId,
) -> Result<Vec<String>, StoreError> {
    let mut said = notes::texts_about(tx, organization, id).await?;
    if let Some(contact) = contacts::get(tx, organization, id).await? {
        said.extend(contact.emails.into_iter().map(|email| email.email));
        said.extend(contact.phone_numbers);
        said.extend(contact.linkedin);
    }
    Ok(said)
}
