//! What is sent to share an event type.

use crate::api::{
    availability_rules::RuleList,
    input::{Reader, input},
    problem::Problem,
    uri::Uri,
    user_availability_schedules::checked,
    value::{
        Int, List,
        text::Text,
        time::{Day, Zone},
        words,
    },
};
use crate::{
    app::{
        event_types::{LocationConfiguration, LocationKind},
        scheduling_links::overrides::{Overrides, Period, SharedLocation},
    },
    context::fresh_id,
};
use domain::id::{EventTypeId, ScheduleId};
use jiff::Timestamp;
use serde_json::{Map, Value};
use store::{event_types::EventType, user_availability_schedules::AvailabilitySchedule};

words! {
    /// How far ahead a share can be booked: so many days from today, of which only Monday to Friday count; so many days; on fixed dates; without end.
    pub enum PeriodType {
        /// So many days from today, of which only Monday to Friday count.
        AvailableMoving = "available_moving",
        /// So many days from today.
        Moving = "moving",
        /// On fixed dates.
        Fixed = "fixed",
        /// Without end.
        Unlimited = "unlimited",
    }
}

input! {
    /// A place at which a share can be held.
    pub struct ShareLocationInput {
        /// What kind of place.
        pub kind: LocationKind,
        /// Its place among the places; that in the list by default.
        pub position: Option<Int<0, 1_000>>,
        /// The address, or the host's words; for `physical`, `custom` and `ask_invitee`.
        pub location: Option<Text<1, 255>>,
        /// How to get there; for `physical` and `inbound_call`.
        pub additional_info: Option<Text<0, 255>>,
        /// The host's number; for `inbound_call`.
        pub phone_number: Option<Text<1, 50>>,
    }
}

input! {
    /// The hours of a share.
    pub struct ShareRuleInput {
        /// All rules; no dates before yesterday.
        pub rules: RuleList,
        /// The zone of the wall times.
        pub timezone: Zone,
    }
}

input! {
    /// An event type to share, and what is different for who books by the link.
    pub struct NewShare {
        /// The event type, which has one host and one invitee.
        pub event_type: Uri<EventTypeId>,
        /// What invitees see.
        pub name: Option<Text<1, 55>>,
        /// Minutes; one of the options, where there are some.
        pub duration: Option<Int<1, 720>>,
        /// Durations that invitees may choose from, in minutes.
        pub duration_options: Option<List<Int<1, 720>, 1, 4>>,
        /// How far ahead it can be booked.
        pub period_type: Option<PeriodType>,
        /// First date; needed for `fixed`.
        pub start_date: Option<Day>,
        /// Last date; needed for `fixed`.
        pub end_date: Option<Day>,
        /// How far ahead; needed for `moving` and `available_moving`. Days, or minutes from a day (1440) on.
        pub max_booking_time: Option<Int<0, 5_256_000>>,
        /// Whether the place is shown only to who has booked.
        pub hide_location: Option<bool>,
        /// Where it can take place.
        pub location_configurations: Option<List<ShareLocationInput, 0, 20>>,
        /// The hours.
        pub availability_rule: Option<ShareRuleInput>,
    }
    check check_period
    example {
        "event_type": "http://127.0.0.1:8080/event_types/0193a5c8-7d3e-7000-8000-2b1f5f0c9a11",
        "name": "A quarter of an hour",
        "duration": 15,
        "period_type": "fixed",
        "start_date": "2030-01-07",
        "end_date": "2030-01-11"
    }
}

/// Notes what is missing for the kind of period.
fn check_period(share: &Map<String, Value>, reader: &mut Reader) {
    let needed: &[&str] = match share.get("period_type").and_then(Value::as_str) {
        Some("fixed") => &["start_date", "end_date"],
        Some("moving" | "available_moving") => &["max_booking_time"],
        _ => &[],
    };
    let is_missing = |field: &&&str| share.get(**field).is_none_or(Value::is_null);
    for field in needed.iter().filter(is_missing) {
        reader.problem_with(field, "required", "must be filled for this period_type");
    }
    let date = |field: &str| share.get(field).and_then(Value::as_str);
    // dates of one form are in order when their texts are
    if let (["start_date", _], Some(start), Some(end)) =
        (needed, date("start_date"), date("end_date"))
        && end < start
    {
        reader.problem_with("end_date", "invalid_range", "must not be before start_date");
    }
}

impl NewShare {
    /// The hours, as a schedule of the event type's owner for nothing but this.
    pub fn schedule(
        &self,
        event_type: &EventType,
        now: Timestamp,
    ) -> Result<Option<AvailabilitySchedule>, Problem> {
        let Some(rule) = &self.availability_rule else {
            return Ok(None);
        };
        let schedule = checked(rule.timezone.0.clone(), &rule.rules, (now, 1));
        Ok(Some(AvailabilitySchedule {
            id: ScheduleId(fresh_id()),
            user_id: event_type.user_id,
            event_type_id: Some(event_type.id),
            name: event_type.name.clone(),
            is_default: false,
            schedule: schedule
                .map_err(|problem| problem.within("rules", "availability_rule.rules"))?,
            created_at: now,
            updated_at: now,
        }))
    }

    /// What is different from the event type.
    pub fn overrides(&self, schedule: Option<&AvailabilitySchedule>) -> Overrides {
        let minutes = |list: &List<Int<1, 720>, 1, 4>| list.0.iter().map(|it| it.0).collect();
        Overrides {
            name: self.name.as_ref().map(|name| name.0.clone()),
            duration: self.duration.map(|minutes| minutes.0),
            duration_options: self.duration_options.as_ref().map(minutes),
            period: self.period(),
            hide_location: self.hide_location,
            locations: self.location_configurations.as_ref().map(shared_locations),
            schedule_id: schedule.map(|schedule| schedule.id.0),
        }
    }

    fn period(&self) -> Option<Period> {
        let max_booking_time = self.max_booking_time.map_or(0, |time| time.0);
        Some(match self.period_type? {
            PeriodType::AvailableMoving => Period::AvailableMoving { max_booking_time },
            PeriodType::Moving => Period::Moving { max_booking_time },
            PeriodType::Fixed => Period::Fixed {
                start_date: self.start_date?.0,
                end_date: self.end_date?.0,
            },
            PeriodType::Unlimited => Period::Unlimited,
        })
    }
}

fn shared_locations(locations: &List<ShareLocationInput, 0, 20>) -> Vec<SharedLocation> {
    let text = |text: &Option<Text<1, 255>>| text.as_ref().map(|text| text.0.clone());
    let shared = |(index, place): (u32, &ShareLocationInput)| SharedLocation {
        position: place.position.map_or(index, |position| position.0),
        location: LocationConfiguration {
            kind: place.kind,
            location: text(&place.location),
            additional_info: place.additional_info.as_ref().map(|text| text.0.clone()),
            phone_number: place.phone_number.as_ref().map(|text| text.0.clone()),
        },
    };
    let mut shared: Vec<SharedLocation> = (0..).zip(&locations.0).map(shared).collect();
    shared.sort_by_key(|place| place.position);
    shared
}
