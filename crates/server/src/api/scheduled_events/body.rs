//! What is shown of a scheduled event.

use crate::api::{
    uri::Uris,
    value::{time::Time, words},
};
use crate::app::scheduled_events::{Cancellation, guests};
use domain::scheduled_event::EventStatus;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;
use store::{
    StoreError,
    scheduled_events::{ListedEvent, ListedHost},
};
use utoipa::ToSchema;

words! {
    /// Whether a meeting takes place.
    pub enum Status {
        /// It does.
        Active = "active",
        /// It does not.
        Canceled = "canceled",
    }
}

impl Status {
    /// The status in the API's words.
    pub fn of(status: EventStatus) -> Status {
        match status {
            EventStatus::Active => Status::Active,
            EventStatus::Canceled => Status::Canceled,
        }
    }

    /// The status in the domain's words.
    pub fn domain(self) -> EventStatus {
        match self {
            Status::Active => EventStatus::Active,
            Status::Canceled => EventStatus::Canceled,
        }
    }
}

/// A meeting that was booked.
#[derive(Debug, Serialize, ToSchema)]
pub struct ScheduledEventBody {
    /// The event's URI.
    #[schema(format = "uri")]
    pub uri: String,
    /// Its name.
    pub name: String,
    /// Whether it takes place.
    pub status: Status,
    /// When it starts.
    pub start_time: Time,
    /// When it ends.
    pub end_time: Time,
    /// What was booked.
    #[schema(format = "uri")]
    pub event_type: String,
    /// Where; an object with `type` and what belongs to it, or null.
    #[schema(required = true, value_type = Option<Object>)]
    pub location: Option<Value>,
    /// How many invitees it has.
    pub invitees_counter: InviteesCounter,
    /// Its hosts.
    pub event_memberships: Vec<EventMembershipBody>,
    /// Whom the invitees bring.
    #[schema(value_type = Vec<GuestBody>)]
    pub event_guests: Value,
    /// When it was booked.
    pub created_at: Time,
    /// When it last changed.
    pub updated_at: Time,
    /// How it was canceled; only of canceled ones.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub cancellation: Option<CancellationBody>,
    /// The host's notes.
    #[schema(required = true)]
    pub meeting_notes_plain: Option<String>,
    /// The entry in an outside calendar.
    #[schema(required = true, value_type = Option<Object>)]
    pub calendar_event: Option<Value>,
    /// What all meetings have in common that were booked in one go.
    #[schema(required = true, format = "uuid")]
    pub series_id: Option<String>,
    /// Whether a host has confirmed it; null where none needs to.
    #[schema(required = true)]
    pub confirmation: Option<ConfirmationBody>,
}

words! {
    /// Whether a host has confirmed a meeting.
    pub enum ConfirmationStatus {
        /// None has, so far.
        Pending = "pending",
        /// One has.
        Confirmed = "confirmed",
        /// None has, and the meeting does not take place.
        Canceled = "canceled",
    }
}

/// Whether a host has confirmed a meeting. While it waits it blocks the time and is `active`.
#[derive(Debug, Serialize, ToSchema)]
pub struct ConfirmationBody {
    /// Whether one has.
    pub status: ConfirmationStatus,
    /// Until when one must, or the meeting is canceled by itself.
    #[schema(required = true)]
    pub expires_at: Option<Time>,
    /// When one has.
    #[schema(required = true)]
    pub confirmed_at: Option<Time>,
}

impl ConfirmationBody {
    fn new(
        event: EventStatus,
        by: Option<Timestamp>,
        at: Option<Timestamp>,
    ) -> Option<ConfirmationBody> {
        let status = match (by, at, event) {
            (None, None, _) => return None,
            (_, Some(_), _) => ConfirmationStatus::Confirmed,
            (Some(_), None, EventStatus::Active) => ConfirmationStatus::Pending,
            (Some(_), None, EventStatus::Canceled) => ConfirmationStatus::Canceled,
        };
        Some(ConfirmationBody {
            status,
            expires_at: by.map(Time),
            confirmed_at: at.map(Time),
        })
    }
}

/// How many invitees an event has.
#[derive(Debug, Serialize, ToSchema)]
pub struct InviteesCounter {
    /// With the canceled ones.
    pub total: i64,
    /// Without them.
    pub active: i64,
    /// At most.
    pub limit: i64,
}

/// A host of an event.
#[derive(Debug, Serialize, ToSchema)]
pub struct EventMembershipBody {
    /// The host's URI.
    #[schema(format = "uri")]
    pub user: String,
    /// The host's mail address.
    pub user_email: String,
    /// The host's name.
    pub user_name: String,
    /// When the buffer before starts.
    pub buffered_start_time: Time,
    /// When the buffer after ends.
    pub buffered_end_time: Time,
}

/// Somebody whom an invitee brings.
#[derive(Debug, Serialize, ToSchema)]
pub struct GuestBody {
    /// Mail address.
    #[schema(format = "email")]
    pub email: String,
    /// When they were added.
    pub created_at: Time,
    /// When this last changed.
    pub updated_at: Time,
}

/// How a meeting was canceled.
#[derive(Debug, Serialize, ToSchema)]
pub struct CancellationBody {
    /// The name of who canceled.
    pub canceled_by: String,
    /// Why.
    #[schema(required = true)]
    pub reason: Option<String>,
    /// `host` or `invitee`.
    pub canceler_type: String,
    /// When.
    pub created_at: Time,
}

impl CancellationBody {
    /// What is shown of a cancellation.
    pub fn new(cancellation: Cancellation) -> CancellationBody {
        CancellationBody {
            canceled_by: cancellation.canceled_by,
            reason: cancellation.reason,
            canceler_type: cancellation.canceler_type,
            created_at: Time(cancellation.created_at),
        }
    }

    /// Reads a cancellation that was kept in a row of `table`.
    pub fn kept(
        document: Option<Value>,
        table: &str,
        id: impl std::fmt::Display,
    ) -> Result<Option<CancellationBody>, StoreError> {
        let cancellation = document.map(serde_json::from_value).transpose();
        let cancellation =
            cancellation.map_err(|error| StoreError::corrupt(table, "cancellation", id, error))?;
        Ok(cancellation.map(CancellationBody::new))
    }
}

impl ScheduledEventBody {
    /// What is shown of an event.
    pub fn new(listed: ListedEvent, uris: &Uris) -> Result<ScheduledEventBody, StoreError> {
        let event = listed.event;
        let host = |host: ListedHost| EventMembershipBody {
            user: uris.of(host.id),
            user_email: host.email,
            user_name: host.name,
            buffered_start_time: Time(event.buffered.start()),
            buffered_end_time: Time(event.buffered.end()),
        };
        let event_memberships = listed.hosts.into_iter().map(host).collect();
        Ok(ScheduledEventBody {
            uri: uris.of(event.id),
            name: event.name,
            status: Status::of(event.state.status),
            start_time: Time(event.state.interval.start()),
            end_time: Time(event.state.interval.end()),
            event_type: uris.of(event.event_type_id),
            location: event.location,
            invitees_counter: InviteesCounter {
                total: listed.invitees,
                active: listed.active_invitees,
                limit: event.capacity,
            },
            event_memberships,
            event_guests: guests::shown(event.guests),
            created_at: Time(event.created_at),
            updated_at: Time(event.updated_at),
            cancellation: CancellationBody::kept(event.cancellation, "scheduled_events", event.id)?,
            meeting_notes_plain: None,
            calendar_event: None,
            series_id: event.series_id.map(|series| series.to_string()),
            confirmation: ConfirmationBody::new(
                event.state.status,
                event.confirm_by,
                event.confirmed_at,
            ),
        })
    }
}
