//! `/scheduling_links`: links by which one meeting can be booked, once.

use super::{
    answer::{Resource, write_once},
    caller::{Caller, scope::SchedulingLinksWrite},
    input::{Parse, Reader, input},
    problem::{Detail, Problem},
    request::Input,
    uri::{Uri, Uris},
    value::{
        Int,
        text::{string, text},
        words,
    },
};
use crate::{
    app::{facts::EventTypeFacts, scheduling_links::AddLink},
    cache::Kept,
    context::{App, fresh_code, fresh_id},
};
use axum::{extract::State, http::StatusCode, response::Response};
use domain::id::{EventTypeId, SchedulingLinkId};
use serde::Serialize;
use serde_json::Value;
use std::sync::Arc;
use store::{error::chain, scheduling_links::SchedulingLink};
use utoipa::{
    ToSchema,
    openapi::{RefOr, Schema},
};
use utoipa_axum::{router::OpenApiRouter, routes};

/// The routes of this file.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(create_scheduling_link))
}

words! {
    /// What can be booked by a link.
    pub enum OwnerType {
        /// An event type.
        EventType = "EventType",
    }
}

input! {
    /// A link to make.
    pub struct NewSchedulingLink {
        /// How often it can be used: once.
        pub max_event_count: Int<1, 1>,
        /// The event type that can be booked by it.
        pub owner: Uri<EventTypeId>,
        /// What the owner is.
        pub owner_type: OwnerType,
    }
    example {
        "max_event_count": 1,
        "owner": "http://127.0.0.1:8080/event_types/0193a5c8-7d3e-7000-8000-2b1f5f0c9a11",
        "owner_type": "EventType"
    }
}

/// A link by which one meeting can be booked, once.
#[derive(Debug, Serialize, ToSchema)]
pub struct SchedulingLinkBody {
    /// Its address.
    #[schema(format = "uri")]
    pub booking_url: String,
    /// The event type that can be booked by it.
    #[schema(format = "uri")]
    pub owner: String,
    /// What the owner is.
    pub owner_type: OwnerType,
}

impl SchedulingLinkBody {
    /// What is shown of a link to an event type with this slug.
    pub fn new(link: &SchedulingLink, slug: &str, uris: &Uris) -> SchedulingLinkBody {
        SchedulingLinkBody {
            booking_url: booking_url(link, slug, uris),
            owner: uris.of(link.event_type_id),
            owner_type: OwnerType::EventType,
        }
    }
}

/// The address of a link to an event type with this slug.
pub fn booking_url(link: &SchedulingLink, slug: &str, uris: &Uris) -> String {
    uris.page(&format!("/d/{}/{slug}", link.code))
}

/// The code of a link in a request, which may come as the address of the link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkCode(pub String);

impl Parse for LinkCode {
    fn parse(value: &Value, reader: &mut Reader) -> Option<LinkCode> {
        let text = text(value, reader)?;
        let code = match text.split_once("/d/") {
            Some((_, rest)) => rest.split(['/', '?', '#']).next().unwrap_or_default(),
            None => text,
        };
        let is_code = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        if (1..=64).contains(&code.len()) && code.bytes().all(is_code) {
            return Some(LinkCode(code.to_owned()));
        }
        reader.problem(
            "invalid_format",
            "must be the booking_url of a link, or its code",
        )
    }

    fn schema() -> RefOr<Schema> {
        string("http://127.0.0.1:8080/d/k7qm-3xzt-9rwb-h2fv/intro-call")
            .pattern(Some("^(.*/d/)?[a-z0-9-]{1,64}([/?#].*)?$"))
            .into()
    }
}

/// An event type to which the caller may make links: one's own or one that one hosts, or any for an administrator.
pub async fn linkable<S>(
    app: &App,
    caller: &Caller<S>,
    (parameter, id): (&str, EventTypeId),
) -> Result<Arc<Kept<EventTypeFacts>>, Problem> {
    let known = app.facts.event_type(caller.organization, id).await?;
    let is_there = |known: &Arc<Kept<EventTypeFacts>>| {
        known.value.is_listed() && known.value.event_type.deleted_at.is_none()
    };
    let known = known.filter(is_there).ok_or_else(|| Problem {
        details: vec![Detail::new(
            parameter,
            "not_found",
            "is not an event type of this organization",
        )],
        ..Problem::not_found()
    })?;
    let mut hosts = known.value.pools.iter().flatten();
    if !hosts.any(|host| host.user == caller.user) {
        caller.must_act_for(known.value.event_type.user_id)?;
    }
    Ok(known)
}

/// A new code for an address that nobody must guess.
pub fn code() -> Result<String, Problem> {
    fresh_code().map_err(|error| {
        tracing::error!(error = chain(&error), "no randomness for an address");
        Problem::internal()
    })
}

/// A new link to an event type, which gets its end when it is written.
pub fn fresh_link<S>(
    app: &App,
    caller: &Caller<S>,
    event_type_id: EventTypeId,
    overrides: Option<Value>,
) -> Result<SchedulingLink, Problem> {
    let now = app.now();
    Ok(SchedulingLink {
        id: SchedulingLinkId(fresh_id()),
        code: code()?,
        event_type_id,
        user_id: caller.user,
        overrides,
        created_at: now,
        expires_at: now,
        invitee_id: None,
    })
}

/// Make a link by which one meeting can be booked
///
/// It can be used for 90 days: `POST /invitees` with `scheduling_link` books by it and uses it up.
#[utoipa::path(post, path = "/scheduling_links", tag = "Scheduling links", request_body = NewSchedulingLink, responses((status = 201, description = "The link", body = Resource<SchedulingLinkBody>)))]
async fn create_scheduling_link(
    State(app): State<App>,
    caller: Caller<SchedulingLinksWrite>,
    input: Input<NewSchedulingLink>,
) -> Result<Response, Problem> {
    let id = input.body.owner.0;
    let known = linkable(&app, &caller, ("owner", id)).await?;
    let command = AddLink {
        organization: caller.organization,
        link: fresh_link(&app, &caller, id, None)?,
        schedule: None,
    };
    let (uris, slug) = (app.uris(), known.value.event_type.slug.clone());
    let sent = (caller.sends(input.idempotency), StatusCode::CREATED);
    write_once(&app, sent, command, move |link| {
        Ok(Resource {
            resource: SchedulingLinkBody::new(&link, &slug, &uris),
        })
    })
    .await
}
