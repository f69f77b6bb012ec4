//! `/event_types`: kinds of meetings on offer.

use super::{
    answer::{Resource, write_once},
    caller::{
        Caller,
        scope::{EventTypesRead, EventTypesWrite},
    },
    event_type_fields::{
        BookingWindowBody, BookingWindowInput, EventTypeLocale, LimitBody, LimitInput,
        LocationInput, QuestionInput, location_documents, question_documents,
    },
    input::input,
    page::{Collection, Count, PageToken, Sort, Sorted},
    problem::Problem,
    request::{Input, Query},
    uri::{Id, Uri, Uris},
    value::{Change, Color, Int, List, Slug, Text, Time},
};
use crate::{
    app::event_types::{
        self, AddEventType, CustomQuestion, EditEventType, EventTypeRefusal, LocationConfiguration,
        RemoveEventType,
    },
    context::{App, fresh_id},
};
use axum::{Json, extract::State, http::StatusCode, response::Response};
use domain::id::{EventTypeId, OrganizationId, ScheduleId, UserId};
use serde::Serialize;
use store::{
    ReadTx, StoreError,
    event_types::{self as rows, EventType, SortField, SortKey},
    page::Page,
    user_availability_schedules,
    users::{self, User},
};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

/// The routes of this file.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_event_types, create_event_type))
        .routes(routes!(
            get_event_type,
            update_event_type,
            delete_event_type
        ))
}

/// A kind of meeting on offer.
#[derive(Debug, Serialize, ToSchema)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "the fields are those of Calendly's resource"
)]
pub struct EventTypeBody {
    /// The event type's URI.
    #[schema(format = "uri")]
    pub uri: String,
    /// What invitees see.
    #[schema(example = "Intro call")]
    pub name: String,
    /// Whether it can be booked.
    pub active: bool,
    /// Second segment of the booking page.
    #[schema(example = "intro-call")]
    pub slug: String,
    /// Address of the booking page.
    #[schema(format = "uri")]
    pub scheduling_url: String,
    /// Minutes.
    #[schema(minimum = 1, maximum = 720)]
    pub duration: i64,
    /// Durations that invitees may choose from, in minutes.
    #[schema(required = true)]
    pub duration_options: Option<Vec<u32>>,
    /// Always `solo`: one invitee a meeting.
    pub kind: String,
    /// Always null: one host.
    #[schema(required = true)]
    pub pooling_type: Option<String>,
    /// Always `StandardEventType`.
    #[serde(rename = "type")]
    pub resource_type: String,
    /// Always `instant`.
    pub booking_method: String,
    /// `#rrggbb`.
    pub color: String,
    /// When it was made.
    pub created_at: Time,
    /// When it last changed.
    pub updated_at: Time,
    /// When it was deleted.
    #[schema(required = true)]
    pub deleted_at: Option<Time>,
    /// What the host reads.
    #[schema(required = true)]
    pub internal_note: Option<String>,
    /// What invitees read, as plain text.
    #[schema(required = true)]
    pub description_plain: Option<String>,
    /// What invitees read, as HTML.
    #[schema(required = true)]
    pub description_html: Option<String>,
    /// Whose it is.
    pub profile: ProfileBody,
    /// Whether it is left out of the landing page.
    pub secret: bool,
    /// Questions to the invitee.
    #[schema(value_type = Vec<CustomQuestion>)]
    pub custom_questions: serde_json::Value,
    /// Always false.
    pub admin_managed: bool,
    /// Where it can take place.
    #[schema(required = true, value_type = Option<Vec<LocationConfiguration>>)]
    pub locations: Option<serde_json::Value>,
    /// Display order.
    pub position: i64,
    /// Always false.
    pub is_paid: bool,
    /// Language.
    pub locale: String,
    /// Minutes between starts on offer.
    pub start_time_increment: i64,
    /// Minutes kept free before a meeting.
    pub before_buffer: i64,
    /// Minutes kept free after a meeting.
    pub after_buffer: i64,
    /// Minutes by which it must be booked ahead.
    pub minimum_notice: i64,
    /// How far ahead it can be booked.
    pub booking_window: BookingWindowBody,
    /// How much of it can be booked.
    pub limits: Vec<LimitBody>,
    /// The schedule it goes by; null: the host's default one.
    #[schema(required = true, format = "uri")]
    pub availability_schedule: Option<String>,
}

/// Whose event type it is.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProfileBody {
    /// Always `User`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The owner's name.
    pub name: String,
    /// The owner's URI.
    #[schema(format = "uri")]
    pub owner: String,
}

impl EventTypeBody {
    /// What is shown of an event type and its owner.
    pub fn new(event_type: EventType, owner: &User, uris: &Uris) -> EventTypeBody {
        let rules = event_type.rules;
        EventTypeBody {
            uri: uris.of(event_type.id),
            scheduling_url: uris.page(&format!("/{}/{}", owner.slug, event_type.slug)),
            name: event_type.name,
            active: event_type.active,
            slug: event_type.slug,
            duration: rules.duration,
            duration_options: event_type.duration_options,
            kind: "solo".to_owned(),
            pooling_type: None,
            resource_type: "StandardEventType".to_owned(),
            booking_method: "instant".to_owned(),
            color: event_type.color,
            created_at: Time(event_type.created_at),
            updated_at: Time(event_type.updated_at),
            deleted_at: event_type.deleted_at.map(Time),
            internal_note: event_type.internal_note,
            description_html: event_type.description.as_deref().map(paragraphs),
            description_plain: event_type.description,
            profile: ProfileBody {
                kind: "User".to_owned(),
                name: owner.name.clone(),
                owner: uris.of(owner.id),
            },
            secret: event_type.secret,
            custom_questions: event_type.custom_questions,
            admin_managed: false,
            locations: event_type.locations,
            position: event_type.position,
            is_paid: false,
            locale: event_type.locale,
            start_time_increment: rules.increment,
            before_buffer: rules.before_buffer,
            after_buffer: rules.after_buffer,
            minimum_notice: rules.minimum_notice,
            booking_window: BookingWindowBody::new(&rules.window),
            limits: rules.limits.iter().map(LimitBody::new).collect(),
            availability_schedule: event_type.schedule_id.map(|id| uris.of(id)),
        }
    }
}

/// Plain text as HTML, a paragraph a block of lines.
fn paragraphs(text: &str) -> String {
    let escaped = text
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;");
    let paragraph = |block: &str| format!("<p>{}</p>", block.trim().replace('\n', "<br>"));
    escaped.split("\n\n").map(paragraph).collect()
}

impl From<EventTypeRefusal> for Problem {
    fn from(refusal: EventTypeRefusal) -> Problem {
        match refusal {
            EventTypeRefusal::Unknown => Problem::not_found(),
            EventTypeRefusal::UnknownOwner => {
                Problem::parameter("owner", "not_found", "is not a user of this organization")
            }
            EventTypeRefusal::UnknownSchedule => Problem::parameter(
                "availability_schedule",
                "not_found",
                "is not a schedule of the event type's owner",
            ),
            EventTypeRefusal::SlugTaken => {
                Problem::exists("slug", "belongs to another event type of the same owner")
            }
            EventTypeRefusal::DurationNotAnOption => Problem::parameter(
                "duration",
                "not_an_option",
                "must be among duration_options",
            ),
        }
    }
}

input! {
    /// Which event types; `organization` or `user` must be given.
    pub struct ListEventTypes {
        /// All of the organization.
        pub organization: Option<Uri<OrganizationId>>,
        /// Of this user.
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
    ) -> Result<rows::Filter, Problem> {
        if let Some(Uri(user)) = self.user {
            let user = users::get_active(tx, organization, user).await?;
            user.ok_or_else(Problem::not_found)?;
        }
        let schedule = match self.user_availability_schedule {
            Some(Uri(id)) => user_availability_schedules::get(tx, organization, id).await?,
            None => None,
        };
        Ok(rows::Filter {
            user: self.user.map(|user| user.0),
            active: self.active,
            schedule: self.user_availability_schedule.map(|schedule| schedule.0),
            schedule_is_default: schedule.is_some_and(|schedule| schedule.is_default),
        })
    }
}

/// List event types
#[utoipa::path(get, path = "/event_types", tag = "Event types", params(ListEventTypes), responses((status = 200, description = "A page of event types", body = Collection<EventTypeBody>)))]
async fn list_event_types(
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
        return Err(Problem::not_found());
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
    let mut page = rows::list(&tx, caller.organization, &filter, field, &request).await?;
    if query.admin_managed == Some(true) {
        page = Page::empty();
    }
    let mut listed = Vec::with_capacity(page.rows.len());
    for event_type in std::mem::take(&mut page.rows) {
        let owner = owner(&tx, caller.organization, &event_type).await?;
        listed.push((event_type, owner));
    }
    let uris = app.uris();
    Ok(Json(sorted.collection(
        page.with_rows(listed),
        (&uris, &target),
        |(event_type, _)| event_type.sort_key(field),
        |(event_type, owner)| EventTypeBody::new(event_type, &owner, &uris),
    )))
}

/// The user an event type belongs to.
pub async fn owner(
    tx: &ReadTx<'_>,
    organization: OrganizationId,
    event_type: &EventType,
) -> Result<User, StoreError> {
    let owner = users::get(tx, organization, event_type.user_id).await?;
    owner.ok_or_else(|| StoreError::missing("users", event_type.user_id))
}

/// Get an event type
///
/// A deleted one can be read too.
#[utoipa::path(get, path = "/event_types/{uuid}", tag = "Event types", params(("uuid" = uuid::Uuid, Path)), responses((status = 200, description = "The event type", body = Resource<EventTypeBody>)))]
async fn get_event_type(
    State(app): State<App>,
    caller: Caller<EventTypesRead>,
    Id(id): Id<EventTypeId>,
) -> Result<Json<Resource<EventTypeBody>>, Problem> {
    let tx = app.store.read().await?;
    let event_type = rows::get(&tx, caller.organization, id)
        .await?
        .ok_or_else(Problem::not_found)?;
    drop(tx);
    resource(&app, caller.organization, event_type).await
}

async fn resource(
    app: &App,
    organization: OrganizationId,
    event_type: EventType,
) -> Result<Json<Resource<EventTypeBody>>, Problem> {
    let tx = app.store.read().await?;
    let owner = owner(&tx, organization, &event_type).await?;
    Ok(Json(Resource {
        resource: EventTypeBody::new(event_type, &owner, &app.uris()),
    }))
}

input! {
    /// A new event type.
    pub struct NewEventType {
        /// Whose time it takes.
        pub owner: Uri<UserId>,
        /// What invitees see.
        pub name: Text<1, 255>,
        /// Whether it can be booked; `false` by default.
        pub active: Option<bool>,
        /// Second segment of the booking page, made from the name by default.
        pub slug: Option<Slug>,
        /// Whether it is left out of the landing page; `false` by default.
        pub secret: Option<bool>,
        /// What invitees read.
        pub description: Option<Text<0, 10_000>>,
        /// What the host reads.
        pub internal_note: Option<Text<0, 10_000>>,
        /// Minutes; 30 by default.
        pub duration: Option<Int<1, 720>>,
        /// Durations that invitees may choose from, in minutes; `duration` must be among them.
        pub duration_options: Option<List<Int<1, 720>, 1, 4>>,
        /// Where it can take place.
        pub locations: Option<List<LocationInput, 0, 20>>,
        /// `#0069ff` by default.
        pub color: Option<Color>,
        /// `en` by default.
        pub locale: Option<EventTypeLocale>,
        /// Minutes between starts on offer; 30 by default.
        pub start_time_increment: Option<Int<5, 720>>,
        /// Minutes kept free before a meeting; 0 by default.
        pub before_buffer: Option<Int<0, 180>>,
        /// Minutes kept free after a meeting; 0 by default.
        pub after_buffer: Option<Int<0, 180>>,
        /// Minutes by which it must be booked ahead; 0 by default, at most a year.
        pub minimum_notice: Option<Int<0, 525_600>>,
        /// How far ahead it can be booked; 60 rolling days by default.
        pub booking_window: Option<BookingWindowInput>,
        /// How much of it can be booked.
        pub limits: Option<List<LimitInput, 0, 6>>,
        /// The schedule it goes by; the owner's default one by default.
        pub availability_schedule: Option<Uri<ScheduleId>>,
        /// Questions to the invitee.
        pub custom_questions: Option<List<QuestionInput, 0, 50>>,
        /// Display order; behind all others by default.
        pub position: Option<Int<0, 1_000_000>>,
    }
}

/// Make an event type
#[utoipa::path(post, path = "/event_types", tag = "Event types", request_body = NewEventType, responses((status = 201, description = "The new event type", body = Resource<EventTypeBody>)))]
async fn create_event_type(
    State(app): State<App>,
    caller: Caller<EventTypesWrite>,
    input: Input<NewEventType>,
) -> Result<Response, Problem> {
    let body = input.body;
    let owner_id = body.owner.0;
    caller.must_act_for(owner_id)?;
    let tx = app.store.read().await?;
    let owner = users::get_active(&tx, caller.organization, owner_id).await?;
    let owner = owner.ok_or(EventTypeRefusal::UnknownOwner)?;
    drop(tx);
    let mut event_type =
        event_types::plain(EventTypeId(fresh_id()), owner_id, &body.name.0, app.now());
    body.changes().apply(&mut event_type);
    let command = AddEventType {
        organization: caller.organization,
        event_type,
    };
    let uris = app.uris();
    write_once(
        &app,
        (caller.sends(input.idempotency), StatusCode::CREATED),
        command,
        move |event_type| {
            Ok(Resource {
                resource: EventTypeBody::new(event_type, &owner, &uris),
            })
        },
    )
    .await
}

impl NewEventType {
    /// A new event type is a plain one that is edited.
    fn changes(self) -> EventTypeChanges {
        fn set<T>(value: Option<T>) -> Change<T> {
            value.map_or(Change::Keep, Change::Set)
        }
        EventTypeChanges {
            name: None,
            active: self.active,
            slug: self.slug,
            secret: self.secret,
            description: set(self.description),
            internal_note: set(self.internal_note),
            duration: self.duration,
            duration_options: set(self.duration_options),
            locations: set(self.locations),
            color: self.color,
            locale: self.locale,
            start_time_increment: self.start_time_increment,
            before_buffer: self.before_buffer,
            after_buffer: self.after_buffer,
            minimum_notice: self.minimum_notice,
            booking_window: self.booking_window,
            limits: self.limits,
            availability_schedule: set(self.availability_schedule),
            custom_questions: self.custom_questions,
            position: self.position,
        }
    }
}

input! {
    /// What changes of an event type; what is left out stays.
    pub struct EventTypeChanges {
        /// What invitees see.
        pub name: Option<Text<1, 255>>,
        /// Whether it can be booked.
        pub active: Option<bool>,
        /// Second segment of the booking page.
        pub slug: Option<Slug>,
        /// Whether it is left out of the landing page.
        pub secret: Option<bool>,
        /// What invitees read; null removes it.
        pub description: Change<Text<0, 10_000>>,
        /// What the host reads; null removes it.
        pub internal_note: Change<Text<0, 10_000>>,
        /// Minutes.
        pub duration: Option<Int<1, 720>>,
        /// Durations that invitees may choose from, in minutes; `duration` must be among them; null removes them.
        pub duration_options: Change<List<Int<1, 720>, 1, 4>>,
        /// Where it can take place; null removes all.
        pub locations: Change<List<LocationInput, 0, 20>>,
        /// `#rrggbb`.
        pub color: Option<Color>,
        /// Language.
        pub locale: Option<EventTypeLocale>,
        /// Minutes between starts on offer.
        pub start_time_increment: Option<Int<5, 720>>,
        /// Minutes kept free before a meeting.
        pub before_buffer: Option<Int<0, 180>>,
        /// Minutes kept free after a meeting.
        pub after_buffer: Option<Int<0, 180>>,
        /// Minutes by which it must be booked ahead, at most a year.
        pub minimum_notice: Option<Int<0, 525_600>>,
        /// How far ahead it can be booked.
        pub booking_window: Option<BookingWindowInput>,
        /// How much of it can be booked; replaces all limits.
        pub limits: Option<List<LimitInput, 0, 6>>,
        /// The schedule it goes by; null: the owner's default one.
        pub availability_schedule: Change<Uri<ScheduleId>>,
        /// Questions to the invitee; replaces all questions.
        pub custom_questions: Option<List<QuestionInput, 0, 50>>,
        /// Display order.
        pub position: Option<Int<0, 1_000_000>>,
    }
}

impl EventTypeChanges {
    fn apply(&self, event_type: &mut EventType) {
        fn text<const MAX: usize>(text: Text<0, MAX>) -> String {
            text.0
        }
        if let Some(name) = &self.name {
            event_type.name.clone_from(&name.0);
        }
        if let Some(slug) = &self.slug {
            event_type.slug.clone_from(&slug.0);
        }
        if let Some(color) = &self.color {
            event_type.color.clone_from(&color.0);
        }
        if let Some(locale) = self.locale {
            locale.word().clone_into(&mut event_type.locale);
        }
        if let Some(questions) = &self.custom_questions {
            event_type.custom_questions = question_documents(questions);
        }
        event_type.active = self.active.unwrap_or(event_type.active);
        event_type.secret = self.secret.unwrap_or(event_type.secret);
        event_type.position = self
            .position
            .map_or(event_type.position, |position| position.0.into());
        event_type.description = self
            .description
            .clone()
            .of(event_type.description.take(), text);
        event_type.internal_note = self
            .internal_note
            .clone()
            .of(event_type.internal_note.take(), text);
        event_type.schedule_id = self
            .availability_schedule
            .clone()
            .of(event_type.schedule_id, |schedule| schedule.0);
        event_type.locations = self
            .locations
            .clone()
            .of(event_type.locations.take(), |locations| {
                location_documents(&locations)
            });
        event_type.duration_options = self
            .duration_options
            .clone()
            .of(event_type.duration_options.take(), |options| {
                options.0.into_iter().map(|minutes| minutes.0).collect()
            });
        self.apply_rules(event_type);
    }

    fn apply_rules(&self, event_type: &mut EventType) {
        fn set<const MIN: u32, const MAX: u32>(minutes: &mut i64, change: Option<Int<MIN, MAX>>) {
            if let Some(change) = change {
                *minutes = change.0.into();
            }
        }
        let rules = &mut event_type.rules;
        set(&mut rules.duration, self.duration);
        set(&mut rules.increment, self.start_time_increment);
        set(&mut rules.minimum_notice, self.minimum_notice);
        set(&mut rules.before_buffer, self.before_buffer);
        set(&mut rules.after_buffer, self.after_buffer);
        if let Some(window) = &self.booking_window {
            rules.window = window.0;
        }
        if let Some(limits) = &self.limits {
            rules.limits = limits.0.iter().map(|limit| limit.0).collect();
        }
    }
}

/// Edit an event type
///
/// What was booked stays as it was booked.
#[utoipa::path(patch, path = "/event_types/{uuid}", tag = "Event types", params(("uuid" = uuid::Uuid, Path)), request_body = EventTypeChanges, responses((status = 200, description = "The event type as it is now", body = Resource<EventTypeBody>)))]
async fn update_event_type(
    State(app): State<App>,
    caller: Caller<EventTypesWrite>,
    Id(id): Id<EventTypeId>,
    input: Input<EventTypeChanges>,
) -> Result<Json<Resource<EventTypeBody>>, Problem> {
    owned(&app, &caller, id).await?;
    let changes = input.body;
    let command = EditEventType {
        organization: caller.organization,
        id,
        edit: Box::new(move |event_type| changes.apply(event_type)),
        now: app.now(),
    };
    let event_type = app.store.write(command).await?;
    resource(&app, caller.organization, event_type).await
}

/// Refuses what the caller may not change.
async fn owned(
    app: &App,
    caller: &Caller<EventTypesWrite>,
    id: EventTypeId,
) -> Result<(), Problem> {
    let tx = app.store.read().await?;
    let event_type = rows::get(&tx, caller.organization, id)
        .await?
        .ok_or_else(Problem::not_found)?;
    caller.must_act_for(event_type.user_id)
}

/// Delete an event type
///
/// It cannot be booked any more; what was booked stays, and it can still be read by its URI.
#[utoipa::path(delete, path = "/event_types/{uuid}", tag = "Event types", params(("uuid" = uuid::Uuid, Path)), responses((status = 204, description = "Deleted")))]
async fn delete_event_type(
    State(app): State<App>,
    caller: Caller<EventTypesWrite>,
    Id(id): Id<EventTypeId>,
) -> Result<StatusCode, Problem> {
    owned(&app, &caller, id).await?;
    let command = RemoveEventType {
        organization: caller.organization,
        id,
        now: app.now(),
    };
    app.store.write(command).await?;
    Ok(StatusCode::NO_CONTENT)
}
