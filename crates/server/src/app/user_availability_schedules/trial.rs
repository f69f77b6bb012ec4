//! What an edit of a schedule would do: which events that are booked would be outside its hours.

use super::{EditSchedule, ScheduleRefusal};
use crate::app::timelines;
use domain::{id::OrganizationId, scheduled_event::EventStatus};
use jiff::Timestamp;
use store::{
    Command, ReadTx, StoreError, WriteError, WriteTx, event_types,
    page::{Cursor, Order, PageRequest},
    scheduled_events::{ListedEvent, listing},
    user_availability_schedules::AvailabilitySchedule,
};

/// Edits a schedule and says what would be outside its hours then. It is meant to be tried only.
pub struct TryEdit(
    /// The edit.
    pub EditSchedule,
);

/// So many events outside the hours are named at most.
pub const MAX_OUTSIDE: usize = 1_000;

impl Command for TryEdit {
    type Output = (AvailabilitySchedule, Vec<ListedEvent>);
    type Refusal = ScheduleRefusal;

    async fn run(&self, tx: &WriteTx<'_>) -> Result<Self::Output, WriteError<ScheduleRefusal>> {
        let schedule = self.0.run(tx).await?;
        let outside = outside(tx, self.0.organization, &schedule, self.0.now).await?;
        Ok((schedule, outside))
    }

    async fn is_done(&self, _: &ReadTx<'_>) -> Result<bool, StoreError> {
        Ok(false)
    }
}

/// The events to come, by start, that the hours of the schedule they go by do not hold.
async fn outside(
    tx: &ReadTx<'_>,
    organization: OrganizationId,
    schedule: &AvailabilitySchedule,
    now: Timestamp,
) -> Result<Vec<ListedEvent>, StoreError> {
    let filter = listing::Filter {
        host: Some(schedule.user_id),
        status: Some(EventStatus::Active),
        min_start: Some(now),
        ..listing::Filter::default()
    };
    let mut outside = Vec::new();
    let mut cursor = None;
    while outside.len() < MAX_OUTSIDE {
        let request = PageRequest {
            order: Order::Ascending,
            cursor: cursor.take(),
            count: 500,
        };
        let page = listing::list(tx, organization, &filter, &request).await?;
        let last = page.rows.last().map(ListedEvent::sort_key);
        for listed in page.rows {
            let meeting = listed.event.state.interval;
            if !schedule.schedule.hours(meeting).contains(meeting)
                && goes_by(tx, organization, &listed, schedule).await?
            {
                outside.push(listed);
            }
        }
        match last.filter(|_| page.has_next) {
            Some(last) => cursor = Some(Cursor::After(last)),
            None => break,
        }
    }
    outside.truncate(MAX_OUTSIDE);
    Ok(outside)
}

async fn goes_by(
    tx: &ReadTx<'_>,
    organization: OrganizationId,
    listed: &ListedEvent,
    schedule: &AvailabilitySchedule,
) -> Result<bool, StoreError> {
    let id = listed.event.event_type_id;
    let event_type = event_types::get(tx, organization, id).await?;
    let event_type = event_type.ok_or_else(|| StoreError::missing("event_types", id))?;
    let host = (&event_type, schedule.user_id);
    let its = timelines::schedule_of_host(tx, organization, host).await?;
    Ok(its.id == schedule.id)
}
