//! Pages of event types.

use super::body::EventTypeBody;
use crate::{
    api::{
        caller::{Caller, scope::EventTypesRead},
        input::input,
        page::{Collection, Count, PageToken, Sort, Sorted},
        problem::Problem,
        request::Query,
        uri::Uri,
    },
    app::event_types::hosting::hosted,
    context::App,
};
use axum::{Json, extract::State};
use domain::id::{OrganizationId, ScheduleId, UserId};
use store::{
    ReadTx,
    event_types::listing::{self, SortField, SortKey},
    page::Page,
    user_availability_schedules, users,
};

input! {
    /// Which event types; `organization` or `user` must be given.
    pub struct ListEventTypes {
        /// All of the organization.
        pub organization: Option<Uri<OrganizationId>>,
        /// That belong to this user or are hosted by them.
        pub user: Option<Uri<UserId>>,
        /// Only active or only inactive ones.
        pub active: Option<bool>,
        /// Only those managed by administrators, of which there are none, or only the others.
        pub admin_managed: Option<bool>,
        /// With `user`: only those that go by this schedule.
        pub user_availability_schedule: Option<Uri<ScheduleId>>,
        /// `name`, `position`, `created_at` or `updated_at` with `:asc` or `:desc`; `name:asc` by default.
        pub sort: Sort,
        /// Rows on a page, 20 by default.
        pub count: Count,
        /// Where the page begins, from an earlier answer.
        pub page_token: PageToken,
    }
}

impl ListEventTypes {
    async fn filter(
        &self,
        tx: &ReadTx<'_>,
        organization: OrganizationId,
    ) -> Result<listing::Filter, Problem> {
        if let Some(Uri(user)) = self.user {
            let user = users::get_active(tx, organization, user).await?;
            user.ok_or_else(Problem::not_in_organization)?;
        }
        let mut filter = listing::Filter {
            user: self.user.map(|user| user.0),
            active: self.active,
            ..listing::Filter::default()
        };
        if let Some(Uri(id)) = self.user_availability_schedule {
            let schedule = user_availability_schedules::get(tx, organization, id).await?;
            let schedule = schedule.ok_or_else(Problem::not_found)?;
            filter.schedule = Some(id);
            filter.schedule_is_default = schedule.is_default;
            filter.schedule_owner = Some(schedule.user_id);
        }
        Ok(filter)
    }
}

/// List event types
#[utoipa::path(get, path = "/event_types", tag = "Event types", params(ListEventTypes), responses((status = 200, description = "A page of event types", body = Collection<EventTypeBody>)))]
pub async fn list_event_types(
    State(app): State<App>,
    caller: Caller<EventTypesRead>,
    Query { query, target }: Query<ListEventTypes>,
) -> Result<Json<Collection<EventTypeBody>>, Problem> {
    if query.organization.is_none() && query.user.is_none() {
        return Err(Problem::parameter(
            "user",
            "required",
            "must be filled, or organization instead",
        ));
    }
    if query
        .organization
        .is_some_and(|organization| organization.0 != caller.organization)
    {
        return Err(Problem::no_permission());
    }
    let fields = ["name", "position", "created_at", "updated_at"];
    let sorted = Sorted::parse(query.sort.clone(), &fields)?;
    let field = match sorted.by {
        "position" => SortField::Position,
        "created_at" => SortField::CreatedAt,
        "updated_at" => SortField::UpdatedAt,
        _ => SortField::Name,
    };
    let request =
        sorted.request_where(query.count, query.page_token.clone(), |key: &SortKey| {
            key.is_of(field)
        })?;
    let tx = app.store.read().await?;
    let filter = query.filter(&tx, caller.organization).await?;
    let mut page = listing::list(&tx, caller.organization, &filter, field, &request).await?;
    if query.admin_managed == Some(true) {
        page = Page::empty();
    }
    let mut listed = Vec::with_capacity(page.rows.len());
    for event_type in std::mem::take(&mut page.rows) {
        listed.push(hosted(&tx, caller.organization, event_type).await?);
    }
    let uris = app.uris();
    Ok(Json(sorted.collection(
        page.with_rows(listed),
        (&uris, &target),
        |hosted| hosted.event_type.sort_key(field),
        |hosted| EventTypeBody::new(hosted, &uris),
    )))
}
