//! `PATCH /user_availability_schedules/{uuid}`: other hours, or a look at what they would do.

use super::{ScheduleBody, checked, owned};
use crate::api::{
    answer::try_out,
    availability_rules::RuleList,
    caller::{Caller, scope::AvailabilityWrite},
    dry_run::DryRun,
    input::input,
    problem::Problem,
    request::Input,
    uri::Id,
    value::{
        text::Text,
        time::{Time, Zone},
    },
};
use crate::{
    app::{
        scheduled_events::confirmation::expire,
        user_availability_schedules::{EditSchedule, trial::TryEdit},
    },
    context::App,
};
use axum::{Json, extract::State};
use domain::id::ScheduleId;
use serde::Serialize;
use utoipa::ToSchema;

input! {
    /// What changes of a schedule; what is left out stays.
    pub struct ScheduleChanges {
        /// What to call it.
        pub name: Option<Text<1, 255>>,
        /// The zone of its wall times, which stay as they are.
        pub timezone: Option<Zone>,
        /// All rules; no dates before yesterday.
        pub rules: Option<RuleList>,
        /// `true` makes it the default schedule; there always is one, so `false` is refused.
        pub default: Option<bool>,
    }
    example {"name": "Summer hours", "default": true}
}

/// Edit a schedule
///
/// It counts at once for all event types that go by it. What is booked stays booked; a dry run names the events to come
/// that would be outside the hours.
#[utoipa::path(patch, path = "/user_availability_schedules/{uuid}", tag = "Availability", params(("uuid" = uuid::Uuid, Path), ("dry_run" = Option<bool>, Query, description = "Only say what would happen")), request_body = ScheduleChanges, responses((status = 200, description = "The schedule as it is now, or would be", body = EditedScheduleBody)))]
pub async fn update_user_availability_schedule(
    State(app): State<App>,
    caller: Caller<AvailabilityWrite>,
    Id(id): Id<ScheduleId>,
    DryRun(is_trial): DryRun,
    input: Input<ScheduleChanges>,
) -> Result<Json<EditedScheduleBody>, Problem> {
    let command = input.body.command(&app, &caller, id).await?;
    let uris = app.uris();
    if !is_trial {
        let schedule = app.store.write(caller.by(), command).await?;
        return Ok(Json(EditedScheduleBody {
            resource: ScheduleBody::new(&schedule, &uris),
            events_outside: None,
        }));
    }
    expire(app.store.unrecorded(), caller.organization).await?;
    let (schedule, outside) = try_out(&app, TryEdit(command)).await?;
    let outside = outside.into_iter().map(|event| OutsideBody {
        uri: uris.of(event.event.id),
        name: event.event.name,
        start_time: Time(event.event.state.interval.start()),
        end_time: Time(event.event.state.interval.end()),
    });
    Ok(Json(EditedScheduleBody {
        resource: ScheduleBody::new(&schedule, &uris),
        events_outside: Some(outside.collect()),
    }))
}

/// An edited schedule.
#[derive(Debug, Serialize, ToSchema)]
pub struct EditedScheduleBody {
    /// The schedule.
    pub resource: ScheduleBody,
    /// The events to come that would be outside its hours, by start, at most 1,000; only of a dry run.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub events_outside: Option<Vec<OutsideBody>>,
}

/// An event that would be outside the hours of the schedule it goes by.
#[derive(Debug, Serialize, ToSchema)]
pub struct OutsideBody {
    /// The event's URI.
    #[schema(format = "uri")]
    pub uri: String,
    /// Its name.
    pub name: String,
    /// When it starts.
    pub start_time: Time,
    /// When it ends.
    pub end_time: Time,
}

impl ScheduleChanges {
    async fn command(
        self,
        app: &App,
        caller: &Caller<AvailabilityWrite>,
        id: ScheduleId,
    ) -> Result<EditSchedule, Problem> {
        let changes = self;
        let now = app.now();
        if changes.default == Some(false) {
            let message = "cannot be false: make another schedule the default instead";
            return Err(Problem::parameter("default", "invalid_value", message));
        }
        let current = owned(app, caller, id).await?;
        if changes.default == Some(true) && current.event_type_id.is_some() {
            let message = "cannot be true: these are the hours of one event type";
            return Err(Problem::parameter("default", "not_allowed", message));
        }
        let zone = changes.timezone.map(|zone| zone.0);
        let rules = match &changes.rules {
            Some(rules) => {
                let zone = zone
                    .clone()
                    .unwrap_or_else(|| current.schedule.zone().clone());
                Some(checked(zone, rules, (now, 1))?)
            }
            None => None,
        };
        let name = changes.name.map(|name| name.0);
        let make_default = changes.default == Some(true);
        Ok(EditSchedule {
            organization: caller.organization,
            id,
            edit: Box::new(move |schedule| {
                if let Some(name) = &name {
                    schedule.name.clone_from(name);
                }
                schedule.is_default |= make_default;
                let zone = zone.as_ref().unwrap_or(schedule.schedule.zone()).clone();
                let rules = rules.as_ref().unwrap_or(&schedule.schedule).clone();
                schedule.schedule = rules.in_zone(zone);
            }),
            now,
        })
    }
}
