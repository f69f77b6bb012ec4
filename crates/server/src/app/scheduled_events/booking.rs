//! Booking: a start on offer, a time that was held, or a place among others.

use super::{
    guests,
    held_time::UsedHold,
    insert,
    known_hosts::KnownHosts,
    placing::{self, Asked, Locked, Place},
    used_link::UsedLink,
};
use crate::app::{
    activity_log_entries::{Deed, Facts, Log, Noted, actions::Action, invitee_path},
    feed_events::{EventName, tell_of_invitee},
    mail_occasions::{News, Occasion},
};
use domain::{
    booking::BookRefusal,
    id::{EventTypeId, InviteeId, OrganizationId, ScheduledEventId, SeriesId, UserId},
    scheduled_event::EventState,
};
use futures_util::future::{try_join, try_join4, try_join5};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use store::{
    Command, ReadTx, Sharing, StoreError, WriteError, WriteTx, busy_intervals,
    event_types::EventType,
    invitees::{self, Invitee, InviteeLink},
    routing_form_submissions,
    scheduled_events::{self, ScheduledEvent},
};

/// Why a meeting cannot be booked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BookingRefusal {
    /// There is no such event type to book.
    UnknownEventType,
    /// There is no such hold, or it has ended.
    UnknownHold,
    /// The hold keeps another time, or is for another event type.
    OtherHold,
    /// Somebody else placed the hold.
    NotYourHold,
    /// There is no such link, or it was used or has ended.
    UnknownLink,
    /// The link is to another event type.
    OtherLink,
    /// The time cannot be booked.
    Time(BookRefusal),
}

/// What an invitee asks for, at whatever time.
#[derive(Clone, Debug)]
pub struct Order {
    /// In which organization.
    pub organization: OrganizationId,
    /// What.
    pub event_type_id: EventTypeId,
    /// The invitee, whose ids are filled in for each meeting.
    pub invitee: Invitee,
    /// Where: a document.
    pub location: Option<Value>,
    /// Whom the invitee brings: a list of documents.
    pub guests: Vec<Value>,
    /// The present.
    pub now: Timestamp,
}

/// One meeting of an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Meeting {
    /// From when.
    pub start: Timestamp,
    /// The id of the event, should it be a new one.
    pub event_id: ScheduledEventId,
    /// The id of the invitee.
    pub invitee_id: InviteeId,
}

/// Books a meeting for one invitee.
#[derive(Clone, Debug)]
pub struct Book {
    /// What is asked for.
    pub order: Order,
    /// When.
    pub meeting: Meeting,
    /// The hold that keeps the time.
    pub hold: Option<UsedHold>,
    /// The link by which is booked, where no time is held.
    pub link: Option<UsedLink>,
    /// What was known of the event type and its hosts, where there is neither.
    pub known: Option<KnownHosts>,
}

impl Command for Book {
    type Output = Invitee;
    type Refusal = BookingRefusal;

    fn shares(&self) -> Option<Sharing> {
        let is_plain = self.hold.is_none()
            && self.link.is_none()
            && self.order.invitee.routing_form_submission_id.is_none();
        let known = self.known.as_ref().filter(|_| is_plain)?;
        Some(Sharing {
            organization: self.order.organization,
            hosts: known.hosts(),
        })
    }

    async fn run(&self, tx: &WriteTx<'_>) -> Result<Invitee, WriteError<BookingRefusal>> {
        self.run_with(tx, None).await
    }

    async fn is_done(&self, tx: &ReadTx<'_>) -> Result<bool, StoreError> {
        invitees::exists(tx, self.order.organization, self.meeting.invitee_id).await
    }
}

impl Deed for Book {
    fn noted(&self, invitee: &Invitee) -> Noted {
        self.order.noted(invitee)
    }

    // many bookings share a transaction, and none waits for its entry by itself
    async fn run_noted(
        &self,
        tx: &WriteTx<'_>,
        log: &Log,
    ) -> Result<Invitee, WriteError<BookingRefusal>> {
        self.run_with(tx, Some(log)).await
    }
}

impl Book {
    async fn run_with(
        &self,
        tx: &WriteTx<'_>,
        log: Option<&Log>,
    ) -> Result<Invitee, WriteError<BookingRefusal>> {
        let order = &self.order;
        let (locked, place) = match (self.hold, &self.link) {
            (None, None) => {
                let locked = order.lock(tx, self.known.as_ref()).await?;
                let place = order.place(tx, &locked, self.meeting.start).await?;
                let refuse = |refusal| WriteError::Refused(BookingRefusal::Time(refusal));
                (locked, place.map_err(refuse)?)
            }
            (None, Some(link)) => link.take(tx, order, self.meeting).await?,
            (Some(used), _) => used.take(tx, order, self.meeting.start).await?,
        };
        let meeting = (self.meeting, None);
        Ok(order.book(tx, &locked, meeting, (place, log)).await?)
    }
}

impl Order {
    /// The event type and its hosts as they are once the hosts' time is locked.
    pub(super) async fn lock(
        &self,
        tx: &WriteTx<'_>,
        known: Option<&KnownHosts>,
    ) -> Result<Locked, WriteError<BookingRefusal>> {
        let locked = placing::lock(tx, self.organization, self.event_type_id, known).await?;
        locked.ok_or(WriteError::Refused(BookingRefusal::UnknownEventType))
    }

    /// The same, together with the time of `others`.
    pub(super) async fn lock_with(
        &self,
        tx: &WriteTx<'_>,
        others: &[UserId],
    ) -> Result<Locked, WriteError<BookingRefusal>> {
        let (organization, id) = (self.organization, self.event_type_id);
        let locked = placing::lock_with(tx, organization, id, others).await?;
        locked.ok_or(WriteError::Refused(BookingRefusal::UnknownEventType))
    }

    pub(super) async fn place(
        &self,
        tx: &WriteTx<'_>,
        locked: &Locked,
        start: Timestamp,
    ) -> Result<Result<Place, BookRefusal>, StoreError> {
        let asked = Asked {
            start,
            now: self.now,
            kept: &[],
        };
        locked.place(tx, self.organization, asked).await
    }

    /// Writes a meeting whose time was won, or the invitee's place in one that is there already.
    pub(super) async fn book(
        &self,
        tx: &WriteTx<'_>,
        locked: &Locked,
        (meeting, series_id): (Meeting, Option<SeriesId>),
        (place, log): (Place, Option<&Log>),
    ) -> Result<Invitee, StoreError> {
        let invitee = |event_id| Invitee {
            id: meeting.invitee_id,
            scheduled_event_id: event_id,
            ..self.invitee.clone()
        };
        if let Some(joined) = place.joins {
            let invitee = invitee(joined);
            self.link(tx, &invitee).await?;
            self.join(tx, &locked.event_type, (&invitee, series_id), log)
                .await?;
            return Ok(invitee);
        }
        let mut event = self.event(&locked.event_type, meeting, &place)?;
        event.series_id = series_id;
        event.confirm_by = confirm_by(tx, &locked.event_type, place.meeting.start()).await?;
        let invitee = invitee(event.id);
        self.link(tx, &invitee).await?;
        let inserts = try_join4(
            insert(tx, self.organization, (&event, &place.hosts), 1),
            invitees::insert(tx, self.organization, &invitee),
            self.tell(tx, &invitee),
            self.note(tx, (&invitee, series_id), log),
        );
        tx.ending_with(inserts).await?;
        Ok(invitee)
    }

    /// The routing form that the invitee filled in learns who booked with it.
    async fn link(&self, tx: &WriteTx<'_>, invitee: &Invitee) -> Result<(), StoreError> {
        let Some(id) = invitee.routing_form_submission_id else {
            return Ok(());
        };
        let link = InviteeLink {
            scheduled_event_id: invitee.scheduled_event_id,
            invitee_id: invitee.id,
        };
        routing_form_submissions::link(tx, self.organization, id, link, self.now).await
    }

    pub(super) fn event(
        &self,
        event_type: &EventType,
        meeting: Meeting,
        place: &Place,
    ) -> Result<ScheduledEvent, StoreError> {
        Ok(ScheduledEvent {
            id: meeting.event_id,
            event_type_id: event_type.id,
            host_id: place.first_host()?,
            host_count: i64::try_from(place.hosts.len()).unwrap_or(i64::MAX),
            series_id: None,
            capacity: event_type.rules.capacity,
            name: event_type.name.clone(),
            state: EventState::booked(place.meeting),
            buffered: place.buffered,
            location: self.location.clone(),
            guests: Value::Array(guests::brought_by(meeting.invitee_id, &self.guests)),
            cancellation: None,
            confirm_by: None,
            confirmed_at: None,
            created_at: self.now,
            updated_at: self.now,
        })
    }

    /// Takes another place of a meeting.
    async fn join(
        &self,
        tx: &WriteTx<'_>,
        event_type: &EventType,
        (invitee, series_id): (&Invitee, Option<SeriesId>),
        log: Option<&Log>,
    ) -> Result<(), StoreError> {
        let id = invitee.scheduled_event_id;
        let missing = || StoreError::missing("scheduled_events", id);
        let listed = scheduled_events::get(tx, self.organization, id).await?;
        let mut event = listed.ok_or_else(missing)?.event;
        let places = invitees::coming(tx, self.organization, id).await? + 1;
        if let Value::Array(guests) = &mut event.guests {
            guests.extend(guests::brought_by(invitee.id, &self.guests));
        }
        // a place that was held is given also where the capacity was lowered since
        event.capacity = event_type.rules.capacity.max(places);
        event.updated_at = self.now;
        let writes = try_join5(
            scheduled_events::change_attendance(tx, self.organization, &event),
            busy_intervals::set_places(tx, self.organization, id.0, places),
            invitees::insert(tx, self.organization, invitee),
            self.tell(tx, invitee),
            self.note(tx, (invitee, series_id), log),
        );
        tx.ending_with(writes).await?;
        Ok(())
    }

    async fn tell(&self, tx: &WriteTx<'_>, invitee: &Invitee) -> Result<(), StoreError> {
        let told = (EventName::InviteeCreated, self.now);
        let about = (invitee.scheduled_event_id, invitee.id);
        tell_of_invitee(tx, self.organization, told, about).await
    }

    /// For the log, and for mails, which are written once of all meetings of a series.
    async fn note(
        &self,
        tx: &WriteTx<'_>,
        (invitee, series_id): (&Invitee, Option<SeriesId>),
        log: Option<&Log>,
    ) -> Result<(), StoreError> {
        let logged = async {
            match log {
                Some(log) => log.note(tx, self.noted(invitee)).await,
                None => Ok(()),
            }
        };
        let mailed = async {
            if series_id.is_some() {
                return Ok(());
            }
            let booked = [(invitee.scheduled_event_id, invitee.id)];
            let occasion = Occasion::meetings(News::Booked, &booked);
            occasion.note(tx, self.organization, self.now).await
        };
        try_join(logged, mailed).await.map(drop)
    }

    fn noted(&self, invitee: &Invitee) -> Noted {
        let event = invitee.scheduled_event_id;
        let facts = Facts::of("event_type", self.event_type_id)
            .and("scheduled_event", event)
            .at("invitee", invitee_path(event, invitee.id));
        (Action::ScheduledEventBook, facts)
    }
}

/// So long a host has to confirm a meeting that starts at once.
const LAST_MOMENT: SignedDuration = SignedDuration::from_mins(1);

/// Until when a host must confirm a new meeting, at the latest when it starts; nothing where nobody has to.
pub(super) async fn confirm_by(
    tx: &WriteTx<'_>,
    event_type: &EventType,
    start: Timestamp,
) -> Result<Option<Timestamp>, StoreError> {
    let Some(minutes) = event_type.confirmation_minutes else {
        return Ok(None);
    };
    let wait = SignedDuration::from_mins(minutes);
    let now = tx.now().await?;
    let by = now.checked_add(wait).map_err(StoreError::invalid)?;
    // what starts at once leaves a host a moment
    let latest = now.checked_add(LAST_MOMENT).map_err(StoreError::invalid)?;
    Ok(Some(by.min(start.max(latest))))
}
