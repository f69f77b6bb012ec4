//! `/one_off_event_types`: kinds of meetings that are made for one occasion.

pub mod input;

use super::{
    answer::{Resource, write_once},
    caller::{Caller, scope::EventTypesWrite},
    event_types::{body::EventTypeBody, fields::location_documents},
    problem::Problem,
    request::Input,
    scheduling_links::code,
    value::List,
};
use crate::{
    app::event_types::{
        self, AddEventType,
        hosting::{DEFAULT_PRIORITY, DEFAULT_WEIGHT, NamedHosts},
        one_off::AddOneOff,
    },
    context::{App, fresh_id},
};
use axum::{extract::State, http::StatusCode, response::Response};
use domain::id::{EventTypeId, EventTypeMembershipId, UserId};
use input::NewOneOffEventType;
use jiff::Timestamp;
use store::{
    event_type_memberships::EventTypeMembership,
    event_types::{EventType, Pooling},
};
use utoipa_axum::{router::OpenApiRouter, routes};

/// The routes of this file.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(create_one_off_event_type))
}

/// Make an event type for one occasion
///
/// It can be booked at once. With `co_hosts`, all hosts take part. It has an address of its own and is on nobody's landing
/// page; else it is an event type like others.
#[utoipa::path(post, path = "/one_off_event_types", tag = "Event types", request_body = NewOneOffEventType, responses((status = 201, description = "The new event type", body = Resource<EventTypeBody>)))]
async fn create_one_off_event_type(
    State(app): State<App>,
    caller: Caller<EventTypesWrite>,
    input: Input<NewOneOffEventType>,
) -> Result<Response, Problem> {
    let (body, now) = (input.body, app.now());
    let host = body.host.0;
    caller.must_act_for(host)?;
    let id = EventTypeId(fresh_id());
    let mut event_type = event_types::plain(id, host, &body.name.0, now);
    event_type.active = true;
    event_type.secret = true;
    event_type.code = Some(code()?);
    event_type.rules.duration = body.duration.0.into();
    let location = body.location.iter().cloned().collect();
    let location: List<_, 0, 1> = List(location);
    event_type.locations = (!location.0.is_empty()).then(|| location_documents(&location));
    let schedule = body.set_dates(&mut event_type, now)?;
    let co_hosts = body.co_hosts.map(|hosts| hosts.0).unwrap_or_default();
    let hosts = hosts(
        &mut event_type,
        co_hosts.into_iter().map(|user| user.0),
        now,
    );
    let command = AddOneOff {
        event_type: AddEventType {
            organization: caller.organization,
            event_type,
            position: None,
            hosts: NamedHosts {
                hosts,
                named_by: caller.unless_admin(),
            },
        },
        schedule,
    };
    let uris = app.uris();
    let sent = (caller.sends(input.idempotency), StatusCode::CREATED);
    let made = write_once(&app, sent, command, move |hosted| {
        Ok(Resource {
            resource: EventTypeBody::new(hosted, &uris),
        })
    });
    made.await.map_err(in_own_words)
}

/// Lets the host and others take part in every meeting, where there are others.
fn hosts(
    event_type: &mut EventType,
    others: impl Iterator<Item = UserId>,
    now: Timestamp,
) -> Option<Vec<EventTypeMembership>> {
    let all: Vec<UserId> = [event_type.user_id].into_iter().chain(others).collect();
    if all.len() == 1 {
        return None;
    }
    event_type.pooling = Some(Pooling::Collective);
    let membership = |(position, user_id)| EventTypeMembership {
        id: EventTypeMembershipId(fresh_id()),
        event_type_id: event_type.id,
        user_id,
        priority: DEFAULT_PRIORITY.into(),
        weight: DEFAULT_WEIGHT.into(),
        pool: None,
        fixed: true,
        position,
        created_at: now,
        updated_at: now,
    };
    Some((0..).zip(all).map(membership).collect())
}

/// Names the fields of this request where a refusal names those of other event types.
fn in_own_words(mut problem: Problem) -> Problem {
    for detail in &mut problem.details {
        let of_host = detail.parameter.strip_prefix("hosts[");
        let index = of_host.and_then(|rest| rest.strip_suffix("].user"));
        match index.and_then(|index| index.parse().ok()) {
            Some(0_usize) => "host".clone_into(&mut detail.parameter),
            Some(index) => detail.parameter = format!("co_hosts[{}]", index - 1),
            None if detail.parameter == "owner" => "host".clone_into(&mut detail.parameter),
            None => {}
        }
    }
    problem
}
