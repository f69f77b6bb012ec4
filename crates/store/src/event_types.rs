//! Event types: kinds of meetings on offer. A deleted one stays, for the events that were booked by it.

pub mod listing;
mod stored;
mod writing;

pub use writing::{insert, update};

use crate::{
    FromRow, ReadTx, Row, StoreError, WriteTx, args,
    column::{Instant, Json},
};
use domain::{
    event_type::{self, EventTypeSpec, Limit},
    id::{EventTypeId, OrganizationId, ScheduleId, UserId},
};
use jiff::Timestamp;
use serde_json::Value;
use stored::{StoredLimit, StoredWindow};
use uuid::Uuid;

/// How many invitees a meeting has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// One.
    Solo,
    /// Several, up to the capacity.
    Group,
}

impl Kind {
    /// The word in the database and in the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::Solo => "solo",
            Kind::Group => "group",
        }
    }

    /// The kind of this word.
    pub fn parse(word: &str) -> Option<Kind> {
        [Kind::Solo, Kind::Group]
            .into_iter()
            .find(|kind| kind.as_str() == word)
    }
}

/// Which of the hosts take part in a meeting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pooling {
    /// All of them.
    Collective,
    /// The fixed ones, and one of the others in turn.
    RoundRobin,
    /// The fixed ones, and one of each pool in turn.
    MultiPool,
}

impl Pooling {
    /// The word in the database and in the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Pooling::Collective => "collective",
            Pooling::RoundRobin => "round_robin",
            Pooling::MultiPool => "multi_pool",
        }
    }

    /// The pooling of this word.
    pub fn parse(word: &str) -> Option<Pooling> {
        [Pooling::Collective, Pooling::RoundRobin, Pooling::MultiPool]
            .into_iter()
            .find(|pooling| pooling.as_str() == word)
    }
}

/// A row of `event_types`.
#[derive(Clone, Debug)]
pub struct EventType {
    /// Its id.
    pub id: EventTypeId,
    /// Whose it is, and whose time it takes where it has no pooling.
    pub user_id: UserId,
    /// What invitees see.
    pub name: String,
    /// Second segment of the booking page.
    pub slug: String,
    /// Whether it can be booked.
    pub active: bool,
    /// Whether it is left out of the landing page.
    pub secret: bool,
    /// Whether the server keeps it for itself: never listed.
    pub hidden: bool,
    /// How many invitees a meeting has.
    pub kind: Kind,
    /// How hosts are chosen among its memberships; the owner alone, without memberships, when `None`.
    pub pooling: Option<Pooling>,
    /// Minutes within which a host must confirm a meeting; it is booked at once when `None`.
    pub confirmation_minutes: Option<i64>,
    /// Duration, buffers, grid, notice, window, limits and capacity; in minutes.
    pub rules: EventTypeSpec,
    /// Durations that invitees may choose from, in minutes.
    pub duration_options: Option<Vec<u32>>,
    /// `#rrggbb`.
    pub color: String,
    /// Language.
    pub locale: String,
    /// What invitees read.
    pub description: Option<String>,
    /// What the host reads.
    pub internal_note: Option<String>,
    /// Display order.
    pub position: i64,
    /// The schedule it goes by; the host's default when `None`.
    pub schedule_id: Option<ScheduleId>,
    /// Questions to the invitee: a document whose shape is the API's.
    pub custom_questions: Value,
    /// Where it can take place: a document whose shape is the API's.
    pub locations: Option<Value>,
    /// Of one that was made for one occasion: the random part of its address.
    pub code: Option<String>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// When it was deleted.
    pub deleted_at: Option<Timestamp>,
}

impl EventType {
    /// The rules, ready to decide by.
    pub fn compiled(&self) -> Result<event_type::EventType, StoreError> {
        event_type::EventType::new(self.rules.clone())
            .map_err(|error| StoreError::corrupt("event_types", "duration", self.id, error))
    }
}

impl FromRow for EventType {
    fn from_row(row: &Row<'_>) -> Result<EventType, StoreError> {
        let mut columns = row.columns();
        let id = EventTypeId(columns.take()?);
        Ok(EventType {
            id,
            rules: EventTypeSpec {
                id,
                duration: columns.take()?,
                increment: columns.take()?,
                before_buffer: columns.take()?,
                after_buffer: columns.take()?,
                minimum_notice: columns.take()?,
                window: columns.take::<Json<StoredWindow>>()?.0.into(),
                limits: (columns.take::<Json<Vec<StoredLimit>>>()?.0)
                    .into_iter()
                    .map(Limit::from)
                    .collect(),
                capacity: columns.take()?,
            },
            user_id: UserId(columns.take()?),
            name: columns.take()?,
            slug: columns.take()?,
            active: columns.take()?,
            secret: columns.take()?,
            hidden: columns.take()?,
            kind: columns.parse(Kind::parse)?,
            pooling: columns.parse_optional(Pooling::parse)?,
            confirmation_minutes: columns.take()?,
            duration_options: columns.take::<Option<Json<_>>>()?.map(|options| options.0),
            color: columns.take()?,
            locale: columns.take()?,
            description: columns.take()?,
            internal_note: columns.take()?,
            position: columns.take()?,
            schedule_id: columns.take::<Option<Uuid>>()?.map(ScheduleId),
            custom_questions: columns.take::<Json<_>>()?.0,
            locations: columns
                .take::<Option<Json<_>>>()?
                .map(|locations| locations.0),
            code: columns.take()?,
            created_at: columns.take::<Instant>()?.0,
            updated_at: columns.take::<Instant>()?.0,
            deleted_at: columns.take::<Option<Instant>>()?.map(|at| at.0),
        })
    }
}

macro_rules! select {
    ($($rest:expr),+) => {
        concat!(
            "select id, duration, start_time_increment, before_buffer, after_buffer, minimum_notice, booking_window,
  limits, capacity, user_id, name, slug, active, secret, hidden, kind, pooling_type, confirmation_minutes,
  duration_options, color, locale, description, internal_note, position, schedule_id, custom_questions, locations, code,
  created_at, updated_at, deleted_at
  from event_types where organization_id = $1 ",
            $($rest),+
        )
    };
}
use select;

const GET: &str = select!("and id = $2");

/// The event type with this id, also a deleted or hidden one.
pub async fn get(
    tx: &ReadTx<'_>,
    organization: OrganizationId,
    id: EventTypeId,
) -> Result<Option<EventType>, StoreError> {
    tx.optional(GET, args![organization.0, id.0]).await
}

const HIDDEN_OF: &str = select!("and user_id = $2 and hidden and deleted_at is null");

/// The event type that the server keeps for a host's classic meetings.
pub async fn hidden_of(
    tx: &ReadTx<'_>,
    organization: OrganizationId,
    user: UserId,
) -> Result<Option<EventType>, StoreError> {
    tx.optional(HIDDEN_OF, args![organization.0, user.0]).await
}

const BY_SLUG: &str = select!("and user_id = $2 and slug = $3 and deleted_at is null");

/// The user's event type with this slug.
pub async fn by_slug(
    tx: &ReadTx<'_>,
    organization: OrganizationId,
    user: UserId,
    slug: &str,
) -> Result<Option<EventType>, StoreError> {
    tx.optional(BY_SLUG, args![organization.0, user.0, slug])
        .await
}

const USING_SCHEDULE: &str = "select count(*) from event_types
  where organization_id = $1 and schedule_id = $2 and deleted_at is null";

/// How many event types go by this schedule.
pub async fn using_schedule(
    tx: &ReadTx<'_>,
    organization: OrganizationId,
    schedule: ScheduleId,
) -> Result<i64, StoreError> {
    let count = tx
        .optional(USING_SCHEDULE, args![organization.0, schedule.0])
        .await?;
    Ok(count.unwrap_or(0))
}

const FORGET_SCHEDULE: &str = "update event_types set schedule_id = null
  where organization_id = $1 and schedule_id = $2";

/// Lets event types that went by this schedule go by their host's default one.
pub async fn forget_schedule(
    tx: &WriteTx<'_>,
    organization: OrganizationId,
    schedule: ScheduleId,
) -> Result<(), StoreError> {
    tx.execute(FORGET_SCHEDULE, args![organization.0, schedule.0])
        .await?;
    Ok(())
}

const NEXT_POSITION: &str = "select coalesce(max(position) + 1, 0) from event_types
  where organization_id = $1 and user_id = $2 and not hidden and deleted_at is null";

/// The display position behind all event types of a user.
pub async fn next_position(
    tx: &ReadTx<'_>,
    organization: OrganizationId,
    user: UserId,
) -> Result<i64, StoreError> {
    let count = tx
        .optional(NEXT_POSITION, args![organization.0, user.0])
        .await?;
    Ok(count.unwrap_or(0))
}
