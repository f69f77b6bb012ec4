//! Series: several meetings that are booked in one go, all of them or those that can be.

use super::booking::{BookingRefusal, Meeting, Order};
use crate::app::mail_occasions::{News, Occasion};
use domain::{booking::BookRefusal, id::SeriesId};
use jiff::Timestamp;
use store::{
    Command, ReadTx, StoreError, WriteError, WriteTx,
    invitees::{self, Invitee},
};

/// The most meetings of a series.
pub const MAX_MEETINGS: usize = 100;

/// Books several meetings for one invitee.
#[derive(Clone, Debug)]
pub struct BookSeries {
    /// What is asked for.
    pub order: Order,
    /// The id of the series.
    pub id: SeriesId,
    /// The meetings, by start; at least one.
    pub meetings: Vec<Meeting>,
    /// Whether those that cannot be booked are left out, as long as there are others.
    pub skip: bool,
}

/// A start that cannot be booked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FailedStart {
    /// The start.
    pub start: Timestamp,
    /// Why.
    pub refusal: BookRefusal,
}

/// What became of a series.
#[derive(Clone, Debug)]
pub struct BookedSeries {
    /// Its id.
    pub id: SeriesId,
    /// What was booked: the start and the invitee, by start.
    pub booked: Vec<(Timestamp, Invitee)>,
    /// What could not be booked, by start.
    pub skipped: Vec<FailedStart>,
}

/// Why a series cannot be booked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SeriesRefusal {
    /// There is no such event type to book.
    UnknownEventType,
    /// Every start that cannot be booked.
    Starts(Vec<FailedStart>),
}

impl Command for BookSeries {
    type Output = BookedSeries;
    type Refusal = SeriesRefusal;

    async fn run(&self, tx: &WriteTx<'_>) -> Result<BookedSeries, WriteError<SeriesRefusal>> {
        let locked = self.order.lock(tx, None).await.map_err(unknown)?;
        let mut series = BookedSeries {
            id: self.id,
            booked: Vec::with_capacity(self.meetings.len()),
            skipped: Vec::new(),
        };
        for meeting in &self.meetings {
            // what was booked before it counts as well
            match self.order.place(tx, &locked, meeting.start).await? {
                Ok(place) => {
                    let which = (*meeting, Some(self.id));
                    let invitee = self.order.book(tx, &locked, which, (place, None)).await?;
                    series.booked.push((meeting.start, invitee));
                }
                Err(refusal) => series.skipped.push(FailedStart {
                    start: meeting.start,
                    refusal,
                }),
            }
        }
        let is_whole = series.skipped.is_empty();
        if is_whole || (self.skip && !series.booked.is_empty()) {
            self.note_mail(tx, &series).await?;
            return Ok(series);
        }
        Err(WriteError::Refused(SeriesRefusal::Starts(series.skipped)))
    }

    async fn is_done(&self, tx: &ReadTx<'_>) -> Result<bool, StoreError> {
        for meeting in &self.meetings {
            if invitees::exists(tx, self.order.organization, meeting.invitee_id).await? {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

impl BookSeries {
    async fn note_mail(&self, tx: &WriteTx<'_>, series: &BookedSeries) -> Result<(), StoreError> {
        let booked = series.booked.iter();
        let booked: Vec<_> = booked
            .map(|(_, invitee)| (invitee.scheduled_event_id, invitee.id))
            .collect();
        let occasion = Occasion::meetings(News::Booked, &booked);
        occasion
            .note(tx, self.order.organization, self.order.now)
            .await
    }
}

/// Taking the locks finds out nothing but whether there is an event type.
fn unknown(error: WriteError<BookingRefusal>) -> WriteError<SeriesRefusal> {
    match error {
        WriteError::Failed(failure) => WriteError::Failed(failure),
        WriteError::Refused(_) => WriteError::Refused(SeriesRefusal::UnknownEventType),
    }
}
