//! Meetings of the classic API.

use super::{
    Classic, ClassicBody, ClassicError, MessageBody, Number, RangeBody, cannot, malformed, message,
    person, ranges,
};
use crate::api::{
    answer::write_once,
    input::input,
    value::time::{Day, HourMinute},
};
use crate::{
    app::classic::{self, Booked},
    context::App,
};
use axum::{Json, extract::State, http::StatusCode, response::Response};
use domain::interval::Interval;
use jiff::civil::Date;
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;

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

/// Bookings by date.
pub fn booked(bookings: BTreeMap<Date, Vec<Booked>>) -> BTreeMap<String, Vec<BookedBody>> {
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
    example {"user_id": 1, "requestor_id": 2, "date": "2030-01-07", "start_time": "10:00", "end_time": "10:30"}
}

impl ClassicBody for BookMeeting {
    const SCOPE: &'static str = "scheduled_events:write";
}

/// Book a meeting
///
/// Any range of whole minutes in which the person is free.
#[utoipa::path(post, path = "/meetings/book_meeting", tag = "Classic", request_body = BookMeeting, responses((status = 200, description = "Booked", body = MessageBody)))]
pub async fn book_meeting(
    State(app): State<App>,
    Classic { sender, body, .. }: Classic<BookMeeting>,
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
    example {"user_id": 1}
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
pub async fn get_bookings(
    State(app): State<App>,
    Classic { sender, body, .. }: Classic<BookingsQuestion>,
) -> Result<Json<BookingsBody>, ClassicError> {
    let tx = app.store.read().await?;
    let person = person(&tx, sender.organization, body.user_id).await?;
    let bookings = classic::bookings(&tx, sender.organization, &person, app.now()).await?;
    Ok(Json(BookingsBody {
        booked_meetings: booked(bookings),
    }))
}
