//! What is shown of a share.

use super::input::PeriodType;
use crate::api::{
    availability_rules::{AvailabilityRule, rules_body, zone_of},
    scheduling_links::SchedulingLinkBody,
    uri::Uris,
};
use crate::app::{
    event_types::{LocationConfiguration, LocationKind, locations},
    scheduling_links::overrides::{Overrides, Period, SharedLocation},
};
use domain::schedule::Schedule;
use serde::Serialize;
use store::{StoreError, event_types::EventType, scheduling_links::SchedulingLink};
use utoipa::ToSchema;

/// A link with settings of its own.
#[derive(Debug, Serialize, ToSchema)]
pub struct ShareBody {
    /// The link.
    pub scheduling_links: Vec<SchedulingLinkBody>,
    /// The settings for who books by it, also those of the event type.
    pub share_override: ShareOverrideBody,
}

/// The settings for who books by a share.
#[derive(Debug, Serialize, ToSchema)]
pub struct ShareOverrideBody {
    /// What invitees see.
    pub name: String,
    /// Minutes.
    pub duration: i64,
    /// Durations that invitees may choose from, in minutes.
    #[schema(required = true)]
    pub duration_options: Option<Vec<u32>>,
    /// `available_moving`, `moving`, `fixed` or `unlimited`.
    pub period_type: String,
    /// First date, for `fixed`.
    #[schema(required = true, format = "date")]
    pub start_date: Option<String>,
    /// Last date, for `fixed`.
    #[schema(required = true, format = "date")]
    pub end_date: Option<String>,
    /// How far ahead, for `moving` and `available_moving`: as it was sent; minutes, where it is the event type's.
    #[schema(required = true)]
    pub max_booking_time: Option<u32>,
    /// Whether the place is shown only to who has booked.
    #[schema(required = true)]
    pub hide_location: Option<bool>,
    /// Where it can take place.
    pub location_configurations: Vec<ShareLocationBody>,
    /// The hours.
    pub availability_rule: ShareRuleBody,
}

/// A place at which a share can be held.
#[derive(Debug, Serialize, ToSchema)]
pub struct ShareLocationBody {
    /// The address, or the host's words.
    #[schema(required = true)]
    pub location: Option<String>,
    /// How to get there.
    #[schema(required = true)]
    pub additional_info: Option<String>,
    /// The host's number.
    #[schema(required = true)]
    pub phone_number: Option<String>,
    /// Its place among the places.
    pub position: u32,
    /// What kind of place.
    pub kind: LocationKind,
}

/// The hours of a share.
#[derive(Debug, Serialize, ToSchema)]
pub struct ShareRuleBody {
    /// The hours.
    pub rules: Vec<AvailabilityRule>,
    /// The zone of the wall times.
    pub timezone: String,
}

impl ShareBody {
    /// What is shown of a share with these hours.
    pub fn new(
        link: &SchedulingLink,
        (event_type, overrides): (&EventType, &Overrides),
        hours: &Schedule,
        uris: &Uris,
    ) -> Result<ShareBody, StoreError> {
        Ok(ShareBody {
            scheduling_links: vec![SchedulingLinkBody::new(link, &event_type.slug, uris)],
            share_override: ShareOverrideBody::new(event_type, overrides, hours)?,
        })
    }
}

impl ShareOverrideBody {
    fn new(
        event_type: &EventType,
        overrides: &Overrides,
        hours: &Schedule,
    ) -> Result<ShareOverrideBody, StoreError> {
        let mut shared = event_type.clone();
        overrides.apply(&mut shared);
        let period = overrides.period;
        let period = period.unwrap_or_else(|| Period::of(event_type.rules.window));
        let (period_type, max_booking_time, dates) = match period {
            Period::AvailableMoving { max_booking_time } => {
                (PeriodType::AvailableMoving, Some(max_booking_time), None)
            }
            Period::Moving { max_booking_time } => {
                (PeriodType::Moving, Some(max_booking_time), None)
            }
            Period::Fixed {
                start_date,
                end_date,
            } => (PeriodType::Fixed, None, Some((start_date, end_date))),
            Period::Unlimited => (PeriodType::Unlimited, None, None),
        };
        let places = match &overrides.locations {
            Some(places) => places.clone(),
            None => in_order(locations(event_type)?.unwrap_or_default()),
        };
        Ok(ShareOverrideBody {
            name: shared.name,
            duration: shared.rules.duration,
            duration_options: shared.duration_options,
            period_type: period_type.word().to_owned(),
            start_date: dates.map(|(start, _)| start.to_string()),
            end_date: dates.map(|(_, end)| end.to_string()),
            max_booking_time,
            hide_location: overrides.hide_location,
            location_configurations: places.into_iter().map(place_body).collect(),
            availability_rule: ShareRuleBody {
                rules: rules_body(hours),
                timezone: zone_of(hours),
            },
        })
    }
}

fn in_order(places: Vec<LocationConfiguration>) -> Vec<SharedLocation> {
    let shared = |(position, location)| SharedLocation { position, location };
    (0..).zip(places).map(shared).collect()
}

fn place_body(place: SharedLocation) -> ShareLocationBody {
    ShareLocationBody {
        location: place.location.location,
        additional_info: place.location.additional_info,
        phone_number: place.location.phone_number,
        position: place.position,
        kind: place.location.kind,
    }
}
