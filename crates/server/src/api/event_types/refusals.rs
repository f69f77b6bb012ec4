//! What a refusal of an event type is answered.

use crate::{
    api::problem::{Detail, Problem},
    app::event_types::{EventTypeRefusal, hosting::rules::HostingMistake},
};

impl From<EventTypeRefusal> for Problem {
    fn from(refusal: EventTypeRefusal) -> Problem {
        match refusal {
            EventTypeRefusal::Unknown => Problem::not_found(),
            EventTypeRefusal::UnknownOwner => {
                Problem::parameter("owner", "not_found", "is not a user of this organization")
            }
            EventTypeRefusal::OwnerIsResource => Problem::parameter(
                "owner",
                "is_resource",
                "must be a person; a resource owns no event types",
            ),
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
            EventTypeRefusal::NamesOthers => {
                Problem::denied("Only owners and admins may name other people as hosts.")
            }
            EventTypeRefusal::Hosting(mistakes) => {
                Problem::invalid(mistakes.into_iter().map(detail).collect())
            }
        }
    }
}

fn detail(mistake: HostingMistake) -> Detail {
    let of_host = |index: usize, field: &str| format!("hosts[{index}].{field}");
    match mistake {
        HostingMistake::SoloCapacity => Detail::new(
            "capacity",
            "not_allowed",
            "must be 1, or kind must be group",
        ),
        HostingMistake::GroupCapacity => Detail::new(
            "capacity",
            "out_of_range",
            "must be from 2 to 1000 for a group",
        ),
        HostingMistake::GroupPooling => Detail::new(
            "pooling_type",
            "not_allowed",
            "must be collective or null for a group",
        ),
        HostingMistake::GroupConfirmation => Detail::new(
            "requires_confirmation",
            "not_allowed",
            "does not go with a group",
        ),
        HostingMistake::NoHosts => {
            Detail::new("hosts", "required", "must be filled for a pooling_type")
        }
        HostingMistake::NoPooling => {
            Detail::new("pooling_type", "required", "must be filled for hosts")
        }
        HostingMistake::UnknownHost(index) => Detail::new(
            of_host(index, "user"),
            "not_found",
            "is not a user of this organization",
        ),
        HostingMistake::HostTwice(index) => Detail::new(
            of_host(index, "user"),
            "duplicate",
            "must not be among the hosts twice",
        ),
        HostingMistake::NoPool(index) => Detail::new(
            of_host(index, "pool"),
            "required",
            "must be filled for multi_pool, unless the host is fixed",
        ),
        HostingMistake::NeedlessPool(index) => Detail::new(
            of_host(index, "pool"),
            "not_allowed",
            "goes only with multi_pool, and with hosts who are not fixed",
        ),
        HostingMistake::NobodyInTurn => {
            Detail::new("hosts", "invalid_hosts", "must have one who is not fixed")
        }
        HostingMistake::NobodyThere => {
            Detail::new("hosts", "invalid_hosts", "must have a person among them")
        }
    }
}
