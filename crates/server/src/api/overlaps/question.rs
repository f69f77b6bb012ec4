//! `POST /overlaps`: when enough of some people are free together.

use super::{
    bytes,
    meeting_times::{self, MeetingTimeBody, WeightsInput},
    minutes,
    misses::{self, MissBody},
    people::{GroupInput, PersonInput, gather},
    refused,
};
use crate::api::{
    answer::Resource,
    caller::{Caller, scope::AvailabilityRead},
    input::input,
    problem::Problem,
    range::{self, MAX_RANGE},
    request::Input,
    value::{Int, List, time::Time},
};
use crate::{
    app::overlaps::{self, Person, Question, meeting_times::Meeting},
    context::App,
};
use axum::{Json, extract::State};
use serde::Serialize;
use std::sync::Arc;
use utoipa::ToSchema;

input! {
    /// Who is to meet, and when. Either `people` or `groups`.
    pub struct OverlapQuestion {
        /// From when on.
        pub start_time: Time,
        /// Until when: at most 366 days after `start_time`.
        pub end_time: Time,
        /// Only intervals of at least so many minutes; `meeting_times` are meetings of this length.
        pub duration: Option<Int<1, 527_040>>,
        /// Meetings start at multiples of so many minutes since 1970 in UTC; 15 by default.
        pub increment: Option<Int<5, 720>>,
        /// So many meeting times, or nearest misses, are answered; 10 by default.
        pub limit: Option<Int<1, 100>>,
        /// How much each part of the score counts; what is left out has its default.
        pub weights: Option<WeightsInput>,
        /// People who must all be free.
        pub people: Option<List<PersonInput, 1, 10_000>>,
        /// Groups of people, of each of which some must be free.
        pub groups: Option<List<GroupInput, 1, 1_000>>,
    }
    example {
        "start_time": "2030-01-07T00:00:00Z",
        "end_time": "2030-01-12T00:00:00Z",
        "duration": 30,
        "groups": [
            {"people": [{"user": "http://127.0.0.1:8080/users/0193a5c8-7d3e-7000-8000-2b1f5f0c9a11"}]},
            {
                "people": [
                    {"name": "Bo", "timezone": "America/New_York", "rules": [{"type": "wday", "wday": "monday", "intervals": [{"from": "09:00", "to": "17:00"}]}]},
                    {"name": "Cy", "timezone": "Asia/Kathmandu", "rules": [{"type": "wday", "wday": "monday", "intervals": [{"from": "18:00", "to": "22:00"}]}]}
                ],
                "minimum_available": 1
            }
        ]
    }
}

/// When enough people are free.
#[derive(Debug, Serialize, ToSchema)]
pub struct OverlapsBody {
    /// The intervals, by start.
    pub intervals: Vec<AttendanceBody>,
    /// The best times for a meeting of `duration`, best first; null without one.
    #[schema(required = true)]
    pub meeting_times: Option<Vec<MeetingTimeBody>>,
    /// Where no meeting is possible: times that lack the fewest people, then by score and start. Null without `duration`.
    #[schema(required = true)]
    pub nearest_misses: Option<Vec<MissBody>>,
}

/// An interval with who is free during all of it, by URI or by the given name.
#[derive(Debug, Serialize, ToSchema)]
pub struct AttendanceBody {
    /// When it starts.
    pub start_time: Time,
    /// When it ends.
    pub end_time: Time,
    /// Who is free during all of it.
    #[schema(value_type = Vec<String>)]
    pub available: Vec<Arc<str>>,
    /// Who is not.
    #[schema(value_type = Vec<String>)]
    pub missing: Vec<Arc<str>>,
}

/// Find when people are free together
///
/// Users of the organization and people without account, all or some out of groups. Up to 10,000 people and 366 days.
#[utoipa::path(post, path = "/overlaps", tag = "Overlaps", request_body = OverlapQuestion, responses((status = 200, description = "The intervals", body = Resource<OverlapsBody>)))]
pub async fn find_overlaps(
    State(app): State<App>,
    caller: Caller<AvailabilityRead>,
    input: Input<OverlapQuestion>,
) -> Result<Json<Resource<OverlapsBody>>, Problem> {
    let asked = input.body;
    let range = range::checked(asked.start_time, asked.end_time, MAX_RANGE)?;
    let duration = minutes(asked.duration);
    let wanted = meeting_times::wanted(&asked, range)?;
    let gathered = match (asked.people, asked.groups) {
        (Some(people), None) => gather(vec![(people.0, None)])?,
        (None, Some(groups)) => {
            let group = |group: GroupInput| {
                (
                    group.people.0,
                    group.minimum_available.map(|minimum| minimum.0),
                )
            };
            gather(groups.0.into_iter().map(group).collect())?
        }
        _ => {
            return Err(Problem::parameter(
                "people",
                "required",
                "must be filled, or groups instead; not both",
            ));
        }
    };
    let uris = app.uris();
    let name = |input: &PersonInput| match (&input.name, &input.person) {
        (None, Person::User(user)) => uris.of(*user).into(),
        (name, _) => Arc::from(name.as_deref().unwrap_or_default()),
    };
    let names: Vec<Arc<str>> = gathered.people.iter().map(name).collect();
    let (people, preferred) = gathered
        .people
        .into_iter()
        .map(|input| (input.person, input.preferred))
        .unzip();
    let question = Question {
        named: bytes(&names),
        people,
        groups: gathered.groups,
        range,
        duration,
        meeting: wanted.map(|wanted| Meeting { wanted, preferred }),
    };
    let found = overlaps::overlaps(&app, caller.organization, question).await;
    let found = found.map_err(|refusal| refused(refusal, |index| format!("people[{index}]")))?;
    let meeting_times = found.meeting_times.as_ref();
    Ok(Json(Resource {
        resource: OverlapsBody {
            intervals: found
                .overlaps
                .iter()
                .map(|overlap| attendance(&overlap, &names))
                .collect(),
            meeting_times: meeting_times.map(|found| meeting_times::bodies(found, &names)),
            nearest_misses: meeting_times.map(|found| misses::bodies(found, &names)),
        },
    }))
}

fn attendance(overlap: &domain::overlap::Overlap, names: &[Arc<str>]) -> AttendanceBody {
    let (available, missing) = split(&overlap.available, names);
    AttendanceBody {
        start_time: Time(overlap.interval.start()),
        end_time: Time(overlap.interval.end()),
        available,
        missing,
    }
}

/// The names of those who are available, given as ascending indexes, and of all others.
pub fn split(available: &[usize], names: &[Arc<str>]) -> (Vec<Arc<str>>, Vec<Arc<str>>) {
    let mut come = Vec::with_capacity(available.len());
    let mut missing = Vec::with_capacity(names.len() - available.len());
    let mut free = available.iter().peekable();
    for (index, name) in names.iter().enumerate() {
        if free.next_if(|&&person| person == index).is_some() {
            come.push(name.clone());
        } else {
            missing.push(name.clone());
        }
    }
    (come, missing)
}
