//! `/user_availability_schedules`: set and show availability.

mod editing;

use super::{
    answer::{Listing, Resource, write_once},
    availability_rules::{AvailabilityRule, RuleList, dates_before, rules_body, schedule, zone_of},
    caller::{
        Caller,
        scope::{AvailabilityRead, AvailabilityWrite},
    },
    input::input,
    problem::{Detail, Problem},
    request::{Input, Query},
    uri::{Id, Uri, Uris},
    value::{text::Text, time::Zone},
};
use crate::{
    app::user_availability_schedules::{AddSchedule, RemoveSchedule, ScheduleRefusal},
    context::{App, fresh_id},
};
use axum::{Json, extract::State, http::StatusCode, response::Response};
use domain::{
    civil,
    id::{ScheduleId, UserId},
    schedule::Schedule,
};
use jiff::{Timestamp, tz::TimeZone};
use serde::Serialize;
use store::{
    user_availability_schedules::{self, AvailabilitySchedule},
    users,
};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

/// The routes of this file.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(
            list_user_availability_schedules,
            create_user_availability_schedule
        ))
        .routes(routes!(
            get_user_availability_schedule,
            editing::update_user_availability_schedule,
            delete_user_availability_schedule
        ))
}

/// A user's weekly hours and date overrides.
#[derive(Debug, Serialize, ToSchema)]
pub struct ScheduleBody {
    /// The schedule's URI.
    #[schema(format = "uri")]
    pub uri: String,
    /// Whether it counts where no schedule is named.
    pub default: bool,
    /// What its owner calls it.
    #[schema(example = "Working hours")]
    pub name: String,
    /// Whose hours these are.
    #[schema(format = "uri")]
    pub user: String,
    /// The zone of its wall times.
    #[schema(example = "Europe/Berlin")]
    pub timezone: String,
    /// The hours.
    pub rules: Vec<AvailabilityRule>,
}

impl ScheduleBody {
    fn new(schedule: &AvailabilitySchedule, uris: &Uris) -> ScheduleBody {
        ScheduleBody {
            uri: uris.of(schedule.id),
            default: schedule.is_default,
            name: schedule.name.clone(),
            user: uris.of(schedule.user_id),
            timezone: zone_of(&schedule.schedule),
            rules: rules_body(&schedule.schedule),
        }
    }
}

impl From<ScheduleRefusal> for Problem {
    fn from(refusal: ScheduleRefusal) -> Problem {
        match refusal {
            ScheduleRefusal::Unknown => Problem::not_found(),
            ScheduleRefusal::IsDefault => {
                Problem::in_use("This is the default schedule; make another one the default first.")
            }
            ScheduleRefusal::InUse { event_types } => Problem::in_use(format!(
                "{event_types} event types go by this schedule; give them another one first."
            )),
        }
    }
}

input! {
    /// Whose schedules.
    pub struct ListSchedules {
        /// The user.
        pub user: Uri<UserId>,
    }
}

/// List a user's schedules
#[utoipa::path(get, path = "/user_availability_schedules", tag = "Availability", params(ListSchedules), responses((status = 200, description = "All schedules of the user", body = Listing<ScheduleBody>)))]
async fn list_user_availability_schedules(
    State(app): State<App>,
    caller: Caller<AvailabilityRead>,
    Query { query, .. }: Query<ListSchedules>,
) -> Result<Json<Listing<ScheduleBody>>, Problem> {
    let tx = app.store.read().await?;
    let user = query.user.0;
    users::get_active(&tx, caller.organization, user)
        .await?
        .ok_or_else(Problem::not_in_organization)?;
    let schedules = user_availability_schedules::list(&tx, caller.organization, user).await?;
    let uris = app.uris();
    Ok(Json(Listing {
        collection: schedules
            .iter()
            .map(|schedule| ScheduleBody::new(schedule, &uris))
            .collect(),
    }))
}

/// Get a schedule
#[utoipa::path(get, path = "/user_availability_schedules/{uuid}", tag = "Availability", params(("uuid" = uuid::Uuid, Path)), responses((status = 200, description = "The schedule", body = Resource<ScheduleBody>)))]
async fn get_user_availability_schedule(
    State(app): State<App>,
    caller: Caller<AvailabilityRead>,
    Id(id): Id<ScheduleId>,
) -> Result<Json<Resource<ScheduleBody>>, Problem> {
    let tx = app.store.read().await?;
    let schedule = user_availability_schedules::get(&tx, caller.organization, id).await?;
    let schedule = schedule.ok_or_else(Problem::not_found)?;
    Ok(Json(Resource {
        resource: ScheduleBody::new(&schedule, &app.uris()),
    }))
}

input! {
    /// A new schedule. A weekday without a rule is closed.
    pub struct NewSchedule {
        /// What to call it.
        pub name: Text<1, 255>,
        /// The zone of its wall times.
        pub timezone: Zone,
        /// Weekly hours and date overrides; none before today.
        pub rules: RuleList,
        /// Whose hours; the caller's by default. Others need an administrator.
        pub user: Option<Uri<UserId>>,
    }
    example {
        "name": "Working hours",
        "timezone": "Europe/Berlin",
        "rules": [
            {"type": "wday", "wday": "monday", "intervals": [{"from": "09:00", "to": "12:00"}, {"from": "13:00", "to": "17:00"}]},
            {"type": "wday", "wday": "friday", "intervals": [{"from": "22:00", "to": "02:00"}]},
            {"type": "date", "date": "2030-12-24", "intervals": []}
        ]
    }
}

/// Make a schedule
///
/// A user's first schedule is their default one.
#[utoipa::path(post, path = "/user_availability_schedules", tag = "Availability", request_body = NewSchedule, responses((status = 201, description = "The new schedule", body = Resource<ScheduleBody>)))]
async fn create_user_availability_schedule(
    State(app): State<App>,
    caller: Caller<AvailabilityWrite>,
    input: Input<NewSchedule>,
) -> Result<Response, Problem> {
    let body = input.body;
    let now = app.now();
    let user_id = body.user.map_or(caller.user, |user| user.0);
    caller.must_act_for(user_id)?;
    let tx = app.store.read().await?;
    users::get_active(&tx, caller.organization, user_id)
        .await?
        .ok_or_else(Problem::not_found)?;
    drop(tx);
    let command = AddSchedule {
        organization: caller.organization,
        schedule: AvailabilitySchedule {
            id: ScheduleId(fresh_id()),
            user_id,
            event_type_id: None,
            name: body.name.0,
            is_default: false,
            schedule: checked(body.timezone.0, &body.rules, (now, 0))?,
            created_at: now,
            updated_at: now,
        },
    };
    let uris = app.uris();
    write_once(
        &app,
        (caller.sends(input.idempotency), StatusCode::CREATED),
        command,
        move |schedule| {
            Ok(Resource {
                resource: ScheduleBody::new(&schedule, &uris),
            })
        },
    )
    .await
}

/// The schedule of rules whose dates may lie at most `days` before today in its zone.
pub fn checked(
    zone: TimeZone,
    rules: &RuleList,
    (now, days): (Timestamp, i64),
) -> Result<Schedule, Problem> {
    let first = civil::add_days(civil::date_of(now, &zone), -days);
    let past = dates_before(rules, first);
    if !past.is_empty() {
        let detail = |(index, _)| {
            let message = format!("must not be before {first}");
            Detail::new(format!("rules[{index}].date"), "in_the_past", message)
        };
        return Err(Problem::invalid(past.into_iter().map(detail).collect()));
    }
    schedule(zone, rules).map_err(|message| Problem::parameter("rules", "invalid_rule", message))
}

/// A schedule that the caller may change.
async fn owned(
    app: &App,
    caller: &Caller<AvailabilityWrite>,
    id: ScheduleId,
) -> Result<AvailabilitySchedule, Problem> {
    let tx = app.store.read().await?;
    let schedule = user_availability_schedules::get(&tx, caller.organization, id).await?;
    let schedule = schedule.ok_or_else(Problem::not_found)?;
    caller.must_act_for(schedule.user_id)?;
    Ok(schedule)
}

/// Remove a schedule
///
/// The default schedule and one that event types go by stay.
#[utoipa::path(delete, path = "/user_availability_schedules/{uuid}", tag = "Availability", params(("uuid" = uuid::Uuid, Path)), responses((status = 204, description = "Removed")))]
async fn delete_user_availability_schedule(
    State(app): State<App>,
    caller: Caller<AvailabilityWrite>,
    Id(id): Id<ScheduleId>,
) -> Result<StatusCode, Problem> {
    owned(&app, &caller, id).await?;
    let command = RemoveSchedule {
        organization: caller.organization,
        id,
    };
    app.store.write(caller.by(), command).await?;
    Ok(StatusCode::NO_CONTENT)
}
