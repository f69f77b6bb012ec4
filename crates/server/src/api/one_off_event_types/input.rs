//! What is sent to make an event type for one occasion.

use crate::api::{
    event_types::fields::LocationInput,
    input::{Parse, Reader, input},
    problem::{Detail, Problem},
    uri::Uri,
    value::{
        Int, List,
        text::Text,
        time::{Day, Time, Zone},
        words,
    },
};
use crate::{app::event_types::LocationKind, context::fresh_id};
use domain::{
    civil,
    event_type::BookingWindow,
    id::{ScheduleId, UserId},
    interval::Interval,
    schedule::spots,
};
use jiff::{SignedDuration, Timestamp, civil::Date, tz::TimeZone};
use serde_json::{Map, Value, json};
use store::{event_types::EventType, user_availability_schedules::AvailabilitySchedule};
use utoipa::openapi::{RefOr, Schema};

words! {
    /// How the dates of an event type for one occasion are said.
    pub enum DateSettingType {
        /// From one date to another.
        DateRange = "date_range",
        /// So many days from today.
        DaysInFuture = "days_in_future",
        /// At single times.
        Spots = "spots",
    }
}

input! {
    /// A time at which a meeting can be.
    pub struct SpotInput {
        /// From when on, with a whole minute.
        pub start_time: Time,
        /// Until when, with a whole minute: less than a day later.
        pub end_time: Time,
    }
}

input! {
    /// Dates as they are sent, before their parts are checked against each other.
    pub struct DateSettingFields {
        /// `date_range` with `start_date` and `end_date`, `days_in_future` with `days` and `only_weekdays`, or `spots` with `spots`.
        pub r#type: DateSettingType,
        /// First date, for `date_range`.
        pub start_date: Option<Day>,
        /// Last date, for `date_range`; less than 365 days after the first.
        pub end_date: Option<Day>,
        /// Days after today, for `days_in_future`.
        pub days: Option<Int<0, 365>>,
        /// Whether only Monday to Friday count as days, for `days_in_future`.
        pub only_weekdays: Option<bool>,
        /// The times, for `spots`.
        pub spots: Option<List<SpotInput, 1, 100>>,
    }
    check check_dates
}

/// Notes what is missing for the kind of setting.
fn check_dates(setting: &Map<String, Value>, reader: &mut Reader) {
    let needed: &[&str] = match setting.get("type").and_then(Value::as_str) {
        Some("date_range") => &["start_date", "end_date"],
        Some("days_in_future") => &["days", "only_weekdays"],
        Some("spots") => &["spots"],
        _ => &[],
    };
    let is_missing = |field: &&&str| setting.get(**field).is_none_or(Value::is_null);
    for field in needed.iter().filter(is_missing) {
        reader.problem_with(field, "required", "must be filled for this type");
    }
}

/// When an event type for one occasion can be booked.
#[derive(Clone, Debug)]
pub enum DateSetting {
    /// On these dates, in the hours of its host.
    Window(BookingWindow),
    /// At these times.
    Spots(Vec<Interval>),
}

impl Parse for DateSetting {
    fn parse(value: &Value, reader: &mut Reader) -> Option<DateSetting> {
        let fields = DateSettingFields::parse(value, reader)?;
        match fields.r#type {
            DateSettingType::DateRange => {
                let (start, end) = (fields.start_date?.0, fields.end_date?.0);
                if end < start || civil::add_days(start, 364) < end {
                    let message = "must be less than 365 days after start_date, and not before it";
                    reader.problem_with("end_date", "invalid_range", message);
                }
                Some(DateSetting::Window(BookingWindow::Range { start, end }))
            }
            DateSettingType::DaysInFuture => Some(DateSetting::Window(BookingWindow::Rolling {
                days: u16::try_from(fields.days?.0).unwrap_or(u16::MAX),
                weekdays_only: fields.only_weekdays?,
            })),
            DateSettingType::Spots => {
                let mut spots = Vec::new();
                for (index, spot) in fields.spots?.0.iter().enumerate() {
                    match Interval::new(spot.start_time.0, spot.end_time.0) {
                        Some(spot) => spots.push(spot),
                        None => reader.problem_with(
                            &format!("spots[{index}].end_time"),
                            "invalid_range",
                            "must be after start_time",
                        ),
                    }
                }
                Some(DateSetting::Spots(spots))
            }
        }
    }

    fn schema() -> RefOr<Schema> {
        let example =
            json!({"type": "date_range", "start_date": "2030-01-07", "end_date": "2030-01-11"});
        match DateSettingFields::schema() {
            RefOr::T(Schema::Object(mut object)) => {
                object.examples = vec![example];
                object.into()
            }
            other => other,
        }
    }
}

input! {
    /// A new event type for one occasion.
    pub struct NewOneOffEventType {
        /// What invitees see.
        pub name: Text<1, 55>,
        /// Whose it is, and who hosts it.
        pub host: Uri<UserId>,
        /// Who hosts it as well. Only owners and admins name other people.
        pub co_hosts: Option<List<Uri<UserId>, 0, 99>>,
        /// Minutes.
        pub duration: Int<1, 720>,
        /// The zone in which dates are looked at when this is made; the host's schedule keeps its own.
        pub timezone: Option<Zone>,
        /// When it can be booked: on dates, in the hours of the host, or at single times.
        pub date_setting: DateSetting,
        /// Where it takes place.
        pub location: Option<LocationInput>,
    }
    check check_location
    example {
        "name": "A word in private",
        "host": "http://127.0.0.1:8080/users/0193a5c8-7d3e-7000-8000-2b1f5f0c9a11",
        "duration": 30,
        "date_setting": {"type": "date_range", "start_date": "2030-01-07", "end_date": "2030-01-11"}
    }
}

/// Notes that nobody can call without a number.
fn check_location(event_type: &Map<String, Value>, reader: &mut Reader) {
    let location = event_type.get("location");
    let says = |field: &str| location.and_then(|location| location.get(field)?.as_str());
    if says("kind") == Some(LocationKind::InboundCall.word()) && says("phone_number").is_none() {
        let message = "must be filled for inbound_call";
        reader.problem_with("location.phone_number", "required", message);
    }
}

impl NewOneOffEventType {
    /// Sets when an event type can be booked. The answer is the schedule of single times, if there are some.
    pub fn set_dates(
        &self,
        event_type: &mut EventType,
        now: Timestamp,
    ) -> Result<Option<AvailabilitySchedule>, Problem> {
        let zone = self.timezone.as_ref();
        let zone = zone.map_or(TimeZone::UTC, |zone| zone.0.clone());
        match &self.date_setting {
            DateSetting::Window(window) => {
                must_be_to_come(window, self.earliest(&zone, now))?;
                event_type.rules.window = *window;
                Ok(None)
            }
            DateSetting::Spots(times) => {
                let schedule = schedule_of(times, event_type, now)?;
                event_type.rules.window = BookingWindow::Unlimited;
                event_type.rules.increment = spots::increment_of(times, event_type.rules.duration);
                event_type.schedule_id = Some(schedule.id);
                Ok(Some(schedule))
            }
        }
    }

    /// The date before which no range may end: today in the zone, or where it is earliest where none is named.
    fn earliest(&self, zone: &TimeZone, now: Timestamp) -> Date {
        let today = civil::date_of(now, zone);
        let days = if self.timezone.is_some() { 0 } else { -1 };
        civil::add_days(today, days)
    }
}

fn must_be_to_come(window: &BookingWindow, earliest: Date) -> Result<(), Problem> {
    match window {
        BookingWindow::Range { end, .. } if *end < earliest => Err(Problem::parameter(
            "date_setting.end_date",
            "in_the_past",
            "must be in the future",
        )),
        _ => Ok(()),
    }
}

fn schedule_of(
    times: &[Interval],
    event_type: &EventType,
    now: Timestamp,
) -> Result<AvailabilitySchedule, Problem> {
    let place = |index: usize| format!("date_setting.spots[{index}]");
    let duration = SignedDuration::from_mins(event_type.rules.duration);
    let mistake = |(index, spot): (usize, &Interval)| {
        if spot.end() <= now {
            Some(Detail::new(
                place(index),
                "in_the_past",
                "must be in the future",
            ))
        } else if spot.duration() < duration {
            let message = "must be as long as the duration, at least";
            Some(Detail::new(place(index), "too_short", message))
        } else {
            None
        }
    };
    let mistakes: Vec<Detail> = times.iter().enumerate().filter_map(mistake).collect();
    if !mistakes.is_empty() {
        return Err(Problem::invalid(mistakes));
    }
    let schedule = spots::schedule_of(times).map_err(|wrong| {
        let wrong = wrong.into_iter();
        let detail = |(index, error): (usize, spots::SpotError)| {
            Detail::new(place(index), "invalid_interval", error.to_string())
        };
        Problem::invalid(wrong.map(detail).collect())
    })?;
    Ok(AvailabilitySchedule {
        id: ScheduleId(fresh_id()),
        user_id: event_type.user_id,
        event_type_id: Some(event_type.id),
        name: event_type.name.clone(),
        is_default: false,
        schedule,
        created_at: now,
        updated_at: now,
    })
}
