//! `/activity_log_entries`: what was done in the organization, by whom and from where.

mod input;

use super::{
    caller::{Caller, scope::ActivityLogRead},
    page::{Pagination, Sorted},
    problem::Problem,
    request::Query,
    uri::Uris,
    value::time::Millisecond,
};
use crate::{
    app::activity_log_entries::reading::{self, FoundPage, Question, Total},
    context::App,
};
use axum::{Json, extract::State};
use domain::id::OrganizationId;
use input::{ListEntries, Place};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;
use store::{
    StoreError,
    activity_log_entries::listing::{self, EntryKey, ListedEntry},
    organization_memberships::Role,
    page::{Cursor, Order, PageRequest},
};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

/// The routes of this file.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list_activity_log_entries))
}

/// Something that was done.
#[derive(Debug, Serialize, ToSchema)]
pub struct ActivityLogEntryBody {
    /// The entry's URI.
    #[schema(format = "uri")]
    pub uri: String,
    /// When it was done.
    pub occurred_at: Millisecond,
    /// To what kind of thing.
    #[schema(example = "User")]
    pub namespace: String,
    /// What.
    #[schema(example = "Add")]
    pub action: String,
    /// Both.
    #[schema(example = "User.Add")]
    pub fully_qualified_name: String,
    /// Names and URIs of what it is about, and from where it came.
    #[schema(value_type = Object)]
    pub details: Value,
    /// In which organization.
    #[schema(format = "uri")]
    pub organization: String,
    /// By whom; missing where nobody is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub actor: Option<ActivityLogActorBody>,
}

/// Who did something.
#[derive(Debug, Serialize, ToSchema)]
pub struct ActivityLogActorBody {
    /// `User`, or `System` for the server and whoever runs it.
    pub r#type: &'static str,
    /// The user.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = "uri")]
    pub uri: Option<String>,
    /// The name that the user has now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    /// The mail address that the user has now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alternative_identifier: Option<String>,
    /// What the user was in the organization then.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub organization: Option<ActivityLogRoleBody>,
}

/// What a user was in an organization.
#[derive(Debug, Serialize, ToSchema)]
pub struct ActivityLogRoleBody {
    /// The organization.
    #[schema(format = "uri")]
    pub uri: String,
    /// The role.
    pub role: &'static str,
}

/// A page of the log.
#[derive(Debug, Serialize, ToSchema)]
pub struct ActivityLogBody {
    /// The entries.
    pub collection: Vec<ActivityLogEntryBody>,
    /// Where the page lies.
    pub pagination: Pagination,
    /// When something was last done in the organization, whatever was asked for.
    #[schema(required = true)]
    pub last_event_time: Option<Millisecond>,
    /// How many entries there are; 10000 where there are more.
    pub total_count: i64,
    /// Whether there are, or may be, more than were counted.
    pub exceeds_max_total_count: bool,
}

/// How an organization's log is shown.
struct Shown<'a> {
    uris: &'a Uris,
    organization: String,
}

impl Shown<'_> {
    fn entry(&self, listed: ListedEntry) -> Result<ActivityLogEntryBody, StoreError> {
        let actor = self.actor(&listed);
        let entry = listed.entry;
        Ok(ActivityLogEntryBody {
            uri: self.uris.of(entry.id),
            occurred_at: Millisecond(entry.occurred_at),
            fully_qualified_name: format!("{}.{}", entry.namespace, entry.action),
            namespace: entry.namespace,
            action: entry.action,
            details: reading::shown(entry.details, |path| self.uris.page(path))?,
            organization: self.organization.clone(),
            actor,
        })
    }

    fn actor(&self, listed: &ListedEntry) -> Option<ActivityLogActorBody> {
        let actor = listed.entry.actor?;
        let user = actor.user();
        let organization = |role: Role| ActivityLogRoleBody {
            uri: self.organization.clone(),
            role: role.as_str(),
        };
        Some(ActivityLogActorBody {
            r#type: actor.kind(),
            uri: user.map(|(user, _)| self.uris.of(user)),
            display_name: listed.name.clone(),
            alternative_identifier: listed.email.clone(),
            organization: user.map(|(_, role)| organization(role)),
        })
    }
}

/// List what was done
///
/// Newest first, unless `sort` says otherwise. A search looks at 20000 entries for a page: that may be fewer than there is
/// room for, and `next_page` goes on.
#[utoipa::path(get, path = "/activity_log_entries", tag = "Activity log", params(ListEntries), responses((status = 200, description = "A page of entries", body = ActivityLogBody)))]
async fn list_activity_log_entries(
    State(app): State<App>,
    caller: Caller<ActivityLogRead>,
    Query { query, target }: Query<ListEntries>,
) -> Result<Json<ActivityLogBody>, Problem> {
    caller.must_be_admin()?;
    if query.organization.0 != caller.organization {
        return Err(Problem::no_permission());
    }
    let (count, token) = (query.count, query.page_token.clone());
    let question = query.question()?;
    let sorted = Sorted {
        by: "activity_log_entries",
        order: Order::Ascending,
    };
    let fits = |place: &Place| place.is_in(&question.sort);
    let request = sorted.request_where(count, token, fits)?;
    let asked = (&question, &place_in(request));
    let (page, total, last) = read(&app, caller.organization, asked).await?;
    let uris = app.uris();
    let shown = Shown {
        organization: uris.of(caller.organization),
        uris: &uris,
    };
    let place = |key| Place::new(&question.sort, key);
    let around = (page.previous.map(place), page.next.map(place));
    let pagination = sorted.pagination(page.rows.len(), around, (&uris, &target));
    let collection = page.rows.into_iter().map(|row| shown.entry(row));
    Ok(Json(ActivityLogBody {
        collection: collection.collect::<Result<_, _>>()?,
        pagination,
        last_event_time: last.map(Millisecond),
        total_count: total.count,
        exceeds_max_total_count: total.is_exceeded,
    }))
}

/// The page by the keys of its entries.
fn place_in(request: PageRequest<Place>) -> PageRequest<EntryKey> {
    let cursor = request.cursor.map(|cursor| match cursor {
        Cursor::After(place) => Cursor::After(place.key),
        Cursor::Before(place) => Cursor::Before(place.key),
    });
    PageRequest {
        order: request.order,
        cursor,
        count: request.count,
    }
}

/// The page, how many entries there are, and when something was last done.
async fn read(
    app: &App,
    organization: OrganizationId,
    (question, request): (&Question, &PageRequest<EntryKey>),
) -> Result<(FoundPage, Total, Option<Timestamp>), StoreError> {
    // a search reads much, and few of them at once are enough
    let _turn = match question.search {
        Some(_) => app.large_questions.acquire().await.ok(),
        None => None,
    };
    let tx = app.store.read().await?;
    let page = question.page(&tx, organization, request).await?;
    let total = question.total(&tx, organization).await?;
    let last = listing::last(&tx, organization).await?;
    Ok((page, total, last))
}
