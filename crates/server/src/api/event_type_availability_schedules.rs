//! `/event_type_availability_schedules`: the hours an event type goes by.

use super::{
    answer::Resource,
    availability_rules::{AvailabilityRule, RuleList, rules_body, zone_of},
    caller::{
        Caller,
        scope::{AvailabilityRead, AvailabilityWrite},
    },
    input::input,
    page::{Collection, Count, PageToken, Pagination},
    problem::Problem,
    request::{Input, Query},
    uri::{Uri, Uris},
    user_availability_schedules::checked,
    value::{time::Zone, words},
};
use crate::{
    app::{
        event_types::{
            hosting::hosted,
            hours::{EditHours, HoursRefusal},
        },
        timelines,
    },
    context::{App, fresh_id},
};
use axum::{Json, extract::State};
use domain::id::{EventTypeId, OrganizationId, ScheduleId, UserId};
use serde::Serialize;
use store::{
    ReadTx,
    event_types::{self, EventType},
    user_availability_schedules::AvailabilitySchedule,
};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

/// The routes of this file.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(
        list_event_type_availability_schedules,
        update_event_type_availability_schedule
    ))
}

words! {
    /// Whose hours an event type goes by.
    pub enum AvailabilitySetting {
        /// Those of its host.
        Host = "host",
    }
}

/// The hours an event type goes by.
#[derive(Debug, Serialize, ToSchema)]
pub struct EventTypeScheduleBody {
    /// The event type.
    #[schema(format = "uri")]
    pub event_type: String,
    /// Always `host`.
    pub availability_setting: AvailabilitySetting,
    /// The hours.
    pub availability_rule: EventTypeRuleBody,
}

/// A host's hours for an event type.
#[derive(Debug, Serialize, ToSchema)]
pub struct EventTypeRuleBody {
    /// The zone of the wall times.
    pub timezone: String,
    /// The schedule they come from.
    #[schema(format = "uri")]
    pub uri: String,
    /// What its owner calls it.
    pub name: String,
    /// The host.
    #[schema(format = "uri")]
    pub user: String,
    /// The hours.
    pub rules: Vec<AvailabilityRule>,
}

impl EventTypeScheduleBody {
    fn new(event_type: EventTypeId, schedule: AvailabilitySchedule, uris: &Uris) -> Self {
        EventTypeScheduleBody {
            event_type: uris.of(event_type),
            availability_setting: AvailabilitySetting::Host,
            availability_rule: EventTypeRuleBody {
                timezone: zone_of(&schedule.schedule),
                uri: uris.of(schedule.id),
                name: schedule.name,
                user: uris.of(schedule.user_id),
                rules: rules_body(&schedule.schedule),
            },
        }
    }
}

input! {
    /// Which event type.
    pub struct ListEventTypeSchedules {
        /// The event type.
        pub event_type: Uri<EventTypeId>,
        /// Rows on a page, 20 by default.
        pub count: Count,
        /// Where the page begins; there is one page only.
        pub page_token: PageToken,
    }
}

async fn known(
    tx: &ReadTx<'_>,
    organization: OrganizationId,
    id: EventTypeId,
) -> Result<EventType, Problem> {
    let event_type = event_types::get(tx, organization, id).await?;
    let event_type = event_type.filter(|event_type| !event_type.hidden);
    event_type.ok_or_else(Problem::not_found)
}

/// Show the hours an event type goes by
///
/// One entry for each host. An owner goes by the schedule that the event type names, everybody else by their default one.
#[utoipa::path(get, path = "/event_type_availability_schedules", tag = "Event types", params(ListEventTypeSchedules), responses((status = 200, description = "The hours of each host", body = Collection<EventTypeScheduleBody>)))]
async fn list_event_type_availability_schedules(
    State(app): State<App>,
    caller: Caller<AvailabilityRead>,
    Query { query, .. }: Query<ListEventTypeSchedules>,
) -> Result<Json<Collection<EventTypeScheduleBody>>, Problem> {
    if query.page_token.is_some() {
        let message = "is not a token of this list, which has one page only";
        return Err(Problem::parameter(
            "page_token",
            "invalid_page_token",
            message,
        ));
    }
    let (tx, organization) = (app.store.read().await?, caller.organization);
    let event_type = known(&tx, organization, query.event_type.0).await?;
    let hosted = hosted(&tx, organization, event_type).await?;
    let event_type = &hosted.event_type;
    let uris = app.uris();
    let mut hours = Vec::with_capacity(hosted.hosts.len());
    for host in &hosted.hosts {
        let host = (event_type, host.membership.user_id);
        let schedule = timelines::schedule_of_host(&tx, organization, host).await?;
        hours.push(EventTypeScheduleBody::new(event_type.id, schedule, &uris));
    }
    Ok(Json(Collection {
        pagination: Pagination::whole(hours.len()),
        collection: hours,
    }))
}

input! {
    /// Which event type's hours change.
    pub struct OfEventType {
        /// The event type.
        pub event_type: Uri<EventTypeId>,
    }
}

input! {
    /// A host's hours for an event type.
    pub struct EventTypeRuleInput {
        /// The zone of the wall times.
        pub timezone: Zone,
        /// All rules, none before yesterday; those it has by default.
        pub rules: Option<RuleList>,
        /// The host; the owner of the event type by default.
        pub user: Option<Uri<UserId>>,
    }
}

input! {
    /// The hours an event type shall go by.
    pub struct EventTypeScheduleChanges {
        /// The hours.
        pub availability_rule: EventTypeRuleInput,
        /// `host`, which is the default.
        pub availability_setting: Option<AvailabilitySetting>,
    }
    example {"availability_rule": {"timezone": "Europe/Berlin", "rules": [
        {"type": "wday", "wday": "monday", "intervals": [{"from": "09:00", "to": "12:00"}]}
    ]}}
}

impl From<HoursRefusal> for Problem {
    fn from(refusal: HoursRefusal) -> Problem {
        match refusal {
            HoursRefusal::Unknown => Problem::not_found(),
            HoursRefusal::NotOwner => Problem::parameter(
                "availability_rule.user",
                "not_allowed",
                "must be the owner of the event type: other hosts go by their default schedule",
            ),
        }
    }
}

/// Set the hours an event type goes by
///
/// They count for this event type only: where it goes by a schedule that others may go by too, it gets one of its own,
/// which is not among the schedules of the user.
#[utoipa::path(patch, path = "/event_type_availability_schedules", tag = "Event types", params(OfEventType), request_body = EventTypeScheduleChanges, responses((status = 200, description = "The hours as they are now", body = Resource<EventTypeScheduleBody>)))]
async fn update_event_type_availability_schedule(
    State(app): State<App>,
    caller: Caller<AvailabilityWrite>,
    // looked at when the body has come and there is a place for the request
    query: Result<Query<OfEventType>, Problem>,
    input: Input<EventTypeScheduleChanges>,
) -> Result<Json<Resource<EventTypeScheduleBody>>, Problem> {
    let query = query?.query;
    let (id, organization, now) = (query.event_type.0, caller.organization, app.now());
    let tx = app.store.read().await?;
    let event_type = known(&tx, organization, id).await?;
    drop(tx);
    caller.must_act_for(event_type.user_id)?;
    let rule = input.body.availability_rule;
    let zone = rule.timezone.0;
    let named = |rules| {
        let field = "availability_rule.rules";
        checked(zone.clone(), rules, (now, 1)).map_err(|problem| problem.within("rules", field))
    };
    let command = EditHours {
        organization,
        id,
        user: rule.user.map(|user| user.0),
        schedule_id: ScheduleId(fresh_id()),
        rules: rule.rules.as_ref().map(named).transpose()?,
        zone,
        now,
    };
    let schedule = app.store.write(caller.by(), command).await?;
    Ok(Json(Resource {
        resource: EventTypeScheduleBody::new(id, schedule, &app.uris()),
    }))
}
