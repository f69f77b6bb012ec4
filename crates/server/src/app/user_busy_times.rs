//! Blocking time: once or by a recurrence rule.

use crate::app::users::{UnknownUser, lock_time};
use domain::{
    busy::{self, BusyInterval, BusyKind},
    id::{BusyTimeId, OrganizationId},
    interval::{Interval, IntervalSet},
    recurrence::{Recurrence, RecurrenceError},
};
use jiff::tz::TimeZone;
use store::{
    Command, ReadTx, StoreError, WriteError, WriteTx, busy_intervals, hosts,
    user_busy_times::{self, BusyTime},
};

/// The most pieces of at most 24 hours that one busy time may block.
pub const MAX_PIECES: usize = 4000;

/// Why time cannot be blocked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BusyTimeRefusal {
    /// The recurrence rule cannot be followed.
    #[error(transparent)]
    Recurrence(#[from] RecurrenceError),
    /// No instance is left.
    #[error("every instance of the rule is left out by exdates")]
    Nothing,
    /// The instances take too many days together.
    #[error("all instances together block more than {MAX_PIECES} days; end the rule earlier")]
    TooLong,
}

/// What a busy time blocks, cut into pieces. `zone` is the one that it names.
pub fn blocked(busy_time: &BusyTime, zone: TimeZone) -> Result<Vec<BusyInterval>, BusyTimeRefusal> {
    let blocked = IntervalSet::from_intervals(instances(busy_time, zone)?);
    let pieces: Vec<BusyInterval> = blocked
        .iter()
        .flat_map(|interval| busy::pieces(*interval))
        .take(MAX_PIECES + 1)
        .map(|piece| BusyInterval {
            interval: piece,
            buffered: piece,
            kind: BusyKind::BusyTime,
            source: busy_time.id.0,
            event_type: None,
            places: 0,
        })
        .collect();
    match pieces.len() {
        0 => Err(BusyTimeRefusal::Nothing),
        1..=MAX_PIECES => Ok(pieces),
        _ => Err(BusyTimeRefusal::TooLong),
    }
}

fn instances(busy_time: &BusyTime, zone: TimeZone) -> Result<Vec<Interval>, BusyTimeRefusal> {
    let Some(rule) = &busy_time.rrule else {
        return Ok(vec![busy_time.interval]);
    };
    let exdates = busy_time.exdates.clone();
    let rule = Recurrence::parse(rule, exdates, busy_time.interval, zone)?;
    Ok(rule.into_instances())
}

/// Adds a busy time and what it blocks.
#[derive(Clone, Debug)]
pub struct AddBusyTime {
    /// In which organization.
    pub organization: OrganizationId,
    /// The busy time.
    pub busy_time: BusyTime,
    /// What [`blocked`] says of it.
    pub blocked: Vec<BusyInterval>,
}

impl Command for AddBusyTime {
    type Output = BusyTime;
    type Refusal = UnknownUser;

    async fn run(&self, tx: &WriteTx<'_>) -> Result<BusyTime, WriteError<UnknownUser>> {
        let host = self.busy_time.user_id;
        let user = lock_time(tx, self.organization, host).await?;
        user.ok_or(WriteError::Refused(UnknownUser))?;
        user_busy_times::insert(tx, self.organization, &self.busy_time).await?;
        busy_intervals::insert_all(tx, self.organization, host, &self.blocked).await?;
        Ok(self.busy_time.clone())
    }

    async fn is_done(&self, tx: &ReadTx<'_>) -> Result<bool, StoreError> {
        let busy_time = user_busy_times::get(tx, self.organization, self.busy_time.id).await?;
        Ok(busy_time.is_some())
    }
}

/// Frees what a busy time blocked.
#[derive(Clone, Debug)]
pub struct RemoveBusyTime {
    /// In which organization.
    pub organization: OrganizationId,
    /// Which one.
    pub id: BusyTimeId,
}

/// There is no such busy time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownBusyTime;

impl Command for RemoveBusyTime {
    type Output = ();
    type Refusal = UnknownBusyTime;

    async fn run(&self, tx: &WriteTx<'_>) -> Result<(), WriteError<UnknownBusyTime>> {
        let found = user_busy_times::get(tx, self.organization, self.id).await?;
        let found = found.ok_or(WriteError::Refused(UnknownBusyTime))?;
        hosts::bump(tx, self.organization, found.user_id).await?;
        if user_busy_times::get(tx, self.organization, self.id)
            .await?
            .is_none()
        {
            return Err(WriteError::Refused(UnknownBusyTime));
        }
        busy_intervals::delete(tx, self.organization, self.id.0).await?;
        user_busy_times::delete(tx, self.organization, self.id).await?;
        Ok(())
    }

    async fn is_done(&self, tx: &ReadTx<'_>) -> Result<bool, StoreError> {
        let busy_time = user_busy_times::get(tx, self.organization, self.id).await?;
        Ok(busy_time.is_none())
    }
}
