//! `/event_type_memberships`: who hosts an event type.

use super::{
    caller::{Caller, scope::EventTypesRead},
    event_types::body::EventTypeBody,
    input::input,
    page::{Collection, Count, PageToken, Sorted},
    problem::Problem,
    request::Query,
    uri::{Uri, Uris},
    users::body::UserBody,
    value::time::Time,
};
use crate::{
    app::event_types::hosting::{Hosted, hosted},
    context::App,
};
use axum::{Json, extract::State};
use domain::id::{EventTypeId, OrganizationId};
use serde::Serialize;
use store::{
    ReadTx, StoreError,
    event_type_memberships::{self, EventTypeMembership},
    event_types,
    page::{Page, PageRequest, PositionKey},
    users::{self, User},
};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

/// The routes of this file.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list_event_type_memberships))
}

/// A host of an event type.
#[derive(Debug, Serialize, ToSchema)]
pub struct EventTypeMembershipBody {
    /// The membership's URI; of an event type without `pooling_type` it has the event type's id.
    #[schema(format = "uri")]
    pub uri: String,
    /// The event type.
    pub event_type: EventTypeBody,
    /// The host.
    pub member: UserBody,
    /// Since when.
    pub created_at: Time,
    /// When it last changed.
    pub updated_at: Time,
}

impl EventTypeMembershipBody {
    fn new(
        (membership, member): (EventTypeMembership, User),
        event_type: Hosted,
        organization: OrganizationId,
        uris: &Uris,
    ) -> EventTypeMembershipBody {
        EventTypeMembershipBody {
            uri: uris.of(membership.id),
            event_type: EventTypeBody::new(event_type, uris),
            member: UserBody::new(member, organization, uris),
            created_at: Time(membership.created_at),
            updated_at: Time(membership.updated_at),
        }
    }
}

input! {
    /// Of which event type.
    pub struct ListEventTypeMemberships {
        /// The event type.
        pub event_type: Uri<EventTypeId>,
        /// Rows on a page, 20 by default.
        pub count: Count,
        /// Where the page begins, from an earlier answer.
        pub page_token: PageToken,
    }
}

/// List the hosts of an event type
///
/// In the order in which they were named. Where there is no `pooling_type`, the owner is the only one.
#[utoipa::path(get, path = "/event_type_memberships", tag = "Event types", params(ListEventTypeMemberships), responses((status = 200, description = "A page of hosts", body = Collection<EventTypeMembershipBody>)))]
async fn list_event_type_memberships(
    State(app): State<App>,
    caller: Caller<EventTypesRead>,
    Query { query, target }: Query<ListEventTypeMemberships>,
) -> Result<Json<Collection<EventTypeMembershipBody>>, Problem> {
    let sorted = Sorted::parse(None, &["position"])?;
    let request = sorted.request(query.count, query.page_token)?;
    let (tx, organization) = (app.store.read().await?, caller.organization);
    let event_type = event_types::get(&tx, organization, query.event_type.0).await?;
    let event_type = event_type
        .filter(|event_type| !event_type.hidden)
        .ok_or_else(Problem::not_found)?;
    let event_type = hosted(&tx, organization, event_type).await?;
    let page = page(&tx, organization, &event_type, &request).await?;
    let uris = app.uris();
    Ok(Json(sorted.collection(
        page,
        (&uris, &target),
        |(membership, _)| membership.sort_key(),
        |row| EventTypeMembershipBody::new(row, event_type.clone(), organization, &uris),
    )))
}

/// A page of hosts. An owner who hosts alone has no row: theirs is the first page, and there is no other.
async fn page(
    tx: &ReadTx<'_>,
    organization: OrganizationId,
    hosted: &Hosted,
    request: &PageRequest<PositionKey>,
) -> Result<Page<(EventTypeMembership, User)>, StoreError> {
    let event_type = &hosted.event_type;
    let mut page = if event_type.pooling.is_some() {
        event_type_memberships::list(tx, organization, event_type.id, request).await?
    } else {
        let alone = hosted.hosts.iter().map(|host| host.membership.clone());
        let first = request.cursor.is_none();
        Page::<()>::empty().with_rows(alone.filter(|_| first).collect())
    };
    let mut listed = Vec::with_capacity(page.rows.len());
    for membership in std::mem::take(&mut page.rows) {
        let user = users::get(tx, organization, membership.user_id).await?;
        let user = user.ok_or_else(|| StoreError::missing("users", membership.user_id))?;
        listed.push((membership, user));
    }
    Ok(page.with_rows(listed))
}
