//! `/overlaps`: when several people are free together.

mod meeting_times;
mod misses;
mod people;
mod question;
mod written;

use crate::api::{
    answer::{Listing, SeenBefore},
    caller::{Caller, scope::AvailabilityRead},
    input::input,
    problem::{Detail, Problem},
    range::{self, MAX_RANGE},
    request::{LARGE_BODY_LIMIT, Query},
    uri::{Uri, Uris},
    value::{Int, List, time::Time},
};
use crate::{
    app::overlaps::{self, OverlapRefusal, Person, Question},
    context::App,
};
use axum::{
    extract::{DefaultBodyLimit, State},
    response::Response,
};
use domain::{id::UserId, overlap::Group};
use jiff::SignedDuration;
use serde::Serialize;
use std::{collections::HashSet, sync::Arc};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use written::written;

/// The routes of this file.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_overlaps, question::find_overlaps))
        .layer(DefaultBodyLimit::max(LARGE_BODY_LIMIT))
}

/// The most people that can be compared.
const MAX_PEOPLE: usize = 10_000;

input! {
    /// Whose free time is compared.
    pub struct ListOverlaps {
        /// The users; repeat the parameter. `POST` takes more of them.
        pub user: List<Uri<UserId>, 1, 500>,
        /// From when on.
        pub start_time: Time,
        /// Until when: at most 366 days after `start_time`.
        pub end_time: Time,
        /// Only intervals of at least so many minutes.
        pub duration: Option<Int<1, 527_040>>,
        /// So many of the users must be free; all by default.
        pub minimum_available: Option<Int<1, 500>>,
    }
}

/// An interval during the whole of which enough people are free.
#[derive(Debug, Serialize, ToSchema)]
pub struct OverlapBody {
    /// When it starts.
    pub start_time: Time,
    /// When it ends.
    pub end_time: Time,
    /// The users who are free during all of it.
    #[schema(value_type = Vec<String>)]
    pub available: Vec<Arc<str>>,
}

/// Find when users are free together
///
/// The intervals are as long as can be: during the whole of each, the same `minimum_available` users are free. Where
/// different users make them possible, intervals may overlap one another.
#[utoipa::path(get, path = "/overlaps", tag = "Overlaps", params(ListOverlaps), responses((status = 200, description = "The intervals, by start", body = Listing<OverlapBody>), (status = 304, description = "The caller has this answer, by its `If-None-Match`")))]
async fn list_overlaps(
    State(app): State<App>,
    caller: Caller<AvailabilityRead>,
    seen_before: SeenBefore,
    Query { query, .. }: Query<ListOverlaps>,
) -> Result<Response, Problem> {
    let mut seen = HashSet::new();
    let users = query.user.0.into_iter().map(|Uri(user)| user);
    let users: Vec<UserId> = users.filter(|user| seen.insert(*user)).collect();
    let minimum = query
        .minimum_available
        .map_or(users.len(), |minimum| minimum.0 as usize);
    if minimum > users.len() {
        let message = format!("must be at most the number of users, {}", users.len());
        return Err(Problem::parameter(
            "minimum_available",
            "out_of_range",
            message,
        ));
    }
    let names = user_names(&users, &app.uris());
    let question = Question {
        named: bytes(&names),
        groups: vec![Group {
            members: (0..users.len()).collect(),
            minimum,
        }],
        range: range::checked(query.start_time, query.end_time, MAX_RANGE)?,
        duration: minutes(query.duration),
        people: users.iter().copied().map(Person::User).collect(),
        meeting: None,
    };
    let found = overlaps::overlaps(&app, caller.organization, question).await;
    let found = found.map_err(|refusal| refused(refusal, |index| format!("user[{index}]")))?;
    seen_before.answer(written(found.overlaps.iter(), &names))
}

fn minutes<const MAX: u32>(duration: Option<Int<1, MAX>>) -> SignedDuration {
    duration.map_or(SignedDuration::ZERO, |minutes| {
        SignedDuration::from_mins(minutes.0.into())
    })
}

/// How many bytes it takes to name everybody once, as JSON.
fn bytes(names: &[Arc<str>]) -> usize {
    let escaped = |name: &Arc<str>| name.chars().filter(|letter| letter.is_control()).count() * 5;
    names
        .iter()
        .map(|name| name.len() + escaped(name) + 3)
        .sum()
}

fn user_names(users: &[UserId], uris: &Uris) -> Vec<Arc<str>> {
    users.iter().map(|user| uris.of(*user).into()).collect()
}

fn refused(refusal: OverlapRefusal, place: impl Fn(usize) -> String) -> Problem {
    match refusal {
        OverlapRefusal::UnknownUser(index) => Problem {
            details: vec![Detail::new(
                place(index),
                "not_found",
                "is not a user of this organization",
            )],
            ..Problem::not_found()
        },
        OverlapRefusal::TooLarge => {
            let message = "asks for too much at once; ask about a shorter range or fewer people";
            Problem::parameter("end_time", "answer_too_large", message)
        }
        OverlapRefusal::TooManyCandidates => {
            let message = "makes too many meetings to look at; ask for a larger increment or a shorter range, or for fewer groups and different preferred hours";
            Problem::parameter("increment", "too_many", message)
        }
        OverlapRefusal::Failed(error) => error.into(),
    }
}
