//! Moving a meeting: the old time is given up only if the new one is won.

use super::{Cancellation, give_up, insert, just_around, lock};
use crate::app::timelines;
use domain::{
    booking::{self, RescheduleRefusal},
    event_type::EventType as Rules,
    id::{InviteeId, OrganizationId, ScheduledEventId},
    interval::Interval,
    scheduled_event::{EventState, EventStatus},
    slots::Offer,
};
use jiff::Timestamp;
use store::{
    Command, ReadTx, StoreError, WriteError, WriteTx,
    event_types::{self},
    invitees::{self, Invitee, InviteeLink},
    scheduled_events::{self, ListedEvent, ScheduledEvent},
    users,
};

/// Why a meeting cannot be moved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReschedulingRefusal {
    /// There is no such event.
    Unknown,
    /// Its host was removed.
    HostGone,
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
        let host = users::get_active(tx, self.organization, old.host_id).await?;
        host.ok_or(WriteError::Refused(ReschedulingRefusal::HostGone))?;
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
