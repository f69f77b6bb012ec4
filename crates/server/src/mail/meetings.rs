//! What mails have to know of a meeting and one of its invitees.

use super::{calendar::Entry, letter::one_line};
use crate::{
    api::{event_types::body::booking_page, uri::Uris},
    app::scheduled_events::{guests, moving::origin},
};
use domain::{
    id::{InviteeId, OrganizationId, ScheduledEventId},
    interval::Interval,
};
use serde_json::Value;
use store::{
    ReadTx, StoreError, event_types,
    invitees::{self, Invitee},
    outgoing_communications::AboutMeeting,
    scheduled_events::{self, ListedEvent, ScheduledEvent},
    users,
};

/// A meeting with one of its invitees.
#[derive(Clone, Debug)]
pub struct Meeting {
    /// The meeting.
    pub listed: ListedEvent,
    /// Who booked it.
    pub invitee: Invitee,
    /// What it was before it moved.
    pub before: Option<ScheduledEvent>,
    /// The invitee as they first booked, and how often they moved since.
    pub origin: (InviteeId, u32),
    /// Mail addresses of whom the invitee brings.
    pub guests: Vec<String>,
    /// Where it can be booked.
    pub about: AboutMeeting,
}

impl Meeting {
    /// Reads it; nothing if it is gone.
    pub async fn read(
        tx: &ReadTx<'_>,
        organization: OrganizationId,
        (event, invitee): (ScheduledEventId, InviteeId),
        uris: &Uris,
    ) -> Result<Option<Meeting>, StoreError> {
        let listed = scheduled_events::get(tx, organization, event).await?;
        let invitee = invitees::get(tx, organization, event, invitee).await?;
        let (Some(listed), Some(invitee)) = (listed, invitee) else {
            return Ok(None);
        };
        let before = match invitee.old_invitee {
            Some(old) => scheduled_events::get(tx, organization, old.scheduled_event_id).await?,
            None => None,
        };
        Ok(Some(Meeting {
            before: before.map(|listed| listed.event),
            origin: origin(tx, organization, &invitee).await?,
            guests: guests::addresses(&listed.event.guests, invitee.id),
            about: about(tx, organization, &listed.event, uris).await?,
            listed,
            invitee,
        }))
    }

    /// When.
    pub fn interval(&self) -> Interval {
        self.listed.event.state.interval
    }

    /// Its hosts' names.
    pub fn host_names(&self) -> String {
        let names = self.listed.hosts.iter();
        let names: Vec<&str> = names.map(|host| host.name.as_str()).collect();
        names.join(", ")
    }

    /// Where, one thing a line.
    pub fn place(&self) -> Vec<String> {
        let location = self.listed.event.location.as_ref();
        location.map(place).unwrap_or_default()
    }

    /// The meeting in the invitee's calendar: from when to when, and how often that has changed.
    pub fn entry(&self, interval: Interval, changes: u32, domain: &str) -> Entry {
        let host = self.listed.hosts.first();
        let place = self.place();
        let invitee = (Some(self.invitee.name.clone()), self.invitee.email.clone());
        let guests = self.guests.iter().map(|guest| (None, guest.clone()));
        Entry {
            uid: format!("{}@{domain}", self.origin.0),
            sequence: changes,
            interval,
            summary: one_line(&self.listed.event.name),
            location: (!place.is_empty()).then(|| place.join(", ")),
            organizer: host
                .map(|host| (one_line(&host.name), host.email.clone()))
                .unwrap_or_default(),
            attendees: std::iter::once(invitee).chain(guests).collect(),
        }
    }
}

async fn about(
    tx: &ReadTx<'_>,
    organization: OrganizationId,
    event: &ScheduledEvent,
    uris: &Uris,
) -> Result<AboutMeeting, StoreError> {
    let id = event.event_type_id;
    let event_type = event_types::get(tx, organization, id).await?;
    let event_type = event_type.ok_or_else(|| StoreError::missing("event_types", id))?;
    let owner = users::get(tx, organization, event_type.user_id).await?;
    let owner = owner.ok_or_else(|| StoreError::missing("users", event_type.user_id))?;
    Ok(AboutMeeting {
        event_type: id,
        event: event.id,
        scheduling_url: booking_page(&event_type, &owner.slug, uris),
    })
}

fn place(location: &Value) -> Vec<String> {
    let text = |key: &str| {
        let text = location.get(key)?.as_str()?;
        (!text.is_empty()).then(|| text.to_owned())
    };
    let kind = text("type").unwrap_or_default();
    let named = match (kind.as_str(), text("location")) {
        ("inbound_call", Some(number)) => Some(format!("By phone: the invitee calls {number}")),
        ("outbound_call", Some(number)) => Some(format!("By phone: the host calls {number}")),
        (_, Some(location)) => Some(location),
        ("google_conference", None) => Some("Google Meet".to_owned()),
        ("zoom", None) => Some("Zoom".to_owned()),
        ("gotomeeting", None) => Some("GoToMeeting".to_owned()),
        ("microsoft_teams_conference", None) => Some("Microsoft Teams".to_owned()),
        ("webex_conference", None) => Some("Webex".to_owned()),
        _ => None,
    };
    let parts = [named, text("join_url"), text("additional_info")];
    parts.into_iter().flatten().collect()
}
