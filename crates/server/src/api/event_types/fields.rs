//! The parts of an event type in requests and answers: window, limits, locations, questions.

use crate::api::{
    input::{Parse, Reader, input},
    value::{Int, List, text::Text, time::Day, words},
};
use crate::app::event_types::{CustomQuestion, LocationConfiguration, LocationKind, QuestionType};
use domain::event_type::{BookingWindow, Limit, LimitCap, LimitPeriod};
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::{
    ToSchema,
    openapi::{RefOr, Schema},
};

words! {
    /// Languages of booking pages.
    pub enum EventTypeLocale {
        /// English.
        En = "en",
        /// French.
        Fr = "fr",
        /// Spanish.
        Es = "es",
        /// German.
        De = "de",
        /// Dutch.
        Nl = "nl",
        /// Portuguese.
        Pt = "pt",
        /// Italian.
        It = "it",
        /// Ukrainian.
        Uk = "uk",
    }
}

words! {
    /// Kinds of booking windows.
    pub enum WindowType {
        /// Days counted from today.
        Rolling = "rolling",
        /// Fixed dates.
        Range = "range",
        /// Without end.
        Unlimited = "unlimited",
    }
}

input! {
    /// A booking window as it is sent, before its parts are checked against each other.
    pub struct WindowFields {
        /// `rolling` with `days`, `range` with `start_date` and `end_date`, or `unlimited`.
        pub r#type: WindowType,
        /// Days after today, for `rolling`.
        pub days: Option<Int<0, 3_650>>,
        /// Whether only Monday to Friday count as days, for `rolling`.
        pub weekdays_only: Option<bool>,
        /// First date, for `range`.
        pub start_date: Option<Day>,
        /// Last date, for `range`.
        pub end_date: Option<Day>,
    }
}

/// How far ahead an event type can be booked, in a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BookingWindowInput(pub BookingWindow);

impl Parse for BookingWindowInput {
    fn parse(value: &Value, reader: &mut Reader) -> Option<BookingWindowInput> {
        let fields = WindowFields::parse(value, reader)?;
        let dated = fields.start_date.is_some() || fields.end_date.is_some();
        let rolling = fields.days.is_some() || fields.weekdays_only.is_some();
        let window = match (
            fields.r#type,
            fields.days,
            fields.start_date.zip(fields.end_date),
        ) {
            (WindowType::Rolling, Some(days), _) if !dated => BookingWindow::Rolling {
                days: u16::try_from(days.0).unwrap_or(u16::MAX),
                weekdays_only: fields.weekdays_only.unwrap_or(false),
            },
            (WindowType::Range, _, Some((start, end))) if !rolling && start.0 <= end.0 => {
                BookingWindow::Range {
                    start: start.0,
                    end: end.0,
                }
            }
            (WindowType::Unlimited, ..) if !rolling && !dated => BookingWindow::Unlimited,
            (WindowType::Rolling, ..) => {
                return reader.problem(
                    "invalid_window",
                    "rolling needs days, takes weekdays_only, and nothing else",
                );
            }
            (WindowType::Range, ..) => {
                return reader.problem(
                    "invalid_window",
                    "range needs start_date and an end_date not before it, and nothing else",
                );
            }
            (WindowType::Unlimited, ..) => {
                return reader.problem("invalid_window", "unlimited takes nothing else");
            }
        };
        Some(BookingWindowInput(window))
    }

    fn schema() -> RefOr<Schema> {
        exemplified(
            WindowFields::schema(),
            json!({"type": "rolling", "days": 60, "weekdays_only": false}),
        )
    }
}

fn exemplified(schema: RefOr<Schema>, example: Value) -> RefOr<Schema> {
    match schema {
        RefOr::T(Schema::Object(mut object)) => {
            object.examples = vec![example];
            object.into()
        }
        other => other,
    }
}

/// How far ahead an event type can be booked.
#[derive(Debug, Serialize, ToSchema)]
pub struct BookingWindowBody {
    /// `rolling`, `range` or `unlimited`.
    #[serde(rename = "type")]
    pub kind: WindowType,
    /// Days after today, for `rolling`.
    #[schema(required = true)]
    pub days: Option<u16>,
    /// Whether only Monday to Friday count as days, for `rolling`.
    #[schema(required = true)]
    pub weekdays_only: Option<bool>,
    /// First date, for `range`.
    #[schema(required = true, format = "date")]
    pub start_date: Option<String>,
    /// Last date, for `range`.
    #[schema(required = true, format = "date")]
    pub end_date: Option<String>,
}

impl BookingWindowBody {
    /// What is shown of a window.
    pub fn new(window: &BookingWindow) -> BookingWindowBody {
        let empty = BookingWindowBody {
            kind: WindowType::Unlimited,
            days: None,
            weekdays_only: None,
            start_date: None,
            end_date: None,
        };
        match *window {
            BookingWindow::Unlimited => empty,
            BookingWindow::Rolling {
                days,
                weekdays_only,
            } => BookingWindowBody {
                kind: WindowType::Rolling,
                days: Some(days),
                weekdays_only: Some(weekdays_only),
                ..empty
            },
            BookingWindow::Range { start, end } => BookingWindowBody {
                kind: WindowType::Range,
                start_date: Some(start.to_string()),
                end_date: Some(end.to_string()),
                ..empty
            },
        }
    }
}

words! {
    /// Periods in the host's zone; weeks start on Sunday.
    pub enum Period {
        /// A day.
        Day = "day",
        /// A week.
        Week = "week",
        /// A month.
        Month = "month",
    }
}

input! {
    /// A limit as it is sent, before its parts are checked against each other.
    pub struct LimitFields {
        /// The period, in the host's zone; weeks start on Sunday.
        pub per: Period,
        /// At most so many meetings; either this or `minutes`.
        pub events: Option<Int<1, 100_000>>,
        /// At most so many minutes of meetings; either this or `events`.
        pub minutes: Option<Int<1, 100_000>>,
    }
}

/// How much of an event type can be booked, in a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LimitInput(pub Limit);

impl Parse for LimitInput {
    fn parse(value: &Value, reader: &mut Reader) -> Option<LimitInput> {
        let fields = LimitFields::parse(value, reader)?;
        let cap = match (fields.events, fields.minutes) {
            (Some(events), None) => LimitCap::Events(events.0),
            (None, Some(minutes)) => LimitCap::Minutes(minutes.0),
            _ => return reader.problem("invalid_limit", "must have either events or minutes"),
        };
        let per = match fields.per {
            Period::Day => LimitPeriod::Day,
            Period::Week => LimitPeriod::Week,
            Period::Month => LimitPeriod::Month,
        };
        Some(LimitInput(Limit { per, cap }))
    }

    fn schema() -> RefOr<Schema> {
        exemplified(LimitFields::schema(), json!({"per": "day", "events": 4}))
    }
}

/// How much of an event type can be booked.
#[derive(Debug, Serialize, ToSchema)]
pub struct LimitBody {
    /// The period.
    pub per: Period,
    /// At most so many meetings.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub events: Option<u32>,
    /// At most so many minutes of meetings.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub minutes: Option<u32>,
}

impl LimitBody {
    /// What is shown of a limit.
    pub fn new(limit: &Limit) -> LimitBody {
        let (events, minutes) = match limit.cap {
            LimitCap::Events(events) => (Some(events), None),
            LimitCap::Minutes(minutes) => (None, Some(minutes)),
        };
        LimitBody {
            per: match limit.per {
                LimitPeriod::Day => Period::Day,
                LimitPeriod::Week => Period::Week,
                LimitPeriod::Month => Period::Month,
            },
            events,
            minutes,
        }
    }
}

input! {
    /// A place at which an event type can be held.
    pub struct LocationInput {
        /// What kind of place.
        pub kind: LocationKind,
        /// The address, or the host's words; for `physical`, `custom` and `ask_invitee`.
        pub location: Option<Text<1, 1_000>>,
        /// How to get there; for `physical` and `inbound_call`.
        pub additional_info: Option<Text<0, 1_000>>,
        /// The host's number; for `inbound_call`.
        pub phone_number: Option<Text<1, 50>>,
    }
}

/// The locations of an event type as they are kept.
pub fn location_documents<const MIN: usize, const MAX: usize>(
    locations: &List<LocationInput, MIN, MAX>,
) -> Value {
    let document = |location: &LocationInput| LocationConfiguration {
        kind: location.kind,
        location: location.location.as_ref().map(|text| text.0.clone()),
        additional_info: location.additional_info.as_ref().map(|text| text.0.clone()),
        phone_number: location.phone_number.as_ref().map(|text| text.0.clone()),
    };
    json!(locations.0.iter().map(document).collect::<Vec<_>>())
}

input! {
    /// A question to the invitee.
    pub struct QuestionInput {
        /// The question.
        pub name: Text<1, 1_000>,
        /// How it is answered; `string` by default.
        pub r#type: Option<QuestionType>,
        /// Its place among the questions; that in the list by default.
        pub position: Option<Int<0, 1_000>>,
        /// Whether it is asked; `true` by default.
        pub enabled: Option<bool>,
        /// Whether it must be answered; `false` by default.
        pub required: Option<bool>,
        /// The choices of a select question.
        pub answer_choices: Option<List<Text<1, 255>, 0, 100>>,
        /// Whether an answer beside the choices is allowed; `false` by default.
        pub include_other: Option<bool>,
    }
}

/// The questions of an event type as they are kept.
pub fn question_documents<const MIN: usize, const MAX: usize>(
    questions: &List<QuestionInput, MIN, MAX>,
) -> Value {
    let document = |(index, question): (u32, &QuestionInput)| CustomQuestion {
        name: question.name.0.clone(),
        kind: question.r#type.unwrap_or(QuestionType::Line),
        position: question.position.map_or(index, |position| position.0),
        enabled: question.enabled.unwrap_or(true),
        required: question.required.unwrap_or(false),
        answer_choices: question
            .answer_choices
            .iter()
            .flat_map(|choices| choices.0.iter().map(|choice| choice.0.clone()))
            .collect(),
        include_other: question.include_other.unwrap_or(false),
    };
    json!((0..).zip(&questions.0).map(document).collect::<Vec<_>>())
}
