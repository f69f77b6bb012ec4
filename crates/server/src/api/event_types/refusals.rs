//! What a refusal of an event type is answered.

use crate::{api::problem::Problem, app::event_types::EventTypeRefusal};

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
            EventTypeRefusal::OptionTwice => Problem::parameter(
                "duration_options",
                "duplicate",
                "must not name a duration twice",
            ),
            EventTypeRefusal::DurationNotAnOption => Problem::parameter(
                "duration",
                "not_an_option",
                "must be among duration_options",
            ),
        }
    }
}
