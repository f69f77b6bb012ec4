//! Availability schedules: a user's weekly rules and date overrides.

use crate::{
    FromRow, ReadTx, Row, StoreError, WriteTx, args,
    column::{Instant, Json},
};
use domain::{
    civil,
    civil::TimeOfDay,
    id::{EventTypeId, OrganizationId, ScheduleId, UserId},
    schedule::{HoursInterval, Rule, Schedule},
};
use jiff::{
    Timestamp,
    civil::{Date, Weekday},
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A row of `user_availability_schedules`.
#[derive(Clone, Debug)]
pub struct AvailabilitySchedule {
    /// Its id.
    pub id: ScheduleId,
    /// Whose hours these are.
    pub user_id: UserId,
    /// The event type whose hours these are; nothing where they are for any.
    pub event_type_id: Option<EventTypeId>,
    /// What its owner calls it.
    pub name: String,
    /// Whether it counts where none is named.
    pub is_default: bool,
    /// The rules and their zone.
    pub schedule: Schedule,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

impl FromRow for AvailabilitySchedule {
    fn from_row(row: &Row<'_>) -> Result<AvailabilitySchedule, StoreError> {
        let mut columns = row.columns();
        Ok(AvailabilitySchedule {
            id: ScheduleId(columns.take()?),
            user_id: UserId(columns.take()?),
            event_type_id: columns.take::<Option<Uuid>>()?.map(EventTypeId),
            name: columns.take()?,
            is_default: columns.take()?,
            schedule: {
                let zone = columns.parse(civil::zone)?;
                let Json(rules) = columns.take::<Json<Vec<StoredRule>>>()?;
                let rules = rules
                    .into_iter()
                    .map(StoredRule::rule)
                    .collect::<Option<_>>();
                let schedule = rules.and_then(|rules| Schedule::new(zone, rules).ok());
                schedule.ok_or_else(|| columns.corrupt("a rule that cannot be"))?
            },
            created_at: columns.take::<Instant>()?.0,
            updated_at: columns.take::<Instant>()?.0,
        })
    }
}

/// A rule as it lies in the database: a weekday (0 is Sunday) or a date, and minutes of the day.
#[derive(Debug, Serialize, Deserialize)]
struct StoredRule {
    #[serde(skip_serializing_if = "Option::is_none", default)]
    weekday: Option<i8>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    date: Option<Date>,
    intervals: Vec<(u16, u16)>,
}

impl StoredRule {
    fn of(rule: &Rule) -> StoredRule {
        let minutes =
            |interval: &HoursInterval| (interval.from().minutes(), interval.to().minutes());
        match rule {
            Rule::Weekday { weekday, intervals } => StoredRule {
                weekday: Some(weekday.to_sunday_zero_offset()),
                date: None,
                intervals: intervals.iter().map(minutes).collect(),
            },
            Rule::Date { date, intervals } => StoredRule {
                weekday: None,
                date: Some(*date),
                intervals: intervals.iter().map(minutes).collect(),
            },
        }
    }

    fn rule(self) -> Option<Rule> {
        let interval =
            |(from, to)| HoursInterval::new(TimeOfDay::new(from)?, TimeOfDay::new(to)?).ok();
        let intervals = self
            .intervals
            .into_iter()
            .map(interval)
            .collect::<Option<_>>()?;
        match (self.weekday, self.date) {
            (Some(weekday), None) => {
                let weekday = Weekday::from_sunday_zero_offset(weekday).ok()?;
                Some(Rule::Weekday { weekday, intervals })
            }
            (None, Some(date)) => Some(Rule::Date { date, intervals }),
            _ => None,
        }
    }
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "select id, user_id, event_type_id, name, is_default, timezone, rules, created_at, updated_at
  from user_availability_schedules where organization_id = $1 ",
            $rest
        )
    };
}

const GET: &str = select!("and id = $2");

/// The schedule with this id.
pub async fn get(
    tx: &ReadTx<'_>,
    organization: OrganizationId,
    id: ScheduleId,
) -> Result<Option<AvailabilitySchedule>, StoreError> {
    tx.optional(GET, args![organization.0, id.0]).await
}

const LIST: &str = select!("and user_id = $2 and event_type_id is null order by created_at, id");

/// All schedules that a user has for any event type, oldest first.
pub async fn list(
    tx: &ReadTx<'_>,
    organization: OrganizationId,
    user: UserId,
) -> Result<Vec<AvailabilitySchedule>, StoreError> {
    tx.all(LIST, args![organization.0, user.0]).await
}

const DEFAULT: &str = select!("and user_id = $2 and is_default");

/// The schedule that counts where none is named.
pub async fn default_of(
    tx: &ReadTx<'_>,
    organization: OrganizationId,
    user: UserId,
) -> Result<Option<AvailabilitySchedule>, StoreError> {
    tx.optional(DEFAULT, args![organization.0, user.0]).await
}

const INSERT: &str = "insert into user_availability_schedules
  (organization_id, id, user_id, name, timezone, is_default, rules, created_at, updated_at, event_type_id)
  values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";

/// Adds a schedule.
pub async fn insert(
    tx: &WriteTx<'_>,
    organization: OrganizationId,
    schedule: &AvailabilitySchedule,
) -> Result<(), StoreError> {
    let (zone, rules) = stored(&schedule.schedule);
    tx.execute(
        INSERT,
        args![
            organization.0,
            schedule.id.0,
            schedule.user_id.0,
            schedule.name,
            zone,
            schedule.is_default,
            Json(rules),
            Instant(schedule.created_at),
            Instant(schedule.updated_at),
            schedule.event_type_id.map(|id| id.0)
        ],
    )
    .await?;
    Ok(())
}

const UPDATE: &str = "update user_availability_schedules
  set name = $3, timezone = $4, is_default = $5, rules = $6, updated_at = $7
  where organization_id = $1 and id = $2";

/// Writes what may change of a schedule.
pub async fn update(
    tx: &WriteTx<'_>,
    organization: OrganizationId,
    schedule: &AvailabilitySchedule,
) -> Result<(), StoreError> {
    let (zone, rules) = stored(&schedule.schedule);
    let touched = tx
        .execute(
            UPDATE,
            args![
                organization.0,
                schedule.id.0,
                schedule.name,
                zone,
                schedule.is_default,
                Json(rules),
                Instant(schedule.updated_at)
            ],
        )
        .await?;
    StoreError::expect_one(touched, "user_availability_schedules", schedule.id)
}

fn stored(schedule: &Schedule) -> (&str, Vec<StoredRule>) {
    let rules = schedule.rules().map(|rule| StoredRule::of(&rule)).collect();
    (civil::zone_name(schedule.zone()), rules)
}

const CLEAR_DEFAULT: &str = "update user_availability_schedules set is_default = $3
  where organization_id = $1 and user_id = $2 and is_default";

/// Takes the default flag from the schedule that has it, so that another one can get it.
pub async fn clear_default(
    tx: &WriteTx<'_>,
    organization: OrganizationId,
    user: UserId,
) -> Result<(), StoreError> {
    tx.execute(CLEAR_DEFAULT, args![organization.0, user.0, false])
        .await?;
    Ok(())
}

const DELETE: &str =
    "delete from user_availability_schedules where organization_id = $1 and id = $2";

/// Removes a schedule.
pub async fn delete(
    tx: &WriteTx<'_>,
    organization: OrganizationId,
    id: ScheduleId,
) -> Result<(), StoreError> {
    let touched = tx.execute(DELETE, args![organization.0, id.0]).await?;
    StoreError::expect_one(touched, "user_availability_schedules", id)
}
