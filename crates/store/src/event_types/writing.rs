//! Event types are added and changed.

use super::{
    EventType, Pooling,
    stored::{StoredLimit, StoredWindow},
};
use crate::{
    StoreError, WriteTx, args,
    column::{Instant, Json},
};
use domain::{event_type::EventTypeSpec, id::OrganizationId};

const INSERT: &str = "insert into event_types (organization_id, id, user_id, name, slug, active, secret, hidden, duration,
  duration_options, color, locale, description, internal_note, position, start_time_increment, before_buffer,
  after_buffer, minimum_notice, booking_window, limits, schedule_id, custom_questions, locations, created_at, updated_at,
  kind, pooling_type, capacity, confirmation_minutes, code)
  values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23,
  $24, $25, $26, $27, $28, $29, $30, $31)";

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
            Instant(event_type.updated_at),
            event_type.kind.as_str(),
            event_type.pooling.map(Pooling::as_str),
            event_type.rules.capacity,
            event_type.confirmation_minutes,
            event_type.code
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
  limits = $19, schedule_id = $20, custom_questions = $21, locations = $22, updated_at = $23, deleted_at = $24,
  kind = $25, pooling_type = $26, capacity = $27, confirmation_minutes = $28
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
                event_type.deleted_at.map(Instant),
                event_type.kind.as_str(),
                event_type.pooling.map(Pooling::as_str),
                event_type.rules.capacity,
                event_type.confirmation_minutes
            ],
        )
        .await?;
    StoreError::expect_one(touched, "event_types", event_type.id)
}
