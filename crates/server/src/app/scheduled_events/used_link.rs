//! Booking by a link, which is used up in the same transaction.

use super::{
    booking::{BookingRefusal, Meeting, Order},
    placing::{Locked, Place},
};
use crate::app::scheduling_links::{current, overrides::Overrides, use_up};
use std::sync::Arc;
use store::{WriteError, WriteTx};

/// A link by which is booked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UsedLink {
    /// Its code.
    pub code: String,
}

impl UsedLink {
    /// The time that is asked for, if the link can be used still. It is used up then. Of a share, its settings count.
    pub(super) async fn take(
        &self,
        tx: &WriteTx<'_>,
        order: &Order,
        meeting: Meeting,
    ) -> Result<(Locked, Place), WriteError<BookingRefusal>> {
        let (organization, refuse) = (order.organization, WriteError::Refused);
        let mut locked = order.lock(tx, None).await?;
        // read under the locks: whoever else books by the link has them before or after
        let link = current(tx, organization, &self.code).await?;
        let link = link.ok_or(refuse(BookingRefusal::UnknownLink))?;
        if link.event_type_id != order.event_type_id {
            return Err(refuse(BookingRefusal::OtherLink));
        }
        if let Some(overrides) = Overrides::of(&link)? {
            let mut event_type = (*locked.event_type).clone();
            overrides.apply(&mut event_type);
            locked.event_type = Arc::new(event_type);
        }
        let place = order.place(tx, &locked, meeting.start).await?;
        let place = place.map_err(|refusal| refuse(BookingRefusal::Time(refusal)))?;
        if !use_up(tx, organization, &link, meeting.invitee_id).await? {
            return Err(refuse(BookingRefusal::UnknownLink));
        }
        Ok((locked, place))
    }
}
