//! What is shown of a change that takes a reason away.

use crate::api::{
    event_types::fields::LimitBody,
    value::{time::Time, words},
};
use domain::{
    event_type::{Limit, LimitCap},
    explanation::Change,
};
use serde::Serialize;
use utoipa::ToSchema;

words! {
    /// What can be changed.
    pub enum ChangeKind {
        /// The event type's `minimum_notice`.
        MinimumNotice = "minimum_notice",
        /// The `days` of its `booking_window`.
        Days = "days",
        /// The `start_date` of its `booking_window`.
        StartDate = "start_date",
        /// The `end_date` of its `booking_window`.
        EndDate = "end_date",
        /// The host's hours: those to add on a date.
        Hours = "hours",
        /// The event type's `duration`.
        Duration = "duration",
        /// The time that is asked for.
        StartTime = "start_time",
        /// The event type's `start_time_increment`.
        StartTimeIncrement = "start_time_increment",
        /// The event type's `before_buffer`.
        BeforeBuffer = "before_buffer",
        /// The event type's `after_buffer`.
        AfterBuffer = "after_buffer",
        /// The limit that is reached.
        Limit = "limit",
        /// The event type's `capacity`.
        Capacity = "capacity",
        /// The event type's `active`.
        Active = "active",
    }
}

/// A change that takes a reason away.
#[derive(Debug, Serialize, ToSchema)]
pub struct ChangeBody {
    /// What to change.
    pub change: ChangeKind,
    /// What it must become; of `hours`, what to add.
    pub value: ChangeValue,
    /// The change in words.
    #[schema(example = "reduce minimum_notice to 95")]
    pub message: String,
}

/// What a setting must become.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
pub enum ChangeValue {
    /// Of `active`.
    Switch(bool),
    /// Minutes, days or invitees.
    Number(i64),
    /// A date, or a time.
    Text(String),
    /// Of `hours`.
    Hours(AddedHours),
    /// Of `limit`.
    Limit(LimitBody),
}

/// Hours to add on a date, beside those that it has.
#[derive(Debug, Serialize, ToSchema)]
pub struct AddedHours {
    /// The date on which they start, in the host's zone.
    #[schema(format = "date")]
    pub date: String,
    /// When they start, by the host's clock.
    #[schema(example = "17:00")]
    pub from: String,
    /// When they end; on the next date when that is not after `from`.
    #[schema(example = "17:30")]
    pub to: String,
}

impl ChangeBody {
    /// What is shown of a change.
    pub fn new(change: &Change) -> ChangeBody {
        match *change {
            Change::MinimumNotice(to) => {
                number(ChangeKind::MinimumNotice, to, "reduce minimum_notice to")
            }
            Change::RollingDays(to) => number(
                ChangeKind::Days,
                to.into(),
                "raise the days of booking_window to",
            ),
            Change::StartDate(to) => text(
                ChangeKind::StartDate,
                to.to_string(),
                "let booking_window start on",
            ),
            Change::EndDate(to) => text(
                ChangeKind::EndDate,
                to.to_string(),
                "let booking_window end on",
            ),
            Change::Hours { date, hours } => ChangeBody {
                message: format!(
                    "add hours from {} to {} on {date}",
                    hours.from(),
                    hours.to()
                ),
                change: ChangeKind::Hours,
                value: ChangeValue::Hours(AddedHours {
                    date: date.to_string(),
                    from: hours.from().to_string(),
                    to: hours.to().to_string(),
                }),
            },
            Change::Duration(to) => number(ChangeKind::Duration, to, "shorten duration to"),
            Change::StartTime(to) => text(
                ChangeKind::StartTime,
                Time(to).to_string(),
                "take the start",
            ),
            Change::Increment(to) => number(
                ChangeKind::StartTimeIncrement,
                to,
                "set start_time_increment to",
            ),
            Change::BeforeBuffer(to) => {
                number(ChangeKind::BeforeBuffer, to, "reduce before_buffer to")
            }
            Change::AfterBuffer(to) => {
                number(ChangeKind::AfterBuffer, to, "reduce after_buffer to")
            }
            Change::Limit(to) => ChangeBody {
                message: format!("raise the limit to {}", words_of(to)),
                change: ChangeKind::Limit,
                value: ChangeValue::Limit(LimitBody::new(&to)),
            },
            Change::Capacity(to) => number(ChangeKind::Capacity, to, "raise capacity to"),
        }
    }

    /// The change of an event type that is not active.
    pub fn activation() -> ChangeBody {
        ChangeBody {
            change: ChangeKind::Active,
            value: ChangeValue::Switch(true),
            message: "activate the event type".to_owned(),
        }
    }
}

fn number(change: ChangeKind, to: i64, words: &str) -> ChangeBody {
    ChangeBody {
        message: format!("{words} {to}"),
        change,
        value: ChangeValue::Number(to),
    }
}

fn text(change: ChangeKind, to: String, words: &str) -> ChangeBody {
    ChangeBody {
        message: format!("{words} {to}"),
        change,
        value: ChangeValue::Text(to),
    }
}

fn words_of(limit: Limit) -> String {
    let per = LimitBody::new(&limit).per.word();
    match limit.cap {
        LimitCap::Events(events) => format!("{events} events a {per}"),
        LimitCap::Minutes(minutes) => format!("{minutes} minutes a {per}"),
    }
}
