//! Moving a meeting, or the rest of a series: the old times are given up only if all the new ones are won.

use super::{
    Cancellation, LockedEvent, locked,
    placing::{self, Asked, Locked, Place},
    series::FailedStart,
};
use crate::app::{
    mail_occasions::{News, Occasion},
    timelines,
};
use domain::{
    booking::{self, BookRefusal, RescheduleRefusal, may_move},
    civil::{instant_at, wall_time},
    id::{InviteeId, OrganizationId, ScheduledEventId, UserId},
    interval::Interval,
    scheduled_event::EventStatus,
};
use jiff::{Timestamp, tz::TimeZone};
use std::collections::BTreeSet;
use store::{
    Command, ReadTx, StoreError, WriteError, WriteTx, hosts,
    scheduled_event_hosts::{self, EventHost},
    scheduled_events::{self, ListedEvent, ScheduledEvent},
};

/// Why a meeting cannot be moved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReschedulingRefusal {
    /// There is no such event.
    Unknown,
    /// Its hosts were removed.
    HostGone,
    /// Somebody joined it, or one of its series is gone, since the ids were made; it should be tried again.
    Changed,
    /// It cannot be moved, or not there.
    Time(RescheduleRefusal),
    /// Others hold some of the meetings.
    OthersHost,
    /// Some of the series cannot be moved there.
    Starts(Vec<FailedStart>),
}

/// A meeting that moves, with the ids that it gets.
#[derive(Clone, Debug)]
pub struct Move {
    /// Which event.
    pub id: ScheduledEventId,
    /// The id of the new event.
    pub new_id: ScheduledEventId,
    /// Ids for its invitees: the new one and the old one it replaces.
    pub invitees: Vec<(InviteeId, InviteeId)>,
}

/// Moves a meeting, or a meeting and the later ones of its series, which move by as much on the clock on the wall.
#[derive(Clone, Debug)]
pub struct Reschedule {
    /// In which organization.
    pub organization: OrganizationId,
    /// Which events: the one that is named, then the later ones of its series if they are to move too.
    pub moves: Vec<Move>,
    /// Who must host all of them; nothing where that does not matter.
    pub host: Option<UserId>,
    /// To when the first one moves.
    pub start: Timestamp,
    /// The zone of the clock by which the later ones move.
    pub zone: TimeZone,
    /// By whom and why.
    pub cancellation: Cancellation,
    /// The present.
    pub now: Timestamp,
}

impl Command for Reschedule {
    type Output = Vec<ListedEvent>;
    type Refusal = ReschedulingRefusal;

    async fn run(&self, tx: &WriteTx<'_>) -> Result<Self::Output, WriteError<ReschedulingRefusal>> {
        let old = self.lock(tx).await?;
        let first = &old.first().ok_or_else(unknown)?.event;
        let refuse = |refusal| WriteError::Refused(ReschedulingRefusal::Time(refusal));
        may_move(&first.state, self.start, self.now).map_err(refuse)?;
        let event_type_id = first.event_type_id;
        let locked = placing::lock_any(tx, self.organization, event_type_id, &[]).await?;
        let locked = locked.ok_or_else(|| StoreError::missing("event_types", event_type_id))?;
        if !locked.has_hosts() {
            return Err(WriteError::Refused(ReschedulingRefusal::HostGone));
        }
        // Given up first: a meeting may move into time that only the moving ones take.
        for (old, moved) in old.iter().zip(&self.moves) {
            self.leave(tx, &old.event, moved).await?;
        }
        let (mut failed, mut coming) = (Vec::new(), Vec::new());
        for (old, moved) in old.iter().zip(&self.moves) {
            let start = self.start_of(&old.event, first)?;
            match self.place(tx, &locked, old, start).await? {
                Ok(place) => {
                    coming.extend(self.arrive(tx, &locked, (&old.event, moved), place).await?);
                }
                Err(refusal) => failed.push(FailedStart { start, refusal }),
            }
        }
        self.refuse(&failed)?;
        let occasion = Occasion::meetings(News::Moved, &coming);
        occasion.note(tx, self.organization, self.now).await?;
        Ok(self.listed(tx).await?)
    }

    async fn is_done(&self, tx: &ReadTx<'_>) -> Result<bool, StoreError> {
        match self.moves.first() {
            Some(first) => scheduled_events::exists(tx, self.organization, first.new_id).await,
            None => Ok(false),
        }
    }
}

fn unknown() -> WriteError<ReschedulingRefusal> {
    WriteError::Refused(ReschedulingRefusal::Unknown)
}

impl Reschedule {
    /// The events that move, under the locks of their hosts and of whoever else may host them.
    async fn lock(
        &self,
        tx: &WriteTx<'_>,
    ) -> Result<Vec<LockedEvent>, WriteError<ReschedulingRefusal>> {
        let id = self.moves.first().ok_or_else(unknown)?.id;
        let listed = scheduled_events::get(tx, self.organization, id).await?;
        let event = listed.ok_or_else(unknown)?.event;
        let all = self.all_hosts(tx, &event).await?;
        hosts::bump_all(tx, self.organization, all).await?;
        let mut old = Vec::with_capacity(self.moves.len());
        for moved in &self.moves {
            let held_by = scheduled_event_hosts::of_event(tx, self.organization, moved.id).await?;
            let found = locked(tx, self.organization, moved.id, held_by).await?;
            old.push(found.ok_or_else(unknown)?);
        }
        let is_gone = |old: &LockedEvent| old.event.state.status == EventStatus::Canceled;
        if old.iter().skip(1).any(is_gone) {
            return Err(WriteError::Refused(ReschedulingRefusal::Changed));
        }
        if !old.iter().all(|old| old.is_held_by(self.host)) {
            return Err(WriteError::Refused(ReschedulingRefusal::OthersHost));
        }
        Ok(old)
    }

    /// Everybody who hosts the event or may host it, in one set, so that they are locked in the order of their ids.
    async fn all_hosts(
        &self,
        tx: &WriteTx<'_>,
        event: &ScheduledEvent,
    ) -> Result<BTreeSet<UserId>, StoreError> {
        let mut all = BTreeSet::from([event.host_id]);
        for moved in &self.moves {
            let held_by = scheduled_event_hosts::of_event(tx, self.organization, moved.id).await?;
            all.extend(held_by.into_iter().map(|host| host.id));
        }
        let event_type =
            store::event_types::get(tx, self.organization, event.event_type_id).await?;
        if let Some(event_type) = event_type {
            all.insert(event_type.user_id);
            let pools = timelines::pools(tx, self.organization, &event_type).await?;
            all.extend(pools.into_iter().flatten().map(|member| member.user));
        }
        Ok(all)
    }

    /// When an event starts anew: as much later on the wall as the first one.
    fn start_of(
        &self,
        old: &ScheduledEvent,
        first: &ScheduledEvent,
    ) -> Result<Timestamp, StoreError> {
        if old.id == first.id {
            return Ok(self.start);
        }
        let shown = |instant| wall_time(instant, &self.zone);
        let by = shown(self.start).duration_since(shown(first.state.interval.start()));
        let wall = shown(old.state.interval.start())
            .checked_add(by)
            .map_err(StoreError::invalid)?;
        Ok(instant_at(wall, &self.zone))
    }

    /// The new time and its hosts, who stay the same if they can.
    async fn place(
        &self,
        tx: &WriteTx<'_>,
        locked: &Locked,
        old: &LockedEvent,
        start: Timestamp,
    ) -> Result<Result<Place, BookRefusal>, StoreError> {
        if locked.event_type.hidden {
            return self.free_range(tx, &old.event).await;
        }
        let kept: Vec<UserId> = old.hosts.iter().map(|host| host.id).collect();
        let asked = Asked {
            start,
            now: self.now,
            kept: &kept,
        };
        let place = locked.place(tx, self.organization, asked).await?;
        // several meetings of several invitees do not become one, nor does one take places that are held in another
        Ok(place.and_then(|place| match place.places_taken {
            0 => Ok(place),
            _ => Err(BookRefusal::NotFree),
        }))
    }

    /// A classic meeting moves to any free time of the same length.
    async fn free_range(
        &self,
        tx: &WriteTx<'_>,
        old: &ScheduledEvent,
    ) -> Result<Result<Place, BookRefusal>, StoreError> {
        let end = self
            .start
            .saturating_add(old.state.interval.duration())
            .map_err(StoreError::invalid)?;
        let Some(meeting) = Interval::new(self.start, end) else {
            return Err(StoreError::invalid("a meeting at the end of time"));
        };
        let timeline = timelines::of_user(tx, self.organization, old.host_id, meeting).await?;
        let decided = booking::decide_range_from(&timeline.free(meeting), meeting, self.now);
        let host = EventHost {
            id: old.host_id,
            in_turn: false,
        };
        Ok(decided.map(|meeting| Place {
            meeting,
            buffered: meeting,
            hosts: vec![host],
            joins: None,
            places_taken: 0,
        }))
    }

    fn refuse(&self, failed: &[FailedStart]) -> Result<(), WriteError<ReschedulingRefusal>> {
        match failed {
            [] => Ok(()),
            [only] if self.moves.len() == 1 => Err(WriteError::Refused(ReschedulingRefusal::Time(
                only.refusal.into(),
            ))),
            several => Err(WriteError::Refused(ReschedulingRefusal::Starts(
                several.to_vec(),
            ))),
        }
    }

    async fn listed(&self, tx: &WriteTx<'_>) -> Result<Vec<ListedEvent>, StoreError> {
        let mut listed = Vec::with_capacity(self.moves.len());
        for moved in &self.moves {
            let event = scheduled_events::get(tx, self.organization, moved.new_id).await?;
            listed
                .push(event.ok_or_else(|| StoreError::missing("scheduled_events", moved.new_id))?);
        }
        Ok(listed)
    }
}
