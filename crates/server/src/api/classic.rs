//! The classic API: six POST endpoints over the same people, schedules and meetings. Errors are `{"error": "…"}`:
//! 400 for what cannot be done, 422 for what is malformed.

use super::{
    answer::{Sender, write_once},
    caller::{authenticate, has_scope},
    input::{self, Source, input},
    problem::Problem,
    request::idempotency_key,
    value::{Day, HourMinute, Int, List, Text},
};
use crate::{
    app::{
        classic::{self, AddHours, Booked, Person, Ranges},
        users::AddUser,
    },
    context::{App, fresh_id},
};
use axum::{
    Json,
    extract::{FromRequest, Request, State},
    http::{StatusCode, request::Parts},
    response::{IntoResponse, Response},
};
use domain::{
    id::{OrganizationId, UserId},
    interval::{Interval, IntervalSet},
    schedule::{HoursInterval, Schedule},
};
use jiff::{civil::Date, tz::TimeZone};
use serde::Serialize;
use std::collections::BTreeMap;
use store::{ReadTx, StoreError, organization_memberships::Membership, organizations, users::User};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

/// The routes of this file.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(add_user))
        .routes(routes!(get_user_availability))
        .routes(routes!(set_user_availability))
        .routes(routes!(get_availability_overlap))
        .routes(routes!(book_meeting))
        .routes(routes!(get_bookings))
}

/// What a refused classic request is answered.
#[derive(Debug, Serialize, ToSchema)]
pub struct ClassicErrorBody {
    /// What is wrong.
    #[schema(example = "User 9 not found")]
    pub error: String,
}

/// A refused classic request.
#[derive(Debug)]
pub struct ClassicError(StatusCode, String);

impl IntoResponse for ClassicError {
    fn into_response(self) -> Response {
        (self.0, Json(ClassicErrorBody { error: self.1 })).into_response()
    }
}

impl From<Problem> for ClassicError {
    fn from(problem: Problem) -> ClassicError {
        let details: Vec<String> = problem
            .details
            .iter()
            .map(|detail| format!("{} {}", detail.parameter, detail.message))
            .collect();
        match (problem.code.as_str(), details.is_empty()) {
            ("invalid_argument", false) => {
                ClassicError(StatusCode::UNPROCESSABLE_ENTITY, details.join("; "))
            }
            _ => ClassicError(problem.status(), problem.message),
        }
    }
}

impl From<StoreError> for ClassicError {
    fn from(error: StoreError) -> ClassicError {
        Problem::from(error).into()
    }
}

fn cannot(message: impl Into<String>) -> ClassicError {
    ClassicError(StatusCode::BAD_REQUEST, message.into())
}

fn malformed(message: impl Into<String>) -> ClassicError {
    ClassicError(StatusCode::UNPROCESSABLE_ENTITY, message.into())
}

fn message(text: &str) -> MessageBody {
    MessageBody {
        message: text.to_owned(),
    }
}

/// That something was done.
#[derive(Debug, Serialize, ToSchema)]
pub struct MessageBody {
    /// What was done.
    pub message: String,
}

/// A checked classic request and the organization it is about.
struct Classic<T> {
    sender: Sender,
    body: T,
}

/// What a token needs for a classic request.
trait ClassicBody: input::Parse {
    const SCOPE: &'static str;
}

impl<T: ClassicBody> FromRequest<App> for Classic<T> {
    type Rejection = ClassicError;

    async fn from_request(request: Request, app: &App) -> Result<Classic<T>, ClassicError> {
        let (parts, body) = request.into_parts();
        let (organization, user) = whose::<T>(&parts, app).await?;
        let bytes = axum::body::to_bytes(body, super::request::BODY_LIMIT).await;
        let Ok(bytes) = bytes else {
            return Err(Problem::too_large(super::request::BODY_LIMIT).into());
        };
        let value = serde_json::from_slice(&bytes);
        let value =
            value.map_err(|error| cannot(format!("The body is not valid JSON: {error}")))?;
        Ok(Classic {
            sender: Sender {
                organization,
                user,
                key: idempotency_key(&parts, &bytes)?,
            },
            body: input::read(&value, Source::Json)?,
        })
    }
}

/// The organization a request is about and who sends it; nobody in particular where no token is needed.
async fn whose<T: ClassicBody>(
    parts: &Parts,
    app: &App,
) -> Result<(OrganizationId, UserId), ClassicError> {
    if app.config.classic_open && !parts.headers.contains_key("authorization") {
        let tx = app.store.read().await?;
        let oldest = organizations::oldest(&tx).await?;
        let oldest = oldest.ok_or_else(|| cannot("There is no organization yet"))?;
        return Ok((oldest.id, UserId(Uuid::nil())));
    }
    let bearer = authenticate(parts, app).await?;
    if !has_scope(&bearer.scopes, &[T::SCOPE]) {
        return Err(Problem::scope(&[T::SCOPE]).into());
    }
    Ok((bearer.organization_id, bearer.user_id))
}

async fn person(
    tx: &ReadTx<'_>,
    organization: OrganizationId,
    number: Number,
) -> Result<Person, ClassicError> {
    let found = Person::find(tx, organization, number.0.into()).await?;
    found.ok_or_else(|| cannot(format!("User {} not found", number.0)))
}

type Number = Int<0, 2_147_483_647>;

input! {
    /// A new person.
    pub struct AddUserInput {
        /// What to call them.
        pub user_name: Text<1, 255>,
        /// Phone number.
        pub phone_number: Text<1, 50>,
    }
}

impl ClassicBody for AddUserInput {
    const SCOPE: &'static str = "users:write";
}

/// A new person's number.
#[derive(Debug, Serialize, ToSchema)]
pub struct AddedUserBody {
    /// That it was done.
    #[schema(example = "User added successfully")]
    pub message: String,
    /// The number, counted up from 1.
    #[schema(example = 1)]
    pub user_id: i64,
}

/// Add a person
#[utoipa::path(post, path = "/users/add_user", tag = "Classic", request_body = AddUserInput, responses((status = 200, description = "Added", body = AddedUserBody)))]
async fn add_user(
    State(app): State<App>,
    Classic { sender, body }: Classic<AddUserInput>,
) -> Result<Response, ClassicError> {
    let (name, now) = (body.user_name.0, app.now());
    // people of the classic API have no mail address; .invalid is reserved for names that never exist
    let email = format!("{}@classic.invalid", fresh_id());
    let mut command = AddUser::new(sender.organization, name, email, TimeZone::UTC, now);
    command.user.phone_number = Some(body.phone_number.0);
    command.hours = Schedule::closed(TimeZone::UTC);
    command.classic = true;
    let added = |(user, _): (User, Membership)| {
        let user_id = user
            .classic_number
            .ok_or_else(|| StoreError::missing("users", user.id))?;
        Ok(AddedUserBody {
            message: "User added successfully".to_owned(),
            user_id,
        })
    };
    Ok(write_once(&app, (sender, StatusCode::OK), command, added).await?)
}

input! {
    /// A person.
    pub struct AvailabilityQuestion {
        /// The person's number.
        pub user_id: Number,
    }
}

impl ClassicBody for AvailabilityQuestion {
    const SCOPE: &'static str = "availability:read";
}

/// A range of wall time.
#[derive(Debug, Serialize, ToSchema)]
pub struct RangeBody {
    /// When it starts.
    #[schema(example = "10:00")]
    pub start_time: String,
    /// When it ends; `24:00` is the end of the date.
    #[schema(example = "16:30")]
    pub end_time: String,
}

fn ranges(ranges: Ranges) -> Vec<RangeBody> {
    let body = |(start_time, end_time)| RangeBody {
        start_time,
        end_time,
    };
    ranges.into_iter().map(body).collect()
}

/// What one requestor booked on a date.
#[derive(Debug, Serialize, ToSchema)]
pub struct BookedBody {
    /// When.
    pub time_list: Vec<RangeBody>,
    /// The requestor's number; null for who booked elsewhere.
    #[schema(required = true)]
    pub requestor_id: Option<i64>,
    /// The requestor's name.
    pub requestor_name: String,
    /// The requestor's phone number.
    #[schema(required = true)]
    pub requestor_phone: Option<String>,
}

fn booked(bookings: BTreeMap<Date, Vec<Booked>>) -> BTreeMap<String, Vec<BookedBody>> {
    let body = |booked: Booked| BookedBody {
        time_list: ranges(booked.times),
        requestor_id: booked.requestor_id,
        requestor_name: booked.requestor_name,
        requestor_phone: booked.requestor_phone,
    };
    let on_date = |(date, list): (Date, Vec<Booked>)| {
        (date.to_string(), list.into_iter().map(body).collect())
    };
    bookings.into_iter().map(on_date).collect()
}

/// A person's calendar of today and the 30 days after.
#[derive(Debug, Serialize, ToSchema)]
pub struct AvailabilityBody {
    /// The person's number.
    pub user_id: u32,
    /// The person's name.
    pub user_name: String,
    /// The person's phone number.
    #[schema(required = true)]
    pub phone_number: Option<String>,
    /// Free time by date; every date is there.
    pub availability: BTreeMap<String, Vec<RangeBody>>,
    /// What is booked, by date; only dates that have some.
    pub bookings: BTreeMap<String, Vec<BookedBody>>,
}

/// Show a person's availability
#[utoipa::path(post, path = "/users/get_user_availability", tag = "Classic", request_body = AvailabilityQuestion, responses((status = 200, description = "Their calendar", body = AvailabilityBody)))]
async fn get_user_availability(
    State(app): State<App>,
    Classic { sender, body }: Classic<AvailabilityQuestion>,
) -> Result<Json<AvailabilityBody>, ClassicError> {
    let now = app.now();
    let tx = app.store.read().await?;
    let person = person(&tx, sender.organization, body.user_id).await?;
    let mut free = person.by_date(&person.free(&tx, sender.organization, now).await?);
    let bookings = classic::bookings(&tx, sender.organization, &person, now).await?;
    let (first, last) = person.dates(now);
    let dates = first
        .series(jiff::Span::new().days(1))
        .take_while(|date| *date <= last);
    let availability = dates.map(|date| {
        (
            date.to_string(),
            ranges(free.remove(&date).unwrap_or_default()),
        )
    });
    Ok(Json(AvailabilityBody {
        user_id: body.user_id.0,
        availability: availability.collect(),
        bookings: booked(bookings),
        user_name: person.user.name,
        phone_number: person.user.phone_number,
    }))
}

input! {
    /// A range of wall time.
    pub struct RangeInput {
        /// When it starts.
        pub start_time: HourMinute,
        /// When it ends.
        pub end_time: HourMinute,
    }
}

input! {
    /// Hours to add to dates.
    pub struct SetAvailability {
        /// The person's number.
        pub user_id: Number,
        /// The dates, today to 30 days ahead.
        pub date_list: List<Day, 1, 31>,
        /// The hours of each date, in the same order.
        pub time_ranges: List<List<RangeInput, 0, 100>, 1, 31>,
    }
}

impl ClassicBody for SetAvailability {
    const SCOPE: &'static str = "availability:write";
}

/// Add hours to dates
///
/// They are added to what each date has; ranges that touch merge. All dates or none.
#[utoipa::path(post, path = "/availability/set_user_availability", tag = "Classic", request_body = SetAvailability, responses((status = 200, description = "Done", body = MessageBody)))]
async fn set_user_availability(
    State(app): State<App>,
    Classic { sender, body }: Classic<SetAvailability>,
) -> Result<Response, ClassicError> {
    let now = app.now();
    let tx = app.store.read().await?;
    let person = person(&tx, sender.organization, body.user_id).await?;
    drop(tx);
    if body.date_list.0.len() != body.time_ranges.0.len() {
        return Err(malformed(
            "date_list and time_ranges must have the same length",
        ));
    }
    let (first, last) = person.dates(now);
    let mut dates = Vec::new();
    for (Day(date), ranges) in body.date_list.0.iter().zip(&body.time_ranges.0) {
        if !(first..=last).contains(date) {
            return Err(malformed(format!("{date} is not from {first} to {last}")));
        }
        let hours: Result<Vec<HoursInterval>, ClassicError> = ranges.0.iter().map(hours).collect();
        dates.push((*date, hours?));
    }
    let command = AddHours {
        organization: sender.organization,
        user: person.user.id,
        dates,
        now,
    };
    let done = |()| Ok(message("Availability updated successfully"));
    Ok(write_once(&app, (sender, StatusCode::OK), command, done).await?)
}

fn hours(range: &RangeInput) -> Result<HoursInterval, ClassicError> {
    let (from, to) = (range.start_time.0, range.end_time.0);
    if to <= from {
        return Err(malformed(format!("the range {from} to {to} is empty")));
    }
    HoursInterval::new(from, to).map_err(|error| malformed(error.to_string()))
}

input! {
    /// Two people.
    pub struct OverlapQuestionInput {
        /// The number of the person in whose zone the answer is.
        pub user_id_1: Number,
        /// The other person's number.
        pub user_id_2: Number,
    }
}

impl ClassicBody for OverlapQuestionInput {
    const SCOPE: &'static str = "availability:read";
}

/// When two people are free together.
#[derive(Debug, Serialize, ToSchema)]
pub struct ClassicOverlapBody {
    /// Common free time by date; only dates that have some.
    pub output: BTreeMap<String, Vec<RangeBody>>,
}

/// Find when two people are free together
#[utoipa::path(post, path = "/availability/get_availability_overlap", tag = "Classic", request_body = OverlapQuestionInput, responses((status = 200, description = "Their common free time", body = ClassicOverlapBody)))]
async fn get_availability_overlap(
    State(app): State<App>,
    Classic { sender, body }: Classic<OverlapQuestionInput>,
) -> Result<Json<ClassicOverlapBody>, ClassicError> {
    let now = app.now();
    let tx = app.store.read().await?;
    let one = person(&tx, sender.organization, body.user_id_1).await?;
    let other = person(&tx, sender.organization, body.user_id_2).await?;
    let free = one.free(&tx, sender.organization, now).await?;
    let common: IntervalSet = free.intersection(&other.free(&tx, sender.organization, now).await?);
    let output = one
        .by_date(&common)
        .into_iter()
        .map(|(date, times)| (date.to_string(), ranges(times)));
    Ok(Json(ClassicOverlapBody {
        output: output.collect(),
    }))
}

input! {
    /// A meeting to book.
    pub struct BookMeeting {
        /// The number of the person to meet.
        pub user_id: Number,
        /// The number of who wants to meet them.
        pub requestor_id: Number,
        /// The date, in the zone of the person to meet.
        pub date: Day,
        /// When it starts.
        pub start_time: HourMinute,
        /// When it ends.
        pub end_time: HourMinute,
    }
}

impl ClassicBody for BookMeeting {
    const SCOPE: &'static str = "scheduled_events:write";
}

/// Book a meeting
///
/// Any range of whole minutes in which the person is free.
#[utoipa::path(post, path = "/meetings/book_meeting", tag = "Classic", request_body = BookMeeting, responses((status = 200, description = "Booked", body = MessageBody)))]
async fn book_meeting(
    State(app): State<App>,
    Classic { sender, body }: Classic<BookMeeting>,
) -> Result<Response, ClassicError> {
    let tx = app.store.read().await?;
    let host = person(&tx, sender.organization, body.user_id).await?;
    let requestor = person(&tx, sender.organization, body.requestor_id).await?;
    drop(tx);
    let (from, to) = (body.start_time.0, body.end_time.0);
    if to <= from {
        return Err(malformed(format!("the range {from} to {to} is empty")));
    }
    let not_available = || {
        cannot(format!(
            "The requested time slot {from} to {to} is not available"
        ))
    };
    let (first, last) = host.dates(app.now());
    if last < body.date.0 {
        return Err(cannot(format!(
            "The date {} is more than one month away",
            body.date.0
        )));
    }
    if body.date.0 < first {
        return Err(not_available());
    }
    let meeting: Interval = host
        .interval(body.date.0, from, to)
        .ok_or_else(not_available)?;
    let command = classic::booking(&app, sender.organization, (&host, &requestor), meeting);
    let done = |()| Ok(message("Booking successful"));
    match write_once(&app, (sender, StatusCode::OK), command, done).await {
        Err(problem) if problem.is_about_time() => Err(not_available()),
        booked => Ok(booked?),
    }
}

input! {
    /// Whose meetings.
    pub struct BookingsQuestion {
        /// The person's number.
        pub user_id: Number,
    }
}

impl ClassicBody for BookingsQuestion {
    const SCOPE: &'static str = "scheduled_events:read";
}

/// What is booked with a person.
#[derive(Debug, Serialize, ToSchema)]
pub struct BookingsBody {
    /// By date; only dates that have some.
    pub booked_meetings: BTreeMap<String, Vec<BookedBody>>,
}

/// List what is booked with a person
#[utoipa::path(post, path = "/meetings/get_bookings", tag = "Classic", request_body = BookingsQuestion, responses((status = 200, description = "Their meetings", body = BookingsBody)))]
async fn get_bookings(
    State(app): State<App>,
    Classic { sender, body }: Classic<BookingsQuestion>,
) -> Result<Json<BookingsBody>, ClassicError> {
    let tx = app.store.read().await?;
    let person = person(&tx, sender.organization, body.user_id).await?;
    let bookings = classic::bookings(&tx, sender.organization, &person, app.now()).await?;
    Ok(Json(BookingsBody {
        booked_meetings: booked(bookings),
    }))
}
