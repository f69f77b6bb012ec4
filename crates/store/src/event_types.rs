//! Event types: kinds of meetings on offer. A deleted one stays, for the events that were booked by it.

pub mod listing;
mod stored;

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

/// A row of `event_types`.
#[derive(Clone, Debug)]
pub struct EventType {
    /// Its id.
    pub id: EventTypeId,
    /// Whose time it takes.
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
    /// Duration, buffers, grid, notice, window and limits, in minutes.
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
            },
            user_id: UserId(columns.take()?),
            name: columns.take()?,
            slug: columns.take()?,
            active: columns.take()?,
            secret: columns.take()?,
            hidden: columns.take()?,
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
  limits, user_id, name, slug, active, secret, hidden, duration_options, color, locale, description, internal_note,
  position, schedule_id, custom_questions, locations, created_at, updated_at, deleted_at
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

const INSERT: &str = "insert into event_types (organization_id, id, user_id, name, slug, active, secret, hidden, duration,
  duration_options, color, locale, description, internal_note, position, start_time_increment, before_buffer,
  after_buffer, minimum_notice, booking_window, limits, schedule_id, custom_questions, locations, created_at, updated_at)
  values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23,
  $24, $25, $26)";

/// Adds an event type. A slug that another event type of the user has is a conflict.
pub async fn insert(
    tx: &WriteTx<'_>,
    organization: OrganizationId,
    event_type: &EventType,
) -> Result<(), StoreError> {
    let rules = &event_type.rules;
    tx.execute(
        INSERT,
        args![
            organization.0,
            event_type.id.0,
            event_type.user_id.0,
            event_type.name,
            event_type.slug,
            event_type.active,
            event_type.secret,
            event_type.hidden,
            rules.duration,
            event_type.duration_options.as_ref().map(Json),
            event_type.color,
            event_type.locale,
            event_type.description,
            event_type.internal_note,
            event_type.position,
            rules.increment,
            rules.before_buffer,
            rules.after_buffer,
            rules.minimum_notice,
            Json(StoredWindow::from(&rules.window)),
            Json(stored_limits(rules)),
            event_type.schedule_id.map(|id| id.0),
            Json(&event_type.custom_questions),
            event_type.locations.as_ref().map(Json),
            Instant(event_type.created_at),
            Instant(event_type.updated_at)
        ],
    )
    .await?;
    Ok(())
}

fn stored_limits(rules: &EventTypeSpec) -> Vec<StoredLimit> {
    rules.limits.iter().map(StoredLimit::from).collect()
}

const UPDATE: &str = "update event_types set name = $3, slug = $4, active = $5, secret = $6, duration = $7,
  duration_options = $8, color = $9, locale = $10, description = $11, internal_note = $12, position = $13,
  start_time_increment = $14, before_buffer = $15, after_buffer = $16, minimum_notice = $17, booking_window = $18,
  limits = $19, schedule_id = $20, custom_questions = $21, locations = $22, updated_at = $23, deleted_at = $24
  where organization_id = $1 and id = $2";

/// Writes what may change of an event type.
pub async fn update(
    tx: &WriteTx<'_>,
    organization: OrganizationId,
    event_type: &EventType,
) -> Result<(), StoreError> {
    let rules = &event_type.rules;
    let touched = tx
        .execute(
            UPDATE,
            args![
                organization.0,
                event_type.id.0,
                event_type.name,
                event_type.slug,
                event_type.active,
                event_type.secret,
                rules.duration,
                event_type.duration_options.as_ref().map(Json),
                event_type.color,
                event_type.locale,
                event_type.description,
                event_type.internal_note,
                event_type.position,
                rules.increment,
                rules.before_buffer,
                rules.after_buffer,
                rules.minimum_notice,
                Json(StoredWindow::from(&rules.window)),
                Json(stored_limits(rules)),
                event_type.schedule_id.map(|id| id.0),
                Json(&event_type.custom_questions),
                event_type.locations.as_ref().map(Json),
                Instant(event_type.updated_at),
                event_type.deleted_at.map(Instant)
            ],
        )
        .await?;
    StoreError::expect_one(touched, "event_types", event_type.id)
}
