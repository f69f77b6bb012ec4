//! What is different from its event type for whoever books by a share. What a share says nothing about is the event
//! type's, also when that changes.

use crate::app::event_types::LocationConfiguration;
use domain::{event_type::BookingWindow, id::ScheduleId};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::HashSet;
use store::{
    StoreError,
    event_types::{EventType, Kind},
    scheduling_links::SchedulingLink,
};
use uuid::Uuid;

/// How far ahead a share can be booked, in Calendly's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "period_type", rename_all = "snake_case")]
pub enum Period {
    /// So far from today, of which only Monday to Friday count.
    AvailableMoving {
        /// Days; from a day's minutes on, minutes.
        max_booking_time: u32,
    },
    /// So far from today.
    Moving {
        /// Days; from a day's minutes on, minutes.
        max_booking_time: u32,
    },
    /// On these dates.
    Fixed {
        /// The first.
        start_date: Date,
        /// The last.
        end_date: Date,
    },
    /// Without end.
    Unlimited,
}

const MINUTES_OF_DAY: u32 = 24 * 60;

/// Days that come as such, or as minutes, which a number is that is no smaller than the minutes of a day.
fn days(max_booking_time: u32) -> u16 {
    let days = if max_booking_time < MINUTES_OF_DAY {
        max_booking_time
    } else {
        max_booking_time / MINUTES_OF_DAY
    };
    u16::try_from(days).unwrap_or(u16::MAX)
}

impl Period {
    /// The period of a booking window.
    pub fn of(window: BookingWindow) -> Period {
        let minutes = |days: u16| u32::from(days) * MINUTES_OF_DAY;
        match window {
            BookingWindow::Rolling {
                days,
                weekdays_only: true,
            } => Period::AvailableMoving {
                max_booking_time: minutes(days),
            },
            BookingWindow::Rolling { days, .. } => Period::Moving {
                max_booking_time: minutes(days),
            },
            BookingWindow::Range { start, end } => Period::Fixed {
                start_date: start,
                end_date: end,
            },
            BookingWindow::Unlimited => Period::Unlimited,
        }
    }

    fn window(self) -> BookingWindow {
        match self {
            Period::AvailableMoving { max_booking_time } => BookingWindow::Rolling {
                days: days(max_booking_time),
                weekdays_only: true,
            },
            Period::Moving { max_booking_time } => BookingWindow::Rolling {
                days: days(max_booking_time),
                weekdays_only: false,
            },
            Period::Fixed {
                start_date,
                end_date,
            } => BookingWindow::Range {
                start: start_date,
                end: end_date,
            },
            Period::Unlimited => BookingWindow::Unlimited,
        }
    }
}

/// A place of a share.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SharedLocation {
    /// Its place among the places.
    pub position: u32,
    /// The place.
    pub location: LocationConfiguration,
}

/// What is different from the event type; `None` is not.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Overrides {
    /// What invitees see.
    pub name: Option<String>,
    /// Minutes.
    pub duration: Option<u32>,
    /// Durations that invitees may choose from, in minutes.
    pub duration_options: Option<Vec<u32>>,
    /// How far ahead.
    pub period: Option<Period>,
    /// Whether the place is shown only to who has booked.
    pub hide_location: Option<bool>,
    /// Where, by position.
    pub locations: Option<Vec<SharedLocation>>,
    /// The hours: a schedule of the owner for nothing else.
    pub schedule_id: Option<Uuid>,
}

/// Why there can be no such share.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ShareMistake {
    /// The event type has several hosts or takes several invitees.
    NotOneOnOne,
    /// The duration is not among the options.
    DurationNotAnOption,
    /// A duration is among the options twice.
    OptionTwice,
}

impl Overrides {
    /// The overrides of a link; of one that is no share, none.
    pub fn of(link: &SchedulingLink) -> Result<Option<Overrides>, StoreError> {
        let overrides = link.overrides.clone().map(serde_json::from_value);
        let overrides = overrides.transpose();
        overrides
            .map_err(|error| StoreError::corrupt("scheduling_links", "overrides", link.id, error))
    }

    /// The overrides as they are kept.
    pub fn document(&self) -> Value {
        json!(self)
    }

    /// Makes of an event type what is shared of it.
    pub fn apply(&self, event_type: &mut EventType) {
        if let Some(name) = &self.name {
            event_type.name.clone_from(name);
        }
        if let Some(duration) = self.duration {
            event_type.rules.duration = duration.into();
        }
        if let Some(options) = &self.duration_options {
            event_type.duration_options = Some(options.clone());
        }
        if let Some(period) = self.period {
            event_type.rules.window = period.window();
        }
        if let Some(locations) = &self.locations {
            let locations: Vec<_> = locations.iter().map(|shared| &shared.location).collect();
            event_type.locations = Some(json!(locations));
        }
        if let Some(schedule) = self.schedule_id {
            event_type.schedule_id = Some(ScheduleId(schedule));
        }
    }

    /// What is wrong with sharing this event type like this.
    pub fn mistakes(&self, event_type: &EventType) -> Vec<ShareMistake> {
        let mut shared = event_type.clone();
        self.apply(&mut shared);
        let is_one_on_one = event_type.kind == Kind::Solo && event_type.pooling.is_none();
        let options = shared.duration_options.unwrap_or_default();
        let duration = shared.rules.duration;
        let is_option =
            options.is_empty() || options.iter().any(|option| i64::from(*option) == duration);
        let distinct: HashSet<&u32> = options.iter().collect();
        let mistakes = [
            (!is_one_on_one).then_some(ShareMistake::NotOneOnOne),
            (!is_option).then_some(ShareMistake::DurationNotAnOption),
            (distinct.len() < options.len()).then_some(ShareMistake::OptionTwice),
        ];
        mistakes.into_iter().flatten().collect()
    }
}
