//! Booking, rescheduling and canceling: each is one transaction that first locks the host's time.

use crate::app::timelines;
use domain::{
    booking::{self, BookRefusal, CancelRefusal, RescheduleRefusal},
    busy::{self, BusyInterval, BusyKind},
    event_type::EventType as Rules,
    id::{EventTypeId, InviteeId, OrganizationId, ScheduledEventId, UserId},
    interval::Interval,
    scheduled_event::{EventState, EventStatus},
    slots::Offer,
};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use store::{
    Command, ReadTx, StoreError, WriteError, WriteTx, busy_intervals,
    event_types::{self, EventType},
    hosts,
    invitees::{self, Invitee, InviteeLink},
    scheduled_events::{self, ListedEvent, ScheduledEvent},
    users,
};

/// Who cancels a meeting and why, as it is kept and shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cancellation {
    /// The name of who canceled.
    pub canceled_by: String,
    /// Why.
    pub reason: Option<String>,
    /// `host` or `invitee`.
    pub canceler_type: String,
    /// When.
    pub created_at: Timestamp,
}

impl Cancellation {
    fn document(&self) -> Result<Value, StoreError> {
        serde_json::to_value(self).map_err(StoreError::invalid)
    }
}

/// Why a meeting cannot be booked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BookingRefusal {
    /// There is no such event type to book.
    UnknownEventType,
    /// The time cannot be booked.
    Time(BookRefusal),
}

/// Books a meeting for one invitee.
#[derive(Clone, Debug)]
pub struct Book {
    /// In which organization.
    pub organization: OrganizationId,
    /// What.
    pub event_type_id: EventTypeId,
    /// From when.
    pub start: Timestamp,
    /// The id of the new event.
    pub event_id: ScheduledEventId,
    /// The invitee, already with the event's id.
    pub invitee: Invitee,
    /// Where: a document.
    pub location: Option<Value>,
    /// Whom the invitee brings: a document.
    pub guests: Value,
    /// The present.
    pub now: Timestamp,
}

impl Command for Book {
    type Output = (ScheduledEvent, Invitee);
    type Refusal = BookingRefusal;

    async fn run(&self, tx: &WriteTx<'_>) -> Result<Self::Output, WriteError<BookingRefusal>> {
        let event_type = event_types::get(tx, self.organization, self.event_type_id).await?;
        let event_type = event_type.filter(is_bookable);
        let event_type = event_type.ok_or(WriteError::Refused(BookingRefusal::UnknownEventType))?;
        hosts::bump(tx, self.organization, event_type.user_id).await?;
        let host = users::get_active(tx, self.organization, event_type.user_id).await?;
        if host.is_none() {
            return Err(WriteError::Refused(BookingRefusal::UnknownEventType));
        }
        let rules = event_type.compiled()?;
        let asked = just_around(self.start)?;
        let timeline =
            timelines::of_event_type(tx, self.organization, (&event_type, &rules), asked).await?;
        let offer = Offer::new(&rules, &timeline.schedule, &timeline.busy, asked, self.now);
        let meeting = booking::decide_book(&offer, self.start)
            .map_err(|refusal| WriteError::Refused(BookingRefusal::Time(refusal)))?;
        let event = self.event(&event_type, meeting, rules.buffered(&meeting));
        insert(tx, self.organization, &event).await?;
        invitees::insert(tx, self.organization, &self.invitee).await?;
        Ok((event, self.invitee.clone()))
    }

    async fn is_done(&self, tx: &ReadTx<'_>) -> Result<bool, StoreError> {
        scheduled_events::exists(tx, self.organization, self.event_id).await
    }
}

impl Book {
    fn event(
        &self,
        event_type: &EventType,
        meeting: Interval,
        buffered: Interval,
    ) -> ScheduledEvent {
        ScheduledEvent {
            id: self.event_id,
            event_type_id: event_type.id,
            host_id: event_type.user_id,
            name: event_type.name.clone(),
            state: EventState::booked(meeting),
            buffered,
            location: self.location.clone(),
            guests: self.guests.clone(),
            cancellation: None,
            created_at: self.now,
            updated_at: self.now,
        }
    }
}

/// Whether invitees may book it.
pub fn is_bookable(event_type: &EventType) -> bool {
    event_type.active && !event_type.hidden && event_type.deleted_at.is_none()
}

/// The shortest range that holds a start.
fn just_around(start: Timestamp) -> Result<Interval, StoreError> {
    let end = start
        .saturating_add(SignedDuration::from_mins(1))
        .map_err(StoreError::invalid)?;
    Interval::new(start, end).ok_or_else(|| StoreError::invalid("a start at the end of time"))
}

/// Adds an event and what it blocks.
pub async fn insert(
    tx: &WriteTx<'_>,
    organization: OrganizationId,
    event: &ScheduledEvent,
) -> Result<(), StoreError> {
    scheduled_events::insert(tx, organization, event).await?;
    let (meeting, buffered) = (event.state.interval, event.buffered);
    let before = meeting.start().duration_since(buffered.start());
    let after = buffered.end().duration_since(meeting.end());
    for piece in busy::pieces(meeting) {
        let before = if piece.start() == meeting.start() {
            before
        } else {
            SignedDuration::ZERO
        };
        let after = if piece.end() == meeting.end() {
            after
        } else {
            SignedDuration::ZERO
        };
        let blocked = BusyInterval {
            interval: piece,
            buffered: piece.expand(before, after),
            kind: BusyKind::ScheduledEvent,
            source: event.id.0,
            event_type: Some(event.event_type_id),
        };
        busy_intervals::insert(tx, organization, event.host_id, &blocked).await?;
    }
    Ok(())
}

/// Why a meeting cannot be canceled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CancelingRefusal {
    /// There is no such event.
    Unknown,
    /// It cannot be canceled any more.
    State(CancelRefusal),
}

/// Cancels a meeting with all of its invitees.
#[derive(Clone, Debug)]
pub struct Cancel {
    /// In which organization.
    pub organization: OrganizationId,
    /// Which event.
    pub id: ScheduledEventId,
    /// By whom and why.
    pub cancellation: Cancellation,
    /// The present.
    pub now: Timestamp,
}

impl Command for Cancel {
    type Output = Cancellation;
    type Refusal = CancelingRefusal;

    async fn run(&self, tx: &WriteTx<'_>) -> Result<Cancellation, WriteError<CancelingRefusal>> {
        let event = lock(tx, self.organization, self.id).await?;
        let event = event.ok_or(WriteError::Refused(CancelingRefusal::Unknown))?;
        booking::decide_cancel(&event.state, self.now)
            .map_err(|refusal| WriteError::Refused(CancelingRefusal::State(refusal)))?;
        give_up(tx, self.organization, &event, &self.cancellation, &[]).await?;
        Ok(self.cancellation.clone())
    }

    async fn is_done(&self, tx: &ReadTx<'_>) -> Result<bool, StoreError> {
        let event = scheduled_events::get(tx, self.organization, self.id).await?;
        Ok(event.and_then(|listed| listed.event.cancellation)
            == Some(self.cancellation.document()?))
    }
}

/// The event, read under its host's lock.
async fn lock(
    tx: &WriteTx<'_>,
    organization: OrganizationId,
    id: ScheduledEventId,
) -> Result<Option<ScheduledEvent>, StoreError> {
    let Some(found) = scheduled_events::get(tx, organization, id).await? else {
        return Ok(None);
    };
    hosts::bump(tx, organization, found.event.host_id).await?;
    let current = scheduled_events::get(tx, organization, id).await?;
    Ok(current.map(|listed| listed.event))
}

/// Gives up an event's time and tells its invitees apart: those who moved with it and those who do not come.
async fn give_up(
    tx: &WriteTx<'_>,
    organization: OrganizationId,
    event: &ScheduledEvent,
    cancellation: &Cancellation,
    moved: &[(InviteeId, InviteeLink)],
) -> Result<(), StoreError> {
    let (document, at) = (cancellation.document()?, cancellation.created_at);
    scheduled_events::cancel(tx, organization, event.id, &document, at).await?;
    busy_intervals::delete(tx, organization, event.id.0).await?;
    for invitee in invitees::of_event(tx, organization, event.id).await? {
        if invitee.status == EventStatus::Canceled {
            continue;
        }
        let moved_to = moved
            .iter()
            .find(|(id, _)| *id == invitee.id)
            .map(|(_, link)| *link);
        let canceled = invitees::Cancellation {
            document: document.clone(),
            moved_to,
            at,
        };
        invitees::cancel(tx, organization, (event.id, invitee.id), &canceled).await?;
    }
    Ok(())
}

/// Why a meeting cannot be moved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReschedulingRefusal {
    /// There is no such event.
    Unknown,
    /// It cannot be moved, or not there.
    Time(RescheduleRefusal),
}

/// Moves a meeting: the old time is given up only if the new one is won.
#[derive(Clone, Debug)]
pub struct Reschedule {
    /// In which organization.
    pub organization: OrganizationId,
    /// Which event.
    pub id: ScheduledEventId,
    /// To when.
    pub start: Timestamp,
    /// The id of the new event.
    pub new_id: ScheduledEventId,
    /// Ids for its invitees: the new one and the old one it replaces.
    pub invitees: Vec<(InviteeId, InviteeId)>,
    /// By whom and why.
    pub cancellation: Cancellation,
    /// The present.
    pub now: Timestamp,
}

impl Command for Reschedule {
    type Output = ListedEvent;
    type Refusal = ReschedulingRefusal;

    async fn run(&self, tx: &WriteTx<'_>) -> Result<ListedEvent, WriteError<ReschedulingRefusal>> {
        let old = lock(tx, self.organization, self.id).await?;
        let old = old.ok_or(WriteError::Refused(ReschedulingRefusal::Unknown))?;
        let (meeting, buffered) = self.new_time(tx, &old).await?;
        let event = ScheduledEvent {
            id: self.new_id,
            state: EventState::booked(meeting),
            buffered,
            created_at: self.now,
            updated_at: self.now,
            ..old.clone()
        };
        let moved = self.move_invitees(tx, &old).await?;
        give_up(tx, self.organization, &old, &self.cancellation, &moved).await?;
        insert(tx, self.organization, &event).await?;
        let listed = scheduled_events::get(tx, self.organization, self.new_id).await?;
        Ok(listed.ok_or_else(|| StoreError::missing("scheduled_events", self.new_id))?)
    }

    async fn is_done(&self, tx: &ReadTx<'_>) -> Result<bool, StoreError> {
        scheduled_events::exists(tx, self.organization, self.new_id).await
    }
}

impl Reschedule {
    /// The new time with its buffers, if the meeting may move there.
    async fn new_time(
        &self,
        tx: &WriteTx<'_>,
        old: &ScheduledEvent,
    ) -> Result<(Interval, Interval), WriteError<ReschedulingRefusal>> {
        let refuse = |refusal| WriteError::Refused(ReschedulingRefusal::Time(refusal));
        let event_type = event_types::get(tx, self.organization, old.event_type_id).await?;
        let event_type =
            event_type.ok_or_else(|| StoreError::missing("event_types", old.event_type_id))?;
        if event_type.hidden {
            let meeting = self.free_range(tx, old).await?.map_err(refuse)?;
            return Ok((meeting, meeting));
        }
        let rules: Rules = event_type.compiled()?;
        let asked = just_around(self.start)?;
        let timeline =
            timelines::of_event_type(tx, self.organization, (&event_type, &rules), asked).await?;
        let busy = timeline.busy.without(old.id.0);
        let offer = Offer::new(&rules, &timeline.schedule, &busy, asked, self.now);
        let meeting =
            booking::decide_reschedule(&old.state, &offer, self.start, self.now).map_err(refuse)?;
        Ok((meeting, rules.buffered(&meeting)))
    }

    /// A classic meeting moves to any free time of the same length.
    async fn free_range(
        &self,
        tx: &WriteTx<'_>,
        old: &ScheduledEvent,
    ) -> Result<Result<Interval, RescheduleRefusal>, StoreError> {
        let end = self
            .start
            .saturating_add(old.state.interval.duration())
            .map_err(StoreError::invalid)?;
        let Some(meeting) = Interval::new(self.start, end) else {
            return Err(StoreError::invalid("a meeting at the end of time"));
        };
        let mut timeline = timelines::of_user(tx, self.organization, old.host_id, meeting).await?;
        timeline.busy = timeline.busy.without(old.id.0);
        let free = timeline.free(meeting);
        Ok(booking::decide_reschedule_range(
            &old.state, &free, meeting, self.now,
        ))
    }

    /// Adds the old event's active invitees to the new one.
    async fn move_invitees(
        &self,
        tx: &WriteTx<'_>,
        old: &ScheduledEvent,
    ) -> Result<Vec<(InviteeId, InviteeLink)>, StoreError> {
        let mut moved = Vec::new();
        for invitee in invitees::of_event(tx, self.organization, old.id).await? {
            let replacement = self
                .invitees
                .iter()
                .find(|(_, replaced)| *replaced == invitee.id);
            let (EventStatus::Active, Some((new_id, _))) = (invitee.status, replacement) else {
                continue;
            };
            let old_invitee = Some(InviteeLink {
                scheduled_event_id: old.id,
                invitee_id: invitee.id,
            });
            let link = InviteeLink {
                scheduled_event_id: self.new_id,
                invitee_id: *new_id,
            };
            moved.push((invitee.id, link));
            let new = Invitee {
                id: *new_id,
                scheduled_event_id: self.new_id,
                old_invitee,
                new_invitee: None,
                rescheduled: false,
                created_at: self.now,
                updated_at: self.now,
                ..invitee
            };
            invitees::insert(tx, self.organization, &new).await?;
        }
        Ok(moved)
    }
}

/// Books any free range of whole minutes with a host, as the classic API does.
#[derive(Clone, Debug)]
pub struct BookRange {
    /// In which organization.
    pub organization: OrganizationId,
    /// Whose time.
    pub host: UserId,
    /// When.
    pub meeting: Interval,
    /// The id of the new event.
    pub event_id: ScheduledEventId,
    /// The invitee, already with the event's id.
    pub invitee: Invitee,
    /// The hidden event type to make if the host has none yet.
    pub event_type: EventType,
    /// The present.
    pub now: Timestamp,
}

impl Command for BookRange {
    type Output = ();
    type Refusal = BookRefusal;

    async fn run(&self, tx: &WriteTx<'_>) -> Result<(), WriteError<BookRefusal>> {
        hosts::bump(tx, self.organization, self.host).await?;
        let timeline = timelines::of_user(tx, self.organization, self.host, self.meeting).await?;
        let free = timeline.free(self.meeting);
        let meeting = booking::decide_range(&free, self.meeting).map_err(WriteError::Refused)?;
        let hidden = event_types::hidden_of(tx, self.organization, self.host).await?;
        if hidden.is_none() {
            event_types::insert(tx, self.organization, &self.event_type).await?;
        }
        let event_type = hidden.unwrap_or_else(|| self.event_type.clone());
        let event = ScheduledEvent {
            id: self.event_id,
            event_type_id: event_type.id,
            host_id: self.host,
            name: event_type.name,
            state: EventState::booked(meeting),
            buffered: meeting,
            location: None,
            guests: Value::Array(Vec::new()),
            cancellation: None,
            created_at: self.now,
            updated_at: self.now,
        };
        insert(tx, self.organization, &event).await?;
        invitees::insert(tx, self.organization, &self.invitee).await?;
        Ok(())
    }

    async fn is_done(&self, tx: &ReadTx<'_>) -> Result<bool, StoreError> {
        scheduled_events::exists(tx, self.organization, self.event_id).await
    }
}
