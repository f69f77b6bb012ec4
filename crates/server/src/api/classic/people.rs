//! People of the classic API and their hours.

use super::{
    Classic, ClassicBody, ClassicError, MessageBody, Number, RangeBody, malformed,
    meetings::{BookedBody, booked},
    message, person, ranges,
};
use crate::api::problem::Problem;
use crate::api::{
    answer::write_once,
    input::input,
    value::{
        List,
        text::Text,
        time::{Day, HourMinute},
    },
};
use crate::{
    app::{
        classic::{self, AddHours},
        users::AddUser,
    },
    context::{App, fresh_id},
};
use axum::{Json, extract::State, http::StatusCode, response::Response};
use domain::{
    interval::IntervalSet,
    schedule::{HoursInterval, Schedule},
};
use jiff::tz::TimeZone;
use serde::Serialize;
use std::collections::BTreeMap;
use store::{StoreError, organization_memberships::Membership, users::User};
use utoipa::ToSchema;

input! {
    /// A new person.
    pub struct AddUserInput {
        /// What to call them.
        pub user_name: Text<1, 255>,
        /// Phone number.
        pub phone_number: Text<1, 50>,
    }
    example {"user_name": "Foo", "phone_number": "1234567890"}
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
pub async fn add_user(
    State(app): State<App>,
    Classic {
        sender,
        body,
        administers,
    }: Classic<AddUserInput>,
) -> Result<Response, ClassicError> {
    if !administers {
        return Err(Problem::no_permission().into());
    }
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
    example {"user_id": 1}
}

impl ClassicBody for AvailabilityQuestion {
    const SCOPE: &'static str = "availability:read";
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
pub async fn get_user_availability(
    State(app): State<App>,
    Classic { sender, body, .. }: Classic<AvailabilityQuestion>,
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
    example {
        "user_id": 1,
        "date_list": ["2030-01-07", "2030-01-08"],
        "time_ranges": [
            [{"start_time": "09:00", "end_time": "11:00"}, {"start_time": "13:00", "end_time": "16:00"}],
            [{"start_time": "10:00", "end_time": "11:00"}]
        ]
    }
}

impl ClassicBody for SetAvailability {
    const SCOPE: &'static str = "availability:write";
}

/// Add hours to dates
///
/// They are added to what each date has; ranges that touch merge. All dates or none.
#[utoipa::path(post, path = "/availability/set_user_availability", tag = "Classic", request_body = SetAvailability, responses((status = 200, description = "Done", body = MessageBody)))]
pub async fn set_user_availability(
    State(app): State<App>,
    Classic {
        sender,
        body,
        administers,
    }: Classic<SetAvailability>,
) -> Result<Response, ClassicError> {
    let now = app.now();
    let tx = app.store.read().await?;
    let person = person(&tx, sender.organization, body.user_id).await?;
    drop(tx);
    if !administers && sender.user != person.user.id {
        return Err(Problem::no_permission().into());
    }
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
    example {"user_id_1": 1, "user_id_2": 2}
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
pub async fn get_availability_overlap(
    State(app): State<App>,
    Classic { sender, body, .. }: Classic<OverlapQuestionInput>,
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
