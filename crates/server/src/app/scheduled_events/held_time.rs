//! Turning a hold into a booking: what was decided when it was placed stays decided.

use super::{
    booking::{BookingRefusal, Order},
    placing::{Locked, Place},
};
use crate::app::holds;
use domain::{
    booking::BookRefusal,
    busy::BusyKind,
    id::{HoldId, OrganizationId, ScheduledEventId, UserId},
};
use jiff::Timestamp;
use store::{StoreError, WriteError, WriteTx, busy_intervals, holds::Hold, users};

/// A hold that becomes a booking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UsedHold {
    /// Which.
    pub id: HoldId,
    /// Who must have placed it; nothing where that does not matter.
    pub placed_by: Option<UserId>,
}

impl UsedHold {
    /// The time that a hold keeps, which was decided when the hold was placed. The hold is gone then.
    pub(super) async fn take(
        self,
        tx: &WriteTx<'_>,
        order: &Order,
        start: Timestamp,
    ) -> Result<(Locked, Place), WriteError<BookingRefusal>> {
        let organization = order.organization;
        let refuse = WriteError::Refused;
        let Some(hold) = store::holds::get(tx, organization, self.id).await? else {
            return Err(refuse(BookingRefusal::UnknownHold));
        };
        if self.placed_by.is_some_and(|user| user != hold.user_id) {
            return Err(refuse(BookingRefusal::NotYourHold));
        }
        let hosts: Vec<UserId> = hold.hosts.iter().map(|host| host.id).collect();
        let locked = order.lock_with(tx, &hosts).await?;
        let is_current = holds::current(tx, organization, self.id).await?.is_some();
        if !is_current || !are_active(tx, organization, &hosts).await? {
            return Err(refuse(BookingRefusal::UnknownHold));
        }
        keeps_this(&hold, order, start).map_err(refuse)?;
        holds::remove(tx, organization, self.id).await?;
        let place = Place {
            joins: meeting_to_join(tx, organization, &hold).await?,
            meeting: hold.interval,
            buffered: hold.buffered,
            hosts: hold.hosts,
            places_taken: 0,
        };
        Ok((locked, place))
    }
}

/// Whether it is this meeting that the hold keeps. Nothing else is looked at again, but that nobody books the past.
fn keeps_this(hold: &Hold, order: &Order, start: Timestamp) -> Result<(), BookingRefusal> {
    if hold.event_type_id != order.event_type_id || hold.interval.start() != start {
        return Err(BookingRefusal::OtherHold);
    }
    if start < order.now {
        return Err(BookingRefusal::Time(BookRefusal::InThePast));
    }
    Ok(())
}

async fn are_active(
    tx: &WriteTx<'_>,
    organization: OrganizationId,
    hosts: &[UserId],
) -> Result<bool, StoreError> {
    for host in hosts {
        if users::get_active(tx, organization, *host).await?.is_none() {
            return Ok(false);
        }
    }
    Ok(true)
}

/// The meeting in which a hold keeps a place. Whoever hosts the event type by now, it is one with a host of the hold.
async fn meeting_to_join(
    tx: &WriteTx<'_>,
    organization: OrganizationId,
    hold: &Hold,
) -> Result<Option<ScheduledEventId>, StoreError> {
    for host in &hold.hosts {
        let busy = busy_intervals::overlapping(tx, organization, host.id, hold.interval).await?;
        let same = busy.iter().find(|busy| {
            busy.kind == BusyKind::ScheduledEvent
                && busy.event_type == Some(hold.event_type_id)
                && busy.interval == hold.interval
        });
        if let Some(same) = same {
            return Ok(Some(ScheduledEventId(same.source)));
        }
    }
    Ok(None)
}
