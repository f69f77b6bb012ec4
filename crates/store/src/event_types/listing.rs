//! Pages of event types, sorted by any of four fields.

use super::{EventType, select};
use crate::{
    ReadTx, StoreError,
    column::Instant,
    engine::Param,
    page::{Order, Page, PageRequest},
};
use domain::id::{OrganizationId, ScheduleId, UserId};
use jiff::Timestamp;
use uuid::Uuid;

/// Which event types are wanted; what is `None` does not matter.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// That belong to this user or are hosted by them.
    pub user: Option<UserId>,
    /// Only active or only inactive ones.
    pub active: Option<bool>,
    /// Only those that go by this schedule.
    pub schedule: Option<ScheduleId>,
    /// Together with `schedule`: it is its owner's default, so those of theirs that name no schedule go by it too,
    /// and so do those of others that they host.
    pub schedule_is_default: bool,
    /// Together with `schedule`: whose it is.
    pub schedule_owner: Option<UserId>,
}

/// By which field event types are sorted; the id settles ties.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SortField {
    /// By name.
    Name,
    /// By display position.
    Position,
    /// By age.
    CreatedAt,
    /// By last change.
    UpdatedAt,
}

/// The place of an event type in a sorted list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SortKey {
    /// Sorted by name.
    Name(String, Uuid),
    /// Sorted by position.
    Position(i64, Uuid),
    /// Sorted by an instant.
    At(Timestamp, Uuid),
}

impl SortKey {
    /// Whether it is a place in a list sorted by `field`.
    pub fn is_of(&self, field: SortField) -> bool {
        match self {
            SortKey::Name(..) => field == SortField::Name,
            SortKey::Position(..) => field == SortField::Position,
            SortKey::At(..) => matches!(field, SortField::CreatedAt | SortField::UpdatedAt),
        }
    }
}

impl EventType {
    /// This event type's place in a list sorted by `field`.
    pub fn sort_key(&self, field: SortField) -> SortKey {
        match field {
            SortField::Name => SortKey::Name(self.name.clone(), self.id.0),
            SortField::Position => SortKey::Position(self.position, self.id.0),
            SortField::CreatedAt => SortKey::At(self.created_at, self.id.0),
            SortField::UpdatedAt => SortKey::At(self.updated_at, self.id.0),
        }
    }
}

macro_rules! list {
    ($field:literal, $compare:literal, $direction:literal) => {
        select!(
            "and not hidden and deleted_at is null and (active = $3 or $3 is null)
  and (user_id = $2 or $2 is null or id in
    (select event_type_id from event_type_memberships where organization_id = $1 and user_id = $2))
  and (schedule_id = $4 or $4 is null or ($5 and (user_id = $10 and schedule_id is null or user_id <> $10 and id in
    (select event_type_id from event_type_memberships where organization_id = $1 and user_id = $10))))
  and ($6 or (",
            $field, ", id) ", $compare, " ($7, $8)) order by ",
            $field, $direction, ", id", $direction, " limit $9"
        )
    };
}

fn list_sql(field: SortField, order: Order) -> &'static str {
    match (field, order) {
        (SortField::Name, Order::Ascending) => list!("name", ">", ""),
        (SortField::Name, Order::Descending) => list!("name", "<", " desc"),
        (SortField::Position, Order::Ascending) => list!("position", ">", ""),
        (SortField::Position, Order::Descending) => list!("position", "<", " desc"),
        (SortField::CreatedAt, Order::Ascending) => list!("created_at", ">", ""),
        (SortField::CreatedAt, Order::Descending) => list!("created_at", "<", " desc"),
        (SortField::UpdatedAt, Order::Ascending) => list!("updated_at", ">", ""),
        (SortField::UpdatedAt, Order::Descending) => list!("updated_at", "<", " desc"),
    }
}

/// A page of the event types that are neither deleted nor hidden.
pub async fn list(
    tx: &ReadTx<'_>,
    organization: OrganizationId,
    filter: &Filter,
    field: SortField,
    request: &PageRequest<SortKey>,
) -> Result<Page<EventType>, StoreError> {
    let walk = request.walk();
    let first = walk.from.is_none();
    let (key, id) = key_columns(walk.from, field);
    let user = filter.user.map(|user| user.0);
    let schedule = filter.schedule.map(|schedule| schedule.0);
    let schedule_owner = filter.schedule_owner.map(|user| user.0);
    let args: Vec<&dyn Param> = vec![
        &organization.0,
        &user,
        &filter.active,
        &schedule,
        &filter.schedule_is_default,
        &first,
        &*key,
        &id,
        &walk.limit,
        &schedule_owner,
    ];
    let rows = tx.all(list_sql(field, walk.order), &args).await?;
    Ok(request.page(rows))
}

/// The key to start behind as columns; one of the right types where there is none.
fn key_columns(from: Option<SortKey>, field: SortField) -> (Box<dyn Param + Send>, Uuid) {
    match (from, field) {
        (Some(SortKey::Name(name, id)), _) => (Box::new(name), id),
        (Some(SortKey::Position(position, id)), _) => (Box::new(position), id),
        (Some(SortKey::At(at, id)), _) => (Box::new(Instant(at)), id),
        (None, SortField::Name) => (Box::new(""), Uuid::nil()),
        (None, SortField::Position) => (Box::new(0_i64), Uuid::nil()),
        (None, SortField::CreatedAt | SortField::UpdatedAt) => {
            (Box::new(Instant(Timestamp::UNIX_EPOCH)), Uuid::nil())
        }
    }
}
